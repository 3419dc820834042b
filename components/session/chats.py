"""The conversations of one tab: one in view on each page that has one, saved as they grow."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from backend.compare.race import Race
from backend.compare.race_chat import RaceChat
from backend.conversation.chat import Chat
from backend.conversation.tree import Conversation, when
from backend.demos.playing import Unkept
from backend.formats.archive import Record
from backend.store import Answers, Journal, summaries
from backend.tools.agent import Agent
from backend.types import JSON, Message
from components.elements.browser_history import CONVERSATION, WALKED
from components.session import services, tab
from components.session.pages import COMPARE, STAGE, TOOLS, WITHOUT_CHAT, page_of
from components.session.services import configured
from components.session.view import TranscriptView

TITLE = 60  # characters of the first question that name a file
HIT = "hit"  # the query parameter that names a message

Kept = Mapping[str, JSON]


class Chats:
    """`current` is the chat of the page in view. `kept` returns the settings to save, `restore` sets them."""

    def __init__(
        self, owner: str, kept: Callable[[], Kept], restore: Callable[[Kept], None], race: Callable[[], Race]
    ) -> None:
        self.view = TranscriptView()
        self.page = "Chat"
        self.missing = False  # the address with which this tab was opened names no conversation of this owner
        self.opened_on = "Chat"  # the page of the conversation that was opened last
        self.offered: Kept = {}  # the tools on offer, in the settings of a conversation
        self._owner = owner
        self._kept = kept
        self._restore = restore
        self._race = race
        self._chats: dict[str, Chat] = {}
        self._came = False  # the previous run was of another page
        self._put = ""  # the conversation that was put into the address in the last run
        self._late: str | None = None  # another one that the address named, and that was left there
        self._remembered: Kept = {}  # the settings of the last run

    def remember(self, kept: Kept) -> None:
        """Set the settings that are saved from now on, by any thread."""
        self._remembered = kept

    def begin(self, page: str, *, came: bool) -> str:
        """Begin a page by opening its conversation, so that it can set widgets. `came`: from another page.

        Returns the page to which the conversation in the address belongs, "" for this one or none.
        """
        self.page = page
        walked = bool(tab.address(WALKED))
        tab.put_address(WALKED, "")
        self._came = came
        # A link to the front page has no path: in a new tab it opens the page of the conversation.
        if page in WITHOUT_CHAT:
            return "Chat" if not self._chats and tab.address(CONVERSATION) else ""
        self.view.on_stage = page == STAGE
        arrives = page != STAGE and (came or walked or page not in self._chats)
        elsewhere = self._arrive(walked) if arrives else ""
        _ = self.current
        return elsewhere

    def _arrive(self, walked: bool) -> str:
        """Bring the conversation in the address into view; none in it, by Back or Forward, means a new one."""
        id_, page = tab.address(CONVERSATION), self.page
        here = self.id if page in self._chats else ""
        journals = services.journals()
        record, running = journals.open(self._owner, id_) if id_ and id_ != here else (None, [])
        # Reported only where a tab opens with it or returns to it: else it may be a previous page's address.
        names_none = bool(id_) and id_ != here and record is None and not journals.store.trouble
        self.missing = names_none and (walked or not self._chats)
        if record is not None and page_of(record) != page:
            return page_of(record) if page == "Chat" else ""  # a stale address must not lead from page to page
        if record is not None:
            self._chats[page] = self._revive(id_, record, running, page)
            self.view.leave()
        elif walked and id_ != here:
            self._chats[page] = self._chat_of(page)
            self.view.leave()
        if id_:
            self._look_for_hit()
        return ""

    def put_address(self) -> None:
        """Put the conversation in view into the address.

        An address that names another one than was put there is left for one run: it is an old one, sent with a late
        click, or the mark of Back or Forward is about to arrive (components/elements/browser_history.py).
        """
        named, late = tab.address(CONVERSATION), self._late
        self._late = None
        if self._came or named in (self._put, self.id, late):
            self._put = self.id
            tab.put_address(CONVERSATION, self.id)
        else:
            self._late = named

    def _look_for_hit(self) -> None:
        """Scroll to the message of a search hit that a link of the history names."""
        named = tab.address(HIT)
        tab.put_address(HIT, "")
        conversation = self.current.conversation
        if named.isdecimal() and int(named) in conversation:
            for node in conversation.path_to(int(named)):
                conversation.choose(node.id)
            self.view.come_to(int(named))

    @property
    def current(self) -> Chat:
        """The chat of the page in view; that of the Tools page calls tools."""
        if self.page not in self._chats:
            self._chats[self.page] = self._chat_of(self.page)
        return self._chats[self.page]

    @property
    def agent(self) -> Agent:
        """The chat of the Tools page. Raises TypeError on another page."""
        if self.page != TOOLS or not isinstance(self.current, Agent):
            raise TypeError("Only the Tools page has an agent.")
        return self.current

    @property
    def race_chat(self) -> RaceChat:
        """The race of the Compare page, even while another page is in view."""
        race = self._chats.get(COMPARE)
        if not isinstance(race, RaceChat):
            race = self._chats[COMPARE] = self._race_of("", None)
        return race

    @property
    def id(self) -> str:
        """The id of the saved conversation in view, "" if there is none yet."""
        return self._journal.id if self._journal else ""

    @property
    def id_in_view(self) -> str:
        """The same on any page: "" if none is in view."""
        return "" if self.page in WITHOUT_CHAT else self.id

    @property
    def title(self) -> str:
        """The title of the conversation in view; "" if it has none, or is not saved."""
        return summaries.title(services.journals().store, self._owner, self.id)

    @property
    def _journal(self) -> Journal | None:
        journal = self.current.journal
        return journal if isinstance(journal, Journal) else None  # a playback is not saved

    @property
    def changed_elsewhere(self) -> bool:
        """Whether another tab wrote into the conversation in view."""
        known = (node.id for node in self.current.conversation.nodes())
        return self._journal is not None and self._journal.elsewhere(known)

    # ---- opening ------------------------------------------------------------------------------------------

    def new(self) -> None:
        """Show an empty conversation on the page in view (else on the Chat page), and stop a running answer."""
        page = "Chat" if self.page in WITHOUT_CHAT else self.page
        before = self.put(page)
        fresh = self._chats[page]
        if isinstance(before, RaceChat) and isinstance(fresh, RaceChat):  # another question for the same lanes
            fresh.race.line_up(before.race)
        self.missing = False

    def put(self, page: str, chat: Chat | None = None) -> Chat | None:
        """Show a chat on a page, by default an empty one; returns the previous one, stopped."""
        if before := self._chats.get(page):
            before.stop()
        self._chats[page] = chat or self._chat_of(page)
        self.view.leave()
        return before

    def new_race(self) -> Race:
        """Show an empty race on the Compare page; running answers of the previous one are stopped."""
        self.put(COMPARE)
        return self.race_chat.race

    def go_on(self, transcript: Sequence[Message], settings: Kept, page: str = "Chat") -> None:
        """A new conversation on a page, beginning with these messages; saved at once."""
        self.put(page)
        chat = self._chats[page]
        self.remember(settings)
        chat.conversation.graft(transcript, None)
        chat.write_down()

    def open(self, id_: str, page: str = "") -> None:
        """Show a saved conversation, on this page or on the one it belongs to (`opened_on`)."""
        record, running = services.journals().open(self._owner, id_)
        if record is not None:
            self.missing = False
            self.opened_on = page or page_of(record)
            self._chats[self.opened_on] = self._revive(id_, record, running, self.opened_on)
            self.view.leave()

    def _chat_of(self, page: str, id_: str = "", conversation: Conversation | None = None) -> Chat:
        """A chat with its journal; on the Tools page with the tools that it may call."""
        journals = services.journals()
        if page == COMPARE:
            return self._race_of(id_, None)
        if page == STAGE:
            return Chat(Unkept())
        if page != TOOLS:
            return Chat(journals.journal(self._owner, lambda: dict(self._remembered), id_), conversation)
        journal = journals.journal(self._owner, lambda: {**self._remembered, "page": page, **self.offered}, id_)
        return Agent(None, journal, conversation, self._owner)

    def _revive(self, id_: str, record: Record, running: Answers, page: str) -> Chat:
        """A saved conversation as it was left; a running answer is followed again."""
        if page == COMPARE:
            self._restore({"extra": {}, **record.settings})
            return self._race_of(id_, record, running)
        chat = self._chat_of(page, id_, record.conversation)
        for answer, turn in running[-1:]:
            chat.adopt(answer, turn)
            turn.read_by(tab.tab_is_open(), configured().deadlines.abandoned)
        for node in record.conversation.nodes():
            if node.message.state == "running" and node.id not in dict(running[-1:]):
                record.conversation.update(node.id, replace(node.message, state="interrupted"))
        if isinstance(journal := chat.journal, Journal):
            chat.queued.restore(journal.waiting(), goes_on=journal.goes_on(record.conversation.leaf))
        # All of its settings, and none of the previous ones, even if it has no tools.
        ticks: dict[str, JSON] = {"ticked_tools": None} if page == TOOLS else {}
        self._restore({"extra": {}, **ticks, **record.settings})
        return chat

    def _race_of(self, id_: str, record: Record | None, running: Answers = ()) -> RaceChat:
        """A race; a saved one as it was left, with every running answer."""
        race, journals = self._race(), services.journals()
        race.journal = journal = journals.journal(
            self._owner, lambda: {**self._remembered, "page": COMPARE, **race.saved_settings()}, id_
        )
        if record is not None:
            race.revive(record.conversation, record.settings)
            for node, turn in running:
                if lane := race.lane_of(node):
                    lane.chat.adopt(node, turn)
                    turn.read_by(tab.tab_is_open(), configured().deadlines.abandoned)
            race.interrupt([node for node, _ in running])
            race.queued.restore_lanes(journal.waiting(), journal.goes_on)
        return RaceChat(race)

    def take_away(self, ids: Collection[str]) -> Callable[[], None]:
        """Show a new conversation where one of these, which are deleted, is in view. Returns the undo."""
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

    def renew(self, ids: Collection[str]) -> None:
        """Reload these conversations, which were changed in the store, on the pages of this tab."""
        for chat in self._chats.values():
            if isinstance(chat.journal, Journal) and chat.journal.id in ids:
                with chat.lock:
                    record = services.journals().load(self._owner, chat.journal.id)
                    chat.conversation = record.conversation if record else Conversation()

    # ---- exporting and leaving ------------------------------------------------------------------------------

    def record(self) -> Record:
        """The conversation in view for export: every branch, with its title and its settings."""
        chat, journal = self.current, self.current.journal
        conversation = chat.race.whole() if isinstance(chat, RaceChat) else chat.conversation
        path = conversation.path()
        first = next((node.message.content for node in path if node.message.role == "user"), "")
        return Record(
            conversation,
            self.title or " ".join(first.split())[:TITLE],
            dict(journal.settings if isinstance(journal, Journal) else self._kept()),
            created=when(path[0].id) if path else 0.0,
            updated=when(path[-1].id) if path else 0.0,
        )

    def leave(self) -> None:
        """Stop everything that runs, as the visitor leaves."""
        for chat in self._chats.values():
            chat.stop()
