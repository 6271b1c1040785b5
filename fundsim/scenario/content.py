"""Owns what a scenario holds: all its blocks, how they are found by name, and what follows from them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any, Self

from fundsim.files.evidence import SEE_FIELDS, known
from fundsim.files.names import missing
from fundsim.files.part import Part
from fundsim.files.quantities import Date, Name, Number
from fundsim.scenario.boards import Board, SellDownRule
from fundsim.scenario.closing import Closing
from fundsim.scenario.market import Market
from fundsim.scenario.park import Park
from fundsim.scenario.presets import Block, preset_names, preset_value
from fundsim.scenario.property import Property
from fundsim.scenario.run import Currency, ExchangeRate, Run, Words
from fundsim.scenario.sectors import Sector
from fundsim.scenario.vehicles import Investor, Vehicle
from fundsim.timegrid import add_months

HorizonYears = Annotated[float, Number("years", 0, 60, above=True)]
PeriodsPerYear = Annotated[int, Number("count", 1, 12, integer=True)]


def _all_presets(block: type[Block], kind: str) -> tuple[Block, ...]:
    """Every preset of a kind as a block of a class, under its name where such a block has one."""
    values = {name: preset_value(kind, name) for name in preset_names(kind)}
    is_named = "name" in block.model_fields
    return tuple(
        block.model_validate({"name": name, **value} if is_named else value) for name, value in values.items()
    )


class Content(Part):
    """What a scenario holds; its rules between blocks are those of `Scenario`."""

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
    exchange_rates: tuple[ExchangeRate, ...] = known(
        lambda: _all_presets(ExchangeRate, "exchange_rates"), "presets HKD and USD", "recalled"
    )
    """Values of other currencies; list."""
    sectors: tuple[Sector, ...] = known((), "no enterprises")
    """Sectors; list."""
    boards: tuple[Board, ...] = known(
        lambda: _all_presets(Board, "boards"),
        "presets of the Chinese and US boards, each with its evidence",
        "read",
    )
    """Boards; list."""
    sell_down_rules: tuple[SellDownRule, ...] = known(
        lambda: _all_presets(SellDownRule, "sell_down_rules"), "presets of the Chinese rules", "read"
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

    def title_of(self, name: str, lang: str) -> str:
        """What a vehicle or an outside investor is called in a language: its title, else the name.

        Examples
        --------
        >>> scenario.title_of("early fund", "zh")
        '早期子基金'
        """
        words = self._titles.get(name)
        return (words.in_language(lang) if words is not None else None) or name

    @property
    def horizon_periods(self) -> int:
        """Number of periods.

        Examples
        --------
        >>> scenario.horizon_periods
        64
        """
        return round(self.horizon_years * self.periods_per_year)

    @property
    def end(self) -> dt.date:
        """The day after the last period.

        Examples
        --------
        >>> scenario.end
        datetime.date(2041, 1, 1)
        """
        return add_months(self.start, round(self.horizon_years * 12))

    def vehicle(self, name: str) -> Vehicle:
        """The vehicle of that name.

        Raises
        ------
        ArgumentError
            If there is none.

        Examples
        --------
        >>> scenario.vehicle("early fund").kind
        'sub_fund'
        """
        if name not in self._vehicles:
            raise missing(self.vehicles, name, "vehicle")
        return self._vehicles[name]

    def sector(self, name: str) -> Sector:
        """The sector of that name.

        Raises
        ------
        ArgumentError
            If there is none.

        Examples
        --------
        >>> scenario.sector("hardtech").stages[0].name
        'seed'
        """
        if name not in self._sectors:
            raise missing(self.sectors, name, "sector")
        return self._sectors[name]

    def finder_of(self, source: str) -> Vehicle | None:
        """The vehicle that finds enterprises outside the park under that name, `Vehicle.outside`."""
        return self._finders.get(source)

    def start_of(self, vehicle: Vehicle) -> dt.date:
        """Start date of a vehicle.

        Examples
        --------
        >>> scenario.start_of(scenario.vehicle("growth fund"))
        datetime.date(2026, 1, 1)
        """
        return vehicle.start or self.start

    def children(self, name: str) -> tuple[Vehicle, ...]:
        """The vehicles in which a vehicle invests, in file order.

        Examples
        --------
        >>> [vehicle.name for vehicle in scenario.children("mother")]
        ['early fund', 'growth fund', 'blind pool', 'scheduled pool', 'property fund']
        """
        return tuple({child.name: child for child, _ in self.stakes(name)}.values())

    def stakes(self, name: str) -> Sequence[tuple[Vehicle, Investor]]:
        """The vehicles in which a vehicle invests, each with what it puts in, in file order."""
        return self._stakes.get(name, ())

    # What is found by name is indexed once: a scenario is frozen, and its rules ask for each vehicle.

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy, perhaps with other blocks, which are indexed anew."""
        copied = super().model_copy(update=update, deep=deep)
        for name in copied.__dict__.keys() - type(self).model_fields.keys():
            del copied.__dict__[name]
        return copied

    @cached_property
    def _vehicles(self) -> dict[str, Vehicle]:
        return {vehicle.name: vehicle for vehicle in reversed(self.vehicles)}  # of equal names the first

    @cached_property
    def _sectors(self) -> dict[str, Sector]:
        return {sector.name: sector for sector in reversed(self.sectors)}

    @cached_property
    def _stakes(self) -> dict[str, list[tuple[Vehicle, Investor]]]:
        found: dict[str, list[tuple[Vehicle, Investor]]] = {}
        for vehicle in self.vehicles:
            for investor in vehicle.investors:
                if investor.vehicle is not None:
                    found.setdefault(investor.vehicle, []).append((vehicle, investor))
        return found

    @cached_property
    def _finders(self) -> dict[str, Vehicle]:
        return {vehicle.outside: vehicle for vehicle in reversed(self.vehicles)}

    @cached_property
    def _titles(self) -> dict[str, Words]:
        titles = [(vehicle.name, vehicle.title) for vehicle in self.vehicles]
        titles += [(one.name or "", one.title) for vehicle in self.vehicles for one in vehicle.investors]
        return {name: title for name, title in reversed(titles) if title is not None}

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
