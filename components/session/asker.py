"""Turns a transcript into a request and a turn: what is sent, to which source, at whose expense."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from backend import attachments
from backend.answer.delayed_source import DelayedSource
from backend.answer.turn import Source, Turn
from backend.conversation.chat import Chat
from backend.guests.metering import Account, MeteredSource
from backend.transport.client import ChatClient, Endpoint
from backend.types import ChatRequest, Message, Tool
from components.session import guest_request, tab
from components.session.ports import ChatInView, ConnectionChoice, ModelChoice
from components.session.refusals import NOTHING
from components.session.services import configured
from components.session.setup import Setup
from components.session.spending import Spending, look_for_bill


@dataclass(frozen=True)
class SessionTurnFactory:
    """The TurnFactory of one tab with its current settings (backend.conversation.ports.TurnFactory).

    Created on the script's thread, used on any: when an answer ends the chat continues without the page. `account`
    pays for a guest's answers on the owner's key; `tab_is_open` tells whether the tab still exists.
    """

    setup: Setup
    chat: Chat
    answers: Source
    account: Account | None
    client: ChatClient | None  # the client that can look up the cost of a stopped stream
    spending: Spending
    tab_is_open: Callable[[], bool]
    asked_of: MutableMapping[Turn, Endpoint]  # the server and key of each turn

    @property
    def source(self) -> Source:
        """The source for one request; for a guest within the budget, in which each request has its own bill."""
        return MeteredSource(self.answers, self.account) if self.account else self.answers

    def is_open(self) -> bool:
        return self.tab_is_open()

    def request(
        self, transcript: Sequence[Message], offered: tuple[Tool, ...] = (), tool_choice: str | None = None
    ) -> ChatRequest:
        """The request: the transcript under the system prompt, with the parameters that are set."""
        setup = self.setup
        sampling, prompt = dict(setup.fitted.body), setup.values.system_prompt
        streaming = setup.values.streaming and not setup.learned.no_stream
        messages = attachments.fitted(
            transcript, files=setup.takes("file") is True, media=setup.connection.takes_media
        )
        if prompt.strip():
            messages = [Message("system", prompt), *messages]
        if streaming and isinstance(voice := sampling.get("audio"), dict):
            sampling["audio"] = {**voice, "format": "pcm16"}  # the only format that streams (OpenAI's audio guide)
        request = ChatRequest(
            setup.model,
            tuple(messages),
            sampling,
            offered,
            tool_choice,
            stream=streaming,
            extra=setup.values.extra,
            dialect=setup.dialect,
            learned=setup.learned if setup.learned != NOTHING else None,
            server=setup.endpoint.digest,
        )
        return guest_request.fit(request, setup)

    def __call__(
        self, transcript: Sequence[Message], offered: tuple[Tool, ...], *, more: bool, before: Message | None = None
    ) -> Turn:
        """The answer to a transcript, to be started."""
        request = self.request(transcript, offered, "none" if offered and not more else None)
        return self.turn(self.chat.shape_request(request), before)

    def turn(self, request: ChatRequest, before: Message | None = None, after: float = 0.0) -> Turn:
        """The answer to a request (see backend.answer.turn.Turn), to be started; it waits `after` seconds."""
        paid = self.source
        source: Source = DelayedSource(paid, after) if after else paid
        turn = Turn(self.chat.through(source), request, before, self.setup.price(request.model))
        self.asked_of[turn] = self.setup.endpoint
        self.spending.add(turn)
        if self.client and request.stream:
            look_for_bill(turn, paid, self.client, self.chat)
        return turn.read_by(self.tab_is_open, configured().deadlines.abandoned)


class Asker:
    """Makes the turns of one tab. `ask` is the factory with the current settings."""

    def __init__(
        self,
        payer: str,
        setup: Callable[[], Setup],
        connections: ConnectionChoice,
        models: ModelChoice,
        chats: ChatInView,
    ) -> None:
        self.spending = Spending()
        self.asked_of: WeakKeyDictionary[Turn, Endpoint] = WeakKeyDictionary()
        self._payer = payer
        self._setup = setup
        self._connections = connections
        self._models = models
        self._chats = chats

    @property
    def ask(self) -> SessionTurnFactory:
        """The factory for the chat in view with the current settings."""
        return self.asking(self._setup())

    def asking(self, setup: Setup) -> SessionTurnFactory:
        """The same with given settings."""
        chat = self._chats.current
        self._chats.remember(setup.saved_settings())  # later saves without the page use these settings
        client = self._connections.client(setup.endpoint) if setup.connection.bills else None
        answers, account = self._answers(setup)
        return SessionTurnFactory(
            setup, chat, answers, account, client, self.spending, tab.tab_is_open(), self.asked_of
        )

    @property
    def source(self) -> Source:
        """The source for a request outside of chats, paid for like all others."""
        answers, account = self._answers(self._setup())
        return MeteredSource(answers, account) if account else answers

    def _answers(self, setup: Setup) -> tuple[Source, Account | None]:
        """The source on the connection in use, and the budget that pays."""
        catalogue = self._models.catalogue(setup.connection)
        return self._connections.source(setup.connection), guest_request.account(self._payer, setup, catalogue)
