"""Owns the scenario that users hold: content that keeps the rules, how it
is loaded, and the ways to make another from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from fundsim.files.layers import Layers
from fundsim.files.part import Fault, alternatives_in
from fundsim.files.reading import Overrides, Reader
from fundsim.files.writing import to_yaml
from fundsim.scenario.content import Content
from fundsim.scenario.doubts import Doubt
from fundsim.scenario.expansion import expand
from fundsim.scenario.rules import scenario_faults, scenario_warnings
from fundsim.scenario.shipped import shipped_scenarios


class Scenario(Content):
    """A validated, frozen scenario.

    Make one with `load_scenario`, `Scenario.from_dict` or `Scenario.from_text`; these report everything
    that is wrong at once, with its place.

    Examples
    --------
    >>> scenario = fs.load_scenario("fundsim:base")
    >>> scenario.name, scenario.horizon_years, len(scenario.vehicles)
    ('base', 16.0, 7)
    """

    def faults(self) -> Iterator[Fault]:
        yield from scenario_faults(self)

    @property
    def warnings(self) -> tuple[Doubt, ...]:
        """What is allowed but probably not meant.

        Examples
        --------
        >>> [(warning.path, warning.kind) for warning in scenario.warnings][0]
        ('vehicles[0] "mother" investors', 'thin_stakes')
        """
        return tuple(scenario_warnings(self))

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Scenario:
        """Make a scenario from plain data, shaped as in a file; raises ScenarioError.

        Examples
        --------
        >>> city = {"name": "city", "kind": "fiscal", "commitment": 10.0}
        >>> fund = {"name": "fund", "kind": "mother", "investors": [city]}
        >>> small = fs.Scenario.from_dict({"name": "small", "start": "2025-01-01", "vehicles": [fund]})
        >>> small.vehicle("fund").investors[0].commitment
        10.0
        """
        return _READER.from_data(content)

    @classmethod
    def from_text(cls, text: str, source: str = "text") -> Scenario:
        """Make a scenario from YAML text; raises ScenarioError.

        Examples
        --------
        >>> fs.Scenario.from_text("{extends: 'fundsim:base', name: mine}").name
        'mine'
        """
        return _READER.from_text(text, source)

    def override(self, changes: Mapping[str, Any]) -> Scenario:
        """Return a scenario in which the values at some paths are others.

        Parameters
        ----------
        changes : mapping of str to value
            Paths as in ``--set``, such as ``vehicles.mother.terms.fee_rate``; blocks are merged.

        Raises
        ------
        ScenarioError
            If a path does not exist or the result breaks a rule.

        Examples
        --------
        >>> dearer = scenario.override({"vehicles.mother.terms.fee_rate": "1%"})
        >>> dearer.vehicle("mother").terms.fee_rate
        0.01
        """
        return _READER.changed(self, changes)

    def to_dict(self) -> dict[str, Any]:
        """The resolved scenario as plain data; ``from_dict`` gives an equal scenario.

        Examples
        --------
        >>> fs.Scenario.from_dict(scenario.to_dict()) == scenario
        True
        """
        return self.model_dump(mode="json", by_alias=True)

    def to_yaml(self) -> str:
        """The resolved scenario as YAML, without `extends`; loading it gives an equal scenario.

        Examples
        --------
        >>> print(scenario.to_yaml()[:10])
        name: base
        """
        return to_yaml(self.to_dict())

    def save(self, path: str | Path) -> None:
        """Write `to_yaml` to a file in UTF-8.

        Examples
        --------
        >>> scenario.save(folder / "mine.yaml")
        >>> fs.load_scenario(folder / "mine.yaml") == scenario
        True
        """
        Path(path).write_text(self.to_yaml(), encoding="utf-8")


_READER = Reader(
    Scenario,
    Layers("scenario", alternatives_in(Scenario), shipped_scenarios),
    expand,
    early=frozenset({"currency"}),
)


def load_scenario(
    path: str | PathLike[str], overrides: Overrides = (), *, seed: int | None = None
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

    Examples
    --------
    >>> scenario = fs.load_scenario("fundsim:base", ["vehicles.mother.terms.fee_rate=1%"], seed=7)
    >>> scenario.vehicle("mother").terms.fee_rate, scenario.run.seed
    (0.01, 7)
    """
    return _READER.from_file(path, overrides, {} if seed is None else {"run.seed": seed})
