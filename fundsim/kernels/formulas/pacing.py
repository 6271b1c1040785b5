"""Owns the top-down cash flows of pools (7.7): Takahashi–Alexander by year, and years spread over periods."""

import math

from fundsim.kernels.base.jit import kernel
from fundsim.vocabulary import PoolPeriod


@kernel(is_inner=True)
def distribution_rate(year, life_years, bow, yield_rate):
    """Share of the grown value that is distributed in a year counted from 1: `max(Y, (t/L)^B)`."""
    return max(yield_rate, (year / life_years) ** bow)


@kernel(is_inner=True)
def takahashi_alexander_year(commitment, paid_in, nav, contribution_rate, rate, growth_rate):
    """
    One year: `C = RC·(CC − PIC)`, `D = RD·NAV·(1 + G)`, `NAV' = NAV·(1 + G) + C − D`.

    Parameters
    ----------
    commitment, paid_in, nav : float
        Committed; paid in before this year; value at the end of the year before. Money.
    contribution_rate, rate, growth_rate : float
        Of this year: share of the unfunded called, share of the value distributed, growth.

    Returns
    -------
    contribution, distribution, nav : float
    """
    contribution = contribution_rate * (commitment - paid_in)
    grown = nav * (1.0 + growth_rate)
    distribution = rate * grown
    return contribution, distribution, grown - distribution + contribution


@kernel
def takahashi_alexander_rows(
    commitment, contribution_rates, bow, growth_rate, yield_rate, contributions, distributions, nav
):
    """
    Takahashi and Alexander (2001) for many pools.

    Parameters
    ----------
    commitment, bow, growth_rate, yield_rate : float64 arrays, shape (n,)
    contribution_rates : float64 array, shape (k,)
        Of the unfunded, by year; the last repeats.
    contributions, distributions, nav : float64 arrays, shape (n, life in years), filled
    """
    life_years = contributions.shape[1]
    for i in range(commitment.size):
        paid_in, value = 0.0, 0.0
        for year in range(life_years):
            rate = distribution_rate(year + 1.0, life_years, bow[i], yield_rate[i])
            called = contribution_rates[min(year, contribution_rates.size - 1)]
            contributions[i, year], distributions[i, year], value = takahashi_alexander_year(
                commitment[i], paid_in, value, called, rate, growth_rate[i]
            )
            paid_in += contributions[i, year]
            nav[i, year] = value


@kernel(is_inner=True)
def share_of_year(step, periods_per_year, timing):
    """Share of a year's amount that flows in its period `step`,
    counted from 0: spread evenly, or all at the end.
    """
    if timing == PoolPeriod.SPREAD:
        return 1.0 / periods_per_year
    return 1.0 if step == periods_per_year - 1 else 0.0


@kernel
def by_period(by_year, periods_per_year, timing, amounts):
    """Yearly amounts as amounts of periods; `amounts` (years · m,) is filled."""
    for t in range(amounts.size):
        amounts[t] = by_year[t // periods_per_year] * share_of_year(
            t % periods_per_year, periods_per_year, timing
        )


@kernel
def nav_by_period(by_year, growth_rate, periods_per_year, timing, nav):
    """
    Values at period ends between the yearly ones; `nav` (years · m,) is filled.

    Where flows are spread over the year, so is the gain, and the value moves along a line; where they come
    at the year's end the value grows until then.
    """
    for t in range(nav.size):
        year, step = t // periods_per_year, t % periods_per_year + 1
        before = by_year[year - 1] if year > 0 else 0.0
        passed = step / periods_per_year
        if step == periods_per_year:
            nav[t] = by_year[year]
        elif timing == PoolPeriod.SPREAD:
            nav[t] = before + (by_year[year] - before) * passed
        else:
            nav[t] = before * (1.0 + growth_rate) ** passed


@kernel
def roll_nav(contributions, distributions, growth, nav):
    """Value of a schedule that grows at `growth` a period, never below zero; `nav` (T,) is filled."""
    value = 0.0
    for t in range(nav.size):
        value = max(0.0, value * (1.0 + growth) + contributions[t] - distributions[t])
        nav[t] = value


@kernel
def growth_of(x):
    """Growth of a period from the IRR kernel's `x`; 0 where the schedule has no rate."""
    return 0.0 if math.isnan(x) else math.expm1(x)
