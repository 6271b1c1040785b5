"""Rates solved side by side: each of its own stream alone, and as the solver of one stream gives it."""

import math

import numpy as np
import pytest

from fundsim import measures
from fundsim.kernels.formulas.irr import irr_period
from fundsim.kernels.formulas.irr_lanes import FOUND, LANES, allocate_lanes, irr_rows
from fundsim.kernels.formulas.pme import pme_rows
from fundsim.vocabulary import IrrStatus
from tests.cases import other_software as others
from tests.twins.returns import irr as bisected

PERIODS = 40
NO_TIMES = np.empty(0)


def solved(flows, per_year=4.0, lanes=None):
    """Rates and status of the rows."""
    flows = np.ascontiguousarray(flows, dtype=float)
    rates, status = np.empty(len(flows)), np.empty(len(flows), dtype=np.int64)
    irr_rows(flows, per_year, lanes or allocate_lanes(flows.shape[1]), rates, status)
    return rates, status


def one_by_one(flows, per_year=4.0):
    """The same by the solver of one stream."""
    answers = [irr_period(row, NO_TIMES, per_year, math.nan) for row in flows]
    x, status = np.array(answers).T
    with np.errstate(over="ignore"):
        return np.expm1(x * per_year), status


def mixed(rng, n, periods=PERIODS):
    """Streams of every kind: plain, overlapping, several roots or none, lost, empty, huge, not a number."""
    fade = np.linspace(0.0, 1.0, periods)
    flows = 2.0 * rng.random((n, periods)) * fade - rng.random((n, periods)) * (1.0 - fade)
    kind = rng.integers(0, 12, n)
    half = np.where(np.arange(periods) < periods // 2, -1.0, 1.5)
    flows[kind < 4] = (np.abs(rng.normal(size=(n, periods))) * half)[kind < 4]
    flows[kind == 4] = rng.normal(size=(n, periods))[kind == 4]
    flows[kind == 5] = -np.abs(flows[kind == 5])
    flows[kind == 6] = 0.0
    flows[kind == 7] *= 10.0 ** rng.uniform(-160, 160, (n, 1))[kind == 7]
    flows[kind == 8] = np.where(rng.random((n, periods)) < 0.05, flows, 0.0)[kind == 8]
    flows[kind == 9, -1] = -5.0
    flows[kind == 10] = np.where(np.arange(periods) < 3, -1.0, 1e-7)[None].repeat(n, 0)[kind == 10]
    flows[kind == 11, rng.integers(periods)] = rng.choice([np.nan, np.inf, -np.inf])
    return flows


def assert_same_bits(found, expected):
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_lane_depends_on_its_own_stream_alone():
    """Alone, in any order and lane, beside any neighbours, in lanes used before: equal bits."""
    rng = np.random.default_rng(31)
    flows = mixed(rng, 15 * LANES + 5)
    together = solved(flows)
    order = rng.permutation(len(flows))
    assert_same_bits(solved(flows[order]), [part[order] for part in together])
    assert_same_bits(np.concatenate([solved(flows[i : i + 1]) for i in range(len(flows))], axis=1), together)
    used = allocate_lanes(PERIODS)
    used.flows[:] = np.nan
    used.flows[:, :PERIODS] = flows[rng.permutation(len(flows))[:LANES]].T
    for n in (*range(1, LANES + 2), 2 * LANES - 1, 2 * LANES):
        used.flows[:, :PERIODS] = flows[-LANES:].T
        assert_same_bits(solved(flows[:n], lanes=used), [part[:n] for part in together])


def test_lanes_answer_as_the_solver_of_one_stream():
    rng = np.random.default_rng(32)
    for periods in (1, 2, 3, 4, 5, 24, PERIODS, 61):
        flows = mixed(rng, 400, periods)
        for per_year in (1.0, 4.0):
            (rates, status), (expected, codes) = solved(flows, per_year), one_by_one(flows, per_year)
            np.testing.assert_array_equal(status, codes)
            np.testing.assert_array_equal(np.isnan(rates), np.isnan(expected))
            is_finite = np.isfinite(expected)
            np.testing.assert_array_equal(rates[~is_finite], expected[~is_finite])
            np.testing.assert_allclose(rates[is_finite], expected[is_finite], rtol=1e-11, atol=1e-12)


def test_lanes_answer_as_a_slow_bisection():
    flows = mixed(np.random.default_rng(33), 120, 12)
    flows = flows[np.isfinite(flows).all(axis=1) & (np.abs(flows).max(axis=1) < 1e6)]
    expected = [bisected(row, 4) for row in flows]
    np.testing.assert_allclose(solved(flows)[0], expected, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("family", others.FAMILIES)
def test_families_of_streams_have_the_status_and_rate_of_one_alone(family):
    for flows in others.streams(family, 300):
        (rate,), (status,) = solved(flows[None], 1.0)
        (expected,), (code,) = one_by_one(flows[None], 1.0)
        assert status == code
        assert rate == pytest.approx(expected, rel=1e-12, abs=1e-12, nan_ok=True)


def test_the_unit_of_money_decides_nothing():
    """Powers of two change no bit; other scales round the flows, and move a rate by as little."""
    flows = mixed(np.random.default_rng(34), 600)
    flows = flows[(np.abs(flows).max(axis=1) < 1e3) & (np.abs(flows).max(axis=1) > 1e-9)]
    rates, status = solved(flows)
    assert (status == IrrStatus.ONE_ROOT).sum() > 200
    for power in (-30, -1, 3, 40):
        assert_same_bits(solved(flows * 2.0**power), (rates, status))
    for scale in (1e-6, 1e-3, 1e2, 1e5, 1e9):
        scaled, codes = solved(flows * scale)
        np.testing.assert_array_equal(codes, status)
        np.testing.assert_allclose(scaled, rates, rtol=1e-12, atol=1e-12)


def test_most_streams_are_proved_in_their_lanes():
    """Calls that fade out while distributions come in: about ten changes of sign, yet one root."""
    rng = np.random.default_rng(35)
    fade = np.linspace(0.0, 1.0, PERIODS)
    flows = rng.random((LANES * 40, PERIODS)) * 2.0 * fade - rng.random((LANES * 40, PERIODS)) * (1.0 - fade)
    lanes, n_found = allocate_lanes(PERIODS), 0
    for first in range(0, len(flows), LANES):
        solved(flows[first : first + LANES], lanes=lanes)
        n_found += int((lanes.state == FOUND).sum())
    assert n_found > 0.99 * len(flows)


@pytest.mark.parametrize(
    ("flows", "status"),
    [
        ([5.0], IrrStatus.NO_ROOT),
        ([-5.0], IrrStatus.TOTAL_LOSS),
        ([0.0, -0.0, 0.0], IrrStatus.ALL_ZERO),
        ([np.nan, np.nan], IrrStatus.NOT_FINITE),
        ([-1.0, np.inf], IrrStatus.NOT_FINITE),
        ([-1.0, 0.0, 0.0], IrrStatus.TOTAL_LOSS),
        ([100.0, -200.0, 150.0], IrrStatus.NO_ROOT),
        ([-100.0, 230.0, -132.0], IrrStatus.SEVERAL_ROOTS),
        ([-1.0, 6.0, -11.0, 6.0], IrrStatus.SEVERAL_ROOTS),
        ([-1.0, 3.0, -3.0, 1.0], IrrStatus.ONE_ROOT),
        ([-1e-200, 0.0, 2e-200], IrrStatus.ONE_ROOT),
        ([-1e200, 0.0, 2e200], IrrStatus.ONE_ROOT),
        ([-1.0, 1e90], IrrStatus.ONE_ROOT),
        ([-1.0, 1e-90], IrrStatus.ONE_ROOT),
    ],
)
def test_what_lanes_leave_has_its_status(flows, status):
    (rate,), (found,) = solved(np.array([flows]), 1.0)
    (expected,), _ = one_by_one(np.array([flows]), 1.0)
    assert found == status
    assert rate == pytest.approx(expected, rel=1e-12, nan_ok=True)


def test_direct_alpha_of_a_stream_depends_on_it_alone():
    rng = np.random.default_rng(36)
    n = 2 * LANES + 3
    paid, back = rng.random((2, n, PERIODS)) * np.array([1.0, 1.4])[:, None, None]
    paid[:, PERIODS // 2 :] = 0.0
    nav, index = rng.random(n), np.exp(np.cumsum(rng.normal(0.02, 0.1, (n, PERIODS)), axis=1))
    ratios, alphas = np.empty((2, n))
    pme_rows(paid, back, nav, index, 4.0, allocate_lanes(PERIODS), ratios, alphas)
    for i in range(n):
        alone = measures.direct_alpha(paid[i], back[i], nav[i], index[i], 4)
        np.testing.assert_array_equal(alone, alphas[i])
        grown = (back[i] - paid[i]) * (index[i, -1] / index[i])
        grown[-1] += nav[i]
        np.testing.assert_array_equal(measures.irr(grown, 4), alphas[i])
