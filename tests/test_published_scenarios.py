"""Published and closed-form numbers come out of whole scenarios, from the files in `scenarios/validation`
to tables.

The comparisons are those of `published_cases`, which the page on validation prints; here each must hold on
three seeds.
"""

import numpy as np
import pytest
from scipy.stats import norm

from fundsim import load_scenario
from tests.cases import published_cases as cases
from tests.cases.published_cases import PUBLISHED

SEEDS = (1, 2, 3)
SLOW_BEYOND_FIRST = [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in SEEDS[1:])]


def assert_holds(comparisons):
    comparisons = list(comparisons)
    assert comparisons, "a case without comparisons proves nothing"
    for comparison in comparisons:
        comparison.check()


@pytest.mark.parametrize(
    "name", sorted(path.stem for path in cases.FOLDER.glob("*.yaml") if path.stem != "plain")
)
def test_every_file_is_a_valid_scenario_that_says_what_it_shows(name):
    path = cases.FOLDER / f"{name}.yaml"
    assert load_scenario(path).vehicles
    assert path.read_text(encoding="utf-8").startswith("# ")


# Carry as options (V3) and IRR quantiles (V4)


@pytest.mark.parametrize("seed", SEEDS)
def test_carry_is_worth_its_options(seed):
    assert_holds(cases.carry_as_options(seed))


def test_published_option_values_are_black_and_scholes():
    options = PUBLISHED["carry_as_options"]
    for row in options["rows"]:
        for kind in cases.CATCH_UPS:
            value = cases.option_value(row, kind)
            assert value == pytest.approx(row[kind], abs=options["printed_digits"])


@pytest.mark.parametrize("seed", SEEDS)
def test_irr_quantiles_and_chance_of_loss_of_one_call_and_one_exit(seed):
    assert_holds(cases.irr_quantiles(seed))


def test_stated_errors_of_quantiles_are_those_of_the_lognormal():
    case = PUBLISHED["irr_quantiles"]
    results = cases.run("one_call_one_exit", 20_000, 1)
    row = cases.summary_row(results, "fund", "net_irr")
    spread = case["volatility"] / np.sqrt(case["years"])
    for name, published in case["quantiles"].items():
        level = int(name[1:]) / 100
        z = norm.ppf(level)
        exact = np.exp(case["growth"] - case["volatility"] ** 2 / 2 + spread * z)
        assert exact - 1 == pytest.approx(published, abs=case["printed_digits"])
        error = np.sqrt(level * (1 - level) / results.n_paths) * exact * spread / norm.pdf(z)
        # the stated error comes from a dozen order statistics around the quantile
        assert row[f"{name}_standard_error"] == pytest.approx(error, rel=0.35)


# Diversification (V5)


@pytest.mark.parametrize("seed", SLOW_BEYOND_FIRST)
def test_diversification_of_deals_funds_and_funds_of_funds(seed):
    assert_holds(cases.diversification(seed))


@pytest.mark.parametrize(("volatility", "name"), [(0.2, "sd"), (0.5, "sd_at_volatility_of_half")])
def test_the_published_spreads_are_their_formula(volatility, name):
    """At a volatility of a half the sd of a deal is known to 8 %
    at 10,000 paths, so scenarios use a fifth.
    """
    case = PUBLISHED["diversification"]
    mean = np.exp(case["growth"] * case["years"])
    assert mean == pytest.approx(case["mean"], abs=case["printed_digits"])
    n, k = case["deals"], case["funds"]
    variances = [
        mean**2 * np.expm1(rho * volatility**2 * case["years"])
        for rho in (1.0, case["correlation_in_fund"], case["correlation_across"])
    ]
    in_fund = variances[0] / n + (1 - 1 / n) * variances[1]
    whole = [variances[0], in_fund, in_fund / k + (1 - 1 / k) * variances[2]]
    assert np.sqrt(whole) == pytest.approx(list(case[name].values()), abs=case["printed_digits"])


def mean_of_deals(n, step):
    """Distribution of the mean multiple of n deals on a grid, by Fourier transform of the buckets' one."""
    buckets = PUBLISHED["outcome_buckets"]["multiples"]
    edges = np.arange(0.0, 100.0 + step / 2, step)
    cumulative = sum(share * np.clip((edges - low) / (high - low), 0, 1) for share, low, high in buckets)
    size = 1 << int(np.ceil(np.log2(n * edges.size)))
    masses = np.fft.irfft(np.fft.rfft(np.diff(cumulative), size) ** n, size)
    # each mass stands for the middle of its cell, so sums lie n halves of a step higher
    return (np.arange(size) + n / 2) * step / n, np.cumsum(masses)


def test_the_published_numbers_of_buckets_are_their_convolution():
    case = PUBLISHED["outcome_buckets"]
    mean = sum(share * (low + high) / 2 for share, low, high in case["multiples"])
    square = sum(share * (low**2 + low * high + high**2) / 3 for share, low, high in case["multiples"])
    assert mean == pytest.approx(case["deal_mean"], abs=5e-6)
    assert np.sqrt(square - mean**2) == pytest.approx(case["deal_sd"], abs=5e-6)
    assert np.sqrt((square - mean**2) / 500) == pytest.approx(case["sd_of_500"], abs=5e-6)
    values, below = mean_of_deals(25, 0.005)
    assert np.interp(1.0, values, below) == pytest.approx(case["loss_of_25"], abs=2e-5)
    assert np.interp(0.5, below, values) == pytest.approx(case["median_of_25"], abs=2e-4)
    values, below = mean_of_deals(500, 0.05)
    for name, level in (("p05_of_500", 0.05), ("p95_of_500", 0.95)):
        assert np.interp(level, below, values) == pytest.approx(case[name], abs=1e-3)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_fund_of_25_deals_of_bucketed_multiples(seed):
    assert_holds(cases.buckets_of_25(seed))


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_a_fund_of_500_deals_of_bucketed_multiples(seed):
    assert_holds(cases.buckets_of_500(seed))


# Competing exits, exits on a grid, funnels, dilution (V8)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("case", [cases.by_outcome, cases.by_clock])
def test_competing_exits(case, seed):
    assert_holds(case(seed))


def test_published_shares_are_their_hazards():
    case = PUBLISHED["competing_exits"]
    together = sum(case["hazards"].values())
    for channel, published in case["shares"].items():
        exact = case["hazards"][channel] / together * -np.expm1(-together * case["years"])
        assert exact == pytest.approx(published, abs=case["printed_digits"])


@pytest.mark.parametrize("seed", SEEDS)
def test_exponential_exits_are_dated_at_period_ends(seed):
    case = PUBLISHED["exit_on_a_grid"]
    assert cases.on_the_grid() == pytest.approx(case["grid"], abs=case["printed_digits"])
    assert_holds(cases.exits_on_a_grid(seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_funnel_of_rounds(seed):
    case = PUBLISHED["funnel"]
    reached = np.array(case["reached"])
    assert reached[1:] / reached[:-1] == pytest.approx(case["conditionals"], abs=case["printed_digits"])
    assert_holds(cases.funnel(seed))


def test_three_rounds_dilute():
    assert_holds(cases.dilution(1))


# A pool (V1), waterfalls (V2), leverage and sums of the seeds (V9)


def test_takahashi_alexander_pool():
    assert_holds(cases.pool(1))


def test_carry_by_date():
    assert_holds(cases.waterfalls(1))


def test_multiples_of_guidance_funds():
    assert_holds(cases.leverage(1))


def test_sums_of_the_seeds_tables():
    assert_holds(cases.sums_of_tables(1))
