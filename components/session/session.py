"""What one browser tab remembers: its chats, its connections, what is being edited; and what its clicks do."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from backend import attachments
from backend.answer.delay import DelayedSource
from backend.answer.turn import Source, Turn
from backend.conversation.chat import Chat, unanswered
from backend.conversation.tree import Conversation, NodeId, when
from backend.formats.archive import Record
from backend.guests.metering import Account, MeteredSource
from backend.protocol.wire import instructed
from backend.store import Journal, Summary
from backend.tools.agent import Agent
from backend.tools.emulation import Emulated
from backend.types import JSON, ChatRequest, MediaKind, Message, Role, Token, Tool
from components.chat.spending import Spending, look_for_bill, price
from components.guests import meter
from components.history import opened_link
from components.models import picker
from components.session import admission, services, tab
from components.session.connections import LOCAL
from components.session.pending_message import PendingMessage
from components.session.request_settings import RequestSettings, read_address
from components.session.services import configured

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

TITLE = 60  # characters of the first question that name a file
RECENT = 30  # messages drawn at once
GIVE_BACK = 2.0  # seconds after sending in which a failed question goes back into the composer


class Session(RequestSettings):
    """One tab."""

    def __init__(self) -> None:
        super().__init__()
        self.page = "Chat"
        self.came = time.monotonic()
        self._begun = False
        # One person runs this app, or each visitor is one as long as their browser session lasts.
        self.owner = admission.guest() if configured().shared else "local"
        self.meter: DeltaGenerator | None = None  # where the sidebar tells a guest what is used
        self._chats: dict[str, Chat] = {}
        self.opened_on = "Chat"
        self.shown = RECENT
        self.drawn = 0
        self.draft = ""
        self.outbox = PendingMessage()
        self.spending = Spending()
        self.accepted: set[tuple[str, str]] = set()  # (model, kind of attachment) sent although not listed
        self.unsent: list[Message] = []
        self.deleted: Summary | None = None
        self._given_back: Turn | None = None
        self.editing: NodeId | None = None
        self.adding: NodeId | None = None
        self.raw: set[NodeId] = set()
        self.opened = opened_link.Opened()
        self.sharing = False  # the Share dialog is open
        self.inspected: NodeId | None = None  # the answer whose inspector is open

    @staticmethod
    def current() -> Session:
        """This tab's session, made on first use. Behind a closed door there is none, in callbacks as in pages."""
        admission.require()
        found = tab.value("session")
        if found is None:
            found = Session()
            tab.put("session", found)
        return cast(Session, found)

    @property
    def chat(self) -> Chat:
        """The chat of the page in view; the Tools page has one of its own, that calls tools."""
        if self.page not in self._chats:
            self._chats[self.page] = self._arriving()
        return self._chats[self.page]

    def begin(self, page: str) -> None:
        """A page begins. The saved conversation is opened before any widget is drawn, so that it can set them."""
        self.sharing = self.sharing and page == self.page
        self.inspected = self.inspected if page == self.page else None
        self.page = page
        picker.arrive(self)
        if page == "Chat":
            opened_link.arrive(self)
        if page not in ("History", "Models", "Owner"):
            _ = self.chat
        if not self._begun and not self.opened.shared:
            read_address(self)  # after the conversation: what the address says is newer
        self._begun = True
        tab.put_address(picker.ADDRESS, picker.address_value(self))

    # ---- saved conversations ----------------------------------------------------------------------------

    @property
    def id(self) -> str:
        """The id of the saved conversation in view, "" when there is none yet."""
        return self._journal.id

    @property
    def _journal(self) -> Journal:
        return cast(Journal, self.chat.journal)

    @property
    def changed_elsewhere(self) -> bool:
        """Another tab wrote into the conversation in view."""
        return self._journal.elsewhere(node.id for node in self.chat.conversation.nodes())

    def _arriving(self) -> Chat:
        """The conversation that the address names (a reload, a restart) if it is of this page, else a new one."""
        id_ = tab.address("c")
        found = services.journals().load(self.owner, id_) if id_ else None
        if found is None or _page_of(found) != self.page:  # the address may still be that of the page before
            return self._chat_of(self.page)
        return self._revived(id_, found, self.page)

    def _chat_of(self, page: str, id_: str = "", conversation: Conversation | None = None) -> Chat:
        """A chat that is written down, and with it whether it belongs to the Tools page."""
        kept: dict[str, JSON] = {"page": page} if page == "Tools" else {}
        journal = services.journals().journal(self.owner, lambda: {**self.settings(), **kept}, id_)
        return Agent(None, journal, conversation) if page == "Tools" else Chat(journal, conversation)

    def _revived(self, id_: str, found: Record, page: str) -> Chat:
        chat = self._chat_of(page, id_, found.conversation)
        running = services.journals().running(self.owner, id_)
        if running:
            chat.adopt(*running)
            running[1].read_by(tab.tab_is_open(), configured().deadlines.abandoned)
        for node in found.conversation.nodes():
            if node.message.state == "running" and not (running and node.id == running[0]):
                found.conversation.update(node.id, replace(node.message, state="interrupted"))
        self.apply(found.settings)
        return chat

    def open(self, id_: str, page: str = "") -> None:
        """Bring a saved conversation into view, on this page or on the one it belongs to (`opened_on`)."""
        found = services.journals().load(self.owner, id_)
        if found is not None:
            self.opened_on = page or _page_of(found)
            self._chats[self.opened_on] = self._revived(id_, found, self.opened_on)
            self.leave_editors()

    def record(self) -> Record:
        """The conversation in view as it is given away: every branch, with its settings."""
        path = self.chat.conversation.path()
        first = next((node.message.content for node in path if node.message.role == "user"), "")
        return Record(
            self.chat.conversation,
            " ".join(first.split())[:TITLE],
            self.settings(),
            created=when(path[0].id) if path else 0.0,
            updated=when(path[-1].id) if path else 0.0,
        )

    # ---- asking -----------------------------------------------------------------------------------------

    def request(
        self, transcript: Sequence[Message], offered: tuple[Tool, ...] = (), tool_choice: str | None = None
    ) -> ChatRequest:
        """What is asked: the transcript under the system prompt, with the parameters that were set."""
        sampling = dict(self.fitted.body)
        messages = attachments.fitted(
            transcript, files=self.takes("file") is True, media=self.connection.id != LOCAL
        )
        if self.system_prompt.strip() and self.system_way == "parameter":
            sampling["system"] = self.system_prompt
        elif self.system_prompt.strip():
            messages = instructed(messages, self.system_prompt, folded=self.system_way == "folded")
        if self.streaming and not (self.info and self.info.lists("stream_options") is False):
            sampling["stream_options"] = {"include_usage": True}
        if self.streaming and isinstance(voice := sampling.get("audio"), dict):
            sampling["audio"] = {**voice, "format": "pcm16"}  # the only one that streams (OpenAI's audio guide)
        asked = ChatRequest(
            self.model,
            tuple(messages),
            sampling,
            offered,
            tool_choice,
            stream=self.streaming,
            extra=self.extra,
            parts="anthropic" if self.info and self.info.claude_parts else "openai",
        )
        return meter.fit(self, asked)

    @property
    def account(self) -> Account | None:
        """Whose budget pays for a guest's request; None: a key of one's own, or a model that costs nothing."""
        if not self.guest:
            return None
        billed = self.endpoint.is_aimlapi
        known = meter.Known(self.catalogue, patient=billed)
        return Account(services.ledger(), self.owner, configured().terms, known, billed, configured().deadlines)

    @property
    def source(self) -> Source:
        """Whoever answers; for a guest on the owner's key only within the budget, whichever page asks."""
        found, account = super().source, self.account
        return MeteredSource(found, account) if account else found

    def ask(
        self, transcript: Sequence[Message], offered: tuple[Tool, ...], *, more: bool, before: str = ""
    ) -> Turn:
        """The answer to a transcript, to be started (see backend.chat.Ask)."""
        request = self.request(transcript, offered, "none" if offered and not more else None)
        return self.turn(self.chat.shaped(request) if isinstance(self.chat, Agent) else request, before)

    def turn(
        self, request: ChatRequest, before: str = "", sure: tuple[Token, ...] = (), after: float = 0.0
    ) -> Turn:
        """The answer to a request (see backend.turn.Turn), to be started; it leaves `after` so many seconds."""
        paid = self.source
        source: Source = DelayedSource(paid, after) if after else paid
        emulated = isinstance(self.chat, Agent) and self.chat.emulated
        source = Emulated(source) if emulated else source
        turn = Turn(source, request, before, sure, price(self, request.model))
        self.spending.add(turn)
        look_for_bill(self, turn, paid)
        return turn.read_by(tab.tab_is_open(), configured().deadlines.abandoned)

    # ---- what callbacks do ------------------------------------------------------------------------------

    def submitted(self, widget: str) -> None:
        """Take what was just sent with the composer: words, files, a recording."""
        found = tab.value(widget)
        if found is None:
            return
        files = [*found.files, *([found.audio] if found.audio else [])]
        message = self.outbox.submit(found.text, files, lambda message: not self.lacking(message))
        if message:
            self.send(message)

    def send(self, said: str | Message) -> None:
        message = Message("user", said) if isinstance(said, str) else said
        if not message.empty:
            self.chat.send(message, self.ask)

    def release(self) -> None:
        """Send the held message after all; this model is not asked about again for what is in it."""
        if message := self.outbox.release():
            self.accepted |= {(self.model, kind) for kind in self.lacking(message)}
            self.send(message)

    def use_able_and_send(self, kind: MediaKind) -> None:
        """Switch to a model that can open the held message, and send it; without a key it goes on waiting."""
        self.use_able(kind)
        held = self.outbox.held
        if held and self.endpoint.api_key and not (held.problems or self.lacking(held.message)):
            self.release()

    def take_back(self) -> None:
        """Open the held message in the composer."""
        self.draft = self.outbox.take_back()

    def lacking(self, message: Message) -> set[MediaKind]:
        """The kinds of attachments in this question, or before it, that the model in use does not list."""
        path = [node.message for node in self.chat.conversation.path()]
        needed = attachments.kinds([*path, message])
        return {kind for kind in needed if self.takes(kind) is False and (self.model, kind) not in self.accepted}

    def regenerate(self, node: NodeId) -> None:
        self.chat.regenerate(node, self.ask)

    def retry_without(self, node: NodeId, name: str) -> None:
        """Ask again without a parameter that the server did not take."""
        self.learn_refusal(name)
        self.regenerate(node)

    def stop(self) -> None:
        """Stop the answer. Messages that waited are kept, and sent only when the visitor says so."""
        self.chat.stop()
        self.unsent += self.chat.unqueue()

    def send_unsent(self) -> None:
        """Send the messages that Stop kept, one after the other."""
        waiting, self.unsent = self.unsent, []
        for message in waiting:
            self.send(message)

    def discard_unsent(self) -> None:
        self.unsent = []

    def give_back(self) -> bool:
        """Put the words of a question that failed at once back into the composer, to be sent again in its place.

        Not after a long wait: by then the visitor may have begun to type something else.
        """
        path = self.chat.conversation.path()
        turn = self.chat.turn
        if len(path) < 2 or turn is None or turn is self._given_back or turn.elapsed > GIVE_BACK:
            return False
        if not unanswered(path[-1].message) or path[-2].message.role != "user":
            return False
        self._given_back = turn
        self.draft = path[-2].message.content
        self.outbox.keep(path[-2].message)
        return True

    def fill_composer(self) -> None:
        """Before the composer is drawn: put the words in that are waiting for it."""
        if self.draft:
            tab.put("composer", self.draft)
            self.draft = ""

    # ---- shaping the conversation: callbacks of one message's actions --------------------------------------

    def inspect(self, node: NodeId | None) -> None:
        """Open the inspector on an answer, or close it."""
        self.inspected = node

    def resume(self, node: NodeId) -> None:
        self.chat.resume(node, self.ask)

    def edit(self, node: NodeId | None) -> None:
        """Open the editor of a message, or close it."""
        self.editing = node

    def edited(self, node: NodeId, *, run: bool) -> None:
        """Take the editor's text: as a question to answer, or only as other words."""
        text = str(tab.value(f"editor.{node}") or "")
        self.editing = None
        if not text.strip():
            return
        if run:
            self.chat.ask_again(node, text, self.ask)
        else:
            self.chat.edit(node, text)

    def menu(self, node: NodeId) -> None:
        """What was chosen in a message's menu (see components/chat/actions.py)."""
        chosen = tab.value(f"menu.{node}")
        actions: dict[str, Callable[[], None]] = {
            "Regenerate": lambda: self.regenerate(node),
            "Inspect": lambda: self.inspect(node),
            "Continue": lambda: self.resume(node),
            "Edit": lambda: self.edit(node),
            "Show raw text": lambda: self.raw.add(node),
            "Show rendered": lambda: self.raw.discard(node),
            "Add a message below": lambda: setattr(self, "adding", node),
            "Delete this message": lambda: self.chat.remove(node),
            "Delete everything below": lambda: self.chat.remove_after(node),
        }
        if chosen in actions:
            actions[chosen]()

    def added(self, after: NodeId | None) -> None:
        """Take the form of a message of any role."""
        role = cast(Role, tab.value("add.role") or "user")
        text = str(tab.value("add.text") or "")
        name = str(tab.value("add.name") or "").strip() or None
        self.adding = None
        if text.strip():
            call = name if role == "tool" else None
            self.chat.insert(Message(role, text, name=None if call else name, tool_call_id=call), after)

    def stop_adding(self) -> None:
        self.adding = None

    def show_more(self) -> None:
        self.shown += RECENT

    def leave(self) -> None:
        """The visitor goes: nothing runs on at anybody's expense."""
        for chat in self._chats.values():
            chat.stop()

    def new_chat(self) -> None:
        self.chat.stop()
        self._chats[self.page] = self._chat_of(self.page)
        self.leave_editors()

    def leave_editors(self) -> None:
        """Another conversation comes into view: nothing of the last one stays open."""
        self.shown = RECENT
        self.editing = self.adding = None
        self.raw.clear()


def _page_of(found: Record) -> str:
    """Where a conversation belongs: one with tools to their page."""
    return "Tools" if found.settings.get("page") == "Tools" else "Chat"
