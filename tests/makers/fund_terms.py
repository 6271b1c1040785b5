"""Small clusters of vehicles for tests: a plain description of each
vehicle, random ones, and the terms made of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from fundsim.kernels.base.quantiles import stack
from fundsim.kernels.closing import allocate_closing, closing_pass
from fundsim.kernels.enterprises.walk import enterprises_of
from fundsim.kernels.layout import NEVER, FundTerms
from fundsim.kernels.market import allocate_market, market_pass
from fundsim.kernels.property.records import INTEREST
from fundsim.vocabulary import FeeBase, InvestorKind
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
    cap: float = 1.0
    skill: float = 0.0
    relay: bool = True
    companions: tuple = ()
    relocation: tuple = (0.0, 0.0)


@dataclass
class Vehicle:
    """One vehicle with plain terms; rates are annual, times in years after its start."""

    name: str
    investors: list
    start_period: int = 0
    is_mother: bool = False
    term: float = 8.0
    extension: float = 0.0
    threshold: float = 0.0
    sells_children: bool = False
    fee_phases: tuple = ()  # (until_years, rate, base)
    at_risk: float = 0.0
    appraisal_pass: float = 1.0
    organisation_cost: float = 0.0
    is_on_top: bool = False
    cash_rate: float = 0.0
    tranches: tuple = ()
    style: int = 0
    compounding: int = 0
    hurdle: float = 0.0
    catch_up: float = 0.0
    carry: float = 0.0
    recycling_until: float = 0.0
    recycling_cap: float = 0.0
    checkpoints: tuple = ()  # (at_years, multiple)
    idle_stop: float | None = None
    mandate: Mandate | None = None
    mark: int = 0
    transfer: tuple | None = None  # (from_years, probability, discount)
    term_discount: tuple = NONE
    buyback: tuple | None = None  # (after_years, delay_years, rate, full, partial, from, to, correlation)
    pool: tuple | None = None  # contributions, distributions, growth by period since the start
    closing: dict = field(default_factory=dict)


@dataclass
class Case:
    """A cluster in its world, as kernels read it."""

    vehicles: list
    world: worlds.World
    enterprise_terms: object
    closing_terms: object
    fund_terms: FundTerms
    interests: np.ndarray | None = None  # (K, T) of property, the same on every path

    def interests_of(self, n_paths):
        """Interests in property of a block."""
        one = (
            np.zeros((0, self.world.n_periods), dtype=INTEREST) if self.interests is None else self.interests
        )
        return np.ascontiguousarray(np.broadcast_to(one, (n_paths, *one.shape)))

    @property
    def grid(self):
        return worlds.grid_of(self.world)

    def blocks(self, first_path, n_paths):
        """Market, closing and enterprises of a block, by their passes."""
        market_terms = worlds.market_terms(self.world)
        market = allocate_market(n_paths, self.grid, market_terms)
        market_pass(self.grid, market_terms, first_path, market)
        closing = allocate_closing(n_paths, self.grid, self.closing_terms)
        closing_pass(self.grid, self.closing_terms, market, first_path, closing)
        return market, closing, enterprises_of(self.grid, self.enterprise_terms, market, first_path)


def make_case(vehicles, world):
    """A case from vehicles and a world; the world's deals are replaced by those of the mandates."""
    deals = [deal for v, vehicle in enumerate(vehicles) for deal in _deals(vehicle, world, v)]
    world = replace(world, deals=deals)
    terms = worlds.enterprise_terms(world)
    return Case(vehicles, world, terms, _closing_terms(vehicles, world), fund_terms(vehicles, world))


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


def fund_terms(vehicles, world):
    """`FundTerms` of plain vehicles."""
    tables = []
    fields = {}
    for part in (_graph, _life, _fees, _waterfall, _obligations, _mandates, _pools):
        fields |= part(vehicles, world)
    fields |= _exits(vehicles, world, tables)
    first = worlds.first_stages(world)
    wanted = np.zeros((len(vehicles), first[-1]), dtype=np.int64)
    for v, vehicle in enumerate(vehicles):
        for x, s in vehicle.mandate.pairs if vehicle.mandate else ():
            wanted[v, first[x] + s] = 1
    return FundTerms(**fields, **_no_property(len(vehicles)), stage_is_wanted=wanted, tables=stack(tables))


def _no_property(n_vehicles):
    return {
        "interest_available": np.zeros(0),
        "first_holding": np.zeros(n_vehicles + 1, dtype=np.int64),
        "holding_interest": np.zeros(0, dtype=np.int64),
        "property_share": np.zeros(n_vehicles),
        "property_ticket": np.full(n_vehicles, np.inf),
        "property_from": np.zeros(n_vehicles, dtype=np.int64),
        "property_until": np.zeros(n_vehicles, dtype=np.int64),
    }


def _ints(values):
    return np.array(list(values), dtype=np.int64)


def _floats(values):
    return np.array(list(values), dtype=np.float64)


def _offsets(counts):
    return _ints(np.cumsum([0, *counts]))


def _guidance_flags(vehicles):
    mothers = {vehicle.name for vehicle in vehicles if vehicle.is_mother}
    for vehicle in vehicles:
        first = [one.parent in mothers or one.kind == InvestorKind.FISCAL for one in vehicle.investors]
        yield from first if any(first) else [one.kind == InvestorKind.STATE for one in vehicle.investors]


def _graph(vehicles, world):
    names = [vehicle.name for vehicle in vehicles]
    rows = [(v, one) for v, vehicle in enumerate(vehicles) for one in vehicle.investors]
    classes, of_row = [], []
    for v, one in rows:
        label = (v, one.pays_fee, one.pays_carry)
        if label not in classes:
            classes.append(label)
        of_row.append(classes.index(label))
    edges = [[i for i, (_, one) in enumerate(rows) if one.parent == name] for name in names]
    return {
        "children_first": _ints(reversed(_parents_first(vehicles))),
        "first_investor": _offsets(len(vehicle.investors) for vehicle in vehicles),
        "investor_class": _ints(of_row),
        "investor_parent": _ints(names.index(one.parent) if one.parent else -1 for _, one in rows),
        "investor_kind": _ints(one.kind for _, one in rows),
        "investor_is_guidance": _ints(_guidance_flags(vehicles)),
        "first_edge": _offsets(len(edge) for edge in edges),
        "edge_investor": _ints(i for edge in edges for i in edge),
        "first_class": _offsets(sum(label[0] == v for label in classes) for v in range(len(vehicles))),
        "class_vehicle": _ints(label[0] for label in classes),
        "class_pays_fee": _ints(label[1] for label in classes),
        "class_pays_carry": _ints(label[2] for label in classes),
        "is_mother": _ints(vehicle.is_mother for vehicle in vehicles),
    }


def _term_periods(vehicle, world):
    term = vehicle.start_period + round(vehicle.term * world.periods_per_year) - 1
    return term, term + round(vehicle.extension * world.periods_per_year)


def _life(vehicles, world):
    m = world.periods_per_year
    tranches = np.ones((len(vehicles), max([len(vehicle.tranches) for vehicle in vehicles] + [1])))
    for v, vehicle in enumerate(vehicles):
        tranches[v, : len(vehicle.tranches)] = np.minimum(np.cumsum(vehicle.tranches), 1.0)
    return {
        "start_period": _ints(vehicle.start_period for vehicle in vehicles),
        "term_period": _ints(_term_periods(vehicle, world)[0] for vehicle in vehicles),
        "last_period": _ints(_term_periods(vehicle, world)[1] for vehicle in vehicles),
        "extension_threshold": _floats(vehicle.threshold for vehicle in vehicles),
        "sells_children": _ints(vehicle.sells_children for vehicle in vehicles),
        "cash_rate": _floats((1.0 + vehicle.cash_rate) ** (1.0 / m) - 1.0 for vehicle in vehicles),
        "n_tranches": _ints(len(vehicle.tranches) for vehicle in vehicles),
        "tranche_total": tranches,
        "recycling_until": _ints(
            vehicle.start_period + round(vehicle.recycling_until * m) if vehicle.recycling_until else 0
            for vehicle in vehicles
        ),
        "recycling_cap": _floats(vehicle.recycling_cap for vehicle in vehicles),
    }


def _fees(vehicles, world):
    m, n = world.periods_per_year, world.n_periods
    rate, base = np.zeros((len(vehicles), n)), np.zeros((len(vehicles), n), dtype=np.int64)
    future, lifetime = np.zeros((len(vehicles), n)), np.zeros(len(vehicles))
    for v, vehicle in enumerate(vehicles):
        term, last = _term_periods(vehicle, world)
        phases = [
            _phase(vehicle, (t - vehicle.start_period) / m) for t in range(vehicle.start_period, last + 1)
        ]
        for k, (phase_rate, phase_base) in enumerate(phases):
            t = vehicle.start_period + k
            if t < n:
                rate[v, t], base[v, t] = phase_rate / m, phase_base
        scheduled = [phase_rate / m for phase_rate, _ in phases[: term - vehicle.start_period + 1]]
        lifetime[v] = sum(scheduled)
        for t in range(vehicle.start_period, n):
            future[v, t] = sum(scheduled[t + 1 - vehicle.start_period :])
    return {
        "fee_rate": rate,
        "fee_base": base,
        "fee_future": future,
        "fee_lifetime": lifetime,
        "fee_at_risk": _floats(vehicle.at_risk for vehicle in vehicles),
        "appraisal_pass": _floats(vehicle.appraisal_pass for vehicle in vehicles),
        "appraisal_stream": worlds.hashes(f"appraisal/{vehicle.name}" for vehicle in vehicles),
        "organisation_cost": _floats(vehicle.organisation_cost for vehicle in vehicles),
        "fees_on_top": _ints(vehicle.is_on_top for vehicle in vehicles),
    }


def _phase(vehicle, years):
    for until, rate, base in vehicle.fee_phases:
        if years < until - 1e-9:
            return rate, base
    return 0.0, FeeBase.COMMITMENTS


def _waterfall(vehicles, world):
    return {
        "style": _ints(vehicle.style for vehicle in vehicles),
        "compounding": _ints(vehicle.compounding for vehicle in vehicles),
        "hurdle_rate": _floats(vehicle.hurdle for vehicle in vehicles),
        "catch_up_rate": _floats(vehicle.catch_up for vehicle in vehicles),
        "carry_rate": _floats(vehicle.carry for vehicle in vehicles),
    }


def _obligations(vehicles, world):
    m = world.periods_per_year
    most = max([len(vehicle.checkpoints) for vehicle in vehicles] + [1])
    periods, multiples = np.full((len(vehicles), most), NEVER), np.zeros((len(vehicles), most))
    for v, vehicle in enumerate(vehicles):
        for k, (years, multiple) in enumerate(vehicle.checkpoints):
            periods[v, k], multiples[v, k] = vehicle.start_period + worlds.period_of(years, m), multiple
    return {
        "checkpoint_period": periods,
        "checkpoint_multiple": multiples,
        "idle_stop": _ints(
            NEVER if each.idle_stop is None else round(each.idle_stop * m) for each in vehicles
        ),
    }


def _mandates(vehicles, world):
    names, m = [vehicle.name for vehicle in vehicles], world.periods_per_year
    nothing = Mandate(pairs=(), n_deals=0, max_round_share=0.0, cap=0.0, relay=False)
    mandates = [vehicle.mandate or nothing for vehicle in vehicles]
    deals = [list(_deals(vehicle, world)) for vehicle in vehicles]
    ends = [
        max([worlds.period_of(d.years + d.patience, m) for d in each] + [_pool_end(v)])
        for v, each in zip(vehicles, deals, strict=True)
    ]
    return {
        "ticket": _floats(one.ticket for one in mandates),
        "stake": _floats(one.stake for one in mandates),
        "max_round_share": _floats(one.max_round_share for one in mandates),
        "reserve_share": _floats(one.reserve_share for one in mandates),
        "follow_on_share": _floats(one.follow_on_share for one in mandates),
        "single_enterprise_cap": _floats(one.cap for one in mandates),
        "skill": _floats(one.skill for one in mandates),
        "relay": _ints(one.relay for one in mandates),
        "first_with": _offsets(len(one.companions) for one in mandates),
        "with_vehicle": _ints(names.index(name) for one in mandates for name in one.companions),
        "relocation": worlds.rows((one.relocation for one in mandates), 2),
        "first_deal": _offsets(len(each) for each in deals),
        "deal_period": _ints(worlds.period_of(d.years, m) for each in deals for d in each),
        "deal_last_period": _ints(worlds.period_of(d.years + d.patience, m) for each in deals for d in each),
        "investment_end": _ints(ends),
    }


def _pool_end(vehicle):
    if vehicle.pool is None:
        return -1
    return vehicle.start_period + max(t for t, share in enumerate(vehicle.pool[0]) if share > 0.0)


def _exits(vehicles, world, tables):
    m = world.periods_per_year
    no_transfer, no_buyback = (None, 0.0, NONE), (None, 0.0) + (0.0,) * 6
    transfers = [vehicle.transfer or no_transfer for vehicle in vehicles]
    buybacks = [vehicle.buyback or no_buyback for vehicle in vehicles]
    return {
        "mark": _ints(vehicle.mark for vehicle in vehicles),
        "transfer_from": _ints(NEVER if one[0] is None else round(one[0] * m) for one in transfers),
        "transfer_probability": _floats(1.0 - (1.0 - one[1]) ** (1.0 / m) for one in transfers),
        "transfer_discount": worlds.rows((worlds.triple(one[2], tables) for one in transfers), 3),
        "term_discount": worlds.rows((worlds.triple(each.term_discount, tables) for each in vehicles), 3),
        "term_stream": worlds.hashes(f"term/{vehicle.name}" for vehicle in vehicles),
        "buyback_after": _ints(NEVER if one[0] is None else round(one[0] * m) for one in buybacks),
        "buyback_delay": _ints(round(one[1] * m) for one in buybacks),
        "buyback": worlds.rows((one[2:] for one in buybacks), 6),
    }


def _pools(vehicles, world):
    n = world.n_periods
    has, contribution = np.zeros(len(vehicles), dtype=np.int64), np.zeros((len(vehicles), n))
    distribution, nav = np.zeros((len(vehicles), n)), np.zeros((len(vehicles), n + 1))
    for v, vehicle in enumerate(vehicles):
        if vehicle.pool is None:
            continue
        has[v] = 1
        contributions, parts, growth = vehicle.pool
        for t in range(vehicle.start_period, n):
            k = t - vehicle.start_period
            grown = nav[v, t] * (1.0 + growth)
            distribution[v, t] = grown * (parts[k] if k < len(parts) else 0.0)
            contribution[v, t] = contributions[k] if k < len(contributions) else 0.0
            nav[v, t + 1] = grown - distribution[v, t] + contribution[v, t]
    return {
        "has_pool": has,
        "pool_contribution": contribution,
        "pool_distribution": distribution,
        "pool_nav": nav,
    }


__all__ = [
    "Case",
    "Investor",
    "Mandate",
    "Vehicle",
    "make_case",
]
