"""The state of one browser tab, as parts with one responsibility each. Nothing is drawn here.

session.connections  the ways to a model, and the keys    session.chats      the conversations in view
session.models       the lists, and what is chosen        session.asker      a transcript as a request and a turn
session.settings     parameters, prompt, extra JSON       session.composer   what is written and waits to be sent
session.refusals     what servers did not take            session.actions    what clicks on a message do
session.setup        all of these for the next request    session.exchanges  what went over the wire for answers
session.deletions    what was deleted last, and undo      session.lanes      the same parts for each lane of a race
session.experiments  grids, each a job that runs without the tab
session.studio       pictures, speech, vectors ... of other models, each a job as well
session.chains       what goes from the chat to the studio and back: read aloud, written down, drawn
session.plays        recordings that play                 session.stage      a script before a room
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from backend import parameters
from backend.compare.race_chat import RaceChat
from backend.conversation.tree import NodeId
from backend.protocol import dialects
from backend.types import JSON
from components.session import admission, setup, tab
from components.session.answer_context import AnswerContext
from components.session.asker import Asker
from components.session.chains import Chains
from components.session.chats import Chats
from components.session.composer import Composer
from components.session.connection import LOCAL, Connection
from components.session.connections import Connections
from components.session.deletions import Deletions
from components.session.dialogs import Dialogs, View
from components.session.exchanges import Exchanges
from components.session.exhibit import Exhibit
from components.session.experiments import Experiments
from components.session.lanes import Lanes
from components.session.message_actions import MessageActions
from components.session.models import Models
from components.session.opened_share_link import OpenedShareLink
from components.session.pages import STAGE
from components.session.plays import Plays
from components.session.ports import ChatInView
from components.session.refusals import Refusals
from components.session.request_settings import RequestSettings, Values
from components.session.scripts import Scripts
from components.session.setup import Setup
from components.session.stage import Stage
from components.session.stage_questions import StageQuestions
from components.session.starting_over import StartingOver
from components.session.studio import Studio

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator


class Session:
    """The state of one tab."""

    def __init__(self) -> None:
        self.owner = admission.guest()
        self.connections = Connections()
        self.models = Models(self.connections)
        self.settings = RequestSettings()
        self.refusals = Refusals()
        self.dialogs = Dialogs()
        self.lanes = Lanes(self)
        self.chats = Chats(self.owner, lambda: self.setup.saved_settings(), self.restore, self.lanes.race)
        self.asker = Asker(admission.payer(), lambda: self.setup, self.connections, self.models, self.chats)
        self.composer = Composer(lambda: self.setup, self.models, self.chats, self.asker)
        self.deletions = Deletions(self.owner, self.chats)
        self.studio = Studio(self)
        self.chains = Chains(self)
        self.actions = MessageActions(
            lambda: self.setup, self.refusals, self.chats, self.asker, self.deletions, self.inspect, self.chains.do
        )
        self.exchanges = Exchanges(self.owner, self.chats)
        self.experiments = Experiments(self)
        self.starting_over = StartingOver(lambda: self.setup, self.settings, self.chats)
        self.opened = OpenedShareLink()
        self.plays = Plays(self.chats)
        self.stage = Stage(
            self.chats,
            self.composer,
            StageQuestions(lambda: self.setup, self.models, self.chats, self.asker, self.lanes),
            Scripts(self.owner, self.deletions, lambda: self.connections.keys),
        )
        self.inspected: NodeId | None = None  # the answer in the inspector
        self.exhibit: Exhibit | None = None  # an answer outside of conversations, instead
        self.inspects_tokens = False  # its tokens are shown when it is drawn next
        self.brought: Mapping[str, JSON] = {}  # settings with tools, which the Tools page applies when it is drawn
        self.bar: DeltaGenerator | None = None  # the bar above the page: its title and actions
        self.meter: DeltaGenerator | None = None  # where the sidebar shows a guest's usage
        self._setups: dict[str, tuple[tuple[object, ...], Setup]] = {}  # by place: "", or a lane of a race

    @staticmethod
    def current() -> Session:
        """This tab's session, created on first use. Requires admission, in callbacks as on pages."""
        admission.require()
        return tab.one(Session)

    def begin(self, page: str) -> bool:
        """Begin a page. True if the previous run was of another page."""
        self.models.begin()
        is_new = page != self.chats.page
        if is_new:
            self.dialogs.leave_page()
        self.chats.page = page
        return is_new

    @property
    def setup(self) -> Setup:
        """Everything for the next request by the widgets' current values; the same object as long as nothing
        changes.

        It takes about fifty reads of widgets (0.4 ms): call it once and pass it on.
        """
        connection = self.connections.current
        chosen = self.models.chosen_model(connection)
        if self.chats.page == STAGE:
            return self._setup_on_stage(connection, chosen)
        return self.setup_with("", connection, chosen, self.settings.values)

    def _setup_on_stage(self, connection: Connection, chosen: str) -> Setup:
        """The settings of the step in view, with its model if that is available."""
        values, step = self.stage.questions.values(self.stage.step), self.stage.step
        setup = self.setup_with("stage", connection, chosen, values)
        if step and step.model and self.models.can_be_asked(step.model, setup):
            return self.setup_with("stage.model", connection, step.model, values)
        return setup

    def setup_with(self, place: str, connection: Connection, chosen: str, values: Values) -> Setup:
        """The same for another connection, model and values; "" for the default model. The last one of each
        `place` is cached.
        """
        listing = self.models.listing(connection)
        local = self.models.local if connection.is_local else ()
        ids = self.models.ids(connection, listing)
        default = self.models.default(connection, listing, ids)
        model = chosen or default
        target = (connection.endpoint.base_url, model)
        anyway, learned = self.refusals.anyway(target), self.refusals.learned_of(target)
        inputs = (id(connection), id(values), id(listing), local, ids, default, model, anyway, learned)
        known = self._setups.get(place)
        if known is None or known[0] != inputs:
            info = setup.info(listing, model)
            dialect = dialects.choose(model, connection.endpoint.base_url, info, learned)
            streaming = values.streaming and not learned.no_stream
            fitted = parameters.fit(values.parameters, info, anyway, learned.without, dialect, stream=streaming)
            made = Setup(connection, listing, local, ids, default, model, values, fitted, anyway, learned, dialect)
            known = self._setups[place] = (inputs, made)
        return known[1]

    def take_over(self) -> None:
        """Continue a lane of a race in the chat: its settings go into the sidebar. Before any widget is drawn."""
        setup, self.lanes.going_on = self.lanes.going_on, None
        if setup is not None:
            self.connections.connect(setup.connection.id)
            self.models.choose(setup.model, setup.connection)
            self.settings.put({**setup.saved_settings(), "parameters": dict(setup.values.set_parameters)})

    def restore(self, kept: Mapping[str, JSON]) -> None:
        """Fill in the settings of a conversation, a preset or a link. Invalid ones are left out."""
        model = kept.get("model")
        if isinstance(model, str) and self.models.can_be_asked(model, self.setup):
            self.models.choose(model)
        self.settings.put(kept)
        self.brought = kept if kept.get("tools") or "ticked_tools" in kept else {}

    def answering(self, node: NodeId) -> AnswerContext:
        """The answer context of a message in the conversation in view: this session, or the parts of a lane of a
        race.
        """
        chat = self.chats.current
        lane = chat.race.lane_of(node) if isinstance(chat, RaceChat) else None
        return self.lanes.desk(lane) if lane else self

    def inspect(self, node: NodeId, view: View = "inspector") -> None:
        """Open the inspector on an answer, at its tokens (colours), or its explanation in a few sentences."""
        self.inspected, self.exhibit = node, None
        self.inspects_tokens = view == "colours"
        self.dialogs.open("explained" if view == "explained" else "inspector")

    def actions_here(self, chats: ChatInView, values: Values) -> MessageActions:
        """The actions of messages that use the local model, whatever the connection."""
        connection = self.connections.all[LOCAL]

        def here() -> Setup:
            return self.setup_with(LOCAL, connection, self.models.chosen_model(connection), values)

        asker = Asker(admission.payer(), here, self.connections, self.models, chats)
        asker.spending = self.asker.spending
        return MessageActions(here, self.refusals, chats, asker, self.deletions, self.inspect, self.chains.do)

    def close_inspector(self) -> None:
        self.inspected = self.exhibit = None
        self.dialogs.close("inspector")
        self.dialogs.close("explained")
