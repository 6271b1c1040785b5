"""Owns the comparison of a path's cost with another checkout's:
passes and whole runs, in pairs on one machine.

``python benchmarks/against.py BEFORE`` runs the same work in BEFORE and here in turn. Absolute figures differ
by a fifth between processors and by more with what else a machine does; ratios of pairs do not.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from benchmarks import cluster, pages

PAGE = ROOT / "docs" / "performance.md"
BEGIN = "<!-- measured: written by benchmarks/against.py -->"
JOINED = {"leverage": "returns"}
"""Passes that stood in another one before."""

_MEASURED = """
import dataclasses, json, resource, sys, time
import fundsim as fs
from fundsim.engine import passes
from fundsim.engine.block import Worker
from fundsim.plan import make_plan

file, repeats, paths = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
spent = {}

def timed(step):
    def run(*arguments):
        begun = time.thread_time()
        step.run(*arguments)
        spent[step.name] = spent.get(step.name, 0.0) + time.thread_time() - begun
    return dataclasses.replace(step, run=run)

passes.PASSES = tuple(map(timed, passes.PASSES))
scenario = fs.load_scenario(file)
plan = make_plan(scenario)
n = passes.block_paths(plan)
worker, least = Worker(plan), {}
for repeat in range(repeats + 2):
    spent.clear()
    faults, begun = resource.getrusage(resource.RUSAGE_SELF).ru_minflt, time.thread_time()
    worker.block(repeat * n, n, 0)
    found = {"whole": time.thread_time() - begun, **spent}
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - faults
    if repeat > 1:
        least = {name: min(least.get(name, 1e9), seconds / n) for name, seconds in found.items()}
fs.simulate(scenario, paths=2 * n, threads=2, progress=False)
for threads in (1, 2):
    begun = time.perf_counter()
    fs.simulate(scenario, paths=paths, threads=threads, progress=False)
    least[f"{threads}"] = (time.perf_counter() - begun) / paths
print(json.dumps({**least, "faults": faults / n}))
"""

Costs = dict[str, float]


def costs(checkout: Path, file: Path, repeats: int, paths: int) -> Costs:
    """
    Processor seconds a path of each pass and of the whole, page faults a path, and seconds a path of a run.

    Parameters
    ----------
    checkout : Path
        Of this project, any version since passes stand in one list.
    file : Path
        Scenario, the same for all checkouts.
    repeats : int
        Blocks, after two that make memory and kernels ready; the least counts.
    paths : int
        Of the runs on one thread and on two.

    Returns
    -------
    dict of str to float
    """
    command = [sys.executable, "-c", _MEASURED, str(file), str(repeats), str(paths)]
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    done = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, check=True, text=True)
    found: Costs = json.loads(done.stdout.splitlines()[-1])
    for name, joined in JOINED.items():
        if name in found:
            found[joined] += found.pop(name)
    return found


def rows(pairs: list[tuple[Costs, Costs]]) -> list[str]:
    """The table: what is measured, before, now, and the median of the pairs' ratios."""
    titles = {"returns": "returns pass, with leverage", "whole": "whole path, sums included"}
    lines = ["| processor time | before, ms a path | now, ms a path | now / before |", "|---|---|---|---|"]
    for name in ("enterprises", "funds", "returns", "whole"):
        before, now, ratio = _of(pairs, name)
        lines.append(f"| {titles.get(name, f'{name} pass')} | {before:.3f} | {now:.3f} | {ratio:.2f} |")
    for threads in (1, 2):
        before, now, ratio = _of(pairs, f"{threads}")
        title = f"`fs.simulate`, {threads} thread{'s' * (threads > 1)}, time"
        lines.append(f"| {title} | {before:.3f} | {now:.3f} | {ratio:.2f} |")
    before, now = (statistics.median(side["faults"] for side in sides) for sides in zip(*pairs, strict=True))
    lines.append(f"| page faults a path | {before:.0f} | {now:.0f} | |")
    return lines


def _of(pairs: list[tuple[Costs, Costs]], name: str) -> tuple[float, float, float]:
    """Medians in milliseconds of both sides, and of the ratios."""
    before, now = (
        statistics.median(side[name] for side in sides) * 1e3 for sides in zip(*pairs, strict=True)
    )
    return before, now, statistics.median(b[name] / a[name] for a, b in pairs)


def main() -> None:
    """Measure, print, and with ``--write`` put the table into the page."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("before", type=Path, help="another checkout of this project")
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--repeats", type=int, default=12, help="blocks of each measurement")
    parser.add_argument("--paths", type=int, default=1_024, help="paths of the whole runs")
    parser.add_argument("--write", action="store_true", help=f"into {PAGE.relative_to(ROOT)}")
    given = parser.parse_args()
    pairs = []
    for k in range(given.pairs):
        sides = (given.before.absolute(), ROOT)
        found = {
            side: costs(side, cluster.FILE, given.repeats, given.paths) for side in sides[:: 1 - 2 * (k % 2)]
        }
        pairs.append((found[sides[0]], found[sides[1]]))
    revision = subprocess.run(
        ["git", "-C", str(given.before), "rev-parse", "--short", "HEAD"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    how = f"`python benchmarks/against.py CHECKOUT_OF_{revision} --pairs {given.pairs} --write`"
    text = "\n".join([f"Made by {how}: medians of pairs, the cluster.", "", *rows(pairs)])
    print(text)
    if given.write:
        pages.write(PAGE, BEGIN, text)


if __name__ == "__main__":
    main()
