"""The tables of docs/worked-cases.md come out of the whole engine, number by number."""

import pytest

from tests.cases.worked_cases import PAGE, compared, tables

TABLES = tables()


@pytest.mark.parametrize("table", TABLES, ids=[table.name for table in TABLES])
def test_table_worked_by_hand(table):
    """Closing (2.1)–(2.4), preference (5.4), sell-down (5.5), buyback (5.6), calls and tranches (7.1), fees
    (7.2), recycling (7.3), carry (7.4).
    """
    comparisons = list(compared(table))
    assert len(comparisons) >= len(table.rows)
    for comparison in comparisons:
        comparison.check()


def test_every_marked_table_is_read_and_every_scenario_is_shown():
    """A table whose mark cannot be read would drop out of the test unseen."""
    text = PAGE.read_text(encoding="utf-8")
    assert len(TABLES) == text.count("<!-- ") == text.count(" -->")
    files = {path.stem for path in (PAGE.parent.parent / "scenarios" / "validation").glob("worked_*.yaml")}
    assert {table.marks["scenario"] for table in TABLES} == files


def test_money_that_comes_in_goes_out():
    """On the page itself: fees, carry and what is never needed account for what a level keeps."""
    by_name = {table.name: table for table in TABLES}

    def total(name, column):
        table = by_name[name]
        return sum(float(row[table.columns.index(column)]) for row in table.rows)

    sub, city, province = (f"three levels, {name}" for name in ("sub-fund", "city", "province"))
    given = total(sub, "called") - total(sub, "fee") + 80
    assert given == pytest.approx(total(sub, "distributed") + total(sub, "carry"))
    for upper, lower, share in ((city, sub, 1 / 2), (province, city, 2 / 3)):
        received = total(upper, "called") + share * total(lower, "distributed")
        spent = total(upper, "distributed") + total(upper, "fee") + share * total(lower, "called")
        assert received == pytest.approx(spent, abs=2e-6)
