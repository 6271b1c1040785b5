"""What a run needs of a machine is what it takes, and what does not fit is refused with what would."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

import fundsim as fs
from fundsim.engine.passes import block_paths
from fundsim.errors import ResourceError
from fundsim.plan import make_plan
from fundsim.results import needs
from fundsim.results.block import BY_INVESTOR, BY_PATH, KEPT, LINES
from fundsim.results.needs import Needs, require_disk, require_memory
from fundsim.scenario import load_scenario

SHIPPED = sorted((Path(__file__).parents[2] / "scenarios").glob("*.yaml"))
LIMIT = 10**10


@pytest.fixture
def scenario():
    return load_scenario(
        "fundsim:base", {"run.paths": 10_000_000, "run.kept_paths": 100_000, "run.threads": 2}
    )


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_arrays_are_as_large_as_is_said(file):
    """All but the exits, which are a little more than there are."""
    scenario = load_scenario(file, {"run.paths": 64, "run.kept_paths": 16, "run.threads": 1})
    arrays, own = fs.simulate(scenario, progress=False).arrays, Needs(scenario)
    of_paths = sum(arrays[name].nbytes for name in (*BY_PATH, *BY_INVESTOR, *KEPT))
    of_exits = 16 * own.sizes["exit"] * sum(arrays[name].itemsize for name in LINES)
    assert own.memory(64, 16) - own.memory(0, 0) == pytest.approx(of_paths + of_exits, rel=0.01)
    assert len(arrays["exit_path"]) <= 16 * own.sizes["exit"]


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_blocks_are_within_a_factor_of_two_of_what_is_said(file):
    scenario = load_scenario(file)
    assert Needs(scenario).block_paths() / block_paths(make_plan(scenario)) in (0.5, 1, 2)


def test_what_a_run_needs_grows_with_what_drives_it(scenario):
    own = Needs(scenario)
    assert own.memory(1_000, 100) < own.memory(2_000, 100) < own.memory(2_000, 2_000)
    assert own.disk(1_000, 100) < own.disk(2_000, 100) < own.disk(2_000, 2_000)
    twice = Needs(scenario.override({"run.paths": 5_000_000}))
    assert own.seconds() == pytest.approx(2 * twice.seconds())


def fitting(refusal):
    """run.paths and run.kept_paths that a refusal names."""
    paths, kept = re.search(
        r"lower run.paths to ([\d,]+), or run.kept_paths to ([\d,]+)$", str(refusal)
    ).groups()
    return int(paths.replace(",", "")), int(kept.replace(",", ""))


def test_too_little_memory_is_refused_with_what_would_fit(scenario, monkeypatch):
    large = scenario.override({"run.kept_paths": 1_000_000})
    monkeypatch.setattr(needs, "available_memory", lambda: LIMIT)
    with pytest.raises(ResourceError) as refusal:
        fs.simulate(large, progress=False)
    assert str(refusal.value).startswith("10,000,000 paths need about")
    assert "请将 run.paths 降至" in refusal.value.in_language("zh")
    paths, kept = fitting(refusal.value)
    assert Needs(large).memory(paths, 1_000_000) <= LIMIT < Needs(large).memory(1.1 * paths, 1_000_000)
    assert Needs(large).memory(10_000_000, kept) <= LIMIT < Needs(large).memory(10_000_000, 1.1 * kept)
    require_memory(large.override({"run.paths": paths}))
    require_memory(large.override({"run.kept_paths": kept}))


def test_series_of_too_many_paths_are_refused_by_the_machine_and_not_by_the_file(monkeypatch):
    cluster = Path(__file__).parents[1] / "cases" / "bad" / "cluster.yaml"
    kept = load_scenario(cluster, {"run.paths": 10_000_000, "run.kept_paths": 10_000_000})
    monkeypatch.setattr(needs, "available_memory", lambda: 64 * 10**9)
    with pytest.raises(ResourceError, match="or run.kept_paths to"):
        require_memory(kept)
    require_memory(load_scenario(cluster, {"run.paths": 10_000_000}))
    monkeypatch.setattr(needs, "available_memory", lambda: 10**13)
    require_memory(kept)


def test_where_series_are_not_the_reason_only_paths_are_named(scenario, monkeypatch):
    few = scenario.override({"run.paths": 200_000, "run.kept_paths": 100})
    assert Needs(few).in_file(200_000) == 0
    monkeypatch.setattr(needs, "available_memory", lambda: 600 * 10**6)
    with pytest.raises(ResourceError, match=r"lower run.paths to [\d,]+$"):
        require_memory(few)


def test_what_lies_in_a_file_takes_disk_and_no_memory(scenario, monkeypatch, tmp_path):
    own = Needs(scenario)
    least = next(n for n in range(100_000, 1_000_000, 1_000) if own.in_file(n))
    assert own.memory(least, 100) < own.memory(least - 1_000, 100)
    assert own.memory(least, 100) == own.memory(10_000_000, 100)
    assert own.disk(least, 100) - own.disk(least - 1_000, 100) > own.in_file(least) >= needs.MAPPED_BYTES
    monkeypatch.setattr(needs, "free_disk", lambda folder: LIMIT)
    with pytest.raises(
        ResourceError, match=r"need about 19.9 GB of disk, and 10.0 GB are free for .*; lower"
    ):
        fs.simulate(scenario, progress=False, folder=tmp_path)


def test_too_little_disk_is_refused_unless_its_own_blocks_take_it(scenario, monkeypatch, tmp_path):
    monkeypatch.setattr(needs, "free_disk", lambda folder: LIMIT)
    with pytest.raises(
        ResourceError, match=re.escape(f"10.0 GB are free for {tmp_path}; lower run.paths to")
    ):
        require_disk(scenario, tmp_path)
    require_disk(scenario, tmp_path, n_bytes_there=int(Needs(scenario).disk(10_000_000, 100_000)))


def test_a_run_that_ends_when_it_is_precise_enough_is_not_refused(scenario, monkeypatch, tmp_path):
    monkeypatch.setattr(needs, "available_memory", lambda: LIMIT)
    monkeypatch.setattr(needs, "free_disk", lambda folder: LIMIT)
    precise = scenario.override({"run.precision": {"mother/net_irr": 0.01}})
    require_memory(precise)
    require_disk(precise, tmp_path)


def test_what_is_not_known_is_not_refused(scenario, monkeypatch, tmp_path):
    monkeypatch.setattr(needs, "available_memory", lambda: None)
    monkeypatch.setattr(needs, "free_disk", lambda folder: None)
    require_memory(scenario)
    require_disk(scenario, tmp_path)


def taken(status):
    """Bytes of memory that are a process's own."""
    own = [line for line in status.splitlines() if line.startswith(("RssAnon", "RssShmem"))]
    return 1024 * sum(int(line.split()[1]) for line in own)


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="memory is read from /proc")
@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_estimates_are_within_a_factor_of_what_a_run_takes(file, tmp_path):
    """1.5, at 3,000 paths, of which two thirds keep their series; memory and disk are sampled."""
    scenario = load_scenario(file, {"run.paths": 3_000, "run.kept_paths": 2_000, "run.threads": 2})
    scenario.save(tmp_path / "mine.yaml")
    command = [sys.executable, "-m", "fundsim", "run", "mine.yaml", "--out", "out"]
    run = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    status, memory, disk = Path(f"/proc/{run.pid}/status"), 0, 0
    while run.poll() is None:
        try:
            memory = max(memory, taken(status.read_text()))
            disk = max(disk, sum(one.stat().st_size for one in (tmp_path / "out").rglob("*")))
        except (FileNotFoundError, ProcessLookupError):  # a file has got its name meanwhile
            pass
        time.sleep(0.02)
    assert run.returncode == 0
    assert 1 / 1.5 < Needs(scenario).memory(3_000, 2_000) / memory < 1.5
    assert 1 / 1.5 < Needs(scenario).disk(3_000, 2_000) / disk < 1.5
