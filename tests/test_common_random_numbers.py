"""Every row of the table in docs/randomness.md: what an edit of a
scenario keeps, bit by bit, and what it moves.
"""

from pathlib import Path

import pytest

from tests.makers.edited_scenarios import EDITS, KEPT_IN_PART, PARTS, before, edited, is_same

PAGE = Path(__file__).parent.parent / "docs" / "randomness.md"


def table():
    """The cells of the table by edit: kept, moves or part, in the order of the parts."""
    lines = PAGE.read_text(encoding="utf-8").partition("| edit |")[2].splitlines()[2:]
    rows = {}
    for line in lines:
        if not line.startswith("|"):
            break
        edit, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        rows[edit] = cells[: len(PARTS)]
    return rows


TABLE = table()


def test_the_table_has_every_edit_and_says_what_is_kept_in_part():
    assert list(TABLE) == list(EDITS)
    assert {cell for cells in TABLE.values() for cell in cells} == {"kept", "moves", "part"}
    partial = {
        (edit, PARTS[place])
        for edit, cells in TABLE.items()
        for place, cell in enumerate(cells)
        if cell == "part"
    }
    assert partial == set(KEPT_IN_PART)


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_keeps_what_the_table_says(edit):
    old, new = before(), edited(edit)
    for part, cell in zip(PARTS, TABLE[edit], strict=True):
        same = is_same(new.part(part), old.part(part))
        assert same == (cell == "kept"), f"{part}: the page says {cell}"
        if cell == "part":
            KEPT_IN_PART[edit, part](old, new)
