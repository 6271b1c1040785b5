"""Owns the second look at a broken file, which finds what single wrong values would hide.

A rule between fields can only be tested on fields that are valid by themselves. So each block with errors is
mended on a copy – a misspelt key is read as it was meant, a wrong value of an optional field as its
default – and tested again. What cannot be mended is left for the next try of the user.
"""

from collections.abc import Iterator, Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from fundsim.errors import Problem
from fundsim.files.faults import field_of, keys_at, locate, nearest_key, part_at, shown_path
from fundsim.files.part import Fault, Part, Steps
from fundsim.files.places import Node

_ROUNDS = 3


def second_look(
    tree: Node, error: ValidationError, problems: Sequence[Problem], whole: type[Part]
) -> list[Problem]:
    """Return broken rules of a file of the class `whole` that `problems` does not hold yet."""
    known = {(problem.path, problem.message) for problem in problems}
    found: dict[tuple[str, str], Problem] = {}
    for path, model in _blocks_with_errors(tree, error, whole):
        for fault in _rules_broken(tree.at(path), model):
            place, where = locate(tree, (*path, *fault.path))
            problem = Problem(place, shown_path(tree, where), fault.message, fault.remedy)
            found.setdefault((problem.path, problem.message), problem)
    return [problem for key, problem in found.items() if key not in known]


def _blocks_with_errors(
    tree: Node, error: ValidationError, whole: type[Part]
) -> Iterator[tuple[Steps, type[Part]]]:
    seen: set[Steps] = set()
    for detail in error.errors(include_url=False):
        _, path = locate(tree, tuple(detail["loc"]))
        for length in range(len(path), -1, -1):
            block = path[:length]
            model = part_at(whole, block)
            if block not in seen and model is not None and tree.at(block).is_mapping:
                seen.add(block)
                yield block, model


def _rules_broken(block: Node, model: type[Part]) -> list[Fault]:
    """Return what breaks the rules of a block itself, once wrong values inside it are out of the way."""
    gone: set[Steps] = set()
    copy = None
    for _ in range(_ROUNDS):
        try:
            model.model_validate(block.plain(), context={"only": model})
        except ValidationError as error:
            details = error.errors(include_url=False)
            if all(detail["type"] == "faults" for detail in details):
                faults = [fault for detail in details for fault in detail["ctx"]["faults"]]
                above = {path[:length] for path in gone for length in range(len(path))}
                return [fault for fault in faults if not _is_related(fault.path, gone, above)]
            block = copy = block.copy() if copy is None else copy
            if not _mend(copy, details, model, gone):
                return []
        else:
            return []
    return []


def _is_related(fault: Steps, gone: set[Steps], above: set[Steps]) -> bool:
    """Whether a fault may only come from a value that is gone: one path starts with the other."""
    return fault in above or any(fault[:length] in gone for length in range(len(fault) + 1))


def _mend(tree: Node, details: Sequence[ErrorDetails], model: type[Part], gone: set[Steps]) -> bool:
    """Put everything right in a copy, where it stands; False if something cannot be."""
    for detail in details:
        loc = tuple(detail["loc"])
        if detail["type"] == "extra_forbidden":
            _rename_as_meant(tree, loc, model)
            continue
        _, path = locate(tree, loc)
        if detail["type"] == "missing" and _exists(tree, path):
            continue  # a misspelt key has become it
        if not _drop_optional(tree, path, model, gone):
            return False
    return True


def _rename_as_meant(tree: Node, loc: Steps, model: type[Part]) -> None:
    _, path = locate(tree, loc)
    key, block = str(path[-1]), tree.at(path[:-1])
    meant = nearest_key(key, keys_at(model, loc[:-1], tree))
    value, place = block.mapping.pop(key, None), block.key_places.pop(key, block.place)
    if meant is not None and meant not in block.mapping and value is not None:
        block.mapping[meant], block.key_places[meant] = value, place


def _drop_optional(tree: Node, path: Steps, model: type[Part], gone: set[Steps]) -> bool:
    """Drop the innermost optional field on a path; False if a list item or a required field comes first."""
    for length in range(len(path), 0, -1):
        step = path[length - 1]
        part = part_at(model, path[: length - 1])
        field = field_of(part, step) if part is not None and isinstance(step, str) else None
        if isinstance(step, int):
            continue
        if field is None or field.is_required() or not _exists(tree, path[:length]):
            return False
        gone.add(path[:length])
        block = tree.at(path[: length - 1])
        block.mapping.pop(step), block.key_places.pop(step, None)
        return True
    return False


def _exists(node: Node, path: Steps) -> bool:
    return not path or isinstance(path[-1], int) or path[-1] in node.at(path[:-1]).mapping
