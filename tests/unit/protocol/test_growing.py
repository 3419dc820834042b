"""The parts of an answer that is being written only grow, wherever the marks of its reasoning are cut."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend.protocol.wire import parts
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
    known = parts(Message("assistant"), ended=False)
    for end in (*range(seam, len(content) + 1), None):
        message = Message("assistant", content[:end], reasoning=reasoning, continued_at=(seam,))
        now = parts(message, ended=end is None)
        if now.turned and not known.turned:
            # The text was a thought of which only the closing mark came. It has moved, and nothing of it is lost.
            assert now.reasoning.startswith(known.reasoning) and not reasoning
            assert letters(known[:2]) <= letters(now[:2])
        else:
            assert all(part.startswith(before) for part, before in zip(now[:2], known[:2], strict=True)), (
                known,
                now,
            )
            assert now.turned >= known.turned
        known = now


def letters(both: tuple[str, str]) -> Counter[str]:
    return Counter("".join(_MARK.sub("", "\n".join(both)).split()))


@given(CONTENT, st.sampled_from(["", "Reasoned apart."]))
@example("\n<think>why</think>Hello", "")
@example("<think>a < b</think>x", "")
@example("<think><</think>", "")
@example("why\n</think>\n\nHello", "")
@example("</think>\n\nHello", "")
@example("<think>a</think>Hm.\n<think>b</think> So.<think>c", "")
@example("<think>a<think>b</think>c</think>d</think>", "")
@example("<think>a<think>b</think>c\n<think>d</think>e</think>", "")
def test_no_part_ever_loses_what_it_had(content: str, reasoning: str) -> None:
    check(content, reasoning)


@given(CONTENT, CONTENT)
@example("<think>a</think>The capital of Nor", "<think>b</think>way is Oslo.")
@example("why</think>The capital of Nor", "\n \nway")
def test_no_part_of_a_continued_answer_ever_loses_what_it_had(before: str, after: str) -> None:
    check(before + after, seam=len(before))


@pytest.mark.parametrize(
    ("came", "shown"),
    [
        ("Okay, the user", ("", "Okay, the user", False)),
        ("Okay.\n</thi", ("", "Okay.\n", False)),
        ("Okay.\n</think>", ("Okay.", "", True)),
        ("Okay.\n</think>\n\nFour", ("Okay.", "Four", True)),
        ("a</think>b</think>c", ("a", "b</think>c", True)),
        ("a[/THINK]b", ("a", "b", True)),
        ("It ends with `</think>", ("", "It ends with `", False)),
        ("```\nHm.\n</think>\n", ("", "```\nHm.\n</think>\n", False)),
        ('It ends with "</think>', ("", 'It ends with "', False)),
        ('It ends with "</think>".', ("", 'It ends with "</think>".', False)),
        ("Hm. It says '</think>Four", ("Hm. It says '", "Four", True)),
        ("See <think>", ("", "See <think>", False)),
    ],
)
def test_a_text_becomes_a_thought_as_soon_as_its_mark_is_there(came: str, shown: tuple[str, str, bool]) -> None:
    assert parts(Message("assistant", came), ended=False) == shown


@given(st.lists(PIECES, max_size=30).map("".join))
def test_marks_of_channels_never_take_the_text_away(content: str) -> None:
    check("<|channel|>analysis<|message|>" + content)
