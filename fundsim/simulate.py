"""Runs a scenario: blocks of paths through the passes, on threads, with progress; and replays one path."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing, contextmanager
from typing import Any, NamedTuple

import numpy as np

from fundsim.errors import ArgumentError
from fundsim.kernels.base.sums import add_flows
from fundsim.kernels.closing import allocate_closing, closing_pass
from fundsim.kernels.enterprises.arrivals import count_rows
from fundsim.kernels.enterprises.walk import allocate_enterprises, enterprises_pass
from fundsim.kernels.funds.audit import CHECKS, audit_pass
from fundsim.kernels.funds.records import Factors, fund_records, fund_world
from fundsim.kernels.funds.returns import allocate_returns, returns_pass
from fundsim.kernels.funds.run import allocate_funds, run_paths
from fundsim.kernels.funds.state import allocate_state
from fundsim.kernels.layout import ClosingBlock, EnterpriseBlock, FundBlock, MarketBlock
from fundsim.kernels.market import allocate_market, market_pass
from fundsim.kernels.property.audit import PROPERTY_CHECKS, property_audit_pass
from fundsim.kernels.property.records import PropertyBlock
from fundsim.kernels.property.run import allocate_property, property_pass
from fundsim.machine import available_cores
from fundsim.plan import Plan, make_plan
from fundsim.results import BlockResult, Results, Trace
from fundsim.results.block import Assembly, single
from fundsim.results.controls import control_variates, n_controls
from fundsim.results.precision import Precision
from fundsim.results.property_block import property_part
from fundsim.results.trace import trace_events
from fundsim.sampling import grouped
from fundsim.scenario.precision import precision_targets
from fundsim.scenario.scenario import Scenario

Progress = Callable[[int, int], object]


def simulate(
    scenario: Scenario,
    paths: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    progress: bool | Progress | None = None,
    blocks_done: Iterable[BlockResult] = (),
    on_block: Callable[[BlockResult], object] | None = None,
    precision: Mapping[str, float | None] | None = None,
    antithetic: bool | None = None,
    control_variates: bool | None = None,
) -> Results:
    """Simulate a scenario.

    Parameters
    ----------
    scenario : Scenario
    paths, seed, threads : int, optional
        Replace what the scenario's ``run`` says; without threads all cores are used. No number depends on
        the threads, and the first paths of a longer run are the paths of a shorter one.
    progress : bool or callable, optional
        A bar on a terminal and in notebooks unless False; a callable gets (paths done, paths).
    blocks_done : iterable of BlockResult
        Blocks of an interrupted run of the same scenario, not simulated again.
    on_block : callable, optional
        Gets each new block as it is finished, in the calling thread and in any order.
    precision : mapping of str to float, optional
        Standard errors of means to reach, such as ``{"mother/net_irr": 0.001}`` or, of an investor,
        ``{"mother/city/tvpi": 0.01}``, over those of the scenario; None drops one. The run ends with the
        first block of paths at which all are reached, or with its paths; `Results.precision` tells.

    antithetic, control_variates : bool, optional
        Replace what the scenario's ``run`` says: whether paths come in mirrored pairs, and whether means
        are corrected by what market and property did, both for smaller standard errors (§9). The even
        paths are those of a run without pairs.

    Returns
    -------
    Results

    Raises
    ------
    ArgumentError
        If a block does not belong to the run, or a measure to be precise about is undefined.
    ScenarioError
        If a number is out of its range, or a vehicle, investor or measure does not exist.
    """
    begun = time.perf_counter()
    changes: dict[str, Any] = {"paths": paths, "seed": seed, "threads": threads, "precision": precision}
    changes |= {"antithetic": antithetic, "control_variates": control_variates}
    run = {f"run.{name}": value for name, value in changes.items() if value is not None}
    scenario = scenario.override(run) if run else scenario
    plan = make_plan(scenario)
    n_paths = scenario.run.paths
    kept = min(n_paths, scenario.run.kept_paths)
    assembly = assembly_of(plan, kept)
    finished: dict[int, int] = {}
    for block in blocks_done:
        require_fit(plan, block, kept)
        assembly.add(block)
        finished[block.first_path] = block.n_paths
    done = sum(finished.values())
    todo = [first for first in range(0, n_paths, plan.block_paths) if first not in finished]
    with (
        progress_shown(progress, n_paths) as show,
        closing(blocks(plan, todo, n_paths, kept, scenario.run.threads)) as made,
    ):
        show(done, n_paths)
        while not assembly.is_ended and (new := next(made, None)) is not None:
            assembly.add(new)
            if on_block is not None:
                on_block(new)
            done += new.n_paths
            show(done, n_paths)
    import fundsim

    arrays, seconds = assembly.finish(), time.perf_counter() - begun
    return Results(plan, assembly.n_paths, seconds, arrays, replay, fundsim.__version__)


def assembly_of(plan: Plan, kept: int) -> Assembly:
    """The empty arrays of a run, and whether it is precise enough
    after each block, if it asks for a precision.
    """
    n_paths, has_closing = plan.scenario.run.paths, bool(plan.closing.is_used)
    targets = precision_targets(plan.scenario)
    if not targets:
        return Assembly(n_paths, kept, has_closing)

    def results_of(first: int, last: int) -> Results:
        return Results(plan, last - first, 0.0, assembly.paths(first, last), replay)

    assembly = Assembly(n_paths, kept, has_closing, Precision(targets, results_of).is_reached)
    return assembly


def require_fit(plan: Plan, block: BlockResult, kept: int) -> None:
    """Raise unless a block is one of this run."""
    n_paths = plan.scenario.run.paths
    fits = block.first_path % plan.block_paths == 0 and block.first_path < n_paths
    fits = fits and block.n_paths == min(plan.block_paths, n_paths - block.first_path)
    fits = fits and block.group == plan.group and block.controls.shape[1] == n_controls(plan)
    if not fits or block.kept_nav.shape[0] != min(max(kept - block.first_path, 0), block.n_paths):
        raise ArgumentError(f"a block of paths from {block.first_path} does not belong to this run")


def blocks(
    plan: Plan, todo: list[int], n_paths: int, kept: int, threads: int | None
) -> Generator[BlockResult]:
    """Simulate blocks on threads; an interruption waits for the
    blocks under way, hands them out and goes on up.
    """
    n_threads = min(threads or available_cores(), len(todo))
    local = threading.local()

    def one(first: int) -> BlockResult:
        if not hasattr(local, "worker"):
            local.worker = Worker(plan)
        return local.worker.block(first, min(plan.block_paths, n_paths - first), kept)

    if n_threads <= 1:
        yield from map(one, todo)
        return
    one_first = todo[:1]
    yield from map(one, one_first)  # kernels compile once, not in every thread
    waiting = iter(todo[1:])
    with ThreadPoolExecutor(n_threads, thread_name_prefix="fundsim") as pool:
        running: set[Future[BlockResult]] = set()
        try:
            while True:
                for first in waiting:
                    running.add(pool.submit(one, first))
                    if len(running) > n_threads:
                        break
                if not running:
                    return
                ready, running = wait(running, return_when=FIRST_COMPLETED)
                for future in ready:
                    yield future.result()
        except BaseException:
            for future in running:
                future.cancel()
            raise


class Passes(NamedTuple):
    """What the passes up to the funds wrote about a block."""

    market: MarketBlock
    closing: ClosingBlock
    world: EnterpriseBlock
    homes: PropertyBlock
    funds: FundBlock


class Worker:
    """One thread's memory for blocks, and the passes over it."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.records = fund_records(plan.grid_terms, plan.funds, plan.enterprises)
        names, n_vehicles = plan.names, len(plan.scenario.vehicles)
        classes = [names.class_of(row) for row in range(len(names.investor_rows))]
        rows = [(c, c + 1, -1) for c in classes]
        rows += [(plan.funds.first_class[v], plan.funds.first_class[v + 1], v) for v in range(n_vehicles)]
        self.row_classes = np.array(rows, dtype=np.int64)

    def passes(self, first: int, n: int) -> Passes:
        """All passes up to the funds over the paths ``first … first + n − 1``."""
        plan = self.plan
        market = allocate_market(n, plan.grid_terms, plan.market)
        market_pass(plan.grid_terms, plan.market, first, market)
        closing = allocate_closing(n, plan.grid_terms, plan.closing)
        closing_pass(plan.grid_terms, plan.closing, market, first, closing)
        world = self.enterprises(market, first, n)
        homes = allocate_property(n, plan.grid_terms, plan.property)
        property_pass(plan.grid_terms, plan.property, market, world, first, homes)
        n_rows = int(np.diff(world.first_row).max(initial=0))
        state = allocate_state(plan.funds, n_rows, world.round_period.shape[1])
        funds = allocate_funds(n, plan.grid.n_periods, plan.funds)
        seen = fund_world(world, homes.interests)
        run_paths(self.records, Factors(market.factors), closing, seen, first, state, funds)
        return Passes(market, closing, world, homes, funds)

    def enterprises(self, market: MarketBlock, first: int, n: int) -> EnterpriseBlock:
        """The enterprises pass, with exactly as many rows as there are."""
        plan = self.plan
        first_row, n_park = np.empty(n + 1, dtype=np.int64), np.empty(n, dtype=np.int64)
        count_rows(plan.grid_terms, plan.enterprises, first, n, first_row, n_park)
        world = allocate_enterprises(int(first_row[-1]), n, plan.grid_terms, plan.enterprises)
        world = world._replace(first_row=first_row, n_park=n_park)
        enterprises_pass(plan.grid_terms, plan.enterprises, market, first, world)
        return world

    def block(self, first: int, n: int, kept: int) -> BlockResult:
        """Simulate a block and keep what results need."""
        plan = self.plan
        market, closing, world, homes, funds = self.passes(first, n)
        returns = allocate_returns(n, plan.n_years, self.records)
        returns_pass(self.records, closing, market.index, world.n_park, world.first_row, funds, returns)
        audit = np.zeros(len(CHECKS))
        audit_pass(self.records, closing, funds, returns, audit)
        if plan.property.projects.size > 0:
            of_property = np.zeros(len(PROPERTY_CHECKS))
            property_audit_pass(plan.property, homes, self.records, funds, of_property)
            audit = np.concatenate([audit, of_property])
        share, scale = self.investor_shares(closing)
        sums = np.zeros((2, 7, len(self.row_classes), plan.grid.n_periods))
        flows = (funds.class_flows, funds.class_nav, funds.vehicle_flows)
        add_flows(*flows, self.row_classes, share, plan.group, sums[0], sums[1])
        k = min(max(kept - first, 0), n)
        activity = np.concatenate([returns.activity, funds.invested.sum(axis=2)[:, :, None]], axis=2)
        return BlockResult(
            first_path=first,
            n_paths=n,
            group=plan.group,
            measures=returns.measures,
            irr_status=returns.irr_status,
            leverage=returns.leverage[:, -1],
            landing=returns.landing,
            controls=control_variates(plan, market, homes),
            share=share,
            scale=scale,
            kept_flows=single(funds.class_flows[:k]),
            kept_nav=single(funds.class_nav[:k, :, 1:]),
            kept_carry=single(funds.vehicle_flows[:k, :2]),
            leverage_years=returns.leverage[:k, :-1].copy(),
            **exit_lines(world, funds, first, k),
            **property_part(homes, funds, plan.n_years, plan.grid.periods_per_year, k),
            flow_sums=sums[0],
            flow_squares=sums[1],
            exit_sums=summed(returns.exits),
            activity_sums=summed(activity),
            activity_squares=summed(grouped(activity, plan.group) ** 2),
            audit=audit,
        )

    def investor_shares(self, closing: ClosingBlock) -> tuple[np.ndarray, np.ndarray]:
        """Share of each investor row in its class, and its paid-in share
        against the class's; one row where all paths agree.
        """
        n = closing.closed.shape[0] if self.plan.closing.is_used else 1
        of_class = self.row_classes[: closing.closed.shape[1], 0]
        member = np.zeros((len(of_class), len(self.plan.names.classes)))
        member[np.arange(len(of_class)), of_class] = 1.0
        callable_, closed = closing.callable[:n], closing.closed[:n]
        whole, whole_closed = (
            np.einsum("bi,ic->bc", money, member)[:, of_class] for money in (callable_, closed)
        )
        share = np.divide(callable_, whole, out=np.zeros_like(callable_), where=whole > 0.0)
        scale = np.divide(share * whole_closed, closed, out=np.full_like(share, np.nan), where=closed > 0.0)
        return share, scale


def summed(values: np.ndarray) -> np.ndarray:
    """Sum over paths, one after the other."""
    return np.add.reduce(values, axis=0)


def exit_lines(world: EnterpriseBlock, funds: FundBlock, first: int, kept: int) -> dict[str, np.ndarray]:
    """Exits of the block's first ``kept`` paths as columns."""
    counts = funds.n_exits[:kept]
    # slices of bytes are copied whole, some ten times faster than a mask over records
    plain = funds.exits.view(f"V{funds.exits.dtype.itemsize}")
    lines = np.concatenate([plain[:0].ravel(), *(plain[b, :n] for b, n in enumerate(counts))])
    lines = lines.view(funds.exits.dtype)
    path = np.repeat(np.arange(kept), counts)
    # holdings of property are numbered behind the deals; they are no enterprise and keep their number
    is_deal = lines["deal"] < funds.deals.shape[1]
    row = funds.deal_row[path[is_deal], lines["deal"][is_deal]]
    stream, number = -1 - lines["deal"], np.zeros(len(lines), dtype=np.int64)
    stream[is_deal], number[is_deal] = world.stream[row], world.number[row]
    return {
        "exit_path": (path + first).astype(np.int32),
        "exit_deal": lines["deal"].astype(np.int32),
        "exit_channel": lines["channel"].astype(np.int8),
        "exit_period": lines["period"].astype(np.int16),
        "exit_stream": stream.astype(np.int32),
        "exit_number": number.astype(np.int32),
        "exit_cost": single(lines["cost"]),
        "exit_proceeds": single(lines["proceeds"]),
    }


def replay(plan: Plan, path: int) -> Trace:
    """Simulate one path again, alone, with its whole story."""
    worker = Worker(plan)
    passes = worker.passes(path, 1)
    block = worker.block(path, 1, path + 1)
    assembly = Assembly(1, 1, bool(plan.closing.is_used))
    moved = block.to_arrays() | {"first_path": np.asarray(0), "exit_path": np.zeros_like(block.exit_path)}
    assembly.add(BlockResult.from_arrays(moved))
    measures = Results(plan, 1, 0.0, assembly.finish(), replay).measures.assign(path=path)
    events = trace_events(plan, *passes)
    return Trace(path, plan.seed, events, measures, plan.scenario)


@contextmanager
def progress_shown(progress: bool | Progress | None, total: int) -> Iterator[Progress]:
    """What to call with (paths done, paths): the given callable,
    nothing, or a bar on a terminal or in a notebook.
    """
    if callable(progress):
        yield progress
        return
    if progress is False or not (progress or is_watched()):
        yield lambda done, of: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    # what a script prints may go into a file; the bar does not belong there
    with Bar(*columns, transient=True, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=total)
        yield lambda done, of: bar.update(task, completed=done)


def is_watched() -> bool:
    """Whether somebody looks: a terminal, or a notebook."""
    import sys

    return "ipykernel" in sys.modules or (sys.stderr is not None and sys.stderr.isatty())


__all__ = ["BlockResult", "simulate"]
