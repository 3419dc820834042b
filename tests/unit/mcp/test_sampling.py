"""A server that wants a model asked in the middle of a call: what it is shown as, what it gets, and its bounds."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from fake_api import FakeAPI, Request, error, stream, tool_stream
from tool_server import LONG, Serving, connected, program, until

from backend.answer.turn import Turn
from backend.mcp import bounds, config
from backend.mcp.connection import ToolServerConnection
from backend.mcp.running_call import ServerCall
from backend.mcp.sampling import SamplingRequest
from backend.mcp.server import Server
from backend.tools.calls import CallOutcome
from backend.transport.client import ChatClient
from backend.types import ChatRequest, ToolCall

Open = Callable[[Server], ToolServerConnection]


def begun(connection: ToolServerConnection, tool: str = "add") -> tuple[ServerCall, SamplingRequest]:
    """A call, and what its server wants asked."""
    running = connection.start(ToolCall("c1", tool, "{}"), tool)
    until(lambda: bool(connection.questions.open) or running.ended)
    assert not running.ended, running.outcome
    (asking,) = connection.questions.open
    assert isinstance(asking, SamplingRequest)
    return running, asking


def ended(running: ServerCall) -> CallOutcome:
    outcome = running.wait(LONG)
    assert outcome
    return outcome


def answered(asking: SamplingRequest, client: ChatClient) -> Turn:
    asking.ask(Turn(client, ChatRequest("fake/alpha", asking.prompt.messages)))
    assert asking.turn
    return asking.turn.join(LONG)


def test_a_model_is_asked_and_its_answer_sent_each_after_a_click(
    open_: Open, api: FakeAPI, client: ChatClient
) -> None:
    api.play(stream("Blue", finish="length"))
    connection = open_(program("sample"))
    running, asking = begun(connection)
    assert [(one.role, one.content) for one in asking.prompt.messages] == [
        ("system", "One word."),
        ("user", "Name a **colour**."),
    ]
    assert (asking.most, asking.temperature, asking.stops) == (bounds.SAMPLING_TOKENS, 0.5, (".",))
    assert asking.wishes == ("some-model",)
    asking.send()
    assert api.asked == [], "nothing is sent before somebody asks"
    answered(asking, client)
    assert (asking.phase, asking.answer, running.ended) == ("answered", "Blue", False)
    asking.send()
    told = json.loads(ended(running).content)
    assert (told["content"]["text"], told["model"], told["stopReason"]) == ("Blue", "fake/alpha", "maxTokens")
    assert connection.questions.open == []


def test_sampling_works_without_sessions(tool_server: Serving, api: FakeAPI, client: ChatClient) -> None:
    connection = connected(config.read(tool_server.url).servers[0])
    assert connection.about
    assert not connection.about.sessions
    api.play(stream("Blue"))
    running, asking = begun(connection, "consult")
    answered(asking, client)
    asking.send()
    assert ended(running).content == "fake/alpha: Blue"
    running, asking = begun(connection, "consult")
    asking.decline()
    assert ended(running).content == "Error: The user did not let a model answer this."
    connection.close()


def test_a_server_is_told_that_it_gets_no_answer(open_: Open) -> None:
    running, asking = begun(open_(program("sample")))
    asking.decline()
    assert json.loads(ended(running).content) == {
        "code": -1,
        "message": "The user did not let a model answer this.",
    }


def test_a_failed_answer_is_not_sent_and_can_be_asked_again(open_: Open, api: FakeAPI, client: ChatClient) -> None:
    api.play([error(401, "no"), stream("Blue")])
    running, asking = begun(open_(program("sample")))
    answered(asking, client)
    asking.send()
    assert (asking.phase, running.ended) == ("failed", False)
    answered(asking, client)
    asking.send()
    assert "Blue" in ended(running).content


def test_a_stopped_call_takes_its_question_and_answer_along(open_: Open, api: FakeAPI, client: ChatClient) -> None:
    def never(request: Request) -> object:
        request.left.wait(LONG)
        return stream("Late")

    api.play(never)
    connection = open_(program("sample"))
    running, asking = begun(connection)
    asking.ask(Turn(client, ChatRequest("fake/alpha", asking.prompt.messages)))
    running.stop()
    until(lambda: not connection.questions.open)
    assert asking.turn
    assert asking.turn.join(LONG).state == "stopped"


def test_a_picture_is_drawn_anew_and_passed_on(open_: Open, api: FakeAPI, client: ChatClient) -> None:
    api.play(stream("Red"))
    running, asking = begun(open_(program("sample", "picture")))
    assert asking.prompt.has_pictures
    answered(asking, client)
    (part,) = [part for part in api.asked[0].body["messages"][-1]["content"] if part["type"] == "image_url"]
    assert part["image_url"]["url"].startswith("data:image/")
    asking.send()
    assert "Red" in ended(running).content


def test_a_model_calls_the_servers_tool_which_runs_and_asks_again(
    open_: Open, api: FakeAPI, client: ChatClient
) -> None:
    api.play([tool_stream(("u1", "add", '{"a": 1}'), text="I add."), stream("It is 2.")])
    connection = open_(program("sample", "tools"))
    running, asking = begun(connection)
    asking.ask(Turn(client, ChatRequest("fake/alpha", asking.prompt.messages, tools=asking.prompt.tools)))
    assert asking.turn
    asking.turn.join(LONG)
    assert [(call.name, call.arguments) for call in asking.calls] == [("add", '{"a": 1}')]
    asking.send()
    until(lambda: (bool(connection.questions.open) and connection.questions.open[0] is not asking) or running.ended)
    (again,) = connection.questions.open
    assert isinstance(again, SamplingRequest)
    assert [one.role for one in again.prompt.messages] == ["system", "user", "assistant", "tool"]
    assert (again.prompt.messages[-1].tool_call_id, again.prompt.messages[-1].content) == ("u1", "fine")
    answered(again, client)
    again.send()
    assert "It is 2." in ended(running).content


@pytest.mark.parametrize("call", [("u1", "rm", "{}"), ("u1", "add", "{no json")])
def test_a_call_that_the_server_could_not_run_is_not_sent(
    open_: Open, api: FakeAPI, client: ChatClient, call: tuple[str, str, str]
) -> None:
    api.play(tool_stream(call))
    running, asking = begun(open_(program("sample", "tools")))
    answered(asking, client)
    assert asking.phase == "failed"
    asking.decline()
    ended(running)


@pytest.mark.parametrize(
    ("how", "words"),
    [("no-picture", "A picture cannot be read."), ("sound", "passes no audio"), ("pictures", "too many pictures")],
)
def test_a_sampling_request_that_is_not_passed_on_is_refused_in_words(open_: Open, how: str, words: str) -> None:
    outcome = open_(program("sample", how)).start(ToolCall("c1", "add", "{}"), "add").wait(LONG)
    assert outcome
    assert words in outcome.content


def test_a_prompt_that_is_too_long_is_refused(open_: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "SAMPLING_TEXT", 10)
    outcome = open_(program("sample")).start(ToolCall("c1", "add", "{}"), "add").wait(LONG)
    assert outcome
    assert "too long for a model" in outcome.content


def test_a_server_that_wants_a_model_asked_without_end_is_refused(open_: Open) -> None:
    connection = open_(program("sample", "twenty"))
    running = connection.start(ToolCall("c1", "add", "{}"), "add")
    declined = set[int]()
    while not running.ended:
        for asking in connection.questions.open:
            declined.add(id(asking))
            asking.decline()
    assert "asked too often" in ended(running).content
    assert len(declined) <= bounds.SAMPLINGS


def test_a_servers_question_outside_of_a_call_is_declined(open_: Open) -> None:
    connection = open_(program("early"))
    assert connection.state == "on", connection.problem
    until(lambda: connection.aside.strip() == "decline")
    assert connection.questions.open == []
