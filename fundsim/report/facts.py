"""Owns what the report knows about a run: each table asked for once, and the figures everybody quotes."""

import warnings
from functools import cached_property

import numpy as np
import pandas as pd

from fundsim.plots.subject import investor_title, unit
from fundsim.results import Results
from fundsim.scenario.principal import foremost, principal
from fundsim.statistics import LEVELS
from fundsim.vocabulary import ALL
from fundsim.words import money
from fundsim.words.numbers import NOTHING

MOST_VEHICLES = 40


class Facts:
    """A run as the report reads it.

    Parameters
    ----------
    results : Results
        The run.
    lang : {"en", "zh"}
        Language in which names and units are given.
    """

    def __init__(self, results: Results, lang: str) -> None:
        self.results = results
        self.lang = lang
        self.vehicle, self.investor = principal(results.scenario)
        self.shown = foremost(results.scenario, MOST_VEHICLES)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """The summary, by vehicle, investor and measure."""
        return self.results.summary().set_index(["vehicle", "investor", "measure"]).sort_index()

    @cached_property
    def leverage(self) -> pd.DataFrame:
        """Leverage at the horizon, where it is defined."""
        table = self.results.leverage()
        return table[np.isfinite(table["mean"].to_numpy(float))]

    @cached_property
    def exits(self) -> pd.DataFrame:
        """Number, cost and proceeds by channel, mean of a path, all vehicles and years together."""
        table = self.results.exits_by_year()
        sums = table.groupby("channel")[["count", "cost", "proceeds"]].sum()
        return sums[sums["count"] > 0]

    @cached_property
    def projects(self) -> pd.DataFrame:
        """Projects of property over all paths."""
        return self.results.projects()

    @cached_property
    def park(self) -> pd.DataFrame:
        """Property of the park by year: a row a year, columns (statistic, measure)."""
        statistics = ["mean", "standard_error", *LEVELS]
        return self.results.property_by_year().pivot(index="year", columns="measure", values=statistics)

    @cached_property
    def coverage(self) -> pd.DataFrame:
        """Coverage of debt service by year (index), of the years in which a tenth of the paths have some."""
        table = self.results.property_by_year()
        table = table[(table["measure"] == "coverage") & table["p50"].notna()].set_index("year")
        return table[table["undefined"] <= 0.9 * self.results.kept_paths]

    @cached_property
    def reits(self) -> pd.DataFrame:
        """REITs by year and measure."""
        return self.results.reits_by_year()

    @cached_property
    def holdings(self) -> pd.DataFrame:
        """Interests in property that vehicles take on some path."""
        table = self.results.holdings()
        return table[table["bought"] > 0]

    @cached_property
    def sleeves(self) -> pd.DataFrame:
        """Property against equity, where there are both."""
        return self.results.sleeves()

    @cached_property
    def landing(self) -> pd.DataFrame:
        """Landing by vehicle, where it is defined."""
        table = self.results.landing()
        return table[np.isfinite(table["p50"].to_numpy(float))]

    @cached_property
    def obliged(self) -> pd.DataFrame:
        """Landing of the vehicles that owe it."""
        return self.landing[np.isfinite(self.landing["required"].to_numpy(float))]

    def statistic(self, measure: str, name: str, vehicle: str = "", investor: str = "") -> float:
        """A statistic of a measure, of the principal unless others are named."""
        return float(self.summary.at[(vehicle or self.vehicle, investor or self.investor, measure), name])

    def title(self, vehicle: str) -> str:
        """The title of a vehicle or an outside investor, else the name."""
        return investor_title(self.results, vehicle, self.lang)

    @cached_property
    def unit(self) -> str:
        """The unit of amounts."""
        return unit(self.results, self.lang)

    def money(self, value: float) -> str:
        """An amount with its unit."""
        currency = self.results.scenario.currency
        return money(value, currency.code, currency.unit, self.lang)

    def year(self, n: int) -> str:
        """The calendar's name of the n-th year, counted from 0."""
        start = self.results.scenario.start
        first = start.year + n
        return str(first) if start.month == 1 else f"{first}/{(first + 1) % 100:02d}"

    def year_of_dpi_one(self, vehicle: str, investor: str = ALL) -> int | None:
        """The first year, counted from 0, at whose end the median DPI is 1 or more."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # years before anything is paid in
            median = np.nanmedian(self.results.dpi_by_year(vehicle, investor), axis=0)
        reached = np.flatnonzero(median >= 1)
        return int(reached[0]) if len(reached) else None

    def named_year_of_dpi_one(self, vehicle: str, investor: str = ALL) -> str:
        """The same in words."""
        year = self.year_of_dpi_one(vehicle, investor)
        return NOTHING if year is None else self.year(year)

    @cached_property
    def share_below_dpi_one(self) -> float:
        """Share of paths on which the principal's DPI ends below 1."""
        dpi = self.results.measure("dpi", self.vehicle, self.investor)
        return float(np.mean(dpi[np.isfinite(dpi)] < 1)) if np.isfinite(dpi).any() else np.nan

    @cached_property
    def years(self) -> pd.DataFrame:
        """The principal's flows by year: mean calls and distributions, 95 % of calls, mean net so far."""
        results = self.results
        flows = results.cash_flows(self.vehicle, self.investor).pivot(
            index="date", columns="flow", values="mean"
        )
        year = np.arange(len(flows)) // results.scenario.periods_per_year
        table = flows[["contribution", "distribution"]].groupby(year).sum()
        table["net_so_far"] = flows["cumulative_net"].groupby(year).last()
        calls = results.paths_of("contribution", self.vehicle, self.investor)
        yearly = np.add.reduceat(calls, np.flatnonzero(np.diff(year, prepend=-1)), axis=1)
        table["p95"] = np.quantile(yearly, 0.95, axis=0) if len(yearly) else np.nan
        return table

    @cached_property
    def commitment(self) -> float:
        """The principal's commitment."""
        investors = self.results.scenario.vehicle(self.vehicle).investors
        return next(one.commitment for one in investors if one.label == self.investor)
