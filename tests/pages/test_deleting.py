"""Deleting with undo, without a browser: messages, conversations, prompts, presets, tools. Nothing asks first."""

from __future__ import annotations

import pytest
from fake_api import FakeAPI, stream
from streamlit.testing.v1 import AppTest
from visiting import TOOLS, Open, conversation, say, well

from backend.library.prompts import Prompt
from backend.library.saved_documents import Document
from backend.store import is_id
from components.session import services
from components.session.deletions import Deletions


def deletions(at: AppTest) -> Deletions:
    found = at.session_state["session"].deletions
    assert isinstance(found, Deletions)
    return found


def undo(at: AppTest) -> AppTest:
    last = deletions(at).undoable
    assert last is not None
    deletions(at).undo(last.id)
    return well(at.run())


def listed(search: str = "") -> list[str]:
    return [summary.title for summary in services.journals().store.conversations("local", search)]


def act(at: AppTest, action: str, place: int) -> AppTest:
    session = at.session_state["session"]
    session.actions.do(action, session.chats.current.conversation.path()[place].id)
    return well(at.run())


@pytest.fixture
def told(at: AppTest, api: FakeAPI) -> AppTest:
    api.play([stream("First."), stream("Second.")])
    say(at, "zanzibarine")
    return say(at, "And then?")


@pytest.mark.parametrize(
    ("action", "place", "left", "said"),
    [
        ("delete", 0, ["First.", "And then?", "Second."], "Message deleted"),
        ("delete", 1, ["zanzibarine", "And then?", "Second."], "Message deleted"),
        ("delete", 3, ["zanzibarine", "First.", "And then?"], "Message deleted"),
        ("delete below", 0, ["zanzibarine"], "3 messages deleted"),
    ],
)
def test_deleted_messages_go_at_once_and_come_back(
    told: AppTest, action: str, place: int, left: list[str], said: str
) -> None:
    before = conversation(told)
    act(told, action, place)
    assert [text for _, text in conversation(told)] == left
    last = deletions(told).undoable
    assert last is not None and last.text == said
    record = services.journals().load("local", told.session_state["session"].chats.id)
    assert record is not None and len(record.conversation) == len(left), (
        "gone from what is kept, not only from view"
    )
    assert bool(listed("zanzibarine")) == ("zanzibarine" in left)
    assert conversation(undo(told)) == before and listed("zanzibarine")


def test_the_notice_of_a_deletion_ends_with_its_time(told: AppTest) -> None:
    act(told, "delete", 3)
    last = deletions(told).undoable
    assert last is not None
    deletions(told)._end(last)
    assert deletions(told).undoable is None
    deletions(told).undo(last.id)
    assert len(conversation(well(told.run()))) == 3


def test_a_conversation_that_is_deleted_leaves_the_page_that_shows_it_and_comes_back(told: AppTest) -> None:
    id_ = told.session_state["session"].chats.id
    deletions(told).conversations([id_], "zanzibarine")
    assert listed() == [] and services.journals().load("local", id_) is None
    assert conversation(well(told.run())) == []
    assert [text for _, text in conversation(undo(told))] == ["zanzibarine", "First.", "And then?", "Second."]
    assert listed("zanzibarine") == ["zanzibarine"]


def test_a_prompt_a_preset_and_a_tool_come_back(at: AppTest) -> None:
    saved = services.saved_prompts("local")
    prompt = saved.save(Prompt("Mine", "secret"))
    deletions(at).prompt(saved, prompt)
    assert saved.prompts() == ()
    undo(at)
    assert saved.prompts() == (prompt,)
    for documents in (services.saved_presets("local"), services.saved_tools("local")):
        documents.save(Document("Mine", "{}"))
        (kept,) = documents.all()
        deletions(at).document(documents, kept)
        assert documents.all() == ()
        undo(at)
        assert [(one.name, one.text, is_id(one.id)) for one in documents.all()] == [("Mine", "{}", True)]


def test_a_failed_deletion_is_reported_and_loses_nothing(told: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    store = services.journals().store
    monkeypatch.setattr(store, "_trouble", "The disk is full.")
    before = conversation(told)
    act(told, "delete", 0)
    assert deletions(told).trouble and deletions(told).undoable is None
    assert conversation(told) == before
    monkeypatch.setattr(store, "_trouble", "")


# ---- an address that names nothing -----------------------------------------------------------------------


@pytest.mark.parametrize("page", ["app.py", TOOLS])
@pytest.mark.parametrize("id_", ["0" * 32, "nonsense", "' OR 1=1"])
def test_an_address_of_no_conversation_says_so_and_leads_to_a_new_one(visit: Open, page: str, id_: str) -> None:
    at = visit(page, query={"c": id_})
    assert any("This conversation is not here" in found.value for found in at.markdown)
    well(at.button(key="missing.new").click().run())
    assert not any("This conversation is not here" in found.value for found in at.markdown)


def test_a_new_tab_without_an_address_says_nothing(visit: Open) -> None:
    at = visit()
    assert not [found for found in at.button if found.key == "missing.new"]
