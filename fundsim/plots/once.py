"""Owns asking a run for each of its tables once, however many figures and sentences are made from it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from fundsim.results import Results

_TABLES = (
    "summary",
    "leverage",
    "leverage_by_year",
    "landing",
    "exits_by_year",
    "projects",
    "property_by_year",
    "reits_by_year",
    "holdings",
    "sleeves",
    "cash_flows",
    "dpi_by_year",
    "measure",
)


class _Once:
    def __init__(self, results: Results) -> None:
        self._results = results
        for name in _TABLES:
            setattr(self, name, cache(getattr(results, name)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._results, name)


def once(results: Results) -> Results:
    """The same results, remembering the tables that were asked for; nobody may change what it gets."""
    return results if isinstance(results, _Once) else cast("Results", _Once(results))
