"""The terms of the funds pass as records: one pointer each for vehicles, classes,
investors, deals and boards (see `fundsim.kernels.enterprises.records` for why).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fundsim.kernels.base.distributions import TRIPLE
from fundsim.kernels.base.random import hash_name
from fundsim.kernels.enterprises.records import EnterpriseRecords
from fundsim.kernels.formulas.waterfall import hurdle_per_period
from fundsim.kernels.layout import EnterpriseBlock, FundTerms, GridTerms
from fundsim.vocabulary import OwnStream

WHOLE = (
    "start_period", "term_period", "last_period", "sells_children", "fees_on_top", "n_tranches", "style",
    "compounding", "recycling_until", "idle_stop", "relay", "investment_end", "mark", "transfer_from",
    "buyback_after", "buyback_delay", "has_pool", "is_mother", "property_from", "property_until",
)  # fmt: skip
REAL = (
    "extension_threshold", "fee_lifetime", "fee_at_risk", "appraisal_pass", "organisation_cost", "cash_rate",
    "hurdle_rate", "catch_up_rate", "carry_rate", "recycling_cap", "ticket", "stake", "max_round_share",
    "reserve_share", "follow_on_share", "single_enterprise_cap", "skill", "transfer_probability",
    "property_share", "property_ticket",
)  # fmt: skip
GROUPS = ("investor", "edge", "class", "with", "deal", "holding")
VEHICLE = np.dtype(
    [(name, "i8") for name in WHOLE]
    + [(name, "f8") for name in REAL]
    + [(f"{end}_{name}", "i8") for name in GROUPS for end in ("first", "last")]
    + [
        ("hurdle_period", "f8"),
        ("appraisal_stream", "u8"),
        ("term_stream", "u8"),
        ("relocation", "f8", (2,)),
        ("buyback", "f8", (6,)),
    ]
    + [("transfer_discount", "f8", TRIPLE), ("term_discount", "f8", TRIPLE)]
)
PERIOD = np.dtype(
    [("fee_base", "i8")]
    + [(n, "f8") for n in ("fee_rate", "fee_future", "pool_contribution", "pool_distribution", "pool_nav")]
)
CLASS = np.dtype([("vehicle", "i8"), ("pays_fee", "i8"), ("pays_carry", "i8")])
INVESTOR = np.dtype([("class", "i8"), ("parent", "i8"), ("kind", "i8"), ("is_guidance", "i8")])
CHECKPOINT = np.dtype([("period", "i8"), ("multiple", "f8")])


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
    """All that the funds pass is told."""

    n_periods: int
    periods_per_year: int
    seed_key: np.uint64
    transfer_stream: np.uint64
    children_first: np.ndarray  # (V,)
    vehicles: np.ndarray  # (V,) VEHICLE
    periods: np.ndarray  # (V, T) PERIOD
    classes: np.ndarray  # (C,) CLASS
    investors: np.ndarray  # (I,) INVESTOR
    edge_investor: np.ndarray
    with_vehicle: np.ndarray
    deals: np.ndarray  # (D,) DEAL
    checkpoints: np.ndarray  # (V, most) CHECKPOINT
    tranche_total: np.ndarray
    holding_interest: np.ndarray  # (H,)
    interest_available: np.ndarray  # (K,)
    stage_is_wanted: np.ndarray  # (V, S)
    boards: np.ndarray  # (Y,) BOARD
    rule_from_years: np.ndarray
    rule_share: np.ndarray
    tables: np.ndarray
    clock: Clock
    enterprises: Values


class Factors(NamedTuple):
    """The market as far as values need it."""

    factors: np.ndarray  # (B, F, T+1)


class Lives(NamedTuple):
    """The enterprises as far as values need them."""

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
    """The enterprises as the funds pass sees them."""

    first_row: np.ndarray
    n_park: np.ndarray
    key: np.ndarray
    quality: np.ndarray
    sector: np.ndarray
    first_stage: np.ndarray
    entry_date: np.ndarray
    n_rounds: np.ndarray
    round_period: np.ndarray
    round_pre: np.ndarray
    round_sold: np.ndarray
    filing_period: np.ndarray
    stall_period: np.ndarray
    end_kind: np.ndarray
    end_value: np.ndarray
    end_multiple: np.ndarray
    board: np.ndarray
    listing_share: np.ndarray
    first_event: np.ndarray
    event_order: np.ndarray
    lives: Lives
    interests: np.ndarray  # (B, K, T) INTEREST of property


def fund_world(world: EnterpriseBlock, interests: np.ndarray) -> FundWorld:
    """The arrays of a block that the funds pass reads: enterprises, and interests in property."""
    lives = Lives(*(getattr(world, name) for name in Lives._fields))
    arrays = {name: getattr(world, name) for name in FundWorld._fields[:-2]}
    return FundWorld(**arrays, lives=lives, interests=interests)


def fund_records(grid: GridTerms, terms: FundTerms, enterprise_terms: EnterpriseRecords) -> FundRecords:
    """Pack the terms of a plan."""
    e = enterprise_terms
    return FundRecords(
        n_periods=int(grid.n_periods),
        periods_per_year=int(grid.periods_per_year),
        seed_key=grid.seed_key,
        transfer_stream=hash_name(OwnStream.TRANSFER.word),
        children_first=terms.children_first,
        vehicles=vehicle_records(grid, terms),
        periods=packed(PERIOD, terms.fee_rate.shape, {n: getattr(terms, n) for n in PERIOD.names or ()}),
        classes=packed(CLASS, terms.class_vehicle.shape, prefixed(CLASS, terms, "class")),
        investors=packed(INVESTOR, terms.investor_class.shape, prefixed(INVESTOR, terms, "investor")),
        edge_investor=terms.edge_investor,
        with_vehicle=terms.with_vehicle,
        deals=e.deals,
        checkpoints=packed(
            CHECKPOINT, terms.checkpoint_period.shape, prefixed(CHECKPOINT, terms, "checkpoint")
        ),
        tranche_total=terms.tranche_total,
        holding_interest=terms.holding_interest,
        interest_available=terms.interest_available,
        stage_is_wanted=terms.stage_is_wanted,
        boards=e.boards,
        rule_from_years=e.rule_from_years,
        rule_share=e.rule_share,
        tables=terms.tables,
        clock=Clock(int(grid.periods_per_year)),
        enterprises=Values(e.stages, e.sectors, e.sector_beta, e.factor_variance),
    )


def prefixed(dtype: np.dtype, terms: NamedTuple, prefix: str) -> dict[str, np.ndarray]:
    """The columns of a record under their names in the terms."""
    return {name: getattr(terms, f"{prefix}_{name}") for name in dtype.names or ()}


def packed(dtype: np.dtype, shape: tuple[int, ...], columns: dict[str, np.ndarray]) -> np.ndarray:
    """Columns as records; a stock (one entry longer) gives its value at the end of each period."""
    records = np.zeros(shape, dtype=dtype)
    for name, column in columns.items():
        is_stock = len(shape) == 2 and column.shape[1] == shape[1] + 1
        records[name] = column[:, 1:] if is_stock else column
    return records


def vehicle_records(grid: GridTerms, terms: FundTerms) -> np.ndarray:
    """One record a vehicle; offsets of its investors, classes and deals become a first and a last."""
    records = np.zeros(terms.start_period.shape, dtype=VEHICLE)
    for name in VEHICLE.names or ():
        end, _, group = name.partition("_")
        if group in GROUPS and end in ("first", "last"):
            offsets = getattr(terms, f"first_{group}")
            records[name] = offsets[:-1] if end == "first" else offsets[1:]
        elif name == "hurdle_period":
            given = zip(terms.hurdle_rate, terms.compounding, strict=True)
            records[name] = [hurdle_per_period(h, kind, float(grid.periods_per_year)) for h, kind in given]
        else:
            records[name] = getattr(terms, name)
    return records
