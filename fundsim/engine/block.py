"""Owns the making of a block's result: all passes over its paths, the audit, and what is kept of them."""

import threading
from typing import Any

from fundsim.engine.kept import Part
from fundsim.engine.memory import BlockMemory
from fundsim.engine.passes import PASSES, Blocks, audited, run_passes
from fundsim.kernels.base.cache import processor
from fundsim.plan import Plan
from fundsim.results.block import BlockResult


class Worker:
    """What makes blocks of a run, one at a time in a thread; made from a plan alone, wherever they are made.

    Each thread has the memory for a block once and uses it for all its blocks.

    Parameters
    ----------
    plan : Plan
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._threads = threading.local()

    def block(self, first: int, n: int, kept: int) -> BlockResult:
        """Simulate a block and keep what results need; of a run's first `kept` paths its series."""
        if not hasattr(self._threads, "memory"):
            self._threads.memory = BlockMemory()
        memory = self._threads.memory
        memory.start_block()
        return block_result(self.plan, run_passes(self.plan, first, n, memory=memory), first, n, kept)


def block_result(plan: Plan, blocks: Blocks, first: int, n: int, kept: int) -> BlockResult:
    """What results need of the blocks that all passes wrote."""
    part = Part(first, n, min(max(kept - first, 0), n))
    fields: dict[str, Any] = {"audit": audited(plan, blocks)}
    for step in PASSES:
        fields |= step.keep(plan, blocks, part)
    return BlockResult(first_path=first, n_paths=n, group=plan.group, processor=processor(), **fields)
