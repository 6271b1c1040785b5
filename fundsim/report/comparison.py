"""Owns the report of a comparison: what differs, what comes of it, figures side by side, in one file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fundsim
from fundsim.plots.compared import comparison_figures
from fundsim.plots.figures import drawn
from fundsim.plots.subject import check_language
from fundsim.report.page import inline, page
from fundsim.report.pieces import Cell, Table, text_cell
from fundsim.scenario.principal import principal
from fundsim.story.comparison import (
    NONE,
    Row,
    cells_of,
    changes_lines,
    figure_text,
    n_hidden,
    notes_of,
    rows_of,
    subjects,
    verdict_text,
)
from fundsim.story.layout import COMMA
from fundsim.vocabulary import ALL
from fundsim.words import label
from fundsim.words.numbers import title

if TYPE_CHECKING:
    from fundsim.experiments import Comparison

MOST_VEHICLES = 40
_TONES = {"real": "good"}


def write_comparison_report(
    comparison: Comparison, path: str | Path, lang: str = "en", figures: Mapping[str, str] | None = None
) -> None:
    """Write one HTML file about a comparison; it holds its figures, style and typeface and needs no network.

    Parameters
    ----------
    comparison : Comparison
    path : str or Path
        The file to write.
    lang : {"en", "zh"}
        Language of the report.
    figures : mapping of str to str, optional
        SVG text of figures by name, as `plots.write_comparison_figures` returns it; drawn here otherwise.

    Raises
    ------
    ArgumentError
        If there is no such language.

    Examples
    --------
    >>> from fundsim.report import write_comparison_report
    >>> write_comparison_report(comparison, folder / "comparison.html")
    >>> (folder / "comparison.html").read_text(encoding="utf-8")[:15]
    '<!doctype html>'
    """
    check_language(lang)
    if figures is None:
        figures = {name: svg for name, (svg, _) in drawn(comparison_figures(comparison, lang)).items()}
    content = {
        "title": label("report.compared_title", lang, base=comparison.base, n=len(comparison.others)),
        "subtitle": label(
            "report.compared_subtitle",
            lang,
            scenario=title(comparison.scenarios[comparison.base], lang),
            paths=comparison.n_paths,
            seed=comparison.seed,
        ),
        "answers": [_answer(comparison, name, lang) for name in comparison.others],
        "sides": [_side(comparison, name, lang) for name in comparison.others],
        "figures": [{"name": name, "svg": inline(svg, name), "text": ""} for name, svg in figures.items()],
        "notes": [*notes_of(comparison, lang), label("report.not_advice", lang)],
        "version": fundsim.__version__,
    }
    Path(path).write_text(page("comparison.html", content, lang), encoding="utf-8", newline="\n")


def _answer(comparison: Comparison, name: str, lang: str) -> str:
    """What a side does to the net IRR of the principal, in a sentence."""
    scenario = comparison.scenarios[comparison.base]
    own = principal(scenario)
    vehicle, investor = own if own in comparison.rows else comparison.rows[0]
    found = rows_of(comparison.measures, name, vehicle=vehicle, investor=investor, measure="net_irr")
    if not found:
        return label("report.compared_one_sided", lang, name=name)
    row = {"figure": "net_irr", **found[0]}
    who = title(scenario.vehicle(vehicle), lang)
    if investor != ALL:
        who = label("figure.subject", lang, vehicle=who, investor=scenario.title_of(investor, lang))
    base, other, moved, error, _ = cells_of(row, lang)
    return label(
        "report.compared_answer",
        lang,
        name=name,
        who=who,
        base=base,
        other=other,
        moved=moved,
        error=error,
        verdict=verdict_text(row, lang),
    )


def _side(comparison: Comparison, name: str, lang: str) -> dict[str, Any]:
    """What is said of a side: changes, and a table for each subject on which anything differs."""
    tables, same, undefined = list[Table](), list[str](), list[str]()
    for subject, found in subjects(comparison, name, lang, MOST_VEHICLES):
        rows = [row for row in found if row["paths"] > 0 or row["is_bound"]]
        if not rows:
            undefined.append(subject)
        elif all(row["verdict"] == NONE for row in rows):
            same.append(subject)
        else:
            tables.append(_table(comparison, subject, name, rows, lang))
    return {
        "name": name,
        "title": label("report.compared_side", lang, name=name, base=comparison.base),
        "changes": changes_lines(comparison, name, lang) or [label("compare.nothing_differs", lang)],
        "tables": tables,
        "rest": _rest(comparison, same, undefined, lang),
    }


def _rest(comparison: Comparison, same: list[str], undefined: list[str], lang: str) -> list[str]:
    """What has no table: subjects that are the same or defined on no pair, and the number of hidden ones."""
    lines = [
        label(key, lang, names=COMMA[lang].join(names))
        for key, names in (("compare.same", same), ("compare.no_pairs", undefined))
        if names
    ]
    hidden = n_hidden(comparison, MOST_VEHICLES)
    return [*lines, label("compare.more_vehicles", lang, n=hidden)] if hidden else lines


def _table(comparison: Comparison, subject: str, name: str, rows: list[Row], lang: str) -> Table:
    heads = (comparison.base, name, *(label(f"compare.of_{one}", lang) for one in ("difference", "error")))
    return Table(
        name="compared",
        caption=subject,
        head=[text_cell(""), *map(Cell, heads), text_cell(label("compare.of_verdict", lang))],
        rows=[_cells(row, lang) for row in rows],
        tones=[""] * len(rows),
    )


def _cells(row: Row, lang: str) -> list[Cell]:
    base, other, moved, error, _ = cells_of(row, lang)
    said = label("report.undefined_paths", lang, n=int(row["undefined"])) if row["undefined"] else ""
    return [
        text_cell(figure_text(row, lang)),
        Cell(base),
        Cell(other),
        Cell(moved),
        Cell(error),
        text_cell(verdict_text(row, lang), said, _TONES.get(row["verdict"], "quiet")),
    ]
