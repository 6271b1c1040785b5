"""The slow, obvious twin of a let project: rents, debts, covenants,
refinancing and sale, written from (4.2) to (4.8).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from fundsim.vocabulary import Channel, ProjectStatus


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
    status: int = ProjectStatus.PLANNED
    start: int | None = None
    completion: int | None = None
    from_pot: bool = False
    equity_paid: float = 0.0
    vacancy_gap: float = 0.0
    rent_gap: float = 0.0
    uplift: float = 0.0
    stable: float = 0.0
    occupancy: float = 0.0
    target: float | None = None
    noi: float = 0.0
    letting: float = 0.0
    owed: float = 0.0
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
        return self.status == ProjectStatus.LET

    def age(self, n):
        """Periods since completion."""
        return n - self.completion


class Letting:
    """What happens to let projects; `tests.twins.property.Property` is made of it."""

    def failed_share(self, j, t):
        wanted = {x for x, is_housed in enumerate(self.terms.tenants[j]) if is_housed}
        there = [one for one in self.tenants if one[0] in wanted and one[1] <= t and one[2] >= t]
        failed = [one for one in there if one[2] == t]
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
            letting=project.letting,
            owed=project.owed,
        )
        if project.status == ProjectStatus.IN_REIT:
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
        """(4.3), (4.4)"""
        terms, n = project.terms, t + 1
        keep = math.exp(-terms["recovery"] * self.step)
        failed = self.failed_share(j, t)
        project.vacancy_gap = project.vacancy_gap * keep + terms["vacancy_response"] * failed
        project.rent_gap = project.rent_gap * keep + terms["rent_response"] * failed
        before = self.target(project, t) if project.target is None else project.target
        project.target = self.target(project, n)
        project.occupancy = project.target * (1.0 - min(project.vacancy_gap, 1.0))
        project.noi = self.yearly_noi(project, project.target, n) * self.step
        self.pay_letting(project, terms["letting_cost"] * max(project.target - before, 0.0), t)
        project.value = max(0.0, self.worth(project, n) - project.owed)

    def target(self, project, n):
        """(4.3) target occupancy at date n."""
        years, ramp = project.age(n) * self.step, project.terms["ramp_years"]
        opening = project.terms["opening_occupancy"]
        if years <= 0.0:
            return opening
        return opening + (project.stable - opening) * (1.0 if years >= ramp else years / ramp)

    def yearly_noi(self, project, target, n):
        """(4.3) at the rent and the gaps of date n."""
        terms = project.terms
        rent = terms["full_rent"] * (1.0 + project.uplift) * self.out["rent"][terms["market"], n]
        let = target * (1.0 - min(project.vacancy_gap, 1.0))
        return rent * math.exp(-project.rent_gap) * let * terms["margin"]

    def worth(self, project, n):
        """(4.4) before what is owed and the floor."""
        y, terms = self.out["yields"][project.terms["market"], n], project.terms
        if self.is_stabilised(project, n):
            return self.yearly_noi(project, project.target, n) / y
        full = self.yearly_noi(project, project.stable, n)
        value, before = full / y, project.target
        for k in range(1, math.ceil(terms["ramp_years"] / self.step) + 2):
            target = self.target(project, n + k)
            missing = (full - self.yearly_noi(project, target, n)) * self.step
            cost = terms["letting_cost"] * max(target - before, 0.0)
            value -= (missing + cost) * (1.0 + y * self.step) ** -k
            before = target
        return value

    def pay_letting(self, project, due, t):
        """(4.5) first of all, from NOI and trapped cash; a REIT pays in full."""
        y = self.out["yields"][project.terms["market"], t]
        owed = project.owed + project.owed * y * self.step + due
        is_in_reit = project.status == ProjectStatus.IN_REIT
        project.letting = owed if is_in_reit else min(owed, project.noi + project.trapped)
        project.owed = owed - project.letting

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
        cash, service, is_paid = project.noi + project.trapped - project.letting, 0.0, True
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
        price = project.value * (1.0 - project.terms["enforcement_discount"])
        capital = self.after_debts(j, project, t, price + project.trapped)
        self.end_private(j, project, t, capital, Channel.ENFORCEMENT)
        self.leave(j, project, t, "enforced")

    def after_debts(self, j, project, t, cash):
        """What is left of the cash after the debts, in order; a bond's rest is made good by its issuer."""
        for debt in project.debts:
            paid = min(cash, debt.balance)
            cash -= paid
            if debt.is_bond:
                self.note("periods", j, t, made_good=debt.balance - paid)
        return cash

    def end_private(self, j, project, t, capital, channel, released=1.0):
        """The holders get their capital, the debts are settled, no cash is trapped any more."""
        k = self.current_interest(j)
        self.note("interests", k, t, capital=capital, released=released)
        self.out["interests"]["channel"][k, t] = channel
        self.note("periods", j, t, settled=project.debt, handed=project.trapped)
        project.debts, project.trapped = [], 0.0

    def leave(self, j, project, t, name):
        project.status = ProjectStatus.GONE
        self.out["results"][name][j] = t

    def refinance(self, j, project, t):
        """(4.7)"""
        terms, n = project.terms, t + 1
        if project.refinanced is not None or project.age(n) < terms["refinance_after"]:
            return
        loan, debt = terms["refinance_ltv"] * project.value, project.debt
        net = loan * (1.0 - terms["refinance_cost"])
        if not self.is_stabilised(project, n) or project.owed > 0.0 or loan == 0.0 or net < debt:
            return
        project.refinanced, project.late = t, 0
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
                capital = self.after_debts(j, project, t, net + project.trapped)
                self.end_private(j, project, t, capital, Channel.PROPERTY_SALE)
                self.leave(j, project, t, "sold_again")
            return
        if project.age(n) < terms["sale_after"]:
            return
        if project.occupancy < terms["sale_readiness"] * project.stable - 1e-9:
            return
        price = project.value * project.multiple
        capital = self.after_debts(j, project, t, price + project.trapped)
        self.end_private(j, project, t, capital, Channel.PROPERTY_SALE)
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
