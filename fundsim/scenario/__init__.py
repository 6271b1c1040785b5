"""What a user may write: scenarios with their fields, rules, presets and the evidence for every default."""

from __future__ import annotations

from fundsim.scenario.evidence import Evidence
from fundsim.scenario.layers import shipped_scenarios
from fundsim.scenario.loading import load_scenario
from fundsim.scenario.provenance import evidence_of
from fundsim.scenario.scenario import Scenario
from fundsim.scenario.schema import json_schema

__all__ = ["Evidence", "Scenario", "evidence_of", "json_schema", "load_scenario", "shipped_scenarios"]
