"""Owns the measurements of the benchmark cluster (cluster.yaml):
whole runs, threads, passes alone, and memory.
"""

from __future__ import annotations

import importlib
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import fundsim as fs

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


def whole_runs(paths: int, pairs: int, threads: Sequence[int] = (1, 2)) -> dict[int, list[float]]:
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
    dict of int to list of float
        Seconds of each run by number of threads.

    Raises
    ------
    AssertionError
        If less was computed than the benchmark stands for (`assert_work`), or threads change a number.
    """
    scenario = fs.load_scenario(FILE)
    fs.simulate(scenario, paths=min(64, paths), threads=1, progress=False)  # compiles
    seconds: dict[int, list[float]] = {n: [] for n in threads}
    reference = None
    for _ in range(pairs):
        for n in threads:
            begun = time.perf_counter()
            results = fs.simulate(scenario, paths=paths, threads=n, progress=False)
            seconds[n].append(time.perf_counter() - begun)
            reference = reference or results
            np.testing.assert_array_equal(results.arrays["measures"], reference.arrays["measures"])
    assert reference is not None
    assert_work(reference)
    return seconds


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


def pass_seconds(paths: int, repeats: int, file: Path = FILE) -> dict[str, float]:
    """
    Processor time of each pass in one thread, as the engine calls it.

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
    dict of str to float
        Seconds a path by pass; ``rest`` is memory, sums over investors, and what is kept.
    """
    engine = importlib.import_module("fundsim.engine.passes")
    plan = importlib.import_module("fundsim.plan").make_plan(fs.load_scenario(file))
    worker = importlib.import_module("fundsim.engine.block").Worker(plan)
    size = engine.block_paths(plan)
    worker.block(0, 2, 2)  # compiles
    spent: Counter[str] = Counter()
    kept = {name: getattr(engine, name) for names in PASSES.values() for name in names}
    runs = []
    try:
        for title, names in PASSES.items():
            for name in names:
                setattr(engine, name, clocked(kept[name], title, spent))
        for _ in range(repeats):
            spent.clear()
            begun = time.thread_time()
            for first in range(0, paths, size):
                worker.block(first, min(size, paths - first), paths)
            whole = time.thread_time() - begun
            runs.append({title: spent[title] for title in PASSES} | {"rest": whole - spent.total()})
    finally:
        for name, function in kept.items():
            setattr(engine, name, function)
    return {title: statistics.median(run[title] for run in runs) / paths for title in runs[0]}


def clocked(function: Callable[..., Any], title: str, spent: Counter[str]) -> Callable[..., Any]:
    """The function, adding the processor time of its thread to ``spent[title]``."""

    def timed(*arguments: Any) -> Any:
        begun = time.thread_time()
        try:
            return function(*arguments)
        finally:
            spent[title] += time.thread_time() - begun  # type: ignore[assignment]

    return timed


def peak_memory(paths: int, threads: int) -> int:
    """Greatest memory of a process that simulates so many paths, in bytes."""
    # A child's ru_maxrss would begin with that of this process.
    command = [sys.executable, "-c", _PEAK, str(FILE), str(paths), str(threads)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
