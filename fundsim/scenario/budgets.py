"""Owns whether a vehicle's money covers what it plans, and how many enterprises a path may have."""

from collections.abc import Iterator

from fundsim.files.part import Fault
from fundsim.scenario.content import Content
from fundsim.scenario.expected_fees import fee_plan
from fundsim.scenario.vehicles import Vehicle
from fundsim.timegrid import PERIODS_PER_YEAR, TimeGrid

MAX_ROWS_PER_PATH = 1_000_000


def lifetime_fees(vehicle: Vehicle) -> float:
    """Scheduled fees to the end of the term on full commitments, with
    the organisation cost (7.2), in currency units.
    """
    terms = vehicle.terms
    paying = sum(investor.commitment for investor in vehicle.investors if investor.is_fee_payer)
    total, start = terms.organisation_cost, 0.0
    for phase in terms.phases:
        years = max(0.0, min(phase.until_years, terms.term_years) - start)
        total += phase.rate * years * paying
        start = phase.until_years
    return total


def planned_fees(scenario: Content, vehicle: Vehicle) -> float:
    """What a vehicle keeps for fees, in currency units: the expected ones of its whole size where their dates
    are given, else those of `lifetime_fees`.
    """
    m = scenario.periods_per_year
    # other numbers of periods `check` refuses elsewhere
    if vehicle.terms.expected_fees is None or m not in PERIODS_PER_YEAR:
        return lifetime_fees(vehicle)
    if not any(investor.is_fee_payer for investor in vehicle.investors):
        return vehicle.terms.organisation_cost
    grid = TimeGrid(m, max(scenario.horizon_periods, 1), scenario.start)
    share = fee_plan(scenario, vehicle, grid).investable
    return vehicle.terms.organisation_cost + (1.0 - share) * vehicle.size


def budget_faults(scenario: Content, vehicle: Vehicle) -> Iterator[Fault]:
    """Yield a fault if stakes in vehicles, deals and fees come to more than the vehicle's size (7.1)."""
    size = vehicle.size
    fees = 0.0 if vehicle.terms.fees_on_top else planned_fees(scenario, vehicle)
    stakes = sum(investor.commitment for _, investor in scenario.stakes(vehicle.name))
    deals, reserve = _direct_budget(vehicle, size - fees)
    recycled = vehicle.terms.recycling.cap * size if vehicle.terms.recycling is not None else 0.0
    total = stakes + deals + reserve + fees
    if total <= (size + recycled) * (1 + 1e-9):
        return
    parts = {
        "stakes in vehicles": stakes,
        "deals": deals,
        "follow-on reserve": reserve,
        "lifetime fees": fees,
    }
    sums = " + ".join(f"{amount:.6g} for {what}" for what, amount in parts.items() if amount)
    allowed = f"its size {size:.6g}" + (f" and {recycled:.6g} recycled" if recycled else "")
    if deals:
        room = max(size + recycled - stakes - reserve - fees, 0)
        remedy = f"lower deals × ticket to {room:.6g} or less, or raise commitments"
    else:
        remedy = "lower the stakes or the fees, or raise commitments"
    where = ("mandate", "deals") if deals else ("investors",)
    yield Fault(where, f"{sums} come to {total:.6g}, above {allowed}", remedy)


def _direct_budget(vehicle: Vehicle, investable: float) -> tuple[float, float]:
    mandate = vehicle.mandate
    if mandate is None:
        return 0.0, 0.0
    return mandate.deals * (mandate.ticket or 0.0), mandate.reserve_share * max(investable, 0.0)


def rows_per_path(scenario: Content) -> float:
    """Expected number of enterprises on a path."""
    mandates = (vehicle.mandate for vehicle in scenario.vehicles if vehicle.mandate is not None)
    looked_at = sum(mandate.deals * max(1, mandate.n_candidates) for mandate in mandates)
    return scenario.park.expected(scenario.horizon_years) + looked_at


def row_faults(scenario: Content) -> Iterator[Fault]:
    """Yield a fault if a path would have an absurd number of enterprises."""
    rows = rows_per_path(scenario)
    if rows > MAX_ROWS_PER_PATH:
        is_park = scenario.park.expected(scenario.horizon_years) > MAX_ROWS_PER_PATH / 2
        yield Fault(
            ("park", "streams") if is_park else ("vehicles",),
            f"about {rows:.3g} enterprises on each path, more than the {MAX_ROWS_PER_PATH:,} that fit",
            "lower per_year or growth" if is_park else "lower deals or n_candidates",
        )
