"""Landing (7.0 c): a vehicle that has put too little into the park for the guidance money paid in stops."""

from typing import NamedTuple

import numpy as np

from fundsim.kernels.base.jit import kernel
from fundsim.vocabulary import VehicleStatus

CHECKPOINT = np.dtype([("vehicle", "i8"), ("period", "i8"), ("multiple", "f8")])


class Landing(NamedTuple):
    """What landing asks."""

    checkpoints: np.ndarray  # (N,) CHECKPOINT


@kernel(allocates=False, is_inner=True)
def check_landing(landing, v, i, state):
    """No new deals after the i-th checkpoint if less is credited than the
    multiple of the guidance money paid in so far (7.0 c).
    """
    vehicle = state.vehicles[v]
    required = landing.checkpoints[i]["multiple"] * vehicle["guidance"] * (1.0 - 1e-12)
    if vehicle["status"] == VehicleStatus.LIVE and vehicle["credited"] < required:
        vehicle["is_investing"] = 0
