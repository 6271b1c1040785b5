"""How many offers a deal looks at (5.1b): as its twin does, without a bit moved where it sees all, and the
more the better.
"""

from dataclasses import replace

import numpy as np
import pytest
from numba import config

from fundsim.engine.passes import run_passes
from fundsim.kernels.layout import NEVER
from fundsim.plan import make_plan
from fundsim.scenario import Scenario
from tests.kernels.funds.test_funds_against_naive import FIRST_PATH, N_PATHS, compare_case, run_kernel
from tests.makers.fund_terms import make_case
from tests.makers.plain_scenarios import fund, plain, sector, stage
from tests.makers.random_clusters import random_case

BOUNDED = (0, 14, 44, 22, 24, 34, 36, 38)
"""Cases without property in which looking at one offer changes a deal."""

large = pytest.mark.skipif(bool(config.DISABLE_JIT), reason="thousands of deals in plain Python take minutes")


def looking_at(case, n):
    """The case with a bound for every vehicle."""
    vehicles = [
        replace(one, mandate=one.mandate and replace(one.mandate, looks_at=n)) for one in case.vehicles
    ]
    return make_case(vehicles, replace(case.world, deals=()))


def result(case):
    return run_kernel(case, case.blocks(FIRST_PATH, N_PATHS))


def is_bounded(case):
    """Whether the bounds of a case change a deal."""
    bought, free = (result(one).deals["row"] for one in (case, looking_at(case, NEVER)))
    return not np.array_equal(bought, free)


@pytest.mark.parametrize("seed", BOUNDED)
@pytest.mark.parametrize("n", [1, 2])
def test_deals_that_look_at_few_offers_equal_the_slow_twin(seed, n):
    case = looking_at(random_case(seed), n)
    assert not compare_case(case)
    assert n > 1 or is_bounded(case)


def park_fund(**mandate):
    """A fund that buys in a park of two sectors, of which it wants the rare one; competing with nobody."""
    stages = [stage("A", 3.0, outcomes={"merger": 1.0}, entry=100.0, sold=0.5)]
    sectors = [sector(name, stages, quality_effect=0.1) for name in ("rare", "common")]
    streams = [
        {"name": name, "sector": name, "stage": "A", "per_year": rate}
        for name, rate in (("rare", 40.0), ("common", 400.0))
    ]
    mandate = {"park_share": 1.0, "over_years": 3.0, "skill": 1.0, "n_candidates": 0} | mandate
    vehicle = fund("fund", ["rare"], ["A"], deals=12, ticket=5.0, mandate=mandate)
    return plain([vehicle], sectors, park={"streams": streams})


def passes_of(content, paths=200):
    return run_passes(make_plan(Scenario.from_dict(content)), 0, paths, wanted=("returns",))


def arrays(block):
    return {name: np.asarray(array) for name, array in block._asdict().items() if name != "exits"}


@large
def test_a_bound_above_the_matching_offers_moves_no_bit():
    """A hundred offers a quarter, of which the mandate wants about ten: all of these are found among them."""
    free = passes_of(park_fund())
    for n in (60, 1_000_000):
        bounded = passes_of(park_fund(looks_at=n))
        for name, array in arrays(free.funds).items():
            np.testing.assert_array_equal(array, arrays(bounded.funds)[name], err_msg=name)


@large
def test_who_looks_at_more_offers_chooses_no_worse():
    """Of n standard normals the best is expected at 0, .56, 1.03 and 1.42 for 1, 2, 4 and 8; over 2,000 deals
    the mean lies within .08 of it, and with more it is higher.
    """
    chosen = []
    for n in (1, 2, 4, 8, None):
        blocks = passes_of(park_fund(looks_at=n))
        rows = blocks.funds.deals["row"]
        chosen.append(blocks.enterprises.quality[rows[rows >= 0]].mean())
    assert chosen == sorted(chosen)
    np.testing.assert_allclose(chosen[:4], [0.0, 0.564, 1.029, 1.424], atol=0.08)
