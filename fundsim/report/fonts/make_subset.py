"""Makes the Chinese font that figures use: Noto Sans SC cut down to GB 2312.

Run it by hand when the font is to be renewed; neither building nor using fundsim runs it. It needs fontTools
and the collection `NotoSansCJK-Regular.ttc`, which Debian ships in the package fonts-noto-cjk:

    python make_subset.py NotoSansCJK-Regular.ttc NotoSansSC-subset.otf
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

FAMILY = "Noto Sans SC"
SOURCE_FAMILY = "Noto Sans CJK SC"
HANZI_ROWS = range(0xB0, 0xF8)
SYMBOL_ROWS = (0xA1, 0xA2, 0xA3)


def gb2312_characters() -> set[int]:
    """Code points of the hanzi, punctuation and full-width forms of GB 2312, with printable ASCII."""
    characters = {*range(0x20, 0x7F), *map(ord, "€‰–—−×·…≤≥≈²³㎡")}
    for row in (*SYMBOL_ROWS, *HANZI_ROWS):
        for cell in range(0xA1, 0xFF):
            characters.update(map(ord, bytes((row, cell)).decode("gb2312", errors="ignore")))
    return characters


def simplified_chinese_face(collection: Path) -> TTFont:
    """The face of the collection whose family name is Noto Sans CJK SC."""
    for face in TTCollection(str(collection), lazy=True).fonts:
        if face["name"].getDebugName(1) == SOURCE_FAMILY:
            return face
    raise SystemExit(f"{collection}: no face is named {SOURCE_FAMILY!r}")


def cut(face: TTFont, characters: set[int]) -> TTFont:
    """The face with the given characters only, without layout
    features and hints, which drawing does not use.
    """
    options = subset.Options(
        layout_features=[], hinting=False, notdef_outline=True, name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14]
    )
    options.drop_tables += ["VORG", "vhea", "vmtx", "GPOS", "GSUB", "GDEF", "BASE", "DSIG"]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=characters)
    cutter.subset(face)
    return face


def rename(face: TTFont) -> None:
    """Call the cut font by the family name that figures ask for; the licence keeps its own records."""
    names = face["name"]
    for record in list(names.names):
        if record.nameID in (1, 4):
            names.setName(FAMILY, record.nameID, record.platformID, record.platEncID, record.langID)
    post_script_name = FAMILY.replace(" ", "") + "-Regular"
    names.setName(post_script_name, 6, 3, 1, 0x409)
    if "CFF " in face:
        table = face["CFF "].cff
        table.fontNames = [post_script_name]
        table.topDictIndex[0].FamilyName = FAMILY
        table.topDictIndex[0].FullName = FAMILY


def main(source: Path, target: Path) -> None:
    """Write the subset of `source` to `target`, with the same bytes for the same source."""
    face = cut(simplified_chinese_face(source), gb2312_characters())
    rename(face)
    face.recalcTimestamp = False
    face.save(str(target))
    print(f"{target}: {target.stat().st_size / 1e6:.2f} MB, {face['maxp'].numGlyphs} glyphs")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
