"""Owns what is found out by many runs of a scenario: calibration, the fit of chosen parameters to targets."""

from fundsim.experiments.calibrate import Calibration, Fit, calibrate, evaluate
from fundsim.experiments.overlay import overlay_text
from fundsim.experiments.reading import load_targets
from fundsim.experiments.targets import Parameter, Target, Targets

__all__ = [
    "Calibration",
    "Fit",
    "Parameter",
    "Target",
    "Targets",
    "calibrate",
    "evaluate",
    "load_targets",
    "overlay_text",
]
