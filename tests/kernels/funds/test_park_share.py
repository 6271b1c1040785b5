"""What a mandate buys in the park and outside it (5.1): the share asked for where the park has enough, and
what the park lacks is counted.
"""

import numpy as np
import pytest

from fundsim import simulate
from fundsim.engine.passes import run_passes
from fundsim.plan import make_plan
from fundsim.scenario import Scenario
from fundsim.vocabulary import Activity
from tests.makers.plain_scenarios import fund, plain, sector, stage

PATHS, DEALS = 100, 40


def park_of(per_year, *, is_fixed=True, **mandate):
    """A fund of forty deals over four years, alone with a park of so many arrivals a year."""
    stages = [stage("A", 3.0, outcomes={"merger": 1.0}, entry=100.0, sold=0.5)]
    stream = {"name": "park", "sector": "plain", "stage": "A", "per_year": per_year}
    park = {"streams": [stream | {"arrivals": "fixed" if is_fixed else "poisson"}] if per_year else []}
    mandate = {"over_years": 4.0, "patience_years": 0.5, "skill": 0.5} | mandate
    vehicle = fund("fund", ["plain"], ["A"], deals=DEALS, mandate=mandate)
    return Scenario.from_dict(plain([vehicle], [sector("plain", stages)], park=park))


def deals_of(scenario, paths=PATHS):
    """Deals done, in the park, and park deals missed, by path."""
    returns = run_passes(make_plan(scenario), 0, paths, wanted=("returns",)).returns
    wanted = (Activity.DEALS, Activity.PARK_DEALS, Activity.MISSED_PARK_DEALS)
    return (returns.activity[:, 0, one] for one in wanted)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.6, 1.0])
def test_with_a_match_in_every_period_the_park_share_of_deals_is_bought(share):
    """Forty a quarter arrive: all deals are done, and the park's are binomial."""
    done, park, missed = deals_of(park_of(160.0, park_share=share))
    assert (done == DEALS).all() and not missed.any()
    error = np.sqrt(share * (1 - share) / (DEALS * PATHS))
    assert abs(park.sum() / done.sum() - share) <= 4 * error


def test_a_thin_pipeline_sells_less_than_the_share_and_the_missed_are_counted():
    """Six arrive in time: a park deal without one goes outside, so that all are done."""
    done, park, missed = deals_of(park_of(1.25, park_share=0.6))
    assert (done == DEALS).all() and (park <= 6).all()
    planned = park + missed
    assert abs(planned.mean() - 0.6 * DEALS) <= 4 * np.sqrt(0.24 * DEALS / PATHS)
    rich, _, none_missed = deals_of(park_of(160.0, park_share=0.6))
    assert missed.mean() > none_missed.mean() and rich.sum() == done.sum()


def test_more_arrivals_sell_no_less_in_the_park():
    """The same deals in parks of more and more arrivals; asked for are 24 of 40."""
    bought = [list(deals_of(park_of(n, park_share=0.6)))[1].mean() for n in (0.0, 2.0, 5.0, 160.0)]
    assert bought == sorted(bought) and bought[0] == 0.0


def test_a_park_deal_without_a_match_goes_outside_after_its_patience():
    """The only deal is planned for the first quarter and waits for two more."""
    mandate = {"park_share": 1.0, "patience_years": 0.5, "over_years": 0.25}
    results = simulate(Scenario.from_dict(plain([fund(mandate=mandate)])), paths=2, progress=False)
    paid = results.paths_of("contribution", "fund")
    assert paid[:, 2].tolist() == [100.0, 100.0] and paid.sum() == 200.0
    activity = results.activity().iloc[0]
    assert (activity["deals"], activity["park_deals"], activity["missed_park_deals"]) == (1, 0, 1)


def test_a_park_deal_is_not_missed_while_there_is_no_money_for_it():
    """The first takes all the money; of the others it is not known whether the park had a match."""
    mandate = {"park_share": 1.0, "over_years": 1.0, "ticket": None, "stake": 0.5}
    vehicle = fund(deals=4, mandate=mandate)
    activity = simulate(Scenario.from_dict(plain([vehicle])), paths=2, progress=False).activity().iloc[0]
    assert (activity["deals"], activity["missed_park_deals"]) == (1, 1)


def test_a_relay_buys_outside_what_another_holds_and_nothing_in_the_park():
    """Two funds in the rounds A and B of the same enterprises: without park deals the second takes the
    outside enterprises of the first.
    """
    stages = [stage("A", 1.0, outcomes={"advance": 1.0}), stage("B", 2.0, sold=0.2, entry=100.0)]
    streams = [{"name": "park", "sector": "plain", "stage": "A", "per_year": 40.0, "arrivals": "fixed"}]
    first = fund("first", stages=["A"], deals=10, ticket=1.0)
    second = fund("second", stages=["B"], deals=10, ticket=1.0, mandate={"from_years": 1.0})
    content = plain([first, second], [sector(stages=stages)], park={"streams": streams})
    for relay in (True, False):
        content["vehicles"][1]["mandate"]["relay"] = relay
        blocks = run_passes(make_plan(Scenario.from_dict(content)), 0, 20, wanted=("funds",))
        rows, starts = blocks.funds.deals["row"], blocks.enterprises.first_row[:-1]
        assert (rows >= (starts + blocks.enterprises.n_park)[:, None]).all()
        is_shared = [np.isin(of_path[10:], of_path[:10]).any() for of_path in rows]
        assert any(is_shared) == relay
