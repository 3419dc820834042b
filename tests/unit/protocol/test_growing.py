"""The parts of an answer that is being written only grow, wherever the marks of its reasoning are cut."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from backend.protocol.wire import growing, thinking
from backend.types import Message

PIECES = st.sampled_from(
    ["<think>", "</think>", "<thinking>", "</thinking>", "<", "</", "think", ">", " ", "\n", "why", "Hello", "<b>"]
)


@given(st.lists(PIECES, max_size=12).map("".join), st.sampled_from(["", "Reasoned apart."]))
@example("\n<think>why</think>Hello", "")
@example("<think>a < b</think>x", "")
def test_no_part_ever_loses_what_it_had(content: str, reasoning: str) -> None:
    known = ("", "")
    for end in range(len(content) + 1):
        parts = growing(Message("assistant", content[:end], reasoning=reasoning))
        assert all(part.startswith(before) for part, before in zip(parts, known, strict=True)), (known, parts)
        known = parts
    whole = thinking(Message("assistant", content, reasoning=reasoning))
    assert all(part.startswith(before) for part, before in zip(whole, known, strict=True))
