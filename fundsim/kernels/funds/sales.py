"""How what is held is sold before and at the end of a vehicle: sell-downs, buybacks, transfers and the
sale at term (5.5–5.7, 7.8).
"""

from fundsim.kernels.base.bits import members
from fundsim.kernels.base.distributions import draw_from
from fundsim.kernels.base.jit import kernel
from fundsim.kernels.base.random import even_uniforms, uniform
from fundsim.kernels.enterprises.value import value_at
from fundsim.kernels.funds.buyback import claim_buyback, may_claim, pay_buyback, would_claim
from fundsim.kernels.funds.calendar import LOOK_AHEAD, note
from fundsim.kernels.funds.holdings import hand_out, sell_all, sell_down, worth
from fundsim.kernels.layout import NEVER
from fundsim.vocabulary import AtEnd, Channel, Mark, PositionStatus, SaleBasis, TermStatus


@kernel(allocates=False, is_inlined=True)
def sell_holdings(terms, market, world, now, state, out):
    """Sell-downs, buybacks and transfers of all vehicles, and new buyback claims (5.5–5.7)."""
    for i in range(members(state.sales[now.t], state.found)):
        slot = state.found[i]
        position = state.positions[slot]
        if position["status"] == PositionStatus.ON_MARKET:
            if now.t >= position["lock_end"]:
                if state.vehicles[position["vehicle"]]["term"] == TermStatus.LOCKED:
                    hand_out(terms, now, slot, state, out)
                else:
                    sell_down(terms, now, slot, state, out)
        elif position["status"] == PositionStatus.PRIVATE:
            sell_private(terms, market, world, now, slot, state, out)


@kernel(allocates=False, is_inlined=True)
def sell_private(terms, market, world, now, slot, state, out):
    """A claim that is due is paid, or a buyer is found; what is still held may be claimed (5.6, 5.7)."""
    position = state.positions[slot]
    own = terms.vehicles[position["vehicle"]]
    if position["claim_due"] <= now.t and not would_claim(terms, world, now, slot, position["claim"], state):
        position["claim_due"] = NEVER
    if position["claim_due"] <= now.t:
        pay_buyback(terms, world, now, slot, state, out)
        wait_for_buyer(slot, now.t, state)
    elif position["transfer_due"] <= now.t and finds_buyer(own, slot, now.t, state):
        transfer(terms, market, world, now, slot, state, out)
    if may_claim(own, position, now.t, terms.periods_per_year):
        claim_buyback(terms, world, now, slot, state)


@kernel(allocates=False, is_inlined=True)
def finds_buyer(own, slot, t, state):
    """Whether a buyer is found in this period (5.7); if not, when the position is looked at again."""
    position = state.positions[slot]
    probability, later = own["transfer_probability"], t
    even_uniforms(state.transfer_keys[slot], t, state.draws)
    while later < t + LOOK_AHEAD and state.draws[later - t] >= probability:
        later += 1
    if later == t:
        return True
    position["transfer_due"] = later
    note(state, slot, later)
    return False


@kernel(allocates=False, is_inlined=True)
def wait_for_buyer(slot, t, state):
    """In a period in which a buyback is paid no buyer is looked for."""
    position = state.positions[slot]
    if position["transfer_due"] <= t:
        position["transfer_due"] = t + 1
        note(state, slot, t + 1)


@kernel(allocates=False, is_inner=True)
def sale_value(terms, market, world, now, slot, state):
    """What a discount on an unlisted position is taken from (5.7): its share of the stack at the value or at
    the lower of that and the last post-money, its mark, or its stake at the last post-money.
    """
    position = state.positions[slot]
    own, r = terms.vehicles[position["vehicle"]], position["row"]
    row, post, basis = world.first_row[now.b] + r, state.rows[r]["post"], own["sale_basis"]
    is_marked = basis == SaleBasis.NAV
    if basis == SaleBasis.LAST_ROUND or (is_marked and own["mark"] == Mark.LAST_ROUND):
        return position["stake"] * post
    if is_marked and own["mark"] == Mark.COST:
        return position["cost"]
    value = value_at(terms.clock, terms.enterprises, market, world.lives, now.b, row, now.t + 1)
    if is_marked:
        return position["stake"] * value
    if basis == SaleBasis.LOWER:
        value = min(value, post)
    return worth(terms, world, row, slot, now.t, value, state)


@kernel(allocates=False, is_inlined=True)
def transfer(terms, market, world, now, slot, state, out):
    """The buyer pays a discounted value (5.7)."""
    own = terms.vehicles[state.positions[slot]["vehicle"]]
    u = uniform(state.transfer_keys[slot], 2 * now.t + 1)
    discount = draw_from(terms.tables, own["transfer_discount"], u)
    value = sale_value(terms, market, world, now, slot, state)
    sell_all(terms, now, slot, value * (1.0 - discount), Channel.TRANSFER, state, out)


@kernel(allocates=False, is_inner=True)
def sell_at_term(terms, market, world, now, v, discount, state, out):
    """The vehicle ends: what it holds is sold at a discount (7.8,
    5.7); listed stakes at their price less the discount, or handed out
    where they are free; of what is wound up comes a part of its cost.
    """
    own = terms.vehicles[v]
    for slot in range(own["first_deal"], own["last_deal"]):
        position = state.positions[slot]
        if position["status"] == PositionStatus.PRIVATE:
            if own["at_end"] == AtEnd.WIND_UP:
                amount = own["recovery"] * position["cost"]
            else:
                amount = sale_value(terms, market, world, now, slot, state) * (1.0 - discount)
            sell_all(terms, now, slot, amount, Channel.TERM_SALE, state, out)
        elif position["status"] == PositionStatus.ON_MARKET and own["at_end"] == AtEnd.IN_KIND:
            if now.t >= position["lock_end"]:
                hand_out(terms, now, slot, state, out)
        elif position["status"] == PositionStatus.ON_MARKET:
            amount = position["stake"] * state.rows[position["row"]]["value"] * (1.0 - discount)
            sell_all(terms, now, slot, amount, Channel.TERM_SALE, state, out)
