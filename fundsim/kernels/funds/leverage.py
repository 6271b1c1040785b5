"""The leverage pass: (8.3)–(8.9) of a path at year ends, from its cash flows, for both kinds of money."""

import math
from typing import NamedTuple

import numpy as np

from fundsim.kernels.base.jit import kernel
from fundsim.kernels.funds.records import FundRecords
from fundsim.vocabulary import ClassFlow, InvestorKind, Leverage, Money, VehicleFlow

N_DEFINITIONS = len(Leverage)  # of one kind of money; the second kind follows behind the first


class LeverageBlock(NamedTuple):
    """What the leverage pass writes."""

    leverage: np.ndarray  # (B, Y+1, 28) at the year ends, then at the horizon
    landing: np.ndarray  # (B, V) credited investment / guidance money paid in
    # scratch
    is_top: np.ndarray  # (V,) 1 for a mother that no vehicle invests in
    callable: np.ndarray  # (C,) commitments on the path that can be called
    money: np.ndarray  # (2, I) by investor row on both bases
    outside: np.ndarray  # (3, V) of it from investors that are not vehicles: fiscal, of the government, all
    shares: np.ndarray  # (2, V) looked-through share on the basis paid in, by kind of money
    so_far: np.ndarray  # (4, V) invested, co-invested, credited, invested outside enterprises
    paid: np.ndarray  # (C,) contributions so far


def allocate_leverage(n_paths: int, n_years: int, terms: FundRecords) -> LeverageBlock:
    """Memory for ``n_paths`` paths; ``terms`` are FundRecords."""
    n_classes, n_vehicles = terms.classes.size, terms.vehicles.size
    return LeverageBlock(
        leverage=np.full((n_paths, n_years + 1, len(Money) * N_DEFINITIONS), np.nan),
        landing=np.empty((n_paths, n_vehicles)),
        is_top=np.empty(n_vehicles, dtype=np.int64),
        callable=np.empty(n_classes),
        money=np.empty((2, terms.investors.size)),
        outside=np.empty((3, n_vehicles)),
        shares=np.empty((2, n_vehicles)),
        so_far=np.empty((4, n_vehicles)),
        paid=np.empty(n_classes),
    )


@kernel(allocates=False, is_entry=True)
def leverage_pass(terms, closing, funds, out):
    """Fill every array of ``out`` from what the funds pass wrote."""
    find_tops(terms, out.is_top)
    for b in range(out.leverage.shape[0]):
        leverage_path(terms, closing, funds, b, out)


@kernel(allocates=False, is_inner=True)
def ratio(a, b):
    """a / b, undefined where b is not positive."""
    return a / b if b > 0.0 else math.nan


@kernel(allocates=False, is_inlined=True)
def find_tops(terms, is_top):
    """The mothers that no vehicle invests in."""
    for v in range(terms.vehicles.size):
        own = terms.vehicles[v]
        is_top[v] = own["is_mother"]
        for i in range(own["first_investor"], own["last_investor"]):
            if terms.investors[i]["parent"] >= 0:
                is_top[v] = 0


@kernel(allocates=False, is_inlined=True)
def leverage_path(terms, closing, funds, b, out):
    """Leverage at every year's end and at the horizon (8.3–8.9)."""
    out.paid[:] = 0.0
    out.so_far[:] = 0.0
    out.callable[:] = 0.0
    for i in range(terms.investors.size):
        out.callable[terms.investors[i]["class"]] += closing.callable[b, i]
    n, m = terms.n_periods, terms.periods_per_year
    n_years = -(-n // m)
    for year in range(n_years):
        last = min((year + 1) * m, n)
        add_flows(funds, b, year * m, last, out)
        place_money(terms, closing, funds, b, last - 1, out)
        fill_leverage(terms, out, out.leverage[b, year])
    for k in range(2 * N_DEFINITIONS):
        out.leverage[b, n_years, k] = out.leverage[b, n_years - 1, k]
    for v in range(terms.vehicles.size):
        vehicle, guidance = terms.vehicles[v], 0.0
        for i in range(vehicle["first_investor"], vehicle["last_investor"]):
            if terms.investors[i]["is_guidance"] == 1:
                guidance += out.money[1, i]
        out.landing[b, v] = ratio(out.so_far[2, v], guidance)


@kernel(allocates=False, is_inlined=True)
def add_flows(funds, b, first, last, out):
    """Add the flows of some periods to what was paid and invested before them."""
    flows = funds.vehicle_flows[b]
    for c in range(out.paid.size):
        for t in range(first, last):
            out.paid[c] += funds.class_flows[b, ClassFlow.CONTRIBUTION, c, t]
    for v in range(out.is_top.size):
        for t in range(first, last):
            out.so_far[0, v] += flows[VehicleFlow.INVESTED, v, t]
            out.so_far[1, v] += flows[VehicleFlow.CO_INVESTED, v, t]
            out.so_far[2, v] += flows[VehicleFlow.CREDITED, v, t]
            out.so_far[3, v] += flows[VehicleFlow.OUTSIDE_ENTERPRISES, v, t]


@kernel(allocates=False, is_inlined=True)
def place_money(terms, closing, funds, b, t, out):
    """Money of each investor row by the end of period t: committed, and paid in."""
    for v in range(terms.vehicles.size):
        vehicle = terms.vehicles[v]
        has_begun = funds.vehicles[b, v]["end_period"] != -1 and vehicle["start_period"] <= t
        for i in range(vehicle["first_investor"], vehicle["last_investor"]):
            c = terms.investors[i]["class"]
            whole = out.callable[c]
            is_paid = has_begun and whole > 0.0
            out.money[0, i] = closing.closed[b, i] if has_begun else 0.0
            out.money[1, i] = out.paid[c] * closing.callable[b, i] / whole if is_paid else 0.0


@kernel(allocates=False, is_inner=True)
def is_kind(kind, money):
    """Whether an outside investor's money is of a kind: 0 fiscal, 1 government (fiscal and state)."""
    return kind == InvestorKind.FISCAL or (money == 1 and kind == InvestorKind.STATE)


@kernel(allocates=False, is_inlined=True)
def fill_leverage(terms, out, values):
    """One row of the leverage table, for both kinds of money."""
    for basis in range(2):
        add_outside(terms, out.money[basis], out.outside)
        for money in range(2):
            multiples(terms, basis, money, out, values, money * N_DEFINITIONS + 5 * basis)
    for money in range(2):  # of the second basis, whose outside money stands now
        invested_multiples(terms, out, money, values, money * N_DEFINITIONS + 10)


@kernel(allocates=False, is_inlined=True)
def add_outside(terms, money, outside):
    """Money of each vehicle's investors that are not vehicles: of both kinds, and all of it."""
    for v in range(terms.vehicles.size):
        own, fiscal, government, whole = terms.vehicles[v], 0.0, 0.0, 0.0
        for i in range(own["first_investor"], own["last_investor"]):
            investor = terms.investors[i]
            if investor["parent"] < 0:
                whole += money[i]
                fiscal += money[i] if is_kind(investor["kind"], 0) else 0.0
                government += money[i] if is_kind(investor["kind"], 1) else 0.0
        outside[0, v], outside[1, v], outside[2, v] = fiscal, government, whole


@kernel(allocates=False, is_inner=True)
def multiples(terms, basis, kind, out, values, place):
    """(8.3)–(8.7) on one basis, for one kind of money."""
    money, of_kind, of_all = out.money[basis], out.outside[kind], out.outside[2]
    whole, source, stakes, size, guided, direct = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for v in range(terms.vehicles.size):
        if out.is_top[v] == 1:
            whole += of_all[v]
            source += of_kind[v]
            direct += out.so_far[0, v]
            continue
        size += of_all[v]
        guided += of_kind[v]
        own = terms.vehicles[v]
        for i in range(own["first_investor"], own["last_investor"]):
            parent = terms.investors[i]["parent"]
            if parent >= 0 and out.is_top[parent] == 1:
                stakes += money[i]
                if of_all[parent] > 0.0:
                    guided += money[i] * of_kind[parent] / of_all[parent]
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
        vehicle, whole, guided = terms.vehicles[v], 0.0, 0.0
        for i in range(vehicle["first_investor"], vehicle["last_investor"]):
            investor = terms.investors[i]
            whole += money[i]
            if investor["parent"] >= 0:
                guided += money[i] * shares[investor["parent"]]
            elif is_kind(investor["kind"], kind):
                guided += money[i]
        shares[v] = guided / whole if whole > 0.0 else 0.0


@kernel(allocates=False, is_inner=True)
def invested_multiples(terms, out, kind, values, place):
    """(8.8) and (8.9), on money paid in."""
    money, shares = out.money[1], out.shares[kind]
    look_through(terms, money, kind, shares)
    paid, put, beside, credited, guidance_paid, guidance_put = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for v in range(terms.vehicles.size):
        vehicle = terms.vehicles[v]
        paid += out.outside[kind, v]
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
