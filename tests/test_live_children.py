"""What a mother does at her term with a child that still lives, by
hand: she waits for it, or sells her interest (7.8).
"""

import pytest

from fundsim import simulate
from fundsim.scenario import Scenario
from tests.makers.plain_scenarios import fund, plain, terms

DISCOUNT = 0.25


def a_doubling_child(live_children):
    """A child that gets 100 at the end of year 1 and doubles them
    every year until it pays 800 at the end of year 4.
    """
    schedule = {"contributions": [1.0], "distributions": [0.0, 0.0, 0.0, 8.0], "period": "year_end"}
    child = fund("child", investors=[{"vehicle": "mother", "commitment": 100.0}])
    del child["mandate"]
    mother = {
        "name": "mother",
        "kind": "mother",
        "investors": [{"name": "fiscal", "kind": "fiscal", "commitment": 100.0}],
        "terms": terms(term_years=3, live_children=live_children, term_sale_discount=DISCOUNT),
    }
    vehicles = [mother, child | {"pool": {"schedule": schedule}}]
    return Scenario.from_dict(plain(vehicles, years=5.0, periods_per_year=1))


@pytest.mark.parametrize(
    ("live_children", "year", "amount"), [("extend", 4, 800.0), ("sell", 3, 400.0 * (1.0 - DISCOUNT))]
)
def test_a_mother_waits_for_her_child_or_sells_at_its_value_less_the_discount(live_children, year, amount):
    results = simulate(a_doubling_child(live_children), paths=2, progress=False)
    assert [check for check in results.checks if not check["passed"]] == []
    expected = [amount if n == year else 0.0 for n in range(1, 6)]
    assert results.paths_of("distribution", "mother")[0] == pytest.approx(expected)
    assert results.measure("dpi", "mother") == pytest.approx(amount / 100.0)
    # The child goes on to its end, whoever holds it.
    assert results.paths_of("distribution", "child")[0] == pytest.approx([0.0, 0.0, 0.0, 800.0, 0.0])
