"""Steps (c) and (d) of a period: idle stops, follow-ons, new
deals and pool contributions (5.1–5.3, 7.0, 7.7).
"""

from __future__ import annotations

import math

from fundsim.kernels.base.jit import kernel
from fundsim.kernels.base.random import derive, uniform
from fundsim.kernels.enterprises.arrivals import deal_key, signal
from fundsim.kernels.funds.holdings import offer
from fundsim.vocabulary import PositionStatus, VehicleFlow, VehicleStatus

SMALLEST_DEAL = 1e-9  # of the vehicle's callable; less is no deal


@kernel(allocates=False, is_inner=True)
def stop_idle(terms, t, state):
    """Stop new deals of vehicles that have been idle too long in their investment period (7.0 c)."""
    vehicles = state.vehicles
    for v in range(vehicles.size):
        if (
            vehicles[v]["status"] == VehicleStatus.LIVE
            and vehicles[v]["is_investing"] == 1
            and t - vehicles[v]["last_deal"] >= terms.vehicles[v]["idle_stop"]
        ):
            vehicles[v]["is_investing"] = 0


@kernel(allocates=False, is_inner=True)
def capital_left(terms, v, t, state):
    """What the vehicle can still put into enterprises before its follow-on reserve (5.2)."""
    vehicles, classes = state.vehicles, state.classes
    left = math.inf
    for c in range(terms.vehicles[v]["first_class"], terms.vehicles[v]["last_class"]):
        if classes[c]["weight"] > 0.0:
            money = classes[c]["may_call"] + classes[c]["cash"]
            if terms.vehicles[v]["fees_on_top"] == 0:
                money -= classes[c]["fee_owed"]
                if terms.classes[c]["pays_fee"] == 1:
                    money -= terms.periods[v, t]["fee_future"] * classes[c]["callable"]
            left = min(left, money / classes[c]["weight"])
    if left == math.inf:
        return 0.0
    return left - vehicles[v]["may_call"] - vehicles[v]["invested"] - vehicles[v]["expense"]


@kernel(allocates=False, is_inner=True)
def invest(terms, v, slot, r, place, amount, raised, b, t, state, out):
    """Pay for part of a round (5.2): the stake bought is amount / post-money."""
    positions, rows, vehicles = state.positions, state.rows, state.vehicles
    step = 1.0 / terms.periods_per_year
    state.round_cost[slot, place] += amount
    positions[slot]["stake"] += amount / rows[r]["post"]
    positions[slot]["cost"] += amount
    positions[slot]["cost_when"] += amount * t
    positions[slot]["cost_discounted"] += amount * (1.0 + terms.vehicles[v]["hurdle_rate"]) ** (
        -(t + 1) * step
    )
    positions[slot]["last_period"] = t
    rows[r]["left"] = max(0.0, rows[r]["left"] - amount)
    vehicles[v]["invested"] += amount
    vehicles[v]["unrealised"] += amount
    if positions[slot]["is_realised"] == 1:
        vehicles[v]["realised_cost"] += amount
    else:
        vehicles[v]["unallocated_cost"] += amount
    if rows[r]["counted"] < place:
        rows[r]["counted"] = place
        rows[r]["first_joiner"] = v
        out.vehicle_flows[b, VehicleFlow.CO_INVESTED, v, t] += raised - amount
    else:
        out.vehicle_flows[b, VehicleFlow.CO_INVESTED, rows[r]["first_joiner"], t] -= amount
    out.deals[b, slot]["cost"] += amount


@kernel(allocates=False, is_inner=True)
def follow_on(terms, world, b, t, state, out):
    """Holders of enterprises with a round on offer buy part of their pro rata from reserves (5.3)."""
    positions, vehicles = state.positions, state.vehicles
    for v in range(vehicles.size):
        if (
            vehicles[v]["status"] != VehicleStatus.LIVE
            or vehicles[v]["n_offered"] == 0
            or terms.vehicles[v]["follow_on_share"] <= 0.0
        ):
            continue
        for slot in range(terms.vehicles[v]["first_deal"], terms.vehicles[v]["last_deal"]):
            if positions[slot]["status"] == PositionStatus.PRIVATE and positions[slot]["first_period"] < t:
                r = positions[slot]["row"]
                if state.rows[r]["offered"] == t:
                    follow_on_one(terms, world, b, v, slot, r, t, state, out)


@kernel(allocates=False, is_inner=True)
def follow_on_one(terms, world, b, v, slot, r, t, state, out):
    """One holder's follow-on: its share of the round by its stake
    before it, as far as reserve, cap and capital go (5.3).
    """
    positions, vehicles, rows = state.positions, state.vehicles, state.rows
    place = rows[r]["place"]
    raised = rows[r]["post"] * world.round_sold[world.first_row[b] + r, place]
    cap = terms.vehicles[v]["single_enterprise_cap"] * vehicles[v]["callable"] - positions[slot]["cost"]
    amount = min(
        terms.vehicles[v]["follow_on_share"] * positions[slot]["stake_before"] * raised,
        vehicles[v]["reserve_left"],
    )
    amount = min(amount, rows[r]["left"], cap, capital_left(terms, v, t, state))
    if amount <= SMALLEST_DEAL * vehicles[v]["callable"]:
        return
    vehicles[v]["reserve_left"] -= amount
    invest(terms, v, slot, r, place, amount, raised, b, t, state, out)
    out.vehicles[b, v]["n_follow_ons"] += 1
    if out.deals[b, slot]["is_credited"] == 1:
        vehicles[v]["credited"] += amount
        out.vehicle_flows[b, VehicleFlow.CREDITED, v, t] += amount


@kernel(allocates=False, is_inner=True)
def key_of(terms, path, slot):
    """Key of a planned deal on a path."""
    deal = terms.deals[slot]
    return deal_key(derive(terms.seed_key, path), deal["vehicle_stream"], deal["number"])


@kernel(allocates=False, is_inner=True)
def new_deals(terms, world, first_path, b, t, state, out):
    """Planned deals that are due, vehicle after vehicle in file order (5.1)."""
    positions, vehicles = state.positions, state.vehicles
    for v in range(vehicles.size):
        if vehicles[v]["status"] != VehicleStatus.LIVE or vehicles[v]["is_investing"] == 0:
            continue
        if terms.vehicles[v]["has_pool"] == 1:
            amount = min(
                terms.periods[v, t]["pool_contribution"] * vehicles[v]["investable"],
                max(0.0, capital_left(terms, v, t, state)),
            )
            vehicles[v]["invested"] += amount
            vehicles[v]["unrealised"] += amount
            vehicles[v]["pool_cost"] += amount
        for slot in range(terms.vehicles[v]["first_deal"], terms.vehicles[v]["last_deal"]):
            if terms.deals[slot]["period"] > t:
                break
            if terms.deals[slot]["last_period"] < t or positions[slot]["status"] != PositionStatus.EMPTY:
                continue
            key = key_of(terms, first_path + b, slot)
            if terms.deals[slot]["period"] == t:
                waits = uniform(key, 0) < terms.deals[slot]["park_share"]
                waits = waits or terms.vehicles[v]["last_with"] > terms.vehicles[v]["first_with"]
                positions[slot]["is_park"] = 1 if waits else 0
            is_open = positions[slot]["is_park"] == 0
            if is_open and terms.deals[slot]["period"] != t:
                continue
            is_open = is_open or terms.deals[slot]["last_period"] == t
            try_deal(terms, world, b, v, slot, key, is_open, t, state, out)


@kernel(allocates=False, is_inner=True)
def try_deal(terms, world, b, v, slot, key, is_open, t, state, out):
    """Buy the round with the best signal, if one matches and there is money (5.1, 5.2)."""
    vehicles, rows = state.vehicles, state.rows
    left = capital_left(terms, v, t, state) - vehicles[v]["reserve_left"]
    if left <= SMALLEST_DEAL * vehicles[v]["callable"]:
        return
    r, place = best_match(terms, world, b, v, slot, key, is_open, t, state)
    if r < 0:
        return
    row = world.first_row[b] + r
    is_in_park = r < world.n_park[b]
    moves = not is_in_park and uniform(key, 1) < terms.vehicles[v]["relocation"][0]
    cost_share = terms.vehicles[v]["relocation"][1] if moves else 0.0
    raised = rows[r]["post"] * world.round_sold[row, place]
    ticket = terms.vehicles[v]["ticket"] * vehicles[v]["scale"]
    if math.isnan(ticket):
        ticket = terms.vehicles[v]["stake"] * rows[r]["post"]
    amount = min(ticket, terms.vehicles[v]["max_round_share"] * raised, rows[r]["left"])
    amount = min(
        amount,
        terms.vehicles[v]["single_enterprise_cap"] * vehicles[v]["callable"],
        left / (1.0 + cost_share),
    )
    if amount <= SMALLEST_DEAL * vehicles[v]["callable"]:
        return
    hold(state, v, slot, r, world.first_stage[row] + place, t, derive(key, terms.transfer_stream))
    invest(terms, v, slot, r, place, amount, raised, b, t, state, out)
    vehicles[v]["expense"] += cost_share * amount
    vehicles[v]["last_deal"] = t
    if is_in_park or moves:
        out.deals[b, slot]["is_credited"] = 1
        vehicles[v]["credited"] += amount
        out.vehicle_flows[b, VehicleFlow.CREDITED, v, t] += amount
    out.deals[b, slot]["row"] = row
    out.deals[b, slot]["bought"] = t
    out.deals[b, slot]["place"] = place
    out.deals[b, slot]["first_cost"] = amount


@kernel(allocates=False, is_inner=True)
def hold(state, v, slot, r, stage, t, transfer_key):
    """A new position in its empty slot, linked behind the row's other holders; a
    first holder brings an outside round on offer to its sisters.
    """
    positions, rows = state.positions, state.rows
    positions[slot]["status"] = PositionStatus.PRIVATE
    positions[slot]["vehicle"] = v
    positions[slot]["row"] = r
    positions[slot]["first_period"] = t
    positions[slot]["transfer_key"] = transfer_key
    state.vehicles[v]["n_held"] += 1
    for k in range(state.round_cost.shape[1]):
        state.round_cost[slot, k] = 0.0
    positions[slot]["next_slot"] = rows[r]["head"]
    rows[r]["head"] = slot
    if rows[r]["offered"] != t:
        offer(state, r, 0, stage, t)


@kernel(allocates=False, is_inner=True)
def best_match(terms, world, b, v, slot, key, is_open, t, state):
    """Row and round with the best signal among those on offer that the
    mandate wants; (−1, 0) where none matches (5.1).
    """
    rows = state.rows
    base = world.first_row[b]
    best, best_place, best_signal = -1, 0, -math.inf
    for i in range(state.counts[0]):
        if terms.stage_is_wanted[v, state.offer_stage[i]] == 0:
            continue
        r, place = state.offer_row[i], state.offer_place[i]
        if rows[r]["left"] <= SMALLEST_DEAL * state.vehicles[v]["callable"]:
            continue
        if not is_within_reach(terms, world, b, v, r, t, state):
            continue
        score = signal(key, world.key[base + r], world.quality[base + r], terms.vehicles[v]["skill"])
        if score > best_signal:
            best, best_place, best_signal = r, place, score
    outside = terms.deals[slot]["row"]
    if is_open and outside >= 0 and terms.vehicles[v]["last_with"] == terms.vehicles[v]["first_with"]:
        r = world.n_park[b] + outside
        if (
            world.entry_date[base + r] == t + 1
            and rows[r]["place"] == 0
            and rows[r]["head"] < 0
            and rows[r]["left"] > SMALLEST_DEAL * state.vehicles[v]["callable"]
        ) and (
            signal(key, world.key[base + r], world.quality[base + r], terms.vehicles[v]["skill"])
            > best_signal
        ):
            best, best_place = r, 0
    return best, best_place


@kernel(allocates=False, is_inner=True)
def is_within_reach(terms, world, b, v, r, t, state):
    """Not yet held; a park enterprise, or one that a sister holds; for
    co-investment, bought in this period by a vehicle it goes with (5.1).
    """
    positions = state.positions
    is_held, is_joined = False, False
    slot = state.rows[r]["head"]
    while slot >= 0:
        if positions[slot]["status"] != PositionStatus.CLOSED:
            holder = positions[slot]["vehicle"]
            if holder == v:
                return False
            is_held = True
            if positions[slot]["last_period"] == t:
                for i in range(terms.vehicles[v]["first_with"], terms.vehicles[v]["last_with"]):
                    is_joined = is_joined or terms.with_vehicle[i] == holder
        slot = positions[slot]["next_slot"]
    if terms.vehicles[v]["last_with"] > terms.vehicles[v]["first_with"]:
        return is_joined
    return r < world.n_park[b] or (is_held and terms.vehicles[v]["relay"] == 1)
