"""Blocks made elsewhere: any executor, further processes, a Dask
cluster; the same bits, and what happens when they are lost.
"""

import concurrent.futures
import multiprocessing
import os
import pickle
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

import fundsim as fs
from fundsim.cli import main
from fundsim.engine import elsewhere
from fundsim.engine.elsewhere import Order, block_elsewhere, versions
from fundsim.engine.executors import Pool, Threads
from fundsim.engine.processes import Processes
from fundsim.errors import ArgumentError, WorkerError
from fundsim.plan import make_plan
from fundsim.store import summary_of
from tests.makers.fund_cluster import cluster

PATHS = 600
SCENARIO = cluster(3, PATHS)
_PATCH = """
import fundsim.engine.elsewhere as there
true = there.versions
there.versions = lambda: {**true(), "numba": "0.1"}
"""


def run(executor=None, **options):
    return fs.simulate(SCENARIO, paths=PATHS, progress=False, executor=executor, **options)


@pytest.fixture(scope="module")
def alone():
    """One thread."""
    results = run(threads=1)
    assert sum(results.processors.values()) == PATHS
    return results


def assert_same(results, other):
    assert results.arrays.keys() == other.arrays.keys()
    for name, array in other.arrays.items():
        np.testing.assert_array_equal(results.arrays[name], array, err_msg=name)


class Recorded(concurrent.futures.Executor):
    """Calls at once, with any of its workers, and remembers what was sent and what each keeps."""

    def __init__(self, n, sees_disk):
        self.memories = [{} for _ in range(n)]
        self.sees_disk, self.sent, self.random = sees_disk, [], random.Random(1)

    def submit(self, fn, /, order, sent, *span):
        memory = self.random.choice(self.memories)
        self.sent.append(sent)
        order = order if self.sees_disk else order._replace(file="elsewhere")
        future = concurrent.futures.Future()
        before, elsewhere._workers = elsewhere._workers, memory
        try:
            future.set_result(fn(*pickle.loads(pickle.dumps((order, sent, *span)))))
        finally:
            elsewhere._workers = before
        return future


@pytest.mark.parametrize(("n", "sees_disk"), [(1, True), (3, True), (1, False), (3, False)])
def test_a_worker_takes_the_plan_once(n, sees_disk, alone):
    executor = Recorded(n, sees_disk)
    assert_same(run(executor), alone)
    n_sent = sum(sent is not None for sent in executor.sent)
    assert all(len(memory) == 1 for memory in executor.memories)
    if sees_disk:
        assert n_sent == 0
    elif n == 1:
        assert n_sent == 1
    else:  # the executor decides who gets what is sent again
        assert n_sent < len(executor.sent) / 2


def test_a_pool_of_threads_gives_the_same_bits_and_is_left_open(alone):
    with concurrent.futures.ThreadPoolExecutor(2) as executor:
        assert_same(run(executor), alone)
        assert executor.submit(abs, -1).result() == 1


@pytest.mark.slow
def test_a_pool_of_processes_gives_the_same_bits(alone):
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as executor:
        assert_same(run(executor), alone)


@pytest.mark.slow
def test_a_pool_that_breaks_is_told():
    context = multiprocessing.get_context("spawn")
    done = []
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as executor:

        def kill(finished, total):
            for child in multiprocessing.active_children() if finished else ():
                child.kill()

        with pytest.raises(WorkerError, match="lost its workers"):
            fs.simulate(SCENARIO, paths=PATHS, progress=kill, executor=executor, on_block=done.append)
    assert done


def test_what_is_no_executor_is_refused():
    with pytest.raises(ArgumentError, match="give an executor"):
        run(executor=3)
    with pytest.raises(ArgumentError, match="exclude each other"):
        run(executor=Threads(1), threads=1)


# Refused


@pytest.mark.parametrize("what", ["kernels", "numba", "numpy", "fundsim"])
def test_a_worker_that_would_give_other_bits_is_refused_by_name(what):
    order = Order("key", {**versions(), what: "0.1"}, 0)
    expected = rf"process {os.getpid()} would give other numbers: {what} .* ≠ 0\.1"
    with pytest.raises(WorkerError, match=expected) as refused:
        block_elsewhere(order, None, 0, 1)
    assert "工作进程" in pickle.loads(pickle.dumps(refused.value)).in_language("zh")


def test_other_kinds_of_processors_are_noted(alone):
    class Mixed:
        def blocks(self, plan, spans, kept):
            for block in Threads(1).blocks(plan, spans, kept):
                yield replace(block, processor="other") if block.first_path else block

    results = run(Mixed())
    assert_same(results, alone)
    own = next(iter(alone.processors))
    first = next(Threads(1).blocks(make_plan(SCENARIO), [(0, 4)], 0)).n_paths
    assert first == 4
    assert results.processors.keys() == {own, "other"}
    assert sum(results.processors.values()) == PATHS
    assert summary_of(results)["processors"] == results.processors


# Processes of this machine


def children():
    return {child.pid: child for child in multiprocessing.active_children()}


@pytest.mark.slow
def test_processes_give_the_same_bits_and_end(alone):
    assert_same(run(Processes(2)), alone)
    assert children() == {}


@pytest.mark.slow
def test_blocks_of_a_killed_process_are_made_again(alone):
    killed, blocks = [], Counter()

    def kill(finished, total):
        if finished and not killed:
            killed.extend(children().values())
            for child in killed:
                child.kill()

    results = fs.simulate(
        SCENARIO,
        paths=PATHS,
        progress=kill,
        executor=Processes(2),
        on_block=lambda block: blocks.update([block.first_path]),
    )
    assert killed
    assert_same(results, alone)
    assert set(blocks.values()) == {1}


@pytest.mark.slow
def test_a_process_that_is_killed_twice_ends_the_run_and_what_is_done_goes_on(alone):
    done = []

    def kill(finished, total):
        for child in children().values() if finished else ():
            child.kill()

    with pytest.raises(WorkerError, match="again and again"):
        fs.simulate(SCENARIO, paths=PATHS, progress=kill, executor=Processes(1), on_block=done.append)
    assert done
    assert children() == {}
    assert_same(run(threads=1, blocks_done=done), alone)


@pytest.mark.slow
def test_an_interruption_leaves_no_process_behind():
    def interrupt(finished, total):
        if finished:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fs.simulate(SCENARIO, paths=PATHS, progress=interrupt, executor=Processes(2))
    assert children() == {}


# The command line


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scenario")
    SCENARIO.override({"run.paths": PATHS}).save(folder / "mine.yaml")
    return folder / "mine.yaml"


@pytest.mark.parametrize(
    "options",
    [
        ("--threads", "1", "--workers", "2"),
        ("--threads", "1", "--cluster", "tcp://h:1"),
        ("--workers", "1", "--cluster", "tcp://h:1"),
    ],
)
def test_only_one_may_say_who_computes(options, mine, tmp_path, capsys):
    assert main(["run", str(mine), "--out", str(tmp_path / "run"), *options]) == 2
    assert f"{options[0]} and {options[2]} exclude each other" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_without_dask_a_cluster_is_refused_with_what_to_install(mine, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    command = ["run", str(mine), "--out", str(tmp_path / "run"), "--cluster", "tcp://127.0.0.1:9"]
    assert main(command) == 2
    assert "pip install 'fundsim[cluster]'" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def files_of(folder):
    names = sorted(file for file in folder.rglob("*.parquet"))
    return {file.name: file.read_bytes() for file in names}


@pytest.fixture(scope="module")
def whole(mine, tmp_path_factory):
    out = tmp_path_factory.mktemp("whole") / "run"
    assert main(["run", str(mine), "--threads", "1", "--out", str(out)]) == 0
    return files_of(out)


def begun(mine, out, *options, **environment):
    """The command in a process group of its own, slow enough to be struck when some blocks are there."""
    slow = (
        "import signal, sys, time; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from fundsim.store.folder import RunFolder\n"
        "save = RunFolder.save_block\n"
        "def slow(self, *arguments):\n"
        "    save(self, *arguments)\n"
        "    time.sleep(0.5)\n"
        "RunFolder.save_block = slow\n"
        "from fundsim.cli import program\n"
        "sys.exit(program())\n"
    )
    program = [sys.executable, "-c", slow, "run", str(mine), "--lang", "en", "--out", str(out), *options]
    run = subprocess.Popen(
        program,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, **environment},
    )
    while not list((out / ".blocks").glob("*.npz")):
        assert run.poll() is None, run.communicate()
        time.sleep(0.05)
    return run


def processes_of(group):
    """Processes of a group that still run."""
    found = subprocess.run(["ps", "-eo", "pgid=,stat="], capture_output=True, text=True, check=True).stdout
    lines = [line.split() for line in found.splitlines()]
    return [state for number, state in lines if int(number) == group and not state.startswith("Z")]


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_an_interrupted_run_of_processes_is_gone_on_with(mine, whole, tmp_path):
    run = begun(mine, tmp_path / "run", "--workers", "2")
    os.killpg(run.pid, signal.SIGINT)
    _, errors = run.communicate(timeout=240)
    assert run.returncode == 130, errors
    assert "Traceback" not in errors, errors[-3000:]
    assert "Interrupted after" in errors
    assert processes_of(run.pid) == []
    command = ["run", str(mine), "--workers", "2", "--resume", "--out", str(tmp_path / "run")]
    assert main(command) == 0
    assert files_of(tmp_path / "run") == whole


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_processes_end_when_the_first_one_is_killed(mine, tmp_path):
    run = begun(mine, tmp_path / "run", "--workers", "2")
    run.kill()
    run.communicate()
    until = time.monotonic() + 240
    while processes_of(run.pid):
        assert time.monotonic() < until
        time.sleep(0.1)


# A Dask cluster


@pytest.fixture(scope="module")
def local():
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        yield client


@pytest.mark.slow
def test_a_cluster_gives_the_same_bits(local, alone):
    assert_same(run(local), alone)
    assert_same(run(Pool(local.get_executor(pure=False), n_ahead=3)), alone)


@pytest.mark.slow
def test_a_worker_of_a_cluster_that_is_killed_changes_nothing(local, alone):
    killed = []

    def kill(finished, total):
        if finished and not killed:
            killed.append(next(iter(local.run(os.getpid).values())))
            os.kill(killed[0], signal.SIGKILL)

    results = fs.simulate(SCENARIO, paths=PATHS, progress=kill, executor=local)
    assert killed
    assert_same(results, alone)


@pytest.mark.slow
def test_a_worker_of_a_cluster_with_another_numba_is_refused_by_its_address(local):
    address = min(local.nthreads())
    local.run(exec, _PATCH, {}, workers=[address])
    try:
        with pytest.raises(WorkerError, match=rf"{address} would give other numbers: numba 0\.1 ≠"):
            run(local)
    finally:
        local.restart()


@pytest.mark.slow
def test_a_scheduler_that_is_lost_is_told_and_the_run_gone_on_with(mine, whole, tmp_path):
    pytest.importorskip("distributed")
    port = 18_786 + os.getpid() % 10_000
    address = f"tcp://127.0.0.1:{port}"
    dask, quiet = [sys.executable, "-m", "dask"], {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    scheduler = subprocess.Popen([*dask, "scheduler", "--port", str(port), "--no-dashboard"], **quiet)
    worker = subprocess.Popen(
        [*dask, "worker", address, "--no-nanny", "--no-dashboard", "--death-timeout", "60"], **quiet
    )
    try:
        time.sleep(3)
        timeout = {"DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "3s"}
        lost = begun(mine, tmp_path / "run", "--cluster", address, **timeout)
        scheduler.kill()
        _, errors = lost.communicate(timeout=240)
    finally:
        for process in (scheduler, worker):
            process.kill()
            process.wait()
    assert lost.returncode == 1, errors
    assert f"the scheduler at {address} is lost" in errors
    assert "Traceback" not in errors, errors[-3000:]
    assert list((tmp_path / "run" / ".blocks").glob("*.npz"))
    assert main(["run", str(mine), "--threads", "1", "--resume", "--out", str(tmp_path / "run")]) == 0
    assert files_of(tmp_path / "run") == whole


@pytest.mark.slow
def test_a_cluster_that_does_not_answer_is_told_before_anything_is_written(
    mine, tmp_path, capsys, monkeypatch
):
    dask = pytest.importorskip("dask")
    with dask.config.set({"distributed.comm.timeouts.connect": "1s"}):
        command = ["run", str(mine), "--lang", "en", "--out", str(tmp_path / "run"), "--cluster"]
        assert main([*command, "tcp://127.0.0.1:9"]) == 1
        assert "no scheduler answers at tcp://127.0.0.1:9" in capsys.readouterr().err
        assert main([*command, "nonsense://x"]) == 1
    assert not (tmp_path / "run").exists()
