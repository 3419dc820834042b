"""A scripted AI/ML API: its list with prices and capabilities, and its page of speeds.

Who is AI/ML API is told by the host. `taken_for_it` makes a test's own server that provider.
"""

from __future__ import annotations

from typing import Any

import pytest
from fake_api import FakeAPI, Reply, Request, reply

from backend.catalog import bundled
from backend.keys.endpoint import Endpoint


def row(model_id: str, name: str, price: float = 1.0, **more: Any) -> dict[str, Any]:
    """A chat model as AI/ML API lists it; it costs `price` dollars in and four times that out."""
    units = [
        {"name": f"{side} tokens", "unit": "token", "price": cost, "per": 1_000_000}
        for side, cost in (("input", price), ("output", 4 * price))
    ]
    return {
        "id": model_id,
        "type": "openai/chat-completions",
        "info": {"name": name, "developer": more.pop("developer", "Acme"), "contextLength": 128_000},
        "capabilities": more.pop("capabilities", ["streaming", "tools"]),
        "pricing": {"kind": "fixed", "currency": "USD", "units": units},
        **more,
    }


def everything(*more: dict[str, Any]) -> list[dict[str, Any]]:
    """Every bundled model that is alive, and `more`."""
    living = [model for model in bundled() if not model.retired]
    rows = {model.id: row(model.id, model.name, developer=model.developer) for model in living}
    return [*(rows | {given["id"]: given for given in more}).values()]


def speed(model_id: str, first: float, rate: float) -> dict[str, Any]:
    """Milliseconds to the first token and tokens per second, twice as much at the 90th percentile."""
    metrics = {"ttft_ms": {"p50": first, "p90": 2 * first}, "tps": {"p50": rate, "p90": 2 * rate}}
    return {"alias": model_id, "endpoint": "/v1/chat/completions", "metrics": metrics}


class RichAPI(FakeAPI):
    """`listing` and `measured` say what there is."""

    listing: Reply = reply({"data": everything()})
    measured: Reply = reply({"message": "Cannot GET /models/metrics"}, 404)

    def _reply_to(self, request: Request) -> Reply:
        path = request.path.partition("?")[0]
        if request.method == "GET" and path == "/v1/models":
            return self.listing
        if request.method == "GET" and path == "/models/metrics":
            return self.measured
        return super()._reply_to(request)


def taken_for_it(server: FakeAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on this server is AI/ML API, and not a program on this computer."""
    monkeypatch.setattr(Endpoint, "is_aimlapi", property(lambda self: self.origin == server.origin))
    monkeypatch.setattr(Endpoint, "is_loopback", property(lambda self: False))
