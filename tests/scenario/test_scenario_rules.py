"""Each rule with a bad value, its exact message, and a good
value near it; the cases are data in tests/cases/bad.
"""

import math
from pathlib import Path

import pytest

from fundsim.errors import Problem, ScenarioError
from fundsim.files.places import read_bytes
from fundsim.scenario import load_scenario

FOLDER = Path(__file__).parents[1] / "cases" / "bad"
CLUSTER = FOLDER / "cluster.yaml"
PARK = FOLDER / "property.yaml"
CASES = [
    pytest.param(file, case, id=case["rule"])
    for file, rules in ((CLUSTER, "rules.yaml"), (PARK, "property_rules.yaml"))
    for case in read_bytes((FOLDER / rules).read_bytes(), rules).plain()
]


def problems(changes, file=CLUSTER):
    with pytest.raises(ScenarioError) as caught:
        load_scenario(file, changes)
    return [
        str(Problem(None, problem.path, problem.message, problem.remedy)) for problem in caught.value.problems
    ]


@pytest.mark.parametrize(
    ("file", "kinds"),
    [(CLUSTER, ["thin_stakes", "thin_investing", "few_deals"]), (PARK, ["thin_stakes", "thin_property"])],
    ids=["cluster", "park"],
)
def test_of_the_good_scenario_nothing_is_doubted_but_that_its_vehicles_plan_little(file, kinds):
    assert [one.kind for one in load_scenario(file).warnings] == kinds


@pytest.mark.parametrize(("file", "case"), CASES)
def test_a_bad_value_gives_its_message(file, case):
    assert sorted(problems({case["path"]: case["bad"]}, file)) == sorted(case["problems"])


@pytest.mark.parametrize(("file", "case"), [param for param in CASES if "good" in param.values[1]])
def test_a_good_value_near_it_is_taken(file, case):
    scenario = load_scenario(file, {case["path"]: case["good"]})
    assert (scenario.property_ is not None) == (file == PARK)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_numbers_from_python_must_be_finite(value):
    wanted = f"{value} is not a finite number; give a number from 0 to 1, or a percentage such as 8%"
    assert problems({"vehicles.VC I.mandate.skill": value}) == [
        f'vehicles[1] "VC I" mandate.skill | {wanted}'
    ]


def test_rules_are_tested_although_single_values_are_wrong():
    found = problems(
        {
            "vehicles.VC I.terms": {"fee_rate": 7, "catch_up_rate": 0.1, "calls": [0.5]},
            "vehicles.VC I.mandate.park_shar": 0.5,
            "vehicles.VC I.investors[0].vehicle": "mothr",
        }
    )
    assert found == [
        (
            'vehicles[1] "VC I" investors[0] "mothr" vehicle | there is no vehicle \'mothr\'; did '
            "you mean 'mother'?"
        ),
        (
            "vehicles[1] \"VC I\" mandate.park_shar | there is no key 'park_shar' here; did you mean "
            "'park_share'?"
        ),
        'vehicles[1] "VC I" terms.calls | the tranches sum to 0.5, not to 1; make them sum to 1',
        (
            'vehicles[1] "VC I" terms.catch_up_rate | 0.10 is not above carry_rate 0.20, so catch-up '
            "never completes; "
            "give 0 or a value above 0.20, up to 1"
        ),
        (
            'vehicles[1] "VC I" terms.fee_rate | 7 is above 1; give a number from 0 to 1; '
            "7 per cent is written 7% or 0.07"
        ),
    ]


def test_wrong_values_do_not_cause_complaints_about_what_depends_on_them():
    assert problems({"vehicles.VC I.mandate.ticket": "much"}) == [
        (
            "vehicles[1] \"VC I\" mandate.ticket | 'much' is not a number; "
            "give a number above 0 and at most 1e+15, without a unit (currency units)"
        )
    ]


@pytest.mark.parametrize(
    ("changes", "n", "expected"),
    [
        (
            {"horizon_years": 9},
            4,
            (
                'vehicles[0] "mother" terms.term_years | the horizon ends 2034-01-01, before the end '
                "of its term with "
                "extension, 2035-01-01; NAV then counts; raise horizon_years to 10 or more"
            ),
        ),
        (
            {"vehicles.VC I.terms": {"fee_phases": [{"until_years": 4, "rate": 0.01}]}},
            1,
            (
                'vehicles[1] "VC I" terms.fee_phases | the fee ends after 4 years, before the term of 10; '
                "add a phase, with rate 0 if that is meant"
            ),
        ),
        (
            {"vehicles.VC I.investors.social.commitment": 60000},
            1,
            (
                'vehicles[1] "VC I" investors[1] "social" commitment | the commitment is 60,000 times CNY '
                "100 million, more than any park fund; check the unit: an amount in CNY 10,000 may stand "
                "where CNY 100 million is meant"
            ),
        ),
        (
            {"vehicles.VC I.mandate.ticket": 0.01},
            1,
            (
                'vehicles[1] "VC I" mandate.deals | 20 deals of 0.01 come to 0.2; with stakes and property '
                "that is 2.0% of the size 10; check deals and the unit of ticket, or with a stake that of "
                "entry values, or lower the commitments"
            ),
        ),
        (
            {"vehicles.VC I.terms.fee_phases": [{"until_years": 10, "rate": 0.03}]},
            1,
            (
                'vehicles[1] "VC I" terms | scheduled fees come to 29.7% of commitments over its life, above '
                "20%; check rates and phases: a rate is a decimal a year"
            ),
        ),
        (
            {"vehicles.mother.terms.term_years": 6, "vehicles.mother.terms.extension_years": 2},
            1,
            (
                'vehicles[0] "mother" terms.term_years | with its extension it ends 2033-01-01, before 2 of '
                "the 2 vehicles that it holds, the last of them 'VC I', 2035-01-01; lengthen the term, or "
                "let it sell its interests with live_children: sell"
            ),
        ),
        (
            {
                "vehicles.VC I.investors.mother.pays_carry": False,
                "vehicles.VC I.investors.social.pays_carry": False,
            },
            1,
            'vehicles[1] "VC I" terms.carry_rate | no investor pays carry; set pays_carry on investors',
        ),
    ],
)
def test_what_is_probably_not_meant_is_a_warning(changes, n, expected):
    usual = {str(warning) for warning in load_scenario(CLUSTER).warnings}
    warnings = load_scenario(CLUSTER, changes).warnings
    new = [warning for warning in warnings if str(warning) not in usual]
    assert str(new[0]) == expected
    assert [warning.kind for warning in new] == [new[0].kind] * n
    for warning in warnings:
        told = warning.in_language("zh")
        assert all(any("\u4e00" <= c <= "\u9fff" for c in text) for text in (told.message, told.remedy))
        assert told.in_language("en") == warning
