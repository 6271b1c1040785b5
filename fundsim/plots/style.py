"""Owns how figures look: colours, fonts, the canvas, labels at the ends of lines."""

import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from matplotlib import font_manager, rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

FONT = Path(__file__).parent.parent / "report" / "fonts" / "NotoSansSC-subset.otf"
SIZE = (5.8, 3.7)
DPI = 130

INK, MUTED, GRID = "#1b2430", "#66717e", "#e4e8ec"
BLUE, RED, GREEN, GOLD = "#0b5c8e", "#c8500a", "#0a8f6c", "#d99a1c"
WIDE_BAND, NARROW_BAND, LOSS = "#d5e5f0", "#9cc3de", "#e9b08f"
# After Okabe and Ito: told apart with every kind of colour blindness, and by lightness in print.
SEQUENCE = ("#0b5c8e", "#0a8f6c", "#d99a1c", "#5aa9d6", "#a8578f", "#4a4f57", "#c8500a", "#b9c0c7")

_SETTINGS: Any = {
    "font.family": ["DejaVu Sans", "Noto Sans SC"],
    "font.size": 9.0,
    "text.parse_math": False,
    "text.color": INK,
    "axes.unicode_minus": True,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": MUTED,
    "axes.labelsize": 8.5,
    "axes.linewidth": 0.8,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "axes.titlesize": 11.5,
    "axes.titleweight": "normal",
    "axes.titlepad": 12,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "xtick.major.size": 3,
    "ytick.major.size": 0,
    "lines.linewidth": 1.8,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "svg.fonttype": "path",
    "svg.hashsalt": "fundsim",
}


@cache
def _add_font() -> None:
    font_manager.fontManager.addfont(FONT)


@contextmanager
def styled() -> Iterator[None]:
    """Settings of all figures, for as long as something is drawn."""
    _add_font()
    with rc_context(_SETTINGS):
        yield


class ShownAxes(Axes):
    """Axes that show their figure in a notebook without pyplot."""

    def _repr_png_(self) -> bytes:
        figure = self.get_figure(root=True)
        assert figure is not None
        target = BytesIO()
        with styled():
            figure.savefig(target, format="png", dpi=110)
        return target.getvalue()


@contextmanager
def drawing(ax: Axes | None, size: tuple[float, float] = SIZE) -> Iterator[Axes]:
    """The given axes, or new ones on a figure of their own, under the house's settings."""
    with styled():
        if ax is None:
            figure = Figure(figsize=size)
            ax = figure.add_subplot(axes_class=ShownAxes)
            yield ax
            _fit(figure, ax)
        else:
            yield ax


def _fit(figure: Figure, ax: Axes) -> None:
    # The layout engines measure every text by rendering it; counting widths is some fifty times faster.
    width, height = figure.get_size_inches()
    names = [text.get_text() for text in ax.get_yticklabels()]
    left = max([text_width(name) for name in names], default=0.0) * 0.072 + 0.14
    left += 0.22 if ax.get_ylabel() else 0.0
    right = max(getattr(ax, "right_inches", 0.12), _beyond_the_end(ax))
    bottom = 0.52 if ax.get_xlabel() else 0.30
    top = 0.58 if hasattr(ax, "subtitle") else 0.42
    figure.subplots_adjust(
        left=left / width, right=1 - right / width, bottom=bottom / height, top=1 - top / height
    )
    # Headings start at the edge of the sheet, not of the axes, so that long ones fit.
    edge = (0.14 - left) / (width - left - right)
    # With a height given it is not sought, which would lay out all ticks once more for each format.
    ax.set_title(ax.get_title(loc="left"), loc="left", x=edge, y=1.0, pad=_title_pad(ax))
    if hasattr(ax, "subtitle"):
        ax.subtitle.xy = (edge, 1)


def _beyond_the_end(ax: Axes) -> float:
    """Inches that the name of a tick at the right end of the axes reaches beyond it."""
    low, high = ax.get_xlim()
    at_end = [
        text_width(text.get_text())
        for place, text in zip(ax.get_xticks(), ax.get_xticklabels(), strict=True)
        if high > low and (place - low) / (high - low) > 0.99
    ]
    return 0.072 * max(at_end) / 2 + 0.04 if at_end else 0.0


def heading(ax: Axes, title: str, subtitle: str = "") -> None:
    """The title, and under it in small print what it is about."""
    if subtitle:
        text = ax.annotate(
            subtitle,
            (0, 1),
            xycoords="axes fraction",
            xytext=(0, 7),
            textcoords="offset points",
            fontsize=8.5,
            color=MUTED,
            annotation_clip=False,
        )
        ax.subtitle = text  # type: ignore[attr-defined]
    ax.set_title(title, loc="left", pad=_title_pad(ax))


def _title_pad(ax: Axes) -> float:
    return 22.0 if hasattr(ax, "subtitle") else 12.0


def reserve_right(ax: Axes, labels: Sequence[str]) -> None:
    """Keep room to the right of the axes for labels at the ends of lines."""
    ax.right_inches = max([text_width(label) for label in labels], default=0.0) * 0.072 + 0.18  # type: ignore[attr-defined]


def text_width(text: str) -> float:
    """Width of a text in narrow characters; East Asian wide characters count two."""
    return float(sum(1.75 if unicodedata.east_asian_width(c) in "WF" else 1.0 for c in text))


def shorten(text: str, width: float = 30) -> str:
    """The text, cut with an ellipsis where it is wider than `width` narrow characters."""
    if text_width(text) <= width:
        return text
    while text and text_width(text) > width - 1:
        text = text[:-1]
    return text.rstrip() + "…"


def label_ends(ax: Axes, x: float, entries: Sequence[tuple[float, str, str]], gap: float = 0.065) -> None:
    """Write labels (value, text, colour) right of `x`, moved apart where they would overlap."""
    low, high = ax.get_ylim()
    step = gap * (high - low)
    last = -float("inf")
    for value, text, colour in sorted(entries):
        last = max(value, last + step)
        ax.annotate(
            text,
            (x, last),
            xytext=(5, 0),
            textcoords="offset points",
            color=colour,
            va="center",
            fontsize=8.5,
            annotation_clip=False,
        )
    reserve_right(ax, [text for _, text, _ in entries])


def typeset(number: str) -> str:
    """A written number with a real minus sign."""
    return number.replace("-", "−")


def note(ax: Axes, text: str) -> None:
    """A line of small print above the axes, at the right."""
    ax.text(1.0, 1.015, text, transform=ax.transAxes, ha="right", va="bottom", fontsize=7.5, color=MUTED)


def per_cent(axis: Any) -> None:
    """Tick labels as percentages."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.3g}%".replace("-", "−")))


def multiples(axis: Any) -> None:
    """Tick labels as multiples."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.3g}×".replace("-", "−")))


def rows(ax: Axes, names: Sequence[str]) -> None:
    """Horizontal rows, the first on top, each with its name."""
    ax.set_yticks(range(len(names)), [shorten(name) for name in names])
    ax.tick_params(axis="y", labelcolor=INK)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.grid(axis="y", visible=False)
    ax.spines["left"].set_visible(False)
