"""What the funds pass remembers of one path from period to period: positions, rows, vehicles, classes.

Periods may be negative: what was before the start. What has not happened is told by a status or by NEVER.
"""

from typing import NamedTuple

import numpy as np

from fundsim.kernels.base.bits import EMPTY, include
from fundsim.kernels.base.jit import kernel
from fundsim.kernels.base.random import derive, uniform_pair
from fundsim.kernels.enterprises.arrivals import skill_of
from fundsim.kernels.funds.calendar import mark_listed, mark_private, note, take_up
from fundsim.kernels.funds.ring import Ring
from fundsim.vocabulary import PositionStatus, VehicleStatus

# Status of a position and of a vehicle


POSITION = np.dtype(
    [
        # what is looked at in every period, within one line of the processor's cache
        ("status", "i8"),
        ("row", "i8"),
        ("first_period", "i8"),  # of an investment; this and what follows say nothing while it is EMPTY
        ("claim_due", "i8"),  # period in which a buyback is paid, NEVER without one
        ("has_claimed", "i8"),
        ("lock_end", "i8"),  # first period of sale
        ("stake", "f8"),  # share of the company now
        ("vehicle", "i8"),
        # the rest
        ("last_period", "i8"),  # of the last investment
        ("stake_before", "f8"),  # before the last round diluted it
        ("cost", "f8"),  # remaining cost
        ("cost_when", "f8"),  # Σ remaining cost · period paid
        ("cost_discounted", "f8"),  # Σ remaining cost · (1 + hurdle)^(−years at the end of the period paid)
        ("next_slot", "i8"),  # next position in the same row, −1 at the end
        ("claim", "f8"),
        ("sale_limit", "f8"),  # share of the company a period
        ("exit_line", "i8"),  # line of the exits table that its sell-down adds to, −1 before the first sale
        ("again", "i8"),  # period for which its deal is planned again, 0 for none
        ("looks", "i8"),  # where its deal looks: in the park, outside it, with those it goes with
        ("is_realised", "i8"),  # its cost is in the waterfall of realised positions
        ("transfer_due", "i8"),  # period in which a buyer is found, or from which he is looked for
    ]
)
"""One slot for each planned deal."""

ROW = np.dtype(
    [
        ("head", "i8"),  # first position that holds it, −1 for none
        ("left", "f8"),  # money left in the round on offer
        ("place", "i8"),  # of its last round
        ("post", "f8"),  # post-money of its last round
        ("log_value", "f8"),  # of a listed company
        ("value", "f8"),  # the same in money
        ("offered", "i8"),  # last period in which a round was on the list of offers, NEVER for none
        ("counted", "i8"),  # place of the last round whose co-investment was counted, −1
        ("first_joiner", "i8"),  # vehicle that joined it first
    ]
)
"""An enterprise of the path."""

VEHICLE_STATE = np.dtype(
    [
        ("status", "i8"),
        ("callable", "f8"),
        ("scale", "f8"),
        ("investable", "f8"),  # callable after lifetime scheduled fees
        ("reserve_left", "f8"),
        ("recycled", "f8"),
        ("is_investing", "i8"),  # may make new deals: until its investment period ends, or it is stopped
        ("is_recycling", "i8"),
        ("term", "i8"),  # a TermStatus
        ("last_deal", "i8"),  # period of the last new deal, or of the start, NEVER while it waits
        ("unrealised", "f8"),  # cost of enterprises, pools and children held
        ("pool_cost", "f8"),  # the part of it that is in a pool
        ("opening_unrealised", "f8"),  # the same at the opening of the period, a base of fees
        ("unallocated_cost", "f8"),  # cost of positions not yet realised (deal by deal)
        ("realised_cost", "f8"),  # realised in this period, not yet in the waterfall
        ("realised_preferred", "f8"),
        ("realised_keep", "f8"),  # share of unallocated fees that stays unallocated
        ("credited", "f8"),
        ("guidance", "f8"),  # paid in by the investors whose money landing terms count
        ("paid_in", "f8"),
        ("n_released", "i8"),
        ("may_call", "f8"),  # what its children, and interests that it holds, may still call
        ("interest_due", "f8"),  # the part of it that is planned calls of interests
        ("invested", "f8"),
        ("expense", "f8"),
        ("proceeds", "f8"),
        ("child_call", "f8"),
        ("child_distribution", "f8"),
        ("child_nav", "f8"),
        ("opening_nav", "f8"),  # net, of all classes
        ("marks", "f8"),  # its own enterprises and pools at marks
        ("n_live_children", "i8"),
        ("appraised_year", "i8"),  # last year whose appraisal is drawn, NEVER before the first
        ("fee_kept", "f8"),  # what it leaves of the fee
        ("skill", "f8"),  # of its manager on this path
    ]
)
"""A vehicle; amounts of the present period are cleared at its start."""

CLASS_STATE = np.dtype(
    [
        ("callable", "f8"),
        ("weight", "f8"),  # of the vehicle's callable
        ("fee_weight", "f8"),  # of the callable of the classes that pay fees
        ("cash", "f8"),
        ("unfunded", "f8"),
        ("fee_owed", "f8"),
        ("paid_in", "f8"),
        ("distributed", "f8"),
        ("carry_paid", "f8"),
        ("capital", "f8"),  # European state on all flows: unreturned
        ("preferred", "f8"),  # unpaid
        ("profit", "f8"),  # paid to the class beyond capital
        ("accrued", "f8"),  # preferred accrued in all
        ("pool_capital", "f8"),  # deal by deal: the same for realised positions
        ("pool_preferred", "f8"),
        ("pool_profit", "f8"),
        ("fees_unallocated", "f8"),
        ("fees_preferred", "f8"),
        ("nav", "f8"),
        ("may_call", "f8"),
    ]
)
"""An investor class."""

HOLDING_STATE = np.dtype(
    [
        ("share", "f8"),  # of the interest, 0 without
        ("cost", "f8"),  # remaining cost
        ("due", "f8"),  # planned calls still to come
        ("parts_line", "i8"),  # line of the exits table that sales in parts add to, −1 before the first
    ]
)
"""An interest that a vehicle may take."""

INVESTOR_STATE = np.dtype(
    [
        ("share", "f8"),  # of its class
        ("owner", "i8"),  # vehicle that holds it now, −1 for investors outside the cluster
        ("interest_cost", "f8"),  # what its owner paid for it so far
    ]
)
"""A row of an investor in a vehicle."""


class Opening(NamedTuple):
    """The state in which every path opens, so far as the plan knows it.

    A vehicle that waits is sized by its closing; of one that lives already, its classes and its investors
    the records tell all.
    """

    positions: np.ndarray  # (D,) POSITION
    classes: np.ndarray  # (C,) CLASS_STATE
    vehicles: np.ndarray  # (V,) VEHICLE_STATE
    investors: np.ndarray  # (I,) INVESTOR_STATE
    holdings: np.ndarray  # (H,) HOLDING_STATE


class FundState(NamedTuple):
    """All that is remembered of a path, a blank row, and scratch for the preference stack."""

    positions: np.ndarray  # (D,) POSITION
    round_cost: np.ndarray  # (D, K) paid by the position in each round
    rows: np.ndarray  # (rows of a path,) ROW
    vehicles: np.ndarray  # (V,) VEHICLE_STATE
    classes: np.ndarray  # (C,) CLASS_STATE
    investors: np.ndarray  # (I,) INVESTOR_STATE
    holdings: np.ndarray  # (H,) HOLDING_STATE
    interest_left: np.ndarray  # (K,) share of each interest that no vehicle holds
    offer_row: np.ndarray  # rounds on offer in this period
    listed: np.ndarray  # rows listed and held
    counts: np.ndarray  # (2,): offers, listed
    wanted: np.ndarray  # (V, words) sets of global stages: those that each vehicle wants
    takers: np.ndarray  # (2, S) who may take rounds of a stage: of the park's, of other enterprises' (`sole`)
    on_offer: np.ndarray  # (words,) stages with a round on offer
    last_offer: np.ndarray  # (S,) last round on offer of such a stage
    next_offer: np.ndarray  # the one before it of the same stage, −1 for none
    ring: Ring  # the same rounds for vehicles that look at some of them
    # scratch of a deal, with room for whole lanes (`fundsim.kernels.base.random.LANES`)
    matches: np.ndarray  # offers that match it; one's own outside enterprise comes behind all offers
    match_rows: np.ndarray
    match_keys: np.ndarray
    match_draws: np.ndarray
    # sets of positions (`fundsim.kernels.base.bits`), W words each
    sales: np.ndarray  # (T, W) what is due of sales, by period
    planned: np.ndarray  # (W,) deals that are due or wait
    offered: np.ndarray  # (W,) holders with a round on offer
    held: np.ndarray  # (W,)
    modelled: np.ndarray  # (W,) private ones that are marked at their value
    found: np.ndarray  # (D,) scratch, the members of the set that a step walks
    marks: np.ndarray  # (D,) of what is held
    deal_keys: np.ndarray  # (D,)
    transfer_keys: np.ndarray  # (D,)
    deal_draws: np.ndarray  # (2, D) the first draws under each deal's key
    blank_row: np.ndarray  # (1,)
    draws: np.ndarray  # (LOOK_AHEAD,) scratch
    stack: np.ndarray  # (4, K) shares, claims, converted, paid


@kernel(allocates=False, is_inner=True)
def start_path(terms, opening, closing, key, shared, b, state):
    """Open a path: opening records, and what its closing gives to vehicles that wait (2.4)."""
    for c in range(state.classes.size):
        state.classes[c] = opening.classes[c]
    for i in range(state.investors.size):
        state.investors[i] = opening.investors[i]
    for h in range(state.holdings.size):
        state.holdings[h] = opening.holdings[h]
    for k in range(state.interest_left.size):
        state.interest_left[k] = terms.interests[k]["available"]
    for v in range(state.vehicles.size):
        state.vehicles[v] = opening.vehicles[v]
        if state.vehicles[v]["status"] == VehicleStatus.WAITING:
            close_vehicle(terms, closing, b, v, state)
        state.vehicles[v]["skill"] = skill_of(terms.tables, terms.vehicles[v], shared)
    draw_deals(terms, key, state)


@kernel(allocates=False, is_inner=True)
def draw_deals(terms, key, state):
    """Keys and first draws of all planned deals, in loops that the processor runs through side by side: one
    key after the other is a chain of dependent steps and takes ten times as long.
    """
    for v in range(terms.vehicles.size):
        own = terms.vehicles[v]
        if own["last_deal"] > own["first_deal"]:
            vehicle_key = derive(key, terms.deals[own["first_deal"]]["vehicle_stream"])
            for slot in range(own["first_deal"], own["last_deal"]):
                state.deal_keys[slot] = derive(vehicle_key, terms.deals[slot]["number"])
    for slot in range(state.deal_keys.size):
        state.transfer_keys[slot] = derive(state.deal_keys[slot], terms.transfer_stream)
    for slot in range(state.deal_keys.size):
        first, second = uniform_pair(state.deal_keys[slot], 0)
        state.deal_draws[0, slot], state.deal_draws[1, slot] = first, second


@kernel(allocates=False, is_inner=True)
def start_positions(terms, opening, n_rows, state):
    """Blank rows, opening positions, and the sets that tell what is due of them."""
    for r in range(n_rows):
        state.rows[r] = state.blank_row[0]
    state.counts[:] = 0
    state.on_offer[:] = EMPTY
    state.sales[:] = EMPTY
    state.planned[:] = EMPTY
    state.offered[:] = EMPTY
    state.held[:] = EMPTY
    state.modelled[:] = EMPTY
    state.marks[:] = 0.0
    for slot in range(state.positions.size):
        state.positions[slot] = opening.positions[slot]
        status = state.positions[slot]["status"]
        if status == PositionStatus.EMPTY and terms.deals[slot]["period"] < 0:
            include(state.planned, slot)
        elif status == PositionStatus.PRIVATE:
            own = terms.vehicles[state.positions[slot]["vehicle"]]
            take_up(own, slot, terms.periods_per_year, state)
            mark_private(own, slot, state)
        elif status == PositionStatus.ON_MARKET:
            include(state.held, slot)
            mark_listed(slot, state)
            note(state, slot, state.positions[slot]["lock_end"])


@kernel(allocates=False, is_inner=True)
def close_vehicle(terms, closing, b, v, state):
    """What a path's closing makes of a vehicle; one that fails to close or has nothing never starts (2.4)."""
    vehicle = state.vehicles[v]
    vehicle["scale"] = closing.scale[b, v]
    size_vehicle(terms, closing, b, v, state)
    if closing.is_started[b, v] == 0 or vehicle["callable"] <= 0.0:
        vehicle["status"] = VehicleStatus.ENDED


@kernel(allocates=False, is_inner=True)
def size_vehicle(terms, closing, b, v, state):
    """Callable money of the vehicle's classes, the weights by which
    all is split, and its reserve for follow-ons.
    """
    own, vehicle = terms.vehicles[v], state.vehicles[v]
    for i in range(own["first_investor"], own["last_investor"]):
        state.classes[terms.investors[i]["class"]]["callable"] += closing.callable[b, i]
    total, fee_payers = 0.0, 0.0
    for c in range(own["first_class"], own["last_class"]):
        whole = state.classes[c]["callable"]
        total += whole
        if terms.classes[c]["pays_fee"] == 1:
            fee_payers += whole
    for c in range(own["first_class"], own["last_class"]):
        investor_class, whole = state.classes[c], state.classes[c]["callable"]
        investor_class["may_call"] = whole
        investor_class["unfunded"] = whole
        investor_class["weight"] = whole / total if total > 0.0 else 0.0
        if terms.classes[c]["pays_fee"] == 1 and fee_payers > 0.0:
            investor_class["fee_weight"] = whole / fee_payers
    for i in range(own["first_investor"], own["last_investor"]):
        whole = state.classes[terms.investors[i]["class"]]["callable"]
        state.investors[i]["share"] = closing.callable[b, i] / whole if whole > 0.0 else 0.0
    vehicle["callable"] = total
    has_fees = fee_payers > 0.0 and own["fees_on_top"] == 0
    vehicle["investable"] = max(total * (1.0 - own["fee_lifetime"]), 0.0) if has_fees else total
    vehicle["reserve_left"] = own["reserve_share"] * vehicle["investable"]


@kernel(allocates=False, is_inlined=True)
def clear_period(terms, state):
    """Clear the amounts of the period."""
    for v in range(terms.vehicles.size):
        vehicle = state.vehicles[v]
        vehicle["opening_nav"] = 0.0
        vehicle["opening_unrealised"] = vehicle["unrealised"]
        vehicle["invested"] = 0.0
        vehicle["expense"] = 0.0
        vehicle["proceeds"] = 0.0
        vehicle["child_call"] = 0.0
        vehicle["child_distribution"] = 0.0
    for c in range(terms.classes.size):
        state.vehicles[terms.classes[c]["vehicle"]]["opening_nav"] += state.classes[c]["nav"]
