"""The page on validation names tests that exist, and what it prints of formulas holds."""

import re
from pathlib import Path

import pytest

from tests.cases import validation_rows

TESTS = Path(__file__).parent
PAGE = (TESTS.parent / "docs" / "validation.md").read_text(encoding="utf-8")
FORMULAS = validation_rows.formula_sections()


@pytest.mark.parametrize("section", FORMULAS, ids=[section.title for section in FORMULAS])
def test_printed_comparisons_of_formulas_hold(section):
    comparisons = list(section.rows())
    assert comparisons
    for comparison in comparisons:
        if comparison.published == comparison.published:
            comparison.check()
        else:
            assert comparison.ours != comparison.ours, f"{comparison.name}: there is no rate"


def test_every_test_named_on_the_page_exists():
    names = set(re.findall(r"`(?:test_\w+\.py::)?(test_\w+)`", PAGE))
    files = set(re.findall(r"\b(?:kernels/)?(?:test|naive)_\w+\.py", PAGE))
    text = "\n".join(path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py"))
    assert len(names) > 25
    assert sorted(name for name in names if f"def {name}(" not in text) == []
    places = {path.name for path in TESTS.rglob("*.py")}
    assert sorted(file for file in files if file.rpartition("/")[2] not in places) == []


def test_every_published_section_is_on_the_page():
    for section in (*validation_rows.scenario_sections(), *FORMULAS):
        assert f"### {section.title}" in PAGE
