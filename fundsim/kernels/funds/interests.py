"""Vehicles' shares of interests in property within a period of the funds
pass: income, capital, values, sale at the term (4.9, 5.9).
"""

from __future__ import annotations

from fundsim.kernels.base.jit import kernel
from fundsim.kernels.funds.exits import add_to_exit, append_exit
from fundsim.vocabulary import Channel, VehicleFlow, VehicleStatus


@kernel(allocates=False, is_inner=True)
def collect_property(terms, world, b, t, state, out):
    """Step (a): income and capital of the interests held since before the period."""
    for v in range(state.vehicles.size):
        if state.vehicles[v]["status"] != VehicleStatus.LIVE:
            continue
        for h in range(terms.vehicles[v]["first_holding"], terms.vehicles[v]["last_holding"]):
            if state.holdings[h]["share"] > 0.0:
                collect_one(terms, world, b, v, h, t, state, out)


@kernel(allocates=False, is_inner=True)
def collect_one(terms, world, b, v, h, t, state, out):
    """What one interest pays its holder, and the cost that leaves with its capital (4.9)."""
    holding, vehicle = state.holdings[h], state.vehicles[v]
    interest = world.interests[b, terms.holding_interest[h], t]
    income = holding["share"] * interest["income"]
    vehicle["proceeds"] += income
    out.shares[b, h]["income"] += income
    if interest["channel"] < 0:
        return
    amount = holding["share"] * interest["capital"]
    cost = holding["cost"] * interest["released"]
    vehicle["proceeds"] += amount
    out.shares[b, h]["capital"] += amount
    reduce_cost(vehicle, holding, cost)
    deal, channel = terms.deals.size + h, interest["channel"]
    if channel == Channel.REIT_UNITS:
        holding["units_line"] = add_to_exit(holding["units_line"], deal, channel, b, t, cost, amount, out)
    else:
        append_exit(deal, channel, b, t, cost, amount, out)
    if interest["channel"] == Channel.REIT_OFFERING:
        # the REIT's holders pay from here on: planned calls of the project will not come
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
    vehicle["property_due"] = max(0.0, vehicle["property_due"] - holding["due"])
    holding["share"], holding["cost"], holding["due"] = 0.0, 0.0, 0.0


@kernel(allocates=False, is_inner=True)
def worth_of_share(terms, world, b, h, t, is_before_calls, state):
    """Value of a holding at the period's end, or before its call of the period."""
    interest = world.interests[b, terms.holding_interest[h], t]
    value = interest["value"]
    if is_before_calls:
        value = max(0.0, value - interest["call"])
    return state.holdings[h]["share"] * value


@kernel(allocates=False, is_inner=True)
def property_marks(terms, world, b, v, t, is_before_calls, state):
    """All holdings of a vehicle at their values (4.9)."""
    total = 0.0
    for h in range(terms.vehicles[v]["first_holding"], terms.vehicles[v]["last_holding"]):
        if state.holdings[h]["share"] > 0.0:
            total += worth_of_share(terms, world, b, h, t, is_before_calls, state)
    return total


@kernel(allocates=False, is_inner=True)
def sell_property_at_term(terms, world, b, v, t, discount, state, out):
    """The vehicle ends: its shares are sold at a discount, with the calls to come (5.9)."""
    vehicle = state.vehicles[v]
    for h in range(terms.vehicles[v]["first_holding"], terms.vehicles[v]["last_holding"]):
        holding = state.holdings[h]
        if holding["share"] > 0.0:
            amount = worth_of_share(terms, world, b, h, t, True, state) * (1.0 - discount)
            vehicle["proceeds"] += amount
            out.shares[b, h]["capital"] += amount
            append_exit(terms.deals.size + h, Channel.TERM_SALE, b, t, holding["cost"], amount, out)
            drop(vehicle, holding)


@kernel(allocates=False, is_inner=True)
def pay(vehicle, holding, b, v, h, t, amount, out):
    """Money into property."""
    vehicle["invested"] += amount
    out.vehicle_flows[b, VehicleFlow.IN_PROPERTY, v, t] += amount
    vehicle["unrealised"] += amount
    holding["cost"] += amount
    out.shares[b, h]["cost"] += amount


@kernel(allocates=False, is_inner=True)
def foresee(vehicle, holding, change):
    """Planned calls count like what children may still call (5.9)."""
    holding["due"] += change
    vehicle["property_due"] = max(0.0, vehicle["property_due"] + change)
    vehicle["may_call"] = max(0.0, vehicle["may_call"] + change)
