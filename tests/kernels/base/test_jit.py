"""The kernel decorator: what it compiles, where it caches, and that a stale kernel cannot be called."""

import json
import os
import shutil
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numba
import pytest

from fundsim.kernels.base import cache, jit

PACKAGE = Path(jit.__file__).parents[2]

needs_compiler = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled or cached")


@pytest.fixture
def copied_package(tmp_path):
    """A package `fundsim` of two kernels, the second calling the first, whose sources a test may edit."""
    package = tmp_path / "source" / "fundsim" / "kernels"
    (package / "base").mkdir(parents=True)
    (package.parent / "__init__.py").write_text("")
    for name in (
        "kernels/__init__.py",
        "kernels/base/__init__.py",
        *(f"kernels/base/{name}.py" for name in ("cache", "inner", "jit")),
        "vocabulary.py",
    ):
        shutil.copy(PACKAGE / name, package.parent / name)
    write_callee(package, constant=1.0)
    (package / "caller.py").write_text(
        textwrap.dedent(
            """
            from fundsim.kernels.callee import step
            from fundsim.kernels.base.jit import kernel

            @kernel
            def walk(x):
                return step(x) * 10.0
            """
        )
    )
    return package


def write_callee(package, constant):
    (package / "callee.py").write_text(
        f"from fundsim.kernels.base.jit import kernel\n\n@kernel\ndef step(x):\n    return x + {constant}\n"
    )


def run_python(package, code, **environment):
    """Run code in a fresh process that sees the copied package alone; returns what it prints."""
    keep = {name: value for name, value in os.environ.items() if not name.startswith(("NUMBA_", "XDG_"))}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=package.parent.parent,
        env={**keep, "PYTHONPATH": str(package.parent.parent), "PYTHONDONTWRITEBYTECODE": "1", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


CALL = """
    from fundsim.kernels.base import cache, jit
    from fundsim.kernels.caller import walk
    warm = jit.cache_is_warm(walk)
    print(warm, walk(1.0), sum(walk.stats.cache_hits.values()), jit.cache_is_warm(walk))
"""


def test_second_process_finds_the_compiled_kernel(copied_package, tmp_path):
    cache = {
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "LOCALAPPDATA": str(tmp_path / "cache"),
        "HOME": str(tmp_path),
    }
    assert run_python(copied_package, CALL, **cache) == ["False", "20.0", "0", "True"]
    assert run_python(copied_package, CALL, **cache) == ["True", "20.0", "1", "True"]
    assert not list(copied_package.rglob("*.nbc")), "nothing may be cached beside the sources"


def test_edit_of_a_callee_in_another_file_is_seen(copied_package, tmp_path):
    cache = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    assert run_python(copied_package, CALL, **cache)[1] == "20.0"
    write_callee(copied_package, constant=2.0)
    assert run_python(copied_package, CALL, **cache)[:2] == ["False", "30.0"]
    write_callee(copied_package, constant=1.0)
    assert run_python(copied_package, CALL, **cache)[:2] == ["True", "20.0"], (
        "the first folder is still there"
    )


def test_edit_of_the_vocabulary_is_seen(copied_package, tmp_path):
    """Two members that change their numbers are other numbers in a warm cache as well."""
    (copied_package / "caller.py").write_text(
        textwrap.dedent(
            """
            from fundsim.kernels.base.jit import kernel
            from fundsim.vocabulary import Channel

            @kernel
            def walk(x):
                return 1.0 if int(x) == Channel.MERGER else 2.0
            """
        )
    )
    cache = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    assert run_python(copied_package, CALL, **cache)[:2] == ["False", "1.0"]
    vocabulary = copied_package.parent / "vocabulary.py"
    text = vocabulary.read_text(encoding="utf-8")
    text = text.replace('MERGER = 1, "enter', 'MERGER = 2, "enter').replace("BUYBACK = 2,", "BUYBACK = 1,")
    vocabulary.write_text(text, encoding="utf-8")
    assert run_python(copied_package, CALL, **cache)[:2] == ["False", "2.0"]


def test_users_cache_folder_wins(copied_package, tmp_path):
    chosen = tmp_path / "chosen"
    run_python(copied_package, CALL, NUMBA_CACHE_DIR=str(chosen), XDG_CACHE_HOME=str(tmp_path / "other"))
    assert len(list(chosen.rglob("*.nbc"))) == 2
    assert not (tmp_path / "other").exists()


def test_no_writable_folder_means_no_cache_and_no_error(copied_package, tmp_path):
    occupied = tmp_path / "occupied"
    occupied.write_text("a file where a folder is wanted; holds for root too, unlike a mode without w")
    code = CALL + "\n    print(cache.cache_folder(), walk.stats.cache_path)\n"
    printed = run_python(copied_package, code, NUMBA_CACHE_DIR=str(occupied))
    assert printed == ["False", "20.0", "0", "True", "None", "None"]
    assert not list(copied_package.rglob("*.nbc"))


def test_decorating_leaves_numbas_setting_alone(copied_package, tmp_path):
    code = """
        from numba import config
        before = config.CACHE_DIR
        from fundsim.kernels.caller import walk
        print(config.CACHE_DIR == before)
    """
    assert run_python(copied_package, code, HOME=str(tmp_path), XDG_CACHE_HOME=str(tmp_path)) == ["True"]


def test_without_compiler_the_same_function_runs_silently(copied_package, tmp_path):
    code = """
        import warnings
        import numpy as np
        warnings.simplefilter("error")
        from fundsim.kernels.base import cache, jit
        from fundsim.kernels.caller import walk
        @jit.kernel
        def wrap(x):
            return x + np.uint64(1)
        print(walk(1.0), wrap(np.uint64(2**64 - 1)), hasattr(walk, "py_func"), jit.cache_is_warm(walk))
    """
    environment = {"NUMBA_DISABLE_JIT": "1", "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    assert run_python(copied_package, code, **environment) == ["20.0", "0", "False", "True"]
    assert not (tmp_path / "cache").exists()


@needs_compiler
def test_kernels_release_the_gil_and_never_raise_on_division():
    @jit.kernel
    def divide(x, y):
        return x / y

    assert divide.targetoptions["nogil"]
    assert divide(1.0, 0.0) == float("inf")
    assert not divide.targetoptions.get("fastmath", False)


CARRY = """
    import pathlib, sys
    from fundsim.kernels.base import cache
    from fundsim.kernels.caller import walk
    walk(1.0)
    print(cache.carry(pathlib.Path("carried")).name == cache.source_key())
"""
FETCH = """
    from fundsim.kernels.base import cache
    from fundsim.kernels.caller import walk
    found = cache.carried()
    print(isinstance(found, cache.Misfit), *(d[0] for d in getattr(found, "differences", ())), walk(1.0))
    print(sum(walk.stats.cache_hits.values()), sum(walk.stats.cache_misses.values()))
"""


@pytest.fixture
def carried(copied_package, tmp_path):
    """Another place of the same package, and the environment that fetches what was carried from the first;
    nothing can be kept there.
    """
    source = copied_package.parent.parent
    assert run_python(copied_package, CARRY, NUMBA_CACHE_DIR=str(tmp_path / "cache")) == ["True"]
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(source, elsewhere, ignore=shutil.ignore_patterns("carried", "__pycache__"))
    for file in elsewhere.rglob("*.py"):
        os.utime(file, (0, 0))
    (tmp_path / "occupied").write_text("")
    folder = tmp_path / "moved"
    (source / "carried").rename(folder)
    environment = {"FUNDSIM_KERNELS": str(folder), "NUMBA_CACHE_DIR": str(tmp_path / "occupied")}
    return elsewhere / "fundsim" / "kernels", folder, environment


@needs_compiler
def test_carried_kernels_are_used_in_another_place(carried):
    package, folder, environment = carried
    before = {file: file.read_bytes() for file in folder.rglob("*.*") if file.is_file()}
    assert run_python(package, FETCH, **environment) == ["False", "20.0", "1", "0"]
    assert {file: file.read_bytes() for file in folder.rglob("*.*") if file.is_file()} == before


@needs_compiler
def test_carried_kernels_of_other_sources_are_told_and_not_used(carried):
    package, _, environment = carried
    write_callee(package, constant=3.0)
    assert run_python(package, FETCH, **environment) == ["True", "kernels", "40.0", "0", "1"]


@needs_compiler
@pytest.mark.parametrize("what", ["numba", "numpy", "processor", "features"])
def test_carried_kernels_made_with_something_else_are_told_and_not_used(carried, what):
    package, folder, environment = carried
    (made,) = folder.glob("*/made.json")
    content = json.loads(made.read_text(encoding="utf-8"))
    made.write_text(json.dumps(content | {what: "another"}), encoding="utf-8")
    assert run_python(package, FETCH, **environment) == ["True", what, "20.0", "0", "1"]


@needs_compiler
def test_a_carried_folder_without_kernels_is_told(carried, tmp_path):
    package, _, environment = carried
    environment |= {"FUNDSIM_KERNELS": str(tmp_path / "missing")}
    assert run_python(package, FETCH, **environment) == ["True", "20.0", "0", "1"]


@needs_compiler
def test_carried_kernels_that_are_broken_are_compiled(carried):
    package, folder, environment = carried
    for file in folder.rglob("*.nbc"):
        file.write_bytes(file.read_bytes()[:100])
    assert run_python(package, FETCH, **environment) == ["False", "20.0", "0", "1"]


@needs_compiler
def test_kernels_of_several_processors_are_carried_in_one_folder(carried, copied_package, tmp_path):
    package, folder, environment = carried
    (made,) = folder.glob("*/made.json")
    (folder / "another").mkdir()
    content = json.loads(made.read_text(encoding="utf-8")) | {"processor": "another"}
    (folder / "another" / "made.json").write_text(json.dumps(content), encoding="utf-8")
    assert run_python(package, FETCH, **environment) == ["False", "20.0", "1", "0"]


def folders(root, ages_in_days):
    made = []
    for number, age in enumerate(ages_in_days):
        folder = root / f"{number:020x}"
        folder.mkdir(parents=True)
        (folder / "kernel.nbc").write_text("code")
        used = time.time() - age * 86_400
        os.utime(folder, (used, used))
        made.append(folder)
    return made


def test_pruning_keeps_the_three_used_last(tmp_path):
    made = folders(tmp_path, ages_in_days=[9, 2, 5, 3, 7])
    assert set(cache.prune(tmp_path, kept=made[1])) == {made[0], made[4]}
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in made[1:4])


def test_pruning_never_deletes_what_was_used_within_a_day(tmp_path):
    made = folders(tmp_path, ages_in_days=[0.1, 0.2, 0.3, 0.9, 0.95, 1.5])
    assert cache.prune(tmp_path, kept=made[0]) == [made[5]]


def test_pruning_never_deletes_the_present_folder(tmp_path):
    made = folders(tmp_path, ages_in_days=[2, 3, 4, 5])
    assert cache.prune(tmp_path, kept=made[3]) == []


def test_pruning_leaves_other_folders_alone(tmp_path):
    made = folders(tmp_path, ages_in_days=[2, 3, 4, 5])
    other = tmp_path / "notes"
    other.mkdir()
    os.utime(other, (0, 0))
    assert cache.prune(tmp_path, kept=made[0]) == [made[3]]
    assert other.exists()


def test_two_processes_may_prune_at_once(tmp_path, monkeypatch):
    made = folders(tmp_path, ages_in_days=[2, 3, 4, 5])
    listed = cache._by_last_use(tmp_path)
    assert cache.prune(tmp_path, kept=made[0]) == [made[3]]
    monkeypatch.setattr(cache, "_by_last_use", lambda root: listed)  # the other process had listed before
    assert cache.prune(tmp_path, kept=made[0]) == []


def test_pruning_a_folder_that_is_missing_is_no_error(tmp_path):
    assert cache.prune(tmp_path / "missing", kept=tmp_path) == []
