"""The audit of a run (§10) in the results: worst relative errors and whether they pass."""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from fundsim.kernels.funds.audit import CHECKS
from fundsim.kernels.property.audit import PROPERTY_CHECKS

LIMIT = 1e-9


class Check(TypedDict):
    """One identity: its name, the worst relative error of all paths, and whether that is within `LIMIT`."""

    name: str
    worst: float
    passed: bool


def checks_of(worst: np.ndarray) -> list[Check]:
    """The audit's outcome; `worst` (checks,) in the order of `CHECKS`,
    those of property behind them where there is any.
    """
    return [
        {"name": name, "worst": float(error), "passed": bool(error <= LIMIT)}
        for name, error in zip((CHECKS + PROPERTY_CHECKS)[: len(worst)], worst, strict=True)
    ]
