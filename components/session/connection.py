"""One way to a model, and all that depends on which way it is. Nothing is asked and nothing is remembered here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from backend.answer.cost import Price
from backend.catalog import Listing, ModelInfo
from backend.tools.calls import ROUNDS
from backend.transport.client import Endpoint
from backend.types import MediaKind

Kind = Literal["configured", "local", "neighbour", "other"]
CONFIGURED, LOCAL, OTHER = "configured", "local", "other"  # ids of connections
FREE = Price(0.0, 0.0)


@dataclass(frozen=True)
class Connection:
    """A server with the key that belongs to it, or the models of this computer."""

    kind: Kind
    label: str
    endpoint: Endpoint = Endpoint("")  # noqa: RUF009 - frozen, and no key in it
    guest: bool = False

    @property
    def id(self) -> str:
        """The value that the widget "Where the model runs" holds; servers found on this machine go by address."""
        return self.endpoint.base_url if self.kind == "neighbour" else self.kind

    @property
    def is_local(self) -> bool:
        """The models of this computer answer: free, text only, without a key, a list or an address."""
        return self.kind == "local"

    @property
    def is_configured(self) -> bool:
        """The server of the owner's configuration: the one whose documents are bundled."""
        return self.kind == "configured"

    @property
    def takes_address(self) -> bool:
        """The visitor types the address of the server."""
        return self.kind == "other"

    @property
    def ready(self) -> bool:
        """A key is here, or the server is on this machine and takes requests without one."""
        return bool(self.endpoint.api_key or self.endpoint.is_loopback)

    @property
    def needs_key(self) -> bool:
        """A service that takes nothing without a key, and none is here."""
        return self.is_configured and not self.ready

    @property
    def has_list(self) -> bool:
        """There is a server that can be asked for its models."""
        return not self.is_local and bool(self.endpoint.base_url)

    @property
    def named_in_address(self) -> bool:
        """`?model=` may name a model of it: of any other server the address could not tell whose it is."""
        return self.is_local or self.is_configured

    @property
    def model_widget(self) -> str:
        """Under which the tab keeps the id that is chosen: each connection remembers its own."""
        return f"model.{OTHER}.{self.endpoint.base_url}" if self.takes_address else f"model.{self.id}"

    # ---- what its models do -----------------------------------------------------------------------------

    @property
    def takes_media(self) -> bool:
        """Attachments are sent as they are; the models offered for this computer read text only."""
        return not self.is_local

    def takes(self, kind: MediaKind, info: ModelInfo | None) -> bool | None:
        """Does a model list this kind of attachment (image, audio, file)? None when nobody knows."""
        if not self.takes_media:
            return False
        return info.takes(kind) if info else None

    @property
    def continues_by_itself(self) -> bool:
        """A request that ends with an assistant message is answered with what follows it (llama.cpp's server)."""
        return self.is_local

    @property
    def gives_probabilities(self) -> bool:
        """Token probabilities come with every answer that asks for them."""
        return self.is_local

    def emulates_tools(self, info: ModelInfo | None) -> bool:
        """The model calls no tools, but answers by a JSON schema: its answer is turned into a call."""
        if self.is_local:
            return True
        return bool(info and info.can("tools") is False and info.can("structured_output"))

    def lacks_tools(self, info: ModelInfo | None) -> bool:
        """The model can neither call tools nor be held to a schema."""
        return bool(info and info.can("tools") is False and not self.emulates_tools(info))

    @property
    def tool_rounds(self) -> int:
        """How often a model may call tools for one question; a tiny one calls again for ever."""
        return 1 if self.is_local else ROUNDS

    # ---- money ------------------------------------------------------------------------------------------

    def price(self, listing: Listing, model: str) -> Price:
        """US dollars per million tokens of a model in its list; None in it where nobody says it."""
        if self.is_local:
            return FREE
        info = listing.find(model)
        return Price(info.price_in, info.price_out, info.other_prices)

    @property
    def bills(self) -> bool:
        """Its usage log says later what a stopped stream has cost (AI/ML API)."""
        return not self.is_local and self.endpoint.is_aimlapi
