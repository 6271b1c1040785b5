"""The audit of every path (§10): worst relative errors of the identities
that the funds pass must keep, from its outputs alone.
"""

from typing import NamedTuple

import numpy as np

from fundsim.kernels.base.jit import kernel
from fundsim.kernels.base.worst import raise_to
from fundsim.kernels.funds.returns import owner_of
from fundsim.kernels.layout import NEVER
from fundsim.vocabulary import Check, ClassFlow, Measure, VehicleFlow, VehicleStock


class Sums(NamedTuple):
    """What is added up once a path."""

    callable: np.ndarray  # (C,)
    brought: np.ndarray  # (V,) by exits and by the income of interests


@kernel(is_entry=True)
def audit_pass(terms, closing, funds, returns, worst):
    """Raise the entries of ``worst`` (checks,) to the largest error of the block's paths."""
    sums = Sums(np.empty(terms.classes.size), np.empty(terms.vehicles.size))
    for b in range(funds.paths.size):
        add_up(terms, closing, funds, b, sums)
        for v in range(terms.vehicles.size):
            own, size = terms.vehicles[v], 0.0
            for i in range(own["first_investor"], own["last_investor"]):
                size += closing.callable[b, i]
            size = max(size, 1e-300)
            check_cash(terms, funds, b, v, size, worst)
            check_parent(terms, closing, funds, sums, b, v, size, worst)
            check_holdings(terms, closing, funds, sums, b, v, size, worst)
            check_classes(terms, funds, returns, sums, b, v, worst)
        path = funds.paths[b]
        raise_to(worst, Check.STAKE, max(0.0, path["largest_stake"] - 1.0))
        lost = path["n_lost_exits"]
        raise_to(worst, Check.EXIT_LINE, lost / max(path["n_exits"] + lost, 1))


@kernel(allocates=False, is_inner=True)
def check_cash(terms, funds, b, v, size, worst):
    """Cash at the end = cash before + in − out, in every period and over the life."""
    total, turnover, carry, least = 0.0, size, 0.0, 0.0
    own, flows = terms.vehicles[v], funds.vehicle_flows[b]
    cash = funds.vehicle_stocks[b, VehicleStock.CASH, v]
    for t in range(terms.n_periods):
        change = 0.0
        for c in range(own["first_class"], own["last_class"]):
            change += (
                funds.class_flows[b, ClassFlow.CONTRIBUTION, c, t]
                - funds.class_flows[b, ClassFlow.DISTRIBUTION, c, t]
            )
        into = (
            flows[VehicleFlow.PROCEEDS, v, t]
            + flows[VehicleFlow.CHILD_DISTRIBUTION, v, t]
            + flows[VehicleFlow.INTEREST, v, t]
        )
        out_of = (
            flows[VehicleFlow.FEE, v, t]
            + flows[VehicleFlow.INVESTED, v, t]
            + flows[VehicleFlow.EXPENSE, v, t]
            + flows[VehicleFlow.CHILD_CALL, v, t]
        )
        change += into - out_of - flows[VehicleFlow.CARRY, v, t]
        total += change
        turnover = max(turnover, into)
        raise_to(worst, Check.CASH, abs(cash[t + 1] - cash[t] - change) / turnover)
        carry += flows[VehicleFlow.CARRY, v, t]
        least = min(
            least,
            cash[t + 1],
            flows[VehicleFlow.PROCEEDS, v, t],
            flows[VehicleFlow.FEE, v, t],
            flows[VehicleFlow.INVESTED, v, t],
        )
        least = min(least, flows[VehicleFlow.CHILD_CALL, v, t], flows[VehicleFlow.CHILD_DISTRIBUTION, v, t])
    raise_to(worst, Check.LIFE, abs(total - cash[terms.n_periods]) / turnover)
    raise_to(worst, Check.CARRY, max(0.0, -carry) / turnover)
    raise_to(worst, Check.FINITE, -least / turnover)


@kernel(allocates=False, is_inner=True)
def add_up(terms, closing, funds, b, sums):
    """Callable money of each class, and what exits and interests brought each vehicle."""
    sums.callable[:] = 0.0
    sums.brought[:] = 0.0
    for i in range(terms.investors.size):
        sums.callable[terms.investors[i]["class"]] += closing.callable[b, i]
    for v in range(terms.vehicles.size):
        for h in range(terms.vehicles[v]["first_holding"], terms.vehicles[v]["last_holding"]):
            sums.brought[v] += funds.shares[b, h]["income"]
    for e in range(funds.paths[b]["n_exits"]):
        sums.brought[owner_of(terms, funds.exits[b, e]["deal"])] += funds.exits[b, e]["proceeds"]


@kernel(allocates=False, is_inner=True)
def share_of(terms, closing, sums, b, i):
    """Share of an investor row in its class."""
    whole = sums.callable[terms.investors[i]["class"]]
    return closing.callable[b, i] / whole if whole > 0.0 else 0.0


@kernel(allocates=False, is_inner=True)
def check_parent(terms, closing, funds, sums, b, v, size, worst):
    """What a parent pays its children is what they call from it, and the same for distributions."""
    own = terms.vehicles[v]
    if own["first_edge"] == own["last_edge"]:
        return
    for t in range(terms.n_periods):
        called, received = 0.0, 0.0
        for e in range(own["first_edge"], own["last_edge"]):
            i = terms.edge_investor[e]
            c = terms.investors[i]["class"]
            sold = funds.sold_period[b, i]
            share = share_of(terms, closing, sums, b, i)
            called += funds.class_flows[b, ClassFlow.CONTRIBUTION, c, t] * share if t < sold else 0.0
            received += funds.class_flows[b, ClassFlow.DISTRIBUTION, c, t] * share if t <= sold else 0.0
        scale = max(size, received)
        raise_to(
            worst, Check.PARENT, abs(called - funds.vehicle_flows[b, VehicleFlow.CHILD_CALL, v, t]) / scale
        )
        raise_to(
            worst,
            Check.PARENT,
            abs(received - funds.vehicle_flows[b, VehicleFlow.CHILD_DISTRIBUTION, v, t]) / scale,
        )


@kernel(allocates=False, is_inner=True)
def check_holdings(terms, closing, funds, sums, b, v, size, worst):
    """Deals, exits and marks at the horizon against the vehicle's flows and holdings."""
    n, vehicle = terms.n_periods, terms.vehicles[v]
    cost, held, invested, received = 0.0, 0.0, 0.0, 0.0
    for slot in range(vehicle["first_deal"], vehicle["last_deal"]):
        cost += funds.deals[b, slot]["cost"]
        held += funds.deals[b, slot]["value"]
    for h in range(vehicle["first_holding"], vehicle["last_holding"]):
        cost += funds.shares[b, h]["cost"]
        held += funds.shares[b, h]["value"]
    for t in range(n):
        invested += funds.vehicle_flows[b, VehicleFlow.INVESTED, v, t]
        received += funds.vehicle_flows[b, VehicleFlow.PROCEEDS, v, t]
    sold = False
    for e in range(vehicle["first_edge"], vehicle["last_edge"]):
        i = terms.edge_investor[e]
        c = terms.investors[i]["class"]
        sold = sold or funds.sold_period[b, i] != NEVER
        if funds.sold_period[b, i] == NEVER:
            held += funds.class_nav[b, c, n] * share_of(terms, closing, sums, b, i)
    scale = max(size, received, held)
    holdings = funds.vehicle_stocks[b, VehicleStock.HOLDINGS, v, n]
    if vehicle["has_pool"] == 0:
        raise_to(worst, Check.COST, abs(cost - invested) / scale)
        if funds.vehicles[b, v]["end_period"] == NEVER:
            raise_to(worst, Check.NAV, abs(held - holdings) / scale)
    if vehicle["has_pool"] == 0 and not sold:
        raise_to(worst, Check.EXIT, abs(sums.brought[v] - received) / scale)


@kernel(allocates=False, is_inner=True)
def check_classes(terms, funds, returns, sums, b, v, worst):
    """Calls against callable, and the multiples against the flows, class by class."""
    n, own, flows = terms.n_periods, terms.vehicles[v], funds.class_flows[b]
    for c in range(own["first_class"], own["last_class"]):
        paid, back, least, committed = 0.0, 0.0, 0.0, sums.callable[c]
        for t in range(n):
            contribution = flows[ClassFlow.CONTRIBUTION, c, t]
            distribution = flows[ClassFlow.DISTRIBUTION, c, t]
            paid += contribution
            back += distribution
            least = min(least, contribution, distribution, funds.class_nav[b, c, t + 1])
        nav = funds.class_nav[b, c, n]
        scale = max(committed, back, nav, 1e-300)
        raise_to(worst, Check.FINITE, -least / scale)
        if own["fees_on_top"] == 0:
            raise_to(worst, Check.CALL, max(0.0, paid - committed) / scale)
        if paid > 0.0:
            tvpi = returns.measures[b, c, Measure.DPI] + returns.measures[b, c, Measure.RVPI]
            raise_to(worst, Check.MULTIPLE, abs((back + nav) / paid - tvpi) / max(tvpi, 1.0))
