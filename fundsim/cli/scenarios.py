"""Owns the commands about scenario files: `check`, `new`, `describe` and `schema`."""

import json
import re
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from fundsim.cli.loading import scenario_of
from fundsim.cli.terminal import remark, say
from fundsim.errors import ArgumentError
from fundsim.files.layers import SHIPPED
from fundsim.scenario import Scenario, json_schema, shipped_scenarios
from fundsim.scenario.vehicles import Vehicle
from fundsim.store import disk_errors, write_json
from fundsim.words import label, unit_label
from fundsim.words.numbers import amount, title

TEMPLATE = "template"
_SUFFIXES = (".yaml", ".yml")


def check(file: str, settings: Sequence[str], lang: str) -> None:
    """Print that a scenario is right, what it holds, and what a run of it takes."""
    from fundsim.cli.estimate import cost_line, too_large

    scenario = scenario_of(file, settings, lang)
    say(label("cli.check_passed", lang, file=file))
    for vehicle in scenario.vehicles:
        say("  " + _vehicle_line(scenario, vehicle, lang))
    outside = {
        investor.name for vehicle in scenario.vehicles for investor in vehicle.investors if investor.name
    }
    total = label(
        "cli.check_total",
        lang,
        vehicles=len(scenario.vehicles),
        investors=len(outside),
        deals=sum(_deals(vehicle) for vehicle in scenario.vehicles),
        periods=scenario.horizon_periods,
    )
    say(total)
    say(cost_line(scenario, lang))
    if refusal := too_large(scenario, lang):
        remark(label("cli.warning", lang, message=refusal))


def _vehicle_line(scenario: Scenario, vehicle: Vehicle, lang: str) -> str:
    return label(
        "cli.check_vehicle",
        lang,
        name=title(vehicle, lang),
        kind=label(f"vehicle_kind.{vehicle.kind}", lang),
        size=amount(vehicle.size),
        unit=unit_label(scenario.currency.code, scenario.currency.unit, lang),
        investors=len(vehicle.investors),
        deals=_deals(vehicle),
    )


def _deals(vehicle: Vehicle) -> int:
    return vehicle.mandate.deals if vehicle.mandate is not None else 0


def new(name: str, template: str, lang: str) -> None:
    """Write a template under a new name; what exists already is not touched."""
    path = Path(name) if name.endswith(_SUFFIXES) else Path(f"{name}.yaml")
    text = _renamed(template_text(template), path.stem)
    if path.exists():
        raise ArgumentError(f"{path} exists already; give another name")
    with disk_errors(path), path.open("x", encoding="utf-8", newline="\n") as stream:
        stream.write(text)
    say(label("cli.created", lang, file=path))


def template_text(name: str) -> str:
    """The text of a template that the package ships: the small commented one, or one of its
    scenarios, which extends what is shipped wherever the file is written.
    """
    if name == TEMPLATE:
        return (resources.files("fundsim.scenario") / "presets" / "template.yaml").read_text(encoding="utf-8")
    shipped = shipped_scenarios()
    if name not in shipped:
        raise ArgumentError(f"there is no template '{name}'; give one of {', '.join([TEMPLATE, *shipped])}")
    text: str = shipped[name].read_text(encoding="utf-8")
    return re.sub(rf"(?m)^extends: (?!{SHIPPED})([\w-]+)\.yaml\b", rf"extends: {SHIPPED}\1", text)


def _renamed(text: str, name: str) -> str:
    """The text with the scenario's name, which stands in a line of its own, replaced."""
    written = json.dumps(name, ensure_ascii=False)
    return re.sub(r"(?m)^name: [^#\n]*?(?=\s*(#|$))", lambda _: f"name: {written}", text, count=1)


def describe(file: str, settings: Sequence[str], lang: str) -> None:
    """Print a scenario in words."""
    from fundsim import story

    say(story.describe(scenario_of(file, settings, lang), lang))


def schema(out: str | None, lang: str) -> None:
    """Print the JSON Schema of scenario files, or write it to a file."""
    if out is None:
        say(json.dumps(json_schema(), ensure_ascii=False, indent=1))
        return
    write_json(Path(out), json_schema())
    say(label("cli.schema_written", lang, file=out))
