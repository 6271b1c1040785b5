"""Fields of park property, what is told of wrong ones, and what follows from right ones."""

import datetime as dt
from pathlib import Path

import pytest

from fundsim.errors import ArgumentError, ScenarioError
from fundsim.scenario import Scenario, load_scenario
from fundsim.scenario.assumptions import assumptions
from fundsim.scenario.dated import in_force
from fundsim.scenario.presets import preset_value
from fundsim.scenario.property import Coupons, Interest, Operator, PropertyMandate
from fundsim.scenario.reits import FollowOn
from tests.makers.generated_scenarios import random_scenario

PARK = Path(__file__).parents[1] / "cases" / "bad" / "property.yaml"
DOUBTED = ["thin_stakes", "thin_property"]
"""Its mother fund and its property fund are larger than what they may buy."""


def test_all_that_is_wrong_is_reported_at_once_with_its_place():
    text = PARK.read_text(encoding="utf-8")
    for good, bad in (
        (
            "market: town\n      operator: operator\n",
            "market: twon\n      operator: operator\n      margin: 0\n",
        ),
        ("repayment: amortising", "repayment: amortisng"),
        ("reits: [{name: trust}]", "reits: [{name: trust, payout: 80%}]"),
        ("ticket: 5", "ticket: 5, buy: [units]"),
    ):
        assert good in text
        text = text.replace(good, bad, 1)
    with pytest.raises(ScenarioError) as caught:
        Scenario.from_text(text, "park.yaml")
    lines = text.splitlines()
    found = {problem.path: problem for problem in caught.value.problems}
    expected = {
        'property.projects[0] "old" margin': "margin: 0",
        'property.projects[0] "old" market': "market: twon",
        'property.projects[1] "new" debts[0] "loan" repayment': "repayment: amortisng",
        'property.reits[0] "trust" payout': "payout: 80%",
        'vehicles[1] "fund" property.buy': "buy: [units]",
    }
    assert set(found) == set(expected)
    for path, piece in expected.items():
        place = found[path].place
        assert place.source == "park.yaml"
        assert piece.strip("- ") in lines[place.line - 1]


def test_a_letting_cost_is_a_number_of_currency_a_square_metre():
    path = "property.projects.new.occupancy"
    for value, wanted in ((-1, "from 0"), (2e6, "to 1,000,000"), ("dear", "number")):
        with pytest.raises(ScenarioError, match=wanted):
            load_scenario(PARK, {path: {"letting_cost": value}})
    assert (
        load_scenario(PARK, {path: {"letting_cost": 300}}).property_.project("new").occupancy.letting_cost
        == 300
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"property.reits.trust.from": "2020-01-01"},
            (
                'property.reits[0] "trust" from | 2020-01-01 is before the first listing of a public '
                "REIT in China, "
                "2021-06-21; give 2021-06-21 or later"
            ),
        ),
        (
            {"property.reits.trust.from": "2040-01-01"},
            (
                'property.reits[0] "trust" from | 2040-01-01 is not before the horizon\'s end, '
                "2040-01-01, so it never "
                "lists; list earlier, or raise horizon_years"
            ),
        ),
        (
            {"property.projects.new.build.start": "2037-07-02"},
            (
                'property.projects[1] "new" build.start | it would be complete 2040-01-02, after the '
                "horizon's end, "
                "2040-01-01; start earlier, or raise horizon_years"
            ),
        ),
        (
            {"property.operators": [{"name": "operator"}, {"name": "idle"}]},
            'property.operators[1] "idle" | it has no project; name it as operator of projects, or drop it',
        ),
        (
            {"property.operators.operator.reinvest": []},
            (
                'property.operators[0] "operator" reinvest | it builds nothing with its proceeds, '
                "so 'next' never "
                "starts; give a share above 0"
            ),
        ),
        (
            {
                "property.projects.old": {"owner": "the district"},
                "property.projects.new": {"reit": None, "sale": None},
                "vehicles.fund.property.buys": ["development"],
                "vehicles.fund.property.reits": None,
            },
            (
                'property.operators[0] "operator" | none of its projects is ever sold or listed, '
                "so 'next' never "
                "starts; give a project a sale or a REIT, or a start instead of waits"
            ),
        ),
        (
            {"property.projects.new.covenants": None},
            (
                'property.projects[1] "new" | it has a loan without covenants, so unpaid interest '
                "grows and nobody "
                "enforces; give covenants: {} for the usual ones"
            ),
        ),
        (
            {"vehicles.fund.property.projects": ["new", "offices"]},
            (
                "vehicles[1] \"fund\" property.projects[1] | nothing that it buys of 'offices' is "
                "ever on offer; "
                "drop it, or look at buys and max_debt_share"
            ),
        ),
        (
            {
                "vehicles.fund.property.buys": ["development"],
                "vehicles.fund.property.reits": None,
                "vehicles.fund.property.from_years": 1.25,
            },
            (
                'vehicles[1] "fund" property | none of its projects starts while it buys, from 2026-04-01 to '
                "2030-04-01; change from_years or over_years, or the projects' starts"
            ),
        ),
    ],
)
def test_what_is_probably_not_meant_is_a_warning(changes, expected):
    warnings = load_scenario(PARK, changes).warnings
    assert [one.kind for one in warnings if one.kind in DOUBTED] == DOUBTED
    (warning,) = (one for one in warnings if one.kind not in DOUBTED)
    assert str(warning) == expected
    told = warning.in_language("zh")
    assert all(any("\u4e00" <= c <= "\u9fff" for c in text) for text in (told.message, told.remedy))


def test_a_scenario_is_equal_after_saving():
    scenario = load_scenario(PARK)
    assert Scenario.from_dict(scenario.to_dict()) == scenario
    assert Scenario.from_text(scenario.to_yaml()) == scenario


def test_an_overlay_replaces_what_excludes_what_it_gives(tmp_path):
    overlay = tmp_path / "overlay.yaml"
    overlay.write_text(
        f"""\
extends: {PARK}
property:
  projects:
    - {{name: old, owner: drug maker}}
    - {{name: next, build: {{start: 2027-01-01}}}}
    - {{name: offices, build: {{cost: 3, start: 2025-06-30}}}}
    - {{name: new, debts: [{{name: bridge, remove: true}}]}}
  markets: [{{name: town, rent: {{drift: -10%}}}}]
vehicles:
  - {{name: pool, property: {{}}}}
""",
        encoding="utf-8",
    )
    property_ = load_scenario(overlay).property_
    assert (property_.project("old").operator, property_.project("old").owner) == (None, "drug maker")
    assert property_.project("next").build.waits is False
    assert property_.project("offices").built is None
    assert [debt.name for debt in property_.project("new").debts] == ["loan"]
    assert (property_.markets[0].rent.drift, property_.markets[0].rent.volatility) == (-0.1, 0.05)
    assert load_scenario(overlay).vehicle("pool").pool is None


def test_interests_stand_in_the_order_of_the_arrays():
    property_ = load_scenario(PARK).property_
    projects = ["old", "new", "next", "offices"]
    assert property_.interests() == (
        *(Interest("development", name) for name in projects),
        *(Interest("acquired", name) for name in projects),
        Interest("units", "trust"),
    )


def test_a_name_that_does_not_exist_is_told_with_the_nearest():
    property_ = load_scenario(PARK).property_
    with pytest.raises(ArgumentError, match="there is no project 'nwe'; did you mean 'new'"):
        property_.project("nwe")
    with pytest.raises(ArgumentError, match="there is no REIT 'trsut'; did you mean 'trust'"):
        property_.reit("trsut")


@pytest.mark.parametrize(
    ("mandate", "places"),
    [
        ({}, (1, 5, 8)),
        ({"buys": ["units", "development"]}, (1, 8)),
        ({"projects": ["old"]}, (8,)),
        ({"projects": ["new"], "reits": []}, (1, 5)),
        ({"max_debt_share": 0.6}, (1, 5, 8)),
        ({"max_debt_share": 0.59}, (5, 8)),
        ({"max_debt_share": 0.49}, (8,)),
    ],
)
def test_what_a_vehicle_may_take(mandate, places):
    """Of `new` the development with 60 % debt and the sale with a loan
    of 50 %, and the units; nothing else is on offer.
    """
    property_ = load_scenario(PARK).property_
    assert property_.interests_for(PropertyMandate.model_validate(mandate)) == places


def test_rules_hold_from_their_day_to_the_next():
    wait = FollowOn().wait
    assert in_force(wait, dt.date(2021, 6, 20)) is None
    assert in_force(wait, dt.date(2025, 9, 11)).months == 12
    assert in_force(wait, dt.date(2025, 9, 12)).months == 6
    shares = [in_force(Operator(name="x").reinvest, dt.date(year, 12, 31)) for year in (2019, 2023, 2024)]
    assert [None if rule is None else rule.share for rule in shares] == [None, 0.90, 0.85]


def test_the_coupon_of_2023_is_the_mean_of_the_printed_bonds():
    """Table 6: coupon in per cent and amount of the six special bonds for parks."""
    bonds = [(3.10, 56.65), (3.28, 8.34), (3.02, 15.87), (2.99, 4.6), (3.14, 122.4), (3.27, 26.46)]
    mean = sum(rate * amount for rate, amount in bonds) / sum(amount for _, amount in bonds)
    assert round(mean, 2) == round(100 * Coupons().special_bond[0].rate, 2) == 3.14


def test_a_title_is_shown_in_either_language():
    titled = load_scenario(PARK, {"property.projects.old.title": {"zh": "一期"}}).property_
    assert [titled.title_of("projects", "old", lang) for lang in ("zh", "en")] == ["一期", "一期"]
    assert titled.title_of("projects", "new", "zh") == "new"
    assert (
        titled.title_of("markets", "town", "zh")
        == preset_value("property_markets", "china_parks")["title"]["zh"]
    )


def test_assumptions_name_presets_and_dated_rules_that_are_used():
    paths = {row.path for row in assumptions(load_scenario(PARK))}
    assert "property.markets.town.rent.drift" in paths
    assert "property.operators.*.reinvest.1" in paths
    assert any(path.startswith("property.coupons.loan") for path in paths)
    own = load_scenario(
        PARK,
        {
            "property.projects.next.build": {"start": "2026-01-01"},
            "property.projects.old.debts.bond.rate": 0.03,
            "property.projects.new.debts.loan.rate": 0.04,
            "property.reits.trust.follow_on": None,
        },
    )
    left = {row.path for row in assumptions(own)}
    assert not any(part in path for path in left for part in ("coupons", "reinvest", "follow_on"))


@pytest.mark.parametrize("seed", range(30))
def test_generated_property_is_equal_after_saving(seed):
    try:
        scenario = Scenario.from_dict(random_scenario(seed, has_property=True))
    except ScenarioError as error:
        # what the generator does not look at is money alone
        assert "property" not in str(error), str(error)
        return
    assert scenario.property_ is not None
    assert Scenario.from_text(scenario.to_yaml()) == scenario
