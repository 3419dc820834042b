"""What a server refused before is left out of everything that is sent to it."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from basics import ask
from hypothesis import given
from hypothesis import strategies as st

from backend.protocol import wire
from backend.protocol.learned import BEGINS, NO_PICTURE, NO_TEXT, Learned
from backend.types import JSON

QUESTION = {"role": "user", "content": "Hi"}
SYSTEM = {"role": "system", "content": "Be brief."}
PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def body(*messages: Any, **fields: Any) -> dict[str, Any]:
    return {"model": "m", "messages": list(messages) or [QUESTION], **fields}


@pytest.mark.parametrize(
    ("refused", "sent", "left"),
    [
        ("top_k", {"top_k": 5, "seed": 1}, {"seed": 1}),
        (
            "stream_options",
            {"stream": True, "stream_options": {"include_usage": True}},
            {"stream": True},
        ),
        ("tools", {"tools": [{}], "tool_choice": "none", "parallel_tool_calls": False}, {}),
        ("tool_choice", {"tools": [{}], "tool_choice": "none"}, {"tools": [{}]}),
        ("logprobs", {"logprobs": True, "top_logprobs": 5}, {}),
        ("logprobs", {"top_logprobs": 5}, {"top_logprobs": 5}),
        ("modalities", {"modalities": ["text"], "audio": {}}, {}),
        ("reasoning.effort", {"reasoning": {"effort": "low", "exclude": True}}, {"reasoning": {"exclude": True}}),
        ("reasoning.effort", {"reasoning": "low"}, {"reasoning": "low"}),
        ("tools.*.strict", {"tools": [{"a": 1, "strict": True}, 3]}, {"tools": [{"a": 1}, 3]}),
        ("model", {}, {}),
        ("messages", {}, {}),
        ("messages.*.content", {}, {}),
    ],
)
def test_a_refused_field_goes_with_what_needs_it(refused: str, sent: dict[str, Any], left: dict[str, Any]) -> None:
    assert Learned(frozenset({refused})).apply(body(**sent)) == body(**left)


def test_a_field_of_messages_is_left_out_of_each_message() -> None:
    named = {"role": "user", "content": "Hi", "name": "Ada"}
    assert Learned(frozenset({"messages.*.name"})).apply(body(named, named)) == body(QUESTION, QUESTION)


def test_without_streaming_nothing_of_a_stream_is_asked_for() -> None:
    sent = body(stream=True, stream_options={"include_usage": True})
    assert Learned(no_stream=True).apply(sent) == body()


@pytest.mark.parametrize(
    ("messages", "folded"),
    [
        ([SYSTEM, QUESTION], [{"role": "user", "content": "Be brief.\n\nHi"}]),
        ([{**SYSTEM, "role": "developer"}, QUESTION], [{"role": "user", "content": "Be brief.\n\nHi"}]),
        ([SYSTEM], [{"role": "user", "content": "Be brief."}]),
        ([QUESTION], [QUESTION]),
        (
            [SYSTEM, {"role": "user", "content": [text("Look"), PICTURE]}],
            [{"role": "user", "content": [text("Be brief."), text("Look"), PICTURE]}],
        ),
        (
            [SYSTEM, QUESTION, {"role": "assistant", "content": "Ho"}, {"role": "system", "content": "In French."}],
            [{"role": "user", "content": "Be brief.\n\nIn French.\n\nHi"}, {"role": "assistant", "content": "Ho"}],
        ),
    ],
)
def test_a_system_prompt_is_folded_into_the_first_question(messages: list[Any], folded: list[Any]) -> None:
    assert Learned(fold_system=True).apply(body(*messages)) == body(*folded)


def test_a_system_prompt_in_its_own_field_is_folded_too() -> None:
    sent = body(QUESTION, system="Be brief.")
    assert Learned(fold_system=True).apply(sent) == body({"role": "user", "content": "Be brief.\n\nHi"})


@pytest.mark.parametrize(
    "picture", [PICTURE, {"type": "image", "source": {}}, {"type": "input_image", "image_url": "x"}]
)
def test_a_word_takes_the_place_of_each_picture(picture: dict[str, Any]) -> None:
    sent = body({"role": "user", "content": [text("What is it?"), picture]}, QUESTION)
    left = {"role": "user", "content": f"What is it?\n\n{NO_PICTURE}"}
    assert Learned(no_images=True).apply(sent) == body(left, QUESTION)


def test_sounds_stay_where_pictures_go() -> None:
    sound = {"type": "input_audio", "input_audio": {}}
    sent = body({"role": "user", "content": [sound, PICTURE]})
    assert Learned(no_images=True).apply(sent)["messages"] == [
        {"role": "user", "content": [sound, text(NO_PICTURE)]}
    ]


@pytest.mark.parametrize(
    ("messages", "joined"),
    [
        ([QUESTION, QUESTION], [{"role": "user", "content": "Hi\n\nHi"}]),
        (
            [{"role": "user", "content": [PICTURE]}, QUESTION],
            [{"role": "user", "content": [PICTURE, text("Hi")]}],
        ),
        (
            [QUESTION, {"role": "assistant", "content": "a"}, {"role": "assistant", "content": "b"}],
            [QUESTION, {"role": "assistant", "content": "a\n\nb"}],
        ),
        (
            [SYSTEM, {"role": "assistant", "content": "a"}, QUESTION],
            [SYSTEM, {"role": "user", "content": BEGINS}, {"role": "assistant", "content": "a"}, QUESTION],
        ),
    ],
)
def test_neighbours_of_one_role_become_one_message(messages: list[Any], joined: list[Any]) -> None:
    assert Learned(strict_alternation=True).apply(body(*messages)) == body(*joined)


@pytest.mark.parametrize(
    ("message", "filled"),
    [
        ({"role": "assistant", "tool_calls": []}, {"role": "assistant", "tool_calls": [], "content": NO_TEXT}),
        ({"role": "assistant", "content": None}, {"role": "assistant", "content": NO_TEXT}),
        ({"role": "tool", "content": ""}, {"role": "tool", "content": NO_TEXT}),
        ({"role": "user", "content": [PICTURE, text(" ")]}, {"role": "user", "content": [PICTURE, text(NO_TEXT)]}),
        ({"type": "function_call_output", "output": ""}, {"type": "function_call_output", "output": ""}),
        (QUESTION, QUESTION),
    ],
)
def test_a_message_without_a_text_says_so(message: JSON, filled: JSON) -> None:
    assert Learned(filled=True).apply(body(message)) == body(filled)


def test_calls_and_their_results_are_never_joined() -> None:
    call = {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]}
    messages = [QUESTION, call, {"role": "tool", "content": "1"}, {"role": "tool", "content": "2"}, call]
    assert Learned(strict_alternation=True).apply(body(*messages)) == body(*messages)


ODD = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["role", "content", "type", "text", "messages", "system", "tools", "a"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


def test_a_field_under_another_name_keeps_its_place_and_never_stands_twice() -> None:
    learned = Learned(instead=frozenset({("max_tokens", "max_completion_tokens")}))
    assert list(learned.apply({"a": 1, "max_tokens": 5, "b": 2}).items())[1] == ("max_completion_tokens", 5)
    assert learned.apply({"max_tokens": 5, "max_completion_tokens": 6}) == {"max_completion_tokens": 6}
    assert learned.apply({"max_tokens": 5}, required=frozenset({"max_tokens"})) == {"max_tokens": 5}
    assert learned.except_for(frozenset({"max_tokens"})) == Learned()
    other_way = Learned(instead=frozenset({("max_completion_tokens", "max_tokens")}))
    assert learned.also(other_way).apply({"a": 1, "max_tokens": 5}) == {"a": 1}, "neither name is taken"
    assert Learned(frozenset({"a"})).also(learned).apply({"a": 1, "max_tokens": 5}) == {"max_completion_tokens": 5}


@given(st.dictionaries(st.sampled_from(["model", "messages", "system", "tools", "a"]), ODD))
def test_no_body_however_odd_is_trouble_or_changed_in_place(sent: dict[str, Any]) -> None:
    without = frozenset({"a.a", "messages.*.a", "tools.*.a.a"})
    learned = Learned(without, True, True, True, True, instead=frozenset({("tools", "b")}))
    before = copy.deepcopy(sent)
    left = learned.apply(sent)
    assert sent == before
    assert learned.apply(left) == left, "once is enough"
    assert ("messages" in left, "model" in left) == ("messages" in sent, "model" in sent)


# ---- in a request -----------------------------------------------------------------------------------------


def test_a_refusal_counts_for_parameters_extra_json_and_what_the_app_adds() -> None:
    learned = Learned(frozenset({"top_k", "safety", "stream_options"}))
    sampling: dict[str, JSON] = {"top_k": 5, "stream_options": {"include_usage": True}}
    request = ask(parameters=sampling, extra={"safety": 2, "top_k": 6}, learned=learned)
    assert wire.payload(request) == body(stream=True) | {"model": request.model}


def test_a_body_that_was_edited_by_hand_goes_as_it_is() -> None:
    request = ask(raw={"model": "m", "messages": [], "top_k": 5}, learned=Learned(frozenset({"top_k"})))
    assert wire.payload(request)["top_k"] == 5


def asked(*items: Any, **fields: Any) -> dict[str, Any]:
    return {"model": "m", "input": list(items) or [QUESTION], **fields}


def test_the_conversation_of_the_responses_format_is_kept_and_mended_as_any_other() -> None:
    words: dict[str, Any] = {"type": "input_text", "text": "Look"}
    picture: dict[str, Any] = {"type": "input_image", "image_url": "data:,"}
    look = asked({"role": "user", "content": [words, picture]})
    assert Learned(frozenset({"input"})).apply(asked()) == asked()
    assert Learned(no_images=True).apply(look)["input"] == [
        {"role": "user", "content": f"Look\n\n{NO_PICTURE}"},
    ]
    folded = Learned(fold_system=True).apply({**look, "instructions": "Be brief."})
    brief = {"type": "input_text", "text": "Be brief."}
    assert folded == asked({"role": "user", "content": [brief, words, picture]})
    assert Learned(strict_alternation=True).apply(asked(QUESTION, QUESTION)) == asked(
        {"role": "user", "content": "Hi\n\nHi"}
    )


def test_a_required_field_stays() -> None:
    assert Learned(frozenset({"max_tokens"})).apply(body(max_tokens=9), frozenset({"max_tokens"})) == body(
        max_tokens=9
    )


@pytest.mark.parametrize("place", ["messages", "input"])
def test_a_field_is_left_out_at_any_depth_of_a_message_but_not_what_a_message_is_made_of(place: str) -> None:
    call = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}", "odd": 1}, "odd": {}}
    used = {"type": "tool_use", "id": "a", "name": "f", "input": {"odd": "a model's word"}}
    message = {"role": "assistant", "content": [{**text("Hi"), "odd": 2}, used], "tool_calls": [call], "odd": 3}
    sent = {"model": "m", place: [message]}
    left: Any = Learned(frozenset({f"{place}.**.odd"})).apply(sent)[place]
    del call["odd"], message["odd"]
    plain = {**call, "function": {"name": "f", "arguments": "{}"}}
    assert left == [{**message, "content": [text("Hi"), used], "tool_calls": [plain]}]
    for name in ("role", "content", "type", "id", "function", "name", "arguments", "tool_calls", "tool_call_id"):
        assert Learned(frozenset({f"{place}.**.{name}"})).apply(sent) == sent
