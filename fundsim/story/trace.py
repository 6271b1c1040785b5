"""Owns the story of one path: the window, every round bought and
sold, and the cash of each vehicle, year by year.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from fundsim.scenario import Scenario
from fundsim.story.layout import COMMA, WIDTH, display_width, pad, wrap
from fundsim.story.phrases import rate, stage_title
from fundsim.story.property import known_title
from fundsim.vocabulary import EventField, EventKind
from fundsim.words import label, unit_label
from fundsim.words.numbers import amount, title

if TYPE_CHECKING:
    import pandas as pd

    from fundsim.results import Trace

SUMMED = (EventKind.CALL, EventKind.DISTRIBUTION, EventKind.FEE, EventKind.CARRY)
"""What is summed by vehicle and year; the window stands in the year's head, all else is told one by one."""
WINDOW = EventKind.WINDOW.word


def trace_story(trace: Trace, lang: str = "en") -> str:
    """One path in words and amounts, at 80 columns.

    Parameters
    ----------
    trace : Trace
        As `results.trace(path)` returns it.
    lang : {"en", "zh"}
        The language.
    """
    scenario, events = trace.scenario, trace.events
    unit = unit_label(scenario.currency.code, scenario.currency.unit, lang)
    lines = wrap(label("trace.head", lang, path=trace.path, name=title(scenario, lang), unit=unit))
    if events.empty:
        return "\n".join([*lines, label("trace.nothing", lang)])
    years = events["date"].dt.year
    state = ""
    for year, of_year in events.groupby(years, sort=True):
        states = [state, *of_year[of_year["kind"] == WINDOW]["state"]]
        lines += ["", *_year(scenario, int(year), of_year, states, lang)]
        state = states[-1]
    lines += ["", label("trace.total", lang), "─" * WIDTH, *_sums(scenario, events, lang)]
    return "\n".join(line.rstrip() for line in lines)


def _year(scenario: Scenario, year: int, events: pd.DataFrame, states: list[str], lang: str) -> Iterator[str]:
    """A year; `states` are the window's, the first being that of the year before."""
    titles = {state.name: title(state, lang) for state in scenario.market.window.states}
    seen = [
        titles.get(state, state) for n, state in enumerate(states) if state and state not in states[:n][-1:]
    ]
    head = label("trace.year", lang, year=year)
    window = label(EventKind.WINDOW.label_key, lang, state=" → ".join(seen))
    yield f"{head} · {window}" if seen else head
    told = events[~events["kind"].isin([*(kind.word for kind in SUMMED), WINDOW])]
    lines = [line for event in told.itertuples() for line in _event(scenario, event, lang)]
    lines += _sums(scenario, events, lang)
    yield from ["─" * WIDTH, *lines] if lines else []


def _event(scenario: Scenario, event: Any, lang: str) -> list[str]:
    """An event's lines: its day, its sentence, and to the right its amount."""
    value = _amount(event.amount) if not math.isnan(event.amount) else ""
    lines = wrap(_sentence(scenario, event, lang), WIDTH - 12, first=f"  {event.date:%m-%d}  ")
    return [
        *lines[:-1],
        pad(lines[-1], WIDTH - max(display_width(value), 10)) + pad(value, 10, to_right=True),
    ]


def _sentence(scenario: Scenario, event: Any, lang: str) -> str:
    """The sentence of an event's kind; a flag that is set has a sentence of its own."""
    kind = EventKind[event.kind.upper()]
    words = {field.word: _told(scenario, field, getattr(event, field.word), lang) for field in kind.fields}
    key = kind.label_key
    if kind.flag is not None and getattr(event, kind.flag.word):
        key += f"_{kind.flag.word}"
    return label(key, lang, **words)


def _told(scenario: Scenario, field: EventField, value: Any, lang: str) -> str:
    """The value of a field in a sentence."""
    match field:
        case EventField.VEHICLE | EventField.COUNTERPART:
            return _named(scenario, value, lang)
        case EventField.STAGE:
            return stage_title(scenario, [sector.name for sector in scenario.sectors], value, lang)
        case EventField.CHANNEL:
            return label(f"channel.{value}", lang)
        case EventField.SHARE:
            return rate(value)
    return f"{value:.4g}" if field.role == "amount" else str(value)


def _sums(scenario: Scenario, events: pd.DataFrame, lang: str) -> Iterator[str]:
    """Cash of each vehicle: what it called, distributed, and paid its manager."""
    summed = events[events["kind"].isin([kind.word for kind in SUMMED])]
    sums = summed.groupby(["vehicle", "kind"])["amount"].sum().to_dict()
    for vehicle in scenario.vehicles:
        own = {kind: sums.get((vehicle.name, kind.word), 0.0) for kind in SUMMED}
        flows = [label(kind.label_key, lang, amount=_amount(own[kind])) for kind in SUMMED if own[kind] != 0]
        if flows:
            text = COMMA[lang].join(flows)
            yield from wrap(
                label("trace.sums", lang, vehicle=title(vehicle, lang), flows=text), first="  ", rest="    "
            )


def _amount(value: float) -> str:
    """An amount with enough digits for early rounds, which are small in the unit of a fund."""
    return amount(value, 4 if abs(value) < 1 else None)


def _named(scenario: Scenario, name: str, lang: str) -> str:
    """A title of a vehicle or of property, or the name of an investor or enterprise."""
    source, _, number = name.rpartition(" #")
    finder = scenario.finder_of(source)
    if lang != "en" and finder is not None:  # names of enterprises are English as they stand
        return label("trace.outside", lang, vehicle=title(finder, lang), number=number)
    found = scenario.title_of(name, lang)
    return known_title(scenario, name, lang) if found == name else found
