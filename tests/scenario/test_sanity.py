"""What `check` doubts: every kind on both sides of its threshold; what vehicles are expected to invest."""

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

import fundsim as fs
from fundsim.scenario.investing import expected_investments

SCENARIOS = Path(__file__).parents[2] / "scenarios"
STAGES = [
    {
        "name": name,
        "entry_value": {"median": value, "log_sd": log_sd},
        "time": {"mean_years": 2},
        "outcomes": {"advance": 0.5 if name == "early" else 0, "stall": 0.5 if name == "early" else 1},
        "share_sold": 0.2,
    }
    for name, value, log_sd in (("early", 4.0, 0.0), ("late", 40.0, 1.0))
]
WALKED = {"name": "walked", "time": {"mean_years": 2}, "outcomes": {"stall": 1}}
MANDATE = {"sectors": ["tech"], "stages": ["early"], "deals": 10, "ticket": 0.8}
"""Ten deals of .8, which are within the 1.0 that a round raises: 4 × .2/.8."""


def investor(commitment, **given):
    return {"name": "bank", "kind": "social", "commitment": commitment, **given}


def fund(name="fund", size=10.0, mandate=MANDATE, **given):
    held = {} if mandate is None else {"mandate": mandate}
    return {"name": name, "kind": "sub_fund", "investors": [investor(size)], **held, **given}


def mother(size, *stakes, **given):
    """A mother fund of a size above funds of ten that are held to its stakes."""
    funds = []
    for number, stake in enumerate(stakes):
        investors = [{"vehicle": "mother", "commitment": stake}, investor(10.0 - stake)]
        funds.append(fund(f"fund {number}") | {"investors": investors})
    return [{"name": "mother", "kind": "mother", "investors": [investor(size)], **given}, *funds]


def scenario(*vehicles, **given):
    sectors = [{"name": "tech", "stages": [*STAGES, WALKED]}]
    content = {"name": "x", "start": "2025-01-01", "horizon_years": 30, "sectors": sectors}
    return fs.Scenario.from_dict(content | {"vehicles": list(vehicles)} | given)


def doubted(*vehicles, **given):
    return [one.kind for one in scenario(*vehicles, **given).warnings]


def expected(*vehicles, name="fund", **given):
    made = scenario(*vehicles, **given)
    return expected_investments(made, made.vehicle(name))


@pytest.mark.parametrize(
    ("size", "kinds"), [(5_000.0, ["few_deals"]), (5_000.1, ["huge_commitment"])], ids=["most", "above"]
)
def test_a_commitment_above_5000_yi_is_doubted_and_then_nothing_else(size, kinds):
    assert doubted(fund(size=size)) == kinds


def test_the_limit_in_yuan_holds_in_every_unit_and_for_yuan_alone():
    yuan = {"currency": {"code": "CNY", "unit": 1}}
    assert doubted(fund(size=5.1e11), **yuan) == ["huge_commitment"]
    assert doubted(fund(size=5.1e11), **yuan | {"currency": {"code": "USD", "unit": 1}}) == ["few_deals"]


@pytest.mark.parametrize(
    ("size", "kinds"), [(4_000.0, ["few_deals"]), (4_000.1, ["outsized_commitment"])], ids=["most", "above"]
)
def test_a_commitment_above_1000_median_vehicles_is_doubted_without_itself(size, kinds):
    """The other three are of 2, 4 and 30; with the doubted vehicle the median would be 17."""
    small = {**MANDATE, "ticket": 0.16}, {**MANDATE, "ticket": 0.32}
    others = [fund("a", 2.0, small[0]), fund("b", 4.0, small[1]), fund("c", 30.0, {**MANDATE, "deals": 30})]
    assert doubted(*others, fund(size=size)) == kinds


def test_of_two_vehicles_each_is_compared_with_the_other():
    assert doubted(fund("a", 0.0109, {**MANDATE, "ticket": 0.001}), fund()) == []
    assert doubted(fund("a", 0.0099, {**MANDATE, "ticket": 0.0009}), fund()) == ["outsized_commitment"]
    assert doubted(fund()) == []


@pytest.mark.parametrize(("ticket", "kinds"), [(0.3, ["thin_investing"]), (0.299, ["few_deals"])])
def test_deals_below_30_percent_of_the_size_are_doubted(ticket, kinds):
    assert doubted(fund(mandate={**MANDATE, "ticket": ticket})) == kinds


def test_a_reserve_hides_no_few_deals():
    """It is a share of the size, whatever unit tickets are in."""
    assert doubted(fund(mandate={**MANDATE, "ticket": 0.29, "reserve_share": 0.5})) == ["few_deals"]


@pytest.mark.parametrize(("ticket", "kinds"), [(0.75, []), (0.749, ["thin_investing"])])
def test_expected_investments_below_75_percent_of_the_size_are_doubted(ticket, kinds):
    assert doubted(fund(mandate={**MANDATE, "ticket": ticket})) == kinds


@pytest.mark.parametrize(("share", "kinds"), [(0.75, []), (0.74, ["small_rounds"])])
def test_rounds_that_let_too_little_in_are_doubted(share, kinds):
    """A round of 1, of which the vehicle may take a share, whatever its ticket."""
    assert doubted(fund(mandate={**MANDATE, "max_round_share": share})) == kinds


@pytest.mark.parametrize(("cap", "kinds"), [(0.075, []), (0.074, ["small_rounds"])])
def test_a_cap_on_one_enterprise_that_lets_too_little_in_is_doubted(cap, kinds):
    assert doubted(fund(mandate={**MANDATE, "single_enterprise_cap": cap})) == kinds


@pytest.mark.parametrize(("stake", "kinds"), [(0.15, []), (0.149, ["thin_investing"]), (0.05, ["few_deals"])])
def test_deals_by_stake_count_with_the_mean_of_what_is_stated(stake, kinds):
    """A post-money value of 4/.8 = 5."""
    mandate = {**MANDATE, "stake": stake}
    del mandate["ticket"]
    assert doubted(fund(mandate=mandate)) == kinds
    assert expected(fund(mandate=mandate)).deals == pytest.approx(10 * stake * 5)


@pytest.mark.parametrize(("stakes", "kinds"), [((4.0, 3.5), []), ((4.0, 3.4), ["thin_stakes"])])
def test_a_mother_without_a_mandate_is_told_of_its_stakes_once(stakes, kinds):
    assert doubted(*mother(10.0, *stakes)) == kinds
    assert doubted(*mother(100.0, *stakes)) == ["thin_stakes"]


def test_a_mother_that_holds_nothing_is_told_so_once():
    assert doubted(*mother(10.0)) == ["mother_without_holdings"]
    validation = fs.load_scenario(SCENARIOS / "validation" / "qingdao_multiple.yaml")
    assert [one.kind for one in validation.warnings] == ["mother_without_holdings"]


@pytest.mark.parametrize(("share", "kinds"), [(0.375, []), (0.374, ["thin_pool"])])
def test_a_pool_counts_with_its_contributions(share, kinds):
    pool = {"schedule": {"contributions": [share, share], "distributions": [0, 0, 2]}}
    assert doubted(fund(mandate=None, pool=pool)) == kinds


@pytest.mark.parametrize(("rate", "kinds"), [(0.5, []), (0.49, ["thin_pool"])])
def test_a_pool_by_rates_counts_with_what_they_call_over_its_life(rate, kinds):
    """Two years call 1 − (1 − r)²: .75 at one half."""
    pool = {"takahashi_alexander": {"contribution_rates": [rate], "life_years": 2}}
    assert doubted(fund(mandate=None, pool=pool)) == kinds


def test_a_pool_takes_what_fees_leave():
    terms = {"fee_rate": "2%"}
    pool = {"schedule": {"contributions": [0.9], "distributions": [0, 2]}}
    assert expected(fund(mandate=None, pool=pool, terms=terms)).total == pytest.approx(0.9 * 8.0)
    assert doubted(fund(mandate=None, pool=pool, terms=terms)) == ["thin_pool"]
    on_top = {**terms, "fees_on_top": True}
    assert expected(fund(mandate=None, pool=pool, terms=on_top)).total == pytest.approx(9.0)


PROJECT = {
    "name": "works",
    "market": "town",
    "owner": "district",
    "owner_share": 0.25,
    "area": 100_000,
    "rent": 50,
    "build": {"cost": 10.0, "start": "2026-01-01", "over_years": 2},
    "occupancy": {"opening": 0.9, "stable": 0.9, "ramp_years": 0},
}


def park(project=PROJECT, reits=()):
    markets = [{"name": "town", "yields": {"mean": 0.05}}]
    return {"property": {"markets": markets, "projects": [project], "reits": list(reits)}}


def property_fund(size=10.0, **given):
    return fund(size=size, mandate=None, kind="property", property=given)


@pytest.mark.parametrize(("share", "kinds"), [(0.75, []), (0.749, ["thin_property"])])
def test_property_counts_with_the_share_that_may_be_bought(share, kinds):
    assert doubted(property_fund(share=share), **park()) == kinds
    assert doubted(property_fund(), **park(PROJECT | {"owner_share": 1 - share})) == kinds


@pytest.mark.parametrize(
    ("given", "total"),
    [
        ({}, 7.5),
        ({"ticket": 4.0}, 4.0),
        ({"from_years": 1.0}, 7.5),  # building starts after a year
        ({"from_years": 1.25}, 0.0),
        ({"over_years": 1.0}, 0.0),
        ({"over_years": 1.25}, 7.5),
    ],
)
def test_property_counts_if_it_is_on_offer_while_the_vehicle_buys(given, total):
    assert expected(property_fund(**given), **park()).total == pytest.approx(total)


def test_planned_calls_carry_the_interest_of_building():
    """Half is borrowed at 4 % for two years of quarters: the debt grows by half of the interest of each."""
    debts = [{"name": "loan", "kind": "loan", "share": 0.5, "rate": 0.04}]
    owed = equity = 0.0
    for _ in range(8):
        need = 10.0 / 8 + owed * 0.01
        owed, equity = owed + need / 2, equity + need / 2
    project = PROJECT | {"debts": debts, "owner_share": 0}
    assert expected(property_fund(), **park(project)).total == pytest.approx(equity)
    assert equity > 5.0


def test_an_acquired_interest_costs_its_price_with_cost_and_works_less_the_loan():
    """100,000 m² at 50 a month, .9 let, margin .75, yield 5 %: 8.1 at its value."""
    sale = {"after_years": 1, "price": 1.1, "buyer_cost": 0.03, "loan_to_value": 0.5, "capex": 0.07}
    project = PROJECT | {"owner_share": 1, "sale": sale}
    buys = {"buys": ["acquired"], "from_years": 3.75}
    value = 0.6 * 0.75 * 0.9 / 0.05
    assert value == pytest.approx(8.1)
    found = expected(property_fund(**buys), **park(project)).total
    assert found == pytest.approx(1.1 * value * (1 + 0.03 - 0.5 + 0.07))
    assert expected(property_fund(**buys | {"from_years": 0.0}), **park(project)).total == pytest.approx(
        found
    )
    assert expected(property_fund(**buys | {"over_years": 0.05}), **park(project)).total == pytest.approx(
        found
    )
    assert expected(property_fund(**buys | {"from_years": 4.0}), **park(project)).total == 0.0


def test_units_cost_their_share_of_what_the_reit_lists():
    project = PROJECT | {"owner_share": 1, "reit": "trust", "initial": True}
    trust = {"name": "trust", "strategic": 0.3, "issue_multiple": 1.2, "operating_years": 1}
    buys = {"buys": ["units"], "over_years": 10.0}
    found = expected(property_fund(**buys), **park(project, [trust])).total
    assert found == pytest.approx(0.3 * 1.2 * 8.1)
    assert expected(property_fund(**buys | {"over_years": 3.0}), **park(project, [trust])).total == 0.0


def test_a_vehicle_that_buys_with_others_makes_no_more_deals_than_they():
    follower = fund("follower", 10.0, {**MANDATE, "deals": 30, "ticket": 0.3, "with_vehicles": ["fund"]})
    assert expected(fund(), follower, name="follower").deals == pytest.approx(3.0)
    assert doubted(fund(), follower) == ["few_to_join"]
    more = fund(size=20.0, mandate={**MANDATE, "deals": 25, "ticket": 0.6})
    assert expected(more, follower, name="follower").deals == pytest.approx(7.5)
    assert doubted(more, follower) == []


def test_of_a_stage_that_nobody_enters_a_ticket_counts_and_a_stake_is_open():
    at = {"sectors": ["tech"], "stages": ["walked"], "deals": 10, "n_candidates": 0, "park_share": 1}
    assert expected(fund(mandate={**at, "ticket": 0.8})).deals == pytest.approx(8.0)
    assert expected(fund(mandate={**at, "stake": 0.01})) is None
    assert doubted(fund(mandate={**at, "stake": 0.01})) == []


def test_stages_count_by_their_weights_and_rounds_by_their_spread():
    """A ticket of 2 in rounds that raise 10·exp(z) at the median: below 2 with z < ln .2."""
    weighted = {**MANDATE, "stages": ["early", "late"], "stage_weights": [1, 3], "ticket": 2.0}
    z = norm.ppf((np.arange(200_000) + 0.5) / 200_000)
    late = np.minimum(10.0 * np.exp(z), 2.0).mean()
    found = expected(fund(size=40.0, mandate=weighted))
    assert found.deals == pytest.approx(10 * (0.25 * 1.0 + 0.75 * late), rel=1e-5)
    assert found.deal == pytest.approx(2.0)


@pytest.mark.parametrize(("rate", "kinds"), [("2%", []), ("2.01%", ["heavy_fees"])])
def test_fees_above_a_fifth_of_commitments_are_doubted(rate, kinds):
    assert doubted(fund(mandate={**MANDATE, "ticket": 0.75}, terms={"fee_rate": rate})) == kinds


@pytest.mark.parametrize(
    ("term", "extension", "kinds"),
    [(10, 0, ["parent_ends_first"]), (10, 4, ["parent_ends_first"]), (10, 5, []), (15, 0, [])],
)
def test_a_parent_ends_no_earlier_than_its_child_both_with_their_extension(term, extension, kinds):
    terms = {"term_years": term, "extension_years": extension}
    parent, child = mother(10.0, 9.0, terms=terms)
    child |= {"terms": {"term_years": 10, "extension_years": 5}}
    assert doubted(parent, child) == kinds
    assert doubted(parent | {"terms": {**terms, "live_children": "sell"}}, child) == []


def test_children_that_outlive_their_parent_are_told_together():
    parent, *children = mother(10.0, 3.0, 3.0, 3.0, terms={"term_years": 9})
    children[1] |= {"terms": {"term_years": 12}}
    children[2] |= {"terms": {"term_years": 8}}
    (told,) = scenario(parent, *children).warnings
    assert told.message == (
        "with its extension it ends 2034-01-01, before 2 of the 3 vehicles that it holds, the last of them "
        "'fund 1', 2037-01-01"
    )


def test_every_doubt_is_told_with_its_figure_in_chinese_too():
    (told,) = scenario(*mother(10.0, 4.0, 3.0)).warnings
    zh = told.in_language("zh")
    assert zh.message == "其在 2 只基金中的份额合计 7，为规模 10 的 70.0%；通常在 85% 以上"
    assert zh.remedy == "提高其对所投基金的认缴，增加所投基金，或调低其规模"


def test_investments_of_all_vehicles_of_the_scenarios_are_known():
    known = [
        (vehicle.name, expected_investments(made, vehicle))
        for made in map(fs.load_scenario, sorted(SCENARIOS.glob("*.yaml")))
        for vehicle in made.vehicles
    ]
    assert len(known) >= 77
    assert [name for name, investing in known if investing is None] == []


@pytest.mark.parametrize("log_sd", [0.0, 1.0])
def test_what_is_expected_is_what_a_run_invests(log_sd):
    """Deals by stake and by ticket, a pool and property, all of it sure but the values at entry."""
    value, time = {"median": 4.0, "log_sd": log_sd}, {"distribution": "fixed", "mean_years": 2}
    stages = [STAGES[1] | {"name": "early", "entry_value": value, "time": time}]
    by_stake = {"sectors": ["tech"], "stages": ["early"], "deals": 40, "stake": 0.03, "relay": False}
    by_ticket = {**MANDATE, "deals": 40, "ticket": 0.6, "max_round_share": 0.5, "relay": False}
    pool = {"schedule": {"contributions": [0.5, 0.25], "distributions": [0, 0, 0, 1]}}
    vehicles = [
        fund("stake", 40.0, by_stake),
        fund("ticket", 60.0, by_ticket),
        fund("pool", 10.0, None, pool=pool),
        property_fund() | {"name": "park"},
    ]
    neutral = {"window": {"states": [{"name": "even"}], "transition": {"annual": {"even": {"even": 1}}}}}
    blocks = {"sectors": [{"name": "tech", "stages": stages}], "market": neutral, **park()}
    made = scenario(*vehicles, **blocks)
    run = fs.simulate(made, paths=400, progress=False).activity().set_index("vehicle")
    for vehicle in made.vehicles:
        wanted, row = expected_investments(made, vehicle).total, run.loc[vehicle.name]
        error = row.invested_standard_error
        assert row.invested == pytest.approx(wanted, abs=4 * error + 1e-9), vehicle.name
