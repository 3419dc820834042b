"""A tool loop exported as one program runs by itself, against a real server, and takes nothing outside for code."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from basics import ask
from fake_api import FakeAPI, Reply, Request, completion, error, reply
from hypothesis import given
from hypothesis import strategies as st
from programs import SECRET, run_loop

from backend.snippets.tool_loop import loop_code, recorded_mock
from backend.tools.builtin import FUNCTIONS
from backend.tools.calls import describe
from backend.tools.custom import EXAMPLES, CustomTool, Rule
from backend.types import ChatRequest, Message, Tool, ToolCall

ORDER, MONEY = describe(FUNCTIONS["find_order"]), describe(FUNCTIONS["convert_currency"])


def story(request: Request) -> Reply:
    """Two calls side by side, one of them wrong; the repaired one; the answer."""
    results = [message for message in request.body["messages"] if message["role"] == "tool"]
    if not results:
        bad = '{"amount": "453.60", "currency": "USD", "to": "EUR"'
        return completion(None, [("c1", "find_order", '{"number": 1042}'), ("c2", "convert_currency", bad)])
    if len(results) == 2:
        right = '{"amount": 453.6, "currency": "USD", "to": "EUR"}'
        return completion(None, [("c3", "convert_currency", right)])
    return completion("It is 4 days late; with 20 % off it costs 382.40 euro.")


def test_the_story_runs_as_a_program(api: FakeAPI, tmp_path: Path) -> None:
    request = ask("Is order 1042 late?", tools=(ORDER, MONEY), parameters={"temperature": 0.5})
    mocks = (
        recorded_mock(ORDER, [(ToolCall("x", "find_order", '{"number": 1042}'), '{"late": true}')]),
        recorded_mock(
            MONEY,
            [(ToolCall("y", "convert_currency", '{"amount": 453.6, "currency": "USD", "to": "EUR"}'), "382.4")],
        ),
    )
    api.play(story)
    done = run_loop(loop_code(request, api.url, mocks), tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "It is 4 days late; with 20 % off it costs 382.40 euro.\n"
    first, _, last = api.asked
    assert first.headers["authorization"] == f"Bearer {SECRET}"
    assert first.body["temperature"] == 0.5
    assert "stream" not in first.body
    assert [tool["function"]["name"] for tool in first.body["tools"]] == ["find_order", "convert_currency"]
    told = [
        (message["tool_call_id"], message["content"])
        for message in last.body["messages"]
        if message["role"] == "tool"
    ]
    assert (told[0], told[2]) == (("c1", '{"late": true}'), ("c3", "382.4"))
    assert told[1][0] == "c2"
    assert told[1][1].startswith("Error: the arguments are not valid JSON")


def test_every_behaviour_of_an_own_tool_is_in_the_program(api: FakeAPI, tmp_path: Path) -> None:
    def respond(request: Request) -> Reply:
        if any(message["role"] == "tool" for message in request.body["messages"]):
            return completion("Done")
        calls = [("1", "get_weather", '{"city": "Oslo"}'), ("2", "get_weather", '{"city": "Rome"}')]
        calls += [
            ("3", "search_documents", '{"query": "trains"}'),
            ("4", "send_email", "null"),
            ("5", "unknown", ""),
        ]
        return completion(None, calls)

    api.play(respond)
    request = ask(tools=tuple(tool.tool() for tool in EXAMPLES))
    done = run_loop(loop_code(request, api.url, EXAMPLES), tmp_path, answers="sent\n")
    assert done.returncode == 0, done.stderr
    told = [message["content"] for message in api.asked[-1].body["messages"] if message["role"] == "tool"]
    weather, documents = EXAMPLES[0], EXAMPLES[1]
    assert told == [
        weather.rules[1].result,
        weather.result,
        documents.result,
        "sent",
        "Error: there is no tool named 'unknown'.",
    ]


def test_signatures_of_a_call_go_back_with_its_result(api: FakeAPI, tmp_path: Path) -> None:
    call = {
        "id": "c",
        "type": "function",
        "function": {"name": "find", "arguments": "{}"},
        "extra_content": {"a": 1},
    }
    message = {
        "role": "assistant",
        "content": None,
        "reasoning_content": "Hm.",
        "tool_calls": [call],
        "refusal": None,
    }
    api.play([reply({"choices": [{"index": 0, "message": message}]}), completion("Done")])
    tool = CustomTool("find", behaviour="fixed", result="x")
    assert run_loop(loop_code(ask(tools=(tool.tool(),)), api.url, (tool,)), tmp_path).stdout == "Done\n"
    told = {name: value for name, value in message.items() if name != "refusal"}
    assert api.asked[1].body["messages"][1] == told


def test_a_model_that_calls_for_ever_is_stopped(api: FakeAPI, tmp_path: Path) -> None:
    api.play(completion(None, [("c", "find", "{}")]))
    tool = CustomTool("find", behaviour="fixed", result="x")
    done = run_loop(loop_code(ask(tools=(tool.tool(),)), api.url, (tool,), rounds=3), tmp_path)
    assert done.returncode == 1
    assert "stopped after 3 rounds" in done.stderr
    assert len(api.asked) == 3


@pytest.mark.parametrize(
    ("choice", "sent"), [("find", ["find", "auto"]), ("required", ["required", "auto"]), (None, [None] * 2)]
)
def test_a_forced_tool_is_forced_in_the_first_round_only(
    api: FakeAPI, tmp_path: Path, choice: str | None, sent: list[str | None]
) -> None:
    api.play([completion(None, [("c", "find", "{}")]), completion("Done")])
    tool = CustomTool("find", behaviour="fixed", result="x")
    assert (
        run_loop(loop_code(ask(tools=(tool.tool(),), tool_choice=choice), api.url, (tool,)), tmp_path).stdout
        == "Done\n"
    )
    choices = [request.body.get("tool_choice") for request in api.asked]
    assert [one["function"]["name"] if isinstance(one, dict) else one for one in choices] == sent


def test_the_program_starts_at_the_last_question(api: FakeAPI, tmp_path: Path) -> None:
    before = (Message("user", "Hi"), Message("assistant", "Hello"))
    rounds = (
        Message("assistant", tool_calls=(ToolCall("c", "find", "{}"),)),
        Message("tool", "x", tool_call_id="c"),
    )
    request = ChatRequest(
        "m",
        (
            Message("system", "Be brief."),
            *before,
            Message("user", "Where?"),
            *rounds,
            Message("assistant", "There"),
        ),
    )
    api.play(completion("Here"))
    assert run_loop(loop_code(request, api.url, ()), tmp_path).stdout == "Here\n"
    assert [message["content"] for message in api.asked[0].body["messages"]] == [
        "Be brief.",
        "Hi",
        "Hello",
        "Where?",
    ]


def test_a_refusal_of_the_server_is_shown(api: FakeAPI, tmp_path: Path) -> None:
    api.play(error(401, "No such key."))
    done = run_loop(loop_code(ask(), api.url, ()), tmp_path)
    assert done.returncode == 1
    assert "401" in done.stderr
    assert "No such key." in done.stderr


def test_a_tool_that_raises_in_the_program_is_told_to_the_model(api: FakeAPI, tmp_path: Path) -> None:
    api.play([completion(None, [("c", "find", "{}"), ("d", "find", "[1]")]), completion("Done")])
    tool = CustomTool("find", behaviour="fixed", result="x")
    code = loop_code(ask(tools=(tool.tool(),)), api.url, (tool,)).replace('return "x"', "raise KeyError('id')")
    assert run_loop(code, tmp_path).stdout == "Done\n"
    told = [message["content"] for message in api.asked[-1].body["messages"] if message["role"] == "tool"]
    assert told == ["Error: KeyError: 'id'", "Error: the arguments must be a JSON object."]


def test_no_key_is_in_the_program_and_the_one_for_aimlapi_has_its_own_name() -> None:
    code = loop_code(ask(), "https://api.aimlapi.com/v1", ())
    assert 'os.environ.get("AIMLAPI_API_KEY", "")' in code
    assert "https://api.aimlapi.com/v1/chat/completions" in code
    assert "sk-" not in code


def test_a_streaming_request_is_asked_in_one_piece() -> None:
    request = ask(stream=True, parameters={"stream_options": {"include_usage": True}}, extra={"stream": True})
    assert "stream" not in loop_code(request, "http://localhost:1/v1", ())


EVIL = '"""\n\'\'\'\n{evil} %s \\\n#\r\u2028\u202e__import__("os").system("touch made")'


def test_outside_text_is_never_code(api: FakeAPI, tmp_path: Path) -> None:
    tool = CustomTool(
        "a-b",
        EVIL,
        {"type": "object", "properties": {EVIL: {"type": "string", "description": EVIL}}},
        "rules",
        EVIL,
    )
    tools = (
        tool,
        CustomTool("a_b", EVIL, behaviour="fixed", result=EVIL),
        CustomTool("class", EVIL),
        CustomTool(EVIL, "", behaviour="ask"),
    )
    rules = CustomTool("print", behaviour="rules", rules=(Rule({EVIL: EVIL, "n": None}, EVIL),))
    request = ask(EVIL, tools=tuple(Tool(tool.name, tool.description, tool.parameters) for tool in (*tools, rules)))
    api.play([completion(None, [("1", "a-b", "{}"), ("2", "a_b", "{}"), ("3", EVIL, "{}")]), completion("Done")])
    done = run_loop(loop_code(request, api.url, (*tools, rules)), tmp_path, answers="typed\n")
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "made").exists()
    assert [message["content"] for message in api.asked[-1].body["messages"] if message["role"] == "tool"][:2] == [
        EVIL,
        EVIL,
    ]
    assert api.asked[0].body["messages"][0]["content"] == EVIL


texts = st.text(max_size=20) | st.sampled_from([EVIL, '"', "'", "\\", "{", "}", "{}", "\n", "\ud83d"])


@given(
    texts, texts, st.dictionaries(texts, st.none() | st.integers() | texts | st.floats(allow_nan=False), max_size=3)
)
def test_any_text_gives_a_program_that_can_be_read(name: str, text: str, when: dict[str, Any]) -> None:
    tools = (
        CustomTool(name, text, behaviour="rules", rules=(Rule(when, text),), result=text),
        CustomTool("f", text),
    )
    code = loop_code(ask(text, tools=tuple(tool.tool() for tool in tools)), "http://localhost:1/v1", tools)
    ast.parse(code)


def test_recorded_results_are_told_most_exact_first() -> None:
    calls = [("{}", "any"), ('{"number": 1042}', "late"), ("{", "broken"), ("", "again")]
    tool = recorded_mock(ORDER, [(ToolCall("c", "find_order", arguments), result) for arguments, result in calls])
    assert [rule.result for rule in tool.rules] == ["late", "any", "again"]
    assert tool.result.startswith("Error: no result was recorded")


def test_the_program_tells_where_the_real_function_goes() -> None:
    code = loop_code(ask(), "http://localhost:1/v1", EXAMPLES)
    assert code.count("Put the real function here") == len(EXAMPLES)
    assert json.dumps(EXAMPLES[1].result)[1:20] in code
