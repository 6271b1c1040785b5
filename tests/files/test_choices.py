"""Choices that a vocabulary gives are those of a `Literal`: the same mistakes, schema and wanted words."""

from typing import Annotated, Literal

import pytest
from pydantic import TypeAdapter, ValidationError

from fundsim.files.choices import Choice
from fundsim.scenario.reference import wanted
from fundsim.vocabulary import InvestorKind, Style

TAKEN = Annotated[str, Choice(Style)]
WRITTEN = Literal["european", "deal_by_deal"]


def mistakes(annotation, value):
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(annotation).validate_python(value)
    return caught.value.errors(include_url=False)


@pytest.mark.parametrize("value", ["europan", None, 0, Style.EUROPEAN, ["european"]])
@pytest.mark.parametrize("rest", [None, tuple[float, ...]])
def test_what_is_no_choice_is_told_as_of_a_literal(value, rest):
    taken, written = (TAKEN, WRITTEN) if rest is None else (TAKEN | rest, WRITTEN | rest)
    assert mistakes(taken, value) == mistakes(written, value)


def test_schema_and_words_are_those_of_a_literal():
    assert TypeAdapter(TAKEN).json_schema() == TypeAdapter(WRITTEN).json_schema()
    assert TypeAdapter(TAKEN).validate_python("deal_by_deal") == "deal_by_deal"
    assert wanted(TAKEN) == wanted(WRITTEN) == "one of european, deal_by_deal"


def test_some_members_of_a_vocabulary_may_be_left_out():
    outside = (kind for kind in InvestorKind if kind is not InvestorKind.IN_CLUSTER)
    assert Choice(outside).words == ("fiscal", "state", "social", "general_partner")
