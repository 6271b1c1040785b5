"""The plan of park property: years become periods, rules by date
become arrays by period, names become places.
"""

from pathlib import Path

import numpy as np
import pytest

from fundsim.engine import passes
from fundsim.errors import ScenarioError
from fundsim.kernels.base.random import hash_name
from fundsim.kernels.layout import NEVER
from fundsim.kernels.property.records import (
    DEBT,
    INTEREST,
    OPERATOR_PERIOD,
    PROJECT,
    PROJECT_PERIOD,
    PROPERTY_MARKET,
    REIT,
    REIT_PERIOD,
)
from fundsim.plan import make_plan
from fundsim.scenario import Scenario, load_scenario
from tests.makers.generated_scenarios import random_scenario
from tests.makers.plain_scenarios import fund, plain

PARK = Path(__file__).parents[1] / "cases" / "bad" / "property.yaml"


def plan_of(changes=()):
    return make_plan(load_scenario(PARK, changes))


def project_of(name, changes=()):
    plan = plan_of(changes)
    return plan.property.projects[plan.names.projects[name]]


def test_places_of_names():
    plan = plan_of()
    assert plan.names.markets == {"town": 0}
    assert plan.names.operators == {"operator": 0}
    assert plan.names.projects == {"old": 0, "new": 1, "next": 2, "offices": 3}
    assert plan.names.reits == {"trust": 0}
    projects = plan.property.projects
    assert projects["operator"].tolist() == [0, 0, 0, -1]
    assert projects["reit"].tolist() == [0, 0, -1, -1]
    assert projects["is_initial"].tolist() == [1, 0, 0, 0]
    assert projects["n_debts"].tolist() == [1, 2, 0, 0]
    assert plan.property.tenants.tolist() == [[1], [0], [0], [0]]
    assert plan.names.holdings == [
        ("fund", "new (development)"),
        ("fund", "new (acquired)"),
        ("fund", "trust (units)"),
    ]


def test_streams_of_random_numbers_carry_the_names_of_the_model():
    terms = plan_of().property
    assert terms.projects["stream"][1] == hash_name("project/new")
    assert terms.reits["stream"][0] == hash_name("reit/trust")
    assert terms.markets["rent_stream"][0] == hash_name("property/town/rent")
    assert terms.markets["yield_stream"][0] == hash_name("property/town/yield")
    assert terms.index_stream == hash_name("market/index")


def test_full_rent_is_that_of_a_year_in_units_of_the_scenario():
    """100,000 square metres at 45 yuan a month are 54 million yuan
    a year: 0.54 in units of 1e8, 5,400 of 1e4.
    """
    assert project_of("old")["full_rent"] == pytest.approx(0.54)
    assert project_of("old", {"currency.unit": 1e4})["full_rent"] == pytest.approx(5_400)


def test_letting_cost_is_that_of_the_whole_space_in_units_of_the_scenario():
    """300 yuan a square metre of 100,000 are 30 million."""
    changes = {"property.projects.old.occupancy": {"letting_cost": 300}}
    assert project_of("old")["letting_cost"] == 0.0
    assert project_of("old", changes)["letting_cost"] == pytest.approx(0.3)
    assert project_of("old", changes | {"currency.unit": 1e4})["letting_cost"] == pytest.approx(3_000)


def test_when_projects_start_and_are_complete():
    projects = plan_of().property.projects
    assert projects["start_period"].tolist() == [NEVER, 4, NEVER, NEVER]
    assert projects["waits"].tolist() == [0, 0, 1, 0]
    assert projects["build_periods"].tolist() == [0, 10, 8, 0]
    assert projects["completion"].tolist() == [-16, NEVER, NEVER, -4]
    assert project_of("new", {"property.projects.new.build.start": "2026-03-31"})["start_period"] == 4
    assert project_of("new", {"property.projects.new.build.start": "2026-04-01"})["start_period"] == 5


def test_the_cost_falls_by_year_and_evenly_within_it():
    shares = plan_of().property.cost_share
    # 40, 40 and 20 per cent of two years of four periods and half a year of two
    assert shares[1] == pytest.approx([0.1] * 8 + [0.1] * 2)
    assert shares[2, :8] == pytest.approx([0.125] * 8)
    assert shares[2, 8:].tolist() == [0, 0]
    assert shares[[0, 3]].sum() == 0.0
    uneven = plan_of({"property.projects.new.build.yearly_shares": [0.6, 0.1, 0.3]}).property.cost_share
    assert uneven[1] == pytest.approx([0.15] * 4 + [0.025] * 4 + [0.15] * 2)


@pytest.mark.parametrize(
    ("shares", "expected"), [([0, 0, 1], [0, 1]), ([0.5, 0, 0.5], [0.5, 0.5]), ([0.2, 0.3, 0.5], [0.2, 0.8])]
)
def test_what_falls_in_a_year_too_short_for_a_period_falls_in_the_last_one(shares, expected):
    """2.4 years of building are two periods of a year each."""
    build = {"cost": 5, "start": "2026-01-01", "over_years": 2.4, "yearly_shares": shares}
    plan = plan_of({"periods_per_year": 1, "property.projects.new.build": build})
    assert plan.property.projects["build_periods"][1] == 2
    assert plan.property.cost_share[1, :2] == pytest.approx(expected)


@pytest.mark.parametrize(("m", "periods"), [(1, 3), (2, 5), (4, 10), (12, 30)])
def test_the_cost_is_spent_whole_on_every_grid(m, periods):
    plan = plan_of({"periods_per_year": m})
    assert plan.property.projects["build_periods"][1] == periods
    assert plan.property.cost_share.sum(axis=1) == pytest.approx([0, 1, 1, 0])


def test_debts_stand_behind_each_other_with_zeros_after_the_last():
    debts = plan_of().property.debts
    assert debts.shape == (4, 2)
    assert debts["share"].tolist() == [[0.4, 0], [0.5, 0.1], [0, 0], [0, 0]]
    assert debts["is_bond"].tolist() == [[1, 0], [0, 0], [0, 0], [0, 0]]
    assert debts["amortises"].tolist() == [[0, 0], [1, 0], [0, 0], [0, 0]]
    assert debts["term"].tolist() == [[60, 0], [48, 12], [0, 0], [0, 0]]


def test_a_debt_bears_the_coupon_of_the_period_in_which_its_project_starts():
    changes = {
        "property.coupons": {
            "special_bond": [{"from": "2020-06-30", "rate": 0.04}, {"from": "2021-02-01", "rate": 0.03}],
            "loan": [{"from": "2025-06-30", "rate": 0.05}, {"from": "2026-01-01", "rate": 0.06}],
        }
    }
    rates = plan_of(changes).property.debt_rate
    # complete on 2021-01-01, four years before the start: the first coupon
    assert np.unique(rates[0, 0]).tolist() == [0.04]
    # a coupon holds from the period that contains its day, the first also before
    assert rates[1, 0, :5].tolist() == [0.05, 0.05, 0.05, 0.05, 0.06]
    # a rate of its own
    assert np.unique(rates[1, 1]).tolist() == [0.05]
    later = plan_of(changes | {"property.projects.old.built.age_years": 3}).property.debt_rate
    assert np.unique(later[0, 0]).tolist() == [0.03]


def test_what_a_project_does_not_have_never_comes():
    project = project_of("offices")
    for field in ("refinance_after", "sale_after", "hold_periods", "patience", "start_period"):
        assert project[field] == NEVER, field
    assert project["ltv_most"] == np.inf
    for field in ("dscr_least", "vacancy_response", "rent_response", "recovery", "capex"):
        assert project[field] == 0.0, field


def test_what_a_project_has_comes_in_periods():
    project = project_of(
        "new",
        {
            "property.projects.new.refinancing": {"after_years": 1.1, "repayment": "amortising"},
            "property.projects.new.sale": {
                "after_years": 2,
                "hold_years": 0.1,
                "capex_years": 1.5,
                "price": 0.9,
            },
            "property.projects.new.covenants": {"loan_to_value": None, "patience_years": 0},
        },
    )
    # "from … on" waits for the whole time; lengths are the nearest whole number of periods
    assert (project["refinance_after"], project["refinance_term"], project["refinance_amortises"]) == (
        5,
        48,
        1,
    )
    assert (project["sale_after"], project["hold_periods"], project["capex_periods"]) == (8, 1, 6)
    assert project["sale_multiple"].tolist() == [-1.0, 0.9, 0.0]
    assert (project["ltv_most"], project["dscr_least"], project["patience"]) == (np.inf, 1.1, 0)


def test_a_market_opens_at_its_mean_unless_another_yield_is_given():
    market = plan_of().property.markets[0]
    assert (market["yield_initial"], market["yield_mean"]) == (0.055, 0.055)
    other = plan_of({"property.markets.town.yields.initial": 0.05}).property.markets[0]
    assert (other["yield_initial"], other["yield_mean"]) == (0.05, 0.055)


def test_reits_in_periods():
    changes = {
        "property.reits.trust": {"from": "2025-07-01", "lock": {"excess_months": 37}, "minimum_value": 3}
    }
    reit = plan_of(changes).property.reits[0]
    assert (reit["from_period"], reit["attempt_periods"], reit["operating_periods"]) == (2, 2, 12)
    assert (reit["lock_base"], reit["lock_excess"], reit["lock_strategic"]) == (20, 13, 4)
    assert (reit["retained"], reit["retained_base"], reit["minimum_value"]) == (0.2, 0.2, 3)
    assert plan_of().property.reits["from_period"].tolist() == [0]  # allowed before the scenario starts


def test_the_probability_of_a_listing_follows_the_order_of_the_windows_states():
    changes = {"property.reits.trust.probability": {"tight": 0.1, "boom": 0.9, "normal": 0.5}}
    assert plan_of(changes).property.listing_probability.tolist() == [[0.9, 0.5, 0.1]]


def test_rules_by_date_become_arrays_by_period():
    terms = plan_of({"start": "2020-01-01", "property.projects.new.build.start": "2021-01-01"}).property
    # offerings: no rule before 2021-06-21 (period 5), 12 months until 2025-09-12 (period 22), then 6
    assert terms.follow_on_wait[0, :24].tolist() == [NEVER] * 5 + [4] * 17 + [2] * 2
    # reinvestment: nothing before 2020-08-01 (period 2), 90 % until 2024-08-01 (period 18), then 85 %
    assert terms.reinvest[0, :20].tolist() == [0.0] * 2 + [0.9] * 16 + [0.85] * 2
    without = plan_of({"property.reits.trust.follow_on": None}).property
    assert np.unique(without.follow_on_wait).tolist() == [NEVER]
    assert plan_of({"property.operators.operator.reinvest": []}).property.reinvest.max() == 0.0


def test_what_vehicles_may_take_and_when():
    funds = plan_of({"vehicles.fund.property": {"from_years": 1, "over_years": 2.5, "share": 0.4}}).funds
    # 60 % of the new project's development is on offer; of what exists or waits nothing, the rest wholly
    assert funds.interests["available"].tolist() == pytest.approx([0, 0.6, 0, 0, 1, 1, 1, 1, 1])
    assert funds.vehicles["last_holding"].tolist() == [0, 3, 3]
    assert funds.holding_interest.tolist() == [1, 5, 8]
    assert funds.vehicles["interest_share"].tolist() == [0, 0.4, 0]
    assert funds.vehicles["interest_ticket"].tolist() == [np.inf, 5, np.inf]
    assert funds.vehicles["interest_from"].tolist() == [0, 4, 0]
    assert funds.vehicles["interest_until"].tolist() == [0, 14, 0]
    assert funds.vehicles["investment_end"].tolist() == [-1, 13, 3]


def test_the_investment_period_ends_with_the_last_purchase_or_deal():
    mandate = {"over_years": 4, "from_years": 0}
    property_ = load_scenario(PARK).to_dict()["property"]

    def ends(deal_years, buying_years, years=12.0):
        vehicle = fund(deals=2, ticket=1.0, mandate=mandate | {"over_years": deal_years})
        vehicle["property"] = {"over_years": buying_years}
        content = plain([vehicle], years=years, property=property_, start="2025-01-01")
        content["property"]["projects"][0]["tenants"] = None
        content["property"]["reits"][0]["probability"] = {"neutral": 0.5}
        return make_plan(Scenario.from_dict(content)).funds.vehicles["investment_end"].tolist()

    assert ends(4, 2) == [11]  # the second of two deals, at three years
    assert ends(4, 5) == [19]
    assert ends(4, 50) == [47]  # not beyond the horizon


def test_without_property_the_arrays_are_empty_and_of_the_same_kind():
    none = make_plan(Scenario.from_dict(plain()))
    some = plan_of()
    for name, mine in some.property._asdict().items():
        other = getattr(none.property, name)
        if not isinstance(mine, np.ndarray):
            assert type(other) is type(mine), name
            continue
        assert (other.dtype, other.ndim) == (mine.dtype, mine.ndim), name
        for array in (mine, other):
            assert array.flags.c_contiguous, name
            assert array.flags.writeable, name
        assert name == "tables" or other.size == 0, name
    for name in ("interests", "holding_interest"):
        mine, other = getattr(some.funds, name), getattr(none.funds, name)
        assert (other.dtype, other.ndim, other.size) == (mine.dtype, mine.ndim, 0), name
    assert none.funds.vehicles["last_holding"].tolist() == [0]
    assert none.funds.vehicles["interest_until"].tolist() == [0]
    assert none.names.holdings == []


def test_records_are_those_of_the_layout():
    terms = plan_of().property
    assert (terms.markets.dtype, terms.projects.dtype) == (PROPERTY_MARKET, PROJECT)
    assert (terms.debts.dtype, terms.reits.dtype) == (DEBT, REIT)


def test_blocks_count_the_memory_of_property(monkeypatch):
    plan = plan_of()
    records = (
        9 * INTEREST.itemsize + 4 * PROJECT_PERIOD.itemsize + REIT_PERIOD.itemsize + OPERATOR_PERIOD.itemsize
    )
    paths = {}
    for name, changes in (("with", {}), ("without", {"property": None, "vehicles.fund": {"kind": "direct"}})):
        if name == "without":
            changes |= {
                "vehicles.fund.property": None,
                "vehicles.fund.pool": {"schedule": {"contributions": [1], "distributions": [1]}},
            }
        # room for one path with property, so that the ratio of the two counts is the ratio of their memory
        monkeypatch.setattr(passes, "BLOCK_BYTES", plan.grid.n_periods * records * 8.0)
        paths[name] = passes.block_paths(plan_of(changes))
    assert 1 < paths["with"] <= 8 < paths["without"]


@pytest.mark.parametrize("seed", range(40))
def test_generated_property_is_planned(seed):
    try:
        scenario = Scenario.from_dict(random_scenario(seed, has_property=True))
    except ScenarioError:
        return
    plan = make_plan(scenario)
    terms, n_interests = plan.property, len(plan.names.interests)
    assert n_interests == 2 * len(terms.projects) + len(terms.reits)
    assert plan.funds.holding_interest.max(initial=-1) < n_interests
    vehicles = plan.funds.vehicles
    assert (vehicles["last_holding"] >= vehicles["first_holding"]).all()
    assert (vehicles["last_holding"][:-1] == vehicles["first_holding"][1:]).all()
    assert vehicles["last_holding"][-1] == plan.funds.holding_interest.size
    built = terms.projects["build_periods"] == 0
    assert terms.cost_share.sum(axis=1) == pytest.approx(np.where(built, 0.0, 1.0))
    assert (terms.debts["share"].sum(axis=1) <= 1 + 1e-9).all()
    assert (terms.projects["completion"][built] <= 0).all()
    # vehicles that may take anything have a time in which they do
    may_buy = vehicles[vehicles["last_holding"] > vehicles["first_holding"]]
    assert (may_buy["interest_until"] > may_buy["interest_from"]).all()
    for array in (terms.markets, terms.projects, terms.reits):
        for name in array.dtype.names:
            assert not np.isnan(array[name].astype(float)).any(), name


def test_most_generated_scenarios_with_property_are_valid():
    def is_valid(seed):
        try:
            return Scenario.from_dict(random_scenario(seed, has_property=True)) is not None
        except ScenarioError:
            return False

    assert sum(map(is_valid, range(40))) >= 36
