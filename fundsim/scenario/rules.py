"""Owns the rules that hold between the blocks of a scenario, and what is allowed but probably not meant."""

from collections.abc import Iterator

from fundsim.files.names import Register, reference, references
from fundsim.files.part import Fault, Steps, filled, named_twice, repeated
from fundsim.scenario.budgets import budget_faults, row_faults
from fundsim.scenario.content import Content
from fundsim.scenario.doubts import Doubt, doubt
from fundsim.scenario.mandates import Mandate
from fundsim.scenario.precision import precision_faults
from fundsim.scenario.property_rules import property_faults, property_reference_faults, property_warnings
from fundsim.scenario.sanity import sanity_doubts
from fundsim.scenario.vehicles import Vehicle
from fundsim.timegrid import PERIODS_PER_YEAR, add_months

DAYS_PER_YEAR = 365.25


def scenario_faults(scenario: Content) -> Iterator[Fault]:
    """Yield what breaks the rules between blocks."""
    faults = [
        *_name_faults(scenario),
        *_market_faults(scenario),
        *_vehicle_reference_faults(scenario),
        *property_reference_faults(scenario),
        *precision_faults(scenario),
        *_pair_faults(scenario),
    ]
    yield from faults
    yield from _time_faults(scenario)
    if faults:  # what follows needs all names to exist
        return
    yield from _circle_faults(scenario)
    yield from _sector_faults(scenario)
    yield from property_faults(scenario)
    closes_short = _anything_closes_short(scenario)
    for index, vehicle in enumerate(scenario.vehicles):
        for fault in (*_holding_faults(scenario, vehicle, closes_short), *budget_faults(scenario, vehicle)):
            yield fault.below("vehicles", index)
    yield from row_faults(scenario)


def _pair_faults(scenario: Content) -> Iterator[Fault]:
    paths = scenario.run.paths
    if scenario.run.antithetic and paths % 2 == 1:
        yield Fault(
            ("run", "paths"),
            f"an odd number of paths, {paths}, cannot come in mirrored pairs",
            f"give an even number of paths, such as {paths + 1}",
        )


def _name_faults(scenario: Content) -> Iterator[Fault]:
    yield from filled(scenario, "vehicles", "the scenario has no vehicle", "give at least one vehicle")
    yield from named_twice(
        scenario, sectors="sector", boards="board", sell_down_rules="rule", vehicles="vehicle"
    )
    currencies = [rate.currency for rate in scenario.exchange_rates]
    yield from repeated(currencies, "exchange_rates", "currency")


def _market_faults(scenario: Content) -> Iterator[Fault]:
    boards = Register(board.name for board in scenario.boards)
    rules = Register(rule.name for rule in scenario.sell_down_rules)
    sectors = Register(sector.name for sector in scenario.sectors)
    currencies = Register([scenario.currency.code, *(rate.currency for rate in scenario.exchange_rates)])
    factors = Register(scenario.market.factor_names)
    used = {name for sector in scenario.sectors for name in sector.listing.boards}
    for index, board in enumerate(scenario.boards):
        yield from reference(
            ("boards", index, "sell_down"), "rule in sell_down_rules", board.sell_down, rules
        )
        yield from references(("boards", index, "sectors"), "sector", board.sectors, sectors)
        if board.name in used:
            yield from reference(
                ("boards", index, "currency"), "exchange rate for", board.currency, currencies
            )
    for index, sector in enumerate(scenario.sectors):
        yield from references(("sectors", index, "listing", "boards"), "board", sector.listing.boards, boards)
        for number, beta in enumerate(sector.betas):
            path = ("sectors", index, "betas", number, "factor")
            yield from reference(path, "factor", beta.factor, factors)
    for index, stream in enumerate(scenario.park.streams):
        where = ("park", "streams", index)
        yield from reference((*where, "sector"), "sector", stream.sector, sectors)
        if stream.sector in sectors:
            stages = Register(stage.name for stage in scenario.sector(stream.sector).stages)
            what = f"stage in sector {stream.sector} called"
            yield from reference((*where, "stage"), what, stream.stage, stages)


def _vehicle_reference_faults(scenario: Content) -> Iterator[Fault]:
    names = Register(vehicle.name for vehicle in scenario.vehicles)
    sectors = Register(sector.name for sector in scenario.sectors)
    for index, vehicle in enumerate(scenario.vehicles):
        for number, investor in enumerate(vehicle.investors):
            where = ("vehicles", index, "investors", number, "vehicle")
            yield from reference(where, "vehicle", investor.vehicle, names)
        if vehicle.mandate is None:
            continue
        path = ("vehicles", index, "mandate")
        yield from references((*path, "sectors"), "sector", vehicle.mandate.sectors, sectors)
        places = sorted(sectors.places[name] for name in vehicle.mandate.sectors if name in sectors)
        known = [scenario.sectors[place] for place in places]
        stages = Register(dict.fromkeys(stage.name for sector in known for stage in sector.stages))
        looked_for = vehicle.mandate.stages if known else ()
        yield from references((*path, "stages"), "stage in the mandate's sectors called", looked_for, stages)
        for number, name in enumerate(vehicle.mandate.with_vehicles):
            entry = (*path, "with_vehicles", number)
            yield from reference(entry, "vehicle", name, names)
            if name in names and names.places[name] >= index:
                yield Fault(
                    entry,
                    f"'{name}' does not stand above this vehicle, so its deals of a period are not known yet",
                    f"move '{name}' above '{vehicle.name}'",
                )


def _time_faults(scenario: Content) -> Iterator[Fault]:
    if scenario.periods_per_year not in PERIODS_PER_YEAR:
        yield Fault(
            ("periods_per_year",),
            f"{scenario.periods_per_year} is no supported number of periods",
            "give 1, 2, 4 or 12",
        )
    periods = scenario.horizon_years * scenario.periods_per_year
    if abs(periods - round(periods)) > 1e-9 or round(periods) < 1:
        yield Fault(
            ("horizon_years",),
            f"{scenario.horizon_years:g} years are no whole number of periods of "
            f"1/{scenario.periods_per_year} year",
            "give a multiple of a period",
        )
    end = scenario.end
    vehicles = {vehicle.name: vehicle for vehicle in reversed(scenario.vehicles)}
    for index, vehicle in enumerate(scenario.vehicles):
        start = scenario.start_of(vehicle)
        if start < scenario.start:
            yield Fault(
                ("vehicles", index, "start"),
                f"{start} is before the scenario's start, {scenario.start}",
                "start later, or start the scenario earlier",
            )
        elif start >= end:
            yield Fault(
                ("vehicles", index, "start"),
                f"{start} is not before the horizon's end, {end}",
                "start earlier, or raise horizon_years",
            )
        for investor in vehicle.investors:
            parent = vehicles.get(investor.vehicle or "")
            if parent is not None and start < scenario.start_of(parent):
                yield Fault(
                    ("vehicles", index, "start"),
                    f"{start} is before the start of its investor '{parent.name}', "
                    f"{scenario.start_of(parent)}",
                    f"start no earlier than '{parent.name}'",
                )


def _circle_faults(scenario: Content) -> Iterator[Fault]:
    parents = {v.name: [i.vehicle for i in v.investors if i.vehicle is not None] for v in scenario.vehicles}
    cleared: set[str] = set()
    for name in parents:
        circle = _circle_from(name, parents, cleared)
        if circle:
            yield Fault(
                ("vehicles", list(parents).index(circle[0]), "investors"),
                f"vehicles invest in each other in a circle: {' → '.join(reversed(circle))}",
                "remove one of these stakes",
            )
            return


def _circle_from(name: str, parents: dict[str, list[str]], cleared: set[str]) -> list[str]:
    """Follow investors upwards from a vehicle; return the circle
    found, its first name repeated at the end.
    """
    trail: dict[str, None] = {}
    branches = [iter([name])]
    while branches:
        step = next(branches[-1], None)
        if step is None:
            branches.pop()
            if trail:
                cleared.add(trail.popitem()[0])
        elif step in trail:
            names = list(trail)
            return [*names[names.index(step) :], step]
        elif step not in cleared:
            trail[step] = None
            branches.append(iter(parents[step]))
    return []


def _sector_faults(scenario: Content) -> Iterator[Fault]:
    for index, stream in enumerate(scenario.park.streams):
        stage = scenario.sector(stream.sector).stage(stream.stage)
        if stage is not None and stage.entry_value is None:
            yield _no_entry(("park", "streams", index, "stage"), stream.stage, stream.sector)


def _no_entry(path: Steps, stage: str, sector: str) -> Fault:
    return Fault(
        path,
        f"enterprises enter at stage '{stage}', which has no entry_value in sector '{sector}'",
        f"give sectors.{sector}.stages.{stage}.entry_value",
    )


def _holding_faults(scenario: Content, vehicle: Vehicle, closes_short: bool) -> Iterator[Fault]:
    children = scenario.children(vehicle.name)
    if vehicle.kind not in ("mother", "property") and not vehicle.holds_itself and not children:
        yield Fault(
            (), "the vehicle holds nothing: no mandate, no pool, no other vehicle", "give a mandate or a pool"
        )
    if vehicle.terms.style == "deal_by_deal" and children:
        yield Fault(
            ("terms", "style"),
            f"deal by deal is for single deals, but the vehicle invests in '{children[0].name}'",
            "give style european",
        )
    others = [child for child in children if child.name != vehicle.name]
    if vehicle.pool is not None and others:
        yield Fault(
            ("pool",),
            f"a pool takes all of the vehicle's money, but it also invests in '{others[0].name}'",
            "put the pool into a vehicle of its own",
        )
    parents = [investor.vehicle for investor in vehicle.investors if investor.is_vehicle]
    if vehicle.terms.fees_on_top and parents:
        yield Fault(
            ("terms", "fees_on_top"),
            f"fees on top of commitments would call more from '{parents[0]}' than it has set aside",
            "give false, or let outside investors alone pay for the vehicle",
        )
    if vehicle.mandate is not None:
        yield from _entry_faults(scenario, vehicle.mandate)
    closing = vehicle.closing
    if closing is not None and closing.minimum_close and not closes_short:
        yield Fault(
            ("closing", "minimum_close"),
            "everything closes in full, so minimum_close never acts",
            "give a raised_share here or in the closing block",
        )


def _anything_closes_short(scenario: Content) -> bool:
    blocks = [scenario.closing, *(vehicle.closing for vehicle in scenario.vehicles)]
    return any(block is not None and block.raised_share is not None for block in blocks)


def _entry_faults(scenario: Content, mandate: Mandate) -> Iterator[Fault]:
    if mandate.n_candidates == 0:
        return
    for number, stage_name in enumerate(mandate.stages):
        if mandate.stage_weights is not None and mandate.stage_weights[number] == 0:
            continue
        for sector_name in mandate.sectors:
            stage = scenario.sector(sector_name).stage(stage_name)
            if stage is not None and stage.entry_value is None:
                yield _no_entry(("mandate", "stages", number), stage_name, sector_name)


def scenario_warnings(scenario: Content) -> Iterator[Doubt]:
    """Yield what is allowed but probably not meant."""
    end = scenario.end
    for index, vehicle in enumerate(scenario.vehicles):
        where = f'vehicles[{index}] "{vehicle.name}"'
        start = scenario.start_of(vehicle)
        life = vehicle.terms.term_years + vehicle.terms.extension_years
        term = add_months(start, round(life * 12))
        if term > end:
            years = life + (start - scenario.start).days / DAYS_PER_YEAR
            yield doubt(f"{where} terms.term_years", "horizon", end=end, term=term, years=years)
        if vehicle.kind == "mother" and not scenario.children(vehicle.name) and not vehicle.holds_itself:
            yield doubt(where, "mother_without_holdings")
        carry = vehicle.terms.carry_rate
        if carry and not any(investor.is_carry_payer for investor in vehicle.investors):
            yield doubt(f"{where} terms.carry_rate", "nobody_pays_carry")
        late = max((phase.until_years for phase in vehicle.terms.phases), default=life)
        if late < vehicle.terms.term_years:
            yield doubt(
                f"{where} terms.fee_phases", "fee_ends_early", late=late, term=vehicle.terms.term_years
            )
    yield from property_warnings(scenario)
    yield from sanity_doubts(scenario)
