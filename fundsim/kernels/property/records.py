"""The arrays of the property pass (§4): its terms as records, and what it writes about a block.

Shapes: ``B`` paths of a block, ``T`` periods, ``M`` property markets, ``J`` projects, ``N`` most debts of
a project (at least 1), ``R`` REITs, ``O`` operators, ``X`` sectors, ``W`` window states,
``K = 2J + R`` interests: the development interest of project j at ``j``, its acquired interest at ``J +
j``, the strategic units of REIT r at ``2J + r``. Distributions are columns ``(table, a, b)`` as in
`fundsim.kernels.layout`.
"""

from typing import NamedTuple

import numpy as np

from fundsim.kernels.base.distributions import TRIPLE

Array = np.ndarray

# Channels by which an interest turns into cash (ProjectInterest.channel); they follow those of enterprises

# What a project is at the end of a period (PROJECT_PERIOD.status)


PROPERTY_MARKET = np.dtype(
    [(n, "f8") for n in ("rent_drift", "rent_volatility", "rent_beta")]
    + [
        (n, "f8")
        for n in ("yield_initial", "yield_mean", "yield_reversion", "yield_volatility", "yield_correlation")
    ]
    + [("rent_stream", "u8"), ("yield_stream", "u8")]
)

PROJECT = np.dtype(
    [
        ("stream", "u8"),
        ("market", "i8"),
        ("operator", "i8"),  # −1: an owner outside
        ("start_period", "i8"),  # of building; NEVER if it waits for recycled money or exists
        ("waits", "i8"),  # 1: starts from its operator's pot (4.14)
        ("build_periods", "i8"),  # 0: exists
        ("completion", "i8"),  # date of completion of an existing project (≤ 0), NEVER otherwise
        ("n_debts", "i8"),
        ("patience", "i8"),
        ("refinance_after", "i8"),  # periods since completion, NEVER: not refinanced
        ("refinance_term", "i8"),
        ("refinance_amortises", "i8"),
        ("sale_after", "i8"),  # periods since completion, NEVER: not sold
        ("sale_loan_term", "i8"),
        ("capex_periods", "i8"),
        ("hold_periods", "i8"),  # NEVER: held
        ("reit", "i8"),  # −1: none
        ("is_initial", "i8"),  # listed with its REIT rather than injected later
        ("owner_share", "f8"),  # of the development interest, not on offer
        ("cost", "f8"),
        ("full_rent", "f8"),  # money a year at G = 1 and full occupancy
        ("margin", "f8"),
        ("opening_occupancy", "f8"),
        ("stable_occupancy", "f8"),
        ("ramp_years", "f8"),
        ("letting_cost", "f8"),  # money for the whole space
        ("vacancy_response", "f8"),
        ("rent_response", "f8"),
        ("recovery", "f8"),  # κ a year
        ("dscr_least", "f8"),  # 0: none
        ("ltv_most", "f8"),  # inf: none
        ("enforcement_discount", "f8"),
        ("refinance_ltv", "f8"),
        ("refinance_rate", "f8"),
        ("refinance_cost", "f8"),
        ("sale_readiness", "f8"),
        ("sale_multiple", "f8", TRIPLE),
        ("buyer_cost", "f8"),
        ("sale_ltv", "f8"),
        ("sale_loan_rate", "f8"),
        ("capex", "f8"),  # share of the price
        ("rent_uplift", "f8"),
        ("occupancy_uplift", "f8"),
        ("exit_cost", "f8"),
        ("listing_cost", "f8"),  # the cost of (4.10), of the price
    ]
)

DEBT = np.dtype(
    [("is_bond", "i8"), ("term", "i8"), ("amortises", "i8"), ("rolls_over", "i8"), ("share", "f8")]
)

REIT = np.dtype(
    [
        ("stream", "u8"),
        ("from_period", "i8"),
        ("attempt_periods", "i8"),
        ("operating_periods", "i8"),
        ("lock_base", "i8"),
        ("lock_excess", "i8"),
        ("lock_strategic", "i8"),
        ("sell_periods", "i8"),
        ("owner_sells", "i8"),
        ("minimum_value", "f8"),
        ("yield_floor", "f8"),
        ("issue_multiple", "f8", TRIPLE),
        ("retained", "f8"),
        ("retained_base", "f8"),  # 20 %
        ("strategic", "f8"),
        ("payout", "f8"),
        ("gearing", "f8"),
        ("gearing_limit", "f8"),
        ("debt_rate", "f8"),
        ("fee_rate", "f8"),
        ("price_volatility", "f8"),
        ("price_reversion", "f8"),
        ("yield_beta", "f8"),
        ("follow_on_discount", "f8"),
        ("least_price_to_nav", "f8"),
    ]
)


class PropertyRecords(NamedTuple):
    """§4; empty arrays where a scenario has no property."""

    markets: Array  # (M,) PROPERTY_MARKET
    projects: Array  # (J,) PROJECT
    cost_share: Array  # (J, most building periods) of the cost, by period of building
    debts: Array  # (J, N) DEBT
    debt_rate: Array  # (J, N, T) annual, by the period in which the project starts (existing ones: 0)
    tenants: Array  # (J, X) int64, 1: the project houses enterprises of the sector
    reits: Array  # (R,) REIT
    listing_probability: Array  # (R, W) of an attempt
    follow_on_probability: Array  # (R, W)
    follow_on_wait: Array  # (R, T) periods since the last offering, by the rule of the period
    reinvest: Array  # (O, T) share of capital proceeds, by the rule of the period
    index_stream: np.uint64  # market/index
    market_volatility: float  # σ_m
    tables: Array


INTEREST = np.dtype(
    [
        ("is_offered", "i8"),
        ("channel", "i8"),  # of capital, −1 without
        ("price", "f8"),  # of the whole, where it is on offer
        ("due", "f8"),  # planned calls of the whole from this period on, where it is on offer
        ("call", "f8"),  # paid by its holders in this period
        ("income", "f8"),  # paid to its holders: rents, dividends, refinancing
        ("capital", "f8"),  # from sale, listing, units sold, enforcement
        ("released", "f8"),  # share of the remaining cost that leaves with the capital
        ("value", "f8"),  # at the period's end
    ]
)
"""An interest as a whole in a period."""

PROJECT_PERIOD = np.dtype(
    [
        ("status", "i8"),
        ("occupancy", "f8"),
        ("noi", "f8"),
        ("value", "f8"),  # V(n), 0 until let
        ("letting", "f8"),  # letting cost paid
        ("owed", "f8"),  # letting cost that fell due and is not paid, at the period's end
        ("spent", "f8"),  # construction and capital expenditure
        ("drawn", "f8"),  # new debt: building, refinancing
        ("assumed", "f8"),  # loan of the buyers at a sale
        ("interest", "f8"),  # due: paid, capitalised while building, or added to a loan
        ("added", "f8"),  # of it, added to the loan's balance because it was not paid
        ("repaid", "f8"),  # principal paid from rents, and by refinancing
        ("support", "f8"),  # service of special bonds paid by their issuer
        ("made_good", "f8"),  # rest of special bonds paid by their issuer at a sale or enforcement
        ("cost", "f8"),  # of refinancing
        ("settled", "f8"),  # debt repaid or lost at sale, listing, enforcement
        ("service", "f8"),  # interest and level payments' principal, the base of coverage
        ("debt", "f8"),  # at the period's end
        ("trapped", "f8"),  # cash at the period's end
        ("handed", "f8"),  # trapped cash that went to the holders at sale, listing or enforcement
    ]
)
"""A project in a period."""

PROJECT_RESULT = np.dtype(
    [
        ("started", "i8"),  # period, −1 never; existing projects −1
        ("completed", "i8"),  # date, NEVER if not
        ("refinanced", "i8"),  # period, −1 never; as those that follow
        ("sold", "i8"),
        ("sold_again", "i8"),  # at the end of a hold
        ("listed", "i8"),  # with its REIT or by follow-on
        ("enforced", "i8"),
        ("from_pot", "i8"),  # 1: built with recycled money
        ("book", "f8"),  # spent on it when listed, purchase price of a sale instead of construction
        ("listing_price", "f8"),
        ("least_coverage", "f8"),  # NaN without service
        ("trapped_periods", "i8"),
    ]
)

REIT_PERIOD = np.dtype(
    [
        ("offering", "i8"),  # 1: listing or follow-on in the period
        ("dividend", "f8"),
        ("distributable", "f8"),
        ("nav", "f8"),
        ("units", "f8"),
        ("price", "f8"),  # of a unit at the period's end
        ("debt", "f8"),
        ("cash", "f8"),
        ("assets", "f8"),  # ΣV + cash
        ("raised", "f8"),  # by units issued in the period
        ("kept", "f8"),  # units with owners and strategic investors at the period's end
    ]
)

OPERATOR_PERIOD = np.dtype(
    [
        ("original", "f8"),  # calls paid from original capital in the period
        ("recycled", "f8"),  # calls of projects that started from the pot
        ("recovered", "f8"),  # capital proceeds
        ("pot", "f8"),  # at the period's end
    ]
)


class PropertyBlock(NamedTuple):
    """What the property pass writes."""

    rent: Array  # (B, M, T+1) G
    yields: Array  # (B, M, T+1) y
    interests: Array  # (B, K, T) INTEREST
    periods: Array  # (B, J, T) PROJECT_PERIOD
    results: Array  # (B, J) PROJECT_RESULT
    reits: Array  # (B, R, T) REIT_PERIOD
    operators: Array  # (B, O, T) OPERATOR_PERIOD
