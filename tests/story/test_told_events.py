"""Every kind of event is told in both languages, by a sentence of its own with all that the kind carries."""

import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from fundsim import story
from fundsim.results.events import COLUMNS, event, events_table
from fundsim.scenario import Scenario
from fundsim.story.layout import display_width
from fundsim.vocabulary import EventField, EventKind
from tests.makers.plain_scenarios import NEUTRAL_MARKET, fund, plain, sector, stage

DATES = pd.date_range("2024-03-31", periods=4, freq="QE").to_numpy()
NAMES = {
    EventField.VEHICLE: "甲基金",
    EventField.COUNTERPART: "乙企业",
    EventField.STATE: "normal",
    EventField.STAGE: "天使",
    EventField.CHANNEL: "term_sale",
}


def value_of(field, flag):
    """A value that no other field has, so that a sentence shows which fields it tells."""
    if field in NAMES:
        return NAMES[field]
    return flag if field.role == "flag" else 0.11 * (1 + field)


def told(kind, lang, flag=False, **changes):
    """The story of a path on which nothing but one event happens."""
    carried = {field.word: value_of(field, flag) for field in kind.fields} | changes
    events = events_table([event(kind, 0, **carried)], DATES)
    state = {"name": "normal", "title": {"en": "Normal", "zh": "常态"}}
    window = NEUTRAL_MARKET["window"] | {"states": [state], "initial": "normal"}
    content = plain(
        [fund(name="甲基金", stages=["天使"])],
        [sector(stages=[stage(name="天使")])],
        market=NEUTRAL_MARKET | {"window": window},
    )
    trace = SimpleNamespace(path=0, scenario=Scenario.from_dict(content), events=events)
    lines = story.trace_story(trace, lang).splitlines()
    assert max(map(display_width, lines)) <= 80
    return re.sub(r"\s+", " ", " ".join(lines[1:]))


def seen(field, lang):
    """What of a field must stand in its story."""
    number = 0.11 * (1 + field)
    if field.role == "amount":
        text = {EventField.AMOUNT: f"{number:.4f}", EventField.SHARE: f"{100 * number:.4g}%"}
        return text.get(field, f"{number:.4g}")
    own = {EventField.STATE: {"en": "Normal", "zh": "常态"}[lang]}
    own[EventField.CHANNEL] = {"en": "sale at term", "zh": "到期处置"}[lang]
    return own.get(field, NAMES[field])


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("kind", EventKind, ids=EventKind.words())
def test_each_kind_tells_what_it_carries(kind, lang):
    text = told(kind, lang)
    for field in kind.fields:
        assert field.role == "flag" or seen(field, lang) in text, field


@pytest.mark.parametrize("flag", [False, True])
@pytest.mark.parametrize("kind", EventKind, ids=EventKind.words())
def test_no_english_is_left_in_the_chinese_story(kind, flag):
    words = re.findall(r"[A-Za-z][A-Za-z-]+", told(kind, "zh", flag))
    assert set(words) <= {"REIT", "Pre-REIT"}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("kind", [kind for kind in EventKind if kind.flag])
def test_a_flag_changes_the_sentence(kind, lang):
    assert told(kind, lang, True) != told(kind, lang, False)


def test_names_that_are_words_of_ours_stay_names():
    assert "（transfer，" in told(EventKind.DEAL, "zh", stage="transfer")
    assert "甲基金 buys started; cost 3 (天使" in told(EventKind.DEAL, "en", counterpart="started; cost 3")


def test_an_event_carries_the_fields_of_its_kind_and_no_others():
    with pytest.raises(TypeError, match="end carries"):
        event(EventKind.END, 0)
    with pytest.raises(TypeError, match="end carries"):
        event(EventKind.END, 0, vehicle="one", amount=1.0)


def test_events_are_ordered_by_period_and_kind():
    rows = [
        event(EventKind.END, 1, vehicle="one"),
        event(EventKind.CALL, 1, vehicle="one", amount=1),
        event(EventKind.FEE, 0, vehicle="one", amount=2),
        event(EventKind.WINDOW, 1, state="tight"),
    ]
    events = events_table(rows, DATES)
    assert events.columns.tolist() == COLUMNS
    assert events["kind"].tolist() == ["fee", "window", "call", "end"]
    assert events["date"].tolist() == pd.to_datetime(DATES[[0, 1, 1, 1]]).tolist()
    assert events["vehicle"].tolist() == ["one", "", "one", "one"]
    np.testing.assert_array_equal(events["amount"], [2.0, np.nan, 1.0, np.nan])
    assert events["started"].isna().all()


def test_enterprises_found_outside_the_park_are_told_in_chinese():
    name = "甲基金 · outside #3"
    assert "甲基金 投资 甲基金 · 园区外 #3（天使" in told(EventKind.DEAL, "zh", counterpart=name)
    assert f"甲基金 buys {name} (天使" in told(EventKind.DEAL, "en", counterpart=name)
    assert "甲基金 投资 outside #3（天使" in told(EventKind.DEAL, "zh", counterpart="outside #3")
