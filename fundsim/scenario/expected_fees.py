"""Owns what a vehicle with expected fees is planned to pay in fees and to invest (7.2)."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from fundsim.scenario.content import Content
from fundsim.scenario.vehicles import Vehicle
from fundsim.timegrid import TimeGrid
from fundsim.vocabulary import FeeBase

_HALVINGS = 60
"""Of an interval of length 1: what is left of it is below the rounding of its ends."""


class FeePlan(NamedTuple):
    """What a vehicle plans, over its callable."""

    investable: float
    """What is left to invest after all expected fees."""
    fees: tuple[float, ...]
    """Expected fee of each period since the start, to the end of the term."""


class _Course(NamedTuple):
    """What a vehicle's fees depend on, by period since its start, to the end of the term."""

    rates: Sequence[float]  # of a period
    bases: Sequence[int]  # a FeeBase each
    invested: Sequence[float]  # share of the investable money that is planned to be invested
    held: Sequence[float]  # share of what is invested that is not yet realised at the opening
    tranches: Sequence[float]  # cumulative; empty if calls are just in time
    when_used: float  # share used of what is called at which the next tranche is called early; inf for none
    early_until: int  # first period without early calls


def fee_plan(scenario: Content, vehicle: Vehicle, grid: TimeGrid) -> FeePlan:
    """What a vehicle is planned to pay in fees, and what is left of its callable to invest (7.2).

    With fees on commitments alone, that is callable less its fees: 2 % a year of ten years leave 80 %.
    """
    course = _course(scenario, vehicle, grid, ())
    share = _investable(course)
    return FeePlan(share, tuple(_walk(course, share)[0]))


def phases_by_period(vehicle: Vehicle, n: int, periods_per_year: int) -> list[tuple[float, int]]:
    """Rate of a period and base of the fee of each of the first n periods since the start (7.2)."""
    found = []
    for k in range(n):
        years = k / periods_per_year
        phase = next((p for p in vehicle.terms.phases if years < p.until_years - 1e-9), None)
        base = FeeBase.COMMITMENTS if phase is None else FeeBase.of(phase.base)
        found.append((0.0 if phase is None else phase.rate / periods_per_year, int(base)))
    return found


def _course(scenario: Content, vehicle: Vehicle, grid: TimeGrid, above: tuple[str, ...]) -> _Course:
    n = grid.length(vehicle.terms.term_years)
    phases = phases_by_period(vehicle, n, grid.periods_per_year)
    pace = _pace(scenario, vehicle, grid, above)
    begin, end = _realised_years(vehicle, pace, grid)
    held = [_not_realised(k / grid.periods_per_year, begin, end) for k in range(n)]
    totals: list[float] = []
    for share in vehicle.terms.tranches:
        totals.append(share + (totals[-1] if totals else 0.0))
    totals[-1:] = [1.0] if totals else []
    when_used = vehicle.terms.next_call_when_used
    return _Course(
        [rate for rate, _ in phases],
        [base for _, base in phases],
        pace,
        held,
        totals,
        math.inf if when_used is None else when_used,
        _last_own(vehicle, grid, grid.period_of_date(scenario.start_of(vehicle))),
    )


def _last_own(vehicle: Vehicle, grid: TimeGrid, start: int) -> int:
    """The last period of the investment period, from the start; −1 where all is in stakes (5.2)."""
    last, mandate, bought = -1, vehicle.mandate, vehicle.property_
    if mandate is not None:
        last = grid.period_of(mandate.deal_years()[-1] + mandate.patience_years)
    elif vehicle.pool is not None:
        paid = [year for year, amount in enumerate(vehicle.pool.contributions) if amount > 0.0]
        last = grid.periods_per_year * (max(paid) + 1) - 1 if paid else 0
    if bought is not None:
        _, until = bought.window(grid)
        last = max(last, min(until, grid.n_periods - start) - 1)
    return last


def _realised_years(vehicle: Vehicle, pace: Sequence[float], grid: TimeGrid) -> tuple[float, float]:
    given, mandate = vehicle.terms.expected_fees, vehicle.mandate
    begin = None if given is None else given.realised_from_years
    end = None if given is None else given.realised_until_years
    if end is None:
        end = vehicle.terms.term_years
    if begin is None and mandate is not None:
        begin = mandate.from_years + mandate.over_years
    if begin is None:
        begin = max((k + 1 for k, share in enumerate(pace) if share > 0.0), default=0) / grid.periods_per_year
    return min(begin, end), end


def _not_realised(years: float, begin: float, end: float) -> float:
    """Share of what is invested that is not yet sold, falling in a straight line between two times."""
    if years <= begin:
        return 1.0
    return (end - years) / (end - begin) if years < end else 0.0


def _pace(scenario: Content, vehicle: Vehicle, grid: TimeGrid, above: tuple[str, ...]) -> list[float]:
    """Share of the investable money that is planned to be invested in each period of the term: in stakes as
    the vehicles below call, the rest in deals, a pool or property.
    """
    n, size = grid.length(vehicle.terms.term_years), vehicle.size
    own = _pace_of_own(vehicle, grid, n)
    in_stakes = _pace_of_stakes(scenario, vehicle, grid, above, n)
    total = sum(in_stakes)
    if total <= 0.0:
        return own
    # without deals of its own all is planned to go into stakes, however little of its size they are
    part = min(1.0, total / size) if vehicle.holds_itself else 1.0
    return [part * stake / total + (1.0 - part) * deal for stake, deal in zip(in_stakes, own, strict=True)]


def _pace_of_own(vehicle: Vehicle, grid: TimeGrid, n: int) -> list[float]:
    """Of deals in equal parts, a reserve with the last of them; of a pool as it contributes; of property
    evenly over its window.
    """
    shares, mandate, m = [0.0] * n, vehicle.mandate, grid.periods_per_year
    if mandate is not None:
        periods = [grid.period_of(years) for years in mandate.deal_years()]
        for k in periods:
            _add(shares, k, (1.0 - mandate.reserve_share) / mandate.deals)
        _add(shares, periods[-1], mandate.reserve_share)
    elif vehicle.pool is not None:
        is_spread = vehicle.pool.is_spread
        for year, amount in enumerate(vehicle.pool.contributions):
            for i in range(m) if is_spread else (m - 1,):
                _add(shares, m * year + i, amount / m if is_spread else amount)
    elif vehicle.property_ is not None:
        first, until = vehicle.property_.window(grid)
        for k in range(first, until):
            _add(shares, k, 1.0 / (until - first))
    return shares


def _add(shares: list[float], k: int, amount: float) -> None:
    """Add an amount to a period of the term."""
    if k < len(shares):
        shares[k] += amount


def _pace_of_stakes(
    scenario: Content, vehicle: Vehicle, grid: TimeGrid, above: tuple[str, ...], n: int
) -> list[float]:
    """Planned calls of the vehicles below, in currency units."""
    amounts, above = [0.0] * n, (*above, vehicle.name)
    start = grid.period_of_date(scenario.start_of(vehicle))
    for child, investor in scenario.stakes(vehicle.name):
        if child.name in above:  # a circle, which `check` refuses
            continue
        course = _course(scenario, child, grid, above)
        share = (
            _investable(course)
            if child.terms.expected_fees is not None
            else max(0.0, 1.0 - sum(course.rates))
        )
        later = grid.period_of_date(scenario.start_of(child)) - start
        for k, call in enumerate(_walk(course, share)[1]):
            if k + later >= 0:
                _add(amounts, k + later, call * investor.commitment)
    return amounts


def _walk(course: _Course, share: float) -> tuple[list[float], list[float]]:
    """Fee and call of each period over callable, if a share of it is invested as planned."""
    fees: list[float] = []
    calls: list[float] = []
    needed = invested = paid_in = 0.0
    for k, (rate, base) in enumerate(zip(course.rates, course.bases, strict=True)):
        opening = 1.0
        if base == FeeBase.PAID_IN:
            opening = paid_in
        elif base == FeeBase.UNREALISED_COST:
            opening = share * invested * course.held[k]
        fees.append(rate * opening)
        needed += share * course.invested[k] + fees[-1]
        invested += course.invested[k]
        called = needed
        if course.tranches:
            called = paid_in
            for total in course.tranches:
                is_early = (
                    k < course.early_until and called > 0.0 and needed >= course.when_used * called - 1e-12
                )
                if total > called and (needed > called + 1e-12 or is_early):
                    called = total
        calls.append(called - paid_in)
        paid_in = called
    return fees, calls


def _investable(course: _Course) -> float:
    """The share that is left to invest: the largest that with its fees is not above 1.

    Fees are ``a + b · share`` where no tranche decides; else they jump where a tranche is released earlier.
    """
    has_paid_in = any(
        rate > 0.0 and base == FeeBase.PAID_IN for rate, base in zip(course.rates, course.bases, strict=True)
    )
    if not (course.tranches and has_paid_in):
        fixed = math.fsum(_walk(course, 0.0)[0])
        return max(0.0, (1.0 - fixed) / (1.0 + math.fsum(_walk(course, 1.0)[0]) - fixed))
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        if middle + math.fsum(_walk(course, middle)[0]) <= 1.0:
            low = middle
        else:
            high = middle
    return low
