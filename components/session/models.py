"""The models of one tab: the list of the connection in use, the chosen one of each connection, the last used
ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend import catalog, local
from backend.guests import terms
from backend.settings import DEFAULT_MODEL
from backend.types import MediaKind
from components.session import tab, words
from components.session.connection import Connection
from components.session.connections import Connections, local_models
from components.session.services import configured

if TYPE_CHECKING:
    from components.session.setup import Setup

RECENT_MODELS = 5  # models of one connection that are remembered as used


def local_label(model: local.LocalModel) -> str:
    """The list entry of a local model: one that is not downloaded yet is downloaded before it answers."""
    if local.present(model):
        return model.about
    return words.TO_DOWNLOAD.format(size=model.size, about=model.about.removeprefix(words.RUNNING_HERE))


class Models:
    """The models on offer and the chosen ones: an id in the tab, by the key of each connection's picker."""

    def __init__(self, connections: Connections) -> None:
        self.recent: dict[str, list[str]] = {}  # by picker, the last one first
        # by picker: the typed name of the model in use, if the list has another one
        self.typed: dict[str, str] = {}
        self.arrived = ""  # what the address said last about the model
        self.wanted = ""  # the model it named, while that waits for a key
        self._connections = connections
        self._local: tuple[local.LocalModel, ...] | None = None
        # For the endpoint last in use: the registry of all catalogues has one lock for all visitors.
        self._catalogue: tuple[Connection, catalog.Catalogue] | None = None
        self._offered = (catalog.Listing(), catalog.Listing())  # a list, and what of it is open to guests

    def begin(self) -> None:
        """Begin a run: the free memory for local models is checked once per run."""
        self._local = None

    @property
    def local(self) -> tuple[local.LocalModel, ...]:
        """The models that this computer can run."""
        if self._local is None:
            self._local = local_models()
        return self._local

    def catalogue(self, connection: Connection) -> catalog.Catalogue | None:
        """The catalogue of a connection's server; None without a server. It is fetched in the background."""
        if not connection.has_list:
            return None
        if self._catalogue is None or self._catalogue[0] is not connection:
            self._catalogue = (connection, catalog.catalogue(connection.endpoint))
        return self._catalogue[1]

    def listing(self, connection: Connection) -> catalog.Listing:
        """The models of its server as far as they are known; for a guest those that guests may use."""
        catalogue = self.catalogue(connection)
        if catalogue is None:
            return catalog.Listing()
        listing = catalogue.listing
        return self._open_to_guests(listing) if connection.guest else listing

    def _open_to_guests(self, listing: catalog.Listing) -> catalog.Listing:
        if self._offered[0] is not listing:
            self._offered = (listing, terms.offered_listing(listing, configured().terms))
        return self._offered[1]

    def ids(self, connection: Connection, listing: catalog.Listing) -> tuple[str, ...]:
        """The ids to choose from on a connection; any other may be typed."""
        return tuple(model.id for model in self.local) if connection.is_local else listing.ids

    def chosen_model(self, connection: Connection) -> str:
        """The chosen model of a connection, "" for none."""
        return str(tab.value(connection.model_widget) or "")[: catalog.ID_LIMIT]

    def default(self, connection: Connection, listing: catalog.Listing, ids: tuple[str, ...]) -> str:
        """The model that answers if none is chosen, "" for none: the owner's, even if no list has it. If the
        server lacks the bundled default, the first of its list.
        """
        if connection.endpoint.deployment:
            return connection.endpoint.deployment
        own = listing.listed_id(configured().model)
        chosen = connection.endpoint.is_aimlapi or configured().model != DEFAULT_MODEL
        if connection.is_configured and (chosen or own in ids or not ids):
            return own
        return next(iter(ids), "")

    def choose(self, model: str, connection: Connection | None = None) -> None:
        """Choose a model of the connection in use, or of another one."""
        widget = (connection or self._connections.current).model_widget
        tab.put_setting(widget, model)
        used = self.recent.get(widget, [])
        self.recent[widget] = [model, *(other for other in used if other != model)][:RECENT_MODELS]
        self.typed.pop(widget, None)

    def choose_typed(self, typed: str, listing: catalog.Listing, connection: Connection) -> str:
        """Choose a typed id or one from an address, and remember that name if the list has another. Returns the
        id.
        """
        model = listing.resolve(typed)
        self.choose(model, connection)
        if model.lower() != typed.lower():
            self.typed[connection.model_widget] = typed
        return model

    def can_be_asked(self, model: str, setup: Setup) -> bool:
        """Whether an id from a conversation or a preset can be used on the connection in use: it is in the list,
        or a provider's id that is accepted when typed.
        """
        if setup.connection.is_local or model in setup.models:
            return model in setup.models
        is_local = model in [known.id for known in self.local]
        return not is_local and (setup.connection.is_configured or not setup.models)

    def able(self, kind: MediaKind) -> catalog.ModelInfo | None:
        """A model of the configured server that accepts this kind of attachment."""
        connection = self._connections.current
        listing = self.listing(connection) if connection.is_configured else catalog.snapshot()
        return listing.able(kind) if configured().endpoint.is_aimlapi else None

    def use_able(self, kind: MediaKind) -> None:
        """Switch to that model, on the connection that has it."""
        if model := self.able(kind):
            self.use_configured(model.id)

    def use_configured(self, model: str) -> None:
        """Switch to a model of the configured server."""
        configured_ = self._connections.configured
        self._connections.connect(configured_.id)
        self.choose(model, configured_)

    def forget_wanted(self) -> None:
        """Stop waiting for the model in the address."""
        self.wanted = ""
