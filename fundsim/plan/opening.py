"""The state in which every path opens: records of positions, classes, vehicles, investors and holdings."""

from collections.abc import Sequence

import numpy as np

from fundsim.kernels.funds.state import (
    CLASS_STATE,
    HOLDING_STATE,
    INVESTOR_STATE,
    POSITION,
    VEHICLE_STATE,
    Opening,
)
from fundsim.kernels.layout import NEVER
from fundsim.plan.names import Names


def opening_of(names: Names) -> Opening:
    """Nothing is held yet: every vehicle waits for its start, and is sized by its closing."""
    return blank_opening(
        n_deals=len(names.deals),
        n_classes=len(names.classes),
        n_vehicles=len(names.vehicles),
        owners=names.parents,
        n_holdings=len(names.holding_rows),
    )


def blank_opening(
    n_deals: int, n_classes: int, n_vehicles: int, owners: Sequence[int], n_holdings: int
) -> Opening:
    """An opening in which nothing has happened: statuses 0, periods NEVER, links and lines −1; `owners` has
    the vehicle that each investor row is, −1 for those outside.
    """
    opening = Opening(
        positions=np.zeros(n_deals, dtype=POSITION),
        classes=np.zeros(n_classes, dtype=CLASS_STATE),
        vehicles=np.zeros(n_vehicles, dtype=VEHICLE_STATE),
        investors=np.zeros(len(owners), dtype=INVESTOR_STATE),
        holdings=np.zeros(n_holdings, dtype=HOLDING_STATE),
    )
    for name in ("row", "next_slot", "exit_line"):
        opening.positions[name] = -1
    opening.positions["claim_due"] = NEVER
    opening.vehicles["last_deal"] = NEVER
    opening.vehicles["appraised_year"] = NEVER
    opening.vehicles["realised_keep"] = 1.0
    opening.investors["owner"] = owners
    opening.holdings["parts_line"] = -1
    return opening
