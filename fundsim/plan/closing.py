"""Terms of closings: money raised and honoured (§2)."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from fundsim.kernels.base import distributions
from fundsim.kernels.base.distributions import Tables, Triple
from fundsim.kernels.base.random import hash_name
from fundsim.kernels.closing import CLOSING, COMMITMENT, ClosingRecords
from fundsim.plan.names import Names
from fundsim.plan.records import beta, first_of, records
from fundsim.scenario.scenario import Scenario
from fundsim.scenario.vehicles import Investor
from fundsim.vocabulary import InvestorKind


def closing_records(scenario: Scenario, names: Names, tables: Tables) -> ClosingRecords:
    """All of it."""
    investors = [scenario.vehicles[v].investors[i] for v, i in names.investor_rows]
    given = zip(investors, names.parents, strict=True)
    return ClosingRecords(
        is_used=int(any(scenario.closing_of(vehicle) is not None for vehicle in scenario.vehicles)),
        parents_first=np.array(names.parents_first, dtype=np.int64),
        vehicles=records(CLOSING, vehicle_rows(scenario, names, tables)),
        investors=records(COMMITMENT, (commitment_fields(*one) for one in given)),
        market_volatility=float(scenario.market.index.volatility),
        tables=np.empty(0),
    )


def vehicle_rows(scenario: Scenario, names: Names, tables: Tables) -> Iterator[dict[str, Any]]:
    """How each vehicle closes (2.1, 2.3, 2.4); without terms in full."""
    first = first_of([v for v, _ in names.investor_rows], len(scenario.vehicles))
    for v, vehicle in enumerate(scenario.vehicles):
        closing = scenario.closing_of(vehicle)
        yield {
            "start_period": names.start_periods[v],
            "stream": hash_name(f"closing/{vehicle.name}"),
            "first_investor": first[v],
            "last_investor": first[v + 1],
            "raised": share(closing, "raised_share", tables),
            "correlation": 0.0 if closing is None else closing.correlation,
            "minimum_close": 0.0 if closing is None else closing.minimum_close,
            "paid_in_rate": share(closing, "paid_in_rate", tables),
        }


def share(closing: Any, field: str, tables: Tables) -> Triple:
    """A share of a closing; all of it without terms."""
    return distributions.fixed(1.0) if closing is None else beta(getattr(closing, field), tables)


def commitment_fields(investor: Investor, parent: int) -> dict[str, Any]:
    """What an investor means to put in (2.2)."""
    return {
        "kind": kind_of(investor),
        "parent": parent,
        "planned": investor.commitment,
        "cap_share": math.nan if investor.cap_share is None else investor.cap_share,
    }


def kind_of(investor: Investor) -> int:
    """Whose money an investor's is."""
    return InvestorKind.IN_CLUSTER if investor.is_vehicle else InvestorKind.of(investor.kind or "social")
