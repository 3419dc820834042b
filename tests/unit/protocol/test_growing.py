"""The parts of an answer that is being written only grow, wherever the marks of its reasoning are cut."""

from __future__ import annotations

import re
from collections import Counter

from hypothesis import example, given
from hypothesis import strategies as st

from backend.protocol.wire import growing, thinking
from backend.protocol.wire.marks import ANSWERS, CLOSINGS, OPENINGS
from backend.types import Message

MARKS = [*OPENINGS, *CLOSINGS, *(mark for pair in ANSWERS for mark in pair)]
CHANNELS = ["<|start|>", "assistant", "<|channel|>", "analysis", "final", "commentary", " to=f", "<|message|>"]
PIECES = st.sampled_from(
    [*MARKS, *CHANNELS, "<|end|>", "<|call|>", "<", "</", "<|", "[", "think", ">", " ", "\n", "why", "`", "<b>"]
)
_MARK = re.compile("|".join(map(re.escape, [*MARKS, "assistantfinal", "analysis"])))
CONTENT = st.lists(PIECES, max_size=12).map("".join)


def check(content: str, reasoning: str = "", seam: int = 0) -> None:
    known, message = ("", ""), Message("assistant", content, reasoning=reasoning, continued_at=(seam,))
    for end in range(seam, len(content) + 1):
        parts = growing(Message("assistant", content[:end], reasoning=reasoning, continued_at=(seam,)))
        assert all(part.startswith(before) for part, before in zip(parts, known, strict=True)), (known, parts)
        known = parts
    whole = thinking(message)
    if not all(part.startswith(before) for part, before in zip(whole, known, strict=True)):
        # The text was a thought of which only the closing mark came. It has moved, and nothing of it is lost.
        assert not reasoning
        assert whole[0]
        assert letters(known) <= letters(whole)


def letters(parts: tuple[str, str]) -> Counter[str]:
    return Counter("".join(_MARK.sub("", "\n".join(parts)).split()))


@given(CONTENT, st.sampled_from(["", "Reasoned apart."]))
@example("\n<think>why</think>Hello", "")
@example("<think>a < b</think>x", "")
@example("<think><</think>", "")
@example("why\n</think>\n\nHello", "")
@example("</think>\n\nHello", "")
def test_no_part_ever_loses_what_it_had(content: str, reasoning: str) -> None:
    check(content, reasoning)


@given(CONTENT, CONTENT)
@example("<think>a</think>The capital of Nor", "<think>b</think>way is Oslo.")
@example("why</think>The capital of Nor", "\n \nway")
def test_no_part_of_a_continued_answer_ever_loses_what_it_had(before: str, after: str) -> None:
    check(before + after, seam=len(before))


@given(st.lists(PIECES, max_size=30).map("".join))
def test_marks_of_channels_never_take_the_text_away(content: str) -> None:
    check("<|channel|>analysis<|message|>" + content)
