"""The arrays that passes read and fill: one NamedTuple for the terms of a topic, one for what a pass
writes about a block.

Shapes use these letters: ``B`` paths of a block, ``T`` periods, ``F`` factors (0 is the market), ``W``
window states, ``S`` stages of all sectors (*global stages*, sector after sector), ``K`` most stages of a
sector, ``G`` most segments of an enterprise (``K + 2·most filings + 1``), ``V`` vehicles, ``I`` investor
rows,
``C`` investor classes, ``D`` planned deals, ``R`` rows (enterprises) of a block, ``N`` quantile tables.
Integers are int64 unless said, keys uint64, money and rates float64. Distributions are written in three
columns ``(table, a, b)``: table ≥ 0 is a row of ``tables`` scaled as ``a · quantile(u) + b``; table −1 is
the constant ``a``; table −2 is a lognormal with median ``a`` and log-sd ``b``; table −3 an exponential
with mean ``a`` (`fundsim.kernels.base.distributions`).
"""

from typing import Any, NamedTuple, Protocol, cast

import numpy as np
from numpy.typing import DTypeLike

Array = np.ndarray


class Memory(Protocol):
    """Where the arrays of a block come from: numpy makes new ones, an engine may lend the same again."""

    def empty(self, shape: Any, dtype: DTypeLike = ...) -> Array:
        """An array for a pass that writes every entry which has a meaning."""
        ...

    def zeros(self, shape: Any, dtype: DTypeLike = ...) -> Array:
        """An array of zeros, or of records of zeros."""
        ...

    def full(self, shape: Any, fill_value: Any, dtype: DTypeLike = ...) -> Array:
        """An array of one value."""
        ...


NEW = cast(Memory, np)

NEVER = 1 << 40  # a period that never comes


class GridTerms(NamedTuple):
    """The grid and the paths' root key, alike for every pass."""

    n_periods: int
    periods_per_year: int
    seed_key: np.uint64
    is_antithetic: bool = False  # paths 2k and 2k+1 mirror each other in what all funds share


class MarketTerms(NamedTuple):
    """§1."""

    index_drift: float  # μ_m
    factor_volatility: Array  # (F,) annual; [0] is σ_m
    correlation_root: Array  # (F, F) lower triangular L
    factor_stream: Array  # (F,) uint64 hash of the stream's name ([0] is market/index)
    window_stream: np.uint64
    window_cumulative: Array  # (W, W) cumulative rows of exp(QΔ), last column exactly 1
    window_initial: Array  # (W,) cumulative law of period 0
    window_known: Array  # (T,) state known for the period, −1 where random
    window_factors: (
        Array  # (W, 5): financing_rate, financing_valuation, listing_rate, listing_pass, listing_valuation
    )


class MarketBlock(NamedTuple):
    """What the market pass writes."""

    index: Array  # type: ignore[assignment]  # (B, T+1) level, 1 at date 0
    factors: Array  # (B, F, T+1) demeaned cumulative log-return R_f
    window: Array  # (B, T) state of each period


class ClosingBlock(NamedTuple):
    """What the closing pass writes."""

    closed: Array  # (B, I) closed commitments
    callable: Array  # (B, I) what investors will pay when called
    is_started: Array  # (B, V) 0 or 1
    scale: Array  # (B, V) callable total / planned size


class EnterpriseBlock(NamedTuple):
    """What the enterprises pass writes; rows of path b are
    ``first_row[b]:first_row[b+1]``, park rows first, then the deals' outside rows
    (``deal_row``).
    """

    first_row: Array  # (B+1,)
    n_park: Array  # (B,) park rows of a path
    financing_clock: Array  # (B, T+1) integral of the window's financing rate to each date, years
    key: Array  # (R,) uint64
    origin: Array  # (R,) park stream, or −1 − deal for outside rows
    number: Array  # (R,) arrival in its park stream, candidate of its deal
    sector: Array  # (R,)
    first_stage: Array  # (R,) global stage of entry
    quality: Array  # (R,)
    entry_date: Array  # (R,) date of entry; rows that never enter: T+1
    n_rounds: Array  # (R,) rounds opened; round i is at global stage first_stage + i
    round_period: Array  # (R, K) int64
    round_pre: Array  # (R, K) pre-money
    round_sold: Array  # (R, K) share d
    n_segments: Array  # (R,)
    segment_from: Array  # (R, G) date
    segment_to: Array  # (R, G) date
    segment_open: Array  # (R, G) ln V at the segment's start (after the round)
    segment_close: Array  # (R, G) ln V at its end (before the outcome)
    # (R, G) global stage whose drift and volatility apply; −1 − stage when stalled, NEVER when it lingers
    segment_stage: Array
    wait_period: Array  # (R,) from which it waits for the window to file, NEVER if not
    filing_period: Array  # (R,) first filing, NEVER if none
    stall_period: Array  # (R,) NEVER if none
    failure_period: Array  # (R,) NEVER if it did not fail; it shows in its end_period
    end_kind: Array  # (R,) ALIVE, LISTED, MERGED, FAILED
    end_period: Array  # (R,) NEVER if alive
    end_value: Array  # (R,) listed: value before the new shares; merged, failed: what holders share
    end_multiple: Array  # (R,) multiple of cost, NaN when value counts
    board: Array  # (R,) −1 if not listed
    listing_share: Array  # (R,) d_ipo
    # (B, T+2) places in event_order of the events of period t: first_event[b, t]:first_event[b, t+1]
    first_event: Array
    # (≥ all events,) row · (K + 1) + stage place i (round i), or K for the end; in period order, within a
    # period by row, then round before end
    event_order: Array


# end_period is NEVER if alive at the horizon, −1 if never started
# n_missed: park deals that found no match in the park
VEHICLE_RESULT = np.dtype([("end_period", "i8"), ("n_follow_ons", "i8"), ("n_missed", "i8")])
# row bought (of the block), −1 if the deal was lost, the period, the round of the enterprise; cost is with
# follow-ons, first_cost without; value is at marks at the horizon
DEAL_RESULT = np.dtype(
    [("row", "i8"), ("bought", "i8"), ("place", "i8"), ("is_credited", "i8")]
    + [("cost", "f8"), ("first_cost", "f8"), ("value", "f8")]
)
# period of the last sale
EXIT_RESULT = np.dtype(
    [("deal", "i8"), ("channel", "i8"), ("period", "i8"), ("cost", "f8"), ("proceeds", "f8")]
)
# sold is the period of the sale at the vehicle's end, NEVER if there was none
HOLDING_RESULT = np.dtype(
    [("bought", "i8"), ("sold", "i8"), ("share", "f8"), ("cost", "f8")]
    + [("income", "f8"), ("capital", "f8"), ("value", "f8")]
)
# lines of exits in use, exits without one; largest sum of the cluster's stakes in one enterprise at any date
PATH_RESULT = np.dtype([("n_exits", "i8"), ("n_lost_exits", "i8"), ("largest_stake", "f8")])


class FundBlock(NamedTuple):
    """What the funds pass writes; flows and stocks are taken by the member that they are of."""

    class_flows: Array  # (B, ClassFlow, C, T) distributions are net of carry, clawback included
    class_nav: Array  # (B, C, T+1) net of carry
    vehicle_flows: Array  # (B, VehicleFlow, V, T)
    vehicle_stocks: Array  # (B, VehicleStock, V, T+1)
    vehicles: Array  # (B, V) VEHICLE_RESULT
    sold_period: Array  # (B, I) period in which a parent sold its interest, NEVER if not
    deals: Array  # (B, D) DEAL_RESULT
    exits: Array  # (B, E) EXIT_RESULT
    paths: Array  # (B,) PATH_RESULT
    shares: Array  # (B, H) HOLDING_RESULT, of interests in property
