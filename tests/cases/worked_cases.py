"""The tables of docs/worked-cases.md, read from the page, and the same numbers from the engine."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.cases.published_cases import exact, run

PAGE = Path(__file__).parents[2] / "docs" / "worked-cases.md"
FLOWS = {
    "called": "contribution",
    "fee": "fee",
    "distributed": "distribution",
    "carry": "carry",
    "value": "nav",
}
# half a unit of the sixth digit after the point, which is the last one printed
PRINTED = 5.1e-7
N_PATHS = 2


@dataclass(frozen=True)
class Table:
    """A table of the page with what stands above it: scenario,
    and vehicle and investor or the kind of table.
    """

    marks: dict
    columns: list
    rows: list

    @property
    def name(self):
        """Scenario, and whose table it is."""
        kept = [value for key, value in self.marks.items() if key != "scenario"]
        return ", ".join([self.marks["scenario"].removeprefix("worked_").replace("_", " "), *kept])


def cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def tables():
    """Every table of the page that has a mark above it."""
    found = []
    for mark, block in re.findall(
        r"<!-- (scenario: .*?) -->\n((?:\|.*\n)+)", PAGE.read_text(encoding="utf-8")
    ):
        marks = dict(part.split(": ") for part in mark.split("; "))
        head, _, *rows = block.strip().splitlines()
        found.append(Table(marks, cells(head), [cells(row) for row in rows]))
    return found


def flow_of(results, column, vehicle, investor):
    """Means of a flow by period."""
    label = "general partner carry" if column == "carry" else investor
    rows = results.cash_flows(vehicle, label).set_index("flow").loc[FLOWS[column]]
    assert (rows["standard_error"] < 1e-9).all(), "all paths are the same"
    return rows["mean"].to_numpy()


def stake_after(results, vehicle, period):
    """Share of the company that is held at the end of a period, in
    percent, from the price and what is left of the value.
    """
    start = {1: 200.0}.get(period + 1, 250.0 * np.exp(0.02 * (period + 1 - 9)))
    return 100.0 * flow_of(results, "value", vehicle, "all")[period] / start


def flows_compared(table, seed=1):
    """A table by date: every printed number, and nothing paid at dates that are not in it."""
    results = run(table.marks["scenario"], N_PATHS, seed)
    vehicle, investor = table.marks["vehicle"], table.marks.get("investor", "all")
    periods = [int(row[0]) - 1 for row in table.rows]
    for place, column in enumerate(table.columns[1:], start=1):
        if column == "stake after, %":
            ours = np.zeros(len(results.dates))
            for period in periods:
                ours[period] = stake_after(results, vehicle, period)
        else:
            ours = flow_of(results, column, vehicle, investor)
        for row, period in zip(table.rows, periods, strict=True):
            label = f"{column}, {table.columns[0]} {row[0]}"
            yield exact(label, float(row[place]), ours[period], PRINTED)
        if column in ("called", "fee", "distributed", "carry"):
            others = np.delete(ours, periods)
            yield exact(f"{column}, all other dates", 0.0, np.abs(others).max(initial=0.0), PRINTED)


def preference_compared(table, seed=1):
    """What each fund gets at the sale."""
    results = run(table.marks["scenario"], N_PATHS, seed)
    for preference, price, *amounts in table.rows:
        for which, amount in zip(("early", "late"), amounts, strict=True):
            ours = flow_of(results, "distributed", f"{which} in {preference} {price}", "all").sum()
            yield exact(f"{preference}, sold at {price}, {which} fund", float(amount), ours, PRINTED)


def closing_compared(table, seed=1):
    """What is planned and closed, by investor, and what is callable, as calls are shared by it."""
    results = run(table.marks["scenario"], N_PATHS, seed)
    events = results.trace(0).events
    closings = events[events["kind"] == "closing"].set_index(["vehicle", "counterpart"])["amount"]
    for vehicle, investor, planned, closed, callable_money in table.rows:
        one = next(i for i in results.scenario.vehicle(vehicle).investors if i.label == investor)
        who = f"{vehicle}, {investor}"
        yield exact(f"{who}, planned", float(planned), one.commitment, PRINTED)
        yield exact(f"{who}, closed", float(closed), closings[vehicle, investor], PRINTED)
        called = [flow_of(results, "called", vehicle, label).sum() for label in (investor, "all")]
        whole = sum(float(row[-1]) for row in table.rows if row[0] == vehicle)
        ours = whole * called[0] / called[1] if called[1] else 0.0
        yield exact(f"{who}, callable", float(callable_money), ours, PRINTED)


def compared(table, seed=1):
    """The comparisons of a table of the page."""
    kinds = {"preference": preference_compared, "closing": closing_compared}
    return kinds.get(table.marks.get("table"), flows_compared)(table, seed)
