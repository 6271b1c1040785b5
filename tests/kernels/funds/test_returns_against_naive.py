"""Measures and leverage equal their slow twins on random clusters."""

from __future__ import annotations

import numpy as np
import pytest

from fundsim.kernels.funds.leverage import allocate_leverage, leverage_pass
from fundsim.kernels.funds.returns import allocate_returns, returns_pass
from fundsim.vocabulary import STORED_MEASURES, Leverage, Money
from tests.kernels.funds.test_funds_against_naive import FIRST_PATH, N_PATHS, run_kernel
from tests.makers.random_clusters import random_case
from tests.twins.funds import naive_funds
from tests.twins.leverage import naive_leverage
from tests.twins.returns import naive_returns


def run_returns(case, blocks):
    market, closing, world = blocks
    terms = case.funds
    years = case.grid.n_periods // case.grid.periods_per_year
    returns, leverage = allocate_returns(N_PATHS, years, terms), allocate_leverage(N_PATHS, years, terms)
    funds = run_kernel(case, blocks)
    returns_pass(terms, closing, market.index, world.n_park, world.first_row, funds, returns)
    leverage_pass(terms, closing, funds, leverage)
    return returns.measures, leverage.leverage


def naive_path(case, blocks, b):
    market, closing, _ = blocks
    interests = case.interests_of(N_PATHS)
    terms = case.funds, case.instruments, case.enterprises
    block = naive_funds(case.grid, *terms, *blocks, interests, b, FIRST_PATH)
    measures = naive_returns(case.grid, case.funds, closing, market.index[b], block, b)
    return measures, naive_leverage(case.grid, case.funds, closing, block, b)


def agree(got, expected):
    """Equal to 1e-7, which is what a bisected rate of a nearly flat
    stream keeps; undefined on both sides or none. Of rates below −99.999 % a year, at which years
    discount by many powers of ten and the present value is flat to rounding, no more is asked than that
    both are there.
    """
    if got < -0.99999 and expected < -0.99999:
        return True
    return bool(np.isclose(got, expected, rtol=1e-7, atol=1e-7, equal_nan=True))


def measure_differences(terms, values, naive):
    n_classes = len(terms.classes)
    found = {}
    for row in range(values.shape[0]):
        label = ("class", row) if row < n_classes else ("vehicle", row - n_classes)
        expected = naive.get(label, {})
        for one in STORED_MEASURES:
            if not agree(values[row, one], expected.get(one.word, np.nan)):
                found[(*label, one.word)] = (values[row, one], expected.get(one.word, np.nan))
    return found


def leverage_differences(values, naive):
    found = {}
    for (year, definition, basis, money), expected in naive.items():
        (one,) = (one for one in Leverage if (one.definition, one.basis) == (definition, basis))
        place = Money.of(money) * len(Leverage) + one
        if not agree(values[year - 1, place], expected):
            found[year, definition, basis, money] = (values[year - 1, place], expected)
    return found


def compare(seed):
    case = random_case(seed)
    blocks = case.blocks(FIRST_PATH, N_PATHS)
    ours, our_leverage = run_returns(case, blocks)
    found = {}
    for b in range(N_PATHS):
        measures, leverage = naive_path(case, blocks, b)
        differences = measure_differences(case.funds, ours[b], measures)
        differences |= leverage_differences(our_leverage[b], leverage)
        found |= {(b, *key): value for key, value in differences.items()}
    return found


@pytest.mark.parametrize("seed", range(15))
def test_measures_and_leverage_equal_their_slow_twins(seed):
    assert compare(seed) == {}


@pytest.mark.slow
@pytest.mark.parametrize("first", range(100, 200, 20))
def test_measures_and_leverage_equal_their_slow_twins_on_many_clusters(first):
    assert {seed: found for seed in range(first, first + 20) if (found := compare(seed))} == {}
