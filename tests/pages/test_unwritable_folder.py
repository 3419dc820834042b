"""A shared app whose data folder cannot be written answers all the same, and keeps to its budget."""

from __future__ import annotations

from pathlib import Path

import pytest
from basics import KEY
from fake_api import FakeAPI, stream
from sqlalchemy import event
from visiting import Open, conversation, items, say, well

from backend.guests import access
from backend.guests.visits import new_visit
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
    assert services.ledger().usage("").messages == 2
    assert items(at), "what was said is still there"


def test_a_disk_that_fills_up_while_guests_ask_stops_nobody_and_what_was_used_before_counts(
    nothing_of_this_machine: None, visit: Open, api: FakeAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    services._until_restart.cache_clear()
    shared = {"PLAYGROUND_SHARED": "1", "PLAYGROUND_ALL_MESSAGES_PER_DAY": "2", "PLAYGROUND_GUEST_MODELS": "*"}
    at = say(visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url, **shared), "One")
    engine = services.journals().store._engine
    assert engine is not None

    # SQLite itself finds no room from now on: the file must not grow.
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("PRAGMA max_page_count = 1"))
    api.play(lambda _: stream("fine"))
    for question in ("Two", "Three"):
        say(at, question + " and more" * 3_000)
    assert [asked.prompt[:3] for asked in api.asked] == ["One", "Two"], "the third is over the budget of the day"
    assert ("assistant", "fine") in conversation(at)
    assert "disk is full" in services.journals().store.trouble
    services._until_restart.cache_clear()


def test_the_owner_reads_what_to_mend(unwritable: None, visit: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed = access.hashed("mine alone")
    at = visit("pages/5_Owner.py", PLAYGROUND_SHARED="1", PLAYGROUND_OWNER_PASSWORD=hashed)
    at.text_input(key="owner.password").set_value("mine alone")
    well(next(button for button in at.button if button.label == "Sign in").click().run())
    assert any("cannot be written" in found.value and "DATABASE_URL" in found.value for found in at.error)
    assert any("14 days after its last message" in found.value for found in at.caption)
    before = services.visits().cookie(new_visit())
    well(at.button(key="owner.end_visits").click().run())
    after = services.visits().cookie(new_visit())
    assert before and after and before[0] != after[0], "another secret"
    services._until_restart.cache_clear()
