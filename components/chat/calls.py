"""Draws the tool calls of an answer: the interface that a page passes to the transcript, and the Chat page's
version.
"""

from __future__ import annotations

from typing import Protocol

import streamlit as st

from backend.conversation.tree import Node
from backend.types import ToolCall
from components.chat import words
from components.elements.markdown import plain

_BRIEF = 60  # characters of arguments in a title


class Calls(Protocol):
    """Draws the calls of a conversation, for answers that have ended: the view shows those that are arriving."""

    def visible(self, path: list[Node]) -> list[Node]:
        """The messages that are drawn; the others are shown with the calls they belong to."""
        ...

    def draws(self, node: Node) -> bool:
        """Whether it draws something for an answer that has ended."""
        ...

    def earlier(self, node: Node) -> bool:
        """Whether these are calls of an earlier round: they are shown, and all actions are in one menu."""
        ...

    def finished(self, node: Node) -> None:
        """Draw the calls of an answer that has ended."""
        ...


class PlainCalls:
    """Calls as the model wrote them, without actions: the Chat page runs no tools."""

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
