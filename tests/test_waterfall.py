"""The waterfall on plain arrays (7.4): published numbers, the naive twin, properties, bad input."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fundsim import waterfall
from fundsim.errors import ArgumentError
from fundsim.kernels.formulas import waterfall as kernels
from fundsim.vocabulary import Compounding
from fundsim.waterfall import Terms
from tests.twins import formulas as naive

PUBLISHED = json.loads(
    (Path(__file__).parent / "cases" / "data" / "published_formulas.json").read_text(encoding="utf-8")
)

# Relative to all money that flowed: some ten thousand additions of rounding 1e-16.
ROUNDING = 1e-11


@st.composite
def terms(draw, hurdles=(0.0, 0.04, 0.08), styles=("european",)):
    carry = draw(st.sampled_from([0.0, 0.1, 0.2, 0.3]))
    return Terms(
        style=draw(st.sampled_from(styles)),
        hurdle_rate=draw(st.sampled_from(hurdles)),
        hurdle_compounding=draw(st.sampled_from(["compound", "simple"])),
        catch_up_rate=draw(st.sampled_from([0.0, 0.5, 0.8, 1.0])),
        carry_rate=carry,
    )


@st.composite
def deals(draw):
    """Contributions and distributions of a few deals, shape
    (deal, T); losses, gains, follow-ons and zeros.
    """
    n_deals, n_periods = draw(st.integers(1, 4)), draw(st.integers(1, 10))
    money = st.one_of(st.just(0.0), st.floats(0.01, 100.0))
    table = st.lists(money, min_size=n_deals * n_periods, max_size=n_deals * n_periods)
    shape = (n_deals, n_periods)
    return np.array(draw(table)).reshape(shape), np.array(draw(table)).reshape(shape)


def raw_carry(contributions, distributable, given_terms, m=1):
    """Carry by period before any clawback, from the kernels."""
    compounding = Compounding.COMPOUND if given_terms.hurdle_compounding == "compound" else Compounding.SIMPLE
    rate = kernels.hurdle_per_period(given_terms.hurdle_rate, compounding, m)
    partner = np.empty(contributions.shape[-1])
    rates = (rate, compounding, given_terms.carry_rate, given_terms.catch_up_rate)
    if contributions.ndim == 1:
        kernels.european(contributions, distributable, *rates, partner)
    else:
        n = len(contributions)
        scratch = np.empty((2, n))
        kernels.deal_by_deal(
            contributions, distributable, *rates, scratch[0], scratch[1], np.empty(n, dtype=np.bool_), partner
        )
    return partner


@pytest.mark.parametrize(
    "case", PUBLISHED["waterfalls"], ids=[case["name"] for case in PUBLISHED["waterfalls"]]
)
def test_published_waterfalls(case):
    names = ("style", "hurdle_rate", "catch_up_rate", "carry_rate")
    result = waterfall.distribute(
        case["contributions"], case["distributable"], Terms(**{name: case[name] for name in names})
    )
    assert result.general_partner == pytest.approx(case["general_partner"], abs=case["tolerance"])
    total = np.array(case["distributable"], dtype=float).reshape(
        -1, 6 if "clawback" not in case["name"] else 4
    )
    assert result.limited_partners + result.general_partner == pytest.approx(total.sum(axis=0), abs=1e-10)


@settings(deadline=None, max_examples=150)
@given(deals(), terms(), st.sampled_from([1, 4]))
def test_european_equals_the_naive_twin(flows, given_terms, m):
    contributions, distributable = (each.sum(axis=0) for each in flows)
    paid, kept = naive.european(
        list(contributions),
        list(distributable),
        given_terms.hurdle_rate,
        given_terms.hurdle_compounding == "compound",
        given_terms.carry_rate,
        given_terms.catch_up_rate,
        m,
    )
    size = contributions.sum() + distributable.sum() + 1.0
    assert raw_carry(contributions, distributable, given_terms, m) == pytest.approx(paid, abs=ROUNDING * size)
    result = waterfall.distribute(contributions, distributable, given_terms, m)
    expected = list(paid)
    expected[-1] -= max(0.0, sum(paid) - kept)
    assert result.general_partner == pytest.approx(expected, abs=ROUNDING * size)


@settings(deadline=None, max_examples=150)
@given(deals(), terms(styles=("deal_by_deal",)), st.sampled_from([1, 4]))
def test_deal_by_deal_equals_the_naive_twin(flows, given_terms, m):
    contributions, distributable = flows
    rates = (
        given_terms.hurdle_rate,
        given_terms.hurdle_compounding == "compound",
        given_terms.carry_rate,
        given_terms.catch_up_rate,
        m,
    )
    paid = naive.deal_by_deal(contributions.tolist(), distributable.tolist(), *rates)
    _, kept = naive.european(list(contributions.sum(axis=0)), list(distributable.sum(axis=0)), *rates)
    size = contributions.sum() + distributable.sum() + 1.0
    assert raw_carry(contributions, distributable, given_terms, m) == pytest.approx(paid, abs=ROUNDING * size)
    result = waterfall.distribute(contributions, distributable, given_terms, m)
    expected = list(paid)
    expected[-1] -= max(0.0, sum(paid) - kept)
    assert result.general_partner == pytest.approx(expected, abs=ROUNDING * size)


@settings(deadline=None, max_examples=150)
@given(deals(), terms(styles=("european", "deal_by_deal")))
def test_both_sides_sum_to_what_was_distributed(flows, given_terms):
    contributions, distributable = flows
    if given_terms.style == "european":
        contributions, distributable = contributions.sum(axis=0), distributable.sum(axis=0)
    result = waterfall.distribute(contributions, distributable, given_terms)
    total = distributable if distributable.ndim == 1 else distributable.sum(axis=0)
    assert result.limited_partners + result.general_partner == pytest.approx(total, rel=1e-14, abs=1e-12)
    assert (result.general_partner[:-1] >= 0.0).all()


@settings(deadline=None, max_examples=150)
@given(deals(), terms(hurdles=(0.0,)))
def test_without_hurdle_deal_by_deal_pays_the_partner_no_later_and_no_less(flows, given_terms):
    contributions, distributable = flows
    by_deal = raw_carry(contributions, distributable, given_terms).cumsum()
    european = raw_carry(contributions.sum(axis=0), distributable.sum(axis=0), given_terms).cumsum()
    # At the last period losses enter both pools; before it deal by deal holds less capital.
    assert (by_deal >= european - 1e-9).all()


@settings(deadline=None, max_examples=150)
@given(deals(), terms(styles=("deal_by_deal",)))
def test_after_clawback_the_partner_keeps_no_more_than_european(flows, given_terms):
    contributions, distributable = flows
    european_terms = Terms(
        hurdle_rate=given_terms.hurdle_rate,
        hurdle_compounding=given_terms.hurdle_compounding,
        catch_up_rate=given_terms.catch_up_rate,
        carry_rate=given_terms.carry_rate,
    )
    by_deal = waterfall.distribute(contributions, distributable, given_terms).general_partner.sum()
    european = waterfall.distribute(contributions.sum(axis=0), distributable.sum(axis=0), european_terms)
    assert by_deal <= european.general_partner.sum() + 1e-9
    profit = distributable.sum() - contributions.sum()
    assert by_deal <= given_terms.carry_rate * max(profit, 0.0) + 1e-9 or given_terms.catch_up_rate > 0.0
    assert -1e-9 <= by_deal <= max(profit, 0.0) + 1e-9


@pytest.mark.parametrize("catch_up_rate", [0.4, 0.6, 1.0])
def test_after_a_complete_catch_up_the_partner_has_its_share_of_all_profit(catch_up_rate):
    given_terms = Terms(hurdle_rate=0.08, catch_up_rate=catch_up_rate)
    result = waterfall.distribute([100, 0, 0], [0, 0, 300], given_terms)
    assert result.general_partner.sum() == pytest.approx(40.0, rel=1e-14)


def test_simple_hurdle_accrues_on_unreturned_capital_only():
    given_terms = Terms(hurdle_rate=0.08, hurdle_compounding="simple", carry_rate=0.2)
    # 100 for four quarters, then 50 for four: preferred 8 + 4, hard hurdle.
    contributions = [100] + [0] * 8
    distributable = [0, 0, 0, 0, 50, 0, 0, 0, 100]
    result = waterfall.distribute(contributions, distributable, given_terms, periods_per_year=4)
    assert result.general_partner[-1] == pytest.approx(0.2 * (100 - 50 - 12), rel=1e-13)


def test_batches_equal_single_streams():
    rng = np.random.default_rng(1)
    contributions = rng.random((3, 2, 4, 12)) * (rng.random((3, 2, 4, 12)) < 0.3)
    distributable = 3.0 * rng.random((3, 2, 4, 12)) * (rng.random((3, 2, 4, 12)) < 0.3)
    by_deal = Terms(style="deal_by_deal", hurdle_rate=0.06, catch_up_rate=0.5)
    european = Terms(hurdle_rate=0.06, catch_up_rate=0.5)
    deal_result = waterfall.distribute(contributions, distributable, by_deal, 4)
    european_result = waterfall.distribute(contributions, distributable, european, 4)
    assert deal_result.general_partner.shape == (3, 2, 12)
    assert european_result.general_partner.shape == (3, 2, 4, 12)
    for i, j in np.ndindex(3, 2):
        one = waterfall.distribute(contributions[i, j], distributable[i, j], by_deal, 4)
        np.testing.assert_array_equal(one.limited_partners, deal_result.limited_partners[i, j])
        one = waterfall.distribute(contributions[i, j, 1], distributable[i, j, 1], european, 4)
        np.testing.assert_array_equal(one.general_partner, european_result.general_partner[i, j, 1])


def test_entitled_carry():
    assert waterfall.entitled_carry(20.0, 0.0, 0.2, 1.0) == pytest.approx(4.0)
    assert waterfall.entitled_carry(-5.0, 3.0) == 0.0
    assert waterfall.entitled_carry(10.0, 8.0, 0.2, 1.0) == pytest.approx(2.0)
    assert waterfall.entitled_carry(9.0, 8.0, 0.2, 1.0) == pytest.approx(1.0)
    assert waterfall.entitled_carry(50.0, 8.0, 0.2, 0.0) == pytest.approx(8.4)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"style": "american"}, "style is 'american'; give one of european, deal_by_deal"),
        ({"hurdle_compounding": "daily"}, "give one of compound, simple"),
        (
            {"catch_up_rate": 0.1},
            "catch_up_rate 0.1 is not above carry_rate 0.2, so catch-up never completes",
        ),
        ({"catch_up_rate": 0.2}, "give 0 or a value above 0.2, up to 1"),
        ({"catch_up_rate": 1.1}, "catch_up_rate is 1.1; give a number at least 0 and at most 1"),
        ({"carry_rate": 1.0}, "carry_rate is 1; give a number at least 0 and below 1"),
        ({"carry_rate": -0.1}, "carry_rate is -0.1"),
        ({"hurdle_rate": -0.01}, "hurdle_rate is -0.01; give a number at least 0"),
        ({"hurdle_rate": float("inf")}, "hurdle_rate is inf"),
        ({"hurdle_rate": "8%"}, "hurdle_rate is '8%'"),
        ({"carry_rate": True}, "carry_rate is True"),
    ],
)
def test_impossible_terms_are_refused(changes, message):
    with pytest.raises(ArgumentError, match=message):
        Terms(**changes)


@pytest.mark.parametrize(
    ("contributions", "distributable", "given_terms", "message"),
    [
        ([1.0, -2.0], [0.0, 3.0], Terms(), r"contributions\[1\] is -2; it must be zero or positive"),
        ([[1.0, 2.0]], [[0.0, np.nan]], Terms(), r"distributable\[0, 1\] is nan; it must be finite"),
        ([1.0, 2.0], [0.0, 3.0, 1.0], Terms(), r"shapes differ: contributions \(2,\), distributable \(3,\)"),
        ([1.0, 2.0], [0.0, 3.0], Terms(style="deal_by_deal"), "at least two axes"),
        ([1.0], [1.0], "european", "give fundsim.waterfall.Terms"),
        ([], [], Terms(), "at least one period"),
    ],
)
def test_bad_flows_are_named(contributions, distributable, given_terms, message):
    with pytest.raises(ArgumentError, match=message):
        waterfall.distribute(contributions, distributable, given_terms)


def test_terms_are_frozen():
    with pytest.raises(AttributeError):
        Terms().carry_rate = 0.3
