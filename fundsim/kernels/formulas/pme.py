"""Owns the public market equivalents of one stream: Kaplan–Schoar ratio and Direct Alpha."""

import math

import numpy as np

from fundsim.kernels.base.jit import kernel
from fundsim.kernels.formulas.irr import irr_period


@kernel
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


@kernel
def direct_alpha(contributions, distributions, nav, index, per_year, flows):
    """
    Direct Alpha (Gredil, Griffiths, Stucke): annual IRR of the flows grown with the index to the last date.

    Parameters
    ----------
    contributions, distributions, nav, index
        As in `ks_pme`.
    per_year : float
        Periods a year.
    flows : float64 array, shape (T,)
        Scratch, filled with the grown flows.

    Returns
    -------
    float
        Discrete annual rate; −1 where nothing comes back, nan where there is none.
    """
    last = index[-1]
    for t in range(index.size):
        flows[t] = (distributions[t] - contributions[t]) * (last / index[t])
    flows[-1] += nav
    x, _ = irr_period(flows, np.empty(0), per_year, np.nan)
    return math.expm1(x * per_year)


@kernel
def pme_rows(contributions, distributions, nav, index, per_year, ratios, alphas):
    """Both measures of many streams; arrays (n, T) and (n,), the last two filled."""
    flows = np.empty(contributions.shape[1])
    for i in range(contributions.shape[0]):
        ratios[i] = ks_pme(contributions[i], distributions[i], nav[i], index[i])
        alphas[i] = direct_alpha(contributions[i], distributions[i], nav[i], index[i], per_year, flows)
