"""Owns what the command line says a run takes, and how long it has left."""

import time
from collections.abc import Callable
from pathlib import Path

from fundsim.errors import ResourceError
from fundsim.machine import available_cores
from fundsim.results.needs import Needs, in_units, require_disk, require_memory
from fundsim.scenario import Scenario
from fundsim.words import label

Progress = Callable[[int, int], object]
_LEAST_MEASURED, _LEAST_TOLD = 1.0, 20.0
"""Seconds from which the speed is known, and seconds left below which nothing is said."""


def cost_line(scenario: Scenario, lang: str) -> str:
    """What a run takes on this machine, in a sentence."""
    needs, run, n_cores = Needs(scenario), scenario.run, cores_used(scenario)
    return label(
        "cli.check_cost",
        lang,
        paths=run.paths,
        memory=in_units(needs.memory(run.paths, run.kept_paths)),
        disk=in_units(needs.disk(run.paths, run.kept_paths)),
        time=duration(needs.seconds() / n_cores, lang),
        cores=n_cores,
    )


def file_line(scenario: Scenario, folder: Path, lang: str) -> str:
    """How large a file of what there is for every path becomes, and the folder; empty without one."""
    needs, run = Needs(scenario), scenario.run
    if not (in_file := needs.in_file(run.paths)):
        return ""
    disk = in_units(needs.disk(run.paths, run.kept_paths))
    return label("cli.in_file", lang, file=in_units(in_file), folder=folder, disk=disk)


def cores_used(scenario: Scenario) -> int:
    """Cores of this machine that a run uses."""
    return min(scenario.run.threads or available_cores(), available_cores())


def too_large(scenario: Scenario, lang: str) -> str:
    """Why this machine would refuse a run of the scenario in the working folder; empty where it would not."""
    try:
        require_memory(scenario)
        require_disk(scenario, Path("runs"))
    except ResourceError as refusal:
        return refusal.in_language(lang)
    return ""


def duration(seconds: float, lang: str) -> str:
    """A time in whole seconds, minutes, or hours."""
    if seconds < 90:
        return label("cli.seconds", lang, count=max(1.0, seconds))
    if seconds < 5400:
        return label("cli.minutes", lang, count=seconds / 60)
    return label("cli.hours", lang, count=seconds / 3600)


class TimeLeft:
    """Passes progress on, and tells once how long a run has left. The first block, which runs alone and has
    kernels compiled or loaded, does not count; as many as run at a time are measured behind it.

    Parameters
    ----------
    show : callable
        Gets (paths done, paths) all the same.
    tell : callable
        Gets the seconds left, if they are worth a word.
    n_cores : int
        Blocks that run at a time.
    """

    def __init__(self, show: Progress, tell: Callable[[float], object], n_cores: int) -> None:
        self._show, self._tell, self._n_cores = show, tell, n_cores
        self._n_calls, self._begun, self._first, self._is_told = 0, 0.0, 0, False

    def __call__(self, done: int, total: int) -> None:
        """Take in how many paths are done: before the first block, and after each."""
        self._show(done, total)
        now = time.perf_counter()
        self._n_calls += 1
        n_blocks, taken = self._n_calls - 2, now - self._begun
        if n_blocks <= 0:
            self._begun, self._first = now, done
        elif n_blocks >= self._n_cores and taken >= _LEAST_MEASURED and not self._is_told:
            self._is_told = True
            left = taken * (total - done) / (done - self._first)
            if left >= _LEAST_TOLD:
                self._tell(left)
