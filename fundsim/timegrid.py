"""Owns the grid of equal periods: dates, indices and the factors that turn annual rates into a period's."""

import calendar
import datetime
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fundsim.arguments import number, whole_number
from fundsim.errors import ArgumentError

PERIODS_PER_YEAR = (1, 2, 4, 12)

# A time that sums to a period's end but for rounding belongs to that period.
_ROUNDING = 1e-9


def compound_rate(annual_rate: float, periods_per_year: float) -> float:
    """Rate of a period that compounds to an annual effective rate: ``(1 + r)**Δ − 1``.

    Examples
    --------
    >>> round(compound_rate(0.08, 4), 6)
    0.019427
    """
    return math.expm1(math.log1p(annual_rate) / periods_per_year) if annual_rate > -1.0 else -1.0


def add_months(date: datetime.date, months: int) -> datetime.date:
    """The same day some months later, or the last day of that month where it has no such day.

    Examples
    --------
    >>> add_months(datetime.date(2025, 1, 31), 1)
    datetime.date(2025, 2, 28)
    """
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    return datetime.date(year, month + 1, min(date.day, calendar.monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class TimeGrid:
    """
    `n_periods` equal periods from a date.

    Flows have `n_periods` entries, entry `t` dated at the end of period `t`; stocks have one more, entry 0
    being before the first period.

    Parameters
    ----------
    periods_per_year : {1, 2, 4, 12}
        `m`; a period is `1/m` years.
    n_periods : int
        Number of periods, at least 1.
    start : datetime.date
        First day of the first period.

    Raises
    ------
    ArgumentError
        If a number is out of its range or the grid runs beyond the year 9999.

    Examples
    --------
    >>> grid = TimeGrid(periods_per_year=4, n_periods=6, start=datetime.date(2025, 1, 1))
    >>> grid.flow_dates()[:2]
    array(['2025-03-31', '2025-06-30'], dtype='datetime64[D]')
    """

    periods_per_year: int
    n_periods: int
    start: datetime.date

    def __post_init__(self) -> None:
        m = whole_number("periods_per_year", self.periods_per_year, 1, 12)
        if m not in PERIODS_PER_YEAR:
            raise ArgumentError(f"periods_per_year is {m}; give 1, 2, 4 or 12")
        object.__setattr__(self, "periods_per_year", m)
        object.__setattr__(self, "n_periods", whole_number("n_periods", self.n_periods, 1, 120_000))
        if isinstance(self.start, datetime.datetime) or not isinstance(self.start, datetime.date):
            raise ArgumentError(f"start is {self.start!r}; give a datetime.date")
        if self.start.year + (self.n_periods + m) // m >= datetime.MAXYEAR:
            raise ArgumentError(f"{self.n_periods} periods from {self.start} run beyond the year 9999")

    @property
    def period_years(self) -> float:
        """`Δ`, the length of a period in years."""
        return 1.0 / self.periods_per_year

    @property
    def months(self) -> int:
        """Length of a period in months."""
        return 12 // self.periods_per_year

    def period_end(self, t: int) -> datetime.date:
        """Last day of period `t`; −1 gives the day before the start."""
        return add_months(self.start, (t + 1) * self.months) - datetime.timedelta(days=1)

    def flow_dates(self) -> NDArray[np.datetime64]:
        """Dates of the flows: last days of the periods, shape (T,)."""
        return np.array([self.period_end(t) for t in range(self.n_periods)], dtype="datetime64[D]")

    def period_of(self, years: float) -> int:
        """
        The period in which a continuous time falls, ``ceil(s·m) − 1``.

        A time on a boundary belongs to the period that ends there, a time within rounding of it too; time
        0 and before belong to period 0. The answer may lie beyond the grid.

        Parameters
        ----------
        years : float
            Time since the start; years.
        """
        return max(0, math.ceil(years * self.periods_per_year - _ROUNDING) - 1)

    def period_of_date(self, date: datetime.date) -> int:
        """The period that contains a day; negative before the start, possibly beyond the grid."""
        passed = (date.year - self.start.year) * 12 + date.month - self.start.month
        guess = passed // self.months
        while self.period_end(guess) < date:
            guess += 1
        while self.period_end(guess - 1) >= date:
            guess -= 1
        return guess

    def n_periods_in(self, years: float) -> int:
        """Whole periods nearest to a length of time, halves upwards; `years` at least 0."""
        length = number("years", years, 0.0)
        return math.floor(length * self.periods_per_year + 0.5 + _ROUNDING)

    def length(self, years: float) -> int:
        """Periods of something that takes time: the nearest whole number, at least one."""
        return max(self.n_periods_in(years), 1)

    def n_periods_covering(self, years: float) -> int:
        """Whole periods that cover a length of time: what may not come earlier."""
        return math.ceil(years * self.periods_per_year - _ROUNDING)

    def compound(self, annual_rate: float) -> float:
        """Rate of a period of an annual effective rate."""
        return compound_rate(annual_rate, self.periods_per_year)
