"""What is due of positions, and the sets that steps walk instead of all slots (5.3–5.7).

Positions are numbered by planned deal, vehicles in file order, so a set in ascending order is the order of
(7.0), whenever an entry was made. Nothing looks at a position in which nothing is due.
"""

from fundsim.kernels.base.bits import exclude, include
from fundsim.kernels.base.jit import kernel
from fundsim.kernels.layout import NEVER
from fundsim.vocabulary import Mark

LOOK_AHEAD = 8
"""Periods that are searched for a buyer at once; an entry in the calendar costs more than a draw."""


@kernel(allocates=False, is_inlined=True)
def note(state, slot, t):
    """Look at the position's sales in period t, or in the first one if that is past."""
    if t < state.sales.shape[0]:
        include(state.sales[max(t, 0)], slot)


@kernel(allocates=False, is_inlined=True)
def take_up(own, slot, periods_per_year, state):
    """A private position is held from now on: its first dates, and how it is marked."""
    position, m = state.positions[slot], periods_per_year
    include(state.held, slot)
    if own["mark"] == Mark.MODEL:
        include(state.modelled, slot)
    since = position["first_period"]
    position["transfer_due"] = NEVER
    if own["transfer_from"] < NEVER:
        position["transfer_due"] = since + max(own["transfer_from"], 1)
        note(state, slot, position["transfer_due"])
    if own["buyback_after"] < NEVER:
        years = max((max(own["buyback_after"], 1) + m - 1) // m, (m - 1 - since) // m)
        note(state, slot, since + m * years)


@kernel(allocates=False, is_inner=True)
def let_go(slot, state):
    """Nothing is left of a position."""
    exclude(state.held, slot)
    exclude(state.modelled, slot)
    state.marks[slot] = 0.0


@kernel(allocates=False, is_inlined=True)
def mark_private(own, slot, state):
    """The mark of a private position after something has changed it; model values are marked all together."""
    position = state.positions[slot]
    if own["mark"] == Mark.LAST_ROUND:
        state.marks[slot] = position["stake"] * state.rows[position["row"]]["post"]
    elif own["mark"] == Mark.COST:
        state.marks[slot] = position["cost"]


@kernel(allocates=False, is_inlined=True)
def mark_listed(slot, state):
    """The mark of a position on the market: its stake at the price of the day."""
    position = state.positions[slot]
    state.marks[slot] = position["stake"] * state.rows[position["row"]]["value"]
