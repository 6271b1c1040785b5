"""A run is written by several processes to the same files as by one."""

import sys

import pytest

from fundsim import load_scenario, plots, simulate
from fundsim.cli import writing


@pytest.fixture(scope="module")
def results():
    return simulate(load_scenario("fundsim:base"), paths=6, progress=False)


@pytest.mark.parametrize("n_cores", [1, 2])
def test_figures_in_two_processes_are_those_of_one(results, tmp_path, monkeypatch, n_cores):
    monkeypatch.setattr(sys.modules["fundsim.store.beside"], "available_cores", lambda: n_cores)
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    expected = plots.write_figures(results, whole, "zh")
    assert writing.write_figures(results, halves, "zh") == expected
    assert {file.name: file.read_bytes() for file in halves.iterdir()} == {
        file.name: file.read_bytes() for file in whole.iterdir()
    }


def test_named_figures_alone_are_written(results, tmp_path):
    assert set(plots.write_figures(results, tmp_path, names=["j_curve"])) == {"j_curve"}
    assert {file.name for file in tmp_path.iterdir()} == {"j_curve.svg", "j_curve.png"}
