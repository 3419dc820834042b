"""Sign-ins and sessions that last, and sign-in services that say the right thing in an unusual way."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
import requests
from fake_api import Reply, Request, reply
from sign_in_server import SignInServer, diary  # noqa: F401  (a fixture)
from studio import StudioAPI
from tool_server import LONG, call_tool, until

from backend.mcp import bounds, config, sign_in
from backend.mcp.connection import ToolServerConnection
from backend.mcp.server import Server
from backend.types import ToolCall

BACK = "http://127.0.0.1:1/mcp-sign-in"


def opened(url: str, server: Server | None = None) -> ToolServerConnection:
    connection = ToolServerConnection(server or config.read(url).servers[0], back=BACK)
    connection.connect()
    until(lambda: bool(connection.sign_in and connection.sign_in.address) or connection.state != "connecting")
    return connection


def signed_in(at: SignInServer) -> ToolServerConnection:
    connection = opened(at.url)
    come_back(connection)
    assert connection.wait(), connection.problem
    return connection


def come_back(connection: ToolServerConnection) -> None:
    """Sign in, as the browser does."""
    assert connection.sign_in
    answer = requests.get(connection.sign_in.address, allow_redirects=False, timeout=LONG)
    assert sign_in.handle_return(dict(parse_qsl(urlsplit(answer.headers["location"]).query)))


def ended(connection: ToolServerConnection) -> None:
    """Its last words to the server need a key, too."""
    connection.close()
    until(lambda: connection.state == "off")


def test_an_expired_key_is_renewed_without_asking_the_visitor(
    diary: SignInServer,  # noqa: F811
) -> None:
    connection, before = signed_in(diary), diary.lets_in.renewed
    diary.lets_in.tokens.clear()
    assert call_tool(connection, "told")[0]
    assert connection.sign_in and connection.sign_in.address == ""
    assert diary.lets_in.renewed == before + 1
    ended(connection)
    diary.lets_in.tokens.clear()
    again = opened(diary.url, connection.server)
    assert again.wait(), "nor after the connection was closed"
    assert diary.lets_in.renewed == before + 2
    again.close()


def test_a_sign_in_remembers_until_when_it_counts_and_who_gives_another_key(diary: SignInServer) -> None:  # noqa: F811
    connection, before = signed_in(diary), diary.lets_in.renewed
    ended(connection)
    kept = json.loads(connection.server.value("oauth service"))
    assert kept["service"]["token_endpoint"] == f"{diary.origin}/token"
    over = connection.server.with_values({"oauth service": json.dumps({**kept, "until": 1.0})})
    again = opened(diary.url, over)
    assert again.wait() and diary.lets_in.renewed == before + 1
    again.close()


def test_a_key_is_changed_by_nobody_but_who_gave_it(diary: SignInServer) -> None:  # noqa: F811
    connection, before = signed_in(diary), diary.lets_in.renewed
    ended(connection)
    kept = {**json.loads(connection.server.value("oauth service")), "token": "https://elsewhere.example/token"}
    diary.lets_in.tokens.clear()
    again = opened(diary.url, connection.server.with_values({"oauth service": json.dumps(kept)}))
    assert again.sign_in and again.sign_in.address.startswith(diary.origin)
    assert diary.lets_in.renewed == before
    again.close()


def test_where_no_other_key_is_given_the_visitor_signs_in_again(diary: SignInServer) -> None:  # noqa: F811
    connection = signed_in(diary)
    ended(connection)
    diary.lets_in.tokens.clear()
    diary.lets_in.renewals.clear()
    again = opened(diary.url, connection.server)
    assert again.sign_in and again.sign_in.address.startswith(diary.origin)
    again.close()


def test_a_call_whose_sign_in_counts_no_more_waits_for_the_visitor_and_goes_on(
    diary: SignInServer,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It was ended on the pages of the server, say."""
    connection = signed_in(diary)
    monkeypatch.setattr(bounds, "CALL_SECONDS", 0.3)
    diary.lets_in.tokens.clear()
    diary.lets_in.renewals.clear()
    running = connection.start(ToolCall("c1", "told", "{}"), "told")
    until(lambda: bool(connection.sign_in and connection.sign_in.address) or running.ended)
    assert running.wait(0.7) is None, "no silence of the server ends it meanwhile"
    come_back(connection)
    outcome = running.wait(LONG)
    assert outcome and outcome.ok, outcome
    connection.close()


def test_an_app_whose_registration_counts_no_more_registers_anew() -> None:
    """The service has cleared it away, or its secret has run out."""
    registered: list[str] = []

    def change(path: str, origin: str) -> Any:
        if path == "/register":
            registered.append(f"app{len(registered)}")
            past = {"client_secret": "s" * 20, "client_secret_expires_at": 1} if len(registered) == 1 else {}
            return {"client_id": registered[-1], "redirect_uris": [BACK], **past}
        if path == "/elsewhere/token" and len(registered) == 2:
            return reply({"error": "invalid_client"}, 401)
        return None

    with odd(change) as api:
        server = config.read(f"{api.origin}/mcp").servers[0]
        for attempt in range(4):
            connection = opened(f"{api.origin}/mcp", server)
            assert connection.sign_in and connection.sign_in.address, connection.problem
            (state,) = parse_qs(urlsplit(connection.sign_in.address).query)["state"]
            sign_in.handle_return(
                {"state": state, **({"error": "access_denied"} if attempt == 2 else {"code": "c"})}
            )
            connection.wait()
            server = connection.server.with_values({"oauth tokens": ""})
    assert registered == ["app0", "app1", "app2", "app3"]


# ---- unusual services -----------------------------------------------------------------------------------------

Change = Callable[[str, str], Any]  # a path and the origin of the server -> another answer, None for the usual one


def odd(change: Change) -> StudioAPI:
    """A server of tools with a sign-in service, of which one answer is another."""

    def answer(request: Request) -> Reply:
        path, origin = request.path.partition("?")[0], api.origin
        about = f"{origin}/.well-known/oauth-protected-resource"
        usual: dict[str, Any] = {
            "/.well-known/oauth-protected-resource": {
                "resource": f"{origin}/mcp",
                "authorization_servers": [origin],
            },
            "/.well-known/oauth-authorization-server": {
                "issuer": origin,
                "authorization_endpoint": f"{origin}/login",
                "token_endpoint": f"{origin}/elsewhere/token",
                "registration_endpoint": f"{origin}/register",
            },
            "/register": {"client_id": "app", "redirect_uris": [BACK]},
            "/elsewhere/token": {"access_token": "at-0123456789", "token_type": "bearer"},
        }
        if path == "/mcp" and "authorization" not in request.headers:
            return reply("", 401, {"WWW-Authenticate": f'Bearer resource_metadata="{about}"'})
        other = change(path, origin)
        if isinstance(other, Reply):
            return other
        return reply(other or usual[path]) if path in usual else reply("", 404)

    api = StudioAPI(answer)
    return api


@pytest.mark.parametrize(
    "change",
    [
        lambda path, origin: None,
        lambda path, origin: (
            {"resource": f"{origin}/mcp", "authorization_servers": [f"{origin}/"]} if "protected" in path else None
        ),
        lambda path, origin: (
            reply(b"access_token=at-0123456789&scope=&token_type=bearer",
                  headers={"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"})
            if path.endswith("/token") else None
        ),
    ],
    ids=["as usual", "a slash behind its name", "the key as a form"],
)  # fmt: skip
def test_an_unusual_service_gives_its_key_all_the_same(change: Change) -> None:
    with odd(change) as api:
        connection = opened(f"{api.origin}/mcp")
        assert connection.sign_in and connection.sign_in.address, connection.problem
        (state,) = parse_qs(urlsplit(connection.sign_in.address).query)["state"]
        sign_in.handle_return({"state": state, "code": "c", "iss": api.origin})
        connection.wait()
        assert api.requests[-1].headers.get("authorization") == "Bearer at-0123456789", connection.problem
        (token,) = [request for request in api.requests if request.path.endswith("/token")]
        assert token.headers["accept"] == "application/json"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda path, origin: (
            {"issuer": "https://other.example", "authorization_endpoint": f"{origin}/a",
             "token_endpoint": f"{origin}/t"}
            if "authorization-server" in path else None),
         "calls itself https://other.example, and the server names it http://127"),
        (lambda path, origin: (
            {"resource": "https://other.example/mcp", "authorization_servers": [origin]}
            if "protected" in path else None),
         "its sign-in is for https://other.example/mcp, not for http://127"),
        (lambda path, origin: (
            reply({"error": "invalid_client_metadata", "error_description": "Only our own pages."}, 400)
            if path == "/register" else None),
         "takes a client id of yours. It says: Only our own pages."),
    ],
    ids=["another issuer", "another resource", "not registered"],
)  # fmt: skip
def test_why_a_sign_in_cannot_begin_is_said(change: Change, said: str) -> None:
    with odd(change) as api:
        connection = opened(f"{api.origin}/mcp")
        assert not connection.wait()
    assert said in connection.problem


# ---- sessions -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "forgotten",
    [
        reply({"jsonrpc": "2.0", "error": {"code": -32001, "message": "Session not found"}, "id": None}, 404),
        reply({"jsonrpc": "2.0", "error": {"code": -32000, "message": "Bad Request: No valid session ID provided"},
               "id": None}, 400),
        reply("", 404),
    ],
    ids=["as specified", "400", "nothing said"],
)  # fmt: skip
def test_a_session_that_the_server_has_forgotten_is_begun_anew_and_the_call_made(forgotten: Reply) -> None:
    """A server that was started anew, and has no stream that would break."""
    with serving(lambda _: forgotten) as (connection, begun):
        assert call_tool(connection, "told") == (True, "Here.")
        assert begun == ["s0", "s1"] and connection.state == "on"


def test_a_call_whose_tool_has_lost_a_session_of_its_own_is_not_made_again() -> None:
    """Then it ran, and would run twice."""
    lost = {"code": -32000, "message": "Session not found"}
    with serving(lambda id_: reply({"jsonrpc": "2.0", "id": id_, "error": lost})) as (connection, begun):
        ok, text = call_tool(connection, "told")
        assert not ok and "Session not found" in text and begun == ["s0"]


@contextmanager
def serving(forgotten: Callable[[int], Reply]) -> Iterator[tuple[ToolServerConnection, list[str]]]:
    """A connection to a server whose first session answers a call so, and the sessions that it began."""
    begun: list[str] = []

    def answer(request: Request) -> Reply:
        if request.method != "POST" or not request.body:  # a connection that closes breaks off
            return reply("", 405)
        asked = request.body
        results: dict[str, Any] = {
            "initialize": {
                "protocolVersion": "2025-06-18",
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "Shop", "version": "1"},
            },
            "tools/list": {"tools": [{"name": "told", "inputSchema": {"type": "object"}}]},
            "tools/call": {"content": [{"type": "text", "text": "Here."}]},
        }
        method = asked["method"]
        if method == "initialize":
            begun.append(f"s{len(begun)}")
        if method == "tools/call" and request.headers["mcp-session-id"] == "s0":
            return forgotten(asked["id"])
        if "id" not in asked:
            return reply("", 202)
        if method not in results:
            return reply({"jsonrpc": "2.0", "id": asked["id"], "error": {"code": -32601, "message": "Unknown"}})
        said = {"jsonrpc": "2.0", "id": asked["id"], "result": results[method]}
        return reply(said, 200, {"Mcp-Session-Id": begun[-1]} if begun else {})

    with StudioAPI(answer) as api:
        connection = ToolServerConnection(config.read(f"{api.origin}/mcp").servers[0])
        connection.connect()
        assert connection.wait(), connection.problem
        yield connection, begun
        connection.close()


@pytest.mark.parametrize(
    "refusal",
    [
        lambda asked: reply("Bad Request: Unsupported protocol version (supported versions: 2024-11-05)", 400),
        lambda asked: reply({"jsonrpc": "2.0", "id": asked["id"],
                             "error": {"code": -32602, "message": "Unsupported protocol version"}}),
    ],
    ids=["by HTTP", "by an error"],
)  # fmt: skip
def test_a_server_that_refuses_a_newer_protocol_gets_an_older_one(refusal: Callable[[Any], Reply]) -> None:
    def answer(request: Request) -> Reply:
        if request.method != "POST" or not request.body:  # a connection that closes breaks off
            return reply("", 405)
        asked = request.body
        if asked["method"] == "server/discover":
            return reply({"jsonrpc": "2.0", "id": asked["id"], "error": {"code": -32601, "message": "Unknown"}})
        if asked["method"] == "initialize":
            version = asked["params"]["protocolVersion"]
            if version != "2024-11-05":
                return refusal(asked)
            said = {"protocolVersion": version, "capabilities": {}, "serverInfo": {"name": "Old", "version": "1"}}
            return reply({"jsonrpc": "2.0", "id": asked["id"], "result": said})
        return reply("", 202)

    with StudioAPI(answer) as api:
        connection = ToolServerConnection(config.read(f"{api.origin}/mcp").servers[0])
        connection.connect()
        assert connection.wait(), connection.problem
        assert connection.about and connection.about.protocol == "2024-11-05"
        connection.close()
