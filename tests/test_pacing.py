"""Top-down pacing (7.7): the published table, the naive twin, its growth as IRR, finer grids, bad input."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fundsim import measures, pacing
from fundsim.errors import ArgumentError
from tests.twins import formulas as naive

PUBLISHED = json.loads(
    (Path(__file__).parent / "cases" / "data" / "published_formulas.json").read_text(encoding="utf-8")
)
CASE = PUBLISHED["takahashi_alexander"]
INPUTS = ("commitment", "contribution_rates", "life_years", "bow", "growth_rate", "yield_rate")

parameters = st.fixed_dictionaries(
    {
        "commitment": st.floats(0.1, 1e4),
        "contribution_rates": st.lists(st.floats(0.0, 1.0), min_size=1, max_size=5),
        "life_years": st.integers(1, 25),
        "bow": st.floats(0.0, 8.0),
        "growth_rate": st.floats(-0.3, 0.5),
        "yield_rate": st.floats(0.0, 1.0),
    }
)


def flows_with_last_value(result):
    flows = result.distributions - result.contributions
    flows[-1] += result.nav[-1]
    return flows


def test_published_table():
    result = pacing.takahashi_alexander(*(CASE[name] for name in INPUTS))
    for name in ("contributions", "distributions", "nav"):
        assert getattr(result, name) == pytest.approx(CASE[name], abs=CASE["tolerance"])
    assert result.distributions.sum() == pytest.approx(CASE["total_distributions"], abs=CASE["tolerance"])
    assert result.contributions.sum() == pytest.approx(CASE["paid_in"], abs=CASE["tolerance"])
    multiples = measures.multiples(result.contributions, result.distributions, result.nav[-1])
    assert multiples.tvpi == pytest.approx(CASE["tvpi"], abs=CASE["tolerance"])


@settings(deadline=None, max_examples=150)
@given(parameters)
def test_equals_the_naive_twin(given_parameters):
    result = pacing.takahashi_alexander(**given_parameters)
    expected = naive.takahashi_alexander(**given_parameters)
    for ours, theirs in zip(result, expected, strict=True):
        assert ours == pytest.approx(theirs, rel=1e-11, abs=1e-11 * given_parameters["commitment"])


@settings(deadline=None, max_examples=150)
@given(parameters, st.sampled_from([1, 2, 4, 12]))
def test_with_the_last_value_counted_the_irr_is_the_growth_rate(given_parameters, m):
    """By year, and on any grid when flows come at year ends."""
    years = pacing.takahashi_alexander(**given_parameters)
    # What is called in the last year is worth itself at once; a life of that alone has no rate.
    assume(years.contributions[:-1].sum() > 1e-6 * given_parameters["commitment"])
    growth = given_parameters["growth_rate"]
    assert np.abs(measures.irr_roots(flows_with_last_value(years)) - growth).min() < 1e-9
    periods = pacing.takahashi_alexander_by_period(**given_parameters, periods_per_year=m, timing="year_end")
    assert np.abs(measures.irr_roots(flows_with_last_value(periods), m) - growth).min() < 1e-9


@settings(deadline=None, max_examples=100)
@given(parameters, st.sampled_from([1, 2, 4, 12]), st.sampled_from(pacing.TIMINGS))
def test_finer_grids_have_the_years_totals_and_values(given_parameters, m, timing):
    years = pacing.takahashi_alexander(**given_parameters)
    periods = pacing.takahashi_alexander_by_period(**given_parameters, periods_per_year=m, timing=timing)
    by_year = [each.reshape(-1, m) for each in periods]
    assert by_year[0].sum(axis=1) == pytest.approx(years.contributions, rel=1e-12, abs=1e-12)
    assert by_year[1].sum(axis=1) == pytest.approx(years.distributions, rel=1e-12, abs=1e-12)
    np.testing.assert_array_equal(by_year[2][:, -1], years.nav)
    assert (periods.nav >= 0.0).all()
    if timing == "spread":
        before = np.concatenate([[0.0], periods.nav[:-1]])
        gain = (periods.nav - before - periods.contributions + periods.distributions).reshape(-1, m)
        # The gain of a year, too, is spread evenly.
        assert gain == pytest.approx(np.repeat(gain.mean(axis=1, keepdims=True), m, axis=1), abs=1e-9 * 1e4)
    else:
        assert (by_year[0][:, :-1] == 0.0).all()


def test_batches_over_parameters():
    growth = np.array([[0.05], [0.10]])
    bow = np.array([1.0, 2.5, 4.0])
    result = pacing.takahashi_alexander(100.0, [0.3, 0.5], 10, bow, growth, 0.0)
    assert result.nav.shape == (2, 3, 10)
    one = pacing.takahashi_alexander(100.0, [0.3, 0.5], 10, 4.0, 0.10, 0.0)
    np.testing.assert_array_equal(result.distributions[1, 2], one.distributions)


def test_a_schedule_is_valued_at_its_own_rate():
    result = pacing.schedule_by_period([0.6, 0.4], [0.0, 0.0, 0.5, 1.0], 4)
    assert result.contributions == pytest.approx([0.15] * 4 + [0.1] * 4 + [0.0] * 8)
    assert result.distributions == pytest.approx([0.0] * 8 + [0.125] * 4 + [0.25] * 4)
    rate = measures.irr(result.distributions - result.contributions, 4)
    assert rate > 0.1
    # Sold at its value at any date, it has earned that rate.
    for t in (5, 9, 14):
        flows = (result.distributions - result.contributions)[: t + 1]
        flows[-1] += result.nav[t]
        assert measures.irr(flows, 4) == pytest.approx(rate, rel=1e-9)
    assert result.nav[-1] == pytest.approx(0.0, abs=1e-12)


def test_schedules_without_a_rate():
    lost = pacing.schedule_by_period([1.0], [0.0, 0.0], 2)
    # Nothing comes back: what was paid is lost a period later.
    assert lost.nav == pytest.approx([0.5, 0.5, 0.0, 0.0])
    empty = pacing.schedule_by_period([0.0], [0.0], 1, "year_end")
    assert empty.nav == pytest.approx([0.0])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"commitment": -1.0}, "commitment is -1; it must be zero or positive"),
        ({"contribution_rates": [0.5, 1.2]}, r"contribution_rates\[1\] is 1.2; it must lie between 0 and 1"),
        ({"contribution_rates": []}, "at least one"),
        ({"contribution_rates": 0.5}, "one rate a year"),
        ({"life_years": 0}, "life_years is 0"),
        ({"life_years": 2.5}, "give a whole number"),
        ({"bow": -1.0}, "bow is -1"),
        ({"growth_rate": -1.0}, "growth_rate is -1; give a rate above -1"),
        ({"growth_rate": np.nan}, "growth_rate is nan"),
        ({"yield_rate": 1.5}, "yield_rate is 1.5; it must lie between 0 and 1"),
        ({"bow": [1.0, 2.0], "growth_rate": [0.1, 0.1, 0.1]}, "shapes differ"),
    ],
)
def test_bad_parameters_are_named(changes, message):
    arguments = {name: CASE[name] for name in INPUTS} | changes
    with pytest.raises(ArgumentError, match=message):
        pacing.takahashi_alexander(**arguments)


def test_bad_grids_are_named():
    arguments = {name: CASE[name] for name in INPUTS}
    with pytest.raises(ArgumentError, match="timing is 'monthly'; give one of spread, year_end"):
        pacing.takahashi_alexander_by_period(**arguments, timing="monthly")
    with pytest.raises(ArgumentError, match="periods_per_year is 0"):
        pacing.schedule_by_period([1.0], [1.0], 0)
    with pytest.raises(ArgumentError, match="one number each"):
        pacing.takahashi_alexander_by_period(**(arguments | {"bow": [1.0, 2.0]}))
    with pytest.raises(ArgumentError, match="one amount a year"):
        pacing.schedule_by_period([[1.0]], [1.0])
