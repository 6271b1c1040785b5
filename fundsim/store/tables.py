"""Owns the tables of a run folder: Results as Parquet, CSV and `summary.json`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from fundsim.leverage import leverage_paths
from fundsim.results.block import BY_INVESTOR, BY_PATH
from fundsim.results.property import COLUMNS as PROPERTY
from fundsim.results.property import has_property
from fundsim.results.results import Results
from fundsim.statistics import LEVELS
from fundsim.store.files import disk_errors, whole_file
from fundsim.vocabulary import Measure

_ROWS = 250_000  # of a row group: memory stays below some tens of megabytes, and readers can skip

_NAMES = frozenset(
    ("vehicle", "investor", "enterprise", "channel", "flow", "definition", "basis", "money")
    + ("project", "reit", "interest", "mother")
)
_COUNTS = frozenset({"path", "year"})
_COLUMNS = {
    "measures": ("path", "vehicle", "investor", *Measure.words()),
    "cash_flows": ("vehicle", "investor", "date", "flow", "mean", "standard_error", *LEVELS),
    "leverage": ("path", "year", "definition", "basis", "money", "value"),
    "exits": ("path", "vehicle", "enterprise", "channel", "date", "cost", "proceeds"),
}


def schema_of(table: str) -> pa.Schema:
    """The Arrow schema of ``measures``, ``cash_flows``, ``leverage`` or ``exits``."""
    return pa.schema(
        [pa.field(name, _type_of(name), nullable=_type_of(name) == pa.float64()) for name in _COLUMNS[table]]
    )


def _type_of(column: str) -> pa.DataType:
    if column in _NAMES:
        return pa.string()
    if column in _COUNTS:
        return pa.int64()
    return pa.date32() if column == "date" else pa.float64()


def write_parquet(path: Path, table: str, chunks: Iterator[pa.Table]) -> None:
    """
    Write a Parquet file chunk by chunk, so that memory holds one chunk.

    Numbers are split into byte streams before zstd, names and paths are dictionaries; the same table makes
    the same bytes.
    """
    schema = schema_of(table)
    numbers = [field.name for field in schema if field.type == pa.float64()]
    with whole_file(path) as temporary, temporary.open("wb") as stream:
        writer = pq.ParquetWriter(
            stream,
            schema,
            compression="zstd",
            use_dictionary=[field.name for field in schema if field.name not in numbers],
            column_encoding=dict.fromkeys(numbers, "BYTE_STREAM_SPLIT"),
        )
        with writer:
            for chunk in chunks:
                writer.write_table(chunk, row_group_size=_ROWS)


def measure_chunks(results: Results) -> Iterator[pa.Table]:
    """The table of measures, a row for path × vehicle × investor in this order, in chunks of whole paths."""
    rows = results.rows
    vehicles, investors = (pa.array(names) for names in zip(*rows, strict=True))
    n_paths = max(1, _ROWS // len(rows))
    for first in range(0, results.n_paths, n_paths):
        part = _paths_of(results, first, min(first + n_paths, results.n_paths))
        place = pa.array(np.tile(np.arange(len(rows), dtype=np.int32), part.n_paths))
        columns = {
            "path": np.repeat(np.arange(first, first + part.n_paths, dtype=np.int64), len(rows)),
            "vehicle": vehicles.take(place),
            "investor": investors.take(place),
        }
        for name in Measure.words():
            columns[name] = np.stack([part.measure(name, *row) for row in rows], axis=1).ravel()
        yield pa.table(columns, schema=schema_of("measures"))


def _paths_of(results: Results, first: int, last: int) -> Results:
    """The results of some paths alone; their arrays are views, so that memory holds one chunk of measures."""
    n_rows = dict.fromkeys(BY_PATH, results.n_paths) | {
        name: len(results.arrays[name]) for name in BY_INVESTOR
    }
    views = {name: results.arrays[name][first:last] for name, n in n_rows.items() if n == results.n_paths}
    return replace(results, n_paths=last - first, arrays={**results.arrays, **views})


def frame_chunks(table: str, frame: pd.DataFrame) -> Iterator[pa.Table]:
    """A DataFrame as chunks of an Arrow table with the columns and types of that table."""
    schema = schema_of(table)
    for first in range(0, len(frame), _ROWS):
        part = frame.iloc[first : first + _ROWS]
        yield pa.table({field.name: _column(part[field.name], field.type) for field in schema}, schema=schema)


def _column(values: pd.Series[Any], kind: pa.DataType) -> pa.Array | pa.ChunkedArray:
    if kind == pa.date32():
        return pa.array(values.to_numpy(dtype="datetime64[D]"), type=kind)
    if kind == pa.string():
        return pa.array(values, from_pandas=True).cast(kind)  # text or categories alike
    return pa.array(values.to_numpy(), type=kind)


def leverage_chunks(results: Results) -> Iterator[pa.Table]:
    """The table of leverage by path and year, in chunks of whole paths."""
    values = results.arrays["leverage_years"]
    n_paths = max(1, _ROWS // max(1, values[:1].size))
    for first in range(0, len(values), n_paths):
        frame = leverage_paths(values[first : first + n_paths], results.years)
        frame["path"] += first
        yield from frame_chunks("leverage", frame)


def write_tables(folder: Path, results: Results) -> None:
    """Write the Parquet files and ``tables/*.csv`` of a run; every file appears whole or not at all."""
    write_parquet(folder / "measures.parquet", "measures", measure_chunks(results))
    write_parquet(folder / "leverage.parquet", "leverage", leverage_chunks(results))
    write_parquet(folder / "exits.parquet", "exits", frame_chunks("exits", results.exits()))
    cash_flows = results.cash_flows()
    write_parquet(folder / "cash_flows.parquet", "cash_flows", frame_chunks("cash_flows", cash_flows))
    with disk_errors(folder):
        (folder / "tables").mkdir(exist_ok=True)
    for name, frame in {"cash_flows": lambda: cash_flows, **csv_frames(results)}.items():
        write_csv(folder / "tables" / f"{name}.csv", frame())


def csv_frames(results: Results) -> dict[str, Callable[[], pd.DataFrame]]:
    """The small tables for Excel by file name; those of property where there is some."""
    of_property = (
        {name: getattr(results, name) for name in PROPERTY} if has_property(results.scenario) else {}
    )
    return {
        "summary": results.summary,
        "pooled": lambda: pooled_frame(results),
        "leverage": results.leverage,
        "leverage_by_year": results.leverage_by_year,
        "landing": results.landing,
        "exits_by_year": results.exits_by_year,
        "activity": results.activity,
        "checks": lambda: pd.DataFrame(results.checks, columns=["name", "worst", "passed"]),
        **of_property,
    }


def pooled_frame(results: Results) -> pd.DataFrame:
    """The pooled figures (8.2) of all vehicles and investors: a row each."""
    rows = [{"vehicle": row[0], "investor": row[1], **results.pooled(*row)} for row in results.rows]
    return pd.DataFrame(rows)


def write_csv(path: Path, frame: pd.DataFrame) -> None:
    """Write a CSV file that Excel opens with Chinese intact (UTF-8
    with byte order mark), numbers at full precision.
    """
    with whole_file(path) as temporary:
        frame.to_csv(
            temporary, index=False, encoding="utf-8-sig", lineterminator="\r\n", date_format="%Y-%m-%d"
        )


def read_csv(path: Path) -> pd.DataFrame:
    """Read what `write_csv` wrote, to the same bits; a name stays a name though it looks like a number."""
    # Not pandas: some of its versions read the last bits of a number wrongly.
    options = pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(_NAMES, pa.string()), null_values=[""])
    frame: pd.DataFrame = pyarrow.csv.read_csv(path, convert_options=options).to_pandas()
    return frame


def summary_of(results: Results) -> dict[str, Any]:
    """The content of `summary.json`; what is undefined is None."""
    return {
        "fundsim": results.version,
        "scenario": results.scenario.name,
        "seed": int(results.seed),
        "paths": int(results.n_paths),
        "precision": precision_summary(results),
        "elapsed_seconds": float(results.elapsed_seconds),
        "measures": _records(results.summary()),
        "leverage": _records(results.leverage()),
        "checks": [
            {key: _plain(check[key]) for key in ("name", "worst", "passed")} for check in results.checks
        ],
    }


def precision_summary(results: Results) -> dict[str, Any] | None:
    """Whether the run is as precise as was wanted, with each
    standard error; None if no precision was asked for.
    """
    rows = [{name: _plain(value) for name, value in row.items()} for row in results.precision()]
    if not rows:
        return None
    most = int(results.scenario.run.paths)
    return {
        "reached": all(row["reached"] for row in rows),
        "most_paths": most,
        "standard_errors": rows,
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    records = frame.to_dict("records")
    return [{str(key): _plain(value) for key, value in record.items()} for record in records]


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
