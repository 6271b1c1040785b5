"""Owns what a worker outside this process does: it says whether it gives
the same numbers, takes a plan once and makes blocks.
"""

import os
import pickle
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple, Self

import fundsim
from fundsim.engine.block import Worker
from fundsim.errors import WorkerError
from fundsim.kernels.base.cache import makings
from fundsim.plan import Plan
from fundsim.results.block import BlockResult
from fundsim.words import LANGUAGES, label

_MOST_PLANS = 4
_workers: dict[str, Worker] = {}
_taking = threading.Lock()


class Order(NamedTuple):
    """What a worker is told with every block.

    Attributes
    ----------
    key : str
        Hash of the plan's bytes.
    versions : mapping of str to str
        What a worker must have to give the same bits.
    kept : int
        Of how many first paths of the run series are kept.
    file : str
        Where a worker that sees the same disk finds the plan; empty where none does.
    """

    key: str
    versions: Mapping[str, str]
    kept: int
    file: str = ""

    @classmethod
    def of(cls, sent: bytes, kept: int) -> Self:
        """The order for a run, of which the plan's bytes are given."""
        return cls(hash_of(sent), versions(), kept)

    def plan_found(self) -> bytes | None:
        """The plan's bytes from the file, if it is there and holds them."""
        try:
            found = Path(self.file).read_bytes() if self.file else b""
        except OSError:
            return None
        return found if hash_of(found) == self.key else None


def packed(plan: Plan) -> bytes:
    """A plan to be sent."""
    return pickle.dumps(plan, protocol=pickle.HIGHEST_PROTOCOL)


def hash_of(sent: bytes) -> str:
    """What tells one plan from another."""
    return blake2b(sent, digest_size=16).hexdigest()


@contextmanager
def order_in_file(sent: bytes, kept: int) -> Iterator[Order]:
    """The order for a run whose workers find the plan in a temporary file, if they see this disk."""
    with tempfile.TemporaryDirectory(prefix="fundsim-", ignore_cleanup_errors=True) as folder:
        file = Path(folder) / "plan"
        file.write_bytes(sent)
        yield Order.of(sent, kept)._replace(file=str(file))


def versions() -> dict[str, str]:
    """What decides the bits of results here, but for the processor."""
    return {"fundsim": fundsim.__version__, **makings()}


def block_elsewhere(order: Order, sent: bytes | None, first: int, n: int) -> BlockResult | None:
    """
    Simulate the paths ``first … first + n − 1`` of a plan that is sent, or was before.

    Parameters
    ----------
    order : Order
    sent : bytes, optional
        The plan, where it is not found in the order's file; it is kept for further blocks.
    first, n : int

    Returns
    -------
    BlockResult or None
        None where there is no plan yet.

    Raises
    ------
    WorkerError
        If this worker would give other bits.
    """
    if found := differences(order.versions, versions()):
        raise refusal(name_of_worker(), found)
    with _taking:
        if order.key not in _workers:
            sent = order.plan_found() if sent is None else sent
            if sent is None:
                return None
            while len(_workers) >= _MOST_PLANS:
                del _workers[next(iter(_workers))]
            _workers[order.key] = Worker(pickle.loads(sent))
        worker = _workers[order.key]
    return worker.block(first, n, order.kept)


def differences(wanted: Mapping[str, str], there: Mapping[str, str]) -> list[str]:
    """What a worker has different, such as ``numba 0.61.0 in place of 0.68.1``."""
    return [
        f"{name} {there.get(name, '-')} ≠ {value}"
        for name, value in wanted.items()
        if there.get(name) != value
    ]


def refusal(worker: str, found: list[str]) -> WorkerError:
    """The error that names a worker and what it has different."""
    return worker_error("workers.differs", worker=worker, differences=", ".join(found))


def worker_error(key: str, **values: object) -> WorkerError:
    """An error about workers by its label."""
    return WorkerError({lang: label(key, lang, **values) for lang in LANGUAGES})


def name_of_worker() -> str:
    """The address of a Dask worker, or host and process."""
    if "distributed" in sys.modules:
        from distributed import get_worker

        try:
            return str(get_worker().address)
        except ValueError:  # a process that is no Dask worker
            pass
    return f"{socket.gethostname()}, process {os.getpid()}"
