"""Owns the market block: equity index, window for listings and finance, factors and their correlations."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from pydantic import Field

from fundsim.files.evidence import SEE_FIELDS, known
from fundsim.files.part import Fault, Part, exactly_one, repeated
from fundsim.files.quantities import Correlation, Date, Factor, Growth, Hazard, Name, Share, Volatility
from fundsim.scenario.dated import order_faults
from fundsim.scenario.presets import preset_items, preset_value
from fundsim.scenario.run import Words

MARKET = "market"
STATIONARY = "stationary"


class Index(Part):
    """The equity index (1.1)."""

    drift: Growth = known(0.06, "long-run growth of Chinese equities with dividends, rounded", "assumed")
    """Expected growth of the index; decimal a year."""
    volatility: Volatility = known(0.22, "CSI 300 over the last ten years, rounded", "recalled")
    """Volatility of the index; decimal a year."""


class WindowState(Part):
    """A state of the window with its factors; 1 is neutral."""

    name: Name
    """Name of the state; name."""
    title: Words | None = known(None)
    """Label in reports; text."""
    financing_rate: Factor = known(1.0)
    """Speed of stage clocks, and of growth with them (3.1), (3.2); factor."""
    financing_valuation: Factor = known(1.0)
    """Value at entry and at an advance (3.4); factor."""
    listing_rate: Factor = known(1.0)
    """Share of those that would list that may file; above 1 stalled ones file, too (3.3); factor."""
    listing_pass: Factor = known(1.0)
    """Multiplies a board's pass probability (3.5); factor."""
    listing_valuation: Factor = known(1.0)
    """Value at listing (3.5); factor."""

    def faults(self) -> Iterator[Fault]:
        for field in ("financing_rate", "financing_valuation", "listing_valuation"):
            if getattr(self, field) == 0:
                yield Fault(
                    (field,), "0 would stop all enterprises for good", "give a factor above 0, such as 0.2"
                )


class Transition(Part):
    """How the window moves between its states (1.2)."""

    ALTERNATIVES = (("annual", "generator"),)

    annual: dict[str, dict[str, Share]] | None = known(None, "give this or generator")
    """From each state to each state within a year, rows summing to 1; decimal."""
    generator: dict[str, dict[str, Hazard]] | None = known(None, "give this or annual")
    """From each state to the others; events a year."""

    def faults(self) -> Iterator[Fault]:
        yield from exactly_one(self, ("annual", "generator"))
        for name, row in (self.annual or {}).items():
            total = sum(row.values())
            if abs(total - 1) > 1e-9:
                yield Fault(
                    ("annual", name),
                    f"the row of '{name}' sums to {total:.10g}, not to 1",
                    "make the row sum to 1",
                )
        for name, row in (self.generator or {}).items():
            if name in row:
                yield Fault(
                    ("generator", name, name),
                    f"'{name}' has a rate to itself",
                    "delete it, it follows from the other rates",
                )

    @property
    def states(self) -> frozenset[str]:
        """All names that occur."""
        rows = self.annual or self.generator or {}
        return frozenset(rows).union(*(row for row in rows.values()))


class KnownState(Part):
    """From a date on the window is known to have been in a state."""

    from_: Date = Field(alias="from")
    """First day; date."""
    state: Name
    """State from that day to the next entry; name."""


class Window(Part):
    """The window for listings and finance: a Markov chain over named states (1.2)."""

    states: tuple[WindowState, ...] = known(
        lambda: preset_items(WindowState, "window", "states"),
        "preset china: counts of A-share listings",
        "read",
    )
    """States with their factors; list."""
    transition: Transition = known(
        lambda: Transition.model_validate(preset_value("window", "china")["transition"]),
        "preset china: three states that last 2.5 years each",
    )
    """Probabilities or rates of moving between states; block."""
    initial: Name = known(STATIONARY, "the long-run frequencies of the states")
    """State at the start, or `stationary`; name."""
    history: tuple[KnownState, ...] = known(())
    """Known states, dates ascending; list."""

    def faults(self) -> Iterator[Fault]:
        names = [state.name for state in self.states]
        if not names:
            yield Fault(("states",), "the window has no state", "give at least one state")
            return
        yield from repeated(names, "states", "state")
        if STATIONARY in names:
            yield Fault(
                ("states", names.index(STATIONARY), "name"),
                f"'{STATIONARY}' cannot be the name of a state",
                "choose another name",
            )
        yield from self._transition_faults(names)
        listed = ", ".join(names)
        if self.initial not in (*names, STATIONARY):
            yield Fault(
                ("initial",), f"'{self.initial}' is no state of the window", f"give {listed} or {STATIONARY}"
            )
        for index, entry in enumerate(self.history):
            if entry.state not in names:
                yield Fault(
                    ("history", index, "state"),
                    f"'{entry.state}' is no state of the window",
                    f"give one of {listed}",
                )
        yield from order_faults(self.history, "history")

    def _transition_faults(self, names: Sequence[str]) -> Iterator[Fault]:
        if len(names) == 1:
            return
        field = "annual" if self.transition.annual is not None else "generator"
        unknown = sorted(self.transition.states - set(names))
        for name in unknown:
            yield Fault(
                ("transition", field),
                f"'{name}' is no state of the window",
                f"use the states {', '.join(names)}",
            )
        missing = [name for name in names if name not in (self.transition.annual or names)]
        for name in missing:
            yield Fault(
                ("transition", field), f"the row of '{name}' is missing", f"give a row for {', '.join(names)}"
            )
        if not unknown and not missing and self.transition.annual is not None:
            yield from self._embedding_faults()

    def _embedding_faults(self) -> Iterator[Fault]:
        generator = self.generator()
        names = [state.name for state in self.states]
        if generator is None:
            yield Fault(
                ("transition", "annual"),
                "no continuous chain has these annual probabilities",
                "raise the probabilities of staying, or give 'generator'",
            )
            return
        off_diagonal = generator - np.diag(np.diag(generator))
        row, column = np.unravel_index(np.argmin(off_diagonal), off_diagonal.shape)
        if off_diagonal[row, column] < -1e-9:
            yield Fault(
                ("transition", "annual"),
                "no continuous chain has these annual probabilities: the rate from "
                f"'{names[row]}' to '{names[column]}' would be {off_diagonal[row, column]:.3g}",
                f"raise the probability from '{names[row]}' to '{names[column]}', or give 'generator'",
            )

    def generator(self) -> np.ndarray[Any, np.dtype[np.float64]] | None:
        """Rates a year between the states in file order, rows
        summing to 0; None where there are none (1.2).
        """
        names = [state.name for state in self.states]
        if len(names) == 1:
            return np.zeros((1, 1))
        rows = self.transition.annual or self.transition.generator or {}
        matrix = np.array([[rows.get(a, {}).get(b, 0.0) for b in names] for a in names])
        if self.transition.annual is not None:
            return _logarithm(matrix)
        return matrix - np.diag(matrix.sum(axis=1))


def _logarithm(annual: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]] | None:
    from scipy.linalg import expm, logm

    if np.linalg.det(annual) <= 1e-12:  # exp(Q) has a positive determinant
        return None
    logarithm = np.asarray(logm(annual))
    generator = np.real(logarithm)
    if np.abs(np.imag(logarithm)).max() > 1e-9 or np.abs(expm(generator) - annual).max() > 1e-9:
        return None
    return np.asarray(np.where(np.abs(generator) < 1e-12, 0.0, generator))


class MarketFactor(Part):
    """A factor beside the market that enterprises may load on (1.3)."""

    name: Name
    """Name of the factor; name."""
    volatility: Volatility
    """Volatility of the factor; decimal a year."""


class FactorCorrelation(Part):
    """The correlation of two factors, 0 where none is given."""

    between: tuple[Name, Name]
    """Two factors, `market` being the index; list."""
    value: Correlation
    """Correlation of their returns; decimal."""

    def faults(self) -> Iterator[Fault]:
        if self.between[0] == self.between[1]:
            yield Fault(
                ("between",), f"'{self.between[0]}' is correlated with itself", "name two different factors"
            )


class Market(Part):
    """The market that all enterprises share."""

    index: Index = known(Index, SEE_FIELDS)
    """Equity index; block."""
    window: Window = known(Window, SEE_FIELDS)
    """Window for listings and finance; block."""
    factors: tuple[MarketFactor, ...] = known(())
    """Factors beside the market; list."""
    correlations: tuple[FactorCorrelation, ...] = known(())
    """Correlations of the factors; list."""

    def faults(self) -> Iterator[Fault]:
        names = [factor.name for factor in self.factors]
        yield from repeated(names, "factors", "factor")
        if MARKET in names:
            yield Fault(
                ("factors", names.index(MARKET), "name"),
                f"'{MARKET}' is the equity index itself",
                "choose another name",
            )
        yield from self._correlation_faults()

    @property
    def factor_names(self) -> tuple[str, ...]:
        """`market` first, then the factors in file order."""
        return (MARKET, *(factor.name for factor in self.factors))

    def correlation_matrix(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Correlations of `factor_names`."""
        names = self.factor_names
        matrix = np.eye(len(names))
        for entry in self.correlations:
            a, b = (names.index(name) for name in entry.between)
            matrix[a, b] = matrix[b, a] = entry.value
        return matrix

    def _correlation_faults(self) -> Iterator[Fault]:
        seen: dict[frozenset[str], int] = {}
        is_complete = True
        for index, entry in enumerate(self.correlations):
            for name in entry.between:
                if name not in self.factor_names:
                    is_complete = False
                    yield Fault(
                        ("correlations", index, "between"),
                        f"there is no factor '{name}'",
                        f"give one of {', '.join(self.factor_names)}",
                    )
            pair = frozenset(entry.between)
            if pair in seen:
                yield Fault(
                    ("correlations", index),
                    f"the pair {' and '.join(entry.between)} stands twice, at [{seen[pair]}] and [{index}]",
                    "keep one of them",
                )
            seen.setdefault(pair, index)
        if is_complete and np.linalg.eigvalsh(self.correlation_matrix()).min() < -1e-10:
            yield Fault(
                ("correlations",),
                "these correlations cannot hold together (the matrix is not positive semidefinite)",
                "bring them nearer to 0",
            )
