"""Sets of small numbers as words of bits, walked in ascending order."""

import numpy as np

from fundsim.kernels.base.jit import kernel

_MULTIPLIER = 0x03F79D71B4CB0A89
_PLACE = np.zeros(64, dtype=np.int64)
for _k in range(64):
    _PLACE[((_MULTIPLIER << _k) & (2**64 - 1)) >> 58] = _k
_FACTOR, _ONE, _LOW, _TOP = np.uint64(_MULTIPLIER), np.uint64(1), np.uint64(63), np.uint64(58)

BITS = 64  # of a word
EMPTY = np.uint64(0)  # a word without numbers


def words_for(n: int) -> int:
    """Words of a set of numbers below ``n``; at least one."""
    return n // BITS + 1


def sets_of(is_in: np.ndarray) -> np.ndarray:
    """The sets that rows of zeros and ones tell, (rows, words)."""
    words = np.zeros((len(is_in), words_for(is_in.shape[1])), dtype=np.uint64)
    for row, number in np.argwhere(is_in).tolist():
        words[row, number // BITS] |= np.uint64(1 << number % BITS)
    return words


@kernel(allocates=False, is_inner=True)
def include(words, n):
    """Put n into the set."""
    words[n >> 6] |= _ONE << (np.uint64(n) & _LOW)


@kernel(allocates=False, is_inner=True)
def exclude(words, n):
    """Take n out of the set."""
    words[n >> 6] &= ~(_ONE << (np.uint64(n) & _LOW))


@kernel(allocates=False, is_inner=True)
def contains(words, n):
    """Whether n is in the set."""
    return (words[n >> 6] >> (np.uint64(n) & _LOW)) & _ONE != EMPTY


@kernel(allocates=False, is_inner=True)
def lowest(word):
    """Place of the lowest bit of a word that is not 0.

    A de Bruijn sequence numbers the 64 single bits (Leiserson, Prokop and Randall 1998).
    """
    return _PLACE[np.int64(((word & (~word + _ONE)) * _FACTOR) >> _TOP)]


@kernel(allocates=False, is_inner=True)
def without_lowest(word):
    """The word without its lowest bit."""
    return word & (word - _ONE)


@kernel(allocates=False, is_inlined=True)
def members(words, found):
    """Write the numbers of the set in ascending order into ``found``; returns how many there are."""
    n = 0
    for w in range(words.size):
        word = words[w]
        while word != EMPTY:
            found[n] = BITS * w + lowest(word)
            word = without_lowest(word)
            n += 1
    return n
