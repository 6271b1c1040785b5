"""Owns what a block keeps of its property: events and amounts of projects, and figures by year."""

import numpy as np

from fundsim.kernels.layout import NEVER, FundBlock
from fundsim.kernels.property.records import PropertyBlock
from fundsim.results.block import (
    HOLDINGS,
    PROJECT_AMOUNTS,
    PROJECT_EVENTS,
    PROJECT_YEARS,
    PROPERTY_YEARS,
    REIT_YEARS,
    single,
)
from fundsim.vocabulary import ProjectStatus

NEVER_COMPLETE = np.iinfo(np.int16).min
"""Date of completion where there is none; that of an existing project may be negative."""


class _Years:
    """Sums and last values by year along the last axis, of which the last year may be short."""

    def __init__(self, n_years: int, periods_per_year: int, n_periods: int) -> None:
        self.n_years = n_years
        self.first = np.arange(n_years) * periods_per_year
        self.end = np.minimum(self.first + periods_per_year, n_periods) - 1

    def total(self, values: np.ndarray) -> np.ndarray:
        """Sum of each year."""
        return np.add.reduceat(values, self.first, axis=-1)

    def last(self, values: np.ndarray) -> np.ndarray:
        """Value at each year's end."""
        return values[..., self.end]


def property_part(
    block: PropertyBlock, funds: FundBlock, n_years: int, periods_per_year: int, kept: int
) -> dict[str, np.ndarray]:
    """
    What results need of a block's property.

    Parameters
    ----------
    block, funds : PropertyBlock, FundBlock
        The block.
    n_years, periods_per_year, kept : int
        Years of the horizon, periods of a year, and how many first paths keep figures by year.
    """
    n, n_projects, n_periods = block.periods.shape
    if n_projects == 0:
        return _nothing(n, kept, n_years)
    years = _Years(n_years, periods_per_year, n_periods)
    project = _projects(years, block.periods[:kept])
    park = {name: project[name].sum(axis=1) for name in ("value", "debt", "noi", "private_noi", "service")}
    park |= _ledgers(years, block.periods[:kept], block.operators[:kept])
    amounts = {name: block.results[name] for name in PROJECT_AMOUNTS if name != "support"}
    amounts["support"] = (block.periods["support"] + block.periods["made_good"]).sum(axis=2)
    held = {name: funds.shares[name] for name in ("share", "bought", "cost", "value")}
    held["paid_out"] = funds.shares["income"] + funds.shares["capital"]
    return {
        "project_events": np.stack([_event(block.results[name], name) for name in PROJECT_EVENTS], axis=-1),
        "project_amounts": _stacked(amounts, PROJECT_AMOUNTS),
        "property_years": _stacked(park, PROPERTY_YEARS),
        "project_years": _stacked(project, PROJECT_YEARS),
        "reit_years": _stacked(_reits(years, block.reits[:kept]), REIT_YEARS),
        "holdings": _stacked(held, HOLDINGS),
    }


def _nothing(n: int, kept: int, n_years: int) -> dict[str, np.ndarray]:
    """The same of a scenario without property, at no cost."""
    return {
        "project_events": np.zeros((n, 0, len(PROJECT_EVENTS)), dtype=np.int16),
        "project_amounts": np.zeros((n, 0, len(PROJECT_AMOUNTS)), dtype=np.float32),
        "property_years": np.zeros((kept, n_years, len(PROPERTY_YEARS)), dtype=np.float32),
        "project_years": np.zeros((kept, 0, n_years, len(PROJECT_YEARS)), dtype=np.float32),
        "reit_years": np.zeros((kept, 0, n_years, len(REIT_YEARS)), dtype=np.float32),
        "holdings": np.zeros((n, 0, len(HOLDINGS)), dtype=np.float32),
    }


def _projects(years: _Years, periods: np.ndarray) -> dict[str, np.ndarray]:
    status = periods["status"]
    is_let = periods["value"] > 0.0
    is_let[..., 1:] |= (status[..., :-1] == ProjectStatus.LET) | (status[..., :-1] == ProjectStatus.IN_REIT)
    n_let = years.total(is_let.astype(float))
    occupancy = years.total(np.where(is_let, periods["occupancy"], 0.0))
    is_held = (status == ProjectStatus.LET) | (status == ProjectStatus.IN_REIT)
    return {
        "occupancy": occupancy / np.where(n_let > 0, n_let, np.nan),
        "noi": years.total(periods["noi"]),
        "value": years.last(np.where(is_held, periods["value"], 0.0)),
        "debt": years.last(periods["debt"]),
        "private_noi": years.total(np.where(_was_private(status), periods["noi"], 0.0)),
        "service": years.total(periods["service"]),
    }


def _ledgers(years: _Years, periods: np.ndarray, operators: np.ndarray) -> dict[str, np.ndarray]:
    is_private = (periods["status"] == ProjectStatus.LET) & (periods["value"] > 0.0)
    support = years.total(periods["support"] + periods["made_good"])
    amounts = {"support": support, "trapped": years.last(periods["trapped"])}
    for name in ("value", "debt"):
        amounts[f"private_{name}"] = years.last(np.where(is_private, periods[name], 0.0))
    for name in ("original", "recycled", "recovered"):
        amounts[name] = years.total(operators[name]).cumsum(axis=-1)
    return {name: values.sum(axis=1) for name, values in amounts.items()}


def _reits(years: _Years, reits: np.ndarray) -> dict[str, np.ndarray]:
    return {
        "dividend": years.total(reits["dividend"]),
        "market_value": years.last(reits["units"] * reits["price"]),
        "nav": years.last(reits["nav"]),
        "price": years.last(np.where(reits["units"] > 0.0, reits["price"], np.nan)),
        "debt": years.last(reits["debt"]),
        "assets": years.last(reits["assets"]),
        "raised": years.total(reits["raised"]),
    }


def _was_private(status: np.ndarray) -> np.ndarray:
    """Whether a project that earns rents in a period pays its own
    debts from them: it was in no REIT at the opening.
    """
    is_private = np.ones(status.shape, dtype=bool)
    is_private[..., 1:] = status[..., :-1] == ProjectStatus.LET
    return is_private


def _event(periods: np.ndarray, name: str) -> np.ndarray:
    if name == "completed":
        periods = np.where(periods == NEVER, NEVER_COMPLETE, np.maximum(periods, NEVER_COMPLETE + 1))
    return periods.astype(np.int16)


def _stacked(columns: dict[str, np.ndarray], names: tuple[str, ...]) -> np.ndarray:
    return np.stack([single(columns[name]) for name in names], axis=-1)
