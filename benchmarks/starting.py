"""Owns the measurements of how long a command takes to start: help, a warm run, and the first run of all."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

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
