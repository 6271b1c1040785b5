"""Rates of return beside pyxirr's and numpy-financial's on generated streams, and what explains each
disagreement.

The judge is the net present value to 50 digits (mpmath): a rate is a root where its sign changes. Of
several roots ours is the one nearest zero among those at which the net present value falls with the rate
(8.1); the others have no such rule.
"""

import datetime
import math
from collections import Counter

import mpmath
import numpy as np
import numpy_financial
import pyxirr

from fundsim import measures

# pyxirr stops where the net present value is below 0.001 and so is some 1e-8 off the root; other roots are
# far away
SAME_ROOT = 1e-6
EXPLANATIONS = {
    "agrees": "the same rate to 1e-6, or none in both",
    "total loss": (
        "nothing comes back, or so little that the rate is −1 as a double; −1 is our answer, none is theirs"
    ),
    "refused": "no answer, though ours is a root",
    "below −1": "a root of the polynomial at or below −100 %, which is no rate",
    "no root": "an answer at which the net present value does not change sign",
    "other root": "a root, but one that the rule of (8.1) puts behind ours",
    "ours wrong": "anything else",
}


def calls_then_returns(rng):
    """Calls, perhaps a gap, then distributions: the usual fund."""
    calls, gap, returns = rng.integers(1, 13), rng.integers(0, 8), rng.integers(1, 25)
    return np.concatenate([-rng.random(calls), np.zeros(gap), rng.random(returns) * rng.uniform(0.05, 4.0)])


def late_calls(rng):
    """A quarter of the flows of the second half are calls."""
    flows = calls_then_returns(rng)
    is_late = (np.arange(flows.size) > flows.size // 2) & (rng.random(flows.size) < 0.25)
    return np.where(is_late, -0.6 * rng.random(flows.size), flows)


def deep_losses(rng):
    """Between a tenth and a billionth comes back."""
    returned = rng.random(rng.integers(1, 17)) * 10.0 ** rng.uniform(-9, -1)
    return np.concatenate([-rng.random(rng.integers(1, 9)), returned])


def in_yuan(rng):
    """Amounts of 亿元 written in yuan and fen."""
    return np.round(calls_then_returns(rng) * 1e8, 2) * rng.choice([1.0, 100.0])


def any_signs(rng):
    """Flows of any sign, as no fund has them."""
    return rng.normal(size=rng.integers(2, 25))


def leading_zeros(rng):
    """The first call comes late."""
    return np.concatenate([np.zeros(rng.integers(1, 20)), calls_then_returns(rng)])


FAMILIES = {
    "calls, then returns": calls_then_returns,
    "late calls": late_calls,
    "deep losses": deep_losses,
    "in yuan": in_yuan,
    "any signs": any_signs,
    "leading zeros": leading_zeros,
}


def streams(family, n, seed=20261):
    rng = np.random.default_rng([seed, list(FAMILIES).index(family)])
    return [FAMILIES[family](rng) for _ in range(n)]


def dated_streams(n, seed=20262):
    """Calls, then returns, with late calls in a third, on any
    days of twelve years; pairs of days and flows.
    """
    rng = np.random.default_rng(seed)
    made = []
    for k in range(n):
        flows = late_calls(rng) if k % 3 == 0 else calls_then_returns(rng)
        flows = flows[flows != 0.0]
        days = np.sort(rng.choice(4_380, size=flows.size, replace=False))
        made.append((days, flows))
    return made


def ours_of(rows):
    """IRR of streams of any lengths in one call: zeros at the end move no rate."""
    table = np.zeros((len(rows), max(row.size for row in rows)))
    for k, row in enumerate(rows):
        table[k, : row.size] = row
    return measures.irr(table)


def answered(function, *arguments):
    """What other software answers; nan where it gives nothing or refuses."""
    try:
        found = function(*arguments)
    except (pyxirr.InvalidPaymentsError, ValueError, ArithmeticError):
        return math.nan
    return math.nan if found is None else float(np.real(found))


def npv(flows, times, rate_logarithm):
    return mpmath.fsum(
        mpmath.mpf(float(c)) * mpmath.exp(-rate_logarithm * mpmath.mpf(float(t)))
        for c, t in zip(flows, times, strict=True)
        if c != 0.0
    )


def sides_of(flows, times, rate, width):
    """Signs of the net present value a little below and above a rate,
    at least by what a double near −1 leaves open.
    """
    x = mpmath.log1p(mpmath.mpf(rate))
    step = max(width * (1 + abs(x)), 2.3e-16 / (1 + mpmath.mpf(rate)))
    return [int(mpmath.sign(npv(flows, times, x + side * step))) for side in (-1, 1)]


def is_root(flows, times, rate, width):
    low, high = sides_of(flows, times, rate, width)
    return low != high or low == 0


def is_lost(flows, times):
    """Whether nothing comes back, or a root lies below the first
    double above −1: there the last flow decides the sign.
    """
    value = npv(flows, times, mpmath.log(mpmath.mpf(2) ** -53))
    return bool(np.all(flows <= 0.0) or mpmath.sign(value) != np.sign(flows[-1]))


def rank(flows, times, rate):
    """How (8.1) ranks a root: those at which the net present
    value falls first, then by distance from zero.
    """
    low, high = sides_of(flows, times, rate, SAME_ROOT)
    return (not low > high, abs(rate))


def explain(flows, times, ours, theirs):
    """Which of EXPLANATIONS a pair of answers for one stream is."""
    with mpmath.workdps(50):
        if math.isnan(ours):
            is_nothing = math.isnan(theirs) or theirs <= -1 or not is_root(flows, times, theirs, SAME_ROOT)
            return "agrees" if math.isnan(theirs) else "no root" if is_nothing else "ours wrong"
        if ours == -1.0:
            return "total loss" if is_lost(flows, times) and math.isnan(theirs) else "ours wrong"
        if abs(theirs - ours) <= SAME_ROOT * (1 + abs(ours)):
            return "agrees"
        # a stream fixes close roots to about 1e-16 over their distance only
        if not is_root(flows, times, ours, 1e-12) and not is_root(flows, times, ours, 1e-9):
            return "ours wrong"
        if math.isnan(theirs):
            return "refused"
        if theirs <= -1:
            return "below −1"
        if not is_root(flows, times, theirs, SAME_ROOT):
            return "no root"
        return "other root" if rank(flows, times, ours) < rank(flows, times, theirs) else "ours wrong"


def compared(family, n):
    """Counts of explanations by software for a family of streams."""
    rows = streams(family, n)
    ours = ours_of(rows)
    counts = {"pyxirr": Counter(), "numpy-financial": Counter()}
    for flows, rate in zip(rows, ours, strict=True):
        times = np.arange(flows.size)
        for name, function in (("pyxirr", pyxirr.irr), ("numpy-financial", numpy_financial.irr)):
            counts[name][explain(flows, times, float(rate), answered(function, flows))] += 1
    return counts


def compared_by_date(n):
    """The same for dated flows; only pyxirr has them."""
    start = datetime.date(2011, 1, 1)
    counts = Counter()
    for days, flows in dated_streams(n):
        dates = [start + datetime.timedelta(days=int(day)) for day in days]
        rate = measures.xirr(dates, flows)
        years = [(day - days[0]) / mpmath.mpf(365) for day in days.tolist()]
        counts[explain(flows, years, rate, answered(pyxirr.xirr, dates, flows))] += 1
    return {"pyxirr": counts}
