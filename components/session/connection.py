"""One connection to models, and everything that depends on its kind. Stateless; sends nothing."""

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
        """The value of the widget "Where the model runs"; servers found on this machine are identified by
        address.
        """
        return self.endpoint.base_url if self.kind == "neighbour" else self.kind

    @property
    def is_local(self) -> bool:
        """Whether the models of this computer answer: free, text only, without a key, a list or an address."""
        return self.kind == "local"

    @property
    def is_configured(self) -> bool:
        """Whether it is the server in the owner's configuration, whose documentation is bundled."""
        return self.kind == "configured"

    @property
    def takes_address(self) -> bool:
        """Whether the visitor types the address of the server."""
        return self.kind == "other"

    @property
    def ready(self) -> bool:
        """Whether a key is set, or the server is on this machine and accepts requests without one."""
        return bool(self.endpoint.api_key or self.endpoint.is_loopback)

    @property
    def needs_key(self) -> bool:
        """Whether the service requires a key, and none is set."""
        return self.is_configured and not self.ready

    @property
    def has_list(self) -> bool:
        """Whether there is a server that can be asked for its models."""
        return not self.is_local and bool(self.endpoint.base_url)

    @property
    def named_in_address(self) -> bool:
        """Whether `?model=` may name one of its models: for any other server the address could not tell whose it
        is.
        """
        return self.is_local or self.is_configured

    @property
    def model_widget(self) -> str:
        """The key under which the tab stores the chosen model: each connection has its own."""
        return f"model.{OTHER}.{self.endpoint.base_url}" if self.takes_address else f"model.{self.id}"

    # ---- what its models do -----------------------------------------------------------------------------

    @property
    def takes_media(self) -> bool:
        """Whether attachments are sent unchanged; the local models read text only."""
        return not self.is_local

    def takes(self, kind: MediaKind, info: ModelInfo | None) -> bool | None:
        """Whether a model lists this kind of attachment (image, audio, file). None: unknown."""
        if not self.takes_media:
            return False
        return info.takes(kind) if info else None

    @property
    def continues_by_itself(self) -> bool:
        """Whether a request that ends with an assistant message is continued (llama.cpp's server)."""
        return self.is_local

    @property
    def gives_probabilities(self) -> bool:
        """Whether every answer includes token probabilities on request."""
        return self.is_local

    def emulates_tools(self, info: ModelInfo | None) -> bool:
        """Whether the model cannot call tools, but can answer by a JSON schema, which is turned into a call."""
        if self.is_local:
            return True
        return bool(info and info.can("tools") is False and info.can("structured_output"))

    def lacks_tools(self, info: ModelInfo | None) -> bool:
        """Whether the model can neither call tools nor be constrained by a schema."""
        return bool(info and info.can("tools") is False and not self.emulates_tools(info))

    @property
    def tool_rounds(self) -> int:
        """The maximum of rounds of tool calls per question; a tiny model would call endlessly."""
        return 1 if self.is_local else ROUNDS

    # ---- money ------------------------------------------------------------------------------------------

    def price(self, listing: Listing, model: str) -> Price:
        """US dollars per million tokens of a model in its list; None fields are unknown."""
        if self.is_local:
            return FREE
        info = listing.find(model)
        return Price(info.price_in, info.price_out, info.other_prices)

    @property
    def bills(self) -> bool:
        """Whether its usage log later reports the cost of a stopped stream (AI/ML API)."""
        return not self.is_local and self.endpoint.is_aimlapi
