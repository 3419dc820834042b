"""What the fields of a request become in the formats of `/messages` and `/responses`."""

from __future__ import annotations

from typing import Any

import pytest

from backend.protocol import dialects, wire
from backend.protocol.learned import Learned
from backend.types import ChatRequest, Message

ANTHROPIC = "https://api.anthropic.com/v1"
HI = Message("user", "Hi")


def sent(base_url: str, *messages: Message, model: str = "m", **fields: Any) -> dict[str, Any]:
    request = ChatRequest(model, messages or (HI,), dialect=dialects.choose(model, base_url), **fields)
    return dict(wire.payload(request))


@pytest.mark.parametrize("base_url", [ANTHROPIC, "https://x.example/v1/messages", "http://127.0.0.1:1/v1/messages"])
def test_the_messages_format_has_its_longest_answer_on_every_host(base_url: str) -> None:
    assert sent(base_url)["max_tokens"] == 4096
    assert sent(base_url, parameters={"max_completion_tokens": 7})["max_tokens"] == 7


@pytest.mark.parametrize("field", ["parameters", "extra"])
@pytest.mark.parametrize(("budget", "longest"), [(1024, 4096), (4095, 4096), (4096, 8192), (8000, 12096)])
def test_an_answer_has_room_beside_the_thoughts(field: str, budget: int, longest: int) -> None:
    thinking = {"thinking": {"type": "enabled", "budget_tokens": budget}}
    assert sent(ANTHROPIC, **{field: thinking})["max_tokens"] == longest


def test_a_longest_answer_that_was_set_stays_as_it_is() -> None:
    thinking = {"type": "enabled", "budget_tokens": 8000}
    assert sent(ANTHROPIC, parameters={"thinking": thinking, "max_tokens": 9000})["max_tokens"] == 9000
    assert sent(ANTHROPIC, parameters={"thinking": thinking}, extra={"max_tokens": 9})["max_tokens"] == 9


@pytest.mark.parametrize("base_url", [ANTHROPIC, "https://openrouter.ai/api/v1"])
def test_a_mark_for_the_cache_in_the_extra_json_goes_into_the_messages(base_url: str) -> None:
    mark = {"type": "ephemeral"}
    body = sent(base_url, extra={"cache_control": mark})
    assert "cache_control" not in body
    assert body["messages"] == [
        {"role": "user", "content": [{"type": "text", "text": "Hi", "cache_control": mark}]},
    ]


OPENAI = "https://api.openai.com/v1/responses"


@pytest.mark.parametrize(
    ("model", "thinks"),
    [
        *((name, True) for name in ("o3-pro", "o4-mini", "gpt-5", "gpt-5-pro", "gpt-5.1", "gpt-5.1-codex-max")),
        *((name, True) for name in ("gpt-5-codex", "gpt-5-2025-08-07", "codex-mini-latest")),
        *((name, False) for name in ("gpt-4o", "gpt-4.1", "gpt-5-chat-latest", "gpt-5.1-chat-latest")),
    ],
)
def test_thoughts_that_openai_does_not_keep_are_asked_for_to_go_back(model: str, thinks: bool) -> None:
    body = sent(OPENAI, model=model)
    assert body["store"] is False
    assert body.get("include") == (["reasoning.encrypted_content"] if thinks else None)
    assert sent(OPENAI, model=model, extra={"include": []})["include"] == []
    assert "include" not in sent("https://x.example/v1/responses", model=model)


def test_probabilities_are_asked_for_by_the_name_that_responses_have_for_them() -> None:
    asked = {"logprobs": True, "top_logprobs": 3}
    body = sent(OPENAI, model="gpt-4.1", parameters=asked)
    assert (body["include"], body["top_logprobs"]) == (["message.output_text.logprobs"], 3)
    assert "logprobs" not in body
    both = ["reasoning.encrypted_content", "message.output_text.logprobs"]
    assert sent(OPENAI, model="gpt-5.1", parameters=asked)["include"] == both
    refused = Learned(frozenset({"logprobs", "top_logprobs"})).apply(body)
    assert (refused["include"], "top_logprobs" in refused) == ([], False)
    assert set(asked) <= set(dialects.choose("m", ANTHROPIC).without)
    assert not set(asked) & set(dialects.choose("m", OPENAI).without)
