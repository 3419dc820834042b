"""What changed between two requests and two answers: all of it, nothing else, and readable."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from basics import ask
from hypothesis import given
from hypothesis import strategies as st

from backend.answer.diff import CHANGES, LONG, Change, differences, text_differences
from backend.protocol import wire
from backend.types import ChatRequest, Message, Tool

TALK = tuple(Message("user" if place % 2 == 0 else "assistant", f"Message {place}.") for place in range(6))
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.sampled_from([0.0, 0.5, 1.0])
    | st.sampled_from(["", "a", "b"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=10,
)
texts = st.text(alphabet="ab c.\n日本ß\u0301👩", max_size=60)


def changed(before: Any, after: Any) -> list[tuple[str, str]]:
    found = differences(ask(extra={"x": before}), ask(extra={"x": after}))
    return [(change.kind, change.path) for change in found]


# ---- requests -------------------------------------------------------------------------------------------


def test_one_number_is_one_change() -> None:
    before, after = ask(parameters={"temperature": 0.2}), ask(parameters={"temperature": 1.0})
    assert differences(before, after) == [Change("changed", "temperature", 0.2, 1.0)]


def test_a_field_in_only_one_request_was_added_or_removed() -> None:
    tool = Tool("now", "The time", {})
    before, after = ask(parameters={"seed": 7}), ask(tools=(tool,))
    assert [(change.kind, change.path) for change in differences(before, after)] == [
        ("removed", "seed"),
        ("added", "tools"),
    ]


def test_a_message_is_found_by_its_place() -> None:
    after = (*TALK[:2], replace(TALK[2], content="Else."), *TALK[3:])
    found = differences(ChatRequest("m", TALK), ChatRequest("m", after))
    assert found == [Change("changed", "messages[2].content", "Message 2.", "Else.")]


def test_a_message_before_the_others_leaves_the_others_as_they_are() -> None:
    system = Message("system", "Be brief.")
    before, after = ChatRequest("m", TALK), ChatRequest("m", (system, *TALK))
    assert differences(before, after) == [
        Change("added", "messages[0]", None, {"role": "system", "content": "Be brief."})
    ]
    assert [(one.kind, one.path) for one in differences(after, before)] == [("removed", "messages[0]")]


def test_only_what_is_sent_is_compared() -> None:
    shown = tuple(replace(message, reasoning="Hm.", model="other", cost=1.0) for message in TALK)
    assert differences(ChatRequest("m", TALK), ChatRequest("m", shown)) == []


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        *(
            (before, after, [("changed", "x")])
            for before, after in ((1, True), (0, False), (None, 0), (None, False), ("1", 1), ([], {}))
        ),
        ({"a": None}, {}, [("removed", "x.a")]),
        ({"a": None}, {"a": 0}, [("changed", "x.a")]),
        ([1, {"a": 2}], [1.0, {"a": 2.0}], []),
        ({"a.b": 1, "": 1, 'q"': 1}, {}, [("removed", path) for path in ('x["a.b"]', 'x[""]', 'x["q\\""]')]),
    ],
    ids=str,
)
def test_a_value_of_another_type_is_a_change(before: Any, after: Any, changes: list[tuple[str, str]]) -> None:
    assert changed(before, after) == changes


def test_more_changes_than_anyone_reads_are_not_listed() -> None:
    assert len(changed(list(range(2_000)), [str(number) for number in range(2_000)])) == CHANGES


def test_long_lists_are_compared_by_place() -> None:
    before = list(range(20_000))
    assert changed(before, [-1, *before[1:-1], -2]) == [("changed", "x[0]"), ("changed", "x[19999]")]


def test_deeply_nested_values_are_compared_as_a_whole() -> None:
    def nested(leaf: int) -> Any:
        return json.loads("[" * 200 + str(leaf) + "]" * 200)

    ((kind, path),) = changed(nested(1), nested(2))
    assert kind == "changed" and path.startswith("x[0][0]")


@given(values, values)
def test_there_is_a_change_exactly_where_something_differs(before: Any, after: Any) -> None:
    same = json.dumps(exact(before), sort_keys=True) == json.dumps(exact(after), sort_keys=True)
    assert bool(changed(before, after)) == (not same)
    assert not changed(before, before)


@given(values, values)
def test_values_stand_where_the_path_says(before: Any, after: Any) -> None:
    old, new = ask(extra={"x": before}), ask(extra={"x": after})
    for change in differences(old, new):
        if change.kind != "added" and "[" not in change.path:  # places in lists move
            assert at(wire.payload(old), change.path) == change.before
        if change.kind != "removed":
            assert at(wire.payload(new), change.path) == change.after


def exact(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: exact(item) for name, item in value.items()}
    if isinstance(value, list):
        return [exact(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def at(value: Any, path: str) -> Any:
    for step in path.replace("[", ".").replace("]", "").split("."):
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value


# ---- texts ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "segments"),
    [
        (
            "The sky is blue today.",
            "The sea is grey-blue today.",
            ["  The ", "- sky", "+ sea", "   is ", "+ grey-", "  blue today."],
        ),
        ("one two three", "four five six", ["- one two three", "+ four five six"]),  # spaces alone hold nothing
        ("今日は晴れです", "今日は雨です", ["  今日は", "- 晴れ", "+ 雨", "  です"]),
    ],
    ids=["words", "spaces", "a script without spaces"],
)
def test_texts_are_compared_by_words_or_else_by_characters(before: str, after: str, segments: list[str]) -> None:
    signs = {"same": "  ", "removed": "- ", "added": "+ "}
    assert [signs[kind] + text for kind, text in text_differences(before, after)] == segments


@pytest.mark.parametrize(
    ("before", "after", "kinds"), [("", "", []), ("a", "a", ["same"]), ("a", "", ["removed"]), ("", "a", ["added"])]
)
def test_nothing_and_all_are_one_segment(before: str, after: str, kinds: list[str]) -> None:
    assert [kind for kind, _ in text_differences(before, after)] == kinds


def whole(before: str, after: str) -> list[tuple[str, str]]:
    """The segments, which must hold both texts."""
    segments = text_differences(before, after)
    assert "".join(text for kind, text in segments if kind != "added") == before
    assert "".join(text for kind, text in segments if kind != "removed") == after
    return segments


@given(texts, texts)
def test_both_texts_are_whole_in_the_segments(before: str, after: str) -> None:
    segments = whole(before, after)
    assert all(text for _, text in segments)
    assert all(one[0] != next_one[0] for one, next_one in pairwise(segments))


def prose(words: int, chance: random.Random) -> list[str]:
    """Words from a lexicon of some thousands, in sentences of 15 and paragraphs of 150."""
    ends = {0: ".\n\n"} | dict.fromkeys(range(15, 150, 15), ".")
    return [f"word{chance.randrange(5_000)}{ends.get(place % 150, '')}" for place in range(1, words + 1)]


def test_one_word_in_200_kb_is_found() -> None:
    words = prose(25_000, random.Random(1))
    edited = [*words[:12_000], "changed", *words[12_001:]]
    assert whole(" ".join(words), " ".join(edited))[1:3] == [("removed", words[12_000]), ("added", "changed")]


@pytest.mark.slow
def test_many_changes_in_200_kb_are_found_one_by_one() -> None:
    chance = random.Random(2)
    words = prose(25_000, chance)
    edited = ["changed" if chance.random() < 0.02 else word for word in words]
    segments = whole(" ".join(words), " ".join(edited))
    assert sum(len(text) for kind, text in segments if kind == "same") > 0.9 * len(" ".join(words))


HARD = {
    "unrelated": (" ".join(prose(25_000, random.Random(3))), " ".join(prose(25_000, random.Random(4)))),
    "one letter": ("a" * 200_000, "b" * 200_000),
    "one word": ("a " * 100_000, "b " * 100_000),
    "two words": ("a b " * 50_000, "b a " * 50_000),
    "line ends": ("\n" * 200_000, "\n" * 100_000 + "x" + "\n" * 99_999),
    "full stops": (". " * 100_000, "! " * 100_000),
    "few lines": ("\n".join("ab"[n % 2] for n in range(99_999)), "\n".join("abc"[n % 3] for n in range(99_999))),
    "lines in another order": (
        "".join(f"{n}\n" for n in range(30_000)),
        "".join(f"{-n}\n" for n in range(-30_000, 0)),
    ),
    "very long": ("word " * (LONG // 4), "word " * (LONG // 4) + "more"),
}


@pytest.mark.parametrize("case", HARD)
def test_texts_that_are_hard_to_compare_are_compared_coarsely(case: str) -> None:
    whole(*HARD[case])
