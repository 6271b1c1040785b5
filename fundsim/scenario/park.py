"""Owns the park block: streams of enterprises that come up in the park."""

import math
from collections.abc import Iterator
from typing import Annotated, Literal

from fundsim.files.evidence import known
from fundsim.files.part import Fault, Part, named_twice
from fundsim.files.quantities import Growth, Name, Number, PositiveYears, Years

PerYear = Annotated[float, Number("enterprises a year", 0, 100_000)]


class Stream(Part):
    """Enterprises of one sector that enter the park at one stage (3)."""

    name: Name
    """Name of the stream; name."""
    sector: Name
    """Sector of the enterprises; name."""
    stage: Name
    """Stage at which they enter; name."""
    per_year: PerYear
    """Arrivals in the first year; enterprises a year."""
    growth: Growth = known(0.0)
    """Growth of the arrivals; decimal a year."""
    arrivals: Literal["poisson", "fixed"] = known("poisson", "arrivals that do not know of each other")
    """Random or evenly spaced; choice."""
    from_years: Years = known(0.0)
    """First arrivals after the start; years."""
    until_years: PositiveYears | None = known(None, "to the horizon")
    """End of the arrivals after the start; years."""

    def ends(self, horizon_years: float) -> float:
        """When arrivals end, years after the start: at the horizon, or before."""
        until = horizon_years if self.until_years is None else min(self.until_years, horizon_years)
        return max(until, self.from_years)

    def expected(self, horizon_years: float) -> float:
        """Mean number of enterprises by the horizon."""
        years, growth = self.ends(horizon_years) - self.from_years, math.log1p(self.growth)
        if abs(growth) < 1e-12:
            return self.per_year * years
        return self.per_year * math.expm1(min(growth * years, 700.0)) / growth

    def faults(self) -> Iterator[Fault]:
        if self.until_years is not None and self.until_years <= self.from_years:
            yield Fault(
                ("until_years",),
                f"{self.until_years:g} is not after from_years, {self.from_years:g}",
                "give a later end, or null",
            )


class Park(Part):
    """The park and its enterprises."""

    streams: tuple[Stream, ...] = known(())
    """Streams of enterprises; list."""

    def expected(self, horizon_years: float) -> float:
        """Mean number of enterprises by the horizon."""
        return sum(stream.expected(horizon_years) for stream in self.streams)

    def faults(self) -> Iterator[Fault]:
        yield from named_twice(self, streams="stream")
