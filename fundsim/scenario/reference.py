"""Owns the pages that are generated from the fields:
scenarios/base.yaml and the reference of the documentation.
"""

import sys
import textwrap
import types
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from fundsim.files.evidence import GRADES, SEE_FIELDS, Evidence, evidence_in
from fundsim.files.faults import part_in
from fundsim.files.part import Part, blocks_of
from fundsim.files.quantities import Flag, Name, Number, Text
from fundsim.files.writing import inline_yaml
from fundsim.scenario.distributions import Beta, Lognormal
from fundsim.scenario.run import Words
from fundsim.scenario.scenario import Scenario

_WIDTH = 110
_INLINE = (Lognormal, Beta, Words)

_BASE_HEADING = """\
Every parameter of a scenario, written out: generated from the fields of the package, do not edit.
Above a parameter, where it first occurs: its meaning with the unit, what may be written, the default, and the
evidence for the default with its grade (seed: printed in a seed document; read: read in a public source;
recalled: general knowledge; assumed: a modelling choice). Later items of a list show only what they change."""  # noqa: E501


@dataclass(frozen=True, slots=True)
class FieldEntry:
    """A parameter as the reference describes it.

    Parameters
    ----------
    block : type
        Class of the block it stands in.
    key : str
        Its key.
    sentence : str
        Its meaning, ending in the unit.
    wanted : str
        What may be written.
    default : str
        The default as YAML; ``required`` where there is none, empty for blocks.
    evidence : Evidence or None
        Of the default.
    """

    block: type[Part]
    key: str
    sentence: str
    wanted: str
    default: str
    evidence: Evidence | None


def entries_of(block: type[Part]) -> Iterator[FieldEntry]:
    """Yield the parameters of a block in file order."""
    for name, field in block.model_fields.items():
        annotation = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
        yield FieldEntry(
            block=block,
            key=field.alias or name,
            sentence=field.description or "",
            wanted=wanted(annotation),
            default=_default(field),
            evidence=evidence_in(field),
        )


def wanted(annotation: Any) -> str:
    """Return in words what may be written for a type."""
    if annotation == Flag:
        return "true or false"
    if annotation in (Name, Text):
        return "a text"
    if isinstance(annotation, type) and issubclass(annotation, Part):
        bare: dict[type[Part], str] = {
            Lognormal: "a number above 0, or {median, log_sd}",
            Beta: "a share, or {mean, sd}",
        }
        return bare.get(annotation, "a text, or {zh, en}" if annotation is Words else "a block")
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        rule = inner[1]
        return rule.kind if isinstance(rule, Number) else rule.wanted
    if origin is Literal:
        return f"one of {', '.join(map(str, inner))}"
    if origin in (Union, types.UnionType):
        return ", or ".join("null" if part is type(None) else wanted(part) for part in inner)
    if origin is tuple:
        return f"a list, each {wanted(inner[0])}" if part_in(annotation) is None else "a list of blocks"
    if origin is dict:
        if inner[0] == Name:
            return "a block of values by name"
        return "a block of rows by state" if get_origin(inner[1]) is dict else "a block of values by state"
    return "a value"


def _default(field: Any) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    is_block = isinstance(value, Part) and not isinstance(value, _INLINE)
    has_blocks = isinstance(value, tuple) and value and isinstance(value[0], Part)
    return "" if is_block or has_blocks else inline_yaml(_plain(value))


def _plain(value: Any) -> Any:
    if isinstance(value, Part):
        return value.model_dump(mode="json", by_alias=True)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


@cache
def example() -> Scenario:
    """The scenario that base.yaml writes out."""
    text = (resources.files(__package__) / "presets" / "example.yaml").read_text(encoding="utf-8")
    return Scenario.from_text(text, "fundsim:example")


def base_yaml() -> str:
    """Return the text of scenarios/base.yaml: `example`, every parameter commented where it first occurs."""
    heading = [f"# {line}" for line in _BASE_HEADING.splitlines()]
    return "\n".join([*heading, "", *_Writer().block(example(), 0)]) + "\n"


class _Writer:
    """Writes blocks in full with comments the first time a class occurs, later only what was set."""

    def __init__(self) -> None:
        self._seen: set[type[Part]] = set()

    def block(self, part: Part, indent: int) -> list[str]:
        kind = type(part)
        is_first = kind not in self._seen
        self._seen.add(kind)
        lines: list[str] = []
        entries = {entry.key: entry for entry in entries_of(kind)}
        for name, field in kind.model_fields.items():
            key, value = field.alias or name, getattr(part, name)
            if is_first:
                lines += ([""] if indent == 0 and lines else []) + _comment(entries[key], indent)
            elif name not in part.model_fields_set:
                continue
            lines += self._entry(key, value, indent)
        return lines

    def _entry(self, key: str, value: Any, indent: int) -> list[str]:
        margin = " " * indent
        if isinstance(value, Part) and not isinstance(value, _INLINE):
            inner = self.block(value, indent + 2)
            return [f"{margin}{key}:", *inner] if inner else [f"{margin}{key}: {{}}"]
        if isinstance(value, tuple) and value and isinstance(value[0], Part):
            return [f"{margin}{key}:", *(line for item in value for line in self._item(item, indent + 2))]
        return [f"{margin}{key}: {inline_yaml(_plain(value))}"]

    def _item(self, item: Part, indent: int) -> list[str]:
        lines = self.block(item, indent + 2)
        first = next(index for index, line in enumerate(lines) if not line.lstrip().startswith("#"))
        comments = [line[2:] for line in lines[:first]]
        return [*comments, f"{' ' * indent}- {lines[first].lstrip()}", *lines[first + 1 :]]


def _comment(entry: FieldEntry, indent: int) -> list[str]:
    text = entry.sentence
    if entry.wanted not in ("a block", "a list of blocks"):
        text += f" {entry.wanted[0].upper()}{entry.wanted[1:]}."
    if entry.default == "required":
        text += " Required."
    elif entry.evidence is not None and (entry.default or entry.evidence.source != SEE_FIELDS):
        text += (f" Default {entry.default}" if entry.default else " Default") + f" ({entry.evidence})."
    margin = " " * indent + "# "
    return textwrap.wrap(
        text, _WIDTH, initial_indent=margin, subsequent_indent=margin, break_on_hyphens=False
    )


def reference_page() -> str:
    """Return the page docs/reference/scenario.md: a table for each block."""
    lines = [
        "# Scenario files",
        "",
        "Generated from the fields of the package.",
        "",
        "Grades of evidence:",
        "",
        *(f"- **{grade}**: {meaning}" for grade, meaning in GRADES.items()),
    ]
    for block in blocks_of(Scenario):
        if block not in _INLINE:
            sentence = (block.__doc__ or "").strip().splitlines()[0]
            lines += ["", f"## {block.__name__}", "", sentence, "", *_table(block)]
    return "\n".join(lines) + "\n"


def _table(block: type[Part]) -> Iterator[str]:
    yield "| key | meaning; unit | written as | default | evidence |"
    yield "|---|---|---|---|---|"
    for entry in entries_of(block):
        evidence = "" if entry.evidence is None else str(entry.evidence)
        default = f"`{entry.default}`" if entry.default not in ("", "required") else entry.default
        cells = (f"`{entry.key}`", entry.sentence, entry.wanted, default, evidence)
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def write_pages(root: Path) -> None:
    """Write scenarios/base.yaml and docs/reference/scenario.md below a folder."""
    for name, text in (
        ("scenarios/base.yaml", base_yaml()),
        ("docs/reference/scenario.md", reference_page()),
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write_pages(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
