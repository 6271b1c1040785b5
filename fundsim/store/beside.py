"""Owns work that goes on beside the rest of the program, in a
process of its own where the system can split off one.
"""

import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from fundsim.machine import available_cores


@contextmanager
def beside(work: Callable[[], object]) -> Iterator[None]:
    """Do `work` while the body runs, and be sure at the end that it is done.

    On Linux with two cores or more a forked process does it; it shares what the program has in memory and
    hands back nothing, so `work` is to write files. Elsewhere, or where the process fails for whatever
    reason, the work is done here after the body, so that its errors are raised as if there were no other
    process.
    """
    child = _fork() if sys.platform == "linux" and available_cores() > 1 else None
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    try:
        yield
    except BaseException:
        if child is not None:
            os.kill(child, signal.SIGTERM)
            os.waitpid(child, 0)
        raise
    if child is None or os.waitpid(child, 0)[1] != 0:
        work()


def _fork() -> int | None:
    """A forked child, 0 in it; None where there can be none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of libraries that take care of forks
        try:
            return os.fork()
        except OSError:
            return None
