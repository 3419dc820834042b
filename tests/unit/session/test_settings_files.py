"""Files of settings that cannot be read: the app says so at its start, and is open to nobody."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st

from backend import env_file
from components import startup
from components.session import services

SECRET = "sk-owner-0123456789abcdef"


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    file = tmp_path / ".streamlit" / "secrets.toml"
    file.parent.mkdir()
    monkeypatch.setattr(st, "get_option", {"secrets.files": [str(tmp_path / "other.toml"), str(file)]}.__getitem__)
    monkeypatch.setattr(env_file, "FILE", tmp_path / ".env")
    return file


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (f'PLAYGROUND_SHARED = "1"\nAIMLAPI_API_KEY = {SECRET}\n'.encode(), "not understood at line 2"),
        (f'AIMLAPI_API_KEY = "{SECRET}"\nAIMLAPI_API_KEY = "{SECRET}"\n'.encode(), "not understood at line 2"),
        ("PLAYGROUND_SHARED = “1”\n".encode(), "straight quotation marks"),
        (b'\xef\xbb\xbfPLAYGROUND_SHARED = "1"\n', "without BOM"),
        ('# für alle\nPLAYGROUND_SHARED = "1"\n'.encode("latin-1"), "Save it as UTF-8"),
        ('PLAYGROUND_SHARED = "1"\n'.encode("utf-16"), "Save it as UTF-8"),
    ],
    ids=["no quotation marks", "twice", "curly", "BOM", "Latin-1", "UTF-16"],
)
def test_unreadable_secrets_are_reported_without_their_contents(secrets: Path, content: bytes, told: str) -> None:
    secrets.write_bytes(content)
    problem = services.unreadable()
    assert problem.startswith(".streamlit/secrets.toml ") and told in problem and SECRET not in problem
    with pytest.raises(SystemExit, match=r"at line|UTF-8|quotation"):
        startup.require_settings()


def test_a_folder_in_place_of_the_secrets_is_told(secrets: Path) -> None:
    secrets.mkdir()
    assert "Docker" in services.unreadable()


def test_without_secrets_or_with_good_ones_the_app_starts(secrets: Path) -> None:
    assert services.unreadable() == ""
    secrets.write_text('# für alle\r\nPLAYGROUND_SHARED = "1"\r\n[auth]\r\nclient_id = "x"\r\n', "utf-8")
    assert services.unreadable() == ""
    startup.require_settings()


def test_lines_behind_the_block_for_logging_in_count(secrets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    block = {"client_id": "x", "PLAYGROUND_SHARED": "1", "PLAYGROUND_MODEL": "inside"}
    monkeypatch.setattr(st, "secrets", {"PLAYGROUND_MODEL": "outside", "auth": block})
    services.configured.cache_clear()
    try:
        assert services.configured().shared and services.configured().model == "outside"
    finally:
        services.configured.cache_clear()
