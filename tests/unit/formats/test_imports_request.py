"""A request that the inspector gave away, taken in again: the same body goes out, however it was kept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from import_files import TALK, chat, one, own

from backend.formats.imports import request
from backend.library import presets
from backend.types import JSON
from backend.untrusted import Unreadable

CLOCK = {"type": "function", "function": {"name": "clock", "description": "The time", "parameters": {}}}
BODY: dict[str, Any] = {"model": "fake/alpha", "messages": chat(("user", "Hi")), "stream": True}
USUAL = {"stream_options": {"include_usage": True}}


def settings(**fields: Any) -> dict[str, JSON]:
    """What a conversation brings, and a preset as it is kept and read again."""
    body = {**BODY, **fields}
    found = one(body).settings
    preset = presets.read(presets.export(presets.read(json.dumps(body))))
    parts = ("model", "system_prompt", "tools", "tool_choice", "extra", "parameters")
    assert {name: found.get(name) or None for name in parts} == {
        name: preset.settings.get(name) or None for name in parts
    }
    assert preset.streaming is (found.get("streaming") is not False)
    return dict(found)


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ({}, {}),
        (USUAL, {}),
        ({"stream": False}, {"streaming": False}),
        ({"stream_options": {"include_usage": False}}, {"parameters": {"stream_options": False}}),
        ({"temperature": 0.5}, {"parameters": {"temperature": 0.5}}),
        ({"reasoning": {"effort": "low"}}, {"parameters": {"reasoning.effort": "low"}}),
        ({"reasoning": {"effort": "low", "odd": 1}}, {"extra": {"reasoning": {"effort": "low", "odd": 1}}}),
        ({"temperature": 99}, {"extra": {"temperature": 99}}),
        ({"system": "Be brief."}, {"system_prompt": "Be brief."}),
        ({"system": [{"type": "text"}]}, {"extra": {"system": [{"type": "text"}]}}),
        (
            {"odd": [1, {"a": None}], "user": "u", "parallel_tool_calls": False, "prompt_cache_key": "k1"},
            {
                "extra": {
                    "odd": [1, {"a": None}],
                    "user": "u",
                    "parallel_tool_calls": False,
                    "prompt_cache_key": "k1",
                }
            },
        ),
        ({"tools": [CLOCK]}, {"tools": [CLOCK], "page": "Tools"}),
        (
            {"functions": [CLOCK["function"]], "function_call": {"name": "clock"}},
            {"tools": [CLOCK], "tool_choice": "clock", "page": "Tools"},
        ),
        ({"tool_choice": "auto"}, {}),
    ],
)
def test_every_field_has_its_place(fields: dict[str, Any], kept: dict[str, Any]) -> None:
    assert settings(**fields) == {"model": "fake/alpha", **kept}


@pytest.mark.parametrize(
    ("choice", "word"),
    [
        ("auto", "auto"),
        ("required", "required"),
        ({"type": "function", "function": {"name": "clock"}}, "clock"),
        ({"type": "tool", "name": "clock"}, "clock"),
        ({"type": "any"}, "required"),
        ({"type": "auto"}, "auto"),
        (7, None),
        ({"type": ["x"], "function": "y"}, None),
    ],
)
def test_the_choice_of_a_tool_is_one_word(choice: Any, word: str | None) -> None:
    assert settings(tools=[CLOCK], tool_choice=choice).get("tool_choice") == word


SECRET = "sk-proj-a1b2c3d4e5f6a7b8c9d0e1f2"


@pytest.mark.parametrize(
    "field",
    ["api_key", "apikey", "base_url", "API_BASE_URL", "url", "endpoint", "headers", "Authorization", "connection"],
)
def test_no_address_and_no_key_comes_with_an_imported_request(field: str) -> None:
    assert settings(**{field: "https://evil.example", "odd": 1})["extra"] == {"odd": 1}


def test_a_value_that_looks_like_a_key_is_left_out_under_any_name() -> None:
    assert settings(note=f"use {SECRET}", odd=1)["extra"] == {"odd": 1}


EVIL = "https://evil.example/mcp"
MCP = {"type": "mcp", "server_label": "x", "connector_id": "c"}


@pytest.mark.parametrize(
    "fields",
    [
        {"mcp_servers": [{"type": "url", "url": EVIL}]},
        {"mcp_servers": [{"name": "anything"}]},
        {"plugins": [{"endpoint": "evil"}]},
        {"plugins": [{"id": "web"}]},
        {"deep": [[{"a": {"server_url": "evil"}}]]},
        {"deep": {"a": [{"note": f" {EVIL}"}]}},
        {"deep": [EVIL, "wss://evil.example"]},
        {"deep": {"mcp": {}}},
        {"extra_body": {"tools": [MCP]}},
        {"metadata": {"api_key": "hunter2"}},
        {"metadata": {"x-api-key": "hunter2"}},
        {"metadata": {"token": "hunter2", "a": 1}},
        {"deep": [{"authorization_token": "hunter2"}]},
        {"deep": {"extra_headers": {"Authorization": "hunter2"}}},
        {"deep": {"callback_url": "evil"}},
        {"deep": {"webhook": "evil", "proxy": "evil"}},
    ],
)
def test_a_field_that_leads_elsewhere_however_deep_is_left_out_whole(fields: dict[str, Any]) -> None:
    assert settings(**fields, odd=1)["extra"] == {"odd": 1}
    assert one(own(settings={"extra": {**fields, "odd": 1}})).settings["extra"] == {"odd": 1}


def test_words_that_only_sound_like_a_key_stay() -> None:
    fields: dict[str, Any] = {"skip_special_tokens": True, "stop_token_ids": [1], "prompt_cache_key": "k"}
    fields |= {"metadata": {"topic": "see https://a.example"}, "safety_identifier": "s"}
    assert settings(**fields)["extra"] == fields


HOSTED: list[dict[str, Any]] = [
    {"type": "mcp", "server_url": EVIL},
    MCP,
    {"type": "web_search"},
    {"type": "web_search_20250305", "name": "web_search"},
    {"type": "code_interpreter", "container": {"type": "auto"}},
    {"url_context": {}},
]


@pytest.mark.parametrize("tool", HOSTED)
def test_a_tool_that_a_server_runs_never_comes_in(tool: dict[str, Any]) -> None:
    assert settings(tools=[tool, CLOCK])["tools"] == [CLOCK]
    assert "tools" not in settings(tools=[tool])
    assert one(own(settings={"tools": [tool]})).settings == {}
    assert one(own(settings={"extra": {"tools": [tool, CLOCK]}})).settings == {}


@pytest.mark.parametrize(
    "tool",
    [
        {"name": "a", "description": "d", "input_schema": {"properties": {"url": {"type": "string"}}}},
        {"type": "custom", "name": "a", "input_schema": {}},
        {"type": "function", "name": "a", "parameters": {"properties": {"api_key": {"type": "string"}}}},
    ],
)
def test_a_function_comes_in_whoever_wrote_it_and_whatever_it_asks_for(tool: dict[str, Any]) -> None:
    assert settings(tools=[tool])["tools"] == [tool]


@pytest.mark.parametrize("more", [{"id": "c1"}, {"title": "T"}, {"object": "chat.completion"}, {"created": 1}])
def test_a_file_that_is_no_request_brings_no_other_fields(more: dict[str, Any]) -> None:
    found = one({**BODY, "messages": TALK, "odd": 1, **more}).settings
    assert found == {"model": "fake/alpha"}
    assert one({"messages": TALK, "odd": 1}).settings == {}, "training data"


def test_training_data_brings_its_tools() -> None:
    assert one({"messages": TALK, "tools": [CLOCK]}).settings == {"tools": [CLOCK], "page": "Tools"}


def test_a_conversation_of_the_tools_page_comes_back_to_it() -> None:
    assert one(own(settings={"page": "Tools", "model": "m"})).settings == {"page": "Tools", "model": "m"}
    assert one(own(settings={"page": "Owner", "model": "m"})).settings == {"model": "m"}


@pytest.mark.parametrize("name", ["extra field", "tools"])
def test_too_much_is_refused_in_words(name: str) -> None:
    much = "x " * request.ROOM
    fields: dict[str, Any] = {"odd": much} if name == "extra field" else {"tools": [{**CLOCK, "more": much}]}
    with pytest.raises(Unreadable, match="more than 90,000 characters"):
        one({**BODY, **fields})


def test_a_preset_of_a_request_tells_its_model_and_its_tools() -> None:
    preset = presets.read(json.dumps({**BODY, "tools": [CLOCK], "messages": chat(("system", "S"), ("user", "Hi"))}))
    assert preset.name == "Request to fake/alpha" and preset.system_prompt == "S" and preset.streaming
    assert preset.about.startswith("Tools that come with it: 1.")
