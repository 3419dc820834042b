"""What a model thought is told from what it says, whichever way it marks it."""

from __future__ import annotations

import pytest

from backend.protocol.accumulator import Accumulator
from backend.protocol.wire import parts as growing
from backend.protocol.wire import thinking
from backend.protocol.wire.marks import THOUGHTS
from backend.types import Event, Message, ReasoningDelta, ReasoningDetail, TextDelta


def parts(content: str, *continued_at: int) -> tuple[str, str]:
    return thinking(Message("assistant", content, continued_at=continued_at))


@pytest.mark.parametrize(
    ("opening", "closing"), [(marks.opening[0], marks.closing[0]) for marks in THOUGHTS], ids=lambda mark: mark
)
def test_every_known_spelling_is_reasoning_also_when_only_its_end_is_there(opening: str, closing: str) -> None:
    assert parts(f"{opening}\nHm.\n{closing}\n\nFour.") == ("Hm.", "Four.")
    assert parts(f"\nHm.\n{closing}\n\nFour.") == ("Hm.", "Four.")
    assert parts(f"{closing}\n\nFour.") == ("", "Four.")
    assert parts(f"{opening}Hm") == ("Hm", "")
    assert parts(f"Write `{opening}` and `{closing}`.") == ("", f"Write `{opening}` and `{closing}`.")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("<think>\nHm.\n</think>", "Hm.\n"),
        ("<think>Hm.", "Hm."),
        ("Hm.</think>\n\n", "Hm."),
        ("Is it <b> or `<think>`?", "Is it <b> or `<think>`?"),
        ("<think>", ""),
    ],
)
def test_marks_that_a_server_leaves_around_a_thought_are_not_shown(given: str, shown: str) -> None:
    assert thinking(Message("assistant", "Four.", reasoning=given)) == (shown, "Four.")
    before = ""
    for end in range(1, len(given) + 1):
        now = growing(Message("assistant", reasoning=given[:end]), ended=False).reasoning
        assert now.startswith(before), "nothing that was shown is taken back"
        before = now
    assert shown.startswith(before)


@pytest.mark.parametrize(
    "answer",
    [
        "`<think>` is a tag that opens a thought, `</think>` closes it.",
        "It ends with `</think>`.",
        "It ends with '</think>' or “</think>”.",
        "```\nHm.\n</think>\n```\nThat is how it ends.",
        "See:\n```\n</think>\n```",
        "Hello <think>not at the start</think>",
        "Hello <think>not at the start</think> and </think> again",
        "analysis is a word of its own.",
        "<html> is a tag",
        "[1, 2]",
        "",
    ],
)
def test_an_answer_that_speaks_of_marks_is_an_answer(answer: str) -> None:
    assert parts(answer) == ("", answer)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<Think>Okay.</think>Yes.", ("Okay.", "Yes.")),
        ("<THINK>Okay.</THINK>Yes.", ("Okay.", "Yes.")),
        ("Okay, the user asks.\n</think>\n\nThe answer is 4.", ("Okay, the user asks.", "The answer is 4.")),
        ("Is it `x`?</think>Yes.", ("Is it `x`?", "Yes.")),
        ("It says `</think>`. Done.\n</think>\nYes.", ("It says `</think>`. Done.", "Yes.")),
        ("<think>a</think>b</think>c", ("a", "b</think>c")),
        ("<|channel>thought\na<channel|>b", ("a", "b")),
        ("<|channel>\na\n<channel|>\nb", ("a", "b")),
        ("<|channel>thought\n<channel|>b", ("", "b")),
        ("<|begin_of_thought|>a<|end_of_thought|>\n<|begin_of_solution|>\nb\n<|end_of_solution|>", ("a", "b")),
        ("<|START_THINKING|>a<|END_THINKING|><|START_RESPONSE|>b<|END_RESPONSE|>", ("a", "b")),
        ("analysisThe user greets.assistantfinalHello!", ("The user greets.", "Hello!")),
    ],
)
def test_a_thought_ends_where_its_mark_is(content: str, expected: tuple[str, str]) -> None:
    assert parts(content) == expected


def test_where_the_server_takes_the_reasoning_out_a_mark_in_the_text_is_text() -> None:
    message = Message("assistant", "It ends with </think> there.", reasoning="Hm.")
    assert thinking(message) == ("Hm.", "It ends with </think> there.")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<think>a</think>\n<think>b</think>\n\nYes.", ("a\n\nb", "Yes.")),
        ("<think>\n</think>\n<think>b</think>Yes.", ("b", "Yes.")),
        ("<think>a</think>Working.\n<think>b</think>\nYes.", ("a\n\nb", "Working.\n\nYes.")),
        ("<think>a</think>Working.<think>b</think>", ("a\n\nb", "Working.")),
        ("<think>a</think>Working.\n<think>b", ("a\n\nb", "Working.\n")),
        ("<think>a</think>Tags like <think> and </think>.", ("a", "Tags like <think> and </think>.")),
        ("<think>a</think>See:\n```\n<think>b</think>\n```", ("a", "See:\n```\n<think>b</think>\n```")),
        ("<think>\n<think>a</think>Yes.", ("a", "Yes.")),
        ("<think>a <think>b</think> c</think>Yes.", ("a <think>b</think> c", "Yes.")),
        ("<think>No <think> tags here.</think>Yes.", ("No <think> tags here.", "Yes.")),
        ("<think>a <think>b</think> c", ("a <think>b", "c")),
    ],
)
def test_a_model_that_marks_its_thoughts_may_think_again_or_inside(content: str, expected: tuple[str, str]) -> None:
    assert parts(content) == expected


HARMONY = "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Four.<|return|>"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (HARMONY, ("Hm.", "Four.")),
        (f"<|start|>assistant{HARMONY}", ("Hm.", "Four.")),
        ("<|channel|>final<|message|>Four.", ("", "Four.")),
        ("<|channel|>analysis<|message|>Hm", ("Hm", "")),
        ("<|channel|>analysis<|message|>Hm.<|end|>", ("Hm.", "")),
        ("<|channel|>analysis<|message|>a<|channel|>final<|message|>b", ("a", "b")),
        ("<|channel|>commentary<|message|>I look.<|end|><|channel|>final<|message|>b", ("", "I look.\n\nb")),
        (
            '<|channel|>commentary to=functions.f <|constrain|>json<|message|>{"a":1}<|call|>',
            ('{"a":1}', ""),
        ),
        ("<|channel|>analysis", ("", "")),
    ],
)
def test_channels_of_gpt_oss_are_told_apart(content: str, expected: tuple[str, str]) -> None:
    assert parts(content) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            "<think>a</think>The capital of Nor",
            "<think>b</think>way is Oslo.",
            ("a\n\nb", "The capital of Norway is Oslo."),
        ),
        ("The capital of Nor", "<think>b</think>\n\nway is Oslo.", ("b", "The capital of Norway is Oslo.")),
        ("<think>a</think>The capital", "<think>b</think> is Oslo.", ("a\n\nb", "The capital is Oslo.")),
        ("<think>a</think>The capital", " is Oslo.", ("a", "The capital is Oslo.")),
        ("a\n</think>\n\nThe capital", "b</think>\n is Oslo.", ("a\n\nb", "The capital is Oslo.")),
        ("<think>a</think>It says ", "`<think>`.", ("a", "It says `<think>`.")),
        ("<think>a</think>The capital", "<think>b", ("a\n\nb", "The capital")),
    ],
)
def test_an_answer_that_is_continued_thinks_again(before: str, after: str, expected: tuple[str, str]) -> None:
    assert parts(before + after, len(before)) == expected


DETAILS = (
    {"type": "reasoning.text", "text": "my ", "index": 0},
    {"type": "reasoning.summary", "summary": "thought"},
)
SAID = TextDelta(" more")
DETAIL = ReasoningDetail({"type": "reasoning.text", "text": "again", "index": 0})


@pytest.mark.parametrize(
    ("before", "events", "expected"),
    [
        (Message("assistant", "half", reasoning_details=DETAILS), [], ("my thought", "half")),
        (Message("assistant", "half", reasoning_details=DETAILS), [SAID], ("my thought", "half more")),
        (
            Message("assistant", "half", reasoning_details=DETAILS),
            [DETAIL, SAID],
            ("my thought\n\nagain", "half more"),
        ),
        (
            Message("assistant", "half", reasoning_details=DETAILS),
            [DETAIL, ReasoningDelta("again"), SAID],
            ("my thought\n\nagain", "half more"),
        ),
        (Message("assistant", "half", reasoning="old"), [DETAIL, SAID], ("old\n\nagain", "half more")),
        (Message("assistant", "half", reasoning="old", reasoning_details=DETAILS), [SAID], ("old", "half more")),
        (Message("assistant", "<think>a</think>half", reasoning_details=DETAILS), [SAID], ("a", "half more")),
        (Message("assistant", "half", reasoning_details=({"data": "encrypted"},)), [DETAIL], ("again", "half")),
    ],
)
def test_a_continued_answer_keeps_its_thoughts_however_they_came(
    before: Message, events: list[Event], expected: tuple[str, str]
) -> None:
    draft = Accumulator("m", before)
    for event in events:
        draft.apply(event)
    assert thinking(draft.message()) == expected
    assert thinking(Accumulator("m", draft.message()).message()) == expected
