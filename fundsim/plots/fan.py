"""Owns how a quantity is drawn over time: the fan of its quantiles, and the axis of years."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from fundsim.plots import style
from fundsim.plots.subject import year_names
from fundsim.results import Results
from fundsim.statistics import LEVELS

QUANTILES = tuple(LEVELS)


def fan(ax: Axes, x: np.ndarray, series: Mapping[str, Any]) -> None:
    """Quantiles over time: 5 to 95 %, 25 to 75 %, and the median."""
    bands(ax, x, series)
    ax.plot(x, series["p50"], color=style.BLUE)


def bands(ax: Axes, x: np.ndarray, series: Mapping[str, Any]) -> None:
    """Ranges over time: 5 to 95 % and, within, 25 to 75 %."""
    ax.fill_between(x, series["p05"], series["p95"], color=style.WIDE_BAND, linewidth=0)
    ax.fill_between(x, series["p25"], series["p75"], color=style.NARROW_BAND, linewidth=0)


def year_axis(ax: Axes, results: Results) -> None:
    """From the start to the end of the last year, with a tick at the end of each."""
    ax.set_xlim(0, len(year_names(results)))
    year_ticks(ax, results)


def year_ticks(ax: Axes, results: Results, first: int = 1) -> None:
    """Ticks a year apart, the first one at `first`, named by the calendar, thinned where there are many."""
    names = year_names(results)
    step = max(1, round(len(names) / 8))
    shown = range(step - 1, len(names), step)
    ax.set_xticks([n + first for n in shown], [names[n] for n in shown])
    ax.grid(axis="x", visible=False)
