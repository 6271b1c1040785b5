"""Means, quantiles and their standard errors over paths (§9)."""

from __future__ import annotations

import numpy as np

from fundsim.kernels.jit import kernel

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


@kernel(allocates=False, is_inner=True)
def add(sums, squares, flow, row, t, amount):
    """Add an amount and its square."""
    sums[flow, row, t] += amount
    squares[flow, row, t] += amount * amount


@kernel(allocates=False)
def add_flows(class_flows, class_nav, vehicle_flows, row_classes, share, sums, squares):
    """Add a block's flows by investor row and vehicle to running sums and sums of squares, path after path.

    Parameters
    ----------
    class_flows : (B, 2, C, T); class_nav : (B, C, T+1); vehicle_flows : (B, ≥2, V, T)
        Carry and fee are the first two flows of vehicles.
    row_classes : (rows, 3) int64
        First and last class of each row (investor rows, then vehicles), and its vehicle, −1 for investor rows.
    share : (B or 1, investor rows)
        Of the row in its class.
    sums, squares : (7, rows, T)
        Contribution, distribution, net cash flow, cumulative net, NAV, carry, fee; raised.
    """
    for b in range(class_flows.shape[0]):
        place = b if share.shape[0] > 1 else 0
        for row in range(row_classes.shape[0]):
            v = row_classes[row, 2]
            part = 1.0 if v >= 0 else share[place, row]
            cumulative = 0.0
            for t in range(class_flows.shape[3]):
                paid, back, nav = 0.0, 0.0, 0.0
                for c in range(row_classes[row, 0], row_classes[row, 1]):
                    paid += class_flows[b, 0, c, t] * part
                    back += class_flows[b, 1, c, t] * part
                    nav += class_nav[b, c, t + 1] * part
                cumulative += back - paid
                add(sums, squares, 0, row, t, paid)
                add(sums, squares, 1, row, t, back)
                add(sums, squares, 2, row, t, back - paid)
                add(sums, squares, 3, row, t, cumulative)
                add(sums, squares, 4, row, t, nav)
                if v >= 0:
                    add(sums, squares, 5, row, t, vehicle_flows[b, 0, v, t])
                    add(sums, squares, 6, row, t, vehicle_flows[b, 1, v, t])
