"""A transcript as a request and a turn: what is asked, of which source, at whose expense."""

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
    """How one tab asks, as it is set at this moment; what a chat calls (backend.conversation.ports.TurnFactory).

    Made on the script's thread, used from any: when an answer ends the chat goes on without the page. `account`
    pays for a guest's answers on the owner's key; `tab_is_open` tells whether the tab is still there.
    """

    setup: Setup
    chat: Chat
    answers: Source
    account: Account | None
    client: ChatClient | None  # that knows what a stopped stream cost
    spending: Spending
    tab_is_open: Callable[[], bool]
    asked_of: MutableMapping[Turn, Endpoint]  # the server and key of each turn

    @property
    def source(self) -> Source:
        """What answers one request; for a guest within the budget, in which each request has a bill of its own."""
        return MeteredSource(self.answers, self.account) if self.account else self.answers

    def is_open(self) -> bool:
        return self.tab_is_open()

    def request(
        self, transcript: Sequence[Message], offered: tuple[Tool, ...] = (), tool_choice: str | None = None
    ) -> ChatRequest:
        """What is asked: the transcript under the system prompt, with the parameters that were set."""
        setup = self.setup
        sampling, prompt = dict(setup.fitted.body), setup.values.system_prompt
        streaming = setup.values.streaming and not setup.learned.no_stream
        messages = attachments.fitted(
            transcript, files=setup.takes("file") is True, media=setup.connection.takes_media
        )
        if prompt.strip():
            messages = [Message("system", prompt), *messages]
        if streaming and isinstance(voice := sampling.get("audio"), dict):
            sampling["audio"] = {**voice, "format": "pcm16"}  # the only one that streams (OpenAI's audio guide)
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
        return self.turn(self.chat.shaped(request), before)

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
    """Asks for one tab. `ask` is how, as it is set now."""

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
        """How the chat in view is asked with the settings of this moment."""
        return self.asking(self._setup())

    def asking(self, setup: Setup) -> SessionTurnFactory:
        """The same with settings that are at hand."""
        chat = self._chats.current
        self._chats.remember(setup.kept())  # what is written down later, without the page, is written down with it
        client = self._connections.client(setup.endpoint) if setup.connection.bills else None
        answers, account = self._answers(setup)
        return SessionTurnFactory(
            setup, chat, answers, account, client, self.spending, tab.tab_is_open(), self.asked_of
        )

    @property
    def source(self) -> Source:
        """What answers a request that is no chat's, paid for like all others."""
        answers, account = self._answers(self._setup())
        return MeteredSource(answers, account) if account else answers

    def _answers(self, setup: Setup) -> tuple[Source, Account | None]:
        """What answers on the connection in use, and out of whose budget."""
        catalogue = self._models.catalogue(setup.connection)
        return self._connections.source(setup.connection), guest_request.account(self._payer, setup, catalogue)
