"""Owns what a block keeps of what its passes wrote: the fields of `BlockResult`, pass by pass."""

from typing import NamedTuple

import numpy as np

from fundsim.kernels.base.sums import add_flows
from fundsim.kernels.funds.leverage import LeverageBlock
from fundsim.kernels.funds.returns import ReturnsBlock
from fundsim.kernels.layout import ClosingBlock, EnterpriseBlock, FundBlock
from fundsim.plan import Plan
from fundsim.results.block import KEPT_FLOWS, single
from fundsim.sampling import grouped
from fundsim.vocabulary import Activity, Flow, VehicleFlow

Arrays = dict[str, np.ndarray]


class Part(NamedTuple):
    """The paths of a block, and of how many of them series and exits are kept."""

    first: int
    n: int
    kept: int


def kept_flows(
    plan: Plan, closing: ClosingBlock, enterprises: EnterpriseBlock, funds: FundBlock, part: Part
) -> Arrays:
    """Investors' shares, sums of flows over paths, and the series and exits of the first paths."""
    share, scale = investor_shares(plan, closing)
    sums = np.zeros((2, len(Flow), len(plan.row_classes), plan.grid.n_periods))
    flows = (funds.class_flows, funds.class_nav, funds.vehicle_flows)
    add_flows(*flows, plan.row_classes, share, plan.group, sums[0], sums[1])
    k = part.kept
    return {
        "share": share,
        "scale": scale,
        "kept_flows": single(funds.class_flows[:k]),
        "kept_nav": single(funds.class_nav[:k, :, 1:]),
        "kept_carry": single(funds.vehicle_flows[:k, list(KEPT_FLOWS)]),
        "flow_sums": sums[0],
        "flow_squares": sums[1],
        **exit_lines(enterprises, funds, part),
    }


def kept_returns(plan: Plan, returns: ReturnsBlock, funds: FundBlock) -> Arrays:
    """Measures of every path; sums of exits and of what vehicles did."""
    activity = returns.activity
    activity[:, :, Activity.INVESTED] = funds.vehicle_flows[:, VehicleFlow.INVESTED].sum(axis=2)
    return {
        "measures": returns.measures,
        "irr_status": returns.irr_status,
        "exit_sums": summed(returns.exits),
        "activity_sums": summed(activity),
        "activity_squares": summed(grouped(activity, plan.group) ** 2),
    }


def kept_leverage(block: LeverageBlock, part: Part) -> Arrays:
    """Leverage at the horizon and landing of every path, leverage at year ends of the first ones."""
    return {
        "leverage": block.leverage[:, -1],
        "landing": block.landing,
        "leverage_years": block.leverage[: part.kept, :-1].copy(),
    }


def investor_shares(plan: Plan, closing: ClosingBlock) -> tuple[np.ndarray, np.ndarray]:
    """Share of each investor row in its class, and its paid-in share
    against the class's; one row where all paths agree.
    """
    n = closing.closed.shape[0] if plan.closing.is_used else 1
    of_class = plan.row_classes[: closing.closed.shape[1], 0]
    callable_, closed = closing.callable[:n], closing.closed[:n]
    whole, whole_closed = (by_class(money, of_class)[:, of_class] for money in (callable_, closed))
    share = np.divide(callable_, whole, out=np.zeros_like(callable_), where=whole > 0.0)
    scale = np.divide(share * whole_closed, closed, out=np.full_like(share, np.nan), where=closed > 0.0)
    return share, scale


def by_class(money: np.ndarray, of_class: np.ndarray) -> np.ndarray:
    """Money of all investors of each class, (paths, classes), from that
    of each row and the class that it is in, row after row.
    """
    n_classes = int(of_class.max()) + 1
    if n_classes == 1:  # a sum over all rows takes another order, which the last bits of results rest on
        return np.einsum("bi,ic->bc", money, np.ones((len(of_class), 1)))
    whole = np.zeros((len(money), n_classes))
    np.add.at(whole.T, of_class, money.T)
    return whole


def summed(values: np.ndarray) -> np.ndarray:
    """Sum over paths, one after the other."""
    return np.add.reduce(values, axis=0)


def exit_lines(enterprises: EnterpriseBlock, funds: FundBlock, part: Part) -> Arrays:
    """Exits of the block's first paths as columns."""
    counts = funds.paths["n_exits"][: part.kept]
    # slices of bytes are copied whole, some ten times faster than a mask over records
    plain = funds.exits.view(f"V{funds.exits.dtype.itemsize}")
    lines = np.concatenate([plain[:0].ravel(), *(plain[b, :n] for b, n in enumerate(counts))])
    lines = lines.view(funds.exits.dtype)
    path = np.repeat(np.arange(part.kept), counts)
    # holdings of property are numbered behind the deals; they are no enterprise and keep their number
    is_deal = lines["deal"] < funds.deals.shape[1]
    row = funds.deals["row"][path[is_deal], lines["deal"][is_deal]]
    stream, number = -1 - lines["deal"], np.zeros(len(lines), dtype=np.int64)
    stream[is_deal], number[is_deal] = enterprises.origin[row], enterprises.number[row]
    return {
        "exit_path": (path + part.first).astype(np.int32),
        "exit_deal": lines["deal"].astype(np.int32),
        "exit_channel": lines["channel"].astype(np.int8),
        "exit_period": lines["period"].astype(np.int16),
        "exit_stream": stream.astype(np.int32),
        "exit_number": number.astype(np.int32),
        "exit_cost": single(lines["cost"]),
        "exit_proceeds": single(lines["proceeds"]),
    }
