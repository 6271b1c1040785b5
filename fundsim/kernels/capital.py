"""Steps (b) and (e) of a period: fees, term, recycling, distribution through the waterfall, calls; and net asset value (7.0–7.4, 7.8)."""

from __future__ import annotations

from fundsim.kernels.distributions import draw_from
from fundsim.kernels.fund_state import ENDED, LIVE
from fundsim.kernels.holdings import mark_positions, sell_at_term
from fundsim.kernels.jit import kernel
from fundsim.kernels.layout import (
    FEE_COMMITMENTS,
    FEE_PAID_IN,
    FISCAL,
    STATE,
    STYLE_DEAL_BY_DEAL,
)
from fundsim.kernels.random import derive, uniform
from fundsim.kernels.waterfall import accrue, distribute, entitled_carry, hurdle_per_period


@kernel
def earn_interest(terms, b, t, state, out):
    """Idle cash earns the vehicle's cash rate (7.1)."""
    for c in range(terms.class_vehicle.size):
        v = terms.class_vehicle[c]
        interest = state.classes.cash[c] * terms.cash_rate[v]
        state.classes.cash[c] += interest
        out.interest[b, v, t] += interest


@kernel
def owe_fees(grid, terms, path, t, v, state):
    """Fee of the period on opening stocks, and the organisation cost at the start, are added to what is owed (7.2)."""
    classes = state.classes
    rate = terms.fee_rate[v, t]
    if terms.fee_at_risk[v] > 0.0 and rate > 0.0:
        year = (t - terms.start_period[v]) // grid.periods_per_year
        key = derive(derive(grid.seed_key, path), terms.appraisal_stream[v])
        if uniform(key, year) >= terms.appraisal_pass[v]:
            rate *= 1.0 - terms.fee_at_risk[v]
    organisation = terms.organisation_cost[v] if t == terms.start_period[v] else 0.0
    for c in range(terms.first_class[v], terms.first_class[v + 1]):
        if terms.class_pays_fee[c] == 1:
            if terms.fee_base[v, t] == FEE_COMMITMENTS:
                base = classes.callable[c]
            elif terms.fee_base[v, t] == FEE_PAID_IN:
                base = classes.callable[c] - classes.unfunded[c]
            else:
                base = classes.weight[c] * state.vehicles.opening_unrealised[v]
            classes.fee_owed[c] += rate * base + organisation * classes.fee_weight[c]


@kernel
def ends_now(terms, t, v, state):
    """Whether the vehicle ends in this period (7.8): 0 no, 1 yes."""
    vehicles = state.vehicles
    if t < terms.term_period[v]:
        return False
    if vehicles.n_live_children[v] > 0 and terms.sells_children[v] == 0:
        return False
    if t >= terms.last_period[v]:
        return True
    return vehicles.opening_nav[v] <= terms.extension_threshold[v] * vehicles.paid_in[v]


@kernel
def look_at_children(terms, v, state):
    """NAV of the vehicle's interests, what live children may still call, and how many live (7.8)."""
    vehicles, classes = state.vehicles, state.classes
    nav, may_call = 0.0, 0.0
    vehicles.n_live_children[v] = 0
    for e in range(terms.first_edge[v], terms.first_edge[v + 1]):
        i = terms.edge_investor[e]
        c = terms.investor_class[i]
        if vehicles.status[terms.class_vehicle[c]] != ENDED and state.is_sold[i] == 0:
            vehicles.n_live_children[v] += 1
            nav += classes.nav[c] * state.investor_share[i]
            may_call += classes.may_call[c] * state.investor_share[i]
    vehicles.child_nav[v] = nav
    vehicles.may_call[v] = may_call


@kernel
def sell_interests(terms, b, t, v, discount, state, out):
    """At its term a vehicle may sell its interests in live children to outside investors (7.8)."""
    vehicles = state.vehicles
    vehicles.proceeds[v] += vehicles.child_nav[v] * (1.0 - discount)
    for e in range(terms.first_edge[v], terms.first_edge[v + 1]):
        i = terms.edge_investor[e]
        if vehicles.status[terms.class_vehicle[terms.investor_class[i]]] != ENDED and state.is_sold[i] == 0:
            state.is_sold[i] = 1
            vehicles.unrealised[v] -= state.interest_cost[i]
            out.sold_period[b, i] = t
    vehicles.child_nav[v] = 0.0
    vehicles.may_call[v] = 0.0


@kernel
def liquidate(grid, terms, enterprise_terms, market, world, path, b, t, v, state, out):
    """Turn all that is left into cash at the term's discount (7.8)."""
    vehicles = state.vehicles
    key = derive(derive(grid.seed_key, path), terms.term_stream[v])
    discount = draw_from(terms.tables, terms.term_discount[v], uniform(key, 0))
    sell_at_term(grid, terms, enterprise_terms, market, world, b, v, t, discount, state, out)
    if terms.has_pool[v] == 1:
        pool = terms.pool_nav[v, t + 1] - terms.pool_contribution[v, t]
        vehicles.proceeds[v] += max(pool, 0.0) * vehicles.investable[v] * (1.0 - discount)
    if vehicles.n_live_children[v] > 0:
        revalue(grid, terms, enterprise_terms, market, world, b, t, True, state)
        look_at_children(terms, v, state)
        sell_interests(terms, b, t, v, discount, state, out)


@kernel
def settle(grid, terms, enterprise_terms, market, world, first_path, b, t, state, out):
    """Step (b): from the leaves up, fees, term, fees from proceeds, recycling, distribution."""
    vehicles, classes = state.vehicles, state.classes
    for order in range(terms.children_first.size):
        v = terms.children_first[order]
        if vehicles.status[v] != LIVE:
            continue
        look_at_children(terms, v, state)
        owe_fees(grid, terms, first_path + b, t, v, state)
        is_end = ends_now(terms, t, v, state)
        if is_end:
            liquidate(grid, terms, enterprise_terms, market, world, first_path + b, b, t, v, state, out)
        out.proceeds[b, v, t] = vehicles.proceeds[v]
        out.child_distribution[b, v, t] = vehicles.child_distribution[v]
        inflow = vehicles.proceeds[v] + vehicles.child_distribution[v]
        fees = 0.0
        for c in range(terms.first_class[v], terms.first_class[v + 1]):
            fees += fees_from_proceeds(terms, v, c, inflow * classes.weight[c], is_end, state)
        share_kept = recycled_share(terms, t, v, inflow - fees, is_end, state)
        out.recycled[b, v, t] = share_kept * (inflow - fees)
        vehicles.recycled[v] += out.recycled[b, v, t]
        for c in range(terms.first_class[v], terms.first_class[v + 1]):
            pay_class(grid, terms, b, t, v, c, inflow * classes.weight[c], share_kept, is_end, state, out)
        vehicles.realised_cost[v] = 0.0
        vehicles.realised_preferred[v] = 0.0
        vehicles.realised_keep[v] = 1.0
        if is_end:
            vehicles.status[v] = ENDED
            out.end_period[b, v] = t
            write_off_interests(terms, v, state)


@kernel
def write_off_interests(terms, v, state):
    """The parents of an ended vehicle hold nothing of it any more."""
    for i in range(terms.first_investor[v], terms.first_investor[v + 1]):
        parent = terms.investor_parent[i]
        if parent >= 0 and state.is_sold[i] == 0:
            state.vehicles.unrealised[parent] -= state.interest_cost[i]


@kernel
def fees_from_proceeds(terms, v, c, inflow, is_end, state):
    """What of the fees owed neither cash nor free unfunded can pay, out of the class's inflow (7.2)."""
    classes = state.classes
    if is_end:
        return min(max(classes.fee_owed[c] - classes.cash[c], 0.0), inflow)
    free = max(0.0, classes.unfunded[c] - classes.weight[c] * state.vehicles.may_call[v])
    if terms.fees_on_top[v] == 1:
        return 0.0
    return min(max(classes.fee_owed[c] - classes.cash[c] - free, 0.0), inflow)


@kernel
def recycled_share(terms, t, v, amount, is_end, state):
    """Share of the inflow after fees that is kept to invest again (7.3)."""
    vehicles = state.vehicles
    if is_end or vehicles.is_stopped[v] == 1 or amount <= 0.0:
        return 0.0
    if t >= terms.recycling_until[v] or t > terms.investment_end[v]:
        return 0.0
    room = terms.recycling_cap[v] * vehicles.callable[v] - vehicles.recycled[v]
    return min(max(room, 0.0), amount) / amount


@kernel
def released_cash(terms, t, v, c, is_end, state):
    """Cash of the class that nothing needs any more, once the investment period is over (7.3)."""
    vehicles, classes = state.vehicles, state.classes
    if is_end:
        return classes.cash[c]
    if t <= terms.investment_end[v] and vehicles.is_stopped[v] == 0:
        return 0.0
    needed = classes.weight[c] * (vehicles.reserve_left[v] + vehicles.may_call[v])
    if terms.fees_on_top[v] == 0:
        needed += classes.fee_owed[c]
        if terms.class_pays_fee[c] == 1:
            needed += terms.fee_future[v, t] * classes.callable[c]
    return max(0.0, classes.cash[c] - max(0.0, needed - classes.unfunded[c]))


@kernel
def pay_class(grid, terms, b, t, v, c, inflow, share_kept, is_end, state, out):
    """One class: fees out of proceeds, recycling, the waterfall, and the parents' part in the same period."""
    classes = state.classes
    fee = fees_from_proceeds(terms, v, c, inflow, is_end, state)
    if is_end:
        from_cash = min(classes.fee_owed[c] - fee, classes.cash[c])
        classes.cash[c] -= from_cash
        classes.fee_owed[c] -= from_cash
        out.fee[b, v, t] += from_cash
    classes.fee_owed[c] -= fee
    out.fee[b, v, t] += fee
    kept = share_kept * (inflow - fee)
    classes.cash[c] += kept
    released = released_cash(terms, t, v, c, is_end, state)
    classes.cash[c] -= released
    amount = inflow - fee - kept
    paid, carry = through_waterfall(grid, terms, v, c, amount, released, state)
    if is_end:
        paid, carry = take_back(terms, v, c, paid, carry, state)
        classes.unfunded[c] = 0.0
        classes.fee_owed[c] = 0.0
        classes.may_call[c] = 0.0
        classes.nav[c] = 0.0
    classes.distributed[c] += paid
    classes.carry_paid[c] += carry
    out.distribution[b, c, t] = paid
    out.carry[b, v, t] += carry
    hand_up(terms, v, c, paid, state)


@kernel
def hand_up(terms, v, c, paid, state):
    """Vehicles that invest in this class have their cash in the same period (7.0 b)."""
    for i in range(terms.first_investor[v], terms.first_investor[v + 1]):
        if terms.investor_class[i] == c and terms.investor_parent[i] >= 0 and state.is_sold[i] == 0:
            state.vehicles.child_distribution[terms.investor_parent[i]] += paid * state.investor_share[i]


@kernel
def through_waterfall(grid, terms, v, c, amount, released, state):
    """What the class and the partner get of proceeds and released cash (7.4); deal by deal, released cash is no profit of a deal."""
    classes = state.classes
    compounding = terms.compounding[v]
    rate = hurdle_per_period(terms.hurdle_rate[v], compounding, grid.periods_per_year)
    accrual = accrue(classes.capital[c], classes.preferred[c], rate, compounding)
    classes.preferred[c] += accrual
    classes.accrued[c] += accrual
    if terms.class_pays_carry[c] == 0:
        return amount + released, 0.0
    carry_rate, catch_up, paid = terms.carry_rate[v], terms.catch_up_rate[v], classes.carry_paid[c]
    if terms.style[v] == STYLE_DEAL_BY_DEAL:
        enter_realised(terms, v, c, rate, compounding, state)
        carry, classes.pool_capital[c], classes.pool_preferred[c], classes.pool_profit[c], _ = distribute(
            amount,
            classes.pool_capital[c],
            classes.pool_preferred[c],
            classes.pool_profit[c],
            paid,
            carry_rate,
            catch_up,
        )
        repaid = min(amount + released, classes.capital[c])
        classes.capital[c] -= repaid
        classes.preferred[c] -= min(amount + released - repaid, classes.preferred[c])
    else:
        amount += released
        released = 0.0
        carry, classes.capital[c], classes.preferred[c], classes.profit[c], _ = distribute(
            amount, classes.capital[c], classes.preferred[c], classes.profit[c], paid, carry_rate, catch_up
        )
    return amount - carry + released, carry


@kernel
def enter_realised(terms, v, c, rate, compounding, state):
    """Accrue the realised pool and the fees not yet allocated, and let this period's realised positions in (7.4)."""
    classes, vehicles = state.classes, state.vehicles
    classes.pool_preferred[c] += accrue(classes.pool_capital[c], classes.pool_preferred[c], rate, compounding)
    classes.fees_preferred[c] += accrue(
        classes.fees_unallocated[c], classes.fees_preferred[c], rate, compounding
    )
    moved = 1.0 - vehicles.realised_keep[v]
    classes.pool_capital[c] += (
        classes.weight[c] * vehicles.realised_cost[v] + moved * classes.fees_unallocated[c]
    )
    classes.pool_preferred[c] += (
        classes.weight[c] * vehicles.realised_preferred[v] + moved * classes.fees_preferred[c]
    )
    classes.fees_unallocated[c] -= moved * classes.fees_unallocated[c]
    classes.fees_preferred[c] -= moved * classes.fees_preferred[c]


@kernel
def take_back(terms, v, c, paid, carry, state):
    """The clawback at the vehicle's end: carry paid beyond the European entitlement goes back to the class (7.4)."""
    classes = state.classes
    if terms.class_pays_carry[c] == 0:
        return paid, carry
    profit = classes.distributed[c] + classes.carry_paid[c] + paid + carry - classes.paid_in[c]
    entitled = entitled_carry(profit, classes.accrued[c], terms.carry_rate[v], terms.catch_up_rate[v])
    clawback = max(0.0, classes.carry_paid[c] + carry - entitled)
    return paid + clawback, carry - clawback


@kernel
def call_capital(terms, b, t, state, out):
    """Step (e): from the leaves up, fees, investments and children's calls are paid from cash and calls (7.1)."""
    vehicles = state.vehicles
    for order in range(terms.children_first.size):
        v = terms.children_first[order]
        if vehicles.status[v] != LIVE:
            continue
        look_at_children(terms, v, state)
        out.invested[b, v, t] = vehicles.invested[v]
        out.expense[b, v, t] = vehicles.expense[v]
        out.child_call[b, v, t] = vehicles.child_call[v]
        spent = vehicles.invested[v] + vehicles.expense[v] + vehicles.child_call[v]
        release_tranches(terms, v, spent, state)
        for c in range(terms.first_class[v], terms.first_class[v + 1]):
            call_class(terms, b, t, v, c, spent, state, out)
        vehicles.realised_cost[v] = 0.0


@kernel
def fee_to_pay(terms, v, c, spent, state):
    """Fees owed, up to what free unfunded and cash allow (7.2)."""
    classes = state.classes
    if terms.fees_on_top[v] == 1:
        return classes.fee_owed[c]
    free = classes.cash[c] + classes.unfunded[c] - classes.weight[c] * (spent + state.vehicles.may_call[v])
    return min(classes.fee_owed[c], max(free, 0.0))


@kernel
def release_tranches(terms, v, spent, state):
    """As many whole tranches as the need of every class takes (7.1)."""
    classes, vehicles = state.classes, state.vehicles
    n = terms.n_tranches[v]
    if n == 0:
        return
    for c in range(terms.first_class[v], terms.first_class[v + 1]):
        fee = 0.0 if terms.fees_on_top[v] == 1 else fee_to_pay(terms, v, c, spent, state)
        need = classes.weight[c] * spent + fee - classes.cash[c]
        called = classes.callable[c] - classes.unfunded[c]
        while vehicles.n_released[v] < n:
            released = vehicles.n_released[v]
            total = terms.tranche_total[v, released - 1] if released > 0 else 0.0
            if need <= total * classes.callable[c] - called + 1e-12 * classes.callable[c]:
                break
            vehicles.n_released[v] += 1


@kernel
def call_class(terms, b, t, v, c, spent, state, out):
    """One class pays its part of the period's need."""
    classes, vehicles = state.classes, state.vehicles
    fee = fee_to_pay(terms, v, c, spent, state)
    on_top = fee if terms.fees_on_top[v] == 1 else 0.0
    use = classes.weight[c] * spent + fee - on_top
    need = max(0.0, use - classes.cash[c])
    if terms.n_tranches[v] > 0:
        released = vehicles.n_released[v]
        total = terms.tranche_total[v, released - 1] if released > 0 else 0.0
        need = max(0.0, total * classes.callable[c] - (classes.callable[c] - classes.unfunded[c]))
    call = min(need, classes.unfunded[c])
    classes.cash[c] += call - use
    if classes.cash[c] < 0.0 and classes.cash[c] > -1e-9 * classes.callable[c]:
        classes.cash[c] = 0.0
    classes.unfunded[c] -= call
    classes.fee_owed[c] -= fee
    paid = call + on_top
    classes.paid_in[c] += paid
    vehicles.paid_in[v] += paid
    classes.capital[c] += paid
    classes.fees_unallocated[c] += fee + classes.weight[c] * vehicles.expense[v]
    classes.pool_capital[c] += classes.weight[c] * vehicles.realised_cost[v]
    out.contribution[b, c, t] = paid
    out.fee[b, v, t] += fee
    for i in range(terms.first_investor[v], terms.first_investor[v + 1]):
        if terms.investor_class[i] == c:
            amount = paid * state.investor_share[i]
            parent = terms.investor_parent[i]
            if parent >= 0 and state.is_sold[i] == 0:
                vehicles.child_call[parent] += amount
                vehicles.unrealised[parent] += amount
                state.interest_cost[i] += amount
            kind = terms.investor_kind[i]
            if kind == FISCAL or kind == STATE or (parent >= 0 and terms.is_mother[parent] == 1):
                vehicles.guidance[v] += amount
    bound_calls(terms, t, v, c, state)


@kernel
def bound_calls(terms, t, v, c, state):
    """What the class may still be called for: all unfunded in the investment period, fees, reserve and children later."""
    classes, vehicles = state.classes, state.vehicles
    classes.may_call[c] = classes.unfunded[c]
    if t >= terms.investment_end[v] or vehicles.is_stopped[v] == 1:
        bound = classes.weight[c] * (vehicles.reserve_left[v] + vehicles.may_call[v]) + classes.fee_owed[c]
        if terms.class_pays_fee[c] == 1 and terms.fees_on_top[v] == 0:
            bound += terms.fee_future[v, t] * classes.callable[c]
        classes.may_call[c] = min(classes.may_call[c], bound)


@kernel
def revalue(grid, terms, enterprise_terms, market, world, b, t, is_before_calls, state):
    """NAV of every class at date t + 1, net of carry on a hypothetical liquidation, from the leaves up (7.8, §8)."""
    vehicles, classes = state.vehicles, state.classes
    mark_positions(grid, terms, enterprise_terms, market, world, b, t, is_before_calls, state)
    for order in range(terms.children_first.size):
        v = terms.children_first[order]
        if vehicles.status[v] != LIVE:
            continue
        look_at_children(terms, v, state)
        holdings = vehicles.marks[v] + vehicles.child_nav[v]
        for c in range(terms.first_class[v], terms.first_class[v + 1]):
            nav = classes.weight[c] * holdings + classes.cash[c] - classes.fee_owed[c]
            if terms.class_pays_carry[c] == 1:
                profit = classes.distributed[c] + classes.carry_paid[c] + nav - classes.paid_in[c]
                entitled = entitled_carry(
                    profit, classes.accrued[c], terms.carry_rate[v], terms.catch_up_rate[v]
                )
                nav -= entitled - classes.carry_paid[c]
            classes.nav[c] = max(nav, 0.0)


@kernel
def value_classes(grid, terms, enterprise_terms, market, world, b, t, state, out):
    """Stocks at the end of the period."""
    vehicles, classes = state.vehicles, state.classes
    revalue(grid, terms, enterprise_terms, market, world, b, t, False, state)
    for v in range(vehicles.status.size):
        if vehicles.status[v] != LIVE:
            continue
        cash = 0.0
        for c in range(terms.first_class[v], terms.first_class[v + 1]):
            cash += classes.cash[c]
            out.nav[b, c, t + 1] = classes.nav[c]
        out.holdings[b, v, t + 1] = vehicles.marks[v] + vehicles.child_nav[v]
        out.cash[b, v, t + 1] = cash
        out.unrealised_cost[b, v, t + 1] = vehicles.unrealised[v]
