"""The kernels of market, closing and enterprises run as plain
Python too, and give what the compiled ones give.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from fundsim.kernels.closing import allocate_closing, closing_pass
from fundsim.kernels.enterprises.value import listed_step, value_at
from fundsim.kernels.enterprises.walk import enterprises_of
from fundsim.kernels.market import allocate_market, market_pass
from tests.makers import worlds

SEEDS = (0, 6, 9, 15)
N_PATHS = 2


def everything(seed):
    """All numbers of a small world that have a meaning, in one array."""
    world = worlds.random_world(seed)
    grid, terms = worlds.grid_of(world), worlds.enterprise_terms(world)
    market = allocate_market(N_PATHS, grid, worlds.market_terms(world))
    market_pass(grid, worlds.market_terms(world), 3, market)
    _, closing_terms = worlds.random_closing(seed, world)
    closing = allocate_closing(N_PATHS, grid, closing_terms)
    closing_pass(grid, closing_terms, market, 3, closing)
    out = enterprises_of(grid, terms, market, 3)
    found = [*market, *closing, *_enterprise_numbers(out), _asked_later(grid, terms, market, out)]
    return np.concatenate([np.asarray(array, dtype=float).ravel() for array in found])


def _enterprise_numbers(out):
    used = out.n_rounds[:, None] > np.arange(out.round_period.shape[1])
    walked = out.n_segments[:, None] > np.arange(out.segment_from.shape[1])
    for name in out._fields:
        array = getattr(out, name)
        if name.startswith("round_"):
            array = array[used]
        elif name.startswith("segment_"):
            array = array[walked]
        elif name == "event_order":
            array = array[: out.first_event[-1, -1]]
        yield array.view(np.int64) >> 12 if name == "key" else array


def _asked_later(grid, terms, market, out):
    values = []
    for b in range(N_PATHS):
        for row in range(out.first_row[b], out.first_row[b + 1]):
            if out.n_segments[row] > 0:
                date = (out.entry_date[row] + grid.n_periods) // 2
                values.append(value_at(grid, terms, market, out, b, row, date))
                values.append(listed_step(grid, terms, market, out, b, row, 0, 0.5))
    return np.array(values)


def test_plain_python_equals_the_compiled_kernels(tmp_path):
    path = tmp_path / "plain.npz"
    code = (
        "import sys, numpy as np; from tests.kernels.test_plain_kernels import SEEDS, everything;"
        "np.savez(sys.argv[1], *[everything(seed) for seed in SEEDS])"
    )
    subprocess.run(
        [sys.executable, "-W", "error", "-c", code, str(path)],
        check=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
    )
    with np.load(path) as plain:
        for name, seed in zip(plain.files, SEEDS, strict=True):
            # numba may fuse a product and a sum, which changes the last places; integers are equal.
            np.testing.assert_allclose(everything(seed), plain[name], rtol=1e-11, atol=1e-12)
