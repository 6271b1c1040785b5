"""Owns the tables of property (§4): projects, the park's property and REITs by year, holdings, sleeves."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from fundsim.plan import Plan
from fundsim.results.block import (
    HOLDINGS,
    PROJECT_AMOUNTS,
    PROJECT_EVENTS,
    PROJECT_YEARS,
    PROPERTY_YEARS,
    REIT_YEARS,
)
from fundsim.results.property_block import NEVER_COMPLETE
from fundsim.results.tables import TABLES, Run, Tables, table
from fundsim.sampling import Sampling, grouped
from fundsim.scenario.scenario import Scenario
from fundsim.scenario.vehicles import Vehicle
from fundsim.statistics import LEVELS, statistics
from fundsim.vocabulary import ALL

BY_YEAR = ("mean", "standard_error", *LEVELS, "undefined")
RANGE = ("mean", "standard_error", "p05", "p50", "p95")
HAPPENS = ("completed", "refinanced", "sold", "listed", "enforced")
OF_PROJECT = ("years_to_listing", "price_to_book", "least_coverage", "support", "trapped_share")
OF_PARK = (
    "value", "debt", "loan_to_value", "noi", "service", "coverage", "support", "original", "recycled",
    "recycled_per_original", "recovered", "trapped",
)  # fmt: skip
OF_PROJECT_YEAR = ("occupancy", "noi", "service", "coverage", "value", "debt", "loan_to_value")
SHARES = frozenset({"listed"})
"""Of the measures by year, those that are 1 where something is so and 0 where it is not."""
OF_HOLDING = ("share", "cost", "multiple")
OF_SLEEVES = ("mother", "correlation", "standard_error", "paths", "property_tvpi", "equity_tvpi")


class PropertyTables(Tables):
    """The tables of property of a run; without property they have columns and no rows."""

    @table("project",
           *(name + ending for name in HAPPENS for ending in ("", "_standard_error")),
           *(f"{name}_{statistic}" for name in OF_PROJECT for statistic in RANGE),
           of_property=True, part="property", title="projects")  # fmt: skip
    def projects(self: Run) -> pd.DataFrame:
        """A row for each project, over all paths.

        Probabilities that it is ever completed, refinanced, sold to a Pre-REIT holder, listed, enforced.
        Of the paths on which it is listed: years from completion to listing, and the price that its REIT
        paid over what had been spent on it. The least coverage of debt service; fiscal support in all; the
        share of its periods as a private let project in which cash was trapped.

        Examples
        --------
        >>> results.projects()[["project", "completed", "listed"]].round(1)
                         project  completed  listed
        0     first laboratories        1.0     1.0
        1       new laboratories        1.0     0.8
        2              workshops        1.0     1.0
        3  drug maker's building        1.0     0.0
        """
        return TABLES["projects"].frame(project_rows(self.plan, self.arrays, self.sampling))

    @table("project", "year", "measure", *BY_YEAR, of_property=True)
    def projects_by_year(self: Run) -> pd.DataFrame:
        """A row for project × year × measure over the kept paths.

        Occupancy and NOI also in its REIT; coverage and loan to value of its own debts, undefined without
        any.

        Examples
        --------
        >>> list(results.projects_by_year()["measure"].unique()[:3])
        ['occupancy', 'noi', 'service']
        """
        values, n_years = self.arrays["project_years"].astype(float), self.plan.n_years
        at = {name: values[..., k] for k, name in enumerate(PROJECT_YEARS)}
        at["coverage"] = ratio(at["private_noi"], at["service"])
        at["loan_to_value"] = np.where(at["debt"] > 0.0, ratio(at["debt"], at["value"]), np.nan)
        rows = (
            {"project": name} | row
            for j, name in enumerate(self.plan.names.projects)
            for row in year_rows({key: at[key][:, j] for key in OF_PROJECT_YEAR}, n_years, self.kept_sampling)
        )
        return TABLES["projects_by_year"].frame(rows)

    @table("year", "measure", *BY_YEAR, of_property=True, part="property", title="property_years")
    def property_by_year(self: Run) -> pd.DataFrame:
        """A row for year × measure of all projects together, over the kept paths.

        Value and NOI are of all space that is let, in REITs too; debt is that of projects, building or
        let, REITs' own being their gearing. Loan to value and coverage (NOI over debt service) are of let
        projects outside REITs. Fiscal support is of the year. Operators' calls paid from original and from
        recycled money, their ratio, and the capital recovered count from the start.

        Examples
        --------
        >>> list(results.property_by_year()["measure"].unique()[:3])
        ['value', 'debt', 'loan_to_value']
        """
        if not len(self.plan.names.projects):
            return TABLES["property_by_year"].frame([])
        values = self.arrays["property_years"].astype(float)
        at = {name: values[..., k] for k, name in enumerate(PROPERTY_YEARS)}
        at["loan_to_value"] = ratio(at["private_debt"], at["private_value"])
        at["coverage"] = ratio(at["private_noi"], at["service"])
        at["recycled_per_original"] = ratio(at["recycled"], at["original"])
        series = {key: at[key] for key in OF_PARK}
        return TABLES["property_by_year"].frame(year_rows(series, self.plan.n_years, self.kept_sampling))

    @table("reit", "year", "measure", *BY_YEAR, of_property=True, part="property", title="reits")
    def reits_by_year(self: Run) -> pd.DataFrame:
        """A row for REIT × year × measure, over the kept paths on which the REIT is listed at the year's end.

        `listed` is over all kept paths. The distribution yield divides the year's dividends by the market
        value of all units at its opening, and half of what was raised in the year; it is undefined in the
        year of the listing, which has no opening. Gearing is debt over assets.

        Examples
        --------
        >>> list(results.reits_by_year()["measure"].unique()[:3])
        ['listed', 'distribution_yield', 'price']
        """
        values = self.arrays["reit_years"].astype(float)
        rows = (
            {"reit": name} | row
            for r, name in enumerate(self.plan.names.reits)
            for row in year_rows(reit_measures(values[:, r]), self.plan.n_years, self.kept_sampling)
        )
        return TABLES["reits_by_year"].frame(rows)

    @table("vehicle", "interest", "bought", "bought_standard_error",
           *(f"{name}_{statistic}" for name in OF_HOLDING for statistic in RANGE),
           of_property=True, part="property", title="holdings")  # fmt: skip
    def holdings(self: Run) -> pd.DataFrame:
        """A row for vehicle × interest that it may take: how often it does, and with what result.

        Share, cost (price and calls) and multiple (income, capital and value at the horizon over cost) are
        those of the paths on which it is bought.

        Examples
        --------
        >>> results.holdings()[["interest", "bought", "share_p50"]]
                                   interest  bought  share_p50
        0    new laboratories (development)     1.0        0.5
        1       new laboratories (acquired)     0.9        0.8
        2  drug maker's building (acquired)     1.0        0.8
        3                 park REIT (units)     1.0        0.8
        """
        values = self.arrays["holdings"].astype(float)
        return TABLES["holdings"].frame(holding_rows(self.plan, values, self.sampling))

    @table(*OF_SLEEVES, of_property=True, part="property", title="sleeves")
    def sleeves(self: Run) -> pd.DataFrame:
        """Correlation over paths of property's TVPI with that of equity: see `sleeve_rows`.

        Examples
        --------
        >>> results.sleeves()[["mother", "paths"]]
           mother  paths
        0     all     40
        1  mother     40
        """
        return TABLES["sleeves"].frame(sleeve_rows(self))


def ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """Ratio, undefined where the denominator is not positive."""
    result = np.full(np.broadcast(numerator, denominator).shape, np.nan)
    return np.divide(numerator, denominator, out=result, where=denominator > 0.0)


def year_rows(
    series: Mapping[str, np.ndarray], n_years: int, sampling: Sampling | None
) -> Iterator[dict[str, Any]]:
    """Rows of a table by year, `series` (paths, years) by measure."""
    for y in range(n_years):
        for name, values in series.items():
            found = statistics(values[:, y], name in SHARES, sampling)
            yield {"year": y + 1, "measure": name} | {key: found[key] for key in BY_YEAR}


def project_rows(
    plan: Plan, arrays: Mapping[str, np.ndarray], sampling: Sampling | None
) -> Iterator[dict[str, Any]]:
    """Rows of `PropertyTables.projects`."""
    m, n_periods = plan.grid.periods_per_year, plan.grid.n_periods
    for j, name in enumerate(plan.names.projects):
        at = {key: arrays["project_events"][:, j, k].astype(int) for k, key in enumerate(PROJECT_EVENTS)}
        amounts = {
            key: arrays["project_amounts"][:, j, k].astype(float) for k, key in enumerate(PROJECT_AMOUNTS)
        }
        completed = at["completed"]
        is_complete = completed > NEVER_COMPLETE
        is_listed = at["listed"] >= 0
        series = {
            "years_to_listing": np.where(is_listed, (at["listed"] + 1 - completed) / m, np.nan),
            "price_to_book": np.where(is_listed, ratio(amounts["listing_price"], amounts["book"]), np.nan),
            "least_coverage": amounts["least_coverage"],
            "support": amounts["support"],
            "trapped_share": ratio(
                amounts["trapped_periods"], private_periods(at, completed, is_complete, n_periods)
            ),
        }
        row: dict[str, Any] = {"project": name}
        for key in HAPPENS:
            row |= probability(key, is_complete if key == "completed" else at[key] >= 0, sampling)
        for key, values in series.items():
            row |= spread(key, values, sampling)
        yield row


def private_periods(
    at: Mapping[str, np.ndarray], completed: np.ndarray, is_complete: np.ndarray, n_periods: int
) -> np.ndarray:
    """Periods from completion, or the start, to listing, enforcement, the second sale or the horizon."""
    ends = [np.where(at[key] >= 0, at[key] + 1, n_periods) for key in ("listed", "enforced", "sold_again")]
    lasts = np.minimum.reduce(ends) - np.maximum(completed, 0)
    return np.where(is_complete, lasts, 0).astype(float)


def probability(name: str, happens: np.ndarray, sampling: Sampling | None) -> dict[str, float]:
    """Share of paths on which something happens, and its standard error."""
    found = statistics(happens.astype(float), is_chance=True, sampling=sampling)
    mean = found["mean"] if happens.size > 1 else float(happens.mean())
    return {name: mean, f"{name}_standard_error": found["standard_error"]}


def spread(name: str, values: np.ndarray, sampling: Sampling | None) -> dict[str, float]:
    """Mean, standard error and quantiles, named after what they are of."""
    found = statistics(values, sampling=sampling)
    return {f"{name}_{key}": found[key] for key in RANGE}


def reit_measures(values: np.ndarray) -> dict[str, np.ndarray]:
    """Measures of one REIT by name, each (paths, years)."""
    at = {name: values[..., k] for k, name in enumerate(REIT_YEARS)}
    is_listed = ~np.isnan(at["price"])
    opening = np.zeros_like(at["market_value"])
    opening[:, 1:] = np.where(is_listed[:, :-1], at["market_value"][:, :-1], 0.0)
    base = np.where(opening > 0.0, opening + 0.5 * at["raised"], 0.0)
    found = {
        "distribution_yield": ratio(at["dividend"], base),
        "price": at["price"],
        "price_to_nav": ratio(at["market_value"], at["nav"]),
        "gearing": ratio(at["debt"], at["assets"]),
        "dividend": at["dividend"],
        "raised": at["raised"],
    }
    listed = {"listed": is_listed.astype(float)}
    return listed | {key: np.where(is_listed, series, np.nan) for key, series in found.items()}


def holding_rows(plan: Plan, values: np.ndarray, sampling: Sampling | None) -> Iterator[dict[str, Any]]:
    """Rows of `PropertyTables.holdings`, `values` (paths, holdings, 5)."""
    for h, (vehicle, interest) in enumerate(plan.names.holdings):
        at = {name: values[:, h, k] for k, name in enumerate(HOLDINGS)}
        is_bought = at["bought"] >= 0
        row = {"vehicle": vehicle, "interest": interest} | probability("bought", is_bought, sampling)
        series = {
            "share": at["share"],
            "cost": at["cost"],
            "multiple": ratio(at["paid_out"] + at["value"], at["cost"]),
        }
        for key in OF_HOLDING:
            row |= spread(key, np.where(is_bought, series[key], np.nan), sampling)
        yield row


def sleeve_rows(results: Run) -> Iterator[dict[str, Any]]:
    """How property and equity move together, for the whole cluster and for each mother that holds both.

    The property sleeve are the vehicles with a property block alone, the equity sleeve those with a
    mandate or a pool alone; below a mother, those that it holds, directly or through others. A sleeve's
    TVPI on a path is that of its vehicles, weighted by what was paid in (paid-in share × planned size).
    The correlation is Pearson's; its standard error is the jackknife's, as TVPIs are not normal. It is
    undefined where a sleeve is missing or constant.
    """
    mothers = [vehicle.name for vehicle in results.scenario.vehicles if vehicle.kind == "mother"]
    for mother in [ALL, *mothers]:
        if any(not names for names in sleeve_vehicles(results.scenario, mother)):
            continue
        values = sleeve_values(results, mother)
        means = (statistics(one, sampling=results.sampling)["mean"] for one in values)
        found = (mother, *correlation(*values, results.group), *means)
        yield dict(zip(OF_SLEEVES, found, strict=True))


def sleeve_vehicles(scenario: Scenario, mother: str = ALL) -> tuple[list[str], list[str]]:
    """Vehicles of the property and of the equity sleeve, of all or below a mother."""
    below = None if mother == ALL else descendants(scenario, mother)
    chosen = [vehicle for vehicle in scenario.vehicles if below is None or vehicle.name in below]
    return (
        [vehicle.name for vehicle in chosen if sleeve_of(vehicle) is True],
        [vehicle.name for vehicle in chosen if sleeve_of(vehicle) is False],
    )


def sleeve_of(vehicle: Vehicle) -> bool | None:
    """True for property, False for equity, None for a vehicle with both or neither."""
    has_equity = vehicle.mandate is not None or vehicle.pool is not None
    if has_equity == (vehicle.property_ is not None):
        return None
    return not has_equity


def descendants(scenario: Scenario, mother: str) -> set[str]:
    """Names of all vehicles that a vehicle holds, directly or through others."""
    found: set[str] = set()
    waiting = [mother]
    while waiting:
        names = {child.name for child in scenario.children(waiting.pop())}
        waiting += names - found
        found |= names
    return found


def sleeve_values(results: Run, mother: str = ALL) -> tuple[np.ndarray, np.ndarray]:
    """TVPI of the property and of the equity sleeve on every path, NaN where nothing was paid in."""

    def tvpi(vehicles: Sequence[str]) -> np.ndarray:
        paid, worth = np.zeros(results.n_paths), np.zeros(results.n_paths)
        for name in vehicles:
            share = np.nan_to_num(results.measure("paid_in_share", name))
            weight = share * results.scenario.vehicle(name).size
            paid += weight
            worth += weight * np.nan_to_num(results.measure("tvpi", name))
        return ratio(worth, paid)

    first, second = sleeve_vehicles(results.scenario, mother)
    return tvpi(first), tvpi(second)


def correlation(x: np.ndarray, y: np.ndarray, group: int = 1) -> tuple[float, float, int]:
    """Pearson's correlation of the pairs that are defined, its jackknife
    standard error over groups of paths, and the number of pairs.
    """
    defined = np.isfinite(x) & np.isfinite(y)
    n = int(defined.sum())
    if n < 3 or any(np.ptp(values[defined]) <= 1e-9 * np.abs(values[defined]).max() for values in (x, y)):
        return np.nan, np.nan, n
    x, y = (
        np.where(defined, (values - values[defined].mean()) / values[defined].std(), 0.0) for values in (x, y)
    )
    of_group = grouped(np.stack([defined, x, y, x * x, y * y, x * y], axis=1).astype(float), group)
    count, sum_x, sum_y, *products = of_group[of_group[:, 0] > 0.0].T
    # sums of squares and products without one group, about the means that are left
    moved = (sum_x * sum_x, sum_y * sum_y, sum_x * sum_y)
    totals = (n, n, float(x @ y))
    left_out = [
        total - product - shift / (n - count)
        for total, product, shift in zip(totals, products, moved, strict=True)
    ]
    m = len(count)
    # without one group a sleeve may be constant: no error
    with np.errstate(divide="ignore", invalid="ignore"):
        without = left_out[2] / np.sqrt(left_out[0] * left_out[1])
        error = np.sqrt((m - 1) / m * ((without - without.mean()) ** 2).sum())
    return float(x @ y / n), float(error), n
