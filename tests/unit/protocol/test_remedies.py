"""Of a refusal and of what would be sent, the changes that may help: never one that changes nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from basics import DATA, cases
from hypothesis import given
from hypothesis import strategies as st

from backend import errors
from backend.guests.terms import NotForGuests
from backend.protocol.learned import Learned
from backend.protocol.remedies import Remedy, remedies
from backend.types import Failure

QUESTION = {"role": "user", "content": "Hi"}
ANSWER = {"role": "assistant", "content": "Welcome."}
SYSTEM = {"role": "system", "content": "Be brief."}
PICTURE = {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,"}}]}
ROWS = {row["id"]: row for row in cases(DATA / "provider_errors.jsonl")}


def body(*messages: Any, **fields: Any) -> dict[str, Any]:
    return {"model": "m", "messages": list(messages) or [QUESTION], **fields}


def refusal(status: int, reply: Any) -> Failure:
    return errors.from_response(status, reply, {}).failure()


def offered(failure: Failure, sent: dict[str, Any]) -> list[str]:
    return [remedy.field or remedy.kind for remedy in remedies(failure, sent)]


CALL = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
STREAMED = {"stream": True, "stream_options": {"include_usage": True}}
TOOLS = {"tools": [{"type": "function", "function": {"name": "f", "strict": True}}], "parallel_tool_calls": True}


@pytest.mark.parametrize(
    ("row", "sent", "first"),
    [
        ("mistral-extra", body(**STREAMED, top_k=1), "stream_options"),
        ("vllm-python-words", body(top_a=0.5, top_k=1), "top_a"),
        ("openrouter-packed", body(top_k=1, seed=1), "top_k"),
        ("aimlapi-packed", body(temperature=2, seed=1), "temperature"),
        ("openai-stream", body(**STREAMED), "no_stream"),
        ("gemma-system", body(SYSTEM, QUESTION), "fold_system"),
        ("gemma-system-500", body(SYSTEM, QUESTION), "fold_system"),
        ("mistral-template", body(QUESTION, QUESTION), "strict_alternation"),
        ("llama-cpp-template", body(QUESTION, QUESTION), "strict_alternation"),
        ("mistral-template", body(SYSTEM, QUESTION), "fold_system"),
        ("llama-cpp-picture", body(PICTURE), "no_images"),
        ("openrouter-picture", body(PICTURE), "no_images"),
        ("openrouter-tools", body(**TOOLS), "tools"),
        ("anthropic-too-large", body(PICTURE), "no_images"),
        ("groq-too-long", body(max_tokens=9, seed=1), "max_tokens"),
        ("minimax-parameter", body(top_k=9, seed=1), "top_k"),
        ("copilot-tools", body(**TOOLS), "tools"),
        ("llama-cpp-jinja", body(**TOOLS), "tools"),
        ("cohere-max-tokens", body(max_tokens=9, seed=1), "max_tokens"),
        ("vllm-max-tokens", body(max_tokens=9, seed=1), "max_tokens"),
        ("google-states", body(response_format={}, seed=1), "response_format"),
        ("groq-json", body(response_format={}, seed=1), "response_format"),
        ("xai-stop", body(stop=["a"], seed=1), "stop"),
        ("bedrock-begins", body(ANSWER, QUESTION, seed=1), "strict_alternation"),
        ("deepseek-content", body({"role": "assistant", "tool_calls": [CALL]}, seed=1), "filled"),
        ("moonshot-empty", body(QUESTION, {"role": "tool", "content": ""}, seed=1), "filled"),
        ("groq-speaker", body({**QUESTION, "name": "Ann"}, seed=1), "messages.*.name"),
    ],
)
def test_the_first_remedy_is_what_the_provider_asks_for(row: str, sent: dict[str, Any], first: str) -> None:
    reply = ROWS[row]
    status = reply["status"]
    failure = (
        errors.from_stream(reply["body"]) if status == 200 else errors.from_response(status, reply["body"], {})
    )
    assert offered(failure.failure(), sent)[0] == first


@pytest.mark.parametrize(
    ("message", "sent", "fields"),
    [
        ("Unsupported parameter: 'top_k' is not supported with this model.", {"top_k": 1}, ["top_k"]),
        ("Unsupported parameter: stream_options is not supported", STREAMED, ["stream_options"]),
        ("parallel_tool_calls: Extra inputs are not permitted", TOOLS, ["parallel_tool_calls"]),
        ("tool_choice `none` is not supported", {**TOOLS, "tool_choice": "none"}, ["tool_choice"]),
        ("Unknown name \"topK\" at 'generation_config'", {"top_k": 1}, ["top_k"]),
        ("`safety` is not permitted", {"safety": 1, "seed": 2}, ["safety"]),
        ("`reasoning.effort` is not permitted", {"reasoning": {"effort": "low"}}, ["reasoning"]),
        ("This model does not support effort level 'huge'.", {"reasoning_effort": "huge"}, ["reasoning_effort"]),
        ("JSON mode is not enabled for models/gemma", {"response_format": {}}, ["response_format"]),
        ("logprobs is not supported", {"logprobs": True, "top_logprobs": 2}, ["logprobs", "top_logprobs"]),
        ("Please stop it, provider: n is echo", {"stop": "x", "provider": {}, "n": 2, "echo": True}, ["bare"]),
        ("Extra inputs are not permitted, field: 'stream_options', value: {}", STREAMED, ["stream_options"]),
        ("Malformed input request: #: extraneous key [n] is not permitted", {"n": 2, "stop": "x"}, ["n"]),
        ("Unrecognized request argument supplied: stop", {"n": 2, "stop": "x"}, ["stop"]),
        ("Unsupported parameter: n", {"n": 2, "stop": "x"}, ["n"]),
        ("n: Input should be 1", {"n": 2, "stop": "x"}, ["n"]),
        ("openai does not support parameters: ['top_k'], for model=m", {"top_k": 1, "seed": 2}, ["top_k"]),
        ("stop_sequences: each stop sequence must contain non-whitespace", {"stop": ["\n"], "n": 2}, ["stop"]),
        (
            "'response_format' json_object: messages need the word json",
            {"response_format": {}},
            ["response_format"],
        ),
        ("Body validation error!", STREAMED, ["stream_options"]),
        ("invalid n: only 1 is allowed for this model", {"n": 2, "seed": 1}, ["n"]),
        ("invalid thinking: only type=enabled is allowed", {"thinking": {}, "seed": 1}, ["thinking"]),
        ('invalid params, invalid thinking.type: "enabled" (2013)', {"thinking": {}, "seed": 1}, ["thinking"]),
        ("n must be 1 when using greedy sampling, got 2.", {"n": 2, "seed": 1}, ["n"]),
        ("This model only works in thinking mode.", {"thinking_budget": 0, "seed": 1}, ["thinking_budget"]),
        ('invalid think value: "xhigh"', {"reasoning_effort": "xhigh", "seed": 1}, ["reasoning_effort"]),
        ("This model does not support the effort parameter.", {"reasoning_effort": "low"}, ["reasoning_effort"]),
        ("'m' does not support output format.", {"response_format": {}, "seed": 1}, ["response_format"]),
        ("Web search options not supported.", {"web_search_options": {}, "seed": 1}, ["web_search_options"]),
        ("no tool parser is configured", TOOLS, ["tools"]),
        ("tools.0.function.strict: Extra inputs are not permitted", TOOLS, ["tools.*.function.strict", "tools"]),
        ("tools.0.function.parameters.x: no", TOOLS, ["tools"]),
        ("Body validation error!", {"top_k": 1, "seed": 2}, ["bare"]),
        ("Body validation error!", {}, []),
    ],
)
def test_a_field_is_known_by_name_or_by_meaning(message: str, sent: dict[str, Any], fields: list[str]) -> None:
    assert offered(refusal(400, {"error": {"message": message}}), body(**sent)) == fields


@pytest.mark.parametrize(
    ("param", "sent", "learned"),
    [
        ("stream", body(**STREAMED), Learned(no_stream=True)),
        ("stream_options", body(**STREAMED), Learned(frozenset({"stream_options"}))),
        ("reasoning.effort", body(reasoning={"effort": "low"}), Learned(frozenset({"reasoning"}))),
        ("messages[1].name", body(SYSTEM, {**QUESTION, "name": "A"}), Learned(frozenset({"messages.*.name"}))),
        ("tools[0].function.strict", body(**TOOLS), Learned(frozenset({"tools.*.function.strict"}))),
        ("tools[0].function.parameters", body(**TOOLS), Learned(frozenset({"tools"}))),
        ("system", body(system="Be brief."), Learned(fold_system=True)),
        ("n", body(n=2), Learned(frozenset({"n"}))),
    ],
)
def test_the_field_that_an_error_names_is_believed(param: str, sent: dict[str, Any], learned: Learned) -> None:
    failure = refusal(400, {"error": {"message": "No.", "param": param}})
    assert remedies(failure, sent)[0].learned == learned


def test_a_field_of_messages_is_found_in_the_path_of_a_union() -> None:
    """pydantic writes the member of the union it tried into `loc`."""
    loc = ["body", "messages", 1, "assistant", "reasoning_content"]
    answer = {"role": "assistant", "content": "Ho", "reasoning_content": "Hm"}
    failure = refusal(422, {"detail": [{"type": "extra_forbidden", "loc": loc, "msg": "Extra inputs"}]})
    (remedy,) = remedies(failure, body(QUESTION, answer))
    assert "reasoning_content" not in json.dumps(remedy.learned.apply(body(QUESTION, answer)))


@pytest.mark.parametrize(
    "error",
    [
        {"message": "No call to this result.", "param": "messages.[1].role"},
        {"message": "messages.2: `tool_use` ids were found without `tool_result` blocks immediately after"},
        {"message": "messages: final assistant content cannot end with trailing whitespace"},
        {"message": "Last message must have role `user`."},
        {"message": "messages.0.content.0.image.source.base64: the image appears to be a image/jpeg image"},
        {"message": "This model only support stream mode, please enable the stream parameter."},
    ],
)
def test_settings_are_not_to_blame_for_messages(error: dict[str, str]) -> None:
    assert remedies(refusal(400, {"error": error}), body(top_k=1, seed=2, user="u")) == []


@pytest.mark.parametrize(
    ("message", "sent", "taken"),
    [
        ("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", "max_tokens", True),
        ("Unrecognized request argument supplied: max_completion_tokens", "max_completion_tokens", True),
        ("max_completion_tokens: Extra inputs are not permitted", "max_completion_tokens", True),
        ("max_tokens is too large: 99999. This model takes at most 16384.", "max_tokens", False),
    ],
)
def test_a_length_that_a_server_knows_by_another_name_goes_under_that(message: str, sent: str, taken: bool) -> None:
    names = {"max_tokens", "max_completion_tokens"}
    first, *others = remedies(refusal(400, {"error": {"message": message}}), before := body(**{sent: 500}, seed=1))
    (other,) = names - {sent}
    if taken:
        assert (first.kind, first.field) == ("instead", other)
        assert first.learned.apply(before) == body(**{other: 500}, seed=1)
        assert [remedy.field for remedy in others] == [sent]
        assert (
            remedies(refusal(400, {"error": {"message": message}}), body(**{sent: 500, other: 500}))[0].field
            == sent
        )
    else:
        assert (first.kind, first.field, others) == ("without", sent, [])


def test_fields_closed_to_guests_are_left_out() -> None:
    failure = NotForGuests(title="“n” is not open to guests.").failure()
    assert offered(failure, body(n=2, seed=1)) == ["n"]


def test_a_learned_remedy_is_not_offered_again() -> None:
    failure = refusal(400, {"error": {"message": "'top_k' and 'seed' are not supported."}})
    learned = remedies(failure, body(top_k=1))[0].learned
    assert offered(failure, learned.apply(body(top_k=1, seed=2))) == ["seed"]


@pytest.mark.parametrize("kind", ["KeyRefused", "OutOfCredit", "RateLimited", "CutOff", "ModelNotFound", "", "x"])
def test_errors_of_other_kinds_do_not_blame_the_request(kind: str) -> None:
    assert remedies(Failure("top_k", "`top_k`", "'top_k'", kind=kind), body(top_k=1)) == []


NAMES = ["model", "messages", "stream", "stream_options", "tools", "top_k", "system", "n"]


@given(
    st.sampled_from(["BadRequest", "ServerTrouble", "TooLarge", "ContextTooLong"]),
    st.text(max_size=30)
    | st.sampled_from([*NAMES, *(row["body"] if isinstance(row["body"], str) else "" for row in ROWS.values())]),
    st.dictionaries(st.sampled_from(NAMES), st.none() | st.integers() | st.lists(st.text(max_size=3), max_size=2)),
)
def test_every_remedy_changes_what_is_sent(kind: str, words: str, sent: dict[str, Any]) -> None:
    failure = Failure("No.", detail=f"'{words}'", kind=kind, body=json.dumps({"param": words}))
    found = remedies(failure, sent)
    assert len(found) <= 3
    assert all(isinstance(remedy, Remedy) and remedy.learned.apply(sent) != sent for remedy in found)


def test_openais_names_of_the_other_format_mean_the_field_that_was_sent() -> None:
    error = {"message": "Unsupported value: 'text.verbosity' is not low.", "param": "text.verbosity"}
    assert offered(refusal(400, {"error": error}), body(verbosity="low", seed=1)) == ["verbosity"]
    error = {"message": "'none' is not supported with the 'o3' model.", "param": "reasoning.effort"}
    assert offered(refusal(400, {"error": error}), body(reasoning_effort="none", seed=1)) == ["reasoning_effort"]


@pytest.mark.parametrize(
    ("message", "first", "changed"),
    [
        ("The messages parameter is illegal. Please check the documentation.", QUESTION, []),
        ("invalid params, tool result's tool id(call_1) not found (2013)", QUESTION, []),
        ("Value error, message[3].content[2] has invalid field(s): text", QUESTION, []),
        ("Type mismatch of '/messages/0/content', 'array' not in 'string'", PICTURE, ["no_images"]),
        ("Type mismatch of '/messages/1/content', 'object' not in 'string'", QUESTION, []),
        ("chat content has invalid message role: system (2013)", SYSTEM, ["fold_system"]),
        ("messages.0.role: unexpected value; permitted: 'user', 'assistant'", SYSTEM, ["fold_system"]),
        ("'developer' role is not supported", {**SYSTEM, "role": "developer"}, ["fold_system"]),
    ],
)
def test_no_setting_is_offered_for_what_lies_in_the_messages(message: str, first: Any, changed: list[str]) -> None:
    failure = refusal(400, {"error": {"message": message}})
    assert offered(failure, body(first, QUESTION, user="me", seed=1, temperature=1)) == changed


def test_an_error_that_is_told_in_a_list_is_read() -> None:
    writer = {"tpe": "fail.input.invalid", "errors": [{"description": "top_k is not supported", "key": "k"}]}
    assert errors.from_response(400, writer, {}).detail == "top_k is not supported"
