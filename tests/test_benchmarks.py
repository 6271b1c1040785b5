"""The benchmarks run, assert what they computed, and write their page; no test here judges a speed."""

import subprocess
import sys
from pathlib import Path

import pytest

import fundsim as fs
from benchmarks import cluster, intervals, pages, run

ROOT = Path(__file__).parent.parent


def test_the_cluster_does_the_work_it_stands_for():
    results = fs.simulate(fs.load_scenario(cluster.FILE), paths=64, progress=False)
    done = cluster.assert_work(results)
    assert done["filled"] >= cluster.LEAST_FILLED
    assert done["rounds"] >= cluster.LEAST_ROUNDS
    # Company-years are a constant: 20 × 30 planned deals, 30 arrivals a year, 15 years.
    planned = int(results.activity()["planned_deals"].sum())
    arrivals = sum(stream.per_year for stream in results.scenario.park.streams) * 15
    assert (planned + arrivals) * 15 == cluster.COMPANY_YEARS_A_PATH


def test_a_benchmark_that_computes_too_little_is_found_out():
    scenario = fs.load_scenario(cluster.FILE)
    stuck = {"advance": 0, "listing": 0, "merger": 0, "failure": 0.5, "stall": 0.5}
    changes = {
        f"sectors.{sector.name}.stages.{stage.name}.outcomes": stuck
        for sector in scenario.sectors
        for stage in sector.stages
    }
    results = fs.simulate(scenario.override(changes), paths=8, progress=False)
    with pytest.raises(AssertionError, match=r"opened 1\.00 rounds"):
        cluster.assert_work(results)


def test_passes_are_measured_with_nothing_left_behind():
    engine = sys.modules["fundsim.simulate"]
    before = {name: getattr(engine, name) for names in cluster.PASSES.values() for name in names}
    found = cluster.pass_seconds(paths=4, repeats=1)
    assert found.keys() == {*cluster.PASSES, "rest"}
    assert all(seconds > 0.0 for seconds in found.values())
    assert cluster.pass_seconds(paths=4, repeats=1, file=cluster.PROPERTY_FILE).keys() == found.keys()
    assert {name: getattr(engine, name) for name in before} == before


@pytest.mark.parametrize("begin", [run.BEGIN, intervals.BEGIN])
def test_the_table_replaces_what_stands_between_the_markers(tmp_path, begin):
    page = tmp_path / "page.md"
    page.write_text(f"before\n{begin}\nold\n{pages.END}\nafter\n", encoding="utf-8")
    pages.write(page, begin, "| new |")
    assert page.read_text(encoding="utf-8") == f"before\n{begin}\n\n| new |\n\n{pages.END}\nafter\n"
    pages.write(page, begin, "| newer |")
    assert "| new |" not in page.read_text(encoding="utf-8")
    page.write_text("no markers", encoding="utf-8")
    with pytest.raises(SystemExit, match="must hold the lines"):
        pages.write(page, begin, "| new |")


def test_the_performance_page_has_its_markers():
    text = run.PAGE.read_text(encoding="utf-8")
    assert text.count(run.BEGIN) == text.count(pages.END) == 1
    assert text.index(run.BEGIN) < text.index(pages.END)


def test_figures_of_a_quick_look_never_reach_the_page(capsys):
    with pytest.raises(SystemExit) as error:
        run.main(["--quick", "--write"])
    assert error.value.code == 2
    assert "--write takes the full table" in capsys.readouterr().err


@pytest.mark.slow
def test_a_quick_look_prints_every_row():
    command = [sys.executable, "benchmarks/run.py", "--quick", "--paths", "64"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("| ")]
    for what in (
        "1 thread",
        "funds pass",
        "C port",
        "IRR of",
        "draw: normal",
        "fundsim --help",
        "fundsim run",
    ):
        assert any(what in row for row in rows), what
