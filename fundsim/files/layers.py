"""Owns the layers of a file: what it extends, and the file itself laid over that."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path

from fundsim.errors import Place, Problem, ScenarioError
from fundsim.files.faults import IDENTITY, identity, shown_path
from fundsim.files.names import unknown
from fundsim.files.part import Steps
from fundsim.files.places import Node, read_bytes, read_file

SHIPPED = "fundsim:"
"""What the name of a file begins with that the package ships."""
MAX_PARENTS = 20

Alternatives = frozenset[tuple[str, ...]]


def problem(place: Place, root: Node, steps: Steps, message: str, remedy: str) -> ScenarioError:
    """Return an error with one problem."""
    return ScenarioError([Problem(place, shown_path(root, steps), message, remedy)])


@dataclass(frozen=True, slots=True)
class Layers:
    """How files of a kind are laid on each other.

    Parameters
    ----------
    kind : str
        What such a file is called, such as ``scenario``.
    alternatives : frozenset of tuple of str
        Keys of which one excludes the others, so giving one drops an inherited other.
    shipped : callable
        Returns the files that the package ships, by name.
    """

    kind: str
    alternatives: Alternatives = frozenset()
    shipped: Callable[[], Mapping[str, Traversable]] = dict

    def read(self, source: str) -> Node:
        """Read a file with everything it extends, merged, without `extends`.

        Parameters
        ----------
        source : str
            A path, or ``fundsim:NAME`` for what the package ships.

        Raises
        ------
        ScenarioError
            If a file cannot be read, extends itself, or its lists do not fit those it extends.
        """
        return self._with_parents(self._read(source, None, None), source, None, [])

    def completed(self, root: Node) -> Node:
        """Return a tree that stands in no file, merged over what it extends."""
        return self._with_parents(root, "", None, [])

    def merge(self, base: Node, over: Node) -> Node:
        """Return `over` laid on `base`, see `merge`."""
        return merge(base, over, self.alternatives)

    def _with_parents(self, root: Node, source: str, base: Path | None, trail: list[str]) -> Node:
        _require_block(root)
        own = root.without("extends")
        parent = root.mapping.get("extends")
        folder = base if not source or source.startswith(SHIPPED) else _path(source, base).parent
        if parent is None:
            return self.merge(Node({}, root.place), own)
        if not isinstance(parent.value, str) or not parent.value.strip():
            raise problem(
                parent.place,
                root,
                ("extends",),
                "this is not the name of a file",
                f"give one file, or {SHIPPED}NAME",
            )
        trail = [*trail, _identity_of(source, base)]
        upper_source = self._beside(source, parent.value)
        target = _identity_of(upper_source, folder)
        if target in trail or len(trail) > MAX_PARENTS:
            raise problem(
                parent.place,
                root,
                ("extends",),
                f"'{parent.value}' extends this file in turn"
                if target in trail
                else f"{len(trail)} files in a row",
                "break the circle",
            )
        upper = self._read(upper_source, folder, parent.place)
        return self.merge(self._with_parents(upper, upper_source, folder, trail), own)

    def _beside(self, source: str, parent: str) -> str:
        """What a file extends; a file beside a shipped one is shipped too."""
        name = parent.removesuffix(".yaml")
        return f"{SHIPPED}{name}" if source.startswith(SHIPPED) and name in self.shipped() else parent

    def _read(self, source: str, base: Path | None, place: Place | None) -> Node:
        path = "" if place is None else "extends"
        if source.startswith(SHIPPED):
            files = self.shipped()
            name = source.removeprefix(SHIPPED)
            if name not in files:
                message, remedy = unknown(f"shipped {self.kind}", name, files)
                raise ScenarioError(
                    [Problem(place, path, message, remedy if files else "give the path of a file")]
                )
            return read_bytes(files[name].read_bytes(), source)
        file = _path(source, base)
        return read_file(file, str(file), lambda message: Problem(place, path, message, _near_file(file)))


def _require_block(root: Node) -> None:
    if not root.is_mapping:
        kind = "a list" if root.is_list else "a single value"
        raise problem(
            root.place,
            root,
            (),
            f"the file holds {kind}, not a block of keys",
            "write keys such as 'name: …', a colon and a space after each",
        )


def _path(source: str, base: Path | None) -> Path:
    return (base or Path()) / Path(source).expanduser()


def _identity_of(source: str, base: Path | None) -> str:
    return source if source.startswith(SHIPPED) or not source else str(_path(source, base).resolve())


def _near_file(file: Path) -> str:
    if not file.parent.is_dir():
        return "check the path"
    names = [other.name for other in file.parent.iterdir() if other.suffix in {".yaml", ".yml"}]
    remedy = unknown("file", file.name, names, is_listed=False)[1]
    return remedy if remedy.startswith("did") else "check the path"


def merge(base: Node, over: Node, alternatives: Alternatives = frozenset()) -> Node:
    """Return `over` laid on `base`: blocks key by key, lists of named items by name, all else replaced.

    An empty list or null replaces. ``{name: x, remove: true}`` drops an item. Every value keeps its place.

    Raises
    ------
    ScenarioError
        If a list names an item twice, or removes one that is not there.
    """
    return _Merging(over, alternatives).laid(base, over, ())


@dataclass(frozen=True, slots=True)
class _Merging:
    root: Node
    alternatives: Alternatives

    def laid(self, base: Node, over: Node, steps: Steps) -> Node:
        if over.is_mapping:
            return self._blocks(base, over, steps)
        if over.is_list:
            return self._lists(base, over, steps)
        return over

    def _blocks(self, base: Node, over: Node, steps: Steps) -> Node:
        replaced = {
            other
            for group in self.alternatives
            if sum(key in over.mapping and over.mapping[key].value is not None for key in group) == 1
            for other in group
            if other not in over.mapping
        }
        values = {key: child for key, child in base.mapping.items() if key not in replaced}
        places = {key: place for key, place in base.key_places.items() if key in values}
        nothing = Node(None, over.place)
        for key, child in over.mapping.items():
            values[key] = self.laid(values.get(key, nothing), child, (*steps, key))
            places[key] = over.key_places[key]
        return Node(values, over.place, places)

    def _lists(self, base: Node, over: Node, steps: Steps) -> Node:
        names = [name for item in over.items if (name := identity(item)) is not None]
        if len(names) < len(over.items) or not names:
            items = [
                self.laid(Node(None, item.place), item, (*steps, i)) for i, item in enumerate(over.items)
            ]
            return Node(items, over.place)
        _refuse_twins(over, names, steps, self.root)
        merged = {name: item for item in base.items if (name := identity(item)) is not None}
        for index, item in enumerate(over.items):
            name, where = names[index], (*steps, index)
            if not _is_removal(item, where, self.root):
                below = merged.get(name, Node(None, item.place))
                merged[name] = self.laid(below, item.without("remove"), where)
            elif name in merged:
                del merged[name]
            else:
                raise problem(
                    item.place,
                    self.root,
                    where,
                    f"'{name}' is to be removed, but it is not there",
                    f"there are {', '.join(merged)}" if merged else "delete this line",
                )
        return Node(list(merged.values()), over.place)


def _refuse_twins(over: Node, names: list[str], steps: Steps, root: Node) -> None:
    first: dict[str, int] = {}
    for index, name in enumerate(names):
        if name in first:
            lines = f"lines {over.items[first[name]].place.line} and {over.items[index].place.line}"
            where = lines if over.place.line else f"[{first[name]}] and [{index}]"
            raise problem(
                over.items[index].place,
                root,
                (*steps, index),
                f"the name '{name}' stands twice in this list, in {where}",
                "rename one of them or drop it",
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
        raise problem(
            item.mapping[extra[0]].place,
            root,
            (*steps, extra[0]),
            f"the item is to be removed, yet gives {extra[0]}",
            "give the name and remove alone",
        )
    return True
