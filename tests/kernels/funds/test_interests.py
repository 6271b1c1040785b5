"""Funds know interests, not property.

Those of a made-up source, whose money reaches enterprises, run beside property's, count in leverage (8.8),
and leave all other cash and every identity of the audit (§10) as they were.
"""

import numpy as np
import pytest

from fundsim.checks import LIMIT
from fundsim.kernels.funds.audit import audit_pass
from fundsim.kernels.funds.leverage import allocate_leverage, leverage_pass
from fundsim.kernels.funds.returns import allocate_returns, returns_pass
from fundsim.vocabulary import Check, InterestSource, Leverage, VehicleFlow, Word
from tests.kernels.funds.test_funds_against_naive import FIRST_PATH, N_PATHS, run_kernel
from tests.makers.random_clusters import random_case


class MadeUp(Word):
    """A source that the vocabulary does not know."""

    LOAN = len(InterestSource), True

    def __init__(self, number, reaches_enterprises):
        self.reaches_enterprises = reaches_enterprises


def run(case, sources):
    """What the passes write, the interests being of these sources."""
    case.funds.interests["reaches_enterprises"] = [source.reaches_enterprises for source in sources]
    market, closing, world = case.blocks(FIRST_PATH, N_PATHS)
    funds = run_kernel(case, (market, closing, world))
    years = -(-case.grid.n_periods // case.grid.periods_per_year)
    returns, leverage = (make(N_PATHS, years, case.funds) for make in (allocate_returns, allocate_leverage))
    returns_pass(case.funds, closing, market.index, world.n_park, world.first_row, funds, returns)
    leverage_pass(case.funds, closing, funds, leverage)
    worst = np.zeros(len(Check))
    audit_pass(case.funds, closing, funds, returns, worst)
    return funds, leverage.leverage[:, -1, Leverage.INVESTED_MULTIPLE], worst


@pytest.mark.parametrize("seed", [11, 45, 57, 63, 79])
def test_a_made_up_source_runs_beside_property(seed):
    case = random_case(seed)
    n = case.funds.interests.size
    is_made_up = np.arange(n) % 2 == 1
    alone, multiple_before, _ = run(case, [InterestSource.DEVELOPMENT] * n)
    both, multiple, worst = run(case, [MadeUp.LOAN if one else InterestSource.ACQUIRED for one in is_made_up])
    assert worst.max() <= LIMIT
    others = [flow for flow in VehicleFlow if flow != VehicleFlow.OUTSIDE_ENTERPRISES]
    np.testing.assert_array_equal(both.vehicle_flows[:, others], alone.vehicle_flows[:, others])
    np.testing.assert_array_equal(both.class_flows, alone.class_flows)
    reaching = (both.shares["cost"] * is_made_up[case.funds.holding_interest]).sum(axis=1)
    before, after = (one.vehicle_flows[:, VehicleFlow.OUTSIDE_ENTERPRISES] for one in (alone, both))
    np.testing.assert_allclose((before - after).sum(axis=(1, 2)), reaching, rtol=1e-9, atol=1e-9)
    is_known = ~np.isnan(multiple)
    assert (multiple > multiple_before)[is_known].tolist() == (reaching > 0.0)[is_known].tolist()
    assert reaching.any(), "no interest of the made-up source was bought"
