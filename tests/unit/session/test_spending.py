"""What the answers of a conversation cost: each counts once, however often it was copied into a branch."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from chats import Asker
from fake_api import FakeAPI, stream

from backend.answer.cost import Sum
from backend.compare.race import Race
from backend.compare.race_chat import RaceChat
from backend.conversation import shaping
from backend.conversation.chat import Chat
from backend.conversation.tree import Conversation
from backend.transport.client import ChatClient
from backend.types import Message, Timing, ToolCall
from components.session.spending import Spending, of_chat


def answered(*ids: str, cost: float | None = 0.3) -> tuple[Chat, list[int]]:
    """A chat of questions and answers with these request ids, and its nodes."""
    conversation = Conversation()
    nodes: list[int] = []
    for number, id_ in enumerate(ids):
        answer = Message("assistant", "A", cost=cost, request_id=id_, timing=Timing(0.5, 1.0 + number))
        for message in (Message("user", "Q"), answer):
            nodes.append(conversation.add(message, nodes[-1] if nodes else None))
    return Chat(conversation=conversation), nodes


def usd(total: Sum) -> float:
    return total.usd or 0.0


CHANGES: dict[str, Callable[[list[int]], shaping.Change]] = {
    "an edited question": lambda nodes: shaping.edit(nodes[0], "Other"),
    "an edited answer": lambda nodes: shaping.edit(nodes[1], "Other"),
    "one that is put in": lambda nodes: shaping.insert(Message("user", "And?"), nodes[0]),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_copies_of_an_answer_cost_nothing(change: Callable[[list[int]], Any]) -> None:
    chat, nodes = answered("a", "b")
    for _ in range(2):
        change(nodes)(chat.conversation)
    assert usd(of_chat(chat)) == pytest.approx(0.6)
    after_a_reload = Spending()
    after_a_reload.begin(chat)
    assert usd(after_a_reload.total) == pytest.approx(0.6)


def test_a_round_of_a_tool_loop_that_was_done_again_costs_once() -> None:
    chat, nodes = answered("a")
    answer = chat.conversation[nodes[1]]
    call = ToolCall("1", "f", "{}")
    chat.conversation.add(
        Message("assistant", "A", tool_calls=(call,), cost=0.3, request_id="a", timing=answer.message.timing),
        answer.parent,
    )
    assert usd(of_chat(chat)) == pytest.approx(0.3)


@pytest.mark.parametrize("ids", [("a", "b"), ("", ""), ("same", "same")])
def test_answers_of_their_own_all_count(ids: tuple[str, str]) -> None:
    chat, _ = answered(*ids)
    assert usd(of_chat(chat)) == pytest.approx(0.6), "also where a server gives all the same id, or none"


def test_the_running_answers_of_a_reloaded_tab_count_for_its_session(client: ChatClient, api: FakeAPI) -> None:
    go_on = threading.Event()
    api.play(stream("Hi", go_on, usage={"cost": 0.25}))
    race = Race(lambda lane: Asker(client))
    for _ in range(2):
        race.add()
    chat = RaceChat(race)
    chat.send("Hi", Asker(client))
    after_a_reload = Spending()
    after_a_reload.begin(chat)
    go_on.set()
    race.join(20)
    assert usd(after_a_reload.total) == 0.5 and after_a_reload.total.answers == 2
