"""Signing in at a server of tools with the browser (OAuth): where the visitor has to go, and what comes back.

    sign_in = SignIn("https://this.app/mcp-sign-in", values, seal)
    sign_in.auth(url)              # for an HTTP client; the SDK does the rest: discovery, registration, PKCE
    sign_in.address                # where the visitor has to sign in, "" before the server has said so
    arrived({"state": ..., "code": ...})       # the route: the browser came back

A state is known to the visitor's browser and to the server that it signs in at alone, and counts once. That does
NOT bind it to one browser: who is sent such an address signs another one in. So it is for apps of one's own only.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from backend.mcp import bounds
from backend.mcp.bounds import Broken
from backend.untrusted import line

if TYPE_CHECKING:
    import httpx2
    from mcp.client.auth import AuthorizationCodeResult
    from mcp.shared.auth import OAuthClientInformationFull, OAuthToken

_TOKENS, _CLIENT = "oauth tokens", "oauth client"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_waiting: dict[str, SignIn] = {}  # by state
_lock = threading.Lock()


class SignIn:
    """Of one connection. `values` are what is sealed for its server, `seal` adds to them; `changed` is called, on
    the loop, when there is another address."""

    def __init__(
        self,
        back: str,
        values: Callable[[str], str],
        seal: Callable[[Mapping[str, str]], None],
        changed: Callable[[], None],
    ) -> None:
        self.back, self.address = back, ""
        self._values, self._seal, self._changed = values, seal, changed
        self._answer: asyncio.Future[Mapping[str, str]] | None = None

    @property
    def host(self) -> str:
        """Whose page the address is."""
        return urlsplit(self.address).netloc

    def auth(self, url: str) -> httpx2.Auth:
        """What signs the requests of an HTTP client."""
        from mcp.client.auth import OAuthClientProvider
        from mcp.shared.auth import OAuthClientMetadata

        about = OAuthClientMetadata.model_validate(
            {
                "client_name": "LLM Playground",
                "redirect_uris": [self.back],
                "grant_types": ["authorization_code", "refresh_token"],
                "response_types": ["code"],
            }
        )
        return OAuthClientProvider(url, about, _Storage(self._values, self._seal), self._go, self._came_back)

    # ---- on the loop --------------------------------------------------------------------------------------

    async def _go(self, address: str) -> None:
        """The visitor has to go there."""
        state = parse_qs(urlsplit(address).query).get("state", [""])[-1]
        if not _safe(address) or not state:
            raise Broken("The server names an address to sign in at that is not safe: it has to be https.")
        self._answer = asyncio.get_running_loop().create_future()
        with _lock:
            _waiting[state] = self
        self._show(address)

    async def _came_back(self) -> AuthorizationCodeResult:
        from mcp.client.auth import AuthorizationCodeResult

        try:
            async with asyncio.timeout(bounds.SIGN_IN_SECONDS):
                given = await self._answer if self._answer else {}
        except TimeoutError:
            raise Broken("Nobody has signed in. Try again.") from None
        finally:
            self._forget()
        if given.get("error") or not given.get("code"):
            why = line(given.get("error_description") or given.get("error"), 200)
            raise Broken(f"The sign-in was refused. {why}".strip())
        return AuthorizationCodeResult(code=given["code"], state=given.get("state"), iss=given.get("iss"))

    def _forget(self) -> None:
        with _lock:
            for state in [state for state, waiting in _waiting.items() if waiting is self]:
                del _waiting[state]
        self._show("")

    def _show(self, address: str) -> None:
        self.address = address
        self._changed()

    def take(self, given: Mapping[str, str]) -> None:
        """What the browser has brought, from any thread."""
        answer = self._answer

        def put() -> None:
            if answer is not None and not answer.done():
                answer.set_result(given)

        if answer is not None:
            answer.get_loop().call_soon_threadsafe(put)


def arrived(given: Mapping[str, str]) -> bool:
    """A browser comes back from a sign-in; False where nobody waits for it (any more)."""
    with _lock:
        waiting = _waiting.pop(given.get("state", ""), None)
    if waiting is not None:
        waiting.take(given)
    return waiting is not None


def _safe(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)


class _Storage:
    """What the SDK keeps, among the sealed values of the server."""

    def __init__(self, values: Callable[[str], str], seal: Callable[[Mapping[str, str]], None]) -> None:
        self._values, self._seal = values, seal

    async def get_tokens(self) -> OAuthToken | None:
        from mcp.shared.auth import OAuthToken

        kept = self._values(_TOKENS)
        return OAuthToken.model_validate_json(kept) if kept else None

    async def set_tokens(self, tokens: OAuthToken) -> None:
        each = {"oauth access token": tokens.access_token, "oauth refresh token": tokens.refresh_token or ""}
        self._seal({_TOKENS: tokens.model_dump_json(), **each})

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        from mcp.shared.auth import OAuthClientInformationFull

        kept = self._values(_CLIENT)
        return OAuthClientInformationFull.model_validate_json(kept) if kept else None

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        secret = client_info.client_secret or ""
        self._seal({_CLIENT: client_info.model_dump_json(), "oauth client secret": secret})
