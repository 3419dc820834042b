"""All that holds for the next request of one tab, worked out once and handed on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from backend.answer.cost import Price
from backend.catalog import Listing, ModelInfo
from backend.local import LocalModel
from backend.parameters import Fitted
from backend.transport.client import Endpoint
from backend.types import JSON, MediaKind
from components.elements import model_words
from components.session.connection import Connection
from components.session.request_settings import Values


@dataclass(frozen=True)
class Setup:
    """Where a request goes, which model answers, what that model takes, and what is set for it.

    `models` are the ids on offer, `listing` all that the server says about them, `local` the models of this
    computer while they are in use. `fitted` is what is sent of `values`, and what is kept back.
    """

    connection: Connection
    listing: Listing
    local: tuple[LocalModel, ...]
    models: tuple[str, ...]
    default_model: str
    model: str
    values: Values
    fitted: Fitted
    anyway: frozenset[str] = frozenset()  # wire names that are sent although they do not fit

    @property
    def endpoint(self) -> Endpoint:
        """Where a request goes, with the key that belongs there and no other (pair rule)."""
        return self.connection.endpoint

    @property
    def guest(self) -> bool:
        """It is the owner's server and key that this visitor uses, at the owner's expense."""
        return self.connection.guest

    # ---- the model ----------------------------------------------------------------------------------------

    @cached_property
    def info(self) -> ModelInfo | None:
        """What the server says about the model; None where nobody says anything."""
        return info(self.listing, self.model)

    def takes(self, kind: MediaKind) -> bool | None:
        """Does the model list this kind of attachment? None when nobody knows."""
        return self.connection.takes(kind, self.info)

    @property
    def local_model(self) -> LocalModel | None:
        """The model of this computer that is chosen."""
        return next((model for model in self.local if model.id == self.model), None)

    @property
    def model_name(self) -> str:
        """The model as a visitor reads it."""
        local_model = self.local_model
        return local_model.label if local_model else self.model

    def label(self, model: str) -> str:
        """An id as the picker shows it."""
        if self.connection.is_local:
            return next((known.label for known in self.local if known.id == model), model)
        return model_words.label(self.listing.find(model), model)

    def price(self, model: str) -> Price:
        """US dollars per million tokens."""
        return self.connection.price(self.listing, model)

    # ---- what is asked ------------------------------------------------------------------------------------

    @property
    def system_way(self) -> str:
        """How the system prompt reaches the model: as a "message", a "parameter", or "folded" into the first
        question, where the model's schema lists no such role."""
        if self.info is None or self.info.has_role("system") is not False:
            return "message"
        return "parameter" if self.info.lists("system") else "folded"

    def kept(self) -> dict[str, JSON]:
        """What a conversation remembers besides its messages. Never a key or an address."""
        kept: dict[str, JSON] = {"model": self.model, "system_prompt": self.values.system_prompt}
        if self.values.set_parameters:
            kept["parameters"] = dict(self.values.set_parameters)
        if not self.values.streaming:
            kept["streaming"] = False
        return kept


def info(listing: Listing, model: str) -> ModelInfo | None:
    """What a list says about a model; None where there is no list."""
    return listing.find(model) if listing.known else None
