"""What there is for every path lies in a file where it is large: the same bits, no file left."""

import errno
import gc
import os
import pickle

import numpy as np
import pytest

import fundsim as fs
from fundsim.cli import main
from fundsim.errors import RunError
from fundsim.results import block, mapped
from fundsim.results.block import BY_PATH
from fundsim.results.mapped import MappedFile
from tests.makers.fund_cluster import cluster

PATHS = 300


@pytest.fixture
def small(monkeypatch):
    """Every run has a file."""
    monkeypatch.setattr(block, "MAPPED_BYTES", 0)


def run(**options):
    return fs.simulate(cluster(3, PATHS), paths=PATHS, progress=False, **options)


@pytest.fixture(scope="module")
def in_memory():
    return run()


def assert_same(results, other):
    assert results.arrays.keys() == other.arrays.keys()
    for name, array in other.arrays.items():
        assert type(results.arrays[name]) is np.ndarray, name
        assert not results.arrays[name].flags.writeable, name
        np.testing.assert_array_equal(results.arrays[name], array, err_msg=name)


def files_in(folder):
    return list(folder.glob(".unfinished-*.paths"))


def test_the_bits_are_the_same_and_the_file_goes_with_the_results(small, in_memory, tmp_path):
    results = run(folder=tmp_path)
    assert_same(results, in_memory)
    (file,) = files_in(tmp_path)
    assert file.stat().st_size >= sum(results.arrays[name].nbytes for name in BY_PATH)
    assert results.summary().equals(in_memory.summary())
    kept = results.arrays["measures"][3]
    del results
    gc.collect()
    assert files_in(tmp_path) == [file]  # a part of an array is still there
    np.testing.assert_array_equal(kept, in_memory.arrays["measures"][3])
    del kept
    gc.collect()
    assert files_in(tmp_path) == []


def test_without_a_folder_the_file_is_a_temporary_one(small, in_memory, tmp_path, monkeypatch):
    made, make = [], mapped.tempfile.mkstemp
    monkeypatch.setattr(mapped.tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(mapped.tempfile, "mkstemp", lambda **where: made.append(make(**where)) or made[-1])
    results = run()
    assert_same(results, in_memory)
    assert [os.path.dirname(file) for _, file in made] == [str(tmp_path)]
    if os.name == "posix":
        assert files_in(tmp_path) == []  # it has no name, so that it goes even where the process is killed
        assert os.fstat(made[0][0]).st_size > results.arrays["measures"].nbytes
    del results
    gc.collect()
    assert files_in(tmp_path) == []


def test_results_pickle_without_their_file(small, in_memory, tmp_path):
    content = pickle.dumps(dict(run(folder=tmp_path).arrays))
    gc.collect()
    assert files_in(tmp_path) == []
    np.testing.assert_array_equal(pickle.loads(content)["measures"], in_memory.arrays["measures"])


def test_a_run_that_is_gone_on_with_has_the_same_bits(small, in_memory, tmp_path):
    blocks = []
    run(on_block=blocks.append)
    assert_same(run(folder=tmp_path, blocks_done=blocks[1:]), in_memory)


def test_a_run_that_ends_early_takes_room_for_what_it_has_alone(small, tmp_path):
    wanted = {"precision": {"mother/net_irr": 1.0}, "progress": False}
    scenario = cluster(3, PATHS)
    ended = fs.simulate(scenario, paths=200_000, folder=tmp_path, **wanted)
    assert ended.n_paths < 2_000
    (file,) = files_in(tmp_path)
    assert 512 * file.stat().st_blocks < file.stat().st_size / 10
    alone = fs.simulate(scenario, paths=ended.n_paths, progress=False)
    for name in BY_PATH:
        np.testing.assert_array_equal(ended.arrays[name], alone.arrays[name], err_msg=name)


def test_small_results_stay_in_memory(tmp_path, in_memory):
    assert_same(run(folder=tmp_path), in_memory)
    assert files_in(tmp_path) == []


@pytest.mark.parametrize("has_call", [True, False])
def test_a_full_disk_is_told_and_leaves_nothing_half_written(small, has_call, tmp_path, monkeypatch):
    def full(*arguments):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    if has_call:
        monkeypatch.setattr(os, "posix_fallocate", full, raising=False)
    else:
        monkeypatch.delattr(os, "posix_fallocate", raising=False)
        monkeypatch.setattr(MappedFile, "_fill", full)
    with pytest.raises(RunError, match=f"the disk is full, {tmp_path} has no room for 0.0 GB"):
        run(folder=tmp_path)
    gc.collect()
    assert files_in(tmp_path) == []


def test_a_folder_that_is_not_there_is_told(small, tmp_path):
    with pytest.raises(RunError, match="cannot be written"):
        run(folder=tmp_path / "none")


def test_room_is_taken_without_the_system_call_too(small, in_memory, tmp_path, monkeypatch):
    monkeypatch.delattr(os, "posix_fallocate", raising=False)
    assert_same(run(folder=tmp_path), in_memory)


def test_the_file_of_a_run_lies_in_its_folder_and_goes(small, tmp_path, capsys, monkeypatch):
    from fundsim.store import RunFolder

    seen, save = [], RunFolder.save_block

    def watched(self, *arguments):
        seen.append(files_in(tmp_path / "run"))
        save(self, *arguments)

    monkeypatch.setattr(RunFolder, "save_block", watched)
    monkeypatch.setattr("fundsim.results.needs.MAPPED_BYTES", 0)
    cluster(3, PATHS).override({"run.paths": PATHS}).save(tmp_path / "mine.yaml")
    assert main(["run", str(tmp_path / "mine.yaml"), "--lang", "en", "--out", str(tmp_path / "run")]) == 0
    gc.collect()
    assert seen and all(len(files) == 1 for files in seen)
    assert files_in(tmp_path / "run") == []
    assert f"in {tmp_path / 'run'}; the run needs about" in capsys.readouterr().err
    stored = fs.load_results(tmp_path / "run")
    assert stored.n_paths == PATHS
