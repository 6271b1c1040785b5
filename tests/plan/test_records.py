"""Records are made of rows that give every field, and only those."""

import numpy as np
import pytest

from fundsim.plan.records import records, table

PAIR = np.dtype([("whole", "i8"), ("triple", "f8", (3,))])


def test_records_have_what_their_rows_say():
    made = records(PAIR, [{"whole": 1, "triple": (1.0, 2.0, 3.0)}, {"triple": 0.5, "whole": True}])
    assert made["whole"].tolist() == [1, 1]
    assert made["triple"].tolist() == [[1.0, 2.0, 3.0], [0.5, 0.5, 0.5]]
    assert records(PAIR, ()).shape == (0,)


def test_a_row_may_give_its_fields_by_period():
    made = records(PAIR, [{"whole": [1, 2], "triple": np.zeros((2, 3))}, {"whole": 3, "triple": 1.0}], (2,))
    assert made["whole"].tolist() == [[1, 2], [3, 3]]
    assert made["triple"].shape == (2, 2, 3)


@pytest.mark.parametrize(
    ("row", "name"), [({"whole": 1}, "triple"), ({"whole": 1, "triple": 0.0, "other": 1}, "other")]
)
def test_a_missing_or_unknown_field_is_named(row, name):
    with pytest.raises(AssertionError, match=name):
        records(PAIR, [row])


def test_shorter_rows_of_a_table_are_filled():
    assert table([[1.0], [], [2.0, 3.0]], -1.0).tolist() == [[1.0, -1.0], [-1.0, -1.0], [2.0, 3.0]]
    assert table([], 0.0).shape == (0, 1)
