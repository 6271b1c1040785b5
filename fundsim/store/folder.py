"""Owns the run folder: whose it is, the blocks of a run that is not finished, and when a run is finished."""

import io
import json
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from fundsim.errors import RunError, ScenarioError
from fundsim.scenario import Scenario, load_scenario
from fundsim.store.files import TEMPORARY_PREFIX, disk_errors, remove_unfinished, whole_file, write_json
from fundsim.words import label

SUMMARY = "summary.json"
SCENARIO = "scenario.yaml"
REPORT = "report.html"
FOLDERS = {"tables": (".csv",), "figures": (".svg", ".png")}
_BLOCKS = ".blocks"
_MANIFEST = "manifest.json"
_BLOCK_FILES = "[0-9]*-[0-9]*.npz"
_MAX_DIFFERENCES = 3


class FolderTakenError(RunError):
    """A folder holds another run, finished or not."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        super().__init__(label("cli.folder_taken", folder=folder))


@dataclass(frozen=True, slots=True)
class Identity:
    """
    What decides the bits of a run.

    Parameters
    ----------
    version : str
        Version of fundsim.
    kernels : str or None
        Hash of kernels, compiler and processor, None where it is unknown.
    scenario : dict
        The resolved scenario with seed and paths as plain data; without threads, which change nothing.
    """

    version: str
    kernels: str | None
    scenario: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """The content of the manifest."""
        return {"fundsim": self.version, "kernels": self.kernels, "scenario": self.scenario}

    @classmethod
    def of(cls, scenario: Scenario, version: str, kernels: str | None) -> Self:
        """The identity of a run of a scenario by this version with these kernels."""
        content = scenario.to_dict()
        return cls(version, kernels, {**content, "run": {**content["run"], "threads": None}})

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Read the content of a manifest; a missing key is a `KeyError`."""
        return cls(content["fundsim"], content["kernels"], content["scenario"])

    def differences(self, other: Self) -> list[str]:
        """What another run has different, in words; empty if it gives the same bits."""
        found = list(_differences("", self.scenario, other.scenario))
        if self.version != other.version:
            found.insert(0, f"fundsim {self.version}, now {other.version}")
        elif self.kernels != other.kernels:
            found.insert(0, "other kernels or another kind of processor")
        return found


def _differences(path: str, old: Any, new: Any) -> Iterator[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in {**old, **new}:
            yield from _differences(f"{path}.{key}" if path else key, old.get(key), new.get(key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, pair in enumerate(zip(old, new, strict=True)):
            yield from _differences(f"{path}[{index}]", *pair)
    elif old != new:
        yield f"{path} {_short(old)}, now {_short(new)}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:37]}..."


class RunFolder:
    """
    A folder that holds one run, finished or not.

    Parameters
    ----------
    path : Path
        The folder; need not exist.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._blocks = self.path / _BLOCKS

    @property
    def is_finished(self) -> bool:
        """Whether a run was finished here: `summary.json` is the last file that appears."""
        return self._summary_version() is not None

    @property
    def is_begun(self) -> bool:
        """Whether a run was begun here that is not finished."""
        return (self._blocks / _MANIFEST).is_file()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is lost by writing here: no such folder,
        an empty one, or one with broken beginnings.
        """
        if not self.path.exists():
            return True
        if not self.path.is_dir():
            return False
        ours = {_BLOCKS} if self._blocks.is_dir() and not self.is_begun else set()
        return all(
            entry.name in ours or entry.name.startswith(TEMPORARY_PREFIX) for entry in self.path.iterdir()
        )

    def _summary_version(self) -> str | None:
        content = _read_json(self.path / SUMMARY)
        version = content.get("fundsim") if isinstance(content, dict) else None
        return version if isinstance(version, str) else None

    def begin(self, identity: Identity, overwrite: bool = False, resume: bool = False) -> None:
        """
        Make the folder ready for a run.

        Parameters
        ----------
        identity : Identity
            What decides the bits of the run.
        overwrite : bool
            Another run that lies here, finished or not, makes way. What is not fundsim's stays.
        resume : bool
            A run that was begun here is gone on with.

        Raises
        ------
        RunError
            If the folder is another run's, or not a run's at all, or cannot be written.
        """
        with disk_errors(self.path):
            if resume and self.is_begun:
                self._agree(identity, self._manifest())
            elif resume and self.is_finished:
                raise RunError(
                    f"{self.path} holds another run, a complete one; give --overwrite or another --out"
                )
            else:
                self._make_way(overwrite)
            self.path.mkdir(parents=True, exist_ok=True)
            self._blocks.mkdir(exist_ok=True)
            # The manifest stands before anything is deleted: killed at any moment, the folder is known as a
            # run's.
            write_json(self._blocks / _MANIFEST, identity.as_json())
            self._remove_outputs()
            for folder in (self.path, self._blocks, *(self.path / name for name in FOLDERS)):
                remove_unfinished(folder)

    def _make_way(self, overwrite: bool) -> None:
        if not self.is_empty and not self.is_finished and not self.is_begun:
            what = "holds files that are not a run's" if self.path.is_dir() else "is a file, not a folder"
            raise RunError(f"{self.path} {what}; give another folder with --out")
        if not self.is_empty and not overwrite:
            raise FolderTakenError(self.path)
        for file in self._blocks.glob(_BLOCK_FILES):
            file.unlink(missing_ok=True)

    def _agree(self, identity: Identity, begun: Identity) -> None:
        found = begun.differences(identity)
        if not found:
            return
        more = f", and {len(found) - _MAX_DIFFERENCES} more" if len(found) > _MAX_DIFFERENCES else ""
        shown = "; ".join(found[:_MAX_DIFFERENCES])
        raise RunError(f"{self.path} was begun with {shown}{more}; resume it as it was, or give --overwrite")

    def _manifest(self) -> Identity:
        content = _read_json(self._blocks / _MANIFEST)
        try:
            return Identity.from_json(content)
        except (KeyError, TypeError):
            raise RunError(
                f"{self._blocks / _MANIFEST} cannot be read, so the run cannot be resumed; give --overwrite"
            ) from None

    def _remove_outputs(self) -> None:
        from fundsim.store.tables import parquet_files

        # The summary goes first: without it the folder counts as unfinished whenever this is cut short.
        for name in (SUMMARY, *parquet_files(), SCENARIO, REPORT):
            (self.path / name).unlink(missing_ok=True)
        for name, suffixes in FOLDERS.items():
            for file in (self.path / name).glob("*"):
                if file.suffix in suffixes:
                    file.unlink()

    def is_complete(self, identity: Identity) -> bool:
        """Whether the very run was finished here; False where the folder holds another or none.

        Compares what the files say: the kernels are not among it, as finished results need no more of them.
        """
        if self._summary_version() != identity.version:
            return False
        try:
            stored = load_scenario(self.path / SCENARIO)
        except ScenarioError:
            return False
        return not Identity.of(stored, identity.version, identity.kernels).differences(identity)

    def save_block(self, first_path: int, n_paths: int, arrays: Mapping[str, np.ndarray]) -> None:
        """Keep the arrays of a finished block until the run is finished."""
        with (
            whole_file(self._blocks / f"{first_path:010d}-{n_paths}.npz") as temporary,
            temporary.open("wb") as stream,
        ):
            np.savez(stream, allow_pickle=False, **arrays)

    @property
    def n_paths_done(self) -> int:
        """Paths of the finished blocks that are kept."""
        return sum(int(file.stem.partition("-")[2]) for file in self._blocks.glob(_BLOCK_FILES))

    @property
    def n_bytes_done(self) -> int:
        """What the finished blocks that are kept take on the disk."""
        return sum(file.stat().st_size for file in self._blocks.glob(_BLOCK_FILES))

    def blocks(self) -> Iterator[dict[str, np.ndarray]]:
        """The arrays of the finished blocks in path order; one that
        cannot be read is left out, to be done again.
        """
        for file in sorted(self._blocks.glob(_BLOCK_FILES)):
            try:
                with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as stored:
                    arrays = {name: stored[name] for name in stored.files}
            except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
                continue
            yield arrays

    def finish(self, summary: dict[str, Any]) -> None:
        """Write `summary.json`, which makes the run a finished one, and drop its blocks."""
        write_json(self.path / SUMMARY, summary)
        self.drop_blocks()

    def drop_blocks(self) -> None:
        """Remove the blocks of a finished run, also those that were left when this was cut short before."""
        with disk_errors(self.path):
            if self._blocks.is_dir():
                shutil.rmtree(self._blocks)


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
