"""Ends of quantiles (§9), slow and obvious: binomial chances added up as fractions, rank after rank."""

from fractions import Fraction
from math import comb

TAIL = Fraction(25, 1000)


def chances(n, level):
    """P(B = k) for k from 0 to n, B binomial (n, level)."""
    p = Fraction(str(level))
    return [comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]


def quantile_ranks(n, level):
    """l, the largest rank with P(B ≤ l − 1) ≤ .025, and u, the smallest with P(B ≥ u) ≤ .025."""
    found = chances(n, level)
    lower, below = 0, found[0]
    while below <= TAIL:
        lower += 1
        below += found[lower]
    upper, above = n + 1, found[n]
    while above <= TAIL:
        upper -= 1
        above += found[upper - 1]
    return lower, upper
