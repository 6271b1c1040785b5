"""Step (e) of a period: what a vehicle spends is paid from cash and calls; idle cash earns interest (7.1)."""

import math

from fundsim.kernels.base.jit import kernel
from fundsim.kernels.funds.fees import fee_to_come, fee_to_pay, still_needed
from fundsim.kernels.funds.owners import call_owners, look_at_children
from fundsim.vocabulary import ClassFlow, VehicleFlow, VehicleStatus


@kernel(allocates=False, is_inlined=True)
def earn_interest(terms, now, state, out):
    """Idle cash earns the vehicle's cash rate (7.1)."""
    for c in range(terms.classes.size):
        v, investor_class = terms.classes[c]["vehicle"], state.classes[c]
        rate = terms.vehicles[v]["cash_rate"]
        if rate == 0.0 or investor_class["cash"] == 0.0:
            continue
        interest = investor_class["cash"] * rate
        investor_class["cash"] += interest
        out.vehicle_flows[now.b, VehicleFlow.INTEREST, v, now.t] += interest


@kernel(allocates=False, is_inlined=True)
def call_capital(terms, now, state, out):
    """Step (e): vehicles from the leaves up."""
    for order in range(terms.children_first.size):
        v = terms.children_first[order]
        if state.vehicles[v]["status"] == VehicleStatus.LIVE:
            call_vehicle(terms, now, v, state, out)


@kernel(allocates=False, is_inlined=True)
def call_vehicle(terms, now, v, state, out):
    """Fees, investments and children's calls are paid from cash and calls (7.1)."""
    own, vehicle, flows = terms.vehicles[v], state.vehicles[v], out.vehicle_flows[now.b, :, v, now.t]
    look_at_children(terms, v, state)
    flows[VehicleFlow.INVESTED] = vehicle["invested"]
    flows[VehicleFlow.EXPENSE] = vehicle["expense"]
    flows[VehicleFlow.CHILD_CALL] = vehicle["child_call"]
    spent = vehicle["invested"] + vehicle["expense"] + vehicle["child_call"]
    release_tranches(terms, v, spent, state)
    released = released_share(terms, v, vehicle)
    for c in range(own["first_class"], own["last_class"]):
        investor_class = state.classes[c]
        paid, fee = call_class(own, vehicle, investor_class, spent, released)
        out.class_flows[now.b, ClassFlow.CONTRIBUTION, c, now.t] = paid
        flows[VehicleFlow.FEE] += fee
        call_owners(terms, v, c, paid, state)
        if vehicle["is_investing"] == 0:
            coming = fee_to_come(own, terms.classes[c], terms.periods[v, now.t], investor_class)
            bound_calls(own, vehicle, investor_class, coming)
    vehicle["realised_cost"] = 0.0


@kernel(allocates=False, is_inlined=True)
def released_share(terms, v, vehicle):
    """Share of callable that the tranches released so far make (7.1)."""
    n = vehicle["n_released"]
    return terms.tranche_total[v, n - 1] if n > 0 else 0.0


@kernel(allocates=False, is_inlined=True)
def release_tranches(terms, v, spent, state):
    """As many whole tranches as the need of every class takes (7.1)."""
    own, vehicle = terms.vehicles[v], state.vehicles[v]
    n = own["n_tranches"]
    if n == 0:
        return
    for c in range(own["first_class"], own["last_class"]):
        investor_class = state.classes[c]
        whole = investor_class["callable"]
        fee = 0.0 if own["fees_on_top"] == 1 else fee_to_pay(own, vehicle, investor_class, spent)
        need = investor_class["weight"] * spent + fee - investor_class["cash"]
        called = whole - investor_class["unfunded"]
        while vehicle["n_released"] < n:
            if need <= released_share(terms, v, vehicle) * whole - called + 1e-12 * whole:
                break
            vehicle["n_released"] += 1
    if vehicle["is_investing"] == 1 and not math.isnan(own["next_call_when_used"]):
        release_early(terms, v, spent, state)


@kernel(allocates=False, is_inner=True)
def release_early(terms, v, spent, state):
    """The next tranche, too, while enough of what was called is used (7.1)."""
    own, vehicle = terms.vehicles[v], state.vehicles[v]
    while 0 < vehicle["n_released"] < own["n_tranches"]:
        called, used = 0.0, 0.0
        for c in range(own["first_class"], own["last_class"]):
            investor_class = state.classes[c]
            whole = investor_class["callable"]
            fee = 0.0 if own["fees_on_top"] == 1 else fee_to_pay(own, vehicle, investor_class, spent)
            called += released_share(terms, v, vehicle) * whole
            used += whole - investor_class["unfunded"] - investor_class["cash"]
            used += investor_class["weight"] * spent + fee
        if used < own["next_call_when_used"] * called - 1e-12 * vehicle["callable"]:
            return
        vehicle["n_released"] += 1


@kernel(allocates=False, is_inner=True)
def call_class(own, vehicle, investor_class, spent, released):
    """One class pays its part of the period's need; returns what it pays in, and its fee."""
    weight, whole = investor_class["weight"], investor_class["callable"]
    fee = fee_to_pay(own, vehicle, investor_class, spent)
    on_top = fee if own["fees_on_top"] == 1 else 0.0
    use = weight * spent + fee - on_top
    need = max(0.0, use - investor_class["cash"])
    if own["n_tranches"] > 0:
        need = max(0.0, released * whole - (whole - investor_class["unfunded"]))
    call = min(need, investor_class["may_call"])
    investor_class["cash"] += call - use
    if investor_class["cash"] < 0.0 and investor_class["cash"] > -1e-9 * whole:
        investor_class["cash"] = 0.0
    investor_class["unfunded"] -= call
    investor_class["may_call"] -= call
    investor_class["fee_owed"] -= fee
    paid = call + on_top
    investor_class["paid_in"] += paid
    vehicle["paid_in"] += paid
    investor_class["capital"] += paid
    investor_class["fees_unallocated"] += fee + weight * vehicle["expense"]
    investor_class["pool_capital"] += weight * vehicle["realised_cost"]
    return paid, fee


@kernel(allocates=False, is_inner=True)
def bound_calls(own, vehicle, investor_class, fee_coming):
    """Once the investment period is over, what the class may still be
    called for shrinks to what fees, reserve and children need beyond its cash (7.1).
    """
    missing = max(0.0, still_needed(own, vehicle, investor_class, fee_coming) - investor_class["cash"])
    investor_class["may_call"] = min(investor_class["may_call"], missing)
