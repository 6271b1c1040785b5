"""Terms of the market (§1)."""

import math

import numpy as np
from scipy.linalg import expm

from fundsim.kernels.base.random import hash_name
from fundsim.kernels.layout import MarketTerms
from fundsim.scenario.scenario import Scenario
from fundsim.timegrid import TimeGrid
from fundsim.vocabulary import WindowFactor


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
