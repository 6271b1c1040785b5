"""Owns the terms of the funds pass as records, as the plan makes them (see
`fundsim.kernels.enterprises.records` for why), and what the pass sees of the passes before.
"""

from typing import NamedTuple

import numpy as np

from fundsim.kernels.base.distributions import TRIPLE
from fundsim.kernels.funds.agenda import Agenda
from fundsim.kernels.funds.instruments import Instruments
from fundsim.kernels.funds.state import Opening
from fundsim.kernels.layout import EnterpriseBlock

VEHICLE = np.dtype(
    [
        ("start_period", "i8"),  # t0
        ("term_period", "i8"),  # ends the term
        ("last_period", "i8"),  # ends the longest extension
        ("tail_period", "i8"),  # ends the tail of a vehicle that holds on
        ("at_end", "i8"),  # an AtEnd
        ("sale_basis", "i8"),  # a SaleBasis
        ("sells_children", "i8"),  # 1: sells interests in live children at its term, 0: goes on
        ("fees_on_top", "i8"),
        ("n_tranches", "i8"),  # 0: just in time
        ("style", "i8"),
        ("compounding", "i8"),
        ("recycling_until", "i8"),  # first period without, 0 for none
        ("idle_stop", "i8"),  # periods without a deal, NEVER for none
        ("relay", "i8"),
        ("looks_at", "i8"),  # offers that a deal looks at, NEVER for all
        ("again_until", "i8"),  # last period of deals that are planned again, −1 for none
        ("investment_end", "i8"),  # last period of deals, pool contributions or purchases, −1 without any
        ("mark", "i8"),
        ("transfer_from", "i8"),  # periods after the first investment, NEVER for none
        ("buyback_after", "i8"),  # periods, NEVER for none
        ("buyback_delay", "i8"),  # periods
        ("buyback_quiet", "i8"),  # periods without a round
        ("has_pool", "i8"),
        ("is_mother", "i8"),
        ("interest_from", "i8"),  # first period of purchases
        ("interest_until", "i8"),  # first period without
        ("extension_threshold", "f8"),  # of paid-in
        # of the term: Σ of rate · Δ, or what is expected; organisation cost not counted
        ("fee_lifetime", "f8"),
        ("fee_at_risk", "f8"),
        ("appraisal_pass", "f8"),
        ("organisation_cost", "f8"),
        ("next_call_when_used", "f8"),  # share of what was called, NaN for none
        ("cash_rate", "f8"),  # a period
        ("hurdle_rate", "f8"),  # annual
        ("catch_up_rate", "f8"),
        ("carry_rate", "f8"),
        ("recycling_cap", "f8"),  # share of callable
        ("ticket", "f8"),  # money, NaN when a stake is given
        ("stake", "f8"),  # share of post-money, NaN when a ticket is given
        ("max_round_share", "f8"),
        ("reserve_share", "f8"),
        ("follow_on_share", "f8"),
        ("single_enterprise_cap", "f8"),  # share of callable
        ("skill", "f8", TRIPLE),
        ("manager", "u8"),  # stream of its draw
        ("transfer_probability", "f8"),  # a period
        ("interest_share", "f8"),
        ("interest_ticket", "f8"),  # money, inf for none
        # places of what is its own: the first, and the one behind the last
        ("first_investor", "i8"),
        ("last_investor", "i8"),
        ("first_edge", "i8"),  # in `edge_investor`: the investor rows that the vehicle is
        ("last_edge", "i8"),
        ("first_class", "i8"),
        ("last_class", "i8"),
        ("first_with", "i8"),  # in `with_vehicle`: vehicles whose rounds it joins
        ("last_with", "i8"),
        ("first_deal", "i8"),
        ("last_deal", "i8"),
        ("first_holding", "i8"),  # in `holding_interest`: interests that it may take, ascending
        ("last_holding", "i8"),
        ("hurdle_period", "f8"),
        ("appraisal_stream", "u8"),
        ("term_stream", "u8"),
        ("relocation", "f8", (2,)),  # probability, cost as a share of invested; probability 0 for none
        ("quiet_mark", "f8"),  # of the claim
        ("buyback", "f8", (6,)),  # rate, full, partial, from, to, quality correlation
        ("transfer_discount", "f8", TRIPLE),
        ("term_discount", "f8", TRIPLE),
        # age in years above which the discount at term is more, and by how much
        ("aged_discount", "f8", (2,)),
        ("recovery", "f8"),  # of remaining cost, of a vehicle that is wound up
    ]
)
PERIOD = np.dtype(
    [
        ("fee_base", "i8"),
        ("fee_rate", "f8"),  # rate · Δ of the period, 0 outside the life with extensions
        ("fee_future", "f8"),  # of later periods to the end of term, also beyond the horizon: the same
        # pools, as shares of the vehicle's callable after lifetime scheduled fees; the value at the end
        ("pool_contribution", "f8"),
        ("pool_distribution", "f8"),
        ("pool_nav", "f8"),
    ]
)
CLASS = np.dtype([("vehicle", "i8"), ("pays_fee", "i8"), ("pays_carry", "i8")])
INVESTOR = np.dtype(
    [
        ("class", "i8"),
        ("parent", "i8"),  # vehicle, −1 for outside investors
        ("kind", "i8"),
        ("is_guidance", "i8"),  # 1 where landing terms count the money (8.9)
    ]
)


INTEREST_TERMS = np.dtype(
    [
        ("available", "f8"),  # share of it that is on offer when it is
        ("reaches_enterprises", "i8"),  # 1 where leverage counts the money put into it (8.8)
    ]
)


class Clock(NamedTuple):
    """The grid as far as values need it."""

    periods_per_year: int


class Values(NamedTuple):
    """The terms that the value of an enterprise takes (`fundsim.kernels.enterprises.value`)."""

    stages: np.ndarray  # (S,) STAGE
    sectors: np.ndarray  # (sectors,) SECTOR
    sector_beta: np.ndarray
    factor_variance: np.ndarray


class FundRecords(NamedTuple):
    """§5 and §7 as the plan makes them: vehicles in file order, all else grouped by vehicle, deals in time
    order.
    """

    n_periods: int
    periods_per_year: int
    seed_key: np.uint64
    is_antithetic: bool
    transfer_stream: np.uint64
    children_first: np.ndarray  # (V,) vehicles, each after all its children
    vehicles: np.ndarray  # (V,) VEHICLE
    periods: np.ndarray  # (V, T) PERIOD
    classes: np.ndarray  # (C,) CLASS
    investors: np.ndarray  # (I,) INVESTOR
    edge_investor: np.ndarray  # (edges,) investor rows that are vehicles, grouped by that vehicle
    with_vehicle: np.ndarray  # vehicles whose rounds others join, grouped by those
    deals: np.ndarray  # (D,) DEAL of enterprises
    tranche_total: np.ndarray  # (V, most tranches) cumulative shares of callable
    holding_interest: np.ndarray  # (H,)
    interests: np.ndarray  # (K,) INTEREST_TERMS
    stage_is_wanted: np.ndarray  # (V, S) 0 or 1
    boards: np.ndarray  # (Y,) BOARD of enterprises
    rule_from_years: np.ndarray  # as in EnterpriseRecords
    rule_share: np.ndarray
    tables: np.ndarray
    clock: Clock
    enterprises: Values


class FundPlan(NamedTuple):
    """All that the funds pass is told."""

    terms: FundRecords
    opening: Opening
    agenda: Agenda
    instruments: Instruments


class Factors(NamedTuple):
    """The market as far as values need it."""

    factors: np.ndarray  # (B, F, T+1)


class Lives(NamedTuple):
    """The enterprises as far as values need them."""

    financing_clock: np.ndarray
    key: np.ndarray
    quality: np.ndarray
    sector: np.ndarray
    entry_date: np.ndarray
    n_segments: np.ndarray
    segment_from: np.ndarray
    segment_to: np.ndarray
    segment_open: np.ndarray
    segment_close: np.ndarray
    segment_stage: np.ndarray


class FundWorld(NamedTuple):
    """The enterprises as the funds pass sees them; what values need, too, stands in `lives`."""

    first_row: np.ndarray
    n_park: np.ndarray
    first_stage: np.ndarray
    n_rounds: np.ndarray
    round_period: np.ndarray
    round_pre: np.ndarray
    round_sold: np.ndarray
    filing_period: np.ndarray
    stall_period: np.ndarray
    failure_period: np.ndarray
    end_kind: np.ndarray
    end_value: np.ndarray
    end_multiple: np.ndarray
    board: np.ndarray
    listing_share: np.ndarray
    first_event: np.ndarray
    event_order: np.ndarray
    lives: Lives
    interests: np.ndarray  # (B, K, T) INTEREST


def fund_world(world: EnterpriseBlock, interests: np.ndarray) -> FundWorld:
    """The arrays of a block that the funds pass reads: enterprises, and interests of other passes."""
    lives = Lives(*(getattr(world, name) for name in Lives._fields))
    arrays = {name: getattr(world, name) for name in FundWorld._fields[:-2]}
    return FundWorld(**arrays, lives=lives, interests=interests)
