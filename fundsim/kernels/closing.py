"""Owns the closing pass (§2): what each investor of each
vehicle closes and will pay, from the parents down.
"""

import math
from typing import NamedTuple

import numpy as np

from fundsim.kernels.base.distributions import TRIPLE, draw_from
from fundsim.kernels.base.jit import kernel
from fundsim.kernels.base.random import normal, normal_cdf, shared_draws, shared_uniform
from fundsim.kernels.layout import ClosingBlock, GridTerms
from fundsim.vocabulary import InvestorKind

_LEAST_DOUBLE, _BELOW_ONE = 1e-300, 1.0 - 2.0**-53
# A vehicle closes when it reaches its minimum up to rounding.
_TOLERANCE = 1e-9
# Stakes of several capped parents depend on each other; the fall to their equilibrium is geometric.
_MOST_ROUNDS = 1000


CLOSING = np.dtype(
    [
        ("start_period", "i8"),
        ("stream", "u8"),
        ("first_investor", "i8"),  # investors of the vehicle: the first, and the one behind the last
        ("last_investor", "i8"),
        ("raised", "f8", TRIPLE),  # share raised
        ("correlation", "f8"),  # ρ of (2.1)
        ("minimum_close", "f8"),  # share of the planned size
        ("paid_in_rate", "f8", TRIPLE),
    ]
)
"""What a vehicle's closing is told."""

COMMITMENT = np.dtype(
    [
        ("kind", "i8"),
        ("parent", "i8"),  # vehicle, −1 for outside investors
        ("planned", "f8"),  # commitment
        ("cap_share", "f8"),  # κ, NaN for none
    ]
)
"""What an investor means to put in."""


class ClosingRecords(NamedTuple):
    """§2 as the plan makes it: vehicles in file order, investors grouped by vehicle."""

    is_used: int  # 0: everything closes in full
    parents_first: np.ndarray  # (V,) vehicles, each after all its parents
    vehicles: np.ndarray  # (V,) CLOSING
    investors: np.ndarray  # (I,) COMMITMENT
    market_volatility: float  # σ_m, which standardises the market's return of (2.1)
    tables: np.ndarray  # quantile tables (N, segments, coefficients)


def allocate_closing(n_paths: int, grid: GridTerms, terms: ClosingRecords) -> ClosingBlock:
    """Arrays for the closings of a block; `closing_pass` writes every entry."""
    n_investors, n_vehicles = len(terms.investors), len(terms.vehicles)
    return ClosingBlock(
        closed=np.empty((n_paths, n_investors)),
        callable=np.empty((n_paths, n_investors)),
        is_started=np.empty((n_paths, n_vehicles), dtype=np.int64),
        scale=np.empty((n_paths, n_vehicles)),
    )


@kernel(is_entry=True)
def closing_pass(grid, terms, market, first_path, out):
    """
    Fill the closings of the paths ``first_path + b``.

    Parameters
    ----------
    grid : GridTerms
    terms : ClosingRecords
    market : MarketBlock
        Of the same paths.
    first_path : int
        Number of the block's first path in the whole run.
    out : ClosingBlock
    """
    for b in range(out.closed.shape[0]):
        if terms.is_used == 0:
            _close_in_full(terms, b, out)
            continue
        shared = shared_draws(grid.seed_key, first_path + b, grid.is_antithetic)
        for place in range(terms.parents_first.size):
            v = terms.parents_first[place]
            score = market_score(
                grid, terms.market_volatility, market.factors[b, 0], terms.vehicles[v]["start_period"]
            )
            _close_outside(terms, v, b, shared, score, out)
            _close_stakes(terms, v, b, out)
            _start(terms, v, b, out)


@kernel(is_inner=True)
def _close_in_full(terms, b, out):
    for i in range(terms.investors.size):
        out.closed[b, i] = out.callable[b, i] = terms.investors[i]["planned"]
    out.is_started[b, :] = 1
    out.scale[b, :] = 1.0


@kernel(is_inner=True)
def market_score(grid, volatility, market_factor, period):
    """
    The market's standardised log-return over the year from a period, or over what the horizon leaves of it.

    Parameters
    ----------
    grid : GridTerms
    volatility : float
        σ_m, annual.
    market_factor : float64 array (T+1,)
        R_0 of one path.
    period : int

    Returns
    -------
    float64
        NaN where nothing varies.
    """
    end = min(period + grid.periods_per_year, grid.n_periods)
    if end <= period or volatility == 0.0:
        return math.nan
    years = (end - period) / grid.periods_per_year
    return (market_factor[end] - market_factor[period]) / (volatility * math.sqrt(years))


@kernel(is_inner=True)
def _close_outside(terms, v, b, shared, score, out):
    vehicle, investors = terms.vehicles[v], terms.investors
    u_raised = shared_uniform(shared, vehicle["stream"], 0)
    u_paid_in = shared_uniform(shared, vehicle["stream"], 1)
    correlation = vehicle["correlation"]
    if correlation != 0.0 and not math.isnan(score):
        # (2.1) u = Φ(ρ Z + √(1−ρ²) normal(u_0)), kept inside (0, 1)
        u = normal_cdf(correlation * score + math.sqrt(1.0 - correlation**2) * normal(u_raised))
        u_raised = min(max(u, _LEAST_DOUBLE), _BELOW_ONE)
    share = draw_from(terms.tables, vehicle["raised"], u_raised)
    paid_in = draw_from(terms.tables, vehicle["paid_in_rate"], u_paid_in)  # (2.3)
    for i in range(vehicle["first_investor"], vehicle["last_investor"]):
        is_social, planned = investors[i]["kind"] == InvestorKind.SOCIAL, investors[i]["planned"]
        out.closed[b, i] = planned * share if is_social else planned
        out.callable[b, i] = out.closed[b, i] * paid_in if is_social else out.closed[b, i]


@kernel(is_inner=True)
def _close_stakes(terms, v, b, out):
    # (2.2) the greatest stakes that keep within every parent's cap
    first, last = terms.vehicles[v]["first_investor"], terms.vehicles[v]["last_investor"]
    investors, total = terms.investors, 0.0
    for i in range(first, last):
        if investors[i]["kind"] == InvestorKind.IN_CLUSTER:
            out.closed[b, i] = investors[i]["planned"] * out.scale[b, investors[i]["parent"]]
        total += out.closed[b, i]
    for _ in range(_MOST_ROUNDS):
        change = 0.0
        for i in range(first, last):
            cap = investors[i]["cap_share"]
            if investors[i]["kind"] != InvestorKind.IN_CLUSTER or math.isnan(cap) or cap >= 1.0:
                continue
            stake = min(out.closed[b, i], cap / (1.0 - cap) * (total - out.closed[b, i]))
            change += out.closed[b, i] - stake
            total -= out.closed[b, i] - stake
            out.closed[b, i] = stake
        if change <= 1e-15 * total:
            break
    for i in range(first, last):
        if investors[i]["kind"] == InvestorKind.IN_CLUSTER:
            out.callable[b, i] = out.closed[b, i]


@kernel(is_inner=True)
def _start(terms, v, b, out):
    # (2.4), and the vehicle that misses its minimum does not start
    planned, closed, counted_on = 0.0, 0.0, 0.0
    first, last = terms.vehicles[v]["first_investor"], terms.vehicles[v]["last_investor"]
    for i in range(first, last):
        planned += terms.investors[i]["planned"]
        closed += out.closed[b, i]
        counted_on += out.callable[b, i]
    is_started = closed >= terms.vehicles[v]["minimum_close"] * planned * (1.0 - _TOLERANCE)
    out.is_started[b, v] = 1 if is_started else 0
    out.scale[b, v] = counted_on / planned if is_started and planned > 0.0 else 0.0
    if not is_started:
        out.closed[b, first:last] = 0.0
        out.callable[b, first:last] = 0.0
