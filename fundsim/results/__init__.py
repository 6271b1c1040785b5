"""What a run returns; a name loads its module on first use, so that sizes can be asked for without a run."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fundsim.results.block import BlockResult
    from fundsim.results.results import Results
    from fundsim.results.trace import Trace

__all__ = ["BlockResult", "Results", "Trace"]

_HOME = {"BlockResult": "block", "Results": "results", "Trace": "trace"}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'fundsim.results' has no attribute {name!r}")
    return getattr(import_module(f"fundsim.results.{_HOME[name]}"), name)
