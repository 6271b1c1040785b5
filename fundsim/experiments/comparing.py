"""Owns comparing scenarios and runs path by path: what is given becomes
runs of the same paths, what keeps them apart is told at once.
"""

from __future__ import annotations

import concurrent.futures
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import fundsim
from fundsim.engine.compiling import compile_ahead
from fundsim.engine.executors import Executor, spans_of
from fundsim.engine.passes import block_paths
from fundsim.engine.replay import replay
from fundsim.engine.together import Together
from fundsim.errors import ArgumentError, FundsimError, Problem, ScenarioError
from fundsim.experiments.comparison import Comparison
from fundsim.experiments.sides import AnyResults, Sample, Side, require_pairs, rows_of
from fundsim.plan import make_plan
from fundsim.results import Results
from fundsim.results.block import Assembly
from fundsim.results.needs import require_memory_together
from fundsim.scenario import Scenario, load_scenario
from fundsim.simulate import Progress, progress_shown, simulate, telling_by_default
from fundsim.store.stored import StoredResults, load_results
from fundsim.vocabulary import ALL

Given = Scenario | Results | StoredResults | str | os.PathLike[str]
"""What can be compared: a scenario, a file or folder of one, or what came of one."""


def compare(
    given: Mapping[str, Given],
    paths: int | None = None,
    seed: int | None = None,
    vehicles: Iterable[str] | None = None,
    investors: Iterable[str] | None = None,
    threads: int | None = None,
    progress: bool | Progress | None = None,
    force: bool = False,
    executor: Executor | concurrent.futures.Executor | None = None,
) -> Comparison:
    """Compare scenarios or runs with the first one, path by path.

    All run with the same seed and the same paths, so that a difference is that of the terms alone. Passes of
    the simulation that two scenarios have equal are made once; the bits are those of runs of their own.

    Parameters
    ----------
    given : mapping of str to Scenario, Results, StoredResults or path
        Two or more, by what they are to be called; the first is the base. A path leads to a scenario file or
        the folder of a run, or is ``fundsim:NAME``.
    paths, seed : int, optional
        Replace what the scenarios' ``run`` says. Without them scenarios run as runs that are given did, else
        as the base says. Runs are cut to their first `paths`.
    vehicles, investors : iterable of str, optional
        What is compared; ``all`` is the vehicle itself. Without them every vehicle, and the outside investors
        of those that hold others.
    threads : int, optional
        As of `simulate`.
    progress : bool or callable, optional
        As of `simulate`; a path counts once it is done in all scenarios.
    force : bool
        Whether scenarios run although their results seem too large for the memory of this machine.
    executor : optional
        As of `simulate`; every scenario is then run by itself, and no pass is shared.

    Returns
    -------
    Comparison

    Raises
    ------
    ScenarioError
        With everything that keeps runs from being paired, files that are wrong, and names that do not exist.
    ArgumentError
        If fewer than two are given, or both threads and an executor.
    ResourceError
        If the results would need more memory than there is.

    Examples
    --------
    >>> dearer = scenario.override({"vehicles.mother.terms.fee_rate": "1%"})
    >>> comparison = fs.compare({"base": scenario, "dearer": dearer}, paths=40, progress=False)
    >>> irr = comparison.measures.query("vehicle == 'mother' and measure == 'net_irr'").iloc[-1]
    >>> irr["investor"], round(float(irr["difference"]), 3), irr["verdict"]
    ('all', -0.019, 'real')
    """
    if len(given) < 2:
        raise ArgumentError("one side alone cannot be compared; give two or more")
    if executor is not None and threads is not None:
        raise ArgumentError("threads and executor exclude each other; give one of them")
    scenarios, runs = _read(given)
    scenarios, followed = _as_run(scenarios, runs, paths, seed)
    wanted = {name: Sample.of(runs[name] if name in runs else scenarios[name]) for name in given}
    require_pairs(wanted, paths, seed)
    rows = rows_compared([sample.scenario for sample in wanted.values()], vehicles, investors)
    made, shared = _simulated(scenarios, threads, progress, force, executor)
    ordered = {name: runs[name] if name in runs else made[name] for name in given}
    n_paths = min(run.n_paths for run in ordered.values()) if paths is None else paths
    sides = tuple(Side(name, run, n_paths) for name, run in ordered.items())
    return Comparison(sides, tuple(rows), shared, followed)


def _read(given: Mapping[str, Given]) -> tuple[dict[str, Scenario], dict[str, AnyResults]]:
    """Scenarios to be run and runs that there are, with everything that is wrong with any of them."""
    scenarios: dict[str, Scenario] = {}
    runs: dict[str, AnyResults] = {}
    problems: list[Problem] = []
    for name, one in given.items():
        try:
            found = _opened(one)
        except ScenarioError as error:
            problems += error.problems
        except FundsimError as error:
            problems.append(Problem(None, f"'{name}'", str(error)))
        else:
            if isinstance(found, Scenario):
                scenarios[name] = found
            else:
                runs[name] = found
    if problems:
        raise ScenarioError(problems)
    return scenarios, runs


def _opened(one: Given) -> Scenario | AnyResults:
    if isinstance(one, Scenario | Results | StoredResults):
        return one
    if not isinstance(one, str | os.PathLike):
        raise ArgumentError(f"{one!r} cannot be compared; give a scenario, results, a file or a run folder")
    return load_results(one) if Path(one).is_dir() else load_scenario(one)


def _as_run(
    scenarios: Mapping[str, Scenario], runs: Mapping[str, AnyResults], paths: int | None, seed: int | None
) -> tuple[dict[str, Scenario], tuple[str, ...]]:
    """Scenarios with the seed, paths and pairs that all have, and those of
    them whose own were put aside without being asked.
    """
    if not scenarios:
        return {}, ()
    leader = next(iter(runs.values()), None)
    first = next(iter(scenarios.values())) if leader is None else leader.scenario
    n_paths, key = (first.run.paths, first.run.seed) if leader is None else (leader.n_paths, leader.seed)
    asked = {name: value for name, value in (("paths", paths), ("seed", seed)) if value is not None}
    common = {"paths": n_paths, "seed": key, "antithetic": first.run.antithetic} | asked
    followed = tuple(
        name
        for name, one in scenarios.items()
        if any(getattr(one.run, field) != value for field, value in common.items() if field not in asked)
    )
    common["kept_paths"] = first.run.kept_paths
    # every side has the same paths, whatever precision it asks for
    changed = {
        name: one.override({"run": common | {"precision": dict.fromkeys(one.run.precision)}})
        for name, one in scenarios.items()
    }
    return changed, followed


def _simulated(
    scenarios: Mapping[str, Scenario],
    threads: int | None,
    progress: bool | Progress | None,
    force: bool,
    executor: Any,
) -> tuple[dict[str, AnyResults], dict[str, tuple[str, ...]]]:
    """The runs of scenarios, and the passes that each took from the first."""
    if not scenarios:
        return {}, {}
    if not force:
        require_memory_together(list(scenarios.values()))
    alone = dict(scenarios)
    made: dict[str, AnyResults] = {}
    shared: dict[str, tuple[str, ...]] = dict.fromkeys(scenarios, ())
    if executor is None:
        plans = {name: make_plan(scenario) for name, scenario in scenarios.items()}
        size = block_paths(next(iter(plans.values())))
        # sums are added block by block, so blocks of another size would give other last bits
        alike = {name: plan for name, plan in plans.items() if block_paths(plan) == size}
        alone = {name: scenario for name, scenario in scenarios.items() if name not in alike}
        together = Together(list(alike.values()))
        shared |= dict(zip(alike, together.shared, strict=True))
        made |= dict(zip(alike, _run_together(together, threads, progress), strict=True))
    for name, scenario in alone.items():
        made[name] = simulate(scenario, threads=threads, progress=progress, force=True, executor=executor)
    return made, shared


def _run_together(together: Together, threads: int | None, progress: bool | Progress | None) -> list[Results]:
    """The runs of plans that share passes."""
    begun, plans = time.perf_counter(), together.plans
    run = plans[0].scenario.run
    kept = min(run.paths, run.kept_paths)
    assemblies = [Assembly(run.paths, kept, bool(plan.closing.is_used)) for plan in plans]
    with telling_by_default(progress):
        for plan in plans:
            compile_ahead(plan)
    made = together.blocks(spans_of(plans[0], run.paths), kept, threads or run.threads)
    with progress_shown(progress) as show, closing(made):
        show(0, run.paths)
        for blocks in made:
            for assembly, block in zip(assemblies, blocks, strict=True):
                assembly.add(block)
            show(assemblies[0].n_paths, run.paths)
    seconds = time.perf_counter() - begun
    return [
        Results(plan, run.paths, seconds, one.finish(), replay, fundsim.__version__, dict(one.processors))
        for plan, one in zip(plans, assemblies, strict=True)
    ]


def rows_compared(
    scenarios: Sequence[Scenario], vehicles: Iterable[str] | None, investors: Iterable[str] | None
) -> list[tuple[str, str]]:
    """Vehicles and investors that are compared, in file order.

    Parameters
    ----------
    scenarios : sequence of Scenario
        The base first.
    vehicles, investors : iterable of str, optional
        What is asked for; without it every vehicle, and the outside investors of those that hold others.

    Raises
    ------
    ScenarioError
        With every name that the base, or all others, do not have.
    """
    base, *rest = scenarios
    names = [vehicle.name for vehicle in base.vehicles]
    asked, wanted = (None if one is None else list(one) for one in (vehicles, investors))
    rows, others = rows_of(base), {row for one in rest for row in rows_of(one)}
    problems = list(_unknown("vehicle", asked, names, {vehicle for vehicle, _ in others}))
    labels = [investor for vehicle, investor in rows if asked is None or vehicle in asked]
    problems += _unknown("investor", wanted, labels, {investor for _, investor in others})
    if problems:
        raise ScenarioError(problems)
    parents = {investor.vehicle for vehicle in base.vehicles for investor in vehicle.investors}

    def is_shown(vehicle: str, investor: str) -> bool:
        if wanted is not None:
            return investor in wanted
        is_outside = investor not in names and (asked is not None or vehicle in parents)
        return investor == ALL or is_outside

    return [row for row in rows if row in others and (asked is None or row[0] in asked) and is_shown(*row)]


def _unknown(what: str, asked: list[str] | None, there: Sequence[str], others: set[str]) -> Iterator[Problem]:
    names = list(dict.fromkeys(there))
    for name in asked or ():
        if name not in names:
            yield Problem(None, "", f"the base has no {what} '{name}'", f"it has {', '.join(names)}")
        elif name not in others:
            yield Problem(None, "", f"only the base has the {what} '{name}'", f"name a {what} of both")
