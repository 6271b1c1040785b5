"""What must hold for whatever scenario is made up: scale, no chance, one investor, halves, fees.

Each property is stated with the conditions under which it is true, and where it is not, a case shows that
it is not.
"""

import copy
from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st

from fundsim import simulate
from fundsim.engine.passes import run_passes
from fundsim.errors import ScenarioError
from fundsim.scenario import Scenario
from fundsim.vocabulary import VehicleFlow, VehicleStock
from tests.makers.generated_scenarios import random_scenario
from tests.makers.plain_scenarios import fund, plain, sector, stage
from tests.test_simulate import times

FEW, MANY = 12, 250
PATHS = 4
# Measures that no scale of money changes
MEASURES = (
    "net_irr",
    "gross_irr",
    "tvpi",
    "dpi",
    "rvpi",
    "paid_in_share",
    "payback_years",
    "deepest_call",
    "loss",
)

seeds = st.integers(0, 5_000)


def examples(n):
    """The same examples in every run; where most are rejected, hypothesis fails."""
    slow_is_fine = [HealthCheck.too_slow]
    return settings(max_examples=n, deadline=None, derandomize=True, suppress_health_check=slow_is_fine)


@cache
def valid(seed, has_property=False):
    """A generated scenario that the rules let through, or None."""
    content = random_scenario(seed, has_property)
    try:
        Scenario.from_dict(copy.deepcopy(content))
    except ScenarioError:
        return None
    return content


def run(content, paths=PATHS, **options):
    scenario = Scenario.from_dict(copy.deepcopy(content))
    results = simulate(scenario, paths=paths, threads=1, progress=False, **options)
    assert [check for check in results.checks if not check["passed"]] == []
    return results


def sums(results, vehicle, investor="all"):
    """Contributions, distributions and NAV by period, added over paths in double precision."""
    row = results._flow_row(vehicle, investor)
    return results.arrays["flow_sums"][[0, 1, 4], row]


def assert_close(results, vehicle, ours, expected, rtol=1e-9):
    """Equal to rounding, which for a small flow of a large vehicle is that of the vehicle's size."""
    size = results.scenario.vehicle(vehicle).size * results.n_paths
    scale = max(np.abs(expected).max(initial=0.0), size)
    np.testing.assert_allclose(ours, expected, rtol=rtol, atol=1e-3 * rtol * scale, err_msg=vehicle)


# Money × k scales flows and leaves multiples


def all_times(content, k):
    """All amounts k times as large; rents are a price a square
    metre, so there are k times as many of these.
    """
    content = times(content, k)
    for project in content.get("property", {}).get("projects", ()):
        project["area"] *= k
        for block in ("built", "build"):
            if block in project:
                project[block]["cost"] *= k
    return content


def is_rounding(results, vehicle):
    """Paths on which all that a vehicle's holdings take and bring is rounding, which has any rate or none."""
    v = results.vehicles.index(vehicle)
    funds = run_passes(results.plan, 0, results.n_paths).funds
    flows = funds.vehicle_flows[:, :, v]
    paid = VehicleFlow.INVESTED, VehicleFlow.EXPENSE, VehicleFlow.CHILD_CALL
    back = VehicleFlow.PROCEEDS, VehicleFlow.CHILD_DISTRIBUTION
    net = flows[:, list(back)].sum(axis=1) - flows[:, list(paid)].sum(axis=1)
    net[:, -1] += funds.vehicle_stocks[:, VehicleStock.HOLDINGS, v, -1]
    return np.abs(net).max(axis=1) < 1e-12 * results.scenario.vehicle(vehicle).size


def check_scale(seed, power, has_property=False):
    content = valid(seed, has_property)
    assume(content is not None)
    k = 2.0**power
    try:
        small, large = run(content), run(all_times(content, k))
    except ScenarioError:
        reject()  # an amount above 1e15
    assert large.arrays["exit_channel"].tolist() == small.arrays["exit_channel"].tolist()
    for vehicle in small.vehicles:
        assert_close(large, vehicle, sums(large, vehicle), k * sums(small, vehicle))
        for name in MEASURES:
            ours, expected = large.measure(name, vehicle), small.measure(name, vehicle)
            if name == "gross_irr" and not np.array_equal(np.isnan(ours), np.isnan(expected)):
                counts = ~is_rounding(small, vehicle)
                ours, expected = ours[counts], expected[counts]
            if name in ("net_irr", "gross_irr", "direct_alpha"):
                # at −99 % a year flows weigh powers of ten apart, so that rounding moves the rate
                counts = ~((ours < -0.99) & (expected < -0.99))
                ours, expected = ours[counts], expected[counts]
            np.testing.assert_allclose(ours, expected, rtol=1e-8, atol=1e-8, err_msg=f"{vehicle} {name}")


@examples(FEW)
@given(seeds, st.integers(-30, 30))
def test_money_times_k_scales_flows_and_leaves_multiples(seed, power):
    """Every amount of the file, values of enterprises and boards
    included; commitments alone would meet other limits.
    """
    check_scale(seed, power)


@examples(FEW)
@given(seeds, st.integers(-10, 10))
def test_money_times_k_scales_flows_of_property_too(seed, power):
    """Costs and areas among the amounts, so that rents and values scale."""
    check_scale(seed, power, has_property=True)


@pytest.mark.slow
@examples(MANY)
@given(seeds, st.integers(-30, 30), st.booleans())
def test_money_times_k_many(seed, power, has_property):
    check_scale(seed, power, has_property)


def test_property_sold_while_locked_shares_are_still_held_passes_the_audit():
    """A vehicle that hands out in kind sells its interests years before it ends."""
    content = valid(2042, has_property=True)
    assert any(
        vehicle["terms"]["at_end"] == "in_kind" for vehicle in content["vehicles"] if "property" in vehicle
    )
    run(content, 4)


def test_commitments_alone_do_not_scale():
    """Ten times the fund meets the same round of 100, of which the small one has all already."""
    small = run(plain([fund(size=100.0)]), 2)
    large = run(plain([fund(size=1000.0)]), 2)
    assert sums(large, "fund")[0].sum() == pytest.approx(sums(small, "fund")[0].sum())


# Without chance all paths are one path


def without_chance(content):
    """Every draw decides nothing: no spread, no odds, and each deal has its own enterprise."""
    content = copy.deepcopy(content)
    window = content["market"]["window"]
    window |= {
        "states": window["states"][:1],
        "transition": {"generator": {}},
        "initial": window["states"][0]["name"],
    }
    window.pop("history", None)
    content["market"]["index"]["volatility"] = 0
    for factor in content["market"]["factors"]:
        factor["volatility"] = 0
    content["park"] = {"streams": []}
    content.pop("closing", None)
    for board in content["boards"]:
        board["pass_probability"] = round(board.get("pass_probability", 1))
    for one in content["sectors"]:
        sector_without_chance(one)
    for vehicle in content["vehicles"]:
        vehicle_without_chance(vehicle)
    return content


def fixed(value, key="median"):
    return value[key] if isinstance(value, dict) else value


def sector_without_chance(one):
    one["quality_effect"] = 0
    one["listing"] |= {"share_sold": fixed(one["listing"]["share_sold"], "mean"), "volatility": 0}
    one["stall"] |= {"failure_rate": 0, "merger_rate": 0}
    one["failure"]["linger_years"] = 0
    one.pop("merger", None)
    for part in one["stages"]:
        outcome = max(part["outcomes"], key=part["outcomes"].get)
        part.pop("slopes", None)
        part.pop("failure_clock", None)
        part["entry_value"] = fixed(part["entry_value"])
        part["time"] = {"distribution": "fixed", "mean_years": part["time"]["mean_years"]}
        part |= {"volatility": 0, "outcomes": {outcome: 1}, "step_up": fixed(part["step_up"])}
        part["share_sold"] = fixed(part["share_sold"], "mean")


def vehicle_without_chance(vehicle):
    vehicle.pop("closing", None)
    terms = vehicle["terms"]
    terms["appraisal_pass"] = round(terms["appraisal_pass"])
    terms["term_sale_discount"] = fixed(terms["term_sale_discount"], "mean")
    if "relocation" in vehicle:
        vehicle["relocation"]["probability"] = round(vehicle["relocation"]["probability"])
    if "transfer" in vehicle["exits"]:
        transfer = vehicle["exits"]["transfer"]
        transfer |= {
            "probability": round(transfer["probability"]),
            "discount": fixed(transfer["discount"], "mean"),
        }
    if "buyback" in vehicle["exits"]:
        vehicle["exits"]["buyback"] |= {"full": 1, "partial": 0}
    if "mandate" in vehicle:
        mandate = vehicle["mandate"]
        mandate |= {"park_share": 0, "relay": False, "n_candidates": 1, "stages": mandate["stages"][:1]}
        mandate.pop("stage_weights", None)
        mandate.pop("with_vehicles", None)


def check_without_chance(seed):
    content = valid(seed)
    assume(content is not None)
    content = without_chance(content)
    try:
        results = run(content, seed=1)
    except ScenarioError:
        reject()  # a lone stage, or budget that only a cheaper stage fitted
    other = run(content, seed=2)
    for name in ("measures", "irr_status", "kept_flows", "kept_nav", "exit_proceeds"):
        np.testing.assert_array_equal(results.arrays[name], other.arrays[name], err_msg=name)
    for name in ("measures", "kept_flows", "kept_nav"):
        held = results.arrays[name]
        np.testing.assert_array_equal(held, np.broadcast_to(held[:1], held.shape), err_msg=name)


@examples(FEW)
@given(seeds)
def test_without_volatility_and_odds_every_path_and_every_seed_is_the_same(seed):
    check_without_chance(seed)


@pytest.mark.slow
@examples(MANY)
@given(seeds)
def test_without_volatility_many(seed):
    check_without_chance(seed)


@examples(FEW)
@given(st.floats(-0.3, 0.5), st.integers(1, 5), st.floats(0.0, 0.4), st.integers(1, 8))
def test_zero_volatility_is_the_deterministic_case(drift, years, loss, deals):
    """By hand: each deal is worth e^(drift·years) of its cost, a
    recovery of `loss` if it fails; nothing else happens.
    """
    for outcome, multiple in (("merger", 1.0), ("failure", loss)):
        one = sector(stages=[stage(years=years, drift=drift, outcomes={outcome: 1.0})]) | {
            "failure": {"recovery": loss}
        }
        results = run(plain([fund(deals=deals, ticket=40.0 / deals)], [one], years=7.0), 2)
        expected = multiple * np.exp(drift * years)
        assert results.measure("tvpi", "fund") == pytest.approx(expected, rel=1e-12, abs=1e-15)
        if expected > 1e-6:
            assert results.irr("fund") == pytest.approx(expected ** (1 / years) - 1, rel=1e-9, abs=1e-12)


# A fund of one investor is its investor; an investor in two halves is two halves


def check_one_investor(seed):
    content = valid(seed)
    assume(content is not None)
    content = copy.deepcopy(content)
    for vehicle in content["vehicles"]:
        own = [investor for investor in vehicle["investors"] if "name" in investor]
        if not any("vehicle" in investor for investor in vehicle["investors"]):
            own[0]["commitment"] = sum(investor["commitment"] for investor in own)
            vehicle["investors"] = own[:1]
    try:
        results = run(content)
    except ScenarioError:
        reject()  # a general partner who pays no fee leaves another budget
    for vehicle in results.vehicles:
        investors = results.investors(vehicle)[:-1]
        if len(investors) == 1:
            for name in MEASURES:
                if name not in ("gross_irr", "net_irr"):
                    ours, whole = results.measure(name, vehicle, investors[0]), results.measure(name, vehicle)
                    np.testing.assert_allclose(
                        ours, whole, rtol=1e-12, atol=1e-15, err_msg=f"{vehicle} {name}"
                    )
            # the search for a rate starts from another guess
            ours, whole = results.irr(vehicle, investors[0]), results.irr(vehicle)
            np.testing.assert_allclose(ours, whole, rtol=1e-9, atol=1e-12)
            assert_close(
                results, vehicle, sums(results, vehicle, investors[0]), sums(results, vehicle), 1e-12
            )


@examples(FEW)
@given(seeds)
def test_a_fund_of_one_investor_is_that_investor(seed):
    check_one_investor(seed)


@pytest.mark.slow
@examples(MANY)
@given(seeds)
def test_a_fund_of_one_investor_many(seed):
    check_one_investor(seed)


def check_halves_of_an_investor(seed):
    content = valid(seed)
    assume(content is not None)
    divided = copy.deepcopy(content)
    for vehicle in divided["vehicles"]:
        own = next((i for i in vehicle["investors"] if "name" in i), None)
        if own is not None:
            own["commitment"] /= 2
            vehicle["investors"].append(own | {"name": f"{own['name']} again"})
    whole, halves = run(content), run(divided)
    for vehicle in whole.vehicles:
        assert_close(halves, vehicle, sums(halves, vehicle), sums(whole, vehicle))
        for investor in whole.investors(vehicle)[:-1]:
            twin = f"{investor} again"
            expected = sums(whole, vehicle, investor)
            if twin in halves.investors(vehicle):
                expected = expected / 2
                assert_close(halves, vehicle, sums(halves, vehicle, twin), expected)
            assert_close(halves, vehicle, sums(halves, vehicle, investor), expected)


@examples(FEW)
@given(seeds)
def test_an_investor_in_two_halves_is_two_halves(seed):
    check_halves_of_an_investor(seed)


@pytest.mark.slow
@examples(MANY)
@given(seeds)
def test_an_investor_in_two_halves_many(seed):
    check_halves_of_an_investor(seed)


# A pool without mandates in two equal ones


@st.composite
def pools(draw):
    """A pool with terms of all kinds that are shares of its size
    or dates, so that a half behaves as the whole.
    """
    life = draw(st.integers(2, 8))
    pool = {
        "takahashi_alexander": {
            "contribution_rates": draw(st.lists(st.floats(0.1, 1.0), min_size=1, max_size=3)),
            "life_years": life,
            "bow": draw(st.floats(0.5, 4.0)),
            "growth_rate": draw(st.floats(-0.1, 0.3)),
            "yield_rate": draw(st.floats(0.0, 0.1)),
            "period": draw(st.sampled_from(["spread", "year_end"])),
        }
    }
    terms = {
        "fee_rate": draw(st.floats(0.0, 0.02)),
        "hurdle_rate": draw(st.sampled_from([0.0, 0.08])),
        "catch_up_rate": draw(st.sampled_from([0.0, 0.5, 1.0])),
        "carry_rate": draw(st.sampled_from([0.0, 0.2])),
        "calls": draw(st.sampled_from(["just_in_time", [0.3, 0.4, 0.3]])),
        "cash_rate": draw(st.sampled_from([0.0, 0.02])),
        "term_years": draw(st.integers(2, life + 2)),
        "term_sale_discount": draw(st.sampled_from([0.0, 0.3])),
        "fees_on_top": False,
    }
    return {"pool": pool, "terms": terms, "mother_share": draw(st.floats(0.1, 0.9))}


def of_pools(made, names):
    """A mother that has a share of each of these pools, of 100 together."""
    size = 100.0 / len(names)
    stake = made["mother_share"] * size
    mother = {
        "name": "mother",
        "kind": "mother",
        "investors": [{"name": "treasury", "kind": "fiscal", "commitment": stake * len(names)}],
        "terms": {"term_years": 12},
    }
    others = {"name": "others", "kind": "social", "commitment": size - stake}
    vehicles = [
        {
            "name": name,
            "kind": "sub_fund",
            "investors": [{"vehicle": "mother", "commitment": stake}, others],
            "pool": made["pool"],
            "terms": made["terms"],
        }
        for name in names
    ]
    closing = {"raised_share": 0.9, "paid_in_rate": 0.95}
    return plain([mother, *vehicles], [sector()], years=12.0, closing=closing)


def check_halves_of_a_pool(made):
    one, two = run(of_pools(made, ["pool"]), 2), run(of_pools(made, ["left", "right"]), 2)
    pooled = sums(two, "left") + sums(two, "right")
    assert_close(one, "pool", pooled, sums(one, "pool"), 1e-10)
    assert_close(one, "mother", sums(two, "mother"), sums(one, "mother"), 1e-10)


@examples(25)
@given(pools())
def test_a_pool_in_two_equal_pools_changes_no_pooled_cash(made):
    """Not where a draw is the vehicle's own: random closing, appraisals, discounts at the term."""
    check_halves_of_a_pool(made)


@pytest.mark.slow
@examples(MANY)
@given(pools())
def test_a_pool_in_two_equal_pools_many(made):
    check_halves_of_a_pool(made)


def test_a_mandate_in_two_halves_is_another_portfolio():
    """Where deals are drawn, halves have draws of their own, so the property is of pools only."""
    sectors = [sector(stages=[stage(volatility=0.5)])]
    one = run(plain([fund(deals=2)], sectors), 4)
    two = run(plain([fund(name, size=50.0) for name in ("left", "right")], sectors), 4)
    pooled = sums(two, "left") + sums(two, "right")
    assert pooled[0].sum() == pytest.approx(sums(one, "fund")[0].sum())
    assert pooled[1].sum() != pytest.approx(sums(one, "fund")[1].sum(), rel=1e-3)


# Fees


def with_fee(rate, terms, volatility=0.5):
    """A fund with room in its budget: deals of 60 of 100, whatever the fee."""
    stages = [stage(years=4, drift=0.1, volatility=volatility, outcomes={"merger": 0.7, "failure": 0.3})]
    mandate = {"over_years": 3.0}
    terms = {"fee_rate": rate, "term_years": 9} | terms
    return plain(
        [fund(deals=6, ticket=10.0, mandate=mandate, terms=terms)], [sector(stages=stages)], years=10.0
    )


def limited_net(results):
    """What the limited partner has in the end beyond what it paid, by path."""
    commitment = 100.0
    paid = results.measure("paid_in_share", "fund", "investor") * commitment
    return paid * (results.measure("tvpi", "fund", "investor") - 1.0)


fee_terms = st.fixed_dictionaries(
    {
        "carry_rate": st.sampled_from([0.0, 0.1, 0.2, 0.3]),
        "style": st.sampled_from(["european", "deal_by_deal"]),
        "fees_on_top": st.booleans(),
    }
)
TRANCHES = [0.5, 0.5]
hurdles = st.sampled_from(
    [
        {"hurdle_rate": 0.0, "catch_up_rate": 0.0},
        {"hurdle_rate": 0.0, "catch_up_rate": 1.0},
        {"hurdle_rate": 0.0, "catch_up_rate": 0.0, "calls": TRANCHES},
        {"hurdle_rate": 0.08, "catch_up_rate": 0.0},
        {"hurdle_rate": 0.08, "catch_up_rate": 0.0, "hurdle_compounding": "simple"},
    ]
)


def check_higher_fee(terms, hurdle, rate, more):
    low, high = (run(with_fee(fee, terms | hurdle), 20) for fee in (rate, rate + more))
    for name in ("exit_cost", "exit_proceeds", "exit_period"):
        np.testing.assert_array_equal(
            high.arrays[name], low.arrays[name], err_msg="investments are held fixed"
        )
    assert (limited_net(high) < limited_net(low) + 1e-9).all()


fees = given(fee_terms, hurdles, st.floats(0.0, 0.015), st.floats(0.001, 0.01))


@examples(20)
@fees
def test_a_higher_fee_never_raises_the_limited_partners_net(terms, hurdle, rate, more):
    """Path by path, with the same deals: without a hurdle, or with a hard one and calls just in time."""
    check_higher_fee(terms, hurdle, rate, more)


@pytest.mark.slow
@examples(MANY)
@fees
def test_a_higher_fee_many(terms, hurdle, rate, more):
    check_higher_fee(terms, hurdle, rate, more)


def test_a_higher_fee_can_raise_the_limited_partners_net_while_the_partner_catches_up():
    """In a full catch-up the limited partner has its preferred return, and gets one on the fee it pays, too.

    What it pays more comes back from the partner's catch-up with 8 % a year, so its money grows while its
    multiple and the partner's carry fall.
    """
    stages = [stage(years=4, drift=0.088)]
    terms = {"term_years": 4.25, "carry_rate": 0.2, "hurdle_rate": 0.08, "catch_up_rate": 1.0}
    found = []
    for rate in (0.001, 0.002):
        content = plain(
            [fund(deals=1, ticket=90.0, terms=terms | {"fee_rate": rate})], [sector(stages=stages)]
        )
        found.append(run(content, 2))
    low, high = found
    assert (limited_net(high) > limited_net(low)).all()
    assert (high.measure("tvpi", "fund") < low.measure("tvpi", "fund")).all()


def test_a_fee_that_calls_a_tranche_early_can_raise_the_limited_partners_net():
    """Above a hurdle: 60 of deals need one tranche and a second one late; with a fee of 0.1 a year it is
    called earlier.

    Its money lies idle and earns the limited partner a preferred return before any carry.
    """
    terms = {"carry_rate": 0.3, "hurdle_rate": 0.08, "catch_up_rate": 0.0, "calls": TRANCHES}
    low, high = (run(with_fee(fee, terms), 20) for fee in (0.0, 0.001))
    np.testing.assert_array_equal(high.arrays["exit_proceeds"], low.arrays["exit_proceeds"])
    is_carried = low.paths_of("carry", "fund").sum(axis=1) > 1.0
    more = limited_net(high) > limited_net(low)
    assert more.any()
    assert not more[~is_carried].any()
    just_in_time = {"calls": "just_in_time"}
    low, high = (run(with_fee(fee, terms | just_in_time), 20) for fee in (0.0, 0.001))
    assert (limited_net(high) < limited_net(low)).all()
