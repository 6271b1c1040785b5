"""Tables, files, words and events of property: worked out by hand
where nothing is random, by other means elsewhere.
"""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from fundsim import simulate, story
from fundsim.results.property import (
    OF_PARK,
    correlation,
    descendants,
    reit_measures,
    sleeve_rows,
    sleeve_values,
)
from fundsim.results.property_events import trap_rows
from fundsim.results.tables import TABLES, has_property
from fundsim.scenario import Scenario
from fundsim.store import RunFolder, load_results, summary_of, write_tables, write_text
from fundsim.store.tables import stored_tables
from fundsim.story.layout import display_width
from fundsim.vocabulary import Channel, EventKind
from fundsim.words import label
from tests.makers.plain_scenarios import plain
from tests.makers.property_runs import certain, scenario, uncertain, vehicles

COLUMNS = {name: table.columns for name, table in TABLES.items() if table.of_property}


def stored_names(run):
    return {table.name for table in stored_tables(run)}


def without_property():
    content = plain(vehicles()[:1] + vehicles()[2:], years=2.0)
    return simulate(Scenario.from_dict(content), paths=3, progress=False)


# By hand


def test_projects_by_hand():
    table = certain().projects().set_index("project")
    one, two, three = (table.loc[name] for name in ("one", "two", "three"))
    assert list(table.index) == ["one", "two", "three"]
    assert (one["completed"], one["listed"], one["sold"], one["enforced"]) == (1, 1, 0, 0)
    # complete four years before the start, listed in the first quarter of the third year: dated 2.25
    assert one["years_to_listing_p50"] == pytest.approx(6.25)
    assert one["price_to_book_mean"] == pytest.approx(12 / 10)
    assert one["least_coverage_p05"] == pytest.approx(0.6 / 0.12)
    assert one["support_mean"] == one["trapped_share_mean"] == 0
    assert two["completed"] == three["completed"] == 1
    assert two["listed"] == three["listed"] == 0
    assert np.isnan([two["years_to_listing_mean"], two["price_to_book_p50"], two["least_coverage_p50"]]).all()


def test_park_by_year_by_hand():
    table = certain().property_by_year().pivot(index="year", columns="measure", values="mean")
    # one is worth 12 from the start, two from the second year, three two years later
    assert table["value"].round(6).tolist() == [12, 24, 24, 36, 36, 36, 36, 36]
    assert table["noi"].round(6).tolist() == [0.6, 1.2, 1.2, 1.65, 1.8, 1.8, 1.8, 1.8]
    assert table["debt"].round(6).tolist() == [4, 4, 0, 0, 0, 0, 0, 0]
    assert table["loan_to_value"].iloc[:2].tolist() == pytest.approx([4 / 12, 4 / 24])
    assert table["loan_to_value"].iloc[2:].tolist() == pytest.approx([0.0] * 6)
    # the bond is served in the quarter of the listing; both projects pay from private rents until then
    assert table["coverage"].iloc[:3].tolist() == pytest.approx(
        [0.6 / 0.12, 1.2 / 0.12, 0.75 / 0.03], rel=1e-6
    )
    assert table["coverage"].iloc[3:].isna().all()
    assert table["original"].round(6).tolist() == [4] * 8
    assert table["recycled"].round(6).tolist()[:2] == [0, 0]
    assert table["recycled_per_original"].iloc[-1] == pytest.approx(2 / 4)
    assert table["recovered"].iloc[2] == pytest.approx(12 - 4 - 0.2 * 12)


def test_reit_by_year_by_hand():
    table = certain().reits_by_year().pivot(index="year", columns="measure", values="mean")
    assert table["listed"].tolist() == [0, 0, 1, 1, 1, 1, 1, 1]
    assert table.loc[:2, "price"].isna().all()
    assert table.loc[3, "raised"] == pytest.approx(12)
    # three quarters of the third year pay 0.9 × 0.15; a tenth stays as cash
    assert table.loc[3, "dividend"] == pytest.approx(3 * 0.9 * 0.15)
    assert np.isnan(table.loc[3, "distribution_yield"])
    assert table.loc[4, "distribution_yield"] == pytest.approx(0.9 * 0.6 / (12 + 3 * 0.015))
    assert table.loc[4, "price"] == pytest.approx((12 + 7 * 0.015) / 12)
    assert table.loc[3:, "price_to_nav"].tolist() == pytest.approx([1.0] * 6)
    assert table.loc[3:, "gearing"].tolist() == pytest.approx([0.0] * 6)


def test_holding_of_strategic_units_by_hand():
    """A vehicle takes the strategic units of a REIT when they are offered (4.9), (5.9)."""
    row = certain().holdings().iloc[0]
    assert (row["vehicle"], row["interest"]) == ("homes", "park REIT (units)")
    assert row["bought"] == 1
    assert row["share_mean"] == pytest.approx(1.0)
    assert row["cost_mean"] == pytest.approx(0.2 * 12)
    # locked for a year, sold over a year at a price that grows with the cash that stays
    assert 1.0 < row["multiple_mean"] < 1.12


def test_projects_by_year_by_hand():
    table = certain().projects_by_year().set_index(["project", "measure", "year"])["mean"].sort_index()
    assert table["one", "occupancy"].tolist() == pytest.approx([1.0] * 8)
    assert np.isnan(table["two", "occupancy", 1])
    assert table["one", "coverage"].iloc[0] == pytest.approx(5.0)
    assert table["one", "debt"].iloc[1] == pytest.approx(4.0)
    assert table["one", "coverage"].iloc[3:].isna().all()


# By other means


def test_distribution_yield_counts_half_of_what_is_raised_in_the_year():
    # dividend, market value, NAV, price, debt, assets, raised
    years = [[0.0, 0, 0, np.nan, 0, 0, 0], [1.0, 100, 100, 1, 10, 110, 90], [5.0, 120, 100, 1.2, 20, 125, 40]]
    found = reit_measures(np.array([years]))
    np.testing.assert_allclose(found["distribution_yield"], [[np.nan, np.nan, 5 / (100 + 20)]])
    np.testing.assert_allclose(found["price_to_nav"], [[np.nan, 1.0, 1.2]])
    np.testing.assert_allclose(found["gearing"], [[np.nan, 10 / 110, 20 / 125]])
    assert found["listed"].tolist() == [[0, 1, 1]]


def test_correlation_and_its_jackknife_error():
    generator = np.random.default_rng(4)
    x = generator.lognormal(size=40)
    y = 0.5 * x + generator.lognormal(size=40)
    value, error, n = correlation(np.append(x, np.nan), np.append(y, 1.0))
    assert value == pytest.approx(np.corrcoef(x, y)[0, 1])
    without = [np.corrcoef(np.delete(x, i), np.delete(y, i))[0, 1] for i in range(40)]
    assert error == pytest.approx(np.sqrt(39 / 40 * np.sum((np.array(without) - np.mean(without)) ** 2)))
    assert n == 40


@pytest.mark.parametrize("y", [np.ones(9), np.full(9, np.nan), np.r_[1.0, 2.0, np.full(7, np.nan)]])
def test_correlation_is_undefined_where_a_sleeve_is_constant_or_missing(y):
    value, error, _ = correlation(np.arange(9.0), y)
    assert np.isnan(value)
    assert np.isnan(error)


def test_jackknife_error_covers_the_truth():
    """Of 400 samples of correlation 0.6 about 95 % lie within 1.96
    errors; 0.9 and 0.99 are nine deviations off it.
    """
    generator = np.random.default_rng(11)
    inside = 0
    for _ in range(400):
        x, noise = generator.normal(size=(2, 100))
        value, error, _ = correlation(x, 0.6 * x + 0.8 * noise)
        inside += abs(value - 0.6) < 1.96 * error
    assert 0.9 < inside / 400 < 0.99


@dataclass
class Run:
    """Measures of vehicles by hand."""

    scenario: Scenario
    held: dict
    n_paths: int = 4
    sampling: object = None
    group: int = 1

    def measure(self, name, vehicle, investor="all"):
        return np.array(self.held[name, vehicle])


def test_sleeves_weigh_vehicles_by_what_was_paid_in():
    second = vehicles()[1] | {
        "name": "offices",
        "investors": [{"name": "x", "kind": "social", "commitment": 5.0}],
    }
    full = Scenario.from_dict(scenario().to_dict() | {"vehicles": [*vehicles(), second]})
    held = {
        ("tvpi", "homes"): [1.0, 2.0, 3.0, np.nan],
        ("paid_in_share", "homes"): [1.0, 0.5, 1.0, np.nan],
        ("tvpi", "offices"): [2.0, 1.0, 1.0, np.nan],
        ("paid_in_share", "offices"): [1.0, 1.0, 0.0, np.nan],
        ("tvpi", "fund"): [1.0, 2.0, 4.0, 8.0],
        ("paid_in_share", "fund"): [1.0] * 4,
    }
    run = Run(full, held)
    homes, equity = sleeve_values(run)
    np.testing.assert_allclose(homes, [(3 + 10) / 8, (1.5 * 2 + 5) / 6.5, 3.0, np.nan])
    np.testing.assert_allclose(equity, [1, 2, 4, 8])
    np.testing.assert_allclose(sleeve_values(run, "mother")[0], [1.0, 2.0, 3.0, np.nan])
    rows = {row["mother"]: row for row in sleeve_rows(run)}
    assert rows["mother"]["correlation"] == pytest.approx(np.corrcoef([1, 2, 3], [1, 2, 4])[0, 1])
    assert rows["all"]["paths"] == rows["mother"]["paths"] == 3
    assert descendants(full, "mother") == {"homes", "fund"}


def test_a_vehicle_with_both_belongs_to_neither_sleeve():
    both = vehicles()[2] | {"name": "both", "property": {"buys": ["units"]}}
    full = Scenario.from_dict(scenario().to_dict() | {"vehicles": [vehicles()[0], vehicles()[1], both]})
    assert list(sleeve_rows(Run(full, {}))) == []


def test_sleeves_of_a_run():
    found = uncertain()
    row = found.sleeves().set_index("mother").loc["mother"]
    x, y = found.measure("tvpi", "homes"), found.measure("tvpi", "fund")
    paid = np.isfinite(x)  # nothing is paid in where the REIT is never listed
    assert row["correlation"] == pytest.approx(np.corrcoef(x[paid], y[paid])[0, 1])
    assert row["paths"] == paid.sum() > 40
    assert row["property_tvpi"] == pytest.approx(x[paid].mean())
    assert certain().sleeves()["correlation"].isna().all()


def test_tables_have_their_columns_and_types():
    for name, columns in COLUMNS.items():
        for run in (uncertain(), without_property()):
            table = getattr(run, name)()
            assert tuple(table) == columns
            assert {str(table[column].dtype) for column in columns if column in ("year", "paths")} <= {
                "int64"
            }
            numbers = table.drop(
                columns=[c for c in table if c in ("project", "reit", "vehicle", "interest")]
            )
            numbers = numbers.drop(columns=[c for c in numbers if c in ("measure", "mother")])
            assert {dtype.kind for dtype in numbers.dtypes} <= {"f", "i"}


def test_statistics_by_year_are_those_of_the_kept_paths():
    found = uncertain()
    held = found.arrays["property_years"].astype(float)
    table = found.property_by_year().set_index(["measure", "year"])
    assert set(table.index.levels[0]) == set(OF_PARK)
    np.testing.assert_allclose(table.loc["value", "mean"], held[..., 0].mean(axis=0))
    np.testing.assert_allclose(table.loc["value", "p95"], np.quantile(held[..., 0], 0.95, axis=0))
    error = held[..., 0].std(axis=0, ddof=1) / np.sqrt(80)
    np.testing.assert_allclose(table.loc["value", "standard_error"], error)
    undefined = table.loc["coverage", "undefined"]
    assert undefined.iloc[0] == 0
    assert undefined.iloc[-1] > 0


def test_tables_of_one_run_agree():
    """What holdings cost is what their vehicle invested; capital of exits is part of what they paid out."""
    found = uncertain()
    invested = found.activity().set_index("vehicle").loc["homes", "invested"]
    table = found.holdings()
    # kept in single precision
    assert (table["bought"] * table["cost_mean"]).sum() == pytest.approx(invested, rel=1e-6)
    exits = found.exits_by_year()
    proceeds = exits[exits["vehicle"] == "homes"]["proceeds"].sum()
    at = found.arrays["holdings"].astype(float)
    assert 0 < proceeds < at[..., 3].sum(axis=1).mean() + 1e-6
    park = found.property_by_year().pivot(index="year", columns="measure", values="mean")
    by_project = found.projects_by_year()
    for name in ("value", "debt", "noi"):
        own = by_project[by_project["measure"] == name].groupby("year")["mean"].sum()
        np.testing.assert_allclose(own, park[name], rtol=1e-6, atol=1e-9)


def test_probabilities_have_the_error_of_a_share():
    row = uncertain().projects().set_index("project").loc["one"]
    q = (80 * row["listed"] + 2) / 84  # (§9), of 80 paths
    assert row["listed_standard_error"] == pytest.approx(np.sqrt(q * (1 - q) / 80))


def test_shorter_runs_and_threads_change_no_path():
    one = simulate(scenario(0.15), paths=20, threads=2, progress=False)
    other = simulate(scenario(0.15), paths=12, threads=1, progress=False)
    for name in (
        "project_events",
        "project_amounts",
        "holdings",
        "property_years",
        "project_years",
        "reit_years",
    ):
        np.testing.assert_array_equal(one.arrays[name][:12], other.arrays[name])


# Without property


def test_scenario_without_property_has_empty_tables_and_no_files():
    run = without_property()
    assert not has_property(run.scenario)
    assert all(len(getattr(run, name)()) == 0 for name in COLUMNS)
    assert not stored_names(run) & set(COLUMNS)
    assert stored_names(certain()) >= set(COLUMNS)


# Exits


def test_exits_of_property_have_their_channel_and_name():
    exits = certain().exits()
    homes = exits[exits["vehicle"] == "homes"]
    assert set(homes["enterprise"]) == {"park REIT (units)"}
    assert set(homes["channel"]) == {"reit_units"}
    assert homes["cost"].to_numpy() == pytest.approx(0.2 * 12)
    assert list(exits["channel"].cat.categories) == list(Channel.words())
    by_year = certain().exits_by_year()
    sold = by_year[(by_year["channel"] == "reit_units") & (by_year["vehicle"] == "homes")]
    assert sold["count"].sum() == 1
    fund = exits[exits["vehicle"] == "fund"]
    assert fund["enterprise"].str.contains("outside").all()


# The run folder


@pytest.mark.parametrize("run", [certain, uncertain, without_property])
def test_run_folder_gives_the_same_tables(run, tmp_path):
    results = run()
    folder = RunFolder(tmp_path / "one")
    folder.path.mkdir()
    write_text(folder.path / "scenario.yaml", results.scenario.to_yaml())
    write_tables(folder.path, results)
    folder.finish(summary_of(results))
    stored = load_results(folder.path)
    assert {file.stem for file in (folder.path / "tables").iterdir()} == {
        table.name for table in stored_tables(results) if table.csv
    }
    for name in COLUMNS:
        expected, found = getattr(results, name)(), getattr(stored, name)()
        pd.testing.assert_frame_equal(found.astype(expected.dtypes), expected, check_exact=True)
        assert [found[c].dtype.kind for c in found] == [expected[c].dtype.kind for c in expected]
    np.testing.assert_array_equal(sleeve_values(stored), sleeve_values(results))


def test_blocks_survive_their_files(tmp_path):
    from fundsim.results import BlockResult

    blocks = []
    whole = simulate(scenario(0.15), paths=9, progress=False, on_block=blocks.append)
    folder = RunFolder(tmp_path / "one")
    folder._blocks.mkdir(parents=True)
    for block in blocks:
        folder.save_block(block.first_path, block.n_paths, block.to_arrays())
    read = [BlockResult.from_arrays(arrays) for arrays in folder.blocks()]
    again = simulate(scenario(0.15), paths=9, progress=False, blocks_done=read)
    for name in whole.arrays:
        np.testing.assert_array_equal(again.arrays[name], whole.arrays[name])


# Words


def test_trace_tells_what_happens_to_property():
    events = certain().trace(0).events
    told = {kind: rows for kind, rows in events.groupby("kind")}
    assert told["building"]["counterpart"].tolist() == ["two", "three"]
    assert told["building"]["recycled"].tolist() == [False, True]
    assert told["completion"]["period"].tolist()[0] == 3
    listing = told["reit_listing"].iloc[0]
    assert (listing["period"], listing["amount"]) == (8, pytest.approx(12))
    assert (listing["units"], listing["price"]) == (pytest.approx(12), pytest.approx(1))
    injected = told["project_listing"].iloc[0]
    assert (injected["book"], injected["cash"]) == (pytest.approx(10), pytest.approx(5.6))
    assert told["dividend"]["amount"].iloc[0] == pytest.approx(3 * 0.9 * 0.15)
    purchase = told["purchase"].iloc[0]
    assert (purchase["vehicle"], purchase["counterpart"]) == ("homes", "park REIT (units)")
    assert (purchase["amount"], purchase["share"]) == (pytest.approx(2.4), pytest.approx(1))
    units = told["exit"].set_index("channel").loc[["reit_units"]]
    assert units["cost"].tolist() == [pytest.approx(2.4)]


def test_trapped_cash_is_told_when_it_begins_and_ends():
    rows = list(trap_rows("one", np.array([0.0, 0.2, 0.5, 0.0, 0.3]), np.full(5, 10.0)))
    assert [(row["period"], row["kind"], row["amount"]) for row in rows] == [
        (1, EventKind.CASH_TRAP, 0.2),
        (3, EventKind.CASH_RELEASE, 0.5),
        (4, EventKind.CASH_TRAP, 0.3),
    ]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_story_of_a_path_names_property_in_the_language(lang):
    text = story.trace_story(certain().trace(0), lang)
    assert max(map(display_width, text.splitlines())) <= 80
    for words in {
        "en": ("Phase one joins its REIT", "The park's REIT is listed", "REIT units", "from recycled money"),
        "zh": ("一期 注入 REIT", "园区公募基金 上市", "REIT 份额减持", "回收资金再投资"),
    }[lang]:
        assert words in text


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_description_tells_the_property(lang):
    text = story.describe(scenario(), lang)
    assert max(map(display_width, text.splitlines())) <= 80
    joined = "".join(line.strip() for line in text.splitlines())
    for words in ("100,000", "50", "3%", "40%", "2020-01-01", "60", "36", "12", "3.8%"):
        assert words in joined
    assert label("describe.property", lang) in text
    assert label("interest_source.units", lang) in text
    plain_text = story.describe(without_property().scenario, lang)
    assert label("describe.property", lang) not in plain_text


def test_space_that_fills_at_a_cost_is_valued_paid_and_told():
    """The second project fills from a half to the whole in the two years after its first, for 200 yuan
    a square metre: 0.0125 a quarter. After one of these years rents of 0.15 a quarter still lack a quarter.
    """
    content = scenario().to_dict()
    of_two = content["property"]["projects"][1]
    of_two["occupancy"] = {"opening": 0.5, "stable": 1.0, "ramp_years": 2.0, "letting_cost": 200}
    run = simulate(Scenario.from_dict(content), paths=2, progress=False)
    assert all(check["passed"] for check in run.checks)
    table = run.property_by_year()
    values, before = (
        one.query("measure == 'value'")["mean"] for one in (table, certain().property_by_year())
    )
    later = [(0.15 * (0.25 - k / 16) + 0.0125) / 1.0125**k for k in range(1, 5)]
    assert before.to_numpy() - values.to_numpy() == pytest.approx([0, sum(later), *[0] * 6], abs=1e-6)
    joined = "".join(line.strip(" │") for line in story.describe(run.scenario).splitlines())
    assert "200 CNY" in joined
    assert "200 CNY" not in "".join(line.strip(" │") for line in story.describe(scenario()).splitlines())


def test_names_that_are_no_property_stay_as_they_are():
    from fundsim.story.property import known_title

    full = scenario()
    assert known_title(full, "one", "zh") == "一期"
    assert known_title(full, "park REIT (units)", "zh") == label(
        "interest_of.units", "zh", name="园区公募基金"
    )
    assert known_title(full, "two (development)", "en") == "two, development"
    assert known_title(full, "nobody", "zh") == "nobody"
    assert known_title(SimpleNamespace(property_=None), "one", "en") == "one"
