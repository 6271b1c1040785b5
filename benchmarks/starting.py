"""Owns the measurements of how long a command takes to start: help, a warm run, and the first run of all.

``python benchmarks/starting.py BEFORE`` compares warm and first runs with another checkout, in pairs.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
SCENARIO = ROOT / "scenarios" / "qinchuangyuan.yaml"
FUNDSIM = [sys.executable, "-m", "fundsim"]


def seconds(command: list[str], **environment: str) -> float:
    """Time of a command that must succeed, from start to end."""
    begun = time.perf_counter()
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True, env=os.environ | environment)
    return time.perf_counter() - begun


def help_against_click(pairs: int) -> dict[str, float]:
    """
    Time ``fundsim --help`` and ``import click`` in alternating processes.

    Returns
    -------
    dict of str to float
        Medians in seconds, ``help`` and ``click``, and the median ``ratio`` of the pairs.
    """
    click = [sys.executable, "-c", "import click"]
    seconds([*FUNDSIM, "--help"])  # files come into memory
    found = [(seconds([*FUNDSIM, "--help"]), seconds(click)) for _ in range(pairs)]
    ours, theirs = (statistics.median(column) for column in zip(*found, strict=True))
    return {"help": ours, "click": theirs, "ratio": statistics.median(a / b for a, b in found)}


def run_seconds(paths: int, repeats: int) -> float:
    """Median time of ``fundsim run`` with compiled kernels, from start to report, in seconds."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            *FUNDSIM,
            "run",
            str(SCENARIO),
            "--paths",
            str(paths),
            "--overwrite",
            "--out",
            f"{folder}/run",
        ]
        seconds(command)  # compiles, if nobody has yet
        return statistics.median(seconds(command) for _ in range(repeats))


def first_run_seconds(paths: int) -> float:
    """Time of the first ``fundsim run`` of all, which compiles every kernel, in seconds."""
    with tempfile.TemporaryDirectory() as folder:
        command = [*FUNDSIM, "run", str(SCENARIO), "--paths", str(paths), "--out", f"{folder}/run"]
        return seconds(command, NUMBA_CACHE_DIR=f"{folder}/cache")


class Taken(NamedTuple):
    """Time of a command with the processes that it started, in seconds."""

    wall: float
    processor: float


def taken(checkout: Path, command: list[str], **environment: str) -> Taken:
    """Time of a command of fundsim as a checkout has it."""
    wall, before = time.perf_counter(), os.times()
    found = {**os.environ, "PYTHONPATH": str(checkout), **environment}
    subprocess.run([*FUNDSIM, *command], cwd=checkout, capture_output=True, check=True, env=found)
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return Taken(time.perf_counter() - wall, spent)


def against(before: Path, pairs: int, paths: int = 1000, is_first: bool = False) -> list[tuple[Taken, Taken]]:
    """Times of ``fundsim run`` before and now, in turns: with kernels compiled, or the first run of all."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        command = ["run", str(SCENARIO), "--paths", str(paths), "--overwrite", "--out", f"{folder}/run"]
        for pair in range(pairs + (not is_first)):
            place = f"{folder}/cache-{pair if is_first else 0}"
            both = [
                taken(checkout, command, NUMBA_CACHE_DIR=f"{place}-{name}")
                for name, checkout in (("before", before), ("now", ROOT))
            ]
            if is_first or pair > 0:  # the first pair of warm runs compiles
                found.append((both[0], both[1]))
    return found


def main() -> None:
    """Print medians of pairs with another checkout."""
    parser = argparse.ArgumentParser(description="Compare starts with those of another checkout.")
    parser.add_argument("before", type=Path, help="the other checkout")
    parser.add_argument("--pairs", type=int, default=7, help="pairs of warm runs (7)")
    parser.add_argument("--first-pairs", type=int, default=1, help="pairs of first runs, minutes each (1)")
    given = parser.parse_args()
    for title, pairs, is_first in (("warm", given.pairs, False), ("first", given.first_pairs, True)):
        found = against(given.before.absolute(), pairs, is_first=is_first) if pairs > 0 else []
        for kind in Taken._fields if found else ():
            times = [(getattr(old, kind), getattr(new, kind)) for old, new in found]
            was, now = (statistics.median(column) for column in zip(*times, strict=True))
            ratio = statistics.median(new / old for old, new in times)
            print(
                f"{title} run, {kind}: {was:.2f} s before, {now:.2f} s now, {ratio:.3f} ×, {len(times)} pairs"
            )


if __name__ == "__main__":
    main()
