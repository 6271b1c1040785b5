"""Owns what a vehicle buys and how it sells: mandate, relocation, pools and exits."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from fundsim.files.choices import Choice
from fundsim.files.evidence import known
from fundsim.files.part import Fault, Part, exactly_one, filled, repeated
from fundsim.files.quantities import (
    Correlation,
    Factor,
    Flag,
    Growth,
    Name,
    Number,
    PositiveCount,
    PositiveMoney,
    PositiveShare,
    PositiveYears,
    Rate,
    Share,
    Years,
)
from fundsim.scenario.distributions import Beta
from fundsim.vocabulary import Mark, PoolPeriod, SaleBasis

Candidates = Annotated[int, Number("count", 0, 1000, integer=True)]
LifeYears = Annotated[int, Number("years", 1, 60, integer=True)]
Bow = Annotated[float, Number("coefficient", 0, 20, above=True)]
Weight = Annotated[float, Number("weight", 0, 1e6)]


class Mandate(Part):
    """What a vehicle buys (5.1, 5.2)."""

    ALTERNATIVES = (("ticket", "stake"),)

    preset: Name | None = known(None, "set by extends")
    """Preset that the mandate started from, for reports; name."""
    sectors: tuple[Name, ...]
    """Sectors it buys; list."""
    stages: tuple[Name, ...]
    """Stages at whose opening round it buys; list."""
    stage_weights: tuple[Weight, ...] | None = known(None, "equal weights")
    """Weights of the stages for outside candidates; weight."""
    park_share: Share = known(0.0, "no park deals")
    """Share of planned deals that are to be in the park; the others stay outside it (5.1); decimal."""
    deals: PositiveCount
    """Planned deals; count."""
    over_years: PositiveYears = known(4.0, "investment period of a 4+4+2 sub-fund, Nanjing measures", "read")
    """Time over which they are spread; years."""
    from_years: Years = known(0.0)
    """First deal after the vehicle's start; years."""
    ticket: PositiveMoney | None = known(None, "give this or stake")
    """Amount of a deal; currency units."""
    stake: PositiveShare | None = known(None, "give this or ticket")
    """Share of the post-money value bought by a deal; decimal."""
    max_round_share: PositiveShare = known(1.0)
    """Largest share of a round that the vehicle takes; decimal."""
    reserve_share: Share = known(0.0)
    """Share of investable capital kept for follow-ons; decimal."""
    follow_on_share: Share = known(0.0)
    """Share of its pro-rata right that the vehicle uses at later rounds (5.3); decimal."""
    single_enterprise_cap: PositiveShare = known(
        0.20, "at most 20 % of a sub-fund in one project, Fujian", "read"
    )
    """Largest cost in one enterprise over the vehicle's size; decimal."""
    skill: Beta = known(lambda: Beta(mean=0.0), "no selection")
    """Correlation of the signal with quality, with a spread over managers (5.1); decimal."""
    looks_at: PositiveCount | None = known(None, "it looks at all rounds on offer")
    """Rounds on offer that a deal looks at before it takes the one with the best signal (5.1b); count."""
    patience_years: Years = known(0.5)
    """Time a park deal waits for a match in the park before it goes outside (5.1); years."""
    retries_lost_deals: Flag = known(False)
    """Whether a deal lost for want of a match is planned once more, a year later (5.1); true or false."""
    n_candidates: Candidates = known(1)
    """Outside candidates for each planned deal, at least 1 where a deal may be outside the park; count."""
    relay: Flag = known(True, "later funds buy from earlier ones in a cluster")
    """Whether deals outside the park may buy rounds of what other vehicles hold; true or false."""
    with_vehicles: tuple[Name, ...] = known((), "independent")
    """Buys only rounds that one of these vehicles buys in the same period; list."""

    def deal_years(self, start: float = 0.0) -> list[float]:
        """Times of the planned deals of a vehicle that starts at a time, years (§3)."""
        first, step = start + self.from_years, self.over_years / self.deals
        return [first + (k + 0.5) * step for k in range(self.deals)]

    def faults(self) -> Iterator[Fault]:
        yield from exactly_one(self, ("ticket", "stake"))
        for field in ("sectors", "stages"):
            yield from filled(self, field, f"the mandate names no {field[:-1]}", "name at least one")
            yield from repeated(getattr(self, field), field, field[:-1])
        yield from repeated(self.with_vehicles, "with_vehicles", "vehicle")
        if self.stage_weights is not None:
            if len(self.stage_weights) != len(self.stages):
                yield Fault(
                    ("stage_weights",),
                    f"{len(self.stage_weights)} weights for {len(self.stages)} stages",
                    "give one weight for each stage",
                )
            elif sum(self.stage_weights) <= 0:
                yield Fault(("stage_weights",), "all weights are 0", "give at least one weight above 0")
        if self.n_candidates == 0 and self.park_share < 1 and not self.with_vehicles:
            yield Fault(
                ("n_candidates",),
                f"{1 - self.park_share:.3g} of the deals are outside the park, where they have no candidates",
                "give n_candidates of at least 1, park_share 1, or with_vehicles",
            )
        if self.follow_on_share > 0 and self.reserve_share == 0:
            yield Fault(
                ("follow_on_share",),
                "follow-ons are paid from reserves, but reserve_share is 0",
                "give a reserve_share above 0, or follow_on_share 0",
            )


class Relocation(Part):
    """Outside enterprises that land in the park under a landing term (5.1)."""

    probability: Share
    """Chance that an outside enterprise relocates or opens a subsidiary; decimal."""
    cost: Share = known(0.0)
    """Cost to the vehicle over the amount invested; decimal."""


class TakahashiAlexander(Part):
    """A pool after Takahashi and Alexander (7.7)."""

    contribution_rates: tuple[Share, ...]
    """Share of what is still uncalled by year, the last one repeating; decimal."""
    life_years: LifeYears
    """Life of the pool; years."""
    bow: Bow = known(2.5, "Takahashi and Alexander 2001, venture", "read")
    """Speed of distributions, higher being later; coefficient."""
    growth_rate: Growth = known(0.13, "Takahashi and Alexander 2001, venture", "read")
    """Growth of the value; decimal a year."""
    yield_rate: Share = known(0.0, "Takahashi and Alexander 2001, venture", "read")
    """Least distribution over value; decimal a year."""
    period: Annotated[str, Choice(PoolPeriod)] = known(
        PoolPeriod.SPREAD.word, "amounts come through the year"
    )
    """Whether a year's amounts are spread over its periods or come at its end; choice."""

    def faults(self) -> Iterator[Fault]:
        yield from filled(self, "contribution_rates", "no year has a rate", "give at least one rate")


class Schedule(Part):
    """A pool with fixed flows (7.7)."""

    contributions: tuple[Share, ...]
    """Contributions by year over investable capital; decimal."""
    distributions: tuple[Factor, ...]
    """Distributions by year over investable capital; multiple."""
    period: Annotated[str, Choice(PoolPeriod)] = known(
        PoolPeriod.SPREAD.word, "amounts come through the year"
    )
    """Whether a year's amounts are spread over its periods or come at its end; choice."""

    def faults(self) -> Iterator[Fault]:
        yield from filled(self, "contributions", "no year has a contribution", "give at least one share")
        if sum(self.contributions) > 1 + 1e-9:
            yield Fault(
                ("contributions",),
                f"the contributions sum to {sum(self.contributions):.10g}, above 1",
                "keep the sum at or below 1",
            )


class Pool(Part):
    """A top-down or scheduled pool instead of single deals (7.7)."""

    ALTERNATIVES = (("takahashi_alexander", "schedule"),)

    takahashi_alexander: TakahashiAlexander | None = known(None, "give this or schedule")
    """Pool by parameters; block."""
    schedule: Schedule | None = known(None, "give this or takahashi_alexander")
    """Pool with fixed flows; block."""

    @property
    def is_spread(self) -> bool:
        """Whether what flows in a year is spread over it, or comes at its end."""
        given = self.takahashi_alexander or self.schedule
        return given is not None and given.period == PoolPeriod.SPREAD.word

    @property
    def contributions(self) -> list[float]:
        """Share of investable capital that is paid in, by year (7.7)."""
        model = self.takahashi_alexander
        if model is None:
            return [] if self.schedule is None else list(self.schedule.contributions)
        rates, left, found = model.contribution_rates, 1.0, list[float]()
        for year in range(model.life_years):
            found.append(left * rates[min(year, len(rates) - 1)])
            left -= found[-1]
        return found

    def faults(self) -> Iterator[Fault]:
        yield from exactly_one(self, ("takahashi_alexander", "schedule"))


class Transfer(Part):
    """Sale of unlisted stakes to other funds (5.7)."""

    from_years: Years = known(5.0, "a market for shares of funds and stakes opens after some five years")
    """Holding time from which stakes can be sold; years."""
    probability: Share = known(0.15, "no rate is published")
    """Chance of finding a buyer within a year; decimal."""
    discount: Beta = known(
        lambda: Beta(mean=0.30, sd=0.12),
        "sales at 60 to 70 % of value are reported (gsmaofa); spread assumed",
        "read",
    )
    """Discount on the value that `sale_basis` names; decimal."""


class PartialShare(Part):
    """Range of what is paid in a partial buyback, uniform within."""

    from_: Share = Field(alias="from")
    """Lower end; decimal."""
    to: Share
    """Upper end; decimal."""

    def faults(self) -> Iterator[Fault]:
        if self.to < self.from_:
            yield Fault(("to",), f"{self.to:g} is below from, {self.from_:g}", "give an end at or above from")


class Buyback(Part):
    """Buyback by founders when no listing comes (5.6)."""

    after_years: PositiveYears = known(5.0, "contracts commonly say four to six years", "read")
    """Holding time from which the clause can be used; years."""
    rate: Rate = known(0.08, "principal plus 6 to 8 %, rising to 10 to 12 %", "read")
    """Simple rate on cost; decimal a year."""
    full: Share = known(0.25, "no recovery rate is published; vary this first")
    """Chance that the claim is paid in full; decimal."""
    partial: Share = known(0.35, "no recovery rate is published; vary this first")
    """Chance that a part is paid; decimal."""
    partial_share: PartialShare = known(
        lambda: PartialShare.model_validate({"from": 0.3, "to": 0.6}),
        "no recovery rate is published; vary this first",
    )
    """Part that is then paid; decimal."""
    delay_years: Years = known(2.0, "claims go through the courts")
    """Time from claim to payment; years."""
    quality_correlation: Correlation = known(0.5, "weak firms pay less")
    """Correlation of the outcome with the enterprise's quality; decimal."""
    quiet_years: Years = known(2.0, "no figure is published; a year beyond the usual time between rounds")
    """Time without a round after which a claim may be made below the mark, too; years."""
    quiet_mark: Factor = known(1.5, "no figure is published; vary it with the chances of payment")
    """Highest mark over the claim at which that is done, 0 for never; factor."""

    def faults(self) -> Iterator[Fault]:
        total = self.full + self.partial
        if total > 1 + 1e-9:
            yield Fault(
                ("partial",), f"full and partial sum to {total:.10g}, above 1", "keep the sum at or below 1"
            )


class Exits(Part):
    """How a vehicle marks and sells what it holds."""

    preset: Name | None = known(None, "set by extends")
    """Preset that the exits started from, for reports; name."""
    mark: Annotated[str, Choice(Mark)] = known("last_round", "valuation practice of the trade", "recalled")
    """Value at which unlisted stakes stand in NAV; choice."""
    sale_basis: Annotated[str, Choice(SaleBasis)] = known(
        SaleBasis.LOWER.word, "a careful buyer's; published discounts are on reported NAV"
    )
    """What discounts of transfers and sales at term are on: value, mark, last round or lower; choice."""
    transfer: Transfer | None = known(None)
    """Sale of unlisted stakes to other funds; block."""
    buyback: Buyback | None = known(None)
    """Buyback clause; block."""
