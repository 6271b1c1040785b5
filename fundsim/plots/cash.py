"""Owns the figures of cash over time: J-curve, calls and distributions, DPI by year."""

import warnings

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from fundsim.plots import style
from fundsim.plots.fan import QUANTILES, fan, year_axis
from fundsim.plots.subject import check_subject, subject, unit, year_names, year_numbers, year_of_periods
from fundsim.results import Results
from fundsim.vocabulary import ALL
from fundsim.words import label
from fundsim.words.numbers import amount, percent


def j_curve(
    results: Results, vehicle: str, investor: str = ALL, ax: Axes | None = None, lang: str = "en"
) -> Axes:
    """Cumulative net cash flow of an investor, as a fan over the paths.

    Parameters
    ----------
    results : Results
        A run.
    vehicle, investor : str
        Names as in the scenario; `all` for the whole vehicle.
    ax : matplotlib Axes, optional
        Where to draw; a figure of its own otherwise.
    lang : {"en", "zh"}
        Language of the labels.

    Raises
    ------
    ArgumentError
        If there is no such vehicle, investor or language.

    Examples
    --------
    >>> fs.plots.j_curve(results, "mother", lang="zh").get_title(loc="left")
    '累计净现金流（J 曲线）'
    """
    check_subject(results, vehicle, investor, lang)
    flow = _flow(results, vehicle, investor, "cumulative_net")
    years = np.arange(len(flow) + 1) / results.scenario.periods_per_year
    series = {name: np.concatenate([[0.0], flow[name]]) for name in (*QUANTILES, "mean")}
    with style.drawing(ax) as axes:
        fan(axes, years, series)
        axes.plot(years, series["mean"], color=style.INK, linestyle=(0, (4, 2)), linewidth=1.2)
        axes.axhline(0, color=style.MUTED, linewidth=0.8)
        year_axis(axes, results)
        axes.set_ylabel(label("axis.cumulative_amount", lang, unit=unit(results, lang)))
        ends = [
            (series["p50"][-1], label("axis.median", lang), style.BLUE),
            (series["mean"][-1], label("axis.mean", lang), style.INK),
            *((series[q][-1], label(f"axis.{q}", lang), style.MUTED) for q in ("p05", "p95")),
        ]
        style.label_ends(axes, years[-1], [end for end in ends if np.isfinite(end[0])])
        _mark_deepest(axes, years, series["p50"], lang)
        style.heading(axes, label("figure_title.j_curve", lang), subject(results, vehicle, investor, lang))
    return axes


def _mark_deepest(ax: Axes, years: np.ndarray, median: np.ndarray, lang: str) -> None:
    if not np.isfinite(median).all() or median.min() >= 0:
        return
    at = int(median.argmin())
    low, high = ax.get_ylim()
    ax.set_ylim(min(low, median.min() - 0.12 * (high - low)), high)
    text = label("axis.deepest", lang, amount=style.typeset(amount(median[at])))
    ax.plot(years[at], median[at], "o", color=style.BLUE, markersize=4)
    ax.annotate(
        text, (years[at], median[at]), xytext=(0, -12), textcoords="offset points", ha="center", fontsize=8
    )


def dpi_by_year(
    results: Results, vehicle: str, investor: str = ALL, ax: Axes | None = None, lang: str = "en"
) -> Axes:
    """DPI of an investor at the end of each year, as a fan, with the year in which the median reaches 1.

    Parameters and errors as in `j_curve`; paths that have not paid in by a year are left out of it.

    Examples
    --------
    >>> fs.plots.dpi_by_year(results, "mother", "state platform").get_title(loc="left")
    'DPI by year'
    """
    check_subject(results, vehicle, investor, lang)
    dpi = results.dpi_by_year(vehicle, investor)
    years = np.asarray(year_numbers(results), dtype=float)
    series = dict(zip(QUANTILES, _levels(dpi), strict=True))
    with style.drawing(ax) as axes:
        fan(axes, years, series)
        axes.axhline(1, color=style.RED, linewidth=1.2)
        axes.set_ylim(0, max(1.15, axes.get_ylim()[1]))
        year_axis(axes, results)
        style.multiples(axes.yaxis)
        axes.set_ylabel(label("axis.multiple", lang))
        ends = [
            (series["p50"][-1], label("axis.median", lang), style.BLUE),
            *((series[q][-1], label(f"axis.{q}", lang), style.MUTED) for q in ("p05", "p95")),
            (1.0, label("axis.dpi_one", lang), style.RED),
        ]
        style.label_ends(axes, years[-1], [end for end in ends if np.isfinite(end[0])])
        _mark_crossing(axes, results, results.measure("dpi", vehicle, investor), series["p50"], lang)
        style.heading(
            axes, label("figure_title.dpi_by_year", lang), subject(results, vehicle, investor, lang)
        )
    return axes


def _levels(dpi: np.ndarray) -> np.ndarray:
    """Quantiles of each year over the paths that are defined in it, shape (5, years)."""
    if not len(dpi):
        return np.full((len(QUANTILES), dpi.shape[1]), np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a year in which nobody has paid in yet
        return np.asarray(np.nanquantile(dpi, [0.05, 0.25, 0.5, 0.75, 0.95], axis=0))


def _mark_crossing(ax: Axes, results: Results, dpi: np.ndarray, median: np.ndarray, lang: str) -> None:
    reached = np.flatnonzero(median >= 1)
    defined = dpi[np.isfinite(dpi)]
    below = float(np.mean(defined < 1)) if len(defined) else np.nan
    first = label("axis.dpi_never", lang)
    if len(reached):
        at = reached[0]
        ax.plot(year_numbers(results)[at], median[at], "o", color=style.BLUE, markersize=5)
        first = label("axis.dpi_reached", lang, year=year_names(results)[at])
    text = f"{first}\n{label('axis.dpi_below', lang, share=percent(below))}"
    # Top left, where fans are thin, but below the line of DPI = 1 where that runs high.
    line = 1 / ax.get_ylim()[1]
    top = 0.97 if line < 0.75 else line - 0.03
    ax.text(0.02, top, text, transform=ax.transAxes, va="top", fontsize=8.5, linespacing=1.5)


def calls_and_distributions(
    results: Results, vehicle: str, investor: str = ALL, ax: Axes | None = None, lang: str = "en"
) -> Axes:
    """Mean contributions and distributions by year as bars, and the mean NAV at each year's end as a line.

    Parameters and errors as in `j_curve`.

    Examples
    --------
    >>> fs.plots.calls_and_distributions(results, "mother").get_title(loc="left")
    'Calls, distributions and NAV'
    """
    check_subject(results, vehicle, investor, lang)
    year = year_of_periods(results)
    paid = np.bincount(year, _flow(results, vehicle, investor, "contribution")["mean"])
    back = np.bincount(year, _flow(results, vehicle, investor, "distribution")["mean"])
    nav = _flow(results, vehicle, investor, "nav")["mean"]
    ends = np.flatnonzero(np.diff(year, append=year[-1] + 1))
    x = np.arange(len(paid)) + 0.5
    with style.drawing(ax) as axes:
        axes.bar(x, back, width=0.72, color=style.BLUE, label=label("column.distributions", lang))
        axes.bar(x, -paid, width=0.72, color=style.GOLD, label=label("column.contributions", lang))
        axes.plot(
            (ends + 1) / results.scenario.periods_per_year,
            nav[ends],
            color=style.INK,
            marker="o",
            markersize=3,
            linewidth=1.4,
            label=label("column.nav", lang),
        )
        axes.axhline(0, color=style.MUTED, linewidth=0.8)
        year_axis(axes, results)
        axes.set_ylabel(label("axis.mean_amount", lang, unit=unit(results, lang)))
        axes.legend(frameon=False, fontsize=8.5, loc="upper right", handlelength=1.2)
        style.heading(axes, label("figure_title.cash_flows", lang), subject(results, vehicle, investor, lang))
    return axes


def _flow(results: Results, vehicle: str, investor: str, flow: str) -> pd.DataFrame:
    table = results.cash_flows(vehicle, investor)
    return table[table["flow"] == flow].sort_values("date").reset_index(drop=True)
