"""Owns who makes the blocks of a run: threads of this process; others keep to the same protocol."""

from collections.abc import Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from fundsim.engine.block import Worker
from fundsim.engine.passes import block_paths
from fundsim.machine import available_cores
from fundsim.plan import Plan
from fundsim.results.block import BlockResult


class Span(NamedTuple):
    """The paths ``first … first + n − 1`` of one block."""

    first: int
    n: int


def spans_of(plan: Plan, n_paths: int) -> list[Span]:
    """The blocks of a run."""
    size = block_paths(plan)
    return [Span(first, min(size, n_paths - first)) for first in range(0, n_paths, size)]


class Executor(Protocol):
    """Who makes blocks.

    A plan, a span and a block result pickle, and `Worker(plan).block(*span, kept)` gives the same bits in
    every process, so an executor may hand them to other processes or machines.
    """

    def blocks(self, plan: Plan, spans: Sequence[Span], kept: int) -> Generator[BlockResult]:
        """The blocks of some spans in any order; `close` ends the work early."""
        ...


@dataclass(frozen=True)
class Threads:
    """Blocks on threads of this process.

    Attributes
    ----------
    n : int, optional
        How many at most; as many as there are cores without it.
    """

    n: int | None = None

    def blocks(self, plan: Plan, spans: Sequence[Span], kept: int) -> Generator[BlockResult]:
        """Simulate blocks; an interruption waits for the
        blocks under way, hands them out and goes on up.
        """
        n_threads = min(self.n or available_cores(), len(spans))
        worker = Worker(plan)

        def one(span: Span) -> BlockResult:
            return worker.block(*span, kept)

        if n_threads <= 1:
            yield from map(one, spans)
            return
        yield from map(one, spans[:1])  # kernels compile once, not in every thread
        waiting = iter(spans[1:])
        with ThreadPoolExecutor(n_threads, thread_name_prefix="fundsim") as pool:
            running: set[Future[BlockResult]] = set()
            try:
                while True:
                    for span in waiting:
                        running.add(pool.submit(one, span))
                        if len(running) > n_threads:
                            break
                    if not running:
                        return
                    ready, running = wait(running, return_when=FIRST_COMPLETED)
                    for future in ready:
                        yield future.result()
            except BaseException:
                for future in running:
                    future.cancel()
                raise
