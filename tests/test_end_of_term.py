"""What a vehicle does after its term, each way by hand (7.8), and what a discount is on (5.7)."""

import math

import numpy as np
import pytest

from fundsim import simulate
from fundsim.errors import ScenarioError
from fundsim.scenario import Scenario
from tests.makers.plain_scenarios import fund, plain, sector, stage
from tests.test_rules_by_hand import flow, run

GROWTH = 0.2
DISCOUNT = 0.3


def grown(*, basis="lower", mark="last_round", years=4.0, more=(), **terms):
    """A fund that buys half of a company of 200, which grows undisturbed, and ends after `years`."""
    sectors = [sector(stages=[stage(years=50.0, drift=GROWTH, **dict(more))])]
    exits = {"mark": mark, "sale_basis": basis}
    terms = {"term_years": years, "term_sale_discount": DISCOUNT, **terms}
    return fund(terms=terms, exits=exits), sectors


def distributed(vehicle, sectors, **fields):
    return flow(run(vehicle, sectors, **fields), "distribution")


def worth(date):
    """Of the fund's half of the company at a date, in quarters; it was bought at date 1."""
    return 100.0 * math.exp(GROWTH * (date - 1) / 4)


@pytest.mark.parametrize(
    ("basis", "mark", "value"),
    [
        ("lower", "last_round", 100.0),
        ("value", "last_round", worth(16)),
        ("nav", "last_round", 100.0),
        ("nav", "cost", 100.0),
        ("nav", "model", worth(16)),
        ("last_round", "model", 100.0),
    ],
)
def test_the_discount_is_on_the_basis(basis, mark, value):
    assert distributed(*grown(basis=basis, mark=mark)) == {15: value * (1.0 - DISCOUNT)}


@pytest.mark.parametrize(
    ("basis", "mark", "value"),
    [("last_round", "cost", 48.0), ("nav", "last_round", 48.0), ("nav", "cost", 100.0)],
)
def test_the_last_round_may_be_below_cost(basis, mark, value):
    """A round of 20 % at 96 before money after a year; half of the company becomes .4 of 120."""
    stages = [
        stage("A", 1.0, outcomes={"advance": 1.0}, drift=math.log(96.0 / 200.0), sold=0.5),
        stage("B", 50.0, sold=0.2, drift=GROWTH),
    ]
    vehicle = fund(
        stages=["A"],
        terms={"term_years": 3.0, "term_sale_discount": 0.0},
        exits={"mark": mark, "sale_basis": basis},
    )
    assert distributed(vehicle, [sector(stages=stages)]) == {11: value}


def test_transfers_are_on_the_same_basis():
    exits = {"transfer": {"from_years": 1.0, "probability": 1.0, "discount": 0.25}}
    for basis, value in (("lower", 100.0), ("value", worth(5)), ("nav", 100.0), ("last_round", 100.0)):
        vehicle, sectors = grown()
        vehicle["exits"] = exits | {"sale_basis": basis}
        assert distributed(vehicle, sectors) == {4: 0.75 * value}


def test_the_mean_is_the_closed_form():
    """One stage without events: `E = (1 − d)·I·e^{μτ}`."""
    vehicle, sectors = grown(basis="value", more={"volatility": 0.4}.items())
    vehicle["terms"]["term_sale_discount"] = {"mean": DISCOUNT, "sd": 0.12}
    results = simulate(Scenario.from_dict(plain([vehicle], sectors)), paths=4000, progress=False)
    back = results.paths_of("distribution", "fund").sum(axis=1)
    error = back.std(ddof=1) / math.sqrt(len(back))
    assert abs(back.mean() - (1.0 - DISCOUNT) * worth(16)) < 4.0 * error


def test_an_aged_vehicle_sells_for_less():
    """Its age at the end of the term is four years, which is not above four."""
    for after, more, kept in ((4.0, 0.1, 0.7), (3.9, 0.1, 0.6), (0.0, 1.0, 0.0)):
        aged = {"after_years": after, "more": more}
        expected = {15: kept * worth(16)} if kept else {}
        assert distributed(*grown(basis="value", aged_discount=aged)) == expected


def test_a_higher_discount_never_helps():
    aged = {"after_years": 2.0, "more": 0.1}
    for at_end in ("sell", "hold", "in_kind"):
        terms = {"at_end": at_end, "tail_years": 1.0, "aged_discount": aged}
        runs = [run(*grown(term_sale_discount=d, **terms)) for d in (0.0, 0.3, 0.9, 1.0)]
        got = [one.paths_of("distribution", "fund")[0].sum() for one in runs]
        assert got == sorted(got, reverse=True) and got[-1] == 0.0 < got[0]


MERGED = [sector(stages=[stage(years=5.0)])]
"""A company that merges at its value in the 21st quarter."""


def test_a_vehicle_holds_on_until_its_holdings_end():
    """It ends with its last holding, or sells at the end of its tail: after 3 + 2 years."""
    terms = {"term_years": 3, "term_sale_discount": DISCOUNT}
    sold = run(fund(terms=terms), MERGED)
    assert flow(sold, "distribution") == {11: 70.0}
    held = run(fund(terms=terms | {"at_end": "hold", "tail_years": 3}), MERGED)
    assert flow(held, "distribution") == {20: 100.0}
    assert held.exits()["channel"].tolist() == ["merger"] * 2
    for tail, extension in ((2, 0), (1, 1)):
        short = terms | {"at_end": "hold", "tail_years": tail, "extension_years": extension}
        assert flow(run(fund(terms=short), MERGED), "distribution") == {19: 70.0}


def test_small_remains_are_not_held_on_to():
    """The test of the extension goes on in the tail: a mark of 100 is no more than a threshold of all."""
    terms = {"term_years": 2, "at_end": "hold", "tail_years": 2, "extension_threshold": 1.0}
    assert flow(run(fund(terms=terms | {"extension_years": 1}), MERGED), "distribution") == {7: 100.0}
    assert flow(run(fund(terms=terms), MERGED), "distribution") == {7: 100.0}
    terms["extension_threshold"] = 0.99
    assert flow(run(fund(terms=terms), MERGED), "distribution") == {15: 100.0}


def test_nothing_is_bought_in_the_tail():
    """Deals a year apart: the third is due in the period after the term of two years. A follow-on, too."""
    vehicle = fund(deals=4, mandate={"over_years": 4.0}, terms={"term_years": 2})
    vehicle["terms"] |= {"at_end": "hold", "tail_years": 3}
    assert flow(run(vehicle, MERGED), "contribution") == {1: 25.0, 5: 25.0}
    stages = [stage("A", 3.0, outcomes={"advance": 1.0}), stage("B", 2.0, sold=0.2)]
    mandate = {"reserve_share": 0.5, "follow_on_share": 1.0}
    for years, calls in ((4, {0: 20.0, 12: 5.0}), (2, {0: 20.0})):
        terms = {"term_years": years, "at_end": "hold", "tail_years": 4}
        vehicle = fund(stages=["A"], ticket=20.0, mandate=mandate, terms=terms)
        assert flow(run(vehicle, [sector(stages=stages)]), "contribution") == calls


def test_the_fee_of_the_tail_is_on_what_is_held():
    """2 % of 100 a year for the term of three years, then 4 % of 50 a year: 9 quarters of .5 until the merger
    pays them, as the money for fees of the term is all that may be called.
    """
    terms = {"term_years": 3, "at_end": "hold", "tail_years": 3, "tail_fee": 0.04}
    terms["fee_phases"] = [{"until_years": 10, "rate": 0.02, "base": "commitments"}]
    results = run(fund(ticket=50.0, terms=terms), MERGED)
    assert flow(results, "fee") == dict.fromkeys(range(12), 0.5) | {20: 4.5}
    assert flow(results, "distribution") == {20: 45.5}


def test_a_tail_of_nothing_is_a_sale_and_defaults_change_nothing():
    stages = [stage(years=4.0, distribution="gamma", volatility=0.5, drift=0.1)]
    base = {
        "term_years": 3,
        "extension_years": 1,
        "fee_rate": 0.01,
        "term_sale_discount": {"mean": 0.3, "sd": 0.12},
    }
    alike = (
        {"at_end": "hold", "tail_years": 0, "tail_fee": 0.05},
        {"at_end": "sell", "tail_years": 5, "tail_fee": 0.05, "recovery": 0.2},
        {"aged_discount": {"after_years": 0, "more": 0.0}},
    )
    plain_run = run(fund(ticket=80.0, terms=base), [sector(stages=stages)])
    for more in alike:
        other = run(fund(ticket=80.0, terms=base | more), [sector(stages=stages)])
        for name in ("contribution", "distribution", "nav", "fee"):
            assert np.array_equal(plain_run.paths_of(name, "fund"), other.paths_of(name, "fund"))


def listed(lock_up, limit=None):
    """A world in which companies list in the ninth quarter at a price that stays."""
    listing = {"boards": ["open board"], "share_sold": 0.0, "volatility": 0.0, "drift": 0.0}
    board = {"name": "open board", "lock_up_years": lock_up}
    rules = []
    if limit is not None:
        rules = [{"name": "slow", "steps": [{"held_from_years": 0, "share": limit, "per_days": 91.3125}]}]
        board["sell_down"] = "slow"
    stages = [stage(years=2.0, outcomes={"listing": 1.0})]
    return [sector(stages=stages, listing=listing)], {"boards": [board], "sell_down_rules": rules}


def test_free_shares_are_handed_out_at_their_price():
    """A tenth of the company a quarter may be sold from the ninth on, ten per cent of 200; the rest is handed
    out at the end of the term without discount.
    """
    sectors, world = listed(0.0, 0.1)
    terms = {"term_years": 2.75, "term_sale_discount": DISCOUNT}
    sold = run(fund(terms=terms), sectors, **world)
    assert flow(sold, "distribution") == {8: 20.0, 9: 20.0, 10: 20.0 + 0.7 * 40.0}
    results = run(fund(terms=terms | {"at_end": "in_kind"}), sectors, **world)
    assert flow(results, "distribution") == {8: 20.0, 9: 20.0, 10: 60.0}
    lines = results.exits()[["channel", "proceeds"]].values.tolist()
    assert lines == [["listing", pytest.approx(60.0)], ["in_kind", pytest.approx(40.0)]] * 2


def test_locked_shares_are_held_until_they_are_free():
    """Locked for two years from the ninth quarter on; the term ends in the twelfth. Carry is paid on them."""
    sectors, world = listed(2.0, 0.1)
    terms = {"term_years": 3, "at_end": "in_kind", "term_sale_discount": DISCOUNT, "carry_rate": 0.2}
    results = run(fund(terms=terms), sectors, **world)
    assert flow(results, "distribution") == {16: 100.0}
    assert results.exits()["channel"].tolist() == ["in_kind"] * 2
    doubled = stage(years=2.0, outcomes={"listing": 1.0}, drift=math.log(2.0) / 2.0)
    gained = run(fund(terms=terms), [sectors[0] | {"stages": [doubled]}], **world)
    assert flow(gained, "distribution") == {16: 180.0}
    assert flow(gained, "carry") == {16: 20.0}


def test_unlisted_positions_are_sold_where_the_rest_is_handed_out():
    vehicle, sectors = grown(basis="value", at_end="in_kind")
    assert distributed(vehicle, sectors) == {15: 0.7 * worth(16)}


def test_what_is_wound_up_brings_a_part_of_its_cost():
    for recovery in (0.0, 0.4, 1.0):
        expected = {15: 100.0 * recovery} if recovery else {}
        assert distributed(*grown(basis="value", at_end="wind_up", recovery=recovery)) == expected


@pytest.mark.parametrize(
    ("sells", "tail", "year", "amount"),
    [("extend", 1, 5, 800.0), ("sell", 1, 4, 600.0 / 8.0**0.25), ("sell", 3, 5, 800.0)],
)
def test_a_mother_keeps_her_children_in_her_tail(sells, tail, year, amount):
    """The child gets 100 at the end of year 1, grows by 8^(1/4) a year and pays 800 at the end of year 5;
    the mother's term is 3 years.
    """
    schedule = {"contributions": [1.0], "distributions": [0.0] * 4 + [8.0], "period": "year_end"}
    child = fund("child", investors=[{"vehicle": "mother", "commitment": 100.0}])
    del child["mandate"]
    terms = {"term_years": 3, "live_children": sells, "term_sale_discount": 0.25}
    terms |= {"at_end": "hold", "tail_years": tail}
    mother = fund(
        "mother", terms=terms, investors=[{"name": "fiscal", "kind": "fiscal", "commitment": 100.0}]
    )
    del mother["mandate"]
    vehicles = [mother | {"kind": "mother"}, child | {"pool": {"schedule": schedule}}]
    results = simulate(Scenario.from_dict(plain(vehicles, periods_per_year=1)), paths=2, progress=False)
    paid = results.paths_of("distribution", "mother")[0]
    assert paid == pytest.approx([amount if n == year else 0.0 for n in range(1, 7)])


def test_the_horizon_may_end_before_the_tail():
    vehicle = fund(terms={"term_years": 4, "at_end": "hold", "tail_years": 3})
    told = [one for one in Scenario.from_dict(plain([vehicle])).warnings if one.kind == "tail"]
    assert [one.path for one in told] == ['vehicles[0] "fund" terms.tail_years']
    assert (
        told[0].message
        == "the horizon ends 2029-01-01, before the end of its tail, 2030-01-01; NAV then counts"
    )
    assert told[0].remedy == "raise horizon_years to 7 or more, or shorten tail_years"
    assert "2030-01-01" in told[0].in_language("zh").message
    vehicle["terms"]["tail_years"] = 2
    assert not [one for one in Scenario.from_dict(plain([vehicle])).warnings if one.kind == "tail"]


def test_a_vehicle_that_is_wound_up_needs_a_recovery():
    with pytest.raises(ScenarioError) as told:
        Scenario.from_dict(plain([fund(terms={"at_end": "wind_up"})]))
    assert "at_end wind_up needs a recovery, and none is given" in str(told.value)
    for wrong in (
        {"at_end": "close"},
        {"tail_years": -1},
        {"recovery": 1.1},
        {"aged_discount": {"more": 0.1}},
    ):
        with pytest.raises(ScenarioError):
            Scenario.from_dict(plain([fund(terms=wrong)]))
    with pytest.raises(ScenarioError, match="sale_basis"):
        Scenario.from_dict(plain([fund(exits={"sale_basis": "cost"})]))


def test_a_tail_of_a_hundred_years_lasts_to_the_horizon():
    terms = {"term_years": 1, "at_end": "hold", "tail_years": 100, "extension_years": 100}
    assert flow(run(fund(terms=terms), MERGED), "distribution") == {20: 100.0}
