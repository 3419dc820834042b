"""All that holds for the next request of one tab, worked out once and handed on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from backend import local, parameters
from backend.answer.cost import Price
from backend.catalog import Listing, ModelInfo
from backend.formats.imports.request import brought
from backend.local import LocalModel
from backend.parameters import Fitted
from backend.protocol.learned import Learned
from backend.transport.client import Endpoint
from backend.types import JSON, Dialect, MediaKind
from backend.untrusted import Unreadable
from components.session import words
from components.session.connection import Connection
from components.session.refusals import Target
from components.session.request_settings import Values

Missing = Literal["address", "key", "model"]
PROBABILITIES: dict[str, JSON] = {"logprobs": True, "top_logprobs": 5}  # of tokens, with what else was likely


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
    learned: Learned = Learned()  # noqa: RUF009 - frozen; what the server refused before in this tab
    dialect: Dialect = Dialect()  # noqa: RUF009 - frozen

    @property
    def endpoint(self) -> Endpoint:
        """Where a request goes, with the key that belongs there and no other (pair rule)."""
        return self.connection.endpoint

    @property
    def target(self) -> Target:
        """Whose refusals count for the next request."""
        return self.endpoint.base_url, self.model

    @property
    def guest(self) -> bool:
        """It is the owner's server and key that this visitor uses, at the owner's expense."""
        return self.connection.guest

    @property
    def missing(self) -> Missing | None:
        """What nothing can be sent without; None when it is all there."""
        if self.connection.is_local:
            return None
        if not self.endpoint.base_url:
            return "address"
        if self.connection.needs_key:
            return "key"
        return None if self.model or self.values.extra.get("model") else "model"

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
    def context_length(self) -> int | None:
        """How many tokens the model takes, its answer included; None where nobody says."""
        if local_model := self.local_model:
            return local_model.n_ctx
        return self.info.context_length if self.info else None

    @property
    def model_name(self) -> str:
        """The model as a visitor reads it."""
        local_model = self.local_model
        return local_model.label if local_model else self.model

    def known_as(self, model: str) -> str:
        """The name that people know a model by; its id, where the list in use has none."""
        if self.connection.is_local:
            return next((known.label for known in self.local if known.id == model), model)
        known = self.listing.find(model)
        return known.name if known.id == model and known.name else model

    def offered_as(self, model: str) -> str:
        """The same in a list to choose from: one of this computer says when it has to be downloaded first."""
        name = self.known_as(model)
        away = next((one for one in self.local if one.id == model and not local.present(one)), None)
        return words.NOT_HERE_YET.format(name=name, size=away.size) if away else name

    def price(self, model: str) -> Price:
        """US dollars per million tokens."""
        return self.connection.price(self.listing, model)

    @cached_property
    def fitted_for_probabilities(self) -> Fitted:
        """What is sent where an answer is to tell how sure the model was of its tokens, and what is kept back."""
        asked, refused = {**self.values.parameters, **PROBABILITIES}, self.learned.without
        streaming = self.values.streaming and not self.learned.no_stream
        return parameters.fit(asked, self.info, self.anyway, refused, self.dialect, stream=streaming)

    # ---- what is asked ------------------------------------------------------------------------------------

    def kept(self) -> dict[str, JSON]:
        """What a conversation remembers besides its messages. Never a key or an address."""
        kept: dict[str, JSON] = {"model": self.model, "system_prompt": self.values.system_prompt}
        if self.values.set_parameters:
            kept["parameters"] = dict(self.values.set_parameters)
        if not self.values.streaming:
            kept["streaming"] = False
        if self._kept_extra:
            kept["extra"] = self._kept_extra
        return kept

    @cached_property
    def _kept_extra(self) -> JSON:
        """The extra JSON without fields that name an address or a key; none of it where it is too much to keep."""
        try:
            return brought("extra", dict(self.values.extra))
        except Unreadable:
            return None


def info(listing: Listing, model: str) -> ModelInfo | None:
    """What a list says about a model; None where there is no list."""
    return listing.find(model) if listing.known else None
