"""The formulas on plain arrays, slow and obvious: written from
the model, with mpmath for polynomial roots.
"""

from __future__ import annotations

import math

import mpmath


def npv(flows, x):
    """Net present value at ln(1 + r) = x, to 50 digits."""
    with mpmath.workdps(50):
        return mpmath.fsum(mpmath.mpf(float(c)) * mpmath.exp(-t * x) for t, c in enumerate(flows))


def irr_roots(flows):
    """Every real rate of a period above −1, ascending, from all complex roots of the polynomial in 1 + r."""
    kept = [float(c) for c in flows]
    while kept and kept[-1] == 0.0:
        kept.pop()
    while kept and kept[0] == 0.0:
        kept.pop(0)
    if len(kept) < 2:
        return []
    with mpmath.workdps(60):
        roots = mpmath.polyroots(
            [mpmath.mpf(c) for c in reversed(kept)], maxsteps=500, extraprec=400, asc=True
        )
        real = [r.real for r in roots if abs(r.imag) < mpmath.mpf("1e-25") * (1 + abs(r)) and r.real > 0]
        return sorted(float(r - 1) for r in real)


def npv_falls(flows, rate):
    """Whether the net present value falls with the rate at a
    simple root: its derivative there, to 50 digits.
    """
    with mpmath.workdps(50):
        slope = mpmath.fsum(
            -t * mpmath.mpf(float(c)) * mpmath.mpf(1 + rate) ** -t for t, c in enumerate(flows)
        )
        return slope < 0


def irr(flows, periods_per_year=1):
    """The IRR by (8.1), as an annual rate; nan for none."""
    if any(c < 0 for c in flows) and not any(c > 0 for c in flows):
        return -1.0
    roots = irr_roots(flows)
    falling = [r for r in roots if npv_falls(flows, r)]
    annual = [(1 + r) ** periods_per_year - 1 for r in (falling or roots)]
    return min(annual, key=abs) if annual else math.nan


def entitlement(profit, preferred, carry, catch_up):
    """Carry of one payment of a whole profit through preferred return, catch-up and split."""
    rest = max(0.0, profit - preferred)
    if catch_up == 0.0:
        return carry * rest
    tier = min(rest, carry * preferred / (catch_up - carry))
    return catch_up * tier + carry * (rest - tier)


def catch_up_tier(limited, partner, carry, catch_up):
    """The tier after which the partner has `carry` of all profit, by bisection."""
    low, high = 0.0, 1.0

    def is_enough(x):
        return partner + catch_up * x >= carry * (limited + partner + x)

    if is_enough(0.0):
        return 0.0
    while not is_enough(high):
        high *= 2.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high


class Account:
    """One pool's balances: what is owed to the limited partners, and what each side has had."""

    def __init__(self, carry, catch_up):
        self.carry, self.catch_up = carry, catch_up
        self.capital = self.preferred = self.limited_profit = self.partner_profit = 0.0

    def pay(self, amount):
        """Share one distribution; returns what the partner gets."""
        capital = min(amount, self.capital)
        self.capital -= capital
        amount -= capital
        preferred = min(amount, self.preferred)
        self.preferred -= preferred
        self.limited_profit += preferred
        amount -= preferred
        partner = 0.0
        if self.catch_up > 0.0:
            tier = catch_up_tier(self.limited_profit, self.partner_profit, self.carry, self.catch_up)
            tier = min(amount, tier)
            partner = self.catch_up * tier
            self.limited_profit += tier - partner
            amount -= tier
        partner += self.carry * amount
        self.limited_profit += (1 - self.carry) * amount
        self.partner_profit += partner
        return partner


def preferred_return(cost, n_periods, hurdle, is_compound, periods_per_year):
    """Preferred return on a cost that was out for some periods."""
    years = n_periods / periods_per_year
    return cost * ((1 + hurdle) ** years - 1) if is_compound else cost * hurdle * years


def european(contributions, distributable, hurdle, is_compound, carry, catch_up, periods_per_year):
    """Carry by period before clawback, and the carry that may be kept."""
    account = Account(carry, catch_up)
    accrued, paid = 0.0, []
    for contribution, amount in zip(contributions, distributable, strict=True):
        base = account.capital + (account.preferred if is_compound else 0.0)
        gain = preferred_return(base, 1, hurdle, is_compound, periods_per_year)
        account.preferred += gain
        accrued += gain
        paid.append(account.pay(amount))
        account.capital += contribution
    kept = entitlement(sum(distributable) - sum(contributions), accrued, carry, catch_up)
    return paid, min(sum(paid), kept)


def deal_by_deal(contributions, distributable, hurdle, is_compound, carry, catch_up, periods_per_year):
    """Carry by period before clawback; contributions and distributions are lists of deals' lists."""
    account = Account(carry, catch_up)
    n_periods = len(contributions[0])
    first = [
        next((t for t, amount in enumerate(deal) if amount > 0), n_periods - 1) for deal in distributable
    ]
    paid = []
    for t in range(n_periods):
        base = account.capital + (account.preferred if is_compound else 0.0)
        account.preferred += preferred_return(base, 1, hurdle, is_compound, periods_per_year)
        for deal, realised in zip(contributions, first, strict=True):
            if realised == t:
                account.capital += sum(deal[:t])
                account.preferred += sum(
                    preferred_return(cost, t - s, hurdle, is_compound, periods_per_year)
                    for s, cost in enumerate(deal[:t])
                )
        paid.append(account.pay(sum(deal[t] for deal in distributable)))
        account.capital += sum(
            deal[t] for deal, realised in zip(contributions, first, strict=True) if realised <= t
        )
    return paid


def takahashi_alexander(commitment, contribution_rates, life_years, bow, growth_rate, yield_rate):
    """Contributions, distributions and values by year, each from the text's formula."""
    contributions, distributions, values = [], [], []
    for year in range(1, life_years + 1):
        rate = contribution_rates[min(year, len(contribution_rates)) - 1]
        before = values[-1] if values else 0.0
        contributions.append(rate * (commitment - sum(contributions)))
        distributions.append(max(yield_rate, (year / life_years) ** bow) * before * (1 + growth_rate))
        values.append(before * (1 + growth_rate) + contributions[-1] - distributions[-1])
    return contributions, distributions, values


def ks_pme(contributions, distributions, nav, index):
    """Future values by the index over future values by the index."""
    future_in = sum(c * index[-1] / i for c, i in zip(contributions, index, strict=True))
    future_out = sum(d * index[-1] / i for d, i in zip(distributions, index, strict=True))
    return (future_out + nav) / future_in if future_in > 0 else math.nan
