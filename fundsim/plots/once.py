"""Owns asking a run for each of its tables once, however many figures and sentences are made from it."""

from functools import cache, partial
from typing import Any, cast

from fundsim.results import Results
from fundsim.results.tables import TABLES

_ASKED = ("summary", "cash_flows", "dpi_by_year", "measure")
"""Methods that take more than the name of a table."""


class _Once:
    def __init__(self, results: Results) -> None:
        self._results = results
        self.table = cache(results.table)
        for name in (table.name for table in TABLES.values() if table.is_method):
            setattr(self, name, partial(self.table, name))
        for name in _ASKED:
            setattr(self, name, cache(getattr(results, name)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._results, name)


def once(results: Results) -> Results:
    """The same results, remembering the tables that were asked for; nobody may change what it gets."""
    return results if isinstance(results, _Once) else cast("Results", _Once(results))
