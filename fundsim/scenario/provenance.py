"""Owns which values of a scenario are the package's own, as defaults or from presets, and their evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from fundsim.errors import ArgumentError
from fundsim.scenario.boards import Board, SellDownRule
from fundsim.scenario.distributions import Beta, Lognormal
from fundsim.scenario.evidence import NEUTRAL, Evidence
from fundsim.scenario.faults import field_of, part_in
from fundsim.scenario.fund_terms import Terms
from fundsim.scenario.layers import parse_path
from fundsim.scenario.market import Window
from fundsim.scenario.part import Part
from fundsim.scenario.presets import preset_evidence, preset_names, preset_value
from fundsim.scenario.rules import unknown
from fundsim.scenario.run import Words
from fundsim.scenario.scenario import Scenario
from fundsim.scenario.sectors import Sector

_LEAVES = (Lognormal, Beta, Words)
_KIND_OF_PART: dict[type[Part], str] = {
    Sector: "sectors",
    Board: "boards",
    SellDownRule: "sell_down_rules",
    Terms: "terms",
}


@dataclass(frozen=True, slots=True)
class Assumption:
    """A value that the user did not choose.

    Parameters
    ----------
    path : str
        Such as ``sectors.hardtech.stages.seed.drift``.
    value : object
        As the scenario holds it.
    origin : {"default", "preset"}
        Where it came from.
    evidence : Evidence
        Its source and grade.
    """

    path: str
    value: Any
    origin: Literal["default", "preset"]
    evidence: Evidence

    @property
    def is_neutral(self) -> bool:
        """Whether the value merely switches something off."""
        return self.value is None or self.evidence.source == NEUTRAL


def evidence_of(path: str) -> Evidence:
    """Return the evidence for the default of a field.

    Parameters
    ----------
    path : str
        Fields with dots between, such as ``vehicles.terms.hurdle_rate``; names and indices may stand between.

    Raises
    ------
    ArgumentError
        If there is no such field, or it has no default.
    """
    part: type[Part] | None = Scenario
    field = None
    may_be_name = False
    try:
        steps = parse_path(path)
    except ValueError as failure:
        raise ArgumentError(str(failure)) from None
    for step in steps:
        found = field_of(part, step) if part is not None and isinstance(step, str) else None
        if found is None and may_be_name:
            may_be_name = False
            continue
        if found is None:
            keys = [] if part is None else [other.alias or name for name, other in part.model_fields.items()]
            raise ArgumentError("; ".join(unknown("field", str(step), keys)))
        field, part = found, part_in(found.annotation)
        may_be_name = "tuple" in str(found.annotation)
    evidence = _of_field(field)
    if evidence is None:
        raise ArgumentError(f"{path} has no default, so no evidence")
    return evidence


def _of_field(field: Any) -> Evidence | None:
    given = (field.json_schema_extra or {}).get("evidence") if field is not None else None
    return None if given is None else Evidence(given["source"], given["grade"])


def assumptions(scenario: Scenario) -> tuple[Assumption, ...]:
    """Return every value of a scenario that equals a preset's or a default, in file order.

    A value that a user wrote and that equals the default counts as the default.
    """
    return tuple(_walk(scenario, "", None, None, ""))


def _walk(
    part: Part, path: str, preset: Part | None, of: tuple[str, str] | None, inner: str
) -> Iterator[Assumption]:
    """Walk a block beside its preset; `of` is the preset's kind and name, `inner` the path inside it."""
    if preset is None and (found := _preset_of(part)) is not None:
        preset, of, inner = *found, ""
    for name, field in type(part).model_fields.items():
        key = field.alias or name
        value = getattr(part, name)
        where, inside = f"{path}.{key}".lstrip("."), f"{inner}.{key}".lstrip(".")
        beside = getattr(preset, name, None)
        if name in ("name", "preset") or isinstance(value, Words):
            continue
        if isinstance(value, Part) and not isinstance(value, _LEAVES):
            yield from _walk(value, where, beside, of, inside)
        elif _is_list_of_parts(value):
            yield from _walk_list(value, where, beside, of, inside)
        elif preset is not None and of is not None and name in preset.model_fields_set and value == beside:
            yield Assumption(where, value, "preset", preset_evidence(*of, inside))
        elif (evidence := _of_field(field)) is not None and value == field.get_default(
            call_default_factory=True
        ):
            yield Assumption(where, value, "default", evidence)


def _is_list_of_parts(value: Any) -> bool:
    return isinstance(value, tuple) and bool(value) and isinstance(value[0], Part)


def _walk_list(
    items: tuple[Part, ...], path: str, beside: Any, of: tuple[str, str] | None, inner: str
) -> Iterator[Assumption]:
    twins = {_label(item, index): item for index, item in enumerate(beside or ())}
    for index, item in enumerate(items):
        label = _label(item, index)
        step = f"[{index}]" if isinstance(label, int) else f".{_quoted(label)}"
        inside = inner if isinstance(label, int) else f"{inner}.{label}"
        yield from _walk(item, path + step, twins.get(label), of, inside)


def _label(item: Part, index: int) -> str | int:
    for name in ("name", "vehicle", "factor", "currency"):
        label = getattr(item, name, None)
        if isinstance(label, str):
            return label
    return index


def _quoted(name: str) -> str:
    return f'"{name}"' if any(letter in name for letter in ".[]='\"") else name


def _preset_of(part: Part) -> tuple[Part, tuple[str, str]] | None:
    if isinstance(part, Window):
        return Window.model_validate(preset_value("window", "china")), ("window", "china")
    kind = _KIND_OF_PART.get(type(part))
    name = getattr(part, "preset", None) or getattr(part, "name", None)
    if kind is None or name not in preset_names(kind):
        return None
    value = preset_value(kind, name)
    named = value if isinstance(part, Terms) else {"name": name, **value}
    return type(part).model_validate(named), (kind, name)
