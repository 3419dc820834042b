"""What the programs print: answers as they come, and every way in which an answer may fail."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from basics import ask
from fake_api import (
    CUT,
    HANG,
    FakeAPI,
    Reply,
    chunk,
    completion,
    data,
    drip,
    error,
    events,
    html,
    reply,
    stream,
    tool_stream,
)
from programs import SECRET, WEATHER, Machine, Ran, each

from backend.snippets import LANGUAGES, code

each_parser = pytest.mark.parametrize("name", [name for name in LANGUAGES if name != "curl"])
each_own_parser = pytest.mark.parametrize("name", ["requests", "fetch"])


# ---- what is printed ------------------------------------------------------------------------------------


@pytest.fixture
def run(machine: Machine, api: FakeAPI) -> Callable[..., Ran]:
    def go(name: str, script: Reply, **fields: Any) -> Ran:
        api.play(script)
        return machine.run(name, code(LANGUAGES[name], ask(**fields), api.url), API_KEY=SECRET)

    return go


Run = Callable[..., Ran]


@each
@pytest.mark.parametrize("streaming", [True, False], ids=["stream", "blocking"])
def test_a_refusal_is_shown_and_fails(run: Run, name: str, streaming: bool) -> None:
    ran = run(name, error(401, "No such key."), stream=streaming)
    assert ran.exit != 0
    assert "401" in ran.err
    assert "No such key." in ran.out + ran.err


@each
def test_an_answer_that_breaks_off_fails_and_shows_what_came(run: Run, name: str) -> None:
    ran = run(name, stream("Half of ", "it", CUT))
    assert ran.exit != 0
    assert ran.err
    assert "Half of " in ran.out


@each_own_parser
def test_a_stream_that_ends_without_its_end_fails(run: Run, name: str) -> None:
    ran = run(name, stream("Half of it", finish=None, done=False))
    assert ran.exit != 0
    assert (ran.out, ran.err.strip()) == ("Half of it\n", "The stream broke off.")


@each_parser
def test_an_error_in_the_stream_fails(run: Run, name: str) -> None:
    ran = run(name, events(chunk({"content": "Half"}), {"error": {"message": "Overloaded."}}, chunk(finish="stop")))
    assert ran.exit != 0
    assert "Half" in ran.out
    assert "Overloaded." in ran.err


# The SDK takes a stream without events for an empty answer, so it is asked for a whole one only.
@pytest.mark.parametrize(
    ("name", "streaming"),
    [("requests", True), ("requests", False), ("openai", False), ("fetch", True), ("fetch", False)],
)
@pytest.mark.parametrize(
    "script", [reply({"error": {"message": "Out of credit."}}), html("Welcome")], ids=["json", "html"]
)
def test_success_without_an_answer_fails(run: Run, name: str, streaming: bool, script: Reply) -> None:
    assert run(name, script, stream=streaming).exit != 0


@each_parser
def test_a_call_is_printed_with_its_arguments(run: Run, name: str) -> None:
    calls = (("a", "weather", '{"city": "Rome"}'), ("b", "weather", '{"city": "Łódź"}'))
    expected = 'weather {"city": "Rome"}\nweather {"city": "Łódź"}'
    for script in (tool_stream(*calls), completion(None, calls)):
        ran = run(name, script, tools=(WEATHER,), stream=script.framing == "chunked")
        assert (ran.exit, ran.out.strip()) == (0, expected), ran.err


SAID = json.dumps(chunk({"content": "né\u2028 "}), ensure_ascii=False)
END = chunk(finish="stop")
ODD = {
    "comments and other fields": data(
        b": hello\n\nevent: x\nid: 1\nretry: 5\n\n", SAID, b":\n", SAID, END, "[DONE]"
    ),
    "no spaces": [f"data:{SAID}\n\n".encode() * 2, *data(END), b"data:[DONE]\n\n"],
    "several lines": data(*(SAID.replace(", ", ",\ndata: ", 2),) * 2, END, "[DONE]"),
    "CRLF": [part.replace(b"\n", b"\r\n") for part in data(SAID, SAID, END, "[DONE]") if isinstance(part, bytes)],
    "CR": [part.replace(b"\n", b"\r") for part in data(SAID, SAID, END, "[DONE]") if isinstance(part, bytes)],
    "a byte at a time": drip(
        f"data: {SAID}\r\n\r\n".encode() * 2 + f"data: {json.dumps(END)}\r\n\r\n".encode(), 0.0
    ),
    "no [DONE]": data(SAID, SAID, END),
    "after [DONE]": data(SAID, SAID, "[DONE]", SAID, "nonsense"),
    "usage": data(SAID, SAID, END, chunk(choices=[], usage={}), chunk(choices=None), "[DONE]"),
}


@each_own_parser
@pytest.mark.parametrize("case", ODD)
def test_every_legal_stream_is_read(run: Run, name: str, case: str) -> None:
    ran = run(name, Reply(ODD[case], headers={"Content-Type": "text/event-stream"}))
    assert (ran.exit, ran.out, ran.err) == (0, "né\u2028 né\u2028 \n", "")


@each
def test_words_are_shown_as_they_come(machine: Machine, api: FakeAPI, name: str) -> None:
    api.play(stream("Hello", HANG))
    command = machine.command(name, code(LANGUAGES[name], ask(), api.url))
    with subprocess.Popen(command, env=machine.environment, stdout=subprocess.PIPE) as process:
        assert process.stdout
        seen = b""
        while b"Hello" not in seen:  # the server stays silent from there: only pytest's own time limit ends this
            seen += process.stdout.read1()
        process.kill()
