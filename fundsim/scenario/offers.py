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
from fundsim.timegrid import TimeGrid

MONTHS_PER_YEAR = 12
Offer = tuple[int | None, float, float]
"""The period in which an interest comes on offer, None where that is open; the share of it that does; and
the cost of the whole."""
NEVER: Offer = (-1, 0.0, 0.0)


def expected_purchases(scenario: Content, vehicle: Vehicle) -> float:
    """
    What a vehicle would pay for property, planned calls included, in currency units (4.9, 5.9).

    Rents and yields are at their means, no tenant fails, a REIT lists at its first attempt, a project that
    waits for recycled money starts while the vehicle buys, and nobody else takes what the vehicle may buy.
    """
    property_, mandate = scenario.property_, vehicle.property_
    if property_ is None or mandate is None:
        return 0.0
    grid = TimeGrid(scenario.periods_per_year, scenario.horizon_periods, scenario.start)
    start = grid.period_of_date(scenario.start_of(vehicle))
    first, last = (start + period for period in mandate.window(grid))
    most = math.inf if mandate.ticket is None else mandate.ticket
    interests, total = property_.interests(), 0.0
    for place in property_.interests_for(mandate):
        kind, name = interests[place]
        if kind == "units":
            period, offered, whole = _units(scenario, property_, property_.reit(name), last, grid)
        elif kind == "acquired":
            period, offered, whole = _acquired(scenario, property_, property_.project(name), grid)
        else:
            period, offered, whole = _development(property_, property_.project(name), grid)
        if period is None or first <= period < last:
            total += min(min(mandate.share, offered) * whole, most)
    return total


def _development(property_: Property, project: Project, grid: TimeGrid) -> Offer:
    """The equity of building: its planned calls (4.1)."""
    build = project.build
    if build is None:
        return NEVER
    start = grid.start if build.start is None else build.start
    rates = [_rate(property_, debt, start) for debt in project.debts]
    n = grid.length(build.over_years)
    owed, equity = [0.0] * len(rates), 0.0
    for _ in range(n):
        interest = sum(debt * rate for debt, rate in zip(owed, rates, strict=True))
        need = build.cost / n + interest * grid.period_years
        owed = [debt + need * given.share for debt, given in zip(owed, project.debts, strict=True)]
        equity += need * (1.0 - project.debt_share)
    period = None if build.waits else grid.period_of_date(start)
    return period, 1.0 - project.owner_share, equity


def _rate(property_: Property, debt: Debt, day: dt.date) -> float:
    if debt.rate is not None:
        return debt.rate
    coupons = property_.coupons.special_bond if debt.kind == "special_bond" else property_.coupons.loan
    return (in_force(coupons, day) or coupons[0]).rate


def _acquired(scenario: Content, property_: Property, project: Project, grid: TimeGrid) -> Offer:
    """The equity after a sale: price, cost and works less the loan, once the space is let (4.8)."""
    sale, given = project.sale, project.occupancy
    if sale is None:
        return NEVER
    complete = _completion(project, grid)
    rise, wanted = given.stable - given.opening, sale.readiness * given.stable - given.opening
    filling = given.ramp_years * wanted / rise if rise > 0.0 and wanted > 0.0 else 0.0
    waits = grid.n_periods_covering(max(sale.after_years, filling))
    period = None if complete is None else max(complete + waits - 1, 0)
    price = mean(sale.price) * _value(scenario, property_, project, (period or 0) * grid.period_years)
    return period, 1.0, price * (1.0 + sale.buyer_cost - sale.loan_to_value + sale.capex)


def _units(scenario: Content, property_: Property, reit: Reit, last: int, grid: TimeGrid) -> Offer:
    """Strategic units of the projects that can be listed before the vehicle has done buying (4.11)."""
    operating, value, is_listed = grid.n_periods_covering(reit.operating_years), 0.0, False
    for project in property_.projects:
        complete = _completion(project, grid)
        if project.reit != reit.name or not project.initial or complete is None:
            continue
        period = max(complete + operating, grid.period_of_date(reit.from_), 0)
        if period < last:
            is_listed = True
            value += _value(scenario, property_, project, period * grid.period_years)
    listed = mean(reit.issue_multiple) * value * (1.0 - reit.gearing)
    return (None, reit.strategic, listed) if is_listed else NEVER


def _completion(project: Project, grid: TimeGrid) -> int | None:
    """Number of periods at whose end a project is complete; None for one that waits."""
    if project.built is not None:
        return -grid.n_periods_in(project.built.age_years)
    build = project.build
    if build is None or build.start is None:
        return None
    return grid.period_of_date(build.start) + grid.length(build.over_years)


def _value(scenario: Content, property_: Property, project: Project, years: float) -> float:
    """Value of a project that is let, rent and yield at their means (4.3, 4.4)."""
    market = next(one for one in property_.markets if one.name == project.market)
    yields = market.yields
    initial = yields.mean if yields.initial is None else yields.initial
    rate = yields.mean * (initial / yields.mean) ** math.exp(-yields.reversion * years)
    rent = project.area * project.rent * MONTHS_PER_YEAR / scenario.currency.unit
    return rent * project.margin * project.occupancy.stable * math.exp(market.rent.drift * years) / rate
