"""Step (b) of a period: a vehicle's proceeds go through a chain of links to its investors (7.0, 7.3, 7.8)."""

from fundsim.kernels.base.jit import kernel
from fundsim.kernels.funds.fees import fee_from_proceeds, fee_to_come, owe_fees, still_needed, take_fee
from fundsim.kernels.funds.owners import hand_up, look_at_children, write_off_interests
from fundsim.kernels.funds.term import ends_now, liquidate
from fundsim.kernels.funds.waterfall import take_back, through_waterfall
from fundsim.vocabulary import ClassFlow, VehicleFlow, VehicleStatus


@kernel(allocates=False, is_inlined=True)
def settle(terms, market, world, now, state, out):
    """Step (b): from the leaves up, fees, term, and the chain of `settle_vehicle`.

    The sale at term stands in the loop: in an act of a vehicle's whole step it made the pass 15 % slower.
    """
    for order in range(terms.children_first.size):
        v = terms.children_first[order]
        own, vehicle = terms.vehicles[v], state.vehicles[v]
        if vehicle["status"] != VehicleStatus.LIVE:
            continue
        look_at_children(terms, v, state)
        owe_fees(terms, now, v, state)
        is_end = ends_now(terms, now.t, v, state)
        if is_end:
            is_end = liquidate(terms, market, world, now, v, state, out)
        settle_vehicle(terms, now, v, is_end, state, out)
        if is_end:
            vehicle["status"] = VehicleStatus.ENDED
            out.vehicles[now.b, v]["end_period"] = now.t
            write_off_interests(own, state)


@kernel(allocates=False, is_inlined=True)
def settle_vehicle(terms, now, v, is_end, state, out):
    """The chain from a vehicle's proceeds to its investors.

    Its links, class after class: fees (7.2), recycling (7.3), release of cash (7.3), waterfall (7.4),
    clawback at the vehicle's end (7.4), hand up (7.0 b). Each link is a function of one module that is given
    records of terms and state and what the links before it have left, and returns what it leaves. A
    further link, such as a tranche or a concession, is one more call here: before the waterfall it takes
    from ``amount``, behind it from ``paid``. What it settles at the vehicle's end stands under ``is_end``,
    behind the clawback.
    """
    own, vehicle, b, t = terms.vehicles[v], state.vehicles[v], now.b, now.t
    flows = out.vehicle_flows[b, :, v, t]
    flows[VehicleFlow.PROCEEDS] = vehicle["proceeds"]
    flows[VehicleFlow.CHILD_DISTRIBUTION] = vehicle["child_distribution"]
    inflow = vehicle["proceeds"] + vehicle["child_distribution"]
    share_kept = recycle(terms, v, inflow, is_end, state, flows)
    for c in range(own["first_class"], own["last_class"]):
        class_terms, investor_class = terms.classes[c], state.classes[c]
        amount = take_fee(own, vehicle, investor_class, inflow * investor_class["weight"], is_end, flows)
        amount = keep(investor_class, amount, share_kept)
        coming = fee_to_come(own, class_terms, terms.periods[v, t], investor_class)
        released = release_cash(own, vehicle, investor_class, coming, is_end)
        paid, carry = through_waterfall(own, vehicle, class_terms, investor_class, amount, released)
        if is_end:
            paid, carry = take_back(own, class_terms, investor_class, paid, carry)
            close_class(investor_class)
        investor_class["distributed"] += paid
        investor_class["carry_paid"] += carry
        out.class_flows[b, ClassFlow.DISTRIBUTION, c, t] = paid
        flows[VehicleFlow.CARRY] += carry
        hand_up(terms, own, c, paid, state)
    vehicle["realised_cost"] = 0.0
    vehicle["realised_preferred"] = 0.0
    vehicle["realised_keep"] = 1.0


@kernel(allocates=False, is_inlined=True)
def recycle(terms, v, inflow, is_end, state, flows):
    """The vehicle's side of recycling: the share of the inflow after fees that is kept (7.3)."""
    own, vehicle = terms.vehicles[v], state.vehicles[v]
    fees = 0.0
    for c in range(own["first_class"], own["last_class"]):
        investor_class = state.classes[c]
        fees += fee_from_proceeds(own, vehicle, investor_class, inflow * investor_class["weight"], is_end)
    share_kept = recycled_share(own, vehicle, inflow - fees, is_end)
    flows[VehicleFlow.RECYCLED] = share_kept * (inflow - fees)
    vehicle["recycled"] += flows[VehicleFlow.RECYCLED]
    return share_kept


@kernel(allocates=False, is_inner=True)
def recycled_share(own, vehicle, amount, is_end):
    """Share of the inflow after fees that is kept to invest again (7.3)."""
    if is_end or vehicle["is_investing"] == 0 or vehicle["is_recycling"] == 0 or amount <= 0.0:
        return 0.0
    room = own["recycling_cap"] * vehicle["callable"] - vehicle["recycled"]
    return min(max(room, 0.0), amount) / amount


@kernel(allocates=False, is_inner=True)
def keep(investor_class, amount, share_kept):
    """The link of recycling: the class keeps its part as cash."""
    kept = share_kept * amount
    investor_class["cash"] += kept
    return amount - kept


@kernel(allocates=False, is_inner=True)
def release_cash(own, vehicle, investor_class, fee_coming, is_end):
    """Take out the cash that nothing needs any more, once the investment period is over (7.3): calls that a
    surplus makes needless are cancelled first (7.1).
    """
    released = investor_class["cash"]
    if not is_end:
        if vehicle["is_investing"] == 1:
            return 0.0
        needed = still_needed(own, vehicle, investor_class, fee_coming)
        released = max(0.0, investor_class["cash"] - needed)
    investor_class["cash"] -= released
    return released


@kernel(allocates=False, is_inner=True)
def close_class(investor_class):
    """The class of an ended vehicle owes nothing, can't be called and is worth nothing."""
    investor_class["unfunded"] = 0.0
    investor_class["fee_owed"] = 0.0
    investor_class["may_call"] = 0.0
    investor_class["nav"] = 0.0
