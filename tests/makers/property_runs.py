"""A small scenario with property whose figures a person can work out, and runs of it."""

from functools import cache

from fundsim import simulate
from fundsim.scenario import Scenario
from tests.makers.plain_scenarios import fund, plain, terms

FULL = {"opening": 1.0, "stable": 1.0, "ramp_years": 0.0}


def project(name, **fields):
    """Space let in full for 0.6 a year: 100,000 square metres at 50 a month, without costs."""
    return {
        "name": name,
        "market": "parks",
        "operator": "operator",
        "area": 100_000,
        "rent": 50,
        "margin": 1.0,
        "occupancy": FULL,
        "listing_cost": 0.0,
        **fields,
    }


def reit(**fields):
    """A REIT that lists in the third year, at value, without fee, debt or moves of its price."""
    return {
        "name": "park REIT",
        "title": {"zh": "园区公募基金", "en": "The park's REIT"},
        "from": "2025-01-01",
        "probability": {"neutral": 1.0},
        "operating_years": 3,
        "yield_floor": 0.038,
        "fee_rate": 0.0,
        "price": {"volatility": 0.0},
        "follow_on": None,
        **fields,
    }


def park(volatility=0.0):
    """An existing project with a bond that is listed, one built from its money and one from original money.

    Value 0.6 / 5 % = 12 against a book of 10; the bond of 4 costs 0.12 a year. The owner gets 12 − 4 − 20
    % of 12 = 5.6 of which half, 2.8, fills the pot; the waiting project takes 2.
    """
    built = {
        "built": {"cost": 10.0, "age_years": 4},
        "debts": [
            {"name": "bond", "kind": "special_bond", "share": 0.4, "rate": 0.03, "rolls_over": True},
        ],
        "reit": "park REIT",
        "initial": True,
        "title": {"zh": "一期", "en": "Phase one"},
    }
    early = {"build": {"cost": 4.0, "start": "2023-01-01", "over_years": 1}}
    waiting = {"build": {"cost": 2.0, "waits": True, "over_years": 1}}
    market = {
        "name": "parks",
        "rent": {"volatility": volatility},
        "yields": {"mean": 0.05, "volatility": volatility},
    }
    return {
        "markets": [market],
        "operators": [{"name": "operator", "reinvest": [{"from": "2020-01-01", "share": 0.5}]}],
        "projects": [project("one", **built), project("two", **early), project("three", **waiting)],
        "reits": [reit()],
    }


def vehicles():
    """A mother with a property fund that buys strategic units, and an equity fund."""
    mother = {
        "name": "mother",
        "kind": "mother",
        "investors": [{"name": "province", "kind": "fiscal", "commitment": 103.0}],
        "terms": terms(term_years=8),
    }
    homes = {
        "name": "homes",
        "title": {"zh": "物业基金", "en": "Property fund"},
        "kind": "property",
        "strategy": "property",
        "investors": [{"vehicle": "mother", "commitment": 3.0}],
        "property": {"buys": ["units"], "over_years": 4},
        "terms": terms(term_years=8),
    }
    return [mother, homes, fund(investors=[{"vehicle": "mother", "commitment": 100.0}])]


def scenario(volatility=0.0, **fields):
    """The scenario, in quarters over eight years."""
    content = plain(vehicles(), years=8.0, property=park(volatility), **fields)
    return Scenario.from_dict(content)


@cache
def certain():
    """A run in which nothing is random."""
    return simulate(scenario(), paths=6, progress=False)


@cache
def uncertain(lang="en"):
    """A run with moving rents and yields, and enterprises of uncertain value."""
    from tests.makers.plain_scenarios import sector, stage

    content = plain(
        vehicles(), [sector(stages=[stage(volatility=0.3)])], years=8.0, property=park(0.15),
        currency={"code": "CNY", "unit": 1e8},
    )  # fmt: skip
    return simulate(Scenario.from_dict(content), paths=80, seed=3, progress=False)
