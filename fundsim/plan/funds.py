"""Terms of the funds pass: vehicles, classes, fees, calls, waterfalls, mandates, exits, pools (§5, §7)."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from fundsim.kernels.base import distributions
from fundsim.kernels.base.distributions import Tables
from fundsim.kernels.base.random import hash_name
from fundsim.kernels.enterprises.records import EnterpriseRecords
from fundsim.kernels.formulas.waterfall import hurdle_per_period
from fundsim.kernels.funds.records import (
    CLASS,
    INTEREST_TERMS,
    INVESTOR,
    PERIOD,
    VEHICLE,
    Clock,
    FundRecords,
    Values,
)
from fundsim.kernels.layout import NEVER
from fundsim.pacing import schedule_by_period, takahashi_alexander_by_period
from fundsim.plan.closing import kind_of
from fundsim.plan.enterprises import manager_stream
from fundsim.plan.landing import guidance_rows
from fundsim.plan.names import Names
from fundsim.plan.property import interest_fields, interest_rows
from fundsim.plan.records import beta, first_of, records, table
from fundsim.scenario.expected_fees import fee_plan, phases_by_period
from fundsim.scenario.mandates import Mandate
from fundsim.scenario.scenario import Scenario
from fundsim.scenario.vehicles import Vehicle
from fundsim.timegrid import TimeGrid
from fundsim.vocabulary import (
    AtEnd,
    Compounding,
    FeeBase,
    LiveChildren,
    Mark,
    OwnStream,
    SaleBasis,
    Style,
)


class ComingFees(NamedTuple):
    """What a vehicle keeps for fees, over its callable."""

    lifetime: float
    """Of the whole term, which what is investable is less by."""
    later: np.ndarray
    """Of the periods after each one."""


def fund_records(
    scenario: Scenario,
    grid: TimeGrid,
    names: Names,
    enterprises: EnterpriseRecords,
    seed_key: np.uint64,
    tables: Tables,
) -> FundRecords:
    """All of it; stages, sectors, boards and planned deals are those of the enterprises pass."""
    vehicles, e = scenario.vehicles, enterprises
    started = list(zip(vehicles, names.start_periods, strict=True))
    coming = [coming_fees(scenario, *one, grid) for one in started]
    return FundRecords(
        n_periods=grid.n_periods,
        periods_per_year=grid.periods_per_year,
        seed_key=seed_key,
        is_antithetic=scenario.run.antithetic,
        transfer_stream=hash_name(OwnStream.TRANSFER.word),
        children_first=np.array(names.parents_first[::-1], dtype=np.int64),
        vehicles=records(VEHICLE, vehicle_rows(scenario, grid, names, e, coming, tables)),
        periods=records(
            PERIOD,
            (period_fields(*one, fees, grid) for one, fees in zip(started, coming, strict=True)),
            (grid.n_periods,),
        ),
        classes=records(CLASS, (key._asdict() for key in names.classes)),
        investors=records(INVESTOR, investor_rows(scenario, names)),
        edge_investor=np.array([row for _, row in names.edges], dtype=np.int64),
        with_vehicle=np.array([other for _, other in names.companions], dtype=np.int64),
        deals=e.deals,
        tranche_total=table([tranche_totals(vehicle) for vehicle in vehicles], 1.0),
        holding_interest=np.array([k for _, k in names.holding_rows], dtype=np.int64),
        interests=records(INTEREST_TERMS, interest_rows(scenario, names)),
        stage_is_wanted=wanted_stages(scenario, names),
        boards=e.boards,
        rule_from_years=e.rule_from_years,
        rule_share=e.rule_share,
        tables=e.tables,
        clock=Clock(grid.periods_per_year),
        enterprises=Values(e.stages, e.sectors, e.sector_beta, e.factor_variance),
    )


def investor_rows(scenario: Scenario, names: Names) -> list[dict[str, Any]]:
    """Whose money is in which class, and whether landing terms count it."""
    investors = [scenario.vehicles[v].investors[i] for v, i in names.investor_rows]
    is_guidance = guidance_rows(scenario, names)
    return [
        {
            "class": names.class_of(row),
            "parent": names.parents[row],
            "kind": kind_of(investor),
            "is_guidance": is_guidance[row],
        }
        for row, investor in enumerate(investors)
    ]


def vehicle_rows(
    scenario: Scenario,
    grid: TimeGrid,
    names: Names,
    enterprises: EnterpriseRecords,
    coming: Sequence[ComingFees],
    tables: Tables,
) -> list[dict[str, Any]]:
    """Vehicles, with the first and the last place of what is theirs."""
    owners = {
        "investor": [v for v, _ in names.investor_rows],
        "edge": [parent for parent, _ in names.edges],
        "class": [key.vehicle for key in names.classes],
        "with": [v for v, _ in names.companions],
        "deal": [deal.vehicle for deal in names.deals],
        "holding": [v for v, _ in names.holding_rows],
    }
    offsets = {name: first_of(owner, len(scenario.vehicles)) for name, owner in owners.items()}
    rows = []
    for v, (vehicle, start) in enumerate(zip(scenario.vehicles, names.start_periods, strict=True)):
        deals = enterprises.deals[offsets["deal"][v] : offsets["deal"][v + 1]]
        bought = int(deals["last_period"].max(initial=-1))
        of_property = interest_fields(vehicle.property_, start, grid)
        rows.append(
            {
                **life_fields(vehicle, start, grid),
                **fee_fields(vehicle, coming[v], grid),
                **waterfall_fields(vehicle, grid),
                **obligation_fields(vehicle, start, grid),
                **mandate_fields(vehicle.mandate, tables),
                "again_until": again_until(vehicle.mandate, start, bought, grid),
                "manager": manager_stream(vehicle),
                **exit_fields(vehicle, grid, tables),
                **of_property,
                "investment_end": max(
                    bought if vehicle.pool is None else last_payment(vehicle, start, grid),
                    min(of_property["interest_until"], grid.n_periods) - 1,
                ),
                **{f"first_{name}": offset[v] for name, offset in offsets.items()},
                **{f"last_{name}": offset[v + 1] for name, offset in offsets.items()},
            }
        )
    return rows


def term_periods(vehicle: Vehicle, start: int, grid: TimeGrid) -> tuple[int, int]:
    """The periods that end the term and the longest extension (7.8)."""
    term = start + grid.length(vehicle.terms.term_years) - 1
    return term, term + grid.n_periods_in(vehicle.terms.extension_years)


def tail_periods(vehicle: Vehicle, grid: TimeGrid) -> int:
    """Periods after the extension for which a vehicle holds on (7.8)."""
    return grid.n_periods_in(vehicle.terms.tail_years) if vehicle.terms.at_end == AtEnd.HOLD.word else 0


def life_fields(vehicle: Vehicle, start: int, grid: TimeGrid) -> dict[str, Any]:
    """What a vehicle is, when it starts and when it ends."""
    term, last = term_periods(vehicle, start, grid)
    moved, aged = vehicle.relocation, vehicle.terms.aged_discount
    used = vehicle.terms.next_call_when_used
    return {
        "start_period": start,
        "term_period": term,
        "last_period": last,
        "tail_period": last + tail_periods(vehicle, grid),
        "at_end": AtEnd.of(vehicle.terms.at_end),
        "aged_discount": (0.0, 0.0) if aged is None else (aged.after_years, aged.more),
        "recovery": vehicle.terms.recovery or 0.0,
        "extension_threshold": vehicle.terms.extension_threshold,
        "sells_children": LiveChildren.of(vehicle.terms.live_children),
        "is_mother": vehicle.kind == "mother",
        "has_pool": vehicle.pool is not None,
        "n_tranches": len(vehicle.terms.tranches),
        "next_call_when_used": math.nan if used is None else used,
        "relocation": (0.0, 0.0) if moved is None else (moved.probability, moved.cost),
    }


def fees_by_period(vehicle: Vehicle, start: int, grid: TimeGrid) -> tuple[np.ndarray, np.ndarray]:
    """Rate and base of the fee of each period up to the longest extension, at least to the horizon (7.2);
    behind it that of the tail (7.8).
    """
    _, last = term_periods(vehicle, start, grid)
    rates = np.zeros(max(grid.n_periods, last + 1))
    bases = np.zeros(rates.size, dtype=np.int64)
    for k, (rate, base) in enumerate(phases_by_period(vehicle, rates.size - start, grid.periods_per_year)):
        rates[start + k], bases[start + k] = rate, base
    if vehicle.terms.at_end == AtEnd.IN_KIND.word or tail_periods(vehicle, grid) > 0:
        rates[last + 1 :] = vehicle.terms.tail_fee / grid.periods_per_year
        bases[last + 1 :] = FeeBase.UNREALISED_COST
    return rates, bases


def coming_fees(scenario: Scenario, vehicle: Vehicle, start: int, grid: TimeGrid) -> ComingFees:
    """Expected fees of the term where their dates are given, else each period's rate on callable (7.2)."""
    rates, _ = fees_by_period(vehicle, start, grid)
    term, _ = term_periods(vehicle, start, grid)
    scheduled, investable = np.where(np.arange(rates.size) <= term, rates, 0.0), None
    if vehicle.terms.expected_fees is not None:
        investable, fees = fee_plan(scenario, vehicle, grid)
        scheduled[start : start + len(fees)] = fees
    from_each = np.append(scheduled[::-1].cumsum()[::-1], 0.0)
    lifetime = from_each[0] if investable is None else 1.0 - investable
    return ComingFees(lifetime, from_each[1 : grid.n_periods + 1])


def fee_fields(vehicle: Vehicle, coming: ComingFees, grid: TimeGrid) -> dict[str, Any]:
    """Fees of a life and what is at risk of them, organisation cost, interest on cash (7.2)."""
    terms = vehicle.terms
    return {
        "fee_lifetime": coming.lifetime,
        "fee_at_risk": terms.fee_at_risk,
        "appraisal_pass": terms.appraisal_pass,
        "appraisal_stream": hash_name(f"appraisal/{vehicle.name}"),
        "organisation_cost": terms.organisation_cost,
        "fees_on_top": terms.fees_on_top,
        "cash_rate": grid.compound(terms.cash_rate),
    }


def period_fields(vehicle: Vehicle, start: int, coming: ComingFees, grid: TimeGrid) -> dict[str, Any]:
    """What is scheduled by period: fees (7.2) and pools (7.7)."""
    n = grid.n_periods
    rates, bases = fees_by_period(vehicle, start, grid)
    pool = np.zeros((3, n))
    if vehicle.pool is not None and start < n:
        given = pool_by_period(vehicle, grid)
        size = min(given.nav.size, n - start)
        for row, series in zip(pool, (given.contributions, given.distributions, given.nav), strict=True):
            row[start : start + size] = series[:size]
    return {
        "fee_rate": rates[:n],
        "fee_base": bases[:n],
        "fee_future": coming.later,
        "pool_contribution": pool[0],
        "pool_distribution": pool[1],
        "pool_nav": pool[2],
    }


def tranche_totals(vehicle: Vehicle) -> np.ndarray:
    """Tranches of callable, cumulative, the last exactly 1; none: just in time (7.1)."""
    totals = np.cumsum(vehicle.terms.tranches)
    totals[-1:] = 1.0
    return totals


def waterfall_fields(vehicle: Vehicle, grid: TimeGrid) -> dict[str, Any]:
    """Waterfall (7.4)."""
    terms = vehicle.terms
    compounding = Compounding.of(terms.hurdle_compounding)
    return {
        "style": Style.of(terms.style),
        "compounding": compounding,
        "hurdle_rate": terms.hurdle_rate,
        "hurdle_period": hurdle_per_period(terms.hurdle_rate, compounding, float(grid.periods_per_year)),
        "catch_up_rate": terms.catch_up_rate,
        "carry_rate": terms.carry_rate,
    }


def obligation_fields(vehicle: Vehicle, start: int, grid: TimeGrid) -> dict[str, Any]:
    """Recycling window and idle stop (7.0 c, 7.3)."""
    recycling, idle = vehicle.terms.recycling, vehicle.obligations.idle_stop_years
    return {
        "recycling_until": 0 if recycling is None else start + grid.n_periods_covering(recycling.until_years),
        "recycling_cap": 0.0 if recycling is None else recycling.cap,
        "idle_stop": NEVER if idle is None else grid.n_periods_covering(idle),
    }


def mandate_fields(mandate: Mandate | None, tables: Tables) -> dict[str, Any]:
    """What a vehicle buys (5.1–5.3, 5.1b); without a mandate nothing."""
    shares = ("max_round_share", "reserve_share", "follow_on_share", "single_enterprise_cap")
    if mandate is None:
        without = {"ticket": math.nan, "stake": math.nan, "relay": 0, "looks_at": NEVER}
        return without | dict.fromkeys(shares, 0.0) | {"skill": distributions.fixed(0.0)}
    return {
        "ticket": math.nan if mandate.ticket is None else mandate.ticket,
        "stake": math.nan if mandate.stake is None else mandate.stake,
        "relay": mandate.relay,
        "looks_at": NEVER if mandate.looks_at is None else mandate.looks_at,
        "skill": beta(mandate.skill, tables),
        **{name: getattr(mandate, name) for name in shares},
    }


def again_until(mandate: Mandate | None, start: int, last_deal: int, grid: TimeGrid) -> int:
    """The last period of deals planned again: where `over_years` end, or the last deal is given up."""
    if mandate is None or not mandate.retries_lost_deals:
        return -1
    over = start / grid.periods_per_year + mandate.from_years + mandate.over_years
    return min(grid.period_of(over), last_deal)


def wanted_stages(scenario: Scenario, names: Names) -> np.ndarray:
    """Whether each vehicle's mandate takes each global stage (5.1)."""
    wanted = np.zeros((len(scenario.vehicles), max(len(names.stages), 1)), dtype=np.int64)
    for v, vehicle in enumerate(scenario.vehicles):
        mandate = vehicle.mandate
        for (sector, stage), s in names.stages.items():
            if mandate is not None and sector in mandate.sectors and stage in mandate.stages:
                wanted[v, s] = 1
    return wanted


def exit_fields(vehicle: Vehicle, grid: TimeGrid, tables: Tables) -> dict[str, Any]:
    """Marks, transfers, buybacks, sale at term (5.5–5.7, 7.8)."""
    transfer, buyback, sale = vehicle.exits.transfer, vehicle.exits.buyback, vehicle.terms.term_sale_discount
    discount = None if transfer is None else transfer.discount
    chance = 0.0 if transfer is None else 1.0 - (1.0 - transfer.probability) ** grid.period_years
    claim: tuple[float, ...] = (0.0,) * 6
    if buyback is not None:
        part = buyback.partial_share
        paid = (buyback.full, buyback.partial, part.from_, part.to)
        claim = (buyback.rate, *paid, buyback.quality_correlation)
    return {
        "mark": Mark.of(vehicle.exits.mark),
        "sale_basis": SaleBasis.of(vehicle.exits.sale_basis),
        "transfer_from": NEVER if transfer is None else grid.n_periods_covering(transfer.from_years),
        "transfer_probability": chance,
        "transfer_discount": distributions.fixed(0.0) if discount is None else beta(discount, tables),
        "term_discount": beta(sale, tables),
        "term_stream": hash_name(f"term/{vehicle.name}"),
        "buyback_after": NEVER if buyback is None else grid.n_periods_covering(buyback.after_years),
        "buyback": claim,
        "buyback_delay": 0 if buyback is None else grid.n_periods_in(buyback.delay_years),
        "buyback_quiet": 0 if buyback is None else grid.n_periods_covering(buyback.quiet_years),
        "quiet_mark": 0.0 if buyback is None else buyback.quiet_mark,
    }


def last_payment(vehicle: Vehicle, start: int, grid: TimeGrid) -> int:
    """The last period in which a pool is paid into (7.7)."""
    paid = np.flatnonzero(pool_by_period(vehicle, grid).contributions > 0.0)
    return start + int(paid[-1] if paid.size else 0)


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
