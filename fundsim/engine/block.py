"""Owns the making of a block's result: all passes over its paths, the audit, and what is kept of them."""

from typing import Any

from fundsim.engine.kept import Part
from fundsim.engine.passes import PASSES, Blocks, audited, run_passes
from fundsim.plan import Plan
from fundsim.results.block import BlockResult


class Worker:
    """What makes blocks of a run, one at a time; made from a plan alone, in whatever thread or process.

    Parameters
    ----------
    plan : Plan
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def block(self, first: int, n: int, kept: int) -> BlockResult:
        """Simulate a block and keep what results need; of a run's first `kept` paths its series."""
        return block_result(self.plan, run_passes(self.plan, first, n), first, n, kept)


def block_result(plan: Plan, blocks: Blocks, first: int, n: int, kept: int) -> BlockResult:
    """What results need of the blocks that all passes wrote."""
    part = Part(first, n, min(max(kept - first, 0), n))
    fields: dict[str, Any] = {"audit": audited(plan, blocks)}
    for step in PASSES:
        fields |= step.keep(plan, blocks, part)
    return BlockResult(first_path=first, n_paths=n, group=plan.group, **fields)
