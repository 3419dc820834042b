"""What is pasted for a key or an address is taken without what came along with it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.keys import pasted
from backend.keys.endpoint import Endpoint

BASE = "https://x.example/v1"


@pytest.mark.parametrize(
    "text",
    [
        "sk-1",
        "  sk-1\n",
        "Bearer sk-1",
        "bearer  sk-1",
        "Authorization: Bearer sk-1",
        '-H "Authorization: Bearer sk-1"',
        "api-key: sk-1",
        "x-api-key: sk-1",
        '"sk-1"',
        "'sk-1'",
        "“sk-1”",
        "`sk-1`",
        "<sk-1>",
        '"sk-1',
        'sk-1"',
        "'Bearer sk-1'",
        'Bearer "sk-1"',
        "NAME=sk-1",
        "AIMLAPI_API_KEY=sk-1",
        "AIMLAPI_API_KEY = sk-1",
        "openai_api_key=sk-1",
        'AIMLAPI_API_KEY="sk-1"',
        "AIMLAPI_API_KEY='Bearer sk-1'",
        "export NAME=sk-1",
        'export AIMLAPI_API_KEY="sk-1";',
        "set AIMLAPI_API_KEY=sk-1",
        '$env:AIMLAPI_API_KEY = "sk-1"',
        "AIMLAPI_API_KEY: sk-1",
        '"AIMLAPI_API_KEY": "sk-1",',
        "\ufeffsk-1",
        "\u200bsk\u200d-1\u2060",
        "sk-1\u00a0",
        "\u202ask-1\u202c",
        "sk-\n1",
        "# my keys\nPORT=1\n"[:0] + "AIMLAPI_API_KEY=sk-1\n\n",
        "\tsk-1\r\n",
    ],
)
def test_a_key_is_taken_out_of_what_was_pasted(text: str) -> None:
    assert pasted.key(text) == "sk-1"


@pytest.mark.parametrize(
    "text",
    [
        "abc==",
        "ABC=",
        "ABC==",
        "id:secret",
        "a1b2:c3d4",
        "sk-or-v1-aa=bb",
        "sk_live=x",
        "lm-studio",
        "key",
        "A=",
        "",
        "sk-1 sk-2",
    ],
)
def test_a_key_with_odd_letters_stays_as_it_is(text: str) -> None:
    assert pasted.key(text) == text


@pytest.mark.parametrize(
    ("text", "address"),
    [
        *[
            (text, BASE)
            for text in (
                BASE,
                f"{BASE}/",
                f" {BASE}// \n",
                f"{BASE}/chat/completions",
                f"{BASE}/chat/completions/",
                f"{BASE}//chat/completions",
                f"{BASE}/Chat/Completions",
                f"{BASE}/completions",
                f"{BASE}/models",
                f"{BASE}/models/",
                f"{BASE}#frag",
                f"{BASE}?",
                "x.example/v1",
                "x.example/v1/chat/completions",
                f'"{BASE}"',
                f"<{BASE}>",
                f"OPENAI_BASE_URL={BASE}/",
                f'export AIMLAPI_BASE_URL="{BASE}"',
                f"base_url: {BASE}",
                f"\ufeff{BASE}\u200b",
                "https://x.\u200bexample/v1",
            )
        ],
        (f"{BASE}?api-version=2024-10-21", f"{BASE}?api-version=2024-10-21"),
        (f"{BASE}/chat/completions?api-version=1", f"{BASE}?api-version=1"),
        (f"{BASE}/models/?api-version=1&x=2", f"{BASE}?api-version=1&x=2"),
        (
            "https://r.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-06-01",
            "https://r.openai.azure.com/openai/deployments/gpt-4o?api-version=2024-06-01",
        ),
        (
            "https://r.services.ai.azure.com/models/chat/completions?api-version=2024-05-01-preview",
            "https://r.services.ai.azure.com/models?api-version=2024-05-01-preview",
        ),
        ("https://r.services.ai.azure.com/models/", "https://r.services.ai.azure.com/models"),
        ("localhost:11434/v1", "http://localhost:11434/v1"),
        ("127.0.0.1:8123/v1/models", "http://127.0.0.1:8123/v1"),
        ("192.168.1.5:1234/v1", "http://192.168.1.5:1234/v1"),
        ("gpu-box:8000/v1", "http://gpu-box:8000/v1"),
        ("studio.local:1234", "http://studio.local:1234"),
        ("[::1]:8080/v1", "http://[::1]:8080/v1"),
        ("HTTPS://x.example/models", "https://x.example"),
        *[
            (f"{scheme}x.example/v1", BASE)
            for scheme in ("https:", "https:/", "https//", "https：//", "https://https://")
        ],
        ("http:8000/v1", "http://http:8000/v1"),
        ("2001:db8::1", "http://[2001:db8::1]"),
        ("0.0.0.0:8000/v1", "http://0.0.0.0:8000/v1"),
        ("172.17.0.1:8000", "http://172.17.0.1:8000"),
        ("host.docker.internal:11434", "http://host.docker.internal:11434"),
        ("nas.lan:1234/v1", "http://nas.lan:1234/v1"),
        ("https:///v1", "https:///v1"),
        ("https://models.example/inference", "https://models.example/inference"),
        ("https://x.example/my-models", "https://x.example/my-models"),
        *[(text, text) for text in ("nonsense", "http://", "://", "http://[", "ftp://x/y", "")],
    ],
)
def test_an_address_is_taken_without_what_this_app_adds(text: str, address: str) -> None:
    assert pasted.address(text) == address


@given(st.text())
def test_cleaning_a_pasted_key_twice_changes_nothing_more(text: str) -> None:
    for take in (pasted.key, pasted.name):
        assert take(take(text)) == take(text)
        assert take(text) == take(text).strip()
    pasted.address(text)


def test_a_query_stays_behind_the_paths_that_are_added() -> None:
    endpoint = Endpoint(f"{BASE}?api-version=1")
    assert endpoint.url("chat/completions") == f"{BASE}/chat/completions?api-version=1"
    assert endpoint.url("models?include=pricing") == f"{BASE}/models?include=pricing&api-version=1"
    assert endpoint.origin == "https://x.example"
