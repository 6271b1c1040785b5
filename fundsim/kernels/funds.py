"""The funds pass (§5, §7): one path after another, forward in time, the only pass where money moves between vehicles."""

from __future__ import annotations

import numpy as np

from fundsim.kernels.capital import call_capital, earn_interest, settle, value_classes
from fundsim.kernels.fund_state import CLOSED, EMPTY, ENDED, LIVE, start_path, start_period
from fundsim.kernels.holdings import mark, move_listed, read_events, sell_holdings
from fundsim.kernels.investing import check_points, follow_on, new_deals
from fundsim.kernels.jit import kernel
from fundsim.kernels.layout import NEVER, FundBlock


def allocate_funds(n_paths: int, n_periods: int, terms) -> FundBlock:
    """Memory for what the funds pass writes about ``n_paths`` paths."""
    n_vehicles, n_classes = terms.start_period.size, terms.class_vehicle.size
    n_investors, n_deals = terms.investor_class.size, terms.deal_period.size
    flow, stock = n_periods, n_periods + 1
    shapes = {
        "contribution": (n_classes, flow), "distribution": (n_classes, flow), "nav": (n_classes, stock),
        "cash": (n_vehicles, stock), "holdings": (n_vehicles, stock), "unrealised_cost": (n_vehicles, stock),
        "end_period": (n_vehicles,), "sold_period": (n_investors,), "n_follow_ons": (n_vehicles,), "n_exits": (),
        "largest_stake": (),
    }  # fmt: skip
    whole = {"end_period", "sold_period", "deal_row", "deal_bought", "deal_place", "deal_is_credited", "n_exits",
             "n_follow_ons", "exit_deal", "exit_channel", "exit_period"}  # fmt: skip
    arrays = {}
    for name in FundBlock._fields:
        shape = shapes.get(name, (n_vehicles, flow))
        if name.startswith("deal_"):
            shape = (n_deals,)
        elif name.startswith("exit_"):
            shape = (3 * n_deals,)  # a buyback in part, a sell-down and a term sale
        arrays[name] = np.zeros((n_paths, *shape), dtype=np.int64 if name in whole else np.float64)
    return FundBlock(**arrays)


@kernel
def clear_path(b, out):
    """Set what a path adds to, and what stays where nothing happens."""
    out.contribution[b] = 0.0
    out.distribution[b] = 0.0
    out.nav[b] = 0.0
    out.carry[b] = 0.0
    out.fee[b] = 0.0
    out.invested[b] = 0.0
    out.expense[b] = 0.0
    out.proceeds[b] = 0.0
    out.child_call[b] = 0.0
    out.child_distribution[b] = 0.0
    out.interest[b] = 0.0
    out.recycled[b] = 0.0
    out.cash[b] = 0.0
    out.holdings[b] = 0.0
    out.unrealised_cost[b] = 0.0
    out.co_invested[b] = 0.0
    out.credited[b] = 0.0
    out.end_period[b] = NEVER
    out.sold_period[b] = NEVER
    out.deal_row[b] = -1
    out.deal_bought[b] = -1
    out.deal_place[b] = -1
    out.deal_cost[b] = 0.0
    out.deal_first_cost[b] = 0.0
    out.deal_is_credited[b] = 0
    out.deal_value[b] = 0.0
    out.n_follow_ons[b] = 0
    out.n_exits[b] = 0
    out.largest_stake[b] = 0.0


@kernel
def watch_stakes(b, n_rows, state, out):
    """Largest sum of the cluster's stakes in an enterprise with a round or a listing on the table (§10)."""
    rows, positions = state.rows, state.positions
    for i in range(rows.counts[0]):
        total = 0.0
        slot = rows.head[rows.offer_row[i]]
        while slot >= 0:
            total += positions.stake[slot]
            slot = positions.next_slot[slot]
        if total > out.largest_stake[b]:
            out.largest_stake[b] = total


@kernel
def value_deals(grid, terms, enterprise_terms, market, world, b, state, out):
    """Marks of what is still held at the horizon."""
    t = grid.n_periods - 1
    for v in range(terms.start_period.size):
        for slot in range(terms.first_deal[v], terms.first_deal[v + 1]):
            status = state.positions.status[slot]
            if state.vehicles.status[v] == LIVE and status != EMPTY and status != CLOSED:
                out.deal_value[b, slot] = mark(
                    grid, terms, enterprise_terms, market, world, b, v, slot, t, state
                )


@kernel
def funds_pass(grid, terms, enterprise_terms, market, closing, world, first_path, state, out):
    """Run the funds of every path of a block.

    Parameters
    ----------
    grid, terms, enterprise_terms : GridTerms, FundTerms, EnterpriseTerms
    market, closing, world : MarketBlock, ClosingBlock, EnterpriseBlock
        What the earlier passes wrote about the block.
    first_path : int
        Number of the block's first path.
    state : FundState
        Memory for one path (`allocate_state`).
    out : FundBlock
        Filled.
    """
    for b in range(out.n_exits.size):
        n_rows = world.first_row[b + 1] - world.first_row[b]
        clear_path(b, out)
        start_path(terms, closing, b, n_rows, state)
        for v in range(terms.start_period.size):
            if state.vehicles.status[v] == ENDED:
                out.end_period[b, v] = -1
        for t in range(grid.n_periods):
            start_period(terms, t, state)
            earn_interest(terms, b, t, state, out)
            move_listed(grid, enterprise_terms, market, world, b, t, state)
            read_events(grid, terms, enterprise_terms, world, b, t, state, out)
            sell_holdings(grid, terms, enterprise_terms, market, world, first_path, b, t, state, out)
            collect_pools(terms, t, state)
            settle(grid, terms, enterprise_terms, market, world, first_path, b, t, state, out)
            check_points(terms, t, state)
            follow_on(grid, terms, world, b, t, state, out)
            new_deals(grid, terms, enterprise_terms, world, first_path, b, t, state, out)
            watch_stakes(b, n_rows, state, out)
            call_capital(terms, b, t, state, out)
            value_classes(grid, terms, enterprise_terms, market, world, b, t, state, out)
        value_deals(grid, terms, enterprise_terms, market, world, b, state, out)


@kernel
def collect_pools(terms, t, state):
    """Distributions of top-down and scheduled pools (7.7)."""
    vehicles = state.vehicles
    for v in range(vehicles.status.size):
        if vehicles.status[v] == LIVE and terms.has_pool[v] == 1:
            amount = terms.pool_distribution[v, t] * vehicles.investable[v]
            left = (terms.pool_nav[v, t + 1] - terms.pool_contribution[v, t]) * vehicles.investable[v]
            vehicles.proceeds[v] += amount
            if amount > 0.0:
                sold = vehicles.pool_cost[v] * amount / (amount + max(left, 0.0))
                vehicles.pool_cost[v] -= sold
                vehicles.unrealised[v] -= sold
