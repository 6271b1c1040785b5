"""Owns the value of an enterprise (3.2): how it moves over a segment, what
it is at any date within one, and its price once listed.
"""

import math

import numpy as np

from fundsim.kernels.base.jit import kernel
from fundsim.kernels.base.random import derive, normal, uniform
from fundsim.kernels.layout import NEVER


@kernel(allocates=False)
def log_drift(beta, factor_variance, growth, volatility):
    """Yearly drift of ln V that is neither factor nor quality: μ − ½σ² − ½Σβ_f²σ_f².

    The plan writes the drift of a walk into STAGE with these terms added in another order, so the two may
    differ in the last bit; both stay as they are, as either change would move simulated numbers.
    """
    variance = volatility * volatility
    for f in range(factor_variance.size):
        variance += beta[f] * beta[f] * factor_variance[f]
    return growth - 0.5 * variance


@kernel(allocates=False, is_inner=True)
def growth_part(clock, growth, start, end, period):
    """
    What growth adds to ln V of an enterprise that is not stalled between two dates: ``μ∫financing_rate dt``,
    or ``μτ`` where μ is negative (3.2).

    Parameters
    ----------
    clock : float64 array (T+1,)
        Integral of the financing rate to each date, years.
    growth : float64
        μ.
    start, end : int
        Dates.
    period : float64
        Δ, years.

    Returns
    -------
    float64
    """
    return growth * (clock[end] - clock[start] if growth > 0.0 else (end - start) * period)


@kernel(allocates=False, is_inner=True)
def quality_part(gamma, quality_years, quality, years_from, years_to):
    """
    What quality adds to ln V: ``γq(g_b − g_a) − ½γ²(g_b² − g_a²)`` with ``g = min(age, quality_years)``.

    Parameters
    ----------
    gamma, quality_years : float64
        Effect of the sector, and the years in which it acts.
    quality : float64
        q.
    years_from, years_to : float64
        Ages of the enterprise, in years since its entry.

    Returns
    -------
    float64
    """
    start, end = min(years_from, quality_years), min(years_to, quality_years)
    return gamma * (end - start) * (quality - 0.5 * gamma * (start + end))


@kernel(allocates=False)
def value_at(grid, terms, market, out, b, row, date):
    """
    Value of a living enterprise at a date, after the events of that date.

    A pure function of the enterprise's key: values asked for in any order belong to one and the same path
    of ln V.

    Parameters
    ----------
    grid : GridTerms
    terms : EnterpriseRecords
        Or another tuple with its `stages`, `sectors`, `sector_beta` and `factor_variance`.
    market : MarketBlock
    out : EnterpriseBlock
    b : int
        Path within the block.
    row : int
    date : int
        From the enterprise's entry on. At and behind the end of its last segment: the value there, before
        the outcome.

    Returns
    -------
    float64
        V in money: after the round, where one opened at this date.
    """
    i = out.n_segments[row] - 1
    while i > 0 and out.segment_from[row, i] > date:
        i -= 1
    a, c = out.segment_from[row, i], out.segment_to[row, i]
    if date <= a or out.segment_stage[row, i] == NEVER:
        return math.exp(out.segment_open[row, i])
    if date >= c:
        return math.exp(out.segment_close[row, i])
    x, mark = out.sector[row], out.segment_stage[row, i]
    sector, stage = terms.sectors[x], terms.stages[mark if mark >= 0 else -1 - mark]
    volatility, growth = stage["volatility"], stage["growth"] if mark >= 0 else 0.0
    period, entry, quality = 1.0 / grid.periods_per_year, out.entry_date[row], out.quality[row]
    even = 0.0 if mark >= 0 else sector["stalled_growth"]
    drift = log_drift(terms.sector_beta[x], terms.factor_variance, even, volatility) * period
    gamma, quality_years = sector["quality_effect"], sector["quality_years"]
    beta, factors = terms.sector_beta[x], market.factors[b]
    ages = (a - entry) * period, (date - entry) * period, (c - entry) * period
    clock = out.financing_clock[b]
    smooth = drift * (date - a) + growth_part(clock, growth, a, date, period)
    smooth += factor_part(beta, factors, a, date)
    smooth += quality_part(gamma, quality_years, quality, ages[0], ages[1])
    whole = drift * (c - a) + growth_part(clock, growth, a, c, period) + factor_part(beta, factors, a, c)
    whole += quality_part(gamma, quality_years, quality, ages[0], ages[2])
    rise = out.segment_close[row, i] - out.segment_open[row, i] - whole
    key = derive(out.key[row], sector["bridge_key"])
    noise = bridge(key, a, c, rise, volatility * math.sqrt(period), date)
    return math.exp(out.segment_open[row, i] + smooth + noise)


@kernel(allocates=False)
def factor_part(beta, factors, start, end):
    """What the factors add to ln V between two dates: Σβ_f(R_f(b) − R_f(a))."""
    part = 0.0
    for f in range(beta.size):
        part += beta[f] * (factors[f, end] - factors[f, start])
    return part


@kernel(allocates=False)
def bridge(key, start, end, rise, period_volatility, date):
    """
    Brownian bridge by bisection (3.2): the noise of ln V between the ends of a segment.

    Parameters
    ----------
    key : uint64
        Of the enterprise's bridge; its draw `n` belongs to date `n`.
    start, end : int
        Dates of the segment.
    rise : float64
        The noise from `start` to `end`.
    period_volatility : float64
        σ√Δ.
    date : int
        Strictly between the two.

    Returns
    -------
    float64
        The noise from `start` to `date`.
    """
    low, high = 0.0, rise
    while True:
        middle = (start + end) // 2
        share = (middle - start) / (end - start)
        sd = period_volatility * math.sqrt(share * (end - middle))
        value = low + share * (high - low) + sd * normal(uniform(key, middle))
        if middle == date:
            return value
        if date < middle:
            end, high = middle, value
        else:
            start, low = middle, value


@kernel(allocates=False)
def listed_step(grid, terms, market, out, b, row, t, log_value):
    """
    The company's value one period on, once it is listed (3.5).

    Parameters
    ----------
    grid : GridTerms
    terms : EnterpriseRecords
        Or another tuple with its `stages`, `sectors`, `sector_beta` and `factor_variance`.
    market : MarketBlock
    out : EnterpriseBlock
    b : int
        Path within the block.
    row : int
    t : int
        Period: from date t to date t + 1.
    log_value : float64
        ln of the company's value at date t.

    Returns
    -------
    float64
        ln of its value at date t + 1.
    """
    x = out.sector[row]
    sector, beta = terms.sectors[x], terms.sector_beta[x]
    growth, volatility = sector["listed_growth"], sector["listed_volatility"]
    period = 1.0 / grid.periods_per_year
    log_value += log_drift(beta, terms.factor_variance, growth, volatility) * period
    log_value += factor_part(beta, market.factors[b], t, t + 1)
    if volatility == 0.0:
        return log_value
    u = uniform(derive(out.key[row], sector["listed_key"]), np.uint64(t))
    return log_value + volatility * math.sqrt(period) * normal(u)
