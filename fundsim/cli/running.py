"""Owns the commands that simulate: `run`, from the folder to the last file of it, and `trace`."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, cast

import fundsim
from fundsim.cli.estimate import TimeLeft, duration, file_line
from fundsim.cli.loading import compiling_told, found, scenario_of
from fundsim.cli.terminal import DONE, FAILED, INTERRUPTED, remark, say
from fundsim.cli.workers import Crew, crew_of, require_one
from fundsim.cli.writing import write_run
from fundsim.errors import ArgumentError
from fundsim.results.needs import require_disk, require_memory
from fundsim.scenario import Scenario
from fundsim.store import Identity, RunFolder, slug
from fundsim.words import label

if TYPE_CHECKING:
    from fundsim.results import Results
    from fundsim.store import StoredResults


def run(
    file: str,
    settings: Sequence[str],
    out: str | None,
    overwrite: bool,
    resume: bool,
    force: bool,
    lang: str,
    precision: Sequence[tuple[str, float]],
    workers: int | None = None,
    cluster: str | None = None,
    **options: int | None,
) -> int:
    """Simulate, print the answer, write the run folder; returns the exit code.

    `options` are those fields of the block ``run`` that have options of their own, None where not given.
    """
    if overwrite and resume:
        raise ArgumentError("--overwrite and --resume exclude each other; give one of them")
    require_one(options["threads"], workers, cluster)
    scenario = scenario_of(file, settings, lang, precision=dict(precision) or None, **options)
    folder = RunFolder(out or Path("runs") / f"{slug(Path(found(file)).stem)}-{scenario.run.seed}")
    identity = identity_of(scenario)
    if resume and folder.is_complete(identity):
        return _tell_again(folder, lang)
    if not force:
        require_memory(scenario, workers)
        require_disk(scenario, folder.path, folder.n_bytes_done if resume else 0)
    with ExitStack() as ends:
        crew = ends.enter_context(crew_of(scenario, workers, cluster, lang))
        was_begun = folder.is_begun
        folder.begin(identity, overwrite=overwrite, resume=resume)
        if resume and not was_begun:
            remark(label("cli.resume_nothing", lang, folder=folder.path))
        if told := file_line(scenario, folder.path, lang):
            remark(told)
        try:
            results = _simulated(scenario, folder, crew, lang)
            ends.close()
            _print(results, lang)
            write_run(results, folder, lang)
        except ArgumentError:
            folder.drop_blocks()  # nothing that is worth going on with
            raise
        except KeyboardInterrupt:
            done, paths = folder.n_paths_done, scenario.run.paths
            remark(label("cli.interrupted", lang, done=done, paths=paths))
            return INTERRUPTED
    return audited(results, lang)


def identity_of(scenario: Scenario) -> Identity:
    """What decides the bits of a run of this scenario here."""
    from fundsim.kernels.base.cache import source_key

    return Identity.of(scenario, fundsim.__version__, source_key())


def _simulated(scenario: Scenario, folder: RunFolder, crew: Crew, lang: str) -> Results:
    from fundsim.simulate import BlockResult, progress_shown, simulate

    def tell(seconds: float) -> None:
        remark(label("cli.time_left", lang, time=duration(seconds, lang)))

    def keep(block: BlockResult) -> None:
        folder.save_block(block.first_path, block.n_paths, block.to_arrays())

    if count := folder.n_paths_done:
        remark(label("cli.resumed", lang, done=count, paths=scenario.run.paths))
    done = (BlockResult.from_arrays(arrays) for arrays in folder.blocks())
    title = label("cli.running", lang, name=scenario.name)
    with progress_shown(None, title) as show, compiling_told(lang):
        progress = TimeLeft(show, tell, crew.n_cores)
        return simulate(
            scenario,
            progress=progress,
            blocks_done=done,
            on_block=keep,
            force=True,
            executor=crew.executor,
            folder=folder.path,
        )


def _print(results: Results, lang: str) -> None:
    from fundsim import story

    say(story.answer_sentence(results, lang))
    say()
    say(story.summary_table(results, lang))
    if lines := story.precision_lines(results, lang):
        say()
        for line in lines:
            say(line)


def _tell_again(folder: RunFolder, lang: str) -> int:
    from fundsim.store import load_results

    folder.drop_blocks()
    # Answer, table and audit need nothing that a folder does not hold.
    results = cast("Results", load_results(folder.path))
    _print(results, lang)
    say()
    say(label("cli.resume_complete", lang, folder=folder.path))
    return audited(results, lang)


def audited(results: Results | StoredResults, lang: str) -> int:
    """Tell what the audit found wrong; the exit code."""
    from fundsim.checks import LIMIT, check_title

    failed = [check for check in results.checks if not check["passed"]]
    for check in failed:
        name = check_title(check["name"], lang)
        text = label("cli.audit_failed", lang, check=name, worst=check["worst"], limit=LIMIT)
        remark(label("cli.error", lang, message=text))
    return FAILED if failed else DONE


def trace(file: str, path: int, seed: int | None, settings: Sequence[str], lang: str) -> None:
    """Print what happens on one path."""
    from fundsim import simulate, story

    # Any path can be replayed alone, as no path depends on how many there are; two are a pair where pairs are
    # mirrored.
    scenario = scenario_of(file, settings, lang, seed=seed, paths=2)
    with compiling_told(lang):
        results = simulate(scenario, progress=False)
    say(story.trace_story(results.trace(path), lang))
