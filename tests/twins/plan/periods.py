"""Periods of times and days on a scenario's grid, counted one by one (docs/model.md, before §0)."""

import calendar
import datetime as dt

NEARLY = 1e-9  # of a period: what rounding leaves of a time that is meant to be a period's end


def n_periods(scenario):
    return round(scenario.horizon_years * scenario.periods_per_year)


def period_of(scenario, years):
    """The period in which an event at an exact time falls: the first whose end is not before it."""
    t = 0
    while (t + 1) < years * scenario.periods_per_year - NEARLY:
        t += 1
    return t


def covering(scenario, years):
    """The fewest periods that are not shorter than a time: what may not come earlier waits so long."""
    n = 0
    while n < years * scenario.periods_per_year - NEARLY:
        n += 1
    return n


def length(scenario, years):
    """The number of periods nearest to a length of time, halves upwards."""
    n = 0
    while n + 0.5 <= years * scenario.periods_per_year + NEARLY:
        n += 1
    return n


def covering_months(scenario, months):
    return covering(scenario, months / 12)


def months_later(day, months):
    """The same day of another month, or that month's last day where it has no such day."""
    year, month = day.year, day.month + months
    while month > 12:
        year, month = year + 1, month - 12
    while month < 1:
        year, month = year - 1, month + 12
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def last_day(scenario, t):
    """The last day of period t."""
    months = 12 // scenario.periods_per_year
    return months_later(scenario.start, (t + 1) * months) - dt.timedelta(days=1)


def period_of_day(scenario, day):
    """The period that contains a day, negative before the start."""
    t = 0
    while last_day(scenario, t) < day:
        t += 1
    while last_day(scenario, t - 1) >= day:
        t -= 1
    return t


def start_period(scenario, vehicle):
    """The period of the vehicle's start date, or of the scenario's."""
    return period_of_day(scenario, vehicle.start or scenario.start)


def in_force(rules, day):
    """Of rules that hold from a day on, the one that holds on a day; None before the first."""
    found = None
    for rule in rules:
        if rule.from_ <= day:
            found = rule
    return found


def rate_of_period(scenario, annual):
    """An annual effective rate in a period."""
    return (1.0 + annual) ** (1.0 / scenario.periods_per_year) - 1.0
