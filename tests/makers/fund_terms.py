"""Small clusters of vehicles for tests: a plain description of each
vehicle, random ones, and the terms made of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from fundsim.kernels.base.quantiles import stack
from fundsim.kernels.base.random import hash_name
from fundsim.kernels.closing import ClosingRecords, allocate_closing, closing_pass
from fundsim.kernels.enterprises.records import EnterpriseRecords
from fundsim.kernels.enterprises.walk import enterprises_of
from fundsim.kernels.formulas.waterfall import hurdle_per_period
from fundsim.kernels.funds.instruments import Instruments
from fundsim.kernels.funds.landing import CHECKPOINT, Landing
from fundsim.kernels.funds.records import (
    CLASS,
    INTEREST_TERMS,
    INVESTOR,
    PERIOD,
    VEHICLE,
    Clock,
    FundPlan,
    FundRecords,
    Values,
)
from fundsim.kernels.layout import NEVER
from fundsim.kernels.market import allocate_market, market_pass
from fundsim.kernels.property.records import INTEREST
from fundsim.plan.agenda import agenda_of, deal_dates, milestones
from fundsim.plan.landing import landing_dates
from fundsim.plan.opening import blank_opening
from fundsim.plan.records import records, table
from fundsim.vocabulary import AtEnd, FeeBase, InvestorKind, SaleBasis
from tests.makers import worlds

NONE = ("fixed", 0.0)


@dataclass
class Investor:
    """`parent` is the name of a vehicle of the cluster, or None."""

    commitment: float
    kind: int = InvestorKind.SOCIAL
    parent: str | None = None
    cap: float | None = None
    pays_fee: bool = True
    pays_carry: bool = True


@dataclass
class Mandate:
    """Deals of a vehicle; `pairs` are (sector, stage) numbers."""

    pairs: tuple
    n_deals: int = 3
    from_years: float = 0.0
    over_years: float = 2.0
    patience: float = 0.5
    park_share: float = 0.5
    candidates: int = 1
    ticket: float = math.nan
    stake: float = math.nan
    max_round_share: float = 1.0
    reserve_share: float = 0.0
    follow_on_share: float = 0.0
    single_enterprise_cap: float = 1.0
    skill: tuple = ("fixed", 0.0)
    manager: str = ""
    relay: bool = True
    looks_at: int = NEVER
    retries: bool = False
    companions: tuple = ()
    relocation: tuple = (0.0, 0.0)


NO_MANDATE = Mandate(pairs=(), n_deals=0, max_round_share=0.0, single_enterprise_cap=0.0, relay=False)


@dataclass
class Vehicle:
    """One vehicle with plain terms; rates are annual, times in years after its start. What is named like a
    field of the record `VEHICLE` goes into it, unless `_vehicle_fields` says otherwise.
    """

    name: str
    investors: list
    start_period: int = 0
    is_mother: bool = False
    term: float = 8.0
    extension: float = 0.0
    extension_threshold: float = 0.0
    sells_children: bool = False
    at_end: int = AtEnd.SELL
    tail: float = 0.0
    tail_fee: float = 0.0
    recovery: float = 0.0
    aged_discount: tuple = (0.0, 0.0)
    sale_basis: int = SaleBasis.LOWER
    fee_phases: tuple = ()  # (until_years, rate, base)
    expected_share: float = 1.0  # of the scheduled fees, for which money is kept
    fee_at_risk: float = 0.0
    appraisal_pass: float = 1.0
    organisation_cost: float = 0.0
    fees_on_top: bool = False
    cash_rate: float = 0.0
    tranches: tuple = ()
    next_call_when_used: float = math.nan
    style: int = 0
    compounding: int = 0
    hurdle_rate: float = 0.0
    catch_up_rate: float = 0.0
    carry_rate: float = 0.0
    recycling_until: float = 0.0
    recycling_cap: float = 0.0
    checkpoints: tuple = ()  # (at_years, multiple)
    idle_stop: float | None = None
    mandate: Mandate | None = None
    mark: int = 0
    transfer: tuple | None = None  # (from_years, probability, discount)
    term_discount: tuple = NONE
    buyback: tuple | None = (
        None  # (after, delay, quiet years, quiet mark, rate, full, partial, from, to, correlation)
    )
    pool: tuple | None = None  # contributions, distributions, growth by period since the start
    holdings: tuple = ()  # numbers of the interests in property that it may take
    interest_share: float = 0.0
    interest_ticket: float = math.inf
    interest_from: int = 0  # period
    interest_until: int = 0
    closing: dict = field(default_factory=dict)


@dataclass
class Case:
    """A cluster in its world, as kernels read it."""

    vehicles: list
    world: worlds.World
    enterprises: EnterpriseRecords
    closing: ClosingRecords
    funds: FundRecords
    interests: np.ndarray | None = None  # (K, T) of property, the same on every path

    def interests_of(self, n_paths):
        """Interests in property of a block."""
        one = (
            np.zeros((0, self.world.n_periods), dtype=INTEREST) if self.interests is None else self.interests
        )
        return np.ascontiguousarray(np.broadcast_to(one, (n_paths, *one.shape)))

    @property
    def instruments(self):
        """The records of every instrument."""
        return Instruments(landing_terms(self.vehicles, self.world))

    @property
    def fund_plan(self):
        """All that the funds pass is told."""
        terms, instruments = self.funds, self.instruments
        dated = [*milestones(terms.vehicles), *landing_dates(instruments.landing), *deal_dates(terms.deals)]
        counts = map(len, (terms.deals, terms.classes, terms.vehicles))
        owners = terms.investors["parent"]
        return FundPlan(
            terms=terms,
            opening=blank_opening(*counts, owners, len(terms.holding_interest)),
            agenda=agenda_of(dated, terms.children_first, self.grid.n_periods),
            instruments=instruments,
        )

    @property
    def grid(self):
        return worlds.grid_of(self.world)

    def blocks(self, first_path, n_paths):
        """Market, closing and enterprises of a block, by their passes."""
        market_terms = worlds.market_terms(self.world)
        market = allocate_market(n_paths, self.grid, market_terms)
        market_pass(self.grid, market_terms, first_path, market)
        closing = allocate_closing(n_paths, self.grid, self.closing)
        closing_pass(self.grid, self.closing, market, first_path, closing)
        return market, closing, enterprises_of(self.grid, self.enterprises, market, first_path)


def make_case(vehicles, world, interests=None, interest_rows=()):
    """A case from vehicles and a world, whose deals are replaced by those of the mandates; `interests` in
    property are records by period, and `interest_rows` what vehicles know of each.
    """
    deals = [deal for v, vehicle in enumerate(vehicles) for deal in _deals(vehicle, world, v)]
    world = replace(world, deals=deals)
    enterprises = worlds.enterprise_terms(world)
    funds = fund_records(vehicles, world, enterprises, interest_rows)
    return Case(vehicles, world, enterprises, _closing_terms(vehicles, world), funds, interests)


def _deals(vehicle, world, owner=0):
    mandate = vehicle.mandate
    if mandate is None:
        return
    start = vehicle.start_period / world.periods_per_year + mandate.from_years
    for k in range(mandate.n_deals):
        yield worlds.Deal(
            vehicle=vehicle.name,
            number=k,
            years=start + (k + 0.5) / mandate.n_deals * mandate.over_years,
            patience=mandate.patience,
            park_share=mandate.park_share,
            candidates=mandate.candidates,
            skill=mandate.skill,
            manager=mandate.manager,
            weights=tuple((x, s, 1.0) for x, s in sorted(mandate.pairs)),
            owner=owner,
        )


def _parents_first(vehicles):
    names = [vehicle.name for vehicle in vehicles]
    order = []
    while len(order) < len(vehicles):
        for v, vehicle in enumerate(vehicles):
            parents = [names.index(one.parent) for one in vehicle.investors if one.parent]
            if v not in order and all(parent in order for parent in parents):
                order.append(v)
    return order


def _closing_terms(vehicles, world):
    names = [vehicle.name for vehicle in vehicles]
    plain = {
        "raised": ("fixed", 1.0),
        "correlation": 0.0,
        "minimum_close": 0.0,
        "paid_in_rate": ("fixed", 1.0),
    }
    described = []
    for vehicle in vehicles:
        rows = [
            (one.kind, names.index(one.parent) if one.parent else -1, one.commitment, one.cap)
            for one in vehicle.investors
        ]
        described.append(
            {
                "name": vehicle.name,
                "start_period": vehicle.start_period,
                "investors": rows,
                **plain,
                **vehicle.closing,
            }
        )
    terms = worlds.closing_terms(described, world)
    return terms._replace(parents_first=np.array(_parents_first(vehicles), dtype=np.int64))


def fund_records(vehicles, world, enterprises, interests=()):
    """`FundRecords` of plain vehicles; `interests` are rows of INTEREST_TERMS."""
    tables, first, n = [], worlds.first_stages(world), world.n_periods
    names = [vehicle.name for vehicle in vehicles]
    mandates = [vehicle.mandate or NO_MANDATE for vehicle in vehicles]
    rows, classes = _investor_rows(vehicles)
    edges = [[i for i, row in enumerate(rows) if row["parent"] == v] for v in range(len(vehicles))]
    counts = {
        "investor": [len(vehicle.investors) for vehicle in vehicles],
        "edge": [len(edge) for edge in edges],
        "class": [sum(one["vehicle"] == v for one in classes) for v in range(len(vehicles))],
        "with": [len(mandate.companions) for mandate in mandates],
        "deal": [mandate.n_deals for mandate in mandates],
        "holding": [len(vehicle.holdings) for vehicle in vehicles],
    }
    wanted = np.zeros((len(vehicles), first[-1]), dtype=np.int64)
    for v, mandate in enumerate(mandates):
        wanted[v, [first[x] + s for x, s in mandate.pairs]] = 1
    e, grid = enterprises, worlds.grid_of(world)
    made = [
        _vehicle_fields(vehicle, world, tables) | _places(counts, v) for v, vehicle in enumerate(vehicles)
    ]
    return FundRecords(
        n_periods=n,
        periods_per_year=grid.periods_per_year,
        seed_key=grid.seed_key,
        is_antithetic=grid.is_antithetic,
        transfer_stream=hash_name("transfer"),
        children_first=_ints(reversed(_parents_first(vehicles))),
        vehicles=records(VEHICLE, made),
        periods=records(PERIOD, (_period_fields(vehicle, world) for vehicle in vehicles), (n,)),
        classes=records(CLASS, classes),
        investors=records(INVESTOR, rows),
        edge_investor=_ints(i for edge in edges for i in edge),
        with_vehicle=_ints(names.index(name) for one in mandates for name in one.companions),
        deals=e.deals,
        tranche_total=table([np.minimum(np.cumsum(each.tranches), 1.0) for each in vehicles], 1.0),
        holding_interest=_ints(k for vehicle in vehicles for k in vehicle.holdings),
        interests=records(INTEREST_TERMS, interests),
        stage_is_wanted=wanted,
        boards=e.boards,
        rule_from_years=e.rule_from_years,
        rule_share=e.rule_share,
        tables=stack(tables),
        clock=Clock(grid.periods_per_year),
        enterprises=Values(e.stages, e.sectors, e.sector_beta, e.factor_variance),
    )


def _ints(values):
    return np.array(list(values), dtype=np.int64)


def _places(counts, v):
    first = {f"first_{name}": sum(each[:v]) for name, each in counts.items()}
    return first | {f"last_{name}": sum(each[: v + 1]) for name, each in counts.items()}


def _investor_rows(vehicles):
    """Fields of investor rows and of classes."""
    names = [vehicle.name for vehicle in vehicles]
    mothers = {vehicle.name for vehicle in vehicles if vehicle.is_mother}
    rows, classes = [], []
    for v, vehicle in enumerate(vehicles):
        is_first = [one.parent in mothers or one.kind == InvestorKind.FISCAL for one in vehicle.investors]
        for one, first in zip(vehicle.investors, is_first, strict=True):
            key = {"vehicle": v, "pays_fee": one.pays_fee, "pays_carry": one.pays_carry}
            if key not in classes:
                classes.append(key)
            rows.append(
                {
                    "class": classes.index(key),
                    "parent": names.index(one.parent) if one.parent else -1,
                    "kind": one.kind,
                    "is_guidance": first if any(is_first) else one.kind == InvestorKind.STATE,
                }
            )
    return rows, classes


def _again_until(vehicle, world, ends):
    m, mandate = world.periods_per_year, vehicle.mandate
    if mandate is None or not mandate.retries or not ends:
        return -1
    end = vehicle.start_period / m + mandate.from_years + mandate.over_years
    return min(worlds.period_of(end, m), ends[-1])


def _vehicle_fields(vehicle, world, tables):
    m, start, mandate = world.periods_per_year, vehicle.start_period, vehicle.mandate or NO_MANDATE
    term, last = _term_periods(vehicle, world)
    ends = [worlds.period_of(deal.years + deal.patience, m) for deal in _deals(vehicle, world)]
    until = [vehicle.interest_until - 1] if vehicle.holdings else []
    transfer = vehicle.transfer or (None, 0.0, NONE)
    after, delay, quiet, quiet_mark, *claim = vehicle.buyback or (None, *(0.0,) * 9)
    return worlds.same(VEHICLE, vehicle, mandate) | {
        "term_period": term,
        "last_period": last,
        "tail_period": last + _tail_periods(vehicle, world),
        "n_tranches": len(vehicle.tranches),
        "recycling_until": start + round(vehicle.recycling_until * m) if vehicle.recycling_until else 0,
        "idle_stop": NEVER if vehicle.idle_stop is None else round(vehicle.idle_stop * m),
        "investment_end": max([*ends, _pool_end(vehicle), *until]),
        "again_until": _again_until(vehicle, world, ends),
        "transfer_from": NEVER if transfer[0] is None else round(transfer[0] * m),
        "transfer_probability": 1.0 - (1.0 - transfer[1]) ** (1.0 / m),
        "transfer_discount": worlds.triple(transfer[2], tables),
        "buyback_after": NEVER if after is None else round(after * m),
        "buyback_delay": round(delay * m),
        "buyback_quiet": round(quiet * m),
        "quiet_mark": quiet_mark,
        "buyback": claim,
        "has_pool": vehicle.pool is not None,
        "fee_lifetime": sum(_scheduled_fees(vehicle, world)),
        "cash_rate": (1.0 + vehicle.cash_rate) ** (1.0 / m) - 1.0,
        "hurdle_period": hurdle_per_period(vehicle.hurdle_rate, vehicle.compounding, float(m)),
        "term_discount": worlds.triple(vehicle.term_discount, tables),
        "skill": worlds.triple(mandate.skill, tables),
        "manager": hash_name(f"manager/{mandate.manager or vehicle.name}"),
        "appraisal_stream": hash_name(f"appraisal/{vehicle.name}"),
        "term_stream": hash_name(f"term/{vehicle.name}"),
    }


def _term_periods(vehicle, world):
    term = vehicle.start_period + round(vehicle.term * world.periods_per_year) - 1
    return term, term + round(vehicle.extension * world.periods_per_year)


def _tail_periods(vehicle, world):
    return round(vehicle.tail * world.periods_per_year) if vehicle.at_end == AtEnd.HOLD else 0


def _phases(vehicle, world):
    """Rate of a period and base of the fee from the start to the longest extension, and behind it to the
    horizon that of a tail.
    """
    m, (_, last) = world.periods_per_year, _term_periods(vehicle, world)
    for t in range(vehicle.start_period, last + 1):
        years = (t - vehicle.start_period) / m
        phases = [phase for phase in vehicle.fee_phases if years < phase[0] - 1e-9]
        yield (phases[0][1] / m, phases[0][2]) if phases else (0.0, FeeBase.COMMITMENTS)
    has_fee = vehicle.at_end == AtEnd.IN_KIND or _tail_periods(vehicle, world) > 0
    for _ in range(last + 1, world.n_periods if has_fee else 0):
        yield vehicle.tail_fee / m, FeeBase.UNREALISED_COST


def _scheduled_fees(vehicle, world):
    term, _ = _term_periods(vehicle, world)
    rates = [rate for rate, _ in _phases(vehicle, world)][: term - vehicle.start_period + 1]
    return [vehicle.expected_share * rate for rate in rates]


def _period_fields(vehicle, world):
    start, n = vehicle.start_period, world.n_periods
    fields = {name: np.zeros(n) for name in PERIOD.names}
    scheduled = _scheduled_fees(vehicle, world)
    for k, (rate, base) in enumerate(_phases(vehicle, world)):
        if start + k < n:
            fields["fee_rate"][start + k], fields["fee_base"][start + k] = rate, base
    for t in range(start, n):
        fields["fee_future"][t] = sum(scheduled[t + 1 - start :])
    contributions, parts, growth = vehicle.pool or ((), (), 0.0)
    nav = 0.0
    for t in range(start, n if vehicle.pool is not None else 0):
        k, grown = t - start, nav * (1.0 + growth)
        paid = contributions[k] if k < len(contributions) else 0.0
        out = grown * (parts[k] if k < len(parts) else 0.0)
        nav = grown - out + paid
        fields["pool_contribution"][t], fields["pool_distribution"][t] = paid, out
        fields["pool_nav"][t] = nav
    return fields


def landing_terms(vehicles, world):
    """Checkpoints of all vehicles."""
    rows = [
        {
            "vehicle": v,
            "period": vehicle.start_period + worlds.period_of(years, world.periods_per_year),
            "multiple": multiple,
        }
        for v, vehicle in enumerate(vehicles)
        for years, multiple in vehicle.checkpoints
    ]
    return Landing(records(CHECKPOINT, rows))


def _pool_end(vehicle):
    if vehicle.pool is None:
        return -1
    return vehicle.start_period + max(t for t, share in enumerate(vehicle.pool[0]) if share > 0.0)


__all__ = [
    "Case",
    "Investor",
    "Mandate",
    "Vehicle",
    "make_case",
]
