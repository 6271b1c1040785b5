"""Words about runs and scenarios: the numbers in them, the width of every line, nothing cut that counts."""

import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fundsim import story
from fundsim.files.evidence import Evidence
from fundsim.results.events import event, events_table
from fundsim.scenario import Scenario
from fundsim.scenario.assumptions import WEAKEST_FIRST, Assumption, assumptions
from fundsim.scenario.principal import foremost, principal
from fundsim.story.layout import columns, cut, display_width, pad, wrap
from fundsim.story.phrases import assumed
from fundsim.vocabulary import EventKind
from fundsim.words import money, unit_label
from fundsim.words.numbers import amount, multiple, percent
from tests.makers.fund_cluster import Altered, cluster, run

TEXTS = st.text(st.sampled_from("abc ABC 12.5%，。（）基金净值 e\u0301—…"), max_size=120)


@pytest.fixture(scope="module")
def results():
    return run(5, 200)


def scenario(**changes):
    """A small cluster with everything that a description can mention."""
    sub_fund = {
        "name": "growth fund",
        "title": {"zh": "成长基金", "en": "Growth fund"},
        "kind": "sub_fund",
        "strategy": "vc",
        "start": "2024-01-01",
        "investors": [
            {"vehicle": "mother", "commitment": 3, "cap_share": 0.4},
            {"name": "社会资本（多家机构的联合体，名称很长很长很长）", "kind": "social", "commitment": 6.9},
            {"name": "gp", "kind": "general_partner", "commitment": 0.1},
        ],
        "mandate": {
            "sectors": ["hardtech"],
            "stages": ["A", "B"],
            "deals": 12,
            "ticket": 0.35,
            "park_share": 0.3,
            "reserve_share": 0.2,
            "follow_on_share": 0.5,
        },
        "exits": {"buyback": {}, "transfer": {}},
        "terms": {
            "fee_rate": 0.02,
            "carry_rate": 0.2,
            "hurdle_rate": 0.08,
            "catch_up_rate": 1,
            "calls": [0.3, 0.4, 0.3],
            "recycling": {"until_years": 4, "cap": 0.2},
        },
        "obligations": {
            "landing_multiple": 1.5,
            "checkpoints": [{"at_years": 5, "landing_multiple": 0.8}],
            "idle_stop_years": 1,
        },
    }
    mother = {
        "name": "mother",
        "kind": "mother",
        "investors": [
            {"name": "province", "kind": "fiscal", "commitment": 20},
            {"name": "city platform", "kind": "state", "commitment": 30},
        ],
    }
    content = {
        "name": "cluster",
        "start": "2023-01-01",
        "sectors": [{"name": "hardtech", "extends": "china_hardtech"}],
        "park": {"streams": [{"name": "seeds", "sector": "hardtech", "stage": "seed", "per_year": 30}]},
        "market": {"window": {"initial": "normal", "history": [{"from": "2023-08-27", "state": "tight"}]}},
        "vehicles": [mother, sub_fund],
    }
    return Scenario.from_dict(content | changes)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_answer_quotes_the_principal_investor(results, lang):
    sentence = story.answer_sentence(results, lang)
    irr = results.irr("mother", "provincial fiscal")
    quantiles = np.nanquantile(irr, [0.05, 0.5, 0.95])
    loss = results.measure("loss", "mother", "provincial fiscal").mean()
    leverage = (
        results.leverage()
        .set_index(["definition", "basis", "money"])
        .loc["combined_multiple", "paid_in", "fiscal"]
    )
    for number in (*map(percent, quantiles), percent(loss), multiple(leverage["p50"])):
        assert number in sentence
    assert "\n" not in sentence


def test_answer_without_any_defined_irr_or_leverage_still_answers(results):
    table = results.summary()
    table.loc[table["measure"] == "net_irr", ["mean", "p05", "p50", "p95"]] = np.nan
    leverage = results.leverage().assign(p50=np.nan)
    sentence = story.answer_sentence(Altered(results, summary=lambda: table, leverage=lambda: leverage))
    assert "no net IRR" in sentence
    assert "leverage is undefined" in sentence
    assert "nan" not in sentence


def test_principal_is_the_largest_fiscal_commitment_then_state_then_others():
    full = scenario()
    assert principal(full) == ("mother", "province")
    without_fiscal = full.vehicles[0].model_copy(update={"investors": full.vehicles[0].investors[1:]})
    assert principal(full.model_copy(update={"vehicles": (without_fiscal, full.vehicles[1])})) == (
        "mother",
        "city platform",
    )


def test_foremost_are_the_parents_then_the_largest_in_file_order():
    full = cluster(20, 10)
    chosen = foremost(full, 4)
    sizes = {vehicle.name: vehicle.size for vehicle in full.vehicles}
    assert chosen[0] == "mother"
    assert chosen == [vehicle.name for vehicle in full.vehicles if vehicle.name in chosen]
    assert min(sizes[name] for name in chosen) >= sorted(sizes.values())[-4]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [80, 100, 64])
def test_summary_fits_and_keeps_every_number(results, lang, width):
    lines = story.summary_table(results, lang, width).splitlines()
    assert max(map(display_width, lines)) <= width
    table = results.summary().set_index(["vehicle", "investor", "measure"])
    row = next(line for line in lines if line.startswith(("VC fund 3", "创投基金3号")))
    for measure, statistic, shown in [
        ("net_irr", "p05", percent),
        ("net_irr", "p50", percent),
        ("net_irr", "p95", percent),
        ("dpi", "p50", multiple),
        ("loss", "mean", percent),
    ]:
        assert shown(table.at[("vc fund 3", "all", measure), statistic]) in row.split()


def test_summary_columns_are_aligned(results):
    for lang in ("en", "zh"):
        lines = [line for line in story.summary_table(results, lang).splitlines() if "%" in line[20:]]
        assert len({display_width(line) for line in lines}) == 1


def test_summary_of_many_vehicles_counts_the_rest():
    lines = story.summary_table(run(40, 30)).splitlines()
    assert len(lines) < 32
    assert "17 smaller vehicles" in lines[-1]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_description_fits_eighty_columns_and_says_who_commits_what(lang):
    full = scenario()
    text = story.describe(full, lang)
    lines = text.splitlines()
    assert max(map(display_width, lines)) <= 80
    for vehicle in full.vehicles:
        for investor in vehicle.investors:
            share = percent(investor.commitment / vehicle.size)
            assert any(
                re.search(rf"{re.escape(amount(investor.commitment))} +{re.escape(share)}$", l) for l in lines
            )


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_description_mentions_every_rule(lang):
    lines = [line.strip(" │") for line in story.describe(scenario(), lang).splitlines()]
    text = " ".join(lines) + "".join(lines)
    for number in (
        "2%",
        "20%",
        "8%",
        "100%",
        "30% / 40% / 30%",
        "0.35",
        "50%",
        "1.50×",
        "0.80×",
        "25%",
        "2023-08-27",
    ):
        assert number in text


def test_description_indents_children_under_their_parent_and_tells_each_vehicle_once():
    full = scenario()
    second = full.vehicles[0].model_copy(update={"name": "second mother"})
    child = full.vehicles[1]
    stake = child.investors[0].model_copy(update={"vehicle": "second mother"})
    both = child.model_copy(update={"investors": (*child.investors, stake)})
    lines = story.describe(
        full.model_copy(update={"vehicles": (full.vehicles[0], second, both)})
    ).splitlines()
    assert [line for line in lines if "Growth fund" in line] == [
        next(line for line in lines if line.startswith("└─ Growth fund · sub-fund")),
        "└─ Growth fund (described above)",
    ]


def test_assumptions_are_sorted_weakest_first_and_leave_out_what_is_set():
    rows = assumptions(scenario())
    grades = [WEAKEST_FIRST.index(row.evidence.grade) for row in rows]
    assert grades == sorted(grades)
    paths = {row.path for row in rows}
    assert "vehicles.*.exits.buyback.full" in paths
    assert "vehicles.*.terms.hurdle_rate" not in paths


def test_a_default_with_a_spread_is_told_with_its_own_source():
    fund = {
        "name": "fund",
        "kind": "direct",
        "investors": [{"name": "state", "kind": "state", "commitment": 1}],
    }
    fund["pool"] = {"schedule": {"contributions": [1], "distributions": [0, 2]}}
    told = {}
    for terms in ({}, {"term_sale_discount": {"mean": 0.2, "sd": 0.12}}):
        content = {"name": "mine", "start": "2025-01-01", "vehicles": [fund | {"terms": terms}]}
        rows = assumptions(Scenario.from_dict(content))
        told[bool(terms)] = [row for row in rows if "term_sale_discount" in row.path]
    (row,) = told[False]
    assert (row.values, row.evidence.source) == ((("mean", 0.3), ("sd", 0.12)), "as for transfers")
    assert told[True] == []


def test_preset_value_that_is_changed_is_no_longer_an_assumption():
    path = "boards.star.pass_probability"
    plain = scenario()
    assert path in {row.path for row in assumptions(plain)}
    boards = [
        board.model_copy(update={"pass_probability": 0.9}) if board.name == "star" else board
        for board in plain.boards
    ]
    changed = plain.model_copy(update={"boards": tuple(boards)})
    assert path not in {row.path for row in assumptions(changed)}


def test_described_evidence_is_that_of_the_scenario():
    text = " ".join(story.describe(scenario()).split())
    for row in assumptions(scenario()):
        assert " ".join(row.evidence.source.split()) in text


@pytest.mark.parametrize(
    ("values", "places", "en", "zh"),
    [
        ((("", 0.06),), 1, "0.06", "0.06"),
        ((("", True),), 2, "true (in 2 places)", "true（2 处）"),
        (
            (("drift", 0.06), ("volatility", 0.2)),
            1,
            "drift 0.06, volatility 0.2",
            "drift 0.06, volatility 0.2",
        ),
        ((("steps", (0.5, 1)),), 1, "steps 0.5, 1", "steps 0.5, 1"),
        (tuple((f"a{n}", n) for n in range(5)), 3, "5 values (in 3 places)", "5 个值（3 处）"),
    ],
)
def test_values_of_an_assumption_are_told_or_counted(values, places, en, zh):
    entry = Assumption("path", values, Evidence("a source", "assumed"), places)
    assert (assumed(entry, "en"), assumed(entry, "zh")) == (en, zh)


@given(TEXTS, st.integers(20, 90))
@settings(deadline=None, max_examples=200)
def test_wrapped_lines_fit_and_lose_nothing(text, width):
    lines = wrap(text, width, first="· ", rest="  ")
    assert all(display_width(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(f"· {text}".split())


@given(TEXTS, st.integers(1, 40))
def test_cut_text_fits_and_is_a_beginning(text, width):
    short = cut(text, width)
    assert display_width(short) <= width
    assert short == text or text.startswith(short.removesuffix("…"))


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=5))
def test_columns_line_up(rows):
    width = max(display_width(name) for name, _ in rows)
    for (name, value), line in zip(rows, columns(rows, [False, True]), strict=True):
        assert line.startswith(pad(name, width).rstrip())
        assert line.endswith(value.rstrip())


def test_wide_characters_count_two_columns():
    assert display_width("基金A") == 5
    assert display_width("e\u0301") == 1
    assert pad("基金", 6, to_right=True) == "  基金"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0843, "8.4%"), (-0.00001, "0.0%"), (-1.0, "-100.0%"), (float("nan"), "–"), (None, "–")],
)
def test_percentages(value, text):
    assert percent(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(1234.5, "1,234.5"), (99.999, "100.00"), (-0.001, "0.00"), (23456.7, "23,457")]
)
def test_amounts(value, text):
    assert amount(value) == text


def test_money_is_written_in_the_manner_of_the_language():
    assert money(28, "CNY", 1e8, "zh") == "28.00亿元"
    assert money(28, "CNY", 1e8) == "CNY 2.80 billion"
    assert money(0.05, "CNY", 1e8) == "CNY 5.00 million"
    assert money(float("nan"), "CNY", 1e8) == "–"
    assert unit_label("JPY", 500) == "JPY × 500"


def path_of_events():
    """A path with a few events."""
    fund = {"vehicle": "growth fund"}
    firm = {**fund, "counterpart": "hardtech-12"}
    deal = {"amount": 0.35, "stage": "A", "raised": 1.2, "pre_money": 6.0, "credited": True}
    rows = [
        event(EventKind.WINDOW, 0, state="normal"),
        event(EventKind.CALL, 0, vehicle="mother", amount=2.0),
        event(EventKind.CALL, 1, vehicle="mother", amount=3.0),
        event(EventKind.WINDOW, 2, state="tight"),
        event(EventKind.CLOSING, 2, **fund, counterpart="mother", amount=3.0, started=True),
        event(EventKind.DEAL, 2, **firm, **deal),
        event(EventKind.FEE, 3, **fund, amount=0.05),
        event(EventKind.EXIT, 25, **firm, amount=1.4, channel="listing", cost=0.35),
        event(EventKind.DISTRIBUTION, 25, **fund, amount=0.4),
        event(EventKind.END, 25, **fund),
    ]
    return events_table(rows, pd.date_range("2023-03-31", periods=26, freq="QE").to_numpy())


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_path_is_told_year_by_year_within_eighty_columns(lang):
    trace = SimpleNamespace(path=17, scenario=scenario(), events=path_of_events())
    lines = story.trace_story(trace, lang).splitlines()
    assert max(map(display_width, lines)) <= 80
    years = [line for line in lines if line.startswith("20")]
    assert [line[:4] for line in years] == ["2023", "2029"]
    assert {"en": "Normal → Tight", "zh": "常态 → 收紧"}[lang] in years[0]
    deal = next(line for line in lines if "hardtech-12" in line)
    told = " ".join(lines)
    assert deal.endswith(" 0.3500") or "1.2" in told
    for words in {"en": ("credited to the park", "cost 0.35"), "zh": ("计入返投", "成本 0.35", "6")}[lang]:
        assert words in told
    assert {"en": "Series A", "zh": "A轮"}[lang] in deal
    assert next(line for line in lines if line.endswith(" 1.40")).startswith("  06-30")


def test_cash_of_a_path_is_summed_by_vehicle():
    text = story.trace_story(SimpleNamespace(path=0, scenario=scenario(), events=path_of_events()))
    assert text.count("mother: called 5.00") == 2
    assert "Growth fund: distributed 0.4000, fees 0.0500" in text.split("In all")[1]


def test_path_without_events_says_so():
    trace = SimpleNamespace(path=3, scenario=scenario(), events=path_of_events().iloc[:0])
    assert "Nothing happens" in story.trace_story(trace)
