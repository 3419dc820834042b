"""What a request takes: estimated before it leaves, and counted when it has ended."""

from __future__ import annotations

import pytest
from basics import ask
from hypothesis import given
from hypothesis import strategies as st

from backend.answer.cost import Price
from backend.guests.meter import Meter
from backend.guests.token_bounds import prompt_tokens
from backend.types import (
    ChatRequest,
    Event,
    Media,
    Message,
    ResponseStarted,
    Retrying,
    TextDelta,
    Usage,
    UsageReported,
)

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["messages", "tools", "max_tokens", "n", "model", "system"]), _JSON))
def test_any_body_has_an_estimate(raw: dict[str, object]) -> None:
    worst = Meter(ChatRequest("m", (), raw=raw), Price(1.0, 1.0)).worst  # type: ignore[arg-type]
    assert worst.messages == 1 and worst.tokens >= 0 and worst.micros >= 0


def test_a_prompt_is_rather_over_than_underestimated() -> None:
    text = "The quick brown fox jumps over the lazy dog. " * 20
    assert 200 <= prompt_tokens({"messages": [{"role": "user", "content": text}]}) <= 400
    picture = Media("image", "data:image/png;base64," + "A" * 500_000)
    tally = Meter(ChatRequest("m", (Message("user", "Hi", media=(picture,)),)), Price())
    assert 1_600 <= tally.worst.tokens < 1_700
    fake = {"role": "user", "content": "data:image/" + "x" * 30_000}
    assert prompt_tokens({"messages": [fake]}) > 10_000, "only a picture counts as one"


@pytest.mark.parametrize(
    "part",
    [
        {"type": "document", "source": {"type": "url", "url": "https://a.example/b.pdf"}},
        {"type": "file", "file": {"file_data": "https://a.example/b.pdf"}},
        {"type": "file", "file": {"file_id": "file-1"}},
        {"type": "input_file", "file_url": "http://a.example/b.pdf"},
    ],
)
def test_a_document_that_the_provider_fetches_counts_as_a_long_one(part: dict[str, object]) -> None:
    assert prompt_tokens({"messages": [{"role": "user", "content": [part]}]}) > 100_000  # type: ignore[dict-item, list-item]


@pytest.mark.parametrize(
    ("events_", "seconds", "tokens"),
    [
        ((ResponseStarted(200, {}, "id"),), 1.5, 0),
        ((ResponseStarted(200, {}, "id"),), 12.0, 1_000),
        ((), 12.0, 1_000),  # an answer in one piece
        ((), 3_600.0, 2_048),
        ((Retrying(10.0, 1, "busy"), ResponseStarted(200, {}, "id")), 13.0, 100),
        ((ResponseStarted(200, {}, "id"), TextDelta("x" * 300)), 12.0, 100),
        ((UsageReported(Usage(1, 7)),), 12.0, 7),
    ],
)
def test_unseen_thoughts_before_stop_are_paid_for(events_: tuple[Event, ...], seconds: float, tokens: int) -> None:
    now = [0.0]
    tally = Meter(ask(parameters={"max_tokens": 2_048}), Price(0.0, 1_000_000.0), lambda: now[0])
    for event in events_:
        tally.take(event)
    now[0] = seconds
    tally.note_stop()
    assert tally.amount.micros == tokens * 1_000_000
