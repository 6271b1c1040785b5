"""Every numbered rule of the model is cited where it is implemented, in its slow twin and in a test."""

import io
import re
import tokenize
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NUMBER = r"\d+\.\d+[a-z]?"
STEP = r"(?: [a-e])?"  # steps of a period, as in (7.0 c)
ITEM = rf"{NUMBER}{STEP}(?:(?:–| to ){NUMBER})?"
CITATION = re.compile(rf"\(({ITEM}(?:(?:, | and |; ){ITEM})*)\)(?:–\(({NUMBER})\))?")
DEFINITION = re.compile(rf"^- \(({NUMBER})\)", re.MULTILINE)


@cache
def defined():
    """The numbers of docs/model.md, each at the head of its rule, in their order."""
    return DEFINITION.findall((ROOT / "docs" / "model.md").read_text(encoding="utf-8"))


def between(first, last):
    """The numbers from one to another, both included; nothing where one of them is not defined."""
    numbers = defined()
    if first not in numbers or last not in numbers:
        return {first, last}
    return set(numbers[numbers.index(first) : numbers.index(last) + 1])


def cited_in(text):
    """Numbers in brackets: `(5.2)`, `(5.2, 7.1)`, `(7.0 c)`, `(4.10 to 4.13)`, `(8.2)–(8.4)`."""
    found = set()
    for match in CITATION.finditer(text):
        items = re.findall(ITEM, match[1])
        for item in items:
            ends = re.findall(NUMBER, item)
            found |= between(ends[0], ends[-1])
        if match[2]:
            found |= between(re.findall(NUMBER, items[-1])[-1], match[2])
    return found


EXAMPLE = re.compile(r"^ *>>>.*(?:\n(?! *$).*)*", re.MULTILINE)
"""An example in a docstring, down to the next blank line."""


def words_of(path):
    """Comments and strings of a module, its docstrings among them but for their examples; tuples of numbers
    cite nothing.
    """
    tokens = tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline)
    return "\n".join(
        re.sub(r"\s+", " ", EXAMPLE.sub("", token.string))
        for token in tokens
        if token.type in (tokenize.COMMENT, tokenize.STRING)
    )


PLACES = {
    "package": "fundsim/**/*.py",
    "twin": "tests/twins/**/*.py",
    "test": "tests/**/*.py",
}
# fields and words only say what rules are about; worlds are made for tests, but test nothing
APART = {"package": {"scenario", "words", "report"}, "twin": set(), "test": {"twins", "makers"}}


@cache
def cited(place):
    """Every number that the package, the twins or the tests cite."""
    paths = (path.relative_to(ROOT) for path in ROOT.glob(PLACES[place]))
    chosen = (ROOT / path for path in paths if not APART[place] & set(path.parts))
    return set().union(*(cited_in(words_of(path)) for path in chosen))


def test_the_model_defines_each_number_once():
    assert len(defined()) == len(set(defined())) > 50


@pytest.mark.parametrize("place", PLACES)
def test_every_number_of_the_model_is_cited(place):
    missing = [number for number in defined() if number not in cited(place)]
    assert missing == [], f"docs/model.md has numbers that no {place} cites"


@pytest.mark.parametrize("place", ["package", "twin"])
def test_every_number_that_is_cited_is_one_of_the_model(place):
    assert sorted(cited(place) - set(defined())) == []


def test_citations_are_read_as_they_are_written():
    assert cited_in("see (5.2), (7.0 c, 7.3) and (4.12 to 4.14)") == {
        "5.2",
        "7.0",
        "7.3",
        "4.12",
        "4.13",
        "4.14",
    }
    assert cited_in("(8.3)–(8.5); (3.3b)") == {"8.3", "8.4", "8.5", "3.3b"}
    assert cited_in("(0.25, 30 %) and version 3.11") == set()
