"""Owns the replay of one path: simulated again, alone, with its whole story."""

import numpy as np

from fundsim.engine.block import block_result
from fundsim.engine.passes import run_passes
from fundsim.plan import Plan
from fundsim.results import BlockResult, Results, Trace
from fundsim.results.block import Assembly
from fundsim.results.trace import trace_events


def replay(plan: Plan, path: int) -> Trace:
    """Simulate one path again, alone, with its whole story."""
    blocks = run_passes(plan, path, 1)
    block = block_result(plan, blocks, path, 1, path + 1)
    assembly = Assembly(1, 1, bool(plan.closing.is_used))
    moved = block.to_arrays() | {"first_path": np.asarray(0), "exit_path": np.zeros_like(block.exit_path)}
    assembly.add(BlockResult.from_arrays(moved))
    measures = Results(plan, 1, 0.0, assembly.finish(), replay).measures.assign(path=path)
    earlier = blocks.market, blocks.closing, blocks.enterprises, blocks.property, blocks.funds
    return Trace(path, plan.seed, trace_events(plan, *earlier), measures, plan.scenario)
