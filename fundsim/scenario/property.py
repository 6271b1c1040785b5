"""Owns the property block: markets, operators with their
reinvestment, coupons, and the interests vehicles may take.
"""

from collections.abc import Iterator
from typing import Annotated, NamedTuple

from pydantic import Field

from fundsim.files.choices import Choice
from fundsim.files.evidence import SEE_FIELDS, known
from fundsim.files.names import named
from fundsim.files.part import Fault, Part, filled, named_twice, repeated
from fundsim.files.quantities import (
    Coefficient,
    Correlation,
    Date,
    Growth,
    Hazard,
    Name,
    Number,
    PositiveMoney,
    PositiveShare,
    PositiveYears,
    Rate,
    Share,
    Volatility,
    Years,
)
from fundsim.scenario.dated import order_faults
from fundsim.scenario.presets import preset_items
from fundsim.scenario.projects import LoanToValue, Project
from fundsim.scenario.reits import Reit
from fundsim.scenario.run import Words
from fundsim.timegrid import TimeGrid
from fundsim.vocabulary import InterestSource

YieldLevel = Annotated[float, Number("decimal a year", 0, 1, above=True, percent=True)]
INTERESTS = (InterestSource.DEVELOPMENT, InterestSource.ACQUIRED, InterestSource.UNITS)
InterestKind = Annotated[str, Choice(INTERESTS)]
KINDS = tuple(one.word for one in INTERESTS)


class RentIndex(Part):
    """Rents of a market (1.4)."""

    drift: Growth = known(0.0)
    """Expected growth of rents; decimal a year."""
    volatility: Volatility = known(0.0)
    """Volatility of rents beside the equity index; decimal a year."""
    beta: Coefficient = known(0.0)
    """Loading of rents on the equity index; coefficient."""


class PropertyYields(Part):
    """Yields of a market: net operating income over value (1.4)."""

    initial: YieldLevel | None = known(None, "at its mean")
    """Yield at the scenario's start; decimal a year."""
    mean: YieldLevel
    """Median of the yield in the long run; decimal a year."""
    reversion: Hazard = known(0.3, "half of a deviation is gone after 2.3 years")
    """Speed at which the yield returns; events a year."""
    volatility: Volatility = known(0.0)
    """Volatility of the yield's logarithm; decimal a year."""
    correlation: Correlation = known(0.0)
    """Correlation of its moves with the equity index; decimal."""


class PropertyMarket(Part):
    """A market for park space (1.4)."""

    name: Name
    """Name of the market; name."""
    title: Words | None = known(None, "the name is shown")
    """Label in reports; text."""
    preset: Name | None = known(None, "set by extends")
    """Preset that the market started from, for reports; name."""
    rent: RentIndex = known(RentIndex)
    """Rents; block."""
    yields: PropertyYields
    """Yields; block."""


class ReinvestRule(Part):
    """From a day on, what share of its proceeds an operator builds with again."""

    from_: Date = Field(alias="from")
    """First day of the rule; date."""
    share: Share
    """Share of capital proceeds; decimal."""


class Operator(Part):
    """A park operator that builds, sells and builds again (4.14)."""

    name: Name
    """Name of the operator; name."""
    title: Words | None = known(None, "the name is shown")
    """Label in reports; text."""
    reinvest: tuple[ReinvestRule, ...] = known(
        lambda: preset_items(ReinvestRule, "reit_rules", "reinvest"),
        "preset china: 90 %, 85 % since 2024-08-01",
        "read",
    )
    """Rules on the share of capital proceeds that pays for waiting projects, dates ascending; list."""

    def faults(self) -> Iterator[Fault]:
        yield from order_faults(self.reinvest, "reinvest")


class Coupon(Part):
    """From a day on, the rate of new debts."""

    from_: Date = Field(alias="from")
    """First day; date."""
    rate: Rate
    """Interest rate; decimal a year."""


class Coupons(Part):
    """Rates of debts by the day on which their project starts (4.1)."""

    special_bond: tuple[Coupon, ...] = known(
        lambda: preset_items(Coupon, "coupons", "special_bond"),
        "preset china: special bonds by vintage",
        "read",
    )
    """Coupons of special bonds, dates ascending; the first holds before its day too; list."""
    loan: tuple[Coupon, ...] = known(
        lambda: preset_items(Coupon, "coupons", "loan"),
        "preset china: five-year loan prime rate",
        "recalled",
    )
    """Rates of loans, dates ascending; the first holds before its day too; list."""

    def faults(self) -> Iterator[Fault]:
        for field in ("special_bond", "loan"):
            yield from filled(self, field, "no rate is given", "give at least one")
            yield from order_faults(getattr(self, field), field)


class Interest(NamedTuple):
    """What may be held: the development or the acquired interest of a
    project, or the strategic units of a REIT (4.9).
    """

    kind: InterestKind
    name: str

    @property
    def label(self) -> str:
        return f"{self.name} ({self.kind})"


class PropertyMandate(Part):
    """What a vehicle buys of the property (5.9)."""

    buys: tuple[InterestKind, ...] = known(KINDS, "whatever is on offer")
    """Development interests, interests acquired from developers, strategic units of REITs; choice."""
    projects: tuple[Name, ...] | None = known(None, "all")
    """Projects it may buy; list."""
    reits: tuple[Name, ...] | None = known(None, "all")
    """REITs whose units it may buy; list."""
    share: PositiveShare = known(1.0, "as much as is on offer and its money covers")
    """Largest share of an interest that it takes; decimal."""
    ticket: PositiveMoney | None = known(None, "no limit")
    """Largest amount for an interest with its planned calls; currency units."""
    from_years: Years = known(0.0)
    """First purchase after the vehicle's start; years."""
    over_years: PositiveYears = known(4.0, "investment period of a 4+4+2 fund")
    """Time in which it buys; years."""
    max_debt_share: LoanToValue = known(0.75, "value-add Pre-REIT funds 50 to 75 %", "read")
    """Largest debt over cost, or over price, of what it buys; decimal."""

    def window(self, grid: TimeGrid) -> tuple[int, int]:
        """The first period of purchases, from the vehicle's start, and the first one without (5.9)."""
        first = grid.n_periods_in(self.from_years)
        return first, max(grid.n_periods_in(self.from_years + self.over_years), first + 1)

    def faults(self) -> Iterator[Fault]:
        if not self.buys:
            yield Fault(("buys",), "nothing is bought", f"give some of {', '.join(KINDS)}")
        yield from repeated(self.buys, "buys", "choice")
        for field, what in (("projects", "project"), ("reits", "REIT")):
            yield from repeated(getattr(self, field) or (), field, what)


class Property(Part):
    """Park property: projects that are built, let, financed, sold, listed and paid for again (4)."""

    markets: tuple[PropertyMarket, ...]
    """Property markets; list."""
    operators: tuple[Operator, ...] = known((), "no operator")
    """Park operators; list."""
    projects: tuple[Project, ...]
    """Projects; list."""
    reits: tuple[Reit, ...] = known((), "no REIT")
    """Public REITs; list."""
    coupons: Coupons = known(Coupons, SEE_FIELDS)
    """Rates of debts by vintage; block."""

    def faults(self) -> Iterator[Fault]:
        yield from named_twice(self, markets="market", operators="operator", projects="project", reits="REIT")
        yield from filled(
            self, "projects", "there is no project", "give a project, or drop the property block"
        )

    def project(self, name: str) -> Project:
        """The project of that name; ArgumentError if there is none."""
        return named(self.projects, name, "project")

    def reit(self, name: str) -> Reit:
        """The REIT of that name; ArgumentError if there is none."""
        return named(self.reits, name, "REIT")

    def title_of(self, field: str, name: str, language: str) -> str:
        """What an item of `markets`, `operators`, `projects` or `reits` is
        called in a language: its title, else the name.
        """
        titles = [item.title for item in getattr(self, field) if item.name == name and item.title is not None]
        return (titles[0].in_language(language) if titles else None) or name

    def interests(self) -> tuple[Interest, ...]:
        """All interests in the order of the arrays: development of each
        project, acquired of each, units of each REIT.
        """
        return (
            *(Interest("development", project.name) for project in self.projects),
            *(Interest("acquired", project.name) for project in self.projects),
            *(Interest("units", reit.name) for reit in self.reits),
        )

    def interests_for(self, mandate: PropertyMandate) -> tuple[int, ...]:
        """Places, in `interests`, of what a vehicle with that mandate may take when it is on offer (5.9)."""
        return tuple(
            place for place, interest in enumerate(self.interests()) if self._is_wanted(interest, mandate)
        )

    def _is_wanted(self, interest: Interest, mandate: PropertyMandate) -> bool:
        if interest.kind not in mandate.buys:
            return False
        chosen = mandate.reits if interest.kind == "units" else mandate.projects
        if chosen is not None and interest.name not in chosen:
            return False
        debt = self.debt_share_of(interest)
        return debt is not None and debt <= mandate.max_debt_share + 1e-9

    def debt_share_of(self, interest: Interest) -> float | None:
        """Debt over cost, or over price, of an interest; None if it is never on offer (4.9)."""
        if interest.kind == "units":
            reit = self.reit(interest.name)
            return reit.gearing if reit.strategic > 0 else None
        project = self.project(interest.name)
        if interest.kind == "acquired":
            return None if project.sale is None else project.sale.loan_to_value
        return None if project.build is None or project.owner_share >= 1 else project.debt_share
