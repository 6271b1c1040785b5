"""Distributions in three columns: quantiles against scipy, makers, and tables used again."""

import math

import numpy as np
import pytest
from scipy import stats

from fundsim.kernels.base import distributions
from fundsim.kernels.base.quantiles import stack

# Uniforms lie on the midpoints of 2**52 cells, where 1 − u is exact.
U = (np.floor(np.array([1e-12, 0.001, 0.2, 0.5, 0.8, 0.999, 1 - 1e-12]) * 2.0**52) + 0.5) / 2.0**52


def draws(triple, tables=()):
    return [distributions.draw_from(stack(list(tables)), np.array(triple), u) for u in U]


def test_quantiles_equal_scipy():
    tables = []
    gamma = distributions.gamma(1.5, 2.5, tables)
    beta = distributions.beta(0.3, 0.1, tables)
    weight = 0.3 * 0.7 / 0.01 - 1
    # Tables are within 2e-10 of scipy, whose ppf loses places next to 1.
    np.testing.assert_allclose(
        draws(gamma, tables)[1:-1], stats.gamma(2.5, scale=0.6).ppf(U[1:-1]), rtol=1e-9
    )
    expected = stats.beta(0.3 * weight, 0.7 * weight).ppf(U[1:-1])
    np.testing.assert_allclose(draws(beta, tables)[1:-1], expected, rtol=1e-9)
    lognormal = distributions.lognormal(2.0, 0.7)
    np.testing.assert_allclose(draws(lognormal), stats.lognorm(0.7, scale=2.0).ppf(U), rtol=1e-12)
    np.testing.assert_allclose(draws(distributions.exponential(3.0)), stats.expon(scale=3).ppf(U), rtol=1e-12)
    assert draws(distributions.fixed(4.0)) == [4.0] * U.size


def test_what_does_not_vary_needs_no_table():
    tables = []
    assert distributions.gamma(0.0, 2.0, tables) == distributions.fixed(0.0)
    assert distributions.gamma(2.0, 1.0, tables) == distributions.exponential(2.0)
    assert distributions.beta(0.4, 0.0, tables) == distributions.fixed(0.4)
    assert distributions.lognormal(3.0) == distributions.fixed(3.0)
    assert tables == []


def test_equal_shapes_share_a_table():
    tables = []
    first, second = distributions.gamma(1.0, 2.5, tables), distributions.gamma(3.0, 2.5, tables)
    other = distributions.beta(0.2, 0.05, tables)
    assert (first[0], second[0], other[0]) == (0.0, 0.0, 1.0)
    assert len(tables) == 2
    np.testing.assert_allclose(draws(second, tables), 3 * np.array(draws(first, tables)), rtol=1e-12)


def test_impossible_moments_are_refused():
    with pytest.raises(ValueError, match=r"no beta has mean 0\.5 and sd 0\.5"):
        distributions.beta(0.5, 0.5, [])


def test_log_draws_are_logarithms_of_draws():
    tables = []
    makers = [
        distributions.lognormal(2.0, 0.7),
        distributions.fixed(0.3),
        distributions.exponential(2.0),
        distributions.gamma(1.5, 2.5, tables),
    ]
    stacked = stack(tables)
    for triple, columns in ((np.array(one), np.array(distributions.in_logs(one))) for one in makers):
        for u in U[1:]:
            expected = math.log(distributions.draw_from(stacked, triple, u))
            assert distributions.log_draw(stacked, columns, u) == pytest.approx(
                expected, rel=1e-12, abs=1e-13
            )
