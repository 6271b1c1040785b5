"""A scenario from file to object and back: equal after saving,
light to import, every default with its evidence.
"""

import pickle
import re
import subprocess
import sys
from functools import cache
from importlib import resources
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from fundsim.errors import ArgumentError, FundsimError, Problem, ScenarioError
from fundsim.files.evidence import Evidence
from fundsim.files.part import Part, blocks_of
from fundsim.files.places import read_bytes, read_text
from fundsim.files.quantities import Share
from fundsim.scenario import Scenario, load_scenario, shipped_scenarios
from fundsim.scenario.boards import Board, SellDownRule
from fundsim.scenario.fund_terms import Terms
from fundsim.scenario.mandates import Exits, Mandate
from fundsim.scenario.market import Window
from fundsim.scenario.presets import KINDS, preset_evidence, preset_names, preset_value
from fundsim.scenario.property import Coupons, PropertyMarket, ReinvestRule
from fundsim.scenario.provenance import evidence_of
from fundsim.scenario.reference import base_yaml, entries_of, example, reference_page
from fundsim.scenario.reits import WaitRule
from fundsim.scenario.run import ExchangeRate
from fundsim.scenario.schema import json_schema
from fundsim.scenario.sectors import Sector

ROOT = Path(__file__).parents[2]
CLUSTER = Path(__file__).parents[1] / "cases" / "bad" / "cluster.yaml"
TEMPLATE = (resources.files("fundsim.scenario") / "presets" / "template.yaml").read_text(encoding="utf-8")
UNITS = (
    "years days count name text date list block choice weight factor multiple coefficient "
    "decimal|true or false|"
    "decimal a year|events a year|enterprises a year|currency units|units of currency|log "
    "units|multiple of cost|"
    "unit of the quantity|months|square metres|currency a square metre and month|currency a square metre"
)


@cache
def sources() -> dict[str, Scenario]:
    """Everything that is shipped, loaded once."""
    found = {
        "cluster": load_scenario(CLUSTER),
        "template": Scenario.from_text(TEMPLATE, "template"),
        "example": example(),
    }
    return found | {name: load_scenario(f"fundsim:{name}") for name in shipped_scenarios()}


@pytest.mark.parametrize("name", sorted(sources()))
def test_a_saved_scenario_reloads_equal(name, tmp_path):
    scenario = sources()[name]
    text = scenario.to_yaml()
    assert "extends" not in read_text(text, "saved").mapping
    assert Scenario.from_text(text) == scenario
    assert Scenario.from_text(text).to_yaml() == text
    assert Scenario.from_dict(scenario.to_dict()) == scenario
    assert pickle.loads(pickle.dumps(scenario)) == scenario
    scenario.save(tmp_path / "saved.yaml")
    assert load_scenario(tmp_path / "saved.yaml") == scenario


def test_a_scenario_cannot_be_changed():
    scenario = load_scenario(CLUSTER)
    with pytest.raises(ValueError, match="frozen"):
        scenario.name = "other"


def test_a_copy_with_other_vehicles_finds_these():
    scenario = load_scenario(CLUSTER)
    first, *others = scenario.vehicles
    assert scenario.vehicle(first.name) is first and scenario.children(first.name)
    copied = scenario.model_copy(update={"vehicles": (first.model_copy(update={"name": "other"}), *others)})
    assert copied.vehicle("other").investors == first.investors
    assert copied.children("other") == ()
    with pytest.raises(ArgumentError):
        copied.vehicle(first.name)
    assert scenario.vehicle(first.name) is first


def test_percentages_and_decimals_mean_the_same_bits():
    for text in ("6%", "0.6%", "8.25%", "33.3333%", "12 %"):
        scenario = load_scenario(CLUSTER, {"vehicles.VC I.terms.hurdle_rate": text})
        assert scenario.vehicle("VC I").terms.hurdle_rate == float(text.strip(" %") + "e-2")
    assert load_scenario(CLUSTER, ["vehicles.VC I.terms.hurdle_rate=6%"]) == load_scenario(
        CLUSTER, {"vehicles.VC I.terms.hurdle_rate": 0.06}
    )


def test_numbers_of_numpy_are_numbers():
    changes = {
        "run.seed": np.int64(5),
        "vehicles.mother.terms.fee_rate": np.float32(0.015625),
        "vehicles.VC I.terms.calls": np.array([0.5, 0.5]),
    }
    scenario = load_scenario(CLUSTER, changes)
    assert type(scenario.run.seed) is int
    assert scenario.vehicle("mother").terms.fee_rate == 0.015625
    assert scenario.vehicle("VC I").terms.calls == (0.5, 0.5)


def test_a_message_has_the_agreed_form(tmp_path):
    text = CLUSTER.read_text(encoding="utf-8").replace("catch_up_rate: 50%", "catch_up_rate: 10%")
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    assert str(caught.value) == (
        f'{path}:34:47: vehicles[1] "VC I" terms.catch_up_rate | 0.10 is not above carry_rate 0.20, '
        "so catch-up never completes; give 0 or a value above 0.20, up to 1"
    )
    assert isinstance(caught.value, FundsimError)
    assert caught.value.exit_code == 2


def test_problems_come_in_the_order_of_the_file(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("name: 5\nrun: {sed: 1, paths: 0}\nstart: x\nvehicles: 3\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    assert [(p.place.line, p.place.column, p.path) for p in caught.value.problems] == [
        (1, 1, "name"),
        (2, 7, "run.sed"),
        (2, 15, "run.paths"),
        (3, 1, "start"),
        (4, 1, "vehicles"),
    ]
    assert pickle.loads(pickle.dumps(caught.value)).problems == caught.value.problems


def test_missing_keys_are_told_with_their_meaning():
    with pytest.raises(ScenarioError) as caught:
        Scenario.from_text("name: x\nvehicles: [{name: a, kind: direct}]", "t")
    assert str(caught.value) == (
        "t:1:1: start | is missing; give it: first day of the first period; date\n"
        't:2:12: vehicles[0] "a" investors | is missing; give it: investors with their commitments; list'
    )


@pytest.mark.parametrize("path", ["nowhere.yaml", "."])
def test_a_file_that_cannot_be_read_is_an_input_error(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ScenarioError, match="^cannot read '"):
        load_scenario(path)


def test_loading_imports_neither_numba_nor_pandas():
    code = (
        "import sys\nfrom fundsim.scenario import load_scenario\n"
        f"load_scenario({str(CLUSTER)!r}).to_yaml()\n"
        "print(sorted({'numba', 'pandas', 'matplotlib', 'pyarrow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_convenience_look_ups():
    scenario = load_scenario(CLUSTER)
    assert scenario.horizon_periods == 60
    assert scenario.vehicle("mother").size == 20
    assert [vehicle.name for vehicle in scenario.children("mother")] == ["VC I", "pool"]
    investors = scenario.vehicle("VC I").investors
    assert [(i.label, i.is_fee_payer, i.is_carry_payer) for i in investors] == [
        ("mother", True, True),
        ("social", True, True),
        ("gp", False, False),
    ]
    with pytest.raises(ArgumentError, match="there is no vehicle 'mothr'; did you mean 'mother'"):
        scenario.vehicle("mothr")


def test_closing_of_a_vehicle_overrides_field_by_field():
    scenario = example()
    own = scenario.closing_of(scenario.vehicle("early fund"))
    assert (own.minimum_close, own.raised_share, own.correlation) == (0.6, scenario.closing.raised_share, 0.3)
    assert scenario.closing_of(scenario.vehicle("mother")) == scenario.closing
    assert load_scenario(CLUSTER).closing_of(load_scenario(CLUSTER).vehicle("pool")) is None


@pytest.mark.parametrize("block", blocks_of(Scenario), ids=lambda block: block.__name__)
def test_every_field_has_a_sentence_a_unit_and_evidence(block):
    units = "|".join([*UNITS.partition("|")[0].split(), *UNITS.split("|")[1:], "decimal"])
    for entry in entries_of(block):
        assert re.fullmatch(rf"[A-Z`].*; ({units})\.", entry.sentence, flags=re.DOTALL), (
            entry.key,
            entry.sentence,
        )
        assert "\n" not in entry.sentence
        assert (entry.evidence is None) == (entry.default == "required"), entry.key


class ReitRules(Part):
    """The rules of a preset, which are the defaults of several blocks."""

    probability: dict[str, Share]
    wait: tuple[WaitRule, ...]
    reinvest: tuple[ReinvestRule, ...]


MODELS = {
    "sectors": Sector,
    "boards": Board,
    "sell_down_rules": SellDownRule,
    "exchange_rates": ExchangeRate,
    "window": Window,
    "terms": Terms,
    "mandates": Mandate,
    "exits": Exits,
    "property_markets": PropertyMarket,
    "reit_rules": ReitRules,
    "coupons": Coupons,
}
OF_A_FUND = {"mandates": {"sectors": ["hardtech"], "deals": 10, "ticket": 1.0}}
"""What a preset leaves to the scenario that extends it."""


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind in KINDS for name in preset_names(kind)])
def test_every_preset_is_valid_and_every_value_has_evidence(kind, name):
    value = preset_value(kind, name)
    named = {"name": name, **value} if "name" in MODELS[kind].model_fields else value
    MODELS[kind].model_validate(named | OF_A_FUND.get(kind, {}))
    for path in leaves(value):
        assert isinstance(preset_evidence(kind, name, path), Evidence)
    raw = read_bytes(
        (resources.files("fundsim.scenario") / "presets" / f"{kind}.yaml").read_bytes(), kind
    ).plain()
    known = set(leaves(value)) | {prefix for path in leaves(value) for prefix in prefixes(path)}
    for row in raw[name]["evidence"]:
        assert row["path"] in known | {"", "title"} or kind == "boards", row


def leaves(value, path=""):
    if isinstance(value, dict):
        for key, child in value.items():
            yield from leaves(child, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for n, item in enumerate(value):
            yield from leaves(item, f"{path}.{item.get('name', n)}")
    else:
        yield path


def prefixes(path):
    parts = path.split(".")
    return [".".join(parts[:n]) for n in range(1, len(parts))]


def test_evidence_is_found_by_path():
    assert evidence_of("currency.unit").grade == "seed"
    assert evidence_of("vehicles.early fund.exits.buyback.full").grade == "assumed"
    assert evidence_of("vehicles.exits.buyback.rate") == evidence_of("vehicles[0].exits.buyback.rate")
    assert preset_evidence("boards", "star", "lock_up_years").grade == "recalled"
    with pytest.raises(ArgumentError, match="there is no field 'buybak'; did you mean 'buyback'"):
        evidence_of("vehicles.exits.buybak")
    with pytest.raises(ArgumentError, match="start has no default"):
        evidence_of("start")


def test_generated_pages_are_up_to_date():
    """Run ``python -m fundsim.scenario.reference`` after a change of fields."""
    assert (ROOT / "scenarios" / "base.yaml").read_text(encoding="utf-8") == base_yaml()
    assert (ROOT / "docs" / "reference" / "scenario.md").read_text(encoding="utf-8") == reference_page()


def test_base_yaml_shows_every_parameter():
    text = base_yaml()
    assert Scenario.from_text(text) == example()
    for block in blocks_of(Scenario):
        if block.__name__ not in ("Lognormal", "Beta", "Words"):
            for entry in entries_of(block):
                words = re.escape(entry.sentence).replace(r"\ ", r"\s+(?:#\s+)?")
                assert re.search(words, text), (block.__name__, entry.key)


SCHEMA = json_schema()


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    ("text", "is_valid"),
    [
        (TEMPLATE, True),
        (CLUSTER.read_text(encoding="utf-8"), True),
        ("extends: x.yaml\nvehicles: [{name: a, remove: true}, {name: b, terms: {carry_rate: 20%}}]", True),
        ("extends: x.yaml\nvehicles: [{name: b, terms: {carry_rat: 20%}}]", False),
        ("name: x\nstart: 2025-01-01", False),
        ("name: x\nstart: 2025-01-01\nvehicles: []\nfoo: 1", False),
        ("extends: x\nrun: {paths: 0}", False),
        ("extends: x\nmarket: {index: {drift: six}}", False),
    ],
)
def test_editors_accept_what_the_loader_accepts(text, is_valid):
    validator = jsonschema.Draft202012Validator(SCHEMA)
    assert validator.is_valid(read_text(text, "x").plain()) == is_valid


@pytest.mark.parametrize("name", sorted(sources()))
def test_resolved_scenarios_satisfy_the_schema(name):
    jsonschema.Draft202012Validator(SCHEMA).validate(sources()[name].to_dict())


def test_str_of_a_problem_leaves_out_what_it_does_not_have():
    assert str(Problem(None, "", "it is wrong")) == "it is wrong"
    assert str(Problem(None, "run.paths", "it is wrong", "mend it")) == "run.paths | it is wrong; mend it"
