"""Streams, sectors, stages and boards (§3, 5.4, 5.5)."""

import math

from tests.twins.plan.deals import all_stages
from tests.twins.plan.fields import (
    Fits,
    Law,
    beta,
    choice,
    columns,
    copied,
    cumulative,
    fixed,
    hash_name,
    lognormal,
    padded,
    place,
    stream,
)  # fmt: skip
from tests.twins.plan.market import factor_variance

OUTCOMES = ("advance", "listing", "merger", "failure", "stall")
NO_LIMIT = math.inf


# Streams of the park


def from_years(scenario, one):
    return one.from_years


def until_years(scenario, one):
    """Arrivals end at `until_years` or at the horizon, whichever is first, and not before they begin."""
    until = scenario.horizon_years if one.until_years is None else one.until_years
    return max(min(until, scenario.horizon_years), one.from_years)


def most_arrivals(scenario, one):
    """A bound of the plan's own; it must be far in the tail of the number of arrivals."""
    years = until_years(scenario, one) - one.from_years
    n = 2_000
    mean = sum(one.per_year * (1 + one.growth) ** ((k + 0.5) / n * years) * years / n for k in range(n))
    return Fits(lambda actual: actual >= mean * (1 - 1e-6) + 10 * math.sqrt(mean) + 40, f"far above {mean:g}")


PARK_STREAM = {
    "key": stream("park/{}"),
    "sector": lambda scenario, one: place(scenario.sectors, one.sector),
    "stage": lambda scenario, one: [(x.name, s.name) for x, s in all_stages(scenario)].index(
        (one.sector, one.stage)
    ),
    "is_poisson": choice("arrivals", "fixed", "poisson"),
    "most_arrivals": most_arrivals,
    "per_year": copied("per_year"),
    "log_growth": lambda scenario, one: math.log(1.0 + one.growth),
    "from_years": from_years,
    "until_years": until_years,
}


def park_streams(scenario):
    return columns(PARK_STREAM, scenario, scenario.park.streams)


# Sectors


def betas(scenario, sector):
    """Loadings on the market and the factors, 0 where none is given."""
    names = ["market", *(factor.name for factor in scenario.market.factors)]
    given = {beta.factor: beta.beta for beta in sector.betas}
    return [given.get(name, 0.0) for name in names]


def sector_beta(scenario):
    return [betas(scenario, sector) for sector in scenario.sectors]


def sector_boards(scenario):
    """(3.5): in order of preference, those that take the sector, by its name or that of its preset."""
    rows = []
    for sector in scenario.sectors:
        row = []
        for name in sector.listing.boards:
            y = place(scenario.boards, name)
            taken = scenario.boards[y].sectors
            if not taken or sector.name in taken or sector.preset in taken:
                row.append(y)
        rows.append(row)
    return padded(rows, -1)


def buckets(sector):
    """(3.6): (cumulative share, from, to) of the multiples of cost."""
    given = sector.merger.multiples or ()
    shares = cumulative([bucket.share for bucket in given]) if given else []
    return [[share, bucket.from_, bucket.to] for share, bucket in zip(shares, given, strict=True)]


def sector_buckets(scenario):
    return padded([buckets(sector) for sector in scenario.sectors], [0.0, 0.0, 0.0])


def premium(scenario, sector):
    given = sector.merger.premium
    return fixed(1.0) if given is None else lognormal(given)


SECTOR = {
    "quality_effect": copied("quality_effect"),
    "quality_years": copied("quality_years"),
    "filings": copied("listing.n_filings"),
    "refile_years": copied("listing.refile_years"),
    "listing_share": lambda scenario, sector: beta(sector.listing.share_sold),
    "listed_growth": copied("listing.drift"),
    "listed_volatility": copied("listing.volatility"),
    "premium": premium,
    "n_buckets": lambda scenario, sector: len(buckets(sector)),
    "recovery": copied("failure.recovery"),
    "linger_years": copied("failure.linger_years"),
    "stalled_growth": copied("stall.drift"),
    "failure_rate": copied("stall.failure_rate"),
    "merger_rate": copied("stall.merger_rate"),
    "preference": choice("preference", "none", "pari_passu", "standard"),
} | {
    f"{name}_key": lambda scenario, sector, name=name: hash_name(name)
    for name in ("listing", "stall", "merger", "bridge", "listed", "failure")
}


def sectors(scenario):
    return columns(SECTOR, scenario, scenario.sectors)


# Stages, each with its sector


def log_drift(scenario, sector, stage, growth):
    """(3.2): the drift of ln V a year that is neither factor nor quality, `μ − ½σ² − ½Σβ_f²σ_f²`."""
    loaded = zip(betas(scenario, sector), factor_variance(scenario), strict=True)
    return growth - 0.5 * stage.volatility**2 - 0.5 * sum(beta**2 * variance for beta, variance in loaded)


def clock(stage):
    """(3.1): the law of the time to the milestone."""
    time = stage.time
    is_fixed = time.distribution == "fixed"
    return fixed(time.mean_years) if is_fixed else Law("gamma", time.mean_years, time.shape)


def slopes(stage):
    """(3.3): quality and value slopes of all outcomes; a stall has none."""
    given = [None if name == "stall" else getattr(stage.slopes, name) for name in OUTCOMES]
    return [[0.0, 0.0] if slope is None else [slope.quality, slope.value] for slope in given]


def failure_clock(stage):
    """(3.3b): scale and shape; no scale without a clock."""
    given = stage.failure_clock
    return [math.nan, 1.0] if given is None else [given.scale_years, given.shape]


def stages(scenario):
    found = []
    for x, sector in enumerate(scenario.sectors):
        for stage in sector.stages:
            entry = stage.entry_value
            found.append({
                "key": hash_name(stage.name),
                "sector": x,
                "log_entry_value": fixed(1.0, True) if entry is None else lognormal(entry, True),
                "clock": clock(stage),
                "log_step_up": lognormal(stage.step_up, True),
                "share_sold": beta(stage.share_sold),
                "variance_drift": log_drift(scenario, sector, stage, 0.0),
                "stalled_drift": log_drift(scenario, sector, stage, sector.stall.drift),
                "growth": stage.drift,
                "volatility": stage.volatility,
                "outcomes": [getattr(stage.outcomes, name) for name in OUTCOMES],
                "slopes": slopes(stage),
                "failure_clock": failure_clock(stage),
                "option_pool": stage.option_pool,
            })  # fmt: skip
    return {name: [stage[name] for stage in found] for name in (found[0] if found else ())}


# Boards and what may be sold after a listing


def minimum(scenario, board):
    """(3.5): the least value, converted into the scenario's currency."""
    if board.currency is None or board.currency == scenario.currency.code:
        return board.minimum_value
    return board.minimum_value * {one.currency: one.rate for one in scenario.exchange_rates}[board.currency]


def late_entry(scenario, board):
    late = board.late_entry
    return [math.nan, math.nan] if late is None else [late.within_years, late.lock_up_years]


BOARD = {
    "minimum": minimum,
    "review_years": copied("review_years"),
    "pass_probability": copied("pass_probability"),
    "sell_down": lambda scenario, board: place(scenario.sell_down_rules, board.sell_down),
    "lock_up_years": copied("lock_up_years"),
    "late_entry": late_entry,
}


def boards(scenario):
    return columns(BOARD, scenario, scenario.boards)


def rule_from_years(scenario):
    return padded(
        [[step.held_from_years for step in rule.steps] for rule in scenario.sell_down_rules], NO_LIMIT
    )


def rule_share(scenario):
    """(5.5): `share·(365.25/per_days)·Δ` of the company a period."""
    rows = []
    for rule in scenario.sell_down_rules:
        row = []
        for step in rule.steps:
            is_free = step.share is None
            days = 365.25 / scenario.periods_per_year  # of a period
            row.append(NO_LIMIT if is_free else step.share * days / step.per_days)
        rows.append(row)
    return padded(rows, NO_LIMIT)
