"""Owns that kernels are compiled ahead of a run, the longest first and several at a time in processes."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from types import SimpleNamespace
from typing import NamedTuple, cast

import numpy as np
from numba import config

from fundsim.engine.block import block_result
from fundsim.engine.passes import run_passes
from fundsim.kernels.base.cache import cache_folder
from fundsim.kernels.base.helper import Helper, command
from fundsim.kernels.base.jit import Entry, Signatures, rehearsal
from fundsim.kernels.layout import Memory
from fundsim.machine import available_cores
from fundsim.plan import Plan
from fundsim.results.tables import has_property

SECONDS = {"run_paths": 26.0, "returns_pass": 8.0, "run_property": 7.0, "walk_paths": 5.5, "audit_pass": 2.3}
"""About how long an entry compiles, beside others; those that are not here take a second."""

_ZEROS = cast(Memory, SimpleNamespace(empty=np.zeros, zeros=np.zeros, full=np.full))
_TICK_SECONDS = 0.5
_WORTH_A_PROCESS = 3.0
"""Seconds of compiling from which a process of its own gains time."""


class Compiling(NamedTuple):
    """How far the compiling is.

    Attributes
    ----------
    done, total : int
        Entries.
    under_way : tuple of str
        Names of the functions that are compiled now.
    seconds_left : float
        From what entries usually take, and what they took so far.
    """

    done: int
    total: int
    under_way: tuple[str, ...]
    seconds_left: float


Tell = Callable[[Compiling], object]
_told: ContextVar[Tell | None] = ContextVar("told", default=None)
_ready: set[bool] = set()  # whether runs without and with property have all kernels in this process


@contextmanager
def telling(tell: Tell) -> Iterator[None]:
    """Let a function hear, at each change and twice a second, how far compiling in the body is."""
    token = _told.set(tell)
    try:
        yield
    finally:
        _told.reset(token)


def is_told() -> bool:
    """Whether a function hears how far compiling is."""
    return _told.get() is not None


def signatures_of(plan: Plan) -> Signatures:
    """The entries that a run of a plan calls, with the types of their arguments; nothing is computed."""
    with rehearsal() as signatures, np.errstate(all="ignore"):
        blocks = run_passes(plan, 0, plan.group, memory=_ZEROS)
        block_result(plan, blocks, 0, plan.group, 0)
    return signatures


def compile_ahead(plan: Plan) -> None:
    """
    Compile what a run of a plan calls and what is kept in no folder.

    With two cores or more, and a folder to keep kernels in, helper processes do it (threads would share
    numba's lock); this process loads what they made. What they do not make, because they cannot start or
    die, is compiled here. An interruption ends them.
    """
    kind = has_property(plan.scenario)
    if config.DISABLE_JIT or kind in _ready:
        return
    missing = {entry: types for entry, types in signatures_of(plan).items() if not entry.is_compiled(types)}
    if missing:
        _Work(missing, _told.get() or (lambda state: None)).do()
    _ready.add(kind)


def _seconds(entry: Entry) -> float:
    return SECONDS.get(entry.name, 1.0)


class _Work:
    """Entries to be compiled, and who compiles them."""

    def __init__(self, missing: Signatures, tell: Tell) -> None:
        self._signatures, self._tell = missing, tell
        self._waiting = deque(sorted(missing, key=_seconds, reverse=True))
        self._running: dict[Entry, float] = {}
        self._done: dict[Entry, float] = {}
        self._changed = threading.Condition()

    def do(self) -> None:
        """Compile all, by helpers as far as they do it."""
        whole = sum(map(_seconds, self._signatures))
        n_helpers = min(available_cores(), len(self._signatures))
        started_by = command()
        if (
            n_helpers > 1
            and whole > _WORTH_A_PROCESS
            and started_by is not None
            and cache_folder() is not None
        ):
            self._have_helped(started_by, n_helpers)
        self._tell_state(1)
        for entry in self._signatures:
            if entry not in self._done:
                self._running[entry] = time.perf_counter()
                self._tell_state(1)
                entry.compile(self._signatures[entry])
                self._done[entry] = time.perf_counter() - self._running.pop(entry)
        self._tell_state(1)

    def _have_helped(self, started_by: Sequence[str], n_helpers: int) -> None:
        helpers: list[Helper] = []
        try:
            for _ in range(n_helpers):
                helpers.append(Helper(started_by))
        except OSError:
            pass  # fewer, or none
        threads = [threading.Thread(target=self._ask, args=(helper,), daemon=True) for helper in helpers]
        try:
            for thread in threads:
                thread.start()
            with self._changed:
                while any(thread.is_alive() for thread in threads):
                    self._tell_state(len(threads))
                    self._changed.wait(_TICK_SECONDS)
        finally:
            for helper in helpers:
                helper.end()
            for thread in threads:
                thread.join()
        self._running.clear()

    def _ask(self, helper: Helper) -> None:
        """Have one helper compile one entry after the other, the longest first."""
        while True:
            with self._changed:
                if not self._waiting:
                    self._changed.notify_all()
                    return
                entry = self._waiting.popleft()
                self._running[entry] = begun = time.perf_counter()
            is_done = helper.compile(entry, self._signatures[entry])
            with self._changed:
                self._running.pop(entry, None)
                if is_done:
                    self._done[entry] = time.perf_counter() - begun
                self._changed.notify_all()
            if not is_done:
                return

    def _tell_state(self, n_at_a_time: int) -> None:
        now = time.perf_counter()
        expected = sum(map(_seconds, self._done))
        slower = max(1.0, sum(self._done.values()) / expected) if expected > _WORTH_A_PROCESS else 1.0
        running = {entry: max(1.0, slower * _seconds(entry) - now + t) for entry, t in self._running.items()}
        others = [e for e in self._signatures if e not in self._done and e not in running]
        waiting = slower * sum(map(_seconds, others))
        left = max([(sum(running.values()) + waiting) / n_at_a_time, *running.values()])
        names = tuple(entry.name for entry in running)
        self._tell(Compiling(len(self._done), len(self._signatures), names, left))
