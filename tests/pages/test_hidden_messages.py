"""What earlier versions only hid when it was deleted: the notice on History, and what its two choices do."""

from __future__ import annotations

import pytest
from basics import KEY
from fake_api import FakeAPI, stream
from streamlit.testing.v1 import AppTest
from visiting import Open, conversation, everything, say, well

from backend.store import legacy_hidden_rows
from components.elements.markdown import plain
from components.session import services

WORDS = "is still kept"


def hide_the_answer(at: AppTest) -> None:
    """Delete the last answer as earlier versions did, and open the database with this one."""
    session = at.session_state["session"]
    tree = session.chats.current.conversation
    tree.end_at(tree.path()[-2].id)
    store = services.journals().store
    store.save(session.owner, session.chats.id, (), tree.view)
    store._write(legacy_hidden_rows.find)


def history(at: AppTest) -> AppTest:
    return well(at.switch_page("pages/4_History.py").run())


@pytest.mark.parametrize("choice, left", [("restore", ["Hello", "*An* answer."]), ("delete", ["Hello"])])
def test_a_hidden_message_is_offered_until_a_choice(
    at: AppTest, api: FakeAPI, choice: str, left: list[str]
) -> None:
    api.play([stream("*An* answer.")])
    say(at, "Hello")
    hide_the_answer(at)
    assert WORDS not in everything(at)
    history(at)
    assert WORDS in everything(at)
    assert "Answer: " + plain("*An* answer.") in [caption.value for caption in at.caption]
    well(at.button(key=f"hidden.{choice}.all").click().run())
    assert WORDS not in everything(at)
    assert WORDS not in everything(well(at.run()))
    assert [text for _, text in conversation(well(at.switch_page("app.py").run()))] == left
    found = services.journals().store.conversations(at.session_state["session"].owner, "answer")
    assert bool(found) is (choice == "restore")


def test_a_guest_is_not_offered_what_another_one_hid(visit: Open, api: FakeAPI) -> None:
    api.play([stream("An answer.")])
    shared = {"AIMLAPI_API_KEY": KEY, "AIMLAPI_BASE_URL": api.url, "PLAYGROUND_SHARED": "1"}
    ann = say(visit(**shared), "Hello")
    hide_the_answer(ann)
    assert WORDS not in everything(history(visit(**shared)))
    assert WORDS in everything(history(ann))
