"""Programs for Anthropic's `/messages` and OpenAI's `/responses` are run: they send the app's body, and print."""

from __future__ import annotations

import importlib
import inspect
import json
import re
import subprocess
import sys
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from basics import ask
from fake_api import FakeAPI, Reply, completion, events
from programs import SECRET, WEATHER, Machine, each, missing
from provider_servers import PROVIDERS, calls, messages_reply, openai_thought, responses_reply

from backend.protocol import dialects, wire
from backend.snippets import LANGUAGES, anthropic_sdk, code, openai_sdk
from backend.snippets.tool_loop import loop_code
from backend.tools.custom import CustomTool
from backend.types import ChatRequest, Dialect, Message, ToolCall

CALLS = (("weather", '{"city": "L\'Aquila"}'), ("weather", '{"city": "Łódź"}'))
STREAMS = {"messages": messages_reply, "responses": responses_reply}
each_format = pytest.mark.parametrize("format_", STREAMS)
each_parser = pytest.mark.parametrize("name", [name for name in LANGUAGES if name != "curl"])
streaming_or_not = pytest.mark.parametrize("streaming", [True, False], ids=["stream", "whole"])


def whole(format_: str, said: Any) -> Reply:
    """The same answer in one piece."""
    if format_ == "messages":
        blocks: list[Any] = [{"type": "thinking", "thinking": "Hm.", "signature": "SIG"}]
        blocks += [{"type": "text", "text": said if isinstance(said, str) else "I look it up. "}]
        for id_, name, arguments in calls(said, 0, "toolu_"):
            blocks.append({"type": "tool_use", "id": id_, "name": name, "input": json.loads(arguments)})
        body = {"type": "message", "id": "msg_1", "role": "assistant", "model": "m", "content": blocks}
        body |= {"stop_reason": "end_turn", "usage": {"input_tokens": 1, "output_tokens": 1}}
    else:
        output = [openai_thought(0)]
        part = {"type": "output_text", "text": said, "annotations": []}
        if isinstance(said, str):
            output.append({"type": "message", "id": "m", "role": "assistant", "content": [part]})
        for id_, name, arguments in calls(said, 0, "call_"):
            output.append({"type": "function_call", "call_id": id_, "name": name, "arguments": arguments})
        body = {"object": "response", "status": "completed", "error": None, "output": output}
    return Reply([json.dumps(body).encode()], 200, {"Content-Type": "application/json"})


def asked_in(format_: str, api: FakeAPI, **fields: Any) -> tuple[ChatRequest, str]:
    """A request in a format, and the address of its endpoint."""
    address = f"{api.url}/{format_}"
    return replace(ask(dialect=dialects.choose("m", address)), **fields), address


def named(reply: Reply) -> Reply:
    """The same stream with the names of its events, without which an SDK passes some over."""
    steps = [
        b"event: " + json.loads(step[5:])["type"].encode() + b"\n" + step
        for step in reply.steps
        if isinstance(step, bytes)
    ]
    return replace(reply, steps=steps)


def played(machine: Machine, api: FakeAPI, name: str, said: Any, request: ChatRequest, address: str) -> Any:
    if name == "openai":
        wanted(request.dialect.format)
    streams = STREAMS[request.dialect.format]
    api.play(named(streams(said, 0, "m")) if request.stream else whole(request.dialect.format, said))
    return machine.run(name, code(LANGUAGES[name], request, address), API_KEY=SECRET)


def wanted(format_: str) -> None:
    """Skips where the SDK is not installed; CI has it."""
    module = {"messages": "anthropic", "responses": "openai"}[format_]
    try:
        __import__(module)
    except ImportError:
        missing(None, module)


@each
@each_format
@streaming_or_not
def test_the_same_body_goes_to_the_same_path_and_the_answer_is_printed(
    machine: Machine, api: FakeAPI, name: str, format_: str, streaming: bool
) -> None:
    request, address = asked_in(format_, api, stream=streaming, extra={"top_k": 5, "odd'": ['"$x`'], "user": None})
    ran = played(machine, api, name, "Grün, «quoted» 🎨 and\nnew lines.", request, address)
    assert (ran.exit, ran.err) == (0, "")
    (sent,) = api.asked
    assert sent.path == f"/v1/{format_}"
    assert sent.body == wire.payload(request)
    assert sent.headers["authorization"] == f"Bearer {SECRET}"
    assert sent.headers.get("anthropic-version") == ("2023-06-01" if format_ == "messages" else None)
    assert "x-api-key" not in sent.headers
    if name != "curl":
        assert ran.out.rstrip("\n") == "Grün, «quoted» 🎨 and\nnew lines."


@each_parser
@each_format
@streaming_or_not
def test_a_whole_conversation_with_tools_goes_out_and_calls_are_printed(
    machine: Machine, api: FakeAPI, name: str, format_: str, streaming: bool
) -> None:
    history = (
        Message("system", "Be brief."),
        Message("user", "Weather?"),
        Message("assistant", tool_calls=(ToolCall("call_a", "weather", '{"city": "Rome"}'),)),
        Message("tool", "12 °C", tool_call_id="call_a"),
    )
    request, address = asked_in(format_, api, stream=streaming, messages=history, tools=(WEATHER,))
    ran = played(machine, api, name, CALLS, request, address)
    assert (ran.exit, ran.err) == (0, "")
    assert api.asked[0].body == wire.payload(request)
    printed = re.findall(r"weather (\{[^}]*\})", ran.out)
    assert [json.loads(arguments) for arguments in printed] == [json.loads(arguments) for _, arguments in CALLS]


@each
@each_format
def test_the_programs_hold_no_key_and_read_anthropics_own_header(
    machine: Machine, api: FakeAPI, name: str, format_: str
) -> None:
    address = {"messages": "https://api.anthropic.com/v1", "responses": "https://api.openai.com/v1/responses"}[
        format_
    ]
    model = {"messages": "claude-some", "responses": "o3-pro"}[format_]
    request = replace(ask(), model=model, dialect=dialects.choose(model, address))
    if name == "openai":
        wanted(format_)
    source = code(LANGUAGES[name], request, address)
    host = address.removesuffix("/responses").removesuffix("/v1")
    assert host in source and SECRET not in source
    api.play(named(STREAMS[format_]("Hi", 0, "m")))
    ran = machine.run(name, source.replace(host, api.origin), API_KEY=SECRET)
    assert (ran.exit, ran.err) == (0, "")
    sent = api.asked[0].headers
    if format_ == "messages" and name != "openai":  # the SDK has a way of its own
        assert (sent["x-api-key"], sent["anthropic-version"]) == (SECRET, "2023-06-01")
        assert "authorization" not in sent
    else:
        assert SECRET in (sent.get("x-api-key"), sent["authorization"].removeprefix("Bearer "))


FAILED = {
    "messages": {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded."}},
    "responses": {"type": "response.failed", "response": {"status": "failed", "error": {"message": "Overloaded."}}},
}


@each_parser
@each_format
def test_an_error_in_the_stream_fails(machine: Machine, api: FakeAPI, name: str, format_: str) -> None:
    request, address = asked_in(format_, api)
    if name == "openai":
        wanted(format_)
    failed = FAILED[format_]
    api.play(named(events(failed)))
    ran = machine.run(name, code(LANGUAGES[name], request, address), API_KEY=SECRET)
    assert ran.exit != 0
    assert "Overloaded." in ran.err


@pytest.mark.parametrize("name", ["requests", "fetch"])
@each_format
def test_a_stream_without_its_end_fails(machine: Machine, api: FakeAPI, name: str, format_: str) -> None:
    request, address = asked_in(format_, api)
    api.play(events({"type": "ping"}))
    ran = machine.run(name, code(LANGUAGES[name], request, address), API_KEY=SECRET)
    assert ran.exit != 0
    assert ran.err.strip() == "The stream broke off."


def test_claude_at_an_address_that_its_sdk_cannot_ask_is_asked_with_requests() -> None:
    address = "https://gateway.test/claude/messages"
    source = code(LANGUAGES["openai"], ask(dialect=dialects.choose("m", address)), address)
    assert "import requests" in source and address in source


def test_the_name_of_the_sdk_fits_the_format() -> None:
    assert [LANGUAGES["openai"].label_for(format_) for format_ in ("chat", "messages", "responses")] == [
        "Python (openai SDK)",
        "Python (anthropic SDK)",
        "Python (openai SDK)",
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "name", "keywords"),
    [
        ("anthropic.resources.messages", "Messages", anthropic_sdk.KEYWORDS),
        ("openai.resources.responses", "Responses", openai_sdk.RESPONSES_KEYWORDS),
        ("openai.resources.chat.completions", "Completions", openai_sdk.KEYWORDS),
    ],
)
def test_keywords_for_an_sdk_are_parameters_of_it(module: str, name: str, keywords: frozenset[str]) -> None:
    wanted("messages" if module.startswith("anthropic") else "responses")
    asking = getattr(importlib.import_module(module), name).create
    assert set(inspect.signature(asking).parameters) >= keywords


LONG = Message("system", "Line one, which is rather long, so that it has to go on.\n\nLine three, rather long too.")


def test_python_code_is_formatted_as_python_is(tmp_path: Path) -> None:
    providers = [(Dialect(), "https://api.aimlapi.com/v1")]
    providers += [(PROVIDERS[name].dialect, PROVIDERS[name].base_url) for name in ("Claude", "OpenAI responses")]
    ways = product(("requests", "openai"), providers, (True, False))
    for number, (name, (dialect, address), streaming) in enumerate(ways):
        request = replace(ask(dialect=dialect, stream=streaming, tools=(WEATHER,)), parameters={"temperature": 0.2})
        request = replace(request, messages=(LONG, *request.messages))
        (tmp_path / f"{number}.py").write_text(code(LANGUAGES[name], request, address), "utf-8")
    select = ["--isolated", "--no-cache", "--select=E,F,W,I", "--line-length=100"]
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", *select, tmp_path], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    assert len(list(tmp_path.iterdir())) == 12


# ---- a whole loop of tools ------------------------------------------------------------------------------

SUNNY = CustomTool("weather", behaviour="fixed", result="Sunny")


def looped(machine: Machine, api: FakeAPI, request: ChatRequest, address: str, *replies: Reply) -> list[Any]:
    """The bodies that the exported loop sends."""
    api.play(list(replies))
    path = Path(machine.folder / "loop.py")
    path.write_text(loop_code(request, address, [SUNNY]), "utf-8")
    environment = {**machine.environment, "API_KEY": SECRET}
    done = subprocess.run([sys.executable, path], env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "Sunny in both.\n"), done.stderr
    return [asked.body for asked in api.asked]


def test_the_loop_gives_claude_its_blocks_back_as_they_came(machine: Machine, api: FakeAPI) -> None:
    request, address = asked_in("messages", api, tools=(WEATHER,), tool_choice="weather")
    calling = whole("messages", CALLS)
    first, last = looped(machine, api, request, address, calling, whole("messages", "Sunny in both."))
    assert (first["tool_choice"], last["tool_choice"]) == ({"type": "tool", "name": "weather"}, {"type": "auto"})
    answer, results = last["messages"][-2:]
    assert [block["type"] for block in answer["content"]] == ["thinking", "text", "tool_use", "tool_use"]
    assert answer["content"][0]["signature"] == "SIG"
    assert [block["tool_use_id"] for block in results["content"]] == [
        block["id"] for block in answer["content"][2:]
    ]
    assert [block["content"] for block in results["content"]] == ["Sunny", "Sunny"]


def test_the_loop_gives_responses_their_items_back_as_they_came(machine: Machine, api: FakeAPI) -> None:
    request, address = asked_in("responses", api, tools=(WEATHER,), tool_choice="weather")
    calling = whole("responses", CALLS)
    first, last = looped(machine, api, request, address, calling, whole("responses", "Sunny in both."))
    assert (first["tool_choice"], last["tool_choice"]) == ({"type": "function", "name": "weather"}, "auto")
    kinds = [item.get("type", "message") for item in last["input"]]
    assert kinds == ["message", "reasoning", *["function_call"] * 2, *["function_call_output"] * 2]
    assert last["input"][1] == openai_thought(0)


def test_the_loop_writes_claude_blocks_for_chat_completions_that_want_them(machine: Machine, api: FakeAPI) -> None:
    request = replace(ask(), dialect=Dialect(blocks="claude"), tools=(WEATHER,))
    calling = completion(None, [("c1", "weather", "{}"), ("c2", "weather", "[")])
    _, last = looped(machine, api, request, api.url, calling, completion("Sunny in both."))
    answer, results = last["messages"][-2:]
    assert [(block["id"], block["input"]) for block in answer["content"]] == [
        ("c1", {}),
        ("c2", {"arguments": "["}),
    ]
    assert [block["tool_use_id"] for block in results["content"]] == ["c1", "c2"]
