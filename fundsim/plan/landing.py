"""Landing (7.0 c, 8.9) on the run's grid: its checkpoints, and whose money in a vehicle it counts."""

from collections.abc import Iterable

from fundsim.kernels.funds.landing import CHECKPOINT, Landing
from fundsim.plan.agenda import Dated
from fundsim.plan.names import Names
from fundsim.plan.records import records
from fundsim.scenario.scenario import Scenario
from fundsim.timegrid import TimeGrid
from fundsim.vocabulary import AgendaKind


def landing_terms(scenario: Scenario, grid: TimeGrid, names: Names) -> Landing:
    """The checkpoints of all vehicles; each is tested in the period that ends at its date or holds it."""
    rows = (
        {
            "vehicle": v,
            "period": names.start_periods[v] + grid.period_of(point.at_years),
            "multiple": point.landing_multiple,
        }
        for v, vehicle in enumerate(scenario.vehicles)
        for point in vehicle.obligations.checkpoints
    )
    return Landing(records(CHECKPOINT, rows))


def landing_dates(landing: Landing) -> Iterable[Dated]:
    """When its checkpoints are due."""
    for i, point in enumerate(landing.checkpoints):
        yield Dated(int(point["period"]), int(point["vehicle"]), AgendaKind.CHECKPOINT, i)


def guidance_rows(scenario: Scenario, names: Names) -> list[bool]:
    """Whose money in a vehicle landing terms count (8.9): mothers' and
    fiscal money, or state money where there is neither.
    """
    investors = [scenario.vehicles[v].investors[i] for v, i in names.investor_rows]
    is_mother = {vehicle.name: vehicle.kind == "mother" for vehicle in scenario.vehicles}
    is_first = [is_mother.get(one.vehicle or "", False) or one.kind == "fiscal" for one in investors]
    rows = list(zip(names.investor_rows, investors, is_first, strict=True))
    has_first = {v for (v, _), _, first in rows if first}
    return [first or (investor.kind == "state" and v not in has_first) for (v, _), investor, first in rows]
