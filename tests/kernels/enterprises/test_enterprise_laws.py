"""The enterprises pass against closed forms: growth, hazards,
arrivals, dilution and the law of values between milestones.
"""

import math

import numpy as np
import pytest
from numba import config
from scipy import stats

from fundsim.kernels.base.jit import kernel
from fundsim.kernels.base.random import derive, uniform
from fundsim.kernels.enterprises.value import listed_step, value_at
from fundsim.kernels.layout import NEVER
from fundsim.vocabulary import End
from tests.kernels.enterprises.test_enterprises import enterprises_in
from tests.makers import worlds
from tests.makers.worlds import Board, Deal, Sector, Stage, Stream, World

pytestmark = pytest.mark.skipif(
    bool(config.DISABLE_JIT), reason="laws need more paths than plain Python walks"
)


def one_deal_world(stage, seed=1, n_periods=20, **sector):
    """One outside enterprise a path that enters at time 0, so at date 1."""
    sectors = [Sector("only", [stage], **sector)]
    return World(n_periods=n_periods, seed=seed, sectors=sectors, deals=[Deal("v", 0, 0.0)])


def assert_mean(sample, expected, most_error):
    """Within four standard errors, and the error small enough to mean something."""
    error = sample.std() / math.sqrt(sample.size)
    assert error < most_error
    assert abs(sample.mean() - expected) < 4 * error


@pytest.mark.parametrize(("managers", "low", "high"), [(("one", "one"), 0.6, 1.0), (("", ""), -0.1, 0.1)])
def test_the_vehicles_of_a_manager_see_alike_on_a_path(managers, low, high):
    """Of two vehicles each buys the best of twelve twenty times; skill is all or nothing in most paths."""
    n_deals, n_paths = 20, 2000
    deals = [
        Deal(name, k, 0.0, candidates=12, skill=("beta", 0.5, 0.4), manager=manager, owner=owner)
        for owner, (name, manager) in enumerate(zip("vw", managers, strict=True))
        for k in range(n_deals)
    ]
    out = enterprises_in(World(sectors=[Sector("x", [Stage("s")])], deals=deals), n_paths)[1]
    chosen = out.quality.reshape(n_paths, 2, n_deals).mean(axis=2)
    assert low < np.corrcoef(chosen.T)[0, 1] < high
    # A team of skill ρ chooses ρ times the greatest of twelve normals in the mean, 1.629; halved here.
    assert_mean(chosen.ravel(), 0.5 * 1.629, 0.03)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_merger_after_a_fixed_time_is_geometric_brownian_motion(seed):
    # Growth μ with own noise, a factor and quality: the mean stays exp(μτ) by (3.2), ln V has their
    # variances.
    stage = Stage("s", ("fixed", 2.0), ("fixed", 4.0), drift=0.1, volatility=0.3)
    world = one_deal_world(stage, seed, betas=(1.5,), quality_effect=0.2, quality_years=3.0)
    _, out = enterprises_in(world, 20_000)
    assert np.all(out.end_kind == End.MERGED) and np.all(out.end_period == 15)
    # From date 1 to date 16: 15 quarters.
    years, value = 3.75, out.end_value / 2
    assert_mean(value, math.exp(0.1 * years), 0.03)
    variance = (0.09 + (1.5 * 0.2) ** 2) * years + (0.2 * 3) ** 2
    logs = np.log(value)
    assert_mean(logs, 0.1 * years - variance / 2, 0.02)
    assert logs.var() == pytest.approx(variance, rel=4 * math.sqrt(2 / 20_000))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_exponential_exit_has_the_expectation_of_the_grid(seed):
    # λ = .5, μ = .05, 60 quarters: 1.11808 on the grid, 1.11111 in continuous time (validation.md). The
    # enterprise enters at the exact time of date 1, so that clock and value start together; what is alive at
    # the end counts.
    stage = Stage("s", ("fixed", 1.0), ("exponential", 2.0), drift=0.05)
    deal = Deal("v", 0, 0.25, patience=0.0)
    world = World(n_periods=61, seed=seed, sectors=[Sector("x", [stage])], deals=[deal])
    _, out = enterprises_in(world, 40_000)
    value = np.where(out.end_kind == End.MERGED, out.end_value, math.exp(0.05 * 15))
    assert_mean(value, 1.11808, 0.001)


def test_competing_hazards_give_the_published_shares():
    """(3.3)"""
    # Korteweg and Sorensen's shares after five years (validation.md V8): IPO 10.3 %, acquired 23.3 %,
    # liquidated 23.0 %.
    rates = np.array([0.030380, 0.068724, 0.067839])
    outcomes = (0.0, *(rates / rates.sum()), 0.0)
    stage = Stage("s", clock=("exponential", 1 / rates.sum()), outcomes=outcomes)
    world = one_deal_world(stage, boards=(0,))
    world.boards = [Board()]
    n = 40_000
    _, out = enterprises_in(world, n)
    shares = np.bincount(out.end_kind, minlength=4)[[End.LISTED, End.MERGED, End.FAILED, End.ALIVE]] / n
    # Four standard errors of a share are below .01; the source prints three digits.
    assert shares == pytest.approx([0.103, 0.233, 0.230, 0.434], abs=0.01)


def test_a_funnel_of_certain_rounds_dilutes_as_published():
    """(3.4)"""
    # Carta's conditionals as probabilities to advance; three rounds of 23, 24.1 and 20.8 % leave .462869
    # (V8).
    sold = [0.0, 0.23, 0.241, 0.208]
    advance = [0.644481, 0.404912, 0.301711, 0.0]
    stages = [
        Stage(str(i), clock=("fixed", 0.5), share_sold=("fixed", d), outcomes=(p, 0.0, 0.0, 1 - p, 0.0))
        for i, (d, p) in enumerate(zip(sold, advance, strict=True))
    ]
    world = World(sectors=[Sector("x", stages)], deals=[Deal("v", 0, 0.0)])
    n = 20_000
    _, out = enterprises_in(world, n)
    reached = [np.count_nonzero(out.n_rounds > i) / n for i in range(4)]
    assert reached == pytest.approx(np.cumprod([1.0, *advance[:3]]), abs=0.015)
    full = out.n_rounds == 4
    assert np.prod(1 - out.round_sold[full], axis=1) == pytest.approx(0.462869, abs=5e-7)
    # Nobody loses by a round at a fair price: what holders keep of V/(1−d) is V.
    assert np.exp(out.segment_open[full, 3]) * (1 - 0.208) == pytest.approx(out.round_pre[full, 3])


def test_gamma_clocks_have_their_mean_and_the_window_stretches_them():
    """(3.1)"""
    stage = Stage("s", clock=("gamma", 1.5, 2.5))
    for rate in (1.0, 0.5):
        world = one_deal_world(stage, n_periods=12 * 40)
        world.periods_per_year, world.states = 12, ((rate, 1.0, 1.0, 1.0, 1.0),)
        _, out = enterprises_in(world, 8000)
        # Half a month late on average, as events are dated at the end of their period.
        assert_mean((out.end_period + 0.5) / 12, 1.5 / rate, 0.03)


def test_no_milestone_is_reached_in_a_closed_window():
    """(3.1)"""
    stage = Stage("s", clock=("fixed", 1.0))
    world = one_deal_world(stage)
    closed = (0.0, 1.0, 1.0, 1.0, 1.0)
    world.states, world.generator, world.initial = (
        (worlds.NEUTRAL, closed),
        np.zeros((2, 2)),
        np.array([1, 0.0]),
    )
    world.known = {2: 1, 7: 0}
    _, out = enterprises_in(world, 1)
    # Half of the year passes before periods 2 to 6, the rest in periods 7 and 8.
    assert out.end_period[0] == 8


def test_poisson_streams_count_as_poisson_and_grow():
    stream = Stream("p", per_year=8.0, growth=0.2, from_years=0.5, until_years=3.5)
    world = World(sectors=[Sector("x", [Stage("s")])], streams=[stream])
    _, out = enterprises_in(world, 4000)
    counts = np.diff(out.first_row)
    mean = 8 * (1.2**3 - 1) / math.log(1.2)
    assert_mean(counts, mean, 0.1)
    assert counts.var() / mean == pytest.approx(1.0, abs=4 * math.sqrt(2 / 4000))
    # Given their number, arrivals are spread like the intensity: a Kolmogorov–Smirnov test of entry periods
    # is too coarse, so compare the share before the middle.
    early = np.mean(out.entry_date <= 8)
    assert early == pytest.approx((1.2**1.5 - 1) / (1.2**3 - 1), abs=4 * 0.5 / math.sqrt(out.first_row[-1]))


def test_fixed_streams_arrive_in_the_middle_of_their_gaps():
    stream = Stream("p", per_year=2.0, is_poisson=False, until_years=3.0)
    world = World(sectors=[Sector("x", [Stage("s")])], streams=[stream])
    _, out = enterprises_in(world, 2)
    # At .25, .75, … years: dates 1, 3, …
    assert out.entry_date[: out.first_row[1]].tolist() == [1, 3, 5, 7, 9, 11]


def test_skill_picks_better_candidates_and_changes_nobody():
    def quality(skill, candidates):
        deal = Deal("v", 0, 0.0, candidates=candidates, skill=("fixed", skill))
        world = World(sectors=[Sector("x", [Stage("s")])], deals=[deal])
        return enterprises_in(world, 8000)[1]

    blind, sharp = quality(0.0, 3), quality(1.0, 3)
    assert_mean(blind.quality, 0.0, 0.02)
    # Mean of the greatest of three standard normals: 3/(2√π).
    assert_mean(sharp.quality, 1.5 / math.sqrt(math.pi), 0.02)
    same = blind.number == sharp.number
    assert 0.2 < same.mean() < 0.5
    np.testing.assert_array_equal(blind.key[same], sharp.key[same])


@pytest.mark.parametrize(
    ("outcome", "kind"), [(1, End.LISTED), (2, End.MERGED), (3, End.FAILED), (4, End.ALIVE)]
)
def test_certain_outcomes_are_certain(outcome, kind):
    """(3.3)"""
    stage = Stage(
        "s", clock=("gamma", 0.5, 2.0), outcomes=tuple(np.eye(5)[outcome]), slopes=((9.0, 9.0),) * 4
    )
    world = one_deal_world(stage, boards=(0,), stall=(0.0, 0.0, 0.0))
    world.boards = [Board()]
    _, out = enterprises_in(world, 500)
    walked = (out.end_kind == kind) & (out.end_period < NEVER)
    alive = out.stall_period < NEVER if kind == End.ALIVE else out.end_kind == End.ALIVE
    assert np.all(walked | alive)
    assert np.count_nonzero(alive if kind == End.ALIVE else walked) > 490


@pytest.mark.parametrize("shape", [0.7, 1.0, 1.7])
def test_failure_clocks_are_weibull(shape):
    """(3.3b)"""
    stage = Stage("s", clock=("fixed", 100.0), failure_clock=(3.0, shape))
    _, out = enterprises_in(one_deal_world(stage), 20_000)
    failed = np.mean((out.end_kind == End.FAILED) & (out.end_period < 12))
    assert failed == pytest.approx(1 - math.exp(-1), abs=4 * 0.5 / math.sqrt(20_000))


@kernel
def fill_stage_draws(keys, stages, n, draws):
    for i in range(keys.size):
        draws[i] = uniform(derive(keys[i], stages[0]["key"]), n)


@pytest.mark.parametrize("shape", [0.4, 0.7, 1.0, 1.7, 40.0])
@pytest.mark.parametrize(("scale", "years"), [(9.0, 1.0), (1.0, 1.0), (1.0, 2.5)])
def test_an_enterprise_fails_by_its_clock_just_where_that_ends_before_the_milestone(shape, scale, years):
    """(3.3b), for a pass that computes the clock only where it may end first."""
    stage = Stage("s", clock=("fixed", years), outcomes=(0, 0, 1, 0, 0), failure_clock=(scale, shape))
    world = one_deal_world(stage)
    _, out = enterprises_in(world, 5_000)
    u = np.empty(5_000)
    fill_stage_draws(out.key, worlds.enterprise_terms(world).stages, 5, u)
    assert np.array_equal(out.end_kind == End.FAILED, scale * (-np.log(1.0 - u)) ** (1.0 / shape) < years)


@kernel
def fill_values(grid, terms, market, out, dates, values):
    for b in range(values.shape[0]):
        for i in range(dates.size):
            values[b, i] = value_at(grid, terms, market, out, b, out.first_row[b], dates[i])


@kernel
def fill_listed(grid, terms, market, out, values):
    for b in range(values.shape[0]):
        values[b, 0] = 0.0
        for t in range(values.shape[1] - 1):
            values[b, t + 1] = listed_step(grid, terms, market, out, b, out.first_row[b], t, values[b, t])


def test_between_milestones_values_have_the_joint_law_of_brownian_motion():
    """(3.2)"""
    stage = Stage("s", ("fixed", 1.0), ("fixed", 4.5), drift=0.1, volatility=0.6)
    world = one_deal_world(stage, betas=(0.5,), quality_effect=0.3, quality_years=2.0)
    n, dates = 8000, np.array([1, 2, 5, 6, 11, 17, 18])
    market, out = enterprises_in(world, n)
    values = np.empty((n, dates.size))
    fill_values(worlds.grid_of(world), worlds.enterprise_terms(world), market, out, dates, values)
    logs = np.log(values)
    np.testing.assert_allclose(logs[:, 0], 0.0, atol=1e-12)
    np.testing.assert_allclose(logs[:, -1], out.segment_close[:, 0], atol=1e-12)
    age = np.minimum((dates - 1) / 4, 2.0)
    logs -= 0.5 * market.factors[:, 0, dates] - 0.5 * market.factors[:, 0, [1]]
    logs -= 0.3 * out.quality[:, None] * age - 0.5 * 0.09 * age**2
    logs -= (0.1 - 0.18 - 0.5 * 0.25 * 0.04) * (dates - 1) / 4
    steps = np.diff(logs, axis=1) / (0.6 * np.sqrt(np.diff(dates) / 4))
    # What is left are independent standard normal increments, whatever date was asked for.
    assert np.abs(steps.mean(axis=0)).max() < 4 / math.sqrt(n)
    assert np.abs(steps.T @ steps / n - np.eye(6)).max() < 4 * math.sqrt(2 / n)
    assert stats.kstest(steps[:, 2], "norm").pvalue > 1e-4


def test_listed_prices_grow_at_their_drift_with_their_own_noise():
    """(3.5)"""
    world = one_deal_world(Stage("s"), betas=(1.2,), listed=(0.06, 0.4))
    n = 20_000
    market, out = enterprises_in(world, n)
    values = np.empty((n, world.n_periods + 1))
    fill_listed(worlds.grid_of(world), worlds.enterprise_terms(world), market, out, values)
    assert_mean(np.exp(values[:, -1]), math.exp(0.06 * 5), 0.03)
    own = np.diff(values - 1.2 * market.factors[:, 0], axis=1)
    assert own.var() == pytest.approx(0.16 / 4, rel=0.02)
    assert abs(np.corrcoef(own[:, 3], own[:, 4])[0, 1]) < 4 / math.sqrt(n)


def test_rounds_open_at_the_windows_valuation():
    """(3.0), (3.4): 100 and a step-up of 1.5 in a window of 0.8; a half, then a fifth is sold."""
    first = Stage("A", ("fixed", 100.0), outcomes=(1.0, 0.0, 0.0, 0.0, 0.0), step_up=("fixed", 1.5))
    first.share_sold = ("fixed", 0.5)
    second = Stage("B", clock=("fixed", 100.0), share_sold=("fixed", 0.2), option_pool=0.1)
    world = World(sectors=[Sector("x", [first, second])], deals=[Deal("v", 0, 0.0)])
    world.states = ((1.0, 0.8, 1.0, 1.0, 1.0),)
    _, out = enterprises_in(world, 1)
    assert out.round_pre[0, :2] == pytest.approx([80.0, 160.0 * 1.5 * 0.8])
    assert np.exp(out.segment_open[0, :2]) == pytest.approx([160.0, 192.0 / 0.8])


@pytest.mark.parametrize(
    ("board", "stalled"), [(Board(minimum=1_000.0), 7), (Board(review_years=0.5, pass_probability=0.0), 11)]
)
def test_an_enterprise_that_is_refused_files_again_and_then_stalls(board, stalled):
    """(3.5): it files after a year and again a year after a refusal, then it stalls, at the filing where no
    board takes it, else at the decision after half a year.
    """
    stage = Stage("s", ("fixed", 50.0), ("fixed", 1.0), outcomes=(0.0, 1.0, 0.0, 0.0, 0.0))
    world = one_deal_world(stage, boards=(0,), filings=2, refile_years=1.0, stall=(0.0, 0.0, 0.0))
    world.boards = [board]
    _, out = enterprises_in(world, 1)
    assert (out.filing_period[0], out.stall_period[0], out.end_kind[0]) == (3, stalled, End.ALIVE)


def test_a_listing_merger_or_failure_pays_what_it_is_worth():
    """(3.5), (3.6): the window's valuation at a listing, the premium of a merger, what is recovered."""
    for outcome, factor in ((1, 1.2), (2, 1.5), (3, 0.25)):
        stage = Stage("s", ("fixed", 50.0), ("fixed", 1.0), outcomes=tuple(np.eye(5)[outcome]))
        world = one_deal_world(stage, boards=(0,), premium=("fixed", 1.5), recovery=0.25)
        world.boards, world.states = [Board()], ((1.0, 1.0, 1.0, 1.0, 1.2),)
        _, out = enterprises_in(world, 1)
        assert (out.end_period[0], out.end_value[0]) == (3, pytest.approx(50.0 * factor))
        assert out.end_kind[0] == (End.LISTED, End.MERGED, End.FAILED)[outcome - 1]


@pytest.mark.parametrize("rate", [1.0, 0.5, 0.25])
def test_growth_runs_in_the_time_of_the_clock(rate):
    """(3.2): a slower window doubles the times and leaves V at every milestone as it is, in the stages and in
    the wait for a board; a fall in value and a stall stay in calendar time.
    """
    stages = [
        Stage("A", ("fixed", 2.0), ("fixed", 1.0), drift=0.3, outcomes=(1, 0, 0, 0, 0)),
        Stage("B", clock=("fixed", 0.5), drift=0.2, outcomes=(1, 0, 0, 0, 0)),
        Stage("C", clock=("fixed", 0.5), drift=-0.1, outcomes=(0, 0, 0, 0, 1)),
    ]
    world = World(
        n_periods=60, sectors=[Sector("x", stages, stall=(-0.2, 0.0, 0.0))], deals=[Deal("v", 0, 0.25)]
    )
    world.states = ((rate, 1.0, 1.0, 1.0, 1.0),)
    _, out = enterprises_in(world, 1)
    assert (out.segment_to[0, :3] - out.segment_from[0, :3]).tolist() == [4 / rate, 2 / rate, 2 / rate]
    rises = (out.segment_close - out.segment_open)[0, :4]
    left = (60 - out.segment_to[0, 2]) / 4
    assert rises == pytest.approx([0.3, 0.1, -0.05 / rate, -0.2 * left], abs=1e-12)


def test_an_enterprise_waits_for_the_window_until_it_fails():
    """(3.3): it would file at the end of its first year, tries each year from then on, lives on by the law
    of its last stage, and fails by the failure clock of that stage.
    """
    stage = Stage("s", ("fixed", 50.0), ("fixed", 1.0), drift=0.1, outcomes=(0, 1, 0, 0, 0))
    world = one_deal_world(stage, n_periods=40, boards=(0,), refile_years=1.0)
    world.boards = [Board(review_years=0.5)]
    shut = (1.0, 1.0, 0.0, 1.0, 1.0)
    world.states, world.generator, world.initial = (
        (worlds.NEUTRAL, shut),
        np.zeros((2, 2)),
        np.array([0, 1.0]),
    )
    _, out = enterprises_in(world, 1)
    assert (out.wait_period[0], out.filing_period[0], out.end_kind[0]) == (3, NEVER, End.ALIVE)
    assert np.exp(out.segment_close[0, :2]) == pytest.approx(50 * np.exp([0.075, 0.975]))
    for opens, filing in ((4, 7), (7, 7), (8, 11)):
        world.known = dict.fromkeys(range(opens), 1) | dict.fromkeys(range(opens, 40), 0)
        _, out = enterprises_in(world, 1)
        assert (out.wait_period[0], out.filing_period[0], out.end_period[0]) == (3, filing, filing + 2)
    stage.failure_clock = (4.0, 1.7)
    world.known = {}
    _, out = enterprises_in(world, 4_000)
    fails = out.end_kind == End.FAILED
    years = np.where(fails, out.end_period + 1, 40) / 4
    expected = 1 - math.exp(-((10 / 4.0) ** 1.7))
    assert fails.mean() == pytest.approx(
        expected, abs=4 * math.sqrt(expected * (1 - expected) / 4_000) + 1e-3
    )
    assert np.mean(years > 4.0) == pytest.approx(math.exp(-1), abs=4 * 0.5 / math.sqrt(4_000))


@pytest.mark.parametrize("rate", [0.0, 0.3, 1.0, 1.2, 5.0])
def test_the_listing_rate_takes_from_stalls_alone(rate):
    """(3.3): P(list) = min(ℓ·W_list, W_list + W_stall)/ΣW; the other outcomes keep their odds."""
    stage = Stage("s", clock=("fixed", 1.0), outcomes=(0.0, 0.3, 0.25, 0.15, 0.3))
    world = one_deal_world(stage, boards=(0,), stall=(0.0, 0.0, 0.0))
    world.boards, world.states = [Board()], ((1.0, 1.0, rate, 1.0, 1.0),)
    n = 20_000
    _, out = enterprises_in(world, n)
    shares = np.bincount(out.end_kind, minlength=4)[[End.LISTED, End.MERGED, End.FAILED]] / n
    assert shares == pytest.approx([min(rate * 0.3, 0.6), 0.25, 0.15], abs=4 * 0.5 / math.sqrt(n))
    waits = np.mean(out.wait_period < NEVER)
    assert waits == pytest.approx(max(0.0, 1 - rate) * 0.3, abs=4 * 0.5 / math.sqrt(n))
