"""Owns a comparison as text: what differs between the scenarios, by
how much the figures do, and what must be known beside them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from fundsim.scenario.principal import foremost
from fundsim.story.changes import change_sentences, changes_between
from fundsim.story.layout import COMMA, WIDTH, columns, cut, display_width, pad, wrap
from fundsim.story.phrases import listed
from fundsim.vocabulary import ALL
from fundsim.words import label
from fundsim.words.numbers import NOTHING, amount, multiple, percent, title

if TYPE_CHECKING:
    import pandas as pd

    from fundsim.experiments.comparison import Comparison

MOST_CHANGES = 16
MOST_VEHICLES = 6
NONE, NOISE = "none", "noise"
_PERCENTAGES = frozenset({"net_irr", "loss", "dpi_loss"})
_SHOWN_YEARS = {"calls_by_year": (1, 2, 3, 4, 5), "dpi_by_year": (3, 5, 7, 10, 13)}
_LEAST_NAME = 12
_MOST_DIGITS = 5
_NAME_WIDTH = 9

Row = dict[str, Any]


def comparison_text(comparison: Comparison, lang: str = "en", width: int = WIDTH) -> str:
    """A comparison at `width` columns, one part for each scenario beside the base."""
    lines: list[str] = []
    for name in comparison.others:
        lines += [*_part(comparison, name, lang, width), ""]
    lines += _heading(label("compare.notes", lang), width)
    lines += [line for note in notes_of(comparison, lang) for line in wrap(note, width, rest="  ")]
    return "\n".join(line.rstrip() for line in lines)


def comparison_html(comparison: Comparison, lang: str = "en") -> str:
    """A comparison for a notebook: what differs, the table, what must be known beside it."""
    parts: list[str] = []
    for name in comparison.others:
        parts.append(f"<h4>{escape(_head(comparison, name, lang))}</h4>")
        changes = changes_lines(comparison, name, lang)[:MOST_CHANGES]
        parts.append(_list_html(changes or [label("compare.nothing_differs", lang)]))
        heads = [comparison.base, name]
        heads += [label(f"compare.of_{one}", lang) for one in ("difference", "error", "verdict")]
        parts += ["<table>", _row_html("", heads, "th")]
        for subject, rows in subjects(comparison, name, lang):
            parts.append(f'<tr><th colspan="6" style="text-align:left">{escape(subject)}</th></tr>')
            parts += [_row_html(row_text(row, lang), cells_of(row, lang), "td") for row in rows]
        parts.append("</table>")
    return "\n".join([*parts, _list_html(notes_of(comparison, lang))])


def _list_html(lines: list[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"


def _row_html(name: str, cells: list[str], tag: str) -> str:
    return f"<tr><td>{escape(name)}</td>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in cells)}</tr>"


def _heading(text: str, width: int) -> list[str]:
    return [text, "─" * width]


def _head(comparison: Comparison, name: str, lang: str) -> str:
    paths, seed = comparison.n_paths, comparison.seed
    return label("compare.head", lang, other=name, base=comparison.base, paths=paths, seed=seed)


def _part(comparison: Comparison, name: str, lang: str, width: int) -> Iterator[str]:
    yield from wrap(_head(comparison, name, lang), width)
    yield ""
    yield from _heading(label("compare.what_differs", lang), width)
    sentences = changes_lines(comparison, name, lang)
    for sentence in sentences[:MOST_CHANGES] or [label("compare.nothing_differs", lang)]:
        yield from wrap(sentence, width, rest="  ")
    if len(sentences) > MOST_CHANGES:
        yield label("compare.more_changes", lang, n=len(sentences) - MOST_CHANGES)
    yield ""
    yield from _heading(label("compare.what_comes", lang), width)
    yield from _table(comparison, name, lang, width)


def changes_lines(comparison: Comparison, name: str, lang: str = "en") -> list[str]:
    """What a scenario has different from the base, a sentence each; equal changes of vehicles share one."""
    base, other = comparison.scenarios[comparison.base], comparison.scenarios[name]
    return change_sentences(changes_between(base, other), base, lang)


def _table(comparison: Comparison, name: str, lang: str, width: int) -> Iterator[str]:
    head = _short(comparison.base, name)
    head += [label(f"compare.of_{one}", lang) for one in ("difference", "error", "verdict")]
    names, cells, same, undefined = [""], [head], list[str](), list[str]()
    for subject, found in subjects(comparison, name, lang):
        rows = [row for row in found if math.isfinite(row["difference"])]
        if not rows:
            undefined.append(subject)
            continue
        if all(row["verdict"] == NONE for row in rows):
            same.append(subject)
            continue
        names += [subject, *("  " + row_text(row, lang) for row in rows)]
        cells += [[], *(cells_of(row, lang) for row in rows)]
    if len(cells) > 1:
        yield from _aligned(names, cells, width)
    if same:
        yield from wrap(label("compare.same", lang, names=COMMA[lang].join(same)), width, rest="  ")
    if undefined:
        yield from wrap(label("compare.no_pairs", lang, names=COMMA[lang].join(undefined)), width, rest="  ")
    if hidden := n_hidden(comparison):
        yield label("compare.more_vehicles", lang, n=hidden)


def n_hidden(comparison: Comparison, most: int = MOST_VEHICLES) -> int:
    """Number of the vehicles that are compared but not among the foremost."""
    return len({vehicle for vehicle, _ in comparison.rows}) - len(_vehicles(comparison, most))


def _short(*names: str) -> list[str]:
    """Names at the heads of columns; where they begin alike, by how they end."""
    short = [cut(name, _NAME_WIDTH) for name in names]
    if len(set(short)) == len(names):
        return short
    return [name if name in short else "…" + cut(name[::-1], _NAME_WIDTH)[-2::-1] for name in names]


def _aligned(names: list[str], cells: list[list[str]], width: int) -> Iterator[str]:
    """Names with their numbers, those without numbers being lines of their own."""
    numbers = columns([cell for cell in cells if cell], [True] * 4 + [False])
    room = max(width - max(map(display_width, numbers)) - 2, _LEAST_NAME)
    wide = max(min(display_width(name), room) for name, cell in zip(names, cells, strict=True) if cell)
    lines = iter(numbers)
    for name, cell in zip(names, cells, strict=True):
        yield f"{pad(cut(name, room), wide)}  {next(lines)}" if cell else cut(name, width)


def _vehicles(comparison: Comparison, most: int = MOST_VEHICLES) -> list[str]:
    """The foremost of the vehicles that are compared, in file order."""
    asked = list(dict.fromkeys(vehicle for vehicle, _ in comparison.rows))
    if len(asked) <= most:
        return asked
    first = foremost(comparison.scenarios[comparison.base], most)
    return [vehicle for vehicle in asked if vehicle in first] or asked[:most]


def subjects(
    comparison: Comparison, name: str, lang: str = "en", most: int = MOST_VEHICLES
) -> Iterator[tuple[str, list[Row]]]:
    """What the tables are about, with their rows: the foremost vehicles, their investors where these fare
    differently, the years of the first vehicle, leverage.
    """
    scenario = comparison.scenarios[comparison.base]
    for vehicle in _vehicles(comparison, most):
        called, fared = title(scenario.vehicle(vehicle), lang), dict[str, tuple[list[str], list[Row]]]()
        for investor in [one for held, one in comparison.rows if held == vehicle]:
            rows = rows_of(comparison.measures, name, vehicle=vehicle, investor=investor)
            rows = [{"figure": row["measure"], **row} for row in rows]
            who, _ = fared.setdefault(str([cells_of(row, lang) for row in rows]), ([], rows))
            who.append(scenario.title_of(investor, lang) if investor != ALL else label("investor.all", lang))
        for n, (who, rows) in enumerate(fared.values()):
            landing = rows_of(comparison.landing, name, vehicle=vehicle) if n == len(fared) - 1 else []
            rows += [{"figure": "landing", **row} for row in landing]
            yield called if len(fared) == 1 else f"{called} · {listed(who, lang)}", rows
    yield from _years(comparison, name, lang)
    leverage = [row for row in rows_of(comparison.leverage, name, money="fiscal") if row["base"] > 0.0]
    if moved := [row for row in leverage if row["verdict"] != NONE]:
        yield label("figure.leverage", lang), [{"figure": "leverage", **row} for row in moved]


def _years(comparison: Comparison, name: str, lang: str) -> Iterator[tuple[str, list[Row]]]:
    """Calls and DPI of some years of the foremost vehicle."""
    vehicle = _vehicles(comparison)[0]
    rows: list[Row] = []
    for figure in ("calls_by_year", "dpi_by_year"):
        found = rows_of(comparison.table(figure), name, vehicle=vehicle)
        last = max((row["year"] for row in found), default=0)
        investor = found[-1]["investor"] if found else ALL
        years = {*_SHOWN_YEARS[figure], *({last} if figure == "dpi_by_year" else ())}
        shown = [row for row in found if row["investor"] == investor and row["year"] in years]
        rows += [{"figure": figure, **row} for row in shown if row["verdict"] != NONE]
    if rows:
        called = title(comparison.scenarios[comparison.base].vehicle(vehicle), lang)
        yield label("compare.by_year", lang, name=called), rows


def rows_of(frame: pd.DataFrame, name: str, **keys: str) -> list[Row]:
    """Rows of a frame about a scenario and some keys."""
    wanted = frame["scenario"] == name
    for column, value in keys.items():
        wanted &= frame[column] == value
    return [{str(key): value for key, value in row.items()} for row in frame[wanted].to_dict("records")]


def figure_text(row: Row, lang: str = "en") -> str:
    """What a figure of a row of `Comparison.differences` is called."""
    if row["figure"] == "leverage":
        definition, basis = row["definition"], row["basis"]
        return f"{label(f'leverage_short.{definition}', lang)} ({label(f'basis_short.{basis}', lang)})"
    year = {"year": int(row["year"])} if row["figure"].endswith("by_year") else {}
    return label(f"compare.figure_{row['figure']}", lang, **year)


def row_text(row: Row, lang: str = "en") -> str:
    """What a row is called in a table: its figure, and the pairs that count where some do not."""
    text = figure_text(row, lang)
    if row["is_bound"] or not row["undefined"]:
        return text
    return label("compare.of_pairs", lang, figure=text, paths=row["paths"])


def cells_of(row: Row, lang: str = "en") -> list[str]:
    """Base, other, difference, error and verdict of a row as they are shown."""
    is_percentage = row["figure"] in _PERCENTAGES
    scale = 100.0 if is_percentage else 1.0
    moved, error = scale * row["difference"], scale * row["standard_error"]
    digits = _digits(error, 2 if is_percentage else 3)
    if row["figure"] == "calls_by_year":
        ends = [amount(row["base"]), amount(row["other"])]
    else:
        write = percent if is_percentage else multiple
        ends = [write(row["base"], digits), write(row["other"], digits)]
    return [*ends, _signed(moved, digits), _bounded(row, error, digits), verdict_short(row, lang)]


def _digits(error: float, least: int) -> int:
    """Decimals with which an error shows one digit, within reason."""
    if not math.isfinite(error) or error <= 0.0:
        return least
    return min(max(least, math.ceil(-math.log10(error))), _MOST_DIGITS)


def _bounded(row: Row, error: float, digits: int) -> str:
    if not math.isfinite(error):
        return NOTHING
    return f"{'≤' if row['is_bound'] else ''}{error:.{digits}f}"


def _signed(value: float, digits: int) -> str:
    if not math.isfinite(value):
        return NOTHING
    text = f"{value:+.{digits}f}"
    return text[1:] if float(text) == 0.0 else text


def verdict_short(row: Row, lang: str = "en") -> str:
    """The verdict in a word, of noise with the paths that would settle it."""
    if row["verdict"] == NOISE and math.isfinite(row["paths_needed"]):
        return label("compare.verdict_noise_needs", lang, paths=rounded(row["paths_needed"]))
    return label(f"compare.verdict_{row['verdict']}", lang)


def verdict_text(row: Mapping[str, Any], lang: str = "en") -> str:
    """The verdict in words, of noise with the paths that would settle it.

    Examples
    --------
    >>> verdict_text({"verdict": "noise", "paths_needed": 12345.0})
    'noise: about 13,000 paths would settle a difference as large as this'
    """
    if row["verdict"] == NONE and row.get("is_bound", False):
        return label("compare.says_none_in_mean", lang)
    if row["verdict"] != NOISE:
        return label(f"compare.says_{row['verdict']}", lang)
    if not math.isfinite(row["paths_needed"]):
        return label("compare.says_noise_never", lang)
    return label("compare.says_noise", lang, paths=rounded(row["paths_needed"]))


def rounded(paths: float) -> str:
    """A number of paths in two digits, rounded up."""
    step = 10 ** max(len(str(int(paths))) - 2, 0)
    return f"{math.ceil(paths / step) * step:,}" if paths < 1e9 else f"{paths:.0e}"


def notes_of(comparison: Comparison, lang: str = "en") -> list[str]:
    """What must be known beside the figures."""
    return [*_on_runs(comparison, lang), *_on_figures(comparison, lang)]


def _on_runs(comparison: Comparison, lang: str) -> Iterator[str]:
    simulated = [*comparison.shared]
    for name in simulated[1:]:
        passes = COMMA[lang].join(pass_text(one, lang) for one in comparison.shared[name])
        key = "compare.note_shared" if passes else "compare.note_none_shared"
        yield label(key, lang, name=name, passes=passes, first=simulated[0])
    for name in comparison.followed:
        yield label("compare.note_followed", lang, name=name)
    versions = {name: run.version for name, run in comparison.runs.items()}
    if len(set(versions.values())) > 1:
        said = COMMA[lang].join(f"{name}: {version}" for name, version in versions.items())
        yield label("compare.note_versions", lang, versions=said)
    elif len(set(comparison.kernels.values())) > 1 or None in comparison.kernels.values():
        yield label("compare.note_kernels", lang, version=versions[comparison.base])


def pass_text(name: str, lang: str) -> str:
    """What a pass is called."""
    return label(f"compare.pass_{name}", lang)


def _on_figures(comparison: Comparison, lang: str) -> Iterator[str]:
    base = comparison.sides[0]
    for side in comparison.sides[1:]:
        years, first = side.results.scenario.horizon_years, base.results.scenario.horizon_years
        if years != first:
            yield label(
                "compare.note_horizon", lang, name=side.name, years=years, first=base.name, base=first
            )
    for side in comparison.sides:
        if side.lacks_years(comparison.rows):
            yield label("compare.note_bound", lang, name=side.name)
        if side.is_stored and (kept := side.results.kept_paths) < side.n_paths:
            yield label("compare.note_leverage_kept", lang, name=side.name, kept=kept)
    if 0 < comparison.kept_paths < comparison.n_paths:
        yield label("compare.note_kept", lang, kept=comparison.kept_paths, paths=comparison.n_paths)
    for side, found in comparison.one_sided.groupby("only_in", sort=False):
        rows = found[["vehicle", "investor"]].drop_duplicates().itertuples(index=False)
        names = COMMA[lang].join(v if i == ALL else f"{v}/{i}" for v, i in rows)
        yield label("compare.note_only_in", lang, side=side, names=names)
    yield label("compare.note_noise", lang)
