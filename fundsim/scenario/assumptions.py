"""Owns the list of what a scenario takes for granted: defaults and presets in use, with their evidence."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, TypeGuard, get_args

from fundsim.files.evidence import NEUTRAL, Evidence, Grade, evidence_in
from fundsim.files.part import Part
from fundsim.scenario.content import Content
from fundsim.scenario.distributions import Quantity
from fundsim.scenario.presets import preset_evidence, preset_names, preset_value
from fundsim.scenario.property import Property

# The weakest evidence first: it is what deserves a look, and what sensitivity runs vary first.
WEAKEST_FIRST: tuple[str, ...] = tuple(reversed(get_args(Grade)))
# Blocks of dated rules, which are listed with the preset that they come from.
_DATED_RULES = ("coupons", "reinvest", "wait", "probability")
_FRAME = ("name", "title", "description", "currency", "start", "run", "preset", "strategy")


Values = tuple[tuple[str, Any], ...]
Found = tuple[str, Values, Evidence]


@dataclass(frozen=True, slots=True)
class Assumption:
    """A default, or values of a preset, that a scenario uses.

    Parameters
    ----------
    path : str
        Field; items of a list by name, `*` where several items share it.
    values : tuple of (str, value)
        The values with what of their paths goes beyond `path`, empty for a default.
    evidence : Evidence
        Its source and grade.
    places : int
        Number of items that share it.
    """

    path: str
    values: Values
    evidence: Evidence
    places: int = 1


def assumptions(scenario: Content) -> list[Assumption]:
    """Defaults and presets in use, the weakest evidence first, then in the order of the file.

    What the scenario sets to a value of its own is not listed, nor what is switched off.
    """
    found = [*_of_presets(scenario), *_of_part(scenario, (), scenario.currency.unit)]
    rows = [Assumption(*one, places) for one, places in Counter(found).items()]
    return sorted(rows, key=lambda row: WEAKEST_FIRST.index(row.evidence.grade))


def _of_part(part: Part, path: tuple[str, ...], unit: float) -> Iterator[Found]:
    for name, field in type(part).model_fields.items():
        value = getattr(part, name)
        key = field.alias or name
        where = (*path, key)
        if name in _FRAME or _is_preset_block(part, name):
            continue
        if isinstance(value, Quantity) and _is_default(part, name, value):
            if _is_told(evidence := evidence_in(field)):
                yield ".".join(where), _of_quantity(value), evidence
        elif isinstance(value, Part):
            yield from _of_part(value, where, unit)
        elif isinstance(value, tuple) and value and isinstance(value[0], Part):
            for item in value:
                yield from _of_part(item, (*path, f"{key}.*"), unit)
        else:
            is_used = value not in (None, ()) and _is_default(part, name, value)
            if _is_told(evidence := evidence_in(field)) and is_used:
                yield ".".join(where), (("", value),), evidence


def _of_quantity(value: Quantity) -> Values:
    given = tuple(value.model_dump(exclude_defaults=True).items())
    return given if len(given) > 1 else (("", given[0][1]),)  # fixed, as a bare number says it


def _is_told(evidence: Evidence | None) -> TypeGuard[Evidence]:
    return evidence is not None and evidence.source != NEUTRAL


def _is_default(part: Part, name: str, value: Any) -> bool:
    field = type(part).model_fields[name]
    return bool(value == field.get_default(call_default_factory=True))


def _is_preset_block(part: Part, name: str) -> bool:
    """Whether a field is listed with its preset instead."""
    of_content = ("sectors", "boards", "sell_down_rules", "exchange_rates")
    return name in (of_content if isinstance(part, Content) else ("window", *_DATED_RULES))


def _of_presets(scenario: Content) -> Iterator[Found]:
    unit = scenario.currency.unit
    for sector in scenario.sectors:
        if sector.preset is not None:
            yield from _of_preset("sectors", sector.preset, sector, f"sectors.{sector.name}", unit)
    for vehicle in scenario.vehicles:
        for kind, name in (("terms", "terms"), ("mandates", "mandate"), ("exits", "exits")):
            part = getattr(vehicle, name)
            if part is not None and part.preset is not None:
                yield from _of_preset(kind, part.preset, part, f"vehicles.*.{name}", unit)
    used = {name for sector in scenario.sectors for name in sector.listing.boards}
    for board in scenario.boards:
        if board.name in used and board.name in preset_names("boards"):
            yield from _of_preset("boards", board.name, board, f"boards.{board.name}", unit)
    yield from _of_preset("window", "china", scenario.market.window, "market.window", unit)
    if scenario.property_ is not None:
        yield from _of_property(scenario.property_, unit)


def _of_property(property_: Property, unit: float) -> Iterator[Found]:
    """Markets that started from a preset, and dated rules where anything follows them."""
    for market in property_.markets:
        if market.preset is not None:
            prefix = f"property.markets.{market.name}"
            yield from _of_preset("property_markets", market.preset, market, prefix, unit)
    used = {debt.kind for project in property_.projects for debt in project.debts if debt.rate is None}
    yield from _of_preset("coupons", "china", property_.coupons, "property.coupons", unit, used)
    waiting = {one.operator for one in property_.projects if one.build is not None and one.build.waits}
    for operator in property_.operators:
        if operator.name in waiting:
            yield from _of_preset("reit_rules", "china", operator, "property.operators.*", unit, {"reinvest"})
    for reit in property_.reits:
        yield from _of_preset("reit_rules", "china", reit, "property.reits.*", unit, {"probability"})
        if reit.follow_on is not None:
            prefix = "property.reits.*.follow_on"
            yield from _of_preset("reit_rules", "china", reit.follow_on, prefix, unit, {"wait"})


def _of_preset(
    kind: str, preset: str, part: Part, prefix: str, unit: float, fields: Collection[str] | None = None
) -> Iterator[Found]:
    """One row for each piece of evidence of a preset, with the values that
    a part of the scenario, or some of its fields, still shares with it.
    """
    include = None if fields is None else set(fields)
    own = part.model_dump(mode="json", by_alias=True, include=include)
    groups: dict[Evidence, list[tuple[tuple[str, ...], Any]]] = {}
    for path, value in _leaves(preset_value(kind, preset, unit)):
        if path[-1] not in ("zh", "en", "currency") and _at(own, path) == value:
            evidence = preset_evidence(kind, preset, ".".join(path))
            groups.setdefault(evidence, []).append((path, value))
    for evidence, leaves in groups.items():
        start = leaves[0][0]
        depth = min(_shared(start, path) for path, _ in leaves)
        values = tuple((" ".join(path[depth:]), value) for path, value in leaves)
        yield ".".join((prefix, *start[:depth])), values, evidence


def _shared(a: tuple[str, ...], b: tuple[str, ...]) -> int:
    return next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Values of nested data with their paths; items with a name are addressed by it."""
    if isinstance(value, dict):
        for key, child in value.items():
            if key != "name":
                yield from _leaves(child, (*path, str(key)))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for n, child in enumerate(value):
            yield from _leaves(child, (*path, _name(child, n)))
    else:
        yield path, tuple(value) if isinstance(value, list) else value


def _name(item: dict[str, Any], place: int) -> str:
    return str(item.get("name", place))


def _at(value: Any, path: tuple[str, ...]) -> Any:
    """The value at a path of `_leaves`, or None; a bare number
    in a preset is the first field of its block.
    """
    for key in path:
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list):
            items = (item for n, item in enumerate(value) if isinstance(item, dict) and _name(item, n) == key)
            value = next(items, None)
    if isinstance(value, dict):
        value = next(iter(value.values()), None)
    return tuple(value) if isinstance(value, list) else value
