"""Owns the run folder: its files, whole or not at all, and the way back from them to results."""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from fundsim.store.beside import beside
from fundsim.store.files import disk_errors, slug, whole_file, whole_files, write_json, write_text

if TYPE_CHECKING:
    from fundsim.store.comparison import ComparisonFolder
    from fundsim.store.folder import FolderTakenError, Identity, RunFolder
    from fundsim.store.stored import StoredResults, load_results
    from fundsim.store.tables import summary_of, write_tables

__all__ = [
    "ComparisonFolder",
    "FolderTakenError",
    "Identity",
    "RunFolder",
    "StoredResults",
    "beside",
    "disk_errors",
    "load_results",
    "slug",
    "summary_of",
    "whole_file",
    "whole_files",
    "write_json",
    "write_tables",
    "write_text",
]

# These need numpy or pandas, for which a command that writes one small file should not wait.
_HOME = {
    "ComparisonFolder": "comparison",
    "FolderTakenError": "folder",
    "Identity": "folder",
    "RunFolder": "folder",
    "StoredResults": "stored",
    "load_results": "stored",
    "summary_of": "tables",
    "write_tables": "tables",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'fundsim.store' has no attribute {name!r}")
    value = getattr(import_module(f"fundsim.store.{_HOME[name]}"), name)
    setattr(sys.modules[__name__], name, value)
    return value
