"""Owns what the report says of property: its tables, key figures, sentences under figures, and a reply."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from fundsim.report.facts import Facts
from fundsim.report.pieces import (
    MOST_ROWS,
    Cell,
    Table,
    Tile,
    cut_note,
    head_cells,
    ranged_cell,
    said,
    set_table,
    text_cell,
)
from fundsim.story.property import interest_title, item_title
from fundsim.words import label
from fundsim.words.numbers import amount, multiple, percent

Shown = Callable[[float], str]


def _title(facts: Facts, field: str, name: str) -> str:
    return item_title(facts.results.scenario, field, name, facts.lang)


def _spread(row: pd.Series[Any], name: str, shown: Shown) -> Cell:
    """The median, and the range of nine paths in ten under it."""
    return ranged_cell(row[f"{name}_p50"], row[f"{name}_p05"], row[f"{name}_p95"], shown)


def _probability(row: pd.Series[Any], name: str) -> Cell:
    share, error = row[name], row[f"{name}_standard_error"]
    return Cell(percent(share), f"± {percent(error)}" if error > 0 else "")


def projects_table(facts: Facts, title: str) -> Table:
    """What becomes of each project."""
    happens = ("completed", "sold", "listed", "enforced")
    numbers = (*happens, "years_to_listing", "price_to_book", "least_coverage", "trapped_share", "support")
    rows = [
        [
            text_cell(_title(facts, "projects", row["project"])),
            *(_probability(row, name) for name in happens),
            _spread(row, "years_to_listing", lambda value: amount(value, 1)),
            _spread(row, "price_to_book", multiple),
            _spread(row, "least_coverage", multiple),
            Cell(percent(row["trapped_share_mean"])),
            Cell(amount(row["support_mean"])),
        ]
        for _, row in facts.projects.head(MOST_ROWS).iterrows()
    ]
    note = f"{label('table.projects_note', facts.lang)} {cut_note(facts, len(facts.projects))}".rstrip()
    return set_table(facts, title, head_cells(facts, ("project",), numbers), rows, note)


def property_years_table(facts: Facts, title: str) -> Table:
    """Property of the park by year."""
    spreads: tuple[tuple[str, Shown], ...] = (
        ("loan_to_value", percent),
        ("coverage", multiple),
        ("recycled_per_original", multiple),
    )
    rows = [
        [
            text_cell(facts.year(int(str(year)) - 1)),
            *(Cell(amount(row["mean", name])) for name in ("value", "debt", "noi")),
            *(
                ranged_cell(row["p50", name], row["p05", name], row["p95", name], shown)
                for name, shown in spreads
            ),
            *(Cell(amount(row["mean", name])) for name in ("support", "recovered")),
        ]
        for year, row in (facts.park.iterrows() if len(facts.park) else ())
    ]
    numbers = (
        "property_value",
        "debt",
        "noi",
        "loan_to_value",
        "coverage",
        "recycled",
        "support",
        "recovered",
    )
    note = label("table.property_years_note", facts.lang)
    return set_table(facts, title, head_cells(facts, ("year",), numbers), rows, note)


def reits_table(facts: Facts, title: str) -> Table:
    """REITs at the end, and what they raised and paid."""
    rows = []
    for name, of_reit in facts.reits.groupby("reit", sort=False):
        measures = {str(key): rows.set_index("year") for key, rows in of_reit.groupby("measure")}
        listed = measures["listed"]["mean"]
        raised = float((measures["raised"]["mean"].fillna(0.0) * listed).sum())
        rows.append(
            [
                text_cell(_title(facts, "reits", str(name))),
                Cell(percent(listed.iloc[-1])),
                Cell(amount(raised)),
                *(_last(measures[key], shown) for key, shown in _OF_REIT),
            ]
        )
    numbers = ("listed_by_end", "raised", "distribution_yield", "unit_price", "price_to_nav", "gearing")
    note = label("table.reits_note", facts.lang)
    return set_table(facts, title, head_cells(facts, ("reit",), numbers), rows, note)


_OF_REIT: tuple[tuple[str, Shown], ...] = (
    ("distribution_yield", percent),
    ("price", multiple),
    ("price_to_nav", multiple),
    ("gearing", percent),
)


def _last(rows: pd.DataFrame, shown: Shown) -> Cell:
    """Median and range of the last year, undefined without paths."""
    row = rows.iloc[-1]
    if not np.isfinite(row["p50"]):
        return Cell(shown(np.nan))
    return ranged_cell(row["p50"], row["p05"], row["p95"], shown)


def holdings_table(facts: Facts, title: str) -> Table:
    """What vehicles take, and how it turns out."""
    scenario = facts.results.scenario
    rows = [
        [
            text_cell(facts.title(row["vehicle"])),
            text_cell(interest_title(scenario, row["interest"], facts.lang)),
            _probability(row, "bought"),
            Cell(percent(row["share_mean"])),
            Cell(amount(row["cost_mean"])),
            _spread(row, "multiple", multiple),
        ]
        for _, row in facts.holdings.head(MOST_ROWS).iterrows()
    ]
    heads = head_cells(facts, ("vehicle", "interest"), ("bought", "share", "cost", "multiple"))
    return set_table(facts, title, heads, rows, cut_note(facts, len(facts.holdings)))


def sleeves_table(facts: Facts, title: str) -> Table:
    """How property and equity move together."""
    rows = [
        [
            text_cell(facts.title(row.mother)),
            Cell(amount(row.correlation), f"± {amount(row.standard_error)}"),
            Cell(multiple(row.property_tvpi)),
            Cell(multiple(row.equity_tvpi)),
            Cell(f"{row.paths:,}"),
        ]
        for row in facts.sleeves.itertuples()
    ]
    numbers = ("correlation", "property_tvpi", "equity_tvpi", "paths")
    note = label("table.sleeves_note", facts.lang)
    return set_table(facts, title, head_cells(facts, ("vehicle",), numbers), rows, note)


def tiles(facts: Facts) -> list[Tile]:
    """Key figures of property, those that this run has."""
    return [tile for tile in (_recycled(facts), _ever_listed(facts), _weakest(facts), _moves(facts)) if tile]


def _recycled(facts: Facts) -> Tile | None:
    found = _last_recycled(facts)
    if not found["p95"] > 0:
        return None
    note = label("tile.recycled_note", facts.lang, p05=multiple(found["p05"]), p95=multiple(found["p95"]))
    return Tile(label("tile.recycled", facts.lang), multiple(found["p50"]), note)


def _last_recycled(facts: Facts) -> pd.Series[Any]:
    """Statistics of what is recycled per original capital by the end."""
    return facts.park.iloc[-1].xs("recycled_per_original", level=1)


def _ever_listed(facts: Facts) -> Tile | None:
    meant = _meant(facts)
    if meant.empty:
        return None
    note = label("tile.listed_note", facts.lang, n=len(meant))
    return Tile(label("tile.listed", facts.lang), percent(meant["listed"].mean(), 0), note)


def _weakest(facts: Facts) -> Tile | None:
    if facts.coverage.empty:
        return None
    year = facts.year(int(facts.coverage["p50"].idxmin()) - 1)
    note = label("tile.coverage_note", facts.lang, year=year)
    return Tile(label("tile.coverage", facts.lang), multiple(facts.coverage["p50"].min()), note)


def _moves(facts: Facts) -> Tile | None:
    if facts.sleeves.empty or not np.isfinite(facts.sleeves.iloc[0]["correlation"]):
        return None
    row = facts.sleeves.iloc[0]
    note = label("tile.correlation_note", facts.lang, error=amount(row["standard_error"]))
    return Tile(label("tile.correlation", facts.lang), amount(row["correlation"]), note)


def _meant(facts: Facts) -> pd.DataFrame:
    """Projects that are meant for a REIT."""
    of_property = facts.results.scenario.property_
    assert of_property is not None
    names = [project.name for project in of_property.projects if project.reit is not None]
    return facts.projects[facts.projects["project"].isin(names)]


def reply(facts: Facts) -> str:
    """What the run says to the question how much Pre-REIT, REIT and follow-on offerings recycle."""
    recycled, lang = _last_recycled(facts), facts.lang
    sentences = []
    if recycled["p95"] > 0:
        ends = {q: multiple(recycled[q]) for q in ("p05", "p50", "p95")}
        sentences.append(label("reply.10", lang, **ends))
    elif facts.results.kept_paths:
        sentences.append(label("reply.10_not", lang))
    meant = _meant(facts)
    if len(meant):
        n = int((meant["listed"] >= 0.5).sum())
        sentences.append(label("reply.10_listed", lang, n=n, all=len(meant)))
    if len(facts.sleeves) and np.isfinite(facts.sleeves.iloc[0]["correlation"]):
        row = facts.sleeves.iloc[0]
        value, error = amount(row["correlation"]), amount(row["standard_error"])
        sentences.append(label("reply.10_correlation", lang, value=value, error=error))
    return ("" if lang == "zh" else " ").join(sentences)


def readings(facts: Facts) -> Iterator[tuple[str, str]]:
    """A sentence for each figure of property that this run can have."""
    if facts.projects.empty:
        return
    park, projects = facts.park, facts.projects
    debt = park["mean", "debt"]
    if debt.max() > 0:
        yield said(
            facts, "property_debt", debt=facts.money(debt.max()), year=facts.year(int(debt.idxmax()) - 1)
        )
    if len(facts.coverage):
        at = facts.coverage["p50"].idxmin()
        weakest = facts.coverage.loc[at]
        yield said(
            facts,
            "property_coverage",
            coverage=multiple(weakest["p50"]),
            low=multiple(weakest["p05"]),
            year=facts.year(int(at) - 1),
        )
    recycled = _last_recycled(facts)
    yield said(facts, "property_recycling", **{q: multiple(recycled[q]) for q in ("mean", "p50", "p95")})
    priced = projects[projects["price_to_book_p50"].notna()]
    if len(priced):
        above = int((priced["price_to_book_p50"] >= 1.0).sum())
        yield said(facts, "reit_price_to_book", n=above, all=len(priced))
        ever = priced.loc[priced["listed"].idxmax()]
        yield said(
            facts,
            "project_listing",
            project=_title(facts, "projects", ever["project"]),
            share=percent(ever["listed"], 0),
            years=amount(ever["years_to_listing_p50"], 1),
        )
    yields = facts.reits[(facts.reits["measure"] == "distribution_yield") & facts.reits["p50"].notna()]
    if len(yields):
        yield said(facts, "reit_yield", low=percent(yields["p50"].min()), high=percent(yields["p50"].max()))
    if len(facts.sleeves):
        row = facts.sleeves.iloc[0]
        yield said(
            facts, "property_sleeve", value=amount(row["correlation"]), error=amount(row["standard_error"])
        )
