"""Owns the enterprises pass (§3): every enterprise of a path walks its sector's stages from its entry to its end or the horizon."""

import math

import numpy as np

from fundsim.kernels.arrivals import (
    arrival_times,
    best_candidate,
    count_rows,
    deal_key,
    entry_stage,
    entry_time,
)
from fundsim.kernels.conditions import (
    FINANCING_VALUATION,
    LISTING_RATE,
    clock_end,
    is_beyond,
    new_conditions,
    period_of,
    set_conditions,
)
from fundsim.kernels.distributions import draw_from, log_draw_from
from fundsim.kernels.endings import draw_outcome, fail, leave, move
from fundsim.kernels.events import sort_events
from fundsim.kernels.jit import kernel
from fundsim.kernels.layout import (
    ADVANCE,
    ALIVE,
    NEVER,
    EnterpriseBlock,
    EnterpriseTerms,
    GridTerms,
    MarketBlock,
)
from fundsim.kernels.random import derive, normal, path_key, uniform_pair


def allocate_enterprises(
    n_rows: int, n_paths: int, grid: GridTerms, terms: EnterpriseTerms
) -> EnterpriseBlock:
    """
    Arrays for the enterprises of a block.

    Parameters
    ----------
    n_rows : int
        All rows of the block: ``first_row[n_paths]`` of `count_rows`, or more (arrays may be used again).
    n_paths : int
    grid : GridTerms
    terms : EnterpriseTerms

    Returns
    -------
    EnterpriseBlock
        `first_row` and `n_park` are for `count_rows` to fill, all else for `enterprises_pass`.
    """
    n_stages = max(1, int(np.max(np.diff(terms.sector_first_stage), initial=1)))
    n_segments = n_stages + 2 * int(np.max(terms.sector_filings, initial=0)) + 1
    stages, segments = (n_rows, n_stages), (n_rows, n_segments)
    whole, real = np.int64, np.float64
    shapes = {
        "first_row": ((n_paths + 1,), whole),
        "n_park": ((n_paths,), whole),
        "key": ((n_rows,), np.uint64),
        "quality": ((n_rows,), real),
        "round_period": (stages, whole),
        "round_pre": (stages, real),
        "round_sold": (stages, real),
        "segment_from": (segments, whole),
        "segment_to": (segments, whole),
        "segment_open": (segments, real),
        "segment_close": (segments, real),
        "segment_stage": (segments, whole),
        "end_value": ((n_rows,), real),
        "end_multiple": ((n_rows,), real),
        "listing_share": ((n_rows,), real),
        "first_event": ((n_paths, grid.n_periods + 2), whole),
        "event_order": ((n_rows * (n_stages + 1),), whole),
    }
    return EnterpriseBlock(
        *(np.empty(*shapes.get(name, ((n_rows,), whole))) for name in EnterpriseBlock._fields)
    )


def enterprises_of(
    grid: GridTerms, terms: EnterpriseTerms, market: MarketBlock, first_path: int
) -> EnterpriseBlock:
    """Count, allocate and walk the enterprises of the paths of a market block."""
    n_paths = len(market.index)
    first_row, n_park = np.empty(n_paths + 1, dtype=np.int64), np.empty(n_paths, dtype=np.int64)
    count_rows(grid, terms, first_path, n_paths, first_row, n_park)
    out = allocate_enterprises(int(first_row[-1]), n_paths, grid, terms)
    out = out._replace(first_row=first_row, n_park=n_park)
    enterprises_pass(grid, terms, market, first_path, out)
    return out


@kernel
def enterprises_pass(grid, terms, market, first_path, out):
    """
    Walk the enterprises of the paths ``first_path + b``.

    Parameters
    ----------
    grid : GridTerms
    terms : EnterpriseTerms
    market : MarketBlock
        Of the same paths.
    first_path : int
        Number of the block's first path in the whole run.
    out : EnterpriseBlock
        With `first_row` and `n_park` from `count_rows`; the pass writes every entry that has a meaning: rounds up to
        `n_rounds`, segments up to `n_segments`.
    """
    conditions = new_conditions(grid, terms)
    place = 0
    for b in range(market.index.shape[0]):
        set_conditions(grid, terms, market.factors[b], market.window[b], conditions)
        _walk_park(grid, terms, conditions, first_path + b, out, out.first_row[b])
        _walk_outside(grid, terms, conditions, first_path + b, out, out.first_row[b] + out.n_park[b])
        place = sort_events(out, b, conditions.n_events, place)


@kernel
def _walk_park(grid, terms, conditions, path, out, row):
    for p in range(terms.stream_key.size):
        key = path_key(grid.seed_key, path, terms.stream_key[p])
        for i in range(arrival_times(grid, terms, p, key, conditions.times)):
            _found(terms, out, row, derive(key, i), p, i, terms.stream_stage[p])
            walk(grid, terms, conditions, out, row, conditions.times[i])
            row += 1


@kernel
def _walk_outside(grid, terms, conditions, path, out, first):
    for d in range(terms.deal_row.size):
        if terms.deal_row[d] < 0:
            continue
        deal, row = deal_key(grid, terms, path, d), first + terms.deal_row[d]
        number, key = best_candidate(terms, d, deal)
        _found(terms, out, row, key, -1 - d, number, entry_stage(terms, d, key))
        walk(grid, terms, conditions, out, row, entry_time(terms, d, deal))


@kernel
def _found(terms, out, row, key, stream, number, stage):
    out.key[row], out.stream[row], out.number[row] = key, stream, number
    out.sector[row], out.first_stage[row] = terms.stage_sector[stage], stage
    out.n_rounds[row], out.n_segments[row] = 0, 0
    out.filing_period[row], out.stall_period[row] = NEVER, NEVER
    out.end_kind[row], out.end_period[row] = ALIVE, NEVER
    out.end_value[row], out.end_multiple[row] = math.nan, math.nan
    out.board[row], out.listing_share[row] = -1, 0.0


@kernel
def walk(grid, terms, conditions, out, row, time):
    """
    Live one enterprise from its entry at an exact time to its end or the horizon.

    Parameters
    ----------
    grid, terms, conditions, out
        As in `enterprises_pass`; the row's key, sector and first stage are written.
    row : int
    time : float64
        Of the entry, years.
    """
    u_quality, u_value = uniform_pair(out.key[row], 0)
    out.quality[row] = normal(u_quality)
    if is_beyond(grid, time):
        out.entry_date[row] = grid.n_periods + 1
        return
    stage, period = out.first_stage[row], period_of(grid, time)
    out.entry_date[row] = period + 1
    log_value = log_draw_from(terms.tables, terms.stage_entry_value[stage], u_value)  # (3.0)
    outcome = ADVANCE
    while outcome == ADVANCE:
        key = derive(out.key[row], terms.stage_key[stage])
        u_sold, u_failure = uniform_pair(key, 2)
        log_open = _open_round(terms, conditions, out, row, stage, period, log_value, u_sold)
        u_clock, u_value = uniform_pair(key, 0)
        clock = draw_from(terms.tables, terms.stage_clock[stage], u_clock)
        milestone = clock_end(grid, conditions, time, clock)  # (3.1)
        failure = time + failure_years(terms.stage_failure_clock[stage], u_failure)
        time = min(milestone, failure)
        is_alive = is_beyond(grid, time)
        period = grid.n_periods - 1 if is_alive else period_of(grid, time)
        log_value = move(grid, terms, conditions, out, row, stage, period + 1, log_open, u_value)
        if is_alive:
            return
        if failure < milestone:
            fail(terms, conditions, out, row, period, log_value)
            return
        u_outcome, u_step = uniform_pair(key, 1)
        listing_rate = conditions.window[period, LISTING_RATE]
        outcome = draw_outcome(terms, stage, out.quality[row], log_value - log_open, listing_rate, u_outcome)
        if outcome == ADVANCE:
            log_value += log_draw_from(terms.tables, terms.stage_step_up[stage], u_step)
            stage += 1
    leave(grid, terms, conditions, out, row, stage, time, log_value, outcome)


@kernel
def _open_round(terms, conditions, out, row, stage, period, log_value, u):
    # (3.0), (3.4) the window's valuation, then new money: V := V/(1−d); the pool dilutes holders, not V
    log_pre = log_value + conditions.window[period, FINANCING_VALUATION]
    sold = draw_from(terms.tables, terms.stage_share_sold[stage], u)
    i = out.n_rounds[row]
    out.round_period[row, i], out.round_pre[row, i], out.round_sold[row, i] = period, math.exp(log_pre), sold
    out.n_rounds[row] = i + 1
    conditions.n_events[period] += 1
    return log_pre - math.log1p(-sold)


@kernel
def failure_years(clock, u):
    """Time to failure since the last round (3.3b), Weibull ``scale · (−ln(1−u))^(1/shape)``; infinite where it is off."""
    scale, shape = clock[0], clock[1]
    if math.isnan(scale):
        return math.inf
    wait = -math.log1p(-u)
    return scale * (wait if shape == 1.0 else wait ** (1.0 / shape))
