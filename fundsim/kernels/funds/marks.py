"""Marks of what vehicles hold: positions, pools and interests (5.7, 7.7)."""

from fundsim.kernels.base.bits import members
from fundsim.kernels.base.jit import kernel
from fundsim.kernels.enterprises.value import value_at
from fundsim.kernels.funds.interests import interest_marks, worth_of_share
from fundsim.vocabulary import VehicleStatus


@kernel(allocates=False, is_inlined=True)
def mark_positions(terms, market, world, now, is_before_calls, state):
    """Own enterprises, pools and interests of each vehicle at marks (5.7,
    7.7); a pool before or after its contribution of the period.

    Positions' marks are changed by what changes them; here they are summed in the order of planned deals.
    """
    mark_models(terms, market, world, now, state)
    for v in range(terms.vehicles.size):
        state.vehicles[v]["marks"] = 0.0
    for i in range(members(state.held, state.found)):
        slot = state.found[i]
        state.vehicles[terms.deals[slot]["vehicle"]]["marks"] += state.marks[slot]
    for v in range(terms.vehicles.size):
        own, vehicle = terms.vehicles[v], state.vehicles[v]
        if vehicle["status"] != VehicleStatus.LIVE:
            continue
        if own["has_pool"] == 1:
            period = terms.periods[v, now.t]
            share = period["pool_nav"]
            if is_before_calls:
                share = max(0.0, share - period["pool_contribution"])
            vehicle["marks"] += share * vehicle["investable"]
        if own["last_holding"] > own["first_holding"]:
            vehicle["marks"] += interest_marks(terms, world, now, own, is_before_calls, state)


@kernel(allocates=False, is_inlined=True)
def mark_models(terms, market, world, now, state):
    """Private positions that are marked at the value of their enterprise (3.2)."""
    for i in range(members(state.modelled, state.found)):
        slot = state.found[i]
        position, b = state.positions[slot], now.b
        row = world.first_row[b] + position["row"]
        value = value_at(terms.clock, terms.enterprises, market, world.lives, b, row, now.t + 1)
        state.marks[slot] = position["stake"] * value


@kernel(allocates=False, is_inner=True)
def value_deals(terms, world, now, state, out):
    """Marks of what is still held at the horizon."""
    for slot in range(terms.deals.size):
        out.deals[now.b, slot]["value"] = state.marks[slot]
    for v in range(terms.vehicles.size):
        own = terms.vehicles[v]
        if state.vehicles[v]["status"] != VehicleStatus.LIVE:
            continue
        for h in range(own["first_holding"], own["last_holding"]):
            holding = state.holdings[h]
            if holding["share"] > 0.0:
                interest = world.interests[now.b, terms.holding_interest[h], now.t]
                out.shares[now.b, h]["value"] = worth_of_share(holding, interest, False)
