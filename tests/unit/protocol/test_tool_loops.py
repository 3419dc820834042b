"""What a provider sends along with a call goes back to it, as it came: some refuse the next request without it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from drafts import draft_of

from backend.formats import archive
from backend.formats.imports import openai
from backend.formats.imports.reading import ImportReader
from backend.protocol import dialects, wire
from backend.protocol.tool_calls import resolve_name
from backend.protocol.unknown import FIELD_LIMIT, UnknownFields
from backend.types import ChatRequest, Message, Tool

CALL = {"id": "f1", "type": "function", "function": {"name": "find_order", "arguments": '{"number":1042}'}}
RESULT = Message("tool", "late", tool_call_id="f1")
DEEPSEEK = "https://api.deepseek.com"


def answer(*deltas: Mapping[str, Any], whole: bool = False) -> Message:
    """An answer that calls a tool, from its deltas."""
    chunks = [{"choices": [{"index": 0, "message" if whole else "delta": delta}]} for delta in deltas]
    return draft_of(*json.loads(json.dumps(chunks))).message()


def body_of(request: ChatRequest) -> Any:
    return wire.payload(request)


def sent(*messages: Message) -> list[dict[str, Any]]:
    return list(body_of(ChatRequest("m", (Message("user", "Where is it?"), *messages)))["messages"])


def copies(message: Message) -> list[Message]:
    """The message as it comes out of the store, of a file, and of a request that is imported again."""
    return [
        message,
        archive.load(archive.dump(message)),
        archive.message(json.loads(json.dumps(archive.body(message)))),
    ]


@pytest.mark.parametrize(
    "extra",
    [
        {"extra_content": {"google": {"thought_signature": "SIG"}}},
        {"extra_content": {"vertex": {"thought_signature": "SIG"}}},
        {"thought_signature": "SIG", "provider": ["a", {"b": 1.5}]},
        {"function": {"name": "find_order", "arguments": '{"number":1042}', "strict": True, "sig": "S"}},
    ],
)
@pytest.mark.parametrize("whole", [True, False])
def test_unknown_fields_of_a_call_go_back_unchanged(extra: dict[str, Any], whole: bool) -> None:
    call = {**CALL, **extra}
    for message in copies(answer({"tool_calls": [call if whole else {"index": 0, **call}]}, whole=whole)):
        assert sent(message, RESULT)[1]["tool_calls"] == [call]
        assert sent(message, RESULT, Message("assistant", "Late."), Message("user", "Why?"))[1]["tool_calls"] == [
            call
        ]


def test_unknown_fields_of_a_call_may_come_in_any_piece_and_what_is_empty_erases_nothing() -> None:
    first = {"index": 0, **CALL, "extra_content": {"google": {"thought_signature": "SIG"}}}
    later = {"index": 0, "function": {"arguments": ""}, "extra_content": {"google": {"more": 1}, "vertex": None}}
    message = answer({"tool_calls": [first]}, {"tool_calls": [later]}, {"tool_calls": [{**later, "x": None}]})
    assert message.tool_calls[0].extra == {
        "extra_content": {"google": {"thought_signature": "SIG", "more": 1}, "vertex": None}
    }


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_reasoning_goes_back_in_its_field_as_long_as_the_loop_lasts(field: str) -> None:
    calling = answer({field: "I look "}, {field: "it up."}, {"tool_calls": [{"index": 0, **CALL}]})
    for message in copies(calling):
        assert sent(message, RESULT)[1][field] == "I look it up."
        again = sent(message, RESULT, message, RESULT)
        assert [told.get(field) for told in again] == [None, "I look it up.", None, "I look it up.", None]
        later = sent(message, RESULT, Message("assistant", "Late."), Message("user", "Why?"))
        assert not any(field in told for told in later)


def test_reasoning_goes_back_for_ever_where_the_provider_refuses_later_questions_without_it() -> None:
    calling = answer({"reasoning_content": "I look."}, {"tool_calls": [{"index": 0, **CALL}]})
    late = answer({"reasoning_content": "It is late."}, {"content": "Late."})
    history = (Message("user", "Where?"), calling, RESULT, late, Message("user", "Why?"))
    thoughts = [None, "I look.", None, "It is late.", None]
    for model in ("deepseek/deepseek-v4-pro", "deepseek-flash", "moonshot/kimi-k2-5", "kimi-k3", "mimo-v2.5-pro"):
        request = ChatRequest("m", history, dialect=dialects.choose(model, DEEPSEEK))
        assert [told.get("reasoning_content") for told in body_of(request)["messages"]] == thoughts
        elsewhere = body_of(replace(request, model="other"))["messages"]  # nothing of another's thoughts
        assert [told.get("reasoning_content") for told in elsewhere] == [None, " ", None, " ", None]
    for model, server in (("moonshotai/kimi-k2.5", "https://api.groq.com/openai/v1"), ("kimi-k2-0905", DEEPSEEK)):
        request = ChatRequest("other", history, dialect=dialects.choose(model, server))
        assert not any("reasoning_content" in told for told in body_of(request)["messages"])
    assert not any(told.get("reasoning_content") for told in sent(*history[1:]))


@pytest.mark.parametrize("end", ["", "Let me."])
def test_claudes_thoughts_that_litellm_streams_in_pieces_go_back_as_blocks(end: str) -> None:
    """Its last piece has the signature and no words, or, since 2026, all of them again."""

    def piece(words: str, **more: str) -> dict[str, Any]:
        return {"thinking_blocks": [{"type": "thinking", "thinking": words, **more}]}

    redacted = {"thinking_blocks": [{"type": "redacted_thinking", "data": "DATA"}]}
    thoughts = [piece("Let "), piece("me."), piece(end, signature="SIG 1"), redacted]
    more = [piece("ha", signature=""), piece("ha"), piece("", signature="SIG 2")]
    message = answer(*thoughts, *more, {"tool_calls": [{"index": 0, **CALL}]})
    assert sent(message, RESULT)[1]["thinking_blocks"] == [
        {"type": "thinking", "thinking": "Let me.", "signature": "SIG 1"},
        {"type": "redacted_thinking", "data": "DATA"},
        {"type": "thinking", "thinking": "haha", "signature": "SIG 2"},
    ]
    whole = {"thinking_blocks": sent(message, RESULT)[1]["thinking_blocks"]}
    assert answer(whole, whole).extra == whole


def test_a_long_thought_in_pieces_keeps_its_signature() -> None:
    draft = UnknownFields()
    for _ in range(5_000):
        draft.add({"thinking_blocks": [{"type": "thinking", "thinking": "word "}]})
    draft.add({"thinking_blocks": [{"type": "thinking", "thinking": "", "signature": "SIG"}]})
    assert draft.fields == {
        "thinking_blocks": [{"type": "thinking", "thinking": "word " * 5_000, "signature": "SIG"}]
    }


def test_thoughts_in_the_text_go_back_to_minimax_and_to_no_other() -> None:
    calling = answer({"content": "<think>I look.</think>\nLet me see."}, {"tool_calls": [{"index": 0, **CALL}]})
    request = ChatRequest("m", (Message("user", "Where?"), calling, RESULT))
    for model in ("MiniMax-M2.5", "minimax/m2-1", "minimax/minimax-m2"):
        own = replace(request, dialect=dialects.choose(model, "https://api.minimax.io/v1"))
        assert body_of(own)["messages"][1]["content"] == "<think>I look.</think>\nLet me see."
        assert body_of(replace(own, model="other"))["messages"][1]["content"] == "Let me see."
    assert body_of(request)["messages"][1]["content"] == "Let me see."


def test_reasoning_without_a_call_is_not_sent() -> None:
    message = answer({"reasoning_content": "Hm."}, {"content": "Hello", "odd": 1})
    assert sent(message)[1] == {"role": "assistant", "content": "Hello"}


def test_reasoning_details_go_back_whole_and_encrypted_ones_as_they_came() -> None:
    pieces = [
        {"type": "reasoning.text", "index": 0, "text": text, "format": "anthropic"} for text in ("I lo", "ok")
    ]
    signed = {"type": "reasoning.text", "index": 0, "signature": "SIG", "format": "anthropic"}
    secret = {"type": "reasoning.encrypted", "index": 1, "data": "AAAA", "id": "r1"}
    details = [{"reasoning_details": [detail]} for detail in (*pieces, signed, secret, {**secret, "index": 2})]
    for message in copies(answer(*details, {"tool_calls": [{"index": 0, **CALL}]})):
        assert sent(message, RESULT)[1]["reasoning_details"] == [
            {**pieces[0], "text": "I look", "signature": "SIG"},
            secret,
            {**secret, "index": 2},
        ]
        assert wire.thinking(message)[0] == "I look"


def test_unknown_fields_of_an_answer_that_calls_go_back_in_the_loop() -> None:
    odd = {"extra_content": {"google": {"thought_signature": "SIG"}}, "thinking_blocks": [{"thinking": "Hm."}]}
    for message in copies(answer(odd, {"tool_calls": [{"index": 0, **CALL}]})):
        assert {name: sent(message, RESULT)[1][name] for name in odd} == odd
        assert not set(odd) & set(sent(message, RESULT, Message("user", "Why?"))[1])


def test_a_field_that_is_known_does_not_come_back_by_way_of_the_unknown() -> None:
    call = {"id": "f1", "name": "f", "arguments": "{}", "extra": {"id": 3}}
    extra = {"content": "x", "role": "user", "tool_call_id": "y"}
    body = {
        "role": "assistant",
        "model": "m",
        "extra": extra,
        "reasoning": "Hm.",
        "reasoning_field": "model",
        "tool_calls": [call],
    }
    message = archive.message(body)
    assert sent(message, RESULT)[1] == {
        "role": "assistant",
        "tool_calls": [{"id": "f1", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
    }


def test_a_sent_conversation_can_be_imported_and_sent_again() -> None:
    call = {**CALL, "extra_content": {"google": {"thought_signature": "SIG"}}}
    message = answer({"reasoning_content": "Hm."}, {"tool_calls": [{"index": 0, **call}], "odd": "o"})
    told = sent(message, RESULT)
    imported = [openai.message(value, place, ImportReader()) for place, value in enumerate(told, 1)]
    assert sent(*(replace(message, model="m") for message in imported[1:] if message)) == told


def test_thoughts_of_an_import_are_not_sent_as_they_may_be_another_models() -> None:
    call = {**CALL, "extra_content": {"google": {"thought_signature": "SIG"}}}
    message = replace(answer({"reasoning": "Hm."}, {"tool_calls": [{"index": 0, **call}], "odd": "o"}), model=None)
    assert sent(message, RESULT)[1] == {"role": "assistant", "tool_calls": [CALL]}


def test_fields_of_a_reply_and_fields_that_say_nothing_are_no_unknown_fields_of_a_message() -> None:
    reply = dict.fromkeys(("id", "object", "created", "model", "index", "prefix", "channel"), "x")
    nothing = {"flag": False, "none": None}
    message = answer({**reply, **nothing, "tool_calls": [{"index": 0, **CALL}]})
    kept = replace(message, extra={**reply, **nothing, "odd": 0})
    assert message.extra == {}
    assert sent(kept, RESULT)[1] == {"role": "assistant", "tool_calls": [CALL], "odd": 0}


def test_a_text_in_different_pieces_does_not_go_back_and_one_that_is_repeated_does() -> None:
    pieces = [{"odd": text, "same": "S", "tool_calls": [{"index": 0, **CALL}]} for text in ("I lo", "ok", "I lo")]
    assert answer(*pieces).extra == {"same": "S"}


@pytest.mark.parametrize(
    ("base_url", "field", "goes_back"),
    [
        ("https://api.groq.com/openai/v1", "reasoning", True),
        ("https://api.groq.com/openai/v1", "reasoning_content", False),
        ("https://api.mistral.ai/v1", "reasoning", False),
    ],
)
def test_a_server_that_refuses_unknown_fields_gets_none(base_url: str, field: str, goes_back: bool) -> None:
    call = {**CALL, "extra_content": {"google": 1}, "id": "abcdefghi"}
    odd = {"odd": 1, "reasoning_details": [{"type": "x"}]}
    message = answer({field: "Hm."}, {**odd, "tool_calls": [{"index": 0, **call}]})
    result = replace(RESULT, tool_call_id="abcdefghi")
    dialect = dialects.choose("m", base_url)
    body: Any = wire.payload(ChatRequest("m", (Message("user", "Hi"), message, result), dialect=dialect))
    plain = {"role": "assistant", "tool_calls": [{**CALL, "id": "abcdefghi"}]}
    assert body["messages"][1] == {**plain, **({field: "Hm."} if goes_back else {})}


def test_every_result_names_its_tool_where_that_is_asked_for() -> None:
    google = dialects.choose("gemini-3-pro", "https://generativelanguage.googleapis.com/v1beta/openai")
    calls = [{"index": place, **CALL, "id": f"f{place}"} for place in (1, 2)]
    history = (Message("user", "Hi"), answer({"tool_calls": calls}), RESULT)  # the second is not answered
    body: Any = wire.payload(ChatRequest("m", history, dialect=google))
    assert [message["name"] for message in body["messages"][2:]] == ["find_order", "find_order"]


def test_unknown_fields_are_bounded() -> None:
    deltas = [{"tool_calls": [{"index": 0, **CALL, f"field{n}": "x", "list": ["y" * 1000]}]} for n in range(300)]
    (call,) = answer(*deltas, {"tool_calls": [{"index": 0, "big": "x" * (FIELD_LIMIT + 1)}]}).tool_calls
    assert len(json.dumps(dict(call.extra))) < 2 * FIELD_LIMIT
    assert "big" not in call.extra
    many = answer(*({f"field{n}": "x"} for n in range(300)), {"odd": "late"})
    assert len(many.extra) < 20


def test_calls_that_gemini_did_not_sign_say_so_in_its_loop() -> None:
    signed = {"extra_content": {"google": {"thought_signature": "SIG"}}}
    dialect = dialects.choose("gemini-3-flash", "https://generativelanguage.googleapis.com/v1beta/openai")
    two = [{"index": 0, **CALL}, {"index": 1, **CALL, "id": "f2"}]
    for made, told in ((two, dialect.unsigned), ([{**two[0], **signed}, two[1]], signed)):
        history = (Message("user", "Hi"), answer({"tool_calls": made}), RESULT)
        first, second = body_of(ChatRequest("m", history, dialect=dialect))["messages"][1]["tool_calls"]
        assert first["extra_content"] == told["extra_content"] and "extra_content" not in second
    earlier = ChatRequest("m", (*history, Message("user", "Why?")), dialect=dialect)
    assert "validator" not in json.dumps(body_of(earlier))


@pytest.mark.parametrize(
    ("wrote", "told"),
    [
        ('{"number": 1042}', '{"number": 1042}'),
        (" \n", "{}"),
        ("[]", "{}"),
        ("null", "{}"),
        ('""', "{}"),
        (json.dumps('{"number":1042}'), '{"number":1042}'),
        ('{"number": 10', '{"arguments": "{\\"number\\": 10"}'),
        ('{"number": NaN}', '{"arguments": "{\\"number\\": NaN}"}'),
        ('{"a":1}{"b":2}', '{"arguments": "{\\"a\\":1}{\\"b\\":2}"}'),
        ("1042", '{"arguments": "1042"}'),
        ("[" * 100_000, None),
    ],
)
def test_arguments_that_are_no_object_do_not_spoil_every_later_question(wrote: str, told: str | None) -> None:
    call = {"id": "f1", "function": {"name": "find_order", "arguments": wrote}}
    message = answer({"tool_calls": [{"index": 0, **call}]})
    assert message.tool_calls[0].arguments == wrote
    for format_ in ("chat", "messages", "responses"):
        dialect = replace(dialects.choose("m", f"http://127.0.0.1/v1/{format_}"), format=format_)
        body = json.dumps(body_of(ChatRequest("m", (Message("user", "Hi"), message, RESULT), dialect=dialect)))
        assert told is None or json.dumps(told)[1:-1] in body or format_ == "messages"
    given = sent(message, RESULT)[1]["tool_calls"][0]["function"]["arguments"]
    assert isinstance(json.loads(given), dict) and told in (None, given)


@pytest.mark.parametrize(
    ("wrote", "told"),
    [
        ("find_order", "find_order"),
        ("mail.send", "mail.send"),
        ("", "unnamed"),
        ("functions.find order<|channel|>", "functions_find_order__channel__"),
        ("x" * 70, "x" * 64),
        ("functions.mail.send<|channel|>commentary", "mail.send"),
    ],
)
def test_a_name_that_no_tool_has_goes_back_as_providers_take_names(wrote: str, told: str) -> None:
    call = {"id": "f1", "function": {"name": wrote, "arguments": "{}"}}
    history = (Message("user", "Hi"), answer({"tool_calls": [{"index": 0, **call}]}), RESULT)
    request = ChatRequest("m", history, tools=(Tool("mail.send", "", {}),))
    assert body_of(request)["messages"][1]["tool_calls"][0]["function"]["name"] == told


@pytest.mark.parametrize(
    "wrote",
    [
        *(
            "find",
            "functions.find",
            "default_api.find",
            "default_api:find",
            "tools/find",
            "functions.find:0",
            "find:12",
        ),
        *("find<|channel|>commentary", "functions.find<|channel|>json", "find\n", " find ", "functions . find"),
    ],
)
def test_the_tool_is_meant_that_stands_within_what_a_model_or_its_server_puts_around_a_name(wrote: str) -> None:
    assert resolve_name(wrote, {"find", "other"}) == "find"


@pytest.mark.parametrize(
    "wrote", ["", "Find", "shop.find", "find.it", "functions.", "find|", "xfind", "functions_find", "x" * 5_000]
)
def test_no_other_tool_is_guessed(wrote: str) -> None:
    assert resolve_name(wrote, {"find", "other"}) == wrote


@pytest.mark.parametrize("parameters", [{}, {"type": "object"}, {"type": "object", "properties": []}])
def test_a_tool_without_arguments_is_told_with_no_properties_as_openai_wants_it(parameters: Any) -> None:
    for format_ in ("chat", "messages", "responses"):
        dialect = replace(dialects.choose("m", f"http://127.0.0.1/v1/{format_}"), format=format_)
        body = body_of(
            ChatRequest("m", (Message("user", "Hi"),), tools=(Tool("f", "", parameters),), dialect=dialect)
        )
        (tool,) = body["tools"]
        schema = tool.get("input_schema") or tool.get("function", tool)["parameters"]
        assert schema == {"type": "object", "properties": {}}
