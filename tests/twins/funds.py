"""The funds pass on one path, slow and obvious, from docs/model.md §5
and §7: plain objects, one period after the other.
"""

from __future__ import annotations

import math

import numpy as np

from fundsim.kernels.layout import NEVER
from tests.twins.draws import Shared, derive, draw, normal, uniform
from tests.twins.landing import misses_a_checkpoint
from tests.twins.positions import SMALL, Enterprise, Position
from tests.twins.shares import Share
from tests.twins.vehicles import Vehicle, deal_key

VEHICLE_FLOWS = (
    "carry",
    "fee",
    "invested",
    "expense",
    "proceeds",
    "child_call",
    "child_distribution",
    "interest",
    "recycled",
    "co_invested",
    "credited",
    "outside_enterprises",
)


def naive_funds(
    grid, fund_terms, instruments, enterprise_terms, market, closing, world, interests, path, first_path=0
):
    """
    Everything a `FundBlock` holds, for one path of a block: a dict of arrays without the leading axis.

    `path` is the place in the block; exits come as a list of (deal, channel, period, cost, proceeds).
    """
    flows = interests[path]
    terms = fund_terms, instruments, enterprise_terms
    return Model(grid, *terms, market, closing, world, flows, path, first_path).run()


def _quiet(vehicle):
    """Periods without a round and the most of mark over claim of a buyback clause, (5.6)."""
    return int(vehicle.own["buyback_quiet"]), float(vehicle.own["quiet_mark"])


class Model:
    """One path: its vehicles, its enterprises, and the clock."""

    def __init__(
        self, grid, terms, instruments, enterprise_terms, market, closing, world, interests, path, first_path
    ):
        self.instruments = instruments
        self.interests = interests
        self.interest_left = [float(one["available"]) for one in terms.interests]
        self.grid, self.terms, self.enterprise_terms, self.closing, self.path = (
            grid,
            terms,
            enterprise_terms,
            closing,
            path,
        )
        self.path_number = first_path + path
        first, last = int(world.first_row[path]), int(world.first_row[path + 1])
        self.n_park = int(world.n_park[path])
        factors, clock = market.factors[path], world.financing_clock[path]
        self.enterprises = [
            Enterprise(grid, enterprise_terms, factors, clock, world, row) for row in range(first, last)
        ]
        self.first_row = first
        n_vehicles = len(terms.vehicles)
        self.row_vehicle = {
            i: v
            for v in range(n_vehicles)
            for i in range(int(terms.vehicles[v]["first_investor"]), int(terms.vehicles[v]["last_investor"]))
        }
        self.sold_period = dict.fromkeys(self.row_vehicle, NEVER)
        self.vehicles = [Vehicle(v, self) for v in range(n_vehicles)]
        self.leaves_up = [self.vehicles[int(v)] for v in terms.children_first]
        self.deals = {
            v: range(int(terms.vehicles[v]["first_deal"]), int(terms.vehicles[v]["last_deal"]))
            for v in range(n_vehicles)
        }
        self.pending = {d for v in self.vehicles if v.end != -1 for d in self.deals[v.number]}
        self.again = {}  # deal: period for which it is planned again
        self.bought = {}  # deal: Position
        self.rounds_now = {}  # (row, place) bought in this period: vehicles in order
        self.largest_stake = 0.0
        self.out = self._empty()

    def class_of(self, row):
        vehicle = self.vehicles[self.row_vehicle[row]]
        return next(one for one in vehicle.classes if row in one.rows)

    def row_part(self, row):
        """Part of its class that an investor row has."""
        money = self.class_of(row).callable
        return float(self.closing.callable[self.path, row]) / money if money > 0.0 else 0.0

    def run(self):
        for period in range(self.grid.n_periods):
            self._step(period)
            self._record(period)
        return self._finish()

    def _step(self, period):
        for vehicle in self.vehicles:
            vehicle.clear_period()
        self.rounds_now = {}
        live = [vehicle for vehicle in self.vehicles if vehicle.is_live(period)]
        for vehicle in live:  # (a)
            vehicle.earn_interest()
            self._exits(vehicle, period)
        for vehicle in self.leaves_up:  # (b)
            if vehicle in live:
                vehicle.settle(period)
        live = [vehicle for vehicle in self.vehicles if vehicle.is_live(period)]
        for vehicle in live:  # (c)
            self._test_obligations(vehicle, period)
        for vehicle in live:  # (d)
            self._contribute_to_pool(vehicle, period)
            for share in vehicle.shares:
                if share.is_live:
                    amount = share.call(period)
                    vehicle.invested += amount
                    self._count_outside(vehicle, share.holding, amount)
        for vehicle in live:
            self._follow_on(vehicle, period)
        for vehicle in self.vehicles:
            self._new_deals(vehicle, period, vehicle in live)
        for vehicle in live:
            self._buy_interests(vehicle, period)
        self._count_co_investment()
        for vehicle in self.leaves_up:  # (e)
            if vehicle in live:
                vehicle.call(period)
        for vehicle in self.leaves_up:
            vehicle.value_classes(period)

    # (a)

    def _exits(self, vehicle, period):
        after, delay = int(vehicle.own["buyback_after"]), int(vehicle.own["buyback_delay"])
        quiet = _quiet(vehicle)
        for position in vehicle.positions:
            if position.is_live:
                position.dilute(period)
                vehicle.take_proceeds(position, lambda p: self._exit(p, vehicle, period))
                position.make_claim(period, after, delay, quiet, [float(x) for x in vehicle.own["buyback"]])
        if vehicle.has_pool:
            self._pool_distributes(vehicle, period)
        for share in vehicle.shares:
            if share.is_live:
                vehicle.proceeds += share.collect(period)

    def _exit(self, position, vehicle, period):
        if vehicle.is_handing_out:
            return position.hand_out(period)
        proceeds = position.end(period)
        proceeds += position.sell_down(period)
        bought_back = position.collect_claim(
            period, _quiet(vehicle), [float(x) for x in vehicle.own["buyback"]]
        )
        if bought_back > 0.0:
            return proceeds + bought_back
        return proceeds + position.transfer(period, vehicle.own, self.terms.tables)

    def _pool_distributes(self, vehicle, period):
        scheduled = self.terms.periods[vehicle.number, period]
        amount = float(scheduled["pool_distribution"])
        # a schedule may take out more than there is: its value stops at nothing
        nav = max(float(scheduled["pool_nav"]) - float(scheduled["pool_contribution"]), 0.0)
        vehicle.proceeds += amount * vehicle.investable
        if amount > 0.0:
            vehicle.pool_cost *= nav / (nav + amount)

    def value_descendants(self, vehicle, period):
        """NAV of everything below a vehicle right after (b)."""
        below = {self.row_vehicle[i] for i in vehicle.interests}
        while True:
            more = {self.row_vehicle[i] for v in below for i in self.vehicles[v].interests} | below
            if more == below:
                break
            below = more
        for child in self.leaves_up:
            if child.number in below:
                child.value_classes(period, is_before_outlays=True)

    # (c)

    def _test_obligations(self, vehicle, period):
        if misses_a_checkpoint(self, vehicle, period):
            vehicle.is_stopped = True
        if vehicle.in_investment_period(period) and period - vehicle.last_deal >= vehicle.own["idle_stop"]:
            vehicle.is_stopped = True

    # (d)

    def _contribute_to_pool(self, vehicle, period):
        if not vehicle.has_pool:
            return
        planned = float(self.terms.periods[vehicle.number, period]["pool_contribution"]) * vehicle.investable
        amount = min(planned, max(0.0, vehicle.capital_left(period)))
        vehicle.invested += amount
        vehicle.pool_cost += amount

    def _follow_on(self, vehicle, period):
        for position in sorted(vehicle.positions, key=lambda one: one.deal):
            enterprise = position.enterprise
            place = enterprise.offered(period)
            if not position.is_live or place is None:
                continue
            amount = min(
                float(vehicle.own["follow_on_share"]) * position.stake_before * enterprise.raised(place),
                vehicle.reserve_left,
                enterprise.left(place),
                self._cap_left(vehicle, enterprise),
                vehicle.capital_left(period),
            )
            if amount < SMALL * vehicle.callable:
                continue
            position.buy(period, place, amount)
            vehicle.reserve_used += amount
            vehicle.n_follow_ons += 1
            self._book(vehicle, enterprise, place, amount, position.is_credited)
            if position.has_entered:
                for one in vehicle.classes:
                    one.waterfall.pool.add(one.weight * amount)

    def _cap_left(self, vehicle, enterprise):
        held = sum(position.cost for position in vehicle.positions if position.enterprise is enterprise)
        return float(vehicle.own["single_enterprise_cap"]) * vehicle.callable - held

    def _book(self, vehicle, enterprise, place, amount, is_credited):
        vehicle.invested += amount
        if is_credited:
            vehicle.credit += amount
            vehicle.credited += amount
        self.rounds_now.setdefault((enterprise, place), []).append(vehicle)

    def _new_deals(self, vehicle, period, is_live):
        terms, v = self.terms, vehicle.number
        for deal in self.deals[v]:
            first = self.again.get(deal, terms.deals[deal]["period"])
            if deal not in self.pending or period < first:
                continue
            if not is_live or vehicle.is_stopped:
                self.pending.discard(deal)
                continue
            self._try(vehicle, deal, period)

    def _try(self, vehicle, deal, period):
        """(5.1): a park deal looks in the park and, in its last period without a match there, outside; others
        outside at once, or among the rounds of those they go with.
        """
        key = deal_key(self, deal)
        is_joined = vehicle.own["last_with"] > vehicle.own["first_with"]
        is_park = not is_joined and uniform(key, 0) < self.enterprise_terms.deals[deal]["park_share"]
        is_last = not (is_joined or is_park) or period == self._last_try(vehicle, deal)
        first = "joined" if is_joined else "park" if is_park else "outside"
        choice = self._choose(vehicle, deal, key, period, first)
        has_capital = vehicle.capital_left(period) - vehicle.reserve_left > SMALL * vehicle.callable
        is_missed = choice is None and is_park and is_last and has_capital
        if is_missed:
            choice = self._choose(vehicle, deal, key, period, "outside")
        if choice is None and is_last and has_capital and self._plan_again(vehicle, deal, period):
            return
        vehicle.n_missed += is_missed
        is_done = choice is not None and self._buy(vehicle, deal, key, self.enterprises[choice], period)
        if is_done or is_last:
            self.pending.discard(deal)

    def _last_try(self, vehicle, deal):
        planned, last = (int(self.terms.deals[deal][name]) for name in ("period", "last_period"))
        if deal not in self.again:
            return last
        return min(self.again[deal] + last - planned, int(vehicle.own["again_until"]))

    def _plan_again(self, vehicle, deal, period):
        """(5.1): a deal lost for want of a match comes back once, a year later, if that is early enough."""
        later = period + self.grid.periods_per_year
        if deal in self.again or later > vehicle.own["again_until"]:
            return False
        self.again[deal] = later
        return True

    def _choose(self, vehicle, deal, key, period, where):
        """The row with the best signal among those that match and are looked at, (5.1), (5.1b)."""
        u = Shared(self.grid, self.path_number).uniform(vehicle.own["manager"], 0)
        skill, best, best_signal = draw(self.terms.tables, vehicle.own["skill"], u), None, -math.inf
        own = int(self.enterprise_terms.deals[deal]["row"])
        own = self.n_park + own if where == "outside" and own >= 0 else None
        matching = [
            row
            for row, enterprise in enumerate(self.enterprises)
            if self._matches(vehicle, row, enterprise, period, where, row == own)
        ]
        offers = [row for row in matching if row != own]
        near = self._nearest(offers, uniform(key, 2), period)[: int(vehicle.own["looks_at"])]
        for row in matching:
            if row != own and row not in near:
                continue
            enterprise = self.enterprises[row]
            noise = normal(uniform(key, enterprise.key))
            signal = skill * enterprise.quality + math.sqrt(1.0 - skill**2) * noise
            if signal > best_signal:
                best, best_signal = row, signal
        return best

    def _nearest(self, rows, start, period):
        """Rows on offer by the uniforms of their stages: from `start` upward, then from 0 on, (5.1b)."""
        order = sorted((self._place(self.enterprises[row], period), row) for row in rows)
        ahead = [row for place, row in order if place >= start]
        return ahead + [row for place, row in order if place < start]

    def _place(self, enterprise, period):
        stage = enterprise.stage(enterprise.offered(period))
        return uniform(derive(enterprise.key, self.enterprise_terms.stages[stage]["key"]), 6)

    def _matches(self, vehicle, row, enterprise, period, where, is_candidate):
        terms, v = self.terms, vehicle.number
        place = enterprise.offered(period)
        if place is None or not terms.stage_is_wanted[v, enterprise.stage(place)]:
            return False
        if enterprise.left(place) <= SMALL * vehicle.callable or self._holds(vehicle, enterprise):
            return False
        if where == "joined":
            companions = [
                int(w) for w in terms.with_vehicle[vehicle.own["first_with"] : vehicle.own["last_with"]]
            ]
            return any(buyer.number in companions for buyer in self.rounds_now.get((enterprise, place), []))
        if where == "park":
            return row < self.n_park
        if row < self.n_park:
            return False
        if is_candidate and place == 0:
            return True
        return bool(vehicle.own["relay"]) and any(
            self._holds(w, enterprise) for w in self.vehicles if w is not vehicle
        )

    def _holds(self, vehicle, enterprise):
        return any(position.is_live and position.enterprise is enterprise for position in vehicle.positions)

    def _buy(self, vehicle, deal, key, enterprise, period):
        place = enterprise.offered(period)
        is_outside = self.enterprises.index(enterprise) >= self.n_park
        probability, cost = (float(x) for x in vehicle.own["relocation"])
        lands = is_outside and uniform(key, 1) < probability
        expense = cost if lands else 0.0
        ticket, stake = float(vehicle.own["ticket"]), float(vehicle.own["stake"])
        scale = float(self.closing.scale[self.path, vehicle.number])
        amount = min(
            ticket * scale if not math.isnan(ticket) else stake * enterprise.post_money(place),
            float(vehicle.own["max_round_share"]) * enterprise.raised(place),
            enterprise.left(place),
            self._cap_left(vehicle, enterprise),
            (vehicle.capital_left(period) - vehicle.reserve_left) / (1.0 + expense),
        )
        if amount < SMALL * vehicle.callable:
            return False
        is_credited = lands or not is_outside
        position = Position(deal, key, enterprise, period, place, amount, is_credited)
        vehicle.positions.append(position)
        self.bought[deal] = position
        vehicle.last_deal = period
        vehicle.expense += expense * amount
        self._book(vehicle, enterprise, place, amount, is_credited)
        return True

    def _buy_interests(self, vehicle, period):
        """(5.9)"""
        terms = self.terms
        if vehicle.is_stopped or not vehicle.own["interest_from"] <= period < vehicle.own["interest_until"]:
            return
        for holding in range(int(vehicle.own["first_holding"]), int(vehicle.own["last_holding"])):
            k = int(terms.holding_interest[holding])
            offer = self.interests[k][period]
            whole = float(offer["price"] + offer["due"])
            if not offer["is_offered"] or whole <= 0.0:
                continue
            money = min(
                float(vehicle.own["interest_ticket"]) * float(self.closing.scale[self.path, vehicle.number]),
                vehicle.capital_left(period) - vehicle.reserve_left,
            )
            part = min(float(vehicle.own["interest_share"]), self.interest_left[k], money / whole)
            if part * whole < SMALL * vehicle.callable:
                continue
            self.interest_left[k] -= part
            share = Share(holding, self.interests[k], part, period)
            vehicle.shares.append(share)
            vehicle.invested += share.paid
            self._count_outside(vehicle, holding, share.paid)
            vehicle.last_deal = period

    def _count_outside(self, vehicle, holding, amount):
        """(8.8): money into an interest of a source that does not reach enterprises"""
        if not self.terms.interests[self.terms.holding_interest[holding]]["reaches_enterprises"]:
            vehicle.outside_enterprises += amount

    def _count_co_investment(self):
        for vehicle in self.vehicles:
            vehicle.co_invested = 0.0
        for (enterprise, place), buyers in self.rounds_now.items():
            buyers[0].co_invested += enterprise.left(place)

    # results

    def _empty(self):
        n_classes, n_vehicles = len(self.terms.classes), len(self.vehicles)
        periods = self.grid.n_periods
        out = {name: np.zeros((n_vehicles, periods)) for name in VEHICLE_FLOWS}
        out |= {name: np.zeros((n_classes, periods)) for name in ("contribution", "distribution")}
        out |= {name: np.zeros((n_vehicles, periods + 1)) for name in ("cash", "holdings", "unrealised_cost")}
        out["nav"] = np.zeros((n_classes, periods + 1))
        return out

    def _record(self, period):
        out = self.out
        for vehicle in self.vehicles:
            v = vehicle.number
            for name in VEHICLE_FLOWS:
                out[name][v, period] = vehicle.credit if name == "credited" else getattr(vehicle, name)
            out["cash"][v, period + 1] = sum(one.cash for one in vehicle.classes)
            out["holdings"][v, period + 1] = vehicle.holdings
            out["unrealised_cost"][v, period + 1] = (
                vehicle.unrealised_cost if vehicle.is_live(period) else 0.0
            )
            for one in vehicle.classes:
                out["contribution"][one.number, period] = one.contribution
                out["distribution"][one.number, period] = one.distribution
                out["nav"][one.number, period + 1] = one.nav
        self._measure_stakes()

    def _measure_stakes(self):
        stakes = {}
        for vehicle in self.vehicles:
            for position in vehicle.positions:
                stakes[position.enterprise] = stakes.get(position.enterprise, 0.0) + position.stake
        self.largest_stake = max([self.largest_stake, *stakes.values()])

    def _finish(self):
        out = self.out
        n_deals = len(self.terms.deals)
        out["end_period"] = np.array([vehicle.end for vehicle in self.vehicles])
        out["sold_period"] = np.array([self.sold_period[i] for i in range(len(self.row_vehicle))])
        out["deal_row"] = np.full(n_deals, -1)
        for name in ("deal_bought", "deal_place", "deal_is_credited"):
            out[name] = np.zeros(n_deals, dtype=np.int64)
        for name in ("deal_cost", "deal_first_cost", "deal_value"):
            out[name] = np.zeros(n_deals)
        last = self.grid.n_periods - 1
        for vehicle in self.vehicles:
            for position in vehicle.positions:
                self._record_deal(position, int(vehicle.own["mark"]), last)
        lines = [
            (position.deal, channel, *record)
            for vehicle in self.vehicles
            for position in vehicle.positions
            for channel, record in position.exits.items()
        ]
        shares = [share for vehicle in self.vehicles for share in vehicle.shares]
        lines += [(n_deals + share.holding, *line) for share in shares for line in share.lines]
        out["exits"] = sorted(lines)
        self._record_shares(shares, last)
        out["n_follow_ons"] = np.array([vehicle.n_follow_ons for vehicle in self.vehicles])
        out["n_missed"] = np.array([vehicle.n_missed for vehicle in self.vehicles])
        out["largest_stake"] = self.largest_stake
        return out

    def _record_shares(self, shares, last):
        out, n = self.out, len(self.terms.holding_interest)
        out["holding_bought"] = np.full(n, -1)
        for name in ("share", "cost", "income", "capital", "value"):
            out[f"holding_{name}"] = np.zeros(n)
        for share in shares:
            h = share.holding
            out["holding_bought"][h], out["holding_share"][h] = share.period, share.share
            out["holding_cost"][h], out["holding_income"][h] = share.paid, share.income
            out["holding_capital"][h] = share.capital
        for vehicle in self.vehicles:
            for share in vehicle.shares:
                if vehicle.is_live(last):
                    out["holding_value"][share.holding] = share.value(last)

    def _record_deal(self, position, mark, last):
        out, deal = self.out, position.deal
        out["deal_row"][deal] = position.enterprise.row
        out["deal_bought"][deal] = position.first_period
        out["deal_place"][deal] = position.place
        out["deal_cost"][deal] = position.paid
        out["deal_first_cost"][deal] = position.first_cost
        out["deal_is_credited"][deal] = int(position.is_credited)
        out["deal_value"][deal] = position.mark(last, mark) if position.is_live else 0.0
