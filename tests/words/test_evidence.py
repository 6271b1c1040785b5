"""What defaults and presets rest on is told in Chinese too."""

import importlib
import pkgutil
from pathlib import Path

import yaml
from fontTools.ttLib import TTFont

import fundsim.scenario
from fundsim.files.evidence import evidence_in
from fundsim.files.part import Part
from fundsim.scenario.presets import KINDS
from fundsim.words.evidence import SOURCES, source_text
from tests.words.test_words import FONT


def blocks(base=Part):
    """Every block of a scenario."""
    for block in base.__subclasses__():
        yield block
        yield from blocks(block)


def sources():
    """The sources of all defaults and presets of the package."""
    for module in pkgutil.iter_modules(fundsim.scenario.__path__):
        importlib.import_module(f"fundsim.scenario.{module.name}")
    for block in blocks():
        if block.__module__.startswith("fundsim.scenario"):
            known = [evidence_in(field) for field in block.model_fields.values()]
            yield from (evidence.source for evidence in known if evidence is not None)
    for kind in KINDS:
        text = (Path(fundsim.__file__).parent / f"scenario/presets/{kind}.yaml").read_text(encoding="utf-8")
        for preset in yaml.safe_load(text).values():
            yield from (entry["source"] for entry in preset["evidence"])


def test_every_source_of_the_package_has_its_chinese_and_no_other_has():
    found = set(sources())
    assert sorted(found - SOURCES.keys()) == []
    assert sorted(SOURCES.keys() - found) == []


def test_sources_are_drawn_with_the_shipped_font_and_end_without_a_stop():
    drawable = set(TTFont(FONT).getBestCmap())
    assert {c for text in SOURCES.values() for c in text if ord(c) not in drawable} == set()
    assert [text for text in SOURCES.values() if text.endswith(("。", "."))] == []


def test_what_users_wrote_stays():
    assert source_text("300 days", "zh") == "300 天"
    assert source_text("300 days", "en") == "300 days"
    assert source_text("our own survey", "zh") == "our own survey"
