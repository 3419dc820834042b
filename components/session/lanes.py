"""The lanes of a race on the screen: each has the parts of a session that a conversation needs.

A setting that a lane does not override always follows the sidebar.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol
from weakref import WeakKeyDictionary

from backend import attachments
from backend.answer.turn import Source, Turn
from backend.catalog import Catalogue
from backend.compare.lane import Lane
from backend.compare.lane_settings import LaneSettings, Overrides
from backend.compare.race import Race
from backend.compare.unavailable import NotThere, Unable, not_taken
from backend.conversation.chat import Chat
from backend.conversation.tree import NodeId
from backend.demos.playing import Unkept
from backend.guests import metering
from backend.keys import pasted
from backend.transport.client import ChatClient, Endpoint
from backend.types import JSON, Message, Tool
from components.session import admission, tab
from components.session.answer_context import AnswerContext
from components.session.asker import Asker, SessionTurnFactory
from components.session.chains import Chains
from components.session.connection import Connection
from components.session.connections import Connections
from components.session.dialogs import View
from components.session.message_actions import MessageActions
from components.session.models import Models
from components.session.ports import AskingTab, ExchangeRecords
from components.session.refusals import Refusals
from components.session.request_settings import Values
from components.session.setup import Setup
from components.session.view import TranscriptView


class TabSession(AskingTab, AnswerContext, Protocol):
    """The session of the tab."""

    @property
    def refusals(self) -> Refusals: ...

    @property
    def chains(self) -> Chains: ...

    def inspect(self, node: NodeId, view: View = "inspector") -> None: ...


class Lanes:
    """Makes the races of one tab, and gives each of their lanes its parts."""

    def __init__(self, session: TabSession) -> None:
        self.going_on: Setup | None = None  # of a lane that continues in the chat, for the widgets of that page
        self.given_back: object = None  # the refused question that was put back into the message box last
        self._session = session
        self._desks: WeakKeyDictionary[Lane, LaneSession] = WeakKeyDictionary()

    def race(self) -> Race:
        """A race without lanes."""
        return Race(lambda lane: CheckedTurnFactory(self.desk(lane).asker.ask), check=self._check)

    def race_with(self, values: Values, lanes: Sequence[Overrides]) -> Race:
        """A race for the stage, which is not saved: its lanes share these values, not the sidebar's."""
        race = Race(lambda lane: CheckedTurnFactory(self.desk(lane).asker.ask), Unkept(), self._check)
        for lane in map(race.add, lanes):
            self._desks[lane] = LaneSession(self._session, lane, lambda: values)
        return race

    def desk(self, lane: Lane) -> LaneSession:
        if lane not in self._desks:
            self._desks[lane] = LaneSession(self._session, lane, lambda: self._session.settings.values)
        return self._desks[lane]

    @property
    def shared_settings(self) -> LaneSettings:
        """The sidebar's settings, which apply to every lane without its own."""
        setup = self._session.setup
        return LaneSettings(
            setup.connection.id, setup.model, dict(setup.values.set_parameters), setup.values.system_prompt
        )

    def shared_by(self, race: Race) -> LaneSettings:
        """The same for a race; the lanes of a recording have all settings themselves."""
        return LaneSettings() if race.played else self.shared_settings

    def fix(self, race: Race) -> None:
        """Copy the current settings into every lane, so that later changes of the sidebar do not affect it."""
        for lane in race.lanes:
            own, setup = lane.changes.over(self.shared_settings), self.desk(lane).setup
            place = lane.changes.connection or setup.connection.id
            lane.changes = Overrides(place, setup.model, own.parameters, own.system_prompt)

    def _check(self, race: Race, message: Message) -> None:
        """Check that a guest can pay for all lanes. Raises OverBudget and the like.

        A blind vote is about the current lanes: their settings are fixed.
        """
        asked = []
        for lane in race.lanes:
            asking = self.desk(lane).asker.ask
            if asking.account:
                path = [node.message for node in lane.chat.conversation.path()]
                asked.append((asking.account, asking.request([*path, message])))
        metering.check_together(asked)
        if race.blind and not race.has_question:
            self.fix(race)


class LaneSession:
    """The parts of one lane (components.session.answer_context.AnswerContext)."""

    def __init__(self, session: TabSession, lane: Lane, shared: Callable[[], Values]) -> None:
        """`shared`: the values for whatever the lane does not override."""
        self.lane = lane
        self.chats = LaneInView(lane.chat)
        self.connections = LaneConnections(session.connections, self)
        self.models = LaneModels(session.models, self)
        self.asker = Asker(admission.payer(), lambda: self.setup, self.connections, self.models, self.chats)
        self.asker.spending = session.asker.spending
        self.actions = MessageActions(
            lambda: self.setup,
            session.refusals,
            self.chats,
            self.asker,
            session.deletions,
            session.inspect,
            session.chains.do,
        )
        self._session = session
        self._shared = shared
        self._values: tuple[Values, Overrides, Values] | None = None

    @property
    def exchanges(self) -> ExchangeRecords:
        return self._session.exchanges

    @property
    def connection(self) -> Connection:
        """The lane's own connection. If this tab does not have it, the lane is drawn with the sidebar's, and not
        asked.
        """
        connections = self._session.connections
        return connections.all.get(self.lane.changes.connection or "") or connections.current

    @property
    def away(self) -> bool:
        """Whether its server is unavailable, such as a local one that ran when the race began."""
        return (self.lane.changes.connection or self.connection.id) not in self._session.connections.all

    @property
    def setup(self) -> Setup:
        session, connection = self._session, self.connection
        chosen = self.lane.changes.model or session.models.chosen_model(connection)
        return session.setup_with(f"lane.{self.lane.id}", connection, chosen, self.values)

    @property
    def values(self) -> Values:
        """The shared values, overridden by the lane's own; the same object as long as nothing changes."""
        shared, changes = self._shared(), self.lane.changes
        if self._values is None or self._values[0] is not shared or self._values[1] != changes:
            prompt = shared.system_prompt if changes.system_prompt is None else changes.system_prompt
            own = replace(shared, parameters={**shared.parameters, **changes.parameters}, system_prompt=prompt)
            self._values = shared, changes, own
        return self._values[2]


class LaneInView:
    """The chat of a lane on the screen."""

    def __init__(self, chat: Chat) -> None:
        self.current = chat
        self.view = TranscriptView(shaping=False)

    def remember(self, kept: Mapping[str, JSON]) -> None:
        """Do nothing: a race saves its own settings."""


class LaneConnections:
    """The connections; choosing one chooses it for this lane."""

    def __init__(self, connections: Connections, desk: LaneSession) -> None:
        self._connections = connections
        self._desk = desk

    @property
    def keys(self) -> list[str]:
        return self._connections.keys

    def connect(self, connection: str) -> None:
        lane = self._desk.lane
        lane.changes = replace(lane.changes, connection=connection, model=None)

    def use_base_url(self, address: str) -> None:
        self._connections.use_base_url(address)

    def take_key(self, widget: str) -> None:
        """Take a typed key for the server of this lane."""
        typed = pasted.key(str(tab.value(widget, "")))
        tab.put(widget, "")
        if typed:
            self._connections.put_key(self._desk.setup.endpoint.origin, typed)

    def client(self, endpoint: Endpoint) -> ChatClient:
        return self._connections.client(endpoint)

    def source(self, connection: Connection) -> Source:
        """The source of answers; for a lane whose server is unavailable, one that says so."""
        return Unable(NotThere()) if self._desk.away else self._connections.source(connection)


class LaneModels:
    """The lists of models; choosing one chooses it for this lane."""

    def __init__(self, models: Models, desk: LaneSession) -> None:
        self._models = models
        self._desk = desk

    def choose(self, model: str) -> None:
        lane = self._desk.lane
        lane.changes = replace(lane.changes, model=model)

    def catalogue(self, connection: Connection) -> Catalogue | None:
        return self._models.catalogue(connection)


class CheckedTurnFactory:
    """Makes turns for one lane; if its model cannot read an attachment, the answer says so and nothing is sent."""

    def __init__(self, asking: SessionTurnFactory) -> None:
        self._asking = asking

    def is_open(self) -> bool:
        return self._asking.is_open()

    def __call__(
        self, transcript: Sequence[Message], offered: tuple[Tool, ...], *, more: bool, before: Message | None = None
    ) -> Turn:
        asking = self._asking
        lacking = {kind for kind in attachments.kinds(transcript) if asking.setup.takes(kind) is False}
        if lacking:
            return Turn(Unable(not_taken(lacking)), asking.request(transcript))
        return asking(transcript, offered, more=more, before=before)
