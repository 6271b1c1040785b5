"""Owns the story of one path: the window, every round bought and
sold, and the cash of each vehicle, year by year.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol

from fundsim.scenario import Scenario
from fundsim.story.layout import COMMA, WIDTH, display_width, pad, wrap
from fundsim.story.property import known_title
from fundsim.words import LABELS, label, unit_label
from fundsim.words.numbers import amount, title

if TYPE_CHECKING:
    import pandas as pd

# What is summed by vehicle and year; everything else is told one by one.
SUMMED = {"call": "called", "distribution": "distributed", "fee": "fees", "carry": "carry"}
PROPERTY = (
    "building", "completion", "refinancing", "project_sale", "resale", "project_listing", "enforcement",
    "cash_trap", "cash_release", "reit_listing", "follow_on_offering", "dividend", "purchase",
)  # fmt: skip
TOLD = ("closing", "deal", "follow_on", "exit", "end", "interest", "lost_deals", *PROPERTY)
WINDOW = "window"
_PHRASES = (
    (re.compile(r"raised (?P<raised>\S+) at (?P<pre>\S+) pre-money"), "trace.round"),
    (re.compile(r"credited to the park"), "trace.credited"),
    (re.compile(r"cost (?P<cost>\S+)"), "trace.cost"),
    (re.compile(r"started"), "trace.started"),
    (re.compile(r"not started"), "trace.not_started"),
    (re.compile(r"from recycled money"), "trace.recycled"),
    (re.compile(r"value (?P<value>\S+)"), "trace.value"),
    (re.compile(r"book (?P<book>\S+)"), "trace.book"),
    (re.compile(r"owner's cash (?P<cash>\S+)"), "trace.owner_cash"),
    (re.compile(r"(?P<units>\S+) units"), "trace.units"),
    (re.compile(r"price (?P<price>\S+)"), "trace.unit_price"),
    (re.compile(r"share (?P<share>\S+)"), "trace.share"),
)


class Trace(Protocol):
    """What happens on one path; `events` has the columns date, kind, vehicle, counterpart, amount, detail."""

    @property
    def path(self) -> int: ...

    @property
    def scenario(self) -> Scenario: ...

    @property
    def events(self) -> pd.DataFrame: ...


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
        states = [state, *of_year[of_year["kind"] == WINDOW]["detail"]]
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
    key = "trace.year" if seen else "trace.year_only"
    yield label(key, lang, year=year, states=" → ".join(seen))
    told = events[~events["kind"].isin([*SUMMED, WINDOW])]
    lines = [line for event in told.itertuples() for line in _event(scenario, event, lang)]
    lines += _sums(scenario, events, lang)
    yield from ["─" * WIDTH, *lines] if lines else []


def _event(scenario: Scenario, event: Any, lang: str) -> list[str]:
    words = {
        "vehicle": _named(scenario, event.vehicle, lang),
        "other": _named(scenario, event.counterpart, lang),
    }
    if event.kind in TOLD:
        text = label(f"trace.{event.kind}", lang, **words)
    else:
        text = label("trace.other", lang, kind=str(event.kind).replace("_", " "), **words).rstrip()
    detail = _detail(scenario, event.detail, lang)
    text += (f"（{detail}）" if lang == "zh" else f" ({detail})") if detail else ""
    value = _amount(event.amount) if not math.isnan(event.amount) else ""
    lead = f"  {event.date:%m-%d}  "
    lines = wrap(text, WIDTH - 12, first=lead)
    return [
        *lines[:-1],
        pad(lines[-1], WIDTH - max(display_width(value), 10)) + pad(value, 10, to_right=True),
    ]


def _sums(scenario: Scenario, events: pd.DataFrame, lang: str) -> Iterator[str]:
    """Cash of each vehicle: what it called, distributed, and paid its manager."""
    summed = events[events["kind"].isin(SUMMED)]
    for vehicle in scenario.vehicles:
        own = summed[summed["vehicle"] == vehicle.name].groupby("kind")["amount"].sum()
        flows = [
            label(f"trace.{word}", lang, amount=_amount(own[kind]))
            for kind, word in SUMMED.items()
            if kind in own.index and own[kind] != 0
        ]
        if flows:
            text = COMMA[lang].join(flows)
            yield from wrap(
                label("trace.sums", lang, vehicle=title(vehicle, lang), flows=text), first="  ", rest="    "
            )


def _amount(value: float) -> str:
    """An amount with enough digits for early rounds, which are small in the unit of a fund."""
    return amount(value, 4 if abs(value) < 1 else None)


def _named(scenario: Scenario, name: Any, lang: str) -> str:
    """A title of a vehicle or of property, or the name of an
    investor or enterprise; nothing where none is given.
    """
    if not isinstance(name, str) or not name:
        return ""
    found = scenario.title_of(name, lang)
    return known_title(scenario, name, lang) if found == name else found


def _detail(scenario: Scenario, detail: Any, lang: str) -> str:
    """The detail of an event, its parts in the user's language."""
    parts = detail.split("; ") if isinstance(detail, str) and detail else []
    return ("，" if lang == "zh" else ", ").join(_part(scenario, part, lang) for part in parts)


def _part(scenario: Scenario, part: str, lang: str) -> str:
    if f"channel.{part}" in LABELS:
        return label(f"channel.{part}", lang)
    for pattern, key in _PHRASES:
        if found := pattern.fullmatch(part):
            return label(key, lang, **found.groupdict())
    stages = [stage for sector in scenario.sectors if (stage := sector.stage(part)) is not None]
    return title(stages[0], lang) if stages else part
