"""Owns the way from a file of targets to objects, with every mistake told with its place."""

from collections.abc import Iterator
from os import PathLike, fspath
from pathlib import Path

from fundsim.errors import ArgumentError, Place, Problem, ScenarioError
from fundsim.experiments.parameters import Knobs
from fundsim.experiments.targets import FILING, LISTING, Target, Targets
from fundsim.files.faults import locate, shown_path
from fundsim.files.names import Register, reference, references
from fundsim.files.part import Fault, Steps
from fundsim.files.places import Node, read_file
from fundsim.files.reading import validated
from fundsim.scenario import Scenario


def load_targets(path: str | PathLike[str], scenario: Scenario) -> Targets:
    """Load a file of targets for a scenario.

    Parameters
    ----------
    path : path
        A YAML file with ``parameters`` and ``targets``.
    scenario : Scenario
        What the paths and names of the file are about.

    Returns
    -------
    Targets

    Raises
    ------
    ScenarioError
        With everything that is wrong, each with file, line and column.

    Examples
    --------
    >>> targets = fs.experiments.load_targets(folder / "targets.yaml", scenario)
    >>> [parameter.label for parameter in targets.parameters]
    ['mergers']
    """
    source = fspath(path)
    file = Path(source).expanduser()
    tree = read_file(file, source, lambda message: Problem(None, "", message, "check the path"))
    return checked(tree, scenario)


def checked(tree: Node, scenario: Scenario) -> Targets:
    """Return the targets that a tree says, or raise with everything that is wrong with them."""
    targets = validated(tree, Targets)
    faults = [*_unknown_names(targets, scenario), *_bad_parameters(targets, scenario)]
    if faults:
        raise ScenarioError(_problem(tree, fault) for fault in faults)
    return targets


def _problem(tree: Node, fault: Fault) -> Problem:
    place, path = locate(tree, fault.path)
    return Problem(
        place if place.source else Place("targets"), shown_path(tree, path), fault.message, fault.remedy
    )


def _bad_parameters(targets: Targets, scenario: Scenario) -> Iterator[Fault]:
    good = True
    for index, parameter in enumerate(targets.parameters):
        try:
            Knobs(scenario, (parameter,))
        except (ArgumentError, ScenarioError) as error:
            good = False
            yield Fault(("parameters", index), _plainly(error), "see the paths of --set")
    if good and targets.parameters:
        knobs = Knobs(scenario, targets.parameters)
        for place, where in ((0.0, "low"), (1.0, "high")):
            try:
                scenario.override(knobs.changes([parameter.at(place) for parameter in targets.parameters]))
            except (ArgumentError, ScenarioError) as error:
                yield Fault(
                    ("parameters",),
                    _plainly(error),
                    f"narrow the bounds; this is with every parameter at its {where}",
                )


def _plainly(error: Exception) -> str:
    problems = error.problems if isinstance(error, ScenarioError) else []
    return "; ".join(f"{one.path} {one.message}".strip() for one in problems) if problems else str(error)


def _unknown_names(targets: Targets, scenario: Scenario) -> Iterator[Fault]:
    vehicles = Register(vehicle.name for vehicle in scenario.vehicles)
    sectors = Register(sector.name for sector in scenario.sectors)
    for index, target in enumerate(targets.targets):
        where: Steps = ("targets", index)
        yield from references((*where, "vehicles"), "vehicle", target.vehicles, vehicles)
        yield from references((*where, "sectors"), "sector", target.sectors, sectors)
        yield from _unknown_stages(target, where, scenario)
        states = Register(state.name for state in scenario.market.window.states)
        yield from reference((*where, "state"), "state", target.state, states)
        yield from _no_vehicles(target, where, scenario)


def _unknown_stages(target: Target, where: Steps, scenario: Scenario) -> Iterator[Fault]:
    chosen = [one for one in scenario.sectors if not target.sectors or one.name in target.sectors]
    stages = list(dict.fromkeys(stage.name for sector in chosen for stage in sector.stages))
    yield from reference((*where, "from"), "stage", target.from_, Register(stages))
    yield from reference((*where, "to"), "stage", target.to, Register([*stages, FILING, LISTING]))
    yield from references((*where, "stages"), "stage", target.stages, Register(stages))


def _no_vehicles(target: Target, where: Steps, scenario: Scenario) -> Iterator[Fault]:
    chosen = vehicles_of(target, scenario)
    if not chosen:
        yield Fault(where, "no vehicle of the scenario is meant", "name vehicles, or another strategy")
    elif target.at_years is not None and target.statistic in ("quantile", "share_reached", "called"):
        for name in chosen:
            start = (scenario.start_of(scenario.vehicle(name)) - scenario.start).days / 365.25
            if start + target.at_years > scenario.horizon_years + 0.05:
                yield Fault(
                    (*where, "at_years"),
                    f"'{name}' is not {target.at_years:g} years old when the run ends",
                    "give an earlier age, or a longer horizon_years",
                )
                return


def vehicles_of(target: Target, scenario: Scenario) -> list[str]:
    """Names of the vehicles that a target pools: those named,
    those of a strategy, or all that buy enterprises.
    """
    if target.vehicles:
        return list(target.vehicles)
    return [
        vehicle.name
        for vehicle in scenario.vehicles
        if vehicle.mandate is not None and target.strategy in (None, vehicle.strategy)
    ]
