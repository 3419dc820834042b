"""One server and its key; one request out, the events of its answer in.

    client = ChatClient(Endpoint("https://api.aimlapi.com/v1", api_key))
    for event in client.chat(request): ...

Everything between the socket and the events happens here: deadlines on the wall clock, retries, redirects
refused, errors sorted. `Call.stop()` ends a call from another thread at once, even on a silent server.
It does NOT decide which server a key may go to: that is settings.py's pair rule.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import cast

import requests
import urllib3

from backend import errors, logs
from backend.errors import APIError
from backend.keys import redaction
from backend.keys.endpoint import Endpoint
from backend.protocol import wire
from backend.protocol.accumulator import Accumulator
from backend.transport import public_web, sse
from backend.transport.call import (
    Call,
    Deadlines,
    Stopped,
    arrived,
    beginning,
    faults,
    proxies,
    session,
    watched,
    whole,
)
from backend.transport.exchange import Exchange, masked
from backend.types import (
    JSON,
    ChatRequest,
    ChunkReceived,
    CostReported,
    Event,
    Finished,
    Message,
    ResponseStarted,
    Retrying,
)
from backend.untrusted import numeral

__all__ = ["Call", "ChatClient", "Deadlines", "Endpoint", "Fetched", "Stopped"]

RETRIES = 2
RETRY_AFTER_LIMIT = 60.0  # seconds; a longer wait is the visitor's decision
ANSWER_LIMIT = 64 * 1024 * 1024  # bytes of one answer on the wire
CHUNK_LIMIT = 250_000  # of one answer: twice what the longest answers have, and some 40 MB in memory
ERROR_LIMIT = 256 * 1024  # bytes of an error body that are read
_REQUEST_ID_HEADERS = ("x-inference-id", "x-request-id", "request-id", "x-client-request-id")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fetched:
    """What a GET gave, and the server's name for this version of it."""

    body: JSON
    etag: str = ""
    unchanged: bool = False


class ChatClient:
    """Talks to one endpoint. Safe to use from several threads; connections are kept open between calls."""

    def __init__(self, endpoint: Endpoint, deadlines: Deadlines | None = None) -> None:
        self.endpoint = endpoint
        self.deadlines = deadlines or Deadlines()
        self._session = session(public_web.adapter() if endpoint.public_only else None)

    def close(self) -> None:
        self._session.close()

    # ---- asking ---------------------------------------------------------------------------------------

    def complete(self, request: ChatRequest) -> Message:
        """The whole answer, for scripts. Raises APIError."""
        draft = Accumulator(request.model)
        for event in self.chat(request):
            draft.apply(event)
        return draft.message()

    def chat(self, request: ChatRequest, call: Call | None = None) -> Iterator[Event]:
        """The events of one answer. Retries at most twice, and only before the first event of the answer.

        Raises APIError (its classes say what to do), Stopped when `call.stop()` was called.
        """
        with call or Call() as call:
            call.limit(self.deadlines.total)
            for attempt in range(RETRIES + 1):
                answered = False
                try:
                    for event in self._attempt(request, call):
                        answered = answered or not isinstance(event, ResponseStarted)
                        yield event
                    return
                except APIError as error:
                    after = _pause(error, attempt)
                    if answered or after is None:
                        raise
                    id_, kind = call.request_id, type(error).__name__
                    logs.event(
                        log, logging.INFO, "retry", request_id=id_, seconds=after, attempt=attempt + 1, error=kind
                    )
                    yield Retrying(after, attempt + 1, error.title)
                    call.sleep(after)

    def _attempt(self, request: ChatRequest, call: Call) -> Iterator[Event]:
        body = encode(wire.payload(request))
        headers = {
            "Content-Type": "application/json",
            "Accept": "text/event-stream" if request.stream else "application/json",
            "X-Client-Request-Id": call.request_id,
        }
        call.arm(
            self.deadlines.headers if request.stream else self.deadlines.blocking,
            errors.TimedOut("No reply came.", title="The server took the request and did not answer."),
        )
        with self._exchange("POST", "chat/completions", call, headers=headers, data=body) as response:
            request_id = errors.redact(_request_id(response.headers, call.request_id), self.endpoint.api_key)
            headers = masked(response.headers, self.endpoint.api_key)
            yield ResponseStarted(response.status_code, headers, request_id)
            try:
                yield from self._read(response, call, request.stream)
                cost = numeral(cast(JSON, response.headers.get("x-aimlapi-usd-spent")))
                if cost is not None:
                    yield CostReported(cost)
            except APIError as error:
                error.request_id = error.request_id or request_id
                raise

    @contextlib.contextmanager
    def _exchange(
        self, method: str, path: str, call: Call, *, headers: Mapping[str, str], data: bytes | None = None
    ) -> Iterator[requests.Response]:
        """One HTTP exchange: the response with its body unread. A reply outside 2xx is raised as its error,
        but for "not modified" where that was asked for."""
        url = path if path.startswith("http") else self.endpoint.url(path)
        with faults(call, self.endpoint.api_key):
            headers = {**headers, **self._authorization(), "Accept-Encoding": "identity"}
            shown = errors.redact(url, self.endpoint.api_key)
            exchange = Exchange(method, shown, masked(headers, self.endpoint.api_key))
            call.exchanges.append(exchange)
            with watched(call):
                response = self._session.request(
                    method,
                    url,
                    headers=headers,
                    data=data,
                    stream=True,
                    allow_redirects=False,
                    timeout=(self.deadlines.connect, self.deadlines.total),
                    proxies=None if self.endpoint.is_loopback else proxies(url),
                )
            exchange.answered(response.status_code, response.headers, self.endpoint.api_key)
            try:
                unchanged = response.status_code == 304 and "If-None-Match" in headers
                if not (200 <= response.status_code < 300 or unchanged):
                    raise self._refusal(response, call)
                yield response
            finally:
                response.close()

    def _authorization(self) -> dict[str, str]:
        key = self.endpoint.api_key
        if not key:
            return {}
        if not key.isascii() or not key.isprintable() or " " in key:
            # requests would put the key into its exception's text (measured).
            raise errors.KeyRefused(
                title="The API key contains characters that no key has.",
                hint="Copy the key again, without spaces or line breaks, and paste it under Connection.",
            )
        return {"Authorization": f"Bearer {key}"}

    def _refusal(self, response: requests.Response, call: Call) -> APIError:
        """What the server refused, in its own words; where they do not come, its status has to do."""
        id_ = _request_id(response.headers, call.request_id)
        refused = partial(errors.from_response, response.status_code, secret=self.endpoint.api_key, request_id=id_)
        wordless = refused("", response.headers)
        wordless.retryable = False  # the call has ended with it
        call.arm(self.deadlines.tail, wordless)
        text = beginning(arrived(response, call), ERROR_LIMIT)
        body: object = text
        with contextlib.suppress(ValueError):
            body = decode(text)
        return refused(body, response.headers)

    # ---- reading --------------------------------------------------------------------------------------

    def _read(self, response: requests.Response, call: Call, streaming: bool) -> Iterator[Event]:
        """Events out of a 2xx body, told apart by its first byte and not by what the headers claim."""
        # In place of a stream some send blank lines until all of the answer is there.
        patience = self.deadlines.first_data if streaming else self.deadlines.blocking
        call.arm(patience, errors.TimedOut(title="The model did not begin to answer."))
        chunks = arrived(response, call)
        start = b""
        while not (head := start.removeprefix(b"\xef\xbb\xbf").lstrip()) and (chunk := next(chunks, b"")):
            start = (start + chunk)[-ERROR_LIMIT:]
        call.check()
        if not head:
            raise errors.NotAnAnswer(title="The server replied with nothing at all.")
        rest = itertools.chain([start], chunks)
        if head[:1] in (b"{", b"["):
            yield from self._whole(rest)
        elif head[:1] == b"<":
            page = self._excerpt(errors.words(beginning(rest, ERROR_LIMIT)))
            raise errors.NotAnAnswer(page, title="The server sent a web page instead of an answer.")
        else:
            hiding = redaction.StreamRedactor(self.endpoint.api_key)
            yield from hiding.to_the_end(self._stream(rest, call, head, hiding))

    def _whole(self, chunks: Iterator[bytes]) -> Iterator[Event]:
        """A completion in one piece, also when a stream was asked for."""
        text = whole(chunks, ANSWER_LIMIT // 2).decode("utf-8", "replace").removeprefix("\ufeff")
        try:
            body = self._hidden(decode(text))
        except ValueError as error:
            raise errors.NotAnAnswer(
                self._excerpt(text), title="The server's answer is not readable JSON."
            ) from error
        yield ChunkReceived(redaction.without(text, self.endpoint.api_key))
        if not isinstance(body, dict):
            raise errors.NotAnAnswer(self._excerpt(text), title="The server's reply holds no answer.")
        self._raise_error_in(body)
        if not any(isinstance(choice, dict) for choice in _choices(body)):
            raise errors.NotAnAnswer(self._excerpt(text), title="The server's reply holds no answer.")
        yield from wire.events(body)

    def _stream(
        self, chunks: Iterator[bytes], call: Call, head: bytes, hiding: redaction.StreamRedactor
    ) -> Iterator[Event]:
        """The events of an event stream. Complete means [DONE] or a finish_reason; anything else is cut off."""
        finished, done, understood, unreadable, received = False, False, 0, 0, 0
        try:
            for count, event in enumerate(sse.events(chunks)):
                received += len(event.data)
                if received > ANSWER_LIMIT or count >= CHUNK_LIMIT:
                    raise errors.AnswerTooLarge()
                if event.data.strip() == "[DONE]":
                    done = True
                    break
                try:
                    chunk = _chunk(hiding.read(event.data, decode(event.data)), event.event)
                except ValueError:
                    unreadable += 1  # one broken event is skipped; the rest of the answer is not
                    yield ChunkReceived(hiding.without(event.data))
                    continue
                items = hiding.over(wire.events(chunk))
                yield ChunkReceived(hiding.chunk(event.data))
                self._raise_error_in(chunk)
                understood += isinstance(chunk.get("choices"), list)  # the first chunk often says nothing yet
                for item in items:
                    understood += 1
                    finished = finished or isinstance(item, Finished)
                    yield item
                call.arm(self.deadlines.tail if finished else self.deadlines.idle, _silence(finished))
        except sse.EventTooLarge as error:
            raise errors.AnswerTooLarge(str(error)) from error
        except _TailSilent:
            return
        except (urllib3.exceptions.HTTPError, OSError):
            if not finished:  # a connection that breaks after finish_reason takes nothing away
                raise
        call.check_unless(_TailSilent)
        if not understood and (done or not head.startswith(b":")):  # comments alone: cut off before it began
            raise errors.NotAnAnswer(self._excerpt(head.decode("utf-8", "replace")))
        if done:
            _drain(chunks, call)
        elif not finished:
            raise errors.CutOff(f"{unreadable} unreadable events were skipped." if unreadable else "")

    def _raise_error_in(self, chunk: Mapping[str, JSON]) -> None:
        error = errors.error_in(chunk)
        if error is not None:
            raise errors.from_stream(error, secret=self.endpoint.api_key, request_id=errors.request_id_in(chunk))

    def _hidden(self, found: JSON) -> JSON:
        return redaction.hidden(found, self.endpoint.api_key)

    def _excerpt(self, text: str) -> str:
        """The beginning of what a server said, without the key. Redacted first: half a key is a key's half."""
        return errors.redact(text, self.endpoint.api_key)[:500]

    # ---- looking around -------------------------------------------------------------------------------

    def get(self, path: str) -> JSON:
        """The JSON of a GET on this server (a path under the base URL, or a full URL on the same origin).

        Raises APIError, also when the reply is not JSON.
        """
        return self.fetch(path).body

    def fetch(self, path: str, etag: str = "", limit: int = ANSWER_LIMIT) -> Fetched:
        """A GET that tells the server which version is here already: `unchanged` when there is no newer one."""
        if path.startswith("http") and not path.startswith(self.endpoint.origin + "/"):
            raise ValueError("a key goes to its own server only")
        headers = {"Accept": "application/json", **({"If-None-Match": etag} if etag else {})}
        with Call() as call:
            call.limit(self.deadlines.total)
            call.arm(self.deadlines.headers, errors.TimedOut())
            with self._exchange("GET", path, call, headers=headers) as response:
                text = whole(arrived(response, call), limit).decode("utf-8", "replace")
                if response.status_code == 304:
                    return Fetched(None, etag, unchanged=True)
        try:
            return Fetched(self._hidden(decode(text)), response.headers.get("ETag", ""))
        except ValueError as error:
            raise errors.NotAnAnswer(self._excerpt(errors.words(text))) from error

    def check(self) -> str:
        """Does this connection work? A sentence that says so. Raises APIError where it does not.

        AI/ML API lists models without a key, so the key is tried on its balance, which any key may read.
        """
        if self.endpoint.is_aimlapi:
            if not self.endpoint.api_key:
                raise errors.KeyMissing()
            balance = self.get(f"{self.endpoint.origin}/v2/billing")
            amount = numeral(balance.get("current_balance")) if isinstance(balance, dict) else None
            return "The key works." if amount is None else f"The key works. Balance: ${amount:,.2f}."
        listing = self.get("models")
        models = listing.get("data") if isinstance(listing, dict) else None
        return f"Connected: {len(models)} models." if isinstance(models, list) else "Connected."


class _TailSilent(Exception):
    """Silence after finish_reason: nothing is missing but, perhaps, the usage."""


def _silence(finished: bool) -> Exception:
    if finished:
        return _TailSilent()
    return errors.CutOff(title="The server fell silent in the middle of the answer.")


def _chunk(chunk: JSON, name: str) -> dict[str, JSON]:
    """One event of a stream as an object; `event: error` wraps its data. Raises ValueError on anything else."""
    if name == "error" and not (isinstance(chunk, dict) and "error" in chunk):
        return {"error": chunk}
    if not isinstance(chunk, dict):
        raise ValueError("not an object")
    return chunk


def encode(body: Mapping[str, JSON]) -> bytes:
    """A request body as JSON. Raises BadInput on what JSON cannot say (NaN, Infinity)."""
    try:
        return json.dumps(body, allow_nan=False).encode()
    except ValueError as error:
        raise errors.BadInput("A number is NaN or infinite.", hint="Change the setting.") from error


def decode(text: str) -> JSON:
    """JSON from outside: NaN reads as null, nesting too deep is a ValueError like any other nonsense."""
    try:
        return cast(JSON, json.loads(text, parse_constant=lambda _: None))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _choices(body: Mapping[str, JSON]) -> list[JSON]:
    choices = body.get("choices")
    return choices if isinstance(choices, list) else []


def _pause(error: APIError, attempt: int) -> float | None:
    """Seconds until the next try, None when there is none."""
    if not error.retryable or attempt >= RETRIES:
        return None
    if error.retry_after is not None:
        return error.retry_after if error.retry_after <= RETRY_AFTER_LIMIT else None
    return 0.5 * (1 << attempt) * random.uniform(0.8, 1.2)


def _request_id(headers: Mapping[str, str], ours: str) -> str:
    return next((headers[name][:128] for name in _REQUEST_ID_HEADERS if headers.get(name)), ours)


def _drain(chunks: Iterator[bytes], call: Call) -> None:
    """Read the end of the body after [DONE], so that the connection can be used again; never wait for it."""
    call.arm(0.1, _TailSilent())
    with contextlib.suppress(_TailSilent, urllib3.exceptions.HTTPError, OSError):  # the answer is whole
        for _ in zip(range(8), chunks, strict=False):
            pass
