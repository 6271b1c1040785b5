"""Owns the setting of plain text: widths of mixed scripts, wrapping, columns."""

import re
import unicodedata
from collections.abc import Sequence

WIDTH = 80
# What stands between the words of a list, and between clauses.
COMMA = {"en": ", ", "zh": "、"}
SEMICOLON = {"en": "; ", "zh": "；"}
# Marks that Chinese typesetting keeps off the start of a line.
_NO_START = "，。；：、）》」！？％%,.;:)"
_NO_END = "（《「("


def display_width(text: str) -> int:
    """Columns that a text takes in a terminal; East Asian wide characters count two, combining ones none."""
    return sum(_columns(c) for c in text)


def _columns(c: str) -> int:
    if unicodedata.combining(c):
        return 0
    return 2 if unicodedata.east_asian_width(c) in "WF" else 1


def cut(text: str, width: int) -> str:
    """The text, or its beginning and an ellipsis where it is wider than `width` columns."""
    if display_width(text) <= width:
        return text
    kept, used = "", 0
    for c in text:
        used += _columns(c)
        if used > width - 1:
            break
        kept += c
    return kept.rstrip() + "…"


def pad(text: str, width: int, to_right: bool = False) -> str:
    """The text filled with spaces to `width` columns."""
    fill = " " * max(width - display_width(text), 0)
    return fill + text if to_right else text + fill


def wrap(text: str, width: int = WIDTH, first: str = "", rest: str | None = None) -> list[str]:
    """Lines of at most `width` columns, the first led by `first`, the others by `rest` (by default blanks).

    Western words stay whole unless one alone is wider than a line; Chinese may break between any two
    characters.
    """
    rest = " " * display_width(first) if rest is None else rest
    lines: list[str] = []
    lead, row = first, list[str]()
    for piece in _pieces(text, max(width - display_width(rest), 8)):
        if row and display_width(lead + "".join(row) + piece.rstrip()) > width:
            # A mark that must not open a line takes its word along, a bracket that must not end one goes too.
            start = len(row)
            while start > 1 and ([*row, piece][start][0] in _NO_START or row[start - 1][-1] in _NO_END):
                start -= 1
            lines.append((lead + "".join(row[:start])).rstrip())
            lead, row = rest, row[start:]
        row.append(piece if row else piece.lstrip())
    return [*lines, (lead + "".join(row)).rstrip()]


def _pieces(text: str, width: int) -> list[str]:
    pieces = []
    for word in re.findall(r"[\u2e80-\u9fff\uff00-\uffef]|[^\s\u2e80-\u9fff\uff00-\uffef]+\s*|\s+", text):
        while display_width(word) > width:
            head = cut(word, width + 1)[:-1] or word[:1]
            pieces.append(head)
            word = word[len(head) :]
        if word:
            pieces.append(word)
    return pieces


def columns(rows: Sequence[Sequence[str]], right: Sequence[bool], gap: str = "  ") -> list[str]:
    """Rows of cells in columns as wide as their widest cell; `right` says which are set to the right."""
    widths = [max(display_width(row[n]) for row in rows) for n in range(len(right))] if rows else []
    return [gap.join(pad(cell, widths[n], right[n]) for n, cell in enumerate(row)).rstrip() for row in rows]
