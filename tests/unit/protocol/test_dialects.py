"""One conversation, written as each provider wants it; and a sentence for each thing that is different."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from backend.catalog import ModelInfo, snapshot
from backend.protocol import dialect_table, dialects, wire
from backend.protocol.learned import Learned
from backend.types import ChatRequest, Dialect, Media, Message, Tool, ToolCall

AIMLAPI = "https://api.aimlapi.com/v1"
OWN = "http://127.0.0.1:8000/v1"
WEATHER = Tool("weather", "The weather in a city", {"type": "object", "properties": {"city": {"type": "string"}}})
CALL = ToolCall("call_a", "weather", '{"city": "Rome"}')
PHOTO = Media("image", "data:image/png;base64,AAAA", name="a.png")
MISTRAL = dialects.choose("mistral-large", "https://api.mistral.ai/v1")


def sent(*messages: Message, dialect: Dialect = Dialect(), **fields: Any) -> Any:
    return wire.payload(ChatRequest("m", messages, dialect=dialect, **fields))


def listing(model: str) -> ModelInfo:
    return snapshot().find(model)


# ---- which one, and why ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "base_url", "expected"),
    [
        ("acme/rocket-1", OWN, {}),
        ("google/gemini-2.5-flash", AIMLAPI, {}),
        ("anthropic/claude-opus-4-5", AIMLAPI, {"blocks": "claude", "system": "parameter", "links": False}),
        ("anthropic/claude-sonnet-5", AIMLAPI, {"blocks": "openai", "system": "message"}),
        ("google/gemma-3-4b-it", AIMLAPI, {"system": "folded", "strict_turns": True}),
        ("deepseek/deepseek-r1", AIMLAPI, {"calls_as_text": True}),
        ("mistral-large-latest", OWN, {"strict_turns": True, "call_ids": "[A-Za-z0-9]{9}", "prefix": False}),
        ("ministral-8b", "https://api.mistral.ai/v1", {"prefix": True, "returns_reasoning": False}),
        ("o4-mini", "https://api.openai.com/v1", {"names": {"max_tokens": "max_completion_tokens"}}),
        ("o4-mini", "https://x.openai.azure.com/openai/v1", {"names": {"max_tokens": "max_completion_tokens"}}),
        ("openai/o4-mini-2025-04-16", AIMLAPI, {"names": {}}),
        ("gpt-4o", "https://api.openai.com/v1", {"names": {}, "format": "chat"}),
        ("gpt-5-pro", "https://api.openai.com/v1", {"format": "responses"}),
        ("o3-pro-2025-06-10", "https://api.openai.com/v1", {"format": "responses"}),
        ("claude-sonnet-4-5", "https://api.anthropic.com/v1", {"format": "messages", "blocks": "claude"}),
        ("openai/o3-pro", AIMLAPI, {"format": "responses"}),
        ("openai/gpt-5-1-codex", AIMLAPI, {"format": "responses"}),
        ("anything", f"{OWN}/messages", {"format": "messages"}),
        ("anything", f"{OWN}/responses/", {"format": "responses"}),
    ],
)
def test_a_dialect_is_chosen_by_model_host_and_schema(model: str, base_url: str, expected: dict[str, Any]) -> None:
    schema = listing(model) if base_url == AIMLAPI else None
    chosen = dialects.choose(model, base_url, schema)
    assert {name: getattr(chosen, name) for name in expected} == expected


def test_every_difference_has_a_sentence_and_every_sentence_a_difference() -> None:
    for rule in dialect_table.RULES:
        assert rule.reason.endswith(".") and (rule.changes or rule.adds or rule.without)
    assert dialects.choose("acme/rocket-1", OWN).reasons == ()
    claude = dialects.choose("anthropic/claude-opus-4-5", AIMLAPI, listing("anthropic/claude-opus-4-5"))
    assert any("Claude's form, because" in reason for reason in claude.reasons)
    assert not any("folded" in reason or "in words" in reason for reason in claude.reasons)


def test_a_learned_refusal_overrides_the_table() -> None:
    learned = Learned(frozenset({"top_k"}), fold_system=True, strict_alternation=True)
    chosen = dialects.choose("m", OWN, None, learned)
    assert (chosen.system, chosen.strict_turns) == ("folded", True)
    assert all("refused" in reason for reason in chosen.reasons) and len(chosen.reasons) == 3


def test_usage_is_asked_for_where_it_is_taken_and_only_with_a_stream() -> None:
    own = dialects.choose("m", OWN)
    assert sent(Message("user", "Hi"), dialect=own)["stream_options"] == {"include_usage": True}
    assert "stream_options" not in sent(Message("user", "Hi"), dialect=own, stream=False)
    assert "stream_options" not in sent(Message("user", "Hi"), dialect=MISTRAL)
    off = {"stream_options": {"include_usage": False}}
    assert sent(Message("user", "Hi"), dialect=own, parameters=off)["stream_options"] == off["stream_options"]


def test_the_longest_answer_has_the_name_that_the_provider_takes() -> None:
    reasoning = dialects.choose("o4-mini", "https://api.openai.com/v1")
    body = sent(Message("user", "Hi"), dialect=reasoning, parameters={"max_tokens": 9})
    assert body["max_completion_tokens"] == 9 and "max_tokens" not in body


# ---- the system prompt -------------------------------------------------------------------------------------

RULE, HI = Message("system", "Be brief."), Message("user", "Hi")


def test_a_system_prompt_goes_where_the_model_takes_it() -> None:
    assert sent(RULE, HI)["messages"][0] == {"role": "system", "content": "Be brief."}
    folded = sent(RULE, HI, dialect=Dialect(system="folded"))
    assert folded["messages"] == [{"role": "user", "content": "Be brief.\n\nHi"}] and "system" not in folded
    beside = sent(RULE, HI, dialect=Dialect(system="parameter"))
    assert (beside["system"], beside["messages"]) == ("Be brief.", [{"role": "user", "content": "Hi"}])


@pytest.mark.parametrize("system", ["folded", "parameter"])
def test_instructions_in_the_middle_are_kept(system: Any) -> None:
    later = Message("developer", "In French.")
    messages = sent(HI, Message("assistant", "Ho"), later, HI, dialect=Dialect(system=system))["messages"]
    assert messages[-1] == {"role": "user", "content": "In French.\n\nHi"}


def test_a_prompt_is_folded_into_a_question_with_a_picture_or_a_name() -> None:
    folded = sent(RULE, replace(HI, media=(PHOTO,), name="ann"), dialect=Dialect(system="folded"))["messages"]
    assert [part["type"] for part in folded[0]["content"]] == ["text", "image_url"] and folded[0]["name"] == "ann"


# ---- whose turn it is --------------------------------------------------------------------------------------


def roles(*messages: Message, dialect: Dialect = MISTRAL) -> list[str]:
    return [message["role"] for message in sent(*messages, dialect=dialect)["messages"]]


def test_a_question_that_was_stopped_before_its_answer_is_joined_to_the_next() -> None:
    stopped = Message("assistant", "", state="stopped")
    assert sent(Message("user", "A"), stopped, Message("user", "B"))["messages"] == [
        {"role": "user", "content": "A\n\nB"}
    ]


def test_questions_of_two_people_stay_apart_where_that_is_taken() -> None:
    two = (Message("user", "A", name="ann"), Message("user", "B", name="bob"))
    assert roles(*two, dialect=Dialect()) == ["user", "user"]
    assert roles(*two) == ["user"]


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ((RULE, Message("assistant", "Welcome."), HI), ["system", "user", "assistant", "user"]),
        ((HI, Message("assistant", "a"), Message("assistant", "b")), ["user", "assistant"]),
        ((HI, RULE, HI), ["user"]),
        ((HI, Message("assistant", tool_calls=(CALL,)), HI), ["user", "assistant", "tool", "assistant", "user"]),
    ],
)
def test_question_and_answer_alternate_where_templates_need_it(
    messages: tuple[Message, ...], expected: list[str]
) -> None:
    assert roles(*messages) == expected


def test_an_answer_to_go_on_with_is_marked_where_that_is_asked_for() -> None:
    assert sent(HI, Message("assistant", "So"), dialect=MISTRAL)["messages"][-1]["prefix"] is True
    assert "prefix" not in sent(HI, Message("assistant", "So"))["messages"][-1]
    claude = sent(HI, Message("assistant", "So \n"), dialect=Dialect(blocks="claude"))["messages"][-1]
    assert claude == {"role": "assistant", "content": "So"}


# ---- what a picture or a document becomes ------------------------------------------------------------------


@pytest.mark.parametrize("said", ["", "Here you are."])
def test_a_picture_in_an_answer_goes_along_with_the_next_question(said: str) -> None:
    drawn = Message("assistant", said, media=(PHOTO,))
    messages = sent(Message("user", "Draw"), drawn, Message("user", "Blue"))["messages"]
    assert [part["type"] for part in messages[-1]["content"]] == ["text", "image_url"]
    deaf = sent(Message("user", "Draw"), drawn, Message("user", "Blue"), dialect=Dialect(answered_pictures=False))
    assert isinstance(deaf["messages"][-1]["content"], str)


def test_texts_alone_are_one_text_which_every_server_takes() -> None:
    notes = Media("file", "", "Figs, pears", "a.txt")
    assert sent(Message("user", "Sum up", media=(notes,)))["messages"][0]["content"] == (
        'Sum up\n\n<document name="a.txt">\nFigs, pears\n</document>'
    )


@pytest.mark.parametrize(
    ("media", "dialect", "word"),
    [
        (Media("audio", "data:audio/wav;base64,AA"), Dialect(blocks="claude"), "sound"),
        (Media("audio", "data:audio/wav;base64,AA"), Dialect(format="responses"), "sound"),
        (Media("image", "https://x.test/a.png"), Dialect(blocks="claude", links=False), "address"),
        (Media("image", "https://x.test/a.png"), Dialect(blocks="claude"), ""),
        (Media("image", "https://x.test/a.png"), Dialect(), ""),
        (PHOTO, Dialect(blocks="claude", links=False), ""),
    ],
)
def test_a_loss_in_a_dialect_is_announced_before_it_is_sent(media: Media, dialect: Dialect, word: str) -> None:
    problem = wire.unsendable(ChatRequest("m", (Message("user", "Hi", media=(media,)),), dialect=dialect))
    assert word in problem and bool(word) == bool(problem)


# ---- calls -------------------------------------------------------------------------------------------------


def loop(*calls: ToolCall, **answer: Any) -> tuple[Message, ...]:
    results = [Message("tool", "Sunny", name="weather", tool_call_id=call.id) for call in calls]
    return (Message("user", "Weather?"), Message("assistant", tool_calls=calls, **answer), *results)


@pytest.mark.parametrize("id_", ["call_a", "functions.weather:0", "123456789", "x" * 80, "a b"])
@pytest.mark.parametrize("pattern", ["[A-Za-z0-9]{9}", "[A-Za-z0-9_-]{1,64}", ".{1,40}"])
def test_an_id_that_the_provider_would_refuse_is_replaced_in_call_and_result(id_: str, pattern: str) -> None:
    dialect = Dialect(call_ids=pattern)
    _, call, result = sent(*loop(replace(CALL, id=id_)), dialect=dialect)["messages"]
    assert call["tool_calls"][0]["id"] == result["tool_call_id"]
    assert re.fullmatch(pattern, result["tool_call_id"])
    again = sent(*loop(replace(CALL, id=id_)), dialect=dialect)["messages"]
    assert again[2] == result, "the same each time, or the provider's cache is of no use"


def test_an_id_that_comes_again_in_a_later_round_is_another() -> None:
    first, second = loop(CALL), loop(CALL)
    ids = [message["tool_call_id"] for message in sent(*first, *second)["messages"] if message["role"] == "tool"]
    assert len(set(ids)) == 2 and ids[0] == "call_a"


def test_a_result_names_its_tool_only_where_that_is_asked_for() -> None:
    assert "name" not in sent(*loop(CALL))["messages"][2]
    google = dialects.choose("gemini-3-pro", "https://generativelanguage.googleapis.com/v1beta/openai")
    assert sent(*loop(CALL), dialect=google)["messages"][2]["name"] == "weather"


def test_claude_gets_tools_calls_and_results_as_blocks() -> None:
    other = ToolCall("b", "weather", "{broken")
    body = sent(
        *loop(CALL, other),
        Message("user", "And?", media=(PHOTO,)),
        dialect=Dialect(blocks="claude"),
        tools=(WEATHER,),
        tool_choice="required",
        parameters={"parallel_tool_calls": False},
    )
    assert body["tools"] == [
        {"name": "weather", "description": WEATHER.description, "input_schema": dict(WEATHER.parameters)}
    ]
    assert body["tool_choice"] == {"type": "any", "disable_parallel_tool_use": True}
    assert "parallel_tool_calls" not in body
    question, calls, results = body["messages"]
    assert question == {"role": "user", "content": "Weather?"}
    assert [block["input"] for block in calls["content"]] == [{"city": "Rome"}, {"arguments": "{broken"}]
    assert [block["type"] for block in results["content"]] == ["tool_result", "tool_result", "text", "image"]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [("auto", {"type": "auto"}), ("none", {"type": "none"}), ("weather", {"type": "tool", "name": "weather"})],
)
def test_claude_is_told_in_its_own_words_what_to_call(choice: str, expected: Any) -> None:
    body = sent(HI, dialect=Dialect(blocks="claude"), tools=(WEATHER,), tool_choice=choice)
    assert body["tool_choice"] == expected


def test_a_model_without_tools_is_told_in_words_what_other_models_called() -> None:
    messages = sent(*loop(CALL), Message("user", "And?"), dialect=Dialect(calls_as_text=True))["messages"]
    assert messages[1] == {"role": "assistant", "content": '(called weather with {"city": "Rome"})'}
    assert messages[2] == {"role": "user", "content": "Result of weather: Sunny\n\nAnd?"}


# ---- what was thought ------------------------------------------------------------------------------------------

SIGNED = replace(CALL, extra={"extra_content": {"google": {"thought_signature": "SIG"}}, "function": {"x": 1}})
THOUGHTS: dict[str, Any] = {"reasoning": "hm", "reasoning_field": "reasoning", "extra": {"encrypted": "E"}}


def test_text_before_a_call_goes_back_as_it_came() -> None:
    call = sent(*loop(SIGNED, **THOUGHTS, reasoning_details=({"type": "x"},), model="m"))["messages"][1]
    assert (call["reasoning"], call["encrypted"], call["reasoning_details"]) == ("hm", "E", [{"type": "x"}])
    (made,) = call["tool_calls"]
    assert made["extra_content"] == {"google": {"thought_signature": "SIG"}}
    assert made["function"] == {"x": 1, "name": "weather", "arguments": '{"city": "Rome"}'}


def test_thoughts_do_not_go_with_a_new_question_but_signatures_do() -> None:
    call = sent(*loop(SIGNED, **THOUGHTS, model="m"), Message("assistant", "Sunny."), HI)["messages"][1]
    assert not {"reasoning", "encrypted"} & set(call) and "extra_content" in call["tool_calls"][0]


def test_a_models_thoughts_are_not_sent_to_another_model() -> None:
    call = sent(*loop(SIGNED, **THOUGHTS, model="other"))["messages"][1]
    assert set(call) == {"role", "tool_calls"} and set(call["tool_calls"][0]) == {"id", "type", "function"}


def test_mistrals_own_api_gets_no_field_that_it_does_not_know() -> None:
    call = sent(*loop(SIGNED, **THOUGHTS, model="m"), dialect=MISTRAL)["messages"][1]
    assert set(call) == {"role", "tool_calls"} and set(call["tool_calls"][0]) == {"id", "type", "function"}
