"""Enterprises as seen by a holder, and positions in them (§5), slow and obvious."""

from __future__ import annotations

import math

from fundsim.kernels.layout import NEVER
from fundsim.vocabulary import AtEnd, Channel, End, Mark, Preference, SaleBasis
from tests.twins.draws import derive, draw, normal, normal_cdf, uniform
from tests.twins.preference import payoffs
from tests.twins.random import hash_name

SMALL = 1e-9


class Enterprise:
    """One row of the world: its rounds, its value at any date, its end."""

    def __init__(self, grid, terms, factors, clock, world, row):
        self.terms, self.factors, self.clock, self.world, self.row = terms, factors, clock, world, row
        self.step = 1.0 / grid.periods_per_year
        self.key = world.key[row]
        self.quality = float(world.quality[row])
        self.sector = int(world.sector[row])
        self.end_kind, self.end_period = int(world.end_kind[row]), int(world.end_period[row])
        self.filing_period, self.stall_period = int(world.filing_period[row]), int(world.stall_period[row])
        self.failure_period = int(world.failure_period[row])
        self.bought = {}  # place of a round: money of the cluster
        self.values = {}
        self.prices = {}

    def sector_term(self, name):
        return float(self.terms.sectors[self.sector][name])

    # rounds

    def places(self, period):
        """Rounds opened so far."""
        return [
            i
            for i in range(int(self.world.n_rounds[self.row]))
            if self.world.round_period[self.row, i] <= period
        ]

    def stage(self, place):
        return int(self.world.first_stage[self.row]) + place

    def offered(self, period):
        """The round on offer in a period, or None."""
        opened = self.places(period)
        if not opened or self.world.round_period[self.row, opened[-1]] != period or self.has_ended(period):
            return None
        return opened[-1]

    def sold(self, place):
        return float(self.world.round_sold[self.row, place])

    def post_money(self, place):
        return float(self.world.round_pre[self.row, place]) / (1.0 - self.sold(place))

    def raised(self, place):
        return self.post_money(place) * self.sold(place)

    def left(self, place):
        return self.raised(place) - self.bought.get(place, 0.0)

    def kept(self, place):
        """What holders keep when the round opens, (3.4)."""
        return (1.0 - float(self.terms.stages[self.stage(place)]["option_pool"])) * (1.0 - self.sold(place))

    # value

    def has_ended(self, period):
        return self.end_period <= period

    def is_listed(self, period):
        return self.end_kind == End.LISTED and self.has_ended(period)

    def value_at(self, date):
        if date not in self.values:
            self.values[date] = math.exp(self._log_value(date))
        return self.values[date]

    def _log_value(self, date):
        world, row = self.world, self.row
        g = max(i for i in range(int(world.n_segments[row])) if world.segment_from[row, i] <= date)
        start, end = int(world.segment_from[row, g]), int(world.segment_to[row, g])
        if date == start or int(world.segment_stage[row, g]) == NEVER:
            return float(world.segment_open[row, g])
        if date >= end:
            return float(world.segment_close[row, g])
        stage = int(world.segment_stage[row, g])
        is_stalled = stage < 0
        stage = -1 - stage if is_stalled else stage
        stage_terms, sector_terms = self.terms.stages[stage], self.terms.sectors[self.sector]
        volatility = float(stage_terms["volatility"])
        drift = float(sector_terms["stalled_growth"] if is_stalled else stage_terms["growth"])
        opened = float(world.segment_open[row, g])
        by_clock = drift > 0 and not is_stalled
        known = self._known(start, end, drift, volatility, by_clock)
        noise = float(world.segment_close[row, g]) - opened - known
        bridge = self._bridge(start, end, 0.0, noise, date, volatility)
        return opened + self._known(start, date, drift, volatility, by_clock) + bridge

    def _known(self, a, b, drift, volatility, by_clock):
        """(3.2) without its noise; growth runs by the financing clock, or by the calendar."""
        beta, variance = self.terms.sector_beta[self.sector], self.terms.factor_variance
        gamma, years = self.sector_term("quality_effect"), self.sector_term("quality_years")
        tau = (b - a) * self.step
        grown = float(self.clock[b] - self.clock[a]) if by_clock else tau
        value = drift * grown - 0.5 * volatility**2 * tau
        for f in range(len(beta)):
            value += (
                beta[f] * (self.factors[f, b] - self.factors[f, a]) - 0.5 * beta[f] ** 2 * variance[f] * tau
            )
        entry = int(self.world.entry_date[self.row])
        ga, gb = (min((n - entry) * self.step, years) for n in (a, b))
        return value + gamma * self.quality * (gb - ga) - 0.5 * gamma**2 * (gb**2 - ga**2)

    def _bridge(self, a, b, at_a, at_b, date, volatility):
        c = (a + b) // 2
        key = derive(self.key, hash_name("bridge"))
        spread = volatility * math.sqrt((c - a) * (b - c) / (b - a) * self.step)
        at_c = at_a + (c - a) / (b - a) * (at_b - at_a) + spread * normal(uniform(key, c))
        if date == c:
            return at_c
        if date < c:
            return self._bridge(a, c, at_a, at_c, date, volatility)
        return self._bridge(c, b, at_c, at_b, date, volatility)

    def listed_value(self, date):
        """Value of the company from the date of the listing on, (3.5)."""
        if date not in self.prices:
            self.prices[date] = self._listed_value(date)
        return self.prices[date]

    def _listed_value(self, date):
        share = float(self.world.listing_share[self.row])
        if self.world.end_value[self.row] == 0.0:
            return 0.0
        value = math.log(float(self.world.end_value[self.row]) / (1.0 - share))
        drift, volatility = self.sector_term("listed_growth"), self.sector_term("listed_volatility")
        beta, variance = self.terms.sector_beta[self.sector], self.terms.factor_variance
        key = derive(self.key, hash_name("listed"))
        for t in range(self.end_period + 1, date):
            value += (drift - 0.5 * volatility**2) * self.step
            for f in range(len(beta)):
                value += beta[f] * (self.factors[f, t + 1] - self.factors[f, t])
                value -= 0.5 * beta[f] ** 2 * variance[f] * self.step
            value += volatility * math.sqrt(self.step) * normal(uniform(key, t))
        return math.exp(value)

    def round_payoffs(self, total, period):
        """What each round's investors get of a total by the preference stack, (5.4)."""
        opened = self.places(period)
        shares = []
        for i in opened:
            share = self.sold(i)
            for j in opened:
                share *= self.kept(j) if j > i else 1.0
            shares.append(share)
        kind = int(self.sector_term("preference"))
        return payoffs(total, [self.raised(i) for i in opened], shares, kind)


class Part:
    """One payment into an enterprise."""

    def __init__(self, period, place, amount):
        self.period, self.place, self.amount = period, place, amount
        self.kept = 1.0

    @property
    def cost(self):
        return self.amount * self.kept


class Position:
    """A vehicle's holding in an enterprise, in the slot of its deal."""

    def __init__(self, deal, deal_key, enterprise, period, place, amount, is_credited):
        self.deal, self.deal_key, self.enterprise = deal, deal_key, enterprise
        self.first_period, self.place, self.first_cost = period, place, amount
        self.is_credited = is_credited
        self.parts, self.stake, self.stake_before = [], 0.0, 0.0
        self.has_claimed, self.claim, self.claim_due = False, 0.0, None
        self.has_entered = False  # the pool of realised positions, deal by deal
        self.exits = {}
        self.buy(period, place, amount)

    def buy(self, period, place, amount):
        self.parts.append(Part(period, place, amount))
        self.stake += amount / self.enterprise.post_money(place)
        self.enterprise.bought[place] = self.enterprise.bought.get(place, 0.0) + amount

    @property
    def paid(self):
        return sum(part.amount for part in self.parts)

    @property
    def cost(self):
        return sum(part.cost for part in self.parts)

    @property
    def is_live(self):
        return self.stake > 0.0

    def dilute(self, period):
        """(5.3) in the order of the rounds; the stake before the last one is what a follow-on keeps up."""
        enterprise = self.enterprise
        for place in enterprise.places(period):
            if enterprise.world.round_period[enterprise.row, place] == period:
                self.stake_before = self.stake
                self.stake *= enterprise.kept(place)
        if enterprise.end_kind == End.LISTED and enterprise.end_period == period:
            self.stake *= 1.0 - float(enterprise.world.listing_share[enterprise.row])

    def give_up(self, share):
        """Part with a share of the position: stake and cost; returns the cost that leaves."""
        left = self.cost * share
        for part in self.parts:
            part.kept *= 1.0 - share
        self.stake *= 1.0 - share
        if share >= 1.0:
            self.stake = 0.0
        return left

    def record(self, channel, period, cost, proceeds):
        _, before_cost, before_proceeds = self.exits.get(channel, (period, 0.0, 0.0))
        self.exits[channel] = (period, before_cost + cost, before_proceeds + proceeds)

    def leave(self, channel, period, share, proceeds):
        self.record(channel, period, self.give_up(share), proceeds)
        return proceeds

    # values

    def preference_value(self, total, period):
        """The position's part of a total that all holders share, (5.4)."""
        if int(self.enterprise.sector_term("preference")) == Preference.NONE:
            return self.stake * total
        by_round = self.enterprise.round_payoffs(total, period)
        return sum(
            part.cost / self.enterprise.raised(part.place) * by_round[part.place] for part in self.parts
        )

    def transfer_value(self, period, basis, mark):
        """(5.7) before the discount, by the basis of the vehicle; `mark` is how it marks."""
        enterprise = self.enterprise
        post_money = enterprise.post_money(enterprise.places(period)[-1])
        if basis == SaleBasis.NAV:
            return self.mark(period, mark)
        if basis == SaleBasis.LAST_ROUND:
            return self.stake * post_money
        value = enterprise.value_at(period + 1)
        if basis == SaleBasis.LOWER:
            value = min(post_money, value)
        return self.preference_value(value, period)

    def mark(self, period, kind):
        """Value at marks at the end of a period."""
        enterprise = self.enterprise
        if enterprise.is_listed(period):
            return self.stake * enterprise.listed_value(period + 1)
        if kind == Mark.COST:
            return self.cost
        if kind == Mark.LAST_ROUND:
            return self.stake * enterprise.post_money(enterprise.places(period)[-1])
        return self.stake * enterprise.value_at(period + 1)

    # exits: each returns what comes in

    def end(self, period):
        """A merger or a failure of the enterprise in this period."""
        enterprise = self.enterprise
        if enterprise.end_period != period or enterprise.end_kind == End.LISTED:
            return 0.0
        multiple = float(enterprise.world.end_multiple[enterprise.row])
        if math.isnan(multiple):
            proceeds = self.preference_value(float(enterprise.world.end_value[enterprise.row]), period)
        else:
            proceeds = multiple * self.cost
        return self.leave(End(enterprise.end_kind).channel, period, 1.0, proceeds)

    def sell_down(self, period):
        """(5.5)"""
        enterprise = self.enterprise
        if not self.is_live or not enterprise.is_listed(period):
            return 0.0
        if (period + 1) * enterprise.step < self._unlocked_years() - SMALL:
            return 0.0
        sold = min(self.stake, self._most_sold())
        proceeds = sold * enterprise.listed_value(period + 1)
        return self.leave(Channel.LISTING, period, sold / self.stake, proceeds)

    def _unlocked_years(self):
        enterprise, terms = self.enterprise, self.enterprise.terms
        board = terms.boards[int(enterprise.world.board[enterprise.row])]
        unlocked = (enterprise.end_period + 1) * enterprise.step + float(board["lock_up_years"])
        within, late_lock_up = (float(x) for x in board["late_entry"])
        last = self.parts[-1].period
        if not math.isnan(within) and (enterprise.filing_period - last) * enterprise.step <= within + SMALL:
            unlocked = max(unlocked, (last + 1) * enterprise.step + late_lock_up)
        return unlocked

    def _most_sold(self):
        enterprise, terms = self.enterprise, self.enterprise.terms
        rule = int(terms.boards[int(enterprise.world.board[enterprise.row])]["sell_down"])
        if rule < 0:
            return math.inf
        held = (enterprise.end_period - self.first_period) * enterprise.step
        steps = [
            s for s in range(terms.rule_share.shape[1]) if terms.rule_from_years[rule, s] <= held + SMALL
        ]
        return float(terms.rule_share[rule, steps[-1] if steps else 0])

    def collect_claim(self, period, quiet, terms):
        """(5.6), a claim made before falls due, and is dropped if it would not be made any more."""
        if (
            self.claim_due is None
            or not self.is_live
            or self.enterprise.has_ended(period)
            or period < self.claim_due
        ):
            return 0.0
        self.claim_due = None
        if not self._would_claim(period, quiet, self.claim):
            return 0.0
        share = self._paid_share(terms, self.enterprise.failure_period <= period)
        if share == 0.0:
            return 0.0
        return self.leave(Channel.BUYBACK, period, share, share * self.claim)

    def _paid_share(self, terms, has_failed):
        _, full, partial, least, most, correlation = terms
        noise = normal(uniform(self.enterprise.key, 4))
        u = normal_cdf(correlation * self.enterprise.quality + math.sqrt(1.0 - correlation**2) * noise)
        if u >= 1.0 - full and not has_failed:
            return 1.0
        if u >= 1.0 - full - partial:
            return least + (most - least) * uniform(self.enterprise.key, 5)
        return 0.0

    def make_claim(self, period, after, delay, quiet, terms):
        """(5.6), on an anniversary; ``quiet``: periods without a round, and the most of mark over claim."""
        enterprise, age = self.enterprise, period - self.first_period
        if self.has_claimed or not self.is_live or enterprise.has_ended(period) or age < after:
            return
        if age % round(1.0 / enterprise.step) != 0:
            return
        claim = sum(
            part.cost * (1.0 + terms[0] * (period - part.period) * enterprise.step) for part in self.parts
        )
        if self._would_claim(period, quiet, claim):
            self.has_claimed, self.claim, self.claim_due = True, claim, period + max(delay, 1)

    def _would_claim(self, period, quiet, claim):
        enterprise, (quiet_periods, quiet_mark) = self.enterprise, quiet
        if enterprise.filing_period <= period < enterprise.stall_period:
            return False
        last = enterprise.places(period)[-1]
        mark = self.stake * enterprise.post_money(last)
        exceeds = claim - mark > SMALL * mark
        is_quiet = period - int(enterprise.world.round_period[enterprise.row, last]) >= quiet_periods
        return exceeds or (is_quiet and mark - quiet_mark * claim <= SMALL * quiet_mark * claim)

    def transfer(self, period, own, tables):
        """(5.7)"""
        enterprise, after, probability = self.enterprise, own["transfer_from"], own["transfer_probability"]
        if not self.is_live or enterprise.is_listed(period) or period - self.first_period < after:
            return 0.0
        key = derive(self.deal_key, hash_name("transfer"))
        if not uniform(key, 2 * period) < probability:
            return 0.0
        price = 1.0 - draw(tables, own["transfer_discount"], uniform(key, 2 * period + 1))
        value = self.transfer_value(period, own["sale_basis"], own["mark"])
        return self.leave(Channel.TRANSFER, period, 1.0, price * value)

    def is_locked(self, period):
        """Whether it is listed and may not be sold yet, (5.5)."""
        still_to_come = self._unlocked_years() - (period + 1) * self.enterprise.step
        return self.enterprise.is_listed(period) and still_to_come > SMALL

    def hand_out(self, period):
        """A listed stake that is free is distributed in kind at the day's price, (7.8)."""
        if not self.is_live or not self.enterprise.is_listed(period) or self.is_locked(period):
            return 0.0
        value = self.stake * self.enterprise.listed_value(period + 1)
        return self.leave(Channel.IN_KIND, period, 1.0, value)

    def sell_at_term(self, period, own, discount):
        """(7.8)"""
        if self.enterprise.is_listed(period):
            if own["at_end"] == AtEnd.IN_KIND:
                return self.hand_out(period)
            value = self.stake * self.enterprise.listed_value(period + 1)
        elif own["at_end"] == AtEnd.WIND_UP:
            value, discount = own["recovery"] * self.cost, 0.0
        else:
            value = self.transfer_value(period, own["sale_basis"], own["mark"])
        return self.leave(Channel.TERM_SALE, period, 1.0, value * (1.0 - discount))
