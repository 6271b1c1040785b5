"""Owns the folder of a comparison: whose it is, and the files of its tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from fundsim.errors import RunError
from fundsim.store.files import TEMPORARY_PREFIX, disk_errors, write_json
from fundsim.store.folder import FOLDERS, REPORT
from fundsim.store.tables import write_csv
from fundsim.words import label

CONTENT = "comparison.json"
"""The last file that is written, and the sign that a folder is a comparison's."""


class ComparisonFolder:
    """A folder that holds one comparison, or nothing yet.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def require_free(self, overwrite: bool = False) -> None:
        """Raise unless nothing is lost by writing here.

        Raises
        ------
        RunError
            If the path is a file, or holds what is no comparison, or one that may not be replaced.
        """
        if not self.path.exists():
            return
        if not self.path.is_dir():
            raise RunError(f"{self.path} is a file, not a folder; give another folder with --out")
        there = [one for one in self.path.iterdir() if not one.name.startswith(TEMPORARY_PREFIX)]
        if there and not (self.path / CONTENT).is_file():
            raise RunError(f"{self.path} holds what is no comparison; give another folder with --out")
        if there and not overwrite:
            raise RunError(label("cli.comparison_taken", folder=self.path))

    def write(self, frames: Mapping[str, pd.DataFrame]) -> None:
        """Write ``tables/*.csv``; what an earlier comparison left makes way."""
        with disk_errors(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            for name in (CONTENT, REPORT):
                (self.path / name).unlink(missing_ok=True)
            for name, suffixes in FOLDERS.items():
                for file in (self.path / name).glob("*"):
                    if file.suffix in suffixes:
                        file.unlink()
            (self.path / "tables").mkdir(exist_ok=True)
        for name, frame in frames.items():
            write_csv(self.path / "tables" / f"{name}.csv", frame)

    def finish(self, content: Mapping[str, Any]) -> None:
        """Write ``comparison.json``, which makes the folder that of a comparison."""
        write_json(self.path / CONTENT, dict(content))
