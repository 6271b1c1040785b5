"""Owns arrays that lie in a file in place of memory: room is taken before it is written to."""

import errno
import math
import mmap
import os
import tempfile
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from fundsim.errors import RunError

MAPPED_BYTES = 500e6
"""From so many bytes on what there is for every path lies in a file: below, memory is as good as any and the
file not worth its disk; above, a run would need memory in proportion to its paths.
"""
UNFINISHED = ".unfinished-"
_PAGE = mmap.ALLOCATIONGRANULARITY
_ZEROS = bytes(1 << 22)


class MappedFile:
    """
    Arrays one behind the other in a file that is deleted with the last of them.

    Parameters
    ----------
    shapes : mapping of str to (tuple of int, dtype)
        Of the arrays by name; the first axis has the paths.
    folder : Path, optional
        Where the file lies; among temporary files without it, there without a name where the system can.

    Attributes
    ----------
    arrays : dict of str to ndarray
        Zeros; of rows for which no room was taken nothing may be written.

    Raises
    ------
    RunError
        If the disk is full.
    """

    def __init__(
        self, shapes: Mapping[str, tuple[tuple[int, ...], np.dtype]], folder: Path | None = None
    ) -> None:
        self._starts: dict[str, tuple[int, int]] = {}
        size = 0
        for name, (shape, dtype) in shapes.items():
            row = math.prod(shape[1:]) * dtype.itemsize
            self._starts[name] = size, row
            size += -(-shape[0] * row // _PAGE) * _PAGE
        self._room: dict[str, int] = dict.fromkeys(shapes, 0)
        size = max(size, _PAGE)
        with _disk_errors(folder or Path(tempfile.gettempdir()), size):
            number, file = tempfile.mkstemp(prefix=UNFINISHED, suffix=".paths", dir=folder)
            try:
                os.ftruncate(number, size)
                mapped = mmap.mmap(number, size)
            except OSError:
                _remove(number, file, os.getpid())
                raise
        self._folder, self._number = Path(file).parent, number
        if folder is None and os.name == "posix":  # without a name it goes even where this process is killed
            os.unlink(file)
            file = ""
        weakref.finalize(mapped, _remove, number, file, os.getpid())
        self.arrays = {
            name: np.ndarray(shape, dtype, buffer=mapped, offset=self._starts[name][0])
            for name, (shape, dtype) in shapes.items()
        }

    def take_room(self, name: str, n_rows: int) -> None:
        """Have room on the disk for the first rows of an array; a full disk is an error here, not later."""
        start, row = self._starts[name]
        first, last = self._room[name], n_rows * row
        if last <= first:
            return
        with _disk_errors(self._folder, last):
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(self._number, start + first, last - first)
            else:
                self._fill(start + first, start + last)
        self._room[name] = last

    def _fill(self, first: int, last: int) -> None:
        """Write zeros, where no system call takes room."""
        os.lseek(self._number, first, os.SEEK_SET)
        while first < last:
            first += os.write(self._number, _ZEROS[: last - first])


@contextmanager
def _disk_errors(folder: Path, size: int) -> Iterator[None]:
    try:
        yield
    except OSError as failure:
        if failure.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise RunError(f"{folder} cannot be written: {failure.strerror or failure}") from failure
        raise RunError(
            f"the disk is full, {folder} has no room for {size / 1e9:.1f} GB of measures; free some "
            "space, then go on with --resume, or lower run.paths"
        ) from failure


def _remove(number: int, file: str, owner: int) -> None:
    """Close and delete the file, but for a copy of this process that shares it."""
    try:
        os.close(number)
        if file and os.getpid() == owner:
            os.unlink(file)
    except OSError:
        pass
