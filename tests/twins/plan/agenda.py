"""What is dated (7.0), written down scenario by scenario and put in order."""

from tests.twins.landing import checkpoints
from tests.twins.plan.periods import n_periods, start_period

OPEN, CHECK, N_STEPS = 0, 3, 6
START, CHECKPOINT = 0, 1


def dated(scenario):
    """(period, step, vehicle, kind, item) of all that is dated, in the order in which it comes."""
    rows = [
        (start_period(scenario, vehicle), OPEN, v, START, 0) for v, vehicle in enumerate(scenario.vehicles)
    ]
    points = checkpoints(scenario)
    for i, (period, v) in enumerate(zip(points["period"], points["vehicle"], strict=True)):
        rows.append((period, CHECK, v, CHECKPOINT, i))
    return sorted(rows)


def items(scenario):
    rows = dated(scenario)
    names = ("period", "step", "vehicle", "kind", "item")
    return {name: [row[k] for row in rows] for k, name in enumerate(names)}


def first_due(scenario):
    """How much comes before each step of each period, and before the first step of the next."""
    rows = dated(scenario)
    return [
        [sum(row[:2] < (t, step) for row in rows) for step in range(N_STEPS + 1)]
        for t in range(n_periods(scenario))
    ]
