"""The conversations of one tab: one in view on each page that has one, kept in the store as they grow."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import cast

from backend.conversation.chat import Chat
from backend.conversation.tree import Conversation, when
from backend.formats.archive import Record
from backend.store import Journal
from backend.tools.agent import Agent
from backend.types import JSON
from components.session import services, tab
from components.session.services import configured
from components.session.view import TranscriptView

TITLE = 60  # characters of the first question that name a file
TOOLS = "Tools"  # the page whose conversation calls tools
_WITHOUT_CHAT = ("History", "Models", "Owner")

Kept = Mapping[str, JSON]


class Chats:
    """`current` is the chat of the page in view. `kept` gives the settings to keep with a conversation, `restore`
    fills them in again.
    """

    def __init__(self, owner: str, kept: Callable[[], Kept], restore: Callable[[Kept], None]) -> None:
        self.view = TranscriptView()
        self.page = "Chat"
        self.missing = False  # the address that this tab was opened with names no conversation of this owner
        self.opened_on = "Chat"  # the page of the conversation that was opened last
        self.offered: Kept = {}  # what the Tools page offers, in settings of a conversation
        self._owner = owner
        self._kept = kept
        self._restore = restore
        self._chats: dict[str, Chat] = {}
        self._remembered: Kept = {}  # the settings of the last run

    def remember(self, kept: Kept) -> None:
        """The settings that go with what is written down from now on, by any thread."""
        self._remembered = kept

    def begin(self, page: str) -> None:
        """A page comes into view; its conversation is opened first, so that it can set widgets."""
        self.page = page
        if page not in _WITHOUT_CHAT:
            _ = self.current

    @property
    def current(self) -> Chat:
        """The chat of the page in view; the Tools page has one of its own, that calls tools."""
        if self.page not in self._chats:
            self._chats[self.page] = self._arriving()
        return self._chats[self.page]

    @property
    def agent(self) -> Agent:
        """The chat of the Tools page. On another page: TypeError."""
        if self.page != TOOLS:
            raise TypeError("Only the Tools page has an agent.")
        return cast(Agent, self.current)

    @property
    def id(self) -> str:
        """The id of the saved conversation in view, "" when there is none yet."""
        return self._journal.id

    @property
    def id_in_view(self) -> str:
        """The same on any page: "" where none is in view."""
        return "" if self.page in _WITHOUT_CHAT else self.id

    @property
    def title(self) -> str:
        """What the conversation in view is called; "" while it has no name, or nothing is kept of it."""
        return services.journals().store.title(self._owner, self.id) if self.id else ""

    @property
    def _journal(self) -> Journal:
        return cast(Journal, self.current.journal)

    @property
    def changed_elsewhere(self) -> bool:
        """Another tab wrote into the conversation in view."""
        return self._journal.elsewhere(node.id for node in self.current.conversation.nodes())

    # ---- opening ------------------------------------------------------------------------------------------

    def new(self) -> None:
        """An empty conversation on the page in view, on the Chat page where it has none; an answer that runs in the
        one before is stopped."""
        page = "Chat" if self.page in _WITHOUT_CHAT else self.page
        if page in self._chats:
            self._chats[page].stop()
        self._chats[page] = self._chat_of(page)
        self.missing = False
        self.view.leave()

    def open(self, id_: str, page: str = "") -> None:
        """Bring a saved conversation into view, on this page or on the one it belongs to (`opened_on`)."""
        record = services.journals().load(self._owner, id_)
        if record is not None:
            self.missing = False
            self.opened_on = page or _page_of(record)
            self._chats[self.opened_on] = self._revived(id_, record, self.opened_on)
            self.view.leave()

    def _arriving(self) -> Chat:
        """The conversation that the address names (a reload, a restart) if it is of this page, else a new one."""
        id_ = tab.address("c")
        journals = services.journals()
        record = journals.load(self._owner, id_) if id_ else None
        # Said to a tab that opens with it; later, the address may be that of a page before.
        self.missing = bool(id_) and record is None and not self._chats and not journals.store.trouble
        if record is None or _page_of(record) != self.page:  # the address may still be that of the page before
            return self._chat_of(self.page)
        return self._revived(id_, record, self.page)

    def _chat_of(self, page: str, id_: str = "", conversation: Conversation | None = None) -> Chat:
        """A chat that is written down; one of the Tools page with that, and with the tools that it may call."""
        journals = services.journals()
        if page != TOOLS:
            return Chat(journals.journal(self._owner, lambda: dict(self._remembered), id_), conversation)
        journal = journals.journal(self._owner, lambda: {**self._remembered, "page": page, **self.offered}, id_)
        return Agent(None, journal, conversation)

    def _revived(self, id_: str, record: Record, page: str) -> Chat:
        """A saved conversation as it was left; an answer that still runs is followed again."""
        chat = self._chat_of(page, id_, record.conversation)
        running = services.journals().running(self._owner, id_)
        if running:
            chat.adopt(*running)
            running[1].read_by(tab.tab_is_open(), configured().deadlines.abandoned)
        for node in record.conversation.nodes():
            if node.message.state == "running" and not (running and node.id == running[0]):
                record.conversation.update(node.id, replace(node.message, state="interrupted"))
        # All of its settings, and none of the ones before: also where it says nothing of tools.
        ticks: dict[str, JSON] = {"ticked_tools": None} if page == TOOLS else {}
        self._restore({"extra": {}, **ticks, **record.settings})
        return chat

    def take_away(self, ids: Collection[str]) -> Callable[[], None]:
        """These conversations are deleted: a page that shows one shows a new one. Gives the way back."""
        services.journals().stop(self._owner, ids)
        taken = {
            page: chat
            for page, chat in self._chats.items()
            if isinstance(chat.journal, Journal) and chat.journal.id in ids
        }
        for page, chat in taken.items():
            chat.stop()
            self._chats[page] = self._chat_of(page)
        fresh = dict(self._chats)

        def bring_back() -> None:
            for page, chat in taken.items():
                if self._chats.get(page) is fresh[page] and not len(fresh[page].conversation):
                    self._chats[page] = chat

        return bring_back

    # ---- giving away and leaving ----------------------------------------------------------------------------

    def record(self) -> Record:
        """The conversation in view as it is given away: every branch, with its settings."""
        path = self.current.conversation.path()
        first = next((node.message.content for node in path if node.message.role == "user"), "")
        return Record(
            self.current.conversation,
            " ".join(first.split())[:TITLE],
            dict(self._kept()),
            created=when(path[0].id) if path else 0.0,
            updated=when(path[-1].id) if path else 0.0,
        )

    def leave(self) -> None:
        """The visitor goes: nothing runs on at anybody's expense."""
        for chat in self._chats.values():
            chat.stop()


def _page_of(record: Record) -> str:
    """Where a conversation belongs: one with tools to their page."""
    return TOOLS if record.settings.get("page") == TOOLS else "Chat"
