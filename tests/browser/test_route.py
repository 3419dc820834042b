"""Running answers are read past Streamlit, by a route of the app's own; where none gets through, by the page."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests
from browser import MESSAGES, SLOWLY, App, Chat
from fake_api import FakeAPI, stream
from playwright.sync_api import Browser, Page, Route, WebSocketRoute, expect

ROUTE = re.compile(r"/answers\?id=")
READ = {"Sec-Fetch-Site": "same-origin"}  # what a browser says of a page that asks its own server


@pytest.fixture
def asked(page: Page) -> list[str]:
    """The addresses by which answers were asked for."""
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url) if ROUTE.search(request.url) else None)
    return addresses


def address(chat: Chat, asked: list[str], count: int = 1) -> str:
    """By which a running answer, the first or another one, is asked for, once the browser reads it by itself."""
    for _ in range(100):
        if len(asked) >= count:
            return asked[-1]
        chat.page.wait_for_timeout(100)
    raise AssertionError("nothing was asked for")


def begun(chat: Chat, server: FakeAPI, *more: object) -> Chat:
    """An answer that runs."""
    server.play(stream("begun ", *(more or SLOWLY)))
    chat.send("Hello")
    expect(chat.messages.last).to_contain_text("begun")
    return chat


def test_a_stream_opens_before_its_answer_and_serves_only_it(asked: list[str], chat: Chat, server: FakeAPI) -> None:
    for number in (1, 2):
        address(chat, asked, number)  # it stands open already
        seen = threading.Event()
        server.play(stream("Hello ", seen, "there"))
        chat.send(f"Hi {number}")
        expect(chat.messages.last).to_contain_text("Hello")
        assert len(asked) == number
        seen.set()
        chat.wait_until_ended()
        expect(chat.messages.last).to_contain_text("Hello there")
    address(chat, asked, 3)
    assert len(set(asked)) == len(asked) == 3


def test_only_the_apps_page_with_the_id_may_read_a_stream(
    asked: list[str], chat: Chat, server: FakeAPI, app: App
) -> None:
    begun(chat, server)
    at = address(chat, asked)
    host = urlsplit(at).netloc
    assert requests.get(at, timeout=5).status_code == 403
    for site in ("cross-site", "same-site", "none"):
        assert requests.get(at, headers={"Sec-Fetch-Site": site}, timeout=5).status_code == 403
    assert requests.get(at, headers={**READ, "Origin": "https://evil.test"}, timeout=5).status_code == 403
    for origin in ("https://evil.test", "http://[evil", "null"):
        assert requests.post(at, headers={**READ, "Origin": origin}, timeout=5).status_code == 403
    for id_ in ("", "x", at[-24:-1]):
        assert requests.get(f"http://{host}/answers?id={id_}", headers=READ, timeout=5).status_code == 404
    for method in ("PUT", "DELETE", "PATCH"):
        assert requests.request(method, at, headers=READ, timeout=5).status_code == 405
    with requests.get(at, headers=READ, stream=True, timeout=5) as reply:
        assert reply.headers["Content-Type"].startswith("text/event-stream")
        assert reply.headers["Cache-Control"] == "no-store"
        assert next(piece for piece in reply.iter_content(None) if b"begun" in piece)
    assert requests.post(f"{at}&place=0", headers=READ, timeout=5).status_code == 204  # stopped past the page
    assert server.asked[-1].left.wait(5)
    expect(chat.messages.last).to_contain_text("stopped by you")


def test_an_answer_is_sent_again_only_where_the_browser_lacks_it(fresh: Page, server: FakeAPI, app: App) -> None:
    frames: list[bytes] = []
    lost = threading.Event()

    def meddle(socket: WebSocketRoute) -> None:
        """The page names another text than the one that is here, once it is `lost`."""
        there = socket.connect_to_server()

        def sent(message: str | bytes) -> None:
            frames.append(message if isinstance(message, bytes) else message.encode())
            socket.send(re.sub(rb'("held": ")[0-9a-f]', rb"\1g", frames[-1]) if lost.is_set() else message)

        there.on_message(sent)

    def answered(question: str) -> None:
        """An answer that ends when no page runs."""
        goes_on = threading.Event()
        server.play(stream("begun ", goes_on, *words))
        chat.send(question)
        expect(chat.messages.last).to_contain_text("begun")
        chat.wait_until_settled()
        goes_on.set()
        chat.wait_until_ended()
        expect(chat.messages.last).to_contain_text(f"begun {text}")

    fresh.route_web_socket(re.compile("/_stcore/stream"), meddle)
    chat, words = Chat(fresh).open(app.url), [f"word{number} 😀👩‍👩‍👧 𝒳 é 中 " for number in range(100)]
    text = "".join(words).strip()
    answered("Hello")
    assert not [frame for frame in frames if b"word99" in frame]
    lost.set()
    answered("Now it is lost")
    for _ in range(50):
        if [frame for frame in frames if frame.count(b"word99") == 2]:
            break
        fresh.wait_for_timeout(100)
    else:
        raise AssertionError("the page has not sent both of them")
    fresh.reload()
    expect(chat.messages.nth(1)).to_contain_text(f"begun {text}")
    expect(chat.messages.last).to_contain_text(f"begun {text}")


def test_an_answer_that_ends_while_the_socket_is_away_has_ended_when_it_is_back(
    fresh: Page, server: FakeAPI, app: App
) -> None:
    """The stream is back before the socket of Streamlit, which drops what it is to send meanwhile."""
    sockets, away = list[WebSocketRoute](), threading.Event()

    def connect(socket: WebSocketRoute) -> None:
        if away.is_set():
            socket.close()
        else:
            sockets.extend((socket, socket.connect_to_server()))

    fresh.route_web_socket(re.compile("/_stcore/stream"), connect)
    chat, goes_on = Chat(fresh).open(app.url), threading.Event()
    begun(chat, server, goes_on, "and ended")
    away.set()
    for socket in sockets:
        socket.close()
    expect(fresh.locator('[data-test-connection-state="CONNECTED"]')).to_have_count(0)
    goes_on.set()
    expect(chat.messages.last).to_contain_text("and ended")
    away.clear()
    chat.wait_until_ended()


def test_a_connection_that_breaks_goes_on_where_it_was(chat: Chat, server: FakeAPI) -> None:
    seen = threading.Event()
    begun(chat, server, "here ", seen, "and the end.")
    chat.page.context.set_offline(True)
    chat.page.wait_for_timeout(300)
    chat.page.context.set_offline(False)
    seen.set()
    expect(chat.messages.last).to_contain_text("begun here and the end.")


def test_a_text_that_turns_out_to_be_a_thought_moves_into_the_fold_at_once(talk: Chat, server: FakeAPI) -> None:
    turns_out(talk, server, reload=True)


def turns_out(chat: Chat, server: FakeAPI, *, reload: bool) -> None:
    """An answer of which only the closing mark of its thought comes."""
    thought, said = threading.Event(), threading.Event()
    server.play(stream("Let me see.\n", thought, "</think>\n\nIt ", said, "is 4."))
    chat.send("Hello")
    text, fold = chat.messages.last.locator(".pg-text"), chat.messages.last.locator(".pg-reasoning")
    expect(text).to_have_text("Let me see.")
    thought.set()
    expect(text).to_have_text("It")
    expect(fold).to_contain_text("Let me see.")
    if reload:
        chat.page.reload()
        expect(text).to_have_text("It")
    said.set()
    expect(text).to_have_text("It is 4.")
    chat.wait_until_ended()
    expect(text).to_have_text("It is 4.")
    expect(fold).to_contain_text("Let me see.")


# ---- where the route does not get through ---------------------------------------------------------------


@pytest.fixture(params=["refused", "silent", pytest.param("web page", marks=pytest.mark.long)])
def blocked(request: pytest.FixtureRequest, fresh: Page, app: App) -> Iterator[Chat]:
    """A tab whose host lets no route through, in one of three ways."""

    def answer(route: Route) -> None:
        if request.param == "refused":
            route.abort()
        elif request.param == "web page":
            route.fulfill(status=200, content_type="text/html", body="<h1>Sign in</h1>")
        # else: never a byte

    fresh.route(ROUTE, answer)
    yield Chat(fresh).open(app.url)


def test_where_no_route_gets_through_the_page_feeds_the_answer_and_stops_it(blocked: Chat, server: FakeAPI) -> None:
    words = [f"word{number} 😀 " for number in range(600)]  # beyond the characters that JavaScript counts as one
    server.play(stream(*words, "the end.", pause=0.005))
    blocked.send("Hello").wait_until_ended()
    expect(blocked.messages.last).to_contain_text("".join(words) + "the end.")
    begun(blocked, server).stop.click()
    blocked.wait_until_ended()
    expect(blocked.messages.last).to_contain_text("stopped by you")
    turns_out(blocked, server, reload=False)


# ---- many tabs ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [5, pytest.param(8, marks=pytest.mark.long)])
def test_many_tabs_of_one_browser_are_all_served(browser: Browser, server: FakeAPI, app: App, count: int) -> None:
    """A browser has six connections to one host, of which four are for streams: a fifth tab is fed by its page."""
    seen = threading.Event()
    server.play(lambda asked: stream("begun ", seen, f"answer to {asked.prompt}"))
    context = browser.new_context()
    tabs = [Chat(context.new_page()).open(app.url) for _ in range(count)]
    for number, tab in enumerate(tabs):
        tab.page.bring_to_front()
        tab.composer.fill(f"question {number}")
        tab.enter()
        expect(tab.page.locator(MESSAGES).last).to_contain_text("begun")
    seen.set()
    for number, tab in enumerate(tabs):
        tab.page.bring_to_front()
        expect(tab.page.locator(MESSAGES).last).to_contain_text(f"answer to question {number}")
    context.close()
