"""Park property made at random for generated scenarios, with
values that nobody would plan but the rules allow.
"""

from tests.makers.draws import Picks, topic

KINDS = ("development", "acquired", "units")


def add_property(content, seed):
    """Lay a property block, and vehicles that buy of it, on a
    generated scenario; its own draws move no other.
    """
    PropertyDraws(content, seed).add()


class PropertyDraws(Picks):
    def __init__(self, content, seed):
        super().__init__(seed, "property")
        self.content = content
        self.money = 1e8 / content["currency"]["unit"]
        self.dates = sorted(
            {date for date in ("2025-12-31", "2027-02-28", "2029-07-01") if date >= content["start"]}
        )

    def some(self, items):
        return [item for item in items if self.chance(0.6)] or [items[0]]

    def add(self):
        self.markets = [f"market {k}" for k in range(self.how_many("markets", 1, 2))]
        self.operators = [f"operator {k}" for k in range(self.how_many("operators", 0, 1, 2))]
        self.reits = [f"REIT {k}" for k in range(self.how_many("REITs", 0, 1, 1, 2))]
        n_projects = self.how_many("projects", 1, 2, 3, 5) + len(self.reits)
        projects = [self.project(k) for k in range(n_projects)]
        for k, reit in enumerate(self.reits):  # each REIT has a project that it lists with
            projects[k] |= {"reit": reit, "initial": True}
        projects[0]["sale"] = self.sale() | {"loan_to_value": 0.4}
        self.content["property"] = {
            "markets": [self.market(name) for name in self.markets],
            "operators": [self.operator(name) for name in self.operators],
            "projects": projects,
            "reits": [self.reit(name) for name in self.reits],
        }
        for vehicle in self.content["vehicles"]:
            if "pool" not in vehicle:
                self.add_mandate(vehicle["name"], vehicle, projects)

    @topic
    def market(self, name):
        rent = {
            "drift": self.extreme((-0.06, 0, 0.03), (-0.9, 1)),
            "volatility": self.extreme((0, 0.05, 0.1), (1,)),
            "beta": self.extreme((0, 0.1, 0.5), (-3,)),
        }
        yields = {
            "initial": self.pick(None, 0.05, 0.06),
            "mean": self.extreme((0.04, 0.055), (1e-4, 0.9)),
            "reversion": self.pick(0, 0.3, 2),
            "volatility": self.extreme((0, 0.1), (1,)),
            "correlation": self.pick(-1, -0.2, 0, 1),
        }
        return {"name": name, "rent": rent, "yields": yields}

    @topic
    def operator(self, name):
        rules = [{"from": "2020-08-01", "share": self.pick(0, 0.9, 1)}, {"from": "2024-08-01", "share": 0.85}]
        return {"name": name, "reinvest": self.pick([], rules[:1], rules)}

    @topic
    def project(self, k):
        project = {
            "name": f"project {k}",
            "market": self.pick(*self.markets),
            "owner_share": self.pick(0, 0.3, 1),
            "area": self.extreme((2e4, 1e5, 3e5), (1, 1e9)),
            "rent": self.extreme((25, 45, 120), (0, 1e6)),
            "margin": self.pick(0.6, 0.75, 1),
            "occupancy": {
                "opening": self.pick(0, 0.6, 0.95),
                "stable": self.pick(0.7, 0.92, 1),
                "ramp_years": self.pick(0, 1.1, 2, 5),
            },
            "listing_cost": self.pick(0, 0.01, 0.2),
        }
        project["occupancy"] |= self.letting()
        cost = self.money * self.extreme((2, 5, 12), (1e-6, 1e5))
        is_operated = bool(self.operators) and self.chance(0.8)
        project |= {"operator": self.pick(*self.operators)} if is_operated else {"owner": "drug maker"}
        project |= self.debts()
        if self.chance(0.4):
            project["built"] = {"cost": cost, "age_years": self.pick(0, 1, 4, 20)}
        else:
            project["build"] = self.build(cost, is_operated)
        for block in ("tenants", "covenants", "refinancing", "sale"):
            if self.chance(0.5):
                project[block] = getattr(self, block)()
        if self.reits and self.chance(0.6):
            project |= {"reit": self.pick(*self.reits), "initial": self.chance(0.5)}
        return project

    @topic
    def letting(self):
        return {"letting_cost": self.extreme((0, 150, 400), (1e6,))}

    @topic
    def build(self, cost, may_wait):
        build = {"cost": cost, "over_years": self.pick(0.25, 1, 2, 2.5)}
        if build["over_years"] == 2.5 and self.chance(0.5):
            build["yearly_shares"] = self.pick([0.5, 0.3, 0.2], [0, 0, 1])
        if may_wait and self.chance(0.4):
            return build | {"waits": True}
        return build | {"start": self.pick(self.content["start"], *self.dates)}

    @topic
    def debts(self):
        shares = self.pick([], [0.5], [0.4, 0.3], [0.5, 0.25, 0.25])
        return {
            "debts": [
                {
                    "name": f"debt {d}",
                    "kind": self.pick("special_bond", "loan"),
                    "share": share,
                    "rate": self.extreme((None, 0.03, 0.05), (0, 1)),
                    "term_years": self.pick(0.5, 3, 10, 15),
                    **self.pick({}, {"repayment": "amortising"}, {"rolls_over": True}),
                }
                for d, share in enumerate(shares)
            ]
        }

    @topic
    def tenants(self):
        return {
            "sectors": self.some([sector["name"] for sector in self.content["sectors"]]),
            "vacancy_response": self.extreme((0, 0.5, 1), (100,)),
            "rent_response": self.extreme((0, 0.2), (100,)),
            "recovery": self.pick(0, 0.5, 5),
        }

    @topic
    def covenants(self):
        return {
            "coverage": self.pick(0, 1.1, 1.5),
            "loan_to_value": self.pick(None, 0.5, 0.7),
            "patience_years": self.pick(0, 0.5, 1, 100),
            "enforcement_discount": self.pick(0, 0.3, 0.9),
        }

    @topic
    def refinancing(self):
        return {
            "after_years": self.pick(0, 1, 3),
            "loan_to_value": self.pick(0.3, 0.5, 0.9),
            "rate": self.pick(0, 0.035),
            "term_years": self.pick(1, 12),
            "repayment": self.pick("bullet", "amortising"),
            "cost": self.pick(0, 0.01),
        }

    @topic
    def sale(self):
        return {
            "after_years": self.pick(0, 1, 3),
            "readiness": self.pick(0.5, 0.85, 1),
            "price": self.extreme((1, 1.1, {"median": 0.95, "log_sd": 0.1}), ({"median": 1, "log_sd": 2},)),
            "buyer_cost": self.pick(0, 0.03),
            "loan_to_value": self.pick(0, 0.5, 0.7),
            "capex": self.pick(0, 0.05),
            "capex_years": self.pick(0.25, 1, 1.5),
            "rent_uplift": self.pick(-0.05, 0, 0.1),
            "occupancy_uplift": self.pick(0, 0.05, 0.5),
            "hold_years": self.pick(None, 1, 4),
        }

    @topic
    def reit(self, name):
        states = [state["name"] for state in self.content["market"]["window"]["states"]]
        reit = {
            "name": name,
            "from": self.pick("2021-06-21", self.content["start"], "2027-03-31"),
            "attempt_years": self.pick(0.25, 0.5, 1),
            "probability": {state: self.pick(0, 0.5, 1) for state in states},
            "operating_years": self.pick(0, 1, 3),
            "yield_floor": self.pick(0, 0.03, 0.038),
            "minimum_value": self.money * self.pick(0, 0, 5),
            "issue_multiple": self.pick(1, 1.05, {"median": 1.05, "log_sd": 0.05}),
            "retained": self.pick(0.2, 0.34, 0.8),
            "strategic": self.pick(0, 0.2),
            "payout": self.pick(0.9, 1),
            "gearing": self.pick(0, 0.1, 0.28),
            "price": {
                "volatility": self.pick(0, 0.15),
                "reversion": self.pick(0, 0.5),
                "yield_beta": self.pick(0, 1, 2),
            },
            "lock": {
                "base_months": self.pick(0, 60),
                "excess_months": 36,
                "strategic_months": self.pick(0, 12),
            },
            "owner_sells": self.chance(0.7),
            "sell_years": self.pick(0.25, 1),
        }
        if self.chance(0.2):
            reit["follow_on"] = None
        return reit

    @topic
    def add_mandate(self, name, vehicle, projects):
        if self.chance(0.4):
            return
        size = sum(investor["commitment"] for investor in vehicle["investors"])
        vehicle["terms"].pop("style", None)
        vehicle["property"] = {
            "buys": self.pick(list(KINDS), ["acquired"], ["acquired", "development"]),
            "projects": self.pick(None, [projects[0]["name"]], [project["name"] for project in projects]),
            "share": self.pick(0.3, 1),
            "ticket": self.pick(None, size * 0.4),
            "from_years": self.pick(0, 1),
            "over_years": self.pick(2, 4, 8),
            "max_debt_share": self.pick(0.5, 0.75, 10),
        }
        if "mandate" not in vehicle and vehicle["kind"] != "mother":
            vehicle["kind"] = "property"
