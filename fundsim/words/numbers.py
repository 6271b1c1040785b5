"""Owns how numbers, amounts and the names that a user gave are written."""

import math
from typing import Protocol

NOTHING = "–"


class InTwoLanguages(Protocol):
    """A text in two languages."""

    def in_language(self, language: str) -> str | None: ...


class Titled(Protocol):
    """Something that a user named, with an optional title in two languages."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> InTwoLanguages | None: ...


def title(named: Titled, lang: str = "en") -> str:
    """The title of what a user named, else its name."""
    return (named.title.in_language(lang) if named.title is not None else None) or named.name


def percent(value: float | None, digits: int = 1) -> str:
    """A decimal as a percentage; a dash where it is undefined."""
    if value is None or not math.isfinite(value):
        return NOTHING
    text = f"{100 * value:.{digits}f}%"
    return text.lstrip("-") if float(text[:-1]) == 0 else text


def multiple(value: float | None, digits: int = 2) -> str:
    """A multiple such as 1.45×; a dash where it is undefined."""
    if value is None or not math.isfinite(value):
        return NOTHING
    return f"{value:.{digits}f}×"


def amount(value: float | None, digits: int | None = None) -> str:
    """An amount with thousands separated; two decimals below 100, one below 10,000, none above."""
    if value is None or not math.isfinite(value):
        return NOTHING
    if digits is None:
        digits = 2 if abs(value) < 100 else 1 if abs(value) < 10_000 else 0
    text = f"{value:,.{digits}f}"
    return text.lstrip("-") if not any(c in "123456789" for c in text) else text
