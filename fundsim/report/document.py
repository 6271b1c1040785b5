"""Owns the report of a run: its parts in order, its content, its file."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fundsim.plots.figures import draw_figures
from fundsim.plots.once import once
from fundsim.plots.subject import check_language
from fundsim.report import property as of_property
from fundsim.report import tables
from fundsim.report.facts import Facts
from fundsim.report.page import inline, page
from fundsim.report.pieces import Table
from fundsim.report.reading import readings, replies, tiles
from fundsim.results import Results
from fundsim.results.tables import TABLES
from fundsim.story.answer import answer_sentence
from fundsim.words import label
from fundsim.words.numbers import multiple, percent, title

Layout = Callable[[Facts, str], Table]
LAYOUTS: dict[str, Layout] = {
    "summary": tables.vehicles_table,
    "cash_flows": tables.years_table,
    "leverage": tables.leverage_table,
    "exits_by_year": tables.exits_table,
    "landing": tables.landing_table,
    "activity": tables.deals_table,
    "projects": of_property.projects_table,
    "property_by_year": of_property.property_years_table,
    "reits_by_year": of_property.reits_table,
    "holdings": of_property.holdings_table,
    "sleeves": of_property.sleeves_table,
    "checks": tables.audit_table,
}
"""How declared tables are set; one without a layout of its own is set as it is."""
OWN: dict[str, tuple[tuple[str, Layout], ...]] = {
    "risk": (("tolerance", tables.tolerance_table),),
    "assumptions": (("assumptions", tables.assumptions_table),),
}
"""Tables that the report alone has, by part: title and layout."""
PARTS: dict[str, tuple[str, ...]] = {
    "returns": ("irr_distribution", "dpi_by_year", "vehicle_comparison"),
    "cash": ("j_curve", "calls_and_distributions"),
    "leverage": ("leverage_by_definition", "leverage_by_year"),
    "exits": ("exits_proceeds", "exits_count"),
    "landing": ("landing",),
    "property": (
        "property_debt",
        "property_coverage",
        "property_recycling",
        "reit_price_to_book",
        "project_listing",
        "reit_yield",
        "property_sleeve",
    ),
    "risk": (),
    "assumptions": (),
    "checks": (),
}
"""Figures by part, parts in order; a declared table names its part."""


def write_report(
    results: Results, path: str | Path, lang: str = "en", figures: Mapping[str, str] | None = None
) -> None:
    """Write one HTML file about a run; it holds its figures, style and typeface and needs no network.

    Parameters
    ----------
    results : Results
        A run.
    path : str or Path
        The file to write.
    lang : {"en", "zh"}
        Language of the report.
    figures : mapping of str to str, optional
        SVG text of figures by name, as `plots.write_figures` returns it; drawn here otherwise.

    Raises
    ------
    ArgumentError
        If there is no such language.
    """
    check_language(lang)
    results = once(results)
    if figures is None:
        figures = {name: svg for name, (svg, _) in draw_figures(results, lang).items()}
    Path(path).write_text(_html(results, lang, figures), encoding="utf-8", newline="\n")


def _html(results: Results, lang: str, figures: Mapping[str, str]) -> str:
    facts = Facts(results, lang)
    content = {
        "title": title(results.scenario, lang),
        "description": _description(results, lang),
        "subtitle": _subtitle(facts),
        "answer": answer_sentence(results, lang),
        "tiles": tiles(facts),
        "replies": replies(facts),
        "parts": _parts(facts, figures),
        "notes": _notes(facts),
        "command": f"fundsim run scenario.yaml --paths {results.n_paths} --seed {results.seed}",
        "version": results.version,
        "warnings": [str(doubt.in_language(lang)) for doubt in results.scenario.warnings],
    }
    return page("report.html", content, lang)


def _description(results: Results, lang: str) -> str:
    description = results.scenario.description
    return (description.in_language(lang) if description is not None else None) or ""


def _subtitle(facts: Facts) -> str:
    results = facts.results
    return label(
        "report.subtitle",
        facts.lang,
        vehicles=len(results.vehicles),
        paths=results.n_paths,
        start=results.scenario.start.isoformat(),
        end=results.dates[-1].date().isoformat(),
    )


def _parts(facts: Facts, figures: Mapping[str, str]) -> list[dict[str, Any]]:
    said = readings(facts)
    parts = []
    for name, figure_names in PARTS.items():
        made = _tables(facts, name)
        shown = [
            {"name": figure, "svg": inline(figures[figure], figure), "text": said.get(figure, "")}
            for figure in figure_names
            if figure in figures
        ]
        if made or shown:
            key_figures = of_property.tiles(facts) if name == "property" else []
            parts.append({"name": name, "tables": made, "figures": shown, "tiles": key_figures})
    return parts


def _tables(facts: Facts, part: str) -> list[Table]:
    """The tables of a part that have rows."""
    scenario = facts.results.scenario
    declared = [table for table in TABLES.values() if table.part == part and table.is_due(scenario)]
    made = [
        LAYOUTS[table.name](facts, table.title)
        if table.name in LAYOUTS
        else tables.plain_table(facts, table.title, table.name)
        for table in declared
    ]
    made += [layout(facts, title) for title, layout in OWN.get(part, ())]
    return [table for table in made if table.rows]


def _notes(facts: Facts) -> list[str]:
    results, lang = facts.results, facts.lang
    pooled = results.pooled(facts.vehicle, facts.investor)
    return [
        label("report.method", lang, paths=results.n_paths, seed=results.seed, version=results.version),
        label("report.errors", lang),
        *(label(f"report.{name}", lang) for name in results.scenario.run.variance_reductions),
        label("report.kept_paths", lang, kept=results.kept_paths, paths=results.n_paths),
        label("report.undefined_note", lang),
        label(
            "report.pooled_note",
            lang,
            irr=percent(pooled["net_irr"]),
            tvpi=multiple(pooled["tvpi"]),
            dpi=multiple(pooled["dpi"]),
        ),
        label("report.not_advice", lang),
    ]
