"""Planned deals and mandates (3, 5.1, 5.2)."""

from tests.twins.plan.fields import beta, cumulative, hash_name
from tests.twins.plan.periods import n_periods, period_of, start_period
from tests.twins.plan.pools import last_contribution
from tests.twins.plan.property import buys_until


def planned(scenario):
    """(vehicle's place, vehicle, k) of each planned deal, vehicle after vehicle, in time order."""
    return [
        (v, vehicle, k)
        for v, vehicle in enumerate(scenario.vehicles)
        if vehicle.mandate is not None
        for k in range(vehicle.mandate.deals)
    ]


def deal_years(scenario, vehicle, k):
    """§3: `start + from_years + (k+½)/n·over_years`."""
    mandate = vehicle.mandate
    start = start_period(scenario, vehicle) / scenario.periods_per_year
    return start + mandate.from_years + (k + 0.5) / mandate.deals * mandate.over_years


def deals(scenario):
    """Fields of all planned deals. A park deal is tried from its own period to that of its patience (5.1)."""
    found, n_outside = [], 0
    mandates = [vehicle.name for vehicle in scenario.vehicles if vehicle.mandate is not None]
    for v, vehicle, k in planned(scenario):
        mandate, years = vehicle.mandate, deal_years(scenario, vehicle, k)
        found.append({
            "vehicle": v,
            "vehicle_stream": hash_name(f"deal/{vehicle.name}"),
            "number": k,
            "years": years,
            "patience": mandate.patience_years,
            "period": period_of(scenario, years),
            "last_period": period_of(scenario, years + mandate.patience_years),
            "park_share": mandate.park_share,
            "candidates": mandate.n_candidates,
            "skill": beta(mandate.skill),
            "manager": hash_name(f"manager/{vehicle.manager or vehicle.name}"),
            "row": n_outside if mandate.n_candidates else -1,
            "entry": mandates.index(vehicle.name),
        })  # fmt: skip
        n_outside += mandate.n_candidates > 0
    names = found[0] if found else ()
    return {name: [deal[name] for deal in found] for name in names}


def last_deal(scenario, vehicle):
    """The last period in which a planned deal is tried, −1 without deals."""
    if vehicle.mandate is None:
        return -1
    patience = vehicle.mandate.patience_years
    times = [deal_years(scenario, vehicle, k) for k in range(vehicle.mandate.deals)]
    return max(period_of(scenario, years + patience) for years in times)


def investment_end(scenario, vehicle):
    """(5.2), (7.7), (5.9): the last period of the last deal, of the pool's contributions, or of purchases of
    property within the horizon; −1 without any.
    """
    purchases = min(buys_until(scenario, vehicle), n_periods(scenario)) - 1
    return max(last_deal(scenario, vehicle), last_contribution(scenario, vehicle), purchases, -1)


def again_until(scenario, vehicle):
    """(5.1): the last period of deals planned again; −1 where lost is lost."""
    mandate = vehicle.mandate
    if mandate is None or not mandate.retries_lost_deals:
        return -1
    start = start_period(scenario, vehicle) / scenario.periods_per_year
    end = period_of(scenario, start + mandate.from_years + mandate.over_years)
    return min(end, last_deal(scenario, vehicle))


def all_stages(scenario):
    return [(sector, stage) for sector in scenario.sectors for stage in sector.stages]


def is_wanted(mandate, sector, stage):
    return mandate is not None and sector.name in mandate.sectors and stage.name in mandate.stages


def stage_is_wanted(scenario):
    """(5.1): whether a round's (sector, stage) is in each vehicle's mandate."""
    return [
        [int(is_wanted(vehicle.mandate, *pair)) for pair in all_stages(scenario)] or [0]
        for vehicle in scenario.vehicles
    ]


def entry_cumulative(scenario):
    """§3: one draw over the mandate's (sector, stage) pairs that exist, weights `stage_weights`."""
    rows = []
    for mandate in (vehicle.mandate for vehicle in scenario.vehicles if vehicle.mandate is not None):
        weights = []
        for sector, stage in all_stages(scenario):
            weight = 0.0
            if is_wanted(mandate, sector, stage):
                place = mandate.stages.index(stage.name)
                weight = 1.0 if mandate.stage_weights is None else mandate.stage_weights[place]
            weights.append(weight)
        rows.append(cumulative(weights) if sum(weights) > 0.0 else [1.0] * len(weights))
    return rows or [[1.0] * max(len(all_stages(scenario)), 1)]
