"""Scenarios made at random: whatever the rules let through is simulated, balances, and gives its tables."""

import warnings
from functools import cache

import numpy as np
import pytest

from fundsim import simulate
from fundsim.errors import ScenarioError
from fundsim.scenario import Scenario
from tests.generated_scenarios import random_scenario

FEW = 40
MANY = 2_000
CHUNK = 100


@cache
def generated(seed):
    """A valid scenario, or None."""
    try:
        return Scenario.from_dict(random_scenario(seed))
    except ScenarioError:
        return None


def fault(seed):
    """What is wrong with the run of a seed's scenario, None if nothing is."""
    scenario = generated(seed)
    if scenario is None:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            results = simulate(scenario, progress=False, threads=1)
            tables = [
                results.measures,
                results.summary(),
                results.cash_flows(),
                results.leverage(),
                results.leverage_by_year(),
                results.landing(),
                results.exits(),
                results.exits_by_year(),
                results.activity(),
                results.trace(1).events,
            ]
    except Exception as error:  # whatever it is, the seed has to be named
        return repr(error)
    failed = {check["name"]: check["worst"] for check in results.checks if not check["passed"]}
    if failed:
        return failed
    infinite = [name for name in tables[0].select_dtypes("number") if np.isinf(tables[0][name]).any()]
    return f"infinite: {infinite}" if infinite else None


def faults(first, last):
    return {seed: found for seed in range(first, last) if (found := fault(seed)) is not None}


def test_most_seeds_give_a_valid_scenario():
    assert sum(generated(seed) is not None for seed in range(FEW)) >= 0.9 * FEW


def test_generated_scenarios_run_and_balance():
    assert faults(0, FEW) == {}


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
    assert channels == {"listing", "merger", "buyback", "transfer", "term_sale", "write_off"}


@pytest.mark.slow
@pytest.mark.parametrize("first", range(FEW, MANY, CHUNK))
def test_many_generated_scenarios_run_and_balance(first):
    assert faults(first, min(first + CHUNK, MANY)) == {}
