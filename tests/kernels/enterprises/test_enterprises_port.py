"""The port of the enterprises pass to C: a third implementation that
gives the same outcomes, and the yardstick of speed.
"""

import shutil

import numpy as np
import pytest
from numba import config

from benchmarks.enterprises_port import run as port
from tests.makers import worlds

pytestmark = [
    pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler named cc"),
    pytest.mark.skipif(bool(config.DISABLE_JIT), reason="the port is the yardstick of the compiled kernel"),
]


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return port.compiled(str(tmp_path_factory.mktemp("port")))


@pytest.mark.parametrize("seed", range(40))
def test_port_and_kernel_have_equal_outcomes(library, seed):
    case = port.Case(worlds.random_world(seed), n_paths=40, first_path=100)
    case.run_kernel()
    case.run_port(library)
    assert port.greatest_difference(case) < port.MOST_DIFFERENCE


def test_a_port_with_other_records_is_refused_by_name_before_it_reads_anything(library, monkeypatch):
    fields = [(name, port.BOARD[name].str) for name in port.BOARD.names if name != "sell_down"]
    monkeypatch.setitem(port.RECORDS, "Board", np.dtype(fields))
    with pytest.raises(ValueError, match=r"Board: .*enterprises\.c has .*'sell_down', 'i', 24, 8"):
        port.check_layout(library)


@pytest.mark.benchmark
def test_kernel_is_within_its_multiple_of_the_port():
    (row,) = port.run(n_paths=50)
    assert row["enterprises_a_path"] == pytest.approx(1050, rel=0.01)
    assert row["stages_an_enterprise"] == pytest.approx(2.4, abs=0.2)
    assert row["greatest_difference"] < port.MOST_DIFFERENCE
    assert not row["page_faults_a_path"] > 1.0
    assert row["ratio"] < row["allowed_ratio"]
