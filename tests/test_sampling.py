"""Mirrored pairs and control variates: estimates against the obvious formulas, coverage, and whole runs."""

import json
from functools import cache
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest

from fundsim import load_results, load_scenario, simulate
from fundsim.cli import main
from fundsim.engine.passes import run_passes
from fundsim.errors import ArgumentError
from fundsim.experiments.measuring import Sample, jackknife
from fundsim.plan import make_plan
from fundsim.results.block import HOLDINGS, PROJECT_AMOUNTS, PROJECT_EVENTS, PROJECT_YEARS, PROPERTY_YEARS
from fundsim.results.controls import control_variates, n_controls, window_law
from fundsim.results.property import correlation
from fundsim.sampling import GROUPS_PER_CONTROL, LEAST_PAIRS, Moments, Sampling, design_effect, error_of_sums
from fundsim.scenario import Scenario
from fundsim.statistics import LEVELS, WIDTH, statistics
from fundsim.vocabulary import VehicleFlow
from tests.makers.plain_scenarios import fund, plain, property_block, property_vehicle, sector, stage

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
    found = statistics(values, sampling=Sampling(2, none(n)))
    assert (found["mean"], found["standard_error"]) == pytest.approx(obvious_pairs(list(values)), rel=1e-12)


def test_pairs_that_cancel_have_no_error_and_equal_pairs_twice_the_variance():
    rng = np.random.default_rng(1)
    first = rng.normal(size=5_000)
    sampling = Sampling(2, none(10_000))
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
    found = statistics(values, sampling=Sampling(1, controls))
    expected = obvious_regression(values, controls)
    assert (found["mean"], found["standard_error"]) == pytest.approx(expected, rel=1e-12)
    assert found["standard_error"] < 0.5 * statistics(values)["standard_error"]
    quantiles = {name: value for name, value in found.items() if name.startswith("p")}
    assert quantiles == {name: statistics(values)[name] for name in quantiles}


def test_controls_of_pairs_are_those_of_their_sums():
    values, controls = controlled(np.random.default_rng(3), 600)
    found = statistics(values, sampling=Sampling(2, controls))
    sums = np.array(pair_sums(list(values))), np.array(pair_sums(list(controls)))
    mean, error = obvious_regression(*sums)
    assert (found["mean"], found["standard_error"]) == pytest.approx((mean / 2, error / 2), rel=1e-12)


def test_controls_that_say_nothing_new_are_left_out():
    values, controls = controlled(np.random.default_rng(4), 400)
    more = np.column_stack([controls, np.zeros(400), controls[:, 0] - controls[:, 1], np.full(400, 1e-9)])
    ours, expected = (statistics(values, sampling=Sampling(1, each)) for each in (more, controls))
    assert ours == pytest.approx(expected, rel=1e-9)


def test_controls_are_left_aside_where_they_do_not_help_or_paths_are_few():
    rng = np.random.default_rng(5)
    unrelated = [
        statistics(rng.normal(size=300), sampling=Sampling(1, rng.normal(size=(300, 2)))) for _ in range(40)
    ]
    rng = np.random.default_rng(5)
    alone = [statistics((rng.normal(size=300), rng.normal(size=(300, 2)))[0]) for _ in range(40)]
    pairs = list(zip(unrelated, alone, strict=True))
    assert all(one["standard_error"] <= other["standard_error"] * (1 + 1e-12) for one, other in pairs)
    assert sum(one["mean"] == pytest.approx(other["mean"], abs=1e-12) for one, other in pairs) > 20
    few = GROUPS_PER_CONTROL * 4
    values, controls = controlled(np.random.default_rng(6), few)
    assert statistics(values, sampling=Sampling(1, controls)) == pytest.approx(
        statistics(values), nan_ok=True
    )
    values, controls = controlled(np.random.default_rng(6), few + 1)
    assert statistics(values, sampling=Sampling(1, controls))["mean"] != pytest.approx(values.mean())


def test_where_a_measure_is_undefined_controls_do_not_bias_its_mean():
    """A value that exists only in good markets: the control's mean
    over those paths is not 0, over all paths it is.
    """
    rng, estimates, errors = np.random.default_rng(7), [], []
    for _ in range(400):
        market = rng.normal(size=500)
        values = np.where(market > 0.0, market + rng.normal(size=500), np.nan)
        found = statistics(values, sampling=Sampling(1, market[:, None]))
        estimates.append(found["mean"])
        errors.append(found["standard_error"])
    true = np.sqrt(2.0 / np.pi)
    assert np.mean(estimates) == pytest.approx(true, abs=4 * np.std(estimates) / 20 + 0.002)
    assert np.mean(errors) == pytest.approx(np.std(estimates), rel=0.15)


def test_absurd_values_are_no_harm():
    controls = np.random.default_rng(8).normal(size=(100, 1))
    for sampling in (Sampling(2, none(100)), Sampling(1, controls), Sampling(2, controls)):
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


@pytest.mark.parametrize("group", [1, 2])
def test_moments_joined_by_block_are_those_of_all_paths(group):
    values, controls = controlled(np.random.default_rng(9), 1_000)
    values[::7] = np.nan
    whole, joined, sampling = Moments(), Moments(), Sampling(group, controls)
    whole.add(values, sampling)
    for first, last in ((0, 2), (2, 600), (600, 1_000)):
        joined.add(values[first:last], sampling.paths(first, last))
    assert joined.estimate() == pytest.approx(whole.estimate(), rel=1e-10)


def test_errors_from_sums_are_those_of_values():
    values = np.random.default_rng(10).normal(2.0, 1.0, 500)
    for group in (1, 2):
        squares = np.array([(values.reshape(-1, group).sum(axis=1) ** 2).sum()])
        found = error_of_sums(squares, np.array([values.mean()]), 500, group)
        expected = statistics(values, sampling=Sampling(group, none(500)))["standard_error"]
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
        sampling = Sampling(1 if kind == "controls" else 2, controls)
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


def test_few_pairs_are_not_believed_to_gain_for_quantiles():
    sampling = Sampling(2, none(2 * LEAST_PAIRS))
    half = np.random.default_rng(13).normal(size=LEAST_PAIRS)
    values = np.stack([half, -half], axis=1).ravel()
    enough, few = statistics(values, sampling=sampling), statistics(values[:-2], sampling=sampling)
    assert enough["p50_standard_error"] < 0.2 * statistics(values)["p50_standard_error"]
    for name in LEVELS:
        assert few[f"{name}_standard_error"] >= statistics(values[:-2])[f"{name}_standard_error"] * (
            1 - 1e-12
        )
    one = statistics(values[:2], sampling=sampling)
    assert one["mean"] == pytest.approx(0.0, abs=1e-12)
    assert np.isnan([one["standard_error"], *(one[f"{name}_standard_error"] for name in LEVELS)]).all()


@pytest.mark.parametrize(("n_defined", "n_controls_"), [(2, 20), (5, 5), (40, 3), (60, 5)])
def test_where_few_paths_define_a_measure_controls_are_no_excuse(n_defined, n_controls_):
    """Errors with unrelated controls are those without, but for what a regression finds by chance."""
    rng, smaller = np.random.default_rng(14), []
    for _ in range(60):
        values = np.full(2_000, np.nan)
        values[rng.choice(2_000, n_defined, replace=False)] = rng.normal(size=n_defined)
        ours = statistics(values, sampling=Sampling(1, rng.normal(size=(2_000, n_controls_))))
        smaller.append(ours["standard_error"] / statistics(values)["standard_error"])
    if n_defined <= GROUPS_PER_CONTROL * (n_controls_ + 1):
        assert smaller == pytest.approx(np.ones(60))
    assert np.mean(smaller) > 0.9


# Runs


def content(**run):
    """A fund in a market that moves, one that closes in part, and property."""
    only = stage(years=4.0, volatility=0.3, outcomes={"merger": 0.9, "failure": 0.1})
    public = [
        {"name": name, "kind": kind, "commitment": 25.0}
        for name, kind in (("city", "fiscal"), ("x", "social"))
    ]
    vehicles = [
        fund(deals=10, size=100.0),
        fund("other", deals=4, size=50.0, investors=public),
        property_vehicle(),
    ]
    scenario = plain(vehicles, [sector(stages=[only])])
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
    scenario["property"]["markets"] = [
        {
            "name": name,
            "rent": {"drift": 0.02, "volatility": 0.1, "beta": 0.3},
            "yields": {
                "initial": 0.06,
                "mean": 0.05,
                "reversion": reversion,
                "volatility": 0.2,
                "correlation": -0.4,
            },
        }
        for name, reversion in (("city", 0.3), ("elsewhere", 0.0))
    ]
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


@pytest.mark.parametrize("years", [0.25, 1.5, 8.0])
def test_controls_have_mean_zero_and_a_scale_of_one_at_most(years):
    n, fields = 10_000, content(control_variates=True) | {"horizon_years": years}
    fields["vehicles"] = [fund(deals=1, size=100.0, terms={"term_years": 1})]
    plan = make_plan(Scenario.from_dict(fields))
    found = []
    for first in range(0, n, 1_000):
        blocks = run_passes(plan, first, 1_000, wanted=("property",))
        found.append(control_variates(plan, blocks.market, blocks.property))
    controls = np.concatenate(found)
    assert controls.shape == (n, n_controls(plan))
    assert n_controls(plan) == {0.25: 3 + 4, 1.5: 12 + 12, 8.0: 12 + 12}[years]
    spread = controls.std(axis=0)
    assert np.all(np.abs(controls.mean(axis=0)) <= 4.5 * spread / np.sqrt(n))
    assert spread.max() < 1.1
    if years == 8.0:
        assert spread[-12:] == pytest.approx(np.ones(12), abs=0.02)


def test_the_law_of_the_window_is_that_of_paths():
    plan = make_plan(Scenario.from_dict(content()))
    law, window = window_law(plan), run_passes(plan, 0, 2_000, wanted=("market",)).market.window
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


@pytest.mark.parametrize("path", [0, 7, 1_999])
def test_a_path_is_told_as_it_was_in_the_run(path):
    results = run(antithetic=True)
    expected = results.measures[results.measures["path"] == path].reset_index(drop=True)
    pd.testing.assert_frame_equal(results.trace(path).measures, expected, check_exact=True)


def taken(values, results, is_chance=False):
    """Mean and error of values of the kept or of all paths, by how the paths of a run were drawn."""
    found = statistics(values, is_chance, results.sampling.paths(0, len(values)))
    return found["mean"], found["standard_error"]


WAYS = [{"antithetic": True}, {"control_variates": True}, {"antithetic": True, "control_variates": True}]


@pytest.mark.parametrize("settings", WAYS)
def test_every_table_has_the_means_and_errors_of_its_values(settings):
    """Each is looked at by another road than the one it is made
    on, and differs from that of independent paths.
    """
    results, arrays = run(**settings), run(**settings).arrays
    found, expected, plain_ = [], [], []

    def look(row, values, name="", is_chance=False):
        ending = f"{name}_" if name else ""
        mean = row[name] if name and is_chance else row[f"{ending}mean"]
        found.append((mean, row[f"{ending}standard_error"]))
        expected.append(taken(values, results, is_chance))
        plain_.append(statistics(values, is_chance)["standard_error"])

    look(results.landing().iloc[0], arrays["landing"][:, 0])
    leverage = results.leverage().reset_index(drop=True)
    gains = [
        taken(column, results)[1] / max(statistics(column)["standard_error"], 1e-12)
        for column in arrays["leverage"].T
    ]
    k = int(np.nanargmin(np.where(np.array(gains) > 0.0, gains, np.nan)))
    look(leverage.iloc[k], arrays["leverage"][:, k])
    listed = arrays["project_events"][:, 0, PROJECT_EVENTS.index("listed")] >= 0
    look(results.projects().iloc[0], listed.astype(float), "listed", is_chance=True)
    coverage = arrays["project_amounts"][:, 0, PROJECT_AMOUNTS.index("least_coverage")].astype(float)
    look(results.projects().iloc[0], coverage, "least_coverage")
    years = results.projects_by_year()
    row = years[
        (years["year"] == 5)
        & (years["measure"] == "noi")
        & (years["project"] == next(iter(results.plan.names.projects)))
    ]
    look(row.iloc[0], arrays["project_years"][:, 0, 4, PROJECT_YEARS.index("noi")].astype(float))
    years = results.property_by_year()
    row = years[(years["year"] == 5) & (years["measure"] == "value")].iloc[0]
    look(row, arrays["property_years"][:, 4, PROPERTY_YEARS.index("value")].astype(float))
    holding = results.holdings().iloc[0]
    bought = arrays["holdings"][:, 0, HOLDINGS.index("bought")] >= 0
    look(holding, bought.astype(float), "bought", is_chance=True)
    cost = np.where(bought, arrays["holdings"][:, 0, HOLDINGS.index("cost")].astype(float), np.nan)
    look(holding, cost, "cost")
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12, equal_nan=True)
    moved = np.array([abs(one[1] - other) > 1e-3 * other for one, other in zip(found, plain_, strict=True)])
    assert moved[1:].sum() >= 4, "the values do not tell the ways apart"
    by_year = results.leverage_by_year()
    last = by_year[by_year["year"] == by_year["year"].max()].reset_index(drop=True)
    np.testing.assert_allclose(last["mean"], leverage["mean"], rtol=1e-9)


def test_errors_of_activity_of_pairs_are_those_of_pairs():
    """Closings are mirrored, and with them what is invested."""
    scenario = Scenario.from_dict(content(antithetic=True))
    results = simulate(scenario, paths=40, progress=False)
    funds = run_passes(make_plan(scenario), 0, 40).funds
    invested = funds.vehicle_flows[:, VehicleFlow.INVESTED, 0].sum(axis=1)
    row = results.activity().set_index("vehicle").loc["fund"]
    expected = obvious_pairs(list(invested))
    assert (row["invested"], row["invested_standard_error"]) == pytest.approx(expected, rel=1e-9)
    assert expected[1] < 0.8 * statistics(invested)["standard_error"]


def test_the_jackknife_of_sleeves_leaves_out_pairs():
    rng, m = np.random.default_rng(12), 60
    half = rng.normal(size=m)
    x = np.stack([half, -half], axis=1).ravel() + 0.5 * rng.normal(size=2 * m)
    y = 0.5 * x + rng.normal(size=2 * m)
    x[5] = np.nan
    value, error, n = correlation(x, y, 2)
    kept = [np.delete(np.arange(2 * m), [2 * k, 2 * k + 1]) for k in range(m)]
    defined = [rows[~np.isnan(x[rows])] for rows in kept]
    without = np.array([np.corrcoef(x[rows], y[rows])[0, 1] for rows in defined])
    assert n == 2 * m - 1
    assert value == pytest.approx(np.corrcoef(np.delete(x, 5), np.delete(y, 5))[0, 1])
    assert error == pytest.approx(np.sqrt((m - 1) / m * ((without - without.mean()) ** 2).sum()), rel=1e-9)


def test_a_fit_s_jackknife_keeps_pairs_together():
    """Twenty groups of 25 paths would cut pairs; pairs that are equal then have twice the variance."""
    pairs, spread = 250, []
    for seed in range(60):
        values = np.repeat(np.random.default_rng(seed).normal(size=pairs), 2)
        sample = Sample(values, np.arange(2 * pairs), np.mean)
        spread.append(jackknife(sample, 2 * pairs).standard_error)
    assert np.mean(spread) == pytest.approx(1.0 / np.sqrt(pairs), rel=0.05)


def test_blocks_drawn_in_another_way_are_refused():
    blocks = []
    simulate(Scenario.from_dict(content(paths=200)), progress=False, on_block=blocks.append)
    for settings in WAYS:
        with pytest.raises(ArgumentError, match="does not belong to this run"):
            simulate(Scenario.from_dict(content(paths=200, **settings)), progress=False, blocks_done=blocks)


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
    assert (
        "an odd number of paths, 41, cannot come in mirrored pairs; give an even number"
        in capsys.readouterr().err
    )
    assert main(["trace", "mine.yaml", "--path", "3", "--set", "run.antithetic=true", "--lang", "en"]) == 0
