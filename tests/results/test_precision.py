"""Runs that end when they are precise enough: where they stop, that
nothing but the paths decides it, what they say.
"""

import json
from functools import cache

import numpy as np
import pytest

from fundsim import load_results, simulate
from fundsim.cli import main
from fundsim.engine.passes import block_paths
from fundsim.errors import ArgumentError, ScenarioError
from fundsim.experiments.observing import Observed
from fundsim.results.precision import LEAST_PATHS, moments_error
from fundsim.sampling import Moments, Sampling
from fundsim.scenario import Scenario
from fundsim.statistics import statistics
from tests.makers.plain_scenarios import fund, plain, sector, stage

MOST = 4_000
WANTED = {"fund/net_irr": 0.0017, "fund/investor/loss": 0.0085}


def content(**fields):
    """One fund in ten deals that are sold after four to five years, on average, at a lognormal value."""
    only = stage(years=4.0, volatility=0.4, outcomes={"merger": 0.8, "failure": 0.2})
    return plain([fund(deals=10, size=100.0, **fields)], [sector(stages=[only])])


def run(precision=None, paths=MOST, **options):
    return simulate(
        Scenario.from_dict(content()), paths=paths, progress=False, precision=precision, **options
    )


@cache
def whole():
    """All paths, as blocks too."""
    blocks = []
    return run(threads=1, on_block=blocks.append), blocks


def errors(n):
    """The standard errors of `WANTED` over the first n paths of the whole run."""
    results, _ = whole()
    values = (results.irr("fund")[:n], results.measure("loss", "fund", "investor")[:n])
    return [statistics(each, is_chance=k == 1)["standard_error"] for k, each in enumerate(values)]


def first_enough():
    """The end of the first whole block from the least paths on at which every error is small enough."""
    size = block_paths(whole()[0].plan)
    ends = range(-(-LEAST_PATHS // size) * size, MOST, size)
    return next(n for n in ends if all(e <= w for e, w in zip(errors(n), WANTED.values(), strict=True)))


def assert_same(ours, other):
    assert ours.n_paths == other.n_paths
    for name, array in ours.arrays.items():
        np.testing.assert_array_equal(array, other.arrays[name], err_msg=name)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_a_run_ends_at_the_first_block_that_is_enough_whatever_the_threads(threads):
    n = first_enough()
    assert LEAST_PATHS + block_paths(whole()[0].plan) < n < MOST  # else nothing is tested
    results = run(WANTED, threads=threads)
    assert results.n_paths == n
    assert [row["standard_error"] for row in results.precision()] == errors(n)
    assert all(row["reached"] for row in results.precision())
    assert_same(results, run(paths=n))


@pytest.mark.parametrize("order", ["first", "last", "all", "without the first"])
def test_blocks_of_an_interrupted_run_change_nothing(order):
    _, blocks = whole()
    done = {"first": blocks[:3], "last": blocks[-3:], "all": blocks[::-1], "without the first": blocks[1:]}
    new = []
    results = run(WANTED, blocks_done=done[order], on_block=new.append, threads=1)
    assert_same(results, run(WANTED))
    n_first = -(-first_enough() // block_paths(results.plan))
    left = {"first": n_first - 3, "last": n_first, "all": 0, "without the first": 1}
    assert len(new) == left[order]


def test_kept_paths_beyond_the_end_are_cut():
    scenario = Scenario.from_dict(content()).override({"run.kept_paths": 1_100})
    results = simulate(scenario, paths=MOST, progress=False, precision=WANTED)
    assert results.kept_paths == 1_100
    assert run(WANTED).kept_paths == first_enough()
    assert results.paths_of("nav", "fund").shape == (1_100, len(results.dates))


def test_investors_shares_that_differ_from_path_to_path_are_cut_too():
    closing = {"raised_share": {"mean": 0.9, "sd": 0.05}, "paid_in_rate": {"mean": 0.9, "sd": 0.05}}
    scenario = Scenario.from_dict(content() | {"closing": closing})
    results = simulate(scenario, paths=MOST, progress=False, precision={"fund/investor/paid_in_share": 0.01})
    assert LEAST_PATHS <= results.n_paths < MOST
    assert_same(results, simulate(scenario, paths=results.n_paths, progress=False))


def test_a_run_that_is_not_precise_enough_has_all_paths_and_says_so():
    wanted = {"fund/tvpi": 1e-6, "fund/dpi": 10.0}
    results = run(wanted, paths=1_500)
    assert results.n_paths == 1_500
    assert [row["reached"] for row in results.precision()] == [False, True]
    assert_same(results, run(paths=1_500))


def test_the_scenario_says_it_as_well_as_an_argument_and_null_is_none():
    scenario = Scenario.from_dict(content()).override({"run.precision": WANTED})
    assert_same(simulate(scenario, paths=MOST, progress=False), run(WANTED))
    none = simulate(scenario, paths=1_200, progress=False, precision=dict.fromkeys(WANTED))
    assert (none.n_paths, none.precision()) == (1_200, [])


def test_a_fit_has_all_its_paths():
    scenario = Scenario.from_dict(content()).override({"run.precision": {"fund/tvpi": 100.0}})
    assert Observed(scenario, 1_200, 1).results.n_paths == 1_200


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_losses_that_all_paths_or_none_have_shown_end_no_run_at_once(rate):
    """Their spread is zero; the error of a chance is not: √2/n,
    near enough, so 0.0005 takes some 2,830 paths.
    """
    certain = plain([fund(deals=1)], [sector(stages=[stage(drift=0.1 if rate == 0 else -0.1)])])
    precision = {"fund/loss": 0.0005, "fund/tvpi": 1e-9}
    results = simulate(Scenario.from_dict(certain), paths=4_000, progress=False, precision=precision)
    assert results.measure("loss", "fund").mean() == rate
    assert 2_810 < results.n_paths < 2_830 + block_paths(results.plan)
    assert results.precision()[0]["standard_error"] == pytest.approx(np.sqrt(2) / results.n_paths, rel=0.002)
    # the multiple is certain up to rounding, and ends the run as soon as it may
    alone = simulate(Scenario.from_dict(certain), paths=4_000, progress=False, precision={"fund/tvpi": 1e-9})
    assert alone.n_paths < LEAST_PATHS + block_paths(results.plan)


def test_undefined_measures_are_told():
    with pytest.raises(
        ArgumentError, match=r"payback_years of fund/all is undefined on 1,\d\d\d of the first"
    ):
        broken = plain([fund(deals=1)], [sector(stages=[stage(outcomes={"failure": 1.0})])])
        precision = {"fund/payback_years": 0.1}
        simulate(Scenario.from_dict(broken), paths=MOST, progress=False, precision=precision)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("net_irr", "'net_irr' names no vehicle and measure; write VEHICLE/MEASURE or"),
        ("fond/net_irr", "there is no vehicle 'fond'; did you mean 'fund'?"),
        ("fund/me/net_irr", "there is no investor of 'fund' called 'me'; there are investor, all"),
        ("fund/irr", "there is no measure 'irr'; did you mean"),
        ("fund/investor/gross_irr", "gross_irr is of a vehicle and undefined for an investor"),
    ],
)
def test_names_that_do_not_exist_are_told_before_anything_is_simulated(name, message):
    with pytest.raises(ScenarioError) as caught:
        run({name: 0.1})
    assert message in str(caught.value)


@pytest.mark.parametrize("wanted", [0, -1, float("nan"), "little"])
def test_errors_that_cannot_be_reached_are_refused(wanted):
    with pytest.raises(ScenarioError, match=r"run\.precision\.fund/tvpi"):
        run({"fund/tvpi": wanted})


def test_names_may_hold_slashes():
    scenario = Scenario.from_dict(
        plain([fund(name="a/b", investors=[{"name": "c/d", "kind": "social", "commitment": 100.0}])])
    )
    results = simulate(scenario, progress=False, precision={"a/b/c/d/tvpi": 1.0, "a/b/all/dpi": 1.0})
    found = [(row["vehicle"], row["investor"], row["measure"]) for row in results.precision()]
    assert found == [("a/b", "c/d", "tvpi"), ("a/b", "all", "dpi")]


def test_sums_joined_by_block_give_the_standard_error():
    values = np.random.default_rng(3).normal(1e6, 1.0, 1_000)
    values[::7] = np.nan
    moments = Moments()
    assert moments_error(moments, "tvpi") == np.inf
    for part in np.split(values, [1, 8, 9, 500]):
        moments.add(part, Sampling(1, np.zeros((len(part), 0))))
    # deviations of 1 from a mean of 1e6 keep ten digits
    assert moments_error(moments, "tvpi") == pytest.approx(statistics(values)["standard_error"], rel=1e-9)


# The command


@pytest.fixture
def mine(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text(json.dumps(content()), encoding="utf-8")
    return "mine.yaml"


@pytest.mark.slow
def test_the_command_stops_says_so_and_gives_the_same_again(mine, tmp_path, capsys):
    options = [f"--precision={name}={wanted}" for name, wanted in WANTED.items()]
    command = ["run", mine, "--paths", str(MOST), "--lang", "en", *options]
    assert main([*command, "--out", "one"]) == 0
    told = capsys.readouterr().out
    n = first_enough()
    assert f"Precise enough after {n:,} paths ({MOST:,} at most)" in told
    assert "Net IRR of fund: " in told and "Loss (TVPI < 1) of fund / investor: " in told
    summary = json.loads((tmp_path / "one" / "summary.json").read_text("utf-8"))
    assert summary["paths"] == n
    assert summary["precision"]["reached"] is True
    assert summary["precision"]["most_paths"] == MOST
    assert [row["wanted"] for row in summary["precision"]["standard_errors"]] == list(WANTED.values())
    stored = load_results(tmp_path / "one")
    assert stored.precision() == summary["precision"]["standard_errors"]
    # complete already
    assert main([*command, "--out", "one", "--resume"]) == 0
    again = capsys.readouterr().out
    assert "nothing was left to do" in again and f"Precise enough after {n:,} paths" in again
    # the resolved scenario alone gives the same run
    assert main(["run", "one/scenario.yaml", "--out", "two"]) == 0
    assert (tmp_path / "two" / "measures.parquet").read_bytes() == (
        tmp_path / "one" / "measures.parquet"
    ).read_bytes()


def test_the_command_tells_what_would_be_enough(mine, capsys):
    assert main(["run", mine, "--paths", "200", "--precision", "fund/tvpi=0.1%", "--lang", "zh"]) == 0
    told = capsys.readouterr().out
    assert "200 条路径后仍未达到要求的精度（上限 200 条）" in told
    assert "要求 0.001；约需 " in told


def test_a_measure_that_is_undefined_leaves_nothing_begun(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    broken = plain([fund(deals=1)], [sector(stages=[stage(outcomes={"failure": 1.0})])])
    (tmp_path / "mine.yaml").write_text(json.dumps(broken), encoding="utf-8")
    command = ["run", "mine.yaml", "--out", "one", "--paths", "2000", "--precision"]
    assert main([*command, "fund/payback_years=0.1"]) == 2
    assert "is undefined on" in capsys.readouterr().err
    assert list((tmp_path / "one").iterdir()) == []
