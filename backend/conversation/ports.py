"""The interfaces that a chat needs from outside: what asks, and where it is saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from backend.answer.turn import Turn
from backend.conversation.queue import QueueKeeper
from backend.conversation.removal import Removal
from backend.conversation.tree import Conversation, Node, View
from backend.types import Message, Tool


class TurnFactory(Protocol):
    """Makes a turn that answers a transcript with these tools on offer; without `more` none may be called.

    The turn's output is appended to `before`, the answer that is being continued. The chat starts it once the
    question is on disk; it may be called from any thread.
    """

    def __call__(
        self, transcript: Sequence[Message], offered: tuple[Tool, ...], *, more: bool, before: Message | None = None
    ) -> Turn: ...

    def is_open(self) -> bool:
        """Whether the page that asks still exists. From any thread."""
        ...


class Journal(QueueKeeper, Protocol):
    """Where a chat is saved as it grows (backend/store/journal.py)."""

    def save(self, nodes: Sequence[Node], everything: Sequence[Node], view: View) -> None: ...

    def follow(self, node: Node, turn: Turn) -> None: ...

    def remove(self, removal: Removal) -> Callable[[Conversation], None]: ...
