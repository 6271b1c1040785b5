"""Owns the whole of a scenario: its blocks, what it says about
itself, and the ways to make another from it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

from fundsim.errors import Problem
from fundsim.scenario.boards import Board, SellDownRule
from fundsim.scenario.closing import Closing
from fundsim.scenario.evidence import SEE_FIELDS, known
from fundsim.scenario.market import Market
from fundsim.scenario.names import named
from fundsim.scenario.park import Park
from fundsim.scenario.part import Fault, Part
from fundsim.scenario.presets import preset_names, preset_value
from fundsim.scenario.property import Property
from fundsim.scenario.quantities import Date, Name, Number
from fundsim.scenario.run import Currency, ExchangeRate, Run, Words
from fundsim.scenario.sectors import Sector
from fundsim.scenario.vehicles import Vehicle
from fundsim.timegrid import add_months

if TYPE_CHECKING:
    from pathlib import Path

HorizonYears = Annotated[float, Number("years", 0, 60, above=True)]
PeriodsPerYear = Annotated[int, Number("count", 1, 12, integer=True)]


def _china(kind: str) -> list[dict[str, Any]]:
    named = kind != "exchange_rates"
    values = {name: preset_value(kind, name) for name in preset_names(kind)}
    return [{"name": name, **value} if named else value for name, value in values.items()]


def _boards() -> tuple[Board, ...]:
    return tuple(Board.model_validate(board) for board in _china("boards"))


def _sell_down_rules() -> tuple[SellDownRule, ...]:
    return tuple(SellDownRule.model_validate(rule) for rule in _china("sell_down_rules"))


def _exchange_rates() -> tuple[ExchangeRate, ...]:
    return tuple(ExchangeRate.model_validate(rate) for rate in _china("exchange_rates"))


class Scenario(Part):
    """A validated, frozen scenario.

    Make one with `load_scenario`, `Scenario.from_dict` or `Scenario.from_text`; these report everything
    that is wrong at once, with its place.
    """

    name: Name
    """Name of the scenario; name."""
    title: Words | None = known(None, "the name is shown")
    """Title in reports; text."""
    description: Words | None = known(None)
    """What the scenario describes; text."""
    currency: Currency = known(Currency, SEE_FIELDS)
    """Currency and unit of amounts; block."""
    start: Date
    """First day of the first period; date."""
    horizon_years: HorizonYears = known(15.0, "a ten-year mother fund, extensions and a closing year")
    """Length of the simulation; years."""
    periods_per_year: PeriodsPerYear = known(4, "funds call and report by quarter", "recalled")
    """Periods in a year, 1, 2, 4 or 12; count."""
    run: Run = known(Run, SEE_FIELDS)
    """Number of paths, seed and threads; block."""
    market: Market = known(Market, SEE_FIELDS)
    """Index, window and factors; block."""
    exchange_rates: tuple[ExchangeRate, ...] = known(_exchange_rates, "presets HKD and USD", "recalled")
    """Values of other currencies; list."""
    sectors: tuple[Sector, ...] = known((), "no enterprises")
    """Sectors; list."""
    boards: tuple[Board, ...] = known(
        _boards, "presets of the Chinese and US boards, each with its evidence", "read"
    )
    """Boards; list."""
    sell_down_rules: tuple[SellDownRule, ...] = known(
        _sell_down_rules, "presets of the Chinese rules", "read"
    )
    """Rules for sales after a listing; list."""
    park: Park = known(Park, "no park streams")
    """Enterprises of the park; block."""
    closing: Closing | None = known(None, "everything closes in full on its date")
    """Closing of all vehicles; block."""
    property_: Property | None = known(None, "no property", alias="property")
    """Park property; block."""
    vehicles: tuple[Vehicle, ...]
    """Vehicles; list."""

    def faults(self) -> Iterator[Fault]:
        from fundsim.scenario.rules import scenario_faults

        yield from scenario_faults(self)

    def title_of(self, name: str, lang: str) -> str:
        """What a vehicle or an outside investor is called in a language: its title, else the name."""
        titles = [vehicle.title for vehicle in self.vehicles if vehicle.name == name]
        titles += [one.title for vehicle in self.vehicles for one in vehicle.investors if one.name == name]
        for words in titles:
            if words is not None:
                return words.in_language(lang) or name
        return name

    @property
    def horizon_periods(self) -> int:
        """Number of periods."""
        return round(self.horizon_years * self.periods_per_year)

    @property
    def end(self) -> dt.date:
        """The day after the last period."""
        return add_months(self.start, round(self.horizon_years * 12))

    def vehicle(self, name: str) -> Vehicle:
        """The vehicle of that name.

        Raises
        ------
        ArgumentError
            If there is none.
        """
        return named(self.vehicles, name, "vehicle")

    def sector(self, name: str) -> Sector:
        """The sector of that name.

        Raises
        ------
        ArgumentError
            If there is none.
        """
        return named(self.sectors, name, "sector")

    def start_of(self, vehicle: Vehicle) -> dt.date:
        """Start date of a vehicle."""
        return vehicle.start or self.start

    def children(self, name: str) -> tuple[Vehicle, ...]:
        """The vehicles in which a vehicle invests, in file order."""
        return tuple(
            vehicle
            for vehicle in self.vehicles
            if any(investor.vehicle == name for investor in vehicle.investors)
        )

    def closing_of(self, vehicle: Vehicle) -> Closing | None:
        """The closing of a vehicle with its own fields over the scenario's; None if it closes in full."""
        if vehicle.closing is None:
            return self.closing
        own = {
            name: value
            for name in Closing.model_fields
            if (value := getattr(vehicle.closing, name)) is not None
        }
        return (self.closing or Closing()).model_copy(update=own)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What is allowed but probably not meant."""
        from fundsim.scenario.rules import scenario_warnings

        return tuple(scenario_warnings(self))

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Scenario:
        """Make a scenario from plain data, shaped as in a file; raises ScenarioError."""
        from fundsim.scenario.loading import scenario_from_dict

        return scenario_from_dict(content)

    @classmethod
    def from_text(cls, text: str, source: str = "text") -> Scenario:
        """Make a scenario from YAML text; raises ScenarioError."""
        from fundsim.scenario.loading import scenario_from_text

        return scenario_from_text(text, source)

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
        """
        from fundsim.scenario.loading import overridden

        return overridden(self, changes)

    def to_dict(self) -> dict[str, Any]:
        """The resolved scenario as plain data; ``from_dict`` gives an equal scenario."""
        return self.model_dump(mode="json", by_alias=True)

    def to_yaml(self) -> str:
        """The resolved scenario as YAML, without `extends`; loading it gives an equal scenario."""
        from fundsim.scenario.writing import to_yaml

        return to_yaml(self.to_dict())

    def save(self, path: str | Path) -> None:
        """Write `to_yaml` to a file in UTF-8."""
        from pathlib import Path

        Path(path).write_text(self.to_yaml(), encoding="utf-8")
