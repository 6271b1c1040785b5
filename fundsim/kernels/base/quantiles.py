"""
Owns gamma and beta draws by inversion: quantile tables built once per shape, one uniform and no search a
draw.

A table holds the quantile as polynomials of degree 7 in the distance to the nearer end of (0, 1). Each
side of the median has 52 octaves of that distance, down to 2**-53, each cut in four parts. The quantile of
a gamma or beta is analytic but for branch points at 0 and 1, and every part is nine half-widths away from
the nearer one, so a polynomial of degree n misses it by about ``18**-(n + 1)`` at any depth of the tail.
Neighbouring parts share a node, so the quantile is continuous, and increasing but for roundings of at most
1e-13 of its value.

Measured against scipy for ``1e-12 <= u <= 1 - 1e-12``: relative error below 2e-10 for gamma shapes of 0.3
and above and for beta parameters of 0.3 and above; for smaller ones, and beyond that range of `u`, error
below 1e-7 standard deviations.
"""

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import special

from fundsim.kernels.base.jit import kernel

LEAST_SHAPE, GREATEST_SHAPE = 0.1, 1e5
"""Shapes outside have quantiles that double precision, or scipy, cannot give in the tails."""

_OCTAVES = 52
_PARTS = 4
_SIDE = _OCTAVES * _PARTS
ROWS, COLUMNS = 1 + 2 * _SIDE, 8
"""Shape of every table: a header, then the parts below the
median, then those above; a row is one cache line.
"""

# The header is row 0: kind, least value, greatest value.
_POLYNOMIALS, _EXPONENTIAL = 0.0, 1.0
_LEAST_POSITIVE = float(np.finfo(np.float64).tiny)
_BELOW_ONE = 1.0 - 2.0**-53

_DEEPEST = 2.0**-53
_BELOW_HALF = 0.5 - 2.0**-54

# The exponent and the first two bits of the mantissa, read as an integer, count the parts; the rest is the
# place in it.
_PART_BITS = np.int64(2)
_ROW_SHIFT = np.int64(50)
_MANTISSA = np.int64((1 << 52) - 1)
_ONE_TO_TWO = np.float64(1.0).view(np.int64)
_FIRST_ROW = (np.float64(_DEEPEST).view(np.int64) >> _ROW_SHIFT) - np.int64(1)


@lru_cache(maxsize=512)
def gamma_table(shape: float) -> NDArray[np.float64]:
    """
    Quantile table of the gamma distribution with scale 1, so with mean `shape`.

    Parameters
    ----------
    shape : float
        From `LEAST_SHAPE` to `GREATEST_SHAPE`. Shape 1 is the exponential distribution, drawn in closed form.

    Returns
    -------
    ndarray of float64, shape (ROWS, COLUMNS), read-only
        To `stack` and `draw` from. Draws are strictly positive.

    Raises
    ------
    ValueError
        When the shape is outside the range.
    """
    _require_shape("gamma shape", shape)
    kind = _EXPONENTIAL if shape == 1.0 else _POLYNOMIALS
    return _table(
        kind,
        lambda tail: special.gammaincinv(shape, tail),
        lambda tail: special.gammainccinv(shape, tail),
        (_LEAST_POSITIVE, math.inf),
    )


@lru_cache(maxsize=512)
def beta_table(a: float, b: float) -> NDArray[np.float64]:
    """
    Quantile table of the beta distribution, with mean ``a / (a + b)``.

    Parameters
    ----------
    a, b : float
        From `LEAST_SHAPE` to `GREATEST_SHAPE`.

    Returns
    -------
    ndarray of float64, shape (ROWS, COLUMNS), read-only
        To `stack` and `draw` from. Draws are strictly inside (0, 1).

    Raises
    ------
    ValueError
        When a parameter is outside the range.
    """
    _require_shape("beta a", a)
    _require_shape("beta b", b)
    return _table(
        _POLYNOMIALS,
        lambda tail: special.betaincinv(a, b, tail),
        lambda tail: special.betainccinv(a, b, tail),
        (_LEAST_POSITIVE, _BELOW_ONE),
    )


def stack(tables: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """
    The tables of a plan in one array; a table's number is its place in the sequence.

    Parameters
    ----------
    tables : sequence of ndarray, each of shape (ROWS, COLUMNS)
        May be empty.

    Returns
    -------
    ndarray of float64, shape (len(tables), ROWS, COLUMNS), C-contiguous
    """
    stacked = np.empty((len(tables), ROWS, COLUMNS))
    for number, table in enumerate(tables):
        stacked[number] = table
    return stacked


def _require_shape(name: str, value: float) -> None:
    if not LEAST_SHAPE <= value <= GREATEST_SHAPE:
        raise ValueError(f"{name} is {value:g}; give a value from {LEAST_SHAPE:g} to {GREATEST_SHAPE:g}")


Quantile = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def _table(kind: float, lower: Quantile, upper: Quantile, bounds: tuple[float, float]) -> NDArray[np.float64]:
    tails, _ = _nodes()
    table = np.zeros((ROWS, COLUMNS))
    table[0, 0], table[0, 1:3] = kind, bounds
    table[1 : 1 + _SIDE] = _coefficients(lower(tails))
    table[1 + _SIDE :] = _coefficients(upper(tails))
    table.flags.writeable = False
    return table


def _coefficients(values: NDArray[np.float64]) -> NDArray[np.float64]:
    _, fit = _nodes()
    # Fitting the distance from the middle keeps the roundings small beside the value, so that parts join.
    middle = 0.5 * (values[:, :1] + values[:, -1:])
    # Without BLAS the sums have one order, so a table has the same bits wherever the quantiles have.
    coefficients = np.einsum("rn,nc->rc", values - middle, fit, optimize=False)
    coefficients[:, :1] += middle
    return coefficients


@lru_cache(maxsize=1)
def _nodes() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Tail probabilities of the nodes, (_SIDE, COLUMNS), and the matrix from values there to coefficients."""
    # Chebyshev's extrema: they include both ends, which joins neighbouring parts.
    x = -np.cos(np.pi * np.arange(COLUMNS) / (COLUMNS - 1))
    octaves = np.ldexp(1.0, np.arange(-_OCTAVES - 1, -1))
    starts = (octaves[:, None] * (1.0 + np.arange(_PARTS) / _PARTS)).ravel()
    widths = np.repeat(octaves / _PARTS, _PARTS)
    return starts[:, None] + widths[:, None] * (0.5 * (1.0 + x)), np.linalg.inv(
        np.vander(x, increasing=True)
    ).T


@kernel
def draw(tables, table_id, u):
    """
    The quantile of `u` under one table: one uniform, one draw, increasing in `u`.

    Parameters
    ----------
    tables : float64 array (n_tables, ROWS, COLUMNS)
        From `stack`.
    table_id : int
        Number of the table; negative is a quantity that does not vary and gives 1, for the caller's scale.
    u : float64
        In (0, 1). Beyond ``2**-53`` from the ends, and at the ends themselves, the quantile of that distance.

    Returns
    -------
    float64
        NaN when `u` is NaN.
    """
    if table_id < 0:
        return 1.0
    if tables[table_id, 0, 0] == _EXPONENTIAL:
        return _exponential_quantile(u)
    return _table_quantile(tables, table_id, u)


@kernel(is_inner=True)
def _exponential_quantile(u):
    # -ln(1 - u) to the last place for every u, at a third of log1p's cost: the log of the rounded 1 - u, and
    # the rounding's first-order effect.
    inside = min(max(u, _DEEPEST), _BELOW_ONE)
    rest = 1.0 - inside
    return (inside - (1.0 - rest)) / rest - math.log(rest)


@kernel(is_inner=True)
def _table_quantile(tables, table_id, u):
    is_lower = u < 0.5
    tail = u if is_lower else 1.0 - u
    if not tail >= _DEEPEST:  # also when NaN, whose bits are no row
        if math.isnan(u):
            return u
        tail = _DEEPEST
    bits = np.float64(min(tail, _BELOW_HALF)).view(np.int64)
    row = (bits >> _ROW_SHIFT) - _FIRST_ROW
    place = np.int64(((bits << _PART_BITS) & _MANTISSA) | _ONE_TO_TWO).view(np.float64)
    value = _polynomial(tables, table_id, row if is_lower else row + _SIDE, 2.0 * place - 3.0)
    return min(max(value, tables[table_id, 0, 1]), tables[table_id, 0, 2])


@kernel(is_inner=True)
def _polynomial(tables, i, row, x):
    x2 = x * x
    low = (tables[i, row, 0] + tables[i, row, 1] * x) + (tables[i, row, 2] + tables[i, row, 3] * x) * x2
    high = (tables[i, row, 4] + tables[i, row, 5] * x) + (tables[i, row, 6] + tables[i, row, 7] * x) * x2
    return low + high * (x2 * x2)
