"""The benchmarks run, assert what they computed, and write their page; no test here judges a speed."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import fundsim as fs
from benchmarks import against, cluster, exponents, intervals, pages, run, variance, visits
from fundsim.files.evidence import NEUTRAL, evidence_in
from fundsim.files.part import Part
from fundsim.plan import make_plan
from fundsim.scenario import presets

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


@pytest.mark.parametrize("file", [cluster.FILE, cluster.PROPERTY_FILE], ids=["cluster", "property"])
def test_a_benchmark_takes_no_value_of_a_preset(file, monkeypatch):
    """Else its work would change whenever presets are set anew."""
    monkeypatch.setattr(presets, "_file", lambda kind: pytest.fail(f"something comes from presets of {kind}"))
    make_plan(fs.load_scenario(file))


def defaults_in(part, path=""):
    """Paths of the fields, in a part of a scenario and all within
    it, that are left at a default with an effect.
    """
    for name, field in type(part).model_fields.items():
        value, evidence = getattr(part, name), evidence_in(field)
        has_effect = evidence is not None and evidence.source != NEUTRAL and value not in (None, (), {})
        if has_effect and name not in part.model_fields_set:
            yield f"{path}{name}"
        else:
            for item in value if isinstance(value, tuple) else (value,):
                if isinstance(item, Part):
                    yield from defaults_in(item, f"{path}{name}.")


def test_the_cluster_states_every_value_that_has_an_effect():
    assert list(defaults_in(fs.load_scenario(cluster.FILE))) == []


@pytest.mark.parametrize("file", [cluster.FILE, ROOT / "scenarios" / "suzhou_industrial_park.yaml"])
def test_most_visits_of_the_funds_pass_do_something(file):
    """What is not due is not stepped: two visits in three draw, mark, pay or change what is remembered."""
    command = [sys.executable, "benchmarks/visits.py", str(file), "--paths", "1"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    *_, whole = done.stdout.splitlines()
    assert whole.startswith("all") and int(whole.split()[-1].rstrip("%")) >= 100 * visits.LEAST


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
    engine = sys.modules["fundsim.engine.passes"]
    before = {name: getattr(engine, name) for names in cluster.PASSES.values() for name in names}
    found = cluster.pass_costs(paths=4, repeats=1)
    assert found.keys() == {*cluster.PASSES, "rest"}
    assert all(spent.seconds > 0.0 for spent in found.values())
    # the memory is in place; new memory for its block alone costs the enterprises some 150 a path
    assert not found["enterprises"].page_faults > 10.0
    assert cluster.pass_costs(paths=4, repeats=1, file=cluster.PROPERTY_FILE).keys() == found.keys()
    assert {name: getattr(engine, name) for name in before} == before


@pytest.mark.parametrize("begin", [run.BEGIN, intervals.BEGIN, variance.BEGIN, exponents.BEGIN])
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
    markers = (run.BEGIN, against.BEGIN, exponents.BEGIN)
    assert [text.count(begin) for begin in markers] == [1, 1, 1]
    *parts, rest = text.split(pages.END)
    assert len(parts) == len(markers) and all(
        begin in part for begin, part in zip(markers, parts, strict=True)
    )
    assert pages.END not in rest


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


def test_gains_are_ratios_of_variance_times_time():
    squares = {"independent": {("a", "b"): 4.0}, "pairs": {("a", "b"): 2.0}, "controls": {("a", "b"): 0.0}}
    squares["both"] = {("a", "b"): 1.0}
    seconds = {"independent": 1.0, "pairs": 2.0, "controls": 1.0, "both": 0.5}
    assert variance.gains(squares, seconds, ("a", "b")) == "1.0 / – / 8.0"


def test_gains_are_measured_for_every_vehicle(monkeypatch):
    monkeypatch.setattr(variance, "SCENARIOS", {"biobay": ("mother", "co-investment")})
    text = variance.report(paths=40, seeds=1)
    assert "python benchmarks/variance.py --paths 40 --seeds 1 --write" in text
    rows = [line for line in text.splitlines() if line.startswith("| biobay")]
    assert [row.count(" / ") for row in rows] == [12, 12, 4]
    page = variance.PAGE.read_text(encoding="utf-8")
    assert page.count(variance.BEGIN) == page.count(intervals.BEGIN) == 1


def test_an_exponent_is_the_slope_between_the_ends():
    assert exponents.exponent([10, 20, 40, 80], [1.0, 0.0, 0.0, 64.0]) == pytest.approx(2.0)


def test_growth_is_measured_and_wrong_files_are_told_in_full(monkeypatch):
    small = [replace(growth, largest=320) for growth in exponents.GROWTHS if "in bad" in growth.what]
    small += [replace(growth, largest=24) for growth in exponents.GROWTHS if "summary" in growth.what]
    monkeypatch.setattr(exponents, "GROWTHS", small)
    rows = [line for line in exponents.report(repeats=1).splitlines() if line.startswith("| `")]
    assert [row.split(" | ")[1] for row in rows] == ["40 80 160 320", "3 6 12 24", "3 6 12 24"]
    monkeypatch.setattr(exponents, "GROWTHS", [replace(small[0], content=exponents.tree)])
    with pytest.raises(AssertionError, match="0 problems were told, not 40"):
        exponents.report(repeats=1)
