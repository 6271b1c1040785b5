"""The exits table is never written beyond its end, and what did not fit fails the audit."""

from pathlib import Path

import numpy as np

from fundsim import load_scenario
from fundsim.checks import checks_of
from fundsim.engine.passes import PASSES, audited, run_passes
from fundsim.plan import make_plan

SCENARIO = Path(__file__).parents[3] / "scenarios" / "suzhou_industrial_park.yaml"
N, ROOM = 3, 2


def test_exits_that_find_no_line_are_told_by_the_audit_and_written_nowhere():
    plan = make_plan(load_scenario(SCENARIO))
    blocks = run_passes(plan, 0, N)
    whole, paths = blocks.funds.exits, blocks.funds.paths.copy()
    assert audited(plan, blocks)[-1] == 0.0
    assert whole.shape[1] > paths["n_exits"].min() > ROOM
    assert not paths["n_lost_exits"].any()

    memory = np.full((N + 1) * ROOM, -7, dtype=np.int64).astype(whole.dtype)
    blocks.funds = blocks.funds._replace(exits=memory[: N * ROOM].reshape(N, ROOM))
    [funds] = [step for step in PASSES if step.name == "funds"]
    funds.run(plan, 0, blocks)
    np.testing.assert_array_equal(blocks.funds.paths["n_exits"], ROOM)
    assert (memory[N * ROOM :]["deal"] == -7).all()
    assert (blocks.funds.exits["deal"] >= 0).all()
    np.testing.assert_array_equal(blocks.funds.paths["largest_stake"], paths["largest_stake"])
    lost = blocks.funds.paths["n_lost_exits"]
    # sales into a line that was lost ask for one again, so more may be lost than the full table has
    assert (lost >= paths["n_exits"] - ROOM).all()
    last = checks_of(audited(plan, blocks), True)[-1]
    assert last == {
        "name": "every exit has its line in the exits table",
        "worst": float(np.max(lost / (ROOM + lost))),
        "passed": False,
    }
    failed = [check["name"] for check in checks_of(audited(plan, blocks), True) if not check["passed"]]
    assert "exits bring what vehicles received" in failed
