"""Landing, slow and obvious, from (7.0 c) and (8.9) of docs/model.md."""

from __future__ import annotations

from fundsim.vocabulary import InvestorKind
from tests.twins.plan.periods import period_of, start_period


def checkpoints(scenario):
    """Each is tested in the period in which its time since the vehicle's start falls."""
    found = {"vehicle": [], "period": [], "multiple": []}
    for v, vehicle in enumerate(scenario.vehicles):
        for point in vehicle.obligations.checkpoints:
            found["vehicle"].append(v)
            found["period"].append(start_period(scenario, vehicle) + period_of(scenario, point.at_years))
            found["multiple"].append(point.landing_multiple)
    return found


def misses_a_checkpoint(model, vehicle, period):
    """Whether a checkpoint of the period finds less credited than is owed for the money paid in."""
    for point in model.instruments.landing.checkpoints:
        if int(point["vehicle"]) == vehicle.number and int(point["period"]) == period:
            owed = float(point["multiple"]) * guidance_paid_in(model, vehicle)
            if vehicle.credited < owed * (1.0 - 1e-12):
                return True
    return False


def guidance_paid_in(model, vehicle):
    """Paid in by mothers and fiscal investors, or by state investors where a vehicle has neither (8.9)."""
    investors, vehicles = model.terms.investors, model.terms.vehicles
    parents = {i: int(investors[i]["parent"]) for i in vehicle.rows}
    counted = [
        i
        for i in vehicle.rows
        if (parents[i] >= 0 and vehicles[parents[i]]["is_mother"])
        or investors[i]["kind"] == InvestorKind.FISCAL
    ]
    counted = counted or [i for i in vehicle.rows if investors[i]["kind"] == InvestorKind.STATE]
    return sum(model.class_of(i).waterfall.contributed * model.row_part(i) for i in counted)
