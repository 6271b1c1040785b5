"""Published and closed-form cases through whole scenarios: what is simulated, what is published, and how
near it must be.

The tests assert on these comparisons and the page on validation prints them, so both show the same numbers.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy.stats import norm

from fundsim import load_scenario, simulate

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "scenarios" / "validation"
PUBLISHED = json.loads(
    (ROOT / "tests" / "cases" / "data" / "published_scenarios.json").read_text(encoding="utf-8")
)
STANDARD_ERRORS = 4


@dataclass(frozen=True)
class Comparison:
    """A published number beside ours.

    `error` is the standard error of ours where chance is involved, and `bound` what it may be at most, so
    that a comparison cannot hold by being vague; the tolerance is then four standard errors.
    """

    name: str
    published: float
    ours: float
    tolerance: float
    error: float = 0.0
    bound: float = 0.0

    @property
    def difference(self):
        return self.ours - self.published

    def check(self):
        assert 0 <= self.error <= self.bound, f"{self.name}: standard error {self.error} above {self.bound}"
        assert abs(self.difference) <= self.tolerance, f"{self.name}: {self.ours}, published {self.published}"


def by_chance(name, published, ours, error, bound, rounding=0.0):
    """A comparison within four standard errors, and what the published number was rounded by."""
    tolerance = STANDARD_ERRORS * float(error) + rounding
    return Comparison(name, float(published), float(ours), tolerance, float(error), float(bound))


def exact(name, published, ours, tolerance):
    return Comparison(name, float(published), float(ours), float(tolerance))


@lru_cache(maxsize=4)
def run(name, paths, seed):
    """A scenario of the folder, simulated, with its audit passed; the
    last few are kept, as several cases read one run.
    """
    results = simulate(load_scenario(FOLDER / f"{name}.yaml"), paths=paths, seed=seed, progress=False)
    assert [check for check in results.checks if not check["passed"]] == []
    return results


def summary_row(results, vehicle, measure):
    return results.summary().set_index(["vehicle", "investor", "measure"]).loc[(vehicle, "all", measure)]


# Carry as options (V3), IRR quantiles (V4)


def call(row, strike):
    """Undiscounted price of a call on the value after five years."""
    options = PUBLISHED["carry_as_options"]
    forward = options["investment"] * np.exp(row["growth"] * options["years"])
    deviation = row["volatility"] * np.sqrt(options["years"])
    upper = np.log(forward / strike) / deviation + deviation / 2
    return forward * norm.cdf(upper) - strike * norm.cdf(upper - deviation)


def option_value(row, kind):
    """What the carry is worth by its options; the published numbers are these, rounded."""
    options = PUBLISHED["carry_as_options"]
    carry, invested = options["carry_rate"], options["investment"]
    hurdle = invested * (1 + options["hurdle_rate"]) ** options["years"]
    if kind == "full":
        return call(row, hurdle) - (1 - carry) * call(row, (hurdle - carry * invested) / (1 - carry))
    return carry * call(row, invested if kind == "none" else hurdle)


CATCH_UPS = {"none": "no hurdle", "hard": "hard hurdle", "full": "full catch-up"}


def carry_as_options(seed):
    options = PUBLISHED["carry_as_options"]
    results = run("carry_as_options", 20_000, seed)
    for k, row in enumerate(options["rows"]):
        for kind, label in CATCH_UPS.items():
            flows = results.cash_flows(f"{kind} {k}", "general partner carry").set_index("flow").loc["carry"]
            paid = flows[flows["mean"] != 0]
            assert len(paid) == 1, "all carry is paid at the exit"
            bound = options["largest_relative_error"] * row[kind]
            name = f"growth {row['growth']}, volatility {row['volatility']}, {label}"
            yield by_chance(name, row[kind], paid["mean"].item(), paid["standard_error"].item(), bound)


def irr_quantiles(seed):
    case = PUBLISHED["irr_quantiles"]
    results = run("one_call_one_exit", 20_000, seed)
    spread = case["volatility"] / np.sqrt(case["years"])
    row = summary_row(results, "fund", "net_irr")
    for name, published in case["quantiles"].items():
        level = int(name[1:]) / 100
        z = norm.ppf(level)
        exact_rate = np.exp(case["growth"] - case["volatility"] ** 2 / 2 + spread * z)
        error = np.sqrt(level * (1 - level) / results.n_paths) * exact_rate * spread / norm.pdf(z)
        yield by_chance(
            f"IRR, {100 * level:.0f} %", published, row[name], error, case["largest_standard_error"]
        )
    p = case["loss"]
    losses = results.measure("loss", "fund")
    yield by_chance("chance of loss", p, losses.mean(), np.sqrt(p * (1 - p) / losses.size), 0.003)


# Diversification and buckets (V5)


def spread_of(multiples, mean):
    """Sd about the known mean with its error; multiples of one
    path (row) depend on each other, paths do not.
    """
    squares = ((multiples - mean) ** 2).reshape(len(multiples), -1).mean(axis=1)
    sd = np.sqrt(squares.mean())
    return sd, squares.std(ddof=1) / np.sqrt(len(squares)) / (2 * sd)


def diversification(seed):
    case = PUBLISHED["diversification"]
    results = run("diversification", 4_000, seed)
    exits = results.exits()
    n = case["funds"] * case["deals"]
    multiples = {
        "deal": (exits["proceeds"] / exits["cost"]).to_numpy().reshape(results.n_paths, n),
        "fund": np.stack([results.measure("tvpi", f"fund {k}") for k in range(case["funds"])], axis=1),
        "fund of funds": results.measure("tvpi", "mother"),
    }
    for level, found in multiples.items():
        sd, error = spread_of(found, case["mean"])
        bound = case["largest_relative_error"] * sd
        yield by_chance(f"{level}, standard deviation", case["sd"][level], sd, error, bound)
        by_path = found.reshape(results.n_paths, -1).mean(axis=1)
        error = by_path.std(ddof=1) / np.sqrt(results.n_paths)
        yield by_chance(f"{level}, mean", case["mean"], by_path.mean(), error, 0.006)


def buckets_of_25(seed):
    case, n_paths = PUBLISHED["outcome_buckets"], 20_000
    results = run("outcome_buckets_25", n_paths, seed)
    multiple = results.measure("tvpi", "fund")
    error = case["deal_sd"] / np.sqrt(25 * n_paths)
    yield by_chance("25 deals, mean", case["deal_mean"], multiple.mean(), error, 0.01)
    p = case["loss_of_25"]
    losses = results.measure("loss", "fund").mean()
    yield by_chance("25 deals, chance of loss", p, losses, np.sqrt(p * (1 - p) / n_paths), 0.0011)
    row = summary_row(results, "fund", "tvpi")
    yield by_chance("25 deals, median", case["median_of_25"], row["p50"], row["p50_standard_error"], 0.015)


def buckets_of_500(seed):
    case, n_paths = PUBLISHED["outcome_buckets"], 4_000
    results = run("outcome_buckets_500", n_paths, seed)
    multiple = results.measure("tvpi", "fund")
    fourth = ((multiple - multiple.mean()) ** 4).mean()
    error = np.sqrt((fourth - multiple.var() ** 2) / n_paths) / (2 * multiple.std())
    yield by_chance("500 deals, standard deviation", case["sd_of_500"], multiple.std(), error, 0.005)
    row = summary_row(results, "fund", "tvpi")
    for name in ("p05", "p95"):
        error = row[f"{name}_standard_error"]
        label = f"500 deals, {int(name[1:])} %"
        yield by_chance(label, case[f"{name}_of_500"], row[name], error, 0.02, rounding=0.0005)


# Competing exits, exits on a grid, funnels, dilution (V8)

N_DEALS = 50


def competing_exits(name, seed):
    case, n_paths = PUBLISHED["competing_exits"], 2_000
    results = run(name, n_paths, seed)
    found = results.exits_by_year().groupby("channel", observed=True)["count"].sum() / N_DEALS
    n, all_hazards = n_paths * N_DEALS, sum(case["hazards"].values())
    left = 1.0
    for channel, published in case["shares"].items():
        p = case["hazards"][channel] / all_hazards * -np.expm1(-all_hazards * case["years"])
        left -= p
        error, bound = np.sqrt(p * (1 - p) / n), case["largest_standard_error"]
        label = channel.replace("_", "-")
        yield by_chance(label, published, found[channel], error, bound, rounding=case["printed_digits"])
    error = np.sqrt(left * (1 - left) / n)
    ours = 1 - found.sum()
    yield by_chance("open", case["open"], ours, error, bound, rounding=3 * case["printed_digits"])


def by_outcome(seed):
    return competing_exits("competing_exits_by_outcome", seed)


def by_clock(seed):
    return competing_exits("competing_exits_by_clock", seed)


def on_the_grid():
    """Expectation of exp(mu tau) for an exponential tau rounded up
    to quarters, with what is left at the horizon.
    """
    case = PUBLISHED["exit_on_a_grid"]
    hazard, growth, quarters = case["hazard"], case["growth"], case["quarters"]
    ends = np.arange(1, quarters + 1) / 4
    chances = np.exp(-hazard * (ends - 0.25)) - np.exp(-hazard * ends)
    return (chances * np.exp(growth * ends)).sum() + np.exp((growth - hazard) * quarters / 4)


def exits_on_a_grid(seed):
    case = PUBLISHED["exit_on_a_grid"]
    multiple = run("exits_on_a_grid", 2_000, seed).measure("tvpi", "fund")
    error = multiple.std(ddof=1) / np.sqrt(multiple.size)
    assert abs(multiple.mean() - case["continuous"]) > STANDARD_ERRORS * error, (
        "the continuous one must not fit"
    )
    published, bound = on_the_grid(), case["largest_standard_error"]
    yield by_chance("mean multiple", published, multiple.mean(), error, bound)


def funnel(seed):
    case = PUBLISHED["funnel"]
    reached = np.array(case["reached"])
    results = run("funnel", 2_000, seed)
    counts = results.exits_by_year().set_index(["channel", "year"])["count"]
    n, bound = results.n_paths * N_DEALS, case["largest_standard_error"]
    fallen = 0.0
    for k, published in enumerate(reached[1:] / reached[0]):
        fallen += counts["write_off", k + 2] / N_DEALS
        error = np.sqrt(published * (1 - published) / n)
        yield by_chance(f"reached round {k + 1}", published, 1 - fallen, error, bound)
    sold = counts["merger", len(reached) + 1] / N_DEALS
    yield exact("sold at the end, against who reached it", 1 - fallen, sold, 1e-12)


def dilution(seed):
    case = PUBLISHED["dilution"]
    found = run("dilution", 2, seed).measure("tvpi", "fund")
    yield exact("stake left after three rounds", case["left"], found[0], case["tolerance"])


# A pool (V1), waterfalls (V2), leverage and sums of the seeds (V9)


def pool(seed):
    table = PUBLISHED["pool"]
    results = run("pool", 2, seed)
    flows = results.cash_flows("fund", "all").set_index("flow")
    names = {"contribution": "contributions", "distribution": "distributions", "nav": "nav"}
    for flow, name in names.items():
        ours = flows.loc[flow]["mean"].to_numpy()
        for year, published in enumerate(table[name]):
            yield exact(f"{flow}, year {year + 1}", published, ours[year], table["tolerance"])
    yield exact("TVPI", table["tvpi"], results.measure("tvpi", "fund")[0], 1e-6)
    yield exact("IRR with the last NAV counted", table["growth_rate"], results.irr("fund")[0], 1e-9)


def waterfalls(seed):
    results = run("waterfalls", 2, seed)
    for case in PUBLISHED["waterfalls"]:
        flows = results.cash_flows(case["name"], "general partner carry")["mean"].to_numpy()
        expected = np.zeros(flows.size)
        for when, amount in case["carry"].items():
            period = 23 if when == "end" else 4 * int(when)
            expected[period] = amount
            label = "at the end" if when == "end" else f"after {when} years"
            yield exact(f"{case['name']}, carry {label}", amount, flows[period], case["tolerance"])
        rest = np.abs(flows[expected == 0]).max()
        yield exact(f"{case['name']}, carry at all other dates", 0.0, rest, case["tolerance"])


def leverage(seed):
    for case in PUBLISHED["leverage"]:
        table = run(case["scenario"], 2, seed).leverage().set_index(["definition", "basis", "money"])["mean"]
        ours = table[case["definition"], "commitment", case["money"]]
        name = (
            f"{case['scenario'].split('_')[0].title()}, {case['definition'].replace('_', ' ')}, "
            f"{case['money']} money"
        )
        yield exact(name, case["multiple"], ours, case["tolerance"])


def appraised(park, reit):
    """By hand: area × rent × 12 × occupancy × margin / yield of a REIT's projects."""
    yields = {market.name: market.yields.mean for market in park.markets}
    values = [
        one.area * one.rent * 12 * one.occupancy.stable * one.margin / yields[one.market] / 1e8
        for one in park.projects
        if one.reit == reit.name
    ]
    return sum(values)


def sums_of_tables(seed):
    funds, reits = PUBLISHED["sums_of_tables"]
    scenario = load_scenario(ROOT / "scenarios" / f"{funds['scenario']}.yaml")
    ours = sum(vehicle.size for vehicle in scenario.vehicles if vehicle.kind != "mother")
    yield exact("table 4, fifteen funds", funds["sum"], ours, funds["tolerance"])
    park = load_scenario(ROOT / "scenarios" / f"{reits['scenario']}.yaml").property_
    raised = [appraised(park, reit) * (reit.issue_multiple.median - reit.gearing) for reit in park.reits]
    yield exact("table 5, nine REITs", reits["sum"], sum(raised), reits["tolerance"])
