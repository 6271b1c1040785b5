"""Rules of investing and of vehicles, each in a scenario so small that a person checks it by hand."""

import pytest

from fundsim import simulate
from fundsim.errors import ScenarioError
from fundsim.scenario import Scenario
from tests.makers.plain_scenarios import fund, plain, sector, stage, terms


def run(vehicle, sectors=None, **fields):
    """A vehicle alone, without chance: a company is worth 200 after its round of 100."""
    results = simulate(Scenario.from_dict(plain([vehicle], sectors, **fields)), paths=2, progress=False)
    assert [check for check in results.checks if not check["passed"]] == []
    return results


def flow(results, name, vehicle="fund"):
    """{quarter counted from 0: amount} of a flow of a vehicle where there is any."""
    amounts = results.paths_of(name, vehicle)[0]
    return {t: pytest.approx(float(amount)) for t, amount in enumerate(amounts) if abs(amount) > 1e-9}


def test_a_deal_is_limited_by_its_cap_its_part_of_the_round_and_the_capital():
    """(5.2): tickets of 60 of a fund of 100."""
    capped = run(fund(deals=1, ticket=60.0, mandate={"single_enterprise_cap": 0.5}))
    assert flow(capped, "contribution") == {0: 50.0}
    small = run(fund(deals=1, ticket=60.0, mandate={"max_round_share": 0.3}))
    assert flow(small, "contribution") == {0: 30.0}
    quarters = {"ticket": None, "stake": 0.25, "over_years": 0.5}  # a quarter of the company costs 50
    poor = run(fund(deals=2, terms={"organisation_cost": 10.0}, mandate=quarters))
    assert flow(poor, "contribution") == {0: 60.0, 1: 40.0}


def test_a_park_deal_waits_for_a_round_as_long_as_its_patience():
    """(5.1): planned for the first quarter, the only park enterprise enters at the end of the second."""
    stream = {"name": "park", "sector": "plain", "stage": "only", "per_year": 2.0, "arrivals": "fixed"}
    park = {"streams": [stream | {"from_years": 0.25, "until_years": 1.0}]}
    mandate = {"park_share": 1.0, "n_candidates": 0}
    patient = run(fund(mandate=mandate | {"patience_years": 0.5}), park=park)
    assert flow(patient, "contribution") == {1: 100.0}
    assert flow(run(fund(mandate=mandate), park=park), "contribution") == {}


@pytest.mark.parametrize(
    ("entry_years", "bought"),
    [(1.0, 3), (1.5, None), (2.0, 7), (3.0, 11), (4.0, None)],
)
def test_a_deal_without_a_match_is_planned_again_a_year_later(entry_years, bought):
    """(5.1): deals are planned for the ends of years 1 and 3, the first one again for that of year 2; the end
    of year 4 would come after the last deal.
    """
    stream = {"name": "park", "sector": "plain", "stage": "only", "per_year": 1.0, "arrivals": "fixed"}
    park = {"streams": [stream | {"from_years": entry_years - 0.5, "until_years": entry_years}]}
    mandate = {"park_share": 1.0, "n_candidates": 0, "over_years": 4.0}
    again = fund(deals=2, mandate=mandate | {"retries_lost_deals": True})
    expected = {} if bought is None else {bought: 50.0}
    assert flow(run(again, park=park, years=7.0), "contribution") == expected
    lost = run(fund(deals=2, mandate=mandate), park=park, years=7.0)
    assert flow(lost, "contribution") == ({bought: 50.0} if bought in (3, 11) else {})
    assert lost.activity().iloc[0]["missed_park_deals"] == (2 if bought in (None, 7) else 1)


def test_a_deal_is_planned_again_once_within_its_years_and_with_its_patience():
    """(5.1): deals of the ends of quarters 2 and 6 wait for two more; the first comes back for quarter 8, and
    no longer, as the last deal is given up then.
    """
    stream = {"name": "park", "sector": "plain", "stage": "only", "per_year": 1.0, "arrivals": "fixed"}
    mandate = {"park_share": 1.0, "n_candidates": 0, "over_years": 2.0, "patience_years": 0.5}
    fund_again = fund(deals=2, mandate=mandate | {"retries_lost_deals": True})
    park = {"streams": [stream | {"from_years": 1.5, "until_years": 2.25, "per_year": 2.0}]}
    results = run(fund_again, park=park, years=4.0)
    assert flow(results, "contribution") == {6: 50.0}
    park = {"streams": [stream | {"from_years": 1.75, "until_years": 2.25, "per_year": 2.0}]}
    results = run(fund_again, park=park, years=4.0)
    assert flow(results, "contribution") == {7: 50.0}
    assert results.activity().iloc[0]["missed_park_deals"] == 1


@pytest.mark.parametrize(
    ("used", "calls"),
    [
        (None, {1: 50.0, 9: 50.0}),
        (1.0, {1: 50.0, 9: 50.0}),
        (0.81, {1: 50.0, 9: 50.0}),
        (0.8, {1: 50.0, 5: 50.0}),
        (0.7, {1: 50.0, 5: 50.0}),
        (0.4, {1: 100.0}),
    ],
)
def test_the_next_tranche_is_called_when_the_agreed_share_is_used(used, calls):
    """(7.1): deals of 20 in the middle of four years: 40 % of the first half of 100 are used, then 80 %, and
    the third needs the other half.
    """
    terms = {"calls": [0.5, 0.5], "next_call_when_used": used}
    vehicle = fund(deals=4, ticket=20.0, mandate={"over_years": 4.0}, terms=terms)
    assert flow(run(vehicle), "contribution") == calls


def test_several_tranches_follow_while_enough_is_used_and_none_after_the_investment_period():
    """(7.1): a deal of 20 needs two tranches of 10, and as all of them are used the third of 50 comes too; of
    70 then 20 are used. The second deal uses 40, but ends the investment period.
    """
    terms = {"calls": [0.1, 0.1, 0.5, 0.3], "next_call_when_used": 0.5}
    vehicle = fund(deals=2, ticket=20.0, mandate={"over_years": 4.0}, terms=terms)
    assert flow(run(vehicle), "contribution") == {3: 70.0}


def test_a_follow_on_keeps_the_share_in_the_company():
    """(5.3): 20 of 200 are 10 %; the next round raises 50 at 200 before money, of which 10 % are 5. Holders
    keep 80 %, so the fund has 8 % and 2 % of 250.
    """
    stages = [stage("A", 1.0, outcomes={"advance": 1.0}), stage("B", 2.0, sold=0.2)]
    mandate = {"reserve_share": 0.5, "follow_on_share": 1.0}
    results = run(fund(stages=["A"], ticket=20.0, mandate=mandate), [sector(stages=stages)])
    assert flow(results, "contribution") == {0: 20.0, 4: 5.0}
    assert flow(results, "distribution") == {12: 25.0}


def test_a_stake_is_transferred_at_its_value_less_the_discount():
    """(5.7): a buyer is certain to be there a year after the purchase."""
    exits = {"transfer": {"from_years": 1.0, "probability": 1.0, "discount": 0.25}}
    assert flow(run(fund(ticket=20.0, exits=exits)), "distribution") == {4: 15.0}


def test_a_missed_checkpoint_stops_new_deals():
    """(7.0 c): a deal a year, none in the park; after the first year landing is half of what was paid in."""
    mandate = {"over_years": 4.0, "from_years": 0.0}
    investors = [{"name": "fiscal", "kind": "fiscal", "commitment": 100.0}]
    vehicle = fund(deals=4, investors=investors, mandate=mandate)
    assert flow(run(vehicle), "contribution") == {1: 25.0, 5: 25.0, 9: 25.0, 13: 25.0}
    obligations = {"checkpoints": [{"at_years": 1.0, "landing_multiple": 0.5}]}
    assert flow(run(vehicle | {"obligations": obligations}), "contribution") == {1: 25.0}


def test_fees_follow_their_phases_and_are_cut_where_an_appraisal_fails():
    """(7.2): 2 % of 100 and 1 % of 50 unsold a year; half of it is lost in every year; 1 is set up for."""
    phases = [
        {"until_years": 1.0, "rate": 0.02, "base": "commitments"},
        {"until_years": 2.0, "rate": 0.01, "base": "unrealised_cost"},
    ]
    terms = {"fee_phases": phases, "organisation_cost": 1.0}
    plain_fees = flow(run(fund(ticket=50.0, terms=terms)), "fee")
    assert plain_fees == {0: 1.5, 1: 0.5, 2: 0.5, 3: 0.5} | dict.fromkeys(range(4, 8), 0.125)
    cut = terms | {"fee_at_risk": 0.5, "appraisal_pass": 0.0}
    cut_fees = flow(run(fund(ticket=50.0, terms=cut)), "fee")
    assert cut_fees == {0: 1.25, 1: 0.25, 2: 0.25, 3: 0.25} | dict.fromkeys(range(4, 8), 0.0625)


def test_a_surplus_cancels_calls_before_it_is_returned():
    """(7.1): a mother of 100 has half of a fund that buys for 40 in its first quarter and in its third. Her
    first tranche of 30 pays 20 and leaves 10, so that she may call 10 for what the fund may still call of
    her, 20, and 50 are never called; nothing is paid back before the fund sells.
    """
    child = fund(deals=2, ticket=40.0, size=80.0, mandate={"over_years": 1.0})
    investors = [{"vehicle": "mother", "commitment": 40.0}]
    investors += [{"name": "other", "kind": "social", "commitment": 40.0}]
    mother = {
        "name": "mother",
        "kind": "mother",
        "investors": [{"name": "fiscal", "kind": "fiscal", "commitment": 100.0}],
        "terms": terms(calls=[0.3, 0.4, 0.3]),
    }
    scenario = plain([mother, child | {"investors": investors}])
    results = simulate(Scenario.from_dict(scenario), paths=2, progress=False)
    assert flow(results, "contribution", "mother") == {0: 30.0, 2: 10.0}
    assert flow(results, "distribution", "mother") == {20: 20.0, 22: 20.0}


PHASES = [
    {"until_years": 5.0, "rate": 0.02, "base": "commitments"},
    {"until_years": 10.0, "rate": 0.02, "base": "unrealised_cost"},
]
REALISED = {"realised_from_years": 5.0, "realised_until_years": 10.0}
MOST = 900.0 / 1.06  # of 1,000, with five fees of 20 and 2 % of 1 + .8 + .6 + .4 + .2 of what is invested


def expected_case(invested, expected=REALISED, paying=1.0, **terms):
    """A fund of 1,000 that buys five companies in year 1, which are sold in the years 6 to 10."""
    names = [f"sold in year {n}" for n in range(6, 11)]
    sectors = [
        sector(name, [stage(years=n - 1.0, entry=1000.0, drift=0.1)])
        for n, name in zip(range(6, 11), names, strict=True)
    ]
    stream = {"stage": "only", "per_year": 1.25, "arrivals": "fixed", "until_years": 1.0}  # arrives at .8
    park = {"streams": [{"name": name, "sector": name, **stream} for name in names]}
    investors = [{"name": "pays", "kind": "social", "commitment": 1000.0 * paying}]
    if paying < 1.0:
        free = {"name": "free", "kind": "state", "commitment": 1000.0 * (1.0 - paying)}
        investors.append(free | {"pays_fee": False})
    mandate = {"over_years": 1.0, "park_share": 1.0, "n_candidates": 0}
    terms = {"fee_phases": PHASES, "expected_fees": expected, **terms}
    fields = {"deals": 5, "size": 1000.0, "ticket": invested / 5, "sectors": names, "investors": investors}
    vehicle = fund(mandate=mandate, terms=terms, **fields)
    return plain([vehicle], sectors, years=11.0, periods_per_year=1, park=park)


def test_money_is_kept_for_the_fees_that_are_expected():
    """(7.2): of 1,000 849.057 are invested and 996.604 called; the last sale pays the last fee of 3.396."""
    results = simulate(Scenario.from_dict(expected_case(MOST)), paths=2, progress=False)
    assert [check for check in results.checks if not check["passed"]] == []
    fees = [20.0] * 5 + [0.02 * left * MOST for left in (1.0, 0.8, 0.6, 0.4, 0.2)]
    assert flow(results, "fee") == dict(enumerate(fees))
    assert sum(fees) == pytest.approx(150.943, abs=5e-4)
    called = results.paths_of("contribution", "fund")[0]
    assert called.sum() == pytest.approx(996.604, abs=5e-4)
    assert called[9] == 0.0


@pytest.mark.parametrize("paying", [1.0, 0.6])
def test_a_plan_above_what_expected_fees_leave_is_refused(paying):
    """(7.2): who pays no fee is called for no more than the others leave."""
    Scenario.from_dict(expected_case(MOST, paying=paying))
    with pytest.raises(ScenarioError, match=r"lower deals × ticket to 849\.057 or less"):
        Scenario.from_dict(expected_case(849.2, paying=paying))


def test_fees_beyond_those_expected_are_paid_from_what_comes_in():
    """(7.2): all is expected to be sold in year 2: 900 are invested, no fee is kept from year 6 on."""
    scenario = expected_case(900.0, {"realised_from_years": 1.0, "realised_until_years": 2.0})
    results = simulate(Scenario.from_dict(scenario), paths=2, progress=False)
    fees = [20.0] * 5 + [18.0 * left for left in (1.0, 0.8, 0.6, 0.4, 0.2)]
    assert flow(results, "fee") == dict(enumerate(fees))
    assert flow(results, "contribution") == {0: 920.0} | dict.fromkeys(range(1, 5), 20.0)


def test_cash_that_children_will_call_pays_no_fee_beyond_those_expected():
    """(7.2): a mother called for all of her 100 holds 50 for her child's second deal; what she owes, a
    quarter of 2 % of 50 for six quarters, is paid once the child's first deal is sold.
    """
    phases = [{"until_years": 10.0, "rate": 0.02, "base": "unrealised_cost"}]
    expected = {"realised_from_years": 0.0, "realised_until_years": 0.25}
    child = fund(deals=2, mandate={"over_years": 4.0}, investors=[{"vehicle": "mother", "commitment": 100.0}])
    mother = {
        "name": "mother",
        "kind": "mother",
        "investors": [{"name": "fiscal", "kind": "fiscal", "commitment": 100.0}],
        "terms": terms(calls=[1.0], fee_phases=phases, expected_fees=expected),
    }
    content = plain([mother, child], [sector(stages=[stage(years=1.5)])])
    results = simulate(Scenario.from_dict(content), paths=2, progress=False)
    fees = flow(results, "fee", "mother")
    assert min(fees) == 9
    assert fees[9] == 6 * 0.02 / 4 * 50.0


def test_what_fees_are_not_expected_to_be_is_invested():
    """(5.2): a quarter of each company, more than there is money for; without dates fees are on callable."""
    wanted = {"ticket": None, "stake": 0.25}  # 500 each

    def invested(expected, paying=1.0):
        scenario = expected_case(100.0, expected, paying)
        scenario["vehicles"][0]["mandate"] |= wanted
        results = simulate(Scenario.from_dict(scenario), paths=2, progress=False)
        return results.activity().set_index("vehicle")["invested"]["fund"]

    assert invested(REALISED) == pytest.approx(MOST)
    assert invested(REALISED, paying=0.6) == pytest.approx(MOST)
    assert invested({}) == pytest.approx(900.0 / (1.0 + expected_of(1, 10)))  # over_years, and the term
    assert invested(None) == pytest.approx(800.0)


def expected_of(begin, end):
    """Fees over what is invested, where sales are planned evenly from a year to another."""
    return sum(0.02 * (end - year) / (end - begin) for year in range(5, 10))
