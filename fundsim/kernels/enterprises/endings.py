"""Owns how an enterprise leaves its stages: the outcome drawn at a
milestone, the wait for a window, listing, merger, failure and stall (3.3, 3.5, 3.6).
"""

import math

from fundsim.kernels.base.distributions import draw_from
from fundsim.kernels.base.jit import kernel
from fundsim.kernels.base.random import derive, normal, uniform, uniform_pair
from fundsim.kernels.enterprises.records import is_beyond, period_of
from fundsim.kernels.enterprises.value import growth_part, quality_part
from fundsim.kernels.layout import NEVER
from fundsim.vocabulary import End, Outcome, WindowFactor

# Beyond it log-odds are certain; the exponential stays finite.
_GREATEST_EXPONENT = 500.0

WAITING_DRAW = 7
"""Number of the draw of a stage that moves the value while an enterprise waits to file."""


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
    if mark >= 0:
        close = log_value + growth_part(walks.financing_clock, stage["growth"], start, to, period)
        close += stage["variance_drift"] * years
    else:
        close = log_value + stage["stalled_drift"] * years
    close += walks.factor_part[x, to] - walks.factor_part[x, start]
    if stage["volatility"] != 0.0:
        close += stage["volatility"] * math.sqrt(years) * normal(u)
    if sector["quality_effect"] != 0.0:
        age, later = (start - entry) * period, (to - entry) * period
        close += quality_part(sector["quality_effect"], sector["quality_years"], out.quality[row], age, later)
    _write_segment(out, row, start, to, mark, log_value, close)
    return close


@kernel(allocates=False, is_inlined=True)
def _write_segment(out, row, start, to, mark, opened, closed):
    i = out.n_segments[row]
    out.segment_from[row, i], out.segment_to[row, i], out.segment_stage[row, i] = start, to, mark
    out.segment_open[row, i], out.segment_close[row, i] = opened, closed
    out.n_segments[row] = i + 1


@kernel(allocates=False, is_inner=True)
def draw_outcome(stage, quality, log_growth, u):
    """
    The outcome at a milestone (3.3), which the window doesn't change.

    Parameters
    ----------
    stage : STAGE
    quality, log_growth : float64
        q, and ln(V/V_open) over the stage.
    u : float64

    Returns
    -------
    outcome : int
        ADVANCE, MERGER, FAILURE, LISTING or STALL; one of weight 0 only when all are 0, then STALL. LISTING
        wherever the weight of listing and what is above it is reached: the window decides the rest.
    place : float64
        w: where the draw lies within the weight of listing; from 1 on within that of a stall.
    """
    advance = _weight(stage, Outcome.ADVANCE, quality, log_growth)
    merger = _weight(stage, Outcome.MERGER, quality, log_growth)
    failure = _weight(stage, Outcome.FAILURE, quality, log_growth)
    listing = _weight(stage, Outcome.LISTING, quality, log_growth)
    stall = _weight(stage, Outcome.STALL, quality, log_growth)
    target = u * (advance + merger + failure + listing + stall)
    if target < advance:
        return Outcome.ADVANCE, 0.0
    if target < advance + merger:
        return Outcome.MERGER, 0.0
    if target < advance + merger + failure:
        return Outcome.FAILURE, 0.0
    if listing == 0.0:
        return Outcome.STALL, 0.0
    return Outcome.LISTING, (target - (advance + merger + failure)) / listing


@kernel(allocates=False, is_inner=True)
def _weight(stage, outcome, quality, log_growth):
    # Base 0 stays exactly 0, whatever the slopes.
    base = stage["outcomes"][outcome]
    by_quality, by_value = stage["slopes"][outcome, 0], stage["slopes"][outcome, 1]
    if base == 0.0 or (by_quality == 0.0 and by_value == 0.0):
        return base
    return base * math.exp(min(by_quality * quality + by_value * log_growth, _GREATEST_EXPONENT))


@kernel(allocates=False, is_inlined=True)
def leave(walks, out, row, stage, time, log_value, outcome):
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
        When it does, years.
    log_value : float64
        ln V then.
    outcome : int
        LISTING, MERGER, FAILURE or STALL.
    """
    if outcome == Outcome.MERGER:
        merge(walks, out, row, period_of(walks.periods_per_year, time), log_value)
    elif outcome == Outcome.FAILURE:
        fail(walks, out, row, time, log_value)
    elif outcome == Outcome.LISTING:
        _file(walks, out, row, stage, time, log_value)
    else:
        _stall(walks, out, row, stage, time, log_value)


@kernel(allocates=False, is_inlined=True)
def await_window(walks, out, row, stage, time, log_value, place, failure):
    """
    What the window makes of an enterprise that would list (3.3): it files now or later, fails while it
    waits, or stalls.

    Parameters
    ----------
    walks : Walks
    out : EnterpriseBlock
        The segment of the wait is written.
    row : int
    stage : int
        Global stage.
    time : float64
        Exact time of the milestone, years.
    log_value : float64
        ln V there.
    place : float64
        w, as `draw_outcome` gives it.
    failure : float64
        When the failure clock of the stage ends, which runs on; years.

    Returns
    -------
    outcome : int
        LISTING, FAILURE, STALL, or ADVANCE where it waits beyond the horizon.
    time : float64
        When that is, years.
    log_value : float64
        ln V then.
    """
    n, m = walks.n_periods, walks.periods_per_year
    if place < walks.window[period_of(m, time), WindowFactor.LISTING_RATE]:
        return Outcome.LISTING, time, log_value
    if place >= 1.0:
        return Outcome.STALL, time, log_value
    out.wait_period[row] = period_of(m, time)
    step = max(walks.sectors[out.sector[row]]["refile_years"], 1.0 / m)
    is_open = False
    while not is_open and time <= failure and not is_beyond(n, m, time):
        time += step
        if not is_beyond(n, m, time):
            is_open = place < walks.window[period_of(m, time), WindowFactor.LISTING_RATE]
    fails = failure < time
    time = min(time, failure)
    u = uniform(derive(out.key[row], walks.stages[stage]["key"]), WAITING_DRAW)
    log_value = _live_until(walks, out, row, stage, time, log_value, u)
    if is_beyond(n, m, time):
        return Outcome.ADVANCE, time, log_value
    return Outcome.FAILURE if fails else Outcome.LISTING, time, log_value


@kernel(allocates=False, is_inlined=True)
def fail(walks, out, row, time, log_value):
    """End in failure (3.6): holders share the recovered part of V, once the failure shows."""
    n, m, sector = walks.n_periods, walks.periods_per_year, walks.sectors[out.sector[row]]
    period, is_hidden = period_of(m, time), False
    out.failure_period[row] = period
    value = sector["recovery"] * math.exp(log_value)
    if sector["linger_years"] > 0.0:
        u = uniform(derive(out.key[row], sector["failure_key"]), 0)
        shows = time - sector["linger_years"] * math.log(1.0 - u)
        is_hidden = is_beyond(n, m, shows)
        start, left = period + 1, math.log(value) if value > 0.0 else -math.inf
        period = n - 1 if is_hidden else period_of(m, shows)
        _write_segment(out, row, start, period + 1, NEVER, left, left)
    if not is_hidden:
        out.end_kind[row], out.end_period[row], out.end_value[row] = End.FAILED, period, value


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
        fail(walks, out, row, end, log_value)
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
