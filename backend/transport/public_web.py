"""Fetches addresses typed by visitors, or requested by a model: only from the public internet, and only by https.

The check is part of connecting: a name is resolved once, every address of it must be public, and that
same address is connected to, with the name kept for the certificate and the Host header. So a DNS change
between the check and the connection has no effect. Redirect targets are checked like the first address.
It does NOT make the reply safe.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import HTTPSConnectionPool
from urllib3.util import connection

from backend import errors
from backend.text import clean
from backend.transport.body_bytes import read_chunks, read_whole
from backend.transport.call import Call
from backend.transport.session import (
    SecureConnection,
    TrustingAdapter,
    attaching_sockets,
    open_session,
    raising_api_errors,
)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
FETCH_LIMIT = 2 * 1024 * 1024  # bytes of a page
FETCH_SECONDS = 20.0
_ADDRESSES = 16  # addresses of one name that are checked
_ALLOWED = re.compile(r"[A-Za-z0-9.\-_~:/%\[\]@!$&'()*+,;=]+")
_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+")
# Names that are never on the public internet (RFC 6761, 6762, 8375, 2606, ICANN's .internal).
_PRIVATE_NAMES = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "test", "example", "invalid",
                  "onion", "arpa")  # fmt: skip
# In IPv6, only this block is allocated (IANA); some of its ranges are for protocols and documentation.
_GIVEN_OUT = ipaddress.ip_network("2000::/3")
# Public by number, private by use; and ranges that some Python versions consider public.
_CLOSED = tuple(
    ipaddress.ip_network(block)
    for block in (
        *("0.0.0.0/8", "100.64.0.0/10", "168.63.129.16/32", "169.254.0.0/16", "192.0.0.0/24", "192.88.99.0/24"),
        *("198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4"),
        *("2001::/23", "2001:db8::/32", "3fff::/20"),  # Teredo and ORCHID are in the first one
    )
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)  # RFC 5214: the interface identifier before an embedded IPv4 address


class Blocked(errors.BadInput):
    """An address that may not be fetched."""

    title = "This address is not open here."
    hint = "It must be a server on the public internet, and begin with https://."


Resolve = Callable[[str, int], Sequence[str]]


def problem(url: str) -> str:
    """What is wrong with a typed address; "" if nothing is. No name is resolved."""
    try:
        _target(url)
    except Blocked as blocked:
        return f"{blocked.title} {blocked.hint}"
    return ""


def check(url: str, resolve: Resolve | None = None) -> list[str]:
    """The addresses behind a URL, all of them public. Raises Blocked."""
    return addresses(*_target(url), resolve)


def _target(url: str) -> tuple[str, int]:
    """Host and port of an unambiguous URL: parsers disagree about the others."""
    if not _ALLOWED.fullmatch(url) or not url.startswith("https://") or "@" in url:
        raise Blocked
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port or 443
    except ValueError:
        raise Blocked(title="This is not an address.") from None
    if parts.port == 0 or (port < 1024 and port != 443):
        raise Blocked(title="This port is not open here.")
    _check_name(host, bracketed="[" in parts.netloc)
    return host, port


def _check_name(host: str, *, bracketed: bool) -> None:
    """Accept a name with a dot in it, or an IP address in the usual notation."""
    try:
        literal = ipaddress.ip_address(host)
    except ValueError:
        literal = None
    if literal is not None:
        if "%" in host or bracketed != (literal.version == 6) or not is_public(literal):
            raise Blocked
        return
    # With a numeric last label a resolver reads the whole as a number: 0177.0.0.1, 0x7f.1, 2130706433.
    last = host.rpartition(".")[2]
    if bracketed or not _HOST.fullmatch(host) or last in _PRIVATE_NAMES or re.fullmatch(r"\d+|0x[0-9a-f]*", last):
        raise Blocked


def addresses(host: str, port: int, resolve: Resolve | None = None) -> list[str]:
    """The addresses of a name, resolved once. Raises Blocked unless every one of them is public."""
    try:
        addresses = list(dict.fromkeys((resolve or _resolve)(host, port)))
    except (OSError, UnicodeError):
        raise Blocked(title="The server's name could not be found.", hint="Check the address.") from None
    if not addresses or len(addresses) > _ADDRESSES or not all(_public(address) for address in addresses):
        raise Blocked
    return addresses


def _resolve(host: str, port: int) -> list[str]:
    return [str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _public(address: str) -> bool:
    try:
        return is_public(ipaddress.ip_address(address))
    except ValueError:
        return False


def is_public(address: Address) -> bool:
    """Whether it is reachable from anywhere, and not in a private network. An embedded address counts too."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id:
            return False
        if address.ipv4_mapped or address in _NAT64:
            return is_public(_last_four(address))
        if address not in _GIVEN_OUT:
            return False
        inner = address.sixtofour
        if int(address) >> 32 & 0xFFFF_FFFF in _ISATAP:
            inner = _last_four(address)
        if inner is not None and not is_public(inner):
            return False
    closed = any(address in block for block in _CLOSED if block.version == address.version)
    return address.is_global and not address.is_multicast and not closed


def _last_four(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address:
    """The IPv4 address in the last four bytes."""
    return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)


# ---- connecting -----------------------------------------------------------------------------------------


class _CheckedConnection(SecureConnection):
    """Connects to one of the checked addresses. `host` stays the name: for SNI, certificate and Host header."""

    def _new_conn(self) -> socket.socket:
        fault: Exception | None = None
        for address in addresses(self.host.strip("[]").lower(), self.port):
            try:
                return connection.create_connection(
                    (address, self.port),
                    self.timeout,
                    source_address=self.source_address,
                    socket_options=self.socket_options,
                )
            except OSError as error:
                fault = error
        raise urllib3.exceptions.NewConnectionError(self, f"refused: {type(fault).__name__}") from fault


class _CheckedPool(HTTPSConnectionPool):
    ConnectionCls = _CheckedConnection


class _CheckedAdapter(TrustingAdapter):
    """Only https, only checked addresses, never through a proxy: that would resolve the name again."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"https": _CheckedPool}

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        _target(re.split("[?#]", request.url or "")[0])
        return super().send(request, *args, **{**kwargs, "proxies": {}})


def adapter() -> HTTPAdapter:
    """A transport for requests.Session, for both schemes, that reaches the public internet and nothing else."""
    return _CheckedAdapter(pool_connections=4, pool_maxsize=16)


@dataclass(frozen=True)
class Page:
    """The reply of a server: its text, and its declared media type ("text/html", or "")."""

    text: str
    media_type: str


def fetch(url: str, limit: int = FETCH_LIMIT, seconds: float = FETCH_SECONDS) -> Page:
    """A page, for tools that read the web. Raises APIError: Blocked, TimedOut, AnswerTooLarge, Redirected, ..."""
    with Call() as call:
        call.limit(seconds)
        with getting(url, call, seconds, adapter()) as response:
            _require_page(response)
            body = read_whole(read_chunks(response, call), limit)
            media_type = response.headers.get("Content-Type", "").partition(";")[0].strip()
            return Page(_decoded(body, response.encoding), media_type)


@contextmanager
def getting(
    url: str, call: Call, seconds: float, transport: HTTPAdapter | None, redirects: int = 0
) -> Iterator[requests.Response]:
    """One GET without a key, with its body unread: each redirect target goes through `transport` like the first
    address. After this many `redirects` the response may be another redirect. Raises APIError, also for errors
    in the body of the `with`.
    """
    with open_session(transport) as session, raising_api_errors(call):
        for left in reversed(range(redirects + 1)):
            with attaching_sockets(call):
                response = session.get(
                    url,
                    stream=True,
                    allow_redirects=False,
                    timeout=(5.0, seconds),
                    headers={"Accept-Encoding": "identity"},
                )
            with response:
                if not (left and response.is_redirect):
                    yield response
                    return
                url = _leads_to(response)


def _require_page(response: requests.Response) -> None:
    """Raises unless the reply is a page. A redirect is not followed: the caller may request the new address,
    which is checked again.
    """
    if response.is_redirect:
        target = clean(_leads_to(response))[:300]
        raise errors.Redirected(title="The page has moved.", hint=f"It is said to be at {target}")
    if response.status_code != 200:
        raise errors.from_response(response.status_code, "", response.headers)


def _leads_to(redirect: requests.Response) -> str:
    """The target of a redirect. Raises Blocked if it is invalid."""
    try:
        return urljoin(redirect.url, redirect.headers["Location"])
    except ValueError:
        raise Blocked(title="The server sends one on to what is no address.", hint="") from None


def _decoded(body: bytes, encoding: str | None) -> str:
    try:
        return body.decode(encoding or "utf-8", "replace")
    except LookupError:  # a server may declare any encoding
        return body.decode("utf-8", "replace")
