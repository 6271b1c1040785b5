"""Terms and management fees of a vehicle by period (7.2, 7.8)."""

from tests.twins.plan.periods import NEARLY, length, n_periods, start_period

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
    """(5.2): scheduled future fees, each later period's rate to the end of term, also beyond the horizon."""
    to_term = rates(scenario, vehicle, term_period(scenario, vehicle) + 1)
    return [sum(to_term[t + 1 :]) for t in range(n_periods(scenario))]


def fee_lifetime(scenario, vehicle):
    """(5.2): the rates of all periods of the term, which what is investable is less by."""
    return sum(rates(scenario, vehicle, term_period(scenario, vehicle) + 1))
