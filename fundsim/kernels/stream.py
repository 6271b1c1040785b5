"""Owns a stream of cash flows seen as two sums of positive terms, and the search for a zero of their ratio."""

import math
from typing import NamedTuple

import numpy as np

from fundsim.kernels.jit import kernel

ONE_ROOT = 0
SEVERAL_ROOTS = 1
NO_ROOT = 2
TOTAL_LOSS = 3
ALL_ZERO = 4
NOT_FINITE = 5

EPSILON = 2.220446049250313e-16
# Flows this much smaller than the largest count as zero: their quotient would lose its digits below 1e-308.
_NEGLIGIBLE = 1e-290
_STEP_TOLERANCE = 1e-11
_MAX_STEPS = 200


class Stream(NamedTuple):
    """A stream of flows and where its two sides begin and end; `times` is empty where flows are a period apart."""

    flows: np.ndarray
    times: np.ndarray
    largest: float
    sign_given: float
    first_given: int
    last_given: int
    first_returned: int
    last_returned: int


@kernel
def survey(flows, times):
    """The stream, its number of changes of sign, and the status that follows from the signs alone."""
    largest = 0.0
    for flow in flows:
        size = abs(flow)
        if not size <= 1.7976931348623157e308:
            return Stream(flows, times, 1.0, 1.0, 0, 0, 0, 0), 0, NOT_FINITE
        largest = max(largest, size)
    floor = largest * _NEGLIGIBLE
    sign_given, before = 0.0, 0.0
    first_given, last_given, first_returned, last_returned = 0, 0, 0, 0
    changes = 0
    for t in range(flows.size):
        if abs(flows[t]) <= floor:
            continue
        sign = 1.0 if flows[t] > 0.0 else -1.0
        if before == 0.0:
            sign_given, first_given = sign, t
        elif sign != before:
            changes += 1
            if changes == 1:
                first_returned = t
        if sign == sign_given:
            last_given = t
        else:
            last_returned = t
        before = sign
    status = ONE_ROOT
    if before == 0.0:
        status = ALL_ZERO
    elif changes == 0:
        status = TOTAL_LOSS if before < 0.0 else NO_ROOT
    stream = Stream(flows, times, largest, sign_given, first_given, last_given, first_returned, last_returned)
    return stream, changes, status


@kernel
def time_of(stream, index):
    """Time of a flow, counted from the first one."""
    if stream.times.size == 0:
        return float(index - stream.first_given)
    return stream.times[index] - stream.times[stream.first_given]


@kernel
def side_by_period(flows, sign, largest, first, last, x):
    """
    Present value of the flows of one sign between two indices, and its derivative by ln(v), in one Horner loop.

    In v = exp(-x) seen from the first flow, or in exp(x) seen from the last: neither overflows.
    """
    value, weighted = 0.0, 0.0
    z = math.exp(-abs(x))
    if x >= 0.0:
        for t in range(last, first - 1, -1):
            amount = sign * flows[t] / largest
            weighted = (weighted + value) * z
            value = value * z + max(0.0, amount)
    else:
        for t in range(first, last + 1):
            amount = sign * flows[t] / largest
            weighted = (weighted + value) * z
            value = value * z + max(0.0, amount)
    return value, weighted / value


@kernel
def side_by_date(flows, times, sign, largest, first, last, x):
    """The same with flows at any times."""
    value, weighted = 0.0, 0.0
    step = -1 if x >= 0.0 else 1
    start = last if x >= 0.0 else first
    before = times[start]
    for k in range(last - first + 1):
        t = start + step * k
        gap = abs(times[t] - before)
        z = math.exp(-abs(x) * gap)
        before = times[t]
        amount = sign * flows[t] / largest
        weighted = (weighted + gap * value) * z
        value = value * z + max(0.0, amount)
    return value, weighted / value


@kernel
def side(stream, is_given, x):
    """Present value of one side as `value · exp(-x · anchor)`, and the mean time of its discounted flows."""
    sign = stream.sign_given if is_given else -stream.sign_given
    first = stream.first_given if is_given else stream.first_returned
    last = stream.last_given if is_given else stream.last_returned
    if stream.times.size == 0:
        value, spread = side_by_period(stream.flows, sign, stream.largest, first, last, x)
    else:
        value, spread = side_by_date(stream.flows, stream.times, sign, stream.largest, first, last, x)
    if x >= 0.0:
        anchor = time_of(stream, first)
        return value, anchor, anchor + spread
    anchor = time_of(stream, last)
    return value, anchor, anchor - spread


@kernel
def log_ratio(stream, x):
    """`g(x)` and its derivative."""
    returned, anchor_returned, mean_returned = side(stream, False, x)
    given, anchor_given, mean_given = side(stream, True, x)
    value = math.log(returned / given) - (anchor_returned - anchor_given) * x
    return value, mean_given - mean_returned


@kernel
def root_between(stream, low, high, orientation, x, value, slope):
    """
    Newton from `x`, kept inside a bracket in which `orientation · g` falls through zero.

    `value` and `slope` are those of `g` at `x`. A step that leaves the bracket, or is not half as long as the one
    before, is replaced by a bisection.
    """
    before = np.inf
    for _ in range(_MAX_STEPS):
        if orientation * value > 0.0:
            low = x
        elif orientation * value < 0.0:
            high = x
        else:
            return x
        step = -value / slope
        if abs(step) <= _STEP_TOLERANCE * (1.0 + abs(x)) and orientation * slope < 0.0:
            return min(max(x + step, low), high)
        target = x + step
        if not (low < target < high) or abs(step) > 0.5 * before or orientation * slope >= 0.0:
            target = 0.5 * (low + high)
        before = abs(target - x)
        x = target
        if high - low <= 2.0 * EPSILON * (1.0 + abs(x)):
            return x
        value, slope = log_ratio(stream, x)
    return x


@kernel
def bounds(stream):
    """
    An interval that holds every root.

    To its right the first flow outweighs all that is returned, to its left the last flow all of the opposite sign.
    """
    given, _, _ = side(stream, True, 0.0)
    returned, _, _ = side(stream, False, 0.0)
    first = abs(stream.flows[stream.first_given]) / stream.largest
    high = max(0.0, math.log(returned / first) / time_of(stream, stream.first_returned))
    last_index = max(stream.last_given, stream.last_returned)
    other_index = min(stream.last_given, stream.last_returned)
    opposite = given if stream.last_returned > stream.last_given else returned
    last = abs(stream.flows[last_index]) / stream.largest
    reach = time_of(stream, last_index) - time_of(stream, other_index)
    low = -max(0.0, math.log(opposite / last) / reach)
    return low - 1e-6 * (1.0 - low), high + 1e-6 * (1.0 + high)


@kernel
def rounding(stream, x):
    """Size of the rounding error of `g`: what is nearer to zero than this is zero."""
    last = max(stream.last_given, stream.last_returned)
    terms = last - stream.first_given + 1
    return 2.0 * EPSILON * (8.0 + terms + abs(x) * time_of(stream, last))
