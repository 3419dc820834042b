"""HTTP sessions whose calls can be ended by their Call.

    with raising_api_errors(call, redactor), attaching_sockets(call):
        response = session.get(url, stream=True)

A session sends only what it is told: no cookies, no .netrc, no implicit proxy.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
from collections.abc import Iterator
from contextvars import ContextVar
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from backend import errors
from backend.keys.endpoint import host
from backend.keys.redaction import NO_KEY, Redactor
from backend.transport import certificates
from backend.transport.call import Call, Stopped
from backend.transport.faults import NO_PROXY_ADDRESS, api_error, of_proxy
from backend.transport.keep_alive import socket_options

_INTERIM = 20  # informational replies before the final one
_current: ContextVar[Call | None] = ContextVar("call", default=None)


@contextlib.contextmanager
def raising_api_errors(call: Call, redactor: Redactor = NO_KEY) -> Iterator[None]:
    """Network exceptions in this block are raised as APIError. If the call was ended, its reason is raised
    instead.
    """
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
        error = api_error(fault, redactor)
        if error is None:
            raise
        raise error from None


@contextlib.contextmanager
def attaching_sockets(call: Call) -> Iterator[None]:
    """Connections used in this block attach their socket to `call`, which can then shut it."""
    token = _current.set(call)
    try:
        yield
    finally:
        _current.reset(token)


def current_call() -> Call | None:
    """The call of the block above, on its thread."""
    return _current.get()


class _Response(http.client.HTTPResponse):
    """Skips informational replies (103 Early Hints, RFC 8297): the library skips only 100."""

    def _read_status(self) -> tuple[str, int, str]:
        for _ in range(_INTERIM):
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if not 100 < status < 200 or status == 101:
                return version, status, reason
            http.client.parse_headers(self.fp)
        raise http.client.HTTPException("replies before the reply without end")


class _AttachesSocket:
    """A connection that attaches its socket to the current call: while connecting to a proxy, and before it
    waits for headers. The TLS handshake in between is limited by its timeout.
    """

    sock: Any

    def _new_conn(self) -> socket.socket:
        sock: socket.socket = super()._new_conn()  # type: ignore[misc]
        if call := _current.get():
            call.attach(sock)
        return sock

    def send(self, data: object) -> None:
        """Attach first: the server may have received everything before `send` returns."""
        if self.sock is not None and (call := _current.get()):
            call.has_left()
        super().send(data)  # type: ignore[misc]

    def getresponse(self) -> Any:
        if call := _current.get():
            call.attach(self.sock)
        return super().getresponse()  # type: ignore[misc]


class _PlainConnection(_AttachesSocket, HTTPConnection):
    response_class = _Response


class SecureConnection(_AttachesSocket, HTTPSConnection):
    response_class = _Response


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = SecureConnection


class TrustingAdapter(HTTPAdapter):
    """requests' adapter with TCP keep-alive, and the authorities of backend/transport/certificates.py."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, socket_options=socket_options())

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        return super().proxy_manager_for(*args, **kwargs, socket_options=socket_options())

    def send(self, *args: Any, **kwargs: Any) -> requests.Response:
        if kwargs.get("verify") is True:
            kwargs["verify"] = certificates.bundle() or True
        return super().send(*args, **kwargs)

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: bool | str, cert: str | tuple[str, str] | None = None
    ) -> Any:
        address, tls = super().build_connection_pool_key_attributes(request, verify, cert)
        return address, {**tls, "ssl_context": certificates.public_authorities()} if verify is True else tls

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        super().cert_verify(conn, url, verify, cert)  # type: ignore[no-untyped-call]
        if verify is True:  # already loaded: not again for each connection
            conn.ca_certs = None


class _StoppableAdapter(TrustingAdapter):
    """requests' adapter over connections that a Call can reach while waiting for headers."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}
        return manager


def adapter() -> HTTPAdapter:
    """A transport for requests.Session whose calls can be ended by their Call."""
    return _StoppableAdapter(pool_connections=4, pool_maxsize=50)


class _Session(requests.Session):
    """Ignores redirects: requests computes the next address even if it must not follow it, and raises ValueError
    for an invalid one (measured on 2.34.2).
    """

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        return None


def open_session(transport: HTTPAdapter | None = None) -> requests.Session:
    """A session that sends only what it is told, over a transport whose calls can be ended."""
    session = _Session()
    # A .netrc entry, or a name and password in the URL, would replace our Authorization header (measured); proxies
    # are read explicitly.
    session.trust_env = False
    session.auth = lambda request: request
    # The next request, perhaps of another visitor, must not carry a cookie of this one.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("http://", "https://"):
        session.mount(scheme, transport or adapter())
    return session


def proxies(url: str) -> dict[str, str]:
    """The environment's proxies for this address. Raises ConnectionFailed if the one for it is invalid."""
    if not host(url):
        return {}
    named = requests.utils.get_environ_proxies(url)
    try:
        parse_url(requests.utils.select_proxy(url, named) or "")
    except LocationParseError:
        raise of_proxy(None, title=NO_PROXY_ADDRESS) from None
    return named


def without_secrets(url: str, target: str) -> str:
    """The target of a redirect of `url`, without possible secrets: user name and password, query, fragment."""
    try:
        parts = urlsplit(urljoin(url, target[:2_000]))
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
    except ValueError:
        return "an address that is none"
