"""Owns what differs between two scenarios: found field by field, and told in words."""

import datetime
import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from pydantic.fields import FieldInfo

from fundsim.files.part import Part
from fundsim.scenario import Scenario
from fundsim.scenario.fund_terms import JUST_IN_TIME
from fundsim.scenario.vehicles import Investor
from fundsim.story.layout import COMMA
from fundsim.words import LABELS, label, unit_label
from fundsim.words.numbers import NOTHING, amount

CHANGED, ADDED, REMOVED = "changed", "added", "removed"
LEFT_ASIDE = frozenset({"run", "title", "description"})
"""Fields that say how a scenario is run, or what it is called; they move no figure."""
_NAMES = ("name", "label", "factor", "state", "currency", "month", "from_")
"""Fields that tell the items of a list apart, the first that an item has."""
MOST_NAMES = 3
"""Vehicles that have a change alike and are named; of more their number is told."""
_PER_YEAR = " a year"
OTHER_CHOICES = (
    "fee_base", "compounding", "style", "strategy", "vehicle_kind", "investor_kind", "debt_kind", "repayment",
)  # fmt: skip
"""Groups of labels with choices of fields, beside the group ``choice``."""
_UNITS = {
    "years": "compare.unit_years",
    "months": "compare.unit_months",
    "days": "compare.unit_days",
    "multiple": "compare.unit_multiple",
    "square metres": "compare.unit_square_metres",
    "enterprises a year": "compare.unit_enterprises_a_year",
    "events a year": "compare.unit_events_a_year",
}
"""Labels of units, by the words in which the descriptions of fields end."""


class Step(NamedTuple):
    """A part of a path: a field, or an item of a list."""

    key: str
    title: Any = None  # of an item in two languages
    is_item: bool = False


class Change(NamedTuple):
    """A field, a block or an item that two scenarios have different."""

    steps: tuple[Step, ...]
    kind: str
    base: Any
    other: Any
    unit: str  # as at the end of the field's description

    @property
    def path(self) -> str:
        """Where it stands, as of ``--set``."""
        return ".".join(step.key for step in self.steps)


def changes_between(base: Scenario, other: Scenario) -> list[Change]:
    """What differs between two resolved scenarios, in the order of a file; how they
    are run, their names and the words of reports are left aside.

    Examples
    --------
    >>> dearer = scenario.override({"vehicles.mother.terms.fee_rate": "1%"})
    >>> [(change.path, change.base, change.other) for change in changes_between(scenario, dearer)]
    [('vehicles.mother.terms.fee_rate', 0.006, 0.01)]
    """
    return list(_of_parts(base, other, (), is_top=True))


def _of_parts(base: Part, other: Part, steps: tuple[Step, ...], is_top: bool = False) -> Iterator[Change]:
    for name, field in type(base).model_fields.items():
        if name in LEFT_ASIDE or (is_top and name == "name"):
            continue
        values = getattr(base, name), getattr(other, name)
        if values[0] != values[1]:
            yield from _of_values(*values, (*steps, Step(field.alias or name)), field)


def _of_values(base: Any, other: Any, steps: tuple[Step, ...], field: FieldInfo) -> Iterator[Change]:
    if isinstance(base, Part) and isinstance(other, Part) and type(base) is type(other):
        yield from _of_parts(base, other, steps)
    elif _is_list(base) and _is_list(other) and (base or other) and _are_parts((*base, *other)):
        yield from _of_lists(base, other, steps, field)
    else:
        kind = ADDED if base is None else REMOVED if other is None else CHANGED
        is_block = isinstance(base, Part) or isinstance(other, Part)
        kind = kind if is_block else CHANGED
        yield Change(steps, kind, plain(base), plain(other), _unit(field))


def _of_lists(
    base: Sequence[Part], other: Sequence[Part], steps: tuple[Step, ...], field: FieldInfo
) -> Iterator[Change]:
    before, after = _by_name(base), _by_name(other)
    for name in {**before, **after}:
        one, two = before.get(name), after.get(name)
        item = one if one is not None else two
        where = (*steps, Step(name, getattr(item, "title", None), is_item=True))
        if one is not None and two is not None:
            yield from _of_parts(one, two, where)
        else:
            yield Change(where, ADDED if one is None else REMOVED, plain(one), plain(two), "block")
    if [name for name in before if name in after] != [name for name in after if name in before]:
        yield Change(steps, CHANGED, list(before), list(after), "list")


def _by_name(items: Sequence[Part]) -> dict[str, Part]:
    """Items by what tells them apart, else by place."""
    named = {_name_of(item): item for item in items}
    if None not in named and len(named) == len(items):
        return {str(name): item for name, item in named.items()}
    return {str(place): item for place, item in enumerate(items)}


def _name_of(item: Part) -> str | None:
    if isinstance(item, Investor):
        return item.label
    found = next((getattr(item, name) for name in _NAMES if hasattr(item, name)), None)
    return None if found is None else str(found)


def _is_list(value: Any) -> bool:
    return isinstance(value, tuple | list)


def _are_parts(items: Sequence[Any]) -> bool:
    return all(isinstance(item, Part) for item in items)


def _unit(field: FieldInfo) -> str:
    return (field.description or "").rstrip(".").rpartition("; ")[2]


def plain(value: Any) -> Any:
    """A value as it stands in a resolved file."""
    if isinstance(value, Part):
        return value.model_dump(mode="json", by_alias=True)
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime.date) else value


def change_sentences(changes: Sequence[Change], scenario: Scenario, lang: str = "en") -> list[str]:
    """Changes in words, a sentence each; one that many vehicles have alike is told once.

    Examples
    --------
    >>> later = {f"vehicles.{name}.terms.term_years": 14 for name in ("early fund", "growth fund")}
    >>> change_sentences(changes_between(scenario, scenario.override(later)), scenario)
    ['Early-stage fund, Growth fund · terms · term: 8 → 14 years']
    """
    groups: dict[str, list[Change]] = {}
    for change in changes:
        groups.setdefault(_of_any_vehicle(change), []).append(change)
    return [_shared_sentence(group, scenario, lang) for group in groups.values()]


def _of_any_vehicle(change: Change) -> str:
    """What a change says, whichever vehicle has it."""
    is_inside = len(change.steps) > 2 and change.steps[0].key == "vehicles"
    where = ["", *(step.key for step in change.steps[2:])] if is_inside else change.path
    return repr((where, change.kind, change.base, change.other, change.unit))


def _shared_sentence(group: Sequence[Change], scenario: Scenario, lang: str) -> str:
    first, n = group[0], len(group)
    if n == 1:
        return change_sentence(first, scenario, lang)
    names = COMMA[lang].join(_step_text(change.steps[1], lang) for change in group[:MOST_NAMES])
    who = names if n <= MOST_NAMES else label("compare.n_vehicles", lang, n=n)
    steps = (first.steps[0], Step(who, is_item=True), *first.steps[2:])
    return change_sentence(first._replace(steps=steps), scenario, lang)


def change_sentence(change: Change, scenario: Scenario, lang: str = "en") -> str:
    """A change in words: where it is, and the value before and after.

    Parameters
    ----------
    change : Change
    scenario : Scenario
        The base, for its unit of amounts.
    lang : {"en", "zh"}

    Examples
    --------
    >>> dearer = scenario.override({"vehicles.mother.terms.fee_rate": "1%"})
    >>> change_sentence(changes_between(scenario, dearer)[0], scenario)
    'Guidance fund · terms · management fee: 0.6% → 1% a year'
    """
    steps = [step for step in change.steps if step.key not in ("vehicles", "investors")]
    where = " · ".join(_step_text(step, lang) for step in steps)
    if change.kind != CHANGED:
        return label("compare.added" if change.kind == ADDED else "compare.removed", lang, where=where)
    values = [_written(value, change, scenario, lang) for value in (change.base, change.other)]
    after = _unit_text(change.unit, scenario, lang) if _has_unit(change) else ""
    return label("compare.changed", lang, where=where, base=values[0], other=values[1]) + after


def _step_text(step: Step, lang: str) -> str:
    if step.is_item:
        return (step.title.in_language(lang) if step.title is not None else None) or step.key
    return field_text(step.key, lang)


def field_text(key: str, lang: str) -> str:
    """What a field is called."""
    return label(f"field.{key}", lang) if f"field.{key}" in LABELS else key.replace("_", " ")


def _written(value: Any, change: Change, scenario: Scenario, lang: str) -> str:
    if value is None or value == []:
        return NOTHING
    if isinstance(value, bool):
        return label("answer.yes" if value else "answer.no", lang)
    if isinstance(value, int | float):
        return _number(float(value), change.unit)
    if isinstance(value, list):
        shown = [_written(item, change, scenario, lang) for item in value]
        return COMMA[lang].join(shown) if len(shown) <= 6 else label("report.values", lang, n=len(shown))
    if isinstance(value, dict):
        inner = [f"{field_text(str(key), lang)} {_of_dict(one, lang)}" for key, one in value.items()]
        return COMMA[lang].join(inner) if len(inner) <= 4 else label("report.values", lang, n=len(inner))
    return _word(str(value), change, scenario, lang)


def _of_dict(value: Any, lang: str) -> str:
    if isinstance(value, dict | list):
        return label("report.values", lang, n=len(value))
    return NOTHING if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _number(value: float, unit: str) -> str:
    if not math.isfinite(value):
        return NOTHING
    if unit.startswith("decimal"):
        return f"{100 * value:.6g}%"
    if unit == "currency units":
        return amount(value) if value == float(amount(value).replace(",", "")) else f"{value:,.6g}"
    return f"{value:,.10g}"


def _word(value: str, change: Change, scenario: Scenario, lang: str) -> str:
    """A choice by its label, a name by the title of what it names."""
    if change.unit == "choice":
        keys = [f"{group}.{value}" for group in OTHER_CHOICES]
        known = next((key for key in keys if key in LABELS), "")
        return label(known, lang) if known else label(f"choice.{value}", lang)
    return label("choice.just_in_time", lang) if value == JUST_IN_TIME else scenario.title_of(value, lang)


def _has_unit(change: Change) -> bool:
    values = [value for value in (change.base, change.other) if value is not None]
    return any(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def _unit_text(unit: str, scenario: Scenario, lang: str) -> str:
    gap = " " if lang == "en" else ""
    if unit == "currency units":
        return gap + unit_label(scenario.currency.code, scenario.currency.unit, lang)
    if unit.startswith("decimal"):
        return gap + label("compare.unit_a_year", lang) if unit.endswith(_PER_YEAR) else ""
    return gap + label(_UNITS[unit], lang) if unit in _UNITS else ""
