"""Owns the one decorator that compiles every kernel, and the folder where compiled kernels are cached."""

import glob
import hashlib
import os
import platform
import shutil
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar, overload

import llvmlite
import llvmlite.binding
import numba
import numpy as np
from numba import config

Function = TypeVar("Function", bound=Callable[..., Any])

OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
"""Options of every kernel. No fastmath (it makes `isnan` false), no
`prange` (it changes float sums with the thread count).
"""

# numba settings that change the machine code; an edit of one of them must not find kernels compiled under
# another.
_SETTINGS = (
    "OPT",
    "BOUNDSCHECK",
    "DEBUGINFO_DEFAULT",
    "CPU_NAME",
    "CPU_FEATURES",
    "ENABLE_AVX",
    "LOOP_VECTORIZE",
    "SLP_VECTORIZE",
    "DISABLE_INTEL_SVML",
)

BELOW_KERNELS = ("vocabulary.py",)
"""All that kernels import of the package outside their folder; a contract in setup.cfg forbids the rest."""

_KEPT_FOLDERS = 3
_KEPT_SECONDS = 86_400.0

_decorating = threading.Lock()


@overload
def kernel(function: Function) -> Function: ...


@overload
def kernel(
    *, allocates: bool = True, is_inner: bool = False, is_inlined: bool = False
) -> Callable[[Function], Function]: ...


def kernel(
    function: Any = None, *, allocates: bool = True, is_inner: bool = False, is_inlined: bool = False
) -> Any:
    """
    Compile a function with the options of every kernel, cached so that a stale kernel cannot be called.

    numba's own cache looks at the file of the function alone, so an edit of a callee in another file would
    return old numbers. Here the cache folder carries a hash of all kernel sources and compiler settings
    (`source_key`). Where no folder can be written, the kernel is compiled in memory, once a process.

    Under ``NUMBA_DISABLE_JIT=1`` the plain Python function is returned inside ``np.errstate(all="ignore")``:
    compiled kernels wrap integers and divide by zero silently, and so does this one.

    Parameters
    ----------
    function : function
        Defined at the top of a module; scalars, arrays and NamedTuples of arrays in and out.
    allocates : bool
        False for a kernel that makes no array, in ``@kernel(allocates=False)``: it then counts no
        references to the arrays it is lent, which takes half the time of small kernels that are called for
        each enterprise.
    is_inner : bool
        True for a step that only other kernels call: it is compiled into them, without the wrapper that
        unpacks Python arguments and without a place in the cache, which takes most of the compile time of
        small steps.
    is_inlined : bool
        True for an inner step that is called at one place, or is smaller than its call: it is put there. A
        call hands every array of every bundle over by value, some 600 words, which costs more than most
        steps do.

    Returns
    -------
    dispatcher or function
        Called like `function`; an inner kernel cannot be called from Python.
    """
    options = OPTIONS if allocates else {**OPTIONS, "_nrt": False}
    if is_inner or is_inlined:
        options = {**options, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    if is_inlined:
        options = {**options, "forceinline": True}
    compiled = partial(_compiled, options=options, is_cached=not (is_inner or is_inlined))
    return compiled if function is None else compiled(function)


def _compiled(function: Any, options: dict[str, Any], is_cached: bool) -> Any:
    if config.DISABLE_JIT:
        return np.errstate(all="ignore")(function)
    folder = cache_folder() if is_cached else None
    cached = None if folder is None else _cached_in(folder, function, options)
    return numba.njit(**options)(function) if cached is None else cached


@cache
def cache_folder() -> Path | None:
    """
    The folder of the kernels compiled from the present sources, or None where nothing can be cached.

    ``NUMBA_CACHE_DIR`` goes before the user's cache folder. Created, marked as used and pruned on the
    first call.
    """
    root = _cache_root()
    key = source_key()
    if root is None or key is None:
        return None
    folder = (root / key).absolute()
    try:
        is_new = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
        os.utime(folder)
    except OSError:
        return None
    if is_new:
        prune(root, kept=folder)
    return folder


def cache_is_warm(*kernels: Any) -> bool:
    """
    Whether calling the kernels should need no compilation.

    Parameters
    ----------
    *kernels : dispatchers
        Functions made by `kernel`; without any, the answer is whether the cache folder holds any compiled
        kernel.

    Returns
    -------
    bool
        True also when ``NUMBA_DISABLE_JIT=1``, as nothing will be compiled then.
    """
    if config.DISABLE_JIT:
        return True
    if kernels:
        return all(is_compiled(each) for each in kernels)
    folder = cache_folder()
    return folder is not None and next(folder.rglob("*.nbc"), None) is not None


def is_compiled(dispatcher: Any) -> bool:
    """Whether a kernel is compiled in this process, or in the cache for this Python version."""
    if not hasattr(dispatcher, "signatures") or dispatcher.signatures:
        return True
    path = dispatcher.stats.cache_path
    if path is None:
        return False
    code = dispatcher.py_func.__code__
    stem = f"{Path(code.co_filename).stem}.{dispatcher.py_func.__qualname__}-{code.co_firstlineno}"
    version = f".py{sys.version_info[0]}{sys.version_info[1]}"
    return next(Path(path).glob(glob.escape(stem + version) + "*.nbc"), None) is not None


def source_key() -> str | None:
    """
    Hash of everything that decides the machine code of the kernels.

    All kernel sources with what they import below them, versions of Python, numba, llvmlite and numpy, the
    processor and its features, options and numba's settings. None when the sources cannot be read (a zipped
    package).
    """
    sources = _sources()
    if sources is None:
        return None
    return hashlib.blake2b(f"{sources}{_compiler()!r}".encode(), digest_size=10).hexdigest()


def _sources() -> str | None:
    package = Path(__file__).parents[2]
    sources = sorted((package / "kernels").rglob("*.py"))
    if not sources:
        return None
    digest = hashlib.blake2b(digest_size=10)
    for source in [*sources, *(package / name for name in BELOW_KERNELS)]:
        digest.update(source.relative_to(package).as_posix().encode())
        try:
            digest.update(hashlib.blake2b(source.read_bytes()).digest())
        except OSError:
            return None
    return digest.hexdigest()


def _compiler() -> tuple[Any, ...]:
    versions = (sys.version_info[:3], numba.__version__, llvmlite.__version__, np.__version__)
    return versions, *_processor(), sorted(OPTIONS.items()), _settings()


def _processor() -> tuple[str, str]:
    return llvmlite.binding.get_host_cpu_name(), llvmlite.binding.get_host_cpu_features().flatten()


def _settings() -> list[tuple[str, Any]]:
    return [(name, getattr(config, name, None)) for name in _SETTINGS]


@cache
def makings() -> dict[str, str]:
    """All that decides the bits of a kernel but for the processor, by what it is called."""
    return {
        "kernels": _sources() or "unknown",
        "Python": platform.python_version(),
        "numba": numba.__version__,
        "llvmlite": llvmlite.__version__,
        "numpy": np.__version__,
        "settings of numba": ", ".join(f"{name} {value}" for name, value in _settings()),
    }


@cache
def processor() -> str:
    """The kind of this processor as compilers know it, with a hash of
    its features; kernels give the same bits on all of one kind.
    """
    name, features = _processor()
    return f"{name}-{hashlib.blake2b(features.encode(), digest_size=4).hexdigest()}"


def _cached_in(folder: Path, function: Any, options: dict[str, Any]) -> Any:
    """Decorate with numba's cache pointed at `folder`; None when
    numba would cache elsewhere or not at all.
    """
    with _decorating:
        before = config.CACHE_DIR
        config.CACHE_DIR = str(folder)
        try:
            dispatcher = numba.njit(cache=True, **options)(function)
        except (RuntimeError, OSError):
            return None
        finally:
            config.CACHE_DIR = before
    # numba falls back to folders that carry no hash, where stale kernels could be found.
    return dispatcher if folder in Path(dispatcher.stats.cache_path).parents else None


def _cache_root() -> Path | None:
    if config.CACHE_DIR:
        return Path(config.CACHE_DIR) / "fundsim"
    try:
        home = Path.home()
    except RuntimeError:
        return None
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or home / ".cache"
    return Path(base) / "fundsim" / "numba"


def prune(root: Path, kept: Path) -> list[Path]:
    """
    Delete the folders of old sources from a cache.

    Keeps `kept`, the three used last, and whatever was used within a day, as another process may still run
    on it.

    Parameters
    ----------
    root : Path
        Folder of cache folders named by `source_key`.
    kept : Path
        Never deleted.

    Returns
    -------
    list of Path
        What was deleted; other processes may prune at the same time, each folder is deleted by one of them.
    """
    deleted = []
    for folder, used in _by_last_use(root)[_KEPT_FOLDERS:]:
        if folder == kept or time.time() - used < _KEPT_SECONDS:
            continue
        # A rename happens for one process alone; the others do not find the folder any more.
        doomed = folder.with_name(f".{folder.name}-{uuid.uuid4().hex}")
        try:
            folder.rename(doomed)
        except OSError:
            continue
        shutil.rmtree(doomed, ignore_errors=True)
        deleted.append(folder)
    return deleted


def _by_last_use(root: Path) -> list[tuple[Path, float]]:
    try:
        folders = [
            (Path(entry.path), entry.stat().st_mtime)
            for entry in os.scandir(root)
            if entry.is_dir(follow_symlinks=False) and len(entry.name) == 20 and entry.name[0] != "."
        ]
    except OSError:
        return []
    return sorted(folders, key=lambda pair: pair[1], reverse=True)
