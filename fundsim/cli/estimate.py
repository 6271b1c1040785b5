"""Owns what `check` says a run takes: memory and time by the sizes that drive them."""

import math

from fundsim.machine import available_cores
from fundsim.results.block import bytes_of_run
from fundsim.scenario import Scenario
from fundsim.scenario.budgets import rows_per_path
from fundsim.words import label

# Measured on one core at 2.5 GHz with scenarios of 2 and 6 vehicles; a rough guide, good within a factor of
# two.
_SECONDS_PER_ENTERPRISE = 6e-7
_SECONDS_PER_ROW_PERIOD = 7e-7
_BASE_BYTES = 330e6  # the interpreter with its libraries
_THREAD_BYTES = 100e6  # a block of paths under way


def memory_needed(scenario: Scenario) -> float:
    """Bytes that a run holds at most, roughly: its arrays, and a block for each thread."""
    run = scenario.run
    arrays = bytes_of_run(run.paths, min(run.kept_paths, run.paths), sizes_of(scenario))
    return _BASE_BYTES + _THREAD_BYTES * (run.threads or available_cores()) + arrays


def sizes_of(scenario: Scenario) -> dict[str, int]:
    """Sizes of the axes of a run's arrays at most, as every investor may be a class of its own."""
    vehicles, property_ = scenario.vehicles, scenario.property_
    investors = sum(len(vehicle.investors) for vehicle in vehicles)
    holdings = sum(
        len(property_.interests_for(vehicle.property_))
        for vehicle in vehicles
        if property_ is not None and vehicle.property_ is not None
    )
    deals = sum(vehicle.mandate.deals for vehicle in vehicles if vehicle.mandate is not None)
    return {
        "vehicle": len(vehicles),
        "investor": investors,
        "class": investors,
        "row": investors + len(vehicles),
        "period": scenario.horizon_periods,
        "year": math.ceil(scenario.horizon_years),
        "project": len(property_.projects) if property_ is not None else 0,
        "reit": len(property_.reits) if property_ is not None else 0,
        "holding": holdings,
        "exit": deals + holdings,
    }


def seconds_needed(scenario: Scenario) -> float:
    """Seconds of one core that a run takes, roughly, without the time to load and compile."""
    n_rows = sum(1 + len(vehicle.investors) for vehicle in scenario.vehicles)
    by_enterprise = _SECONDS_PER_ENTERPRISE * rows_per_path(scenario)
    by_row = _SECONDS_PER_ROW_PERIOD * n_rows * scenario.horizon_periods
    return scenario.run.paths * (by_enterprise + by_row)


def cost_line(scenario: Scenario, lang: str) -> str:
    """What a run takes on this machine, in a sentence."""
    n_cores = min(scenario.run.threads or available_cores(), available_cores())
    memory = f"{memory_needed(scenario) / 1e9:.1f} GB"
    time = _duration(seconds_needed(scenario) / n_cores, lang)
    return label("cli.check_cost", lang, paths=scenario.run.paths, memory=memory, time=time, cores=n_cores)


def _duration(seconds: float, lang: str) -> str:
    if seconds < 90:
        return label("cli.seconds", lang, count=max(1.0, seconds))
    if seconds < 5400:
        return label("cli.minutes", lang, count=seconds / 60)
    return label("cli.hours", lang, count=seconds / 3600)
