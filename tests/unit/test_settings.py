"""Whose configuration counts, and that a key never leaves the server it belongs to."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from basics import ask
from fake_api import FakeAPI
from hypothesis import given
from hypothesis import strategies as st
from source import each

from backend.settings import DEFAULT_BASE_URL, DEFAULT_MODEL, Settings, load, server_name
from backend.transport.client import ChatClient
from backend.transport.deadlines import Deadlines

SECRET = "sk-owner-0123456789abcdef"
NAMES = ("AIMLAPI_API_KEY", "AIMLAPI_BASE_URL", "PLAYGROUND_MODEL")


def read(name: str, settings: Settings) -> str:
    """What a name has become."""
    endpoint = settings.endpoint
    return dict(zip(NAMES, (endpoint.api_key, endpoint.base_url, settings.model), strict=True))[name]


# ---- nothing configured ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "at_once"),
    [("1", 1), ("64", 64), ("", 4), ("0", 4), ("65", 4), ("-1", 4), ("four", 4), ("9" * 99, 4)],
)
def test_how_many_requests_are_sent_at_a_time_is_a_whole_number_within_reason(typed: str, at_once: int) -> None:
    assert load([{"PLAYGROUND_REQUESTS_AT_ONCE": typed}]).at_once == at_once


def test_nothing_configured_is_a_complete_configuration() -> None:
    settings = load([])
    assert settings.endpoint.base_url == DEFAULT_BASE_URL == "https://api.aimlapi.com/v1"
    assert settings.model == DEFAULT_MODEL == "google/gemini-2.5-flash"
    assert not settings.has_key
    assert not settings.shared
    assert settings.local_model is None
    assert settings.deadlines == Deadlines()


# ---- the order ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("first", range(3), ids=["secrets", "environment", ".env"])
def test_secrets_go_before_the_environment_before_the_file(name: str, first: int) -> None:
    sources = [{name: f"https://{place}.example/v1"} if place >= first else {} for place in range(3)]
    assert read(name, load(sources)) == f"https://{first}.example/v1"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("empty", ["", None, " ", "\n", "\t \n"], ids=repr)
def test_an_empty_value_does_not_hide_one_further_down(name: str, empty: Any) -> None:
    assert read(name, load([{name: empty}, {name: "https://b.example/v1"}])) == "https://b.example/v1"


@pytest.mark.parametrize("name", NAMES)
def test_white_space_around_a_value_is_stripped(name: str) -> None:
    assert read(name, load([{name: "  https://a.example/v1\n"}])) == "https://a.example/v1"


def test_every_name_is_looked_up_by_itself() -> None:
    settings = load([{"PLAYGROUND_MODEL": "a/b"}, {"AIMLAPI_API_KEY": SECRET}, {"AIMLAPI_API_KEY": "other"}])
    assert (settings.model, settings.endpoint.api_key) == ("a/b", SECRET)


def test_the_environment_is_not_read_behind_the_callers_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIMLAPI_API_KEY", SECRET)
    assert not load([]).has_key


# ---- the key --------------------------------------------------------------------------------------------


def test_the_configured_key_arrives_at_the_configured_server(api: FakeAPI) -> None:
    endpoint = load([{"AIMLAPI_API_KEY": f"{SECRET}\n", "AIMLAPI_BASE_URL": f"{api.url}/ "}]).endpoint
    ChatClient(endpoint).complete(ask())
    assert api.asked[0].headers["authorization"] == f"Bearer {SECRET}"
    assert api.asked[0].path == "/v1/chat/completions"


def test_the_key_is_held_in_one_place_only() -> None:
    settings = load([{"AIMLAPI_API_KEY": SECRET}])
    holding = [item.name for item in fields(settings) if SECRET in repr(vars(settings)[item.name])]
    assert holding == []
    assert settings.endpoint.api_key == SECRET


# ---- the server -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base_url", "name"),
    [
        ("https://api.aimlapi.com/v1", "AI/ML API"),
        ("https://API.AIMLAPI.COM/v1", "AI/ML API"),
        ("https://aimlapi.com", "AI/ML API"),
        ("http://127.0.0.1:8123/v1", "127.0.0.1:8123"),
        ("https://openrouter.ai/api/v1", "openrouter.ai"),
        ("https://api.aimlapi.com.evil.example/v1", "api.aimlapi.com.evil.example"),
        ("https://evil-aimlapi.com/v1", "evil-aimlapi.com"),
        ("https://aimlapi.com@evil.example/v1", "aimlapi.com@evil.example"),
    ],
)
def test_a_server_goes_by_its_own_name(base_url: str, name: str) -> None:
    assert server_name(base_url) == name


@pytest.mark.parametrize("base_url", ["http://[", "http://[::1", "https://[x]/v1", "nonsense", "://", "http://"])
def test_an_address_that_is_none_does_not_keep_the_app_from_starting(base_url: str) -> None:
    settings = load([{"AIMLAPI_BASE_URL": base_url, "AIMLAPI_API_KEY": SECRET}])
    assert settings.endpoint.base_url == base_url
    assert SECRET not in settings.endpoint.name


@given(st.text(max_size=40))
def test_any_text_may_be_configured(text: str) -> None:
    settings = load([dict.fromkeys((*NAMES, "PLAYGROUND_SHARED", "PLAYGROUND_TIMEOUT_IDLE"), text)])
    assert settings.model
    assert settings.deadlines.idle > 0


# ---- shared ---------------------------------------------------------------------------------------------


def test_shared_has_many_spellings_and_what_is_unclear_shuts_the_door() -> None:
    for value in ("1", "true", "True", "TRUE", "yes", "Yes", "on", "ON", " 1 ", True, 1):
        assert load([{"PLAYGROUND_SHARED": value}]).shared, value
    for value in ("0", "false", "False", "no", "off", "", " ", None, False, 0, '"0"'):
        assert not load([{"PLAYGROUND_SHARED": value}]).shared, value
    for value in ("maybe", "ja", "1 # for the class", "“1”", "2"):
        assert load([{"PLAYGROUND_SHARED": value}]).shared, value


def test_a_secret_that_says_no_goes_before_an_environment_that_says_yes() -> None:
    assert not load([{"PLAYGROUND_SHARED": False}, {"PLAYGROUND_SHARED": "1"}]).shared


# ---- the model on this machine --------------------------------------------------------------------------


def test_a_model_file_may_be_named(tmp_path: Path) -> None:
    assert load([{"PLAYGROUND_LOCAL_MODEL": str(tmp_path / "a.gguf")}]).local_model == tmp_path / "a.gguf"


def test_the_home_folder_may_be_a_tilde(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load([{"PLAYGROUND_LOCAL_MODEL": "~/a.gguf"}]).local_model == tmp_path / "a.gguf"


# ---- deadlines ------------------------------------------------------------------------------------------

NAMED = [item.name for item in fields(Deadlines)]


@each(NAMED)
def test_every_deadline_can_be_set_in_seconds(name: str) -> None:
    deadlines = load([{f"PLAYGROUND_TIMEOUT_{name.upper()}": "2.5"}]).deadlines
    assert getattr(deadlines, name) == 2.5
    assert all(getattr(deadlines, other) == getattr(Deadlines(), other) for other in NAMED if other != name)


@each(NAMED)
def test_a_deadline_that_is_no_time_is_ignored(name: str) -> None:
    for value in ("soon", "0", "-1", "nan", "", "1s", "1,5", "inf", "1e400", "-inf", "1e300", True):
        assert load([{f"PLAYGROUND_TIMEOUT_{name.upper()}": value}]).deadlines == Deadlines(), value


@pytest.mark.parametrize("value", [20, 20.0, "20", " 20 ", "2e1"])
def test_a_deadline_may_be_written_as_any_number(value: object) -> None:
    assert load([{"PLAYGROUND_TIMEOUT_IDLE": value}]).deadlines.idle == 20


def test_a_deadline_that_is_nonsense_does_not_hide_the_others() -> None:
    deadlines = load([{"PLAYGROUND_TIMEOUT_IDLE": "soon", "PLAYGROUND_TIMEOUT_TOTAL": "7"}]).deadlines
    assert (deadlines.idle, deadlines.total) == (Deadlines().idle, 7)


def test_the_longest_deadlines_that_are_taken_can_be_waited_for(api: FakeAPI) -> None:
    names = [f"PLAYGROUND_TIMEOUT_{item.name.upper()}" for item in fields(Deadlines)]
    settings = load([{"AIMLAPI_BASE_URL": api.url, **dict.fromkeys(names, "86400")}])
    assert settings.deadlines.total == 86400
    assert ChatClient(settings.endpoint, settings.deadlines).complete(ask("Hi")).content == "You said: Hi"


@pytest.mark.parametrize(
    "key", [f'"{SECRET}"', f"Bearer {SECRET}", f"AIMLAPI_API_KEY={SECRET}", f"\ufeff{SECRET}\n"]
)
def test_a_key_is_taken_out_of_what_was_pasted_into_the_configuration(key: str) -> None:
    assert load([{"AIMLAPI_API_KEY": key}]).endpoint.api_key == SECRET


@pytest.mark.parametrize(
    "address", ["a.example/v1/chat/completions/", '"https://a.example/v1"', "https://a.example/v1/models"]
)
def test_an_address_is_taken_out_of_what_was_pasted_into_the_configuration(address: str) -> None:
    assert load([{"AIMLAPI_BASE_URL": address}]).endpoint.base_url == "https://a.example/v1"


def test_quotation_marks_of_an_env_file_are_no_part_of_a_value() -> None:
    said = {"SHARED": "1", "MODEL": "gpt-4o", "GATE": "password", "WEB_TOOL": "1", "GUEST_MESSAGES_PER_DAY": "3"}
    settings = load([{f"PLAYGROUND_{name}": f'"{value}"' for name, value in said.items()}])
    assert settings.shared and settings.web_tool and settings.model == "gpt-4o"
    assert settings.access.kind == "password" and settings.terms.limit("guest", "messages", "day") == 3
    assert load([{"DATABASE_URL": "'sqlite:////a.db'"}]).database_url == "sqlite:////a.db"


@pytest.mark.parametrize(("typed", "micros"), [("$0.05", 50_000), ("1,000", 10**9), ("2,50", 2_000_000), (0, 0)])
def test_an_amount_is_read_as_people_write_it(typed: object, micros: int) -> None:
    settings = load([{"PLAYGROUND_SHARED": "1", "PLAYGROUND_ALL_USD_PER_DAY": typed}])
    assert settings.terms.limit("all", "usd", "day") == micros


# ---- what is configured in vain ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("PLAYGROUND_SHARE", "1", "PLAYGROUND_SHARE is no setting of this app. Is it PLAYGROUND_SHARED?"),
        ("aimlapi_api_key", SECRET, "aimlapi_api_key is no setting of this app. Is it AIMLAPI_API_KEY?"),
        ("AIMLAPI_KEY", SECRET, "AIMLAPI_KEY is no setting of this app. Is it AIMLAPI_API_KEY?"),
        ("PLAYGROUND_SHARED", "ja", "PLAYGROUND_SHARED is not understood: it has to be 1 or 0."),
        ("PLAYGROUND_TIMEOUT_IDLE", "10s", "PLAYGROUND_TIMEOUT_IDLE is not understood: it has to be a number of s"),
        ("PLAYGROUND_LOG_LEVEL", "loud", "PLAYGROUND_LOG_LEVEL is not understood: it has to be DEBUG, INFO"),
        ("PLAYGROUND_REQUESTS_AT_ONCE", "many", "PLAYGROUND_REQUESTS_AT_ONCE is not understood"),
        ("PLAYGROUND_OWNER_PASSWORD", "letmein", "PLAYGROUND_OWNER_PASSWORD is not understood"),
        ("PLAYGROUND_ALL_USD_PER_DAY", "2,50", "PLAYGROUND_ALL_USD_PER_DAY is not understood"),
        (
            "PLAYGROUND_TOOL_SERVERS",
            "{'a': 1",
            "PLAYGROUND_TOOL_SERVERS is not understood: it has to be an mcp.json",
        ),
        ("PLAYGROUND_GATE", "password", "PLAYGROUND_GATE and the like count only with PLAYGROUND_SHARED"),
    ],
)
def test_a_setting_without_effect_is_reported_by_name_alone(name: str, value: str, told: str) -> None:
    notes = load([{name: value}, {f"A_{number}": "of others" for number in range(99)}]).notes
    assert notes[0].startswith(told) and not [note for note in notes if SECRET in note or "letmein" in note]


def test_nothing_is_said_of_settings_that_count_and_of_variables_of_others() -> None:
    good = {"PLAYGROUND_SHARED": "1", "PLAYGROUND_GUEST_DAYS": 3, "PLAYGROUND_ALL_USD_PER_DAY": "none"}
    others = {
        "PATH": "/bin",
        "PLAYGROUND_REQUESTS_AT_ONCE": " ",
        "PLAYGROUND_CACHE": "/models",
        "PLAYGROUND_TIMEOUT_TOTAL": "60",
        "AIMLAPI_API_KEY": SECRET,
    }
    assert load([good, others]).notes == ()


def test_a_source_that_cannot_be_read_shuts_the_door() -> None:
    settings = load([{"PLAYGROUND_GATE": "none", "PLAYGROUND_SHARED": "0"}], broken="Line 3 is not understood.")
    assert settings.shared and settings.access.problem == "Line 3 is not understood."
