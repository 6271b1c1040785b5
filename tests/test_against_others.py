"""Rates and public market equivalents beside pyxirr's and
numpy-financial's; what failed in other software does not fail here.
"""

import datetime
import math

import mpmath
import numpy as np
import pytest
import pyxirr

from fundsim import measures
from fundsim.measures import IrrStatus
from fundsim.waterfall import Terms, distribute, entitled_carry
from tests.cases import other_software as others

FEW = 1_500
MANY = 10_000


def assert_explained(counts, n):
    for name, found in counts.items():
        assert found["ours wrong"] == 0, name
        assert sum(found.values()) == n
        assert set(found) <= set(others.EXPLANATIONS)


@pytest.mark.parametrize("family", others.FAMILIES)
def test_every_disagreement_on_a_rate_is_explained(family):
    assert_explained(others.compared(family, FEW), FEW)


def test_every_disagreement_on_a_dated_rate_is_explained():
    assert_explained(others.compared_by_date(FEW), FEW)


@pytest.mark.slow
@pytest.mark.parametrize("family", others.FAMILIES)
def test_every_disagreement_of_tens_of_thousands_is_explained(family):
    assert_explained(others.compared(family, MANY), MANY)


@pytest.mark.slow
def test_every_disagreement_of_ten_thousand_dated_streams_is_explained():
    assert_explained(others.compared_by_date(MANY), MANY)


def test_one_change_of_sign_leaves_nothing_to_disagree_about():
    """With one root each, all three give it."""
    for family in ("calls, then returns", "leading zeros"):
        for name, found in others.compared(family, 500).items():
            assert found == {"agrees": 500}, (family, name)


def test_rates_are_roots_to_fifty_digits():
    """Every twentieth stream, whoever agrees: the net present
    value changes sign within 1e-12 of our ln(1 + r).
    """
    with mpmath.workdps(50):
        for family in ("calls, then returns", "deep losses", "in yuan", "leading zeros"):
            rows = others.streams(family, 600)
            for flows, rate in list(zip(rows, others.ours_of(rows), strict=True))[::20]:
                assert others.is_root(flows, np.arange(flows.size), float(rate), 1e-12), (family, flows)


def random_fund_against_an_index(rng):
    n = int(rng.integers(4, 40))
    flows = np.where(np.arange(n) < n // 3 + 1, -rng.random(n), 1.5 * rng.random(n))
    return flows, np.cumprod(np.exp(rng.normal(0.02, 0.1, n))), float(rng.random())


def test_public_market_equivalents_agree_with_pyxirr():
    """pyxirr's Direct Alpha is a rate it searches for, to some 1e-8; its KS-PME is a quotient."""
    rng = np.random.default_rng(20263)
    n_answers = 0
    for _ in range(2_000):
        flows, index, nav = random_fund_against_an_index(rng)
        arguments = (np.maximum(-flows, 0.0), np.maximum(flows, 0.0), nav, index)
        assert measures.ks_pme(*arguments) == pytest.approx(pyxirr.pe.ks_pme(flows, index, nav), rel=1e-12)
        theirs = pyxirr.pe.direct_alpha(flows, index, nav)
        if theirs is not None:
            n_answers += 1
            assert measures.direct_alpha(*arguments) == pytest.approx(theirs, rel=1e-6, abs=1e-7)
    assert n_answers > 1_900


# What failed elsewhere


def days(*text):
    return [datetime.date.fromisoformat(day) for day in text]


STREAM_OF_75 = [
    ("2018-06-30", -84000000.0),
    ("2019-03-31", 800000.0),
    ("2019-06-30", 760000.0),
    ("2019-09-30", 680000.0),
    ("2019-12-31", 800000.0),
    ("2020-03-31", 280000.0),
    ("2020-06-30", 740000.0),
    ("2020-09-30", 520000.0),
    ("2022-03-31", -2100000.0),
    ("2023-03-31", -13000000.0),
    ("2024-09-30", -3000000.0),
    ("2024-09-30", -4100000.0),
    ("2024-12-31", -250000.0),
    ("2024-12-31", -1800000.0),
    ("2025-03-31", -8400000.0),
    ("2025-12-31", 1800000.0),
    ("2026-03-31", 43000.0),
    ("2026-03-31", -6600.0),
]


@pytest.mark.parametrize("divisor", [1.0, 1e3, 1e8, 1e-8])
def test_scale_decides_nothing(divisor):
    """https://github.com/Anexen/pyxirr/issues/75: no answer until
    all amounts are divided by 1,000; also issues/62.
    """
    dates, amounts = zip(*STREAM_OF_75, strict=True)
    whole = measures.xirr(list(dates), amounts)
    assert whole == pytest.approx(-0.912781382, abs=5e-10)
    scaled = measures.xirr(list(dates), [amount / divisor for amount in amounts])
    assert scaled == pytest.approx(whole, rel=1e-12)


def test_a_root_too_near_minus_one_for_a_tolerance_in_money():
    """https://github.com/Anexen/pyxirr/issues/61: no double brings
    the value below 0.001, so nothing is answered.
    """
    dates, amounts = days("2024-11-21", "2024-11-28", "2024-12-03"), [-100.0, -100.0, 100.0]
    rate = measures.xirr(dates, amounts)
    with mpmath.workdps(50):
        times = [mpmath.mpf(day) / 365 for day in (0, 7, 12)]
        root = mpmath.findroot(lambda x: others.npv(amounts, times, x), -30)
        assert abs(rate - mpmath.expm1(root)) < 2.3e-16


@pytest.mark.parametrize(
    ("dates", "amounts", "rate"),
    [
        # https://github.com/fsprojects/ExcelFinancialFunctions/issues/27
        (["2020-07-03", "2021-02-25"], [-177900000.0, 8799805.85], -0.990247691899517),
        # https://github.com/marksweston/finance/issues/33: −107 % instead of about −80 %
        (
            ["2014-04-15", "2014-04-16", "2014-05-16", "2014-06-15", "2014-06-15"],
            [-10000.0, -10000.0, 305.6, 9800.07, 5052.645],
            -0.81,
        ),
        # https://github.com/Anexen/pyxirr/issues/23
        (["2020-03-05", "2020-03-16"], [-18480.0, 13120.0], (13120 / 18480) ** (365 / 11) - 1),
        # https://github.com/RayDeCampo/java-xirr/issues/30, rounded there to ten digits
        (["2023-04-02", "2023-04-03", "2023-04-03"], [-7.0049467, -0.0000041, 6.94963], -0.9446451026),
    ],
)
def test_deep_losses_have_their_rate(dates, amounts, rate):
    """https://github.com/Anexen/pyxirr/issues/60 is of this kind: a
    spreadsheet answers 0 for −59 %; its stream is not printed.
    """
    found = measures.xirr(dates, amounts)
    with mpmath.workdps(50):
        first = datetime.date.fromisoformat(dates[0])
        times = [mpmath.mpf((datetime.date.fromisoformat(day) - first).days) / 365 for day in dates]
        assert others.is_root(amounts, times, found, 1e-12)
    assert found == pytest.approx(rate, abs=1e-2 if len(amounts) == 5 else 5e-10)


@pytest.mark.parametrize(
    ("flows", "rate", "other"),
    [
        # https://github.com/numpy/numpy-financial/issues/28: −76 % instead of 185 %
        ([-50, -100, 600, 300, -100], 1.85, -0.76),
        # https://github.com/numpy/numpy-financial/issues/44: −99.98 % instead of 100.4 %
        (
            [-1678.87, 771.96, 1814.05, 3520.30, 3552.95, 3584.99, 4789.91, -1],
            1.004269848720547,
            -0.9997912604283283,
        ),
        # the textbook's −100, 230, −132: 10 and 20 %
        ([-100, 230, -132], 0.2, 0.1),
    ],
)
def test_of_several_roots_the_one_at_which_value_falls_is_taken(flows, rate, other):
    """Also https://github.com/Anexen/pyxirr/issues/68, which
    root is taken; its stream is not printed here.
    """
    roots = measures.irr_roots(flows)
    assert measures.irr_status(flows) is IrrStatus.SEVERAL_ROOTS
    assert np.abs(roots - other).min() < 1e-2, "the other software's answer is a root, too"
    assert measures.irr(flows) == pytest.approx(rate, abs=5e-3 if rate == 1.85 else 1e-12)


def test_a_root_near_zero_is_not_lost_beside_a_large_one():
    """https://github.com/Anexen/pyxirr/issues/31: 369 % where 0.0000003 % is nearer."""
    dates = days(
        "2020-01-09", "2020-02-12", "2020-03-02", "2020-03-13", "2020-05-11", "2020-05-11", "2020-05-11",
        "2020-05-11", "2020-11-03", "2020-12-29", "2021-03-26", "2021-07-21", "2022-06-16", "2022-07-06",
    )  # fmt: skip
    amounts = [-1200, -1050, -400, -800, 1500, 1100, 2000, 450, -2000, 2850, -1500, 2025, -2000, 2635]
    rate = measures.xirr(dates, amounts)
    with mpmath.workdps(50):
        times = [mpmath.mpf((day - dates[0]).days) / 365 for day in dates]
        assert others.is_root(amounts, times, rate, 1e-12)
        low, high = others.sides_of(amounts, times, rate, 1e-9)
        assert low > 0 > high, "the value falls with the rate"


def test_a_leading_zero_is_no_flow():
    """https://github.com/Anexen/pyxirr/issues/56: 5.6e13 for a
    project of 15 % a period that begins a period late.
    """
    flows = [
        0.0,
        -54163.55222425675,
        -15411.724067521238,
        11824.611799779348,
        13831.220768857136,
        24713.445277451923,
        42399.405170720645,
        32779.24733697434,
        29832.522397937253,
        21750.50072725094,
        20140.886499523196,
        18357.799360554745,
        10074.662845544659,
    ]
    assert measures.irr(flows) == measures.irr(flows[1:]) == pytest.approx(pyxirr.irr(flows[1:]), abs=1e-9)
    assert 0.2 < measures.irr(flows) < 0.3


def test_a_late_first_outflow():
    """https://github.com/numpy/numpy-financial/issues/46: 7,533
    % for an investment that loses five sixths.
    """
    flows = [2113.73, -161445.03, 7626.73, 8619.84, 8612.92]
    rate = measures.irr(flows)
    with mpmath.workdps(50):
        low, high = others.sides_of(flows, np.arange(5), rate, 1e-12)
        assert low > 0 > high
    assert -0.56 < rate < -0.55
    assert np.abs(measures.irr_roots(flows) - 75.33123197333728).min() < 1e-9


def test_a_stream_that_cancels_on_every_date_has_no_rate():
    """https://github.com/rustledger/rustledger/issues/1817: the first guess, 10 %, was returned."""
    dates = ["2020-01-01", "2020-01-01", "2020-06-01", "2020-06-01"]
    assert math.isnan(measures.xirr(dates, [-1000.0, 1000.0, -500.0, 500.0]))


def test_zeros_of_either_sign_have_no_rate():
    """https://github.com/fintual-oss/fast-xirr/issues/11: 1,000 % for nothing."""
    assert math.isnan(measures.xirr(["2025-01-01", "2025-01-31"], [-0.0, 0.0]))


def test_the_hurdle_counts_what_the_same_period_pays():
    """https://github.com/ibuilder/massing/pull/107: the hurdle ignored the capital and the preferred
    return just paid.

    900 for a year at 8 %: the first 972 are capital and preferred return, so at 972 the hurdle is met and
    the next 18 complete the catch-up; of 2,000 the partner has a fifth of the profit of 1,100.
    """
    terms = Terms(hurdle_rate=0.08, catch_up_rate=1.0, carry_rate=0.2)
    for back, carry in ((972.0, 0.0), (981.0, 9.0), (990.0, 18.0), (2000.0, 220.0), (10000.0, 1820.0)):
        found = distribute([900.0, 0.0], [0.0, back], terms).general_partner
        assert found[1] == pytest.approx(carry, abs=1e-9)
        deals = distribute(
            [[450.0, 0.0]] * 2, [[0.0, back / 2]] * 2, Terms(style="deal_by_deal", **rates(terms))
        )
        assert deals.general_partner[1] == pytest.approx(carry, abs=1e-9)


def rates(terms):
    return {name: getattr(terms, name) for name in ("hurdle_rate", "catch_up_rate", "carry_rate")}


def test_the_clawback_is_money_over_time_not_a_rate_times_capital():
    """https://github.com/ibuilder/massing/pull/136: (8 % − IRR) ×
    capital, 41,509, where 240,776 restore the 8 %.
    """
    flows = [-1_000_000.0, 40_000.0, 45_000.0, 50_000.0, 55_000.0, 1_000_000.0]
    # the published rate is of dated flows a year apart; ours of equal years differs by the leap day
    short = measures.irr([*flows[:-1], flows[-1] + 240_776.0])
    assert short == pytest.approx(0.08, abs=2e-4)
    # ours: the first of two deals pays carry, the second is lost, and the preferred return is missed
    terms = Terms(style="deal_by_deal", hurdle_rate=0.08, catch_up_rate=1.0, carry_rate=0.2)
    found = distribute([[500.0, 0, 0], [500.0, 0, 0]], [[0, 1000.0, 0], [0, 0, 350.0]], terms)
    carry = found.general_partner[1]
    assert carry == pytest.approx(100.0, abs=1e-9), (
        "a fifth of 500, as 40 were preferred and 10 are caught up"
    )
    kept = entitled_carry(350.0, european_preferred(), 0.2, 1.0)
    assert found.general_partner.sum() == pytest.approx(kept, abs=1e-9)
    limited = [-1000.0, *found.limited_partners[1:]]
    assert found.general_partner[2] != pytest.approx((0.08 - measures.irr(limited)) * 1000.0, abs=1.0)


def european_preferred():
    """8 % on 1,000 in the first year; then 80 and all 1,000 but
    what 1,000 of proceeds left: 80 and its interest.
    """
    first = 1000.0 * 0.08
    left = 1000.0 + first - 1000.0
    return first + left * 0.08
