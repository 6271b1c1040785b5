"""The report: one file that reads offline, says what the results say, and escapes what users wrote."""

import base64
import re
from collections import Counter
from html.parser import HTMLParser
from io import BytesIO

import pytest
from fontTools.ttLib import TTFont

from fundsim import report, story
from fundsim.errors import ArgumentError
from fundsim.report.tables import LOSS_LINES
from fundsim.report.typeface import embedded_typeface
from fundsim.words import label, names
from fundsim.words.numbers import percent
from tests.makers.fund_cluster import run


class Page(HTMLParser):
    """Ids, links, loads and text of a page."""

    VOID = ("meta", "link", "img", "br")

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.loads, self.words = [], [], [], []
        self.attributes, self.open = {}, []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.attributes.setdefault(tag, attrs)
        self.ids += [attrs["id"]] if "id" in attrs else []
        href = attrs.get("href") or attrs.get("xlink:href")
        self.links += [href[1:]] if href and href.startswith("#") else []
        self.loads += [
            v for k, v in attrs.items() if k in ("src", "href", "xlink:href") and not v.startswith("#")
        ]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.words.append(data)

    @property
    def text(self):
        return re.sub(r"\s+", " ", "".join(self.words)).replace("−", "-")


@pytest.fixture(scope="module")
def results():
    return run(5, 200)


@pytest.fixture(scope="module", params=["en", "zh"])
def made(request, results, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    report.write_report(results, path, request.param)
    text = path.read_text(encoding="utf-8")
    return request.param, text, Page(text)


def test_page_says_its_language(made):
    lang, _, page = made
    assert page.attributes["html"]["lang"] == {"en": "en", "zh": "zh-CN"}[lang]


def test_page_opens_with_the_answer(made, results):
    lang, _, page = made
    assert story.answer_sentence(results, lang) in page.text
    assert page.text.index(story.answer_sentence(results, lang)) < page.text.index(
        label("report.questions", lang)
    )


def test_page_loads_nothing(made):
    _, text, page = made
    assert page.loads == []
    assert "@import" not in text
    assert set(re.findall(r"url\(\"?([a-z]*:|#)", text)) <= {"data:", "#"}


def test_ids_are_unique_and_links_lead_somewhere(made):
    _, _, page = made
    assert [name for name, n in Counter(page.ids).items() if n > 1] == []
    assert set(page.links) <= set(page.ids)


def test_all_ten_questions_are_asked_and_answered(made):
    lang, _, page = made
    for number in range(1, 11):
        assert label(f"question.{number}", lang) in page.text


def test_every_vehicle_and_its_median_stand_in_the_table(made, results):
    lang, _, page = made
    table = results.summary()
    for vehicle in results.scenario.vehicles:
        assert vehicle.title.in_language(lang) in page.text
        rows = table[(table["vehicle"] == vehicle.name) & (table["measure"] == "net_irr")].set_index(
            "investor"
        )
        assert percent(rows.at["all", "p50"]) in page.text


def test_every_definition_of_leverage_has_its_formula_and_mistake(made):
    lang, _, page = made
    for definition in names("leverage"):
        for group in ("leverage", "leverage_note", "mistake"):
            assert label(f"{group}.{definition}", lang).replace("−", "-") in page.text


def test_each_figure_has_a_sentence(made):
    _, text, _ = made
    assert text.count('class="chart"') == 10
    assert len(re.findall(r'class="chart".*?<figcaption>[^<]+</figcaption>', text, re.DOTALL)) == 10


def test_chance_of_deeper_losses_is_that_of_the_paths(made, results):
    _, text, page = made
    tvpi = results.measure("tvpi", "mother")
    for line in LOSS_LINES:
        assert percent(float((tvpi < 1 - line).mean())) in page.text
    assert 'id="table-tolerance"' in text


def test_assumptions_show_their_grade_and_the_weakest_first(made):
    lang, text, _ = made
    table = re.search(r'id="table-assumptions".*?</table>', text, re.DOTALL)[0]
    grades = [int(n) for n in re.findall(r'class="text grade-(\d)"', table)]
    assert grades == sorted(grades)
    assert grades[0] == 0
    assert label("grade.assumed", lang) in table


def test_typeface_is_embedded_only_where_chinese_is_used(made):
    lang, text, _ = made
    # The English page of this run names a Chinese investor, so both need it; the Chinese one needs far more.
    size = len(re.search(r'base64,([^"]*)"', text)[1])
    assert size > (20_000 if lang == "zh" else 500)
    assert size < 400_000


def test_words_without_chinese_need_no_typeface():
    assert embedded_typeface("plain words – 1.5× “quoted”") == ""


def test_embedded_typeface_holds_each_character_used():
    font = TTFont(BytesIO(base64.b64decode(embedded_typeface("基金：净值"))))
    assert {ord(c) for c in "基金：净值"} <= set(font.getBestCmap())
    assert len(font.getBestCmap()) < 12


def test_what_users_wrote_is_escaped(tmp_path):
    evil = "<script>alert(1)</script>"
    report.write_report(run(1, 50, fiscal=evil, title=evil), tmp_path / "report.html", "en", figures={})
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert evil not in text
    assert Page(text).text.count(evil) > 4


def test_same_run_makes_the_same_bytes(results, tmp_path):
    for name in ("a.html", "b.html"):
        report.write_report(results, tmp_path / name, "zh", figures={})
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_given_figures_are_used_as_they_are(results, tmp_path):
    svg = '<svg width="10pt" height="10pt" viewBox="0 0 1 1"><g id="x"/><use href="#x"/></svg>'
    report.write_report(results, tmp_path / "report.html", "en", figures={"landing": svg})
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert '<svg viewBox="0 0 1 1"><g id="landing-x"/><use href="#landing-x"/></svg>' in text
    assert text.count('class="chart"') == 1


def test_many_vehicles_are_cut_to_the_foremost(tmp_path):
    report.write_report(run(60, 20), tmp_path / "report.html", "en", figures={})
    assert "The 40 foremost of 61 vehicles" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_unknown_language_says_what_there_is(results, tmp_path):
    with pytest.raises(ArgumentError, match="no language 'fr'; there are en, zh"):
        report.write_report(results, tmp_path / "report.html", "fr")
