"""Every instrument has all of its rooms; what is missing is named."""

import ast
import importlib
import inspect
import re
from pathlib import Path

import numpy as np
import pytest

from fundsim import simulate
from fundsim.errors import ScenarioError
from fundsim.files.part import Part
from fundsim.kernels.funds import instruments as dispatch
from fundsim.plan import make_plan
from fundsim.scenario import Scenario
from fundsim.vocabulary import Check, Instrument
from fundsim.words import LANGUAGES, label
from tests.cases import landing
from tests.makers.generated_scenarios import random_scenario
from tests.makers.random_clusters import random_case

ROOT = Path(__file__).parent.parent
N_DRAWN = 60
"""Random scenarios, and clusters, of which at least one must have the instrument."""

each = pytest.mark.parametrize("instrument", Instrument, ids=lambda instrument: instrument.word)


def room(place, instrument):
    """The module of an instrument in one of its rooms."""
    return importlib.import_module(f"{place}.{instrument.word}")


def cites_the_model(module, instrument):
    return re.search(rf"\({re.escape(instrument.model)}\b", inspect.getsource(module)) is not None


def records_of(instruments, instrument):
    """How many records of an instrument a plan has."""
    return sum(len(records) for records in getattr(instruments, instrument.word))


def valid_scenarios():
    for seed in range(N_DRAWN):
        try:
            yield Scenario.from_dict(random_scenario(seed))
        except ScenarioError:
            continue


def arrays_of(content):
    """All that a small run keeps."""
    return simulate(Scenario.from_dict(content), paths=4, progress=False, threads=1).arrays


def equal(one, other):
    return all(np.array_equal(one[name], other[name], equal_nan=True) for name in one)


@each
def test_it_has_a_block_and_a_sentence_in_both_languages(instrument):
    module = room("fundsim.scenario", instrument)
    blocks = [one for _, one in inspect.getmembers(module, inspect.isclass) if issubclass(one, Part)]
    assert [one for one in blocks if one.__module__ == module.__name__]
    said = getattr(module, f"{instrument.word}_phrases")
    vehicle = Scenario.from_dict(room("tests.cases", instrument).WITH_IT).vehicles[0]
    sentences = {lang: list(said(vehicle.obligations, lang)) for lang in LANGUAGES}
    assert all(sentences.values()) and len(set(map(tuple, sentences.values()))) == len(LANGUAGES)


@each
def test_it_has_a_label_in_both_languages(instrument):
    assert all(label(instrument.label_key, lang) for lang in LANGUAGES)


def test_the_bundles_of_records_are_the_instruments():
    assert dispatch.Instruments._fields == Instrument.words()


@each
def test_the_plan_makes_its_records_and_their_dates(instrument):
    cases = room("tests.cases", instrument)
    with_it, without = (make_plan(Scenario.from_dict(one)) for one in (cases.WITH_IT, cases.WITHOUT_IT))
    assert records_of(with_it.fund_plan.instruments, instrument) > 0
    assert records_of(without.fund_plan.instruments, instrument) == 0
    assert with_it.fund_plan.agenda.items.size > without.fund_plan.agenda.items.size
    assert room("fundsim.plan", instrument)


@each
def test_it_has_an_act_that_the_one_chain_calls(instrument):
    tree = ast.parse(inspect.getsource(dispatch))
    place = room("fundsim.kernels.funds", instrument).__name__
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == place]
    acts = {alias.name for node in imports for alias in node.names if alias.name.islower()}
    called = {
        node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and hasattr(node.func, "id")
    }
    assert acts and acts <= called


@each
def test_its_number_stands_in_the_model_the_act_and_the_twin(instrument):
    assert f"({instrument.model})" in (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
    for place in ("fundsim.kernels.funds", "fundsim.plan", "tests.twins"):
        assert cites_the_model(room(place, instrument), instrument), place


@each
def test_makers_draw_it(instrument):
    assert any(records_of(random_case(seed).instruments, instrument) for seed in range(N_DRAWN))
    plans = (make_plan(scenario) for scenario in valid_scenarios())
    assert any(records_of(plan.fund_plan.instruments, instrument) for plan in plans)


@each
def test_the_audit_holds_it_or_a_reason_is_stated(instrument):
    moves_no_money = getattr(room("tests.cases", instrument), "MOVES_NO_MONEY", None)
    assert (instrument.check in Check) if moves_no_money is None else instrument.check is None


@each
def test_its_neutral_value_moves_no_bit(instrument):
    cases = room("tests.cases", instrument)
    without = arrays_of(cases.WITHOUT_IT)
    assert equal(without, arrays_of(cases.NEUTRAL))
    assert not equal(without, arrays_of(cases.WITH_IT))


@pytest.mark.parametrize("case", landing.CASES)
def test_landing_by_hand(case):
    content, expected = landing.CASES[case]
    results = simulate(Scenario.from_dict(content), paths=2, progress=False)
    called = results.paths_of("contribution", "fund")
    assert np.allclose(called, [expected.get(t, 0.0) for t in range(landing.N_PERIODS)], atol=1e-12)
