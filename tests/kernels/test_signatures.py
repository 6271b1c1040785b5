"""Whole runs compile every kernel that Python calls once, and give the same numbers as plain Python."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest

from fundsim import simulate
from fundsim.scenario import Scenario
from tests.makers.generated_scenarios import random_scenario
from tests.makers.plain_scenarios import fund, plain, property_block, property_vehicle, sector, stage

ENTRIES = {
    "fundsim.kernels.market": ["market_pass"],
    "fundsim.kernels.closing": ["closing_pass"],
    "fundsim.kernels.enterprises.arrivals": ["count_arrivals"],
    "fundsim.kernels.enterprises.walk": ["walk_paths"],
    "fundsim.kernels.property.run": ["run_property"],
    "fundsim.kernels.funds.run": ["run_paths"],
    "fundsim.kernels.funds.returns": ["returns_pass"],
    "fundsim.kernels.funds.leverage": ["leverage_pass"],
    "fundsim.kernels.funds.audit": ["audit_pass"],
    "fundsim.kernels.property.audit": ["property_audit_pass"],
    "fundsim.kernels.base.sums": ["add_flows"],
}


def pool_alone():
    """No sector, no park, no deal, no carry: most arrays are empty."""
    vehicle = fund()
    del vehicle["mandate"]
    schedule = {"contributions": [0.5, 0.5], "distributions": [0.0, 0.0, 1.5]}
    return plain([vehicle | {"pool": {"schedule": schedule}}]) | {"sectors": [], "boards": []}


def stages_and_park():
    stages = [
        stage("A", 0.8, "gamma", {"advance": 0.7, "failure": 0.1, "stall": 0.2}, volatility=0.5, entry=9.0),
        stage("B", 1.0, "gamma", {"listing": 0.5, "merger": 0.3, "stall": 0.2}, volatility=0.4, sold=0.3),
    ]
    listing = {"boards": ["open board"], "share_sold": {"mean": 0.2, "sd": 0.05}}
    chips = sector("chips", stages, preference="standard", quality_effect=0.1, listing=listing)
    money = [
        {"name": "fiscal", "kind": "fiscal", "commitment": 40.0},
        {"name": "social", "kind": "social", "commitment": 60.0},
    ]
    mother = {"name": "mother", "kind": "mother", "investors": money, "terms": {"fee_rate": 0.005}}
    terms = {
        "fee_rate": 0.02,
        "carry_rate": 0.2,
        "hurdle_rate": 0.06,
        "style": "deal_by_deal",
        "term_years": 5,
    }
    mandate = {"park_share": 0.5, "over_years": 2.0, "skill": 0.5, "reserve_share": 0.2, "follow_on_share": 1}
    child = fund(
        "child", ["chips"], ["A"], 6, 2.0, 30.0, investors=[{"vehicle": "mother", "commitment": 30.0}],
        terms=terms, mandate=mandate, exits={"buyback": {"after_years": 1}, "transfer": {"from_years": 1}},
    )  # fmt: skip
    park = {"streams": [{"name": "park", "sector": "chips", "stage": "A", "per_year": 4.0}]}
    closing = {"raised_share": {"mean": 0.9, "sd": 0.05}}
    return plain([mother, child], [chips], years=6.0, park=park, closing=closing)


def enterprises_and_property():
    """The same cluster with property whose tenants are the park's enterprises."""
    content = stages_and_park()
    block = property_block()
    tenants = {"sectors": ["chips"], "vacancy_response": 0.5, "rent_response": 0.2}
    block["projects"] = [{**project, "tenants": tenants} for project in block["projects"]]
    return content | {"property": block, "vehicles": [*content["vehicles"], property_vehicle()]}


def all_scenarios():
    generated = (random_scenario(seed) for seed in (0, 1, 2, 5, 8))
    return [pool_alone(), stages_and_park(), enterprises_and_property(), plain(), *generated]


def numbers(content):
    """What a run of three paths keeps, by name."""
    return dict(simulate(Scenario.from_dict(content), paths=3, seed=5, progress=False, threads=1).arrays)


def in_fresh_process(code, *arguments, **environment):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        check=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    return done.stdout


COUNT = """
import importlib, json
from fundsim import simulate
from fundsim.errors import ScenarioError
from fundsim.scenario import Scenario
from tests.kernels.test_signatures import ENTRIES, all_scenarios
n_run = 0
for content in all_scenarios():
    try:
        scenario = Scenario.from_dict(content)
    except ScenarioError:
        continue
    simulate(scenario, paths=4, progress=False, threads=1)
    n_run += 1
counts = {"run": n_run}
for module, names in ENTRIES.items():
    for name in names:
        counts[name] = len(getattr(importlib.import_module(module), name).signatures)
print(json.dumps(counts))
"""


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled")
def test_every_kernel_that_python_calls_has_one_signature():
    counts = json.loads(in_fresh_process(COUNT))
    assert counts.pop("run") >= 6
    assert counts == {name: 1 for names in ENTRIES.values() for name in names}


COMPARED = (pool_alone, stages_and_park, enterprises_and_property)
PLAIN = """
import sys, numpy as np
from tests.kernels.test_signatures import COMPARED, numbers
for k, make in enumerate(COMPARED):
    np.savez(f"{sys.argv[1]}/{k}.npz", **numbers(make()))
"""


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="there is nothing to compare with")
def test_a_run_in_plain_python_gives_the_numbers_of_the_compiled_one(tmp_path):
    in_fresh_process(PLAIN, str(tmp_path), NUMBA_DISABLE_JIT="1")
    for k, make in enumerate(COMPARED):
        compiled = numbers(make())
        with np.load(tmp_path / f"{k}.npz") as interpreted:
            assert set(interpreted.files) == set(compiled)
            for name, array in compiled.items():
                np.testing.assert_array_equal(interpreted[name], array, err_msg=f"{make.__name__} {name}")
