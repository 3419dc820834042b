"""A transcript as a request and a turn: what is asked, of which source, at whose expense."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from backend import attachments
from backend.answer.delay import DelayedSource
from backend.answer.turn import Source, Turn
from backend.guests.metering import MeteredSource
from backend.protocol.wire import instructed
from backend.types import ChatRequest, Message, Token, Tool
from components.session import guest_request, tab
from components.session.chats import Chats
from components.session.connections import Connections
from components.session.models import Models
from components.session.services import configured
from components.session.setup import Setup
from components.session.spending import Spending, look_for_bill


class Asker:
    """Asks for one tab; `ask` is what a chat calls (backend.conversation.chat.Ask)."""

    def __init__(
        self, owner: str, setup: Callable[[], Setup], connections: Connections, models: Models, chats: Chats
    ) -> None:
        self.spending = Spending()
        self._owner = owner
        self._setup = setup
        self._connections = connections
        self._models = models
        self._chats = chats

    def request(
        self, transcript: Sequence[Message], offered: tuple[Tool, ...] = (), tool_choice: str | None = None
    ) -> ChatRequest:
        """What is asked: the transcript under the system prompt, with the parameters that were set."""
        setup = self._setup()
        sampling, streaming, prompt = dict(setup.fitted.body), setup.values.streaming, setup.values.system_prompt
        messages = attachments.fitted(
            transcript, files=setup.takes("file") is True, media=setup.connection.takes_media
        )
        if prompt.strip() and setup.system_way == "parameter":
            sampling["system"] = prompt
        elif prompt.strip():
            messages = instructed(messages, prompt, folded=setup.system_way == "folded")
        if streaming and not (setup.info and setup.info.lists("stream_options") is False):
            sampling["stream_options"] = {"include_usage": True}
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
            parts="anthropic" if setup.info and setup.info.claude_parts else "openai",
        )
        return guest_request.fit(request, setup)

    @property
    def source(self) -> Source:
        """What answers; for a guest on the owner's key only within the budget, whichever page asks."""
        setup = self._setup()
        source = self._connections.source(setup.connection)
        account = guest_request.account(self._owner, setup, self._models.catalogue(setup.connection))
        return MeteredSource(source, account) if account else source

    def ask(
        self, transcript: Sequence[Message], offered: tuple[Tool, ...], *, more: bool, before: str = ""
    ) -> Turn:
        """The answer to a transcript, to be started."""
        request = self.request(transcript, offered, "none" if offered and not more else None)
        return self.turn(self._chats.current.shaped(request), before)

    def turn(
        self, request: ChatRequest, before: str = "", logprobs: tuple[Token, ...] = (), after: float = 0.0
    ) -> Turn:
        """The answer to a request (see backend.answer.turn.Turn), to be started; it waits `after` seconds."""
        setup, chat, paid = self._setup(), self._chats.current, self.source
        source: Source = DelayedSource(paid, after) if after else paid
        turn = Turn(chat.through(source), request, before, logprobs, setup.price(request.model))
        self.spending.add(turn)
        if setup.connection.bills and request.stream:
            look_for_bill(turn, paid, self._connections.client(setup.endpoint), chat)
        return turn.read_by(tab.tab_is_open(), configured().deadlines.abandoned)
