"""Owns rules that change on a day: the order of their entries, and which of them holds on a day."""

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Protocol, TypeVar

from fundsim.files.part import Fault


class Dated(Protocol):
    """An entry that holds from a day to the next entry."""

    @property
    def from_(self) -> dt.date: ...


Entry = TypeVar("Entry", bound=Dated)


def order_faults(entries: Sequence[Dated], field: str) -> Iterator[Fault]:
    """Yield a fault for every entry that does not begin after the one before it."""
    for index, (before, entry) in enumerate(pairwise(entries), start=1):
        if entry.from_ <= before.from_:
            yield Fault(
                (field, index, "from"),
                f"{entry.from_} is not after {before.from_}, the entry before",
                "order the dates upwards",
            )


def in_force(entries: Sequence[Entry], day: dt.date) -> Entry | None:
    """The entry that holds on a day; None before the first."""
    holding = [entry for entry in entries if entry.from_ <= day]
    return holding[-1] if holding else None
