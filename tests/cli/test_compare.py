"""The command `compare`: what is named, what is refused, what is printed and written."""

import json
import re
import runpy
import shlex
from pathlib import Path

import pandas as pd
import pytest

import fundsim as fs
from fundsim.cli import main
from fundsim.story.layout import display_width
from tests.makers.edited_scenarios import base as two_funds
from tests.makers.fund_cluster import cluster

DOCS = Path(__file__).parents[2] / "docs" / "how-to"
FEE = "vehicles.one.terms.fee_rate"


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    """A scenario, another with a fee, and the folder that they lie in."""
    monkeypatch.chdir(tmp_path)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    made = fs.Scenario.from_dict(two_funds() | {"run": {"paths": 8, "seed": 5}})
    made.save("plain.yaml")
    made.override({FEE: "2%"}).save("dear.yaml")


def refused(capsys, *arguments, code=2):
    assert main(["compare", *arguments]) == code
    return capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["plain.yaml", "dear.yaml"],
        ["plain.yaml", "--variant", f"dear: {FEE}=2%"],
        ["plain.yaml", "--variant", f"dear：{FEE}=1%", "--variant", f"dear: {FEE}=2%"],
        ["plain.yaml", "--set", f"{FEE}=2%"],
    ],
    ids=["files", "variant", "one variant twice", "set"],
)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_same_two_sides_can_be_named_in_several_ways(arguments, lang, capsys):
    assert main(["compare", *arguments, "--lang", lang]) == 0
    said = capsys.readouterr().out
    assert max(map(display_width, said.splitlines())) <= 80
    assert {"en": "management fee: – → 2% a year", "zh": "管理费率：– → 2%/年"}[lang] in said
    assert {"en": "two", "zh": "各路径均相同：two"}[lang] in said


def test_several_variants_are_compared_with_the_file(capsys):
    variants = ["--variant", f"a: {FEE}=1%", "--variant", f"b: {FEE}=2%"]
    assert main(["compare", "plain.yaml", *variants, "--paths", "4", "--seed", "7"]) == 0
    said = capsys.readouterr().out
    for name in "ab":
        assert f"{name} against plain: 4 paths in pairs, seed 7" in said


def test_a_run_is_compared_with_a_file_and_it_is_said(capsys):
    assert main(["run", "plain.yaml", "--out", "stored"]) == 0
    capsys.readouterr()
    assert main(["compare", "stored", "dear.yaml", "--vehicle", "one", "--investor", "all"]) == 0
    said = capsys.readouterr().out
    assert "dear against stored: 8 paths in pairs, seed 5" in said
    assert main(["compare", "stored", "plain.yaml"]) == 0
    assert "Same on every path: one, two" in capsys.readouterr().out


def test_runs_of_other_versions_are_paired_and_it_is_said(capsys):
    for name in ("stored", "older"):
        assert main(["run", "plain.yaml", "--out", name]) == 0
    summary = json.loads(Path("older/summary.json").read_text(encoding="utf-8"))
    with open("older/summary.json", "w", encoding="utf-8") as stream:
        json.dump(summary | {"fundsim": "0.0.9"}, stream)
    capsys.readouterr()
    assert main(["compare", "older", "stored"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert f"different versions of fundsim (older: 0.0.9, stored: {fs.__version__})" in said
    assert "Same on every path: one, two" in said


def test_runs_with_other_seeds_are_refused_in_one_line_each(capsys):
    assert main(["run", "plain.yaml", "--out", "a"]) == 0
    assert main(["run", "plain.yaml", "--out", "b", "--seed", "6", "--paths", "6"]) == 0
    capsys.readouterr()
    said = refused(capsys, "a", "b")
    assert "error: 'b' | seed 6, and 5 in 'a'; run both with one seed" in said
    assert "error: 'b' | 6 paths, and 8 in 'a'; ask for the first 6 of both (--paths 6)" in said
    assert "Traceback" not in said
    assert "'a' | seed 5, and 9 is asked for" in refused(capsys, "a", "dear.yaml", "--seed", "9")
    assert "--set changes files" in refused(capsys, "a", "b", "--set", "run.seed=5")
    assert "a variant needs a scenario, and a is a run" in refused(capsys, "a", "--variant", f"x: {FEE}=1%")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["plain.yaml"], "one side alone cannot be compared"),
        (["plain.yaml", "plain.yaml"], "plain.yaml is named twice"),
        (["plain.yaml", "--variant", "dear"], "'dear' is not NAME: PATH=VALUE"),
        (["plain.yaml", "--variant", f"plain: {FEE}=1%"], "'plain' names a file and a variant"),
        (
            ["plain.yaml", "--variant", "x: vehicles.none.kind=direct"],
            "no item of 'vehicles' called 'none'",
        ),
        (["plain.yaml", "no.yaml"], "no.yaml"),
        (
            ["plain.yaml", "dear.yaml", "--vehicle", "nobody"],
            "no vehicle 'nobody'; it has one, two",
        ),
        (["plain.yaml", "dear.yaml", "--threads", "2", "--workers", "2"], "exclude each other"),
        (["plain.yaml", "."], "holds no run"),
    ],
)
def test_wrong_input_is_told(arguments, message, capsys):
    said = refused(capsys, *arguments)
    assert message in said
    assert "Traceback" not in said


def test_all_wrong_files_are_told_at_once(capsys):
    with open("bad.yaml", "w", encoding="utf-8") as stream:
        stream.write("{extends: 'fundsim:base', horizon_years: 0, periods_per_year: 5}")
    said = refused(capsys, "bad.yaml", "no.yaml")
    for part in ("horizon_years", "periods_per_year", "no.yaml", "3 problems"):
        assert part in said


def test_a_run_that_has_the_name_of_its_file_is_told_apart(capsys):
    assert main(["run", "plain.yaml", "--out", "plain"]) == 0
    capsys.readouterr()
    assert main(["compare", "plain", "plain.yaml"]) == 0
    assert "plain against plain (run): " in capsys.readouterr().out


def test_a_folder_is_written_and_not_replaced_unasked(capsys):
    command = ["compare", "plain.yaml", "dear.yaml", "--out", "both"]
    assert main(command) == 0
    assert "Written to both" in capsys.readouterr().out
    assert Path("both/report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert {file.name for file in Path("both/figures").glob("compared_*.svg")} >= {"compared_irr.svg"}
    content = json.loads(Path("both/comparison.json").read_text(encoding="utf-8"))
    assert [one["name"] for one in content["scenarios"]] == ["plain", "dear"]
    assert content["scenarios"][1]["shared_passes"] == ["market", "closing", "enterprises", "property"]
    measures = pd.read_csv("both/tables/measures.csv")
    comparison = fs.compare({"plain": "plain.yaml", "dear": "dear.yaml"}, progress=False)
    pd.testing.assert_frame_equal(measures, comparison.measures, check_dtype=False)
    changes = pd.read_csv("both/tables/changes.csv")
    assert changes["what"].tolist() == ["one · terms · management fee: – → 2% a year"]
    assert "holds another comparison; give --overwrite" in refused(capsys, *command[1:], code=1)
    assert main([*command, "--overwrite"]) == 0


def test_the_folder_of_something_else_is_left_alone(tmp_path, capsys):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_text("mine", encoding="utf-8")
    arguments = ["plain.yaml", "dear.yaml", "--out", "other", "--overwrite"]
    assert "holds what is no comparison" in refused(capsys, *arguments, code=1)
    assert "is a file" in refused(capsys, "plain.yaml", "dear.yaml", "--out", "plain.yaml", code=1)


def test_processes_give_the_same_table(capsys):
    said = []
    for options in (["--threads", "1"], ["--workers", "1"]):
        assert main(["compare", "plain.yaml", "dear.yaml", *options]) == 0
        said.append(capsys.readouterr().out.split("To be known")[0])
    assert said[0] == said[1]


# What the pages on comparing say

PAGES = ("compare", "compare-zh")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(page, language):
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    return [block for kind, block in FENCE.findall(text) if kind == language]


def commands(page):
    lines = [line for block in blocks(page, "") for line in block.splitlines()]
    return [shlex.split(line) for line in lines if line.startswith("fundsim compare ")]


@pytest.fixture
def named_files():
    """What the pages name: two scenarios of a mother fund, and a run of each of 2,000 paths."""
    base = cluster(1, 8).override({"run.seed": 1})
    dearer = base.override({"vehicles.mother.terms.fee_rate": "1%"})
    for name, title, made in (("base", "基准", base), ("dearer", "提高费率", dearer)):
        made.save(f"{name}.yaml")
        made.save(f"{title}.yaml")
        assert main(["run", f"{name}.yaml", "--paths", "2000", "--out", f"runs/{name}-1"]) == 0
    return {"fs": fs, "dearer": dearer}


@pytest.mark.slow
def test_what_the_pages_say_runs_as_it_stands(named_files, capsys):
    found = {page: commands(page) for page in PAGES}
    assert len(found["compare"]) == 4 and found["compare-zh"]
    for command in [one for page in PAGES for one in found[page]]:
        assert main(command[1:]) == 0, command
        assert capsys.readouterr().out
    assert Path("compared").is_dir() and Path("对比结果").is_dir()
    for block in [one for page in PAGES for one in blocks(page, "python")]:
        Path("block.py").write_text(block, encoding="utf-8")
        runpy.run_path("block.py", named_files)
