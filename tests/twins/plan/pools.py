"""Pools by period (7.7), as shares of a vehicle's callable after lifetime fees."""

import math

from tests.twins.formulas import takahashi_alexander
from tests.twins.plan.fields import Near
from tests.twins.plan.periods import n_periods, start_period
from tests.twins.returns import irr

ROOT = 1e-9  # relative error of a rate of return by bisection


def flows_of_years(amounts, timing, m):
    """Yearly amounts by period: spread evenly, or at the year's end."""
    found = []
    for amount in amounts:
        found += [amount / m] * m if timing == "spread" else [0.0] * (m - 1) + [amount]
    return found


def values_of_years(values, growth_rate, timing, m):
    """Values between year ends: along a line where flows are spread, grown where they come at the end."""
    found, before = [], 0.0
    for value in values:
        for step in range(1, m):
            if timing == "spread":
                found.append(before + (value - before) * step / m)
            else:
                found.append(before * (1.0 + growth_rate) ** (step / m))
        found.append(value)
        before = value
    return found


def years_of(pool):
    """Contributions and distributions by year, values at year ends (none of a schedule), and the timing."""
    if pool.takahashi_alexander is not None:
        model = pool.takahashi_alexander
        given = (model.life_years, model.bow, model.growth_rate, model.yield_rate)
        return (*takahashi_alexander(1.0, list(model.contribution_rates), *given), model.period)
    paid, back = list(pool.schedule.contributions), list(pool.schedule.distributions)
    years = max(len(paid), len(back))
    return *(each + [0.0] * (years - len(each)) for each in (paid, back)), None, pool.schedule.period


def flows_since_start(scenario, vehicle):
    """Contributions and distributions of each period since the vehicle's start; none without a pool."""
    if vehicle.pool is None:
        return [], []
    paid, back, _, timing = years_of(vehicle.pool)
    return [flows_of_years(amounts, timing, scenario.periods_per_year) for amounts in (paid, back)]


def values_since_start(scenario, vehicle):
    """Values at the end of each period since the vehicle's start, each up to an error."""
    m = scenario.periods_per_year
    if vehicle.pool is None:
        return []
    if vehicle.pool.schedule is not None:
        return scheduled_values(*flows_since_start(scenario, vehicle), m)
    _, _, values, timing = years_of(vehicle.pool)
    growth_rate = vehicle.pool.takahashi_alexander.growth_rate
    return [Near(value, ROOT * value) for value in values_of_years(values, growth_rate, timing, m)]


def scheduled_values(paid, back, m):
    """A schedule's value grows at its own rate of return, or not where it has none; never below 0."""
    annual = irr([out - into for into, out in zip(paid, back, strict=True)], m)
    growth = 1.0 if math.isnan(annual) else (1.0 + annual) ** (1.0 / m)
    values, value, error = [], 0.0, 0.0
    for into, out in zip(paid, back, strict=True):
        # what rounding leaves after a payment grows like the value: at a wild rate soon without bounds
        error = error * growth + ROOT * max(value * growth, into, out)
        value = max(0.0, value * growth + into - out)
        values.append(Near(value, error))
    return values


def on_the_grid(scenario, vehicle, since_start, nothing):
    """What a pool has since its vehicle's start in the run's periods; nothing before and after."""
    found = [nothing] * n_periods(scenario)
    start = start_period(scenario, vehicle)
    for t, amount in enumerate(since_start):
        if start + t < len(found):
            found[start + t] = amount
    return found


def pool_contribution(scenario, vehicle):
    return on_the_grid(scenario, vehicle, flows_since_start(scenario, vehicle)[0], 0.0)


def pool_distribution(scenario, vehicle):
    return on_the_grid(scenario, vehicle, flows_since_start(scenario, vehicle)[1], 0.0)


def pool_nav(scenario, vehicle):
    """At the end of each period."""
    return on_the_grid(scenario, vehicle, values_since_start(scenario, vehicle), Near(0.0, 0.0))


def last_contribution(scenario, vehicle):
    """The period of the last contribution, that of the start without any; −1 without a pool."""
    if vehicle.pool is None:
        return -1
    paid = flows_since_start(scenario, vehicle)[0]
    return start_period(scenario, vehicle) + max([t for t, amount in enumerate(paid) if amount > 0.0] or [0])
