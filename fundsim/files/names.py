"""Owns what is said about a name that does not exist."""

import difflib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from fundsim.errors import ArgumentError
from fundsim.files.part import Fault, Steps


def unknown(what: str, name: str, names: Iterable[str], is_listed: bool = True) -> tuple[str, str]:
    """Return message and remedy for a name that does not exist."""
    names = list(names)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if near:
        remedy = f"did you mean '{near[0]}'?"
    elif names and is_listed:
        remedy = f"there are {', '.join(names)}"
    else:
        remedy = "define it"
    return f"there is no {what} '{name}'", remedy


def named(items: Sequence[Any], name: str, what: str) -> Any:
    """Return the item of that name, or raise ArgumentError with the nearest one."""
    for item in items:
        if item.name == name:
            return item
    raise ArgumentError("; ".join(unknown(what, name, [item.name for item in items])))


def reference(path: Steps, what: str, name: str | None, names: Sequence[str]) -> Iterator[Fault]:
    """Yield a fault if a name is given that does not exist."""
    if name is not None and name not in names:
        yield Fault(path, *unknown(what, name, names))


def references(path: Steps, what: str, given: Iterable[str], names: Sequence[str]) -> Iterator[Fault]:
    """Yield a fault for every name of a list that does not exist."""
    for number, name in enumerate(given):
        yield from reference((*path, number), what, name, names)
