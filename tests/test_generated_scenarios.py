"""Scenarios made at random: whatever the rules let through is simulated, balances, and gives its tables."""

import warnings
from functools import cache

import numpy as np
import pandas as pd
import pytest

from fundsim import simulate
from fundsim.engine.passes import run_passes
from fundsim.errors import ScenarioError
from fundsim.plan import make_plan
from fundsim.scenario import Scenario
from fundsim.vocabulary import Channel
from tests.kernels.funds.test_funds_against_naive import differences
from tests.kernels.funds.test_returns_against_naive import leverage_differences, measure_differences
from tests.makers.draws import topic
from tests.makers.generated_scenarios import ScenarioDraws, random_scenario
from tests.twins.funds import naive_funds
from tests.twins.leverage import naive_leverage
from tests.twins.returns import naive_returns

FEW = 40
MANY = 2_000


@cache
def generated(seed, has_property=False):
    """A valid scenario, or None."""
    try:
        return Scenario.from_dict(random_scenario(seed, has_property))
    except ScenarioError:
        return None


def run_and_check(seed, has_property=False):
    """Simulate a seed's scenario, look at its audit and ask for every table."""
    scenario = generated(seed, has_property)
    if scenario is None:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        results = simulate(scenario, progress=False, threads=1)
        for table in (results.summary, results.cash_flows, results.leverage, results.leverage_by_year):
            assert len(table()) > 0
        assert len(results.exits_by_year()) > 0
        assert len(results.activity()) == len(scenario.vehicles)
        assert len(results.landing()) == sum(vehicle.mandate is not None for vehicle in scenario.vehicles)
        assert set(results.exits()["path"]) <= set(range(results.kept_paths))
        if has_property:
            assert len(results.projects()) == len(scenario.property_.projects)
            for table in (results.property_by_year, results.reits_by_year, results.holdings, results.sleeves):
                assert isinstance(table(), pd.DataFrame)
        trace = results.trace(1)
    assert [check for check in results.checks if not check["passed"]] == []
    numbers = results.measures.select_dtypes("number")
    if scenario.market.index.volatility > 1:
        # against an index that falls by a factor of 1e300 everything is infinitely better
        numbers = numbers.drop(columns=["ks_pme", "direct_alpha"])
    assert not np.isinf(numbers.to_numpy(dtype=float)).any()
    again = results.measures[results.measures["path"] == 1].reset_index(drop=True)
    pd.testing.assert_frame_equal(trace.measures, again, check_exact=True)


PATH = 3


def twin_differences(seed, has_property=False):
    """What the slow twin gives otherwise on one path: flows, deals and exits, then measures and leverage."""
    scenario = generated(seed, has_property)
    if scenario is None or scenario.horizon_periods > 80:
        return {}
    plan = make_plan(scenario)
    blocks = run_passes(plan, PATH, 1)
    closing, funds = blocks.closing, blocks.funds
    grid, terms = plan.grid_terms, plan.funds
    earlier = (blocks.market, closing, blocks.enterprises, blocks.property.interests)
    naive = naive_funds(grid, terms, plan.fund_plan.instruments, plan.enterprises, *earlier, 0, PATH)
    size = float(closing.callable[0].sum()) + float(naive["proceeds"].max(initial=0.0))
    found = differences(funds, naive, 0, size)
    if found or scenario.market.index.volatility > 1:
        # an index that falls by a factor of 1e60 leaves the twin's sums no digits
        return found
    out = blocks.returns
    measures = naive_returns(grid, terms, closing, blocks.market.index[0], naive, 0)
    leverage = naive_leverage(grid, terms, closing, naive, 0)
    found = measure_differences(terms, out.measures[0], measures)
    return found | leverage_differences(blocks.leverage.leverage[0], leverage)


def test_most_seeds_give_a_valid_scenario():
    assert sum(generated(seed) is not None for seed in range(FEW)) >= 0.9 * FEW


def test_a_draw_added_to_one_topic_moves_no_other(monkeypatch):
    before = random_scenario(1)
    plain_board = ScenarioDraws.board.__wrapped__

    @topic
    def board(self, name):
        return {"review_years": self.pick(0.1, 0.2)} | plain_board(self, name)

    monkeypatch.setattr(ScenarioDraws, "board", board)
    after = random_scenario(1)
    assert [name for name in before if before[name] != after[name]] == ["boards"]


@pytest.mark.parametrize("seed", range(FEW))
def test_generated_scenarios_run_and_balance(seed):
    run_and_check(seed)


@pytest.mark.parametrize("seed", range(7))
def test_generated_scenarios_equal_the_slow_twin(seed):
    assert twin_differences(seed) == {}


@pytest.mark.parametrize("seed", range(8))
def test_generated_scenarios_with_property_run_and_balance(seed):
    run_and_check(seed, has_property=True)


@pytest.mark.parametrize("seed", range(7))
def test_generated_scenarios_with_property_equal_the_slow_twin(seed):
    assert twin_differences(seed, has_property=True) == {}


@pytest.mark.slow
# 45: a fund that is all but over goes on to pay 1e-16 of what it had, which the twin's sums do not leave; so
# a further rate, near −100 %, makes the net present value zero
@pytest.mark.parametrize("seed", [seed for seed in range(8, 60) if seed != 45])
def test_many_generated_scenarios_with_property_equal_the_slow_twin(seed):
    assert twin_differences(seed, has_property=True) == {}


def test_generated_property_reaches_every_corner():
    """Among seeds found once: all that may happen to a project, and
    every way in which a share of it turns into cash.
    """
    channels, happened = set(), dict.fromkeys(("started", "sold", "sold_again", "listed", "enforced"), 0)
    for scenario in filter(None, (generated(seed, has_property=True) for seed in range(FEW))):
        blocks = run_passes(make_plan(scenario), 0, 4)
        for name in happened:
            happened[name] += int((blocks.property.results[name] >= 0).sum())
        happened["from_pot"] = happened.get("from_pot", 0) + int(blocks.property.results["from_pot"].sum())
        for b, n_exits in enumerate(blocks.funds.paths["n_exits"]):
            channels |= set(blocks.funds.exits["channel"][b, :n_exits].tolist())
    assert min(happened.values()) > 0, happened
    assert channels >= {
        Channel.TERM_SALE,
        Channel.PROPERTY_SALE,
        Channel.REIT_OFFERING,
        Channel.REIT_UNITS,
        Channel.ENFORCEMENT,
    }


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8, 300))
def test_many_generated_scenarios_with_property_run_and_balance(seed):
    run_and_check(seed, has_property=True)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8, 300))
def test_many_generated_scenarios_equal_the_slow_twin(seed):
    assert twin_differences(seed) == {}


def test_generated_scenarios_reach_every_corner():
    """Seeds found once; among them all channels of exit, kinds of vehicle, styles, marks and calls."""
    scenarios = [one for seed in range(FEW) if (one := generated(seed)) is not None]
    vehicles = [vehicle for scenario in scenarios for vehicle in scenario.vehicles]
    assert {vehicle.kind for vehicle in vehicles} == {"mother", "sub_fund", "direct", "co_investment"}
    assert {vehicle.terms.style for vehicle in vehicles} == {"european", "deal_by_deal"}
    assert {vehicle.exits.mark for vehicle in vehicles} == {"last_round", "cost", "model"}
    assert {scenario.periods_per_year for scenario in scenarios} == {1, 2, 4, 12}
    for part in ("pool", "mandate", "closing", "relocation"):
        assert any(getattr(vehicle, part) is not None for vehicle in vehicles), part
    for part in ("recycling", "tranches", "fee_phases", "fees_on_top"):
        assert any(getattr(vehicle.terms, part) for vehicle in vehicles), part
    channels = set()
    for scenario in scenarios:
        channels |= set(simulate(scenario, progress=False).exits()["channel"])
    assert channels == {"listing", "merger", "buyback", "transfer", "term_sale", "write_off", "in_kind"}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(FEW, MANY))
def test_many_generated_scenarios_run_and_balance(seed):
    run_and_check(seed)
