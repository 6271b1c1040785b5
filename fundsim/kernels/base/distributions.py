"""Owns the distributions that terms are written in: the three
columns ``(table, a, b)`` and one draw from each of them.
"""

import math

import numpy as np

from fundsim.kernels.base.jit import kernel
from fundsim.kernels.base.quantiles import beta_table, draw, gamma_table
from fundsim.kernels.base.random import normal

FIXED, LOGNORMAL, EXPONENTIAL = -1.0, -2.0, -3.0
"""Codes in the table column of distributions that need no table."""

Triple = tuple[float, float, float]
Tables = list[np.ndarray]


def fixed(value: float) -> Triple:
    """The columns of a quantity that does not vary."""
    return FIXED, float(value), 0.0


def lognormal(median: float, log_sd: float = 0.0) -> Triple:
    """
    The columns of a lognormal.

    Parameters
    ----------
    median : float
        Above 0, in the unit of the quantity.
    log_sd : float
        Standard deviation of the logarithm; 0 is the constant `median`.

    Returns
    -------
    (float, float, float)
    """
    return fixed(median) if log_sd == 0.0 else (LOGNORMAL, float(median), float(log_sd))


def exponential(mean: float) -> Triple:
    """The columns of an exponential with the given mean."""
    return EXPONENTIAL, float(mean), 0.0


def gamma(mean: float, shape: float, tables: Tables) -> Triple:
    """
    The columns of a gamma.

    Parameters
    ----------
    mean : float
        In the unit of the quantity; 0 is the constant 0.
    shape : float
        Shape k, so that the variance is ``mean**2 / k``; 1 is exponential.
    tables : list of ndarray
        Quantile tables of the plan so far; a new one is appended, an equal one used again.

    Returns
    -------
    (float, float, float)

    Raises
    ------
    ValueError
        When the shape is outside the range of `fundsim.kernels.base.quantiles.gamma_table`.
    """
    if mean == 0.0:
        return fixed(0.0)
    if shape == 1.0:
        return exponential(mean)
    return _place(gamma_table(float(shape)), tables), mean / shape, 0.0


def beta(mean: float, sd: float, tables: Tables) -> Triple:
    """
    The columns of a beta on [0, 1].

    Parameters
    ----------
    mean, sd : float
        ``sd**2 < mean * (1 - mean)``; an sd of 0 is the constant `mean`.
    tables : list of ndarray
        Quantile tables of the plan so far; a new one is appended, an equal one used again.

    Returns
    -------
    (float, float, float)

    Raises
    ------
    ValueError
        When no beta has these moments, or its parameters are outside the range of the quantile tables.
    """
    if sd == 0.0:
        return fixed(mean)
    weight = mean * (1.0 - mean) / sd**2 - 1.0
    if not weight > 0.0:
        raise ValueError(f"no beta has mean {mean:g} and sd {sd:g}; sd² must be below mean·(1 − mean)")
    return _place(beta_table(mean * weight, (1.0 - mean) * weight), tables), 1.0, 0.0


def _place(table: np.ndarray, tables: Tables) -> float:
    for number, known in enumerate(tables):
        if known is table or np.array_equal(known, table):
            return float(number)
    tables.append(table)
    return float(len(tables) - 1)


TRIPLE = (3,)
"""Shape of a distribution in a record: (table, a, b)."""


@kernel(allocates=False)
def draw_from(tables, triple, u):
    """
    The quantile of `u` under a distribution.

    Parameters
    ----------
    tables : float64 array (N, segments, coefficients)
        From `fundsim.kernels.base.quantiles.stack`.
    triple : float64 array (3,)
        Columns ``(table, a, b)`` of `fundsim.kernels.layout`.
    u : float64
        In (0, 1).

    Returns
    -------
    float64
    """
    code = triple[0]
    if code >= 0.0:
        return triple[1] * draw(tables, np.int64(code), u) + triple[2]
    if code == FIXED:
        return triple[1]
    if code == LOGNORMAL:
        return triple[1] * math.exp(triple[2] * normal(u))
    return -triple[1] * math.log(1.0 - u)  # 1 − u is exact for uniforms, and log is faster than log1p


def in_logs(columns: Triple) -> Triple:
    """The columns for `log_draw`: what is lognormal or fixed by the logarithm of its median."""
    code, a, b = columns
    return (code, float(np.log(a)), b) if code in (LOGNORMAL, FIXED) else columns


@kernel(allocates=False)
def log_draw(tables, columns, u):
    """The logarithm of `draw_from`, without taking the exponential
    of a lognormal; `columns` are from `in_logs`.
    """
    if columns[0] == LOGNORMAL:
        return columns[1] + columns[2] * normal(u)
    if columns[0] == FIXED:
        return columns[1]
    return math.log(draw_from(tables, columns, u))
