"""Messages that waited for an answer which was interrupted are found again with their conversation."""

from __future__ import annotations

import pytest
from fake_api import FakeAPI
from streamlit.testing.v1 import AppTest
from visiting import Open, everything, reload_tab, say, well

from backend.conversation.queue import QueuedMessage
from backend.types import Media, Message
from components.session import services

PICTURE = Media("image", "data:image/png;base64,iVBORw0KGgo=", name="cat.png")


@pytest.fixture
def left(at: AppTest, visit: Open) -> AppTest:
    """A tab that opens a conversation in which two messages waited when the process was killed."""
    say(at, "Hi")
    chats = at.session_state["session"].chats
    for place, message in enumerate((Message("user", "two", media=(PICTURE,)), Message("user", "three"))):
        services.journals().queued.add(chats._owner, chats.id, QueuedMessage(place + 1, message))
    services.journals()._recent.clear()  # which answer ended last, only the dead process knew
    return reload_tab(visit, at)


def queued(at: AppTest) -> list[Message]:
    held: list[Message] = at.session_state["session"].chats.current.queued.held_messages
    return held


def test_interrupted_messages_are_shown_and_sent_in_order_on_request(left: AppTest, api: FakeAPI) -> None:
    assert [message.content for message in queued(left)] == ["two", "three"] and len(api.asked) == 1
    well(left.button(key="send_unsent").click().run())
    for _ in range(3):
        well(left.run())
    path = left.session_state["session"].chats.current.conversation.path()
    assert [node.message.content for node in path if node.message.role == "user"] == ["Hi", "two", "three"]
    assert "Not sent" not in everything(left) and len(api.asked) == 3


def test_interrupted_messages_can_be_opened_in_the_message_box(left: AppTest, visit: Open) -> None:
    well(left.button(key="edit_unsent").click().run())
    assert left.chat_input[0].proto.value == "two\n\nthree" and "cat" in everything(left)
    assert "Not sent" not in everything(reload_tab(visit, left))


def test_interrupted_messages_can_be_deleted(left: AppTest, visit: Open, api: FakeAPI) -> None:
    well(left.button(key="discard_unsent").click().run())
    assert "Not sent" not in everything(left)
    assert "Not sent" not in everything(reload_tab(visit, left)) and len(api.asked) == 1


def test_without_a_key_interrupted_messages_stay_unsent(left: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.session.setup.Setup.missing", "key")
    assert well(left.run()).button(key="send_unsent").disabled and len(queued(left)) == 2


def test_interrupted_messages_stay_with_their_conversation(left: AppTest) -> None:
    chats = left.session_state["session"].chats
    chats.new()
    assert not chats.current.queued.held_messages
