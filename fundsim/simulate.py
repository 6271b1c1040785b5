"""What users call to run a scenario: `simulate`, with progress."""

import concurrent.futures
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from os import PathLike
from pathlib import Path
from typing import Any

from fundsim.engine.cluster import Cluster
from fundsim.engine.compiling import compile_ahead, is_told, telling
from fundsim.engine.executors import Executor, Pool, Span, Threads, spans_of
from fundsim.engine.replay import replay
from fundsim.engine.telling import Line, misfit_sentence
from fundsim.errors import ArgumentError
from fundsim.kernels.base.cache import Misfit, carried
from fundsim.plan import Plan, make_plan
from fundsim.results import BlockResult, Results
from fundsim.results.block import Assembly
from fundsim.results.controls import n_controls
from fundsim.results.needs import require_memory, require_room
from fundsim.results.precision import Precision
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
    force: bool = False,
    executor: Executor | concurrent.futures.Executor | None = None,
    folder: str | PathLike[str] | None = None,
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
    force : bool
        Whether a run begins although its results seem too large for the memory of this machine.
    executor : Executor, concurrent.futures.Executor or distributed.Client, optional
        Who simulates in place of threads of this process, such as a ``ProcessPoolExecutor`` or the client of
        a Dask cluster; it is left open. On one kind of processor no number depends on it;
        `Results.processors` tells the kinds.
    folder : path, optional
        Where what there is for every path lies while results live, if it is 0.5 GB or more: a file that is
        mapped into memory. Among temporary files by default.

    Returns
    -------
    Results

    Raises
    ------
    ArgumentError
        If a block does not belong to the run, a measure to be precise about is undefined, or both threads and
        an executor are given.
    ResourceError
        If the results would need more memory, or a file for them more disk, than there is.
    ScenarioError
        If a number is out of its range, or a vehicle, investor or measure does not exist.
    RunError
        If the disk is full where what there is for every path lies.
    WorkerError
        If workers of an executor are gone, or would give other numbers.

    Examples
    --------
    >>> results = fs.simulate(fs.load_scenario("fundsim:base"), paths=40, progress=False)
    >>> results
    Results('base', 40 paths, seed 0, audit passed)
    >>> results.irr("mother").shape
    (40,)
    """
    begun = time.perf_counter()
    if executor is not None and threads is not None:
        raise ArgumentError("threads and executor exclude each other; give one of them")
    changes: dict[str, Any] = {"paths": paths, "seed": seed, "threads": threads, "precision": precision}
    changes |= {"antithetic": antithetic, "control_variates": control_variates}
    run = {f"run.{name}": value for name, value in changes.items() if value is not None}
    scenario = scenario.override(run) if run else scenario
    if not force:
        require_memory(scenario)
        require_room(scenario, Path(folder or tempfile.gettempdir()))
    plan, makers = make_plan(scenario), blocks_by(executor, scenario.run.threads)
    if not isinstance(makers, Cluster):  # whose workers compile where they are
        with telling_by_default(progress):
            compile_ahead(plan)
    n_paths = scenario.run.paths
    kept = min(n_paths, scenario.run.kept_paths)
    assembly = assembly_of(plan, kept, None if folder is None else Path(folder))
    spans = spans_of(plan, n_paths)
    places, finished = frozenset(spans), set[Span]()
    for block in blocks_done:
        require_fit(plan, block, places, kept)
        assembly.add(block)
        finished.add(Span(block.first_path, block.n_paths))
    done = sum(span.n for span in finished)
    todo = [span for span in spans if span not in finished]
    with (
        progress_shown(progress) as show,
        closing(makers.blocks(plan, todo, kept)) as made,
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
    processors = dict(assembly.processors)
    return Results(plan, assembly.n_paths, seconds, arrays, replay, fundsim.__version__, processors)


def blocks_by(executor: Any, threads: int | None) -> Executor:
    """Who makes the blocks: what the caller gives, or threads."""
    if executor is None:
        return Threads(threads)
    if isinstance(executor, concurrent.futures.Executor):
        return Pool(executor)
    if hasattr(executor, "get_executor"):
        return Cluster(executor)
    if not hasattr(executor, "blocks"):
        raise ArgumentError(f"executor is {executor!r}; give an executor of concurrent.futures")
    made: Executor = executor
    return made


def assembly_of(plan: Plan, kept: int, folder: Path | None) -> Assembly:
    """The empty arrays of a run, and whether it is precise enough
    after each block, if it asks for a precision.
    """
    n_paths, has_closing = plan.scenario.run.paths, bool(plan.closing.is_used)
    targets = precision_targets(plan.scenario)
    if not targets:
        return Assembly(n_paths, kept, has_closing, folder=folder)

    def results_of(first: int, last: int) -> Results:
        return Results(plan, last - first, 0.0, assembly.paths(first, last), replay)

    assembly = Assembly(n_paths, kept, has_closing, Precision(targets, results_of).is_reached, folder)
    return assembly


def require_fit(plan: Plan, block: BlockResult, places: frozenset[Span], kept: int) -> None:
    """Raise unless a block is one of this run."""
    fits = Span(block.first_path, block.n_paths) in places
    fits = fits and block.group == plan.group and block.controls.shape[1] == n_controls(plan)
    if not fits or block.kept_nav.shape[0] != min(max(kept - block.first_path, 0), block.n_paths):
        raise ArgumentError(f"a block of paths from {block.first_path} does not belong to this run")


def telling_by_default(progress: bool | Progress | None) -> AbstractContextManager[None]:
    """Who hears of compiling: whoever has said so already, or a user who watches."""
    if is_told():
        return nullcontext()
    if isinstance(misfit := carried(), Misfit):
        warnings.warn(misfit_sentence(misfit), RuntimeWarning, stacklevel=3)
    if progress is False or not is_watched():
        return nullcontext()
    return telling(Line())


@contextmanager
def progress_shown(progress: bool | Progress | None, title: str = "") -> Iterator[Progress]:
    """What to call with (paths done, paths): the given callable, nothing, or a bar with the time left on a
    terminal or in a notebook.
    """
    if callable(progress):
        yield progress
        return
    if progress is False or not (progress or is_watched()):
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    named = (TextColumn("{task.description}", markup=False),) if title else ()
    columns = (*named, BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    # what a script prints may go into a file; the bar does not belong there
    bar = Bar(*columns, transient=True, console=Console(stderr=True))
    task = bar.add_task(title, total=None)

    def show(done: int, total: int) -> None:
        bar.start()  # until then compiling has the line
        bar.update(task, completed=done, total=total)

    try:
        yield show
    finally:
        bar.stop()


def is_watched() -> bool:
    """Whether somebody looks: a terminal, or a notebook."""
    import sys

    return "ipykernel" in sys.modules or (sys.stderr is not None and sys.stderr.isatty())


__all__ = ["BlockResult", "simulate"]
