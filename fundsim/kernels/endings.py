"""Owns how an enterprise leaves its stages: the outcome drawn at a milestone, listing, merger, failure and stall (3.3, 3.5, 3.6)."""

import math

from fundsim.kernels.conditions import (
    LISTING_PASS,
    LISTING_VALUATION,
    is_beyond,
    period_of,
)
from fundsim.kernels.distributions import draw_from
from fundsim.kernels.jit import kernel
from fundsim.kernels.layout import FAILED, FAILURE, LISTED, LISTING, MERGED, MERGER, STALL
from fundsim.kernels.random import derive, normal, uniform, uniform_pair
from fundsim.kernels.value import LISTING_STREAM, MERGER_STREAM, STALL_STREAM, quality_part

# Beyond it log-odds are certain; the exponential stays finite.
_GREATEST_EXPONENT = 500.0


@kernel
def move(grid, terms, conditions, out, row, mark, to, log_value, u):
    """
    Let an enterprise's value move over a segment (3.2), and write the segment down.

    Parameters
    ----------
    grid, terms, conditions, out
        As in `fundsim.kernels.enterprises.enterprises_pass`.
    row : int
    mark : int
        Global stage whose drift and volatility apply; −1 − stage when stalled in it.
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
    i, entry, sector = out.n_segments[row], out.entry_date[row], out.sector[row]
    start = out.segment_to[row, i - 1] if i > 0 else entry
    stage, is_stalled = (mark, 0) if mark >= 0 else (-1 - mark, 1)
    period = 1.0 / grid.periods_per_year
    years = (to - start) * period
    log_close = log_value + conditions.drift[is_stalled, stage] * years
    log_close += conditions.factor_part[sector, to] - conditions.factor_part[sector, start]
    volatility, gamma = terms.stage_growth[stage, 1], terms.sector_quality[sector, 0]
    if volatility != 0.0:
        log_close += volatility * math.sqrt(years) * normal(u)
    if gamma != 0.0:
        ages = (start - entry) * period, (to - entry) * period
        log_close += quality_part(gamma, terms.sector_quality[sector, 1], out.quality[row], ages[0], ages[1])
    out.segment_from[row, i], out.segment_to[row, i], out.segment_stage[row, i] = start, to, mark
    out.segment_open[row, i], out.segment_close[row, i] = log_value, log_close
    out.n_segments[row] = i + 1
    return log_close


@kernel
def draw_outcome(terms, stage, quality, log_growth, listing_rate, u):
    """
    The outcome at a milestone (3.3).

    Parameters
    ----------
    terms : EnterpriseTerms
    stage : int
        Global stage.
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
        _weight(terms, stage, 0, quality, log_growth),
        _weight(terms, stage, LISTING, quality, log_growth) * listing_rate,
        _weight(terms, stage, MERGER, quality, log_growth),
        _weight(terms, stage, FAILURE, quality, log_growth),
        terms.stage_outcomes[stage, STALL],
    )
    target = u * (weights[0] + weights[1] + weights[2] + weights[3] + weights[4])
    outcome, reached = STALL, 0.0
    for k in range(5):
        if weights[k] > 0.0:
            outcome = k
            reached += weights[k]
            if target < reached:
                break
    return outcome


@kernel
def _weight(terms, stage, outcome, quality, log_growth):
    # Base 0 stays exactly 0, whatever the slopes.
    base = terms.stage_outcomes[stage, outcome]
    slope_quality, slope_value = terms.stage_slopes[stage, outcome, 0], terms.stage_slopes[stage, outcome, 1]
    if base == 0.0 or (slope_quality == 0.0 and slope_value == 0.0):
        return base
    return base * math.exp(min(slope_quality * quality + slope_value * log_growth, _GREATEST_EXPONENT))


@kernel
def leave(grid, terms, conditions, out, row, stage, time, log_value, outcome):
    """
    Let an enterprise leave its stages by an outcome other than ADVANCE.

    Parameters
    ----------
    grid, terms, conditions, out
        As in `fundsim.kernels.enterprises.enterprises_pass`.
    row, stage : int
    time : float64
        Exact time of the milestone, years.
    log_value : float64
        ln V there.
    outcome : int
        LISTING, MERGER, FAILURE or STALL.
    """
    if outcome == MERGER:
        merge(grid, terms, conditions, out, row, period_of(grid, time), log_value)
    elif outcome == FAILURE:
        fail(terms, conditions, out, row, period_of(grid, time), log_value)
    elif outcome == LISTING:
        _file(grid, terms, conditions, out, row, stage, time, log_value)
    else:
        _stall(grid, terms, conditions, out, row, stage, time, log_value)


@kernel
def _end(conditions, out, row, kind, period, value):
    out.end_kind[row], out.end_period[row], out.end_value[row] = kind, period, value
    conditions.n_events[period] += 1


@kernel
def fail(terms, conditions, out, row, period, log_value):
    """End in failure (3.6): holders share the recovered part of V."""
    recovery = terms.sector_recovery[out.sector[row]]
    _end(conditions, out, row, FAILED, period, recovery * math.exp(log_value))


@kernel
def merge(grid, terms, conditions, out, row, period, log_value):
    """End in a merger (3.6): holders share V times the premium, or each gets a multiple of its cost."""
    sector = out.sector[row]
    first, second = uniform_pair(derive(out.key[row], terms.own_streams[MERGER_STREAM]), 0)
    value, n_buckets = math.exp(log_value), terms.sector_n_buckets[sector]
    if n_buckets == 0:
        value *= draw_from(terms.tables, terms.sector_merger_premium[sector], first)
    else:
        k = 0
        while k < n_buckets - 1 and not first < terms.sector_buckets[sector, k, 0]:
            k += 1
        low, high = terms.sector_buckets[sector, k, 1], terms.sector_buckets[sector, k, 2]
        out.end_multiple[row] = low + (high - low) * second
    _end(conditions, out, row, MERGED, period, value)


@kernel
def _stall(grid, terms, conditions, out, row, stage, time, log_value):
    # (3.6) hazards of failure and merger, at most one of which comes within the horizon
    sector = out.sector[row]
    failure_rate, merger_rate = terms.sector_stall[sector, 1], terms.sector_stall[sector, 2]
    out.stall_period[row] = period_of(grid, time)
    key = derive(out.key[row], terms.own_streams[STALL_STREAM])
    u_time, u_kind = uniform_pair(key, 0)
    rate = failure_rate + merger_rate
    end = time - math.log1p(-u_time) / rate if rate > 0.0 else math.inf
    is_alive = is_beyond(grid, end)
    period = grid.n_periods - 1 if is_alive else period_of(grid, end)
    log_value = move(grid, terms, conditions, out, row, -1 - stage, period + 1, log_value, uniform(key, 2))
    if is_alive:
        return
    if u_kind < failure_rate / rate:
        fail(terms, conditions, out, row, period, log_value)
    else:
        merge(grid, terms, conditions, out, row, period, log_value)


@kernel
def _file(grid, terms, conditions, out, row, stage, time, log_value):
    # (3.5) filings one after the other until one passes, the horizon comes or all are used up
    sector = out.sector[row]
    out.filing_period[row] = period_of(grid, time)
    key = derive(out.key[row], terms.own_streams[LISTING_STREAM])
    for j in range(terms.sector_filings[sector]):
        u_pass, u_review = uniform_pair(key, 2 * j)
        board = _board(terms, sector, log_value)
        if board >= 0:
            time += terms.board_review_years[board]
            log_value = _live_until(grid, terms, conditions, out, row, stage, time, log_value, u_review)
            if is_beyond(grid, time):
                return
            period = period_of(grid, time)
            if u_pass < terms.board_pass[board] * conditions.window[period, LISTING_PASS]:
                _list(terms, conditions, out, row, board, period, log_value, uniform(key, 1000))
                return
        if j < terms.sector_filings[sector] - 1:
            time += terms.sector_refile_years[sector]
            u_wait = uniform(key, 4 * j + 2)
            log_value = _live_until(grid, terms, conditions, out, row, stage, time, log_value, u_wait)
            if is_beyond(grid, time):
                return
    _stall(grid, terms, conditions, out, row, stage, time, log_value)


@kernel
def _live_until(grid, terms, conditions, out, row, stage, time, log_value, u):
    # In review and waiting the value moves as in the last stage, at most to the horizon.
    to = grid.n_periods if is_beyond(grid, time) else period_of(grid, time) + 1
    return move(grid, terms, conditions, out, row, stage, to, log_value, u)


@kernel
def _board(terms, sector, log_value):
    value = math.exp(log_value)
    for k in range(terms.sector_boards.shape[1]):
        board = terms.sector_boards[sector, k]
        if board < 0:
            break
        if value >= terms.board_minimum[board]:
            return board
    return -1


@kernel
def _list(terms, conditions, out, row, board, period, log_value, u):
    log_value += conditions.window[period, LISTING_VALUATION]
    share = draw_from(terms.tables, terms.sector_listing_share[out.sector[row]], u)
    out.board[row], out.listing_share[row] = board, share
    _end(conditions, out, row, LISTED, period, math.exp(log_value))
