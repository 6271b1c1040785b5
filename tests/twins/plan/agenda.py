"""What is dated (7.0), written down scenario by scenario and put in order."""

from tests.twins.landing import checkpoints
from tests.twins.plan import fees
from tests.twins.plan.deals import deals, investment_end
from tests.twins.plan.periods import n_periods, start_period
from tests.twins.plan.tree import ordered
from tests.twins.plan.vehicles import recycling_until

OPEN, SETTLE, CHECK, INVEST, CALL, N_STEPS = 0, 2, 3, 4, 5, 6
LEAVES_UP = (SETTLE, CALL)
OF_A_VEHICLE = (
    (OPEN, 0, start_period),
    (SETTLE, 2, recycling_until),
    (SETTLE, 3, fees.term_period),
    (SETTLE, 4, fees.last_period),
    (SETTLE, 7, fees.tail_period),
    (CALL, 5, investment_end),
)
"""Step, kind and period of its start, and of the ends of recycling, term, extension, tail and investment."""
CHECKPOINT, DEAL = 1, 6


def dated(scenario):
    """(period, step, vehicle, kind, item) of all that is dated, in the order in which it comes."""
    rows = [
        (period_of(scenario, vehicle), step, v, kind, 0)
        for v, vehicle in enumerate(scenario.vehicles)
        for step, kind, period_of in OF_A_VEHICLE
    ]
    points = checkpoints(scenario)
    for i, (period, v) in enumerate(zip(points["period"], points["vehicle"], strict=True)):
        rows.append((period, CHECK, v, CHECKPOINT, i))
    tried = deals(scenario)
    for slot, (period, v) in enumerate(zip(tried.get("period", ()), tried.get("vehicle", ()), strict=True)):
        rows.append((period, INVEST, v, DEAL, slot))
    leaves_up = ordered(scenario, children_first=True)

    def place(row):
        period, step, v, *rest = row
        return period, step, leaves_up.index(v) if step in LEAVES_UP else v, *rest

    return sorted(rows, key=place)


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
