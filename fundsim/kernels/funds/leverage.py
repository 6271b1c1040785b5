"""Leverage (8.3)–(8.9) of a path at year ends, from its cash flows, for both kinds of money."""

import math

from fundsim.kernels.base.jit import kernel
from fundsim.vocabulary import ClassFlow, InvestorKind, Leverage, VehicleFlow

N_DEFINITIONS = len(Leverage)  # of one kind of money; the second kind follows behind the first


@kernel(allocates=False, is_inner=True)
def ratio(a, b):
    """a / b, undefined where b is not positive."""
    return a / b if b > 0.0 else math.nan


@kernel(allocates=False, is_inner=True)
def leverage_path(terms, closing, funds, b, out):
    """Leverage at every year's end and at the horizon (8.3–8.9)."""
    out.paid[:] = 0.0
    out.so_far[:] = 0.0
    year = 0
    n, m, flows = terms.n_periods, terms.periods_per_year, funds.vehicle_flows[b]
    for t in range(n):
        for c in range(terms.classes.size):
            out.paid[c] += funds.class_flows[b, ClassFlow.CONTRIBUTION, c, t]
        for v in range(terms.vehicles.size):
            out.so_far[0, v] += flows[VehicleFlow.INVESTED, v, t]
            out.so_far[1, v] += flows[VehicleFlow.CO_INVESTED, v, t]
            out.so_far[2, v] += flows[VehicleFlow.CREDITED, v, t]
            out.so_far[3, v] += flows[VehicleFlow.OUTSIDE_ENTERPRISES, v, t]
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
    own = terms.vehicles[v]
    if own["is_mother"] == 0:
        return False
    for i in range(own["first_investor"], own["last_investor"]):
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
    own, total = terms.vehicles[v], 0.0
    for i in range(own["first_investor"], own["last_investor"]):
        investor = terms.investors[i]
        if investor["parent"] < 0 and (kind < 0 or is_kind(investor["kind"], kind)):
            total += money[i]
    return total


@kernel(allocates=False, is_inner=True)
def multiples(terms, money, invested, kind, values, place):
    """(8.3)–(8.7) on one basis, for one kind of money."""
    whole, source, stakes, size, guided, direct = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for v in range(terms.vehicles.size):
        own = terms.vehicles[v]
        if is_top(terms, v):
            whole += outside(terms, money, v, -1)
            source += outside(terms, money, v, kind)
            direct += invested[v]
            continue
        size += outside(terms, money, v, -1)
        guided += outside(terms, money, v, kind)
        for i in range(own["first_investor"], own["last_investor"]):
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
