"""Terms and management fees of a vehicle by period (7.2, 7.8)."""

from tests.twins.plan.deals import deal_years, investment_end
from tests.twins.plan.periods import NEARLY, length, n_periods, period_of, start_period
from tests.twins.plan.pools import flows_since_start
from tests.twins.plan.property import buys_from, buys_until

BASES = ("commitments", "paid_in", "unrealised_cost")


def term_period(scenario, vehicle):
    """(7.8): the period that ends the term; it lasts at least a period."""
    return start_period(scenario, vehicle) + max(length(scenario, vehicle.terms.term_years), 1) - 1


def last_period(scenario, vehicle):
    """(7.8): the period that ends the longest extension."""
    return term_period(scenario, vehicle) + length(scenario, vehicle.terms.extension_years)


def tail_period(scenario, vehicle):
    """(7.8): the period that ends the tail of a vehicle that holds on."""
    is_held = vehicle.terms.at_end == "hold"
    return last_period(scenario, vehicle) + (length(scenario, vehicle.terms.tail_years) if is_held else 0)


def has_tail_fee(scenario, vehicle):
    """(7.8): whether another fee stands in place of the scheduled one after the extension."""
    has_tail = tail_period(scenario, vehicle) > last_period(scenario, vehicle)
    return has_tail or vehicle.terms.at_end == "in_kind"


def phases(vehicle):
    """(until, rate, base) of each phase; a single rate is one phase on commitments, extensions included."""
    terms = vehicle.terms
    if terms.fee_phases is not None:
        return [(phase.until_years, phase.rate, phase.base) for phase in terms.fee_phases]
    return [(terms.term_years + terms.extension_years, terms.fee_rate or 0.0, "commitments")]


def phase_of(scenario, vehicle, t):
    """(7.2): the phase of the time since start at the opening of period t; None before and after all."""
    years = (t - start_period(scenario, vehicle)) / scenario.periods_per_year
    if years < 0.0:
        return None
    if t > last_period(scenario, vehicle) and has_tail_fee(scenario, vehicle):
        return 0.0, vehicle.terms.tail_fee, "unrealised_cost"
    for phase in phases(vehicle):
        if years < phase[0] - NEARLY:
            return phase
    return None


def rates(scenario, vehicle, n):
    """Fee of each of the first n periods over its base: the phase's rate × Δ."""
    found = []
    for t in range(n):
        phase = phase_of(scenario, vehicle, t)
        found.append(0.0 if phase is None else phase[1] / scenario.periods_per_year)
    return found


def fee_rate(scenario, vehicle):
    return rates(scenario, vehicle, n_periods(scenario))


def fee_base(scenario, vehicle):
    found = [phase_of(scenario, vehicle, t) for t in range(n_periods(scenario))]
    return [0 if phase is None else BASES.index(phase[2]) for phase in found]


def fee_future(scenario, vehicle):
    """(5.2): scheduled future fees, each later period's to the end of term, also beyond the horizon."""
    before = [0.0] * start_period(scenario, vehicle)
    if vehicle.terms.expected_fees is None:
        to_term = rates(scenario, vehicle, term_period(scenario, vehicle) + 1)
    else:
        to_term = before + course(scenario, vehicle, investable(scenario, vehicle))[0]
    return [sum(to_term[t + 1 :]) for t in range(n_periods(scenario))]


def fee_lifetime(scenario, vehicle):
    """(5.2): what is investable is less by, over callable."""
    if vehicle.terms.expected_fees is None:
        return sum(rates(scenario, vehicle, term_period(scenario, vehicle) + 1))
    return 1.0 - investable(scenario, vehicle)


# Expected fees (7.2), over callable


KNOWN = {}
"""What was worked out of a scenario and a vehicle, with the scenario, so that no other takes its place."""


def investable(scenario, vehicle):
    """The most that with the fees expected of it is not above callable, worked out once."""
    key = id(scenario), vehicle.name
    if key not in KNOWN:
        KNOWN[key] = scenario, halved(scenario, vehicle)
    return KNOWN[key][1]


def halved(scenario, vehicle):
    """`investable`, by halving."""
    plan = planned(scenario, vehicle)
    low, high = 0.0, 1.0
    while high - low > 1e-14:
        x = (low + high) / 2
        if x + sum(course(scenario, vehicle, x, plan)[0]) <= 1.0:
            low = x
        else:
            high = x
    return low


def course(scenario, vehicle, x, plan=None):
    """Fee and call of each period of the term, if x is invested as planned."""
    plan = planned(scenario, vehicle) if plan is None else plan
    begin, end = realised(scenario, vehicle, plan)
    start, m = start_period(scenario, vehicle), scenario.periods_per_year
    tranches = [] if isinstance(vehicle.terms.calls, str) else list(vehicle.terms.calls)
    when_used = vehicle.terms.next_call_when_used
    last_early = 0 if when_used is None else investment_end(scenario, vehicle)
    fees, calls = [], []
    for k, share in enumerate(plan):
        phase = phase_of(scenario, vehicle, start + k)
        rate, base = (0.0, "commitments") if phase is None else (phase[1] / m, phase[2])
        years = k / m
        if years >= end and years > begin:
            held = 0.0
        else:
            held = 1.0 if years <= begin else 1.0 - (years - begin) / (end - begin)
        bases = {
            "commitments": 1.0,
            "paid_in": sum(calls),
            "unrealised_cost": x * sum(plan[:k]) * held,
        }
        fees.append(rate * bases[base])
        need = x * sum(plan[: k + 1]) + sum(fees) - sum(calls)
        if not tranches:
            calls.append(need)
            continue
        calls.append(0.0)
        n_called = sum(sum(tranches[: n + 1]) <= sum(calls) + 1e-9 for n in range(len(tranches)))
        while n_called < len(tranches) and calls[-1] < need - 1e-12:
            calls[-1] += tranches[n_called]
            n_called += 1
        used, is_early = x * sum(plan[: k + 1]) + sum(fees), start + k < last_early
        while when_used is not None and is_early and 0 < n_called < len(tranches):
            if used < when_used * sum(tranches[:n_called]) - 1e-12:
                break
            calls[-1] += tranches[n_called]
            n_called += 1
    return fees, calls


def realised(scenario, vehicle, plan):
    """From when to when what is invested is sold, in years after the start."""
    given, mandate = vehicle.terms.expected_fees, vehicle.mandate
    begin = given.realised_from_years if given is not None else None
    end = given.realised_until_years if given is not None else None
    end = vehicle.terms.term_years if end is None else end
    if begin is None and mandate is not None:
        begin = mandate.from_years + mandate.over_years
    if begin is None:
        begin = max([k + 1 for k, share in enumerate(plan) if share > 0.0] or [0]) / scenario.periods_per_year
    return min(begin, end), end


def planned(scenario, vehicle):
    """Share of what is investable that is invested in each period of the term."""
    start = start_period(scenario, vehicle)
    plan = [0.0] * (term_period(scenario, vehicle) + 1 - start)
    below = [
        (child, one.commitment)
        for child in scenario.vehicles
        for one in child.investors
        if one.vehicle == vehicle.name
    ]
    stakes = [0.0] * len(plan)
    for child, amount in below:
        if child.terms.expected_fees is None:
            to_term = rates(scenario, child, term_period(scenario, child) + 1)
            x = max(0.0, 1.0 - sum(to_term))
        else:
            x = investable(scenario, child)
        for k, call in enumerate(course(scenario, child, x)[1]):
            t = start_period(scenario, child) + k - start
            if 0 <= t < len(plan):
                stakes[t] += call * amount
    has_own = vehicle.mandate is not None or vehicle.pool is not None or vehicle.property_ is not None
    part = min(1.0, sum(stakes) / vehicle.size) if has_own else 1.0
    part = part if sum(stakes) > 0.0 else 0.0
    for t, share in own_investments(scenario, vehicle):
        if t - start < len(plan):
            plan[t - start] += (1.0 - part) * share
    for t, amount in enumerate(stakes):
        plan[t] += part * amount / sum(stakes) if part > 0.0 else 0.0
    return plan


def own_investments(scenario, vehicle):
    """(period, share) of what is not in stakes: deals, the reserve with the last; a pool; property."""
    mandate, start = vehicle.mandate, start_period(scenario, vehicle)
    if mandate is not None:
        times = [period_of(scenario, deal_years(scenario, vehicle, k)) for k in range(mandate.deals)]
        each = (1.0 - mandate.reserve_share) / mandate.deals
        return [(t, each) for t in times] + [(times[-1], mandate.reserve_share)]
    if vehicle.pool is not None:
        return [(start + k, amount) for k, amount in enumerate(flows_since_start(scenario, vehicle)[0])]
    if vehicle.property_ is not None:
        window = range(buys_from(scenario, vehicle), buys_until(scenario, vehicle))
        return [(t, 1.0 / len(window)) for t in window]
    return []
