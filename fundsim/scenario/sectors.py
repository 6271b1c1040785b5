"""Owns sectors: the stages an enterprise walks through, its outcomes, listing, merger, failure and stall."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from fundsim.files.choices import Choice
from fundsim.files.evidence import known
from fundsim.files.part import Fault, Part, exactly_one, named_twice, repeated, sum_to_one
from fundsim.files.quantities import (
    Coefficient,
    Growth,
    Hazard,
    Multiple,
    Name,
    Number,
    PositiveFactor,
    PositiveYears,
    Shape,
    Share,
    ShareBelowOne,
    Volatility,
    Years,
)
from fundsim.scenario.distributions import Beta, Lognormal
from fundsim.scenario.market import MARKET
from fundsim.scenario.run import Words
from fundsim.vocabulary import Outcome, Preference

Filings = Annotated[int, Number("count", 1, 5, integer=True)]


class StageTime(Part):
    """Time from the opening of a stage to its milestone (3.1)."""

    distribution: Literal["gamma", "fixed"] = known("gamma", "waiting times are skewed")
    """Gamma or fixed; choice."""
    mean_years: PositiveYears
    """Mean time in a neutral window; years."""
    shape: Shape = known(1.0, "an exponential clock")
    """Shape of the gamma, 1 being exponential; factor."""


class Outcomes(Part):
    """Probabilities of what happens at the milestone (3.3)."""

    advance: Share = known(0.0)
    """To the next stage by a round; decimal."""
    listing: Share = known(0.0)
    """Files for a listing; decimal."""
    merger: Share = known(0.0)
    """Is bought by another company; decimal."""
    failure: Share = known(0.0)
    """Fails; decimal."""
    stall: Share = known(0.0)
    """Lives on without a next round; decimal."""

    def faults(self) -> Iterator[Fault]:
        yield from sum_to_one("", [getattr(self, outcome) for outcome in Outcome.words()], "the outcomes")


class Slope(Part):
    """How log-odds against a stall move (3.3)."""

    quality: Coefficient = known(0.0)
    """For one standard deviation of quality; coefficient."""
    value: Coefficient = known(0.0)
    """For a rise of log value by one since the stage opened; coefficient."""


class Slopes(Part):
    """Slopes of the outcomes against stall (3.3)."""

    advance: Slope = known(Slope)
    """Slopes of advance; block."""
    listing: Slope = known(Slope)
    """Slopes of listing; block."""
    merger: Slope = known(Slope)
    """Slopes of merger; block."""
    failure: Slope = known(Slope)
    """Slopes of failure; block."""


class FailureClock(Part):
    """Weibull time to failure since the last round (3.3b)."""

    scale_years: PositiveYears
    """Time by which 63 % have failed if nothing else happens first; years."""
    shape: PositiveFactor = known(1.0, "a constant hazard")
    """Shape, above 1 if the hazard rises as money runs out; factor."""


class Stage(Part):
    """A stage: it opens with a round and ends with a milestone."""

    name: Name
    """Name of the stage; name."""
    title: Words | None = known(None)
    """Label in reports; text."""
    entry_value: Lognormal | None = known(None, "no enterprise enters at this stage")
    """Pre-money value of enterprises that enter here; currency units."""
    time: StageTime
    """Time to the milestone; block."""
    drift: Growth = known(0.0)
    """Expected growth of value between rounds; decimal a year."""
    volatility: Volatility = known(0.0)
    """Volatility of value apart from factors and quality; decimal a year."""
    outcomes: Outcomes
    """Base probabilities at the milestone; block."""
    slopes: Slopes = known(Slopes)
    """Slopes of the outcomes; block."""
    step_up: Lognormal = known(lambda: Lognormal(median=1.0))
    """Factor on value at the advance out of this stage; factor."""
    share_sold: Beta = known(lambda: Beta(mean=0.2), "early rounds sell 10 to 25 %", "recalled")
    """Share of the company sold in the round that opens this stage; decimal."""
    option_pool: ShareBelowOne = known(0.0)
    """Dilution of earlier holders before that round, for employees; decimal."""
    failure_clock: FailureClock | None = known(None)
    """Failure by the calendar; block."""

    def faults(self) -> Iterator[Fault]:
        mean = self.share_sold.mean
        if not 0 < mean < 1:
            yield Fault(
                ("share_sold",),
                f"a round cannot sell {mean:g} of the company",
                "give a mean above 0 and below 1",
            )


class FactorBeta(Part):
    """Loading of the sector on a factor."""

    factor: Name
    """Factor, `market` being the index; name."""
    beta: Coefficient
    """Loading of log value; coefficient."""


class SectorListing(Part):
    """How enterprises of the sector list (3.5)."""

    boards: tuple[Name, ...] = known((), "no listing")
    """Boards in order of preference; list."""
    share_sold: Beta = known(
        lambda: Beta(mean=0.2), "10 to 25 % of the enlarged capital is floated", "recalled"
    )
    """New shares sold at listing over all shares after it; decimal."""
    refile_years: Years = known(1.0)
    """Time from a refusal to the next filing; years."""
    n_filings: Filings = known(2)
    """Number of filings before the enterprise stalls; count."""
    volatility: Volatility = known(0.55, "single A-share after listing; default of the fact sheet", "assumed")
    """Volatility of the listed price apart from factors; decimal a year."""
    drift: Growth = known(0.06, "that of the index")
    """Expected growth of the listed price; decimal a year."""

    def faults(self) -> Iterator[Fault]:
        yield from repeated(self.boards, "boards", "board")
        if self.share_sold.mean >= 1:
            yield Fault(("share_sold",), "a listing cannot sell all of the company", "give a mean below 1")


class MultipleBucket(Part):
    """A bucket of multiples of cost, uniform within."""

    share: Share
    """Probability of the bucket; decimal."""
    from_: Multiple = Field(alias="from")
    """Lower end; multiple of cost."""
    to: Multiple
    """Upper end; multiple of cost."""

    def faults(self) -> Iterator[Fault]:
        if self.to < self.from_:
            yield Fault(("to",), f"{self.to:g} is below from, {self.from_:g}", "give an end at or above from")


class Merger(Part):
    """What holders get at a merger (3.6)."""

    ALTERNATIVES = (("premium", "multiples"),)

    premium: Lognormal | None = known(None, "1, no premium, unless multiples are given")
    """Factor on value; factor."""
    multiples: tuple[MultipleBucket, ...] | None = known(None, "premium is used")
    """Table of multiples of cost instead; list."""

    def faults(self) -> Iterator[Fault]:
        yield from exactly_one(self, ("premium", "multiples"))
        if self.multiples is not None:
            yield from sum_to_one("multiples", [bucket.share for bucket in self.multiples], "the shares")


class Failure(Part):
    """What is left at a failure (3.6)."""

    recovery: Share = known(0.1, "little is left beside a sale of assets", "assumed")
    """Share of value that is recovered; decimal."""
    linger_years: Years = known(0.0)
    """Mean time until a failure shows, meanwhile no round comes (3.6), exponential; years."""


class Stall(Part):
    """A stalled enterprise (3.6)."""

    drift: Growth = known(0.0)
    """Expected growth of value; decimal a year."""
    failure_rate: Hazard = known(0.10, "a firm without a round lasts some years")
    """Hazard of failure; events a year."""
    merger_rate: Hazard = known(0.05, "few stalled firms find a buyer")
    """Hazard of a merger; events a year."""


class Sector(Part):
    """A sector: how its enterprises grow and end (3)."""

    name: Name
    """Name of the sector; name."""
    title: Words | None = known(None)
    """Label in reports; text."""
    preset: Name | None = known(None, "set by extends")
    """Preset that the sector started from, for reports; name."""
    betas: tuple[FactorBeta, ...] = known(
        lambda: (FactorBeta(factor=MARKET, beta=1.0),), "moves with the market"
    )
    """Loadings on factors; list."""
    quality_effect: Coefficient = known(0.0)
    """Extra growth for one standard deviation of quality; decimal a year."""
    quality_years: Years = known(3.0, "unlimited it multiplies means by 22 in ten years")
    """Time since entry during which quality acts on value; years."""
    preference: Annotated[str, Choice(Preference)] = known(Preference.NONE.word, "common shares")
    """Liquidation preference of all rounds (5.4); choice."""
    stages: tuple[Stage, ...]
    """Stages in order; list."""
    listing: SectorListing = known(SectorListing)
    """Listing; block."""
    merger: Merger = known(lambda: Merger(premium=Lognormal(median=1.0)))
    """Merger; block."""
    failure: Failure = known(Failure)
    """Failure; block."""
    stall: Stall = known(Stall)
    """Stall; block."""

    def faults(self) -> Iterator[Fault]:
        yield from named_twice(self, stages="stage")
        yield from repeated([beta.factor for beta in self.betas], "betas", "factor")
        if not self.stages:
            yield Fault(("stages",), "the sector has no stage", "give at least one stage")
        elif self.stages[-1].outcomes.advance > 0:
            yield Fault(
                ("stages", len(self.stages) - 1, "outcomes", "advance"),
                f"{self.stages[-1].outcomes.advance:g} can advance from the last stage, to nowhere",
                "give 0, or add a stage",
            )
        for index, stage in enumerate(self.stages):
            if stage.outcomes.listing > 0 and not self.listing.boards:
                yield Fault(
                    ("stages", index, "outcomes", "listing"),
                    "enterprises file, but listing.boards is empty",
                    "name boards, or give 0",
                )

    def stage(self, name: str) -> Stage | None:
        """The stage of that name, None if the sector has none."""
        return next((stage for stage in self.stages if stage.name == name), None)
