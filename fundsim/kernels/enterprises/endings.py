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


@kernel(allocates=False)
def move(walks, life, mark, to, log_value, u):
    """`move_value` with all that a walk holds."""
    stage = walks.stages[mark if mark >= 0 else -1 - mark]
    sector, part = walks.sectors[stage["sector"]], walks.factor_part[stage["sector"]]
    return move_value(
        stage, sector, part, walks.segments, life, walks.periods_per_year, mark, to, log_value, u
    )


@kernel(allocates=False)
def move_value(stage, sector, factor_part, segments, life, periods_per_year, mark, to, log_value, u):
    """
    Let an enterprise's value move over a segment (3.2), and write the segment down.

    Parameters
    ----------
    stage : STAGE
    sector : SECTOR
    factor_part : float64 array (T+1,)
        Σβ_f R_f of the sector.
    segments : SEGMENT array
        The life's segments; the next one is written.
    life : LIFE
    periods_per_year : int
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
    i, entry = life["n_segments"], life["entry_date"]
    start = segments[i - 1]["end"] if i > 0 else entry
    period = 1.0 / periods_per_year
    years = (to - start) * period
    close = log_value + (stage["drift"] if mark >= 0 else stage["stalled_drift"]) * years
    close += factor_part[to] - factor_part[start]
    if stage["volatility"] != 0.0:
        close += stage["volatility"] * math.sqrt(years) * normal(u)
    if sector["quality_effect"] != 0.0:
        age, later = (start - entry) * period, (to - entry) * period
        close += quality_part(sector["quality_effect"], sector["quality_years"], life["quality"], age, later)
    segment = segments[i]
    segment["start"], segment["end"], segment["stage"] = start, to, mark
    segment["open"], segment["close"] = log_value, close
    life["n_segments"] = i + 1
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


@kernel(allocates=False)
def leave(walks, life, stage, time, period, log_value, outcome):
    """
    Let an enterprise leave its stages by an outcome other than ADVANCE.

    Parameters
    ----------
    walks : Walks
    life : LIFE
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
        merge(walks, life, period, log_value)
    elif outcome == Outcome.FAILURE:
        fail(walks.sectors[life["sector"]], life, period, log_value)
    elif outcome == Outcome.LISTING:
        _file(walks, life, stage, time, log_value)
    else:
        _stall(walks, life, stage, time, log_value)


@kernel(allocates=False)
def fail(sector, life, period, log_value):
    """End in failure (3.6): holders share the recovered part of V."""
    life["end_kind"], life["end_period"] = End.FAILED, period
    life["end_value"] = sector["recovery"] * math.exp(log_value)


@kernel(allocates=False)
def merge(walks, life, period, log_value):
    """End in a merger (3.6): holders share V times the premium, or each gets a multiple of its cost."""
    x = life["sector"]
    sector = walks.sectors[x]
    first, second = uniform_pair(derive(life["key"], sector["merger_key"]), 0)
    life["end_kind"], life["end_period"], life["end_value"] = End.MERGED, period, math.exp(log_value)
    if sector["n_buckets"] == 0:
        life["end_value"] *= draw_from(walks.tables, sector["premium"], first)
        return
    k = 0
    while k < sector["n_buckets"] - 1 and not first < walks.sector_buckets[x, k, 0]:
        k += 1
    low, high = walks.sector_buckets[x, k, 1], walks.sector_buckets[x, k, 2]
    life["end_multiple"] = low + (high - low) * second


@kernel(allocates=False, is_inner=True)
def _stall(walks, life, stage, time, log_value):
    # (3.6) hazards of failure and merger, at most one of which comes within the horizon
    sector = walks.sectors[life["sector"]]
    rate = sector["failure_rate"] + sector["merger_rate"]
    life["stall_period"] = period_of(walks.periods_per_year, time)
    key = derive(life["key"], sector["stall_key"])
    u_time, u_kind = uniform_pair(key, 0)
    end = time - math.log(1.0 - u_time) / rate if rate > 0.0 else math.inf
    is_alive = is_beyond(walks.n_periods, walks.periods_per_year, end)
    period = walks.n_periods - 1 if is_alive else period_of(walks.periods_per_year, end)
    log_value = move(walks, life, -1 - stage, period + 1, log_value, uniform(key, 2))
    if is_alive:
        return
    if u_kind < sector["failure_rate"] / rate:
        fail(sector, life, period, log_value)
    else:
        merge(walks, life, period, log_value)


@kernel(allocates=False)
def _file(walks, life, stage, time, log_value):
    # (3.5) filings one after the other until one passes, the horizon comes or all are used up
    sector = walks.sectors[life["sector"]]
    life["filing_period"] = period_of(walks.periods_per_year, time)
    key = derive(life["key"], sector["listing_key"])
    for j in range(sector["filings"]):
        u_pass, u_review = uniform_pair(key, 2 * j)
        board = _board(walks.boards, walks.sector_boards[life["sector"]], log_value)
        if board >= 0:
            time += walks.boards[board]["review_years"]
            log_value = _live_until(walks, life, stage, time, log_value, u_review)
            if is_beyond(walks.n_periods, walks.periods_per_year, time):
                return
            period = period_of(walks.periods_per_year, time)
            passes = walks.boards[board]["pass_probability"] * walks.window[period, WindowFactor.LISTING_PASS]
            if u_pass < passes:
                _list(walks, life, board, period, log_value, uniform(key, 1000))
                return
        if j < sector["filings"] - 1:
            time += sector["refile_years"]
            log_value = _live_until(walks, life, stage, time, log_value, uniform(key, 4 * j + 2))
            if is_beyond(walks.n_periods, walks.periods_per_year, time):
                return
    _stall(walks, life, stage, time, log_value)


@kernel(allocates=False, is_inner=True)
def _live_until(walks, life, stage, time, log_value, u):
    # In review and waiting the value moves as in the last stage, at most to the horizon.
    is_alive = is_beyond(walks.n_periods, walks.periods_per_year, time)
    to = walks.n_periods if is_alive else period_of(walks.periods_per_year, time) + 1
    return move(walks, life, stage, to, log_value, u)


@kernel(allocates=False, is_inner=True)
def _board(boards, preferred, log_value):
    value = math.exp(log_value)
    for board in preferred:
        if board < 0:
            break
        if value >= boards[board]["minimum"]:
            return board
    return -1


@kernel(allocates=False, is_inner=True)
def _list(walks, life, board, period, log_value, u):
    life["end_kind"], life["end_period"], life["board"] = End.LISTED, period, board
    life["end_value"] = math.exp(log_value + walks.window[period, WindowFactor.LISTING_VALUATION])
    life["listing_share"] = draw_from(walks.tables, walks.sectors[life["sector"]]["listing_share"], u)
