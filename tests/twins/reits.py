"""The slow, obvious twin of a REIT: listing, dividends, price, units
sold and follow-ons, written from (4.10) to (4.13).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from fundsim.vocabulary import Channel, ProjectStatus
from tests.twins.draws import draw, normal


@dataclass
class Lot:
    """Units that are locked, then sold in equal parts."""

    interest: int
    units: float
    first_sale: int
    sells: bool
    part: float


@dataclass
class Reit:
    """What a REIT is at some date."""

    terms: np.void
    projects: list = field(default_factory=list)
    lots: list = field(default_factory=list)
    units: float = 0.0
    debt: float = 0.0
    cash: float = 0.0
    nav: float = 0.0
    deviation: float = 0.0  # d
    last_offering: int | None = None

    @property
    def price(self):
        """(4.12) of a unit."""
        if self.last_offering is None or self.nav <= 0.0:
            return 0.0
        return self.nav * math.exp(self.deviation) / self.units


class Listing:
    """What happens to REITs; `tests.twins.property.Property` is made of it."""

    def walk_reit(self, r, reit, t):
        if reit.last_offering is None:
            self.try_listing(r, reit, t)
        else:
            self.distribute(r, reit, t)
            self.reprice(reit, t)
            self.sell_units(reit, t)
            self.try_follow_on(r, reit, t)
        if reit.last_offering is not None:
            self.note(
                "reits",
                r,
                t,
                nav=reit.nav,
                units=reit.units,
                price=reit.price,
                debt=reit.debt,
                cash=reit.cash,
                assets=self.total_value(reit) + reit.cash,
                kept=sum(lot.units for lot in reit.lots),
            )

    def total_value(self, reit):
        return sum(self.projects[j].value for j in reit.projects)

    def is_open(self, r, reit, t, draw_number):
        terms = self.terms
        chances = terms.listing_probability if draw_number == 0 else terms.follow_on_probability
        return self.shared.uniform(reit.terms["stream"], 4 * t + draw_number) < chances[r, self.window[t]]

    def owner_cash(self, project, reit, price, gearing):
        units = price - gearing * project.value
        cost = project.terms["listing_cost"] * price
        return price - cost - project.debt + project.trapped - reit.terms["retained"] * units

    def is_eligible(self, project, reit, t, multiple, gearing):
        """(4.10)"""
        n, terms = t + 1, reit.terms
        if not project.is_private or project.completion >= n or project.sold == t:
            return False
        if project.age(n) < terms["operating_periods"]:
            return False
        price, debt = project.value * multiple, gearing * project.value
        if price - debt <= 0.0:
            return False
        yearly = project.noi / self.step - terms["debt_rate"] * debt
        is_enough = terms["payout"] * yearly / (price - debt) >= terms["yield_floor"]
        return is_enough and self.owner_cash(project, reit, price, gearing) >= 0.0

    def try_listing(self, r, reit, t):
        """(4.11)"""
        terms = reit.terms
        if t < terms["from_period"] or (t - terms["from_period"]) % terms["attempt_periods"] != 0:
            return
        multiple = draw(
            self.terms.tables, terms["issue_multiple"], self.shared.uniform(reit.terms["stream"], 4 * t + 1)
        )
        gearing = terms["gearing"]
        chosen = [
            j
            for j, project in enumerate(self.projects)
            if project.terms["reit"] == r
            and project.terms["is_initial"]
            and self.is_eligible(project, reit, t, multiple, gearing)
        ]
        worth = sum(self.projects[j].value for j in chosen)
        if not chosen or worth < terms["minimum_value"] or not self.is_open(r, reit, t, 0):
            return
        for j in chosen:
            self.inject(r, reit, j, t, multiple, gearing, 1.0)
        strategic = terms["strategic"] * reit.units
        k = 2 * len(self.projects) + r
        self.lock(reit, k, strategic, t, terms["lock_strategic"], sells=True)
        if strategic > 0.0:
            self.note("interests", k, t, is_offered=1, price=strategic)
        reit.nav = self.total_value(reit) - reit.debt + reit.cash
        reit.deviation = math.log(reit.units / reit.nav)

    def inject(self, r, reit, j, t, multiple, gearing, unit_price):
        """A project moves into the REIT for cash and units."""
        project, terms = self.projects[j], reit.terms
        price = project.value * multiple
        money = price - gearing * project.value
        kept = terms["retained"] * money
        cash = max(self.owner_cash(project, reit, price, gearing), 0.0)
        k = self.current_interest(j)
        base = min(terms["retained_base"], terms["retained"])
        sells = bool(terms["owner_sells"])
        self.lock(reit, k, base * money / unit_price, t, terms["lock_base"], sells)
        excess = (terms["retained"] - base) * money / unit_price
        self.lock(reit, k, excess, t, terms["lock_excess"], sells)
        self.end_private(j, project, t, cash, Channel.REIT_OFFERING, released=cash / (cash + kept))
        project.status, project.listed = ProjectStatus.IN_REIT, t
        self.out["periods"]["debt"][j, t] = self.out["periods"]["trapped"][j, t] = 0.0
        for name, what in (("listed", t), ("book", project.book), ("listing_price", price)):
            self.out["results"][name][j] = what
        reit.projects.append(j)
        reit.units += money / unit_price
        reit.debt += gearing * project.value
        reit.last_offering = t
        self.out["reits"]["offering"][r, t] = 1
        self.note("reits", r, t, raised=money)

    def lock(self, reit, interest, units, t, periods, sells):
        first_sale = t + 1 + max(int(periods), 1)
        reit.lots.append(Lot(interest, units, first_sale, sells, units / reit.terms["sell_periods"]))

    def distribute(self, r, reit, t):
        """(4.12) dividends, cash and debt."""
        terms = reit.terms
        noi = sum(self.projects[j].noi - self.projects[j].letting for j in reit.projects)
        interest = reit.debt * terms["debt_rate"] * self.step
        fee = max(reit.nav, 0.0) * terms["fee_rate"] * self.step
        distributable = noi - interest - fee
        dividend = terms["payout"] * max(distributable, 0.0)
        for lot in reit.lots:
            self.note("interests", lot.interest, t, income=dividend * lot.units / reit.units)
        reit.cash += distributable - dividend
        if reit.cash < 0.0:
            reit.debt, reit.cash = reit.debt - reit.cash, 0.0
        self.note("reits", r, t, distributable=distributable, dividend=dividend)

    def reprice(self, reit, t):
        """(4.12) NAV and price."""
        terms, value = reit.terms, self.total_value(reit)
        moves = 0.0
        for j in reit.projects:
            yields = self.out["yields"][self.projects[j].terms["market"]]
            moves += self.projects[j].value * math.log(yields[t + 1] / yields[t])
        move = moves / value if value > 0.0 else 0.0
        sigma = terms["price_volatility"]
        reit.nav = value - reit.debt + reit.cash
        reit.deviation = (
            reit.deviation * math.exp(-terms["price_reversion"] * self.step)
            - (terms["yield_beta"] - 1.0) * move
            - sigma**2 / 2 * self.step
            + sigma * math.sqrt(self.step) * normal(self.shared.uniform(reit.terms["stream"], 4 * t + 2))
        )

    def sell_units(self, reit, t):
        held, sold = {}, {}
        for lot in reit.lots:
            held[lot.interest] = held.get(lot.interest, 0.0) + lot.units
            is_last = t + 1 == lot.first_sale + reit.terms["sell_periods"] - 1
            if lot.sells and t + 1 >= lot.first_sale and lot.units > 0.0:
                units = lot.units if is_last else lot.part
                lot.units -= units
                sold[lot.interest] = sold.get(lot.interest, 0.0) + units
        for k, units in sold.items():
            self.note("interests", k, t, capital=units * reit.price, released=units / held[k])
            self.out["interests"]["channel"][k, t] = Channel.REIT_UNITS

    def try_follow_on(self, r, reit, t):
        """(4.13)"""
        terms = reit.terms
        if t - reit.last_offering < self.terms.follow_on_wait[r, t] or reit.nav <= 0.0:
            return
        if math.exp(reit.deviation) < terms["least_price_to_nav"] - 1e-9:
            return
        if not self.is_open(r, reit, t, 3):
            return
        unit_price = reit.price * (1.0 - terms["follow_on_discount"])
        for j, project in enumerate(self.projects):
            if project.terms["reit"] != r:
                continue
            gearing = terms["gearing"]
            assets = self.total_value(reit) + reit.cash + project.value
            if reit.debt + gearing * project.value > terms["gearing_limit"] * assets:
                gearing = 0.0
            if self.is_eligible(project, reit, t, 1.0, gearing):
                self.inject(r, reit, j, t, 1.0, gearing, unit_price)
        reit.nav = self.total_value(reit) - reit.debt + reit.cash
