"""Means, quantiles and their standard errors over paths (§9)."""

from __future__ import annotations

import numpy as np

LEVELS = {"p05": 0.05, "p25": 0.25, "p50": 0.50, "p75": 0.75, "p95": 0.95}
COLUMNS = (
    "mean", "standard_error", *LEVELS, *(f"{name}_standard_error" for name in LEVELS), "undefined",
)  # fmt: skip


def statistics(values: np.ndarray) -> dict[str, float]:
    """Mean, standard error, quantiles and their standard errors of the defined values.

    Paths are independent: the mean's error is s/√n, a quantile's is half the distance of the order statistics one binomial standard deviation to either side of it (§9).

    Parameters
    ----------
    values : ndarray (paths,)
        NaN where undefined.

    Returns
    -------
    dict
        `COLUMNS`; NaN where fewer than two values are defined; ``undefined`` counts the paths without one.
    """
    defined = np.sort(values[~np.isnan(values)])
    n = defined.size
    found = dict.fromkeys(COLUMNS, np.nan) | {"undefined": float(values.size - n)}
    if n < 2:
        return found
    found["mean"] = float(defined.mean())
    # squares of absurd values are infinite, and so is their error; values that are infinite have none
    with np.errstate(over="ignore", invalid="ignore"):
        found["standard_error"] = float(defined.std(ddof=1) / np.sqrt(n))
    for name, level in LEVELS.items():
        found[name] = float(interpolated(defined, level * (n - 1)))
        spread = np.sqrt(n * level * (1.0 - level))
        low, high = (interpolated(defined, n * level - 0.5 + side * spread) for side in (-1.0, 1.0))
        found[f"{name}_standard_error"] = float(high - low) / 2.0
    return found


def interpolated(ordered: np.ndarray, place: float) -> float:
    """Order statistic at a place between two, within the sample."""
    place = min(max(place, 0.0), ordered.size - 1.0)
    low = int(place)
    part = place - low
    if part == 0.0 or ordered[low] == ordered[min(low + 1, ordered.size - 1)]:
        return float(ordered[low])
    return float(ordered[low] + part * (ordered[low + 1] - ordered[low]))


def quantiles(values: np.ndarray) -> np.ndarray:
    """Quantiles of `LEVELS` along the first axis: (paths, …) → (5, …)."""
    return np.quantile(values, list(LEVELS.values()), axis=0)
