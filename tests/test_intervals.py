"""Stated intervals hold the truth as often as they say, for every kind of statistic of a whole run."""

import numpy as np
import pytest
from scipy.stats import binom, norm

import fundsim as fs
from benchmarks import intervals

# What is paid out in one late quarter comes from few paths: too skewed for the normal law at 1,000 paths.
SKEWED = ("mother", "distribution at the end of year 7", "mean")


@pytest.fixture(scope="module")
def found():
    return intervals.coverage(seeds=60, paths=1_000, true_paths=100_000)


@pytest.fixture(params=intervals.WAYS)
def rows(found, request):
    return found[request.param]


@pytest.mark.slow
def test_every_kind_of_interval_holds_at_its_rate(rows):
    """One figure of 30 falls below the bound by chance in one run of 300 (binomial law)."""
    least = binom.ppf(1e-4, 60, intervals.NOMINAL) / 60
    assert [(row.figure, row.share) for row in rows if row.share < least and row.figure != SKEWED] == []
    assert next(row.share for row in rows if row.figure == SKEWED) > 0.7


@pytest.mark.slow
def test_all_intervals_together_hold_at_their_rate(rows):
    """The 31 figures of a run depend on each other: at worst like
    6 of their own, so 360 intervals, sd 1.1 %.
    """
    assert np.mean([row.share for row in rows]) == pytest.approx(intervals.NOMINAL, abs=0.035)


@pytest.mark.slow
def test_errors_are_the_spread_of_runs_of_other_seeds(rows):
    """The spread of 60 estimates is known to 9 %, and a fat tail or a quantile's own error adds to that."""
    ratios = np.array([row.error_over_spread for row in rows])
    assert ratios.mean() == pytest.approx(1.0, abs=0.1)
    assert np.all((ratios > 0.65) & (ratios < 1.5))


def test_rare_events_of_the_benchmark_are_as_rare_as_their_names_say():
    """One value grows with volatility σ for five years: the chance that it ends below its start is known."""
    scenario = fs.load_scenario(intervals.FILE)
    results = fs.simulate(scenario, paths=20_000, seed=5, progress=False)
    table = results.summary().set_index(["vehicle", "investor", "measure"])
    stages = {stage.name: stage for stage in scenario.sector("mature").stages}
    for name, stage, least, most in (
        ("loss of 2 %", "two", 0.018, 0.022),
        ("loss of 1 %", "one", 0.009, 0.011),
        ("loss of 0.5 %", "half", 0.0045, 0.0055),
    ):
        sigma = stages[stage].volatility
        chance = norm.cdf(-(stages[stage].drift - sigma**2 / 2) * np.sqrt(5) / sigma)
        assert least < chance < most
        row = table.loc[(name, "all", "loss")]
        assert row["mean"] == pytest.approx(chance, abs=4 * row["standard_error"])


def test_an_interval_counts_where_it_holds_the_truth():
    pairs = np.array([[1.0, 0.6], [3.0, 0.4], [2.0, 0.1], [2.5, 0.3]])
    one = intervals.covered(("a", "b", "mean"), 2.0, pairs)
    assert one.share == 0.75
    assert one.error_over_spread == pytest.approx(0.35 / np.std(pairs[:, 0], ddof=1))
    table = intervals.table({"x": [one], "y": [one]})
    assert table.splitlines()[-1].startswith("| a | b | mean | 2.0000 | 75.0% |")
