"""Owns the market pass (§1): the equity index, the factors and
the state of the financing window on every path.
"""

import math

import numpy as np

from fundsim.kernels.base.jit import kernel
from fundsim.kernels.base.random import normal, shared_draws, shared_uniform
from fundsim.kernels.layout import GridTerms, MarketBlock, MarketTerms


def allocate_market(n_paths: int, grid: GridTerms, terms: MarketTerms) -> MarketBlock:
    """Arrays for the market of a block; `market_pass` writes every entry."""
    n, n_factors = grid.n_periods, len(terms.factor_volatility)
    return MarketBlock(
        index=np.empty((n_paths, n + 1)),
        factors=np.empty((n_paths, n_factors, n + 1)),
        window=np.empty((n_paths, n), dtype=np.int64),
    )


@kernel(is_entry=True)
def market_pass(grid, terms, first_path, out):
    """
    Fill the market of the paths ``first_path + b``.

    Parameters
    ----------
    grid : GridTerms
    terms : MarketTerms
    first_path : int
        Number of the block's first path in the whole run.
    out : MarketBlock
        Of any number of paths.
    """
    shocks = np.empty(len(terms.factor_volatility))
    for b in range(out.index.shape[0]):
        shared = shared_draws(grid.seed_key, first_path + b, grid.is_antithetic)
        _factors(grid, terms, shared, shocks, out.factors[b])
        _index(grid, terms, out.factors[b, 0], out.index[b])
        _window(terms, shared, out.window[b])


@kernel(is_inner=True)
def _factors(grid, terms, shared, shocks, factors):
    # (1.3) z = Lε, R_f(n+1) = R_f(n) + σ_f √Δ z_f
    root_period = math.sqrt(1.0 / grid.periods_per_year)
    n_factors = shocks.size
    factors[:, 0] = 0.0
    for t in range(grid.n_periods):
        for f in range(n_factors):
            shocks[f] = normal(shared_uniform(shared, terms.factor_stream[f], t))
        for f in range(n_factors):
            z = 0.0
            for k in range(f + 1):
                z += terms.correlation_root[f, k] * shocks[k]
            factors[f, t + 1] = factors[f, t] + terms.factor_volatility[f] * root_period * z


@kernel(is_inner=True)
def _index(grid, terms, market_factor, index):
    # (1.1) ln S_n = (μ_m − ½σ_m²) n Δ + R_0(n)
    drift = (terms.index_drift - 0.5 * terms.factor_volatility[0] ** 2) / grid.periods_per_year
    for n in range(index.size):
        index[n] = math.exp(drift * n + market_factor[n])


@kernel(is_inner=True)
def _window(terms, shared, window):
    # (1.2) known states first; elsewhere the chain goes on from the state before
    for t in range(window.size):
        if terms.window_known[t] >= 0:
            window[t] = terms.window_known[t]
        else:
            law = terms.window_initial if t == 0 else terms.window_cumulative[window[t - 1]]
            window[t] = first_above(law, shared_uniform(shared, terms.window_stream, t))


@kernel(allocates=False, is_inner=True)
def first_above(cumulative, u):
    """
    The category that a uniform falls in.

    Parameters
    ----------
    cumulative : float64 array (n,)
        Non-decreasing cumulative probabilities, the last one 1.
    u : float64
        In (0, 1).

    Returns
    -------
    int
        The first place whose cumulative probability is above `u`; categories of probability 0 are never met.
    """
    for place in range(cumulative.size - 1):
        if u < cumulative[place]:
            return place
    return cumulative.size - 1
