"""Owns the tables of the report, as cells ready to be set."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from fundsim.checks import check_title
from fundsim.files.evidence import GRADES
from fundsim.report.facts import Facts
from fundsim.report.pieces import (
    MOST_ROWS,
    Cell,
    Range,
    Table,
    cut_note,
    ends_text,
    head_cells,
    ranged_cell,
    set_table,
    text_cell,
)
from fundsim.results.tables import COUNTS, DATES, FLAGS, TEXT
from fundsim.scenario.assumptions import WEAKEST_FIRST, assumptions
from fundsim.story.phrases import assumed
from fundsim.vocabulary import ALL, Channel
from fundsim.words import label
from fundsim.words.evidence import source_text
from fundsim.words.numbers import amount, multiple, percent

LOSS_LINES = (0.0, 0.2, 0.3, 0.4, 0.5)


def vehicles_table(facts: Facts, title: str) -> Table:
    """Net IRR, DPI, TVPI and chance of loss of vehicles, and of the principal's fellow investors."""
    head = head_cells(facts, ("vehicle", "range"), ("p05", "p50", "p95", "dpi", "tvpi", "dpi_year", "loss"))
    entries = list(_subjects(facts))
    low, high = _axis(facts, entries)
    rows = [_vehicle_row(facts, vehicle, investor, low, high) for vehicle, investor in entries]
    tones = ["" if investor == ALL else "inner" for _, investor in entries]
    n_shown, n_all = len(facts.shown), len(facts.results.vehicles)
    note = label("report.foremost", facts.lang, shown=n_shown, all=n_all) if n_shown < n_all else ""
    return set_table(facts, title, head, rows, note, tones)


def _subjects(facts: Facts) -> Iterator[tuple[str, str]]:
    for vehicle in facts.shown:
        yield vehicle, ALL
        if vehicle == facts.vehicle:
            yield from ((vehicle, name) for name in facts.results.investors(vehicle) if name != ALL)


def _axis(facts: Facts, entries: list[tuple[str, str]]) -> tuple[float, float]:
    lows = [facts.statistic("net_irr", "p05", *entry) for entry in entries]
    highs = [facts.statistic("net_irr", "p95", *entry) for entry in entries]
    low = max(min([0.0, *(value for value in lows if np.isfinite(value))]), -0.4)
    return low, max([0.05, *(value for value in highs if np.isfinite(value))])


def _vehicle_row(facts: Facts, vehicle: str, investor: str, low: float, high: float) -> list[Cell]:
    def value(measure: str, name: str) -> float:
        return facts.statistic(measure, name, vehicle, investor)

    part = facts.results.scenario.vehicle(vehicle)
    if investor == ALL:
        kind = label(f"vehicle_kind.{part.kind}", facts.lang)
        name = text_cell(facts.title(vehicle), f"{kind} · {amount(part.size)}")
    else:
        name = text_cell(facts.title(investor))

    def quantile(measure: str, name: str, shown: Callable[[float], str]) -> Cell:
        ends = value(measure, f"{name}_low"), value(measure, f"{name}_high")
        return Cell(shown(value(measure, name)), ends_text(*ends, shown, facts.lang))

    irr = {q: value("net_irr", q) for q in ("p05", "p25", "p50", "p75", "p95")}
    n = value("net_irr", "undefined")
    median = quantile("net_irr", "p50", percent)
    if n:
        undefined = label("report.undefined_paths", facts.lang, n=int(n))
        median = replace(median, small=" · ".join(filter(None, (median.small, undefined))))
    return [
        name,
        Cell(range=_range(irr, low, high), is_number=False),
        quantile("net_irr", "p05", percent),
        median,
        quantile("net_irr", "p95", percent),
        quantile("dpi", "p50", multiple),
        quantile("tvpi", "p50", multiple),
        Cell(facts.named_year_of_dpi_one(vehicle, investor)),
        Cell(percent(value("loss", "mean")), f"± {percent(value('loss', 'standard_error'))}"),
    ]


def _range(values: dict[str, float], low: float, high: float) -> Range | None:
    if not all(np.isfinite(value) for value in values.values()):
        return None
    at = {name: 100 * (min(max(value, low), high) - low) / (high - low) for name, value in values.items()}
    return Range(**at, zero=100 * (0 - low) / (high - low))


def leverage_table(facts: Facts, title: str) -> Table:
    """Every definition on each basis it has, for fiscal and for all government money."""
    head = head_cells(facts, ("definition", "basis"), ("fiscal", "government"))
    head.append(text_cell(label("column.mistake", facts.lang)))
    order = list(dict.fromkeys(zip(facts.leverage["definition"], facts.leverage["basis"], strict=True)))
    rows, last = [], ""
    for definition, basis in order:
        is_first, last = definition != last, definition
        name = text_cell(
            label(f"leverage.{definition}", facts.lang), label(f"leverage_note.{definition}", facts.lang)
        )
        mistake = text_cell(label(f"mistake.{definition}", facts.lang), tone="quiet")
        rows.append(
            [
                name if is_first else text_cell(""),
                text_cell(label(f"basis.{basis}", facts.lang)),
                *(_leverage_cell(facts, definition, basis, money) for money in ("fiscal", "government")),
                mistake if is_first else text_cell(""),
            ]
        )
    return set_table(facts, title, head, rows)


def _leverage_cell(facts: Facts, definition: str, basis: str, money: str) -> Cell:
    table = facts.leverage
    found = table[(table["definition"] == definition) & (table["basis"] == basis) & (table["money"] == money)]
    if found.empty:
        return Cell("")
    row = found.iloc[0]
    shown = percent if definition == "social_share" else multiple
    return ranged_cell(row["mean"], row["p05"], row["p95"], shown)


def years_table(facts: Facts, title: str) -> Table:
    """The principal's calls and distributions by year."""
    numbers = ("calls_mean", "calls_p95", "called", "distributions_mean", "net_so_far")
    head = head_cells(facts, ("year",), numbers)
    called = facts.years["contribution"].cumsum() / facts.commitment
    rows = [
        [
            text_cell(facts.year(n)),
            _flow(row.contribution),
            _flow(row.p95),
            Cell(percent(called.iloc[n], 0)),
            _flow(row.distribution),
            Cell(amount(row.net_so_far)),
        ]
        for n, row in enumerate(facts.years.itertuples())
    ]
    note = label("report.years_note", facts.lang, investor=facts.title(facts.investor))
    return set_table(facts, title, head, rows, note)


def _flow(value: float) -> Cell:
    """An amount, stepping back where it is nothing."""
    text = amount(value)
    return Cell(text, tone="" if text.strip("0.,") else "quiet")


def exits_table(facts: Facts, title: str) -> Table:
    """Number, cost, proceeds and multiple by channel."""
    head = head_cells(
        facts, ("channel",), ("count", "share", "cost", "proceeds", "multiple", "share_of_proceeds")
    )
    total = facts.exits.sum()
    rows = []
    for channel in [*(name for name in Channel.words() if name in facts.exits.index), None]:
        row = total if channel is None else facts.exits.loc[channel]
        rows.append(
            [
                text_cell(label("column.total" if channel is None else f"channel.{channel}", facts.lang)),
                Cell(amount(row["count"])),
                Cell(percent(row["count"] / total["count"], 0)),
                Cell(amount(row["cost"])),
                Cell(amount(row["proceeds"])),
                Cell(multiple(_ratio(row["proceeds"], row["cost"]))),
                Cell(percent(_ratio(row["proceeds"], total["proceeds"]), 0)),
            ]
        )
    return set_table(facts, title, head, rows, tones=[*[""] * (len(rows) - 1), "total"])


def _ratio(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator else np.nan


def landing_table(facts: Facts, title: str) -> Table:
    """Landing multiple of vehicles that owe one."""
    head = head_cells(facts, ("vehicle",), ("required", "p05", "p50", "p95", "met"))
    rows = [
        [
            text_cell(facts.title(row.vehicle)),
            *(Cell(multiple(value)) for value in (row.required, row.p05, row.p50, row.p95)),
            _answer(facts, row.p50 >= row.required),
        ]
        for row in facts.obliged.head(2 * len(facts.shown)).itertuples()
    ]
    return set_table(facts, title, head, rows)


def _answer(facts: Facts, is_good: bool) -> Cell:
    answer = label("answer.yes" if is_good else "answer.no", facts.lang)
    return Cell(answer, tone="good" if is_good else "bad")


def deals_table(facts: Facts, title: str) -> Table:
    """What the vehicles bought."""
    counts = ("planned_deals", "deals", "park_deals", "missed_park_deals", "credited_deals", "follow_ons")
    names = (*counts, "invested")
    table = facts.results.activity()
    table = table[table["vehicle"].isin(facts.shown)]
    rows = [
        [
            text_cell(facts.title(row["vehicle"])),
            *(Cell(amount(row[name], None if name == "invested" else 1)) for name in names),
        ]
        for _, row in table.iterrows()
    ]
    return set_table(facts, title, head_cells(facts, ("vehicle",), names), rows)


def tolerance_table(facts: Facts, title: str) -> Table:
    """Chance that a vehicle loses more than a share of what was paid in (8.10)."""
    head = head_cells(facts, ("vehicle", "strategy"), ())
    head += [Cell(label("column.lost_more", facts.lang, share=percent(line, 0))) for line in LOSS_LINES]
    rows = []
    for vehicle in facts.shown:
        tvpi = facts.results.measure("tvpi", vehicle)
        tvpi = tvpi[np.isfinite(tvpi)]
        shares = [float(np.mean(tvpi < 1 - line)) if len(tvpi) else np.nan for line in LOSS_LINES]
        strategy = facts.results.scenario.vehicle(vehicle).strategy
        rows.append(
            [
                text_cell(facts.title(vehicle)),
                text_cell(label(f"strategy.{strategy}", facts.lang)),
                *(Cell(percent(share)) for share in shares),
            ]
        )
    return set_table(facts, title, head, rows, label("table.tolerance_note", facts.lang))


def assumptions_table(facts: Facts, title: str) -> Table:
    """Defaults and presets in use, with source and grade, the weakest first."""
    head = [
        text_cell(label(f"column.{name}", facts.lang))
        for name in ("evidence", "parameter", "value", "source")
    ]
    rows = []
    counts = dict.fromkeys(GRADES, 0)
    for entry in assumptions(facts.results.scenario):
        grade = entry.evidence.grade
        counts[grade] += 1
        rows.append(
            [
                text_cell(label(f"grade.{grade}", facts.lang), tone=f"grade-{WEAKEST_FIRST.index(grade)}"),
                text_cell(entry.path, tone="code"),
                text_cell(assumed(entry, facts.lang)),
                text_cell(source_text(entry.evidence.source, facts.lang), tone="quiet"),
            ]
        )
    return set_table(facts, title, head, rows, label("report.grades", facts.lang, **counts))


def audit_table(facts: Facts, title: str) -> Table:
    """Worst relative error of each check."""
    head = head_cells(facts, ("check",), ("worst", "passed"))
    rows = [
        [
            text_cell(check_title(check["name"], facts.lang)),
            Cell(f"{check['worst']:.1e}"),
            _answer(facts, check["passed"]),
        ]
        for check in facts.results.checks
    ]
    return set_table(facts, title, head, rows)


def plain_table(facts: Facts, title: str, name: str) -> Table:
    """A declared table as it is, its first rows; for tables without a layout of their own."""
    frame = facts.results.table(name)
    heads = [Cell(label(f"column.{column}", facts.lang), is_number=column not in TEXT) for column in frame]
    rows = [
        [_plain_cell(facts, column, value) for column, value in row.items()]
        for row in frame.head(MOST_ROWS).to_dict("records")
    ]
    return set_table(facts, title, heads, rows, cut_note(facts, len(frame)))


def _plain_cell(facts: Facts, column: str, value: Any) -> Cell:
    if column in ("vehicle", "investor", "mother"):
        return text_cell(facts.title(value))
    if column in TEXT:
        return text_cell(str(value))
    return Cell(str(value) if column in COUNTS | DATES | FLAGS else amount(value))
