"""Owns the measurement of what a path of a large cluster costs, from which large runs are planned."""

from __future__ import annotations

import argparse
import pickle
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

import fundsim as fs
from benchmarks import exponents
from fundsim.engine.block import Worker
from fundsim.engine.passes import block_paths
from fundsim.plan import make_plan
from fundsim.results.block import Assembly, BlockResult, Joined, bytes_of
from fundsim.results.needs import Needs


def main() -> None:
    """Print what a block of a scenario of many vehicles costs, and what a run of many paths then takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vehicles", type=int, default=1_000)
    parser.add_argument("--deals", type=int, default=10)
    parser.add_argument("--paths", type=int, default=10_000_000)
    parser.add_argument("--cores", type=int, default=1_000)
    parser.add_argument("--blocks", type=int, default=8)
    asked = parser.parse_args()
    scenario = fs.Scenario.from_dict(exponents.tree(asked.vehicles, asked.deals))
    plan = make_plan(scenario)
    n, worker, needs = block_paths(plan), Worker(plan), Needs(scenario)
    worker.block(0, n, 0)
    begun = time.process_time()
    blocks = [worker.block(n * k, n, 0) for k in range(asked.blocks)]
    a_block = (time.process_time() - begun) / asked.blocks
    sent = [pickle.dumps(block, protocol=pickle.HIGHEST_PROTOCOL) for block in blocks]
    assembly = Assembly(n * asked.blocks, 0, bool(plan.closing.is_used))
    begun = time.process_time()
    for each in sent:
        received: BlockResult = pickle.loads(each)
        assembly.add(received)
    taken_in = (time.process_time() - begun) / asked.blocks
    a_path = bytes_of({Joined.BY_PATH: 1}, needs.sizes)
    wire, n_blocks = len(sent[-1]), asked.paths / n
    rows = {
        "vehicles, deals of each": f"{asked.vehicles:,}, {asked.deals:,}",
        "paths of a block": f"{n:,}",
        "processor time of a path": f"{a_block / n * 1e3:.1f} ms",
        "plan, sent once to a worker": f"{len(pickle.dumps(plan)) / 1e6:.1f} MB",
        "block, sent back": f"{wire / 1e6:.2f} MB, {wire / n / 1e6:.2f} MB a path",
        "of it sums over the block's paths": f"{bytes_of({Joined.SUMS: 1}, needs.sizes) / 1e6:.2f} MB",
        "taking a block in, where the run is": f"{taken_in * 1e3:.1f} ms, {taken_in / n * 1e3:.2f} ms a path",
        "kept of a path": f"{a_path / 1e3:.0f} kB",
        f"{asked.paths:,} paths: processors": f"{a_block * n_blocks / 3600:,.0f} core hours",
        f"on {asked.cores:,} cores": f"{a_block * n_blocks / asked.cores / 60:,.0f} min",
        "taken in by one process": f"{taken_in * n_blocks / 3600:,.1f} h",
        "over the network": f"{wire * n_blocks / 1e12:,.1f} TB",
        "measures of all paths": f"{a_path * asked.paths / 1e12:,.2f} TB",
        "cores that one process keeps busy": f"{a_block / taken_in:,.0f}",
    }
    for name, value in rows.items():
        print(f"{name}: {value}")


if __name__ == "__main__":
    main()
