"""Owns how an enterprise leaves its stages: the outcome drawn at a
milestone, listing, merger, failure and stall (3.3, 3.5, 3.6).
"""

import math

from fundsim.kernels.base.distributions import draw_from
from fundsim.kernels.base.jit import kernel
from fundsim.kernels.base.random import derive, normal, uniform, uniform_pair
from fundsim.kernels.enterprises.records import is_beyond, period_of
from fundsim.kernels.enterprises.value import quality_part
from fundsim.vocabulary import End, Outcome, WindowFactor

# Beyond it log-odds are certain; the exponential stays finite.
_GREATEST_EXPONENT = 500.0


@kernel(allocates=False, is_inlined=True)
def move(walks, out, row, mark, to, log_value, u):
    """
    Let an enterprise's value move over a segment (3.2), and write the segment down.

    Parameters
    ----------
    walks : Walks
    out : EnterpriseBlock
        The row's next segment is written.
    row : int
    mark : int
        Global number of the stage; −1 − that when stalled in it.
    to : int
        Date of the segment's end; it starts where the last one ended, the first one at the entry.
    log_value : float64
        ln V at its start.
    u : float64
        Uniform of the segment's own noise.

    Returns
    -------
    float64
        ln V at its end.
    """
    stage, x = walks.stages[mark if mark >= 0 else -1 - mark], out.sector[row]
    sector, i, entry = walks.sectors[x], out.n_segments[row], out.entry_date[row]
    start = out.segment_to[row, i - 1] if i > 0 else entry
    period = 1.0 / walks.periods_per_year
    years = (to - start) * period
    close = log_value + (stage["drift"] if mark >= 0 else stage["stalled_drift"]) * years
    close += walks.factor_part[x, to] - walks.factor_part[x, start]
    if stage["volatility"] != 0.0:
        close += stage["volatility"] * math.sqrt(years) * normal(u)
    if sector["quality_effect"] != 0.0:
        age, later = (start - entry) * period, (to - entry) * period
        close += quality_part(sector["quality_effect"], sector["quality_years"], out.quality[row], age, later)
    out.segment_from[row, i], out.segment_to[row, i], out.segment_stage[row, i] = start, to, mark
    out.segment_open[row, i], out.segment_close[row, i] = log_value, close
    out.n_segments[row] = i + 1
    return close


@kernel(allocates=False, is_inner=True)
def draw_outcome(stage, quality, log_growth, listing_rate, u):
    """
    The outcome at a milestone (3.3).

    Parameters
    ----------
    stage : STAGE
    quality, log_growth : float64
        q, and ln(V/V_open) over the stage.
    listing_rate : float64
        The window's, at the milestone.
    u : float64

    Returns
    -------
    int
        ADVANCE, LISTING, MERGER, FAILURE or STALL; one of weight 0 only when all are 0, then STALL.
    """
    weights = (
        _weight(stage, Outcome.ADVANCE, quality, log_growth),
        _weight(stage, Outcome.LISTING, quality, log_growth) * listing_rate,
        _weight(stage, Outcome.MERGER, quality, log_growth),
        _weight(stage, Outcome.FAILURE, quality, log_growth),
        _weight(stage, Outcome.STALL, quality, log_growth),
    )
    target = u * (weights[0] + weights[1] + weights[2] + weights[3] + weights[4])
    outcome: int = Outcome.STALL
    reached = 0.0
    for k in range(len(weights)):
        if weights[k] > 0.0:
            outcome = k
            reached += weights[k]
            if target < reached:
                break
    return outcome


@kernel(allocates=False, is_inner=True)
def _weight(stage, outcome, quality, log_growth):
    # Base 0 stays exactly 0, whatever the slopes.
    base = stage["outcomes"][outcome]
    by_quality, by_value = stage["slopes"][outcome, 0], stage["slopes"][outcome, 1]
    if base == 0.0 or (by_quality == 0.0 and by_value == 0.0):
        return base
    return base * math.exp(min(by_quality * quality + by_value * log_growth, _GREATEST_EXPONENT))


@kernel(allocates=False, is_inlined=True)
def leave(walks, out, row, stage, time, period, log_value, outcome):
    """
    Let an enterprise leave its stages by an outcome other than ADVANCE.

    Parameters
    ----------
    walks : Walks
    out : EnterpriseBlock
    row : int
    stage : int
        Global stage.
    time : float64
        Exact time of the milestone, years.
    period : int
        In which it falls.
    log_value : float64
        ln V there.
    outcome : int
        LISTING, MERGER, FAILURE or STALL.
    """
    if outcome == Outcome.MERGER:
        merge(walks, out, row, period, log_value)
    elif outcome == Outcome.FAILURE:
        fail(walks, out, row, period, log_value)
    elif outcome == Outcome.LISTING:
        _file(walks, out, row, stage, time, log_value)
    else:
        _stall(walks, out, row, stage, time, log_value)


@kernel(allocates=False, is_inlined=True)
def fail(walks, out, row, period, log_value):
    """End in failure (3.6): holders share the recovered part of V."""
    out.end_kind[row], out.end_period[row] = End.FAILED, period
    out.end_value[row] = walks.sectors[out.sector[row]]["recovery"] * math.exp(log_value)


@kernel(allocates=False, is_inlined=True)
def merge(walks, out, row, period, log_value):
    """End in a merger (3.6): holders share V times the premium, or each gets a multiple of its cost."""
    x = out.sector[row]
    sector = walks.sectors[x]
    first, second = uniform_pair(derive(out.key[row], sector["merger_key"]), 0)
    out.end_kind[row], out.end_period[row], out.end_value[row] = End.MERGED, period, math.exp(log_value)
    if sector["n_buckets"] == 0:
        out.end_value[row] *= draw_from(walks.tables, sector["premium"], first)
        return
    k = 0
    while k < sector["n_buckets"] - 1 and not first < walks.sector_buckets[x, k, 0]:
        k += 1
    low, high = walks.sector_buckets[x, k, 1], walks.sector_buckets[x, k, 2]
    out.end_multiple[row] = low + (high - low) * second


@kernel(allocates=False, is_inlined=True)
def _stall(walks, out, row, stage, time, log_value):
    # (3.6) hazards of failure and merger, at most one of which comes within the horizon
    sector = walks.sectors[out.sector[row]]
    rate = sector["failure_rate"] + sector["merger_rate"]
    out.stall_period[row] = period_of(walks.periods_per_year, time)
    key = derive(out.key[row], sector["stall_key"])
    u_time, u_kind = uniform_pair(key, 0)
    end = time - math.log(1.0 - u_time) / rate if rate > 0.0 else math.inf
    is_alive = is_beyond(walks.n_periods, walks.periods_per_year, end)
    period = walks.n_periods - 1 if is_alive else period_of(walks.periods_per_year, end)
    log_value = move(walks, out, row, -1 - stage, period + 1, log_value, uniform(key, 2))
    if is_alive:
        return
    if u_kind < sector["failure_rate"] / rate:
        fail(walks, out, row, period, log_value)
    else:
        merge(walks, out, row, period, log_value)


@kernel(allocates=False, is_inlined=True)
def _file(walks, out, row, stage, time, log_value):
    # (3.5) filings one after the other until one passes, the horizon comes or all are used up
    sector = walks.sectors[out.sector[row]]
    out.filing_period[row] = period_of(walks.periods_per_year, time)
    key = derive(out.key[row], sector["listing_key"])
    for j in range(sector["filings"]):
        u_pass, u_review = uniform_pair(key, 2 * j)
        board = _board(walks.boards, walks.sector_boards[out.sector[row]], log_value)
        if board >= 0:
            time += walks.boards[board]["review_years"]
            log_value = _live_until(walks, out, row, stage, time, log_value, u_review)
            if is_beyond(walks.n_periods, walks.periods_per_year, time):
                return
            period = period_of(walks.periods_per_year, time)
            passes = walks.boards[board]["pass_probability"] * walks.window[period, WindowFactor.LISTING_PASS]
            if u_pass < passes:
                _list(walks, out, row, board, period, log_value, uniform(key, 1000))
                return
        if j < sector["filings"] - 1:
            time += sector["refile_years"]
            log_value = _live_until(walks, out, row, stage, time, log_value, uniform(key, 4 * j + 2))
            if is_beyond(walks.n_periods, walks.periods_per_year, time):
                return
    _stall(walks, out, row, stage, time, log_value)


@kernel(allocates=False, is_inlined=True)
def _live_until(walks, out, row, stage, time, log_value, u):
    # In review and waiting the value moves as in the last stage, at most to the horizon.
    is_alive = is_beyond(walks.n_periods, walks.periods_per_year, time)
    to = walks.n_periods if is_alive else period_of(walks.periods_per_year, time) + 1
    return move(walks, out, row, stage, to, log_value, u)


@kernel(allocates=False, is_inlined=True)
def _board(boards, preferred, log_value):
    value = math.exp(log_value)
    for board in preferred:
        if board < 0:
            break
        if value >= boards[board]["minimum"]:
            return board
    return -1


@kernel(allocates=False, is_inlined=True)
def _list(walks, out, row, board, period, log_value, u):
    out.end_kind[row], out.end_period[row], out.board[row] = End.LISTED, period, board
    out.end_value[row] = math.exp(log_value + walks.window[period, WindowFactor.LISTING_VALUATION])
    out.listing_share[row] = draw_from(walks.tables, walks.sectors[out.sector[row]]["listing_share"], u)
