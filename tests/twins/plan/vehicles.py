"""The fields of a vehicle's record: terms, calls, waterfall, obligations, mandate, exits (§5, §7)."""

import math

from fundsim.kernels.layout import NEVER
from tests.twins.plan import fees, pools
from tests.twins.plan.deals import again_until, investment_end
from tests.twins.plan.fields import beta, choice, columns, copied, fixed, flag, hash_name, padded, stream
from tests.twins.plan.periods import covering, length, rate_of_period, start_period
from tests.twins.plan.property import buys_from, buys_until, holdings
from tests.twins.plan.tree import places_of_groups


def cash_rate(scenario, vehicle):
    return rate_of_period(scenario, vehicle.terms.cash_rate)


def hurdle_period(scenario, vehicle):
    """(7.4): the preferred return of a period, compound or simple."""
    terms = vehicle.terms
    if terms.hurdle_compounding == "simple":
        return terms.hurdle_rate / scenario.periods_per_year
    return rate_of_period(scenario, terms.hurdle_rate)


def tranches(vehicle):
    """(7.1): cumulative shares of callable after each tranche, the last all of it; none just in time."""
    calls = vehicle.terms.calls
    if isinstance(calls, str):
        return []
    return [sum(calls[: k + 1]) for k in range(len(calls) - 1)] + [1.0]


def tranche_total(scenario):
    return padded([tranches(vehicle) for vehicle in scenario.vehicles], 1.0)


def n_tranches(scenario, vehicle):
    return len(tranches(vehicle))


def next_call_when_used(scenario, vehicle):
    """(7.1): NaN without."""
    share = vehicle.terms.next_call_when_used
    return math.nan if share is None else share


def recycling_until(scenario, vehicle):
    """(7.3): the first period without recycling, 0 where there is none."""
    recycling = vehicle.terms.recycling
    return (
        0
        if recycling is None
        else start_period(scenario, vehicle) + covering(scenario, recycling.until_years)
    )


def idle_stop(scenario, vehicle):
    """(7.0 c): periods without a deal after which new deals stop."""
    years = vehicle.obligations.idle_stop_years
    return NEVER if years is None else covering(scenario, years)


def transfer_from(scenario, vehicle):
    """(5.7): periods after the first investment from which a buyer may be found."""
    transfer = vehicle.exits.transfer
    return NEVER if transfer is None else covering(scenario, transfer.from_years)


def transfer_probability(scenario, vehicle):
    """(5.7): `1−(1−p)^Δ`."""
    transfer = vehicle.exits.transfer
    return (
        0.0 if transfer is None else 1.0 - (1.0 - transfer.probability) ** (1.0 / scenario.periods_per_year)
    )


def skill(scenario, vehicle):
    return fixed(0.0) if vehicle.mandate is None else beta(vehicle.mandate.skill)


def manager(scenario, vehicle):
    """Vehicles of one manager draw alike; a vehicle without one is its own (5.1)."""
    return hash_name(f"manager/{vehicle.manager or vehicle.name}")


def transfer_discount(scenario, vehicle):
    transfer = vehicle.exits.transfer
    return fixed(0.0) if transfer is None else beta(transfer.discount)


def term_discount(scenario, vehicle):
    return beta(vehicle.terms.term_sale_discount)


def aged_discount(scenario, vehicle):
    """(7.8): age above which the discount is larger, and by how much."""
    aged = vehicle.terms.aged_discount
    return [0.0, 0.0] if aged is None else [aged.after_years, aged.more]


def recovery(scenario, vehicle):
    return vehicle.terms.recovery or 0.0


def buyback_after(scenario, vehicle):
    """(5.6): periods after the first investment of the first anniversary at which a claim is possible."""
    buyback = vehicle.exits.buyback
    return NEVER if buyback is None else covering(scenario, buyback.after_years)


def buyback_delay(scenario, vehicle):
    buyback = vehicle.exits.buyback
    return 0 if buyback is None else length(scenario, buyback.delay_years)


def buyback_quiet(scenario, vehicle):
    """(5.6): periods without a round after which a mark above the claim no longer keeps from claiming."""
    buyback = vehicle.exits.buyback
    return 0 if buyback is None else covering(scenario, buyback.quiet_years)


def quiet_mark(scenario, vehicle):
    buyback = vehicle.exits.buyback
    return 0.0 if buyback is None else buyback.quiet_mark


def buyback(scenario, vehicle):
    """(5.6): rate, full, partial, from, to, correlation with quality."""
    given = vehicle.exits.buyback
    if given is None:
        return [0.0] * 6
    part = given.partial_share
    return [given.rate, given.full, given.partial, part.from_, part.to, given.quality_correlation]


def relocation(scenario, vehicle):
    given = vehicle.relocation
    return [0.0, 0.0] if given is None else [given.probability, given.cost]


def looks_at(scenario, vehicle):
    """(5.1b): offers that a deal looks at; all where there is no bound."""
    most = vehicle.mandate and vehicle.mandate.looks_at
    return NEVER if most is None else most


VEHICLE = {
    "start_period": start_period,
    "term_period": fees.term_period,
    "last_period": fees.last_period,
    "tail_period": fees.tail_period,
    "at_end": choice("terms.at_end", "sell", "hold", "in_kind", "wind_up"),
    "sale_basis": choice("exits.sale_basis", "lower", "value", "nav", "last_round"),
    "aged_discount": aged_discount,
    "recovery": recovery,
    "extension_threshold": copied("terms.extension_threshold"),
    "sells_children": choice("terms.live_children", "extend", "sell"),
    "fee_lifetime": fees.fee_lifetime,
    "fee_at_risk": copied("terms.fee_at_risk"),
    "appraisal_pass": copied("terms.appraisal_pass"),
    "appraisal_stream": stream("appraisal/{}"),
    "organisation_cost": copied("terms.organisation_cost"),
    "fees_on_top": flag("terms.fees_on_top"),
    "cash_rate": cash_rate,
    "n_tranches": n_tranches,
    "next_call_when_used": next_call_when_used,
    "style": choice("terms.style", "european", "deal_by_deal"),
    "compounding": choice("terms.hurdle_compounding", "compound", "simple"),
    "hurdle_rate": copied("terms.hurdle_rate"),
    "hurdle_period": hurdle_period,
    "catch_up_rate": copied("terms.catch_up_rate"),
    "carry_rate": copied("terms.carry_rate"),
    "recycling_until": recycling_until,
    "recycling_cap": copied("terms.recycling.cap", 0.0),
    "idle_stop": idle_stop,
    "relay": flag("mandate.relay"),
    "looks_at": looks_at,
    "again_until": again_until,
    "ticket": copied("mandate.ticket", math.nan),
    "stake": copied("mandate.stake", math.nan),
    "max_round_share": copied("mandate.max_round_share", 0.0),
    "reserve_share": copied("mandate.reserve_share", 0.0),
    "follow_on_share": copied("mandate.follow_on_share", 0.0),
    "single_enterprise_cap": copied("mandate.single_enterprise_cap", 0.0),
    "skill": skill,
    "manager": manager,
    "relocation": relocation,
    "investment_end": investment_end,
    "mark": choice("exits.mark", "last_round", "cost", "model"),
    "transfer_from": transfer_from,
    "transfer_probability": transfer_probability,
    "transfer_discount": transfer_discount,
    "term_discount": term_discount,
    "term_stream": stream("term/{}"),
    "buyback_after": buyback_after,
    "buyback": buyback,
    "buyback_delay": buyback_delay,
    "buyback_quiet": buyback_quiet,
    "quiet_mark": quiet_mark,
    "has_pool": flag("pool"),
    "is_mother": lambda scenario, vehicle: int(vehicle.kind == "mother"),
    "interest_share": copied("property_.share", 0.0),
    "interest_ticket": copied("property_.ticket", math.inf),
    "interest_from": buys_from,
    "interest_until": buys_until,
}
PERIOD = {
    "fee_base": fees.fee_base,
    "fee_rate": fees.fee_rate,
    "fee_future": fees.fee_future,
    "pool_contribution": pools.pool_contribution,
    "pool_distribution": pools.pool_distribution,
    "pool_nav": pools.pool_nav,
}


def vehicles(scenario):
    groups = places_of_groups(scenario, holdings(scenario))
    return columns(VEHICLE, scenario, scenario.vehicles) | groups


def periods(scenario):
    return columns(PERIOD, scenario, scenario.vehicles)
