"""Owns projects of park property: what they cost and let for, who pays for them, and how they are sold."""

import math
from collections.abc import Iterator
from typing import Annotated, Literal

from fundsim.files.evidence import known
from fundsim.files.part import Fault, Part, exactly_one, filled, named_twice, repeated, sum_to_one
from fundsim.files.quantities import (
    Date,
    Flag,
    Growth,
    Hazard,
    Multiple,
    Name,
    Number,
    PositiveMoney,
    PositiveShare,
    PositiveYears,
    Rate,
    Share,
    ShareBelowOne,
    Years,
)
from fundsim.scenario.distributions import Lognormal
from fundsim.scenario.run import Words

Area = Annotated[float, Number("square metres", 0, 1e9, above=True)]
Rent = Annotated[float, Number("currency a square metre and month", 0, 1e6)]
CostOfSpace = Annotated[float, Number("currency a square metre", 0, 1e6)]
Response = Annotated[float, Number("coefficient", 0, 100)]
LoanToValue = Annotated[float, Number("decimal", 0, 10, above=True, percent=True)]
DebtKind = Literal["special_bond", "loan"]
Repayment = Literal["bullet", "amortising"]


class Occupancy(Part):
    """The share of the space that is let, from completion on (4.3)."""

    opening: Share = known(0.60, "space fills over the years after completion")
    """Share that is let at completion; decimal."""
    stable: PositiveShare = known(
        0.90, "parks report from 67 % (Zhongguancun) to 98 % (Liandong) in 2023 to 2025"
    )
    """Share that is let once the project is stabilised; decimal."""
    ramp_years: Years = known(2.0, "first leases run out and space is filled after some two years")
    """Time from completion until the project is stabilised; years."""
    letting_cost: CostOfSpace = known(0.0)
    """Cost of letting space for the first time, paid from rents when it is let; currency a square metre."""


class Built(Part):
    """A project that exists when the scenario starts (4.1)."""

    cost: PositiveMoney
    """Book cost; currency units."""
    age_years: Years
    """Time since completion at the scenario's start; years."""


class Build(Part):
    """A project that is built during the scenario (4.1)."""

    ALTERNATIVES = (("start", "waits"),)

    cost: PositiveMoney
    """Cost of building without interest; currency units."""
    start: Date | None = known(None, "give this, or let it wait")
    """Day on which building starts; date."""
    over_years: PositiveYears = known(2.0, "two winters for a block of workshops or laboratories")
    """Time of building; years."""
    yearly_shares: tuple[Share, ...] | None = known(None, "the cost falls evenly")
    """Shares of the cost by year of building, each even within its year; decimal."""
    waits: Flag = known(False, "it starts on its date")
    """Whether it starts when its operator's recycled money pays, not on a date (4.14); true or false."""

    def faults(self) -> Iterator[Fault]:
        if self.waits and self.start is not None:
            yield Fault(("start",), "a project that waits has no start", "give start, or waits: true")
        elif not self.waits and self.start is None:
            yield Fault((), "neither a start nor waits is given", "give start, or waits: true")
        if self.yearly_shares is not None:
            yield from sum_to_one("yearly_shares", self.yearly_shares, "the yearly shares")
            years = math.ceil(self.over_years - 1e-9)
            if len(self.yearly_shares) != years:
                yield Fault(
                    ("yearly_shares",),
                    f"{len(self.yearly_shares)} yearly shares for {self.over_years:g} years of building",
                    f"give {years}, one for each year begun",
                )


class Debt(Part):
    """A debt that pays a part of a project (4.1, 4.5)."""

    name: Name
    """Name of the debt; name."""
    title: Words | None = known(None, "the name is shown")
    """Label in reports; text."""
    kind: DebtKind
    """Special bond, whose issuer pays what rents do not, or loan; choice."""
    share: PositiveShare
    """Share of the need while building, or of the book cost of a built project; decimal."""
    rate: Rate | None = known(None, "the coupon of its vintage, from property.coupons")
    """Interest rate; decimal a year."""
    term_years: PositiveYears = known(
        15.0, "special bonds for parks of 2023 run 15.3 years in the mean", "seed"
    )
    """Time to maturity from the start of building, for a built project from the scenario's start; years."""
    repayment: Repayment = known("bullet", "special bonds are paid back at their end", "recalled")
    """Whole at maturity, or in level payments; choice."""
    rolls_over: Flag = known(False, "it is paid back when due")
    """Whether a bullet is replaced by another of the same term when due; true or false."""

    def faults(self) -> Iterator[Fault]:
        if self.rolls_over and self.repayment == "amortising":
            yield Fault(
                ("rolls_over",),
                "a debt in level payments is paid back at its end and does not roll over",
                "give false, or repayment bullet",
            )


class Tenants(Part):
    """How failures of the park's enterprises empty a project and lower its rent (4.2)."""

    sectors: tuple[Name, ...]
    """Sectors whose enterprises it houses; list."""
    vacancy_response: Response = known(0.0)
    """Share of the let space that empties, over the share of tenants that fail; coefficient."""
    rent_response: Response = known(0.0)
    """Fall of the logarithm of rent, over the share of tenants that fail; coefficient."""
    recovery: Hazard = known(0.5, "half of the gap is closed after 1.4 years")
    """Speed at which both gaps close; events a year."""

    def faults(self) -> Iterator[Fault]:
        yield from filled(self, "sectors", "no sector is named", "name a sector, or give tenants: null")
        yield from repeated(self.sectors, "sectors", "sector")


class Covenants(Part):
    """What lenders ask for once a project is stabilised (4.6)."""

    coverage: Multiple = known(1.1, "lenders ask for 1.1 to 1.3", "recalled")
    """Least NOI over interest and level payments, 0 for none; multiple."""
    loan_to_value: LoanToValue | None = known(0.70, "what banks lend on rented property at most", "recalled")
    """Largest debt over value, null for none; decimal."""
    patience_years: Years = known(1.0, "courts and talks take about a year")
    """Time with unpaid loans after which the lender sells; years."""
    enforcement_discount: ShareBelowOne = known(
        0.30, "first auctions of courts start at 70 % of the appraisal", "recalled"
    )
    """Discount on the value at such a sale; decimal."""


class Refinancing(Part):
    """A mortgage-backed security that replaces all debts of a stabilised project, once (4.7)."""

    after_years: Years = known(3.0, "three years of accounts with full rents")
    """Earliest time after completion; years."""
    loan_to_value: PositiveShare = known(0.50, "core property funds borrow up to 50 %", "read")
    """New debt over value; decimal."""
    rate: Rate = known(0.035, "near the five-year loan prime rate of 2025")
    """Interest rate; decimal a year."""
    term_years: PositiveYears = known(
        12.0, "securities on offices run 9 to 24 years with options to return them"
    )
    """Time to maturity; years."""
    repayment: Repayment = known("bullet", "most of the principal falls due at the end")
    """Whole at maturity, or in level payments; choice."""
    cost: ShareBelowOne = known(0.01, "arranger, rating and trust")
    """Cost over the new debt; decimal."""


class Sale(Part):
    """The sale to a Pre-REIT holder, who improves, lists or sells again (4.8)."""

    after_years: Years = known(1.0, "a first year of rents")
    """Earliest time after completion; years."""
    readiness: PositiveShare = known(0.85, "nearly stabilised")
    """Occupancy over stable occupancy from which it is sold; decimal."""
    price: Lognormal = known(lambda: Lognormal(median=1.0), "sold at its value")
    """Price over value; multiple."""
    buyer_cost: Share = known(0.03, "deed tax of 3 % of the price", "recalled")
    """Cost of the buyers over the price; decimal."""
    loan_to_value: Share = known(
        0.50, "core Pre-REIT funds 0 to 50 %, core-plus 50 to 60 %, value-add 50 to 75 %", "read"
    )
    """Buyers' loan over the price; decimal."""
    loan_rate: Rate = known(0.04, "near the loan prime rate with a small spread")
    """Interest rate of that loan; decimal a year."""
    loan_term_years: PositiveYears = known(
        10.0, "acquisition loans for control run up to ten years since 2025-12-31", "read"
    )
    """Time to its maturity; years."""
    capex: Share = known(0.0, "nothing is improved")
    """Improvements over the price, paid by the holders; decimal."""
    capex_years: PositiveYears = known(1.0, "a year of works")
    """Time of the works, at least a period; years."""
    rent_uplift: Growth = known(0.0)
    """Lift of the rent when the works end; decimal."""
    occupancy_uplift: Share = known(0.0)
    """Rise of stable occupancy when the works end, as part of all space; decimal."""
    hold_years: PositiveYears | None = known(4.0, "three to five years or more by strategy")
    """Time after which an unlisted project is sold again, null for never; years."""
    exit_cost: ShareBelowOne = known(0.02, "taxes and agents")
    """Cost of that sale over the value; decimal."""


class Project(Part):
    """A project: space that is built or exists, let, financed, sold, listed (4)."""

    ALTERNATIVES = (("operator", "owner"), ("built", "build"))

    name: Name
    """Name of the project; name."""
    title: Words | None = known(None, "the name is shown")
    """Label in reports; text."""
    market: Name
    """Property market that moves its rent and its value; name."""
    operator: Name | None = known(None, "give this or owner")
    """Operator whose ledger its proceeds enter; name."""
    owner: Name | None = known(None, "give this or operator")
    """Owner outside the simulation, such as an enterprise; name."""
    owner_share: Share = known(1.0, "nothing is on offer to vehicles")
    """Share of the development interest that operator or owner keeps (4.9); decimal."""
    area: Area
    """Lettable space; square metres."""
    rent: Rent
    """Rent at the scenario's start; currency a square metre and month."""
    margin: PositiveShare = known(0.75, "operating cost and property tax take about a quarter")
    """Net operating income over rent; decimal."""
    occupancy: Occupancy = known(Occupancy)
    """How it is let; block."""
    built: Built | None = known(None, "give this or build")
    """An existing project; block."""
    build: Build | None = known(None, "give this or built")
    """A project to be built; block."""
    debts: tuple[Debt, ...] = known((), "equity alone")
    """Debts in the order in which they are served; list."""
    tenants: Tenants | None = known(None, "its rents do not feel the enterprises")
    """Enterprises of the park that it houses; block."""
    covenants: Covenants | None = known(None, "no covenants, no enforcement")
    """What lenders ask; block."""
    refinancing: Refinancing | None = known(None, "it keeps its first debts")
    """Refinancing by a mortgage-backed security; block."""
    sale: Sale | None = known(None, "it is not sold before a listing")
    """Sale to a Pre-REIT holder; block."""
    reit: Name | None = known(None, "it is never listed")
    """REIT that it is meant for; name."""
    initial: Flag = known(False, "injected by a follow-on offering")
    """Whether it is listed with its REIT rather than injected later; true or false."""
    listing_cost: ShareBelowOne = known(0.01, "taxes and advisers")
    """Cost of listing it over its price; decimal."""

    def faults(self) -> Iterator[Fault]:
        yield from exactly_one(self, ("operator", "owner"))
        yield from exactly_one(self, ("built", "build"))
        yield from named_twice(self, debts="debt")
        if self.debt_share > 1 + 1e-9:
            yield Fault(
                ("debts",),
                f"the debts pay {self.debt_share:.10g} of the need, above 1",
                "keep the sum of their shares at or below 1",
            )
        if self.initial and self.reit is None:
            yield Fault(
                ("initial",), "the project has no REIT to be listed with", "name its reit, or give false"
            )
        if self.build is not None and self.build.waits and self.operator is None:
            yield Fault(
                ("build", "waits"),
                "only an operator recycles money, and this project has none",
                "name its operator, or give a start",
            )

    @property
    def debt_share(self) -> float:
        """Share of the need that debts pay."""
        return sum(debt.share for debt in self.debts)
