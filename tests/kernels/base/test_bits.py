"""Sets as words of bits are walked as Python's sets are when sorted."""

import numpy as np
import pytest

from fundsim.kernels.base.bits import BITS, contains, exclude, include, members, sets_of, words_for
from fundsim.kernels.base.jit import kernel


@kernel
def change(words, numbers, is_in):
    for i in range(numbers.size):
        if is_in[i]:
            include(words, numbers[i])
        else:
            exclude(words, numbers[i])


@kernel
def walk(words, found):
    return members(words, found)


@kernel
def holds(words, n):
    return contains(words, n)


def numbers_of(words):
    found = np.zeros(BITS * words.size, dtype=np.int64)
    return found[: walk(words, found)].tolist()


@pytest.mark.parametrize("size", [1, 63, 64, 65, 200])
def test_a_set_has_what_was_put_in_and_not_taken_out(size):
    rng = np.random.default_rng(size)
    numbers, is_in = rng.integers(0, size, 400), rng.random(400) < 0.6
    words, expected = np.zeros(words_for(size), dtype=np.uint64), set()
    change(words, numbers, is_in)
    for number, into in zip(numbers.tolist(), is_in.tolist(), strict=True):
        (expected.add if into else expected.discard)(number)
    assert numbers_of(words) == sorted(expected)


def test_every_number_of_a_word_is_found_alone():
    for number in range(2 * BITS):
        words = np.zeros(words_for(2 * BITS), dtype=np.uint64)
        change(words, np.array([number]), np.array([True]))
        assert numbers_of(words) == [number]


def test_sets_of_rows_of_ones_hold_their_places_and_no_other():
    rng = np.random.default_rng(5)
    for size in (1, 64, 65, 130):
        is_in = rng.integers(0, 2, (4, size))
        words = sets_of(is_in)
        assert words.shape == (4, words_for(size))
        for row, ones in zip(words, is_in, strict=True):
            assert numbers_of(row) == np.flatnonzero(ones).tolist()
            assert [bool(holds(row, n)) for n in range(size)] == ones.astype(bool).tolist()
