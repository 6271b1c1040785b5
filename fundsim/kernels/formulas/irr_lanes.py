"""Owns the solver of many internal rates of return at once: a handful of streams side by side, a lane each.

A lane does what `fundsim.kernels.formulas.irr` does for most streams, Newton on ``g(x) = ln P(x) − ln N(x)``
from 0, with the same proof that a root is the only one; P and N are the present values of the positive and
of the negative flows. All loops over lanes have the same constant length and no lane reads another, so the
bits of a root depend on its own stream alone. What a lane does not prove is given to the solver of one
stream: several roots, none, total losses, amounts or rates at which a sum could leave the range of doubles.
"""

import math
from typing import NamedTuple

import numpy as np

from fundsim.kernels.base.jit import kernel
from fundsim.kernels.formulas.cash_streams import EPSILON
from fundsim.kernels.formulas.irr import PROOF, irr_period
from fundsim.vocabulary import IrrStatus

LANES = 16
_PERIODS_A_VISIT = 4  # sums of a lane are fetched and stored once for so many periods
_MAX_STEPS = 16
# With flows and e^(xT) inside these bounds no product overflows, and none that matters underflows.
_LEAST, _MOST, _FARTHEST = 1e-100, 1e100, 230.0

SEEKING, FOUND, LEFT = 0.0, 1.0, 2.0
"""States of a lane."""


class Lanes(NamedTuple):
    """Groups of streams side by side, and what is known of those of one group; the last axis is the lane."""

    flows: np.ndarray  # (G, R, LANES), R the periods rounded up to whole visits, the last ones without flows
    x: np.ndarray  # (LANES,) ln(1 + r) of a period
    status: np.ndarray  # (LANES,) int64
    # scratch
    state: np.ndarray  # (LANES,)
    discount: np.ndarray  # (LANES,) e^−x
    sums: np.ndarray  # (4, LANES)
    signs: np.ndarray  # (5, LANES) sum of sizes, least size, last and first flow, changes of sign
    stream: np.ndarray  # (T,) one of them alone
    no_times: np.ndarray  # (0,)


def allocate_lanes(n_periods: int, n_streams: int = LANES) -> Lanes:
    """Memory for so many streams of so many periods."""
    groups, visits = -(-n_streams // LANES), -(-n_periods // _PERIODS_A_VISIT)
    return Lanes(
        flows=np.zeros((groups, visits * _PERIODS_A_VISIT, LANES)),
        x=np.zeros(LANES),
        status=np.zeros(LANES, dtype=np.int64),
        state=np.zeros(LANES),
        discount=np.zeros(LANES),
        sums=np.zeros((4, LANES)),
        signs=np.zeros((5, LANES)),
        stream=np.zeros(n_periods),
        no_times=np.zeros(0),
    )


@kernel(allocates=False, is_inner=True)
def survey_lanes(lanes, streams):
    """Sizes and signs of every lane's flows."""
    gross, least, last, first = lanes.signs[0], lanes.signs[1], lanes.signs[2], lanes.signs[3]
    changes = lanes.signs[4]
    for k in range(LANES):
        gross[k], least[k], last[k], first[k], changes[k] = 0.0, _MOST, 0.0, 0.0, 0.0
    for t in range(streams.shape[0]):
        flows = streams[t]
        for k in range(LANES):
            flow, before, size = flows[k], last[k], abs(flows[k])
            gross[k] += size
            least[k] = min(least[k], size if size > 0.0 else _MOST)
            changes[k] += 1.0 if flow * before < 0.0 else 0.0
            last[k] = before if flow == 0.0 else flow
            first[k] = flow if first[k] == 0.0 else first[k]


@kernel(allocates=False, is_inner=True)
def begin_lanes(lanes, n):
    """Seek in the lanes that may have one root; returns how many, and how many of them need a proof."""
    gross, least, changes = lanes.signs[0], lanes.signs[1], lanes.signs[4]
    n_seeking, n_unproved = 0, 0
    for k in range(LANES):
        # also false where a flow is not a number
        is_plain = k < n and changes[k] % 2.0 == 1.0 and gross[k] <= _MOST and least[k] >= _LEAST
        lanes.x[k], lanes.state[k] = 0.0, SEEKING if is_plain else LEFT
        n_seeking += 1 if is_plain else 0
        n_unproved += 1 if is_plain and changes[k] > 1.0 else 0
    return n_seeking, n_unproved


@kernel(allocates=False, is_inner=True)
def discount_lanes(lanes, streams):
    """The present values of both signs in every lane, and their derivatives by ln(e^−x)."""
    value, weighted, other, other_weighted = lanes.sums[0], lanes.sums[1], lanes.sums[2], lanes.sums[3]
    discount = lanes.discount
    for k in range(LANES):
        discount[k] = math.exp(-lanes.x[k])
        value[k], weighted[k], other[k], other_weighted[k] = 0.0, 0.0, 0.0, 0.0
    for t in range(streams.shape[0] - _PERIODS_A_VISIT, -1, -_PERIODS_A_VISIT):
        first, second, third, last = streams[t], streams[t + 1], streams[t + 2], streams[t + 3]
        for k in range(LANES):
            z, p, dp, n, dn = discount[k], value[k], weighted[k], other[k], other_weighted[k]
            dp, dn = (dp + p) * z, (dn + n) * z
            p, n = p * z + max(last[k], 0.0), n * z + max(-last[k], 0.0)
            dp, dn = (dp + p) * z, (dn + n) * z
            p, n = p * z + max(third[k], 0.0), n * z + max(-third[k], 0.0)
            dp, dn = (dp + p) * z, (dn + n) * z
            p, n = p * z + max(second[k], 0.0), n * z + max(-second[k], 0.0)
            dp, dn = (dp + p) * z, (dn + n) * z
            p, n = p * z + max(first[k], 0.0), n * z + max(-first[k], 0.0)
            value[k], weighted[k], other[k], other_weighted[k] = p, dp, n, dn


@kernel(allocates=False, is_inner=True)
def step_lanes(lanes, n_periods):
    """A step of Newton in every lane that still seeks; returns how many go on."""
    n_seeking, reach = 0, float(n_periods)
    value, weighted, other, other_weighted = lanes.sums[0], lanes.sums[1], lanes.sums[2], lanes.sums[3]
    for k in range(LANES):
        if lanes.state[k] != SEEKING:
            continue
        x = lanes.x[k]
        slope = other_weighted[k] / other[k] - weighted[k] / value[k]
        step = math.log(value[k] / other[k]) / -slope
        # The curvature of g is at most reach²/4, which bounds what a step leaves.
        if step * step * reach * reach <= 4.0 * EPSILON * (1.0 + abs(x)) * abs(slope):
            lanes.x[k], lanes.state[k] = x + step, FOUND
        elif abs(x + step) * reach <= _FARTHEST:
            lanes.x[k] = x + step
            n_seeking += 1
        else:  # also where a sum is 0 and the step not a number
            lanes.state[k] = LEFT
    return n_seeking


@kernel(allocates=False, is_inner=True)
def balance_lanes(lanes, streams):
    """
    Leave the lanes where the balance compounded at the root changes its sign before the last flow.

    As `fundsim.kernels.formulas.irr.balance_keeps_sign`, looked at before every flow but the first. A single
    change of sign needs no such proof.
    """
    balance, gross, growth, margin = lanes.sums[0], lanes.sums[1], lanes.sums[2], lanes.sums[3]
    first, changes = lanes.signs[3], lanes.signs[4]
    for k in range(LANES):
        balance[k], gross[k], growth[k], margin[k] = 0.0, 0.0, math.exp(lanes.x[k]), 1.0
    for t in range(0, streams.shape[0], 2):
        early, late = streams[t], streams[t + 1]
        for k in range(LANES):
            side, z = math.copysign(1.0, first[k]), growth[k]
            whole, all_in, flow = balance[k] * z, gross[k] * z, side * early[k]
            proof = whole - PROOF * all_in if flow * all_in != 0.0 else 1.0
            whole, all_in, flow = (whole + flow) * z, (all_in + abs(flow)) * z, side * late[k]
            other = whole - PROOF * all_in if flow * all_in != 0.0 else 1.0
            balance[k], gross[k] = whole + flow, all_in + abs(flow)
            margin[k] = min(margin[k], min(proof, other))
    for k in range(LANES):
        lanes.state[k] = LEFT if changes[k] > 1.0 and not margin[k] > 0.0 else lanes.state[k]


@kernel(allocates=False, is_inner=True)
def solve_lanes(lanes, group, n, per_year):
    """
    Internal rates of return of the streams in the first `n` lanes of a group (8.1).

    Parameters
    ----------
    lanes : Lanes
        Its `flows` are given; `x` and `status` are filled as `irr_period` answers. The other lanes may hold
        anything.
    group, n : int
    per_year : float
        Periods a year; decides which of several roots is nearest zero as an annual rate.
    """
    streams = lanes.flows[group]
    survey_lanes(lanes, streams)
    n_seeking, n_unproved = begin_lanes(lanes, n)
    for _ in range(_MAX_STEPS):
        if n_seeking == 0:
            break
        discount_lanes(lanes, streams)
        n_seeking = step_lanes(lanes, streams.shape[0])
    if n_unproved > 0:
        balance_lanes(lanes, streams)
    for k in range(n):
        lanes.status[k] = IrrStatus.ONE_ROOT
        if lanes.state[k] != FOUND:
            for t in range(lanes.stream.size):
                lanes.stream[t] = streams[t, k]
            lanes.x[k], lanes.status[k] = irr_period(lanes.stream, lanes.no_times, per_year, math.nan)


@kernel(allocates=False)
def irr_rows(flows, per_year, lanes, rates, status):
    """
    Annual internal rates of return of many streams.

    Parameters
    ----------
    flows : float64 array, shape (n, T)
        A period apart.
    per_year : float
        Periods a year.
    lanes : Lanes
        For streams of T periods.
    rates : float64 array, shape (n,), filled
        `(1 + r)^per_year − 1`.
    status : int64 array, shape (n,), filled
    """
    for first in range(0, flows.shape[0], LANES):
        n = min(LANES, flows.shape[0] - first)
        for k in range(n):
            stream = flows[first + k]
            for t in range(stream.size):
                lanes.flows[0, t, k] = stream[t]
        solve_lanes(lanes, 0, n, per_year)
        for k in range(n):
            rates[first + k] = math.expm1(lanes.x[k] * per_year)
            status[first + k] = lanes.status[k]
