"""The shared link that this tab opened last: what it filled in, and the state before."""

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
    """`text` is the link's content, so that the same one is not opened twice; `problem` says why it could not be
    opened.

    `setup` of an experiment or a suite; it `waits` until its page has taken it in, and `put_back`
    restores the state before.
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
    leads_on: bool = False  # the Compare page is opened next
    setup: SetUp | Suite | None = None
    waits: bool = False
    put_back: Callable[[], None] = lambda: None

    def note_start(self) -> None:
        """Note that its set-up was started: "nothing was sent" is no longer true."""
        if self.setup is not None:
            self.dismiss()

    def dismiss(self) -> None:
        """Dismiss the notice; what was filled in stays."""
        self.shared, self.problem = None, ""
