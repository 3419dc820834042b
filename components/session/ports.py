"""Interfaces of what one part of the session needs from the others.

`TabParts` and `AskingTab` are the session as a whole, for those that send requests without its chat. The others are
parts that a tab has once, and each lane of a race has separately (components/session/lanes.py): what is drawn under
a
message takes these, and works for both.
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
from components.session.connections import Connections
from components.session.deletions import Deletions
from components.session.models import Models
from components.session.request_settings import RequestSettings, Values
from components.session.setup import Setup
from components.session.view import TranscriptView


class TabParts(Protocol):
    """The session of a tab: its owner, and its connections."""

    @property
    def owner(self) -> str: ...

    @property
    def connections(self) -> Connections: ...

    @property
    def models(self) -> Models: ...

    @property
    def deletions(self) -> Deletions: ...

    @property
    def setup(self) -> Setup: ...


class AskingTab(TabParts, Protocol):
    """The same with request settings, and with setups other than the one in use."""

    @property
    def settings(self) -> RequestSettings: ...

    def setup_with(self, place: str, connection: Connection, chosen: str, values: Values) -> Setup: ...


class ChatInView(Protocol):
    """A chat on the screen, and its view state."""

    @property
    def current(self) -> Chat: ...

    @property
    def view(self) -> TranscriptView: ...

    def remember(self, kept: Mapping[str, JSON]) -> None: ...


class ConnectionChoice(Protocol):
    """The connections."""

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
    """The records of answers."""

    def record(self, node: NodeId, conversation: str = "") -> ExchangeRecord | None: ...
