"""The one list of passes: how each is allocated, run and audited, what a block keeps, what a path weighs."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from fundsim.engine.kept import Arrays, Part, kept_flows, kept_leverage, kept_returns
from fundsim.kernels.closing import allocate_closing, closing_pass
from fundsim.kernels.enterprises.arrivals import count_rows
from fundsim.kernels.enterprises.walk import allocate_enterprises, enterprises_pass
from fundsim.kernels.funds.audit import audit_pass
from fundsim.kernels.funds.leverage import LeverageBlock, allocate_leverage, leverage_pass
from fundsim.kernels.funds.returns import ReturnsBlock, allocate_returns, returns_pass
from fundsim.kernels.funds.run import allocate_funds, allocate_state, funds_pass
from fundsim.kernels.layout import NEW, ClosingBlock, EnterpriseBlock, FundBlock, MarketBlock, Memory
from fundsim.kernels.market import allocate_market, market_pass
from fundsim.kernels.property.audit import property_audit_pass
from fundsim.kernels.property.records import (
    INTEREST,
    OPERATOR_PERIOD,
    PROJECT_PERIOD,
    REIT_PERIOD,
    PropertyBlock,
)
from fundsim.kernels.property.run import allocate_property, property_pass
from fundsim.plan import Plan
from fundsim.results.controls import control_variates
from fundsim.results.property_block import property_part
from fundsim.results.tables import has_property
from fundsim.vocabulary import Check

BLOCK_BYTES = 48e6  # of a block's arrays; small enough for the cache to help, large enough to amortise a call
MOST_DOUBLINGS = 7  # a block has at most 128 paths


class Blocks(SimpleNamespace):
    """What the passes wrote about a block of paths, by the name of the pass."""

    market: MarketBlock
    closing: ClosingBlock
    enterprises: EnterpriseBlock
    property: PropertyBlock
    funds: FundBlock
    returns: ReturnsBlock
    leverage: LeverageBlock


@dataclass(frozen=True)
class Audit:
    """The identities of a pass (§10).

    Attributes
    ----------
    check : callable
        ``check(plan, blocks, worst)`` raises the worst relative error of its members of `Check`.
    is_due : callable
        Whether a plan has what is checked.
    """

    check: Callable[[Plan, Blocks, np.ndarray], None]
    is_due: Callable[[Plan], bool] = lambda plan: True


@dataclass(frozen=True)
class Pass:
    """A pass over a block of paths.

    Attributes
    ----------
    name : str
        Its attribute of `Blocks`.
    needs : tuple of str
        Passes whose blocks it reads.
    reads : callable
        ``reads(plan)`` gives all of the plan that `allocate` and `run` look at: what decides, with the blocks
        of `needs`, every bit of its own. Plans that have it equal have the pass equal.
    allocate : callable
        ``allocate(plan, first, n, blocks, memory)`` gives the arrays for the paths ``first … first + n − 1``;
        the large ones of which nothing is kept lie in ``memory``.
    run : callable
        ``run(plan, first, blocks)`` fills it; ``blocks`` has it and those of all passes before.
    weight : callable
        Bytes of a path in a block, roughly; with `BLOCK_BYTES` they decide how many paths a block has, and so
        in which groups sums are added. A change moves the last bits of all sums.
    keep : callable
        ``keep(plan, blocks, part)`` gives the fields of `BlockResult` that come from this pass; all passes
        have run then.
    audit : Audit, optional
    """

    name: str
    needs: tuple[str, ...]
    reads: Callable[[Plan], tuple[Any, ...]]
    allocate: Callable[[Plan, int, int, Blocks, Memory], Any]
    run: Callable[[Plan, int, Blocks], None]
    weight: Callable[[Plan], int] = lambda plan: 0
    keep: Callable[[Plan, Blocks, Part], Arrays] = lambda plan, blocks, part: {}
    audit: Audit | None = None


def _allocate_enterprises(plan: Plan, first: int, n: int, blocks: Blocks, memory: Memory) -> EnterpriseBlock:
    """Exactly as many rows as there are."""
    # zeros, as a rehearsal counts nothing
    first_row, n_park = np.zeros(n + 1, dtype=np.int64), np.zeros(n, dtype=np.int64)
    count_rows(plan.grid_terms, plan.enterprises, first, n, first_row, n_park)
    block = allocate_enterprises(int(first_row[-1]), n, plan.grid_terms, plan.enterprises, memory)
    return block._replace(first_row=first_row, n_park=n_park)


def _weight_of_enterprises(plan: Plan) -> int:
    terms = plan.enterprises
    return plan.n_rows_expected * 8 * (4 * terms.most_rounds + 5 * terms.most_segments + 16)


def _weight_of_property(plan: Plan) -> int:
    names = plan.names
    records = (
        (INTEREST, names.interests),
        (PROJECT_PERIOD, names.projects),
        (REIT_PERIOD, names.reits),
        (OPERATOR_PERIOD, names.operators),
    )
    return plan.grid.n_periods * sum(dtype.itemsize * len(rows) for dtype, rows in records)


def _run_funds(plan: Plan, first: int, blocks: Blocks) -> None:
    enterprises = blocks.enterprises
    n_rows = int(np.diff(enterprises.first_row).max(initial=0))
    state = allocate_state(plan.fund_plan, n_rows, enterprises.round_period.shape[1])
    earlier = blocks.market, blocks.closing, enterprises, blocks.property.interests
    funds_pass(plan.fund_plan, *earlier, first, state, blocks.funds)


def _weight_of_funds(plan: Plan) -> int:
    n_classes, n_vehicles = len(plan.names.classes), len(plan.names.vehicles)
    flows = (3 * n_classes + 13 * n_vehicles) * plan.grid.n_periods * 8
    return flows + 120 * len(plan.names.deals)


def _run_returns(plan: Plan, first: int, blocks: Blocks) -> None:
    rows = blocks.enterprises.n_park, blocks.enterprises.first_row
    index = blocks.market.index
    returns_pass(plan.funds, blocks.closing, index, *rows, blocks.funds, blocks.returns)


PASSES = (
    Pass(
        "market",
        needs=(),
        reads=lambda plan: (plan.grid_terms, plan.market),
        allocate=lambda plan, first, n, blocks, memory: allocate_market(n, plan.grid_terms, plan.market),
        run=lambda plan, first, blocks: market_pass(plan.grid_terms, plan.market, first, blocks.market),
        keep=lambda plan, blocks, part: {"controls": control_variates(plan, blocks.market, blocks.property)},
    ),
    Pass(
        "closing",
        needs=("market",),
        reads=lambda plan: (plan.grid_terms, plan.closing),
        allocate=lambda plan, first, n, blocks, memory: allocate_closing(n, plan.grid_terms, plan.closing),
        run=lambda plan, first, blocks: closing_pass(
            plan.grid_terms, plan.closing, blocks.market, first, blocks.closing
        ),
    ),
    Pass(
        "enterprises",
        needs=("market",),
        reads=lambda plan: (plan.grid_terms, plan.enterprises),
        allocate=_allocate_enterprises,
        run=lambda plan, first, blocks: enterprises_pass(
            plan.grid_terms, plan.enterprises, blocks.market, first, blocks.enterprises
        ),
        weight=_weight_of_enterprises,
    ),
    Pass(
        "property",
        needs=("market", "enterprises"),
        reads=lambda plan: (plan.grid_terms, plan.property),
        allocate=lambda plan, first, n, blocks, memory: allocate_property(
            n, plan.grid_terms, plan.property, memory
        ),
        run=lambda plan, first, blocks: property_pass(
            plan.grid_terms, plan.property, blocks.market, blocks.enterprises, first, blocks.property
        ),
        weight=_weight_of_property,
        keep=lambda plan, blocks, part: property_part(
            blocks.property, blocks.funds, plan.n_years, plan.grid.periods_per_year, part.kept
        ),
        audit=Audit(
            lambda plan, blocks, worst: property_audit_pass(
                plan.property, blocks.property, plan.funds, blocks.funds, worst
            ),
            lambda plan: has_property(plan.scenario),
        ),
    ),
    Pass(
        "funds",
        needs=("market", "closing", "enterprises", "property"),
        reads=lambda plan: (plan.funds, plan.fund_plan),
        allocate=lambda plan, first, n, blocks, memory: allocate_funds(n, plan.funds, memory),
        run=_run_funds,
        weight=_weight_of_funds,
        keep=lambda plan, blocks, part: kept_flows(
            plan, blocks.closing, blocks.enterprises, blocks.funds, part
        ),
    ),
    Pass(
        "returns",
        needs=("market", "closing", "enterprises", "funds"),
        reads=lambda plan: (plan.funds, plan.n_years),
        allocate=lambda plan, first, n, blocks, memory: allocate_returns(n, plan.n_years, plan.funds),
        run=_run_returns,
        keep=lambda plan, blocks, part: kept_returns(plan, blocks.returns, blocks.funds),
        audit=Audit(
            lambda plan, blocks, worst: audit_pass(
                plan.funds, blocks.closing, blocks.funds, blocks.returns, worst
            )
        ),
    ),
    Pass(
        "leverage",
        needs=("closing", "funds"),
        reads=lambda plan: (plan.funds, plan.n_years),
        allocate=lambda plan, first, n, blocks, memory: allocate_leverage(n, plan.n_years, plan.funds),
        run=lambda plan, first, blocks: leverage_pass(
            plan.funds, blocks.closing, blocks.funds, blocks.leverage
        ),
        keep=lambda plan, blocks, part: kept_leverage(blocks.leverage, part),
    ),
)


def run_passes(
    plan: Plan,
    first: int,
    n: int,
    given: Mapping[str, Any] | None = None,
    wanted: Iterable[str] | None = None,
    memory: Memory = NEW,
) -> Blocks:
    """
    Run passes over the paths ``first … first + n − 1``.

    Parameters
    ----------
    plan : Plan
    first, n : int
    given : mapping of str to block, optional
        Blocks of the same paths by the name of their pass, made by a plan that has the same terms for it and
        all that it needs; they are not made again. A plan with another term of a fund, say, takes market,
        closing, enterprises and property of the first plan.
    wanted : iterable of str, optional
        Names of the passes that are asked for; only they and what they need are run. All without it.
    memory : Memory, optional
        Where the large arrays of the blocks lie; new memory without it.

    Returns
    -------
    Blocks
    """
    blocks = Blocks(**(given or {}))
    due = _due(wanted, set(vars(blocks)))
    for step in PASSES:
        if step.name in due:
            setattr(blocks, step.name, step.allocate(plan, first, n, blocks, memory))
            step.run(plan, first, blocks)
    return blocks


def _due(wanted: Iterable[str] | None, given: set[str]) -> set[str]:
    """The passes to be run: those wanted, and all that they need, but for what is given."""
    due = {step.name for step in PASSES} if wanted is None else set(wanted)
    for step in reversed(PASSES):
        if step.name in due - given:
            due |= set(step.needs)
    return due - given


def audited(plan: Plan, blocks: Blocks) -> np.ndarray:
    """Worst relative error of every check that the plan has something for, (checks,)."""
    worst = np.zeros(len(Check))
    for step in PASSES:
        if step.audit is not None and step.audit.is_due(plan):
            step.audit.check(plan, blocks, worst)
    return worst[list(Check.held(has_property(plan.scenario)))]


def block_paths(plan: Plan) -> int:
    """Paths of a block, a power of two that depends on the scenario alone: as many as `BLOCK_BYTES` hold."""
    fitting = BLOCK_BYTES / max(sum(step.weight(plan) for step in PASSES), 1)
    least = plan.group - 1  # a block holds whole pairs
    return 1 << int(np.clip(np.floor(np.log2(max(fitting, 1.0))), least, MOST_DOUBLINGS))
