"""Owns the rules between the property block and the rest of a
scenario, and what of it is probably not meant.
"""

import datetime as dt
from collections.abc import Iterator, Mapping

from fundsim.files.names import Register, reference, references
from fundsim.files.part import Fault, Steps
from fundsim.scenario.content import Content
from fundsim.scenario.doubts import Doubt, doubt
from fundsim.scenario.projects import Project
from fundsim.scenario.property import Property, PropertyMandate
from fundsim.scenario.vehicles import Vehicle
from fundsim.timegrid import add_months

FIRST_LISTING = dt.date(2021, 6, 21)
"""Day on which the first public REITs of China were listed."""


def property_reference_faults(scenario: Content) -> Iterator[Fault]:
    """Yield a fault for every name in the property block, or about it, that does not exist."""
    property_ = scenario.property_
    if property_ is not None:
        yield from _project_references(scenario, property_)
        yield from _window_references(scenario, property_)
    kinds = [
        (field, what, Register(item.name for item in getattr(property_, field, ())))
        for field, what in (("projects", "project"), ("reits", "REIT"))
    ]
    for index, vehicle in enumerate(scenario.vehicles):
        if vehicle.property_ is None:
            continue
        where = ("vehicles", index, "property")
        if property_ is None:
            yield Fault(
                where,
                "the scenario has no property that the vehicle could buy",
                "give a property block at the top of the scenario",
            )
        else:
            for field, what, known in kinds:
                given = getattr(vehicle.property_, field) or ()
                yield from references((*where, field), what, given, known)


def _project_references(scenario: Content, property_: Property) -> Iterator[Fault]:
    markets = Register(market.name for market in property_.markets)
    operators = Register(operator.name for operator in property_.operators)
    reits = Register(reit.name for reit in property_.reits)
    sectors = Register(sector.name for sector in scenario.sectors)
    for index, project in enumerate(property_.projects):
        where = ("property", "projects", index)
        yield from reference((*where, "market"), "property market", project.market, markets)
        yield from reference((*where, "operator"), "operator", project.operator, operators)
        yield from reference((*where, "reit"), "REIT", project.reit, reits)
        housed = project.tenants.sectors if project.tenants is not None else ()
        yield from references((*where, "tenants", "sectors"), "sector", housed, sectors)


def _window_references(scenario: Content, property_: Property) -> Iterator[Fault]:
    states = Register(state.name for state in scenario.market.window.states)
    for index, reit in enumerate(property_.reits):
        where = ("property", "reits", index)
        yield from _chance_references((*where, "probability"), reit.probability, states)
        if reit.follow_on is not None and reit.follow_on.probability is not None:
            chances = reit.follow_on.probability
            yield from _chance_references((*where, "follow_on", "probability"), chances, states)


def _chance_references(where: Steps, chances: Mapping[str, float], states: Register) -> Iterator[Fault]:
    for name in chances:
        yield from reference(where, "state of the window", name, states)
    missing = [name for name in states.places if name not in chances]
    if missing:
        yield Fault(
            where,
            f"the window's state '{missing[0]}' has no probability",
            f"give one for each of {', '.join(states.places)}",
        )


def property_faults(scenario: Content) -> Iterator[Fault]:
    """Yield what breaks the rules of property once all names exist."""
    property_ = scenario.property_
    if property_ is None:
        return
    for index, project in enumerate(property_.projects):
        start = None if project.build is None else project.build.start
        if start is not None and start < scenario.start:
            yield Fault(
                ("property", "projects", index, "build", "start"),
                f"{start} is before the scenario's start, {scenario.start}",
                "start later, or give it as built with its cost and age",
            )
    for index, reit in enumerate(property_.reits):
        projects = [project for project in property_.projects if project.reit == reit.name]
        if not projects:
            yield Fault(
                ("property", "reits", index),
                f"no project names '{reit.name}' as its REIT",
                f"give reit: {reit.name} to projects, or drop it",
            )
        elif not any(project.initial for project in projects):
            yield Fault(
                ("property", "reits", index),
                f"none of the projects of '{reit.name}' is initial, so it never lists",
                f"give initial: true to '{projects[0].name}'",
            )
    for index, vehicle in enumerate(scenario.vehicles):
        mandate = vehicle.property_
        if mandate is not None and mandate.buys and not property_.interests_for(mandate):
            yield Fault(("vehicles", index, "property"), *_nothing_matches(property_, mandate))


def _nothing_matches(property_: Property, mandate: PropertyMandate) -> tuple[str, str]:
    """Why a vehicle finds nothing to buy, and the mend."""
    free = mandate.model_copy(update={"max_debt_share": 10.0})
    places = property_.interests_for(free)
    if places:
        shares = [property_.debt_share_of(property_.interests()[place]) or 0.0 for place in places]
        return (
            f"all that it names has a debt share above max_debt_share, {mandate.max_debt_share:g}",
            f"raise it to {min(shares):g} or more",
        )
    wanted = ", ".join(mandate.buys)
    return (
        f"nothing of what it buys ({wanted}) is ever on offer by the projects and REITs it names",
        (
            "development needs a project with build and an owner_share below 1, acquired one with a sale, "
            "units a REIT with strategic units"
        ),
    )


def property_warnings(scenario: Content) -> Iterator[Doubt]:
    """Yield what is allowed but probably not meant."""
    property_ = scenario.property_
    if property_ is None:
        return
    yield from _date_warnings(scenario, property_)
    yield from _operator_warnings(property_)
    for index, project in enumerate(property_.projects):
        if project.debts and project.covenants is None and any(d.kind == "loan" for d in project.debts):
            yield doubt(f'property.projects[{index}] "{project.name}"', "loan_without_covenants")
        sale = project.sale
        is_kept = project.reit is None and project.refinancing is None
        if is_kept and sale is not None and sale.hold_years is None and sale.loan_to_value > 0:
            where = f'property.projects[{index}] "{project.name}" sale'
            yield doubt(where, "buyers_keep_loan", years=sale.loan_term_years)
    for index, vehicle in enumerate(scenario.vehicles):
        if vehicle.property_ is not None:
            yield from _mandate_warnings(scenario, property_, index, vehicle, vehicle.property_)


def _date_warnings(scenario: Content, property_: Property) -> Iterator[Doubt]:
    for index, reit in enumerate(property_.reits):
        where = f'property.reits[{index}] "{reit.name}" from'
        if reit.from_ < FIRST_LISTING:
            yield doubt(where, "reit_before_first", date=reit.from_, first=FIRST_LISTING)
        elif reit.from_ >= scenario.end:
            yield doubt(where, "reit_after_end", date=reit.from_, end=scenario.end)
    for index, project in enumerate(property_.projects):
        build = project.build
        if build is None or build.start is None:
            continue
        completed = add_months(build.start, round(build.over_years * 12))
        if completed > scenario.end:
            where = f'property.projects[{index}] "{project.name}" build.start'
            yield doubt(where, "complete_after_end", completed=completed, end=scenario.end)


def _operator_warnings(property_: Property) -> Iterator[Doubt]:
    for index, operator in enumerate(property_.operators):
        where = f'property.operators[{index}] "{operator.name}"'
        projects = [project for project in property_.projects if project.operator == operator.name]
        if not projects:
            yield doubt(where, "operator_without_project")
        waiting = [project for project in projects if project.build is not None and project.build.waits]
        if not waiting:
            continue
        if not any(rule.share > 0 for rule in operator.reinvest):
            yield doubt(f"{where} reinvest", "nothing_reinvested", project=waiting[0].name)
        elif not any(_is_sold(project) for project in projects if project not in waiting):
            yield doubt(where, "nothing_recovered", project=waiting[0].name)


def _is_sold(project: Project) -> bool:
    return project.owner_share > 0 and (project.sale is not None or project.reit is not None)


def _mandate_warnings(
    scenario: Content, property_: Property, index: int, vehicle: Vehicle, mandate: PropertyMandate
) -> Iterator[Doubt]:
    where = f'vehicles[{index}] "{vehicle.name}" property'
    found = [property_.interests()[place] for place in property_.interests_for(mandate)]
    for field, kinds in (("projects", ("development", "acquired")), ("reits", ("units",))):
        for number, name in enumerate(getattr(mandate, field) or ()):
            if not any(interest.name == name and interest.kind in kinds for interest in found):
                yield doubt(f"{where}.{field}[{number}]", "never_on_offer", name=name)
    if any(interest.kind != "development" for interest in found):
        return
    start = scenario.start_of(vehicle)
    first = add_months(start, round(mandate.from_years * 12))
    last = add_months(start, round((mandate.from_years + mandate.over_years) * 12))
    builds = [property_.project(interest.name).build for interest in found]
    dates = [build.start for build in builds if build is not None and build.start is not None]
    if len(dates) == len(builds) and not any(first <= date < last for date in dates):
        yield doubt(where, "no_start_while_buying", first=first, last=last)
