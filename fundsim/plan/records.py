"""Owns how rows of the plan become arrays: records of which every field is given, rows of different lengths,
offsets of groups, and a scenario's distributions as three columns.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from fundsim.kernels.base import distributions
from fundsim.kernels.base.distributions import Tables, Triple


def records(dtype: np.dtype, rows: Iterable[Mapping[str, Any]], shape: tuple[int, ...] = ()) -> np.ndarray:
    """
    Records from their fields by name: the one way in which terms come to kernels.

    Parameters
    ----------
    dtype : dtype
        Of a record.
    rows : iterable of mappings
        The fields of each row: a value, or an array of ``shape`` and the field's own shape.
    shape : tuple of int
        Of the records of a row, such as ``(n_periods,)`` for one a period.

    Returns
    -------
    ndarray of dtype, (rows, *shape)

    Raises
    ------
    AssertionError
        Where a row lacks a field of the record, or has one that the record has not.
    """
    given, names = list(rows), set(dtype.names or ())
    out = np.zeros((len(given), *shape), dtype=dtype)
    columns = {name: out[name] for name in dtype.names or ()}
    for i, row in enumerate(given):
        assert row.keys() == names, f"missing or unknown: {sorted(row.keys() ^ names)}"
        for name, value in row.items():
            columns[name][i] = value
    return out


def table(rows: Sequence[Any], fill: float) -> np.ndarray:
    """Rows of different lengths as one array, at least one column, `fill` behind the shorter ones."""
    out = np.full((len(rows), max([1, *map(len, rows)])), fill)
    for i, row in enumerate(rows):
        out[i, : len(row)] = row
    return out


def first_of(groups: Sequence[int], n_groups: int) -> np.ndarray:
    """Offsets of the groups in a list that is sorted by group, with the end behind the last."""
    return np.searchsorted(np.array(groups, dtype=np.int64), np.arange(n_groups + 1)).astype(np.int64)


def lognormal(given: Any) -> Triple:
    """A scenario's lognormal as three columns."""
    return distributions.lognormal(given.median, given.log_sd)


def beta(given: Any, tables: Tables) -> Triple:
    """A scenario's beta as three columns."""
    return distributions.beta(given.mean, given.sd, tables)
