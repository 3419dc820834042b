"""A guest's tab and the browser that it belongs to: what a reload finds, and what ends it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from basics import KEY, ROOT
from fake_api import FakeAPI
from streamlit.testing.v1 import AppTest
from visiting import Open, conversation, everything, say, well

from backend.guests import access
from backend.guests.visits import Visit, new_visit
from components.session import services, tab

PASSWORD = "open sesame"
HASH = access.hashed(PASSWORD)
GATE = {"PLAYGROUND_GATE": "password", "PLAYGROUND_GATE_PASSWORD": HASH}
Browser = Callable[..., None]


@pytest.fixture(autouse=True)
def shared(nothing_of_this_machine: None, api: FakeAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {"AIMLAPI_API_KEY": KEY, "AIMLAPI_BASE_URL": api.url, "PLAYGROUND_SHARED": "1"}
    for name, value in {**settings, "PLAYGROUND_GUEST_MODELS": "*"}.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    """Chooses the browser that the next tabs are in: the one with the cookie of this visit, or with none."""

    def chosen(visit: Visit | None) -> None:
        made = services.visits().cookie(visit) if visit else None
        monkeypatch.setattr(tab, "cookies", lambda: dict([made] if made else []))

    return chosen


@pytest.fixture
def opened(visit: Open) -> Callable[..., AppTest]:
    """Opens the app in a new tab."""
    return lambda **query: visit(query=query)


def gated(monkeypatch: pytest.MonkeyPatch, password_hash: str = HASH) -> None:
    for name, value in {**GATE, "PLAYGROUND_GATE_PASSWORD": password_hash}.items():
        monkeypatch.setenv(name, value)
    services.configured.cache_clear()


def at_gate(at: AppTest) -> bool:
    return [found.value for found in at.title] == ["Welcome"] and not at.sidebar.children


def address_of(at: AppTest) -> str:
    return str(at.session_state["session"].chats.id)


# ---- by a cookie ----------------------------------------------------------------------------------------


def test_a_reload_finds_conversation_and_budget_and_another_browser_neither(
    opened: Callable[..., AppTest], browser: Browser
) -> None:
    browser(new_visit())
    at = say(opened(), "Ahoy")
    again = opened(c=address_of(at))
    assert conversation(again) == [("user", "Ahoy"), ("assistant", "You said: Ahoy")]
    assert "1 of 20 messages today" in everything(again)
    for other in (new_visit(), None):
        browser(other)
        found = opened(c=address_of(at))
        assert conversation(found) == [] and "0 of 20 messages today" in everything(found)


def closed(**query: str) -> AppTest:
    """A new tab that ends before the page, where there is no session."""
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    at.secrets.update({"NOTHING": "here"})
    for name, value in query.items():
        at.query_params[name] = value
    return well(at.run())


@pytest.mark.parametrize("how", ["another browser", "no cookie", "left elsewhere", "sent away"])
def test_a_tab_is_given_back_to_its_own_browser_only(
    opened: Callable[..., AppTest], browser: Browser, api: FakeAPI, how: str
) -> None:
    """Streamlit gives a tab to whoever names its id: in a header, or read in the log of a proxy."""
    browser(mine := new_visit())
    at = say(opened(), "My secret")
    if how == "another browser":
        browser(new_visit())
    elif how == "no cookie":
        browser(None)
    elif how == "left elsewhere":
        services.visits().end(mine.guest, mine.budget)
    else:
        services.visits().end_all()
    asked = len(api.asked)
    at.chat_input[0].set_value("What was said?")
    well(at.run())
    assert "My secret" not in everything(at) and conversation(at) == []
    assert len(api.asked) == asked, "a click of the tab as it was does nothing"
    assert at.session_state["session"].owner != mine.guest


def test_a_tab_goes_on_while_the_database_cannot_say_whose_it_is(
    opened: Callable[..., AppTest], browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser(new_visit())
    at = say(opened(), "Ahoy")
    monkeypatch.setattr("backend.guests.visits.Visits.standing", lambda *_, **__: None)
    assert conversation(well(at.run())) == [("user", "Ahoy"), ("assistant", "You said: Ahoy")]


def test_leaving_deletes_everything_and_renews_no_budget(opened: Callable[..., AppTest], browser: Browser) -> None:
    browser(mine := new_visit())
    at = say(opened(), "Ahoy")
    before = address_of(at)
    well(at.button(key="gate.leave").click().run())
    assert conversation(at) == [] and "1 of 20 messages today" in everything(at)
    assert services.journals().store.conversations(mine.guest) == []
    assert conversation(opened(c=before)) == []
    assert any(found.proto.component_name == "reload" for found in at.get("bidi_component"))
    assert not any(found.proto.component_name == "reload" for found in opened().get("bidi_component"))


# ---- by a private link --------------------------------------------------------------------------------------


def link_of(at: AppTest) -> str:
    well(at.button(key="return.make").click().run())
    return next(str(found.value) for found in at.code if "back=" in found.value).partition("back=")[2]


def test_a_private_link_leads_back_and_is_shown_once(opened: Callable[..., AppTest], browser: Browser) -> None:
    browser(None)
    at = say(opened(), "Ahoy")
    link = link_of(at)
    assert link not in everything(well(at.run()))
    back = closed(back=link)
    assert "back" not in back.query_params, "nobody copies it along with the address"
    assert [found.value for found in back.title] == ["Is this link yours?"] and not back.chat_input
    assert link not in everything(back) and "Ahoy" not in everything(back)
    well(back.button(key="return.mine").click().run())
    assert conversation(back) == [("user", "Ahoy"), ("assistant", "You said: Ahoy")]
    assert "1 of 20 messages today" in everything(back)


def test_a_private_link_can_be_declined_and_one_that_ended_leads_nowhere(
    opened: Callable[..., AppTest], browser: Browser
) -> None:
    browser(None)
    at = say(opened(), "Ahoy")
    link = link_of(at)
    other = closed(back=link)
    well(other.button(key="return.without").click().run())
    assert conversation(other) == [] and other.chat_input
    well(at.button(key="return.end").click().run())
    for ended in (link, "x" * 32, "%00" * 999):
        late = closed(back=ended)
        assert [found.value for found in late.title] == ["This link has ended"]
        assert well(late.button(key="return.without").click().run()).chat_input


def test_a_private_link_does_not_bypass_the_gate(
    opened: Callable[..., AppTest], browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser(None)
    link = services.visits().make_link("guest-a", "guest-a")
    gated(monkeypatch)
    at = closed(back=link)
    assert at_gate(at) and "back" not in at.query_params


def test_a_guest_with_a_cookie_is_offered_no_link(opened: Callable[..., AppTest], browser: Browser) -> None:
    browser(new_visit())
    assert not [found for found in opened().button if found.key == "return.make"]
