"""A connection to a server of tools: what it gives, and what becomes of servers that misbehave."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from basics import ROOT
from nginx import free_port
from tool_server import LONG, Serving, call_tool, connected, program, until

from backend.mcp import bounds, config
from backend.mcp.connection import ToolServerConnection
from backend.mcp.server import Server
from backend.types import ToolCall


@pytest.fixture(scope="module")
def shop(tool_server: Serving) -> Iterator[ToolServerConnection]:
    connection = connected(config.read(tool_server.url, "sk-verysecret123456").servers[0])
    yield connection
    connection.close()


@pytest.mark.slow
def test_a_page_of_the_app_starts_without_the_sdk() -> None:
    code = "import sys, components.tools.page, backend.mcp.connection; print({'mcp', 'httpx2'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# ---- a server that behaves ------------------------------------------------------------------------------


def test_a_server_says_who_it_is_and_what_it_has(shop: ToolServerConnection) -> None:
    assert shop.about
    assert (shop.about.name, shop.about.version) == ("Orders", "1.2")
    assert shop.about.instructions == "Ask for **one** order at a time."
    tools = {tool.name: tool for tool in shop.listing.tools}
    assert tools["find"].read_only
    assert tools["cancel"].must_ask
    assert not tools["find"].must_ask


@pytest.mark.parametrize(
    ("tool", "arguments", "expected"),
    [
        ("find", '{"number": 3}', (True, "order 3 is late")),
        ("slow", '{"steps": 2}', (True, "done")),
        ("picture", "{}", (True, "[picture, image/png, 0 kB: shown to the user]")),
        ("fail", "{}", (False, "Error: Error executing tool fail: no orders today")),
        ("nothing", "{}", (False, "Error: Unknown tool: nothing")),
    ],
)
def test_a_call_returns_what_the_server_answers(
    shop: ToolServerConnection, tool: str, arguments: str, expected: tuple[bool, str]
) -> None:
    assert call_tool(shop, tool, arguments) == expected


def test_a_token_goes_with_each_request_and_comes_back_in_no_text(shop: ToolServerConnection) -> None:
    assert call_tool(shop, "told") == (True, "Bearer [key]")
    assert "verysecret" not in "".join(frame.text for frame in shop.wire.frames)
    assert "verysecret" not in repr(shop.server) + shop.server.document()


def test_a_server_asks_the_visitor_in_the_middle_of_a_call(shop: ToolServerConnection) -> None:
    running = shop.start(ToolCall("c1", "choose", "{}"), "choose")
    until(lambda: bool(shop.questions.open) or running.ended)
    assert not running.ended, running.outcome
    (question,) = shop.questions.open
    assert question.words == "Which **colour**?"
    assert question.fields[0].choices == ("red", "blue")
    assert question.answer({"colour": "green"}), "what does not fit is not sent"
    assert question.answer({"colour": "blue"}) == []
    outcome = running.wait(LONG)
    assert outcome
    assert outcome.content == "accept: blue"
    assert shop.questions.open == []


def test_a_servers_question_can_be_declined(shop: ToolServerConnection) -> None:
    running = shop.start(ToolCall("c1", "choose", "{}"), "choose")
    until(lambda: bool(shop.questions.open))
    shop.questions.open[0].decline()
    outcome = running.wait(LONG)
    assert outcome
    assert outcome.content == "decline: None"


def test_resources_are_read_and_prompts_filled_in(shop: ToolServerConnection) -> None:
    assert [known.address for known in shop.listing.resources] == ["notes://today"]
    read = shop.ask(lambda session: session.read("notes://today"))
    assert [part.text for part in read.parts] == ["Water the plants."]
    assert not shop.ask(lambda session: session.read("notes://never")).ok
    (prompt,) = shop.listing.prompts
    assert [(one.name, one.required) for one in prompt.arguments] == [("code", True)]
    assert shop.ask(lambda session: session.prompt("review", {"code": "x = 1"})).content == "Review this: x = 1"


def test_progress_is_told_while_a_call_runs_and_a_stop_ends_it(shop: ToolServerConnection) -> None:
    running = shop.start(ToolCall("c1", "slow", '{"steps": 2000}'), "slow")
    until(lambda: running.progress.words.startswith("step"))
    running.stop()
    assert running.outcome
    assert "stopped" in running.outcome.content
    assert call_tool(shop, "find", '{"number": 1}')[0], "the connection stands"


def test_every_message_is_written_down_with_its_time(shop: ToolServerConnection) -> None:
    call_tool(shop, "find", '{"number": 7}')
    asked, answered = [frame for frame in shop.wire.frames if frame.what == "tools/call"][-2:]
    assert (asked.outward, answered.outward) == (True, False)
    assert '"number":7' in asked.text
    assert "order 7 is late" in answered.text
    assert answered.seconds is not None


# ---- servers that do not ----------------------------------------------------------------------------------


def test_lines_that_are_no_messages_are_passed_over(open_: Callable[[Server], ToolServerConnection]) -> None:
    connection = open_(program("garbage", "bytes"))
    assert call_tool(connection, "add") == (True, "fine")
    assert "Starting up ..." in [frame.text for frame in connection.wire.frames]


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        ("die", "The server's program has ended (exit code 3)."),
        ("huge", "more than 10 MB"),
        ("flood", "The server sends too many messages"),
        ("hang", "did not answer within 1 seconds"),
        ("deep", "nested too deeply"),
    ],
)
def test_a_call_ends_in_words_whatever_the_server_does(
    open_: Callable[[Server], ToolServerConnection], monkeypatch: pytest.MonkeyPatch, behaviour: str, words: str
) -> None:
    monkeypatch.setattr(bounds, "CALL_SECONDS", 1.0 if behaviour == "hang" else 60.0)
    connection = open_(program(behaviour))
    ok, content = call_tool(connection, "add")
    assert not ok
    assert words in content
    if behaviour in ("hang", "deep"):
        assert connection.state == "on"
    else:
        until(lambda: connection.state == "off")
        assert words in connection.problem
        assert "is not running" in call_tool(connection, "add")[1], "a program is started by a click only"


def test_a_program_killed_during_a_call_ends_it_at_once(open_: Callable[[Server], ToolServerConnection]) -> None:
    connection = open_(program("hang"))
    running = connection.start(ToolCall("c1", "add", "{}"), "add")
    until(lambda: any(frame.what == "tools/call" for frame in connection.wire.frames))
    connection.kill()
    outcome = running.wait(LONG)
    assert outcome
    assert outcome.content.startswith("Error: The server's program has ended")


@pytest.mark.slow  # two programs that import the SDK
def test_a_server_at_an_address_that_is_killed_in_mid_call_ends_it_and_is_called_again_when_it_is_back() -> None:
    port = free_port()
    serving = started(port)
    connection = connected(config.read(f"http://127.0.0.1:{port}/mcp").servers[0])
    running = connection.start(ToolCall("c1", "slow", '{"steps": 2000}'), "slow")
    until(lambda: bool(running.progress.words))
    serving.kill()
    serving.wait()
    outcome = running.wait(LONG)
    assert outcome
    assert not outcome.ok
    assert not call_tool(connection, "find", '{"number": 1}')[0], "it is gone"
    serving = started(port)
    assert call_tool(connection, "find", '{"number": 1}') == (True, "order 1 is late")
    connection.close()
    serving.kill()
    serving.wait()


def started(port: int) -> subprocess.Popen[bytes]:
    """The server of the tests as a process of its own."""
    command = [sys.executable, "tests/support/tool_server.py", str(port)]
    serving = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})

    def answers() -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return True
        return False

    until(answers)
    return serving


def test_a_silent_server_is_given_up(
    open_: Callable[[Server], ToolServerConnection], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "CONNECT_SECONDS", 0.5)
    connection = open_(program("silent"))
    assert connection.state == "off"
    assert "did not answer" in connection.problem


def test_excessive_memory_ends_a_program(
    open_: Callable[[Server], ToolServerConnection], monkeypatch: pytest.MonkeyPatch
) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux says what a process group takes")
    monkeypatch.setattr(bounds, "MEMORY", 1_000_000)
    monkeypatch.setattr(bounds, "MEMORY_SECONDS", 0.1)
    connection = open_(program())
    until(lambda: connection.state == "off")
    assert "of memory" in connection.problem


def test_children_of_a_server_program_end_with_it(open_: Callable[[Server], ToolServerConnection]) -> None:
    connection = open_(program("child"))
    child = int(call_tool(connection, "add")[1])
    connection.close()
    until(lambda: not _alive(child))


def _alive(process: int) -> bool:
    with suppress(OSError):
        return "Z" not in (
            Path(f"/proc/{process}/stat").read_text() if sys.platform == "linux" else _status(process)
        )
    return False


def _status(process: int) -> str:
    os.kill(process, 0)
    return ""


def test_a_program_gets_its_own_variables_and_none_of_the_apps_secrets(
    open_: Callable[[Server], ToolServerConnection], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIMLAPI_API_KEY", "sk-of-the-owner")
    monkeypatch.setenv("INNOCENT", "sk-of-the-owner-as-well")
    server = config.read('{"command": "x", "env": {"MODE": "fast", "MY_TOKEN": "abcdefghijklmnopqrst"}}').servers[0]
    own = Server("bad", command=program("secret").command, environment=server.environment, sealed=server.sealed)
    ok, content = call_tool(open_(own), "add")
    assert ok
    assert "of-the-owner" not in content
    assert '"MODE": "fast"' in content
    assert '"MY_TOKEN": "[key]"' in content, "it has the token, and what it says of it is not shown"


def test_tools_that_change_are_asked_for_anew(open_: Callable[[Server], ToolServerConnection]) -> None:
    connection = open_(program("change"))
    assert connection.listing.tools[0].description == "Adds."
    allowed = connection.listing.fingerprint("add")
    call_tool(connection, "add")
    until(lambda: "id_rsa" in connection.listing.tools[0].description)
    outcome = connection.start(ToolCall("c1", "add", "{}"), "add", allowed).wait()
    assert outcome
    assert "in another way" in outcome.content, "what was allowed is another tool"


def test_a_connection_that_nobody_wants_any_more_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.mcp.connection._TICK", 0.05)
    monkeypatch.setattr("backend.mcp.connection._ABSENT", 0.05)
    connection = ToolServerConnection(program(), wanted=lambda: False)
    connection.connect()
    connection.wait()
    until(lambda: connection.state == "off")
    assert connection.problem == ""


@pytest.mark.parametrize(
    ("pasted", "words"),
    [
        ("http://127.0.0.1:9/mcp", "Nothing answers at this address."),
        ("no-such-program-here --x", "There is no program named no-such-program-here on this machine."),
    ],
)
def test_an_unreachable_server_is_reported_in_words(pasted: str, words: str) -> None:
    assert connected(config.read(pasted).servers[0]).problem == words


def test_guests_reach_no_private_address(tool_server: Serving) -> None:
    connection = ToolServerConnection(config.read(tool_server.url).servers[0], public_only=True)
    connection.connect()
    assert not connection.wait()
    assert connection.problem.startswith("This address is not open here.")


def test_a_server_of_the_older_way_is_connected_by_its_stream_of_events(
    older: str, open_: Callable[[Server], ToolServerConnection]
) -> None:
    (server,) = config.read(json.dumps({"type": "http", "url": older})).servers
    connection = open_(server)
    assert call_tool(connection, "find", '{"number": 3}') == (True, "order 3 is late")
    connection.close()
    until(lambda: connection.state == "off")
    assert connection.problem == ""
