"""Lists of models as servers send them, for the tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from basics import KEY, QUICK
from fake_api import FakeAPI, Reply, Request, reply

from backend.catalog import Catalogue, bundled
from backend.transport.client import Endpoint


class Server(FakeAPI):
    """A server whose list of models, and whose page of speeds, say anything."""

    listing: Reply | Callable[[Request], Reply] = reply({"data": []})
    measured: Reply = reply({"message": "Cannot GET /models/metrics"}, 404)

    def _reply_to(self, request: Request) -> Reply:
        path = request.path.partition("?")[0]
        if path == "/models/metrics":
            return self.measured
        if path == "/v1/models":
            return self.listing(request) if callable(self.listing) else self.listing
        return super()._reply_to(request)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as fake:
        yield fake


def row(model_id: str, *aliases: str, **more: Any) -> dict[str, Any]:
    """A chat model as AI/ML API lists it."""
    info = {"name": more.pop("name", model_id), "developer": more.pop("developer", "Acme")}
    info |= more.pop("info", {})
    return {
        "id": model_id,
        "aliases": [*aliases],
        "type": "openai/chat-completions",
        "info": info,
        "tags": [],
        **more,
    }


def everything(*more: dict[str, Any]) -> dict[str, Any]:
    """Every bundled model that is alive, and `more`; a row given twice counts as given last."""
    rows = {model.id: row(model.id, developer=model.developer) for model in bundled() if not model.retired}
    return {"object": "list", "data": [*(rows | {given["id"]: given for given in more}).values()]}


def own(server: Server) -> Catalogue:
    """A catalogue that takes the server for AI/ML API."""
    return Catalogue(Endpoint(server.url, KEY), aimlapi=True, deadlines=QUICK)


def other(server: Server) -> Catalogue:
    return Catalogue(Endpoint(server.url, KEY), deadlines=QUICK)


def after_refresh(found: Catalogue) -> Catalogue:
    """After one look at the server."""
    found.refresh()
    assert found.wait(10)
    return found
