"""The view state of the conversation in view: open editors, the search hit, drawn segments."""

from __future__ import annotations

from collections.abc import Iterable

from backend.conversation.tree import NodeId


class TranscriptView:
    """Of one tab, for the conversation in view."""

    def __init__(self, *, shaping: bool = True) -> None:
        self.shaping = shaping  # messages can be put in and deleted
        self.on_stage = False  # no actions under a message, and no next steps after a failure
        self.costs = False  # but with the figures of answers
        self.editing: NodeId | None = None  # the message in an editor
        self.adding: NodeId | None = None  # the message below which the form for a new one is open
        self.round: NodeId | None = None  # the earlier round of tool calls that is expanded
        self.hit: NodeId | None = None  # the search hit: it is scrolled to and marked
        self.hits = 0  # number of scrolls to a hit
        self.drawn = 0  # elements of the page in which the last run drew it

    def edit(self, node: NodeId | None) -> None:
        """Open the editor of a message, or close it."""
        self.editing = node

    def add_below(self, node: NodeId | None) -> None:
        """Open the form for a message below this one, or close it."""
        self.adding = node

    def look_at_round(self, node: NodeId) -> None:
        """Expand an earlier round of tool calls, or collapse it."""
        self.round = None if self.round == node else node

    def come_to(self, hit: NodeId) -> None:
        """Scroll to a search hit, even if it was scrolled to before."""
        self.hit, self.hits = hit, self.hits + 1

    def hit_among(self, ids: Iterable[str]) -> str:
        """The hit in the view's form, if it is one of these messages; otherwise ""."""
        return f"{self.hit}.{self.hits}" if self.hit is not None and str(self.hit) in ids else ""

    def leave(self) -> None:
        """Another conversation comes into view: close everything of the last one."""
        self.editing = self.adding = self.round = self.hit = None
