"""Steps (b) and (e) of a period: fees, term, recycling, distribution through
the waterfall, calls; and net asset value (7.0–7.4, 7.8).
"""

from __future__ import annotations

from fundsim.kernels.base.distributions import draw_from
from fundsim.kernels.base.jit import kernel
from fundsim.kernels.base.random import derive, uniform
from fundsim.kernels.formulas.waterfall import accrue, distribute, entitled_carry
from fundsim.kernels.funds.holdings import mark_positions, sell_at_term
from fundsim.kernels.funds.interests import sell_property_at_term
from fundsim.vocabulary import ClassFlow, FeeBase, Style, VehicleFlow, VehicleStatus, VehicleStock


@kernel(allocates=False, is_inner=True)
def earn_interest(terms, b, t, state, out):
    """Idle cash earns the vehicle's cash rate (7.1)."""
    for c in range(terms.classes.size):
        v = terms.classes[c]["vehicle"]
        if terms.vehicles[v]["cash_rate"] == 0.0 or state.classes[c]["cash"] == 0.0:
            continue
        interest = state.classes[c]["cash"] * terms.vehicles[v]["cash_rate"]
        state.classes[c]["cash"] += interest
        out.vehicle_flows[b, VehicleFlow.INTEREST, v, t] += interest


@kernel(allocates=False, is_inner=True)
def owe_fees(terms, path, t, v, state):
    """Fee of the period on opening stocks, and the organisation cost
    at the start, are added to what is owed (7.2).
    """
    classes = state.classes
    rate = terms.periods[v, t]["fee_rate"]
    if terms.vehicles[v]["fee_at_risk"] > 0.0 and rate > 0.0:
        year = (t - terms.vehicles[v]["start_period"]) // terms.periods_per_year
        key = derive(derive(terms.seed_key, path), terms.vehicles[v]["appraisal_stream"])
        if uniform(key, year) >= terms.vehicles[v]["appraisal_pass"]:
            rate *= 1.0 - terms.vehicles[v]["fee_at_risk"]
    organisation = terms.vehicles[v]["organisation_cost"] if t == terms.vehicles[v]["start_period"] else 0.0
    for c in range(terms.vehicles[v]["first_class"], terms.vehicles[v]["last_class"]):
        if terms.classes[c]["pays_fee"] == 1:
            if terms.periods[v, t]["fee_base"] == FeeBase.COMMITMENTS:
                base = classes[c]["callable"]
            elif terms.periods[v, t]["fee_base"] == FeeBase.PAID_IN:
                base = classes[c]["callable"] - classes[c]["unfunded"]
            else:
                base = classes[c]["weight"] * state.vehicles[v]["opening_unrealised"]
            classes[c]["fee_owed"] += rate * base + organisation * classes[c]["fee_weight"]


@kernel(allocates=False, is_inner=True)
def ends_now(terms, t, v, state):
    """Whether the vehicle ends in this period (7.8): 0 no, 1 yes."""
    vehicles = state.vehicles
    if t < terms.vehicles[v]["term_period"]:
        return False
    if vehicles[v]["n_live_children"] > 0 and terms.vehicles[v]["sells_children"] == 0:
        return False
    if t >= terms.vehicles[v]["last_period"]:
        return True
    # What rounding leaves of nothing is no reason to go on.
    least = terms.vehicles[v]["extension_threshold"] * vehicles[v]["paid_in"] + 1e-9 * vehicles[v]["callable"]
    return vehicles[v]["opening_nav"] <= least


@kernel(allocates=False, is_inner=True)
def look_at_children(terms, v, state):
    """NAV of the vehicle's interests, what live children may still call, and how many live (7.8)."""
    vehicles, classes = state.vehicles, state.classes
    nav, may_call = 0.0, 0.0
    vehicles[v]["n_live_children"] = 0
    for e in range(terms.vehicles[v]["first_edge"], terms.vehicles[v]["last_edge"]):
        i = terms.edge_investor[e]
        c = terms.investors[i]["class"]
        if (
            vehicles[terms.classes[c]["vehicle"]]["status"] != VehicleStatus.ENDED
            and state.investors[i]["is_sold"] == 0
        ):
            vehicles[v]["n_live_children"] += 1
            nav += classes[c]["nav"] * state.investors[i]["share"]
            may_call += classes[c]["may_call"] * state.investors[i]["share"]
    vehicles[v]["child_nav"] = nav
    vehicles[v]["may_call"] = may_call + vehicles[v]["property_due"]


@kernel(allocates=False, is_inner=True)
def sell_interests(terms, b, t, v, discount, state, out):
    """At its term a vehicle may sell its interests in live children to outside investors (7.8)."""
    vehicles = state.vehicles
    vehicles[v]["proceeds"] += vehicles[v]["child_nav"] * (1.0 - discount)
    for e in range(terms.vehicles[v]["first_edge"], terms.vehicles[v]["last_edge"]):
        i = terms.edge_investor[e]
        if (
            vehicles[terms.classes[terms.investors[i]["class"]]["vehicle"]]["status"] != VehicleStatus.ENDED
            and state.investors[i]["is_sold"] == 0
        ):
            state.investors[i]["is_sold"] = 1
            vehicles[v]["unrealised"] -= state.investors[i]["interest_cost"]
            out.sold_period[b, i] = t
    vehicles[v]["child_nav"] = 0.0
    vehicles[v]["may_call"] = vehicles[v]["property_due"]


@kernel(allocates=False, is_inner=True)
def liquidate(terms, market, world, path, b, t, v, state, out):
    """Turn all that is left into cash at the term's discount (7.8)."""
    vehicles = state.vehicles
    key = derive(derive(terms.seed_key, path), terms.vehicles[v]["term_stream"])
    discount = draw_from(terms.tables, terms.vehicles[v]["term_discount"], uniform(key, 0))
    sell_at_term(terms, market, world, b, v, t, discount, state, out)
    sell_property_at_term(terms, world, b, v, t, discount, state, out)
    look_at_children(terms, v, state)
    if terms.vehicles[v]["has_pool"] == 1:
        pool = terms.periods[v, t]["pool_nav"] - terms.periods[v, t]["pool_contribution"]
        vehicles[v]["proceeds"] += max(pool, 0.0) * vehicles[v]["investable"] * (1.0 - discount)
    if vehicles[v]["n_live_children"] > 0:
        revalue(terms, market, world, b, t, True, state)
        look_at_children(terms, v, state)
        sell_interests(terms, b, t, v, discount, state, out)


@kernel(allocates=False, is_inner=True)
def settle(terms, market, world, first_path, b, t, state, out):
    """Step (b): from the leaves up, fees, term, fees from proceeds, recycling, distribution."""
    vehicles, classes = state.vehicles, state.classes
    for order in range(terms.children_first.size):
        v = terms.children_first[order]
        if vehicles[v]["status"] != VehicleStatus.LIVE:
            continue
        look_at_children(terms, v, state)
        owe_fees(terms, first_path + b, t, v, state)
        is_end = ends_now(terms, t, v, state)
        if is_end:
            liquidate(terms, market, world, first_path + b, b, t, v, state, out)
        out.vehicle_flows[b, VehicleFlow.PROCEEDS, v, t] = vehicles[v]["proceeds"]
        out.vehicle_flows[b, VehicleFlow.CHILD_DISTRIBUTION, v, t] = vehicles[v]["child_distribution"]
        inflow = vehicles[v]["proceeds"] + vehicles[v]["child_distribution"]
        fees = 0.0
        for c in range(terms.vehicles[v]["first_class"], terms.vehicles[v]["last_class"]):
            fees += fees_from_proceeds(terms, v, c, inflow * classes[c]["weight"], is_end, state)
        share_kept = recycled_share(terms, t, v, inflow - fees, is_end, state)
        out.vehicle_flows[b, VehicleFlow.RECYCLED, v, t] = share_kept * (inflow - fees)
        vehicles[v]["recycled"] += out.vehicle_flows[b, VehicleFlow.RECYCLED, v, t]
        for c in range(terms.vehicles[v]["first_class"], terms.vehicles[v]["last_class"]):
            pay_class(terms, b, t, v, c, inflow * classes[c]["weight"], share_kept, is_end, state, out)
        vehicles[v]["realised_cost"] = 0.0
        vehicles[v]["realised_preferred"] = 0.0
        vehicles[v]["realised_keep"] = 1.0
        if is_end:
            vehicles[v]["status"] = VehicleStatus.ENDED
            out.vehicles[b, v]["end_period"] = t
            write_off_interests(terms, v, state)


@kernel(allocates=False, is_inner=True)
def write_off_interests(terms, v, state):
    """The parents of an ended vehicle hold nothing of it any more."""
    for i in range(terms.vehicles[v]["first_investor"], terms.vehicles[v]["last_investor"]):
        parent = terms.investors[i]["parent"]
        if parent >= 0 and state.investors[i]["is_sold"] == 0:
            state.vehicles[parent]["unrealised"] -= state.investors[i]["interest_cost"]


@kernel(allocates=False, is_inner=True)
def fees_from_proceeds(terms, v, c, inflow, is_end, state):
    """What of the fees owed neither cash nor free unfunded can pay, out of the class's inflow (7.2)."""
    classes = state.classes
    if is_end:
        return min(max(classes[c]["fee_owed"] - classes[c]["cash"], 0.0), inflow)
    free = max(0.0, classes[c]["may_call"] - classes[c]["weight"] * state.vehicles[v]["may_call"])
    if terms.vehicles[v]["fees_on_top"] == 1:
        return 0.0
    return min(max(classes[c]["fee_owed"] - classes[c]["cash"] - free, 0.0), inflow)


@kernel(allocates=False, is_inner=True)
def recycled_share(terms, t, v, amount, is_end, state):
    """Share of the inflow after fees that is kept to invest again (7.3)."""
    vehicles = state.vehicles
    if is_end or vehicles[v]["is_stopped"] == 1 or amount <= 0.0:
        return 0.0
    if t >= terms.vehicles[v]["recycling_until"] or t > terms.vehicles[v]["investment_end"]:
        return 0.0
    room = terms.vehicles[v]["recycling_cap"] * vehicles[v]["callable"] - vehicles[v]["recycled"]
    return min(max(room, 0.0), amount) / amount


@kernel(allocates=False, is_inner=True)
def released_cash(terms, t, v, c, is_end, state):
    """Cash of the class that nothing needs any more, once the investment period is over (7.3)."""
    vehicles, classes = state.vehicles, state.classes
    if is_end:
        return classes[c]["cash"]
    if t <= terms.vehicles[v]["investment_end"] and vehicles[v]["is_stopped"] == 0:
        return 0.0
    needed = classes[c]["weight"] * (vehicles[v]["reserve_left"] + vehicles[v]["may_call"])
    if terms.vehicles[v]["fees_on_top"] == 0:
        needed += classes[c]["fee_owed"]
        if terms.classes[c]["pays_fee"] == 1:
            needed += terms.periods[v, t]["fee_future"] * classes[c]["callable"]
    return max(0.0, classes[c]["cash"] - max(0.0, needed - classes[c]["may_call"]))


@kernel(allocates=False, is_inner=True)
def pay_class(terms, b, t, v, c, inflow, share_kept, is_end, state, out):
    """One class: fees out of proceeds, recycling, the waterfall, and the parents' part in the same period."""
    classes = state.classes
    fee = fees_from_proceeds(terms, v, c, inflow, is_end, state)
    if is_end:
        from_cash = min(classes[c]["fee_owed"] - fee, classes[c]["cash"])
        classes[c]["cash"] -= from_cash
        classes[c]["fee_owed"] -= from_cash
        out.vehicle_flows[b, VehicleFlow.FEE, v, t] += from_cash
    classes[c]["fee_owed"] -= fee
    out.vehicle_flows[b, VehicleFlow.FEE, v, t] += fee
    kept = share_kept * (inflow - fee)
    classes[c]["cash"] += kept
    released = released_cash(terms, t, v, c, is_end, state)
    classes[c]["cash"] -= released
    amount = inflow - fee - kept
    paid, carry = through_waterfall(terms, v, c, amount, released, state)
    if is_end:
        paid, carry = take_back(terms, v, c, paid, carry, state)
        classes[c]["unfunded"] = 0.0
        classes[c]["fee_owed"] = 0.0
        classes[c]["may_call"] = 0.0
        classes[c]["nav"] = 0.0
    classes[c]["distributed"] += paid
    classes[c]["carry_paid"] += carry
    out.class_flows[b, ClassFlow.DISTRIBUTION, c, t] = paid
    out.vehicle_flows[b, VehicleFlow.CARRY, v, t] += carry
    hand_up(terms, v, c, paid, state)


@kernel(allocates=False, is_inner=True)
def hand_up(terms, v, c, paid, state):
    """Vehicles that invest in this class have their cash in the same period (7.0 b)."""
    for i in range(terms.vehicles[v]["first_investor"], terms.vehicles[v]["last_investor"]):
        if (
            terms.investors[i]["class"] == c
            and terms.investors[i]["parent"] >= 0
            and state.investors[i]["is_sold"] == 0
        ):
            state.vehicles[terms.investors[i]["parent"]]["child_distribution"] += (
                paid * state.investors[i]["share"]
            )


@kernel(allocates=False, is_inner=True)
def through_waterfall(terms, v, c, amount, released, state):
    """What the class and the partner get of proceeds and released cash
    (7.4); deal by deal, released cash is no profit of a deal.
    """
    classes = state.classes
    compounding = terms.vehicles[v]["compounding"]
    rate = terms.vehicles[v]["hurdle_period"]
    accrual = accrue(classes[c]["capital"], classes[c]["preferred"], rate, compounding)
    classes[c]["preferred"] += accrual
    classes[c]["accrued"] += accrual
    if terms.classes[c]["pays_carry"] == 0:
        return amount + released, 0.0
    carry_rate, catch_up, paid = (
        terms.vehicles[v]["carry_rate"],
        terms.vehicles[v]["catch_up_rate"],
        classes[c]["carry_paid"],
    )
    if terms.vehicles[v]["style"] == Style.DEAL_BY_DEAL:
        enter_realised(terms, v, c, rate, compounding, state)
        carry, classes[c]["pool_capital"], classes[c]["pool_preferred"], classes[c]["pool_profit"], _ = (
            distribute(
                amount,
                classes[c]["pool_capital"],
                classes[c]["pool_preferred"],
                classes[c]["pool_profit"],
                paid,
                carry_rate,
                catch_up,
            )
        )
        repaid = min(amount + released, classes[c]["capital"])
        classes[c]["capital"] -= repaid
        classes[c]["preferred"] -= min(amount + released - repaid, classes[c]["preferred"])
    else:
        amount += released
        released = 0.0
        carry, classes[c]["capital"], classes[c]["preferred"], classes[c]["profit"], _ = distribute(
            amount,
            classes[c]["capital"],
            classes[c]["preferred"],
            classes[c]["profit"],
            paid,
            carry_rate,
            catch_up,
        )
    return amount - carry + released, carry


@kernel(allocates=False, is_inner=True)
def enter_realised(terms, v, c, rate, compounding, state):
    """Accrue the realised pool and the fees not yet allocated, and
    let this period's realised positions in (7.4).
    """
    classes, vehicles = state.classes, state.vehicles
    classes[c]["pool_preferred"] += accrue(
        classes[c]["pool_capital"], classes[c]["pool_preferred"], rate, compounding
    )
    classes[c]["fees_preferred"] += accrue(
        classes[c]["fees_unallocated"], classes[c]["fees_preferred"], rate, compounding
    )
    moved = 1.0 - vehicles[v]["realised_keep"]
    classes[c]["pool_capital"] += (
        classes[c]["weight"] * vehicles[v]["realised_cost"] + moved * classes[c]["fees_unallocated"]
    )
    classes[c]["pool_preferred"] += (
        classes[c]["weight"] * vehicles[v]["realised_preferred"] + moved * classes[c]["fees_preferred"]
    )
    classes[c]["fees_unallocated"] -= moved * classes[c]["fees_unallocated"]
    classes[c]["fees_preferred"] -= moved * classes[c]["fees_preferred"]


@kernel(allocates=False, is_inner=True)
def take_back(terms, v, c, paid, carry, state):
    """The clawback at the vehicle's end: carry paid beyond the
    European entitlement goes back to the class (7.4).
    """
    classes = state.classes
    if terms.classes[c]["pays_carry"] == 0:
        return paid, carry
    profit = classes[c]["distributed"] + classes[c]["carry_paid"] + paid + carry - classes[c]["paid_in"]
    entitled = entitled_carry(
        profit, classes[c]["accrued"], terms.vehicles[v]["carry_rate"], terms.vehicles[v]["catch_up_rate"]
    )
    clawback = max(0.0, classes[c]["carry_paid"] + carry - entitled)
    return paid + clawback, carry - clawback


@kernel(allocates=False, is_inner=True)
def call_capital(terms, b, t, state, out):
    """Step (e): from the leaves up, fees, investments and
    children's calls are paid from cash and calls (7.1).
    """
    vehicles = state.vehicles
    for order in range(terms.children_first.size):
        v = terms.children_first[order]
        if vehicles[v]["status"] != VehicleStatus.LIVE:
            continue
        look_at_children(terms, v, state)
        out.vehicle_flows[b, VehicleFlow.INVESTED, v, t] = vehicles[v]["invested"]
        out.vehicle_flows[b, VehicleFlow.EXPENSE, v, t] = vehicles[v]["expense"]
        out.vehicle_flows[b, VehicleFlow.CHILD_CALL, v, t] = vehicles[v]["child_call"]
        spent = vehicles[v]["invested"] + vehicles[v]["expense"] + vehicles[v]["child_call"]
        release_tranches(terms, v, spent, state)
        for c in range(terms.vehicles[v]["first_class"], terms.vehicles[v]["last_class"]):
            call_class(terms, b, t, v, c, spent, state, out)
        vehicles[v]["realised_cost"] = 0.0


@kernel(allocates=False, is_inner=True)
def fee_to_pay(terms, v, c, spent, state):
    """Fees owed, up to what free unfunded and cash allow (7.2)."""
    classes = state.classes
    if terms.vehicles[v]["fees_on_top"] == 1:
        return classes[c]["fee_owed"]
    free = (
        classes[c]["cash"]
        + classes[c]["may_call"]
        - classes[c]["weight"] * (spent + state.vehicles[v]["may_call"])
    )
    return min(classes[c]["fee_owed"], max(free, 0.0))


@kernel(allocates=False, is_inner=True)
def release_tranches(terms, v, spent, state):
    """As many whole tranches as the need of every class takes (7.1)."""
    classes, vehicles = state.classes, state.vehicles
    n = terms.vehicles[v]["n_tranches"]
    if n == 0:
        return
    for c in range(terms.vehicles[v]["first_class"], terms.vehicles[v]["last_class"]):
        fee = 0.0 if terms.vehicles[v]["fees_on_top"] == 1 else fee_to_pay(terms, v, c, spent, state)
        need = classes[c]["weight"] * spent + fee - classes[c]["cash"]
        called = classes[c]["callable"] - classes[c]["unfunded"]
        while vehicles[v]["n_released"] < n:
            released = vehicles[v]["n_released"]
            total = terms.tranche_total[v, released - 1] if released > 0 else 0.0
            if need <= total * classes[c]["callable"] - called + 1e-12 * classes[c]["callable"]:
                break
            vehicles[v]["n_released"] += 1


@kernel(allocates=False, is_inner=True)
def call_class(terms, b, t, v, c, spent, state, out):
    """One class pays its part of the period's need."""
    classes, vehicles = state.classes, state.vehicles
    fee = fee_to_pay(terms, v, c, spent, state)
    on_top = fee if terms.vehicles[v]["fees_on_top"] == 1 else 0.0
    use = classes[c]["weight"] * spent + fee - on_top
    need = max(0.0, use - classes[c]["cash"])
    if terms.vehicles[v]["n_tranches"] > 0:
        released = vehicles[v]["n_released"]
        total = terms.tranche_total[v, released - 1] if released > 0 else 0.0
        need = max(0.0, total * classes[c]["callable"] - (classes[c]["callable"] - classes[c]["unfunded"]))
    call = min(need, classes[c]["may_call"])
    classes[c]["cash"] += call - use
    if classes[c]["cash"] < 0.0 and classes[c]["cash"] > -1e-9 * classes[c]["callable"]:
        classes[c]["cash"] = 0.0
    classes[c]["unfunded"] -= call
    classes[c]["may_call"] -= call
    classes[c]["fee_owed"] -= fee
    paid = call + on_top
    classes[c]["paid_in"] += paid
    vehicles[v]["paid_in"] += paid
    classes[c]["capital"] += paid
    classes[c]["fees_unallocated"] += fee + classes[c]["weight"] * vehicles[v]["expense"]
    classes[c]["pool_capital"] += classes[c]["weight"] * vehicles[v]["realised_cost"]
    out.class_flows[b, ClassFlow.CONTRIBUTION, c, t] = paid
    out.vehicle_flows[b, VehicleFlow.FEE, v, t] += fee
    for i in range(terms.vehicles[v]["first_investor"], terms.vehicles[v]["last_investor"]):
        if terms.investors[i]["class"] == c:
            amount = paid * state.investors[i]["share"]
            parent = terms.investors[i]["parent"]
            if parent >= 0 and state.investors[i]["is_sold"] == 0:
                vehicles[parent]["child_call"] += amount
                vehicles[parent]["unrealised"] += amount
                state.investors[i]["interest_cost"] += amount
            if terms.investors[i]["is_guidance"] == 1:
                vehicles[v]["guidance"] += amount
    bound_calls(terms, t, v, c, state)


@kernel(allocates=False, is_inner=True)
def bound_calls(terms, t, v, c, state):
    """Once the investment period is over, what the class may still be
    called for shrinks to fees, reserve and children (7.1).
    """
    classes, vehicles = state.classes, state.vehicles
    if t >= terms.vehicles[v]["investment_end"] or vehicles[v]["is_stopped"] == 1:
        bound = (
            classes[c]["weight"] * (vehicles[v]["reserve_left"] + vehicles[v]["may_call"])
            + classes[c]["fee_owed"]
        )
        if terms.classes[c]["pays_fee"] == 1 and terms.vehicles[v]["fees_on_top"] == 0:
            bound += terms.periods[v, t]["fee_future"] * classes[c]["callable"]
        classes[c]["may_call"] = min(classes[c]["may_call"], bound)


@kernel(allocates=False, is_inner=True)
def revalue(terms, market, world, b, t, is_before_calls, state):
    """NAV of every class at date t + 1, net of carry on a
    hypothetical liquidation, from the leaves up (7.8, §8).
    """
    vehicles, classes = state.vehicles, state.classes
    mark_positions(terms, market, world, b, t, is_before_calls, state)
    for order in range(terms.children_first.size):
        v = terms.children_first[order]
        if vehicles[v]["status"] != VehicleStatus.LIVE:
            continue
        look_at_children(terms, v, state)
        holdings = vehicles[v]["marks"] + vehicles[v]["child_nav"]
        for c in range(terms.vehicles[v]["first_class"], terms.vehicles[v]["last_class"]):
            nav = classes[c]["weight"] * holdings + classes[c]["cash"] - classes[c]["fee_owed"]
            if terms.classes[c]["pays_carry"] == 1:
                profit = classes[c]["distributed"] + classes[c]["carry_paid"] + nav - classes[c]["paid_in"]
                entitled = entitled_carry(
                    profit,
                    classes[c]["accrued"],
                    terms.vehicles[v]["carry_rate"],
                    terms.vehicles[v]["catch_up_rate"],
                )
                nav -= entitled - classes[c]["carry_paid"]
            classes[c]["nav"] = max(nav, 0.0)


@kernel(allocates=False, is_inner=True)
def value_classes(terms, market, world, b, t, state, out):
    """Stocks at the end of the period."""
    vehicles, classes = state.vehicles, state.classes
    revalue(terms, market, world, b, t, False, state)
    for v in range(vehicles.size):
        if vehicles[v]["status"] != VehicleStatus.LIVE:
            continue
        cash = 0.0
        for c in range(terms.vehicles[v]["first_class"], terms.vehicles[v]["last_class"]):
            cash += classes[c]["cash"]
            out.class_nav[b, c, t + 1] = classes[c]["nav"]
        out.vehicle_stocks[b, VehicleStock.HOLDINGS, v, t + 1] = (
            vehicles[v]["marks"] + vehicles[v]["child_nav"]
        )
        out.vehicle_stocks[b, VehicleStock.CASH, v, t + 1] = cash
        out.vehicle_stocks[b, VehicleStock.UNREALISED_COST, v, t + 1] = vehicles[v]["unrealised"]
