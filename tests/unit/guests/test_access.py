"""The gate of a shared app: who gets in, how long a wrong password waits, and that nothing works without it."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from basics import KEY, ROOT
from fake_api import FakeAPI
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest
from visiting import Open, conversation, everything, say, well

from backend import settings
from backend.guests import access
from backend.guests.access import AccessPolicy, Throttle
from components.guests import words
from components.session import admission, services, tab
from components.session.session import Session

pytestmark = pytest.mark.usefixtures("folds_open")

PASSWORD = "open sesame ünï"
HASH = access.hashed(PASSWORD)
OWNER = access.hashed("mine alone")
PAGES = ["app.py", *sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "pages").glob("*.py"))]
SHARED = {"PLAYGROUND_SHARED": "1", "PLAYGROUND_GATE": "password", "PLAYGROUND_GATE_PASSWORD": HASH}


# ---- passwords ------------------------------------------------------------------------------------------


def test_a_password_fits_its_hash_and_no_other_does() -> None:
    assert access.matches(PASSWORD, HASH) and access.matches(PASSWORD, f" {HASH}\n")
    for wrong in ("", "open sesame", PASSWORD.upper(), PASSWORD + ".", " ", HASH, "x" * 5000, "\x00", "\ud83d"):
        assert not access.matches(wrong, HASH)
    assert access.hashed(PASSWORD) != HASH, "each with a salt of its own"
    assert PASSWORD not in HASH


def test_spaces_and_other_spellings_added_by_devices_are_no_part_of_a_password() -> None:
    stored = access.hashed(" Caf\u00e9 \n")
    assert access.matches("Cafe\u0301 ", stored) and access.matches("Caf\u00e9", stored)
    assert not access.matches("Cafe", stored)


@pytest.mark.parametrize(
    "stored",
    ["", PASSWORD, "scrypt", "scrypt:1:1:1:AAAA:AAAA", HASH[:-9] + "!", HASH.replace("16384", "999999"),
     HASH.replace("16384", "16385"), HASH.replace(":8:", ":99:"), HASH + ":x", "md5:" + HASH],
    ids=lambda stored: f"{len(stored)} characters",
)  # fmt: skip
def test_a_malformed_hash_lets_nobody_in(stored: str) -> None:
    assert not access.is_hash(stored)
    assert not access.matches(PASSWORD, stored) and not access.matches(stored, stored)


@given(st.text(max_size=80), st.text(max_size=200))
def test_no_text_breaks_the_check(typed: str, stored: str) -> None:
    assert not access.matches(typed, stored)


def test_the_command_prints_a_hash_of_what_is_typed_twice() -> None:
    code = (
        "import getpass, runpy\n"
        "getpass.getpass = lambda prompt: 'hunter2'\n"
        "runpy.run_module('backend.guests.access', run_name='__main__')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert access.matches("hunter2", done.stdout.strip())


def test_waiting_doubles_and_ends() -> None:
    now = [0.0]
    throttle = Throttle(free=3, longest=10, forget=900, clock=lambda: now[0])
    waits = []
    for _ in range(8):
        assert throttle.begin()
        waits.append(throttle.wait)
        now[0] += throttle.wait
    assert waits == [0, 0, 1, 2, 4, 8, 10, 10]
    throttle.right()
    assert throttle.wait == 0
    now[0] += 10_000
    assert throttle.begin() and throttle.wait == 0, "forgotten"


def test_a_hundred_tries_at_once_are_a_hundred() -> None:
    throttle = Throttle(free=5, longest=60)
    begun: list[bool] = []
    threads = [threading.Thread(target=lambda: begun.append(throttle.begin())) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(begun) == 5


# ---- logins ---------------------------------------------------------------------------------------------


def claims(address: object = "Anna@Example.com", verified: object = True, **more: object) -> dict[str, object]:
    return {
        "is_logged_in": True,
        "iss": "https://login",
        "sub": "7",
        "email": address,
        "email_verified": verified,
        **more,
    }


@pytest.mark.parametrize(
    ("said", "address"),
    [
        (claims(), "anna@example.com"),
        (claims(verified="true"), "anna@example.com"),
        (claims(verified=None, xms_edov=True), "anna@example.com"),
        (claims(verified=False), ""),
        (claims(verified=None), ""),
        (claims(verified="false"), ""),
        (claims(None), ""),
        (claims(["anna@example.com"]), ""),
        (claims("a@b@example.com"), ""),
        (claims("\u212aate@example.com"), ""),  # the Kelvin sign, of which `lower` makes a k
        (claims("anna"), ""),
        ({}, ""),
    ],
)
def test_only_an_address_that_is_vouched_for_counts(said: dict[str, object], address: str) -> None:
    assert access.address(said) == address


@pytest.mark.parametrize(
    ("address", "listed", "in_"),
    [
        ("anna@example.com", ("anna@example.com",), True),
        ("ben@example.com", ("anna@example.com",), False),
        ("ben@example.com", ("@example.com",), True),
        ("ben@example.com", ("example.com",), True),
        ("ben@sub.example.com", ("example.com",), False),
        ("ben@evilexample.com", ("example.com", "@example.com"), False),
        ("ben@example.com.evil.org", ("example.com",), False),
        ("", ("", "@", "example.com"), False),
        ("anna@example.com", (), False),
    ],
)
def test_the_list_is_of_addresses_and_whole_domains(address: str, listed: tuple[str, ...], in_: bool) -> None:
    assert access.is_allowed(address, listed) is in_


def test_a_login_that_is_half_set_up_is_told_by_what_it_lacks() -> None:
    block = dict.fromkeys(("cookie_secret", "client_id", "client_secret", "server_metadata_url"), "x")
    assert access.login_lacks({**block, "redirect_uri": "https://a.example/oauth2callback"}) == ()
    assert access.login_lacks({**block, "redirect_uri": "https://a.example"}) == (
        "redirect_uri = .../oauth2callback",
    )
    assert access.login_lacks({**block, "client_id": " ", "client_secret": 3})[:2] == ("redirect_uri", "client_id")
    assert len(access.login_lacks(None)) == len(access.login_lacks({"google": block})) == 5


def test_a_login_is_one_guest_in_every_tab() -> None:
    assert access.identity(claims()) == access.identity(claims("new@address.org"))
    assert access.identity(claims()) != access.identity({**claims(), "sub": "8"})
    assert "anna" not in access.identity(claims()).lower()


# ---- settings -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "works"),
    [
        ({"PLAYGROUND_GATE": "none"}, True),
        ({}, True),
        (SHARED, True),
        ({"PLAYGROUND_GATE": "PASSWORD", "PLAYGROUND_GATE_PASSWORD": HASH}, True),
        ({"PLAYGROUND_GATE": "pasword", "PLAYGROUND_GATE_PASSWORD": HASH}, False),
        ({"PLAYGROUND_GATE": "password"}, False),
        ({"PLAYGROUND_GATE": "password", "PLAYGROUND_GATE_PASSWORD": "plain words"}, False),
        ({"PLAYGROUND_GATE": "oidc"}, False),
        ({"PLAYGROUND_GATE": "oidc", "PLAYGROUND_GATE_ALLOWED": ["anna@example.com", "b.org"]}, True),
    ],
)
def test_a_gate_that_is_half_set_up_is_shut(said: dict[str, object], works: bool) -> None:
    found = settings.load([{**said, "PLAYGROUND_SHARED": "1"}]).access
    assert (found.problem == "") is works
    assert settings.load([{**said, "PLAYGROUND_SHARED": "0"}]).access == AccessPolicy()


def test_a_list_is_read_in_every_way_it_is_written() -> None:
    for listed in ("anna@example.com, B.org", "anna@example.com b.org", ["anna@example.com", "b.org"]):
        found = settings.load([{"PLAYGROUND_SHARED": "1", "PLAYGROUND_GATE_ALLOWED": listed}]).access
        assert found.allowed == ("anna@example.com", "b.org")


# ---- the pages ------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _nobody_tried_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands still: a wait that is over before the next try is asked for is a try for free."""
    monkeypatch.setattr(admission, "Throttle", partial(Throttle, clock=lambda: 0.0))
    monkeypatch.setattr(admission, "_EVERYBODY", admission._throttles(free=10, longest=30.0))


@pytest.fixture
def gated(visit: Open, api: FakeAPI) -> Callable[..., AppTest]:
    def opened(page: str = "app.py", **more: str) -> AppTest:
        environment = {"AIMLAPI_API_KEY": KEY, "AIMLAPI_BASE_URL": api.url, **SHARED, **more}
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
        at.secrets.update({"NOTHING": "here"})
        return well((at if page == "app.py" else at.switch_page(page)).run())

    monkeypatch = pytest.MonkeyPatch()
    yield opened
    monkeypatch.undo()


def enter(at: AppTest, password: str = PASSWORD) -> AppTest:
    at.text_input(key="gate.password").set_value(password)
    return well(at.button[0].click().run())


@pytest.mark.parametrize("page", PAGES)
def test_no_page_shows_anything_before_the_password(gated: Any, api: FakeAPI, page: str) -> None:
    at = gated(page)
    assert [found.value for found in at.title] == ["Welcome"]
    assert not at.sidebar.children and not at.chat_input
    assert "session" not in at.session_state
    assert not api.requests, "nobody was asked anything"
    assert KEY not in everything(at) and HASH not in everything(at)


@pytest.mark.parametrize("page", PAGES)
def test_the_password_opens_every_page(gated: Any, page: str) -> None:
    at = enter(gated(page))
    assert at.sidebar.children
    assert [found.value for found in at.title] != ["Welcome"]
    assert PASSWORD not in everything(at)


def test_a_wrong_password_is_told_and_made_to_wait(gated: Any) -> None:
    at = gated()
    for _ in range(3):
        at = enter(at, "wrong")
        assert "not the password" in at.error[0].value
    assert "Wait" in at.error[0].value
    at = enter(at, PASSWORD)
    assert "Too many tries. Wait" in at.error[0].value, "the right one has to wait too"
    assert [found.value for found in at.title] == ["Welcome"]


def cheap_hash(password: str) -> str:
    """The hash of a password that takes a fiftieth of the usual time."""
    salt = b"0" * 16
    key = access._derive(password, salt, 1024, 8, 1)
    return f"scrypt:1024:8:1:{access._text(salt)}:{access._text(key)}"


def test_whoever_knows_the_guests_password_gets_no_more_tries_at_the_owners() -> None:
    guests, owner = cheap_hash("for guests"), cheap_hash("for the owner")
    for _ in range(10):
        tab = admission.Admission()
        assert not tab.try_password("a guess", owner, "owner")
        assert tab.try_password("for guests", guests, "guests")
    tab = admission.Admission()
    assert not tab.try_password("for the owner", owner, "owner")
    assert "Too many tries. Wait" in tab.problem


@pytest.mark.slow
def test_new_tabs_do_not_give_new_tries(gated: Any) -> None:
    said = [enter(gated(), "wrong").error[0].value for _ in range(12)]
    assert "Too many tries" in said[-1]


def test_a_guest_who_leaves_leaves_nothing_behind(gated: Any, api: FakeAPI) -> None:
    at = say(enter(gated()), "Ahoy")
    asked = len(api.asked)
    well(at.button(key="gate.leave").click().run())
    assert [found.value for found in at.title] == ["Welcome"]
    assert not at.sidebar.children and "session" not in at.session_state
    assert len(api.asked) == asked
    assert "Ahoy" not in everything(at)
    assert conversation(enter(at)) == [], "and comes back as a new guest"


def test_behind_a_closed_door_there_is_no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    class Redrawn(BaseException):
        """Stands for Streamlit's own way to begin a page anew."""

    def rerun() -> None:
        raise Redrawn

    monkeypatch.setattr(admission.st, "rerun", rerun)
    monkeypatch.setattr(admission, "is_open", lambda: False)
    with pytest.raises(Redrawn):
        Session.current()


def test_another_password_in_the_settings_shuts_the_door(gated: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    at = enter(gated())
    monkeypatch.setenv("PLAYGROUND_GATE_PASSWORD", OWNER)
    services.configured.cache_clear()
    well(at.run())
    assert [found.value for found in at.title] == ["Welcome"]


def test_a_gate_without_a_hash_is_shut_and_helps_its_owner(gated: Any) -> None:
    at = gated(PLAYGROUND_GATE_PASSWORD="plain words")
    assert [found.value for found in at.title] == ["Not open yet"]
    assert not at.sidebar.children and "plain words" not in everything(at)
    at.text_input(key="gate.new").set_value("hunter2")
    well(at.button[0].click().run())
    line = at.code[0].value
    assert line.startswith("PLAYGROUND_GATE_PASSWORD = ")
    assert access.matches("hunter2", line.partition('"')[2].rstrip('"'))
    assert at.text_input(key="gate.new").value == ""


# ---- by login -------------------------------------------------------------------------------------------

OIDC = {"PLAYGROUND_GATE": "oidc", "PLAYGROUND_GATE_ALLOWED": "example.com"}


@pytest.mark.parametrize("page", PAGES)
def test_without_a_login_no_page_shows_anything(gated: Any, page: str) -> None:
    at = gated(page, **OIDC)
    assert [found.value for found in at.title] == ["Welcome"]
    assert not at.sidebar.children and "session" not in at.session_state


def test_an_address_that_is_not_on_the_list_stays_out(gated: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tab, "login", lambda: claims("eve@evil.org"))
    at = gated(**OIDC)
    assert [found.value for found in at.title] == ["Not on the list"]
    assert "evil" in at.markdown[0].value
    monkeypatch.setattr(tab, "login", lambda: claims(verified=False))
    assert [found.value for found in gated(**OIDC).title] == ["Not on the list"]


def test_an_address_on_the_list_is_one_guest_in_every_tab(gated: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tab, "login", lambda: claims())
    tabs = [gated(**OIDC) for _ in range(2)]
    owners = {at.session_state["session"].owner for at in tabs}
    assert owners == {access.identity(claims())}


# ---- the owner's page -----------------------------------------------------------------------------------


def owner_page(visit: Open, api: FakeAPI, **more: str) -> AppTest:
    common = {"AIMLAPI_API_KEY": KEY, "AIMLAPI_BASE_URL": api.url, "PLAYGROUND_SHARED": "1"}
    return visit("pages/5_Owner.py", **{**common, **more})


def pressed(at: AppTest, label: str) -> AppTest:
    (button,) = [found for found in at.main.button if found.label == label]
    return button.click().run()


def test_the_owners_page_says_that_it_is_for_shared_apps(visit: Open) -> None:
    assert "shared with guests" in visit("pages/5_Owner.py").info[0].value


def test_without_a_password_of_the_owners_nobody_signs_in(visit: Open, api: FakeAPI) -> None:
    at = owner_page(visit, api)
    assert not at.metric and not [found for found in at.button if found.key == "owner.pause"]
    at.text_input(key="gate.new").set_value("hunter2")
    well(pressed(at, words.MAKE_HASH))
    assert at.code[0].value.startswith("PLAYGROUND_OWNER_PASSWORD = ")


def test_the_owner_signs_in_and_has_the_menu_entry(visit: Open, api: FakeAPI) -> None:
    at = owner_page(visit, api, PLAYGROUND_OWNER_PASSWORD=OWNER)
    menu = lambda: {found.proto.label for found in at.sidebar.get("page_link")}  # noqa: E731
    assert "Owner" not in menu() and not at.metric
    at.text_input(key="owner.password").set_value("wrong")
    well(pressed(at, words.OWNER_SIGN_IN))
    assert "not the password" in at.error[0].value and not at.metric
    at.text_input(key="owner.password").set_value("mine alone")
    well(pressed(at, words.OWNER_SIGN_IN))
    assert len(at.metric) == 3 and "Owner" in menu()
    assert OWNER not in everything(at)
