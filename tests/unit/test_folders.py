"""Conversations and model files are where earlier versions of this app kept them, on each system."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from platformdirs.macos import MacOS
from platformdirs.unix import Unix
from platformdirs.windows import Windows

from backend import folders

VARIABLES = ("XDG_DATA_HOME", "XDG_CACHE_HOME", "LOCALAPPDATA")
WINDOWS = "C:\\Users\\me\\AppData\\Local"


def earlier_data_folder(environ: dict[str, str]) -> Path:
    """The rule as it was before platformdirs."""
    if sys.platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "llm-playground"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "llm-playground"
    return Path(environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "llm-playground"


def earlier_cache_folder(environ: dict[str, str]) -> Path:
    """The rule as it was before platformdirs."""
    if sys.platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "llm-playground"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "llm-playground"
    return Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "llm-playground"


def on(platform: str, environ: dict[str, str], home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process takes itself for one on another system, with this environment."""
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(folders, "PlatformDirs", {"win32": Windows, "darwin": MacOS}.get(platform, Unix))
    monkeypatch.setenv("HOME", str(home))
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("WIN_PD_OVERRIDE_LOCAL_APPDATA", WINDOWS)  # what Windows itself answers


@pytest.mark.skipif(sys.platform == "win32", reason="HOME names the home folder elsewhere")
@pytest.mark.parametrize(
    ("platform", "environ"),
    [
        ("linux", {}),
        ("linux", {"XDG_DATA_HOME": "", "XDG_CACHE_HOME": ""}),
        ("linux", {"XDG_DATA_HOME": "/data", "XDG_CACHE_HOME": "/cache"}),
        ("darwin", {}),
        ("darwin", {"LOCALAPPDATA": WINDOWS}),
        ("win32", {"LOCALAPPDATA": WINDOWS}),
        ("win32", {"LOCALAPPDATA": WINDOWS, "XDG_DATA_HOME": "/data", "XDG_CACHE_HOME": "/cache"}),
    ],
)
def test_the_folders_are_those_of_earlier_versions(
    platform: str, environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(platform, environ, tmp_path, monkeypatch)
    assert folders.data_folder() == earlier_data_folder(environ)
    assert folders.cache_folder() == earlier_cache_folder(environ)


@pytest.mark.skipif(sys.platform == "win32", reason="HOME names the home folder elsewhere")
@pytest.mark.parametrize(
    ("platform", "environ"),
    [
        ("linux", {"XDG_DATA_HOME": "data", "XDG_CACHE_HOME": "cache"}),  # the specification wants absolute paths
        ("darwin", {"XDG_DATA_HOME": "/data", "XDG_CACHE_HOME": "/cache"}),
        ("win32", {"LOCALAPPDATA": "moved"}),
    ],
)
def test_a_folder_that_is_there_is_used_on_where_platformdirs_names_another(
    platform: str, environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(platform, environ, tmp_path, monkeypatch)
    monkeypatch.chdir(tmp_path)
    earlier = earlier_data_folder(environ), earlier_cache_folder(environ)
    assert (folders.data_folder(), folders.cache_folder()) != earlier
    for folder in earlier:
        folder.mkdir(parents=True, exist_ok=True)
    assert (folders.data_folder(), folders.cache_folder()) == earlier
