"""The command line: exit codes, exact messages, languages, streams, and how little `--help` loads."""

import json
import os
import subprocess
import sys
import time

import pytest

import fundsim
from fundsim.cli import fundsim_command, main
from fundsim.cli.estimate import TimeLeft
from fundsim.cli.terminal import default_language
from fundsim.scenario import load_scenario, shipped_scenarios

COMMANDS = ["calibrate", "check", "compare", "describe", "info", "new", "run", "schema", "trace", "warmup"]


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def mine(empty_folder, capsys):
    assert main(["new", "mine"]) == 0
    capsys.readouterr()
    return "mine.yaml"


def called(*arguments, **options):
    """Run the command in a process of its own."""
    environment = {**os.environ, **options.pop("env", {})}
    command = [sys.executable, "-m", "fundsim", *arguments]
    options = {"capture_output": True, "text": True, "encoding": "utf-8", **options}
    return subprocess.run(command, env=environment, check=False, timeout=300, **options)


# Help


def test_there_are_exactly_the_commands_of_the_design():
    assert sorted(fundsim_command.commands) == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_and_every_option_a_text(command, capsys):
    assert main([command, "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"Usage: fundsim {command} ")
    for parameter in fundsim_command.commands[command].params:
        if parameter.param_type_name == "option":
            assert parameter.help, parameter.name


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["--version"]])
def test_help_loads_click_and_the_standard_library_only(arguments):
    code = f"""
import sys
before = set(sys.modules)
from fundsim.cli import main
assert main({arguments!r}) == 0
loaded = {{name.partition('.')[0] for name in set(sys.modules) - before}}
print(sorted(loaded - set(sys.stdlib_module_names) - {{'click', 'fundsim'}}), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_help_takes_less_than_three_times_the_import_of_click():
    def seconds(*arguments):
        begun = time.perf_counter()
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
        return time.perf_counter() - begun

    # The best of several: a busy machine only ever adds to a time.
    click = min(seconds("-c", "import click") for _ in range(5))
    assert min(seconds("-m", "fundsim", "--help") for _ in range(5)) < 3 * click


def test_no_command_is_an_input_error_that_shows_the_help(capsys):
    assert main([]) == 2
    assert capsys.readouterr().err.startswith("Usage: fundsim [OPTIONS] [COMMAND]")


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"fundsim {fundsim.__version__}\n"


# Errors of the command line itself


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check"], "error: Missing argument 'FILE'; see fundsim check --help"),
        (["check", "a", "b"], "error: Got unexpected extra argument (b); see fundsim check --help"),
        (
            ["run", "a", "--paths", "0"],
            "error: Invalid value for '--paths': 0 is not in the range 1<=x<=10000000",
        ),
        (
            ["run", "a", "--paths", "many"],
            "error: Invalid value for '--paths': 'many' is not a valid integer",
        ),
        (["run", "a", "--seed", "-1"], "error: Invalid value for '--seed': -1 is not in the range"),
        (["run", "a", "--lang", "de"], "error: Invalid value for '--lang': 'de' is not one of 'en', 'zh'"),
        (
            ["run", "a", "--precision", "1"],
            "error: Invalid value for '--precision': '1' is not VEHICLE/MEASURE=STANDARD_ERROR, such as",
        ),
        (
            ["run", "a", "--precision", "mother/net_irr=0"],
            (
                "error: Invalid value for '--precision': 'mother/net_irr=0' is not "
                "VEHICLE/MEASURE=STANDARD_ERROR"
            ),
        ),
        (["chek"], "error: No such command 'chek'"),
        (
            ["run", "a", "--overwrite", "--resume"],
            "error: --overwrite and --resume exclude each other; give one",
        ),
        (["new", "a", "--from", "nothing"], "error: there is no template 'nothing'; give one of template"),
    ],
)
def test_wrong_arguments_are_told_in_one_line(arguments, message, capsys):
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(message)
    assert err.count("\n") == 1


def test_errors_are_told_in_the_language_asked_for(capsys):
    assert main(["check", "nothing.yaml", "--lang=zh"]) == 2
    assert capsys.readouterr().err.startswith("错误：")
    assert main(["check", "nothing.yaml", "--lang", "en"]) == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_a_fault_of_fundsim_is_one_line_and_a_traceback_only_with_debug(mine, capsys, monkeypatch):
    def broken(*arguments, **options):
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("fundsim.cli.loading.load_scenario", broken)
    assert main(["check", mine]) == 1
    told = capsys.readouterr().err
    assert (
        told
        == "error: ZeroDivisionError: division by zero; this is a fault of fundsim, --debug shows where\n"
    )
    assert main(["check", mine, "--debug"]) == 1
    assert "Traceback (most recent call last)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("failure", "code", "message"),
    [
        (
            MemoryError(),
            1,
            "not enough memory; give fewer --paths, or a smaller run.kept_paths in the scenario",
        ),
        (PermissionError(13, "Permission denied", "a.yaml"), 1, "a.yaml: Permission denied"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_what_the_system_refuses_is_told(mine, capsys, monkeypatch, failure, code, message):
    def failing(*arguments, **options):
        raise failure

    monkeypatch.setattr("fundsim.cli.loading.load_scenario", failing)
    assert main(["check", mine]) == code
    assert message in capsys.readouterr().err


# Language


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "zh_TW"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
    ],
)
def test_language_follows_the_environment(environment, language, monkeypatch):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert default_language() == language


def test_the_option_wins_over_the_environment(mine, capsys, monkeypatch):
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    main(["check", mine])
    assert "mine.yaml：未发现问题" in capsys.readouterr().out
    main(["check", mine, "--lang", "en"])
    assert "mine.yaml: no problems" in capsys.readouterr().out


# check


def test_check_says_what_a_run_would_be(mine, capsys):
    assert main(["check", mine]) == 0
    out = capsys.readouterr().out
    scenario = load_scenario(mine)
    for vehicle in scenario.vehicles:
        assert vehicle.title.en in out
    assert f"{len(scenario.vehicles)} vehicles, " in out
    assert f"{sum(v.mandate.deals for v in scenario.vehicles if v.mandate)} planned deals" in out
    assert "10,000 paths need about" in out


def test_check_tells_every_problem_with_its_place(mine, capsys):
    with open(mine, encoding="utf-8") as stream:
        lines = stream.read().replace("kind: mother", "kind: mothr").replace("ticket: 0.1 ", "tiket: 0.1 ")
    with open(mine, "w", encoding="utf-8") as stream:
        stream.write(lines)
    assert main(["check", mine]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    first, *_, last = err.splitlines()
    row = lines.splitlines().index("    kind: mothr") + 1
    assert first.startswith(f'mine.yaml:{row}:5: vehicles[0] "mother" kind | ')
    assert "tiket" in err
    assert last == f"{len(err.splitlines()) - 1} problems"


def test_check_applies_set(mine, capsys):
    assert main(["check", mine, "--set", "run.paths=123456", "--set", "horizon_years=20"]) == 0
    out = capsys.readouterr().out
    assert "123,456 paths need" in out and "80 periods" in out


def test_set_that_is_wrong_is_told_with_its_option(mine, capsys):
    assert main(["check", mine, "--set", "vehicles.mothr.terms.fee_rate=1%", "--set", "run.paths=0"]) == 2
    err = capsys.readouterr().err
    assert "--set vehicles.mothr.terms.fee_rate" in err and "did you mean 'mother'?" in err


def test_check_warns_of_a_run_that_is_too_large(mine, capsys, monkeypatch):
    monkeypatch.setattr("fundsim.results.needs.free_disk", lambda folder: 10**9)
    assert main(["check", mine, "--set", "run.paths=10000000"]) == 0
    out, err = capsys.readouterr()
    assert "10,000,000 paths need about" in out and " of disk and " in out
    assert err.startswith("warning: 10,000,000 paths need about")
    assert main(["check", mine, "--set", "run.paths=1000"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("lang", "what", "message"),
    [
        ("en", "available_memory", "GB of memory, and there are 0.2 GB; not one path would fit"),
        ("zh", "available_memory", "而本机可用 0.2 GB"),
        ("en", "free_disk", "GB of disk, and 0.2 GB are free for out; lower run.paths to "),
        ("zh", "free_disk", "而 out 处可用 0.2 GB；请将 run.paths 降至 "),
    ],
)
def test_a_run_that_is_too_large_is_refused_before_it_begins(mine, capsys, monkeypatch, lang, what, message):
    for name, found in (("available_memory", None), ("free_disk", None), (what, 2 * 10**8)):
        monkeypatch.setattr(f"fundsim.results.needs.{name}", lambda *folder, found=found: found)
    command = ["run", mine, "--paths", "10000000", "--out", "out", "--lang", lang]
    assert main(command) == 2
    out, err = capsys.readouterr()
    assert out == "" and message in err and "--force" in err
    assert not os.path.exists("out")


def test_force_begins_a_run_all_the_same(mine, capsys, monkeypatch):
    monkeypatch.setattr("fundsim.results.needs.available_memory", lambda: 1)
    assert main(["run", mine, "--paths", "20", "--out", "out"]) == 2
    assert "not one path would fit" in capsys.readouterr().err
    assert main(["run", mine, "--paths", "20", "--out", "out", "--force"]) == 0


class Clock:
    """A clock that a test moves."""

    now = 100.0

    def perf_counter(self):
        return self.now


def test_time_is_told_once_when_the_first_blocks_that_count_are_done(monkeypatch):
    """1,024 paths in blocks of 64 on two cores, the first of which loads kernels for a minute."""
    clock, shown, left = Clock(), [], []
    monkeypatch.setattr("fundsim.cli.estimate.time", clock)
    progress = TimeLeft(
        lambda done, total: shown.append(done), lambda seconds: left.append((shown[-1], seconds)), 2
    )
    progress(0, 1024)
    clock.now += 60.0
    progress(64, 1024)
    for done in range(192, 1025, 128):
        clock.now += 39.0
        progress(done - 64, 1024)
        clock.now += 0.1
        progress(done, 1024)
    assert shown == list(range(0, 1024, 64))
    # two blocks take 39.1 s, and 832 of 1,024 paths are left
    assert left == [(192, pytest.approx(39.1 * 832 / 128))]


def test_a_few_seconds_are_not_worth_a_word(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("fundsim.cli.estimate.time", clock)
    progress = TimeLeft(lambda done, total: None, pytest.fail, 2)
    for done in range(0, 1025, 64):
        progress(done, 1024)
        clock.now += 1.0


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("name: 园区".encode("gb18030"), "it looks like GBK (GB18030); save it as UTF-8"),
        ("name: 园区".encode("utf-16"), "the file is UTF-16 or UTF-32 text; save it as UTF-8"),
        (b"\x89PNG\r\n\x1a\n\x00", "the file is not UTF-8 text"),
        (b"", "the file is empty"),
    ],
)
def test_file_of_another_encoding_is_told(tmp_path, capsys, data, message):
    (tmp_path / "mine.yaml").write_bytes(data)
    assert main(["check", "mine.yaml"]) == 2
    assert message in capsys.readouterr().err


def test_file_with_byte_order_mark_and_windows_line_ends_is_read(mine, tmp_path, capsys):
    text = (tmp_path / mine).read_text("utf-8")
    (tmp_path / mine).write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))
    assert main(["check", mine]) == 0


def test_backslashes_find_the_file(tmp_path, mine, capsys):
    (tmp_path / "scenarios").mkdir()
    (tmp_path / mine).rename(tmp_path / "scenarios" / mine)
    assert main(["check", "scenarios\\mine.yaml"]) == 0
    assert main(["check", "scenarios\\nothing.yaml"]) == 2


def test_folder_instead_of_file_is_told(tmp_path, capsys):
    assert main(["check", str(tmp_path)]) == 2
    assert "is a directory" in capsys.readouterr().err


# new, describe, schema, info


def test_new_names_the_scenario_after_the_file_and_passes_check(capsys):
    assert main(["new", "园区 基金.yaml"]) == 0
    assert "园区 基金.yaml" in capsys.readouterr().out
    assert load_scenario("园区 基金.yaml").name == "园区 基金"
    assert main(["check", "园区 基金.yaml"]) == 0


@pytest.mark.parametrize("name", ["yes", "1e3", "a: b", "# x", 'quo"te', "null"])
def test_new_quotes_names_that_yaml_would_take_for_something_else(name):
    assert main(["new", name]) == 0
    assert load_scenario(f"{name}.yaml").name == name


@pytest.mark.parametrize("template", shipped_scenarios())
def test_new_starts_from_every_shipped_scenario(template):
    assert main(["new", "mine", "--from", template]) == 0
    assert load_scenario("mine.yaml").name == "mine"


def test_new_refuses_to_overwrite(mine, tmp_path, capsys):
    (tmp_path / mine).write_text("precious")
    assert main(["new", "mine"]) == 2
    assert capsys.readouterr().err == "error: mine.yaml exists already; give another name\n"
    assert (tmp_path / mine).read_text() == "precious"


def test_new_in_a_folder_that_is_not_there_is_told(capsys):
    assert main(["new", "nowhere/mine"]) == 1
    assert capsys.readouterr().err.startswith(
        "error: nowhere/mine.yaml cannot be written: No such file or directory"
    )


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_describe_names_every_vehicle(mine, capsys, lang):
    assert main(["describe", mine, "--lang", lang]) == 0
    out = capsys.readouterr().out
    for vehicle in load_scenario(mine).vehicles:
        assert vehicle.title.in_language(lang) in out


def test_schema_accepts_the_template(mine, capsys):
    jsonschema = pytest.importorskip("jsonschema")
    assert main(["schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(load_scenario(mine).to_dict(), schema)


def test_schema_to_a_file_is_the_same(tmp_path, capsys):
    main(["schema"])
    printed = json.loads(capsys.readouterr().out)
    assert main(["schema", "--out", "schema.json"]) == 0
    assert json.loads((tmp_path / "schema.json").read_text("utf-8")) == printed


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_info_shows_versions_cores_and_folders(capsys, lang):
    import numpy

    assert main(["info", "--lang", lang]) == 0
    lines = dict(line.split(": ", 1) for line in capsys.readouterr().out.splitlines())
    assert lines["fundsim"] == fundsim.__version__
    assert lines["numpy"] == numpy.__version__
    assert int(lines["cores" if lang == "en" else "处理器核心"]) >= 1
    assert lines["Chinese font" if lang == "en" else "中文字体"].endswith(".otf")


# Streams


def test_ascii_output_escapes_what_it_cannot_show(mine):
    done = called("check", mine, "--lang", "zh", env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert done.stdout.startswith("mine.yaml\\uff1a")
    assert done.stderr == ""


def test_reader_that_goes_away_stops_nothing(mine):
    read, write = os.pipe()
    os.close(read)
    done = called("schema", capture_output=False, stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_full_standard_output_is_told():
    with open("/dev/full", "w") as full:
        done = called("schema", capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (
        1,
        "error: standard output cannot be written: No space left on device\n",
    )


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
def test_closed_streams_are_no_error(mine):
    command = f'"{sys.executable}" -m fundsim check {mine} >&- 2>&-'
    assert subprocess.run(command, shell=True, check=False).returncode == 0
