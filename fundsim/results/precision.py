"""Owns when a run is precise enough: standard errors of means, followed block by block in path order (§9)."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from fundsim.errors import ArgumentError
from fundsim.results.tables import Run
from fundsim.sampling import Moments, Sampling
from fundsim.scenario.precision import Target, precision_targets
from fundsim.scenario.scenario import Scenario
from fundsim.statistics import chance_estimate, statistics
from fundsim.vocabulary import CHANCES

LEAST_PATHS = 1_000
"""Before so many paths no run stops: a standard error is itself an estimate."""


class Precision:
    """Whether the first whole blocks of a run are enough.

    Parameters
    ----------
    targets : list of Target
    results_of : callable
        ``results_of(first, last)`` gives the measures of the paths ``first … last − 1``.
    """

    def __init__(self, targets: list[Target], results_of: Callable[[int, int], Run]) -> None:
        self.targets, self._results_of = targets, results_of
        self._moments = [Moments() for _ in targets]

    def is_reached(self, first: int, last: int) -> bool:
        """Take the block ``first … last − 1`` in, and tell whether the first `last` paths reach every target.

        Raises
        ------
        ArgumentError
            If a measure is undefined on all, or all but one, of enough paths.
        """
        block = self._results_of(first, last)
        sampling = block.sampling or Sampling(1, np.zeros((last - first, 0)))
        for target, moments in zip(self.targets, self._moments, strict=True):
            moments.add(block.measure(target.measure, target.vehicle, target.investor), sampling)
            if moments.n < 2 and last >= LEAST_PATHS:
                raise ArgumentError(
                    f"{target.measure} of {target.vehicle}/{target.investor} is undefined on "
                    f"{last - moments.n:,} of the first {last:,} paths, so it has no standard error; "
                    "give another measure"
                )
        if last < LEAST_PATHS:
            return False
        pairs = zip(self.targets, self._moments, strict=True)
        if not all(moments_error(moments, target.measure) <= target.wanted for target, moments in pairs):
            return False
        # in the last places sums by block may differ from the figure that will be printed, which decides
        prefix = self._results_of(0, last)
        return all(_printed_error(prefix, target) <= target.wanted for target in self.targets)


def moments_error(moments: Moments, measure: str) -> float:
    """The standard error of a measure's mean so far; infinite before two values."""
    if moments.n < 2:
        return math.inf
    return (chance_estimate(moments) if measure in CHANCES else moments.estimate()).error


def _printed_error(results: Run, target: Target) -> float:
    values = results.measure(target.measure, target.vehicle, target.investor)
    return statistics(values, target.measure in CHANCES, results.sampling)["standard_error"]


def precision_table(scenario: Scenario, summary: pd.DataFrame) -> list[dict[str, Any]]:
    """What a run was to reach and what it reached: vehicle,
    investor, measure, wanted, standard_error, reached.
    """
    errors = summary.set_index(["vehicle", "investor", "measure"])["standard_error"]
    rows = []
    for target in precision_targets(scenario):
        error = float(errors.loc[(target.vehicle, target.investor, target.measure)])
        rows.append(target._asdict() | {"standard_error": error, "reached": bool(error <= target.wanted)})
    return rows
