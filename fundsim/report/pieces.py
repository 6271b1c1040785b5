"""Owns the pieces a report is set from: cells, tables, tiles, replies."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from fundsim.report.facts import Facts
from fundsim.words import label

MOST_ROWS = 60


@dataclass(frozen=True)
class Tile:
    """A key figure."""

    name: str
    value: str
    note: str


@dataclass(frozen=True)
class Reply:
    """A question, what this run says to it, and the part of the report that shows it (empty: none)."""

    number: int
    question: str
    text: str
    where: str


@dataclass(frozen=True)
class Range:
    """A range drawn in a cell: positions of the 5, 25, 50, 75 and
    95 % quantiles and of zero, from 0 to 100.
    """

    p05: float
    p25: float
    p50: float
    p75: float
    p95: float
    zero: float


@dataclass(frozen=True)
class Cell:
    """A cell: its text, small print under it, a range drawn instead, and how it stands."""

    text: str = ""
    small: str = ""
    range: Range | None = None
    is_number: bool = True
    tone: str = ""


@dataclass(frozen=True)
class Table:
    """A table with its columns; `tones` marks rows (`total`, `inner`)."""

    name: str
    caption: str
    head: list[Cell]
    rows: list[list[Cell]]
    tones: list[str]
    note: str = ""


def cut_note(facts: Facts, n_rows: int) -> str:
    """What is said under a table of which the first rows alone are shown."""
    return label("report.first_rows", facts.lang, shown=MOST_ROWS, all=n_rows) if n_rows > MOST_ROWS else ""


def set_table(
    facts: Facts,
    title: str,
    head: list[Cell],
    rows: list[list[Cell]],
    note: str = "",
    tones: list[str] | None = None,
) -> Table:
    """A table with the caption of its title."""
    return Table(
        name=title,
        caption=label(f"table.{title}", facts.lang, unit=facts.unit),
        head=head,
        rows=rows,
        tones=tones or [""] * len(rows),
        note=note,
    )


def text_cell(text: str, small: str = "", tone: str = "") -> Cell:
    """A cell that holds words."""
    return Cell(text, small, is_number=False, tone=tone)


def ranged_cell(middle: float, low: float, high: float, shown: Callable[[float], str]) -> Cell:
    """A figure, and under it its range where that is one as shown."""
    ends = shown(low), shown(high)
    return Cell(shown(middle), "" if ends[0] == ends[1] else f"{ends[0]} – {ends[1]}")


def ends_text(low: float, high: float, shown: Callable[[float], str], lang: str) -> str:
    """The ends of a quantile's 95 % interval, in words where one lies beyond all that was observed; nothing
    where both look alike.
    """
    ends = [shown(end) for end in (low, high)]
    if math.isnan(low) and math.isnan(high):
        return ""
    if math.isnan(low):
        return label("report.ends_open_below", lang, high=ends[1])
    if math.isnan(high):
        return label("report.ends_open_above", lang, low=ends[0])
    return "" if ends[0] == ends[1] else f"{ends[0]} – {ends[1]}"


def head_cells(facts: Facts, texts: tuple[str, ...], numbers: tuple[str, ...]) -> list[Cell]:
    """Heads of columns: those of words, then those of numbers, by name."""
    words = [text_cell(label(f"column.{name}", facts.lang)) for name in texts]
    return words + [Cell(label(f"column.{name}", facts.lang)) for name in numbers]


def said(facts: Facts, figure: str, **values: object) -> tuple[str, str]:
    """A figure, and the sentence under it."""
    return figure, label(f"reading.{figure}", facts.lang, **values)
