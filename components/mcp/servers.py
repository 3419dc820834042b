"""The tool servers of one tab: which were added, are connected, and which of their tools are on offer.

Nothing here is drawn. Keys stay in this object: the saved form has placeholders instead.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import replace

from backend.keys.endpoint import SecretStr
from backend.library.saved_documents import Document, SavedDocuments
from backend.mcp import config, server
from backend.mcp.connection import ToolServerConnection
from backend.mcp.definitions import ServerTool, fingerprint
from backend.mcp.host import ServerHost
from backend.mcp.offered_tools import KnownTool, known_tools
from backend.mcp.running_call import ServerCall
from backend.mcp.server import Server
from backend.store import StoreError
from backend.tools import calls
from backend.tools.calls import CallOutcome
from backend.types import ToolCall
from backend.untrusted import Unreadable
from components.history.share import front_page
from components.mcp import route, words
from components.session import services, tab, widgets
from components.session.session import Session

MOST, GUEST_MOST = 20, 3  # servers of one tab
PASTED, SECRET, FILE = "mcp.pasted", "mcp.secret", "mcp.file"


class ToolServers:
    """One per tab: `ToolServers.current()`."""

    def __init__(self) -> None:
        self.connections: dict[str, ToolServerConnection] = {}  # by the name of the server
        self.trouble = ""
        self.news = ""
        self.held = SecretStr("")  # a token that was typed beside an invalid address
        self.read_last: dict[tuple[str, str], CallOutcome] = {}  # (server, address, or "prompt" and its name)
        self.misfits: dict[int, list[str]] = {}  # by question: why an answer was not sent
        self.trying: dict[str, ServerCall] = {}  # by the name for the model
        self._ids: dict[str, str] = {}
        self._seen: tuple[object, ...] = ()
        self._tools: dict[str, KnownTool] = {}
        self._load()

    @staticmethod
    def current() -> ToolServers:
        return tab.one(ToolServers)

    @property
    def available(self) -> bool:
        """Whether there can be servers here."""
        return self.adds or bool(services.configured().tool_servers)

    @property
    def adds(self) -> bool:
        """Whether visitors may add servers. On a shared app only if the owner allows it, and only by https."""
        return not services.configured().shared or services.configured().guest_tool_servers

    @property
    def starts_commands(self) -> bool:
        """Whether commands may be started: for a browser on this machine, or if the owner allows it, as a
        command can do what the app can. Never on a shared app.
        """
        known = services.configured()
        return not known.shared and (known.commands or tab.on_this_machine())

    # ---- kept -----------------------------------------------------------------------------------------------

    @property
    def _saved_servers(self) -> SavedDocuments:
        return services.saved_servers(Session.current().owner)

    def _load(self) -> None:
        for listed in services.configured().tool_servers:
            self.put(listed)
        for document in self._saved_servers.all() if self.adds else ():
            with suppress(Unreadable):
                self.put(server.read(document.text))
                self._ids[document.name] = document.id

    def put(self, added: Server) -> None:
        """Replace the server's description; its connection is not closed."""
        self.connections[added.name] = ToolServerConnection(added)

    def save(self, kept: Server) -> None:
        """Save it for the next visit, without sealed values; the owner's are not saved."""
        if kept.owned:
            return
        try:
            self._saved_servers.save(Document(kept.name, kept.document(), self._ids.get(kept.name, "")))
        except StoreError as error:
            self.trouble = str(error)
            return
        self._ids = {document.name: document.id for document in self._saved_servers.names()}

    # ---- added and removed ------------------------------------------------------------------------------------

    def add_typed(self) -> None:
        """Add what was typed or pasted, with the token beside it. The fields are emptied once it is parsed."""
        secret = str(tab.value(SECRET) or "") or self.held.get_secret_value()
        tab.put(SECRET, "")
        self.held = SecretStr(secret)
        if self._add(str(tab.value(PASTED) or ""), secret):
            tab.put(PASTED, "")
            self.held = SecretStr("")

    def add_file(self) -> None:
        if (file := tab.upload(FILE)) is not None:
            self._add(file.getvalue().decode("utf-8", "replace"), "")

    def _add(self, pasted: str, secret: str) -> bool:
        self.trouble = self.news = ""
        if not self.adds:
            return False
        try:
            found = config.read(pasted, secret)
        except Unreadable as refused:
            self.trouble = str(refused)
            return False
        shared = services.configured().shared
        if shared and not all(one.url.startswith("https://") for one in found.servers):
            self.trouble = words.ONLY_HTTPS
            return False
        most = GUEST_MOST if shared else MOST
        if sum(not at.server.owned for at in self.connections.values()) + len(found.servers) > most:
            self.trouble = words.TOO_MANY.format(most=most)
            return False
        for added in found.servers:
            named = replace(added, name=server.unique(added.name, self.connections))
            self.put(named)
            self.save(named)
            if not named.is_program and len(found.servers) == 1:
                self.connect(named.name)
        names = ", ".join(list(self.connections)[-len(found.servers) :])
        self.news = " ".join([words.ADDED.format(names=names), *found.notes])
        return True

    def remove(self, name: str) -> None:
        connection = self.connections.pop(name)
        connection.close()
        document = Document(name, connection.server.document(), self._ids.pop(name, ""))
        if document.id:
            Session.current().deletions.document(self._saved_servers, document, self._reload)

    def _reload(self) -> None:
        """Reload after a removal, and after its undo: the remaining ones keep their keys."""
        for document in self._saved_servers.all():
            if document.name not in self.connections:
                with suppress(Unreadable):
                    self.put(server.read(document.text))
                    self._ids[document.name] = document.id

    def fill_in(self, name: str, placeholder: str, widget: str) -> None:
        """Take a typed secret: it is sealed, and its field emptied."""
        typed = str(tab.value(widget) or "").strip()
        tab.put(widget, "")
        connection = self.connections.get(name)
        if typed and connection and connection.state == "off":
            self.put(connection.server.with_values({placeholder: typed}))

    # ---- connected --------------------------------------------------------------------------------------------

    @property
    def signs_in(self) -> str:
        """The address to which a browser returns after signing in at a server; "" if that is not supported.

        Not on a shared app: somebody could send the sign-in page to another person and use that person's account.
        """
        here = not services.configured().shared and route.is_serving()
        return f"{front_page()}{route.PATH}" if here else ""

    def connect(self, name: str, *, signs_in: bool = False) -> None:
        """Connect, or start a command: this is the click. `signs_in`: with the browser."""
        before = self.connections.get(name)
        if before is None or before.state != "off" or before.server.missing:
            return
        if not (self.starts_commands if before.server.is_program else self.available):
            return
        back = self.signs_in if signs_in or before.sign_in else ""
        public = services.configured().shared and not before.server.owned  # a guest typed its address
        self.connections[name] = ToolServerConnection(
            before.server, wanted=tab.tab_is_open(), public_only=public, back=back
        )
        self.connections[name].connect()

    def disconnect(self, name: str) -> None:
        if connection := self.connections.get(name):
            connection.close()

    def check(self, name: str) -> None:
        if connection := self.connections.get(name):
            connection.refresh()

    def beside(self) -> tuple[object, ...]:
        """A value that changes whenever there is something new to draw without a click."""
        connections = ((at.state, at.version, at.questions.phases) for at in self.connections.values())
        return (*connections, *(round_progress(running) for running in self.trying.values()))

    @property
    def busy(self) -> bool:
        """Whether something will change soon without a click."""
        connections = self.connections.values()
        changing = any(connection.state == "connecting" or connection.checking for connection in connections)
        return changing or any(not running.ended for running in self.trying.values())

    # ---- their tools ------------------------------------------------------------------------------------------

    def tools(self, taken: set[str]) -> dict[str, KnownTool]:
        """The tools of connected servers, by their names for a model. `taken` are names of other tools."""
        on = {name: connection for name, connection in self.connections.items() if connection.state == "on"}
        seen = (*((name, at.listing.tools, at.server) for name, at in on.items()), frozenset(taken))
        if seen != self._seen:
            for name, connection in on.items():
                self._let_in(name, connection)
            listed = known_tools({name: (at.server, at.listing) for name, at in on.items()}, taken)
            self._tools = {tool.offered: tool for tool in listed}
            self._seen = (*((name, at.listing.tools, at.server) for name, at in on.items()), frozenset(taken))
        return self._tools

    def _let_in(self, name: str, connection: ToolServerConnection) -> None:
        """Allow the tools that a server has at its first connection."""
        if not connection.server.allowed and connection.listing.tools:
            self._allow(name, connection.listing.tools)

    def allow(self, known: KnownTool) -> None:
        """Allow a tool with its current definition, and offer it."""
        self._allow(known.server, (known.tool,))
        tab.put(widgets.tool_ticked(known.offered), True)

    def _allow(self, name: str, tools: tuple[ServerTool, ...]) -> None:
        connection = self.connections[name]
        allowed = {**connection.server.allowed, **{tool.name: tool.definition() for tool in tools}}
        connection.server = replace(connection.server, allowed=allowed)
        self.save(connection.server)

    def asks(self, known: KnownTool) -> bool:
        """Whether a tool asks before it runs, by default: yes, unless the owner has disabled that."""
        return self.connections[known.server].server.asks

    def host(self, known: KnownTool) -> ServerHost:
        connection = self.connections[known.server]
        return ServerHost(connection, known.tool.name, fingerprint(known.tool.definition()))

    # ---- tried ------------------------------------------------------------------------------------------------

    def try_out(self, known: KnownTool, written: str) -> CallOutcome | None:
        """Run a tool by hand; returns the outcome at once if it does not run at all."""
        call = ToolCall("by_hand", known.offered, written)
        problems = calls.problems(call, known.definition)
        if problems:
            return calls.invalid(problems)
        self.cancel(known.offered)  # one at a time
        self.trying[known.offered] = self.host(known).start(call)
        return None

    def take_outcomes(self) -> dict[str, CallOutcome]:
        """The outcomes of the trials that have ended, once."""
        over = {name: running.outcome for name, running in self.trying.items() if running.outcome}
        self.trying = {name: running for name, running in self.trying.items() if name not in over}
        return over

    def cancel(self, offered: str) -> None:
        if running := self.trying.get(offered):
            running.stop()


def is_visitors(server: Server) -> bool:
    """Whether the visitor may see all of it: guests must not see the owner's addresses."""
    return not (server.owned and services.configured().shared)


def round_progress(running: object) -> object:
    """The progress of a call, rounded to steps worth a redraw; None if it is not reported."""
    if not isinstance(running, ServerCall):
        return None
    part = running.progress.part
    return running.ended, None if part is None else round(part, 2), running.progress.words


def digest(name: str) -> str:
    """A name of any characters as a part of a widget key."""
    return hashlib.sha256(name.encode()).hexdigest()[:10]
