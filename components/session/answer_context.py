"""The parts of a session that a conversation on the screen needs: the tab's, or those of one lane of a race.

Session is one such set of parts, and components/session/lanes.py makes another one for each lane.
"""

from __future__ import annotations

from typing import Protocol

from components.session.asker import Asker
from components.session.message_actions import MessageActions
from components.session.ports import ChatInView, ConnectionChoice, ExchangeRecords, ModelChoice
from components.session.setup import Setup


class AnswerContext(Protocol):
    """The parts themselves."""

    @property
    def setup(self) -> Setup: ...

    @property
    def chats(self) -> ChatInView: ...

    @property
    def asker(self) -> Asker: ...

    @property
    def actions(self) -> MessageActions: ...

    @property
    def connections(self) -> ConnectionChoice: ...

    @property
    def models(self) -> ModelChoice: ...

    @property
    def exchanges(self) -> ExchangeRecords: ...
