"""Owns which vehicle and investor an answer is about, and which vehicles a short table shows."""

from collections.abc import Sequence
from typing import Protocol

from fundsim.scenario.vehicles import Vehicle
from fundsim.vocabulary import ALL, InvestorKind


class HasVehicles(Protocol):
    """A scenario, seen as its vehicles in file order."""

    @property
    def vehicles(self) -> Sequence[Vehicle]: ...


def principal(scenario: HasVehicles) -> tuple[str, str]:
    """Vehicle and investor that the run is about.

    The largest fiscal commitment; without fiscal money the largest of state platforms, then of others.
    """

    outside = [
        (vehicle.name, investor)
        for vehicle in scenario.vehicles
        for investor in vehicle.investors
        if not investor.is_vehicle
    ]
    vehicle, investor = min(
        outside, key=lambda one: (InvestorKind.of(one[1].kind or "social"), -one[1].commitment)
    )
    return vehicle, investor.label


MOST_FOLLOWED = 24
"""Vehicles of which a run folder has every year of every kept path."""


def followed_rows(scenario: HasVehicles) -> list[tuple[str, str]]:
    """Vehicle and investor of the rows that are followed path by path: the
    foremost vehicles, and the outside investors of those that hold others.
    """
    parents = {investor.vehicle for vehicle in scenario.vehicles for investor in vehicle.investors}
    names, rows = foremost(scenario, MOST_FOLLOWED), list[tuple[str, str]]()
    for vehicle in scenario.vehicles:
        if vehicle.name in names:
            outside = [one.label for one in vehicle.investors if not one.is_vehicle]
            rows += [(vehicle.name, investor) for investor in outside if vehicle.name in parents]
            rows.append((vehicle.name, ALL))
    return rows


def foremost(scenario: HasVehicles, n: int) -> list[str]:
    """Names of at most `n` vehicles in file order: those that hold others first, then the largest."""
    parents = {investor.vehicle for vehicle in scenario.vehicles for investor in vehicle.investors}
    ranked = sorted(scenario.vehicles, key=lambda vehicle: (vehicle.name not in parents, -vehicle.size))
    chosen = {vehicle.name for vehicle in ranked[:n]}
    return [vehicle.name for vehicle in scenario.vehicles if vehicle.name in chosen]
