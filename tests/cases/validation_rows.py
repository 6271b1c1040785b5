"""Every comparison that the page on validation prints, with the test that asserts on it."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.cases import published_cases as cases
from tests.cases import published_formulas as formulas
from tests.cases.worked_cases import compared, tables

SEED = 1


@dataclass(frozen=True)
class Section:
    """A published case: its name and source, where it is
    simulated, how its tolerance is argued, and its test.
    """

    title: str
    source: str
    scenario: str
    argument: str
    test: str
    rows: Callable


def of_json(key, name="source"):
    found = cases.PUBLISHED[key]
    return found[name]


SCENARIOS = "test_published_scenarios.py::"
EXACT = "exact but for rounding: half a unit of the last printed digit"
HAND = "exact but for rounding"


def scenario_sections():
    """Cases through the whole engine."""
    return [
        Section(
            "Takahashi and Alexander's pool (V1)", of_json("pool"), "pool", EXACT,
            SCENARIOS + "test_takahashi_alexander_pool", lambda: cases.pool(SEED),
        ),
        Section(
            "Carry by date (V2)", "worked by hand, see the file", "waterfalls", HAND,
            SCENARIOS + "test_carry_by_date", lambda: cases.waterfalls(SEED),
        ),
        Section(
            "Carry as options (V3)", of_json("carry_as_options"), "carry_as_options",
            of_json("carry_as_options", "argument"),
            SCENARIOS + "test_carry_is_worth_its_options", lambda: cases.carry_as_options(SEED),
        ),
        Section(
            "IRR of one call and one exit (V4)", of_json("irr_quantiles"), "one_call_one_exit",
            of_json("irr_quantiles", "argument"),
            SCENARIOS + "test_irr_quantiles_and_chance_of_loss_of_one_call_and_one_exit",
            lambda: cases.irr_quantiles(SEED),
        ),
        Section(
            "Deal, fund, fund of funds (V5)", of_json("diversification"), "diversification",
            of_json("diversification", "argument"),
            SCENARIOS + "test_diversification_of_deals_funds_and_funds_of_funds",
            lambda: cases.diversification(SEED),
        ),
        Section(
            "Outcome buckets, 25 deals (V5)", of_json("outcome_buckets"), "outcome_buckets_25",
            of_json("outcome_buckets", "argument"),
            SCENARIOS + "test_a_fund_of_25_deals_of_bucketed_multiples", lambda: cases.buckets_of_25(SEED),
        ),
        Section(
            "Outcome buckets, 500 deals (V5)", of_json("outcome_buckets"), "outcome_buckets_500",
            of_json("outcome_buckets", "argument"),
            SCENARIOS + "test_a_fund_of_500_deals_of_bucketed_multiples", lambda: cases.buckets_of_500(SEED),
        ),
        Section(
            "Competing exits, by outcome (V8)", of_json("competing_exits"), "competing_exits_by_outcome",
            of_json("competing_exits", "argument"),
            SCENARIOS + "test_competing_exits", lambda: cases.by_outcome(SEED),
        ),
        Section(
            "Competing exits, by clock (V8)", of_json("competing_exits"), "competing_exits_by_clock",
            of_json("competing_exits", "argument"),
            SCENARIOS + "test_competing_exits", lambda: cases.by_clock(SEED),
        ),
        Section(
            "Exits on a grid (V8)", of_json("exit_on_a_grid"), "exits_on_a_grid",
            of_json("exit_on_a_grid", "argument") + "; the continuous formula, 1.11111, must not fit",
            SCENARIOS + "test_exponential_exits_are_dated_at_period_ends",
            lambda: cases.exits_on_a_grid(SEED),
        ),
        Section(
            "Funnel of rounds (V8)", of_json("funnel"), "funnel", of_json("funnel", "argument"),
            SCENARIOS + "test_funnel_of_rounds", lambda: cases.funnel(SEED),
        ),
        Section(
            "Dilution (V8)", of_json("dilution"), "dilution", EXACT,
            SCENARIOS + "test_three_rounds_dilute", lambda: cases.dilution(SEED),
        ),
        Section(
            "Multiples of guidance funds (V9)", "Zhejiang's and Qingdao's guidance funds",
            "zhejiang_multiple, qingdao_multiple", "one digit after the point is printed",
            SCENARIOS + "test_multiples_of_guidance_funds", lambda: cases.leverage(SEED),
        ),
        Section(
            "Sums of the documents' tables (V9)", "park finance blue book, tables 4 and 5", "",
            (
                "sizes are copied; what REITs raise is area × rent × margin / yield × issue "
                "multiple, written to 0.2 %"
            ),
            SCENARIOS + "test_sums_of_the_seeds_tables", lambda: cases.sums_of_tables(SEED),
        ),
    ]  # fmt: skip


def formula_sections():
    """Cases of single functions."""
    return [
        Section(
            "Pacing (V1)", formulas.PUBLISHED["takahashi_alexander"]["source"], "", EXACT,
            "test_pacing.py::test_published_table", formulas.takahashi_alexander,
        ),
        Section(
            "Waterfalls (V2)", "worked by hand", "", HAND,
            "test_waterfall.py::test_published_waterfalls", formulas.waterfalls,
        ),
        Section(
            "Market equivalents (V6)", "published with pyxirr's tests", "", EXACT,
            "test_measures.py::test_published_public_market_equivalents", formulas.market_equivalents,
        ),
        Section(
            "IRR (V7)", "textbook streams", "", HAND,
            "test_measures.py::test_published_irr", formulas.irr,
        ),
        Section(
            "Dated IRR (V7)", "help pages and tests of other software", "",
            "the digits that the source prints",
            "test_measures.py::test_published_xirr", formulas.xirr,
        ),
    ]  # fmt: skip


def worked_rows():
    """(name, comparisons) of each table worked by hand."""
    return [(table.name, list(compared(table, SEED))) for table in tables()]
