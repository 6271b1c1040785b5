"""Owns the measurement of how processor time grows with a scenario: exponents over a factor eight in size."""

from __future__ import annotations

import argparse
import contextlib
import gc
import io
import json
import math
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

import fundsim as fs
from benchmarks import pages
from fundsim import cli, story
from fundsim.engine.passes import run_passes
from fundsim.engine.replay import replay
from fundsim.plan import make_plan

PAGE = ROOT / "docs" / "performance.md"
BEGIN = "<!-- measured: written by benchmarks/exponents.py -->"
MOST = 1.1
"""The largest exponent that there should be."""
PATHS = 32
DEALS_OF_A_VEHICLE = 50

Content = dict[str, Any]
Work = Callable[[], object]
"""What is timed; of a check it returns how many problems were told."""


def scenario_of(vehicles: list[Content]) -> Content:
    """A scenario of some vehicles in one sector, without presets."""
    stage = {
        "name": "only",
        "entry_value": 100.0,
        "time": {"distribution": "fixed", "mean_years": 3.0},
        "outcomes": {"merger": 0.5, "failure": 0.5},
        "share_sold": 0.5,
    }
    return {
        "name": "grown",
        "start": "2023-01-01",
        "horizon_years": 12.0,
        "run": {"paths": PATHS, "seed": 1},
        "sectors": [{"name": "chips", "betas": [], "stages": [stage]}],
        "vehicles": vehicles,
    }


def tree(n_vehicles: int, deals: int = 4, **mandate: Any) -> Content:
    """A mother fund above sub-funds, two investors in each."""
    mother = {
        "name": "mother",
        "kind": "mother",
        "investors": [
            {"name": "city", "kind": "fiscal", "commitment": 30.0 * n_vehicles},
            {"name": "state platform", "kind": "state", "commitment": 10.0 * n_vehicles},
        ],
    }
    return scenario_of([mother, *(sub_fund(k, deals, mandate) for k in range(n_vehicles - 1))])


def sub_fund(k: int, deals: int, mandate: Content) -> Content:
    """The k-th fund below the mother."""
    buys = {"sectors": ["chips"], "stages": ["only"], "deals": deals, "ticket": 50.0 / deals}
    investors = [
        {"vehicle": "mother", "commitment": 30.0},
        {"name": f"investor {k}", "kind": "social", "commitment": 70.0},
    ]
    return {"name": f"fund {k}", "kind": "sub_fund", "investors": investors, "mandate": {**buys, **mandate}}


def joined(n_vehicles: int) -> Content:
    """A tree in which each fund joins deals of the one above it."""
    content = tree(n_vehicles)
    for above, below in zip(content["vehicles"][1:], content["vehicles"][2:], strict=False):
        below["mandate"]["with_vehicles"] = [above["name"]]
    return content


def crowd(n_investors: int) -> Content:
    """One fund of many investors."""
    content = tree(2)
    investor = {"kind": "social", "commitment": 100.0 / n_investors}
    content["vehicles"][1]["investors"] = [{"name": f"investor {k}", **investor} for k in range(n_investors)]
    return content


def park_deals(n_deals: int, looks_at: int | None = None) -> Content:
    """One fund in a park that brings as many enterprises as the fund has deals, half of them in the park."""
    content = tree(2, n_deals, park_share=0.5, skill=0.5, looks_at=looks_at)
    content["park"] = {
        "streams": [{"name": "park", "sector": "chips", "stage": "only", "per_year": n_deals / 4.0}]
    }
    return content


def few_looks(n_deals: int) -> Content:
    """The same fund, whose deals look at eight offers each."""
    return park_deals(n_deals, 8)


def unknown_in_a_block(n_keys: int) -> Content:
    """A block with many keys that nobody knows."""
    content = tree(2)
    content["run"] |= {f"key {k}": k for k in range(n_keys)}
    return content


def unknown_in_vehicles(n_keys: int) -> Content:
    """Vehicles with twenty keys each that nobody knows."""
    content = tree(n_keys // 20)
    for vehicle in content["vehicles"]:
        vehicle |= {f"key {k}": k for k in range(20)}
    return content


def misspelt_keys(n_investors: int) -> Content:
    """Investors whose commitment is misspelt."""
    content = tree(2)
    content["vehicles"][1]["investors"] = [
        {"name": f"investor {k}", "kind": "social", "comitment": 1.0} for k in range(n_investors)
    ]
    return content


def bad_references(n_names: int) -> Content:
    """Funds that join eight others each, none of which exists."""
    content = tree(n_names // 8 + 1)
    for k, vehicle in enumerate(content["vehicles"][1:]):
        vehicle["mandate"]["with_vehicles"] = [f"fnd {k} {other}" for other in range(8)]
    return content


def checked(content: Content) -> Work:
    """`fundsim check` of a file."""

    def work() -> int:
        with tempfile.TemporaryDirectory() as folder:
            file, told = Path(folder) / "grown.yaml", io.StringIO()
            file.write_text(json.dumps(content), encoding="utf-8")
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(told):
                is_wrong = cli.main(["check", str(file)]) > 0
        return told.getvalue().count(str(file)) if is_wrong else 0

    return work


def simulated(content: Content) -> Work:
    """`fs.simulate` of a scenario, from the plan to the results."""
    scenario = fs.Scenario.from_dict(content)
    return lambda: fs.simulate(scenario, threads=1, progress=False)


def summarised(content: Content) -> Work:
    """The summary of a run."""
    results = fs.simulate(fs.Scenario.from_dict(content), threads=1, progress=False)
    return lambda: replace(results).summary()


def traced(content: Content) -> Work:
    """The story of a path of a plan."""
    plan = make_plan(fs.Scenario.from_dict(content))
    return lambda: story.trace_story(replay(plan, 0), "en")


def funded(content: Content) -> Work:
    """The funds pass on a path."""
    plan = make_plan(fs.Scenario.from_dict(content))
    blocks = vars(run_passes(plan, 0, 1, wanted=("funds",)))
    given = {name: block for name, block in blocks.items() if name != "funds"}
    return lambda: run_passes(plan, 0, 1, given, ("funds",))


@dataclass(frozen=True)
class Growth:
    """Something whose time grows with a size.

    Attributes
    ----------
    what : str
    largest : int
        The greatest size that is measured.
    content : callable
        ``content(size)`` gives a scenario.
    work : callable
        ``work(content)`` gives what is timed.
    is_wrong : bool
        Whether as many problems must be told as the size says.
    """

    what: str
    largest: int
    content: Callable[[int], Content]
    work: Callable[[Content], Work]
    is_wrong: bool = False


GROWTHS = (
    Growth("`check` in vehicles", 1_000, joined, checked),
    Growth("`check` in unknown keys of a block", 20_000, unknown_in_a_block, checked, True),
    Growth("`check` in unknown keys of vehicles", 10_240, unknown_in_vehicles, checked, True),
    Growth("`check` in misspelt keys", 6_000, misspelt_keys, checked, True),
    Growth("`check` in bad references", 8_000, bad_references, checked, True),
    Growth("`simulate` in investors of a vehicle", 2_000, crowd, simulated),
    Growth("`simulate` in vehicles of two investors", 1_000, tree, simulated),
    Growth("`summary` in investors of a vehicle", 2_000, crowd, summarised),
    Growth("`summary` in vehicles of two investors", 1_000, tree, summarised),
    Growth(
        f"`trace` in deals, {DEALS_OF_A_VEHICLE} a vehicle",
        4_000,
        lambda deals: tree(deals // DEALS_OF_A_VEHICLE + 1, DEALS_OF_A_VEHICLE),
        traced,
    ),
    Growth("the funds pass in deals of a vehicle that looks at 8 offers", 50_000, few_looks, funded),
    Growth("the funds pass in deals of a vehicle that looks at all offers", 50_000, park_deals, funded),
)


def seconds_of(work: Work, repeats: int) -> float:
    """Least processor time of some repeats."""
    found = []
    for _ in range(repeats):
        gc.collect()
        begun = time.process_time()
        work()
        found.append(time.process_time() - begun)
    return min(found)


def sizes_of(growth: Growth) -> list[int]:
    """Four sizes, each twice the one before."""
    return [growth.largest // 8, growth.largest // 4, growth.largest // 2, growth.largest]


def exponent(sizes: Sequence[int], seconds: Sequence[float]) -> float:
    """Slope of the logarithm of time in that of size, between the ends."""
    return math.log(seconds[-1] / seconds[0]) / math.log(sizes[-1] / sizes[0])


def measured(growth: Growth, repeats: int) -> list[float]:
    """Seconds at each size."""
    found = []
    for size in sizes_of(growth):
        work = growth.work(growth.content(size))
        if not found:
            work()  # kernels are compiled, modules loaded
        if growth.is_wrong:
            assert work() == size, f"{growth.what}: {work()} problems were told, not {size}"
        found.append(seconds_of(work, repeats))
    return found


def report(repeats: int, wanted: Sequence[str] = ()) -> str:
    """The table, with what made it; of the growths that have one of some words in their names."""
    lines = ["| time of | sizes | seconds | exponent | of the last doubling |", "|---|---|---|---|---|"]
    for growth in GROWTHS:
        if wanted and not any(word in growth.what for word in wanted):
            continue
        sizes, seconds = sizes_of(growth), measured(growth, repeats)
        cells = [
            growth.what,
            " ".join(f"{size:,}" for size in sizes),
            " ".join(f"{one:.3g}" for one in seconds),
            f"{exponent(sizes, seconds):.2f}",
            f"{exponent(sizes[-2:], seconds[-2:]):.2f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    command = f"python benchmarks/exponents.py --repeats {repeats} --write"
    head = f"Made by `{command}`: processor time, the least of {repeats}."
    return "\n".join([head, "", *lines])


def main(arguments: list[str] | None = None) -> None:
    """Print the table; with ``--write`` put it into the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", action="append", default=[], metavar="WORD", help="rows with this word")
    parser.add_argument("--write", action="store_true", help=f"into {PAGE.relative_to(ROOT)}")
    given = parser.parse_args(arguments)
    if given.write and given.only:
        parser.error("--write takes all rows; leave out --only")
    text = report(given.repeats, given.only)
    print(text)
    if given.write:
        pages.write(PAGE, BEGIN, text)


if __name__ == "__main__":
    main()
