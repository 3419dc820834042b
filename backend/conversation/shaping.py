"""Changes of a conversation that need no request. Nothing is destroyed: every change is a branch. The destructive
ones are in backend/conversation/removal.py.

A function returns the change itself, for `Chat.reshape`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from backend.conversation.tree import Conversation, NodeId
from backend.types import Message

Change = Callable[[Conversation], None]


def edit(node: NodeId, text: str) -> Change:
    """Replace the content of a message; what followed it still follows."""

    def change(conversation: Conversation) -> None:
        edited, rest = conversation[node], conversation.after(node)
        conversation.graft([replace(edited.message, content=text, continued_at=(), order=()), *rest], edited.parent)

    return change


def insert(message: Message, after: NodeId | None) -> Change:
    """Insert a message of any role behind `after`; what followed it follows the new one."""

    def change(conversation: Conversation) -> None:
        conversation.graft([message, *conversation.after(after)], after)

    return change
