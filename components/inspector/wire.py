"""Tabs of the inspector about the wire: the request, the reply, every chunk, and the request as code."""

from __future__ import annotations

import json
from collections.abc import Mapping

import streamlit as st

from backend.answer.exchange_record import Try
from backend.answer.timeline import Chunk
from backend.answer.timeline import chunks as arrived
from backend.conversation.tree import Node
from backend.errors import APIError
from backend.formats.archive import body as message_body
from backend.protocol import wire
from backend.snippets import LANGUAGES
from backend.snippets import code as snippet
from backend.types import JSON, Message
from components.elements import editing
from components.elements.markdown import plain
from components.inspector import words
from components.inspector.parts import json_block, pretty, table, take_along, text_block
from components.inspector.state import EDITABLE, EDITED, Inspection
from components.session.session import Session

_ROWS = 20_000  # chunks in the table
_CELL = 1_000  # characters of a chunk in the table


# ---- request ----------------------------------------------------------------------------------------------


def request(inspection: Inspection, node: Node) -> None:
    """Method, address, headers, body; and the body in an editor, to be changed and sent again."""
    record = inspection.record(node)
    text = inspection.safe(pretty(wire.payload(inspection.displayed_request(node))))
    if record is None:
        st.caption(words.REQUEST_OF_CELL if inspection.exhibit else words.REQUEST_GONE)
    elif sent := record.last_try:
        _sent_request(inspection, sent, len(record.tries))
    else:
        st.caption(words.NOTHING_SENT)
    st.markdown(words.BODY)
    if record and record.cut:
        st.caption(words.BODY_NOT_KEPT if record.body is None else words.BODY_CUT)
    json_block(_read(text))
    take_along(text, "request.json", f"request.{node.id}")
    if not (record and record.cut) and not inspection.only_looked_at:
        _editor(inspection, node, text)


def _sent_request(inspection: Inspection, sent: Try, tries: int) -> None:
    text_block(f"{sent.method} {inspection.safe(sent.url)}")
    _headers(inspection, sent.headers)
    if tries > 1:
        st.caption(words.SENT_AGAIN.format(count=tries))


def _read(text: str) -> dict[str, JSON]:
    value: dict[str, JSON] = json.loads(text)
    return value


def _headers(inspection: Inspection, headers: Mapping[str, str]) -> None:
    lines = [f"{name}: {value}" for name, value in headers.items()]
    text_block(inspection.safe("\n".join(lines)), "http")


def _editor(inspection: Inspection, node: Node, text: str) -> None:
    """The raw body in a text box; a request from here is marked as edited by hand."""
    with st.expander(words.EDIT_BODY, icon=":material/edit_square:"):
        if len(text) > EDITABLE:
            st.caption(words.BODY_TOO_LONG.format(count=len(text)))
            return
        with editing.editor("body"):
            st.text_area(words.BODY_FIELD, value=text, key=EDITED, height=320)
            if inspection.problem:
                st.error(plain(inspection.problem), icon=":material/data_object:")
            with editing.choices("body"):
                st.button(
                    words.SEND_EDITED,
                    key="inspect.send",
                    type="primary",
                    icon=":material/send:",
                    on_click=inspection.send_edited,
                    args=(node.id,),
                    help=words.SEND_EDITED_HELP,
                )


# ---- response ---------------------------------------------------------------------------------------------


def response(inspection: Inspection, node: Node) -> None:
    """Status and headers, and the message assembled from the chunks."""
    record = inspection.record(node)
    if record is None:
        st.caption(words.WIRE_OF_CELL if inspection.exhibit else words.REPLY_GONE)
    elif (sent := record.last_try) and sent.status is not None:
        text_block(f"HTTP {sent.status}")
        _headers(inspection, sent.reply)
    else:
        st.caption(words.NO_REPLY)
    if failure := node.message.failure:
        st.markdown(words.ERROR)
        text_block(inspection.safe(failure.body or failure.detail or failure.title))
    st.markdown(words.MESSAGE)
    text = inspection.safe(pretty(message_body(node.message)))
    json_block({**_read(text), **_in_short(node.message)})
    take_along(text, "message.json", f"message.{node.id}")


def _in_short(message: Message) -> dict[str, str]:
    """The message without what has a tab of its own: thousands of tokens would be in the way here."""
    return {"logprobs": words.SEE_TOKENS.format(count=len(message.logprobs))} if message.logprobs else {}


# ---- chunks -----------------------------------------------------------------------------------------------


def chunks(inspection: Inspection, node: Node) -> None:
    """Every chunk as received, with its time."""
    record = inspection.record(node)
    if record is None:
        st.caption(words.WIRE_OF_CELL if inspection.exhibit else words.CHUNKS_GONE)
        return
    received = arrived(record.moments)
    if not received:
        st.caption(words.NO_CHUNKS)
        return
    count = received[-1].number
    lost = count - sum(bool(chunk.raw) for chunk in received)
    summary = (words.CHUNK_RECEIVED if count == 1 else words.CHUNKS_RECEIVED).format(count=count)
    st.caption(f"{summary} {words.CHUNKS_FORGOTTEN.format(count=lost)}" if lost else summary)
    raw = [inspection.safe(chunk.raw) for chunk in received]
    table(
        rows(received[:_ROWS], raw),
        words.CHUNKS_TABLE,
        height=400 if len(received) > 10 else "content",
        lazy=len(received) > 2_000,
    )
    lines = "\n".join(f"{chunk.at:.4f}\t{text}" for chunk, text in zip(received, raw, strict=True))
    take_along(lines, "chunks.txt", f"chunks.{node.id}", "text/plain")


def rows(received: list[Chunk], raw: list[str]) -> list[dict[str, object]]:
    """Chunks as a table."""
    return [
        {
            words.COLUMN_NUMBER: chunk.number,
            words.COLUMN_AT: round(chunk.at, 3),
            words.COLUMN_AFTER: round(chunk.after, 3),
            words.COLUMN_SIZE: len(text),
            words.COLUMN_RAW: text if len(text) <= _CELL else f"{text[:_CELL]}...",
        }
        for chunk, text in zip(received, raw, strict=False)
    ]


# ---- code -------------------------------------------------------------------------------------------------


def code(inspection: Inspection, node: Node) -> None:
    """The same request as a program. It reads the key from the environment and never contains it."""
    chat_request, record = inspection.displayed_request(node), inspection.record(node)
    connection = inspection.parts.setup.connection
    here = connection.is_local
    server = Session.current().connections.configured if here else connection
    ids = list(LANGUAGES)
    chosen = st.segmented_control(
        words.LANGUAGE,
        ids,
        default=ids[0],
        required=True,
        format_func=lambda id_: LANGUAGES[id_].label_for(chat_request.dialect.format),
        key="inspect.language",
        label_visibility="collapsed",
    )
    language = LANGUAGES[chosen or ids[0]]
    try:
        text = inspection.safe(snippet(language, chat_request, server.endpoint.base_url, server.endpoint.headers))
    except APIError as refused:
        st.warning(plain(f"{refused.title} {refused.hint}"), icon=":material/code_off:")
        return
    if here:
        st.caption(words.CODE_ASKS_PROVIDER)
    elif (record is None or record.body is None) and not inspection.exhibit:
        st.caption(words.CODE_OF_NOW)
    elif record and record.cut:
        st.caption(words.BODY_CUT)
    text_block(text, language.highlighter)
    take_along(text, f"request.{language.extension}", f"code.{language.id}.{node.id}", "text/plain")
