"""One request of the studio and its whole reply, with the deadlines that all of them share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import requests

from backend import errors
from backend.protocol.body import decode, encode
from backend.studio.families import address
from backend.studio.shelf import MB
from backend.transport import bills
from backend.transport.body_bytes import read_chunks, read_whole
from backend.transport.call import Call
from backend.transport.client import ChatClient
from backend.transport.reply import excerpt
from backend.types import JSON

READ = 300.0  # seconds for the reply of a synchronous request
SOON = 15.0  # seconds for a request that a visitor waits for
JSON_MOST = 48 * MB  # bytes of a JSON reply, which may contain pictures


@dataclass(frozen=True)
class Told:
    """A text reply. `usd`: the cost in its headers, None: not reported."""

    text: str
    usd: float | None = None

    def json(self, client: ChatClient) -> JSON:
        """The parsed JSON, without the client's key. Raises NotAnAnswer."""
        try:
            return client.redactor.redact_json(decode(self.text))
        except ValueError as error:
            raise errors.NotAnAnswer(excerpt(errors.message_in(self.text), client.redactor)) from error


@contextmanager
def open_response(
    client: ChatClient,
    method: str,
    path: str,
    call: Call,
    headers: Mapping[str, str],
    data: bytes | None = None,
    seconds: float = READ,
) -> Iterator[requests.Response]:
    """The response with its body not read yet. Raises APIError, Stopped."""
    call.limit(1.2 * seconds)
    call.arm(seconds, errors.TimedOut())
    url = address(client.endpoint, path)
    with client.exchange(method, url, call, headers=headers, data=data) as response:
        yield response


def bill(client: ChatClient, response: requests.Response) -> float | None:
    """The US dollars in the headers of a response."""
    found = next(bills.in_headers(response.headers, aimlapi=client.endpoint.is_aimlapi), None)
    return found.usd if found else None


def send_json(
    client: ChatClient,
    method: str,
    path: str,
    call: Call,
    body: Mapping[str, JSON] | None = None,
    headers: Mapping[str, str] | None = None,
    seconds: float = READ,
) -> Told:
    """Send JSON, or nothing, and read a text reply. Raises APIError, Stopped."""
    sent = {"Accept": "application/json", "X-Client-Request-Id": call.request_id, **(headers or {})}
    if body is not None:
        sent["Content-Type"] = "application/json"
    data = None if body is None else encode(dict(body))
    with open_response(client, method, path, call, sent, data, seconds) as response:
        text = read_whole(read_chunks(response, call), JSON_MOST).decode("utf-8", "replace")
        return Told(text, bill(client, response))
