"""Owns how a user reads what is compiled and how much is left: a line on standard error."""

import sys
from contextlib import suppress
from typing import TextIO

from fundsim.engine.compiling import Compiling
from fundsim.kernels.base.cache import Misfit
from fundsim.words import LABELS, label

_MOST_NAMES = 2
_UNREADABLE = ("kernels", "features", "settings")
"""What decides machine code and has no value that says something to people."""


def sentence(state: Compiling, lang: str = "en") -> str:
    """How far the compiling is, in words; at most 80 columns."""
    names = [word(name, lang) for name in state.under_way]
    listed = " + ".join(names[:_MOST_NAMES]) + "…" * (len(names) > _MOST_NAMES)
    key = "compiling.state" if names else "compiling.begun"
    return label(key, lang, done=state.done, total=state.total, names=listed, seconds=state.seconds_left)


def word(name: str, lang: str = "en") -> str:
    """What an entry computes, by the name of its function."""
    return label(f"kernel.{name}", lang) if f"kernel.{name}" in LABELS else name


def misfit_sentence(misfit: Misfit, lang: str = "en") -> str:
    """Why carried kernels are not used, and in what they differ."""
    if not misfit.differences:
        return label("carried.empty", lang, folder=misfit.folder)
    told = [
        label(f"maker.{what}", lang)
        if what in _UNREADABLE
        else label("carried.difference", lang, what=label(f"maker.{what}", lang), made=made, here=here)
        for what, made, here in misfit.differences
    ]
    return label("carried.unlike", lang, folder=misfit.folder, differences="; ".join(told))


class Line:
    """Tells how far compiling is: on a terminal in one line that changes, elsewhere in a line for each entry.

    Parameters
    ----------
    lang : {"en", "zh"}
    stream : text stream, optional
        Standard error without it.
    """

    def __init__(self, lang: str = "en", stream: TextIO | None = None) -> None:
        self._lang, self._stream = lang, stream or sys.stderr
        self._n_done = -1

    def __call__(self, state: Compiling) -> None:
        """Take in a state."""
        if self._stream is None or self._stream.closed:
            return
        is_new, self._n_done = state.done != self._n_done, state.done
        text, is_over = sentence(state, self._lang), state.done == state.total
        with suppress(OSError):
            if self._stream.isatty():
                self._stream.write("\r\x1b[K" + ("" if is_over else text))
            elif is_new and not is_over and state.under_way:
                self._stream.write(f"{text}\n")
            else:
                self._n_done = self._n_done if state.under_way else -1
                return
            self._stream.flush()
