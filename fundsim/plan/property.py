"""Terms of the property pass (§4), and what vehicles may take of property (5.9)."""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from fundsim.kernels.base import distributions
from fundsim.kernels.base.random import hash_name
from fundsim.kernels.layout import NEVER
from fundsim.kernels.property.records import DEBT, PROJECT, PROPERTY_MARKET, REIT, PropertyRecords
from fundsim.plan.names import Names
from fundsim.plan.records import lognormal, records, table
from fundsim.scenario.dated import in_force
from fundsim.scenario.projects import Debt, Project, Refinancing, Sale, Tenants
from fundsim.scenario.property import Coupon, Property, PropertyMandate, PropertyMarket
from fundsim.scenario.reits import RETAINED_BASE, Reit
from fundsim.scenario.scenario import Scenario
from fundsim.timegrid import TimeGrid, add_months
from fundsim.vocabulary import InterestSource

MONTHS_PER_YEAR = 12


def property_records(
    scenario: Scenario, grid: TimeGrid, names: Names, tables: list[np.ndarray]
) -> PropertyRecords:
    """All of it; without a property block the arrays are empty."""
    property_ = scenario.property_
    markets = () if property_ is None else property_.markets
    projects = () if property_ is None else property_.projects
    reits = () if property_ is None else property_.reits
    unit = scenario.currency.unit
    return PropertyRecords(
        markets=records(PROPERTY_MARKET, map(market_fields, markets)),
        projects=records(PROJECT, (project_fields(one, grid, names, unit) for one in projects)),
        cost_share=table([cost_shares(project, grid) for project in projects], 0.0),
        debts=debt_records(projects, grid),
        debt_rate=debt_rates(property_, grid),
        tenants=tenant_rows(projects, names),
        reits=records(REIT, (reit_fields(reit, grid) for reit in reits)),
        listing_probability=success(scenario, [reit.probability for reit in reits]),
        follow_on_probability=success(scenario, [follow_on_chances(reit) for reit in reits]),
        follow_on_wait=follow_on_waits(reits, grid),
        reinvest=reinvested(property_, grid),
        index_stream=hash_name("market/index"),
        market_volatility=float(scenario.market.index.volatility),
        tables=np.empty(0),
    )


def _months(months: int, grid: TimeGrid) -> int:
    return grid.n_periods_covering(months / MONTHS_PER_YEAR)


def market_fields(market: PropertyMarket) -> dict[str, Any]:
    """A market (1.4)."""
    rent, yields = market.rent, market.yields
    return {
        "rent_drift": rent.drift,
        "rent_volatility": rent.volatility,
        "rent_beta": rent.beta,
        "yield_initial": yields.mean if yields.initial is None else yields.initial,
        "yield_mean": yields.mean,
        "yield_reversion": yields.reversion,
        "yield_volatility": yields.volatility,
        "yield_correlation": yields.correlation,
        "rent_stream": hash_name(f"property/{market.name}/rent"),
        "yield_stream": hash_name(f"property/{market.name}/yield"),
    }


def project_fields(project: Project, grid: TimeGrid, names: Names, unit: float) -> dict[str, Any]:
    """A project without its debts (4.1 to 4.11)."""
    occupancy, covenants = project.occupancy, project.covenants
    limit = None if covenants is None else covenants.loan_to_value
    return {
        "stream": hash_name(f"project/{project.name}"),
        "market": names.markets[project.market],
        "operator": -1 if project.operator is None else names.operators[project.operator],
        "n_debts": len(project.debts),
        "patience": NEVER if covenants is None else grid.n_periods_in(covenants.patience_years),
        "reit": -1 if project.reit is None else names.reits[project.reit],
        "is_initial": int(project.initial),
        "owner_share": project.owner_share,
        "full_rent": project.area * project.rent * MONTHS_PER_YEAR / unit,
        "margin": project.margin,
        "opening_occupancy": occupancy.opening,
        "stable_occupancy": occupancy.stable,
        "ramp_years": occupancy.ramp_years,
        "letting_cost": project.area * occupancy.letting_cost / unit,
        "dscr_least": 0.0 if covenants is None else covenants.coverage,
        "ltv_most": math.inf if limit is None else limit,
        "enforcement_discount": 0.0 if covenants is None else covenants.enforcement_discount,
        "listing_cost": project.listing_cost,
        **_building_fields(project, grid),
        **_tenant_fields(project.tenants),
        **_refinancing_fields(project.refinancing, grid),
        **_sale_fields(project.sale, grid),
    }


def _building_fields(project: Project, grid: TimeGrid) -> dict[str, Any]:
    build, built = project.build, project.built
    if build is None:
        assert built is not None
        return {
            "start_period": NEVER,
            "waits": 0,
            "build_periods": 0,
            "completion": -grid.n_periods_in(built.age_years),
            "cost": built.cost,
        }
    return {
        "start_period": NEVER if build.start is None else grid.period_of_date(build.start),
        "waits": int(build.waits),
        "build_periods": grid.length(build.over_years),
        "completion": NEVER,
        "cost": build.cost,
    }


def _tenant_fields(tenants: Tenants | None) -> dict[str, Any]:
    return {
        "vacancy_response": 0.0 if tenants is None else tenants.vacancy_response,
        "rent_response": 0.0 if tenants is None else tenants.rent_response,
        "recovery": 0.0 if tenants is None else tenants.recovery,
    }


def _refinancing_fields(given: Refinancing | None, grid: TimeGrid) -> dict[str, Any]:
    return {
        "refinance_after": NEVER if given is None else grid.n_periods_covering(given.after_years),
        "refinance_term": 0 if given is None else grid.length(given.term_years),
        "refinance_amortises": int(given is not None and given.repayment == "amortising"),
        "refinance_ltv": 0.0 if given is None else given.loan_to_value,
        "refinance_rate": 0.0 if given is None else given.rate,
        "refinance_cost": 0.0 if given is None else given.cost,
    }


def _sale_fields(sale: Sale | None, grid: TimeGrid) -> dict[str, Any]:
    numbers = {
        "sale_readiness": "readiness",
        "buyer_cost": "buyer_cost",
        "sale_ltv": "loan_to_value",
        "sale_loan_rate": "loan_rate",
        "capex": "capex",
        "rent_uplift": "rent_uplift",
        "occupancy_uplift": "occupancy_uplift",
        "exit_cost": "exit_cost",
    }
    hold = None if sale is None else sale.hold_years
    return {
        "sale_after": NEVER if sale is None else grid.n_periods_covering(sale.after_years),
        "sale_loan_term": 0 if sale is None else grid.length(sale.loan_term_years),
        "capex_periods": 0 if sale is None else grid.length(sale.capex_years),
        "hold_periods": NEVER if hold is None else grid.length(hold),
        "sale_multiple": distributions.fixed(1.0) if sale is None else lognormal(sale.price),
        **{field: 0.0 if sale is None else getattr(sale, name) for field, name in numbers.items()},
    }


def cost_shares(project: Project, grid: TimeGrid) -> list[float]:
    """Shares of the cost by period of building, those of a year even within it; what falls in a year too
    short for a period of its own falls in the last one (4.1).
    """
    build = project.build
    if build is None:
        return []
    periods, m = grid.length(build.over_years), grid.periods_per_year
    if build.yearly_shares is None:
        return [1.0 / periods] * periods
    years = [min(s // m, len(build.yearly_shares) - 1) for s in range(periods)]
    parts = [build.yearly_shares[year] / years.count(year) for year in years]
    parts[-1] += sum(build.yearly_shares[years[-1] + 1 :])
    return [part / sum(parts) for part in parts]


def debt_records(projects: Iterable[Project], grid: TimeGrid) -> np.ndarray:
    """Debts of each project, zeros behind the last (4.1, 4.5)."""
    rows = [project.debts for project in projects]
    most = max([1, *map(len, rows)])
    slots = (debts[d] if d < len(debts) else None for debts in rows for d in range(most))
    return records(DEBT, (debt_fields(debt, grid) for debt in slots)).reshape(len(rows), most)


def debt_fields(debt: Debt | None, grid: TimeGrid) -> dict[str, Any]:
    """A debt; zeros where there is none."""
    if debt is None:
        return dict.fromkeys(DEBT.names or (), 0)
    return {
        "is_bond": debt.kind == "special_bond",
        "term": grid.length(debt.term_years),
        "amortises": debt.repayment == "amortising",
        "rolls_over": debt.rolls_over,
        "share": debt.share,
    }


def debt_rates(property_: Property | None, grid: TimeGrid) -> np.ndarray:
    """Rates of each project's debts by the period in which it
    starts; a built project's at its completion (4.1).
    """
    projects = () if property_ is None else property_.projects
    most = max([1, *(len(project.debts) for project in projects)])
    out = np.zeros((len(projects), most, grid.n_periods))
    for j, project in enumerate(projects):
        for d, debt in enumerate(project.debts):
            assert property_ is not None
            out[j, d] = _rates(debt, project, getattr(property_.coupons, debt.kind), grid)
    return out


def _rates(debt: Debt, project: Project, coupons: tuple[Coupon, ...], grid: TimeGrid) -> list[float]:
    if debt.rate is not None:
        return [debt.rate] * grid.n_periods
    if project.built is not None:
        completed = add_months(grid.start, -round(project.built.age_years * MONTHS_PER_YEAR))
        days = [completed] * grid.n_periods
    else:
        days = [grid.period_end(t) for t in range(grid.n_periods)]
    return [(in_force(coupons, day) or coupons[0]).rate for day in days]


def tenant_rows(projects: Iterable[Project], names: Names) -> np.ndarray:
    """Which sectors' enterprises each project houses (4.2)."""
    rows = list(projects)
    out = np.zeros((len(rows), len(names.sectors)), dtype=np.int64)
    for j, project in enumerate(rows):
        for name in () if project.tenants is None else project.tenants.sectors:
            out[j, names.sectors[name]] = 1
    return out


def reit_fields(reit: Reit, grid: TimeGrid) -> dict[str, Any]:
    """A REIT (4.10 to 4.13)."""
    follow_on = reit.follow_on
    return {
        "stream": hash_name(f"reit/{reit.name}"),
        "from_period": max(grid.period_of_date(reit.from_), 0),
        "attempt_periods": grid.length(reit.attempt_years),
        "operating_periods": grid.n_periods_covering(reit.operating_years),
        "lock_base": _months(reit.lock.base_months, grid),
        "lock_excess": _months(reit.lock.excess_months, grid),
        "lock_strategic": _months(reit.lock.strategic_months, grid),
        "sell_periods": grid.length(reit.sell_years),
        "owner_sells": int(reit.owner_sells),
        "minimum_value": reit.minimum_value,
        "yield_floor": reit.yield_floor,
        "issue_multiple": lognormal(reit.issue_multiple),
        "retained": reit.retained,
        "retained_base": RETAINED_BASE,
        "strategic": reit.strategic,
        "payout": reit.payout,
        "gearing": reit.gearing,
        "gearing_limit": reit.gearing_limit,
        "debt_rate": reit.debt_rate,
        "fee_rate": reit.fee_rate,
        "price_volatility": reit.price.volatility,
        "price_reversion": reit.price.reversion,
        "yield_beta": reit.price.yield_beta,
        "follow_on_discount": 0.0 if follow_on is None else follow_on.discount,
        "least_price_to_nav": 0.0 if follow_on is None else follow_on.least_price_to_nav,
    }


def success(scenario: Scenario, chances: Iterable[Mapping[str, float]]) -> np.ndarray:
    """Chance of success in each state of the window (4.11, 4.13)."""
    states = [state.name for state in scenario.market.window.states]
    rows = [[chance[name] for name in states] for chance in chances]
    return np.array(rows, dtype=float).reshape(-1, len(states))


def follow_on_chances(reit: Reit) -> Mapping[str, float]:
    """Chance of a follow-on by state: its own, else that of a listing."""
    own = None if reit.follow_on is None else reit.follow_on.probability
    return reit.probability if own is None else own


def follow_on_waits(reits: Iterable[Reit], grid: TimeGrid) -> np.ndarray:
    """Periods since the last offering by the rule at the end of each period, NEVER without a rule (4.13)."""
    rows = list(reits)
    out = np.full((len(rows), grid.n_periods), NEVER, dtype=np.int64)
    for r, reit in enumerate(rows):
        for t in range(grid.n_periods if reit.follow_on is not None else 0):
            assert reit.follow_on is not None
            rule = in_force(reit.follow_on.wait, grid.period_end(t))
            out[r, t] = NEVER if rule is None else _months(rule.months, grid)
    return out


def reinvested(property_: Property | None, grid: TimeGrid) -> np.ndarray:
    """Share of capital proceeds by the rule at the end of each period, 0 without a rule (4.14)."""
    operators = () if property_ is None else property_.operators
    out = np.zeros((len(operators), grid.n_periods))
    for o, operator in enumerate(operators):
        for t in range(grid.n_periods):
            rule = in_force(operator.reinvest, grid.period_end(t))
            out[o, t] = 0.0 if rule is None else rule.share
    return out


def interest_rows(scenario: Scenario, names: Names) -> Iterator[dict[str, Any]]:
    """What funds know of each interest: its source, the share on offer, of a development what its owner does
    not keep (4.9), and whether its money reaches enterprises (8.8).
    """
    for one in names.interests:
        source, kept = InterestSource[one.kind.upper()], 0.0
        if source == InterestSource.DEVELOPMENT and scenario.property_ is not None:
            kept = scenario.property_.project(one.name).owner_share
        yield {"available": 1.0 - kept, "reaches_enterprises": source.reaches_enterprises}


def interest_fields(mandate: PropertyMandate | None, start: int, grid: TimeGrid) -> dict[str, Any]:
    """How much of each interest a vehicle takes, and when (5.9); without a mandate nothing."""
    if mandate is None:
        return {"interest_share": 0.0, "interest_ticket": math.inf, "interest_from": 0, "interest_until": 0}
    first, until = mandate.window(grid)
    return {
        "interest_share": mandate.share,
        "interest_ticket": math.inf if mandate.ticket is None else mandate.ticket,
        "interest_from": start + first,
        "interest_until": start + until,
    }
