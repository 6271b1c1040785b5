"""Owns docs/calibration.md: what the presets were calibrated to, and what runs of them come to.

Run from anywhere, `python docs/make_calibration.py`; the same paths and seed give the same page. The presets are not fitted
anew here: `fundsim calibrate` does that, and its result stands in `fundsim/scenario/presets/sectors.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import fundsim as fs
from fundsim.experiments import Target, evaluate, load_targets
from fundsim.experiments.measuring import Measured
from fundsim.experiments.overlay import error, number, target_label

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "scenarios" / "calibration"
PATHS = 2000
SEED = 20260101  # no fit has seen it

HEADING = f"""\
<!-- Written by docs/make_calibration.py; edit that file. -->
# What the presets are calibrated to

The presets of sectors hold probabilities, growth and times that nobody publishes. They are fitted, so that portfolios of
funds come to what is published: benchmarks of DPI and IRR, exits by channel, funnels, multiples. The fitted values are
marked `assumed`, as a value that was fitted to one portfolio is no observation. How to fit your own:
[Calibrate a scenario](how-to/calibrate.md).

Each table is from {PATHS:,} paths with a seed that no fit has seen. *Distance* is the difference in tolerances; a target
is met within one. Standard errors are those of the simulation; how well the published figures are known is said by their
grade: *read* in a public source, or *assumed* between what was read.
"""

PARTS = {
    "china_funds": """\
## Chinese sub-funds: `china_hardtech`, `china_new_energy`, `china_software`

Ten funds (`scenarios/calibration/china_funds.yaml`): angel, venture and growth funds of one sector each, that start over
eight years in any state of the window, with the terms of the preset `china_sub_fund`: what is left after eight years and an extension
of two is held for up to five more and then sold on its value. Their exit clauses are fitted along with the presets of sectors and are the
preset `china_sub_fund` of exits. The three sectors move together: the fit has one factor for, say, the advance from A in all of them.
""",
    "china_biopharma": """\
## Chinese biopharma: `china_biopharma`

Six funds that buy from the preclinical stage to the filing (`scenarios/calibration/china_biopharma.yaml`), with the exit
clauses of the portfolio above. No benchmark of biopharma funds was found, so the targets are those of all Chinese funds,
exits with twice the tolerance. What a trial comes to is not fitted: the advances keep the proportions of what is known of
success by phase.
""",
    "us_funds": """\
## US venture funds: `us_venture`

A second market shows that the sectors of this model are not made for one benchmark only: the funnel of Carta's class of
2018, the outcomes of US financings by multiple, and the ends of US ventures after Korteweg and Sorensen. Four funds with
the terms of the preset `us_venture_fund` and a population of founders from pre-seed on
(`scenarios/calibration/us_funds.yaml`).
""",
}


def main() -> None:
    """Write the page."""
    parts = [HEADING]
    for name, text in PARTS.items():
        parts.append("\n".join([text, *page_part(name)]))
    (ROOT / "docs" / "calibration.md").write_text("\n".join(parts), encoding="utf-8")


def page_part(name: str) -> Iterator[str]:
    """Yield the table of a calibration, what was missed, and the command."""
    scenario = fs.load_scenario(FOLDER / f"{name}.yaml")
    targets = load_targets(FOLDER / f"{name}_targets.yaml", scenario).targets
    got = evaluate(scenario, targets, PATHS, SEED)
    names = [target_label(target, "en", scenario) for target in targets]
    yield from table(targets, got, names)
    yield from missed(targets, got, names)
    start = FOLDER / f"{name}_start.yaml"
    if start.exists():
        yield f"The values shipped, to three digits, are what this comes to from the start values in `{start.name}`:"
        paths = " --paths 800"
    else:
        yield "Fitted in several rounds, from other values than those shipped now, with"
        start, paths = FOLDER / f"{name}.yaml", ""
    yield ""
    yield f"    fundsim calibrate scenarios/calibration/{start.name} scenarios/calibration/{name}_targets.yaml{paths}"
    yield ""


def table(targets: tuple[Target, ...], got: list[Measured], names: list[str]) -> Iterator[str]:
    """Yield target against result."""
    yield "| | target | got | standard error | distance | source |"
    yield "|---|---|---|---|---|---|"
    for target, one, name in zip(targets, got, names, strict=True):
        figures = " | ".join((_value(target), number(one.value), error(one.standard_error)))
        distance = _distance(target, one.value)
        figures, distance = (text.replace("-", "−") for text in (figures, distance))
        yield f"| {name} | {figures} | {distance} | {target.grade}: {target.source} |"
    yield ""


def _value(target: Target) -> str:
    return "none" if target.value is None else number(target.value)


def _distance(target: Target, got: float) -> str:
    if target.value is None:
        return "reported"
    return f"{target.distance(got):+.1f}" if target.is_fitted else "not fitted"


def missed(targets: tuple[Target, ...], got: list[Measured], names: list[str]) -> Iterator[str]:
    """Yield how many targets are met, and what is to be said of the others."""
    fitted = [(target, one) for target, one in zip(targets, got, strict=True) if target.is_fitted]
    n_met = sum(abs(target.distance(one.value)) <= 1 for target, one in fitted)
    yield f"{n_met} of the {len(fitted)} targets that were fitted are met. What contradicts what, and what was given up:"
    yield ""
    for note in dict.fromkeys(target.note for target in targets if target.note):
        noted = [name for name, target in zip(names, targets, strict=True) if target.note == note]
        yield f"- *{'; '.join(dict.fromkeys(noted))}*: {note}"
    yield ""


if __name__ == "__main__":
    main()
