"""The data of one path's story: every event, in order."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fundsim.kernels import layout
from fundsim.kernels.layout import ClosingBlock, EnterpriseBlock, FundBlock, MarketBlock
from fundsim.kernels.property.records import PropertyBlock
from fundsim.leverage import categories
from fundsim.plan import Plan
from fundsim.results.events import Row, event, events_table
from fundsim.results.property_events import property_rows
from fundsim.scenario.scenario import Scenario
from fundsim.vocabulary import Channel, ClassFlow, EventKind, VehicleFlow


@dataclass(frozen=True)
class Trace:
    """What happened on one path.

    Attributes
    ----------
    path, seed : int
    events : DataFrame
        ``period date kind`` and the fields that kinds carry: ``vehicle counterpart amount``, and what only
        some do. Kinds and what each carries are those of `fundsim.vocabulary.EventKind`; what a kind does not
        carry is an empty name, nan or NA. Of a deal or an exit the counterpart is the enterprise. Events of
        property have a project or a REIT as counterpart, and no vehicle but for a purchase.
    measures : DataFrame
        The path's measures, as in `Results.measures`.
    scenario : Scenario
        The scenario of the run.

    Examples
    --------
    >>> trace = results.trace(3)
    >>> trace.events[["date", "kind"]].head(2)
            date     kind
    0 2025-03-31   window
    1 2025-03-31  closing
    """

    path: int
    seed: int
    events: pd.DataFrame
    measures: pd.DataFrame
    scenario: Scenario


def enterprise_names(plan: Plan, streams: np.ndarray, numbers: np.ndarray) -> pd.Categorical:
    """Names of enterprises: the park stream and arrival, or the vehicle and planned deal that found them."""
    parks = [stream.name for stream in plan.scenario.park.streams]
    streams, numbers = np.asarray(streams), np.asarray(numbers)
    is_park = streams >= 0
    deal = np.where(is_park, 0, -1 - streams)
    owner, k = np.array([(d.vehicle, d.number) for d in plan.names.deals] or [(0, 0)])[deal].T
    group = np.where(is_park, streams, len(parks) + owner).astype(np.int64)
    number = np.where(is_park, numbers, k).astype(np.int64) + 1
    pairs, codes = np.unique(group * (1 << 32) + number, return_inverse=True)
    sources = [*parks, *(vehicle.outside for vehicle in plan.scenario.vehicles)]
    names = [f"{sources[pair >> 32]} #{pair & 0xFFFFFFFF}" for pair in pairs.tolist()]
    return pd.Categorical.from_codes(codes.astype(np.int32), names)


def sold_names(plan: Plan, deals: np.ndarray, streams: np.ndarray, numbers: np.ndarray) -> pd.Categorical:
    """Names of what was sold: enterprises, or interests in
    property, whose deals count on from the planned ones.
    """
    is_property = np.asarray(deals) >= len(plan.names.deals)
    if not is_property.any():
        return enterprise_names(plan, streams, numbers)
    enterprises = enterprise_names(plan, streams[~is_property], numbers[~is_property])
    sold = [interest for _, interest in plan.names.holdings]
    interests = categories(deals[is_property] - len(plan.names.deals), sold)
    codes = np.empty(len(deals), dtype=np.int32)
    codes[~is_property] = enterprises.codes
    codes[is_property] = len(enterprises.categories) + interests.codes.astype(np.int32)
    return pd.Categorical.from_codes(codes, [*enterprises.categories, *interests.categories])


def trace_events(
    plan: Plan,
    market: MarketBlock,
    closing: ClosingBlock,
    world: EnterpriseBlock,
    property_block: PropertyBlock,
    funds: FundBlock,
) -> pd.DataFrame:
    """Events of a block of one path."""
    rows = [
        *window_rows(plan, market.window[0].tolist()),
        *closing_rows(plan, closing),
        *property_rows(plan, property_block, funds),
        *deal_rows(plan, world, funds),
        *exit_rows(plan, world, funds),
        *cash_rows(plan, funds),
    ]
    return events_table(rows, plan.grid.flow_dates())


def window_rows(plan: Plan, window: list[int]) -> Iterator[Row]:
    """The window's first state, and every change."""
    states = [state.name for state in plan.scenario.market.window.states]
    for t, state in enumerate(window):
        if t == 0 or state != window[t - 1]:
            yield event(EventKind.WINDOW, t, state=states[state])


def closing_rows(plan: Plan, closing: ClosingBlock) -> Iterator[Row]:
    """What each investor closed, and whether the vehicle started."""
    for row, (v, i) in enumerate(plan.names.investor_rows):
        vehicle = plan.scenario.vehicles[v]
        start = plan.names.start_periods[v]
        if start < plan.grid.n_periods:
            yield event(
                EventKind.CLOSING,
                start,
                vehicle=vehicle.name,
                counterpart=vehicle.investors[i].label,
                amount=closing.closed[0, row],
                started=bool(closing.is_started[0, v]),
            )


def deal_rows(plan: Plan, world: EnterpriseBlock, funds: FundBlock) -> Iterator[Row]:
    """Every first investment, with its stage and what the round raised."""
    stages = [stage for _, stage in plan.names.stages]
    done_deals = np.flatnonzero(funds.deals[0]["row"] >= 0)
    rows = funds.deals[0]["row"][done_deals]
    enterprises = enterprise_names(plan, world.origin[rows], world.number[rows])
    for d, enterprise in zip(done_deals.tolist(), enterprises, strict=True):
        deal, done = plan.names.deals[d], funds.deals[0, d]
        row, place = int(done["row"]), int(done["place"])
        pre, sold = world.round_pre[row, place], world.round_sold[row, place]
        yield event(
            EventKind.DEAL,
            int(done["bought"]),
            vehicle=plan.scenario.vehicles[deal.vehicle].name,
            counterpart=enterprise,
            amount=done["first_cost"],
            stage=stages[int(world.first_stage[row]) + place],
            raised=pre * sold / (1 - sold),
            pre_money=pre,
            credited=bool(done["is_credited"]),
        )


def exit_rows(plan: Plan, world: EnterpriseBlock, funds: FundBlock) -> Iterator[Row]:
    """Every exit, dated at its last sale."""
    lines = funds.exits[0, : funds.paths["n_exits"][0]]
    owners = [*(deal.vehicle for deal in plan.names.deals), *(v for v, _ in plan.names.holding_rows)]
    is_deal = lines["deal"] < len(plan.names.deals)
    rows = funds.deals[0]["row"][lines["deal"][is_deal]]
    streams, numbers = -1 - lines["deal"], np.zeros(len(lines), dtype=np.int64)
    streams[is_deal], numbers[is_deal] = world.origin[rows], world.number[rows]
    for line, sold in zip(lines, sold_names(plan, lines["deal"], streams, numbers), strict=True):
        yield event(
            EventKind.EXIT,
            int(line["period"]),
            vehicle=plan.scenario.vehicles[owners[int(line["deal"])]].name,
            counterpart=sold,
            amount=line["proceeds"],
            channel=Channel(line["channel"]).word,
            cost=line["cost"],
        )


def cash_rows(plan: Plan, funds: FundBlock) -> Iterator[Row]:
    """Calls, distributions, fees, carry and the ends of vehicles."""
    for v, vehicle in enumerate(plan.scenario.vehicles):
        own = slice(plan.funds.vehicles[v]["first_class"], plan.funds.vehicles[v]["last_class"])
        flows = {
            EventKind.CALL: funds.class_flows[0, ClassFlow.CONTRIBUTION, own].sum(axis=0),
            EventKind.DISTRIBUTION: funds.class_flows[0, ClassFlow.DISTRIBUTION, own].sum(axis=0),
            EventKind.FEE: funds.vehicle_flows[0, VehicleFlow.FEE, v],
            EventKind.CARRY: funds.vehicle_flows[0, VehicleFlow.CARRY, v],
        }
        for kind, amounts in flows.items():
            for t in np.flatnonzero(np.abs(amounts) > 1e-12).tolist():
                yield event(kind, t, vehicle=vehicle.name, amount=amounts[t])
        end = int(funds.vehicles[0, v]["end_period"])
        if 0 <= end < layout.NEVER:
            yield event(EventKind.END, end, vehicle=vehicle.name)
