"""Owns the measurement of what mirrored pairs and control variates
gain: variance times time against independent paths.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

import fundsim as fs
from benchmarks import pages

PAGE = ROOT / "docs" / "statistics.md"
BEGIN = "<!-- measured: written by benchmarks/variance.py -->"
PLAIN = "independent"
WAYS = {
    PLAIN: {},
    "pairs": {"antithetic": True},
    "controls": {"control_variates": True},
    "both": {"antithetic": True, "control_variates": True},
}  # fmt: skip
SCENARIOS = {
    "qinchuangyuan": ("mother", "hard-tech venture fund", "spring seed fund"),
    "jiading": ("industry fund", "chip fund", "redevelopment fund"),
    "suzhou_industrial_park": ("science fund", "premises fund", "placement fund"),
}
"""Vehicles that are looked at, of each scenario."""
FIGURES = {
    "mean net IRR": ("net_irr", ""),
    "5 % net IRR": ("net_irr", "p05_"),
    "median net IRR": ("net_irr", "p50_"),
    "95 % net IRR": ("net_irr", "p95_"),
    "mean TVPI": ("tvpi", ""),
    "chance of loss": ("loss", ""),
}
"""Measure of the summary and beginning of the name of its standard error."""
LEVERAGE = ("", "mean leverage")
Key = tuple[str, str]
"""Of whom, and what."""


def variances(results: fs.Results, vehicles: tuple[str, ...]) -> Iterator[tuple[Key, float]]:
    """The squared standard error of every figure that is looked at."""
    table = results.summary().set_index(["vehicle", "investor", "measure"])
    for vehicle in vehicles:
        for figure, (measure, statistic) in FIGURES.items():
            error = table.at[(vehicle, "all", measure), f"{statistic}standard_error"]
            yield (vehicle, figure), float(error) ** 2
    row = results.leverage().query("definition == 'invested_multiple' and money == 'fiscal'").iloc[0]
    yield LEVERAGE, float(row["standard_error"]) ** 2


def measured(name: str, paths: int, seeds: int) -> tuple[dict[str, dict[Key, float]], dict[str, float]]:
    """Mean variance of each figure, and median seconds of
    simulation and statistics, by way of drawing paths.
    """
    scenario = fs.load_scenario(ROOT / "scenarios" / f"{name}.yaml").override({"run.kept_paths": 1})
    fs.simulate(scenario, paths=256, progress=False)  # compiled before it is timed
    squares: dict[str, list[dict[Key, float]]] = {way: [] for way in WAYS}
    seconds: dict[str, list[float]] = {way: [] for way in WAYS}
    for seed in range(seeds):
        for way, how in WAYS.items():
            begun = time.perf_counter()
            results = fs.simulate(scenario, paths=paths, seed=seed, progress=False, **how)
            results.summary()
            seconds[way].append(time.perf_counter() - begun)
            squares[way].append(dict(variances(results, SCENARIOS[name])))
    mean = {
        way: {key: float(np.mean([run[key] for run in runs])) for key in runs[0]}
        for way, runs in squares.items()
    }
    return mean, {way: float(np.median(taken)) for way, taken in seconds.items()}


def gains(squares: dict[str, dict[Key, float]], seconds: dict[str, float], key: Key) -> str:
    """Variance × time of independent paths over that of each other way, as the cell of a table."""
    plain = squares[PLAIN][key] * seconds[PLAIN]
    others = [squares[way][key] * seconds[way] for way in WAYS if way != PLAIN]
    return " / ".join(f"{plain / other:.1f}" if other > 0.0 else "–" for other in others)


def report(paths: int, seeds: int) -> str:
    """The tables, with what made them."""
    ways = " / ".join(way for way in WAYS if way != PLAIN)
    whole = ["| scenario | time of a run | mean leverage, invested |", "|---|---|---|"]
    funds = [f"| scenario | of whom | {' | '.join(FIGURES)} |", f"|---|---|{'---|' * len(FIGURES)}"]
    for name, vehicles in SCENARIOS.items():
        squares, seconds = measured(name, paths, seeds)
        times = " / ".join(f"{seconds[way] / seconds[PLAIN]:.2f}" for way in WAYS if way != PLAIN)
        whole.append(f"| {name} | {times} | {gains(squares, seconds, LEVERAGE)} |")
        for vehicle in vehicles:
            cells = [gains(squares, seconds, (vehicle, figure)) for figure in FIGURES]
            funds.append(f"| {name} | {vehicle} | {' | '.join(cells)} |")
    command = f"python benchmarks/variance.py --paths {paths} --seeds {seeds} --write"
    head = (
        f"Made by `{command}`: {seeds} seeds of {paths:,} paths with each way. {ways}, against "
        f"independent paths:"
    )
    return "\n".join([head, "", *funds, "", *whole])


def main() -> None:
    """Print the table; with ``--write`` put it into the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--paths", type=int, default=10_000, help="paths of each run")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help=f"into {PAGE.relative_to(ROOT)}")
    options = parser.parse_args()
    text = report(options.paths, options.seeds)
    print(text)
    if options.write:
        pages.write(PAGE, BEGIN, text)


if __name__ == "__main__":
    main()
