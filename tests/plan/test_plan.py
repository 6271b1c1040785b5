"""Plans: years become periods, names become places, and nothing but the scenario decides on the blocks."""

import itertools
import math

import numpy as np
import pytest

from fundsim.engine.passes import block_paths
from fundsim.errors import ScenarioError
from fundsim.files.quantities import GREATEST_SHAPE, LEAST_SHAPE
from fundsim.kernels.base import distributions, quantiles
from fundsim.kernels.base.random import hash_name, seed_key
from fundsim.kernels.layout import NEVER
from fundsim.plan import make_plan
from fundsim.plan.market import correlation_root, cumulative
from fundsim.scenario import Scenario
from fundsim.scenario.distributions import Beta
from tests.makers.generated_scenarios import random_scenario
from tests.makers.plain_scenarios import fund, plain, sector, stage


def plan_of(content, **options):
    return make_plan(Scenario.from_dict(content), **options)


def with_terms(**terms):
    return plan_of(plain([fund(terms=terms)], years=10.0)).funds


# Periods


@pytest.mark.parametrize(
    ("start", "period"),
    [("2023-01-01", 0), ("2023-03-31", 0), ("2023-04-01", 1), ("2024-01-01", 4), ("2025-02-28", 8)],
)
def test_vehicles_start_in_the_period_of_their_date(start, period):
    plan = plan_of(plain([fund(start=start)]))
    assert plan.funds.vehicles["start_period"].tolist() == [period]
    assert plan.closing.vehicles["start_period"].tolist() == [period]
    # the mandate's time runs from the start of that period
    assert plan.funds.deals["period"].tolist() == [period]


@pytest.mark.parametrize(
    ("term", "extension", "last"), [(1, 0, (3, 3)), (5, 2, (19, 27)), (0.1, 0, (0, 0)), (1.1, 0.2, (3, 4))]
)
def test_terms_end_with_a_period(term, extension, last):
    """The sum of a term and its extension is cut at period ends, the term at its nearest."""
    terms = with_terms(term_years=term, extension_years=extension)
    assert (terms.vehicles["term_period"].item(), terms.vehicles["last_period"].item()) == last


def test_deals_are_spread_evenly_over_their_years():
    vehicle = fund(deals=4, mandate={"from_years": 1.0, "over_years": 2.0, "patience_years": 0.5})
    plan = plan_of(plain([vehicle]))
    assert [deal.years for deal in plan.names.deals] == [1.25, 1.75, 2.25, 2.75]
    # an event at the exact end of a period belongs to it
    assert plan.funds.deals["period"].tolist() == [4, 6, 8, 10]
    assert plan.funds.deals["last_period"].tolist() == [6, 8, 10, 12]
    assert plan.funds.vehicles["investment_end"].tolist() == [12]


def test_fee_phases_by_period():
    phases = [
        {"until_years": 0.5, "rate": 0.04, "base": "commitments"},
        {"until_years": 1.25, "rate": 0.02, "base": "unrealised_cost"},
    ]
    vehicles = [
        fund(size=100.0, ticket=90.0, terms={"fee_phases": phases, "term_years": 1}, start="2023-04-01")
    ]
    terms = plan_of(plain(vehicles)).funds
    rates = [0, 0.01, 0.01, 0.005, 0.005, 0.005, 0]
    assert terms.periods["fee_rate"][0, :7] == pytest.approx(rates)
    # of the term's four periods, at the end of each what is still to come within the term
    assert terms.periods["fee_future"][0, :6] == pytest.approx([0.03, 0.02, 0.01, 0.005, 0, 0])
    assert terms.vehicles["fee_lifetime"].item() == pytest.approx(0.03)


def test_fees_beyond_the_horizon_are_still_scheduled():
    vehicle = fund(ticket=50.0, terms={"fee_rate": 0.02, "term_years": 10})
    short = plan_of(plain([vehicle], years=2.0)).funds
    assert short.periods.shape == (1, 8)
    assert short.vehicles["fee_lifetime"].item() == pytest.approx(0.2)
    assert short.periods["fee_future"][0, -1] == pytest.approx(0.16)


@pytest.mark.parametrize(
    ("calls", "investable"),
    [
        # called by the openings of years 2 to 4: 500, 1,000, 1,000, so fees of 0 + 10 + 20 + 20
        ([0.5, 0.5], 950.0),
        # the running sum of x and fees before: x/2, 1.01x and 1.0302x, a fiftieth of each
        ("just_in_time", 1000.0 / (1.0 + 0.02 * (0.5 + 1.01 + 1.0302))),
        # x and two fees of 19.6 take 980: more, and a second tranche comes in year 3 and costs .4 in year 4
        ([0.98, 0.02], 940.8),
    ],
)
def test_expected_fees_on_paid_in_follow_planned_calls(calls, investable):
    """(7.2): 2 % of what is paid in, four years, a deal in each of the first two."""
    fees = [{"until_years": 4.0, "rate": 0.02, "base": "paid_in"}]
    terms = {"fee_phases": fees, "term_years": 4, "calls": calls, "expected_fees": {}}
    vehicle = fund(size=1000.0, deals=2, ticket=100.0, mandate={"over_years": 2.0}, terms=terms)
    vehicles = plan_of(plain([vehicle], periods_per_year=1)).funds.vehicles
    assert 1000.0 * (1.0 - vehicles["fee_lifetime"].item()) == pytest.approx(investable, abs=2e-9)


@pytest.mark.parametrize("base", ["commitments", "paid_in", "unrealised_cost"])
@pytest.mark.parametrize("calls", ["just_in_time", [0.3, 0.4, 0.3]])
def test_the_earlier_all_is_sold_the_less_is_kept_for_fees(base, calls):
    """(7.2): never more than without dates, and the same where fees are on commitments."""
    phases = [{"until_years": 10.0, "rate": 0.02, "base": base}]

    def kept(expected):
        terms = {"fee_phases": phases, "calls": calls, "expected_fees": expected}
        vehicle = fund(deals=4, ticket=15.0, mandate={"over_years": 4.0, "reserve_share": 0.2}, terms=terms)
        return plan_of(plain([vehicle])).funds.vehicles["fee_lifetime"].item()

    found = [kept({"realised_from_years": years}) for years in (0.0, 2.0, 5.0, 10.0)]
    assert found == sorted(found)
    assert found[-1] < kept(None) if base != "commitments" else found == pytest.approx([0.2] * 4)
    assert kept(None) == pytest.approx(0.2)


def test_rates_of_a_period_compound_to_those_of_a_year():
    exits = {"transfer": {"probability": 0.2, "from_years": 1.1, "discount": 0.3}}
    plan = plan_of(plain([fund(terms={"cash_rate": 0.04}, exits=exits)]))
    assert (1 + plan.funds.vehicles["cash_rate"].item()) ** 4 == pytest.approx(1.04)
    assert (1 - plan.funds.vehicles["transfer_probability"].item()) ** 4 == pytest.approx(0.8)
    assert plan.funds.vehicles["transfer_from"].tolist() == [5]


def test_what_a_vehicle_does_not_have_never_comes():
    plan = plan_of(plain())
    terms = plan.funds
    assert set(terms.vehicles[["transfer_from", "buyback_after", "idle_stop"]][0].item()) == {NEVER}
    assert plan.fund_plan.instruments.landing.checkpoints.size == 0
    assert terms.vehicles["recycling_until"].tolist() == [0]
    assert terms.vehicles["n_tranches"].tolist() == [0]


def test_tranches_end_at_all_of_the_callable():
    terms = with_terms(calls=[0.1] * 10)
    assert terms.tranche_total[0, -1] == 1.0
    assert terms.tranche_total[0] == pytest.approx(np.arange(1, 11) / 10)


# Names


def vehicle(name, *parents, **fields):
    money = [{"name": "fiscal", "kind": "fiscal", "commitment": 100.0}]
    stakes = [{"vehicle": parent, "commitment": 10.0} for parent in parents]
    return {"name": name, "kind": "mother", "investors": [*stakes, *money], **fields}


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_parents_stand_before_their_children_whatever_the_file_says(order):
    tree = [vehicle("a"), vehicle("b", "a"), vehicle("c", "a", "b"), vehicle("d", "c")]
    names = plan_of(plain([tree[k] for k in order])).names
    found = [list(names.vehicles)[v] for v in names.parents_first]
    assert found == ["a", "b", "c", "d"]
    plan = plan_of(plain([tree[k] for k in order]))
    assert plan.funds.children_first.tolist() == names.parents_first[::-1]
    # every stake hangs under its parent
    for v in range(4):
        first, last = plan.funds.vehicles["first_edge"][v], plan.funds.vehicles["last_edge"][v]
        rows = plan.funds.edge_investor[first:last]
        assert (plan.funds.investors["parent"][rows] == v).all()
    assert plan.funds.vehicles["last_edge"][-1] == 4


def test_investors_with_the_same_flags_make_a_class():
    def investor(name, kind, **flags):
        return {"name": name, "kind": kind, "commitment": 25.0, **flags}

    rows = [
        investor("gp", "general_partner"),
        investor("fiscal", "fiscal"),
        investor("staff", "social", pays_fee=False, pays_carry=False),
        investor("social", "social"),
        investor("friend", "social", pays_carry=False),
    ]
    names = plan_of(plain([fund(investors=rows, size=125.0), fund("other")])).names
    assert names.classes == [(0, False, False), (0, True, True), (0, True, False), (1, True, True)]
    assert [names.class_of(row) for row in range(6)] == [0, 1, 0, 1, 2, 3]


def test_streams_of_random_numbers_are_named_not_numbered():
    one = plan_of(plain([fund("x"), fund("y")]))
    other = plan_of(plain([fund("y"), fund("new"), fund("x")]))
    for field in ("term_stream", "appraisal_stream"):
        keys = dict(zip(other.names.vehicles, other.funds.vehicles[field], strict=True))
        assert [keys["x"], keys["y"]] == list(one.funds.vehicles[field])
    assert one.closing.vehicles["stream"][0] == hash_name("closing/x")
    vehicles = one.funds.vehicles
    assert (
        len({*vehicles["term_stream"], *vehicles["appraisal_stream"], *one.closing.vehicles["stream"]}) == 6
    )


def test_the_seed_is_the_scenarios_unless_another_is_given():
    content = plain(run={"paths": 2, "seed": 9})
    assert plan_of(content).seed == 9
    assert plan_of(content, seed=4).grid_terms.seed_key == seed_key(4)


# Distributions, market, blocks


def test_shapes_that_a_scenario_may_give_are_those_that_can_be_drawn():
    assert (LEAST_SHAPE, GREATEST_SHAPE) == (quantiles.LEAST_SHAPE, quantiles.GREATEST_SHAPE)


@pytest.mark.parametrize("mean", [1e-6, 0.001, 0.1, 0.5, 0.9, 0.9999])
@pytest.mark.parametrize("sd", [1e-9, 1e-5, 1e-3, 0.01, 0.03, 0.1, 0.29, 0.3, 0.31, 0.45, 0.49])
def test_every_beta_that_a_scenario_takes_can_be_drawn_and_no_other_is_refused(mean, sd):
    try:
        Beta(mean=mean, sd=sd)
        is_taken = True
    except ValueError:
        is_taken = False
    try:
        distributions.beta(mean, sd, [])
        can_be_drawn = True
    except ValueError:
        can_be_drawn = False
    assert is_taken == can_be_drawn


@pytest.mark.parametrize("shape", [0.1, 0.5, 1.0, 77.0, 1e5])
def test_every_gamma_that_a_scenario_takes_can_be_drawn(shape):
    time = {"distribution": "gamma", "mean_years": 2.0, "shape": shape}
    plan_of(plain(sectors=[sector(stages=[stage() | {"time": time}])]))


@pytest.mark.parametrize("shape", [0.0, 0.0999, 100_001])
def test_a_gamma_that_cannot_be_drawn_is_refused_with_its_place(shape):
    time = {"distribution": "gamma", "mean_years": 2.0, "shape": shape}
    with pytest.raises(ScenarioError, match=r"stages.*shape"):
        plan_of(plain(sectors=[sector(stages=[stage() | {"time": time}])]))


def test_a_life_of_more_than_a_hundred_years_is_planned():
    vehicle = fund(ticket=1.0, terms={"fee_rate": 0.001, "term_years": 100, "extension_years": 100})
    terms = plan_of(plain([vehicle])).funds
    assert terms.periods["fee_rate"][0] == pytest.approx(0.001 / 4)
    assert terms.vehicles["term_period"].item() == 399


@pytest.mark.parametrize("n", [1, 2, 5])
def test_the_root_of_a_correlation_matrix(n):
    rng = np.random.default_rng(n)
    vectors = rng.normal(size=(n, n))
    vectors /= np.linalg.norm(vectors, axis=1)[:, None]
    matrix = vectors @ vectors.T
    root = correlation_root(matrix)
    np.testing.assert_allclose(root @ root.T, matrix, atol=1e-12)
    assert np.allclose(root, np.tril(root))


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_root_of_a_singular_correlation_matrix(sign):
    matrix = np.array([[1.0, sign, 0.3], [sign, 1.0, sign * 0.3], [0.3, sign * 0.3, 1.0]])
    root = correlation_root(matrix)
    np.testing.assert_allclose(root @ root.T, matrix, atol=1e-12)


def test_cumulative_probabilities_end_at_one():
    found = cumulative(np.array([[0.1] * 10, [1.0] + [0.0] * 9]))
    assert found[:, -1].tolist() == [1.0, 1.0]
    assert found[0] == pytest.approx(np.arange(1, 11) / 10)


def test_the_window_of_a_generator():
    """Two states that leave at rates 2 and 1 a year: stationary
    1/3, 2/3, and the exponential of one quarter.
    """
    states = [{"name": "open"}, {"name": "shut"}]
    window = {
        "states": states,
        "transition": {"generator": {"open": {"shut": 2.0}, "shut": {"open": 1.0}}},
        "initial": "stationary",
        "history": [{"from": "2023-06-30", "state": "shut"}, {"from": "2024-01-01", "state": "open"}],
    }
    market = plain()["market"] | {"window": window}
    terms = plan_of(plain(market=market)).market
    assert terms.window_initial == pytest.approx([1 / 3, 1.0])
    stay = (1 + 2 * math.exp(-3 / 4)) / 3
    assert terms.window_cumulative[0] == pytest.approx([stay, 1.0])
    assert terms.window_known[:6].tolist() == [-1, 1, 1, 1, 0, -1]


def test_blocks_depend_on_the_scenario_alone():
    sizes = set()
    for seed in range(12):
        content = random_scenario(seed)
        try:
            scenario = Scenario.from_dict(content)
        except ScenarioError:
            continue
        plan = make_plan(scenario)
        other = make_plan(scenario.override({"run.paths": 6, "run.threads": 3, "run.seed": 1}))
        assert block_paths(plan) == block_paths(other)
        assert block_paths(plan) == 1 << int(math.log2(block_paths(plan)))
        sizes.add(block_paths(plan))
    assert sizes <= {2**k for k in range(8)}


def test_large_scenarios_have_small_blocks():
    stream = {"name": "park", "sector": "plain", "stage": "only", "per_year": 50_000.0}
    assert block_paths(plan_of(plain(park={"streams": [stream]}))) <= 2
    assert block_paths(plan_of(plain())) == 128
