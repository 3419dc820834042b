"""Draws a conversation: the only renderer of messages, finished or arriving.

Messages that need no Streamlit elements within them are sent to the browser as segments, each one element
for many messages: every element of a page delays the next answer (measured: 200 messages, 269 ms
from Enter to the own message as elements, 102 ms as segments). A message with media, tool calls, a failure or an
editor has a container of its own, with Streamlit's elements between its head and its foot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Literal

import streamlit as st

from backend.answer.turn import Turn
from backend.compare.race_chat import RaceChat
from backend.conversation.chat import Chat
from backend.conversation.tree import Node
from backend.types import JSON
from backend.untrusted import clean_json
from components.chat import items
from components.chat.calls import Calls
from components.chat.carrier import Carrier
from components.chat.editors import add_form, editor
from components.chat.failure import failure
from components.chat.media import media
from components.chat.page_feed import follow, waiting
from components.elements.page_runs import PAGE_RUNS
from components.session import chains, probabilities, simple_words, tab, widgets
from components.session.answer_context import AnswerContext
from components.session.session import Session
from components.view import component
from components.view.component import Ahead, Item

# Seconds for a question to be sent before the page is drawn. Both are work of one process: in parallel the
# question was sent 10 ms later (medians of 20: 44 and 34 ms after Enter).
LEAVING = 0.02
SEGMENT = 20  # messages in one element: of a long conversation only the last of them is sent again


def transcript(session: Session, calls: Calls) -> Literal["", "running", "over"]:
    """Draw the messages in view. Returns as soon as the browser reads a running answer by itself, or when it has
    ended.

    `calls` draws the tool calls of an answer for the page. Returns "running" if the browser reads an answer by
    itself, "over" if one has ended meanwhile.
    """
    chat = session.chats.current
    path, turn = chat.conversation.path(), live(chat)
    with st.container(key="history"):
        messages(session, calls, path, str(path[0].id))
    if turn is None:
        return ""
    over = follow({path[-1].id: turn}, lambda: session.dialogs.any or Carrier.current().is_read())
    return "over" if over else "running"


def live(chat: Chat) -> Turn | None:
    """The running answer in view."""
    path = chat.conversation.path()
    return chat.live(path[-1].id) if path else None


def messages(session: AnswerContext, calls: Calls, path: list[Node], shown: str) -> None:
    """Draw all messages; containers left over from the previous run are emptied at once.

    `shown` is the same for everything that is on the page at once.
    """
    view, drawn = session.chats.view, 0
    for nodes in segments(calls.visible(path), partial(_apart, session, calls)):
        drawn += 1
        if len(nodes) == 1 and _apart(session, calls, nodes[0]):
            _alone(session, calls, nodes[0], shown)
        else:
            _draw(session, [_item(session, node) for node in nodes], nodes[0], shown)
    for _ in range(view.drawn - drawn):
        st.empty()
    view.drawn = drawn


def prepare(ahead: Ahead) -> None:
    """Draw what belongs beside the messages, even if there is none: see components.view.component."""
    with st.container(key="view"):
        component.shared_texts(widgets.VIEW_WORDS, ahead.table)
        relay = Carrier.current().relay
        component.load(widgets.VIEW, _rung, relay.id if relay else "", ahead)


def announce(session: Session) -> None:
    """Show the answer in the browser after a question was sent, before the page is drawn."""
    chat = session.chats.current
    if not isinstance(chat, RaceChat) and (turn := live(chat)):  # its answers have containers of their own
        Carrier.current().announce(turn, chat.conversation.path()[-1].id)
        turn.call.wait_until_left(LEAVING)


def _rung() -> None:
    """A callback without effect: the view requests a run, which notices by itself what has ended."""
    carrier, told = Carrier.current(), tab.value(widgets.VIEW)
    carrier.note_held(component.reported_marks(told))
    event = component.action_of(told)
    if event and event[0] == "lost":
        carrier.give_up_route()
    if event and event[0] == "lacks":
        carrier.note_missing()


def segments(path: Sequence[Node], apart: Callable[[Node], bool]) -> Iterator[list[Node]]:
    """Group the messages into segments of at most SEGMENT; a message with a container of its own is alone."""
    together: list[Node] = []
    for node in path:
        alone = apart(node)
        if together and (alone or len(together) == SEGMENT):
            yield together
            together = []
        if alone:
            yield [node]
        else:
            together.append(node)
    if together:
        yield together


def _apart(session: AnswerContext, calls: Calls, node: Node) -> bool:
    """Whether it has Streamlit elements: media, calls, steps after a failure, an editor."""
    message, view = node.message, session.chats.view
    if session.chats.current.live(node.id):
        return False
    opened = node.id in (view.editing, view.adding)
    return bool(opened or message.media or calls.draws(node) or message.state == "failed")


def _alone(session: AnswerContext, calls: Calls, node: Node, shown: str) -> None:
    """Draw a message in a container of its own."""
    item, message, view = _item(session, node), node.message, session.chats.view
    with st.container(key=f"message.{node.id}", gap="small"):
        if view.editing == node.id:
            editor(session, node)
        elif message.role == "assistant":
            _answer(session, calls, node, item, shown)
        else:
            media(message, str(node.id), session.setup.model)
            _draw(session, [item], node, shown)
        if view.adding == node.id:
            add_form(session, node.id)


def _answer(session: AnswerContext, calls: Calls, node: Node, item: Item, shown: str) -> None:
    """Draw an answer with Streamlit elements within it."""
    if item.text.strip() or item.reasoning:
        _draw(session, [replace(item, part="head", footer=None)], node, shown)
    calls.finished(node)
    media(node.message, str(node.id))
    if node.message.state == "failed" and not session.chats.view.on_stage:
        failure(session, node)
    footer = items.in_menu(item.footer) if item.footer and calls.earlier(node) else item.footer
    _draw(session, [replace(item, part="foot", text="", reasoning="", footer=footer)], node, shown)


def _item(session: AnswerContext, node: Node) -> Item:
    chat = session.chats.current
    turn = chat.live(node.id)
    if turn is not None:
        return items.running(node, turn, waiting(turn), Carrier.current().stream(turn))
    setup = session.setup
    wanted = _wanted_format(session, node) if node.id == chat.conversation.leaf else None
    colours = not probabilities.refusal(setup)
    item = items.item(
        chat,
        node,
        wanted,
        setup.known_as,
        simple=simple_words.is_on(),
        colours=colours,
        chains=chains.offered_chains(setup.connection),
    )
    if session.chats.view.on_stage:
        return items.on_stage(item, node, costs=session.chats.view.costs)
    return item if session.chats.view.shaping else replace(item, footer=items.of_lane(item.footer))


def _wanted_format(session: AnswerContext, node: Node) -> JSON:
    """The `response_format` that was sent for an answer. If the request is no longer known, the current setting,
    which was restored with the conversation."""
    turn = session.chats.current.recent.get(node.id)
    if turn is None:
        return clean_json(session.setup.values.parameters["response_format"])
    request = turn.request
    if request.raw is not None:
        return request.raw.get("response_format")
    set_ = {**request.parameters, **request.extra}
    sent = request.learned.apply(set_, request.dialect.required) if request.learned else set_
    return sent.get("response_format")


def _draw(session: AnswerContext, drawn: Sequence[Item], first: Node, shown: str) -> None:
    key = widgets.segment(first.id, drawn[0].part)
    chat = session.chats.current
    component.draw(
        drawn,
        key,
        partial(_on_action, session, key),
        conversation=shown,
        held=Carrier.current().held,
        arrived=chat.running,
        hit=session.chats.view.hit_among(item.id for item in drawn),
    )


def _on_action(session: AnswerContext, key: str) -> None:
    """The callback for a click on an action of a message."""
    if event := component.action_of(tab.value(key)):
        with PAGE_RUNS.sending():
            session.actions.do(*event)
