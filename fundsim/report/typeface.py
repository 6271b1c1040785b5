"""Owns the Chinese typeface inside a report: only the characters it uses."""

import base64
from io import BytesIO
from pathlib import Path

FONT = Path(__file__).parent / "fonts" / "NotoSansSC-subset.otf"
_FIRST_WIDE = 0x2E80


def embedded_typeface(text: str) -> str:
    """The shipped Chinese font cut to the characters of a text, as base64 of a WOFF file; empty without
    Chinese.

    A machine without Chinese fonts would show boxes otherwise.
    """
    wide = sorted(ord(c) for c in set(text) if ord(c) >= _FIRST_WIDE or c in "“”‘’…—·×")
    if not any(code >= _FIRST_WIDE for code in wide):
        return ""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options()
    options.flavor = "woff"
    options.hinting = False
    options.layout_features = []
    options.notdef_outline = True
    options.desubroutinize = True
    font = TTFont(FONT, recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=wide)
    cutter.subset(font)
    target = BytesIO()
    font.flavor = "woff"
    font.save(target)
    return base64.b64encode(target.getvalue()).decode("ascii")
