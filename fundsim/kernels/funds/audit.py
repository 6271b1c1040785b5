"""The audit of every path (§10): worst relative errors of the identities
that the funds pass must keep, from its outputs alone.
"""

from __future__ import annotations

from fundsim.kernels.base.jit import kernel
from fundsim.kernels.base.worst import raise_to
from fundsim.kernels.funds.returns import DPI, RVPI, owner_of
from fundsim.kernels.layout import (
    CARRY,
    CASH,
    CHILD_CALL,
    CHILD_DISTRIBUTION,
    CONTRIBUTION,
    DISTRIBUTION,
    EXPENSE,
    FEE,
    HOLDINGS,
    INTEREST,
    INVESTED,
    NEVER,
    PROCEEDS,
)

CHECKS = (
    "cash of each vehicle balances in every period",
    "sources equal uses over the life",
    "parents pay and receive what their children call and distribute",
    "deals cost what vehicles invested",
    "exits bring what vehicles received",
    "net asset value is the sum of what is held",
    "TVPI is DPI plus RVPI",
    "calls stay within what investors pay",
    "the partner never pays back more carry than it got",
    "stakes in an enterprise sum to at most one",
    "all amounts are finite and none is negative",
)
(
    CASH_CHECK,
    LIFE_CHECK,
    PARENT_CHECK,
    COST_CHECK,
    EXIT_CHECK,
    NAV_CHECK,
    MULTIPLE_CHECK,
    CALL_CHECK,
    CARRY_CHECK,
    STAKE_CHECK,
    FINITE_CHECK,
) = range(11)


@kernel
def audit_pass(terms, closing, funds, returns, worst):
    """Raise the entries of ``worst`` (11,) to the largest error of the block's paths."""
    for b in range(funds.paths.size):
        for v in range(terms.vehicles.size):
            size = 0.0
            for i in range(terms.vehicles[v]["first_investor"], terms.vehicles[v]["last_investor"]):
                size += closing.callable[b, i]
            size = max(size, 1e-300)
            check_cash(terms, funds, b, v, size, worst)
            check_parent(terms, closing, funds, b, v, size, worst)
            check_holdings(terms, closing, funds, b, v, size, worst)
            check_classes(terms, closing, funds, returns, b, v, worst)
        raise_to(worst, STAKE_CHECK, max(0.0, funds.paths[b]["largest_stake"] - 1.0))


@kernel(allocates=False, is_inner=True)
def check_cash(terms, funds, b, v, size, worst):
    """Cash at the end = cash before + in − out, in every period and over the life."""
    total, turnover, carry, least = 0.0, size, 0.0, 0.0
    for t in range(terms.n_periods):
        change = 0.0
        for c in range(terms.vehicles[v]["first_class"], terms.vehicles[v]["last_class"]):
            change += funds.class_flows[b, CONTRIBUTION, c, t] - funds.class_flows[b, DISTRIBUTION, c, t]
        flows = funds.vehicle_flows[b]
        into = flows[PROCEEDS, v, t] + flows[CHILD_DISTRIBUTION, v, t] + flows[INTEREST, v, t]
        out_of = flows[FEE, v, t] + flows[INVESTED, v, t] + flows[EXPENSE, v, t] + flows[CHILD_CALL, v, t]
        change += into - out_of - flows[CARRY, v, t]
        total += change
        turnover = max(turnover, into)
        cash = funds.vehicle_stocks[b, CASH, v]
        raise_to(worst, CASH_CHECK, abs(cash[t + 1] - cash[t] - change) / turnover)
        carry += flows[CARRY, v, t]
        least = min(least, cash[t + 1], flows[PROCEEDS, v, t], flows[FEE, v, t], flows[INVESTED, v, t])
        least = min(least, flows[CHILD_CALL, v, t], flows[CHILD_DISTRIBUTION, v, t])
    raise_to(worst, LIFE_CHECK, abs(total - funds.vehicle_stocks[b, CASH, v, terms.n_periods]) / turnover)
    raise_to(worst, CARRY_CHECK, max(0.0, -carry) / turnover)
    raise_to(worst, FINITE_CHECK, -least / turnover)


@kernel(allocates=False, is_inner=True)
def share_of(terms, closing, b, v, i):
    """Share of an investor row in its class."""
    whole = 0.0
    for k in range(terms.vehicles[v]["first_investor"], terms.vehicles[v]["last_investor"]):
        if terms.investors[k]["class"] == terms.investors[i]["class"]:
            whole += closing.callable[b, k]
    return closing.callable[b, i] / whole if whole > 0.0 else 0.0


@kernel(allocates=False, is_inner=True)
def check_parent(terms, closing, funds, b, v, size, worst):
    """What a parent pays its children is what they call from it, and the same for distributions."""
    if terms.vehicles[v]["first_edge"] == terms.vehicles[v]["last_edge"]:
        return
    for t in range(terms.n_periods):
        called, received = 0.0, 0.0
        for e in range(terms.vehicles[v]["first_edge"], terms.vehicles[v]["last_edge"]):
            i = terms.edge_investor[e]
            c = terms.investors[i]["class"]
            sold = funds.sold_period[b, i]
            share = share_of(terms, closing, b, terms.classes[c]["vehicle"], i)
            called += funds.class_flows[b, CONTRIBUTION, c, t] * share if t < sold else 0.0
            received += funds.class_flows[b, DISTRIBUTION, c, t] * share if t <= sold else 0.0
        scale = max(size, received)
        raise_to(worst, PARENT_CHECK, abs(called - funds.vehicle_flows[b, CHILD_CALL, v, t]) / scale)
        raise_to(
            worst, PARENT_CHECK, abs(received - funds.vehicle_flows[b, CHILD_DISTRIBUTION, v, t]) / scale
        )


@kernel(allocates=False, is_inner=True)
def check_holdings(terms, closing, funds, b, v, size, worst):
    """Deals, exits and marks at the horizon against the vehicle's flows and holdings."""
    n, vehicle = terms.n_periods, terms.vehicles[v]
    cost, held, invested, received, brought = 0.0, 0.0, 0.0, 0.0, 0.0
    for slot in range(vehicle["first_deal"], vehicle["last_deal"]):
        cost += funds.deals[b, slot]["cost"]
        held += funds.deals[b, slot]["value"]
    for h in range(vehicle["first_holding"], vehicle["last_holding"]):
        cost += funds.shares[b, h]["cost"]
        held += funds.shares[b, h]["value"]
        brought += funds.shares[b, h]["income"]
    for t in range(n):
        invested += funds.vehicle_flows[b, INVESTED, v, t]
        received += funds.vehicle_flows[b, PROCEEDS, v, t]
    sold = False
    for e in range(vehicle["first_edge"], vehicle["last_edge"]):
        i = terms.edge_investor[e]
        c = terms.investors[i]["class"]
        sold = sold or funds.sold_period[b, i] != NEVER
        if funds.sold_period[b, i] == NEVER:
            held += funds.class_nav[b, c, n] * share_of(terms, closing, b, terms.classes[c]["vehicle"], i)
    scale = max(size, received, held)
    holdings = funds.vehicle_stocks[b, HOLDINGS, v, n]
    if vehicle["has_pool"] == 0:
        raise_to(worst, COST_CHECK, abs(cost - invested) / scale)
        if funds.vehicles[b, v]["end_period"] == NEVER:
            raise_to(worst, NAV_CHECK, abs(held - holdings) / scale)
    if vehicle["has_pool"] == 0 and not sold:
        for e in range(funds.paths[b]["n_exits"]):
            if owner_of(terms, funds.exits[b, e]["deal"]) == v:
                brought += funds.exits[b, e]["proceeds"]
        raise_to(worst, EXIT_CHECK, abs(brought - received) / scale)


@kernel(allocates=False, is_inner=True)
def check_classes(terms, closing, funds, returns, b, v, worst):
    """Calls against callable, and the multiples against the flows, class by class."""
    n = terms.n_periods
    for c in range(terms.vehicles[v]["first_class"], terms.vehicles[v]["last_class"]):
        paid, back, least, committed = 0.0, 0.0, 0.0, 0.0
        for i in range(terms.vehicles[v]["first_investor"], terms.vehicles[v]["last_investor"]):
            committed += closing.callable[b, i] if terms.investors[i]["class"] == c else 0.0
        for t in range(n):
            paid += funds.class_flows[b, CONTRIBUTION, c, t]
            back += funds.class_flows[b, DISTRIBUTION, c, t]
            least = min(
                least, funds.class_flows[b, CONTRIBUTION, c, t], funds.class_flows[b, DISTRIBUTION, c, t]
            )
            least = min(least, funds.class_nav[b, c, t + 1])
        nav = funds.class_nav[b, c, n]
        scale = max(committed, back, nav, 1e-300)
        raise_to(worst, FINITE_CHECK, -least / scale)
        if terms.vehicles[v]["fees_on_top"] == 0:
            raise_to(worst, CALL_CHECK, max(0.0, paid - committed) / scale)
        if paid > 0.0:
            tvpi = returns.measures[b, c, DPI] + returns.measures[b, c, RVPI]
            raise_to(worst, MULTIPLE_CHECK, abs((back + nav) / paid - tvpi) / max(tvpi, 1.0))
