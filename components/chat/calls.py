"""How the tool calls of an answer are drawn: what a page hands to the transcript, and the way of the Chat page."""

from __future__ import annotations

from typing import Protocol

import streamlit as st

from backend.conversation.tree import Node
from backend.types import ToolCall
from components.chat import words
from components.elements.markdown import plain

_BRIEF = 60  # characters of arguments in a title


class Calls(Protocol):
    """Draws the calls of a conversation, of answers that have ended: the view shows those that arrive."""

    def visible(self, path: list[Node]) -> list[Node]:
        """The messages that are drawn; the others are shown with the calls they belong to."""
        ...

    def draws(self, node: Node) -> bool:
        """It draws something of an answer that has ended."""
        ...

    def earlier(self, node: Node) -> bool:
        """The calls of an answer that others have followed: they are shown, and all else is in one menu."""
        ...

    def finished(self, node: Node) -> None:
        """Draw the calls of an answer that has ended."""
        ...


class PlainCalls:
    """As the model wrote them, and nothing to do about it: the Chat page runs no tools."""

    def visible(self, path: list[Node]) -> list[Node]:
        return path

    def draws(self, node: Node) -> bool:
        return bool(node.message.tool_calls)

    def earlier(self, node: Node) -> bool:
        return False

    def finished(self, node: Node) -> None:
        for call in node.message.tool_calls:
            with st.expander(_title(call), icon=":material/build:"):
                st.code(call.arguments or "{}", language="json", wrap_lines=True)


def _title(call: ToolCall) -> str:
    tool = plain(call.name or words.SOME_TOOL)
    if call.arguments in ("", "{}"):
        return words.CALLS.format(tool=tool)
    return words.CALLS_WITH.format(tool=tool, arguments=plain(call.arguments[:_BRIEF]))
