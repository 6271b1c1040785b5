"""The returns pass (§8): measures of every class and vehicle, and exits and deals by path."""

import math
from typing import NamedTuple

import numpy as np

from fundsim.kernels.base.jit import kernel
from fundsim.kernels.formulas.irr_lanes import LANES, Lanes, allocate_lanes, solve_lanes
from fundsim.kernels.funds.leverage import ratio
from fundsim.kernels.funds.records import FundRecords
from fundsim.vocabulary import (
    STORED_MEASURES,
    Activity,
    Channel,
    ClassFlow,
    ExitFigure,
    Measure,
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
    activity: np.ndarray  # (B, V, 4) deals, deals in the park, credited deals, follow-ons
    exits: np.ndarray  # (B, V, 6, Y, 3) by channel and year: count, proceeds, cost
    # scratch
    lanes: Lanes  # streams whose rates are asked for, of a path and what the paths before left
    asked: np.ndarray  # (streams, 3) the path, row and measure that each of them is for
    n_asked: np.ndarray  # (1,)
    committed: np.ndarray  # (C+V,) on the path
    growth: np.ndarray  # (T,) of the index from each period to the horizon, on the path
    flows: np.ndarray  # (2, T)


class Stream(NamedTuple):
    """What is measured of a class or a vehicle."""

    paid: np.ndarray  # (T,)
    back: np.ndarray  # (T,)
    nav: float  # at the horizon
    committed: float
    start: int  # period


def allocate_returns(n_paths: int, n_years: int, terms: FundRecords) -> ReturnsBlock:
    """Memory for ``n_paths`` paths; ``terms`` are FundRecords."""
    n_classes, n_vehicles = terms.classes.size, terms.vehicles.size
    n_rows = n_classes + n_vehicles
    lanes = allocate_lanes(terms.n_periods, 2 * n_rows + n_vehicles + LANES)
    return ReturnsBlock(
        measures=np.full((n_paths, n_rows, len(STORED_MEASURES)), np.nan),
        irr_status=np.empty((n_paths, n_rows), dtype=np.int8),
        activity=np.zeros((n_paths, n_vehicles, len(Activity))),
        exits=np.empty((n_paths, n_vehicles, len(Channel), n_years, len(ExitFigure))),
        lanes=lanes,
        asked=np.empty((len(lanes.flows) * LANES, 3), dtype=np.int64),
        n_asked=np.empty(1, dtype=np.int64),
        committed=np.empty(n_rows),
        growth=np.empty(terms.n_periods),
        flows=np.empty((2, terms.n_periods)),
    )


@kernel(allocates=False, is_entry=True)
def returns_pass(terms, closing, index, world_n_park, world_first_row, funds, out):
    """Fill every array of ``out`` from what the funds pass wrote; ``index`` is the market's (B, T+1)."""
    out.n_asked[0] = 0
    n_paths = out.measures.shape[0]
    for b in range(n_paths):
        for t in range(terms.n_periods):
            out.growth[t] = index[b, terms.n_periods] / index[b, t + 1]
        add_commitments(terms, closing.closed[b], out.committed)
        measure_path(terms, funds, b, out)
        answer(out, terms.periods_per_year, b == n_paths - 1)
        count_deals(terms, funds, b, world_first_row[b] + world_n_park[b], out)
        count_exits(terms, funds, b, out)


@kernel(allocates=False, is_inner=True)
def add_commitments(terms, closed, committed):
    """Closed commitments of every row on the path."""
    committed[:] = 0.0
    for v in range(terms.vehicles.size):
        own, whole = terms.vehicles[v], 0.0
        for i in range(own["first_investor"], own["last_investor"]):
            committed[terms.investors[i]["class"]] += closed[i]
            whole += closed[i]
        committed[terms.classes.size + v] = whole


@kernel(allocates=False, is_inner=True)
def measure_path(terms, funds, b, out):
    """Measures of all rows of a path."""
    for v in range(terms.vehicles.size):
        own = terms.vehicles[v]
        if funds.vehicles[b, v]["end_period"] == -1:
            for c in range(own["first_class"], own["last_class"]):
                blank(out, b, c)
            blank(out, b, terms.classes.size + v)
            continue
        for c in range(own["first_class"], own["last_class"]):
            measure_class(terms, funds, b, v, c, out)
        measure_vehicle(terms, funds, b, v, out)


@kernel(allocates=False, is_inner=True)
def measure_class(terms, funds, b, v, c, out):
    """Measures of one class."""
    stream = Stream(
        funds.class_flows[b, ClassFlow.CONTRIBUTION, c],
        funds.class_flows[b, ClassFlow.DISTRIBUTION, c],
        funds.class_nav[b, c, terms.n_periods],
        out.committed[c],
        terms.vehicles[v]["start_period"],
    )
    measure_stream(terms, b, stream, out, c)
    out.measures[b, c, Measure.GROSS_IRR] = math.nan


@kernel(allocates=False, is_inner=True)
def measure_vehicle(terms, funds, b, v, out):
    """Measures of all investors of a vehicle together, and its gross IRR."""
    paid, back, nav = out.flows[0], out.flows[1], 0.0
    row, own, flows = terms.classes.size + v, terms.vehicles[v], funds.class_flows[b]
    paid[:] = 0.0
    back[:] = 0.0
    for c in range(own["first_class"], own["last_class"]):
        nav += funds.class_nav[b, c, terms.n_periods]
        for t in range(terms.n_periods):
            paid[t] += flows[ClassFlow.CONTRIBUTION, c, t]
            back[t] += flows[ClassFlow.DISTRIBUTION, c, t]
    stream = Stream(paid, back, nav, out.committed[row], own["start_period"])
    measure_stream(terms, b, stream, out, row)
    ask_gross_irr(terms, funds, b, v, out)


@kernel(allocates=False, is_inner=True)
def blank(out, b, row):
    """A vehicle that did not start has no measures."""
    out.measures[b, row, :] = math.nan
    out.irr_status[b, row] = -1


@kernel(allocates=False, is_inner=True)
def ask(out, b, row, measure):
    """Where the stream of a rate is to be written: its flows and those of its neighbours, and its lane."""
    k = out.n_asked[0]
    out.asked[k, 0], out.asked[k, 1], out.asked[k, 2] = b, row, measure
    out.n_asked[0] += 1
    return out.lanes.flows[k // LANES], k % LANES


@kernel(allocates=False, is_inner=True)
def answer(out, periods_per_year, is_last):
    """Solve the streams that fill all lanes, on the last path all; the others wait for the next path."""
    n, done, flows = out.n_asked[0], 0, out.lanes.flows
    while n - done >= LANES or (is_last and done < n):
        n_lanes = min(LANES, n - done)
        solve_lanes(out.lanes, done // LANES, n_lanes, float(periods_per_year))
        for k in range(n_lanes):
            b, row, measure = out.asked[done + k, 0], out.asked[done + k, 1], out.asked[done + k, 2]
            out.measures[b, row, measure] = math.expm1(out.lanes.x[k] * periods_per_year)
            if measure == Measure.NET_IRR:
                out.irr_status[b, row] = out.lanes.status[k]
        done += n_lanes
    for k in range(n - done):
        for part in range(3):
            out.asked[k, part] = out.asked[done + k, part]
        for t in range(flows.shape[1]):
            flows[0, t, k] = flows[done // LANES, t, k]
    out.n_asked[0] = n - done


@kernel(allocates=False, is_inner=True)
def measure_stream(terms, b, stream, out, row):
    """Measures of one stream (§8)."""
    n, m = terms.n_periods, terms.periods_per_year
    paid, back, nav = stream.paid, stream.back, stream.nav
    total_paid, total_back, net, deepest, deepest_at = 0.0, 0.0, 0.0, 0.0, stream.start
    grown_paid, grown_back = 0.0, nav
    flows, lane = ask(out, b, row, Measure.NET_IRR)
    grown_flows, grown_lane = ask(out, b, row, Measure.DIRECT_ALPHA)
    for t in range(n):
        flow, growth = back[t] - paid[t], out.growth[t]
        total_paid += paid[t]
        total_back += back[t]
        grown_paid += paid[t] * growth
        grown_back += back[t] * growth
        net += flow
        if net < deepest:
            deepest, deepest_at = net, t
        flows[t, lane] = flow
        grown_flows[t, grown_lane] = flow * growth
    flows[n - 1, lane] += nav
    grown_flows[n - 1, grown_lane] += nav
    values = out.measures[b, row]
    values[Measure.DPI] = ratio(total_back, total_paid)
    values[Measure.RVPI] = ratio(nav, total_paid)
    values[Measure.PAID_IN_SHARE] = ratio(total_paid, stream.committed)
    values[Measure.PAYBACK_YEARS] = payback(stream, deepest, deepest_at, total_paid, m)
    values[Measure.DEEPEST_CALL] = ratio(-deepest, stream.committed)
    values[Measure.KS_PME] = ratio(grown_back, grown_paid)


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


@kernel(allocates=False, is_inner=True)
def ask_gross_irr(terms, funds, b, v, out):
    """The vehicle with its holdings, before its own fees and carry (§8)."""
    flows, lane = ask(out, b, terms.classes.size + v, Measure.GROSS_IRR)
    n = terms.n_periods
    of_vehicle = funds.vehicle_flows[b, :, v]
    for t in range(n):
        back = of_vehicle[VehicleFlow.PROCEEDS, t] + of_vehicle[VehicleFlow.CHILD_DISTRIBUTION, t]
        back -= of_vehicle[VehicleFlow.INVESTED, t] + of_vehicle[VehicleFlow.EXPENSE, t]
        flows[t, lane] = back - of_vehicle[VehicleFlow.CHILD_CALL, t]
    flows[n - 1, lane] += funds.vehicle_stocks[b, VehicleStock.HOLDINGS, v, n]


@kernel(allocates=False, is_inner=True)
def count_deals(terms, funds, b, first_outside, out):
    """Deals done, in the park, credited, follow-ons, and park deals missed, by vehicle."""
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
        out.activity[b, v, Activity.MISSED_PARK_DEALS] = funds.vehicles[b, v]["n_missed"]


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
