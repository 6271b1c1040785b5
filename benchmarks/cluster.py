"""Owns the measurements of the benchmark cluster (cluster.yaml):
whole runs, threads, passes alone, and memory.
"""

from __future__ import annotations

import functools
import importlib
import operator
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import fundsim as fs
from benchmarks import meter

FILE = Path(__file__).with_name("cluster.yaml")
PROPERTY_FILE = Path(__file__).with_name("property.yaml")
"""The same with 20 projects, 4 REITs and 3 property vehicles."""
COMPANY_YEARS_A_PATH = 1050 * 15
"""Expected enterprises times years of the horizon; a constant, so
that no number is better for what fails early.
"""

LEAST_FILLED = 0.70
LEAST_ROUNDS = 2.0

PASSES: dict[str, tuple[str, ...]] = {
    "market": ("market_pass",),
    "closing": ("closing_pass",),
    "enterprises": ("count_rows", "enterprises_pass"),
    "property": ("property_pass",),
    "funds": ("funds_pass",),
    "returns": ("returns_pass", "leverage_pass"),
    "audit": ("audit_pass", "property_audit_pass"),
}
"""Names under which the engine calls each pass."""

_PEAK = """
import sys
import fundsim as fs
paths, threads = int(sys.argv[2]), int(sys.argv[3])
results = fs.simulate(fs.load_scenario(sys.argv[1]), paths=paths, threads=threads, progress=False)
assert all(check["passed"] for check in results.checks)
try:
    lines = open("/proc/self/status").read().splitlines()
    print(next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024)
except OSError:  # no Linux
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(peak if sys.platform == "darwin" else peak * 1024)
"""


class Run(NamedTuple):
    """Wall-clock time of a run of `fundsim.simulate`, and the pages that it touched first."""

    seconds: float
    page_faults: float


def whole_runs(paths: int, pairs: int, threads: Sequence[int] = (1, 2)) -> dict[int, list[Run]]:
    """
    Time warm `fundsim.simulate` with all measures, the numbers of threads in turn, so that a busy minute
    hits all of them.

    Parameters
    ----------
    paths : int
        Paths of a run.
    pairs : int
        Runs with each number of threads.
    threads : sequence of int
        Numbers of threads.

    Returns
    -------
    dict of int to list of Run
        By number of threads.

    Raises
    ------
    AssertionError
        If less was computed than the benchmark stands for (`assert_work`), or threads change a number.
    """
    scenario = fs.load_scenario(FILE)
    fs.simulate(scenario, paths=min(64, paths), threads=1, progress=False)  # compiles
    runs: dict[int, list[Run]] = {n: [] for n in threads}
    reference = None
    for _ in range(pairs):
        for n in threads:
            begun, faults = time.perf_counter(), meter.page_faults()
            results = fs.simulate(scenario, paths=paths, threads=n, progress=False)
            runs[n].append(Run(time.perf_counter() - begun, meter.page_faults() - faults))
            reference = reference or results
            np.testing.assert_array_equal(results.arrays["measures"], reference.arrays["measures"])
    assert reference is not None
    assert_work(reference)
    return runs


def assert_work(results: Any) -> dict[str, float]:
    """
    What a run of the cluster did, by which a benchmark that skips work is found out.

    Returns
    -------
    dict of str to float
        Share of planned deals that were done, and rounds opened by a financed enterprise.

    Raises
    ------
    AssertionError
        If the audit failed, under 70 % of deals were done, or financed enterprises opened under 2 rounds.
    """
    assert [check for check in results.checks if not check["passed"]] == []
    activity = results.activity()
    filled = float(activity["deals"].sum() / activity["planned_deals"].sum())
    assert filled >= LEAST_FILLED, f"{filled:.0%} of the planned deals were done"
    rounds = financed_rounds(results.plan)
    assert rounds >= LEAST_ROUNDS, f"a financed enterprise opened {rounds:.2f} rounds"
    return {"filled": filled, "rounds": rounds}


def financed_rounds(plan: Any, paths: int = 32) -> float:
    """Rounds opened by an enterprise that the cluster holds or held, mean over the first paths."""
    blocks = importlib.import_module("fundsim.engine.passes").run_passes(plan, 0, paths)
    enterprises, funds = blocks.enterprises, blocks.funds
    counts = []
    for b in range(paths):
        rows = np.unique(funds.deals[b]["row"])
        counts.append(enterprises.n_rounds[rows[rows >= 0]])
    return float(np.concatenate(counts).mean())


def pass_costs(paths: int, repeats: int, file: Path = FILE) -> dict[str, meter.Spent]:
    """
    What each pass takes in one thread, as the engine calls it, once the memory of a block is in place.

    Parameters
    ----------
    paths : int
        Paths of a repetition, in blocks of the engine's size.
    repeats : int
        Repetitions, of which medians are taken.
    file : Path
        The scenario.

    Returns
    -------
    dict of str to Spent
        A path, by pass; ``rest`` is sums over investors, and what is kept.
    """
    engine = importlib.import_module("fundsim.engine.passes")
    plan = importlib.import_module("fundsim.plan").make_plan(fs.load_scenario(file))
    worker = importlib.import_module("fundsim.engine.block").Worker(plan)
    size = engine.block_paths(plan)
    for _ in range(2):  # the first compiles and tells the size of a block's memory, the second touches it
        worker.block(0, min(size, paths), paths)
    spent: dict[str, meter.Spent] = {}
    kept = {name: getattr(engine, name) for names in PASSES.values() for name in names}
    runs = []
    try:
        for title, names in PASSES.items():
            for name in names:
                setattr(engine, name, metered(kept[name], title, spent))
        for _ in range(repeats):
            spent |= dict.fromkeys(PASSES, meter.NOTHING)
            before = meter.by_thread()
            for first in range(0, paths, size):
                worker.block(first, min(size, paths - first), paths)
            whole = meter.by_thread() - before
            runs.append(spent | {"rest": functools.reduce(operator.sub, spent.values(), whole)})
    finally:
        for name, function in kept.items():
            setattr(engine, name, function)
    return {title: meter.median([run[title] for run in runs], paths) for title in runs[0]}


def metered(function: Callable[..., Any], title: str, spent: dict[str, meter.Spent]) -> Callable[..., Any]:
    """The function, adding what its thread spends in it to ``spent[title]``."""

    def called(*arguments: Any) -> Any:
        before = meter.by_thread()
        try:
            return function(*arguments)
        finally:
            spent[title] = spent[title].plus(meter.by_thread() - before)

    return called


def peak_memory(paths: int, threads: int) -> int:
    """Greatest memory of a process that simulates so many paths, in bytes."""
    # A child's ru_maxrss would begin with that of this process.
    command = [sys.executable, "-c", _PEAK, str(FILE), str(paths), str(threads)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
