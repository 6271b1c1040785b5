"""Owns when a run is precise enough: standard errors of means, followed block by block in path order (§9)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import pandas as pd

from fundsim.errors import ArgumentError
from fundsim.scenario.precision import CHANCES, Target, precision_targets
from fundsim.scenario.scenario import Scenario
from fundsim.statistics import chance_error, statistics

LEAST_PATHS = 1_000
"""Before so many paths no run stops: a standard error is itself an estimate."""


class HasMeasures(Protocol):
    """Results of some paths."""

    def measure(self, name: str, vehicle: str, investor: str = ...) -> np.ndarray: ...


class HasSummary(Protocol):
    """Results of a run, or a run read back."""

    @property
    def scenario(self) -> Scenario: ...

    def summary(self, lang: str | None = None) -> pd.DataFrame: ...


class Running:
    """Count, mean and sum of squared deviations of the defined values of one target, joined block by block."""

    def __init__(self) -> None:
        self.n, self.mean, self.squares = 0, 0.0, 0.0

    def add(self, values: np.ndarray) -> None:
        """Join a block's values."""
        values = values[~np.isnan(values)]
        if values.size == 0:
            return
        with np.errstate(over="ignore", invalid="ignore"):
            mean = float(values.mean())
            squares = float(((values - mean) ** 2).sum())
            n, step = self.n + values.size, mean - self.mean
            self.squares += squares + step * step * self.n * values.size / n
            self.mean += step * values.size / n
        self.n = n

    def error(self, measure: str) -> float:
        """The standard error of the mean so far; infinite before two values."""
        if self.n < 2:
            return math.inf
        if measure in CHANCES:
            return chance_error(self.n, self.mean)
        return math.sqrt(self.squares / (self.n - 1) / self.n)


class Precision:
    """Whether the first whole blocks of a run are enough.

    Parameters
    ----------
    targets : list of Target
    results_of : callable
        ``results_of(first, last)`` gives the measures of the paths ``first … last − 1``.
    """

    def __init__(self, targets: list[Target], results_of: Callable[[int, int], HasMeasures]) -> None:
        self.targets, self._results_of = targets, results_of
        self._running = [Running() for _ in targets]

    def is_reached(self, first: int, last: int) -> bool:
        """Take the block ``first … last − 1`` in, and tell whether the first `last` paths reach every target.

        Raises
        ------
        ArgumentError
            If a measure is undefined on all, or all but one, of enough paths.
        """
        block = self._results_of(first, last)
        for target, running in zip(self.targets, self._running, strict=True):
            running.add(block.measure(target.measure, target.vehicle, target.investor))
            if running.n < 2 and last >= LEAST_PATHS:
                what = f"{target.measure} of {target.vehicle}/{target.investor}"
                message = f"{what} is undefined on {last - running.n:,} of the first {last:,} paths"
                raise ArgumentError(f"{message}, so it has no standard error; give another measure")
        if last < LEAST_PATHS:
            return False
        pairs = zip(self.targets, self._running, strict=True)
        if not all(running.error(target.measure) <= target.wanted for target, running in pairs):
            return False
        # in the last places sums by block may differ from the figure that will be printed, which decides
        prefix = self._results_of(0, last)
        return all(_printed_error(prefix, target) <= target.wanted for target in self.targets)


def _printed_error(results: HasMeasures, target: Target) -> float:
    values = results.measure(target.measure, target.vehicle, target.investor)
    return statistics(values, target.measure in CHANCES)["standard_error"]


def precision_table(results: HasSummary) -> list[dict[str, Any]]:
    """What a run was to reach and what it reached: vehicle, investor, measure, wanted, standard_error, reached."""
    targets = precision_targets(results.scenario)
    if not targets:
        return []
    summary = results.summary().set_index(["vehicle", "investor", "measure"])
    rows = []
    for target in targets:
        key = (target.vehicle, target.investor, target.measure)
        error = float(summary.loc[key, "standard_error"])
        is_enough = bool(error <= target.wanted)
        rows.append(target._asdict() | {"standard_error": error, "reached": is_enough})
    return rows
