"""Owns the two distributions that a scenario may give for a
quantity: lognormal and beta, or a bare number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any

from pydantic import GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from fundsim.files.evidence import known
from fundsim.files.part import Fault, Part
from fundsim.files.quantities import GREATEST_SHAPE, LEAST_SHAPE, LogSd, Number, Share

Median = Annotated[float, Number("unit of the quantity", 0, 1e15, above=True)]


def _is_bare(value: Any) -> bool:
    return value is not None and not isinstance(value, dict | list | tuple | Part)


class Lognormal(Part):
    """A positive quantity; a bare number means that it is fixed."""

    median: Median
    """Median; unit of the quantity."""
    log_sd: LogSd = known(0.0, "fixed unless a spread is given")
    """Standard deviation of the logarithm; log units."""

    @model_validator(mode="before")
    @classmethod
    def _accept_bare(cls, value: Any) -> Any:
        return {"median": value} if _is_bare(value) else value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return _or_bare(handler.resolve_ref_schema(handler(schema)), "median")


class Beta(Part):
    """A quantity between 0 and 1; a bare number means that it is fixed."""

    mean: Share
    """Mean; decimal."""
    sd: Share = known(0.0, "fixed unless a spread is given")
    """Standard deviation; decimal."""

    @model_validator(mode="before")
    @classmethod
    def _accept_bare(cls, value: Any) -> Any:
        return {"mean": value} if _is_bare(value) else value

    def faults(self) -> Iterator[Fault]:
        limit = (self.mean * (1 - self.mean)) ** 0.5
        if self.sd and self.sd >= limit:
            message = f"sd {self.sd:g} is too wide for a beta distribution with mean {self.mean:g}"
            yield Fault(("sd",), message, f"give an sd below {limit:.4g}, or 0 for a fixed value")
        elif self.sd and self.sd > self._sd_at(LEAST_SHAPE, min) * (1 - 1e-9):
            message = f"sd {self.sd:g} is too wide to draw from a beta distribution with mean {self.mean:g}"
            bound = self._sd_at(LEAST_SHAPE, min)
            yield Fault(("sd",), message, f"give an sd below {bound:.4g}, or 0 for a fixed value")
        elif self.sd and self.sd < self._sd_at(GREATEST_SHAPE, max) * (1 + 1e-9):
            message = f"sd {self.sd:g} is too narrow to draw from a beta distribution with mean {self.mean:g}"
            bound = self._sd_at(GREATEST_SHAPE, max)
            yield Fault(("sd",), message, f"give an sd above {bound:.4g}, or 0 for a fixed value")

    def _sd_at(self, shape: float, which: Callable[[float, float], float]) -> float:
        """The sd at which the smaller or the larger parameter of the distribution has that size."""
        part = which(self.mean, 1 - self.mean)
        return (self.mean * (1 - self.mean) / (shape / part + 1)) ** 0.5

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return _or_bare(handler.resolve_ref_schema(handler(schema)), "mean")


def _or_bare(block: dict[str, Any], field: str) -> dict[str, Any]:
    bare = {
        key: value for key, value in block["properties"][field].items() if key not in {"title", "description"}
    }
    return {"anyOf": [bare, dict(block)], "title": block["title"], "description": block["description"]}
