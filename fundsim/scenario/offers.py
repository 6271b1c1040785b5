"""Owns what property a vehicle is expected to buy: what is on offer while it buys, and what that costs."""

import datetime as dt
import math

from fundsim.scenario.content import Content
from fundsim.scenario.dated import in_force
from fundsim.scenario.distributions import mean
from fundsim.scenario.projects import Debt, Project
from fundsim.scenario.property import Property
from fundsim.scenario.reits import Reit
from fundsim.scenario.vehicles import Vehicle

DAYS_PER_YEAR, MONTHS_PER_YEAR = 365.25, 12


def expected_purchases(scenario: Content, vehicle: Vehicle) -> float:
    """
    What a vehicle would pay for property, planned calls included, in currency units (4.9, 5.9).

    Rents and yields are at their means, no tenant fails, a REIT lists at its first attempt, a project that
    waits for recycled money starts while the vehicle buys, and nobody else takes what the vehicle may buy.
    """
    property_, mandate = scenario.property_, vehicle.property_
    if property_ is None or mandate is None:
        return 0.0
    first = _years(scenario.start, scenario.start_of(vehicle)) + mandate.from_years
    last = first + mandate.over_years
    interests = property_.interests()
    total = 0.0
    for place in property_.interests_for(mandate):
        interest = interests[place]
        if interest.kind == "units":
            on_offer, offered, whole = _units(scenario, property_, property_.reit(interest.name), last)
        elif interest.kind == "acquired":
            on_offer, offered, whole = _acquired(scenario, property_, property_.project(interest.name))
        else:
            on_offer, offered, whole = _development(scenario, property_, property_.project(interest.name))
        if on_offer is None or first - 1.0 / scenario.periods_per_year <= on_offer < last:
            total += min(min(mandate.share, offered) * whole, mandate.ticket or math.inf)
    return total


Offer = tuple[float | None, float, float]
"""When an interest comes on offer, in years from the scenario's start, None where that is open; the share
of it that does; and the cost of the whole."""


def _development(scenario: Content, property_: Property, project: Project) -> Offer:
    """The equity of building: its planned calls (4.1)."""
    build = project.build
    if build is None:
        return math.inf, 0.0, 0.0
    start = scenario.start if build.start is None else build.start
    rates = [_rate(property_, debt, start) for debt in project.debts]
    n = max(round(build.over_years * scenario.periods_per_year), 1)
    owed, equity = [0.0] * len(rates), 0.0
    for _ in range(n):
        interest = sum(debt * rate for debt, rate in zip(owed, rates, strict=True))
        need = build.cost / n + interest / scenario.periods_per_year
        owed = [debt + need * given.share for debt, given in zip(owed, project.debts, strict=True)]
        equity += need * (1.0 - project.debt_share)
    starts = None if build.waits else _years(scenario.start, start)
    return starts, 1.0 - project.owner_share, equity


def _rate(property_: Property, debt: Debt, day: dt.date) -> float:
    if debt.rate is not None:
        return debt.rate
    coupons = property_.coupons.special_bond if debt.kind == "special_bond" else property_.coupons.loan
    return (in_force(coupons, day) or coupons[0]).rate


def _acquired(scenario: Content, property_: Property, project: Project) -> Offer:
    """The equity after a sale: price, cost and works less the loan, once the space is let (4.8)."""
    sale, given = project.sale, project.occupancy
    if sale is None:
        return math.inf, 0.0, 0.0
    complete = _completion(scenario, project)
    rise, wanted = given.stable - given.opening, sale.readiness * given.stable - given.opening
    filling = given.ramp_years * min(wanted / rise, 1.0) if rise > 0.0 and wanted > 0.0 else 0.0
    day = None if complete is None else max(complete + max(sale.after_years, filling), 0.0)
    price = mean(sale.price) * _value(property_, scenario, project, day or 0.0)
    return day, 1.0, price * (1.0 + sale.buyer_cost - sale.loan_to_value + sale.capex)


def _units(scenario: Content, property_: Property, reit: Reit, last: float) -> Offer:
    """Strategic units of the projects that can be listed before the vehicle has done buying (4.11)."""
    attempt, worth = max(_years(scenario.start, reit.from_), 0.0), 0.0
    days = []
    for project in property_.projects:
        complete = _completion(scenario, project)
        if project.reit != reit.name or not project.initial or complete is None:
            continue
        day = max(complete + reit.operating_years, attempt)
        if day < last:
            days.append(day)
            worth += _value(property_, scenario, project, day)
    listed = mean(reit.issue_multiple) * worth * (1.0 - reit.gearing)
    return (None if days else math.inf), reit.strategic, listed


def _completion(scenario: Content, project: Project) -> float | None:
    """When a project is complete, in years from the scenario's start; None for one that waits."""
    if project.built is not None:
        return -project.built.age_years
    build = project.build
    if build is None or build.start is None:
        return None
    return _years(scenario.start, build.start) + build.over_years


def _value(property_: Property, scenario: Content, project: Project, day: float) -> float:
    """Value of a project that is let, rent and yield at their means (4.3, 4.4)."""
    market = next(one for one in property_.markets if one.name == project.market)
    yields = market.yields
    start = yields.mean if yields.initial is None else yields.initial
    rate = yields.mean * (start / yields.mean) ** math.exp(-yields.reversion * day)
    rent = project.area * project.rent * MONTHS_PER_YEAR / scenario.currency.unit
    return rent * project.margin * project.occupancy.stable * math.exp(market.rent.drift * day) / rate


def _years(start: dt.date, day: dt.date) -> float:
    return (day - start).days / DAYS_PER_YEAR
