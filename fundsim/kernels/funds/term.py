"""The end of a vehicle: when it comes, and how all that is left is turned into cash (7.8)."""

from fundsim.kernels.base.distributions import draw_from
from fundsim.kernels.base.jit import kernel
from fundsim.kernels.base.random import derive, uniform
from fundsim.kernels.funds.interests import sell_interests_held
from fundsim.kernels.funds.life import stop_investing
from fundsim.kernels.funds.nav import revalue
from fundsim.kernels.funds.owners import look_at_children, sell_interests
from fundsim.kernels.funds.sales import sell_at_term
from fundsim.vocabulary import PositionStatus, TermStatus


@kernel(allocates=False, is_inner=True)
def ends_now(terms, t, v, state):
    """Whether the vehicle ends in this period (7.8)."""
    own, vehicle = terms.vehicles[v], state.vehicles[v]
    if vehicle["term"] == TermStatus.RUNNING:
        return False
    if vehicle["term"] == TermStatus.LOCKED:
        return not holds_positions(own, state)
    if vehicle["n_live_children"] > 0 and own["sells_children"] == 0:
        return False
    if vehicle["term"] == TermStatus.OVER:
        return True
    if vehicle["term"] == TermStatus.TAIL and not holds_anything(terms, t, v, state):
        return True
    # What rounding leaves of nothing is no reason to go on.
    least = own["extension_threshold"] * vehicle["paid_in"] + 1e-9 * vehicle["callable"]
    return vehicle["opening_nav"] <= least


@kernel(allocates=False, is_inner=True)
def holds_positions(own, state):
    """Whether the vehicle holds stakes in enterprises."""
    for slot in range(own["first_deal"], own["last_deal"]):
        status = state.positions[slot]["status"]
        if status == PositionStatus.PRIVATE or status == PositionStatus.ON_MARKET:
            return True
    return False


@kernel(allocates=False, is_inner=True)
def holds_anything(terms, t, v, state):
    """Whether anything is left: positions, interests in property or in live children, a pool."""
    own, vehicle = terms.vehicles[v], state.vehicles[v]
    for h in range(own["first_holding"], own["last_holding"]):
        if state.holdings[h]["share"] > 0.0:
            return True
    if own["has_pool"] == 1 and (terms.periods[v, t]["pool_nav"] > 0.0 or t < own["investment_end"]):
        return True
    return vehicle["n_live_children"] > 0 or holds_positions(own, state)


@kernel(allocates=False, is_inner=True)
def term_discount(terms, now, v):
    """The vehicle's one discount on what it sells at its end, with what its age adds (7.8)."""
    own = terms.vehicles[v]
    discount = draw_from(terms.tables, own["term_discount"], uniform(derive(now.key, own["term_stream"]), 0))
    after, more = own["aged_discount"]
    if now.t + 1 - own["start_period"] > after * terms.periods_per_year + 1e-9:
        discount = min(discount + more, 1.0)
    return discount


@kernel(allocates=False, is_inner=True)
def liquidate(terms, market, world, now, v, state, out):
    """Turn all that is left into cash at the term's discount, or hand it out (7.8); whether that is all, and
    no locked shares are kept until they are free.
    """
    own, vehicle, period = terms.vehicles[v], state.vehicles[v], terms.periods[v, now.t]
    discount = term_discount(terms, now, v)
    sell_at_term(terms, market, world, now, v, discount, state, out)
    sell_interests_held(terms, world, now, v, discount, state, out)
    look_at_children(terms, v, state)
    if own["has_pool"] == 1:
        pool = period["pool_nav"] - period["pool_contribution"]
        vehicle["proceeds"] += max(pool, 0.0) * vehicle["investable"] * (1.0 - discount)
    if vehicle["n_live_children"] > 0:
        revalue(terms, market, world, now, True, state)
        look_at_children(terms, v, state)
        sell_interests(terms, now, v, discount, state, out)
    if not holds_positions(own, state):
        return True
    vehicle["term"] = TermStatus.LOCKED
    stop_investing(own, vehicle)
    return False
