"""The data of one path's story: every event, in order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fundsim.kernels import layout
from fundsim.kernels.layout import ClosingBlock, EnterpriseBlock, FundBlock, MarketBlock
from fundsim.kernels.property.records import PropertyBlock
from fundsim.plan import Plan
from fundsim.results.property_events import KINDS, property_rows
from fundsim.scenario.scenario import Scenario
from fundsim.vocabulary import Channel

COLUMNS = ["period", "date", "kind", "vehicle", "counterpart", "amount", "detail"]
ORDER = (
    "window",
    "closing",
    *KINDS[:-1],
    "exit",
    "fee",
    "distribution",
    "carry",
    "interest",
    "deal",
    "purchase",
    "lost_deals",
    "call",
    "end",
)


@dataclass(frozen=True)
class Trace:
    """What happened on one path.

    Attributes
    ----------
    path, seed : int
    events : DataFrame
        ``period date kind vehicle counterpart amount detail``; kinds are those of `ORDER`. Of a deal the
        counterpart is the enterprise, the amount what was paid at the deal and the detail the stage and
        the round's size; of an exit the amount is what it brought and the detail its channel and cost.
        Events of property have a project or a REIT as counterpart, and no vehicle but for a purchase.
    measures : DataFrame
        The path's measures, as in `Results.measures`.
    scenario : Scenario
        The scenario of the run.
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
    owner = np.array([d.vehicle for d in plan.names.deals] or [0])[deal]
    k = np.array([d.number for d in plan.names.deals] or [0])[deal]
    group = np.where(is_park, streams, len(parks) + owner).astype(np.int64)
    number = np.where(is_park, numbers, k).astype(np.int64) + 1
    pairs, codes = np.unique(group * (1 << 32) + number, return_inverse=True)
    vehicles = [vehicle.name for vehicle in plan.scenario.vehicles]
    sources = [*parks, *(f"{name} · outside" for name in vehicles)]
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
    distinct = list(dict.fromkeys(sold))
    place = np.array([distinct.index(interest) for interest in sold], dtype=np.int32)
    codes = np.empty(len(deals), dtype=np.int32)
    codes[~is_property] = enterprises.codes
    first = len(enterprises.categories)
    codes[is_property] = first + place[deals[is_property] - len(plan.names.deals)]
    return pd.Categorical.from_codes(codes, [*enterprises.categories, *distinct])


def trace_events(
    plan: Plan,
    market: MarketBlock,
    closing: ClosingBlock,
    world: EnterpriseBlock,
    property_block: PropertyBlock,
    funds: FundBlock,
) -> pd.DataFrame:
    """Events of a block of one path."""
    rows: list[tuple[int, str, str, str, float, str]] = []
    states = [state.name for state in plan.scenario.market.window.states]
    before = -1
    for t, state in enumerate(market.window[0].tolist()):
        if state != before:
            rows.append((t, "window", "", "", np.nan, states[state]))
            before = state
    rows += closing_rows(plan, closing)
    rows += property_rows(plan, property_block, funds)
    rows += deal_rows(plan, world, funds)
    rows += exit_rows(plan, world, funds)
    rows += cash_rows(plan, funds)
    events = pd.DataFrame(rows, columns=["period", "kind", "vehicle", "counterpart", "amount", "detail"])
    events["date"] = pd.to_datetime(plan.grid.flow_dates())[events["period"].to_numpy(dtype=int)]
    events["rank"] = events["kind"].map({kind: i for i, kind in enumerate(ORDER)})
    events = events.sort_values(["period", "rank"], kind="stable")
    return events[COLUMNS].reset_index(drop=True)


def closing_rows(plan: Plan, closing: ClosingBlock) -> list[tuple[int, str, str, str, float, str]]:
    """What each investor closed, and whether the vehicle started."""
    rows = []
    for row, (v, i) in enumerate(plan.names.investor_rows):
        vehicle = plan.scenario.vehicles[v]
        start = plan.names.start_periods[v]
        if start < plan.grid.n_periods:
            detail = "started" if closing.is_started[0, v] else "not started"
            label = vehicle.investors[i].label
            rows.append((start, "closing", vehicle.name, label, float(closing.closed[0, row]), detail))
    return rows


def deal_rows(
    plan: Plan, world: EnterpriseBlock, funds: FundBlock
) -> list[tuple[int, str, str, str, float, str]]:
    """Every first investment, with its stage and what the round raised."""
    stages = [stage for _, stage in plan.names.stages]
    rows = []
    for d, deal in enumerate(plan.names.deals):
        row = int(funds.deal_row[0, d])
        name = plan.scenario.vehicles[deal.vehicle].name
        if row < 0:
            continue
        place = int(funds.deal_place[0, d])
        stage = stages[int(world.first_stage[row]) + place]
        pre, sold = world.round_pre[row, place], world.round_sold[row, place]
        enterprise = enterprise_names(plan, world.stream[row : row + 1], world.number[row : row + 1])[0]
        detail = f"{stage}; raised {pre * sold / (1 - sold):.4g} at {pre:.4g} pre-money"
        if funds.deal_is_credited[0, d]:
            detail += "; credited to the park"
        amount = float(funds.deal_first_cost[0, d])
        rows.append((int(funds.deal_bought[0, d]), "deal", name, enterprise, amount, detail))
    return rows


def exit_rows(
    plan: Plan, world: EnterpriseBlock, funds: FundBlock
) -> list[tuple[int, str, str, str, float, str]]:
    """Every exit, dated at its last sale."""
    rows = []
    for e in range(int(funds.n_exits[0])):
        d = int(funds.exit_deal[0, e])
        if d >= len(plan.names.deals):
            vehicle, sold = plan.names.holdings[d - len(plan.names.deals)]
        else:
            row = int(funds.deal_row[0, d])
            vehicle = plan.scenario.vehicles[plan.names.deals[d].vehicle].name
            sold = enterprise_names(plan, world.stream[row : row + 1], world.number[row : row + 1])[0]
        detail = f"{Channel(funds.exit_channel[0, e]).word}; cost {funds.exit_cost[0, e]:.4g}"
        amount = float(funds.exit_proceeds[0, e])
        rows.append((int(funds.exit_period[0, e]), "exit", vehicle, sold, amount, detail))
    return rows


def cash_rows(plan: Plan, funds: FundBlock) -> list[tuple[int, str, str, str, float, str]]:
    """Calls, distributions, fees, carry and the ends of vehicles."""
    rows = []
    for v, vehicle in enumerate(plan.scenario.vehicles):
        classes = [c for c, (owner, _, _) in enumerate(plan.names.classes) if owner == v]
        flows = {
            "call": funds.contribution[0, classes].sum(axis=0),
            "distribution": funds.distribution[0, classes].sum(axis=0),
            "fee": funds.fee[0, v],
            "carry": funds.carry[0, v],
        }
        for kind, amounts in flows.items():
            for t in np.flatnonzero(np.abs(amounts) > 1e-12).tolist():
                rows.append((t, kind, vehicle.name, "", float(amounts[t]), ""))
        end = int(funds.end_period[0, v])
        if 0 <= end < layout.NEVER:
            rows.append((end, "end", vehicle.name, "", np.nan, ""))
    return rows
