"""Owns the enterprises pass (§3): every enterprise of a path walks its
sector's stages from its entry to its end or the horizon.
"""

import math
from typing import NamedTuple

import numpy as np

from fundsim.kernels.base.distributions import draw_from, log_draw
from fundsim.kernels.base.jit import kernel
from fundsim.kernels.base.random import derive, normal, uniform_pair
from fundsim.kernels.enterprises.arrivals import Entrants, count_rows, enter_outside, enter_park
from fundsim.kernels.enterprises.endings import draw_outcome, fail, leave, move_value
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
    entries = Entries(grid.seed_key, terms.park_streams, terms.deals, terms.entry_cumulative, times, places)
    walk_paths(entries, walks, terms.window_factors, terms.sector_beta, market, first_path, out)


class Entries(NamedTuple):
    """What decides who enters, and room for the rows of one path."""

    seed_key: np.uint64
    park_streams: np.ndarray  # (P,) PARK_STREAM
    deals: np.ndarray  # (D,) DEAL
    entry_cumulative: np.ndarray  # (M, S)
    times: np.ndarray  # (≥ rows of a path,) exact times of entry, years
    places: np.ndarray  # (T+2,) scratch of the order of events


@kernel(allocates=False)
def walk_paths(entries, walks, window_factors, sector_beta, market, first_path, out):
    """The compiled part of `enterprises_pass`."""
    place = 0
    for b in range(market.index.shape[0]):
        path = derive(entries.seed_key, first_path + b)
        first, last = out.first_row[b], out.first_row[b + 1]
        set_conditions(window_factors, sector_beta, market.factors[b], market.window[b], walks)
        _enter(entries, walks, path, out, first, first + out.n_park[b], last)
        _walk_rows(walks, entries.times, first, last, out)
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
def _enter(entries, walks, path, out, first, outside, last):
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
    enter_outside(path, entries.deals, entries.entry_cumulative, others)


@kernel(allocates=False, is_inner=True)
def _walk_rows(walks, times, first, last, out):
    # The block is not handed on row by row: its arrays are more arguments than a life has numbers.
    life, rounds, segments = walks.life[0], walks.rounds, walks.segments
    for row in range(first, last):
        walk(walks, life, out.key[row], out.first_stage[row], times[row - first])
        out.sector[row], out.quality[row], out.entry_date[row] = (
            life["sector"],
            life["quality"],
            life["entry_date"],
        )
        out.n_rounds[row], out.n_segments[row] = life["n_rounds"], life["n_segments"]
        for i in range(life["n_rounds"]):
            out.round_period[row, i] = rounds[i]["period"]
            out.round_pre[row, i], out.round_sold[row, i] = rounds[i]["pre"], rounds[i]["sold"]
        for i in range(life["n_segments"]):
            out.segment_from[row, i], out.segment_to[row, i] = segments[i]["start"], segments[i]["end"]
            out.segment_open[row, i], out.segment_close[row, i] = segments[i]["open"], segments[i]["close"]
            out.segment_stage[row, i] = segments[i]["stage"]
        out.filing_period[row], out.stall_period[row] = life["filing_period"], life["stall_period"]
        out.end_kind[row], out.end_period[row] = life["end_kind"], life["end_period"]
        out.end_value[row], out.end_multiple[row] = life["end_value"], life["end_multiple"]
        out.board[row], out.listing_share[row] = life["board"], life["listing_share"]


@kernel(allocates=False, is_inner=True)
def _be_born(life, key, sector, quality):
    life["key"], life["sector"], life["quality"] = key, sector, quality
    life["n_rounds"], life["n_segments"] = 0, 0
    life["filing_period"], life["stall_period"] = NEVER, NEVER
    life["end_kind"], life["end_period"] = End.ALIVE, NEVER
    life["end_value"], life["end_multiple"] = math.nan, math.nan
    life["board"], life["listing_share"] = -1, 0.0


@kernel(allocates=False)
def walk(walks, life, key, first_stage, time):
    """
    Live one enterprise from its entry at an exact time to its end or the horizon.

    Parameters
    ----------
    walks : Walks
        Its rounds and segments are filled.
    life : LIFE
        Filled.
    key : uint64
        Of the enterprise.
    first_stage : int
        Global stage of entry.
    time : float64
        Of the entry, years.
    """
    u_quality, u_value = uniform_pair(key, 0)
    _be_born(life, key, walks.stages[first_stage]["sector"], normal(u_quality))
    n, m, number = walks.n_periods, walks.periods_per_year, first_stage
    sector, factor_part = walks.sectors[life["sector"]], walks.factor_part[life["sector"]]
    if is_beyond(n, m, time):
        life["entry_date"] = n + 1
        return
    period = period_of(m, time)
    life["entry_date"] = period + 1
    log_value = log_draw(walks.tables, walks.stages[number]["log_entry_value"], u_value)  # (3.0)
    outcome = Outcome.ADVANCE
    while outcome == Outcome.ADVANCE:
        stage = walks.stages[number]
        stage_key = derive(key, stage["key"])
        # Side by side, so that the processor works on the three at once.
        u_clock, u_value = uniform_pair(stage_key, 0)
        u_outcome, u_step = uniform_pair(stage_key, 1)
        u_sold, u_failure = uniform_pair(stage_key, 2)
        log_pre = log_value + walks.window[period, WindowFactor.FINANCING_VALUATION]
        log_open = _open_round(walks.tables, walks.rounds, life, stage, period, log_pre, u_sold)
        clock = draw_from(walks.tables, stage["clock"], u_clock)
        milestone = clock_end(walks.financing_clock, walks.window, m, time, clock)
        failure = time + failure_years(stage["failure_clock"], u_failure)
        time = min(milestone, failure)
        is_alive = is_beyond(n, m, time)
        period = n - 1 if is_alive else period_of(m, time)
        log_value = move_value(
            stage, sector, factor_part, walks.segments, life, m, number, period + 1, log_open, u_value
        )
        if is_alive:
            return
        if failure < milestone:
            fail(sector, life, period, log_value)
            return
        listing_rate = walks.window[period, WindowFactor.LISTING_RATE]
        outcome = draw_outcome(stage, life["quality"], log_value - log_open, listing_rate, u_outcome)
        if outcome == Outcome.ADVANCE:
            log_value += log_draw(walks.tables, stage["log_step_up"], u_step)
            number += 1
    leave(walks, life, number, time, period, log_value, outcome)


@kernel(allocates=False, is_inner=True)
def _open_round(tables, rounds, life, stage, period, log_pre, u):
    # (3.4) new money: V := V/(1−d); the option pool dilutes holders, not V
    sold = draw_from(tables, stage["share_sold"], u)
    opened = rounds[life["n_rounds"]]
    opened["period"], opened["pre"], opened["sold"] = period, math.exp(log_pre), sold
    life["n_rounds"] += 1
    return log_pre - math.log(1.0 - sold)


@kernel(allocates=False, is_inner=True)
def failure_years(clock, u):
    """Time to failure since the last round (3.3b), Weibull ``scale ·
    (−ln(1−u))^(1/shape)``; infinite where it is off.
    """
    scale, shape = clock[0], clock[1]
    if math.isnan(scale):
        return math.inf
    wait = -math.log(1.0 - u)
    # exp and log together are faster than a power.
    return scale * (wait if shape == 1.0 else math.exp(math.log(wait) / shape))
