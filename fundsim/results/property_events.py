"""Owns the events of property on one path: projects, REITs, and the interests that vehicles take."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from fundsim.kernels.layout import FundBlock
from fundsim.kernels.property.records import PropertyBlock
from fundsim.plan import Plan

Row = tuple[int, str, str, str, float, str]
KINDS = (
    "building", "completion", "refinancing", "project_sale", "resale", "project_listing", "enforcement",
    "cash_trap", "cash_release", "reit_listing", "follow_on_offering", "dividend", "purchase",
)  # fmt: skip
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
        source = "from recycled money" if result["from_pot"] else ""
        yield t, "building", "", name, float(terms["cost"]), source
    n = int(result["completed"])
    if terms["build_periods"] > 0 and 0 < n <= plan.grid.n_periods:
        yield n - 1, "completion", "", name, np.nan, ""
    t = int(result["refinanced"])
    if t >= 0:
        yield t, "refinancing", "", name, float(periods["drawn"][t]), valued(periods["value"][t])
    t = int(result["sold"])
    if t >= 0:
        yield t, "project_sale", "", name, float(capital[0][t]), valued(periods["value"][t])
    t = int(result["sold_again"])
    if t >= 0:
        yield t, "resale", "", name, float(held[t]), valued(periods["value"][t])
    t = int(result["listed"])
    if t >= 0:
        detail = f"book {result['book']:.4g}; owner's cash {held[t]:.4g}"
        yield t, "project_listing", "", name, float(result["listing_price"]), detail
    t = int(result["enforced"])
    if t >= 0:
        yield t, "enforcement", "", name, float(held[t]), valued(periods["value"][t])
    yield from trap_rows(name, periods["trapped"], periods["value"])


def trap_rows(name: str, trapped: np.ndarray, value: np.ndarray) -> Iterator[Row]:
    """When cash begins to be trapped, and when none is any more."""
    is_trapped = trapped > LEAST * value
    before = np.concatenate([[False], is_trapped[:-1]])
    for t in np.flatnonzero(is_trapped != before).tolist():
        if is_trapped[t]:
            yield t, "cash_trap", "", name, float(trapped[t]), ""
        else:
            yield t, "cash_release", "", name, float(trapped[t - 1]), ""


def valued(value: float) -> str:
    """The detail that says what a project was worth."""
    return f"value {value:.4g}"


def reit_rows(plan: Plan, block: PropertyBlock, r: int) -> Iterator[Row]:
    """Offerings of a REIT, and its dividends by year, dated at the year's end."""
    name, periods, m = list(plan.names.reits)[r], block.reits[0, r], plan.grid.periods_per_year
    before = np.concatenate([[0.0], periods["units"][:-1]])
    for t in np.flatnonzero(periods["offering"]).tolist():
        kind = "follow_on_offering" if before[t] > 0.0 else "reit_listing"
        units, price = periods["units"][t] - before[t], periods["price"][t]
        yield t, kind, "", name, float(periods["raised"][t]), f"{units:.4g} units; price {price:.4g}"
    for y in range(plan.n_years):
        paid = float(periods["dividend"][y * m : (y + 1) * m].sum())
        if paid > 0.0:
            last = min((y + 1) * m, plan.grid.n_periods) - 1
            yield last, "dividend", "", name, paid, ""


def purchase_rows(plan: Plan, block: PropertyBlock, funds: FundBlock) -> Iterator[Row]:
    """Interests that vehicles take: the amount is price and planned calls of the share."""
    for h, (vehicle, interest) in enumerate(plan.names.holdings):
        holding, k = funds.shares[0, h], int(plan.funds.holding_interest[h])
        t = int(holding["bought"])
        if t >= 0:
            offer = block.interests[0, k, t]
            amount = float(holding["share"] * (offer["price"] + offer["due"]))
            yield t, "purchase", vehicle, interest, amount, f"share {100 * holding['share']:.4g}%"
