"""Owns a page: its template filled with content, style and typeface, its figures made fit to stand in it."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from fundsim.report.typeface import embedded_typeface
from fundsim.words import label

TEMPLATES = Path(__file__).parent / "templates"
HTML_LANGUAGE = {"en": "en", "zh": "zh-CN"}


def page(template: str, content: Mapping[str, Any], lang: str) -> str:
    """One HTML file that needs no network: the template with its content, the style and the typeface."""
    every = {
        "language": HTML_LANGUAGE[lang],
        "style": (TEMPLATES / "report.css").read_text(encoding="utf-8"),
        "words": lambda key: label(key, lang),
        **content,
    }
    made = _environment().get_template(template)
    text = made.render(every, typeface="")
    typeface = embedded_typeface(text)
    return made.render(every, typeface=typeface) if typeface else text


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["minus"] = _typeset
    return environment


def _typeset(text: str) -> str:
    """Real minus signs before numbers."""
    return re.sub(r"(?<![\w\d.-])-(?=\d)", "−", text)


def inline(svg: str, name: str) -> str:
    """An SVG made fit to stand inside a page: without its
    preamble, with ids of its own, as wide as its column.
    """
    svg = re.sub(r"^.*?(?=<svg)", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", svg)
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    return re.sub(r'<svg([^>]*?) width="[^"]*"', r"<svg\1", svg, count=1)
