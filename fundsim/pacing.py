"""Owns the top-down cash flows of funds on plain arrays: Takahashi–Alexander and fixed schedules (7.7)."""

from typing import Any, NamedTuple

import numpy as np

from fundsim.arguments import (
    FloatArray,
    bounded_array,
    broadcast,
    choice,
    finite_array,
    non_negative_array,
    same_shape,
    whole_number,
)
from fundsim.errors import ArgumentError
from fundsim.kernels.formulas import pacing as kernels
from fundsim.kernels.formulas.irr import irr_period

__all__ = ["Pacing", "schedule_by_period", "takahashi_alexander", "takahashi_alexander_by_period"]

TIMINGS = ("spread", "year_end")


class Pacing(NamedTuple):
    """Flows and values at the ends of years or periods, shape (..., T).

    Examples
    --------
    >>> pacing = fs.pacing.schedule_by_period([100.0], [0.0, 121.0], periods_per_year=1, timing="year_end")
    >>> pacing.nav.round(2)
    array([100.,   0.])
    """

    contributions: FloatArray
    distributions: FloatArray
    nav: FloatArray


def takahashi_alexander(
    commitment: Any, contribution_rates: Any, life_years: int, bow: Any, growth_rate: Any, yield_rate: Any
) -> Pacing:
    """
    Cash flows and value of a fund by year, after Takahashi and Alexander (2001).

    `C_t = RC_t (CC − PIC_{t−1})`, `D_t = RD_t NAV_{t−1} (1 + G)` with `RD_t = max(Y, (t/L)^B)`, and
    `NAV_t = NAV_{t−1} (1 + G) + C_t − D_t`, all at year ends. With the last NAV counted the IRR is `G`.

    Parameters
    ----------
    commitment : array_like, shape (...)
        Capital committed; money, zero or positive.
    contribution_rates : array_like, shape (k,)
        Share of the unfunded that is called in each year, from 0 to 1; the last repeats, those beyond the
        life are not used.
    life_years : int
        Life of the fund; years, from 1 to 1000.
    bow : array_like, shape (...)
        Exponent of the distributions: the larger, the later; at least 0.
    growth_rate : array_like, shape (...)
        Growth of value; decimal a year, above −1.
    yield_rate : array_like, shape (...)
        Least share of the value distributed a year; decimal, from 0 to 1.

    Returns
    -------
    Pacing
        `contributions`, `distributions` and `nav`, each (..., life_years).

    Raises
    ------
    ArgumentError
        If an argument is out of its range or shapes do not fit each other.

    Examples
    --------
    >>> fund = fs.pacing.takahashi_alexander(100.0, [0.25, 0.5], 5, bow=2.5, growth_rate=0.13, yield_rate=0.0)
    >>> fund.contributions.round(2)
    array([25.  , 37.5 , 18.75,  9.38,  4.69])
    >>> fund.distributions.round(2)
    array([ 0.  ,  2.86, 19.82, 45.28, 48.81])
    """
    life = whole_number("life_years", life_years, 1, 1000)
    rates = bounded_array("contribution_rates", contribution_rates, 0.0, 1.0)
    if rates.ndim != 1 or rates.size == 0:
        raise ArgumentError(
            f"contribution_rates have shape {rates.shape}; give one rate a year, at least one"
        )
    committed = non_negative_array("commitment", commitment, at_least_1d=False)
    bows = non_negative_array("bow", bow, at_least_1d=False)
    growth = _growth(growth_rate)
    yields = bounded_array("yield_rate", yield_rate, 0.0, 1.0)
    shape = _common_shape(commitment=committed, bow=bows, growth_rate=growth, yield_rate=yields)
    rows = [broadcast(shape, "", each).reshape(-1) for each in (committed, bows, growth, yields)]
    result = np.empty((3, rows[0].size, life))
    kernels.takahashi_alexander_rows(rows[0], rates, rows[1], rows[2], rows[3], *result)
    return Pacing(*(each.reshape((*shape, life)) for each in result))


def takahashi_alexander_by_period(
    commitment: float,
    contribution_rates: Any,
    life_years: int,
    bow: float,
    growth_rate: float,
    yield_rate: float,
    periods_per_year: int = 4,
    timing: str = "spread",
) -> Pacing:
    """
    One fund's years of `takahashi_alexander` on a finer grid.

    Parameters
    ----------
    commitment, contribution_rates, life_years, bow, growth_rate, yield_rate
        As in `takahashi_alexander`, for one fund.
    periods_per_year : int
        Periods a year, from 1 to 366.
    timing : {"spread", "year_end"}
        Whether a year's flows and gain are spread evenly over its periods, or flows come at its end and value
        grows until then. In both cases year ends have the yearly values.

    Returns
    -------
    Pacing
        Each of shape (life_years · periods_per_year,).

    Raises
    ------
    ArgumentError
        As `takahashi_alexander`, and if an argument describes more than one fund.

    Examples
    --------
    >>> fund = fs.pacing.takahashi_alexander_by_period(100.0, [0.5], 2, 2.5, 0.13, 0.0, periods_per_year=2)
    >>> fund.contributions.round(2)
    array([25. , 25. , 12.5, 12.5])
    """
    m = whole_number("periods_per_year", periods_per_year, 1, 366)
    code = TIMINGS.index(choice("timing", timing, TIMINGS))
    years = takahashi_alexander(commitment, contribution_rates, life_years, bow, growth_rate, yield_rate)
    if years.nav.ndim != 1:
        raise ArgumentError("give one number each for commitment, bow, growth_rate and yield_rate")
    result = np.empty((3, years.nav.size * m))
    kernels.by_period(years.contributions, m, code, result[0])
    kernels.by_period(years.distributions, m, code, result[1])
    kernels.nav_by_period(years.nav, float(growth_rate), m, code, result[2])
    return Pacing(*result)


def schedule_by_period(
    contributions: Any, distributions: Any, periods_per_year: int = 4, timing: str = "spread"
) -> Pacing:
    """
    A fixed schedule by year on a finer grid, valued so that it earns its own IRR at every date.

    Parameters
    ----------
    contributions, distributions : array_like, shape (years,)
        Amounts of each year; zero or positive. The shorter one is followed by zeros.
    periods_per_year : int
        Periods a year, from 1 to 366.
    timing : {"spread", "year_end"}
        Whether a year's amounts are spread evenly over its periods or come at its end.

    Returns
    -------
    Pacing
        Each of shape (years · periods_per_year,); `nav` is rolled at the schedule's IRR, or at no growth
        where it has none, and is never negative.

    Raises
    ------
    ArgumentError
        If an amount is negative or not finite, or an array is empty or not one-dimensional.

    Examples
    --------
    >>> fs.pacing.schedule_by_period([100.0], [0.0, 121.0], periods_per_year=2).contributions
    array([50., 50.,  0.,  0.])
    """
    m = whole_number("periods_per_year", periods_per_year, 1, 366)
    code = TIMINGS.index(choice("timing", timing, TIMINGS))
    given = [
        non_negative_array("contributions", contributions),
        non_negative_array("distributions", distributions),
    ]
    if any(each.ndim != 1 for each in given):
        raise ArgumentError(
            f"a schedule has one amount a year; shapes are {given[0].shape}, {given[1].shape}"
        )
    years = max(each.size for each in given)
    result = np.empty((3, years * m))
    for amounts, each in zip(result, given, strict=False):
        kernels.by_period(np.pad(each, (0, years - each.size)), m, code, amounts)
    x, _ = irr_period(result[1] - result[0], np.empty(0), float(m), np.nan)
    kernels.roll_nav(result[0], result[1], kernels.growth_of(x), result[2])
    return Pacing(*result)


def _growth(growth_rate: Any) -> FloatArray:
    growth = finite_array("growth_rate", growth_rate, at_least_1d=False)
    if np.any(growth <= -1.0):
        raise ArgumentError(f"growth_rate is {float(growth.min()):g}; give a rate above -1")
    return growth


def _common_shape(**arrays: FloatArray) -> tuple[int, ...]:
    try:
        return np.broadcast_shapes(*(array.shape for array in arrays.values()))
    except ValueError:
        same_shape(**arrays)
        raise
