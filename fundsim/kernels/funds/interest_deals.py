"""Step (d) of a period for property: calls of the interests held, and purchases of those on offer (5.9)."""

from __future__ import annotations

from fundsim.kernels.base.jit import kernel
from fundsim.kernels.funds.deals import SMALLEST_DEAL, capital_left
from fundsim.kernels.funds.interests import foresee, pay
from fundsim.vocabulary import VehicleStatus


@kernel(allocates=False, is_inner=True)
def pay_property_calls(terms, world, b, t, state, out):
    """Step (d), first: calls of the interests held; they are no longer to come (5.9)."""
    for v in range(state.vehicles.size):
        vehicle = state.vehicles[v]
        if vehicle["status"] != VehicleStatus.LIVE:
            continue
        for h in range(terms.vehicles[v]["first_holding"], terms.vehicles[v]["last_holding"]):
            holding = state.holdings[h]
            if holding["share"] > 0.0:
                call = holding["share"] * world.interests[b, terms.holding_interest[h], t]["call"]
                if call > 0.0:
                    pay(vehicle, holding, b, v, h, t, call, out)
                    foresee(vehicle, holding, -min(call, holding["due"]))


@kernel(allocates=False, is_inner=True)
def buy_property(terms, world, b, t, state, out):
    """Step (d), last: interests on offer, vehicles in file order (5.9)."""
    for v in range(state.vehicles.size):
        if state.vehicles[v]["status"] != VehicleStatus.LIVE or state.vehicles[v]["is_investing"] == 0:
            continue
        if not terms.vehicles[v]["property_from"] <= t < terms.vehicles[v]["property_until"]:
            continue
        for h in range(terms.vehicles[v]["first_holding"], terms.vehicles[v]["last_holding"]):
            if world.interests[b, terms.holding_interest[h], t]["is_offered"] == 1:
                buy_one(terms, world, b, v, h, t, state, out)


@kernel(allocates=False, is_inner=True)
def buy_one(terms, world, b, v, h, t, state, out):
    """As much of an interest as share, ticket, what is left of it and capital allow (5.9)."""
    vehicle, holding, k = state.vehicles[v], state.holdings[h], terms.holding_interest[h]
    interest = world.interests[b, k, t]
    whole = interest["price"] + interest["due"]
    if whole <= 0.0:
        return
    money = capital_left(terms, v, t, state) - vehicle["reserve_left"]
    money = min(money, terms.vehicles[v]["property_ticket"] * vehicle["scale"])
    share = min(terms.vehicles[v]["property_share"], state.interest_left[k], money / whole)
    if share * whole <= SMALLEST_DEAL * vehicle["callable"]:
        return
    state.interest_left[k] -= share
    holding["share"] = share
    vehicle["last_deal"] = t
    out.shares[b, h]["bought"] = t
    out.shares[b, h]["share"] = share
    pay(vehicle, holding, b, v, h, t, share * (interest["price"] + interest["call"]), out)
    foresee(vehicle, holding, share * max(0.0, interest["due"] - interest["call"]))
