"""The messages between this app and a tool server: one line each, and its JSON."""

from __future__ import annotations

import streamlit as st

from backend.mcp.connection import ToolServerConnection
from backend.mcp.wire_log import Frame
from backend.untrusted import line
from components.mcp import words

_LINES = 60  # messages that are drawn: the last ones


def wire_view(connection: ToolServerConnection, key: str) -> None:
    """An expander; draws nothing while it is collapsed."""
    fold = st.expander(words.WIRE, key=f"server.wire.{key}", icon=":material/swap_vert:", on_change="rerun")
    if not fold.open:
        return
    frames = connection.wire.frames[-_LINES:]
    with fold:
        kilobytes = connection.wire.bytes / 1000
        st.caption(
            words.WIRE_COUNT.format(count=connection.wire.count, kilobytes=kilobytes, shown=len(frames))
            if frames
            else words.WIRE_EMPTY
        )
        lines = "\n".join(_line(frame) for frame in frames)
        st.code(lines, language=None, height=240 if len(frames) > 9 else "content")
        first = connection.wire.count - len(frames) + 1
        chosen = st.selectbox(
            words.WIRE_SHOW,
            range(len(frames)),
            format_func=lambda place: words.WIRE_FRAME.format(
                place=first + place, what=_what(frames[place]), size=frames[place].size
            ),
            index=None,
            key=f"wire.chosen.{key}",
        )
        if chosen is not None and chosen < len(frames):
            st.code(frames[chosen].text, language="json", wrap_lines=True, height=300)


def _line(frame: Frame) -> str:
    return words.WIRE_LINE.format(
        at=frame.at,
        way=words.WIRE_OUT if frame.outward else words.WIRE_IN,
        what=line(_what(frame), 60),
        size=frame.size,
        took="" if frame.seconds is None else words.WIRE_TOOK.format(milliseconds=1000 * frame.seconds),
    ).rstrip()


def _what(frame: Frame) -> str:
    return frame.what or words.WIRE_REPLY
