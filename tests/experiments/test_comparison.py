"""Comparisons: paired errors by hand and by a naive twin, what is refused, what is shared, what is said."""

import itertools
import json
import math

import numpy as np
import pandas as pd
import pytest

import fundsim as fs
from fundsim.cli import main
from fundsim.engine import passes
from fundsim.engine.passes import PASSES, block_paths, run_passes
from fundsim.engine.together import shared_passes
from fundsim.errors import ArgumentError, ScenarioError
from fundsim.experiments.pairing import (
    COLUMNS,
    Means,
    chance_difference_error,
    difference,
    paths_needed,
)
from fundsim.plan import make_plan
from fundsim.results.block import SHAPES
from fundsim.story.changes import change_sentences, changes_between
from fundsim.story.comparison import rounded, verdict_text
from fundsim.story.layout import display_width
from fundsim.words import label
from tests.makers.edited_scenarios import base as two_funds
from tests.makers.fund_cluster import cluster

PATHS = 24


def scenario(**changes):
    """Two funds with fees, small enough to run in a test."""
    made = fs.Scenario.from_dict(two_funds() | {"run": {"paths": PATHS, "seed": 5}})
    return made.override(changes) if changes else made


def dearer():
    return scenario(**{"vehicles.one.terms.fee_rate": "2%"})


def compared(*others, **options):
    given = {"base": scenario()} | {f"other {n}": one for n, one in enumerate(others, start=1)}
    return fs.compare(given, progress=False, **options)


# Paired errors by hand


def test_the_error_is_that_of_the_differences():
    found = difference(np.array([1.0, 2.0, 3.0, 4.0]), np.array([2.0, 2.0, 4.0, 6.0]), 1)
    # differences 1, 0, 1, 2: mean 1, variance 2/3
    assert (found["base"], found["other"], found["difference"]) == (2.5, 3.5, 1.0)
    assert found["standard_error"] == pytest.approx(math.sqrt(2 / 3 / 4), rel=1e-15)
    assert found["z"] == pytest.approx(1 / math.sqrt(1 / 6))
    assert (found["paths"], found["undefined"], found["verdict"]) == (4, 0, "real")
    assert found["low"] == pytest.approx(1 - 1.959964 * math.sqrt(1 / 6))
    assert math.isnan(found["paths_needed"])


def test_mirrored_pairs_are_one_group():
    base, other = np.zeros(4), np.array([1.0, 3.0, 2.0, 4.0])
    found = difference(base, other, 2)
    # sums of pairs 4 and 6, means 2 and 3, their mean 2.5 with error sqrt(.5 / 2)
    assert found["difference"] == 2.5
    assert found["standard_error"] == pytest.approx(0.5, rel=1e-15)


def test_pairs_count_where_both_are_defined():
    nan = math.nan
    found = difference(np.array([1.0, nan, 3.0, 5.0]), np.array([2.0, 2.0, nan, 8.0]), 1)
    assert (found["base"], found["other"], found["difference"]) == (3.0, 5.0, 2.0)
    assert (found["paths"], found["undefined"]) == (2, 2)


def test_noise_says_how_many_paths_would_settle_it():
    found = difference(np.zeros(4), np.array([1.0, -1.0, 1.0, 0.0]), 1)
    error = math.sqrt((0.75**2 * 2 + 1.25**2 + 0.25**2) / 3 / 4)
    assert found["verdict"] == "noise"
    assert found["paths_needed"] == math.ceil(4 * (1.959964 * error / 0.25) ** 2)
    # with as many paths the interval ends at 0
    n = found["paths_needed"]
    assert 0.25 >= 1.959964 * error * math.sqrt(4 / n)
    assert paths_needed(4, 0.0, 1.0) == math.inf


def test_of_undefined_paths_as_many_more_are_needed():
    base, other = np.array([0.0, 0.0, 0.0, 0.0, math.nan]), np.array([1.0, -1.0, 1.0, 0.0, 1.0])
    fewer = difference(base[:4], other[:4], 1)["paths_needed"]
    assert difference(base, other, 1)["paths_needed"] == pytest.approx(fewer * 5 / 4, abs=1)


@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_pairs_tell_nothing(n):
    found = difference(np.zeros(n), np.ones(n), 1)
    assert found["verdict"] == "open"
    assert math.isnan(found["standard_error"])


def test_nothing_differs_on_any_path():
    values = np.array([1.0, 2.0, math.nan])
    found = difference(values, values * (1 + 1e-14), 1)
    assert found["verdict"] == "none"
    assert difference(values, values, 1)["difference"] == 0.0
    assert difference(values, values, 1)["standard_error"] == 0.0


def test_a_constant_difference_is_real():
    found = difference(np.array([0.5, 0.25, 1.0]), np.array([1.5, 1.25, 2.0]), 1)
    assert (found["standard_error"], found["verdict"]) == (0.0, "real")
    assert math.isnan(found["z"])


def test_a_chance_needs_as_many_moved_paths_as_the_exact_test():
    """All of k moved paths one way: McNemar's exact p is 2 (1/2)^k, below 5 % from k = 6."""
    verdicts = []
    for k in range(1, 9):
        base, other = np.zeros(1000), np.zeros(1000)
        other[:k] = 1.0
        verdicts.append(difference(base, other, 1, is_chance=True)["verdict"])
    assert verdicts[:4] == ["noise"] * 4
    assert verdicts[5:] == ["real"] * 3


def test_a_chance_has_half_a_path_more_in_each_cell():
    moved = np.array([1.0, 1.0, -1.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    plain = float(moved.std(ddof=1) / math.sqrt(8))
    expected = math.sqrt(2.5 + 1.5 - 1.0 / 10) / 10
    assert chance_difference_error(moved, np.ones(8, dtype=bool), plain) == pytest.approx(expected, rel=1e-14)


def test_means_alone_give_a_bound():
    found = difference(Means(1.0, 0.3), Means(2.0, 0.2), 1)
    assert (found["difference"], found["standard_error"]) == (1.0, pytest.approx(0.5))
    assert (found["is_bound"], found["verdict"]) == (True, "real")
    assert difference(Means(1.0, 0.3), Means(1.5, 0.2), 1)["verdict"] == "open"
    assert difference(Means(1.0, 0.3), Means(1.0, 0.3), 1)["verdict"] == "none"
    # a file in double and series in single precision
    assert difference(Means(1.0, 1e-9), Means(1.0 + 1e-7, 1e-9), 1)["verdict"] == "none"
    assert difference(Means(1.0, 1e-9), Means(1.0 + 1e-5, 1e-9), 1)["verdict"] == "real"
    assert verdict_text(difference(Means(1.0, 0.3), Means(1.0, 0.3), 1)) == "no difference in the mean"


def test_the_bound_is_above_the_paired_error():
    draws = np.random.default_rng(1).normal(size=(2, 50))
    for weight in (-1.0, 0.0, 0.5, 1.0):
        base, other = draws[0], weight * draws[0] + 0.3 * draws[1]
        ends = [Means(float(x.mean()), float(x.std(ddof=1) / math.sqrt(50))) for x in (base, other)]
        assert difference(*ends, 1)["standard_error"] >= difference(base, other, 1)["standard_error"] - 1e-12


def test_paths_are_rounded_up_to_two_digits():
    assert [rounded(n) for n in (7.0, 99.0, 101.0, 12345.0)] == ["7", "99", "110", "13,000"]
    assert verdict_text({"verdict": "noise", "paths_needed": math.inf}, "zh").startswith("属噪声")


# Frames against a naive twin


def naive(base, other, group):
    """Mean and error of the differences, pair of paths by pair of paths, in plain Python."""
    moved = [y - x for x, y in zip(base.tolist(), other.tolist(), strict=True)]
    pairs = [(k // group, d) for k, d in enumerate(moved) if not math.isnan(d)]
    if len(pairs) < 2:
        return math.nan, math.nan
    mean = sum(d for _, d in pairs) / len(pairs)
    sums = {}
    for k, d in pairs:
        sums[k] = sums.get(k, 0.0) + d - mean
    m = len(sums)
    return mean, math.sqrt(m / (m - 1) * sum(s * s for s in sums.values())) / len(pairs)


@pytest.mark.parametrize("antithetic", [False, True])
def test_frames_are_those_of_a_naive_twin(antithetic):
    sides = [one.override({"run.antithetic": antithetic}) for one in (scenario(), dearer())]
    found = fs.compare(dict(zip(("a", "b"), sides, strict=True)), progress=False)
    runs = [fs.simulate(one, progress=False) for one in sides]
    group = 2 if antithetic else 1
    by_measure = found.measures.set_index(["vehicle", "investor", "measure"])
    for vehicle, investor in found.rows:
        for name in ("net_irr", "tvpi", "dpi"):
            mean, error = naive(*(run.measure(name, vehicle, investor) for run in runs), group)
            row = by_measure.loc[(vehicle, investor, name)]
            assert row["difference"] == pytest.approx(mean, rel=1e-9, abs=1e-12)
            assert row["standard_error"] == pytest.approx(error, rel=1e-9, abs=1e-12)
    calls = found.calls_by_year.set_index(["vehicle", "investor", "year"])
    dpi = found.dpi_by_year.set_index(["vehicle", "investor", "year"])
    for year in found.runs["a"].years:
        paid = [run.paths_of("contribution", "one")[:, 4 * (year - 1) : 4 * year].sum(axis=1) for run in runs]
        mean, error = naive(*paid, group)
        assert calls.loc[("one", "all", year), "difference"] == pytest.approx(mean, abs=1e-9)
        assert calls.loc[("one", "all", year), "standard_error"] == pytest.approx(error, abs=1e-9)
        ends = [run.dpi_by_year("one")[:, year - 1] for run in runs]
        mean, error = naive(*ends, group)
        assert dpi.loc[("one", "all", year), "difference"] == pytest.approx(mean, abs=1e-9, nan_ok=True)
    for row in found.landing.to_dict("records"):
        v = runs[0].vehicles.index(row["vehicle"])
        mean, error = naive(*(run.arrays["landing"][:, v] for run in runs), group)
        assert row["difference"] == pytest.approx(mean, abs=1e-12, nan_ok=True)


def test_an_equal_scenario_gives_zero_everywhere():
    found = compared(scenario())
    table = found.differences
    known = table[table["paths"] > 0]
    assert len(known) > 40
    assert (known["difference"] == 0.0).all()
    assert set(known["verdict"]) <= {"none", "open"}  # open where a single path is defined
    assert (known[known["verdict"] == "none"]["standard_error"].fillna(0.0) == 0.0).all()
    assert found.changes.empty
    assert found.shared["other 1"] == tuple(step.name for step in PASSES)


def test_frames_have_their_columns():
    found = compared(dearer())
    for name in ("measures", "dpi_by_year", "calls_by_year", "leverage", "landing"):
        assert list(found.table(name))[-len(COLUMNS) :] == list(COLUMNS)
        assert set(found.table(name)["scenario"]) == {"other 1"}
    figures = found.differences["figure"].value_counts()
    assert figures["calls_by_year"] == len(found.calls_by_year)
    assert figures["tvpi"] == len(found.rows)


# Passes that are shared


EDITS = {
    "fee": ({"vehicles.one.terms.fee_rate": "2%"}, ("market", "closing", "enterprises", "property")),
    "park": ({"park.streams.old.per_year": 6.0}, ("market", "closing")),
    "closing": ({"closing.raised_share": {"mean": 0.7, "sd": 0.1}}, ("market", "enterprises", "property")),
    "window": ({"market.window.states.shut.listing_pass": 0.4}, ()),
    "skill": ({"vehicles.one.mandate.skill": 0.1}, ("market", "closing")),
    "reserve": (
        {"vehicles.one.mandate.reserve_share": 0.1},
        ("market", "closing", "enterprises", "property"),
    ),
    "title": ({"vehicles.one.title": "renamed"}, tuple(step.name for step in PASSES)),
}


@pytest.mark.parametrize("name", EDITS)
def test_what_is_shared_has_the_bits_of_a_run_of_its_own(name):
    changes, shared = EDITS[name]
    edited = scenario(**changes)
    found = compared(edited)
    if name != "window":
        assert set(shared) <= set(found.shared["other 1"])
    alone = fs.simulate(edited, progress=False).arrays
    for array in SHAPES:
        kept = found.runs["other 1"].arrays[array]
        assert kept.tobytes() == alone[array].tobytes(), array
    ours = fs.simulate(scenario(), progress=False).arrays
    assert all(found.runs["base"].arrays[array].tobytes() == ours[array].tobytes() for array in SHAPES)


def test_shared_passes_are_not_run_again(monkeypatch):
    run = []
    counted = [
        step.__class__(
            **{**vars(step), "run": lambda *a, step=step: (run.append(step.name), step.run(*a))[1]}
        )
        for step in PASSES
    ]
    monkeypatch.setattr(passes, "PASSES", tuple(counted))
    compared(dearer(), scenario(), threads=1)
    calls = {step.name: run.count(step.name) for step in PASSES}
    assert calls["market"] == calls["closing"] == calls["enterprises"] == calls["property"]
    assert calls["funds"] == calls["returns"] == calls["leverage"] == 2 * calls["market"]


class Watched:
    """A plan that notes what is asked of it."""

    def __init__(self, plan):
        self.__dict__.update(plan=plan, asked=set())

    def __getattr__(self, name):
        self.asked.add(name)
        value = getattr(self.plan, name)
        return value


def test_passes_look_at_nothing_of_the_plan_but_what_they_say():
    """What a pass reads is what sharing compares; the names of `reads` are noted in the same way."""
    plan = make_plan(scenario())
    blocks = run_passes(plan, 0, 2)
    for step in PASSES:
        said, looked = Watched(plan), Watched(plan)
        step.reads(said)
        made = passes.Blocks(**{one: getattr(blocks, one) for one in step.needs})
        setattr(made, step.name, step.allocate(looked, 0, 2, made, passes.NEW))
        step.run(looked, 0, made)
        assert looked.asked <= said.asked, step.name


def test_a_pass_is_shared_only_below_shared_ones():
    plans = [make_plan(one) for one in (scenario(), scenario(**EDITS["window"][0]))]
    shared = shared_passes(*plans)
    for step in PASSES:
        assert step.name not in shared or set(step.needs) <= set(shared)
    assert "market" not in shared


# What is refused


def refused(given, **options):
    with pytest.raises(ScenarioError) as caught:
        fs.compare(given, progress=False, **options)
    return [str(problem) for problem in caught.value.problems]


def test_runs_that_cannot_be_paired_are_refused_at_once():
    one = fs.simulate(scenario(), progress=False)
    two = fs.simulate(scenario(), paths=PATHS + 2, seed=6, antithetic=True, progress=False)
    said = " ".join(refused({"one": one, "two": two}))
    for words in ("seed 6, and 5 in 'one'", "26 paths, and 24 in 'one'", "only 'two' has mirrored pairs"):
        assert words in said


def test_other_periods_are_refused():
    content = two_funds() | {"run": {"paths": 4}}
    found = refused(
        {"a": fs.Scenario.from_dict(content), "b": fs.Scenario.from_dict(content | {"periods_per_year": 12})}
    )
    assert "12 periods a year, and 4 in 'a'" in found[0]


def test_names_and_files_that_do_not_exist_are_told_at_once(tmp_path):
    found = refused({"a": tmp_path / "no.yaml", "b": tmp_path})
    assert len(found) == 2
    given = {"a": scenario(), "b": dearer()}
    found = refused(given, paths=4, vehicles=["ones", "two"], investors=["nobody"])
    assert len(found) == 2
    with pytest.raises(ArgumentError, match="two or more"):
        fs.compare({"a": scenario()})
    with pytest.raises(ScenarioError, match="cannot be compared"):
        fs.compare({"a": scenario(), "b": 3})


def test_the_first_paths_of_a_longer_run_can_be_asked_for():
    longer = fs.simulate(scenario(), paths=PATHS + 8, progress=False)
    found = fs.compare({"long": longer, "short": dearer()}, paths=PATHS, progress=False)
    assert found.n_paths == PATHS
    same = compared(dearer()).measures.drop(columns="scenario")
    assert found.measures.drop(columns="scenario").equals(same)


# What is said


def test_scenarios_follow_the_seed_of_the_base_and_it_is_said():
    found = compared(scenario(**{"run.seed": 9}))
    assert (found.differences["difference"].dropna() == 0.0).all()
    assert found.followed == ("other 1",)
    assert any("not with its own" in note for note in found.notes())


def test_vehicles_of_one_side_are_named():
    content = two_funds() | {"run": {"paths": 4, "seed": 5}}
    alone = fs.Scenario.from_dict(content | {"vehicles": content["vehicles"][:1]})
    found = fs.compare({"both": fs.Scenario.from_dict(content), "alone": alone}, progress=False)
    assert {vehicle for vehicle, _ in found.rows} == {"one"}
    assert set(found.one_sided["only_in"]) == {"both"}
    assert any("Only in both" in note and "two" in note for note in found.notes())
    assert found.changes[["path", "kind"]].to_numpy().tolist() == [["vehicles.two", "removed"]]


def test_a_vehicle_that_no_pair_defines_is_not_called_the_same():
    """Its first deal would come after the horizon, so it never calls and has no return on any path."""
    content = two_funds() | {"run": {"paths": 4, "seed": 5}}
    idle = {**content["vehicles"][1], "name": "idle"}
    idle["mandate"] = {**idle["mandate"], "from_years": 50}
    idle["terms"] = {"fee_rate": 0}
    base = fs.Scenario.from_dict(content | {"vehicles": [*content["vehicles"], idle]})
    found = fs.compare({"a": base, "b": base.override({"vehicles.one.terms.fee_rate": "2%"})}, progress=False)
    assert found.measures.query("vehicle == 'idle' and measure == 'tvpi'")["paths"].max() == 0
    for lang in ("en", "zh"):
        key = label("compare.no_pairs", lang, names="idle")
        assert key in found.text(lang)
        assert "idle" not in next(
            line for line in found.text(lang).splitlines() if label("compare.same", lang, names="two") in line
        )


def test_a_change_that_vehicles_have_alike_is_told_once():
    base = cluster(12, 2)
    funds = [vehicle.name for vehicle in base.vehicles if vehicle.kind == "sub_fund"]

    def told(n, lang="en", **more):
        changed = {f"vehicles.{name}.terms.fee_rate": 0.01 for name in funds[:n]} | more
        return change_sentences(changes_between(base, base.override(changed)), base, lang)

    titles = [base.title_of(name, "en") for name in funds]
    assert told(1) == [f"{titles[0]} · terms · management fee: 1.5% → 1% a year"]
    assert told(3) == [f"{', '.join(titles[:3])} · terms · management fee: 1.5% → 1% a year"]
    assert told(12) == ["12 vehicles · terms · management fee: 1.5% → 1% a year"]
    assert told(12, "zh") == ["12 只基金 · 条款 · 管理费率：1.5% → 1%/年"]
    other = {f"vehicles.{funds[0]}.terms.term_years": 12, f"vehicles.{funds[1]}.terms.fee_rate": 0.02}
    assert len(told(12, **other)) == 3


def test_a_longer_horizon_is_compared_over_the_common_years():
    found = compared(scenario(horizon_years=9.0))
    assert found.dpi_by_year["year"].max() == 8
    assert any("runs for 9 years" in note for note in found.notes())


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_text_fits_a_terminal(lang):
    many = scenario(
        **{
            "vehicles.one.terms": {"carry_rate": "10%", "hurdle_rate": 0.05, "calls": [0.5, 0.5]},
            "market.window.states.shut.listing_pass": 0.3,
            "park.streams.old.per_year": 7,
        }
    )
    found = compared(many, dearer())
    lines = found.text(lang).splitlines()
    assert max(map(display_width, lines)) <= 80
    assert found.text(lang).count("噪声" if lang == "zh" else "noise") >= 1
    if lang == "en":
        assert repr(found) == found.text()
        html = found._repr_html_()
        assert html.count("<table>") == html.count("</table>") == 2
        assert "<td>+" in html


def test_a_vehicle_alone_can_be_asked_for():
    found = compared(dearer(), vehicles=["one"], investors=["all"])
    assert list(found.rows) == [("one", "all")]
    assert set(found.measures["vehicle"]) == {"one"}
    assert set(found.landing["vehicle"]) == {"one"}


def test_more_than_one_thread_changes_no_bit():
    a, b = (compared(dearer(), threads=n) for n in (1, 3))
    for one, other in itertools.pairwise((a.differences, b.differences)):
        assert one.equals(other)


# Runs read back from their folders


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Two stored runs of one seed, and one as older versions wrote it."""
    home = tmp_path_factory.mktemp("runs")
    for name, one in (("base", scenario()), ("dear", dearer()), ("old", scenario())):
        one.save(home / f"{name}.yaml")
        assert main(["run", str(home / f"{name}.yaml"), "--out", str(home / name)]) == 0
    for name in ("years", "landing"):
        (home / "old" / f"{name}.parquet").unlink()
    summary = json.loads((home / "old" / "summary.json").read_text(encoding="utf-8"))
    summary.pop("kernels")
    (home / "old" / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    return home


def test_folders_give_the_same_frames_as_scenarios(folders):
    stored = fs.compare({"base": folders / "base", "other 1": folders / "dear"})
    live = compared(dearer())
    for name in ("measures", "dpi_by_year", "calls_by_year", "leverage", "landing", "changes", "one_sided"):
        pd.testing.assert_frame_equal(stored.table(name), live.table(name), check_exact=True)
    assert stored.shared == {}
    assert not any("kernels" in note for note in stored.notes())


def test_an_older_folder_gives_bounds_and_it_is_said(folders):
    found = fs.compare({"old": folders / "old", "dear": dearer()}, progress=False)
    assert found.calls_by_year["is_bound"].all()
    assert found.dpi_by_year.empty
    assert not found.measures["is_bound"].any()
    paired = compared(dearer()).calls_by_year
    both = found.calls_by_year.merge(paired, on=["vehicle", "investor", "year"], suffixes=("", "_paired"))
    assert (both["standard_error"] >= both["standard_error_paired"] - 1e-12).all()
    assert np.allclose(both["difference"], both["difference_paired"], atol=1e-6)  # kept in single precision
    notes = " ".join(found.notes())
    assert "upper bounds" in notes
    assert "not known to be of the same kernels" in notes
    assert max(map(display_width, found.text("zh").splitlines())) <= 80


def test_a_folder_and_its_own_scenario_do_not_differ(folders):
    found = fs.compare({"stored": folders / "base", "again": folders / "base.yaml"}, progress=False)
    known = found.differences[found.differences["paths"] > 1]
    assert set(known["verdict"]) == {"none"}
    assert known["difference"].eq(0.0).all()


def test_years_are_told_whole_within_eighty_columns():
    text = fs.compare({"qinchuangyuan": scenario(), "dearer": dearer()}, progress=False).text()
    assert "  calls, year 1 " in text and "  DPI, year 3 " in text


def test_long_names_that_begin_alike_are_told_apart():
    sides = {"qinchuangyuan before": scenario(), "qinchuangyuan after": dearer()}
    head = fs.compare(sides, progress=False).text().splitlines()[8]
    assert head.split()[:4] == ["…n", "before", "…an", "after"]


def test_blocks_of_another_size_are_simply_run():
    crowded = scenario(**{"park.streams.old.per_year": 2000.0, "run.paths": 6})
    found = fs.compare({"base": scenario(**{"run.paths": 6}), "crowded": crowded}, progress=False)
    assert block_paths(make_plan(crowded)) != block_paths(make_plan(scenario()))
    assert found.shared["crowded"] == ()
    assert any("shares no pass" in note for note in found.notes())
    alone = fs.simulate(crowded, progress=False).arrays
    assert all(found.runs["crowded"].arrays[array].tobytes() == alone[array].tobytes() for array in SHAPES)


def test_intervals_of_paired_differences_hold_at_their_rate():
    """Of 400 samples of 60 pairs, 95 % hold the truth, give or take 3 errors of 1.1 %."""
    draws = np.random.default_rng(7).normal(size=(2, 400, 60))
    held = 0
    for common, own in zip(*draws, strict=True):
        row = difference(common, 0.9 * common + 0.2 + 0.3 * own, 1)
        held += row["low"] <= 0.2 <= row["high"]
    assert 0.917 <= held / 400 <= 0.983
