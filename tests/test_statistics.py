"""Statistics over paths: standard errors against theory, undefined values, running sums of flows."""

import numpy as np
import pytest
from scipy.stats import binom, norm

from fundsim.kernels.base.sums import add_flows
from fundsim.sampling import Sampling
from fundsim.statistics import (
    COLUMNS,
    LEVELS,
    chance_error,
    interpolated,
    quantile_ranks,
    quantiles,
    statistics,
)
from tests.twins import statistics as naive


def test_by_hand():
    found = statistics(np.array([4.0, 1.0, 3.0, 2.0, 5.0]))
    assert tuple(found) == COLUMNS
    assert found["mean"] == 3.0
    assert found["standard_error"] == pytest.approx(np.sqrt(2.5 / 5))
    assert [found[name] for name in LEVELS] == pytest.approx([1.2, 2.0, 3.0, 4.0, 4.8])
    # 1.96 binomial sd, √(5/4), to each side of the third value reach beyond the sample
    assert found["p50_standard_error"] == pytest.approx((5.0 - 1.0) / (2 * 1.96), rel=1e-4)
    assert found["undefined"] == 0


@pytest.mark.parametrize("level", [0.05, 0.25, 0.5, 0.75, 0.95])
@pytest.mark.parametrize("n", [2, 3, 10, 37, 100, 499])
def test_ends_of_quantiles_are_the_outermost_ranks_of_the_binomial_law(n, level):
    """l the largest with P(B ≤ l − 1) ≤ .025, u the smallest with P(B ≥ u) ≤ .025 (§9)."""
    law = binom(n, level)
    lower = max(rank for rank in range(n + 1) if law.cdf(rank - 1) <= 0.025)
    upper = min(rank for rank in range(n + 2) if law.sf(rank - 1) <= 0.025)
    assert quantile_ranks(n, level) == (lower, upper) == naive.quantile_ranks(n, level)
    values = np.random.default_rng(n).permutation(np.arange(1.0, n + 1.0))
    name = next(name for name, value in LEVELS.items() if value == level)
    found = statistics(values)
    assert found[f"{name}_low"] == lower if lower >= 1 else np.isnan(found[f"{name}_low"])
    assert found[f"{name}_high"] == upper if upper <= n else np.isnan(found[f"{name}_high"])


def test_ends_of_the_median_of_a_measure_of_two_values_hold_it():
    """With more ones than zeros in the law the median is 1; 79 of 100 intervals ± 1.96 errors held it."""
    rng, held = np.random.default_rng(5), 0
    for _ in range(400):
        found = statistics((rng.random(500) < 0.51).astype(float))
        held += found["p50_low"] <= 1.0 <= found["p50_high"]
    assert held >= 0.93 * 400


def test_ends_of_pairs_are_wider_or_narrower_by_what_pairs_make_of_the_spread():
    values = np.repeat(np.arange(200.0), 2)  # both paths of a pair alike: 200 values, not 400
    found = statistics(values, sampling=Sampling(2, np.zeros((len(values), 0))))
    spread = 1.959964 * np.sqrt(400 * 0.25 * 2)
    ranks = np.floor(200.5 - spread), np.ceil(200.5 + spread)
    assert (found["p50_low"], found["p50_high"]) == tuple(values[int(rank) - 1] for rank in ranks)
    one_pair = statistics(np.array([1.0, 2.0]), sampling=Sampling(2, np.zeros((2, 0))))
    assert np.isnan([one_pair["p50_low"], one_pair["p50_high"]]).all()


@pytest.mark.parametrize("n", [2, 3, 10, 101, 5_000])
def test_quantiles_are_those_of_numpy(n):
    values = np.random.default_rng(n).normal(size=n)
    found = statistics(values)
    expected = np.quantile(values, list(LEVELS.values()))
    np.testing.assert_allclose([found[name] for name in LEVELS], expected, rtol=1e-12, atol=1e-14)
    np.testing.assert_array_equal(quantiles(values), expected)


@pytest.mark.parametrize("n", [400, 4_000])
def test_standard_errors_are_the_spread_of_repeated_samples(n):
    """800 samples: the sd of an estimate is known to 2.5 %, its mean error to half of that."""
    rng = np.random.default_rng(n)
    rows = [statistics(rng.normal(size=n)) for _ in range(800)]
    for name in ("mean", *LEVELS):
        label = "standard_error" if name == "mean" else f"{name}_standard_error"
        spread = np.std([row[name] for row in rows], ddof=1)
        assert np.mean([row[label] for row in rows]) == pytest.approx(spread, rel=0.13), name


@pytest.mark.parametrize("level", LEVELS.values())
def test_errors_of_quantiles_are_those_of_the_binomial_law(level):
    """The number of values below the true quantile is binomial: 1.96 errors to each side cover 95 % of it."""
    n = 1_000
    name = next(name for name, value in LEVELS.items() if value == level)
    values = norm.ppf((np.arange(n) + 0.5) / n)
    found = statistics(values)
    sd = binom.std(n, level)
    ranks = n * level + 1.959964 * np.array([-sd, sd])
    expected = np.diff(norm.ppf(ranks / n))[0] / (2 * 1.959964)
    assert found[f"{name}_standard_error"] == pytest.approx(expected, rel=2e-3)


@pytest.mark.parametrize("draw", ["normal", "lognormal"])
def test_intervals_of_quantiles_hold_at_their_rate(draw):
    """2,000 samples of 1,000: a share of 95 % is known to 0.5 %,
    and the estimate's own noise costs below 1 %.
    """
    rng = np.random.default_rng(11)
    samples = [getattr(rng, draw)(size=1_000) for _ in range(2_000)]
    rows = [statistics(values) for values in samples]
    for name, level in LEVELS.items():
        true = norm.ppf(level) if draw == "normal" else np.exp(norm.ppf(level))
        held = [abs(row[name] - true) <= 1.96 * row[f"{name}_standard_error"] for row in rows]
        assert np.mean(held) == pytest.approx(0.947, abs=0.013), name


@pytest.mark.parametrize("n", [1_000, 10_000])
@pytest.mark.parametrize("chance", [0.005, 0.01, 0.02, 0.3, 0.99])
def test_chances_and_rare_events_are_covered_as_stated(n, chance):
    """The exact coverage of ±1.96 errors, from the binomial law;
    it moves in steps, so within 1.5 % of 95 %.
    """
    events = np.arange(n + 1)
    errors = np.array([chance_error(n, k / n) for k in events])
    is_covered = np.abs(events / n - chance) <= norm.ppf(0.975) * errors
    assert binom.pmf(events, n, chance)[is_covered].sum() == pytest.approx(0.95, abs=0.015)


def test_the_error_of_a_chance_is_the_plain_one_where_events_are_many():
    values = (np.arange(10_000) % 5 == 0).astype(float)
    plain, chance = statistics(values), statistics(values, is_chance=True)
    assert chance["standard_error"] == chance_error(10_000, 0.2)
    assert chance["standard_error"] == pytest.approx(plain["standard_error"], rel=1e-3)
    assert {**chance, "standard_error": 0.0} == {**plain, "standard_error": 0.0}


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_the_error_of_a_chance_that_was_never_or_always_seen_is_not_zero(value):
    """Nothing in 100 paths: a chance of 2.8 % would have shown itself with 94 %."""
    found = statistics(np.full(100, value), is_chance=True)
    assert found["standard_error"] == pytest.approx(0.0137, abs=1e-4)


def test_undefined_values_are_counted_and_left_out():
    values = np.array([np.nan, 1.0, np.nan, 3.0, 2.0])
    found = statistics(values)
    assert found == statistics(np.array([1.0, 2.0, 3.0])) | {"undefined": 2.0}


@pytest.mark.parametrize(
    ("values", "undefined"), [([], 0), ([1.0], 0), ([np.nan], 1), ([np.nan, 7.0, np.nan], 2)]
)
def test_fewer_than_two_values_have_no_statistics(values, undefined):
    found = statistics(np.array(values))
    assert found.pop("undefined") == undefined
    assert np.isnan(list(found.values())).all()


def test_absurd_values_have_an_infinite_error_and_no_warning():
    with np.errstate(all="raise"):
        found = statistics(np.array([0.0, 1e200, 2e200]))
    assert found["mean"] == pytest.approx(1e200)
    assert found["standard_error"] == np.inf
    assert found["p50"] == 1e200


def test_places_outside_the_sample_are_its_ends():
    ordered = np.array([1.0, 2.0, 4.0])
    assert [interpolated(ordered, place) for place in (-3.0, 0.0, 0.5, 1.5, 2.0, 9.0)] == [1, 1, 1.5, 3, 4, 4]


def naive_sums(class_flows, class_nav, vehicle_flows, row_classes, share, group):
    """The seven flows of every row, path by path, and what they and their squares sum to."""
    paths = []
    for b in range(len(class_flows)):
        rows = []
        for row, (first, last, v) in enumerate(row_classes):
            part = share[b if len(share) > 1 else 0, row] if v < 0 else 1.0
            paid, back = class_flows[b, :, first:last].sum(axis=1) * part
            nav = class_nav[b, first:last, 1:].sum(axis=0) * part
            own = vehicle_flows[b, :2, v] if v >= 0 else np.zeros((2, paid.size))
            rows.append([paid, back, back - paid, np.cumsum(back - paid), nav, *own])
        paths.append(rows)
    flows = np.moveaxis(np.array(paths), 1, 2)
    groups = [flows[first : first + group].sum(axis=0) for first in range(0, len(flows), group)]
    return flows.sum(axis=0), sum(each**2 for each in groups)


@pytest.mark.parametrize("group", [1, 2])
@pytest.mark.parametrize("n_shares", [1, 5])
def test_sums_of_flows_equal_the_obvious_ones(n_shares, group):
    rng = np.random.default_rng(n_shares)
    n_paths, n_classes, n_vehicles, n_periods = 5, 3, 2, 4
    row_classes = np.array([[0, 1, -1], [0, 1, -1], [1, 2, -1], [2, 3, -1], [0, 1, 0], [1, 3, 1]])
    arrays = (
        rng.random((n_paths, 2, n_classes, n_periods)),
        rng.random((n_paths, n_classes, n_periods + 1)),
        rng.random((n_paths, 3, n_vehicles, n_periods)),
        row_classes,
        rng.random((n_shares, 4)),
    )
    sums, squares = np.zeros((2, 7, len(row_classes), n_periods))
    add_flows(*arrays, group, sums, squares)
    expected = naive_sums(*arrays, group)
    np.testing.assert_allclose(sums, expected[0], rtol=1e-13)
    np.testing.assert_allclose(squares, expected[1], rtol=1e-13)
    add_flows(*arrays, group, sums, squares)
    np.testing.assert_allclose(sums, 2 * expected[0], rtol=1e-13)


@pytest.mark.parametrize("shape", [(1,), (2, 3), (7,), (501, 4), (40, 3, 5)])
@pytest.mark.parametrize("kind", ["real", "tied", "undefined", "single", "whole"])
def test_quantiles_along_the_first_axis_are_those_of_numpy(shape, kind):
    rng = np.random.default_rng(3)
    values = 10.0 * rng.normal(size=shape)
    kinds = {
        "real": values,
        "tied": np.round(values / 10.0),
        "undefined": np.where(rng.random(shape) < 0.1, np.nan, values),
        "single": values.astype(np.float32),
        "whole": values.astype(np.int64),
    }
    expected = np.quantile(kinds[kind], list(LEVELS.values()), axis=0)
    np.testing.assert_array_equal(quantiles(kinds[kind]), expected)
