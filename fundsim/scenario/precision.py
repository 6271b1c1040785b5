"""Owns the names of the standard errors that a run is to reach:
VEHICLE/MEASURE or VEHICLE/INVESTOR/MEASURE.
"""

from collections.abc import Iterator
from typing import NamedTuple

from fundsim.files.names import Register, unknown
from fundsim.files.part import Fault
from fundsim.scenario.content import Content
from fundsim.vocabulary import ALL, Measure


class Target(NamedTuple):
    """A standard error of a mean that a run is to reach."""

    vehicle: str
    investor: str
    measure: str
    wanted: float


def precision_targets(scenario: Content) -> list[Target]:
    """The targets of a valid scenario, in the order of ``run.precision``; those set to null are none."""
    return [
        Target(*_split(scenario, name), wanted)
        for name, wanted in scenario.run.precision.items()
        if wanted is not None
    ]


def _split(scenario: Content, name: str) -> tuple[str, str, str]:
    """Vehicle, investor and measure; names of vehicles and investors may hold slashes themselves."""
    whose, _, measure = name.rpartition("/")
    for vehicle in scenario.vehicles:
        if whose == vehicle.name:
            return vehicle.name, ALL, measure
        investors = [investor.label for investor in vehicle.investors] + [ALL]
        investor = whose.removeprefix(f"{vehicle.name}/")
        if investor != whose and investor in investors:
            return vehicle.name, investor, measure
    vehicle_name, _, investor = whose.partition("/")
    return vehicle_name, investor or ALL, measure


def precision_faults(scenario: Content) -> Iterator[Fault]:
    """Yield a fault for every target whose vehicle, investor or measure does not exist."""
    vehicles = Register(vehicle.name for vehicle in scenario.vehicles)
    for name in scenario.run.precision:
        path = ("run", "precision", name)
        vehicle_name, investor, measure = _split(scenario, name)
        if not vehicle_name:
            yield Fault(
                path,
                f"'{name}' names no vehicle and measure",
                "write VEHICLE/MEASURE or VEHICLE/INVESTOR/MEASURE, such as mother/net_irr",
            )
        elif vehicle_name not in vehicles:
            yield Fault(path, *vehicles.unknown("vehicle", vehicle_name))
        else:
            investors = [one.label for one in scenario.vehicle(vehicle_name).investors] + [ALL]
            if investor not in investors:
                yield Fault(path, *unknown(f"investor of '{vehicle_name}' called", investor, investors))
            elif measure not in Measure.words():
                yield Fault(path, *unknown("measure", measure, Measure.words()))
            elif measure == "gross_irr" and investor != ALL:
                yield Fault(
                    path,
                    "gross_irr is of a vehicle and undefined for an investor",
                    f"give {vehicle_name}/gross_irr, or net_irr of the investor",
                )
