"""What the funds pass remembers of one path from period to period: positions, rows, vehicles, classes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fundsim.kernels.jit import kernel
from fundsim.kernels.layout import NEVER

Array = np.ndarray

# Status of a position and of a vehicle
EMPTY, PRIVATE, ON_MARKET, CLOSED = 0, 1, 2, 3
WAITING, LIVE, ENDED = 0, 1, 2


class Positions(NamedTuple):
    """One slot for each planned deal (D,)."""

    status: Array
    row: Array
    vehicle: Array
    first_period: Array
    last_period: Array  # of the last investment
    stake: Array  # share of the company now
    stake_before: Array  # before the last round diluted it
    kept: Array  # share of the position not surrendered in a buyback
    cost: Array  # remaining cost
    cost_when: Array  # Σ remaining cost · period paid
    cost_discounted: Array  # Σ remaining cost · (1 + hurdle)^(−years at the end of the period paid)
    round_cost: Array  # (D, K) paid in each round
    next_slot: Array  # next position in the same row, −1 at the end
    claim_due: Array  # period in which a buyback is paid, NEVER without one
    claim_share: Array
    claim_amount: Array
    has_claimed: Array
    lock_end: Array  # first period of sale
    sale_limit: Array  # share of the company a period
    exit_line: Array  # line of the exits table that its sell-down adds to, −1 before the first sale
    is_park: Array  # the deal waits for the park
    is_realised: Array  # its cost is in the waterfall of realised positions


class Rows(NamedTuple):
    """Enterprises of the path, by row within the path."""

    head: Array  # first position that holds it, −1 for none
    left: Array  # money left in the round on offer
    place: Array  # of its last round
    post: Array  # post-money of its last round
    log_value: Array  # of a listed company
    value: Array  # the same in money
    is_offered: Array  # period + 1 in which a round is on the list of offers
    counted: Array  # place of the last round whose co-investment was counted, −1
    first_joiner: Array  # vehicle that joined it first
    offer_row: Array  # rounds on offer in this period
    offer_place: Array
    listed: Array  # rows listed and held
    counts: Array  # (2,): offers, listed


class Vehicles(NamedTuple):
    """By vehicle (V,); amounts of the present period are cleared at its start."""

    status: Array
    callable: Array
    scale: Array
    investable: Array  # callable after lifetime scheduled fees
    reserve_left: Array
    recycled: Array
    is_stopped: Array
    last_deal: Array
    unrealised: Array  # cost of enterprises, pools and children held
    pool_cost: Array  # the part of it that is in a pool
    opening_unrealised: Array  # the same at the opening of the period, a base of fees
    unallocated_cost: Array  # cost of positions not yet realised (deal by deal)
    realised_cost: Array  # realised in this period, not yet in the waterfall
    realised_preferred: Array
    realised_keep: Array  # share of unallocated fees that stays unallocated
    credited: Array
    guidance: Array  # paid in by mothers and by fiscal and state investors
    paid_in: Array
    n_released: Array
    may_call: Array  # what its children may still call
    invested: Array
    expense: Array
    proceeds: Array
    child_call: Array
    child_distribution: Array
    child_nav: Array
    opening_nav: Array  # net, of all classes
    marks: Array  # its own enterprises and pools at marks
    n_live_children: Array


class Classes(NamedTuple):
    """By investor class (C,)."""

    callable: Array
    weight: Array  # of the vehicle's callable
    fee_weight: Array  # of the callable of the classes that pay fees
    cash: Array
    unfunded: Array
    fee_owed: Array
    paid_in: Array
    distributed: Array
    carry_paid: Array
    capital: Array  # European state on all flows: unreturned
    preferred: Array  # unpaid
    profit: Array  # paid to the class beyond capital
    accrued: Array  # preferred accrued in all
    pool_capital: Array  # deal by deal: the same for realised positions
    pool_preferred: Array
    pool_profit: Array
    fees_unallocated: Array
    fees_preferred: Array
    nav: Array
    may_call: Array


class FundState(NamedTuple):
    """All of it, with the shares of investor rows in their class and scratch for the preference stack."""

    positions: Positions
    rows: Rows
    vehicles: Vehicles
    classes: Classes
    investor_share: Array  # (I,) of its class
    is_sold: Array  # (I,) the parent sold this interest
    interest_cost: Array  # (I,) what the parent paid for it so far
    stack: Array  # (4, K) shares, claims, converted, paid


def _zeros(kind, n, integers=()):
    return kind(*[np.zeros(n, dtype=np.int64 if name in integers else np.float64) for name in kind._fields])


def allocate_state(terms, enterprise_terms, n_rows: int, n_places: int) -> FundState:
    """Memory for one path at a time; ``n_rows`` is the largest number of rows of a path, ``n_places`` is K."""
    n_deals = terms.deal_period.size
    n_vehicles = terms.start_period.size
    n_classes = terms.class_vehicle.size
    n_investors = terms.investor_class.size
    whole = (
        "status",
        "row",
        "vehicle",
        "first_period",
        "last_period",
        "next_slot",
        "claim_due",
        "has_claimed",
        "lock_end",
        "exit_line",
        "is_park",
        "is_realised",
    )
    positions = _zeros(Positions, n_deals, whole)._replace(round_cost=np.zeros((n_deals, n_places)))
    rows = _zeros(
        Rows,
        max(n_rows, 1),
        (
            "head",
            "place",
            "is_offered",
            "counted",
            "first_joiner",
            "offer_row",
            "offer_place",
            "listed",
            "counts",
        ),
    )
    counted = ("status", "is_stopped", "last_deal", "n_released", "n_live_children")
    vehicles = _zeros(Vehicles, n_vehicles, counted)
    return FundState(
        positions=positions,
        rows=rows._replace(counts=np.zeros(2, dtype=np.int64)),
        vehicles=vehicles,
        classes=_zeros(Classes, n_classes),
        investor_share=np.zeros(n_investors),
        is_sold=np.zeros(n_investors, dtype=np.int64),
        interest_cost=np.zeros(n_investors),
        stack=np.zeros((4, n_places)),
    )


@kernel
def start_path(terms, closing, b, n_rows, state):
    """Clear what a path remembers and set what its closing gives (2.4)."""
    positions, rows, vehicles, classes = state.positions, state.rows, state.vehicles, state.classes
    positions.status[:] = EMPTY
    positions.row[:] = -1
    rows.head[:n_rows] = -1
    rows.counted[:n_rows] = -1
    rows.is_offered[:n_rows] = 0
    rows.counts[:] = 0
    state.is_sold[:] = 0
    state.interest_cost[:] = 0.0
    clear_classes(classes)
    for v in range(terms.start_period.size):
        clear_vehicle(vehicles, v)
        if closing.is_started[b, v] == 0:
            vehicles.status[v] = ENDED
        vehicles.scale[v] = closing.scale[b, v]
        size_vehicle(terms, closing, b, v, state)
        if vehicles.callable[v] <= 0.0:
            vehicles.status[v] = ENDED


@kernel
def clear_classes(classes):
    """A path starts with empty accounts."""
    for c in range(classes.callable.size):
        classes.callable[c] = 0.0
        classes.weight[c] = 0.0
        classes.fee_weight[c] = 0.0
        classes.cash[c] = 0.0
        classes.unfunded[c] = 0.0
        classes.fee_owed[c] = 0.0
        classes.paid_in[c] = 0.0
        classes.distributed[c] = 0.0
        classes.carry_paid[c] = 0.0
        classes.capital[c] = 0.0
        classes.preferred[c] = 0.0
        classes.profit[c] = 0.0
        classes.accrued[c] = 0.0
        classes.pool_capital[c] = 0.0
        classes.pool_preferred[c] = 0.0
        classes.pool_profit[c] = 0.0
        classes.fees_unallocated[c] = 0.0
        classes.fees_preferred[c] = 0.0
        classes.nav[c] = 0.0
        classes.may_call[c] = 0.0


@kernel
def clear_vehicle(vehicles, v):
    """A vehicle before its start."""
    vehicles.status[v] = WAITING
    vehicles.callable[v] = 0.0
    vehicles.recycled[v] = 0.0
    vehicles.is_stopped[v] = 0
    vehicles.last_deal[v] = -NEVER
    vehicles.unrealised[v] = 0.0
    vehicles.pool_cost[v] = 0.0
    vehicles.unallocated_cost[v] = 0.0
    vehicles.realised_cost[v] = 0.0
    vehicles.realised_preferred[v] = 0.0
    vehicles.realised_keep[v] = 1.0
    vehicles.credited[v] = 0.0
    vehicles.guidance[v] = 0.0
    vehicles.paid_in[v] = 0.0
    vehicles.n_released[v] = 0
    vehicles.may_call[v] = 0.0
    vehicles.child_nav[v] = 0.0
    vehicles.marks[v] = 0.0


@kernel
def size_vehicle(terms, closing, b, v, state):
    """Callable money of the vehicle's classes, the weights by which all is split, and its reserve for follow-ons."""
    vehicles, classes = state.vehicles, state.classes
    first, last = terms.first_class[v], terms.first_class[v + 1]
    for i in range(terms.first_investor[v], terms.first_investor[v + 1]):
        classes.callable[terms.investor_class[i]] += closing.callable[b, i]
    total = 0.0
    fee_payers = 0.0
    for c in range(first, last):
        total += classes.callable[c]
        if terms.class_pays_fee[c] == 1:
            fee_payers += classes.callable[c]
    for c in range(first, last):
        classes.may_call[c] = classes.callable[c]
        classes.unfunded[c] = classes.callable[c]
        classes.weight[c] = classes.callable[c] / total if total > 0.0 else 0.0
        if terms.class_pays_fee[c] == 1 and fee_payers > 0.0:
            classes.fee_weight[c] = classes.callable[c] / fee_payers
    for i in range(terms.first_investor[v], terms.first_investor[v + 1]):
        whole = classes.callable[terms.investor_class[i]]
        state.investor_share[i] = closing.callable[b, i] / whole if whole > 0.0 else 0.0
    vehicles.callable[v] = total
    has_fees = fee_payers > 0.0 and terms.fees_on_top[v] == 0
    vehicles.investable[v] = max(total * (1.0 - terms.fee_lifetime[v]), 0.0) if has_fees else total
    vehicles.reserve_left[v] = terms.reserve_share[v] * vehicles.investable[v]


@kernel
def start_period(terms, t, state):
    """Clear the amounts of the period and wake the vehicles that start in it."""
    vehicles = state.vehicles
    for v in range(vehicles.status.size):
        if vehicles.status[v] == WAITING and terms.start_period[v] <= t:
            vehicles.status[v] = LIVE
            vehicles.last_deal[v] = t
        vehicles.opening_nav[v] = 0.0
        vehicles.opening_unrealised[v] = vehicles.unrealised[v]
        vehicles.invested[v] = 0.0
        vehicles.expense[v] = 0.0
        vehicles.proceeds[v] = 0.0
        vehicles.child_call[v] = 0.0
        vehicles.child_distribution[v] = 0.0
    for c in range(terms.class_vehicle.size):
        vehicles.opening_nav[terms.class_vehicle[c]] += state.classes.nav[c]
