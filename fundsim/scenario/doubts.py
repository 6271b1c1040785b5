"""Owns what a scenario's warnings are: problems that may be meant, told in both languages."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fundsim.errors import Problem
from fundsim.words import label


@dataclass(frozen=True, slots=True)
class Doubt(Problem):
    """What is allowed but probably not meant; its words are the labels of `kind`, filled with `values`."""

    kind: str = ""
    values: tuple[tuple[str, object], ...] = ()

    def in_language(self, lang: str) -> Doubt:
        """The same with its message and remedy in a language."""
        values = dict(self.values)
        message = label(f"warning.{self.kind}", lang, **values)
        return replace(self, message=message, remedy=label(f"remedy.{self.kind}", lang, **values))


def doubt(path: str, kind: str, **values: object) -> Doubt:
    """A warning about a field, in English until another language is asked for."""
    return Doubt(None, path, "", "", kind, tuple(values.items())).in_language("en")
