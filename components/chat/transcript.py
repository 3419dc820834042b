"""Draws a conversation: the one renderer of messages, finished or still arriving."""

from __future__ import annotations

import time

import streamlit as st

from backend.answer.turn import Turn
from backend.conversation.tree import Node, NodeId
from backend.protocol import wire
from backend.transport.client import RETRIES
from backend.types import Message, Preparing, Retrying
from components import notices
from components.chat import words
from components.chat.actions import add_form, editor, footer
from components.chat.calls import Calls
from components.chat.failure import failure
from components.chat.media import media
from components.elements import stream
from components.elements.markdown import cite, link, plain
from components.session.session import Session
from components.session.tab import breathe
from components.session.view import TranscriptView

FULL = 6  # messages with a row of buttons; the ones before have them in their menu
TICK = 0.05  # seconds a follower waits for news before it lets Streamlit breathe
_AVATARS = {"user": ":material/person:", "assistant": ":material/auto_awesome:", "tool": ":material/build:"}


def transcript(session: Session, calls: Calls) -> None:
    """The messages in view. Returns when a running answer has ended, drawing it as it arrives.

    `calls` draws what an answer calls: the page says how.
    """
    chat = session.chats.current
    path = chat.conversation.path()
    turn = chat.live(path[-1].id) if path else None
    live = path.pop() if turn else None
    with st.container(key="history"):  # a container of its own keeps updates of the live part cheap (measured)
        _history(session, calls, path)
    # Two places taken in turn: a container drawn where another was keeps the old contents, greyed, until the
    # run ends, and here that is when the answer ends. What is not in use is emptied at once.
    for place in range(2):
        slot = st.empty()
        if live is not None and turn is not None and chat.turns % 2 == place:
            with slot.container(key="live"), _bubble(live.message):
                _live(session, calls, live.id, turn)


def _history(session: Session, calls: Calls, path: list[Node]) -> None:
    """The last messages; places that held more of them in the run before are emptied."""
    view, path = session.chats.view, calls.visible(path)
    _older(view, len(path))
    nodes = path[-view.shown :]
    for place, node in enumerate(nodes, 1):
        brief = place <= len(nodes) - FULL
        with st.container(gap=None):
            with _bubble(node.message):
                _finished(session, calls, node, brief=brief)
            if node.message.role != "assistant" and view.editing != node.id:
                footer(session, node, brief=brief)  # under the bubble, not in it
            if view.adding == node.id:
                add_form(session, node.id)
    for _ in range(view.drawn - len(nodes)):
        st.empty()
    view.drawn = len(nodes)


def _older(view: TranscriptView, total: int) -> None:
    """A button for the messages that are not drawn: each drawn message slows every update."""
    slot = st.empty()
    if total > view.shown:
        slot.button(
            words.SHOW_EARLIER.format(count=total - view.shown),
            key="older",
            on_click=view.show_more,
            type="tertiary",
            icon=":material/expand_less:",
        )


def _bubble(message: Message) -> st.delta_generator.DeltaGenerator:
    return st.chat_message(message.role, avatar=_AVATARS.get(message.role))


def _finished(session: Session, calls: Calls, node: Node, *, brief: bool) -> None:
    message, view = node.message, session.chats.view
    if view.editing == node.id:
        editor(session, node)
        return
    if node.id in view.raw:
        st.code(message.content, language="markdown", wrap_lines=True)
        if message.role == "assistant":
            footer(session, node, brief=brief)
        return
    if message.role == "tool":
        with st.expander(words.TOOL_RESULT.format(tool=plain(message.name or words.THE_TOOL))):
            st.code(message.content, language=None, wrap_lines=True)
        return
    if message.role != "assistant":
        if message.role != "user" or message.name:
            st.caption(plain(" ".join(filter(None, (message.role, message.name)))))
        media(message, str(node.id))
        if message.content:
            st.text(message.content)  # as it was typed: a visitor's words are not Markdown by accident
        return
    reasoning, text = wire.thinking(message)
    if reasoning:
        with st.empty().container(), fold(expanded=False):
            stream.draw(reasoning)
    if text.strip():
        stream.draw(cite(text, [cited.url for cited in message.citations]))
    _rest(session, calls, node, brief=brief)


def _rest(session: Session, calls: Calls, node: Node, *, brief: bool = False) -> None:
    """What stands under the text of an answer, the same live and from history."""
    message = node.message
    if message.refusal:
        st.info(plain(message.refusal), icon=":material/block:")
    calls.finished(node)
    media(message, str(node.id))
    sources(message)
    if session.chats.current.conversation.leaf == node.id:
        notices.answer_format(message, session.setup.values.parameters["response_format"])
    if message.state == "failed":
        failure(session, node)
    elif message.state == "done" and message.empty:
        notices.empty_answer(message)
    footer(session, node, brief=brief)


def sources(message: Message) -> None:
    """The web pages an answer points to, numbered as its text numbers them."""
    if message.citations:
        pages = [link(cited.title or cited.url, cited.url) for cited in message.citations]
        lines = [f"{number}. {page}" for number, page in enumerate(pages, 1)]
        st.caption("\n".join([words.SOURCES, "", *lines]))


def fold(*, expanded: bool) -> st.delta_generator.DeltaGenerator:
    """The fold that holds reasoning."""
    return st.expander(
        words.REASONING if not expanded else words.REASONING_ARRIVES,
        expanded=expanded,
        icon=":material/psychology:",
    )


# ---- while it arrives -----------------------------------------------------------------------------------


def _live(session: Session, calls: Calls, node: NodeId, turn: Turn) -> None:
    """Follow the running answer to its end. Interrupted by a rerun or a page change, the next run goes on."""
    chat, came = session.chats.current, session.came
    status, thought, body = _Status(), _Thought(came), stream.Writer(came)
    growing = calls.growing(node)
    seen = -1
    while True:
        running = turn.running
        message = turn.message
        reasoning, text = wire.thinking(message)
        begun = bool(text.strip() or message.tool_calls)
        thought.show(reasoning, open_=running and not begun, final=begun or not running)
        body.write(text, final=not running)
        if growing:
            growing.show(message.tool_calls)
        status.show(turn, begun=begun or bool(reasoning))
        if not running:
            break
        if session.dialogs.any:
            return  # a dialog's clicks wait for the end of the run; the answer goes on without being followed
        seen = turn.wait(seen, TICK)
        breathe()
        _pace(max(body.due, thought.due), turn)
    chat.settle()
    if growing and chat.conversation[node].message.tool_calls:
        st.rerun()  # rows that can be opened are drawn in their last place only: in another one they would close
    if chat.conversation[node].message.citations:
        st.rerun()  # sources come last: now the marks in the text can be links
    if session.composer.give_back():
        st.rerun()  # before the failure is drawn: the composer has the question as soon as it can be seen
    _rest(session, calls, chat.conversation[node])


class _Thought:
    """The reasoning in its fold: open while there is nothing else to read, closed as soon as the answer begins."""

    def __init__(self, came: float) -> None:
        self._slot = st.empty()
        self._came = came
        self._writer: stream.Writer | None = None
        self._open: bool | None = None

    @property
    def due(self) -> float:
        return self._writer.due if self._writer else 0.0

    def show(self, reasoning: str, *, open_: bool, final: bool) -> None:
        if not reasoning:
            return
        if open_ != self._open:
            with self._slot.container(), fold(expanded=open_):
                self._writer = stream.Writer(self._came)
            self._open = open_
        if self._writer:
            self._writer.write(reasoning, final=final)


def _pace(due: float, turn: Turn) -> None:
    """Sleep until the next drawing is due, so that a fast model costs no more than a slow one."""
    while turn.running and (left := due - time.monotonic()) > 0:
        time.sleep(min(left, TICK))
        breathe()


class _Status:
    """What is being waited for, as long as there is no text to read. Drawn only when the words change."""

    def __init__(self) -> None:
        self._slot = st.empty()
        self._line = ""

    def show(self, turn: Turn, *, begun: bool) -> None:
        line = "" if begun or not turn.running else waiting(turn)
        if line == self._line:
            return
        self._line = line
        if line:
            self._slot.caption(line)
        else:
            self._slot.empty()


def waiting(turn: Turn) -> str:
    """What a turn that shows nothing yet is doing."""
    notice = turn.notice
    if isinstance(notice, Retrying):
        left = max(0, round(notice.after - turn.since_last))
        return words.RETRYING.format(
            reason=plain(notice.reason), seconds=left, attempt=notice.attempt, tries=RETRIES
        )
    if isinstance(notice, Preparing):
        if notice.fraction is None:
            return words.PREPARING.format(text=plain(notice.text))
        return words.PREPARING_SHARE.format(text=plain(notice.text), share=notice.fraction)
    waited = int(turn.elapsed)
    return words.WAITING if waited < 3 else words.WAITING_FOR.format(seconds=waited)
