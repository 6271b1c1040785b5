"""The slow, obvious twin of the property pass: one path of plain objects, written from (1.4) and §4 of docs/model.md."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from fundsim.kernels.layout import FAILED, NEVER
from fundsim.kernels.property_layout import (
    BUILDING,
    CHANNEL_ENFORCEMENT,
    CHANNEL_PROPERTY_SALE,
    CHANNEL_REIT_OFFERING,
    CHANNEL_REIT_UNITS,
    GONE,
    IN_REIT,
    INTEREST,
    LET,
    OPERATOR_PERIOD,
    PLANNED,
    PROJECT_PERIOD,
    PROJECT_RESULT,
    REIT_PERIOD,
)
from tests.naive_draws import draw, normal, path_key, uniform


@dataclass
class Debt:
    """A loan, or a special bond; its rate is that of a period, its maturity a date."""

    is_bond: bool
    rate: float
    balance: float
    amortises: bool
    rolls_over: bool
    term: int
    maturity: int

    def principal_due(self, n):
        """(4.5) due at date n, interest apart."""
        while self.rolls_over and n >= self.maturity:
            self.maturity += self.term
        if n >= self.maturity:
            return self.balance
        return level_principal(self.balance, self.rate, self.maturity - n + 1) if self.amortises else 0.0


def level_principal(balance, rate, n_payments):
    """Principal in the first of so many level payments."""
    if rate == 0.0:
        return balance / n_payments
    return balance * rate / (1.0 - (1.0 + rate) ** -n_payments) - balance * rate


@dataclass
class Project:
    """What a project is at some date."""

    terms: np.void
    cost_share: list
    multiple: float
    debts: list
    status: int = PLANNED
    start: int | None = None
    completion: int | None = None
    from_pot: bool = False
    equity_paid: float = 0.0
    vacancy_gap: float = 0.0
    rent_gap: float = 0.0
    uplift: float = 0.0
    stable: float = 0.0
    occupancy: float = 0.0
    noi: float = 0.0
    value: float = 0.0
    trapped: float = 0.0
    late: int = 0
    book: float = 0.0
    refinanced: int | None = None
    sold: int | None = None
    capex: float = 0.0
    capex_left: int = 0
    listed: int | None = None

    @property
    def debt(self):
        return sum(debt.balance for debt in self.debts)

    @property
    def is_private(self):
        return self.status == LET

    def age(self, n):
        """Periods since completion."""
        return n - self.completion


@dataclass
class Lot:
    """Units that are locked, then sold in equal parts."""

    interest: int
    units: float
    first_sale: int
    sells: bool
    part: float


@dataclass
class Reit:
    """What a REIT is at some date."""

    terms: np.void
    key: np.uint64
    projects: list = field(default_factory=list)
    lots: list = field(default_factory=list)
    units: float = 0.0
    debt: float = 0.0
    cash: float = 0.0
    nav: float = 0.0
    deviation: float = 0.0  # d
    last_offering: int | None = None

    @property
    def price(self):
        """(4.12) of a unit."""
        if self.last_offering is None or self.nav <= 0.0:
            return 0.0
        return self.nav * math.exp(self.deviation) / self.units


class Property:
    """§4 on one path; `run` walks it and leaves the records of `PropertyBlock` in `out`."""

    def __init__(self, grid, terms, market, enterprises, b, first_path):
        self.T, self.step = int(grid.n_periods), 1.0 / grid.periods_per_year
        self.terms = terms
        self.seed_key, self.path = grid.seed_key, first_path + b
        self.factor, self.window = market.factors[b, 0], market.window[b]
        rows = range(enterprises.first_row[b], enterprises.first_row[b] + enterprises.n_park[b])
        self.tenants = [
            (
                int(enterprises.sector[row]),
                int(enterprises.entry_date[row]),
                int(enterprises.end_period[row]) if enterprises.end_kind[row] == FAILED else NEVER,
            )
            for row in rows
        ]
        self.pots = [0.0] * len(terms.reinvest)
        self.projects = [self.new_project(j) for j in range(len(terms.projects))]
        self.reits = [Reit(each, self.key(each["stream"])) for each in terms.reits]
        self.out = self.new_out()

    def key(self, stream):
        return path_key(self.seed_key, self.path, stream)

    def new_project(self, j):
        terms = self.terms.projects[j]
        multiple = draw(self.terms.tables, terms["sale_multiple"], uniform(self.key(terms["stream"]), 0))
        shares = [float(x) for x in self.terms.cost_share[j, : terms["build_periods"]]]
        project = Project(terms, shares, multiple, [], stable=float(terms["stable_occupancy"]))
        if terms["build_periods"] == 0:
            project.status, project.completion = LET, int(terms["completion"])
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
                if project.status == BUILDING:
                    self.build(j, project, t)
                elif project.status in (LET, IN_REIT):
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
        shocks = [normal(uniform(self.key(self.terms.index_stream), t)) for t in range(self.T)]
        for i, market in enumerate(self.terms.markets):
            rent, yields = self.out["rent"][i], self.out["yields"][i]
            rent[0], yields[0] = 1.0, market["yield_initial"]
            for t in range(self.T):
                own = normal(uniform(self.key(market["rent_stream"]), t))
                rent[t + 1] = rent[t] * math.exp(self.rent_step(market, t, own))
                own = normal(uniform(self.key(market["yield_stream"]), t))
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
            if project.status != PLANNED:
                continue
            if not terms["waits"]:
                if terms["start_period"] == t:
                    self.start(j, project, t)
                continue
            operator = int(terms["operator"])
            needed = float(terms["owner_share"]) * sum(self.planned_calls(j, t))
            if operator in blocked or self.pots[operator] < needed:
                blocked.add(operator)
                continue
            self.pots[operator] -= needed
            project.from_pot = True
            self.out["results"]["from_pot"][j] = 1
            self.start(j, project, t)

    def start(self, j, project, t):
        project.status, project.start = BUILDING, t
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
            project.status, project.completion = LET, t + 1
            self.out["results"]["completed"][j] = t + 1

    # (4.2) to (4.8): a let project

    def failed_share(self, j, t):
        wanted = {x for x, is_housed in enumerate(self.terms.tenants[j]) if is_housed}
        there = [one for one in self.tenants if one[0] in wanted and one[1] <= t and one[2] >= t]
        failed = [one for one in self.tenants if one[0] in wanted and one[2] == t]
        return len(failed) / len(there) if there else 0.0

    def let(self, j, project, t):
        self.rent_out(j, project, t)
        self.note(
            "periods",
            j,
            t,
            occupancy=project.occupancy,
            noi=project.noi,
            value=project.value,
        )
        if project.status == IN_REIT:
            return
        k = self.current_interest(j)
        self.improve(j, project, t)
        is_paid = self.serve_debt(j, project, t)
        if self.holds_covenants(j, project, t) and is_paid:
            self.note("interests", k, t, income=project.trapped)
            project.trapped = 0.0
        project.late = 0 if is_paid else project.late + 1
        if project.late > project.terms["patience"]:
            self.enforce(j, project, t)
        else:
            self.refinance(j, project, t)
            self.sell(j, project, t)
        self.note("periods", j, t, debt=project.debt, trapped=project.trapped)
        self.out["results"]["trapped_periods"][j] += project.trapped > 0.0

    def current_interest(self, j):
        """The development interest until a sale, then the acquired one."""
        return j if self.projects[j].sold is None else len(self.projects) + j

    def rent_out(self, j, project, t):
        terms, n = project.terms, t + 1
        keep = math.exp(-terms["recovery"] * self.step)
        failed = self.failed_share(j, t)
        project.vacancy_gap = project.vacancy_gap * keep + terms["vacancy_response"] * failed
        project.rent_gap = project.rent_gap * keep + terms["rent_response"] * failed
        years, ramp = project.age(n) * self.step, terms["ramp_years"]
        reached = 1.0 if years >= ramp else years / ramp
        opening = terms["opening_occupancy"]
        target = opening + (project.stable - opening) * reached
        project.occupancy = target * (1.0 - min(project.vacancy_gap, 1.0))
        rent = terms["full_rent"] * (1.0 + project.uplift) * self.out["rent"][terms["market"], n]
        yearly = rent * math.exp(-project.rent_gap) * project.occupancy * terms["margin"]
        project.noi = yearly * self.step
        project.value = yearly / self.out["yields"][terms["market"], n]

    def is_stabilised(self, project, n):
        return project.age(n) * self.step >= project.terms["ramp_years"] - 1e-9

    def improve(self, j, project, t):
        """(4.8) capital expenditure of the buyers."""
        if project.capex_left == 0:
            return
        project.book += project.capex
        project.capex_left -= 1
        self.note("periods", j, t, spent=project.capex)
        self.note("interests", self.current_interest(j), t, call=project.capex)
        if project.capex_left == 0:
            project.uplift = project.terms["rent_uplift"]
            project.stable = min(1.0, project.stable + project.terms["occupancy_uplift"])

    def serve_debt(self, j, project, t):
        """(4.5) Whether every loan was paid in full; what is left is in `trapped`."""
        cash, service, is_paid = project.noi + project.trapped, 0.0, True
        for debt in project.debts:
            interest, principal = debt.balance * debt.rate, debt.principal_due(t + 1)
            is_level = debt.amortises and t + 1 <= debt.maturity
            service += interest + (principal if is_level else 0.0)
            paid_interest = min(cash, interest)
            cash -= paid_interest
            paid_principal = min(cash, principal)
            cash -= paid_principal
            self.note("periods", j, t, interest=interest)
            if debt.is_bond:
                support = interest - paid_interest + principal - paid_principal
                debt.balance -= principal
                self.note("periods", j, t, repaid=principal, support=support)
            else:
                debt.balance += interest - paid_interest - paid_principal
                self.note("periods", j, t, repaid=paid_principal, added=interest - paid_interest)
                is_paid = is_paid and paid_interest == interest and paid_principal == principal
        project.trapped = cash
        self.note("periods", j, t, service=service)
        if service > 0.0 and self.is_stabilised(project, t + 1):
            least = self.out["results"]["least_coverage"]
            least[j] = np.fmin(least[j], project.noi / service)
        return is_paid

    def holds_covenants(self, j, project, t):
        """(4.6)"""
        if not self.is_stabilised(project, t + 1):
            return True
        service = self.out["periods"]["service"][j, t]
        if service > 0.0 and project.noi / service < project.terms["dscr_least"]:
            return False
        most = project.terms["ltv_most"]
        return math.isinf(most) or project.debt <= most * project.value

    def enforce(self, j, project, t):
        proceeds = project.value * (1.0 - project.terms["enforcement_discount"])
        for debt in project.debts:
            paid = min(proceeds, debt.balance)
            proceeds -= paid
            if debt.is_bond:
                self.note("periods", j, t, support=debt.balance - paid)
        capital = proceeds + project.trapped
        self.end_private(j, project, t, capital, CHANNEL_ENFORCEMENT)
        self.leave(j, project, t, "enforced")

    def end_private(self, j, project, t, capital, channel, released=1.0):
        """The holders get their capital, the debts are settled, no cash is trapped any more."""
        k = self.current_interest(j)
        self.note("interests", k, t, capital=capital, released=released)
        self.out["interests"]["channel"][k, t] = channel
        self.note("periods", j, t, settled=project.debt, handed=project.trapped)
        project.debts, project.trapped = [], 0.0

    def leave(self, j, project, t, name):
        project.status = GONE
        self.out["results"][name][j] = t

    def refinance(self, j, project, t):
        """(4.7)"""
        terms, n = project.terms, t + 1
        if project.refinanced is not None or project.age(n) < terms["refinance_after"]:
            return
        loan, debt = terms["refinance_ltv"] * project.value, project.debt
        net = loan * (1.0 - terms["refinance_cost"])
        if not self.is_stabilised(project, n) or net < debt:
            return
        project.refinanced = t
        self.out["results"]["refinanced"][j] = t
        self.note("periods", j, t, drawn=loan, repaid=debt, cost=loan - net)
        self.note("interests", self.current_interest(j), t, income=net - debt)
        project.debts = [self.new_loan(loan, terms, "refinance", n)]

    def new_loan(self, balance, terms, kind, n):
        """A loan of date n, from the columns `refinance_…` or `sale_loan_…`."""
        term = int(terms[f"{kind}_term"])
        return Debt(
            is_bond=False,
            rate=float(terms[f"{kind}_rate"]) * self.step,
            balance=float(balance),
            amortises=kind == "refinance" and bool(terms["refinance_amortises"]),
            rolls_over=False,
            term=term,
            maturity=n + term,
        )

    def sell(self, j, project, t):
        """(4.8) once to a holder before the REIT, and once more at the end of its hold."""
        terms, n = project.terms, t + 1
        if project.sold is not None:
            if t - project.sold >= terms["hold_periods"]:
                net = project.value * (1.0 - terms["exit_cost"])
                capital = max(net - project.debt + project.trapped, 0.0)
                self.end_private(j, project, t, capital, CHANNEL_PROPERTY_SALE)
                self.leave(j, project, t, "sold_again")
            return
        if project.age(n) < terms["sale_after"]:
            return
        if project.occupancy < terms["sale_readiness"] * project.stable:
            return
        price = project.value * project.multiple
        capital = max(price - project.debt + project.trapped, 0.0)
        self.end_private(j, project, t, capital, CHANNEL_PROPERTY_SALE)
        project.sold, project.late, project.book = t, 0, price
        self.out["results"]["sold"][j] = t
        loan = terms["sale_ltv"] * price
        if loan > 0.0:
            project.debts = [self.new_loan(loan, terms, "sale_loan", n)]
        project.capex_left = int(terms["capex_periods"])
        project.capex = terms["capex"] * price / max(project.capex_left, 1)
        self.note("periods", j, t, assumed=loan)
        self.note(
            "interests",
            self.current_interest(j),
            t,
            is_offered=1,
            price=price * (1.0 + terms["buyer_cost"]) - loan,
            due=project.capex * project.capex_left,
        )

    # (4.10) to (4.13): REITs

    def walk_reit(self, r, reit, t):
        if reit.last_offering is None:
            self.try_listing(r, reit, t)
        else:
            self.distribute(r, reit, t)
            self.reprice(reit, t)
            self.sell_units(reit, t)
            self.try_follow_on(r, reit, t)
        if reit.last_offering is not None:
            self.note(
                "reits",
                r,
                t,
                nav=reit.nav,
                units=reit.units,
                price=reit.price,
                debt=reit.debt,
                cash=reit.cash,
                assets=self.total_value(reit) + reit.cash,
                kept=sum(lot.units for lot in reit.lots),
            )

    def total_value(self, reit):
        return sum(self.projects[j].value for j in reit.projects)

    def is_open(self, r, reit, t, draw_number):
        return uniform(reit.key, 4 * t + draw_number) < self.terms.listing_probability[r, self.window[t]]

    def owner_cash(self, project, reit, price, gearing):
        units = price - gearing * project.value
        cost = project.terms["listing_cost"] * price
        return price - cost - project.debt + project.trapped - reit.terms["retained"] * units

    def is_eligible(self, project, reit, t, multiple, gearing):
        """(4.10)"""
        n, terms = t + 1, reit.terms
        if not project.is_private or project.completion >= n or project.sold == t:
            return False
        if project.age(n) < terms["operating_periods"]:
            return False
        price, debt = project.value * multiple, gearing * project.value
        if price - debt <= 0.0:
            return False
        yearly = project.noi / self.step - terms["debt_rate"] * debt
        is_enough = terms["payout"] * yearly / (price - debt) >= terms["yield_floor"]
        return is_enough and self.owner_cash(project, reit, price, gearing) >= 0.0

    def try_listing(self, r, reit, t):
        """(4.11)"""
        terms = reit.terms
        if t < terms["from_period"] or (t - terms["from_period"]) % terms["attempt_periods"] != 0:
            return
        multiple = draw(self.terms.tables, terms["issue_multiple"], uniform(reit.key, 4 * t + 1))
        gearing = terms["gearing"]
        chosen = [
            j
            for j, project in enumerate(self.projects)
            if project.terms["reit"] == r
            and project.terms["is_initial"]
            and self.is_eligible(project, reit, t, multiple, gearing)
        ]
        worth = sum(self.projects[j].value for j in chosen)
        if not chosen or worth < terms["minimum_value"] or not self.is_open(r, reit, t, 0):
            return
        for j in chosen:
            self.inject(r, reit, j, t, multiple, gearing, 1.0)
        strategic = terms["strategic"] * reit.units
        k = 2 * len(self.projects) + r
        self.lock(reit, k, strategic, t, terms["lock_strategic"], sells=True)
        if strategic > 0.0:
            self.note("interests", k, t, is_offered=1, price=strategic)
        reit.nav = self.total_value(reit) - reit.debt + reit.cash
        reit.deviation = math.log(reit.units / reit.nav)

    def inject(self, r, reit, j, t, multiple, gearing, unit_price):
        """A project moves into the REIT for cash and units."""
        project, terms = self.projects[j], reit.terms
        price = project.value * multiple
        money = price - gearing * project.value
        kept = terms["retained"] * money
        cash = max(self.owner_cash(project, reit, price, gearing), 0.0)
        k = self.current_interest(j)
        base = min(terms["retained_base"], terms["retained"])
        sells = bool(terms["owner_sells"])
        self.lock(reit, k, base * money / unit_price, t, terms["lock_base"], sells)
        excess = (terms["retained"] - base) * money / unit_price
        self.lock(reit, k, excess, t, terms["lock_excess"], sells)
        self.end_private(j, project, t, cash, CHANNEL_REIT_OFFERING, released=cash / (cash + kept))
        project.status, project.listed = IN_REIT, t
        self.out["periods"]["debt"][j, t] = self.out["periods"]["trapped"][j, t] = 0.0
        for name, what in (("listed", t), ("book", project.book), ("listing_price", price)):
            self.out["results"][name][j] = what
        reit.projects.append(j)
        reit.units += money / unit_price
        reit.debt += gearing * project.value
        reit.last_offering = t
        self.out["reits"]["offering"][r, t] = 1
        self.note("reits", r, t, raised=money)

    def lock(self, reit, interest, units, t, periods, sells):
        first_sale = t + 1 + max(int(periods), 1)
        reit.lots.append(Lot(interest, units, first_sale, sells, units / reit.terms["sell_periods"]))

    def distribute(self, r, reit, t):
        """(4.12) dividends, cash and debt."""
        terms = reit.terms
        noi = sum(self.projects[j].noi for j in reit.projects)
        interest = reit.debt * terms["debt_rate"] * self.step
        fee = max(reit.nav, 0.0) * terms["fee_rate"] * self.step
        distributable = noi - interest - fee
        dividend = terms["payout"] * max(distributable, 0.0)
        for lot in reit.lots:
            self.note("interests", lot.interest, t, income=dividend * lot.units / reit.units)
        reit.cash += distributable - dividend
        if reit.cash < 0.0:
            reit.debt, reit.cash = reit.debt - reit.cash, 0.0
        self.note("reits", r, t, distributable=distributable, dividend=dividend)

    def reprice(self, reit, t):
        """(4.12) NAV and price."""
        terms, value = reit.terms, self.total_value(reit)
        moves = 0.0
        for j in reit.projects:
            yields = self.out["yields"][self.projects[j].terms["market"]]
            moves += self.projects[j].value * math.log(yields[t + 1] / yields[t])
        move = moves / value if value > 0.0 else 0.0
        sigma = terms["price_volatility"]
        reit.nav = value - reit.debt + reit.cash
        reit.deviation = (
            reit.deviation * math.exp(-terms["price_reversion"] * self.step)
            - (terms["yield_beta"] - 1.0) * move
            - sigma**2 / 2 * self.step
            + sigma * math.sqrt(self.step) * normal(uniform(reit.key, 4 * t + 2))
        )

    def sell_units(self, reit, t):
        held, sold = {}, {}
        for lot in reit.lots:
            held[lot.interest] = held.get(lot.interest, 0.0) + lot.units
            is_last = t + 1 == lot.first_sale + reit.terms["sell_periods"] - 1
            if lot.sells and t + 1 >= lot.first_sale and lot.units > 0.0:
                units = lot.units if is_last else lot.part
                lot.units -= units
                sold[lot.interest] = sold.get(lot.interest, 0.0) + units
        for k, units in sold.items():
            self.note("interests", k, t, capital=units * reit.price, released=units / held[k])
            self.out["interests"]["channel"][k, t] = CHANNEL_REIT_UNITS

    def try_follow_on(self, r, reit, t):
        """(4.13)"""
        terms = reit.terms
        if t - reit.last_offering < self.terms.follow_on_wait[r, t] or reit.nav <= 0.0:
            return
        if math.exp(reit.deviation) < terms["least_price_to_nav"]:
            return
        if not self.is_open(r, reit, t, 3):
            return
        unit_price = reit.price * (1.0 - terms["follow_on_discount"])
        for j, project in enumerate(self.projects):
            if project.terms["reit"] != r:
                continue
            gearing = terms["gearing"]
            assets = self.total_value(reit) + reit.cash + project.value
            if reit.debt + gearing * project.value > terms["gearing_limit"] * assets:
                gearing = 0.0
            if self.is_eligible(project, reit, t, 1.0, gearing):
                self.inject(r, reit, j, t, 1.0, gearing, unit_price)
        reit.nav = self.total_value(reit) - reit.debt + reit.cash

    # (4.9), (4.14): values and ledgers at the period's end

    def mark(self, t):
        for j, project in enumerate(self.projects):
            value = 0.0
            if project.status == BUILDING or project.completion == t + 1:
                value = project.equity_paid
            elif project.status == LET:
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
