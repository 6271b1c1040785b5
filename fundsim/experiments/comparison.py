"""Owns a comparison of runs path by path: its frames, and what is said beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from fundsim.experiments import pairing
from fundsim.experiments.pairing import Figure, difference
from fundsim.experiments.sides import CHANCE_MEASURES, MEASURES, AnyResults, Side
from fundsim.leverage import KEYS
from fundsim.scenario import Scenario
from fundsim.story.changes import changes_between
from fundsim.story.comparison import comparison_html, comparison_text, notes_of, verdict_text

ROWS = ("scenario", "vehicle", "investor")
CHANGES = ("scenario", "path", "kind", "base", "other")
ONE_SIDED = (*ROWS, "only_in")
TABLES = {
    "measures": (*ROWS, "measure", *pairing.COLUMNS),
    "dpi_by_year": (*ROWS, "year", *pairing.COLUMNS),
    "calls_by_year": (*ROWS, "year", *pairing.COLUMNS),
    "leverage": ("scenario", *KEYS, *pairing.COLUMNS),
    "landing": ("scenario", "vehicle", *pairing.COLUMNS),
    "differences": ("figure", *ROWS, "year", *KEYS, *pairing.COLUMNS),
    "changes": CHANGES,
    "one_sided": ONE_SIDED,
}
"""Frames of a comparison with their columns; `Comparison.table` gives one."""
_BY_YEAR = ("dpi_by_year", "calls_by_year")

Row = dict[str, Any]


@dataclass(frozen=True, repr=False)
class Comparison:
    """Runs of the same paths, each compared with the first one path by path.

    Every frame of differences has the columns ``base`` and ``other`` (means over the pairs that count),
    ``difference`` (other less base), its paired ``standard_error``, the 95 % interval ``low`` to ``high``,
    ``z``, ``paths`` (the pairs that count), ``undefined`` (those left out as a side has no value),
    ``is_bound`` (whether, for lack of figures by path in a run folder, the error is an upper bound),
    ``verdict`` and ``paths_needed``. The verdict is ``none`` where no path differs, ``noise`` where the
    interval holds 0, ``real`` where it does not, ``open`` where a bound or a single path does not tell;
    ``paths_needed`` says of noise how many paths would settle it, if the difference is as it was found.

    Attributes
    ----------
    sides : tuple of Side
        The base first.
    rows : tuple of (str, str)
        Vehicles and investors that are compared.
    shared : mapping of str to tuple of str
        Passes that were not run again, by scenario.
    followed : tuple of str
        Scenarios whose own block ``run`` was put aside for that of the others.

    Examples
    --------
    >>> dearer = scenario.override({"vehicles.mother.terms.fee_rate": "1%"})
    >>> comparison = fs.compare({"base": scenario, "dearer": dearer}, paths=40, progress=False)
    >>> comparison.names, comparison.n_paths, comparison.shared["dearer"]
    (['base', 'dearer'], 40, ('market', 'closing', 'enterprises', 'property'))
    """

    sides: tuple[Side, ...]
    rows: tuple[tuple[str, str], ...]
    shared: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    followed: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """What the sides are called, the base first.

        Examples
        --------
        >>> comparison.names
        ['base', 'dearer']
        """
        return [side.name for side in self.sides]

    @property
    def base(self) -> str:
        """What the base is called.

        Examples
        --------
        >>> comparison.base
        'base'
        """
        return self.sides[0].name

    @property
    def others(self) -> list[str]:
        """What is compared with the base.

        Examples
        --------
        >>> comparison.others
        ['dearer']
        """
        return self.names[1:]

    @property
    def runs(self) -> dict[str, AnyResults]:
        """The runs by name, the base first; those of folders have no series by period.

        Examples
        --------
        >>> comparison.runs["dearer"].n_paths
        40
        """
        return {side.name: side.results for side in self.sides}

    @property
    def scenarios(self) -> dict[str, Scenario]:
        """The scenarios by name, the base first.

        Examples
        --------
        >>> comparison.scenarios["dearer"].vehicle("mother").terms.fee_rate
        0.01
        """
        return {side.name: side.results.scenario for side in self.sides}

    @property
    def kernels(self) -> dict[str, str | None]:
        """Hash of the kernels that each run is of, by name; None where a folder does not tell.

        Examples
        --------
        >>> comparison.kernels["base"] == comparison.kernels["dearer"]
        True
        """
        return {side.name: side.kernels for side in self.sides}

    @property
    def seed(self) -> int:
        """The seed of all runs.

        Examples
        --------
        >>> comparison.seed
        0
        """
        return self.sides[0].results.seed

    @property
    def n_paths(self) -> int:
        """Paths of all runs.

        Examples
        --------
        >>> comparison.n_paths
        40
        """
        return min(side.n_paths for side in self.sides)

    @property
    def kept_paths(self) -> int:
        """How many first paths all runs have series by year of.

        Examples
        --------
        >>> comparison.kept_paths
        40
        """
        return min(side.kept_paths for side in self.sides)

    @cached_property
    def measures(self) -> pd.DataFrame:
        """Differences of net IRR, TVPI, DPI, and the chances that TVPI (`loss`) and DPI (`dpi_loss`) end
        below 1: a row for scenario × vehicle × investor × measure.

        Examples
        --------
        >>> comparison.measures.set_index(["vehicle", "investor", "measure"])["verdict"].iloc[0]
        'real'
        """
        return self._frame("measures", self._measure_rows)

    @cached_property
    def dpi_by_year(self) -> pd.DataFrame:
        """Differences of DPI at year ends over the kept paths; none where a folder has no years by path.

        Examples
        --------
        >>> list(comparison.dpi_by_year)[:5]
        ['scenario', 'vehicle', 'investor', 'year', 'base']
        """
        return self._frame("dpi_by_year", lambda other: self._year_rows(other, "dpi_by_year"))

    @cached_property
    def calls_by_year(self) -> pd.DataFrame:
        """Differences of the money called in each year over the kept paths, in the scenario's unit.

        Examples
        --------
        >>> list(comparison.calls_by_year)[:5]
        ['scenario', 'vehicle', 'investor', 'year', 'base']
        """
        return self._frame("calls_by_year", lambda other: self._year_rows(other, "calls_by_year"))

    @cached_property
    def leverage(self) -> pd.DataFrame:
        """Differences of every definition of leverage at the horizon.

        Examples
        --------
        >>> list(comparison.leverage)[:4]
        ['scenario', 'definition', 'basis', 'money']
        """
        return self._frame("leverage", self._leverage_rows)

    @cached_property
    def landing(self) -> pd.DataFrame:
        """Differences of the landing multiple of vehicles with a mandate.

        Examples
        --------
        >>> sorted(set(comparison.landing["vehicle"]) - set(comparison.runs["base"].vehicles))
        []
        """
        return self._frame("landing", self._landing_rows)

    @cached_property
    def differences(self) -> pd.DataFrame:
        """All differences under each other, ``figure`` saying of what; keys that a figure lacks are missing.

        Examples
        --------
        >>> list(dict.fromkeys(comparison.differences["figure"]))[:3]
        ['net_irr', 'tvpi', 'dpi']
        """
        parts = [
            self.measures.rename(columns={"measure": "figure"}).sort_values(
                "figure", key=_places, kind="stable"
            )
        ]
        parts += [self.table(name).assign(figure=name) for name in (*_BY_YEAR, "leverage", "landing")]
        columns = list(TABLES["differences"])
        rows = [row for part in parts for row in part.reindex(columns=columns).to_dict("records")]
        return pd.DataFrame(rows, columns=columns).astype({"year": "Int64"})

    @cached_property
    def changes(self) -> pd.DataFrame:
        """What differs between the scenarios: a row for each field, block or item, ``kind`` being
        ``changed``, ``added`` or ``removed``; the values are those of a resolved file.

        Examples
        --------
        >>> comparison.changes[["path", "base", "other"]].values.tolist()
        [['vehicles.mother.terms.fee_rate', 0.006, 0.01]]
        """
        base, *others = self.scenarios.items()
        found = [
            (name, one.path, one.kind, one.base, one.other)
            for name, scenario in others
            for one in changes_between(base[1], scenario)
        ]
        return pd.DataFrame(found, columns=list(CHANGES), dtype=object)

    @cached_property
    def one_sided(self) -> pd.DataFrame:
        """Vehicles and investors that one of two sides alone has: named, not compared.

        Examples
        --------
        >>> len(comparison.one_sided)
        0
        """
        base = self.sides[0]
        found = [
            (other.name, *row, side.name)
            for other in self.sides[1:]
            for side, its in ((base, other), (other, base))
            for row in side.rows
            if row not in its.rows
        ]
        return pd.DataFrame(found, columns=list(ONE_SIDED), dtype=object)

    def table(self, name: str) -> pd.DataFrame:
        """The frame of that name; there are those of `TABLES`.

        Examples
        --------
        >>> comparison.table("landing").equals(comparison.landing)
        True
        """
        frame: pd.DataFrame = getattr(self, name)
        return frame

    def says(self, row: Mapping[str, Any], lang: str = "en") -> str:
        """The verdict on a row of a frame of differences in words, of noise with the paths to settle it.

        Examples
        --------
        >>> comparison.says(comparison.leverage.iloc[0])
        'no difference on any path'
        """
        return verdict_text(row, lang)

    def notes(self, lang: str = "en") -> list[str]:
        """What must be known beside the figures: versions, passes that were shared, kept paths, bounds.

        Examples
        --------
        >>> comparison.notes()[0]
        'dearer took market, closing, enterprises, property from base'
        """
        return notes_of(self, lang)

    def text(self, lang: str = "en", width: int = 80) -> str:
        """The comparison as text: what differs, the table, what must be known beside it.

        Examples
        --------
        >>> max(map(len, comparison.text().splitlines())) <= 80
        True
        """
        return comparison_text(self, lang, width)

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return comparison_html(self)

    def _frame(self, name: str, rows: Callable[[Side], Iterable[Row]]) -> pd.DataFrame:
        found = [{"scenario": other.name, **row} for other in self.sides[1:] for row in rows(other)]
        return pd.DataFrame(found, columns=list(TABLES[name]))

    def _common(self, other: Side) -> Iterator[tuple[str, str]]:
        held = set(other.rows) & set(self.sides[0].rows)
        return (row for row in self.rows if row in held)

    def _measure_rows(self, other: Side) -> Iterator[Row]:
        for vehicle, investor in self._common(other):
            for name in MEASURES:
                base, its = (side.measure(name, vehicle, investor) for side in (self.sides[0], other))
                keys = {"vehicle": vehicle, "investor": investor, "measure": name}
                yield keys | self._difference(base, its, name in CHANCE_MEASURES)

    def _year_rows(self, other: Side, name: str) -> Iterator[Row]:
        base = self.sides[0]
        for vehicle, investor in self._common(other):
            # years beyond the shorter horizon have no pair
            pairs = zip(*(getattr(side, name)(vehicle, investor) for side in (base, other)), strict=False)
            for year, pair in enumerate(pairs, start=1):
                yield {"vehicle": vehicle, "investor": investor, "year": year} | self._difference(*pair)

    def _leverage_rows(self, other: Side) -> Iterator[Row]:
        ends = self.sides[0].leverage(), other.leverage()
        for key, figure in ends[0].items():
            yield dict(zip(KEYS, key, strict=True)) | self._difference(figure, ends[1][key])

    def _landing_rows(self, other: Side) -> Iterator[Row]:
        ends = self.sides[0].landing(), other.landing()
        vehicles = {vehicle for vehicle, _ in self.rows}
        for vehicle, figure in ends[0].items():
            if vehicle in ends[1] and vehicle in vehicles:
                yield {"vehicle": vehicle} | self._difference(figure, ends[1][vehicle])

    def _difference(self, base: Figure, other: Figure, is_chance: bool = False) -> Row:
        if isinstance(base, np.ndarray) and isinstance(other, np.ndarray):
            n = min(len(base), len(other))
            base, other = base[:n], other[:n]
        return difference(base, other, self.sides[0].group, is_chance)


def _places(figures: pd.Series[Any]) -> pd.Series[Any]:
    return figures.map(MEASURES.index)
