"""Where a tab's requests go: the connection in use, its key, its model.

Keys that a visitor types are held here and nowhere else: never in a widget, a URL, a log or a file. The pair
rule is kept by `endpoint`: a key meets the server it was configured or typed for, and no other.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from backend import catalog, local, settings
from backend.answer.turn import Source
from backend.errors import APIError
from backend.guests import terms
from backend.transport import public_web
from backend.transport.client import ChatClient, Endpoint
from backend.types import MediaKind
from components.elements import model_words
from components.session import tab
from components.session.services import configured

CONFIGURED, LOCAL, OTHER = "configured", "local", "other"
RECENT_MODELS = 5  # models of one connection that are remembered as used


@dataclass
class Connection:
    """One way to a model: where it runs, in the visitor's words."""

    id: str
    label: str


class Connections:
    """The ways to a model that one tab has. Widgets keep their own values (persist_state)."""

    def __init__(self) -> None:
        self.keys: dict[str, str] = {}
        self.base_url = ""
        self.address_problem = ""
        self.check: tuple[bool, str] | None = None
        self.recent: dict[str, list[str]] = {}  # by picker, the last one first
        self.labels: dict[
            str, str
        ] = {}  # by picker: what it shows of the model in use (see components/models/picker.py)
        self.arrived = ""  # what the address said last about the model
        self.wanted = ""  # the model it named, while that waits for a key
        self._clients: dict[Endpoint, ChatClient] = {}
        self._catalogue: tuple[Endpoint, catalog.Catalogue] | None = None  # of the endpoint that was last in use
        self._offered = (catalog.Listing(), catalog.Listing())  # a list, and what of it is open to guests
        self.neighbours = () if configured().shared else tuple(local.neighbours())

    @property
    def connections(self) -> dict[str, Connection]:
        """What the visitor may choose from, the best default first."""
        remote = Connection(CONFIGURED, configured().endpoint.name)
        here = Connection(LOCAL, "This computer")
        order = [remote, here] if configured().has_key else [here, remote]
        order += [Connection(found.base_url, found.name) for found in self.neighbours]
        if not configured().shared or configured().terms.addresses:
            order.append(Connection(OTHER, "Another server"))
        return {connection.id: connection for connection in order}

    @property
    def connection(self) -> Connection:
        """The connection in use."""
        chosen = str(tab.value("connection"))
        return self.connections.get(chosen) or next(iter(self.connections.values()))

    def connect(self, connection: str) -> None:
        """Choose a connection, as a click on it would."""
        tab.put("connection", connection)
        self.connection_changed()

    def connection_changed(self) -> None:
        self.check = None

    @property
    def endpoint(self) -> Endpoint:
        """Where a request goes, with the key that belongs there and no other (pair rule)."""
        connection = self.connection.id
        if connection == CONFIGURED:
            return self.configured_endpoint
        if connection == OTHER:
            found = Endpoint(self.base_url, "", settings.server_name(self.base_url))
            key = self.keys.get(found.origin, "")
            return Endpoint(found.base_url, key, found.name, public_only=configured().shared)
        return next((found for found in self.neighbours if found.base_url == connection), Endpoint(""))

    @property
    def configured_endpoint(self) -> Endpoint:
        """The owner's server, with the visitor's own key where there is one."""
        owner = configured().endpoint
        typed = self.keys.get(owner.origin)
        return Endpoint(owner.base_url, typed, owner.name) if typed else owner

    @property
    def guest(self) -> bool:
        """It is the owner's server and key that this visitor uses, at the owner's expense."""
        typed = self.keys.get(configured().endpoint.origin)
        return configured().shared and self.connection.id == CONFIGURED and not typed

    @property
    def key_state(self) -> str:
        """Which key is in use, without showing it."""
        endpoint = self.endpoint
        if typed := self.keys.get(endpoint.origin):
            return f"Your own key, ending in {typed[-4:]}" if len(typed) > 12 else "Your own key"
        if endpoint.api_key:
            return "Key set by the owner of this app" if configured().shared else "Key found in the configuration"
        return "" if endpoint.is_loopback else "No key yet"

    @property
    def needs_key(self) -> bool:
        """A service that takes nothing without a key, and none is here."""
        return self.connection.id == CONFIGURED and not (self.endpoint.api_key or self.endpoint.is_loopback)

    def take_key(self, widget: str) -> None:
        """Move a typed key out of its widget into this session, and empty the widget."""
        typed = "".join(str(tab.value(widget, "")).split())
        tab.put(widget, "")
        if typed:
            self.keys[self.endpoint.origin] = typed
            self.check = None

    def forget_key(self) -> None:
        self._drop_key(self.endpoint.origin)
        self.check = None

    def _drop_key(self, origin: str) -> None:
        """Forget the key typed for a server, and the clients that have it."""
        if dropped := self.keys.pop(origin, ""):
            self._clients = {at: client for at, client in self._clients.items() if at.api_key != dropped}

    def take_base_url(self, widget: str) -> None:
        """A typed address. A key typed for another origin stays there."""
        typed = str(tab.value(widget, "")).strip().rstrip("/")
        if typed and "://" not in typed:
            host = typed.partition("/")[0].partition(":")[0]
            typed = f"{'http' if host in ('localhost', '127.0.0.1') else 'https'}://{typed}"
        self.address_problem = address_problem(typed)
        if typed and configured().shared:
            self.address_problem = self.address_problem or public_web.problem(typed)
        address = "" if self.address_problem else typed
        if Endpoint(self.base_url).origin != Endpoint(address).origin:
            self._drop_key(Endpoint(self.base_url).origin)
        self.base_url = address
        self.connection_changed()

    def test(self) -> None:
        """Try the connection and remember what came out."""
        try:
            words = self.client(self.endpoint).check()
            self.check = (True, words.partition(" Balance")[0] if self.guest else words)
        except APIError as error:
            self.check = (False, f"{error.title} {error.hint}")

    def client(self, endpoint: Endpoint) -> ChatClient:
        """A client whose connections stay open between messages."""
        if endpoint not in self._clients:
            self._clients[endpoint] = ChatClient(endpoint, configured().deadlines)
        return self._clients[endpoint]

    # ---- models -----------------------------------------------------------------------------------------

    @property
    def models(self) -> tuple[str, ...]:
        """The ids to choose from on this connection; any other may be typed."""
        if self.connection.id == LOCAL:
            return tuple(model.id for model in self.local_models)
        return tuple(model.id for model in self.listing.models)

    @property
    def catalogue(self) -> catalog.Catalogue | None:
        """What the server in use lists; None where there is no server to ask. Asking begins in the background."""
        endpoint = self.endpoint
        if self.connection.id == LOCAL or not endpoint.base_url:
            return None
        if self._catalogue is None or self._catalogue[0] != endpoint:
            # Kept: it is asked for 200 times while a page is drawn, and everybody shares the lock around it.
            self._catalogue = (endpoint, catalog.catalogue(endpoint))
        return self._catalogue[1]

    @property
    def listing(self) -> catalog.Listing:
        """The models of the server in use, as far as they are known by now."""
        found = self.catalogue.listing if self.catalogue else catalog.Listing()
        return self._open_to_guests(found) if self.guest else found

    def _open_to_guests(self, found: catalog.Listing) -> catalog.Listing:
        """Worked out once for each list: it is asked for many times while a page is drawn."""
        if self._offered[0] is not found:
            self._offered = (found, terms.offered(found, configured().terms))
        return self._offered[1]

    @property
    def local_models(self) -> tuple[local.LocalModel, ...]:
        own = configured().local_model
        return ((local.custom(own),) if own else ()) + local.offered()

    @property
    def local_model(self) -> local.LocalModel | None:
        """The model on this computer that is chosen."""
        return next((model for model in self.local_models if model.id == self.model), None)

    @property
    def local_unavailable(self) -> str | None:
        """Why no model can run here, and what to do; None when one can."""
        return local.unavailable()

    def model_label(self, model: str) -> str:
        """An id as the picker shows it."""
        if self.connection.id == LOCAL:
            return next((found.label for found in self.local_models if found.id == model), model)
        return model_words.label(self.listing.find(model))

    @property
    def model_widget(self) -> str:
        """The key of the model picker: each connection remembers its own choice."""
        return self._model_widget(self.connection.id)

    def _model_widget(self, connection: str) -> str:
        return f"model.{connection}.{self.base_url}" if connection == OTHER else f"model.{connection}"

    @property
    def model(self) -> str:
        """The model in use on this connection."""
        chosen = model_words.id_of(str(tab.value(self.model_widget) or ""))[: catalog.ID_LIMIT]
        return chosen or self.default_model

    @property
    def info(self) -> catalog.ModelInfo | None:
        """What the server in use says about the model in use; None where nobody says anything."""
        listing = self.listing
        return listing.find(self.model) if listing.known else None

    def takes(self, kind: MediaKind) -> bool | None:
        """Does the model in use list this kind of attachment (image, audio, file)? None when nobody knows."""
        if self.connection.id == LOCAL:
            return False  # the models offered for this computer read text only
        return self.info.takes(kind) if self.info else None

    def able(self, kind: MediaKind) -> catalog.ModelInfo | None:
        """A model to switch to that takes this kind of attachment."""
        listing = self.listing if self.connection.id == CONFIGURED else catalog.snapshot()
        return listing.able(kind) if configured().endpoint.is_aimlapi else None

    def use_able(self, kind: MediaKind) -> None:
        """Switch to that model, on the connection that has it."""
        if found := self.able(kind):
            self.connect(CONFIGURED)
            self.choose_model(found.id)

    @property
    def default_model(self) -> str:
        models, own = self.models, configured().model
        if self.connection.id == CONFIGURED and (own in models or not models or self.endpoint.is_aimlapi):
            return own
        return next(iter(models), "")

    @property
    def model_name(self) -> str:
        """The model in use as a visitor reads it."""
        found = self.local_model if self.connection.id == LOCAL else None
        return found.label if found else self.model

    def choose_model(self, model: str, connection: str = "") -> None:
        """Choose a model of the connection in use, or of another one."""
        widget = self._model_widget(connection or self.connection.id)
        tab.put(widget, model)
        used = self.recent.get(widget, [])
        self.recent[widget] = [model, *(other for other in used if other != model)][:RECENT_MODELS]

    def forget_wanted(self) -> None:
        """The model of the address is not waited for any more."""
        self.wanted = ""

    @property
    def source(self) -> Source:
        """Whoever answers on the connection in use."""
        if self.connection.id == LOCAL:
            return local.LocalChat(*self.local_models)
        return self.client(self.endpoint)


def address_problem(typed: str) -> str:
    """What is wrong with a typed address, in words; "" when nothing is. Dialling it may still fail."""
    if not typed:
        return ""
    try:
        parts = urlsplit(typed)
        _ = parts.port
    except ValueError:
        return "This is not an address. It looks like https://api.example.com/v1."
    if parts.username or parts.password:
        return "Leave name and password out of the address: a key has a field of its own."
    if parts.scheme not in ("http", "https") or not parts.hostname or any(mark in typed for mark in " \\"):
        return "This is not an address. It looks like https://api.example.com/v1."
    return ""
