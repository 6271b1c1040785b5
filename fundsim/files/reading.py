"""Owns the way from files, text or plain data to an object of a
model, and the report of everything that is wrong in them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike, fspath
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from fundsim.errors import Place, ScenarioError
from fundsim.files.faults import problems_of
from fundsim.files.layers import Layers
from fundsim.files.mending import second_look
from fundsim.files.overrides import Override, apply, from_assignments, from_mapping, plain
from fundsim.files.part import Part
from fundsim.files.places import Node, node_of, read_text

Model = TypeVar("Model", bound=Part)
Overrides = Sequence[str] | Mapping[str, Any]
"""``path=value`` texts as of ``--set``, or a mapping of paths to Python values."""


def validated(tree: Node, model: type[Model]) -> Model:
    """Return the object that a tree says, or raise ScenarioError with everything that is wrong."""
    try:
        return model.model_validate(tree.plain())
    except ValidationError as error:
        problems = problems_of(error, tree, model)
        raise ScenarioError([*problems, *second_look(tree, error, problems, model)]) from None


@dataclass(frozen=True, slots=True)
class Reader(Generic[Model]):
    """How objects of a model are made of what users write; every way raises ScenarioError.

    Parameters
    ----------
    model : type of Part
        Class of the whole file.
    layers : Layers
        How files are laid on each other.
    expand : callable
        Returns a merged tree with its presets written out.
    early : frozenset of str
        Keys of the file that presets depend on; overrides in them, and those of `extends`, come before.
    """

    model: type[Model]
    layers: Layers
    expand: Callable[[Node, Layers], Node]
    early: frozenset[str] = frozenset()

    def from_file(self, path: str | PathLike[str], *overrides: Overrides) -> Model:
        """Read a YAML file, or ``fundsim:NAME``, with what it extends."""
        made = [override for given in overrides for override in _made(given)]
        return self._finished(self.layers.read(fspath(path)), made)

    def from_text(self, text: str, source: str) -> Model:
        """Read YAML text; `extends` starts from the working folder."""
        return self._finished(self.layers.completed(read_text(text, source)), [])

    def from_data(self, content: Mapping[str, Any]) -> Model:
        """Take plain data, shaped as in a file."""
        return self._finished(self.layers.completed(node_of(plain(content), Place(self.layers.kind))), [])

    def changed(self, part: Model, overrides: Overrides) -> Model:
        """Return an object in which the values at some paths are others."""
        return self._finished(node_of(plain(part), Place(self.layers.kind)), _made(overrides))

    def _finished(self, tree: Node, overrides: Sequence[Override]) -> Model:
        early = [override for override in overrides if self._is_early(override)]
        late = [override for override in overrides if not self._is_early(override)]
        tree = self.expand(apply(tree, early, self.model, self.layers), self.layers)
        return validated(apply(tree, late, self.model, self.layers), self.model)

    def _is_early(self, override: Override) -> bool:
        return override.steps[0] in self.early or override.steps[-1] == "extends"


def _made(given: Overrides) -> list[Override]:
    if isinstance(given, Mapping):
        return from_mapping(given)
    return from_assignments([given] if isinstance(given, str) else given)
