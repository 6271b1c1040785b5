"""Owns the presets that the package ships: their values, and the evidence for each value."""

from copy import deepcopy
from functools import cache
from importlib import resources
from typing import Any, TypeVar

from fundsim.files.evidence import Evidence
from fundsim.files.part import Part
from fundsim.files.places import read_bytes

KINDS = (
    "sectors",
    "boards",
    "sell_down_rules",
    "exchange_rates",
    "window",
    "terms",
    "mandates",
    "exits",
    "property_markets",
    "reit_rules",
    "coupons",
)

Block = TypeVar("Block", bound=Part)
# Presets state amounts in 亿元.
PRESET_UNIT = 1e8
_MONEY = frozenset({"entry_value", "minimum_value", "organisation_cost"})


@cache
def _file(kind: str) -> dict[str, Any]:
    if kind not in KINDS:
        raise KeyError(f"no kind of preset is called {kind!r}; kinds: {', '.join(KINDS)}")
    path = resources.files(__package__) / "presets" / f"{kind}.yaml"
    return read_bytes(path.read_bytes(), f"fundsim:{kind}").plain()


def preset_names(kind: str) -> tuple[str, ...]:
    """Return the names of the presets of a kind, such as ``sectors``."""
    return tuple(_file(kind))


def preset_value(kind: str, name: str, unit: float = PRESET_UNIT) -> dict[str, Any]:
    """Return the content of a preset.

    Parameters
    ----------
    kind, name : str
        Such as ``sectors``, ``china_hardtech``.
    unit : float
        The scenario's unit of amounts; amounts of the preset are converted to it.

    Raises
    ------
    KeyError
        If there is no such preset.
    """
    value: dict[str, Any] = deepcopy(_file(kind)[name]["values"])
    return value if unit == PRESET_UNIT else _converted(value, PRESET_UNIT / unit)


def preset_items(block: type[Block], kind: str, field: str) -> tuple[Block, ...]:
    """Return a list that the preset ``china`` of a kind has, as blocks of a class."""
    return tuple(block.model_validate(item) for item in preset_value(kind, "china")[field])


def _converted(value: Any, factor: float, is_money: bool = False) -> Any:
    if isinstance(value, dict):
        return {
            key: _converted(child, factor, key in _MONEY or (is_money and key == "median"))
            for key, child in value.items()
        }
    if isinstance(value, list):
        return [_converted(child, factor) for child in value]
    return value * factor if is_money and isinstance(value, int | float) else value


def preset_evidence(kind: str, name: str, path: str = "") -> Evidence:
    """Return the evidence for a value of a preset.

    Parameters
    ----------
    kind, name : str
        Such as ``sectors``, ``china_hardtech``.
    path : str
        Such as ``stages.seed.outcomes.failure``; evidence given for a block holds for all of it.

    Raises
    ------
    KeyError
        If there is no such preset.
    """
    rows = _file(kind)[name]["evidence"]
    matching = [row for row in rows if _covers(row["path"], path)]
    best = max(matching, key=lambda row: len(row["path"]))
    return Evidence(best["source"], best["grade"])


def _covers(block: str, path: str) -> bool:
    return block == "" or path == block or path.startswith(f"{block}.")
