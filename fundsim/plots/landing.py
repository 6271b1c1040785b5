"""Owns the figure of landing: what was promised to the park against what came."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from fundsim.plots import style
from fundsim.plots.subject import check_language, vehicle_title
from fundsim.results import Results
from fundsim.scenario.principal import foremost
from fundsim.words import label
from fundsim.words.numbers import multiple

MOST_VEHICLES = 24


def landing(results: Results, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Landing multiple of each vehicle, 5 to 95 % of the paths and median, against the multiple required.

    Shows at most 24 vehicles: those with an obligation first, then the largest.

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
    >>> fs.plots.landing(results).get_title(loc="left")
    'Landing multiple by vehicle'
    """
    check_language(lang)
    table = results.landing()
    table = table[np.isfinite(table["p50"].to_numpy(float))]
    rank = {vehicle: n for n, vehicle in enumerate(foremost(results.scenario, len(results.vehicles)))}
    largest = set(foremost(results.scenario, MOST_VEHICLES))
    keys = [
        (np.isnan(row.required), row.vehicle not in largest, rank[row.vehicle]) for row in table.itertuples()
    ]
    chosen = sorted(sorted(range(len(table)), key=keys.__getitem__)[:MOST_VEHICLES])
    n_left_out, table = len(table) - len(chosen), table.iloc[chosen]
    with style.drawing(ax, (style.SIZE[0], 1.05 + 0.235 * max(len(table), 2))) as axes:
        for row, entry in enumerate(table.itertuples()):
            _row(axes, row, entry)
        high = max(1.0, float(np.nanmax(table[["p95", "required"]].to_numpy(float), initial=0.0)))
        axes.set_xlim(0, 1.16 * high)
        for text in axes.texts:
            text.set_x(1.155 * high)
        style.rows(axes, [vehicle_title(results, vehicle, lang) for vehicle in table["vehicle"]])
        axes.plot(
            [], [], "|", color=style.RED, markersize=9, markeredgewidth=2, label=label("axis.required", lang)
        )
        axes.legend(
            frameon=False,
            fontsize=8.5,
            loc="lower right",
            bbox_to_anchor=(1.02, 1.0),
            borderaxespad=0.1,
            handletextpad=0.1,
        )
        if n_left_out:
            axes.text(
                1,
                -0.02,
                label("axis.more_vehicles", lang, n=n_left_out),
                transform=axes.transAxes,
                ha="right",
                va="top",
                fontsize=7.5,
                color=style.MUTED,
            )
        style.multiples(axes.xaxis)
        axes.set_xlabel(label("axis.landing", lang))
        style.heading(axes, label("figure.landing", lang))
    return axes


def _row(ax: Axes, row: int, entry: Any) -> None:
    is_missed = entry.p50 < entry.required
    colour = style.RED if is_missed else style.BLUE
    ax.hlines(row, entry.p05, entry.p95, color=style.LOSS if is_missed else style.NARROW_BAND, linewidth=4)
    ax.plot(entry.p50, row, "o", color="white", markeredgecolor=colour, markeredgewidth=1.5, markersize=5.5)
    if np.isfinite(entry.required):
        ax.plot(entry.required, row, "|", color=style.RED, markersize=10, markeredgewidth=2)
    ax.text(0, row, multiple(entry.p50), ha="right", va="center", fontsize=8.5, color=colour)
