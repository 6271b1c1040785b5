"""Owns the way from files, text or plain data to a Scenario,
and the report of everything that stands in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike, fspath
from typing import Any

from pydantic import ValidationError

from fundsim.errors import Place, ScenarioError
from fundsim.scenario import overrides as setting
from fundsim.scenario.faults import problems_of
from fundsim.scenario.layers import expand, merged_text, read_layers
from fundsim.scenario.mending import second_look
from fundsim.scenario.places import Node, node_of, read_text
from fundsim.scenario.scenario import Scenario


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


def scenario_from_text(
    text: str, source: str = "text", overrides: Sequence[str] | Mapping[str, Any] = ()
) -> Scenario:
    """Make a scenario from YAML text; `extends` starts from the working folder."""
    return _finished(merged_text(read_text(text, source)), _overrides(overrides))


def scenario_from_dict(
    content: Mapping[str, Any], overrides: Sequence[str] | Mapping[str, Any] = ()
) -> Scenario:
    """Make a scenario from plain data."""
    tree = node_of(setting.plain(content), Place("scenario"))
    return _finished(merged_text(tree), _overrides(overrides))


def overridden(scenario: Scenario, changes: Mapping[str, Any]) -> Scenario:
    """Return a scenario with the values at some paths replaced."""
    return _finished(node_of(scenario.to_dict(), Place("scenario")), setting.from_mapping(changes))


def _overrides(given: Sequence[str] | Mapping[str, Any]) -> list[setting.Override]:
    if isinstance(given, Mapping):
        return setting.from_mapping(given)
    return setting.from_assignments([given] if isinstance(given, str) else given)


def _finished(tree: Node, overrides: Sequence[setting.Override]) -> Scenario:
    tree = setting.apply(tree, [override for override in overrides if override.is_early])
    tree = setting.apply(expand(tree), [override for override in overrides if not override.is_early])
    return _validated(tree)


def _validated(tree: Node) -> Scenario:
    try:
        return Scenario.model_validate(tree.plain())
    except ValidationError as error:
        problems = problems_of(error, tree, Scenario)
        raise ScenarioError([*problems, *second_look(tree, error, problems)]) from None


__all__ = ["load_scenario", "overridden", "scenario_from_dict", "scenario_from_text"]
