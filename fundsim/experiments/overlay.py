"""Owns what a calibration leaves: a scenario file that extends
the one it began with, and the table of the fit.
"""

import math
from collections.abc import Iterator, Mapping, Sequence

from fundsim.experiments.calibrate import Calibration
from fundsim.experiments.parameters import nested
from fundsim.experiments.targets import Target
from fundsim.files.writing import to_yaml
from fundsim.scenario import Scenario
from fundsim.story.layout import COMMA, columns
from fundsim.words import label
from fundsim.words.numbers import Titled, title


def overlay_text(calibration: Calibration, extends: str, lang: str = "en") -> str:
    """Return a scenario file with the fitted values, the table of the fit as comments above them.

    Parameters
    ----------
    calibration : Calibration
    extends : str
        The scenario file that was fitted, as it is to be named in the new one.
    lang : {"en", "zh"}
        Language of the comments.

    Returns
    -------
    str

    Examples
    --------
    >>> targets = fs.experiments.load_targets(folder / "targets.yaml", scenario)
    >>> calibration = fs.experiments.calibrate(scenario, targets, paths=10)
    >>> text = fs.experiments.overlay_text(calibration, "fundsim:base")
    >>> print(text[text.index("extends") :])
    extends: fundsim:base
    sectors:
    - name: hardtech
      merger:
        premium: {median: 3.261}
    """
    lines = [f"# {line}".rstrip() for line in report_lines(calibration, lang)]
    content = {"extends": extends, **nested(calibration.changes, calibration.scenario.to_dict())}
    return "\n".join([*lines, to_yaml(content)])


def report_lines(calibration: Calibration, lang: str = "en") -> list[str]:
    """Return what a calibration did in lines of text: how, the parameters, the targets."""
    return [
        label(
            "calibrate.how",
            lang,
            runs=calibration.runs,
            paths=calibration.paths,
            seed=calibration.seed,
            check_paths=4 * calibration.paths,
            check_seed=calibration.check_seed,
        ),
        "",
        *table(_parameter_rows(calibration, lang)),
        "",
        *table(_target_rows(calibration, lang), ends_in_text=True),
        *_missed(calibration, lang),
    ]


def _parameter_rows(calibration: Calibration, lang: str) -> list[list[str]]:
    head = [label(f"calibrate.{name}", lang) for name in ("parameter", "start", "fitted", "low", "high")]
    return [head] + [
        [parameter.label, *(number(value) for value in (start, value, parameter.low, parameter.high))]
        for parameter, start, value in calibration.parameters
    ]


def _target_rows(calibration: Calibration, lang: str) -> list[list[str]]:
    names = ("statistic", "target", "before", "got", "error", "distance", "source")
    rows = [[label(f"calibrate.{name}", lang) for name in names]]
    for fit in calibration.fits:
        target, got = fit.target, fit.got
        figures = (math.nan if target.value is None else target.value, fit.before.value, got.value)
        grade = label(f"calibrate.grade_{target.grade}", lang)
        source = label("calibrate.sourced", lang, grade=grade, source=target.source)
        if not target.is_fitted:
            key = "calibrate.only_reported" if target.value is None else "calibrate.only_measured"
            source += label(key, lang)
        name = target_label(target, lang, calibration.scenario)
        distance = "–" if target.value is None else f"{fit.distance:+.1f}"
        rows.append([name, *map(number, figures), error(got.standard_error), distance, source])
    return rows


def _missed(calibration: Calibration, lang: str) -> Iterator[str]:
    """Targets further away than they should be, with what was said of them."""
    for fit in calibration.fits:
        if fit.target.value is not None and not abs(fit.distance) <= 1.0:
            name, note = target_label(fit.target, lang, calibration.scenario), fit.target.note
            key = "calibrate.missed_noted" if note else "calibrate.missed"
            yield label(key, lang, name=name, note=note)


def number(value: float) -> str:
    """A figure as it stands in a table."""
    return f"{value:.4g}" if math.isfinite(value) else "–"


def error(value: float) -> str:
    """A standard error as it stands in a table."""
    return f"{value:.2g}" if math.isfinite(value) else "–"


def table(rows: Sequence[Sequence[str]], ends_in_text: bool = False) -> list[str]:
    """Rows as lines with columns under each other; all but the first
    are set to the right, a text at the end is not.
    """
    last = len(rows[0]) - 1
    return columns(rows, [n > 0 and not (ends_in_text and n == last) for n in range(len(rows[0]))])


_HOLDING = {
    (False, False): "holding_all",
    (False, True): "holding_below",
    (True, False): "holding_above",
    (True, True): "holding_between",
}
"""What a holding time is called, by whether it has a least and a greatest multiple."""


def target_label(target: Target, lang: str = "en", scenario: Scenario | None = None) -> str:
    """What a statistic is called in a table.

    Parameters
    ----------
    target : Target
    lang : {"en", "zh"}
    scenario : Scenario, optional
        Gives the titles of its stages, sectors and vehicles; names are shown without.

    Returns
    -------
    str
        Such as ``DPI at 7 years, 75 % quantile``.
    """
    key: str = target.statistic
    if key == "quantile" and target.at_years is None:
        key = "quantile_at_end"
    if key == "conversion" and target.within_years is not None:
        key = "conversion_within"
    if key == "multiple_on_cost" and target.probability is not None:
        key = "multiple_quantile"
    if key == "exit_share":
        key = {"cost": "cost_share", "proceeds": "proceeds_share"}.get(target.of or "", key)
    if key == "multiple_share" and target.high is None:
        key = "multiple_share_above"
    if key == "called" and target.at_years is None:
        key = "called_at_end"
    if key == "holding_years":
        key = _HOLDING[bool(target.low), target.high is not None]
    titles = {} if scenario is None else _titles(scenario, lang)
    text = label(f"calibrate.of_{key}", lang, **_words_of(target, titles, lang))
    if key in _HOLDING.values() and target.probability is not None:
        text = label("calibrate.quantile_of", lang, name=text, quantile=f"{100 * target.probability:g}")
    pooled = _pooled(target, titles, lang)
    return f"{text} ({pooled})" if pooled else text


def _titles(scenario: Scenario, lang: str) -> dict[str, str]:
    """What stages, sectors and vehicles are called, by their names."""
    titled: list[Titled] = [stage for sector in scenario.sectors for stage in sector.stages]
    titled += [*scenario.sectors, *scenario.vehicles, *scenario.market.window.states]
    return {one.name: title(one, lang) for one in titled}


def _words_of(target: Target, titles: Mapping[str, str], lang: str) -> dict[str, object]:
    probability = 0.5 if target.probability is None else target.probability
    ends = {name: label(f"calibrate.{name}", lang) for name in ("filing", "listing")}
    return {
        "measure": label(f"measure.{target.measure or 'dpi'}", lang),
        "quantile": f"{100 * probability:g}",
        "years": f"{target.at_years or target.within_years or 0:g}",
        "level": f"{1.0 if target.level is None else target.level:g}",
        "start": titles.get(target.from_ or "", target.from_ or ""),
        "end": ends.get(target.to or "") or titles.get(target.to or "", target.to or ""),
        "channels": COMMA[lang].join(label(f"channel.{channel}", lang) for channel in target.channels),
        "state": titles.get(target.state or "", target.state or ""),
        "low": f"{target.low or 0:g}",
        "high": f"{target.high or 0:g}",
    }


def _pooled(target: Target, titles: Mapping[str, str], lang: str) -> str:
    names = [label(f"strategy.{target.strategy}", lang)] if target.strategy is not None else []
    names += [titles.get(name, name) for name in (*target.vehicles, *target.sectors, *target.stages)]
    return COMMA[lang].join(names)
