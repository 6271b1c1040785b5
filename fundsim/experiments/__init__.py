"""Owns what is found out by many runs of a scenario: comparison path by path, and calibration."""

from fundsim.experiments.calibrate import Calibration, Fit, calibrate, evaluate
from fundsim.experiments.comparing import compare
from fundsim.experiments.comparison import Comparison
from fundsim.experiments.overlay import overlay_text
from fundsim.experiments.reading import load_targets
from fundsim.experiments.targets import Parameter, Target, Targets

__all__ = [
    "Calibration",
    "Comparison",
    "Fit",
    "Parameter",
    "Target",
    "Targets",
    "calibrate",
    "compare",
    "evaluate",
    "load_targets",
    "overlay_text",
]
