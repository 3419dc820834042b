"""Which typed addresses are none, and what is said of each; whose limits hold with which key."""

from __future__ import annotations

import pytest

from backend.keys.endpoint import Endpoint
from components.session.connections import Connections, address_problem
from components.session.words import KEY_IN_ADDRESS, NOT_AN_ADDRESS


@pytest.mark.parametrize(
    "typed", [" ", "nonsense", "http://", "localhost:1", "ftp://a.example", "http://a b/v1", "http://[::1"]
)
def test_a_value_that_is_no_address_is_refused(typed: str) -> None:
    assert address_problem(typed) == NOT_AN_ADDRESS


@pytest.mark.parametrize(
    "typed",
    [
        *("https://evil@a.example", "http://me:pw@host/v1", "http://:pw@host/v1"),
        *(f"https://x.example/v1?{name}=sk-1" for name in ("key", "api_key", "token", "sig")),
    ],
)
def test_a_name_a_password_or_a_key_in_an_address_is_refused(typed: str) -> None:
    assert address_problem(typed) == KEY_IN_ADDRESS


@pytest.mark.parametrize("typed", ["", "https://x.example/v1", "https://x.example/v1?api-version=2"])
def test_an_address_and_an_empty_field_are_fine(typed: str) -> None:
    assert address_problem(typed) == ""


@pytest.mark.parametrize(
    ("server", "key", "bound"),
    [
        ("https://api.aimlapi.com/v1", "", False),
        ("https://gateway.example.com/v1", "EMPTY", False),
        ("http://127.0.0.1:11434/v1", "", True),
        ("http://ollama:11434/v1", "ollama", True),
        ("http://192.168.1.7:8000/v1", "sk-no-key-required", True),
        ("http://192.168.1.7:4000/v1", "sk-owner-0123456789ab", False),  # a gateway that knows its keys
    ],
)
@pytest.mark.usefixtures("nothing_of_this_machine")
def test_a_guests_own_key_lifts_no_limit_at_a_server_that_takes_any(
    monkeypatch: pytest.MonkeyPatch, server: str, key: str, bound: bool
) -> None:
    monkeypatch.setenv("AIMLAPI_BASE_URL", server)
    monkeypatch.setenv("AIMLAPI_API_KEY", key)
    monkeypatch.setenv("PLAYGROUND_SHARED", "1")
    connections = Connections()
    assert connections.configured.guest
    connections.put_key(Endpoint(server).origin, "sk-typed-0123456789")
    assert connections.configured.guest is bound
    assert connections.configured.endpoint.api_key == "sk-typed-0123456789"


@pytest.mark.usefixtures("nothing_of_this_machine")
def test_tabs_share_the_connections_to_a_server_only_with_the_same_key_and_gate() -> None:
    """Each tab of its own would leave an open one behind when it is closed."""
    first, second = Connections(), Connections()
    server = Endpoint("https://x.example/v1", "sk-1")
    assert first.client(server) is second.client(Endpoint("https://x.example/v1", "sk-1"))
    for other in (
        Endpoint("https://x.example/v1", "sk-2"),
        Endpoint("https://x.example/v1", "sk-1", public_only=True),
    ):
        assert second.client(other) is not first.client(server)
