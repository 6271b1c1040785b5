"""Vehicles' shares of interests in property (4.9, 5.9): what a share pays, gets and is worth."""

from __future__ import annotations

from fundsim.vocabulary import Channel


class Share:
    """A vehicle's share of an interest; `flows` are the interest's records by period."""

    def __init__(self, holding, flows, share, period):
        self.holding, self.flows, self.share, self.period = holding, flows, share, period
        offer = flows[period]
        self.cost = self.paid = share * float(offer["price"] + offer["call"])
        self.planned = share * float(offer["due"])
        self.called = share * float(offer["call"])
        self.income = self.capital = 0.0
        self.is_live = True
        self.lines = []  # exits: channel, period, cost, proceeds

    @property
    def due(self):
        """Planned calls still to come."""
        return max(0.0, self.planned - self.called) if self.is_live else 0.0

    def collect(self, period):
        """Income and capital of a period after the purchase."""
        flow = self.flows[period]
        income = self.share * float(flow["income"])
        self.income += income
        if flow["channel"] < 0:
            return income
        capital = self.share * float(flow["capital"])
        self.capital += capital
        self._leave(int(flow["channel"]), period, self.cost * float(flow["released"]), capital)
        if flow["channel"] == Channel.REIT_OFFERING:
            self.planned = 0.0
        self.is_live = float(flow["released"]) < 1.0 - 1e-12
        return income + capital

    def _leave(self, channel, period, cost, capital):
        self.cost -= cost
        before = [line for line in self.lines if line[0] == Channel.REIT_UNITS == channel]
        if before:
            before[0][1] = period
            before[0][2] += cost
            before[0][3] += capital
        else:
            self.lines.append([channel, period, cost, capital])

    def call(self, period):
        """Its part of the interest's call."""
        amount = self.share * float(self.flows[period]["call"])
        self.called += amount
        self.cost += amount
        self.paid += amount
        return amount

    def value(self, period, is_before_calls=False):
        """Worth at the period's end, or before its call."""
        if not self.is_live:
            return 0.0
        value = float(self.flows[period]["value"])
        if is_before_calls:
            value = max(0.0, value - float(self.flows[period]["call"]))
        return self.share * value

    def sell_at_term(self, period, discount):
        """Sold with the calls to come."""
        amount = self.value(period, is_before_calls=True) * (1.0 - discount)
        self.capital += amount
        self._leave(Channel.TERM_SALE, period, self.cost, amount)
        self.is_live = False
        return amount
