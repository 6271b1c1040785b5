"""Owns the reading of YAML text: a bounded walk to plain nodes that each know file, line and column."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from typing import Any

import yaml

from fundsim.errors import Place, Problem, ScenarioError

MAX_BYTES = 1_000_000
MAX_DEPTH = 40
MAX_NODES = 50_000
MAX_NUMBER_LENGTH = 40

Scalar = str | int | float | bool | None

# YAML 1.2 core schema: `no` and `off` are text, 010 is ten, 1e3 is a number.
_NULL = re.compile(r"~|null|Null|NULL|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")

_FULL_WIDTH = {
    "：": "':' and a space",
    "，": "','",
    "、": "','",
    "\u3000": "an ordinary space",
    "％": "'%'",
    "“": "'\"'",
    "”": "'\"'",
    "｛": "'{'",
    "｝": "'}'",
    "［": "'['",
    "］": "']'",
    "【": "'['",
    "】": "']'",
    "－": "'-'",
    "＃": "'#'",
}
_FULL_WIDTH |= {chr(0xFF10 + digit): f"'{digit}'" for digit in range(10)}


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a file with its place.

    Parameters
    ----------
    value : dict of str to Node, list of Node, or scalar
        What was written.
    place : Place
        Where the value starts.
    key_places : dict of str to Place
        For mappings, where each key stands.
    """

    value: dict[str, Node] | list[Node] | Scalar
    place: Place
    key_places: dict[str, Place] = field(default_factory=dict)

    @property
    def is_mapping(self) -> bool:
        return isinstance(self.value, dict)

    @property
    def is_list(self) -> bool:
        return isinstance(self.value, list)

    @property
    def mapping(self) -> dict[str, Node]:
        """The entries; an empty dictionary if this is no mapping."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def items(self) -> list[Node]:
        """The items; an empty list if this is no list."""
        return self.value if isinstance(self.value, list) else []

    def child(self, step: str | int) -> Node:
        """What stands at a key or at a place in a list; a node without a value where nothing does."""
        if isinstance(step, int):
            return self.items[step] if step < len(self.items) else Node(None, self.place)
        return self.mapping.get(step, Node(None, self.place))

    def at(self, path: Sequence[str | int]) -> Node:
        """What stands at the end of a path of keys and places."""
        return reduce(Node.child, path, self)

    def put(self, path: Sequence[str | int], node: Node) -> Node:
        """The same with another node at the end of a path."""
        if not path:
            return node
        step, child = path[0], self.child(path[0]).put(path[1:], node)
        if isinstance(step, int):
            return Node([*self.items[:step], child, *self.items[step + 1 :]], self.place)
        return Node({**self.mapping, step: child}, self.place, {step: child.place} | self.key_places)

    def without(self, key: str) -> Node:
        """The same mapping without one of its keys."""
        values = {name: child for name, child in self.mapping.items() if name != key}
        return Node(values, self.place, {name: self.key_places.get(name, self.place) for name in values})

    def copy(self) -> Node:
        """The same with mappings and lists of its own, which may be changed where they stand."""
        if isinstance(self.value, dict):
            values = {key: child.copy() for key, child in self.value.items()}
            return Node(values, self.place, dict(self.key_places))
        return Node([child.copy() for child in self.items], self.place) if self.is_list else self

    def plain(self) -> Any:
        """The value as dictionaries, lists and scalars."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        return self.value


def node_of(value: Any, place: Place) -> Node:
    """Return plain Python data as a node, every part at one place."""
    if isinstance(value, Node):
        return value
    if isinstance(value, dict):
        children = {str(key): node_of(child, place) for key, child in value.items()}
        return Node(children, place, dict.fromkeys(children, place))
    if isinstance(value, list | tuple):
        return Node([node_of(child, place) for child in value], place)
    return Node(value, place)


def hint_on_characters(text: str) -> str:
    """Return a remedy if `text` holds full-width characters or
    tabs that YAML does not read as punctuation.
    """
    for character, ordinary in _FULL_WIDTH.items():
        if character in text:
            shown = "full-width space" if character == "\u3000" else f"full-width '{character}'"
            return f"replace the {shown} by {ordinary}"
    return "indent with spaces, not with a tab" if "\t" in text else ""


def read_bytes(data: bytes, source: str) -> Node:
    """Read the bytes of a file.

    Parameters
    ----------
    data : bytes
        UTF-8, with or without a byte order mark.
    source : str
        Name of the file for messages.

    Raises
    ------
    ScenarioError
        If the bytes are no UTF-8, exceed a bound, or are no YAML of the accepted kind.
    """
    if len(data) > MAX_BYTES:
        raise _error(
            Place(source),
            f"the file has {len(data):,} bytes, more than the {MAX_BYTES:,} that a scenario may have",
            "split it with 'extends'",
        )
    return read_text(_decode(data, source), source)


def read_file(file: Path, source: str, problem: Callable[[str], Problem]) -> Node:
    """Read a file that messages call `source`; `problem` makes of
    "cannot read …" what is told if it cannot be read.
    """
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as failure:
        reason = (failure.strerror or type(failure).__name__).lower()
        raise ScenarioError([problem(f"cannot read '{source}': {reason}")]) from None
    return read_bytes(data, source)


def _decode(data: bytes, source: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:4]:
        raise _error(Place(source), "the file is UTF-16 or UTF-32 text", "save it as UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as failure:
        before = data[: failure.start]
        place = Place(source, before.count(b"\n") + 1, len(before) - before.rfind(b"\n"))
        message = f"the file is not UTF-8 text{_likely_encoding(data)}"
        raise _error(place, message, "save it as UTF-8") from None


def _likely_encoding(data: bytes) -> str:
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return ""
    return ", it looks like GBK (GB18030)" if any("\u4e00" <= letter <= "\u9fff" for letter in text) else ""


def read_text(text: str, source: str) -> Node:
    """Read YAML text into nodes; see `read_bytes` for what is refused."""
    node = read_value(text, source)
    if node.value is None:
        raise _error(Place(source), "the file is empty", "write a scenario, or start from 'fundsim new'")
    return node


def read_value(text: str, source: str) -> Node:
    """Read YAML text that may be a single value."""
    if len(text) > MAX_BYTES:
        raise _error(
            Place(source), f"the text is longer than {MAX_BYTES:,} characters", "split it with 'extends'"
        )
    reader = _Reader(text, source)
    try:
        node = reader.document()
    except yaml.reader.ReaderError as failure:
        before = text[: failure.position]
        place = Place(source, before.count("\n") + 1, len(before) - before.rfind("\n"))
        code = ord(failure.character) if isinstance(failure.character, str) else failure.character
        raise _error(place, f"the character U+{code:04X} is not allowed in YAML", "delete it") from None
    except yaml.MarkedYAMLError as failure:
        raise _syntax_error(failure, text, source) from None
    if reader.problems:
        raise ScenarioError(reader.problems)
    return node


def _syntax_error(failure: yaml.MarkedYAMLError, text: str, source: str) -> ScenarioError:
    mark = failure.problem_mark or failure.context_mark or yaml.Mark(source, 0, 0, 0, "", 0)
    context = failure.context_mark or mark
    place = Place(source, mark.line + 1, mark.column + 1)
    remedy = "check the indentation, quotes, brackets and colons here"
    lines = text.splitlines()
    first = max(min(context.line, mark.line), mark.line - 2)
    for number, line in enumerate(lines[first : mark.line + 1], start=first):
        hint = hint_on_characters(line)
        if hint:  # the parser stumbles later, often a line below
            column = min(line.index(letter) for letter in (*_FULL_WIDTH, "\t") if letter in line)
            place, remedy = Place(source, number + 1, column + 1), hint
            break
    detail = ", ".join(part for part in (failure.context, failure.problem) if part)
    return _error(place, f"this is not valid YAML: {detail}", remedy)


def _error(place: Place, message: str, remedy: str) -> ScenarioError:
    return ScenarioError([Problem(place, "", message, remedy)])


class _Reader:
    """Turns parser events into nodes; recursion is bounded by MAX_DEPTH, work by MAX_NODES."""

    def __init__(self, text: str, source: str) -> None:
        self.source = source
        self.problems: list[Problem] = []
        self._events: Iterator[Any] = yaml.parse(text, Loader=yaml.SafeLoader)
        self._anchors: dict[str, tuple[Node, int, int] | None] = {}  # node, number of values, height
        self._n_nodes = 0
        self._deepest = 0

    def document(self) -> Node:
        next(self._events)  # stream start
        event = next(self._events)
        if isinstance(event, yaml.StreamEndEvent):
            return Node(None, Place(self.source))
        node = self._node(next(self._events), 0)
        next(self._events)  # document end
        event = next(self._events)
        if not isinstance(event, yaml.StreamEndEvent):
            raise _error(self._place(event), "a second document starts here", "keep one scenario in a file")
        return node

    def _place(self, event: Any) -> Place:
        return Place(self.source, event.start_mark.line + 1, event.start_mark.column + 1)

    def _count(self, place: Place, n: int) -> None:
        self._n_nodes += n
        if self._n_nodes > MAX_NODES:
            raise _error(
                place,
                f"the file has more than {MAX_NODES:,} values once aliases are expanded",
                "use fewer aliases or a smaller file",
            )

    def _node(self, event: Any, depth: int) -> Node:
        place = self._place(event)
        self._deepen(place, depth)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, place, depth)
        self._refuse_tag(event, place)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        n_before, deepest_before = self._n_nodes, self._deepest
        self._deepest = depth
        self._count(place, 1)
        if isinstance(event, yaml.ScalarEvent):
            node = Node(self._scalar(event, place), place)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._sequence(place, depth)
        else:
            node = self._mapping(place, depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = (node, self._n_nodes - n_before, self._deepest - depth)
        self._deepest = max(self._deepest, deepest_before)
        return node

    def _deepen(self, place: Place, depth: int) -> None:
        self._deepest = max(self._deepest, depth)
        if depth > MAX_DEPTH:
            raise _error(place, f"values are nested more than {MAX_DEPTH} deep", "flatten the file")

    def _alias(self, event: Any, place: Place, depth: int) -> Node:
        if event.anchor not in self._anchors:
            raise _error(
                place, f"the alias *{event.anchor} has no anchor above it", f"define &{event.anchor} first"
            )
        known = self._anchors[event.anchor]
        if known is None:
            raise _error(place, f"the alias *{event.anchor} contains itself", "write the value out")
        node, n_nodes, height = known
        self._count(place, n_nodes)
        self._deepen(place, depth + height)
        return node

    def _sequence(self, place: Place, depth: int) -> Node:
        items = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        return Node(items, place)

    def _mapping(self, place: Place, depth: int) -> Node:
        node = Node({}, place)
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key, key_place = self._key(event), self._place(event)
            child = self._node(next(self._events), depth + 1)
            if key in node.mapping:
                first = node.key_places[key].line
                message = f"the key '{key}' stands twice, in lines {first} and {key_place.line}"
                self._report(key_place, message, "keep one of them")
            node.mapping[key] = child
            node.key_places[key] = key_place
        return node

    def _key(self, event: Any) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            raise _error(
                self._place(event), "a key must be a plain word, not a list, mapping or alias", "name it"
            )
        place = self._place(event)
        self._count(place, 1)
        self._refuse_tag(event, place)
        if event.value == "<<":
            remedy = "use 'extends' or write the values out"
            self._report(place, "the merge key '<<' is not supported", remedy)
        return event.value

    def _refuse_tag(self, event: Any, place: Place) -> None:
        if event.tag is not None and event.tag != "!":
            self._report(place, f"the tag {event.tag!r} is not supported", "delete it")

    def _scalar(self, event: Any, place: Place) -> Scalar:
        if event.style is not None or event.tag == "!":
            return event.value
        text = event.value
        if _NOT_FINITE.fullmatch(text):
            self._report(
                place, f"{text} is not a finite number", "give a finite number, or quote it if it is a name"
            )
            return None
        try:
            return resolve(text)
        except ValueError as failure:
            self._report(place, str(failure), "give a shorter or smaller number, or quote it if it is a name")
            return None

    def _report(self, place: Place, message: str, remedy: str) -> None:
        self.problems.append(Problem(place, "", message, remedy))


def resolve(text: str) -> Scalar:
    """Return what a plain (unquoted) YAML scalar means under the core schema of YAML 1.2.

    Raises
    ------
    ValueError
        If it is a number with too many digits or beyond the range of a double.
    """
    if _NULL.fullmatch(text):
        return None
    if _BOOL.fullmatch(text):
        return text.lower() == "true"
    if not _FLOAT.fullmatch(text) and not _OCTAL.fullmatch(text) and not _HEX.fullmatch(text):
        return text
    if len(text) > MAX_NUMBER_LENGTH:
        raise ValueError(f"the number {text[:12]}… has {len(text)} characters, more than {MAX_NUMBER_LENGTH}")
    if _INT.fullmatch(text):
        return int(text)
    if _OCTAL.fullmatch(text) or _HEX.fullmatch(text):
        return int(text[2:], 8 if text[1] == "o" else 16)
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is beyond the range of a number")
    return number
