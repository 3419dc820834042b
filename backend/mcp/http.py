"""The HTTP client of a connection: bounded, independent of the environment, and pinned to checked addresses where
visitors share an app.

A reply of more than 10 MB is aborted; a compressed one is refused, as ten compressed megabytes can be ten
gigabytes.
With `public_only` a name is resolved once, all of its addresses must be public, and one of these is connected to,
with
the name kept for the certificate. The SDK follows redirects only within the same origin.

For a sign-in, a server names further addresses. A public server may not name private ones: it could read or
change what only this machine can reach. The checked address is connected to, so that a DNS change in between has
no effect; a proxy resolves names itself. A server in the private network may name any address.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from ipaddress import ip_address

import httpx2

from backend.mcp import bounds
from backend.mcp.bounds import Broken
from backend.mcp.server import Server
from backend.mcp.sign_in import SignIn
from backend.transport import certificates, public_web
from backend.transport.keep_alive import socket_options
from backend.transport.session import proxies

_EVENTS = "text/event-stream"


class ReplyTooLarge(httpx2.StreamError, Broken):
    """A reply that is too large, or compressed. The SDK passes its message on as an error of the call."""

    def __init__(self, words: str) -> None:
        super().__init__(words)


class Client:
    """Makes the HTTP clients of one connection; `status` is the last refusal of the server, None for none."""

    def __init__(self, server: Server, *, public_only: bool = False, sign_in: SignIn | None = None) -> None:
        self._server, self._public_only = server, public_only
        self._sign_in = sign_in
        self.url = server.fill_values(server.url)
        self.status: int | None = None
        self._inside: bool | None = None

    async def is_inside(self) -> bool:
        """Whether the server is on this machine, or in a private network; checked once. A name that this machine
        cannot resolve is outside: it is for a proxy, or invalid.
        """
        if self._inside is None:
            self._inside = not _are_public(await asyncio.to_thread(_addresses, httpx2.URL(self.url)))
        return self._inside

    @property
    def proxy(self) -> str | None:
        """The environment's proxy for this server."""
        return None if self._public_only else proxies(self.url).get(httpx2.URL(self.url).scheme)

    def make(self, headers: dict[str, str] | None = None, *_: object, **__: object) -> httpx2.AsyncClient:
        """A client whose headers go to this server only: the SDK does not leave its origin."""
        own = {name: self._server.fill_values(value) for name, value in self._server.headers.items()}
        return httpx2.AsyncClient(
            headers={"User-Agent": "llm-playground", **(headers or {}), **own, "Accept-Encoding": "identity"},
            transport=bounded(self, self._transport(), pinned=self._public_only),
            auth=self._sign_in.auth(self.url) if self._sign_in else None,
            timeout=httpx2.Timeout(bounds.DIAL_SECONDS, read=bounds.IDLE_SECONDS),
            trust_env=False,
            follow_redirects=False,
        )

    def _transport(self) -> httpx2.AsyncBaseTransport:
        return httpx2.AsyncHTTPTransport(
            verify=_ssl_context(), trust_env=False, proxy=self.proxy, socket_options=socket_options()
        )


def _ssl_context() -> ssl.SSLContext:
    if bundle := certificates.bundle():
        return ssl.create_default_context(cafile=bundle)
    return certificates.public_authorities()


def bounded(client: Client, inner: httpx2.AsyncBaseTransport, *, pinned: bool = False) -> httpx2.AsyncBaseTransport:
    """A transport that connects only where this client may, and aborts a reply that is too large."""
    return _Bounded(client, inner, pinned=pinned)


class _Bounded(httpx2.AsyncBaseTransport):
    """A transport that checks addresses and limits replies."""

    def __init__(self, client: Client, inner: httpx2.AsyncBaseTransport, *, pinned: bool) -> None:
        self._client, self._inner, self._pinned = client, inner, pinned

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        server_url = httpx2.URL(self._client.url)
        own = request.url.path == server_url.path  # and no request of a sign-in
        if self._pinned:
            response = await self._asked_at(request, await asyncio.to_thread(_public, request.url))
        elif await self._client.is_inside():
            response = await self._inner.handle_async_request(request)
        else:
            response = await self._asked_at(request, await asyncio.to_thread(self._outside, request.url))
        if response.status_code >= 400 and own:
            self._client.status = response.status_code
        if response.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
            await response.aclose()
            raise ReplyTooLarge("The server's reply is packed, which was not asked for.")
        if isinstance(response.stream, httpx2.AsyncByteStream) and not _streams(response):
            response.stream = _Limited(response.stream)
        return response

    def _outside(self, url: httpx2.URL) -> list[str]:
        """The addresses of a public server, or of what it names; [] if a proxy resolves them. Raises Broken for
        a private one.
        """
        found = _addresses(url)
        if not _are_public(found):
            raise Broken("To sign in, the server wants an address asked that is not on the public internet.")
        if self._client.proxy:
            return []
        if not found:
            raise httpx2.ConnectError("Name or service not known")
        return found

    async def _asked_at(self, request: httpx2.Request, addresses: list[str]) -> httpx2.Response:
        """Send to the first of these addresses that accepts the connection; without any, to the name itself."""
        for address in addresses[:-1]:
            with suppress(httpx2.ConnectError, httpx2.ConnectTimeout):
                return await self._inner.handle_async_request(_at(request, address))
        last = _at(request, addresses[-1]) if addresses else request
        return await self._inner.handle_async_request(last)

    async def aclose(self) -> None:
        await self._inner.aclose()


def _streams(response: httpx2.Response) -> bool:
    """Whether the reply is an event stream, which has no total limit: the size and number of its events are
    limited.
    """
    return str(response.headers.get("content-type", "")).lower().startswith(_EVENTS)


class _Limited(httpx2.AsyncByteStream):
    """A body that is aborted when it gets too large."""

    def __init__(self, inner: httpx2.AsyncByteStream) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._inner:
            size += len(chunk)
            if size > bounds.MESSAGE_LIMIT:
                raise ReplyTooLarge(f"The server's reply is longer than {bounds.MESSAGE_LIMIT // 1_000_000} MB.")
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()


def _addresses(url: httpx2.URL) -> list[str]:
    """The addresses of a name, [] if this machine cannot resolve it."""
    try:
        found = socket.getaddrinfo(url.host, url.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(row[4][0]) for row in found))


def _are_public(addresses: list[str]) -> bool:
    """Whether none of them is on this machine, or in a private network."""
    return all(public_web.is_public(ip_address(address.partition("%")[0])) for address in addresses)


def _public(url: httpx2.URL) -> list[str]:
    """The addresses of a server that a guest has typed, all of them public. Raises Blocked."""
    return public_web.check(str(url.copy_with(query=None, fragment=None)))


def _at(request: httpx2.Request, address: str) -> httpx2.Request:
    """The same request to a checked address; name and certificate are those of the host."""
    pinned = httpx2.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": request.url.host},
    )
    pinned.headers["Host"] = request.headers["Host"]
    return pinned
