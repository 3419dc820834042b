"""The share link that a tab has opened last: what it filled in, and what was there before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from backend.compare.grid_setup import SetUp
from backend.compare.suite.suite import Suite
from backend.conversation.chat import Chat
from backend.formats.share import Shared
from backend.types import JSON


@dataclass
class OpenedShareLink:
    """`text` is the link's, so that the same one is not opened twice; `problem` says why it could not be opened.

    `setup` of an experiment or a suite; it `waits` until the page that shows it has taken it in, and `put_back`
    brings what was there before.
    """

    text: str = ""
    shared: Shared | None = None
    problem: str = ""
    chat: Chat | None = None
    model_widget: str = ""
    before: Mapping[str, JSON] = field(default_factory=dict)
    before_id: str = ""
    before_model: str | None = None
    before_extra: str | None = None
    leads_on: bool = False  # the Compare page comes next
    setup: SetUp | Suite | None = None
    waits: bool = False
    put_back: Callable[[], None] = lambda: None

    def begun(self) -> None:
        """Its set-up was started: that nothing was sent is not true any more."""
        if self.setup is not None:
            self.dismiss()

    def dismiss(self) -> None:
        """Take the notice away; what was filled in stays."""
        self.shared, self.problem = None, ""
