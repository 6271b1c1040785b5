"""Owns what a manager would doubt at a glance: amounts in another unit, money that lies idle, heavy fees."""

from collections.abc import Iterator
from statistics import median

from fundsim.scenario.budgets import lifetime_fees
from fundsim.scenario.content import Content
from fundsim.scenario.doubts import Doubt, doubt
from fundsim.scenario.vehicles import Vehicle
from fundsim.timegrid import add_months

HUGE_COMMITMENT = 5e11
"""CNY 500 billion, 5,000 亿元, more than any park fund: 万元 may have been typed as 亿元."""
HUGE_SHARE = 1_000.0
"""A commitment over the median vehicle's size from which a slip of the unit is likely."""
FEW_DEALS, THIN_INVESTING = 0.30, 0.75
"""Planned investments over size below which deals, or the size, may be in another unit; and below which much
of what investors commit lies idle, as 85 % or more is usual."""
HEAVY_FEES = 0.20
"""Lifetime fees over commitments: twice the 10 to 14 % of commitments that are usual at most."""


def sanity_doubts(scenario: Content) -> Iterator[Doubt]:
    """Yield what is unlikely to be meant, each with its figure and the likely cause."""
    middle = median(vehicle.size for vehicle in scenario.vehicles)
    for index, vehicle in enumerate(scenario.vehicles):
        where = f'vehicles[{index}] "{vehicle.name}"'
        yield from _commitments(scenario, vehicle, where, middle)
        yield from _investing(scenario, vehicle, where)
        yield from _term(scenario, vehicle, where)
        fees = lifetime_fees(vehicle) / vehicle.size if vehicle.size > 0.0 else 0.0
        if fees > HEAVY_FEES:
            yield doubt(f"{where} terms", "heavy_fees", share=fees, limit=HEAVY_FEES)


def _commitments(scenario: Content, vehicle: Vehicle, where: str, middle: float) -> Iterator[Doubt]:
    currency = scenario.currency
    for number, investor in enumerate(vehicle.investors):
        at = f'{where} investors[{number}] "{investor.label}" commitment'
        if currency.code == "CNY" and investor.commitment * currency.unit > HUGE_COMMITMENT:
            money = investor.commitment * currency.unit
            yield doubt(at, "huge_commitment", yi=money / 1e8)
        elif investor.commitment > HUGE_SHARE * middle:
            yield doubt(at, "outsized_commitment", times=investor.commitment / middle, middle=middle)


def _investing(scenario: Content, vehicle: Vehicle, where: str) -> Iterator[Doubt]:
    planned = None
    if planned is None or vehicle.size <= 0.0:
        return
    share = planned / vehicle.size
    if share < THIN_INVESTING:
        kind = "few_deals" if share < FEW_DEALS else "thin_investing"
        path = f"{where} mandate.deals" if vehicle.mandate is not None else f"{where} investors"
        yield doubt(path, kind, planned=planned, size=vehicle.size, share=share)


def _term(scenario: Content, vehicle: Vehicle, where: str) -> Iterator[Doubt]:
    """A parent that ends before a child's term, extensions left out of both."""
    end = add_months(scenario.start_of(vehicle), round(12 * vehicle.terms.term_years))
    for child in scenario.children(vehicle.name):
        last = add_months(scenario.start_of(child), round(12 * child.terms.term_years))
        if last > add_months(end, round(12 * vehicle.terms.extension_years)):
            yield doubt(
                f"{where} terms.term_years", "parent_ends_first", child=child.name, end=end, last=last
            )
