"""What a run returns."""

from __future__ import annotations

from fundsim.results.block import BlockResult
from fundsim.results.results import Results
from fundsim.results.trace import Trace

__all__ = ["BlockResult", "Results", "Trace"]
