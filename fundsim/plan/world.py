"""Terms of the passes that no fund touches: market, closing, enterprises (§1–3)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.linalg import expm

from fundsim.kernels.base import distributions
from fundsim.kernels.base.random import hash_name
from fundsim.kernels.layout import ClosingTerms, EnterpriseTerms, MarketTerms
from fundsim.plan.names import Names
from fundsim.scenario.scenario import Scenario
from fundsim.timegrid import TimeGrid
from fundsim.vocabulary import InvestorKind, OwnStream, Preference, WindowFactor

DAYS_PER_YEAR = 365.25


def table(rows: list[Any], width: int, fill: float) -> np.ndarray:
    """Rows of different lengths as one array, at least one column, `fill` behind the shorter ones."""
    out = np.full((len(rows), max([width, 1, *(len(row) for row in rows)])), fill)
    for i, row in enumerate(rows):
        out[i, : len(row)] = row
    return out


def market_terms(scenario: Scenario, grid: TimeGrid) -> MarketTerms:
    """The market (§1)."""
    market = scenario.market
    volatilities = [market.index.volatility, *(factor.volatility for factor in market.factors)]
    streams = ["market/index", *(f"market/factor/{factor.name}" for factor in market.factors)]
    generator = market.window.generator()
    step = expm(np.asarray(generator) / grid.periods_per_year)
    return MarketTerms(
        index_drift=float(market.index.drift),
        factor_volatility=np.array(volatilities, dtype=float),
        correlation_root=correlation_root(market.correlation_matrix()),
        factor_stream=np.array([hash_name(stream) for stream in streams], dtype=np.uint64),
        window_stream=hash_name("market/window"),
        window_cumulative=cumulative(step),
        window_initial=cumulative(initial_window(scenario, step)),
        window_known=known_window(scenario, grid),
        window_factors=window_factors(scenario),
    )


def window_factors(scenario: Scenario) -> np.ndarray:
    """The factors of each window state, in the order of `WindowFactor` (1.2)."""
    states = scenario.market.window.states
    return np.array(
        [[getattr(state, name) for name in WindowFactor.words()] for state in states], dtype=float
    )


def correlation_root(matrix: np.ndarray) -> np.ndarray:
    """Lower triangular L with L Lᵀ the correlation matrix, also where it is only semidefinite (1.3)."""
    n = len(matrix)
    root = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            rest = matrix[i, j] - root[i, :j] @ root[j, :j]
            if i == j:
                root[i, i] = math.sqrt(max(rest, 0.0))
            else:
                root[i, j] = rest / root[j, j] if root[j, j] > 1e-9 else 0.0
    return root


def cumulative(probabilities: np.ndarray) -> np.ndarray:
    """Cumulative probabilities along the last axis, the last exactly 1."""
    total = np.cumsum(np.clip(probabilities, 0.0, None), axis=-1)
    total /= total[..., -1:]
    total[..., -1] = 1.0
    return total


def initial_window(scenario: Scenario, step: np.ndarray) -> np.ndarray:
    """Law of the state in period 0 (1.2)."""
    window = scenario.market.window
    names = [state.name for state in window.states]
    if window.initial in names:
        return np.eye(len(names))[names.index(window.initial)]
    n = len(names)
    system = np.vstack([step.T - np.eye(n), np.ones(n)])
    law, *_ = np.linalg.lstsq(system, np.append(np.zeros(n), 1.0), rcond=None)
    return np.clip(law, 0.0, None)


def known_window(scenario: Scenario, grid: TimeGrid) -> np.ndarray:
    """State known for each period, −1 where it is random (1.2)."""
    window = scenario.market.window
    names = [state.name for state in window.states]
    known = np.full(grid.n_periods, -1, dtype=np.int64)
    firsts = [grid.period_of_date(entry.from_) for entry in window.history]
    for i, entry in enumerate(window.history):
        last = firsts[i + 1] if i + 1 < len(firsts) else max(firsts[i], 0) + 1
        known[max(firsts[i], 0) : max(last, 0)] = names.index(entry.state)
    return known


def closing_terms(scenario: Scenario, names: Names, tables: list[np.ndarray]) -> ClosingTerms:
    """Money raised and honoured (§2)."""
    closings = [scenario.closing_of(vehicle) for vehicle in scenario.vehicles]
    full = distributions.fixed(1.0)

    def share(closing: Any, field: str) -> Any:
        if closing is None:
            return full
        given = getattr(closing, field)
        return distributions.beta(given.mean, given.sd, tables)

    investors = [scenario.vehicles[v].investors[i] for v, i in names.investor_rows]
    kinds = [
        InvestorKind.IN_CLUSTER if investor.is_vehicle else InvestorKind.of(investor.kind or "social")
        for investor in investors
    ]
    caps = [math.nan if investor.cap_share is None else investor.cap_share for investor in investors]
    return ClosingTerms(
        is_used=int(any(closing is not None for closing in closings)),
        parents_first=np.array(names.parents_first, dtype=np.int64),
        start_period=np.array(names.start_periods, dtype=np.int64),
        stream=np.array(
            [hash_name(f"closing/{vehicle.name}") for vehicle in scenario.vehicles], dtype=np.uint64
        ),
        first_investor=first_of([v for v, _ in names.investor_rows], len(scenario.vehicles)),
        investor_kind=np.array(kinds, dtype=np.int64),
        investor_parent=np.array(names.parents, dtype=np.int64),
        planned=np.array([investor.commitment for investor in investors], dtype=float),
        cap_share=np.array(caps, dtype=float),
        raised=np.array([share(closing, "raised_share") for closing in closings], dtype=float),
        correlation=np.array([0.0 if c is None else c.correlation for c in closings], dtype=float),
        minimum_close=np.array([0.0 if c is None else c.minimum_close for c in closings], dtype=float),
        paid_in_rate=np.array([share(closing, "paid_in_rate") for closing in closings], dtype=float),
        market_volatility=float(scenario.market.index.volatility),
        tables=np.empty(0),
    )


def first_of(groups: list[int], n_groups: int) -> np.ndarray:
    """Offsets of the groups in a list that is sorted by group, with the end behind the last."""
    return np.searchsorted(np.array(groups, dtype=np.int64), np.arange(n_groups + 1)).astype(np.int64)


def enterprise_terms(
    scenario: Scenario, grid: TimeGrid, names: Names, tables: list[np.ndarray]
) -> EnterpriseTerms:
    """Streams, planned deals, sectors, stages and boards (§3)."""
    parts: dict[str, Any] = {}
    parts.update(stream_arrays(scenario, names))
    parts.update(deal_arrays(scenario, names))
    parts.update(sector_arrays(scenario, names, tables))
    parts.update(stage_arrays(scenario, tables))
    parts.update(board_arrays(scenario, grid))
    parts["own_streams"] = np.array([hash_name(name) for name in OwnStream.words()], dtype=np.uint64)
    factors = scenario.market.factors
    volatilities = [scenario.market.index.volatility, *(factor.volatility for factor in factors)]
    parts["factor_variance"] = np.array(volatilities, dtype=float) ** 2
    parts["window_factors"] = window_factors(scenario)
    parts["tables"] = np.empty(0)
    return EnterpriseTerms(**parts)


def stream_arrays(scenario: Scenario, names: Names) -> dict[str, np.ndarray]:
    """Park streams (3)."""
    streams = scenario.park.streams
    horizon = scenario.horizon_years
    rates, most = [], []
    for stream in streams:
        until = horizon if stream.until_years is None else min(stream.until_years, horizon)
        rates.append((stream.per_year, stream.growth, stream.from_years, max(until, stream.from_years)))
        length = max(until - stream.from_years, 0.0)
        growth = math.log1p(stream.growth)
        mean = stream.per_year * (length if abs(growth) < 1e-12 else math.expm1(growth * length) / growth)
        most.append(int(mean + 12.0 * math.sqrt(mean) + 50.0))
    stages = [names.stages[(stream.sector, stream.stage)] for stream in streams]
    return {
        "stream_key": np.array([hash_name(f"park/{stream.name}") for stream in streams], dtype=np.uint64),
        "stream_sector": np.array([names.sectors[stream.sector] for stream in streams], dtype=np.int64),
        "stream_stage": np.array(stages, dtype=np.int64),
        "stream_rate": np.array(rates, dtype=float).reshape(-1, 4),
        "stream_is_poisson": np.array([stream.arrivals == "poisson" for stream in streams], dtype=np.int64),
        "most_arrivals": np.array(most, dtype=np.int64),
    }


def deal_arrays(scenario: Scenario, names: Names) -> dict[str, np.ndarray]:
    """Planned deals and the outside candidates each looks at (3, 5.1)."""
    vehicles = [vehicle for vehicle in scenario.vehicles if vehicle.mandate is not None]
    mandate_of = {vehicle.name: i for i, vehicle in enumerate(vehicles)}
    weights = np.zeros((max(len(vehicles), 1), max(len(names.stages), 1)))
    for i, vehicle in enumerate(vehicles):
        mandate = vehicle.mandate
        assert mandate is not None
        given = mandate.stage_weights or [1.0] * len(mandate.stages)
        for sector in mandate.sectors:
            for stage, weight in zip(mandate.stages, given, strict=True):
                if (sector, stage) in names.stages:
                    weights[i, names.stages[(sector, stage)]] = weight
    has_weight = weights.sum(axis=1) > 0
    entry = np.ones_like(weights)
    entry[has_weight] = cumulative(weights[has_weight])
    owners = [scenario.vehicles[deal.vehicle] for deal in names.deals]
    mandates = [owner.mandate for owner in owners if owner.mandate is not None]
    candidates = np.array([mandate.n_candidates for mandate in mandates], dtype=np.int64)
    looked_at = np.cumsum(candidates > 0) - 1
    streams = [hash_name(f"deal/{owner.name}") for owner in owners]
    return {
        "deal_vehicle_stream": np.array(streams, dtype=np.uint64),
        "deal_number": np.array([deal.number for deal in names.deals], dtype=np.int64),
        "deal_years": np.array([deal.years for deal in names.deals], dtype=float),
        "deal_patience": np.array([mandate.patience_years for mandate in mandates], dtype=float),
        "deal_park_share": np.array([mandate.park_share for mandate in mandates], dtype=float),
        "deal_candidates": candidates,
        "deal_skill": np.array([mandate.skill for mandate in mandates], dtype=float),
        "deal_row": np.where(candidates > 0, looked_at, -1).astype(np.int64),
        "deal_entry": np.array([mandate_of[owner.name] for owner in owners], dtype=np.int64),
        "entry_cumulative": entry,
    }


def sector_arrays(scenario: Scenario, names: Names, tables: list[np.ndarray]) -> dict[str, np.ndarray]:
    """Sectors (3.2, 3.5, 3.6)."""
    factors = scenario.market.factor_names
    sectors = scenario.sectors
    betas = np.zeros((len(sectors), len(factors)))
    boards = {board.name: y for y, board in enumerate(scenario.boards)}
    preferred, buckets, premiums = [], [], []
    for x, sector in enumerate(sectors):
        for beta in sector.betas:
            betas[x, factors.index(beta.factor)] = beta.beta
        takes = [name for name in sector.listing.boards if board_takes(scenario.boards[boards[name]], sector)]
        preferred.append([boards[name] for name in takes])
        multiples = sector.merger.multiples or ()
        shares = cumulative(np.array([bucket.share for bucket in multiples] or [1.0]))[: len(multiples)]
        buckets.append([(s, b.from_, b.to) for s, b in zip(shares, multiples, strict=True)])
        premium = sector.merger.premium
        row = distributions.fixed(1.0) if premium is None else lognormal(premium)
        premiums.append(row)
    most_buckets = max([1, *(len(rows) for rows in buckets)])
    bucket_array = np.zeros((len(sectors), most_buckets, 3))
    for x, rows in enumerate(buckets):
        bucket_array[x, : len(rows)] = np.array(rows).reshape(-1, 3)
    counts = [len(sector.stages) for sector in sectors]
    return {
        "sector_first_stage": np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        "sector_beta": betas,
        "sector_quality": np.array([(s.quality_effect, s.quality_years) for s in sectors], float).reshape(
            -1, 2
        ),
        "sector_listed": np.array([(s.listing.drift, s.listing.volatility) for s in sectors], float).reshape(
            -1, 2
        ),
        "sector_listing_share": beta_rows([s.listing.share_sold for s in sectors], tables),
        "sector_refile_years": np.array([s.listing.refile_years for s in sectors], dtype=float),
        "sector_filings": np.array([s.listing.n_filings for s in sectors], dtype=np.int64),
        "sector_boards": table(preferred, 1, -1).astype(np.int64),
        "sector_merger_premium": np.array(premiums, dtype=float).reshape(-1, 3),
        "sector_buckets": bucket_array,
        "sector_n_buckets": np.array([len(rows) for rows in buckets], dtype=np.int64),
        "sector_recovery": np.array([s.failure.recovery for s in sectors], dtype=float),
        "sector_stall": np.array(
            [(s.stall.drift, s.stall.failure_rate, s.stall.merger_rate) for s in sectors], dtype=float
        ).reshape(-1, 3),
        "sector_preference": np.array([Preference.of(s.preference) for s in sectors], dtype=np.int64),
    }


def board_takes(board: Any, sector: Any) -> bool:
    """Whether a board takes enterprises of a sector, by the sector's name or that of its preset (3.5)."""
    return not board.sectors or sector.name in board.sectors or (sector.preset or "") in board.sectors


def lognormal(given: Any) -> Any:
    """A scenario's lognormal as three columns."""
    return distributions.lognormal(given.median, given.log_sd)


def beta_rows(given: list[Any], tables: list[np.ndarray]) -> np.ndarray:
    """Scenario betas as rows of three columns."""
    rows = [distributions.beta(beta.mean, beta.sd, tables) for beta in given]
    return np.array(rows, dtype=float).reshape(-1, 3)


def stage_arrays(scenario: Scenario, tables: list[np.ndarray]) -> dict[str, np.ndarray]:
    """Stages of all sectors (3.0–3.4)."""
    pairs = [(x, stage) for x, sector in enumerate(scenario.sectors) for stage in sector.stages]
    stages = [stage for _, stage in pairs]
    clocks, entries, failures, slopes = [], [], [], []
    for stage in stages:
        time = stage.time
        is_fixed = time.distribution == "fixed"
        clock = distributions.fixed(time.mean_years) if is_fixed else None
        clocks.append(clock or distributions.gamma(time.mean_years, time.shape, tables))
        entries.append(
            distributions.fixed(1.0) if stage.entry_value is None else lognormal(stage.entry_value)
        )
        failure = stage.failure_clock
        failures.append((math.nan, 1.0) if failure is None else (failure.scale_years, failure.shape))
        given = (stage.slopes.advance, stage.slopes.listing, stage.slopes.merger, stage.slopes.failure)
        slopes.append([(slope.quality, slope.value) for slope in given])
    names = ("advance", "listing", "merger", "failure", "stall")
    outcomes = [[getattr(stage.outcomes, name) for name in names] for stage in stages]
    return {
        "stage_sector": np.array([x for x, _ in pairs], dtype=np.int64),
        "stage_key": np.array([hash_name(stage.name) for stage in stages], dtype=np.uint64),
        "stage_entry_value": np.array(entries, dtype=float).reshape(-1, 3),
        "stage_clock": np.array(clocks, dtype=float).reshape(-1, 3),
        "stage_growth": np.array([(stage.drift, stage.volatility) for stage in stages], float).reshape(-1, 2),
        "stage_outcomes": np.array(outcomes, dtype=float).reshape(-1, 5),
        "stage_slopes": np.array(slopes, dtype=float).reshape(-1, 4, 2),
        "stage_step_up": np.array([lognormal(stage.step_up) for stage in stages], dtype=float).reshape(-1, 3),
        "stage_share_sold": beta_rows([stage.share_sold for stage in stages], tables),
        "stage_option_pool": np.array([stage.option_pool for stage in stages], dtype=float),
        "stage_failure_clock": np.array(failures, dtype=float).reshape(-1, 2),
    }


def board_arrays(scenario: Scenario, grid: TimeGrid) -> dict[str, np.ndarray]:
    """Boards, lock-ups and sell-down rules (3.5, 5.5)."""
    rates = {rate.currency: rate.rate for rate in scenario.exchange_rates}
    rules = {rule.name: i for i, rule in enumerate(scenario.sell_down_rules)}
    home = scenario.currency
    boards = scenario.boards
    minima = []
    for board in boards:
        currency = board.currency or home.code
        rate = 1.0 if currency == home.code else rates[currency]
        minima.append(board.minimum_value * rate)
    late = [
        (math.nan, math.nan)
        if b.late_entry is None
        else (b.late_entry.within_years, b.late_entry.lock_up_years)
        for b in boards
    ]
    steps = [[step.held_from_years for step in rule.steps] for rule in scenario.sell_down_rules]
    shares = [
        [
            math.inf if s.share is None or s.per_days is None
            else s.share * DAYS_PER_YEAR / s.per_days / grid.periods_per_year
            for s in rule.steps
        ]
        for rule in scenario.sell_down_rules
    ]  # fmt: skip
    sell_down = [-1 if board.sell_down is None else rules[board.sell_down] for board in boards]
    return {
        "board_minimum": np.array(minima, dtype=float),
        "board_review_years": np.array([board.review_years for board in boards], dtype=float),
        "board_pass": np.array([board.pass_probability for board in boards], dtype=float),
        "board_lock_up_years": np.array([board.lock_up_years for board in boards], dtype=float),
        "board_late_entry": np.array(late, dtype=float).reshape(-1, 2),
        "board_sell_down": np.array(sell_down, dtype=np.int64),
        "rule_from_years": table(steps, 1, math.inf),
        "rule_share": table(shares, 1, math.inf),
    }
