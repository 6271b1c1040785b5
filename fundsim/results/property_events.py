"""Owns the events of property on one path: projects, REITs, and the interests that vehicles take."""

from collections.abc import Iterator

import numpy as np

from fundsim.kernels.layout import FundBlock
from fundsim.kernels.property.records import PropertyBlock
from fundsim.plan import Plan
from fundsim.results.events import Row, event
from fundsim.vocabulary import EventKind

LEAST = 1e-9
"""Trapped cash below this share of a project's value is what rounding leaves."""


def property_rows(plan: Plan, block: PropertyBlock, funds: FundBlock) -> list[Row]:
    """Events of property of a block of one path."""
    rows = [row for j in range(len(plan.names.projects)) for row in project_rows(plan, block, j)]
    rows += [row for r in range(len(plan.names.reits)) for row in reit_rows(plan, block, r)]
    return rows + list(purchase_rows(plan, block, funds))


def project_rows(plan: Plan, block: PropertyBlock, j: int) -> Iterator[Row]:
    """What happens to a project until it is in its REIT or gone."""
    name, terms = list(plan.names.projects)[j], plan.property.projects[j]
    result, periods = block.results[0, j], block.periods[0, j]
    capital = block.interests[0, j]["capital"], block.interests[0, len(plan.names.projects) + j]["capital"]
    held = capital[1] if result["sold"] >= 0 else capital[0]
    t = int(result["started"])
    if t >= 0:
        yield event(
            EventKind.BUILDING,
            t,
            counterpart=name,
            amount=terms["cost"],
            recycled=bool(result["from_pot"]),
        )
    n = int(result["completed"])
    if terms["build_periods"] > 0 and 0 < n <= plan.grid.n_periods:
        yield event(EventKind.COMPLETION, n - 1, counterpart=name)
    for kind, when, amounts in (
        (EventKind.REFINANCING, "refinanced", periods["drawn"]),
        (EventKind.PROJECT_SALE, "sold", capital[0]),
        (EventKind.RESALE, "sold_again", held),
        (EventKind.ENFORCEMENT, "enforced", held),
    ):
        t = int(result[when])
        if t >= 0:
            yield event(kind, t, counterpart=name, amount=amounts[t], value=periods["value"][t])
    t = int(result["listed"])
    if t >= 0:
        yield event(
            EventKind.PROJECT_LISTING,
            t,
            counterpart=name,
            amount=result["listing_price"],
            book=result["book"],
            cash=held[t],
        )
    yield from trap_rows(name, periods["trapped"], periods["value"])


def trap_rows(name: str, trapped: np.ndarray, value: np.ndarray) -> Iterator[Row]:
    """When cash begins to be trapped, and when none is any more."""
    is_trapped = trapped > LEAST * value
    before = np.concatenate([[False], is_trapped[:-1]])
    for t in np.flatnonzero(is_trapped != before).tolist():
        if is_trapped[t]:
            yield event(EventKind.CASH_TRAP, t, counterpart=name, amount=trapped[t])
        else:
            yield event(EventKind.CASH_RELEASE, t, counterpart=name, amount=trapped[t - 1])


def reit_rows(plan: Plan, block: PropertyBlock, r: int) -> Iterator[Row]:
    """Offerings of a REIT, and its dividends by year, dated at the year's end."""
    name, periods, m = list(plan.names.reits)[r], block.reits[0, r], plan.grid.periods_per_year
    before = np.concatenate([[0.0], periods["units"][:-1]])
    for t in np.flatnonzero(periods["offering"]).tolist():
        yield event(
            EventKind.FOLLOW_ON_OFFERING if before[t] > 0.0 else EventKind.REIT_LISTING,
            t,
            counterpart=name,
            amount=periods["raised"][t],
            units=periods["units"][t] - before[t],
            price=periods["price"][t],
        )
    for y in range(plan.n_years):
        paid = float(periods["dividend"][y * m : (y + 1) * m].sum())
        if paid > 0.0:
            last = min((y + 1) * m, plan.grid.n_periods) - 1
            yield event(EventKind.DIVIDEND, last, counterpart=name, amount=paid)


def purchase_rows(plan: Plan, block: PropertyBlock, funds: FundBlock) -> Iterator[Row]:
    """Interests that vehicles take: the amount is price and planned calls of the share."""
    for h, (vehicle, interest) in enumerate(plan.names.holdings):
        holding, k = funds.shares[0, h], int(plan.funds.holding_interest[h])
        t = int(holding["bought"])
        if t >= 0:
            offer = block.interests[0, k, t]
            yield event(
                EventKind.PURCHASE,
                t,
                vehicle=vehicle,
                counterpart=interest,
                amount=holding["share"] * (offer["price"] + offer["due"]),
                share=holding["share"],
            )
