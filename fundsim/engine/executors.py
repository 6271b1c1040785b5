"""Owns who makes the blocks of a run: threads of this process, or any
executor; others keep to the same protocol.
"""

import concurrent.futures
import pickle
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue
from typing import NamedTuple, Protocol, TypeVar

from fundsim.engine.block import Worker
from fundsim.engine.elsewhere import block_elsewhere, order_in_file, packed, worker_error
from fundsim.engine.passes import block_paths
from fundsim.machine import available_cores
from fundsim.plan import Plan
from fundsim.results.block import BlockResult

Made = TypeVar("Made")


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
        with ThreadPoolExecutor(n_threads, thread_name_prefix="fundsim") as pool:
            handed = as_finished(lambda span: pool.submit(one, span), deque(spans[1:]), lambda: n_threads + 1)
            for _, future in handed:
                yield future.result()


@dataclass(frozen=True)
class Pool:
    """Blocks on any executor of `concurrent.futures`, which is left open.

    A worker reads the plan once from a file; a worker that does not see this disk says that it lacks the
    plan, which is then sent with the block.

    Attributes
    ----------
    executor : concurrent.futures.Executor
    n_ahead : int, optional
        How many blocks are handed out at a time; without it two for each of the executor's workers, or, where
        it does not tell how many it has, for each core of this machine.
    """

    executor: concurrent.futures.Executor
    n_ahead: int | None = None

    def blocks(self, plan: Plan, spans: Sequence[Span], kept: int) -> Generator[BlockResult]:
        """Simulate blocks; at an interruption those not begun are cancelled."""
        n_workers = getattr(self.executor, "_max_workers", None) or available_cores()
        n_ahead = self.n_ahead or 2 * n_workers
        sent, waiting = packed(plan), deque(spans)
        lacking, made = set[Span](), set[Span]()
        with order_in_file(sent, kept) as order:

            def submit(span: Span) -> Future[BlockResult | None]:
                return self.executor.submit(block_elsewhere, order, sent if span in lacking else None, *span)

            # the first block goes alone: kernels compile once, and it is seen whether workers find the plan
            for span, future in as_finished(submit, waiting, lambda: n_ahead if made else 1):
                block = result_of(future)
                if block is not None:
                    made.add(span)
                    yield block
                else:
                    lacking.add(span)
                    waiting.appendleft(span)


def as_finished(
    submit: Callable[[Span], Future[Made]], waiting: deque[Span], n_ahead: Callable[[], int]
) -> Generator[tuple[Span, Future[Made]]]:
    """
    Spans with what became of them, in any order; at an early end those not begun are cancelled.

    Parameters
    ----------
    submit : callable
        Hands a span out.
    waiting : deque of Span
        May grow meanwhile.
    n_ahead : callable
        How many to hand out at a time.
    """
    running: dict[Future[Made], Span] = {}
    finished: SimpleQueue[Future[Made]] = SimpleQueue()
    try:
        while waiting or running:
            while waiting and len(running) < n_ahead():
                span = waiting.popleft()
                future = submit(span)
                running[future] = span
                future.add_done_callback(finished.put)
            future = finished.get()
            yield running.pop(future), future
    finally:
        for future in running:
            future.cancel()


def result_of(future: Future[Made]) -> Made:
    """What a future holds, its failures told as those of workers."""
    try:
        return future.result()
    except BrokenExecutor as failure:
        raise worker_error("workers.lost") from failure
    except (ImportError, AttributeError, pickle.UnpicklingError) as failure:
        raise worker_error("workers.foreign", failure=failure) from failure
