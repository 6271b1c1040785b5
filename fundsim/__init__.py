"""The public names, resolved on first use so that `import fundsim` costs nothing."""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fundsim import errors, measures, pacing, plots, waterfall
    from fundsim.experiments import Comparison, compare
    from fundsim.results import Results
    from fundsim.scenario import Scenario, load_scenario
    from fundsim.simulate import simulate
    from fundsim.store import load_results

__version__ = "0.1.0"

__all__ = [
    "Comparison",
    "Results",
    "Scenario",
    "compare",
    "errors",
    "load_results",
    "load_scenario",
    "measures",
    "pacing",
    "plots",
    "simulate",
    "waterfall",
]

_HOME = {
    "Comparison": "fundsim.experiments",
    "Results": "fundsim.results",
    "Scenario": "fundsim.scenario",
    "compare": "fundsim.experiments",
    "load_results": "fundsim.store",
    "load_scenario": "fundsim.scenario",
    "simulate": "fundsim.simulate",
}
_MODULES = frozenset(__all__) - frozenset(_HOME)


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"fundsim.{name}")
    if name not in _HOME:
        raise AttributeError(f"module 'fundsim' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    setattr(sys.modules[__name__], name, value)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Package(ModuleType):
    """A package whose `simulate` stays the function.

    Importing the submodule `fundsim.simulate` makes the import system bind the module over the function of
    the same name; which of the two a user got would then depend on what had been imported before.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "simulate" and isinstance(value, ModuleType):
            value = value.simulate
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
