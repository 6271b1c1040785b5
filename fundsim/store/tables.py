"""Owns the tables of a run folder: Results as Parquet, CSV and `summary.json`."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from fundsim.kernels.base.cache import source_key
from fundsim.results.block import BY_INVESTOR, BY_PATH, KEPT
from fundsim.results.results import Results
from fundsim.results.tables import COUNTS, DATES, TABLES, TEXT, Table
from fundsim.store.files import disk_errors, whole_file

_ROWS = 250_000  # of a row group: memory stays below some tens of megabytes, and readers can skip


def schema_of(table: Table) -> pa.Schema:
    """The Arrow schema of a table."""
    kinds = {name: _type_of(name) for name in table.columns}
    return pa.schema([pa.field(name, kind, nullable=kind == pa.float64()) for name, kind in kinds.items()])


def _type_of(column: str) -> pa.DataType:
    if column in TEXT:
        return pa.string()
    if column in COUNTS:
        return pa.int64()
    return pa.date32() if column in DATES else pa.float64()


def write_parquet(path: Path, table: Table, frames: Iterator[pd.DataFrame]) -> None:
    """
    Write a Parquet file from one part of the table after the other, so that memory holds one part.

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
            for chunk in (chunk for frame in frames for chunk in chunks_of(table, frame)):
                writer.write_table(chunk, row_group_size=_ROWS)


def parts_of(results: Results, table: Table) -> Iterator[pd.DataFrame]:
    """A table in parts of whole paths, where it has rows for each; else at once."""
    if not table.paths:
        yield results.table(table.name)
        return
    n_paths = results.n_paths if table.paths == "all" else results.kept_paths
    step = max(1, _ROWS // max(1, len(_paths_of(results, 0, 1).table(table.name))))
    for first in range(0, n_paths, step):
        frame = _paths_of(results, first, min(first + step, n_paths)).table(table.name)
        yield frame.assign(path=frame["path"] + first)


def _paths_of(results: Results, first: int, last: int) -> Results:
    """The results of some paths alone; their arrays are views, so that memory holds one part of a table."""
    by_path = BY_PATH + KEPT
    by_path += tuple(name for name in BY_INVESTOR if len(results.arrays[name]) == results.n_paths)
    views = {name: results.arrays[name][first:last] for name in by_path}
    return replace(results, n_paths=last - first, arrays={**results.arrays, **views})


def chunks_of(table: Table, frame: pd.DataFrame) -> Iterator[pa.Table]:
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


def write_tables(folder: Path, results: Results) -> None:
    """Write the Parquet files and ``tables/*.csv`` of a run; every file appears whole or not at all."""
    with disk_errors(folder):
        (folder / "tables").mkdir(exist_ok=True)
    for table in stored_tables(results):
        frame = results.table(table.name) if table.csv else None
        if table.parquet:
            parts = parts_of(results, table) if frame is None else iter([frame])
            write_parquet(folder / f"{table.parquet}.parquet", table, parts)
        if frame is not None:
            write_csv(folder / "tables" / f"{table.name}.csv", frame)


def stored_tables(results: Results) -> list[Table]:
    """The tables that the folder of a run has as files."""
    return [table for table in TABLES.values() if table.is_due(results.scenario)]


def parquet_files() -> list[str]:
    """Names of all Parquet files that the folder of a run may have."""
    return [f"{table.parquet}.parquet" for table in TABLES.values() if table.parquet]


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
    options = pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(TEXT, pa.string()), null_values=[""])
    return pyarrow.csv.read_csv(path, convert_options=options).to_pandas()


def summary_of(results: Results) -> dict[str, Any]:
    """The content of `summary.json`; what is undefined is None."""
    return {
        "fundsim": results.version,
        "kernels": source_key(),
        "scenario": results.scenario.name,
        "seed": int(results.seed),
        "paths": int(results.n_paths),
        "precision": precision_summary(results),
        "elapsed_seconds": float(results.elapsed_seconds),
        "processors": dict(sorted(results.processors.items())),
        **{table.json: _records(getattr(results, table.name)()) for table in TABLES.values() if table.json},
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
    return {
        "reached": all(row["reached"] for row in rows),
        "most_paths": int(results.scenario.run.paths),
        "standard_errors": rows,
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): _plain(value) for key, value in row.items()} for row in frame.to_dict("records")]


def _plain(value: Any) -> Any:
    value = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(value, float) and not math.isfinite(value) else value
