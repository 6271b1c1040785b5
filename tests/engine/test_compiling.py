"""Kernels are compiled ahead by helpers, in any kind of program, and here where helpers do not do it."""

import io
import os
import subprocess
import sys
import threading
import unicodedata
from pathlib import Path

import numba
import pytest

from fundsim import load_scenario, simulate
from fundsim.engine import compiling
from fundsim.engine.compiling import SECONDS, Compiling, compile_ahead, signatures_of, telling
from fundsim.engine.telling import Line, misfit_sentence, sentence, word
from fundsim.kernels.base import helper
from fundsim.kernels.base.cache import Misfit, maker
from fundsim.plan import make_plan
from fundsim.words import LANGUAGES
from tests.kernels.test_signatures import ENTRIES, in_fresh_process

ROOT = Path(__file__).parents[2]
SCENARIO = ROOT / "scenarios" / "suzhou_industrial_park.yaml"  # with property
NAMES = {name for names in ENTRIES.values() for name in names}

compiled = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled")


@compiled
def test_a_rehearsal_notes_what_a_run_calls_and_computes_nothing():
    plan = make_plan(load_scenario(SCENARIO))
    signatures = signatures_of(plan)
    assert {entry.name for entry in signatures} == NAMES
    before = {entry: set(entry.signatures) for entry in signatures}  # other tests call them otherwise
    simulate(plan.scenario, paths=3, progress=False)
    assert all(set(entry.signatures) == before[entry] | {types} for entry, types in signatures.items())


@compiled
@pytest.mark.parametrize("file", sorted((ROOT / "scenarios").glob("*.yaml")), ids=lambda file: file.stem)
def test_shipped_scenarios_rehearse_alike(file):
    known = signatures_of(make_plan(load_scenario(SCENARIO)))
    found = signatures_of(make_plan(load_scenario(file).override({"run.antithetic": True})))
    assert found == {entry: known[entry] for entry in found}
    assert len(found) in (len(known), len(known) - 2)  # without property


class FakeEntry:
    def __init__(self, name):
        self.name, self.compiled_here = name, []

    def compile(self, signature):
        self.compiled_here.append(signature)


class FakeHelper:
    """Does what it is asked, but for an entry at which it dies."""

    dies_at, made = "", []

    def __init__(self, started_by):
        self.asked, self.is_ended = [], threading.Event()
        self.made.append(self)

    def compile(self, entry, signature):
        self.asked.append(entry.name)
        if entry.name == self.dies_at:
            return False
        return self.dies_at != "never" or not self.is_ended.wait(60)

    def end(self):
        self.is_ended.set()


@pytest.fixture
def fakes(monkeypatch, tmp_path):
    """Entries of two dear kernels and two cheap ones, two cores and helpers that only say so."""
    monkeypatch.setattr(FakeHelper, "made", [])
    monkeypatch.setattr(FakeHelper, "dies_at", "")
    monkeypatch.setattr(compiling, "Helper", FakeHelper)
    monkeypatch.setattr(compiling, "available_cores", lambda: 2)
    monkeypatch.setattr(compiling, "cache_folder", lambda: tmp_path)
    return {FakeEntry(name): (name,) for name in ("add_flows", "returns_pass", "run_paths", "market_pass")}


def compiled_here(entries):
    return [entry.name for entry in entries if entry.compiled_here]


def work(entries):
    states = []
    compiling._Work(entries, states.append).do()
    assert (states[-1].done, states[-1].under_way, states[-1].seconds_left) == (len(entries), (), 0.0)
    return states


def test_helpers_take_the_longest_first(fakes):
    work(fakes)
    asked = [name for one in FakeHelper.made for name in one.asked]
    assert len(FakeHelper.made) == 2
    assert sorted(asked) == sorted(entry.name for entry in fakes)
    assert "run_paths" in [one.asked[0] for one in FakeHelper.made if one.asked]
    assert all(one.is_ended.is_set() for one in FakeHelper.made)
    assert compiled_here(fakes) == []
    assert max(SECONDS, key=SECONDS.get) == "run_paths"
    assert set(SECONDS) <= NAMES


def test_what_a_helper_that_dies_leaves_is_compiled_here(fakes, monkeypatch):
    monkeypatch.setattr(FakeHelper, "dies_at", "run_paths")
    work(fakes)
    assert "run_paths" in compiled_here(fakes)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("available_cores", lambda: 1),
        ("cache_folder", lambda: None),
        ("command", lambda: None),
        ("_WORTH_A_PROCESS", 1000.0),
    ],
    ids=["one core", "no folder", "no python", "too little"],
)
def test_without_room_for_helpers_all_is_compiled_here(fakes, monkeypatch, name, value):
    monkeypatch.setattr(compiling, name, value)
    work(fakes)
    assert FakeHelper.made == []
    assert len(compiled_here(fakes)) == len(fakes)


def test_no_process_is_no_error(fakes, monkeypatch):
    def fails(started_by):
        raise OSError("no more processes")

    monkeypatch.setattr(compiling, "Helper", fails)
    work(fakes)
    assert len(compiled_here(fakes)) == len(fakes)


def test_an_interruption_ends_the_helpers(fakes, monkeypatch):
    monkeypatch.setattr(FakeHelper, "dies_at", "never")

    def interrupted(state):
        if state.under_way:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compiling._Work(fakes, interrupted).do()
    assert all(one.is_ended.is_set() for one in FakeHelper.made)
    assert compiled_here(fakes) == []


@compiled
def test_a_helper_that_is_killed_or_is_of_other_kernels_says_no(monkeypatch):
    entry, types = next(iter(signatures_of(make_plan(load_scenario(SCENARIO))).items()))
    for code in ("import sys; sys.exit(1)", "print('another key', flush=True); input()"):
        one = helper.Helper([sys.executable, "-c", code])
        assert not one.compile(entry, types)
        assert not one.compile(entry, types)
        one.end()


@pytest.mark.parametrize(
    ("executable", "is_frozen"), [("/usr/bin/excel", False), ("", False), ("python", True)]
)
def test_a_program_that_is_no_python_has_no_helpers(monkeypatch, executable, is_frozen):
    assert helper.command() is not None
    monkeypatch.setattr(sys, "executable", executable)
    monkeypatch.setattr(sys, "frozen", is_frozen, raising=False)
    assert helper.command() is None


SCRIPT = """
from fundsim import load_scenario
from fundsim.engine import compiling
from fundsim.plan import make_plan
compiling._WORTH_A_PROCESS, compiling.available_cores = 0.0, lambda: 2
signatures = compiling.signatures_of(make_plan(load_scenario("fundsim:base")))
few = {entry: types for entry, types in signatures.items() if entry.name in ("add_flows", "count_arrivals")}
states = []
compiling._Work(few, states.append).do()
for entry, types in few.items():
    entry.compile(types)
    stats = entry.stats
    print(entry.name, sum(stats.cache_hits.values()), sum(stats.cache_misses.values()))
"""


@compiled
def test_a_script_without_a_guard_has_helpers_and_loads_what_they_made(tmp_path):
    """Neither runs again in the helper, as it would where a process were spawned from `__main__`."""
    (tmp_path / "script.py").write_text(SCRIPT + "print('once')\n")
    printed = in_fresh_process(
        f"exec(open({str(tmp_path / 'script.py')!r}).read())", NUMBA_CACHE_DIR=str(tmp_path / "cache")
    )
    assert printed.split() == ["count_arrivals", "1", "0", "add_flows", "1", "0", "once"]


FIRST_RUN = """
import importlib
from fundsim import load_scenario, simulate
from fundsim.engine import compiling
from tests.kernels.test_signatures import ENTRIES
compiling.available_cores = lambda: 2
simulate(load_scenario("fundsim:base"), paths=3, progress=False)
for module, names in ENTRIES.items():
    for name in names:
        stats = getattr(importlib.import_module(module), name).stats
        print(sum(stats.cache_hits.values()), sum(stats.cache_misses.values()))
"""


@compiled
@pytest.mark.slow
def test_a_first_run_compiles_nothing_in_its_own_process(tmp_path):
    printed = in_fresh_process(FIRST_RUN, NUMBA_CACHE_DIR=str(tmp_path))
    assert printed.split() == ["1", "0"] * len(NAMES)


@compiled
def test_where_nothing_is_missing_nobody_hears_of_it():
    plan, states = make_plan(load_scenario(SCENARIO)), []
    simulate(plan.scenario, paths=3, progress=False)
    with telling(states.append):
        compile_ahead(plan)
    assert states == []


def columns(text):
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_lines_have_80_columns_at_most(lang):
    longest = sorted(NAMES, key=lambda name: columns(word(name, lang)), reverse=True)
    for names in ((), tuple(longest[:1]), tuple(longest[:2]), tuple(longest)):
        assert columns(sentence(Compiling(10, 11, names, 999.0), lang)) <= 80
    assert all(word(name, lang) != name for name in NAMES)
    assert word("new_pass", lang) == "new_pass"


def test_a_line_says_each_entry_once_where_nobody_watches():
    stream = io.StringIO()
    line = Line("en", stream)
    for done, names in ((0, ()), (0, ("run_paths",)), (0, ("run_paths",)), (1, ("returns_pass",)), (2, ())):
        line(Compiling(done, 2, names, 12.3))
    assert stream.getvalue().splitlines() == [
        "Compiling kernels: 0 of 2 done, funds; 12 s left",
        "Compiling kernels: 1 of 2 done, returns; 12 s left",
    ]


def test_a_line_on_a_terminal_changes_and_goes():
    stream = io.StringIO()
    stream.isatty = lambda: True
    line = Line("zh", stream)
    line(Compiling(0, 1, ("run_paths",), 30.0))
    line(Compiling(1, 1, (), 0.0))
    assert stream.getvalue() == "\r\x1b[K正在编译计算核：已完成 0/1，基金，约剩 30 秒\r\x1b[K"


def test_a_misfit_is_told_with_all_that_differs():
    differences = (("kernels", "a", "b"), ("numba", "0.61.0", "0.68.1"), ("processor", "znver3", "znver4"))
    told = misfit_sentence(Misfit(Path("carried"), differences))
    assert told == (
        "carried (FUNDSIM_KERNELS) holds kernels for another place: other kernel sources; "
        "numba 0.61.0, here 0.68.1; processor znver3, here znver4; they are not used"
    )
    everything = tuple((what, "1", "2") for what in maker())
    for lang in LANGUAGES:
        assert misfit_sentence(Misfit(Path("carried"), everything), lang).count("2") == 6
        assert "warmup --into" in misfit_sentence(Misfit(Path("carried"), ()), lang)


@compiled
def test_simulate_warns_of_carried_kernels_that_do_not_fit(tmp_path):
    code = "import fundsim as fs; fs.simulate(fs.load_scenario('fundsim:base'), 3, progress=False)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "FUNDSIM_KERNELS": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "RuntimeWarning" in done.stderr
    assert "holds no kernels" in done.stderr
