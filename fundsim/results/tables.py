"""The one registry of tables: each is declared where it is made; results, files and report read it here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, Protocol

import numpy as np
import pandas as pd

from fundsim.plan import Plan
from fundsim.sampling import Sampling
from fundsim.scenario.scenario import Scenario
from fundsim.vocabulary import ALL

TEXT = frozenset(
    (
        "vehicle",
        "investor",
        "enterprise",
        "channel",
        "flow",
        "definition",
        "basis",
        "money",
        "measure",
        "name",
    )
    + ("project", "reit", "interest", "mother")
)
"""Columns of names; all others hold numbers but for `DATES` and `FLAGS`."""
COUNTS = frozenset({"path", "year", "paths", "undefined", "planned_deals"})
DATES = frozenset({"date"})
FLAGS = frozenset({"passed"})


class Run(Protocol):
    """What tables are made from."""

    @property
    def plan(self) -> Plan: ...

    @property
    def scenario(self) -> Scenario: ...

    @property
    def arrays(self) -> Mapping[str, np.ndarray]: ...

    @property
    def n_paths(self) -> int: ...

    @property
    def vehicles(self) -> list[str]: ...

    @property
    def rows(self) -> list[tuple[str, str]]: ...

    @property
    def years(self) -> np.ndarray: ...

    @property
    def dates(self) -> pd.DatetimeIndex: ...

    @property
    def group(self) -> int: ...

    @property
    def sampling(self) -> Sampling | None: ...

    @property
    def kept_sampling(self) -> Sampling | None: ...

    def measure(self, name: str, vehicle: str, investor: str = ALL) -> np.ndarray: ...


@dataclass(frozen=True)
class Table:
    """A declared table.

    Attributes
    ----------
    name : str
        What results call it; ``results.table(name)`` gives it.
    columns : tuple of str
        They stand although a scenario has nothing to put in.
    make : callable
        ``make(results)`` gives the table.
    csv : bool
        Whether a run folder has it as ``tables/NAME.csv``.
    parquet : str
        Stem of its Parquet file in a run folder; empty for none.
    json : str
        Its key in ``summary.json``; empty for none.
    paths : str
        ``all`` or ``kept`` where it has rows for each path, or each kept path, so that its file is written
        path after path; else empty.
    of_property : bool
        Whether it needs property; without any it has no rows and no file.
    part : str
        The part of the report that shows it; empty for none.
    title : str
        Its name in the report; the caption is the label ``table.TITLE``.
    is_method : bool
        Whether results have a method of its name that takes nothing else.
    """

    name: str
    columns: tuple[str, ...]
    make: Callable[[Any], pd.DataFrame]
    csv: bool = True
    parquet: str = ""
    json: str = ""
    paths: str = ""
    of_property: bool = False
    part: str = ""
    title: str = ""
    is_method: bool = False

    def is_due(self, scenario: Scenario) -> bool:
        """Whether a scenario has something to put in."""
        return not self.of_property or has_property(scenario)

    def frame(self, rows: Any = ()) -> pd.DataFrame:
        """Rows as this table, typed also where it has none or a column has no number."""
        return typed(pd.DataFrame(list(rows), columns=list(self.columns)))


TABLES: dict[str, Table] = {}
"""All tables by name, in the order of the report."""


def has_property(scenario: Scenario) -> bool:
    """Whether a scenario has projects."""
    return scenario.property_ is not None and len(scenario.property_.projects) > 0


def table(
    *columns: str, name: str = "", **said: Any
) -> Callable[[Callable[[Any], pd.DataFrame]], Callable[[Any], pd.DataFrame]]:
    """Declare the table that a method makes, of its name unless one is given; all else as in `Table`."""

    def declared(make: Callable[[Any], pd.DataFrame]) -> Callable[[Any], pd.DataFrame]:
        entry = Table(name or make.__name__, columns, make, is_method=not name, **said)
        TABLES[entry.name] = entry

        @wraps(make)
        def asked(results: Tables) -> pd.DataFrame:
            return results.table(entry.name)

        return asked

    return declared


class Tables:
    """Whoever has the tables of a run, made or read back."""

    def table(self, name: str) -> pd.DataFrame:
        """The table of that name; there are those of `TABLES`.

        Examples
        --------
        >>> list(results.table("exits_by_year"))
        ['vehicle', 'channel', 'year', 'count', 'proceeds', 'cost']
        """
        return TABLES[name].make(self)


def typed(frame: pd.DataFrame) -> pd.DataFrame:
    """A table with the types of its columns, whatever a file or rows without a number made of them."""
    kinds: dict[str, Any] = {}
    for name in frame.columns.difference([*TEXT, *DATES, *FLAGS]):
        kind = np.int64 if name in COUNTS else np.float64
        if frame[name].dtype != kind:
            kinds[name] = kind
    dates = {name: pd.to_datetime(frame[name]) for name in DATES if name in frame}
    return frame.astype(kinds).assign(**dates) if kinds or dates else frame
