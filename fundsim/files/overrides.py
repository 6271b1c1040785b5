"""Owns single values set over a file by path, on the command line or in Python."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fundsim.errors import Place, Problem, ScenarioError
from fundsim.files.faults import field_of, identity, part_in
from fundsim.files.layers import Layers
from fundsim.files.names import unknown
from fundsim.files.part import Part, Steps
from fundsim.files.places import Node, node_of, read_value

_STEP = re.compile(r"""\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^.\[\]"'=][^.\[\]=]*))\s*""")
_INDEX = re.compile(r"\[\s*(\d{1,6})\s*\]")


def parse_path(text: str) -> Steps:
    """Return the steps of a path such as ``vehicles."VC II".investors[0].commitment``.

    Raises
    ------
    ValueError
        If the text is no path.
    """
    steps, position = [], 0
    while True:
        match = _STEP.match(text, position)
        if match is None:
            raise ValueError(f"'{text}' is no path")
        steps.append(next(part for part in match.groups() if part is not None).strip())
        position = match.end()
        while (index := _INDEX.match(text, position)) is not None:
            steps.append(int(index[1]))
            position = index.end()
        if position == len(text):
            return tuple(steps)
        if text[position] != ".":
            raise ValueError(f"'{text}' is no path")
        position += 1


def split_assignment(text: str) -> tuple[str, str]:
    """Return path and value of ``path=value``; an equals sign inside quotes belongs to the path."""
    quote = ""
    for position, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter == "=":
            return text[:position].strip(), text[position + 1 :].strip()
    raise ValueError(f"'{text}' has no '='")


class Override:
    """One value set at one path, with the place that messages name."""

    __slots__ = ("path", "place", "steps", "value")

    def __init__(self, path: str, value: Node, place: Place) -> None:
        self.path, self.value, self.place = path, value, place
        try:
            self.steps: Steps = parse_path(path)
        except ValueError as failure:
            remedy = "write a path such as vehicles.mother.terms.fee_rate, names with dots in quotes"
            raise ScenarioError([Problem(place, "", str(failure), remedy)]) from None


def from_assignments(texts: Sequence[str]) -> list[Override]:
    """Return what each ``--set path=value`` says, the value read
    as YAML; all that fail are reported together.
    """
    return _all(_from_assignment, [(text,) for text in texts])


def _all(make: Callable[..., Override], arguments: Sequence[tuple[Any, ...]]) -> list[Override]:
    made, problems = [], []
    for argument in arguments:
        try:
            made.append(make(*argument))
        except ScenarioError as error:
            problems += error.problems
    if problems:
        raise ScenarioError(problems)
    return made


def _from_assignment(text: str) -> Override:
    try:
        path, written = split_assignment(text)
    except ValueError as failure:
        where = Place(f"--set {text}")
        raise ScenarioError([Problem(where, "", str(failure), "write --set path=value")]) from None
    place = Place(f"--set {path}")
    if not written:
        raise ScenarioError([Problem(place, "", "there is no value after '='", "write null for none")])
    try:
        value = read_value(written, place.source)
    except ScenarioError as error:
        raise ScenarioError(Problem(place, "", p.message, p.remedy) for p in error.problems) from None
    return Override(path, node_of(value.plain(), place), place)


def from_mapping(changes: Mapping[str, Any]) -> list[Override]:
    """Return what a mapping of paths to Python values says."""
    return _all(_from_item, list(changes.items()))


def _from_item(path: str, value: Any) -> Override:
    place = Place(f"override {path}")
    return Override(str(path), node_of(plain(value), place), place)


def plain(value: Any) -> Any:
    """Return parts, mappings, sequences and arrays as dictionaries, lists and scalars."""
    if isinstance(value, Part):
        return value.model_dump(mode="json", by_alias=True)
    if isinstance(value, Mapping):
        return {str(key): plain(child) for key, child in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [plain(child) for child in value]
    if hasattr(value, "tolist"):  # an array, or a number of numpy
        return value.tolist()
    return value


def apply(root: Node, overrides: Sequence[Override], model: type[Part], layers: Layers) -> Node:
    """Return the tree of a model with the values set, in order; all that fail are reported together."""
    problems: list[Problem] = []
    for override in overrides:
        try:
            root = _set(root, override, 0, model, layers)
        except ScenarioError as error:
            problems += error.problems
    if problems:
        raise ScenarioError(problems)
    return root


def _set(node: Node, override: Override, depth: int, part: type[Part] | None, layers: Layers) -> Node:
    if depth == len(override.steps):
        return layers.merge(node, override.value)
    step = override.steps[depth]
    if node.is_list:
        index = _index(node, override, depth)
        return node.put((index,), _set(node.items[index], override, depth + 1, part, layers))
    if isinstance(step, int) or (node.value is not None and not node.is_mapping):
        where = ".".join(map(str, override.steps[:depth]))
        kind = "a list" if isinstance(step, int) else "a block with keys"
        raise _refusal(override, f"'{where}' is not {kind}", "shorten the path")
    child, inner = _child(node, step, part, depth + 1 < len(override.steps), override.place)
    changed = _set(child, override, depth + 1, inner, layers)
    if step in node.mapping and depth + 1 < len(override.steps):
        return node.put((step,), changed)
    # Through merge, so that setting one of two alternatives drops the other.
    return layers.merge(
        node if node.is_mapping else Node({}, node.place),
        Node({step: changed}, node.place, {step: override.place}),
    )


def _child(
    node: Node, step: str, part: type[Part] | None, is_inner: bool, place: Place
) -> tuple[Node, type[Part] | None]:
    field = field_of(part, step) if part is not None else None
    inner = part_in(field.annotation) if field is not None else None
    child = node.mapping.get(step)
    if child is not None and (child.value is not None or not is_inner):
        return child, inner
    default = (
        field.get_default(call_default_factory=True)
        if field is not None and not field.is_required()
        else None
    )
    return node_of(plain(default) if is_inner else None, place), inner


def _index(node: Node, override: Override, depth: int) -> int:
    step = override.steps[depth]
    where = ".".join(map(str, override.steps[:depth]))
    if isinstance(step, int):
        if step < len(node.items):
            return step
        raise _refusal(override, f"'{where}' has no item [{step}]", f"give [0] to [{len(node.items) - 1}]")
    names = [identity(item) or "" for item in node.items]
    if step in names:
        return names.index(step)
    listed = [name for name in names if name]
    raise _refusal(override, *unknown(f"item of '{where}' called", step, listed))


def _refusal(override: Override, message: str, remedy: str) -> ScenarioError:
    return ScenarioError([Problem(override.place, "", message, remedy)])
