"""What a chat needs from outside: somebody who asks, and a place where it is written down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from backend.answer.turn import Turn
from backend.conversation.queue import QueueKeeper
from backend.conversation.removal import Removal
from backend.conversation.tree import Conversation, Node, View
from backend.types import Message, Tool


class TurnFactory(Protocol):
    """Makes a turn that answers a transcript with these tools at hand; without `more` none may be called.

    What the turn says is appended to `before`, the answer that is being continued. The chat starts it, when the
    question is on disk; it may be called from any thread.
    """

    def __call__(
        self, transcript: Sequence[Message], offered: tuple[Tool, ...], *, more: bool, before: Message | None = None
    ) -> Turn: ...

    def is_open(self) -> bool:
        """The page that asks is still there. From any thread."""
        ...


class Journal(QueueKeeper, Protocol):
    """Where a chat is written down as it grows (backend/store/journal.py)."""

    def save(self, nodes: Sequence[Node], everything: Sequence[Node], view: View) -> None: ...

    def follow(self, node: Node, turn: Turn) -> None: ...

    def remove(self, removal: Removal) -> Callable[[Conversation], None]: ...
