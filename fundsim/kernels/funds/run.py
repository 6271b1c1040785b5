"""The funds pass (§5, §7): one path after another, forward in time,
the only pass where money moves between vehicles.
"""

import numpy as np

from fundsim.kernels.base.bits import sets_of, words_for
from fundsim.kernels.base.jit import kernel
from fundsim.kernels.base.random import LANES, derive, shared_draws
from fundsim.kernels.funds.calendar import LOOK_AHEAD
from fundsim.kernels.funds.calls import call_capital, earn_interest
from fundsim.kernels.funds.deals import contribute_to_pools, follow_on, new_deals, stop_idle
from fundsim.kernels.funds.distribution import settle
from fundsim.kernels.funds.exits import LINES_EACH
from fundsim.kernels.funds.holdings import NOBODY, SEVERAL, move_listed, read_events
from fundsim.kernels.funds.instruments import call_due, check_due, open_due, plan_due, settle_due
from fundsim.kernels.funds.interests import buy_interests, collect_interests, pay_interest_calls
from fundsim.kernels.funds.marks import value_deals
from fundsim.kernels.funds.moment import Moment
from fundsim.kernels.funds.nav import value_classes
from fundsim.kernels.funds.records import Factors, FundPlan, FundRecords, fund_world
from fundsim.kernels.funds.ring import allocate_ring
from fundsim.kernels.funds.sales import sell_holdings
from fundsim.kernels.funds.state import ROW, FundState, clear_period, start_path, start_positions
from fundsim.kernels.layout import (
    DEAL_RESULT,
    EXIT_RESULT,
    HOLDING_RESULT,
    NEVER,
    NEW,
    PATH_RESULT,
    VEHICLE_RESULT,
    ClosingBlock,
    EnterpriseBlock,
    FundBlock,
    MarketBlock,
    Memory,
)
from fundsim.vocabulary import ClassFlow, VehicleFlow, VehicleStatus, VehicleStock


def allocate_funds(n_paths: int, terms: FundRecords, memory: Memory = NEW) -> FundBlock:
    """Memory for what the funds pass writes about ``n_paths`` paths."""
    n_vehicles, n_periods = terms.periods.shape
    n_classes = terms.classes.size
    n_investors, n_deals = terms.investors.size, terms.deals.size
    n_holdings = terms.holding_interest.size
    return FundBlock(
        class_flows=memory.empty((n_paths, len(ClassFlow), n_classes, n_periods)),
        class_nav=memory.empty((n_paths, n_classes, n_periods + 1)),
        vehicle_flows=memory.empty((n_paths, len(VehicleFlow), n_vehicles, n_periods)),
        vehicle_stocks=memory.empty((n_paths, len(VehicleStock), n_vehicles, n_periods + 1)),
        vehicles=memory.empty((n_paths, n_vehicles), dtype=VEHICLE_RESULT),
        sold_period=memory.empty((n_paths, n_investors), dtype=np.int64),
        deals=memory.empty((n_paths, n_deals), dtype=DEAL_RESULT),
        exits=memory.empty((n_paths, LINES_EACH * (n_deals + n_holdings)), dtype=EXIT_RESULT),
        paths=memory.empty(n_paths, dtype=PATH_RESULT),
        shares=memory.empty((n_paths, n_holdings), dtype=HOLDING_RESULT),
    )


def allocate_state(plan: FundPlan, n_rows: int, n_places: int) -> FundState:
    """Memory for one path at a time; ``n_rows`` is the most rows of a path, ``n_places`` is K."""
    terms, opening, n_rows = plan.terms, plan.opening, max(n_rows, 1)
    n_deals, n_words = opening.positions.size, words_for(opening.positions.size)
    state = FundState(
        **{name: np.empty_like(records) for name, records in opening._asdict().items()},
        round_cost=np.zeros((n_deals, n_places)),
        rows=np.zeros(n_rows, dtype=ROW),
        interest_left=np.zeros(terms.interests.size),
        offer_row=np.zeros(n_rows, dtype=np.int64),
        listed=np.zeros(n_rows, dtype=np.int64),
        counts=np.zeros(2, dtype=np.int64),
        wanted=sets_of(terms.stage_is_wanted),
        takers=np.stack([sole(takes_park(terms)), sole(takes_outside(terms))]),
        on_offer=np.zeros(words_for(terms.stage_is_wanted.shape[1]), dtype=np.uint64),
        last_offer=np.zeros(terms.stage_is_wanted.shape[1], dtype=np.int64),
        next_offer=np.zeros(n_rows, dtype=np.int64),
        ring=allocate_ring(n_rows if terms.vehicles["looks_at"].min(initial=NEVER) < n_rows else 0),
        matches=np.zeros(n_rows + LANES, dtype=np.int64),
        match_rows=np.zeros(n_rows + LANES, dtype=np.int64),
        match_keys=np.zeros(n_rows + LANES, dtype=np.uint64),
        match_draws=np.zeros(n_rows + LANES),
        sales=np.zeros((terms.n_periods, n_words), dtype=np.uint64),
        planned=np.zeros(n_words, dtype=np.uint64),
        offered=np.zeros(n_words, dtype=np.uint64),
        held=np.zeros(n_words, dtype=np.uint64),
        modelled=np.zeros(n_words, dtype=np.uint64),
        found=np.zeros(n_deals, dtype=np.int64),
        marks=np.zeros(n_deals),
        deal_keys=np.zeros(n_deals, dtype=np.uint64),
        transfer_keys=np.zeros(n_deals, dtype=np.uint64),
        deal_draws=np.zeros((2, n_deals)),
        blank_row=np.zeros(1, dtype=ROW),
        draws=np.zeros(LOOK_AHEAD),
        stack=np.zeros((4, n_places)),
    )
    state.blank_row["head"] = -1
    state.blank_row["counted"] = -1
    state.blank_row["offered"] = NEVER
    return state


def takes_park(terms: FundRecords) -> np.ndarray:
    """Where a vehicle may take rounds of the park's enterprises, (V, S) (5.1)."""
    own = terms.vehicles
    takes = own["last_with"] > own["first_with"]
    takes[terms.deals["vehicle"][terms.deals["park_share"] > 0.0]] = True
    return terms.stage_is_wanted * takes[:, None]


def takes_outside(terms: FundRecords) -> np.ndarray:
    """Where a vehicle may take rounds of enterprises outside the park that others hold, (V, S) (5.1)."""
    own = terms.vehicles
    takes = (own["relay"] == 1) | (own["last_with"] > own["first_with"])
    return terms.stage_is_wanted * takes[:, None]


def sole(is_taker: np.ndarray) -> np.ndarray:
    """The one vehicle that wants each stage, `NOBODY`, or `SEVERAL`, (S,)."""
    n = is_taker.sum(axis=0)
    return np.where(n == 1, is_taker.argmax(axis=0), np.where(n == 0, NOBODY, SEVERAL))


@kernel(allocates=False, is_inner=True)
def clear_path(b, out):
    """Set what a path adds to, and what stays where nothing happens."""
    out.class_flows[b] = 0.0
    out.class_nav[b] = 0.0
    out.vehicle_flows[b] = 0.0
    out.vehicle_stocks[b] = 0.0
    out.sold_period[b] = NEVER
    for v in range(out.vehicles.shape[1]):
        out.vehicles[b, v]["end_period"] = NEVER
        out.vehicles[b, v]["n_follow_ons"], out.vehicles[b, v]["n_missed"] = 0, 0
    for slot in range(out.deals.shape[1]):
        deal = out.deals[b, slot]
        deal["row"], deal["bought"], deal["place"], deal["is_credited"] = -1, -1, -1, 0
        deal["cost"], deal["first_cost"], deal["value"] = 0.0, 0.0, 0.0
    for h in range(out.shares.shape[1]):
        held = out.shares[b, h]
        held["bought"], held["sold"], held["share"], held["cost"] = -1, NEVER, 0.0, 0.0
        held["income"], held["capital"], held["value"] = 0.0, 0.0, 0.0
    out.paths[b]["n_exits"], out.paths[b]["n_lost_exits"] = 0, 0
    out.paths[b]["largest_stake"] = 0.0


@kernel(allocates=False, is_inner=True)
def watch_stakes(b, state, out):
    """Largest sum of the cluster's stakes in an enterprise with a round or a listing on the table (§10)."""
    for i in range(state.counts[0]):
        total = 0.0
        slot = state.rows[state.offer_row[i]]["head"]
        while slot >= 0:
            position = state.positions[slot]
            total += position["stake"]
            slot = position["next_slot"]
        out.paths[b]["largest_stake"] = max(out.paths[b]["largest_stake"], total)


def funds_pass(
    plan: FundPlan,
    market: MarketBlock,
    closing: ClosingBlock,
    world: EnterpriseBlock,
    interests: np.ndarray,
    first_path: int,
    state: FundState,
    out: FundBlock,
) -> None:
    """Run the funds of every path of a block.

    Parameters
    ----------
    plan : FundPlan
    market, closing, world : MarketBlock, ClosingBlock, EnterpriseBlock
        What the earlier passes wrote about the block.
    interests : ndarray (B, K, T) of INTEREST
        Interests that vehicles may take (`PropertyBlock.interests`).
    first_path : int
        Number of the block's first path.
    state : FundState
        Memory for one path (`allocate_state`).
    out : FundBlock
        Filled.
    """
    run_paths(plan, Factors(market.factors), closing, fund_world(world, interests), first_path, state, out)


@kernel(allocates=False, is_entry=True)
def run_paths(plan, market, closing, world, first_path, state, out):
    """The compiled part of `funds_pass`; `market` are Factors, `world` is a FundWorld."""
    terms, agenda, landing = plan.terms, plan.agenda, plan.instruments.landing
    for b in range(out.paths.size):
        n_rows, key = world.first_row[b + 1] - world.first_row[b], derive(terms.seed_key, first_path + b)
        clear_path(b, out)
        start_positions(terms, plan.opening, n_rows, state)
        shared = shared_draws(terms.seed_key, first_path + b, terms.is_antithetic)
        start_path(terms, plan.opening, closing, key, shared, b, state)
        for v in range(terms.vehicles.size):
            if state.vehicles[v]["status"] == VehicleStatus.ENDED:
                out.vehicles[b, v]["end_period"] = -1
        for t in range(terms.n_periods):
            now = Moment(key, b, t)
            open_due(terms, agenda, t, state)
            clear_period(terms, state)
            earn_interest(terms, now, state, out)
            move_listed(terms, market, world, now, state)
            read_events(terms, world, now, state, out)
            sell_holdings(terms, market, world, now, state, out)
            collect_pools(terms, t, state)
            collect_interests(terms, world, now, state, out)
            settle_due(terms, agenda, t, state)
            settle(terms, market, world, now, state, out)
            check_due(agenda, landing, t, state)
            stop_idle(terms, t, state)
            pay_interest_calls(terms, world, now, state, out)
            follow_on(terms, world, now, state, out)
            contribute_to_pools(terms, t, state)
            plan_due(agenda, t, state)
            new_deals(terms, world, now, state, out)
            buy_interests(terms, world, now, state, out)
            watch_stakes(b, state, out)
            call_due(agenda, t, state)
            call_capital(terms, now, state, out)
            value_classes(terms, market, world, now, state, out)
        value_deals(terms, world, Moment(key, b, terms.n_periods - 1), state, out)


@kernel(allocates=False, is_inner=True)
def collect_pools(terms, t, state):
    """Distributions of top-down and scheduled pools (7.7)."""
    for v in range(state.vehicles.size):
        if state.vehicles[v]["status"] == VehicleStatus.LIVE and terms.vehicles[v]["has_pool"] == 1:
            collect_pool(terms.periods[v, t], state.vehicles[v])


@kernel(allocates=False, is_inner=True)
def collect_pool(period, vehicle):
    """A pool's distribution; cost leaves it in proportion to NAV (7.7)."""
    amount = period["pool_distribution"] * vehicle["investable"]
    left = (period["pool_nav"] - period["pool_contribution"]) * vehicle["investable"]
    vehicle["proceeds"] += amount
    if amount > 0.0:
        sold = vehicle["pool_cost"] * amount / (amount + max(left, 0.0))
        vehicle["pool_cost"] -= sold
        vehicle["unrealised"] -= sold
