"""The returns pass (§8): measures of every class and vehicle,
leverage at year ends, exits and deals by path.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from fundsim.kernels.base.jit import kernel
from fundsim.kernels.formulas.irr import irr_period
from fundsim.kernels.funds.records import FundRecords
from fundsim.vocabulary import (
    STORED_MEASURES,
    Activity,
    Channel,
    ClassFlow,
    ExitFigure,
    InvestorKind,
    Leverage,
    Measure,
    Money,
    VehicleFlow,
    VehicleStock,
)

# Measures, in the order of ReturnsBlock.measures; TVPI and loss follow from DPI and RVPI

N_DEFINITIONS = len(Leverage)  # of one kind of money; the second kind follows behind the first
SMALL = 1e-9


class ReturnsBlock(NamedTuple):
    """What the returns pass writes; rows are the classes, then the vehicles."""

    measures: np.ndarray  # (B, C+V, 9)
    irr_status: (
        np.ndarray
    )  # (B, C+V) int8, codes of fundsim.kernels.formulas.irr; −1 where the vehicle did not start
    leverage: np.ndarray  # (B, Y+1, 28) at the year ends, then at the horizon
    landing: np.ndarray  # (B, V) credited investment / guidance money paid in
    activity: np.ndarray  # (B, V, 4) deals, deals in the park, credited deals, follow-ons
    exits: np.ndarray  # (B, V, 6, Y, 3) by channel and year: count, proceeds, cost
    # scratch
    flows: np.ndarray  # (4, T)
    money: np.ndarray  # (2, I) by investor row on both bases
    shares: np.ndarray  # (2, V) looked-through share on the basis paid in, by kind of money
    so_far: np.ndarray  # (4, V) invested, co-invested, credited, invested in property
    paid: np.ndarray  # (C,) contributions so far


def allocate_returns(n_paths: int, n_years: int, terms: FundRecords) -> ReturnsBlock:
    """Memory for ``n_paths`` paths; ``terms`` are FundRecords."""
    n_classes, n_vehicles, n_investors = terms.classes.size, terms.vehicles.size, terms.investors.size
    n_rows = n_classes + n_vehicles
    return ReturnsBlock(
        measures=np.full((n_paths, n_rows, len(STORED_MEASURES)), np.nan),
        irr_status=np.empty((n_paths, n_rows), dtype=np.int8),
        leverage=np.full((n_paths, n_years + 1, len(Money) * N_DEFINITIONS), np.nan),
        landing=np.empty((n_paths, n_vehicles)),
        activity=np.zeros((n_paths, n_vehicles, len(Activity))),
        exits=np.empty((n_paths, n_vehicles, len(Channel), n_years, len(ExitFigure))),
        flows=np.empty((4, terms.n_periods)),
        money=np.empty((2, n_investors)),
        shares=np.empty((2, n_vehicles)),
        so_far=np.empty((4, n_vehicles)),
        paid=np.empty(n_classes),
    )


@kernel
def returns_pass(terms, closing, index, world_n_park, world_first_row, funds, out):
    """Fill every array of ``out`` from what the funds pass wrote; ``index`` is the market's (B, T+1)."""
    no_times = np.empty(0)
    for b in range(out.measures.shape[0]):
        measure_path(terms, closing.closed[b], index[b], funds, b, no_times, out)
        leverage_path(terms, closing, funds, b, out)
        count_deals(terms, funds, b, world_first_row[b] + world_n_park[b], out)
        count_exits(terms, funds, b, out)


@kernel(allocates=False, is_inner=True)
def ratio(a, b):
    """a / b, undefined where b is not positive."""
    return a / b if b > 0.0 else math.nan


@kernel(is_inner=True)
def measure_path(terms, closed, index, funds, b, no_times, out):
    """Measures of all rows of a path."""
    for v in range(terms.vehicles.size):
        vehicle = terms.vehicles[v]
        if funds.vehicles[b, v]["end_period"] == -1:
            for c in range(vehicle["first_class"], vehicle["last_class"]):
                blank(out, b, c)
            blank(out, b, terms.classes.size + v)
            continue
        guess = math.nan
        for c in range(vehicle["first_class"], vehicle["last_class"]):
            guess = measure_class(terms, closed, index, funds, b, v, c, guess, no_times, out)
        measure_vehicle(terms, closed, index, funds, b, v, guess, no_times, out)


@kernel(allocates=False, is_inner=True)
def commitment_of(terms, closed, v, c):
    """Closed commitments of a class, or of the whole vehicle (class −1)."""
    total = 0.0
    for i in range(terms.vehicles[v]["first_investor"], terms.vehicles[v]["last_investor"]):
        if c < 0 or terms.investors[i]["class"] == c:
            total += closed[i]
    return total


@kernel(is_inner=True)
def measure_class(terms, closed, index, funds, b, v, c, guess, no_times, out):
    """Measures of one class; returns where the next solution may start."""
    paid = funds.class_flows[b, ClassFlow.CONTRIBUTION, c]
    back = funds.class_flows[b, ClassFlow.DISTRIBUTION, c]
    nav = funds.class_nav[b, c, terms.n_periods]
    start, committed = terms.vehicles[v]["start_period"], commitment_of(terms, closed, v, c)
    measure_stream(terms, paid, back, nav, committed, index, start, guess, no_times, out, b, c)
    out.measures[b, c, Measure.GROSS_IRR] = math.nan
    return start_at(out.measures[b, c, Measure.NET_IRR], terms.periods_per_year)


@kernel(is_inner=True)
def measure_vehicle(terms, closed, index, funds, b, v, guess, no_times, out):
    """Measures of all investors of a vehicle together, and its gross IRR."""
    paid, back, nav = out.flows[0], out.flows[1], 0.0
    row, vehicle = terms.classes.size + v, terms.vehicles[v]
    paid[:] = 0.0
    back[:] = 0.0
    for c in range(vehicle["first_class"], vehicle["last_class"]):
        nav += funds.class_nav[b, c, terms.n_periods]
        for t in range(terms.n_periods):
            paid[t] += funds.class_flows[b, ClassFlow.CONTRIBUTION, c, t]
            back[t] += funds.class_flows[b, ClassFlow.DISTRIBUTION, c, t]
    committed = commitment_of(terms, closed, v, -1)
    measure_stream(
        terms, paid, back, nav, committed, index, vehicle["start_period"], guess, no_times, out, b, row
    )
    guess = start_at(out.measures[b, row, Measure.NET_IRR], terms.periods_per_year)
    out.measures[b, row, Measure.GROSS_IRR] = gross_irr(terms, funds, b, v, paid, no_times, guess)


@kernel(allocates=False, is_inner=True)
def start_at(rate, periods_per_year):
    """Where the next solution may start: a rate found before, in ln(1 + r) of a period."""
    return math.log1p(rate) / periods_per_year if rate > -1.0 else math.nan


@kernel(allocates=False, is_inner=True)
def blank(out, b, row):
    """A vehicle that did not start has no measures."""
    out.measures[b, row, :] = math.nan
    out.irr_status[b, row] = -1


@kernel(is_inner=True)
def measure_stream(terms, paid, back, nav, committed, index, start, guess, no_times, out, b, row):
    """Measures of one stream (§8)."""
    n, m = terms.n_periods, terms.periods_per_year
    total_paid, total_back, net, deepest, deepest_at = 0.0, 0.0, 0.0, 0.0, start
    grown_paid, grown_back = 0.0, nav
    net_flows, grown_flows = out.flows[2], out.flows[3]
    for t in range(n):
        growth = index[n] / index[t + 1]
        total_paid += paid[t]
        total_back += back[t]
        grown_paid += paid[t] * growth
        grown_back += back[t] * growth
        net += back[t] - paid[t]
        if net < deepest:
            deepest, deepest_at = net, t
        net_flows[t] = back[t] - paid[t]
        grown_flows[t] = net_flows[t] * growth
    net_flows[n - 1] += nav
    grown_flows[n - 1] += nav
    x, status = irr_period(net_flows, no_times, float(m), guess)
    values = out.measures[b, row]
    out.irr_status[b, row] = status
    values[Measure.NET_IRR] = math.expm1(x * m)
    values[Measure.DPI] = ratio(total_back, total_paid)
    values[Measure.RVPI] = ratio(nav, total_paid)
    values[Measure.PAID_IN_SHARE] = ratio(total_paid, committed)
    values[Measure.PAYBACK_YEARS] = payback(paid, back, deepest, deepest_at, total_paid, start, m)
    values[Measure.DEEPEST_CALL] = ratio(-deepest, committed)
    values[Measure.KS_PME] = ratio(grown_back, grown_paid)
    drift = math.log(index[n] / index[start]) / (n - start) if start < n else 0.0
    x, _ = irr_period(grown_flows, no_times, float(m), x - drift)
    values[Measure.DIRECT_ALPHA] = math.expm1(x * m)


@kernel(allocates=False, is_inner=True)
def payback(paid, back, deepest, deepest_at, total_paid, start, periods_per_year):
    """Years from the start until cumulative cash is back at zero
    after its deepest point; undefined if never.
    """
    if total_paid <= 0.0:
        return math.nan
    net = deepest
    for t in range(deepest_at, paid.size):
        if t > deepest_at:
            net += back[t] - paid[t]
        if net >= -SMALL * total_paid:
            return (t + 1 - start) / periods_per_year
    return math.nan


@kernel(is_inner=True)
def gross_irr(terms, funds, b, v, flows, no_times, guess):
    """The vehicle with its holdings, before its own fees and carry (§8)."""
    n = terms.n_periods
    for t in range(n):
        flows[t] = (
            funds.vehicle_flows[b, VehicleFlow.PROCEEDS, v, t]
            + funds.vehicle_flows[b, VehicleFlow.CHILD_DISTRIBUTION, v, t]
        )
        flows[t] -= (
            funds.vehicle_flows[b, VehicleFlow.INVESTED, v, t]
            + funds.vehicle_flows[b, VehicleFlow.EXPENSE, v, t]
        )
        flows[t] -= funds.vehicle_flows[b, VehicleFlow.CHILD_CALL, v, t]
    flows[n - 1] += funds.vehicle_stocks[b, VehicleStock.HOLDINGS, v, n]
    x, _ = irr_period(flows, no_times, float(terms.periods_per_year), guess)
    return math.expm1(x * terms.periods_per_year)


@kernel(allocates=False, is_inner=True)
def leverage_path(terms, closing, funds, b, out):
    """Leverage at every year's end and at the horizon (8.3–8.9)."""
    out.paid[:] = 0.0
    out.so_far[:] = 0.0
    year = 0
    n, m = terms.n_periods, terms.periods_per_year
    for t in range(n):
        for c in range(terms.classes.size):
            out.paid[c] += funds.class_flows[b, ClassFlow.CONTRIBUTION, c, t]
        for v in range(terms.vehicles.size):
            out.so_far[0, v] += funds.vehicle_flows[b, VehicleFlow.INVESTED, v, t]
            out.so_far[1, v] += funds.vehicle_flows[b, VehicleFlow.CO_INVESTED, v, t]
            out.so_far[2, v] += funds.vehicle_flows[b, VehicleFlow.CREDITED, v, t]
            out.so_far[3, v] += funds.vehicle_flows[b, VehicleFlow.IN_PROPERTY, v, t]
        if (t + 1) % m == 0 or t == n - 1:
            place_money(terms, closing, funds, b, t, out)
            fill_leverage(terms, out, out.leverage[b, year])
            year += 1
    for k in range(2 * N_DEFINITIONS):
        out.leverage[b, year, k] = out.leverage[b, year - 1, k]
    for v in range(terms.vehicles.size):
        vehicle, guidance = terms.vehicles[v], 0.0
        for i in range(vehicle["first_investor"], vehicle["last_investor"]):
            if terms.investors[i]["is_guidance"] == 1:
                guidance += out.money[1, i]
        out.landing[b, v] = ratio(out.so_far[2, v], guidance)


@kernel(allocates=False, is_inner=True)
def place_money(terms, closing, funds, b, t, out):
    """Money of each investor row by the end of period t: committed, and paid in."""
    for v in range(terms.vehicles.size):
        vehicle = terms.vehicles[v]
        has_begun = funds.vehicles[b, v]["end_period"] != -1 and vehicle["start_period"] <= t
        for i in range(vehicle["first_investor"], vehicle["last_investor"]):
            out.money[:, i] = 0.0
            if not has_begun:
                continue
            c, whole = terms.investors[i]["class"], 0.0
            for k in range(vehicle["first_investor"], vehicle["last_investor"]):
                if terms.investors[k]["class"] == c:
                    whole += closing.callable[b, k]
            out.money[0, i] = closing.closed[b, i]
            out.money[1, i] = out.paid[c] * closing.callable[b, i] / whole if whole > 0.0 else 0.0


@kernel(allocates=False, is_inner=True)
def is_kind(kind, money):
    """Whether an outside investor's money is of a kind: 0 fiscal, 1 government (fiscal and state)."""
    return kind == InvestorKind.FISCAL or (money == 1 and kind == InvestorKind.STATE)


@kernel(allocates=False, is_inner=True)
def is_top(terms, v):
    """A mother that no vehicle invests in."""
    if terms.vehicles[v]["is_mother"] == 0:
        return False
    for i in range(terms.vehicles[v]["first_investor"], terms.vehicles[v]["last_investor"]):
        if terms.investors[i]["parent"] >= 0:
            return False
    return True


@kernel(allocates=False, is_inner=True)
def fill_leverage(terms, out, values):
    """One row of the leverage table, for both kinds of money."""
    for money in range(2):
        place = money * N_DEFINITIONS
        for basis in range(2):
            multiples(terms, out.money[basis], out.so_far[0], money, values, place + 5 * basis)
        invested_multiples(terms, out, money, values, place + 10)


@kernel(allocates=False, is_inner=True)
def outside(terms, money, v, kind):
    """Money of investors that are not vehicles: of one kind, or of all (kind −1)."""
    total = 0.0
    for i in range(terms.vehicles[v]["first_investor"], terms.vehicles[v]["last_investor"]):
        investor = terms.investors[i]
        if investor["parent"] < 0 and (kind < 0 or is_kind(investor["kind"], kind)):
            total += money[i]
    return total


@kernel(allocates=False, is_inner=True)
def multiples(terms, money, invested, kind, values, place):
    """(8.3)–(8.7) on one basis, for one kind of money."""
    whole, source, stakes, size, guided, direct = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for v in range(terms.vehicles.size):
        if is_top(terms, v):
            whole += outside(terms, money, v, -1)
            source += outside(terms, money, v, kind)
            direct += invested[v]
            continue
        size += outside(terms, money, v, -1)
        guided += outside(terms, money, v, kind)
        for i in range(terms.vehicles[v]["first_investor"], terms.vehicles[v]["last_investor"]):
            parent = terms.investors[i]["parent"]
            if parent >= 0 and is_top(terms, parent):
                stakes += money[i]
                above = outside(terms, money, parent, -1)
                if above > 0.0:
                    guided += money[i] * outside(terms, money, parent, kind) / above
    size += stakes
    values[place] = ratio(whole, source)  # (8.3)
    values[place + 1] = ratio(size, stakes)  # (8.4)
    used = source * (stakes + direct) / whole if whole > 0.0 else 0.0
    values[place + 2] = ratio(size + direct, used)  # (8.5)
    values[place + 3] = ratio(size - guided, guided)  # (8.6)
    values[place + 4] = 1.0 - ratio(guided, size)  # (8.7)


@kernel(allocates=False, is_inner=True)
def look_through(terms, money, kind, shares):
    """Share of each vehicle's money that comes from a kind, through all vehicles above it."""
    for order in range(terms.children_first.size):
        v = terms.children_first[terms.children_first.size - 1 - order]
        whole, own = 0.0, 0.0
        for i in range(terms.vehicles[v]["first_investor"], terms.vehicles[v]["last_investor"]):
            investor = terms.investors[i]
            whole += money[i]
            if investor["parent"] >= 0:
                own += money[i] * shares[investor["parent"]]
            elif is_kind(investor["kind"], kind):
                own += money[i]
        shares[v] = own / whole if whole > 0.0 else 0.0


@kernel(allocates=False, is_inner=True)
def invested_multiples(terms, out, kind, values, place):
    """(8.8) and (8.9), on money paid in."""
    money, shares = out.money[1], out.shares[kind]
    look_through(terms, money, kind, shares)
    paid, put, beside, credited, guidance_paid, guidance_put = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for v in range(terms.vehicles.size):
        vehicle = terms.vehicles[v]
        paid += outside(terms, money, v, kind)
        put += out.so_far[0, v] - out.so_far[3, v]
        beside += out.so_far[1, v]
        if vehicle["last_deal"] > vehicle["first_deal"]:
            whole = 0.0
            for i in range(vehicle["first_investor"], vehicle["last_investor"]):
                whole += money[i]
            credited += out.so_far[2, v]
            guidance_paid += shares[v] * whole
            guidance_put += shares[v] * (out.so_far[0, v] - out.so_far[3, v])
    values[place] = ratio(put, paid)  # (8.8)
    values[place + 1] = ratio(put + beside, paid)
    values[place + 2] = ratio(credited, guidance_put)  # (8.9)
    values[place + 3] = ratio(credited, guidance_paid)


@kernel(allocates=False, is_inner=True)
def count_deals(terms, funds, b, first_outside, out):
    """Deals done, in the park, credited, and follow-ons, by vehicle."""
    for v in range(terms.vehicles.size):
        done, park, credited = 0, 0, 0
        for slot in range(terms.vehicles[v]["first_deal"], terms.vehicles[v]["last_deal"]):
            deal = funds.deals[b, slot]
            if deal["row"] >= 0:
                done += 1
                park += 1 if deal["row"] < first_outside else 0
                credited += deal["is_credited"]
        out.activity[b, v, Activity.DEALS] = done
        out.activity[b, v, Activity.PARK_DEALS] = park
        out.activity[b, v, Activity.CREDITED_DEALS] = credited
        out.activity[b, v, Activity.FOLLOW_ONS] = funds.vehicles[b, v]["n_follow_ons"]


@kernel(allocates=False, is_inner=True)
def owner_of(terms, deal):
    """The vehicle of a planned deal, or of a holding of property behind them."""
    if deal < terms.deals.size:
        return terms.deals[deal]["vehicle"]
    h = deal - terms.deals.size
    v = 0
    while terms.vehicles[v]["last_holding"] <= h:
        v += 1
    return v


@kernel(allocates=False, is_inner=True)
def count_exits(terms, funds, b, out):
    """Exits by vehicle, channel and year: how many, what they brought and what they had cost."""
    out.exits[b] = 0.0
    for e in range(funds.paths[b]["n_exits"]):
        line = funds.exits[b, e]
        v = owner_of(terms, line["deal"])
        year = line["period"] // terms.periods_per_year
        out.exits[b, v, line["channel"], year, ExitFigure.COUNT] += 1.0
        out.exits[b, v, line["channel"], year, ExitFigure.PROCEEDS] += line["proceeds"]
        out.exits[b, v, line["channel"], year, ExitFigure.COST] += line["cost"]
