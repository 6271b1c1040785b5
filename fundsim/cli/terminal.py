"""Owns how the command line speaks: language, streams that may
be narrow, closed or full, errors as exit codes.
"""

import contextlib
import errno
import io
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import TextIO

import click

from fundsim.errors import FundsimError, ResourceError, RunError, ScenarioError, WorkerError
from fundsim.words import LANGUAGES, label

DONE, FAILED, WRONG_INPUT, INTERRUPTED = 0, 1, 2, 130


def default_language() -> str:
    """``zh`` where the environment asks for Chinese, else ``en``."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def language_of(arguments: Sequence[str]) -> str:
    """The language asked for by arguments that need not be valid,
    as errors in them are also told in a language.
    """
    for index, argument in enumerate(arguments):
        following = arguments[index + 1] if index + 1 < len(arguments) else ""
        value = following if argument == "--lang" else argument.removeprefix("--lang=")
        if argument.startswith("--lang") and value in LANGUAGES:
            return value
    return default_language()


def prepare_streams() -> None:
    """Let no character stop the output: what a stream's encoding lacks is written as an escape."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def say(text: str = "") -> None:
    """Print a line to standard output; a reader that went away (``| head``) does not stop the command.

    Raises
    ------
    RunError
        If the output cannot be written for another reason, such as a full disk.
    """
    if sys.stdout is None or sys.stdout.closed:
        return
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except OSError as failure:
        _silence(sys.stdout)
        # Windows reports a closed pipe as EINVAL.
        if failure.errno not in (errno.EPIPE, errno.EINVAL):
            raise RunError(f"standard output cannot be written: {failure.strerror}") from failure


def remark(text: str) -> None:
    """Print a line to standard error, if it can be."""
    if sys.stderr is None or sys.stderr.closed:
        return
    try:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
    except OSError:
        _silence(sys.stderr)


def _silence(stream: TextIO) -> None:
    """Send what a broken stream still holds nowhere, or the interpreter complains about it at its end."""
    with contextlib.suppress(OSError, ValueError):
        descriptor = os.open(os.devnull, os.O_WRONLY)
        os.dup2(descriptor, stream.fileno())
        os.close(descriptor)


def guarded(command: Callable[[], int | None], arguments: Sequence[str]) -> int:
    """
    Call a command and turn whatever it raises into one clear message on standard error and an exit code.

    Parameters
    ----------
    command : callable
        Returns an exit code, or None for 0.
    arguments : sequence of str
        The arguments of the process, for the language of messages and ``--debug``.

    Returns
    -------
    int
        0 done, 1 the run failed, 2 the input is wrong, 130 interrupted.
    """
    lang = language_of(arguments)
    try:
        return command() or DONE
    except (KeyboardInterrupt, click.Abort):
        remark(label("cli.interrupted_plain", lang))
        return INTERRUPTED
    except Exception as failure:  # noqa: BLE001, the outermost frame: users see no traceback
        if "--debug" in arguments:
            remark(traceback.format_exc().rstrip())
        if isinstance(failure, ScenarioError):
            _list_problems(failure, lang)
            return failure.exit_code
        text, code = _told(failure, lang)
        remark(label("cli.error", lang, message=" ".join(text.split())))
        return code


def _list_problems(failure: ScenarioError, lang: str) -> None:
    """Print each problem in a line that starts with its place, as editors and people look for it there."""
    for problem in failure.problems:
        line = " ".join(str(problem).split())
        remark(
            line
            if problem.place is not None and problem.place.line
            else label("cli.error", lang, message=line)
        )
    if len(failure.problems) > 1:
        remark(label("cli.check_failed", lang, count=len(failure.problems)))


def _told(failure: Exception, lang: str) -> tuple[str, int]:
    if isinstance(failure, ResourceError):
        return label("cli.refused", lang, message=failure.in_language(lang)), failure.exit_code
    if isinstance(failure, WorkerError):
        return failure.in_language(lang), failure.exit_code
    if isinstance(failure, FundsimError):
        return str(failure), failure.exit_code
    if isinstance(failure, click.UsageError):
        context = failure.ctx.command_path if failure.ctx else "fundsim"
        return f"{failure.format_message().rstrip('.')}; see {context} --help", WRONG_INPUT
    if isinstance(failure, click.ClickException):
        return failure.format_message(), WRONG_INPUT
    if isinstance(failure, MemoryError):
        return "not enough memory; give fewer --paths, or a smaller run.kept_paths in the scenario", FAILED
    if isinstance(failure, OSError):
        place = f"{os.fsdecode(failure.filename)}: " if failure.filename is not None else ""
        return f"{place}{failure.strerror or failure}", FAILED
    return f"{type(failure).__name__}: {failure}; this is a fault of fundsim, --debug shows where", FAILED
