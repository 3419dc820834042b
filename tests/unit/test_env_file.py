"""The file .env, as editors and shells of every system write it."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend import env_file

LINES = "# Schlüssel\r\nexport AIMLAPI_API_KEY='sk-1'\r\nPLAYGROUND_MODEL = a/b # mine\r\n"


@pytest.fixture
def file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(env_file, "FILE", tmp_path / ".env")
    return tmp_path / ".env"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_an_env_file_is_read_in_any_encoding(file: Path, encoding: str) -> None:
    file.write_bytes(LINES.encode(encoding))
    assert env_file.values() == {"AIMLAPI_API_KEY": "sk-1", "PLAYGROUND_MODEL": "a/b"}
    assert not env_file.problem()


def test_a_folder_of_that_name_and_no_file_say_nothing(file: Path) -> None:
    assert env_file.values() == {}
    file.mkdir()  # as that of a virtual environment
    assert env_file.values() == {} and not env_file.problem()
