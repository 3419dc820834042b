"""A shared app whose data folder cannot be written answers all the same, and keeps to its budget."""

from __future__ import annotations

from pathlib import Path

import pytest
from basics import KEY
from fake_api import FakeAPI
from visiting import Open, conversation, items, say

from backend.folders import can_be_written
from components.session import services


@pytest.fixture
def unwritable(nothing_of_this_machine: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A file in the place of the folder: nobody can write into it, root included."""
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    monkeypatch.setenv("DATABASE_URL", "")
    services._until_restart.cache_clear()


def test_guests_are_answered_within_their_budget(unwritable: None, visit: Open, api: FakeAPI) -> None:
    at = visit(
        AIMLAPI_API_KEY=KEY,
        AIMLAPI_BASE_URL=api.url,
        PLAYGROUND_SHARED="1",
        PLAYGROUND_GUEST_MESSAGES_PER_DAY="2",
        PLAYGROUND_GUEST_MODELS="*",
    )
    for question in ("One", "Two", "Three"):
        say(at, question)
    assert len(api.asked) == 2
    assert ("assistant", "You said: Two") in conversation(at)
    assert services.ledger().used("").messages == 2
    assert items(at), "what was said is still there"


def test_a_folder_that_is_to_be_made_can_be_written_where_its_parent_can(tmp_path: Path) -> None:
    assert can_be_written(tmp_path) and can_be_written(tmp_path / "a" / "b")
    (tmp_path / "file").write_text("")
    assert not can_be_written(tmp_path / "file" / "a")
    assert not can_be_written(tmp_path / "file")
