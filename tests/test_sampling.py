"""Mirrored pairs and control variates: estimates against the obvious formulas, coverage, and whole runs."""

import json
from functools import cache
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest

from fundsim import load_results, load_scenario, simulate
from fundsim.cli import main
from fundsim.plan import make_plan
from fundsim.results.controls import control_variates, window_law
from fundsim.sampling import GROUPS_PER_CONTROL, Moments, Sampling, design_effect, error_of_sums
from fundsim.scenario import Scenario
from fundsim.simulate import Worker
from fundsim.statistics import LEVELS, WIDTH, statistics
from tests.plain_scenarios import fund, plain, property_block, sector, stage

NORMAL = NormalDist()


def none(n):
    return np.zeros((n, 0))


def pair_sums(values):
    return [sum(values[first : first + 2]) for first in range(0, len(values), 2)]


# Estimates


def obvious_pairs(values):
    """Mean of the defined values, and its error from residuals added over pairs."""
    defined = [value for value in values if not np.isnan(value)]
    mean = sum(defined) / len(defined)
    residuals = pair_sums([0.0 if np.isnan(value) else value - mean for value in values])
    m = sum(any(not np.isnan(v) for v in values[first : first + 2]) for first in range(0, len(values), 2))
    return mean, np.sqrt(m / (m - 1) * sum(r**2 for r in residuals)) / len(defined)


@pytest.mark.parametrize("n", [4, 5, 200, 201])
@pytest.mark.parametrize("missing", [0.0, 0.4])
def test_pairs_have_the_error_of_their_sums(n, missing):
    rng = np.random.default_rng(n)
    values = rng.normal(3.0, 2.0, n)
    values[1::2] -= 0.5 * values[: len(values[1::2]) * 2 : 2]
    values[2:][rng.random(n - 2) < missing] = np.nan
    found = statistics(values, sampling=Sampling(True, none(n)))
    assert (found["mean"], found["standard_error"]) == pytest.approx(obvious_pairs(list(values)), rel=1e-12)


def test_pairs_that_cancel_have_no_error_and_equal_pairs_twice_the_variance():
    rng = np.random.default_rng(1)
    first = rng.normal(size=5_000)
    sampling = Sampling(True, none(10_000))
    cancelling, equal = np.stack([first, -first], axis=1).ravel(), np.repeat(first, 2)
    assert statistics(cancelling, sampling=sampling)["standard_error"] == pytest.approx(0.0, abs=1e-12)
    ours, plain_ = statistics(equal, sampling=sampling), statistics(equal)
    assert ours["standard_error"] == pytest.approx(np.sqrt(2.0) * plain_["standard_error"], rel=1e-3)
    for name in LEVELS:
        ratio = ours[f"{name}_standard_error"] / plain_[f"{name}_standard_error"]
        assert ratio == pytest.approx(np.sqrt(2.0), rel=0.3)
    assert design_effect(cancelling <= 0.0, np.ones(10_000, bool), 2) == pytest.approx(0.0, abs=1e-12)
    assert design_effect(equal <= 0.3, np.ones(10_000, bool), 2) == pytest.approx(2.0, rel=1e-12)


def obvious_regression(values, controls):
    """Intercept and its error of least squares on controls, from the normal equations."""
    design = np.column_stack([np.ones(len(values)), controls])
    inverse = np.linalg.inv(design.T @ design)
    slopes = inverse @ design.T @ values
    rest = values - design @ slopes
    return slopes[0], np.sqrt(rest @ rest / (len(values) - design.shape[1]) * inverse[0, 0])


def controlled(rng, n):
    """Values of which two of three controls explain much."""
    controls = rng.normal(size=(n, 3))
    return 5.0 + controls @ [1.0, -2.0, 0.0] + rng.normal(size=n), controls


def test_controls_give_the_intercept_of_a_regression():
    values, controls = controlled(np.random.default_rng(2), 400)
    found = statistics(values, sampling=Sampling(False, controls))
    expected = obvious_regression(values, controls)
    assert (found["mean"], found["standard_error"]) == pytest.approx(expected, rel=1e-12)
    assert found["standard_error"] < 0.5 * statistics(values)["standard_error"]
    quantiles = {name: value for name, value in found.items() if name.startswith("p")}
    assert quantiles == {name: statistics(values)[name] for name in quantiles}


def test_controls_of_pairs_are_those_of_their_sums():
    values, controls = controlled(np.random.default_rng(3), 600)
    found = statistics(values, sampling=Sampling(True, controls))
    sums = np.array(pair_sums(list(values))), np.array(pair_sums(list(controls)))
    mean, error = obvious_regression(*sums)
    assert (found["mean"], found["standard_error"]) == pytest.approx((mean / 2, error / 2), rel=1e-12)


def test_controls_that_say_nothing_new_are_left_out():
    values, controls = controlled(np.random.default_rng(4), 400)
    more = np.column_stack([controls, np.zeros(400), controls[:, 0] - controls[:, 1], np.full(400, 1e-9)])
    ours, expected = (statistics(values, sampling=Sampling(False, each)) for each in (more, controls))
    assert ours == pytest.approx(expected, rel=1e-9)


def test_controls_are_left_aside_where_they_do_not_help_or_paths_are_few():
    rng = np.random.default_rng(5)
    unrelated = [statistics(rng.normal(size=300), sampling=Sampling(False, rng.normal(size=(300, 2)))) for _ in range(40)]  # fmt: skip
    rng = np.random.default_rng(5)
    alone = [statistics((rng.normal(size=300), rng.normal(size=(300, 2)))[0]) for _ in range(40)]
    pairs = list(zip(unrelated, alone, strict=True))
    assert all(one["standard_error"] <= other["standard_error"] * (1 + 1e-12) for one, other in pairs)
    assert sum(one["mean"] == pytest.approx(other["mean"], abs=1e-12) for one, other in pairs) > 20
    few = GROUPS_PER_CONTROL * 4
    values, controls = controlled(np.random.default_rng(6), few)
    assert statistics(values, sampling=Sampling(False, controls)) == pytest.approx(statistics(values))
    values, controls = controlled(np.random.default_rng(6), few + 1)
    assert statistics(values, sampling=Sampling(False, controls))["mean"] != pytest.approx(values.mean())


def test_where_a_measure_is_undefined_controls_do_not_bias_its_mean():
    """A value that exists only in good markets: the control's mean over those paths is not 0, over all paths it is."""
    rng, estimates, errors = np.random.default_rng(7), [], []
    for _ in range(400):
        market = rng.normal(size=500)
        values = np.where(market > 0.0, market + rng.normal(size=500), np.nan)
        found = statistics(values, sampling=Sampling(False, market[:, None]))
        estimates.append(found["mean"])
        errors.append(found["standard_error"])
    true = np.sqrt(2.0 / np.pi)
    assert np.mean(estimates) == pytest.approx(true, abs=4 * np.std(estimates) / 20 + 0.002)
    assert np.mean(errors) == pytest.approx(np.std(estimates), rel=0.15)


def test_absurd_values_are_no_harm():
    controls = np.random.default_rng(8).normal(size=(100, 1))
    for sampling in (Sampling(True, none(100)), Sampling(False, controls), Sampling(True, controls)):
        huge = np.where(np.arange(100) % 2 == 0, 1e200, 0.0)
        assert statistics(huge, sampling=sampling)["mean"] == pytest.approx(5e199)
        infinite = np.where(np.arange(100) == 3, np.inf, 1.0)
        with np.errstate(invalid="ignore"):
            assert statistics(infinite, sampling=sampling)["mean"] == np.inf
        same = statistics(np.full(100, 3.0), sampling=sampling)
        assert (same["mean"], same["standard_error"]) == (3.0, 0.0)
        undefined = statistics(np.full(100, np.nan), sampling=sampling)
        assert np.isnan(undefined["mean"])
        never = statistics(np.zeros(100), True, sampling)
        assert never["mean"] == 0.0
        assert never["standard_error"] == statistics(np.zeros(100), True)["standard_error"]


@pytest.mark.parametrize("is_antithetic", [False, True])
def test_moments_joined_by_block_are_those_of_all_paths(is_antithetic):
    values, controls = controlled(np.random.default_rng(9), 1_000)
    values[::7] = np.nan
    whole, joined, sampling = Moments(), Moments(), Sampling(is_antithetic, controls)
    whole.add(values, sampling)
    for first, last in ((0, 2), (2, 600), (600, 1_000)):
        joined.add(values[first:last], sampling.paths(first, last))
    assert joined.estimate() == pytest.approx(whole.estimate(), rel=1e-10)


def test_errors_from_sums_are_those_of_values():
    values = np.random.default_rng(10).normal(2.0, 1.0, 500)
    for group in (1, 2):
        squares = np.array([(values.reshape(-1, group).sum(axis=1) ** 2).sum()])
        found = error_of_sums(squares, np.array([values.mean()]), 500, group)
        expected = statistics(values, sampling=Sampling(group == 2, none(500)))["standard_error"]
        assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("kind", ["pairs", "controls", "both"])
def test_intervals_cover(kind):
    """Of a skewed value, a chance of 3 % and quantiles, all moved by what is mirrored or a control."""
    rng, n, runs = np.random.default_rng(11), 2_000, 400
    held = dict.fromkeys(("mean", "chance", *LEVELS), 0)
    spread = np.hypot(0.5, 0.4)
    true = {"mean": np.exp(spread**2 / 2), "chance": 0.03}
    true |= {name: np.exp(spread * NORMAL.inv_cdf(level)) for name, level in LEVELS.items()}
    edge = np.exp(spread * NORMAL.inv_cdf(0.97))
    for _ in range(runs):
        if kind == "controls":
            market = rng.normal(size=n)
        else:
            half = rng.normal(size=n // 2)
            market = np.stack([half, -half], axis=1).ravel()
        controls = none(n) if kind == "pairs" else np.stack([market, market**2 - 1.0], axis=1)
        sampling = Sampling(kind != "controls", controls)
        values = np.exp(0.5 * market + 0.4 * rng.normal(size=n))
        found = statistics(values, sampling=sampling)
        chance = statistics((values > edge).astype(float), True, sampling)
        estimates = {name: (found[name], found[f"{name}_standard_error"]) for name in LEVELS}
        estimates |= {"mean": (found["mean"], found["standard_error"])}
        estimates |= {"chance": (chance["mean"], chance["standard_error"])}
        for name, (estimate, error) in estimates.items():
            held[name] += abs(estimate - true[name]) <= WIDTH * error
    # 400 intervals of 95 %: standard deviation 1.1 %
    assert {name: n for name, n in held.items() if not 0.91 <= n / runs <= 0.985} == {}


# Runs


def content(**run):
    """A fund in a market that moves, one that closes in part, and property."""
    only = stage(years=4.0, volatility=0.3, outcomes={"merger": 0.9, "failure": 0.1})
    scenario = plain([fund(deals=10, size=100.0), fund("other", deals=4, size=50.0)], [sector(stages=[only])])
    scenario["sectors"][0]["betas"] = [{"factor": "market", "beta": 1.2}, {"factor": "cycle", "beta": 0.5}]
    scenario["market"] = {
        "index": {"drift": 0.05, "volatility": 0.25},
        "factors": [{"name": "cycle", "volatility": 0.2}, {"name": "still", "volatility": 0.0}],
        "window": {
            "states": [{"name": "open"}, {"name": "shut", "financing_valuation": 0.7}],
            "transition": {"generator": {"open": {"shut": 0.5}, "shut": {"open": 0.5}}},
            "initial": "stationary",
            "history": [{"from": "2023-01-01", "state": "shut"}, {"from": "2023-07-01", "state": "open"}],
        },
    }
    scenario["closing"] = {"raised_share": {"mean": 0.8, "sd": 0.1}, "correlation": 0.5}
    scenario["property"] = property_block()
    scenario["property"]["reits"][0]["probability"] = {"open": 0.5, "shut": 0.5}
    scenario["run"] |= {"paths": 2_000} | run
    return scenario


@cache
def run(**settings):
    return simulate(Scenario.from_dict(content(**settings)), progress=False)


def means(results):
    table = results.summary().set_index(["vehicle", "investor", "measure"])
    return table.loc[("fund", "all", "net_irr")], table.loc[("fund", "all", "loss")]


def test_even_paths_are_those_without_pairs_and_odd_ones_are_not():
    alone, pairs = run(), run(antithetic=True)
    ours, expected = pairs.irr("fund"), alone.irr("fund")
    np.testing.assert_array_equal(ours[::2], expected[::2])
    assert (ours[1::2] != expected[1::2]).all()
    # the market moves a fund up on one path of a pair and down on the other
    assert np.corrcoef(ours[::2], ours[1::2])[0, 1] < -0.3
    assert abs(np.corrcoef(expected[::2], expected[1::2])[0, 1]) < 4 / np.sqrt(1_000)


def test_pairs_and_controls_make_errors_smaller_and_agree():
    variants = [{}, {"antithetic": True}, {"control_variates": True}]
    variants.append({"antithetic": True, "control_variates": True})
    alone, *others = (means(run(**each)) for each in variants)
    for way, other in zip(variants[1:], others, strict=True):
        for one, two in zip(alone, other, strict=True):
            # chances are shares of the paths, which controls leave alone
            least = 0.9 if "antithetic" in way or one.name[2] != "loss" else 1.0
            assert two["standard_error"] <= least * one["standard_error"]
            spread = np.hypot(one["standard_error"], two["standard_error"])
            assert abs(one["mean"] - two["mean"]) < 4 * spread


def test_control_variates_move_means_only():
    alone, controlled_ = run(), run(control_variates=True)
    for name, array in alone.arrays.items():
        if name != "controls":
            np.testing.assert_array_equal(array, controlled_.arrays[name], err_msg=name)
    assert alone.arrays["controls"].shape == (2_000, 0)
    columns = [name for name in alone.summary() if name not in ("mean", "standard_error")]
    assert alone.summary()[columns].equals(controlled_.summary()[columns])
    chances = [one.summary().query("measure == 'loss'") for one in (alone, controlled_)]
    pd.testing.assert_frame_equal(*chances, rtol=1e-12)
    assert not alone.summary()["mean"].equals(controlled_.summary()["mean"])
    assert alone.leverage()["mean"].shape == controlled_.leverage()["mean"].shape


def test_errors_of_flows_of_pairs_are_those_of_kept_series():
    for settings in ({}, {"antithetic": True}):
        results = run(**settings)
        table = results.cash_flows("fund", "all")
        for flow in ("contribution", "distribution", "cumulative_net"):
            series = results.paths_of(flow, "fund")
            rows = table[table["flow"] == flow]
            expected = [
                statistics(series[:, t], sampling=results.sampling)["standard_error"]
                for t in range(series.shape[1])
            ]
            np.testing.assert_allclose(rows["standard_error"], expected, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("file", ["suzhou_industrial_park.yaml", None])
def test_controls_have_mean_zero_and_a_scale_of_one_at_most(file):
    n = 1_500
    scenario = Scenario.from_dict(content()) if file is None else load_scenario(f"scenarios/{file}")
    plan = make_plan(scenario.override({"run.control_variates": True, "run.paths": n}))
    found = []
    worker, size = Worker(plan), plan.block_paths
    for first in range(0, n, size):
        passes = worker.passes(first, min(size, n - first))
        found.append(control_variates(plan, passes.market, passes.homes))
    controls = np.concatenate(found)
    assert controls.shape[1] >= 4
    spread = controls.std(axis=0)
    assert np.all(np.abs(controls.mean(axis=0)) <= 4.5 * spread / np.sqrt(n))
    assert spread.max() < 1.1


def test_the_law_of_the_window_is_that_of_paths():
    plan = make_plan(Scenario.from_dict(content()))
    law, window = window_law(plan), Worker(plan).passes(0, 2_000).market.window
    assert law.sum(axis=1) == pytest.approx(np.ones(len(law)), rel=1e-12)
    for state in range(2):
        share = (window == state).mean(axis=0)
        assert np.all(
            np.abs(share - law[:, state]) <= 4.5 * np.sqrt(law[:, state] * (1 - law[:, state]) / 2_000)
        )


@pytest.mark.parametrize("settings", [{"antithetic": True}, {"antithetic": True, "control_variates": True}])
def test_threads_blocks_and_more_paths_change_nothing(settings):
    whole, blocks = run(**settings), []
    scenario = Scenario.from_dict(content(**settings))
    again = simulate(scenario, threads=1, progress=False, on_block=blocks.append)
    resumed = simulate(scenario, progress=False, blocks_done=blocks[::2])
    shorter = simulate(scenario, paths=500, progress=False)
    for name, array in whole.arrays.items():
        np.testing.assert_array_equal(array, again.arrays[name], err_msg=name)
        np.testing.assert_array_equal(array, resumed.arrays[name], err_msg=name)
    np.testing.assert_array_equal(shorter.irr("fund"), whole.irr("fund")[:500])
    assert all(block.first_path % 2 == 0 and block.n_paths % 2 == 0 for block in blocks)


def test_a_path_is_told_as_it_was_in_the_run():
    results = run(antithetic=True)
    told = results.trace(7).measures
    row = told[(told["vehicle"] == "fund") & (told["investor"] == "all")].iloc[0]
    assert row["net_irr"] == results.irr("fund")[7]


def test_a_precision_is_reached_with_fewer_paths():
    wanted = {"fund/net_irr": float(means(run())[0]["standard_error"])}
    stopped = [
        simulate(Scenario.from_dict(content(**settings)), paths=8_000, precision=wanted, progress=False)
        for settings in ({}, {"antithetic": True}, {"control_variates": True})
    ]
    assert all(row["reached"] for results in stopped for row in results.precision())
    plain_, *better = (results.n_paths for results in stopped)
    assert max(better) < 0.85 * plain_
    table = means(stopped[2])[0]
    assert table["standard_error"] <= wanted["fund/net_irr"]


def test_options_of_the_command_and_of_python(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text(json.dumps(content(paths=40)), encoding="utf-8")
    assert (
        main(["run", "mine.yaml", "--antithetic", "--control-variates", "--out", "one", "--lang", "en"]) == 0
    )
    stored = load_results("one")
    assert stored.scenario.run.antithetic
    assert stored.scenario.run.control_variates
    ours = simulate(load_scenario("mine.yaml"), antithetic=True, control_variates=True, progress=False)
    assert stored.summary().equals(ours.summary())
    assert not simulate(ours.scenario, antithetic=False, progress=False).scenario.run.antithetic
    capsys.readouterr()
    assert main(["run", "mine.yaml", "--antithetic", "--paths", "41", "--out", "two", "--lang", "en"]) == 2
    assert "41 paths do not come in mirrored pairs; give an even number" in capsys.readouterr().err
    assert main(["trace", "mine.yaml", "--path", "3", "--set", "run.antithetic=true", "--lang", "en"]) == 0
