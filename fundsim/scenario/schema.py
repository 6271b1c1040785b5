"""Owns the JSON Schema of scenario files, for completion and checks in an editor."""

from copy import deepcopy
from typing import Any

from fundsim.scenario.presets import preset_names
from fundsim.scenario.scenario import Scenario

_PARTIAL = "Partial"
_EXTENDABLE = {
    "Sector": "sectors",
    "Board": "boards",
    "SellDownRule": "sell_down_rules",
    "ExchangeRate": "exchange_rates",
    "Terms": "terms",
    "Mandate": "mandates",
    "Exits": "exits",
    "PropertyMarket": "property_markets",
}
_REMOVE = {"const": True, "description": "Drops the item of this name that the extended file has."}
_EXTENDS = {
    "type": "string",
    "description": "File that this one is laid on, relative to it, or fundsim:NAME for what "
    "the package ships.",
}


def json_schema() -> dict[str, Any]:
    """Return the schema (draft 2020-12).

    Required keys are only required in a file, or a block with a preset, that extends nothing: what a
    parent gives cannot be seen by an editor.
    """
    root = Scenario.model_json_schema(by_alias=True)
    definitions = root.pop("$defs")
    whole = {name: _with_presets(name, block) for name, block in definitions.items()}
    partial = {f"{_PARTIAL}{name}": _partial(name, block) for name, block in definitions.items()}
    partial_root = _partial("Scenario", root)
    partial_root["properties"] = {"extends": _EXTENDS, **partial_root["properties"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "fundsim scenario",
        "description": root["description"],
        "type": "object",
        "if": {"required": ["extends"]},
        "then": {"$ref": f"#/$defs/{_PARTIAL}Scenario"},
        "else": {"$ref": "#/$defs/Scenario"},
        "$defs": {**whole, **partial, "Scenario": root, f"{_PARTIAL}Scenario": partial_root},
    }


def _with_presets(name: str, block: dict[str, Any]) -> dict[str, Any]:
    if name not in _EXTENDABLE:
        return block
    branches = {"then": {"$ref": f"#/$defs/{_PARTIAL}{name}"}, "else": block}
    return {"description": block["description"], "if": {"required": ["extends"]}, **branches}


def _partial(name: str, block: dict[str, Any]) -> dict[str, Any]:
    partial: dict[str, Any] = _without_required(deepcopy(block))
    if "properties" in partial:
        if name in _EXTENDABLE:
            names = list(preset_names(_EXTENDABLE[name]))
            partial["properties"]["extends"] = {
                "enum": names,
                "description": "Preset that the block starts from.",
            }
        if {"name", "vehicle", "factor", "currency"} & set(partial["properties"]):
            partial["properties"]["remove"] = _REMOVE
    return partial


def _without_required(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_without_required(child) for child in schema]
    if not isinstance(schema, dict):
        return schema
    changed = {key: _without_required(child) for key, child in schema.items() if key != "required"}
    if isinstance(changed.get("$ref"), str):
        changed["$ref"] = changed["$ref"].replace("#/$defs/", f"#/$defs/{_PARTIAL}")
    return changed
