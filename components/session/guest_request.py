"""A guest's request on the owner's key: limited to what guests may have, and paid from a budget."""

from __future__ import annotations

from backend.catalog import Catalogue, ModelInfo
from backend.guests.metering import Account
from backend.guests.terms import NotForGuests, fitted
from backend.types import ChatRequest
from components.session import services
from components.session.services import configured
from components.session.setup import Setup

_PATIENCE = 5.0  # seconds for which a first request waits for the server's prices


def fit(request: ChatRequest, setup: Setup) -> ChatRequest:
    """The request limited to the terms for guests. What no guest may send stays in, and is refused with a
    message when sent.
    """
    if not setup.guest:
        return request
    try:
        return fitted(request, configured().terms, setup.info)
    except NotForGuests:
        return request


def account(payer: str, setup: Setup, catalogue: Catalogue | None) -> Account | None:
    """The account that pays for a guest's request; None: an own key, or a free model."""
    if not setup.guest:
        return None
    billed = setup.endpoint.is_aimlapi
    known = KnownModels(catalogue, patient=billed)
    return Account(services.ledger(), payer, configured().terms, known, billed, configured().deadlines)


class KnownModels:
    """What a server's own list says about its models, once it is loaded, as it includes the prices."""

    def __init__(self, catalogue: Catalogue | None, *, patient: bool) -> None:
        self._catalogue = catalogue
        self._patient = patient

    def __call__(self, model: str) -> ModelInfo:
        if self._catalogue is None:
            return ModelInfo(model)
        listing = self._catalogue.listing
        if self._patient and self._catalogue.updated is None and self._catalogue.wait(_PATIENCE):
            listing = self._catalogue.listing
        return listing.find(model)
