"""The audit of a run (§10) in the results: worst relative errors and whether they pass."""

from typing import TypedDict

import numpy as np

from fundsim import vocabulary
from fundsim.words import label

LIMIT = 1e-9


class Check(TypedDict):
    """One identity: its name, the worst relative error of all paths, and whether that is within `LIMIT`."""

    name: str
    worst: float
    passed: bool


def checks_of(worst: np.ndarray, has_property: bool) -> list[Check]:
    """The audit's outcome; `worst` (checks,) in the order of `fundsim.vocabulary.Check`."""
    return [
        {"name": label(check.label_key), "worst": float(error), "passed": bool(error <= LIMIT)}
        for check, error in zip(vocabulary.Check.held(has_property), worst, strict=True)
    ]


def check_title(name: str, lang: str) -> str:
    """What a check is called in a language; a name that this version does not know stays."""
    keys = {label(check.label_key): check.label_key for check in vocabulary.Check}
    return label(keys[name], lang) if name in keys else name
