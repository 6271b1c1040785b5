"""The enterprises pass: the slow twin path by path, independence
of blocks, the order of events, and the bridge.
"""

import math

import numpy as np
import pytest
from numba import config

from fundsim.kernels.closing import closing_pass
from fundsim.kernels.enterprises.arrivals import count_arrivals
from fundsim.kernels.enterprises.value import listed_step, value_at
from fundsim.kernels.enterprises.walk import enterprises_of, walk_paths
from fundsim.kernels.layout import NEVER
from fundsim.kernels.market import market_pass
from fundsim.vocabulary import End
from tests.kernels.test_closing import closing_of
from tests.kernels.test_market import market_of
from tests.makers import worlds
from tests.twins import world as naive_world

SEEDS = range(14)


def enterprises_in(world, n_paths, first_path=0):
    """Market and enterprises of a world."""
    market = market_of(world, n_paths, first_path)
    out = enterprises_of(worlds.grid_of(world), worlds.enterprise_terms(world), market, first_path)
    return market, out


def rows_of(out, b):
    return range(out.first_row[b], out.first_row[b + 1])


def assert_row_equals(world, out, row, naive):
    first = worlds.first_stages(world)
    whole = (out.key, out.origin, out.number, out.sector, out.first_stage)
    expected = (naive.key, naive.stream, naive.number, naive.sector, first[naive.sector] + naive.stage)
    assert tuple(int(array[row]) for array in whole) == expected
    assert out.quality[row] == pytest.approx(naive.quality, rel=1e-12, abs=1e-14)
    assert out.entry_date[row] == (world.n_periods + 1 if naive.entry_date is None else naive.entry_date)
    assert_rounds_equal(out, row, naive)
    assert_segments_equal(first, out, row, naive)
    periods = {"wait": naive.wait, "filing": naive.filing, "stall": naive.stall, "failure": naive.failure}
    for name, value in ((f"{name}_period", period) for name, period in periods.items()):
        assert getattr(out, name)[row] == (NEVER if value is None else value)
    assert out.end_kind[row] == End.of(naive.end)
    assert out.end_period[row] == (NEVER if naive.end_period is None else naive.end_period)
    for name in ("end_value", "end_multiple"):
        value = getattr(naive, name)
        expected = math.nan if value is None else value
        assert getattr(out, name)[row] == pytest.approx(expected, rel=1e-8, nan_ok=True)
    assert out.board[row] == (-1 if naive.board is None else naive.board)
    assert out.listing_share[row] == pytest.approx(naive.listing_share, rel=1e-9)


def assert_rounds_equal(out, row, naive):
    n = out.n_rounds[row]
    assert n == len(naive.rounds)
    if n:
        period, pre, sold = (np.array(column) for column in zip(*naive.rounds, strict=True))
        np.testing.assert_array_equal(out.round_period[row, :n], period)
        # Tables are within 2e-10 of scipy's quantiles.
        np.testing.assert_allclose(out.round_pre[row, :n], pre, rtol=1e-8)
        np.testing.assert_allclose(out.round_sold[row, :n], sold, rtol=1e-9)


def assert_segments_equal(first, out, row, naive):
    assert out.n_segments[row] == len(naive.segments)
    for i, segment in enumerate(naive.segments):
        assert (out.segment_from[row, i], out.segment_to[row, i]) == (segment.start, segment.end)
        stage = first[naive.sector] + segment.stage
        mark = NEVER if segment.lingers else -1 - stage if segment.is_stalled else stage
        assert out.segment_stage[row, i] == mark
        for name in ("open", "close"):
            value = getattr(segment, name)
            expected = math.log(value) if value > 0 else -math.inf
            assert getattr(out, f"segment_{name}")[row, i] == pytest.approx(expected, abs=1e-8)


def assert_events_equal(out, b, naive):
    events, place = naive.events(), out.round_period.shape[1]
    for period in range(out.first_event.shape[1] - 1):
        places = slice(out.first_event[b, period], out.first_event[b, period + 1])
        expected = [
            (out.first_row[b] + row) * (place + 1) + (place if i is None else i)
            for t, row, i in events
            if t == period
        ]
        assert out.event_order[places].tolist() == expected
    assert out.first_event[b, -1] - out.first_event[b, 0] == len(events)


@pytest.mark.parametrize("seed", SEEDS)
def test_enterprises_equal_the_slow_twin(seed):
    world = worlds.random_world(seed)
    _, out = enterprises_in(world, 3, first_path=11)
    for b in range(3):
        naive = naive_world.Enterprises(world, 11 + b)
        assert len(rows_of(out, b)) == len(naive.all)
        assert out.n_park[b] == len(naive.park)
        for row, enterprise in zip(rows_of(out, b), naive.all, strict=True):
            assert_row_equals(world, out, row, enterprise)
        assert_events_equal(out, b, naive)


@pytest.mark.parametrize("seed", SEEDS)
def test_value_at_any_date_and_listed_prices_equal_the_slow_twin(seed):
    world = worlds.random_world(seed)
    market, out = enterprises_in(world, 1)
    grid, terms = worlds.grid_of(world), worlds.enterprise_terms(world)
    naive = naive_world.Enterprises(world, 0)
    entered = [(row, each) for row, each in enumerate(naive.all) if each.segments]
    for row, enterprise in entered[:: max(1, len(entered) // 12)]:
        for date in range(enterprise.entry_date, enterprise.segments[-1].end + 1):
            value = value_at(grid, terms, market, out, 0, row, date)
            assert value == pytest.approx(naive.value_at(enterprise, date), rel=1e-8)
        for t in (0, world.n_periods - 1):
            step = listed_step(grid, terms, market, out, 0, row, t, 0.7)
            assert step == pytest.approx(naive.listed_step(enterprise, t, 0.7), rel=1e-11)


def test_random_worlds_reach_every_rule():
    seen, most_filings = set(), 0
    for seed in SEEDS:
        world = worlds.random_world(seed)
        _, out = enterprises_in(world, 20)
        entered = out.n_rounds > 0
        seen |= {("end", int(kind)) for kind in out.end_kind[entered]}
        seen |= {"never"} if np.any(~entered) else set()
        seen |= {"multiple"} if np.any(out.end_multiple >= 0) else set()
        seen |= {"filed"} if np.any(out.filing_period < NEVER) else set()
        hidden = out.failure_period < NEVER
        seen |= {("hidden", int(kind)) for kind in out.end_kind[hidden]}
        waits = out.wait_period < NEVER
        seen |= {("wait", int(kind)) for kind in out.end_kind[waits & (out.filing_period == NEVER)]}
        seen |= {"waited"} if np.any(waits & (out.filing_period < NEVER)) else set()
        seen |= {"second candidate"} if np.any((out.origin < 0) & (out.number > 0)) else set()
        stalled = out.stall_period < NEVER
        seen |= {("stall", int(kind)) for kind in out.end_kind[stalled]}
        filings = (out.filing_period < NEVER) & (out.n_segments - out.n_rounds - stalled > 2)
        most_filings += int(np.count_nonzero(filings))
    wanted = {("end", kind) for kind in End} | {
        ("stall", kind) for kind in (End.ALIVE, End.MERGED, End.FAILED)
    }
    wanted |= {(what, kind) for what in ("wait", "hidden") for kind in (End.ALIVE, End.FAILED)}
    assert wanted | {"never", "multiple", "filed", "waited", "second candidate"} <= seen
    assert most_filings > 0


@pytest.mark.parametrize("seed", [0, 9, 15])
def test_any_split_over_blocks_gives_the_same_bits(seed):
    world = worlds.random_world(seed)
    _, whole = enterprises_in(world, 7)
    for first, n in ((0, 3), (3, 4)):
        _, part = enterprises_in(world, n, first_path=first)
        shift = whole.first_row[first]
        rows = slice(shift, whole.first_row[first + n])
        used = part.n_rounds[:, None] > np.arange(part.round_period.shape[1])
        walked = part.n_segments[:, None] > np.arange(part.segment_from.shape[1])
        for name in whole._fields:
            ours, theirs = getattr(whole, name), getattr(part, name)
            if name.startswith("round_"):
                np.testing.assert_array_equal(ours[rows][used], theirs[used])
            elif name.startswith("segment_"):
                np.testing.assert_array_equal(ours[rows][walked], theirs[walked])
            elif name == "financing_clock":
                np.testing.assert_array_equal(ours[first : first + n], theirs)
            elif name not in ("first_row", "n_park", "first_event", "event_order"):
                np.testing.assert_array_equal(ours[rows], theirs)
        place = whole.first_event[first, 0]
        np.testing.assert_array_equal(whole.first_event[first : first + n] - place, part.first_event)
        n_events = part.first_event[-1, -1]
        width = part.round_period.shape[1] + 1
        np.testing.assert_array_equal(
            whole.event_order[place : place + n_events] - shift * width, part.event_order[:n_events]
        )


def test_the_bridge_is_one_path_whatever_is_asked_first():
    world = worlds.random_world(2)
    market, out = enterprises_in(world, 4)
    grid, terms = worlds.grid_of(world), worlds.enterprise_terms(world)
    b = 2
    for row in rows_of(out, b):
        n = out.n_segments[row]
        if n == 0:
            continue
        dates = range(out.entry_date[row], out.segment_to[row, n - 1] + 1)
        forward = [value_at(grid, terms, market, out, b, row, date) for date in dates]
        backward = [value_at(grid, terms, market, out, b, row, date) for date in reversed(dates)]
        assert forward == backward[::-1]
        for i in range(n):
            start = out.segment_from[row, i]
            if i + 1 == n or out.segment_from[row, i + 1] > start:
                assert value_at(grid, terms, market, out, b, row, start) == math.exp(out.segment_open[row, i])
        assert forward[-1] == math.exp(
            out.segment_close[row, n - 1]
            if out.segment_from[row, n - 1] < dates[-1]
            else out.segment_open[row, n - 1]
        )


@pytest.mark.skipif(config.DISABLE_JIT, reason="nothing is compiled")
def test_all_worlds_share_one_signature():
    for seed in SEEDS:
        world = worlds.random_world(seed)
        enterprises_in(world, 2)
        vehicles, _ = worlds.random_closing(seed, world)
        closing_of(world, vehicles, 2)
    for compiled in (market_pass, closing_pass, count_arrivals, walk_paths):
        assert len(compiled.signatures) == 1
