"""Step (a) of a period: rounds dilute, enterprises end, and what leaves a position turns into cash
(5.3–5.5).
"""

import math

import numpy as np

from fundsim.kernels.base.bits import EMPTY, contains, exclude, include
from fundsim.kernels.base.jit import kernel
from fundsim.kernels.enterprises.value import listed_step
from fundsim.kernels.formulas.preference import share_out
from fundsim.kernels.funds.calendar import let_go, mark_listed, mark_private, note
from fundsim.kernels.funds.exits import add_to_exit, append_exit
from fundsim.kernels.funds.ring import clear_ring
from fundsim.kernels.layout import NEVER
from fundsim.vocabulary import Channel, Compounding, End, PositionStatus, Style

NOBODY, SEVERAL = -1, -2
"""Instead of a vehicle's number where there is none, or more than one."""

CHANNEL_OF_END = np.array([-1 if end.channel is None else end.channel for end in End], dtype=np.int64)
"""The channel by which all that is held leaves at each end."""


@kernel(allocates=False, is_inner=True)
def move_listed(terms, market, world, now, state):
    """One period of the price of every listed enterprise that is still held (3.5)."""
    base, n_kept = world.first_row[now.b], 0
    for i in range(state.counts[1]):
        r = state.listed[i]
        enterprise, is_held = state.rows[r], False
        slot = enterprise["head"]
        while slot >= 0:
            position = state.positions[slot]
            is_held = is_held or position["status"] == PositionStatus.ON_MARKET
            slot = position["next_slot"]
        if is_held:
            enterprise["log_value"] = listed_step(
                terms.clock, terms.enterprises, market, world.lives, now.b, base + r, now.t,
                enterprise["log_value"],
            )  # fmt: skip
            enterprise["value"] = math.exp(enterprise["log_value"])
            slot = enterprise["head"]
            while slot >= 0:
                if state.positions[slot]["status"] == PositionStatus.ON_MARKET:
                    mark_listed(slot, state)
                slot = state.positions[slot]["next_slot"]
            state.listed[n_kept] = r
            n_kept += 1
    state.counts[1] = n_kept


@kernel(allocates=False, is_inlined=True)
def read_events(terms, world, now, state, out):
    """Rounds and ends of the period, in row order: dilute, note what is on
    offer, pay what mergers and failures bring (5.3, 5.4).
    """
    base = world.first_row[now.b]
    width = world.round_period.shape[1] + 1
    state.on_offer[:] = EMPTY
    state.counts[0] = 0
    clear_ring(state.ring)
    first, last = world.first_event[now.b, now.t], world.first_event[now.b, now.t + 1]
    before, row = -1, world.event_order[first] // width if first < last else -1
    for e in range(first, last):
        place = world.event_order[e] - row * width
        after = world.event_order[e + 1] // width if e + 1 < last else -1
        r = row - base
        if place == width - 1:
            if state.rows[r]["head"] >= 0:
                end_enterprise(terms, world, now, row, state, out)
        elif r < world.n_park[now.b] or place == 0 or before == row or state.rows[r]["head"] >= 0:
            # a later round of an outside enterprise that nobody holds is nobody's
            open_round(terms, world, now, row, place, after != row, state)
        before, row = row, after


@kernel(allocates=False, is_inlined=True)
def open_round(terms, world, now, row, place, is_last, state):
    """A round dilutes its holders, and is on offer if it is its
    enterprise's last event of the period (3.4, 5.3).
    """
    r = row - world.first_row[now.b]
    enterprise, stage = state.rows[r], world.first_stage[row] + place
    sold = world.round_sold[row, place]
    enterprise["place"] = place
    enterprise["post"] = world.round_pre[row, place] / (1.0 - sold)
    if place > 0:
        kept = (1.0 - terms.enterprises.stages[stage]["option_pool"]) * (1.0 - sold)
        slot = enterprise["head"]
        while slot >= 0:
            position = state.positions[slot]
            position["stake_before"] = position["stake"]
            position["stake"] *= kept
            if position["status"] == PositionStatus.PRIVATE:
                mark_private(terms.vehicles[position["vehicle"]], slot, state)
                if is_last:
                    include(state.offered, slot)
            slot = position["next_slot"]
    enterprise["left"] = enterprise["post"] * sold if is_last else 0.0
    is_outside = r >= world.n_park[now.b]
    if is_last and (not is_outside or enterprise["head"] >= 0):
        offer(state, r, now.t)


@kernel(allocates=False, is_inlined=True)
def offer(state, r, t):
    """Put a round on the list of what is on offer in this period; returns its place there."""
    n = state.counts[0]
    state.offer_row[n] = r
    state.rows[r]["offered"] = t
    state.counts[0] = n + 1
    return n


@kernel(allocates=False, is_inlined=True)
def chain(state, i, stage, is_outside):
    """Put a round on offer into the chain of its stage, unless nobody may take it, or only one that holds the
    enterprise.
    """
    taker = state.takers[1 if is_outside else 0, stage]
    if taker == NOBODY or (taker >= 0 and holds(state, taker, state.offer_row[i])):
        return
    state.next_offer[i] = state.last_offer[stage] if contains(state.on_offer, stage) else -1
    include(state.on_offer, stage)
    state.last_offer[stage] = i


@kernel(allocates=False, is_inner=True)
def holds(state, v, r):
    """Whether a vehicle holds an enterprise."""
    slot = state.rows[r]["head"]
    while slot >= 0:
        position = state.positions[slot]
        if position["vehicle"] == v and position["status"] != PositionStatus.CLOSED:
            return True
        slot = position["next_slot"]
    return False


@kernel(allocates=False, is_inner=True)
def fill_stack(terms, world, row, t, stack):
    """Shares now and claims of the rounds opened so far; returns their number (5.4)."""
    n = 0
    while n < world.n_rounds[row] and world.round_period[row, n] <= t:
        n += 1
    later = 1.0
    for i in range(n):
        k = n - 1 - i
        sold = world.round_sold[row, k]
        stack[0, k] = sold * later
        stack[1, k] = world.round_pre[row, k] * sold / (1.0 - sold)
        later *= 1.0 - sold
        if k > 0:
            later *= 1.0 - terms.enterprises.stages[world.first_stage[row] + k]["option_pool"]
    return n


@kernel(allocates=False, is_inner=True)
def share_stack(terms, world, row, t, value, stack):
    """Share ``value`` out to the rounds opened so far, in ``stack[3]``; returns their number (5.4)."""
    n = fill_stack(terms, world, row, t, stack)
    kind = terms.enterprises.sectors[world.lives.sector[row]]["preference"]
    share_out(value, kind, n, stack[0], stack[1], stack[2], stack[3])
    return n


@kernel(allocates=False, is_inner=True)
def share_of_stack(slot, n_rounds, state):
    """What a position gets of the money paid to each round in ``state.stack[3]``."""
    amount = 0.0
    for k in range(n_rounds):
        if state.stack[1, k] > 0.0:
            amount += state.stack[3, k] * state.round_cost[slot, k] / state.stack[1, k]
    return amount


@kernel(allocates=False, is_inner=True)
def worth(terms, world, row, slot, t, value, state):
    """A position's share of the preference stack if its enterprise were sold for ``value``."""
    n = share_stack(terms, world, row, t, value, state.stack)
    return share_of_stack(slot, n, state)


@kernel(allocates=False, is_inlined=True)
def end_enterprise(terms, world, now, row, state, out):
    """A held enterprise lists, merges or fails (3.5, 3.6, 5.4)."""
    kind = world.end_kind[row]
    if kind == End.LISTED:
        list_enterprise(terms, world, now, row, state)
        return
    n = share_stack(terms, world, row, now.t, world.end_value[row], state.stack)
    channel = CHANNEL_OF_END[kind]
    slot = state.rows[row - world.first_row[now.b]]["head"]
    while slot >= 0:
        position = state.positions[slot]
        if position["status"] == PositionStatus.PRIVATE:
            amount = share_of_stack(slot, n, state)
            if not math.isnan(world.end_multiple[row]):
                amount = position["cost"] * world.end_multiple[row]
            sell_all(terms, now, slot, amount, channel, state, out)
        slot = position["next_slot"]


@kernel(allocates=False, is_inlined=True)
def list_enterprise(terms, world, now, row, state):
    """Holders' stakes are diluted by the new shares and locked; the price runs from here (3.5, 5.5)."""
    r = row - world.first_row[now.b]
    enterprise, kept = state.rows[r], 1.0 - world.listing_share[row]
    enterprise["value"] = world.end_value[row] / kept
    enterprise["log_value"] = math.log(enterprise["value"])
    state.listed[state.counts[1]] = r
    state.counts[1] += 1
    slot = enterprise["head"]
    while slot >= 0:
        position = state.positions[slot]
        if position["status"] == PositionStatus.PRIVATE:
            position["status"] = PositionStatus.ON_MARKET
            position["stake"] *= kept
            position["exit_line"] = -1
            position["claim_due"] = NEVER
            lock(terms, world, row, now.t, position)
            exclude(state.modelled, slot)
            mark_listed(slot, state)
            note(state, slot, max(now.t, position["lock_end"]))
        slot = position["next_slot"]


@kernel(allocates=False, is_inner=True)
def lock(terms, world, row, t, position):
    """First period of sale and the most that may be sold a period (5.5)."""
    board, m = terms.boards[world.board[row]], terms.periods_per_year
    end = t + periods_of(board["lock_up_years"], m)
    late = board["late_entry"]
    since_entry = world.filing_period[row] - position["last_period"]
    if not math.isnan(late[0]) and since_entry <= late[0] * m + 1e-9:
        end = max(end, position["last_period"] + periods_of(late[1], m))
    position["lock_end"] = end
    position["sale_limit"] = math.inf
    rule = board["sell_down"]
    if rule >= 0:
        held = (t - position["first_period"]) / m
        for step in range(terms.rule_from_years.shape[1]):
            if terms.rule_from_years[rule, step] <= held + 1e-9:
                position["sale_limit"] = terms.rule_share[rule, step]


@kernel(allocates=False, is_inner=True)
def periods_of(years, periods_per_year):
    """Whole periods that cover a time."""
    return math.ceil(years * periods_per_year - 1e-9)


@kernel(allocates=False, is_inner=True)
def realise(own, vehicle, position, t, periods_per_year):
    """First proceeds of a position take its cost, and the preferred
    accrued on it, into the deal-by-deal waterfall (7.4).
    """
    if own["style"] != Style.DEAL_BY_DEAL or position["is_realised"] == 1:
        return
    position["is_realised"] = 1
    cost = position["cost"]
    step = 1.0 / periods_per_year
    vehicle["realised_cost"] += cost
    if own["compounding"] == Compounding.COMPOUND:
        grown = position["cost_discounted"] * (1.0 + own["hurdle_rate"]) ** ((t + 1) * step)
        vehicle["realised_preferred"] += grown - cost
    else:
        vehicle["realised_preferred"] += own["hurdle_rate"] * step * (cost * t - position["cost_when"])
    if vehicle["unallocated_cost"] > 0.0:
        vehicle["realised_keep"] *= max(0.0, 1.0 - cost / vehicle["unallocated_cost"])
    vehicle["unallocated_cost"] = max(0.0, vehicle["unallocated_cost"] - cost)


@kernel(allocates=False, is_inner=True)
def sell_all(terms, now, slot, amount, channel, state, out):
    """A whole position turns into cash."""
    position = state.positions[slot]
    own, vehicle = terms.vehicles[position["vehicle"]], state.vehicles[position["vehicle"]]
    realise(own, vehicle, position, now.t, terms.periods_per_year)
    vehicle["proceeds"] += amount
    vehicle["unrealised"] -= position["cost"]
    append_exit(slot, channel, now.b, now.t, position["cost"], amount, out)
    close(slot, state)


@kernel(allocates=False, is_inner=True)
def close(slot, state):
    """Nothing is left of the position."""
    let_go(slot, state)
    position = state.positions[slot]
    position["status"] = PositionStatus.CLOSED
    position["stake"] = 0.0
    position["cost"] = 0.0
    position["claim_due"] = NEVER


@kernel(allocates=False, is_inlined=True)
def sell_down(terms, now, slot, state, out):
    """Sell what lock-up and sell-down rules allow at the price of the day (5.5)."""
    position = state.positions[slot]
    own, vehicle = terms.vehicles[position["vehicle"]], state.vehicles[position["vehicle"]]
    realise(own, vehicle, position, now.t, terms.periods_per_year)
    stake, cost = position["stake"], position["cost"]
    sold = min(stake, position["sale_limit"])
    amount = sold * state.rows[position["row"]]["value"]
    if sold < stake:
        cost *= sold / stake
    vehicle["proceeds"] += amount
    vehicle["unrealised"] -= cost
    position["cost"] -= cost
    position["stake"] = stake - sold
    line = position["exit_line"]
    position["exit_line"] = add_to_exit(line, slot, Channel.LISTING, now.b, now.t, cost, amount, out)
    if sold >= stake:
        close(slot, state)
    else:
        mark_listed(slot, state)
        note(state, slot, now.t + 1)


@kernel(allocates=False, is_inner=True)
def hand_out(terms, now, slot, state, out):
    """A listed stake is distributed in kind: it counts as cash at the price of the day (7.8)."""
    position = state.positions[slot]
    amount = position["stake"] * state.rows[position["row"]]["value"]
    sell_all(terms, now, slot, amount, Channel.IN_KIND, state, out)
