"""Terms of the enterprises pass: who comes, the stages of sectors, planned deals, boards (§3, 5.1, 5.5)."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from fundsim.kernels.base import distributions
from fundsim.kernels.base.distributions import Tables, in_logs
from fundsim.kernels.base.random import hash_name
from fundsim.kernels.enterprises.records import BOARD, DEAL, PARK_STREAM, SECTOR, STAGE, EnterpriseRecords
from fundsim.plan.market import cumulative, window_factors
from fundsim.plan.names import Names
from fundsim.plan.records import beta, lognormal, records, table
from fundsim.scenario.scenario import Scenario
from fundsim.scenario.sectors import Slope
from fundsim.scenario.vehicles import Vehicle
from fundsim.timegrid import TimeGrid
from fundsim.vocabulary import Outcome, OwnStream, Preference

# of an enterprise's own streams those that its sector's record has
OWN_STREAMS = tuple(stream for stream in OwnStream if stream is not OwnStream.TRANSFER)
DAYS_PER_YEAR = 365.25


def enterprise_records(scenario: Scenario, grid: TimeGrid, names: Names, tables: Tables) -> EnterpriseRecords:
    """All of it."""
    volatilities = [scenario.market.index.volatility, *(f.volatility for f in scenario.market.factors)]
    variance, betas = np.array(volatilities, dtype=float) ** 2, sector_betas(scenario)
    steps = [rule.steps for rule in scenario.sell_down_rules]
    return EnterpriseRecords(
        park_streams=records(PARK_STREAM, stream_rows(scenario, names)),
        deals=records(DEAL, deal_rows(scenario, grid, names, tables)),
        entry_cumulative=entry_cumulative(scenario, names),
        stages=records(STAGE, stage_rows(scenario, betas, variance, tables)),
        sectors=records(SECTOR, (sector_fields(sector, tables) for sector in scenario.sectors)),
        sector_beta=betas,
        sector_boards=table(board_places(scenario), -1).astype(np.int64),
        sector_buckets=merger_buckets(scenario),
        boards=records(BOARD, board_rows(scenario)),
        rule_from_years=table([[step.held_from_years for step in rule] for rule in steps], math.inf),
        rule_share=table([[share_a_period(step, grid) for step in rule] for rule in steps], math.inf),
        factor_variance=variance,
        window_factors=window_factors(scenario),
        tables=np.empty(0),
    )


def stream_rows(scenario: Scenario, names: Names) -> Iterator[dict[str, Any]]:
    """Park streams (3)."""
    horizon = scenario.horizon_years
    for stream in scenario.park.streams:
        mean = stream.expected(horizon)
        yield {
            "key": hash_name(f"park/{stream.name}"),
            "sector": names.sectors[stream.sector],
            "stage": names.stages[(stream.sector, stream.stage)],
            "is_poisson": stream.arrivals == "poisson",
            "most_arrivals": int(mean + 12.0 * math.sqrt(mean) + 50.0),
            "per_year": stream.per_year,
            "log_growth": np.log1p(stream.growth),
            "from_years": stream.from_years,
            "until_years": stream.ends(horizon),
        }


def deal_rows(scenario: Scenario, grid: TimeGrid, names: Names, tables: Tables) -> Iterator[dict[str, Any]]:
    """Planned deals and the outside candidates each looks at (3, 5.1)."""
    mandated = [v for v, vehicle in enumerate(scenario.vehicles) if vehicle.mandate is not None]
    n_looked_at = 0
    for deal in names.deals:
        owner = scenario.vehicles[deal.vehicle]
        mandate = owner.mandate
        assert mandate is not None
        yield {
            "vehicle": deal.vehicle,
            "vehicle_stream": hash_name(f"deal/{owner.name}"),
            "number": deal.number,
            "years": deal.years,
            "patience": mandate.patience_years,
            "period": grid.period_of(deal.years),
            "last_period": grid.period_of(deal.years + mandate.patience_years),
            "park_share": mandate.park_share,
            "candidates": mandate.n_candidates,
            "skill": beta(mandate.skill, tables),
            "manager": manager_stream(owner),
            "row": n_looked_at if mandate.n_candidates > 0 else -1,
            "entry": mandated.index(deal.vehicle),
        }
        n_looked_at += mandate.n_candidates > 0


def manager_stream(vehicle: Vehicle) -> np.uint64:
    """From where the skill of a vehicle's manager is drawn, the same for all the manager's vehicles (5.1)."""
    return hash_name(f"manager/{vehicle.manager or vehicle.name}")


def entry_cumulative(scenario: Scenario, names: Names) -> np.ndarray:
    """Cumulative weights of each mandate over the stages at which outside enterprises enter (5.1)."""
    mandates = [vehicle.mandate for vehicle in scenario.vehicles if vehicle.mandate is not None]
    weights = np.zeros((max(len(mandates), 1), max(len(names.stages), 1)))
    for i, mandate in enumerate(mandates):
        given = mandate.stage_weights or [1.0] * len(mandate.stages)
        for sector in mandate.sectors:
            for stage, weight in zip(mandate.stages, given, strict=True):
                if (sector, stage) in names.stages:
                    weights[i, names.stages[(sector, stage)]] = weight
    has_weight = weights.sum(axis=1) > 0
    entry = np.ones_like(weights)
    entry[has_weight] = cumulative(weights[has_weight])
    return entry


def sector_betas(scenario: Scenario) -> np.ndarray:
    """Betas of each sector to each factor (3.2)."""
    factors = scenario.market.factor_names
    betas = np.zeros((len(scenario.sectors), len(factors)))
    for x, sector in enumerate(scenario.sectors):
        for one in sector.betas:
            betas[x, factors.index(one.factor)] = one.beta
    return betas


def sector_fields(sector: Any, tables: Tables) -> dict[str, Any]:
    """A sector (3.2, 3.5, 3.6)."""
    listing, merger, stall = sector.listing, sector.merger, sector.stall
    return {
        "quality_effect": sector.quality_effect,
        "quality_years": sector.quality_years,
        "filings": listing.n_filings,
        "refile_years": listing.refile_years,
        "listing_share": beta(listing.share_sold, tables),
        "listed_growth": listing.drift,
        "listed_volatility": listing.volatility,
        "premium": distributions.fixed(1.0) if merger.premium is None else lognormal(merger.premium),
        "n_buckets": len(merger.multiples or ()),
        "recovery": sector.failure.recovery,
        "linger_years": sector.failure.linger_years,
        "stalled_growth": stall.drift,
        "failure_rate": stall.failure_rate,
        "merger_rate": stall.merger_rate,
        "preference": Preference.of(sector.preference),
        **{f"{stream.word}_key": hash_name(stream.word) for stream in OWN_STREAMS},
    }


def merger_buckets(scenario: Scenario) -> np.ndarray:
    """Multiples of cost that a merger brings: cumulative share, from, to; zeros behind the last (3.6)."""
    given = [sector.merger.multiples or () for sector in scenario.sectors]
    buckets = np.zeros((len(given), max([1, *map(len, given)]), 3))
    for x, multiples in enumerate(given):
        if multiples:
            n, shares = len(multiples), np.array([bucket.share for bucket in multiples])
            buckets[x, :n, 0] = cumulative(shares)
            buckets[x, :n, 1:] = [(bucket.from_, bucket.to) for bucket in multiples]
    return buckets


def board_places(scenario: Scenario) -> list[list[int]]:
    """The boards that take each sector's enterprises, in its order of preference (3.5)."""
    places = {board.name: y for y, board in enumerate(scenario.boards)}
    return [
        [places[name] for name in sector.listing.boards if takes(scenario.boards[places[name]], sector)]
        for sector in scenario.sectors
    ]


def takes(board: Any, sector: Any) -> bool:
    """Whether a board takes enterprises of a sector, by the sector's name or that of its preset (3.5)."""
    return not board.sectors or sector.name in board.sectors or (sector.preset or "") in board.sectors


def stage_rows(
    scenario: Scenario, sector_beta: np.ndarray, factor_variance: np.ndarray, tables: Tables
) -> Iterator[dict[str, Any]]:
    """Stages of all sectors (3.0–3.4)."""
    pairs = [(x, stage) for x, sector in enumerate(scenario.sectors) for stage in sector.stages]
    # of all stages at once, so that what is added keeps its order
    of_factors = sector_beta[[x for x, _ in pairs]] ** 2 @ factor_variance if pairs else ()
    for (x, stage), variance in zip(pairs, of_factors, strict=True):
        correction = 0.5 * (stage.volatility * stage.volatility + variance)
        failure = stage.failure_clock
        slopes = [getattr(stage.slopes, outcome, Slope()) for outcome in Outcome.words()]
        yield {
            "key": hash_name(stage.name),
            "sector": x,
            "log_entry_value": in_logs(
                distributions.fixed(1.0) if stage.entry_value is None else lognormal(stage.entry_value)
            ),
            "clock": stage_clock(stage.time, tables),
            "log_step_up": in_logs(lognormal(stage.step_up)),
            "share_sold": beta(stage.share_sold, tables),
            "variance_drift": -correction,
            "stalled_drift": scenario.sectors[x].stall.drift - correction,
            "growth": stage.drift,
            "volatility": stage.volatility,
            "outcomes": [getattr(stage.outcomes, outcome) for outcome in Outcome.words()],
            "slopes": [(slope.quality, slope.value) for slope in slopes],
            "failure_clock": (math.nan, 1.0) if failure is None else (failure.scale_years, failure.shape),
            "option_pool": stage.option_pool,
        }


def stage_clock(time: Any, tables: Tables) -> distributions.Triple:
    """Time of a stage (3.1)."""
    if time.distribution == "fixed":
        return distributions.fixed(time.mean_years)
    return distributions.gamma(time.mean_years, time.shape, tables)


def board_rows(scenario: Scenario) -> Iterator[dict[str, Any]]:
    """Boards: what they ask for, and lock-ups (3.5, 5.5)."""
    rates = {rate.currency: rate.rate for rate in scenario.exchange_rates}
    rates[scenario.currency.code] = 1.0
    rules = {rule.name: i for i, rule in enumerate(scenario.sell_down_rules)}
    for board in scenario.boards:
        late = board.late_entry
        yield {
            "minimum": board.minimum_value * rates[board.currency or scenario.currency.code],
            "review_years": board.review_years,
            "pass_probability": board.pass_probability,
            "sell_down": -1 if board.sell_down is None else rules[board.sell_down],
            "lock_up_years": board.lock_up_years,
            "late_entry": (math.nan,) * 2 if late is None else (late.within_years, late.lock_up_years),
        }


def share_a_period(step: Any, grid: TimeGrid) -> float:
    """Share of a company that a sell-down rule lets go a period (5.5)."""
    if step.share is None or step.per_days is None:
        return math.inf
    return step.share * DAYS_PER_YEAR / step.per_days / grid.periods_per_year
