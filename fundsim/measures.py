"""Owns the return measures on plain arrays: rates of return, multiples and public market equivalents."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fundsim.arguments import (
    FloatArray,
    broadcast,
    choice,
    finite_array,
    non_negative_array,
    number,
    positive_array,
    same_shape,
)
from fundsim.errors import ArgumentError
from fundsim.kernels.formulas import irr as kernels
from fundsim.kernels.formulas.irr_lanes import allocate_lanes, irr_rows
from fundsim.kernels.formulas.pme import pme_rows
from fundsim.vocabulary import IrrStatus

__all__ = [
    "DAY_COUNTS",
    "IrrStatus",
    "Multiples",
    "direct_alpha",
    "irr",
    "irr_roots",
    "irr_status",
    "ks_pme",
    "multiples",
    "xirr",
]

_PERIODS = np.empty(0)


class Multiples(NamedTuple):
    """Total, realised and unrealised value over what was paid in,
    shape (...); nan where nothing was paid in.

    Examples
    --------
    >>> fs.measures.multiples([100.0, 0.0], [0.0, 80.0], nav=60.0).tvpi
    1.4
    """

    tvpi: Any
    dpi: Any
    rvpi: Any


def irr(net_cash_flows: Any, periods_per_year: float = 1) -> Any:
    """
    Annual effective internal rate of return, `(1 + r)^m − 1` of the rate of a period (8.1).

    Parameters
    ----------
    net_cash_flows : array_like, shape (..., T)
        Distributions less contributions, a period apart; a final NAV belongs into the last flow. Money.
    periods_per_year : float
        Periods a year, positive.

    Returns
    -------
    float64 array, shape (...), or a float for one stream
        −1 where nothing comes back; nan where there is no rate (`irr_status` says why). Of several rates,
        the one nearest zero among those at which NPV falls with the rate.

    Raises
    ------
    ArgumentError
        If a flow is not finite (the first is named) or there is none.

    Examples
    --------
    >>> round(fs.measures.irr([-100.0, 0.0, 121.0]), 4)
    0.1
    >>> fs.measures.irr([[-100.0, 110.0], [-100.0, 0.0]]).round(4)
    array([ 0.1, -1. ])
    """
    rates, _ = _rates_and_status(net_cash_flows, periods_per_year)
    return float(rates) if rates.ndim == 0 else rates


def irr_status(net_cash_flows: Any, periods_per_year: float = 1) -> Any:
    """
    How many internal rates of return streams have, and why some have none.

    Parameters
    ----------
    net_cash_flows, periods_per_year
        As in `irr`.

    Returns
    -------
    int64 array, shape (...), or an `IrrStatus` for one stream
        Values of `IrrStatus`. Roots that rounding cannot tell apart (about 1e-7) count as one.

    Raises
    ------
    ArgumentError
        As `irr`.

    Examples
    --------
    >>> fs.measures.irr_status([100.0, -200.0, 150.0])
    <IrrStatus.NO_ROOT: 2>
    """
    _, status = _rates_and_status(net_cash_flows, periods_per_year)
    return IrrStatus(int(status)) if status.ndim == 0 else status


def irr_roots(net_cash_flows: Any, periods_per_year: float = 1) -> FloatArray:
    """
    Every distinct annual rate above −1 at which the net present value of one stream is zero.

    Parameters
    ----------
    net_cash_flows : array_like, shape (T,)
        As in `irr`.
    periods_per_year : float
        Periods a year, positive.

    Returns
    -------
    float64 array, shape (number of roots,)
        Ascending; empty where there is none, also where nothing comes back.

    Raises
    ------
    ArgumentError
        If a flow is not finite, or there is more than one stream.

    Examples
    --------
    >>> fs.measures.irr_roots([-100.0, 230.0, -132.0]).round(6)
    array([0.1, 0.2])
    """
    flows = finite_array("net_cash_flows", net_cash_flows)
    if flows.ndim != 1:
        raise ArgumentError(f"net_cash_flows have shape {flows.shape}; give one stream, shape (T,)")
    m = number("periods_per_year", periods_per_year, 0.0, open_low=True)
    roots = np.empty(flows.size)
    n_roots = kernels.irr_all_roots(flows, _PERIODS, m, roots)
    return roots[:n_roots].copy()


def _rates_and_status(net_cash_flows: Any, periods_per_year: float) -> tuple[FloatArray, NDArray[np.int64]]:
    flows = finite_array("net_cash_flows", net_cash_flows)
    m = number("periods_per_year", periods_per_year, 0.0, open_low=True)
    rows = flows.reshape(-1, flows.shape[-1])
    rates, status = np.empty(len(rows)), np.empty(len(rows), dtype=np.int64)
    irr_rows(rows, m, allocate_lanes(rows.shape[1]), rates, status)
    return rates.reshape(flows.shape[:-1]), status.reshape(flows.shape[:-1])


def _actual_days(dates: NDArray[np.datetime64], days_in_year: float) -> FloatArray:
    return (dates - dates[0]).astype(np.float64) / days_in_year


def _actual_actual(dates: NDArray[np.datetime64]) -> FloatArray:
    """ISDA: days in leap years over 366, days in other years over 365."""
    year_starts = dates.astype("datetime64[Y]")
    years = year_starts.astype(np.int64) + 1970
    is_leap = (years % 4 == 0) & ((years % 100 != 0) | (years % 400 == 0))
    passed = (dates - year_starts.astype("datetime64[D]")).astype(np.float64)
    position = years + passed / np.where(is_leap, 366.0, 365.0)
    return position - position[0]


def _thirty_360(dates: NDArray[np.datetime64]) -> FloatArray:
    """Bond basis: a 31st counts as a 30th, at the end of a span only if it began on a 30th or 31st."""
    months = dates.astype("datetime64[M]")
    day = (dates - months.astype("datetime64[D]")).astype(np.int64) + 1
    first = min(int(day[0]), 30)
    last = np.where((day == 31) & (first == 30), 30, day)
    return ((months - months[0]).astype(np.float64) * 30.0 + last - first) / 360.0


DAY_COUNTS = {
    "actual/365": lambda dates: _actual_days(dates, 365.0),
    "actual/360": lambda dates: _actual_days(dates, 360.0),
    "30/360": _thirty_360,
    "actual/actual": _actual_actual,
}
"""Years from the first of ascending dates to each of them, by market convention."""


def xirr(dates: Any, amounts: Any, day_count: str = "actual/365") -> float:
    """
    Annual effective internal rate of return of dated flows.

    Parameters
    ----------
    dates : array_like of dates, shape (n,)
        `datetime.date`, `numpy.datetime64`, timestamps or ISO text, in any order; a day may occur more
        than once.
    amounts : array_like, shape (n,)
        Flow of each date, positive when received; money.
    day_count : {"actual/365", "actual/360", "30/360", "actual/actual"}
        Convention that turns days into years; actual/365 is a spreadsheet's.

    Returns
    -------
    float
        As `irr`: −1 where nothing comes back, nan where there is no rate.

    Raises
    ------
    ArgumentError
        If dates and amounts differ in number, one of them is missing, or the day count is unknown.

    Examples
    --------
    >>> round(fs.measures.xirr(["2024-01-01", "2025-01-01"], [-100.0, 110.0]), 4)
    0.0997
    >>> round(fs.measures.xirr(["2024-01-01", "2025-01-01"], [-100.0, 110.0], "30/360"), 4)
    0.1
    """
    convention = DAY_COUNTS[choice("day_count", day_count, tuple(DAY_COUNTS))]
    flows = finite_array("amounts", amounts)
    days = _days(dates)
    same_shape(dates=days, amounts=flows)
    if flows.ndim != 1:
        raise ArgumentError(f"amounts have shape {flows.shape}; give one stream, shape (n,)")
    order = np.argsort(days, kind="stable")
    # Flows start the clock: a zero before the first of them must not move it.
    order = order[np.flatnonzero(flows[order])[:1].sum() :]
    times, which = np.unique(convention(days[order]), return_inverse=True)
    merged = np.bincount(which, weights=flows[order], minlength=times.size)
    x, _ = kernels.irr_period(merged, times, 1.0, np.nan)
    return float(np.expm1(x))


def _days(dates: Any) -> NDArray[np.datetime64]:
    try:
        days = np.asarray(dates, dtype="datetime64[D]")
    except (TypeError, ValueError, OverflowError) as error:
        raise ArgumentError(f"dates are not all dates: {error}") from None
    if np.isnat(days).any():
        raise ArgumentError(f"dates[{int(np.argmax(np.isnat(days)))}] is missing")
    return days


def multiples(contributions: Any, distributions: Any, nav: Any) -> Multiples:
    """
    Multiples of what was paid in: `tvpi = dpi + rvpi`.

    Parameters
    ----------
    contributions, distributions : array_like, shape (..., T)
        Paid in and paid out; money, zero or positive.
    nav : array_like, shape (...)
        Last value; money.

    Returns
    -------
    Multiples
        `tvpi`, `dpi`, `rvpi`, each (...), floats for one stream; nan where nothing was paid in.

    Raises
    ------
    ArgumentError
        If an entry is negative or not finite (NAV may be negative), or shapes do not fit.

    Examples
    --------
    >>> fs.measures.multiples([100.0, 0.0], [0.0, 80.0], nav=60.0)
    Multiples(tvpi=1.4, dpi=0.8, rvpi=0.6)
    """
    paid_in = non_negative_array("contributions", contributions)
    paid_out = non_negative_array("distributions", distributions)
    same_shape(contributions=paid_in, distributions=paid_out)
    value = broadcast(paid_in.shape[:-1], "nav", finite_array("nav", nav, at_least_1d=False))
    total = paid_in.sum(axis=-1)
    base = np.where(total > 0.0, total, np.nan)
    dpi, rvpi = paid_out.sum(axis=-1) / base, value / base
    results = (dpi + rvpi, dpi, rvpi)
    return Multiples(*(float(each) for each in results)) if total.ndim == 0 else Multiples(*results)


def ks_pme(contributions: Any, distributions: Any, nav: Any, index: Any) -> Any:
    """
    Kaplan–Schoar public market equivalent: returned over paid in, both grown with the index to the last date.

    Parameters
    ----------
    contributions, distributions : array_like, shape (..., T)
        Paid in and paid out; money, zero or positive.
    nav : array_like, shape (...)
        Value at the last date; money.
    index : array_like, shape (T,) or (..., T)
        Total-return index at the dates of the flows, positive.

    Returns
    -------
    float64 array, shape (...), or a float for one stream
        Above 1 the fund beat the index; nan where nothing was paid in.

    Raises
    ------
    ArgumentError
        If an entry is out of its range (the first is named) or shapes do not fit.

    Examples
    --------
    >>> round(fs.measures.ks_pme([100.0, 0.0], [0.0, 0.0], nav=121.0, index=[1.0, 1.1]), 4)
    1.1
    """
    return _market_equivalents(contributions, distributions, nav, index, 1)[0]


def direct_alpha(
    contributions: Any, distributions: Any, nav: Any, index: Any, periods_per_year: float = 1
) -> Any:
    """
    Direct Alpha (Gredil, Griffiths and Stucke): annual IRR of the flows grown with the index to the last
    date.

    Against an index that grows at a constant `r` it is `(1 + IRR)/(1 + r) − 1`.

    Parameters
    ----------
    contributions, distributions, nav, index
        As in `ks_pme`.
    periods_per_year : float
        Periods a year, positive.

    Returns
    -------
    float64 array, shape (...), or a float for one stream
        Discrete annual rate; −1 where nothing comes back, nan where there is none.

    Raises
    ------
    ArgumentError
        As `ks_pme`.

    Examples
    --------
    >>> round(fs.measures.direct_alpha([100.0, 0.0], [0.0, 0.0], nav=121.0, index=[1.0, 1.1]), 4)
    0.1
    """
    return _market_equivalents(contributions, distributions, nav, index, periods_per_year)[1]


def _market_equivalents(
    contributions: Any, distributions: Any, nav: Any, index: Any, periods_per_year: float
) -> tuple[Any, Any]:
    paid_in = non_negative_array("contributions", contributions)
    paid_out = non_negative_array("distributions", distributions)
    same_shape(contributions=paid_in, distributions=paid_out)
    shape, rows = paid_in.shape, (-1, paid_in.shape[-1])
    m = number("periods_per_year", periods_per_year, 0.0, open_low=True)
    value = broadcast(shape[:-1], "nav", finite_array("nav", nav, at_least_1d=False))
    levels = broadcast(shape, "index", positive_array("index", index))
    ratios, alphas = np.empty((2, value.size))
    pme_rows(
        paid_in.reshape(rows),
        paid_out.reshape(rows),
        value.reshape(-1),
        levels.reshape(rows),
        m,
        allocate_lanes(shape[-1]),
        ratios,
        alphas,
    )
    if len(shape) == 1:
        return float(ratios[0]), float(alphas[0])
    return ratios.reshape(shape[:-1]), alphas.reshape(shape[:-1])
