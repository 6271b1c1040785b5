"""The agenda: what is dated in the lives of vehicles, in the order in which the funds pass does it (7.0)."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from fundsim.kernels.funds.agenda import AGENDA, Agenda
from fundsim.plan.records import records
from fundsim.vocabulary import AgendaKind, Step


class Dated(NamedTuple):
    """Something that is due in a period; `item` is a row of the records that the kind is about."""

    period: int
    vehicle: int
    kind: AgendaKind
    item: int = 0


MILESTONES = {
    AgendaKind.START: "start_period",
    AgendaKind.RECYCLING_END: "recycling_until",
    AgendaKind.TERM_END: "term_period",
    AgendaKind.EXTENSION_END: "last_period",
    AgendaKind.TAIL_END: "tail_period",
    AgendaKind.INVESTMENT_END: "investment_end",
}
"""What is dated in the life of every vehicle, by the field of its record."""


def milestones(vehicles: np.ndarray) -> Iterator[Dated]:
    """The milestones of all vehicles; where one ends what a vehicle does not have, it changes nothing."""
    for v, own in enumerate(vehicles):
        for kind, field in MILESTONES.items():
            yield Dated(int(own[field]), v, kind)


def deal_dates(deals: np.ndarray) -> Iterator[Dated]:
    """When each planned deal is first tried (5.1)."""
    for slot, deal in enumerate(deals):
        yield Dated(int(deal["period"]), int(deal["vehicle"]), AgendaKind.DEAL, slot)


def agenda_of(dated: Iterable[Dated], children_first: Iterable[int], n_periods: int) -> Agenda:
    """
    Sort what is dated.

    Parameters
    ----------
    dated : iterable of Dated
        In any order; periods before the start and behind the horizon may be among them.
    children_first : iterable of int
        Vehicles from the leaves up, the order of some steps.
    n_periods : int

    Returns
    -------
    Agenda
    """
    place = {int(v): order for order, v in enumerate(children_first)}

    def order(due: Dated) -> tuple[int, ...]:
        step = due.kind.step
        return due.period, step, place[due.vehicle] if step.is_leaves_up else due.vehicle, due.kind, due.item

    rows = ({**due._asdict(), "step": due.kind.step} for due in sorted(dated, key=order))
    items = records(AGENDA, rows)
    moments = items["period"] * len(Step) + items["step"]
    wanted = np.arange(n_periods)[:, None] * len(Step) + np.arange(len(Step) + 1)
    return Agenda(items, np.searchsorted(moments, wanted).astype(np.int64))
