"""Owns what a file of targets may hold: parameters with bounds,
and statistics with the values they should have.
"""

import math
from collections.abc import Callable, Iterator
from typing import Annotated, Literal

from pydantic import Field

from fundsim.files.choices import Choice
from fundsim.files.evidence import Grade, known
from fundsim.files.part import Fault, Part, filled, repeated
from fundsim.files.quantities import Flag, Multiple, Name, Number, PositiveYears, Text
from fundsim.scenario.vehicles import Strategy
from fundsim.vocabulary import Channel, Measure

Real = Annotated[float, Number("unit of the parameter", -1e15, 1e15, percent=True)]
Got = Annotated[float, Number("unit of the statistic", -1e15, 1e15, percent=True)]
Positive = Annotated[float, Number("unit of the statistic", 0, 1e15, above=True, percent=True)]
Probability = Annotated[float, Number("decimal", 0, 1, above=True, below=True, percent=True)]
Weight = Annotated[float, Number("weight", 0, 1e6)]
Scale = Literal["linear", "log", "logit"]
Move = Literal["value", "factor", "shift"]
Base = Literal["count", "cost", "proceeds"]
OfVehicle = Annotated[str, Choice((Measure.DPI, Measure.TVPI, Measure.NET_IRR))]
OfEnterprise = Annotated[str, Choice(channel for channel in Channel if channel.role == "enterprise")]
Statistic = Literal[
    "quantile",
    "share_reached",
    "years_to_reach",
    "pooled",
    "time_to_liquidity",
    "conversion",
    "step_up",
    "exit_share",
    "multiple_on_cost",
    "multiple_share",
    "called",
    "holding_years",
    "window_share",
]

SCALES: dict[str, tuple[Callable[[float], float], Callable[[float], float]]] = {
    "linear": (float, float),
    "log": (math.log, math.exp),
    "logit": (lambda value: math.log(value / (1 - value)), lambda place: 1 / (1 + math.exp(-place))),
}
"""The way from a value to each scale, and back."""
FILING, LISTING = "filing", "listing"
"""What a conversion may lead to beside a stage."""
LEAST_BALANCE = 1e-9

# Statistic → keys it needs, and keys it may have beside those.
KEYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "quantile": (("measure", "probability"), ("at_years", "vehicles", "strategy")),
    "share_reached": (("at_years",), ("level", "vehicles", "strategy")),
    "years_to_reach": (("probability",), ("level", "vehicles", "strategy")),
    "pooled": (("measure",), ("vehicles", "strategy")),
    "time_to_liquidity": ((), ("vehicles", "strategy")),
    "conversion": (("from", "to"), ("within_years", "sectors")),
    "step_up": (("from",), ("probability", "sectors")),
    "exit_share": (("channels",), ("among", "of", "vehicles", "strategy")),
    "multiple_on_cost": (("channels",), ("probability", "stages", "vehicles", "strategy")),
    "multiple_share": (("low",), ("high", "vehicles", "strategy")),
    "called": ((), ("at_years", "vehicles", "strategy")),
    "holding_years": ((), ("low", "high", "probability", "vehicles", "strategy")),
    "window_share": (("state",), ("sectors",)),
}
_OPTIONAL = tuple(dict.fromkeys(key for needed, more in KEYS.values() for key in (*needed, *more)))


class Parameter(Part):
    """A parameter of the scenario that is fitted; it may move several values."""

    name: Name | None = known(None, "the first path is shown")
    """What the parameter is called in the table; name."""
    path: Text | None = known(None, "give this or paths")
    """The value that moves, as in --set; * stands for every item of a list; text."""
    paths: tuple[Text, ...] = known((), "give this or path")
    """Values that move together; list."""
    low: Real
    """Least value of the parameter; unit of the parameter."""
    high: Real
    """Greatest value of the parameter; unit of the parameter."""
    start: Real | None = known(None, "what the scenario says, or no change")
    """Where the search starts; unit of the parameter."""
    scale: Scale = known("linear")
    """Scale on which the search moves: linear, log or logit; choice."""
    moves: Move = known("value")
    """Whether the parameter is the value itself, a factor on it or an amount added to it; choice."""
    balance: Name | None = known(None, "nothing gives way")
    """Value beside the moved one that gives way, so that their block keeps
    its sum, or `all` for all of them in proportion; name.
    """

    def faults(self) -> Iterator[Fault]:
        if (self.path is None) == (not self.paths):
            yield Fault((), "a parameter has either path or paths", "give one of path and paths")
        yield from repeated(self.paths, "paths", "path")
        if self.high <= self.low:
            yield Fault(("high",), f"{self.high:g} is not above low, {self.low:g}", "give a higher bound")
        if self.scale == "log" and self.low <= 0:
            yield Fault(("low",), f"{self.low:g} has no logarithm", "give a low above 0, or scale linear")
        if self.scale == "logit" and not 0 < self.low < self.high < 1:
            yield Fault(("scale",), "a logit scale lies strictly between 0 and 1", "move low and high inside")
        if self.start is not None and not self.low <= self.start <= self.high:
            yield Fault(
                ("start",),
                f"{self.start:g} is not from {self.low:g} to {self.high:g}",
                "start between low and high",
            )

    @property
    def all_paths(self) -> tuple[str, ...]:
        """The paths, however they were given."""
        return self.paths if self.path is None else (self.path,)

    @property
    def label(self) -> str:
        """What the table calls it."""
        return self.name or self.all_paths[0]

    def to_scale(self, value: float) -> float:
        """The value on the scale of the search."""
        return SCALES[self.scale][0](value)

    def from_scale(self, value: float) -> float:
        """The value from the scale of the search."""
        return SCALES[self.scale][1](value)

    def at(self, place: float) -> float:
        """The value at a place between 0, its least, and 1, its greatest."""
        low, high = self.to_scale(self.low), self.to_scale(self.high)
        return min(max(self.from_scale(low + place * (high - low)), self.low), self.high)

    def place_of(self, value: float) -> float:
        """The place of a value between 0 and 1; the inverse of `at`."""
        low, high = self.to_scale(self.low), self.to_scale(self.high)
        return (self.to_scale(min(max(value, self.low), self.high)) - low) / (high - low)


class Target(Part):
    """A statistic of a run and the value it should have."""

    statistic: Statistic
    """What is measured; choice."""
    value: Got | None = known(None, "it is only reported")
    """What it should be, or nothing where no figure is published; unit of the statistic."""
    tolerance: Positive | None = known(None, "give this or weight")
    """Distance from the value that counts as one; unit of the statistic."""
    weight: Weight | None = known(None, "give this or tolerance")
    """Weight of the squared distance as a share of the value; weight."""
    source: Text
    """Where the value comes from; text."""
    grade: Grade
    """How sure that is; choice."""
    note: Text | None = known(None, "nothing to add")
    """What to know when it is missed, such as a target it contradicts; text."""
    is_fitted: Flag = known(True, "a target is there to be met", alias="fitted")
    """Whether the fit sees it, or it is only measured; true or false."""
    vehicles: tuple[Name, ...] = known((), "all vehicles that buy enterprises")
    """Vehicles that are pooled; list."""
    strategy: Strategy | None = known(None, "any")
    """Pools the vehicles of a strategy; choice."""
    sectors: tuple[Name, ...] = known((), "all sectors")
    """Sectors whose enterprises count; list."""
    measure: OfVehicle | None = known(None, "only for quantile and pooled")
    """DPI, TVPI or net IRR; choice."""
    probability: Probability | None = known(None, "a half where it may be left out")
    """Which quantile; decimal."""
    at_years: PositiveYears | None = known(None, "at the end of the run")
    """Age of the vehicle; years."""
    level: Multiple | None = known(None, "1, capital is back")
    """DPI to be reached; multiple."""
    from_: Name | None = Field(
        default=None,
        alias="from",
        json_schema_extra={"evidence": {"source": "all that enter", "grade": "assumed"}},
    )
    """Stage whose round was opened; name."""
    to: Name | None = known(None, "only for conversion")
    """Later stage, `filing` or `listing`; name."""
    within_years: PositiveYears | None = known(None, "to the end of the run")
    """Time since the enterprise entered that counts; years."""
    channels: tuple[OfEnterprise, ...] = known((), "only for exits")
    """Exit channels that count; list."""
    among: tuple[OfEnterprise, ...] = known((), "all but write-offs")
    """Exit channels that make up the whole; list."""
    of: Base | None = known(None, "count")
    """What is added up, the number of exits, their cost or their proceeds; choice."""
    stages: tuple[Name, ...] = known((), "all stages")
    """Stages at whose round the vehicle bought first; list."""
    state: Name | None = known(None, "only for window_share")
    """State of the window; name."""
    low: Multiple | None = known(None, "no lower end")
    """Least multiple of cost that counts; multiple of cost."""
    high: Multiple | None = known(None, "no upper end")
    """Multiple of cost from which it no longer counts; multiple of cost."""

    def faults(self) -> Iterator[Fault]:
        given = [key for key in _OPTIONAL if self._has(key)]
        needed, more = KEYS[self.statistic]
        for key in needed:
            if key not in given:
                yield Fault((), f"{self.statistic} needs {key}", f"give {', '.join(needed)}")
        for key in given:
            if key not in (*needed, *more):
                yield Fault(
                    (key,), f"{self.statistic} has no {key}", f"its keys: {', '.join((*needed, *more))}"
                )
        if self.value is None:
            yield from self._faults_without_value()
        elif (self.tolerance is None) == (self.weight is None):
            yield Fault((), "a target has either a tolerance or a weight", "give one of tolerance and weight")
        elif self.weight is not None and self.value == 0:
            yield Fault(("weight",), "a weight is relative to the value, which is 0", "give a tolerance")
        yield from self._faults_between()

    def _faults_without_value(self) -> Iterator[Fault]:
        for key in ("tolerance", "weight"):
            if getattr(self, key) is not None:
                yield Fault(
                    (key,), f"there is no value to which {key} could be", f"give a value, or no {key}"
                )
        if self.is_fitted:
            yield Fault(
                ("fitted",), "there is no value that could be fitted", "give a value, or fitted: false"
            )

    def _faults_between(self) -> Iterator[Fault]:
        if self.measure == "net_irr" and self.at_years is not None:
            yield Fault(
                ("at_years",),
                "net_irr is known at the end of the run only",
                "leave at_years out, or take dpi or tvpi",
            )
        if self.vehicles and self.strategy is not None:
            yield Fault(("strategy",), "vehicles and strategy exclude each other", "give one of them")
        if self.low is not None and self.high is not None and self.high <= self.low:
            yield Fault(("high",), f"{self.high:g} is not above low, {self.low:g}", "give a higher bound")
        outside = [channel for channel in self.channels if self.among and channel not in self.among]
        if outside:
            yield Fault(("among",), f"{outside[0]} is counted but not among the whole", "add it to among")

    def _has(self, key: str) -> bool:
        value = getattr(self, "from_" if key == "from" else key)
        return value is not None and value != ()

    def distance(self, got: float) -> float:
        """How far a result is from the target: in tolerances, or by the weight; NaN without a value."""
        if self.value is None:
            return math.nan
        if self.tolerance is not None:
            return (got - self.value) / self.tolerance
        return math.sqrt(self.weight or 0.0) * (got / self.value - 1.0)


class Targets(Part):
    """A file of targets."""

    parameters: tuple[Parameter, ...] = known((), "nothing moves, the targets are only measured")
    """Parameters that are fitted; list."""
    targets: tuple[Target, ...]
    """Statistics and the values they should have; list."""
    hold: Weight = known(0.1, "keeps what the targets do not decide near its start")
    """Pull towards the start: distance that counts for a parameter moved over its whole range; weight."""

    def faults(self) -> Iterator[Fault]:
        yield from filled(self, "targets", "there is no target", "give at least one")
        yield from repeated([one.label for one in self.parameters], "parameters", "parameter")
