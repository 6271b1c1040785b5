"""Owns the figures of projects and REITs: price against book, time to listing, distribution yield."""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from fundsim.errors import ArgumentError
from fundsim.plots import style
from fundsim.plots.fan import bands, year_axis
from fundsim.plots.subject import check_language
from fundsim.results import Results
from fundsim.words import label
from fundsim.words.numbers import amount, multiple, percent

MOST_PROJECTS = 24
LEAST_LISTED = 0.005
"""Yields of a year in which fewer paths have the REIT listed are not drawn."""


def reit_price_to_book(results: Results, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Price that a REIT paid for each project over what had been spent on it: 5 to 95 % and median where
    listed.

    Shows at most 24 projects, those listed most often.

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
        If there is no such language, or no project is listed on any path.

    Examples
    --------
    >>> fs.plots.reit_price_to_book(results).get_title(loc="left")
    'REIT price over book'
    """
    table = _listed(results, "price_to_book", lang)
    names = _titles(results, "projects", table["project"], lang)
    with style.drawing(ax, _size(table)) as axes:
        _rows(axes, table, "price_to_book", names, multiple)
        axes.axvline(1, color=style.RED, linewidth=1.0)
        _finish(axes, results, table, names, lang)
        style.multiples(axes.xaxis)
        axes.set_xlabel(label("axis.price_to_book", lang))
        style.heading(axes, label("figure.reit_price_to_book", lang))
    return axes


def project_listing(results: Results, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Years from a project's completion to its listing, where listed, and how often it is never listed.

    Parameters and errors as in `reit_price_to_book`; projects that are meant for no REIT are left out.

    Examples
    --------
    >>> fs.plots.project_listing(results).get_title(loc="left")
    'From completion to listing'
    """
    table = _listed(results, "years_to_listing", lang)
    names = _titles(results, "projects", table["project"], lang)

    def never(row: pd.Series) -> str:
        return label("axis.never_listed", lang, share=percent(1.0 - row["listed"], 0))

    with style.drawing(ax, _size(table)) as axes:
        _rows(axes, table, "years_to_listing", names, lambda value: amount(value, 1), never)
        _finish(axes, results, table, names, lang)
        axes.set_xlabel(label("axis.years_to_listing", lang))
        style.heading(axes, label("figure.project_listing", lang))
    return axes


def _listed(results: Results, name: str, lang: str) -> pd.DataFrame:
    """Projects that are ever listed, in file order, at most as many as a figure holds."""
    check_language(lang)
    table = results.projects()
    table = table[(table["listed"] > 0) & np.isfinite(table[f"{name}_p50"].to_numpy(float))]
    if table.empty:
        raise ArgumentError(f"no project of {results.scenario.name!r} is ever listed")
    return table.nlargest(MOST_PROJECTS, "listed").sort_index().reset_index(drop=True)


def _size(table: pd.DataFrame) -> tuple[float, float]:
    return (style.SIZE[0], 1.05 + 0.28 * max(len(table), 2))


def _rows(
    ax: Axes,
    table: pd.DataFrame,
    name: str,
    names: list[str],
    shown: Callable[[float], str],
    note: Callable[[pd.Series], str] | None = None,
) -> None:
    """Ranges with their medians, and the medians written in a column at the right."""
    high = float(table[f"{name}_p95"].max())
    texts = []
    for n, (_, row) in enumerate(table.iterrows()):
        low, middle, top = (row[f"{name}_{q}"] for q in ("p05", "p50", "p95"))
        ax.hlines(n, low, top, color=style.NARROW_BAND, linewidth=4)
        ax.plot(
            middle, n, "o", color="white", markeredgecolor=style.BLUE, markeredgewidth=1.5, markersize=5.5
        )
        texts.append(shown(middle) + (f" · {note(row)}" if note else ""))
    width = style.SIZE[0] - 0.072 * max(map(style.text_width, names)) - 0.4
    share = min(0.066 * max(map(style.text_width, texts)) / width, 0.6)
    right = 1.05 * high / (1.0 - share)
    for n, text in enumerate(texts):
        ax.text(right, n, text, ha="right", va="center", fontsize=8.5, color=style.BLUE)
    ax.set_xlim(0, 1.005 * right)


def _titles(results: Results, field: str, names: Iterable[str], lang: str) -> list[str]:
    of_property = results.scenario.property_
    assert of_property is not None
    return [style.shorten(of_property.title_of(field, name, lang)) for name in names]


def _finish(ax: Axes, results: Results, table: pd.DataFrame, names: list[str], lang: str) -> None:
    style.rows(ax, names)
    n = int((results.projects()["listed"] > 0).sum()) - len(table)
    if n > 0:
        style.note(ax, label("axis.more_projects", lang, n=n))


def reit_yield(results: Results, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Distribution yield of each REIT by year, the median of the paths on which it is listed; the range of
    a sole one.

    Parameters and errors as in `reit_price_to_book`.

    Examples
    --------
    >>> fs.plots.reit_yield(results).get_title(loc="left")
    'Distribution yield of REITs'
    """
    check_language(lang)
    table = results.reits_by_year()
    kept = max(results.kept_paths, 1)
    table = table[(table["measure"] == "distribution_yield") & table["p50"].notna()]
    table = table[1.0 - table["undefined"] / kept >= LEAST_LISTED]
    if table.empty:
        raise ArgumentError(f"no REIT of {results.scenario.name!r} is listed for more than a year")
    names = list(dict.fromkeys(table["reit"]))
    columns = 1 if len(names) <= 3 else 2 if len(names) <= 8 else 3
    titles = _titles(results, "reits", names, lang)
    with style.drawing(ax) as axes:
        for n, name in enumerate(names):
            rows = table[table["reit"] == name].sort_values("year")
            years = rows["year"].to_numpy(float)
            if len(names) == 1:
                bands(axes, years, rows)
            colour = style.SEQUENCE[n % len(style.SEQUENCE)]
            dashes = "-" if n < len(style.SEQUENCE) else (0, (4, 2))
            axes.plot(
                years,
                rows["p50"],
                color=colour,
                linestyle=dashes,
                marker="o",
                markersize=2.6,
                label=style.shorten(titles[n], 62 / columns),
            )
        year_axis(axes, results)
        axes.set_ylim(0, 1.3 * float(table["p95" if len(names) == 1 else "p50"].max()))
        style.per_cent(axes.yaxis)
        axes.set_ylabel(label("axis.distribution_yield", lang))
        style.reserve_right(axes, ["00"])
        axes.legend(
            frameon=False,
            fontsize=8 if columns < 3 else 7.5,
            ncols=columns,
            loc="lower right",
            handlelength=1.3,
            columnspacing=1.0,
        )
        note = "figure_note.reit_yield_sole" if len(names) == 1 else "figure_note.reit_yield"
        style.heading(axes, label("figure.reit_yield", lang), label(note, lang))
    return axes
