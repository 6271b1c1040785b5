"""Owns the table of docs/performance.md: takes every measurement in one run and writes it as Markdown."""

from __future__ import annotations

import argparse
import datetime
import importlib.util
import os
import platform
import shutil
import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from benchmarks import cluster, meter, pages, random_draws, starting

PAGE = ROOT / "docs" / "performance.md"
BEGIN = "<!-- measured: written by benchmarks/run.py -->"


@dataclass(frozen=True)
class Size:
    """How much a run of the benchmarks does."""

    is_quick: bool
    paths: int
    pairs: int
    pass_paths: int

    @classmethod
    def of(cls, is_quick: bool, paths: int | None) -> Size:
        """Few paths and single pairs for a look, or what the page shows."""
        if is_quick:
            return cls(True, paths or 512, 1, min(paths or 128, 128))
        return cls(False, paths or 10_000, 5, 512)


Row = tuple[str, str, str]
"""What was measured, the figure, and how."""


def whole_runs(size: Size) -> Iterator[Row]:
    """Speed of the cluster and how it grows with threads."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    counts = [n for n in (1, 2, 4, 8, 16, 32) if n <= max(cores, 2)]
    runs = cluster.whole_runs(size.paths, size.pairs, counts)
    for n in counts:
        seconds, faults = (statistics.median(column) for column in zip(*runs[n], strict=True))
        speed = cluster.COMPANY_YEARS_A_PATH * size.paths / seconds
        how = f"{size.paths:,} paths in {seconds:.2f} s; median of {size.pairs}"
        yield (
            f"`fs.simulate`, {n} thread{'s' * (n > 1)}",
            f"{speed / 1e6:.2f} million company-years a second",
            f"{how}; {meter.faults_in_words(faults, size.paths)}",
        )
    for n in counts[1:]:
        ratio = statistics.median(
            one.seconds / many.seconds for one, many in zip(runs[1], runs[n], strict=True)
        )
        yield f"{n} threads against 1", f"{ratio:.2f} ×", "median over the pairs; equal bits asserted"


def passes(size: Size) -> Iterator[Row]:
    """What each pass takes alone."""
    found = cluster.pass_costs(size.pass_paths, size.pairs)
    whole = sum(spent.seconds for spent in found.values())
    for title, spent in found.items():
        name = f"{title} pass" if title in cluster.PASSES else "sums and what is kept"
        share = f"{spent.seconds / whole:.0%} of {1e3 * whole:.2f} ms; processor time"
        yield (
            name,
            f"{1e3 * spent.seconds:.3f} ms a path",
            f"{share}; {meter.faults_in_words(spent.page_faults)}",
        )


def with_property(size: Size) -> Iterator[Row]:
    """What property adds to the cluster."""
    found = cluster.pass_costs(size.pass_paths, size.pairs, cluster.PROPERTY_FILE)
    yield (
        "property pass, 20 projects and 4 REITs",
        f"{1e3 * found['property'].seconds:.3f} ms a path",
        "as above",
    )
    plain = cluster.pass_costs(size.pass_paths, size.pairs)
    rich, poor = (sum(spent.seconds for spent in costs.values()) for costs in (found, plain))
    both = f"{1e3 * rich:.2f} against {1e3 * poor:.2f} ms a path; processor time"
    yield "cluster with property against without", f"{rich / poor:.2f} × its time", both


def against_port(size: Size) -> Iterator[Row]:
    """The enterprises pass against the same algorithm in C."""
    if shutil.which("cc") is None:
        yield "enterprises pass against its C port", "not measured", "there is no C compiler named `cc`"
        return
    from benchmarks.enterprises_port import run as port

    (found,) = port.run(n_paths=20 if size.is_quick else 100, n_pairs=3 if size.is_quick else 11)
    both = f"{found['kernel_ms_a_path']:.2f} against {found['port_ms_a_path']:.2f} ms a path"
    faults = meter.faults_in_words(found["page_faults_a_path"])
    yield (
        "enterprises pass against its C port (`-O3 -march=native`)",
        f"{found['ratio']:.2f} × its time",
        f"{both}; processor time, memory in place ({faults}); equal outcomes asserted before",
    )


def against_pyxirr(size: Size) -> Iterator[Row]:
    """Batches of internal rates of return."""
    if importlib.util.find_spec("pyxirr") is None:
        yield "IRR of a batch", "not measured", "pyxirr is not installed (extra `test`)"
        return
    from benchmarks import irr_against_pyxirr

    sizes = {"streams": 2_000, "pairs": 1} if size.is_quick else {}
    for found in irr_against_pyxirr.run(**sizes):
        what = (
            f"IRR of {found['of']:,} streams of {found['periods']} quarters "
            f"({found['streams'].replace('_', ' ')})"
        )
        both = f"{found['fundsim_microseconds']:.2f} against {found['pyxirr_microseconds']:.1f} µs a stream"
        yield (
            what,
            f"{found['ratio']:.0f} × pyxirr's speed",
            f"{both}; largest difference {found['largest_difference']:.0e}",
        )


def draws(size: Size) -> Iterator[Row]:
    """Random draws."""
    for found in random_draws.run(draws=100_000 if size.is_quick else random_draws.DRAWS):
        yield f"draw: {found['draw']}", f"{found['ns']:.1f} ns", "fastest of 7, one core"


def memory(size: Size) -> Iterator[Row]:
    """Greatest memory of a large run."""
    if not size.is_quick:
        peak = cluster.peak_memory(100_000, 2)
        yield (
            "100,000 paths of the cluster, 2 threads",
            f"{peak / 1e9:.2f} GB",
            "greatest resident memory of the process",
        )


def starts(size: Size) -> Iterator[Row]:
    """How soon a command answers."""
    found = starting.help_against_click(3 if size.is_quick else 11)
    both = f"{1e3 * found['help']:.0f} against {1e3 * found['click']:.0f} ms; medians"
    yield "`fundsim --help` against `import click`", f"{found['ratio']:.2f} × its time", both
    name = starting.SCENARIO.relative_to(ROOT).as_posix()
    if not starting.SCENARIO.exists():
        yield f"`fundsim run {name}`", "not measured", "the file is missing"
        return
    paths = 100 if size.is_quick else 1000
    warm = starting.run_seconds(paths, 1 if size.is_quick else 3)
    yield f"`fundsim run {name} --paths {paths}`", f"{warm:.1f} s", "compiled kernels; from start to report"
    if not size.is_quick:
        first = starting.first_run_seconds(paths)
        yield "the same, the first time of all", f"{first:.1f} s", "empty cache; every kernel is compiled"


TOPICS: tuple[Callable[[Size], Iterator[Row]], ...] = (
    whole_runs,
    passes,
    with_property,
    against_port,
    against_pyxirr,
    draws,
    memory,
    starts,
)


def machine() -> str:
    """The machine and the libraries, in a sentence."""
    import numba
    import numpy

    model = platform.processor() or platform.machine()
    known = Path("/proc/cpuinfo")
    if known.exists():
        lines = known.read_text(encoding="utf-8").splitlines()
        model = next(
            (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), model
        )
    date = datetime.date.today().isoformat()
    versions = f"Python {platform.python_version()}, numba {numba.__version__}, NumPy {numpy.__version__}"
    return f"{date}: {model}, {os.cpu_count()} cores, {platform.system()}; {versions}."


def table(size: Size) -> str:
    """Take all measurements; the table as Markdown, with what made it."""
    rows = [row for topic in TOPICS for row in topic(size)]
    lines = ["| what | measured | how |", "|---|---|---|", *(f"| {a} | {b} | {c} |" for a, b, c in rows)]
    command = "python benchmarks/run.py" + (f" --quick --paths {size.paths}" if size.is_quick else " --write")
    return "\n".join([machine(), "", f"Made by `{command}`.", "", *lines])


def main(arguments: list[str] | None = None) -> None:
    """Print the table; with ``--write`` put it into the page."""
    parser = argparse.ArgumentParser(description="Measure fundsim's speed and print a Markdown table.")
    parser.add_argument(
        "--quick", action="store_true", help="few paths, single pairs; for a look, not for the page"
    )
    parser.add_argument("--paths", type=int, help="paths of a whole run (10,000; 512 with --quick)")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.relative_to(ROOT)}")
    given = parser.parse_args(arguments)
    if given.paths is not None and given.paths < 1:
        parser.error(f"--paths is {given.paths}; give 1 or more")
    if given.write and (given.quick or given.paths):
        parser.error("--write takes the full table; leave out --quick and --paths")
    text = table(Size.of(given.quick, given.paths))
    print(text)
    if given.write:
        pages.write(PAGE, BEGIN, text)


if __name__ == "__main__":
    main()
