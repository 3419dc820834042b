"""A chat keeps its order, and is never poisoned by a stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from chats import LONG, Asker, run, sent_messages, view, wait_for_text, wait_until_ended
from fake_api import CUT, HANG, FakeAPI, Pause, Reply, by_prompt, completion, error, stream

from backend.answer.turn import Turn
from backend.conversation.chat import Chat
from backend.conversation.queue import QueuedMessage
from backend.conversation.tree import Node, View
from backend.transport.client import ChatClient
from backend.types import Message

# ---- sending --------------------------------------------------------------------------------------------


class Notebook:
    """A journal of which only the saving matters."""

    def __init__(self, saved: Callable[[Sequence[Node]], object]) -> None:
        self.saved = saved

    def save(self, nodes: Sequence[Node], everything: Sequence[Node], view: View) -> None:
        self.saved(nodes)

    def follow(self, node: Node, turn: Turn) -> None:
        pass


def test_nothing_is_asked_before_the_question_is_written_down(asker: Asker, api: FakeAPI) -> None:
    saved: list[tuple[int, list[str]]] = []
    chat = Chat(Notebook(lambda nodes: saved.append((len(api.asked), [node.message.role for node in nodes]))))
    chat.send("Hi", asker)
    assert view(wait_until_ended(chat))[0] == ("user", "Hi")
    assert saved == [(0, ["user", "assistant"])] and len(api.asked) == 1


def test_a_message_that_cannot_be_saved_is_not_asked(asker: Asker, api: FakeAPI) -> None:
    def broken(nodes: Sequence[Node]) -> None:
        raise ZeroDivisionError

    chat = Chat(Notebook(broken))
    with pytest.raises(ZeroDivisionError):
        chat.send("Hi", asker)
    assert not chat.running and not api.asked
    chat.journal = None
    chat.send("Again", asker)
    assert wait_until_ended(chat) and [request.prompt for request in api.asked] == ["Hi\n\nAgain"]


def test_the_reply_has_its_place_before_its_first_word(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    api.play(Reply([HANG]))
    chat.send("Hi", asker)
    assert view(chat) == [("user", "Hi"), ("assistant", "")]
    assert chat.running


def test_everything_said_before_is_sent_again_in_order(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    for word in ("one", "two", "three"):
        run(chat, asker, word)
    assert sent_messages(api.asked[-1]) == [
        ("user", "one"),
        ("assistant", "You said: one"),
        ("user", "two"),
        ("assistant", "You said: two"),
        ("user", "three"),
    ]


def test_an_answer_without_streaming_takes_the_same_way(chat: Chat, client: ChatClient, api: FakeAPI) -> None:
    api.play(completion("Hello"))
    ask = Asker(client, stream=False)
    run(chat, ask, "Hi")
    assert view(chat) == [("user", "Hi"), ("assistant", "Hello")]


def test_a_chat_without_tools_offers_none_and_forbids_none(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    run(chat, asker, "Hi")
    assert not {"tools", "tool_choice"} & set(api.asked[0].body)


def test_the_message_in_view_stands_still_until_it_is_settled(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    api.play(stream(Pause(0.3), "Hel", HANG))
    chat.send("Hi", asker)
    wait_for_text(chat, "Hel")
    assert view(chat)[-1] == ("assistant", "")
    chat.settle()
    assert view(chat)[-1] == ("assistant", "Hel")


def test_the_turn_of_a_message_is_known_until_it_has_ended(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    api.play(stream("begun ", HANG))
    chat.send("Hi", asker)
    question, reply = (node.id for node in chat.conversation.path())
    assert chat.live(reply) is chat.turn
    assert chat.live(question) is None
    chat.stop()
    assert chat.live(reply) is None


def test_settling_an_empty_chat_does_nothing(chat: Chat, asker: Asker) -> None:
    chat.settle()
    chat.stop()
    assert chat.advance(asker) is False
    assert view(chat) == []


# ---- failing --------------------------------------------------------------------------------------------


def test_a_failure_stays_in_its_place_with_its_words(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    api.play(error(401, "Wrong key."))
    run(chat, asker, "Hi")
    message = chat.conversation.path()[-1].message
    assert message.state == "failed"
    assert message.failure is not None
    assert message.failure.kind == "KeyRefused"


def test_the_next_question_takes_the_place_of_one_without_an_answer(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    api.play([stream("Yes?"), error(400), stream("Now it works")])
    for word in ("Hello", "Hi", "Again"):
        run(chat, asker, word)
    assert sent_messages(api.asked[-1]) == [("user", "Hello"), ("assistant", "Yes?"), ("user", "Again")]
    assert view(chat)[-2:] == [("user", "Again"), ("assistant", "Now it works")]
    assert len(chat.conversation) == 6, "nothing is destroyed"


def test_half_an_answer_stays_in_the_conversation(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    api.play([stream("Half", CUT), stream("Now it works")])
    for word in ("Hi", "Again"):
        run(chat, asker, word)
    assert sent_messages(api.asked[-1]) == [("user", "Hi"), ("assistant", "Half"), ("user", "Again")]


def test_a_failed_answer_does_not_hold_up_what_waits(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    api.play(by_prompt({"first": error(400)}))
    chat.send("first", asker)
    chat.queued.restore([QueuedMessage(1, Message("user", "second"))], goes_on=True)
    assert run(chat, asker) == 2
    assert view(chat)[-2:] == [("user", "second"), ("assistant", "You said: second")]


# ---- waiting --------------------------------------------------------------------------------------------


def test_a_message_sent_while_an_answer_runs_waits(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    api.play(by_prompt({"slow": stream("Hm", HANG)}))
    chat.send("slow", asker)
    chat.send("second", asker)
    chat.send("third", asker)
    assert chat.advance(asker) is False
    assert [waiting.content for waiting in chat.queued.waiting] == ["second", "third"]
    assert len(asker.started) == 1
    assert view(chat) == [("user", "slow"), ("assistant", "")]


def test_waiting_messages_are_sent_in_order_each_after_an_answer(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    for word in ("one", "two", "three"):
        chat.send(word, asker)
    assert run(chat, asker) == 3
    assert [content for role, content in view(chat) if role == "user"] == ["one", "two", "three"]
    assert [content for role, content in view(chat) if role == "assistant"] == [
        f"You said: {word}" for word in ("one", "two", "three")
    ]
    assert sent_messages(api.asked[1]) == [("user", "one"), ("assistant", "You said: one"), ("user", "two")]


def test_a_message_sent_after_an_answer_does_not_overtake_a_waiting_one(
    chat: Chat, asker: Asker, api: FakeAPI
) -> None:
    chat.send("one", asker)
    assert chat.turn and chat.turn.join(5).state == "done"
    run(chat, asker)
    chat.queued.add(Message("user", "two"), chat.conversation.leaf)
    chat.send("three", asker)
    run(chat, asker)
    assert [content for role, content in view(chat) if role == "user"] == ["one", "two", "three"]


def test_waiting_messages_can_be_taken_back_and_are_not_sent(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    api.play(stream("Hm", HANG))
    for word in ("slow", "second", "third"):
        chat.send(word, asker)
    wait_for_text(chat, "Hm").stop()
    chat.queued.hold()
    assert chat.queued.waiting == []
    assert [waiting.content for waiting in chat.queued.drop_held()] == ["second", "third"]
    assert chat.queued.held_messages == [] and chat.queued.drop_held() == []
    assert chat.advance(asker) is False and len(api.asked) == 1


def test_held_messages_go_out_one_by_one_when_the_visitor_says_so(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    api.play([stream("Hm", HANG), stream("2"), stream("3")])
    for word in ("slow", "second", "third"):
        chat.send(word, asker)
    wait_for_text(chat, "Hm").stop()
    chat.queued.hold()
    assert chat.advance(asker) is False
    chat.queued.release()
    chat.send_next(asker)
    run(chat, asker)
    assert [content for _, content in view(chat)] == ["slow", "Hm", "second", "2", "third", "3"]
    assert not chat.queued.held_messages and not chat.queued.waiting


# ---- stopping -------------------------------------------------------------------------------------------


def test_stop_keeps_and_sends_what_arrived(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    api.play(by_prompt({"Tell": stream("Once upon", HANG)}))
    chat.send("Tell", asker)
    wait_for_text(chat, "upon").stop()
    message = chat.conversation.path()[-1].message
    assert (message.content, message.state, chat.running) == ("Once upon", "stopped", False)
    assert api.asked[0].left.wait(LONG), "the connection is closed"
    run(chat, asker, "Go on")
    assert sent_messages(api.asked[-1]) == [("user", "Tell"), ("assistant", "Once upon"), ("user", "Go on")]


def test_stop_before_the_first_word_leaves_an_empty_unsent_answer(chat: Chat, asker: Asker, api: FakeAPI) -> None:
    api.play(by_prompt({"Hello": stream("Hi")}, [Reply([HANG])]))
    chat.send("silent", asker)
    chat.stop()
    assert chat.conversation.path()[-1].message.state == "stopped"
    run(chat, asker, "Hello")
    second = next(asked for asked in api.asked if "Hello" in asked.prompt)  # the first may arrive after it
    assert sent_messages(second) == [("user", "silent\n\nHello")]
