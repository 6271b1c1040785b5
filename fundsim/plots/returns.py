"""Owns the figures of returns: distribution of the net IRR, ranges of all vehicles."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from fundsim.plots import style
from fundsim.plots.subject import check_language, check_subject, subject, vehicle_title
from fundsim.results import Results
from fundsim.scenario.principal import foremost
from fundsim.vocabulary import ALL
from fundsim.words import label
from fundsim.words.numbers import percent

N_BINS = 44
MOST_VEHICLES = 24


def irr_distribution(
    results: Results, vehicle: str, investor: str = ALL, ax: Axes | None = None, lang: str = "en"
) -> Axes:
    """Histogram of the net IRR over the paths, with its quantiles, zero and the vehicle's hurdle rate.

    Paths with an undefined IRR and paths that lose everything (−100 %) are counted in words, not drawn.

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
    >>> fs.plots.irr_distribution(results, "mother").get_title(loc="left")
    'Net IRR'
    """
    check_subject(results, vehicle, investor, lang)
    irr = results.irr(vehicle, investor)
    defined = irr[np.isfinite(irr)]
    drawn = defined[defined > -1]
    hurdle = results.scenario.vehicle(vehicle).terms.hurdle_rate
    with style.drawing(ax) as axes:
        if len(drawn):
            _histogram(axes, drawn, len(irr))
            _quantile_marks(axes, defined, lang)
            axes.axvline(0, ymax=0.72, color=style.INK, linewidth=0.9)
        if len(drawn) and hurdle > 0:
            _mark_hurdle(axes, hurdle, float(np.median(drawn)), lang)
        style.per_cent(axes.xaxis)
        style.per_cent(axes.yaxis)
        axes.grid(axis="x", visible=False)
        axes.set_xlabel(f"{label('axis.net_irr', lang)} · {_counts(irr, lang)}")
        axes.set_ylabel(label("axis.paths", lang))
        style.heading(
            axes, label("figure_title.irr_distribution", lang), subject(results, vehicle, investor, lang)
        )
    return axes


def _histogram(ax: Axes, values: np.ndarray, n_paths: int) -> None:
    low, high = np.quantile(values, [0.002, 0.998])
    width = max((high - low) / N_BINS, 1e-4)
    # A bin edge at exactly zero, so that the colour of loss ends where loss ends.
    first, last = int(np.floor(low / width)), int(np.ceil(high / width)) + 1
    edges = width * np.arange(first, last + 1)
    counts, _ = np.histogram(np.clip(values, edges[0], edges[-1]), edges)
    colours = [style.LOSS if right <= 1e-12 else style.NARROW_BAND for right in edges[1:]]
    ax.bar(edges[:-1], counts / n_paths, width=0.92 * width, align="edge", color=colours)
    ax.set_ylim(0, 1.4 * max(counts.max(), 1) / n_paths)


def _quantile_marks(ax: Axes, values: np.ndarray, lang: str) -> None:
    top = ax.get_ylim()[1]
    low, high = ax.get_xlim()
    for name, level in (("p05", 0.05), ("p50", 0.5), ("p95", 0.95)):
        value = float(np.quantile(values, level))
        if not low <= value <= high:
            continue
        ax.plot([value, value], [0, 0.86 * top], color=style.BLUE, linewidth=1.2 if name != "p50" else 2.0)
        text = f"{label(f'axis.{name}', lang)}\n{style.typeset(percent(value))}"
        ax.text(value, 0.875 * top, text, ha="center", va="bottom", fontsize=8.5, color=style.BLUE)


def _mark_hurdle(ax: Axes, hurdle: float, median: float, lang: str) -> None:
    low, high = ax.get_xlim()
    if not low <= hurdle <= high:
        return
    ax.axvline(hurdle, ymax=0.77, color=style.GREEN, linewidth=1.2, linestyle=(0, (3, 2)))
    text = label("axis.hurdle", lang, rate=percent(hurdle))
    side = "right" if hurdle <= median else "left"
    top = 0.755 * ax.get_ylim()[1]
    ax.text(hurdle, top, f" {text} ", ha=side, va="bottom", fontsize=8, color=style.GREEN)


def _counts(irr: np.ndarray, lang: str) -> str:
    """In words: the share of defined paths below zero, of total losses, of paths without a net IRR."""
    defined = irr[np.isfinite(irr)]
    parts = []
    if len(defined):
        parts.append(label("axis.below_zero", lang, share=percent(float(np.mean(defined < 0)))))
    if (irr <= -1).any():
        parts.append(label("axis.total_loss", lang, share=percent(float(np.mean(irr <= -1)))))
    if len(defined) < len(irr):
        parts.append(label("axis.undefined", lang, share=percent(1 - len(defined) / len(irr))))
    return " · ".join(parts)


def vehicle_comparison(
    results: Results, vehicles: list[str] | None = None, ax: Axes | None = None, lang: str = "en"
) -> Axes:
    """Range of the net IRR of each vehicle's investors together: 5 to 95 %, 25 to 75 %, median.

    Parameters
    ----------
    results : Results
        A run.
    vehicles : list of str, optional
        Vehicles to show; by default up to 24, those that hold others first, then the largest.
    ax : matplotlib Axes, optional
        Where to draw; a figure of its own otherwise.
    lang : {"en", "zh"}
        Language of the labels.

    Raises
    ------
    ArgumentError
        If there is no such vehicle or language.

    Examples
    --------
    >>> axes = fs.plots.vehicle_comparison(results, lang="zh")
    >>> [text.get_text() for text in axes.get_yticklabels()][:2]
    ['引导基金', '早期子基金']
    """
    check_language(lang)
    shown = foremost(results.scenario, MOST_VEHICLES) if vehicles is None else list(vehicles)
    for vehicle in shown:
        check_subject(results, vehicle, ALL, lang)
    table = results.summary()
    table = (
        table[(table["measure"] == "net_irr") & (table["investor"] == ALL)].set_index("vehicle").loc[shown]
    )
    with style.drawing(ax, (style.SIZE[0], 1.05 + 0.235 * len(shown))) as axes:
        low = min(max(-0.35, table["p05"].min()), table["p50"].min() - 0.05, 0.0)
        _ranges(axes, table, low)
        style.rows(axes, [vehicle_title(results, vehicle, lang) for vehicle in shown])
        axes.axvline(0, color=style.MUTED, linewidth=0.8)
        style.per_cent(axes.xaxis)
        axes.set_xlabel(label("axis.net_irr_range", lang))
        if len(shown) < len(results.vehicles):
            n = len(results.vehicles) - len(shown)
            style.note(axes, label("axis.more_vehicles", lang, n=n))
        style.heading(axes, label("figure.vehicle_comparison", lang))
    return axes


def _ranges(ax: Axes, table: pd.DataFrame, low: float) -> None:
    y = np.arange(len(table))
    p05, p25, p50, p75, p95 = (table[name].to_numpy(float) for name in ("p05", "p25", "p50", "p75", "p95"))
    ax.hlines(y, np.maximum(p05, low), p95, color=style.NARROW_BAND, linewidth=3)
    ax.hlines(y, np.maximum(p25, low), np.maximum(p75, low), color=style.BLUE, linewidth=5.5, alpha=0.75)
    ax.plot(np.maximum(p50, low), y, "o", color="white", markeredgecolor=style.BLUE, markersize=5.5)
    span = max(np.nanmax(p95, initial=0.0) - low, 0.01)
    ax.set_xlim(low - 0.05 * span, low + 1.16 * span)
    for row in range(len(table)):
        if p05[row] < low:
            ax.plot(low, row, marker="<", color=style.NARROW_BAND, markersize=6)
        text = style.typeset(percent(p50[row]))
        ax.text(low + 1.16 * span, row, text, ha="right", va="center", fontsize=8.5)
