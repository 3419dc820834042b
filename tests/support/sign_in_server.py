"""A tool server that requires a sign-in (OAuth), with its authorization server, which accepts everybody.

python tests/support/sign_in_server.py 8125       # for a look by hand: http://127.0.0.1:8125/mcp
python tests/support/sign_in_server.py 8125 known # the same, for the client id "by-hand" and its secret alone
"""

from __future__ import annotations

import secrets
import socket
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
import uvicorn
from mcp.server.auth.provider import AccessToken, AuthorizationCode, AuthorizationParams, RefreshToken
from mcp.server.auth.settings import AuthSettings, ClientRegistrationOptions
from mcp.server.mcpserver import Context, MCPServer
from mcp.shared.auth import OAuthClientInformationFull, OAuthToken
from pydantic import AnyHttpUrl


class LetsIn:
    """The authorization server, with everything in memory. `asked` are the parameters of each sign-in."""

    def __init__(self) -> None:
        self.clients: dict[str, OAuthClientInformationFull] = {}
        self.codes: dict[str, AuthorizationCode] = {}
        self.tokens: dict[str, AccessToken] = {}
        self.asked: list[AuthorizationParams] = []
        self.renewals: dict[str, RefreshToken] = {}
        self.renewed = 0  # times that a key was changed for another one

    async def get_client(self, client_id: str) -> OAuthClientInformationFull | None:
        return self.clients.get(client_id)

    async def register_client(self, client: OAuthClientInformationFull) -> None:
        self.clients[str(client.client_id)] = client

    async def authorize(self, client: OAuthClientInformationFull, params: AuthorizationParams) -> str:
        self.asked.append(params)
        code = secrets.token_urlsafe(16)
        self.codes[code] = AuthorizationCode(
            code=code,
            scopes=params.scopes or [],
            expires_at=time.time() + 60,
            client_id=str(client.client_id),
            code_challenge=params.code_challenge,
            redirect_uri=params.redirect_uri,
            redirect_uri_provided_explicitly=params.redirect_uri_provided_explicitly,
            resource=params.resource,
        )
        return f"{params.redirect_uri}?{urlencode({'code': code, 'state': params.state or ''})}"

    async def load_authorization_code(
        self, client: OAuthClientInformationFull, authorization_code: str
    ) -> AuthorizationCode | None:
        return self.codes.get(authorization_code)

    async def exchange_authorization_code(
        self, client: OAuthClientInformationFull, authorization_code: AuthorizationCode
    ) -> OAuthToken:
        del self.codes[authorization_code.code]
        return self._given(str(client.client_id))

    def _given(self, client_id: str) -> OAuthToken:
        token, renewal = f"at-{secrets.token_urlsafe(24)}", f"rt-{secrets.token_urlsafe(24)}"
        self.tokens[token] = AccessToken(token=token, client_id=client_id, scopes=[])
        self.renewals[renewal] = RefreshToken(token=renewal, client_id=client_id, scopes=[])
        return OAuthToken(access_token=token, refresh_token=renewal, expires_in=3_600)

    async def load_refresh_token(self, client: Any, refresh_token: str) -> RefreshToken | None:
        return self.renewals.get(refresh_token)

    async def exchange_refresh_token(self, client: Any, refresh_token: RefreshToken, scopes: Any) -> OAuthToken:
        del self.renewals[refresh_token.token]
        self.renewed += 1
        return self._given(str(client.client_id))

    async def load_access_token(self, token: str) -> AccessToken | None:
        return self.tokens.get(token)

    async def revoke_token(self, token: Any) -> None:
        self.tokens.pop(token.token, None)


BY_HAND, SECRET = "by-hand", "a-secret-of-the-tests-0123"


class SignInServer:
    """The server on a port of its own, on a thread. Where it registers no programs, it knows one, which comes back
    to `back`."""

    def __init__(
        self, port: int = 0, *, registers: bool = True, back: str = "http://127.0.0.1:1/mcp-sign-in"
    ) -> None:
        self._registers = registers
        listening = socket.create_server(("127.0.0.1", port))
        self.origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
        self.url, self.lets_in = f"{self.origin}/mcp", LetsIn()
        if not registers:
            self.lets_in.clients[BY_HAND] = OAuthClientInformationFull.model_validate(
                {
                    "client_id": BY_HAND,
                    "client_secret": SECRET,
                    "redirect_uris": [back],
                    "token_endpoint_auth_method": "client_secret_basic",
                }
            )
        self._uvicorn = uvicorn.Server(uvicorn.Config(self._app(), log_level="error", timeout_graceful_shutdown=1))
        self._thread = threading.Thread(target=self._uvicorn.run, args=([listening],), daemon=True)
        self._thread.start()
        while not self._uvicorn.started:
            time.sleep(0.01)

    def _app(self) -> Any:
        origin = AnyHttpUrl(self.origin)
        settings = AuthSettings(
            issuer_url=origin,
            resource_server_url=AnyHttpUrl(self.url),
            client_registration_options=ClientRegistrationOptions(enabled=self._registers),
            validate_token_resource=False,
        )
        made = MCPServer("Diary", auth=settings, auth_server_provider=self.lets_in)

        @made.tool()
        def told(ctx: Context) -> str:
            """The header that came with the call."""
            return str(dict(ctx.headers or {}).get("authorization", "none"))

        return made.streamable_http_app()

    def close(self) -> None:
        self._uvicorn.should_exit = True
        self._thread.join(30)


@pytest.fixture(scope="module")
def diary() -> Iterator[SignInServer]:
    serving = SignInServer()
    yield serving
    serving.close()


@pytest.fixture(scope="module")
def closed() -> Iterator[SignInServer]:
    """One that registers nobody."""
    serving = SignInServer(registers=False)
    yield serving
    serving.close()


if __name__ == "__main__":
    known = "known" in sys.argv
    serving = SignInServer(int(sys.argv[1]), registers=not known, back="http://localhost:8501/mcp-sign-in")
    print(serving.url, flush=True)
    threading.Event().wait()
