"""How the conversation in view is looked at: open editors, the message that was searched for, segments drawn."""

from __future__ import annotations

from collections.abc import Iterable

from backend.conversation.tree import NodeId


class TranscriptView:
    """Of one tab, for the conversation in view."""

    def __init__(self, *, shaping: bool = True) -> None:
        self.shaping = shaping  # messages can be put in and deleted
        self.on_stage = False  # nothing under a message, and no way on from a failure
        self.costs = False  # there: what answers took and cost all the same
        self.editing: NodeId | None = None  # the message in an editor
        self.adding: NodeId | None = None  # the message below which one is added
        self.round: NodeId | None = None  # the earlier round of tool calls that is shown with all there is
        self.hit: NodeId | None = None  # the message that a search has found: it is scrolled to and marked
        self.hits = 0  # how often one was come to
        self.drawn = 0  # elements of the page in which the last run drew it

    def edit(self, node: NodeId | None) -> None:
        """Open the editor of a message, or close it."""
        self.editing = node

    def add_below(self, node: NodeId | None) -> None:
        """Open the form for a message below this one, or close it."""
        self.adding = node

    def look_at_round(self, node: NodeId) -> None:
        """Show all there is of an earlier round of tool calls, or no longer."""
        self.round = None if self.round == node else node

    def come_to(self, hit: NodeId) -> None:
        """Scroll to a message that a search has found, also when it was scrolled to before."""
        self.hit, self.hits = hit, self.hits + 1

    def hit_among(self, ids: Iterable[str]) -> str:
        """The hit as the view wants it, if it is one of these messages; else ""."""
        return f"{self.hit}.{self.hits}" if self.hit is not None and str(self.hit) in ids else ""

    def leave(self) -> None:
        """Another conversation comes into view: nothing of the last one stays open."""
        self.editing = self.adding = self.round = self.hit = None
