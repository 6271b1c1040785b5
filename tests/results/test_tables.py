"""The registry of tables: what is declared is what results, run folders and reports have."""

import pandas as pd
import pytest

from fundsim import load_results, report
from fundsim.results.tables import TABLES, table
from fundsim.store import RunFolder, summary_of, write_tables, write_text
from fundsim.words import LABELS, Label
from tests.makers.fund_cluster import run
from tests.makers.property_runs import certain


def written(results, folder):
    """A run folder with the tables of some results."""
    folder.mkdir()
    write_text(folder / "scenario.yaml", results.scenario.to_yaml())
    write_tables(folder, results)
    RunFolder(folder).finish(summary_of(results))
    return load_results(folder)


def test_tables_have_the_declared_columns():
    for results in (certain(), run(20, 10)):
        for name, declared in TABLES.items():
            frame = results.table(name)
            assert tuple(frame) == declared.columns, name
            if declared.is_method:
                pd.testing.assert_frame_equal(getattr(results, name)(), frame)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_table_is_added_in_one_place(lang, tmp_path, monkeypatch):
    """Declared once, it is in results, in the folder and what is read back, and in the report."""

    def sizes(results):
        rows = [(v.name, k, v.size) for k, v in enumerate(results.scenario.vehicles)]
        return pd.DataFrame(rows, columns=["vehicle", "year", "mean"])

    monkeypatch.setitem(TABLES, "sizes", None)  # so that it is gone again
    table("vehicle", "year", "mean", part="cash", title="sizes")(sizes)
    monkeypatch.setitem(LABELS, "table.sizes", Label("What vehicles weigh", "基金规模一览"))
    results = run(20, 10)
    expected = sizes(results)
    pd.testing.assert_frame_equal(results.table("sizes"), expected)
    pd.testing.assert_frame_equal(written(results, tmp_path / "run").table("sizes"), expected)
    report.write_report(results, tmp_path / "report.html", lang)
    page = (tmp_path / "report.html").read_text("utf-8")
    part = page.partition('id="table-sizes"')[2].partition("</table>")[0]
    assert LABELS["table.sizes"]._asdict()[lang] in part
    assert all(results.scenario.title_of(name, lang) in part for name in results.vehicles)


def test_methods_of_stored_results_are_those_of_results(tmp_path):
    results = certain()
    stored = written(results, tmp_path / "run")
    for name, declared in TABLES.items():
        if declared.is_method or name == "summary":
            found, expected = getattr(stored, name)(), getattr(results, name)()
            kinds = {c: object for c in expected if expected[c].dtype == "category"}
            pd.testing.assert_frame_equal(found, expected.astype(kinds), check_dtype=False, obj=name)
            assert [c for c in found if found[c].dtype.kind in "if"] == [
                c for c in expected if expected[c].dtype.kind in "if"
            ]
