"""One period of a project: building, letting, debt service, covenants, refinancing, sale (4.1–4.9)."""

import math

from fundsim.kernels.base.distributions import draw_from
from fundsim.kernels.base.jit import kernel
from fundsim.kernels.base.random import shared_uniform
from fundsim.kernels.layout import NEVER
from fundsim.kernels.property.state import sign_debts, sole_debt, target_at, total_debt
from fundsim.vocabulary import Channel, ProjectStatus

SLACK = 1e-9
"""What rounding may take from a threshold that is met exactly."""


@kernel(allocates=False, is_inner=True)
def interest_of(n_projects, j, state):
    """Place of the interest that holds the project's equity now (4.9)."""
    return j + n_projects if state.projects[j]["is_acquired"] == 1 else j


@kernel(allocates=False, is_inner=True)
def build_part(grid, terms, j, s, state):
    """The s-th period of building: debts pay their shares of cost and interest, equity
    the rest (4.1). Cost, interest, what debts pay, what equity pays.
    """
    step = 1.0 / grid.periods_per_year
    cost, interest = terms.projects[j]["cost"] * terms.cost_share[j, s], 0.0
    for d in range(terms.projects[j]["n_debts"]):
        interest += state.debts[j, d]["balance"] * state.debts[j, d]["rate"] * step
    drawn, equity = 0.0, cost + interest
    for d in range(terms.projects[j]["n_debts"]):
        part = terms.debts[j, d]["share"] * (cost + interest)
        state.debts[j, d]["balance"] += part
        drawn += part
        equity -= part
    return cost, interest, drawn, max(equity, 0.0)


@kernel(allocates=False, is_inner=True)
def planned_calls(grid, terms, j, t, state):
    """Equity that building takes in all if it starts in period t: it is
    run through once, and its debts are empty again (4.1).
    """
    sign_debts(terms, j, t, state)
    total = 0.0
    for s in range(terms.projects[j]["build_periods"]):
        _, _, _, equity = build_part(grid, terms, j, s, state)
        total += equity
    for d in range(terms.projects[j]["n_debts"]):
        state.debts[j, d]["balance"] = 0.0
    return total


@kernel(allocates=False, is_inner=True)
def begin_building(terms, j, t, calls, b, state, out):
    """The first period of building; what the owner does not keep is on offer (4.9)."""
    project = state.projects[j]
    project["status"], project["start"] = ProjectStatus.BUILDING, t
    sign_debts(terms, j, t, state)
    out.results[b, j]["started"] = t
    if terms.projects[j]["owner_share"] < 1.0:
        out.interests[b, j, t]["is_offered"] = 1
        out.interests[b, j, t]["due"] = calls


@kernel(allocates=False, is_inner=True)
def build(grid, terms, j, t, b, state, out):
    """A period of building, and the holders' call (4.1)."""
    project, period = state.projects[j], out.periods[b, j, t]
    s = t - project["start"]
    cost, interest, drawn, equity = build_part(grid, terms, j, s, state)
    period["spent"], period["interest"], period["drawn"], period["service"] = cost, interest, drawn, 0.0
    project["paid"] += equity
    project["book"] += cost + interest
    out.interests[b, j, t]["call"] = equity
    out.interests[b, j, t]["value"] = project["paid"]
    if s == terms.projects[j]["build_periods"] - 1:
        project["status"], project["completion"] = ProjectStatus.LET, t + 1
        out.results[b, j]["completed"] = t + 1


@kernel(allocates=False, is_inner=True)
def age_at(grid, project, t):
    """Years since completion at the end of period t."""
    return (t + 1 - project["completion"]) / grid.periods_per_year


@kernel(allocates=False, is_inner=True)
def let_out(grid, terms, j, t, b, state, out):
    """Occupancy, rents, net operating income, letting cost and value of a complete project (4.2–4.5)."""
    project, given, period = state.projects[j], terms.projects[j], out.periods[b, j, t]
    step = 1.0 / grid.periods_per_year
    fade = math.exp(-given["recovery"] * step)
    project["vacancy_gap"] = project["vacancy_gap"] * fade + given["vacancy_response"] * state.failing[j]
    project["rent_gap"] = project["rent_gap"] * fade + given["rent_response"] * state.failing[j]
    before, target = project["target"], target_at(given, project["stable"], age_at(grid, project, t))
    project["target"] = target
    project["occupancy"] = target * (1.0 - min(project["vacancy_gap"], 1.0))
    rent = out.rent[b, given["market"], t + 1] * math.exp(-project["rent_gap"])
    rents = given["full_rent"] * project["uplift"] * rent
    annual = yearly_noi(given, project, rents, target)
    project["noi"] = annual * step
    due = given["letting_cost"] * max(0.0, target - before)
    pay_letting(due, out.yields[b, given["market"], t] * step, project)
    yearly_yield = out.yields[b, given["market"], t + 1]
    project["value"] = annual / yearly_yield
    if not is_stabilised(grid, terms, j, t, state):
        project["value"] = value_while_letting(grid, given, project, rents, yearly_yield, t)
    project["value"] = max(0.0, project["value"] - project["owed"])
    period["occupancy"], period["noi"], period["value"] = (
        project["occupancy"],
        project["noi"],
        project["value"],
    )
    period["letting"], period["owed"] = project["letting"], project["owed"]


@kernel(allocates=False, is_inner=True)
def pay_letting(due, rate, project):
    """Letting cost is paid before debts from rents and trapped cash, in a REIT in full; what they do
    not cover is owed, at the property's yield (4.5).
    """
    project["owed"] = project["owed"] * (1.0 + rate) + due
    paid = project["owed"]
    if project["status"] != ProjectStatus.IN_REIT:
        paid = min(paid, project["noi"] + project["trapped"])
    project["letting"] = paid
    project["owed"] -= paid


@kernel(allocates=False, is_inner=True)
def yearly_noi(given, project, rents, target):
    """NOI of a year at a target occupancy, with rents of the full space and vacancy of the day (4.3)."""
    return rents * (target * (1.0 - min(project["vacancy_gap"], 1.0))) * given["margin"]


@kernel(allocates=False, is_inner=True)
def value_while_letting(grid, given, project, rents, yearly_yield, t):
    """Value of stable rents less what is missing on the way, and less the letting cost to come (4.4)."""
    step = 1.0 / grid.periods_per_year
    stable = yearly_noi(given, project, rents, project["stable"])
    value = stable / yearly_yield
    now, factor, k = project["target"], 1.0, 0
    while age_at(grid, project, t + k) < given["ramp_years"]:
        k += 1
        factor /= 1.0 + yearly_yield * step
        target = target_at(given, project["stable"], age_at(grid, project, t + k))
        value -= (stable - yearly_noi(given, project, rents, target)) * step * factor
        value -= given["letting_cost"] * max(0.0, target - now) * factor
        now = target
    return value


@kernel(allocates=False, is_inner=True)
def is_stabilised(grid, terms, j, t, state):
    """Whether the ramp is over (4.3)."""
    return age_at(grid, state.projects[j], t) >= terms.projects[j]["ramp_years"] - SLACK


@kernel(allocates=False, is_inner=True)
def level_payment(balance, rate, n_left):
    """Payment that repays a balance in equal instalments, `rate` a period (4.5)."""
    if rate == 0.0:
        return balance / n_left
    return balance * rate / -math.expm1(-n_left * math.log1p(rate))


@kernel(allocates=False, is_inner=True)
def serve_debts(grid, j, t, b, state, out):
    """Pay debts from rents and trapped cash (4.5); cash left, and whether a loan was missed."""
    project, period = state.projects[j], out.periods[b, j, t]
    cash = project["noi"] + project["trapped"] - project["letting"]
    is_missed = False
    for d in range(state.debts.shape[1]):
        debt = state.debts[j, d]
        if debt["balance"] <= 0.0:
            continue
        rate = debt["rate"] / grid.periods_per_year
        interest, principal = debt["balance"] * rate, 0.0
        period["service"] += interest
        n_left = debt["maturity"] - t + 1
        if debt["amortises"] == 1 and n_left >= 1:
            principal = min(level_payment(debt["balance"], rate, n_left) - interest, debt["balance"])
            period["service"] += principal
        elif n_left <= 1:
            if debt["rolls_over"] == 1:
                debt["maturity"] += debt["term"]
            else:
                principal = debt["balance"]
        period["interest"] += interest
        paid_interest = min(cash, interest)
        cash -= paid_interest
        paid_principal = min(cash, principal)
        cash -= paid_principal
        missing = (interest - paid_interest) + (principal - paid_principal)
        if debt["is_bond"] == 1:
            period["support"] += missing
            period["repaid"] += principal
            debt["balance"] -= principal
        else:
            period["added"] += interest - paid_interest
            period["repaid"] += paid_principal
            debt["balance"] += (interest - paid_interest) - paid_principal
            is_missed = is_missed or missing > 1e-9 * (interest + principal)
        if debt["balance"] < 1e-12 * principal:
            debt["balance"] = 0.0
    return cash, is_missed


@kernel(allocates=False, is_inner=True)
def run_let(grid, terms, j, t, b, shared, state, out):
    """A period of a private project that is let: rents, service, covenants, and what follows from them."""
    project, given = state.projects[j], terms.projects[j]
    let_out(grid, terms, j, t, b, state, out)
    k = interest_of(terms.projects.size, j, state)
    improve(terms, j, k, t, b, state, out)
    cash, is_missed = serve_debts(grid, j, t, b, state, out)
    service = out.periods[b, j, t]["service"]
    is_stable = is_stabilised(grid, terms, j, t, state)
    holds = not is_missed
    if is_stable:
        if service > 0.0:
            least = out.results[b, j]["least_coverage"]
            coverage = project["noi"] / service
            out.results[b, j]["least_coverage"] = coverage if math.isnan(least) else min(least, coverage)
            holds = holds and project["noi"] >= given["dscr_least"] * service
        # not the other way round: no limit (inf) times a value of 0 is not a number
        holds = holds and not total_debt(j, state) > given["ltv_most"] * project["value"]
    project["trapped"] = 0.0 if holds else cash
    if holds:
        out.interests[b, k, t]["income"] += cash
    project["streak"] = project["streak"] + 1 if is_missed else 0
    if project["streak"] > given["patience"]:
        enforce(terms, j, k, t, b, state, out)
        return
    if is_stable and project["is_refinanced"] == 0 and given["refinance_after"] != NEVER:
        refinance(terms, j, k, t, b, state, out)
    if project["sold"] < 0:
        if given["sale_after"] != NEVER:
            sell(terms, j, t, b, shared, state, out)
    elif given["hold_periods"] != NEVER and t >= project["sold"] + given["hold_periods"]:
        price = project["value"] * (1.0 - given["exit_cost"])
        leave(j, k, price, Channel.PROPERTY_SALE, t, b, state, out)
        out.results[b, j]["sold_again"] = t


@kernel(allocates=False, is_inner=True)
def improve(terms, j, k, t, b, state, out):
    """Capital expenditure after a purchase, paid by its holders;
    its fruit comes from the next period on (4.8).
    """
    project = state.projects[j]
    if project["capex_left"] == 0:
        return
    project["capex_left"] -= 1
    out.interests[b, k, t]["call"] += project["capex_part"]
    out.periods[b, j, t]["spent"] += project["capex_part"]
    project["book"] += project["capex_part"]
    if project["capex_left"] == 0:
        project["uplift"] *= 1.0 + terms.projects[j]["rent_uplift"]
        project["stable"] = min(1.0, project["stable"] + terms.projects[j]["occupancy_uplift"])


@kernel(allocates=False, is_inner=True)
def settle_debts(cash, j, t, b, state, out):
    """All debts of a project end with its sale, listing or enforcement, in order; a bond's
    rest is made good by its issuer, a loan's is lost. What is left of the cash.
    """
    for d in range(state.debts.shape[1]):
        debt = state.debts[j, d]
        paid = min(cash, debt["balance"])
        cash -= paid
        if debt["is_bond"] == 1:
            out.periods[b, j, t]["made_good"] += debt["balance"] - paid
        out.periods[b, j, t]["settled"] += debt["balance"]
        debt["balance"] = 0.0
    return cash


@kernel(allocates=False, is_inner=True)
def hand_over(j, t, b, state, out):
    """Trapped cash goes to the holders that leave."""
    cash = state.projects[j]["trapped"]
    state.projects[j]["trapped"] = 0.0
    out.periods[b, j, t]["handed"] += cash
    return cash


@kernel(allocates=False, is_inner=True)
def pay_capital(k, amount, released, channel, t, b, out):
    """Capital of an interest, with the share of its cost that leaves."""
    out.interests[b, k, t]["capital"] += amount
    out.interests[b, k, t]["released"] = released
    out.interests[b, k, t]["channel"] = channel


@kernel(allocates=False, is_inner=True)
def leave(j, k, price, channel, t, b, state, out):
    """A private project is sold for good."""
    amount = settle_debts(price + hand_over(j, t, b, state, out), j, t, b, state, out)
    pay_capital(k, amount, 1.0, channel, t, b, out)
    state.projects[j]["status"] = ProjectStatus.GONE


@kernel(allocates=False, is_inner=True)
def enforce(terms, j, k, t, b, state, out):
    """The lender sells the project (4.6)."""
    price = state.projects[j]["value"] * (1.0 - terms.projects[j]["enforcement_discount"])
    leave(j, k, price, Channel.ENFORCEMENT, t, b, state, out)
    out.results[b, j]["enforced"] = t


@kernel(allocates=False, is_inner=True)
def refinance(terms, j, k, t, b, state, out):
    """CMBS: one new loan repays all debts, what is over is paid out (4.7)."""
    project, given, period = state.projects[j], terms.projects[j], out.periods[b, j, t]
    if t + 1 - project["completion"] < given["refinance_after"] or project["owed"] > 0.0:
        return
    loan, debt = given["refinance_ltv"] * project["value"], total_debt(j, state)
    if loan <= 0.0 or loan * (1.0 - given["refinance_cost"]) < debt:
        return
    period["repaid"] += debt
    period["drawn"] += loan
    period["cost"] += loan * given["refinance_cost"]
    out.interests[b, k, t]["income"] += loan * (1.0 - given["refinance_cost"]) - debt
    sole_debt(
        j, loan, given["refinance_rate"], given["refinance_term"], given["refinance_amortises"], t, state
    )
    project["is_refinanced"], project["streak"] = 1, 0
    out.results[b, j]["refinanced"] = t


@kernel(allocates=False, is_inner=True)
def sell(terms, j, t, b, shared, state, out):
    """The owner sells to a Pre-REIT holder; the acquired interest is on offer (4.8)."""
    project, given = state.projects[j], terms.projects[j]
    is_due = t + 1 - project["completion"] >= given["sale_after"]
    if not is_due or project["occupancy"] < given["sale_readiness"] * project["stable"] - SLACK:
        return
    u = shared_uniform(shared, given["stream"], 0)
    multiple = draw_from(terms.tables, given["sale_multiple"], u)
    price = project["value"] * multiple
    amount = settle_debts(price + hand_over(j, t, b, state, out), j, t, b, state, out)
    pay_capital(j, amount, 1.0, Channel.PROPERTY_SALE, t, b, out)
    project["is_acquired"], project["sold"], project["streak"] = 1, t, 0
    out.results[b, j]["sold"] = t
    loan = given["sale_ltv"] * price
    sole_debt(j, loan, given["sale_loan_rate"], given["sale_loan_term"], 0, t, state)
    out.periods[b, j, t]["assumed"] += loan
    capex = given["capex"] * price
    project["capex_left"] = given["capex_periods"]
    project["capex_part"] = capex / given["capex_periods"] if given["capex_periods"] > 0 else 0.0
    project["book"] = price
    offer = out.interests[b, j + terms.projects.size, t]
    offer["is_offered"] = 1
    offer["price"] = price * (1.0 + given["buyer_cost"]) - loan
    offer["due"] = capex


@kernel(allocates=False, is_inner=True)
def close_project_period(j, n_projects, t, b, state, out):
    """What a private project is at the period's end: debt, trapped cash, value of the interest (4.9)."""
    project, period = state.projects[j], out.periods[b, j, t]
    period["debt"] = total_debt(j, state)
    period["trapped"] = project["trapped"]
    if project["trapped"] > 0.0:
        out.results[b, j]["trapped_periods"] += 1
    if project["status"] == ProjectStatus.LET and t + 1 > project["completion"]:
        k = interest_of(n_projects, j, state)
        out.interests[b, k, t]["value"] = max(project["value"] - period["debt"] + project["trapped"], 0.0)


@kernel(allocates=False, is_inner=True)
def run_project(grid, terms, j, t, b, shared, state, out):
    """A period of a project outside the REIT's own part."""
    status = state.projects[j]["status"]
    if status == ProjectStatus.BUILDING:
        build(grid, terms, j, t, b, state, out)
    elif status == ProjectStatus.LET:
        run_let(grid, terms, j, t, b, shared, state, out)
    elif status == ProjectStatus.IN_REIT:
        let_out(grid, terms, j, t, b, state, out)
    close_project_period(j, terms.projects.size, t, b, state, out)
