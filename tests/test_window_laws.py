"""What a worse window must do to enterprises and to the money of those who hold them, in every shipped
scenario (3.2, 3.3, 3.5): a shut window never helps.
"""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numba import config

import fundsim as fs
from fundsim.engine.passes import run_passes
from fundsim.kernels.layout import NEVER
from fundsim.plan import make_plan
from fundsim.vocabulary import End
from tests.makers import worlds
from tests.twins.world import Enterprises

SCENARIOS = Path(__file__).parent.parent / "scenarios"
FACTORS = ("financing_rate", "financing_valuation", "listing_rate", "listing_pass", "listing_valuation")


@cache
def shipped(name):
    return fs.load_scenario(SCENARIOS / f"{name}.yaml")


def has_enterprises(scenario):
    return any(vehicle.mandate is not None for vehicle in scenario.vehicles)


NAMES = [path.stem for path in sorted(SCENARIOS.glob("*.yaml")) if has_enterprises(shipped(path.stem))]


def worse(scenario, factor, k):
    """The scenario with a factor multiplied in all states of the window."""
    states = scenario.market.window.states
    changes = {f"market.window.states.{state.name}.{factor}": k * getattr(state, factor) for state in states}
    return scenario.override(changes)


# The exact laws, of every enterprise on every path


def lives(scenario, n_paths=12):
    return run_passes(make_plan(scenario), 0, n_paths).enterprises


def assert_equal_lives(before, after, rows):
    """All that is known of some enterprises is the same to the bit."""
    n = np.arange(before.segment_from.shape[1]), np.arange(before.round_period.shape[1])
    walked, opened = before.n_segments[rows, None] > n[0], before.n_rounds[rows, None] > n[1]
    for name in before._fields:
        ours, theirs = getattr(before, name), getattr(after, name)
        if len(ours) != len(before.key) or name == "event_order":
            continue
        kept = walked if name.startswith("segment_") else opened if name.startswith("round_") else ...
        np.testing.assert_array_equal(ours[rows][kept], theirs[rows][kept])


def assert_laws(base, after, factor, k):
    listed = [np.where(one.end_kind == End.LISTED, one.end_period, NEVER) for one in (base, after)]
    if factor == "listing_rate":
        assert np.all(after.filing_period >= base.filing_period)
        assert_equal_lives(base, after, np.flatnonzero(base.filing_period == NEVER))
        if k == 0.0:
            assert not np.any(listed[1] < NEVER) and not np.any(after.filing_period < NEVER)
    elif factor == "listing_pass":
        np.testing.assert_array_equal(after.filing_period, base.filing_period)
        assert np.all(listed[1] >= listed[0])
    elif factor == "listing_valuation":
        went = listed[0] < NEVER
        assert_equal_lives(base, after, np.flatnonzero(~went))
        np.testing.assert_array_equal(listed[1], listed[0])
        np.testing.assert_allclose(after.end_value[went], k * base.end_value[went], rtol=1e-12)


@pytest.mark.skipif(bool(config.DISABLE_JIT), reason="too many enterprises for plain Python")
@pytest.mark.parametrize("name", NAMES)
def test_a_worse_window_lists_nobody_earlier(name):
    """(3.3), (3.5): filings, listings and prices under a rate, a chance and a valuation times k."""
    base = lives(shipped(name))
    assert np.any(base.end_kind == End.LISTED)
    for factor in FACTORS[2:]:
        for k in (0.7, 0.3, 0.0) if factor == "listing_rate" else (0.7,):
            assert_laws(base, lives(worse(shipped(name), factor, k)), factor, k)


@pytest.mark.parametrize("seed", range(10))
def test_the_laws_of_a_worse_window_hold_in_random_worlds(seed):
    """(3.3), (3.5), by the slow twin too, with slopes, rates above 1 and states that list nobody."""
    world = worlds.random_world(seed)
    for k in (0.6, 0.0):
        shut = [(a, b, k * rate, passes, value) for a, b, rate, passes, value in world.states]
        other = replace(world, states=tuple(shut))
        for ours, theirs in zip(Enterprises(world, 3).all, Enterprises(other, 3).all, strict=True):
            if ours.filing is None:
                assert vars(ours) == vars(theirs)
            else:
                assert theirs.filing is None or theirs.filing >= ours.filing
            assert k > 0 or theirs.end != "listed"


# The laws in the mean, of everybody's money

PATHS = 600
STEPS = (
    ("listing_rate", 0.0),
    ("listing_rate", 0.5),
    ("listing_pass", 0.5),
    ("listing_valuation", 0.7),
    ("financing_rate", 0.5),
)


def money(results, vehicle, investor):
    """TVPI, DPI and net present value at 8 % of an investor on every path."""
    flows = results.paths_of("net_cash_flow", vehicle, investor)
    nav = results.paths_of("nav", vehicle, investor)[:, -1]
    discount = 1.08 ** -(np.arange(1, flows.shape[1] + 1) / results.scenario.periods_per_year)
    measures = {name: results.measure(name, vehicle, investor) for name in ("tvpi", "dpi")}
    return measures | {"present value": flows @ discount + nav * discount[-1]}


def with_enterprises_below(scenario):
    """Vehicles that hold enterprises themselves or through others."""
    found = {vehicle.name for vehicle in scenario.vehicles if vehicle.mandate is not None}
    while True:
        above = {
            investor.vehicle
            for vehicle in scenario.vehicles
            if vehicle.name in found
            for investor in vehicle.investors
            if investor.is_vehicle
        }
        if above <= found:
            return [vehicle for vehicle in scenario.vehicles if vehicle.name in found]
        found |= above


def difference(before, after):
    """Mean of the paired difference, and its error."""
    change = (after - before)[np.isfinite(before) & np.isfinite(after)]
    return change.mean(), change.std(ddof=1) / np.sqrt(change.size)


def who_gains(base, after):
    """Of whom a mean rises by more than three standard errors of the paired difference."""
    for vehicle in with_enterprises_below(base.scenario):
        for investor in base.investors(vehicle.name):
            old, new = (money(one, vehicle.name, investor) for one in (base, after))
            for name in old:
                mean, error = difference(old[name], new[name])
                if mean > 3 * error:
                    yield vehicle.name, investor, name, mean, error


@pytest.mark.slow
@pytest.mark.skipif(bool(config.DISABLE_JIT), reason="too many enterprises for plain Python")
@pytest.mark.parametrize("name", NAMES)
def test_a_worse_window_makes_nobody_richer(name):
    """Mean TVPI, DPI and net present value of every investor, and the mean net IRR of every mother."""
    base = fs.simulate(shipped(name), paths=PATHS, progress=False)
    for factor, k in STEPS:
        after = fs.simulate(worse(shipped(name), factor, k), paths=PATHS, progress=False)
        assert list(who_gains(base, after)) == [], (factor, k)
        for vehicle in with_enterprises_below(base.scenario):
            if vehicle.kind == "mother":
                rates = [one.measure("net_irr", vehicle.name) for one in (base, after)]
                assert difference(*rates)[0] < 0, (factor, k, vehicle.name)
