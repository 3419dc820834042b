"""How the conversation in view is looked at: which messages are open in an editor."""

from __future__ import annotations

from backend.conversation.tree import NodeId


class TranscriptView:
    """Of one tab, for the conversation in view."""

    def __init__(self) -> None:
        self.editing: NodeId | None = None  # the message in an editor
        self.adding: NodeId | None = None  # the message below which one is added
        self.drawn = 0  # elements of the page in which the last run drew it

    def edit(self, node: NodeId | None) -> None:
        """Open the editor of a message, or close it."""
        self.editing = node

    def add_below(self, node: NodeId | None) -> None:
        """Open the form for a message below this one, or close it."""
        self.adding = node

    def leave(self) -> None:
        """Another conversation comes into view: nothing of the last one stays open."""
        self.editing = self.adding = None
