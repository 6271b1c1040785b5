"""The property pass: the slow twin on a few worlds, also as plain Python, and independence of blocks."""

import numpy as np
import pytest

from tests.kernels.property.test_property_against_naive import differences, run_kernel
from tests.makers.property_terms import make_case, random_case, random_parts


@pytest.mark.parametrize("seed", range(2000, 2012))
def test_property_equals_the_slow_twin(seed):
    assert not differences(random_case(seed))


def test_a_world_without_property_has_empty_records():
    world, terms, _ = random_parts(2001)
    apart = ("index_stream", "market_volatility", "tables")
    empty = {name: getattr(terms, name)[:0] for name in terms._fields if name not in apart}
    out = run_kernel(make_case(terms._replace(**empty), world, n_paths=3))
    assert [len(array) for array in out] == [3] * len(out)
    assert all(array.size == 0 for array in out)


@pytest.mark.parametrize("seed", [2003, 2005, 2008])
def test_any_split_over_blocks_gives_the_same_bits(seed):
    world, terms, _ = random_parts(seed)
    whole = run_kernel(make_case(terms, world, n_paths=5, first_path=7))
    parts = [run_kernel(make_case(terms, world, n, first)) for n, first in ((2, 7), (3, 9))]
    for name in whole._fields:
        joined = np.concatenate([getattr(part, name) for part in parts])
        assert joined.tobytes() == getattr(whole, name).tobytes()
