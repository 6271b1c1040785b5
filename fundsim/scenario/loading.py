"""Owns the way from files, text or plain data to a Scenario, and the report of everything that stands in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from fundsim.errors import Place, Problem, ScenarioError
from fundsim.scenario import overrides as setting
from fundsim.scenario.faults import field_of, keys_at, locate, nearest_key, part_at, problems_of
from fundsim.scenario.layers import Steps, expand, merged_text, read_layers
from fundsim.scenario.places import Node, node_of, read_text
from fundsim.scenario.scenario import Scenario

_ROUNDS = 4


def load_scenario(
    path: str | PathLike[str], overrides: Sequence[str] | Mapping[str, Any] = (), *, seed: int | None = None
) -> Scenario:
    """Load a scenario file with what it extends.

    Parameters
    ----------
    path : path
        A YAML file, or ``fundsim:NAME`` for a scenario that the package ships.
    overrides : sequence of str, or mapping
        ``path=value`` texts as of ``--set``, or a mapping of paths to Python values.
    seed : int, optional
        Replaces ``run.seed``.

    Returns
    -------
    Scenario
        Validated and frozen.

    Raises
    ------
    ScenarioError
        With everything that is wrong, each with file, line and column.
    """
    made = _overrides(overrides)
    if seed is not None:
        made += setting.from_mapping({"run.seed": seed})
    return _finished(read_layers(fspath(path)), made)


def scenario_from_text(text: str, source: str = "text", overrides: Sequence[str] | Mapping[str, Any] = ()) -> Scenario:
    """Make a scenario from YAML text; `extends` starts from the working folder."""
    return _finished(merged_text(read_text(text, source)), _overrides(overrides))


def scenario_from_dict(content: Mapping[str, Any], overrides: Sequence[str] | Mapping[str, Any] = ()) -> Scenario:
    """Make a scenario from plain data."""
    tree = node_of(setting._plain(content), Place("scenario"))
    return _finished(merged_text(tree), _overrides(overrides))


def overridden(scenario: Scenario, changes: Mapping[str, Any]) -> Scenario:
    """Return a scenario with the values at some paths replaced."""
    return _finished(node_of(scenario.to_dict(), Place("scenario")), setting.from_mapping(changes))


def _overrides(given: Sequence[str] | Mapping[str, Any]) -> list[setting.Override]:
    if isinstance(given, Mapping):
        return setting.from_mapping(given)
    return [setting.from_assignment(text) for text in ([given] if isinstance(given, str) else given)]


def _finished(tree: Node, overrides: Sequence[setting.Override]) -> Scenario:
    tree = setting.apply(tree, [override for override in overrides if override.is_early])
    tree = setting.apply(expand(tree), [override for override in overrides if not override.is_early])
    return _validated(tree)


def _validated(tree: Node) -> Scenario:
    try:
        return Scenario.model_validate(tree.plain())
    except ValidationError as error:
        problems = problems_of(error, tree, Scenario)
        raise ScenarioError([*problems, *_second_look(tree, error, problems)]) from None


def _second_look(tree: Node, error: ValidationError, problems: Sequence[Problem]) -> list[Problem]:
    """Return what breaks the rules between blocks, though single values are wrong too.

    These rules need a whole scenario. So misspelt keys are read as they were meant and wrong values of optional
    fields as their defaults, where that is possible; what is then found at a place already reported is dropped.
    """
    for _ in range(_ROUNDS):
        mended = _mended(tree, error)
        if mended is None:
            return []
        tree = mended
        try:
            Scenario.model_validate(tree.plain())
        except ValidationError as next_error:
            error = next_error
            if all(detail["loc"] == () for detail in error.errors(include_url=False)):
                reported = {str(problem.place) for problem in problems}
                found = problems_of(error, tree, Scenario)
                return [problem for problem in found if str(problem.place) not in reported]
        else:
            return []
    return []


def _mended(tree: Node, error: ValidationError) -> Node | None:
    for detail in error.errors(include_url=False):
        loc = tuple(detail["loc"])
        if detail["type"] == "extra_forbidden":
            tree = _with_meant_key(tree, loc)
            continue
        faults = detail.get("ctx", {}).get("faults", ())
        for where in [(*loc, *fault.path) for fault in faults] or [loc]:
            if detail["type"] == "missing" and locate(tree, where)[1] == where:
                continue  # a misspelt key has become it
            _, path = locate(tree, where)
            mended = _without_optional(tree, path)
            if mended is None:
                return None
            tree = mended
    return tree


def _with_meant_key(tree: Node, loc: Steps) -> Node:
    keys = keys_at(Scenario, loc[:-1], tree)
    _, path = locate(tree, loc)
    key = str(path[-1])
    meant = nearest_key(key, keys)

    def rename(block: Node) -> Node:
        values = dict(block.mapping)
        value = values.pop(key, None)
        if meant is not None and meant not in values and value is not None:
            values[meant] = value
        places = {name: block.key_places.get(name, block.key_places.get(key, block.place)) for name in values}
        return Node(values, block.place, places)

    return _edited(tree, path[:-1], rename)


def _without_optional(tree: Node, path: Steps) -> Node | None:
    """Drop the innermost optional field on a path; None if there is none."""
    for length in range(len(path), 0, -1):
        if isinstance(path[length - 1], int):
            return None
        part = part_at(Scenario, path[: length - 1])
        field = field_of(part, str(path[length - 1])) if part is not None else None
        if field is not None and field.is_required():
            return None
        if field is not None:
            key = str(path[length - 1])

            def drop(block: Node, key: str = key) -> Node:
                values = {name: child for name, child in block.mapping.items() if name != key}
                return Node(values, block.place, {name: block.key_places[name] for name in values})

            return _edited(tree, path[: length - 1], drop)
    return None


def _edited(node: Node, path: Steps, edit: Callable[[Node], Node]) -> Node:
    if not path:
        return edit(node)
    step = path[0]
    if isinstance(step, int):
        items = list(node.items)
        items[step] = _edited(items[step], path[1:], edit)
        return Node(items, node.place)
    values = {**node.mapping, step: _edited(node.mapping[step], path[1:], edit)}
    return Node(values, node.place, node.key_places)


__all__ = ["load_scenario", "overridden", "scenario_from_dict", "scenario_from_text"]
