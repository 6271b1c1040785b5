"""Owns the memory that a thread lends to one block after the other."""

import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

_LINE = 64  # bytes; every array begins at a line of the processor's cache
_SPARE = 8  # a block that needs more than all before it gets an eighth more for those to come


class BlockMemory:
    """
    Arrays of one block after the other out of the same memory.

    New memory costs a fault of the page at the first touch of every 4 KiB of it: some 225 a path of the
    benchmark cluster, a seventh of the time of the whole path. Of a block nothing may be kept that lies here.

    Examples
    --------
    >>> memory = BlockMemory()
    >>> first = memory.empty((2, 3))
    >>> memory.start_block()
    >>> second = memory.empty((2, 3))
    >>> memory.start_block()
    >>> np.shares_memory(memory.empty((2, 3)), second)
    True
    """

    def __init__(self) -> None:
        self._bytes = np.empty(0, dtype=np.uint8)
        self._needed = 0  # by the block under way, with what did not fit

    def start_block(self) -> None:
        """All that was lent is free again; what did not fit makes the memory grow."""
        if self._needed > self._bytes.size:
            self._bytes = np.empty(self._needed + self._needed // _SPARE, dtype=np.uint8)
        self._needed = 0

    def empty(self, shape: int | tuple[int, ...], dtype: DTypeLike = np.float64) -> np.ndarray:
        """An array whose entries are what the last block left there."""
        kind = np.dtype(dtype)
        n_bytes = math.prod(np.atleast_1d(shape).tolist()) * kind.itemsize
        start = self._needed
        self._needed += -(-n_bytes // _LINE) * _LINE
        if self._needed > self._bytes.size:
            return np.empty(shape, dtype=kind)
        return self._bytes[start : start + n_bytes].view(kind).reshape(shape)

    def zeros(self, shape: int | tuple[int, ...], dtype: DTypeLike = np.float64) -> np.ndarray:
        """An array of zeros; of records whose every field is 0."""
        return self.full(shape, np.zeros((), dtype=dtype)[()], dtype)

    def full(
        self, shape: int | tuple[int, ...], fill_value: Any, dtype: DTypeLike = np.float64
    ) -> np.ndarray:
        """An array of one value."""
        made = self.empty(shape, dtype)
        made[...] = fill_value
        return made
