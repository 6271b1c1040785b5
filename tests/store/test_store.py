"""The run folder: whole files, the promised columns, the way back to tables, and whose folder it is."""

import errno
import json
import os
import stat

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import fundsim
from fundsim.cli.scenarios import template_text
from fundsim.errors import ArgumentError, RunError
from fundsim.scenario import Scenario
from fundsim.store import (
    FolderTakenError,
    Identity,
    RunFolder,
    load_results,
    slug,
    summary_of,
    whole_file,
    whole_files,
    write_json,
    write_tables,
    write_text,
)
from fundsim.store.files import TEMPORARY_PREFIX

MEASURES = "net_irr gross_irr tvpi dpi rvpi paid_in_share payback_years deepest_call loss ks_pme direct_alpha"
QUANTILES = ["p05", "p25", "p50", "p75", "p95"]
PARQUET = {
    "measures": ["path", "vehicle", "investor", *MEASURES.split()],
    "cash_flows": ["vehicle", "investor", "date", "flow", "mean", "standard_error", *QUANTILES],
    "leverage": ["path", "year", "definition", "basis", "money", "value"],
    "exits": ["path", "vehicle", "enterprise", "channel", "date", "cost", "proceeds"],
}


@pytest.fixture(scope="module")
def results():
    """A small run with Chinese names."""
    template = Scenario.from_text(template_text("template").replace("early fund", "早期基金"))
    changes = {"run.paths": 50, "run.seed": 7, "run.kept_paths": 40, "horizon_years": 13}
    # Shares of investors then differ from path to path.
    changes["closing"] = {
        "raised_share": {"mean": 0.9, "sd": 0.05},
        "paid_in_rate": {"mean": 0.9, "sd": 0.05},
    }
    return fundsim.simulate(template.override(changes), progress=False)


@pytest.fixture(scope="module")
def stored(results, tmp_path_factory):
    folder = RunFolder(tmp_path_factory.mktemp("runs") / "one")
    folder.begin(identity())
    write_text(folder.path / "scenario.yaml", results.scenario.to_yaml())
    write_tables(folder.path, results)
    folder.finish(summary_of(results))
    return folder.path


def plain(frame):
    """A table with text for categories, as files have no others."""
    return frame.astype({name: object for name in frame.columns if frame[name].dtype == "category"})


def identity(**changes):
    scenario = Scenario.from_text(template_text("template")).override(changes)
    return Identity.of(scenario, fundsim.__version__, "kernels")


def listing(folder):
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*"))


# What is written


@pytest.mark.parametrize("table", PARQUET)
def test_parquet_has_exactly_the_promised_columns(stored, table):
    schema = pq.read_schema(stored / f"{table}.parquet")
    assert schema.names == PARQUET[table]
    assert [str(schema.field(name).type) for name in schema.names if name in ("path", "year")] == [
        "int64"
    ] * len({"path", "year"} & set(schema.names))


@pytest.mark.parametrize("table", PARQUET)
def test_parquet_is_compressed_as_promised(stored, table):
    group = pq.ParquetFile(stored / f"{table}.parquet").metadata.row_group(0)
    columns = {group.column(i).path_in_schema: group.column(i) for i in range(group.num_columns)}
    assert {column.compression for column in columns.values()} == {"ZSTD"}
    for name, column in columns.items():
        expected = "BYTE_STREAM_SPLIT" if column.physical_type == "DOUBLE" else "RLE_DICTIONARY"
        assert expected in column.encodings, name


def test_measures_are_in_path_order_with_all_rows_of_a_path_together(stored, results):
    table = pd.read_parquet(stored / "measures.parquet")
    rows = [(vehicle, investor) for vehicle in results.vehicles for investor in results.investors(vehicle)]
    assert list(table["path"]) == [path for path in range(results.n_paths) for _ in rows]
    assert list(zip(table["vehicle"], table["investor"], strict=True)) == rows * results.n_paths


def test_measures_keep_every_bit_in_chunks_of_any_size(stored, results, tmp_path, monkeypatch):
    monkeypatch.setattr("fundsim.store.tables._ROWS", 67)
    write_tables(tmp_path, results)
    for table in PARQUET:
        pd.testing.assert_frame_equal(
            pd.read_parquet(tmp_path / f"{table}.parquet"),
            pd.read_parquet(stored / f"{table}.parquet"),
            check_exact=True,
        )


def test_csv_is_utf_8_with_byte_order_mark_at_full_precision(stored, results):
    for file in (stored / "tables").glob("*.csv"):
        assert file.read_bytes().startswith(b"\xef\xbb\xbf"), file.name
    assert "早期基金" in (stored / "tables" / "summary.csv").read_text("utf-8-sig")
    lines = (stored / "tables" / "summary.csv").read_text("utf-8-sig").splitlines()
    column = lines[0].split(",").index("mean")
    assert [float(line.split(",")[column]) for line in lines[1:]] == list(results.summary()["mean"])


def test_summary_json_has_the_promised_keys_and_null_for_what_is_undefined(stored, results):
    content = json.loads((stored / "summary.json").read_text("utf-8"))
    keys = "fundsim kernels scenario seed paths precision elapsed_seconds processors measures leverage checks"
    assert list(content) == keys.split()
    assert content["seed"] == 7 and content["paths"] == 50 and content["fundsim"] == fundsim.__version__
    row = content["measures"][0]
    assert list(row)[:4] == ["vehicle", "investor", "measure", "mean"]
    assert row["mean"] == results.summary().iloc[0]["mean"]
    assert {"standard_error", "undefined", *QUANTILES} < set(row)
    assert list(content["checks"][0]) == ["name", "worst", "passed"]


def test_undefined_statistics_are_null(results, monkeypatch):
    undefined = results.summary().assign(mean=np.nan, p05=np.inf)
    monkeypatch.setattr(type(results), "summary", lambda self: undefined)
    row = summary_of(results)["measures"][0]
    assert row["mean"] is None and row["p05"] is None


def test_leverage_has_all_years_of_the_kept_paths(stored, results):
    pd.testing.assert_frame_equal(
        pd.read_parquet(stored / "leverage.parquet"),
        plain(results.leverage_paths()),
        check_dtype=False,
        check_exact=True,
    )


def test_nan_never_reaches_json_and_leaves_no_file(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "summary.json", {"mean": float("nan")})
    assert listing(tmp_path) == []


def test_the_same_results_make_the_same_bytes(stored, results, tmp_path):
    write_tables(tmp_path, results)
    for file in tmp_path.rglob("*.*"):
        assert file.read_bytes() == (stored / file.relative_to(tmp_path)).read_bytes(), file.name


def test_nothing_unfinished_is_left(stored):
    assert [name for name in listing(stored) if ".unfinished" in name or ".blocks" in name] == []


# What is read back


def test_stored_tables_equal_the_results(stored, results):
    read = fundsim.load_results(stored)
    assert (read.seed, read.n_paths, read.version) == (7, 50, fundsim.__version__)
    assert read.scenario == results.scenario
    assert read.vehicles == results.vehicles
    assert read.checks == results.checks
    for vehicle in results.vehicles:
        assert read.investors(vehicle) == results.investors(vehicle)
        for investor in results.investors(vehicle):
            np.testing.assert_array_equal(read.irr(vehicle, investor), results.irr(vehicle, investor))
            np.testing.assert_array_equal(read.measure("loss", vehicle), results.measure("loss", vehicle))
            assert read.pooled(vehicle, investor) == results.pooled(vehicle, investor)
    tables = ("summary", "leverage", "leverage_by_year", "landing", "exits", "exits_by_year", "activity")
    for table in (*tables, "cash_flows"):
        expected = plain(getattr(results, table)())
        if table == "cash_flows":
            expected = expected[PARQUET["cash_flows"]]
        pd.testing.assert_frame_equal(
            getattr(read, table)(), expected, check_dtype=False, check_exact=True, obj=table
        )


def test_stored_cash_flows_of_one_investor(stored, results):
    read = load_results(stored).cash_flows("早期基金", "social")
    assert set(read["vehicle"]) == {"早期基金"} and set(read["investor"]) == {"social"}
    assert len(read) == len(results.cash_flows("早期基金", "social"))


def test_stored_measures_are_read_only(stored):
    with pytest.raises(ValueError, match="read-only"):
        load_results(stored).irr("mother")[0] = 1.0


def test_unknown_names_are_told_with_those_that_exist(stored):
    read = load_results(stored)
    with pytest.raises(ArgumentError, match="there is no vehicle 'mothr'; there are mother, 早期基金"):
        read.irr("mothr")
    with pytest.raises(ArgumentError, match="there is no investor of 'mother' 'social'"):
        read.irr("mother", "social")
    with pytest.raises(ArgumentError, match="there is no measure 'irr'; there are net_irr"):
        read.measure("irr", "mother")


def test_what_a_folder_does_not_hold_is_said(stored):
    read = load_results(stored)
    for ask in (
        lambda: read.paths_of("nav", "mother"),
        lambda: read.trace(0),
    ):
        with pytest.raises(RunError, match="a run folder does not hold .*; fundsim.simulate"):
            ask()


def test_a_damaged_table_is_named(stored, tmp_path):
    import shutil

    copy = shutil.copytree(stored, tmp_path / "copy")
    (copy / "measures.parquet").write_bytes(b"PAR1 nothing")
    with pytest.raises(RunError, match=r"measures\.parquet cannot be read"):
        load_results(copy).irr("mother")


def test_folder_without_a_finished_run_is_refused(tmp_path):
    with pytest.raises(RunError, match="holds no run"):
        load_results(tmp_path)
    RunFolder(tmp_path).begin(identity())
    with pytest.raises(RunError, match="holds a run that is not finished; go on with it"):
        load_results(tmp_path)


# Whole files


def test_whole_file_replaces_nothing_when_its_writer_fails(tmp_path):
    path = tmp_path / "a.txt"
    write_text(path, "old")
    with pytest.raises(KeyError), whole_file(path) as temporary:
        temporary.write_text("half")
        raise KeyError("writer failed")
    assert path.read_text() == "old"
    assert listing(tmp_path) == ["a.txt"]


def test_whole_files_move_together_and_leave_no_staging(tmp_path):
    with whole_files(tmp_path / "figures") as staging:
        (staging / "b.svg").write_text("b")
        (staging / "a.svg").write_text("a")
    assert listing(tmp_path) == ["figures", "figures/a.svg", "figures/b.svg"]


def test_files_obey_the_umask(tmp_path):
    before = os.umask(0o027)
    try:
        write_text(tmp_path / "a.txt", "a")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == 0o640


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            errno.ENOSPC,
            "the disk is full, .*a.txt was not written; free some space, then go on with --resume",
        ),
        (errno.EROFS, "a.txt cannot be written: Read-only file system; give another folder with --out"),
        (errno.EIO, "a.txt cannot be written: Input/output error"),
    ],
)
@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_errors_of_the_disk_are_told_and_leave_no_half_file(tmp_path, monkeypatch, code, message, call):
    def fail(*args, **kwargs):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(f"fundsim.store.files.os.{call}", fail)
    with pytest.raises(RunError, match=message):
        write_text(tmp_path / "a.txt", "text")
    assert listing(tmp_path) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("qinchuangyuan", "qinchuangyuan"),
        ("秦创原 科创基金", "秦创原-科创基金"),
        ('a/b\\c:d*e?f"g<h>i|j', "a-b-c-d-e-f-g-h-i-j"),
        ("v1.2", "v1.2"),
        ("con", "_con"),
        ("aux.v2", "_aux.v2"),
        ("..", "run"),
        ("...trailing. ", "trailing"),
        ("\x00\n", "run"),
        ("", "run"),
        ("字" * 300, "字" * 40),
    ],
)
def test_slug_is_a_name_that_every_system_takes(text, name):
    assert slug(text) == name


# Whose folder it is


def test_empty_and_new_folders_are_taken(tmp_path):
    for path in (tmp_path, tmp_path / "new" / "deep"):
        folder = RunFolder(path)
        folder.begin(identity())
        assert folder.is_begun and not folder.is_finished


def test_folder_of_something_else_is_refused_even_to_overwrite(tmp_path):
    (tmp_path / "thesis.docx").write_text("years of work")
    for overwrite in (False, True):
        with pytest.raises(
            RunError, match="holds files that are not a run's; give another folder with --out"
        ):
            RunFolder(tmp_path).begin(identity(), overwrite=overwrite)
    assert listing(tmp_path) == ["thesis.docx"]


def test_summary_of_something_else_makes_no_run(tmp_path):
    (tmp_path / "summary.json").write_text('{"title": "mine"}')
    with pytest.raises(RunError, match="not a run's"):
        RunFolder(tmp_path).begin(identity(), overwrite=True)
    assert (tmp_path / "summary.json").read_text() == '{"title": "mine"}'


def test_file_instead_of_folder_is_told(tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(RunError, match="out is a file, not a folder; give another folder with --out"):
        RunFolder(tmp_path / "out").begin(identity(), overwrite=True)
    with pytest.raises(RunError, match="below lies below a file; give another folder with --out"):
        RunFolder(tmp_path / "out" / "below").begin(identity(), overwrite=True)


def finished(path):
    folder = RunFolder(path)
    folder.begin(identity())
    write_text(path / "measures.parquet", "table")
    folder.finish({"fundsim": fundsim.__version__})
    return folder


def test_another_run_is_refused_without_overwrite(tmp_path):
    finished(tmp_path)
    with pytest.raises(
        FolderTakenError, match="holds another run; give --overwrite, --resume or another --out"
    ):
        RunFolder(tmp_path).begin(identity())
    assert (tmp_path / "measures.parquet").exists()


def test_overwriting_removes_the_run_and_nothing_else(tmp_path):
    finished(tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "sketch.ai").write_text("mine too")
    RunFolder(tmp_path).begin(identity(), overwrite=True)
    assert listing(tmp_path) == [
        ".blocks",
        ".blocks/manifest.json",
        "figures",
        "figures/sketch.ai",
        "notes.txt",
    ]


def test_overwriting_drops_blocks_of_the_other_run(tmp_path):
    folder = RunFolder(tmp_path)
    folder.begin(identity())
    folder.save_block(0, 8, {"a": np.arange(3)})
    folder.begin(identity(**{"run.seed": 9}), overwrite=True)
    assert list(folder.blocks()) == []


def test_blocks_come_back_to_the_bit_and_in_order(tmp_path):
    folder = RunFolder(tmp_path)
    folder.begin(identity())
    blocks = [{"first_path": np.array(n * 8), "x": np.random.default_rng(n).random((8, 3))} for n in range(3)]
    for n in (2, 0, 1):
        folder.save_block(n * 8, 8, blocks[n])
    folder = RunFolder(tmp_path)
    folder.begin(identity(), resume=True)
    for read, block in zip(folder.blocks(), blocks, strict=True):
        assert read.keys() == block.keys()
        assert all(read[name].tobytes() == block[name].tobytes() for name in block)


def test_a_damaged_block_is_left_out(tmp_path):
    folder = RunFolder(tmp_path)
    folder.begin(identity())
    folder.save_block(0, 8, {"x": np.arange(100.0)})
    folder.save_block(8, 8, {"x": np.arange(100.0)})
    first = tmp_path / ".blocks" / "0000000000-8.npz"
    for damaged in (
        first.read_bytes()[:200],
        b"",
        first.read_bytes().replace(np.float64(7).tobytes(), b"\x00" * 8),
    ):
        first.write_bytes(damaged)
        assert len(list(folder.blocks())) == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"run.seed": 9},
            r"was begun with run.seed 20250101, now 9; resume it as it was, or give --overwrite",
        ),
        ({"run.paths": 9}, r"run.paths 10000, now 9"),
        ({"vehicles.mother.terms.fee_rate": 0.001}, r"vehicles\[0\].terms.fee_rate .*, now 0.001"),
    ],
)
def test_resume_refuses_a_different_scenario_and_says_what_differs(tmp_path, changes, message):
    RunFolder(tmp_path).begin(identity())
    with pytest.raises(RunError, match=message):
        RunFolder(tmp_path).begin(identity(**changes), resume=True)


def test_resume_refuses_other_versions_and_kernels(tmp_path):
    begun = identity()
    RunFolder(tmp_path).begin(begun)
    with pytest.raises(RunError, match=r"was begun with fundsim .*, now 9\.9"):
        RunFolder(tmp_path).begin(Identity("9.9", "kernels", begun.scenario), resume=True)
    with pytest.raises(RunError, match="other kernels or another kind of processor"):
        RunFolder(tmp_path).begin(Identity(fundsim.__version__, "new", begun.scenario), resume=True)


def test_threads_are_no_difference(tmp_path):
    RunFolder(tmp_path).begin(identity())
    RunFolder(tmp_path).begin(identity(**{"run.threads": 3}), resume=True)


def test_unfinished_run_is_refused_without_resume(tmp_path):
    RunFolder(tmp_path).begin(identity())
    with pytest.raises(FolderTakenError):
        RunFolder(tmp_path).begin(identity())


def test_damaged_manifest_is_told(tmp_path):
    RunFolder(tmp_path).begin(identity())
    (tmp_path / ".blocks" / "manifest.json").write_text("{")
    with pytest.raises(RunError, match=r"manifest.json cannot be read, so the run cannot be resumed"):
        RunFolder(tmp_path).begin(identity(), resume=True)


def test_finished_run_knows_itself_and_no_other(stored, results):
    folder = RunFolder(stored)
    assert folder.is_complete(Identity.of(results.scenario, fundsim.__version__, "any"))
    other = results.scenario.override({"run.seed": 8})
    assert not folder.is_complete(Identity.of(other, fundsim.__version__, "any"))
    assert not RunFolder(stored.parent).is_complete(identity())


def test_what_a_killed_writer_left_is_removed_at_resume(tmp_path):
    RunFolder(tmp_path).begin(identity())
    for name in (f"{TEMPORARY_PREFIX}a.parquet", f".blocks/{TEMPORARY_PREFIX}b.npz"):
        (tmp_path / name).write_text("half")
    (tmp_path / f"{TEMPORARY_PREFIX}figures").mkdir()
    RunFolder(tmp_path).begin(identity(), resume=True)
    assert listing(tmp_path) == [".blocks", ".blocks/manifest.json"]


@pytest.mark.parametrize(
    "n_calls", [n if n % 3 == 0 else pytest.param(n, marks=pytest.mark.slow) for n in range(30)]
)
def test_overwriting_cut_short_at_any_moment_leaves_a_run_s_folder(tmp_path, monkeypatch, n_calls):
    """Every change on disk goes through these four; the one that is cut is not made."""
    finished(tmp_path)
    left = [n_calls]

    def counted(original):
        def call(*args, **kwargs):
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt
            return original(*args, **kwargs)

        return call

    with monkeypatch.context() as patch:
        for target in ("os.replace", "os.unlink", "os.mkdir", "os.rmdir"):
            patch.setattr(target, counted(getattr(os, target.removeprefix("os."))))
        try:
            RunFolder(tmp_path).begin(identity(**{"run.seed": 9}), overwrite=True)
        except KeyboardInterrupt:
            pass
    folder = RunFolder(tmp_path)
    assert folder.is_finished or folder.is_begun or folder.is_empty
    folder.begin(identity(**{"run.seed": 9}), overwrite=True)
