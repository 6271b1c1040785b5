"""Owns what a run shows: values by path that target statistics are
made of, without their reduction to one number.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fundsim.engine.executors import Span, spans_of
from fundsim.engine.passes import Blocks, run_passes
from fundsim.experiments.targets import Target
from fundsim.kernels.layout import NEVER, EnterpriseBlock
from fundsim.machine import available_cores
from fundsim.plan import Plan
from fundsim.results import Results
from fundsim.scenario import Scenario
from fundsim.simulate import simulate
from fundsim.vocabulary import End

ROUND_PATHS = 1000
"""Paths whose enterprises are looked at: a cluster has hundreds on
each, so shares are known to a few thousandths.
"""


@dataclass(frozen=True)
class Rounds:
    """Rounds and ends of enterprises, a row each."""

    path: np.ndarray  # (R,)
    sector: np.ndarray  # (R,)
    first_stage: np.ndarray  # (R,) global stage of entry
    entry: np.ndarray  # (R,) date of entry
    n_rounds: np.ndarray  # (R,)
    period: np.ndarray  # (R, K) of each round
    pre: np.ndarray  # (R, K) pre-money
    sold: np.ndarray  # (R, K) share sold
    filing: np.ndarray  # (R,) period, far away if never
    listing: np.ndarray  # (R,) period, far away if never
    state: np.ndarray  # (R,) of the window in the period of the listing, −1 if never


@dataclass(frozen=True)
class Bought:
    """First investments of the planned deals, (P, D) each."""

    period: np.ndarray  # −1 where a deal was not done
    stage: np.ndarray  # global stage whose round it bought


@dataclass(frozen=True)
class Exits:
    """Exits of enterprises, a line each."""

    path: np.ndarray
    vehicle: np.ndarray  # place in the scenario
    deal: np.ndarray
    channel: np.ndarray  # number of the `Channel`
    period: np.ndarray  # of the last sale
    cost: np.ndarray
    proceeds: np.ndarray


class Observed:
    """A run of a scenario, looked at for targets.

    Parameters
    ----------
    scenario : Scenario
    paths, seed : int
    """

    def __init__(self, scenario: Scenario, paths: int, seed: int) -> None:
        # every run of a fit has the same paths, whatever precision the scenario asks for
        precision = dict.fromkeys(scenario.run.precision)
        run = {"paths": paths, "kept_paths": paths, "seed": seed, "precision": precision}
        self.results: Results = simulate(scenario.override({"run": run}), progress=False)
        self.scenario, self.paths = scenario, paths

    @property
    def plan(self) -> Plan:
        """The scenario as arrays."""
        return self.results.plan

    @cached_property
    def rounds(self) -> Rounds:
        """Rounds of all enterprises on the first paths, from the market and enterprises passes alone."""
        return _joined(self._passes("enterprises", min(self.paths, ROUND_PATHS)))

    @cached_property
    def bought(self) -> Bought:
        """First investments on the first paths."""
        blocks = self._passes("funds", min(self.paths, ROUND_PATHS))
        return Bought(
            np.concatenate([block.funds.deals["bought"] for _, block in blocks]),
            np.concatenate([_stages_bought(block) for _, block in blocks]),
        )

    @cached_property
    def committed(self) -> np.ndarray:
        """What closed of every vehicle on every path, (P, V)."""
        rows = np.array([vehicle for vehicle, _ in self.plan.names.investor_rows])
        closed = np.concatenate([one.closing.closed for _, one in self._passes("closing", self.paths)])
        return np.stack([closed[:, rows == v].sum(axis=1) for v in self.plan.names.vehicles.values()], axis=1)

    def _passes(self, name: str, n_paths: int) -> list[tuple[int, Blocks]]:
        """What a pass, and those that it needs, give on the first paths: blocks with their first path."""

        def one(span: Span) -> tuple[int, Blocks]:
            return span.first, run_passes(self.plan, *span, wanted=(name,))

        with ThreadPoolExecutor(self.scenario.run.threads or available_cores()) as pool:
            return list(pool.map(one, spans_of(self.plan, n_paths)))

    @cached_property
    def exits(self) -> Exits:
        """Exits of enterprises; those of property are left out."""
        held, deals = self.results.arrays, self.plan.names.deals
        is_deal = held["exit_deal"] < len(deals)
        owner = np.array([deal.vehicle for deal in deals] or [0])
        columns = {
            name: held[f"exit_{name}"][is_deal]
            for name in ("path", "deal", "channel", "period", "cost", "proceeds")
        }
        return Exits(vehicle=owner[columns["deal"]], **columns)

    def dpi_at(self, vehicle: str, at_years: float | None, measure: str = "dpi") -> np.ndarray:
        """DPI or TVPI of a vehicle at an age on every path."""
        if at_years is None:
            return self.results.measure(measure, vehicle)
        period = self.first_period(vehicle) + round(at_years * self.scenario.periods_per_year) - 1
        period = min(period, self.plan.grid.n_periods - 1)
        dpi = self.results.paths_of("dpi", vehicle)[:, period]
        if measure == "dpi":
            return dpi
        paid = self.results.paths_of("contribution", vehicle)[:, : period + 1].sum(axis=1)
        nav = self.results.paths_of("nav", vehicle)[:, period]
        return dpi + np.divide(nav, paid, out=np.full_like(nav, np.nan), where=paid > 0.0)

    def first_period(self, vehicle: str) -> int:
        """The period in which a vehicle starts."""
        return self.plan.names.start_periods[self.plan.names.vehicles[vehicle]]

    def years_to(self, vehicle: str, level: float) -> np.ndarray:
        """Age at which a vehicle's DPI first reaches a level on every
        path; the age at the end of the run if never.
        """
        first = self.first_period(vehicle)
        dpi = self.results.paths_of("dpi", vehicle)[:, first:]
        reached = dpi >= level - 1e-9
        period = np.where(reached.any(axis=1), reached.argmax(axis=1), dpi.shape[1] - 1)
        return (period + 1) / self.scenario.periods_per_year

    def flows(self, vehicles: Sequence[str]) -> np.ndarray:
        """Contributions, distributions and final NAV of vehicles
        together, each from its own start: (paths, 2, T).
        """
        n_periods = self.plan.grid.n_periods
        total = np.zeros((self.paths, 2, n_periods))
        for vehicle in vehicles:
            first = self.first_period(vehicle)
            paid = self.results.paths_of("contribution", vehicle)[:, first:]
            back = self.results.paths_of("distribution", vehicle)[:, first:].copy()
            back[:, -1] += self.results.paths_of("nav", vehicle)[:, -1]
            total[:, 0, : paid.shape[1]] += paid
            total[:, 1, : back.shape[1]] += back
        return total

    def exits_of(self, vehicles: Sequence[str]) -> np.ndarray:
        """Which exits are those of some vehicles."""
        return np.isin(self.exits.vehicle, [self.plan.names.vehicles[vehicle] for vehicle in vehicles])

    def rounds_of(self, target: Target) -> np.ndarray:
        """Which enterprises are of the sectors that a target looks at."""
        places = self.plan.names.sectors
        wanted = [places[name] for name in target.sectors] or list(places.values())
        entered = self.rounds.entry <= self.plan.grid.n_periods
        return np.isin(self.rounds.sector, wanted) & entered

    def stage_rounds(self, stage: str) -> np.ndarray:
        """Which round of each enterprise opens a stage of that name, −1 if it has none so far."""
        found = np.full(len(self.rounds.path), -1)
        for (sector, name), place in self.plan.names.stages.items():
            if name == stage:
                at = place - self.rounds.first_stage
                own = self.rounds.sector == self.plan.names.sectors[sector]
                is_open = own & (at >= 0) & (at < self.rounds.n_rounds)
                found[is_open] = at[is_open]
        return found


def _stages_bought(block: Blocks) -> np.ndarray:
    """The global stage whose round each deal of a block bought; of no meaning where it was not done."""
    deals, world = block.funds.deals, block.enterprises
    stages = np.append(world.first_stage, 0)  # of row −1
    return stages[deals["row"]] + deals["place"]


def _states_at_listing(block: Blocks) -> np.ndarray:
    world = block.enterprises
    path = np.repeat(np.arange(len(world.n_park)), np.diff(world.first_row))
    listed = world.end_kind == End.LISTED
    states = np.full(len(path), -1)
    states[listed] = block.market.window[path[listed], world.end_period[listed]]
    return states


def _joined(blocks: Sequence[tuple[int, Blocks]]) -> Rounds:
    def together(part: Callable[[EnterpriseBlock], np.ndarray]) -> np.ndarray:
        return np.concatenate([part(block.enterprises) for _, block in blocks])

    worlds = [(first, block.enterprises) for first, block in blocks]
    path = np.concatenate(
        [first + np.repeat(np.arange(len(world.n_park)), np.diff(world.first_row)) for first, world in worlds]
    )
    return Rounds(
        path=path,
        sector=together(lambda block: block.sector),
        first_stage=together(lambda block: block.first_stage),
        entry=together(lambda block: block.entry_date),
        n_rounds=together(lambda block: block.n_rounds),
        period=together(lambda block: block.round_period),
        pre=together(lambda block: block.round_pre),
        sold=together(lambda block: block.round_sold),
        filing=together(lambda block: block.filing_period),
        listing=together(lambda block: np.where(block.end_kind == End.LISTED, block.end_period, NEVER)),
        state=np.concatenate([_states_at_listing(block) for _, block in blocks]),
    )
