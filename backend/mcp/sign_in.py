"""Signing in at a tool server with the browser (OAuth): where the visitor has to go, and what the browser returns
with.

    sign_in = SignIn("https://this.app/mcp-sign-in", server, seal, changed)
    sign_in.auth(url)              # for an HTTP client; the SDK does the rest: discovery, registration, PKCE
    sign_in.address                # where the visitor has to sign in, "" before the server has said so
    arrived({"state": ..., "code": ...})       # the route: the browser came back

This app registers itself, or uses a client id that the visitor has obtained (`with_client`). The secret
of such a client is bound to the first issuer that it was sent to: if a server names another one later, nothing is
sent.

A state is known only to the visitor's browser and to the authorization server, and is valid once. That does
NOT bind it to one browser: somebody who follows another person's link signs that person in. So it is only for
private
apps.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urljoin, urlsplit

from backend.mcp import bounds
from backend.mcp.bounds import Broken
from backend.mcp.server import Server
from backend.untrusted import line

if TYPE_CHECKING:
    import httpx2
    from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
    from mcp.shared.auth import OAuthClientInformationFull, OAuthToken

_TOKENS, _CLIENT, _ISSUER = "oauth tokens", "oauth client", "issuer of the client"
_SERVICE, _CLIENT_SECRET = "oauth service", "oauth client secret"
_ACCESS, _REFRESH = "oauth access token", "oauth refresh token"  # of the tokens, to be redacted
_SECRET = "client secret"  # noqa: S105 - a name
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_waiting: dict[str, SignIn] = {}  # sign-ins by state
_lock = threading.Lock()


def with_client(server: Server, client_id: str, secret: str) -> Server:
    """The server with a manual registration; "" and "" for automatic registration. Tokens of another client are
    dropped.
    """
    written = f"${{{_SECRET}}}" if client_id and secret else ""
    named = replace(without_tokens(server), client_id=client_id, client_secret=written)
    return named.with_values({_CLIENT: "", _ISSUER: "", _SECRET: secret if written else ""})


def has_tokens(server: Server) -> bool:
    """Whether somebody has signed in at it."""
    return bool(server.value(_TOKENS))


def without_tokens(server: Server) -> Server:
    """The server as before the sign-in; what it knows of this app (the registration) stays."""
    return server.with_values({_TOKENS: "", _SERVICE: "", _ACCESS: "", _REFRESH: ""})


class SignIn:
    """The sign-in of one connection. `server` is the current server, `seal` adds to its sealed values; `changed`
    is called on the loop with the address when that changes.
    """

    def __init__(
        self,
        back: str,
        server: Callable[[], Server],
        seal: Callable[[Mapping[str, str]], None],
        changed: Callable[[str], None],
    ) -> None:
        self.back, self.address, self.token_host = back, "", ""
        self._server, self._seal, self._changed = server, seal, changed
        self._provider: OAuthClientProvider | None = None
        self._answer: asyncio.Future[Mapping[str, str]] | None = None

    @property
    def host(self) -> str:
        """The host of the address. `token_host` is that of the token endpoint, which gets the code and the
        client's secret.
        """
        return urlsplit(self.address).netloc

    def auth(self, url: str) -> httpx2.Auth:
        """The authentication for the requests of an HTTP client."""
        from mcp.client.auth import OAuthClientProvider
        from mcp.shared.auth import OAuthClientMetadata

        from backend.mcp import oauth

        about = OAuthClientMetadata.model_validate(
            {
                "client_name": "LLM Playground",
                "redirect_uris": [self.back],
                "grant_types": ["authorization_code", "refresh_token"],
                "response_types": ["code"],
            }
        )
        storage = _Storage(self.back, self._server, self._seal_stored)
        self._provider = OAuthClientProvider(url, about, storage, self._send_visitor_to, self._came_back)
        oauth.restore(self._provider.context, self._server().value(_SERVICE))
        return oauth.Renewing(self._provider, lambda: self._server().value(_SERVICE), self._unregister)

    def _seal_stored(self, values: Mapping[str, str], expires_in: int | None = None) -> None:
        """Seal what the SDK stores; beside a token, its issuer."""
        from backend.mcp import oauth

        if _TOKENS in values and self._provider is not None:
            values = {**values, _SERVICE: oauth.token_facts(self._provider.context, expires_in, time.time())}
        self._seal(values)

    def _unregister(self) -> bool:
        """The authorization server may not know this app any more: the next sign-in registers it anew. False: it
        was registered manually, and stays so.
        """
        if not self._server().client_id:
            self._seal({_CLIENT: "", _CLIENT_SECRET: ""})
        return not self._server().client_id

    # ---- on the loop --------------------------------------------------------------------------------------

    async def _send_visitor_to(self, address: str) -> None:
        """Send the visitor to this address."""
        state = parse_qs(urlsplit(address).query).get("state", [""])[-1]
        token = self._token_address()
        if not is_safe(address) or not state or not is_safe(token):
            raise Broken("The server names an address to sign in at that is not safe: it has to be https.")
        self.token_host = urlsplit(token).netloc
        self._answer = asyncio.get_running_loop().create_future()
        with _lock:
            _waiting[state] = self
        self._show(address)

    def _token_address(self) -> str:
        """The token endpoint. A manually registered client authenticates there by the method that the server
        supports, known only now. Raises Broken.
        """
        context = self._provider.context if self._provider else None
        if context is None:
            return ""
        known, about, origin = context.client_info, context.oauth_metadata, urljoin(context.server_url, "/")
        if known and known.client_secret and self._server().client_secret:
            self._bind(str(about.issuer) if about else origin)
            ways = about.token_endpoint_auth_methods_supported if about else None
            if ways and "client_secret_basic" not in ways:
                known.token_endpoint_auth_method = "client_secret_post"  # noqa: S105 - a way, no secret
        return str(about.token_endpoint) if about else f"{origin}token"

    def _bind(self, issuer: str) -> None:
        """Bind the secret to the first issuer. Raises Broken for another one."""
        if self._server().value(_ISSUER) not in ("", issuer):
            raise Broken(
                "The server wants the client's secret shown elsewhere than before. To do so, type it anew."
            )
        self._seal({_ISSUER: issuer})

    async def _came_back(self) -> AuthorizationCodeResult:
        from mcp.client.auth import AuthorizationCodeResult

        try:
            async with asyncio.timeout(bounds.SIGN_IN_SECONDS):
                given = await self._answer if self._answer else {}
        except BaseException as ended:
            self._unregister()  # the page may have told only the visitor
            if isinstance(ended, TimeoutError):
                raise Broken("Nobody has signed in. Try again.") from None
            raise
        finally:
            self._forget()
        if given.get("error") or not given.get("code"):
            self._unregister()
            why = line(given.get("error_description") or given.get("error"), 200)
            raise Broken(f"The sign-in was refused. {why}".strip())
        return AuthorizationCodeResult(
            code=given["code"], state=given.get("state"), iss=self._issuer_spelling(given.get("iss"))
        )

    def _issuer_spelling(self, issuer: str | None) -> str | None:
        """The issuer that the browser returns from, in the server's spelling."""
        from backend.mcp import oauth

        about = self._provider.context.oauth_metadata if self._provider else None
        spelled = str(about.issuer) if about else ""
        return spelled if issuer and oauth.same_but_for_a_slash(issuer, spelled) else issuer

    def _forget(self) -> None:
        with _lock:
            for state in [state for state, waiting in _waiting.items() if waiting is self]:
                del _waiting[state]
        self._show("")

    def _show(self, address: str) -> None:
        self.address = address
        self._changed(address)

    def take(self, given: Mapping[str, str]) -> None:
        """Take the parameters that the browser returned with, from any thread."""
        answer = self._answer

        def put() -> None:
            if answer is not None and not answer.done():
                answer.set_result(given)

        if answer is not None:
            answer.get_loop().call_soon_threadsafe(put)


def handle_return(given: Mapping[str, str]) -> bool:
    """Handle a browser's return from a sign-in; False if no sign-in waits for it (any more)."""
    with _lock:
        waiting = _waiting.pop(given.get("state", ""), None)
    if waiting is not None:
        waiting.take(given)
    return waiting is not None


def is_safe(address: str) -> bool:
    """Whether a browser may be sent to this page: https, or on this machine, without a user name before the
    host, which is all that a visitor checks.
    """
    parts = urlsplit(address)
    if "@" in parts.netloc:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)


def looks_alike(host: str) -> bool:
    """Whether a host has letters of another alphabet, which can look like those of the host that is known."""
    return not host.isascii() or any(label.startswith("xn--") for label in host.lower().split("."))


class _Storage:
    """The SDK's token storage, in the sealed values of the server."""

    def __init__(self, back: str, server: Callable[[], Server], seal: Callable[..., None]) -> None:
        self._back, self._server, self._seal = back, server, seal

    async def get_tokens(self) -> OAuthToken | None:
        from mcp.shared.auth import OAuthToken

        kept = self._server().value(_TOKENS)
        return OAuthToken.model_validate_json(kept) if kept else None

    async def set_tokens(self, tokens: OAuthToken) -> None:
        each = {_ACCESS: tokens.access_token, _REFRESH: tokens.refresh_token or ""}
        self._seal({_TOKENS: tokens.model_dump_json(), **each}, tokens.expires_in)

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        from mcp.shared.auth import OAuthClientInformationFull

        server = self._server()
        if server.client_id:
            secret = server.fill_values(server.client_secret)
            return OAuthClientInformationFull.model_validate(
                {
                    "client_id": server.fill_values(server.client_id),
                    "client_secret": secret or None,
                    "redirect_uris": [self._back],
                    "token_endpoint_auth_method": "client_secret_basic" if secret else "none",
                }
            )
        kept = server.value(_CLIENT)
        known = OAuthClientInformationFull.model_validate_json(kept) if kept else None
        over = known.client_secret_expires_at if known else None  # 0: never expires (RFC 7591, 3.2.1)
        return None if over and over <= time.time() else known

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        secret = client_info.client_secret or ""
        self._seal({_CLIENT: client_info.model_dump_json(), _CLIENT_SECRET: secret})
