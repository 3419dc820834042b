"""Notices beside answers: how they ended, that they are empty, that they cannot be saved.

Failures are drawn by components/chat/failure.py.
"""

from __future__ import annotations

from collections.abc import Collection

import streamlit as st

from backend import schema
from backend.errors import is_filter
from backend.parameters import answer_format as formats
from backend.protocol import wire
from backend.protocol.order import steps
from backend.protocol.wire import is_paused, thinking
from backend.types import JSON, Message
from components.elements.markdown import plain
from components.elements.undo_bar import UndoNotice, element, undo_bar, undo_id
from components.session import services, tab
from components.session.chats import Chats
from components.session.session import Session
from components.view.component import Notice, escaped

# Texts: how an answer ended.
COMPLETE = "complete"
AT_LIMIT = "stopped at the length limit"
FINISHED = {  # by finish_reason
    "stop": COMPLETE,
    "length": AT_LIMIT,
    "max_tokens": AT_LIMIT,  # Anthropic, Google
    "max_output_tokens": AT_LIMIT,
    "model_length": AT_LIMIT,  # Mistral
    "model_context_window_exceeded": "stopped: the model's context is full",  # Anthropic
    "pause_turn": "paused: Continue lets the provider work on",  # Anthropic
    "content_filter": "stopped by the provider's content filter",
    "tool_calls": "wants to use a tool",
    "function_call": "wants to use a tool",
    "end_turn": COMPLETE,
    "eos": COMPLETE,
    "eos_token": COMPLETE,
    "stop_sequence": COMPLETE,
    "tool_use": "wants to use a tool",
}
UNREADABLE_CALLS = ("malformed_function_call", "unexpected_tool_call", "malformed_response")  # Google
FINISHED_OTHERWISE = "ended: {reason}"
STOPPED = "stopped by you"
INTERRUPTED = "interrupted"
CUT_OFF = "cut off"
FAILED = "failed"
PIECE_UNREADABLE = "1 piece could not be read"
PIECES_UNREADABLE = "{count:,} pieces could not be read"

# Under an answer.
KEEPS_TO_SCHEMA = "The answer keeps to the schema."
BREAKS_FORMAT = "**The answer does not keep to its format:** {reasons}"
BREAKS_SCHEMA = "**The answer does not keep to the schema:** {reasons}"
EMPTY_AT_LIMIT = (
    "**The answer is empty: the token limit was used up before the first word.** Reasoning counts "
    "towards max tokens. Raise or clear it in the sidebar, then regenerate."
)
EMPTY_FILTERED = (
    "**The provider's content filter stopped the answer before its first word** ({reason}). Ask in other words, or "
    "choose another model."
)
EMPTY_CALL = (
    "**The model tried to call a tool, and what it wrote could not be read** ({reason}). Regenerate, or choose "
    "another model."
)
EMPTY_PAUSED = "**The provider has paused before the first word.** Continue lets it work on."
EMPTY_BUT_STEPS = (
    "**No words came, only {steps}.** That is done by the provider, or it waits for something that this app does "
    "not do."
)
EMPTY = "**The model finished without saying anything.** Regenerate, or rephrase the question."
WRITTEN_CALL = (
    "**The model wrote a call of {tool} as text, so nothing was run.** Its server did not take it for a call. "
    "Regenerate, or choose another model."
)
A_TOOL = "a tool"
HOLES = "**{pieces} of this answer:** what was said there is missing. Regenerate to get all of it."

_READ = 8.0  # seconds in which a message can be read

# Above the conversation.
CHANGED_ELSEWHERE = ":material/sync_problem: This conversation was **changed elsewhere**, in another tab."
SHOW_CHANGES = "Show the changes"
MISSING = ":material/search_off: **This conversation is not here.** It was deleted, or it is another person's."
NEW_CHAT = "New chat"


def ending(message: Message) -> str:
    """How an answer ended, as text, and whether part of it is missing."""
    words = _ending(message)
    if not message.unreadable:
        return words
    return _unreadable(message) if words == COMPLETE else f"{words}, {_unreadable(message)}"


def _ending(message: Message) -> str:
    if message.state == "stopped":
        return STOPPED
    if message.state == "interrupted":
        return INTERRUPTED
    if message.state == "failed":
        return CUT_OFF if not message.empty else FAILED
    reason = message.finish_reason
    if not reason:
        return COMPLETE
    if is_filter(reason):
        return FINISHED["content_filter"]
    return FINISHED.get(reason) or FINISHED.get(reason.lower()) or FINISHED_OTHERWISE.format(reason=reason)


def is_at_limit(message: Message) -> bool:
    """Whether it ended because of its length limit."""
    return FINISHED.get((message.finish_reason or "").lower()) == AT_LIMIT


def _unreadable(message: Message) -> str:
    count = message.unreadable
    return PIECE_UNREADABLE if count == 1 else PIECES_UNREADABLE.format(count=count)


def holes(message: Message) -> list[Notice]:
    """A notice that pieces could not be parsed: a text with a hole reads as if it were complete."""
    return [Notice("warning", HOLES.format(pieces=_unreadable(message)))] if message.unreadable else []


def written_call(message: Message, text: str, offered: Collection[str]) -> list[Notice]:
    """A notice that a tool call was only written into the text: it reads as if something had been done.
    `offered`: the names of the tools.
    """
    if message.state != "done" or message.tool_calls:
        return []
    name = wire.written_call(text, offered)
    if name is None:
        return []
    return [Notice("warning", WRITTEN_CALL.format(tool=f"`{name}`" if name else A_TOOL))]


def answer_format(message: Message, wanted: JSON) -> list[Notice]:
    """A notice whether the answer matches the requested `response_format`. Models that list it do not always follow
    it.
    """
    if message.state != "done" or message.empty:
        return []
    shape, text = formats.schema(wanted), thinking(message)[1]
    if shape is not None:
        reasons, broken = schema.answer(text, shape), BREAKS_SCHEMA
    elif wanted == formats.JSON_OBJECT:
        reasons, broken = schema.answer(text, {}), BREAKS_FORMAT
    else:
        return []
    if reasons:
        return [Notice("bad", broken.format(reasons=escaped(" ".join(reasons))))]
    return [Notice("good", KEEPS_TO_SCHEMA)] if shape is not None else []


def empty_answer(message: Message) -> list[Notice]:
    """A notice about a complete answer without text, which a blank space would not explain."""
    if message.state != "done" or not message.empty or message.unreadable:
        return []
    reason = message.finish_reason or ""
    shown = escaped(reason[:100])
    if is_filter(reason):
        return [Notice("warning", EMPTY_FILTERED.format(reason=shown))]
    if reason.lower() in UNREADABLE_CALLS:
        return [Notice("warning", EMPTY_CALL.format(reason=shown))]
    if is_paused(message):
        return [Notice("info", EMPTY_PAUSED)]
    if is_at_limit(message):
        return [Notice("warning", EMPTY_AT_LIMIT)]
    if done := sorted({name[:40] for name in steps(message)})[:5]:
        return [Notice("warning", EMPTY_BUT_STEPS.format(steps=escaped(", ".join(done))))]
    return [Notice("warning", EMPTY)]


def changed_elsewhere(chats: Chats) -> None:
    """A notice that another tab has this conversation open and wrote into it. Nothing is lost: both are branches
    of one tree.
    """
    if not chats.changed_elsewhere:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="elsewhere"):
        st.markdown(CHANGED_ELSEWHERE)
        st.button(SHOW_CHANGES, key="elsewhere.show", on_click=chats.open, args=(chats.id, chats.page))


def missing(chats: Chats) -> None:
    """A notice that the address names a conversation that this visitor does not have."""
    if not chats.missing:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="missing"):
        st.markdown(MISSING)
        st.button(NEW_CHAT, key="missing.new", on_click=chats.new)


def saving_trouble() -> None:
    """A notice on every page that conversations cannot be saved; chatting goes on."""
    store = services.journals().store
    if store.trouble:
        st.error(plain(store.trouble), icon=":material/cloud_off:")
    elif store.news:
        st.info(plain(store.news), icon=":material/info:")


def deleted(session: Session, place: str = "page") -> None:
    """The bar about the last deletion, with Undo. A dialog (`place`) has one of its own, as the page under it
    cannot be reached.
    """
    if place == "page" and session.dialogs.is_open("prompts"):
        return
    last, trouble, key = session.deletions.undoable, session.deletions.trouble, f"undo.{place}"
    said = UndoNotice(trouble, trouble, _READ) if trouble else UndoNotice()
    if last is not None:
        said = UndoNotice(last.id, last.text, last.seconds_left, undo=True)
    undo_bar(said, key, lambda: session.deletions.undo(undo_id(tab.value(element(key)))))
