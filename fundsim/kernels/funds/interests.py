"""Vehicles' shares of interests that another pass offers, calls and pays: income, capital, calls, purchases,
values, sale at the term (4.9, 5.9).
"""

import numpy as np

from fundsim.kernels.base.jit import kernel
from fundsim.kernels.funds.deals import SMALLEST_DEAL, capital_left
from fundsim.kernels.funds.exits import add_to_exit, append_exit
from fundsim.vocabulary import Channel, VehicleFlow, VehicleStatus

SELLS_IN_PARTS = np.array([channel.sells_in_parts for channel in Channel])
ENDS_CALLS = np.array([channel.ends_calls for channel in Channel])


@kernel(allocates=False, is_inner=True)
def collect_interests(terms, world, now, state, out):
    """Step (a): income and capital of the interests held since before the period."""
    for v in range(terms.vehicles.size):
        if state.vehicles[v]["status"] == VehicleStatus.LIVE:
            for h in range(terms.vehicles[v]["first_holding"], terms.vehicles[v]["last_holding"]):
                if state.holdings[h]["share"] > 0.0:
                    collect_one(terms, world, now, v, h, state, out)


@kernel(allocates=False, is_inner=True)
def collect_one(terms, world, now, v, h, state, out):
    """What one interest pays its holder, and the cost that leaves with its capital (4.9)."""
    holding, vehicle, share = state.holdings[h], state.vehicles[v], out.shares[now.b, h]
    interest = world.interests[now.b, terms.holding_interest[h], now.t]
    income = holding["share"] * interest["income"]
    vehicle["proceeds"] += income
    share["income"] += income
    channel, deal = interest["channel"], terms.deals.size + h
    if channel < 0:
        return
    amount = holding["share"] * interest["capital"]
    cost = holding["cost"] * interest["released"]
    vehicle["proceeds"] += amount
    share["capital"] += amount
    reduce_cost(vehicle, holding, cost)
    if SELLS_IN_PARTS[channel]:
        line = holding["parts_line"]
        holding["parts_line"] = add_to_exit(line, deal, channel, now.b, now.t, cost, amount, out)
    else:
        append_exit(deal, channel, now.b, now.t, cost, amount, out)
    if ENDS_CALLS[channel]:
        foresee(vehicle, holding, -holding["due"])
    if interest["released"] >= 1.0 - 1e-12:
        drop(vehicle, holding)


@kernel(allocates=False, is_inner=True)
def reduce_cost(vehicle, holding, cost):
    """Cost leaves the holding and the vehicle's books."""
    holding["cost"] -= cost
    vehicle["unrealised"] -= cost


@kernel(allocates=False, is_inner=True)
def drop(vehicle, holding):
    """Nothing is left of a holding; calls that were planned will not come."""
    reduce_cost(vehicle, holding, holding["cost"])
    vehicle["interest_due"] = max(0.0, vehicle["interest_due"] - holding["due"])
    holding["share"], holding["cost"], holding["due"] = 0.0, 0.0, 0.0


@kernel(allocates=False, is_inner=True)
def worth_of_share(holding, interest, is_before_calls):
    """Value of a holding at the period's end, or before its call of the period."""
    value = interest["value"]
    if is_before_calls:
        value = max(0.0, value - interest["call"])
    return holding["share"] * value


@kernel(allocates=False, is_inner=True)
def interest_marks(terms, world, now, own, is_before_calls, state):
    """All holdings of a vehicle at their values (4.9)."""
    total = 0.0
    for h in range(own["first_holding"], own["last_holding"]):
        if state.holdings[h]["share"] > 0.0:
            interest = world.interests[now.b, terms.holding_interest[h], now.t]
            total += worth_of_share(state.holdings[h], interest, is_before_calls)
    return total


@kernel(allocates=False, is_inner=True)
def sell_interests_held(terms, world, now, v, discount, state, out):
    """The vehicle ends: its shares are sold at a discount, with the calls to come (5.9)."""
    own, vehicle, deal = terms.vehicles[v], state.vehicles[v], terms.deals.size
    for h in range(own["first_holding"], own["last_holding"]):
        holding = state.holdings[h]
        if holding["share"] > 0.0:
            interest = world.interests[now.b, terms.holding_interest[h], now.t]
            amount = worth_of_share(holding, interest, True) * (1.0 - discount)
            vehicle["proceeds"] += amount
            out.shares[now.b, h]["capital"] += amount
            out.shares[now.b, h]["sold"] = now.t
            append_exit(deal + h, Channel.TERM_SALE, now.b, now.t, holding["cost"], amount, out)
            drop(vehicle, holding)


@kernel(allocates=False, is_inner=True)
def pay(terms, now, v, h, amount, state, out):
    """Money into an interest; leverage counts it where it reaches enterprises (8.8)."""
    vehicle, holding = state.vehicles[v], state.holdings[h]
    vehicle["invested"] += amount
    vehicle["unrealised"] += amount
    holding["cost"] += amount
    out.shares[now.b, h]["cost"] += amount
    if terms.interests[terms.holding_interest[h]]["reaches_enterprises"] == 0:
        out.vehicle_flows[now.b, VehicleFlow.OUTSIDE_ENTERPRISES, v, now.t] += amount


@kernel(allocates=False, is_inner=True)
def foresee(vehicle, holding, change):
    """Planned calls count like what children may still call (5.9)."""
    holding["due"] += change
    vehicle["interest_due"] = max(0.0, vehicle["interest_due"] + change)
    vehicle["may_call"] = max(0.0, vehicle["may_call"] + change)


@kernel(allocates=False, is_inner=True)
def pay_interest_calls(terms, world, now, state, out):
    """Step (d), first: calls of the interests held; they are no longer to come (5.9)."""
    for v in range(terms.vehicles.size):
        own, vehicle = terms.vehicles[v], state.vehicles[v]
        if vehicle["status"] != VehicleStatus.LIVE:
            continue
        for h in range(own["first_holding"], own["last_holding"]):
            holding = state.holdings[h]
            if holding["share"] > 0.0:
                call = holding["share"] * world.interests[now.b, terms.holding_interest[h], now.t]["call"]
                if call > 0.0:
                    pay(terms, now, v, h, call, state, out)
                    foresee(vehicle, holding, -min(call, holding["due"]))


@kernel(allocates=False, is_inner=True)
def buy_interests(terms, world, now, state, out):
    """Step (d), last: interests on offer, vehicles in file order (5.9)."""
    for v in range(terms.vehicles.size):
        own, vehicle = terms.vehicles[v], state.vehicles[v]
        if vehicle["status"] != VehicleStatus.LIVE or vehicle["is_investing"] == 0:
            continue
        if own["interest_from"] <= now.t < own["interest_until"]:
            for h in range(own["first_holding"], own["last_holding"]):
                if world.interests[now.b, terms.holding_interest[h], now.t]["is_offered"] == 1:
                    buy_one(terms, world, now, v, h, state, out)


@kernel(allocates=False, is_inner=True)
def buy_one(terms, world, now, v, h, state, out):
    """As much of an interest as share, ticket, what is left of it and capital allow (5.9)."""
    own, vehicle, holding, k = (
        terms.vehicles[v],
        state.vehicles[v],
        state.holdings[h],
        terms.holding_interest[h],
    )
    interest = world.interests[now.b, k, now.t]
    whole = interest["price"] + interest["due"]
    if whole <= 0.0:
        return
    money = capital_left(terms, v, now.t, state) - vehicle["reserve_left"]
    money = min(money, own["interest_ticket"] * vehicle["scale"])
    share = min(own["interest_share"], state.interest_left[k], money / whole)
    if share * whole <= SMALLEST_DEAL * vehicle["callable"]:
        return
    state.interest_left[k] -= share
    holding["share"] = share
    vehicle["last_deal"] = now.t
    out.shares[now.b, h]["bought"] = now.t
    out.shares[now.b, h]["share"] = share
    pay(terms, now, v, h, share * (interest["price"] + interest["call"]), state, out)
    foresee(vehicle, holding, share * max(0.0, interest["due"] - interest["call"]))
