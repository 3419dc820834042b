"""What is said beside answers: how they ended, that they are empty, that they cannot be saved.

What failed is said by components/chat/failure.py.
"""

from __future__ import annotations

import streamlit as st

from backend import schema
from backend.protocol.wire import thinking
from backend.types import Message
from components.elements.markdown import plain
from components.session import services
from components.session.chats import Chats

FINISHED = {
    "stop": "complete",
    "length": "stopped at the length limit",
    "content_filter": "stopped by the provider's content filter",
    "tool_calls": "wants to use a tool",
    "function_call": "wants to use a tool",
    "end_turn": "complete",
    "eos": "complete",
}


def ending(message: Message) -> str:
    """How an answer ended, in words."""
    if message.state == "stopped":
        return "stopped by you"
    if message.state == "interrupted":
        return "interrupted"
    if message.state == "failed":
        return "cut off" if not message.empty else "failed"
    reason = message.finish_reason or ""
    return FINISHED.get(reason, f"ended: {reason}" if reason else "complete")


def answer_format(message: Message, wanted: object) -> None:
    """Does the answer keep to the schema that was asked for? Models that list schemas do not always follow them."""
    shape = wanted.get("json_schema") if isinstance(wanted, dict) else None
    if not isinstance(shape, dict) or message.state != "done" or message.empty:
        return
    reasons = schema.answer(thinking(message)[1], shape["schema"])
    if reasons:
        words = plain(" ".join(reasons))
        st.caption(f":orange[:material/rule: **The answer does not keep to the schema:** {words}]")
    else:
        st.caption(":green[:material/task_alt: The answer keeps to the schema.]")


def empty_answer(message: Message) -> None:
    """A complete answer without a word in it is an event to explain, not a blank space."""
    if message.finish_reason == "length":
        st.warning(
            "**The answer is empty: the token limit was used up before the first word.** Reasoning counts "
            "towards max tokens. Raise or clear it in the sidebar, then regenerate.",
            icon=":material/short_text:",
        )
    else:
        st.warning(
            "**The model finished without saying anything.** Regenerate, or rephrase the question.",
            icon=":material/chat_bubble:",
        )


def changed_elsewhere(chats: Chats) -> None:
    """Another tab has this conversation open and wrote into it. Nothing is lost: both are branches of one tree."""
    if not chats.changed_elsewhere:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="elsewhere"):
        st.markdown(":material/sync_problem: This conversation was **changed elsewhere**, in another tab.")
        st.button("Show the changes", key="elsewhere.show", on_click=chats.open, args=(chats.id, chats.page))


def saving_trouble() -> None:
    """Conversations that cannot be saved are said on every page; chatting goes on."""
    store = services.journals().store
    if store.trouble:
        st.error(plain(store.trouble), icon=":material/cloud_off:")
    elif store.news:
        st.info(plain(store.news), icon=":material/info:")
