"""Owns the layers of a scenario: what a file extends, the file itself, and single values set over it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Any

from fundsim.errors import Place, Problem, ScenarioError
from fundsim.scenario.faults import IDENTITY, identity, shown_path
from fundsim.scenario.names import unknown
from fundsim.scenario.places import Node, node_of, read_bytes, read_file
from fundsim.scenario.presets import PRESET_UNIT, preset_names, preset_value

SHIPPED = "fundsim:"
MAX_PARENTS = 20

# Of these keys one excludes the others, so giving one drops an inherited other.
ALTERNATIVES = (
    ("premium", "multiples"),
    ("annual", "generator"),
    ("ticket", "stake"),
    ("fee_rate", "fee_phases"),
    ("takahashi_alexander", "schedule"),
    ("mandate", "pool"),
    ("pool", "property"),
    ("operator", "owner"),
    ("built", "build"),
    ("start", "waits"),
)

Steps = tuple[str | int, ...]


def problem(place: Place, root: Node, steps: Steps, message: str, remedy: str) -> ScenarioError:
    """Return an error with one problem."""
    return ScenarioError([Problem(place, shown_path(root, steps), message, remedy)])


def read_layers(source: str, base: Path | None = None) -> Node:
    """Read a file with everything it extends, merged, without `extends`.

    Parameters
    ----------
    source : str
        A path, or ``fundsim:NAME`` for what the package ships.
    base : Path, optional
        Folder that a relative path starts from; the working folder if None.

    Raises
    ------
    ScenarioError
        If a file cannot be read, extends itself, or its lists do not fit those it extends.
    """
    return _with_parents(_read(source, base, None), source, base, [])


def merged_text(root: Node, base: Path | None = None) -> Node:
    """Return a tree that was read from text, merged over what it extends."""
    return _with_parents(root, "", base, [])


def _with_parents(root: Node, source: str, base: Path | None, trail: list[str]) -> Node:
    _require_block(root)
    own = Node(
        {key: child for key, child in root.mapping.items() if key != "extends"}, root.place, root.key_places
    )
    parent = root.mapping.get("extends")
    folder = base if not source or source.startswith(SHIPPED) else _path(source, base).parent
    if parent is None:
        return merge(Node({}, root.place), own)
    if not isinstance(parent.value, str) or not parent.value.strip():
        remedy = f"give one file, or {SHIPPED}NAME"
        raise ScenarioError([Problem(parent.place, "extends", "this is not the name of a file", remedy)])
    trail = [*trail, _identity_of(source, base)]
    upper_source = _beside(source, parent.value)
    target = _identity_of(upper_source, folder)
    if target in trail or len(trail) > MAX_PARENTS:
        message = (
            f"'{parent.value}' extends this file in turn"
            if target in trail
            else f"{len(trail)} files in a row"
        )
        raise ScenarioError([Problem(parent.place, "extends", message, "break the circle")])
    upper = _read(upper_source, folder, parent.place)
    return merge(_with_parents(upper, upper_source, folder, trail), own)


def _beside(source: str, parent: str) -> str:
    """What a file extends; a file beside a shipped one is shipped too."""
    name = parent.removesuffix(".yaml")
    return f"{SHIPPED}{name}" if source.startswith(SHIPPED) and name in shipped_scenarios() else parent


def _require_block(root: Node) -> None:
    if not root.is_mapping:
        kind = "a list" if root.is_list else "a single value"
        remedy = "write keys such as 'name: …', a colon and a space after each"
        raise ScenarioError([Problem(root.place, "", f"the file holds {kind}, not a block of keys", remedy)])


def _path(source: str, base: Path | None) -> Path:
    return (base or Path()) / Path(source).expanduser()


def _identity_of(source: str, base: Path | None) -> str:
    return source if source.startswith(SHIPPED) or not source else str(_path(source, base).resolve())


def shipped_scenarios() -> dict[str, Any]:
    """Return the scenario files that the package ships, by name."""
    found: dict[str, Any] = {}
    # A checkout keeps them beside the package; a wheel carries them inside.
    for folder in (resources.files("fundsim") / "scenarios", Path(__file__).parents[2] / "scenarios"):
        if folder.is_dir():
            for file in folder.iterdir():
                if file.name.endswith(".yaml"):
                    found.setdefault(file.name.removesuffix(".yaml"), file)
    return dict(sorted(found.items()))


def _read(source: str, base: Path | None, place: Place | None) -> Node:
    path = "" if place is None else "extends"
    if source.startswith(SHIPPED):
        files = shipped_scenarios()
        name = source.removeprefix(SHIPPED)
        if name not in files:
            message, remedy = unknown("shipped scenario", name, files)
            raise ScenarioError(
                [Problem(place, path, message, remedy if files else "give the path of a file")]
            )
        return read_bytes(files[name].read_bytes(), source)
    file = _path(source, base)
    return read_file(file, str(file), lambda message: Problem(place, path, message, _near_file(file)))


def _near_file(file: Path) -> str:
    if not file.parent.is_dir():
        return "check the path"
    names = [other.name for other in file.parent.iterdir() if other.suffix in {".yaml", ".yml"}]
    remedy = unknown("file", file.name, names, is_listed=False)[1]
    return remedy if remedy.startswith("did") else "check the path"


def merge(base: Node, over: Node, steps: Steps = (), root: Node | None = None) -> Node:
    """Return `over` laid on `base`: blocks key by key, lists of named items by name, all else replaced.

    An empty list or null replaces. ``{name: x, remove: true}`` drops an item. Every value keeps its place.

    Raises
    ------
    ScenarioError
        If a list names an item twice, or removes one that is not there.
    """
    root = over if root is None else root
    if over.is_mapping:
        return _merge_blocks(base, over, steps, root)
    if over.is_list:
        return _merge_lists(base, over, steps, root)
    return over


def _merge_blocks(base: Node, over: Node, steps: Steps, root: Node) -> Node:
    replaced = {
        other
        for group in ALTERNATIVES
        if sum(key in over.mapping and over.mapping[key].value is not None for key in group) == 1
        for other in group
        if other not in over.mapping
    }
    values = {key: child for key, child in base.mapping.items() if key not in replaced}
    places = {key: place for key, place in base.key_places.items() if key in values}
    nothing = Node(None, over.place)
    for key, child in over.mapping.items():
        values[key] = merge(values.get(key, nothing), child, (*steps, key), root)
        places[key] = over.key_places[key]
    return Node(values, over.place, places)


def _merge_lists(base: Node, over: Node, steps: Steps, root: Node) -> Node:
    names = [name for item in over.items if (name := identity(item)) is not None]
    if len(names) < len(over.items) or not names:
        items = [merge(Node(None, item.place), item, (*steps, i), root) for i, item in enumerate(over.items)]
        return Node(items, over.place)
    _refuse_twins(over, names, steps, root)
    merged = {name: item for item in base.items if (name := identity(item)) is not None}
    for index, item in enumerate(over.items):
        name, where = names[index], (*steps, index)
        if _is_removal(item, where, root):
            if name not in merged:
                remedy = "delete this line" if not merged else f"there are {', '.join(merged)}"
                raise problem(
                    item.place, root, where, f"'{name}' is to be removed, but it is not there", remedy
                )
            del merged[name]
        else:
            merged[name] = merge(merged.get(name, Node(None, item.place)), _without_remove(item), where, root)
    return Node(list(merged.values()), over.place)


def _refuse_twins(over: Node, names: list[str], steps: Steps, root: Node) -> None:
    first: dict[str, int] = {}
    for index, name in enumerate(names):
        if name in first:
            lines = f"lines {over.items[first[name]].place.line} and {over.items[index].place.line}"
            where = lines if over.place.line else f"[{first[name]}] and [{index}]"
            message = f"the name '{name}' stands twice in this list, in {where}"
            raise problem(
                over.items[index].place, root, (*steps, index), message, "rename one of them or drop it"
            )
        first[name] = index


def _is_removal(item: Node, steps: Steps, root: Node) -> bool:
    remove = item.mapping.get("remove")
    if remove is None or remove.value is False:
        return False
    if remove.value is not True:
        raise problem(
            remove.place, root, (*steps, "remove"), "remove is not true or false", "give true or false"
        )
    extra = [key for key in item.mapping if key not in (*IDENTITY, "remove")]
    if extra:
        message = f"the item is to be removed, yet gives {extra[0]}"
        raise problem(
            item.mapping[extra[0]].place, root, (*steps, extra[0]), message, "give the name and remove alone"
        )
    return True


def _without_remove(item: Node) -> Node:
    values = {key: child for key, child in item.mapping.items() if key != "remove"}
    return Node(values, item.place, {key: item.key_places[key] for key in values})


def expand(root: Node) -> Node:
    """Return a tree in which named presets are laid under the
    items that extend them, in the scenario's unit.
    """
    unit = root.mapping.get("currency", Node(None, root.place)).mapping.get("unit")
    scale = PRESET_UNIT
    if unit is not None and isinstance(unit.value, int | float) and unit.value > 0:
        scale = float(unit.value)
    for kind in ("sectors", "boards", "sell_down_rules", "exchange_rates"):
        if kind in root.mapping:
            root = _replaced(root, kind, _expanded_items(root, (kind,), kind, scale))
        elif kind == "boards" and scale != PRESET_UNIT:
            presets = [{"name": name, **preset_value(kind, name, scale)} for name in preset_names(kind)]
            root = _replaced(root, kind, node_of(presets, Place(f"{SHIPPED}{kind}")))
    root = _with_market_presets(root, scale)
    vehicles = [
        _replaced(
            vehicle,
            "terms",
            _expanded(root, ("vehicles", index, "terms"), vehicle.mapping["terms"], "terms", scale),
        )
        if "terms" in vehicle.mapping
        else vehicle
        for index, vehicle in enumerate(root.mapping.get("vehicles", Node(None, root.place)).items)
    ]
    return _replaced(root, "vehicles", Node(vehicles, root.mapping["vehicles"].place)) if vehicles else root


def _with_market_presets(root: Node, scale: float) -> Node:
    property_ = root.mapping.get("property", Node(None, root.place))
    markets = property_.mapping.get("markets", Node(None, root.place))
    items = [
        _expanded(root, ("property", "markets", index), market, "property_markets", scale)
        for index, market in enumerate(markets.items)
    ]
    if not items:
        return root
    return _replaced(root, "property", _replaced(property_, "markets", Node(items, markets.place)))


def _replaced(block: Node, key: str, child: Node) -> Node:
    places = {key: child.place} | block.key_places
    return Node({**block.mapping, key: child}, block.place, places)


def _expanded_items(root: Node, steps: Steps, kind: str, scale: float) -> Node:
    node = root.mapping[kind]
    if not node.is_list:
        return node
    items = [_expanded(root, (*steps, i), item, kind, scale) for i, item in enumerate(node.items)]
    return Node(items, node.place)


def _expanded(root: Node, steps: Steps, item: Node, kind: str, scale: float) -> Node:
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
    return merge(node_of(content, extends.place), Node(values, item.place, item.key_places))


_STEP = re.compile(r"""\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^.\[\]"'=][^.\[\]=]*))\s*""")
_INDEX = re.compile(r"\[\s*(\d{1,6})\s*\]")


def parse_path(text: str) -> Steps:
    """Return the steps of a path such as ``vehicles."VC II".investors[0].commitment``.

    Raises
    ------
    ValueError
        If the text is no path.
    """
    steps, position = [], 0
    while True:
        match = _STEP.match(text, position)
        if match is None:
            raise ValueError(f"'{text}' is no path")
        steps.append(next(part for part in match.groups() if part is not None).strip())
        position = match.end()
        while (index := _INDEX.match(text, position)) is not None:
            steps.append(int(index[1]))
            position = index.end()
        if position == len(text):
            return tuple(steps)
        if text[position] != ".":
            raise ValueError(f"'{text}' is no path")
        position += 1


def split_assignment(text: str) -> tuple[str, str]:
    """Return path and value of ``path=value``; an equals sign inside quotes belongs to the path."""
    quote = ""
    for position, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter == "=":
            return text[:position].strip(), text[position + 1 :].strip()
    raise ValueError(f"'{text}' has no '='")


def names_in(items: Iterable[Node]) -> list[str]:
    """Return the names of a list's items."""
    return [name for item in items if (name := identity(item)) is not None]
