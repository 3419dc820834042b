"""Does the browser of a tab run where the app does?"""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import streamlit as st

from components.session import tab


@pytest.mark.parametrize(
    ("headers", "address", "here"),
    [
        ({}, None, True),
        ({"Host": "localhost:8501"}, None, True),
        ({"Host": "127.0.0.1:8501"}, "127.0.0.1", True),
        ({"Host": "127.0.0.1:8501"}, "::ffff:127.0.0.1", True),
        ({"Host": "127.0.0.1:8501"}, "::ffff:192.0.2.1", False),
        ({"Host": "[::1]:8501"}, "::1", True),
        ({"Host": "localhost:8501"}, "192.168.1.7", False),
        ({"Host": "192.168.1.2:8501"}, None, False),
        ({"Host": "evil.example"}, None, False),
        ({"Host": "localhost.evil.example"}, None, False),
        ({"Host": "localhost", "X-Forwarded-For": "203.0.113.7"}, None, False),
        ({"Host": "localhost", "Forwarded": "for=203.0.113.7"}, None, False),
        ({"Host": "localhost"}, "not an address", False),
    ],
)
def test_only_a_browser_on_this_machine_is_here(
    monkeypatch: pytest.MonkeyPatch, headers: dict[str, str], address: str | None, here: bool
) -> None:
    monkeypatch.setattr(st, "context", SimpleNamespace(headers=headers, ip_address=address))
    assert tab.on_this_machine() is here
