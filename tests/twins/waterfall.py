"""The waterfall (7.4), slow and obvious: tiers with balances, one object for each class."""

from __future__ import annotations

from fundsim.vocabulary import Compounding, Style


class WaterfallTerms:
    """Rates of one vehicle; `periods` a year."""

    def __init__(self, compounding, hurdle_rate, catch_up_rate, carry_rate, style, periods):
        self.is_compound = compounding == Compounding.COMPOUND
        self.hurdle, self.catch_up, self.carry = hurdle_rate, catch_up_rate, carry_rate
        self.is_deal_by_deal = style == Style.DEAL_BY_DEAL
        self.periods = periods

    def entitlement(self, profit, preferred):
        """Carry of the European waterfall for a profit and the preferred return accrued."""
        y = max(0.0, profit - preferred)
        if self.catch_up == 0.0:
            return self.carry * y
        x = self.carry * preferred / (self.catch_up - self.carry)
        return self.catch_up * min(y, x) + self.carry * max(0.0, y - x)

    def grown(self, amount, n_periods):
        """Preferred return on an amount that was out for whole periods."""
        if self.is_compound:
            return amount * ((1.0 + self.hurdle) ** (n_periods / self.periods) - 1.0)
        return amount * self.hurdle * n_periods / self.periods


class Tiers:
    """Balances of the European waterfall: capital out, preferred
    unpaid, preferred ever accrued, catch-up used.
    """

    def __init__(self, terms):
        self.terms = terms
        self.capital = self.preferred = self.accrued = self.caught_up = 0.0

    def accrue(self):
        base = self.capital + self.preferred if self.terms.is_compound else self.capital
        gain = self.terms.grown(base, 1)
        self.preferred += gain
        self.accrued += gain

    def add(self, capital, preferred=0.0):
        self.capital += capital
        self.preferred += preferred
        self.accrued += preferred

    def distribute(self, amount):
        """Split an amount; returns the partner's part."""
        capital = min(amount, self.capital)
        self.capital -= capital
        preferred = min(amount - capital, self.preferred)
        self.preferred -= preferred
        rest = amount - capital - preferred
        if self.terms.catch_up == 0.0:
            return self.terms.carry * rest
        tier = self.terms.carry * self.accrued / (self.terms.catch_up - self.terms.carry)
        caught = min(rest, max(0.0, tier - self.caught_up))
        self.caught_up += caught
        return self.terms.catch_up * caught + self.terms.carry * (rest - caught)


class Waterfall:
    """The waterfall of one class. A class that pays no carry has one too, whose answers nobody asks for."""

    def __init__(self, terms):
        self.terms = terms
        self.whole = Tiers(terms)  # on all flows: the distribution if European, else only for the clawback
        self.pool = Tiers(terms)  # of realised positions, deal by deal
        self.costs, self.costs_preferred = 0.0, 0.0  # fees not yet allocated to a position
        self.contributed = self.distributed = self.carry_paid = 0.0

    def accrue(self):
        self.whole.accrue()
        self.pool.accrue()
        base = self.costs + self.costs_preferred if self.terms.is_compound else self.costs
        self.costs_preferred += self.terms.grown(base, 1)

    def enter(self, parts, share):
        """A position is realised: `parts` are (cost, periods since
        paid), `share` of the fees not yet allocated.
        """
        for cost, n_periods in parts:
            self.pool.add(cost, self.terms.grown(cost, n_periods))
        self.pool.add(self.costs * share, self.costs_preferred * share)
        self.costs *= 1.0 - share
        self.costs_preferred *= 1.0 - share

    def distribute(self, proceeds, other):
        """Distribute what came in and what is released beside it; returns the carry."""
        self.distributed += proceeds + other
        carry = self.whole.distribute(proceeds + other)
        if self.terms.is_deal_by_deal:
            carry = self.pool.distribute(proceeds)
        self.carry_paid += carry
        return carry

    def contribute(self, amount):
        self.contributed += amount
        self.whole.add(amount)

    def entitlement(self, still_to_come=0.0):
        profit = self.distributed + still_to_come - self.contributed
        return self.terms.entitlement(profit, self.whole.accrued)

    def clawback(self):
        """What the partner pays back at the vehicle's end."""
        amount = max(0.0, self.carry_paid - self.entitlement())
        self.carry_paid -= amount
        return amount
