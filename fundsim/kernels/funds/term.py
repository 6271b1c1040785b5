"""The end of a vehicle: when it comes, and how all that is left is turned into cash (7.8)."""

from fundsim.kernels.base.distributions import draw_from
from fundsim.kernels.base.jit import kernel
from fundsim.kernels.base.random import derive, uniform
from fundsim.kernels.funds.holdings import sell_at_term
from fundsim.kernels.funds.interests import sell_interests_held
from fundsim.kernels.funds.nav import revalue
from fundsim.kernels.funds.owners import look_at_children, sell_interests
from fundsim.vocabulary import TermStatus


@kernel(allocates=False, is_inner=True)
def ends_now(own, vehicle):
    """Whether the vehicle ends in this period (7.8)."""
    if vehicle["term"] == TermStatus.RUNNING:
        return False
    if vehicle["n_live_children"] > 0 and own["sells_children"] == 0:
        return False
    if vehicle["term"] == TermStatus.OVER:
        return True
    # What rounding leaves of nothing is no reason to go on.
    least = own["extension_threshold"] * vehicle["paid_in"] + 1e-9 * vehicle["callable"]
    return vehicle["opening_nav"] <= least


@kernel(allocates=False, is_inner=True)
def liquidate(terms, market, world, now, v, state, out):
    """Turn all that is left into cash at the term's discount (7.8)."""
    own, vehicle, period = terms.vehicles[v], state.vehicles[v], terms.periods[v, now.t]
    key = derive(now.key, own["term_stream"])
    discount = draw_from(terms.tables, own["term_discount"], uniform(key, 0))
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
