"""Checks whether a connection works, without paying for an answer."""

from __future__ import annotations

import contextlib
from typing import Protocol

from backend import errors
from backend.keys.endpoint import PATHS, Endpoint, path_in
from backend.types import JSON
from backend.untrusted import numeral

NO_LIST = (404, 405, 501)  # statuses of a server that has no list of models: Cloudflare, Perplexity, Azure
_CONNECTED = "Connected. This server has no list of models: type the id of one."


class Asked(Protocol):
    """The part of a client that is needed for it."""

    endpoint: Endpoint

    def get(self, path: str) -> JSON: ...
    def post_nothing(self, path: str) -> None: ...


def check(client: Asked) -> str:
    """A sentence that says so. Raises APIError if it does not work.

    AI/ML API lists models without a key, so the key is tested by reading its balance, which any key may do.
    """
    if client.endpoint.is_aimlapi:
        return _of_the_balance(client)
    try:
        listing = client.get("models")
    except errors.APIError as error:
        if error.status not in NO_LIST:
            raise
        return _without_a_list(client)
    models = listing.get("data") if isinstance(listing, dict) else listing
    return f"Connected: {len(models)} models." if isinstance(models, list) else "Connected."


def _of_the_balance(client: Asked) -> str:
    if not client.endpoint.api_key:
        raise errors.KeyMissing()
    balance = client.get(f"{client.endpoint.origin}/v2/billing")
    amount = numeral(balance.get("current_balance")) if isinstance(balance, dict) else None
    return "The key works." if amount is None else f"The key works. Balance: ${amount:,.2f}."


def _without_a_list(client: Asked) -> str:
    """Test a server without a list of models: its chat endpoint checks the address and the key before it rejects
    the empty request.
    """
    with contextlib.suppress(errors.BadRequest, errors.ModelNotFound):
        client.post_nothing(PATHS[path_in(client.endpoint.base_url) or "chat"])
    return _CONNECTED
