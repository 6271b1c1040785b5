"""Owns the command `calibrate`: the fit, its table on the terminal, and the scenario file it writes."""

import os
from pathlib import Path

from fundsim import experiments
from fundsim.cli.loading import compiling_told, found, scenario_of
from fundsim.cli.terminal import remark, say
from fundsim.errors import ArgumentError
from fundsim.experiments.calibrate import PATHS
from fundsim.experiments.overlay import report_lines
from fundsim.files.layers import SHIPPED
from fundsim.store import slug, write_text
from fundsim.words import label


def calibrate(
    file: str, targets_file: str, out: str | None, paths: int | None, seed: int | None, lang: str
) -> None:
    """Fit a scenario to targets, print the table, write the overlay."""
    scenario = scenario_of(file, (), lang)
    targets = experiments.load_targets(found(targets_file), scenario)
    written = Path(out or f"{slug(Path(found(file)).stem)}-calibrated.yaml")
    if not file.startswith(SHIPPED) and written.resolve() == Path(found(file)).resolve():
        raise ArgumentError(f"{written} is the scenario itself; give another file with --out")
    remark(
        label(
            "cli.calibrating",
            lang,
            parameters=len(targets.parameters),
            targets=len(targets.targets),
            paths=paths or PATHS,
        )
    )

    def show(run: int, squares: float) -> None:
        remark(label("cli.calibrating_run", lang, run=run, squares=squares))

    with compiling_told(lang):
        done = experiments.calibrate(scenario, targets, paths, seed, show)
    for line in report_lines(done, lang):
        say(line)
    write_text(written, experiments.overlay_text(done, extended(file, written), lang))
    say()
    say(label("cli.calibrated", lang, file=written))


def extended(file: str, written: Path) -> str:
    """The scenario as the file that is written names it: from its own folder."""
    if file.startswith(SHIPPED):
        return file
    source = Path(found(file)).expanduser().resolve()
    try:
        return Path(os.path.relpath(source, written.expanduser().resolve().parent)).as_posix()
    except ValueError:  # another drive of Windows
        return source.as_posix()
