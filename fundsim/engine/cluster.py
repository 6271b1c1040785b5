"""Owns blocks made by the workers of a Dask cluster."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent import futures
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from fundsim.engine.elsewhere import (
    Order,
    block_elsewhere,
    differences,
    packed,
    refusal,
    versions,
    worker_error,
)
from fundsim.engine.executors import Span, as_finished, result_of
from fundsim.errors import ArgumentError, WorkerError
from fundsim.plan import Plan
from fundsim.results.block import BlockResult

_LEAST_AHEAD = 16  # a cluster that grows with what it has to do begins without workers
_COUNT_SECONDS = 5.0


@dataclass(frozen=True)
class Cluster:
    """Blocks on a Dask cluster, whose workers may come and go.

    A worker fetches the plan once. What a worker that is gone had is made again by others, as Dask does
    it; without the scheduler the run ends.

    Attributes
    ----------
    client : distributed.Client
    """

    client: Any

    def blocks(self, plan: Plan, spans: Sequence[Span], kept: int) -> Generator[BlockResult]:
        """Simulate blocks; at an interruption those not begun are cancelled."""
        sent = packed(plan)
        order = Order.of(sent, kept)
        handed: set[Any] = set()
        try:
            self._require_same(order)
            # A task, and no data: where the worker that has it is gone, the scheduler has it made again.
            there = self.client.submit(bytes, sent, key=f"fundsim-plan-{order.key}")

            def submit(span: Span) -> Future[BlockResult]:
                asked = self.client.submit(block_elsewhere, order, there, *span, pure=False)
                handed.add(asked)
                here: Future[BlockResult] = Future()
                self.client.loop.add_callback(self._hand_on, asked, here, handed)
                return here

            for _, future in as_finished(submit, deque(spans), self._room()):
                yield self._block_of(future)
        except (OSError, RuntimeError) as failure:
            if isinstance(failure, RuntimeError) and self.client.status == "running":
                raise
            raise self._lost() from failure
        finally:
            with suppress(OSError, RuntimeError):
                self.client.cancel(list(handed))

    async def _hand_on(self, asked: Any, here: Future[BlockResult], handed: set[Any]) -> None:
        """Fetch a block, or what became of it, in the thread of the client."""
        try:
            here.set_result(await self.client.gather(asked, asynchronous=True))
        except BaseException as failure:  # noqa: BLE001, it is raised where the run is
            if not here.cancelled():
                here.set_exception(failure)
        handed.discard(asked)

    @property
    def n_threads(self) -> int:
        """Threads of the workers that there are now."""
        return sum(self.client.nthreads().values())

    def _require_same(self, order: Order) -> None:
        """Raise where a worker that is there would give other bits; those to come say it themselves."""
        for worker, there in self.client.run(versions, on_error="return").items():
            if isinstance(there, BaseException):
                raise worker_error("workers.foreign", failure=f"{worker}, {there}") from there
            if found := differences(order.versions, there):
                raise refusal(worker, found)

    def _room(self) -> Callable[[], int]:
        """How many blocks to hand out at a time, counted anew every few seconds."""
        counted, n_ahead = -_COUNT_SECONDS, 0

        def n_now() -> int:
            nonlocal counted, n_ahead
            if time.monotonic() - counted >= _COUNT_SECONDS:
                counted, n_ahead = time.monotonic(), max(2 * self.n_threads, _LEAST_AHEAD)
            return n_ahead

        return n_now

    def _block_of(self, future: Future[BlockResult]) -> BlockResult:
        from distributed import KilledWorker

        try:
            return result_of(future)
        except KilledWorker as failure:
            raise worker_error("workers.lost_twice") from failure
        except (futures.CancelledError, asyncio.CancelledError) as failure:
            raise self._lost() from failure

    def _lost(self) -> WorkerError:
        return worker_error("workers.scheduler_lost", address=self.client.scheduler.address)


@contextmanager
def connected(address: str) -> Iterator[Cluster]:
    """
    A connection to the scheduler of a cluster.

    Raises
    ------
    ArgumentError
        If Dask is not installed.
    WorkerError
        If no scheduler answers.
    """
    try:
        from distributed import Client
    except ImportError as failure:
        raise ArgumentError(
            "a cluster needs Dask; install it with: pip install 'fundsim[cluster]'"
        ) from failure
    for name in ("distributed", "distributed.client"):  # what is wrong is told in an error
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        client = Client(address, set_as_default=False)
    except (OSError, ValueError) as failure:
        raise worker_error("workers.no_scheduler", address=address) from failure
    with client:
        yield Cluster(client)
