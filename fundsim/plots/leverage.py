"""Owns the figures of guidance leverage: by definition, and by year."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from fundsim.errors import ArgumentError
from fundsim.plots import style
from fundsim.plots.fan import year_ticks
from fundsim.plots.subject import check_language, year_numbers
from fundsim.results import Results
from fundsim.words import label, names
from fundsim.words.numbers import multiple, percent

COLOURS = {"fiscal": style.BLUE, "government": style.GOLD}
SHARE = "social_share"


def leverage_by_definition(results: Results, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Every definition of leverage on every basis it has: mean, and 5 to 95 % of the paths, by whose money.

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
        If there is no such language.

    Examples
    --------
    >>> fs.plots.leverage_by_definition(results).get_title(loc="left")
    'Guidance leverage by definition'
    """
    check_language(lang)
    table = results.leverage()
    table = table[np.isfinite(table["mean"].to_numpy(float))]
    order = list(dict.fromkeys(zip(table["definition"], table["basis"], strict=True)))
    with style.drawing(ax, (style.SIZE[0], 1.2 + 0.37 * max(len(order), 1))) as axes:
        for row, (definition, basis) in enumerate(order):
            is_shown = (table["definition"] == definition) & (table["basis"] == basis)
            _row(axes, row, table[is_shown], definition)
        _move_values(axes)
        style.rows(axes, [_row_name(definition, basis, lang) for definition, basis in order])
        for money, colour in COLOURS.items():
            axes.plot([], [], "o", color=colour, markersize=5, label=label(f"money.{money}", lang))
        axes.legend(
            frameon=False,
            fontsize=8.5,
            loc="lower right",
            bbox_to_anchor=(1.02, 1.0),
            ncols=2,
            borderaxespad=0.1,
            columnspacing=1.0,
            handletextpad=0.1,
        )
        axes.axvline(1, color=style.MUTED, linewidth=0.8)
        style.multiples(axes.xaxis)
        axes.set_xlabel(label("axis.leverage_range", lang))
        style.heading(axes, label("figure.leverage", lang))
    return axes


def _row_name(definition: str, basis: str, lang: str) -> str:
    name = label(f"leverage_short.{definition}", lang)
    is_said = basis == "invested" and definition.startswith("invested")
    return name if is_said else f"{name} · {label(f'basis_short.{basis}', lang)}"


def _row(ax: Axes, row: int, table: pd.DataFrame, definition: str) -> None:
    for money, shift in (("fiscal", -0.17), ("government", 0.17)):
        found = table[table["money"] == money]
        if found.empty:
            continue
        entry = found.iloc[0]
        y = row + shift
        ax.plot([entry["p05"], entry["p95"]], [y, y], color=COLOURS[money], linewidth=2.2, alpha=0.45)
        ax.plot(entry["mean"], y, "o", color=COLOURS[money], markersize=4.5)
        text = percent(entry["mean"]) if definition == SHARE else multiple(entry["mean"])
        ax.text(1.0, y, text, fontsize=7.5, color=COLOURS[money], va="center", ha="right")


def _move_values(ax: Axes) -> None:
    """Put the written values into a column right of everything drawn."""
    high = max([1.0, *(float(np.nanmax(line.get_xdata())) for line in ax.lines)])
    ax.set_xlim(0, 1.2 * high)
    for text in ax.texts:
        text.set_x(1.19 * high)


def leverage_by_year(
    results: Results,
    definition: str = "combined_multiple",
    money: str = "fiscal",
    ax: Axes | None = None,
    lang: str = "en",
) -> Axes:
    """A definition of leverage at the end of each year, on each basis it has, and money invested beside it.

    Parameters
    ----------
    results : Results
        A run.
    definition, money : str
        As in `results.leverage()`.
    ax : matplotlib Axes, optional
        Where to draw; a figure of its own otherwise.
    lang : {"en", "zh"}
        Language of the labels.

    Raises
    ------
    ArgumentError
        If there is no such definition, money or language.

    Examples
    --------
    >>> fs.plots.leverage_by_year(results).get_title(loc="left")
    'Combined multiple, looked through by year'
    """
    check_language(lang)
    for group, value in (("leverage", definition), ("money", money)):
        if value not in names(group):
            raise ArgumentError(f"no {group} {value!r}; there are {', '.join(names(group))}")
    table = results.leverage_by_year()
    table = table[table["money"] == money]
    colours = {"paid_in": style.BLUE, "commitment": style.MUTED, "invested": style.GREEN}
    own = [(basis, definition) for basis in table[table["definition"] == definition]["basis"].unique()]
    beside = [] if definition == "invested_multiple" else [("invested", "invested_multiple")]
    with style.drawing(ax) as axes:
        ends = []
        for basis, of_definition in own + beside:
            lines = table[(table["definition"] == of_definition) & (table["basis"] == basis)].sort_values(
                "year"
            )
            if lines.empty or not np.isfinite(lines["p50"]).any():
                continue
            x = lines["year"].to_numpy(float)
            if basis == "paid_in":
                axes.fill_between(x, lines["p05"], lines["p95"], color=style.WIDE_BAND, linewidth=0)
            axes.plot(
                x,
                lines["p50"],
                color=colours[basis],
                linestyle="-" if basis != "commitment" else (0, (4, 2)),
            )
            last = float(lines["p50"].ffill().iloc[-1])
            ends.append((last, label(f"basis.{basis}", lang), colours[basis]))
        axes.set_ylim(bottom=0)
        axes.set_xlim(1.0, float(year_numbers(results)[-1]))
        style.label_ends(axes, float(year_numbers(results)[-1]), ends)
        year_ticks(axes, results)
        style.multiples(axes.yaxis)
        axes.set_ylabel(label("axis.leverage_of", lang, money=label(f"money.{money}", lang)))
        style.heading(
            axes, label("figure.leverage_years", lang, definition=label(f"leverage.{definition}", lang))
        )
    return axes
