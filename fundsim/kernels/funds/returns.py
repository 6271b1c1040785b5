"""The returns pass (§8): measures of every class and vehicle,
leverage at year ends, exits and deals by path.
"""

import math
from typing import NamedTuple

import numpy as np

from fundsim.kernels.base.jit import kernel
from fundsim.kernels.formulas.irr import irr_period
from fundsim.kernels.funds.leverage import N_DEFINITIONS, leverage_path, ratio
from fundsim.kernels.funds.records import FundRecords
from fundsim.vocabulary import (
    STORED_MEASURES,
    Activity,
    Channel,
    ClassFlow,
    ExitFigure,
    Measure,
    Money,
    VehicleFlow,
    VehicleStock,
)

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
    no_times: np.ndarray  # (0,) the times of periods, for the search of rates
    flows: np.ndarray  # (4, T)
    money: np.ndarray  # (2, I) by investor row on both bases
    shares: np.ndarray  # (2, V) looked-through share on the basis paid in, by kind of money
    so_far: np.ndarray  # (4, V) invested, co-invested, credited, invested outside enterprises
    paid: np.ndarray  # (C,) contributions so far


class Path(NamedTuple):
    """A path to be measured, beside its funds."""

    b: int
    closed: np.ndarray  # (I,)
    grown: np.ndarray  # (T+1,) the index


class Stream(NamedTuple):
    """What is measured of a class or a vehicle."""

    paid: np.ndarray  # (T,)
    back: np.ndarray  # (T,)
    nav: float  # at the horizon
    committed: float
    start: int  # period


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
        no_times=np.empty(0),
        flows=np.empty((4, terms.n_periods)),
        money=np.empty((2, n_investors)),
        shares=np.empty((2, n_vehicles)),
        so_far=np.empty((4, n_vehicles)),
        paid=np.empty(n_classes),
    )


@kernel
def returns_pass(terms, closing, index, world_n_park, world_first_row, funds, out):
    """Fill every array of ``out`` from what the funds pass wrote; ``index`` is the market's (B, T+1)."""
    for b in range(out.measures.shape[0]):
        measure_path(terms, Path(b, closing.closed[b], index[b]), funds, out)
        leverage_path(terms, closing, funds, b, out)
        count_deals(terms, funds, b, world_first_row[b] + world_n_park[b], out)
        count_exits(terms, funds, b, out)


@kernel(is_inner=True)
def measure_path(terms, path, funds, out):
    """Measures of all rows of a path."""
    for v in range(terms.vehicles.size):
        own = terms.vehicles[v]
        if funds.vehicles[path.b, v]["end_period"] == -1:
            for c in range(own["first_class"], own["last_class"]):
                blank(out, path.b, c)
            blank(out, path.b, terms.classes.size + v)
            continue
        guess = math.nan
        for c in range(own["first_class"], own["last_class"]):
            guess = measure_class(terms, path, funds, v, c, guess, out)
        measure_vehicle(terms, path, funds, v, guess, out)


@kernel(allocates=False, is_inner=True)
def commitment_of(terms, closed, v, c):
    """Closed commitments of a class, or of the whole vehicle (class −1)."""
    own, total = terms.vehicles[v], 0.0
    for i in range(own["first_investor"], own["last_investor"]):
        if c < 0 or terms.investors[i]["class"] == c:
            total += closed[i]
    return total


@kernel(is_inner=True)
def measure_class(terms, path, funds, v, c, guess, out):
    """Measures of one class; returns where the next solution may start."""
    stream = Stream(
        funds.class_flows[path.b, ClassFlow.CONTRIBUTION, c],
        funds.class_flows[path.b, ClassFlow.DISTRIBUTION, c],
        funds.class_nav[path.b, c, terms.n_periods],
        commitment_of(terms, path.closed, v, c),
        terms.vehicles[v]["start_period"],
    )
    measure_stream(terms, path, stream, guess, out, c)
    out.measures[path.b, c, Measure.GROSS_IRR] = math.nan
    return start_at(out.measures[path.b, c, Measure.NET_IRR], terms.periods_per_year)


@kernel(is_inner=True)
def measure_vehicle(terms, path, funds, v, guess, out):
    """Measures of all investors of a vehicle together, and its gross IRR."""
    paid, back, nav = out.flows[0], out.flows[1], 0.0
    row, own, flows = terms.classes.size + v, terms.vehicles[v], funds.class_flows[path.b]
    paid[:] = 0.0
    back[:] = 0.0
    for c in range(own["first_class"], own["last_class"]):
        nav += funds.class_nav[path.b, c, terms.n_periods]
        for t in range(terms.n_periods):
            paid[t] += flows[ClassFlow.CONTRIBUTION, c, t]
            back[t] += flows[ClassFlow.DISTRIBUTION, c, t]
    stream = Stream(paid, back, nav, commitment_of(terms, path.closed, v, -1), own["start_period"])
    measure_stream(terms, path, stream, guess, out, row)
    guess = start_at(out.measures[path.b, row, Measure.NET_IRR], terms.periods_per_year)
    out.measures[path.b, row, Measure.GROSS_IRR] = gross_irr(terms, path, funds, v, guess, out)


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
def measure_stream(terms, path, stream, guess, out, row):
    """Measures of one stream (§8)."""
    n, m = terms.n_periods, terms.periods_per_year
    paid, back, nav, start, index = stream.paid, stream.back, stream.nav, stream.start, path.grown
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
    x, status = irr_period(net_flows, out.no_times, float(m), guess)
    values = out.measures[path.b, row]
    out.irr_status[path.b, row] = status
    values[Measure.NET_IRR] = math.expm1(x * m)
    values[Measure.DPI] = ratio(total_back, total_paid)
    values[Measure.RVPI] = ratio(nav, total_paid)
    values[Measure.PAID_IN_SHARE] = ratio(total_paid, stream.committed)
    values[Measure.PAYBACK_YEARS] = payback(stream, deepest, deepest_at, total_paid, m)
    values[Measure.DEEPEST_CALL] = ratio(-deepest, stream.committed)
    values[Measure.KS_PME] = ratio(grown_back, grown_paid)
    drift = math.log(index[n] / index[start]) / (n - start) if start < n else 0.0
    x, _ = irr_period(grown_flows, out.no_times, float(m), x - drift)
    values[Measure.DIRECT_ALPHA] = math.expm1(x * m)


@kernel(allocates=False, is_inner=True)
def payback(stream, deepest, deepest_at, total_paid, periods_per_year):
    """Years from the start until cumulative cash is back at zero
    after its deepest point; undefined if never.
    """
    if total_paid <= 0.0:
        return math.nan
    net = deepest
    for t in range(deepest_at, stream.paid.size):
        if t > deepest_at:
            net += stream.back[t] - stream.paid[t]
        if net >= -SMALL * total_paid:
            return (t + 1 - stream.start) / periods_per_year
    return math.nan


@kernel(is_inner=True)
def gross_irr(terms, path, funds, v, guess, out):
    """The vehicle with its holdings, before its own fees and carry (§8)."""
    n, flows = terms.n_periods, out.flows[0]
    of_vehicle = funds.vehicle_flows[path.b, :, v]
    for t in range(n):
        flows[t] = of_vehicle[VehicleFlow.PROCEEDS, t] + of_vehicle[VehicleFlow.CHILD_DISTRIBUTION, t]
        flows[t] -= of_vehicle[VehicleFlow.INVESTED, t] + of_vehicle[VehicleFlow.EXPENSE, t]
        flows[t] -= of_vehicle[VehicleFlow.CHILD_CALL, t]
    flows[n - 1] += funds.vehicle_stocks[path.b, VehicleStock.HOLDINGS, v, n]
    x, _ = irr_period(flows, out.no_times, float(terms.periods_per_year), guess)
    return math.expm1(x * terms.periods_per_year)


@kernel(allocates=False, is_inner=True)
def count_deals(terms, funds, b, first_outside, out):
    """Deals done, in the park, credited, and follow-ons, by vehicle."""
    for v in range(terms.vehicles.size):
        own, done, park, credited = terms.vehicles[v], 0, 0, 0
        for slot in range(own["first_deal"], own["last_deal"]):
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
    """The vehicle of a planned deal, or of a holding of an interest behind them."""
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
        figures = out.exits[b, v, line["channel"], year]
        figures[ExitFigure.COUNT] += 1.0
        figures[ExitFigure.PROCEEDS] += line["proceeds"]
        figures[ExitFigure.COST] += line["cost"]
