"""Periods, dates and rates of periods."""

import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fundsim.errors import ArgumentError
from fundsim.timegrid import TimeGrid, add_months, compound_rate

START = datetime.date(2023, 1, 1)


def grid(m=4, n=60, start=START):
    return TimeGrid(m, n, start)


def test_period_ends_are_last_days_of_quarters():
    dates = grid(4, 5).flow_dates()
    assert dates.astype(str).tolist() == [
        "2023-03-31",
        "2023-06-30",
        "2023-09-30",
        "2023-12-31",
        "2024-03-31",
    ]
    assert str(grid(4, 5).period_end(-1)) == "2022-12-31"
    assert grid(1, 2).flow_dates().astype(str).tolist() == ["2023-12-31", "2024-12-31"]
    assert str(grid(12, 14).flow_dates()[13]) == "2024-02-29"


def test_starts_at_month_ends_do_not_drift():
    ends = [grid(12, 13, datetime.date(2023, 8, 31)).period_end(t) for t in range(13)]
    assert ends[5] == datetime.date(2024, 2, 28)
    assert ends[11] == datetime.date(2024, 8, 30)
    assert add_months(datetime.date(2024, 1, 31), 1) == datetime.date(2024, 2, 29)
    assert add_months(datetime.date(2024, 1, 31), -2) == datetime.date(2023, 11, 30)


def test_a_time_belongs_to_the_period_that_ends_with_it():
    quarters = grid()
    assert [quarters.period_of(s) for s in (-1.0, 0.0, 0.01, 0.25, 0.2501, 1.0, 1.1)] == [0, 0, 0, 0, 1, 3, 4]
    # Ten tenths of a year sum to 0.9999999999999999, three thirds of .1 to .30000000000000004.
    assert quarters.period_of(sum([0.1] * 10)) == 3
    assert grid(1).period_of(0.1 + 0.2 + 0.7) == 0


@settings(deadline=None, max_examples=200)
@given(st.sampled_from([1, 2, 4, 12]), st.integers(0, 2000))
def test_ends_of_periods_fall_into_their_period(m, t):
    each = grid(m)
    years = (t + 1) / m
    assert each.period_of(years) == t
    assert each.period_of(years + 1e-6) == t + 1
    assert each.n_periods_in(years) == t + 1


@settings(deadline=None, max_examples=100)
@given(
    st.sampled_from([1, 2, 4, 12]),
    st.dates(datetime.date(2000, 1, 1), datetime.date(2040, 1, 1)),
    st.dates(datetime.date(1995, 1, 1), datetime.date(2060, 1, 1)),
)
def test_every_day_lies_in_one_period(m, start, day):
    each = grid(m, 40, start)
    t = each.period_of_date(day)
    assert each.period_end(t - 1) < day <= each.period_end(t)


def test_years_become_whole_periods():
    assert grid(4).n_periods_in(1.0) == 4
    assert grid(4).n_periods_in(0.125) == 1
    assert grid(4).n_periods_in(0.1) == 0
    assert grid(12).n_periods_in(2.5) == 30
    with pytest.raises(ArgumentError, match="years is -1; give a number at least 0"):
        grid().n_periods_in(-1.0)


def test_length_of_periods():
    assert grid(4).period_years == 0.25
    assert grid(4).months == 3


@settings(deadline=None, max_examples=100)
@given(st.floats(-0.9, 5.0), st.sampled_from([1, 2, 4, 12]))
def test_rates_of_periods(annual, m):
    assert (1.0 + compound_rate(annual, m)) ** m == pytest.approx(1.0 + annual, rel=1e-12)
    assert grid(m).compound(annual) == compound_rate(annual, m)
    assert compound_rate(-1.0, m) == -1.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((3, 10, START), "periods_per_year is 3; give 1, 2, 4 or 12"),
        ((0, 10, START), "periods_per_year is 0"),
        ((4, 0, START), "n_periods is 0"),
        ((4, 10.5, START), "n_periods is 10.5; give a whole number"),
        ((4, 10, "2023-01-01"), "give a datetime.date"),
        ((4, 10, datetime.datetime(2023, 1, 1)), "give a datetime.date"),
        ((1, 9000, START), "beyond the year 9999"),
    ],
)
def test_impossible_grids_are_refused(arguments, message):
    with pytest.raises(ArgumentError, match=message):
        TimeGrid(*arguments)


def test_grids_are_values():
    assert grid() == grid()
    assert hash(grid()) == hash(grid())
    assert isinstance(TimeGrid(np.int64(4), 10.0, START).n_periods, int)
