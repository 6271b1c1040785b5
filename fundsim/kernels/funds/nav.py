"""Net asset value of classes, and the stocks at the end of a period (7.8, §8)."""

from fundsim.kernels.base.jit import kernel
from fundsim.kernels.formulas.waterfall import entitled_carry
from fundsim.kernels.funds.marks import mark_positions
from fundsim.kernels.funds.owners import look_at_children
from fundsim.vocabulary import VehicleStatus, VehicleStock


@kernel(allocates=False, is_inner=True)
def revalue(terms, market, world, now, is_before_calls, state):
    """NAV of every class at date t + 1, from the leaves up (7.8, §8)."""
    mark_positions(terms, market, world, now, is_before_calls, state)
    for order in range(terms.children_first.size):
        v = terms.children_first[order]
        if state.vehicles[v]["status"] == VehicleStatus.LIVE:
            revalue_vehicle(terms, v, state)


@kernel(allocates=False, is_inlined=True)
def revalue_vehicle(terms, v, state):
    """NAV of a vehicle's classes from its marks and from what its children are worth."""
    own, vehicle = terms.vehicles[v], state.vehicles[v]
    look_at_children(terms, v, state)
    holdings = vehicle["marks"] + vehicle["child_nav"]
    for c in range(own["first_class"], own["last_class"]):
        value_class(own, terms.classes[c], state.classes[c], holdings)


@kernel(allocates=False, is_inner=True)
def value_class(own, class_terms, investor_class, holdings):
    """NAV of a class, net of carry on a hypothetical liquidation (§8)."""
    nav = investor_class["weight"] * holdings + investor_class["cash"] - investor_class["fee_owed"]
    if class_terms["pays_carry"] == 1:
        taken = investor_class["distributed"] + investor_class["carry_paid"] + nav
        profit = taken - investor_class["paid_in"]
        entitled = entitled_carry(profit, investor_class["accrued"], own["carry_rate"], own["catch_up_rate"])
        nav -= entitled - investor_class["carry_paid"]
    investor_class["nav"] = max(nav, 0.0)


@kernel(allocates=False, is_inlined=True)
def value_classes(terms, market, world, now, state, out):
    """Stocks at the end of the period."""
    revalue(terms, market, world, now, False, state)
    for v in range(terms.vehicles.size):
        if state.vehicles[v]["status"] == VehicleStatus.LIVE:
            write_stocks(terms, now, v, state, out)


@kernel(allocates=False, is_inlined=True)
def write_stocks(terms, now, v, state, out):
    """A vehicle's cash, holdings and cost, and the NAV of its classes."""
    own, vehicle, stocks = terms.vehicles[v], state.vehicles[v], out.vehicle_stocks[now.b, :, v, now.t + 1]
    cash = 0.0
    for c in range(own["first_class"], own["last_class"]):
        cash += state.classes[c]["cash"]
        out.class_nav[now.b, c, now.t + 1] = state.classes[c]["nav"]
    stocks[VehicleStock.HOLDINGS] = vehicle["marks"] + vehicle["child_nav"]
    stocks[VehicleStock.CASH] = cash
    stocks[VehicleStock.UNREALISED_COST] = vehicle["unrealised"]
