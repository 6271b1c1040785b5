"""Which act a due item of the agenda asks for: a loop and a chain of comparisons for each step of a period.

An instrument's records go to the steps that it acts in and to no other.
"""

from __future__ import annotations

from typing import NamedTuple

from fundsim.kernels.base.jit import kernel
from fundsim.kernels.funds.agenda import due
from fundsim.kernels.funds.landing import Landing, check_landing
from fundsim.kernels.funds.state import start_vehicle
from fundsim.vocabulary import AgendaKind, Step


class Instruments(NamedTuple):
    """The records of every instrument, a bundle each; empty where no vehicle has it."""

    landing: Landing


@kernel(allocates=False, is_inner=True)
def open_due(agenda, t, state):
    """What is due at the opening of a period."""
    first, last = due(agenda, Step.OPEN, t)
    for i in range(first, last):
        item = agenda.items[i]
        if item["kind"] == AgendaKind.START:
            start_vehicle(item["vehicle"], t, state)


@kernel(allocates=False, is_inner=True)
def check_due(agenda, landing, t, state):
    """What is due in step (c)."""
    first, last = due(agenda, Step.CHECK, t)
    for i in range(first, last):
        item = agenda.items[i]
        if item["kind"] == AgendaKind.CHECKPOINT:
            check_landing(landing, item["vehicle"], item["item"], state)
