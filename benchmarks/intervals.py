"""Owns the measurement of how often stated intervals, ±1.96 standard errors, hold the true figure."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

import fundsim as fs
from benchmarks import pages

FILE = ROOT / "benchmarks" / "intervals.yaml"
PAGE = ROOT / "docs" / "statistics.md"
BEGIN = "<!-- measured: written by benchmarks/intervals.py -->"
NOMINAL = 0.95
WIDTH = 1.959964  # standard normal, 97.5 %
VEHICLES = ("mother", "seed fund", "growth fund")
MEASURES = ("net_irr", "tvpi")
CHANCES = (*VEHICLES[:1], "loss of 2 %", "loss of 1 %", "loss of 0.5 %")
FLOW_YEARS = (3, 5, 7)
TRUE_SEED = 1_000_003
WAYS = {
    "independent paths": {},
    "controls": {"control_variates": True},
    "pairs and controls": {"antithetic": True, "control_variates": True},
}  # fmt: skip
Figure = tuple[str, str, str]
"""Of whom, which measure, which statistic."""


@dataclass(frozen=True)
class Covered:
    """How one figure did over the seeds.

    Attributes
    ----------
    true : float
        The figure of the long run.
    share : float
        Share of seeds whose interval holds it.
    error_over_spread : float
        Mean stated standard error over the spread of the estimates.
    """

    figure: Figure
    true: float
    share: float
    error_over_spread: float


Coverage = dict[str, list[Covered]]
"""By the way in which paths are drawn."""


def figures(results: fs.Results) -> Iterator[tuple[Figure, float, float]]:
    """Every figure that is looked at, with its estimate and its standard error."""
    table = results.summary().set_index(["vehicle", "investor", "measure"])
    for vehicle in VEHICLES:
        for measure in MEASURES:
            row = table.loc[(vehicle, "all", measure)]
            yield (vehicle, measure, "mean"), row["mean"], row["standard_error"]
            for level in ("p05", "p50", "p95"):
                yield (vehicle, measure, level), row[level], row[f"{level}_standard_error"]
    for vehicle in CHANCES:
        row = table.loc[(vehicle, "all", "loss")]
        yield (vehicle, "loss", "mean"), row["mean"], row["standard_error"]
    flows = results.cash_flows("mother", "all")
    flows = flows[flows["flow"] == "distribution"].reset_index(drop=True)
    for year in FLOW_YEARS:
        row = flows.iloc[year * results.plan.grid.periods_per_year - 1]
        yield (
            ("mother", f"distribution at the end of year {year}", "mean"),
            row["mean"],
            row["standard_error"],
        )


def coverage(seeds: int, paths: int, true_paths: int) -> Coverage:
    """Simulate a long run and, with each way of drawing paths, one run a
    seed; count the intervals that hold the long run's figures.
    """
    scenario = fs.load_scenario(FILE).override({"run.kept_paths": 1})
    long = fs.simulate(scenario, paths=true_paths, seed=TRUE_SEED, progress=False)
    assert all(check["passed"] for check in long.checks)
    true = {figure: estimate for figure, estimate, _ in figures(long)}
    del long
    return {name: covered_figures(scenario, true, seeds, paths, **how) for name, how in WAYS.items()}


def covered_figures(
    scenario: fs.Scenario, true: dict[Figure, float], seeds: int, paths: int, **how: bool
) -> list[Covered]:
    """How every figure did over the seeds, paths being drawn in one way."""
    found: dict[Figure, list[tuple[float, float]]] = {figure: [] for figure in true}
    for seed in range(seeds):
        results = fs.simulate(scenario, paths=paths, seed=seed, progress=False, **how)
        for figure, estimate, error in figures(results):
            found[figure].append((estimate, error))
    return [covered(figure, true[figure], np.array(pairs)) for figure, pairs in found.items()]


def covered(figure: Figure, true: float, pairs: np.ndarray) -> Covered:
    """How the estimates and errors of one figure did."""
    estimates, errors = pairs.T
    is_held = np.abs(estimates - true) <= WIDTH * errors
    return Covered(figure, true, float(is_held.mean()), float(errors.mean() / estimates.std(ddof=1)))


def table(found: Coverage) -> str:
    """The table of docs/statistics.md."""
    heads = [f"covered, {name} | error over spread" for name in found]
    lines = [
        f"| of whom | measure | statistic | true | {' | '.join(heads)} |",
        f"|---|---|---|---|{'---|---|' * len(found)}",
    ]
    for rows in zip(*found.values(), strict=True):
        whose, measure, statistic = rows[0].figure
        cells = [f"{row.share:.1%} | {row.error_over_spread:.2f}" for row in rows]
        lines.append(f"| {whose} | {measure} | {statistic} | {rows[0].true:.4f} | {' | '.join(cells)} |")
    return "\n".join(lines)


def report(found: Coverage, seeds: int, paths: int, true_paths: int) -> str:
    """The table, with what made it and the share of all figures together."""
    held = ", ".join(
        f"{np.mean([row.share for row in rows]):.1%} with {name}" for name, rows in found.items()
    )
    n_intervals = len(next(iter(found.values()))) * seeds
    command = (
        f"python benchmarks/intervals.py --seeds {seeds} --paths {paths} --true-paths {true_paths} --write"
    )
    sizes = f"{seeds} seeds of {paths:,} paths; the truth from {true_paths:,} paths"
    return f"Made by `{command}`: {sizes}. Held of {n_intervals:,} intervals each: {held}.\n\n{table(found)}"


def main() -> None:
    """Print the table and the coverage of all figures together; with ``--write`` put them into the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--paths", type=int, default=2_000, help="paths of each run")
    parser.add_argument("--true-paths", type=int, default=300_000, help="paths of the long run")
    parser.add_argument("--write", action="store_true", help=f"into {PAGE.relative_to(ROOT)}")
    options = parser.parse_args()
    sizes = (options.seeds, options.paths, options.true_paths)
    text = report(coverage(*sizes), *sizes)
    print(text)
    if options.write:
        pages.write(PAGE, BEGIN, text)


if __name__ == "__main__":
    main()
