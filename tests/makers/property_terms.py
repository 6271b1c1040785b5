"""Property for tests: terms from plain keyword arguments, random
ones, and the market and enterprises around them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from fundsim.kernels.base.quantiles import stack
from fundsim.kernels.base.random import hash_name
from fundsim.kernels.enterprises.walk import enterprises_of
from fundsim.kernels.layout import NEVER, EnterpriseBlock, GridTerms, MarketBlock
from fundsim.kernels.market import allocate_market, market_pass
from fundsim.kernels.property.records import DEBT, PROJECT, PROPERTY_MARKET, REIT, PropertyRecords
from fundsim.plan.records import records
from tests.makers import worlds
from tests.makers.draws import Draws

# What a market, project, debt or REIT is without further words: nothing varies, nothing is borrowed, sold or
# listed.
PLAIN_MARKET = {
    "rent_drift": 0.0,
    "rent_volatility": 0.0,
    "rent_beta": 0.0,
    "yield_initial": 0.05,
    "yield_mean": 0.05,
    "yield_reversion": 0.0,
    "yield_volatility": 0.0,
    "yield_correlation": 0.0,
}
PLAIN_PROJECT = {
    "market": 0,
    "operator": -1,
    "start_period": NEVER,
    "waits": 0,
    "build_periods": 0,
    "completion": 0,
    "patience": NEVER,
    "refinance_after": NEVER,
    "refinance_term": 1,
    "refinance_amortises": 0,
    "sale_after": NEVER,
    "sale_loan_term": NEVER,
    "capex_periods": 0,
    "hold_periods": NEVER,
    "reit": -1,
    "is_initial": 1,
    "owner_share": 1.0,
    "cost": 10.0,
    "full_rent": 1.0,
    "margin": 1.0,
    "opening_occupancy": 1.0,
    "stable_occupancy": 1.0,
    "ramp_years": 0.0,
    "letting_cost": 0.0,
    "vacancy_response": 0.0,
    "rent_response": 0.0,
    "recovery": 0.0,
    "dscr_least": 0.0,
    "ltv_most": np.inf,
    "enforcement_discount": 0.0,
    "refinance_ltv": 0.0,
    "refinance_rate": 0.0,
    "refinance_cost": 0.0,
    "sale_readiness": 0.0,
    "sale_multiple": ("fixed", 1.0),
    "buyer_cost": 0.0,
    "sale_ltv": 0.0,
    "sale_loan_rate": 0.0,
    "capex": 0.0,
    "rent_uplift": 0.0,
    "occupancy_uplift": 0.0,
    "exit_cost": 0.0,
    "listing_cost": 0.0,
}
PLAIN_DEBT = {"is_bond": 0, "term": NEVER, "amortises": 0, "rolls_over": 0, "share": 0.5}
PLAIN_REIT = {
    "from_period": 0,
    "attempt_periods": 1,
    "operating_periods": 0,
    "lock_base": NEVER,
    "lock_excess": NEVER,
    "lock_strategic": NEVER,
    "sell_periods": 1,
    "owner_sells": 1,
    "minimum_value": 0.0,
    "yield_floor": 0.0,
    "issue_multiple": ("fixed", 1.0),
    "retained": 0.2,
    "retained_base": 0.2,
    "strategic": 0.2,
    "payout": 1.0,
    "gearing": 0.0,
    "gearing_limit": 0.4 / 1.4,
    "debt_rate": 0.0,
    "fee_rate": 0.0,
    "price_volatility": 0.0,
    "price_reversion": 0.0,
    "yield_beta": 1.0,
    "follow_on_discount": 0.0,
    "least_price_to_nav": 0.0,
}
# What is no field of a record, but an array of its own
APART = ("debts", "cost_share", "tenants", "rate", "probability", "wait", "follow_on_probability")


def property_terms(
    n_periods,
    markets=({},),
    projects=(),
    reits=(),
    reinvest=(),
    n_sectors=0,
    n_states=1,
    market_volatility=0.0,
):
    """
    Terms from plain dicts of what differs from the plain cases above.

    A project may also have `debts` (dicts as `PLAIN_DEBT`, with a `rate`: a number or one a period),
    `cost_share` (one a period of building; without it equal shares) and `tenants` (sector numbers); a REIT
    `probability` (one a state, or one of all) and `wait` (a number or one a period). `reinvest` has an
    operator's share (or one a period) each.
    """
    tables: list[np.ndarray] = []
    J, R, T = len(projects), len(reits), n_periods
    borrowed = [[_fields(PLAIN_DEBT, debt, tables) for debt in each.get("debts", ())] for each in projects]
    most_debts = max([1, *map(len, borrowed)])
    most_building = max((each.get("build_periods", 0) for each in projects), default=0)
    blank = [dict.fromkeys(DEBT.names, 0)] * most_debts
    slots = [slot for debts in borrowed for slot in (*debts, *blank)[:most_debts]]
    debt_rate, cost_share = np.zeros((J, most_debts, T)), np.zeros((J, most_building))
    tenants = np.zeros((J, n_sectors), dtype=np.int64)
    for j, each in enumerate(projects):
        for i, debt in enumerate(each.get("debts", ())):
            debt_rate[j, i] = debt["rate"]
        c = each.get("build_periods", 0)
        cost_share[j, :c] = each.get("cost_share", np.full(c, 1.0 / max(c, 1)))
        tenants[j, list(each.get("tenants", ()))] = 1
    probability, wait = np.ones((R, n_states)), np.full((R, T), NEVER)
    again = np.ones((R, n_states))
    for r, each in enumerate(reits):
        probability[r] = each.get("probability", 1.0)
        again[r] = each.get("follow_on_probability", probability[r])
        wait[r] = each.get("wait", NEVER)
    shares = np.zeros((len(reinvest), T))
    for o, share in enumerate(reinvest):
        shares[o] = share
    return PropertyRecords(
        markets=records(PROPERTY_MARKET, (_market_fields(i, one, tables) for i, one in enumerate(markets))),
        projects=records(PROJECT, (_project_fields(j, one, tables) for j, one in enumerate(projects))),
        cost_share=cost_share,
        debts=records(DEBT, slots).reshape(J, most_debts),
        debt_rate=debt_rate,
        tenants=tenants,
        reits=records(REIT, (_reit_fields(r, one, tables) for r, one in enumerate(reits))),
        listing_probability=probability,
        follow_on_probability=again,
        follow_on_wait=wait,
        reinvest=shares,
        index_stream=np.uint64(hash_name("market/index")),
        market_volatility=float(market_volatility),
        tables=stack(tables),
    )


def _fields(plain, changes, tables, **own):
    """The fields of a record: those of the plain case, what differs, and what is its own."""
    given = {name: value for name, value in changes.items() if name not in APART}
    fields = (plain | given | own).items()
    return {name: worlds.triple(one, tables) if isinstance(one, tuple) else one for name, one in fields}


def _market_fields(i, market, tables):
    streams = {f"{name}_stream": hash_name(f"property/market {i}/{name}") for name in ("rent", "yield")}
    return _fields(PLAIN_MARKET, market, tables, **streams)


def _project_fields(j, project, tables):
    built = {"completion": NEVER} if project.get("build_periods", 0) else {}
    own = {"stream": hash_name(f"project/project {j}"), "n_debts": len(project.get("debts", ()))}
    return _fields(PLAIN_PROJECT | built, project, tables, **own)


def _reit_fields(r, reit, tables):
    return _fields(PLAIN_REIT, reit, tables, stream=hash_name(f"reit/reit {r}"))


@dataclass
class PropertyCase:
    """What the property pass reads of some paths."""

    grid: GridTerms
    terms: PropertyRecords
    market: MarketBlock
    enterprises: EnterpriseBlock
    first_path: int


def make_case(terms, world, n_paths=1, first_path=0):
    """The case of terms in a world of market and enterprises."""
    grid, market_terms = worlds.grid_of(world), worlds.market_terms(world)
    market = allocate_market(n_paths, grid, market_terms)
    market_pass(grid, market_terms, first_path, market)
    enterprises = enterprises_of(grid, worlds.enterprise_terms(world), market, first_path)
    return PropertyCase(grid, terms, market, enterprises, first_path)


def plain_case(n_periods, periods_per_year=1, world=None, n_paths=1, **terms):
    """A case whose terms are given by keyword (`property_terms`),
    with nothing else around unless a world is given.
    """
    world = world or worlds.World(n_periods=n_periods, periods_per_year=periods_per_year)
    sizes = {"n_sectors": len(world.sectors), "n_states": len(world.states)}
    return make_case(property_terms(n_periods, **sizes, **terms), world, n_paths)


def random_case(seed, n_paths=1):
    """A random property world in a busy park; every rule of §4
    is met somewhere, another one for each seed.
    """
    world, terms, first_path = random_parts(seed)
    return make_case(terms, world, n_paths, first_path)


def random_parts(seed):
    """The world, the terms and the first path of `random_case`."""
    rng = Draws(seed, "property")
    world = _busy_world(rng.of("world"), seed)
    m, T = world.periods_per_year, world.n_periods
    n_markets, n_operators = int(rng.of("markets").integers(1, 3)), int(rng.of("operators").integers(1, 3))
    n_reits = int(rng.of("reits").choice([0, 1, 2], p=[0.2, 0.5, 0.3]))
    sizes = m, T, n_markets, n_operators, n_reits, len(world.sectors)
    n_projects = int(rng.of("projects").integers(1, 7))
    terms = property_terms(
        T,
        markets=[_random_market(rng.of("market", k)) for k in range(n_markets)],
        projects=[_random_project(rng.of("project", k), *sizes) for k in range(n_projects)],
        reits=[_random_reit(rng.of("reit", k), m, T, len(world.states)) for k in range(n_reits)],
        reinvest=[_by_rule(rng.of("reinvest", k), T, (0.9, 0.85, 0.0, 1.0)) for k in range(n_operators)],
        n_sectors=len(world.sectors),
        n_states=len(world.states),
        market_volatility=world.factor_volatility[0],
    )
    return world, terms, int(rng.of("first path").integers(0, 50))


def _busy_world(rng, seed):
    world = worlds.random_world(seed)
    m = int(rng.choice([1, 2, 4, 12], p=[0.25, 0.3, 0.35, 0.1]))
    years = int(rng.integers(6, 20 if m < 4 else 12))
    rates = rng.of("streams")
    streams = [replace(stream, per_year=float(rates.choice([0.0, 1.0, 5.0]))) for stream in world.streams]
    return replace(world, periods_per_year=m, n_periods=m * years, streams=streams, deals=[], known={})


def _by_rule(rng, n_periods, values):
    """One value a period that changes once."""
    first, second = rng.choice(values, 2)
    return np.where(np.arange(n_periods) < rng.integers(0, n_periods), first, second)


def _random_market(rng):
    return {
        "rent_drift": rng.uniform(-0.08, 0.06),
        "rent_volatility": float(rng.choice([0.0, 0.1, 0.25])),
        "rent_beta": float(rng.choice([0.0, 0.3])),
        "yield_initial": rng.uniform(0.04, 0.07),
        "yield_mean": rng.uniform(0.04, 0.07),
        "yield_reversion": float(rng.choice([0.0, 0.3, 1.0])),
        "yield_volatility": float(rng.choice([0.0, 0.1, 0.25])),
        "yield_correlation": float(rng.choice([-1.0, -0.3, 0.0, 0.5])),
    }


def _periods(rng, m, low, high):
    """A whole number of periods between two numbers of years, at least one."""
    return max(1, round(rng.uniform(low, high) * m))


def _random_debt(rng, m, n_periods, share):
    amortises = int(rng.random() < 0.4)
    return {
        "is_bond": int(rng.random() < 0.4),
        "term": _periods(rng, m, 0.5, 10.0) if rng.random() < 0.9 else NEVER,
        "amortises": amortises,
        "rolls_over": int(not amortises and rng.random() < 0.5),
        "share": share,
        "rate": _by_rule(rng, n_periods, (0.0, 0.03, 0.05, 0.08)),
    }


def _random_project(rng, m, n_periods, n_markets, n_operators, n_reits, n_sectors):
    is_built = rng.random() < 0.4
    operator = int(rng.integers(-1, n_operators))
    waits = int(not is_built and operator >= 0 and rng.random() < 0.5)
    c = 0 if is_built else _periods(rng, m, 0.3, 3.0)
    n_debts = int(rng.integers(0, 4))
    shares = rng.dirichlet(np.ones(n_debts + 1))[:n_debts] * float(rng.choice([0.5, 1.0]))
    cost = float(rng.choice([2.0, 10.0, 20.0]))
    stable = rng.uniform(0.5, 1.0)
    return {
        "market": int(rng.integers(n_markets)),
        "operator": operator,
        "start_period": NEVER if is_built or waits else int(n_periods * rng.uniform(0.0, 1.1) ** 2),
        "waits": waits,
        "build_periods": c,
        **({"completion": -int(rng.integers(0, 5 * m))} if is_built else {}),
        **({} if is_built else {"cost_share": rng.dirichlet(np.ones(c))}),
        "owner_share": float(rng.choice([0.0, 0.4, 1.0], p=[0.1, 0.3, 0.6])),
        "cost": cost,
        "full_rent": cost * rng.uniform(0.04, 0.13),
        "margin": rng.uniform(0.6, 0.9),
        "opening_occupancy": rng.uniform(0.2, stable),
        "stable_occupancy": stable,
        "ramp_years": float(rng.choice([0.0, 1.0, 1.37])),
        "patience": int(rng.choice([0, 1, 2 * m, NEVER], p=[0.15, 0.15, 0.3, 0.4])),
        "is_initial": int(rng.random() < 0.6),
        "reit": int(rng.integers(n_reits)) if n_reits and rng.random() < 0.8 else -1,
        "debts": [
            _random_debt(rng.of("debt", d), m, n_periods, float(share)) for d, share in enumerate(shares)
        ],
        "tenants": [x for x in range(n_sectors) if rng.random() < 0.6],
        "listing_cost": float(rng.choice([0.0, 0.02])),
        "enforcement_discount": float(rng.choice([0.0, 0.3])),
        **_random_response(rng.of("response")),
        **_random_covenants(rng.of("covenants")),
        **_random_refinancing(rng.of("refinancing"), m),
        **_random_sale(rng.of("sale"), m),
        **_random_letting(rng.of("letting"), cost),
    }


def _random_letting(rng, cost):
    """Letting that costs nothing, some rents, or the project; now and then a ramp without end."""
    price = float(rng.choice([0.0, 0.02, 0.1, 50.0], p=[0.4, 0.3, 0.25, 0.05]))
    ramps = {"ramp_years": float(rng.choice([4.0, 40.0]))} if rng.random() < 0.2 else {}
    return ramps | {"letting_cost": cost * price}


def _random_response(rng):
    if rng.random() < 0.3:
        return {}
    return {
        "vacancy_response": float(rng.choice([0.0, 0.5, 3.0])),
        "rent_response": float(rng.choice([0.0, 0.3, 1.0])),
        "recovery": float(rng.choice([0.0, 0.5, 2.0])),
    }


def _random_covenants(rng):
    return {
        "dscr_least": float(rng.choice([0.0, 1.1, 1.6])),
        "ltv_most": float(rng.choice([np.inf, 0.5, 0.8])),
    }


def _random_refinancing(rng, m):
    if rng.random() < 0.5:
        return {}
    return {
        "refinance_after": int(rng.integers(0, 4 * m)),
        "refinance_term": _periods(rng, m, 1.0, 12.0),
        "refinance_amortises": int(rng.integers(2)),
        "refinance_ltv": rng.uniform(0.3, 0.7),
        "refinance_rate": float(rng.choice([0.0, 0.035, 0.06])),
        "refinance_cost": float(rng.choice([0.0, 0.01])),
    }


def _random_sale(rng, m):
    if rng.random() < 0.6:
        return {}
    return {
        "sale_after": int(rng.integers(0, 3 * m)),
        "sale_readiness": rng.uniform(0.3, 1.0),
        "sale_multiple": [("fixed", 1.0), ("lognormal", 0.95, 0.1), ("beta", 0.9, 0.05)][rng.integers(3)],
        "buyer_cost": float(rng.choice([0.0, 0.03])),
        "sale_ltv": float(rng.choice([0.0, 0.5, 0.8])),
        "sale_loan_rate": float(rng.choice([0.03, 0.07])),
        "sale_loan_term": _periods(rng, m, 1.0, 10.0),
        "capex_periods": _periods(rng, m, 0.2, 2.0),
        "capex": float(rng.choice([0.0, 0.05])),
        "rent_uplift": float(rng.choice([0.0, 0.1])),
        "occupancy_uplift": float(rng.choice([0.0, 0.04, 0.6])),
        "hold_periods": _periods(rng, m, 0.5, 5.0) if rng.random() < 0.7 else NEVER,
        "exit_cost": float(rng.choice([0.0, 0.02])),
    }


def _random_reit(rng, m, n_periods, n_states):
    retained = float(rng.choice([0.2, 0.34, 0.5]))
    return {
        "from_period": int(rng.integers(0, max(1, n_periods // 3))),
        "attempt_periods": _periods(rng, m, 0.2, 1.0),
        "operating_periods": round(rng.uniform(0.0, 3.0) * m),
        "lock_base": round(rng.uniform(0.0, 5.0) * m),
        "lock_excess": round(rng.uniform(0.0, 3.0) * m),
        "lock_strategic": int(rng.choice([0, 1, m])),
        "sell_periods": _periods(rng, m, 0.0, 2.0),
        "owner_sells": int(rng.random() < 0.7),
        "minimum_value": float(rng.choice([0.0, 5.0, 20.0])),
        "yield_floor": float(rng.choice([0.0, 0.03, 0.045])),
        "issue_multiple": [("fixed", 1.0), ("lognormal", 1.05, 0.1)][rng.integers(2)],
        "retained": retained,
        "strategic": float(rng.choice([0.0, 0.2, 0.5])),
        "payout": float(rng.choice([0.9, 1.0])),
        "gearing": float(rng.choice([0.0, 0.15, 0.28])),
        "debt_rate": 0.035,
        "fee_rate": float(rng.choice([0.0, 0.003, 0.3], p=[0.4, 0.4, 0.2])),
        "price_volatility": float(rng.choice([0.0, 0.2])),
        "price_reversion": float(rng.choice([0.0, 0.5])),
        "yield_beta": float(rng.choice([0.5, 1.0, 1.6])),
        "follow_on_discount": float(rng.choice([0.0, 0.1])),
        "least_price_to_nav": float(rng.choice([0.0, 0.9, 1.01], p=[0.3, 0.4, 0.3])),
        "probability": rng.choice([0.0, 0.4, 1.0], n_states, p=[0.1, 0.4, 0.5]),
        "wait": np.where(np.arange(n_periods) < rng.integers(0, n_periods), m, max(1, m // 2))
        if rng.random() < 0.8
        else NEVER,
    }
