"""What is dated in the life of a vehicle: one act for each milestone, whoever finds that it is due."""

from fundsim.kernels.base.jit import kernel
from fundsim.vocabulary import AtEnd, TermStatus, VehicleStatus


@kernel(allocates=False, is_inner=True)
def start_vehicle(terms, v, t, state):
    """A vehicle that waits begins to live, to invest and to recycle, and owes the cost of its
    organisation (7.2).
    """
    own, vehicle = terms.vehicles[v], state.vehicles[v]
    if vehicle["status"] != VehicleStatus.WAITING:
        return
    vehicle["status"] = VehicleStatus.LIVE
    vehicle["last_deal"] = t
    vehicle["is_investing"] = 1 if t <= own["investment_end"] else 0
    vehicle["is_recycling"] = 1 if t < own["recycling_until"] else 0
    for c in range(own["first_class"], own["last_class"]):
        state.classes[c]["fee_owed"] += own["organisation_cost"] * state.classes[c]["fee_weight"]


@kernel(allocates=False, is_inner=True)
def end_recycling(vehicle):
    """From now on all that comes in is distributed (7.3)."""
    vehicle["is_recycling"] = 0


@kernel(allocates=False, is_inlined=True)
def reach(vehicle, status):
    """The vehicle is further in its term, unless it hands out its last shares."""
    if vehicle["term"] != TermStatus.LOCKED:
        vehicle["term"] = status


@kernel(allocates=False, is_inner=True)
def end_term(vehicle):
    """From now on the vehicle is tested each period (7.8)."""
    reach(vehicle, TermStatus.EXTENDED)


@kernel(allocates=False, is_inner=True)
def end_extension(own, vehicle):
    """The tail of a vehicle that holds on begins; of any other its term is over (7.8)."""
    if own["at_end"] == AtEnd.HOLD and own["tail_period"] > own["last_period"]:
        reach(vehicle, TermStatus.TAIL)
        stop_investing(own, vehicle)
    else:
        end_tail(vehicle)


@kernel(allocates=False, is_inner=True)
def end_tail(vehicle):
    """From now on nothing but live children keeps the vehicle from its end (7.8)."""
    reach(vehicle, TermStatus.OVER)


@kernel(allocates=False, is_inner=True)
def stop_investing(own, vehicle):
    """Neither new deals nor follow-ons from now on; what a pool calls was promised before (7.8)."""
    if own["has_pool"] == 0:
        vehicle["is_investing"] = 0
        vehicle["reserve_left"] = 0.0


@kernel(allocates=False, is_inner=True)
def end_investment(vehicle):
    """No new deals from the next period on, and calls are bounded from now on (7.1)."""
    vehicle["is_investing"] = 0
