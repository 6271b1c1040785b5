"""Owns what a measurement reads: processor time and page faults, of a thread or of the whole process."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]


class Spent(NamedTuple):
    """Processor time, and pages touched for the first time: the system takes time to make them, which a pass
    pays for memory that is new and not for its own work. NaN where the system does not count them.
    """

    seconds: float
    page_faults: float

    def __sub__(self, other: Spent) -> Spent:
        return Spent(self.seconds - other.seconds, self.page_faults - other.page_faults)

    def plus(self, other: Spent) -> Spent:
        """Both together."""
        return Spent(self.seconds + other.seconds, self.page_faults + other.page_faults)


NOTHING = Spent(0.0, 0.0)


def by_thread() -> Spent:
    """What the calling thread has spent so far; of the process, where pages are not counted by thread."""
    return Spent(time.thread_time(), page_faults("RUSAGE_THREAD"))


def spent_in(function: Callable[..., Any], *arguments: Any) -> Spent:
    """What the calling thread spends in a call."""
    before = by_thread()
    function(*arguments)
    return by_thread() - before


def page_faults(who: str = "RUSAGE_SELF") -> float:
    """Pages that the process, or the calling thread, has touched for the first time so far."""
    if resource is None:
        return float("nan")
    return float(resource.getrusage(getattr(resource, who, resource.RUSAGE_SELF)).ru_minflt)


def median(found: Sequence[Spent], paths: int) -> Spent:
    """The medians of several measurements, a path."""
    return Spent(*(statistics.median(column) / paths for column in zip(*found, strict=True)))


def faults_in_words(page_faults: float, paths: int = 1) -> str:
    """How many of them a path."""
    return f"{page_faults / paths:,.0f} page faults a path"
