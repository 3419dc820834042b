"""A chat keeps its order, and is never poisoned by a stop."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from fake_api import (
    CUT,
    HANG,
    FakeAPI,
    Pause,
    Reply,
    Request,
    by_prompt,
    completion,
    error,
    stream,
)

from backend.answer.turn import Turn
from backend.conversation.chat import Chat
from backend.conversation.tree import Node, View
from backend.transport.client import ChatClient
from backend.types import ChatRequest, Message, Tool

LONG = 20.0  # seconds; a machine may be busy


class Asker:
    """What a page does: starts a turn at a server, and remembers every turn it has started."""

    def __init__(self, client: ChatClient, *, stream: bool = True) -> None:
        self.client, self.stream = client, stream
        self.started: list[weakref.ref[Turn]] = []

    def __call__(
        self, transcript: Sequence[Message], tools: tuple[Tool, ...], *, more: bool, before: str = ""
    ) -> Turn:
        request = ChatRequest(
            "fake/alpha",
            tuple(transcript),
            tools=tools,
            tool_choice=None if more else "none",
            stream=self.stream,
        )
        turn = Turn(self.client, request, before)
        self.started.append(weakref.ref(turn))
        return turn


@pytest.fixture
def asker(client: ChatClient) -> Asker:
    return Asker(client)


@pytest.fixture
def chat() -> Iterator[Chat]:
    made = Chat()
    yield made
    made.stop()


def ended(chat: Chat) -> Chat:
    """Wait for the running answer."""
    assert chat.turn is not None
    assert not chat.turn.join(LONG).running
    return chat


def run(chat: Chat, ask: Asker, limit: int = 30) -> int:
    """Everything that follows from what was said, as a page does it; how many answers that were."""
    for count in range(1, limit):
        if not ended(chat).advance(ask):
            return count
    raise AssertionError("it never ends")


def view(chat: Chat) -> list[tuple[str, str]]:
    return [(node.message.role, node.message.content) for node in chat.conversation.path()]


def sent(request: Request) -> list[tuple[str, Any]]:
    return [(message["role"], message.get("content")) for message in request.body["messages"]]


def arrived(chat: Chat, text: str) -> Chat:
    """Wait until this much of the running answer is here."""
    assert chat.turn is not None
    for _ in chat.turn.follow():
        if text in chat.turn.message.content:
            return chat
    raise AssertionError(f"{text!r} never came")


# ---- sending --------------------------------------------------------------------------------------------


class Notebook:
    """A journal of which only the saving matters."""

    def __init__(self, saved: Callable[[Sequence[Node]], object]) -> None:
        self.saved = saved

    def save(self, nodes: Sequence[Node], everything: Sequence[Node], view: View) -> None:
        self.saved(nodes)

    def follow(self, node: Node, turn: Turn) -> None:
        pass

    def amend(self, node: Node) -> None:
        pass


def test_nothing_is_asked_before_the_question_is_written_down(asker: Asker, api: FakeAPI) -> None:
    saved: list[tuple[int, list[str]]] = []
    chat = Chat(Notebook(lambda nodes: saved.append((len(api.asked), [node.message.role for node in nodes]))))
    chat.send("Hi", asker)
    assert view(ended(chat))[0] == ("user", "Hi")
    assert saved == [(0, ["user", "assistant"])] and len(api.asked) == 1


def test_what_cannot_be_written_down_is_not_asked_and_does_not_seem_to_run(asker: Asker, api: FakeAPI) -> None:
    def broken(nodes: Sequence[Node]) -> None:
        raise ZeroDivisionError

    chat = Chat(Notebook(broken))
    with pytest.raises(ZeroDivisionError):
        chat.send("Hi", asker)
    assert not chat.running and not api.asked
    chat.journal = None
    chat.send("Again", asker)
    assert ended(chat) and [request.prompt for request in api.asked] == ["Again"]


def test_a_chat_begins_empty_and_at_rest(chat: Chat) -> None:
    assert view(chat) == []
    assert not chat.running
    assert chat.queue == []


def test_a_message_is_answered(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    api.play(stream("Hello"))
    chat.send("Hi", asker)
    assert run(chat, asker) == 1
    assert view(chat) == [("user", "Hi"), ("assistant", "Hello")]


def test_the_reply_has_its_place_before_its_first_word(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    api.play(Reply([HANG]))
    chat.send("Hi", asker)
    assert view(chat) == [("user", "Hi"), ("assistant", "")]
    assert chat.running


def test_everything_said_before_is_sent_again_in_order(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    for word in ("one", "two", "three"):
        chat.send(word, asker)
        run(chat, asker)
    assert sent(api.asked[-1]) == [
        ("user", "one"),
        ("assistant", "You said: one"),
        ("user", "two"),
        ("assistant", "You said: two"),
        ("user", "three"),
    ]


def test_an_answer_without_streaming_takes_the_same_way(chat: Chat, client: ChatClient, api: FakeAPI) -> None:
    api.play(completion("Hello"))
    ask = Asker(client, stream=False)
    chat.send("Hi", ask)
    run(chat, ask)
    assert view(chat) == [("user", "Hi"), ("assistant", "Hello")]


def test_a_chat_without_tools_offers_none_and_forbids_none(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    chat.send("Hi", asker)
    run(chat, asker)
    assert not {"tools", "tool_choice"} & set(api.asked[0].body)


def test_the_message_in_view_stands_still_until_it_is_settled(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    api.play(stream(Pause(0.3), "Hel", HANG))
    chat.send("Hi", asker)
    arrived(chat, "Hel")
    assert view(chat)[-1] == ("assistant", "")
    chat.settle()
    assert view(chat)[-1] == ("assistant", "Hel")


def test_the_turn_of_a_message_is_known_until_it_has_ended(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    chat.send("Hi", asker)
    question, reply = (node.id for node in chat.conversation.path())
    assert chat.live(reply) is chat.turn
    assert chat.live(question) is None
    ended(chat)
    assert chat.live(reply) is chat.turn, "an answer that has ended is live until it is settled"
    chat.settle()
    assert chat.live(reply) is None


def test_settling_an_empty_chat_does_nothing(chat: Chat, asker: Asker) -> None:
    chat.settle()
    chat.stop()
    assert chat.advance(asker) is False
    assert view(chat) == []


# ---- failing --------------------------------------------------------------------------------------------


def test_a_failure_stays_in_its_place_with_its_words(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    api.play(error(401, "Wrong key."))
    chat.send("Hi", asker)
    run(chat, asker)
    message = chat.conversation.path()[-1].message
    assert message.state == "failed"
    assert message.failure is not None
    assert message.failure.kind == "KeyRefused"


def test_the_next_question_takes_the_place_of_one_without_an_answer(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    api.play([stream("Yes?"), error(400), stream("Now it works")])
    for word in ("Hello", "Hi", "Again"):
        chat.send(word, asker)
        run(chat, asker)
    assert sent(api.asked[-1]) == [("user", "Hello"), ("assistant", "Yes?"), ("user", "Again")]
    assert view(chat)[-2:] == [("user", "Again"), ("assistant", "Now it works")]
    assert len(chat.conversation) == 6, "nothing is destroyed"


def test_half_an_answer_stays_in_the_conversation(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    api.play([stream("Half", CUT), stream("Now it works")])
    for word in ("Hi", "Again"):
        chat.send(word, asker)
        run(chat, asker)
    assert sent(api.asked[-1]) == [("user", "Hi"), ("assistant", "Half"), ("user", "Again")]


def test_a_failed_answer_does_not_hold_up_what_waits(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    api.play(by_prompt({"first": error(400)}))
    chat.send("first", asker)
    chat.queue.append(Message("user", "second"))
    assert run(chat, asker) == 2
    assert view(chat)[-2:] == [("user", "second"), ("assistant", "You said: second")]


# ---- waiting --------------------------------------------------------------------------------------------


def test_what_is_sent_while_an_answer_runs_waits(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    api.play(by_prompt({"slow": stream("Hm", HANG)}))
    chat.send("slow", asker)
    chat.send("second", asker)
    chat.send("third", asker)
    assert [waiting.content for waiting in chat.queue] == ["second", "third"]
    assert len(asker.started) == 1
    assert view(chat) == [("user", "slow"), ("assistant", "")]


def test_nothing_advances_while_an_answer_runs(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    api.play(stream("Hm", HANG))
    chat.send("slow", asker)
    chat.send("second", asker)
    assert chat.advance(asker) is False
    assert [waiting.content for waiting in chat.queue] == ["second"]


def test_what_waits_is_sent_one_by_one_in_order(chat: Chat, asker: Asker) -> None:
    for word in ("one", "two", "three"):
        chat.send(word, asker)
    assert run(chat, asker) == 3
    assert [content for role, content in view(chat) if role == "user"] == ["one", "two", "three"]
    assert [content for role, content in view(chat) if role == "assistant"] == [
        f"You said: {word}" for word in ("one", "two", "three")
    ]


def test_a_waiting_message_is_sent_with_the_answer_before_it(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    chat.send("one", asker)
    chat.send("two", asker)
    run(chat, asker)
    assert sent(api.asked[1]) == [("user", "one"), ("assistant", "You said: one"), ("user", "two")]


def test_waiting_messages_can_be_taken_back(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    api.play(stream("Hm", HANG))
    for word in ("slow", "second", "third"):
        chat.send(word, asker)
    assert [waiting.content for waiting in chat.unqueue()] == ["second", "third"]
    assert chat.queue == []
    assert chat.unqueue() == []


def test_what_was_taken_back_is_not_sent(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    api.play(stream("Hm", HANG))
    chat.send("slow", asker)
    chat.send("second", asker)
    arrived(chat, "Hm").stop()
    chat.unqueue()
    assert chat.advance(asker) is False
    assert len(api.asked) == 1


# ---- stopping -------------------------------------------------------------------------------------------


def test_stop_keeps_what_arrived_and_says_so(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    api.play(stream("Once upon", HANG))
    chat.send("Tell", asker)
    arrived(chat, "upon").stop()
    message = chat.conversation.path()[-1].message
    assert (message.content, message.state) == ("Once upon", "stopped")
    assert not chat.running


def test_stop_closes_the_connection(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    api.play(stream("Once upon", HANG))
    chat.send("Tell", asker)
    arrived(chat, "upon").stop()
    assert api.asked[0].left.wait(LONG)


def test_stop_before_the_first_word_leaves_an_empty_answer_that_is_not_sent(
    chat: Chat, asker: Asker, api: FakeAPI
) -> None:
    api.play(by_prompt({"silent": Reply([HANG])}))
    chat.send("silent", asker)
    chat.stop()
    assert chat.conversation.path()[-1].message.state == "stopped"
    chat.send("Hello", asker)
    run(chat, asker)
    second = next(asked for asked in api.asked if asked.prompt == "Hello")  # the first may arrive after it
    assert sent(second) == [("user", "silent"), ("user", "Hello")]


def test_a_stopped_answer_is_sent_as_far_as_it_came(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    api.play(by_prompt({"Tell": stream("Once upon", HANG)}))
    chat.send("Tell", asker)
    arrived(chat, "upon").stop()
    chat.send("Go on", asker)
    run(chat, asker)
    assert sent(api.asked[-1]) == [("user", "Tell"), ("assistant", "Once upon"), ("user", "Go on")]


def test_stopping_twice_is_stopping_once(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    api.play(stream("a", HANG))
    chat.send("Hi", asker)
    arrived(chat, "a").stop()
    chat.stop()
    assert view(chat) == [("user", "Hi"), ("assistant", "a")]


def test_stopping_after_the_end_changes_nothing(chat: Chat, asker: Asker) -> None:
    chat.send("Hi", asker)
    run(chat, asker)
    chat.stop()
    assert chat.conversation.path()[-1].message.state == "done"


# ---- answering again ------------------------------------------------------------------------------------


def test_an_answer_given_again_stands_beside_the_first(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    api.play([stream("first"), stream("second")])
    chat.send("Hi", asker)
    run(chat, asker)
    first = chat.conversation.path()[-1].id
    chat.regenerate(first, asker)
    run(chat, asker)
    assert view(chat) == [("user", "Hi"), ("assistant", "second")]
    assert len(chat.conversation.siblings(first)) == 2
    chat.conversation.choose(first)
    assert view(chat) == [("user", "Hi"), ("assistant", "first")]


def test_the_answer_that_is_given_again_is_not_sent(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    chat.send("Hi", asker)
    run(chat, asker)
    chat.regenerate(chat.conversation.path()[-1].id, asker)
    run(chat, asker)
    assert sent(api.asked[0]) == sent(api.asked[1]) == [("user", "Hi")]


def test_an_answer_in_the_middle_can_be_given_again(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    for word in ("one", "two"):
        chat.send(word, asker)
        run(chat, asker)
    chat.regenerate(chat.conversation.path()[1].id, asker)
    run(chat, asker)
    assert sent(api.asked[-1]) == [("user", "one")]
    assert len(chat.conversation) == 5
    assert len(view(chat)) == 2


def test_a_message_after_a_second_answer_follows_the_branch_in_view(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    api.play([stream("first"), stream("second"), stream("third")])
    chat.send("Hi", asker)
    run(chat, asker)
    first = chat.conversation.path()[-1].id
    chat.regenerate(first, asker)
    run(chat, asker)
    chat.conversation.choose(first)
    chat.send("Go on", asker)
    run(chat, asker)
    assert sent(api.asked[-1]) == [("user", "Hi"), ("assistant", "first"), ("user", "Go on")]


def test_answering_again_stops_the_answer_that_runs_and_keeps_it(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    api.play([stream("Hm", HANG), stream("second")])
    chat.send("Hi", asker)
    first = arrived(chat, "Hm").conversation.path()[-1].id
    chat.regenerate(first, asker)
    run(chat, asker)
    assert view(chat)[-1] == ("assistant", "second")
    kept = chat.conversation[first].message
    assert (kept.content, kept.state) == ("Hm", "stopped")
    assert api.asked[0].left.wait(LONG)


def test_every_answer_counts(chat: Chat, asker: Asker) -> None:
    chat.send("Hi", asker)
    run(chat, asker)
    chat.regenerate(chat.conversation.path()[-1].id, asker)
    assert chat.turns == 2


# ---- going on and shaping -------------------------------------------------------------------------------


def cut_off(chat: Chat, asker: Asker, api: FakeAPI) -> int:
    """An answer that broke off after "Once upon"; its id."""
    api.play([stream("Once upon", CUT), stream(" a time")])
    chat.send("Tell", asker)
    run(chat, asker)
    return chat.conversation.path()[-1].id


def test_an_answer_that_was_cut_off_can_go_on(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    cut = cut_off(chat, asker, api)
    chat.resume(cut, asker)
    run(chat, asker)
    assert view(chat) == [("user", "Tell"), ("assistant", "Once upon a time")]
    assert chat.conversation[cut].message.content == "Once upon"


def test_going_on_shows_the_model_what_it_said(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    chat.resume(cut_off(chat, asker, api), asker)
    run(chat, asker)
    assert sent(api.asked[1])[:2] == [("user", "Tell"), ("assistant", "Once upon")]
    assert sent(api.asked[1])[2][0] == "user"


def test_the_request_to_go_on_is_not_part_of_the_conversation(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    chat.resume(cut_off(chat, asker, api), asker)
    run(chat, asker)
    api.play(stream("The end"))
    chat.send("And?", asker)
    run(chat, asker)
    assert sent(api.asked[-1]) == [("user", "Tell"), ("assistant", "Once upon a time"), ("user", "And?")]


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
        chat.send(word, asker)
        run(chat, asker)
    return chat


def ids(chat: Chat) -> list[int]:
    return [node.id for node in chat.conversation.path()]


def words(chat: Chat) -> list[str]:
    return [content for _, content in view(chat)]


def test_other_words_for_a_message_leave_the_rest_as_it_was(told: Chat) -> None:
    told.edit(ids(told)[1], "Something else")
    assert words(told) == ["one", "Something else", "two", "You said: two"]


def test_other_words_for_a_question_are_answered(told: Chat, asker: Asker) -> None:
    told.ask_again(ids(told)[0], "three", asker)
    run(told, asker)
    assert words(told) == ["three", "You said: three"]


def test_the_words_before_are_one_choice_away(told: Chat, asker: Asker) -> None:
    first = ids(told)[0]
    told.ask_again(first, "three", asker)
    run(told, asker)
    told.conversation.choose(first)
    assert words(told) == ["one", "You said: one", "two", "You said: two"]


def test_a_message_can_be_put_between(told: Chat) -> None:
    told.insert(Message("system", "Be brief."), ids(told)[1])
    assert words(told) == ["one", "You said: one", "Be brief.", "two", "You said: two"]


def test_a_message_can_be_put_first(told: Chat) -> None:
    told.insert(Message("system", "Be brief."), None)
    assert words(told)[:2] == ["Be brief.", "one"]


@pytest.mark.parametrize("place", range(4))
def test_a_message_can_be_taken_out(told: Chat, place: int) -> None:
    left = words(told)
    left.pop(place)
    told.remove(ids(told)[place])
    assert words(told) == left


@pytest.mark.parametrize("place", range(4))
def test_everything_after_a_message_can_be_taken_out(told: Chat, place: int) -> None:
    left = words(told)[: place + 1]
    told.remove_after(ids(told)[place])
    assert words(told) == left


def test_taking_out_destroys_nothing(told: Chat) -> None:
    told.remove_after(ids(told)[0])
    told.remove(ids(told)[0])
    assert words(told) == []
    assert len(told.conversation) == 4


def test_what_was_taken_out_is_not_sent(told: Chat, asker: Asker, api: FakeAPI) -> None:
    told.remove(ids(told)[2])
    told.send("three", asker)
    run(told, asker)
    assert [content for _, content in sent(api.asked[-1])] == ["one", "You said: one", "You said: two", "three"]


@pytest.mark.parametrize("shape", ["edit", "insert", "remove", "remove_after"])
def test_shaping_stops_the_answer_that_runs(chat: Chat, asker: Asker, api: FakeAPI, shape: str) -> None:
    api.play(stream("Hm", HANG))
    chat.send("Hi", asker)
    question, reply = arrived(chat, "Hm").conversation.path()
    shaping: dict[str, Callable[[], None]] = {
        "edit": lambda: chat.edit(question.id, "Hello"),
        "insert": lambda: chat.insert(Message("user", "Hello"), question.id),
        "remove": lambda: chat.remove(question.id),
        "remove_after": lambda: chat.remove_after(question.id),
    }
    shaping[shape]()
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
    arrived(chats[0], "a")
    forgotten(chats, api.asked[0].left.is_set)


def test_a_chat_that_is_gone_leaves_nothing_in_memory(client: ChatClient, api: FakeAPI) -> None:
    api.play(stream("a", HANG))
    ask, chats = Asker(client), [Chat()]
    gone = weakref.ref(chats[0])
    chats[0].send("Hi", ask)
    arrived(chats[0], "a")
    forgotten(chats, lambda: gone() is None and ask.started[0]() is None)


def test_a_chat_that_is_gone_stops_the_last_of_its_answers(client: ChatClient, api: FakeAPI) -> None:
    api.play([stream("one"), stream("two", HANG)])
    ask, chats = Asker(client), [Chat()]
    chats[0].send("Hi", ask)
    run(chats[0], ask)
    chats[0].send("Again", ask)
    arrived(chats[0], "two")
    forgotten(chats, api.asked[1].left.is_set)
