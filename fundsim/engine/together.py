"""Owns runs of several plans over the same paths, of which passes that are equal are made once."""

import threading
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from fundsim.engine.block import block_result
from fundsim.engine.executors import Span, as_finished
from fundsim.engine.memory import BlockMemory
from fundsim.engine.passes import PASSES, block_paths, run_passes
from fundsim.machine import available_cores
from fundsim.plan import Plan
from fundsim.results.block import BlockResult

_TABLES = "tables"
"""The field of records with the quantile tables of the whole plan, those of a pass after those before it."""


def shared_passes(base: Plan, other: Plan) -> tuple[str, ...]:
    """
    Passes that are equal in two plans: what they read is, and all passes above them are.

    Parameters
    ----------
    base, other : Plan

    Returns
    -------
    tuple of str
        None where blocks have other sizes, as sums are added block by block.
    """
    if block_paths(base) != block_paths(other):
        return ()
    found: list[str] = []
    for step in PASSES:
        is_below = all(name in found for name in step.needs)
        if is_below and is_equal(step.reads(base), step.reads(other)):
            found.append(step.name)
    return tuple(found)


def is_equal(one: Any, other: Any, name: str = "") -> bool:
    """Whether what passes read is equal bit by bit: numbers, arrays of numbers or records, bundles."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        if name == _TABLES:
            # what one plan has more was added by passes that come later; equal records point at none of it
            n = min(len(one), len(other))
            one, other = one[:n], other[:n]
        same_kind = one.dtype == other.dtype and one.shape == other.shape
        return bool(same_kind and one.tobytes() == other.tobytes())
    if isinstance(one, tuple):
        names = getattr(one, "_fields", ("",) * len(one))
        if len(one) != len(other):
            return False
        return all(is_equal(a, b, field) for a, b, field in zip(one, other, names, strict=True))
    return bool(one == other)


class Together:
    """
    Who makes the blocks of several plans that have the same spans, with the passes that they share made once.

    Each thread has the memory for the blocks of all plans once.

    Parameters
    ----------
    plans : sequence of Plan
        The first is the base; bits are those of a run of each alone.

    Attributes
    ----------
    shared : list of tuple of str
        Passes that each plan takes from the first, none for the first itself.
    """

    def __init__(self, plans: Sequence[Plan]) -> None:
        self.plans = plans
        self.shared = [(), *(shared_passes(plans[0], plan) for plan in plans[1:])]
        self._threads = threading.local()

    def of_span(self, span: Span, kept: int) -> list[BlockResult]:
        """The blocks of all plans over the paths of a span."""
        if not hasattr(self._threads, "memory"):
            self._threads.memory = BlockMemory()
        memory = self._threads.memory
        memory.start_block()
        made, first = [], None
        for plan, shared in zip(self.plans, self.shared, strict=True):
            given = {name: getattr(first, name) for name in shared}
            blocks = run_passes(plan, *span, given=given, memory=memory)
            first = blocks if first is None else first
            made.append(block_result(plan, blocks, *span, kept))
        return made

    def blocks(self, spans: Sequence[Span], kept: int, n_threads: int | None) -> Generator[list[BlockResult]]:
        """The blocks of all plans, span by span, in any order."""
        n = min(n_threads or available_cores(), len(spans))
        yield from (self.of_span(span, kept) for span in spans[:1])  # kernels compile once
        if n <= 1:
            yield from (self.of_span(span, kept) for span in spans[1:])
            return
        with ThreadPoolExecutor(n, thread_name_prefix="fundsim") as pool:
            handed = as_finished(
                lambda span: pool.submit(self.of_span, span, kept), deque(spans[1:]), lambda: n + 1
            )
            for _, future in handed:
                yield future.result()
