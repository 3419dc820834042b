"""What the fields of a request become in the formats of `/messages` and `/responses`."""

from __future__ import annotations

from typing import Any

import pytest

from backend.protocol import dialects, wire
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
