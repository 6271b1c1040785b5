"""Worlds for tests: plain descriptions of market, closing and
enterprises, random ones, and the terms that kernels read.
"""

import math
from dataclasses import dataclass, field

import numpy as np
from scipy import linalg

from fundsim.kernels.base import distributions
from fundsim.kernels.base.quantiles import stack
from fundsim.kernels.base.random import hash_name, seed_key
from fundsim.kernels.closing import CLOSING, COMMITMENT, ClosingRecords
from fundsim.kernels.enterprises.records import BOARD, DEAL, PARK_STREAM, SECTOR, STAGE, EnterpriseRecords
from fundsim.kernels.layout import (
    GridTerms,
    MarketTerms,
)
from fundsim.plan.records import records, table
from fundsim.vocabulary import InvestorKind, OwnStream
from tests.makers.draws import Draws

NEUTRAL = (1.0, 1.0, 1.0, 1.0, 1.0)
OWN_STREAMS = tuple(stream.word for stream in OwnStream if stream is not OwnStream.TRANSFER)
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
    linger_years: float = 0.0
    stall: tuple = (0.0, 0.1, 0.1)
    preference: int = 0


@dataclass
class Board:
    """A board of a stock exchange."""

    minimum: float = 0.0
    review_years: float = 0.0
    pass_probability: float = 1.0
    sell_down: int = -1  # number of a rule
    lock_up_years: float = 0.0
    late_entry: tuple = (np.nan, np.nan)


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
    skill: tuple = ("fixed", 0.0)
    manager: str = ""  # the vehicle without one
    weights: tuple = ((0, 0, 1.0),)
    owner: int = 0  # number of the vehicle


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
    rules: list = field(default_factory=list)  # of selling down: ((held from years, share a period), …)
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
    tables, deals = [], world.deals
    return EnterpriseRecords(
        park_streams=records(PARK_STREAM, (_stream_fields(world, stream) for stream in world.streams)),
        deals=records(DEAL, (_deal_fields(world, d, tables) for d in range(len(deals)))),
        entry_cumulative=_entry_cumulative(world),
        stages=records(STAGE, _stage_rows(world, tables)),
        sectors=records(SECTOR, (_sector_fields(sector, tables) for sector in world.sectors)),
        sector_beta=rows((sector.betas for sector in world.sectors), len(world.factor_names)),
        sector_boards=table([sector.boards for sector in world.sectors], -1).astype(np.int64),
        sector_buckets=_buckets(world),
        boards=records(BOARD, map(vars, world.boards)),
        rule_from_years=table([[years for years, _ in rule] for rule in world.rules], np.inf),
        rule_share=table([[share for _, share in rule] for rule in world.rules], np.inf),
        factor_variance=np.array(world.factor_volatility) ** 2,
        window_factors=np.array(world.states, dtype=float),
        tables=stack(tables),
    )


def first_stages(world):
    """Global number of each sector's first stage, and the number of all stages behind."""
    return np.cumsum([0, *(len(sector.stages) for sector in world.sectors)])


def period_of(years, periods_per_year):
    return max(math.ceil(years * periods_per_year - 1e-9) - 1, 0)


def same(dtype, *given):
    """What descriptions have under the name of a record's field."""
    return {name: value for one in given for name, value in vars(one).items() if name in dtype.names}


def _stream_fields(world, stream):
    return same(PARK_STREAM, stream) | {
        "key": hash_name(f"park/{stream.name}"),
        "stage": first_stages(world)[stream.sector] + stream.stage,
        "most_arrivals": world.most_arrivals,
        "log_growth": np.log1p(stream.growth),
    }


def _deal_fields(world, d, tables):
    deal, m = world.deals[d], world.periods_per_year
    before = sum(each.candidates > 0 for each in world.deals[:d])
    return same(DEAL, deal) | {
        "vehicle": deal.owner,
        "vehicle_stream": hash_name(f"deal/{deal.vehicle}"),
        "period": period_of(deal.years, m),
        "last_period": period_of(deal.years + deal.patience, m),
        "row": before if deal.candidates > 0 else -1,
        "entry": d,
        "skill": triple(deal.skill, tables),
        "manager": hash_name(f"manager/{deal.manager or deal.vehicle}"),
    }


def _entry_cumulative(world):
    first = first_stages(world)
    entry = np.zeros((len(world.deals), first[-1]))
    for d, deal in enumerate(world.deals):
        for sector, stage, weight in deal.weights:
            entry[d, first[sector] + stage] += weight
    entry = np.cumsum(entry, axis=1)
    return entry / entry[:, -1:]


def _sector_fields(sector, tables):
    growth, failure_rate, merger_rate = sector.stall
    return same(SECTOR, sector) | {
        "listing_share": triple(sector.listing_share, tables),
        "listed_growth": sector.listed[0],
        "listed_volatility": sector.listed[1],
        "premium": triple(sector.premium, tables),
        "n_buckets": len(sector.buckets),
        "stalled_growth": growth,
        "failure_rate": failure_rate,
        "merger_rate": merger_rate,
        **{f"{name}_key": hash_name(name) for name in OWN_STREAMS},
    }


def _buckets(world):
    out = np.zeros((len(world.sectors), max((len(each.buckets) for each in world.sectors), default=0), 3))
    for x, sector in enumerate(world.sectors):
        shares = np.cumsum([share for share, _, _ in sector.buckets])
        for k, (_, low, high) in enumerate(sector.buckets):
            out[x, k] = shares[k], low, high
    return out


def _stage_rows(world, tables):
    for x, sector in enumerate(world.sectors):
        of_factors = np.square(sector.betas) @ np.square(world.factor_volatility)
        for stage in sector.stages:
            correction = 0.5 * (stage.volatility**2 + of_factors)
            yield same(STAGE, stage) | {
                "key": hash_name(stage.name),
                "sector": x,
                "log_entry_value": distributions.in_logs(triple(stage.entry_value, tables)),
                "clock": triple(stage.clock, tables),
                "log_step_up": distributions.in_logs(triple(stage.step_up, tables)),
                "share_sold": triple(stage.share_sold, tables),
                "growth": stage.drift,
                "variance_drift": -correction,
                "stalled_drift": sector.stall[0] - correction,
                "slopes": (*stage.slopes, (0.0, 0.0)),
                "failure_clock": stage.failure_clock or (np.nan, 1.0),
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
        linger_years=float(rng.of("linger").choice([0.0, 0.7])),
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
    n, skill = int(rng.integers(0, 6)), random_skill(rng, rng.choice([0.0, 0.4, 1.0]))
    candidates = int(rng.choice([0, 1, 3]))
    pairs = [(x, s) for x, sector in enumerate(sectors) for s in range(len(sector.stages))]
    chosen = sorted(rng.permutation(len(pairs))[: rng.integers(1, len(pairs) + 1)])
    weights = tuple((*pairs[c], float(rng.choice([1.0, 2.5]))) for c in chosen)
    patience = float(rng.of("patience").choice([0.0, 0.5, 2.0]))
    times = [(k + 0.5) / n * horizon for k in range(n)]
    manager = str(rng.of("skill").choice(["", "one"]))
    of_all = patience, 0.4, candidates, skill, manager, weights
    return [Deal(vehicle, k, time, *of_all) for k, time in enumerate(times)]


def random_skill(rng, mean):
    """The same for all paths, or a draw of the manager."""
    spread = rng.of("skill").choice([0.0, 0.2])
    return ("fixed", float(mean)) if mean in (0.0, 1.0) or spread == 0.0 else ("beta", float(mean), spread)


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
    return ClosingRecords(
        is_used=is_used,
        parents_first=np.arange(len(vehicles)),
        vehicles=records(CLOSING, (_closing_fields(vehicles, v, tables) for v in range(len(vehicles)))),
        investors=records(
            COMMITMENT,
            (
                {
                    "kind": kind,
                    "parent": parent,
                    "planned": planned,
                    "cap_share": np.nan if cap is None else cap,
                }
                for each in vehicles
                for kind, parent, planned, cap in each["investors"]
            ),
        ),
        market_volatility=float(world.factor_volatility[0]),
        tables=stack(tables),
    )


def _closing_fields(vehicles, v, tables):
    first = sum(len(each["investors"]) for each in vehicles[:v])
    given = {name: value for name, value in vehicles[v].items() if name in CLOSING.names}
    return given | {
        "stream": hash_name(f"closing/{vehicles[v]['name']}"),
        "first_investor": first,
        "last_investor": first + len(vehicles[v]["investors"]),
        "raised": triple(vehicles[v]["raised"], tables),
        "paid_in_rate": triple(vehicles[v]["paid_in_rate"], tables),
    }
