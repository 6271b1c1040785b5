"""What the property pass remembers of one path from period to period: projects,
their debts, REITs and the lots of units that they are sold for.
"""

from typing import NamedTuple

import numpy as np

from fundsim.kernels.base.jit import kernel
from fundsim.kernels.layout import NEVER
from fundsim.kernels.property.records import PropertyRecords
from fundsim.vocabulary import ProjectStatus


class Moment(NamedTuple):
    """What always travels together through the steps of a REIT's period."""

    b: int  # place in the block
    t: int
    window: int  # state of the listing window
    shared: tuple[int, bool]  # `shared_draws` of the path


PROJECT_STATE = np.dtype(
    [
        ("status", "i8"),
        ("is_acquired", "i8"),  # the acquired interest holds it
        ("start", "i8"),
        ("completion", "i8"),
        ("sold", "i8"),  # period of the sale, −1
        ("is_refinanced", "i8"),
        ("streak", "i8"),  # periods in a row in which a loan was not paid in full
        ("capex_left", "i8"),  # periods of capital expenditure still to come
        ("capex_part", "f8"),
        ("paid", "f8"),  # equity paid for building
        ("book", "f8"),
        ("trapped", "f8"),
        ("vacancy_gap", "f8"),
        ("rent_gap", "f8"),
        ("uplift", "f8"),  # factor on the full rent
        ("stable", "f8"),  # stable occupancy
        ("target", "f8"),  # target occupancy of the last period
        ("occupancy", "f8"),
        ("noi", "f8"),
        ("letting", "f8"),  # letting cost paid in the period
        ("owed", "f8"),  # letting cost that fell due and is not paid
        ("value", "f8"),
    ]
)

DEBT_STATE = np.dtype(
    [
        ("is_bond", "i8"),
        ("amortises", "i8"),
        ("rolls_over", "i8"),
        ("term", "i8"),
        ("maturity", "i8"),  # period of its last payment
        ("balance", "f8"),
        ("rate", "f8"),
    ]
)

REIT_STATE = np.dtype(
    [
        ("listed", "i8"),  # period, −1
        ("last_offering", "i8"),
        ("units", "f8"),
        ("price", "f8"),
        ("nav", "f8"),
        ("debt", "f8"),
        ("cash", "f8"),
        ("premium", "f8"),  # d, the logarithm of price over NAV
        ("assets", "f8"),  # ΣV
    ]
)

LOT = np.dtype([("lock_end", "i8"), ("left", "f8"), ("part", "f8")])
"""Units of one holder and one lock-up: lots 2j and 2j + 1 are of project j
(base and excess), 2J + r of the strategic investors of REIT r.
"""


class PropertyState(NamedTuple):
    """All that is remembered of a path, and scratch for tenants."""

    projects: np.ndarray  # (J,) PROJECT_STATE
    debts: np.ndarray  # (J, N) DEBT_STATE
    reits: np.ndarray  # (R,) REIT_STATE
    lots: np.ndarray  # (2J + R,) LOT
    pot: np.ndarray  # (O,)
    tenants_entered: np.ndarray  # (X, T+1) by date of entry
    tenants_failed: np.ndarray  # (X, T) by period
    failing: np.ndarray  # (J,) share of the project's tenants that fail in the period


def allocate_property_state(n_periods: int, terms: PropertyRecords) -> PropertyState:
    """Memory for one path at a time."""
    n_projects, n_reits, n_sectors = terms.projects.size, terms.reits.size, terms.tenants.shape[1]
    n_debts = terms.debts.shape[1]
    return PropertyState(
        projects=np.zeros(n_projects, dtype=PROJECT_STATE),
        debts=np.zeros((n_projects, n_debts), dtype=DEBT_STATE),
        reits=np.zeros(n_reits, dtype=REIT_STATE),
        lots=np.zeros(2 * n_projects + n_reits, dtype=LOT),
        pot=np.zeros(terms.reinvest.shape[0]),
        tenants_entered=np.zeros((n_sectors, n_periods + 1)),
        tenants_failed=np.zeros((n_sectors, n_periods)),
        failing=np.zeros(n_projects),
    )


@kernel(allocates=False, is_inner=True)
def start_property(grid, terms, state):
    """Clear what a path remembers; existing projects are let from the start."""
    for lot in range(state.lots.size):
        state.lots[lot]["lock_end"] = NEVER
        state.lots[lot]["left"] = 0.0
        state.lots[lot]["part"] = 0.0
    for r in range(state.reits.size):
        reit = state.reits[r]
        reit["listed"], reit["last_offering"] = -1, -1
        reit["units"], reit["price"], reit["nav"] = 0.0, 0.0, 0.0
        reit["debt"], reit["cash"], reit["premium"], reit["assets"] = 0.0, 0.0, 0.0, 0.0
    state.pot[:] = 0.0
    for j in range(state.projects.size):
        project = state.projects[j]
        project["status"], project["is_acquired"], project["start"] = ProjectStatus.PLANNED, 0, -1
        project["completion"], project["sold"], project["is_refinanced"] = NEVER, -1, 0
        project["streak"], project["capex_left"] = 0, 0
        project["capex_part"], project["paid"], project["book"] = 0.0, 0.0, 0.0
        project["trapped"], project["vacancy_gap"], project["rent_gap"] = 0.0, 0.0, 0.0
        project["uplift"], project["stable"] = 1.0, terms.projects[j]["stable_occupancy"]
        project["target"] = terms.projects[j]["opening_occupancy"]
        project["occupancy"], project["noi"], project["value"] = 0.0, 0.0, 0.0
        project["letting"], project["owed"] = 0.0, 0.0
        for d in range(state.debts.shape[1]):
            state.debts[j, d]["balance"] = 0.0
            state.debts[j, d]["maturity"] = NEVER
        if terms.projects[j]["build_periods"] == 0:
            open_existing(grid, terms, j, state)


@kernel(allocates=False, is_inner=True)
def open_existing(grid, terms, j, state):
    """An existing project: complete, with debts on its cost (4.1)."""
    project, cost = state.projects[j], terms.projects[j]["cost"]
    project["status"] = ProjectStatus.LET
    project["completion"] = terms.projects[j]["completion"]
    project["paid"], project["book"] = cost, cost
    age = -project["completion"] / grid.periods_per_year
    project["target"] = target_at(terms.projects[j], project["stable"], age)
    sign_debts(terms, j, 0, state)
    for d in range(terms.projects[j]["n_debts"]):
        state.debts[j, d]["balance"] = terms.debts[j, d]["share"] * cost
        project["paid"] -= state.debts[j, d]["balance"]


@kernel(allocates=False, is_inner=True)
def target_at(given, stable, age):
    """Target occupancy so many years after completion; without a ramp it is reached at once (4.3)."""
    opening, ramp = given["opening_occupancy"], given["ramp_years"]
    if age <= 0.0:
        return opening
    progress = min(1.0, age / ramp) if ramp > 0.0 else 1.0
    return opening + (stable - opening) * progress


@kernel(allocates=False, is_inner=True)
def sign_debts(terms, j, t, state):
    """The project's own debts, with the rates and maturities of a start in period t, nothing drawn yet."""
    for d in range(terms.projects[j]["n_debts"]):
        debt, given = state.debts[j, d], terms.debts[j, d]
        debt["is_bond"], debt["amortises"] = given["is_bond"], given["amortises"]
        debt["rolls_over"], debt["term"] = given["rolls_over"], given["term"]
        debt["maturity"] = t + given["term"] - 1
        debt["rate"] = terms.debt_rate[j, d, t]
        debt["balance"] = 0.0


@kernel(allocates=False, is_inner=True)
def sole_debt(j, amount, rate, term, amortises, t, state):
    """A new loan at the end of period t replaces all debts of a project."""
    for d in range(state.debts.shape[1]):
        state.debts[j, d]["balance"] = 0.0
    debt = state.debts[j, 0]
    debt["is_bond"], debt["amortises"], debt["rolls_over"] = 0, amortises, 0
    debt["term"], debt["maturity"] = term, t + term
    debt["rate"], debt["balance"] = rate, amount


@kernel(allocates=False, is_inner=True)
def total_debt(j, state):
    """Balance of all debts of a project."""
    total = 0.0
    for d in range(state.debts.shape[1]):
        total += state.debts[j, d]["balance"]
    return total
