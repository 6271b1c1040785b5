"""The report of a comparison: whole in one file, in both languages, with every side and every verdict."""

import re

import pytest

import fundsim as fs
from fundsim.report import write_comparison_report
from fundsim.words import LANGUAGES, label
from tests.makers.fund_cluster import cluster


@pytest.fixture(scope="module")
def comparison():
    base = cluster(3, 60)
    dearer = base.override({"vehicles.mother.terms.fee_rate": 0.008})
    return fs.compare({"base": base, "dearer <b>": dearer, "same": base}, progress=False)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_is_one_file_that_needs_no_network_and_names_every_side(comparison, tmp_path, lang):
    file = tmp_path / "report.html"
    write_comparison_report(comparison, file, lang)
    text = file.read_text(encoding="utf-8")
    assert not re.search(r"(src|href)=\"(https?:)?//", text)
    assert "dearer &lt;b&gt;" in text and "dearer <b>" not in text
    assert text.count("<svg") >= 4
    for key in (
        "compare.what_differs",
        "compare.notes",
        "report.compared_figures",
        "compare.nothing_differs",
    ):
        assert label(key, lang) in text
    assert "0.6%" in text and "0.8%" in text
    assert comparison.says(comparison.measures.iloc[0], lang) in text
    assert text.rstrip().endswith("</html>")


def test_it_says_how_many_vehicles_it_leaves_out(comparison, tmp_path, monkeypatch):
    file = tmp_path / "report.html"
    write_comparison_report(comparison, file)
    assert label("compare.more_vehicles", n=2) not in file.read_text(encoding="utf-8")
    monkeypatch.setattr("fundsim.report.comparison.MOST_VEHICLES", 2)
    write_comparison_report(comparison, file)
    assert file.read_text(encoding="utf-8").count(label("compare.more_vehicles", n=2)) == 2


def test_runs_of_one_path_have_a_report(tmp_path):
    base = cluster(3, 1)
    one = fs.compare(
        {"a": base, "b": base.override({"vehicles.mother.terms.fee_rate": 0.008})}, progress=False
    )
    write_comparison_report(one, tmp_path / "report.html", "zh")
    assert "</html>" in (tmp_path / "report.html").read_text(encoding="utf-8")
