"""Steps (c) and (d) of a period: idle stops, follow-ons, new
deals and pool contributions (5.1–5.3, 7.0, 7.7).
"""

import math
from typing import NamedTuple

from fundsim.kernels.base.bits import BITS, EMPTY, contains, exclude, include, lowest, members, without_lowest
from fundsim.kernels.base.jit import kernel
from fundsim.kernels.base.random import uniform, uniforms_at
from fundsim.kernels.enterprises.arrivals import noise_of, signal
from fundsim.kernels.funds.calendar import mark_private, take_up
from fundsim.kernels.funds.fees import fee_to_come
from fundsim.kernels.funds.holdings import chain, offer
from fundsim.kernels.funds.ring import BUCKETS, START, bucket_of, from_bucket, spend, take_turn
from fundsim.vocabulary import PositionStatus, Style, VehicleFlow, VehicleStatus

SMALLEST_DEAL = 1e-9  # of the vehicle's callable; less is no deal
PARK, OUTSIDE, JOINED = 0, 1, 2  # where a deal looks: in the park, outside it, with those it goes with


class Round(NamedTuple):
    """A round that a vehicle buys part of."""

    r: int  # enterprise of the path
    place: int
    raised: float


@kernel(allocates=False, is_inner=True)
def stop_idle(terms, t, state):
    """Stop new deals of vehicles that have been idle too long in their investment period (7.0 c)."""
    for v in range(terms.vehicles.size):
        own, vehicle = terms.vehicles[v], state.vehicles[v]
        is_investing = vehicle["status"] == VehicleStatus.LIVE and vehicle["is_investing"] == 1
        if is_investing and t - vehicle["last_deal"] >= own["idle_stop"]:
            vehicle["is_investing"] = 0


@kernel(allocates=False, is_inlined=True)
def capital_left(terms, v, t, state):
    """What the vehicle can still put into enterprises before its follow-on reserve (5.2)."""
    own, vehicle, left = terms.vehicles[v], state.vehicles[v], math.inf
    for c in range(own["first_class"], own["last_class"]):
        investor_class = state.classes[c]
        if investor_class["weight"] > 0.0:
            money = investor_class["may_call"] + investor_class["cash"]
            if own["fees_on_top"] == 0:
                money -= investor_class["fee_owed"]
                money -= fee_to_come(own, terms.classes[c], terms.periods[v, t], investor_class)
            left = min(left, money / investor_class["weight"])
    if left == math.inf:
        return 0.0
    return left - vehicle["may_call"] - vehicle["invested"] - vehicle["expense"]


@kernel(allocates=False, is_inner=True)
def invest(terms, now, slot, bought, amount, state, out):
    """Pay for part of a round (5.2): the stake bought is amount / post-money."""
    position, enterprise, t = state.positions[slot], state.rows[bought.r], now.t
    v, place = position["vehicle"], bought.place
    own, vehicle, step = terms.vehicles[v], state.vehicles[v], 1.0 / terms.periods_per_year
    state.round_cost[slot, place] += amount
    position["stake"] += amount / enterprise["post"]
    position["cost"] += amount
    position["cost_when"] += amount * t
    if own["style"] == Style.DEAL_BY_DEAL:
        position["cost_discounted"] += amount * (1.0 + own["hurdle_rate"]) ** (-(t + 1) * step)
    position["last_period"] = t
    enterprise["left"] = max(0.0, enterprise["left"] - amount)
    mark_private(own, slot, state)
    vehicle["invested"] += amount
    vehicle["unrealised"] += amount
    if position["is_realised"] == 1:
        vehicle["realised_cost"] += amount
    else:
        vehicle["unallocated_cost"] += amount
    beside = out.vehicle_flows[now.b, VehicleFlow.CO_INVESTED]
    if enterprise["counted"] < place:
        enterprise["counted"] = place
        enterprise["first_joiner"] = v
        beside[v, t] += bought.raised - amount
    else:
        beside[enterprise["first_joiner"], t] -= amount
    deal = out.deals[now.b, slot]
    deal["cost"] += amount
    if deal["is_credited"] == 1:
        vehicle["credited"] += amount
        out.vehicle_flows[now.b, VehicleFlow.CREDITED, v, t] += amount


@kernel(allocates=False, is_inlined=True)
def follow_on(terms, world, now, state, out):
    """Holders of enterprises with a round on offer buy part of their pro rata from reserves (5.3)."""
    for i in range(members(state.offered, state.found)):
        slot = state.found[i]
        position = state.positions[slot]
        own, vehicle = terms.vehicles[position["vehicle"]], state.vehicles[position["vehicle"]]
        is_held = position["status"] == PositionStatus.PRIVATE
        is_able = vehicle["status"] == VehicleStatus.LIVE and own["follow_on_share"] > 0.0
        if is_held and is_able and state.rows[position["row"]]["offered"] == now.t:
            follow_on_one(terms, world, now, slot, state, out)
    state.offered[:] = EMPTY


@kernel(allocates=False, is_inlined=True)
def follow_on_one(terms, world, now, slot, state, out):
    """One holder's follow-on: its share of the round by its stake
    before it, as far as reserve, cap and capital go (5.3).
    """
    position = state.positions[slot]
    v, r = position["vehicle"], position["row"]
    own, vehicle, enterprise = terms.vehicles[v], state.vehicles[v], state.rows[r]
    place = enterprise["place"]
    raised = enterprise["post"] * world.round_sold[world.first_row[now.b] + r, place]
    cap = own["single_enterprise_cap"] * vehicle["callable"] - position["cost"]
    amount = min(own["follow_on_share"] * position["stake_before"] * raised, vehicle["reserve_left"])
    amount = min(amount, enterprise["left"], cap, capital_left(terms, v, now.t, state))
    if amount <= SMALLEST_DEAL * vehicle["callable"]:
        return
    vehicle["reserve_left"] -= amount
    invest(terms, now, slot, Round(r, place, raised), amount, state, out)
    out.vehicles[now.b, v]["n_follow_ons"] += 1


@kernel(allocates=False, is_inner=True)
def contribute_to_pools(terms, t, state):
    """Contributions to pools, as far as there is money (7.7)."""
    for v in range(terms.vehicles.size):
        own, vehicle = terms.vehicles[v], state.vehicles[v]
        if own["has_pool"] == 0 or vehicle["status"] != VehicleStatus.LIVE or vehicle["is_investing"] == 0:
            continue
        amount = terms.periods[v, t]["pool_contribution"] * vehicle["investable"]
        amount = min(amount, max(0.0, capital_left(terms, v, t, state)))
        vehicle["invested"] += amount
        vehicle["unrealised"] += amount
        vehicle["pool_cost"] += amount


@kernel(allocates=False, is_inlined=True)
def new_deals(terms, world, now, state, out):
    """Planned deals that are due or wait, vehicle after vehicle in file order (5.1). What is on offer to them
    stands now that sales of the period are done: who has sold may buy the next round.
    """
    n_planned = members(state.planned, state.found)
    if n_planned > 0:
        chain_offers(world, now, state)
    for i in range(n_planned):
        slot = state.found[i]
        if state.vehicles[terms.deals[slot]["vehicle"]]["status"] != VehicleStatus.WAITING:
            due_deal(terms, world, now, slot, state, out)


@kernel(allocates=False, is_inlined=True)
def chain_offers(world, now, state):
    """Put what is on offer into the chains of its stages."""
    for i in range(state.counts[0]):
        r = state.offer_row[i]
        stage = world.first_stage[world.first_row[now.b] + r] + state.rows[r]["place"]
        chain(state, i, stage, r >= world.n_park[now.b])


@kernel(allocates=False, is_inlined=True)
def due_deal(terms, world, now, slot, state, out):
    """A planned deal is tried; it stays planned while it waits for the park or those it goes with (5.1)."""
    deal, position = terms.deals[slot], state.positions[slot]
    own, vehicle = terms.vehicles[deal["vehicle"]], state.vehicles[deal["vehicle"]]
    if deal["period"] == now.t:
        position["looks"] = where_it_looks(own, deal, state.deal_draws[0, slot])
    if now.t < position["again"]:
        return
    is_last = position["looks"] == OUTSIDE or now.t >= last_try(own, deal, position["again"])
    is_over = vehicle["status"] == VehicleStatus.ENDED or vehicle["is_investing"] == 0
    if is_last or is_over:
        exclude(state.planned, slot)
    if not is_over:
        try_deal(terms, world, now, slot, is_last, state, out)


@kernel(allocates=False, is_inlined=True)
def where_it_looks(own, deal, u):
    """Among the rounds of those it goes with, in the park, or outside it (5.1)."""
    if own["last_with"] > own["first_with"]:
        return JOINED
    return PARK if u < deal["park_share"] else OUTSIDE


@kernel(allocates=False, is_inlined=True)
def last_try(own, deal, again):
    """The last period of a deal that waits; one planned again waits no longer than it may (5.1)."""
    if again == 0:
        return deal["last_period"]
    return min(again + deal["last_period"] - deal["period"], own["again_until"])


@kernel(allocates=False, is_inlined=True)
def is_planned_again(terms, now, slot, state):
    """Plan a deal that is lost for want of a match once more, a year later, if that may be (5.1)."""
    position, again = state.positions[slot], now.t + terms.periods_per_year
    if position["again"] > 0 or again > terms.vehicles[terms.deals[slot]["vehicle"]]["again_until"]:
        return False
    position["again"] = again
    include(state.planned, slot)
    return True


@kernel(allocates=False, is_inlined=True)
def try_deal(terms, world, now, slot, is_last, state, out):
    """Buy the round with the best signal, if one matches and there is money (5.1, 5.2)."""
    v = terms.deals[slot]["vehicle"]
    own, vehicle = terms.vehicles[v], state.vehicles[v]
    least = SMALLEST_DEAL * vehicle["callable"]
    left = capital_left(terms, v, now.t, state) - vehicle["reserve_left"]
    if left <= least:
        return
    r = best_match(terms, world, now, slot, is_last, state)
    if is_last and r < 0 and is_planned_again(terms, now, slot, state):
        return
    if is_last and state.positions[slot]["looks"] == PARK and (r < 0 or r >= world.n_park[now.b]):
        out.vehicles[now.b, v]["n_missed"] += 1
    if r < 0:
        return
    row, enterprise = world.first_row[now.b] + r, state.rows[r]
    place = enterprise["place"]
    is_in_park = r < world.n_park[now.b]
    moves = not is_in_park and state.deal_draws[1, slot] < own["relocation"][0]
    cost_share = own["relocation"][1] if moves else 0.0
    raised = enterprise["post"] * world.round_sold[row, place]
    ticket = own["ticket"] * vehicle["scale"]
    if math.isnan(ticket):
        ticket = own["stake"] * enterprise["post"]
    amount = min(ticket, own["max_round_share"] * raised, enterprise["left"])
    cap = own["single_enterprise_cap"] * vehicle["callable"]
    amount = min(amount, cap, left / (1.0 + cost_share))
    if amount <= least:
        return
    hold(state, v, slot, r, world.first_stage[row] + place, now.t)
    take_up(own, slot, terms.periods_per_year, state)
    deal = out.deals[now.b, slot]
    deal["row"], deal["bought"], deal["place"], deal["first_cost"] = row, now.t, place, amount
    deal["is_credited"] = 1 if is_in_park or moves else 0
    invest(terms, now, slot, Round(r, place, raised), amount, state, out)
    vehicle["expense"] += cost_share * amount
    vehicle["last_deal"] = now.t


@kernel(allocates=False, is_inlined=True)
def hold(state, v, slot, r, stage, t):
    """A new position in its empty slot, linked behind the row's other holders; a
    first holder brings an outside round on offer to its sisters.
    """
    position, enterprise = state.positions[slot], state.rows[r]
    position["status"] = PositionStatus.PRIVATE
    position["vehicle"] = v
    position["row"] = r
    position["first_period"] = t
    exclude(state.planned, slot)
    for k in range(state.round_cost.shape[1]):
        state.round_cost[slot, k] = 0.0
    position["next_slot"] = enterprise["head"]
    enterprise["head"] = slot
    if enterprise["offered"] != t:
        chain(state, offer(state, r, t), stage, True)


@kernel(allocates=False, is_inlined=True)
def best_match(terms, world, now, slot, is_last, state):
    """Row with the best signal among those on offer that the mandate wants, −1 where none matches (5.1)."""
    n = list_matches(terms, world, now, slot, is_last, state)
    if n == 0:
        return -1
    base, skill = world.first_row[now.b], state.vehicles[terms.deals[slot]["vehicle"]]["skill"]
    noise = noise_of(skill)
    uniforms_at(state.deal_keys[slot], state.match_keys, n, state.match_draws)
    best, best_signal = 0, -math.inf
    for i in range(n):
        quality = world.lives.quality[base + state.match_rows[i]]
        seen = signal(state.match_draws[i], quality, skill, noise)
        if seen > best_signal or (seen == best_signal and state.matches[i] < state.matches[best]):
            best, best_signal = i, seen
    return state.match_rows[best]


@kernel(allocates=False, is_inlined=True)
def list_matches(terms, world, now, slot, is_last, state):
    """The matching rounds on offer where the deal looks; a park deal without any goes outside in its last
    period, where its own outside enterprise is one of them if it enters now; returns how many (5.1).
    """
    deal, base, looks = terms.deals[slot], world.first_row[now.b], state.positions[slot]["looks"]
    v = deal["vehicle"]
    own, least, n = terms.vehicles[v], SMALLEST_DEAL * state.vehicles[v]["callable"], 0
    if looks != OUTSIDE:
        n = list_offers(terms, world, now, slot, looks, least, state)
    if n > 0 or not is_last or looks == JOINED:
        return n
    if own["relay"] == 1:
        n = list_offers(terms, world, now, slot, OUTSIDE, least, state)
    if deal["row"] >= 0:
        r = world.n_park[now.b] + deal["row"]
        enterprise = state.rows[r]
        is_new = world.lives.entry_date[base + r] == now.t + 1 and enterprise["place"] == 0
        if is_new and enterprise["head"] < 0 and enterprise["left"] > least:
            match(state, n, state.counts[0], r, world.lives.key[base + r])
            n += 1
    return n


@kernel(allocates=False, is_inner=True)
def list_offers(terms, world, now, slot, looks, least, state):
    """List the rounds on offer that match where the deal looks; returns how many (5.1, 5.1b)."""
    if state.counts[0] > terms.vehicles[terms.deals[slot]["vehicle"]]["looks_at"]:
        return nearest_offers(terms, world, now, slot, looks, least, state)
    return all_offers(terms, world, now, slot, looks, least, state)


@kernel(allocates=False, is_inlined=True)
def all_offers(terms, world, now, slot, looks, least, state):
    """List all rounds on offer that match, stage after stage; returns how many (5.1)."""
    v, base, n = terms.deals[slot]["vehicle"], world.first_row[now.b], 0
    for w in range(state.on_offer.size):
        stages = state.on_offer[w] & state.wanted[v, w]
        while stages != EMPTY:
            i = state.last_offer[BITS * w + lowest(stages)]
            stages = without_lowest(stages)
            while i >= 0:
                r = state.offer_row[i]
                if state.rows[r]["left"] > least and is_within_reach(terms, world, now, v, r, looks, state):
                    match(state, n, i, r, world.lives.key[base + r])
                    n += 1
                i = state.next_offer[i]
    return n


@kernel(allocates=False, is_inlined=True)
def nearest_offers(terms, world, now, slot, looks, least, state):
    """List the matching rounds nearest to the deal's uniform, from it upward and on from 0, as many as its
    vehicle looks at; returns how many (5.1b).
    """
    v, ring, base, n = terms.deals[slot]["vehicle"], state.ring, world.first_row[now.b], 0
    take_turn(terms, world, base, v, state)
    most, start = terms.vehicles[v]["looks_at"], uniform(state.deal_keys[slot], START)
    middle, kind = bucket_of(ring, start), 0 if looks == OUTSIDE else 1
    for lap in range(2):
        b = from_bucket(ring, 0 if lap == 1 else middle, kind)
        end = middle + 1 if lap == 1 else ring.counts[BUCKETS]
        while b < end and n < most:
            i, is_spent = ring.lowest[b], True
            while i >= 0 and n < most:
                if (ring.uniforms[i] < start) == (lap == 0):  # of the deal's own bucket, in the other lap
                    is_spent = False
                elif is_match(terms, world, now, v, state.offer_row[i], looks, least, state):
                    match(state, n, i, state.offer_row[i], world.lives.key[base + state.offer_row[i]])
                    n, is_spent = n + 1, False
                i = ring.above[i]
            if is_spent:
                spend(ring, b, kind)
            b = from_bucket(ring, b + 1, kind)
    return n


@kernel(allocates=False, is_inlined=True)
def is_match(terms, world, now, v, r, looks, least, state):
    """Whether a round on offer is of a wanted stage, has money, and is within reach (5.1)."""
    stage = world.first_stage[world.first_row[now.b] + r] + state.rows[r]["place"]
    has_money = state.rows[r]["left"] > least
    is_wanted = has_money and contains(state.wanted[v], stage)
    return is_wanted and is_within_reach(terms, world, now, v, r, looks, state)


@kernel(allocates=False, is_inner=True)
def match(state, n, i, r, key):
    """Match number n of a deal: an offer, its row and the row's key."""
    state.matches[n], state.match_rows[n], state.match_keys[n] = i, r, key


@kernel(allocates=False, is_inlined=True)
def is_within_reach(terms, world, now, v, r, looks, state):
    """Not yet held; in the park, or outside it and held by a sister; for
    co-investment, bought in this period by a vehicle it goes with (5.1).
    """
    own = terms.vehicles[v]
    is_held, is_joined = False, False
    slot = state.rows[r]["head"]
    while slot >= 0:
        position = state.positions[slot]
        if position["status"] != PositionStatus.CLOSED:
            holder = position["vehicle"]
            if holder == v:
                return False
            is_held = True
            if position["last_period"] == now.t:
                for i in range(own["first_with"], own["last_with"]):
                    is_joined = is_joined or terms.with_vehicle[i] == holder
        slot = position["next_slot"]
    if looks == JOINED:
        return is_joined
    is_in_park = r < world.n_park[now.b]
    return is_in_park if looks == PARK else is_held and not is_in_park
