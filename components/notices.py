"""An error as words: what happened, what was kept, what to do next, and the id that support asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping

import streamlit as st

from backend import schema
from backend.conversation import Node
from backend.tools import ROUNDS
from backend.types import Failure, Message
from backend.wire import thinking
from components import state
from components.connections import LOCAL
from components.markdown import plain
from components.session import Session

FINISHED = {
    "stop": "complete",
    "length": "stopped at the length limit",
    "content_filter": "stopped by the provider's content filter",
    "tool_calls": "wants to use a tool",
    "function_call": "wants to use a tool",
    "end_turn": "complete",
    "eos": "complete",
}
_REFUSALS = ("BadRequest", "BadInput", "ServerTrouble")
# Parameters whose names are words of every message: believed only in quotes.
_EVERYDAY = {"n", "stop", "provider", "audio", "echo", "reasoning", "thinking", "prediction"}
# Errors that the model on this computer does not have.
_REMOTE_ERRORS = (
    "KeyMissing",
    "KeyRefused",
    "OutOfCredit",
    "Forbidden",
    "RateLimited",
    "ServerTrouble",
    "ConnectionFailed",
    "CertificateRefused",
    "TimedOut",
)


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


def failure(node: Node) -> None:
    """The notice under an answer that failed, and the ways on. Everything from outside is shown as plain text."""
    message, key = node.message, f"failure.{node.id}"
    found = message.failure
    if found is None:
        return
    kept = "" if message.empty and not message.reasoning else " What arrived before is kept above."
    st.error(f"**{found.title}**{kept}\n\n{found.hint}", icon=":material/error:")
    session = Session.current()
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.button(
            "Try again",
            key=f"{key}.again",
            on_click=session.regenerate,
            args=(node.id,),
            icon=":material/refresh:",
        )
        for name in _blamed(found, session.fitted.body):
            st.button(
                f"Retry without `{name}`",
                key=f"{key}.without.{name}",
                on_click=session.retry_without,
                args=(node.id, name),
                icon=":material/remove_circle_outline:",
            )
        if found.kind in _REMOTE_ERRORS and session.connection.id != LOCAL:
            st.button(
                "Use the model on this computer",
                key=f"{key}.local",
                on_click=session.connect,
                args=(LOCAL,),
                icon=":material/computer:",
            )
        if found.detail or found.request_id:
            with st.popover("Details", icon=":material/receipt_long:", type="tertiary"):
                if found.detail:
                    st.caption("The server's own words")
                    st.code(found.detail, language=None, wrap_lines=True)
                if found.request_id:
                    st.caption("Request id, for the provider's support")
                    st.code(found.request_id, language=None, wrap_lines=True)


def _blamed(found: Failure, sent: Mapping[str, object]) -> list[str]:
    """The parameters that a refusal names, in whichever words: servers have a dozen ways to say it."""
    if found.kind not in _REFUSALS:
        return []
    said = f"{found.title} {found.hint} {found.detail}".lower()
    quoted = set(re.findall(r"[\"'`]([a-z_]+)[\"'`.\[]", said))
    words = set(re.findall(r"[a-z_]+", said)) - _EVERYDAY
    return [name for name in sent if name in quoted or name in words][:3]


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


def tools_used_up() -> None:
    """The loop has its limit, and says so."""
    st.warning(
        f"**The model kept asking for tools and was stopped after {ROUNDS} rounds.** Ask in other words, or try "
        "another model.",
        icon=":material/repeat:",
    )


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


def changed_elsewhere(session: Session) -> None:
    """Another tab has this conversation open and wrote into it. Nothing is lost: both are branches of one tree."""
    if not session.changed_elsewhere:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="elsewhere"):
        st.markdown(":material/sync_problem: This conversation was **changed elsewhere**, in another tab.")
        st.button("Show the changes", key="elsewhere.show", on_click=session.open, args=(session.id,))


def saving_trouble() -> None:
    """Conversations that cannot be saved are said on every page; chatting goes on."""
    store = state.journals().store
    if store.trouble:
        st.error(plain(store.trouble), icon=":material/cloud_off:")
    elif store.news:
        st.info(plain(store.news), icon=":material/info:")
