"""Which act a due item of the agenda asks for: a loop and a chain of comparisons for each step of a period.

An instrument's records go to the steps that it acts in and to no other.
"""

from typing import NamedTuple

from fundsim.kernels.base.bits import include
from fundsim.kernels.base.jit import kernel
from fundsim.kernels.funds.agenda import due
from fundsim.kernels.funds.landing import Landing, check_landing
from fundsim.kernels.funds.life import (
    end_extension,
    end_investment,
    end_recycling,
    end_tail,
    end_term,
    start_vehicle,
)
from fundsim.vocabulary import AgendaKind, Step


class Instruments(NamedTuple):
    """The records of every instrument, a bundle each; empty where no vehicle has it."""

    landing: Landing


@kernel(allocates=False, is_inner=True)
def open_due(terms, agenda, t, state):
    """What is due at the opening of a period."""
    first, last = due(agenda, Step.OPEN, t)
    for i in range(first, last):
        item = agenda.items[i]
        if item["kind"] == AgendaKind.START:
            start_vehicle(terms, item["vehicle"], t, state)


@kernel(allocates=False, is_inner=True)
def settle_due(terms, agenda, t, state):
    """What is due in step (b)."""
    first, last = due(agenda, Step.SETTLE, t)
    for i in range(first, last):
        kind, v = agenda.items[i]["kind"], agenda.items[i]["vehicle"]
        vehicle = state.vehicles[v]
        if kind == AgendaKind.RECYCLING_END:
            end_recycling(vehicle)
        elif kind == AgendaKind.TERM_END:
            end_term(vehicle)
        elif kind == AgendaKind.EXTENSION_END:
            end_extension(terms.vehicles[v], vehicle)
        elif kind == AgendaKind.TAIL_END:
            end_tail(vehicle)


@kernel(allocates=False, is_inner=True)
def check_due(agenda, landing, t, state):
    """What is due in step (c)."""
    first, last = due(agenda, Step.CHECK, t)
    for i in range(first, last):
        item = agenda.items[i]
        if item["kind"] == AgendaKind.CHECKPOINT:
            check_landing(landing, item["vehicle"], item["item"], state)


@kernel(allocates=False, is_inner=True)
def call_due(agenda, t, state):
    """What is due in step (e)."""
    first, last = due(agenda, Step.CALL, t)
    for i in range(first, last):
        item = agenda.items[i]
        if item["kind"] == AgendaKind.INVESTMENT_END:
            end_investment(state.vehicles[item["vehicle"]])


@kernel(allocates=False, is_inner=True)
def plan_due(agenda, t, state):
    """What is due in step (d)."""
    first, last = due(agenda, Step.INVEST, t)
    for i in range(first, last):
        item = agenda.items[i]
        if item["kind"] == AgendaKind.DEAL:
            include(state.planned, item["item"])
