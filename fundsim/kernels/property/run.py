"""The property pass (§4): markets, projects, REITs and operators'
ledgers, one path after another, forward in time.
"""

import math
from typing import NamedTuple

import numpy as np

from fundsim.kernels.base.jit import kernel
from fundsim.kernels.base.random import normal, shared_draws, shared_uniform
from fundsim.kernels.layout import NEVER, NEW, EnterpriseBlock, GridTerms, MarketBlock, Memory
from fundsim.kernels.property.projects import SLACK, begin_building, planned_calls, run_project
from fundsim.kernels.property.records import (
    INTEREST,
    OPERATOR_PERIOD,
    PROJECT_PERIOD,
    PROJECT_RESULT,
    REIT_PERIOD,
    PropertyBlock,
    PropertyRecords,
)
from fundsim.kernels.property.reits import run_reit
from fundsim.kernels.property.state import Moment, allocate_property_state, start_property
from fundsim.vocabulary import End, ProjectStatus


class Tenants(NamedTuple):
    """The enterprises as far as property needs them."""

    first_row: np.ndarray
    n_park: np.ndarray
    sector: np.ndarray
    entry_date: np.ndarray
    end_kind: np.ndarray
    end_period: np.ndarray


def allocate_property(
    n_paths: int, grid: GridTerms, terms: PropertyRecords, memory: Memory = NEW
) -> PropertyBlock:
    """Memory for what the property pass writes about ``n_paths`` paths."""
    n_periods, n_projects, n_reits = grid.n_periods, terms.projects.size, terms.reits.size
    return PropertyBlock(
        rent=memory.full((n_paths, terms.markets.size, n_periods + 1), 1.0),
        yields=memory.full((n_paths, terms.markets.size, n_periods + 1), 1.0),
        interests=memory.zeros((n_paths, 2 * n_projects + n_reits, n_periods), dtype=INTEREST),
        periods=memory.zeros((n_paths, n_projects, n_periods), dtype=PROJECT_PERIOD),
        results=memory.zeros((n_paths, n_projects), dtype=PROJECT_RESULT),
        reits=memory.zeros((n_paths, n_reits, n_periods), dtype=REIT_PERIOD),
        operators=memory.zeros((n_paths, terms.reinvest.shape[0], n_periods), dtype=OPERATOR_PERIOD),
    )


def property_pass(
    grid: GridTerms,
    terms: PropertyRecords,
    market: MarketBlock,
    world: EnterpriseBlock,
    first_path: int,
    out: PropertyBlock,
) -> None:
    """Run the property of every path of a block.

    Parameters
    ----------
    grid, terms : GridTerms, PropertyRecords
    market, world : MarketBlock, EnterpriseBlock
        What the earlier passes wrote about the block; of the enterprises the park's alone are tenants.
    first_path : int
        Number of the block's first path.
    out : PropertyBlock
        New memory (`allocate_property`), filled.
    """
    if terms.projects.size == 0:
        return
    out.interests["channel"] = -1
    for name in ("started", "refinanced", "sold", "sold_again", "listed", "enforced"):
        out.results[name] = -1
    out.results["completed"] = NEVER
    out.results["least_coverage"] = np.nan
    state = allocate_property_state(grid.n_periods, terms)
    tenants = Tenants(*(getattr(world, name) for name in Tenants._fields))
    run_property(grid, terms, market.factors, market.window, tenants, first_path, state, out)


@kernel(allocates=False, is_entry=True)
def run_property(grid, terms, factors, window, world, first_path, state, out):
    """The compiled part of `property_pass`."""
    for b in range(out.results.shape[0]):
        shared = shared_draws(grid.seed_key, first_path + b, grid.is_antithetic)
        move_markets(grid, terms, factors, b, shared, out)
        count_tenants(grid, world, b, state)
        start_property(grid, terms, state)
        for j in range(terms.projects.size):
            if terms.projects[j]["build_periods"] == 0:
                out.results[b, j]["completed"] = terms.projects[j]["completion"]
        for t in range(grid.n_periods):
            watch_tenants(terms, t, state)
            start_projects(grid, terms, t, b, state, out)
            for j in range(terms.projects.size):
                run_project(grid, terms, j, t, b, shared, state, out)
            now = Moment(b, t, window[b, t], shared)
            for r in range(terms.reits.size):
                run_reit(grid, terms, r, now, state, out)
            for j in range(terms.projects.size):
                out.periods[b, j, t]["status"] = state.projects[j]["status"]
            keep_ledgers(terms, t, b, state, out)


@kernel(allocates=False, is_inner=True)
def move_markets(grid, terms, factors, b, shared, out):
    """Rent indices and yields of every date (1.4)."""
    step = 1.0 / grid.periods_per_year
    root = math.sqrt(step)
    for i in range(terms.markets.size):
        m = terms.markets[i]
        beta, volatility = m["rent_beta"], m["rent_volatility"]
        drift = m["rent_drift"] - 0.5 * volatility**2 - 0.5 * beta**2 * terms.market_volatility**2
        kappa, rho = m["yield_reversion"], m["yield_correlation"]
        fade = math.exp(-kappa * step)
        spread = m["yield_volatility"] * root
        if kappa > 0.0:
            spread = m["yield_volatility"] * math.sqrt(-math.expm1(-2.0 * kappa * step) / (2.0 * kappa))
        level, mean = math.log(m["yield_initial"]), math.log(m["yield_mean"])
        log_rent = 0.0
        out.rent[b, i, 0], out.yields[b, i, 0] = 1.0, m["yield_initial"]
        for t in range(grid.n_periods):
            move = factors[b, 0, t + 1] - factors[b, 0, t]
            noise = normal(shared_uniform(shared, m["rent_stream"], t))
            log_rent += drift * step + beta * move + volatility * root * noise
            shock = rho * normal(shared_uniform(shared, terms.index_stream, t))
            shock += math.sqrt(1.0 - rho * rho) * normal(shared_uniform(shared, m["yield_stream"], t))
            level = mean + (level - mean) * fade + spread * shock
            out.rent[b, i, t + 1], out.yields[b, i, t + 1] = math.exp(log_rent), math.exp(level)


@kernel(allocates=False, is_inner=True)
def count_tenants(grid, world, b, state):
    """Park enterprises by sector: how many enter at each date, how many fail in each period (4.2)."""
    state.tenants_entered[:] = 0.0
    state.tenants_failed[:] = 0.0
    first = world.first_row[b]
    for row in range(first, first + world.n_park[b]):
        x, entered = world.sector[row], world.entry_date[row]
        fails = world.end_kind[row] == End.FAILED and world.end_period[row] < grid.n_periods
        # one that fails in the period in which it enters is a tenant at no opening
        if entered <= grid.n_periods and not (fails and world.end_period[row] < entered):
            state.tenants_entered[x, entered] += 1.0
            if fails:
                state.tenants_failed[x, world.end_period[row]] += 1.0


@kernel(allocates=False, is_inner=True)
def watch_tenants(terms, t, state):
    """Share of each project's tenants that fail in the period; counts become those of the opening (4.2)."""
    for x in range(state.tenants_entered.shape[0]):
        if t > 0:
            # tenants at the opening: entered by date t, not failed before
            state.tenants_entered[x, t] += state.tenants_entered[x, t - 1] - state.tenants_failed[x, t - 1]
    for j in range(terms.projects.size):
        housed, failed = 0.0, 0.0
        for x in range(state.tenants_entered.shape[0]):
            if terms.tenants[j, x] == 1:
                housed += state.tenants_entered[x, t]
                failed += state.tenants_failed[x, t]
        state.failing[j] = failed / housed if housed > 0.0 else 0.0


@kernel(allocates=False, is_inner=True)
def start_projects(grid, terms, t, b, state, out):
    """Projects whose time has come, and those that their operator's pot can pay (4.14)."""
    for j in range(terms.projects.size):
        given = terms.projects[j]
        if state.projects[j]["status"] != ProjectStatus.PLANNED:
            continue
        if given["waits"] == 1:
            if is_behind(terms, j, state):
                continue
            calls = planned_calls(grid, terms, j, t, state)
            o = given["operator"]
            if state.pot[o] < given["owner_share"] * calls * (1.0 - SLACK):
                continue
            state.pot[o] = max(0.0, state.pot[o] - given["owner_share"] * calls)
            out.results[b, j]["from_pot"] = 1
            begin_building(terms, j, t, calls, b, state, out)
        elif given["start_period"] == t:
            begin_building(terms, j, t, planned_calls(grid, terms, j, t, state), b, state, out)


@kernel(allocates=False, is_inner=True)
def is_behind(terms, j, state):
    """Whether an earlier project of the same operator still waits."""
    for i in range(j):
        same = terms.projects[i]["operator"] == terms.projects[j]["operator"]
        if same and terms.projects[i]["waits"] == 1 and state.projects[i]["status"] == ProjectStatus.PLANNED:
            return True
    return False


@kernel(allocates=False, is_inner=True)
def keep_ledgers(terms, t, b, state, out):
    """Operators' calls and what their projects bring back (4.14)."""
    for j in range(terms.projects.size):
        o = terms.projects[j]["operator"]
        if o < 0:
            continue
        share = terms.projects[j]["owner_share"]
        calls, capital = out.interests[b, j, t]["call"] * share, out.interests[b, j, t]["capital"] * share
        if out.results[b, j]["from_pot"] == 1:
            out.operators[b, o, t]["recycled"] += calls
        else:
            out.operators[b, o, t]["original"] += calls
        out.operators[b, o, t]["recovered"] += capital
        state.pot[o] += terms.reinvest[o, t] * capital
    for o in range(state.pot.size):
        out.operators[b, o, t]["pot"] = state.pot[o]
