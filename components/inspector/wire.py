"""Tabs of the inspector about the wire: the request, the reply, every chunk, and the request as code."""

from __future__ import annotations

import json
from collections.abc import Mapping

import streamlit as st

from backend.answer.timeline import Chunk
from backend.answer.timeline import chunks as arrived
from backend.answer.turn import Turn
from backend.conversation.tree import Node
from backend.errors import APIError
from backend.formats.archive import body as message_body
from backend.protocol import wire
from backend.snippets import LANGUAGES
from backend.snippets import code as snippet
from backend.transport.exchange import Exchange
from backend.types import JSON, Message
from components.elements.markdown import plain
from components.inspector.parts import gone, json_block, pretty, table, take_along, text_block
from components.inspector.state import EDITABLE, EDITED, Inspection
from components.session.session import Session

_ROWS = 20_000  # chunks in the table
_CELL = 1_000  # characters of a chunk in the table


# ---- request ----------------------------------------------------------------------------------------------


def request(inspection: Inspection, node: Node) -> None:
    """Method, address, headers, body; and the body once more to be changed and sent again."""
    turn, chat_request = inspection.turn(node), inspection.request(node)
    text = inspection.safe(pretty(wire.payload(chat_request)))
    if turn is None:
        st.caption(
            ":material/history: What was sent is remembered for the last answers of this tab only. This is what "
            "would be sent in its place now, with the settings of now."
        )
    elif sent := _exchange(turn):
        text_block(f"{sent.method} {inspection.safe(sent.url)}")
        _headers(inspection, sent.headers)
        if len(tries := _tries(turn)) > 1:
            st.caption(f"Sent {len(tries)} times: this is the last try.")
    else:
        st.caption("Nothing left this computer: the answer ended before the request could be sent.")
    st.markdown("**Body**")
    json_block(_read(text))
    take_along(text, "request.json", f"request.{node.id}")
    _editor(inspection, node, text)


def _read(text: str) -> dict[str, JSON]:
    value: dict[str, JSON] = json.loads(text)
    return value


def _tries(turn: Turn) -> list[Exchange]:
    return [exchange for exchange in turn.call.exchanges if exchange.method == "POST"]


def _exchange(turn: Turn) -> Exchange | None:
    tries = _tries(turn)
    return tries[-1] if tries else None


def _headers(inspection: Inspection, headers: Mapping[str, str]) -> None:
    lines = [f"{name}: {value}" for name, value in headers.items()]
    text_block(inspection.safe("\n".join(lines)), "http")


def _editor(inspection: Inspection, node: Node, text: str) -> None:
    """The raw body in a text box; what is sent from here is marked as edited by hand."""
    with st.expander("Change the body and send it again", icon=":material/edit_square:"):
        if len(text) > EDITABLE:
            st.caption(f"This body has {len(text):,} characters, too many for a text box. Download it instead.")
            return
        st.text_area("Request body (JSON)", value=text, key=EDITED, height=320)
        if inspection.problem:
            st.error(plain(inspection.problem), icon=":material/data_object:")
        st.button(
            "Send edited",
            key="inspect.send",
            type="primary",
            icon=":material/send:",
            on_click=inspection.send_edited,
            args=(node.id,),
            help="Sent exactly as it stands here, with your key. The answer becomes a branch beside this one.",
        )


# ---- response ---------------------------------------------------------------------------------------------


def response(inspection: Inspection, node: Node) -> None:
    """Status and headers, and the message that was put together from what came."""
    turn = inspection.turn(node)
    if turn is None:
        gone("The reply's status and headers")
    elif (exchange := _exchange(turn)) and exchange.status is not None:
        text_block(f"HTTP {exchange.status}")
        _headers(inspection, exchange.reply)
    else:
        st.caption("No reply came.")
    if failure := node.message.failure:
        st.markdown("**Error**")
        text_block(inspection.safe(failure.body or failure.detail or failure.title))
    st.markdown("**The assembled message**")
    text = inspection.safe(pretty(message_body(node.message)))
    json_block({**_read(text), **_in_short(node.message)})
    take_along(text, "message.json", f"message.{node.id}")


def _in_short(message: Message) -> dict[str, str]:
    """What has a tab of its own: thousands of tokens would only be in the way here."""
    return {"logprobs": f"{len(message.logprobs):,} tokens: see Tokens"} if message.logprobs else {}


# ---- chunks -----------------------------------------------------------------------------------------------


def chunks(inspection: Inspection, node: Node) -> None:
    """Every chunk as it came, with its time."""
    turn = inspection.turn(node)
    if turn is None:
        gone("Chunks")
        return
    received = arrived(turn.events)
    if not received:
        st.caption("No chunk arrived.")
        return
    lost = sum(not chunk.raw for chunk in received)
    noun = "chunk" if len(received) == 1 else "chunks"
    st.caption(
        f"{len(received):,} {noun}, times in seconds since the question left."
        + (f" {lost:,} came after the limit of what is remembered: only their times are known." if lost else "")
    )
    raw = [inspection.safe(chunk.raw) for chunk in received]
    table(rows(received[:_ROWS], raw), "Every chunk with its time", height=400, lazy=len(received) > 2_000)
    lines = "\n".join(f"{chunk.at:.4f}\t{text}" for chunk, text in zip(received, raw, strict=True))
    take_along(lines, "chunks.txt", f"chunks.{node.id}", "text/plain")


def rows(received: list[Chunk], raw: list[str]) -> list[dict[str, object]]:
    """Chunks as a table."""
    return [
        {
            "#": chunk.number,
            "At": round(chunk.at, 3),
            "After": round(chunk.after, 3),
            "Size": len(text),
            "As it came": text if len(text) <= _CELL else f"{text[:_CELL]}...",
        }
        for chunk, text in zip(received, raw, strict=False)
    ]


# ---- code -------------------------------------------------------------------------------------------------


def code(inspection: Inspection, node: Node) -> None:
    """The same request as a program. The key is read from the environment and never in it."""
    connections, chat_request = Session.current().connections, inspection.request(node)
    here = connections.current.is_local
    server = connections.configured if here else connections.current
    ids = list(LANGUAGES)
    chosen = st.segmented_control(
        "Language",
        ids,
        default=ids[0],
        required=True,
        format_func=lambda id_: LANGUAGES[id_].label,
        key="inspect.language",
        label_visibility="collapsed",
    )
    language = LANGUAGES[chosen or ids[0]]
    try:
        text = inspection.safe(snippet(language, chat_request, server.endpoint.base_url))
    except APIError as refused:
        st.warning(plain(f"{refused.title} {refused.hint}"), icon=":material/code_off:")
        return
    if here:
        st.caption(
            "The model on this computer is reached through this app only: the code asks AI/ML API instead. Choose "
            "a model of theirs in it."
        )
    elif inspection.turn(node) is None:
        st.caption("Made with the settings of now: what was sent then is not remembered any more.")
    text_block(text, language.highlighter)
    take_along(text, f"request.{language.extension}", f"code.{language.id}.{node.id}", "text/plain")
