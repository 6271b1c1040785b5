"""Property by hand: constant yields, debts, sales, listings,
follow-ons and ledgers, on the kernel and on its twin.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from fundsim.kernels.layout import NEVER
from fundsim.vocabulary import Channel, End, ProjectStatus
from tests.kernels.property.test_property_against_naive import run_kernel
from tests.makers import worlds
from tests.makers.property_terms import make_case, plain_case, property_terms
from tests.twins.formulas import irr
from tests.twins.property import naive_property

# Numbers by hand differ from walked ones by rounding over at most a few hundred steps.
close = pytest.approx


def of_kernel(case):
    out = run_kernel(case)
    return {name: getattr(out, name)[0] for name in out._fields}


def of_twin(case):
    return naive_property(case.grid, case.terms, case.market, case.enterprises, 0, case.first_path)


@pytest.fixture(params=[of_kernel, of_twin], ids=["kernel", "twin"])
def walk(request):
    """From a case to the records of its first path by name."""
    return request.param


def net_cash_flow(interest):
    return interest["income"] + interest["capital"] - interest["call"]


def built(**changes):
    """A project that costs 10 in the first year and is let for 0.6 a year from then on."""
    return {"build_periods": 1, "start_period": 0, "cost": 10.0, "full_rent": 0.6} | changes


def let(**changes):
    """A project that is there already and is let for 0.6 a year."""
    return {"cost": 10.0, "full_rent": 0.6} | changes


# Rents, yields (1.4), occupancy (4.3) and values (4.4)


def test_value_is_constant_noi_over_the_yield_and_the_unlevered_irr_is_that_yield(walk):
    project = built(cost=12.0, full_rent=1.0, margin=0.75, stable_occupancy=0.8, opening_occupancy=0.8)
    out = walk(plain_case(8, projects=[project | {"sale_after": 6}]))
    lets = out["periods"][0, 1:7]
    assert lets["noi"] == close(0.6)
    assert lets["value"] == close(12.0)
    assert net_cash_flow(out["interests"][0]) == close([-12.0, 0.6, 0.6, 0.6, 0.6, 0.6, 12.6, 0.0])
    assert irr(net_cash_flow(out["interests"][0])) == close(0.05)


def test_occupancy_rises_in_a_straight_line_from_opening_to_stable(walk):
    project = built(ramp_years=2.0, opening_occupancy=0.5, stable_occupancy=0.9)
    out = walk(plain_case(14, periods_per_year=4, projects=[project]))
    expected = [0.0, *(0.5 + 0.4 * min(1.0, k / 8) for k in range(1, 14))]
    assert out["periods"]["occupancy"][0] == close(expected)
    assert out["periods"]["noi"][0] == close(np.array(expected) * 0.6 / 4)


def letting(**changes):
    """A project that fills from a half to the whole in two years after its first; NOI* is 10."""
    filling = {"cost": 100.0, "full_rent": 10.0, "opening_occupancy": 0.5, "ramp_years": 2.0}
    return built(**filling | changes)


def value_at_completion(out, first, m, y=0.05):
    """What the first value says of the date before it, by V(n+1) = V(n)(1+yΔ) − NOI + cost."""
    one = out["periods"][0, first]
    return (one["value"] + one["noi"] - one["letting"]) / (1.0 + y / m)


@pytest.mark.parametrize(("m", "expected"), [(4, 195.7841), (1, 197.6190)])
def test_value_while_letting_is_that_of_stable_rents_less_what_is_missing_on_the_way(walk, m, expected):
    out = walk(plain_case(8 * m, periods_per_year=m, projects=[letting(build_periods=m)]))
    assert value_at_completion(out, m, m) == close(expected, abs=5e-5)
    k = np.arange(1, 2 * m + 1)
    missing = np.sum(10.0 * (0.5 - 0.5 * k / (2 * m)) / m * (1 + 0.05 / m) ** -k)
    assert value_at_completion(out, m, m) == close(200.0 - missing)
    assert np.all(np.diff(out["periods"]["value"][0, m:]) >= 0.0)
    # to the bit what NOI over the yield is
    stable = out["periods"]["value"][0, 3 * m - 1 :]
    assert np.array_equal(stable, np.full(len(stable), 10.0) / out["yields"][0, 3 * m :])


@pytest.mark.parametrize("m", [1, 4, 12])
@pytest.mark.parametrize("y", [1e-4, 0.05, 0.9])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"ramp_years": 1.37},
        {"ramp_years": 0.01},
        {"ramp_years": 0.0},
        {"ramp_years": 60.0},
        {"opening_occupancy": 0.9, "stable_occupancy": 0.6},
        {"opening_occupancy": 1.0},
        {"opening_occupancy": 0.1, "letting_cost": 1.0},
    ],
)
@pytest.mark.parametrize("cost", [0.0, 3.0])
def test_value_earns_its_yield_in_rents_and_growth_from_completion_on(walk, m, y, changes, cost):
    """Without drift, volatility and gaps V(n+1) = V(n)(1 + yΔ) − NOI Δ + letting cost paid."""
    project = letting(build_periods=m, **{"letting_cost": cost} | changes)
    market = {"yield_initial": y, "yield_mean": y}
    one = walk(plain_case(8 * m, periods_per_year=m, markets=[market], projects=[project]))["periods"][0, m:]
    moved = one["value"][:-1] * (1.0 + y / m) - one["noi"][1:] + one["letting"][1:]
    assert one["value"][1:] == close(moved, rel=1e-10)


def test_letting_cost_is_paid_from_rents_before_distributions_as_the_space_fills(walk):
    # A sixteenth of the space is let in each quarter: 0.25 of 4, from rents of 1.25 and more.
    out = walk(plain_case(16, periods_per_year=4, projects=[letting(build_periods=4, letting_cost=4.0)]))
    one, interest = out["periods"][0], out["interests"][0]
    cost = np.where((np.arange(16) >= 4) & (np.arange(16) < 12), 0.25, 0.0)
    assert one["letting"] == close(cost)
    assert one["owed"] == close(np.zeros(16))
    assert interest["income"] == close(one["noi"] - cost)
    assert interest["call"][4:] == close(np.zeros(12))
    free = walk(plain_case(16, periods_per_year=4, projects=[letting(build_periods=4)]))
    # What the value is lower by is the present value of what is paid.
    lower = value_at_completion(free, 4, 4) - value_at_completion(out, 4, 4)
    assert lower == close(np.sum(0.25 * 1.0125 ** -np.arange(1.0, 9.0)))
    assert np.array_equal(free["periods"]["value"][0, 11:], one["value"][11:])
    assert np.array_equal(free["periods"]["noi"], out["periods"]["noi"])


def test_letting_cost_that_rents_do_not_cover_is_owed_at_the_yield_and_paid_first(walk):
    # Half of the space is let at once for 6; rents of 10 a year pay it, and a debt's interest of 2, later.
    debts = [{"share": 0.4, "rate": 0.05}]
    project = letting(ramp_years=0.0, letting_cost=32.0, debts=debts, refinance_after=0, refinance_ltv=0.6)
    out = walk(plain_case(6, projects=[project]))
    one, interest = out["periods"][0], out["interests"][0]
    assert one["letting"] == close([0.0, 10.0, 6.3, 0.0, 0.0, 0.0])
    assert one["owed"] == close([0.0, 6.0, 0.0, 0.0, 0.0, 0.0])
    assert one["value"] == close([0.0, 194.0, 200.0, 200.0, 200.0, 200.0])
    assert one["added"] == close([0.0, 2.0, 0.0, 0.0, 0.0, 0.0])
    # The next year pays 3.7 − 2.1 of interest; refinancing waits until nothing is owed.
    assert out["results"]["refinanced"][0] == 2
    assert interest["income"][:3] == close([0.0, 0.0, 3.7 - 2.1 + 120.0 - 42.0])


def test_space_that_capital_expenditure_adds_is_let_at_its_cost(walk):
    project = let(
        sale_after=0,
        stable_occupancy=0.8,
        opening_occupancy=0.8,
        letting_cost=3.0,
        capex_periods=1,
        occupancy_uplift=0.1,
    )
    out = walk(plain_case(5, projects=[project]))
    assert out["periods"]["occupancy"][0] == close([0.8, 0.8, 0.9, 0.9, 0.9])
    assert out["periods"]["letting"][0] == close([0.0, 0.0, 0.3, 0.0, 0.0])
    assert out["interests"]["income"][1] == close([0.0, 0.48, 0.54 - 0.3, 0.54, 0.54])
    assert out["periods"]["value"][0] == close([9.6, 9.6, 10.8, 10.8, 10.8])


def test_a_lift_during_the_ramp_moves_what_is_still_to_be_let(walk):
    project = letting(
        sale_after=0, letting_cost=2.0, stable_occupancy=0.9, capex_periods=1, occupancy_uplift=0.1
    )
    one = walk(plain_case(24, periods_per_year=4, projects=[project]))["periods"][0]
    # Completed at date 1, sold at date 2, lifted from date 4 on.
    target = [0.5 + (0.4 if n < 4 else 0.5) * min(1.0, (n - 1) / 8) for n in range(2, 25)]
    assert one["occupancy"][1:] == close(target)
    assert one["letting"][1:] == close(2.0 * np.diff([0.5, *target]))
    assert one["letting"].sum() == close(2.0 * 0.5)
    moved = one["value"][:-1] * 1.0125 - one["noi"][1:] + one["letting"][1:]
    within = np.arange(1, 24) != 3  # the lift itself is no part of the value before it
    assert one["value"][1:][within][1:] == close(moved[within][1:])
    assert one["value"][3] > moved[2]


def test_a_reit_pays_the_letting_cost_of_what_it_holds(walk):
    project = letting(cost=100.0, reit=0, letting_cost=40.0, ramp_years=6.0)
    reit = listed(from_period=2, issue_multiple=("fixed", 1.0), gearing=0.0, wait=NEVER)
    out = walk(plain_case(9, projects=[project], reits=[reit]))
    one, trust = out["periods"][0], out["reits"][0]
    assert out["results"]["listed"][0] == 2
    assert one["letting"][1:] == close([*[40.0 * 0.5 / 6] * 6, 0.0, 0.0])
    assert trust["distributable"][3:] == close((one["noi"] - one["letting"])[3:])
    assert trust["nav"][3:] == close(one["value"][3:] + trust["cash"][3:] - trust["debt"][3:])


def test_a_reit_pays_what_was_owed_when_it_bought(walk):
    project = letting(reit=0, letting_cost=60.0, ramp_years=0.0)
    reit = listed(from_period=1, issue_multiple=("fixed", 1.0), gearing=0.0, wait=NEVER)
    out = walk(plain_case(6, projects=[project], reits=[reit]))
    one, trust = out["periods"][0], out["reits"][0]
    assert out["results"]["listed"][0] == 1
    assert out["results"]["listing_price"][0] == close(200.0 - 20.0)
    assert one["letting"][:4] == close([0.0, 10.0, 21.0, 0.0])
    assert trust["distributable"][2:4] == close([10.0 - 21.0, 10.0 - 0.04 * 11.0])
    # the deficit is borrowed, and the value is no longer less by what was owed
    assert trust["nav"][1:3] == close([180.0, 200.0 - 11.0])


def test_letting_that_costs_more_than_the_project_is_worth_leaves_nothing_and_pays_nobody(walk):
    project = letting(letting_cost=1e9, ramp_years=3.0, debts=[{"share": 0.5, "rate": 0.05}], patience=3)
    out = walk(plain_case(12, projects=[project]))
    one, interest = out["periods"][0], out["interests"][0]
    assert np.all(one["value"] == 0.0)
    assert np.all(interest["value"][1:] == 0.0)
    assert np.all(interest["income"] == 0.0)
    assert np.all(interest["capital"] == 0.0)
    assert out["results"]["enforced"][0] == 4
    assert one["letting"][1:5] == close(one["noi"][1:5])
    for array in out.values():
        for name in array.dtype.names or ():
            assert np.isfinite(array[name]).all() or name == "least_coverage"


def test_value_falls_as_letting_costs_more_and_takes_longer(walk):
    def values(**changes):
        out = walk(plain_case(40, periods_per_year=4, projects=[letting(build_periods=4, **changes)]))
        return out["periods"]["value"][0, 4:]

    by_cost = [values(letting_cost=cost) for cost in (0.0, 1.0, 5.0, 40.0)]
    by_time = [values(ramp_years=years) for years in (0.0, 0.5, 2.0, 20.0, 60.0)]
    for family in (by_cost, by_time):
        for more, less in pairwise(family):
            assert np.all(less <= more)
            assert less[0] < more[0] or more is by_time[0]


def test_vacancy_gaps_lower_stable_rents_and_those_on_the_way_alike(walk):
    sectors = [worlds.Sector("housed", [worlds.Stage("seed")])]
    world = worlds.World(n_periods=6, periods_per_year=1, sectors=sectors)
    project = let(tenants=[0], vacancy_response=0.8, opening_occupancy=0.5, ramp_years=4.0, letting_cost=0.1)
    case = plain_case(6, world=world, projects=[project])
    out = walk(with_tenants(case, [(0, 0, 1), (0, 0, None), (0, 0, None), (0, 0, None)]))
    one, gap = out["periods"][0], 1.0 - 0.8 / 4
    assert one["occupancy"][:4] == close([0.625, 0.75 * gap, 0.875 * gap, gap])
    # At date 2: 12 less what is missing in a year, all with the gap; letting costs the whole space.
    assert one["value"][1] == close(gap * (12.0 - 0.6 * 0.125 / 1.05) - 0.0125 * (1 / 1.05 + 1.05**-2))
    assert one["letting"] == close([0.0125] * 4 + [0.0] * 2)


def test_without_volatility_rents_grow_and_yields_return_to_their_mean_exponentially(walk):
    market = {"rent_drift": 0.03, "yield_initial": 0.08, "yield_mean": 0.04, "yield_reversion": 0.7}
    out = walk(plain_case(12, periods_per_year=4, markets=[market], projects=[let()]))
    years = np.arange(13) / 4
    assert out["rent"][0] == close(np.exp(0.03 * years))
    assert out["yields"][0] == close(0.04 * 2.0 ** np.exp(-0.7 * years))
    assert out["periods"]["value"][0] == close(0.6 * out["rent"][0, 1:] / out["yields"][0, 1:])


def test_rents_with_beta_one_and_no_own_volatility_move_with_the_index(walk):
    world = worlds.World(n_periods=10, periods_per_year=2, index_drift=0.08, factor_volatility=(0.2,))
    market = {"rent_drift": 0.08, "rent_beta": 1.0}
    case = plain_case(10, world=world, markets=[market], projects=[let()], market_volatility=0.2)
    assert walk(case)["rent"][0] == close(case.market.index[0])


def test_a_yield_with_correlation_one_follows_the_index_alone(walk):
    world = worlds.World(n_periods=10, periods_per_year=2, index_drift=0.02, factor_volatility=(0.2,))
    market = {"yield_volatility": 0.1, "yield_correlation": -1.0}
    case = plain_case(10, world=world, markets=[market], projects=[let()], market_volatility=0.2)
    # Without reversion ln y is a random walk; its shocks are the index's own, turned and of half the size.
    assert np.log(walk(case)["yields"][0] / 0.05) == close(-0.5 * case.market.factors[0, 0])


# Building (4.1) and debts (4.5)


def test_interest_of_building_is_a_cost_that_debts_and_equity_share(walk):
    debts = [{"share": 0.6, "rate": 0.05}]
    project = built(build_periods=2, owner_share=0.5, debts=debts)
    out = walk(plain_case(3, projects=[project]))
    assert out["interests"]["call"][0] == close([2.0, 2.06, 0.0])
    assert out["interests"]["due"][0] == close([4.06, 0.0, 0.0])
    assert out["interests"]["value"][0, :2] == close([2.0, 4.06])
    assert out["periods"]["drawn"][0] == close([3.0, 3.09, 0.0])
    assert out["periods"]["interest"][0] == close([0.0, 0.15, 6.09 * 0.05])
    assert out["periods"]["debt"][0] == close([3.0, 6.09, 6.09])


@pytest.mark.parametrize("is_bond", [0, 1])
@pytest.mark.parametrize("amortises", [0, 1])
@pytest.mark.parametrize("n_payments", [1, 7, 20])
def test_a_debt_is_worth_par_at_its_own_coupon(walk, is_bond, amortises, n_payments):
    debt = {"share": 0.8, "rate": 0.06, "term": n_payments, "amortises": amortises, "is_bond": is_bond}
    out = walk(plain_case(24, periods_per_year=4, projects=[let(full_rent=50.0, debts=[debt])]))
    periods = out["periods"][0]
    paid = periods["interest"] + periods["repaid"]
    assert np.count_nonzero(paid) == n_payments
    assert np.sum(paid / 1.015 ** np.arange(1, 25)) == close(8.0)
    assert periods["support"] == close(0.0)


@pytest.mark.parametrize("rate", [0.0, 0.06])
def test_level_payments_are_those_of_the_annuity_formula(walk, rate):
    debt = {"share": 0.8, "rate": rate, "term": 12, "amortises": 1}
    out = walk(plain_case(14, periods_per_year=4, projects=[let(full_rent=50.0, debts=[debt])]))
    i, k = rate / 4, np.arange(1, 13)
    payment = 8.0 / 12 if rate == 0.0 else 8.0 * i / (1.0 - (1.0 + i) ** -12)
    left = (12 - k) * payment if rate == 0.0 else payment * (1.0 - (1.0 + i) ** (k - 12.0)) / i
    assert out["periods"]["service"][0] == close([payment] * 12 + [0.0] * 2)
    assert out["periods"]["debt"][0] == close([*left, 0.0, 0.0], abs=1e-12)


def test_a_bullet_is_paid_back_at_maturity_or_rolls_over(walk):
    debts = [{"share": 0.2, "rate": 0.05, "term": 3, "rolls_over": rolls} for rolls in (0, 1)]
    out = walk(plain_case(8, projects=[let(full_rent=5.0, debts=debts)]))
    assert out["periods"]["repaid"][0] == close([0, 0, 2.0, 0, 0, 0, 0, 0])
    assert out["periods"]["debt"][0] == close([4, 4, 2, 2, 2, 2, 2, 2])


def test_coverage_is_noi_over_interest_and_level_principal(walk):
    bullet, level = {"share": 0.4, "rate": 0.05}, {"share": 0.2, "rate": 0.0, "term": 20, "amortises": 1}
    out = walk(plain_case(5, projects=[let(debts=[bullet, level])]))
    assert out["periods"]["service"][0] == close(0.2 + 0.1)
    assert out["results"]["least_coverage"][0] == close(2.0)
    out = walk(plain_case(5, projects=[let()]))
    assert math.isnan(out["results"]["least_coverage"][0])


def test_levered_irr_is_the_yield_and_the_spread_times_debt_over_equity(walk):
    project = built(debts=[{"share": 0.5, "rate": 0.04}], sale_after=6)
    out = walk(plain_case(8, markets=[{"yield_initial": 0.06}], projects=[project]))
    assert net_cash_flow(out["interests"][0]) == close([-5.0, 0.4, 0.4, 0.4, 0.4, 0.4, 5.4, 0.0])
    assert irr(net_cash_flow(out["interests"][0])) == close(0.06 + (0.06 - 0.04) * 1.0)


def test_the_issuer_of_a_special_bond_pays_what_the_project_cannot(walk):
    debts = [{"share": 1.0, "rate": 0.08, "is_bond": 1, "term": 3}]
    out = walk(plain_case(4, projects=[let(debts=debts, patience=0)]))
    assert out["periods"]["support"][0] == close([0.2, 0.2, 0.8 + 10.0 - 0.6, 0.0])
    assert out["periods"]["debt"][0] == close([10.0, 10.0, 0.0, 0.0])
    assert out["interests"]["income"][0] == close([0.0, 0.0, 0.0, 0.6])
    assert out["results"]["enforced"][0] == -1


# Covenants, enforcement (4.6), refinancing (4.7)


def test_cash_is_trapped_while_coverage_is_too_low_and_paid_out_with_the_rest_when_it_is_not(walk):
    # NOI 0.6 covers a service of 0.5 by 1.2; the level loan of 0.1 a year is paid back after five years.
    debts = [{"share": 0.8, "rate": 0.05}, {"share": 0.05, "rate": 0.0, "term": 5, "amortises": 1}]
    out = walk(plain_case(7, projects=[let(debts=debts, dscr_least=1.3)]))
    assert out["periods"]["trapped"][0] == close([0.1, 0.2, 0.3, 0.4, 0.5, 0.0, 0.0])
    assert out["interests"]["income"][0] == close([0.0, 0.0, 0.0, 0.0, 0.0, 0.7, 0.2])
    assert out["results"]["trapped_periods"][0] == 5


def test_cash_is_trapped_while_debt_is_above_its_share_of_value(walk):
    market = {"yield_initial": 0.06, "yield_mean": 0.03, "yield_reversion": 0.1}
    debts = [{"share": 0.6, "rate": 0.05}]
    out = walk(plain_case(8, markets=[market], projects=[let(debts=debts, ltv_most=0.5)]))
    fails = 6.0 > 0.5 * 0.6 / out["yields"][0, 1:]
    assert 0 < fails.sum() < 8
    assert out["periods"]["trapped"][0] == close(np.where(fails, 0.3 * np.arange(1, 9), 0.0))
    assert out["interests"]["income"][0].sum() == close(8 * 0.3)


def test_a_lender_enforces_after_its_patience_and_debts_are_paid_in_order(walk):
    # NOI 0.6 pays the bond's 0.3; of the loan's 0.5, 0.2 a year is added. After two years the third is too
    # much.
    bond = {"share": 0.3, "rate": 0.10, "is_bond": 1}
    loan = {"share": 0.5, "rate": 0.10}
    project = let(debts=[bond, loan], patience=2, enforcement_discount=0.5)
    out = walk(plain_case(5, projects=[project]))
    added = [0.2, 0.22, 0.242]
    assert out["periods"]["added"][0] == close([*added, 0.0, 0.0])
    assert out["results"]["enforced"][0] == 2
    assert out["periods"]["settled"][0, 2] == close(8.0 + sum(added))
    # 12 less half pays the bond's 3 and 3 of the loan; nothing is left.
    assert out["interests"]["capital"][0] == close(0.0)
    assert (out["interests"]["channel"][0, 2], out["interests"]["released"][0, 2]) == (
        Channel.ENFORCEMENT,
        1.0,
    )
    assert out["periods"]["status"][0].tolist() == [
        ProjectStatus.LET,
        ProjectStatus.LET,
        ProjectStatus.GONE,
        ProjectStatus.GONE,
        ProjectStatus.GONE,
    ]
    assert out["periods"]["support"][0] == close(0.0)


def test_at_enforcement_the_rest_goes_to_equity_and_a_bonds_rest_is_support(walk):
    loan, bond = {"share": 0.7, "rate": 0.10}, {"share": 0.3, "rate": 0.10, "is_bond": 1}
    rich = walk(plain_case(2, projects=[let(debts=[loan], patience=0, enforcement_discount=0.1)]))
    assert rich["interests"]["capital"][0, 0] == close(12.0 * 0.9 - 7.1)
    poor = walk(plain_case(2, projects=[let(debts=[loan, bond], patience=0, enforcement_discount=0.3)]))
    # 8.4 pays the loan's 7.1 and 1.3 of the bond; its interest of 0.3 was not paid either.
    assert poor["periods"]["support"][0, 0] == close(0.3)
    assert poor["periods"]["made_good"][0, 0] == close(1.7)
    assert poor["interests"]["capital"][0, 0] == close(0.0)


def test_refinancing_pays_out_what_a_new_loan_is_above_the_old_debt(walk):
    project = let(
        debts=[{"share": 0.4, "rate": 0.05}],
        refinance_after=3,
        refinance_ltv=0.5,
        refinance_rate=0.04,
        refinance_cost=0.01,
        refinance_term=4,
    )
    out = walk(plain_case(6, projects=[project]))
    assert out["results"]["refinanced"][0] == 2
    assert out["periods"]["drawn"][0] == close([0, 0, 6.0, 0, 0, 0])
    assert out["periods"]["repaid"][0] == close([0, 0, 4.0, 0, 0, 0])
    assert out["periods"]["cost"][0] == close([0, 0, 0.06, 0, 0, 0])
    assert out["interests"]["income"][0] == close([0.4, 0.4, 0.4 + 6.0 * 0.99 - 4.0, 0.36, 0.36, 0.36])


def test_refinancing_waits_until_the_new_loan_covers_the_debt(walk):
    market = {"yield_initial": 0.06, "yield_mean": 0.03, "yield_reversion": 0.2}
    project = let(debts=[{"share": 0.6, "rate": 0.0}], refinance_after=0, refinance_ltv=0.4)
    out = walk(plain_case(8, markets=[market], projects=[project]))
    first = int(np.argmax(0.4 * 0.6 / out["yields"][0, 1:] >= 6.0))
    assert first > 0
    assert out["results"]["refinanced"][0] == first


# Sale before a REIT (4.8): one interest ends, another begins (4.9)


def test_a_sale_pays_the_seller_and_the_buyers_improve_hold_and_sell(walk):
    project = let(
        completion=-1,
        debts=[{"share": 0.5, "rate": 0.04}],
        sale_after=3,
        sale_multiple=("fixed", 0.9),
        buyer_cost=0.03,
        sale_ltv=0.5,
        sale_loan_rate=0.05,
        capex=0.1,
        capex_periods=2,
        rent_uplift=0.2,
        stable_occupancy=0.8,
        opening_occupancy=0.8,
        occupancy_uplift=0.1,
        hold_periods=4,
        exit_cost=0.02,
    )
    out = walk(plain_case(8, markets=[{"yield_initial": 0.06}], projects=[project]))
    seller, buyer = out["interests"][0], out["interests"][1]
    # NOI 0.48, V 8, P 7.2; the loan is 3.6.
    assert (out["results"]["sold"][0], out["results"]["sold_again"][0]) == (1, 5)
    assert seller["income"] == close([0.28, 0.28, 0, 0, 0, 0, 0, 0])
    assert seller["capital"] == close([0, 7.2 - 5.0, 0, 0, 0, 0, 0, 0])
    assert (seller["channel"][1], buyer["channel"][5]) == (Channel.PROPERTY_SALE, Channel.PROPERTY_SALE)
    assert buyer["is_offered"].tolist() == [0, 1, 0, 0, 0, 0, 0, 0]
    assert buyer["price"][1] == close(7.2 * 1.03 - 3.6)
    assert buyer["due"][1] == close(0.72)
    assert buyer["call"] == close([0, 0, 0.36, 0.36, 0, 0, 0, 0])
    noi = 0.6 * 1.2 * 0.9
    assert buyer["income"] == close([0, 0, 0.48 - 0.18, 0.48 - 0.18, noi - 0.18, noi - 0.18, 0, 0])
    assert buyer["capital"][5] == close(noi / 0.06 * 0.98 - 3.6)
    assert buyer["value"][1:6] == close([4.4, 4.4, 4.4, noi / 0.06 - 3.6, 0.0])
    assert out["periods"]["settled"][0] == close([0, 5.0, 0, 0, 0, 3.6, 0, 0])
    assert out["periods"]["status"][0, -2:].tolist() == [ProjectStatus.GONE, ProjectStatus.GONE]


def test_a_sale_waits_for_its_occupancy(walk):
    project = built(
        ramp_years=4.0,
        opening_occupancy=0.5,
        stable_occupancy=0.9,
        sale_after=0,
        sale_readiness=0.87,
    )
    # 0.87 · 0.9 = 0.783 is reached at 0.5 + 0.1 · 3, three years after completion at date 1.
    assert walk(plain_case(8, projects=[project]))["results"]["sold"][0] == 3


# REITs (4.10 to 4.13)


def listed(**changes):
    """A REIT that lists at the end of the second year: multiple 1.1,
    a quarter kept, a fifth of it above the base.
    """
    return {
        "from_period": 1,
        "issue_multiple": ("fixed", 1.1),
        "retained": 0.25,
        "strategic": 0.3,
        "lock_base": 3,
        "lock_excess": 2,
        "lock_strategic": 1,
        "sell_periods": 2,
        "gearing": 0.2,
        "debt_rate": 0.04,
    } | changes


def test_a_listing_gives_owners_cash_and_locked_units_that_are_sold_later(walk):
    project = let(reit=0, debts=[{"share": 0.4, "rate": 0.05}], listing_cost=0.01)
    out = walk(plain_case(8, projects=[project], reits=[listed()]))
    # NOI 0.6, V 12, P 13.2, debt of the REIT 2.4: units 10.8, of which the owner keeps 2.7 (2.16 and 0.54 in
    # excess).
    owner, strategic, reit = out["interests"][0], out["interests"][2], out["reits"][0]
    cash = 13.2 * 0.99 - 4.0 - 2.7
    assert out["results"]["listed"][0] == 1
    assert (out["results"]["book"][0], out["results"]["listing_price"][0]) == close((10.0, 13.2))
    assert owner["capital"][1] == close(cash)
    assert owner["released"][1] == close(cash / (cash + 2.7))
    assert (owner["channel"][1], owner["channel"][4]) == (Channel.REIT_OFFERING, Channel.REIT_UNITS)
    assert (strategic["is_offered"][1], strategic["price"][1]) == (1, close(3.24))
    # d is kept, so that price and NAV are in the proportion of issue: 10.8 units for a NAV of 9.6.
    assert reit["units"][1:] == close(10.8)
    assert reit["nav"][1:] == close(9.6)
    assert reit["price"][1:] == close(1.0)
    assert reit["dividend"][2:] == close(0.6 - 2.4 * 0.04)
    # From dates 4 (excess, for two years), 5 (base), 3 (strategic) on, by halves.
    assert owner["capital"][2:] == close([0.0, 0.27, 0.27 + 1.08, 1.08, 0.0, 0.0])
    assert strategic["capital"][1:] == close([0.0, 1.62, 1.62, 0.0, 0.0, 0.0, 0.0])
    assert owner["released"][3:6] == close([0.1, 1.35 / 2.43, 1.0])
    assert reit["kept"][1:] == close([5.94, 4.32, 2.43, 1.08, 0.0, 0.0, 0.0])
    dividend = 0.504 / 10.8
    assert owner["income"][2:] == close(dividend * np.array([2.7, 2.7, 2.43, 1.08, 0.0, 0.0]))
    assert out["periods"]["status"][0].tolist() == [ProjectStatus.LET] + [ProjectStatus.IN_REIT] * 7


def test_owners_that_do_not_sell_keep_their_units_and_strategic_investors_sell(walk):
    out = walk(plain_case(8, projects=[let(reit=0)], reits=[listed(owner_sells=0)]))
    assert out["interests"]["channel"][0].tolist() == [-1, Channel.REIT_OFFERING] + [-1] * 6
    assert out["reits"]["kept"][0, -1] == close(2.7)
    assert out["interests"]["value"][0, 1:] == close(2.7)


@pytest.mark.parametrize(
    ("changes", "of_project"),
    [
        ({"minimum_value": 12.1}, {}),
        ({"yield_floor": 0.0468}, {}),
        ({"probability": 0.0}, {}),
        ({"operating_periods": 9}, {}),
        ({}, {"is_initial": 0}),
        ({}, {"debts": [{"share": 1.06, "rate": 0.0}]}),
    ],
)
def test_a_reit_does_not_list_below_any_of_its_tests(walk, changes, of_project):
    # V 12, the distribution yield is (0.6 − 0.096) / 10.8 = 0.04667, and 10.5 are left for debts after the
    # kept units.
    out = walk(plain_case(8, projects=[let(reit=0) | of_project], reits=[listed(**changes)]))
    assert out["results"]["listed"][0] == -1
    assert not out["reits"]["offering"].any()
    just = {"minimum_value": 11.9, "yield_floor": 0.0466, "operating_periods": 2}
    project = let(reit=0, debts=[{"share": 1.04, "rate": 0.0}])
    assert walk(plain_case(8, projects=[project], reits=[listed(**just)]))["results"]["listed"][0] == 1


def test_attempts_to_list_come_at_their_intervals(walk):
    reit = listed(from_period=1, attempt_periods=3, operating_periods=3)
    assert walk(plain_case(8, projects=[let(reit=0)], reits=[reit]))["results"]["listed"][0] == 4


def test_a_share_of_cash_is_kept_and_a_deficit_becomes_debt(walk):
    out = walk(plain_case(6, projects=[let(reit=0)], reits=[listed(payout=0.9)]))
    reit = out["reits"][0]
    assert reit["dividend"][2:] == close(0.9 * 0.504)
    assert reit["cash"][1:] == close(0.0504 * np.arange(5))
    assert reit["assets"][1:] == close(12.0 + reit["cash"][1:])
    market = {"rent_drift": -3.0}
    out = walk(plain_case(6, markets=[market], projects=[let(reit=0)], reits=[listed(from_period=0)]))
    reit = out["reits"][0]
    distributable = out["periods"]["noi"][0, 1:] - 0.04 * reit["debt"][:-1]
    assert reit["distributable"][1:] == close(distributable)
    assert np.diff(reit["debt"]) == close(np.maximum(-distributable, 0.0))
    assert reit["debt"][-1] > reit["debt"][0]
    assert reit["nav"][-1] < 0.0 and reit["price"][-1] == 0.0


def test_price_is_nav_without_premium_own_volatility_and_yield_beta_other_than_one(walk):
    market = {"rent_volatility": 0.1, "yield_volatility": 0.2, "yield_reversion": 0.3}
    reit = listed(issue_multiple=("fixed", 1.0), payout=0.9, fee_rate=0.003)
    out = walk(plain_case(20, markets=[market], projects=[let(reit=0)], reits=[reit]))["reits"][0, 1:]
    assert np.ptp(out["nav"]) > 1.0
    assert out["price"] * out["units"] == close(out["nav"])


def test_a_premium_fades_and_yields_move_the_price_by_their_beta(walk):
    market = {"yield_initial": 0.05, "yield_mean": 0.04, "yield_reversion": 0.5}
    reit = listed(gearing=0.0, price_reversion=0.4, yield_beta=1.5)
    out = walk(plain_case(10, markets=[market], projects=[let(reit=0)], reits=[reit]))
    one, yields = out["reits"][0, 1:], out["yields"][0, 2:]
    deviation = [math.log(1.1)]
    for move in np.diff(np.log(yields)):
        deviation.append(deviation[-1] * math.exp(-0.4) - 0.5 * move)
    assert one["price"] * one["units"] == close(one["nav"] * np.exp(deviation))


def test_a_follow_on_dilutes_by_its_discount(walk):
    # Without debt: 12 units at 1; at date 4 a second project worth 6 comes for 6 / 0.9 new units.
    projects = [let(reit=0), let(reit=0, cost=4.0, full_rent=0.3, is_initial=0)]
    reit = listed(
        issue_multiple=("fixed", 1.0),
        gearing=0.0,
        retained=0.2,
        wait=2,
        follow_on_discount=0.1,
        strategic=0.0,
    )
    out = walk(plain_case(9, projects=projects, reits=[reit]))
    one, owner = out["reits"][0], out["interests"][1]
    units = 12.0 + 6.0 / 0.9
    assert one["offering"].tolist() == [0, 1, 0, 1, 0, 0, 0, 0, 0]
    assert one["raised"] == close([0, 12.0, 0, 6.0, 0, 0, 0, 0, 0])
    assert one["units"][3:] == close(units)
    assert one["nav"][3:] == close(18.0)
    assert one["price"][1:] == close([1.0, 1.0] + [18.0 / units] * 6)
    kept = 0.2 * 6.0 / 0.9
    assert owner["capital"][3] == close(4.8)
    assert owner["released"][3] == close(4.8 / 6.0)
    assert owner["value"][3] == close(kept * 18.0 / units)
    # Locked for three years, then by halves.
    assert owner["capital"][4:] == close([0, 0, *[kept / 2 * 18.0 / units] * 2, 0])
    assert out["results"]["listed"].tolist() == [1, 3]


@pytest.mark.parametrize(("limit", "debt"), [(0.25, 2.4 + 1.2), (0.19, 2.4)])
def test_a_follow_on_borrows_only_below_the_limit_of_gearing(walk, limit, debt):
    projects = [let(reit=0), let(reit=0, full_rent=0.3, is_initial=0)]
    reit = listed(issue_multiple=("fixed", 1.0), wait=2, gearing_limit=limit)
    one = walk(plain_case(6, projects=projects, reits=[reit]))["reits"][0]
    assert one["debt"][-1] == close(debt)
    assert one["nav"][-1] == close(18.0 - debt)
    assert one["units"][-1] == close(18.0 - debt)


def test_no_follow_on_below_the_least_price_to_nav(walk):
    projects = [let(reit=0), let(reit=0, is_initial=0)]
    reit = listed(issue_multiple=("fixed", 0.9), gearing=0.0, wait=2, least_price_to_nav=0.91)
    assert walk(plain_case(6, projects=projects, reits=[reit]))["results"]["listed"].tolist() == [1, -1]
    reit["least_price_to_nav"] = 0.89
    assert walk(plain_case(6, projects=projects, reits=[reit]))["results"]["listed"].tolist() == [1, 3]


# The operator's ledger (4.14)


def test_proceeds_of_a_sale_build_the_next_projects_in_order(walk):
    sold = let(operator=0, owner_share=0.5, sale_after=2)
    waiting = {"operator": 0, "waits": 1, "start_period": NEVER, "owner_share": 0.5}
    projects = [
        sold,
        built(cost=6.0, build_periods=2) | waiting,
        built(cost=8.0) | waiting,
        built(cost=1.0) | waiting,
        built(cost=3.0, operator=0, start_period=4),
    ]
    out = walk(plain_case(8, projects=projects, reinvest=[0.85]))
    ledger = out["operators"][0]
    # Sold for 12 at the end of the second year; half of it is the operator's, 0.85 of that can be built with:
    # 5.1. The first building takes 3 of it; 2.1 are less than the second one's 4, and the third one waits for
    # the second.
    assert out["results"]["started"].tolist() == [-1, 2, -1, -1, 4]
    assert out["results"]["from_pot"].tolist() == [0, 1, 0, 0, 0]
    assert ledger["recovered"] == close([0, 6.0, 0, 0, 0, 0, 0, 0])
    assert ledger["pot"] == close([0, 5.1, 2.1, 2.1, 2.1, 2.1, 2.1, 2.1])
    assert ledger["recycled"] == close([0, 0, 1.5, 1.5, 0, 0, 0, 0])
    assert ledger["original"] == close([0, 0, 0, 0, 3.0, 0, 0, 0])


# Tenants (4.2)


def with_tenants(case, rows):
    """The case with park enterprises given as (sector, entry date, period of failure or None)."""
    world = case.enterprises
    sector, entry, end = (np.array(column) for column in zip(*rows, strict=True))
    fails = np.array([one is not None for one in end])
    changed = {
        "first_row": np.array([0, len(rows)]),
        "n_park": np.array([len(rows)]),
        "sector": sector.astype(np.int64),
        "entry_date": entry.astype(np.int64),
        "end_kind": np.where(fails, End.FAILED, 0).astype(np.int64),
        "end_period": np.array([NEVER if one is None else one for one in end]),
    }
    assert all(getattr(world, name).dtype == array.dtype for name, array in changed.items())
    case.enterprises = world._replace(**changed)
    return case


def test_failures_of_tenants_empty_a_project_and_lower_its_rent_until_it_recovers(walk):
    sectors = [worlds.Sector(name, [worlds.Stage("seed")]) for name in ("housed", "elsewhere")]
    world = worlds.World(n_periods=6, periods_per_year=2, sectors=sectors)
    project = let(tenants=[0], vacancy_response=0.8, rent_response=0.4, recovery=0.5)
    case = plain_case(6, world=world, projects=[project])
    # One in four fails in period 1, another of the three left in period 3; the one that enters then counts
    # later.
    rows = [(0, 0, 1), (0, 1, None), (0, 1, 3), (0, 1, None), (0, 4, None), (1, 0, 1), (1, 0, 2)]
    out = walk(with_tenants(case, rows))
    keep = math.exp(-0.25)
    gap = [0.0]
    for failed in (0.0, 1 / 4, 0.0, 1 / 3, 0.0, 0.0):
        gap.append(gap[-1] * keep + failed)
    gap = np.array(gap[1:])
    assert out["periods"]["occupancy"][0] == close(1.0 - 0.8 * gap)
    assert out["periods"]["noi"][0] == close(0.3 * (1.0 - 0.8 * gap) * np.exp(-0.4 * gap))


def test_a_project_without_a_covenant_on_debt_keeps_to_it_at_a_value_of_zero(walk):
    world = worlds.World(
        n_periods=3, periods_per_year=1, sectors=[worlds.Sector("sector", [worlds.Stage("A")])]
    )
    debts = [{"share": 0.5, "rate": 0.0}, {"share": 0.05, "rate": 0.0, "term": 1, "amortises": 1}]
    # The only tenant fails in the second year: no rent, no value. The first year's level payment of 0.5 is
    # covered by 1.2 only, so that 0.1 waits for the second year, in which there is no service at all.
    project = let(debts=debts, dscr_least=1.3, tenants=[0], vacancy_response=1.0)
    out = walk(with_tenants(plain_case(3, world=world, projects=[project]), [(0, 0, 1)]))
    assert out["periods"]["value"][0] == close([12.0, 0.0, 0.0])
    assert out["periods"]["trapped"][0] == close([0.1, 0.0, 0.0])
    assert out["interests"]["income"][0] == close([0.0, 0.1, 0.0])


# Neutral cases


def test_nothing_varies_between_paths_without_volatility():
    reit = listed(wait=2)
    projects = [let(reit=0, completion=-3), built(reit=0, is_initial=0, debts=[{"share": 0.5, "rate": 0.03}])]
    out = run_kernel(plain_case(12, n_paths=5, projects=projects, reits=[reit]))
    assert out.reits["offering"].sum() > 5
    for array in out:
        assert all(one.tobytes() == array[0].tobytes() for one in array[1:])


def test_without_responses_enterprises_change_nothing():
    world = worlds.random_world(3)
    silent = worlds.World(**{**vars(world), "streams": [], "deals": []})
    projects = [let(tenants=range(len(world.sectors)), reit=0), built(tenants=[0], reit=0, is_initial=0)]
    market = {"rent_volatility": 0.1, "yield_volatility": 0.1, "rent_beta": 0.2}
    sizes = {"n_sectors": len(world.sectors), "n_states": len(world.states)}
    blocks = []
    for response in (0.0, 1.0):
        changes = {"vacancy_response": response, "rent_response": response}
        terms = property_terms(
            world.n_periods,
            markets=[market],
            projects=[each | changes for each in projects],
            reits=[listed(wait=4)],
            market_volatility=world.factor_volatility[0],
            **sizes,
        )
        cases = [make_case(terms, one, n_paths=4) for one in (world, silent)]
        assert np.any(cases[0].enterprises.end_kind == End.FAILED)
        blocks.append([run_kernel(case) for case in cases])
    (neutral, neutral_alone), (shaken, alone) = blocks
    for name in neutral._fields:
        bits = getattr(neutral, name).tobytes()
        assert bits == getattr(neutral_alone, name).tobytes() == getattr(alone, name).tobytes()
    assert shaken.periods["noi"].sum() < alone.periods["noi"].sum()
