"""The plan equals its slow twin, written from the scenario alone: every field of every record."""

from pathlib import Path

import numpy as np
import pytest

from fundsim.errors import ScenarioError
from fundsim.kernels.funds.state import Opening
from fundsim.plan import make_plan
from fundsim.scenario import Scenario, load_scenario
from tests.makers.generated_scenarios import random_scenario
from tests.twins import landing, random
from tests.twins.plan import agenda, deals, enterprises, market, periods, property, tree, vehicles

SCENARIOS = sorted(
    path
    for folder in ("", "validation", "calibration")
    for path in (Path(__file__).parents[2] / "scenarios" / folder).glob("*.yaml")
    if not path.stem.endswith("_targets") and path.stem != "plain"  # which others extend
)
FEW, MANY = 100, 300
CLOSE = 1e-11  # sums of up to a thousand periods in another order


def plan_arrays(plan):
    """{name: array or records} of all that the plan tells the passes."""
    topics = {
        "grid": plan.grid_terms,
        "market": plan.market,
        "closing": plan.closing,
        "enterprises": plan.enterprises,
        "property": plan.property,
        "funds": plan.funds,
        "opening": plan.fund_plan.opening,
        "agenda": plan.fund_plan.agenda,
        "landing": plan.fund_plan.instruments.landing,
    }
    return {
        f"{topic}.{name}": array for topic, terms in topics.items() for name, array in terms._asdict().items()
    }


def grid_twins():
    return {
        "n_periods": periods.n_periods,
        "periods_per_year": lambda scenario: scenario.periods_per_year,
        "is_antithetic": lambda scenario: scenario.run.antithetic,
        "seed_key": lambda scenario: random.seed_key(scenario.run.seed),
    }


def market_twins():
    names = ("factor_volatility", "correlation_root", "factor_stream")
    names += ("window_cumulative", "window_initial", "window_known", "window_factors")
    return {name: getattr(market, name) for name in names} | {
        "index_drift": lambda scenario: scenario.market.index.drift,
        "window_stream": lambda scenario: random.hash_name("market/window"),
    }


def closing_twins():
    return {
        "is_used": market.closing_is_used,
        "parents_first": lambda scenario: tree.ordered(scenario, children_first=False),
        "vehicles": market.closing_columns,
        "investors": market.commitment_columns,
        "market_volatility": lambda scenario: scenario.market.index.volatility,
    }


def enterprise_twins():
    names = ("park_streams", "stages", "sectors", "boards", "sector_beta", "sector_boards", "sector_buckets")
    names += ("rule_from_years", "rule_share")
    return {name: getattr(enterprises, name) for name in names} | {
        "deals": deals.deals,
        "entry_cumulative": deals.entry_cumulative,
        "factor_variance": market.factor_variance,
        "window_factors": market.window_factors,
    }


def property_twins():
    names = ("markets", "projects", "cost_share", "debts", "debt_rate", "tenants", "reits", "index_stream")
    names += ("listing_probability", "follow_on_probability", "follow_on_wait", "reinvest")
    return {name: getattr(property, name) for name in names} | {
        "market_volatility": lambda scenario: scenario.market.index.volatility
    }


def fund_twins():
    return {
        "n_periods": periods.n_periods,
        "periods_per_year": lambda scenario: scenario.periods_per_year,
        "seed_key": lambda scenario: random.seed_key(scenario.run.seed),
        "is_antithetic": lambda scenario: scenario.run.antithetic,
        "transfer_stream": lambda scenario: random.hash_name("transfer"),
        "children_first": lambda scenario: tree.ordered(scenario, children_first=True),
        "vehicles": vehicles.vehicles,
        "periods": vehicles.periods,
        "classes": tree.class_columns,
        "investors": tree.investor_columns,
        "edge_investor": lambda scenario: [row for _, row in tree.edges(scenario)],
        "with_vehicle": lambda scenario: [other for _, other in tree.companions(scenario)],
        "deals": deals.deals,
        "tranche_total": vehicles.tranche_total,
        "holding_interest": property.holding_interest,
        "interests": property.interests_for_funds,
        "stage_is_wanted": deals.stage_is_wanted,
        "boards": enterprises.boards,
        "rule_from_years": enterprises.rule_from_years,
        "rule_share": enterprises.rule_share,
    }


TWINS = {
    f"{topic}.{name}": twin
    for topic, twins in {
        "grid": grid_twins(),
        "market": market_twins(),
        "closing": closing_twins(),
        "enterprises": enterprise_twins(),
        "property": property_twins(),
        "funds": fund_twins(),
        "agenda": {"items": agenda.items, "first_due": agenda.first_due},
        "landing": {"checkpoints": landing.checkpoints},
    }.items()
    for name, twin in twins.items()
}
TABLES = "quantile tables: every field that draws from one is compared by its quantiles"
AGAIN = "what stands in the grid's or the enterprises' arrays, handed on"
WITHOUT_TWIN = {f"{topic}.tables": TABLES for topic in ("closing", "enterprises", "property", "funds")}
BLANK = "nothing has happened yet: tests/kernels/funds/test_opening.py looks at every field"
WITHOUT_TWIN |= {f"opening.{name}": BLANK for name in Opening._fields}
WITHOUT_TWIN |= {f"funds.{name}": AGAIN for name in ("clock", "enterprises")}


# Comparison


def has_fits(wanted):
    """Whether it, or what it lists, is no plain number."""
    while isinstance(wanted, list) and wanted:
        wanted = wanted[0]
    return hasattr(wanted, "fits")


def is_same(found, wanted, tables):
    """Whether a number, or an array of them, is what its twin says, or fits what it asks for."""
    if hasattr(wanted, "fits"):
        return wanted.fits(found, tables)
    if has_fits(wanted):
        pairs = zip(found, wanted, strict=False)
        return len(found) == len(wanted) and all(is_same(*pair, tables) for pair in pairs)
    found = np.asarray(found)
    if found.dtype.kind in "iub":
        return found.size == np.size(wanted) == 0 or found.tolist() == wanted
    wanted = np.array(wanted, dtype=float)
    if found.shape != wanted.shape:
        return found.size == wanted.size == 0
    return np.allclose(found, wanted, rtol=CLOSE, atol=1e-14, equal_nan=True)


def field_differences(name, array, wanted, tables):
    """Fields of records that are otherwise than their twin says, or have none."""
    found = {}
    for field in array.dtype.names:
        if field not in wanted:
            if array.size:
                found[name, field] = "no twin"
        elif not is_same(array[field], wanted[field], tables):
            found[name, field] = array[field].tolist(), wanted[field]
    return found


def tables_of(plan, name):
    """The quantile tables that an array's columns point into."""
    return plan.closing.tables if name.startswith("closing.") else plan.funds.tables


def differences(scenario):
    """What the plan says otherwise than the twin, by name of the array and the field."""
    plan = make_plan(scenario)
    found = {}
    for name, array in plan_arrays(plan).items():
        tables = tables_of(plan, name)
        if name in WITHOUT_TWIN:
            continue
        wanted = TWINS[name](scenario)
        if isinstance(array, np.ndarray) and array.dtype.names:
            found |= field_differences(name, array, wanted, tables)
        elif not is_same(array, wanted, tables):
            found[name] = array, wanted
    return found


def generated(seed, has_property):
    """A random scenario, or None where the rules refuse it."""
    try:
        return Scenario.from_dict(random_scenario(seed, has_property))
    except ScenarioError:
        return None


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_shipped_scenarios_are_planned_as_the_twin_says(path):
    assert differences(load_scenario(path)) == {}


def differing(seeds):
    pairs = ((seed, generated(seed, has_property=seed % 2 == 1)) for seed in seeds)
    found = {seed: differences(scenario) for seed, scenario in pairs if scenario is not None}
    return {seed: what for seed, what in found.items() if what}


@pytest.mark.parametrize("first", range(0, FEW, 10))
def test_generated_scenarios_are_planned_as_the_twin_says(first):
    assert differing(range(first, first + 10)) == {}


@pytest.mark.slow
@pytest.mark.parametrize("first", range(FEW, MANY, 10))
def test_many_generated_scenarios_are_planned_as_the_twin_says(first):
    assert differing(range(first, first + 10)) == {}


VARIED = ("base", "park_reits", "park_funds", "pool", "worked_tranches", "competing_exits_by_clock")
# of which the twin asks only that it is large enough
BOUNDS = {("enterprises.park_streams", "most_arrivals")}


def moved(array):
    """A copy whose first number, the second of a row of several, is another one."""
    other = np.array(array)
    place = tuple(min(1, n - 1) if axis else 0 for axis, n in enumerate(other.shape))
    value = other[place]
    if other.dtype.kind in "iu":
        other[place] = value + other.dtype.type(1)
    elif other.dtype.kind == "b":
        other[place] = not value
    else:
        other[place] = value + 1e-3 * (1.0 + abs(value)) if np.isfinite(value) else 5.0
    return other


def notices(name, array, field, scenario, tables):
    """Whether the twin notices another number in an array, or in a field of records."""
    if field is None:
        return not is_same(moved(array), TWINS[name](scenario), tables)
    records = array.copy()
    records[field] = moved(array[field])
    return bool(field_differences(name, records, TWINS[name](scenario), tables))


def test_every_field_of_the_plan_has_a_twin_that_notices_a_change():
    """Among shipped scenarios, each array, and each field of a record, without a stated reason."""
    noticed = {}
    for path in (path for path in SCENARIOS if path.stem in VARIED):
        scenario = load_scenario(path)
        plan = make_plan(scenario)
        for name, array in plan_arrays(plan).items():
            names = getattr(getattr(array, "dtype", None), "names", None) or (None,)
            for field in names if name not in WITHOUT_TWIN else ():
                known = noticed.setdefault((name, field), False)
                if not known and np.size(array) and name in TWINS:
                    noticed[name, field] = notices(name, array, field, scenario, tables_of(plan, name))
    assert {key for key, is_noticed in noticed.items() if not is_noticed} == BOUNDS
