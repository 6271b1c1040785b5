"""Owns a side of a comparison: a run, or one read back from its
folder, as figures by path or in the mean; and what keeps sides apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np
import pandas as pd

from fundsim.errors import Problem, ScenarioError
from fundsim.experiments.pairing import Figure, Means
from fundsim.kernels.base.cache import source_key
from fundsim.leverage import ROWS
from fundsim.results import Results
from fundsim.sampling import PAIR
from fundsim.scenario import Scenario
from fundsim.store.stored import StoredResults
from fundsim.timegrid import TimeGrid
from fundsim.vocabulary import ALL, CHANCES

AnyResults = Results | StoredResults
MEASURES = ("net_irr", "tvpi", "dpi", "loss", "dpi_loss")
"""What is compared of every investor: `dpi_loss` is 1 where DPI ends below 1."""
CHANCE_MEASURES = (*CHANCES, "dpi_loss")
_LEAST_LOSS = 1e-9  # below 1, as of the measure `loss`


class Side:
    """A run as figures.

    Parameters
    ----------
    name : str
    results : Results or StoredResults
    n_paths : int, optional
        Its first paths alone.
    """

    def __init__(self, name: str, results: AnyResults, n_paths: int | None = None) -> None:
        self.name, self.results = name, results
        self.n_paths = results.n_paths if n_paths is None else min(n_paths, results.n_paths)

    @property
    def is_stored(self) -> bool:
        """Whether it was read from a folder."""
        return isinstance(self.results, StoredResults)

    @property
    def kept_paths(self) -> int:
        """Paths with series by year."""
        return min(self.results.kept_paths, self.n_paths)

    def has_years(self, vehicle: str, investor: str) -> bool:
        """Whether the years of an investor are known path by path."""
        if isinstance(self.results, StoredResults):
            return self.results.has_years(vehicle, investor)
        return True

    def lacks_years(self, rows: Iterable[tuple[str, str]]) -> bool:
        """Whether the years of any of some investors that it has are not known path by path."""
        return any(row in self.rows and not self.has_years(*row) for row in rows)

    @property
    def kernels(self) -> str | None:
        """Hash of the kernels, compiler and processor that it is of; None where its folder does not tell."""
        return self.results.kernels if isinstance(self.results, StoredResults) else source_key()

    @property
    def group(self) -> int:
        """Paths of a group: 2 of mirrored pairs, else 1."""
        return PAIR if self.results.scenario.run.antithetic else 1

    @cached_property
    def grid(self) -> TimeGrid:
        """Its periods."""
        scenario = self.results.scenario
        return TimeGrid(scenario.periods_per_year, scenario.horizon_periods, scenario.start)

    @property
    def n_years(self) -> int:
        """Years of the horizon, a part of a year counted as one."""
        return -(-self.grid.n_periods // self.grid.periods_per_year)

    @cached_property
    def rows(self) -> list[tuple[str, str]]:
        """(vehicle, investor) in file order, a vehicle's own row ``all`` the last of its rows."""
        return rows_of(self.results.scenario)

    def measure(self, name: str, vehicle: str, investor: str) -> np.ndarray:
        """A measure on every path."""
        if name != "dpi_loss":
            return self.results.measure(name, vehicle, investor)[: self.n_paths]
        dpi = self.measure("dpi", vehicle, investor)
        return np.where(np.isnan(dpi), np.nan, (dpi < 1.0 - _LEAST_LOSS).astype(float))

    def dpi_by_year(self, vehicle: str, investor: str) -> list[Figure]:
        """DPI at year ends; nothing of a folder without, as the mean of a ratio is not that of its parts."""
        if not self.has_years(vehicle, investor):
            return []
        return list(self.results.dpi_by_year(vehicle, investor)[: self.n_paths].T)

    def calls_by_year(self, vehicle: str, investor: str) -> list[Figure]:
        """Money called in each year."""
        if not self.has_years(vehicle, investor):
            starts = np.arange(0, self.grid.n_periods, self.grid.periods_per_year)
            flows = self.results.cash_flows(vehicle, investor)
            calls = flows[flows["flow"] == "contribution"]
            mean = np.add.reduceat(calls["mean"].to_numpy(), starts)
            # of a sum, no error is above the sum of the errors
            error = np.add.reduceat(calls["standard_error"].to_numpy(), starts)
            return [Means(*pair) for pair in zip(mean.tolist(), error.tolist(), strict=True)]
        return list(self.results.calls_by_year(vehicle, investor)[: self.n_paths].T)

    def leverage(self) -> dict[tuple[str, str, str], Figure]:
        """Leverage at the horizon by definition, basis and money; of a folder on the kept paths."""
        if isinstance(self.results, StoredResults):
            table = self.results.leverage_paths()
            table = table[table["year"] == table["year"].max()]
            by_path = table["value"].to_numpy().reshape(-1, len(ROWS))[: self.n_paths]
            return dict(zip(ROWS, by_path.T, strict=True))
        return dict(zip(ROWS, self.results.arrays["leverage"][: self.n_paths].T, strict=True))

    def landing(self) -> dict[str, Figure]:
        """Landing multiple of the vehicles with a mandate."""
        table = self.results.landing()
        if isinstance(self.results, StoredResults):
            by_path = self.results.landing_by_path()
            if by_path is not None:
                return {name: values[: self.n_paths] for name, values in by_path.items()}
            return dict(zip(table["vehicle"].astype(str), _means(table), strict=True))
        places = self.results.plan.names.vehicles
        values = self.results.arrays["landing"][: self.n_paths]
        return {str(name): values[:, places[str(name)]] for name in table["vehicle"]}


def _means(table: pd.DataFrame) -> Iterator[Means]:
    columns = table[["mean", "standard_error"]].itertuples(index=False)
    return (Means(float(mean), float(error)) for mean, error in columns)


def rows_of(scenario: Scenario) -> list[tuple[str, str]]:
    """(vehicle, investor) of a scenario in file order, a vehicle's own row ``all`` the last of its rows."""
    return [
        (vehicle.name, name)
        for vehicle in scenario.vehicles
        for name in (*(investor.label for investor in vehicle.investors), ALL)
    ]


class Sample(NamedTuple):
    """The paths of a side, as far as they decide whether it can be paired."""

    scenario: Scenario
    seed: int
    n_paths: int

    @classmethod
    def of(cls, one: Scenario | AnyResults) -> Self:
        """The paths of a run, or of a scenario that is to be run."""
        if isinstance(one, Scenario):
            return cls(one, one.run.seed, one.run.paths)
        return cls(one.scenario, one.seed, one.n_paths)


def require_pairs(samples: Mapping[str, Sample], n_paths: int | None, seed: int | None) -> None:
    """Raise with everything that keeps sides from being paired by path.

    Parameters
    ----------
    samples : mapping of str to Sample
        By name, the base first.
    n_paths : int, optional
        Of how many first paths; without it they must have as many.
    seed : int, optional
        That all must have; without it that of the base.

    Raises
    ------
    ScenarioError
        If seeds, numbers of paths, mirrored pairs or periods differ.
    """
    problems = [problem for name in samples for problem in _apart(samples, name, n_paths)]
    if seed is not None:
        others = {name: one.seed for name, one in samples.items() if one.seed != seed}
        problems += [
            _problem(name, f"seed {had}, and {seed} is asked for", "") for name, had in others.items()
        ]
    if problems:
        raise ScenarioError(problems)


def _apart(samples: Mapping[str, Sample], name: str, n_paths: int | None) -> Iterator[Problem]:
    base = next(iter(samples))
    first, one = samples[base], samples[name]
    a, b = first.scenario, one.scenario
    if one.seed != first.seed:
        yield _problem(name, f"seed {one.seed}, and {first.seed} in '{base}'", "run both with one seed")
    if n_paths is None and one.n_paths != first.n_paths:
        fewest = min(sample.n_paths for sample in samples.values())
        said = f"{one.n_paths:,} paths, and {first.n_paths:,} in '{base}'"
        yield _problem(name, said, f"ask for the first {fewest} of both (--paths {fewest})")
    if n_paths is not None and one.n_paths < n_paths:
        yield _problem(name, f"{one.n_paths:,} paths, and {n_paths:,} are asked for", "ask for fewer")
    if a.run.antithetic != b.run.antithetic:
        which = name if b.run.antithetic else base
        yield _problem(name, f"only '{which}' has mirrored pairs", "set run.antithetic in both or none")
    if a.periods_per_year != b.periods_per_year:
        said = f"{b.periods_per_year} periods a year, and {a.periods_per_year} in '{base}'"
        yield _problem(name, said, "run both with the same periods")
    if a.start != b.start:
        said = f"it starts on {b.start}, and '{base}' on {a.start}"
        yield _problem(name, said, "run both from the same day")


def _problem(name: str, message: str, remedy: str) -> Problem:
    return Problem(None, f"'{name}'", message, remedy)
