"""Order and places of what a scenario names: vehicles, investors,
classes, sectors, stages, planned deals, property.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from fundsim.scenario.property import Interest
from fundsim.scenario.scenario import Scenario


@dataclass(frozen=True)
class Deal:
    """A planned deal: the k-th of a vehicle's mandate."""

    vehicle: int
    number: int
    years: float


class ClassKey(NamedTuple):
    """What investors of a class have in common; its fields are those of the record `CLASS`."""

    vehicle: int
    pays_fee: bool
    pays_carry: bool


@dataclass(frozen=True)
class Names:
    """Places of a scenario's names in the arrays.

    Investor rows and classes are grouped by vehicle in file order; investors of a vehicle with the same
    `ClassKey` make a class. Global stages are the stages of all sectors, sector
    after sector.
    """

    scenario: Scenario
    start_periods: tuple[int, ...]

    @cached_property
    def vehicles(self) -> dict[str, int]:
        """Place of each vehicle."""
        return {vehicle.name: v for v, vehicle in enumerate(self.scenario.vehicles)}

    @cached_property
    def investor_rows(self) -> list[tuple[int, int]]:
        """(vehicle, place among its investors) of each investor row."""
        return [
            (v, i) for v, vehicle in enumerate(self.scenario.vehicles) for i in range(len(vehicle.investors))
        ]

    @cached_property
    def classes(self) -> list[ClassKey]:
        """Key of each class."""
        return list(dict.fromkeys(self._keys))

    def class_of(self, row: int) -> int:
        """Class of an investor row."""
        return self._class_places[self._keys[row]]

    @cached_property
    def _keys(self) -> list[ClassKey]:
        rows = ((v, self.scenario.vehicles[v].investors[i]) for v, i in self.investor_rows)
        return [ClassKey(v, investor.is_fee_payer, investor.is_carry_payer) for v, investor in rows]

    @cached_property
    def _class_places(self) -> dict[ClassKey, int]:
        return {key: c for c, key in enumerate(self.classes)}

    @cached_property
    def parents(self) -> list[int]:
        """Vehicle that each investor row is, −1 for outside investors."""
        rows = (self.scenario.vehicles[v].investors[i] for v, i in self.investor_rows)
        return [-1 if investor.vehicle is None else self.vehicles[investor.vehicle] for investor in rows]

    @cached_property
    def edges(self) -> list[tuple[int, int]]:
        """(parent, investor row) of each row that is a vehicle, grouped by parent."""
        return sorted((parent, row) for row, parent in enumerate(self.parents) if parent >= 0)

    @cached_property
    def companions(self) -> list[tuple[int, int]]:
        """(vehicle, another whose rounds it joins) of co-investment, grouped by vehicle."""
        mandates = [(v, vehicle.mandate) for v, vehicle in enumerate(self.scenario.vehicles)]
        return [
            (v, self.vehicles[name])
            for v, mandate in mandates
            if mandate is not None
            for name in mandate.with_vehicles
        ]

    @cached_property
    def parents_first(self) -> list[int]:
        """Vehicles, each after all its parents, in file order where there is a choice."""
        waiting = {v: set() for v in self.vehicles.values()}  # type: dict[int, set[int]]
        for (v, _), parent in zip(self.investor_rows, self.parents, strict=True):
            if parent >= 0:
                waiting[v].add(parent)
        order: list[int] = []
        placed: set[int] = set()
        while len(order) < len(waiting):
            ready = [v for v, parents in waiting.items() if v not in placed and parents <= placed]
            order += ready
            placed |= set(ready)
        return order

    @cached_property
    def sectors(self) -> dict[str, int]:
        """Place of each sector."""
        return {sector.name: x for x, sector in enumerate(self.scenario.sectors)}

    @cached_property
    def stages(self) -> dict[tuple[str, str], int]:
        """Global stage of (sector, stage)."""
        pairs = [(sector.name, stage.name) for sector in self.scenario.sectors for stage in sector.stages]
        return {pair: s for s, pair in enumerate(pairs)}

    @cached_property
    def deals(self) -> list[Deal]:
        """Planned deals, vehicle after vehicle, in time order."""
        m = self.scenario.periods_per_year
        found = []
        for v, vehicle in enumerate(self.scenario.vehicles):
            if vehicle.mandate is not None:
                times = vehicle.mandate.deal_years(self.start_periods[v] / m)
                found += [Deal(v, k, years) for k, years in enumerate(times)]
        return found

    @cached_property
    def markets(self) -> dict[str, int]:
        """Place of each property market."""
        return self._property_places("markets")

    @cached_property
    def operators(self) -> dict[str, int]:
        """Place of each park operator."""
        return self._property_places("operators")

    @cached_property
    def projects(self) -> dict[str, int]:
        """Place of each project."""
        return self._property_places("projects")

    @cached_property
    def reits(self) -> dict[str, int]:
        """Place of each REIT."""
        return self._property_places("reits")

    def _property_places(self, field: str) -> dict[str, int]:
        return {item.name: i for i, item in enumerate(getattr(self.scenario.property_, field, ()))}

    @cached_property
    def interests(self) -> tuple[Interest, ...]:
        """Interests in property: development of each project, acquired of each, units of each REIT (4.9)."""
        property_ = self.scenario.property_
        return () if property_ is None else property_.interests()

    @cached_property
    def holding_rows(self) -> list[tuple[int, int]]:
        """(vehicle, interest) of each interest that a vehicle may take, grouped by vehicle (5.9)."""
        property_ = self.scenario.property_
        return [
            (v, k)
            for v, vehicle in enumerate(self.scenario.vehicles)
            if property_ is not None and vehicle.property_ is not None
            for k in property_.interests_for(vehicle.property_)
        ]

    @cached_property
    def holdings(self) -> list[tuple[str, str]]:
        """(name of the vehicle, label of the interest) of each row of `holding_rows`."""
        vehicles = self.scenario.vehicles
        return [(vehicles[v].name, self.interests[k].label) for v, k in self.holding_rows]
