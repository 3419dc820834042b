"""Where nothing is found at an address, the base URL that was most likely meant; nothing where nobody can tell."""

from __future__ import annotations

import pytest

from backend.keys.base_urls import instead_of

AZURE = "https://acme.openai.azure.com"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("https://api.openai.com", "https://api.openai.com/v1"),
        ("https://platform.openai.com/api-keys", "https://api.openai.com/v1"),
        ("https://www.chatgpt.com", "https://api.openai.com/v1"),
        ("https://aimlapi.com/app/keys", "https://api.aimlapi.com/v1"),
        ("https://openrouter.ai", "https://openrouter.ai/api/v1"),
        ("https://openrouter.ai/v1", "https://openrouter.ai/api/v1"),
        ("https://api.groq.com/v1", "https://api.groq.com/openai/v1"),
        (
            "https://generativelanguage.googleapis.com/v1beta",
            "https://generativelanguage.googleapis.com/v1beta/openai",
        ),
        ("https://api.fireworks.ai/v1", "https://api.fireworks.ai/inference/v1"),
        ("https://api.deepinfra.com/v1", "https://api.deepinfra.com/v1/openai"),
        ("https://api.cohere.com/v2", "https://api.cohere.ai/compatibility/v1"),
        ("https://api.perplexity.ai/v1", "https://api.perplexity.ai"),
        ("https://dashscope-intl.aliyuncs.com/api/v1", "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"),
        ("https://open.bigmodel.cn", "https://open.bigmodel.cn/api/paas/v4"),
        (AZURE, f"{AZURE}/openai/v1"),
        (f"{AZURE}/?api-version=preview", f"{AZURE}/openai/v1?api-version=preview"),
        ("http://localhost:11434", "http://localhost:11434/v1"),
        ("http://localhost:11434/api", "http://localhost:11434/v1"),
        ("http://192.168.1.4:11434/api/chat", "http://192.168.1.4:11434/v1"),
        ("http://localhost:1234/api/v0", "http://localhost:1234/v1"),
        ("https://llm.example.org/", "https://llm.example.org/v1"),
        ("https://llm.example.org?tenant=a", "https://llm.example.org/v1?tenant=a"),
        ("https://llm.example.org/v1/embeddings", "https://llm.example.org/v1"),
        ("https://llm.example.org/v1/responses", "https://llm.example.org/v1"),
    ],
)
def test_the_base_url_that_was_meant_is_known(typed: str, meant: str) -> None:
    assert instead_of(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "https://api.openai.com/v1",
        "https://api.perplexity.ai/",
        "https://openrouter.ai/api/v1",
        "https://api.cohere.com/compatibility/v1",
        "https://api.z.ai/api/coding/paas/v4",
        f"{AZURE}/openai/deployments/gpt-4o?api-version=2024-10-21",
        "https://llm.example.org/v1",
        "https://gateway.example.org/v1/acme/prod/openai",
    ],
)
def test_a_base_url_that_may_be_right_gets_no_suggestion(typed: str) -> None:
    assert instead_of(typed) == ""


@pytest.mark.parametrize(
    "typed", ["", "nonsense", "https://", "https://[", "https://openrouter.ai.evil.example/v1"]
)
def test_an_address_that_is_none_sends_nobody_elsewhere(typed: str) -> None:
    assert "openrouter.ai/api" not in instead_of(typed)
