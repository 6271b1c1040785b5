"""Who invests in whom: investor rows, classes, edges (2, 7), and whose money landing counts (7.0)."""

from tests.twins.plan.fields import offsets, place

KINDS = ("fiscal", "state", "social", "general_partner")
IN_CLUSTER = len(KINDS)


def investors(scenario):
    """(vehicle's place, vehicle, investor) of each row, vehicles and their investors in file order."""
    return [(v, vehicle, one) for v, vehicle in enumerate(scenario.vehicles) for one in vehicle.investors]


def flags(investor):
    """Whether an investor pays fee and carry: all but the general partner, unless the file says so."""
    is_partner = investor.kind == "general_partner"
    fee = not is_partner if investor.pays_fee is None else investor.pays_fee
    carry = not is_partner if investor.pays_carry is None else investor.pays_carry
    return int(fee), int(carry)


def classes(scenario):
    """§7: (vehicle, pays fee, pays carry), in the order in which a vehicle's investors first show them."""
    found = []
    for v, _, investor in investors(scenario):
        if (v, *flags(investor)) not in found:
            found.append((v, *flags(investor)))
    return found


def class_columns(scenario):
    found = classes(scenario)
    names = ("vehicle", "pays_fee", "pays_carry")
    return {name: [row[k] for row in found] for k, name in enumerate(names)}


def parents(scenario):
    """The vehicle that each investor row is, −1 for outside investors."""
    return [place(scenario.vehicles, investor.vehicle) for _, _, investor in investors(scenario)]


def kinds(scenario):
    rows = (investor for _, _, investor in investors(scenario))
    return [KINDS.index(one.kind) if one.vehicle is None else IN_CLUSTER for one in rows]


def is_mothers_or_fiscal(scenario, investor):
    if investor.vehicle is None:
        return investor.kind == "fiscal"
    return scenario.vehicles[place(scenario.vehicles, investor.vehicle)].kind == "mother"


def guidance(scenario):
    """(7.0 c), (8.9): mothers' and fiscal money, or state money where a vehicle has neither."""
    found = []
    for _, vehicle, investor in investors(scenario):
        has_guidance = any(is_mothers_or_fiscal(scenario, one) for one in vehicle.investors)
        is_state = investor.kind == "state" and not has_guidance
        found.append(int(is_mothers_or_fiscal(scenario, investor) or is_state))
    return found


def investor_columns(scenario):
    rows = classes(scenario)
    return {
        "class": [rows.index((v, *flags(investor))) for v, _, investor in investors(scenario)],
        "parent": parents(scenario),
        "kind": kinds(scenario),
        "is_guidance": guidance(scenario),
    }


def edges(scenario):
    """(parent, investor row) of each stake in another vehicle, parent after parent."""
    return sorted((parent, row) for row, parent in enumerate(parents(scenario)) if parent >= 0)


def companions(scenario):
    """(vehicle, vehicle whose rounds it joins) of co-investment mandates (5.1)."""
    return [
        (v, place(scenario.vehicles, name))
        for v, vehicle in enumerate(scenario.vehicles)
        if vehicle.mandate is not None
        for name in vehicle.mandate.with_vehicles
    ]


def places_of_groups(scenario, holdings):
    """First and last place of each vehicle's investors, classes, edges, companions, deals and holdings."""
    deals = [v.mandate.deals if v.mandate is not None else 0 for v in scenario.vehicles]
    owners = {
        "investor": [v for v, _, _ in investors(scenario)],
        "class": [v for v, _, _ in classes(scenario)],
        "edge": [parent for parent, _ in edges(scenario)],
        "with": [v for v, _ in companions(scenario)],
        "deal": [v for v, n in enumerate(deals) for _ in range(n)],
        "holding": [v for v, _ in holdings],
    }
    found = {}
    for group, rows in owners.items():
        found[f"first_{group}"], found[f"last_{group}"] = offsets(rows, len(scenario.vehicles))
    return found


def generations(scenario):
    """How many vehicles stand above each vehicle in its longest chain of parents."""
    owners = [v for v, _, _ in investors(scenario)]
    pairs = [(v, parent) for v, parent in zip(owners, parents(scenario), strict=True) if parent >= 0]

    def generation(v):
        return max((1 + generation(parent) for child, parent in pairs if child == v), default=0)

    return [generation(v) for v in range(len(scenario.vehicles))]


def ordered(scenario, children_first):
    """Vehicles, generation after generation from the top, each in file order; or the same from the end."""
    found = generations(scenario)
    order = sorted(range(len(found)), key=lambda v: (found[v], v))
    return order[::-1] if children_first else order
