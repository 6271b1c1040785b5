"""Owns the tables of vehicles, investors and enterprises: what each is declared as, and how it is made."""

from typing import Any

import numpy as np
import pandas as pd

from fundsim.leverage import KEYS, categories, leverage_by_year, leverage_paths, leverage_table
from fundsim.results.precision import precision_table
from fundsim.results.tables import Run, Tables, table
from fundsim.results.trace import sold_names
from fundsim.sampling import error_of_sums
from fundsim.scenario.principal import followed_rows
from fundsim.statistics import COLUMNS, LEVELS, statistics
from fundsim.vocabulary import ALL, Activity, Channel, ExitFigure, Measure
from fundsim.words import label

SPREAD = ("mean", "standard_error", *LEVELS)
POOLED = ("net_irr", "tvpi", "dpi")
"""Pooled figures (8.2)."""


class FundTables(Tables):
    """The tables of a run that every scenario has."""

    @table("vehicle", "investor", "measure", *COLUMNS, name="summary", json="measures", part="returns",
           title="vehicles")  # fmt: skip
    def _summary_table(self: Any) -> pd.DataFrame:
        return self._summary.copy()

    def summary(self, lang: str | None = None) -> pd.DataFrame:
        """A row for vehicle × investor × measure with statistics and their standard errors (§9).

        With ``lang`` ("en" or "zh") the names of measures are words of that language.

        Examples
        --------
        >>> summary = results.summary().set_index(["vehicle", "investor", "measure"])
        >>> summary.loc[("mother", "all", "net_irr"), ["mean", "p05", "p95"]].astype(float).round(2).to_dict()
        {'mean': 0.06, 'p05': 0.03, 'p95': 0.09}
        >>> results.summary("zh")["measure"][0]
        '净内部收益率'
        """
        frame = self.table("summary")
        if lang is not None:
            frame["measure"] = [label(f"measure.{name}", lang) for name in frame["measure"]]
        return frame

    def irr(self: Run, vehicle: str, investor: str = ALL) -> np.ndarray:
        """Net IRR a year on every path, shape (n_paths,).

        Examples
        --------
        >>> round(float(np.median(results.irr("mother"))), 2)
        0.06
        """
        return self.measure("net_irr", vehicle, investor)

    def precision(self: Any) -> list[dict[str, Any]]:
        """A row for each standard error that the run was to reach: what
        was wanted, what came out, whether it is reached.

        Examples
        --------
        >>> precise = fs.simulate(scenario, 40, progress=False, precision={"mother/net_irr": 0.01})
        >>> precise.precision()[0]["measure"]
        'net_irr'
        """
        return precision_table(self.scenario, self.summary())

    @table("vehicle", "investor", "date", "flow", *SPREAD, name="cash_flows", parquet="cash_flows",
           part="cash", title="years")  # fmt: skip
    def _cash_flow_table(self: Any) -> pd.DataFrame:
        return self.cash_flows()

    @table(*KEYS, *COLUMNS, json="leverage", part="leverage", title="leverage")
    def leverage(self: Run) -> pd.DataFrame:
        """Statistics of every leverage definition at the horizon (8.3–8.9).

        Examples
        --------
        >>> leverage = results.leverage().set_index(["definition", "basis", "money"])["mean"]
        >>> float(leverage["mother_multiple", "commitment", "fiscal"])
        2.0
        """
        return leverage_table(self.arrays["leverage"], self.sampling)

    @table("year", *KEYS, "mean", *LEVELS)
    def leverage_by_year(self: Run) -> pd.DataFrame:
        """Mean and quantiles of leverage at the year ends, over the kept paths.

        Examples
        --------
        >>> list(results.leverage_by_year())[:5]
        ['year', 'definition', 'basis', 'money', 'mean']
        """
        return leverage_by_year(self.arrays["leverage_years"], self.years, self.kept_sampling)

    @table("path", "year", *KEYS, "value", csv=False, parquet="leverage", paths="kept")
    def leverage_paths(self: Run) -> pd.DataFrame:
        """Leverage of each kept path at each year's end.

        Examples
        --------
        >>> results.leverage_paths()["path"].nunique()
        40
        """
        return leverage_paths(self.arrays["leverage_years"], self.years)

    @table("vehicle", "channel", "year", *ExitFigure.words(), part="exits", title="exits")
    def exits_by_year(self: Run) -> pd.DataFrame:
        """Exits by vehicle, channel and year, means per path over all paths: count, proceeds, cost.

        Examples
        --------
        >>> by_channel = results.exits_by_year().groupby("channel")["count"].sum()
        >>> by_channel.idxmax()
        'write_off'
        """
        mean, figures = self.arrays["exit_sums"] / self.n_paths, list(ExitFigure.words())
        index = pd.MultiIndex.from_product(
            [self.vehicles, Channel.words(), self.years], names=["vehicle", "channel", "year"]
        )
        return pd.DataFrame(mean.reshape(-1, len(figures)), index=index, columns=figures).reset_index()

    @table("path", "vehicle", "enterprise", "channel", "date", "cost", "proceeds", csv=False, parquet="exits")
    def exits(self: Run) -> pd.DataFrame:
        """Every exit of the first `exit_paths` paths: path, vehicle, enterprise or
        interest in property, channel, date of the last sale, cost, proceeds.

        Examples
        --------
        >>> list(results.exits())
        ['path', 'vehicle', 'enterprise', 'channel', 'date', 'cost', 'proceeds']
        """
        a, names = self.arrays, self.plan.names
        owners = [deal.vehicle for deal in names.deals]
        owners += [names.vehicles[vehicle] for vehicle, _ in names.holdings]
        owner = np.array(owners or [0], dtype=np.int16)
        return pd.DataFrame(
            {
                "path": a["exit_path"],
                "vehicle": pd.Categorical.from_codes(owner[a["exit_deal"]], self.vehicles),
                "enterprise": sold_names(self.plan, a["exit_deal"], a["exit_stream"], a["exit_number"]),
                "channel": pd.Categorical.from_codes(a["exit_channel"], list(Channel.words())),
                "date": self.dates[a["exit_period"]],
                "cost": a["exit_cost"].astype(np.float64),
                "proceeds": a["exit_proceeds"].astype(np.float64),
            }
        )

    @table("vehicle", *SPREAD, "required", part="landing", title="landing")
    def landing(self: Run) -> pd.DataFrame:
        """Credited investment in the park over guidance money paid in,
        by vehicle, against what is required (8.9).

        Examples
        --------
        >>> results.landing()[["vehicle", "required"]]
                 vehicle  required
        0     early fund       1.0
        1    growth fund       1.0
        2  co-investment       NaN
        """
        rows = []
        for v, vehicle in enumerate(self.scenario.vehicles):
            if vehicle.mandate is not None:
                found = statistics(self.arrays["landing"][:, v], sampling=self.sampling)
                required = vehicle.obligations.landing_multiple
                required = np.nan if required is None else required
                rows.append({"vehicle": vehicle.name, **found, "required": required})
        return pd.DataFrame(rows, columns=["vehicle", *SPREAD, "required"])

    @table("path", "vehicle", "value", csv=False, parquet="landing", paths="all")
    def landing_paths(self: Run) -> pd.DataFrame:
        """The landing multiple of each vehicle with a mandate on every path.

        Examples
        --------
        >>> len(results.landing_paths()) == 40 * len(results.landing())
        True
        """
        places = [v for v, vehicle in enumerate(self.scenario.vehicles) if vehicle.mandate is not None]
        place = np.tile(np.arange(len(places)), self.n_paths)
        return pd.DataFrame(
            {
                "path": np.repeat(np.arange(self.n_paths), len(places)),
                "vehicle": categories(place, [self.vehicles[v] for v in places]),
                "value": self.arrays["landing"][:, places].ravel(),
            }
        )

    @table("path", "vehicle", "investor", "year", "calls", "dpi", csv=False, parquet="years", paths="kept")
    def years_paths(self: Any) -> pd.DataFrame:
        """Money called in each year, and DPI at its end, on each kept path: of the foremost vehicles, and
        of the outside investors of those that hold others.

        Examples
        --------
        >>> years = results.years_paths()
        >>> list(dict.fromkeys(years["investor"]))
        ['district fiscal', 'state platform', 'all']
        """
        rows, n_years = followed_rows(self.scenario), len(self.years)
        calls = np.stack([self.calls_by_year(*row) for row in rows], axis=1)
        dpi = np.stack([self.dpi_by_year(*row) for row in rows], axis=1)
        n = len(calls)
        place = np.tile(np.repeat(np.arange(len(rows)), n_years), n)
        vehicles, investors = (list(names) for names in zip(*rows, strict=True))
        return pd.DataFrame(
            {
                "path": np.repeat(np.arange(n), len(rows) * n_years),
                "vehicle": categories(place, vehicles),
                "investor": categories(place, investors),
                "year": np.tile(self.years, n * len(rows)),
                "calls": calls.ravel(),
                "dpi": dpi.ravel(),
            }
        )

    @table("vehicle", "planned_deals",
           *(name for one in Activity for name in (one.word, f"{one.word}_standard_error")),
           part="landing", title="deals")  # fmt: skip
    def activity(self: Run) -> pd.DataFrame:
        """Deals planned, done, in the park, credited, follow-ons, money invested, and park deals without a
        match in the park (5.1), by vehicle: means per path.

        Examples
        --------
        >>> activity = results.activity().set_index("vehicle").loc["early fund"]
        >>> int(activity["planned_deals"]), round(activity["deals"])
        (30, 28)
        """
        n, sums = self.n_paths, self.arrays["activity_sums"]
        mean = sums / n
        error = error_of_sums(self.arrays["activity_squares"], mean, n, self.group)
        terms = self.plan.funds.vehicles
        frame = {"vehicle": self.vehicles, "planned_deals": terms["last_deal"] - terms["first_deal"]}
        for one in Activity:
            frame |= {one.word: mean[:, one], f"{one.word}_standard_error": error[:, one]}
        return pd.DataFrame(frame)

    @table("vehicle", "investor", *POOLED, name="pooled")
    def _pooled_table(self: Any) -> pd.DataFrame:
        rows = [{"vehicle": row[0], "investor": row[1], **self.pooled(*row)} for row in self.rows]
        return pd.DataFrame(rows)

    @table("name", "worst", "passed", name="checks", part="checks", title="audit")
    def _check_table(self: Any) -> pd.DataFrame:
        return pd.DataFrame(self.checks, columns=["name", "worst", "passed"])

    @table("path", "vehicle", "investor", *Measure.words(), name="measures", csv=False, parquet="measures",
           paths="all")  # fmt: skip
    def _measure_table(self: Any) -> pd.DataFrame:
        return self.measures
