"""Additions to the SDK's OAuth sign-in: an expired token is refreshed without
the visitor, and unusual but correct replies of authorization servers are accepted.

It imports the SDK, so it is imported when a client is made. The visitor's part is in backend/mcp/sign_in.py.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx2
from mcp.client.auth import OAuthClientProvider
from mcp.client.auth.oauth2 import OAuthContext
from mcp.shared.auth import OAuthMetadata, ProtectedResourceMetadata

from backend.types import JSON
from backend.untrusted import Unreadable, fields, number, parsed, string

_ABOUT_A_SERVICE = ("/.well-known/oauth-authorization-server", "/.well-known/openid-configuration")
_FORM = "application/x-www-form-urlencoded"
_EXPIRED = 1.0  # some time in the past, in seconds since 1970


class Renewing(httpx2.Auth):
    """The SDK's sign-in. If a server rejects a token and there is a refresh token (RFC 6749, 6), that is tried
    once before the visitor has to sign in again. `kept` returns what `token_facts` wrote: only the issuer of a
    token refreshes it, whatever the server names by now. `unknown` is called if the authorization server does not
    know this app (any more), as registrations expire: can it register anew?
    """

    def __init__(self, provider: OAuthClientProvider, kept: Callable[[], str], unknown: Callable[[], bool]) -> None:
        self._provider, self._kept, self._unknown = provider, kept, unknown

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        renewed, context = False, self._provider.context
        while True:
            flow, again = self._provider.async_auth_flow(request), False
            try:
                outgoing = await anext(flow)
                while not again:
                    if outgoing is not request:
                        # RFC 6749, 5.1 requires JSON; GitHub sends a form unless JSON is requested.
                        outgoing.headers["Accept"] = "application/json"
                    if self._leads_elsewhere(outgoing):
                        outgoing = await flow.asend(httpx2.Response(400, request=outgoing))
                        continue
                    response = yield outgoing
                    again = (
                        outgoing is request
                        and response.status_code == 401
                        and not renewed
                        and context.is_token_valid()
                        and context.can_refresh_token()
                    )
                    if outgoing is not request:
                        await response.aread()
                        response = _in_json(_of_the_named(response, context))
                        self._forget_a_client_that_is_unknown(outgoing, response)
                    if not again:
                        outgoing = await flow.asend(response)
            except StopAsyncIteration:
                return
            finally:
                await flow.aclose()
            renewed, context.token_expiry_time = True, _EXPIRED

    def _forget_a_client_that_is_unknown(self, request: httpx2.Request, response: httpx2.Response) -> None:
        """Handle invalid_client (RFC 6749, 5.2): the registration is no longer valid."""
        if b"grant_type=" not in request.content or response.status_code not in (400, 401):
            return
        try:
            error = fields(parsed(response.content)).get("error")
        except (Unreadable, UnicodeDecodeError):
            return
        if error in ("invalid_client", "unauthorized_client") and self._unknown():
            self._provider.context.client_info = None

    def _leads_elsewhere(self, request: httpx2.Request) -> bool:
        """Whether it would send the visitor's token to another server than its issuer."""
        if request.method != "POST" or b"grant_type=refresh_token" not in request.content:
            return False
        return str(request.url) != fields(_parsed(self._kept())).get("token")


def _in_json(response: httpx2.Response) -> httpx2.Response:
    """A form-encoded reply as the JSON that was requested."""
    if not response.headers.get("content-type", "").lower().startswith(_FORM):
        return response
    return _with(response, dict(parse_qsl(response.text)))


def _of_the_named(response: httpx2.Response, context: OAuthContext) -> httpx2.Response:
    """The metadata of an authorization server. Its issuer has to be the one that the server named (RFC 8414,
    3.3), except for a trailing slash.
    """
    named, path = context.auth_server_url, urlsplit(str(response.request.url)).path
    if not named or not any(known in path for known in _ABOUT_A_SERVICE) or response.status_code != 200:
        return response
    try:
        about = fields(parsed(response.content))
    except (Unreadable, UnicodeDecodeError):
        return response
    issuer = string(about.get("issuer"))
    if issuer == named or not same_but_for_a_slash(issuer, named):
        return response
    return _with(response, {**about, "issuer": named})


def same_but_for_a_slash(one: str, other: str) -> bool:
    """Whether two issuer names are equal except for a trailing slash."""
    return one.removesuffix("/") == other.removesuffix("/")


def _with(response: httpx2.Response, body: object) -> httpx2.Response:
    return httpx2.Response(response.status_code, json=body, request=response.request)


# ---- stored between connections ------------------------------------------------------------------------------


def token_facts(context: OAuthContext, expires_in: int | None, now: float) -> str:
    """The expiry and the issuer of a token as JSON. The SDK stores neither."""
    about, resource = context.oauth_metadata, context.protected_resource_metadata
    token = str(about.token_endpoint) if about else urljoin(context.server_url, "/token")
    kept: dict[str, JSON] = {
        "token": token,
        "until": None if expires_in is None else now + expires_in,
        "service": about.model_dump(mode="json", exclude_none=True) if about else None,
        "resource": resource.model_dump(mode="json", exclude_none=True) if resource else None,
    }
    return json.dumps(kept)


def restore(context: OAuthContext, kept: str) -> None:
    """Restore in a new sign-in what `token_facts` wrote; does nothing for ""."""
    stored = fields(_parsed(kept))
    if service := fields(stored.get("service")):
        context.oauth_metadata = OAuthMetadata.model_validate(service)
    if resource := fields(stored.get("resource")):
        found = ProtectedResourceMetadata.model_validate(resource)
        context.protected_resource_metadata, context.auth_server_url = found, str(found.authorization_servers[0])
    context.token_expiry_time = number(stored.get("until"))


def _parsed(kept: str) -> JSON:
    return parsed(kept) if kept else None
