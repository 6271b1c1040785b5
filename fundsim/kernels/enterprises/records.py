"""
Owns the terms of enterprises as records: stages, sectors, boards, streams and planned deals, each as one
record that all passes read.

Numba passes each array of a NamedTuple as seven or more arguments. The terms of all topics and the block
together are some 700, which cost more than the walk itself at each call; a record is one pointer.
"""

import math
from typing import NamedTuple

import numpy as np

from fundsim.kernels.base.distributions import TRIPLE
from fundsim.kernels.base.jit import kernel
from fundsim.kernels.layout import GridTerms
from fundsim.vocabulary import Outcome, WindowFactor

# Events may be late by this part of a period and still belong to it: clocks that are fixed land on dates.
SLACK = 1e-9
# A clock that reaches its target up to rounding does not wait through a closed window for the last bit;
# years.
_CLOCK_SLACK = 1e-12

STAGE = np.dtype(
    [
        ("key", "u8"),
        ("sector", "i8"),
        ("log_entry_value", "f8", TRIPLE),
        ("clock", "f8", TRIPLE),
        ("log_step_up", "f8", TRIPLE),
        ("share_sold", "f8", TRIPLE),
        ("growth", "f8"),  # μ, in the clock's own time (3.2)
        # of ln V a year in calendar time, without factors and quality: −½σ² − ½Σβ_f²σ_f², and what
        # `value.log_drift` gives of a stalled enterprise, its terms added in another order
        ("variance_drift", "f8"),
        ("stalled_drift", "f8"),
        ("volatility", "f8"),  # σ
        ("outcomes", "f8", (len(Outcome),)),
        ("slopes", "f8", (len(Outcome), 2)),  # by quality, by value; 0 for a stall
        ("failure_clock", "f8", (2,)),  # scale, shape; scale NaN: off
        ("option_pool", "f8"),
    ]
)
SECTOR = np.dtype(
    [
        ("quality_effect", "f8"),  # γ
        ("quality_years", "f8"),
        ("filings", "i8"),
        ("refile_years", "f8"),
        ("listing_share", "f8", TRIPLE),  # d_ipo
        ("listed_growth", "f8"),
        ("listed_volatility", "f8"),
        ("premium", "f8", TRIPLE),
        ("n_buckets", "i8"),  # 0: premium, else multiples of cost
        ("recovery", "f8"),
        ("linger_years", "f8"),  # mean time until a failure shows, 0: at once
        ("stalled_growth", "f8"),
        ("failure_rate", "f8"),
        ("merger_rate", "f8"),
        ("preference", "i8"),
        # streams of an enterprise's own, by what they decide
        ("listing_key", "u8"),
        ("stall_key", "u8"),
        ("merger_key", "u8"),
        ("bridge_key", "u8"),
        ("listed_key", "u8"),
        ("failure_key", "u8"),
    ]
)
BOARD = np.dtype(
    [
        ("minimum", "f8"),  # in the scenario's unit
        ("review_years", "f8"),
        ("pass_probability", "f8"),
        ("sell_down", "i8"),  # rule, −1 for none
        ("lock_up_years", "f8"),
        ("late_entry", "f8", (2,)),  # within years, lock-up years; NaN for none
    ]
)
PARK_STREAM = np.dtype(
    [
        ("key", "u8"),
        ("sector", "i8"),
        ("stage", "i8"),  # global stage of entry
        ("is_poisson", "i8"),
        ("most_arrivals", "i8"),  # no path may hold more: a bound far in the tail, what is beyond is dropped
        ("per_year", "f8"),
        ("log_growth", "f8"),
        ("from_years", "f8"),
        ("until_years", "f8"),
    ]
)
DEAL = np.dtype(
    [
        ("vehicle", "i8"),
        ("vehicle_stream", "u8"),
        ("number", "i8"),  # within its mandate
        ("years", "f8"),
        ("patience", "f8"),
        ("period", "i8"),  # of `years`
        ("last_period", "i8"),  # of `years + patience`
        ("park_share", "f8"),
        ("candidates", "i8"),
        ("skill", "f8", TRIPLE),
        ("manager", "u8"),  # stream of its draw
        ("row", "i8"),  # of its outside enterprise behind the park rows, −1 without candidates
        ("entry", "i8"),  # row of `entry_cumulative`
    ]
)


class EnterpriseRecords(NamedTuple):
    """§3 as the plan makes it: stages sector after sector, planned deals by vehicle and time."""

    park_streams: np.ndarray  # (P,) PARK_STREAM
    deals: np.ndarray  # (D,) DEAL
    # (M, S) cumulative weights over global stages (non-decreasing, last 1) by mandate
    entry_cumulative: np.ndarray
    stages: np.ndarray  # (S,) STAGE
    sectors: np.ndarray  # (X,) SECTOR
    sector_beta: np.ndarray  # (X, F)
    sector_boards: np.ndarray  # (X, most boards) boards in order of preference, −1 behind the last
    sector_buckets: np.ndarray  # (X, most buckets, 3): cumulative share, from, to
    boards: np.ndarray  # (Y,) BOARD
    rule_from_years: np.ndarray  # (rules, most steps) ascending, inf behind the last
    rule_share: np.ndarray  # (rules, most steps) share of the company a period, inf for no limit
    factor_variance: np.ndarray  # (F,) σ_f²
    window_factors: np.ndarray  # (W, 5) as in MarketTerms
    tables: np.ndarray

    @property
    def most_rounds(self) -> int:
        """K: most stages of a sector, at least 1."""
        return max(1, int(np.bincount(self.stages["sector"]).max(initial=1)))

    @property
    def most_segments(self) -> int:
        """G: a segment a stage, one that waits for the window, two a filing, one that is stalled, one that
        lingers.
        """
        return self.most_rounds + 1 + 2 * int(self.sectors["filings"].max(initial=0)) + 2

    @property
    def n_outside(self) -> int:
        """Outside enterprises of a path: one of each planned deal with candidates."""
        return int(np.count_nonzero(self.deals["row"] >= 0))


class Walks(NamedTuple):
    """What a walk reads; the first line is the grid, then the terms and a path's conditions."""

    n_periods: int
    periods_per_year: int
    stages: np.ndarray  # (S,) STAGE
    sectors: np.ndarray  # (X,) SECTOR
    boards: np.ndarray  # (Y,) BOARD
    sector_boards: np.ndarray  # (X, most boards)
    sector_buckets: np.ndarray  # (X, most buckets, 3)
    tables: np.ndarray
    financing_clock: np.ndarray  # (T+1,) integral of the financing rate, years
    window: np.ndarray  # (T, 5) factors by period, the valuations as logarithms
    factor_part: np.ndarray  # (X, T+1) Σβ_f R_f(n)


def new_walks(grid: GridTerms, terms: EnterpriseRecords) -> Walks:
    """The terms that a walk reads, and room for the conditions of a path."""
    n, m = int(grid.n_periods), int(grid.periods_per_year)
    return Walks(
        n_periods=n,
        periods_per_year=m,
        stages=terms.stages,
        sectors=terms.sectors,
        boards=terms.boards,
        sector_boards=terms.sector_boards,
        sector_buckets=terms.sector_buckets,
        tables=terms.tables,
        financing_clock=np.empty(n + 1),
        window=np.empty((n, len(WindowFactor))),
        factor_part=np.empty((len(terms.sectors), n + 1)),
    )


@kernel(allocates=False, is_inner=True)
def set_conditions(window_factors, sector_beta, factors, window, walks):
    """Fill the conditions of one path from its factors (F, T+1) and its window (T,)."""
    walks.financing_clock[0] = 0.0
    for t in range(walks.n_periods):
        for k in range(walks.window.shape[1]):
            factor = window_factors[window[t], k]
            is_valuation = k in (WindowFactor.FINANCING_VALUATION, WindowFactor.LISTING_VALUATION)
            walks.window[t, k] = np.log(factor) if is_valuation else factor
        rate = walks.window[t, WindowFactor.FINANCING_RATE]
        walks.financing_clock[t + 1] = walks.financing_clock[t] + rate / walks.periods_per_year
    for x in range(sector_beta.shape[0]):
        for n in range(walks.n_periods + 1):
            part = 0.0
            for f in range(sector_beta.shape[1]):
                part += sector_beta[x, f] * factors[f, n]
            walks.factor_part[x, n] = part


@kernel(allocates=False)
def period_of(periods_per_year, time):
    """The period in which an event at an exact time (years) falls; its date is one more."""
    return max(np.int64(math.ceil(time * periods_per_year - SLACK)) - 1, 0)


@kernel(allocates=False)
def is_beyond(n_periods, periods_per_year, time):
    """Whether an exact time lies beyond the horizon."""
    return not time * periods_per_year <= n_periods + SLACK


@kernel(allocates=False, is_inner=True)
def clock_end(clock, window, periods_per_year, time, years):
    """
    When a clock that starts at an exact time has run for some years of the window's financing rate (3.1).

    Parameters
    ----------
    clock : float64 array (T+1,)
        `Walks.financing_clock`.
    window : float64 array (T, 5)
        `Walks.window`.
    periods_per_year : int
    time : float64
        Within the horizon, years.
    years : float64
        What the integral of the financing rate from `time` on must reach.

    Returns
    -------
    float64
        The first such time in years; beyond the horizon, where the last state stays, maybe infinite.
    """
    last = window.shape[0] - 1
    t = min(np.int64(time * periods_per_year), last)
    start = t / periods_per_year
    target = clock[t] + window[t, WindowFactor.FINANCING_RATE] * (time - start) + years
    while t < last and clock[t + 1] < target - _CLOCK_SLACK:
        t += 1
    start = t / periods_per_year
    rest = target - clock[t]
    if rest <= _CLOCK_SLACK:
        return max(time, start)
    return max(time, start + rest / window[t, WindowFactor.FINANCING_RATE])
