"""Owns the paired difference of a figure of two runs: its error,
whether it is noise, and how many paths would settle it.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from fundsim.sampling import Moments, Sampling
from fundsim.statistics import WIDTH

COLUMNS = (
    "base", "other", "difference", "standard_error", "low", "high", "z", "paths", "undefined", "is_bound",
    "verdict", "paths_needed",
)  # fmt: skip
"""What is known of a difference, beside what it is a difference of."""
NONE, NOISE, REAL, OPEN = "none", "noise", "real", "open"
_ROUNDING = 1e-9
"""Differences below this part of the figures are those of the last bits: another
kind of processor, or sums in another order.
"""

_SINGLE = 1e-6
"""The same of means, which may come from series in single precision."""


class Means(NamedTuple):
    """A mean with its standard error, where nothing is known path by path."""

    mean: float
    error: float


Figure = np.ndarray | Means
"""A figure of a run: on every path, NaN where undefined, or its mean alone."""


def difference(base: Figure, other: Figure, group: int, is_chance: bool = False) -> dict[str, Any]:
    """The difference of a figure of two runs of the same paths.

    With values by path the error is that of the mean of the differences ``y_k − x_k``, over groups of
    paths where these mirror each other. Without, it is the sum of both errors, above which the paired one
    cannot be: ``sd(y − x) ≤ sd(y) + sd(x)``, however the two depend on each other.

    Parameters
    ----------
    base, other : ndarray (paths,) or Means
        NaN where undefined; the pairs count where both are defined.
    group : int
        Paths of a group: 2 where they come in mirrored pairs, else 1.
    is_chance : bool
        Whether the values are 1 where something happens and 0 where it does not.

    Returns
    -------
    dict
        `COLUMNS`.
    """
    if isinstance(base, np.ndarray) and isinstance(other, np.ndarray):
        return _paired(base, other, group, is_chance)
    ends = [one if isinstance(one, Means) else means_of(one, group) for one in (base, other)]
    found = ends[1].mean - ends[0].mean
    error = ends[0].error + ends[1].error
    least = _SINGLE * max(1.0, abs(ends[0].mean))
    is_same = abs(found) <= least  # that means agree so far by chance is out of the question
    row = _row(ends[0].mean, ends[1].mean, found, 0.0 if is_same else error, is_same)
    verdict = row["verdict"] if row["verdict"] != NOISE else OPEN
    return row | {"is_bound": True, "verdict": verdict}


def means_of(values: np.ndarray, group: int) -> Means:
    """Mean and standard error of values by path."""
    moments = _moments(values, group)
    return Means(*moments.uncorrected()) if moments.n else Means(math.nan, math.nan)


def _paired(base: np.ndarray, other: np.ndarray, group: int, is_chance: bool) -> dict[str, Any]:
    both = np.isfinite(base) & np.isfinite(other)
    n = int(both.sum())
    counts = {"paths": n, "undefined": len(both) - n}
    if n == 0:
        return _row(math.nan, math.nan, math.nan, math.nan, is_same=False) | counts
    moved = np.where(both, other - base, np.nan) if n < len(both) else other - base
    least = _ROUNDING * max(1.0, float(np.abs(base[both]).max()))
    is_same = bool((np.abs(moved[both]) <= least).all())
    moments = _moments(moved, group)
    mean, error = moments.uncorrected()
    if is_chance and not is_same:
        error = chance_difference_error(moved, both, error)
    row = _row(float(base[both].mean()), float(other[both].mean()), mean, error, is_same) | counts
    if row["verdict"] == NOISE:
        row["paths_needed"] = paths_needed(len(both), mean, error)
    return row


def _moments(values: np.ndarray, group: int) -> Moments:
    moments = Moments()
    moments.add(values, Sampling(group, np.empty((len(values), 0))))
    return moments


def _row(base: float, other: float, found: float, error: float, is_same: bool) -> dict[str, Any]:
    reach = WIDTH * error
    verdict = NONE if is_same else OPEN if not math.isfinite(error) else NOISE if abs(found) < reach else REAL
    values = (base, other, found, error, found - reach, found + reach)
    z = found / error if error > 0.0 else math.nan
    return dict(zip(COLUMNS, (*values, z, 0, 0, False, verdict, math.nan), strict=True))


def chance_difference_error(moved: np.ndarray, both: np.ndarray, error: float) -> float:
    """Standard error of the difference of two chances on the same paths.

    Half a path is added to each of the four cells of who loses where (Agresti and Min 2005), as the plain
    error is too small where a handful of paths move, times what pairs make of a common one.

    Parameters
    ----------
    moved : ndarray (paths,)
        1 where it happens in the other run alone, −1 in the base alone, 0 in both or none; NaN undefined.
    both : bool ndarray (paths,)
        Where both runs are defined.
    error : float
        The plain error of the mean, over groups.
    """
    n, gained, lost = float(both.sum()), float((moved[both] > 0).sum()), float((moved[both] < 0).sum())
    alone = math.sqrt(max(gained + lost - (gained - lost) ** 2 / n, 0.0) / (n - 1)) / math.sqrt(n)
    cells = gained + lost + 1.0 - (gained - lost) ** 2 / (n + 2.0)
    return math.sqrt(cells) / (n + 2.0) * (error / alone if alone > 0.0 else 1.0)


def paths_needed(n_paths: int, found: float, error: float) -> float:
    """How many paths make the 95 % interval exclude 0 if the difference is as it was found:
    n(1.96 se/d)², rounded up; infinite for a difference of 0.
    """
    return float(math.ceil(n_paths * (WIDTH * error / found) ** 2)) if found else math.inf
