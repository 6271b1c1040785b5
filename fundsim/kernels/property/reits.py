"""One period of a REIT: dividends, price, units sold, listing and follow-on offerings (4.10–4.13)."""

import math
from typing import NamedTuple

from fundsim.kernels.base.distributions import draw_from
from fundsim.kernels.base.jit import kernel
from fundsim.kernels.base.random import normal, shared_uniform
from fundsim.kernels.property.projects import SLACK, hand_over, interest_of, pay_capital, settle_debts
from fundsim.kernels.property.state import total_debt
from fundsim.vocabulary import Channel, ProjectStatus


class Offer(NamedTuple):
    """What a REIT offers for a project."""

    price: float
    unit_price: float
    gearing: float


@kernel(allocates=False, is_inner=True)
def owner_gets(terms, r, j, price, gearing, state):
    """Cash of the owners after costs, debts and the units they keep (4.10)."""
    kept = terms.reits[r]["retained"] * (price - gearing * state.projects[j]["value"])
    cash = price * (1.0 - terms.projects[j]["listing_cost"]) - total_debt(j, state)
    return cash + state.projects[j]["trapped"] - kept


@kernel(allocates=False, is_inner=True)
def is_eligible(grid, terms, r, j, t, multiple, gearing, state):
    """Whether a project may join its REIT at ``multiple`` × value (4.10)."""
    project, reit = state.projects[j], terms.reits[r]
    if terms.projects[j]["reit"] != r or project["status"] != ProjectStatus.LET or project["sold"] == t:
        return False
    # complete in this very period: not let yet
    if t + 1 <= project["completion"] or t + 1 - project["completion"] < reit["operating_periods"]:
        return False
    price = project["value"] * multiple
    equity = price - gearing * project["value"]
    income = project["noi"] * grid.periods_per_year - reit["debt_rate"] * gearing * project["value"]
    if equity <= 0.0 or reit["payout"] * income < reit["yield_floor"] * equity:
        return False
    return owner_gets(terms, r, j, price, gearing, state) >= 0.0


@kernel(allocates=False, is_inner=True)
def join(terms, r, j, now, offer, state, out):
    """A project is bought by the REIT: debts repaid, units kept and
    locked, cash to the owners; units issued for it.
    """
    reit = terms.reits[r]
    project = state.projects[j]
    k = interest_of(terms.projects.size, j, state)
    cash = max(owner_gets(terms, r, j, offer.price, offer.gearing, state), 0.0)
    equity = offer.price - offer.gearing * project["value"]
    units = equity / offer.unit_price
    base = min(reit["retained"], reit["retained_base"]) * units
    excess = reit["retained"] * units - base
    set_lot(state.lots, 2 * j, base, now.t + reit["lock_base"], reit["sell_periods"])
    set_lot(state.lots, 2 * j + 1, excess, now.t + reit["lock_excess"], reit["sell_periods"])
    hand_over(j, now.t, now.b, state, out)
    settle_debts(math.inf, j, now.t, now.b, state, out)  # `owner_gets` counts them, and is not negative
    kept = reit["retained"] * equity
    released = cash / (cash + kept) if cash + kept > 0.0 else 1.0
    pay_capital(k, cash, released, Channel.REIT_OFFERING, now.t, now.b, out)
    out.interests[now.b, k, now.t]["value"] = 0.0  # its units are valued at the price of the period's end
    out.periods[now.b, j, now.t]["debt"] = 0.0
    out.periods[now.b, j, now.t]["trapped"] = 0.0
    out.results[now.b, j]["listed"] = now.t
    out.results[now.b, j]["book"] = project["book"]
    out.results[now.b, j]["listing_price"] = offer.price
    project["status"] = ProjectStatus.IN_REIT
    state.reits[r]["units"] += units
    state.reits[r]["debt"] += offer.gearing * project["value"]
    out.reits[now.b, r, now.t]["raised"] += equity


@kernel(allocates=False, is_inner=True)
def set_lot(lots, i, units, lock_end, n_parts):
    """Units with the first period of sale and the part that is sold in each."""
    lots[i]["left"] = units
    lots[i]["lock_end"] = lock_end
    lots[i]["part"] = units / n_parts


@kernel(allocates=False, is_inner=True)
def try_listing(grid, terms, r, now, state, out):
    """An attempt to list the REIT with its initial projects that are eligible (4.11)."""
    reit, trust = terms.reits[r], state.reits[r]
    if now.t < reit["from_period"] or (now.t - reit["from_period"]) % reit["attempt_periods"] != 0:
        return
    if shared_uniform(now.shared, reit["stream"], 4 * now.t) >= terms.listing_probability[r, now.window]:
        return
    u = shared_uniform(now.shared, reit["stream"], 4 * now.t + 1)
    multiple = draw_from(terms.tables, reit["issue_multiple"], u)
    gearing = reit["gearing"]
    value, n = 0.0, 0
    for j in range(terms.projects.size):
        is_ready = is_eligible(grid, terms, r, j, now.t, multiple, gearing, state)
        if terms.projects[j]["is_initial"] == 1 and is_ready:
            value += state.projects[j]["value"]
            n += 1
    if n == 0 or value < reit["minimum_value"]:
        return
    for j in range(terms.projects.size):
        is_ready = is_eligible(grid, terms, r, j, now.t, multiple, gearing, state)
        if terms.projects[j]["is_initial"] == 1 and is_ready:
            price = state.projects[j]["value"] * multiple
            join(terms, r, j, now, Offer(price, 1.0, gearing), state, out)
    trust["listed"], trust["last_offering"] = now.t, now.t
    out.reits[now.b, r, now.t]["offering"] = 1
    trust["cash"] = 0.0
    trust["assets"] = value
    trust["nav"] = value - trust["debt"]
    trust["premium"] = math.log(trust["units"] / trust["nav"])
    trust["price"] = 1.0
    k = 2 * terms.projects.size + r
    strategic = reit["strategic"] * trust["units"]
    set_lot(state.lots, k, strategic, now.t + reit["lock_strategic"], reit["sell_periods"])
    if strategic > 0.0:
        out.interests[now.b, k, now.t]["is_offered"] = 1
        out.interests[now.b, k, now.t]["price"] = strategic


@kernel(allocates=False, is_inner=True)
def pay_dividend(grid, terms, r, now, state, out):
    """What the REIT's projects earn, its costs, and what its units get (4.12)."""
    reit, trust, period = terms.reits[r], state.reits[r], out.reits[now.b, r, now.t]
    income = 0.0
    for j in range(terms.projects.size):
        if terms.projects[j]["reit"] == r and state.projects[j]["status"] == ProjectStatus.IN_REIT:
            income += state.projects[j]["noi"] - state.projects[j]["letting"]
    step = 1.0 / grid.periods_per_year
    cost = trust["debt"] * reit["debt_rate"] * step + max(trust["nav"], 0.0) * reit["fee_rate"] * step
    distributable = income - cost
    dividend = reit["payout"] * max(distributable, 0.0)
    trust["cash"] += distributable - dividend
    if trust["cash"] < 0.0:
        trust["debt"] -= trust["cash"]
        trust["cash"] = 0.0
    period["distributable"], period["dividend"] = distributable, dividend
    for i in range(state.lots.size):
        if state.lots[i]["left"] > 0.0 and reit_of(terms, i) == r:
            k = holder_of(terms, i, state)
            out.interests[now.b, k, now.t]["income"] += dividend * state.lots[i]["left"] / trust["units"]


@kernel(allocates=False, is_inner=True)
def reit_of(terms, i):
    """The REIT whose units lot i holds."""
    n = terms.projects.size
    return i - 2 * n if i >= 2 * n else terms.projects[i // 2]["reit"]


@kernel(allocates=False, is_inner=True)
def holder_of(terms, i, state):
    """The interest that holds lot i."""
    n = terms.projects.size
    return i if i >= 2 * n else interest_of(n, i // 2, state)


@kernel(allocates=False, is_inner=True)
def take_price(terms, r, state):
    """Assets, NAV and price of a unit at the period's end, by the premium of the period (4.12)."""
    trust = state.reits[r]
    assets = 0.0
    for j in range(terms.projects.size):
        if terms.projects[j]["reit"] == r and state.projects[j]["status"] == ProjectStatus.IN_REIT:
            assets += state.projects[j]["value"]
    trust["assets"] = assets
    trust["nav"] = assets - trust["debt"] + trust["cash"]
    trust["price"] = trust["nav"] * math.exp(trust["premium"]) / trust["units"] if trust["nav"] > 0.0 else 0.0


@kernel(allocates=False, is_inner=True)
def move_premium(grid, terms, r, now, state, out):
    """One period of the logarithm of price over NAV (4.12)."""
    reit, trust = terms.reits[r], state.reits[r]
    assets, change = 0.0, 0.0
    for j in range(terms.projects.size):
        if terms.projects[j]["reit"] == r and state.projects[j]["status"] == ProjectStatus.IN_REIT:
            market, value = terms.projects[j]["market"], state.projects[j]["value"]
            assets += value
            change += value * math.log(
                out.yields[now.b, market, now.t + 1] / out.yields[now.b, market, now.t]
            )
    change = change / assets if assets > 0.0 else 0.0
    step = 1.0 / grid.periods_per_year
    noise = normal(shared_uniform(now.shared, reit["stream"], 4 * now.t + 2))
    volatility = reit["price_volatility"]
    trust["premium"] = (
        trust["premium"] * math.exp(-reit["price_reversion"] * step)
        - (reit["yield_beta"] - 1.0) * change
        - 0.5 * volatility * volatility * step
        + volatility * math.sqrt(step) * noise
    )


@kernel(allocates=False, is_inner=True)
def sell_units(terms, r, now, state, out):
    """Lots whose lock-up is over are sold in equal parts; cost leaves by units of the interest (4.12)."""
    for i in range(state.lots.size):
        lot = state.lots[i]
        if lot["left"] <= 0.0 or now.t < lot["lock_end"] or reit_of(terms, i) != r:
            continue
        if i < 2 * terms.projects.size and terms.reits[r]["owner_sells"] == 0:
            continue
        sold = lot["left"] if lot["left"] <= lot["part"] * (1.0 + 1e-9) else lot["part"]
        k = holder_of(terms, i, state)
        held = lot["left"]
        if i < 2 * terms.projects.size:
            held += state.lots[i ^ 1]["left"]
        # of two lots of one interest that are sold in one period, the second releases its share of what is
        # left
        before = out.interests[now.b, k, now.t]["released"]
        released = before + (1.0 - before) * sold / held
        lot["left"] -= sold
        pay_capital(k, sold * state.reits[r]["price"], released, Channel.REIT_UNITS, now.t, now.b, out)


@kernel(allocates=False, is_inner=True)
def follow_on_offering(grid, terms, r, now, state, out):
    """New units buy the projects that have become eligible (4.13)."""
    reit, trust = terms.reits[r], state.reits[r]
    if now.t - trust["last_offering"] < terms.follow_on_wait[r, now.t] or trust["price"] <= 0.0:
        return
    if math.exp(trust["premium"]) < reit["least_price_to_nav"] - SLACK:
        return
    if (
        shared_uniform(now.shared, reit["stream"], 4 * now.t + 3)
        >= terms.follow_on_probability[r, now.window]
    ):
        return
    unit_price = trust["price"] * (1.0 - reit["follow_on_discount"])
    for j in range(terms.projects.size):
        if terms.projects[j]["reit"] != r or state.projects[j]["status"] != ProjectStatus.LET:
            continue
        value = state.projects[j]["value"]
        gearing = reit["gearing"]
        if trust["debt"] + gearing * value > reit["gearing_limit"] * (
            trust["assets"] + trust["cash"] + value
        ):
            gearing = 0.0
        if is_eligible(grid, terms, r, j, now.t, 1.0, gearing, state):
            join(terms, r, j, now, Offer(value, unit_price, gearing), state, out)
            trust["assets"] += value
            trust["last_offering"] = now.t
            out.reits[now.b, r, now.t]["offering"] = 1
    take_price(terms, r, state)


@kernel(allocates=False, is_inner=True)
def run_reit(grid, terms, r, now, state, out):
    """A period of a REIT, after its projects."""
    trust, period = state.reits[r], out.reits[now.b, r, now.t]
    if trust["listed"] >= 0:
        pay_dividend(grid, terms, r, now, state, out)
        move_premium(grid, terms, r, now, state, out)
        take_price(terms, r, state)
        sell_units(terms, r, now, state, out)
        follow_on_offering(grid, terms, r, now, state, out)
    else:
        try_listing(grid, terms, r, now, state, out)
    if trust["listed"] < 0:
        return
    period["nav"], period["units"], period["price"] = trust["nav"], trust["units"], trust["price"]
    period["debt"], period["cash"] = trust["debt"], trust["cash"]
    period["assets"] = trust["assets"] + trust["cash"]
    for i in range(state.lots.size):
        if state.lots[i]["left"] > 0.0 and reit_of(terms, i) == r:
            period["kept"] += state.lots[i]["left"]
            k = holder_of(terms, i, state)
            out.interests[now.b, k, now.t]["value"] += state.lots[i]["left"] * trust["price"]
