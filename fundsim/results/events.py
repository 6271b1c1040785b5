"""Owns the table of events: a row an event, a column a field that some kind of event carries."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from fundsim.vocabulary import EventField, EventKind

Row = dict[str, Any]
COLUMNS = ["period", "date", "kind", *EventField.words()]


def event(kind: EventKind, period: int, **carried: Any) -> Row:
    """A row of the table; a kind carries the fields of its member, neither more nor fewer."""
    named = {field.word for field in kind.fields}
    if carried.keys() != named:
        raise TypeError(f"{kind.word} carries {sorted(named)}, not {sorted(carried)}")
    return {"period": period, "kind": kind, **carried}


def events_table(rows: Iterable[Row], dates: np.ndarray) -> pd.DataFrame:
    """Rows in the order of period and kind; what a kind does not carry is empty, nan or NA."""
    ordered = sorted(rows, key=lambda row: (row["period"], row["kind"]))
    events = pd.DataFrame(ordered, columns=[name for name in COLUMNS if name != "date"])
    events["kind"] = [row["kind"].word for row in ordered]
    events["date"] = pd.to_datetime(dates)[events["period"].to_numpy(dtype=int)]
    for field in EventField:
        events[field.word] = typed(field, events[field.word])
    return events[COLUMNS]


def typed(field: EventField, column: pd.Series) -> pd.Series:
    """A column of names, amounts or flags, each with its own way to be absent."""
    if field.role == "name":
        return column.astype(object).where(column.notna(), "")
    return column.astype(float) if field.role == "amount" else column.astype("boolean")
