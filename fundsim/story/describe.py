"""Owns the description of a scenario in words: the tree of
vehicles, the market, and what is taken for granted.
"""

from collections.abc import Iterable, Iterator

from fundsim.scenario import Scenario
from fundsim.scenario.assumptions import assumptions
from fundsim.scenario.market import Window
from fundsim.scenario.sectors import Sector
from fundsim.scenario.vehicles import Vehicle
from fundsim.story.layout import SEMICOLON, WIDTH, columns, cut, display_width, wrap
from fundsim.story.phrases import (
    assumed,
    exit_phrases,
    listed,
    mandate_phrases,
    obligation_phrases,
    pool_phrases,
    rate,
    terms_phrases,
)
from fundsim.story.property import property_lines, purchase_phrases
from fundsim.vocabulary import InvestorKind
from fundsim.words import label, unit_label
from fundsim.words.evidence import source_text
from fundsim.words.numbers import amount, percent, title

NAME_WIDTH = 34


def describe(scenario: Scenario, lang: str = "en") -> str:
    """A scenario in words at 80 columns.

    The tree of vehicles with who commits what, their terms, mandates, exits and obligations; the market,
    the park and its property; the defaults and presets in use with their evidence, the weakest first.

    Parameters
    ----------
    scenario : Scenario
        A scenario.
    lang : {"en", "zh"}
        The language.
    """
    lines = [*_head(scenario, lang), "", *_heading(label("describe.vehicles", lang))]
    told: set[str] = set()
    for vehicle in scenario.vehicles:
        if not any(investor.is_vehicle for investor in vehicle.investors):
            lines += _tree(scenario, vehicle, lang, told, "", "", "")
    lines += ["", *_heading(label("describe.market", lang)), *_market(scenario, lang)]
    if scenario.property_ is not None:
        items = [line for text in property_lines(scenario, lang) for line in _item(text)]
        lines += ["", *_heading(label("describe.property", lang)), *items]
    lines += ["", *_heading(label("report.assumptions", lang)), *_evidence(scenario, lang)]
    return "\n".join(line.rstrip() for line in lines)


def _heading(text: str) -> list[str]:
    return [text, "─" * WIDTH]


def _head(scenario: Scenario, lang: str) -> list[str]:
    name = title(scenario, lang)
    lines = wrap(name if name == scenario.name else f"{name} ({scenario.name})")
    if scenario.description is not None:
        lines += wrap(scenario.description.in_language(lang) or "")
    frame = label(
        "describe.frame",
        lang,
        start=scenario.start,
        years=scenario.horizon_years,
        months=12 // scenario.periods_per_year,
        paths=scenario.run.paths,
        seed=scenario.run.seed,
        unit=unit_label(scenario.currency.code, scenario.currency.unit, lang),
    )
    drawn = [label(f"describe.{name}", lang) for name in scenario.run.variance_reductions]
    return [*lines, *wrap((" " if lang == "en" else "").join([frame, *drawn]))]


def _tree(
    scenario: Scenario, vehicle: Vehicle, lang: str, told: set[str], lead: str, first: str, rest: str
) -> Iterator[str]:
    """A vehicle and what it holds; a vehicle with several parents is described under the first."""
    if vehicle.name in told:
        yield cut(f"{lead}{first}{title(vehicle, lang)} {label('describe.also_in', lang)}", WIDTH)
        return
    told.add(vehicle.name)
    children = scenario.children(vehicle.name)
    inner = lead + rest
    yield from wrap(_title_line(scenario, vehicle, lang), first=lead + first, rest=inner + "  ")
    stem = inner + ("│ " if children else "  ")
    yield from _investors(scenario, vehicle, lang, stem)
    yield from _rules(scenario, vehicle, lang, stem)
    for n, child in enumerate(children):
        is_last = n == len(children) - 1
        yield inner + "│"
        yield from _tree(
            scenario, child, lang, told, inner, "└─ " if is_last else "├─ ", "   " if is_last else "│  "
        )


def _title_line(scenario: Scenario, vehicle: Vehicle, lang: str) -> str:
    kinds = [label(f"vehicle_kind.{vehicle.kind}", lang)]
    if vehicle.strategy not in ("mixed", vehicle.kind):
        kinds.append(label(f"strategy.{vehicle.strategy}", lang))
    kinds.append(label("describe.size", lang, size=amount(vehicle.size)))
    if vehicle.start is not None and vehicle.start != scenario.start:
        kinds.append(label("describe.since", lang, date=vehicle.start))
    return f"{title(vehicle, lang)} · " + " · ".join(kinds)


def _investors(scenario: Scenario, vehicle: Vehicle, lang: str, stem: str) -> Iterator[str]:
    room = NAME_WIDTH - min(display_width(stem), 14)
    rows = [
        [
            cut(scenario.title_of(investor.label, lang), room),
            label(f"investor_kind.{investor.kind or InvestorKind.IN_CLUSTER.word}", lang),
            amount(investor.commitment),
            percent(investor.commitment / vehicle.size),
        ]
        for investor in vehicle.investors
    ]
    yield from (f"{stem}  {line}" for line in columns(rows, [False, False, True, True]))


def _rules(scenario: Scenario, vehicle: Vehicle, lang: str, stem: str) -> Iterator[str]:
    blocks: list[tuple[str, Iterable[str]]] = [("terms", terms_phrases(vehicle.terms, lang))]
    if vehicle.mandate is not None:
        blocks.append(("buys", mandate_phrases(vehicle.mandate, scenario, lang)))
    if vehicle.pool is not None:
        blocks.append(("buys", pool_phrases(vehicle.pool, lang)))
    if vehicle.property_ is not None:
        blocks.append(("buys", purchase_phrases(vehicle.property_, scenario, lang)))
    blocks.append(("sells", exit_phrases(vehicle.exits, lang)))
    blocks.append(("owes", obligation_phrases(vehicle.obligations, lang)))
    for name, phrases in blocks:
        text = SEMICOLON[lang].join(phrases)
        if text:
            yield from wrap(label(f"describe.{name}", lang, text=text), first=stem, rest=stem + "  ")


def _market(scenario: Scenario, lang: str) -> Iterator[str]:
    index, window = scenario.market.index, scenario.market.window
    yield from _item(
        label("describe.index", lang, drift=rate(index.drift), volatility=rate(index.volatility))
    )
    titles = {state.name: title(state, lang) for state in window.states}
    initial = titles.get(window.initial, label("describe.stationary", lang))
    words = [label("describe.window", lang, states=listed(list(titles.values()), lang), initial=initial)]
    words += [label("describe.history", lang, state=titles[e.state], date=e.from_) for e in window.history]
    yield from _item(SEMICOLON[lang].join(words))
    for sector in scenario.sectors:
        stages = " → ".join(title(stage, lang) for stage in sector.stages)
        preset = "" if sector.preset is None else " " + label("describe.preset", lang, preset=sector.preset)
        yield from _item(label("describe.sector", lang, name=title(sector, lang), stages=stages) + preset)
        yield from (line for text in _filings(sector, window, titles, lang) for line in _item(text))
    for stream in scenario.park.streams:
        stage = scenario.sector(stream.sector).stage(stream.stage)
        text = label(
            "describe.stream",
            lang,
            name=stream.name,
            stage=title(stage, lang) if stage else stream.stage,
            number=stream.per_year,
            growth=rate(stream.growth),
        )
        yield from _item(text)


def _filings(sector: Sector, window: Window, titles: dict[str, str], lang: str) -> Iterator[str]:
    """Of the firms that end a stage in which firms list, the share that files at once in each state (3.3)."""
    for stage in sector.stages:
        odds = stage.outcomes
        if odds.listing == 0:
            continue
        most = odds.listing + odds.stall
        total = most + odds.advance + odds.merger + odds.failure
        shares = [
            f"{titles[state.name]} {percent(min(state.listing_rate * odds.listing, most) / total)}"
            for state in window.states
        ]
        yield label("describe.filings", lang, stage=title(stage, lang), shares=listed(shares, lang))


def _item(text: str) -> list[str]:
    return wrap(text, rest="  ")


def _evidence(scenario: Scenario, lang: str) -> Iterator[str]:
    grade = ""
    for entry in assumptions(scenario):
        if entry.evidence.grade != grade:
            grade = entry.evidence.grade
            meaning = label(f"evidence.{grade}", lang)
            yield label("describe.grade", lang, grade=label(f"grade.{grade}", lang), meaning=meaning)
        yield from wrap(f"{entry.path} = {assumed(entry, lang)}", first="  ", rest="      ")
        yield from wrap(source_text(entry.evidence.source, lang), first="      ")
