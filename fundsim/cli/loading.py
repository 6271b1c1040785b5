"""Owns how the command line finds a scenario file, applies ``--set`` to it and shows its warnings."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PureWindowsPath

from fundsim.cli.terminal import remark
from fundsim.scenario import Scenario, load_scenario
from fundsim.words import label


def scenario_of(
    file: str, settings: Sequence[str], lang: str, **run: int | Mapping[str, float] | None
) -> Scenario:
    """
    Load a scenario for a command and show its warnings on standard error.

    Parameters
    ----------
    file : str
        As typed; ``fundsim:NAME`` names one that the package ships.
    settings : sequence of str
        ``PATH=VALUE`` as given with ``--set``.
    lang : {"en", "zh"}
        The language of what is printed.
    **run
        Fields of the block ``run`` that have options of their own; they win over `settings`, None is not
        given.

    Raises
    ------
    ScenarioError
        With everything that is wrong.
    """
    # JSON is YAML, which settings are read as
    given = [f"run.{name}={json.dumps(value)}" for name, value in run.items() if value is not None]
    scenario = load_scenario(found(file), [*settings, *given])
    for warning in scenario.warnings:
        remark(label("cli.warning", lang, message=warning.in_language(lang)))
    return scenario


@contextmanager
def compiling_told(lang: str) -> Iterator[None]:
    """Say what is compiled in the body, and how much is left; first, why carried kernels are not used."""
    from fundsim.engine.compiling import telling
    from fundsim.engine.telling import Line, misfit_sentence
    from fundsim.kernels.base.cache import Misfit, carried

    if isinstance(misfit := carried(), Misfit):
        remark(label("cli.warning", lang, message=misfit_sentence(misfit, lang)))
    with telling(Line(lang)):
        yield


def found(file: str) -> str:
    """A file as typed, or with slashes where backslashes were typed on a system that does not know them."""
    if "\\" in file and not Path(file).exists():
        converted = PureWindowsPath(file).as_posix()
        return converted if Path(converted).exists() else file
    return file
