"""A chunk like the one before is read by its words alone, and says what it would have said by itself."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from backend.protocol import wire
from backend.types import ReasoningDelta, TextDelta

WORDS = st.sampled_from(["a ", "b", "", None, ["c"], 1, True, {"text": "d"}])
DELTAS = st.fixed_dictionaries(
    {},
    optional={
        "content": WORDS,
        "reasoning": WORDS,
        "reasoning_content": WORDS,
        "refusal": st.sampled_from([None, "no"]),
        "signature": st.sampled_from(["", "s"]),
    },
)
CHOICES = st.fixed_dictionaries(
    {"delta": st.one_of(DELTAS, st.sampled_from(["text", None]))},
    optional={
        "index": st.sampled_from([0, 1, None]),
        "finish_reason": st.sampled_from([None, "stop"]),
        "message": st.just({"content": "a "}),
    },
)
CHUNKS = st.fixed_dictionaries(
    {"choices": st.one_of(st.lists(CHOICES, max_size=2), CHOICES)},
    optional={
        "id": st.sampled_from(["1", "2"]),
        "usage": st.sampled_from([None, {"total_tokens": 3}]),
        "citations": st.sampled_from([[], ["https://example.org"]]),
        "error": st.sampled_from([None, {"message": "It broke"}]),
    },
)


def said(content: str, **more: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"content": content}, **more}]}


@given(st.lists(CHUNKS, max_size=6))
@example([said("a "), said("b"), said("c", finish_reason="stop"), said("d")])
@example([{"choices": [{"delta": {name: "a "}}]} for name in ("content", "reasoning", "content", "thinking")])
def test_a_chunk_says_the_same_whatever_came_before(chunks: list[dict[str, Any]]) -> None:
    familiar = wire.Familiar()
    for chunk in chunks:
        alone = list(wire.events(chunk))
        known = familiar.event(chunk)
        assert known is None or [known] == alone
        familiar.learn(chunk, alone)


def test_the_second_token_of_an_answer_is_known_by_the_first() -> None:
    familiar = wire.Familiar()
    familiar.learn({"id": "1", **said("one ")}, [TextDelta("one ")])
    assert familiar.event({"id": "2", "obfuscation": "xyz", **said("two")}) == TextDelta("two")
    assert familiar.event({"id": "2", "error": "It broke", **said("two")}) is None


def test_thoughts_are_known_by_their_home() -> None:
    familiar = wire.Familiar()
    chunk = {"choices": [{"delta": {"content": "", "reasoning": "one "}}]}
    familiar.learn(chunk, list(wire.events(chunk)))
    event = familiar.event({"choices": [{"delta": {"content": "", "reasoning": "two"}}]})
    assert isinstance(event, ReasoningDelta)
    assert (event.text, event.home) == ("two", "reasoning")
