"""One HTTP call that can be ended from outside: by Stop, or by a deadline on the wall clock.

requests' own timeout is the longest pause between two bytes, so a server that drips a byte or a comment
every few seconds never times out (measured). A Call watches the clock itself and shuts the socket down, which
wakes a blocked read in the other thread at once.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from types import TracebackType
from typing import Any, cast

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.response import BaseHTTPResponse

from backend import errors
from backend.keys.endpoint import host
from backend.transport.exchange import Exchange

CROWD = 10  # answers at once that are read token by token
REST = 0.1  # seconds between two reads of one answer when there are more
WAITED = 0.002  # seconds of a read that found nothing there yet


@dataclass(frozen=True)
class Deadlines:
    """Seconds on the wall clock. `blocking` is for the headers of a reply that comes in one piece: servers
    send them when the answer is ready. `tail` is the wait for usage after finish_reason, `abandoned`
    what a closed tab has to come back."""

    connect: float = 5.0
    headers: float = 60.0
    blocking: float = 300.0
    first_data: float = 120.0
    idle: float = 60.0
    tail: float = 5.0
    total: float = 900.0
    abandoned: float = 100.0


class Stopped(Exception):
    """The visitor stopped the call."""


class Call:
    """One call in progress. Used as a context manager by whoever runs it; `stop` is for everybody else."""

    def __init__(self, total: float | None = None, request_id: str = "") -> None:
        # Sent as X-Client-Request-Id: AI/ML API takes 1-128 of A-Za-z0-9._:- and drops anything else.
        self.request_id = request_id or f"pg-{uuid.uuid4().hex}"
        self.error: Exception | None = None
        self.exchanges: list[Exchange] = []  # a retry is an exchange of its own
        self._total_is_said = total is not None
        self._set_total(Deadlines.total if total is None else total)
        self._socket: socket.socket | None = None
        self._changed = threading.Condition()
        self._watcher: threading.Thread | None = None
        self._wakes = 0.0  # when the watcher looks at the deadline by itself
        self._depth = 0

    def _set_total(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
        self._total_error = errors.TimedOut(title=f"The answer took longer than {seconds:g} seconds.")
        self._due, self._due_error = self._ends, cast(Exception, self._total_error)

    def limit(self, total: float) -> None:
        """Seconds that all of it may take from now, unless whoever made the call said so already."""
        with self._changed:
            if not self._total_is_said:
                self._total_is_said = True
                self._set_total(total)
                self._changed.notify_all()

    def stop(self) -> None:
        """End the call now. The thread that runs it sees Stopped."""
        self.abort(Stopped())

    def abort(self, error: Exception) -> None:
        with self._changed:
            if self.error is not None:
                return
            self.error = error
            self._changed.notify_all()
            self._shut()

    def _shut(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError, ValueError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def arm(self, seconds: float, error: Exception) -> None:
        """From now, `seconds` until the call ends with `error`; replaces the deadline set before."""
        with self._changed:
            due = time.monotonic() + seconds
            self._due, self._due_error = (due, error) if due < self._ends else (self._ends, self._total_error)
            # Every chunk sets a later deadline: the watcher finds it when it wakes for the one before.
            if self._due < self._wakes:
                self._changed.notify_all()

    def check(self) -> None:
        """Raises what ended the call, if something did."""
        if self.error is not None:
            raise self.error

    def check_unless(self, harmless: type[Exception]) -> None:
        if self.error is not None and not isinstance(self.error, harmless):
            raise self.error

    def sleep(self, seconds: float) -> None:
        """Wait between two tries. Raises at once when the call is ended meanwhile."""
        self.arm(self._ends - time.monotonic(), self._total_error)
        self.rest(seconds)
        self.check()

    def rest(self, seconds: float) -> None:
        """Wait, but not when the call has ended."""
        with self._changed:
            self._changed.wait_for(lambda: self.error is not None, seconds)

    def attach(self, sock: socket.socket | None) -> None:
        """The socket this call reads from; shut at once when the call is over already."""
        with self._changed:
            self._socket = sock
            if self.error is not None:
                self._shut()

    def __enter__(self) -> Call:
        with self._changed:
            self._depth += 1
            if self._watcher is None:
                self._watcher = threading.Thread(target=self._watch, name="call-deadline", daemon=True)
                self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._depth -= 1
            if self._depth == 0:
                self._socket = self._watcher = None
                self._changed.notify_all()

    def _watch(self) -> None:
        with self._changed:
            while self._depth and self.error is None:
                left = self._due - time.monotonic()
                if left > 0:
                    self._wakes = self._due
                    self._changed.wait(left)
                    continue
                self.error = self._due_error
                self._changed.notify_all()
                self._shut()


_current: ContextVar[Call | None] = ContextVar("call", default=None)


@contextlib.contextmanager
def faults(call: Call, secret: str = "") -> Iterator[None]:
    """Whatever the wire throws, as an APIError; what ended the call goes before what broke because of it."""
    try:
        call.check()
        yield
    except (errors.APIError, Stopped):
        if call.error is not None:
            raise call.error from None
        raise
    except Exception as fault:
        if call.error is not None:
            raise call.error from None
        known = _known(fault, secret)
        if known is None:
            raise
        raise known from None


@contextlib.contextmanager
def watched(call: Call) -> Iterator[None]:
    """Connections used in this block show their socket to `call`."""
    token = _current.set(call)
    try:
        yield
    finally:
        _current.reset(token)


def _known(fault: Exception, secret: str) -> errors.APIError | None:
    """The error of a fault of the network, None when it is a fault of ours."""
    text = errors.redact(str(fault), secret)
    match fault:
        case requests.exceptions.SSLError():
            refused = "certificate" in text.lower()
            return errors.CertificateRefused(text) if refused else errors.ConnectionFailed(text)
        case requests.exceptions.ProxyError():
            return errors.ConnectionFailed(text, title="The proxy could not be reached.")
        # To read can take too long while TLS or a proxy is agreed on; later our own deadlines are earlier.
        case requests.exceptions.ConnectTimeout() | requests.exceptions.ReadTimeout():
            return errors.ConnectionFailed(text, title="The server did not take the connection in time.")
        case (
            requests.exceptions.InvalidURL()
            | requests.exceptions.InvalidSchema()
            | requests.exceptions.MissingSchema()
            | urllib3.exceptions.LocationParseError()
        ):
            return errors.BadInput(
                title="The base URL is not an address.", hint="It looks like https://api.example.com/v1."
            )
        case requests.exceptions.InvalidHeader():
            return errors.BadInput(title="The API key contains characters that no key has.")
        case requests.exceptions.ConnectionError() if "NameResolutionError" in text or "getaddrinfo" in text:
            return errors.ConnectionFailed(text, title="The server's name could not be found.")
        case requests.exceptions.ConnectionError() if "NewConnectionError" in text or "refused" in text:
            return errors.ConnectionFailed(text)
        case requests.exceptions.ConnectionError():
            return errors.ConnectionFailed(text, title="The connection broke before an answer came.")
        case urllib3.exceptions.DecodeError() | requests.exceptions.ContentDecodingError():
            return errors.NotAnAnswer(
                text,
                title="The server's answer could not be unpacked.",
                hint="It is not compressed in the way it says. Try again, or another server.",
            )
        case requests.RequestException() | urllib3.exceptions.HTTPError() | http.client.HTTPException() | OSError():
            return errors.CutOff(text)
    return None


class _Watched:
    """A connection that shows its socket to the current call: while a proxy is asked, and before it waits for
    headers. In between TLS is agreed on, which its timeout ends as a whole."""

    sock: Any

    def _new_conn(self) -> socket.socket:
        made: socket.socket = super()._new_conn()  # type: ignore[misc]
        if call := _current.get():
            call.attach(made)
        return made

    def getresponse(self) -> Any:
        if call := _current.get():
            call.attach(self.sock)
        return super().getresponse()  # type: ignore[misc]


class _Connection(_Watched, HTTPConnection):
    pass


class SecureConnection(_Watched, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = SecureConnection


class _Adapter(HTTPAdapter):
    """requests' adapter over connections that a Call can reach while headers are still awaited."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
        return manager


def adapter() -> HTTPAdapter:
    """A transport for requests.Session whose calls can be ended by their Call."""
    return _Adapter(pool_connections=4, pool_maxsize=16)


def session(transport: HTTPAdapter | None = None) -> requests.Session:
    """A session that sends what it is told and nothing else, over a transport whose calls can be ended."""
    made = requests.Session()
    # A .netrc entry, or a name and password in the URL, would replace our Authorization header (measured); proxies
    # are read explicitly.
    made.trust_env = False
    made.auth = lambda request: request
    # Nor does the next answer, perhaps somebody else's, carry a cookie of this one.
    made.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("http://", "https://"):
        made.mount(scheme, transport or adapter())
    return made


def proxies(url: str) -> dict[str, str]:
    """The environment's proxies for this address."""
    return requests.utils.get_environ_proxies(url) if host(url) else {}


# ---- reading a body -----------------------------------------------------------------------------------


def arrived(response: requests.Response, call: Call) -> Iterator[bytes]:
    """What has arrived, at once: requests' own iterator waits to fill its buffer on unchunked replies.

    In a crowd a reader that had to wait for bytes rests, so that the next ones come together: waking up for each of
    2,500 tokens a second left nothing for the pages to be drawn with (measured, bench/people.py).
    """
    raw = cast(BaseHTTPResponse, response.raw)
    with _Reader() as reader:
        while True:
            began = time.monotonic()
            try:
                chunk = raw.read1(65536, decode_content=True)
            except Exception:
                call.check()  # a socket shut by Stop or a deadline fails in many ways; the cause is one
                raise
            waited = time.monotonic() - began
            if not chunk:
                return
            yield chunk
            if reader.crowded and waited > WAITED:
                call.rest(REST)


class _Reader:
    """Counts the bodies that are being read in this process."""

    _many = 0
    _lock = threading.Lock()

    def __enter__(self) -> _Reader:
        with self._lock:
            _Reader._many += 1
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            _Reader._many -= 1

    @property
    def crowded(self) -> bool:
        return _Reader._many > CROWD


def whole(chunks: Iterator[bytes], limit: int) -> bytes:
    """A whole body up to `limit` bytes; past it raises AnswerTooLarge."""
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > limit:
            raise errors.AnswerTooLarge()
    return bytes(body)


def beginning(chunks: Iterator[bytes], limit: int) -> str:
    """Up to `limit` bytes of a body as text, or what came before the connection broke."""
    body = bytearray()
    with contextlib.suppress(urllib3.exceptions.HTTPError, OSError):
        for chunk in chunks:
            body += chunk
            if len(body) > limit:
                break
    return bytes(body[:limit]).decode("utf-8", "replace")
