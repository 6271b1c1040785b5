"""Scenarios so plain that what comes out of them is known in closed
form: one stage, no dilution, no window, no fees.
"""

from copy import deepcopy

NEUTRAL_MARKET = {
    "index": {"drift": 0.0, "volatility": 0.0},
    "window": {
        "states": [{"name": "neutral"}],
        "transition": {"generator": {}},
        "initial": "neutral",
    },
}


def stage(name="only", years=5.0, distribution="fixed", outcomes=None, entry=None, sold=0.5, **fields):
    """A stage whose round is 200 after money, large enough for every ticket here."""
    return {
        "name": name,
        "entry_value": 100.0 if entry is None else entry,
        "time": {"distribution": distribution, "mean_years": years},
        "outcomes": outcomes or {"merger": 1.0},
        "share_sold": sold,
        **fields,
    }


def sector(name="plain", stages=None, **fields):
    """A sector without loadings, quality and preference, bought at its value."""
    return {"name": name, "betas": [], "stages": stages or [stage()], "failure": {"recovery": 0.0}, **fields}


def terms(**fields):
    """No fee, no carry, ten years, sold at value when they end."""
    return {"term_years": 10, "term_sale_discount": 0.0, **fields}


def fund(name="fund", sectors=("plain",), stages=("only",), deals=1, ticket=None, size=100.0, **fields):
    """A fund of one investor that puts all of its money into deals of its first quarter."""
    mandate = {
        "sectors": list(sectors),
        "stages": list(stages),
        "deals": deals,
        "over_years": 0.25,
        "ticket": size / deals if ticket is None else ticket,
        "single_enterprise_cap": 1.0,
        "patience_years": 0,
        **fields.pop("mandate", {}),
    }
    return {
        "name": name,
        "kind": "sub_fund",
        "investors": fields.pop("investors", [{"name": "investor", "kind": "social", "commitment": size}]),
        "mandate": mandate,
        "terms": terms(**fields.pop("terms", {})),
        **fields,
    }


def plain(vehicles=None, sectors=None, years=6.0, **fields):
    """A whole scenario in quarters; `fields` replace or add top-level blocks."""
    content = {
        "name": "plain",
        "start": "2023-01-01",
        "horizon_years": years,
        "periods_per_year": 4,
        "run": {"paths": 10, "seed": 1},
        "market": NEUTRAL_MARKET,
        "sectors": sectors or [sector()],
        "boards": [{"name": "open board"}],
        "sell_down_rules": [],
        "vehicles": vehicles or [fund()],
    }
    return deepcopy(content | fields)


def property_block(n_waiting=1):
    """A market, an operator whose projects are built, bought, listed
    and built again, one with a bond that rolls over.
    """
    common = {
        "market": "city",
        "operator": "operator",
        "area": 100_000,
        "rent": 60,
        "margin": 0.75,
        "reit": "REIT",
    }
    common |= {"occupancy": {"opening": 0.7, "stable": 0.92, "ramp_years": 1}}
    loan = {
        "name": "loan",
        "kind": "loan",
        "share": 0.3,
        "rate": 0.04,
        "term_years": 8,
        "repayment": "amortising",
    }
    bond = {"name": "bond", "kind": "special_bond", "share": 0.4, "term_years": 15, "rolls_over": True}
    old = {"name": "old", **common, "initial": True, "built": {"cost": 8, "age_years": 4}, "debts": [loan]}
    old |= {"covenants": {}}
    new = {
        "name": "new",
        **common,
        "owner_share": 0.5,
        "build": {"cost": 8, "start": "2023-01-01", "over_years": 1},
    }
    new |= {"debts": [bond], "sale": {"after_years": 0.5, "hold_years": 2}}
    later = [
        {"name": f"later {i}", **common, "build": {"cost": 6, "waits": True, "over_years": 1}}
        | {"refinancing": {"after_years": 1, "loan_to_value": 0.5}}
        for i in range(n_waiting)
    ]
    return {
        "markets": [{"name": "city", "yields": {"mean": 0.05}}],
        "operators": [{"name": "operator"}],
        "projects": [old, new, *later],
        "reits": [
            {"name": "REIT", "from": "2023-01-01", "strategic": 0.3, "retained": 0.34}
            | {"probability": {"neutral": 0.5}}
        ],
    }


def property_vehicle(**changes):
    """A vehicle that takes shares of everything on offer."""
    return {
        "name": "property fund",
        "kind": "property",
        "investors": [{"name": "social", "kind": "social", "commitment": 20.0}],
        "property": {"buys": ["development", "acquired", "units"], "share": 0.3, "over_years": 6},
        "terms": {"term_years": 6},
    } | changes
