"""Every label exists in both languages, can be filled, and can be drawn with the shipped font."""

import string
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

import fundsim
from fundsim import words

FONT = Path(fundsim.__file__).parent / "report" / "fonts" / "NotoSansSC-subset.otf"


def placeholders(text: str) -> set[tuple[str, str]]:
    """Name and format of each placeholder of a label."""
    return {
        (name, spec)
        for _, name, spec, _ in string.Formatter().parse(text)
        if name is not None and spec is not None
    }


@pytest.mark.parametrize("key", words.LABELS)
def test_label_has_both_languages_with_the_same_placeholders(key):
    english, chinese = words.LABELS[key]
    assert english.strip() == english != ""
    assert chinese.strip() == chinese != ""
    assert placeholders(english) == placeholders(chinese)
    assert all(name.isidentifier() for name, _ in placeholders(english))


def test_english_labels_hold_no_chinese():
    assert [
        key for key, text in words.LABELS.items() if any("\u4e00" <= c <= "\u9fff" for c in text.en)
    ] == []


def test_chinese_sentences_are_translated():
    for name in ("question", "report", "cli", "event_kind", "check", "leverage_note", "basis", "channel"):
        for entry in words.names(name):
            text = words.LABELS[f"{name}.{entry}"]
            assert any("\u4e00" <= c <= "\u9fff" for c in text.zh), f"{name}.{entry}"


def test_every_character_of_every_label_has_a_glyph():
    drawable = set(TTFont(FONT).getBestCmap())
    missing = {c for text in words.LABELS.values() for c in text.zh + text.en if ord(c) not in drawable}
    assert missing == set()


def test_font_is_small_enough_to_ship():
    assert FONT.stat().st_size <= 1_500_000


def test_chinese_is_drawn_without_a_missing_glyph_warning(tmp_path, recwarn):
    from matplotlib import font_manager, rc_context
    from matplotlib.figure import Figure

    font_manager.fontManager.addfont(FONT)
    with rc_context({"font.family": ["DejaVu Sans", "Noto Sans SC"]}):
        figure = Figure()
        figure.suptitle(words.label("cli.running", "zh", name="秦创原科创系列基金 −5 %"))
        figure.savefig(tmp_path / "figure.svg")
    assert [str(w.message) for w in recwarn if "Glyph" in str(w.message)] == []
    assert (tmp_path / "figure.svg").stat().st_size > 1000


def test_measures_and_leverage_definitions_are_all_named_and_explained():
    measures = (
        "net_irr gross_irr tvpi dpi rvpi paid_in_share payback_years deepest_call loss ks_pme direct_alpha"
    )
    assert words.names("measure") == tuple(measures.split())
    definitions = (
        "mother_multiple sub_fund_multiple combined_multiple social_multiple social_share "
        "invested_multiple invested_with_co_investors landing_multiple"
    )
    assert words.names("leverage") == tuple(definitions.split()) == words.names("leverage_note")


def test_label_fills_placeholders():
    assert words.label("axis.more_projects", "zh", n=1500) == "另有 1,500 个项目未列出"
    assert words.label("measure.dpi") == "DPI"


def test_user_text_with_braces_is_not_formatted_again():
    assert words.label("cli.running", name="{evil}") == "Simulating {evil}"


def test_unknown_key_names_the_near_one():
    with pytest.raises(KeyError, match="did you mean 'measure.net_irr'"):
        words.label("measure.nett_irr")


def test_unknown_language_placeholder_and_group_are_key_errors():
    with pytest.raises(KeyError, match="no language 'fr'"):
        words.label("measure.dpi", "fr")
    with pytest.raises(KeyError, match="name"):
        words.label("cli.running", "zh")
    with pytest.raises(KeyError, match="no group"):
        words.names("measures")


def test_no_key_is_defined_in_two_catalogues():
    catalogues = [
        value
        for name, value in vars(words).items()
        if name.strip("_").isupper() and isinstance(value, dict) and value is not words.LABELS
    ]
    assert len(catalogues) >= 4
    assert sum(map(len, catalogues)) == len(words.LABELS)


@pytest.mark.parametrize(
    ("key", "values", "text"),
    [
        ("describe.term", {"term": 1.0}, "term 1 year"),
        ("describe.term", {"term": 11.0}, "term 11 years"),
        ("describe.term", {"term": 2.1}, "term 2.1 years"),
        ("describe.extension", {"term": 9.0, "extension": 1.0}, "term 9 + 1 years"),
        ("cli.check_failed", {"count": 1}, "1 problem"),
        ("cli.check_failed", {"count": 21}, "21 problems"),
    ],
)
def test_one_is_not_many(key, values, text):
    assert words.label(key, "en", **values) == text
