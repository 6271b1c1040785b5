"""Owns means and their errors where paths come in mirrored pairs or bring control variates (§9)."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np

PAIR = 2
GROUPS_PER_CONTROL = 10
"""Groups with a defined value that there must be for each control
and one more: with fewer a regression fits noise.
"""
LEAST_PAIRS = 50
"""With fewer pairs what they gain for a quantile is too noisy to be believed."""
_LEAST_VARIANCE = 1e-12  # of a control, whose scale is 1; what is mirrored cancels but for rounding
_LEAST_EIGENVALUE = 1e-10  # of correlations; combinations below say nothing new


def grouped(values: np.ndarray, group: int) -> np.ndarray:
    """Sums over groups of consecutive paths, the first axis; the last group may be smaller."""
    if group == 1 or len(values) == 0:
        return values
    n_whole = len(values) // group
    sums = values[: n_whole * group].reshape(n_whole, group, *values.shape[1:]).sum(axis=1)
    rest = values[n_whole * group :]
    return sums if not len(rest) else np.concatenate([sums, rest.sum(axis=0, keepdims=True)])


@dataclass(frozen=True)
class Controls:
    """Count, sums and products of the controls of groups of paths."""

    n_groups: int
    sums: np.ndarray
    products: np.ndarray

    def __add__(self, other: Self) -> Self:
        """Of these groups and others."""
        return type(self)(
            self.n_groups + other.n_groups, self.sums + other.sums, self.products + other.products
        )

    @cached_property
    def basis(self) -> np.ndarray:
        """Combinations of controls, rows, whose centred products over the groups are the unit
        matrix; those that do not vary, or are combinations of others, are left out.
        """
        centre = self.sums / self.n_groups
        spread = self.products - self.n_groups * np.outer(centre, centre)
        scale = np.sqrt(np.diag(spread).clip(0.0))
        is_moving = scale > math.sqrt(_LEAST_VARIANCE * self.n_groups)
        inverse = np.divide(1.0, scale, out=np.zeros_like(scale), where=is_moving)
        values, vectors = np.linalg.eigh(spread * np.outer(inverse, inverse))
        is_new = values > _LEAST_EIGENVALUE
        return (vectors[:, is_new] / np.sqrt(values[is_new])).T * inverse

    @cached_property
    def distance(self) -> np.ndarray:
        """Means of the `basis` over the groups, which would be 0 with endless paths."""
        return self.basis @ self.sums / self.n_groups


@dataclass(frozen=True)
class Sampling:
    """How the paths of a run are drawn, as far as means and their errors depend on it.

    Attributes
    ----------
    group : int
        Consecutive paths that depend on each other: `PAIR` where paths ``2k`` and ``2k + 1`` mirror each
        other, else 1.
    controls : ndarray (paths, k)
        Control variates, figures of each path that have mean 0 and a scale near 1; k may be 0.
    """

    group: int
    controls: np.ndarray

    @cached_property
    def grouped_controls(self) -> np.ndarray:
        """Sums of the controls over groups, (groups, k)."""
        return grouped(self.controls, self.group)

    @cached_property
    def of_controls(self) -> Controls:
        """Count, sums and products of the controls."""
        sums = self.grouped_controls
        return Controls(len(sums), sums.sum(axis=0), sums.T @ sums)

    def paths(self, first: int, last: int) -> Self:
        """The same of the paths ``first … last − 1``, the first being the first of its group."""
        if (first, last) == (0, len(self.controls)):
            return self
        return type(self)(self.group, self.controls[first:last])


class Estimate(NamedTuple):
    """A mean and its standard error."""

    mean: float
    error: float


class Moments:
    """Sums and products over groups of paths, from which a mean and its error come; joined block by block.

    The mean of the defined values is a ratio, ``μ = Σy / Σd``, with residuals ``r = y − μd`` of the
    groups; its error is ``√(g/(g − 1) Σr²) / Σd``, g groups having a defined value (Cochran, *Sampling
    Techniques*, 6.4). Controls have mean 0 over *all* m groups, so they correct a mean over some of the
    paths without bias: ``μ − β'c̄ m/Σd``, β the regression of r on them, with the error of a regression's
    value at 0 (Glasserman, *Monte Carlo Methods in Financial Engineering*, 4.1), times ``√(g/(g − 1) (m −
    1)/m)`` as above.

    Attributes
    ----------
    n : int
        Defined values so far.
    """

    def __init__(self) -> None:
        self.n = 0
        self._reference = 0.0
        self._n_defined_groups = 0
        self._products = np.zeros((2, 2))
        self._sum = 0.0
        self._across: np.ndarray | None = None
        self._controls: Controls | None = None

    def add(self, values: np.ndarray, sampling: Sampling) -> None:
        """Take paths in.

        Parameters
        ----------
        values : ndarray (paths,)
            NaN where undefined; the first path is the first of its group.
        sampling : Sampling
            Of these paths.
        """
        is_defined = ~np.isnan(values)
        with np.errstate(over="ignore", invalid="ignore"):
            if self.n == 0 and is_defined.any():
                self._reference = float(values[is_defined].mean())  # sums of small deviations lose no digits
            moved = np.where(is_defined, values - self._reference, 0.0)
            rows = grouped(np.column_stack([moved, is_defined]), sampling.group)
            across = rows.T @ sampling.grouped_controls
            self._sum += float(rows[:, 0].sum())
            self._products = self._products + rows.T @ rows
        self._across = across if self._across is None else self._across + across
        controls = sampling.of_controls
        self._controls = controls if self._controls is None else self._controls + controls
        self.n += int(is_defined.sum())
        self._n_defined_groups += int((rows[:, 1] > 0.0).sum())

    @property
    def mean(self) -> float:
        """Of the defined values, uncorrected; NaN without one."""
        return self._reference + self._sum / self.n if self.n else math.nan

    def uncorrected(self) -> Estimate:
        """The mean of the defined values and its error."""
        return Estimate(self.mean, self._error())

    def estimate(self) -> Estimate:
        """The mean and its error; corrected by controls where these make the error smaller."""
        plain, corrected = self.uncorrected(), self._corrected()
        return corrected if corrected is not None and corrected.error < plain.error else plain

    @property
    def _weights(self) -> np.ndarray:
        """What makes residuals of sums and counts of the groups."""
        return np.array([1.0, -self._sum / self.n])

    def _squares(self) -> float:
        with np.errstate(over="ignore", invalid="ignore"):
            return max(float(self._weights @ self._products @ self._weights), 0.0)

    def _error(self) -> float:
        m = self._n_defined_groups
        return math.sqrt(self._squares() * m / (m - 1)) / self.n if m > 1 else math.nan

    def _corrected(self) -> Estimate | None:
        """The estimate by regression on the controls, if there are any and enough paths."""
        controls, across = self._controls, self._across
        if not self.n or controls is None or across is None or not across.size:
            return None
        m, g, n_controls = controls.n_groups, self._n_defined_groups, len(controls.basis)
        if n_controls == 0 or g <= GROUPS_PER_CONTROL * (n_controls + 1):
            return None
        with np.errstate(over="ignore", invalid="ignore"):
            slopes, away = controls.basis @ (self._weights @ across), controls.distance
            explained = float(slopes @ slopes)
        if not np.isfinite(explained):
            return None
        rest = max(self._squares() - explained, 0.0) / (m - 1 - n_controls)
        rest *= g / (g - 1) * (m - 1) / m
        mean = self.mean - m * float(slopes @ away) / self.n
        return Estimate(mean, m / self.n * math.sqrt(rest * (1.0 / m + float(away @ away))))


def error_of_sums(squares: np.ndarray, mean: np.ndarray, n_paths: int, group: int) -> np.ndarray:
    """Standard error of means over all paths, from sums over groups.

    Parameters
    ----------
    squares : ndarray
        Σs² of the groups' sums s.
    mean : ndarray
        Of the paths.
    n_paths, group : int
        Paths, and paths of a group.

    Returns
    -------
    ndarray
        NaN where there is one group only.
    """
    m = n_paths // group
    if m < 2:
        return np.full_like(mean, np.nan)
    return np.sqrt(np.maximum(squares / m / group**2 - mean**2, 0.0) / (m - 1))


def design_effect(happens: np.ndarray, is_defined: np.ndarray, group: int) -> float:
    """Variance of the share of the defined paths on which something happens, against that of independent
    paths; with fewer than `LEAST_PAIRS` pairs at least 1, with one NaN.

    Parameters
    ----------
    happens, is_defined : bool ndarray (paths,)
        The first path is the first of its group.
    group : int
        Paths of a group.
    """
    if group == 1:
        return 1.0
    residuals = np.where(is_defined, happens - happens[is_defined].mean(), 0.0)
    alone, together = float((residuals**2).sum()), float((grouped(residuals, group) ** 2).sum())
    n_groups = int((grouped(is_defined.astype(np.int64), group) > 0).sum())
    if n_groups < 2:
        return math.nan
    effect = together / alone if alone > 0.0 else 1.0
    return effect if n_groups >= LEAST_PAIRS else max(effect, 1.0)
