"""Property (§4) and what vehicles may take of it (5.9)."""

import math

from fundsim.kernels.layout import NEVER
from tests.twins.plan.fields import (
    choice,
    columns,
    copied,
    fixed,
    flag,
    hash_name,
    lognormal,
    padded,
    place,
    stream,
)  # fmt: skip
from tests.twins.plan.periods import (
    covering,
    covering_months,
    in_force,
    last_day,
    length,
    months_later,
    n_periods,
    period_of_day,
    start_period,
)  # fmt: skip

LEAST_KEPT = 0.20  # (4.11): of the units, locked for the longest


def at_least_one(scenario, years):
    """Periods of something that takes time."""
    return max(length(scenario, years), 1)


def items(scenario, field):
    return () if scenario.property_ is None else getattr(scenario.property_, field)


def waiting(path):
    """Periods since completion from which something may happen; never where it is not asked for."""

    def value(scenario, project):
        years = copied(path)(scenario, project)
        return NEVER if years is None else covering(scenario, years)

    return value


def lasting(path, without):
    """Periods that something takes, at least one."""

    def value(scenario, project):
        years = copied(path)(scenario, project)
        return without if years is None else at_least_one(scenario, years)

    return value


# Markets (1.4)

MARKET = {
    "rent_drift": copied("rent.drift"),
    "rent_volatility": copied("rent.volatility"),
    "rent_beta": copied("rent.beta"),
    "yield_initial": lambda scenario, market: (
        market.yields.mean if market.yields.initial is None else market.yields.initial
    ),
    "yield_mean": copied("yields.mean"),
    "yield_reversion": copied("yields.reversion"),
    "yield_volatility": copied("yields.volatility"),
    "yield_correlation": copied("yields.correlation"),
    "rent_stream": stream("property/{}/rent"),
    "yield_stream": stream("property/{}/yield"),
}


def markets(scenario):
    return columns(MARKET, scenario, items(scenario, "markets"))


# Projects


def building_starts(scenario, project):
    """(4.1): the period of its day; never where it waits (4.14) or exists."""
    build = project.build
    return NEVER if build is None or build.start is None else period_of_day(scenario, build.start)


def completion(scenario, project):
    """(4.1): an existing project is complete at a date ≤ 0."""
    return NEVER if project.built is None else -length(scenario, project.built.age_years)


def full_rent(scenario, project):
    """(4.3): `area × rent × 12 / unit` a year."""
    return project.area * project.rent * 12 / scenario.currency.unit


def letting_cost(scenario, project):
    """(4.3): of the whole space."""
    return project.area * project.occupancy.letting_cost / scenario.currency.unit


def patience(scenario, project):
    covenants = project.covenants
    return NEVER if covenants is None else length(scenario, covenants.patience_years)


def sale_multiple(scenario, project):
    return fixed(1.0) if project.sale is None else lognormal(project.sale.price)


PROJECT = {
    "stream": stream("project/{}"),
    "market": lambda scenario, project: place(items(scenario, "markets"), project.market),
    "operator": lambda scenario, project: place(items(scenario, "operators"), project.operator),
    "start_period": building_starts,
    "waits": flag("build.waits"),
    "build_periods": lasting("build.over_years", 0),
    "completion": completion,
    "n_debts": lambda scenario, project: len(project.debts),
    "patience": patience,
    "refinance_after": waiting("refinancing.after_years"),
    "refinance_term": lasting("refinancing.term_years", 0),
    "refinance_amortises": lambda scenario, project: int(
        project.refinancing is not None and project.refinancing.repayment == "amortising"
    ),
    "sale_after": waiting("sale.after_years"),
    "sale_loan_term": lasting("sale.loan_term_years", 0),
    "capex_periods": lasting("sale.capex_years", 0),
    "hold_periods": lasting("sale.hold_years", NEVER),
    "reit": lambda scenario, project: place(items(scenario, "reits"), project.reit),
    "is_initial": flag("initial"),
    "owner_share": copied("owner_share"),
    "cost": lambda scenario, project: (project.build or project.built).cost,
    "full_rent": full_rent,
    "margin": copied("margin"),
    "opening_occupancy": copied("occupancy.opening"),
    "stable_occupancy": copied("occupancy.stable"),
    "letting_cost": letting_cost,
    "ramp_years": copied("occupancy.ramp_years"),
    "vacancy_response": copied("tenants.vacancy_response", 0.0),
    "rent_response": copied("tenants.rent_response", 0.0),
    "recovery": copied("tenants.recovery", 0.0),
    "dscr_least": copied("covenants.coverage", 0.0),
    "ltv_most": copied("covenants.loan_to_value", math.inf),
    "enforcement_discount": copied("covenants.enforcement_discount", 0.0),
    "refinance_ltv": copied("refinancing.loan_to_value", 0.0),
    "refinance_rate": copied("refinancing.rate", 0.0),
    "refinance_cost": copied("refinancing.cost", 0.0),
    "sale_readiness": copied("sale.readiness", 0.0),
    "sale_multiple": sale_multiple,
    "buyer_cost": copied("sale.buyer_cost", 0.0),
    "sale_ltv": copied("sale.loan_to_value", 0.0),
    "sale_loan_rate": copied("sale.loan_rate", 0.0),
    "capex": copied("sale.capex", 0.0),
    "rent_uplift": copied("sale.rent_uplift", 0.0),
    "occupancy_uplift": copied("sale.occupancy_uplift", 0.0),
    "exit_cost": copied("sale.exit_cost", 0.0),
    "listing_cost": copied("listing_cost"),
}


def projects(scenario):
    return columns(PROJECT, scenario, items(scenario, "projects"))


def cost_share(scenario):
    """(4.1): the share of the cost that falls in each period of building, that of a year even within it,
    that of a year which has no period in the last one.
    """
    rows = []
    for project in items(scenario, "projects"):
        build, m = project.build, scenario.periods_per_year
        n = 0 if build is None else at_least_one(scenario, build.over_years)
        yearly = None if build is None else build.yearly_shares
        if yearly is None:
            rows.append([1.0 / n for _ in range(n)])
            continue
        year_of = [min(int(s / m), len(yearly) - 1) for s in range(n)]
        parts = [yearly[year] / year_of.count(year) for year in year_of]
        for year in range(len(yearly)):
            if year > year_of[-1]:
                parts[-1] += yearly[year]
        rows.append([part / sum(parts) for part in parts])
    return padded(rows, 0.0)


DEBT = {
    "is_bond": choice("kind", "loan", "special_bond"),
    "term": lambda scenario, debt: at_least_one(scenario, debt.term_years),
    "amortises": choice("repayment", "bullet", "amortising"),
    "rolls_over": flag("rolls_over"),
    "share": copied("share"),
}


def debts(scenario):
    """Of each project, zeros behind the last (4.1, 4.5)."""
    found = [columns(DEBT, scenario, project.debts) for project in items(scenario, "projects")]
    return {name: padded([project[name] for project in found], 0) for name in DEBT}


def rate_of_debt(scenario, project, debt, t):
    """(4.1): its own, else the coupon of its vintage: of the day a built project was completed, of the last
    day of the period for one that starts in period t; the first coupon holds before its day too.
    """
    if debt.rate is not None:
        return debt.rate
    day = last_day(scenario, t)
    if project.built is not None:
        day = months_later(scenario.start, -round(project.built.age_years * 12))
    coupons = getattr(scenario.property_.coupons, debt.kind)
    return (in_force(coupons, day) or coupons[0]).rate


def debt_rate(scenario):
    n = n_periods(scenario)
    rows = [
        [[rate_of_debt(scenario, project, debt, t) for t in range(n)] for debt in project.debts]
        for project in items(scenario, "projects")
    ]
    return padded(rows, [0.0] * n)


def tenants(scenario):
    """(4.2): whether each project houses enterprises of each sector."""
    rows = []
    for project in items(scenario, "projects"):
        named = () if project.tenants is None else project.tenants.sectors
        rows.append([int(sector.name in named) for sector in scenario.sectors])
    return rows


# REITs


def months(path):
    return lambda scenario, reit: covering_months(scenario, copied(path)(scenario, reit))


REIT = {
    "stream": stream("reit/{}"),
    "from_period": lambda scenario, reit: max(period_of_day(scenario, reit.from_), 0),
    "attempt_periods": lasting("attempt_years", None),
    "operating_periods": waiting("operating_years"),
    "lock_base": months("lock.base_months"),
    "lock_excess": months("lock.excess_months"),
    "lock_strategic": months("lock.strategic_months"),
    "sell_periods": lasting("sell_years", None),
    "owner_sells": flag("owner_sells"),
    "minimum_value": copied("minimum_value"),
    "yield_floor": copied("yield_floor"),
    "issue_multiple": lambda scenario, reit: lognormal(reit.issue_multiple),
    "retained": copied("retained"),
    "retained_base": lambda scenario, reit: LEAST_KEPT,
    "strategic": copied("strategic"),
    "payout": copied("payout"),
    "gearing": copied("gearing"),
    "gearing_limit": copied("gearing_limit"),
    "debt_rate": copied("debt_rate"),
    "fee_rate": copied("fee_rate"),
    "price_volatility": copied("price.volatility"),
    "price_reversion": copied("price.reversion"),
    "yield_beta": copied("price.yield_beta"),
    "follow_on_discount": copied("follow_on.discount", 0.0),
    "least_price_to_nav": copied("follow_on.least_price_to_nav", 0.0),
}


def reits(scenario):
    return columns(REIT, scenario, items(scenario, "reits"))


def by_state(scenario, chances):
    return [[chance[state.name] for state in scenario.market.window.states] for chance in chances]


def listing_probability(scenario):
    return by_state(scenario, [reit.probability for reit in items(scenario, "reits")])


def follow_on_probability(scenario):
    """(4.13): its own probability, else that of a listing."""
    rows = []
    for reit in items(scenario, "reits"):
        own = reit.follow_on.probability if reit.follow_on is not None else None
        rows.append(reit.probability if own is None else own)
    return by_state(scenario, rows)


def follow_on_wait(scenario):
    """(4.13): by the rule of the period's last day; never without follow-ons or before the first rule."""
    rows = []
    for reit in items(scenario, "reits"):
        row = []
        for t in range(n_periods(scenario)):
            rules = () if reit.follow_on is None else reit.follow_on.wait
            rule = in_force(rules, last_day(scenario, t))
            row.append(NEVER if rule is None else covering_months(scenario, rule.months))
        rows.append(row)
    return rows


def reinvest(scenario):
    """(4.14): by the rule of the period's last day, nothing before the first."""
    rows = []
    for operator in items(scenario, "operators"):
        rules = [in_force(operator.reinvest, last_day(scenario, t)) for t in range(n_periods(scenario))]
        rows.append([0.0 if rule is None else rule.share for rule in rules])
    return rows


# What vehicles may take


def interests(scenario):
    """(4.9): (kind, project or REIT): development of each project, acquired of each, units of each REIT."""
    found = [("development", project) for project in items(scenario, "projects")]
    found += [("acquired", project) for project in items(scenario, "projects")]
    return found + [("units", reit) for reit in items(scenario, "reits")]


def interests_for_funds(scenario):
    """(4.9): what the owner does not keep of a development interest is on offer; of others all. Of
    property's money none reaches enterprises (8.8).
    """
    found = interests(scenario)
    return {
        "available": [1.0 - one.owner_share if kind == "development" else 1.0 for kind, one in found],
        "reaches_enterprises": [0 for _ in found],
    }


def debt_share(kind, one):
    """Debt over cost or price of an interest; None for one that is never on offer."""
    if kind == "units":
        return one.gearing if one.strategic > 0.0 else None
    if kind == "acquired":
        return None if one.sale is None else one.sale.loan_to_value
    if one.build is None or one.owner_share >= 1.0:
        return None
    return sum(debt.share for debt in one.debts)


def holdings(scenario):
    """(5.9): (vehicle, interest) of what each vehicle's block names and its limit on debt lets it take."""
    found = []
    for v, vehicle in enumerate(scenario.vehicles):
        wanted = vehicle.property_
        for k, (kind, one) in enumerate(interests(scenario)):
            if wanted is None or kind not in wanted.buys:
                continue
            named = wanted.reits if kind == "units" else wanted.projects
            share = debt_share(kind, one)
            if (named is None or one.name in named) and share is not None:
                found += [(v, k)] if share <= wanted.max_debt_share + 1e-9 else []
    return found


def holding_interest(scenario):
    return [k for _, k in holdings(scenario)]


def buys_from(scenario, vehicle):
    """(5.9): the first period of purchases; 0 without a property block."""
    wanted = vehicle.property_
    return 0 if wanted is None else start_period(scenario, vehicle) + length(scenario, wanted.from_years)


def buys_until(scenario, vehicle):
    """(5.9): the first period without purchases; they last at least a period."""
    wanted = vehicle.property_
    if wanted is None:
        return 0
    end = start_period(scenario, vehicle) + length(scenario, wanted.from_years + wanted.over_years)
    return max(end, buys_from(scenario, vehicle) + 1)


def index_stream(scenario):
    return hash_name("market/index")
