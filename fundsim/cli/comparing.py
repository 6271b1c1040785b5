"""Owns the command `compare`: what is named becomes the sides of a
comparison, its table is printed, its folder written on demand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fundsim.cli.loading import compiling_told, found
from fundsim.cli.running import audited
from fundsim.cli.terminal import DONE, remark, say
from fundsim.cli.workers import require_one
from fundsim.errors import ArgumentError, FundsimError, Problem, ScenarioError
from fundsim.files.layers import SHIPPED
from fundsim.scenario import Scenario, load_scenario
from fundsim.words import label

if TYPE_CHECKING:
    from fundsim.engine.executors import Executor
    from fundsim.experiments import Comparison
    from fundsim.store import ComparisonFolder, StoredResults

    Sides = dict[str, Scenario | StoredResults]


def compare(
    sides: Sequence[str],
    settings: Sequence[str],
    variants: Sequence[tuple[str, str]],
    vehicles: Sequence[str],
    investors: Sequence[str],
    paths: int | None,
    seed: int | None,
    threads: int | None,
    workers: int | None,
    force: bool,
    out: str | None,
    overwrite: bool,
    lang: str,
) -> int:
    """Compare, print, write; returns the exit code."""
    require_one(threads, workers, None)
    given = sides_of(sides, settings, variants, lang)
    from fundsim import experiments
    from fundsim.store import ComparisonFolder

    folder = None if out is None else ComparisonFolder(Path(out))
    if folder is not None:
        folder.require_free(overwrite)
    with compiling_told(lang):
        comparison = experiments.compare(
            given,
            paths,
            seed,
            vehicles or None,
            investors or None,
            threads=threads,
            force=force,
            executor=_executor(workers),
        )
    say(comparison.text(lang))
    if folder is not None:
        write_comparison(comparison, folder, lang)
    return max([audited(run, lang) for run in comparison.runs.values()], default=DONE)


def _executor(workers: int | None) -> Executor | None:
    if workers is None:
        return None
    from fundsim.engine.processes import Processes

    return Processes(workers)


def sides_of(
    sides: Sequence[str], settings: Sequence[str], variants: Sequence[tuple[str, str]], lang: str
) -> Sides:
    """What is compared, by name, the base first.

    Parameters
    ----------
    sides : sequence of str
        Files, or folders of runs.
    settings : sequence of str
        ``PATH=VALUE`` for all files; of one file alone they make the other side.
    variants : sequence of (str, str)
        Names, each with a ``PATH=VALUE``: further sides, made from the first file.
    lang : {"en", "zh"}

    Raises
    ------
    ScenarioError
        With everything that is wrong with any of them.
    ArgumentError
        If there are fewer than two sides, or variants of a run.
    """
    names = names_of(sides, lang)
    changes = dict[str, list[str]]()
    for name, assignment in variants:
        changes.setdefault(name, []).append(assignment)
    if len(sides) == 1 and not changes and settings:
        changes, settings = {label("cli.compare_changed", lang): list(settings)}, ()
    if len(sides) + len(changes) < 2:
        raise ArgumentError(
            "one side alone cannot be compared; name two, or give --variant 'NAME: PATH=VALUE'"
        )
    if twice := sorted(set(changes) & set(names)):
        raise ArgumentError(f"'{twice[0]}' names a file and a variant; give the variant another name")
    if changes and is_run(sides[0]):
        raise ArgumentError(f"a variant needs a scenario, and {sides[0]} is a run; name its file first")
    if settings and all(map(is_run, sides)):
        raise ArgumentError("--set changes files, and all that is named are runs; name a scenario file")
    wanted = [(name, side, [*settings]) for name, side in zip(names, sides, strict=True)]
    wanted += [(name, sides[0], [*settings, *made]) for name, made in changes.items()]
    return _loaded(wanted, lang)


def names_of(sides: Sequence[str], lang: str) -> list[str]:
    """What sides are called: the name of a file or folder, a folder as a run where a file has its name, in
    full where two have the same.
    """
    short = [side if side.startswith(SHIPPED) else _short(found(side)) for side in sides]
    files = {name for name, side in zip(short, sides, strict=True) if not is_run(side)}
    short = [
        label("cli.compare_run", lang, name=name) if is_run(side) and name in files else name
        for name, side in zip(short, sides, strict=True)
    ]
    count = Counter(short)
    names = [name if count[name] == 1 else side for name, side in zip(short, sides, strict=True)]
    again = [name for name, n in Counter(names).items() if n > 1]
    if again:
        raise ArgumentError(f"{again[0]} is named twice; name two different files or runs")
    return names


def _short(side: str) -> str:
    path = Path(side).resolve()
    return path.name if path.is_dir() else path.stem


def is_run(side: str) -> bool:
    """Whether a side is a folder, and so a run."""
    return not side.startswith(SHIPPED) and Path(found(side)).is_dir()


def _loaded(wanted: Iterable[tuple[str, str, list[str]]], lang: str) -> Sides:
    from fundsim.store import load_results

    sides: Sides = {}
    problems: dict[str, Problem] = {}
    for name, side, settings in wanted:
        try:
            sides[name] = load_results(found(side)) if is_run(side) else load_scenario(found(side), settings)
        except ScenarioError as error:
            problems |= {str(problem): problem for problem in error.problems}
        except FundsimError as error:
            problems[str(error)] = Problem(None, "", str(error))
    if problems:
        raise ScenarioError(problems.values())
    for warning in dict.fromkeys(_warnings(sides, lang)):
        remark(label("cli.warning", lang, message=warning))
    return sides


def _warnings(sides: Sides, lang: str) -> Iterator[str]:
    for side in sides.values():
        if isinstance(side, Scenario):
            yield from (str(warning.in_language(lang)) for warning in side.warnings)


def write_comparison(comparison: Comparison, folder: ComparisonFolder, lang: str) -> None:
    """Write tables, figures and report, and say where they are."""
    from fundsim import plots, report
    from fundsim.experiments.written import content_of, tables_of
    from fundsim.store import whole_file, whole_files

    folder.write(tables_of(comparison, lang))
    with whole_files(folder.path / "figures") as staging:
        figures = plots.write_comparison_figures(comparison, staging, lang)
    with whole_file(folder.path / "report.html") as temporary:
        report.write_comparison_report(comparison, temporary, lang, figures)
    folder.finish(content_of(comparison))
    say()
    say(label("cli.written", lang, folder=folder.path))
    say(label("cli.report_written", lang, file=folder.path / "report.html"))
