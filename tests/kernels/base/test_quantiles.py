"""Gamma and beta draws: against scipy and mpmath, increasing,
inside their range, at the ends and with bad numbers.
"""

import math
import os
import subprocess
import sys

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from fundsim.kernels.base import quantiles
from fundsim.kernels.base.jit import kernel
from tests.twins import random as naive

GAMMA_SHAPES = [0.3, 0.5, 0.9, 1.0, 1.5, 2.0, 4.0, 10.0, 50.0]
BETA_PARAMETERS = [
    (0.3, 0.3),
    (0.3, 200.0),
    (200.0, 0.3),
    (1.0, 1.0),
    (2.0, 5.0),
    (30.0, 70.0),
    (200.0, 200.0),
]


@kernel
def fill(tables, table_id, u, out):
    for i in range(u.size):
        out[i] = quantiles.draw(tables, table_id, u[i])


def drawn(table, u):
    u = np.atleast_1d(np.asarray(u, dtype=float))
    out = np.full(u.size, np.nan)
    fill(quantiles.stack([table]), 0, u, out)
    return out


def probabilities(deepest, size=400):
    """Sorted probabilities that reach both tails, down to a distance of `deepest`."""
    generator = np.random.default_rng(20230101)
    tails = 10.0 ** generator.uniform(np.log10(deepest), np.log10(0.5), size)
    return np.sort(np.concatenate([[deepest, 0.25, 0.5, 0.75], tails, 1.0 - tails]))


@pytest.mark.parametrize("shape", GAMMA_SHAPES)
def test_gamma_equals_scipys_quantile(shape):
    u = probabilities(1e-12)
    expected = [naive.gamma(shape, each) for each in u]
    # Degree 7, nine half-widths from the branch point: at most 18**-8 ~ 1e-10 of the value (measured
    # 1.3e-10).
    np.testing.assert_allclose(drawn(quantiles.gamma_table(shape), u), expected, rtol=3e-10)


@pytest.mark.parametrize(("a", "b"), BETA_PARAMETERS)
def test_beta_equals_scipys_quantile(a, b):
    u = probabilities(1e-12)
    expected = [naive.beta(a, b, each) for each in u]
    np.testing.assert_allclose(drawn(quantiles.beta_table(a, b), u), expected, rtol=3e-10)


@settings(deadline=None, max_examples=15)
@given(shape=st.floats(0.3, 1e4), u=st.floats(1e-12, 1.0 - 1e-12))
def test_gamma_of_any_shape_equals_scipys_quantile(shape, u):
    assert drawn(quantiles.gamma_table(shape), u)[0] == pytest.approx(naive.gamma(shape, u), rel=1e-9)


@settings(deadline=None, max_examples=15)
@given(a=st.floats(0.3, 200.0), b=st.floats(0.3, 200.0), u=st.floats(1e-12, 1.0 - 1e-12))
def test_beta_of_any_shape_equals_scipys_quantile(a, b, u):
    assert drawn(quantiles.beta_table(a, b), u)[0] == pytest.approx(naive.beta(a, b, u), rel=1e-9)


@pytest.mark.parametrize("shape", [quantiles.LEAST_SHAPE, 0.2, 1e3, quantiles.GREATEST_SHAPE])
def test_gamma_at_the_ends_of_the_range_of_shapes(shape):
    u = probabilities(2.0**-53)
    expected = np.array([naive.gamma(shape, each) for each in u])
    # For small shapes v**(1/shape) is steep and its relative error large where the value is next to nothing.
    np.testing.assert_allclose(
        drawn(quantiles.gamma_table(shape), u), expected, rtol=0, atol=1e-9 * shape**0.5
    )


@pytest.mark.parametrize(("a", "b"), [(0.1, 0.1), (0.1, 1e5), (1e5, 0.1), (1e5, 1e5)])
def test_beta_at_the_ends_of_the_range_of_shapes(a, b):
    u = probabilities(2.0**-53)
    expected = np.array([naive.beta(a, b, each) for each in u])
    deviation = stats.beta.std(a, b)
    np.testing.assert_allclose(drawn(quantiles.beta_table(a, b), u), expected, rtol=0, atol=1e-7 * deviation)


@pytest.mark.parametrize("shape", [0.3, 2.0, 7.5, 50.0])
def test_gamma_distribution_function_of_a_draw_is_u(shape):
    """An oracle that is not scipy: mpmath's incomplete gamma function at 30 digits."""
    with mpmath.workdps(30):
        for u in (1e-9, 0.01, 0.4, 0.8, 0.999):
            x = mpmath.mpf(drawn(quantiles.gamma_table(shape), u)[0])
            back = mpmath.gammainc(shape, 0, x, regularized=True)
            # x moves by 2e-10 of itself, u by x f(x)/u times that, which is at most `shape` for a lower tail.
            assert float(back) == pytest.approx(u, rel=2e-10 * (1 + shape))


def test_shape_one_is_the_exponential_exactly():
    u = probabilities(2.0**-53)
    expected = [-math.log1p(-each) for each in u]
    np.testing.assert_allclose(drawn(quantiles.gamma_table(1.0), u), expected, rtol=5e-16)


def test_shape_next_to_one_is_next_to_the_exponential():
    u = probabilities(1e-12)
    near = drawn(quantiles.gamma_table(1.0 + 1e-12), u)
    np.testing.assert_allclose(near, drawn(quantiles.gamma_table(1.0), u), rtol=2e-10)


@pytest.mark.parametrize(
    "table",
    [quantiles.gamma_table(shape) for shape in (0.1, 0.3, 1.0, 3.0, 50.0, 1e5)]
    + [quantiles.beta_table(*ab) for ab in ((0.1, 0.1), (0.3, 200.0), (200.0, 0.3), (2.0, 5.0), (1e5, 1e5))],
)
def test_draws_increase_with_u(table):
    part = np.ldexp(1.0 + np.arange(4) / 4, np.arange(-53, -1)[:, None]).ravel()
    joins = np.concatenate([np.nextafter(part, 0.0), part, np.nextafter(part, 1.0)])
    u = np.sort(np.concatenate([joins, 1.0 - part, probabilities(2.0**-53)]))
    x = drawn(table, u)
    # Neighbouring doubles at a join may come out some roundings apart, either way: the fit's, magnified by
    # the steepness 1 / shape (measured 5e-14 at shape 0.1).
    assert np.all(np.diff(x) >= -1e-13 * x[1:])


def test_draws_stay_inside_their_range():
    ends = np.array([0.0, 1e-320, 2.0**-53, 0.5, 1.0 - 2.0**-53, 1.0])
    for shape in (0.1, 0.3, 1.0, 50.0):
        x = drawn(quantiles.gamma_table(shape), ends)
        assert np.all(x > 0.0), shape
        assert np.all(np.isfinite(x)), shape
    for a, b in ((0.1, 0.1), (0.3, 200.0), (200.0, 0.3), (1.0, 1.0)):
        x = drawn(quantiles.beta_table(a, b), ends)
        assert np.all((x > 0.0) & (x < 1.0)), (a, b)


def test_not_a_number_stays_not_a_number():
    for table in (quantiles.gamma_table(2.0), quantiles.beta_table(2.0, 2.0)):
        assert np.isnan(drawn(table, np.nan)[0])


def test_exponential_of_not_a_number_is_not_a_number():
    assert np.isnan(drawn(quantiles.gamma_table(1.0), np.nan)[0])


def test_numbers_choose_the_table():
    tables = quantiles.stack(
        [quantiles.gamma_table(2.0), quantiles.gamma_table(1.0), quantiles.beta_table(2.0, 2.0)]
    )
    assert tables.shape == (3, quantiles.ROWS, quantiles.COLUMNS)
    assert quantiles.draw(tables, 0, 0.3) == pytest.approx(naive.gamma(2.0, 0.3), rel=1e-9)
    assert quantiles.draw(tables, 1, 0.3) == pytest.approx(-math.log1p(-0.3), rel=5e-16)
    assert quantiles.draw(tables, 2, 0.3) == pytest.approx(naive.beta(2.0, 2.0, 0.3), rel=1e-9)


def test_constant_needs_no_table():
    nothing = quantiles.stack([])
    assert nothing.shape == (0, quantiles.ROWS, quantiles.COLUMNS)
    assert quantiles.draw(nothing, -1, 0.3) == 1.0


def test_tables_cannot_be_changed_behind_the_cache():
    table = quantiles.gamma_table(3.0)
    assert table is quantiles.gamma_table(3.0)
    with pytest.raises(ValueError, match="read-only"):
        table[0, 0] = 1.0
    quantiles.stack([table])[0, 0, 0] = 1.0  # the stacked copy is the caller's own


@pytest.mark.parametrize("shape", [0.0, -1.0, 0.09, 2e5, math.inf, math.nan])
def test_shapes_out_of_range_are_refused(shape):
    with pytest.raises(ValueError, match=r"gamma shape is .*; give a value from 0\.1 to 100000"):
        quantiles.gamma_table(shape)
    with pytest.raises(ValueError, match="beta b is"):
        quantiles.beta_table(1.0, shape)


def test_moments_of_many_draws():
    u = (np.arange(20_000) + 0.5) / 20_000
    # Midpoints of 20,000 equal cells: the mean misses only what the tails' curvature hides, below 1e-3.
    assert drawn(quantiles.gamma_table(2.5), u).mean() == pytest.approx(2.5, rel=1e-3)
    assert drawn(quantiles.gamma_table(2.5), u).var() == pytest.approx(2.5, rel=1e-2)
    assert drawn(quantiles.beta_table(2.0, 6.0), u).mean() == pytest.approx(0.25, rel=1e-3)


DRAWS = """
import numpy as np
from fundsim.kernels.base import quantiles
gamma, beta = quantiles.gamma_table, quantiles.beta_table
tables = quantiles.stack([gamma(0.7), gamma(1.0), beta(2.0, 9.0)])
u = [1e-12, 0.1, 0.5, 0.7, 1 - 1e-9, 0.0, 1.0, float("nan")]
print(*[float(quantiles.draw(tables, i, x)).hex() for i in (-1, 0, 1, 2) for x in u])
"""


def test_draws_are_equal_with_and_without_the_compiler():
    def printed(disabled):
        environment = {**os.environ, "NUMBA_DISABLE_JIT": disabled}
        command = [sys.executable, "-W", "error", "-c", DRAWS]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    assert printed("1") == printed("0")
    assert len(printed("1").split()) == 32
