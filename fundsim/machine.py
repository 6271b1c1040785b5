"""Owns what of the machine this process may use: cores, memory, and room on a disk."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

_CONTROL = Path("/sys/fs/cgroup")
_MEMBERSHIP = Path("/proc/self/cgroup")


def available_cores() -> int:
    """Processor cores that this process may use, at least one."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def available_memory() -> int | None:
    """Bytes of memory that this process may use: those of the machine, or
    fewer where a container has a limit; None where nothing is known.
    """
    return min((*_physical_memory(), *_limits_of_containers()), default=None)


def _physical_memory() -> Iterator[int]:
    try:
        yield os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return


def _limits_of_containers() -> Iterator[int]:
    """Limits of the control groups that this process is in, and of those around them, versions 1 and 2."""
    try:
        lines = _MEMBERSHIP.read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, group = line.split(":", 2)
        if controllers and "memory" not in controllers.split(","):
            continue
        root = _CONTROL / "memory" if controllers else _CONTROL
        name = "memory.limit_in_bytes" if controllers else "memory.max"
        inner = root / group.strip("/")
        for folder in (inner, *inner.parents):
            if folder == root or root in folder.parents:
                yield from _limit_in(folder / name)


def _limit_in(file: Path) -> Iterator[int]:
    """The number in a file; a group without a limit says ``max``, and the outermost has no file."""
    try:
        yield int(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return


def free_disk(path: Path) -> int | None:
    """Bytes that are free where a folder is or will be; None where nothing is known or may be written."""
    for folder in (path, *path.absolute().parents):
        if folder.is_dir():
            if not os.access(folder, os.W_OK):
                return None
            try:
                return shutil.disk_usage(folder).free
            except OSError:
                return None
    return None
