"""What must not happen to a run: half files, lost blocks, other bits after a resume, another's files gone."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from fundsim.cli import main
from fundsim.store import load_results

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals and mounts of POSIX")

PATHS = 600

# Slows the run down after each saved block and says so, that the test can strike in the middle. Ctrl-C is
# heard as on a terminal, also where the tests run in the background, whose processes ignore it from birth.
SLOW = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from fundsim.store.folder import RunFolder
save = RunFolder.save_block
def slow(self, *arguments):
    save(self, *arguments)
    print("block", flush=True)
    time.sleep(0.3)
RunFolder.save_block = slow
from fundsim.cli import main
sys.exit(main(sys.argv[1:]))
"""

# Kills itself, without any cleaning up, at changes on disk all through a run; then resumes and compares.
# Figures and report are left to small writers: their files go the same way, and they would take an hour.
MANY_MOMENTS = """
import os, signal, sys
from pathlib import Path
import fundsim, fundsim.cli.writing, fundsim.report, fundsim.story, fundsim.store.tables
from fundsim.cli import main

scenario, folder = sys.argv[1], Path(sys.argv[2])
fundsim.cli.writing.write_figures = lambda results, place, lang: (Path(place) / "a.svg").write_text("figure")
fundsim.report.write_report = lambda results, place, lang, figures: Path(place).write_text("report")
# children find the kernels loaded
fundsim.simulate(fundsim.load_scenario(scenario), paths=3, threads=1, progress=False)
CHANGES = "replace", "unlink", "mkdir", "rmdir", "fsync"

def content(place):
    names = sorted(file for file in place.rglob("*") if file.is_file() and file.name != "summary.json")
    return {str(name.relative_to(place)): name.read_bytes() for name in names}

def in_child(*arguments, killed_at=-1, log=None):
    child = os.fork()
    if child == 0:
        calls = 0
        def counted(original):
            def call(*a, **k):
                nonlocal calls
                if calls == killed_at:
                    os.kill(os.getpid(), signal.SIGKILL)
                calls += 1
                return original(*a, **k)
            return call
        for name in CHANGES:
            setattr(os, name, counted(getattr(os, name)))
        sys.stdout = open(os.devnull, "w")
        code = main(["run", scenario, "--paths", "300", "--threads", "1", *arguments])
        if log is not None:
            log.write_text(str(calls))
        os._exit(code)
    return os.waitpid(child, 0)[1]

assert in_child("--out", str(folder / "whole"), log=folder / "calls") == 0
whole, n_killed = content(folder / "whole"), 0
n_calls = int((folder / "calls").read_text())
moments = sorted({*range(0, n_calls, max(1, n_calls // 20)), *range(n_calls - 4, n_calls)})
for moment in moments:
    place = folder / f"killed-{moment}"
    status = in_child("--out", str(place), killed_at=moment)
    if status == 0:  # libraries saved something too when the calls were counted, so the run was over before
        assert moment > 0.9 * n_calls
        break
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, (moment, status)
    assert in_child("--out", str(place), "--resume") == 0, moment
    assert content(place) == whole, moment
    n_killed += 1
print(n_killed)
"""


@pytest.fixture(scope="module")
def scenario(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scenario")
    assert main(["new", str(folder / "mine"), "--lang", "en"]) == 0
    return folder / "mine.yaml"


def command(scenario, out, *arguments):
    return ["run", str(scenario), "--paths", str(PATHS), "--out", str(out), "--lang", "en", *arguments]


def started(*arguments):
    program = [sys.executable, "-c", SLOW, *arguments]
    return subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for_blocks(process, count):
    for line in process.stdout:
        count -= line == "block\n"
        if count == 0:
            return
    raise AssertionError(process.stderr.read())


def content(folder):
    """Everything in a run folder but the time it took."""
    files = {str(file.relative_to(folder)): file for file in sorted(folder.rglob("*")) if file.is_file()}
    read = {name: file.read_bytes() for name, file in files.items()}
    summary = json.loads(read.pop("summary.json"))
    del summary["elapsed_seconds"]
    return read | {"summary.json": summary}


def half_files(folder):
    return [str(file) for file in folder.rglob("*") if ".unfinished" in str(file)]


@pytest.fixture(scope="module")
def whole(scenario, tmp_path_factory):
    """A run that nothing happens to."""
    out = tmp_path_factory.mktemp("whole") / "run"
    assert main(command(scenario, out)) == 0
    return content(out)


def test_the_same_run_makes_the_same_bytes_whatever_the_threads(scenario, whole, tmp_path):
    assert main(command(scenario, tmp_path / "run", "--threads", "1")) == 0
    again = content(tmp_path / "run")
    assert again.keys() == whole.keys()
    again["scenario.yaml"] = again["scenario.yaml"].replace(b"threads: 1", b"threads: null")
    assert [name for name in whole if again[name] != whole[name]] == []


def test_the_saved_scenario_reruns_to_the_same_bytes(whole, tmp_path):
    saved = tmp_path / "scenario.yaml"
    saved.write_bytes(whole["scenario.yaml"])
    assert main(["run", str(saved), "--out", str(tmp_path / "run"), "--lang", "en"]) == 0
    assert content(tmp_path / "run") == whole


def test_run_writes_exactly_the_promised_files(whole):
    top = {name.split("/")[0] for name in whole}
    parquet = {"measures.parquet", "cash_flows.parquet", "leverage.parquet", "exits.parquet"}
    parquet |= {"landing.parquet", "years.parquet"}
    assert top == {"scenario.yaml", "summary.json", "report.html", "tables", "figures"} | parquet


def test_a_killed_run_resumes_to_the_bits_of_one_that_was_not(scenario, whole, tmp_path):
    process = started(*command(scenario, tmp_path / "run"))
    wait_for_blocks(process, 2)
    process.kill()
    process.wait()
    n_blocks = len(list((tmp_path / "run" / ".blocks").glob("[0-9]*.npz")))
    assert n_blocks >= 2
    assert not (tmp_path / "run" / "summary.json").exists()
    assert main(command(scenario, tmp_path / "run", "--resume")) == 0
    assert content(tmp_path / "run") == whole


def test_ctrl_c_keeps_finished_blocks_and_says_how_to_go_on(scenario, whole, tmp_path, capsys):
    process = started(*command(scenario, tmp_path / "run"))
    wait_for_blocks(process, 2)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert f"of {PATHS} paths; --resume goes on from there." in err
    assert "Traceback" not in err
    assert main(command(scenario, tmp_path / "run", "--resume")) == 0
    assert f"of {PATHS} paths were there already" in capsys.readouterr().err
    assert content(tmp_path / "run") == whole


def test_resume_refuses_another_scenario(scenario, tmp_path, capsys):
    process = started(*command(scenario, tmp_path / "run"))
    wait_for_blocks(process, 1)
    process.kill()
    process.wait()
    capsys.readouterr()
    assert main(command(scenario, tmp_path / "run", "--resume", "--seed", "5")) == 1
    err = capsys.readouterr().err
    assert err == (
        f"error: {tmp_path / 'run'} was begun with run.seed 20250101, now 5; "
        "resume it as it was, or give --overwrite\n"
    )


def test_resume_of_nothing_begins_and_of_a_complete_run_answers_again(scenario, whole, tmp_path, capsys):
    assert main(command(scenario, tmp_path / "run", "--resume")) == 0
    out, err = capsys.readouterr()
    assert "holds no unfinished run; starting from the first path" in err
    assert content(tmp_path / "run") == whole
    assert main(command(scenario, tmp_path / "run", "--resume")) == 0
    again = capsys.readouterr().out
    assert again.splitlines()[:6] == out.splitlines()[:6]
    assert again.endswith("is complete already; nothing was left to do.\n")
    assert content(tmp_path / "run") == whole


@pytest.mark.slow
def test_killed_at_any_change_on_disk_a_run_can_be_resumed(scenario, tmp_path):
    program = [sys.executable, "-c", MANY_MOMENTS, str(scenario), str(tmp_path)]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 15


# Folders


def test_another_run_s_folder_is_refused_without_overwrite(scenario, tmp_path, capsys):
    assert main(command(scenario, tmp_path)) == 0
    before = content(tmp_path)
    capsys.readouterr()
    assert main(command(scenario, tmp_path, "--seed", "5")) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err == f"error: {tmp_path} holds another run; give --overwrite, --resume or another --out.\n"
    assert content(tmp_path) == before
    (tmp_path / "notes.txt").write_text("mine")
    assert main(command(scenario, tmp_path, "--seed", "5", "--overwrite")) == 0
    assert load_results(tmp_path).seed == 5
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_folder_of_another_program_is_refused(scenario, tmp_path, capsys):
    (tmp_path / "thesis.docx").write_text("years of work")
    for option in ("--overwrite", "--resume"):
        assert main(command(scenario, tmp_path, option)) == 1
        assert "holds files that are not a run's; give another folder with --out" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.docx"]


def test_default_folder_is_named_after_file_and_seed(scenario, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "秦创原 基金.yaml").write_bytes(scenario.read_bytes())
    assert main(["run", "秦创原 基金.yaml", "--paths", "20", "--seed", "7"]) == 0
    assert load_results(Path("runs") / "秦创原-基金-7").n_paths == 20


@contextlib.contextmanager
def mounted(folder, options):
    """A small file system of its own, or a skip where nothing may be mounted."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount")
    if done.returncode:
        pytest.skip("mounting needs root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("size", ["32k", "128k", "400k", "900k", "2m"])
def test_a_full_disk_is_told_and_leaves_no_half_file(scenario, tmp_path, capsys, size):
    """From a disk too small for a block to one that is full among figures or tables."""
    with mounted(tmp_path / "disk", f"size={size}") as disk:
        assert main(command(scenario, disk / "run", "--force")) == 1
        err = capsys.readouterr().err
        assert "the disk is full, " in err
        assert err.splitlines()[-1].endswith("was not written; free some space, then go on with --resume")
        assert "Traceback" not in err
        assert half_files(disk) == []
        assert not (disk / "run" / "summary.json").exists()
        for file in (disk / "run").glob("*.parquet"):
            pd.read_parquet(file)


def test_a_disk_that_is_too_small_is_told_before_the_run(scenario, tmp_path, capsys):
    with mounted(tmp_path / "disk", "size=64k") as disk:
        assert main(command(scenario, disk / "run")) == 2
        err = capsys.readouterr().err
        assert " MB of disk, and " in err and f" kB are free for {disk / 'run'}; " in err
        assert list(disk.iterdir()) == []


def test_after_a_full_disk_the_run_goes_on(scenario, whole, tmp_path):
    with mounted(tmp_path / "disk", "size=500k") as disk:
        assert main(command(scenario, disk / "run", "--force")) == 1
        subprocess.run(["mount", "-o", "remount,size=64m", str(disk)], check=True)
        assert main(command(scenario, disk / "run", "--resume")) == 0
        assert content(disk / "run") == whole


def test_read_only_folder_is_told(scenario, tmp_path, capsys):
    with mounted(tmp_path / "disk", "ro,size=1m") as disk:
        assert main(command(scenario, disk / "run")) == 1
        assert capsys.readouterr().err == (
            f"error: {disk / 'run'} cannot be written: Read-only file system; give another folder "
            f"with --out\n"
        )


def test_out_that_is_a_file_is_told(scenario, tmp_path, capsys):
    (tmp_path / "out").write_text("mine")
    assert main(command(scenario, tmp_path / "out", "--overwrite")) == 1
    assert capsys.readouterr().err.endswith("out is a file, not a folder; give another folder with --out\n")
    assert (tmp_path / "out").read_text() == "mine"


# What is printed


def test_answer_comes_first_and_the_table_fits_80_columns(scenario, tmp_path, capsys):
    from fundsim.story.layout import display_width

    for lang in ("en", "zh"):
        assert main([*command(scenario, tmp_path / lang), "--lang", lang]) == 0
        out, err = capsys.readouterr()
        lines = out.splitlines()
        assert lines[1] == "" and "%" in lines[0]
        assert all(display_width(line) <= 80 for line in lines[1:] if str(tmp_path) not in line)
        assert "\r" not in err and "%" not in err  # no progress off a terminal


def test_audit_that_fails_is_an_error_after_the_files_are_written(scenario, tmp_path, capsys, monkeypatch):
    from fundsim.results import Results

    failed = [{"name": "cash balances", "worst": 1e-3, "passed": False}]
    monkeypatch.setattr(Results, "checks", failed)
    assert main(command(scenario, tmp_path / "run")) == 1
    assert capsys.readouterr().err.endswith(
        "error: Audit failed: cash balances, relative error 1.0e-03 above 1e-09\n"
    )
    assert load_results(tmp_path / "run").checks == failed


def test_progress_with_the_time_left_on_a_terminal(scenario, tmp_path):
    import pty

    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW, *command(scenario, tmp_path / "run")],
        stdout=subprocess.DEVNULL,
        stderr=slave,
    )
    os.close(slave)
    seen = b""
    with contextlib.suppress(OSError):  # the other end closes with EIO
        while chunk := os.read(master, 65536):
            seen += chunk
    assert process.wait(timeout=120) == 0
    text = seen.decode("utf-8")
    assert "Simulating mine" in text and "100%" in text and "0:00:0" in text
