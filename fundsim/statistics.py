"""Means, quantiles and their standard errors over paths (§9)."""

import math
from functools import lru_cache

import numpy as np
from scipy.special import bdtr, bdtrc

from fundsim.sampling import Estimate, Moments, Sampling, design_effect

LEVELS = {"p05": 0.05, "p25": 0.25, "p50": 0.50, "p75": 0.75, "p95": 0.95}
WIDTH = 1.959964
"""Binomial standard deviations from a quantile to the ends of its interval of order statistics; nearer
ones lie too few paths apart, and an error that is noisy itself covers less than it says.
"""
TAIL = 0.025
"""Chance, at most, that a quantile lies beyond one end of its 95 % interval."""
COLUMNS = (
    "mean", "standard_error", *LEVELS, *(f"{name}_standard_error" for name in LEVELS),
    *(f"{name}_{end}" for name in LEVELS for end in ("low", "high")), "undefined",
)  # fmt: skip


def statistics(
    values: np.ndarray, is_chance: bool = False, sampling: Sampling | None = None
) -> dict[str, float]:
    """Mean, standard error, quantiles and their standard errors of the defined values.

    Of independent paths the mean's error is s/√n, that of a chance is `chance_error`, a quantile's comes
    from its 95 % interval of order statistics; of mirrored pairs they follow from the variance between
    pairs, and control variates correct means, chances excepted (§9). The ends of a quantile are those of
    `quantile_ranks`.

    Parameters
    ----------
    values : ndarray (paths,)
        NaN where undefined.
    is_chance : bool
        Whether the values are 1 where something happens and 0 where it does not.
    sampling : Sampling, optional
        How the paths were drawn, if in pairs or with controls; of as many paths, or more.

    Returns
    -------
    dict
        `COLUMNS`; NaN where fewer than two values are defined, and for an end beyond all of them;
        ``undefined`` counts the paths without a value.
    """
    is_defined = ~np.isnan(values)
    defined = np.sort(values[is_defined])
    n = defined.size
    found = dict.fromkeys(COLUMNS, np.nan) | {"undefined": float(values.size - n)}
    if n < 2:
        return found
    found["mean"], found["standard_error"] = mean_and_error(values, defined, is_chance, sampling)
    for name, level in LEVELS.items():
        found[name] = float(interpolated(defined, level * (n - 1)))
        spread, effect = WIDTH * np.sqrt(n * level * (1.0 - level)), 1.0
        if sampling is not None:  # with a single pair there is none
            effect = design_effect(values <= found[name], is_defined, sampling.group)
            spread *= np.sqrt(effect)
        low, high = (interpolated(defined, n * level - 0.5 + side * spread) for side in (-1.0, 1.0))
        found[f"{name}_standard_error"] = float(high - low) / (2.0 * WIDTH)
        is_paired = sampling is not None and sampling.group > 1
        ranks = paired_ranks(n, level, effect) if is_paired else quantile_ranks(n, level)
        for end, rank in zip(("low", "high"), ranks, strict=True):
            if 1 <= rank <= n:
                found[f"{name}_{end}"] = float(defined[rank - 1])
    return found


@lru_cache(maxsize=4096)
def quantile_ranks(n: int, level: float) -> tuple[int, int]:
    """Ranks of the order statistics that hold a quantile with 95 % at least, whatever the law (§9).

    With B binomial (n, level), the lower is the largest l with ``P(B ≤ l − 1) ≤ 0.025``, the upper the
    smallest u with ``P(B ≥ u) ≤ 0.025``.

    Parameters
    ----------
    n : int
        Number of values.
    level : float
        Of the quantile, in (0, 1).

    Returns
    -------
    (int, int)
        From 1 to n; 0 and n + 1 where the end lies beyond all values.
    """
    middle, spread = n * level, 3.0 * math.sqrt(n * level * (1.0 - level)) + 3.0
    below = np.arange(max(math.floor(middle - spread), 0), min(math.ceil(middle + spread), n) + 1)
    lower = int(below[0]) + int((bdtr(below, n, level) <= TAIL).sum())
    upper = int(below[0]) + int((bdtrc(below - 1.0, n, level) > TAIL).sum())
    return lower, upper


def paired_ranks(n: int, level: float, effect: float) -> tuple[int, int]:
    """The same by the normal law for mirrored pairs, the variance `effect` times that of independent paths,
    rounded outwards; beyond all values where the effect is unknown.
    """
    if math.isnan(effect):
        return 0, n + 1
    spread = WIDTH * math.sqrt(n * level * (1.0 - level) * effect)
    lower, upper = math.floor(n * level + 0.5 - spread), math.ceil(n * level + 0.5 + spread)
    return max(lower, 0), min(upper, n + 1)


def mean_and_error(
    values: np.ndarray, defined: np.ndarray, is_chance: bool = False, sampling: Sampling | None = None
) -> Estimate:
    """Mean and standard error of the defined values, at least two, which are given alone as well."""
    mean = float(defined.mean())
    # squares of absurd values are infinite, and so is their error; values that are infinite have none
    with np.errstate(over="ignore", invalid="ignore"):
        error = float(defined.std(ddof=1) / np.sqrt(defined.size))
    # a chance is a share of the paths, which controls leave alone
    if sampling is None or not np.isfinite(error) or (is_chance and sampling.group == 1):
        return Estimate(mean, chance_error(defined.size, mean) if is_chance else error)
    moments = Moments()
    moments.add(values, sampling.paths(0, len(values)))
    if is_chance:
        return Estimate(mean, chance_estimate(moments).error)
    estimate = moments.estimate()
    return Estimate(mean, estimate.error) if estimate.mean == moments.mean else estimate


def chance_estimate(moments: Moments) -> Estimate:
    """A chance, the share of the defined paths, and its error:
    `chance_error` times what pairs make of a common one.
    """
    n, (mean, error) = moments.n, moments.uncorrected()
    alone = np.sqrt(mean * (1.0 - mean) / (n - 1)) if n > 1 else 0.0
    gain = error / alone if alone > 0.0 else 1.0
    return Estimate(mean, float(gain * chance_error(n, mean)))


def chance_error(n: int, mean: float) -> float:
    """Standard error √(q(1 − q)/n) of a chance, q = (k + 2)/(n + 4) after k events on n paths.

    The plain √(p(1 − p)/n) is too small for rare events, and 0 before the first one; with two events and
    two paths without one more, ±1.96 errors cover at about 95 % also where only a handful of events is
    seen (Agresti and Coull 1998).
    """
    q = (mean * n + 2.0) / (n + 4.0)
    return float(np.sqrt(q * (1.0 - q) / n))


def interpolated(ordered: np.ndarray, place: float) -> float:
    """Order statistic at a place between two, within the sample."""
    if np.isnan(place):
        return np.nan
    place = min(max(place, 0.0), ordered.size - 1.0)
    low = int(place)
    part = place - low
    if part == 0.0 or ordered[low] == ordered[min(low + 1, ordered.size - 1)]:
        return float(ordered[low])
    return float(ordered[low] + part * (ordered[low + 1] - ordered[low]))


def quantiles(values: np.ndarray) -> np.ndarray:
    """Quantiles of `LEVELS` along the first axis: (paths, …) → (5, …).

    The numbers of `np.quantile`, which selects five places of a row; sorting the row takes a third of that.
    """
    ordered = np.sort(np.moveaxis(values, 0, -1))
    last = ordered.shape[-1] - 1
    place = last * np.array(list(LEVELS.values()))
    low = place.astype(np.int64)
    part = place - low
    below, above = ordered[..., low], ordered[..., np.minimum(low + 1, last)]
    step = above - below
    found = np.where(part < 0.5, below + step * part, above - step * (1.0 - part))
    found[np.isnan(ordered[..., -1])] = np.nan
    return np.moveaxis(found, -1, 0)
