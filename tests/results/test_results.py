"""Results: what each table holds, leverage of clusters worked
out by hand, and that nothing can be changed.
"""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from fundsim import simulate
from fundsim.errors import ArgumentError
from fundsim.scenario import Scenario
from fundsim.vocabulary import Leverage, Measure
from tests.makers.fund_cluster import cluster
from tests.makers.plain_scenarios import fund, plain, sector, stage
from tests.twins.returns import pooled

QUANTILES = ["p05", "p25", "p50", "p75", "p95"]
ERRORS = [f"{name}_standard_error" for name in QUANTILES]
ENDS = [f"{name}_{end}" for name in QUANTILES for end in ("low", "high")]
STATISTICS = ["mean", "standard_error", *QUANTILES, *ERRORS, *ENDS, "undefined"]
KINDS = ["fiscal", "government"]


@cache
def results():
    return simulate(cluster(3, 60).override({"run.kept_paths": 40}), paths=60, progress=False)


# Tables


def test_measures_hold_a_row_for_path_vehicle_investor():
    table = results().measures
    assert list(table) == ["path", "vehicle", "investor", *Measure.words()]
    assert table["path"].dtype.kind == "i"
    assert table["path"].unique().tolist() == list(range(60))
    assert not table.duplicated(["path", "vehicle", "investor"]).any()
    per_path = sum(len(vehicle.investors) + 1 for vehicle in results().scenario.vehicles)
    assert len(table) == 60 * per_path
    for name in Measure.words():
        chosen = table.query("vehicle == 'mother' and investor == 'provincial fiscal'")[name]
        np.testing.assert_array_equal(chosen, results().measure(name, "mother", "provincial fiscal"))


def test_measures_hang_together():
    table = results().measures
    np.testing.assert_allclose(table["tvpi"], table["dpi"] + table["rvpi"], rtol=1e-12)
    np.testing.assert_array_equal(table["loss"], (table["tvpi"] < 1 - 1e-9).astype(float))
    assert table["paid_in_share"].between(0, 1 + 1e-9).all()
    assert table["gross_irr"].isna().equals(table["investor"] != "all") or table["gross_irr"].isna().any()
    assert table.loc[table["investor"] != "all", "gross_irr"].isna().all()


def test_summary_holds_statistics_of_every_measure():
    table = results().summary()
    assert list(table) == ["vehicle", "investor", "measure", *STATISTICS]
    assert table["undefined"].dtype.kind == "i"
    row = table.set_index(["vehicle", "investor", "measure"]).loc[("mother", "all", "tvpi")]
    values = results().measure("tvpi", "mother")
    assert row["mean"] == pytest.approx(values.mean())
    assert row["standard_error"] == pytest.approx(values.std(ddof=1) / np.sqrt(60))
    np.testing.assert_allclose(
        row[QUANTILES].astype(float), np.quantile(values, [0.05, 0.25, 0.5, 0.75, 0.95])
    )
    expected = {
        (vehicle, investor, name)
        for vehicle in results().vehicles
        for investor in results().investors(vehicle)
        for name in Measure.words()
        if name != "gross_irr" or investor == "all"
    }
    assert set(map(tuple, table[["vehicle", "investor", "measure"]].to_numpy())) == expected


def test_summary_in_words():
    for lang in ("en", "zh"):
        worded = results().summary(lang)
        assert list(worded["mean"]) == list(results().summary()["mean"]) or worded["mean"].isna().any()
        assert not set(worded["measure"]) & {"net_irr", "tvpi"} or lang == "en"


def test_the_summary_does_not_take_one_investor_for_another():
    """A mother that does not start on a few late paths has no
    measures there; its neighbour in the class has.
    """
    closing = {"raised_share": {"mean": 0.9, "sd": 0.1}, "minimum_close": 0.55}
    social = [{"name": "social", "kind": "social", "commitment": 100.0}]
    mother = {
        "name": "mother",
        "kind": "mother",
        "investors": social,
        "closing": closing,
        "terms": {"term_years": 10},
    }
    both = [
        {"name": "fiscal", "kind": "fiscal", "commitment": 50.0},
        {"vehicle": "mother", "commitment": 50.0},
    ]
    content = plain([mother, fund(investors=both)], [sector(stages=[stage(volatility=0.3)])])
    found = simulate(Scenario.from_dict(content), paths=400, seed=2, progress=False)
    has_started = ~np.isnan(found.irr("fund", "mother"))
    assert has_started[:64].all(), "the first paths do not tell them apart"
    table = found.summary().set_index(["vehicle", "investor", "measure"])
    assert table.loc[("fund", "mother", "tvpi"), "undefined"] == (~has_started).sum() > 0
    assert table.loc[("fund", "fiscal", "tvpi"), "undefined"] == 0


def test_cash_flows_hold_statistics_by_date():
    table = results().cash_flows()
    assert list(table) == ["vehicle", "investor", "date", "flow", "mean", "standard_error", *QUANTILES]
    flows = {"contribution", "distribution", "net_cash_flow", "cumulative_net", "nav"}
    by_investor = table.groupby("investor", observed=True)["flow"].agg(set)
    assert by_investor["provincial fiscal"] == flows
    assert by_investor["all"] == flows | {"fee"}
    assert by_investor["general partner carry"] == {"carry"}
    assert not table.duplicated(["vehicle", "investor", "date", "flow"]).any()
    assert (table.groupby(["vehicle", "investor", "flow"]).size() == len(results().dates)).all()


def test_cash_flows_are_those_of_the_paths():
    everything = simulate(cluster(3, 60), paths=60, progress=False)
    for flow in ("contribution", "distribution", "net_cash_flow", "cumulative_net", "nav", "fee"):
        table = everything.cash_flows("mother", "all").set_index("flow").loc[flow]
        paths = everything.paths_of(flow, "mother")
        scale = np.abs(paths).max()
        # series of paths are kept in single precision
        np.testing.assert_allclose(table["mean"], paths.mean(axis=0), atol=1e-6 * scale)
        error = paths.std(axis=0, ddof=1) / np.sqrt(60)
        np.testing.assert_allclose(table["standard_error"], error, atol=1e-5 * scale)
        np.testing.assert_allclose(table["p50"], np.median(paths, axis=0), atol=1e-6 * scale)


def test_investors_share_what_the_vehicle_pays():
    for flow in ("contribution", "distribution", "nav"):
        for vehicle in results().vehicles:
            *investors, _ = results().investors(vehicle)
            parts = sum(results().paths_of(flow, vehicle, investor) for investor in investors)
            np.testing.assert_allclose(parts, results().paths_of(flow, vehicle), rtol=1e-6, atol=1e-6)


def test_series_of_paths_and_years():
    assert results().kept_paths == results().exit_paths == 40
    n_periods, n_years = len(results().dates), len(results().years)
    paths = results().paths_of("dpi", "mother")
    assert paths.shape == (40, n_periods)
    by_year = results().dpi_by_year("mother")
    assert by_year.shape == (40, n_years)
    np.testing.assert_array_equal(by_year, paths[:, 3::4])
    np.testing.assert_allclose(paths[:, -1], results().measure("dpi", "mother")[:40], rtol=1e-5)


def test_leverage_tables():
    keys = ["definition", "basis", "money"]
    rows = {(one.definition, one.basis, money) for one in Leverage for money in KINDS}
    table = results().leverage()
    assert list(table) == [*keys, *STATISTICS]
    assert set(map(tuple, table[keys].to_numpy())) == rows
    by_year = results().leverage_by_year()
    assert list(by_year) == ["year", *keys, "mean", *QUANTILES]
    assert len(by_year) == len(rows) * len(results().years)
    paths = results().leverage_paths()
    assert list(paths) == ["path", "year", *keys, "value"]
    assert len(paths) == 40 * len(by_year)
    last = paths.query(
        "year == @results().years[-1] and definition == 'invested_multiple' and money == 'fiscal'"
    )
    assert last["value"].quantile(0.5) == pytest.approx(
        by_year.set_index(["year", *keys]).loc[
            (results().years[-1], "invested_multiple", "invested", "fiscal"), "p50"
        ]
    )


def test_landing_exits_and_activity_tables():
    landing = results().landing()
    assert list(landing) == ["vehicle", "mean", "standard_error", *QUANTILES, "required"]
    required = [vehicle.obligations.landing_multiple for vehicle in results().scenario.vehicles[1:]]
    np.testing.assert_array_equal(landing["required"], [np.nan if one is None else one for one in required])
    exits = results().exits()
    assert list(exits) == ["path", "vehicle", "enterprise", "channel", "date", "cost", "proceeds"]
    assert exits["path"].between(0, 39).all()
    assert exits["date"].isin(results().dates).all()
    by_year = results().exits_by_year()
    assert list(by_year) == ["vehicle", "channel", "year", "count", "proceeds", "cost"]
    channels = {"listing", "merger", "buyback", "transfer", "term_sale", "write_off", "in_kind"}
    of_property = {"property_sale", "reit_offering", "reit_units", "enforcement"}
    assert set(by_year["channel"]) == channels | of_property
    assert by_year[by_year["channel"].isin(of_property)]["count"].sum() == 0
    activity = results().activity()
    kinds = ["deals", "park_deals", "credited_deals", "follow_ons", "invested", "missed_park_deals"]
    pairs = [column for kind in kinds for column in (kind, f"{kind}_standard_error")]
    assert list(activity) == ["vehicle", "planned_deals", *pairs]
    assert (activity["deals"] <= activity["planned_deals"] + 1e-12).all()


@cache
def all_kept():
    return simulate(cluster(3, 60), paths=60, progress=False)


def test_exits_by_year_are_the_means_of_exits():
    exits = all_kept().exits()
    year = (exits["date"].dt.year - all_kept().dates[0].year + 1).rename("year")
    found = exits.groupby(["vehicle", "channel", year], observed=True)[["proceeds", "cost"]].sum() / 60
    table = all_kept().exits_by_year().set_index(["vehicle", "channel", "year"])
    for name in ("proceeds", "cost"):
        assert table[name].sum() == pytest.approx(found[name].sum())
        # lines are kept in single precision, 24 bits each
        np.testing.assert_allclose(table.loc[found.index, name], found[name], rtol=1e-6)
    assert table["count"].sum() * 60 == pytest.approx(len(exits))


def test_pooled_figures_are_those_of_all_cash_together():
    """(8.2)"""
    paid, back = (results().arrays["flow_sums"][k, results()._flow_row("mother", "all")] for k in (0, 1))
    nav = results().measures.query("vehicle == 'mother' and investor == 'all'")
    whole = results().pooled("mother")
    assert whole["dpi"] == pytest.approx(back.sum() / paid.sum())
    weights = nav["paid_in_share"] / nav["paid_in_share"].sum()
    assert whole["tvpi"] == pytest.approx((nav["tvpi"] * weights).sum())
    assert whole["dpi"] == pytest.approx((nav["dpi"] * weights).sum())


def test_pooled_figures_equal_the_slow_twin():
    """(8.2), on flows that are kept in single precision."""
    for vehicle in all_kept().plan.names.vehicles:
        flows = (all_kept().paths_of(name, vehicle) for name in ("contribution", "distribution", "nav"))
        paid, back, nav = flows
        expected = pooled(paid, back, nav[:, -1], all_kept().plan.grid.periods_per_year)
        assert all_kept().pooled(vehicle) == pytest.approx(expected, rel=1e-4)


def test_results_cannot_be_changed():
    for name, array in results().arrays.items():
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
        assert not array.flags.writeable, name
    with pytest.raises(ValueError, match="read-only"):
        results().irr("mother")[0] = 0
    with pytest.raises(AttributeError):
        results().n_paths = 3
    table = results().summary()
    table["mean"] = 0.0
    assert not (results().summary()["mean"] == 0.0).all()
    assert len(results().checks) == 12
    assert "audit passed" in repr(results())
    assert "audit passed" in results()._repr_html_()


@pytest.mark.parametrize(
    "ask",
    [
        lambda r: r.irr("mothr"),
        lambda r: r.irr("mother", "nobody"),
        lambda r: r.measure("irr", "mother"),
        lambda r: r.paths_of("flow", "mother"),
        lambda r: r.paths_of("carry", "mother", "provincial fiscal"),
        lambda r: r.cash_flows("nowhere"),
        lambda r: r.trace(-1),
    ],
)
def test_unknown_names_are_said(ask):
    with pytest.raises(ArgumentError):
        ask(results())


# Leverage by hand


def vehicle(name, kind, investors, deals=0, **mandate):
    """A vehicle whose investors are (label, kind or 'vehicle', commitment)."""
    rows = [
        {"vehicle": label, "commitment": amount}
        if what == "vehicle"
        else {"name": label, "kind": what, "commitment": amount}
        for label, what, amount in investors
    ]
    size = sum(amount for _, _, amount in investors)
    one = fund(name, deals=max(deals, 1), size=size, investors=rows, mandate=mandate)
    if not deals:
        del one["mandate"]
    return one | {"kind": kind}


TWO_TIERS = [
    vehicle("M", "mother", [("f", "fiscal", 40.0), ("s", "state", 60.0)]),
    vehicle("S", "sub_fund", [("M", "vehicle", 40.0), ("social", "social", 50.0), ("f", "fiscal", 10.0)], 2),
]
THREE_TIERS = [
    vehicle("T", "mother", [("f", "fiscal", 50.0), ("social", "social", 50.0)]),
    vehicle("L", "mother", [("T", "vehicle", 20.0), ("s", "state", 30.0)]),
    vehicle("S", "sub_fund", [("L", "vehicle", 50.0), ("social", "social", 50.0)], 1),
]
DIRECT_DEALS = [
    vehicle("M", "mother", [("f", "fiscal", 40.0), ("s", "state", 60.0)], 3, ticket=10.0),
    vehicle("S", "sub_fund", [("M", "vehicle", 50.0), ("social", "social", 50.0)], 1, relay=False),
]
TWO_MOTHERS = [
    vehicle("A", "mother", [("f", "fiscal", 60.0), ("s", "state", 40.0)]),
    vehicle("B", "mother", [("f", "fiscal", 20.0), ("social", "social", 80.0)]),
    vehicle("S", "sub_fund", [("A", "vehicle", 30.0), ("B", "vehicle", 10.0), ("social", "social", 60.0)], 1),
]
NAMES = ("mother_multiple", "sub_fund_multiple", "combined_multiple", "social_multiple", "social_share")
BY_HAND = {
    # M 100 of fiscal 40; ΣS = 40 + 60, Σm = 40; ΣG = 40·0.4 + 10 = 26, all government money 40 + 10 = 50
    "two tiers": (
        TWO_TIERS,
        {
            "fiscal": (100 / 40, 100 / 40, 100 / (40 * 0.4), 74 / 26, 0.74),
            "government": (1, 2.5, 100 / 40, 1, 0.5),
        },
    ),
    # ΣS = 20 from the top + 30 + 50 from outside, Σm = 20; ΣG = 20·0.5 = 10, with the state's 30 it is 40
    "three tiers": (
        THREE_TIERS,
        {"fiscal": (2, 5, 100 / (50 * 0.2), 9, 0.9), "government": (2, 5, 100 / (50 * 0.2), 1.5, 0.6)},
    ),
    # direct deals of 30 beside a stake of 50: 80 of 100 are used, ΣS = 100
    "direct deals": (
        DIRECT_DEALS,
        {"fiscal": (2.5, 2, 130 / (40 * 0.8), 4, 0.8), "government": (1, 2, 130 / (100 * 0.8), 1, 0.5)},
    ),
    # F = 80 of 200; Σm = 40, ΣG = 30·0.6 + 10·0.2 = 20; with state money F = 120 and ΣG = 30 + 2 = 32
    "two mothers": (
        TWO_MOTHERS,
        {
            "fiscal": (2.5, 2.5, 100 / (80 * 0.2), 4, 0.8),
            "government": (200 / 120, 2.5, 100 / (120 * 0.2), 68 / 32, 0.68),
        },
    ),
}


def leverage_of(vehicles, **fields):
    found = simulate(Scenario.from_dict(plain(vehicles, **fields)), paths=2, progress=False)
    assert all(check["passed"] for check in found.checks)
    return found, found.leverage().set_index(["definition", "basis", "money"])["mean"]


@pytest.mark.parametrize("name", BY_HAND)
def test_leverage_on_commitments_by_hand(name):
    """(8.3)–(8.7)"""
    vehicles, expected = BY_HAND[name]
    _, table = leverage_of(vehicles)
    for money in KINDS:
        found = [table[definition, "commitment", money] for definition in NAMES]
        assert found == pytest.approx(list(expected[money])), money


def test_leverage_paid_in_by_hand():
    """(8.3)–(8.7): all that is needed is called, so what is paid in has the shape of what is committed."""
    _, table = leverage_of(TWO_TIERS)
    # the mother pays in 40 of its 100, 16 of it fiscal
    assert table["mother_multiple", "paid_in", "fiscal"] == pytest.approx(2.5)
    assert table["sub_fund_multiple", "paid_in", "fiscal"] == pytest.approx(2.5)
    assert table["combined_multiple", "paid_in", "fiscal"] == pytest.approx(100 / 16)
    assert table["social_multiple", "paid_in", "fiscal"] == pytest.approx(74 / 26)
    _, table = leverage_of(DIRECT_DEALS)
    assert table["combined_multiple", "paid_in", "fiscal"] == pytest.approx(130 / 32)


def test_invested_multiples_by_hand():
    """(8.8): two rounds of 100, 50 of each from the fund; fiscal money paid in is 16 + 10."""
    _, table = leverage_of(TWO_TIERS)
    assert table["invested_multiple", "invested", "fiscal"] == pytest.approx(100 / 26)
    assert table["invested_with_co_investors", "invested", "fiscal"] == pytest.approx(200 / 26)
    # mothers' 40 and the fiscal 10 directly
    assert table["invested_multiple", "invested", "government"] == pytest.approx(100 / 50)


def test_landing_by_hand():
    """(8.9): all deals are park enterprises: 100 credited, of which
    guidance money is 26 (fiscal) or 50 (government).
    """
    from copy import deepcopy

    vehicles = deepcopy(TWO_TIERS)
    vehicles[1]["mandate"] |= {"park_share": 1.0, "n_candidates": 0}
    stream = {"name": "park", "sector": "plain", "stage": "only", "per_year": 8, "arrivals": "fixed"}
    found, table = leverage_of(vehicles, park={"streams": [stream | {"until_years": 0.25}]})
    assert table["landing_multiple", "paid_in", "fiscal"] == pytest.approx(100 / 26)
    assert table["landing_multiple", "invested", "fiscal"] == pytest.approx(1 / 0.26)
    assert table["landing_multiple", "paid_in", "government"] == pytest.approx(2)
    # of the vehicle's own guidance money, the mother's 40 and the fiscal 10
    assert found.landing()["mean"].tolist() == pytest.approx([2.0])
    activity = found.activity().iloc[1]
    assert (activity["park_deals"], activity["credited_deals"], activity["invested"]) == (
        2,
        2,
        pytest.approx(100),
    )


def test_leverage_without_guidance_money_is_undefined():
    found, table = leverage_of([fund()])
    assert set(table.dropna().index.droplevel("basis")) == {("social_share", money) for money in KINDS}
    assert table.dropna().tolist() == [1.0] * 4
    assert (found.leverage()["undefined"].isin([0, 2])).all()


def test_leverage_grows_with_the_years_a_vehicle_starts():
    vehicles = [dict(one) for one in TWO_TIERS]
    vehicles[1]["start"] = "2025-01-01"
    found, _ = leverage_of(vehicles, years=8.0)
    table = found.leverage_by_year().set_index(["definition", "basis", "money", "year"])["p50"].sort_index()
    shares = table["social_share", "commitment", "fiscal"]
    assert np.isnan(shares[[1, 2]]).all()
    assert shares[[3, 8]].tolist() == pytest.approx([0.74, 0.74])
    assert isinstance(found.dates, pd.DatetimeIndex)
