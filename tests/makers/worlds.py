"""Worlds for tests: plain descriptions of market, closing and
enterprises, random ones, and the terms that kernels read.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy import linalg

from fundsim.kernels.base import distributions
from fundsim.kernels.base.quantiles import stack
from fundsim.kernels.base.random import hash_name, seed_key
from fundsim.kernels.layout import (
    ClosingTerms,
    EnterpriseTerms,
    GridTerms,
    MarketTerms,
)
from fundsim.vocabulary import InvestorKind
from tests.makers.draws import Draws

NEUTRAL = (1.0, 1.0, 1.0, 1.0, 1.0)
OWN_STREAMS = ("listing", "stall", "merger", "bridge", "listed", "transfer")
FIXED_ONE, FIXED_ZERO = ("fixed", 1.0), ("fixed", 0.0)
NO_SLOPES = ((0.0, 0.0),) * 4


@dataclass
class Stage:
    """A stage; distributions are tuples such as ("gamma", mean, shape)."""

    name: str
    entry_value: tuple = FIXED_ONE
    clock: tuple = ("fixed", 1.0)
    drift: float = 0.0
    volatility: float = 0.0
    outcomes: tuple = (0.0, 0.0, 1.0, 0.0, 0.0)
    slopes: tuple = NO_SLOPES
    step_up: tuple = FIXED_ONE
    share_sold: tuple = FIXED_ZERO
    option_pool: float = 0.0
    failure_clock: tuple | None = None


@dataclass
class Sector:
    """A sector with its stages."""

    name: str
    stages: list
    betas: tuple = (0.0,)
    quality_effect: float = 0.0
    quality_years: float = 3.0
    listed: tuple = (0.0, 0.0)
    listing_share: tuple = FIXED_ZERO
    refile_years: float = 1.0
    filings: int = 1
    boards: tuple = ()
    premium: tuple = FIXED_ONE
    buckets: tuple = ()
    recovery: float = 0.0
    stall: tuple = (0.0, 0.1, 0.1)


@dataclass
class Board:
    """A board of a stock exchange."""

    minimum: float = 0.0
    review_years: float = 0.0
    pass_probability: float = 1.0


@dataclass
class Stream:
    """A park stream, entering stage `stage` of sector `sector` (numbers)."""

    name: str
    sector: int = 0
    stage: int = 0
    per_year: float = 1.0
    growth: float = 0.0
    from_years: float = 0.0
    until_years: float = np.inf
    is_poisson: bool = True


@dataclass
class Deal:
    """A planned deal; weights are ((sector, stage, weight), …) in file order."""

    vehicle: str
    number: int
    years: float
    patience: float = 0.5
    park_share: float = 0.0
    candidates: int = 1
    skill: float = 0.0
    weights: tuple = ((0, 0, 1.0),)


@dataclass
class World:
    """Everything above the funds."""

    n_periods: int = 20
    periods_per_year: int = 4
    seed: int = 1
    is_antithetic: bool = False
    index_drift: float = 0.08
    factor_names: tuple = ("market",)
    factor_volatility: tuple = (0.2,)
    correlation: np.ndarray = field(default_factory=lambda: np.eye(1))
    states: tuple = (NEUTRAL,)
    generator: np.ndarray = field(default_factory=lambda: np.zeros((1, 1)))
    initial: np.ndarray = field(default_factory=lambda: np.ones(1))
    known: dict = field(default_factory=dict)
    sectors: list = field(default_factory=list)
    boards: list = field(default_factory=list)
    streams: list = field(default_factory=list)
    deals: list = field(default_factory=list)
    most_arrivals: int = 10_000


def triple(spec, tables):
    """The columns of a distribution written as a tuple."""
    kind, *numbers = spec
    maker = getattr(distributions, kind)
    return maker(*numbers, tables) if kind in ("gamma", "beta") else maker(*numbers)


def grid_of(world):
    return GridTerms(world.n_periods, world.periods_per_year, seed_key(world.seed), world.is_antithetic)


def market_terms(world):
    step = linalg.expm(np.asarray(world.generator) / world.periods_per_year)
    cumulative = np.cumsum(step, axis=1)
    cumulative[:, -1] = 1.0
    initial = np.cumsum(world.initial)
    initial[-1] = 1.0
    known = np.full(world.n_periods, -1)
    for period, state in world.known.items():
        known[period] = state
    names = ["market/index", *(f"market/factor/{name}" for name in world.factor_names[1:])]
    return MarketTerms(
        index_drift=world.index_drift,
        factor_volatility=np.array(world.factor_volatility),
        correlation_root=np.linalg.cholesky(world.correlation),
        factor_stream=hashes(names),
        window_stream=hash_name("market/window"),
        window_cumulative=cumulative,
        window_initial=initial,
        window_known=known,
        window_factors=np.array(world.states, dtype=float),
    )


def hashes(names):
    return np.array([hash_name(name) for name in names], dtype=np.uint64)


def rows(values, width):
    """A float array (n, width), also of nothing."""
    return np.array(list(values), dtype=float).reshape(-1, width)


def enterprise_terms(world):
    tables = []
    return EnterpriseTerms(
        **_stream_fields(world),
        **_deal_fields(world),
        **_sector_fields(world, tables),
        **_stage_fields(world, tables),
        **_board_fields(world),
        own_streams=hashes(OWN_STREAMS),
        factor_variance=np.array(world.factor_volatility) ** 2,
        tables=stack(tables),
        window_factors=np.array(world.states, dtype=float),
    )


def first_stages(world):
    """Global number of each sector's first stage, and the number of all stages behind."""
    return np.cumsum([0, *(len(sector.stages) for sector in world.sectors)])


def _stream_fields(world):
    first = first_stages(world)
    streams = world.streams
    return {
        "stream_key": hashes(f"park/{each.name}" for each in streams),
        "stream_sector": np.array([each.sector for each in streams], dtype=np.int64),
        "stream_stage": np.array([first[each.sector] + each.stage for each in streams], dtype=np.int64),
        "stream_rate": rows(
            ((each.per_year, each.growth, each.from_years, each.until_years) for each in streams), 4
        ),
        "stream_is_poisson": np.array([each.is_poisson for each in streams], dtype=np.int64),
        "most_arrivals": np.full(len(streams), world.most_arrivals, dtype=np.int64),
    }


def _deal_fields(world):
    deals, first = world.deals, first_stages(world)
    entry = np.zeros((len(deals), first[-1]))
    for d, deal in enumerate(deals):
        for sector, stage, weight in deal.weights:
            entry[d, first[sector] + stage] += weight
    entry = np.cumsum(entry, axis=1)
    entry /= entry[:, -1:]
    seen = [deal.candidates > 0 for deal in deals]
    return {
        "deal_vehicle_stream": hashes(f"deal/{each.vehicle}" for each in deals),
        "deal_number": np.array([each.number for each in deals], dtype=np.int64),
        "deal_years": np.array([each.years for each in deals], dtype=float),
        "deal_patience": np.array([each.patience for each in deals], dtype=float),
        "deal_park_share": np.array([each.park_share for each in deals], dtype=float),
        "deal_candidates": np.array([each.candidates for each in deals], dtype=np.int64),
        "deal_skill": np.array([each.skill for each in deals], dtype=float),
        "deal_row": np.where(seen, np.cumsum(seen) - 1, -1).astype(np.int64),
        "deal_entry": np.arange(len(deals)),
        "entry_cumulative": entry,
    }


def _sector_fields(world, tables):
    sectors, n_factors = world.sectors, len(world.factor_names)
    boards = np.full((len(sectors), max((len(each.boards) for each in sectors), default=0)), -1)
    buckets = np.zeros((len(sectors), max((len(each.buckets) for each in sectors), default=0), 3))
    for x, sector in enumerate(sectors):
        boards[x, : len(sector.boards)] = sector.boards
        shares = np.cumsum([share for share, _, _ in sector.buckets])
        for k, (_, low, high) in enumerate(sector.buckets):
            buckets[x, k] = shares[k], low, high
    return {
        "sector_first_stage": first_stages(world),
        "sector_beta": rows((each.betas for each in sectors), n_factors),
        "sector_quality": rows(((each.quality_effect, each.quality_years) for each in sectors), 2),
        "sector_listed": rows((each.listed for each in sectors), 2),
        "sector_listing_share": rows((triple(each.listing_share, tables) for each in sectors), 3),
        "sector_refile_years": np.array([each.refile_years for each in sectors], dtype=float),
        "sector_filings": np.array([each.filings for each in sectors], dtype=np.int64),
        "sector_boards": boards,
        "sector_merger_premium": rows((triple(each.premium, tables) for each in sectors), 3),
        "sector_buckets": buckets,
        "sector_n_buckets": np.array([len(each.buckets) for each in sectors], dtype=np.int64),
        "sector_recovery": np.array([each.recovery for each in sectors], dtype=float),
        "sector_stall": rows((each.stall for each in sectors), 3),
        "sector_preference": np.zeros(len(sectors), dtype=np.int64),
    }


def _stage_fields(world, tables):
    stages = [(x, stage) for x, sector in enumerate(world.sectors) for stage in sector.stages]
    clocks = [stage.failure_clock or (np.nan, 1.0) for _, stage in stages]
    return {
        "stage_sector": np.array([x for x, _ in stages], dtype=np.int64),
        "stage_key": hashes(stage.name for _, stage in stages),
        "stage_entry_value": rows((triple(stage.entry_value, tables) for _, stage in stages), 3),
        "stage_clock": rows((triple(stage.clock, tables) for _, stage in stages), 3),
        "stage_growth": rows(((stage.drift, stage.volatility) for _, stage in stages), 2),
        "stage_outcomes": rows((stage.outcomes for _, stage in stages), 5),
        "stage_slopes": np.array([stage.slopes for _, stage in stages], dtype=float).reshape(-1, 4, 2),
        "stage_step_up": rows((triple(stage.step_up, tables) for _, stage in stages), 3),
        "stage_share_sold": rows((triple(stage.share_sold, tables) for _, stage in stages), 3),
        "stage_option_pool": np.array([stage.option_pool for _, stage in stages], dtype=float),
        "stage_failure_clock": rows(clocks, 2),
    }


def _board_fields(world):
    boards, n = world.boards, len(world.boards)
    return {
        "board_minimum": np.array([each.minimum for each in boards], dtype=float),
        "board_review_years": np.array([each.review_years for each in boards], dtype=float),
        "board_pass": np.array([each.pass_probability for each in boards], dtype=float),
        "board_lock_up_years": np.zeros(n),
        "board_late_entry": np.full((n, 2), np.nan),
        "board_sell_down": np.full(n, -1, dtype=np.int64),
        "rule_from_years": np.zeros((0, 1)),
        "rule_share": np.zeros((0, 1)),
    }


def random_world(seed):
    """A world that uses every rule of §1 and §3 somewhere; another one for each seed."""
    rng = Draws(seed, "world")
    n_factors = int(rng.of("factors").integers(1, 4))
    n_boards, n_streams = int(rng.of("boards").integers(0, 4)), int(rng.of("streams").integers(0, 4))
    n_sectors = int(rng.of("sectors").integers(1, 4))
    sectors = [_random_sector(rng.of("sector", x), x, n_factors, n_boards) for x in range(n_sectors)]
    periods_per_year, years = int(rng.of("grid").choice([1, 2, 4, 12])), int(rng.of("years").integers(3, 13))
    return World(
        n_periods=periods_per_year * years,
        periods_per_year=periods_per_year,
        seed=int(rng.of("seed").integers(0, 2**62)),
        is_antithetic=seed % 2 == 1,
        **_random_factors(rng.of("market"), n_factors),
        **_random_window(rng.of("window"), periods_per_year * years),
        sectors=sectors,
        boards=[_random_board(rng.of("board", y)) for y in range(n_boards)],
        streams=[_random_stream(rng.of("stream", i), i, sectors) for i in range(n_streams)],
        deals=[
            deal
            for vehicle in ("first", "second")
            for deal in _random_deals(rng.of("deals", vehicle), vehicle, sectors, float(years))
        ],
    )


def _random_factors(rng, n_factors):
    loadings = rng.normal(size=(n_factors, n_factors + 2))
    correlation = loadings @ loadings.T
    scale = np.sqrt(np.diag(correlation))
    return {
        "factor_names": ("market", "chips", "medicine")[:n_factors],
        "factor_volatility": tuple(rng.choice([0.0, 0.2, 0.4], n_factors)),
        "correlation": correlation / np.outer(scale, scale),
    }


def _random_window(rng, n_periods):
    n = int(rng.integers(1, 4))
    generator = rng.of("generator").uniform(0, 1, (n, n))
    np.fill_diagonal(generator, 0.0)
    np.fill_diagonal(generator, -generator.sum(axis=1))
    history = rng.of("history")
    known = history.integers(0, n_periods, history.integers(0, 4))
    return {
        "states": tuple(_random_state(rng.of("state", state)) for state in range(n)),
        "generator": generator,
        "initial": rng.of("initial").dirichlet(np.ones(n)),
        "known": {int(t): int(history.integers(n)) for t in known},
    }


def _random_state(rng):
    rates = rng.choice([0.0, 0.5, 1.0, 1.3], 5, p=[0.15, 0.25, 0.4, 0.2])
    return rates[0], rng.uniform(0.7, 1.3), rates[2], rates[3], rng.uniform(0.7, 1.3)


def _random_board(rng):
    return Board(float(rng.choice([0.0, 5.0, 50.0])), float(rng.choice([0.0, 0.5, 1.3])), rng.uniform(0.2, 1))


def _random_stage(rng, name, is_last):
    outcomes = rng.dirichlet(np.ones(5)) if rng.random() < 0.8 else np.eye(5)[rng.integers(5)]
    if is_last:
        outcomes = np.array(
            [0.0, *(outcomes[1:] / outcomes[1:].sum() if outcomes[1:].sum() else np.eye(4)[0])]
        )
    else:
        outcomes = 0.5 * outcomes + 0.5 * np.eye(5)[0]
    clocks = [("fixed", float(rng.choice([0.0, 0.25, 1.0]))), ("gamma", 1.2, 2.5), ("gamma", 0.8, 1.0)]
    sold = [("beta", 0.2, 0.05), ("fixed", 0.15), ("fixed", 0.0)]
    return Stage(
        name=name,
        entry_value=[("lognormal", 2.0, 0.6), ("fixed", 3.0)][rng.integers(2)],
        clock=clocks[rng.integers(3)],
        drift=rng.uniform(-0.1, 0.4),
        volatility=float(rng.choice([0.0, 0.5, 0.9])),
        outcomes=tuple(outcomes),
        slopes=tuple(map(tuple, rng.normal(0, 0.5, (4, 2)))) if rng.random() < 0.5 else NO_SLOPES,
        step_up=[("lognormal", 1.4, 0.3), ("fixed", 1.0)][rng.integers(2)],
        share_sold=sold[rng.integers(3)],
        option_pool=float(rng.choice([0.0, 0.1])),
        failure_clock=(rng.uniform(1, 6), float(rng.choice([1.0, 1.7]))) if rng.random() < 0.5 else None,
    )


def _random_sector(rng, x, n_factors, n_boards):
    n_stages = int(rng.integers(1, 5))
    names = ["seed", "A", "B", "C"][:n_stages]
    has_buckets = rng.random() < 0.4
    return Sector(
        name=f"sector {x}",
        stages=[_random_stage(rng.of("stage", name), name, name == names[-1]) for name in names],
        betas=tuple(rng.uniform(-0.5, 1.5, n_factors)),
        quality_effect=float(rng.choice([0.0, 0.3])),
        quality_years=float(rng.choice([0.0, 1.3, 3.0])),
        listed=(0.05, float(rng.choice([0.0, 0.5]))),
        listing_share=[("beta", 0.2, 0.05), ("fixed", 0.25)][rng.integers(2)],
        refile_years=float(rng.choice([0.0, 0.5, 1.7])),
        filings=int(rng.integers(1, 4)),
        boards=tuple(int(y) for y in rng.permutation(n_boards)[: rng.integers(0, n_boards + 1)]),
        premium=[("lognormal", 1.2, 0.3), ("fixed", 1.0)][rng.integers(2)],
        buckets=((0.5, 0.0, 1.0), (0.3, 1.0, 5.0), (0.2, 5.0, 10.0)) if has_buckets else (),
        recovery=float(rng.choice([0.0, 0.2])),
        stall=[(-0.1, 0.2, 0.1), (0.0, 0.0, 0.0), (0.1, 0.0, 0.5)][rng.integers(3)],
    )


def _random_stream(rng, i, sectors):
    sector = int(rng.integers(len(sectors)))
    from_years = float(rng.choice([0.0, 1.5]))
    return Stream(
        name=f"stream {i}",
        sector=sector,
        stage=int(rng.integers(len(sectors[sector].stages))),
        per_year=float(rng.choice([0.0, 1.0, 6.0])),
        growth=float(rng.choice([0.0, 0.1, -0.3])),
        from_years=from_years,
        until_years=from_years + float(rng.choice([2.0, np.inf])),
        is_poisson=bool(rng.integers(2)),
    )


def _random_deals(rng, vehicle, sectors, horizon):
    n, skill = int(rng.integers(0, 6)), float(rng.choice([0.0, 0.4, 1.0]))
    candidates = int(rng.choice([0, 1, 3]))
    pairs = [(x, s) for x, sector in enumerate(sectors) for s in range(len(sector.stages))]
    chosen = sorted(rng.permutation(len(pairs))[: rng.integers(1, len(pairs) + 1)])
    weights = tuple((*pairs[c], float(rng.choice([1.0, 2.5]))) for c in chosen)
    patience = float(rng.of("patience").choice([0.0, 0.5, 2.0]))
    times = [(k + 0.5) / n * horizon for k in range(n)]
    return [Deal(vehicle, k, time, patience, 0.4, candidates, skill, weights) for k, time in enumerate(times)]


def random_closing(seed, world):
    """Closing terms of a small graph of vehicles, as a dict of plain lists, and the terms made of them."""
    vehicles = []
    for v in range(Draws(seed, "closing").integers(1, 6)):
        rng = Draws(seed, "closing", v)
        investors = [
            (InvestorKind.FISCAL, -1, float(rng.uniform(1, 20)), None),
            (InvestorKind.SOCIAL, -1, float(rng.uniform(1, 20)), None),
        ]
        for parent in range(v):
            if rng.random() < 0.6:
                cap = None if rng.random() < 0.3 else float(rng.uniform(0.1, 0.6))
                investors.append((InvestorKind.IN_CLUSTER, parent, float(rng.uniform(1, 20)), cap))
        vehicles.append(
            {
                "name": f"vehicle {v}",
                "start_period": int(rng.integers(0, world.n_periods)),
                "investors": [investors[i] for i in rng.permutation(len(investors))],
                "raised": [("beta", 0.7, 0.2), ("fixed", 1.0), ("fixed", 0.4)][rng.integers(3)],
                "correlation": float(rng.choice([-0.5, 0.0, 0.6, 1.0])),
                "minimum_close": float(rng.choice([0.0, 0.7, 0.9])),
                "paid_in_rate": [("beta", 0.9, 0.05), ("fixed", 1.0)][rng.integers(2)],
            }
        )
    return vehicles, closing_terms(vehicles, world)


def closing_terms(vehicles, world, is_used=1):
    tables = []
    investors = [row for vehicle in vehicles for row in vehicle["investors"]]
    return ClosingTerms(
        is_used=is_used,
        parents_first=np.arange(len(vehicles)),
        start_period=np.array([each["start_period"] for each in vehicles], dtype=np.int64),
        stream=hashes(f"closing/{each['name']}" for each in vehicles),
        first_investor=np.cumsum([0, *(len(each["investors"]) for each in vehicles)]),
        investor_kind=np.array([row[0] for row in investors], dtype=np.int64),
        investor_parent=np.array([row[1] for row in investors], dtype=np.int64),
        planned=np.array([row[2] for row in investors], dtype=float),
        cap_share=np.array([np.nan if row[3] is None else row[3] for row in investors], dtype=float),
        raised=rows((triple(each["raised"], tables) for each in vehicles), 3),
        correlation=np.array([each["correlation"] for each in vehicles], dtype=float),
        minimum_close=np.array([each["minimum_close"] for each in vehicles], dtype=float),
        paid_in_rate=rows((triple(each["paid_in_rate"], tables) for each in vehicles), 3),
        tables=stack(tables),
        market_volatility=float(world.factor_volatility[0]),
    )
