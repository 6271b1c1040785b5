"""The scenarios of the seeds: they load, add up to what the documents
print, run, pass the audit, and invest their money.
"""

import datetime as dt
import re
from pathlib import Path

import numpy as np
import pytest

import fundsim as fs
from fundsim.engine.passes import run_passes
from fundsim.plan import make_plan
from fundsim.vocabulary import VehicleFlow, VehicleStock

SCENARIOS = Path(__file__).parent.parent / "scenarios"
NAMES = ("qinchuangyuan", "biobay", "jiading", "park_funds")

# Table 4 of the blue book: size in 100 million yuan and month, in the order of its rows.
TABLE_4 = (
    (7.6, 2023, 11),
    (10, 2023, 5),
    (20.01, 2023, 4),
    (100, 2023, 4),
    (10, 2023, 4),
    (5, 2023, 3),
    (100, 2023, 1),
    (50, 2022, 11),
    (100, 2022, 9),
    (60, 2022, 9),
    (5.17, 2022, 7),
    (10, 2022, 7),
    (30, 2021, 11),
    (15, 2021, 7),
    (3, 2021, 3),
)


def load(name):
    return fs.load_scenario(SCENARIOS / f"{name}.yaml")


@pytest.fixture(scope="module", params=NAMES)
def scenario(request):
    return load(request.param)


def below_mothers(scenario):
    return [vehicle for vehicle in scenario.vehicles if vehicle.kind != "mother"]


# What the documents print


def test_qinchuangyuan_has_twenty_funds_of_ten_billion_yuan():
    scenario = load("qinchuangyuan")
    funds = below_mothers(scenario)
    assert len(funds) == 20 and len(scenario.vehicles) == 21
    assert sum(fund.size for fund in funds) == pytest.approx(100)
    assert {fund.strategy for fund in funds} == {"seed", "angel", "vc", "pe"}
    two_chains = scenario.vehicle("two-chains fund")
    assert two_chains.size == pytest.approx(5)
    assert scenario.start_of(two_chains) == dt.date(2023, 3, 1)


def test_qinchuangyuan_plans_some_120_projects_by_the_end_of_2023():
    scenario = load("qinchuangyuan")
    end = (dt.date(2023, 12, 31) - scenario.start).days / 365.25
    planned = 0
    for fund in below_mothers(scenario):
        first = (scenario.start_of(fund) - scenario.start).days / 365.25 + fund.mandate.from_years
        times = first + (np.arange(fund.mandate.deals) + 0.5) / fund.mandate.deals * fund.mandate.over_years
        planned += int(np.count_nonzero(times <= end))
    assert 120 <= planned <= 135


def test_biobay_has_ten_billion_yuan_from_direct_deals_to_mature_pipelines():
    scenario = load("biobay")
    funds = below_mothers(scenario)
    assert sum(fund.size for fund in funds) == pytest.approx(100)
    assert {fund.kind for fund in scenario.vehicles} == {"mother", "direct", "sub_fund", "co_investment"}
    bought = {stage for fund in funds for stage in fund.mandate.stages}
    assert bought == {stage.name for stage in scenario.sector("biopharma").stages}
    assert scenario.sector("biopharma").listing.boards == ("star", "hk_18a", "bse")


def test_jiading_has_the_two_guidance_funds_and_the_four_industries():
    scenario = load("jiading")
    assert {v.name: v.size for v in scenario.vehicles if v.kind == "mother"} == {
        "industry fund": pytest.approx(100),
        "angel guidance fund": pytest.approx(25),
    }
    assert len(scenario.sectors) == 4
    mandates = [fund.mandate for fund in below_mothers(scenario) if fund.mandate is not None]
    bought = {sector for mandate in mandates for sector in mandate.sectors}
    assert bought == {sector.name for sector in scenario.sectors}


def test_park_funds_are_the_fifteen_of_table_4():
    scenario = load("park_funds")
    funds = below_mothers(scenario)
    printed = [(size, dt.date(year, month, 1)) for size, year, month in TABLE_4]
    assert [(pytest.approx(fund.size), scenario.start_of(fund)) for fund in funds] == printed
    assert sum(fund.size for fund in funds) == pytest.approx(525.78)
    portfolio = scenario.vehicle("portfolio")
    assert portfolio.size == pytest.approx(52.578)
    stakes = [next(i.commitment for i in fund.investors if i.vehicle == "portfolio") for fund in funds]
    assert stakes == pytest.approx([fund.size / 10 for fund in funds])


def test_what_every_park_fund_returns_is_open():
    """A fund whose flows are fixed says nothing about its risk."""
    results = fs.simulate(load("park_funds").override({"run.paths": 64}), progress=False)
    summary = results.summary().query("investor == 'all' and measure == 'tvpi'").set_index("vehicle")
    assert (summary.p95 - summary.p05 > 0.1).all()


# What every scenario must be


def test_scenario_loads_without_a_warning(scenario):
    assert scenario.warnings == ()


def test_titles_are_in_both_languages(scenario):
    assert all(re.search("[一-鿿]", vehicle.title.zh) for vehicle in scenario.vehicles)
    assert not any(re.search("[一-鿿]", vehicle.title.en) for vehicle in scenario.vehicles)
    assert scenario.title.zh and scenario.title.en and scenario.description.zh and scenario.description.en


@pytest.mark.parametrize("name", NAMES)
def test_file_says_where_its_blocks_come_from(name):
    comments = "\n".join(re.findall("#.*", (SCENARIOS / f"{name}.yaml").read_text(encoding="utf-8")))
    assert all(f"{grade} " in comments for grade in ("SEED", "READ", "RECALLED", "ASSUMED"))
    assert all(f"{grade}:" in comments or f"{grade}." in comments for grade in ("SEED", "READ", "ASSUMED"))


def test_stakes_of_mothers_are_within_their_caps(scenario):
    for vehicle in scenario.vehicles:
        for investor in vehicle.investors:
            if investor.cap_share is not None:
                assert investor.commitment <= investor.cap_share * vehicle.size * (1 + 1e-9), vehicle.name


def test_scenario_runs_and_passes_the_audit(scenario):
    results = fs.simulate(scenario, paths=3, progress=False)
    assert results.checks and all(check["passed"] for check in results.checks)
    assert results.measures.tvpi.notna().all()


def test_money_is_invested(scenario):
    """Mandates, rounds and sizes fit together: no fund that buys
    enterprises leaves half of its money idle.
    """
    invested = fs.simulate(scenario, paths=60, progress=False).activity().set_index("vehicle").invested
    for vehicle in below_mothers(scenario):
        assert 0.5 < invested[vehicle.name] / vehicle.size < 1, vehicle.name


@pytest.mark.slow
def test_funds_come_near_the_published_quartiles():
    """Ten-year funds return about 0.75, 1.15 and 1.70 at the end:
    the presets are set so, to a third either way.
    """
    scenario = load("qinchuangyuan")
    results = fs.simulate(scenario, paths=500, progress=False)
    funds = [fund.name for fund in below_mothers(scenario) if fund.strategy in ("vc", "pe")]
    dpi = np.concatenate([results.measure("dpi", name) for name in funds])
    assert np.quantile(dpi, (0.25, 0.5, 0.75)) == pytest.approx([0.75, 1.15, 1.70], rel=1 / 3)


def test_qinchuangyuans_sub_funds_invest_what_they_can_call():
    """At least four fifths; the rest are fees, reserves that nobody needed, and deals without a match."""
    scenario = load("qinchuangyuan")
    plan = make_plan(scenario)
    blocks = run_passes(plan, 0, 200)
    funds = [v for v, vehicle in enumerate(scenario.vehicles) if vehicle.mandate is not None]
    invested = blocks.funds.vehicle_flows[:, VehicleFlow.INVESTED].sum(axis=2)
    owners = np.concatenate([range(*owners_of(plan, v)) for v in funds])
    assert invested[:, funds].sum() > 0.8 * blocks.closing.callable[:, owners].sum()


def owners_of(plan, v):
    own = plan.funds.vehicles[v]
    return int(own["first_investor"]), int(own["last_investor"])


def test_who_calls_just_in_time_has_no_idle_cash_and_tranches_have():
    """Cash over NAV in the mean over the years in which funds invest: at most 5 % of the mother's, who calls
    what they need, and more of a fund that calls in three tranches.
    """
    scenario = load("qinchuangyuan")
    stocks = run_passes(make_plan(scenario), 0, 100).funds.vehicle_stocks
    quarters = range(1, 4 * 6)
    cash = stocks[:, VehicleStock.CASH][..., quarters].mean(axis=(0, 2))
    held = stocks[:, VehicleStock.HOLDINGS][..., quarters].mean(axis=(0, 2))
    names = [vehicle.name for vehicle in scenario.vehicles]
    idle = dict(zip(names, cash / (cash + held), strict=True))
    assert idle["mother"] < 0.05
    assert idle["angel fund 1"] > 0.1
