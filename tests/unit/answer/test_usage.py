"""Tokens as servers report them, in every way they count; what cannot be believed reads as not reported."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.answer import cost
from backend.answer.cost import Price
from backend.answer.usage import reported
from backend.protocol import wire
from backend.types import ChatRequest, Message, Usage, UsageReported

PRICE = Price(1.0, 10.0, {"cached": 0.1, "cache write": 1.25, "audio in": 40.0, "audio out": 80.0})
REQUEST = ChatRequest("m", (Message("user", "Name a colour of the sea."),))


def usage(**fields: Any) -> Usage:
    """Usage as it is read from a chunk."""
    (event,) = [event for event in wire.events({"usage": fields}) if isinstance(event, UsageReported)]
    return event.usage


def details(side: str, **counts: int) -> dict[str, Any]:
    return {f"{side}_tokens_details": counts}


@pytest.mark.parametrize(
    ("fields", "into", "out"),
    [
        ({"prompt_tokens": 20, "completion_tokens": 7}, 20, 7),
        ({"input_tokens": 20, "output_tokens": 7}, 20, 7),
        # Reasoning in the count, beside it, and in the total only (OpenAI, AI/ML API's gateway, Google).
        (
            dict(
                prompt_tokens=20,
                completion_tokens=100,
                total_tokens=120,
                **details("completion", reasoning_tokens=80),
            ),
            20,
            100,
        ),
        (
            dict(
                prompt_tokens=10_000,
                completion_tokens=100,
                total_tokens=18_100,
                **details("completion", reasoning_tokens=8_000),
            ),
            10_000,
            8_100,
        ),
        (
            dict(
                prompt_tokens=5,
                completion_tokens=100,
                total_tokens=185,
                **details("completion", reasoning_tokens=80),
            ),
            5,
            180,
        ),
        (dict(prompt_tokens=5, completion_tokens=10, **details("completion", reasoning_tokens=80)), 5, 90),
        ({"prompt_tokens": 12, "completion_tokens": 17, "total_tokens": 1029}, 12, 1017),
        # Anthropic counts its cache apart, LiteLLM and OpenRouter count it in.
        (
            {
                "input_tokens": 3,
                "output_tokens": 7,
                "cache_read_input_tokens": 1000,
                "cache_creation_input_tokens": 50,
            },
            1053,
            7,
        ),
        ({"prompt_tokens": 1053, "completion_tokens": 7, "cache_read_input_tokens": 1000}, 1053, 7),
        ({"prompt_tokens": 3, "completion_tokens": 7, "cache_read_input_tokens": 1000}, 1003, 7),
        # Nothing, and what is no number of tokens.
        ({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}, None, None),
        ({"prompt_tokens": 0, "completion_tokens": 363, "total_tokens": 363}, None, 363),
        ({"prompt_tokens": -5, "completion_tokens": float("nan"), "total_tokens": 1e300}, None, None),
        ({"prompt_tokens": "20", "completion_tokens": "7"}, 20, 7),
        ({"prompt_tokens": [], "completion_tokens": {}, "prompt_tokens_details": 7}, None, None),
    ],
)
def test_tokens_are_read_however_a_server_counts_them(fields: dict[str, Any], into: object, out: object) -> None:
    said = reported(usage(**fields))
    assert (said.into, said.out) == (into, out)


@pytest.mark.parametrize(
    ("fields", "usd"),
    [
        ({"prompt_tokens": 1000, "completion_tokens": 10}, 1000 * 1 + 10 * 10),
        (dict(prompt_tokens=1000, completion_tokens=10, **details("prompt", cached_tokens=900)), 100 + 90 + 100),
        ({"prompt_tokens": 1000, "completion_tokens": 10, "prompt_cache_hit_tokens": 900}, 100 + 90 + 100),
        ({"prompt_tokens": 1000, "completion_tokens": 10, "cached_tokens": 900}, 100 + 90 + 100),  # Moonshot
        (  # LiteLLM before Anthropic, streamed
            dict(
                prompt_tokens=1000,
                completion_tokens=10,
                cache_read_input_tokens=900,
                **details("prompt", cached_tokens=0),
            ),
            100 + 90 + 100,
        ),
        (
            {
                "input_tokens": 10,
                "output_tokens": 10,
                "cache_read_input_tokens": 900,
                "cache_creation_input_tokens": 100,
            },
            10 + 90 + 125 + 100,
        ),
        (dict(prompt_tokens=100, completion_tokens=10, **details("prompt", audio_tokens=90)), 10 + 3600 + 100),
        (dict(prompt_tokens=100, completion_tokens=10, **details("completion", audio_tokens=9)), 100 + 720 + 10),
    ],
)
def test_each_token_has_the_price_of_its_kind(fields: dict[str, Any], usd: float) -> None:
    answer = Message("assistant", "Blue.", usage=usage(**fields))
    assert cost.estimate(PRICE, REQUEST, answer) == pytest.approx(usd / 1e6)


def test_a_token_without_a_price_of_its_own_costs_what_text_costs() -> None:
    plain = Price(1.0, 10.0)
    assert [plain.of(kind) for kind in ("cached", "audio in", "audio out")] == [1.0, 1.0, 10.0]
    assert plain.of("cache write") == 1.25, "Anthropic's writing costs more than reading"


def test_a_prompt_and_an_answer_of_nothing_are_counted() -> None:
    answer = Message("assistant", "x" * 4_000, usage=usage(prompt_tokens=0, completion_tokens=0, total_tokens=0))
    assert cost.counted(answer) == (cost.tokens_out(answer), False)
    assert cost.estimate(PRICE, REQUEST, answer) == pytest.approx(
        (cost.tokens_in(REQUEST.messages) + cost.tokens_out(answer) * 10) / 1e6
    )


def test_reasoning_that_is_counted_apart_is_of_the_answer() -> None:
    answer = Message(
        "assistant",
        "Blue.",
        usage=usage(
            prompt_tokens=10_000,
            completion_tokens=100,
            total_tokens=18_100,
            completion_tokens_details={"reasoning_tokens": 8_000},
        ),
    )
    assert cost.counted(answer) == (8_100, True)


COUNTS = st.none() | st.integers(-(10**15), 10**15) | st.floats() | st.text(max_size=4) | st.booleans()
NAMES = st.sampled_from(
    ["prompt_tokens", "completion_tokens", "total_tokens", "cache_read_input_tokens", "input_tokens", "cost"]
)


@given(st.dictionaries(NAMES, COUNTS), st.dictionaries(st.sampled_from(["cached_tokens", "audio_tokens"]), COUNTS))
def test_no_token_is_counted_twice_or_below_zero(fields: dict[str, Any], prompt: dict[str, Any]) -> None:
    said = reported(usage(x=1, **fields, prompt_tokens_details=prompt))
    split = said.by_price(said.into or 0, said.out or 0)
    assert all(count >= 0 for count in split.values())
    assert sum(split.values()) == (said.into or 0) + (said.out or 0)
