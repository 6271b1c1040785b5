"""The agenda of the funds pass: what is dated, found by period and step."""

from typing import NamedTuple

import numpy as np

from fundsim.kernels.base.jit import kernel

AGENDA = np.dtype(
    [
        ("period", "i8"),
        ("step", "i8"),  # a Step
        ("vehicle", "i8"),
        ("kind", "i8"),  # an AgendaKind
        ("item", "i8"),  # row of the records that the kind is about; 0 where it is about the vehicle alone
    ]
)


class Agenda(NamedTuple):
    """What is dated, sorted by period, step, the vehicle's place in the order of that step, kind and item.

    What is due in step s of period t are the items from ``first_due[t, s]`` to ``first_due[t, s + 1]``;
    items before the start and behind the horizon are never due.
    """

    items: np.ndarray  # (N,) AGENDA
    first_due: np.ndarray  # (T, steps + 1)


@kernel(allocates=False, is_inner=True)
def due(agenda, step, t):
    """First item that is due in a step of a period, and the one behind the last."""
    return agenda.first_due[t, step], agenda.first_due[t, step + 1]
