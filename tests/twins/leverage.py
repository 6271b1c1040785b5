"""Guidance leverage (8.3)–(8.9), slow and obvious: sums over investor rows at one date of one path."""

from __future__ import annotations

import math

from fundsim.vocabulary import InvestorKind

KINDS = {"fiscal": (InvestorKind.FISCAL,), "government": (InvestorKind.FISCAL, InvestorKind.STATE)}


class Cluster:
    """Who put what into which vehicle by a date, on one basis ("commitment" or "paid_in")."""

    def __init__(self, terms, closing, block, path, date, basis):
        self.terms, self.block, self.date = terms, block, date
        self.n = len(terms.vehicles)
        self.rows = {
            v: range(int(terms.vehicles[v]["first_investor"]), int(terms.vehicles[v]["last_investor"]))
            for v in range(self.n)
        }
        self.has_begun = [
            block["end_period"][v] != -1 and terms.vehicles[v]["start_period"] < date for v in range(self.n)
        ]
        self.money = {
            i: self._money(closing, path, v, i, basis) if self.has_begun[v] else 0.0
            for v in range(self.n)
            for i in self.rows[v]
        }

    def _money(self, closing, path, v, i, basis):
        if basis == "commitment":
            return float(closing.closed[path, i])
        c = self.terms.investors[i]["class"]
        whole = sum(
            float(closing.callable[path, k]) for k in self.rows[v] if self.terms.investors[k]["class"] == c
        )
        part = float(closing.callable[path, i]) / whole if whole > 0.0 else 0.0
        return part * float(self.block["contribution"][c, : self.date].sum())

    def parent(self, i):
        return int(self.terms.investors[i]["parent"])

    def is_top(self, v):
        return bool(self.terms.vehicles[v]["is_mother"]) and all(self.parent(i) < 0 for i in self.rows[v])

    def outside(self, v, kinds=None):
        """Money of investors that are not vehicles, of some kinds or of all."""
        return sum(
            self.money[i]
            for i in self.rows[v]
            if self.parent(i) < 0 and (kinds is None or self.terms.investors[i]["kind"] in kinds)
        )

    def looked_through(self, v, kinds):
        """Share of a vehicle's money that comes from some kinds, through all vehicles above it."""
        whole = sum(self.money[i] for i in self.rows[v])
        if whole <= 0.0:
            return 0.0
        above = sum(
            self.money[i] * self.looked_through(self.parent(i), kinds)
            for i in self.rows[v]
            if self.parent(i) >= 0
        )
        return (self.outside(v, kinds) + above) / whole

    def so_far(self, name, v):
        return float(self.block[name][v, : self.date].sum())

    def in_enterprises(self, v):
        return self.so_far("invested", v) - self.so_far("outside_enterprises", v)


def quotient(a, b):
    return a / b if b > 0.0 else math.nan


def multiples(cluster, kinds):
    """(8.3)–(8.7) of one basis and kind of money."""
    tops = [v for v in range(cluster.n) if cluster.is_top(v)]
    others = [v for v in range(cluster.n) if v not in tops]
    whole = sum(cluster.outside(v) for v in tops)
    source = sum(cluster.outside(v, kinds) for v in tops)
    stakes = {i: cluster.parent(i) for v in others for i in cluster.rows[v] if cluster.parent(i) in tops}
    stake = sum(cluster.money[i] for i in stakes)
    size = stake + sum(cluster.outside(v) for v in others)
    guided = sum(cluster.outside(v, kinds) for v in others)
    for i, top in stakes.items():
        if cluster.outside(top) > 0.0:
            guided += cluster.money[i] * cluster.outside(top, kinds) / cluster.outside(top)
    direct = sum(cluster.so_far("invested", v) for v in tops)
    return {
        "mother_multiple": quotient(whole, source),
        "sub_fund_multiple": quotient(size, stake),
        "combined_multiple": quotient(
            size + direct, source * (stake + direct) / whole if whole > 0.0 else 0.0
        ),
        "social_multiple": quotient(size - guided, guided),
        "social_share": 1.0 - quotient(guided, size),
    }


def invested(cluster, kinds):
    """(8.8) and (8.9); `cluster` on the basis paid_in."""
    vehicles = range(cluster.n)
    paid = sum(cluster.outside(v, kinds) for v in vehicles)
    put = sum(cluster.in_enterprises(v) for v in vehicles)
    beside = sum(cluster.so_far("co_invested", v) for v in vehicles)
    own = cluster.terms.vehicles
    dealing = [v for v in vehicles if own[v]["last_deal"] > own[v]["first_deal"]]
    shares = {v: cluster.looked_through(v, kinds) for v in dealing}
    credited = sum(cluster.so_far("credited", v) for v in dealing)
    guidance_paid = sum(shares[v] * sum(cluster.money[i] for i in cluster.rows[v]) for v in dealing)
    guidance_put = sum(shares[v] * cluster.in_enterprises(v) for v in dealing)
    return {
        ("invested_multiple", "invested"): quotient(put, paid),
        ("invested_with_co_investors", "invested"): quotient(put + beside, paid),
        ("landing_multiple", "paid_in"): quotient(credited, guidance_paid),
        ("landing_multiple", "invested"): quotient(credited, guidance_put),
    }


def naive_leverage(grid, terms, closing, block, path):
    """
    The leverage table of one path: {(year, definition, basis, money): value}, years from 1.

    `block` is what `naive_funds` gave.
    """
    result = {}
    for year in range(1, grid.n_periods // grid.periods_per_year + 1):
        date = year * grid.periods_per_year
        clusters = {
            basis: Cluster(terms, closing, block, path, date, basis) for basis in ("commitment", "paid_in")
        }
        for money, kinds in KINDS.items():
            for basis, cluster in clusters.items():
                for definition, value in multiples(cluster, kinds).items():
                    result[year, definition, basis, money] = value
            for (definition, basis), value in invested(clusters["paid_in"], kinds).items():
                result[year, definition, basis, money] = value
    return result
