"""Owns public REITs: when they list, what they must keep and pay out, and how they grow."""

import datetime as dt
from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from fundsim.files.evidence import known
from fundsim.files.part import Fault, Part, filled
from fundsim.files.quantities import (
    Coefficient,
    Date,
    Flag,
    Hazard,
    Money,
    Name,
    Number,
    PositiveYears,
    Rate,
    Share,
    ShareBelowOne,
    Volatility,
    Years,
    decimal,
)
from fundsim.scenario.dated import order_faults
from fundsim.scenario.distributions import Lognormal
from fundsim.scenario.presets import preset_items, preset_value
from fundsim.scenario.run import Words

RETAINED_BASE = 0.20
"""Part of the units that owners keep at least, with the longest lock-up (4.11)."""
LEAST_PAYOUT = 0.90
MOST_DISCOUNT = 0.10

Retained = Annotated[float, Number("decimal", RETAINED_BASE, 1, percent=True)]
Payout = Annotated[float, Number("decimal", LEAST_PAYOUT, 1, percent=True)]
OfferDiscount = Annotated[float, Number("decimal", 0, MOST_DISCOUNT, percent=True)]
PriceToNav = Annotated[float, Number("multiple", 0, 100)]
Months = Annotated[int, Number("months", 0, 1200, integer=True)]


class UnitPrice(Part):
    """How the price of a unit moves around its NAV (4.12)."""

    volatility: Volatility = known(0.15, "single park REITs, 15 to 20 %", "recalled")
    """Volatility of price over NAV; decimal a year."""
    reversion: Hazard = known(0.5, "half of a premium is gone after 1.4 years")
    """Speed at which the price returns to NAV; events a year."""
    yield_beta: Coefficient = known(1.0, "the price follows NAV when yields move")
    """Response of the price to the yield over that of NAV; coefficient."""


class WaitRule(Part):
    """From a day on, how long a REIT waits between offerings."""

    from_: Date = Field(alias="from")
    """First day of the rule; date."""
    months: Months
    """Time since the last offering; months."""


def _probability() -> dict[str, float]:
    return {
        str(name): float(share) for name, share in preset_value("reit_rules", "china")["probability"].items()
    }


class FollowOn(Part):
    """Follow-on offerings, which buy further projects (4.13)."""

    discount: OfferDiscount = known(
        0.05, "prices of at least 90 % of the mean of twenty days; half of that room"
    )
    """Discount of new units on the price; decimal."""
    least_price_to_nav: PriceToNav = known(0.90, "owners do not sell projects for units far below NAV")
    """Least price over NAV of a unit; multiple."""
    probability: dict[str, Share] | None = known(None, "as for the listing")
    """Chance that an offering succeeds, for every state of the window; decimal."""
    wait: tuple[WaitRule, ...] = known(
        lambda: preset_items(WaitRule, "reit_rules", "wait"),
        "preset china: 12 months, 6 since 2025-09-12",
        "read",
    )
    """Rules on the time since the last offering, dates ascending; none before the first; list."""

    def faults(self) -> Iterator[Fault]:
        yield from filled(self, "wait", "no rule says how long to wait", "give a rule, or follow_on: null")
        yield from order_faults(self.wait, "wait")


class LockUp(Part):
    """How long units are locked (4.11)."""

    base_months: Months = known(60, "the owner's 20 %: 60 months, rules of the pilot", "read")
    """For the first 20 % of the units, which owners keep; months."""
    excess_months: Months = known(36, "the owner's units beyond 20 %: 36 months, rules of the pilot", "read")
    """For what owners keep beyond; months."""
    strategic_months: Months = known(12, "other strategic investors: 12 months, rules of the pilot", "read")
    """For strategic investors; months."""


class Reit(Part):
    """A public REIT of park projects (4.10 to 4.13)."""

    name: Name
    """Name of the REIT; name."""
    title: Words | None = known(None, "the name is shown")
    """Label in reports; text."""
    from_: Date = known(
        dt.date(2021, 6, 21), "the first three park REITs were listed on that day", "seed", alias="from"
    )
    """First day on which a listing may be tried; date."""
    attempt_years: PositiveYears = known(0.5, "a filing takes about half a year")
    """Time between attempts to list; years."""
    probability: dict[str, Share] = known(_probability, "preset china: 50 % in a normal window")
    """Chance that an attempt to list succeeds, for every state of the window; decimal."""
    operating_years: Years = known(3.0, "in operation for at least three years, notice of 2020-08", "read")
    """Least time since completion of a project; years."""
    yield_floor: Rate = known(0.038, "distribution yield of at least 3.8 %, earlier 4 %", "read")
    """Least distribution yield of a project at its price; decimal a year."""
    minimum_value: Money = known(0.0, "no threshold")
    """Least value of the eligible initial projects together; currency units."""
    issue_multiple: Lognormal = known(lambda: Lognormal(median=1.0), "issued at the appraised value")
    """Issue price of the projects over their value at the listing; multiple."""
    retained: Retained = known(RETAINED_BASE, "the original owner keeps at least 20 % of the units", "read")
    """Share of its units that an owner keeps; decimal."""
    strategic: ShareBelowOne = known(0.20, "other strategic investors take some 20 to 50 %")
    """Share of all units that goes to strategic investors; decimal."""
    payout: Payout = known(LEAST_PAYOUT, "at least 90 % of what is distributable", "read")
    """Share of what is distributable that is paid out; decimal."""
    gearing: Share = known(0.0, "14 of the first 20 REITs had no debt", "read")
    """Debt over the price of what the REIT buys; decimal."""
    gearing_limit: ShareBelowOne = known(0.2857, "gross assets at most 140 % of net assets", "read")
    """Largest debt over gross assets; decimal."""
    debt_rate: Rate = known(0.035, "near the five-year loan prime rate of 2025")
    """Interest rate of its debt; decimal a year."""
    fee_rate: Rate = known(0.003, "fund and asset managers, custody")
    """Fee over NAV; decimal a year."""
    price: UnitPrice = known(UnitPrice)
    """How the price of a unit moves; block."""
    follow_on: FollowOn | None = known(FollowOn)
    """Follow-on offerings, null for none; block."""
    lock: LockUp = known(LockUp)
    """Lock-ups; block."""
    owner_sells: Flag = known(True, "the loop of develop, list and build again")
    """Whether owners sell the units they kept once these are free; true or false."""
    sell_years: PositiveYears = known(1.0, "a year of block trades")
    """Time over which free units are sold; years."""

    def faults(self) -> Iterator[Fault]:
        if self.gearing > self.gearing_limit:
            yield Fault(
                ("gearing",),
                f"{decimal(self.gearing)} is above gearing_limit {decimal(self.gearing_limit)}",
                "lower it",
            )
        if self.retained + self.strategic > 1 + 1e-9:
            yield Fault(
                ("strategic",),
                f"retained and strategic sum to {self.retained + self.strategic:.10g}, above 1",
                "keep the sum at or below 1, the public has the rest",
            )
