"""Owns blocks made by further processes of this machine, of which one that ends is replaced once."""

import multiprocessing
import signal
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import connection

from fundsim.engine.elsewhere import Order, block_elsewhere, order_in_file, packed, worker_error
from fundsim.engine.executors import Span
from fundsim.kernels.base.jit import cache_is_warm
from fundsim.plan import Plan
from fundsim.results.block import BlockResult

_AHEAD = 2  # blocks that a process has: one to make, one to go on with meanwhile
_SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Processes:
    """Blocks on processes of this machine.

    A process reads the plan once from a file, and ends when this one does. If one is killed its blocks are
    made again, by the others and by a process in its place; a block that is lost twice, or a second loss in
    one place, ends the run.

    Attributes
    ----------
    n : int
        How many at most.
    """

    n: int

    def blocks(self, plan: Plan, spans: Sequence[Span], kept: int) -> Generator[BlockResult]:
        """Simulate blocks; an interruption ends the processes at once."""
        with order_in_file(packed(plan), kept) as order, ExitStack() as ends:
            crew = _Crew(order, deque(spans), ends)
            if spans and not cache_is_warm():  # kernels compile once, not in every process
                yield from crew.made(1, len(spans) - 1)
            yield from crew.made(min(self.n, len(spans)), 0)


class _Crew:
    """The processes of a run, and what each of them has to do."""

    def __init__(self, order: Order, waiting: deque[Span], ends: ExitStack) -> None:
        self._order, self._waiting, self._ends = order, waiting, ends
        self._has: dict[connection.Connection, list[Span]] = {}
        self._in_place_of_another: set[connection.Connection] = set()
        self._lost: set[Span] = set()

    def made(self, n: int, n_left: int) -> Generator[BlockResult]:
        """Blocks as n processes make them, until so many are left."""
        while len(self._has) < n:
            self._start()
        while sum(map(len, self._has.values())) + len(self._waiting) > n_left:
            for pipe, spans in self._has.items():
                while len(self._waiting) > n_left and len(spans) < _AHEAD:
                    spans.append(self._waiting.popleft())
                    with suppress(OSError):  # it has ended, which is seen where it should answer
                        pipe.send(spans[-1])
            for pipe in [pipe for pipe in connection.wait(list(self._has)) if pipe in self._has]:
                yield from self._received(pipe)

    def _start(self) -> connection.Connection:
        ours, theirs = _SPAWN.Pipe()
        process = _SPAWN.Process(target=serve, args=(theirs, self._order), name="fundsim worker", daemon=True)
        with _interrupts_blocked():
            process.start()
        theirs.close()
        self._ends.callback(process.join)
        self._ends.callback(process.terminate)
        self._ends.callback(ours.close)
        self._has[ours] = []
        return ours

    def _received(self, pipe: connection.Connection) -> Iterator[BlockResult]:
        try:
            answer = pipe.recv()
        except (EOFError, OSError):
            self._replace(pipe)
            return
        self._has[pipe].pop(0)
        if isinstance(answer, BaseException):
            raise answer
        yield answer

    def _replace(self, pipe: connection.Connection) -> None:
        """What a process had is to be made again, and another one stands in its place."""
        lost = self._has.pop(pipe)
        if pipe in self._in_place_of_another or self._lost & set(lost[:1]):
            raise worker_error("workers.lost_twice")
        self._lost |= set(lost[:1])
        self._waiting.extendleft(reversed(lost))
        self._in_place_of_another.add(self._start())


def serve(pipe: connection.Connection, order: Order) -> None:
    """What a process does: make the blocks that it is sent, until nobody sends any."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; the first one decides
    try:
        while True:
            span = pipe.recv()
            try:
                answer: object = block_elsewhere(order, None, *span)
            except Exception as failure:  # noqa: BLE001, it is raised where the run is
                answer = failure
            pipe.send(answer)
    except (EOFError, OSError):
        return


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Start processes that no Ctrl-C reaches before they can ignore it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
