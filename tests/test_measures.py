"""Rates of return, multiples and public market equivalents:
published numbers, oracles, properties, bad input.
"""

import datetime
import json
import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import pyxirr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fundsim import measures
from fundsim.errors import ArgumentError, FundsimError
from fundsim.kernels.formulas import irr as kernels
from fundsim.kernels.formulas.irr_lanes import irr_rows
from fundsim.measures import IrrStatus
from tests.twins import formulas as naive

PUBLISHED = json.loads(
    (Path(__file__).parent / "cases" / "data" / "published_formulas.json").read_text(encoding="utf-8")
)
NO_TIMES = np.empty(0)

amounts = st.floats(0.01, 100.0)


def case_ids(cases):
    return [case["name"] for case in cases]


@st.composite
def fund_streams(draw):
    """Calls, then distributions, with some zeros between: one change of sign."""
    calls = draw(st.lists(amounts, min_size=1, max_size=8))
    gap = draw(st.integers(0, 6))
    returns = draw(st.lists(amounts, min_size=1, max_size=12))
    return np.array([-c for c in calls] + [0.0] * gap + returns)


@pytest.mark.parametrize("case", PUBLISHED["irr"], ids=case_ids(PUBLISHED["irr"]))
def test_published_irr(case):
    result = measures.irr(case["flows"])
    assert isinstance(result, float)
    if case["irr"] is None:
        assert math.isnan(result)
    else:
        assert result == pytest.approx(case["irr"], abs=case["tolerance"])
    assert measures.irr_status(case["flows"]) is IrrStatus[case["status"]]
    assert measures.irr_roots(case["flows"]) == pytest.approx(case["roots"], abs=1e-11)


@pytest.mark.parametrize("case", PUBLISHED["xirr"], ids=case_ids(PUBLISHED["xirr"]))
def test_published_xirr(case):
    result = measures.xirr(case["dates"], case["amounts"], case["day_count"])
    assert result == pytest.approx(case["irr"], abs=case["tolerance"])


@pytest.mark.parametrize(
    "case", PUBLISHED["public_market_equivalents"], ids=case_ids(PUBLISHED["public_market_equivalents"])
)
def test_published_public_market_equivalents(case):
    flows = np.array(case["flows"], dtype=float)
    contributions, distributions = np.maximum(-flows, 0.0), np.maximum(flows, 0.0)
    arguments = (contributions, distributions, case["nav"], case["index"])
    last = flows.copy()
    last[-1] += case["nav"]
    assert measures.irr(last) == pytest.approx(case["irr"], abs=case["tolerance"])
    assert measures.ks_pme(*arguments) == pytest.approx(case["ks_pme"], abs=case["tolerance"])
    assert measures.direct_alpha(*arguments) == pytest.approx(case["direct_alpha"], abs=case["tolerance"])
    assert measures.ks_pme(*arguments) == pytest.approx(naive.ks_pme(*arguments), rel=1e-14)


def test_every_root_is_the_oracles_on_random_streams():
    """Polynomials of all shapes against 60-digit roots; 1e-7 as
    close roots are ill-conditioned in the flows.
    """
    rng = np.random.default_rng(20260701)
    for k in range(200):
        n = int(rng.integers(2, 13))
        flows = rng.normal(size=n)
        if k % 3 == 1:
            flows = np.round(flows * 3.0)
        elif k % 3 == 2:
            flows = flows * 10.0 ** rng.uniform(-4, 4, size=n)
        expected = naive.irr_roots(flows)
        if any(b - a < 1e-4 * (1 + abs(a)) for a, b in pairwise(expected)):
            continue  # close roots have their own test
        assert measures.irr_roots(flows) == pytest.approx(expected, rel=1e-7, abs=1e-9), flows


@pytest.mark.parametrize("distance", [1e-2, 1e-3, 1e-4, 1e-5])
def test_close_roots_are_told_apart(distance):
    """Two roots this far apart; the extremum between them is a millionth of a millionth at the closest."""
    flows = -np.convolve([1.0, -1.1], [1.0, -1.1 - distance])
    assert measures.irr_roots(flows) == pytest.approx([0.1, 0.1 + distance], abs=1e-15 / distance)
    assert measures.irr_status(flows) is IrrStatus.SEVERAL_ROOTS
    # NPV rises through the lower and falls through the higher one.
    assert measures.irr(flows) == pytest.approx(0.1 + distance, abs=1e-15 / distance)


@pytest.mark.parametrize("multiplicity", [2, 3, 4, 5])
def test_a_multiple_root_is_one_root(multiplicity):
    flows = np.ones(1)
    for _ in range(multiplicity):
        flows = np.convolve(flows, [-1.0, 1.0])
    roots = measures.irr_roots(flows)
    assert len(roots) == 1
    # Coefficients exact to 1e-16 fix a root of multiplicity n to about 1e-16^(1/n).
    assert roots[0] == pytest.approx(0.0, abs=20.0 * 1e-16 ** (1.0 / multiplicity))


def test_irr_is_the_oracles_choice_among_several_roots():
    rng = np.random.default_rng(7)
    n_several = 0
    for _ in range(150):
        flows = np.round(rng.normal(size=6) * 4.0)
        expected = naive.irr(flows, 4)
        result = measures.irr(flows, 4)
        n_several += measures.irr_status(flows, 4) == IrrStatus.SEVERAL_ROOTS
        assert result == pytest.approx(expected, rel=1e-7, abs=1e-8, nan_ok=True), flows
    assert n_several > 20


@settings(deadline=None, max_examples=150)
@given(fund_streams())
def test_net_present_value_is_zero_at_the_irr(flows):
    rate = measures.irr(flows)
    x = math.log1p(rate)
    discounted = np.abs(flows) * np.exp(-x * np.arange(flows.size))
    # Rounding of the rate moves NPV by its duration times 1e-15 or so.
    assert abs(naive.npv(flows, x)) <= 1e-12 * discounted.sum() * flows.size
    assert measures.irr_status(flows) is IrrStatus.ONE_ROOT


@settings(deadline=None, max_examples=150)
@given(fund_streams(), st.floats(1e-30, 1e30), st.integers(0, 5), st.integers(0, 5))
def test_scale_and_zeros_at_the_ends_do_not_matter(flows, scale, before, after):
    rate = measures.irr(flows)
    padded = np.concatenate([np.zeros(before), flows * scale, np.zeros(after)])
    assert measures.irr(padded) == pytest.approx(rate, rel=1e-12, abs=1e-12)


@settings(deadline=None, max_examples=100)
@given(fund_streams(), st.sampled_from([2, 4, 12]))
def test_rates_of_periods_compound_to_a_year(flows, m):
    a_period = measures.irr(flows)
    assert measures.irr(flows, m) == pytest.approx((1.0 + a_period) ** m - 1.0, rel=1e-10, abs=1e-12)


def test_agrees_with_pyxirr_where_that_answers():
    rng = np.random.default_rng(3)
    calls, returns = rng.random((300, 16)), rng.random((300, 24)) * rng.uniform(0.2, 3.0, size=(300, 1))
    flows = np.concatenate([-calls, returns], axis=1)
    ours = measures.irr(flows)
    theirs = np.array([pyxirr.irr(row) for row in flows], dtype=float)
    assert np.isfinite(theirs).sum() > 290
    assert np.nanmax(np.abs(ours - theirs)) < 1e-10


def test_dated_flows_agree_with_pyxirr():
    rng = np.random.default_rng(4)
    start = datetime.date(2015, 3, 31)
    ours_to_theirs = {"actual/365": "act/365f", "actual/360": "act/360", "actual/actual": "act/act isda"}
    for _ in range(60):
        days = np.sort(rng.choice(4000, size=20, replace=False))
        dates = [start + datetime.timedelta(days=int(d)) for d in days]
        flows = np.concatenate([-rng.random(8), 1.5 * rng.random(12)])
        for ours, theirs in ours_to_theirs.items():
            expected = pyxirr.xirr(dates, flows, day_count=theirs)
            assert measures.xirr(dates, flows, ours) == pytest.approx(expected, abs=1e-9)


def test_thirty_360_counts_months_of_thirty_days():
    dates = ["2021-01-31", "2021-03-31"]
    assert measures.xirr(dates, [-100, 110], "30/360") == pytest.approx(1.1**6 - 1, rel=1e-12)
    dates = ["2021-01-15", "2021-03-31"]
    assert measures.xirr(dates, [-100, 110], "30/360") == pytest.approx(1.1 ** (360 / 76) - 1, rel=1e-12)


def test_dates_in_any_order_and_of_any_type():
    days = ["2020-01-01", "2021-01-01", "2022-01-01", "2021-01-01"]
    flows = [-100.0, 30.0, 60.0, 40.0]
    expected = measures.xirr(days, flows)
    order = [2, 0, 3, 1]
    shuffled = [days[i] for i in order], [flows[i] for i in order]
    assert measures.xirr(*shuffled) == expected
    assert measures.xirr(pd.to_datetime(days), flows) == expected
    assert measures.xirr([datetime.date.fromisoformat(day) for day in days], flows) == expected
    assert measures.xirr(np.array(days, dtype="datetime64[D]"), flows) == expected
    # The same stream with an early zero: the clock starts at the first flow.
    early = measures.xirr(["1999-12-31", *days], [0.0, *flows], "actual/actual")
    assert early == pytest.approx(measures.xirr(days, flows, "actual/actual"), abs=1e-14)


def test_dated_flows_without_a_rate():
    days = ["2020-01-01", "2021-01-01"]
    assert measures.xirr(days, [-100, 0]) == -1.0
    assert math.isnan(measures.xirr(days, [0, 0]))
    assert math.isnan(measures.xirr(days, [5, 5]))
    assert math.isnan(measures.xirr(["2020-01-01"] * 2, [-100, 110]))


def test_status_and_rate_agree_with_all_roots_at_any_size_of_flow():
    """Flows of very different sizes, where rounding could pass for a proof that a root is the only one."""
    rng = np.random.default_rng(11)
    for k in range(1500):
        flows = rng.normal(size=int(rng.integers(2, 60))) * 10.0 ** (
            rng.uniform(-1, 1) * rng.choice([1, 20, 150])
        )
        flows = flows * 10.0 ** rng.uniform(-1, 1, size=flows.size) ** 3 if k % 2 else flows
        flows = flows * 10.0 ** (rng.choice([0, 5, 100]) * rng.uniform(-1, 1, size=flows.size))
        roots, status = measures.irr_roots(flows), measures.irr_status(flows)
        expected = {0: (IrrStatus.NO_ROOT, IrrStatus.TOTAL_LOSS), 1: (IrrStatus.ONE_ROOT,)}
        assert status in expected.get(len(roots), (IrrStatus.SEVERAL_ROOTS,)), flows
        if len(roots):
            rate = measures.irr(flows)
            assert np.abs(roots - rate).min() <= 1e-9 * (1.0 + abs(rate)), flows


def test_deep_losses_and_extreme_scales():
    assert measures.irr([-1.0, 1.15771829913e-05]) == pytest.approx(-0.9999884228170087, abs=1e-15)
    assert measures.irr([-1e8] + [0.0] * 39 + [1.0], 4) == pytest.approx(1e-8 ** (4 / 40) - 1, rel=1e-12)
    assert measures.irr([-1e-200, 0.0, 2e-200]) == pytest.approx(math.sqrt(2.0) - 1, rel=1e-14)
    # sums of such flows might overflow: they are solved alone, and may end a rounding further
    assert measures.irr([-1e300, 5e299, 9e299]) == pytest.approx(measures.irr([-10.0, 5.0, 9.0]), rel=1e-14)
    assert measures.irr([-1.0, 1e12]) == pytest.approx(1e12 - 1, rel=1e-14)


def test_thousands_of_flows():
    rng = np.random.default_rng(5)
    growth = np.exp(np.full(5000, 0.0003))
    flows = rng.normal(size=5000)
    flows[0] = -2000.0
    # The last flow is what an account at 0.03 % a period holds: that is one of the rates.
    balance = 0.0
    for t in range(4999):
        balance = (balance - flows[t]) * growth[t]
    flows[4999] = balance
    roots = measures.irr_roots(flows)
    assert np.abs(roots - math.expm1(0.0003)).min() < 1e-10
    assert measures.irr(flows) == pytest.approx(math.expm1(0.0003), abs=1e-10)


def test_batches_keep_leading_axes_and_equal_single_streams():
    rng = np.random.default_rng(6)
    flows = rng.normal(size=(3, 5, 24))
    flows[0, 0] = 0.0
    flows[0, 1] = -1.0
    rates, status = measures.irr(flows, 4), measures.irr_status(flows, 4)
    assert rates.shape == status.shape == (3, 5)
    for index in np.ndindex(3, 5):
        assert measures.irr(flows[index], 4) == pytest.approx(rates[index], nan_ok=True, abs=0.0, rel=0.0)
        assert measures.irr_status(flows[index], 4) == status[index]
    assert measures.irr(np.empty((0, 4))).shape == (0,)
    assert status[0, 0] == IrrStatus.ALL_ZERO
    assert status[0, 1] == IrrStatus.TOTAL_LOSS


@settings(deadline=None, max_examples=60)
@given(fund_streams(), st.floats(-3.0, 3.0))
def test_the_guess_does_not_change_the_answer(flows, guess):
    cold, _ = kernels.irr_period(flows, NO_TIMES, 1.0, math.nan)
    warm, _ = kernels.irr_period(flows, NO_TIMES, 1.0, guess)
    assert warm == pytest.approx(cold, abs=1e-12)


def test_kernels_answer_nan_for_nan():
    for bad in (math.nan, math.inf, -math.inf):
        x, status = kernels.irr_period(np.array([-1.0, bad, 2.0]), NO_TIMES, 1.0, math.nan)
        assert math.isnan(x)
        assert status == 5


def test_multiples():
    result = measures.multiples([100, 50, 0], [0, 30, 60], 90)
    assert result == measures.Multiples(tvpi=1.2, dpi=0.6, rvpi=0.6)
    assert all(isinstance(each, float) for each in result)
    batch = measures.multiples(np.ones((2, 3, 4)), np.zeros((2, 3, 4)), np.full((2, 3), 8.0))
    assert batch.rvpi.shape == (2, 3)
    assert (batch.tvpi == 2.0).all()
    assert all(math.isnan(each) for each in measures.multiples([0, 0], [0, 5], 1))


@settings(deadline=None, max_examples=100)
@given(fund_streams(), st.floats(-0.05, 0.08), st.floats(0.0, 50.0), st.sampled_from([1, 4]))
def test_direct_alpha_against_a_constant_index(flows, r, nav, m):
    """(1 + IRR)/(1 + r) − 1 for an index that grows at a constant rate."""
    last = flows.copy()
    last[-1] += nav
    irr = measures.irr(last, m)
    assume(irr < 1e3)
    index = (1.0 + r) ** (np.arange(flows.size) / m)
    contributions, distributions = np.maximum(-flows, 0.0), np.maximum(flows, 0.0)
    alpha = measures.direct_alpha(contributions, distributions, nav, index, m)
    assert 1.0 + alpha == pytest.approx((1.0 + irr) / (1.0 + r), rel=1e-10)
    pme = measures.ks_pme(contributions, distributions, nav, index)
    assert pme == pytest.approx(naive.ks_pme(contributions, distributions, nav, index), rel=1e-12)
    assert (pme > 1.0) == (alpha > 0.0) or abs(alpha) < 1e-9


def test_market_equivalents_in_batches():
    contributions = np.array([[10.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    distributions = np.array([[0.0, 4.0, 8.0], [0.0, 0.0, 0.0]])
    index = np.array([1.0, 1.1, 1.3])
    pme = measures.ks_pme(contributions, distributions, [3.0, 0.0], index)
    assert pme[0] == pytest.approx((4 * 1.3 / 1.1 + 8 + 3) / 13, rel=1e-14)
    assert math.isnan(pme[1])
    alpha = measures.direct_alpha(contributions, distributions, 0.0, np.stack([index, index]))
    assert alpha.shape == (2,)
    assert math.isnan(alpha[1])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: measures.irr([[1.0, 2.0], [3.0, math.nan]]),
            r"net_cash_flows\[1, 1\] is nan; it must be finite",
        ),
        (lambda: measures.irr([1.0, math.inf]), r"net_cash_flows\[1\] is inf"),
        (lambda: measures.irr([]), "at least one period"),
        (lambda: measures.irr(3.0), "at least one period"),
        (lambda: measures.irr(["a", "b"]), "not an array of real numbers"),
        (lambda: measures.irr([[1.0], [1.0, 2.0]]), "not an array of real numbers"),
        (lambda: measures.irr([1 + 2j]), "not an array of real numbers"),
        (lambda: measures.irr([-1.0, 2.0], 0), "periods_per_year is 0; give a number above 0"),
        (lambda: measures.irr([-1.0, 2.0], math.nan), "periods_per_year is nan"),
        (lambda: measures.irr_roots([[-1.0, 2.0]]), "one stream"),
        (lambda: measures.xirr(["2020-01-01"], [1.0, 2.0]), "shapes differ: dates"),
        (lambda: measures.xirr(["2020-01-01", "x"], [1.0, 2.0]), "not all dates"),
        (lambda: measures.xirr(["2020-01-01", "NaT"], [1.0, 2.0]), r"dates\[1\] is missing"),
        (lambda: measures.xirr(["2020-01-01"], [1.0], "30/365"), "give one of actual/365"),
        (lambda: measures.multiples([1.0, -2.0], [0.0, 0.0], 0.0), r"contributions\[1\] is -2"),
        (lambda: measures.multiples([1.0, 2.0], [0.0], 0.0), "shapes differ"),
        (lambda: measures.multiples([[1.0, 2.0]], [[0.0, 1.0]], [1.0, 2.0]), "nav has shape"),
        (lambda: measures.ks_pme([1.0], [1.0], 0.0, [0.0]), r"index\[0\] is 0; it must be positive"),
        (lambda: measures.ks_pme([1.0], [1.0], math.nan, [1.0]), "nav is nan"),
        (lambda: measures.direct_alpha([1.0, 1.0], [1.0, 1.0], 0.0, [1.0, 1.0, 1.0]), "index has shape"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ArgumentError, match=message) as caught:
        call()
    assert isinstance(caught.value, (FundsimError, ValueError))


def test_one_compiled_signature_serves_all_inputs():
    """Read-only, strided, integer and pandas input must not make users wait for another compilation."""
    flows = np.array([[-100.0, 60.0, 70.0], [-50.0, 20.0, 40.0]])
    expected = measures.irr(flows)
    before = len(getattr(irr_rows, "signatures", ()))
    frozen = flows.copy()
    frozen.flags.writeable = False
    for same in (
        frozen,
        np.asfortranarray(flows),
        flows.astype(int),
        pd.DataFrame(flows),
        flows[:, ::-1][:, ::-1],
    ):
        np.testing.assert_array_equal(measures.irr(same), expected)
    measures.ks_pme([1.0, 0.0], [0.0, 2.0], 0.0, frozen[0, :2] + 200.0)
    assert len(getattr(irr_rows, "signatures", ())) == before
    assert not np.shares_memory(measures.irr(frozen), frozen)
