"""Owns the public market equivalents of one stream: Kaplan–Schoar ratio and Direct Alpha."""

import math

import numpy as np

from fundsim.kernels.base.jit import kernel
from fundsim.kernels.formulas.irr_lanes import LANES, solve_lanes


@kernel(allocates=False)
def ks_pme(contributions, distributions, nav, index):
    """
    Kaplan–Schoar public market equivalent: what came back over what was paid in, all grown with the index.

    Parameters
    ----------
    contributions, distributions : float64 arrays, shape (T,)
    nav : float
        At the last entry.
    index : float64 array, shape (T,)
        Index at the dates of the flows, positive.

    Returns
    -------
    float
        nan where nothing was paid in.
    """
    last = index[-1]
    paid_in, returned = 0.0, nav
    for t in range(index.size):
        growth = last / index[t]
        paid_in += contributions[t] * growth
        returned += distributions[t] * growth
    return returned / paid_in if paid_in > 0.0 else np.nan


@kernel(allocates=False)
def pme_rows(contributions, distributions, nav, index, per_year, lanes, ratios, alphas):
    """
    Both measures of many streams.

    Direct Alpha (Gredil, Griffiths, Stucke) is the annual IRR of the flows grown with the index to the last
    date.

    Parameters
    ----------
    contributions, distributions, index : float64 arrays, shape (n, T)
        As in `ks_pme`.
    nav : float64 array, shape (n,)
    per_year : float
        Periods a year.
    lanes : Lanes
        For streams of T periods.
    ratios, alphas : float64 arrays, shape (n,), filled
        Alphas are discrete annual rates; −1 where nothing comes back, nan where there is none.
    """
    for first in range(0, nav.size, LANES):
        n = min(LANES, nav.size - first)
        for k in range(n):
            i = first + k
            ratios[i] = ks_pme(contributions[i], distributions[i], nav[i], index[i])
            last = index.shape[1] - 1
            for t in range(last + 1):
                growth = index[i, last] / index[i, t]
                lanes.flows[0, t, k] = (distributions[i, t] - contributions[i, t]) * growth
            lanes.flows[0, last, k] += nav[i]
        solve_lanes(lanes, 0, n, per_year)
        for k in range(n):
            alphas[first + k] = math.expm1(lanes.x[k] * per_year)
