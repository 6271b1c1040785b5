"""What a block of paths gives, and how blocks become the arrays of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

SUMS = ("flow_sums", "flow_squares", "exit_sums", "activity_sums", "activity_squares")
"""Arrays that are added over blocks, in path order."""
KEPT = (
    "kept_flows", "kept_nav", "kept_carry", "leverage_years",
    "property_years", "project_years", "reit_years",
)  # fmt: skip
"""Arrays of the first paths only."""
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


@dataclass(frozen=True)
class BlockResult:
    """One block's part of the results; every array's first axis is its paths unless it is a sum."""

    first_path: int
    n_paths: int
    group: int  # paths that mirror each other: 2, or 1
    measures: np.ndarray  # (n, C+V, 9)
    irr_status: np.ndarray  # (n, C+V) int8
    leverage: np.ndarray  # (n, 28) at the horizon
    landing: np.ndarray  # (n, V)
    controls: np.ndarray  # (n, k) control variates; k is 0 unless asked for
    share: np.ndarray  # (n or 1, I) of each investor row in its class
    scale: np.ndarray  # (n or 1, I) of its paid-in share and deepest call against its class's
    # (n, J, 7) int16 PROJECT_EVENTS: periods, −1 never; completion a date, NEVER_COMPLETE never (of existing
    # projects it is ≤ 0)
    project_events: np.ndarray
    project_amounts: np.ndarray  # (n, J, 5) float32 PROJECT_AMOUNTS
    holdings: np.ndarray  # (n, H, 5) float32 HOLDINGS; bought is a period, −1 never
    kept_flows: np.ndarray  # (k, 2, C, T) float32
    kept_nav: np.ndarray  # (k, C, T) float32
    kept_carry: np.ndarray  # (k, 2, V, T) float32: carry, fee
    leverage_years: np.ndarray  # (k, Y, 28)
    property_years: np.ndarray  # (k, Y, 12) float32 PROPERTY_YEARS: the park's, stocks at the year's end
    project_years: np.ndarray  # (k, J, Y, 6) float32 PROJECT_YEARS
    reit_years: np.ndarray  # (k, R, Y, 7) float32 REIT_YEARS; price NaN before the listing
    exit_path: np.ndarray  # (lines,) path of each exit of the paths whose exits are kept
    exit_deal: np.ndarray  # planned deal, or planned deals + holding of property
    exit_channel: np.ndarray
    exit_period: np.ndarray
    exit_stream: np.ndarray  # park stream of the enterprise, or −1 − deal
    exit_number: np.ndarray
    exit_cost: np.ndarray
    exit_proceeds: np.ndarray
    flow_sums: np.ndarray  # (7, I+V, T)
    flow_squares: np.ndarray
    exit_sums: np.ndarray  # (V, 10, Y, 3)
    activity_sums: np.ndarray  # (V, 5)
    activity_squares: np.ndarray
    audit: np.ndarray  # (checks,)

    def to_arrays(self) -> dict[str, np.ndarray]:
        """All of it as arrays by name, for a file."""
        return {field.name: np.asarray(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> BlockResult:
        """The block that `to_arrays` wrote."""
        values: dict[str, Any] = {field.name: arrays[field.name] for field in fields(cls)}
        values["first_path"] = int(values["first_path"])
        values["n_paths"] = int(values["n_paths"])
        values["group"] = int(values["group"])
        return cls(**values)


EXITS = tuple(
    field.name
    for field in fields(BlockResult)
    if field.name.startswith("exit_") and field.name != "exit_sums"
)
BY_PATH = (
    "measures", "irr_status", "leverage", "landing", "controls",
    "project_events", "project_amounts", "holdings",
)  # fmt: skip
BY_INVESTOR = ("share", "scale")


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

    Attributes
    ----------
    is_ended : bool
        Whether `is_enough` has ended the run; further blocks are then left aside.
    """

    def __init__(
        self,
        n_paths: int,
        n_kept: int,
        has_closing: bool,
        is_enough: Callable[[int, int], bool] | None = None,
    ) -> None:
        self.arrays: dict[str, np.ndarray] = {}
        self.is_ended = False
        self._is_enough = is_enough
        self._sizes = dict.fromkeys(BY_PATH, n_paths) | dict.fromkeys(KEPT, n_kept)
        self._sizes |= dict.fromkeys(BY_INVESTOR, n_paths if has_closing else 1)
        self._waiting: dict[int, BlockResult] = {}
        self._next = 0
        self._n_kept, self._n_lines = n_kept, 0

    def add(self, block: BlockResult) -> None:
        """Take a block in."""
        if self.is_ended:
            return
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

    def _column(self, name: str, part: np.ndarray, needed: int) -> np.ndarray:
        """The array of that name with room for `needed` rows; of a run that may end early
        it grows, so that no memory is taken for paths that never come.
        """
        size = self._sizes[name]
        if name not in self.arrays:
            rows = size if self._is_enough is None else needed
            self.arrays[name] = np.empty((rows, *part.shape[1:]), dtype=part.dtype)
        array = self.arrays[name]
        if len(array) < needed:
            array.resize((min(size, 2 * needed), *part.shape[1:]), refcheck=False)
        return array

    def _add_sums(self, ready: BlockResult) -> None:
        for name in (*SUMS, "audit"):
            part, total = getattr(ready, name), self.arrays.get(name)
            if total is None:
                self.arrays[name] = part.copy()
            else:
                self.arrays[name] = np.maximum(total, part) if name == "audit" else total + part

    def _add_exits(self, ready: BlockResult) -> None:
        """Append the block's lines; columns grow in place, so that memory never holds them twice."""
        n = self._n_lines + len(ready.exit_path)
        for name in EXITS:
            part = getattr(ready, name)
            column = self.arrays.setdefault(name, np.empty(0, dtype=part.dtype))
            if len(column) < n:
                expected = n * self._n_kept / min(self._next, max(self._n_kept, 1))
                column.resize(max(n, int(1.02 * expected)), refcheck=False)
            column[self._n_lines : n] = part
        self._n_lines = n

    def finish(self) -> dict[str, np.ndarray]:
        """All arrays, exits of all blocks in path order; read-only."""
        for name in EXITS:
            self.arrays[name].resize(self._n_lines, refcheck=False)
        for name, size in self._sizes.items():
            array, rows = self.arrays[name], min(size, self._next)
            if len(array) > rows:
                array.resize((rows, *array.shape[1:]), refcheck=False)
        for array in self.arrays.values():
            array.flags.writeable = False
        return self.arrays
