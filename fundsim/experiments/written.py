"""Owns what a comparison leaves in files: its frames as tables, and the content of ``comparison.json``."""

import json
import math
from typing import Any

import numpy as np
import pandas as pd

import fundsim
from fundsim.experiments.comparison import Comparison
from fundsim.story.comparison import changes_lines


def tables_of(comparison: Comparison, lang: str) -> dict[str, pd.DataFrame]:
    """The frames as they stand in files; changes are told in words as well."""
    names = ("measures", "dpi_by_year", "calls_by_year", "leverage", "landing", "one_sided")
    frames = {name: comparison.table(name) for name in names}
    changes = comparison.changes.copy()
    for column in ("base", "other"):
        changes[column] = [json.dumps(value, ensure_ascii=False) for value in changes[column]]
    changes["what"] = [line for name in comparison.others for line in changes_lines(comparison, name, lang)]
    return frames | {"changes": changes}


def content_of(comparison: Comparison) -> dict[str, Any]:
    """The content of ``comparison.json``."""
    return {
        "fundsim": fundsim.__version__,
        "base": comparison.base,
        "seed": int(comparison.seed),
        "paths": int(comparison.n_paths),
        "kept_paths": int(comparison.kept_paths),
        "scenarios": [
            {
                "name": name,
                "scenario": run.scenario.name,
                "fundsim": run.version,
                "kernels": comparison.kernels[name],
                "shared_passes": list(comparison.shared.get(name, ())),
            }
            for name, run in comparison.runs.items()
        ],
        "differences": [
            {str(key): _plain(value) for key, value in row.items()}
            for row in comparison.differences.to_dict("records")
        ],
    }


def _plain(value: Any) -> Any:
    if value is pd.NA:
        return None
    value = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(value, float) and not math.isfinite(value) else value
