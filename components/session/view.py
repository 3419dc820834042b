"""How the conversation in view is looked at: how much of it is drawn, and which messages are open in an editor."""

from __future__ import annotations

from backend.conversation.tree import NodeId

RECENT = 30  # messages drawn at once


class TranscriptView:
    """Of one tab, for the conversation in view."""

    def __init__(self) -> None:
        self.shown = RECENT  # messages that may be drawn
        self.drawn = 0  # messages that the last run drew
        self.editing: NodeId | None = None  # the message in an editor
        self.adding: NodeId | None = None  # the message below which one is added
        self.raw: set[NodeId] = set()  # messages shown as raw text

    def show_more(self) -> None:
        self.shown += RECENT

    def edit(self, node: NodeId | None) -> None:
        """Open the editor of a message, or close it."""
        self.editing = node

    def add_below(self, node: NodeId | None) -> None:
        """Open the form for a message below this one, or close it."""
        self.adding = node

    def leave(self) -> None:
        """Another conversation comes into view: nothing of the last one stays open."""
        self.shown = RECENT
        self.editing = self.adding = None
        self.raw.clear()
