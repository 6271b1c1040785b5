"""Vehicles and their investor classes (§7): what each owns and
owes, and the steps (b) and (e) of a period.
"""

from __future__ import annotations

import math

from fundsim.kernels.layout import NEVER
from fundsim.vocabulary import AtEnd, FeeBase
from tests.twins.draws import derive, draw, path_key, uniform
from tests.twins.waterfall import Waterfall, WaterfallTerms

SMALL = 1e-9


class InvestorClass:
    """Investors of a vehicle with the same flags; all within is pro rata to callable."""

    def __init__(self, number, rows, callable_money, pays_fee, pays_carry, waterfall_terms):
        self.number, self.rows, self.callable = number, rows, callable_money
        self.pays_fee, self.pays_carry = pays_fee, pays_carry
        self.waterfall = Waterfall(waterfall_terms)
        self.weight = 0.0
        self.called = self.cash = self.owed = self.nav = self.opening_nav = 0.0
        self.contribution = self.distribution = 0.0  # of the period
        self.fees_now = 0.0
        self.promised = None  # most that it still calls, once its investment period is over

    @property
    def unfunded(self):
        return self.callable - self.called

    @property
    def may_call(self):
        return self.unfunded if self.promised is None else self.promised


class Vehicle:
    """One vehicle on one path. `rows` are its investors,
    `interests` the investor rows it holds in children.
    """

    def __init__(self, number, model):
        terms, grid = model.terms, model.grid
        self.number, self.model, self.terms, self.own = number, model, terms, terms.vehicles[number]
        self.start, self.end = int(self.own["start_period"]), NEVER
        self.rows = range(int(self.own["first_investor"]), int(self.own["last_investor"]))
        self.classes = [
            self._class(c) for c in range(int(self.own["first_class"]), int(self.own["last_class"]))
        ]
        self.callable = sum(one.callable for one in self.classes)
        for one in self.classes:
            one.weight = one.callable / self.callable if self.callable > 0.0 else 0.0
        if not model.closing.is_started[model.path, number] or self.callable <= 0.0:
            self.end = -1
        self.interests = [int(i) for i in terms.edge_investor[self.own["first_edge"] : self.own["last_edge"]]]
        self.sold = set()
        self.positions = []
        self.shares = []  # of interests in property
        self.pool_cost, self.has_pool = 0.0, bool(self.own["has_pool"])
        self.child_cost = dict.fromkeys(self.interests, 0.0)
        self.term_discount = draw(
            terms.tables,
            self.own["term_discount"],
            uniform(path_key(grid.seed_key, model.path_number, self.own["term_stream"]), 0),
        )
        self.reserve_used = self.credited = self.recycled_so_far = 0.0
        self.n_follow_ons = 0
        self.n_missed = 0
        self.is_stopped, self.last_deal = False, self.start
        self.has_run_off = False  # its reserve for follow-ons has lapsed
        self.is_handing_out = False  # it holds nothing but locked shares, to hand them out
        self.row_call, self.row_distribution = {}, {}
        self.holdings = self.opening_cost = 0.0

    def _class(self, number):
        terms, grid = self.terms, self.model.grid
        rows = [i for i in self.rows if terms.investors[i]["class"] == number]
        money = sum(float(self.model.closing.callable[self.model.path, i]) for i in rows)
        rates = (float(self.own[name]) for name in ("hurdle_rate", "catch_up_rate", "carry_rate"))
        waterfall = WaterfallTerms(self.own["compounding"], *rates, self.own["style"], grid.periods_per_year)
        flags = bool(terms.classes[number]["pays_fee"]), bool(terms.classes[number]["pays_carry"])
        return InvestorClass(number, rows, money, *flags, waterfall)

    def clear_period(self):
        self.opening_cost = self.unrealised_cost
        self.proceeds = self.child_distribution = self.child_call = self.interest = 0.0
        self.fee = self.carry = self.recycled = self.invested = self.expense = self.credit = 0.0
        self.outside_enterprises = 0.0
        self.realised = []
        self.row_call = dict.fromkeys(self.rows, 0.0)
        self.row_distribution = dict.fromkeys(self.rows, 0.0)
        for one in self.classes:
            one.contribution = one.distribution = one.fees_now = 0.0
            one.opening_nav = one.nav

    # what it is

    def is_live(self, period):
        return self.end == NEVER and period >= self.start

    def in_investment_period(self, period):
        return period <= self.own["investment_end"]

    @property
    def is_on_top(self):
        return bool(self.own["fees_on_top"])

    @property
    def has_fee_payer(self):
        return any(one.pays_fee and one.callable > 0.0 for one in self.classes)

    @property
    def investable(self):
        """Callable after lifetime scheduled fees."""
        if self.is_on_top or not self.has_fee_payer:
            return self.callable
        return self.callable * (1.0 - float(self.own["fee_lifetime"]))

    @property
    def reserve_left(self):
        if self.has_run_off:
            return 0.0
        return float(self.own["reserve_share"]) * self.investable - self.reserve_used

    @property
    def unrealised_cost(self):
        return (
            sum(position.cost for position in self.positions)
            + self.pool_cost
            + sum(share.cost for share in self.shares if share.is_live)
            + sum(self.child_cost[i] for i in self.held_interests())
        )

    def held_interests(self):
        """Rows in children that started and have not ended or been sold."""
        vehicles = self.model.vehicles
        return [
            i
            for i in self.interests
            if i not in self.sold and vehicles[self.model.row_vehicle[i]].end == NEVER
        ]

    def children_may_call(self):
        """What children may still call, and planned calls of property, which count like it (5.9)."""
        children = sum(
            self.model.row_part(i) * self.model.class_of(i).may_call for i in self.held_interests()
        )
        return children + sum(share.due for share in self.shares)

    def future_fees(self, one, period):
        if self.is_on_top or not one.pays_fee:
            return 0.0
        return float(self.terms.periods[self.number, period]["fee_future"]) * one.callable

    def owed_inside(self, one):
        return 0.0 if self.is_on_top else one.owed

    def capital_left(self, period):
        """(5.2), before the follow-on reserve is deducted."""
        least = min(
            (one.may_call + one.cash - self.owed_inside(one) - self.future_fees(one, period)) / one.weight
            for one in self.classes
            if one.weight > 0.0
        )
        return least - self.children_may_call() - self.invested - self.expense

    # step (a)

    def earn_interest(self):
        for one in self.classes:
            interest = one.cash * float(self.own["cash_rate"])
            one.cash += interest
            self.interest += interest

    # step (b)

    def settle(self, period):
        """(b): fees, term test, what came in, recycling, distribution."""
        self._charge_fees(period)
        if period == self.own["last_period"] and self.has_tail:
            self._run_off()
        is_ending = self._ends(period)
        if is_ending:
            self._sell_everything(period)
            if any(position.is_live for position in self.positions):  # locked
                self.is_handing_out, is_ending = True, False
                self._run_off()
        self.child_distribution = sum(
            self.model.vehicles[self.model.row_vehicle[i]].row_distribution[i]
            for i in self.interests
            if i not in self.sold or self.model.sold_period[i] == period
        )
        before = [one for one in self.classes if one.weight > 0.0]
        inflow = {one: one.weight * (self.proceeds + self.child_distribution) for one in before}
        if is_ending:
            money = {one: self._last_money(one, inflow[one]) for one in before}
        else:
            money = self._money(inflow, period)
        for one in before:
            self._distribute(one, *money[one], period, is_ending)
        if is_ending:
            self.end = period

    def _charge_fees(self, period):
        terms, v, model = self.terms, self.number, self.model
        rate = float(terms.periods[v, period]["fee_rate"])
        year = (period - self.start) // model.grid.periods_per_year
        appraisal = path_key(model.grid.seed_key, model.path_number, self.own["appraisal_stream"])
        if uniform(appraisal, year) >= self.own["appraisal_pass"]:
            rate *= 1.0 - float(self.own["fee_at_risk"])
        payers = sum(one.callable for one in self.classes if one.pays_fee)
        for one in self.classes:
            if not one.pays_fee or one.callable == 0.0:
                continue
            one.owed += rate * self._fee_base(one, int(terms.periods[v, period]["fee_base"]))
            if period == self.start:
                one.owed += float(self.own["organisation_cost"]) * one.callable / payers

    def _fee_base(self, one, base):
        if base == FeeBase.COMMITMENTS:
            return one.callable
        if base == FeeBase.PAID_IN:
            return one.called
        return one.weight * self.opening_cost

    def _ends(self, period):
        """(7.8)"""
        if period < self.own["term_period"]:
            return False
        if self.is_handing_out:
            return not any(position.is_live for position in self.positions)
        paid_in = sum(one.waterfall.contributed for one in self.classes)
        nav = sum(one.opening_nav for one in self.classes)
        least = float(self.own["extension_threshold"]) * paid_in + SMALL * self.callable
        last = self.own["tail_period" if self.has_tail else "last_period"]
        is_left = period < self.own["last_period"] or self._holds_anything(period)
        if period < last and is_left and nav > least:
            return False
        return bool(self.own["sells_children"]) or not self.held_interests()

    @property
    def has_tail(self):
        return self.own["at_end"] == AtEnd.HOLD and self.own["tail_period"] > self.own["last_period"]

    def _holds_anything(self, period):
        held = [*self.positions, *self.shares]
        return any(one.is_live for one in held) or bool(self.held_interests()) or self._pool_is_left(period)

    def _pool_is_left(self, period):
        nav = float(self.terms.periods[self.number, period]["pool_nav"])
        return self.has_pool and (nav > 0.0 or self.in_investment_period(period + 1))

    def _run_off(self):
        """Neither new deals nor follow-ons from now on; a pool goes on as promised (7.8)."""
        if not self.has_pool:
            self.is_stopped = self.has_run_off = True

    def discount_at(self, period):
        """(7.8): more where the vehicle is older than an age at the end of the period."""
        after, more = (float(x) for x in self.own["aged_discount"])
        age = (period + 1 - self.start) / self.model.grid.periods_per_year
        is_aged = age > after + SMALL
        return min(1.0, self.term_discount + more) if is_aged else self.term_discount

    def _sell_everything(self, period):
        discount = self.discount_at(period)
        for position in self.positions:
            if position.is_live:
                self.take_proceeds(position, lambda p: p.sell_at_term(period, self.own, discount))
        if self.has_pool:
            self.proceeds += self._pool_nav(period, True) * (1.0 - discount)
            self.has_pool, self.pool_cost = False, 0.0
        for share in self.shares:
            if share.is_live:
                self.proceeds += share.sell_at_term(period, discount)
        self.model.value_descendants(self, period)
        for i in self.held_interests():
            value = self.model.row_part(i) * self.model.class_of(i).nav
            self.proceeds += value * (1.0 - discount)
            self.sold.add(i)
            self.model.sold_period[i] = period

    def take_proceeds(self, position, sale):
        """Let a position sell something; deal by deal it enters the
        pool of realised positions the first time.
        """
        before = [(part.cost, part.period) for part in position.parts]
        n_exits = dict(position.exits)
        self.proceeds += sale(position)
        if position.exits != n_exits and not position.has_entered:
            position.has_entered = True
            self.realised.append(before)

    def _money(self, inflow, period):
        """Of each class what it distributes of the inflow, and of its cash."""
        released = {one: self._released(one, period) for one in inflow}
        left = {one: self._fees_from_inflow(one, amount) for one, amount in inflow.items()}
        total = sum(left.values())
        kept = self._kept_for_recycling(total, period)
        for one in inflow:
            share = kept / total if total > 0.0 else 0.0
            one.cash += share * left[one] - released[one]
            left[one] -= share * left[one]
        self.recycled = kept
        self.recycled_so_far += kept
        return {one: (left[one], released[one]) for one in inflow}

    def _distribute(self, one, inflow, released, period, is_ending):
        one.waterfall.accrue()
        self._enter_realised(one, period)
        carry = one.waterfall.distribute(inflow, released) if one.pays_carry else 0.0
        one.distribution = inflow + released - carry
        if is_ending and one.pays_carry:
            back = one.waterfall.clawback()
            one.distribution += back
            carry -= back
        self.carry += carry
        for i in one.rows:
            self.row_distribution[i] = one.distribution * self.model.row_part(i)

    def _pay_fee(self, one, amount):
        one.owed -= amount
        one.fees_now += amount
        self.fee += amount

    def _last_money(self, one, inflow):
        from_cash = min(one.owed, one.cash)
        self._pay_fee(one, from_cash)
        from_inflow = min(one.owed, inflow)
        self._pay_fee(one, from_inflow)
        released = one.cash - from_cash
        one.cash = one.owed = 0.0
        return inflow - from_inflow, released

    def _fees_from_inflow(self, one, inflow):
        if self.is_on_top:
            return inflow
        free = max(0.0, one.cash + one.may_call - one.weight * self.children_may_call())
        taken = min(inflow, max(0.0, one.owed - free))
        self._pay_fee(one, taken)
        return inflow - taken

    def _is_investing(self, period):
        return self.in_investment_period(period) and not self.is_stopped

    def still_needed(self, one, period):
        """What a class must still pay once no more deals are made."""
        fees = self.owed_inside(one) + self.future_fees(one, period)
        return fees + one.weight * (self.reserve_left + self.children_may_call())

    def _released(self, one, period):
        if self._is_investing(period):
            return 0.0
        return max(0.0, one.cash - self.still_needed(one, period))

    def _kept_for_recycling(self, total, period):
        if period >= self.own["recycling_until"] or not self._is_investing(period):
            return 0.0
        return min(total, float(self.own["recycling_cap"]) * self.callable - self.recycled_so_far)

    def _enter_realised(self, one, period):
        waiting = sum(position.paid for position in self.positions if not position.has_entered)
        costs = [sum(cost for cost, _ in parts) for parts in self.realised]
        for k, parts in enumerate(self.realised):
            share = costs[k] / (waiting + sum(costs[k:]))
            one.waterfall.enter([(one.weight * cost, period - paid) for cost, paid in parts], share)

    # step (e)

    def call(self, period):
        """(e): what children call, own outlays and fees, against cash and unfunded."""
        for i in self.held_interests():
            amount = self.model.vehicles[self.model.row_vehicle[i]].row_call[i]
            self.child_call += amount
            self.child_cost[i] += amount
        outlay = self.invested + self.expense + self.child_call
        may_call = self.children_may_call()
        fees = {one: self._payable_fees(one, outlay, may_call) for one in self.classes}
        needs = {one: fees[one] + one.weight * outlay - one.cash for one in self.classes}
        calls = self._called_early(needs, self._calls(needs), period)
        for one in self.classes:
            one.may_call_before = one.may_call
            self._pay(one, calls[one], fees[one], outlay)
        if self.is_stopped or period >= self.own["investment_end"]:
            for one in self.classes:
                missing = self.still_needed(one, period) - one.cash
                one.promised = max(0.0, min(one.may_call_before - calls[one], missing))

    def _payable_fees(self, one, outlay, may_call):
        if self.is_on_top:
            return 0.0
        free = one.may_call + one.cash - one.weight * (may_call + outlay)
        return min(one.owed, max(0.0, free))

    def _calls(self, needs):
        """(7.1)"""
        n_tranches = int(self.own["n_tranches"])
        if n_tranches == 0:
            return {one: min(max(0.0, need), one.may_call) for one, need in needs.items()}
        if all(need <= 1e-12 * self.callable for need in needs.values()):
            return dict.fromkeys(needs, 0.0)
        calls = {}
        for k in range(n_tranches):
            total = float(self.terms.tranche_total[self.number, k])
            calls = {one: min(max(0.0, total * one.callable - one.called), one.may_call) for one in needs}
            if all(calls[one] >= need - 1e-12 * self.callable for one, need in needs.items()):
                break
        return calls

    def _called_early(self, needs, calls, period):
        """(7.1): the next tranche comes, too, when the agreed share of what was called is used."""
        share = float(self.own["next_call_when_used"])
        totals = [float(one) for one in self.terms.tranche_total[self.number, : int(self.own["n_tranches"])]]
        if self.is_stopped or period >= self.own["investment_end"] or math.isnan(share):
            return calls
        while True:
            called = sum(one.called + calls[one] for one in needs)
            left = sum(calls[one] - needs[one] for one in needs)  # in cash, after the period's payments
            later = [total for total in totals if total * self.callable > called + 1e-12 * self.callable]
            if called == 0.0 or not later or called - left < share * called - 1e-12 * self.callable:
                return calls
            calls = {one: min(max(0.0, later[0] * one.callable - one.called), one.may_call) for one in needs}

    def _pay(self, one, called, fees, outlay):
        one.called += called
        one.cash += called - fees - one.weight * outlay
        self._pay_fee(one, fees)
        one.contribution = called
        if self.is_on_top:
            one.contribution += one.owed
            fees = one.owed
            self._pay_fee(one, one.owed)
        one.waterfall.contribute(one.contribution)
        one.waterfall.costs += fees + one.weight * self.expense
        for i in one.rows:
            self.row_call[i] = one.contribution * self.model.row_part(i)

    # values

    def value_classes(self, period, is_before_outlays=False):
        """Holdings at marks and NAV of each class at the end of a
        period, (7.8), or before its steps (d) and (e).
        """
        if self.end != NEVER or period < self.start:
            self.holdings = 0.0
            for one in self.classes:
                one.nav = 0.0
            return
        mark = int(self.own["mark"])
        self.holdings = sum(position.mark(period, mark) for position in self.positions if position.is_live)
        if self.has_pool:
            self.holdings += self._pool_nav(period, is_before_outlays)
        self.holdings += sum(share.value(period, is_before_outlays) for share in self.shares)
        self.holdings += sum(
            self.model.row_part(i) * self.model.class_of(i).nav for i in self.held_interests()
        )
        for one in self.classes:
            one.nav = one.weight * self.holdings + one.cash - one.owed
            if one.pays_carry:
                one.nav -= one.waterfall.entitlement(one.nav) - one.waterfall.carry_paid
            one.nav = max(0.0, one.nav)

    def _pool_nav(self, period, is_before_outlays):
        nav = float(self.terms.periods[self.number, period]["pool_nav"])
        if is_before_outlays:
            nav = max(nav - float(self.terms.periods[self.number, period]["pool_contribution"]), 0.0)
        return nav * self.investable


def deal_key(model, deal):
    """Key of a planned deal (0)."""
    terms = model.enterprise_terms.deals[deal]
    stream = path_key(model.grid.seed_key, model.path_number, terms["vehicle_stream"])
    return derive(stream, terms["number"])
