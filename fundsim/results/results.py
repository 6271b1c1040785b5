"""Results of a run: frozen arrays, and the tables that come from them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from fundsim.checks import Check, checks_of
from fundsim.errors import ArgumentError
from fundsim.leverage import categories
from fundsim.measures import irr
from fundsim.plan import Plan
from fundsim.results.block import KEPT_FLOWS
from fundsim.results.controls import Drawn
from fundsim.results.fund_tables import SPREAD, FundTables
from fundsim.results.property import PropertyTables
from fundsim.results.tables import has_property
from fundsim.results.trace import Trace
from fundsim.sampling import error_of_sums
from fundsim.scenario.scenario import Scenario
from fundsim.statistics import COLUMNS, LEVELS, quantiles, statistics
from fundsim.vocabulary import ALL, CHANCES, ClassFlow, Flow, Measure

CARRY_INVESTOR = "general partner carry"


@dataclass(frozen=True, repr=False)
class Results(Drawn, FundTables, PropertyTables):
    """What `simulate` returns.

    Attributes
    ----------
    plan : Plan
        The scenario as arrays, with the seed.
    n_paths : int
    elapsed_seconds : float
    arrays : mapping of str to ndarray
        As in `BlockResult`, for all paths; read-only.
    replay : callable
        ``replay(plan, path) -> Trace``.
    version : str
        Version of fundsim.
    processors : mapping of str to int
        Paths by the kind of processor that simulated them; the last bits of paths may differ between kinds.

    Examples
    --------
    >>> results
    Results('base', 40 paths, seed 0, audit passed)
    >>> results.vehicles[:3]
    ['mother', 'early fund', 'growth fund']
    """

    plan: Plan
    n_paths: int
    elapsed_seconds: float
    arrays: Mapping[str, np.ndarray]
    replay: Callable[[Plan, int], Trace]
    version: str = field(default="")
    processors: Mapping[str, int] = field(default_factory=dict)

    @property
    def scenario(self) -> Scenario:
        """The scenario of the run.

        Examples
        --------
        >>> results.scenario.name
        'base'
        """
        return self.plan.scenario

    @property
    def seed(self) -> int:
        """The seed of the run.

        Examples
        --------
        >>> results.seed
        0
        """
        return self.plan.seed

    @property
    def kept_paths(self) -> int:
        """How many first paths have series by period.

        Examples
        --------
        >>> results.kept_paths
        40
        """
        return int(self.arrays["kept_nav"].shape[0])

    @cached_property
    def dates(self) -> pd.DatetimeIndex:
        """Last days of the periods.

        Examples
        --------
        >>> results.dates[0]
        Timestamp('2025-03-31 00:00:00')
        """
        return pd.DatetimeIndex(self.plan.grid.flow_dates())

    @property
    def years(self) -> np.ndarray:
        """Years since the start, from 1.

        Examples
        --------
        >>> results.years[:3]
        array([1, 2, 3])
        """
        return np.arange(1, self.plan.n_years + 1)

    @property
    def vehicles(self) -> list[str]:
        """Names of the vehicles in file order.

        Examples
        --------
        >>> results.vehicles[:3]
        ['mother', 'early fund', 'growth fund']
        """
        return [vehicle.name for vehicle in self.scenario.vehicles]

    def investors(self, vehicle: str) -> list[str]:
        """Names of a vehicle's investors in file order, then ``all``.

        Examples
        --------
        >>> results.investors("mother")
        ['district fiscal', 'state platform', 'all']
        """
        return [investor.label for investor in self.scenario.vehicle(vehicle).investors] + [ALL]

    def _place(self, vehicle: str, investor: str) -> tuple[int, int]:
        """Row of the measures, and investor row (−1 for the vehicle)."""
        if vehicle not in self.plan.names.vehicles:
            raise ArgumentError(f"there is no vehicle '{vehicle}'; there are {', '.join(self.vehicles)}")
        if (vehicle, investor) not in self._places:
            labels = ", ".join(self.investors(vehicle))
            raise ArgumentError(f"'{vehicle}' has no investor '{investor}'; it has {labels}")
        return self._places[vehicle, investor]

    @cached_property
    def _places(self) -> dict[tuple[str, str], tuple[int, int]]:
        names, vehicles = self.plan.names, self.scenario.vehicles
        found = {(one.name, ALL): (len(names.classes) + v, -1) for v, one in enumerate(vehicles)}
        for row, (v, i) in enumerate(names.investor_rows):
            found[vehicles[v].name, vehicles[v].investors[i].label] = names.class_of(row), row
        return found

    def measure(self, name: str, vehicle: str, investor: str = ALL) -> np.ndarray:
        """A measure of an investor on every path, shape (n_paths,), NaN where undefined.

        Examples
        --------
        >>> results.measure("dpi", "mother", "state platform").shape
        (40,)
        """
        if name not in Measure.words():
            raise ArgumentError(f"there is no measure '{name}'; there are {', '.join(Measure.words())}")
        row, investor_row = self._place(vehicle, investor)
        held = self.arrays["measures"][:, row]
        tvpi = held[:, Measure.DPI] + held[:, Measure.RVPI]
        if name == "tvpi":
            values = tvpi
        elif name == "loss":
            values = np.where(np.isnan(tvpi), np.nan, (tvpi < 1.0 - 1e-9).astype(float))
        elif name == "gross_irr" and investor_row >= 0:
            values = np.full(self.n_paths, np.nan)
        else:
            values = held[:, Measure.of(name)].copy()
        if investor_row >= 0:
            scale = self.arrays["scale"][:, investor_row]
            if name in ("paid_in_share", "deepest_call"):
                values = values * scale
            values = np.where(np.isnan(scale), np.nan, values)
        values.flags.writeable = False
        return values

    @cached_property
    def rows(self) -> list[tuple[str, str]]:
        """(vehicle, investor) of every row of the tables, in file order.

        Examples
        --------
        >>> results.rows[:2]
        [('mother', 'district fiscal'), ('mother', 'state platform')]
        """
        return [(vehicle, investor) for vehicle in self.vehicles for investor in self.investors(vehicle)]

    @cached_property
    def measures(self) -> pd.DataFrame:
        """A row for path × vehicle × investor with every measure.

        Examples
        --------
        >>> list(results.measures)[:5]
        ['path', 'vehicle', 'investor', 'net_irr', 'gross_irr']
        """
        n_rows = len(self.rows)
        place = np.tile(np.arange(n_rows), self.n_paths)
        frame: dict[str, Any] = {"path": np.repeat(np.arange(self.n_paths), n_rows)}
        for column, names in zip(("vehicle", "investor"), zip(*self.rows, strict=True), strict=True):
            frame[column] = categories(place, list(names))
        for name in Measure.words():
            frame[name] = np.stack([self.measure(name, *row) for row in self.rows], axis=1).ravel()
        return pd.DataFrame(frame)

    @cached_property
    def _summary(self) -> pd.DataFrame:
        found = []
        known: dict[tuple[str, int, bytes], dict[str, float]] = {}
        for vehicle, investor in self.rows:
            row, _ = self._place(vehicle, investor)
            for name in Measure.words():
                if name == "gross_irr" and investor != ALL:
                    continue
                values = self.measure(name, vehicle, investor)
                key = (name, row, blake2b(values.tobytes()).digest())
                if key not in known:
                    known[key] = statistics(values, name in CHANCES, self.sampling)
                found.append({"vehicle": vehicle, "investor": investor, "measure": name} | known[key])
        frame = pd.DataFrame(found, columns=["vehicle", "investor", "measure", *COLUMNS])
        return frame.astype({"undefined": int})

    def pooled(self, vehicle: str, investor: str = ALL) -> dict[str, float]:
        """Net IRR, TVPI and DPI of all paths' cash together (8.2).

        Examples
        --------
        >>> {name: round(value, 2) for name, value in results.pooled("mother").items()}
        {'net_irr': 0.06, 'tvpi': 1.33, 'dpi': 1.33}
        """
        row = self._flow_row(vehicle, investor)
        sums = self.arrays["flow_sums"][:, row]
        paid, back, nav = sums[Flow.CONTRIBUTION], sums[Flow.DISTRIBUTION], float(sums[Flow.NAV, -1])
        net = back - paid
        net[-1] += nav
        total = float(paid.sum())
        if total <= 0.0:
            return {"net_irr": np.nan, "tvpi": np.nan, "dpi": np.nan}
        rate = float(irr(net / self.n_paths, self.plan.grid.periods_per_year))
        return {"net_irr": rate, "tvpi": (float(back.sum()) + nav) / total, "dpi": float(back.sum()) / total}

    def _flow_row(self, vehicle: str, investor: str) -> int:
        row, investor_row = self._place(vehicle, investor)
        n_investors = len(self.plan.names.investor_rows)
        return investor_row if investor_row >= 0 else n_investors + row - len(self.plan.names.classes)

    def paths_of(self, flow: str, vehicle: str, investor: str = ALL) -> np.ndarray:
        """Series of the kept paths, shape (kept_paths, T).

        Parameters
        ----------
        flow : str
            ``contribution distribution net_cash_flow cumulative_net nav dpi``; of a vehicle (investor
            ``all``) also ``carry`` and ``fee``.

        Examples
        --------
        >>> results.paths_of("cumulative_net", "mother", "state platform").shape
        (40, 64)
        """
        row, investor_row = self._place(vehicle, investor)
        of_vehicles = [kept.word for kept in KEPT_FLOWS]
        if flow in of_vehicles:
            if investor_row >= 0:
                raise ArgumentError(f"{flow} is of the vehicle; give investor 'all'")
            v = row - len(self.plan.names.classes)
            return self.arrays["kept_carry"][:, of_vehicles.index(flow), v].astype(float)
        series: Mapping[str, Callable[[], np.ndarray]] = {
            "contribution": lambda: self._kept("kept_flows", ClassFlow.CONTRIBUTION, row, investor_row),
            "distribution": lambda: self._kept("kept_flows", ClassFlow.DISTRIBUTION, row, investor_row),
            "nav": lambda: self._kept("kept_nav", None, row, investor_row),
            "net_cash_flow": lambda: (
                self.paths_of("distribution", vehicle, investor)
                - self.paths_of("contribution", vehicle, investor)
            ),
            "cumulative_net": lambda: np.cumsum(self.paths_of("net_cash_flow", vehicle, investor), axis=1),
            "dpi": lambda: self._dpi(vehicle, investor),
        }
        if flow not in series:
            raise ArgumentError(f"there is no flow '{flow}'; there are {', '.join([*series, *of_vehicles])}")
        return series[flow]()

    def _kept(self, name: str, flow: int | None, row: int, investor_row: int) -> np.ndarray:
        held = self.arrays[name] if flow is None else self.arrays[name][:, flow]
        if investor_row >= 0:
            share = self.arrays["share"][: self.kept_paths, investor_row]
            return held[:, row].astype(float) * share[:, None]
        v = row - len(self.plan.names.classes)
        terms = self.plan.funds.vehicles[v]
        return held[:, terms["first_class"] : terms["last_class"]].astype(float).sum(axis=1)

    def _dpi(self, vehicle: str, investor: str) -> np.ndarray:
        paid = np.cumsum(self.paths_of("contribution", vehicle, investor), axis=1)
        back = np.cumsum(self.paths_of("distribution", vehicle, investor), axis=1)
        return np.divide(back, paid, out=np.full_like(paid, np.nan), where=paid > 0.0)

    def dpi_by_year(self, vehicle: str, investor: str = ALL) -> np.ndarray:
        """DPI at the year ends of the kept paths, shape (kept_paths, years); NaN before the first call.

        Examples
        --------
        >>> results.dpi_by_year("mother").shape
        (40, 16)
        """
        m = self.plan.grid.periods_per_year
        ends = np.minimum(np.arange(1, self.plan.n_years + 1) * m, self.plan.grid.n_periods) - 1
        return self.paths_of("dpi", vehicle, investor)[:, ends]

    def calls_by_year(self, vehicle: str, investor: str = ALL) -> np.ndarray:
        """Money called in each year of the kept paths, shape (kept_paths, years).

        Examples
        --------
        >>> results.calls_by_year("mother").shape
        (40, 16)
        """
        starts = np.arange(0, self.plan.grid.n_periods, self.plan.grid.periods_per_year)
        return np.add.reduceat(self.paths_of("contribution", vehicle, investor), starts, axis=1)

    def cash_flows(self, vehicle: str | None = None, investor: str | None = None) -> pd.DataFrame:
        """Statistics of every flow by date; a row for vehicle × investor × date × flow.

        Means and standard errors use all paths, quantiles the kept ones.

        Examples
        --------
        >>> flows = results.cash_flows("mother", "all")
        >>> list(flows["flow"].cat.categories)
        ['contribution', 'distribution', 'net_cash_flow', 'cumulative_net', 'nav', 'fee']
        >>> round(flows[flows["flow"] == "contribution"]["mean"].sum())
        19
        """
        wanted = [
            (name, label, flow) for name, label in self.rows if vehicle in (None, name) for flow in Flow
        ]
        keys = [
            (name, shown, label, flow.word)
            for name, label, flow in wanted
            for shown in [CARRY_INVESTOR if flow == Flow.CARRY else label]
            if (label == ALL or flow.of_investors) and investor in (None, shown)
        ]
        if not keys:
            raise ArgumentError(f"there is no vehicle '{vehicle}' with an investor '{investor}'")
        vehicles, shown, labels, flows = (list(names) for names in zip(*keys, strict=True))
        place = np.repeat(np.arange(len(keys)), len(self.dates))
        found = map(self._flow_statistics, vehicles, labels, flows)
        return pd.DataFrame(
            {
                "vehicle": categories(place, vehicles),
                "investor": categories(place, shown),
                "date": np.tile(self.dates.to_numpy(), len(keys)),
                "flow": categories(place, flows),
                **dict(zip(SPREAD, np.hstack(list(found)), strict=True)),
            }
        )

    def _flow_statistics(self, vehicle: str, investor: str, flow: str) -> np.ndarray:
        """Mean, its standard error and quantiles by period, (statistics, T)."""
        row, place, n = self._flow_row(vehicle, investor), Flow.of(flow), self.n_paths
        mean = self.arrays["flow_sums"][place, row] / n
        error = error_of_sums(self.arrays["flow_squares"][place, row], mean, n, self.group)
        empty = np.full((len(LEVELS), mean.size), np.nan)
        kept = quantiles(self.paths_of(flow, vehicle, investor)) if self.kept_paths else empty
        return np.vstack([mean, error, kept])

    @property
    def exit_paths(self) -> int:
        """Of how many first paths every exit is kept.

        Examples
        --------
        >>> results.exit_paths
        40
        """
        return self.kept_paths

    @cached_property
    def checks(self) -> list[Check]:
        """The audit (§10): name, worst relative error, whether it passed.

        Examples
        --------
        >>> [check["name"] for check in results.checks][0]
        'cash of each vehicle balances in every period'
        >>> all(check["passed"] for check in results.checks)
        True
        """
        return checks_of(self.arrays["audit"], has_property(self.scenario))

    def irr_status(self, vehicle: str, investor: str = ALL) -> np.ndarray:
        """Codes of `fundsim.measures.IrrStatus` on every path, −1 where the vehicle did not start.

        Examples
        --------
        >>> np.unique(results.irr_status("mother"))
        array([0, 1], dtype=int8)
        """
        return self.arrays["irr_status"][:, self._place(vehicle, investor)[0]]

    def trace(self, path: int) -> Trace:
        """The whole story of one path, simulated again.

        Examples
        --------
        >>> trace = results.trace(3)
        >>> trace.path, len(trace.measures)
        (3, 23)
        """
        if not 0 <= path:
            raise ArgumentError(f"path is {path}; give 0 or more")
        return self.replay(self.plan, int(path))

    def __repr__(self) -> str:
        passed = "audit passed" if all(check["passed"] for check in self.checks) else "AUDIT FAILED"
        return f"Results({self.scenario.name!r}, {self.n_paths:,} paths, seed {self.seed}, {passed})"

    def _repr_html_(self) -> str:
        frame = self._summary
        shown = frame[(frame["investor"] == ALL) & frame["measure"].isin(["net_irr", "tvpi", "dpi", "loss"])]
        table = shown.pivot(index="vehicle", columns="measure", values=["p05", "p50", "p95", "mean"])
        columns = [(c, m) for m in ("net_irr", "tvpi", "dpi") for c in ("p05", "p50", "p95")]
        table = table.reindex(index=self.vehicles)[[*columns, ("mean", "loss")]].swaplevel(axis=1)
        return f"<p>{escape(repr(self))}</p>" + table.to_html(float_format=lambda x: f"{x:.3f}")
