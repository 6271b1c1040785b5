"""Step (a) of a period: rounds dilute, enterprises end, stakes are sold, bought back and transferred; and marks (5.3–5.7)."""

from __future__ import annotations

import math

from fundsim.kernels.arrivals import deal_key
from fundsim.kernels.distributions import draw_from
from fundsim.kernels.fund_state import CLOSED, LIVE, ON_MARKET, PRIVATE
from fundsim.kernels.jit import kernel
from fundsim.kernels.layout import (
    CHANNEL_BUYBACK,
    CHANNEL_LISTING,
    CHANNEL_MERGER,
    CHANNEL_TERM_SALE,
    CHANNEL_TRANSFER,
    CHANNEL_WRITE_OFF,
    FAILED,
    LISTED,
    MARK_COST,
    MARK_LAST_ROUND,
    NEVER,
    STYLE_DEAL_BY_DEAL,
)
from fundsim.kernels.preference import share_out
from fundsim.kernels.random import derive, normal, normal_cdf, uniform
from fundsim.kernels.value import listed_step, value_at

TRANSFER_STREAM = 5  # place in EnterpriseTerms.own_streams


@kernel
def move_listed(grid, enterprise_terms, market, world, b, t, state):
    """One period of the price of every listed enterprise that is still held (3.5)."""
    rows, positions = state.rows, state.positions
    base = world.first_row[b]
    n_kept = 0
    for i in range(rows.counts[1]):
        r = rows.listed[i]
        is_held = False
        slot = rows.head[r]
        while slot >= 0:
            is_held = is_held or positions.status[slot] == ON_MARKET
            slot = positions.next_slot[slot]
        if is_held:
            log_value = listed_step(grid, enterprise_terms, market, world, b, base + r, t, rows.log_value[r])
            rows.log_value[r] = log_value
            rows.value[r] = math.exp(log_value)
            rows.listed[n_kept] = r
            n_kept += 1
    rows.counts[1] = n_kept


@kernel
def read_events(grid, terms, enterprise_terms, world, b, t, state, out):
    """Rounds and ends of the period, in row order: dilute, note what is on offer, pay what mergers and failures bring (5.3, 5.4)."""
    rows = state.rows
    base = world.first_row[b]
    width = world.round_period.shape[1] + 1
    rows.counts[0] = 0
    last = world.first_event[b, t + 1]
    for e in range(world.first_event[b, t], last):
        row = world.event_order[e] // width
        place = world.event_order[e] - row * width
        if place == width - 1:
            if rows.head[row - base] >= 0:
                end_enterprise(grid, terms, enterprise_terms, world, b, row, t, state, out)
        else:
            is_last = e + 1 == last or world.event_order[e + 1] // width != row
            open_round(enterprise_terms, world, b, row, place, is_last, t, state)


@kernel
def open_round(enterprise_terms, world, b, row, place, is_last, t, state):
    """A round dilutes its holders, and is on offer if it is its enterprise's last event of the period (3.4, 5.3)."""
    rows, positions = state.rows, state.positions
    r = row - world.first_row[b]
    sold = world.round_sold[row, place]
    rows.place[r] = place
    rows.post[r] = world.round_pre[row, place] / (1.0 - sold)
    if place > 0:
        kept = (1.0 - enterprise_terms.stage_option_pool[world.first_stage[row] + place]) * (1.0 - sold)
        slot = rows.head[r]
        while slot >= 0:
            positions.stake_before[slot] = positions.stake[slot]
            positions.stake[slot] *= kept
            slot = positions.next_slot[slot]
    rows.left[r] = rows.post[r] * sold if is_last else 0.0
    if is_last and (r < world.n_park[b] or rows.head[r] >= 0):
        offer(rows, r, place, t)


@kernel
def offer(rows, r, place, t):
    """Put a round on the list of what vehicles may buy in this period."""
    n = rows.counts[0]
    rows.offer_row[n] = r
    rows.offer_place[n] = place
    rows.is_offered[r] = t + 1
    rows.counts[0] = n + 1


@kernel
def fill_stack(enterprise_terms, world, row, t, stack):
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
            later *= 1.0 - enterprise_terms.stage_option_pool[world.first_stage[row] + k]
    return n


@kernel
def share_of_stack(slot, n_rounds, state):
    """What a position gets of the money paid to each round in ``state.stack[3]``."""
    amount = 0.0
    for k in range(n_rounds):
        if state.stack[1, k] > 0.0:
            amount += state.stack[3, k] * state.positions.round_cost[slot, k] / state.stack[1, k]
    return amount


@kernel
def worth(enterprise_terms, world, row, slot, t, value, state):
    """A position's share of the preference stack if its enterprise were sold for ``value``."""
    n = fill_stack(enterprise_terms, world, row, t, state.stack)
    kind = enterprise_terms.sector_preference[world.sector[row]]
    share_out(value, kind, n, state.stack[0], state.stack[1], state.stack[2], state.stack[3])
    return share_of_stack(slot, n, state)


@kernel
def end_enterprise(grid, terms, enterprise_terms, world, b, row, t, state, out):
    """A held enterprise lists, merges or fails (3.5, 3.6, 5.4)."""
    rows, positions = state.rows, state.positions
    r = row - world.first_row[b]
    kind = world.end_kind[row]
    if kind == LISTED:
        list_enterprise(grid, terms, enterprise_terms, world, b, row, t, state)
        return
    n = fill_stack(enterprise_terms, world, row, t, state.stack)
    preference = enterprise_terms.sector_preference[world.sector[row]]
    value = world.end_value[row]
    share_out(value, preference, n, state.stack[0], state.stack[1], state.stack[2], state.stack[3])
    channel = CHANNEL_WRITE_OFF if kind == FAILED else CHANNEL_MERGER
    slot = rows.head[r]
    while slot >= 0:
        if positions.status[slot] == PRIVATE:
            amount = share_of_stack(slot, n, state)
            if not math.isnan(world.end_multiple[row]):
                amount = positions.cost[slot] * world.end_multiple[row]
            sell_all(grid, terms, slot, amount, channel, b, t, state, out)
        slot = positions.next_slot[slot]


@kernel
def list_enterprise(grid, terms, enterprise_terms, world, b, row, t, state):
    """Holders' stakes are diluted by the new shares and locked; the price runs from here (3.5, 5.5)."""
    rows, positions = state.rows, state.positions
    r = row - world.first_row[b]
    kept = 1.0 - world.listing_share[row]
    rows.value[r] = world.end_value[row] / kept
    rows.log_value[r] = math.log(rows.value[r])
    rows.listed[rows.counts[1]] = r
    rows.counts[1] += 1
    slot = rows.head[r]
    while slot >= 0:
        if positions.status[slot] == PRIVATE:
            positions.status[slot] = ON_MARKET
            positions.stake[slot] *= kept
            positions.exit_line[slot] = -1
            positions.claim_due[slot] = NEVER
            lock(grid, enterprise_terms, world, row, slot, t, positions)
        slot = positions.next_slot[slot]


@kernel
def lock(grid, enterprise_terms, world, row, slot, t, positions):
    """First period of sale and the most that may be sold a period (5.5)."""
    board = world.board[row]
    m = grid.periods_per_year
    end = t + periods_of(enterprise_terms.board_lock_up_years[board], m)
    late = enterprise_terms.board_late_entry[board]
    since_entry = world.filing_period[row] - positions.last_period[slot]
    if not math.isnan(late[0]) and since_entry <= late[0] * m + 1e-9:
        end = max(end, positions.last_period[slot] + periods_of(late[1], m))
    positions.lock_end[slot] = end
    positions.sale_limit[slot] = math.inf
    rule = enterprise_terms.board_sell_down[board]
    if rule >= 0:
        held = (t - positions.first_period[slot]) / m
        for step in range(enterprise_terms.rule_from_years.shape[1]):
            if enterprise_terms.rule_from_years[rule, step] <= held + 1e-9:
                positions.sale_limit[slot] = enterprise_terms.rule_share[rule, step]


@kernel
def periods_of(years, periods_per_year):
    """Whole periods that cover a time."""
    return int(math.ceil(years * periods_per_year - 1e-9))


@kernel
def realise(grid, terms, v, slot, t, state):
    """First proceeds of a position take its cost, and the preferred accrued on it, into the deal-by-deal waterfall (7.4)."""
    positions, vehicles = state.positions, state.vehicles
    if terms.style[v] != STYLE_DEAL_BY_DEAL or positions.is_realised[slot] == 1:
        return
    positions.is_realised[slot] = 1
    cost = positions.cost[slot]
    step = 1.0 / grid.periods_per_year
    vehicles.realised_cost[v] += cost
    if terms.compounding[v] == 0:
        grown = positions.cost_discounted[slot] * (1.0 + terms.hurdle_rate[v]) ** ((t + 1) * step)
        vehicles.realised_preferred[v] += grown - cost
    else:
        vehicles.realised_preferred[v] += terms.hurdle_rate[v] * step * (cost * t - positions.cost_when[slot])
    if vehicles.unallocated_cost[v] > 0.0:
        vehicles.realised_keep[v] *= max(0.0, 1.0 - cost / vehicles.unallocated_cost[v])
    vehicles.unallocated_cost[v] = max(0.0, vehicles.unallocated_cost[v] - cost)


@kernel
def record_exit(out, b, slot, channel, t, cost, proceeds):
    """A line of the exits table."""
    n = out.n_exits[b]
    out.exit_deal[b, n] = slot
    out.exit_channel[b, n] = channel
    out.exit_period[b, n] = t
    out.exit_cost[b, n] = cost
    out.exit_proceeds[b, n] = proceeds
    out.n_exits[b] = n + 1


@kernel
def sell_all(grid, terms, slot, amount, channel, b, t, state, out):
    """A whole position turns into cash."""
    positions, vehicles = state.positions, state.vehicles
    v = positions.vehicle[slot]
    realise(grid, terms, v, slot, t, state)
    vehicles.proceeds[v] += amount
    vehicles.unrealised[v] -= positions.cost[slot]
    record_exit(out, b, slot, channel, t, positions.cost[slot], amount)
    close(positions, slot)


@kernel
def close(positions, slot):
    """Nothing is left of the position."""
    positions.status[slot] = CLOSED
    positions.stake[slot] = 0.0
    positions.cost[slot] = 0.0
    positions.claim_due[slot] = NEVER


@kernel
def sell_down(grid, terms, v, slot, b, t, state, out):
    """Sell what lock-up and sell-down rules allow at the price of the day (5.5)."""
    positions, vehicles = state.positions, state.vehicles
    if t < positions.lock_end[slot]:
        return
    realise(grid, terms, v, slot, t, state)
    stake = positions.stake[slot]
    sold = min(stake, positions.sale_limit[slot])
    amount = sold * state.rows.value[positions.row[slot]]
    cost = positions.cost[slot] * (sold / stake) if stake > 0.0 else positions.cost[slot]
    if sold >= stake:
        cost = positions.cost[slot]
    vehicles.proceeds[v] += amount
    vehicles.unrealised[v] -= cost
    positions.cost[slot] -= cost
    positions.stake[slot] = stake - sold
    line = positions.exit_line[slot]
    if line < 0:
        positions.exit_line[slot] = out.n_exits[b]
        record_exit(out, b, slot, CHANNEL_LISTING, t, cost, amount)
    else:
        out.exit_period[b, line] = t
        out.exit_cost[b, line] += cost
        out.exit_proceeds[b, line] += amount
    if sold >= stake:
        close(positions, slot)


@kernel
def sell_holdings(grid, terms, enterprise_terms, market, world, first_path, b, t, state, out):
    """Sell-downs, buybacks and transfers of all vehicles, and new buyback claims (5.5–5.7)."""
    positions, vehicles = state.positions, state.vehicles
    m = grid.periods_per_year
    for v in range(vehicles.status.size):
        if vehicles.status[v] != LIVE:
            continue
        for slot in range(terms.first_deal[v], terms.first_deal[v + 1]):
            status = positions.status[slot]
            if status == ON_MARKET:
                sell_down(grid, terms, v, slot, b, t, state, out)
            elif status == PRIVATE:
                held = t - positions.first_period[slot]
                if positions.claim_due[slot] <= t:
                    pay_buyback(grid, terms, v, slot, b, t, state, out)
                elif held >= terms.transfer_from[v]:
                    transfer(
                        grid, terms, enterprise_terms, market, world, first_path, b, v, slot, t, state, out
                    )
                if positions.status[slot] == PRIVATE and positions.has_claimed[slot] == 0:
                    if held >= terms.buyback_after[v] and held % m == 0:
                        claim_buyback(grid, terms, enterprise_terms, market, world, b, v, slot, t, state)


@kernel
def claim_buyback(grid, terms, enterprise_terms, market, world, b, v, slot, t, state):
    """Claim cost with simple interest where that is expected to bring more than the stake is worth (5.6)."""
    positions = state.positions
    row = world.first_row[b] + positions.row[slot]
    if world.filing_period[row] <= t and world.stall_period[row] > t:
        return
    rate, full, partial, low, high, correlation = terms.buyback[v]
    cost = positions.cost[slot]
    claim = cost + rate / grid.periods_per_year * (cost * t - positions.cost_when[slot])
    value = value_at(grid, enterprise_terms, market, world, b, row, t + 1)
    expected = (full + partial * 0.5 * (low + high)) * claim
    if expected <= worth(enterprise_terms, world, row, slot, t, value, state):
        return
    positions.has_claimed[slot] = 1
    noise = normal(uniform(world.key[row], 4))
    u = normal_cdf(correlation * world.quality[row] + math.sqrt(1.0 - correlation * correlation) * noise)
    if u >= 1.0 - full:
        positions.claim_share[slot] = 1.0
    elif u >= 1.0 - full - partial:
        positions.claim_share[slot] = low + (high - low) * uniform(world.key[row], 5)
    else:
        return
    positions.claim_amount[slot] = positions.claim_share[slot] * claim
    positions.claim_due[slot] = t + max(terms.buyback_delay[v], 1)


@kernel
def pay_buyback(grid, terms, v, slot, b, t, state, out):
    """The enterprise pays; the paid share of the position is surrendered (5.6)."""
    positions, vehicles = state.positions, state.vehicles
    share, amount = positions.claim_share[slot], positions.claim_amount[slot]
    if share >= 1.0:
        sell_all(grid, terms, slot, amount, CHANNEL_BUYBACK, b, t, state, out)
        return
    realise(grid, terms, v, slot, t, state)
    cost = positions.cost[slot] * share
    vehicles.proceeds[v] += amount
    vehicles.unrealised[v] -= cost
    record_exit(out, b, slot, CHANNEL_BUYBACK, t, cost, amount)
    kept = 1.0 - share
    positions.kept[slot] *= kept
    positions.stake[slot] *= kept
    positions.cost[slot] -= cost
    positions.cost_when[slot] *= kept
    positions.cost_discounted[slot] *= kept
    for k in range(positions.round_cost.shape[1]):
        positions.round_cost[slot, k] *= kept
    positions.claim_due[slot] = NEVER


@kernel
def sale_value(grid, enterprise_terms, market, world, b, slot, t, state):
    """A position's share of the stack at the lower of the last post-money and the value (5.7)."""
    r = state.positions.row[slot]
    row = world.first_row[b] + r
    value = value_at(grid, enterprise_terms, market, world, b, row, t + 1)
    return worth(enterprise_terms, world, row, slot, t, min(value, state.rows.post[r]), state)


@kernel
def transfer(grid, terms, enterprise_terms, market, world, first_path, b, v, slot, t, state, out):
    """A buyer may be found in this period; he pays a discounted value (5.7)."""
    key = derive(
        deal_key(grid, enterprise_terms, first_path + b, slot), enterprise_terms.own_streams[TRANSFER_STREAM]
    )
    if uniform(key, 2 * t) >= terms.transfer_probability[v]:
        return
    discount = draw_from(terms.tables, terms.transfer_discount[v], uniform(key, 2 * t + 1))
    value = sale_value(grid, enterprise_terms, market, world, b, slot, t, state)
    sell_all(grid, terms, slot, value * (1.0 - discount), CHANNEL_TRANSFER, b, t, state, out)


@kernel
def sell_at_term(grid, terms, enterprise_terms, market, world, b, v, t, discount, state, out):
    """The vehicle ends: what it holds is sold at a discount (7.8, 5.7); listed stakes at their price less the discount."""
    positions = state.positions
    for slot in range(terms.first_deal[v], terms.first_deal[v + 1]):
        if positions.status[slot] == PRIVATE:
            value = sale_value(grid, enterprise_terms, market, world, b, slot, t, state)
            sell_all(grid, terms, slot, value * (1.0 - discount), CHANNEL_TERM_SALE, b, t, state, out)
        elif positions.status[slot] == ON_MARKET:
            amount = positions.stake[slot] * state.rows.value[positions.row[slot]] * (1.0 - discount)
            sell_all(grid, terms, slot, amount, CHANNEL_TERM_SALE, b, t, state, out)


@kernel
def mark_positions(grid, terms, enterprise_terms, market, world, b, t, is_before_calls, state):
    """Own enterprises and pools of each vehicle at marks (5.7, 7.7); a pool before or after its contribution of the period."""
    positions, vehicles = state.positions, state.vehicles
    for v in range(vehicles.status.size):
        total = 0.0
        if vehicles.status[v] == LIVE:
            for slot in range(terms.first_deal[v], terms.first_deal[v + 1]):
                status = positions.status[slot]
                if status == PRIVATE or status == ON_MARKET:
                    total += mark(grid, terms, enterprise_terms, market, world, b, v, slot, t, state)
            if terms.has_pool[v] == 1:
                total += terms.pool_nav[v, t + 1] * vehicles.investable[v]
                if is_before_calls:
                    total -= terms.pool_contribution[v, t] * vehicles.investable[v]
        vehicles.marks[v] = total


@kernel
def mark(grid, terms, enterprise_terms, market, world, b, v, slot, t, state):
    """Mark of one position: listed price, last round, cost or model value."""
    positions, rows = state.positions, state.rows
    r = positions.row[slot]
    if positions.status[slot] == ON_MARKET:
        return positions.stake[slot] * rows.value[r]
    if terms.mark[v] == MARK_LAST_ROUND:
        return positions.stake[slot] * rows.post[r]
    if terms.mark[v] == MARK_COST:
        return positions.cost[slot]
    value = value_at(grid, enterprise_terms, market, world, b, world.first_row[b] + r, t + 1)
    return positions.stake[slot] * value
