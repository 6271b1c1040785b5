"""A path opens as the plan's opening records tell, also in the middle of a vehicle's life."""

import numpy as np
import pytest

from fundsim.kernels.funds.run import allocate_funds, allocate_state, funds_pass
from fundsim.kernels.layout import NEVER
from fundsim.plan.opening import blank_opening
from fundsim.vocabulary import PositionStatus, VehicleStatus
from tests.makers.fund_terms import Investor, Vehicle, make_case
from tests.makers.fund_views import fund_views
from tests.makers.random_clusters import random_case

PATHS = 2
SETS = ("sales", "planned", "offered", "held", "modelled")
DRAWS = ("deal_keys", "transfer_keys", "deal_draws", "match_keys")
LEFT_BEHIND = (*SETS, *DRAWS, "on_offer", "last_offer", "next_offer", "counts", "marks", "positions")
"""What a path must set or clear before it is read."""
NOT_ZERO = {
    ("positions", "row"): -1,
    ("positions", "next_slot"): -1,
    ("positions", "exit_line"): -1,
    ("positions", "claim_due"): NEVER,
    ("vehicles", "last_deal"): NEVER,
    ("vehicles", "appraised_year"): NEVER,
    ("vehicles", "realised_keep"): 1.0,
    ("investors", "owner"): -1,
    ("holdings", "parts_line"): -1,
}
"""What a blank record says otherwise than 0."""


def run(case, plan, is_littered=False):
    market, closing, world = case.blocks(0, PATHS)
    n_rows, n_places = int(np.diff(world.first_row).max()), world.round_period.shape[1]
    state = allocate_state(plan, n_rows, n_places)
    if is_littered:
        for name in LEFT_BEHIND:
            getattr(state, name).view(np.uint8).fill(255 if name not in ("last_offer", "next_offer") else 0)
        state.ring.uniforms.fill(np.nan)
        for array in (state.ring.counts, state.ring.above, state.ring.lowest):
            array.fill(0)
    out = allocate_funds(PATHS, case.funds)
    funds_pass(plan, market, closing, world, case.interests_of(PATHS), 0, state, out)
    return out


def test_a_blank_opening_says_that_nothing_has_happened():
    opening = blank_opening(n_deals=2, n_classes=1, n_vehicles=1, owners=[-1], n_holdings=1)
    assert PositionStatus.EMPTY == VehicleStatus.WAITING == 0
    for name, records in opening._asdict().items():
        for field in records.dtype.names:
            assert set(records[field]) == {NOT_ZERO.get((name, field), 0)}, (name, field)


def test_a_path_does_not_see_what_the_one_before_left():
    case = random_case(3)
    plan = case.fund_plan
    before = [records.copy() for records in plan.opening]
    out = run(case, plan)
    assert fund_views(out).invested.any()
    for kept, records in zip(before, plan.opening, strict=True):
        np.testing.assert_array_equal(kept, records)


@pytest.mark.parametrize("seed", [3, 11])
def test_what_another_path_left_in_the_calendar_and_the_offers_changes_nothing(seed):
    """Chains of offers that are not cut at a path's start would loop forever."""
    case = random_case(seed)
    clean, littered = run(case, case.fund_plan), run(case, case.fund_plan, is_littered=True)
    for b, n in enumerate(clean.paths["n_exits"]):
        np.testing.assert_array_equal(clean.exits[b, :n], littered.exits[b, :n])
    for name, array in clean._asdict().items():
        if name != "exits":
            np.testing.assert_array_equal(array, getattr(littered, name), err_msg=name)


def test_a_vehicle_that_lives_since_before_the_start_goes_on_from_its_records():
    """It started two years ago and may no longer invest: there is no closing, no start and no cost of
    organisation; its cash of 7 is paid out at once, and it ends after a year.
    """
    vehicle = Vehicle("old", [Investor(100.0)], term=3.0, organisation_cost=1.0)
    case = make_case([vehicle], random_case(3).world)
    m = case.grid.periods_per_year
    own = case.funds.vehicles[0]
    own["start_period"], own["term_period"], own["last_period"] = -2 * m, m - 1, m - 1
    plan = case.fund_plan
    opening = plan.opening
    opening.vehicles["status"], opening.vehicles["last_deal"] = VehicleStatus.LIVE, -3
    opening.vehicles["callable"] = opening.vehicles["investable"] = opening.classes["callable"] = 100.0
    opening.classes["weight"] = opening.classes["fee_weight"] = opening.investors["share"] = 1.0
    opening.classes["unfunded"] = opening.classes["may_call"] = 40.0
    opening.classes["cash"] = 7.0
    out = fund_views(run(case, plan))
    assert not out.contribution.any() and not out.fee.any()
    expected = [7.0] + [0.0] * (case.grid.n_periods - 1)
    for b in range(PATHS):
        assert out.distribution[b, 0].tolist() == pytest.approx(expected)
        assert out.end_period[b, 0] == m - 1
