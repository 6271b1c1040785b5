"""Measures of return (§8), slow and obvious: one stream of flows at a time."""

from __future__ import annotations

import math

import numpy as np

SMALL = 1e-9


def npv(flows, x):
    """Present value with every flow on the scale of the largest term, which keeps the sign at any x."""
    exponents = [-x * t for t in range(len(flows))]
    top = max(exponents)
    return sum(flow * math.exp(exponent - top) for flow, exponent in zip(flows, exponents, strict=True))


def irr(flows, periods_per_year):
    """(8.1): the annual rate, −1 where nothing comes back, NaN where there is none; by scan and bisection."""
    # Without zeros at the ends the largest term is never zero, so the sign holds at any x.
    flows = np.trim_zeros(np.array(flows, dtype=float)).tolist()
    if not any(flow < 0.0 for flow in flows):
        return math.nan
    if not any(flow > 0.0 for flow in flows):
        return -1.0
    # rounding may leave 1e-17 of what is lost to come back, at a rate far below all others
    spans = np.linspace(-700, -30, 671), np.linspace(-30, 30, 1201), np.linspace(-2, 2, 2001)
    grid = np.unique(np.concatenate(spans))
    values = [npv(flows, x) for x in grid]
    falling, rising = [], []
    for low, high, at_low, at_high in zip(grid, grid[1:], values, values[1:], strict=False):
        if at_low == 0.0 or (at_low > 0.0) != (at_high > 0.0):
            (falling if at_low > at_high else rising).append(bisected(flows, low, high))
    rates = [math.expm1(periods_per_year * x) for x in falling or rising]
    return min(rates, key=abs) if rates else math.nan


def bisected(flows, low, high):
    if npv(flows, low) == 0.0:
        return low
    is_positive = npv(flows, low) > 0.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        if (npv(flows, middle) > 0.0) == is_positive:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def ratio(a, b):
    return a / b if b > 0.0 else math.nan


def with_nav(contribution, distribution, nav):
    flows = np.array(distribution) - np.array(contribution)
    flows[-1] += nav
    return flows


def payback_years(contribution, distribution, start, periods_per_year):
    """Years from the start until the cash is back for good, as far as it goes below zero."""
    total = np.cumsum(np.array(distribution) - np.array(contribution))
    if contribution.sum() <= 0.0:
        return math.nan
    for t in range(max(int(total.argmin()), start), len(total)):
        if total[t] >= -SMALL * contribution.sum():
            return (t + 1 - start) / periods_per_year
    return math.nan


def measures(contribution, distribution, nav, commitment, index, start, periods_per_year):
    """All measures of one stream but the gross IRR, as a dict;
    `nav` is the last value, `index` has T + 1 levels.
    """
    paid, back = float(contribution.sum()), float(distribution.sum())
    net = np.cumsum(distribution - contribution)
    growth = index[-1] / index[1:]
    future_paid, future_back = float((contribution * growth).sum()), float((distribution * growth).sum())
    tvpi = ratio(back + nav, paid)
    return {
        "net_irr": irr(with_nav(contribution, distribution, nav), periods_per_year),
        "tvpi": tvpi,
        "dpi": ratio(back, paid),
        "rvpi": ratio(nav, paid),
        "paid_in_share": ratio(paid, commitment),
        "payback_years": payback_years(contribution, distribution, start, periods_per_year),
        "deepest_call": ratio(max(0.0, float(-net.min())), commitment),
        "loss": math.nan if math.isnan(tvpi) else float(tvpi < 1.0 - SMALL),
        "ks_pme": ratio(future_back + nav, future_paid),
        "direct_alpha": irr(with_nav(contribution * growth, distribution * growth, nav), periods_per_year),
    }


def naive_returns(grid, terms, closing, index, block, path):
    """
    Measures of one path: {("vehicle", v) or ("class", c): dict}, from what `naive_funds` gave.

    `index` (T + 1,) is the path's own. Vehicles that did not start have no entry.
    """
    m = grid.periods_per_year
    result = {}
    for v, own in enumerate(terms.vehicles):
        if block["end_period"][v] == -1:
            continue
        start = int(own["start_period"])
        classes = range(int(own["first_class"]), int(own["last_class"]))
        rows = range(int(own["first_investor"]), int(own["last_investor"]))
        committed = {
            c: sum(float(closing.closed[path, i]) for i in rows if terms.investors[i]["class"] == c)
            for c in classes
        }
        flows = {
            c: (block["contribution"][c], block["distribution"][c], block["nav"][c, -1]) for c in classes
        }
        for c in classes:
            result["class", c] = measures(*flows[c], committed[c], index, start, m)
        whole = [sum(flows[c][k] for c in classes) for k in range(3)]
        result["vehicle", v] = measures(*whole, sum(committed.values()), index, start, m)
        result["vehicle", v]["gross_irr"] = gross_irr(block, v, m)
    return result


def pooled(contributions, distributions, nav, periods_per_year):
    """(8.2): the measures of all paths added up, of flows (paths, T) and the last value of each path."""
    paid, back = contributions.sum(axis=0), distributions.sum(axis=0)
    return {
        "net_irr": irr(with_nav(paid, back, nav.sum()), periods_per_year),
        "tvpi": ratio(back.sum() + nav.sum(), paid.sum()),
        "dpi": ratio(back.sum(), paid.sum()),
    }


def gross_irr(block, v, periods_per_year):
    out = block["invested"][v] + block["expense"][v] + block["child_call"][v]
    back = block["proceeds"][v] + block["child_distribution"][v]
    return irr(with_nav(out, back, block["holdings"][v, -1]), periods_per_year)
