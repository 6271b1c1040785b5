"""What a user may write: scenarios with their fields, rules, presets and the evidence for every default."""

from __future__ import annotations

from fundsim.scenario.evidence import Evidence
from fundsim.scenario.layers import shipped_scenarios
from fundsim.scenario.loading import load_scenario
from fundsim.scenario.scenario import Scenario

__all__ = ["Evidence", "Scenario", "load_scenario", "shipped_scenarios"]
