"""Guidance leverage (8.3)–(8.9) as tables, from the arrays of the returns pass."""

import numpy as np
import pandas as pd

from fundsim.sampling import Sampling
from fundsim.statistics import COLUMNS, LEVELS, mean_and_error, quantiles, statistics
from fundsim.vocabulary import Leverage, Money

ROWS = tuple((one.definition, one.basis, money.word) for money in Money for one in Leverage)
"""(definition, basis, money) of each column of the leverage arrays."""
KEYS = ["definition", "basis", "money"]


def leverage_table(values: np.ndarray, sampling: Sampling | None = None) -> pd.DataFrame:
    """Statistics of every definition at the horizon, `values` (paths, rows), by how the paths were drawn."""
    rows = [
        dict(zip(KEYS, key, strict=True)) | statistics(values[:, k], sampling=sampling)
        for k, key in enumerate(ROWS)
    ]
    return pd.DataFrame(rows, columns=[*KEYS, *COLUMNS]).astype({"undefined": int})


def leverage_by_year(values: np.ndarray, years: np.ndarray, sampling: Sampling | None = None) -> pd.DataFrame:
    """Mean and quantiles by year of the kept paths, `values` (paths, years, rows)."""
    rows = []
    for y, year in enumerate(years):
        for k, key in enumerate(ROWS):
            defined = values[~np.isnan(values[:, y, k]), y, k]
            found = dict.fromkeys(("mean", *LEVELS), np.nan)
            if defined.size > 1:
                mean, _ = mean_and_error(values[:, y, k], defined, sampling=sampling)
                found = {"mean": mean} | dict(zip(LEVELS, quantiles(defined), strict=True))
            rows.append({"year": int(year)} | dict(zip(KEYS, key, strict=True)) | found)
    return pd.DataFrame(rows, columns=["year", *KEYS, "mean", *LEVELS])


def leverage_paths(values: np.ndarray, years: np.ndarray) -> pd.DataFrame:
    """A row for path × year × definition, `values` (paths, years, rows)."""
    n_paths, n_years, n_rows = values.shape
    frame = {
        "path": np.repeat(np.arange(n_paths), n_years * n_rows),
        "year": np.tile(np.repeat(years, n_rows), n_paths),
    }
    place = np.tile(np.arange(n_rows), n_paths * n_years)
    for column, names in zip(KEYS, zip(*ROWS, strict=True), strict=True):
        frame[column] = categories(place, list(names))
    return pd.DataFrame(frame | {"value": values.reshape(-1)})


def categories(place: np.ndarray, names: list[str]) -> pd.Categorical:
    """Names by place as a categorical, names that stand more than once made one."""
    distinct = {name: code for code, name in enumerate(dict.fromkeys(names))}
    codes = np.array([distinct[name] for name in names], dtype=np.int16)
    return pd.Categorical.from_codes(codes[place], list(distinct))
