"""Owns target statistics: each as values by path with a reduction to one number, and its standard error."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fundsim.experiments.observing import Observed
from fundsim.experiments.reading import vehicles_of
from fundsim.experiments.targets import FILING, LISTING, Target
from fundsim.measures import irr
from fundsim.vocabulary import Channel, Word

N_GROUPS = 20
"""Groups of paths of the jackknife: whole tenths of them are left out at a time, as quantiles need."""

Reduction = Callable[[np.ndarray], float]


@dataclass(frozen=True)
class Sample:
    """Values, the path of each, and what makes one number of them."""

    values: np.ndarray
    path: np.ndarray
    reduce: Reduction


@dataclass(frozen=True)
class Measured:
    """A statistic and its standard error; NaN where it is undefined."""

    value: float
    standard_error: float


def measured(target: Target, observed: Observed) -> Measured:
    """Measure the statistic of a target on a run, with the standard error of `jackknife`."""
    return jackknife(_SAMPLES[target.statistic](target, observed), observed.paths)


def jackknife(sample: Sample, paths: int) -> Measured:
    """A statistic of a sample, and its standard error by a jackknife over groups of paths.

    One group after the other is left out, and the spread of what results is scaled up, ``√((G−1)/G · Σ(θ_g
    − θ̄)²)``. Vehicles and enterprises of one path share its market, so only paths are taken as
    independent, and of mirrored paths only pairs, which stay together.
    """
    value = _reduced(sample, np.ones(len(sample.path), dtype=bool))
    group = (sample.path - sample.path % 2) * N_GROUPS // max(paths, 1)
    n_groups = len(np.unique(group))
    if n_groups < 2 or not np.isfinite(value):
        return Measured(value, float("nan"))
    left_out = np.array([_reduced(sample, group != g) for g in np.unique(group)])
    spread = np.sum((left_out - left_out.mean()) ** 2)
    return Measured(value, float(np.sqrt((n_groups - 1) / n_groups * spread)))


def _reduced(sample: Sample, chosen: np.ndarray) -> float:
    values = sample.values[chosen]
    return sample.reduce(values) if len(values) else float("nan")


def _quantile(probability: float) -> Reduction:
    def reduce(values: np.ndarray) -> float:
        defined = values[~np.isnan(values)]
        return float(np.quantile(defined, probability)) if len(defined) else float("nan")

    return reduce


def _ratio(values: np.ndarray) -> float:
    """Sum of the first column over that of the second."""
    whole = float(values[:, 1].sum())
    return float(values[:, 0].sum()) / whole if whole > 0.0 else float("nan")


def _of_vehicles(
    target: Target, observed: Observed, values: Callable[[str], np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    names = vehicles_of(target, observed.scenario)
    return np.concatenate([values(name) for name in names]), np.tile(np.arange(observed.paths), len(names))


def _quantile_sample(target: Target, observed: Observed) -> Sample:
    measure = target.measure or "dpi"

    def values(name: str) -> np.ndarray:
        if measure == "net_irr":
            return observed.results.irr(name)
        return observed.dpi_at(name, target.at_years, measure)

    return Sample(*_of_vehicles(target, observed, values), _quantile(target.probability or 0.5))


def _reached_sample(target: Target, observed: Observed) -> Sample:
    level = 1.0 if target.level is None else target.level
    at_years = target.at_years or 0.0
    values, path = _of_vehicles(
        target, observed, lambda name: (observed.dpi_at(name, at_years) >= level - 1e-9).astype(float)
    )
    return Sample(values, path, lambda chosen: float(chosen.mean()))


def _years_sample(target: Target, observed: Observed) -> Sample:
    level = 1.0 if target.level is None else target.level
    values, path = _of_vehicles(target, observed, lambda name: observed.years_to(name, level))
    return Sample(values, path, _quantile(target.probability or 0.5))


def _pooled_sample(target: Target, observed: Observed) -> Sample:
    names = vehicles_of(target, observed.scenario)
    flows, m = observed.flows(names), observed.scenario.periods_per_year
    if target.measure == "dpi":
        flows[:, 1, -1] -= sum(observed.results.paths_of("nav", name)[:, -1] for name in names)
    if target.measure == "net_irr":
        return Sample(flows, np.arange(observed.paths), lambda chosen: pooled_irr(chosen, m))
    return Sample(flows, np.arange(observed.paths), multiple)


def pooled_irr(flows: np.ndarray, periods_per_year: int) -> float:
    """Net IRR a year of all cash together; flows are (paths, 2, T)."""
    paid, back = flows.mean(axis=0)
    return float(irr(back - paid, periods_per_year))


def multiple(flows: np.ndarray) -> float:
    """What came back over what was paid, all together."""
    paid, back = flows[:, 0].sum(), flows[:, 1].sum()
    return float(back / paid) if paid > 0.0 else float("nan")


def _liquidity_sample(target: Target, observed: Observed) -> Sample:
    m = observed.scenario.periods_per_year
    flows = observed.flows(vehicles_of(target, observed.scenario))
    return Sample(flows, np.arange(observed.paths), lambda chosen: time_to_liquidity(chosen, m))


def time_to_liquidity(flows: np.ndarray, periods_per_year: int) -> float:
    """Years that money was out: ``ln(TVPI) / ln(1 + IRR)``; without a gain its limit, the distance of the
    mean dates.

    A return is taken for none where its logarithm is below 0.001 a year: the two differ by less than 0.01
    years there.
    """
    growth = np.log1p(pooled_irr(flows, periods_per_year))
    if abs(growth) >= 1e-3:
        return float(np.log(multiple(flows)) / growth)
    years = (np.arange(flows.shape[2]) + 1) / periods_per_year
    paid, back = flows.sum(axis=0)
    return float(years @ back / back.sum() - years @ paid / paid.sum())


def _conversion_sample(target: Target, observed: Observed) -> Sample:
    rounds, chosen = observed.rounds, observed.rounds_of(target)
    m, n_periods = observed.scenario.periods_per_year, observed.plan.grid.n_periods
    limit = np.full(len(rounds.path), n_periods)
    if target.within_years is not None:
        limit = rounds.entry + round(target.within_years * m)
        chosen = chosen & (limit <= n_periods)  # seen for the whole time
    began = _opened(observed, str(target.from_), limit)
    if target.to == FILING:
        ended = rounds.filing < limit
    elif target.to == LISTING:
        ended = rounds.listing < limit
    else:
        ended = _opened(observed, str(target.to), limit)
    pairs = np.stack([began & ended, began], axis=1)[chosen].astype(float)
    return Sample(pairs, rounds.path[chosen], _ratio)


def _opened(observed: Observed, stage: str, limit: np.ndarray) -> np.ndarray:
    """Whether each enterprise opened the round of a stage before a period."""
    at = observed.stage_rounds(stage)
    period = observed.rounds.period[np.arange(len(at)), np.maximum(at, 0)]
    # the entry round is dated like the entry itself
    return (at == 0) | ((at > 0) & (period < limit))


def _step_up_sample(target: Target, observed: Observed) -> Sample:
    """Pre-money of the next round over post-money of the round of a stage."""
    rounds, at = observed.rounds, observed.stage_rounds(str(target.from_))
    followed = observed.rounds_of(target) & (at >= 0) & (at + 1 < rounds.n_rounds)
    row, place = np.flatnonzero(followed), at[followed]
    post = rounds.pre[row, place] / (1.0 - rounds.sold[row, place])
    return Sample(rounds.pre[row, place + 1] / post, rounds.path[row], _quantile(target.probability or 0.5))


def _places(names: tuple[str, ...]) -> list[Word]:
    return [Channel.of(name) for name in names]


def _exit_share_sample(target: Target, observed: Observed) -> Sample:
    exits, own = observed.exits, observed.exits_of(vehicles_of(target, observed.scenario))
    whole = _places(target.among) or [
        one for one in Channel if one.role == "enterprise" and one is not Channel.WRITE_OFF
    ]
    own &= np.isin(exits.channel, whole + _places(target.channels))
    counted = np.isin(exits.channel[own], _places(target.channels)).astype(float)
    sizes = {"cost": exits.cost, "proceeds": exits.proceeds}.get(target.of or "count", np.ones(len(own)))
    pairs = np.stack([counted * sizes[own], sizes[own]], axis=1)
    return Sample(pairs, exits.path[own], _ratio)


def _multiple_sample(target: Target, observed: Observed) -> Sample:
    exits, own = observed.exits, observed.exits_of(vehicles_of(target, observed.scenario))
    own &= np.isin(exits.channel, _places(target.channels)) & (exits.cost > 0.0)
    if target.stages:
        own &= _bought_at(target.stages, observed)
    pairs = np.stack([exits.proceeds, exits.cost], axis=1)[own].astype(float)
    if target.probability is None:
        return Sample(pairs, exits.path[own], _ratio)
    return Sample(pairs[:, 0] / pairs[:, 1], exits.path[own], _quantile(target.probability))


def _bought_at(stages: tuple[str, ...], observed: Observed) -> np.ndarray:
    """Which exits are of deals that bought first at the round of a stage of that name, on the first paths."""
    exits, bought = observed.exits, observed.bought
    wanted = [place for (_, name), place in observed.plan.names.stages.items() if name in stages]
    seen = exits.path < len(bought.period)
    found = np.zeros(len(seen), dtype=bool)
    found[seen] = np.isin(bought.stage[exits.path[seen], exits.deal[seen]], wanted)
    return found


def _deals_of(target: Target, observed: Observed) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Path, deal, multiple of cost and last period of the deals whose multiple a target counts."""
    exits, own = observed.exits, observed.exits_of(vehicles_of(target, observed.scenario))
    n_deals = len(observed.plan.names.deals)
    key = exits.path[own].astype(np.int64) * n_deals + exits.deal[own]
    deals, place = np.unique(key, return_inverse=True)
    cost = np.bincount(place, weights=exits.cost[own])
    last = np.zeros(len(deals), dtype=np.int64)
    np.maximum.at(last, place, exits.period[own])
    multiples = np.bincount(place, weights=exits.proceeds[own]) / np.maximum(cost, 1e-300)
    return deals // n_deals, deals % n_deals, multiples, last


def _is_between(multiples: np.ndarray, target: Target) -> np.ndarray:
    return (multiples >= (target.low or 0.0)) & (multiples < (target.high or np.inf))


def _bucket_sample(target: Target, observed: Observed) -> Sample:
    path, _, multiples, _ = _deals_of(target, observed)
    return Sample(_is_between(multiples, target).astype(float), path, lambda chosen: float(chosen.mean()))


def _called_sample(target: Target, observed: Observed) -> Sample:
    """Contributions by an age over what was committed, all together."""
    names, m = vehicles_of(target, observed.scenario), observed.scenario.periods_per_year
    pairs = np.zeros((observed.paths, 2))
    for name in names:
        paid = observed.results.paths_of("contribution", name)[:, observed.first_period(name) :]
        pairs[:, 0] += paid[:, : None if target.at_years is None else round(target.at_years * m)].sum(axis=1)
        pairs[:, 1] += observed.committed[:, observed.plan.names.vehicles[name]]
    return Sample(pairs, np.arange(observed.paths), _ratio)


def _holding_sample(target: Target, observed: Observed) -> Sample:
    """Years from the first investment to the last sale, on the first paths."""
    path, deal, multiples, last = _deals_of(target, observed)
    counted = _is_between(multiples, target) & (path < len(observed.bought.period))
    path, first = path[counted], observed.bought.period[path[counted], deal[counted]]
    years = (last[counted] - first) / observed.scenario.periods_per_year
    mean: Reduction = lambda chosen: float(chosen.mean())
    return Sample(years, path, mean if target.probability is None else _quantile(target.probability))


def _window_sample(target: Target, observed: Observed) -> Sample:
    """Of the enterprises that list, those that do so in a state of the window."""
    rounds, states = observed.rounds, observed.scenario.market.window.states
    listed = observed.rounds_of(target) & (rounds.state >= 0)
    place = [state.name for state in states].index(str(target.state))
    is_so = (rounds.state[listed] == place).astype(float)
    return Sample(is_so, rounds.path[listed], lambda chosen: float(chosen.mean()))


_SAMPLES: dict[str, Callable[[Target, Observed], Sample]] = {
    "quantile": _quantile_sample,
    "share_reached": _reached_sample,
    "years_to_reach": _years_sample,
    "pooled": _pooled_sample,
    "time_to_liquidity": _liquidity_sample,
    "conversion": _conversion_sample,
    "step_up": _step_up_sample,
    "exit_share": _exit_share_sample,
    "multiple_on_cost": _multiple_sample,
    "multiple_share": _bucket_sample,
    "called": _called_sample,
    "holding_years": _holding_sample,
    "window_share": _window_sample,
}
