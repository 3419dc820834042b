"""The connections of one tab, the one in use, and the keys that were typed for them.

Keys that a visitor types are stored here and nowhere else: never in a widget, a URL, a log or a file. The pair rule
holds because a `Connection` is made here with its key: a key is sent to the server it was configured or typed for,
and
to no other.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit
from weakref import WeakValueDictionary

from backend import local, settings
from backend.answer.turn import Source
from backend.errors import AddressNotFound, APIError, NotAnAnswer, Redirected
from backend.keys import headers, pasted
from backend.keys.base_urls import instead_of
from backend.transport import public_web
from backend.transport.client import ChatClient, Deadlines, Endpoint
from components.session import tab, widgets, words
from components.session.connection import CONFIGURED, LOCAL, Connection
from components.session.services import configured

# Query parameters that contain a key: an address is shown, and written into links and code.
_KEY_NAMES = frozenset({"key", "api_key", "api-key", "apikey", "token", "access_token", "subscription-key", "sig"})
_SHORTEST_KEY = 20  # minimum length of a key that a server checks


# Of all tabs, by server and key: each tab of its own would leave a connection behind until Python collects it
# (measured: 161 open ones after 160 tabs had been closed).
_clients_of_all: WeakValueDictionary[tuple[Endpoint, Deadlines], ChatClient] = WeakValueDictionary()


class Connections:
    """The connections of one tab. Which one is in use is remembered by its widget (persist_state)."""

    def __init__(self) -> None:
        self.base_url = ""
        self.address_problem = ""
        self.check: tuple[bool, str] | None = None  # the result of the last test: whether it works, and a sentence
        self._keys: dict[str, str] = {}  # by origin
        self._headers: dict[str, dict[str, str]] = {}  # by origin: custom headers, each possibly a secret
        self.header_problem = ""
        self._clients: dict[Endpoint, ChatClient] = {}
        self._neighbours = () if configured().shared else tuple(local.neighbours())
        self._all: dict[str, Connection] = self._make_connections()

    def _make_connections(self) -> dict[str, Connection]:
        """By id, the best default first."""
        owner, own_key = configured().endpoint, self._keys.get(configured().endpoint.origin)
        remote = Connection(
            "configured",
            owner.name,
            Endpoint(owner.base_url, own_key, owner.name) if own_key else owner,
            guest=configured().shared and (not own_key or _takes_any_key(owner)),
        )
        here = Connection("local", words.THIS_COMPUTER)
        order = [remote, here] if configured().has_key else [here, remote]
        order += [Connection("neighbour", server.name, server) for server in self._neighbours]
        if not configured().shared or configured().terms.addresses:
            order.append(Connection("other", words.ANOTHER_SERVER, self._typed_endpoint()))
        return {connection.id: connection for connection in order}

    def _typed_endpoint(self) -> Endpoint:
        server = Endpoint(self.base_url, "", settings.server_name(self.base_url))
        key = self._keys.get(server.origin, "")
        own = self._headers.get(server.origin, {})
        return Endpoint(server.base_url, key, server.name, public_only=configured().shared, headers=own)

    # ---- choosing ---------------------------------------------------------------------------------------

    @property
    def all(self) -> dict[str, Connection]:
        """What the visitor may choose from, by id, the best default first."""
        return self._all

    @property
    def default(self) -> Connection:
        return next(iter(self._all.values()))

    @property
    def current(self) -> Connection:
        """The connection in use."""
        return self._all.get(str(tab.value(widgets.CONNECTION))) or self.default

    @property
    def configured(self) -> Connection:
        """The owner's server, with the visitor's own key if there is one."""
        return self._all[CONFIGURED]

    @property
    def local(self) -> Connection:
        return self._all[LOCAL]

    def connect(self, connection: str) -> None:
        """Choose a connection by its id, as a click on it would."""
        tab.put_setting(widgets.CONNECTION, connection)
        self.forget_check()

    def forget_check(self) -> None:
        """Another connection is in use: the test result of the previous one is discarded."""
        self.check = None

    # ---- keys and addresses -----------------------------------------------------------------------------

    @property
    def keys(self) -> list[str]:
        """Every key of this tab and of its owner: none of them is ever shown."""
        own = [key for given in self._headers.values() for key in headers.secrets(given)]
        return [key for key in (configured().endpoint.api_key, *self._keys.values(), *own) if key]

    @property
    def typed_key(self) -> bool:
        """Whether the key in use is the visitor's own."""
        return self.current.endpoint.origin in self._keys

    @property
    def key_state(self) -> str:
        """A description of the key in use: at most its last four characters."""
        endpoint = self.current.endpoint
        if typed := self._keys.get(endpoint.origin):
            return words.OWN_KEY_ENDING.format(last_four=typed[-4:]) if len(typed) > 12 else words.OWN_KEY
        if endpoint.api_key:
            return words.KEY_OF_OWNER if configured().shared else words.KEY_CONFIGURED
        return "" if endpoint.is_loopback else words.NO_KEY

    def put_key(self, origin: str, key: str) -> None:
        """Set the key for one server, replacing the previous one."""
        self._keys[origin] = key
        self._all = self._make_connections()
        self.check = None

    def take_key(self, widget: str) -> None:
        """Move a typed key out of its widget into this tab, and empty the widget."""
        typed = pasted.key(str(tab.value(widget, "")))
        tab.put(widget, "")
        if typed:
            self.put_key(self.current.endpoint.origin, typed)

    @property
    def header_names(self) -> list[str]:
        """The names of the custom headers for the server in use: their values are not shown."""
        return list(self._headers.get(self.current.endpoint.origin, {}))

    def take_header(self, widget: str) -> None:
        """Move a typed header out of its widget into this tab, and empty the widget. Not on a shared app, where
        a visitor cannot know who could read it.
        """
        typed, origin = str(tab.value(widget, "")), self.current.endpoint.origin
        tab.put(widget, "")
        if not typed.strip() or configured().shared or not self.current.takes_address:
            return
        try:
            self._headers[origin] = headers.with_header(self._headers.get(origin, {}), *headers.read(typed))
            self.header_problem = ""
        except headers.UnusableHeader as unusable:
            self.header_problem = str(unusable)
        self._all = self._make_connections()

    def forget_headers(self) -> None:
        self._drop_headers(self.current.endpoint.origin)
        self._all = self._make_connections()

    def _drop_headers(self, origin: str) -> None:
        self.header_problem = ""
        if self._headers.pop(origin, {}):
            self._clients = {at: client for at, client in self._clients.items() if at.origin != origin}

    def forget_key(self) -> None:
        self._drop_key(self.current.endpoint.origin)
        self.check = None

    def _drop_key(self, origin: str) -> None:
        """Delete the key typed for a server, and the clients that have it."""
        if dropped := self._keys.pop(origin, ""):
            self._clients = {at: client for at, client in self._clients.items() if at.api_key != dropped}
        self._all = self._make_connections()

    def take_base_url(self, widget: str) -> None:
        """Take a typed address. A key typed for another origin is deleted."""
        typed = pasted.address(str(tab.value(widget, "")))
        if typed and "://" not in typed:
            typed = f"https://{typed}"
        self.address_problem = address_problem(typed)
        if typed and configured().shared:
            self.address_problem = self.address_problem or public_web.problem(typed)
        self.use_base_url("" if self.address_problem else typed)

    def use_base_url(self, address: str) -> None:
        """Set the address for "Another server"; "" for none."""
        before, self.base_url = Endpoint(self.base_url).origin, address
        # An invalid address stays in its field, to be corrected.
        tab.put_setting(widgets.BASE_URL, address or str(tab.value(widgets.BASE_URL) or ""))
        if before != Endpoint(address).origin:
            self._drop_headers(before)
            self._drop_key(before)
        self._all = self._make_connections()
        self.forget_check()

    # ---- clients ----------------------------------------------------------------------------------------

    def test(self) -> None:
        """Test the connection and store the result."""
        connection = self.current
        try:
            report = self.client(connection.endpoint).check()
            self.check = (True, report.partition(" Balance")[0] if connection.guest else report)
        except APIError as error:
            whither = error.detail.partition("\n")[0] if isinstance(error, Redirected) else ""
            parts = (error.title, whither and f"{whither}.", error.hint, self._perhaps(error))
            self.check = (False, " ".join(filter(None, parts)))

    def _perhaps(self, error: APIError) -> str:
        """A suggestion for the intended address, if nothing was found at the typed one."""
        lost = isinstance(error, AddressNotFound | NotAnAnswer) and self.current.takes_address
        other = instead_of(self.base_url) if lost else ""
        return words.PERHAPS_ADDRESS.format(address=other) if other else ""

    def client(self, endpoint: Endpoint) -> ChatClient:
        """A client whose HTTP connections are kept open between messages; tabs with the same key share it."""
        if endpoint not in self._clients:
            key = endpoint, configured().deadlines
            self._clients[endpoint] = _clients_of_all.get(key) or _clients_of_all.setdefault(key, ChatClient(*key))
        return self._clients[endpoint]

    def source(self, connection: Connection) -> Source:
        """The source of answers of a connection."""
        return local.LocalChat(*local_models()) if connection.is_local else self.client(connection.endpoint)


def local_models() -> tuple[local.LocalModel, ...]:
    """The models that this computer can run: the owner's own file first, then those that fit into its memory."""
    own = configured().local_model
    return ((local.custom(own),) if own else ()) + local.offered_models()


def address_problem(typed: str) -> str:
    """What is wrong with a typed address; "" if nothing is. Connecting may still fail."""
    if not typed:
        return ""
    try:
        parts = urlsplit(typed)
        _ = parts.port
    except ValueError:
        return words.NOT_AN_ADDRESS
    if parts.username or parts.password or _KEY_NAMES & {name.lower() for name, _ in parse_qsl(parts.query)}:
        return words.KEY_IN_ADDRESS
    if parts.scheme not in ("http", "https") or not parts.hostname or any(mark in typed for mark in " \\"):
        return words.NOT_AN_ADDRESS
    return ""


def _takes_any_key(owner: Endpoint) -> bool:
    """Whether it is a server in the owner's own network without a key, or with a placeholder ("ollama",
    "EMPTY"): it is the owner's machine that answers, whatever is typed.
    """
    return owner.is_near and len(owner.api_key) < _SHORTEST_KEY
