"""The audit of property on every path (§10): cash and debt of projects,
dividends and units of REITs, what vehicles' shares paid and got.
"""

from fundsim.kernels.base.jit import kernel
from fundsim.kernels.base.worst import raise_to
from fundsim.kernels.layout import NEVER
from fundsim.vocabulary import Check, ProjectStatus


@kernel(allocates=False, is_entry=True)
def property_audit_pass(terms, homes, records, funds, worst):
    """
    Raise the entries of ``worst`` (checks,) to the largest error of the block's paths.

    `terms` are PropertyRecords, `homes` the PropertyBlock, `records` the FundRecords, `funds` the FundBlock.
    """
    for b in range(homes.results.shape[0]):
        for j in range(terms.projects.size):
            check_project(terms, homes, b, j, worst)
        for r in range(terms.reits.size):
            check_reit(terms, homes, b, r, worst)
        for k in range(records.interests.size):
            held = 0.0
            for h in range(records.holding_interest.size):
                if records.holding_interest[h] == k:
                    held += funds.shares[b, h]["share"]
            raise_to(worst, Check.INTEREST_SHARE, held - records.interests[k]["available"])
        for h in range(records.holding_interest.size):
            if funds.shares[b, h]["bought"] >= 0:
                check_share(records, homes, funds, b, h, worst)


@kernel(allocates=False, is_inner=True)
def check_project(terms, homes, b, j, worst):
    """Sources equal uses while the project is private, and the debt is what is drawn less what is repaid."""
    k, n = homes.results[b, j], terms.projects.size
    debt, trapped = 0.0, 0.0
    if terms.projects[j]["build_periods"] == 0:
        for d in range(terms.projects[j]["n_debts"]):
            debt += terms.debts[j, d]["share"] * terms.projects[j]["cost"]
    size = max(terms.projects[j]["cost"], 1e-300)
    for t in range(homes.periods.shape[2]):
        p = homes.periods[b, j, t]
        size = max(size, p["value"], debt, p["debt"])
        rolled = debt + p["drawn"] + p["assumed"] + p["added"] - p["repaid"] - p["settled"]
        raise_to(worst, Check.PROJECT_DEBT, abs(rolled - p["debt"]) / size)
        raise_to(worst, Check.PROJECT_DEBT, -min(p["debt"], p["trapped"], p["owed"]) / size)
        debt = p["debt"]
        is_private = p["status"] != ProjectStatus.IN_REIT or k["listed"] == t
        if is_private:
            call = homes.interests[b, j, t]["call"] + homes.interests[b, j + n, t]["call"]
            paid = homes.interests[b, j, t]["income"] + homes.interests[b, j + n, t]["income"]
            sources = trapped + p["noi"] + p["drawn"] + p["support"] + call
            uses = p["letting"] + p["spent"] + p["interest"] - p["added"] + p["repaid"] + p["cost"]
            raise_to(
                worst, Check.PROJECT_CASH, abs(sources - uses - paid - p["trapped"] - p["handed"]) / size
            )
        trapped = p["trapped"]


@kernel(allocates=False, is_inner=True)
def check_reit(terms, homes, b, r, worst):
    """Interests get their part of each dividend, the NAV is assets
    less debt, and nobody holds more than all units.
    """
    kept, units, cash, debt, size = 0.0, 0.0, 0.0, 0.0, 1e-300
    n = terms.projects.size
    for t in range(homes.reits.shape[2]):
        p = homes.reits[b, r, t]
        if p["units"] <= 0.0:
            continue
        size = max(size, p["assets"], p["debt"])
        raise_to(worst, Check.REIT, abs(p["assets"] - p["debt"] - p["nav"]) / size)
        raise_to(worst, Check.REIT, (p["kept"] - p["units"]) / p["units"])
        if units > 0.0:
            paid = homes.interests[b, 2 * n + r, t]["income"]
            for j in range(n):
                listed = homes.results[b, j]["listed"]
                if terms.projects[j]["reit"] == r and 0 <= listed < t:
                    paid += homes.interests[b, j, t]["income"] + homes.interests[b, j + n, t]["income"]
            raise_to(worst, Check.REIT, abs(paid - p["dividend"] * kept / units) / size)
            left = p["distributable"] - p["dividend"]
            if p["offering"] == 0:
                raise_to(worst, Check.REIT, abs((p["cash"] - p["debt"]) - (cash - debt) - left) / size)
        kept, units, cash, debt = p["kept"], p["units"], p["cash"], p["debt"]


@kernel(allocates=False, is_inner=True)
def check_share(records, homes, funds, b, h, worst):
    """What a share paid, and what it got but for a sale at the
    vehicle's end, from the interest's own flows.
    """
    share, k = funds.shares[b, h], records.holding_interest[h]
    bought, end = share["bought"], share["sold"]
    offer = homes.interests[b, k, bought]
    paid, got = offer["price"] + offer["call"], 0.0
    is_over = False
    for t in range(bought + 1, homes.interests.shape[2]):
        if t > end or is_over:
            break
        flow = homes.interests[b, k, t]
        got += flow["income"] + (flow["capital"] if flow["channel"] >= 0 else 0.0)
        is_over = flow["channel"] >= 0 and flow["released"] >= 1.0 - 1e-12
        if not is_over and t < end:
            paid += flow["call"]
    size = max(paid, got, 1e-300)
    raise_to(worst, Check.INTEREST_PART, abs(share["cost"] / share["share"] - paid) / size)
    received = (share["income"] + share["capital"]) / share["share"]
    if end == NEVER or is_over:
        raise_to(worst, Check.INTEREST_PART, abs(received - got) / size)
    else:
        raise_to(worst, Check.INTEREST_PART, (got - received) / size)
