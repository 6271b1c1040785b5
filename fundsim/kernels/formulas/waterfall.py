"""Owns the waterfall (7.4): steps of one period that engine and public function share, and the runs over
whole streams.

State of a class, all money: `capital` contributed and not yet returned, `preferred` return accrued and not
yet paid,
`accrued` preferred return in all, `profit` paid to the limited partners so far, `carry` paid to the
general partner so far. A period accrues, distributes, then adds the contribution.
"""

import math

from fundsim.kernels.base.jit import kernel
from fundsim.vocabulary import Compounding


@kernel
def hurdle_per_period(hurdle_rate, compounding, periods_per_year):
    """Preferred return of a period: `(1 + h)^Δ − 1`, or `hΔ` when simple."""
    if compounding == Compounding.COMPOUND:
        return math.expm1(math.log1p(hurdle_rate) / periods_per_year)
    return hurdle_rate / periods_per_year


@kernel
def accrue(capital, preferred, rate, compounding):
    """Preferred return of one period at the period's `rate`: on
    capital and unpaid preferred, or on capital alone.
    """
    if compounding == Compounding.COMPOUND:
        return (capital + preferred) * rate
    return capital * rate


@kernel
def distribute(amount, capital, preferred, profit, carry, carry_rate, catch_up_rate):
    """
    One distribution through the tiers: capital, preferred return, catch-up, then `1−c : c`.

    The catch-up tier is `(c·(profit + carry) − carry) / (g − c)` in total, of which the partner gets `g`
    times; after it the partner has `c` of the profit paid so far.

    Returns
    -------
    to_partner, capital, preferred, profit, carry : float
        Carry of this distribution, then the state after it; the limited partners get `amount − to_partner`.
    """
    to_capital = min(amount, capital)
    left = amount - to_capital
    to_preferred = min(left, preferred)
    left -= to_preferred
    gain = to_preferred
    to_partner = 0.0
    if catch_up_rate > 0.0:
        tier = (carry_rate * (profit + gain + carry) - carry) / (catch_up_rate - carry_rate)
        tier = min(left, max(0.0, tier))
        to_partner = catch_up_rate * tier
        gain += tier - to_partner
        left -= tier
    share = carry_rate * left
    to_partner += share
    gain += left - share
    return to_partner, capital - to_capital, preferred - to_preferred, profit + gain, carry + to_partner


@kernel(is_inner=True)
def realise(capital, preferred, accrued, cost, cost_preferred):
    """
    A deal enters the pool of realised deals with its cost and the preferred return accrued on it.

    Returns
    -------
    capital, preferred, accrued : float
        The pool's state after it.
    """
    return capital + cost, preferred + cost_preferred, accrued + cost_preferred


@kernel
def entitled_carry(profit, accrued_preferred, carry_rate, catch_up_rate):
    """
    Carry due on a whole life's profit and accrued preferred return; a clawback takes back what was paid
    above it.

    Parameters
    ----------
    profit : float
        Distributions, carry included, less contributions.
    accrued_preferred : float
        Preferred return accrued in all.
    """
    above = max(0.0, profit - accrued_preferred)
    if catch_up_rate == 0.0:
        return carry_rate * above
    tier = carry_rate * accrued_preferred / (catch_up_rate - carry_rate)
    if above <= tier:
        return catch_up_rate * above
    return catch_up_rate * tier + carry_rate * (above - tier)


@kernel
def european(contributions, distributable, rate, compounding, carry_rate, catch_up_rate, partner):
    """
    Run one stream, shape (T,), through the European waterfall; `partner` (T,) is filled before any clawback.

    Returns
    -------
    kept : float
        Carry that the partner may keep in the end.
    """
    capital, preferred, profit, carry, accrued, result = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for t in range(contributions.size):
        increase = accrue(capital, preferred, rate, compounding)
        preferred += increase
        accrued += increase
        partner[t], capital, preferred, profit, carry = distribute(
            distributable[t], capital, preferred, profit, carry, carry_rate, catch_up_rate
        )
        capital += contributions[t]
        result += distributable[t] - contributions[t]
    return min(carry, entitled_carry(result, accrued, carry_rate, catch_up_rate))


@kernel
def deal_by_deal(
    contributions,
    distributable,
    rate,
    compounding,
    carry_rate,
    catch_up_rate,
    cost,
    cost_preferred,
    is_realised,
    partner,
):
    """
    Run the deals of one fund, shapes (deal, T), through a pool of realised deals with the European state.

    A deal is realised at its first distribution, or at the last period as a loss. `cost`, `cost_preferred`
    and
    `is_realised` (deal,) are scratch; `partner` (T,) is filled before the clawback.

    Returns
    -------
    carry : float
        Carry paid in all.
    """
    n_deals, n_periods = contributions.shape
    cost[:], cost_preferred[:], is_realised[:] = 0.0, 0.0, False
    capital, preferred, profit, carry, accrued = 0.0, 0.0, 0.0, 0.0, 0.0
    for t in range(n_periods):
        increase = accrue(capital, preferred, rate, compounding)
        preferred += increase
        accrued += increase
        amount = 0.0
        for i in range(n_deals):
            amount += distributable[i, t]
            if is_realised[i]:
                continue
            cost_preferred[i] += accrue(cost[i], cost_preferred[i], rate, compounding)
            if distributable[i, t] > 0.0 or t == n_periods - 1:
                capital, preferred, accrued = realise(capital, preferred, accrued, cost[i], cost_preferred[i])
                is_realised[i] = True
        partner[t], capital, preferred, profit, carry = distribute(
            amount, capital, preferred, profit, carry, carry_rate, catch_up_rate
        )
        for i in range(n_deals):
            if is_realised[i]:
                capital += contributions[i, t]
            else:
                cost[i] += contributions[i, t]
    return carry


@kernel
def european_rows(
    contributions, distributable, rate, compounding, carry_rate, catch_up_rate, limited, partner
):
    """European waterfall with clawback of many streams; all arrays
    have shape (n, T), the last two are filled.
    """
    for i in range(contributions.shape[0]):
        kept = european(
            contributions[i], distributable[i], rate, compounding, carry_rate, catch_up_rate, partner[i]
        )
        settle(distributable[i], kept, limited[i], partner[i])


@kernel
def deal_rows(
    contributions,
    distributable,
    totals,
    rate,
    compounding,
    carry_rate,
    catch_up_rate,
    scratch,
    is_realised,
    limited,
    partner,
):
    """
    Deal-by-deal waterfall with clawback of many funds.

    Parameters
    ----------
    contributions, distributable : float64 arrays, shape (n, deal, T)
    totals : float64 array, shape (2, n, T)
        Their sums over deals, for the European waterfall on the same flows.
    rate, compounding, carry_rate, catch_up_rate : float, int, float, float
    scratch, is_realised : float64 array (2, deal), bool array (deal,)
    limited, partner : float64 arrays, shape (n, T), filled
    """
    for i in range(contributions.shape[0]):
        kept = european(totals[0, i], totals[1, i], rate, compounding, carry_rate, catch_up_rate, partner[i])
        deal_by_deal(
            contributions[i],
            distributable[i],
            rate,
            compounding,
            carry_rate,
            catch_up_rate,
            scratch[0],
            scratch[1],
            is_realised,
            partner[i],
        )
        settle(totals[1, i], kept, limited[i], partner[i])


@kernel
def settle(distributable, kept, limited, partner):
    """Clawback of carry above `kept` at the last period, then the limited partners' side of every period."""
    carry = 0.0
    for t in range(partner.size):
        carry += partner[t]
    partner[-1] -= max(0.0, carry - kept)
    for t in range(partner.size):
        limited[t] = distributable[t] - partner[t]
