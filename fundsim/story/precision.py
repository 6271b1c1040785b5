"""Owns what a run says about the standard errors that it was to reach."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from fundsim.vocabulary import ALL
from fundsim.words import label

if TYPE_CHECKING:
    from fundsim.results import Results


def precision_lines(results: Results, lang: str = "en") -> list[str]:
    """Whether the run is as precise as was wanted, and each standard
    error; nothing if no precision was asked for.
    """
    rows = results.precision()
    if not rows:
        return []
    key = "reached" if all(row["reached"] for row in rows) else "missed"
    return [
        label(f"story.precision_{key}", lang, paths=results.n_paths, most=results.scenario.run.paths),
        *(f"  {_line(results, row, lang)}" for row in rows),
    ]


def _line(results: Results, row: dict[str, Any], lang: str) -> str:
    whose = results.scenario.title_of(row["vehicle"], lang)
    if row["investor"] != ALL:
        whose += f" / {results.scenario.title_of(row['investor'], lang)}"
    values = {
        "measure": label(f"measure.{row['measure']}", lang),
        "whose": whose,
        "wanted": f"{row['wanted']:.4g}",
    }
    error = row["standard_error"]
    if not math.isfinite(error):
        return label("story.precision_undefined", lang, **values)
    if row["reached"]:
        return label("story.precision_of", lang, error=f"{error:.4g}", **values)
    # the error falls with the root of the number of paths
    needed = float(f"{results.n_paths * (error / row['wanted']) ** 2:.2g}")
    return label("story.precision_needs", lang, error=f"{error:.4g}", needed=f"{needed:,.0f}", **values)
