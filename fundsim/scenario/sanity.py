"""Owns what a manager would doubt at a glance: amounts in another unit, money that lies idle, heavy fees."""

import datetime as dt
from collections.abc import Iterator

from fundsim.scenario.budgets import planned_fees
from fundsim.scenario.content import Content
from fundsim.scenario.doubts import Doubt, doubt
from fundsim.scenario.investing import Investing, expected_investments
from fundsim.scenario.vehicles import Vehicle
from fundsim.timegrid import add_months
from fundsim.vocabulary import AtEnd, LiveChildren

HUGE_COMMITMENT = 5e11
"""CNY 500 billion, 5,000 亿元, more than any park fund: 万元 may have been typed as 亿元."""
HUGE_SHARE = 1_000.0
"""A commitment over the size of the median other vehicle above which a slip of the unit is likely."""
FEW_DEALS, THIN_INVESTING = 0.30, 0.75
"""Deals × ticket over size below which deals, or the size, may be in another unit; and expected investments
below which much of what investors commit lies idle, as 85 % or more is usual."""
HEAVY_FEES = 0.20
"""Lifetime fees over commitments: twice the 10 to 14 % of commitments that are usual at most."""


def sanity_doubts(scenario: Content) -> Iterator[Doubt]:
    """Yield what is unlikely to be meant, each with its figure and the likely cause."""
    sizes = sorted(vehicle.size for vehicle in scenario.vehicles)
    for index, vehicle in enumerate(scenario.vehicles):
        where = f'vehicles[{index}] "{vehicle.name}"'
        slips = [*_commitments(scenario, vehicle, where, _median_without(sizes, vehicle.size))]
        yield from slips
        if not slips:  # next to a size in another unit all investments look small
            yield from _investing(scenario, vehicle, where)
        yield from _term(scenario, vehicle, where)
        yield from _tail(scenario, vehicle, where)
        fees = planned_fees(scenario, vehicle) / vehicle.size
        if fees > HEAVY_FEES:
            yield doubt(f"{where} terms", "heavy_fees", share=fees, limit=HEAVY_FEES)


def _median_without(ordered: list[float], one: float) -> float | None:
    """Median of ordered numbers without one of them; None if none is left."""
    n = len(ordered) - 1
    if n == 0:
        return None

    def other(rank: int) -> float:
        """The number at a rank among those that are left: those from `one` on move down."""
        return ordered[rank] if ordered[rank] < one else ordered[rank + 1]

    return 0.5 * (other((n - 1) // 2) + other(n // 2))


def _commitments(scenario: Content, vehicle: Vehicle, where: str, middle: float | None) -> Iterator[Doubt]:
    currency = scenario.currency
    for number, investor in enumerate(vehicle.investors):
        at = f'{where} investors[{number}] "{investor.label}" commitment'
        if currency.code == "CNY" and investor.commitment * currency.unit > HUGE_COMMITMENT:
            money = investor.commitment * currency.unit
            yield doubt(at, "huge_commitment", yi=money / 1e8)
        elif middle is not None and investor.commitment > HUGE_SHARE * middle:
            yield doubt(at, "outsized_commitment", times=investor.commitment / middle, middle=middle)


def _investing(scenario: Content, vehicle: Vehicle, where: str) -> Iterator[Doubt]:
    """Idle money, told once for a vehicle and in the words of what it holds."""
    children = scenario.children(vehicle.name)
    if not children and not vehicle.holds_itself:  # that it holds nothing is told elsewhere
        return
    expected = expected_investments(scenario, vehicle)
    if expected is None:
        return
    size, mandate = vehicle.size, vehicle.mandate
    values = {"expected": expected.total, "size": size, "share": expected.total / size}
    if mandate is not None:
        planned = mandate.deals * expected.deal
        besides = expected.stakes + expected.property_
        if planned + besides < FEW_DEALS * size:
            share = (planned + besides) / size
            path = f"{where} mandate.deals"
            sums = {"planned": planned, "size": size, "share": share}
            yield doubt(path, "few_deals", deals=mandate.deals, deal=expected.deal, **sums)
        elif expected.total < THIN_INVESTING * size:
            yield _thin_deals(expected, mandate.deals, where, values)
    elif expected.total < THIN_INVESTING * size:
        if vehicle.property_ is not None:
            yield doubt(f"{where} property", "thin_property", **values)
        elif vehicle.pool is not None:
            yield doubt(f"{where} pool", "thin_pool", **values)
        else:
            yield doubt(f"{where} investors", "thin_stakes", n=len(children), **values)


def _thin_deals(expected: Investing, n_planned: int, where: str, values: dict[str, float]) -> Doubt:
    """Too little planned; or enough, of which rounds and the cap on one enterprise let in too little, or
    too few deals of the vehicles with which it buys.
    """
    besides, enough = expected.total - expected.deals, THIN_INVESTING * values["size"]
    if besides + n_planned * expected.deal < enough:
        return doubt(f"{where} mandate.deals", "thin_investing", **values)
    planned = expected.n_deals * expected.deal
    if besides + planned < enough:
        return doubt(
            f"{where} mandate.with_vehicles", "few_to_join", n=expected.n_deals, deals=n_planned, **values
        )
    return doubt(f"{where} mandate", "small_rounds", planned=planned, deals=expected.deals, **values)


def _tail(scenario: Content, vehicle: Vehicle, where: str) -> Iterator[Doubt]:
    """A vehicle whose term and extension end before the horizon, but not its tail."""
    terms, start = vehicle.terms, scenario.start_of(vehicle)
    if terms.at_end != AtEnd.HOLD.word or _last_day(scenario, vehicle) > scenario.end:
        return
    tail = _last_day(scenario, vehicle, terms.tail_years)
    if tail > scenario.end:
        life = terms.term_years + terms.extension_years + terms.tail_years
        years = life + (start - scenario.start).days / 365.25
        yield doubt(f"{where} terms.tail_years", "tail", end=scenario.end, tail=tail, years=years)


def _term(scenario: Content, vehicle: Vehicle, where: str) -> Iterator[Doubt]:
    """A parent that ends before a child, both with their extensions, unless it is told to sell; told once."""
    if vehicle.terms.live_children == LiveChildren.SELL.word:
        return
    end = _last_day(scenario, vehicle)
    children = scenario.children(vehicle.name)
    ends = [(_last_day(scenario, child), child.name) for child in children]
    later = [one for one in ends if one[0] > end]
    if later:
        last, name = max(later, key=lambda one: one[0])
        yield doubt(
            f"{where} terms.term_years",
            "parent_ends_first",
            end=end,
            n=len(later),
            of=len(ends),
            child=name,
            last=last,
        )


def _last_day(scenario: Content, vehicle: Vehicle, tail_years: float = 0.0) -> dt.date:
    life = vehicle.terms.term_years + vehicle.terms.extension_years + tail_years
    return add_months(scenario.start_of(vehicle), round(12 * life))
