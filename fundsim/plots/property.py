"""Owns the figures of the park's property as a whole: coverage,
debt, recycled capital, property against equity.
"""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from fundsim.errors import ArgumentError
from fundsim.plots import style
from fundsim.plots.fan import QUANTILES, fan, year_axis
from fundsim.plots.subject import check_language, unit, year_names, year_numbers
from fundsim.results import Results
from fundsim.results.property import sleeve_values
from fundsim.vocabulary import ALL
from fundsim.words import label
from fundsim.words.numbers import amount, percent

MOST_COVERAGE = 6.0
"""A fan of coverage is cut here; little debt makes it grow without bound."""
LEAST_DEFINED = 0.1
"""Years in which fewer of the paths have debts to serve are not drawn."""
MANY_POINTS = 1500


def property_coverage(results: Results, ax: Axes | None = None, lang: str = "en") -> Axes:
    """NOI of let projects outside REITs over their debt service by year, as a fan, with the line at 1.

    Years in which less than a tenth of the paths have debts to serve are left out.

    Parameters
    ----------
    results : Results
        A run.
    ax : matplotlib Axes, optional
        Where to draw; a figure of its own otherwise.
    lang : {"en", "zh"}
        Language of the labels.

    Raises
    ------
    ArgumentError
        If there is no such language, or the scenario has no property.

    Examples
    --------
    >>> fs.plots.property_coverage(results).get_title(loc="left")
    'Coverage of debt service'
    """
    series = _series(results, "coverage", lang)
    series = series[series["undefined"] <= (1.0 - LEAST_DEFINED) * results.kept_paths]
    years = series["year"].to_numpy(float)
    with style.drawing(ax) as axes:
        fan(axes, years, series)
        axes.axhline(1, color=style.RED, linewidth=1.2)
        highest, middle = (float(np.nanmax(series[q].to_numpy(), initial=1.0)) for q in ("p95", "p50"))
        top = max(min(1.1 * highest, max(MOST_COVERAGE, 1.3 * middle)), 1.3)
        axes.set_ylim(0, top)
        year_axis(axes, results)
        style.multiples(axes.yaxis)
        axes.set_ylabel(label("axis.coverage", lang))
        last = float(year_numbers(results)[-1])
        ends = [(min(value, top), text, colour) for value, text, colour in _ends(series, lang)]
        line = [(1.0, label("axis.coverage_one", lang), style.RED)]
        is_whole = len(years) > 0 and years[-1] == last
        if not is_whole and len(years):
            style.label_ends(axes, float(years[-1]), ends)
        style.label_ends(axes, last, [*ends, *line] if is_whole else line)
        style.heading(
            axes, label("figure.property_coverage", lang), label("figure_note.property_coverage", lang)
        )
    return axes


def property_debt(results: Results, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Debt of all projects outside REITs by year as a fan, and the median of their value beside it.

    Parameters and errors as in `property_coverage`.

    Examples
    --------
    >>> fs.plots.property_debt(results).get_title(loc="left")
    'Debt of park property'
    """
    debt, value = _series(results, "debt", lang), _series(results, "value", lang)
    loan_to_value = _series(results, "loan_to_value", lang)["p50"].to_numpy(float)
    years = np.asarray(year_numbers(results), dtype=float)
    with style.drawing(ax) as axes:
        fan(axes, years, debt)
        axes.plot(years, value["p50"], color=style.GREEN, linestyle=(0, (4, 2)))
        axes.set_ylim(0, 1.2 * max(value["p50"].max(), debt["p95"].max(), 1e-9))
        year_axis(axes, results)
        axes.set_ylabel(label("axis.amount", lang, unit=unit(results, lang)))
        ends = [
            (float(debt["p50"].iloc[-1]), label("axis.debt", lang), style.BLUE),
            (float(value["p50"].iloc[-1]), label("axis.property_value", lang), style.GREEN),
        ]
        style.label_ends(axes, years[-1], ends)
        if np.isfinite(loan_to_value).any():
            at = int(np.nanargmax(loan_to_value))
            highest, year = percent(loan_to_value[at]), year_names(results)[at]
            text = label("axis.loan_to_value", lang, highest=highest, year=year)
            axes.text(0.02, 0.97, text, transform=axes.transAxes, va="top", fontsize=8.5)
        style.heading(axes, label("figure.property_debt", lang), label("figure_note.property_debt", lang))
    return axes


def property_recycling(results: Results, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Capital built with again per unit of original capital, so far by year, as a fan.

    Parameters and errors as in `property_coverage`.

    Examples
    --------
    >>> fs.plots.property_recycling(results).get_title(loc="left")
    'Recycled capital per unit of original capital'
    """
    series = _series(results, "recycled_per_original", lang)
    years = np.asarray(year_numbers(results), dtype=float)
    with style.drawing(ax) as axes:
        fan(axes, years, series)
        axes.plot(years, series["mean"], color=style.INK, linestyle=(0, (4, 2)), linewidth=1.2)
        axes.set_ylim(0, 1.12 * max(float(np.nanmax(series[["p95", "mean"]], initial=0.0)), 1e-3))
        year_axis(axes, results)
        style.multiples(axes.yaxis)
        axes.set_ylabel(label("axis.recycled", lang))
        mean = (float(series["mean"].iloc[-1]), label("axis.mean", lang), style.INK)
        style.label_ends(
            axes, years[-1], [end for end in [*_ends(series, lang), mean] if np.isfinite(end[0])]
        )
        style.heading(
            axes, label("figure.property_recycling", lang), label("figure_note.property_recycling", lang)
        )
    return axes


def property_sleeve(results: Results, mother: str = ALL, ax: Axes | None = None, lang: str = "en") -> Axes:
    """TVPI of the property sleeve against that of the equity sleeve, a point a path, with their correlation.

    Parameters
    ----------
    results : Results
        A run.
    mother : str
        A mother fund whose vehicles are meant; all vehicles by default.
    ax, lang
        As in `property_coverage`.

    Raises
    ------
    ArgumentError
        If there is no such language, or one of the sleeves has no vehicle.

    Examples
    --------
    >>> fs.plots.property_sleeve(results).get_title(loc="left")
    'Property against equity'
    """
    check_language(lang)
    table = results.sleeves().set_index("mother")
    if mother not in table.index:
        raise ArgumentError(f"{mother!r} holds no two sleeves; there are {', '.join(table.index) or 'none'}")
    property_tvpi, equity_tvpi = sleeve_values(results, mother)
    defined = np.isfinite(property_tvpi) & np.isfinite(equity_tvpi)
    x, y = equity_tvpi[defined], property_tvpi[defined]
    with style.drawing(ax) as axes:
        limits = [np.quantile(values, [0.002, 0.998]) for values in (x, y)] if len(x) else [(0, 1), (0, 1)]
        low, high = zip(*limits, strict=True)
        if len(x) > MANY_POINTS:
            inside = (x >= low[0]) & (x <= high[0]) & (y >= low[1]) & (y <= high[1])
            shades = LinearSegmentedColormap.from_list("paths", [style.WIDE_BAND, style.BLUE, style.INK])
            axes.hexbin(x[inside], y[inside], gridsize=38, mincnt=1, bins="log", cmap=shades, linewidths=0.2)
        else:
            axes.plot(x, y, "o", color=style.BLUE, markersize=3, alpha=0.35, markeredgewidth=0)
        for axis, first, last in ((axes.set_xlim, low[0], high[0]), (axes.set_ylim, low[1], high[1])):
            room = max(0.06 * (last - first), 0.02)
            axis(first - room, last + room)
        axes.axhline(1, color=style.MUTED, linewidth=0.8)
        axes.axvline(1, color=style.MUTED, linewidth=0.8)
        style.multiples(axes.xaxis)
        style.multiples(axes.yaxis)
        axes.set_xlabel(label("axis.equity_tvpi", lang))
        axes.set_ylabel(label("axis.property_tvpi", lang))
        value, error = (amount(table.loc[mother, name]) for name in ("correlation", "standard_error"))
        title = "" if mother == ALL else results.scenario.title_of(mother, lang)
        style.heading(axes, label("figure.property_sleeve", lang), title)
        style.note(axes, style.typeset(label("axis.correlation", lang, value=value, error=error)))
    return axes


def _series(results: Results, measure: str, lang: str) -> pd.DataFrame:
    """The rows of a measure by year."""
    check_language(lang)
    table = results.property_by_year()
    if table.empty:
        raise ArgumentError(f"{results.scenario.name!r} has no property")
    return table[table["measure"] == measure].sort_values("year").reset_index(drop=True)


def _ends(series: pd.DataFrame, lang: str) -> list[tuple[float, str, str]]:
    """Labels of the median and of the band, at the last year that has them."""
    ends = []
    for name in (QUANTILES[2], QUANTILES[0], QUANTILES[-1]):
        last = series[name].dropna()
        if len(last):
            colour = style.BLUE if name == "p50" else style.MUTED
            ends.append((float(last.iloc[-1]), label(f"axis.{name}", lang), colour))
    return ends
