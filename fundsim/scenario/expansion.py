"""Owns what presets become: they are laid under the items that extend them, in the scenario's unit."""

from __future__ import annotations

from fundsim.errors import Place
from fundsim.files.layers import SHIPPED, Layers, problem
from fundsim.files.names import unknown
from fundsim.files.part import Steps
from fundsim.files.places import Node, node_of
from fundsim.scenario.presets import PRESET_UNIT, preset_names, preset_value


def expand(root: Node, layers: Layers) -> Node:
    """Return a tree in which named presets are laid under the
    items that extend them, in the scenario's unit.
    """
    unit = root.mapping.get("currency", Node(None, root.place)).mapping.get("unit")
    scale = PRESET_UNIT
    if unit is not None and isinstance(unit.value, int | float) and unit.value > 0:
        scale = float(unit.value)
    for kind in ("sectors", "boards", "sell_down_rules", "exchange_rates"):
        if kind in root.mapping:
            root = _replaced(root, kind, _expanded_items(root, kind, scale, layers))
        elif kind == "boards" and scale != PRESET_UNIT:
            presets = [{"name": name, **preset_value(kind, name, scale)} for name in preset_names(kind)]
            root = _replaced(root, kind, node_of(presets, Place(f"{SHIPPED}{kind}")))
    root = _with_market_presets(root, scale, layers)
    vehicles = [
        _replaced(
            vehicle,
            "terms",
            _expanded(root, ("vehicles", index, "terms"), vehicle.mapping["terms"], "terms", scale, layers),
        )
        if "terms" in vehicle.mapping
        else vehicle
        for index, vehicle in enumerate(root.mapping.get("vehicles", Node(None, root.place)).items)
    ]
    return _replaced(root, "vehicles", Node(vehicles, root.mapping["vehicles"].place)) if vehicles else root


def _with_market_presets(root: Node, scale: float, layers: Layers) -> Node:
    property_ = root.mapping.get("property", Node(None, root.place))
    markets = property_.mapping.get("markets", Node(None, root.place))
    items = [
        _expanded(root, ("property", "markets", index), market, "property_markets", scale, layers)
        for index, market in enumerate(markets.items)
    ]
    if not items:
        return root
    return _replaced(root, "property", _replaced(property_, "markets", Node(items, markets.place)))


def _replaced(block: Node, key: str, child: Node) -> Node:
    places = {key: child.place} | block.key_places
    return Node({**block.mapping, key: child}, block.place, places)


def _expanded_items(root: Node, kind: str, scale: float, layers: Layers) -> Node:
    node = root.mapping[kind]
    if not node.is_list:
        return node
    items = [_expanded(root, (kind, i), item, kind, scale, layers) for i, item in enumerate(node.items)]
    return Node(items, node.place)


def _expanded(root: Node, steps: Steps, item: Node, kind: str, scale: float, layers: Layers) -> Node:
    extends = item.mapping.get("extends")
    if extends is None:
        return item
    names = preset_names(kind)
    if extends.value not in names:
        what = {
            "sectors": "preset sector",
            "boards": "preset board",
            "terms": "preset of terms",
            "property_markets": "preset market",
        }.get(kind, "preset")
        raise problem(extends.place, root, (*steps, "extends"), *unknown(what, str(extends.value), names))
    values = {key: child for key, child in item.mapping.items() if key != "extends"}
    content = preset_value(kind, str(extends.value), scale)
    if kind in ("sectors", "terms", "property_markets"):
        content = {"preset": extends.value, **content}
    return layers.merge(node_of(content, extends.place), Node(values, item.place, item.key_places))
