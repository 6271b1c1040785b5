"""What a scenario costs grows in proportion to it: instructions of Python are counted, nothing is timed."""

import difflib
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import fundsim as fs
from benchmarks import exponents
from fundsim.engine.replay import replay
from fundsim.errors import ScenarioError
from fundsim.plan import make_plan

COUNTED = (str(Path(fs.__file__).parent), difflib.__file__)
FACTOR = 8
ROOT = Path(__file__).parents[1]


def instructions(work):
    """Instructions of the package, and of comparing names, that are executed."""
    count = 0

    def follow(frame, event, arg):
        nonlocal count
        if event == "call":
            if not frame.f_code.co_filename.startswith(COUNTED):
                return None
            frame.f_trace_opcodes, frame.f_trace_lines = True, False
        count += event == "opcode"
        return follow

    before = sys.gettrace()
    sys.settrace(follow)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def checked(content):
    """The rules of a scenario and its warnings, or all that is wrong."""

    def work():
        try:
            warnings = fs.Scenario.from_dict(content).warnings
            mother = content["vehicles"][0]["investors"][0]["commitment"]
            assert [one.kind for one in warnings] == [
                "huge_commitment" if mother > 5_000 else "thin_stakes",
                *["thin_investing"] * (len(content["vehicles"]) - 1),
            ]
        except ScenarioError as error:
            assert error.problems

    return work


def summarised(content):
    results = fs.simulate(fs.Scenario.from_dict(content), paths=2, progress=False)
    return lambda: replace(results).summary()


def cash_of(content):
    results = fs.simulate(fs.Scenario.from_dict(content), paths=2, progress=False)
    return lambda: replace(results).cash_flows()


def replayed(content):
    plan = make_plan(fs.Scenario.from_dict(content))
    return lambda: replay(plan, 0)


def deals(n):
    return exponents.tree(n // 10 + 1, 10)


@pytest.mark.parametrize(
    ("content", "work", "size"),
    [
        pytest.param(exponents.joined, checked, 25, id="check in vehicles"),
        pytest.param(exponents.unknown_in_a_block, checked, 40, id="check in unknown keys"),
        pytest.param(exponents.crowd, summarised, 25, id="summary in investors"),
        pytest.param(exponents.crowd, cash_of, 10, id="cash flows in investors"),
        pytest.param(exponents.tree, summarised, 10, id="summary in vehicles"),
        pytest.param(deals, replayed, 50, id="events of a path in deals"),
    ],
)
def test_what_is_executed_grows_no_faster_than_the_scenario(content, work, size):
    work(content(size + 1))()  # what is made once is there
    small, large = (instructions(work(content(n))) for n in (size, FACTOR * size))
    assert large < small * FACTOR**exponents.MOST


IN_PLAIN_PYTHON = """
import json, sys
from benchmarks import exponents
from tests.test_growth import instructions
sizes = [int(one) for one in sys.argv[1:]]
works = [exponents.funded(exponents.park_deals(n, looks_at=2)) for n in sizes]
print(json.dumps([instructions(work) for work in works]))
"""


def test_deals_that_look_at_few_offers_take_as_long_in_a_larger_park():
    """The funds pass without the compiler, so that its instructions can be counted."""
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    sizes = [str(n) for n in (100, FACTOR * 100)]
    command = [sys.executable, "-c", IN_PLAIN_PYTHON, *sizes]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    small, large = json.loads(done.stdout)
    assert large < small * FACTOR**exponents.MOST
