"""Random clusters of vehicles for tests: every rule of §5 and §7
is met somewhere; another cluster for each seed.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fundsim.kernels.layout import NEVER
from fundsim.kernels.property.records import INTEREST
from fundsim.vocabulary import AtEnd, Channel, InvestorKind, SaleBasis, Style
from tests.makers import worlds
from tests.makers.draws import Draws
from tests.makers.fund_terms import NONE, Investor, Mandate, Vehicle, make_case


def random_case(seed):
    """A cluster of one to five vehicles in a busy world."""
    rng = Draws(seed, "cluster")
    world = _busy_world(rng.of("world"), seed)
    vehicles = _random_vehicles(rng.of("vehicles"), world)
    world = _with_exits(rng, world)
    return make_case(
        *(_with_property(rng.of("property"), vehicles, world) if seed % 2 else (vehicles, world))
    )


def _with_property(rng, vehicles, world):
    """What `make_case` takes: the cluster with interests in property on offer, which some of its vehicles
    may take.
    """
    size = float(np.mean([sum(one.commitment for one in vehicle.investors) for vehicle in vehicles]))
    n, n_periods = int(rng.of("interests").integers(1, 7)), world.n_periods
    interests = [_random_interest(rng.of("interest", k), n_periods, 0.4 * size) for k in range(n)]
    n_vehicles, wanted = len(vehicles), []
    for vehicle in vehicles:
        is_buyer = rng.random() < 0.7 and vehicle.pool is None and vehicle.style == Style.EUROPEAN
        chosen = rng.choice(n, int(rng.integers(1, n + 1)), replace=False) if is_buyer else ()
        wanted.append(tuple(sorted(chosen)))
    start = [vehicle.start_period for vehicle in vehicles] + rng.integers(0, 6, n_vehicles)
    until = np.minimum(start + rng.integers(1, 20, n_vehicles), n_periods)
    available, share = rng.choice([1.0, 0.6, 0.3], n), rng.choice([1.0, 0.5, 0.2], n_vehicles)
    ticket = np.where(rng.random(n_vehicles) < 0.5, np.inf, 0.2 * size)
    buyers = [
        replace(
            vehicle,
            holdings=wanted[v],
            interest_share=share[v],
            interest_ticket=ticket[v],
            interest_from=start[v],
            interest_until=until[v],
        )
        for v, vehicle in enumerate(vehicles)
    ]
    reaches = rng.random(n) < 0.3  # some of a made-up source beside property
    rows = [
        {"available": part, "reaches_enterprises": is_counted}
        for part, is_counted in zip(available, reaches, strict=True)
    ]
    return buyers, world, np.stack(interests), rows


def _random_interest(rng, n_periods, size):
    """An interest that is built or bought, pays income, and ends by a
    sale, by a listing and sales of units, or not at all.
    """
    flows = np.zeros(n_periods, dtype=INTEREST)
    flows["channel"] = -1
    start = int(rng.integers(0, max(n_periods - 1, 1)))
    flows[start]["is_offered"] = 1
    n_calls = int(rng.integers(0, 9))
    is_built = rng.random() < 0.5
    flows[start]["price"] = 0.0 if is_built else size * rng.random()
    first_call = start if is_built else start + 1
    flows["call"][first_call : first_call + n_calls] = size * rng.random() / 8.0
    flows[start]["due"] = flows["call"].sum() * rng.choice([1.0, 1.1])
    flows["income"][start + n_calls + 1 :] = 0.02 * size * rng.random(len(flows[start + n_calls + 1 :]))
    flows["value"][start:] = size * (0.5 + rng.random(len(flows[start:])))
    end = start + n_calls + int(rng.integers(1, 16))
    kind = rng.integers(0, 4)
    if end >= n_periods or kind == 0:
        return flows
    if kind < 3:
        flows[end]["channel"] = Channel.PROPERTY_SALE if kind == 1 else Channel.ENFORCEMENT
        flows[end]["capital"] = size * rng.choice([0.0, 1.3]) * rng.random()
        flows[end]["released"] = 1.0
        last = end
    else:
        flows[end]["channel"] = Channel.REIT_OFFERING
        flows[end]["capital"], flows[end]["released"] = 0.7 * size, 0.6
        last = end + 4
        for k, t in enumerate(range(end + 2, min(end + 5, n_periods))):
            flows[t]["channel"], flows[t]["capital"] = Channel.REIT_UNITS, 0.2 * size
            flows[t]["released"] = 1.0 / (3 - k)
    for name in ("income", "call", "value"):
        flows[name][last + 1 :] = 0.0
    if last < n_periods:
        flows[last]["value"] = 0.0
    return flows


def bought_back_case():
    """Deal by deal, a part of each position is bought back, then
    follows a round with a follow-on, then a merger.
    """
    stages = [
        worlds.Stage(
            name,
            entry_value=("fixed", 10.0),
            clock=("fixed", 3.0),
            drift=-0.6,
            volatility=0.3,
            outcomes=outcomes,
            step_up=("fixed", 6.0),
            share_sold=("fixed", 0.2),
        )
        for name, outcomes in (("seed", (1.0, 0.0, 0.0, 0.0, 0.0)), ("A", (0.0, 0.0, 1.0, 0.0, 0.0)))
    ]
    sector = worlds.Sector("sector", stages, buckets=((0.5, 0.5, 2.0), (0.5, 2.0, 6.0)))
    world = worlds.World(n_periods=40, periods_per_year=4, sectors=[sector])
    mandate = Mandate(
        pairs=((0, 0),), n_deals=4, park_share=0.0, ticket=1.0, reserve_share=0.5, follow_on_share=1.0
    )
    vehicle = Vehicle(
        "fund",
        [
            Investor(20.0, InvestorKind.FISCAL),
            Investor(1.0, InvestorKind.GENERAL_PARTNER, pays_fee=False, pays_carry=False),
        ],
        term=10.0,
        fee_phases=((10.0, 0.02, 0),),
        style=1,
        hurdle_rate=0.08,
        catch_up_rate=0.5,
        carry_rate=0.2,
        mandate=mandate,
        buyback=(1.0, 0.5, 2.0, 1.5, 0.08, 0.0, 1.0, 0.3, 0.6, 0.5),
    )
    return make_case([vehicle], world)


def _busy_world(rng, seed):
    world = worlds.random_world(seed)
    m = int(rng.choice([1, 2, 4], p=[0.2, 0.3, 0.5]))
    rates, reviews = rng.of("streams"), rng.of("boards")
    streams = [replace(stream, per_year=float(rates.choice([1.0, 3.0, 8.0]))) for stream in world.streams]
    n_boards = int(rng.of("number of boards").integers(1, 3))
    boards = [worlds.Board(0.0, float(reviews.choice([0.0, 0.5])), 0.9) for _ in range(n_boards)]
    return replace(
        world,
        periods_per_year=m,
        n_periods=m * int(rng.of("years").integers(4, 13)),
        streams=streams,
        boards=boards,
        sectors=[_busy_sector(rng.of(sector.name), sector, n_boards) for sector in world.sectors],
        states=tuple((state[0] + 0.5, *state[1:]) for state in world.states),
        known={},
    )


def _busy_sector(rng, sector, n_boards):
    """The sector with more listings and later rounds than a random one has; one in three stays as it is."""
    if rng.random() < 0.33:
        return replace(sector, boards=tuple(y for y in sector.boards if y < n_boards))
    stages = []
    for k, stage in enumerate(sector.stages):
        is_last = k + 1 == len(sector.stages)
        outcomes = (0.0, 0.7, 0.15, 0.1, 0.05) if is_last else (0.75, 0.1, 0.05, 0.05, 0.05)
        clock = ("gamma", float(rng.choice([0.4, 1.0])), 2.5)
        stages.append(replace(stage, outcomes=outcomes, clock=clock, share_sold=("beta", 0.2, 0.05)))
    return replace(sector, stages=stages, boards=tuple(int(y) for y in rng.permutation(n_boards)))


def _with_exits(rng, world):
    """The world with preferences, lock-ups and rules of selling down."""
    preference, n = rng.of("preference").integers(0, 3, len(world.sectors)), len(world.boards)
    rng = rng.of("boards")
    late = [(1.0, 3.0) if rng.random() < 0.5 else (np.nan, np.nan) for _ in range(n)]
    lock_up, sell_down = rng.choice([0.0, 0.5, 1.0, 1.3], n), rng.integers(-1, 2, n)
    return replace(
        world,
        sectors=[replace(one, preference=int(p)) for one, p in zip(world.sectors, preference, strict=True)],
        boards=[
            replace(board, lock_up_years=lock_up[y], late_entry=late[y], sell_down=int(sell_down[y]))
            for y, board in enumerate(world.boards)
        ],
        rules=[((0.0, 0.01), (1.0, 0.03), (3.0, np.inf)), ((0.0, 0.005), (2.0, 0.05), (np.inf, np.inf))],
    )


def _random_vehicles(rng, world):
    n = int(rng.integers(1, 6))
    vehicles = []
    for v in range(n):
        own = rng.of(v)
        parents = [vehicles[k] for k in range(v) if own.random() < 0.6]
        vehicles.append(_random_vehicle(own, world, v, parents, bool(own.integers(2))))
    # Small clusters run out of capital where large ones run out of rounds.
    factor = float(rng.of("size").choice([1.0, 0.1, 0.02], p=[0.6, 0.2, 0.2]))
    vehicles = [_scaled(vehicle, factor) for vehicle in vehicles]
    return [vehicles[v] for v in rng.of("order").permutation(n)] if _may_shuffle(vehicles) else vehicles


def _scaled(vehicle, factor):
    investors = [replace(one, commitment=one.commitment * factor) for one in vehicle.investors]
    mandate = vehicle.mandate and replace(vehicle.mandate, ticket=vehicle.mandate.ticket * factor)
    cost = vehicle.organisation_cost * factor
    return replace(vehicle, investors=investors, mandate=mandate, organisation_cost=cost)


def _may_shuffle(vehicles):
    return not any(vehicle.mandate and vehicle.mandate.companions for vehicle in vehicles)


def _random_vehicle(rng, world, v, parents, is_mother):
    m = world.periods_per_year
    least = max([parent.start_period for parent in parents] + [0])
    start = least + int(rng.choice([0, 0, 1, m]))
    vehicle = Vehicle(
        name=f"vehicle {v}",
        investors=_random_investors(rng.of("investors"), parents),
        start_period=min(start, world.n_periods - 1),
        is_mother=is_mother,
        term=float(rng.integers(2, 9)),
        extension=float(rng.choice([0.0, 1.0, 3.0])),
        extension_threshold=float(rng.choice([0.0, 0.05, 0.5])),
        sells_children=bool(rng.random() < 0.4),
        mark=int(rng.integers(3)),
        term_discount=[NONE, ("fixed", 0.3), ("beta", 0.3, 0.12)][rng.integers(3)],
    )
    for part in (_random_end, _random_fees, _random_calls, _random_waterfall, _random_exits, _random_closing):
        vehicle = replace(vehicle, **part(rng.of(part.__name__), vehicle))
    kind = rng.random()
    if kind < 0.75 or not is_mother:
        vehicle = replace(vehicle, **_random_mandate(rng.of("mandate"), world, vehicle, v))
    elif kind < 0.9:
        vehicle = replace(vehicle, pool=_random_pool(rng.of("pool"), m))
    return vehicle


def _random_end(rng, vehicle):
    return {
        "at_end": int(rng.choice(list(AtEnd), p=[0.3, 0.3, 0.3, 0.1])),
        "tail": float(rng.choice([0.0, 1.0, 3.0])),
        "tail_fee": float(rng.choice([0.0, 0.02])),
        "recovery": float(rng.choice([0.0, 0.4, 1.0])),
        "aged_discount": [(0.0, 0.0), (3.0, 0.1), (4.0, 1.0)][rng.integers(3)],
        "sale_basis": int(rng.choice(list(SaleBasis))),
    }


def _random_investors(rng, parents):
    investors = [
        Investor(
            float(rng.uniform(1, 20)),
            kind=int(rng.choice([InvestorKind.FISCAL, InvestorKind.STATE, InvestorKind.SOCIAL])),
        )
    ]
    for _ in range(rng.integers(0, 3)):
        flags = bool(rng.random() < 0.8), bool(rng.random() < 0.8)
        investors.append(
            Investor(
                float(rng.uniform(0.1, 10)),
                int(rng.choice([InvestorKind.FISCAL, InvestorKind.STATE, InvestorKind.SOCIAL])),
                None,
                None,
                *flags,
            )
        )
    if rng.random() < 0.5:
        investors.append(Investor(0.3, InvestorKind.GENERAL_PARTNER, pays_fee=False, pays_carry=False))
    for parent in parents:
        size = sum(one.commitment for one in parent.investors)
        cap = None if rng.random() < 0.5 else float(rng.uniform(0.1, 0.6))
        pays_carry = bool(rng.random() < 0.8)
        stake = size * float(rng.uniform(0.02, 0.2))
        investors.append(Investor(stake, InvestorKind.IN_CLUSTER, parent.name, cap, True, pays_carry))
    return [investors[i] for i in rng.permutation(len(investors))]


def _random_fees(rng, vehicle):
    cut = float(rng.integers(1, 5))
    rates = rng.choice([0.0, 0.005, 0.02, 0.05], 2, p=[0.2, 0.2, 0.4, 0.2])
    bases = rng.integers(0, 3, 2)
    phases = (
        (cut, float(rates[0]), int(bases[0])),
        (vehicle.term + vehicle.extension, float(rates[1]), int(bases[1])),
    )
    return {
        "fee_phases": phases,
        "expected_share": float(rng.of("expected").choice([1.0, 0.6, 0.2])),
        "fee_at_risk": float(rng.choice([0.0, 0.2])),
        "appraisal_pass": float(rng.choice([0.3, 1.0])),
        "organisation_cost": float(rng.choice([0.0, 0.1, 0.3])),
        # A parent's budget does not count what a child calls on top: only outside investors can pay it.
        "fees_on_top": bool(rng.random() < 0.25) and not any(one.parent for one in vehicle.investors),
    }


def _random_calls(rng, vehicle):
    return {
        "cash_rate": float(rng.choice([0.0, 0.02])),
        "next_call_when_used": float(rng.of("early calls").choice([np.nan, 0.3, 0.7, 1.0])),
        "tranches": [(), (0.3, 0.4, 0.3), (0.5, 0.5), (1.0,)][rng.choice(4, p=[0.5, 0.3, 0.15, 0.05])],
        "recycling_until": float(rng.choice([0.0, 2.0, 4.0])),
        "recycling_cap": float(rng.choice([0.05, 0.2, 1.0])),
    }


def _random_waterfall(rng, vehicle):
    return {
        "style": 0,
        "compounding": int(rng.integers(2)),
        "hurdle_rate": float(rng.choice([0.0, 0.06, 0.08])),
        "catch_up_rate": float(rng.choice([0.0, 0.5, 1.0])),
        "carry_rate": float(rng.choice([0.0, 0.1, 0.2])),
    }


def _random_exits(rng, vehicle):
    transfer = (
        float(rng.integers(0, 4)),
        float(rng.choice([0.1, 0.5])),
        [NONE, ("beta", 0.3, 0.12)][rng.integers(2)],
    )
    after, delay = float(rng.choice([0.5, 1.0, 2.0])), float(rng.choice([0.0, 0.5, 2.0]))
    full, partial = [(0.0, 1.0), (0.25, 0.35), (0.6, 0.0)][rng.choice(3, p=[0.5, 0.35, 0.15])]
    quiet = rng.of("quiet")
    buyback = (
        after,
        delay,
        float(quiet.choice([0.0, 0.5, 1.0, 2.0])),
        float(quiet.choice([0.0, 1.1, 1.5, 4.0])),
        float(rng.choice([0.0, 0.08, 0.5])),
        float(full),
        float(partial),
        0.3,
        0.6,
        float(rng.choice([0.0, 0.5, 1.0])),
    )
    return {
        "transfer": transfer if rng.random() < 0.4 else None,
        "buyback": buyback if rng.random() < 0.5 else None,
    }


def _random_closing(rng, vehicle):
    if rng.random() < 0.4:
        return {}
    return {
        "closing": {
            "raised": [("beta", 0.7, 0.2), ("fixed", 0.4)][rng.integers(2)],
            "correlation": float(rng.choice([0.0, 0.6])),
            "minimum_close": float(rng.choice([0.0, 0.6])),
            "paid_in_rate": [("beta", 0.9, 0.05), ("fixed", 1.0)][rng.integers(2)],
        }
    }


def _random_mandate(rng, world, vehicle, v):
    pairs = [(x, s) for x, sector in enumerate(world.sectors) for s in range(len(sector.stages))]
    chosen = rng.permutation(len(pairs))[: rng.integers(1, len(pairs) + 1)]
    size = sum(one.commitment for one in vehicle.investors)
    n_deals = int(rng.integers(1, 9))
    has_ticket = rng.random() < 0.7
    is_co_investment = v > 0 and rng.random() < 0.25
    mandate = Mandate(
        pairs=tuple(pairs[c] for c in chosen),
        n_deals=n_deals,
        from_years=float(rng.choice([0.0, 0.5])),
        over_years=float(rng.choice([1.0, 2.0, 4.0])),
        patience=float(rng.choice([0.0, 0.25, 0.5, 1.0])),
        park_share=float(rng.choice([0.0, 0.5, 1.0])),
        candidates=int(rng.choice([0, 1, 2])),
        ticket=size / n_deals * float(rng.choice([0.05, 0.2, 0.6, 1.5])) if has_ticket else np.nan,
        stake=np.nan if has_ticket else float(rng.uniform(0.01, 0.2)),
        max_round_share=float(rng.choice([0.3, 1.0])),
        reserve_share=float(rng.choice([0.0, 0.1, 0.4])),
        follow_on_share=float(rng.choice([0.0, 0.5, 1.0])),
        single_enterprise_cap=float(rng.choice([0.05, 0.3, 1.0])),
        skill=worlds.random_skill(rng, rng.choice([0.0, 0.5, 1.0])),
        manager=str(rng.of("skill").choice(["", "one", "another"])),
        relay=bool(rng.integers(2)),
        looks_at=int(rng.of("looks").choice([NEVER, 1, 2, 4], p=[0.6, 0.15, 0.15, 0.1])),
        retries=bool(rng.of("retries").integers(2)),
        companions=tuple(f"vehicle {w}" for w in range(v) if rng.random() < 0.7) if is_co_investment else (),
        relocation=(float(rng.choice([0.0, 0.5, 1.0])), float(rng.choice([0.05, 0.3]))),
    )
    return {
        "mandate": mandate,
        "style": int(rng.random() < 0.4),
        "checkpoints": ((1.0, 0.2), (2.0, 0.6)) if rng.random() < 0.3 else (),
        "idle_stop": float(rng.choice([0.5, 1.0])) if rng.random() < 0.25 else None,
    }


def _random_pool(rng, m):
    n = int(rng.integers(2, 5)) * m
    return rng.dirichlet(np.ones(n)) * rng.choice([0.7, 1.0]), rng.uniform(0, 0.2, 3 * n), 0.02
