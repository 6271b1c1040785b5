"""Owns the terms of a vehicle: fees, calls, waterfall, recycling, life and obligations."""

from collections.abc import Iterator
from typing import Annotated, Literal

from fundsim.files.choices import Choice
from fundsim.files.evidence import known
from fundsim.files.part import Fault, Part, ascending, exactly_one, sum_to_one
from fundsim.files.quantities import (
    Flag,
    Money,
    Name,
    PositiveShare,
    PositiveYears,
    Rate,
    Share,
    ShareBelowOne,
    Years,
    decimal,
)
from fundsim.scenario.distributions import Beta
from fundsim.scenario.landing import Landing
from fundsim.terms import catch_up_problem
from fundsim.vocabulary import AtEnd, Compounding, FeeBase, LiveChildren, Style

JUST_IN_TIME = "just_in_time"


class FeePhase(Part):
    """A phase of the management fee (7.2)."""

    until_years: PositiveYears
    """End of the phase after the vehicle's start; years."""
    rate: Rate
    """Fee over the base; decimal a year."""
    base: Annotated[str, Choice(FeeBase)] = known(
        FeeBase.COMMITMENTS.word, "the usual base of an investment period", "recalled"
    )
    """Commitments, paid-in capital or cost of what is not yet sold; choice."""


class Recycling(Part):
    """Proceeds that are invested again (7.3)."""

    until_years: PositiveYears
    """End of recycling after the vehicle's start; years."""
    cap: PositiveShare
    """Most that is recycled over the vehicle's size; decimal."""


class AgedDiscount(Part):
    """What the age of a vehicle adds to its discount of the sale at term (7.8)."""

    after_years: Years
    """Age of the vehicle above which the discount is larger; years."""
    more: Share
    """What is added to the discount; decimal."""


class ExpectedFees(Part):
    """What is expected of fees when money is set aside for them: each phase on its own base (7.2)."""

    realised_from_years: Years | None = known(None, "the end of the planned investments")
    """Time after the vehicle's start from which what it holds is planned to be sold; years."""
    realised_until_years: PositiveYears | None = known(None, "the end of the term")
    """Time after the vehicle's start at which all of it is planned to be sold; years."""


class Terms(Part):
    """Terms of a vehicle (7.1 to 7.4, 7.8)."""

    ALTERNATIVES = (("fee_rate", "fee_phases"),)

    preset: Name | None = known(None, "set by extends")
    """Preset that the terms started from, for reports; name."""
    fee_rate: Rate | None = known(None, "no fee")
    """Management fee on commitments to the end of the term; decimal a year."""
    fee_phases: tuple[FeePhase, ...] | None = known(None, "no fee")
    """Phases of the management fee instead; list."""
    expected_fees: ExpectedFees | None = known(None, "each phase's rate on callable, whatever its base")
    """Fees for which money is kept from investing: those expected on each phase's own base; block."""
    fee_at_risk: Share = known(0.0)
    """Share of the fee that is lost in a year whose appraisal fails; decimal."""
    appraisal_pass: Share = known(1.0)
    """Chance to pass the appraisal of a year; decimal."""
    organisation_cost: Money = known(0.0)
    """Cost of setting up, paid in the first period; currency units."""
    fees_on_top: Flag = known(False, "fees lie inside commitments", "recalled")
    """Whether fees are called beside commitments; true or false."""
    hurdle_rate: Rate = known(0.0)
    """Preferred return on contributed capital before carry; decimal a year."""
    hurdle_compounding: Annotated[str, Choice(Compounding)] = known(
        Compounding.COMPOUND.word, "the usual form", "recalled"
    )
    """Whether the preferred return compounds; choice."""
    catch_up_rate: Share = known(0.0, "none in most government sub-funds", "recalled")
    """Share of the partner in the catch-up tier, 0 for none; decimal."""
    carry_rate: ShareBelowOne = known(0.0)
    """Share of the profit that is carry; decimal."""
    style: Annotated[str, Choice(Style)] = known(
        Style.EUROPEAN.word, "capital back first, Nanjing measures", "read"
    )
    """Waterfall of the whole fund or deal by deal; choice."""
    calls: Literal["just_in_time"] | tuple[PositiveShare, ...] = known(JUST_IN_TIME)
    """`just_in_time`, or shares of commitments called tranche by tranche; decimal."""
    next_call_when_used: PositiveShare | None = known(None, "the next tranche is called when it is needed")
    """Share of what was called so far that must be used for the next tranche to be called early; decimal."""
    cash_rate: Rate = known(
        0.0, "none; in China agreement and notice deposits and money funds pay some 1.5 to 2.5 %", "recalled"
    )
    """Interest on idle cash; decimal a year."""
    term_years: PositiveYears = known(10.0, "Quanzhou at most 10, Nanjing 4+6, Qingdao 5+5", "read")
    """Term after the vehicle's start; years."""
    extension_years: Years = known(0.0)
    """Longest extension of the term; years."""
    extension_threshold: Share = known(0.05, "small remains are not worth an extension")
    """NAV over paid-in capital above which the term is extended; decimal."""
    term_sale_discount: Beta = known(lambda: Beta(mean=0.30, sd=0.12), "as for transfers", "assumed")
    """Discount at which the rest is sold when the term ends; decimal."""
    aged_discount: AgedDiscount | None = known(None, "the same at any age")
    """What the vehicle's age adds to that discount; block."""
    at_end: Annotated[str, Choice(AtEnd)] = known(AtEnd.SELL.word, "the rest is sold to other funds")
    """What it does after its term: sell the rest, hold on, hand out listed shares, or be wound up; choice."""
    tail_years: Years = known(5.0, "71 % of funds of 2011 to 2020 have not exited; five years assumed")
    """With `hold`, time after the longest extension for which it holds on; years."""
    tail_fee: Rate = known(0.0, "usually none in an extension", "recalled")
    """With `hold` or `in_kind`, fee on unrealised cost after the extension instead; decimal a year."""
    recovery: Share | None = known(None, "only a vehicle that is wound up needs it")
    """With `wind_up`, part of the remaining cost that comes back; decimal."""
    live_children: Annotated[str, Choice(LiveChildren)] = known(
        LiveChildren.EXTEND.word, "a guidance fund waits for its sub-funds"
    )
    """What a vehicle with live children does at its term: wait for them, or sell its interests; choice."""
    recycling: Recycling | None = known(None, "returned capital may not be invested again, Qingdao", "read")
    """Recycling of proceeds; block."""

    def faults(self) -> Iterator[Fault]:
        yield from exactly_one(self, ("fee_rate", "fee_phases"), is_required=False)
        if catch_up_problem(self.catch_up_rate, self.carry_rate):
            catch_up, carry = decimal(self.catch_up_rate), decimal(self.carry_rate)
            yield Fault(
                ("catch_up_rate",),
                f"{catch_up} is not above carry_rate {carry}, so catch-up never completes",
                f"give 0 or a value above {carry}, up to 1",
            )
        yield from self._expected_fee_faults()
        if isinstance(self.calls, tuple):
            yield from sum_to_one("calls", self.calls, "the tranches")
        elif self.next_call_when_used is not None:
            yield Fault(
                ("next_call_when_used",),
                "calls are just in time, so there is no next tranche",
                "give calls as a list of tranches, or leave it out",
            )
        yield from ascending(self, "fee_phases", "until_years", "phase")
        if self.at_end == AtEnd.WIND_UP.word and self.recovery is None:
            yield Fault(
                ("recovery",),
                "at_end wind_up needs a recovery, and none is given",
                "give the part of the remaining cost that comes back, such as 0.3",
            )

    def _expected_fee_faults(self) -> Iterator[Fault]:
        if self.expected_fees is None:
            return
        begin, end = self.expected_fees.realised_from_years, self.expected_fees.realised_until_years
        last = self.term_years if end is None else end
        if begin is not None and begin > last:
            what = "realised_until_years" if end is not None else "the term,"
            yield Fault(
                ("expected_fees", "realised_from_years"),
                f"{begin:g} is after {what} {last:g}",
                f"give at most {last:g}, or a later realised_until_years",
            )

    @property
    def phases(self) -> tuple[FeePhase, ...]:
        """The fee's phases, however they were given; empty without a fee."""
        if self.fee_phases is not None:
            return self.fee_phases
        if not self.fee_rate:
            return ()
        life = min(self.term_years + self.extension_years, 100.0)  # no horizon is longer
        return (FeePhase(until_years=life, rate=self.fee_rate, base="commitments"),)

    @property
    def tranches(self) -> tuple[float, ...]:
        """Shares of the tranches, empty if calls are just in time."""
        return () if isinstance(self.calls, str) else self.calls


class Obligations(Landing):
    """What the guidance investor asks of a vehicle (8.9)."""

    idle_stop_years: PositiveYears | None = known(
        None, "a year in the rules of 2015 for government funds", "read"
    )
    """Time without a deal in the investment period that stops new deals; years."""
