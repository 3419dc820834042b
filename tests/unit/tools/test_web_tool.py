"""The tool that reads the web: only where the owner allows it, only the public web, and only as text."""

from __future__ import annotations

import json
from typing import Any

import pytest
from basics import KEY
from fake_api import FakeAPI, reply, tool_stream
from hypothesis import given
from hypothesis import strategies as st
from schema_values import value_of
from secure import Secure, trust
from tools_page import ask, button, open_, settle
from visiting import TOOLS, Open, everything, well

from backend.schema import lint
from backend.tools.builtin import EXAMPLES, FUNCTIONS, ONLINE
from backend.tools.builtin.web import LONGEST, _title_and_text
from backend.tools.calls import CallOutcome, describe, outcome, problems
from backend.tools.runner import tool_runner
from backend.types import ToolCall

PAGE = """<!doctype html><html><head><title> Opening &amp; hours </title><style>p {color: red}</style></head>
<body><nav><a href="/">Home</a></nav><script>alert("never seen")</script>
<h1>Our shop</h1><p>Open from <b>9</b> to&nbsp;5.<p>Closed on Sunday.<ul><li>Bread<li>Milk</ul></body></html>"""


def read(secure: Secure, path: str = "/chat/completions", **more: int) -> CallOutcome:
    url = f"https://good.com:{secure.port}{path}"
    return outcome(ToolCall("c", "read_web_page", json.dumps({"url": url, **more})), ONLINE)


def result(found: CallOutcome) -> Any:
    assert found.ok, found.content
    return json.loads(found.content)


@pytest.fixture
def trusted(secure: Secure, monkeypatch: pytest.MonkeyPatch) -> Secure:
    trust(monkeypatch, secure)
    return secure


def test_a_page_is_read_as_its_title_and_what_a_reader_sees(trusted: Secure, api: FakeAPI) -> None:
    api.play(reply(PAGE, headers={"Content-Type": "text/html; charset=utf-8"}))
    found = result(read(trusted))
    assert found["title"] == "Opening & hours"
    assert found["text"].split("\n") == [
        *("Our shop", "", "Open from 9 to 5.", "Closed on Sunday."),
        *("", "Bread", "Milk"),
    ]


def test_a_long_page_is_read_on_from_where_it_stopped(trusted: Secure, api: FakeAPI) -> None:
    words = " ".join(str(number) for number in range(6_000))
    api.play(reply(words, headers={"Content-Type": "text/plain"}))
    first = result(read(trusted))
    assert first["characters"] == len(words) and first["next_start"] == LONGEST
    second = result(read(trusted, start=first["next_start"]))
    assert (first["text"] + second["text"]) == words and "next_start" not in second


def test_a_page_that_has_moved_says_where_to_and_is_not_followed(trusted: Secure, api: FakeAPI) -> None:
    api.play(reply("", 302, {"Location": "/new?a=1"}))
    found = read(trusted)
    assert not found.ok
    assert f"https://good.com:{trusted.port}/new?a=1" in found.content
    assert len(api.requests) == 1


def test_a_picture_is_not_read_as_text(trusted: Secure, api: FakeAPI) -> None:
    api.play(reply("\x89PNG", headers={"Content-Type": "image/png"}))
    found = read(trusted)
    assert not found.ok and "image/png" in found.content


def test_an_encoding_that_nobody_knows_is_read_as_utf_8(trusted: Secure, api: FakeAPI) -> None:
    api.play(reply("Grüße", headers={"Content-Type": "text/plain; charset=klingon"}))
    assert result(read(trusted))["text"] == "Grüße"


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://good.com/",
            "https://127.0.0.1/",
            "https://169.254.169.254/latest/meta-data/",
            "https://localhost/",
        ),
        *("file:///etc/passwd", "https://inside.com/", "https://user:password@good.com/", "nonsense"),
    ],
)
def test_an_address_that_is_not_public_is_refused_in_words(secure: Secure, url: str) -> None:
    found = outcome(ToolCall("c", "read_web_page", json.dumps({"url": url})), ONLINE)
    assert not found.ok and "Traceback" not in found.content
    assert not secure.behind.requests


def test_the_child_process_that_runs_tools_refuses_this_machine_too(api: FakeAPI) -> None:
    found = tool_runner().run(ToolCall("c", "read_web_page", json.dumps({"url": api.url})), seconds=30)
    assert not found.ok and "not open here" in found.content
    assert not api.requests


def test_the_tool_is_a_sound_definition_with_an_example() -> None:
    tool = describe(ONLINE["read_web_page"])
    assert lint({"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}) == []
    assert problems(ToolCall("c", tool.name, json.dumps(EXAMPLES[tool.name][1])), tool) == []
    assert not ONLINE.keys() & FUNCTIONS.keys()


@given(st.text() | st.text("<>/!-= \"'&;headbodyscriptitle \n"))
def test_no_markup_can_make_the_reader_raise(markup: str) -> None:
    title, text = _title_and_text(markup)
    assert len(title) <= 300 and len(text) <= len(markup) * 2 + 1


@given(st.data())
def test_no_arguments_can_make_the_tool_raise(data: st.DataObject) -> None:
    schema: Any = describe(ONLINE["read_web_page"]).parameters
    arguments = {name: data.draw(value_of(inner)) for name, inner in schema["properties"].items()}
    assert not outcome(ToolCall("c", "read_web_page", json.dumps(arguments)), ONLINE).ok


# ---- on the page --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("switch", ["0", "1"])
def test_the_tool_is_offered_only_where_the_owner_allows_it(visit: Open, api: FakeAPI, switch: str) -> None:
    at = visit(TOOLS, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url, PLAYGROUND_WEB_TOOL=switch)
    open_(at, "toolbox.fold")
    assert any(box.key == "tool.on.read_web_page" for box in at.main.checkbox) is (switch == "1")


@pytest.mark.slow
def test_a_call_of_the_web_tool_waits_for_the_visitor(visit: Open, api: FakeAPI) -> None:
    at = visit(TOOLS, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url, PLAYGROUND_WEB_TOOL="1")
    open_(at, "toolbox.fold")
    well(at.main.checkbox(key="tool.on.read_web_page").check().run())
    api.play(tool_stream(("call_1", "read_web_page", '{"url": "https://example.com/?secret=1"}')))
    ask(at, "Read it")
    assert "https://example.com/?secret=1" in everything(at)
    assert button(at, "Run") and len(api.asked) == 1


def test_an_invented_call_of_a_forbidden_web_tool_is_not_run(visit: Open, api: FakeAPI) -> None:
    at = visit(TOOLS, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    api.play(tool_stream(("call_1", "read_web_page", '{"url": "https://example.com/"}')))
    settle(ask(at, "Read it"))
    assert "there is no tool named" in everything(at)
