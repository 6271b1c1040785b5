"""The engine: one list of passes that block, audit and kept fields follow from, and blocks made elsewhere."""

import dataclasses
import itertools
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from fundsim import load_scenario, simulate
from fundsim.engine.block import Worker, block_result
from fundsim.engine.executors import spans_of
from fundsim.engine.kept import Part
from fundsim.engine.memory import BlockMemory
from fundsim.engine.passes import PASSES, block_paths, run_passes
from fundsim.plan import make_plan
from fundsim.results import BlockResult
from fundsim.results.block import SHAPES, Joined
from fundsim.results.needs import Needs

SCENARIOS = Path(__file__).parents[2] / "scenarios"
N = 6
ELSEWHERE = """
import pickle, sys
from fundsim.engine.block import Worker
plan, first, n, kept = pickle.load(open(sys.argv[1], "rb"))
pickle.dump(Worker(plan).block(first, n, kept), open(sys.argv[2], "wb"))
"""


def plan_of(changes=None):
    """A cluster with enterprises, property and random closing."""
    return make_plan(load_scenario(SCENARIOS / "suzhou_industrial_park.yaml").override(changes or {}))


def assert_same(block, other):
    ours, theirs = block.to_arrays(), other.to_arrays()
    assert ours.keys() == theirs.keys()
    for name, array in ours.items():
        assert array.dtype == theirs[name].dtype, name
        np.testing.assert_array_equal(array, theirs[name], err_msg=name)


def test_a_plan_gives_the_same_bits_in_another_process_and_its_block_comes_back(tmp_path):
    plan = plan_of()
    asked, answered = tmp_path / "plan", tmp_path / "block"
    asked.write_bytes(pickle.dumps((plan, 2, N, 4)))
    subprocess.run([sys.executable, "-c", ELSEWHERE, str(asked), str(answered)], check=True)
    assert_same(pickle.loads(answered.read_bytes()), Worker(plan).block(2, N, 4))


def test_passes_take_blocks_already_made():
    """A sweep of a fund's term keeps market, closing, enterprises and property."""
    plan = plan_of()
    vehicle = plan.scenario.vehicles[0].name
    changed = plan_of({f"vehicles.{vehicle}.terms.term_years": 6.0})
    made = run_passes(plan, 0, N)
    given = {name: getattr(made, name) for name in ("market", "closing", "enterprises", "property")}
    blocks = run_passes(changed, 0, N, given)
    assert all(getattr(blocks, name) is block for name, block in given.items())
    found = block_result(changed, blocks, 0, N, N)
    assert_same(found, Worker(changed).block(0, N, N))
    assert not np.array_equal(found.measures, Worker(plan).block(0, N, N).measures)


def test_only_what_is_wanted_is_run():
    plan = plan_of()
    assert vars(run_passes(plan, 0, 1, wanted=("enterprises",))).keys() == {"market", "enterprises"}
    market = run_passes(plan, 0, 1, wanted=("market",)).market
    alone = run_passes(plan, 0, 1, {"market": market}, wanted=("enterprises",))
    np.testing.assert_array_equal(alone.enterprises.key, run_passes(plan, 0, 1).enterprises.key)


def test_who_asks_for_rates_computes_no_leverage():
    plan = plan_of()
    blocks = run_passes(plan, 0, 2, wanted=("returns",))
    assert not hasattr(blocks, "leverage")
    np.testing.assert_array_equal(blocks.returns.measures, run_passes(plan, 0, 2).returns.measures)


@pytest.mark.parametrize("name", ["suzhou_industrial_park", "validation/worked_three_levels"])
def test_measures_of_a_path_are_the_same_alone_and_in_blocks_of_any_size(name):
    """Rates are solved side by side with those of other paths."""
    plan = make_plan(load_scenario(SCENARIOS / f"{name}.yaml"))
    whole = run_passes(plan, 0, 12, wanted=("returns",)).returns
    for n in (1, 5):
        for first in range(0, 12, n):
            n_here = min(n, 12 - first)
            part = run_passes(plan, first, n_here, wanted=("returns",)).returns
            np.testing.assert_array_equal(part.measures, whole.measures[first : first + n_here])
            np.testing.assert_array_equal(part.irr_status, whole.irr_status[first : first + n_here])


def test_passes_need_only_passes_before_them():
    for k, step in enumerate(PASSES):
        assert set(step.needs) <= {before.name for before in PASSES[:k]}, step.name


def test_every_field_of_a_block_is_kept_by_one_pass():
    plan = plan_of()
    blocks, part = run_passes(plan, 0, N), Part(0, N, 2)
    kept = [set(step.keep(plan, blocks, part)) for step in PASSES]
    assert not any(a & b for a, b in itertools.combinations(kept, 2))
    fields = {field.name for field in dataclasses.fields(BlockResult)}
    assert set().union(*kept) == fields - {"first_path", "n_paths", "group", "processor", "audit"}


def test_arrays_have_the_shapes_that_the_estimate_of_memory_takes():
    scenario = plan_of({"run.paths": N, "run.kept_paths": 4, "run.precision": {}}).scenario
    results = simulate(scenario, threads=1, progress=False)
    assert results.arrays.keys() == SHAPES.keys()
    sizes = Needs(scenario).sizes
    rows = {Joined.BY_PATH: N, Joined.BY_INVESTOR: len(results.arrays["share"]), Joined.KEPT: 4}
    for name, array in results.arrays.items():
        shape = SHAPES[name]
        assert array.itemsize == shape.itemsize, name
        if shape.joined is Joined.LINES:
            assert 0 < len(array) <= 3 * 4 * sizes["exit"], name
            continue
        axes = [sizes[axis] if isinstance(axis, str) else axis for axis in shape.axes]
        expected = [rows[shape.joined], *axes] if shape.joined in rows else axes
        assert list(array.shape) == expected, name


def test_memory_is_estimated_without_a_compiler():
    code = "import sys, fundsim.cli.estimate; print(*{'numba', 'pandas', 'scipy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize("paths", [1, 127, 128, 300])
def test_blocks_cover_all_paths_in_order(paths):
    plan = plan_of()
    spans = spans_of(plan, paths)
    assert [path for span in spans for path in range(span.first, span.first + span.n)] == list(range(paths))
    assert all(span.n == block_paths(plan) for span in spans[:-1])


@pytest.mark.parametrize("name", ["suzhou_industrial_park", "qinchuangyuan"])
def test_blocks_share_memory_and_nothing_that_is_kept_lies_in_it(name):
    """The second block of a thread lies where the first did; garbage that another leaves changes no bit."""
    plan = make_plan(load_scenario(SCENARIOS / f"{name}.yaml"))
    memory = BlockMemory()
    for first in (0, N):  # until it is as large as both need
        run_passes(plan, first, N, memory=memory)
        memory.start_block()
    kept = []
    for first in (0, N, 0):
        memory.start_block()
        blocks = run_passes(plan, first, N, memory=memory)
        result = block_result(plan, blocks, first, N, 4)
        lent = blocks.funds.class_flows.base
        for field, array in result.to_arrays().items():
            assert not np.shares_memory(array, lent), field
        kept.append((result, {name: array.copy() for name, array in result.to_arrays().items()}, lent))
        lent[...] = 0xAB
    assert kept[0][2] is kept[1][2] is kept[2][2]
    assert_same(kept[0][0], kept[2][0])
    assert_same(kept[0][0], block_result(plan, run_passes(plan, 0, N), 0, N, 4))
    for result, copies, _ in kept:
        for field, array in result.to_arrays().items():
            np.testing.assert_array_equal(array, copies[field], err_msg=field)


def test_memory_grows_with_the_largest_block_and_lends_whole_arrays():
    memory = BlockMemory()
    for n in (3, 5, 4, 0):
        memory.start_block()
        made = memory.empty((n, 7)), memory.zeros(n, dtype=[("a", "i8"), ("b", "f8")]), memory.full(n, 2.5)
        assert [a.shape for a in made] == [(n, 7), (n,), (n,)]
        assert not any(np.shares_memory(a, b) for a, b in itertools.combinations(made, 2))
        assert (made[1] == np.zeros(n, dtype=made[1].dtype)).all() and (made[2] == 2.5).all()
        assert all(a.flags.c_contiguous and a.flags.aligned and a.flags.writeable for a in made)
        made[0][...] = 9.0


def test_each_thread_of_a_worker_has_memory_of_its_own():
    """Two threads make blocks at once through one worker."""
    plan = plan_of()
    worker = Worker(plan)
    alone = [Worker(plan).block(first, N, 2) for first in range(0, 4 * N, N)]
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(lambda first: worker.block(first, N, 2), range(0, 4 * N, N)))
    for ours, theirs in zip(together, alone, strict=True):
        assert_same(ours, theirs)
