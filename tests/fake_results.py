"""A stand-in for Results with plausible numbers, to draw and print before a simulation exists."""

from functools import cache

import numpy as np
import pandas as pd

from fundsim.scenario import Scenario

QUANTILES = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}
CHANNELS = ("listing", "merger", "buyback", "transfer", "term_sale", "write_off")


def statistics(values):
    """Mean, quantiles and their errors of defined values."""
    good = values[np.isfinite(values)]
    row = (
        {"mean": good.mean(), "standard_error": good.std(ddof=1) / np.sqrt(len(good))}
        if len(good) > 1
        else {}
    )
    for name, level in QUANTILES.items():
        row[name] = np.quantile(good, level) if len(good) > 1 else np.nan
        row[f"{name}_standard_error"] = row.get("standard_error", np.nan) * 1.4
    return row | {"undefined": len(values) - len(good)}


def fake_scenario(n_sub_funds=20, paths=1000):
    """A mother fund and its sub-funds."""
    scale = max(1, n_sub_funds / 20)
    fiscal = {"name": "provincial fiscal", "kind": "fiscal", "commitment": 40 * scale}
    state = {"name": "state platforms", "kind": "state", "commitment": 60 * scale}
    vehicles = [
        {
            "name": "mother",
            "title": {"zh": "秦创原母基金", "en": "Qinchuangyuan mother fund"},
            "kind": "mother",
            "investors": [fiscal, state],
            "terms": {"fee_rate": 0.006, "hurdle_rate": 0.06, "term_years": 10, "extension_years": 2},
        }
    ]
    strategies = ("seed", "angel", "vc", "pe", "industry")
    words = {"seed": "种子", "angel": "天使", "vc": "创投", "pe": "并购", "industry": "产业"}
    for n in range(n_sub_funds):
        strategy = strategies[n % 5]
        size = 5.0 + 2 * (n % 7)
        vehicles.append(
            {
                "name": f"{strategy} fund {n + 1}",
                "title": {"zh": f"{words[strategy]}基金{n + 1}号", "en": f"{strategy.upper()} fund {n + 1}"},
                "kind": "sub_fund",
                "strategy": strategy,
                "start": "2023-07-01",
                "investors": [
                    {"vehicle": "mother", "commitment": 0.4 * size, "cap_share": 0.4},
                    {"name": "社会资本 social", "kind": "social", "commitment": 0.59 * size},
                    {"name": "gp", "kind": "general_partner", "commitment": 0.01 * size},
                ],
                "mandate": {
                    "sectors": ["hardtech"],
                    "stages": ["seed"],
                    "deals": 20,
                    "ticket": 0.02 * size,
                    "park_share": 0.5,
                },
                "terms": {"fee_rate": 0.02, "carry_rate": 0.2, "hurdle_rate": 0.08, "calls": [0.3, 0.4, 0.3]},
                "obligations": {"landing_multiple": 1.5} if n % 2 == 0 else {},
            }
        )
    return Scenario.from_dict(
        {
            "name": "qinchuangyuan",
            "title": {"zh": "秦创原科创系列基金", "en": "Qinchuangyuan fund cluster"},
            "start": "2023-01-01",
            "run": {"paths": paths, "seed": 20230101},
            "sectors": [{"name": "hardtech", "extends": "china_hardtech"}],
            "vehicles": vehicles,
        }
    )


class FakeResults:
    """The names of the contract over random but plausible numbers."""

    def __init__(self, n_sub_funds=20, n_paths=1000, seed=7):
        self.scenario = fake_scenario(n_sub_funds, n_paths)
        self.seed, self.n_paths, self.kept_paths = seed, n_paths, n_paths
        self.elapsed_seconds, self.version = 12.3, "0.1.0"
        self.dates = pd.date_range("2023-03-31", periods=60, freq="QE")
        self.years = np.arange(1, 16)
        self.vehicles = [vehicle.name for vehicle in self.scenario.vehicles]
        self.checks = [
            {"name": "cash balances", "worst": 3e-14, "passed": True},
            {"name": "investors sum to the vehicle", "worst": 1e-15, "passed": True},
        ]

    def investors(self, vehicle):
        return [investor.label for investor in self.scenario.vehicle(vehicle).investors] + ["all"]

    def _commitment(self, vehicle, investor):
        part = self.scenario.vehicle(vehicle)
        return next((i.commitment for i in part.investors if i.label == investor), part.size)

    def _rng(self, *names):
        return np.random.default_rng([ord(c) for c in "".join(names)] + [self.seed])

    def paths_of(self, flow, vehicle, investor="all"):
        return self._paths(vehicle, investor)[flow]

    @cache  # noqa: B019
    def _paths(self, vehicle, investor):
        rng = self._rng(vehicle)
        t = (np.arange(60) + 1) / 4
        size = self._commitment(vehicle, investor)
        call = size * np.where(t <= 5, 0.05, 0.0) * rng.uniform(0.7, 1.0, (self.n_paths, 60))
        shape = np.exp(-0.5 * ((t - 8.5) / 2.0) ** 2) * (t <= 12.5)
        multiple = rng.lognormal(0.35, 0.5, (self.n_paths, 1))
        back = size * shape / shape.sum() * multiple * rng.lognormal(-0.3, 0.8, (self.n_paths, 60))
        flows = {"contribution": call, "distribution": back, "net_cash_flow": back - call}
        flows["cumulative_net"] = np.cumsum(back - call, axis=1)
        flows["dpi"] = np.cumsum(back, axis=1) / np.maximum(np.cumsum(call, axis=1), 1e-12)
        left = back[:, ::-1].cumsum(axis=1)[:, ::-1]
        flows["nav"] = np.minimum(np.cumsum(call, axis=1), left) * 1.05
        flows["fee"] = call * 0.1
        flows["carry"] = back * 0.05
        return flows

    def measure(self, name, vehicle, investor="all"):
        dpi = self.paths_of("dpi", vehicle)[:, -1]
        irr = np.maximum(dpi, 1e-9) ** (1 / 6.0) - 1
        irr[:: max(self.n_paths // 7, 2)] = np.nan
        return {
            "net_irr": irr,
            "gross_irr": irr + 0.03,
            "tvpi": dpi,
            "dpi": dpi,
            "rvpi": dpi * 0,
            "paid_in_share": dpi * 0 + 0.86,
            "payback_years": np.where(dpi > 1, 9.0, np.nan),
            "deepest_call": dpi * 0 + 0.7,
            "loss": (dpi < 1).astype(float),
            "ks_pme": dpi * 0.8,
            "direct_alpha": irr - 0.05,
        }[name]

    def irr(self, vehicle, investor="all"):
        return self.measure("net_irr", vehicle, investor)

    @cache  # noqa: B019
    def summary(self, lang=None):
        names = "net_irr gross_irr tvpi dpi rvpi paid_in_share payback_years deepest_call loss ks_pme direct_alpha"
        rows = []
        for vehicle in self.vehicles:
            for name in names.split():
                row = statistics(self.measure(name, vehicle))
                for investor in self.investors(vehicle):
                    rows.append({"vehicle": vehicle, "investor": investor, "measure": name} | row)
        return pd.DataFrame(rows)

    def pooled(self, vehicle, investor="all"):
        return {"net_irr": 0.06, "tvpi": 1.45, "dpi": 1.4}

    @cache  # noqa: B019
    def cash_flows(self, vehicle=None, investor=None):
        rows = []
        for name in self.vehicles if vehicle is None else [vehicle]:
            for who in self.investors(name) if investor is None else [investor]:
                for flow in ("contribution", "distribution", "net_cash_flow", "cumulative_net", "nav", "fee"):
                    values = self.paths_of(flow, name, who)
                    for t, date in enumerate(self.dates):
                        row = {"vehicle": name, "investor": who, "date": date, "flow": flow}
                        rows.append(row | statistics(values[:, t]))
        return pd.DataFrame(rows)

    def dpi_by_year(self, vehicle, investor="all"):
        return self.paths_of("dpi", vehicle, investor)[:, 3::4]

    def _leverage(self):
        base = {
            "mother_multiple": 2.5,
            "sub_fund_multiple": 2.4,
            "combined_multiple": 5.8,
            "social_multiple": 1.4,
            "social_share": 0.58,
        }
        rng = self._rng("leverage")
        for money, factor in (("fiscal", 1.0), ("government", 0.4)):
            for definition, value in base.items():
                value = value * factor if definition in ("mother_multiple", "combined_multiple") else value
                yield definition, "commitment", money, np.full(self.n_paths, value)
                yield definition, "paid_in", money, value * rng.uniform(0.8, 1.0, self.n_paths)
            for definition in ("invested_multiple", "invested_with_co_investors"):
                value = 4.1 if definition == "invested_multiple" else 11.0
                yield definition, "invested", money, factor * value * rng.uniform(0.7, 1.0, self.n_paths)
            for basis in ("invested", "paid_in"):
                yield "landing_multiple", basis, money, 1.2 * rng.lognormal(0, 0.3, self.n_paths)

    def leverage(self):
        rows = []
        for definition, basis, money, values in self._leverage():
            rows.append({"definition": definition, "basis": basis, "money": money} | statistics(values))
        return pd.DataFrame(rows)

    @cache  # noqa: B019
    def leverage_by_year(self):
        rows = []
        for definition, basis, money, values in self._leverage():
            for year in self.years:
                ramp = values * (1 - 0.6 * np.exp(-year / 2)) if basis != "commitment" else values
                row = statistics(ramp)
                rows.append({"year": year, "definition": definition, "basis": basis, "money": money} | row)
        return pd.DataFrame(rows)

    def landing(self):
        rows = []
        for vehicle in self.scenario.vehicles:
            if vehicle.mandate is None:
                continue
            values = 1.2 * self._rng("landing", vehicle.name).lognormal(0, 0.3, self.n_paths)
            required = vehicle.obligations.landing_multiple
            row = {"vehicle": vehicle.name} | statistics(values)
            rows.append(row | {"required": np.nan if required is None else required})
        return pd.DataFrame(rows)

    def exits_by_year(self):
        rows = []
        for vehicle in self.vehicles[1:]:
            for n, channel in enumerate(CHANNELS):
                for year in self.years:
                    weight = np.exp(-0.5 * ((year - 6 - n) / 2.0) ** 2)
                    count, cost = weight * 1.2, weight * 0.3
                    proceeds = cost * (3.0, 1.8, 1.1, 1.3, 0.7, 0.0)[n]
                    row = {"vehicle": vehicle, "channel": channel, "year": year, "count": count}
                    rows.append(row | {"proceeds": proceeds, "cost": cost})
        return pd.DataFrame(rows)

    def exits(self):
        return pd.DataFrame(columns=["path", "vehicle", "enterprise", "channel", "date", "cost", "proceeds"])

    def activity(self):
        rows = []
        for vehicle in self.vehicles[1:]:
            row = {"vehicle": vehicle, "planned_deals": 20.0, "deals": 18.2, "park_deals": 8.8}
            rows.append(row | {"credited_deals": 9.6, "follow_ons": 3.1, "invested": 7.7})
        return pd.DataFrame(rows)
