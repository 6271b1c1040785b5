"""The market pass: the slow twin, closed forms, and independence of blocks."""

import numpy as np
import pytest
from numba import config
from scipy import linalg

from fundsim.kernels.market import allocate_market, market_pass
from tests.makers import worlds
from tests.twins import world as naive_world

SEEDS = range(8)


def market_of(world, n_paths, first_path=0):
    """The market block of a world, every entry written."""
    grid, terms = worlds.grid_of(world), worlds.market_terms(world)
    out = allocate_market(n_paths, grid, terms)
    for array in out:
        array.fill(-9)
    market_pass(grid, terms, first_path, out)
    return out


@pytest.mark.parametrize("seed", SEEDS)
def test_market_equals_the_slow_twin(seed):
    world = worlds.random_world(seed)
    out = market_of(world, 3, first_path=5)
    for b in range(3):
        naive = naive_world.Market(world, 5 + b)
        np.testing.assert_allclose(out.factors[b], naive.factors, rtol=1e-12, atol=1e-13)
        np.testing.assert_allclose(out.index[b], naive.index, rtol=1e-12)
        np.testing.assert_array_equal(out.window[b], naive.window)


def test_any_split_over_blocks_gives_the_same_bits():
    world = worlds.random_world(4)
    whole, parts = market_of(world, 7), [market_of(world, 3), market_of(world, 4, first_path=3)]
    for name in whole._fields:
        joined = np.concatenate([getattr(part, name) for part in parts])
        np.testing.assert_array_equal(getattr(whole, name), joined)


@pytest.mark.skipif(bool(config.DISABLE_JIT), reason="the law needs more paths than plain Python draws")
def test_index_grows_at_its_drift_and_factors_have_their_correlation():
    """(1.1), (1.3)"""
    correlation = np.array([[1.0, -0.4], [-0.4, 1.0]])
    world = worlds.World(
        n_periods=20,
        index_drift=0.07,
        factor_names=("market", "chips"),
        factor_volatility=(0.25, 0.4),
        correlation=correlation,
    )
    n = 20_000
    out = market_of(world, n)
    # E S_5 = exp(5 μ), its sd from the lognormal; within four standard errors.
    sd = np.exp(0.35) * np.sqrt(np.exp(0.25**2 * 5) - 1)
    assert abs(out.index[:, -1].mean() - np.exp(0.35)) < 4 * sd / np.sqrt(n)
    assert sd / np.sqrt(n) < 0.01
    ends = out.factors[:, :, -1]
    assert np.corrcoef(ends.T)[0, 1] == pytest.approx(-0.4, abs=4 / np.sqrt(n))
    assert ends.var(axis=0) == pytest.approx(np.array([0.25, 0.4]) ** 2 * 5, rel=4 * np.sqrt(2 / n))


def test_window_follows_its_generator_from_known_states():
    """(1.2)"""
    generator = np.array([[-0.8, 0.8, 0.0], [0.3, -0.7, 0.4], [0.0, 1.5, -1.5]])
    world = worlds.World(
        n_periods=16,
        states=(worlds.NEUTRAL,) * 3,
        generator=generator,
        initial=np.array([0.2, 0.5, 0.3]),
        known={3: 2, 4: 2},
    )
    n = 20_000
    window = market_of(world, n).window
    assert np.all(window[:, 3:5] == 2)
    expected = linalg.expm(generator * 11 / 4)[2]
    assert np.bincount(window[:, 15], minlength=3) / n == pytest.approx(expected, abs=4 * 0.5 / np.sqrt(n))
    assert np.bincount(window[:, 0], minlength=3) / n == pytest.approx([0.2, 0.5, 0.3], abs=0.015)
