"""Owns what presets become: they are laid under the items that extend them, in the scenario's unit."""

from collections.abc import Iterator

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
    "property_markets": "preset market",
}
_EXTENDABLE: tuple[tuple[str, Steps], ...] = (
    *((kind, (kind, "*")) for kind in ("sectors", "boards", "sell_down_rules", "exchange_rates")),
    ("property_markets", ("property", "markets", "*")),
    ("terms", ("vehicles", "*", "terms")),
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
        for path in _extending(root, where):
            root = root.put(path, _expanded(root, path, kind, scale, layers))
    return root


def _extending(root: Node, where: Steps, at: Steps = ()) -> Iterator[Steps]:
    """Paths of all that extends a preset; in `where`, ``*`` stands for every item of a list."""
    if not where and "extends" in root.at(at).mapping:
        yield at
    for step in range(len(root.at(at).items)) if where[:1] == ("*",) else where[:1]:
        yield from _extending(root, where[1:], (*at, step))


def _expanded(root: Node, steps: Steps, kind: str, scale: float, layers: Layers) -> Node:
    item = root.at(steps)
    extends = item.mapping["extends"]
    names = preset_names(kind)
    if extends.value not in names:
        said = unknown(_WHAT.get(kind, "preset"), str(extends.value), names)
        raise problem(extends.place, root, (*steps, "extends"), *said)
    content = preset_value(kind, str(extends.value), scale)
    if kind in ("sectors", "terms", "property_markets"):
        content = {"preset": extends.value, **content}
    return layers.merge(node_of(content, extends.place), item.without("extends"))
