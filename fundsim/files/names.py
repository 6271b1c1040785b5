"""Owns what is said about a name that does not exist."""

import difflib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

from fundsim.errors import ArgumentError
from fundsim.files.part import Fault, Steps

MOST_COMPARED = 100
"""Among so many names the nearest one is sought letter by letter, and a message lists them all."""
NEIGHBOURS = 8
"""Among more, only so many before and behind are looked at, in the order of beginnings and of ends."""
LISTED = 10
"""Names that a message lists where there are too many to list them all."""


class Register:
    """Names of one kind that may be referred to, looked up many times.

    Parameters
    ----------
    names : iterable of str
        In file order; of equal ones the first counts.

    Examples
    --------
    >>> from fundsim.files.names import Register
    >>> names = Register(["mother", "early fund"])
    >>> "mother" in names, names.places["early fund"]
    (True, 1)
    >>> names.unknown("vehicle", "mothr")
    ("there is no vehicle 'mothr'", "did you mean 'mother'?")
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = list(names)
        self.places: dict[str, int] = {}
        for place, name in enumerate(self._names):
            self.places.setdefault(name, place)
        self._nearest: dict[str, str | None] = {}

    def __contains__(self, name: object) -> bool:
        return name in self.places

    def unknown(self, what: str, name: str, is_listed: bool = True) -> tuple[str, str]:
        """Message and remedy for a name that does not exist."""
        if name not in self._nearest:
            near = difflib.get_close_matches(name, self._alike(name), n=1, cutoff=0.6)
            self._nearest[name] = near[0] if near else None
        nearest = self._nearest[name]
        remedy = self._listed if self._names and is_listed else "define it"
        return f"there is no {what} '{name}'", remedy if nearest is None else f"did you mean '{nearest}'?"

    def _alike(self, name: str) -> Sequence[str]:
        """The names that may be meant: all, or of very many those that begin or end most like it."""
        if len(self._names) <= MOST_COMPARED:
            return self._names
        found: dict[str, None] = {}
        for ordered, step in ((self._by_beginning, 1), (self._by_end, -1)):
            place = bisect_left(ordered, name[::step])
            near = ordered[max(place - NEIGHBOURS, 0) : place + NEIGHBOURS]
            found |= dict.fromkeys(other[::step] for other in near)
        return list(found)

    @cached_property
    def _by_beginning(self) -> list[str]:
        return sorted(self.places)

    @cached_property
    def _by_end(self) -> list[str]:
        return sorted(name[::-1] for name in self.places)

    @cached_property
    def _listed(self) -> str:
        if len(self._names) <= MOST_COMPARED:
            return f"there are {', '.join(self._names)}"
        return f"there are {len(self._names):,}, such as {', '.join(self._names[:LISTED])}"


def unknown(what: str, name: str, names: Iterable[str], is_listed: bool = True) -> tuple[str, str]:
    """Return message and remedy for a name that does not exist."""
    return Register(names).unknown(what, name, is_listed)


def missing(items: Sequence[Any], name: str, what: str) -> ArgumentError:
    """Return the error for an item that is not there, with the nearest one."""
    return ArgumentError("; ".join(unknown(what, name, [item.name for item in items])))


def named(items: Sequence[Any], name: str, what: str) -> Any:
    """Return the item of that name, or raise ArgumentError with the nearest one."""
    for item in items:
        if item.name == name:
            return item
    raise missing(items, name, what)


def reference(path: Steps, what: str, name: str | None, names: Register) -> Iterator[Fault]:
    """Yield a fault if a name is given that does not exist."""
    if name is not None and name not in names:
        yield Fault(path, *names.unknown(what, name))


def references(path: Steps, what: str, given: Iterable[str], names: Register) -> Iterator[Fault]:
    """Yield a fault for every name of a list that does not exist."""
    for number, name in enumerate(given):
        yield from reference((*path, number), what, name, names)
