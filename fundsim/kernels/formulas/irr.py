"""Owns the solver for internal rates of return: every root of a stream of cash flows, and which of them is
the IRR.

Notation. A stream has flows `c_i` at times `t_i` (in periods, or in years for dated flows); `x = ln(1 +
r)`. The flows with the sign of the first one are *given*, the others *returned*; `G(x)` and `R(x)` are
their present values. Both are sums of positive terms, so nothing cancels in them, and the net present
value is zero where

    g(x) = ln R(x) − ln G(x) = 0.

Both logarithms are convex in `x`, with slopes −(mean time of the discounted flows). Three things follow:

- with one change of sign all that is returned comes after all that is given, `g' ≤ −(shortest time between
them)`,
  the root is unique, lies in a bracket known from one evaluation, and Newton on the nearly straight `g`
  takes three or four steps from anywhere (8.1);
- with more changes of sign, a root at which the compounded balance never changes sign is the only one
(partial sums
  of the discounted flows then have one sign, and summation by parts gives NPV one sign on each side of the
  root);
- otherwise all roots are isolated: on an interval each convex function lies between its chord and its two
tangents,
  which proves that `g` has no root there, or that `g` is monotone; what is neither is cut in two.
"""

import math
from typing import NamedTuple

import numpy as np

from fundsim.kernels.base.jit import kernel
from fundsim.kernels.formulas.cash_streams import (
    bounds,
    log_ratio,
    root_between,
    rounding,
    sides,
    survey,
    time_of,
)
from fundsim.vocabulary import IrrStatus

_MAX_INTERVALS = 200_000
# Far above the rounding of a sum of thousands of flows; below it the roots are isolated instead.
PROOF = 1e-10


@kernel(allocates=False, is_inner=True)
def single_root(cash, guess):
    """
    The root of a stream whose signs change once.

    `g` falls with a slope between the longest and the shortest time between the two sides, which brackets
    the root.
    """
    x = guess if abs(guess) < 700.0 else 0.0
    value, slope = log_ratio(cash, x)
    near = x + value / (time_of(cash, cash.last_returned) - time_of(cash, cash.first_given))
    far = x + value / (time_of(cash, cash.first_returned) - time_of(cash, cash.last_given))
    room = 1e-9 * (1.0 + abs(near) + abs(far))
    return root_between(cash, min(near, far) - room, max(near, far) + room, 1.0, x, value, slope)


@kernel(allocates=False, is_inner=True)
def some_root(cash, guess):
    """A root of a stream that ends with the other sign than it
    begins with, where one must lie within the bounds.
    """
    x = 0.0
    returned, _, mean_returned, given, _, mean_given = sides(cash, x)
    low, high = bounds(cash, returned, given)
    if low < guess < high:
        x = guess
        value, slope = log_ratio(cash, x)
    else:
        value, slope = math.log(returned / given), mean_given - mean_returned
    return root_between(cash, low, high, 1.0, x, value, slope)


@kernel(allocates=False, is_inner=True)
def balance_keeps_sign(cash, x):
    """
    Whether the balance compounded at a root has one sign until the last flow; the root is then the only one.

    A balance that is small beside all that went into it may owe its sign to rounding, and proves nothing.
    """
    last = max(cash.last_given, cash.last_returned)
    growth = math.exp(x)
    balance, gross = 0.0, 0.0
    for t in range(cash.first_given, last):
        if cash.times.size > 0 and t > 0:
            growth = math.exp(x * (cash.times[t] - cash.times[t - 1]))
        flow = cash.sign_given * cash.flows[t] * cash.scale
        balance = balance * growth + flow
        gross = gross * growth + abs(flow)
        if not balance > PROOF * gross:
            return False
    return True


class Point(NamedTuple):
    """What is known at one `x`: ln R and ln G with their slopes."""

    x: float
    returned: float
    returned_slope: float
    given: float
    given_slope: float


@kernel(allocates=False, is_inner=True)
def point_at(cash, x):
    """Evaluate both sides."""
    returned, anchor_returned, mean_returned, given, anchor_given, mean_given = sides(cash, x)
    return Point(
        x,
        math.log(returned) - anchor_returned * x,
        -mean_returned,
        math.log(given) - anchor_given * x,
        -mean_given,
    )


@kernel(allocates=False, is_inner=True)
def sag(width, rise, left_slope, right_slope):
    """How far a convex function can lie below its chord, from its slopes at both ends."""
    left = rise - left_slope * width
    right = right_slope * width - rise
    if left <= 0.0 or right <= 0.0:
        return 0.0
    return left * right / (left + right)


@kernel(allocates=False, is_inner=True)
def sign_of(value, tolerance):
    """−1, 0 or 1, with all within the tolerance being zero."""
    if value > tolerance:
        return 1
    return -1 if value < -tolerance else 0


OPEN = 0
EXCLUDED = 1
MONOTONE = 2
FLAT = 3


@kernel(allocates=False, is_inner=True)
def verdict(a, b, tolerance):
    """What chords and tangents prove about `g` between two
    points, and how much was missing for an exclusion.
    """
    width = b.x - a.x
    value_a, value_b = a.returned - a.given, b.returned - b.given
    below = sag(width, b.returned - a.returned, a.returned_slope, b.returned_slope)
    above = sag(width, b.given - a.given, a.given_slope, b.given_slope)
    if min(value_a, value_b) > below + tolerance:
        return EXCLUDED, below / min(value_a, value_b)
    if max(value_a, value_b) < -above - tolerance:
        return EXCLUDED, -above / max(value_a, value_b)
    # Slopes of convex functions grow from a to b.
    steepest = max(abs(a.returned_slope), abs(a.given_slope), abs(b.returned_slope), abs(b.given_slope))
    margin = tolerance * (1.0 + steepest)
    if b.returned_slope - a.given_slope < -margin or a.returned_slope - b.given_slope > margin:
        return MONOTONE, 1.0
    if max(abs(value_a), abs(value_b)) <= tolerance and below + above <= tolerance:
        return FLAT, 1.0
    return OPEN, max(below, above) / max(min(abs(value_a), abs(value_b)), 1e-300)


@kernel(allocates=False, is_inner=True)
def is_better(falls, x, best_falls, best, per_year):
    """Whether a root is preferred: falling NPV first, then the annual rate nearest zero (8.1)."""
    if falls != best_falls:
        return falls
    return not abs(math.expm1(x * per_year)) >= abs(math.expm1(best * per_year))


@kernel(allocates=False, is_inner=True)
def crossing(cash, a, b):
    """The root of `g` between two points where it is monotone and has opposite signs."""
    value = a.returned - a.given
    orientation = 1.0 if value > 0.0 else -1.0
    gap = value - (b.returned - b.given)
    x = a.x + (b.x - a.x) * value / gap
    middle, slope = log_ratio(cash, x)
    return root_between(cash, a.x, b.x, orientation, x, middle, slope)


@kernel(allocates=False)
def stationary(a, b):
    """Where `g`, zero within rounding from one point to the other, has its extremum; else the middle."""
    slope_a, slope_b = a.returned_slope - a.given_slope, b.returned_slope - b.given_slope
    if slope_a * slope_b < 0.0:
        return a.x + (b.x - a.x) * slope_a / (slope_a - slope_b)
    return 0.5 * (a.x + b.x)


@kernel(allocates=False, is_inner=True)
def isolate(cash, per_year, roots):
    """
    March over all roots from left to right.

    Roots closer together than rounding can tell apart (about 1e-7 for forty flows) are one root; NPV falls
    through it if its sign changes from plus to minus.

    Parameters
    ----------
    cash : CashStream
        With at least one change of sign.
    per_year : float
        Periods a year, to compare the sizes of annual rates.
    roots : float64 array
        Filled from the left with the roots in `x`, ascending, as far as it is long.

    Returns
    -------
    n_roots : int
        Distinct roots.
    best : float
        The root that is the IRR by (8.1), nan if there is none.
    """
    returned, _, _, given, _, _ = sides(cash, 0.0)
    low, high = bounds(cash, returned, given)
    n_roots, best, best_falls = 0, np.nan, False
    sign_before = 1 if cash.last_returned > cash.last_given else -1
    a = point_at(cash, low)
    in_zero = False
    zero_low, zero_high = a, a
    width = (high - low) / 8.0
    for _ in range(_MAX_INTERVALS):
        if a.x >= high:
            break
        step = min(width, high - a.x)
        b = point_at(cash, min(high, a.x + step))
        # Once within rounding of zero, noise alone must not lead out again and find the same root twice.
        tolerance = rounding(cash, b.x) * (4.0 if in_zero else 1.0)
        finding, ratio = verdict(a, b, tolerance)
        if finding == OPEN and step > 1e-12 * (1.0 + abs(a.x)):
            width = step * min(0.5, max(0.05, 0.8 / math.sqrt(ratio + 1e-9)))
            continue
        width = (
            step * min(4.0, max(1.0, 0.7 / math.sqrt(ratio + 1e-9))) if finding == EXCLUDED else 2.0 * step
        )
        sign = sign_of(b.returned - b.given, tolerance)
        if b.x >= high:
            sign = -1
        if sign == 0:
            zero_low = zero_low if in_zero else b
            zero_high = b
            in_zero = True
        elif in_zero or sign != sign_before:
            x = stationary(zero_low, zero_high) if in_zero else crossing(cash, a, b)
            falls = sign != sign_before and sign == (1 if cash.sign_given > 0.0 else -1)
            if n_roots < roots.size:
                roots[n_roots] = x
            if n_roots == 0 or is_better(falls, x, best_falls, best, per_year):
                best, best_falls = x, falls
            n_roots += 1
            in_zero = False
            sign_before = sign
        a = b
    return n_roots, best


@kernel(allocates=False)
def irr_period(flows, times, per_year, guess):
    """
    Internal rate of return of one stream (8.1).

    Parameters
    ----------
    flows : float64 array, shape (T,)
        Net cash flows.
    times : float64 array
        Strictly increasing times of the flows; empty where they are one period apart.
    per_year : float
        Units of time in a year; decides which of several roots is nearest zero as an annual rate.
    guess : float
        Where to start, in `x`; nan for no idea. The answer does not depend on it beyond rounding.

    Returns
    -------
    x : float
        `ln(1 + r)` for one unit of time; −inf where nothing comes back, nan where there is no rate.
    status : int
        ONE_ROOT, SEVERAL_ROOTS, NO_ROOT, TOTAL_LOSS, ALL_ZERO or NOT_FINITE.
    """
    cash, changes, status = survey(flows, times)
    if status == IrrStatus.TOTAL_LOSS:
        return -np.inf, status
    if status != IrrStatus.ONE_ROOT:
        return np.nan, status
    if changes == 1:
        return single_root(cash, guess), IrrStatus.ONE_ROOT
    if changes % 2 == 1:
        x = some_root(cash, guess)
        if balance_keeps_sign(cash, x):
            return x, IrrStatus.ONE_ROOT
    n_roots, x = isolate(cash, per_year, flows[:0])
    if n_roots == 0:
        return np.nan, IrrStatus.NO_ROOT
    return x, IrrStatus.ONE_ROOT if n_roots == 1 else IrrStatus.SEVERAL_ROOTS


@kernel(allocates=False)
def irr_all_roots(flows, times, per_year, roots):
    """Every root of one stream as an annual rate, ascending, into `roots`; returns how many there are."""
    cash, changes, status = survey(flows, times)
    if status != IrrStatus.ONE_ROOT:
        return 0
    if changes == 1:
        n_roots = 1
        roots[0] = single_root(cash, np.nan)
    else:
        n_roots, _ = isolate(cash, per_year, roots)
    n_roots = min(n_roots, roots.size)
    for k in range(n_roots):
        roots[k] = math.expm1(roots[k] * per_year)
    return n_roots
