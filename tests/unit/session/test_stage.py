"""The stage of a tab without its page: what Next, Back and the panic key do while an answer runs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from chats import Asker, ended
from fake_api import HANG, FakeAPI, stream
from runs import FAST, TWO, waited
from visiting import nothing_of_this_machine  # noqa: F401  (a fixture)

from backend.conversation.chat import Chat
from backend.demos.playing import PlayedChat, Unkept
from backend.demos.script import Script, Step
from backend.transport.client import ChatClient
from components.session.stage import Stage

ONE = Script("", (Step("ask", prompt="One?", recording=TWO), Step("ask", prompt="Two?", continues=True)))


class Chats:
    """The chats of a tab, of which the stage needs the one in view."""

    def __init__(self) -> None:
        self.current: Chat = Chat(Unkept())

    def put(self, page: str, chat: Chat | None = None) -> None:
        self.current.stop()
        self.current = chat or Chat(Unkept())


@pytest.fixture
def stage(client: ChatClient, nothing_of_this_machine: None) -> Iterator[Any]:  # noqa: F811
    chats, composer = Chats(), SimpleNamespace(missing=None, must_wait=False, pending=None, empty=lambda: None)
    made = Stage(chats, SimpleNamespace(ask=Asker(client)), composer)  # type: ignore[arg-type]
    made.use(ONE)
    yield made
    chats.current.stop()


def current(stage: Any) -> Chat:
    found: Chat = stage._chats.current
    return found


def running(stage: Any, text: str) -> Chat:
    """The answer in view, once it has come so far and no further."""
    chat, until = current(stage), time.monotonic() + 20
    while not (chat.turn and chat.turn.message.content == text) and time.monotonic() < until:
        time.sleep(0.005)
    assert chat.turn and chat.running and chat.turn.message.content == text
    return chat


def said(chat: Chat) -> list[str]:
    chat.settle()
    return [node.message.content for node in chat.conversation.path()]


@pytest.mark.parametrize("came", ["", "Hel", "Hello", "Hello, and more than was recorded"])
def test_panic_goes_on_with_the_recording_at_as_many_characters_while_the_network_hangs(
    stage: Any, api: FakeAPI, came: str
) -> None:
    api.play(stream(*([came] if came else []), HANG))
    stage.next()
    live = running(stage, came)
    stage.panic()
    assert live.turn and live.turn.state == "stopped"
    chat = current(stage)
    assert isinstance(chat, PlayedChat)
    chat.advance(chat.player)
    begun = came[:5]
    if begun in ("", "Hello"):  # at its beginning, or at its end
        assert chat.player.recording.earlier == ()
    else:
        assert said(running(stage, begun))[0] == "One?"
    chat.player.pace.run(FAST)
    assert said(waited(chat))[:2] == ["One?", "Hello"]
    stage.panic()
    assert current(stage) is chat, "it plays already"


def test_what_was_said_before_stays_when_a_recording_takes_over(stage: Any, api: FakeAPI) -> None:
    stage.use(Script("", (Step("ask", prompt="Zero?"), Step("ask", prompt="One?", continues=True, recording=TWO))))
    api.play([stream("Nothing."), stream("Hel", HANG)])
    stage.next()
    ended(current(stage))
    stage.next()
    running(stage, "Hel")
    stage.panic()
    assert said(current(stage)) == ["Zero?", "Nothing."]
    chat = current(stage)
    assert isinstance(chat, PlayedChat)
    chat.player.pace.run(FAST)
    chat.advance(chat.player)
    assert said(waited(chat))[:4] == ["Zero?", "Nothing.", "One?", "Hello"]


def test_a_question_from_the_room_does_not_move_the_recording(stage: Any, api: FakeAPI) -> None:
    api.play([stream("Hello"), stream("From the room", HANG)])
    stage.next()
    ended(current(stage))
    current(stage).send("And you?", stage._asker.ask)
    running(stage, "From the room")
    stage.panic()
    chat = current(stage)
    assert isinstance(chat, PlayedChat) and said(chat) == [], "the step from its beginning"


def test_without_a_recording_panic_only_stops(stage: Any, api: FakeAPI) -> None:
    stage.use(Script("", (Step("ask", prompt="One?"),)))
    api.play(stream("Hel", HANG))
    stage.next()
    chat = running(stage, "Hel")
    stage.panic()
    assert current(stage) is chat and not chat.running


def test_going_on_stops_the_answer_and_going_back_asks_nothing_again(stage: Any, api: FakeAPI) -> None:
    api.play(stream("Hel", HANG))
    stage.next()
    first = running(stage, "Hel")
    api.play(stream("Yes."))
    stage.next()
    ended(current(stage))
    assert not first.running and said(current(stage)) == ["One?", "Hel", "Two?", "Yes."]
    stage.back()
    assert current(stage) is first and len(api.asked) == 2
    stage.next()
    assert said(current(stage))[-1] == "Yes." and len(api.asked) == 2
    stage.again()
    ended(current(stage))
    assert len(api.asked) == 3 and said(current(stage))[-1] == "Yes."


def test_an_edited_step_is_not_asked_before_a_press(stage: Any, api: FakeAPI) -> None:
    api.play(stream("Yes."))
    stage.next()
    ended(current(stage))
    stage.change(Script("", (Step("ask", prompt="Other?"), *ONE.steps[1:])))
    assert stage.place == 1 and said(current(stage)) == [] and len(api.asked) == 1
    stage.next()
    assert stage.place == 1, "the first press asks what was not asked yet"
    ended(current(stage))
    stage.change(Script("", (Step("ask", "For the room", prompt="Other?", recording=TWO), *ONE.steps[1:])))
    assert said(current(stage)) == ["Other?", "Yes."] and len(api.asked) == 2
    stage.change(Script("", ONE.steps[:1]))
    stage.next()
    assert len(api.asked) == 2, "at the end there is nothing more"


def test_an_answer_runs_on_while_its_script_is_edited(stage: Any, api: FakeAPI) -> None:
    api.play(stream("Hel", HANG))
    stage.next()
    chat = running(stage, "Hel")
    stage.change(Script("", ONE.steps))
    stage.change(Script("Another title", (*ONE.steps, Step("words", "The end"))))
    assert current(stage) is chat and chat.running


@pytest.mark.parametrize("why", ["missing", "must_wait"])
def test_where_nobody_can_answer_the_recording_plays_and_no_question_is_sent(
    stage: Any, api: FakeAPI, why: str
) -> None:
    setattr(stage._composer, why, "key")
    stage.next()
    assert isinstance(current(stage), PlayedChat)
    assert api.asked == []
    stage._composer.missing = "key"
    stage.next()
    assert said(current(stage)) == [] and api.asked == []
