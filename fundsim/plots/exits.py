"""Owns the figure of exits by channel and year."""

from typing import Literal

import numpy as np
from matplotlib.axes import Axes

from fundsim.errors import ArgumentError
from fundsim.plots import style
from fundsim.plots.fan import year_ticks
from fundsim.plots.subject import check_language, unit, vehicle_title, year_numbers
from fundsim.results import Results
from fundsim.vocabulary import Channel
from fundsim.words import label
from fundsim.words.numbers import percent


def exits_by_channel(
    results: Results,
    vehicle: str | None = None,
    what: str = "proceeds",
    ax: Axes | None = None,
    lang: str = "en",
) -> Axes:
    """Exits by year, stacked by channel, mean over all paths.

    Parameters
    ----------
    results : Results
        A run.
    vehicle : str, optional
        One vehicle; all together by default.
    what : {"proceeds", "count"}
        Amounts, or numbers of exits.
    ax : matplotlib Axes, optional
        Where to draw; a figure of its own otherwise.
    lang : {"en", "zh"}
        Language of the labels.

    Raises
    ------
    ArgumentError
        If there is no such vehicle, quantity or language.

    Examples
    --------
    >>> fs.plots.exits_by_channel(results, what="count").get_title(loc="left")
    'Exits by channel'
    """
    check_language(lang)
    if what not in ("proceeds", "count"):
        raise ArgumentError(f"no quantity {what!r}; there are proceeds, count")
    if vehicle is not None and vehicle not in results.vehicles:
        raise ArgumentError(
            f"no vehicle {vehicle!r}; there are {', '.join(map(repr, results.vehicles[:20]))}"
        )
    table = results.exits_by_year()
    table = table if vehicle is None else table[table["vehicle"] == vehicle]
    sums = table.groupby(["channel", "year"])[what].sum().unstack("year", fill_value=0.0)
    sums = sums.reindex(columns=list(year_numbers(results)), fill_value=0.0)
    total = float(sums.to_numpy().sum())
    with style.drawing(ax) as axes:
        bottom = np.zeros(len(year_numbers(results)))
        for channel in Channel:
            name = channel.word
            values = sums.loc[name].to_numpy(float) if name in sums.index else np.zeros(len(bottom))
            if values.sum() <= 0:
                continue
            axes.bar(
                np.arange(len(bottom)),
                values,
                bottom=bottom,
                width=0.76,
                color=channel.colour,
                label=f"{label(channel.label_key, lang)}  {percent(values.sum() / total, 0)}",
            )
            bottom += values
        axes.set_ylim(0, max(1.12 * bottom.max(), 1e-9))
        year_ticks(axes, results, first=0)
        amounts = label("axis.mean_amount", lang, unit=unit(results, lang))
        axes.set_ylabel(label("axis.exits", lang) if what == "count" else amounts)
        if total > 0:
            axes.legend(
                frameon=False,
                fontsize=8.5,
                handlelength=0.9,
                handleheight=0.9,
                reverse=True,
                loc=_free_corner(axes, bottom),
            )
        about = "" if vehicle is None else vehicle_title(results, vehicle, lang)
        style.heading(axes, label(f"figure.exits_{what}", lang), about)
    return axes


def _free_corner(ax: Axes, totals: np.ndarray) -> Literal["upper left", "upper right"]:
    """Where the legend hides least: at the right, unless bars stand there and lower ones at the left."""
    n_entries = len(ax.get_legend_handles_labels()[1])
    free = (1 - 0.035 - 0.057 * n_entries) * ax.get_ylim()[1]
    part = max(1, round(0.4 * len(totals)))
    right, left = totals[-part:].max(), totals[:part].max()
    return "upper left" if right > free and left < right else "upper right"
