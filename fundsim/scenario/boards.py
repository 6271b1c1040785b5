"""Owns the boards an enterprise may list on and the rules by which holders sell down afterwards."""

from collections.abc import Iterator

from fundsim.files.evidence import known
from fundsim.files.part import Fault, Part, ascending
from fundsim.files.quantities import Money, Name, PositiveDays, PositiveShare, PositiveYears, Share, Years
from fundsim.scenario.run import Words


class LateEntry(Part):
    """The longer lock-up of those who bought shortly before the filing."""

    within_years: PositiveYears = known(1.0, "rules on new shareholders of applicants, 2021-02-05", "read")
    """Purchases at most this long before the filing are late; years."""
    lock_up_years: Years = known(3.0, "rules on new shareholders of applicants, 2021-02-05", "read")
    """Lock-up counted from the purchase; years."""


class Board(Part):
    """A board of an exchange (3.5)."""

    name: Name
    """Name of the board; name."""
    title: Words | None = known(None)
    """Label in reports; text."""
    minimum_value: Money = known(0.0)
    """Least value of the enterprise, in the board's currency and the scenario's unit; currency units."""
    currency: Name | None = known(None, "the scenario's currency")
    """Currency of the minimum value; name."""
    sectors: tuple[Name, ...] = known((), "any sector")
    """Sectors the board takes, all if empty; list."""
    review_years: Years = known(0.0)
    """Time from filing to decision; years."""
    pass_probability: Share = known(1.0)
    """Chance that a filing passes in a neutral window; decimal."""
    lock_up_years: Years = known(0.0)
    """Time from listing to the first sale; years."""
    late_entry: LateEntry | None = known(None)
    """Longer lock-up of late purchases; block."""
    sell_down: Name | None = known(None, "no limit")
    """Rule by which holders sell after the lock-up; name."""


class SellDownStep(Part):
    """What may be sold from a holding period on."""

    held_from_years: Years
    """Holding period to listing from which the step applies; years."""
    share: PositiveShare | None = known(None, "no limit")
    """Share of the company that may be sold in each span; decimal."""
    per_days: PositiveDays | None = known(None, "no limit")
    """Length of the span; days."""

    def faults(self) -> Iterator[Fault]:
        if (self.share is None) != (self.per_days is None):
            missing = "per_days" if self.per_days is None else "share"
            yield Fault(
                (missing,), f"{missing} is missing beside the other", "give share and per_days, or neither"
            )


class SellDownRule(Part):
    """How fast listed shares may be sold, by the time they were held before the listing (5.5)."""

    name: Name
    """Name of the rule; name."""
    title: Words | None = known(None)
    """Label in reports; text."""
    steps: tuple[SellDownStep, ...]
    """Steps by holding period, ascending from 0; list."""

    def faults(self) -> Iterator[Fault]:
        if not self.steps or self.steps[0].held_from_years != 0:
            yield Fault(
                ("steps",), "the first step does not start at a holding period of 0", "start with 0 years"
            )
        yield from ascending(self, "steps", "held_from_years", "step")
