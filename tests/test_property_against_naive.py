"""The property pass equals its slow twin on random worlds: every field of every record of every path."""

from __future__ import annotations

import numpy as np
import pytest

from fundsim.kernels.property import allocate_property, property_pass
from tests.naive_property import naive_property
from tests.property_terms import random_case

# Both add few numbers in another order; sums of a few hundred terms keep about 13 digits. What is left of a difference
# of large numbers (equity near 0) is measured against the size of the project's money.
TOLERANCE = 1e-9


def run_kernel(case):
    """The property block of a case, every entry written: what is left unwritten is found."""
    out = allocate_property(len(case.market.index), case.grid, case.terms)
    for array in out:
        array.view(np.uint8).fill(0)
    property_pass(case.grid, case.terms, case.market, case.enterprises, case.first_path, out)
    return out


def fields_of(record):
    """(name, array) of a plain array or of each field of a record array."""
    return [(name, record[name]) for name in record.dtype.names] if record.dtype.names else [("", record)]


def differences(case):
    """The worst difference of every field by path: (path, array, field) → (place, kernel, twin)."""
    ours, found = run_kernel(case), {}
    size = 1.0 + float(case.terms.projects["cost"].sum())
    for b in range(len(case.market.index)):
        naive = naive_property(case.grid, case.terms, case.market, case.enterprises, b, case.first_path)
        for name, expected in naive.items():
            pairs = zip(fields_of(getattr(ours, name)[b]), fields_of(expected), strict=True)
            for (field, got), (_, right) in pairs:
                place = worst_place(got, right, size)
                if place is not None:
                    found[b, name, field] = (place, got[place], right[place])
    return found


def worst_place(got, right, size):
    """Where two arrays differ first by more than rounding, NaN being equal to NaN; None if nowhere."""
    if got.dtype.kind == "i":
        wrong = got != right
    else:
        close = np.abs(got - right) <= TOLERANCE * np.maximum(size, np.abs(right))
        wrong = ~(close | (np.isnan(got) & np.isnan(right)))
    return tuple(int(i) for i in np.argwhere(wrong)[0]) if wrong.any() else None


@pytest.mark.parametrize("first", range(0, 300, 50))
def test_property_pass_equals_the_slow_twin(first):
    assert {seed: found for seed in range(first, first + 50) if (found := differences(random_case(seed)))} == {}


@pytest.mark.slow
@pytest.mark.parametrize("first", range(300, 2300, 100))
def test_property_pass_equals_the_slow_twin_in_many_worlds(first):
    cases = ((seed, random_case(seed, n_paths=2)) for seed in range(first, first + 100))
    assert {seed: found for seed, case in cases if (found := differences(case))} == {}
