"""Owns what a vehicle is expected to invest by what its file states: stakes, deals, property, pools."""

import math
from dataclasses import dataclass

from fundsim.scenario.budgets import planned_fees
from fundsim.scenario.content import Content
from fundsim.scenario.distributions import Lognormal, mean
from fundsim.scenario.mandates import Mandate
from fundsim.scenario.offers import expected_purchases
from fundsim.scenario.sectors import Stage
from fundsim.scenario.vehicles import Vehicle


@dataclass(frozen=True, slots=True)
class Investing:
    """Expected investments of a vehicle over its life, in currency units."""

    stakes: float = 0.0
    deal: float = 0.0
    """What one deal is planned at: its ticket, or its stake of the mean post-money value."""
    n_deals: int = 0
    """Deals that it can make: with others no more than they make."""
    deals: float = 0.0
    """All deals, each limited by its round and by the cap on one enterprise."""
    reserve: float = 0.0
    property_: float = 0.0
    pool: float = 0.0

    @property
    def total(self) -> float:
        """All of it."""
        return self.stakes + self.deals + self.reserve + self.property_ + self.pool


def expected_investments(scenario: Content, vehicle: Vehicle) -> Investing | None:
    """
    What a vehicle would invest if all went as the file states it, each quantity at its mean.

    Everything closes in full, the window is neutral, every deal finds its round and rounds at a stage are as
    large as those of enterprises that enter at it; a REIT lists at the first attempt, and nobody else takes
    what a vehicle may buy of the property. None where deals by stake may be at a stage at which no enterprise
    enters: what one is worth there depends on its way through the stages before.
    """
    fees = 0.0 if vehicle.terms.fees_on_top else planned_fees(scenario, vehicle)
    investable = max(vehicle.size - fees, 0.0)
    stakes = sum(investor.commitment for _, investor in scenario.stakes(vehicle.name))
    property_ = expected_purchases(scenario, vehicle)
    pool = 0.0 if vehicle.pool is None else sum(vehicle.pool.contributions) * investable
    mandate = vehicle.mandate
    if mandate is None:
        return Investing(stakes=stakes, property_=property_, pool=pool)
    known = _a_deal(scenario, mandate, mandate.single_enterprise_cap * vehicle.size)
    if known is None:
        return None
    deal, bought = known
    n_deals, reserve = _n_deals(scenario, mandate), mandate.reserve_share * investable
    return Investing(stakes, deal, n_deals, n_deals * bought, reserve, property_, pool)


def _n_deals(scenario: Content, mandate: Mandate) -> int:
    if not mandate.with_vehicles:
        return mandate.deals
    others = (scenario.vehicle(name).mandate for name in mandate.with_vehicles)
    return min(mandate.deals, sum(other.deals for other in others if other is not None))


def _a_deal(scenario: Content, mandate: Mandate, cap: float) -> tuple[float, float] | None:
    """Mean of what a deal is planned at, and of what it comes to within its round and the cap (5.2)."""
    weights, stages = _stages(scenario, mandate)
    planned = bought = 0.0
    for weight, stage in zip(weights, stages, strict=True):
        if stage.entry_value is None:
            if mandate.ticket is None:
                return None
            planned += weight * mandate.ticket
            bought += weight * min(mandate.ticket, cap)
            continue
        sold = stage.share_sold.mean
        post = stage.entry_value.model_copy(update={"median": stage.entry_value.median / (1.0 - sold)})
        most = mandate.max_round_share * sold
        if mandate.stake is not None:
            planned += weight * mandate.stake * mean(post)
            bought += weight * _mean_up_to(post, min(mandate.stake, most), cap)
        else:
            ticket = mandate.ticket or 0.0
            planned += weight * ticket
            bought += weight * _mean_up_to(post, most, min(ticket, cap))
    return planned, bought


def _stages(scenario: Content, mandate: Mandate) -> tuple[list[float], list[Stage]]:
    """The stages of all sectors at which it buys, and the share of its deals in each."""
    given = mandate.stage_weights or (1.0,) * len(mandate.stages)
    found = [
        (weight, stage)
        for sector in mandate.sectors
        for name, weight in zip(mandate.stages, given, strict=True)
        if weight > 0.0 and (stage := scenario.sector(sector).stage(name)) is not None
    ]
    total = sum(weight for weight, _ in found)
    return [weight / total for weight, _ in found], [stage for _, stage in found]


def _mean_up_to(quantity: Lognormal, factor: float, most: float) -> float:
    """Mean of the smaller of `factor` times a lognormal quantity and `most`."""
    middle, sd = factor * quantity.median, quantity.log_sd
    if sd == 0.0:
        return min(middle, most)
    place = math.log(most / middle) / sd
    return factor * mean(quantity) * _normal(place - sd) + most * _normal(-place)


def _normal(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2.0))
