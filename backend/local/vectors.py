"""Embeddings from the model on this machine, by the same server that answers.

The model is a text generator: its vectors tell topics apart, and are no match for those of an embedding model.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from backend.errors import LocalModelFailed
from backend.local import serving
from backend.local.chat import DEADLINES
from backend.local.machine import unavailable
from backend.local.models import LocalModel
from backend.local.serving import LocalServer
from backend.protocol.body import decode
from backend.transport.body_bytes import read_chunks, read_whole
from backend.transport.call import Call
from backend.transport.client import ChatClient
from backend.types import JSON

_MOST = 48 * 1024 * 1024  # bytes of an answer


def embeddings(body: Mapping[str, JSON], model: LocalModel, call: Call, server: LocalServer | None = None) -> JSON:
    """The server's reply at /embeddings; the model is downloaded and started if needed.

    Raises LocalModelFailed and other APIErrors, Stopped.
    """
    if problem := unavailable():
        why, _, hint = problem.partition(". ")
        raise LocalModelFailed(title=f"{why}.", hint=hint)
    server = server or serving.server()
    for _ in server.fetched(model, call):
        pass
    with server.line.place(model) as place:
        for _ in server.line.wait(place, call):
            pass
        for _ in server.start_child(model, call):
            pass
        client = ChatClient(server.endpoint(model), DEADLINES)
        try:
            return _request(client, body, call)
        finally:
            client.close()


def _request(client: ChatClient, body: Mapping[str, JSON], call: Call) -> JSON:
    headers = {"Content-Type": "application/json"}
    url, data = client.endpoint.url("embeddings"), json.dumps(dict(body)).encode("utf-8", "replace")
    with client.exchange("POST", url, call, headers=headers, data=data) as response:
        return decode(read_whole(read_chunks(response, call), _MOST).decode("utf-8", "replace"))
