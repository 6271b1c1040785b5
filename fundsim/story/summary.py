"""Owns the table that a run prints in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fundsim.scenario.principal import foremost, principal
from fundsim.story.layout import WIDTH, columns, cut, display_width
from fundsim.vocabulary import ALL
from fundsim.words import label
from fundsim.words.numbers import multiple, percent, title

if TYPE_CHECKING:
    import pandas as pd

    from fundsim.results import Results

MOST_VEHICLES = 24
LEAST_NAME = 10
_CELLS = (
    ("net_irr", "p05"),
    ("net_irr", "p50"),
    ("net_irr", "p95"),
    ("dpi", "p50"),
    ("tvpi", "p50"),
    ("loss", "mean"),
)


def summary_table(results: Results, lang: str = "en", width: int = WIDTH) -> str:
    """Net IRR, DPI, TVPI and chance of loss of the vehicles, and of the principal's fellow investors.

    Parameters
    ----------
    results : Results
        A run.
    lang : {"en", "zh"}
        The language.
    width : int
        Columns of the terminal. Names are cut to fit; numbers never are.

    Returns
    -------
    str
        Lines without a final newline. Of many vehicles the 24 foremost are shown, and the rest counted.
    """
    table = results.summary().set_index(["vehicle", "investor", "measure"])
    head = [label(f"story.column_{name}", lang) for name in ("p05", "p50", "p95", "dpi", "tvpi", "loss")]
    vehicles = foremost(results.scenario, MOST_VEHICLES)
    names, cells = [label("story.column_vehicle", lang)], [head]
    first, _ = principal(results.scenario)
    for vehicle in vehicles:
        names.append(title(results.scenario.vehicle(vehicle), lang))
        cells.append(_cells(table, vehicle, ALL))
        others = [name for name in results.investors(vehicle) if name != ALL] if vehicle == first else []
        for investor in others:
            names.append("  " + results.scenario.title_of(investor, lang))
            cells.append(_cells(table, vehicle, investor))
    lines = _aligned(names, cells, width)
    lines.insert(1, "─" * max(display_width(line) for line in lines))
    if len(vehicles) < len(results.vehicles):
        lines.append(label("story.more_vehicles", lang, n=len(results.vehicles) - len(vehicles)))
    return "\n".join(lines)


def _cells(table: pd.DataFrame, vehicle: str, investor: str) -> list[str]:
    shown = {"dpi": multiple, "tvpi": multiple}
    return [
        shown.get(measure, percent)(table.at[(vehicle, investor, measure), statistic])
        for measure, statistic in _CELLS
    ]


def _aligned(names: list[str], cells: list[list[str]], width: int) -> list[str]:
    numbers = columns(cells, [True] * len(_CELLS))
    room = max(width - max(map(display_width, numbers)) - 2, LEAST_NAME)
    return columns(
        [[cut(name, room), line] for name, line in zip(names, numbers, strict=True)], [False, True]
    )
