"""Published and closed-form numbers come out of whole scenarios, from plain data to tables."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

from fundsim import simulate
from fundsim.scenario import Scenario
from tests.plain_scenarios import fund, plain, sector, stage

PUBLISHED = json.loads(
    (Path(__file__).parent / "data" / "published_scenarios.json").read_text(encoding="utf-8")
)
SEEDS = (1, 2, 3)
STANDARD_ERRORS = 4
ANNUAL = {"periods_per_year": 1, "years": 7.0}


def run(content, paths, seed=1):
    results = simulate(Scenario.from_dict(content), paths=paths, seed=seed, progress=False)
    assert [check for check in results.checks if not check["passed"]] == []
    return results


def assert_within(ours, error, published, bound):
    """Four standard errors, of an error that is itself bounded."""
    assert 0 < error <= bound
    assert abs(ours - published) <= STANDARD_ERRORS * error


# Carry as options (V3) and IRR quantiles (V4)

OPTIONS = PUBLISHED["carry_as_options"]
WATERFALLS = {
    "none": {"hurdle_rate": 0.0, "catch_up_rate": 0.0},
    "hard": {"hurdle_rate": OPTIONS["hurdle_rate"], "catch_up_rate": 0.0},
    "full": {"hurdle_rate": OPTIONS["hurdle_rate"], "catch_up_rate": 1.0},
}


@cache
def carried(seed):
    sectors = [
        sector(f"row {k}", [stage(drift=row["growth"], volatility=row["volatility"])])
        for k, row in enumerate(OPTIONS["rows"])
    ]
    vehicles = [
        fund(f"{kind} {k}", [f"row {k}"], terms={"carry_rate": OPTIONS["carry_rate"], **waterfall})
        for k in range(len(sectors))
        for kind, waterfall in WATERFALLS.items()
    ]
    return run(plain(vehicles, sectors, **ANNUAL), 20_000, seed)


def call(row, strike):
    """Undiscounted price of a call on the value after five years."""
    forward = OPTIONS["investment"] * np.exp(row["growth"] * OPTIONS["years"])
    deviation = row["volatility"] * np.sqrt(OPTIONS["years"])
    upper = np.log(forward / strike) / deviation + deviation / 2
    return forward * norm.cdf(upper) - strike * norm.cdf(upper - deviation)


def option_value(row, kind):
    carry, invested = OPTIONS["carry_rate"], OPTIONS["investment"]
    hurdle = invested * (1 + OPTIONS["hurdle_rate"]) ** OPTIONS["years"]
    if kind == "full":
        return call(row, hurdle) - (1 - carry) * call(row, (hurdle - carry * invested) / (1 - carry))
    return carry * call(row, invested if kind == "none" else hurdle)


@pytest.mark.parametrize("kind", WATERFALLS)
@pytest.mark.parametrize("k", range(len(OPTIONS["rows"])))
def test_carry_is_worth_its_options(k, kind):
    row = OPTIONS["rows"][k]
    assert option_value(row, kind) == pytest.approx(row[kind], abs=OPTIONS["printed_digits"])
    for seed in SEEDS:
        flows = (
            carried(seed).cash_flows(f"{kind} {k}", "general partner carry").set_index("flow").loc["carry"]
        )
        paid = flows[flows["mean"] != 0]
        assert len(paid) == 1, "all carry is paid at the exit"
        bound = OPTIONS["largest_relative_error"] * row[kind]
        assert_within(paid["mean"].item(), paid["standard_error"].item(), row[kind], bound)


QUANTILES = PUBLISHED["irr_quantiles"]


@cache
def one_call_one_exit(seed):
    only = stage(drift=QUANTILES["growth"], volatility=QUANTILES["volatility"])
    return run(plain(sectors=[sector(stages=[only])], **ANNUAL), 20_000, seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_irr_quantiles_of_one_call_and_one_exit(seed):
    results = one_call_one_exit(seed)
    spread = QUANTILES["volatility"] / np.sqrt(QUANTILES["years"])
    row = results.summary().set_index(["vehicle", "investor", "measure"]).loc[("fund", "all", "net_irr")]
    for name, published in QUANTILES["quantiles"].items():
        level = int(name[1:]) / 100
        z = norm.ppf(level)
        exact = np.exp(QUANTILES["growth"] - QUANTILES["volatility"] ** 2 / 2 + spread * z)
        assert exact - 1 == pytest.approx(published, abs=QUANTILES["printed_digits"])
        error = np.sqrt(level * (1 - level) / results.n_paths) * exact * spread / norm.pdf(z)
        assert_within(row[name], error, published, QUANTILES["largest_standard_error"])
        assert row[f"{name}_standard_error"] == pytest.approx(error, rel=0.35)


@pytest.mark.parametrize("seed", SEEDS)
def test_chance_of_loss_of_one_call_and_one_exit(seed):
    losses = one_call_one_exit(seed).measure("loss", "fund")
    p = QUANTILES["loss"]
    assert_within(losses.mean(), np.sqrt(p * (1 - p) / losses.size), p, 0.003)


# Diversification (V5)

SPREAD = PUBLISHED["diversification"]


def fund_of_funds():
    """A mother of 20 funds of 10 deals; a market factor across funds and a factor of its own for each fund."""
    n_funds, volatility = SPREAD["funds"], SPREAD["volatility"]
    inside, across = SPREAD["correlation_in_fund"], SPREAD["correlation_across"]
    content = plain(**ANNUAL)
    content["market"]["index"]["volatility"] = volatility
    content["market"]["factors"] = [{"name": f"factor {k}", "volatility": volatility} for k in range(n_funds)]
    only = stage(drift=SPREAD["growth"], volatility=volatility * np.sqrt(1 - inside))
    content["sectors"] = [
        sector(f"sector {k}", [only])
        | {
            "betas": [
                {"factor": "market", "beta": np.sqrt(across)},
                {"factor": f"factor {k}", "beta": np.sqrt(inside - across)},
            ]
        }
        for k in range(n_funds)
    ]
    stake = [{"vehicle": "mother", "commitment": 100.0}]
    deals = SPREAD["deals"]
    funds = [fund(f"fund {k}", [f"sector {k}"], deals=deals, investors=stake) for k in range(n_funds)]
    money = [{"name": "fiscal", "kind": "fiscal", "commitment": 100.0 * n_funds}]
    mother = {"name": "mother", "kind": "mother", "investors": money, "terms": {"term_years": 10}}
    return content | {"vehicles": [mother, *funds]}


@cache
def diversified(seed):
    return run(fund_of_funds(), 4_000, seed)


def spread_of(multiples):
    """Sd about the known mean with its error; multiples of one path (row) depend on each other, paths do not."""
    squares = ((multiples - SPREAD["mean"]) ** 2).reshape(len(multiples), -1).mean(axis=1)
    sd = np.sqrt(squares.mean())
    return sd, squares.std(ddof=1) / np.sqrt(len(squares)) / (2 * sd)


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3))])
def test_diversification_of_deals_funds_and_funds_of_funds(seed):
    results = diversified(seed)
    exits = results.exits()
    n = SPREAD["funds"] * SPREAD["deals"]
    multiples = {
        "deal": (exits["proceeds"] / exits["cost"]).to_numpy().reshape(results.n_paths, n),
        "fund": np.stack([results.measure("tvpi", f"fund {k}") for k in range(SPREAD["funds"])], axis=1),
        "fund of funds": results.measure("tvpi", "mother"),
    }
    for level, found in multiples.items():
        sd, error = spread_of(found)
        assert_within(sd, error, SPREAD["sd"][level], SPREAD["largest_relative_error"] * sd)
        by_path = found.reshape(results.n_paths, -1).mean(axis=1)
        error = by_path.std(ddof=1) / np.sqrt(results.n_paths)
        assert_within(by_path.mean(), error, SPREAD["mean"], 0.006)


def test_the_published_spreads_are_their_formula():
    mean = np.exp(SPREAD["growth"] * SPREAD["years"])
    assert mean == pytest.approx(SPREAD["mean"], abs=SPREAD["printed_digits"])
    n, k = SPREAD["deals"], SPREAD["funds"]
    variances = [
        mean**2 * np.expm1(rho * SPREAD["volatility"] ** 2 * SPREAD["years"])
        for rho in (1.0, SPREAD["correlation_in_fund"], SPREAD["correlation_across"])
    ]
    in_fund = variances[0] / n + (1 - 1 / n) * variances[1]
    whole = [variances[0], in_fund, in_fund / k + (1 - 1 / k) * variances[2]]
    assert np.sqrt(whole) == pytest.approx(list(SPREAD["sd"].values()), abs=SPREAD["printed_digits"])


BUCKETS = PUBLISHED["outcome_buckets"]


def of_buckets(deals, paths, seed):
    multiples = [{"share": share, "from": low, "to": high} for share, low, high in BUCKETS["multiples"]]
    plain_sector = sector(stages=[stage(years=1.0)], merger={"multiples": multiples})
    return run(plain([fund(deals=deals)], [plain_sector], periods_per_year=1, years=2.0), paths, seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_fund_of_25_deals_of_bucketed_multiples(seed):
    results = of_buckets(25, 20_000, seed)
    multiple = results.measure("tvpi", "fund")
    assert_within(multiple.mean(), BUCKETS["deal_sd"] / np.sqrt(25 * 20_000), BUCKETS["deal_mean"], 0.01)
    p = BUCKETS["loss_of_25"]
    assert_within(results.measure("loss", "fund").mean(), np.sqrt(p * (1 - p) / 20_000), p, 0.0011)
    row = results.summary().set_index(["vehicle", "investor", "measure"]).loc[("fund", "all", "tvpi")]
    assert_within(row["p50"], row["p50_standard_error"], BUCKETS["median_of_25"], 0.015)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_a_fund_of_500_deals_of_bucketed_multiples(seed):
    results = of_buckets(500, 4_000, seed)
    multiple = results.measure("tvpi", "fund")
    fourth = ((multiple - multiple.mean()) ** 4).mean()
    error = np.sqrt((fourth - multiple.var() ** 2) / 4_000) / (2 * multiple.std())
    assert_within(multiple.std(), error, BUCKETS["sd_of_500"], 0.005)
    row = results.summary().set_index(["vehicle", "investor", "measure"]).loc[("fund", "all", "tvpi")]
    for name in ("p05", "p95"):
        # half a unit of the last printed digit beside the sampling error
        error = row[f"{name}_standard_error"] + 0.0005 / STANDARD_ERRORS
        assert_within(row[name], error, BUCKETS[f"{name}_of_500"], 0.02)


# Competing exits, exits on a grid, funnels (V8)

EXITS = PUBLISHED["competing_exits"]
AT_THE_QUARTERS_END = {"from_years": 0.25, "over_years": 1e-10}
N_DEALS = 50


def open_ended(one_sector, years, **fields):
    """50 deals bought exactly at the end of the first quarter, held to the horizon."""
    vehicle = fund(deals=N_DEALS, terms={"term_years": 100}, mandate=AT_THE_QUARTERS_END, **fields)
    listing = {"boards": ["open board"], "share_sold": 0.0}
    return plain([vehicle], [one_sector | {"listing": listing}], years=years + 0.25)


def by_outcomes():
    """One exponential clock for all exits, and a draw of which it is."""
    total = sum(EXITS["hazards"].values())
    names = {"listing": "listing", "merger": "merger", "write_off": "failure"}
    outcomes = {names[channel]: hazard / total for channel, hazard in EXITS["hazards"].items()}
    return sector(stages=[stage(years=1 / total, distribution="gamma", outcomes=outcomes)])


def by_clocks():
    """Failures by the calendar, against one clock for the other two."""
    listing, merger, failure = EXITS["hazards"].values()
    outcomes = {"listing": listing / (listing + merger), "merger": merger / (listing + merger)}
    clock = {"scale_years": 1 / failure, "shape": 1.0}
    only = stage(years=1 / (listing + merger), distribution="gamma", outcomes=outcomes, failure_clock=clock)
    return sector(stages=[only])


@pytest.mark.parametrize("make", [by_outcomes, by_clocks])
@pytest.mark.parametrize("seed", SEEDS)
def test_competing_exits(make, seed):
    n_paths = 2_000
    results = run(open_ended(make(), EXITS["years"]), n_paths, seed)
    found = results.exits_by_year().groupby("channel")["count"].sum() / N_DEALS
    n, all_hazards = n_paths * N_DEALS, sum(EXITS["hazards"].values())
    for channel, published in EXITS["shares"].items():
        exact = EXITS["hazards"][channel] / all_hazards * -np.expm1(-all_hazards * EXITS["years"])
        assert exact == pytest.approx(published, abs=EXITS["printed_digits"])
        error = np.sqrt(exact * (1 - exact) / n)
        assert_within(found[channel], error, exact, EXITS["largest_standard_error"])
    assert 1 - found.sum() == pytest.approx(EXITS["open"], abs=0.007)


@pytest.mark.parametrize("seed", SEEDS)
def test_exponential_exits_are_dated_at_period_ends(seed):
    grid = PUBLISHED["exit_on_a_grid"]
    hazard, growth, quarters = grid["hazard"], grid["growth"], grid["quarters"]
    ends = np.arange(1, quarters + 1) / 4
    chances = np.exp(-hazard * (ends - 0.25)) - np.exp(-hazard * ends)
    exact = (chances * np.exp(growth * ends)).sum() + np.exp((growth - hazard) * quarters / 4)
    assert exact == pytest.approx(grid["grid"], abs=2e-3)
    one = sector(stages=[stage(years=1 / hazard, distribution="gamma", drift=growth)])
    results = run(open_ended(one, quarters / 4, exits={"mark": "model"}), 2_000, seed)
    multiple = results.measure("tvpi", "fund")
    error = multiple.std(ddof=1) / np.sqrt(multiple.size)
    assert_within(multiple.mean(), error, exact, grid["largest_standard_error"])
    assert abs(multiple.mean() - grid["continuous"]) > STANDARD_ERRORS * error


@pytest.mark.parametrize("seed", SEEDS)
def test_funnel_of_rounds(seed):
    funnel = PUBLISHED["funnel"]
    reached = np.array(funnel["reached"])
    assert reached[1:] / reached[:-1] == pytest.approx(funnel["conditionals"], abs=funnel["printed_digits"])
    stages = [
        stage(f"round {k}", years=1.0, outcomes={"advance": p, "failure": 1 - p})
        for k, p in enumerate(funnel["conditionals"])
    ]
    stages.append(stage("last", years=1.0))
    vehicle = fund(stages=["round 0"], deals=N_DEALS, mandate=AT_THE_QUARTERS_END)
    results = run(plain([vehicle], [sector(stages=stages)], years=7.0), 2_000, seed)
    counts = results.exits_by_year().set_index(["channel", "year"])["count"]
    n = results.n_paths * N_DEALS
    for k in range(len(reached) - 1):
        p = (reached[k] - reached[k + 1]) / reached[0]
        error = np.sqrt(p * (1 - p) / n)
        assert_within(counts["write_off", k + 2] / N_DEALS, error, p, funnel["largest_standard_error"])
    p = reached[-1] / reached[0]
    error = np.sqrt(p * (1 - p) / n)
    assert_within(counts["merger", len(reached) + 1] / N_DEALS, error, p, funnel["largest_standard_error"])


def test_three_rounds_dilute():
    """The step-up undoes what each round adds to the value, so that the multiple is the stake that is left."""
    shares = PUBLISHED["dilution"]["shares_sold"]
    stages = [stage("entry", years=1.0, outcomes={"advance": 1.0}, step_up=1 - shares[0])]
    for k, share in enumerate(shares):
        is_last = k == len(shares) - 1
        outcomes = {"merger": 1.0} if is_last else {"advance": 1.0}
        step_up = 1.0 if is_last else 1 - shares[k + 1]
        stages.append(stage(f"round {k}", years=1.0, sold=share, outcomes=outcomes, step_up=step_up))
    results = run(plain([fund(stages=["entry"])], [sector(stages=stages)]), 2)
    left = PUBLISHED["dilution"]["left"]
    assert results.measure("tvpi", "fund") == pytest.approx(left, abs=PUBLISHED["dilution"]["tolerance"])


# A pool (V1) and waterfalls (V2)


def test_takahashi_alexander_pool():
    table = PUBLISHED["pool"]
    names = ("contribution_rates", "life_years", "bow", "growth_rate")
    pool = {"takahashi_alexander": {name: table[name] for name in names} | {"period": "year_end"}}
    vehicle = fund(terms={"term_years": 20})
    del vehicle["mandate"]
    results = run(plain([vehicle | {"pool": pool}], years=12.0, periods_per_year=1), 2)
    for flow, name in (("contribution", "contributions"), ("distribution", "distributions"), ("nav", "nav")):
        rows = results.cash_flows("fund", "all").set_index("flow").loc[flow]
        assert rows["mean"].to_numpy() == pytest.approx(table[name], abs=table["tolerance"])
    assert results.measure("tvpi", "fund") == pytest.approx(table["tvpi"], abs=1e-6)
    assert results.irr("fund") == pytest.approx(table["growth_rate"], abs=1e-9)


@pytest.mark.parametrize(
    "case", PUBLISHED["waterfalls"], ids=[case["name"] for case in PUBLISHED["waterfalls"]]
)
def test_published_waterfalls(case):
    """Each deal is the one enterprise that a stream of the park brings, growing to what it returned."""
    sectors = [
        sector(f"sector {k}", [stage(years=years, drift=np.log(back / paid) / years)])
        for k, (years, paid, back) in enumerate(case["deals"])
    ]
    names = [one["name"] for one in sectors]
    streams = [
        {
            "name": name,
            "sector": name,
            "stage": "only",
            "per_year": 4,
            "arrivals": "fixed",
            "until_years": 0.25,
        }
        for name in names
    ]
    mandate = {"park_share": 1.0, "n_candidates": 0}
    terms = {name: case[name] for name in ("style", "catch_up_rate")}
    terms |= {"hurdle_rate": 0.08, "carry_rate": 0.2, "term_years": 6}
    vehicle = fund(sectors=names, deals=len(names), mandate=mandate, terms=terms)
    results = run(plain([vehicle], sectors, years=7.0, park={"streams": streams}), 2)
    carry = results.paths_of("carry", "fund")[0]
    expected = np.zeros(carry.size)
    for when, amount in case["carry"].items():
        expected[23 if when == "end" else 4 * int(when)] = amount
    # series of paths are kept in single precision
    assert carry == pytest.approx(expected, abs=2e-6)
    flows = results.cash_flows("fund", "general partner carry")
    assert flows["mean"].to_numpy() == pytest.approx(expected, abs=case["tolerance"])
