"""Owns the two distributions that a scenario may give for a
quantity: lognormal and beta, or a bare number.
"""

import math
from collections.abc import Callable, Iterator
from typing import Annotated, Any

from pydantic import GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from fundsim.files.evidence import known
from fundsim.files.part import Fault, Part
from fundsim.files.quantities import GREATEST_SHAPE, LEAST_SHAPE, LogSd, Number, Share

Median = Annotated[float, Number("unit of the quantity", 0, 1e15, above=True)]


class Quantity(Part):
    """A quantity with a spread; a bare number is its first field, which then is fixed."""

    @model_validator(mode="before")
    @classmethod
    def _accept_bare(cls, value: Any) -> Any:
        is_bare = value is not None and not isinstance(value, dict | list | tuple | Part)
        return {next(iter(cls.model_fields)): value} if is_bare else value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        block = handler.resolve_ref_schema(handler(schema))
        first = block["properties"][next(iter(cls.model_fields))]
        bare = {key: value for key, value in first.items() if key not in {"title", "description"}}
        return {"anyOf": [bare, dict(block)], "title": block["title"], "description": block["description"]}


class Lognormal(Quantity):
    """A positive quantity; a bare number means that it is fixed."""

    median: Median
    """Median; unit of the quantity."""
    log_sd: LogSd = known(0.0, "fixed unless a spread is given")
    """Standard deviation of the logarithm; log units."""


def mean(quantity: Lognormal) -> float:
    """Mean of a lognormal quantity."""
    return quantity.median * math.exp(0.5 * quantity.log_sd**2)


class Beta(Quantity):
    """A quantity between 0 and 1; a bare number means that it is fixed."""

    mean: Share
    """Mean; decimal."""
    sd: Share = known(0.0, "fixed unless a spread is given")
    """Standard deviation; decimal."""

    def faults(self) -> Iterator[Fault]:
        limit = (self.mean * (1 - self.mean)) ** 0.5
        if self.sd and self.sd >= limit:
            yield self._bad_spread("too wide for", "below", limit)
        elif self.sd and self.sd > self._sd_at(LEAST_SHAPE, min) * (1 - 1e-9):
            yield self._bad_spread("too wide to draw from", "below", self._sd_at(LEAST_SHAPE, min))
        elif self.sd and self.sd < self._sd_at(GREATEST_SHAPE, max) * (1 + 1e-9):
            yield self._bad_spread("too narrow to draw from", "above", self._sd_at(GREATEST_SHAPE, max))

    def _bad_spread(self, what: str, side: str, bound: float) -> Fault:
        return Fault(
            ("sd",),
            f"sd {self.sd:g} is {what} a beta distribution with mean {self.mean:g}",
            f"give an sd {side} {bound:.4g}, or 0 for a fixed value",
        )

    def _sd_at(self, shape: float, which: Callable[[float, float], float]) -> float:
        """The sd at which the smaller or the larger parameter of the distribution has that size."""
        part = which(self.mean, 1 - self.mean)
        return (self.mean * (1 - self.mean) / (shape / part + 1)) ** 0.5
