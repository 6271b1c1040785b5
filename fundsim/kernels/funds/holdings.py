"""Step (a) of a period: rounds dilute, enterprises end, stakes are
sold, bought back and transferred; and marks (5.3–5.7).
"""

from __future__ import annotations

import math

import numpy as np

from fundsim.kernels.base.distributions import draw_from
from fundsim.kernels.base.jit import kernel
from fundsim.kernels.base.random import normal, normal_cdf, uniform
from fundsim.kernels.enterprises.value import listed_step, value_at
from fundsim.kernels.formulas.preference import share_out
from fundsim.kernels.funds.exits import add_to_exit, append_exit
from fundsim.kernels.funds.interests import property_marks
from fundsim.kernels.layout import NEVER
from fundsim.vocabulary import Channel, End, Mark, PositionStatus, Style, VehicleStatus

CHANNEL_OF_END = np.array([-1 if end.channel is None else end.channel for end in End], dtype=np.int64)
"""The channel by which all that is held leaves at each end."""


@kernel(allocates=False, is_inner=True)
def move_listed(terms, market, world, b, t, state):
    """One period of the price of every listed enterprise that is still held (3.5)."""
    rows, positions = state.rows, state.positions
    base = world.first_row[b]
    n_kept = 0
    for i in range(state.counts[1]):
        r = state.listed[i]
        is_held = False
        slot = rows[r]["head"]
        while slot >= 0:
            is_held = is_held or positions[slot]["status"] == PositionStatus.ON_MARKET
            slot = positions[slot]["next_slot"]
        if is_held:
            log_value = listed_step(
                terms.clock, terms.enterprises, market, world.lives, b, base + r, t, rows[r]["log_value"]
            )
            rows[r]["log_value"] = log_value
            rows[r]["value"] = math.exp(log_value)
            state.listed[n_kept] = r
            n_kept += 1
    state.counts[1] = n_kept


@kernel(allocates=False, is_inner=True)
def read_events(terms, world, b, t, state, out):
    """Rounds and ends of the period, in row order: dilute, note what is on
    offer, pay what mergers and failures bring (5.3, 5.4).
    """
    rows = state.rows
    base = world.first_row[b]
    width = world.round_period.shape[1] + 1
    state.counts[0] = 0
    last = world.first_event[b, t + 1]
    for e in range(world.first_event[b, t], last):
        row = world.event_order[e] // width
        place = world.event_order[e] - row * width
        if place == width - 1:
            if rows[row - base]["head"] >= 0:
                end_enterprise(terms, world, b, row, t, state, out)
        else:
            is_last = e + 1 == last or world.event_order[e + 1] // width != row
            open_round(terms, world, b, row, place, is_last, t, state)


@kernel(allocates=False, is_inner=True)
def open_round(terms, world, b, row, place, is_last, t, state):
    """A round dilutes its holders, and is on offer if it is its
    enterprise's last event of the period (3.4, 5.3).
    """
    rows, positions = state.rows, state.positions
    r = row - world.first_row[b]
    sold = world.round_sold[row, place]
    rows[r]["place"] = place
    rows[r]["post"] = world.round_pre[row, place] / (1.0 - sold)
    if place > 0:
        kept = (1.0 - terms.enterprises.stages[world.first_stage[row] + place]["option_pool"]) * (1.0 - sold)
        slot = rows[r]["head"]
        while slot >= 0:
            positions[slot]["stake_before"] = positions[slot]["stake"]
            positions[slot]["stake"] *= kept
            if is_last and positions[slot]["status"] == PositionStatus.PRIVATE:
                state.vehicles[positions[slot]["vehicle"]]["n_offered"] += 1
            slot = positions[slot]["next_slot"]
    rows[r]["left"] = rows[r]["post"] * sold if is_last else 0.0
    if is_last and (r < world.n_park[b] or rows[r]["head"] >= 0):
        offer(state, r, place, world.first_stage[row] + place, t)


@kernel(allocates=False, is_inner=True)
def offer(state, r, place, stage, t):
    """Put a round on the list of what vehicles may buy in this period."""
    n = state.counts[0]
    state.offer_row[n] = r
    state.offer_place[n] = place
    state.offer_stage[n] = stage
    state.rows[r]["offered"] = t
    state.counts[0] = n + 1


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
    n = fill_stack(terms, world, row, t, state.stack)
    kind = terms.enterprises.sectors[world.sector[row]]["preference"]
    share_out(value, kind, n, state.stack[0], state.stack[1], state.stack[2], state.stack[3])
    return share_of_stack(slot, n, state)


@kernel(allocates=False, is_inner=True)
def end_enterprise(terms, world, b, row, t, state, out):
    """A held enterprise lists, merges or fails (3.5, 3.6, 5.4)."""
    rows, positions = state.rows, state.positions
    r = row - world.first_row[b]
    kind = world.end_kind[row]
    if kind == End.LISTED:
        list_enterprise(terms, world, b, row, t, state)
        return
    n = fill_stack(terms, world, row, t, state.stack)
    preference = terms.enterprises.sectors[world.sector[row]]["preference"]
    value = world.end_value[row]
    share_out(value, preference, n, state.stack[0], state.stack[1], state.stack[2], state.stack[3])
    channel = CHANNEL_OF_END[kind]
    slot = rows[r]["head"]
    while slot >= 0:
        if positions[slot]["status"] == PositionStatus.PRIVATE:
            amount = share_of_stack(slot, n, state)
            if not math.isnan(world.end_multiple[row]):
                amount = positions[slot]["cost"] * world.end_multiple[row]
            sell_all(terms, slot, amount, channel, b, t, state, out)
        slot = positions[slot]["next_slot"]


@kernel(allocates=False, is_inner=True)
def list_enterprise(terms, world, b, row, t, state):
    """Holders' stakes are diluted by the new shares and locked; the price runs from here (3.5, 5.5)."""
    rows, positions = state.rows, state.positions
    r = row - world.first_row[b]
    kept = 1.0 - world.listing_share[row]
    rows[r]["value"] = world.end_value[row] / kept
    rows[r]["log_value"] = math.log(rows[r]["value"])
    state.listed[state.counts[1]] = r
    state.counts[1] += 1
    slot = rows[r]["head"]
    while slot >= 0:
        if positions[slot]["status"] == PositionStatus.PRIVATE:
            positions[slot]["status"] = PositionStatus.ON_MARKET
            positions[slot]["stake"] *= kept
            positions[slot]["exit_line"] = -1
            positions[slot]["claim_due"] = NEVER
            lock(terms, world, row, slot, t, positions)
        slot = positions[slot]["next_slot"]


@kernel(allocates=False, is_inner=True)
def lock(terms, world, row, slot, t, positions):
    """First period of sale and the most that may be sold a period (5.5)."""
    board = world.board[row]
    m = terms.periods_per_year
    end = t + periods_of(terms.boards[board]["lock_up_years"], m)
    late = terms.boards[board]["late_entry"]
    since_entry = world.filing_period[row] - positions[slot]["last_period"]
    if not math.isnan(late[0]) and since_entry <= late[0] * m + 1e-9:
        end = max(end, positions[slot]["last_period"] + periods_of(late[1], m))
    positions[slot]["lock_end"] = end
    positions[slot]["sale_limit"] = math.inf
    rule = terms.boards[board]["sell_down"]
    if rule >= 0:
        held = (t - positions[slot]["first_period"]) / m
        for step in range(terms.rule_from_years.shape[1]):
            if terms.rule_from_years[rule, step] <= held + 1e-9:
                positions[slot]["sale_limit"] = terms.rule_share[rule, step]


@kernel(allocates=False, is_inner=True)
def periods_of(years, periods_per_year):
    """Whole periods that cover a time."""
    return math.ceil(years * periods_per_year - 1e-9)


@kernel(allocates=False, is_inner=True)
def realise(terms, v, slot, t, state):
    """First proceeds of a position take its cost, and the preferred
    accrued on it, into the deal-by-deal waterfall (7.4).
    """
    positions, vehicles = state.positions, state.vehicles
    if terms.vehicles[v]["style"] != Style.DEAL_BY_DEAL or positions[slot]["is_realised"] == 1:
        return
    positions[slot]["is_realised"] = 1
    cost = positions[slot]["cost"]
    step = 1.0 / terms.periods_per_year
    vehicles[v]["realised_cost"] += cost
    if terms.vehicles[v]["compounding"] == 0:
        grown = positions[slot]["cost_discounted"] * (1.0 + terms.vehicles[v]["hurdle_rate"]) ** (
            (t + 1) * step
        )
        vehicles[v]["realised_preferred"] += grown - cost
    else:
        vehicles[v]["realised_preferred"] += (
            terms.vehicles[v]["hurdle_rate"] * step * (cost * t - positions[slot]["cost_when"])
        )
    if vehicles[v]["unallocated_cost"] > 0.0:
        vehicles[v]["realised_keep"] *= max(0.0, 1.0 - cost / vehicles[v]["unallocated_cost"])
    vehicles[v]["unallocated_cost"] = max(0.0, vehicles[v]["unallocated_cost"] - cost)


@kernel(allocates=False, is_inner=True)
def sell_all(terms, slot, amount, channel, b, t, state, out):
    """A whole position turns into cash."""
    positions, vehicles = state.positions, state.vehicles
    v = positions[slot]["vehicle"]
    realise(terms, v, slot, t, state)
    vehicles[v]["proceeds"] += amount
    vehicles[v]["unrealised"] -= positions[slot]["cost"]
    append_exit(slot, channel, b, t, positions[slot]["cost"], amount, out)
    close(positions, vehicles, slot)


@kernel(allocates=False, is_inner=True)
def close(positions, vehicles, slot):
    """Nothing is left of the position."""
    vehicles[positions[slot]["vehicle"]]["n_held"] -= 1
    positions[slot]["status"] = PositionStatus.CLOSED
    positions[slot]["stake"] = 0.0
    positions[slot]["cost"] = 0.0
    positions[slot]["claim_due"] = NEVER


@kernel(allocates=False, is_inner=True)
def sell_down(terms, v, slot, b, t, state, out):
    """Sell what lock-up and sell-down rules allow at the price of the day (5.5)."""
    positions, vehicles = state.positions, state.vehicles
    if t < positions[slot]["lock_end"]:
        return
    realise(terms, v, slot, t, state)
    stake = positions[slot]["stake"]
    sold = min(stake, positions[slot]["sale_limit"])
    amount = sold * state.rows[positions[slot]["row"]]["value"]
    cost = positions[slot]["cost"] * (sold / stake) if stake > 0.0 else positions[slot]["cost"]
    if sold >= stake:
        cost = positions[slot]["cost"]
    vehicles[v]["proceeds"] += amount
    vehicles[v]["unrealised"] -= cost
    positions[slot]["cost"] -= cost
    positions[slot]["stake"] = stake - sold
    line = positions[slot]["exit_line"]
    positions[slot]["exit_line"] = add_to_exit(line, slot, Channel.LISTING, b, t, cost, amount, out)
    if sold >= stake:
        close(positions, vehicles, slot)


@kernel(allocates=False, is_inner=True)
def sell_holdings(terms, market, world, b, t, state, out):
    """Sell-downs, buybacks and transfers of all vehicles, and new buyback claims (5.5–5.7)."""
    positions, vehicles = state.positions, state.vehicles
    m = terms.periods_per_year
    for v in range(vehicles.size):
        if vehicles[v]["status"] != VehicleStatus.LIVE or vehicles[v]["n_held"] == 0:
            continue
        for slot in range(terms.vehicles[v]["first_deal"], terms.vehicles[v]["last_deal"]):
            status = positions[slot]["status"]
            if status == PositionStatus.ON_MARKET:
                sell_down(terms, v, slot, b, t, state, out)
            elif status == PositionStatus.PRIVATE:
                held = t - positions[slot]["first_period"]
                if positions[slot]["claim_due"] <= t:
                    pay_buyback(terms, v, slot, b, t, state, out)
                elif held >= terms.vehicles[v]["transfer_from"]:
                    transfer(terms, market, world, b, v, slot, t, state, out)
                is_anniversary = held >= terms.vehicles[v]["buyback_after"] and held % m == 0
                may_claim = (
                    positions[slot]["status"] == PositionStatus.PRIVATE
                    and positions[slot]["has_claimed"] == 0
                )
                if is_anniversary and may_claim:
                    claim_buyback(terms, market, world, b, v, slot, t, state)


@kernel(allocates=False, is_inner=True)
def claim_buyback(terms, market, world, b, v, slot, t, state):
    """Claim cost with simple interest where that is expected to bring more than the stake is worth (5.6)."""
    positions = state.positions
    row = world.first_row[b] + positions[slot]["row"]
    if world.filing_period[row] <= t and world.stall_period[row] > t:
        return
    rate, full, partial, low, high, correlation = terms.vehicles[v]["buyback"]
    cost = positions[slot]["cost"]
    claim = cost + rate / terms.periods_per_year * (cost * t - positions[slot]["cost_when"])
    value = value_at(terms.clock, terms.enterprises, market, world.lives, b, row, t + 1)
    expected = (full + partial * 0.5 * (low + high)) * claim
    if expected <= worth(terms, world, row, slot, t, value, state):
        return
    positions[slot]["has_claimed"] = 1
    noise = normal(uniform(world.key[row], 4))
    u = normal_cdf(correlation * world.quality[row] + math.sqrt(1.0 - correlation * correlation) * noise)
    if u >= 1.0 - full:
        positions[slot]["claim_share"] = 1.0
    elif u >= 1.0 - full - partial:
        positions[slot]["claim_share"] = low + (high - low) * uniform(world.key[row], 5)
    else:
        return
    positions[slot]["claim_amount"] = positions[slot]["claim_share"] * claim
    positions[slot]["claim_due"] = t + max(terms.vehicles[v]["buyback_delay"], 1)


@kernel(allocates=False, is_inner=True)
def pay_buyback(terms, v, slot, b, t, state, out):
    """The enterprise pays; the paid share of the position is surrendered (5.6)."""
    positions, vehicles = state.positions, state.vehicles
    share, amount = positions[slot]["claim_share"], positions[slot]["claim_amount"]
    if share >= 1.0:
        sell_all(terms, slot, amount, Channel.BUYBACK, b, t, state, out)
        return
    realise(terms, v, slot, t, state)
    cost = positions[slot]["cost"] * share
    vehicles[v]["proceeds"] += amount
    vehicles[v]["unrealised"] -= cost
    append_exit(slot, Channel.BUYBACK, b, t, cost, amount, out)
    kept = 1.0 - share
    positions[slot]["stake"] *= kept
    positions[slot]["cost"] -= cost
    positions[slot]["cost_when"] *= kept
    positions[slot]["cost_discounted"] *= kept
    for k in range(state.round_cost.shape[1]):
        state.round_cost[slot, k] *= kept
    positions[slot]["claim_due"] = NEVER


@kernel(allocates=False, is_inner=True)
def sale_value(terms, market, world, b, slot, t, state):
    """A position's share of the stack at the lower of the last post-money and the value (5.7)."""
    r = state.positions[slot]["row"]
    row = world.first_row[b] + r
    value = value_at(terms.clock, terms.enterprises, market, world.lives, b, row, t + 1)
    return worth(terms, world, row, slot, t, min(value, state.rows[r]["post"]), state)


@kernel(allocates=False, is_inner=True)
def transfer(terms, market, world, b, v, slot, t, state, out):
    """A buyer may be found in this period; he pays a discounted value (5.7)."""
    key = state.positions[slot]["transfer_key"]
    if uniform(key, 2 * t) >= terms.vehicles[v]["transfer_probability"]:
        return
    discount = draw_from(terms.tables, terms.vehicles[v]["transfer_discount"], uniform(key, 2 * t + 1))
    value = sale_value(terms, market, world, b, slot, t, state)
    sell_all(terms, slot, value * (1.0 - discount), Channel.TRANSFER, b, t, state, out)


@kernel(allocates=False, is_inner=True)
def sell_at_term(terms, market, world, b, v, t, discount, state, out):
    """The vehicle ends: what it holds is sold at a discount (7.8,
    5.7); listed stakes at their price less the discount.
    """
    positions = state.positions
    for slot in range(terms.vehicles[v]["first_deal"], terms.vehicles[v]["last_deal"]):
        if positions[slot]["status"] == PositionStatus.PRIVATE:
            value = sale_value(terms, market, world, b, slot, t, state)
            sell_all(terms, slot, value * (1.0 - discount), Channel.TERM_SALE, b, t, state, out)
        elif positions[slot]["status"] == PositionStatus.ON_MARKET:
            amount = positions[slot]["stake"] * state.rows[positions[slot]["row"]]["value"] * (1.0 - discount)
            sell_all(terms, slot, amount, Channel.TERM_SALE, b, t, state, out)


@kernel(allocates=False, is_inner=True)
def mark_positions(terms, market, world, b, t, is_before_calls, state):
    """Own enterprises and pools of each vehicle at marks (5.7, 7.7); a
    pool before or after its contribution of the period.
    """
    positions, vehicles = state.positions, state.vehicles
    for v in range(vehicles.size):
        total = 0.0
        if vehicles[v]["status"] == VehicleStatus.LIVE:
            last = terms.vehicles[v]["last_deal"] if vehicles[v]["n_held"] > 0 else 0
            for slot in range(terms.vehicles[v]["first_deal"], last):
                status = positions[slot]["status"]
                if status == PositionStatus.PRIVATE or status == PositionStatus.ON_MARKET:
                    total += mark(terms, market, world, b, v, slot, t, state)
            if terms.vehicles[v]["has_pool"] == 1:
                share = terms.periods[v, t]["pool_nav"]
                if is_before_calls:
                    share = max(0.0, share - terms.periods[v, t]["pool_contribution"])
                total += share * vehicles[v]["investable"]
            total += property_marks(terms, world, b, v, t, is_before_calls, state)
        vehicles[v]["marks"] = total


@kernel(allocates=False, is_inner=True)
def mark(terms, market, world, b, v, slot, t, state):
    """Mark of one position: listed price, last round, cost or model value."""
    positions, rows = state.positions, state.rows
    r = positions[slot]["row"]
    if positions[slot]["status"] == PositionStatus.ON_MARKET:
        return positions[slot]["stake"] * rows[r]["value"]
    if terms.vehicles[v]["mark"] == Mark.LAST_ROUND:
        return positions[slot]["stake"] * rows[r]["post"]
    if terms.vehicles[v]["mark"] == Mark.COST:
        return positions[slot]["cost"]
    value = value_at(terms.clock, terms.enterprises, market, world.lives, b, world.first_row[b] + r, t + 1)
    return positions[slot]["stake"] * value
