"""The buyback clause (5.6): who claims and when, by hand, and what the clause does to those who have it."""

from pathlib import Path

import numpy as np
import pytest

from fundsim import load_scenario, simulate
from fundsim.scenario import Scenario
from tests.makers.plain_scenarios import fund, plain, sector, stage

YEAR = 4
SHIPPED = [
    path
    for path in sorted((Path(__file__).parent.parent / "scenarios").glob("*.yaml"))
    if any(vehicle.exits.buyback is not None for vehicle in load_scenario(path).vehicles)
]


def a_round_and_then_none(after=1.0, step_up=2.0):
    """15 % for 30; a round at ``step_up`` times the value sells 20 %: of 500 the fund's 12 % are 60."""
    first = stage("only", after, outcomes={"advance": 1.0}, step_up=step_up)
    return [sector(stages=[first, stage("later", 100.0, sold=0.2)])]


def clause(**fields):
    paid = {"full": 1.0, "partial": 0.0, "after_years": 2.0, "delay_years": 1.0, "rate": 0.08}
    return {"buyback": paid | {"quiet_years": 2.0, "quiet_mark": 1.5} | fields}


def holder(name="fund", ticket=30.0, deals=1, mandate=None, **fields):
    return fund(
        name, ticket=ticket, deals=deals, size=ticket * deals, mandate=mandate or {}, exits=clause(**fields)
    )


def ran(vehicles, sectors=None, paths=2, **fields):
    content = plain(vehicles, sectors, years=9.0, **fields)
    results = simulate(Scenario.from_dict(content), paths=paths, progress=False)
    assert [check for check in results.checks if not check["passed"]] == []
    return results


def paid(vehicle, sectors=None, **fields):
    """{quarter counted from that of the purchase: amount} of what comes back."""
    amounts = ran([vehicle], sectors, **fields).paths_of("distribution", "fund")[0]
    return {t: pytest.approx(float(amount)) for t, amount in enumerate(amounts) if abs(amount) > 1e-9}


@pytest.mark.parametrize(
    ("fields", "year", "claim"),
    [
        ({}, 5, 42.0),  # 60 is 1.52 times the claim of year 4, 1.43 times that of year 5
        ({"quiet_mark": 2.0}, 3, 37.2),  # 1.61 times; in year 2 the round is a year old
        ({"quiet_mark": 60.0 / 37.2}, 3, 37.2),
        ({"quiet_mark": 60.0 / 37.2 - 1e-6}, 4, 39.6),
        ({"quiet_mark": 2.0, "quiet_years": 1.0}, 2, 34.8),
        ({"quiet_mark": 2.0, "quiet_years": 2.01}, 4, 39.6),
        ({"quiet_mark": 2.0, "quiet_years": 0.0, "after_years": 2.01}, 3, 37.2),
        ({"quiet_mark": 0.0, "rate": 0.2}, 6, 66.0),  # 60 in year 5 is not above 60
        ({"quiet_mark": 0.0}, None, None),
        ({"quiet_years": 100.0}, None, None),
    ],
)
def test_a_claim_is_made_on_an_anniversary_above_the_mark_or_after_quiet_years(fields, year, claim):
    expected = {} if year is None else {(year + 1) * YEAR: claim}
    assert paid(holder(**fields), a_round_and_then_none()) == expected


@pytest.mark.parametrize("drift", [-0.9, 0.0, 0.9])
@pytest.mark.parametrize(("rate", "expected"), [(0.08, {3 * YEAR: 34.8}), (0.0, {})])
def test_the_value_is_not_read_and_cost_is_not_above_cost(drift, rate, expected):
    assert (
        paid(holder(quiet_mark=0.0, rate=rate), [sector(stages=[stage(years=100.0, drift=drift)])])
        == expected
    )


@pytest.mark.parametrize(("step_up", "expected"), [(1.1, {4 * YEAR: 34.8}), (2.0, {})])
def test_nobody_parts_with_a_stake_below_a_round_that_came_since(step_up, expected):
    """34.8 are claimed in year 2 of a stake marked at 30; the round of year 3 lifts it to 33, or to 60."""
    vehicle = holder(delay_years=2.0, quiet_mark=1.5)
    assert paid(vehicle, a_round_and_then_none(3.0, step_up)) == expected


@pytest.mark.parametrize(
    ("files_after", "review", "expected"),
    [
        (1.5, 9.0, {}),  # filed before the anniversary, in review to the end
        (2.5, 5.0, {}),  # filed between claim and payment
        (1.5, 0.75, {4 * YEAR: 37.2}),  # refused in year 2.25 and stalled: claimed at the next anniversary
        (3.5, 5.0, {3 * YEAR: 34.8}),  # paid before it files
    ],
)
def test_a_filing_keeps_from_claiming_and_a_stall_does_not(files_after, review, expected):
    board = {"name": "open board", "review_years": review, "pass_probability": 0.0}
    listing = {"boards": ["open board"], "n_filings": 1}
    sectors = [sector(stages=[stage(years=files_after, outcomes={"listing": 1.0})], listing=listing)]
    assert paid(holder(), sectors, boards=[board]) == expected


def test_all_holders_of_an_enterprise_are_paid_the_same_share():
    """An early and a late claimant on 200 paths, and all three outcomes."""
    stream = {"name": "park", "sector": "plain", "stage": "only", "per_year": 4.0, "arrivals": "fixed"}
    park = {"streams": [stream | {"from_years": 0.0, "until_years": 0.25}]}
    mandate = {"park_share": 1.0, "n_candidates": 0}
    chances = {"full": 0.3, "partial": 0.4, "mandate": mandate}
    vehicles = [holder("early", 30.0, **chances), holder("late", 10.0, after_years=3.0, **chances)]
    sectors = [sector(stages=[stage(years=100.0)], quality_effect=0.1)]
    results = ran(vehicles, sectors, paths=200, park=park)
    early = results.paths_of("distribution", "early").sum(axis=1) / 34.8
    late = results.paths_of("distribution", "late").sum(axis=1) / 12.4
    assert early == pytest.approx(late)
    in_part = (early > 0.1) & (early < 0.9)
    assert early[in_part].min() >= 0.3 - 1e-6
    assert early[in_part].max() <= 0.6 + 1e-6
    assert np.mean(early > 0.9) == pytest.approx(0.3, abs=0.13)  # four standard errors
    assert np.mean(in_part) == pytest.approx(0.4, abs=0.14)


def test_what_is_paid_rises_with_the_chances_of_payment_on_every_path():
    before = np.zeros(100)
    for full, partial in ((0.0, 0.0), (0.0, 0.3), (0.1, 0.3), (0.1, 0.6), (0.4, 0.6), (1.0, 0.0)):
        vehicle = holder(deals=3, ticket=20.0, full=full, partial=partial)
        results = ran([vehicle], a_round_and_then_none(), paths=100)
        total = results.paths_of("distribution", "fund").sum(axis=1)
        assert np.all(total >= before - 1e-9)
        assert total.mean() > before.mean() or full + partial == 0.0
        before = total


@pytest.mark.slow
@pytest.mark.parametrize("path", SHIPPED, ids=[path.stem for path in SHIPPED])
def test_the_clause_lowers_no_holders_mean_proceeds(path):
    """By no more than three standard errors of the paired difference to the scenario without the clause."""
    n_paths = 600
    scenario = load_scenario(path)
    holders = [vehicle.name for vehicle in scenario.vehicles if vehicle.exits.buyback is not None]
    without = load_scenario(path, {f"vehicles.{name}.exits.buyback": None for name in holders})
    results = [simulate(each, paths=n_paths, progress=False) for each in (scenario, without)]
    for name in holders:
        with_clause, base = (each.paths_of("distribution", name).sum(axis=1) for each in results)
        gain = with_clause - base
        assert gain.mean() >= -3.0 * gain.std(ddof=1) / np.sqrt(n_paths), name
