"""Owns where compiled kernels are kept: the user's folder, a carried one, and what both must agree on."""

import hashlib
import json
import os
import shutil
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import llvmlite
import llvmlite.binding
import numba
import numpy as np
from numba import config
from numba.core.caching import IndexDataCacheFile, _Cache
from numba.core.compiler import CompileResult

CARRIED = "FUNDSIM_KERNELS"
"""Environment variable: a folder that `carry` wrote, here or on a machine alike."""

BELOW_KERNELS = ("vocabulary.py",)
"""All that kernels import of the package outside their folder; a contract in setup.cfg forbids the rest."""

_PACKAGE = Path(__file__).parents[2]
_MADE = "made.json"
_ELSEWHERE = "elsewhere"
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
_KEPT_FOLDERS = 3
_KEPT_SECONDS = 86_400.0


@cache
def maker() -> dict[str, str] | None:
    """
    Everything that decides the machine code of the kernels, by name.

    All kernel sources with what they import below them (a hash), versions of Python, numba, llvmlite and
    numpy, the processor and its features, and numba's settings. None when the sources cannot be read (a
    zipped package).
    """
    sources = sorted((_PACKAGE / "kernels").rglob("*.py"))
    if not sources:
        return None
    digest = hashlib.blake2b(digest_size=10)
    for source in [*sources, *(_PACKAGE / name for name in BELOW_KERNELS)]:
        digest.update(source.relative_to(_PACKAGE).as_posix().encode())
        try:
            digest.update(hashlib.blake2b(source.read_bytes()).digest())
        except OSError:
            return None
    features = llvmlite.binding.get_host_cpu_features()
    return {
        "kernels": digest.hexdigest(),
        "python": ".".join(map(str, sys.version_info[:3])),
        "numba": numba.__version__,
        "llvmlite": llvmlite.__version__,
        "numpy": np.__version__,
        "system": llvmlite.binding.get_process_triple(),
        "processor": llvmlite.binding.get_host_cpu_name(),
        "features": ",".join(sorted(name for name, has in features.items() if has)),
        "settings": ", ".join(f"{name}={getattr(config, name, None)}" for name in _SETTINGS),
    }


def source_key() -> str | None:
    """Hash of everything that decides the machine code of the kernels (`maker`); None where it is unknown."""
    parts = maker()
    return None if parts is None else hashlib.blake2b(repr(parts).encode(), digest_size=10).hexdigest()


def makings() -> dict[str, str]:
    """All that decides the bits of a kernel but for the processor, by what it is called."""
    here = maker() or {}
    names = {"python": "Python", "settings": "settings of numba"}
    alike = ("kernels", "python", "numba", "llvmlite", "numpy", "settings")
    return {names.get(name, name): here.get(name, "unknown") for name in alike}


@cache
def processor() -> str:
    """The kind of this processor as compilers know it, with a hash of
    its features; kernels give the same bits on all of one kind.
    """
    features = llvmlite.binding.get_host_cpu_features().flatten()
    shown = hashlib.blake2b(features.encode(), digest_size=4).hexdigest()
    return f"{llvmlite.binding.get_host_cpu_name()}-{shown}"


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


class Misfit(NamedTuple):
    """Why a carried folder of kernels does not serve here.

    Attributes
    ----------
    folder : Path
        As the environment gives it.
    differences : tuple of (str, str, str)
        Name of `maker`, what the kernels were made with, what is here; empty where it holds no kernels.
    """

    folder: Path
    differences: tuple[tuple[str, str, str], ...]


@cache
def carried() -> Path | Misfit | None:
    """The carried kernels that fit this machine and package, why those that are carried do not, or None."""
    here = maker()
    given = os.environ.get(CARRIED)
    if not given or here is None:
        return None
    root = Path(given).absolute()
    found = dict(_carried_in(root))
    for folder, made in found.items():
        if made == here:
            return folder
    unlike = (
        tuple((k, made.get(k, ""), here[k]) for k in here if made.get(k) != here[k])
        for made in found.values()
    )
    return Misfit(Path(given), min(unlike, key=len, default=()))


def _carried_in(root: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    """Folders of kernels below a carried one, each with what made it."""
    for file in sorted(root.glob(f"*/{_MADE}")):
        try:
            made = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(made, dict):
            yield file.parent, made


def carry(root: Path) -> Path:
    """
    Copy the compiled kernels into a folder that can be carried to machines alike, beside those of others.

    Parameters
    ----------
    root : Path
        Made if it is not there. Kernels of other processors or versions that it holds stay.

    Returns
    -------
    Path
        The folder of the present kernels below it.

    Raises
    ------
    OSError
        If it cannot be written.
    FileNotFoundError
        If no kernel is kept here, as no folder can be written.
    """
    folder, made, brought = cache_folder(), maker(), carried()
    if folder is None or made is None:
        raise FileNotFoundError("kernels are kept in no folder here")
    target = root / folder.name
    root.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=root))
    try:
        skipped = shutil.ignore_patterns(_ELSEWHERE, "*.tmp.*")
        for source in (brought, folder):
            if isinstance(source, Path):
                shutil.copytree(source, fresh, dirs_exist_ok=True, ignore=skipped)
        (fresh / _MADE).write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
        fresh.chmod(0o755)  # a temporary folder is for its maker alone
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return target


class KernelCache(_Cache):  # type: ignore[misc]
    """
    The compiled signatures of one kernel, in the carried folder and in the user's.

    numba's own cache goes by where a source lies, so its files cannot be carried, and by the source of the
    function alone. A kernel of the package goes by its place in the package and needs no stamp, as the name
    of the folder is a hash of all sources. What cannot be read is compiled, what cannot be written is not.
    """

    def __init__(self, function: Any) -> None:
        own, fitting = cache_folder(), carried()
        source = Path(function.__code__.co_filename)
        place, stamp = _place_of(source)
        name = f"{source.stem}.{function.__qualname__}".replace("<", "").replace(">", "")
        name = f"{name}-{function.__code__.co_firstlineno}"

        def files_in(folder: Path) -> Any:
            return IndexDataCacheFile(cache_path=str(folder / place), filename_base=name, source_stamp=stamp)

        self._own = None if own is None or stamp is None else own / place
        self._written = None if self._own is None or own is None else files_in(own)
        self._read = [files_in(fitting)] if isinstance(fitting, Path) and stamp is not None else []
        self._read += [] if self._written is None else [self._written]
        self._is_enabled = bool(self._read)

    @property
    def cache_path(self) -> str | None:
        """Where kernels are written; None where nothing is."""
        return None if self._own is None else str(self._own)

    @property
    def is_filled(self) -> bool:
        """Whether any signature is kept."""
        return bool(self._looked_up(lambda files: files._load_index()))

    def holds(self, signature: Any, target_context: Any) -> bool:
        """Whether a signature need not be compiled."""
        return self._looked_up(lambda files: _key(signature, target_context) in files._load_index()) or False

    def load_overload(self, signature: Any, target_context: Any) -> Any:
        """The compiled signature, None where it is not kept."""
        target_context.refresh()
        data = self._looked_up(lambda files: files.load(_key(signature, target_context)))
        return None if data is None else CompileResult._rebuild(target_context, *data)

    def _looked_up(self, look: Callable[[Any], Any]) -> Any:
        for files in self._read if self._is_enabled else ():
            try:
                if found := look(files):
                    return found
            except Exception:  # noqa: BLE001, S112, a broken file may raise anything
                continue
        return None

    def save_overload(self, signature: Any, result: Any) -> None:
        """Keep a compiled signature."""
        if not self._is_enabled or self._written is None or result.library.has_dynamic_globals:
            return
        try:
            Path(self.cache_path or "").mkdir(parents=True, exist_ok=True)
            self._written.save(_key(signature, result.target_context), result._reduce())
        except OSError:
            self._written = None

    def enable(self) -> None:
        """Look and write again."""
        self._is_enabled = True

    def disable(self) -> None:
        """Neither look nor write."""
        self._is_enabled = False

    def flush(self) -> None:
        """Forget what is kept."""
        if self._written is not None:
            self._written.flush()


def _key(signature: Any, target_context: Any) -> tuple[Any, ...]:
    return signature, target_context.codegen().magic_tuple()


def _place_of(source: Path) -> tuple[Path, str | None]:
    """Where kernels of a file are kept below a folder, with a stamp of
    the file where it is not the package's; None where it cannot be read.
    """
    try:
        return source.resolve().relative_to((_PACKAGE / "kernels").resolve()).with_suffix(""), ""
    except ValueError:
        pass
    try:
        stamp = hashlib.blake2b(source.read_bytes()).hexdigest()
    except OSError:
        return Path(), None
    return Path(_ELSEWHERE) / hashlib.blake2b(str(source).encode(), digest_size=10).hexdigest(), stamp


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
