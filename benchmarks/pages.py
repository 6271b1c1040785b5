"""Owns how a benchmark puts what it measured into a page: between two markers."""

from __future__ import annotations

from pathlib import Path

END = "<!-- end of what was measured -->"


def write(page: Path, begin: str, text: str) -> None:
    """Replace what stands between the marker of a benchmark and the next `END`."""
    before, found, rest = page.read_text(encoding="utf-8").partition(begin)
    _, end, after = rest.partition(END)
    if not (found and end):
        raise SystemExit(f"{page} must hold the lines\n{begin}\n{END}")
    page.write_text(f"{before}{begin}\n\n{text}\n\n{END}{after}", encoding="utf-8")
