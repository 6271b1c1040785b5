"""Owns rules that change on a day: the order of their entries, and which of them holds on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar

from fundsim.files.part import Fault


class Dated(Protocol):
    """An entry that holds from a day to the next entry."""

    @property
    def from_(self) -> dt.date: ...


Entry = TypeVar("Entry", bound=Dated)


def order_faults(entries: Sequence[Dated], field: str) -> Iterator[Fault]:
    """Yield a fault for every entry that does not begin after the one before it."""
    for index in range(1, len(entries)):
        if entries[index].from_ <= entries[index - 1].from_:
            message = f"{entries[index].from_} is not after {entries[index - 1].from_}, the entry before"
            yield Fault((field, index, "from"), message, "order the dates upwards")


def in_force(entries: Sequence[Entry], day: dt.date) -> Entry | None:
    """The entry that holds on a day; None before the first."""
    holding = [entry for entry in entries if entry.from_ <= day]
    return holding[-1] if holding else None
