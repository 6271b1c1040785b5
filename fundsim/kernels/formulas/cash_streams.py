"""Owns a stream of cash flows seen as two sums of positive
terms, and the search for a zero of their ratio.
"""

import math
from typing import NamedTuple

import numpy as np

from fundsim.kernels.base.jit import kernel
from fundsim.vocabulary import IrrStatus

EPSILON = 2.220446049250313e-16
# Flows this much smaller than the largest count as zero: their quotient would lose its digits below 1e-308.
_NEGLIGIBLE = 1e-290
_MAX_STEPS = 200


class CashStream(NamedTuple):
    """A stream of flows and where its two sides begin and end;
    `times` is empty where flows are a period apart.
    """

    flows: np.ndarray
    times: np.ndarray
    scale: float
    sign_given: float
    first_given: int
    last_given: int
    first_returned: int
    last_returned: int


@kernel(allocates=False)
def survey(flows, times):
    """The stream, its number of changes of sign, and the status that follows from the signs alone."""
    largest = 0.0
    for flow in flows:
        size = abs(flow)
        if not size <= 1.7976931348623157e308:
            return CashStream(flows, times, 1.0, 1.0, 0, 0, 0, 0), 0, IrrStatus.NOT_FINITE
        largest = max(largest, size)
    floor = largest * _NEGLIGIBLE
    before, changes = 0, 0
    first_positive, last_positive, first_negative, last_negative = -1, -1, -1, -1
    for t in range(flows.size):
        # Chosen values, not branches: signs of simulated flows are hard to predict.
        is_positive, is_negative = flows[t] > floor, flows[t] < -floor
        sign = 1 if is_positive else (-1 if is_negative else 0)
        changes += 1 if sign * before < 0 else 0
        before = before if sign == 0 else sign
        last_positive = t if is_positive else last_positive
        last_negative = t if is_negative else last_negative
        first_positive = t if is_positive and first_positive < 0 else first_positive
        first_negative = t if is_negative and first_negative < 0 else first_negative
    status = IrrStatus.ONE_ROOT
    if before == 0:
        status = IrrStatus.ALL_ZERO
    elif changes == 0:
        status = IrrStatus.TOTAL_LOSS if before < 0 else IrrStatus.NO_ROOT
    # Below 1e-300 the quotient would overflow; such flows are merely small then.
    scale = 1.0 / max(largest, 1e-300)
    if first_negative >= 0 and (first_positive < 0 or first_negative < first_positive):
        cash = CashStream(
            flows, times, scale, -1.0, first_negative, last_negative, first_positive, last_positive
        )
    else:
        cash = CashStream(
            flows, times, scale, 1.0, first_positive, last_positive, first_negative, last_negative
        )
    return cash, changes, status


@kernel(allocates=False, is_inner=True)
def time_of(cash, index):
    """Time of a flow, counted from the first one."""
    if cash.times.size == 0:
        return float(index - cash.first_given)
    return cash.times[index] - cash.times[cash.first_given]


@kernel(allocates=False, is_inner=True)
def sides_by_period(flows, scale, first_long, n_long, first_short, n_short, x):
    """
    Present values of two sides, and their derivatives by ln(v), by Horner loops that run side by side.

    In v = exp(-x) seen from the first flow of each side, or in exp(x) seen from the last: neither
    overflows. `scale` is positive where the longer side's flows are.
    """
    z = math.exp(-abs(x))
    step = 1 if x >= 0.0 else -1
    long = first_long if x >= 0.0 else first_long + n_long - 1
    short = first_short if x >= 0.0 else first_short + n_short - 1
    value, weighted, other, other_weighted = 0.0, 0.0, 0.0, 0.0
    for k in range(n_long - 1, n_short - 1, -1):
        weighted = (weighted + value) * z
        value = value * z + max(0.0, scale * flows[long + step * k])
    for k in range(n_short - 1, -1, -1):
        weighted = (weighted + value) * z
        value = value * z + max(0.0, scale * flows[long + step * k])
        other_weighted = (other_weighted + other) * z
        other = other * z + max(0.0, -scale * flows[short + step * k])
    return value, weighted / value, other, other_weighted / other


@kernel(allocates=False, is_inner=True)
def side_by_date(flows, times, scale, first, n_flows, x):
    """The same for one side with flows at any times."""
    value, weighted = 0.0, 0.0
    step = 1 if x >= 0.0 else -1
    start = first if x >= 0.0 else first + n_flows - 1
    before = times[start + step * (n_flows - 1)]
    for k in range(n_flows - 1, -1, -1):
        t = start + step * k
        gap = abs(times[t] - before)
        before = times[t]
        z = math.exp(-abs(x) * gap)
        weighted = (weighted + gap * value) * z
        value = value * z + max(0.0, scale * flows[t])
    return value, weighted / value


@kernel(allocates=False)
def sides(cash, x):
    """
    Both sides at `x`.

    Returns
    -------
    returned, anchor_returned, mean_returned, given, anchor_given, mean_given : float
        The present value is `value · exp(-x · anchor)`; the mean is that of the times of the discounted
        flows.
    """
    scale = cash.sign_given * cash.scale
    first_g, n_g = cash.first_given, cash.last_given - cash.first_given + 1
    first_r, n_r = cash.first_returned, cash.last_returned - cash.first_returned + 1
    if cash.times.size > 0:
        given, spread_given = side_by_date(cash.flows, cash.times, scale, first_g, n_g, x)
        returned, spread_returned = side_by_date(cash.flows, cash.times, -scale, first_r, n_r, x)
    elif n_g > n_r:
        given, spread_given, returned, spread_returned = sides_by_period(
            cash.flows, scale, first_g, n_g, first_r, n_r, x
        )
    else:
        returned, spread_returned, given, spread_given = sides_by_period(
            cash.flows, -scale, first_r, n_r, first_g, n_g, x
        )
    if x >= 0.0:
        anchor_given, anchor_returned = time_of(cash, first_g), time_of(cash, first_r)
        return (
            returned,
            anchor_returned,
            anchor_returned + spread_returned,
            given,
            anchor_given,
            anchor_given + spread_given,
        )
    anchor_given, anchor_returned = time_of(cash, cash.last_given), time_of(cash, cash.last_returned)
    return (
        returned,
        anchor_returned,
        anchor_returned - spread_returned,
        given,
        anchor_given,
        anchor_given - spread_given,
    )


@kernel(allocates=False, is_inner=True)
def log_ratio(cash, x):
    """`g(x)` and its derivative."""
    returned, anchor_returned, mean_returned, given, anchor_given, mean_given = sides(cash, x)
    value = math.log(returned / given) - (anchor_returned - anchor_given) * x
    return value, mean_given - mean_returned


@kernel(allocates=False, is_inner=True)
def root_between(cash, low, high, orientation, x, value, slope):
    """
    Newton from `x`, kept inside a bracket in which `orientation · g` falls through zero.

    `value` and `slope` are those of `g` at `x`. A step that leaves the bracket, or is not half as long as
    the one before, is replaced by a bisection.
    """
    span = time_of(cash, max(cash.last_given, cash.last_returned))
    before = np.inf
    for _ in range(_MAX_STEPS):
        if orientation * value > 0.0:
            low = x
        elif orientation * value < 0.0:
            high = x
        else:
            return x
        target = low - 1.0
        if orientation * slope < 0.0:
            step = -value / slope
            # The curvature of g is at most span²/4, which bounds what a Newton step leaves.
            if step * step * span * span <= -4.0 * EPSILON * (1.0 + abs(x)) * orientation * slope:
                return min(max(x + step, low), high)
            if abs(step) <= 0.5 * before:
                target = x + step
        if not low < target < high:
            target = 0.5 * (low + high)
        before = abs(target - x)
        x = target
        if high - low <= 2.0 * EPSILON * (1.0 + abs(x)):
            return x
        value, slope = log_ratio(cash, x)
    return x


@kernel(allocates=False)
def bounds(cash, returned, given):
    """
    An interval that holds every root, from both present values at 0.

    To its right the first flow outweighs all that is returned, to its left the last flow all of the
    opposite sign.
    """
    first = abs(cash.flows[cash.first_given]) * cash.scale
    high = max(0.0, math.log(returned / first) / time_of(cash, cash.first_returned))
    last_index = max(cash.last_given, cash.last_returned)
    other_index = min(cash.last_given, cash.last_returned)
    opposite = given if cash.last_returned > cash.last_given else returned
    last = abs(cash.flows[last_index]) * cash.scale
    reach = time_of(cash, last_index) - time_of(cash, other_index)
    low = -max(0.0, math.log(opposite / last) / reach)
    return low - 1e-6 * (1.0 - low), high + 1e-6 * (1.0 + high)


@kernel(allocates=False)
def rounding(cash, x):
    """Size of the rounding error of `g`: what is nearer to zero than this is zero."""
    last = max(cash.last_given, cash.last_returned)
    terms = last - cash.first_given + 1
    return 2.0 * EPSILON * (8.0 + terms + abs(x) * time_of(cash, last))
