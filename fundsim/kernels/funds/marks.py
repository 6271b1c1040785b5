"""Marks of what vehicles hold: positions, pools and interests (5.7, 7.7)."""

from __future__ import annotations

from fundsim.kernels.base.jit import kernel
from fundsim.kernels.enterprises.value import value_at
from fundsim.kernels.funds.interests import interest_marks, worth_of_share
from fundsim.vocabulary import Mark, PositionStatus, VehicleStatus


@kernel(allocates=False, is_inner=True)
def mark_positions(terms, market, world, now, is_before_calls, state):
    """Own enterprises, pools and interests of each vehicle at marks (5.7,
    7.7); a pool before or after its contribution of the period.
    """
    for v in range(terms.vehicles.size):
        own, vehicle, total = terms.vehicles[v], state.vehicles[v], 0.0
        if vehicle["status"] == VehicleStatus.LIVE:
            last = own["last_deal"] if vehicle["n_held"] > 0 else 0
            for slot in range(own["first_deal"], last):
                status = state.positions[slot]["status"]
                if status == PositionStatus.PRIVATE or status == PositionStatus.ON_MARKET:
                    total += mark(terms, market, world, now, slot, state)
            if own["has_pool"] == 1:
                period = terms.periods[v, now.t]
                share = period["pool_nav"]
                if is_before_calls:
                    share = max(0.0, share - period["pool_contribution"])
                total += share * vehicle["investable"]
            total += interest_marks(terms, world, now, own, is_before_calls, state)
        vehicle["marks"] = total


@kernel(allocates=False, is_inner=True)
def mark(terms, market, world, now, slot, state):
    """Mark of one position: listed price, last round, cost or model value."""
    position = state.positions[slot]
    r, kind = position["row"], terms.vehicles[position["vehicle"]]["mark"]
    if position["status"] == PositionStatus.ON_MARKET:
        return position["stake"] * state.rows[r]["value"]
    if kind == Mark.LAST_ROUND:
        return position["stake"] * state.rows[r]["post"]
    if kind == Mark.COST:
        return position["cost"]
    row = world.first_row[now.b] + r
    value = value_at(terms.clock, terms.enterprises, market, world.lives, now.b, row, now.t + 1)
    return position["stake"] * value


@kernel(allocates=False, is_inner=True)
def value_deals(terms, market, world, now, state, out):
    """Marks of what is still held at the horizon."""
    for v in range(terms.vehicles.size):
        own = terms.vehicles[v]
        if state.vehicles[v]["status"] != VehicleStatus.LIVE:
            continue
        for slot in range(own["first_deal"], own["last_deal"]):
            status = state.positions[slot]["status"]
            if status == PositionStatus.PRIVATE or status == PositionStatus.ON_MARKET:
                out.deals[now.b, slot]["value"] = mark(terms, market, world, now, slot, state)
        for h in range(own["first_holding"], own["last_holding"]):
            holding = state.holdings[h]
            if holding["share"] > 0.0:
                interest = world.interests[now.b, terms.holding_interest[h], now.t]
                out.shares[now.b, h]["value"] = worth_of_share(holding, interest, False)
