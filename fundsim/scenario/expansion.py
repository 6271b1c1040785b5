"""Owns what presets become: they are laid under the items that extend them, in the scenario's unit."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from fundsim.errors import Place
from fundsim.files.layers import SHIPPED, Layers, problem
from fundsim.files.names import unknown
from fundsim.files.part import Steps
from fundsim.files.places import Node, node_of
from fundsim.scenario.presets import PRESET_UNIT, preset_names, preset_value

_WHAT = {
    "sectors": "preset sector",
    "boards": "preset board",
    "terms": "preset of terms",
    "mandates": "preset mandate",
    "exits": "preset of exits",
    "property_markets": "preset market",
}
_EXTENDABLE: tuple[tuple[str, Steps], ...] = (
    *((kind, (kind, "*")) for kind in ("sectors", "boards", "sell_down_rules", "exchange_rates")),
    ("property_markets", ("property", "markets", "*")),
    ("terms", ("vehicles", "*", "terms")),
    ("mandates", ("vehicles", "*", "mandate")),
    ("exits", ("vehicles", "*", "exits")),
)
"""Kinds of presets and where they may be extended; ``*`` stands for every item."""


def expand(root: Node, layers: Layers) -> Node:
    """Return a tree in which named presets are laid under the
    items that extend them, in the scenario's unit.
    """
    unit, scale = root.at(("currency", "unit")).value, PRESET_UNIT
    if isinstance(unit, int | float) and unit > 0:
        scale = float(unit)
    if "boards" not in root.mapping and scale != PRESET_UNIT:
        presets = [{"name": name, **preset_value("boards", name, scale)} for name in preset_names("boards")]
        root = root.put(("boards",), node_of(presets, Place(f"{SHIPPED}boards")))
    for kind, where in _EXTENDABLE:
        root = _changed(root, where, partial(_expanded, root, kind, scale, layers))
    return root


def _changed(node: Node, where: Steps, change: Callable[[Steps, Node], Node], at: Steps = ()) -> Node:
    """A tree in which all that stands at `where` is changed; ``*`` stands for every item of a list."""
    if not where:
        return change(at, node)
    if where[0] == "*" and node.is_list:
        items = enumerate(node.items)
        return replace(node, value=[_changed(item, where[1:], change, (*at, n)) for n, item in items])
    if where[0] not in node.mapping:
        return node
    return node.put(where[:1], _changed(node.child(where[0]), where[1:], change, (*at, where[0])))


def _expanded(root: Node, kind: str, scale: float, layers: Layers, steps: Steps, item: Node) -> Node:
    extends = item.mapping.get("extends")
    if extends is None:
        return item
    names = preset_names(kind)
    if extends.value not in names:
        said = unknown(_WHAT.get(kind, "preset"), str(extends.value), names)
        raise problem(extends.place, root, (*steps, "extends"), *said)
    content = preset_value(kind, str(extends.value), scale)
    if kind in ("sectors", "terms", "mandates", "exits", "property_markets"):
        content = {"preset": extends.value, **content}
    return layers.merge(node_of(content, extends.place), item.without("extends"))
