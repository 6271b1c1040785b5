"""Owns what the walks of one path read again and again: its window by period, its financing clock and its factors by sector."""

import math
from typing import NamedTuple

import numpy as np

from fundsim.kernels.jit import kernel
from fundsim.kernels.value import log_drift

# Columns of window_factors
FINANCING_RATE, FINANCING_VALUATION, LISTING_RATE, LISTING_PASS, LISTING_VALUATION = 0, 1, 2, 3, 4
# Events may be late by this part of a period and still belong to it: clocks that are fixed land on dates.
SLACK = 1e-9
# A clock that reaches its target up to rounding does not wait through a closed window for the last bit; years.
_CLOCK_SLACK = 1e-12


class Conditions(NamedTuple):
    """Worked out once a path, but for the drifts, which are the same on all paths."""

    financing_clock: np.ndarray  # (T+1,) integral of the financing rate, years
    window: np.ndarray  # (T, 5) factors by period, the valuations as logarithms
    factor_part: np.ndarray  # (X, T+1) Σβ_f R_f(n)
    drift: np.ndarray  # (2, S) yearly drift of ln V in a stage, and when stalled in it
    times: np.ndarray  # arrival times of a stream, years
    n_events: np.ndarray  # (T+2,) events by period, then places in their order


@kernel
def new_conditions(grid, terms):
    """Arrays of one call, with the drifts of all stages filled."""
    n_stages, n_sectors = terms.stage_sector.size, terms.sector_beta.shape[0]
    drift = np.empty((2, n_stages))
    for s in range(n_stages):
        sector, volatility = terms.stage_sector[s], terms.stage_growth[s, 1]
        drift[0, s] = log_drift(terms, sector, terms.stage_growth[s, 0], volatility)
        drift[1, s] = log_drift(terms, sector, terms.sector_stall[sector, 0], volatility)
    most = 1
    for p in range(terms.most_arrivals.size):
        most = max(most, terms.most_arrivals[p])
    return Conditions(
        np.empty(grid.n_periods + 1),
        np.empty((grid.n_periods, 5)),
        np.empty((n_sectors, grid.n_periods + 1)),
        drift,
        np.empty(most),
        np.empty(grid.n_periods + 2, dtype=np.int64),
    )


@kernel
def set_conditions(grid, terms, factors, window, conditions):
    """Fill the conditions of one path from its factors (F, T+1) and its window (T,)."""
    conditions.n_events[:] = 0
    conditions.financing_clock[0] = 0.0
    for t in range(grid.n_periods):
        for k in range(5):
            factor = terms.window_factors[window[t], k]
            is_valuation = k == FINANCING_VALUATION or k == LISTING_VALUATION
            conditions.window[t, k] = np.log(factor) if is_valuation else factor
        rate = conditions.window[t, FINANCING_RATE]
        conditions.financing_clock[t + 1] = conditions.financing_clock[t] + rate / grid.periods_per_year
    for x in range(terms.sector_beta.shape[0]):
        for n in range(grid.n_periods + 1):
            part = 0.0
            for f in range(terms.factor_variance.size):
                part += terms.sector_beta[x, f] * factors[f, n]
            conditions.factor_part[x, n] = part


@kernel
def period_of(grid, time):
    """The period in which an event at an exact time (years) falls; its date is one more."""
    return max(np.int64(math.ceil(time * grid.periods_per_year - SLACK)) - 1, 0)


@kernel
def is_beyond(grid, time):
    """Whether an exact time lies beyond the horizon."""
    return not time * grid.periods_per_year <= grid.n_periods + SLACK


@kernel
def clock_end(grid, conditions, time, years):
    """
    When a clock that starts at an exact time has run for some years of the window's financing rate (3.1).

    Parameters
    ----------
    grid : GridTerms
    conditions : Conditions
    time : float64
        Within the horizon, years.
    years : float64
        What the integral of the financing rate from `time` on must reach.

    Returns
    -------
    float64
        The first such time in years; beyond the horizon, where the last state stays, maybe infinite.
    """
    clock, m, last = conditions.financing_clock, grid.periods_per_year, grid.n_periods - 1
    t = min(np.int64(time * m), last)
    target = clock[t] + conditions.window[t, FINANCING_RATE] * (time - t / m) + years
    while t < last and clock[t + 1] < target - _CLOCK_SLACK:
        t += 1
    rest = target - clock[t]
    if rest <= _CLOCK_SLACK:
        return max(time, t / m)
    return max(time, t / m + rest / conditions.window[t, FINANCING_RATE])
