"""Draws the content of a result besides its text: as untrusted as any text from outside.

Pictures are drawn if they are small bitmaps, audio if browsers can play its type; links are text.
"""

from __future__ import annotations

import json
from typing import Literal

import streamlit as st

from backend.attachments import pictures
from backend.attachments.attachment import data_of
from backend.invisible import visible_text
from backend.tools.calls import CallOutcome
from backend.tools.result_parts import ResultPart, orders
from components.elements.markdown import link, plain
from components.mcp import words

_AUDIO = {
    "audio/wav",
    "audio/x-wav",
    "audio/mpeg",
    "audio/mp3",
    "audio/ogg",
    "audio/flac",
    "audio/mp4",
    "audio/aac",
}


def parts(outcome: CallOutcome) -> None:
    """All content except texts, under the text for the model, which contains those."""
    if instruction := orders(outcome.content):
        st.caption(words.SPEAKS_TO_MODEL_WORDS.format(words=plain(instruction)))
    beside = [part for part in outcome.parts if part.kind != "text"]
    if beside:
        st.caption(words.PARTS)
    for part in beside:
        _part(part)


def _part(part: ResultPart) -> None:
    match part.kind:
        case "picture":
            if shown := pictures.displayable_bytes(part.data):
                st.image(shown, width="content")
            else:
                st.caption(words.PICTURE_NOT_SHOWN.format(kind=plain(part.media_type)))
        case "audio":
            _audio(part)
        case "link":
            st.markdown(f":small[:material/link: {link(part.text or part.address, part.address)}]")
            st.caption(plain(part.address))
        case "file":
            st.caption(words.FILE_PART.format(address=plain(part.address), kind=plain(part.media_type)))
            if part.text:
                st.code(visible_text(part.text), language=None, wrap_lines=True, height=_height(part.text))
        case "structured":
            st.caption(words.STRUCTURED)
            text = visible_text(json.dumps(part.value, ensure_ascii=False, indent=1))
            st.code(text, language="json", wrap_lines=True, height=_height(text))


def _audio(part: ResultPart) -> None:
    data = data_of(part.data) if part.media_type in _AUDIO else None
    if data:
        st.audio(data, format=part.media_type)
    else:
        st.caption(words.AUDIO_NOT_SHOWN.format(kind=plain(part.media_type)))


def _height(text: str) -> int | Literal["content"]:
    return 200 if len(text) > 1_200 or text.count("\n") > 10 else "content"
