"""What a user may write: scenarios with their fields, rules, presets and the evidence for every default."""

from fundsim.files.evidence import Evidence
from fundsim.scenario.provenance import evidence_of
from fundsim.scenario.scenario import Scenario, load_scenario
from fundsim.scenario.schema import json_schema
from fundsim.scenario.shipped import shipped_scenarios

__all__ = ["Evidence", "Scenario", "evidence_of", "json_schema", "load_scenario", "shipped_scenarios"]
