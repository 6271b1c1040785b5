"""Fees of a vehicle: what its classes owe, what proceeds and calls pay of it, what is still to come (7.2)."""

from fundsim.kernels.base.jit import kernel
from fundsim.kernels.base.random import derive, uniform
from fundsim.vocabulary import FeeBase, VehicleFlow


@kernel(allocates=False, is_inlined=True)
def owe_fees(terms, now, v, state):
    """Fee of the period on opening stocks is added to what is owed (7.2)."""
    own, period = terms.vehicles[v], terms.periods[v, now.t]
    rate = period["fee_rate"]
    if own["fee_at_risk"] > 0.0 and rate > 0.0:
        appraise(own, state.vehicles[v], now, terms.periods_per_year)
        rate *= state.vehicles[v]["fee_kept"]
    for c in range(own["first_class"], own["last_class"]):
        if terms.classes[c]["pays_fee"] == 1:
            investor_class = state.classes[c]
            if period["fee_base"] == FeeBase.COMMITMENTS:
                base = investor_class["callable"]
            elif period["fee_base"] == FeeBase.PAID_IN:
                base = investor_class["callable"] - investor_class["unfunded"]
            else:
                base = investor_class["weight"] * state.vehicles[v]["opening_unrealised"]
            investor_class["fee_owed"] += rate * base


@kernel(allocates=False, is_inlined=True)
def appraise(own, vehicle, now, periods_per_year):
    """What the appraisal of the vehicle's year leaves of its fee; drawn once a year (7.2)."""
    year = (now.t - own["start_period"]) // periods_per_year
    if vehicle["appraised_year"] == year:
        return
    vehicle["appraised_year"] = year
    passes = uniform(derive(now.key, own["appraisal_stream"]), year) < own["appraisal_pass"]
    vehicle["fee_kept"] = 1.0 if passes else 1.0 - own["fee_at_risk"]


@kernel(allocates=False, is_inner=True)
def fee_to_come(own, class_terms, period, investor_class):
    """Fees of later periods that the class must keep money for: scheduled or expected ones (7.2)."""
    if own["fees_on_top"] == 1 or class_terms["pays_fee"] == 0:
        return 0.0
    return period["fee_future"] * investor_class["callable"]


@kernel(allocates=False, is_inner=True)
def still_needed(own, vehicle, investor_class, fee_coming):
    """What reserve, children and fees still need of the class, in cash or by calls (7.1)."""
    needed = investor_class["weight"] * (vehicle["reserve_left"] + vehicle["may_call"])
    if own["fees_on_top"] == 0:
        needed += investor_class["fee_owed"]
        needed += fee_coming
    return needed


@kernel(allocates=False, is_inner=True)
def fee_from_proceeds(own, vehicle, investor_class, inflow, is_end):
    """What of the fees owed cash and calls that children leave free can't pay, out of the inflow (7.2)."""
    if is_end:
        return min(max(investor_class["fee_owed"] - investor_class["cash"], 0.0), inflow)
    if own["fees_on_top"] == 1:
        return 0.0
    return min(max(investor_class["fee_owed"] - free_money(vehicle, investor_class, 0.0), 0.0), inflow)


@kernel(allocates=False, is_inner=True)
def take_fee(own, vehicle, investor_class, inflow, is_end, flows):
    """The link of fees: what it leaves of the class's inflow; at the vehicle's end cash pays, too."""
    fee = fee_from_proceeds(own, vehicle, investor_class, inflow, is_end)
    if is_end:
        from_cash = min(investor_class["fee_owed"] - fee, investor_class["cash"])
        investor_class["cash"] -= from_cash
        investor_class["fee_owed"] -= from_cash
        flows[VehicleFlow.FEE] += from_cash
    investor_class["fee_owed"] -= fee
    flows[VehicleFlow.FEE] += fee
    return inflow - fee


@kernel(allocates=False, is_inner=True)
def fee_to_pay(own, vehicle, investor_class, spent):
    """Fees owed, up to what free unfunded and cash allow (7.2)."""
    if own["fees_on_top"] == 1:
        return investor_class["fee_owed"]
    return min(investor_class["fee_owed"], free_money(vehicle, investor_class, spent))


@kernel(allocates=False, is_inner=True)
def free_money(vehicle, investor_class, spent):
    """Cash and calls that what is spent, and children, leave free (7.2)."""
    money = investor_class["cash"] + investor_class["may_call"]
    return max(0.0, money - investor_class["weight"] * (spent + vehicle["may_call"]))
