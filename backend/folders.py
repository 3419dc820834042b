"""This app's folders on this machine: one for saved data, one for a cache.

platformdirs names them, as for other programs. Where an environment variable makes it choose a different
folder than earlier versions of this app did (XDG on macOS, a relative XDG path on Linux, LOCALAPPDATA on Windows),
an existing folder stays in use, so that saved conversations are found.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from platformdirs import PlatformDirs

APP = "llm-playground"


def data_folder() -> Path:
    """Where conversations are saved. It may not exist yet."""
    defaults = {"win32": "AppData/Local", "darwin": "Library/Application Support"}
    earlier = _earlier("XDG_DATA_HOME", defaults.get(sys.platform, ".local/share"))
    return earlier if earlier.is_dir() else _platform_dirs().user_data_path


def cache_folder() -> Path:
    """Where model files are kept. It may not exist yet."""
    defaults = {"win32": "AppData/Local", "darwin": "Library/Caches"}
    earlier = _earlier("XDG_CACHE_HOME", defaults.get(sys.platform, ".cache"))
    return earlier if earlier.is_dir() else _platform_dirs().user_cache_path


def _platform_dirs() -> PlatformDirs:
    return PlatformDirs(APP, appauthor=False, opinion=False)  # Windows: no author folder, and none named Cache


def _earlier(xdg: str, default: str) -> Path:
    """The folder that earlier versions used; `default` is a path in the home folder."""
    variable = {"win32": "LOCALAPPDATA", "darwin": ""}.get(sys.platform, xdg)
    return Path(os.environ.get(variable) or Path.home() / default) / APP
