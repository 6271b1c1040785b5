"""Owns what a run needs of a machine, memory, disk and time by the sizes that drive them, and
whether this machine has it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from fundsim.errors import ResourceError
from fundsim.machine import available_cores, available_memory, free_disk
from fundsim.results.block import Joined, bytes_of
from fundsim.results.mapped import MAPPED_BYTES
from fundsim.scenario import Scenario
from fundsim.scenario.budgets import rows_per_path
from fundsim.scenario.principal import followed_rows
from fundsim.words import LANGUAGES, label

# Measured with the scenarios that are shipped: what a process takes for itself, and what its files take.
_BASE_BYTES = 250e6  # libraries, compiled kernels, figures and report; without files that are mapped
_THREAD_BYTES = 45e6  # a block of paths under way
_WORKER_BYTES = 150e6  # a further process without its block
_FOLDER_BYTES = 3.5e6  # figures and report
_SUM_FILE_BYTES = 700  # of cash flows in two files: a row and period
_MEASURE_FILE_BYTES = 50  # a path of a row
_EXIT_FILE_BYTES = 10  # an exit
_LANDING_FILE_BYTES = 9  # a path of a vehicle
_LEVERAGE_FILE_BYTES = 85  # a year of a kept path
_YEAR_FILE_BYTES = 8  # a year of a kept path of a row that is followed
_BLOCK_FILE_BYTES = 12e3  # the names in a file of a block

# Measured on one core at 2.5 GHz with scenarios of 2 and 6 vehicles; good within a factor of two.
_SECONDS_PER_ENTERPRISE = 6e-7
_SECONDS_PER_ROW_PERIOD = 7e-7

# Bytes of what passes write of a path: what `fundsim.engine.passes` weighs from the plan, without one.
_BLOCK_BYTES, _MOST_BLOCK_PATHS = 48e6, 128
_PROJECT_PERIOD_BYTES, _REIT_PERIOD_BYTES, _DEAL_BYTES = 288, 156, 120


def in_units(n_bytes: float) -> str:
    """A size in the largest unit of which it is a tenth or more, such as ``0.8 GB`` or ``32.0 kB``."""
    for unit, size in (("GB", 1e9), ("MB", 1e6)):
        if n_bytes >= 0.1 * size:
            return f"{n_bytes / size:,.1f} {unit}"
    return f"{n_bytes / 1e3:,.1f} kB"


@dataclass(frozen=True)
class Needs:
    """What a run of a scenario needs, roughly, by how many paths it has and of how many it keeps series.

    Attributes
    ----------
    scenario : Scenario
    """

    scenario: Scenario

    @cached_property
    def sizes(self) -> dict[str, int]:
        """Sizes of the axes of a run's arrays; a deal is left once, or twice if its founders pay in part,
        one of property by an offering, units and at the term.
        """
        vehicles, property_ = self.scenario.vehicles, self.scenario.property_
        investors = sum(len(vehicle.investors) for vehicle in vehicles)
        classes = sum(
            len({(one.is_fee_payer, one.is_carry_payer) for one in vehicle.investors}) for vehicle in vehicles
        )
        holdings = sum(
            len(property_.interests_for(vehicle.property_))
            for vehicle in vehicles
            if property_ is not None and vehicle.property_ is not None
        )
        deals = sum(vehicle.mandate.deals for vehicle in vehicles if vehicle.mandate is not None)
        paid_in_part = sum(
            math.ceil(vehicle.mandate.deals * vehicle.exits.buyback.partial)
            for vehicle in vehicles
            if vehicle.mandate is not None and vehicle.exits.buyback is not None
        )
        return {
            "vehicle": len(vehicles),
            "investor": investors,
            "class": classes,
            "row": classes + len(vehicles),
            "flow_row": investors + len(vehicles),
            "period": self.scenario.horizon_periods,
            "year": math.ceil(self.scenario.horizon_years),
            "project": len(property_.projects) if property_ is not None else 0,
            "reit": len(property_.reits) if property_ is not None else 0,
            "holding": holdings,
            "exit": deals + paid_in_part + 2 * holdings,
        }

    def _arrays(self, paths: int, kept: int) -> float:
        closes = [self.scenario.closing_of(vehicle) for vehicle in self.scenario.vehicles]
        n_by_investor = paths if any(closing is not None for closing in closes) else 1
        rows = {Joined.BY_PATH: paths, Joined.BY_INVESTOR: n_by_investor, Joined.KEPT: kept}
        return bytes_of(rows | {Joined.LINES: kept, Joined.SUMS: 1}, self.sizes)

    def in_file(self, paths: int) -> float:
        """Bytes of what there is for every path, where that lies in a file; 0 where it lies in memory."""
        of_paths = self._arrays(paths, 0) - self._arrays(0, 0)
        return of_paths if of_paths >= MAPPED_BYTES else 0.0

    def memory(self, paths: int, kept: int, workers: int | None = None) -> float:
        """Bytes that are held at most: the run's arrays, and a block for each thread that has one, or as many
        processes beside this one.
        """
        n_blocks = max(math.ceil(paths / self.block_paths()), 1)
        blocks = _THREAD_BYTES * min(self.scenario.run.threads or available_cores(), n_blocks)
        if workers is not None:
            blocks = (_WORKER_BYTES + _THREAD_BYTES) * min(workers, n_blocks)
        return _BASE_BYTES + blocks + self._arrays(paths, min(kept, paths)) - self.in_file(paths)

    def disk(self, paths: int, kept: int) -> float:
        """Bytes that a run folder has at most, when its files are written and its blocks still there."""
        sizes, kept = self.sizes, min(kept, paths)
        blocks = self._arrays(paths, kept)
        of_a_block = _BLOCK_FILE_BYTES + bytes_of({Joined.SUMS: 1}, sizes)
        blocks += math.ceil(paths / self.block_paths()) * of_a_block
        files = _FOLDER_BYTES + _SUM_FILE_BYTES * sizes["flow_row"] * sizes["period"]
        files += _MEASURE_FILE_BYTES * sizes["flow_row"] * paths + self.in_file(paths)
        files += _LANDING_FILE_BYTES * sizes["vehicle"] * paths
        by_year = _LEVERAGE_FILE_BYTES + _YEAR_FILE_BYTES * len(followed_rows(self.scenario))
        return blocks + files + kept * (_EXIT_FILE_BYTES * sizes["exit"] + by_year * sizes["year"])

    def block_paths(self) -> int:
        """Paths of a block, within a factor of two."""
        sizes, sectors = self.sizes, self.scenario.sectors
        rounds = max((len(sector.stages) for sector in sectors), default=1)
        segments = rounds + 2 * max((sector.listing.n_filings for sector in sectors), default=0) + 1
        weight = rows_per_path(self.scenario) * 8 * (4 * rounds + 5 * segments + 16)
        weight += _DEAL_BYTES * sizes["exit"] + sizes["period"] * (
            8 * (3 * sizes["class"] + 13 * sizes["vehicle"])
            + _PROJECT_PERIOD_BYTES * sizes["project"]
            + _REIT_PERIOD_BYTES * sizes["reit"]
        )
        return 1 << int(math.log2(min(max(_BLOCK_BYTES / weight, 1.0), _MOST_BLOCK_PATHS)))

    def seconds(self) -> float:
        """Seconds of one core that a run takes, without the time to load and compile."""
        sizes = self.sizes
        by_row = _SECONDS_PER_ROW_PERIOD * sizes["flow_row"] * sizes["period"]
        by_enterprise = _SECONDS_PER_ENTERPRISE * rows_per_path(self.scenario)
        return self.scenario.run.paths * (by_enterprise + by_row)


def require_memory(scenario: Scenario, workers: int | None = None) -> None:
    """Raise ResourceError where a run needs more memory than this process,
    and as many workers on this machine, may use.
    """
    if not _ends_early(scenario):
        require_memory_together([scenario], workers)


def require_memory_together(scenarios: Sequence[Scenario], workers: int | None = None) -> None:
    """Raise ResourceError where runs of several scenarios, of as many paths and held
    at once, need more memory than this process may use.
    """
    has, run, needs = available_memory(), scenarios[0].run, [Needs(one) for one in scenarios]

    def needed(paths: int, kept: int) -> float:
        return sum(one.memory(paths, kept, workers) for one in needs) - _BASE_BYTES * (len(needs) - 1)

    if has is None or needed(run.paths, run.kept_paths) <= has:
        return
    raise _refusal(
        "needs.memory",
        {"paths": run.paths, "needed": in_units(needed(run.paths, run.kept_paths)), "has": in_units(has)},
        fitting=_most(lambda n: needed(n, run.kept_paths) <= has, run.paths),
        kept=_most(lambda n: needed(run.paths, n) <= has, min(run.kept_paths, run.paths)),
    )


def require_room(scenario: Scenario, folder: Path) -> None:
    """Raise ResourceError where what there is for every path lies in a
    file that is larger than what is free for it.
    """
    free, needs, run = free_disk(folder), Needs(scenario), scenario.run
    if free is None or _ends_early(scenario) or needs.in_file(run.paths) <= free:
        return
    raise _refusal(
        "needs.disk",
        {
            "paths": run.paths,
            "needed": in_units(needs.in_file(run.paths)),
            "has": in_units(free),
            "folder": folder,
        },
        fitting=_most(lambda n: needs.in_file(n) <= free, run.paths),
        kept=0,
    )


def require_disk(scenario: Scenario, folder: Path, n_bytes_there: int = 0) -> None:
    """Raise ResourceError where a run folder needs more than is free
    there, what its own finished blocks take included.
    """
    free, needs, run = free_disk(folder), Needs(scenario), scenario.run
    has = math.inf if free is None else free + n_bytes_there
    if _ends_early(scenario) or needs.disk(run.paths, run.kept_paths) <= has:
        return
    needed = in_units(needs.disk(run.paths, run.kept_paths))
    raise _refusal(
        "needs.disk",
        {"paths": run.paths, "needed": needed, "has": in_units(has), "folder": folder},
        fitting=_most(lambda n: needs.disk(n, run.kept_paths) <= has, run.paths),
        kept=_most(lambda n: needs.disk(run.paths, n) <= has, min(run.kept_paths, run.paths)),
    )


def _ends_early(scenario: Scenario) -> bool:
    """Whether a run ends when it is precise enough, so that its paths are only the most that there may be."""
    return any(wanted is not None for wanted in scenario.run.precision.values())


def _most(fits: Callable[[int], bool], n: int) -> int:
    """The largest number below n that fits, in two digits; 0 if there is none."""
    low, high = 0, n
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    step = 10 ** max(len(str(low)) - 2, 0)
    return low // step * step


def _refusal(key: str, values: dict[str, object], fitting: int, kept: int) -> ResourceError:
    remedy = "needs.lower_both" if kept else "needs.lower_paths" if fitting else "needs.lower_nothing"
    told = {}
    for lang in LANGUAGES:
        message = label(key, lang, **values)
        told[lang] = label(
            "needs.refused", lang, message=message, remedy=label(remedy, lang, fitting=fitting, kept=kept)
        )
    return ResourceError(told)
