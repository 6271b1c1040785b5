"""The market (§1) and the closings (§2)."""

import math

import numpy as np

from tests.twins.plan.fields import Fits, beta, cumulative, fixed, hash_name, offsets
from tests.twins.plan.periods import n_periods, period_of_day, start_period
from tests.twins.plan.tree import investors, kinds, parents

FACTORS = ("financing_rate", "financing_valuation", "listing_rate", "listing_pass", "listing_valuation")


def factor_volatility(scenario):
    """(1.3): the market first."""
    market = scenario.market
    return [market.index.volatility, *(factor.volatility for factor in market.factors)]


def factor_variance(scenario):
    return [volatility**2 for volatility in factor_volatility(scenario)]


def factor_stream(scenario):
    names = [f"market/factor/{factor.name}" for factor in scenario.market.factors]
    return [hash_name(name) for name in ("market/index", *names)]


def correlation_root(scenario):
    """(1.3): lower triangular, its product with its transpose being the correlation matrix."""
    names = ["market", *(factor.name for factor in scenario.market.factors)]
    matrix = np.eye(len(names))
    for entry in scenario.market.correlations:
        a, b = (names.index(name) for name in entry.between)
        matrix[a, b] = matrix[b, a] = entry.value

    def is_root(actual):
        is_lower = np.array_equal(actual, np.tril(actual)) and bool((np.diag(actual) >= 0.0).all())
        return is_lower and np.allclose(actual @ actual.T, matrix, rtol=0.0, atol=1e-12)

    return Fits(is_root, f"a root of {matrix.tolist()}")


def states(scenario):
    return [state.name for state in scenario.market.window.states]


def window_factors(scenario):
    return [[getattr(state, name) for name in FACTORS] for state in scenario.market.window.states]


def exponential(matrix):
    """A sum of powers over factorials, of the matrix halved until it is small, then squared again."""
    halvings = max(0, math.ceil(math.log2(max(np.abs(matrix).sum(), 1e-300)))) + 4
    small = matrix / 2.0**halvings
    term = total = np.eye(len(matrix))
    for k in range(1, 25):
        term = term @ small / k
        total = total + term
    for _ in range(halvings):
        total = total @ total
    return total


def step(scenario):
    """(1.2): `P = exp(QΔ)`; of annual probabilities A the step whose m-th power is A."""
    names, m = states(scenario), scenario.periods_per_year
    transition = scenario.market.window.transition
    if len(names) == 1:
        return np.eye(1)
    rows = transition.annual or transition.generator
    matrix = np.array([[rows.get(a, {}).get(b, 0.0) for b in names] for a in names])
    if transition.annual is not None:
        values, vectors = np.linalg.eig(matrix)
        return np.real(vectors @ np.diag(values.astype(complex) ** (1.0 / m)) @ np.linalg.inv(vectors))
    return exponential((matrix - np.diag(matrix.sum(axis=1))) / m)


def window_cumulative(scenario):
    return [cumulative(list(np.clip(row, 0.0, None))) for row in step(scenario)]


def window_initial(scenario):
    """(1.2): cumulative law of period 0, `initial` or a law that the step leaves as it is."""
    names, initial = states(scenario), scenario.market.window.initial
    if initial in names:
        return [float(k >= names.index(initial)) for k in range(len(names))]

    def is_stationary(actual):
        law = np.diff(actual, prepend=0.0)
        is_law = actual[-1] == 1.0 and bool((law >= -1e-12).all())
        return is_law and np.allclose(law @ step(scenario), law, rtol=0.0, atol=1e-9)

    return Fits(is_stationary, "a stationary law of the window")


def window_known(scenario):
    """(1.2): entry i covers the periods from that containing its date up to the period before entry i+1's,
    the last one just its own period; −1 where the state is random.
    """
    history = scenario.market.window.history
    firsts = [period_of_day(scenario, entry.from_) for entry in history]
    found = []
    for t in range(n_periods(scenario)):
        state = -1
        for i, entry in enumerate(history):
            # of a history that ends before the start the last state holds in period 0
            is_last = i + 1 == len(history)
            covers = max(firsts[i], 0) <= t < firsts[i + 1] if not is_last else t == max(firsts[i], 0)
            state = states(scenario).index(entry.state) if covers else state
        found.append(state)
    return found


# Closing


def closings(scenario):
    """The closing of each vehicle: its own fields over the scenario's; empty where it closes in full."""
    names = ("raised_share", "correlation", "minimum_close", "paid_in_rate")
    found = []
    for vehicle in scenario.vehicles:
        one = {}
        for block in (scenario.closing, vehicle.closing):
            given = {} if block is None else {name: getattr(block, name) for name in names}
            one |= {name: value for name, value in given.items() if value is not None}
        found.append(one)
    return found


def closing_is_used(scenario):
    return int(any(closings(scenario)))


def closing_columns(scenario):
    """Laws, numbers and investors of each vehicle's closing; what is not given closes in full."""
    given, rows = closings(scenario), investors(scenario)
    first, last = offsets([v for v, _, _ in rows], len(scenario.vehicles))
    laws = {"raised": "raised_share", "paid_in_rate": "paid_in_rate"}
    return {
        "start_period": [start_period(scenario, vehicle) for vehicle in scenario.vehicles],
        "stream": [hash_name(f"closing/{vehicle.name}") for vehicle in scenario.vehicles],
        "first_investor": first,
        "last_investor": last,
        **{k: [beta(one[name]) if name in one else fixed(1.0) for one in given] for k, name in laws.items()},
        **{name: [one.get(name, 0.0) for one in given] for name in ("correlation", "minimum_close")},
    }


def commitment_columns(scenario):
    rows = [investor for _, _, investor in investors(scenario)]
    return {
        "kind": kinds(scenario),
        "parent": parents(scenario),
        "planned": [investor.commitment for investor in rows],
        "cap_share": [math.nan if one.cap_share is None else one.cap_share for one in rows],
    }
