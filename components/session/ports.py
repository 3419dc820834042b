"""Interfaces of the parts that a tab has once, and each lane of a race of its own (components/session/lanes.py).

What is drawn under a message takes these, and works for both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from backend.answer.exchange_record import ExchangeRecord
from backend.answer.turn import Source
from backend.catalog import Catalogue
from backend.conversation.chat import Chat
from backend.conversation.tree import NodeId
from backend.transport.client import ChatClient, Endpoint
from backend.types import JSON
from components.session.connection import Connection
from components.session.view import TranscriptView


class ChatInView(Protocol):
    """A chat that is on the screen, and how it is looked at."""

    @property
    def current(self) -> Chat: ...

    @property
    def view(self) -> TranscriptView: ...

    def remember(self, kept: Mapping[str, JSON]) -> None: ...


class ConnectionChoice(Protocol):
    """The ways to a model."""

    @property
    def keys(self) -> list[str]: ...

    def connect(self, connection: str) -> None: ...

    def use_base_url(self, address: str) -> None: ...

    def take_key(self, widget: str) -> None: ...

    def client(self, endpoint: Endpoint) -> ChatClient: ...

    def source(self, connection: Connection) -> Source: ...


class ModelChoice(Protocol):
    """The lists of models, and the model that is chosen."""

    def choose(self, model: str) -> None: ...

    def catalogue(self, connection: Connection) -> Catalogue | None: ...


class ExchangeRecords(Protocol):
    """How answers came."""

    def record(self, node: NodeId, conversation: str = "") -> ExchangeRecord | None: ...
