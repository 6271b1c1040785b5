"""Terms of the funds pass: vehicles, classes, fees, calls, waterfalls, mandates, exits, pools (§5, §7)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fundsim.kernels.base import distributions
from fundsim.kernels.base.random import hash_name
from fundsim.kernels.layout import NEVER, FundTerms
from fundsim.pacing import schedule_by_period, takahashi_alexander_by_period
from fundsim.plan.names import Names
from fundsim.plan.property import holding_arrays
from fundsim.plan.records import first_of, table
from fundsim.plan.world import closing_terms
from fundsim.scenario.scenario import Scenario
from fundsim.scenario.vehicles import Vehicle
from fundsim.timegrid import TimeGrid
from fundsim.vocabulary import Compounding, FeeBase, Mark, Style


def fund_terms(scenario: Scenario, grid: TimeGrid, names: Names, tables: list[np.ndarray]) -> FundTerms:
    """All of it."""
    parts: dict[str, Any] = {}
    parts.update(tree_arrays(scenario, grid, names))
    parts.update(fee_arrays(scenario, grid, names))
    parts.update(call_arrays(scenario))
    parts.update(waterfall_arrays(scenario, grid))
    parts.update(obligation_arrays(scenario, grid, names))
    parts.update(mandate_arrays(scenario, grid, names))
    parts.update(exit_arrays(scenario, grid, tables))
    parts.update(pool_arrays(scenario, grid, names))
    parts.update(holding_arrays(scenario, grid, names))
    parts["investment_end"] = np.maximum(
        parts["investment_end"], np.minimum(parts["property_until"], grid.n_periods) - 1
    )
    closing = closing_terms(scenario, names, tables)
    parts["investor_kind"] = closing.investor_kind
    parts["investor_is_guidance"] = guidance_rows(scenario, names)
    parts["is_mother"] = np.array([vehicle.kind == "mother" for vehicle in scenario.vehicles], dtype=np.int64)
    parts["tables"] = np.empty(0)
    return FundTerms(**parts)


def guidance_rows(scenario: Scenario, names: Names) -> np.ndarray:
    """Whose money in a vehicle landing terms count (8.9): mothers' and
    fiscal money, or state money where there is neither.
    """
    kinds = []
    for v, i in names.investor_rows:
        investor = scenario.vehicles[v].investors[i]
        is_mother = investor.vehicle is not None and scenario.vehicle(investor.vehicle).kind == "mother"
        kinds.append("guidance" if is_mother or investor.kind == "fiscal" else investor.kind)
    has_guidance = {v for (v, _), kind in zip(names.investor_rows, kinds, strict=True) if kind == "guidance"}
    rows = zip(names.investor_rows, kinds, strict=True)
    flags = [kind == "guidance" or (kind == "state" and v not in has_guidance) for (v, _), kind in rows]
    return np.array(flags, dtype=np.int64)


def up(years: float, grid: TimeGrid) -> int:
    """Whole periods that cover a time."""
    return math.ceil(years * grid.periods_per_year - 1e-9)


def term_periods(vehicle: Vehicle, start: int, grid: TimeGrid) -> tuple[int, int]:
    """The periods that end the term and the longest extension (7.8)."""
    term = start + max(grid.n_periods_in(vehicle.terms.term_years), 1) - 1
    return term, term + grid.n_periods_in(vehicle.terms.extension_years)


def tree_arrays(scenario: Scenario, grid: TimeGrid, names: Names) -> dict[str, Any]:
    """Who invests in whom, and when vehicles start and end."""
    n_vehicles = len(scenario.vehicles)
    ends = [term_periods(v, s, grid) for v, s in zip(scenario.vehicles, names.start_periods, strict=True)]
    parents = np.array(names.parents, dtype=np.int64)
    edges = [(parent, row) for row, parent in enumerate(names.parents) if parent >= 0]
    edges.sort()
    return {
        "children_first": np.array(names.parents_first[::-1], dtype=np.int64),
        "start_period": np.array(names.start_periods, dtype=np.int64),
        "term_period": np.array([term for term, _ in ends], dtype=np.int64),
        "last_period": np.array([last for _, last in ends], dtype=np.int64),
        "extension_threshold": np.array(
            [v.terms.extension_threshold for v in scenario.vehicles], dtype=float
        ),
        "sells_children": np.array(
            [v.terms.live_children == "sell" for v in scenario.vehicles], dtype=np.int64
        ),
        "first_investor": first_of([v for v, _ in names.investor_rows], n_vehicles),
        "investor_class": np.array([names.class_of(row) for row in range(len(parents))], dtype=np.int64),
        "investor_parent": parents,
        "first_edge": first_of([parent for parent, _ in edges], n_vehicles),
        "edge_investor": np.array([row for _, row in edges], dtype=np.int64),
        "first_class": first_of([v for v, _, _ in names.classes], n_vehicles),
        "class_vehicle": np.array([v for v, _, _ in names.classes], dtype=np.int64),
        "class_pays_fee": np.array([fee for _, fee, _ in names.classes], dtype=np.int64),
        "class_pays_carry": np.array([carry for _, _, carry in names.classes], dtype=np.int64),
    }


def fee_arrays(scenario: Scenario, grid: TimeGrid, names: Names) -> dict[str, Any]:
    """Fee rates by period, what is scheduled still, and what is at risk (7.2)."""
    n_vehicles, n_periods = len(scenario.vehicles), grid.n_periods
    rate = np.zeros((n_vehicles, n_periods))
    base = np.zeros((n_vehicles, n_periods), dtype=np.int64)
    future = np.zeros((n_vehicles, n_periods))
    lifetime = np.zeros(n_vehicles)
    for v, vehicle in enumerate(scenario.vehicles):
        start = names.start_periods[v]
        term, last = term_periods(vehicle, start, grid)
        by_period = np.zeros(max(n_periods, last + 1))
        for t in range(start, by_period.size):
            years = (t - start) / grid.periods_per_year
            phase = next((p for p in vehicle.terms.phases if years < p.until_years - 1e-9), None)
            if phase is not None:
                by_period[t] = phase.rate / grid.periods_per_year
                if t < n_periods:
                    base[v, t] = FeeBase.of(phase.base)
        rate[v] = by_period[:n_periods]
        scheduled = np.where(np.arange(by_period.size) <= term, by_period, 0.0)
        still = scheduled[::-1].cumsum()[::-1]
        lifetime[v] = still[0]
        future[v] = np.append(still, 0.0)[1 : n_periods + 1]
    terms = [vehicle.terms for vehicle in scenario.vehicles]
    streams = [hash_name(f"appraisal/{vehicle.name}") for vehicle in scenario.vehicles]
    return {
        "fee_rate": rate,
        "fee_base": base,
        "fee_future": future,
        "fee_lifetime": lifetime,
        "fee_at_risk": np.array([t.fee_at_risk for t in terms], dtype=float),
        "appraisal_pass": np.array([t.appraisal_pass for t in terms], dtype=float),
        "appraisal_stream": np.array(streams, dtype=np.uint64),
        "organisation_cost": np.array([t.organisation_cost for t in terms], dtype=float),
        "fees_on_top": np.array([t.fees_on_top for t in terms], dtype=np.int64),
        "cash_rate": np.array([grid.compound(t.cash_rate) for t in terms], dtype=float),
    }


def call_arrays(scenario: Scenario) -> dict[str, Any]:
    """Tranches of callable (7.1)."""
    tranches = [np.cumsum(vehicle.terms.tranches) for vehicle in scenario.vehicles]
    totals = [np.append(total[:-1], 1.0) if total.size else total for total in tranches]
    return {
        "n_tranches": np.array([total.size for total in totals], dtype=np.int64),
        "tranche_total": table(totals, 1.0),
    }


def waterfall_arrays(scenario: Scenario, grid: TimeGrid) -> dict[str, Any]:
    """Waterfall and recycling (7.3, 7.4)."""
    terms = [vehicle.terms for vehicle in scenario.vehicles]
    styles = {"european": Style.EUROPEAN, "deal_by_deal": Style.DEAL_BY_DEAL}
    compounding = {"compound": Compounding.COMPOUND, "simple": Compounding.SIMPLE}
    return {
        "style": np.array([styles[t.style] for t in terms], dtype=np.int64),
        "compounding": np.array([compounding[t.hurdle_compounding] for t in terms], dtype=np.int64),
        "hurdle_rate": np.array([t.hurdle_rate for t in terms], dtype=float),
        "catch_up_rate": np.array([t.catch_up_rate for t in terms], dtype=float),
        "carry_rate": np.array([t.carry_rate for t in terms], dtype=float),
    }


def obligation_arrays(scenario: Scenario, grid: TimeGrid, names: Names) -> dict[str, Any]:
    """Recycling windows, landing checkpoints and idle stops (7.0 c, 7.3)."""
    until, caps, points, multiples, idle = [], [], [], [], []
    for vehicle, start in zip(scenario.vehicles, names.start_periods, strict=True):
        recycling = vehicle.terms.recycling
        until.append(0 if recycling is None else start + up(recycling.until_years, grid))
        caps.append(0.0 if recycling is None else recycling.cap)
        checkpoints = vehicle.obligations.checkpoints
        points.append([start + max(up(point.at_years, grid), 1) - 1 for point in checkpoints])
        multiples.append([point.landing_multiple for point in checkpoints])
        years = vehicle.obligations.idle_stop_years
        idle.append(NEVER if years is None else up(years, grid))
    return {
        "recycling_until": np.array(until, dtype=np.int64),
        "recycling_cap": np.array(caps, dtype=float),
        "checkpoint_period": table(points, NEVER).astype(np.int64),
        "checkpoint_multiple": table(multiples, 0.0),
        "idle_stop": np.array(idle, dtype=np.int64),
    }


def mandate_arrays(scenario: Scenario, grid: TimeGrid, names: Names) -> dict[str, Any]:
    """What vehicles buy (5.1–5.3)."""
    n_vehicles = len(scenario.vehicles)
    wanted = np.zeros((n_vehicles, max(len(names.stages), 1)), dtype=np.int64)
    columns = ("max_round_share", "reserve_share", "follow_on_share", "single_enterprise_cap", "skill")
    money: dict[str, list[float]] = {name: [] for name in ("ticket", "stake", *columns)}
    relay, joined, relocation = [], [], []
    for v, vehicle in enumerate(scenario.vehicles):
        mandate = vehicle.mandate
        for pair, s in names.stages.items():
            if mandate is not None and pair[0] in mandate.sectors and pair[1] in mandate.stages:
                wanted[v, s] = 1
        for name, values in money.items():
            given = None if mandate is None else getattr(mandate, name)
            values.append(math.nan if given is None else float(given))
        relay.append(int(mandate is not None and mandate.relay))
        joined += [(v, names.vehicles[name]) for name in (() if mandate is None else mandate.with_vehicles)]
        moved = vehicle.relocation
        relocation.append((0.0, 0.0) if moved is None else (moved.probability, moved.cost))
    out: dict[str, Any] = {name: np.array(values) for name, values in money.items()}
    out |= {name: np.nan_to_num(out[name]) for name in columns}
    return out | {
        "stage_is_wanted": wanted,
        "relay": np.array(relay, dtype=np.int64),
        "first_with": first_of([v for v, _ in joined], n_vehicles),
        "with_vehicle": np.array([other for _, other in joined], dtype=np.int64),
        "relocation": np.array(relocation, dtype=float),
        **deal_periods(scenario, grid, names),
    }


def deal_periods(scenario: Scenario, grid: TimeGrid, names: Names) -> dict[str, Any]:
    """First and last period of each planned deal, and the end of investment periods (5.1)."""
    last_of = np.full(len(scenario.vehicles), -1, dtype=np.int64)
    first, last = [], []
    for deal in names.deals:
        mandate = scenario.vehicles[deal.vehicle].mandate
        assert mandate is not None
        first.append(grid.period_of(deal.years))
        last.append(grid.period_of(deal.years + mandate.patience_years))
        last_of[deal.vehicle] = max(last_of[deal.vehicle], last[-1])
    for v, (vehicle, start) in enumerate(zip(scenario.vehicles, names.start_periods, strict=True)):
        if vehicle.pool is not None:
            paid = np.flatnonzero(pool_by_period(vehicle, grid).contributions > 0.0)
            last_of[v] = start + (paid[-1] if paid.size else 0)
    return {
        "first_deal": first_of([deal.vehicle for deal in names.deals], len(scenario.vehicles)),
        "deal_period": np.array(first, dtype=np.int64),
        "deal_last_period": np.array(last, dtype=np.int64),
        "investment_end": last_of,
    }


def exit_arrays(scenario: Scenario, grid: TimeGrid, tables: list[np.ndarray]) -> dict[str, Any]:
    """Marks, transfers, buybacks, sale at term (5.5–5.7, 7.8)."""
    fixed = distributions.fixed(0.0)
    from_periods, chances, discounts, after, buybacks, delays = [], [], [], [], [], []
    for vehicle in scenario.vehicles:
        transfer, buyback = vehicle.exits.transfer, vehicle.exits.buyback
        from_periods.append(NEVER if transfer is None else up(transfer.from_years, grid))
        chance = 0.0 if transfer is None else 1.0 - (1.0 - transfer.probability) ** grid.period_years
        chances.append(chance)
        discount = None if transfer is None else transfer.discount
        discounts.append(
            fixed if discount is None else distributions.beta(discount.mean, discount.sd, tables)
        )
        after.append(NEVER if buyback is None else up(buyback.after_years, grid))
        delays.append(0 if buyback is None else grid.n_periods_in(buyback.delay_years))
        if buyback is None:
            buybacks.append((0.0,) * 6)
        else:
            part = buyback.partial_share
            shares = (buyback.full, buyback.partial, part.from_, part.to)
            buybacks.append((buyback.rate, *shares, buyback.quality_correlation))
    terms = [vehicle.terms for vehicle in scenario.vehicles]
    sales = [distributions.beta(t.term_sale_discount.mean, t.term_sale_discount.sd, tables) for t in terms]
    return {
        "mark": np.array([Mark.of(vehicle.exits.mark) for vehicle in scenario.vehicles], dtype=np.int64),
        "transfer_from": np.array(from_periods, dtype=np.int64),
        "transfer_probability": np.array(chances, dtype=float),
        "transfer_discount": np.array(discounts, dtype=float),
        "term_discount": np.array(sales, dtype=float),
        "term_stream": np.array([hash_name(f"term/{v.name}") for v in scenario.vehicles], dtype=np.uint64),
        "buyback_after": np.array(after, dtype=np.int64),
        "buyback": np.array(buybacks, dtype=float),
        "buyback_delay": np.array(delays, dtype=np.int64),
    }


def pool_by_period(vehicle: Vehicle, grid: TimeGrid) -> Any:
    """A top-down or scheduled pool of one unit of investable capital by period since the start (7.7)."""
    assert vehicle.pool is not None
    model, schedule = vehicle.pool.takahashi_alexander, vehicle.pool.schedule
    m = grid.periods_per_year
    if model is not None:
        return takahashi_alexander_by_period(
            1.0,
            model.contribution_rates,
            model.life_years,
            model.bow,
            model.growth_rate,
            model.yield_rate,
            m,
            model.period,
        )
    assert schedule is not None
    return schedule_by_period(schedule.contributions, schedule.distributions or (0.0,), m, schedule.period)


def pool_arrays(scenario: Scenario, grid: TimeGrid, names: Names) -> dict[str, Any]:
    """Pools on the run's grid (7.7)."""
    n_vehicles, n_periods = len(scenario.vehicles), grid.n_periods
    flows = np.zeros((2, n_vehicles, n_periods))
    nav = np.zeros((n_vehicles, n_periods + 1))
    for v, (vehicle, start) in enumerate(zip(scenario.vehicles, names.start_periods, strict=True)):
        if vehicle.pool is None or start >= n_periods:
            continue
        pool = pool_by_period(vehicle, grid)
        n = min(pool.nav.size, n_periods - start)
        flows[0, v, start : start + n] = pool.contributions[:n]
        flows[1, v, start : start + n] = pool.distributions[:n]
        nav[v, start + 1 : start + 1 + n] = pool.nav[:n]
    return {
        "has_pool": np.array([vehicle.pool is not None for vehicle in scenario.vehicles], dtype=np.int64),
        "pool_contribution": flows[0],
        "pool_distribution": flows[1],
        "pool_nav": nav,
    }
