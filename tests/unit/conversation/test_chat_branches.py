"""Answering again, going on and shaping; the end of a session."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable

import pytest
from chats import LONG, Asker, run, sent_messages, view, wait_for_text
from fake_api import CUT, HANG, FakeAPI, error, stream

from backend.conversation import deleting, shaping
from backend.conversation.chat import Chat
from backend.protocol import wire
from backend.transport.client import ChatClient
from backend.types import JSON, Message

# ---- answering again ------------------------------------------------------------------------------------


def test_an_answer_given_again_stands_beside_the_first(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    api.play([stream("first"), stream("second")])
    run(chat, asker, "Hi")
    first = chat.conversation.path()[-1].id
    chat.regenerate(first, asker)
    run(chat, asker)
    assert view(chat) == [("user", "Hi"), ("assistant", "second")]
    assert sent_messages(api.asked[0]) == sent_messages(api.asked[1]) == [("user", "Hi")], (
        "the first answer is not sent"
    )
    assert len(chat.conversation.siblings(first)) == chat.turns == 2
    chat.conversation.choose(first)
    assert view(chat) == [("user", "Hi"), ("assistant", "first")]


def test_an_answer_in_the_middle_can_be_given_again(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    for word in ("one", "two"):
        run(chat, asker, word)
    chat.regenerate(chat.conversation.path()[1].id, asker)
    run(chat, asker)
    assert sent_messages(api.asked[-1]) == [("user", "one")]
    assert len(chat.conversation) == 5
    assert len(view(chat)) == 2


def test_a_message_after_a_second_answer_follows_the_branch_in_view(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    api.play([stream("first"), stream("second"), stream("third")])
    run(chat, asker, "Hi")
    first = chat.conversation.path()[-1].id
    chat.regenerate(first, asker)
    run(chat, asker)
    chat.conversation.choose(first)
    run(chat, asker, "Go on")
    assert sent_messages(api.asked[-1]) == [("user", "Hi"), ("assistant", "first"), ("user", "Go on")]


def test_answering_again_stops_the_answer_that_runs_and_keeps_it(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    api.play([stream("Hm", HANG), stream("second")])
    chat.send("Hi", asker)
    first = wait_for_text(chat, "Hm").conversation.path()[-1].id
    chat.regenerate(first, asker)
    run(chat, asker)
    assert view(chat)[-1] == ("assistant", "second")
    kept = chat.conversation[first].message
    assert (kept.content, kept.state) == ("Hm", "stopped")
    assert api.asked[0].left.wait(LONG)


# ---- going on and shaping -------------------------------------------------------------------------------


def cut_off(chat: Chat, asker: Asker, api: FakeAPI) -> int:
    """An answer that broke off after "Once upon"; its id."""
    api.play([stream("Once upon", CUT), stream(" a time")])
    run(chat, asker, "Tell")
    return chat.conversation.path()[-1].id


def test_an_answer_that_was_cut_off_can_go_on(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    cut = cut_off(chat, asker, api)
    chat.resume(cut, asker)
    run(chat, asker)
    assert view(chat) == [("user", "Tell"), ("assistant", "Once upon a time")]
    assert chat.conversation[cut].message.content == "Once upon"
    *before, (role, _) = sent_messages(api.asked[1])
    assert (before, role) == ([("user", "Tell"), ("assistant", "Once upon")], "user"), "it is shown what it said"
    api.play(stream("The end"))
    run(chat, asker, "And?")
    assert sent_messages(api.asked[-1]) == [("user", "Tell"), ("assistant", "Once upon a time"), ("user", "And?")]


def test_going_on_thinks_again_and_keeps_both_thoughts(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    api.play([stream("<think>a</think>The capital of Nor", CUT), stream("<think>b</think>", "way is Oslo.")])
    run(chat, asker, "Tell")
    chat.resume(chat.conversation.path()[-1].id, asker)
    run(chat, asker)
    message = chat.conversation.path()[-1].message
    assert wire.thinking(message) == ("a\n\nb", "The capital of Norway is Oslo.")
    chat.reshape(shaping.edit(chat.conversation.path()[-1].id, "<think>a</think>Other words"))
    assert wire.thinking(chat.conversation.path()[-1].message) == ("a", "Other words")


def test_going_on_keeps_the_thoughts_that_came_apart(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    api.play([stream("The capital", CUT, reasoning="a"), stream(" is Oslo.", reasoning="b")])
    run(chat, asker, "Tell")
    chat.resume(chat.conversation.path()[-1].id, asker)
    run(chat, asker)
    assert wire.thinking(chat.conversation.path()[-1].message) == ("a\n\nb", "The capital is Oslo.")


def test_an_answer_that_the_provider_paused_goes_back_alone(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    step: JSON = {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}
    paused = Message(
        "assistant", "I look.", reasoning_details=(step,), finish_reason="pause_turn", model="fake/alpha"
    )
    question = chat.conversation.add(Message("user", "Tell"), None)
    api.play(stream("Found."))
    chat.resume(chat.conversation.add(paused, question), asker)
    run(chat, asker)
    assert sent_messages(api.asked[-1]) == [("user", "Tell"), ("assistant", "I look.")]
    answer = chat.conversation.path()[-1].message
    assert (answer.content, answer.reasoning_details) == ("I look.\n\nFound.", (step,))


@pytest.mark.parametrize("content", ["I look.", ""])
def test_another_model_continues_a_pause_in_words(chat: Chat, asker: Asker, api: FakeAPI, content: str) -> None:
    step: JSON = {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}
    paused = Message("assistant", content, reasoning_details=(step,), finish_reason="pause_turn", model="claude")
    question = chat.conversation.add(Message("user", "Tell"), None)
    api.play(stream("Found."))
    chat.resume(chat.conversation.add(paused, question), asker)
    run(chat, asker)
    goes_on = [("assistant", content), ("user", wire.CONTINUE.content)]
    assert sent_messages(api.asked[-1]) == [("user", "Tell"), *(goes_on if content else [])]
    answer = chat.conversation.path()[-1].message
    assert (answer.content, answer.reasoning_details) == (f"{content}Found.", ())


def test_going_on_that_fails_loses_nothing(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    cut = cut_off(chat, asker, api)
    api.play(error(400))
    chat.resume(cut, asker)
    run(chat, asker)
    assert view(chat)[-1] == ("assistant", "Once upon")


@pytest.fixture
def told(chat: Chat, asker: Asker) -> Chat:
    """Two questions and their answers."""
    for word in ("one", "two"):
        run(chat, asker, word)
    return chat


def ids(chat: Chat) -> list[int]:
    return [node.id for node in chat.conversation.path()]


def words(chat: Chat) -> list[str]:
    return [content for _, content in view(chat)]


def test_editing_a_message_leaves_the_rest_as_it_was(told: Chat) -> None:
    told.reshape(shaping.edit(ids(told)[1], "Something else"))
    assert words(told) == ["one", "Something else", "two", "You said: two"]


def test_an_edited_question_is_answered_and_the_old_one_stays_a_branch(told: Chat, asker: Asker) -> None:
    first = ids(told)[0]
    told.ask_again(first, "three", asker)
    run(told, asker)
    assert words(told) == ["three", "You said: three"]
    told.conversation.choose(first)
    assert words(told) == ["one", "You said: one", "two", "You said: two"]


def test_a_message_can_be_put_between_and_first(told: Chat) -> None:
    told.reshape(shaping.insert(Message("system", "Be brief."), ids(told)[1]))
    assert words(told) == ["one", "You said: one", "Be brief.", "two", "You said: two"]
    told.reshape(shaping.insert(Message("system", "Be kind."), None))
    assert words(told)[:2] == ["Be kind.", "one"]


def test_a_deleted_message_is_in_no_branch_and_comes_back(told: Chat) -> None:
    before = told.conversation.nodes()
    done = deleting.delete(told, ids(told))
    assert words(told) == [] and len(told.conversation) == 0
    deleting.put_back(told, done)
    assert told.conversation.nodes() == before


def test_a_deleted_message_is_not_sent(told: Chat, asker: Asker, api: FakeAPI) -> None:
    deleting.delete(told, [ids(told)[2]])
    run(told, asker, "three")
    assert [content for _, content in sent_messages(api.asked[-1])] == [
        "one",
        "You said: one",
        "You said: two",
        "three",
    ]


@pytest.mark.parametrize("place", [0, 1], ids=["its question", "the answer itself"])
def test_deleting_stops_the_answer_that_runs(chat: Chat, asker: Asker, api: FakeAPI, place: int) -> None:
    api.play(stream("Hm", HANG))
    chat.send("Hi", asker)
    path = wait_for_text(chat, "Hm").conversation.path()
    done = deleting.delete(chat, [path[place].id])
    assert not chat.running and path[place].id not in chat.conversation
    assert api.asked[0].left.wait(LONG)
    chat.settle()
    deleting.put_back(chat, done)
    assert words(chat) == ["Hi", "Hm"]
    run(chat, asker, "And?")
    assert words(chat)[2] == "And?"


def test_exchanges_of_a_deleted_message_and_of_later_answers_go_and_return(told: Chat) -> None:
    first, second = ids(told)[1], ids(told)[3]
    assert told.recent.get(first) and told.recent.get(second)
    done = deleting.delete(told, [ids(told)[2]])
    assert told.recent.get(first) and not told.recent.get(second), "it was asked with what is deleted"
    deleting.put_back(told, done)
    assert told.recent.get(second)


def test_shaping_stops_the_answer_that_runs(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    api.play(stream("Hm", HANG))
    chat.send("Hi", asker)
    question, reply = wait_for_text(chat, "Hm").conversation.path()
    chat.reshape(shaping.edit(question.id, "Hello"))
    assert not chat.running
    assert chat.conversation[reply.id].message.content == "Hm"
    assert api.asked[0].left.wait(LONG)


# ---- the end of a session -------------------------------------------------------------------------------


def forgotten(chats: list[Chat], until: Callable[[], bool]) -> None:
    """Let go of the chat and wait for what must follow."""
    chats.clear()
    for _ in range(200):
        gc.collect()
        if until():
            return
        threading.Event().wait(0.05)
    raise AssertionError("it goes on without its chat")


def test_a_chat_that_is_gone_leaves_no_answer_running(client: ChatClient, api: FakeAPI) -> None:
    api.play(stream("a", HANG))
    ask, chats = Asker(client), [Chat()]
    chats[0].send("Hi", ask)
    wait_for_text(chats[0], "a")
    forgotten(chats, api.asked[0].left.is_set)


def test_a_chat_that_is_gone_leaves_nothing_in_memory(client: ChatClient, api: FakeAPI) -> None:
    api.play(stream("a", HANG))
    ask, chats = Asker(client), [Chat()]
    gone = weakref.ref(chats[0])
    chats[0].send("Hi", ask)
    wait_for_text(chats[0], "a")
    forgotten(chats, lambda: gone() is None and ask.started[0]() is None)


def test_a_chat_that_is_gone_stops_the_last_of_its_answers(client: ChatClient, api: FakeAPI) -> None:
    api.play([stream("one"), stream("two", HANG)])
    ask, chats = Asker(client), [Chat()]
    chats[0].send("Hi", ask)
    run(chats[0], ask)
    chats[0].send("Again", ask)
    wait_for_text(chats[0], "two")
    forgotten(chats, api.asked[1].left.is_set)
