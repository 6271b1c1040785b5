"""What a block of paths gives, and how blocks become the arrays of a run."""

import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Self, get_origin, get_type_hints

import numpy as np

from fundsim.results.mapped import MAPPED_BYTES, MappedFile
from fundsim.vocabulary import (
    STORED_MEASURES,
    Activity,
    Channel,
    Check,
    ClassFlow,
    ExitFigure,
    Flow,
    Leverage,
    Money,
    VehicleFlow,
)

N_LEVERAGES = len(Money) * len(Leverage)
KEPT_FLOWS = (VehicleFlow.CARRY, VehicleFlow.FEE)
"""Flows of vehicles whose series are kept."""

# Columns of the arrays of property, in order
PROJECT_EVENTS = ("started", "completed", "refinanced", "sold", "sold_again", "listed", "enforced")
PROJECT_AMOUNTS = ("book", "listing_price", "least_coverage", "support", "trapped_periods")
PROPERTY_YEARS = (
    "value", "debt", "noi", "private_value", "private_debt", "private_noi", "service", "support",
    "original", "recycled", "recovered", "trapped",
)  # fmt: skip
PROJECT_YEARS = ("occupancy", "noi", "value", "debt", "private_noi", "service")
REIT_YEARS = ("dividend", "market_value", "nav", "price", "debt", "assets", "raised")
HOLDINGS = ("share", "bought", "cost", "paid_out", "value")


class Joined(Enum):
    """How the arrays of blocks become one array of a run."""

    BY_PATH = "a row for each path"
    BY_INVESTOR = "a row for each path, or one row where all paths agree"
    KEPT = "a row for each of the first paths"
    LINES = "a column of lines, appended in path order"
    SUMS = "added, in path order"
    WORST = "the largest"


class Shape(NamedTuple):
    """How the blocks of an array join, bytes of a number, and its axes behind the paths, by name or size."""

    joined: Joined
    itemsize: int
    axes: tuple[str | int, ...]

    @classmethod
    def of(cls, joined: Joined, kind: type, *axes: str | int) -> Self:
        """The shape of an array of numbers of a kind."""
        return cls(joined, np.dtype(kind).itemsize, axes)


by_path, by_investor = partial(Shape.of, Joined.BY_PATH), partial(Shape.of, Joined.BY_INVESTOR)
of_kept, lines = partial(Shape.of, Joined.KEPT), partial(Shape.of, Joined.LINES)
summed = partial(Shape.of, Joined.SUMS)


@dataclass(frozen=True)
class BlockResult:
    """One block's part of the results; every array's first axis is its paths unless it is lines or a sum.

    An array is declared here alone: how blocks join, what a run takes of memory and what a file of a block
    holds follow from it. A pass that keeps more declares it here and gives it in its entry of the list of
    passes. A row is a class, or behind them a vehicle; a row of flows an investor, or behind them a vehicle.
    """

    first_path: int
    n_paths: int
    group: int  # paths that mirror each other: 2, or 1
    processor: str  # kind of the processor that made it
    measures: Annotated[np.ndarray, by_path(np.float64, "row", len(STORED_MEASURES))]
    irr_status: Annotated[np.ndarray, by_path(np.int8, "row")]
    leverage: Annotated[np.ndarray, by_path(np.float64, N_LEVERAGES)]  # at the horizon
    landing: Annotated[np.ndarray, by_path(np.float64, "vehicle")]
    controls: Annotated[np.ndarray, by_path(np.float64, 0)]  # control variates; none unless asked for
    share: Annotated[np.ndarray, by_investor(np.float64, "investor")]  # of each in its class
    # of its paid-in share and deepest call against its class's
    scale: Annotated[np.ndarray, by_investor(np.float64, "investor")]
    # PROJECT_EVENTS: periods, −1 never; completion a date, NEVER_COMPLETE never (of existing projects ≤ 0)
    project_events: Annotated[np.ndarray, by_path(np.int16, "project", len(PROJECT_EVENTS))]
    project_amounts: Annotated[np.ndarray, by_path(np.float32, "project", len(PROJECT_AMOUNTS))]
    # HOLDINGS; bought is a period, −1 never
    holdings: Annotated[np.ndarray, by_path(np.float32, "holding", len(HOLDINGS))]
    kept_flows: Annotated[np.ndarray, of_kept(np.float32, len(ClassFlow), "class", "period")]
    kept_nav: Annotated[np.ndarray, of_kept(np.float32, "class", "period")]
    kept_carry: Annotated[np.ndarray, of_kept(np.float32, len(KEPT_FLOWS), "vehicle", "period")]
    leverage_years: Annotated[np.ndarray, of_kept(np.float64, "year", N_LEVERAGES)]
    # PROPERTY_YEARS: the park's, stocks at the year's end
    property_years: Annotated[np.ndarray, of_kept(np.float32, "year", len(PROPERTY_YEARS))]
    project_years: Annotated[np.ndarray, of_kept(np.float32, "project", "year", len(PROJECT_YEARS))]
    # REIT_YEARS; price NaN before the listing
    reit_years: Annotated[np.ndarray, of_kept(np.float32, "reit", "year", len(REIT_YEARS))]
    exit_path: Annotated[np.ndarray, lines(np.int32, "exit")]
    exit_deal: Annotated[np.ndarray, lines(np.int32, "exit")]  # planned deals, then holdings of property
    exit_channel: Annotated[np.ndarray, lines(np.int8, "exit")]
    exit_period: Annotated[np.ndarray, lines(np.int16, "exit")]
    exit_stream: Annotated[np.ndarray, lines(np.int32, "exit")]  # park stream of the enterprise, or −1 − deal
    exit_number: Annotated[np.ndarray, lines(np.int32, "exit")]
    exit_cost: Annotated[np.ndarray, lines(np.float32, "exit")]
    exit_proceeds: Annotated[np.ndarray, lines(np.float32, "exit")]
    flow_sums: Annotated[np.ndarray, summed(np.float64, len(Flow), "flow_row", "period")]
    flow_squares: Annotated[np.ndarray, summed(np.float64, len(Flow), "flow_row", "period")]
    exit_sums: Annotated[np.ndarray, summed(np.float64, "vehicle", len(Channel), "year", len(ExitFigure))]
    activity_sums: Annotated[np.ndarray, summed(np.float64, "vehicle", len(Activity))]
    activity_squares: Annotated[np.ndarray, summed(np.float64, "vehicle", len(Activity))]
    audit: Annotated[np.ndarray, Shape.of(Joined.WORST, np.float64, len(Check))]

    def to_arrays(self) -> dict[str, np.ndarray]:
        """All of it as arrays by name, for a file."""
        return {field.name: np.asarray(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> Self:
        """The block that `to_arrays` wrote."""
        values: dict[str, Any] = {field.name: arrays[field.name] for field in fields(cls)}
        values |= {name: int(values[name]) for name in ("first_path", "n_paths", "group")}
        return cls(**values | {"processor": str(values["processor"])})


SHAPES: dict[str, Shape] = {
    name: kind.__metadata__[0]
    for name, kind in get_type_hints(BlockResult, include_extras=True).items()
    if get_origin(kind) is Annotated
}
"""Shape of each array of a block, and of a run, by name."""


def joined_as(*ways: Joined) -> tuple[str, ...]:
    """Names of the arrays whose blocks join in one of some ways."""
    return tuple(name for name, shape in SHAPES.items() if shape.joined in ways)


BY_PATH, BY_INVESTOR, KEPT = joined_as(Joined.BY_PATH), joined_as(Joined.BY_INVESTOR), joined_as(Joined.KEPT)
LINES, SUMS, WORST = joined_as(Joined.LINES), joined_as(Joined.SUMS), joined_as(Joined.WORST)


def bytes_of(rows: Mapping[Joined, int], sizes: Mapping[str, int]) -> int:
    """Bytes of the arrays that join in some ways, by how many rows those of each way have.

    Parameters
    ----------
    rows : mapping of Joined to int
    sizes : mapping of str to int
        Of the named axes; ``exit`` are the exits of a path.
    """
    return sum(
        rows.get(shape.joined, 0)
        * shape.itemsize
        * math.prod(sizes[axis] if isinstance(axis, str) else axis for axis in shape.axes)
        for shape in SHAPES.values()
    )


_NOTHING = np.empty(0)


def single(values: np.ndarray) -> np.ndarray:
    """Series in single precision; amounts above its largest
    number, of absurd scenarios only, are kept as that.
    """
    most = np.finfo(np.float32).max
    with np.errstate(over="ignore"):
        kept = values.astype(np.float32)
    return np.clip(kept, -most, most, out=kept)


class Assembly:
    """Arrays of a whole run, filled block by block in any order; sums are added in path order.

    Parameters
    ----------
    n_paths, n_kept : int
        Paths of the run at most, and those whose series are kept.
    has_closing : bool
        Whether investors' shares differ from path to path.
    is_enough : callable, optional
        Asked in path order, with the first path of a block and the first behind it, whether the run ends
        with that block.
    folder : Path, optional
        Where what there is for every path lies if it is large; among temporary files without it.

    Attributes
    ----------
    is_ended : bool
        Whether `is_enough` has ended the run; further blocks are then left aside.
    processors : Counter of str
        Paths by the kind of processor that made them.
    """

    def __init__(
        self,
        n_paths: int,
        n_kept: int,
        has_closing: bool,
        is_enough: Callable[[int, int], bool] | None = None,
        folder: Path | None = None,
    ) -> None:
        self.arrays: dict[str, np.ndarray] = {}
        self.is_ended = False
        self.processors: Counter[str] = Counter()
        self._is_enough, self._folder = is_enough, folder
        self._file: MappedFile | None = None
        self._sizes = dict.fromkeys(BY_PATH, n_paths) | dict.fromkeys(KEPT, n_kept)
        self._sizes |= dict.fromkeys(BY_INVESTOR, n_paths if has_closing else 1)
        self._waiting: dict[int, BlockResult] = {}
        self._next = 0
        self._n_kept, self._n_lines = n_kept, 0

    def add(self, block: BlockResult) -> None:
        """Take a block in."""
        if self.is_ended:
            return
        if not self.arrays:
            self._open_file(block)
        for name, size in self._sizes.items():
            part = getattr(block, name)
            first = min(block.first_path, size) if size > 1 or name not in BY_INVESTOR else 0
            last = first + part.shape[0]
            self._column(name, part, last)[first:last] = part
        taken: dict[str, Any] = dict.fromkeys((*BY_PATH, *KEPT, *BY_INVESTOR), _NOTHING)
        self._waiting[block.first_path] = replace(block, **taken)
        while self._next in self._waiting:
            ready = self._waiting.pop(self._next)
            self._next += ready.n_paths
            self.processors[ready.processor] += ready.n_paths
            self._add_sums(ready)
            self._add_exits(ready)
            if self._is_enough is not None and self._is_enough(ready.first_path, self._next):
                self.is_ended = True
                self._waiting.clear()

    @property
    def n_paths(self) -> int:
        """Paths of the whole blocks from the first path on."""
        return self._next

    def paths(self, first: int, last: int) -> dict[str, np.ndarray]:
        """All arrays, those with a row for each path as views of the paths ``first … last − 1``."""
        views = {name: self.arrays[name][first:last] for name in BY_PATH}
        by_investor = {name: self.arrays[name] for name in BY_INVESTOR}
        for name, array in by_investor.items():
            by_investor[name] = array if self._sizes[name] == 1 else array[first:last]
        return {**self.arrays, **views, **by_investor}

    def _open_file(self, block: BlockResult) -> None:
        """Have what there is for every path in a file, if it is as large as to be worth it."""
        parts = {name: getattr(block, name) for name in (*BY_PATH, *BY_INVESTOR) if self._sizes[name] > 1}
        shapes = {name: ((self._sizes[name], *part.shape[1:]), part.dtype) for name, part in parts.items()}
        if sum(math.prod(shape) * dtype.itemsize for shape, dtype in shapes.values()) >= MAPPED_BYTES:
            self._file = MappedFile(shapes, self._folder)
            self.arrays |= self._file.arrays

    def _column(self, name: str, part: np.ndarray, needed: int) -> np.ndarray:
        """The array of that name with room for `needed` rows; of a run that may end early
        it grows, so that no memory is taken for paths that never come.
        """
        size = self._sizes[name]
        if self._file is not None and name in self._file.arrays:
            self._file.take_room(name, size if self._is_enough is None else min(size, 2 * needed))
            return self.arrays[name]
        if name not in self.arrays:
            rows = size if self._is_enough is None else needed
            self.arrays[name] = np.empty((rows, *part.shape[1:]), dtype=part.dtype)
        array = self.arrays[name]
        if len(array) < needed:
            array.resize((min(size, 2 * needed), *part.shape[1:]), refcheck=False)
        return array

    def _add_sums(self, ready: BlockResult) -> None:
        for name in (*SUMS, *WORST):
            part, total = getattr(ready, name), self.arrays.get(name)
            if total is None:
                self.arrays[name] = part.copy()
            else:
                self.arrays[name] = np.maximum(total, part) if name in WORST else total + part

    def _add_exits(self, ready: BlockResult) -> None:
        """Append the block's lines; columns grow in place, so that memory never holds them twice."""
        n = self._n_lines + len(ready.exit_path)
        for name in LINES:
            part = getattr(ready, name)
            column = self.arrays.setdefault(name, np.empty(0, dtype=part.dtype))
            if len(column) < n:
                expected = n * self._n_kept / min(self._next, max(self._n_kept, 1))
                column.resize(max(n, int(1.02 * expected)), refcheck=False)
            column[self._n_lines : n] = part
        self._n_lines = n

    def finish(self) -> dict[str, np.ndarray]:
        """All arrays, exits of all blocks in path order; read-only."""
        for name in LINES:
            self.arrays[name].resize(self._n_lines, refcheck=False)
        for name, size in self._sizes.items():
            array, rows = self.arrays[name], min(size, self._next)
            if len(array) > rows and self._file is not None and name in self._file.arrays:
                self.arrays[name] = array[:rows]
            elif len(array) > rows:
                array.resize((rows, *array.shape[1:]), refcheck=False)
        for array in self.arrays.values():
            array.flags.writeable = False
        return self.arrays
