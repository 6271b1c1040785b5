"""Owns the waterfall on plain arrays: arguments checked, then the engine's own kernels."""

from typing import Any, NamedTuple

import numpy as np

from fundsim.arguments import FloatArray, non_negative_array, number, same_shape
from fundsim.errors import ArgumentError
from fundsim.kernels.formulas import waterfall as kernels
from fundsim.terms import COMPOUNDINGS, Terms

__all__ = ["Distribution", "Terms", "distribute", "entitled_carry"]


class Distribution(NamedTuple):
    """
    What each side receives, shape (..., T); the two sum to what was distributed.

    A clawback is negative for the general partner, and positive for the limited partners, at the last period.

    Examples
    --------
    >>> terms = fs.waterfall.Terms(hurdle_rate=0.08, catch_up_rate=1.0, carry_rate=0.2)
    >>> shared = fs.waterfall.distribute([100.0, 0.0], [0.0, 150.0], terms)
    >>> shared.limited_partners + shared.general_partner
    array([  0., 150.])
    """

    limited_partners: FloatArray
    general_partner: FloatArray


def distribute(
    contributions: Any, distributable: Any, terms: Terms, periods_per_year: float = 1
) -> Distribution:
    """
    Share distributions between limited partners and general partner (7.4).

    Each period accrues the preferred return, distributes, then adds the contribution. At the last period the
    general partner pays back carry above that of the European waterfall on the whole life's flows.

    Parameters
    ----------
    contributions : array_like, shape (..., T), deal by deal (..., deal, T)
        Capital paid in by the limited partners, at period ends; money, zero or positive.
    distributable : array_like, same shape
        What there is to distribute, at period ends; money, zero or positive. Deal by deal, a deal is
        realised at its first distribution, or at the last period as a loss.
    terms : Terms
        Style, hurdle, catch-up and carry.
    periods_per_year : float
        Periods a year, positive.

    Returns
    -------
    Distribution
        `limited_partners` and `general_partner` (carry only), each (..., T).

    Raises
    ------
    ArgumentError
        If an entry is negative or not finite (the first is named), shapes differ, or a deal axis is missing.

    Examples
    --------
    >>> terms = fs.waterfall.Terms(hurdle_rate=0.08, catch_up_rate=1.0, carry_rate=0.2)
    >>> fs.waterfall.distribute([100.0, 0.0], [0.0, 150.0], terms).general_partner.round(2)
    array([ 0., 10.])
    >>> deals = [[100.0, 0.0, 0.0], [100.0, 0.0, 0.0]], [[0.0, 150.0, 0.0], [0.0, 0.0, 100.0]]
    >>> by_deal = fs.waterfall.Terms(style="deal_by_deal", carry_rate=0.2)
    >>> fs.waterfall.distribute(*deals, by_deal).general_partner.round(2)
    array([ 0., 10.,  0.])
    """
    if not isinstance(terms, Terms):
        raise ArgumentError(f"terms is {terms!r}; give fundsim.waterfall.Terms(...)")
    paid_in = non_negative_array("contributions", contributions)
    paid_out = non_negative_array("distributable", distributable)
    same_shape(contributions=paid_in, distributable=paid_out)
    m = number("periods_per_year", periods_per_year, 0.0, open_low=True)
    compounding = COMPOUNDINGS.index(terms.hurdle_compounding)
    rate = kernels.hurdle_per_period(terms.hurdle_rate, compounding, m)
    if terms.style == "deal_by_deal":
        return _deal_by_deal(paid_in, paid_out, terms, rate, compounding)
    shape = paid_in.shape
    limited, partner = np.empty((2, paid_in.size // shape[-1], shape[-1]))
    kernels.european_rows(
        paid_in.reshape(limited.shape),
        paid_out.reshape(limited.shape),
        rate,
        compounding,
        terms.carry_rate,
        terms.catch_up_rate,
        limited,
        partner,
    )
    return Distribution(limited.reshape(shape), partner.reshape(shape))


def _deal_by_deal(
    paid_in: FloatArray, paid_out: FloatArray, terms: Terms, rate: float, compounding: int
) -> Distribution:
    if paid_in.ndim < 2:
        raise ArgumentError(
            f"contributions have shape {paid_in.shape}; deal by deal takes (..., deal, period), "
            f"at least two axes"
        )
    *leading, n_deals, n_periods = paid_in.shape
    rows = paid_in.size // (n_deals * n_periods) if n_deals else int(np.prod(leading, dtype=int))
    deals = (rows, n_deals, n_periods)
    contributions = paid_in.reshape(deals)
    distributable = paid_out.reshape(deals)
    limited, partner = np.empty((2, rows, n_periods))
    kernels.deal_rows(
        contributions,
        distributable,
        np.stack([contributions.sum(axis=1), distributable.sum(axis=1)]),
        rate,
        compounding,
        terms.carry_rate,
        terms.catch_up_rate,
        np.empty((2, n_deals)),
        np.empty(n_deals, dtype=np.bool_),
        limited,
        partner,
    )
    shape = (*leading, n_periods)
    return Distribution(limited.reshape(shape), partner.reshape(shape))


def entitled_carry(
    profit: float, accrued_preferred: float, carry_rate: float = 0.20, catch_up_rate: float = 0.0
) -> float:
    """
    Carry due on a whole life's profit; a clawback takes back what was paid above it (7.4).

    Parameters
    ----------
    profit : float
        Distributions, carry included, less contributions; money, negative for a loss.
    accrued_preferred : float
        Preferred return accrued in all; money.
    carry_rate, catch_up_rate : float
        As in `Terms`.

    Returns
    -------
    float
        With `y = max(0, Π − A)`: `c·y` without catch-up; else `g·y` up to `x = c·A/(g − c)`, and `g·x +
        c·(y − x)`.

    Raises
    ------
    ArgumentError
        If an argument is out of its range.

    Examples
    --------
    >>> fs.waterfall.entitled_carry(profit=50.0, accrued_preferred=8.0, carry_rate=0.2, catch_up_rate=1.0)
    10.0
    """
    terms = Terms(carry_rate=carry_rate, catch_up_rate=catch_up_rate)
    gain = number("profit", profit, -np.inf)
    accrued = number("accrued_preferred", accrued_preferred, 0.0)
    return float(kernels.entitled_carry(gain, accrued, terms.carry_rate, terms.catch_up_rate))
