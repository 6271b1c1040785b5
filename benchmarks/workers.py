"""Owns the measurement of what further processes and a Dask cluster add to a block of half a second."""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

import fundsim as fs
from benchmarks import exponents
from fundsim.engine.executors import Executor, Threads
from fundsim.engine.passes import block_paths
from fundsim.engine.processes import Processes
from fundsim.plan import make_plan

VEHICLES, DEALS = 100, 350
"""A path, which is a block then, takes about half a second."""


def timed(executor: Executor, blocks: int) -> tuple[float, float]:
    """Seconds a block, of clock and processors, from the second block on: without start and compiling."""
    scenario = fs.Scenario.from_dict(exponents.tree(VEHICLES, DEALS))
    paths, moments = blocks * block_paths(make_plan(scenario)), []

    def note(done: int, total: int) -> None:
        moments.append((time.perf_counter(), processor_seconds()))

    fs.simulate(scenario, paths=paths, progress=note, executor=executor)
    (begun, used), (ended, used_then) = moments[2], moments[-1]
    n = len(moments) - 3
    return (ended - begun) / n, (used_then - used) / n


def processor_seconds() -> float:
    """Processor time of this process and all below it."""
    own = psutil.Process()
    times = [process.cpu_times() for process in (own, *own.children(recursive=True))]
    return sum(each.user + each.system for each in times)


@contextmanager
def dask() -> Iterator[Callable[[], Any]]:
    """A cluster of one worker here."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        yield lambda: client


def main() -> None:
    """Print the medians of the pairs: a thread, and one worker in its place."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--blocks", type=int, default=12)
    asked = parser.parse_args()
    with ExitStack() as ends:
        workers = {"a process": lambda: Processes(1), "a Dask worker": ends.enter_context(dask())}
        for name, executor in workers.items():
            clock, processor, block = [], [], []
            for _ in range(asked.pairs):
                (alone, used_alone), (there, used_there) = (
                    timed(each, asked.blocks) for each in (Threads(1), executor())
                )
                clock.append(there / alone - 1)
                processor.append(used_there / used_alone - 1)
                block.append(alone)
            print(
                f"{name} against a thread: {statistics.median(clock):+.1%} by the clock, "
                f"{statistics.median(processor):+.1%} processor time; "
                f"a block {statistics.median(block):.2f} s, {asked.pairs} pairs of {asked.blocks} blocks"
            )


if __name__ == "__main__":
    main()
