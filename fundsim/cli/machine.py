"""Owns the commands about this machine: `info` and `warmup`."""

import importlib.metadata
import platform
import sys
import time
from importlib import resources

import fundsim
from fundsim.cli.terminal import say
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
    from fundsim.kernels.base.jit import cache_folder, cache_is_warm, processor

    folder = cache_folder()
    place = str(folder) if folder is not None else label("cli.info_no_cache", lang)
    is_warm = label("answer.yes" if cache_is_warm() else "answer.no", lang)
    return [
        (label("cli.info_processor", lang), processor()),
        (label("cli.info_cache", lang), place),
        (label("cli.info_compiled", lang), is_warm),
    ]


def _font(lang: str) -> str:
    folder = resources.files("fundsim") / "report" / "fonts"
    files = [entry.name for entry in folder.iterdir() if entry.name.endswith((".ttf", ".otf"))]
    return ", ".join(files) or label("cli.info_missing", lang)


def warmup(lang: str) -> None:
    """Compile every kernel by a run of a tiny scenario that uses them all."""
    from fundsim import simulate
    from fundsim.cli.scenarios import template_text
    from fundsim.scenario import Scenario

    begun = time.monotonic()
    scenario = Scenario.from_text(template_text("template"), "fundsim:template")
    results = simulate(scenario.override({"run.paths": 3}), progress=False)
    results.summary()
    say(label("cli.warmed_up", lang, seconds=time.monotonic() - begun))
