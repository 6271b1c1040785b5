"""Owns what a default is worth: its source and the grade of that evidence."""

from dataclasses import dataclass
from typing import Any, Literal, get_args

from pydantic import Field
from pydantic.fields import FieldInfo

Grade = Literal["seed", "read", "recalled", "assumed"]

GRADES: dict[str, str] = {
    "seed": "printed in one of the park finance documents that fundsim started from",
    "read": "read in the public source named, mostly in excerpts",
    "recalled": "general knowledge of the trade, not checked against a source",
    "assumed": "a modelling choice without a source",
}

NEUTRAL = "without effect"
SEE_FIELDS = "see its fields"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a default comes from.

    Parameters
    ----------
    source : str
        Document, measure or reason.
    grade : {"seed", "read", "recalled", "assumed"}
        How sure it is, from printed in a seed document to a modelling choice.
    """

    source: str
    grade: Grade

    def __post_init__(self) -> None:
        if self.grade not in get_args(Grade):
            raise ValueError(f"{self.grade!r} is no grade of evidence; grades: {', '.join(get_args(Grade))}")
        if not self.source.strip():
            raise ValueError("evidence needs a source")

    def __str__(self) -> str:
        return f"{self.grade}: {self.source}"


def known(default: Any, source: str = NEUTRAL, grade: Grade = "assumed", alias: str | None = None) -> Any:
    """Return a field whose default carries its evidence; a function as default is called for each new object.

    Where the key in files is a word of Python, `alias` is that key.
    """
    evidence = Evidence(source, grade)
    extra: dict[str, Any] = {"evidence": {"source": evidence.source, "grade": evidence.grade}}
    if callable(default):
        return Field(default_factory=default, alias=alias, json_schema_extra=extra)
    return Field(default=default, alias=alias, json_schema_extra=extra)


def evidence_in(field: FieldInfo) -> Evidence | None:
    """Return the evidence of a field made by `known`, None for a required one."""
    extra: Any = field.json_schema_extra
    given = extra.get("evidence") if isinstance(extra, dict) else None
    return None if given is None else Evidence(given["source"], given["grade"])
