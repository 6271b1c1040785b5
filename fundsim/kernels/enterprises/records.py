"""
Owns what the walk of an enterprise reads and writes, as records: terms by stage, sector, board, stream and
deal; one life.

Numba passes each array of a NamedTuple as seven or more arguments. The terms of all topics and the block
together are some 700, which cost more than the walk itself at each call; a record is one pointer.
"""

import math
from typing import NamedTuple

import numpy as np

from fundsim.kernels.base.distributions import TRIPLE, in_logs
from fundsim.kernels.base.jit import kernel
from fundsim.kernels.layout import EnterpriseTerms, GridTerms
from fundsim.vocabulary import OwnStream, WindowFactor

# Columns of window_factors

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
        ("drift", "f8"),
        ("stalled_drift", "f8"),
        ("volatility", "f8"),
        ("outcomes", "f8", (5,)),
        ("slopes", "f8", (4, 2)),
        ("failure_clock", "f8", (2,)),
    ]
)
SECTOR = np.dtype(
    [
        ("quality_effect", "f8"),
        ("quality_years", "f8"),
        ("filings", "i8"),
        ("refile_years", "f8"),
        ("listing_share", "f8", TRIPLE),
        ("premium", "f8", TRIPLE),
        ("n_buckets", "i8"),
        ("recovery", "f8"),
        ("failure_rate", "f8"),
        ("merger_rate", "f8"),
        ("listing_key", "u8"),
        ("stall_key", "u8"),
        ("merger_key", "u8"),
    ]
)
BOARD = np.dtype([("minimum", "f8"), ("review_years", "f8"), ("pass_probability", "f8")])
STREAM = np.dtype(
    [
        ("key", "u8"),
        ("sector", "i8"),
        ("stage", "i8"),
        ("is_poisson", "i8"),
        ("most_arrivals", "i8"),
        ("per_year", "f8"),
        ("log_growth", "f8"),
        ("from_years", "f8"),
        ("until_years", "f8"),
    ]
)
DEAL = np.dtype(
    [
        ("vehicle_stream", "u8"),
        ("number", "i8"),
        ("years", "f8"),
        ("patience", "f8"),
        ("park_share", "f8"),
        ("candidates", "i8"),
        ("skill", "f8"),
        ("row", "i8"),
        ("entry", "i8"),
    ]
)
LIFE = np.dtype(
    [
        ("key", "u8"),
        ("quality", "f8"),
        ("sector", "i8"),
        ("entry_date", "i8"),
        ("n_rounds", "i8"),
        ("n_segments", "i8"),
        ("filing_period", "i8"),
        ("stall_period", "i8"),
        ("end_kind", "i8"),
        ("end_period", "i8"),
        ("end_value", "f8"),
        ("end_multiple", "f8"),
        ("board", "i8"),
        ("listing_share", "f8"),
    ]
)
ROUND = np.dtype([("period", "i8"), ("pre", "f8"), ("sold", "f8")])
SEGMENT = np.dtype([("start", "i8"), ("end", "i8"), ("open", "f8"), ("close", "f8"), ("stage", "i8")])


class Walks(NamedTuple):
    """All of it; the first line is the grid, then the terms, a
    path's conditions, and the life walked last.
    """

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
    life: np.ndarray  # (1,) LIFE
    rounds: np.ndarray  # (K,) ROUND
    segments: np.ndarray  # (G,) SEGMENT


def new_walks(grid: GridTerms, terms: EnterpriseTerms, n_rounds: int, n_segments: int) -> Walks:
    """The records of terms, and room for the conditions of a path
    and for a life of so many rounds and segments.
    """
    n, m = int(grid.n_periods), int(grid.periods_per_year)
    return Walks(
        n_periods=n,
        periods_per_year=m,
        stages=_stage_records(terms),
        sectors=_sector_records(terms),
        boards=_records(
            BOARD,
            len(terms.board_minimum),
            minimum=terms.board_minimum,
            review_years=terms.board_review_years,
            pass_probability=terms.board_pass,
        ),
        sector_boards=terms.sector_boards,
        sector_buckets=terms.sector_buckets,
        tables=terms.tables,
        financing_clock=np.empty(n + 1),
        window=np.empty((n, len(WindowFactor))),
        factor_part=np.empty((len(terms.sector_beta), n + 1)),
        life=np.empty(1, dtype=LIFE),
        rounds=np.empty(n_rounds, dtype=ROUND),
        segments=np.empty(n_segments, dtype=SEGMENT),
    )


def _records(dtype: np.dtype, size: int, **fields: np.ndarray) -> np.ndarray:
    records = np.empty(size, dtype=dtype)
    for name in dtype.names or ():
        records[name] = fields[name]
    return records


def _stage_records(terms: EnterpriseTerms) -> np.ndarray:
    sector, volatility = terms.stage_sector, terms.stage_growth[:, 1]
    factor_variance = terms.sector_beta[sector] ** 2 @ terms.factor_variance
    correction = 0.5 * (volatility**2 + factor_variance)
    return _records(
        STAGE,
        len(sector),
        key=terms.stage_key,
        sector=sector,
        log_entry_value=in_logs(terms.stage_entry_value),
        clock=terms.stage_clock,
        log_step_up=in_logs(terms.stage_step_up),
        share_sold=terms.stage_share_sold,
        drift=terms.stage_growth[:, 0] - correction,
        stalled_drift=terms.sector_stall[sector, 0] - correction,
        volatility=volatility,
        outcomes=terms.stage_outcomes,
        slopes=terms.stage_slopes,
        failure_clock=terms.stage_failure_clock,
    )


def _sector_records(terms: EnterpriseTerms) -> np.ndarray:
    return _records(
        SECTOR,
        len(terms.sector_beta),
        quality_effect=terms.sector_quality[:, 0],
        quality_years=terms.sector_quality[:, 1],
        filings=terms.sector_filings,
        refile_years=terms.sector_refile_years,
        listing_share=terms.sector_listing_share,
        premium=terms.sector_merger_premium,
        n_buckets=terms.sector_n_buckets,
        recovery=terms.sector_recovery,
        failure_rate=terms.sector_stall[:, 1],
        merger_rate=terms.sector_stall[:, 2],
        listing_key=terms.own_streams[OwnStream.LISTING],
        stall_key=terms.own_streams[OwnStream.STALL],
        merger_key=terms.own_streams[OwnStream.MERGER],
    )


def stream_records(terms: EnterpriseTerms) -> np.ndarray:
    """The park's streams."""
    return _records(
        STREAM,
        len(terms.stream_key),
        key=terms.stream_key,
        sector=terms.stream_sector,
        stage=terms.stream_stage,
        is_poisson=terms.stream_is_poisson,
        most_arrivals=terms.most_arrivals,
        per_year=terms.stream_rate[:, 0],
        log_growth=np.log1p(terms.stream_rate[:, 1]),
        from_years=terms.stream_rate[:, 2],
        until_years=terms.stream_rate[:, 3],
    )


def deal_records(terms: EnterpriseTerms) -> np.ndarray:
    """The planned deals; without candidates a deal's `row` is −1."""
    names = [name for name in DEAL.names or () if name != "vehicle_stream"]
    fields = {name: getattr(terms, f"deal_{name}") for name in names}
    return _records(DEAL, len(terms.deal_row), vehicle_stream=terms.deal_vehicle_stream, **fields)


@kernel(allocates=False)
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


@kernel(allocates=False)
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
