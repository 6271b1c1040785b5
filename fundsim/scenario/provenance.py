"""Owns the look-up of the evidence for the default of a field by its path."""

from typing import Any

from fundsim.errors import ArgumentError
from fundsim.files.evidence import Evidence, evidence_in
from fundsim.files.faults import field_of, part_in
from fundsim.files.names import unknown
from fundsim.files.overrides import parse_path
from fundsim.files.part import Part
from fundsim.scenario.scenario import Scenario


def evidence_of(path: str) -> Evidence:
    """Return the evidence for the default of a field.

    Parameters
    ----------
    path : str
        Fields with dots between, such as ``vehicles.terms.hurdle_rate``; names and indices of items may stand
        between.

    Raises
    ------
    ArgumentError
        If there is no such field, or it has no default.
    """
    evidence = evidence_in(_field_at(path))
    if evidence is None:
        raise ArgumentError(f"{path} has no default, so no evidence")
    return evidence


def _field_at(path: str) -> Any:
    try:
        steps = [step for step in parse_path(path) if isinstance(step, str)]
    except ValueError as failure:
        raise ArgumentError(str(failure)) from None
    part: type[Part] | None = Scenario
    field = None
    for step in steps:
        found = field_of(part, step) if part is not None else None
        if found is not None:
            field, part = found, part_in(found.annotation)
        elif field is None or part is None or "tuple" not in str(field.annotation):
            keys = [] if part is None else [other.alias or name for name, other in part.model_fields.items()]
            raise ArgumentError("; ".join(unknown("field", step, keys)))
    return field
