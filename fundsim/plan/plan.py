"""The plan of a run: every pass's terms as arrays, and what the rows of the results are."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fundsim.kernels.base.quantiles import stack
from fundsim.kernels.base.random import seed_key
from fundsim.kernels.closing import ClosingRecords
from fundsim.kernels.enterprises.records import EnterpriseRecords
from fundsim.kernels.funds.instruments import Instruments
from fundsim.kernels.funds.records import FundPlan, FundRecords
from fundsim.kernels.layout import GridTerms, MarketTerms
from fundsim.kernels.property.records import PropertyRecords
from fundsim.plan.agenda import agenda_of, deal_dates, milestones
from fundsim.plan.closing import closing_records
from fundsim.plan.enterprises import enterprise_records
from fundsim.plan.funds import fund_records
from fundsim.plan.landing import landing_dates, landing_terms
from fundsim.plan.market import market_terms
from fundsim.plan.names import Names
from fundsim.plan.opening import opening_of
from fundsim.plan.property import property_records
from fundsim.sampling import PAIR
from fundsim.scenario.scenario import Scenario
from fundsim.timegrid import TimeGrid


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
    closing: ClosingRecords
    enterprises: EnterpriseRecords
    property: PropertyRecords
    funds: FundRecords

    @cached_property
    def n_rows_expected(self) -> int:
        """Mean number of enterprises of a path, rounded up."""
        expected = self.scenario.park.expected(self.scenario.horizon_years)
        return math.ceil(expected) + self.enterprises.n_outside

    @cached_property
    def group(self) -> int:
        """Paths of a group: 2 of mirrored pairs, else 1; groups are independent of each other."""
        return PAIR if self.scenario.run.antithetic else 1

    @cached_property
    def row_classes(self) -> np.ndarray:
        """(I+V, 3) int64: first and last class of each row of summed flows, investor rows and then vehicles,
        and its vehicle, −1 for investor rows.
        """
        n_vehicles, names = len(self.names.vehicles), self.names
        first = np.searchsorted([key.vehicle for key in names.classes], np.arange(n_vehicles + 1))
        classes = [names.class_of(row) for row in range(len(names.investor_rows))]
        rows = [(c, c + 1, -1) for c in classes] + [(first[v], first[v + 1], v) for v in range(n_vehicles)]
        return np.array(rows, dtype=np.int64)

    @cached_property
    def fund_plan(self) -> FundPlan:
        """All that the funds pass is told."""
        landing = landing_terms(self.scenario, self.grid, self.names)
        dated = [*milestones(self.funds.vehicles), *landing_dates(landing), *deal_dates(self.funds.deals)]
        return FundPlan(
            terms=self.funds,
            opening=opening_of(self.names),
            agenda=agenda_of(dated, self.funds.children_first, self.grid.n_periods),
            instruments=Instruments(landing),
        )

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
    key = seed_key(number)
    # closings have tables of their own: another closing would else move those of the passes that follow
    of_closing, tables = list[np.ndarray](), list[np.ndarray]()
    market = market_terms(scenario, grid)
    closing = closing_records(scenario, names, of_closing)
    enterprises = enterprise_records(scenario, grid, names, tables)
    property_ = property_records(scenario, grid, names, tables)
    funds = fund_records(scenario, grid, names, enterprises, key, tables)
    stacked = stack(tables)
    return Plan(
        scenario=scenario,
        grid=grid,
        names=names,
        seed=number,
        grid_terms=GridTerms(grid.n_periods, grid.periods_per_year, key, scenario.run.antithetic),
        market=market,
        closing=closing._replace(tables=stack(of_closing)),
        enterprises=enterprises._replace(tables=stacked),
        property=property_._replace(tables=stacked),
        funds=funds._replace(tables=stacked),
    )
