"""Compare the enterprises pass with its port to C: equal outcomes, and the time of each on one thread."""

import ctypes
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from benchmarks import meter
from fundsim.kernels.enterprises.arrivals import count_rows
from fundsim.kernels.enterprises.records import BOARD, DEAL, PARK_STREAM, SECTOR, STAGE, new_walks
from fundsim.kernels.enterprises.walk import allocate_enterprises, enterprises_pass
from fundsim.kernels.layout import EnterpriseBlock
from fundsim.kernels.market import allocate_market, market_pass
from tests.makers import worlds

SOURCE = Path(__file__).with_name("enterprises.c")
FLAGS = ("-O3", "-march=native", "-ffp-contract=off", "-shared", "-fPIC")
MOST_RATIO = 1.25
"""The kernel may take so many times the port's time."""
MOST_DIFFERENCE = 1e-12
"""Greatest relative difference of a value from the port's."""


def cluster_world() -> worlds.World:
    """About 1,050 enterprises a path, some 2.5 stages each, with
    every rule of the walk in use; 60 quarters.
    """
    names = ("seed", "angel", "A", "B", "C", "pre_ipo")
    outcomes = (
        (0.70, 0.00, 0.03, 0.17, 0.10),
        (0.72, 0.00, 0.03, 0.15, 0.10),
        (0.70, 0.01, 0.04, 0.13, 0.12),
        (0.65, 0.05, 0.06, 0.10, 0.14),
        (0.50, 0.20, 0.08, 0.08, 0.14),
        (0.00, 0.65, 0.10, 0.08, 0.17),
    )
    slopes = ((0.3, 0.2), (0.2, 0.2), (0.1, 0.1), (-0.3, -0.2))
    stages = [
        worlds.Stage(
            name=name,
            entry_value=("lognormal", 0.2 * 2.2**i, 0.5),
            clock=("gamma", 1.1 + 0.1 * i, 2.5),
            drift=0.15,
            volatility=0.6,
            outcomes=outcomes[i],
            slopes=slopes if i >= 2 else worlds.NO_SLOPES,
            step_up=("lognormal", 1.2, 0.2),
            share_sold=("beta", 0.18, 0.05),
            option_pool=0.05,
            failure_clock=(9.0, 1.5) if i < 3 else None,
        )
        for i, name in enumerate(names)
    ]
    sectors = [
        worlds.Sector(
            name=f"sector {x}",
            stages=stages,
            betas=(1.0, 0.5),
            quality_effect=0.3,
            listed=(0.08, 0.4),
            listing_share=("beta", 0.2, 0.04),
            filings=2,
            boards=(0, 1, 2),
            premium=("lognormal", 1.2, 0.3),
            recovery=0.15,
            stall=(-0.05, 0.15, 0.08),
        )
        for x in range(3)
    ]
    weights = tuple((x, s, 1.0) for x in range(3) for s in range(5))
    deals = [
        worlds.Deal(f"vehicle {v}", k, 0.25 + 0.2 * k, 0.5, 0.4, 1, ("fixed", 0.3), weights=weights)
        for v in range(8)
        for k in range(30)
    ]
    return worlds.World(
        n_periods=60,
        seed=7,
        factor_names=("market", "chips"),
        factor_volatility=(0.25, 0.2),
        correlation=np.array([[1.0, 0.3], [0.3, 1.0]]),
        states=((1.3, 1.2, 1.3, 1.1, 1.2), worlds.NEUTRAL, (0.6, 0.8, 0.5, 0.7, 0.8)),
        generator=np.array([[-0.5, 0.4, 0.1], [0.2, -0.5, 0.3], [0.1, 0.5, -0.6]]),
        initial=np.array([0.0, 1.0, 0.0]),
        sectors=sectors,
        boards=[worlds.Board(30.0, 1.0, 0.7), worlds.Board(20.0, 1.2, 0.6), worlds.Board(8.0, 0.8, 0.7)],
        streams=[worlds.Stream(f"stream {i}", i, i, 27.0, until_years=10.0) for i in range(3)],
        deals=deals,
    )


class Case:
    """One world with its market, and a block of enterprises for the kernel and for the port."""

    def __init__(self, world: worlds.World, n_paths: int, first_path: int = 0):
        self.grid, self.terms = worlds.grid_of(world), worlds.enterprise_terms(world)
        market_terms = worlds.market_terms(world)
        self.market = allocate_market(n_paths, self.grid, market_terms)
        self.first_path, self.n_paths = first_path, n_paths
        market_pass(self.grid, market_terms, first_path, self.market)
        self.kernel_block, self.port_block = self.block(), self.block()

    def block(self):
        first_row, n_park = np.empty(self.n_paths + 1, np.int64), np.empty(self.n_paths, np.int64)
        count_rows(self.grid, self.terms, self.first_path, self.n_paths, first_row, n_park)
        out = allocate_enterprises(int(first_row[-1]), self.n_paths, self.grid, self.terms)
        return out._replace(first_row=first_row, n_park=n_park)

    def run_kernel(self) -> None:
        enterprises_pass(self.grid, self.terms, self.market, self.first_path, self.kernel_block)

    def run_port(self, library: ctypes.CDLL) -> None:
        arguments, self.kept = port_arguments(
            self.grid, self.terms, self.market, self.first_path, self.port_block
        )
        n_words = ctypes.c_int64.in_dll(library, "n_words").value
        if len(arguments) != n_words:
            raise ValueError(f"{SOURCE.name} takes {n_words} words, {len(arguments)} are given")
        library.enterprises_pass(arguments)


def port_arguments(grid, terms, market, first_path, out):
    """The struct `World` of the port as an array of 8-byte words, and the arrays it points to."""
    walks = new_walks(grid, terms)
    sizes = (
        *(grid.n_periods, grid.periods_per_year, len(terms.stages), len(terms.sectors)),
        *(len(terms.park_streams), len(terms.deals), len(terms.window_factors), market.factors.shape[1]),
        *(terms.most_rounds, terms.most_segments),
        *(
            terms.sector_boards.shape[1],
            terms.sector_buckets.shape[1],
            first_path,
            len(market.index),
            int(grid.seed_key),
            int(grid.is_antithetic),
        ),
    )
    before = (
        walks.stages,
        walks.sectors,
        walks.boards,
        walks.sector_boards,
        walks.sector_buckets,
        walks.tables,
    )
    behind = (
        *(terms.park_streams, terms.deals, terms.entry_cumulative),
        *(terms.window_factors, terms.sector_beta, market.factors, market.window),
        *(walks.window, walks.factor_part),
        np.empty(int(np.max(np.diff(out.first_row), initial=0))),
        np.empty(grid.n_periods + 2, dtype=np.int64),
        *out,
    )
    kept = [np.ascontiguousarray(array) for array in (*before, *behind)]
    pointers = [array.ctypes.data for array in kept]
    words = [*sizes, *pointers[: len(before)], terms.tables.shape[1], *pointers[len(before) :]]
    return (ctypes.c_uint64 * len(words))(*words), kept


def compiled(folder: str) -> ctypes.CDLL:
    """The port, compiled for this processor."""
    target = Path(folder) / "enterprises.so"
    subprocess.run(["cc", *FLAGS, str(SOURCE), "-o", str(target), "-lm"], check=True)
    library = ctypes.CDLL(str(target))
    check_layout(library)
    return library


class Field(ctypes.Structure):
    """A field as the port declares it."""

    _fields_ = (
        ("record", ctypes.c_char_p),
        ("name", ctypes.c_char_p),
        ("kind", ctypes.c_char),
        ("offset", ctypes.c_uint64),
        ("size", ctypes.c_uint64),
    )


RECORDS = {"Stage": STAGE, "Sector": SECTOR, "Board": BOARD, "Stream": PARK_STREAM, "Deal": DEAL}


def check_layout(library: ctypes.CDLL) -> None:
    """
    Compare the records of the kernels with those that the port declares.

    Raises
    ------
    ValueError
        With what differs: the port would read other numbers, or memory that is not its own.
    """
    declared: dict[str, list[tuple]] = {}
    n_fields = ctypes.c_int64.in_dll(library, "n_fields").value
    for field in (Field * n_fields).in_dll(library, "fields"):
        line = (field.name.decode(), field.kind.decode(), field.offset, field.size)
        declared.setdefault(field.record.decode(), []).append(line)
    given = {record: dtype_lines(dtype) for record, dtype in RECORDS.items()}
    first = declared["Block"][0][2]
    given["Block"] = [(name, "p", first + 8 * i, 8) for i, name in enumerate(EnterpriseBlock._fields)]
    faults = [
        f"{record}: the kernels have {sorted(set(given[record]) - set(declared[record]))},"
        f" {SOURCE.name} has {sorted(set(declared[record]) - set(given[record]))}"
        for record in given
        if given[record] != declared[record]
    ]
    if faults:
        what = "the port no longer has the records of the kernels (name, kind, offset, size)"
        raise ValueError("\n".join([what, *faults]))


def dtype_lines(dtype: np.dtype) -> list[tuple]:
    """The size of a record; name, kind of number, offset and size of each of its fields."""
    fields = [(name, *dtype.fields[name][:2]) for name in dtype.names or ()]
    whole = ("all of it", "V", 0, dtype.itemsize)
    return [whole, *((name, field.base.kind, offset, field.itemsize) for name, field, offset in fields)]


def greatest_difference(case: Case) -> float:
    """
    Compare the two blocks of a case.

    Returns
    -------
    float
        Greatest relative difference of the values.

    Raises
    ------
    AssertionError
        Where an integer differs: a key, a date, an outcome, or the order of events.
    """
    ours, theirs, worst = case.kernel_block, case.port_block, 0.0
    used = ours.n_rounds[:, None] > np.arange(ours.round_period.shape[1])
    walked = ours.n_segments[:, None] > np.arange(ours.segment_from.shape[1])
    for name in ours._fields:
        a, b = getattr(ours, name), getattr(theirs, name)
        if name == "event_order":
            a, b = a[: ours.first_event[-1, -1]], b[: ours.first_event[-1, -1]]
        if name.startswith("round_"):
            a, b = a[used], b[used]
        if name.startswith("segment_"):
            a, b = a[walked], b[walked]
        if a.dtype.kind in "iu":
            assert np.array_equal(a, b), f"{name} differs"
        else:
            assert np.array_equal(np.isnan(a), np.isnan(b)), f"{name} differs"
            difference = np.abs(a - b) / np.maximum(np.abs(b), 1.0)
            worst = max(worst, float(np.nanmax(difference, initial=0.0)))
    return worst


def run(n_paths: int = 100, n_pairs: int = 11) -> list[dict]:
    """
    Measure kernel and port in alternating pairs on one thread: processor time, once both have written their
    blocks, so that pages made for new memory are not counted as walking.

    Parameters
    ----------
    n_paths : int
        Paths a run.
    n_pairs : int
        Runs of each.

    Returns
    -------
    list of dict
        One row with the medians in milliseconds a path, their ratio, the page faults of the kernel, and what
        was computed.

    Raises
    ------
    AssertionError
        If the two differ, before anything is measured.
    """
    case = Case(cluster_world(), n_paths)
    with tempfile.TemporaryDirectory() as folder:
        library = compiled(folder)
        case.run_kernel()  # compiles
        case.run_port(library)
        difference = greatest_difference(case)
        assert difference < MOST_DIFFERENCE, difference
        pairs = [
            (meter.spent_in(case.run_kernel), meter.spent_in(case.run_port, library)) for _ in range(n_pairs)
        ]
    kernel, port = (meter.median(column, n_paths) for column in zip(*pairs, strict=True))
    ratio = statistics.median(ours.seconds / theirs.seconds for ours, theirs in pairs)
    rows = len(case.kernel_block.key)
    return [
        {
            "what": "enterprises pass",
            "kernel_ms_a_path": 1e3 * kernel.seconds,
            "port_ms_a_path": 1e3 * port.seconds,
            "page_faults_a_path": kernel.page_faults,
            "ratio": ratio,
            "allowed_ratio": MOST_RATIO,
            "enterprises_a_path": rows / n_paths,
            "stages_an_enterprise": float(case.kernel_block.n_rounds.mean()),
            "company_years_a_second": rows / n_paths * 15 / kernel.seconds,
            "greatest_difference": difference,
        }
    ]


if __name__ == "__main__":
    if shutil.which("cc") is None:
        raise SystemExit("not measured: there is no C compiler named `cc`")
    for row in run():
        for name, value in row.items():
            print(f"{name:24} {value}")
