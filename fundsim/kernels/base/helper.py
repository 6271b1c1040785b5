"""Owns the process that compiles kernels for another one: what it is started with, asked and answers.

It knows numba and the kernels alone, so that it begins to compile half a second after its start.
"""

import base64
import contextlib
import gc
import json
import pickle
import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from fundsim.kernels.base.cache import source_key
from fundsim.kernels.base.jit import Entry

_CODE = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from fundsim.kernels.base.helper import serve; serve()"
)


def command() -> Sequence[str] | None:
    """How a helper is started; None where this program is not a Python that runs code given to it."""
    is_python = bool(sys.executable) and Path(sys.executable).stem.lower().startswith("python")
    if not is_python or getattr(sys, "frozen", False):
        return None
    return [sys.executable, "-c", _CODE, json.dumps(sys.path)]


class Helper:
    """
    A process that compiles one kernel after the other, and keeps them in the folder of this process.

    Raises
    ------
    OSError
        If there can be no process.
    """

    def __init__(self, started_by: Sequence[str]) -> None:
        pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
        self._process = subprocess.Popen(started_by, stdin=pipe, stdout=pipe, stderr=nothing)
        self._is_ready: bool | None = None

    def compile(self, entry: Entry, signature: tuple[Any, ...]) -> bool:
        """Have a kernel compiled, and wait; False if the process did not do it, whatever the reason."""
        if self._is_ready is None:
            self._is_ready = self._answer() == source_key()
        question = base64.b64encode(pickle.dumps((entry.module, entry.name, signature)))
        try:
            if self._is_ready and self._process.stdin is not None:
                self._process.stdin.write(question + b"\n")
                self._process.stdin.flush()
                return self._answer() == "done"
        except OSError:  # it died
            pass
        self._is_ready = False
        return False

    def _answer(self) -> str:
        return "" if self._process.stdout is None else self._process.stdout.readline().decode().strip()

    def end(self) -> None:
        """Kill the process; what it is compiling is lost."""
        self._process.kill()
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()
        self._process.wait()


def serve() -> None:
    """Tell the key of the kernels here, then compile what is asked for until nobody asks any more."""
    gc.disable()  # compiling leaves few cycles, and looking for them takes a seventh of its time
    answers = sys.stdout
    sys.stdout = sys.stderr
    print(source_key(), file=answers, flush=True)
    for question in sys.stdin.buffer:
        module, name, signature = pickle.loads(base64.b64decode(question))  # what our parent asks
        entry = getattr(import_module(module), name)
        entry.compile(signature)
        is_kept = entry.dispatcher._cache.holds(signature, entry.targetctx)
        print("done" if is_kept else "lost", file=answers, flush=True)
