"""Owns the commands about this machine: `info` and `warmup`."""

import importlib.metadata
import platform
import sys
import time
from importlib import resources
from pathlib import Path

import fundsim
from fundsim.cli.loading import compiling_told
from fundsim.cli.terminal import say
from fundsim.errors import RunError
from fundsim.machine import available_cores, available_memory
from fundsim.words import label

_LIBRARIES = (
    "numpy",
    "scipy",
    "pandas",
    "numba",
    "llvmlite",
    "pyarrow",
    "pydantic",
    "PyYAML",
    "matplotlib",
    "click",
    "rich",
    "jinja2",
)
_GIBIBYTE = 2**30


def info(lang: str) -> None:
    """Print versions, cores, memory, kernel cache, package data and font, a line each."""
    rows = [("fundsim", fundsim.__version__), ("Python", platform.python_version())]
    rows += [(name, _version(name, lang)) for name in _LIBRARIES]
    rows += [
        (label("cli.info_system", lang), platform.platform()),
        (label("cli.info_cores", lang), str(available_cores())),
        (label("cli.info_memory", lang), _memory(lang)),
        *_cache(lang),
        (label("cli.info_data", lang), str(resources.files("fundsim"))),
        (label("cli.info_font", lang), _font(lang)),
        (label("cli.info_encoding", lang), str(getattr(sys.stdout, "encoding", None))),
    ]
    for name, value in rows:
        say(f"{name}: {value}")


def _version(name: str, lang: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return label("cli.info_missing", lang)


def _memory(lang: str) -> str:
    total = available_memory()
    return label("answer.undefined", lang) if total is None else f"{total / _GIBIBYTE:.1f} GiB"


def _cache(lang: str) -> list[tuple[str, str]]:
    from fundsim.engine.telling import misfit_sentence
    from fundsim.kernels.base.cache import Misfit, cache_folder, carried, processor
    from fundsim.kernels.base.jit import cache_is_warm

    folder, brought = cache_folder(), carried()
    place = str(folder) if folder is not None else label("cli.info_no_cache", lang)
    is_warm = label("answer.yes" if cache_is_warm() else "answer.no", lang)
    told = misfit_sentence(brought, lang) if isinstance(brought, Misfit) else str(brought)
    rows = [
        (label("cli.info_processor", lang), processor()),
        (label("cli.info_cache", lang), place),
        (label("cli.info_compiled", lang), is_warm),
    ]
    return rows if brought is None else [*rows, (label("cli.info_carried", lang), told)]


def _font(lang: str) -> str:
    folder = resources.files("fundsim") / "report" / "fonts"
    files = [entry.name for entry in folder.iterdir() if entry.name.endswith((".ttf", ".otf"))]
    return ", ".join(files) or label("cli.info_missing", lang)


def warmup(into: str | None, lang: str) -> None:
    """Compile every kernel that runs need; with a folder, copy them there."""
    from fundsim.engine.compiling import compile_ahead
    from fundsim.plan import make_plan
    from fundsim.scenario import load_scenario

    begun = time.monotonic()
    with compiling_told(lang):
        compile_ahead(make_plan(load_scenario("fundsim:base")))  # the one with property has all of them
    say(label("cli.warmed_up", lang, seconds=time.monotonic() - begun))
    if into is not None:
        _carry(Path(into), lang)


def _carry(into: Path, lang: str) -> None:
    from fundsim.kernels.base.cache import cache_folder, carry, maker

    if cache_folder() is None:
        raise RunError(label("carried.no_folder", lang))
    try:
        carry(into)
    except OSError as failure:
        reason = failure.strerror or str(failure)
        raise RunError(label("carried.unwritten", lang, folder=into, reason=reason)) from failure
    processor = (maker() or {}).get("processor", "")
    say(label("carried.written", lang, processor=processor, folder=into.absolute()))
