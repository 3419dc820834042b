"""Logging in with a login service, from the button into the app and out again: only the service is ours."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from basics import KEY
from browser import App, Chat
from fake_api import FakeAPI, stream
from login_service import CLIENT, SECRET, LoginService
from playwright.sync_api import Page, expect
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value


@pytest.fixture(scope="module")
def service() -> Iterator[LoginService]:
    found = LoginService()
    yield found
    found.close()


@pytest.fixture(scope="module")
def closed(server: FakeAPI, service: LoginService) -> Iterator[App]:
    """The app behind a login, open to example.com."""
    found = App(
        f'AIMLAPI_API_KEY = "{KEY}"\nAIMLAPI_BASE_URL = "{server.url}"\n'
        'PLAYGROUND_SHARED = "1"\nPLAYGROUND_GATE = "oidc"\nPLAYGROUND_GATE_ALLOWED = ["example.com"]\n'
        '[auth]\nredirect_uri = "APP_URL/oauth2callback"\ncookie_secret = "a long secret of this test only"\n'
        f'client_id = "{CLIENT}"\nclient_secret = "{SECRET}"\n'
        f'server_metadata_url = "{service.url}/.well-known/openid-configuration"\n'
    )
    yield found
    found.close()


def log_in(page: Page, app: App, path: str = "") -> None:
    page.goto(app.url + path)
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    page.get_by_role("button", name="Log in").click()


def test_a_guest_on_the_list_logs_in_asks_logs_out_and_finds_what_was_asked_at_the_next_login(
    page: Page, closed: App, service: LoginService, server: FakeAPI
) -> None:
    service.claims = {"sub": "1", "email": "anna@example.com", "email_verified": True, "name": "Anna"}
    log_in(page, closed)
    chat = Chat(page)
    expect(chat.composer).to_be_visible()
    server.play(stream("Hello Anna."))
    chat.wait_until_settled().send("Remember the lighthouse").wait_until_ended()
    assert not service.refused
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    page.get_by_role("button", name="Log in").click()
    chat.wait_until_settled()
    page.get_by_role("link", name="History").click()
    expect(page.get_by_role("button", name="Remember the lighthouse")).to_be_visible()
    page.context.clear_cookies()
    service.claims = {"sub": "8", "email": "yan@example.com", "email_verified": True}
    log_in(page, closed)
    expect(chat.composer).to_be_visible()
    chat.wait_until_settled()
    page.get_by_role("link", name="History").click()
    expect(page.get_by_text("Nothing here yet")).to_be_visible()


def test_a_guest_off_the_list_or_with_a_forged_cookie_sees_nothing(
    page: Page, closed: App, service: LoginService
) -> None:
    """Which claims count: tests/unit/guests/test_access.py."""
    service.claims = {"sub": "3", "email": "eve@example.com", "email_verified": False}
    log_in(page, closed, "/Tools")
    expect(page.get_by_role("heading", name="Not on the list")).to_be_visible()
    expect(page.get_by_test_id("stChatInput")).to_have_count(0)
    page.context.clear_cookies()
    claims = {"is_logged_in": True, "origin": closed.url, "iss": "i", "sub": "1", "email": "anna@example.com"}
    value = create_signed_value("guessed", "_streamlit_user", json.dumps({**claims, "email_verified": True}))
    page.context.add_cookies([{"name": "_streamlit_user", "value": value.decode(), "url": closed.url}])
    page.goto(closed.url)
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
