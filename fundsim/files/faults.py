"""Owns the way from pydantic's errors to problems with a place, a path and a remedy."""

import difflib
import types
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Union, get_args, get_origin

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from fundsim.errors import Place, Problem
from fundsim.files.part import Fault, Part, Steps
from fundsim.files.places import MAX_NODES, Node, hint_on_characters
from fundsim.files.quantities import shown

IDENTITY = ("name", "vehicle", "factor", "currency")


def identity(item: Node) -> str | None:
    """Return the name by which an item of a list is known: its name, else its vehicle, factor or currency."""
    values = (item.child(key).value for key in IDENTITY)
    return next((value for value in values if isinstance(value, str)), None)


def locate(root: Node, path: Sequence[str | int]) -> tuple[Place, Steps]:
    """Follow a path as far as it exists; return the place of what
    was reached, and the path without union tags.
    """
    parent, _, _ = _descend(root, path[:-1])
    _, place, followed = _descend(root, path)
    missing = [step for step in path[-1:] if parent.is_mapping and step not in parent.mapping]
    return place, (*followed, *(step for step in missing if isinstance(step, str)))


def shown_path(root: Node, path: Sequence[str | int]) -> str:
    """Return a path as messages show it: ``vehicles[2] "VC II" terms.catch_up_rate``."""
    text, node = "", root
    for step in path:
        if isinstance(step, int):
            node = node.child(step)
            name = identity(node)
            text += f"[{step}]" + (f' "{name}" ' if name else "")
        else:
            text += step if not text or text.endswith(" ") else f".{step}"
            node = node.child(step)
    return text.strip()


def problems_of(error: ValidationError, root: Node, model: type[Part]) -> list[Problem]:
    """Return a problem for everything that pydantic found in a tree."""
    problems: dict[tuple[str, str], Problem] = {}
    for detail in error.errors(include_url=False):
        for fault in _faults_of(detail, root, model):
            place, path = locate(root, fault.path)
            problem = Problem(place, shown_path(root, path), fault.message, fault.remedy)
            problems.setdefault((problem.path, problem.message), problem)
    return list(problems.values())


def _faults_of(detail: ErrorDetails, root: Node, model: type[Part]) -> Iterator[Fault]:
    loc, kind, context = tuple(detail["loc"]), detail["type"], detail.get("ctx", {})
    if kind == "faults":
        yield from (fault.below(*loc) for fault in context["faults"])
    elif kind == "quantity":
        yield Fault(loc, context["message"], context["remedy"])
    elif kind == "extra_forbidden":
        yield _unknown_key(loc, root, model)
    elif kind == "missing":
        if misspelt(loc, root, model) is None:
            yield Fault(loc, "is missing", _meaning(loc, model))
    elif kind == "literal_error":
        if not _is_lone_branch(loc, detail["input"]):
            yield _bad_choice(loc, detail["input"], context["expected"])
    elif not (isinstance(detail["input"], str) and str(loc[-1]).startswith("tuple[")):
        yield _bad_shape(loc, kind, detail)


def _unknown_key(loc: Steps, root: Node, model: type[Part]) -> Fault:
    key = str(loc[-1])
    keys = keys_at(model, loc[:-1], root)
    near = nearest_key(key, keys)
    meant = f"did you mean '{near}'?" if near else f"the keys are {', '.join(keys)}"
    return Fault(loc, f"there is no key '{key}' here", hint_on_characters(key) or meant)


@lru_cache(maxsize=MAX_NODES)  # each is asked for once for the message, and again in every second look
def nearest_key(key: str, keys: tuple[str, ...]) -> str | None:
    """Return the key that was probably meant."""
    folded = key.strip().lower().replace("-", "_").replace(" ", "_")
    near = difflib.get_close_matches(folded, keys, n=1, cutoff=0.7)
    return near[0] if near else None


def misspelt(loc: Steps, root: Node, model: type[Part]) -> str | None:
    """Return the unknown key that stands for the missing one at `loc`, if there is one."""
    parent, _, _ = _descend(root, loc[:-1])
    keys = keys_at(model, loc[:-1], root)
    unknown = (key for key in parent.mapping if key not in keys)
    return next((key for key in unknown if nearest_key(key, keys) == loc[-1]), None)


def _descend(root: Node, path: Sequence[str | int]) -> tuple[Node, Place, Steps]:
    """What a path leads to as far as it exists, its place, and the steps that were followed."""
    node, place, followed = root, root.place, []
    for step in path:
        if isinstance(step, str) and step in node.mapping:
            place = node.key_places.get(step, node.mapping[step].place)
            node = node.mapping[step]
        elif isinstance(step, int) and step < len(node.items):
            node = node.items[step]
            place = node.place
        else:
            continue
        followed.append(step)
    return node, place, tuple(followed)


def _bad_choice(loc: Steps, value: Any, expected: str) -> Fault:
    choices = [choice.strip(" '") for choice in expected.replace(" or ", ", ").split(",")]
    if str(loc[-1]).startswith("literal["):
        choices.append("a list")
    near = difflib.get_close_matches(str(value), choices, n=1, cutoff=0.6)
    remedy = f"did you mean '{near[0]}'?" if near else f"give one of {', '.join(choices)}"
    return Fault(loc, f"{shown(value)} is no choice", remedy)


def _is_lone_branch(loc: Steps, value: Any) -> bool:
    # Of a union of words and a list only the complaint of the branch that was meant is worth reading.
    return isinstance(value, list | tuple) and isinstance(loc[-1], str) and loc[-1].startswith("literal[")


_SHAPES = {
    "model_type": "a block of keys",
    "model_attributes_type": "a block of keys",
    "dict_type": "a block of keys",
    "tuple_type": "a list",
    "list_type": "a list",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
}


def _bad_shape(loc: Steps, kind: str, detail: ErrorDetails) -> Fault:
    value = detail["input"]
    if kind in _SHAPES:
        hint = hint_on_characters(value) if isinstance(value, str) else ""
        return Fault(loc, f"{shown(value)} is not {_SHAPES[kind]}", hint or f"give {_SHAPES[kind]}")
    if kind in {"too_long", "too_short"}:
        wanted = detail["ctx"].get("max_length", detail["ctx"].get("min_length"))
        return Fault(loc, f"the list has {detail['ctx']['actual_length']} items", f"give {wanted}")
    return Fault(loc, detail["msg"])


def keys_at(model: type[Part], path: Sequence[str | int], root: Node) -> tuple[str, ...]:
    """Return the keys that a block may have."""
    _, _, followed = _descend(root, path)
    part = part_at(model, followed)
    return () if part is None else tuple(field.alias or name for name, field in part.model_fields.items())


def part_at(model: type[Part], path: Iterable[str | int]) -> type[Part] | None:
    """Return the class of the block at a path, None if there is no block."""
    part: type[Part] | None = model
    for step in path:
        if isinstance(step, int):
            continue
        field = field_of(part, step) if part is not None else None
        part = None if field is None else part_in(field.annotation)
    return part


def field_of(part: type[Part], key: str) -> Any:
    """Return pydantic's description of the field with that key, None if there is none."""
    fields = part.model_fields.items()
    return next((field for name, field in fields if (field.alias or name) == key), None)


def part_in(annotation: Any) -> type[Part] | None:
    """Return the block class that an annotation holds, bare, optional or in a tuple."""
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return annotation
    if get_origin(annotation) in (Union, types.UnionType, tuple) or hasattr(annotation, "__metadata__"):
        return next((part for part in map(part_in, get_args(annotation)) if part is not None), None)
    return None


def _meaning(loc: Steps, model: type[Part]) -> str:
    part = part_at(model, [step for step in loc[:-1] if isinstance(step, str)])
    field = field_of(part, str(loc[-1])) if part is not None else None
    if field is None or not field.description:
        return "give it"
    sentence = field.description.rstrip(".")
    return f"give it: {sentence[0].lower()}{sentence[1:]}"
