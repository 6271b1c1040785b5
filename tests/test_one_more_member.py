"""One more member of an enum and one more label are all that a new word takes: nothing is cut at a size."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import fundsim
from fundsim import vocabulary

PACKAGE = Path(fundsim.__file__).parent
ADDED = {
    "Channel": '"enterprise", "#123456"',
    "Check": '"funds"',
    "Leverage": '"one_more", "invested"',
    "Measure": "",
    "Activity": "",
    "ExitFigure": "",
    "VehicleFlow": "",
    "ClassFlow": "",
    "VehicleStock": "",
    "InvestorKind": "",
    "FeeBase": "",
    "Mark": "",
    "Preference": "",
    "Style": "",
}
"""What else is known of the member that is added to each enum, as source text."""
LABELS = (
    "channel",
    "check",
    "leverage",
    "leverage_note",
    "leverage_short",
    "mistake",
    "measure",
    "measure_note",
)

RUN = """
import sys
from pathlib import Path
from fundsim import simulate
from fundsim.plots import write_figures
from fundsim.plots.figures import figures_of
from fundsim.report import write_report
from fundsim.store.tables import stored_tables, write_tables
from fundsim.story import answer_sentence, describe, summary_table, trace_story
from fundsim.vocabulary import Channel, Measure
from fundsim.words import label
from fundsim.scenario import Scenario
from tests.kernels.test_signatures import enterprises_and_property
assert Channel.ONE_MORE == len(Channel) - 1 and Measure.ONE_MORE == 9
results = simulate(Scenario.from_dict(enterprises_and_property()), paths=4, progress=False, threads=1)
assert all(check["passed"] for check in results.checks)
assert "one_more" in set(results.summary()["measure"]) and "one_more" in set(results.leverage()["definition"])
assert "one_more" in set(results.exits_by_year()["channel"]) and "one_more" in results.activity()
folder = Path(sys.argv[1])
write_tables(folder, results)
for lang in ("en", "zh"):
    figures = write_figures(results, folder / lang, lang)
    assert set(figures) == set(figures_of(results, lang))
    write_report(results, folder / f"{lang}.html", lang, figures)
    html = (folder / f"{lang}.html").read_text(encoding="utf-8")
    assert lang == "zh" or label("check.one_more", lang) in html
    assert answer_sentence(results, lang) and summary_table(results, lang)
    assert describe(results.scenario, lang)
    trace_story(results.trace(0), lang)
print(*sorted(figures), *(table.name for table in stored_tables(results)))
"""


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """A copy of the package in which each of these enums has one more member, with its labels."""
    root = tmp_path_factory.mktemp("copy")
    shutil.copytree(PACKAGE, root / "fundsim", ignore=shutil.ignore_patterns("__pycache__"))
    text = (root / "fundsim" / "vocabulary.py").read_text(encoding="utf-8")
    for name, known in ADDED.items():
        number = max(getattr(vocabulary, name)) + 1
        value = f"{number}, {known}" if known else str(number)
        members = re.compile(rf"(class {name}\(Word\):.*?\n    [A-Z_]+ = [^\n]*\n)(?!    [A-Z\"])", re.DOTALL)
        text, n = members.subn(rf"\g<1>    ONE_MORE = {value}\n", text, count=1)
        assert n == 1, name
    (root / "fundsim" / "vocabulary.py").write_text(text, encoding="utf-8")
    words = root / "fundsim" / "words" / "vocabulary.py"
    labels = "".join(
        f'    "{group}.one_more": ("one more of {group}", "又一个{group}"),\n' for group in LABELS
    )
    text, n = re.subn(
        r"(?m)^CHECKS = \{\n", lambda found: found[0] + labels, words.read_text(encoding="utf-8")
    )
    assert n == 1
    words.write_text(text, encoding="utf-8")
    return root


def test_one_more_member_runs_and_is_drawn_everywhere(copied, tmp_path):
    """Interpreted, so that an array that is too small is an error: every figure, table and report."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(tmp_path)],
        cwd=copied,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(copied), str(PACKAGE.parent)]),
            "NUMBA_DISABLE_JIT": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert {"exits_proceeds", "property_debt", "summary", "projects"} <= set(done.stdout.split())
