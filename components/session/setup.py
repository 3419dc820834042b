"""Everything for the next request of one tab, computed once and passed on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from backend import local, parameters
from backend.answer.cost import Price
from backend.catalog import Listing, ModelInfo
from backend.formats.imports.request import imported_setting
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
# the parameters for token probabilities, with alternatives
PROBABILITIES: dict[str, JSON] = {"logprobs": True, "top_logprobs": 5}


@dataclass(frozen=True)
class Setup:
    """The destination of a request, the model, what that model accepts, and the settings.

    `models` are the ids on offer, `listing` everything the server says about them, `local` the local models while
    they are in use. `fitted` is the part of `values` that is sent, and the part that is kept back.
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
        """The destination of a request, with the key that belongs to it and no other (pair rule)."""
        return self.connection.endpoint

    @property
    def target(self) -> Target:
        """The (server, model) whose refusals apply to the next request."""
        return self.endpoint.base_url, self.model

    @property
    def guest(self) -> bool:
        """Whether this visitor uses the owner's server and key, at the owner's expense."""
        return self.connection.guest

    @property
    def missing(self) -> Missing | None:
        """What is required and missing; None if everything is set."""
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
        """The server's entry for the model; None if there is none."""
        return info(self.listing, self.model)

    def takes(self, kind: MediaKind) -> bool | None:
        """Whether the model lists this kind of attachment. None: unknown."""
        return self.connection.takes(kind, self.info)

    @property
    def local_model(self) -> LocalModel | None:
        """The chosen local model."""
        return next((model for model in self.local if model.id == self.model), None)

    @property
    def context_length(self) -> int | None:
        """The context length in tokens, answer included; None: unknown."""
        if local_model := self.local_model:
            return local_model.n_ctx
        return self.info.context_length if self.info else None

    @property
    def model_name(self) -> str:
        """The display name of the model."""
        local_model = self.local_model
        return local_model.label if local_model else self.model

    def known_as(self, model: str) -> str:
        """The display name of a model; its id if the list in use has none."""
        if self.connection.is_local:
            return next((known.label for known in self.local if known.id == model), model)
        known = self.listing.find(model)
        return known.name if known.id == model and known.name else model

    def offered_as(self, model: str) -> str:
        """The label in a list of choices: a local one says if it has to be downloaded first."""
        name = self.known_as(model)
        away = next((one for one in self.local if one.id == model and not local.present(one)), None)
        return words.NOT_HERE_YET.format(name=name, size=away.size) if away else name

    def price(self, model: str) -> Price:
        """US dollars per million tokens."""
        return self.connection.price(self.listing, model)

    @cached_property
    def fitted_for_probabilities(self) -> Fitted:
        """What is sent, and kept back, if an answer is to include token probabilities."""
        asked, refused = {**self.values.parameters, **PROBABILITIES}, self.learned.without
        streaming = self.values.streaming and not self.learned.no_stream
        return parameters.fit(asked, self.info, self.anyway, refused, self.dialect, stream=streaming)

    # ---- stored settings ----------------------------------------------------------------------------------

    def saved_settings(self) -> dict[str, JSON]:
        """The settings that are saved with a conversation. Never a key or an address."""
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
        """The extra JSON without fields that contain an address or a key; empty if it is too large."""
        try:
            return imported_setting("extra", dict(self.values.extra))
        except Unreadable:
            return None


def info(listing: Listing, model: str) -> ModelInfo | None:
    """A list's entry for a model; None without a list."""
    return listing.find(model) if listing.known else None
