"""Owns calibration: the fit of parameters to targets by least squares on common random numbers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares

from fundsim.errors import ArgumentError
from fundsim.experiments.measuring import Measured, measured
from fundsim.experiments.observing import Observed
from fundsim.experiments.parameters import Knobs, rounded
from fundsim.experiments.targets import Parameter, Target, Targets
from fundsim.scenario import Scenario

PATHS = 1000
MOST_STEPS = 12
STEP = 0.04
"""Finite difference, as a part of a parameter's range.

With the same random numbers a share moves by whole enterprises and a quantile by whole paths. A small step
moves none or a few and sees that noise; a twenty-fifth of the range moves enough, and the statistics are
nearly straight over it.
"""
UNDEFINED = 10.0
"""Distance of a statistic that is undefined, such as the multiple of exits that do not occur."""

Progress = Callable[[int, float], object]


@dataclass(frozen=True)
class Fit:
    """A target and what became of it.

    Attributes
    ----------
    target : Target
    before, got : Measured
        At the start and at the fitted values, both on random numbers that the fit did not see.

    Examples
    --------
    >>> targets = fs.experiments.load_targets(folder / "targets.yaml", scenario)
    >>> [fit] = fs.experiments.calibrate(scenario, targets, paths=10).fits
    >>> fit.target.value, round(fit.before.value, 1), round(fit.got.value, 1)
    (3.0, 1.5, 1.9)
    """

    target: Target
    before: Measured
    got: Measured

    @property
    def distance(self) -> float:
        """Distance from the target in tolerances, or by its weight."""
        return self.target.distance(self.got.value)


@dataclass(frozen=True)
class Calibration:
    """The result of a fit.

    Attributes
    ----------
    scenario : Scenario
        With the fitted values.
    parameters : tuple of (Parameter, float, float)
        Each with its value at the start and after the fit.
    changes : dict of str to float
        What the scenario's values became, by path.
    fits : tuple of Fit
    runs, paths, seed : int
        Runs made, paths of each and seed of the fit; `fits` are from `check_seed`.
    check_seed : int

    Examples
    --------
    >>> targets = fs.experiments.load_targets(folder / "targets.yaml", scenario)
    >>> calibration = fs.experiments.calibrate(scenario, targets, paths=10)
    >>> list(calibration.changes)
    ['sectors.hardtech.merger.premium.median']
    """

    scenario: Scenario
    parameters: tuple[tuple[Parameter, float, float], ...]
    changes: dict[str, float]
    fits: tuple[Fit, ...]
    runs: int
    paths: int
    seed: int
    check_seed: int


def calibrate(
    scenario: Scenario,
    targets: Targets,
    paths: int | None = None,
    seed: int | None = None,
    progress: Progress | None = None,
) -> Calibration:
    """Fit parameters of a scenario to targets.

    A bounded least-squares fit (trust region reflective) of the distances from the targets, on places
    between 0 and 1 that stand for each parameter's range on its own scale. Every run has the same random
    numbers, so the distances are a fixed function of the parameters, and two calls give the same bits. The
    Jacobian is by central differences over a step that is wide enough for counts of paths. A weak pull to
    the start decides what the targets leave open.

    Parameters
    ----------
    scenario : Scenario
    targets : Targets
        As `load_targets` returns them.
    paths : int, optional
        Paths of each run of the fit, 1000 by default; the table of the result has four times as many.
    seed : int, optional
        Seed of the fit, that of the scenario by default; the table is made with the next one.
    progress : callable, optional
        Gets (runs so far, sum of squares) after each run.

    Returns
    -------
    Calibration

    Raises
    ------
    ArgumentError
        If there is no parameter, or a parameter leaves nothing for a value that gives way.

    Examples
    --------
    >>> targets = fs.experiments.load_targets(folder / "targets.yaml", scenario)
    >>> calibration = fs.experiments.calibrate(scenario, targets, paths=10)
    >>> [(parameter, start, value)] = calibration.parameters
    >>> start, round(value, 1)
    (2.443, 3.3)
    """
    if not targets.parameters:
        raise ArgumentError("the targets have no parameters; without any there is nothing to fit")
    paths, seed = paths or PATHS, scenario.run.seed if seed is None else seed
    knobs = Knobs(scenario, targets.parameters)
    starts = knobs.starts()
    search = _Search(scenario, targets, knobs, paths, seed, progress)
    places = search.fitted(np.array([p.place_of(v) for p, v in zip(targets.parameters, starts, strict=True)]))
    values = [_kept(p, place) for p, place in zip(targets.parameters, places, strict=True)]
    changes = knobs.changes(values)
    fitted = scenario.override(changes)
    before = evaluate(scenario.override(knobs.changes(starts)), targets.targets, 4 * paths, seed + 1)
    after = evaluate(fitted, targets.targets, 4 * paths, seed + 1)
    fits = tuple(Fit(t, b, a) for t, b, a in zip(targets.targets, before, after, strict=True))
    moved = tuple(zip(targets.parameters, starts, values, strict=True))
    return Calibration(fitted, moved, changes, fits, search.runs, paths, seed, seed + 1)


def _kept(parameter: Parameter, place: float) -> float:
    return min(max(rounded(parameter.at(float(place))), parameter.low), parameter.high)


def evaluate(scenario: Scenario, targets: Sequence[Target], paths: int, seed: int) -> list[Measured]:
    """Measure targets on a run of a scenario, in their order.

    Parameters
    ----------
    scenario : Scenario
    targets : sequence of Target
    paths, seed : int

    Returns
    -------
    list of Measured
        Value and standard error of each.

    Examples
    --------
    >>> targets = fs.experiments.load_targets(folder / "targets.yaml", scenario)
    >>> [measured] = fs.experiments.evaluate(scenario, targets.targets, paths=40, seed=0)
    >>> round(measured.value, 1)
    2.0
    """
    observed = Observed(scenario, paths, seed)
    return [measured(target, observed) for target in targets]


class _Search:
    """The distances as a function of places of the parameters, and its Jacobian."""

    def __init__(
        self,
        scenario: Scenario,
        targets: Targets,
        knobs: Knobs,
        paths: int,
        seed: int,
        progress: Progress | None,
    ) -> None:
        self.scenario, self.targets, self.knobs = scenario, targets, knobs
        self.paths, self.seed, self.runs = paths, seed, 0
        self.fitted_targets = [target for target in targets.targets if target.is_fitted]
        self._progress = progress
        self._known: dict[bytes, np.ndarray] = {}
        self._start = np.empty(0)

    def fitted(self, start: np.ndarray) -> np.ndarray:
        """The places at the least sum of squares."""
        self._start = start
        return least_squares(
            self.residuals,
            np.clip(start, 1e-6, 1.0 - 1e-6),
            jac=self.jacobian,
            bounds=(0.0, 1.0),
            x_scale=1.0,
            ftol=1e-3,
            xtol=1e-3,
            gtol=1e-6,
            max_nfev=MOST_STEPS,
        ).x

    def residuals(self, places: np.ndarray) -> np.ndarray:
        """Distances from the targets, then the pull to the start."""
        return np.concatenate([self.distances(places), self.targets.hold * (places - self._start)])

    def distances(self, places: np.ndarray) -> np.ndarray:
        """Distances from the targets; what was measured once is not simulated again."""
        key = places.tobytes()
        if key not in self._known:
            values = [p.at(float(x)) for p, x in zip(self.targets.parameters, places, strict=True)]
            scenario = self.scenario.override(self.knobs.changes(values))
            got = evaluate(scenario, self.fitted_targets, self.paths, self.seed)
            found = [t.distance(one.value) for t, one in zip(self.fitted_targets, got, strict=True)]
            self._known[key] = np.nan_to_num(np.array(found), nan=UNDEFINED)
            self.runs += 1
            if self._progress is not None:
                self._progress(self.runs, float(np.sum(self._known[key] ** 2)))
        return self._known[key]

    def jacobian(self, places: np.ndarray) -> np.ndarray:
        """Central differences, one-sided at a bound."""
        columns = []
        for i in range(len(places)):
            ends = np.clip([places[i] - STEP, places[i] + STEP], 0.0, 1.0)
            low, high = places.copy(), places.copy()
            low[i], high[i] = ends
            columns.append((self.distances(high) - self.distances(low)) / (ends[1] - ends[0]))
        return np.vstack([np.array(columns).T, self.targets.hold * np.eye(len(places))])
