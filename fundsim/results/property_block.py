"""Owns what a block keeps of its property: events and amounts of projects, and figures by year."""

from __future__ import annotations

import numpy as np

from fundsim.kernels.layout import NEVER, FundBlock
from fundsim.kernels.property_layout import IN_REIT, LET, PropertyBlock
from fundsim.results.block import (
    HOLDINGS,
    PROJECT_AMOUNTS,
    PROJECT_EVENTS,
    PROJECT_YEARS,
    PROPERTY_YEARS,
    REIT_YEARS,
)

NEVER_COMPLETE = np.iinfo(np.int16).min
"""Date of completion where there is none; that of an existing project may be negative."""


def property_part(
    homes: PropertyBlock, funds: FundBlock, n_years: int, periods_per_year: int, kept: int
) -> dict[str, np.ndarray]:
    """
    What results need of a block's property.

    Parameters
    ----------
    homes, funds : PropertyBlock, FundBlock
        The block.
    n_years, periods_per_year, kept : int
        Years of the horizon, periods of a year, and how many first paths keep figures by year.
    """
    years = _Years(n_years, periods_per_year, homes.periods.shape[2])
    periods, reits, operators = homes.periods[:kept], homes.reits[:kept], homes.operators[:kept]
    is_let = (periods["status"] == LET) | (periods["status"] == IN_REIT)
    n_let = years.total(is_let.astype(float))
    project = {
        "occupancy": years.total(np.where(is_let, periods["occupancy"], 0.0))
        / np.where(n_let > 0, n_let, np.nan),
        "noi": years.total(periods["noi"]),
        "value": years.last(np.where(is_let, periods["value"], 0.0)),
        "debt": years.last(periods["debt"]),
        "private_noi": years.total(np.where(_was_private(periods["status"]), periods["noi"], 0.0)),
        "service": years.total(periods["service"]),
    }
    park = {name: project[name].sum(axis=1) for name in ("value", "debt", "noi", "private_noi", "service")}
    is_private = (periods["status"] == LET) & (periods["value"] > 0.0)
    for name in ("value", "debt"):
        park[f"private_{name}"] = years.last(np.where(is_private, periods[name], 0.0)).sum(axis=1)
    park["support"] = years.total(periods["support"]).sum(axis=1)
    park["trapped"] = years.last(periods["trapped"]).sum(axis=1)
    for name in ("original", "recycled", "recovered"):
        park[name] = years.total(operators[name]).sum(axis=1).cumsum(axis=1)
    reit = {
        "dividend": years.total(reits["dividend"]),
        "market_value": years.last(reits["units"] * reits["price"]),
        "nav": years.last(reits["nav"]),
        "price": years.last(np.where(reits["units"] > 0.0, reits["price"], np.nan)),
        "debt": years.last(reits["debt"]),
        "assets": years.last(reits["assets"]),
        "raised": years.total(reits["raised"]),
    }
    held = funds.shares
    holding = {
        "share": held["share"],
        "bought": held["bought"],
        "cost": held["cost"],
        "paid_out": held["income"] + held["capital"],
        "value": held["value"],
    }
    amounts = {name: homes.results[name] for name in PROJECT_AMOUNTS if name != "support"}
    amounts["support"] = homes.periods["support"].sum(axis=2)
    return {
        "project_events": np.stack([_event(homes.results[name], name) for name in PROJECT_EVENTS], axis=-1),
        "project_amounts": _stacked(amounts, PROJECT_AMOUNTS),
        "property_years": _stacked(park, PROPERTY_YEARS),
        "project_years": _stacked(project, PROJECT_YEARS),
        "reit_years": _stacked(reit, REIT_YEARS),
        "holdings": _stacked(holding, HOLDINGS),
    }


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


def _was_private(status: np.ndarray) -> np.ndarray:
    """Whether a project that earns rents in a period pays its own debts from them: it was in no REIT at the opening."""
    is_private = np.ones(status.shape, dtype=bool)
    is_private[..., 1:] = status[..., :-1] == LET
    return is_private


def _event(periods: np.ndarray, name: str) -> np.ndarray:
    if name == "completed":
        periods = np.where(periods == NEVER, NEVER_COMPLETE, np.maximum(periods, NEVER_COMPLETE + 1))
    return periods.astype(np.int16)


def _stacked(columns: dict[str, np.ndarray], names: tuple[str, ...]) -> np.ndarray:
    with np.errstate(over="ignore"):
        stacked = np.stack([np.asarray(columns[name], dtype=np.float32) for name in names], axis=-1)
    most = np.finfo(np.float32).max
    return np.clip(stacked, -most, most, out=stacked)
