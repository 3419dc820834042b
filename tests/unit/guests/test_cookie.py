"""With which answers a guest's browser gets its cookie, and how that is protected."""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.types import Message, Receive, Scope, Send

from backend.guests.terms import GuestPolicy
from components.guests.cookie import GuestCookie
from components.session import services

PAGE = {"accept": "text/html,*/*", "sec-fetch-dest": "document"}


@pytest.fixture(autouse=True)
def shared(nothing_of_this_machine: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_SHARED", "1")


def asked(
    method: str = "GET", status: int = 200, kind: str = "text/html; charset=utf-8", **headers: str
) -> dict[str, str]:
    """The headers of the answer to a request with these headers."""
    named = {**PAGE, **{name.replace("_", "-"): value for name, value in headers.items()}}
    scope: Scope = {
        "type": "http",
        "method": method,
        "path": "/",
        "query_string": b"",
        "scheme": "http",
        "headers": [(name.encode(), value.encode("latin-1", "replace")) for name, value in named.items()],
    }
    sent: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", kind.encode()), (b"cache-control", b"public, max-age=600")]
        await send({"type": "http.response.start", "status": status, "headers": headers})

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    with ThreadPoolExecutor(1) as thread:  # of its own: the browser of other tests has a loop in this one
        thread.submit(lambda: asyncio.run(GuestCookie(app)(scope, receive, send))).result()
    return {name.decode(): value.decode() for name, value in sent[0]["headers"]}


def test_a_page_brings_the_cookie_of_a_new_guest_and_no_cache_keeps_it() -> None:
    answer = asked()
    assert re.fullmatch(
        r"playground-guest-[0-9a-f]{8}=1\.[\w-]{32}\.guest-[0-9a-f]{32}\.\d+\.[0-9a-f]{64}; "
        r"Max-Age=1209600; Path=/; HttpOnly; SameSite=Lax",
        answer["set-cookie"],
    )
    assert answer["cache-control"] == "no-store"
    assert asked()["set-cookie"] != answer["set-cookie"], "each browser has another one"


def test_by_https_it_is_secure_and_has_a_name_that_no_other_host_can_plant() -> None:
    for headers in ({"x_forwarded_proto": "https"}, {"x_forwarded_proto": "https, http"}):
        answer = asked(**headers)["set-cookie"]
        assert answer.startswith("__Host-playground-guest-") and answer.endswith("; Secure") and "Path=/;" in answer
    planted = asked()["set-cookie"].partition(";")[0]
    assert "set-cookie" in asked(cookie=planted, x_forwarded_proto="https"), "one set by http does not count"


def test_below_a_path_it_is_for_that_path_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.guests.cookie.st.get_option", lambda name: "/play/")
    answer = asked(x_forwarded_proto="https")["set-cookie"]
    assert answer.startswith("__Secure-playground-guest-") and "; Path=/play;" in answer


@pytest.mark.parametrize(
    "how",
    [
        {"method": "POST"},
        {"method": "HEAD"},
        {"status": 404},
        {"status": 500},
        {"kind": "text/javascript"},
        {"sec_fetch_dest": "iframe"},
        {"sec_fetch_dest": "image"},
        {"sec_fetch_dest": "empty"},
        {"accept": "application/json"},
    ],
)
def test_nothing_else_brings_one(how: dict[str, str]) -> None:
    assert "set-cookie" not in asked(**how)  # type: ignore[arg-type]


def test_a_guest_who_has_one_keeps_it_and_a_bad_one_is_replaced() -> None:
    cookie = asked()["set-cookie"].partition(";")[0]
    assert "set-cookie" not in asked(cookie=cookie)
    assert "set-cookie" not in asked(cookie=cookie, status=304)
    for bad in (cookie[:-1], cookie + "0", "x=y", f"{cookie.partition('=')[0]}=\xe9", cookie + "x" * 60_000):
        assert "set-cookie" in asked(cookie=bad)


def test_a_guest_who_has_left_gets_a_new_cookie_with_the_same_budget() -> None:
    cookie = asked()["set-cookie"].partition(";")[0]
    standing = services.visits().standing(dict([cookie.split("=")]))
    assert standing is not None and standing.visit is not None
    services.visits().end(standing.visit.guest, standing.visit.budget)
    answer = asked(cookie=cookie)["set-cookie"]
    assert standing.visit.key not in answer and standing.visit.budget in answer


@pytest.mark.parametrize(
    "more", [{"PLAYGROUND_SHARED": "0"}, {"PLAYGROUND_GATE": "oidc", "PLAYGROUND_GATE_ALLOWED": "example.com"}]
)
def test_without_guests_or_with_a_login_there_is_no_cookie(
    monkeypatch: pytest.MonkeyPatch, more: dict[str, str]
) -> None:
    for name, value in more.items():
        monkeypatch.setenv(name, value)
    assert "set-cookie" not in asked()


def test_the_owner_says_how_long_it_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_GUEST_DAYS", "3")
    assert "Max-Age=259200;" in asked()["set-cookie"]
    assert GuestPolicy().days == 14


def test_where_the_database_is_away_the_page_comes_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    assert "set-cookie" not in asked()
