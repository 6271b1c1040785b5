"""Owns the enterprises pass (§3): every enterprise of a path walks its
sector's stages from its entry to its end or the horizon.
"""

import math
from typing import NamedTuple

import numpy as np

from fundsim.kernels.base.distributions import draw_from, log_draw
from fundsim.kernels.base.jit import kernel
from fundsim.kernels.base.random import derive, normal, shared_draws, uniform_pair
from fundsim.kernels.enterprises.arrivals import Entrants, count_rows, enter_outside, enter_park
from fundsim.kernels.enterprises.endings import await_window, draw_outcome, fail, leave, move
from fundsim.kernels.enterprises.events import sort_events
from fundsim.kernels.enterprises.records import (
    EnterpriseRecords,
    clock_end,
    is_beyond,
    new_walks,
    period_of,
    set_conditions,
)
from fundsim.kernels.layout import NEVER, NEW, EnterpriseBlock, GridTerms, MarketBlock, Memory
from fundsim.vocabulary import End, Outcome, WindowFactor


def allocate_enterprises(
    n_rows: int, n_paths: int, grid: GridTerms, terms: EnterpriseRecords, memory: Memory = NEW
) -> EnterpriseBlock:
    """
    Arrays for the enterprises of a block.

    Parameters
    ----------
    n_rows : int
        All rows of the block: ``first_row[n_paths]`` of `count_rows`, or more (arrays may be used again).
    n_paths : int
    grid : GridTerms
    terms : EnterpriseRecords
    memory : Memory

    Returns
    -------
    EnterpriseBlock
        `first_row` and `n_park` are for `count_rows` to fill, all else for `enterprises_pass`.
    """
    n_rounds = terms.most_rounds
    stages, segments = (n_rows, n_rounds), (n_rows, terms.most_segments)
    whole, real = np.int64, np.float64
    shapes = {
        "first_row": ((n_paths + 1,), whole),
        "n_park": ((n_paths,), whole),
        "financing_clock": ((n_paths, grid.n_periods + 1), real),
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
        "event_order": ((n_rows * (n_rounds + 1),), whole),
    }
    return EnterpriseBlock(
        *(memory.empty(*shapes.get(name, ((n_rows,), whole))) for name in EnterpriseBlock._fields)
    )


def enterprises_of(
    grid: GridTerms, terms: EnterpriseRecords, market: MarketBlock, first_path: int
) -> EnterpriseBlock:
    """Count, allocate and walk the enterprises of the paths of a market block."""
    n_paths = len(market.index)
    first_row, n_park = np.empty(n_paths + 1, dtype=np.int64), np.empty(n_paths, dtype=np.int64)
    count_rows(grid, terms, first_path, n_paths, first_row, n_park)
    out = allocate_enterprises(int(first_row[-1]), n_paths, grid, terms)
    out = out._replace(first_row=first_row, n_park=n_park)
    enterprises_pass(grid, terms, market, first_path, out)
    return out


def enterprises_pass(
    grid: GridTerms, terms: EnterpriseRecords, market: MarketBlock, first_path: int, out: EnterpriseBlock
) -> None:
    """
    Walk the enterprises of the paths ``first_path + b``.

    Parameters
    ----------
    grid : GridTerms
    terms : EnterpriseRecords
    market : MarketBlock
        Of the same paths.
    first_path : int
        Number of the block's first path in the whole run.
    out : EnterpriseBlock
        With `first_row` and `n_park` from `count_rows`; the pass writes every entry that has a meaning:
        rounds up to
        `n_rounds`, segments up to `n_segments`.
    """
    walks = new_walks(grid, terms)
    times = np.empty(int(np.max(np.diff(out.first_row), initial=0)))
    places = np.empty(grid.n_periods + 2, dtype=np.int64)
    entries = Entries(
        grid.seed_key,
        grid.is_antithetic,
        terms.park_streams,
        terms.deals,
        terms.entry_cumulative,
        times,
        places,
    )
    walk_paths(entries, walks, terms.window_factors, terms.sector_beta, market, first_path, out)


class Entries(NamedTuple):
    """What decides who enters, and room for the rows of one path."""

    seed_key: np.uint64
    is_antithetic: bool
    park_streams: np.ndarray  # (P,) PARK_STREAM
    deals: np.ndarray  # (D,) DEAL
    entry_cumulative: np.ndarray  # (M, S)
    times: np.ndarray  # (≥ rows of a path,) exact times of entry, years
    places: np.ndarray  # (T+2,) scratch of the order of events


@kernel(allocates=False, is_entry=True)
def walk_paths(entries, walks, window_factors, sector_beta, market, first_path, out):
    """The compiled part of `enterprises_pass`."""
    place = 0
    for b in range(market.index.shape[0]):
        path = derive(entries.seed_key, first_path + b)
        shared = shared_draws(entries.seed_key, first_path + b, entries.is_antithetic)
        first, last = out.first_row[b], out.first_row[b + 1]
        set_conditions(window_factors, sector_beta, market.factors[b], market.window[b], walks)
        for n in range(walks.financing_clock.size):
            out.financing_clock[b, n] = walks.financing_clock[n]
        _enter(entries, walks, path, shared, out, first, first + out.n_park[b], last)
        for row in range(first, last):
            _walk(walks, out, row, entries.times[row - first])
        place = sort_events(
            out.n_rounds[first:last],
            out.round_period[first:last],
            out.end_period[first:last],
            first,
            entries.places,
            place,
            out.first_event[b],
            out.event_order,
        )


@kernel(allocates=False, is_inner=True)
def _enter(entries, walks, path, shared, out, first, outside, last):
    park = Entrants(
        out.key[first:outside],
        out.origin[first:outside],
        out.number[first:outside],
        out.first_stage[first:outside],
        entries.times,
    )
    enter_park(walks.n_periods, walks.periods_per_year, path, entries.park_streams, park)
    others = Entrants(
        out.key[outside:last],
        out.origin[outside:last],
        out.number[outside:last],
        out.first_stage[outside:last],
        entries.times[outside - first :],
    )
    enter_outside(path, shared, walks.tables, entries.deals, entries.entry_cumulative, others)


@kernel(allocates=False, is_inlined=True)
def _walk(walks, out, row, time):
    # One enterprise from its entry at an exact time, in years, to its end or the horizon. The block is too
    # many arguments for a call: what a walk writes is put there.
    u_quality, u_value = uniform_pair(out.key[row], 0)
    n, m, number = walks.n_periods, walks.periods_per_year, out.first_stage[row]
    _be_born(out, row, walks.stages[number]["sector"], normal(u_quality))
    if is_beyond(n, m, time):
        out.entry_date[row] = n + 1
        return
    period = period_of(m, time)
    out.entry_date[row] = period + 1
    log_value = log_draw(walks.tables, walks.stages[number]["log_entry_value"], u_value)  # (3.0)
    outcome = Outcome.ADVANCE
    while outcome == Outcome.ADVANCE:
        stage = walks.stages[number]
        stage_key = derive(out.key[row], stage["key"])
        # Side by side, so that the processor works on the three at once.
        u_clock, u_value = uniform_pair(stage_key, 0)
        u_outcome, u_step = uniform_pair(stage_key, 1)
        u_sold, u_failure = uniform_pair(stage_key, 2)
        log_pre = log_value + walks.window[period, WindowFactor.FINANCING_VALUATION]
        sold = draw_from(walks.tables, stage["share_sold"], u_sold)
        log_open = _open_round(out, row, period, log_pre, sold)
        years = draw_from(walks.tables, stage["clock"], u_clock)
        opened, milestone = time, clock_end(walks.financing_clock, walks.window, m, time, years)
        failure = opened + failure_years(stage["failure_clock"], u_failure, milestone - opened)
        time = min(milestone, failure)
        is_alive = is_beyond(n, m, time)
        period = n - 1 if is_alive else period_of(m, time)
        log_value = move(walks, out, row, number, period + 1, log_open, u_value)
        if is_alive:
            return
        if failure < milestone:
            fail(walks, out, row, time, log_value)
            return
        outcome, place = draw_outcome(stage, out.quality[row], log_value - log_open, u_outcome)
        if outcome == Outcome.ADVANCE:
            log_value += log_draw(walks.tables, stage["log_step_up"], u_step)
            number += 1
        elif outcome == Outcome.LISTING:
            failure = opened + failure_years(stage["failure_clock"], u_failure, math.inf)
            outcome, time, log_value = await_window(walks, out, row, number, time, log_value, place, failure)
            if outcome == Outcome.ADVANCE:
                return
    leave(walks, out, row, number, time, log_value, outcome)


@kernel(allocates=False, is_inlined=True)
def _be_born(out, row, sector, quality):
    out.sector[row], out.quality[row] = sector, quality
    out.n_rounds[row], out.n_segments[row] = 0, 0
    out.wait_period[row], out.filing_period[row], out.stall_period[row] = NEVER, NEVER, NEVER
    out.failure_period[row], out.end_kind[row], out.end_period[row] = NEVER, End.ALIVE, NEVER
    out.end_value[row], out.end_multiple[row] = math.nan, math.nan
    out.board[row], out.listing_share[row] = -1, 0.0


@kernel(allocates=False, is_inlined=True)
def _open_round(out, row, period, log_pre, sold):
    # (3.4) new money: V := V/(1−d); the option pool dilutes holders, not V
    i = out.n_rounds[row]
    out.round_period[row, i], out.round_pre[row, i], out.round_sold[row, i] = period, math.exp(log_pre), sold
    out.n_rounds[row] = i + 1
    return log_pre - math.log(1.0 - sold)


@kernel(allocates=False, is_inner=True)
def failure_years(clock, u, milestone_years):
    """Time to failure since the last round (3.3b), Weibull ``scale · (−ln(1−u))^(1/shape)``; infinite
    where it is off, or seen to come after the milestone without taking a logarithm.
    """
    scale, shape = clock[0], clock[1]
    if math.isnan(scale):
        return math.inf
    # −ln(1−u) is at least u, and a power of at most 1 of a number below 1 at least that number: most failures
    # are beyond the milestone by more than rounding.
    if shape >= 1.0 and u * scale > 1.001 * milestone_years:
        return math.inf
    wait = -math.log(1.0 - u)
    # exp and log together are faster than a power.
    return scale * (wait if shape == 1.0 else math.exp(math.log(wait) / shape))
