"""One server and its key; one request out, the events of its answer in.

    client = ChatClient(Endpoint("https://api.aimlapi.com/v1", api_key))
    for event in client.chat(request): ...

Everything between the socket and the events happens here: wall-clock deadlines, retries, refusal of
redirects, classification of errors. `Call.stop()` ends a call from another thread at once, even on a silent server.
It does NOT decide which server a key may go to: that is settings.py's pair rule.
"""

from __future__ import annotations

import contextlib
import logging
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import requests
from requests.adapters import HTTPAdapter

from backend import errors, logs
from backend.errors import APIError
from backend.keys.endpoint import PATHS, Endpoint
from backend.keys.headers import merged
from backend.keys.redaction import Redactor
from backend.protocol import wire
from backend.protocol.accumulator import Accumulator
from backend.protocol.body import decode, encode
from backend.protocol.wire.anthropic_request import ANTHROPIC_VERSION
from backend.transport import bills, checking, public_web
from backend.transport.body_bytes import read_beginning, read_chunks, read_whole
from backend.transport.call import Call, Stopped
from backend.transport.deadlines import Deadlines
from backend.transport.exchange import Exchange, masked
from backend.transport.faults import of_proxy
from backend.transport.reply import ANSWER_LIMIT, ERROR_LIMIT, ReplyReader, excerpt
from backend.transport.request_ids import request_id
from backend.transport.session import (
    attaching_sockets,
    open_session,
    proxies,
    raising_api_errors,
    without_secrets,
)
from backend.types import JSON, ChatRequest, CostReported, Event, Message, ResponseStarted, Retrying
from backend.untrusted import integer

__all__ = ["Call", "ChatClient", "Deadlines", "Endpoint", "Fetched", "Stopped"]

RETRIES = 2
RETRY_AFTER_LIMIT = 60.0  # seconds; a longer wait is the visitor's decision
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fetched:
    """The result of a GET, and the server's version tag."""

    body: JSON
    etag: str = ""
    unchanged: bool = False


class ChatClient:
    """Talks to one endpoint. Safe to use from several threads; connections are kept open between calls.
    `transport` carries the bytes in place of the network's."""

    def __init__(
        self, endpoint: Endpoint, deadlines: Deadlines | None = None, transport: HTTPAdapter | None = None
    ) -> None:
        self.endpoint = endpoint
        self.deadlines = deadlines or Deadlines()
        self._redactor = Redactor(endpoint.api_key, *endpoint.secrets)
        self._session = open_session(transport or (public_web.adapter() if endpoint.public_only else None))

    def close(self) -> None:
        self._session.close()

    @property
    def redactor(self) -> Redactor:
        """Redacts this server's key from what is shown and stored."""
        return self._redactor

    # ---- chat -----------------------------------------------------------------------------------------

    def complete(self, request: ChatRequest) -> Message:
        """The whole answer, for scripts. Raises APIError."""
        draft = Accumulator(request.model, server=request.server, tools=(tool.name for tool in request.tools))
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
                        answered = answered or not isinstance(event, ResponseStarted | CostReported)
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
        if problem := wire.unsendable(request):
            raise errors.BadInput(title=problem, hint="Take it out of the conversation, or choose another model.")
        payload = wire.payload(request)
        if payload.get("model") == "" and request.raw is None:
            raise errors.BadInput(title="No model is chosen.", hint="Type the id of a model in the sidebar.")
        body = encode(payload)
        headers = {
            "Content-Type": "application/json",
            "Accept": "text/event-stream" if request.stream else "application/json",
            "X-Client-Request-Id": call.request_id,
        }
        call.arm(*self._first_sign(request, call))
        with self.exchange("POST", wire.path(request), call, headers=headers, data=body) as response:
            id_ = self._redactor.redact(request_id(response.headers, call.request_id))
            yield ResponseStarted(
                response.status_code, masked(response.headers, self._redactor, self.endpoint.headers), id_
            )
            aimlapi = self.endpoint.is_aimlapi
            reader = ReplyReader(
                call,
                self.deadlines.of(request),
                self._redactor,
                integer(payload.get("n")) or 1,
                wire.reader(request.dialect.format),
                partial(bills.in_reply, aimlapi=aimlapi),
            )
            try:
                with raising_api_errors(call, self._redactor):
                    yield from reader.events(response, streaming=request.stream)
                yield from bills.in_headers(response.headers, aimlapi=aimlapi)
            except APIError as error:
                error.request_id = error.request_id or id_
                yield from bills.in_headers(response.headers, aimlapi=aimlapi)  # it may be charged nevertheless
                raise

    def _first_sign(self, request: ChatRequest, call: Call) -> tuple[float, APIError]:
        """Seconds to wait for the headers, and the error after that. A local server may load its model first:
        Ollama and llama.cpp unload idle ones.
        """
        title = "The server took the request and did not answer."
        error = errors.TimedOut("No reply came.", title=title, request_id=call.request_id)
        deadlines = self.deadlines.of(request)
        seconds = deadlines.headers if request.stream else deadlines.blocking
        if self.endpoint.is_near:
            error.hint = "The model may still be loading there. Try again in a moment."
            seconds = max(seconds, deadlines.first_data)
        return seconds, error

    @contextlib.contextmanager
    def exchange(
        self, method: str, path: str, call: Call, *, headers: Mapping[str, str], data: bytes | None = None
    ) -> Iterator[requests.Response]:
        """One HTTP exchange: the response with its body unread. A reply outside 2xx is raised as its error,
        but for "not modified" where that was asked for."""
        url = path if path.startswith("http") else self.endpoint.url(path)
        with raising_api_errors(call, self._redactor):
            own = self.endpoint.headers
            ours = {**headers, **self._authorization(), "Accept-Encoding": "identity"}
            if self.endpoint.is_anthropic or path == PATHS["messages"]:
                ours["anthropic-version"] = ANTHROPIC_VERSION
            headers = merged(ours, own)
            shown = self._redactor.redact(url), masked(headers, self._redactor, own)
            exchange = Exchange(method, *shown, redactor=self._redactor)
            call.exchanges.append(exchange)
            with attaching_sockets(call):
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
            exchange.record_reply(response, self._redactor, own)
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
        name, scheme = self.endpoint.key_header
        return {name: f"{scheme}{key}"}

    def _refusal(self, response: requests.Response, call: Call) -> APIError:
        """The server's refusal with its message; if the body cannot be read, by its status alone."""
        id_ = request_id(response.headers, call.request_id)
        refused = partial(errors.from_response, response.status_code, redactor=self._redactor, request_id=id_)
        wordless = refused("", response.headers)
        wordless.retryable = False  # the call has ended as well
        call.arm(self.deadlines.tail, wordless)
        text = read_beginning(read_chunks(response, call), ERROR_LIMIT)
        body: object = text
        with contextlib.suppress(ValueError):
            body = decode(text)
        error = refused(body, response.headers)
        if isinstance(error, errors.Redirected) and (target := response.headers.get("Location")):
            error.points_to(self._redactor.redact(without_secrets(response.url, target)))
        if isinstance(body, str) and self._by_proxy(response):
            return of_proxy(response.status_code, error.detail)
        return error

    def _by_proxy(self, response: requests.Response) -> bool:
        """The error for a refusal without JSON, at an http address, that a proxy may have sent instead of the
        server. For https a proxy is a tunnel.
        """
        if (
            response.status_code not in (403, 502, 503, 504)
            or self.endpoint.is_loopback
            or self.endpoint.public_only
        ):
            return False
        return response.url.startswith("http://") and bool(
            requests.utils.select_proxy(response.url, proxies(response.url))
        )

    # ---- other requests -------------------------------------------------------------------------------

    def post_nothing(self, path: str) -> None:
        """Send an empty request, which costs nothing. Raises the APIError that the server answers with."""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        with Call() as call:
            call.limit(self.deadlines.total)
            call.arm(self.deadlines.headers, errors.TimedOut())
            with self.exchange("POST", path, call, headers=headers, data=b"{}"):
                pass

    def get(self, path: str) -> JSON:
        """The JSON of a GET on this server (a path under the base URL, or a full URL on the same origin).

        Raises APIError, also when the reply is not JSON.
        """
        return self.fetch(path).body

    def fetch(self, path: str, etag: str = "", limit: int = ANSWER_LIMIT) -> Fetched:
        """A GET with the known version tag: `unchanged` if there is no newer one."""
        if path.startswith("http") and not path.startswith(self.endpoint.origin + "/"):
            raise ValueError("a key goes to its own server only")
        headers = {"Accept": "application/json", **({"If-None-Match": etag} if etag else {})}
        with Call() as call:
            call.limit(self.deadlines.total)
            call.arm(self.deadlines.headers, errors.TimedOut())
            with self.exchange("GET", path, call, headers=headers) as response:
                text = read_whole(read_chunks(response, call), limit).decode("utf-8", "replace")
                if response.status_code == 304:
                    return Fetched(None, etag, unchanged=True)
        try:
            return Fetched(self._redactor.redact_json(decode(text)), response.headers.get("ETag", ""))
        except ValueError as error:
            refused = errors.NotAnAnswer.page if text.lstrip()[:1] == "<" else errors.NotAnAnswer
            raise refused(excerpt(errors.message_in(text), self._redactor)) from error

    def check(self) -> str:
        """Check the connection: a sentence that it works. Raises APIError if it does not."""
        return checking.check(self)


def _pause(error: APIError, attempt: int) -> float | None:
    """Seconds until the next attempt, None if there is none."""
    if not error.retryable or attempt >= RETRIES:
        return None
    own = 0.5 * (1 << attempt) * random.uniform(0.8, 1.2)
    asked = error.retry_after or 0.0  # at least our own pause: 0 would send three requests at once
    return max(own, asked) if asked <= RETRY_AFTER_LIMIT else None
