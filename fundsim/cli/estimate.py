"""Owns what `check` says a run takes: memory and time by the sizes that drive them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fundsim.machine import available_cores
from fundsim.scenario.budgets import rows_per_path
from fundsim.words import label

if TYPE_CHECKING:
    from fundsim.scenario import Scenario

# Measured on one core at 2.5 GHz with scenarios of 2 and 6 vehicles; a rough guide, good within a factor of
# two.
_SECONDS_PER_ENTERPRISE = 6e-7
_SECONDS_PER_ROW_PERIOD = 7e-7
_BASE_BYTES = 330e6  # the interpreter with its libraries
_THREAD_BYTES = 100e6  # a block of paths under way
_MEASURES, _LEVERAGE = 11, 28
_SERIES_BYTES = 16  # three flows of an investor in a period, and a share for its vehicle's


def memory_needed(scenario: Scenario) -> float:
    """Bytes that a run holds at most, roughly: measures of all paths and series of the kept ones."""
    n_rows = sum(1 + len(vehicle.investors) for vehicle in scenario.vehicles)
    kept = min(scenario.run.kept_paths, scenario.run.paths)
    by_path = 8 * (_MEASURES * n_rows + _LEVERAGE)
    by_kept = _SERIES_BYTES * n_rows * scenario.horizon_periods + 8 * _LEVERAGE * scenario.horizon_years
    threads = scenario.run.threads or available_cores()
    return _BASE_BYTES + _THREAD_BYTES * threads + by_path * scenario.run.paths + by_kept * kept


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
