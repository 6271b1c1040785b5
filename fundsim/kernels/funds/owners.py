"""Owns the answer to whose an interest in a vehicle is now: who pays its calls, gets its distributions and
counts its value, and how it is sold (7.0, 7.8).

A row of an investor has an owner: a vehicle, or −1 for investors outside the cluster. A transfer to
outside investors changes that number and nothing else; one to another vehicle needs the row also among
those that the plan lets the buyer hold (its edges).
"""

from fundsim.kernels.base.jit import kernel
from fundsim.vocabulary import VehicleStatus


@kernel(allocates=False, is_inlined=True)
def look_at_children(terms, v, state):
    """NAV of the vehicle's interests, what live children may still call, and how many live (7.8)."""
    own, vehicle = terms.vehicles[v], state.vehicles[v]
    nav, may_call, n_live = 0.0, 0.0, 0
    for e in range(own["first_edge"], own["last_edge"]):
        i = terms.edge_investor[e]
        investor, c = state.investors[i], terms.investors[i]["class"]
        child = state.vehicles[terms.classes[c]["vehicle"]]
        if child["status"] != VehicleStatus.ENDED and investor["owner"] == v:
            n_live += 1
            nav += state.classes[c]["nav"] * investor["share"]
            may_call += state.classes[c]["may_call"] * investor["share"]
    vehicle["n_live_children"] = n_live
    vehicle["child_nav"] = nav
    vehicle["may_call"] = may_call + vehicle["interest_due"]


@kernel(allocates=False, is_inlined=True)
def hand_up(terms, own, c, paid, state):
    """Vehicles that own of this class have their cash in the same period (7.0 b)."""
    for i in range(own["first_investor"], own["last_investor"]):
        investor = state.investors[i]
        if terms.investors[i]["class"] == c and investor["owner"] >= 0:
            state.vehicles[investor["owner"]]["child_distribution"] += paid * investor["share"]


@kernel(allocates=False, is_inlined=True)
def call_owners(terms, v, c, paid, state):
    """Each owner's part of a call on the class; of it, what landing terms count as guidance money (7.1)."""
    own = terms.vehicles[v]
    for i in range(own["first_investor"], own["last_investor"]):
        if terms.investors[i]["class"] == c:
            investor = state.investors[i]
            amount = paid * investor["share"]
            if investor["owner"] >= 0:
                owner = state.vehicles[investor["owner"]]
                owner["child_call"] += amount
                owner["unrealised"] += amount
                investor["interest_cost"] += amount
            if terms.investors[i]["is_guidance"] == 1:
                state.vehicles[v]["guidance"] += amount


@kernel(allocates=False, is_inner=True)
def sell_interests(terms, now, v, discount, state, out):
    """At its term a vehicle may sell its interests in live children to outside investors (7.8)."""
    own, vehicle = terms.vehicles[v], state.vehicles[v]
    vehicle["proceeds"] += vehicle["child_nav"] * (1.0 - discount)
    for e in range(own["first_edge"], own["last_edge"]):
        i = terms.edge_investor[e]
        investor = state.investors[i]
        child = state.vehicles[terms.classes[terms.investors[i]["class"]]["vehicle"]]
        if child["status"] != VehicleStatus.ENDED and investor["owner"] == v:
            investor["owner"] = -1
            vehicle["unrealised"] -= investor["interest_cost"]
            out.sold_period[now.b, i] = now.t
    vehicle["child_nav"] = 0.0
    vehicle["may_call"] = vehicle["interest_due"]


@kernel(allocates=False, is_inner=True)
def write_off_interests(own, state):
    """The owners of an ended vehicle hold nothing of it any more."""
    for i in range(own["first_investor"], own["last_investor"]):
        investor = state.investors[i]
        if investor["owner"] >= 0:
            state.vehicles[investor["owner"]]["unrealised"] -= investor["interest_cost"]
