"""The slow, obvious twin of the property pass: one path of plain
objects, written from (1.4) and §4 of docs/model.md.
"""

from __future__ import annotations

import math

import numpy as np

from fundsim.kernels.layout import NEVER
from fundsim.kernels.property.records import (
    INTEREST,
    OPERATOR_PERIOD,
    PROJECT_PERIOD,
    PROJECT_RESULT,
    REIT_PERIOD,
)
from fundsim.vocabulary import End, ProjectStatus
from tests.twins.draws import Shared, draw, normal
from tests.twins.projects import Debt, Letting, Project
from tests.twins.reits import Listing, Reit


class Property(Letting, Listing):
    """§4 on one path; `run` walks it and leaves the records of `PropertyBlock` in `out`."""

    def __init__(self, grid, terms, market, enterprises, b, first_path):
        self.T, self.step = int(grid.n_periods), 1.0 / grid.periods_per_year
        self.terms = terms
        self.shared = Shared(grid, first_path + b)
        self.factor, self.window = market.factors[b, 0], market.window[b]
        rows = range(enterprises.first_row[b], enterprises.first_row[b] + enterprises.n_park[b])
        self.tenants = [
            (
                int(enterprises.sector[row]),
                int(enterprises.entry_date[row]),
                int(enterprises.end_period[row]) if enterprises.end_kind[row] == End.FAILED else NEVER,
            )
            for row in rows
        ]
        self.pots = [0.0] * len(terms.reinvest)
        self.projects = [self.new_project(j) for j in range(len(terms.projects))]
        self.reits = [Reit(each) for each in terms.reits]
        self.out = self.new_out()

    def new_project(self, j):
        terms = self.terms.projects[j]
        multiple = draw(self.terms.tables, terms["sale_multiple"], self.shared.uniform(terms["stream"], 0))
        shares = [float(x) for x in self.terms.cost_share[j, : terms["build_periods"]]]
        project = Project(terms, shares, multiple, [], stable=float(terms["stable_occupancy"]))
        if terms["build_periods"] == 0:
            project.status, project.completion = ProjectStatus.LET, int(terms["completion"])
            project.debts = self.new_debts(j, 0)
            for debt, share in zip(project.debts, self.debt_shares(j), strict=True):
                debt.balance = share * float(terms["cost"])
            project.book = float(terms["cost"])
        return project

    def new_debts(self, j, start):
        debts = []
        for i in range(self.terms.projects[j]["n_debts"]):
            one = self.terms.debts[j, i]
            debts.append(
                Debt(
                    is_bond=bool(one["is_bond"]),
                    rate=float(self.terms.debt_rate[j, i, start]) * self.step,
                    balance=0.0,
                    amortises=bool(one["amortises"]),
                    rolls_over=bool(one["rolls_over"]),
                    term=int(one["term"]),
                    maturity=start + int(one["term"]),
                )
            )
        return debts

    def debt_shares(self, j):
        return [float(self.terms.debts[j, i]["share"]) for i in range(self.terms.projects[j]["n_debts"])]

    def new_out(self):
        terms, T = self.terms, self.T
        J, R = len(terms.projects), len(terms.reits)
        out = {
            "rent": np.zeros((len(terms.markets), T + 1)),
            "yields": np.zeros((len(terms.markets), T + 1)),
            "interests": np.zeros((2 * J + R, T), dtype=INTEREST),
            "periods": np.zeros((J, T), dtype=PROJECT_PERIOD),
            "results": np.zeros(J, dtype=PROJECT_RESULT),
            "reits": np.zeros((R, T), dtype=REIT_PERIOD),
            "operators": np.zeros((len(terms.reinvest), T), dtype=OPERATOR_PERIOD),
        }
        out["interests"]["channel"] = -1
        for name in ("started", "refinanced", "sold", "sold_again", "listed", "enforced"):
            out["results"][name] = -1
        out["results"]["completed"] = [NEVER if p.completion is None else p.completion for p in self.projects]
        out["results"]["least_coverage"] = math.nan
        return out

    def note(self, table, place, t, **amounts):
        """Add amounts to a record of the period."""
        for name, amount in amounts.items():
            self.out[table][name][place, t] += amount

    def run(self):
        """All periods; `out` is complete after it."""
        self.walk_markets()
        for t in range(self.T):
            self.start_projects(t)
            for j, project in enumerate(self.projects):
                if project.status == ProjectStatus.BUILDING:
                    self.build(j, project, t)
                elif project.status in (ProjectStatus.LET, ProjectStatus.IN_REIT):
                    self.let(j, project, t)
            for r, reit in enumerate(self.reits):
                self.walk_reit(r, reit, t)
            for j, project in enumerate(self.projects):
                self.out["periods"]["status"][j, t] = project.status
            self.mark(t)
            self.keep_ledgers(t)
        return self.out

    # (1.4)

    def walk_markets(self):
        shocks = [normal(self.shared.uniform(self.terms.index_stream, t)) for t in range(self.T)]
        for i, market in enumerate(self.terms.markets):
            rent, yields = self.out["rent"][i], self.out["yields"][i]
            rent[0], yields[0] = 1.0, market["yield_initial"]
            for t in range(self.T):
                own = normal(self.shared.uniform(market["rent_stream"], t))
                rent[t + 1] = rent[t] * math.exp(self.rent_step(market, t, own))
                own = normal(self.shared.uniform(market["yield_stream"], t))
                yields[t + 1] = self.next_yield(market, yields[t], shocks[t], own)

    def rent_step(self, market, t, shock):
        sigma, beta = market["rent_volatility"], market["rent_beta"]
        variance = sigma**2 + (beta * self.terms.market_volatility) ** 2
        systematic = beta * (self.factor[t + 1] - self.factor[t])
        return (
            (market["rent_drift"] - variance / 2) * self.step
            + systematic
            + sigma * math.sqrt(self.step) * shock
        )

    def next_yield(self, market, now, index_shock, own_shock):
        kappa, rho = market["yield_reversion"], market["yield_correlation"]
        keep = math.exp(-kappa * self.step)
        spread = self.step if kappa == 0.0 else (1 - keep**2) / (2 * kappa)
        shock = rho * index_shock + math.sqrt(1 - rho**2) * own_shock
        log_mean = math.log(market["yield_mean"])
        return math.exp(
            log_mean
            + (math.log(now) - log_mean) * keep
            + market["yield_volatility"] * math.sqrt(spread) * shock
        )

    # (4.1), (4.14): starts and building

    def start_projects(self, t):
        blocked = set()
        for j, project in enumerate(self.projects):
            terms = project.terms
            if project.status != ProjectStatus.PLANNED:
                continue
            if not terms["waits"]:
                if terms["start_period"] == t:
                    self.start(j, project, t)
                continue
            operator = int(terms["operator"])
            needed = float(terms["owner_share"]) * sum(self.planned_calls(j, t))
            if operator in blocked or self.pots[operator] < needed * (1.0 - 1e-9):
                blocked.add(operator)
                continue
            self.pots[operator] = max(0.0, self.pots[operator] - needed)
            project.from_pot = True
            self.out["results"]["from_pot"][j] = 1
            self.start(j, project, t)

    def start(self, j, project, t):
        project.status, project.start = ProjectStatus.BUILDING, t
        project.debts = self.new_debts(j, t)
        self.out["results"]["started"][j] = t
        if project.terms["owner_share"] < 1.0:
            self.note("interests", j, t, is_offered=1, due=sum(self.planned_calls(j, t)))

    def planned_calls(self, j, start):
        """Equity by period of building, had it started in `start`."""
        debts, calls = self.new_debts(j, start), []
        for share in self.projects[j].cost_share:
            need = share * self.projects[j].terms["cost"] + sum(d.balance * d.rate for d in debts)
            for debt, part in zip(debts, self.debt_shares(j), strict=True):
                debt.balance += part * need
            calls.append(need * (1.0 - sum(self.debt_shares(j))))
        return calls

    def build(self, j, project, t):
        s = t - project.start
        cost = project.cost_share[s] * float(project.terms["cost"])
        interest = sum(debt.balance * debt.rate for debt in project.debts)
        drawn = 0.0
        for debt, share in zip(project.debts, self.debt_shares(j), strict=True):
            debt.balance += share * (cost + interest)
            drawn += share * (cost + interest)
        call = cost + interest - drawn
        project.equity_paid += call
        project.book += cost + interest
        self.note("periods", j, t, spent=cost, drawn=drawn, interest=interest, debt=project.debt)
        self.note("interests", j, t, call=call)
        if s + 1 == len(project.cost_share):
            project.status, project.completion = ProjectStatus.LET, t + 1
            self.out["results"]["completed"][j] = t + 1

    # (4.9), (4.14): values and ledgers at the period's end

    def mark(self, t):
        for j, project in enumerate(self.projects):
            value = 0.0
            if project.status == ProjectStatus.BUILDING or project.completion == t + 1:
                value = project.equity_paid
            elif project.status == ProjectStatus.LET:
                value = max(project.value - project.debt + project.trapped, 0.0)
            self.note("interests", self.current_interest(j), t, value=value)
        for reit in self.reits:
            for lot in reit.lots:
                self.note("interests", lot.interest, t, value=lot.units * reit.price)

    def keep_ledgers(self, t):
        for j, project in enumerate(self.projects):
            operator, share = int(project.terms["operator"]), float(project.terms["owner_share"])
            if operator < 0:
                continue
            call = share * self.out["interests"]["call"][j, t]
            capital = share * self.out["interests"]["capital"][j, t]
            name = "recycled" if project.from_pot else "original"
            self.note("operators", operator, t, recovered=capital, **{name: call})
            self.pots[operator] += capital * self.terms.reinvest[operator, t]
        for operator, pot in enumerate(self.pots):
            self.note("operators", operator, t, pot=pot)


def naive_property(grid, terms, market, enterprises, b, first_path):
    """The records of path ``first_path + b`` by name, as `PropertyBlock` has them for one path."""
    return Property(grid, terms, market, enterprises, b, first_path).run()
