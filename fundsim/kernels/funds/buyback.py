"""Buyback (5.6): what holders claim of founders when no listing comes, and what of it is paid."""

import math

from fundsim.kernels.base.jit import kernel
from fundsim.kernels.base.random import normal, normal_cdf, uniform
from fundsim.kernels.funds.calendar import mark_private, note
from fundsim.kernels.funds.exits import append_exit
from fundsim.kernels.funds.holdings import realise, sell_all
from fundsim.kernels.layout import NEVER
from fundsim.vocabulary import Channel, PositionStatus

ABOVE = 1.0 + 1e-9
"""Rounding does not decide whether a claim exceeds a mark: at a rate of 0 both are the same money (5.6)."""


@kernel(allocates=False, is_inlined=True)
def may_claim(own, position, t, periods_per_year):
    """Whether a buyback may be claimed: once, on an anniversary of what is still held (5.6)."""
    if position["status"] != PositionStatus.PRIVATE or position["has_claimed"] == 1:
        return False
    held = t - position["first_period"]
    return held >= own["buyback_after"] and held % periods_per_year == 0


@kernel(allocates=False, is_inlined=True)
def claim_buyback(terms, world, now, slot, state):
    """Claim cost with simple interest, paid after the delay if it would still be claimed (5.6)."""
    position, t = state.positions[slot], now.t
    own, row = terms.vehicles[position["vehicle"]], world.first_row[now.b] + position["row"]
    note(state, slot, t + terms.periods_per_year)
    if is_filed(world, row, t):
        return
    if share_paid(own, world.lives, row, False) < 0.0:  # in no year: nobody need know whether it is claimed
        position["has_claimed"] = 1
        return
    cost = position["cost"]
    claim = cost + own["buyback"][0] / terms.periods_per_year * (cost * t - position["cost_when"])
    if not would_claim(terms, world, now, slot, claim, state):
        return
    position["has_claimed"] = 1
    position["claim"] = claim
    position["claim_due"] = t + max(own["buyback_delay"], 1)
    note(state, slot, position["claim_due"])


@kernel(allocates=False, is_inner=True)
def would_claim(terms, world, now, slot, claim, state):
    """Whether a claim exceeds the mark, or is near it and no round came for long; never once filed (5.6)."""
    position, t = state.positions[slot], now.t
    own, row = terms.vehicles[position["vehicle"]], world.first_row[now.b] + position["row"]
    if is_filed(world, row, t):
        return False
    enterprise = state.rows[position["row"]]
    mark = position["stake"] * enterprise["post"]
    is_quiet = t - world.round_period[row, enterprise["place"]] >= own["buyback_quiet"]
    return claim > ABOVE * mark or (is_quiet and mark <= ABOVE * own["quiet_mark"] * claim)


@kernel(allocates=False, is_inlined=True)
def is_filed(world, row, t):
    """Whether a filing is pending or passed (5.6)."""
    return world.filing_period[row] <= t and world.stall_period[row] > t


@kernel(allocates=False, is_inlined=True)
def share_paid(own, lives, row, has_failed):
    """Share of a claim that an enterprise pays, −1 where it pays none, whenever it is claimed; one that has
    failed, unseen, pays in part what it would pay in full (5.6).
    """
    _, full, partial, low, high, correlation = own["buyback"]
    key = lives.key[row]
    noise = normal(uniform(key, 4))
    u = normal_cdf(correlation * lives.quality[row] + math.sqrt(1.0 - correlation * correlation) * noise)
    if u >= 1.0 - full and not has_failed:
        return 1.0
    if u >= 1.0 - full - partial:
        return low + (high - low) * uniform(key, 5)
    return -1.0


@kernel(allocates=False, is_inlined=True)
def pay_buyback(terms, world, now, slot, state, out):
    """The enterprise pays; the paid share of the position is surrendered (5.6)."""
    position = state.positions[slot]
    own, vehicle = terms.vehicles[position["vehicle"]], state.vehicles[position["vehicle"]]
    row = world.first_row[now.b] + position["row"]
    share = share_paid(own, world.lives, row, world.failure_period[row] <= now.t)
    amount = share * position["claim"]
    if share >= 1.0:
        sell_all(terms, now, slot, amount, Channel.BUYBACK, state, out)
        return
    realise(own, vehicle, position, now.t, terms.periods_per_year)
    cost = position["cost"] * share
    vehicle["proceeds"] += amount
    vehicle["unrealised"] -= cost
    append_exit(slot, Channel.BUYBACK, now.b, now.t, cost, amount, out)
    kept = 1.0 - share
    position["stake"] *= kept
    position["cost"] -= cost
    position["cost_when"] *= kept
    position["cost_discounted"] *= kept
    for k in range(state.round_cost.shape[1]):
        state.round_cost[slot, k] *= kept
    position["claim_due"] = NEVER
    mark_private(own, slot, state)
