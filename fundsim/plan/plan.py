"""The plan of a run: every pass's terms as arrays, and what the rows of the results are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fundsim.kernels.base.quantiles import stack
from fundsim.kernels.base.random import seed_key
from fundsim.kernels.layout import ClosingTerms, EnterpriseTerms, FundTerms, GridTerms, MarketTerms
from fundsim.kernels.property.records import (
    INTEREST,
    OPERATOR_PERIOD,
    PROJECT_PERIOD,
    REIT_PERIOD,
    PropertyTerms,
)
from fundsim.plan.funds import fund_terms
from fundsim.plan.names import Names
from fundsim.plan.property import property_terms
from fundsim.plan.world import closing_terms, enterprise_terms, market_terms
from fundsim.sampling import PAIR
from fundsim.scenario.scenario import Scenario
from fundsim.timegrid import TimeGrid

BLOCK_BYTES = 48e6  # of a block's arrays; small enough for the cache to help, large enough to amortise a call


@dataclass(frozen=True)
class Plan:
    """A scenario as arrays.

    `classes` index the rows of class arrays, `names.investor_rows` those of investor arrays; in results
    the rows are the classes, then the vehicles' totals.
    """

    scenario: Scenario
    grid: TimeGrid
    names: Names
    seed: int
    grid_terms: GridTerms
    market: MarketTerms
    closing: ClosingTerms
    enterprises: EnterpriseTerms
    property: PropertyTerms
    funds: FundTerms

    @cached_property
    def n_rows_expected(self) -> int:
        """Mean number of enterprises of a path, rounded up."""
        rate = self.enterprises.stream_rate
        length = np.maximum(rate[:, 3] - rate[:, 2], 0.0)
        growth = np.log1p(rate[:, 1])
        flat = np.abs(growth) < 1e-12
        safe = np.where(flat, 1.0, growth)
        span = np.where(flat, length, np.expm1(growth * length) / safe)
        return int(np.ceil((rate[:, 0] * span).sum())) + int((self.enterprises.deal_row >= 0).sum())

    @cached_property
    def group(self) -> int:
        """Paths of a group: 2 of mirrored pairs, else 1; groups are independent of each other."""
        return PAIR if self.scenario.run.antithetic else 1

    @cached_property
    def block_paths(self) -> int:
        """Paths of a block, a power of two that depends on the scenario alone."""
        n_periods = self.grid.n_periods
        n_classes, n_vehicles = len(self.names.classes), len(self.scenario.vehicles)
        places = int(np.max(np.diff(self.enterprises.sector_first_stage), initial=1))
        segments = places + 2 * int(np.max(self.enterprises.sector_filings, initial=0)) + 1
        per_row = 8 * (4 * places + 5 * segments + 16)
        per_path = (3 * n_classes + 13 * n_vehicles) * n_periods * 8 + self.n_rows_expected * per_row
        per_path += n_periods * self._property_bytes
        fitting = BLOCK_BYTES / max(per_path + 120 * len(self.names.deals), 1)
        least = self.group - 1  # a block holds whole pairs
        return 1 << int(np.clip(np.floor(np.log2(max(fitting, 1.0))), least, 7))

    @cached_property
    def _property_bytes(self) -> int:
        """Of a path and period; 0 without property."""
        names = self.names
        records = (
            (INTEREST, names.interests),
            (PROJECT_PERIOD, names.projects),
            (REIT_PERIOD, names.reits),
            (OPERATOR_PERIOD, names.operators),
        )
        return sum(dtype.itemsize * len(rows) for dtype, rows in records)

    @cached_property
    def n_years(self) -> int:
        """Years of the horizon, a part of a year counted as one."""
        return -(-self.grid.n_periods // self.grid.periods_per_year)


def make_plan(scenario: Scenario, seed: int | None = None) -> Plan:
    """Turn a scenario into arrays; `seed` replaces the scenario's."""
    grid = TimeGrid(scenario.periods_per_year, scenario.horizon_periods, scenario.start)
    starts = tuple(grid.period_of_date(scenario.start_of(vehicle)) for vehicle in scenario.vehicles)
    names = Names(scenario, starts)
    number = scenario.run.seed if seed is None else int(seed)
    tables: list[np.ndarray] = []
    market = market_terms(scenario, grid)
    closing = closing_terms(scenario, names, tables)
    enterprises = enterprise_terms(scenario, grid, names, tables)
    property_ = property_terms(scenario, grid, names, tables)
    funds = fund_terms(scenario, grid, names, tables)
    stacked = stack(tables)
    return Plan(
        scenario=scenario,
        grid=grid,
        names=names,
        seed=number,
        grid_terms=GridTerms(
            grid.n_periods, grid.periods_per_year, seed_key(number), scenario.run.antithetic
        ),
        market=market,
        closing=closing._replace(tables=stacked),
        enterprises=enterprises._replace(tables=stacked),
        property=property_._replace(tables=stacked),
        funds=funds._replace(tables=stacked),
    )
