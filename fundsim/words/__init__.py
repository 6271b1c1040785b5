"""Owns every word that fundsim shows to a user, in English and Chinese.

A label is named by a dotted key, `group.name`; the groups are the sections of the catalogue below. What a
user names himself (vehicles, sectors, stages, boards) carries its own title in the scenario and is not
here.
"""

import math
import re
from difflib import get_close_matches
from typing import NamedTuple

from fundsim.words.calibration import CALIBRATION
from fundsim.words.columns import COLUMNS
from fundsim.words.command_line import COMMAND_LINE
from fundsim.words.comparison import COMPARISON
from fundsim.words.events import EVENTS
from fundsim.words.fields import FIELDS
from fundsim.words.figures import FIGURES
from fundsim.words.numbers import NOTHING, amount
from fundsim.words.property import PROPERTY
from fundsim.words.report import QUESTIONS, REPORT
from fundsim.words.story import STORY
from fundsim.words.vocabulary import CHECKS, KINDS, LEVERAGE, MEASURES
from fundsim.words.warnings import WARNINGS

LANGUAGES = ("en", "zh")
_SCALES = ((1e9, " billion"), (1e6, " million"))


class Label(NamedTuple):
    """One label in both languages; both have the same {placeholders}."""

    en: str
    zh: str


_ONE = re.compile(
    r"(?<![\d.,–])(?<!\+ )\b(1 (?:idle |planned |outside "
    r")?(?:deal|investor|path|period|problem|vehicle|year))s\b"
)
"""One of what labels count, in English, with the s that it must lose."""


def label(key: str, lang: str = "en", /, **values: object) -> str:
    """The label named `key` in language `lang`, its placeholders filled with `values`.

    Parameters
    ----------
    key : str
        `group.name`, such as `measure.net_irr`.
    lang : {"en", "zh"}
        The language.
    **values
        One value for each {placeholder}, already formatted or formattable as the label says.

    Raises
    ------
    KeyError
        If no label has this key, if `lang` is not a language, or if a placeholder has no value.
    """
    if lang not in LANGUAGES:
        raise KeyError(f"no language {lang!r}; there are {', '.join(LANGUAGES)}")
    if key not in LABELS:
        near = get_close_matches(key, LABELS, n=1)
        raise KeyError(f"no label {key!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
    text: str = getattr(LABELS[key], lang)
    if "{" not in text:
        return text
    return _ONE.sub(r"\1", text.format(**values)) if lang == "en" else text.format(**values)


def names(group: str) -> tuple[str, ...]:
    """The names in a group, in the order of the catalogue; `names("measure")` starts with `net_irr`.

    Raises
    ------
    KeyError
        If there is no such group.
    """
    found = tuple(key.removeprefix(f"{group}.") for key in LABELS if key.startswith(f"{group}."))
    if not found:
        raise KeyError(f"no group of labels {group!r}")
    return found


def unit_label(code: str, unit: float, lang: str = "en", /) -> str:
    """The unit of amounts, such as `CNY 100 million` or `亿元`,
    for a currency's code and a scenario's unit.
    """
    currency = label(f"currency.{code}", lang) if f"currency.{code}" in LABELS else code
    key = f"unit.{unit:.0f}"
    return label(key if key in LABELS else "unit.other", lang, currency=currency, unit=f"{unit:,g}")


def money(value: float, code: str, unit: float, lang: str = "en", /) -> str:
    """An amount of `value` units with its currency, such as `CNY 2.80 billion` or `28.00亿元`."""
    if lang == "zh" or not math.isfinite(value):
        return f"{amount(value)}{unit_label(code, unit, lang)}" if math.isfinite(value) else NOTHING
    size = abs(value) * unit
    scale, name = next(((s, n) for s, n in _SCALES if size >= s), (1.0, ""))
    return (
        f"{label(f'currency.{code}', lang) if f'currency.{code}' in LABELS else code} "
        f"{amount(value * unit / scale)}{name}"
    )


LABELS: dict[str, Label] = {
    key: Label(*texts)
    for section in (
        MEASURES,
        LEVERAGE,
        KINDS,
        CHECKS,
        COLUMNS,
        FIGURES,
        QUESTIONS,
        REPORT,
        STORY,
        EVENTS,
        PROPERTY,
        WARNINGS,
        COMMAND_LINE,
        CALIBRATION,
        COMPARISON,
        FIELDS,
    )
    for key, texts in section.items()
}
