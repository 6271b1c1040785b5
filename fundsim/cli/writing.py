"""Owns how the command line writes a run: tables, figures and report, in as many processes as help."""

from pathlib import Path
from typing import TYPE_CHECKING

from fundsim.cli.terminal import remark, say
from fundsim.store import RunFolder, beside, whole_file, whole_files, write_text
from fundsim.words import label

if TYPE_CHECKING:
    from fundsim.results import Results


def write_run(results: "Results", folder: RunFolder, lang: str) -> None:
    """Write all files of a run, and say where they are."""
    from fundsim.store import summary_of, write_tables

    write_text(folder.path / "scenario.yaml", results.scenario.to_yaml())
    results.summary()  # made once, for the tables, the report and the end
    with beside(lambda: write_tables(folder.path, results)):
        # It takes a third of a second, in which the tables are on their way. In a thread, while paths are
        # simulated, it would keep those from the interpreter for longer than that.
        from fundsim import report

        with whole_files(folder.path / "figures") as staging:
            figures = write_figures(results, staging, lang)
        with whole_file(folder.path / "report.html") as temporary:
            report.write_report(results, temporary, lang, figures)
    folder.finish(summary_of(results))
    say()
    say(label("cli.finished", lang, paths=results.n_paths, seconds=results.elapsed_seconds))
    say(label("cli.written", lang, folder=folder.path))
    say(label("cli.report_written", lang, file=folder.path / "report.html"))
    if len(results.processors) > 1:
        shares = ", ".join(f"{name} {count:,}" for name, count in sorted(results.processors.items()))
        remark(label("cli.processors", lang, shares=shares))


def write_figures(results: "Results", folder: Path, lang: str) -> dict[str, str]:
    """Write all figures, every second one beside the others; SVG text by name."""
    from fundsim import plots
    from fundsim.plots.figures import figures_of
    from fundsim.plots.once import once

    asked = once(results)  # tables are made before there are two of us
    names = list(figures_of(asked, lang))
    with beside(lambda: plots.write_figures(asked, folder, lang, names[1::2])):
        plots.write_figures(asked, folder, lang, names[::2])
    return {name: (folder / f"{name}.svg").read_text(encoding="utf-8") for name in names}
