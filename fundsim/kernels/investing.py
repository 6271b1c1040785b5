"""Steps (c) and (d) of a period: checkpoints, follow-ons, new deals and pool contributions (5.1–5.3, 7.0, 7.7)."""

from __future__ import annotations

import math

from fundsim.kernels.fund_state import CLOSED, EMPTY, LIVE, PRIVATE
from fundsim.kernels.arrivals import deal_key, signal
from fundsim.kernels.holdings import offer
from fundsim.kernels.jit import kernel
from fundsim.kernels.layout import NEVER
from fundsim.kernels.random import uniform

SMALLEST_DEAL = 1e-9  # of the vehicle's callable; less is no deal


@kernel
def check_points(terms, t, state):
    """Stop new deals of vehicles that miss a landing checkpoint or have been idle too long (7.0 c)."""
    vehicles = state.vehicles
    for v in range(vehicles.status.size):
        if vehicles.status[v] != LIVE:
            continue
        for i in range(terms.checkpoint_period.shape[1]):
            if terms.checkpoint_period[v, i] == t:
                if vehicles.credited[v] < terms.checkpoint_multiple[v, i] * vehicles.guidance[v] * (
                    1.0 - 1e-12
                ):
                    vehicles.is_stopped[v] = 1
        if t <= terms.investment_end[v] and t - vehicles.last_deal[v] >= terms.idle_stop[v]:
            vehicles.is_stopped[v] = 1


@kernel
def capital_left(terms, v, t, state):
    """What the vehicle can still put into enterprises before its follow-on reserve (5.2)."""
    vehicles, classes = state.vehicles, state.classes
    left = math.inf
    for c in range(terms.first_class[v], terms.first_class[v + 1]):
        if classes.weight[c] > 0.0:
            money = classes.unfunded[c] + classes.cash[c]
            if terms.fees_on_top[v] == 0:
                money -= classes.fee_owed[c]
                if terms.class_pays_fee[c] == 1:
                    money -= terms.fee_future[v, t] * classes.callable[c]
            left = min(left, money / classes.weight[c])
    if left == math.inf:
        return 0.0
    return left - vehicles.may_call[v] - vehicles.invested[v] - vehicles.expense[v]


@kernel
def invest(grid, terms, v, slot, r, place, amount, raised, b, t, state, out):
    """Pay for part of a round (5.2): the stake bought is amount / post-money."""
    positions, rows, vehicles = state.positions, state.rows, state.vehicles
    step = 1.0 / grid.periods_per_year
    positions.round_cost[slot, place] += amount
    positions.stake[slot] += amount / rows.post[r]
    positions.cost[slot] += amount
    positions.cost_when[slot] += amount * t
    positions.cost_discounted[slot] += amount * (1.0 + terms.hurdle_rate[v]) ** (-(t + 1) * step)
    positions.last_period[slot] = t
    rows.left[r] = max(0.0, rows.left[r] - amount)
    vehicles.invested[v] += amount
    vehicles.unrealised[v] += amount
    if positions.is_realised[slot] == 1:
        vehicles.realised_cost[v] += amount
    else:
        vehicles.unallocated_cost[v] += amount
    if rows.counted[r] < place:
        rows.counted[r] = place
        rows.first_joiner[r] = v
        out.co_invested[b, v, t] += raised - amount
    else:
        out.co_invested[b, rows.first_joiner[r], t] -= amount
    out.deal_cost[b, slot] += amount


@kernel
def follow_on(grid, terms, world, b, t, state, out):
    """Holders of enterprises with a round on offer buy part of their pro rata from reserves (5.3)."""
    positions, vehicles = state.positions, state.vehicles
    for v in range(vehicles.status.size):
        if vehicles.status[v] != LIVE or terms.follow_on_share[v] <= 0.0:
            continue
        for slot in range(terms.first_deal[v], terms.first_deal[v + 1]):
            if positions.status[slot] == PRIVATE and positions.first_period[slot] < t:
                r = positions.row[slot]
                if state.rows.is_offered[r] == t + 1:
                    follow_on_one(grid, terms, world, b, v, slot, r, t, state, out)


@kernel
def follow_on_one(grid, terms, world, b, v, slot, r, t, state, out):
    """One holder's follow-on: its share of the round by its stake before it, as far as reserve, cap and capital go (5.3)."""
    positions, vehicles, rows = state.positions, state.vehicles, state.rows
    place = rows.place[r]
    raised = rows.post[r] * world.round_sold[world.first_row[b] + r, place]
    cap = terms.single_enterprise_cap[v] * vehicles.callable[v] - positions.cost[slot]
    amount = min(terms.follow_on_share[v] * positions.stake_before[slot] * raised, vehicles.reserve_left[v])
    amount = min(amount, rows.left[r], cap, capital_left(terms, v, t, state))
    if amount <= SMALLEST_DEAL * vehicles.callable[v]:
        return
    vehicles.reserve_left[v] -= amount
    invest(grid, terms, v, slot, r, place, amount, raised, b, t, state, out)
    out.n_follow_ons[b, v] += 1
    if out.deal_is_credited[b, slot] == 1:
        vehicles.credited[v] += amount
        out.credited[b, v, t] += amount


@kernel
def new_deals(grid, terms, enterprise_terms, world, first_path, b, t, state, out):
    """Planned deals that are due, vehicle after vehicle in file order (5.1)."""
    positions, vehicles = state.positions, state.vehicles
    for v in range(vehicles.status.size):
        if vehicles.status[v] != LIVE or vehicles.is_stopped[v] == 1 or t > terms.investment_end[v]:
            continue
        if terms.has_pool[v] == 1:
            amount = min(
                terms.pool_contribution[v, t] * vehicles.investable[v],
                max(0.0, capital_left(terms, v, t, state)),
            )
            vehicles.invested[v] += amount
            vehicles.unrealised[v] += amount
            vehicles.pool_cost[v] += amount
        for slot in range(terms.first_deal[v], terms.first_deal[v + 1]):
            if terms.deal_period[slot] > t:
                break
            if terms.deal_last_period[slot] < t or positions.status[slot] != EMPTY:
                continue
            key = deal_key(grid, enterprise_terms, first_path + b, slot)
            if terms.deal_period[slot] == t:
                waits = uniform(key, 0) < enterprise_terms.deal_park_share[slot]
                waits = waits or terms.first_with[v + 1] > terms.first_with[v]
                positions.is_park[slot] = 1 if waits else 0
            is_open = positions.is_park[slot] == 0
            if is_open and terms.deal_period[slot] != t:
                continue
            is_open = is_open or terms.deal_last_period[slot] == t
            try_deal(grid, terms, enterprise_terms, world, b, v, slot, key, is_open, t, state, out)


@kernel
def try_deal(grid, terms, enterprise_terms, world, b, v, slot, key, is_open, t, state, out):
    """Buy the round with the best signal, if one matches and there is money (5.1, 5.2)."""
    vehicles, rows = state.vehicles, state.rows
    left = capital_left(terms, v, t, state) - vehicles.reserve_left[v]
    if left <= SMALLEST_DEAL * vehicles.callable[v]:
        return
    r, place = best_match(terms, enterprise_terms, world, b, v, slot, key, is_open, t, state)
    if r < 0:
        return
    row = world.first_row[b] + r
    is_in_park = r < world.n_park[b]
    moves = not is_in_park and uniform(key, 1) < terms.relocation[v, 0]
    cost_share = terms.relocation[v, 1] if moves else 0.0
    raised = rows.post[r] * world.round_sold[row, place]
    ticket = terms.ticket[v] * vehicles.scale[v]
    if math.isnan(ticket):
        ticket = terms.stake[v] * rows.post[r]
    amount = min(ticket, terms.max_round_share[v] * raised, rows.left[r])
    amount = min(amount, terms.single_enterprise_cap[v] * vehicles.callable[v], left / (1.0 + cost_share))
    if amount <= SMALLEST_DEAL * vehicles.callable[v]:
        return
    hold(state, v, slot, r, t)
    invest(grid, terms, v, slot, r, place, amount, raised, b, t, state, out)
    vehicles.expense[v] += cost_share * amount
    vehicles.last_deal[v] = t
    if is_in_park or moves:
        out.deal_is_credited[b, slot] = 1
        vehicles.credited[v] += amount
        out.credited[b, v, t] += amount
    out.deal_row[b, slot] = row
    out.deal_bought[b, slot] = t
    out.deal_place[b, slot] = place
    out.deal_first_cost[b, slot] = amount


@kernel
def hold(state, v, slot, r, t):
    """A new position in the slot, linked behind the row's other holders; a first holder brings an outside round on offer to its sisters."""
    positions, rows = state.positions, state.rows
    positions.status[slot] = PRIVATE
    positions.vehicle[slot] = v
    positions.row[slot] = r
    positions.first_period[slot] = t
    positions.stake[slot] = 0.0
    positions.stake_before[slot] = 0.0
    positions.kept[slot] = 1.0
    positions.cost[slot] = 0.0
    positions.cost_when[slot] = 0.0
    positions.cost_discounted[slot] = 0.0
    positions.round_cost[slot, :] = 0.0
    positions.claim_due[slot] = NEVER
    positions.has_claimed[slot] = 0
    positions.exit_line[slot] = -1
    positions.is_realised[slot] = 0
    positions.next_slot[slot] = rows.head[r]
    rows.head[r] = slot
    if rows.is_offered[r] != t + 1:
        offer(rows, r, 0, t)


@kernel
def best_match(terms, enterprise_terms, world, b, v, slot, key, is_open, t, state):
    """Row and round with the best signal among those on offer that the mandate wants; (−1, 0) where none matches (5.1)."""
    rows = state.rows
    base = world.first_row[b]
    best, best_place, best_signal = -1, 0, -math.inf
    for i in range(rows.counts[0]):
        r, place = rows.offer_row[i], rows.offer_place[i]
        stage = world.first_stage[base + r] + place
        if terms.stage_is_wanted[v, stage] == 0 or rows.left[r] <= SMALLEST_DEAL * state.vehicles.callable[v]:
            continue
        if not is_within_reach(terms, world, b, v, r, t, state):
            continue
        score = signal(key, world.key[base + r], world.quality[base + r], terms.skill[v])
        if score > best_signal:
            best, best_place, best_signal = r, place, score
    outside = enterprise_terms.deal_row[slot]
    if is_open and outside >= 0 and terms.first_with[v + 1] == terms.first_with[v]:
        r = world.n_park[b] + outside
        if (
            world.entry_date[base + r] == t + 1
            and rows.place[r] == 0
            and rows.head[r] < 0
            and rows.left[r] > SMALLEST_DEAL * state.vehicles.callable[v]
        ):
            if signal(key, world.key[base + r], world.quality[base + r], terms.skill[v]) > best_signal:
                best, best_place = r, 0
    return best, best_place


@kernel
def is_within_reach(terms, world, b, v, r, t, state):
    """Not yet held; a park enterprise, or one that a sister holds; for co-investment, bought in this period by a vehicle it goes with (5.1)."""
    positions = state.positions
    is_held, is_joined = False, False
    slot = state.rows.head[r]
    while slot >= 0:
        if positions.status[slot] != CLOSED:
            holder = positions.vehicle[slot]
            if holder == v:
                return False
            is_held = True
            if positions.last_period[slot] == t:
                for i in range(terms.first_with[v], terms.first_with[v + 1]):
                    is_joined = is_joined or terms.with_vehicle[i] == holder
        slot = positions.next_slot[slot]
    if terms.first_with[v + 1] > terms.first_with[v]:
        return is_joined
    return r < world.n_park[b] or (is_held and terms.relay[v] == 1)
