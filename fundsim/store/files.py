"""Owns how a file comes to be on disk: whole or not at all, under a name that every system accepts."""

import contextlib
import errno
import json
import os
import re
import shutil
import tempfile
import unicodedata
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fundsim.errors import RunError

TEMPORARY_PREFIX = ".unfinished-"
"""Names of files and folders that are being written; whatever
carries it may be deleted once its writer is gone.
"""

_MAX_NAME_BYTES = 120  # leaves room for the seed and the files inside, below the 255 of common file systems
_RESERVED = {"CON", "PRN", "AUX", "NUL"} | {
    f"{port}{digit}" for port in ("COM", "LPT") for digit in "123456789"
}


def slug(text: str) -> str:
    """A name for a folder made from `text`: letters of any script,
    digits, ``_ . -``; safe on Windows; never empty.
    """
    kept = re.sub(r"[^\w.-]+", "-", unicodedata.normalize("NFC", text)).strip("-. ")
    while len(kept.encode()) > _MAX_NAME_BYTES:
        kept = kept[:-1].rstrip("-. ")
    if kept.partition(".")[0].upper() in _RESERVED:
        kept = f"_{kept}"
    return kept or "run"


@contextlib.contextmanager
def disk_errors(place: Path) -> Iterator[None]:
    """Turn what the operating system says about a file below
    `place` into a `RunError` that says what to do.
    """
    try:
        yield
    except OSError as failure:
        raise RunError(_explain(failure, place)) from failure


def _explain(failure: OSError, place: Path) -> str:
    path = Path(os.fsdecode(failure.filename)) if isinstance(failure.filename, str | bytes) else place
    is_temporary = any(part.startswith(TEMPORARY_PREFIX) for part in path.parts)
    shown = place if is_temporary else path
    if failure.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk is full, {shown} was not written; free some space, then go on with --resume"
    in_the_way = {
        errno.EEXIST: "is a file, not a folder",
        errno.ENOTDIR: "lies below a file",
        **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), f"cannot be written: {failure.strerror}"),
    }
    if failure.errno in in_the_way:
        return f"{shown} {in_the_way[failure.errno]}; give another folder with --out"
    return f"{shown} cannot be written: {failure.strerror or failure}"


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """
    Give the name of a temporary file beside `path` that takes its place when the block ends well.

    The content is on the disk before the name changes, so a reader, a full disk, a crash or a kill finds
    the old file or the new one and nothing between.

    Parameters
    ----------
    path : Path
        The file to be; its folder exists.

    Yields
    ------
    Path
        An empty file in the same folder; whoever writes it closes it.

    Raises
    ------
    RunError
        If the system refuses; the temporary file is gone then.
    """
    with disk_errors(path):
        temporary = path.with_name(f"{TEMPORARY_PREFIX}{uuid.uuid4().hex}{path.suffix}")
        try:
            temporary.open("xb").close()
            yield temporary
            publish(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)


def publish(temporary: Path, path: Path) -> None:
    """Flush a finished temporary file to the disk and give it its name."""
    _name(temporary, path)
    _flush_folder(path.parent)


def _name(temporary: Path, path: Path) -> None:
    with temporary.open("r+b") as stream:
        os.fsync(stream.fileno())
    os.replace(temporary, path)


def _flush_folder(folder: Path) -> None:
    """Put a renaming on the disk; systems that cannot open folders do that by themselves."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextlib.contextmanager
def whole_files(folder: Path) -> Iterator[Path]:
    """
    Give a temporary folder whose files move into `folder`, one whole file after the other, when the block
    ends well.

    For writers that make several files at once, such as figures. `folder` is made if need be.
    """
    with disk_errors(folder):
        folder.mkdir(exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=TEMPORARY_PREFIX, dir=folder))
        try:
            yield staging
            for file in sorted(staging.iterdir()):
                _name(file, folder / file.name)
            _flush_folder(folder)  # once for all of them
        finally:
            shutil.rmtree(staging, ignore_errors=True)


def write_text(path: Path, text: str, encoding: str = "utf-8") -> None:
    """Write a whole text file with ``\\n`` as line end; see `whole_file`."""
    with whole_file(path) as temporary, temporary.open("w", encoding=encoding, newline="\n") as stream:
        stream.write(text)


def write_json(path: Path, content: Any) -> None:
    """Write a whole JSON file: full precision, never NaN (a `ValueError`), Chinese as it is."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1)
    write_text(path, text + "\n")


def remove_unfinished(folder: Path) -> None:
    """Delete what a killed writer left behind in a folder of ours."""
    for entry in folder.glob(f"{TEMPORARY_PREFIX}*"):
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)
