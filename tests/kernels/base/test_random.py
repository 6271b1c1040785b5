"""Random numbers: published vectors, the slow twin, scipy, and the independence that keys promise."""

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from fundsim.kernels.base import random
from fundsim.kernels.base.jit import kernel
from tests.twins import random as naive

WORDS = st.integers(0, 2**64 - 1)
few_examples = settings(deadline=None, max_examples=50)

# Random123 1.14, examples/kat_vectors, lines "threefry2x64 20": counter, key, result.
KNOWN_ANSWERS = [
    ((0, 0), (0, 0), (0xC2B6E3A8C2C69865, 0x6F81ED42F350084D)),
    ((2**64 - 1, 2**64 - 1), (2**64 - 1, 2**64 - 1), (0xE02CB7C4D95D277A, 0xD06633D0893B8B68)),
    (
        (0x243F6A8885A308D3, 0x13198A2E03707344),
        (0xA4093822299F31D0, 0x082EFA98EC4E6C89),
        (0x263C7D30BB0F0AF1, 0x56BE8361D3311526),
    ),
]

PINNED = [6225440682096851828, "0x1.ac2bdf93e7ad4p-3", "0x1.862d5d09a06a0p-6"]


@kernel
def fill_uniforms(key, out):
    for n in range(out.size):
        out[n] = random.uniform(key, n)


@kernel
def fill_first_draws(run_key, stream, out):
    for path in range(out.size):
        out[path] = random.uniform(random.path_key(run_key, path, stream), 0)


@kernel
def fill_normals(u, out):
    for i in range(u.size):
        out[i] = random.normal(u[i])


@kernel
def fill_normal_cdf(x, out):
    for i in range(x.size):
        out[i] = random.normal_cdf(x[i])


def filled(fill, values):
    out = np.full(len(values), np.nan)
    fill(np.asarray(values, dtype=float), out)
    return out


def many_uniforms(key, size):
    out = np.full(size, np.nan)
    fill_uniforms(np.uint64(key), out)
    return out


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN_ANSWERS)
def test_threefry_gives_the_published_vectors(counter, key, expected):
    words = [np.uint64(word) for word in counter + key]
    assert tuple(int(word) for word in random.threefry(*words)) == expected
    assert naive.threefry(counter, key) == expected


@few_examples
@given(counter=st.tuples(WORDS, WORDS), key=st.tuples(WORDS, WORDS))
def test_threefry_equals_the_slow_twin(counter, key):
    result = random.threefry(*[np.uint64(word) for word in counter + key])
    assert tuple(int(word) for word in result) == naive.threefry(counter, key)


@few_examples
@given(key=WORDS, word=WORDS)
def test_derive_equals_the_slow_twin(key, word):
    assert int(random.derive(np.uint64(key), np.uint64(word))) == naive.derive(key, word)


@few_examples
@given(key=WORDS, n=st.integers(0, 2**64 - 1))
def test_uniform_equals_the_slow_twin_and_its_pair(key, n):
    drawn = random.uniform(np.uint64(key), np.uint64(n))
    assert drawn == naive.uniform(key, n)
    assert drawn == random.uniform_pair(np.uint64(key), np.uint64(n // 2))[n % 2]


@kernel
def side_by_side(key, first, numbers, n, even, at):
    random.even_uniforms(key, first, even)
    random.uniforms_at(key, numbers, n, at)


@pytest.mark.parametrize("n", [0, 1, 7, 8, 9, 24])
def test_draws_side_by_side_are_those_drawn_one_by_one(n):
    rng, key = np.random.default_rng(n), np.uint64(2**63 + 5)
    room = -(-n // random.LANES) * random.LANES
    numbers = rng.integers(0, 2**64, room, dtype=np.uint64)
    even, at = np.full(n, np.nan), np.full(room, np.nan)
    side_by_side(key, 3, numbers, n, even, at)
    assert even.tolist() == [random.uniform(key, 2 * (3 + k)) for k in range(n)]
    assert at.tolist() == [random.uniform(key, number) for number in numbers]


@few_examples
@given(run=WORDS, path=st.integers(0, 2**40), stream=WORDS)
def test_path_key_is_derived_twice(run, path, stream):
    key = random.path_key(np.uint64(run), np.uint64(path), np.uint64(stream))
    assert int(key) == naive.path_key(run, path, stream)


def test_signed_and_unsigned_counters_draw_the_same():
    key = np.uint64(2**63 + 12345)
    for n in (0, 1, 7, 2**40 + 1):
        assert random.uniform(key, np.int64(n)) == random.uniform(key, np.uint64(n))
        assert random.derive(key, np.int64(n)) == random.derive(key, np.uint64(n))


def test_keys_do_not_pass_through_float64():
    high = np.uint64(2**64 - 1)
    neighbours = [np.uint64(2**64 - 2), np.uint64(2**64 - 3), np.uint64(2**63 + 1)]
    assert all(random.derive(high, np.uint64(0)) != random.derive(each, np.uint64(0)) for each in neighbours)


@kernel
def unit(word):
    return random._unit(word)


def test_uniform_is_strictly_inside_the_unit_interval():
    lowest, highest = np.uint64(0), np.uint64(2**64 - 1)
    assert unit(lowest) == 2.0**-53
    assert unit(highest) == 1.0 - 2.0**-53
    assert 1.0 - (1.0 - unit(lowest)) == unit(lowest), "1 - u is exact"


def test_uniforms_are_uniform():
    drawn = many_uniforms(random.hash_name("uniformity"), 20_000)
    # 5 sigma of the mean of 20,000; a fixed key, so this cannot fail by chance later.
    assert abs(drawn.mean() - 0.5) < 5 * np.sqrt(1 / 12 / drawn.size)
    assert stats.kstest(drawn, "uniform").pvalue > 1e-4
    assert abs(np.corrcoef(drawn[:-1], drawn[1:])[0, 1]) < 5 / np.sqrt(drawn.size)


def test_first_draws_of_neighbouring_paths_are_independent():
    run = random.seed_key(1)
    market, property_ = np.full(10_000, np.nan), np.full(10_000, np.nan)
    fill_first_draws(run, random.hash_name("market"), market)
    fill_first_draws(run, random.hash_name("property"), property_)
    assert stats.kstest(market, "uniform").pvalue > 1e-4
    assert abs(np.corrcoef(market[:-1], market[1:])[0, 1]) < 5 / np.sqrt(market.size)
    assert abs(np.corrcoef(market, property_)[0, 1]) < 5 / np.sqrt(market.size)


def test_derived_keys_do_not_repeat():
    key = random.seed_key(7)
    derived = {int(random.derive(key, word)) for word in range(2_000)}
    assert len(derived) == 2_000


def test_names_hash_the_same_in_every_process():
    assert int(random.hash_name("market")) == naive.hash_name("market")
    assert int(random.hash_name("秦创原母基金")) == naive.hash_name("秦创原母基金")
    assert random.hash_name("cafe\u0301") == random.hash_name("café"), "composed and decomposed are one name"
    assert random.hash_name("7") != random.seed_key(7)
    assert isinstance(random.hash_name("x"), np.uint64)


def test_seeds_of_any_size_have_their_own_keys():
    seeds = [0, 1, -1, 2**64, 2**64 + 1, 10**40]
    assert len({int(random.seed_key(seed)) for seed in seeds}) == len(seeds)
    assert random.seed_key(np.int64(5)) == random.seed_key(5)


def test_normal_agrees_with_scipy_from_tail_to_tail():
    exponents = np.linspace(np.log10(0.5), -300, 5_000)
    u = np.concatenate([10.0**exponents, 1.0 - 10.0 ** exponents[exponents > -15.5]])
    u = u[u != 0.5]
    # AS 241 claims 1e-16 and so does scipy; a few roundings of double precision in each.
    np.testing.assert_allclose(filled(fill_normals, u), special.ndtri(u), rtol=2e-15)


def test_normal_near_and_at_the_median():
    u = 0.5 + np.array([-1e-3, -1e-9, 0.0, 1e-9, 1e-3])
    np.testing.assert_allclose(filled(fill_normals, u), special.ndtri(u), rtol=2e-15)


def test_normal_is_odd_and_increasing():
    u = np.sort(many_uniforms(3, 5_000))
    x = filled(fill_normals, u)
    assert np.all(np.diff(x) >= 0.0)
    np.testing.assert_array_equal(filled(fill_normals, 1.0 - u), -x)


def test_normal_joins_its_branches_without_a_step():
    at_joins = np.array([0.075, 0.925, np.exp(-25.0)])
    below, above = np.nextafter(at_joins, 0.0), np.nextafter(at_joins, 1.0)
    step = filled(fill_normals, above) - filled(fill_normals, below)
    # Increasing up to rounding: neighbouring doubles may come out a few last places apart, either way.
    assert np.all(np.abs(step) < 4e-15 * np.abs(filled(fill_normals, at_joins)))


def test_normal_cdf_agrees_with_scipy_in_both_tails():
    x = np.linspace(-37.0, 9.0, 2_001)
    # erfc's relative condition number is 2x² in the tail, so the rounding of x/sqrt(2) alone is 2·37²·1e-16.
    np.testing.assert_allclose(filled(fill_normal_cdf, x), special.ndtr(x), rtol=1e-12)
    assert random.normal_cdf(0.0) == 0.5


def test_normal_cdf_undoes_normal():
    u = many_uniforms(11, 2_000)
    np.testing.assert_allclose(filled(fill_normal_cdf, filled(fill_normals, u)), u, rtol=1e-13)


DRAWS = """
import numpy as np
from fundsim.kernels.base import random
key = random.path_key(random.seed_key(20230101), 12, random.hash_name("enterprises"))
draws = [random.uniform(key, n) for n in range(6)]
print(int(key), *[float(u).hex() for u in draws], *[float(random.normal(u)).hex() for u in draws])
"""


def test_draws_are_equal_with_and_without_the_compiler():
    def printed(disabled):
        environment = {**os.environ, "NUMBA_DISABLE_JIT": disabled}
        command = [sys.executable, "-W", "error", "-c", DRAWS]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    assert printed("1") == printed("0")
    assert len(printed("1").split()) == 13


def test_draws_do_not_change_between_versions():
    """A change of these numbers changes every result of every scenario: it needs a line in the changelog."""
    key = random.path_key(random.seed_key(20230101), 12, random.hash_name("enterprises"))
    assert [int(key), float(random.uniform(key, 0)).hex(), float(random.uniform(key, 5)).hex()] == PINNED
