"""Owns the figures of a comparison: chances of net IRR, paired differences by vehicle, years side by side."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from fundsim.errors import ArgumentError
from fundsim.plots import style
from fundsim.plots.figures import drawn, written
from fundsim.plots.subject import check_language, subject, unit, vehicle_title, year_names
from fundsim.scenario.principal import foremost, principal
from fundsim.vocabulary import ALL
from fundsim.words import label

if TYPE_CHECKING:
    from fundsim.experiments import Comparison
    from fundsim.results import Results

MOST_VEHICLES = 14
MOST_NAMES_OF_YEARS = 9
_N_PLACES = 241
_TITLES = {
    "dpi_by_year": "figure_title.compared_dpi_by_year",
    "calls_by_year": "figure_title.compared_calls_by_year",
}
_IN_POINTS = ("net_irr", "loss", "dpi_loss")


def compared_irr(
    comparison: Comparison,
    vehicle: str | None = None,
    investor: str | None = None,
    ax: Axes | None = None,
    lang: str = "en",
) -> Axes:
    """Chance that the net IRR of an investor is at least a rate, a line for each side.

    Paths without a net IRR count as paths that reach no rate.

    Parameters
    ----------
    comparison : Comparison
    vehicle, investor : str, optional
        Names as in the scenario; the principal of the base without them.
    ax : matplotlib Axes, optional
        Where to draw; a figure of its own otherwise.
    lang : {"en", "zh"}
        Language of the labels.

    Raises
    ------
    ArgumentError
        If the comparison has no such vehicle or investor, or fundsim no such language.

    Examples
    --------
    >>> fs.plots.compared_irr(comparison).get_title(loc="left")
    'Chance of at least a net IRR'
    """
    row = _row(comparison, vehicle, investor, lang)
    irr = {
        side.name: side.measure("net_irr", *row)[: comparison.n_paths]
        for side in comparison.sides
        if row in side.rows
    }
    every = np.concatenate([values[np.isfinite(values)] for values in irr.values()])
    with style.drawing(ax) as axes:
        if len(every):
            low, high = np.quantile(every, [0.003, 0.997])
            places = np.linspace(low - 0.01, high + 0.01, _N_PLACES)
            for k, (name, colour) in enumerate(zip(irr, style.SEQUENCE, strict=False)):
                width = 1.4 + 0.5 * (min(len(irr), len(style.SEQUENCE)) - 1 - k)  # equal lines stay visible
                with np.errstate(invalid="ignore"):
                    chance = [float(np.mean(irr[name] >= place)) for place in places]
                axes.plot(places, chance, color=colour, linewidth=width, label=style.shorten(name))
            axes.legend(frameon=False, loc="upper right", fontsize=8.5)
            axes.axvline(0, color=style.INK, linewidth=0.9)
            axes.set_xlim(places[0], places[-1])
        axes.set_ylim(0, 1)
        style.per_cent(axes.xaxis)
        style.per_cent(axes.yaxis)
        axes.set_xlabel(label("axis.net_irr", lang))
        axes.set_ylabel(label("axis.chance", lang))
        _head(axes, comparison, "figure_title.compared_irr", row, lang)
    return axes


def compared_vehicles(
    comparison: Comparison, measure: str = "net_irr", ax: Axes | None = None, lang: str = "en"
) -> Axes:
    """Paired differences of a measure by vehicle with their 95 % intervals; hollow where they are noise.

    Vehicles that are the same on every path are left out, unless all are.

    Parameters
    ----------
    comparison : Comparison
    measure : str
        A measure of ``comparison.measures``, such as ``net_irr``.
    ax, lang
        As in `compared_irr`.

    Raises
    ------
    ArgumentError
        If there is no such measure or language.

    Examples
    --------
    >>> fs.plots.compared_vehicles(comparison, "dpi", lang="zh").get_title(loc="left")
    'DPI：与“base”之差'
    """
    check_language(lang)
    table = comparison.measures
    if measure not in set(table["measure"]):
        raise ArgumentError(f"no measure {measure!r}; there are {', '.join(sorted(set(table['measure'])))}")
    base = comparison.scenarios[comparison.base]
    found = table[(table["measure"] == measure) & (table["investor"] == ALL)]
    moved = set(found[found["verdict"] != "none"]["vehicle"])
    asked = moved or set(found["vehicle"])  # rows that are the same on every path would hide the others
    vehicles = [one for one in foremost(base, len(base.vehicles)) if one in asked][:MOST_VEHICLES]
    n, scale = len(comparison.others), 100.0 if measure in _IN_POINTS else 1.0
    with style.drawing(ax, (style.SIZE[0], max(style.SIZE[1], 0.3 * len(vehicles) + 1.3))) as axes:
        style.rows(
            axes,
            [style.shorten(vehicle_title(_base(comparison), one, lang), 22) for one in vehicles],
        )
        axes.axvline(0, color=style.INK, linewidth=0.9)
        for k, name in enumerate(comparison.others):
            own = found[found["scenario"] == name].set_index("vehicle")
            for place, vehicle in enumerate(vehicles):
                if vehicle in own.index:
                    shift = (k - (n - 1) / 2) * 0.7 / n
                    _interval(axes, own.loc[vehicle], place + shift, scale, style.SEQUENCE[(k + 1) % 8])
            axes.plot([], [], "o", color=style.SEQUENCE[(k + 1) % 8], markersize=5, label=style.shorten(name))
        if n > 1:
            axes.legend(frameon=False, loc="best", fontsize=8.5)
        axes.set_xlabel(label("axis.points" if measure in _IN_POINTS else "axis.multiple", lang))
        title = label(
            "figure_title.compared_vehicles",
            lang,
            measure=label(f"compare.figure_{measure}", lang),
            base=style.shorten(comparison.base),
        )
        others = style.shorten(comparison.others[0]) if n == 1 else ""
        style.heading(axes, title, " · ".join(filter(None, (others, label("axis.interval_95", lang)))))
    return axes


def _interval(axes: Axes, row: pd.Series, place: float, scale: float, colour: str) -> None:
    middle, low, high = (scale * row[name] for name in ("difference", "low", "high"))
    if not np.isfinite(middle) or row["verdict"] == "none":
        return
    if np.isfinite(low) and np.isfinite(high):
        axes.plot([low, high], [place, place], color=colour, linewidth=1.6, solid_capstyle="butt")
    face = colour if row["verdict"] == "real" else "white"
    axes.plot([middle], [place], "o", color=colour, markerfacecolor=face, markersize=5, zorder=3)


def compared_years(
    comparison: Comparison,
    figure: str = "dpi_by_year",
    vehicle: str | None = None,
    investor: str | None = None,
    ax: Axes | None = None,
    lang: str = "en",
) -> Axes:
    """DPI at year ends, or money called in each year, in the mean, a bar for each side.

    Parameters
    ----------
    comparison : Comparison
    figure : {"dpi_by_year", "calls_by_year"}
    vehicle, investor, ax, lang
        As in `compared_irr`.

    Raises
    ------
    ArgumentError
        If the comparison has no such figure, vehicle or investor, or fundsim no such language.

    Examples
    --------
    >>> fs.plots.compared_years(comparison, "calls_by_year").get_title(loc="left")
    'Calls by year'
    """
    row = _row(comparison, vehicle, investor, lang)
    if figure not in _TITLES:
        raise ArgumentError(f"no figure {figure!r}; there are {', '.join(_TITLES)}")
    table = comparison.table(figure)
    own = table[(table["vehicle"] == row[0]) & (table["investor"] == row[1])]
    first = _base(comparison)
    with style.drawing(ax) as axes:
        series = _means(own, comparison)
        n_years = max((len(values) for values in series.values()), default=0)
        width = 0.82 / max(len(series), 1)
        for k, (name, values) in enumerate(series.items()):
            places = np.arange(len(values)) + (k - (len(series) - 1) / 2) * width
            axes.bar(places, values, 0.92 * width, color=style.SEQUENCE[k % 8], label=style.shorten(name))
        top = max((max(values, default=0.0) for values in series.values()), default=0.0)
        axes.set_ylim(0, max(1.25 * top, 1e-9))  # room for the legend above the bars
        _name_years(axes, year_names(first)[:n_years])
        axes.grid(axis="x", visible=False)
        if series:
            axes.legend(frameon=False, loc="upper center", fontsize=8.5, ncols=min(len(series), 3))
        if figure == "dpi_by_year":
            style.multiples(axes.yaxis)
            axes.set_ylabel(label("axis.multiple", lang))
        else:
            axes.set_ylabel(label("axis.mean_amount", lang, unit=unit(first, lang)))
        _head(axes, comparison, _TITLES[figure], row, lang)
    return axes


def _means(own: pd.DataFrame, comparison: Comparison) -> dict[str, list[float]]:
    """Means by year of the base, as it stands beside the first other side that has any, and of the others."""
    series: dict[str, list[float]] = {}
    for name in comparison.others:
        its = own[own["scenario"] == name].sort_values("year")
        if len(its):
            series.setdefault(comparison.base, its["base"].tolist())
            series[name] = its["other"].tolist()
    return series


def _name_years(axes: Axes, names: list[str]) -> None:
    """Each named year stands under the middle of its bars."""
    step = -(-len(names) // MOST_NAMES_OF_YEARS) if names else 1
    axes.set_xticks(range(0, len(names), step), names[::step])
    axes.tick_params(axis="x", length=0)
    axes.set_xlim(-0.6, max(len(names), 1) - 0.4)


def _row(comparison: Comparison, vehicle: str | None, investor: str | None, lang: str) -> tuple[str, str]:
    """The vehicle and investor that are meant."""
    check_language(lang)
    own = principal(comparison.scenarios[comparison.base])
    if vehicle is None and investor is None:
        return own if own in comparison.rows else comparison.rows[0]
    wanted = (vehicle or own[0], investor or ALL)
    if wanted not in comparison.rows:
        listed = ", ".join(f"{one}/{other}" for one, other in comparison.rows[:20])
        raise ArgumentError(f"{'/'.join(wanted)} is not compared; there are {listed}")
    return wanted


def _base(comparison: Comparison) -> Results:
    """The base, of which titles, years and units are taken; a stored run has those too."""
    return cast("Results", comparison.runs[comparison.base])


def _head(axes: Axes, comparison: Comparison, key: str, row: tuple[str, str], lang: str) -> None:
    style.heading(
        axes,
        label(key, lang),
        subject(_base(comparison), *row, lang),
    )


def comparison_figures(comparison: Comparison, lang: str = "en") -> dict[str, Callable[[], Axes]]:
    """What a comparison can show: the name of each figure and the function that draws it."""
    figures: dict[str, Callable[..., Axes]] = {"compared_irr": partial(compared_irr, comparison)}
    for name in _TITLES:
        if len(comparison.table(name)):
            figures[f"compared_{name}"] = partial(compared_years, comparison, name)
    figures["compared_vehicles"] = partial(compared_vehicles, comparison)  # the tallest last
    return {name: partial(draw, lang=lang) for name, draw in figures.items()}


def write_comparison_figures(comparison: Comparison, folder: str | Path, lang: str = "en") -> dict[str, str]:
    """Write `NAME.svg` and `NAME.png` of every figure of a comparison into a folder; SVG text by name.

    Parameters
    ----------
    comparison : Comparison
    folder : str or Path
        Made if it is not there.
    lang : {"en", "zh"}

    Examples
    --------
    >>> sorted(fs.plots.write_comparison_figures(comparison, folder / "figures"))[:2]
    ['compared_calls_by_year', 'compared_dpi_by_year']
    """
    return written(drawn(comparison_figures(comparison, lang)), folder)
