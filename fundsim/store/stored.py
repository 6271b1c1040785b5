"""Owns a finished run read back from its folder, with the methods
of Results where the files have what they need.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from fundsim.errors import ArgumentError, RunError
from fundsim.results.fund_tables import FundTables
from fundsim.results.property import PropertyTables
from fundsim.results.tables import TABLES, typed
from fundsim.scenario import Scenario, load_scenario
from fundsim.scenario.principal import followed_rows
from fundsim.store.folder import SCENARIO, SUMMARY, RunFolder
from fundsim.store.tables import read_csv
from fundsim.vocabulary import ALL, Measure

Content = TypeVar("Content")


def load_results(folder: str | PathLike[str]) -> StoredResults:
    """
    Read the folder of a finished run.

    Parameters
    ----------
    folder : path
        As written by `fundsim run`, such as ``runs/mine-7``.

    Returns
    -------
    StoredResults
        Small tables are read at once, large ones when they are first asked for.

    Raises
    ------
    RunError
        If the folder holds no finished run, or one of its files cannot be read.

    Examples
    --------
    >>> stored = fs.load_results(folder / "run")
    >>> stored.vehicles == results.vehicles
    True
    >>> bool((stored.irr("mother") == results.irr("mother")).all())
    True
    """
    run = RunFolder(Path(folder))
    if run.is_finished:
        return StoredResults(run.path)
    if run.is_begun:
        raise RunError(
            f"{run.path} holds a run that is not finished; go on with it: fundsim run FILE --resume"
        )
    raise RunError(f"{run.path} holds no run; give the folder that 'fundsim run' wrote")


class StoredResults(FundTables, PropertyTables):
    """
    A finished run read from its folder; tables are those of `Results`, in the same order and to the same
    bits.

    Parameters
    ----------
    folder : Path
        The folder of a finished run; use `load_results`, which checks it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._summary: dict[str, Any] = self._read(SUMMARY, lambda path: json.loads(path.read_text("utf-8")))
        self.version: str = self._summary["fundsim"]
        self.kernels: str | None = self._summary.get("kernels")
        self.seed: int = self._summary["seed"]
        self.n_paths: int = self._summary["paths"]
        self.elapsed_seconds: float = self._summary["elapsed_seconds"]
        self.checks: list[dict[str, Any]] = self._summary["checks"]

    def __repr__(self) -> str:
        return (
            f"StoredResults({self._summary['scenario']!r}, {self.n_paths:,} paths, seed {self.seed}, "
            f"{self.folder})"
        )

    def _read(self, name: str, reader: Callable[[Path], Content]) -> Content:
        path = self.folder / name
        try:
            return reader(path)
        except (OSError, ValueError) as failure:
            raise RunError(f"{path} cannot be read: {failure}") from failure

    def table(self, name: str) -> pd.DataFrame:
        """The table of that name, read from its file."""
        table = TABLES[name]
        if not table.is_due(self.scenario):
            return table.frame()
        if table.json:
            return typed(pd.DataFrame(self._summary[table.json]))
        if table.parquet:
            return typed(self._read(f"{table.parquet}.parquet", pd.read_parquet))
        return typed(self._read(f"tables/{table.name}.csv", read_csv))

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario of the run."""
        return load_scenario(self.folder / SCENARIO)

    @property
    def kept_paths(self) -> int:
        """How many first paths have series by period."""
        return min(self.n_paths, self.scenario.run.kept_paths)

    @cached_property
    def measures(self) -> pd.DataFrame:
        """A row for path × vehicle × investor."""
        return self.table("measures")

    @cached_property
    def _investors(self) -> dict[str, list[str]]:
        # Path 0 has every row, in the order of the file.
        first = self.measures[self.measures["path"] == 0]
        return {str(name): list(rows) for name, rows in first.groupby("vehicle", sort=False)["investor"]}

    @cached_property
    def _places(self) -> dict[tuple[str, str], int]:
        rows = ((name, investor) for name, investors in self._investors.items() for investor in investors)
        return {row: place for place, row in enumerate(rows)}

    @property
    def vehicles(self) -> list[str]:
        """Names of the vehicles in file order."""
        return list(self._investors)

    def investors(self, vehicle: str) -> list[str]:
        """Names of a vehicle's investors in file order, then ``all``."""
        _demand(vehicle, self._investors, "vehicle")
        return list(self._investors[vehicle])

    def measure(self, name: str, vehicle: str, investor: str = ALL) -> np.ndarray:
        """A measure of an investor on every path, shape (n_paths,), NaN where undefined."""
        _demand(name, Measure.words(), "measure")
        _demand(investor, self.investors(vehicle), f"investor of '{vehicle}'")
        values = self.measures[name].to_numpy()[self._places[vehicle, investor] :: len(self._places)]
        values.flags.writeable = False
        return values

    def pooled(self, vehicle: str, investor: str = ALL) -> dict[str, float]:
        """Pooled figures (8.2) of all paths' cash together."""
        _demand(investor, self.investors(vehicle), f"investor of '{vehicle}'")
        table = self.table("pooled")
        row = table[(table["vehicle"] == vehicle) & (table["investor"] == investor)].iloc[0]
        return {str(name): float(row[name]) for name in table.columns[2:]}

    def cash_flows(self, vehicle: str | None = None, investor: str | None = None) -> pd.DataFrame:
        """Statistics of every flow by date; a row for vehicle × investor × date × flow."""
        table = self._cash_flows
        for column, name in (("vehicle", vehicle), ("investor", investor)):
            if name is not None:
                table = table[table[column] == name]
        return table.reset_index(drop=True)

    @cached_property
    def _cash_flows(self) -> pd.DataFrame:
        return self.table("cash_flows")

    def paths_of(self, flow: str, vehicle: str, investor: str = ALL) -> np.ndarray:
        """Not in a run folder: raises `RunError`, which says how to get it."""
        raise self._not_stored("series by period")

    def dpi_by_year(self, vehicle: str, investor: str = ALL) -> np.ndarray:
        """DPI at the year ends of the kept paths, shape (kept_paths, years)."""
        return self._by_year("dpi", vehicle, investor)

    def calls_by_year(self, vehicle: str, investor: str = ALL) -> np.ndarray:
        """Money called in each year of the kept paths, shape (kept_paths, years)."""
        return self._by_year("calls", vehicle, investor)

    def has_years(self, vehicle: str, investor: str = ALL) -> bool:
        """Whether the folder has the years of an investor path by path; those of the foremost vehicles."""
        is_followed = (vehicle, investor) in followed_rows(self.scenario)
        return is_followed and self.kept_paths > 0 and self._has("years_paths")

    def _has(self, name: str) -> bool:
        """Whether the folder has the file of a table, which older versions did not write."""
        return (self.folder / f"{TABLES[name].parquet}.parquet").is_file()

    def _by_year(self, column: str, vehicle: str, investor: str) -> np.ndarray:
        _demand(investor, self.investors(vehicle), f"investor of '{vehicle}'")
        if not self.has_years(vehicle, investor):
            raise self._not_stored(f"the years of '{vehicle}' path by path")
        rows = followed_rows(self.scenario)
        values = self._years[column].to_numpy().reshape(self.kept_paths, len(rows), -1)
        return values[:, rows.index((vehicle, investor))]

    @cached_property
    def _years(self) -> pd.DataFrame:
        return self.table("years_paths")

    def landing_by_path(self) -> dict[str, np.ndarray] | None:
        """The landing multiple of each vehicle with a mandate on every path; None in an older folder."""
        if not self._has("landing_paths"):
            return None
        table, names = self.table("landing_paths"), [str(name) for name in self.landing()["vehicle"]]
        values = table["value"].to_numpy().reshape(self.n_paths, len(names))
        return dict(zip(names, values.T, strict=True))

    def trace(self, path: int) -> Any:
        """Not in a run folder: raises `RunError`, which says how to get it."""
        raise self._not_stored("the events of a path")

    def _not_stored(self, what: str) -> RunError:
        return RunError(
            f"a run folder does not hold {what}; fundsim.simulate(results.scenario) gives the "
            f"same run with it"
        )


def _demand(name: str, names: Collection[str], what: str) -> None:
    if name not in names:
        raise ArgumentError(f"there is no {what} '{name}'; there are {', '.join(names)}")
