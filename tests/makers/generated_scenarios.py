"""Scenarios made at random from a seed, over all fields, with values
that no manager would choose but the rules allow.
"""

import numpy as np

from tests.makers.draws import Picks, topic
from tests.makers.generated_property import add_property

UNITS = (1e8, 1e4, 1.0)
STARTS = ("2023-01-01", "2024-02-29", "2025-12-31", "2022-07-01")
LATER = ("2023-07-01", "2024-06-15", "2026-01-01", "2027-03-31")
TRANCHES = ([1.0], [0.3, 0.4, 0.3], [0.5, 0.5], [0.999, 0.001])


def random_scenario(seed, has_property=False):
    """A scenario as plain data; most seeds give a valid one, the rest break a budget or another rule."""
    content = ScenarioDraws(seed).scenario()
    if has_property:
        add_property(content, seed)
    return content


class ScenarioDraws(Picks):
    def __init__(self, seed):
        super().__init__(seed)
        self.seed = seed
        self.grid()

    def between(self, low, high):
        return float(self.rng.uniform(low, high))

    def count(self, low, high):
        return int(self.rng.integers(low, high + 1))

    @topic
    def grid(self):
        self.unit = float(self.pick(*UNITS))
        self.money = 1e8 / self.unit
        self.m = m = self.pick(1, 2, 4, 4, 12)
        self.years = self.extreme((3, 6, 9, 12) if m < 12 else (2, 4, 6), (1, 20, 30) if m < 12 else (1, 8))
        self.start = self.pick(*STARTS)

    def scenario(self):
        self.factors = [f"factor {k}" for k in range(self.how_many("factors", 0, 0, 1, 3))]
        self.boards = [f"board {k}" for k in range(self.how_many("boards", 1, 2, 3))]
        self.sectors = [self.sector(k) for k in range(self.how_many("sectors", 1, 2, 3))]
        content = {
            "name": f"generated {self.seed}",
            "currency": {"unit": self.unit},
            "start": self.start,
            "horizon_years": self.years,
            "periods_per_year": self.m,
            "run": {
                "paths": 4,
                "seed": self.seed,
                "kept_paths": self.how_many("kept paths", 0, 2, 4),
                "antithetic": self.seed % 3 == 0,
                "control_variates": self.seed % 4 == 0,
            },
            "market": self.market(),
            "sectors": self.sectors,
            "boards": [self.board(name) for name in self.boards],
            "sell_down_rules": [self.sell_down("slow"), self.sell_down("slower")],
            "exchange_rates": [{"currency": "HKD", "rate": 0.92}],
            "park": {"streams": [self.stream(k) for k in range(self.how_many("streams", 0, 1, 2, 3))]},
            "vehicles": self.vehicles(),
        }
        if self.how_many("closings", 0, 0, 0, 1, 1):
            content["closing"] = self.closing()
        return content

    # Market and enterprises

    @topic
    def market(self):
        market = {
            "index": {
                "drift": self.extreme((-0.1, 0.0, 0.06), (-0.99, 3.0)),
                "volatility": self.extreme((0.0, 0.22, 0.4), (5.0,)),
            },
            "window": self.window(),
            "factors": [{"name": name, "volatility": self.extreme((0, 0.3), (5,))} for name in self.factors],
        }
        if self.factors:
            value = self.pick(-1.0, -0.3, 0.5, 1.0)
            market["correlations"] = [{"between": ["market", self.factors[0]], "value": value}]
        return market

    @topic
    def window(self):
        names = ["shut", "open", "hot"][: self.count(1, 3)]
        factors = ("financing_rate", "financing_valuation", "listing_valuation")
        states = [
            {"name": name}
            | {field: self.extreme((0.3, 1.0, 1.5), (1e-6, 50.0)) for field in factors}
            | {
                field: self.pick(0.0, 1.0, 3.0)
                for field in ("listing_rate", "listing_pass")
                if self.chance(0.5)
            }
            for name in names
        ]
        rates = {
            name: {other: self.extreme((0.0, 0.4, 2.0), (100.0,)) for other in names if other != name}
            for name in names
        }
        window = {"states": states, "transition": {"generator": rates}}
        window["initial"] = self.pick("stationary", names[0])
        if self.chance(0.4):
            window["history"] = [{"from": "2021-01-01", "state": names[-1]}]
            window["history"] += [{"from": "2024-03-05", "state": names[0]}] if self.chance(0.5) else []
        return window

    @topic
    def sector(self, k):
        n = self.count(1, 4)
        sector = {
            "name": f"sector {k}",
            "betas": [
                {"factor": name, "beta": self.extreme((0, 0.5, 1.2), (-100, 10))}
                for name in ["market", *self.factors]
                if self.chance(0.7)
            ],
            "quality_effect": self.extreme((0.0, 0.1, -0.2), (100.0, 5.0)),
            "quality_years": self.pick(0, 3, 100),
            "preference": self.pick("none", "pari_passu", "standard"),
            "stages": [self.stage(s, is_last=s == n - 1) for s in range(n)],
            "listing": {
                "boards": list(self.rng.permutation(self.boards)),
                "share_sold": self.pick(0.0, 0.2, {"mean": 0.2, "sd": 0.1}),
                "refile_years": self.extreme((0.5, 1), (0, 100)),
                "n_filings": self.count(1, 5),
                "volatility": self.extreme((0, 0.55), (5,)),
                "drift": self.extreme((0, 0.06), (-0.9, 3)),
            },
            "failure": {"recovery": self.pick(0, 0.1, 1), "linger_years": self.pick(0, 1.2)},
            "stall": {
                "drift": self.extreme((-0.2, 0), (3, -0.9)),
                "failure_rate": self.extreme((0, 0.1, 1), (100,)),
                "merger_rate": self.extreme((0, 0.1), (100,)),
            },
        }
        if self.chance(0.4):
            sector["merger"] = self.merger()
        return sector

    @topic
    def merger(self):
        if self.chance(0.5):
            return {
                "premium": self.extreme((1, {"median": 1.2, "log_sd": 0.5}), ({"median": 1e-6, "log_sd": 5},))
            }
        shares = self.rng.dirichlet(np.ones(3))
        edges = [0, self.pick(0, 1), 5, self.pick(5, 1000)]
        return {
            "multiples": [
                {"share": float(s), "from": a, "to": b}
                for s, a, b in zip(shares, edges[:-1], edges[1:], strict=True)
            ]
        }

    @topic
    def stage(self, s, is_last):
        weights = self.rng.dirichlet(np.array([3.0, 1.0, 0.7, 0.7, 0.7]) * self.pick(0.2, 1.0))
        names = ["advance", "listing", "merger", "failure", "stall"]
        if is_last:
            weights = np.append(0.0, self.rng.dirichlet([2.0, 1.0, 1.0, 1.0]))
        if self.chance(0.2):
            weights = np.eye(5)[self.count(1 if is_last else 0, 4)]
        stage = {
            "name": f"stage {s}",
            "entry_value": {"median": self.money * 2.0 * 3**s, "log_sd": self.extreme((0, 0.6), (5,))},
            "time": {
                "distribution": self.pick("gamma", "gamma", "fixed"),
                "mean_years": self.extreme((0.3, 0.7, 2), (1e-6, 0.01, 100)),
                "shape": self.extreme((1, 2.5), (0.1, 1e5, 50)),
            },
            "drift": self.extreme((0, 0.15, -0.2), (3, -0.99)),
            "volatility": self.extreme((0, 0.4, 0.9), (5,)),
            "outcomes": dict(zip(names, (float(w) for w in weights), strict=True)),
            "step_up": self.extreme(
                (1.0, {"median": 1.5, "log_sd": 0.3}), (1e-6, 1e6, {"median": 1, "log_sd": 5})
            ),
            "share_sold": self.extreme(
                (0.2, {"mean": 0.2, "sd": 0.05}), (1e-6, 0.999, {"mean": 0.5, "sd": 0.4})
            ),
            "option_pool": self.extreme((0, 0.05), (0.99,)),
        }
        if self.chance(0.4):
            stage["slopes"] = {
                name: {
                    "quality": self.extreme((-1, 0.5), (100,)),
                    "value": self.extreme((-0.5, 1), (-100, 100)),
                }
                for name in ("advance", "listing", "merger", "failure")
                if self.chance(0.5)
            }
        if self.chance(0.3):
            clock = {
                "scale_years": self.extreme((3, 8), (1e-3, 100)),
                "shape": self.extreme((1, 2), (1e-3, 1e3)),
            }
            stage["failure_clock"] = clock
        return stage

    @topic
    def board(self, name):
        board = {
            "name": name,
            "minimum_value": self.money * self.extreme((0, 0, 5), (1e6,)),
            "review_years": self.extreme((0, 0.25, 1.3), (100,)),
            "pass_probability": self.pick(0.5, 1, 1, 0),
            "lock_up_years": self.extreme((0, 0.5, 1, 3), (100,)),
            "sell_down": self.pick(None, "slow", "slower"),
            "currency": self.pick(None, "HKD"),
        }
        if self.chance(0.4):
            board["late_entry"] = {"within_years": self.pick(0.5, 1, 100), "lock_up_years": self.pick(0, 3)}
        if self.chance(0.2):
            board["sectors"] = [self.sectors[0]["name"]] if hasattr(self, "sectors") else []
        return board

    @topic
    def sell_down(self, name):
        steps = [
            {"held_from_years": 0, "share": self.pick(1e-6, 0.01, 1), "per_days": self.pick(1, 90, 3660)}
        ]
        if self.chance(0.5):
            steps.append({"held_from_years": 2})
        return {"name": name, "steps": steps}

    @topic
    def stream(self, k):
        sector = self.pick(*self.sectors)
        first = self.extreme((0, 1), (100,))
        return {
            "name": f"stream {k}",
            "sector": sector["name"],
            "stage": self.pick(*sector["stages"])["name"],
            "per_year": self.extreme((2, 8, 16), (0, 0.01, 60)),
            "growth": self.extreme((0, 0.1), (-0.9,)),
            "arrivals": self.pick("poisson", "fixed"),
            "from_years": first,
            "until_years": self.pick(None, 4) if first < 4 else None,
        }

    # Vehicles

    @topic
    def closing(self):
        share = {"mean": self.extreme((0.7, 0.9), (0.01, 0.99)), "sd": 0.02}
        return {
            "raised_share": self.pick(0, 0.5, 1, share, share),
            "correlation": self.pick(-1, 0, 0.6, 1),
            "minimum_close": self.pick(0, 0, 0, 0.6, 1),
            "paid_in_rate": self.extreme((0.9, 1, 1, {"mean": 0.9, "sd": 0.05}), (0,)),
        }

    def vehicles(self):
        self.room = {}
        made = []
        for v in range(self.how_many("vehicles", *range(1, 7))):
            made.append(self.vehicle(v, made))
        return made

    @topic
    def vehicle(self, v, above):
        name = f"基金 {v}" if self.chance(0.3) else f"vehicle {v}"
        may_hold = [one for one in above if one["terms"].get("style") != "deal_by_deal" and "pool" not in one]
        parents = [one for one in may_hold if self.chance(0.6)]
        is_mother = self.chance(0.4)
        investors = self.investors(parents)
        size = sum(investor["commitment"] for investor in investors)
        vehicle = {
            "name": name,
            "kind": "mother" if is_mother else self.pick("sub_fund", "direct", "co_investment"),
            "investors": investors,
            "start": self.start_date(parents),
            "terms": self.terms(size, has_parents=bool(parents)),
            "exits": self.exits(),
        }
        if manager := self.how_many("manager", None, None, "one", "another"):
            vehicle["manager"] = manager
        kind = self.rng.random()
        budget = size * (1 - self.fees_of(vehicle) / size) * 0.999
        if kind < 0.65 or not is_mother:
            if self.chance(0.85):
                budget = self.add_mandate(vehicle, budget, [one["name"] for one in above if "mandate" in one])
            else:
                vehicle["pool"] = self.pool()
        elif kind < 0.75:
            vehicle["pool"] = self.pool()
        if vehicle["terms"].get("style") == "deal_by_deal" and "mandate" not in vehicle:
            del vehicle["terms"]["style"]
        if "mandate" in vehicle and self.chance(0.4):
            vehicle["relocation"] = {"probability": self.pick(0, 0.5, 1), "cost": self.pick(0, 0.05, 1)}
        if "mandate" in vehicle and self.chance(0.3):
            vehicle["obligations"] = self.obligations()
        if self.chance(0.3):
            own = self.closing()
            vehicle["closing"] = {
                name: own[name] for name in own if name == "raised_share" or self.chance(0.6)
            }
        self.room[name] = max(budget, 0.0)
        return vehicle

    @topic
    def start_date(self, parents):
        least = max([one["start"] for one in parents] + [self.start])
        later = [date for date in LATER if date >= least]
        return self.pick(*later) if later and self.chance(0.4) and self.years > 4 else least

    @topic
    def investors(self, parents):
        scale = self.money * self.extreme((3, 10, 30), (1e-6, 1e5))
        kinds = ["fiscal", "state", "social", "general_partner"]
        chosen = [kinds[k] for k in self.rng.permutation(4)[: self.count(1, 4)]]
        investors = []
        for kind in chosen:
            investor = {"name": f"{kind} money", "kind": kind, "commitment": scale * self.between(0.1, 1)}
            for flag in ("pays_fee", "pays_carry"):
                if self.chance(0.2):
                    investor[flag] = self.chance(0.5)
            investors.append(investor)
        for parent in parents:
            stake = self.room[parent["name"]] * self.pick(0.0, 0.2, 0.5)
            if stake > 0:
                self.room[parent["name"]] -= stake
                cap = self.pick(None, 0.3, 0.9)
                investors.append({"vehicle": parent["name"], "commitment": stake, "cap_share": cap})
        return [investors[i] for i in self.rng.permutation(len(investors))]

    def fees_of(self, vehicle):
        """An upper bound of the lifetime fees."""
        terms, size = vehicle["terms"], sum(investor["commitment"] for investor in vehicle["investors"])
        rates = [terms.get("fee_rate", 0.0), *(phase["rate"] for phase in terms.get("fee_phases", ()))]
        return min(max(rates) * (terms["term_years"] + 0.01) * size + terms["organisation_cost"], size)

    @topic
    def terms(self, size, has_parents):
        term = self.extreme((3, 5, 8, 10), (0.01, 100))
        terms = {
            "fees_on_top": not has_parents and self.chance(0.2),
            "calls": self.pick("just_in_time", "just_in_time", *TRANCHES),
            "cash_rate": self.extreme((0, 0.02), (1,)),
            "term_years": term,
            "extension_years": self.extreme((0, 2), (100,)),
            "extension_threshold": self.pick(0, 0.05, 1),
            "term_sale_discount": self.pick(0, 0.3, 1, {"mean": 0.3, "sd": 0.12}),
            "live_children": self.pick("extend", "sell"),
        }
        if terms["calls"] != "just_in_time":
            terms["next_call_when_used"] = self.how_many("early calls", None, 0.3, 0.7, 1)
        if self.chance(0.3):
            terms["recycling"] = {"until_years": self.pick(1, 5, 100), "cap": self.pick(0.1, 1)}
        return terms | self.at_end() | self.fees(size, term) | self.waterfall()

    @topic
    def at_end(self):
        return {
            "at_end": self.pick("sell", "hold", "in_kind", "wind_up"),
            "tail_years": self.extreme((0, 1, 5), (100,)),
            "tail_fee": self.pick(0, 0.01),
            "recovery": self.pick(0, 0.3, 1),
            "aged_discount": self.pick(None, {"after_years": 4, "more": 0.1}, {"after_years": 0, "more": 1}),
        }

    @topic
    def fees(self, size, term):
        fees = {
            "fee_at_risk": self.pick(0, 0.3, 1),
            "appraisal_pass": self.pick(0, 0.6, 1),
            "organisation_cost": size * self.pick(0, 0, 0.01),
        }
        rate = min(self.pick(0.005, 0.02), 0.5 / term)
        if self.chance(0.4):
            fees["fee_rate"] = rate
        elif self.chance(0.6):
            bases = ("commitments", "paid_in", "unrealised_cost")
            cuts = (0.4 * term, min(self.pick(term, 2 * term), 100))
            fees["fee_phases"] = [
                {"until_years": cut, "rate": rate * self.pick(0, 0.5, 1), "base": self.pick(*bases)}
                for cut in cuts
            ]
        if self.chance(0.4):
            begin, end = self.pick(None, 0, 0.3 * term), self.pick(None, 0.6 * term, 2 * term)
            fees["expected_fees"] = {"realised_from_years": begin, "realised_until_years": end}
        return fees

    @topic
    def waterfall(self):
        carry = self.extreme((0, 0.2), (0.999,))
        return {
            "hurdle_rate": self.extreme((0, 0.06, 0.08), (1,)),
            "hurdle_compounding": self.pick("compound", "simple"),
            "catch_up_rate": self.pick(0, 1, 0.5) if carry < 0.5 else self.pick(0, 1),
            "carry_rate": carry,
            "style": self.pick("european", "european", "deal_by_deal"),
        }

    @topic
    def exits(self):
        exits = {"mark": self.pick("last_round", "cost", "model")}
        if self.chance(0.4):
            exits["transfer"] = {
                "from_years": self.pick(0, 1, 4),
                "probability": self.pick(0, 0.3, 1),
                "discount": self.pick(0, 1, {"mean": 0.3, "sd": 0.12}),
            }
        if self.chance(0.5):
            full = self.pick(0, 0.25, 1)
            exits["buyback"] = {
                "after_years": self.extreme((0.5, 1, 2), (1e-3, 100)),
                "rate": self.pick(0, 0.003, 0.08, 0.97),
                "full": full,
                "partial": self.pick(0, 1 - full),
                "partial_share": {"from": self.pick(0, 0.3), "to": self.pick(0.3, 1)},
                "delay_years": self.extreme((0, 0.7, 2), (100,)),
                "quality_correlation": self.pick(-1, 0, 0.5, 1),
                "quiet_years": self.extreme((0, 0.7, 2), (100,)),
                "quiet_mark": self.pick(0, 0.9, 1.5, 7),
            }
        return exits | {"sale_basis": self.pick("lower", "value", "nav", "last_round")}

    @topic
    def add_mandate(self, vehicle, budget, above):
        """Give the vehicle a mandate; returns what of its budget is left for stakes."""
        sector = self.pick(*self.sectors)
        stages = [stage["name"] for stage in sector["stages"]]
        chosen = [stages[i] for i in self.rng.permutation(len(stages))[: self.count(1, len(stages))]]
        reserve = self.pick(0, 0.2, 0.4)
        spent = self.pick(0.3, 0.8, 1.0) * max(budget * (1 - reserve), 0.0)
        deals = self.extreme((3, 8, 20), (1, 60))
        mandate = {
            "sectors": [sector["name"]],
            "stages": chosen,
            "park_share": self.pick(0, 0.5, 1),
            "deals": deals,
            "over_years": self.extreme((0.5, 1, 3), (1e-6, 100)),
            "from_years": self.extreme((0, 0.7), (100,)),
            "max_round_share": self.extreme((0.3, 1), (1e-6,)),
            "reserve_share": reserve,
            "follow_on_share": self.pick(0, 1, 1) if reserve else 0,
            "single_enterprise_cap": self.extreme((0.1, 0.3, 1), (1e-6,)),
            "skill": self.pick(0, {"mean": 0.6, "sd": 0.2}, 1),
            "patience_years": self.extreme((0, 0.5, 1.2), (100,)),
            "n_candidates": self.pick(0, 1, 1, 1, 3),
            "relay": self.chance(0.5),
        }
        mandate["looks_at"] = self.how_many("looks", None, None, 1, 3)
        mandate["retries_lost_deals"] = self.how_many("retries", False, True)
        if self.chance(0.3):
            mandate["stage_weights"] = [1.0] + [float(self.pick(0, 2, 1e6)) for _ in chosen[1:]]
        if above and self.chance(0.2):
            mandate["with_vehicles"] = above
        elif mandate["n_candidates"] == 0 and mandate["park_share"] < 1:
            mandate["n_candidates"] = 1
        is_stake = self.chance(0.3) or spent <= 0
        if is_stake:
            mandate["stake"] = self.extreme((0.05, 0.2), (1e-6, 1))
        else:
            mandate["ticket"] = max(spent / deals * self.extreme((1,), (1e-12, 1e-3)), 1e-300)
        vehicle["mandate"] = mandate
        size = sum(investor["commitment"] for investor in vehicle["investors"])
        return budget - (0 if is_stake else mandate["ticket"] * deals) - reserve * size

    @topic
    def pool(self):
        period = self.pick("spread", "year_end")
        if self.chance(0.5):
            return {
                "takahashi_alexander": {
                    "contribution_rates": [self.pick(0, 0.25, 1), self.pick(0.5, 1)],
                    "life_years": self.extreme((4, 10), (1, 60)),
                    "bow": self.extreme((1, 2.5), (0.01, 20)),
                    "growth_rate": self.extreme((0.1, 0), (-0.99, 3)),
                    "yield_rate": self.pick(0, 0.05, 1),
                    "period": period,
                }
            }
        years = self.count(1, 5)
        return {
            "schedule": {
                "contributions": [float(x) for x in self.rng.dirichlet(np.ones(years))],
                "distributions": [self.extreme((0, 0.5), (1e6,)) for _ in range(self.count(0, 8))],
                "period": period,
            }
        }

    @topic
    def obligations(self):
        obligations = {"landing_multiple": self.pick(None, 0, 1.5)}
        if self.chance(0.5):
            obligations["checkpoints"] = [
                {"at_years": 1, "landing_multiple": self.pick(0, 0.5)},
                {"at_years": 2.3, "landing_multiple": self.pick(0.2, 1e6)},
            ]
        if self.chance(0.5):
            obligations["idle_stop_years"] = self.pick(0.5, 1, 100)
        return obligations
