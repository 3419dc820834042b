"""Signing in at a server of tools with the browser, against an authorization server on a real socket."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
import requests
from sign_in_server import BY_HAND, SECRET, SignInServer, closed, diary  # noqa: F401  (fixtures)
from starlette.applications import Starlette
from starlette.testclient import TestClient
from tool_server import LONG, Serving, call_tool, connected, until

from backend.mcp import config, sign_in
from backend.mcp.bounds import Broken
from backend.mcp.connection import ToolServerConnection
from backend.mcp.server import Server, read
from backend.mcp.sign_in import SignIn, has_tokens, with_client, without_tokens
from components.mcp.route import PATH, routes

BACK = "http://127.0.0.1:1/mcp-sign-in"


def opened(at: SignInServer, server: Server | None = None) -> ToolServerConnection:
    """A connection whose visitor has to sign in."""
    connection = ToolServerConnection(server or config.read(at.url).servers[0], back=BACK)
    connection.connect()
    until(lambda: bool(connection.sign_in and connection.sign_in.address) or connection.state == "off")
    return connection


def signed_in_at(connection: ToolServerConnection) -> dict[str, str]:
    """What the browser brings back from there."""
    assert connection.sign_in
    assert connection.sign_in.address, connection.problem
    answer = requests.get(connection.sign_in.address, allow_redirects=False, timeout=LONG)
    assert answer.headers["location"].startswith(f"{BACK}?")
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


def test_without_a_sign_in_it_is_said_that_one_is_wanted(diary: SignInServer) -> None:  # noqa: F811
    connection = connected(config.read(diary.url).servers[0])
    assert connection.refused
    assert connection.problem == "The server wants a key or a sign-in."


def test_a_visitor_signs_in_and_the_token_is_kept_like_a_key(diary: SignInServer) -> None:  # noqa: F811
    connection = opened(diary)
    assert connection.sign_in
    assert connection.sign_in.host == urlsplit(diary.origin).netloc
    (asked,) = parse_qs(urlsplit(connection.sign_in.address).query)["code_challenge_method"]
    assert asked == "S256"
    assert sign_in.handle_return(signed_in_at(connection))
    assert connection.wait(), connection.problem
    assert connection.sign_in.address == ""
    assert call_tool(connection, "told") == (True, "Bearer [key]")
    (token,) = diary.lets_in.tokens
    assert token not in connection.server.document() + repr(connection.server)
    assert token not in "".join(frame.text for frame in connection.wire.frames)
    connection.close()
    again = ToolServerConnection(connection.server, back=BACK)
    again.connect()
    assert again.wait(), "the token still counts"
    again.close()


def test_whoever_signs_out_signs_in_again_at_the_next_connection(diary: SignInServer) -> None:  # noqa: F811
    connection = opened(diary)
    assert sign_in.handle_return(signed_in_at(connection)) and connection.wait(), connection.problem
    connection.close()
    token = [*diary.lets_in.tokens][-1]
    out = without_tokens(connection.server)
    assert has_tokens(connection.server) and not has_tokens(out)
    assert token not in out.sealed.get_secret_value()
    registered = len(diary.lets_in.clients)
    again = opened(diary, out)
    assert again.sign_in and again.sign_in.address.startswith(diary.origin)
    assert len(diary.lets_in.clients) == registered, "the server knows this app already"
    again.close()


def test_a_sign_in_answer_counts_once_and_only_with_its_state(diary: SignInServer) -> None:  # noqa: F811
    connection = opened(diary)
    brought = signed_in_at(connection)
    app = TestClient(Starlette(routes=routes()))
    assert app.get(f"/{PATH}", params={**brought, "state": "guessed"}).status_code == 404
    answer = app.get(f"/{PATH}", params=brought)
    assert (answer.status_code, brought["code"] in answer.text) == (200, False)
    assert app.get(f"/{PATH}", params=brought).status_code == 404
    assert connection.wait(), connection.problem
    connection.close()


def test_a_sign_in_that_is_refused_is_said_in_words(diary: SignInServer) -> None:  # noqa: F811
    connection = opened(diary)
    state = signed_in_at(connection)["state"]
    assert sign_in.handle_return({"state": state, "error": "access_denied", "error_description": "Not you."})
    assert not connection.wait()
    assert connection.problem == "The sign-in was refused. Not you."


def test_a_server_that_registers_nobody_wants_a_client_id(closed: SignInServer) -> None:  # noqa: F811
    connection = opened(closed)
    assert not connection.wait()
    assert "takes a client id of yours" in connection.problem


def test_a_preset_client_id_signs_in_and_its_secret_is_kept_like_a_key(
    closed: SignInServer,  # noqa: F811
) -> None:
    connection = opened(closed, with_client(config.read(closed.url).servers[0], BY_HAND, SECRET))
    assert sign_in.handle_return(signed_in_at(connection))
    assert connection.wait(), connection.problem
    assert call_tool(connection, "told") == (True, "Bearer [key]")
    kept = read(connection.server.document())
    assert (kept.client_id, kept.missing) == (BY_HAND, ["client secret"])
    assert SECRET not in connection.server.document() + repr(connection.server)
    assert SECRET in connection.server.secrets, "it is taken out of whatever the server answers"
    connection.close()


def test_a_wrong_secret_is_said_in_words_that_do_not_show_it(closed: SignInServer) -> None:  # noqa: F811
    connection = opened(closed, with_client(config.read(closed.url).servers[0], BY_HAND, "wrong-" + SECRET))
    sign_in.handle_return(signed_in_at(connection))
    assert not connection.wait()
    assert connection.problem.startswith("The server gave no key after the sign-in.")
    assert SECRET not in connection.problem


def test_the_secret_of_a_client_goes_to_no_other_issuer_later(closed: SignInServer) -> None:  # noqa: F811
    server = with_client(config.read(closed.url).servers[0], BY_HAND, SECRET)
    connection = opened(closed, server.with_values({"issuer of the client": "https://elsewhere.example/"}))
    assert not connection.wait()
    assert "shown elsewhere than before" in connection.problem
    assert with_client(server, BY_HAND, SECRET).value("issuer of the client") == ""


def test_a_server_that_offers_no_sign_in_is_said_to_offer_none(tool_server: Serving) -> None:
    connection = ToolServerConnection(config.read(f"{tool_server.url}/else").servers[0], back=BACK)
    connection.connect()
    assert not connection.wait()
    assert "(404)" in connection.problem


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)?state=a",
        "http://evil.example/?state=a",
        "https://fine.example/",
        "https://accounts.google.com@evil.example/?state=a",
        "http://localhost@evil.example/?state=a",
    ],
)
def test_an_address_to_sign_in_at_that_is_not_safe_is_not_shown(address: str) -> None:
    shown: list[str] = []
    signing = SignIn(
        BACK,
        lambda: Server("x", "http", "https://x.example/mcp"),
        lambda values: None,
        shown.append,
    )
    # On a thread of its own: the browser of other tests has a loop in this one.
    with ThreadPoolExecutor(1) as thread, pytest.raises(Broken):
        thread.submit(asyncio.run, signing._send_visitor_to(address)).result()
    assert shown == []


@pytest.mark.parametrize(
    ("host", "marked"),
    [
        ("login.example", False),
        ("xn--bnk-5cd.example", True),
        ("a.XN--bnk-5cd.example:8443", True),
        ("b\u0430nk", True),
    ],
)
def test_a_page_to_sign_in_at_whose_name_looks_like_another_is_told_as_such(host: str, marked: bool) -> None:
    assert sign_in.looks_alike(host) is marked
