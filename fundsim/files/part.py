"""Owns what all blocks of files have in common: frozen, no unknown keys, rules with exact messages."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, ClassVar, NamedTuple, Self, get_args

from pydantic import BaseModel, ConfigDict, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

Steps = tuple[str | int, ...]
"""Keys and places that lead to a value."""


class Fault(NamedTuple):
    """A broken rule: the field it concerns, relative to the part
    that found it, and both halves of the message.
    """

    path: Steps
    message: str
    remedy: str = ""

    def below(self, *above: str | int) -> Self:
        """The same as seen from further up."""
        return self._replace(path=(*above, *self.path))


class Part(BaseModel):
    """A block of a file; equal content makes equal parts."""

    ALTERNATIVES: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """Keys of which one excludes the others, so giving one drops an inherited other."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
    )

    def faults(self) -> Iterator[Fault]:
        """Yield what breaks the rules that concern this part alone."""
        yield from ()

    @model_validator(mode="after")
    def _keep_rules(self, info: ValidationInfo) -> Self:
        # The second look tests the rules of one kind of block and leaves those of the blocks inside it alone.
        only = (info.context or {}).get("only")
        faults = list(self.faults()) if only in (None, type(self)) else []
        if faults:
            summary = "; ".join(f"{fault.message}; {fault.remedy}" for fault in faults)
            raise PydanticCustomError("faults", "{summary}", {"summary": summary, "faults": faults})
        return self


def blocks_of(block: type[Part]) -> tuple[type[Part], ...]:
    """Return the classes of a block and of all blocks inside it, each after the one it first occurs in."""
    found: dict[type[Part], None] = {}
    _collect(block, found)
    return tuple(found)


def alternatives_in(block: type[Part]) -> frozenset[tuple[str, ...]]:
    """Return the keys that exclude each other anywhere in a class of blocks."""
    return frozenset(group for one in blocks_of(block) for group in one.ALTERNATIVES)


def _collect(annotation: Any, found: dict[type[Part], None]) -> None:
    if isinstance(annotation, type) and issubclass(annotation, Part) and annotation not in found:
        found[annotation] = None
        for field in annotation.model_fields.values():
            _collect(field.annotation, found)
    for inner in get_args(annotation):
        _collect(inner, found)


def filled(part: Part, field: str, message: str, remedy: str) -> Iterator[Fault]:
    """Yield a fault if a list is empty."""
    if not getattr(part, field):
        yield Fault((field,), message, remedy)


def repeated(labels: Sequence[str], field: str, what: str) -> Iterator[Fault]:
    """Yield a fault for every label of a list that stands there a second time."""
    seen: dict[str, int] = {}
    for index, label in enumerate(labels):
        if label in seen:
            yield Fault(
                (field, index),
                f"the {what} '{label}' stands twice, at [{seen[label]}] and [{index}]",
                "rename one of them or drop it",
            )
        seen.setdefault(label, index)


def named_twice(part: Part, **lists: str) -> Iterator[Fault]:
    """Yield a fault for every item that is named like an earlier one of
    its list; `lists` tells what the items of each are.
    """
    for field, what in lists.items():
        yield from repeated([item.name for item in getattr(part, field)], field, what)


def ascending(part: Part, field: str, key: str, what: str) -> Iterator[Fault]:
    """Yield a fault for every item of a list, called `what`, that has no greater key than the one before."""
    values = [getattr(item, key) for item in getattr(part, field) or ()]
    for index, (before, value) in enumerate(pairwise(values), start=1):
        if value <= before:
            yield Fault(
                (field, index, key), f"{value:g} is not above the {what} before", f"order the {what}s upwards"
            )


def exactly_one(part: Part, names: Sequence[str], is_required: bool = True) -> Iterator[Fault]:
    """Yield a fault unless exactly one (or, if not required, at most one) of the fields is given."""
    given = [name for name in names if getattr(part, name) is not None]
    listed = " and ".join(names)
    if len(given) > 1:
        yield Fault((given[1],), f"{' and '.join(given)} exclude each other", f"give one of {listed}")
    elif not given and is_required:
        yield Fault((), f"neither {' nor '.join(names)} is given", f"give one of {listed}")


def sum_to_one(field: str, shares: Sequence[float], what: str) -> Iterator[Fault]:
    """Yield a fault if shares do not sum to one."""
    total = sum(shares)
    if abs(total - 1) > 1e-9:
        yield Fault((field,) if field else (), f"{what} sum to {total:.10g}, not to 1", "make them sum to 1")
