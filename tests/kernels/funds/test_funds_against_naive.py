"""The funds pass equals its slow twin on random clusters: every flow, stock, deal and exit of every path."""

from __future__ import annotations

import numpy as np
import pytest

from fundsim.kernels.funds.run import allocate_funds, allocate_state, funds_pass
from fundsim.vocabulary import Channel
from tests.makers.fund_views import fund_views
from tests.makers.random_clusters import bought_back_case, random_case
from tests.twins.funds import naive_funds

FIRST_PATH, N_PATHS = 3, 2
# The twins add in another order; a cluster's money is of the order of 100, and sums of a few hundred terms
# keep about 13 digits.
TOLERANCE = 1e-9
WHEN_BOUGHT = ("deal_bought", "deal_place")
EXIT_FIELDS = ("exit_deal", "exit_channel", "exit_period", "exit_cost", "exit_proceeds")


def run_kernel(case, blocks):
    _, _, world = blocks
    n_rows = int(np.diff(world.first_row).max())
    plan = case.fund_plan
    state = allocate_state(plan, n_rows, world.round_period.shape[1])
    out = allocate_funds(N_PATHS, case.funds)
    interests = case.interests_of(N_PATHS)
    funds_pass(plan, *blocks, interests, FIRST_PATH, state, out)
    return out


def differences(block, naive, b, size):
    """Names of what differs on path `b`, with the worst difference."""
    found, ours = {}, fund_views(block)
    was_bought = naive["deal_row"] >= 0
    for name, expected in naive.items():
        if name == "exits":
            continue
        got = getattr(ours, name)[b]
        if name in WHEN_BOUGHT:
            got, expected = got[was_bought], expected[was_bought]
        gap = np.abs(np.asarray(got, dtype=float) - expected)
        allowed = TOLERANCE * np.maximum(size, np.abs(expected))
        if not np.all(gap <= allowed):
            worst = np.unravel_index(np.nanargmax(np.where(np.isnan(gap), np.inf, gap)), gap.shape)
            found[name] = (worst, np.asarray(got)[worst], np.asarray(expected)[worst])
    return found | exit_differences(ours, naive["exits"], b, size)


def exit_differences(ours, expected, b, size):
    columns = [getattr(ours, name)[b, : ours.n_exits[b]] for name in EXIT_FIELDS]
    got = sorted(zip(*(column.tolist() for column in columns), strict=True))
    if [line[:3] for line in got] != [line[:3] for line in expected]:
        return {"exits": (set(got) - set(expected), set(expected) - set(got))}
    worst = max(
        (abs(a - b) for one, two in zip(got, expected, strict=True) for a, b in zip(one, two, strict=True)),
        default=0,
    )
    return {"exits": worst} if worst > TOLERANCE * size else {}


def compare(seed):
    """Differences of every path of a random case, by path."""
    return compare_case(random_case(seed))


def compare_case(case):
    blocks = case.blocks(FIRST_PATH, N_PATHS)
    ours = run_kernel(case, blocks)
    found = {}
    for b in range(N_PATHS):
        interests = case.interests_of(N_PATHS)
        terms = case.funds, case.instruments, case.enterprises
        naive = naive_funds(case.grid, *terms, *blocks, interests, b, FIRST_PATH)
        size = float(blocks[1].callable[b].sum()) + float(naive["proceeds"].max(initial=0.0))
        found |= {(b, name): what for name, what in differences(ours, naive, b, size).items()}
    return found


SOLD_AND_BOUGHT_AGAIN = 140
"""A vehicle sells a stake to another fund and in the same period, alone in wanting it, buys the round."""


@pytest.mark.parametrize("seed", [*range(60), SOLD_AND_BOUGHT_AGAIN])
def test_funds_pass_equals_the_slow_twin(seed):
    assert not compare(seed)


def test_follow_on_into_what_a_buyback_left():
    case = bought_back_case()
    assert not compare_case(case)
    ours = fund_views(run_kernel(case, case.blocks(FIRST_PATH, N_PATHS)))
    lines = ours.exit_channel[0, : ours.n_exits[0]].tolist()
    assert ours.n_follow_ons[0, 0] > 0
    assert Channel.BUYBACK in lines and Channel.MERGER in lines


@pytest.mark.parametrize("seed", range(20))
def test_cash_balances_and_is_never_overdrawn(seed):
    case = random_case(seed)
    blocks = case.blocks(FIRST_PATH, N_PATHS)
    ours, terms = fund_views(run_kernel(case, blocks)), case.funds
    flows = ours.proceeds + ours.child_distribution + ours.interest
    flows -= ours.fee + ours.invested + ours.expense + ours.child_call + ours.carry
    for c, v in enumerate(terms.classes["vehicle"]):
        flows[:, v] += ours.contribution[:, c] - ours.distribution[:, c]
    size = blocks[1].callable.sum()
    assert np.allclose(np.diff(ours.cash), flows, rtol=0.0, atol=1e-12 * size)
    assert ours.cash.min() >= -1e-12 * size
    assert ours.largest_stake.max() <= 1.0 + 1e-12


@pytest.mark.slow
@pytest.mark.parametrize("first", range(100, 1000, 50))
def test_funds_pass_equals_the_slow_twin_on_many_clusters(first):
    assert {seed: found for seed in range(first, first + 50) if (found := compare(seed))} == {}
