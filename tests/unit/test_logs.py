"""The log: one line of JSON for each answer, with what an owner needs and nothing of what was said."""

from __future__ import annotations

import ast
import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from basics import KEY, QUICK, ask
from fake_api import CUT, HANG, USAGE, FakeAPI, chunk, completion, error, events, reply, stream, tool_stream
from hypothesis import given
from hypothesis import strategies as st
from source import FILES, dotted, nodes
from streamlit.testing.v1 import AppTest

from backend import logs
from backend.answer.turn import Turn
from backend.catalog.refreshing import Refreshed
from backend.store import Store
from backend.transport.client import ChatClient, Endpoint
from backend.transport.deadlines import Deadlines
from backend.types import JSON, ChatRequest, Event, Message, Tool

PROMPT, ANSWER, ARGUMENT, THOUGHT = "canary-prompt", "canary-answer", "canary-argument", "canary-thought"
SYSTEM, TOOL, FILE, USER = "canary-system", "canary_tool", "canary-file.pdf", "canary-user"
CANARIES = (PROMPT, ANSWER, ARGUMENT, THOUGHT, SYSTEM, TOOL, FILE, USER, KEY, "canary")
HOSTILE = 'm\n{"event": "forged"}\r\u2028\u202e\x1b[31m\x7f\x00é"\\'


class Written:
    """What was written to the log since the test began."""

    def __init__(self, stream: io.StringIO) -> None:
        self.stream = stream

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.split("\n") if line]

    def of(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == event]

    @property
    def answer(self) -> dict[str, Any]:
        (found,) = self.of("answer")
        return found


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """What the log was set up to be is forgotten again."""
    loggers = [logging.getLogger(name) for name in logs.LOGGERS]
    before = [(logger.handlers[:], logger.level) for logger in loggers]
    yield
    for logger, (handlers, level) in zip(loggers, before, strict=True):
        logger.handlers[:] = handlers
        logger.setLevel(level)


@pytest.fixture
def written(no_backoff: None) -> Written:
    """The log as the app writes it, at DEBUG: the most there can be."""
    stream = io.StringIO()
    logs.set_up("DEBUG", stream)
    return Written(stream)


def answered(source: Any, request: ChatRequest | None = None) -> Turn:
    """A turn whose thread has ended: the line comes after the answer is told."""
    turn = Turn(source, request or ask(PROMPT)).start().join(20)
    turn._thread.join(20)
    return turn


# ---- one answer -----------------------------------------------------------------------------------------


def test_an_answer_is_one_line_with_its_figures(api: FakeAPI, client: ChatClient, written: Written) -> None:
    made = stream("Hello", " world", usage=USAGE)
    api.play(events(*made.steps, **{"X-Inference-Id": "inf-1"}))  # type: ignore[arg-type]
    turn = answered(client)
    line = written.answer
    assert len(written.lines) == 1
    assert line["request_id"] == api.asked[0].headers["x-client-request-id"]
    assert line["server_id"] == "inf-1"
    assert (line["model"], line["host"], line["status"]) == ("fake/alpha", "127.0.0.1", 200)
    assert (line["state"], line["finish_reason"], line["retries"], line["chunks"]) == ("done", "stop", 0, 5)
    assert (line["tokens_in"], line["tokens_out"]) == (3, 5)
    assert line["first_token"] == round(turn.message.timing.first_token or 0, 6)
    assert line["seconds"] == round(turn.elapsed, 6)
    assert (line["level"], line["logger"], line["event"]) == ("INFO", "backend.answer.turn", "answer")
    assert line["time"].endswith("Z")
    assert "error" not in line


def test_a_blocking_answer_says_its_cost(api: FakeAPI, client: ChatClient, written: Written) -> None:
    api.play(completion("Hello", headers={"x-aimlapi-usd-spent": "0.25"}))
    answered(client, ask(PROMPT, stream=False))
    assert written.answer["cost"] == 0.25


@pytest.mark.parametrize(
    ("script", "kind", "status"),
    [
        (error(401, f"No {KEY}"), "KeyRefused", 401),
        (error(400, f"Bad: {PROMPT}"), "BadRequest", 400),
        (stream(ANSWER, CUT), "CutOff", 200),
        (events({"error": {"message": ANSWER}}), "ServerTrouble", 200),
        (reply("<html>" + ANSWER), "NotAnAnswer", 200),
    ],
)
def test_a_broken_server_is_one_line_with_the_kind(
    api: FakeAPI, client: ChatClient, written: Written, script: Any, kind: str, status: int
) -> None:
    api.play(script)
    answered(client)
    assert len(written.lines) == 1
    assert (written.answer["error"], written.answer["status"]) == (kind, status)
    assert (written.answer["level"], written.answer["state"]) == ("WARNING", "failed")
    assert not any(canary in written.text for canary in CANARIES)


def test_a_server_that_nobody_reaches_has_no_status(written: Written) -> None:
    answered(ChatClient(Endpoint("http://nobody.invalid/v1?q=canary", KEY), Deadlines(connect=0.5)))
    line = written.answer
    assert (line["host"], line["error"], line["retries"]) == ("nobody.invalid", "ConnectionFailed", 2)
    assert "status" not in line
    assert "canary" not in written.text


def test_retries_are_logged_as_they_happen_and_counted_at_the_end(
    api: FakeAPI, client: ChatClient, written: Written
) -> None:
    api.play([error(500, ANSWER), error(429, ANSWER), stream("Hello")])
    answered(client)
    assert [(line["attempt"], line["error"]) for line in written.of("retry")] == [
        (1, "ServerTrouble"),
        (2, "RateLimited"),
    ]
    assert (written.answer["retries"], written.answer["status"]) == (2, 200)
    assert len({line["request_id"] for line in written.lines}) == 1


def test_a_stopped_answer_is_one_line(api: FakeAPI, client: ChatClient, written: Written) -> None:
    api.play(stream(ANSWER, HANG))
    turn = Turn(client, ask(PROMPT)).start()
    while not turn.message.content:
        turn.wait(len(turn.events))
    turn.stop()
    turn.stop()
    turn._thread.join(5)
    assert written.answer["state"] == "stopped"
    assert len(written.lines) == 1


def test_nothing_is_written_for_each_chunk(api: FakeAPI, client: ChatClient, written: Written) -> None:
    api.play(stream(*["x"] * 500))
    answered(client)
    assert written.answer["chunks"] == 502
    assert len(written.lines) == 1


def test_a_fault_of_our_own_says_its_place_and_not_its_text(written: Written) -> None:
    class Broken:
        def chat(self, request: ChatRequest, call: Any = None) -> Iterator[Event]:
            raise ZeroDivisionError(f"{PROMPT} {KEY}")
            yield

    answered(Broken())
    (line,) = written.of("fault")
    assert (line["error"], line["level"]) == ("ZeroDivisionError", "ERROR")
    assert line["at"].startswith("backend/answer/turn.py:")
    assert not any(canary in written.text for canary in CANARIES)


def test_a_database_in_trouble_is_told_without_its_address(written: Written) -> None:
    store = Store.open("postgresql://somebody:hunter2@127.0.0.1:9/base", pauses=(60,))
    store.close(0.1)
    line = written.of("database in trouble")[0]
    assert (line["error"], line["why"]) == ("OperationalError", "The database does not answer.")
    assert not any(word in written.text for word in ("somebody", "hunter2", "127.0.0.1"))


# ---- never content --------------------------------------------------------------------------------------


def test_nothing_said_is_in_the_log_even_at_debug(api: FakeAPI, client: ChatClient, written: Written) -> None:
    headers = {"X-Note": ANSWER, "Set-Cookie": ANSWER}
    calls = (("call-1", TOOL, json.dumps({"a": ARGUMENT})),)
    api.play(
        [
            stream(ANSWER, reasoning=THOUGHT, usage={**USAGE, "note": ANSWER}),
            tool_stream(*calls, text=ANSWER),
            completion(ANSWER, calls, headers=headers),
            error(400, f"{PROMPT} {KEY}", headers=headers, code=ANSWER),
            events({"error": {"message": ANSWER, "type": ANSWER}}),
            events(chunk({"content": ANSWER}, ANSWER), chunk(choices=[], model=ANSWER), "[DONE]"),
        ]
    )
    tool = Tool(TOOL, SYSTEM, {"type": "object", "properties": {ARGUMENT: {"type": "string"}}})
    asked = (Message("system", SYSTEM), Message("user", PROMPT, name=USER))
    for streaming in (True, True, False, True, True, True):
        answered(client, ChatRequest("fake/alpha", asked, tools=(tool,), stream=streaming, extra={"user": USER}))
    assert len(written.of("answer")) == 6
    assert not any(canary in written.text for canary in CANARIES)


def test_an_id_that_repeats_the_key_is_not_logged(api: FakeAPI, client: ChatClient, written: Written) -> None:
    api.play(
        [completion("Hello", headers={"x-request-id": f"Bearer {KEY}"}), error(401, headers={"x-request-id": KEY})]
    )
    answered(client)
    answered(client)
    assert len(written.of("answer")) == 2
    assert KEY not in written.text


@pytest.mark.parametrize("reason", ["stop", "length", "tool_calls", "content_filter"])
def test_the_apis_words_for_the_end_are_kept(reason: str) -> None:
    assert logs.reason(reason) == reason


def test_a_servers_own_words_for_the_end_are_not() -> None:
    assert (logs.reason("the secret is 42"), logs.reason(None)) == ("other", "")


def test_a_page_that_could_not_be_read_is_named_without_what_was_asked(api: FakeAPI, written: Written) -> None:
    def read(body: JSON, _: JSON) -> JSON:
        return body

    page: Refreshed[JSON] = Refreshed(
        Endpoint(api.url, KEY), "nowhere?q=canary", None, read, every=60, deadlines=QUICK
    )
    page.get()
    assert page.wait(10)
    (line,) = written.of("page not read")
    assert (line["page"], line["error"], line["status"]) == ("nowhere", "AddressNotFound", 404)
    assert "canary" not in written.text


# ---- hostile text ---------------------------------------------------------------------------------------


def test_a_hostile_model_id_is_one_line(api: FakeAPI, client: ChatClient, written: Written) -> None:
    answered(client, ChatRequest(HOSTILE + "x" * 5000, (Message("user", "Hi"),)))
    assert written.text.count("\n") == 1
    assert written.text.isascii()
    assert written.text.strip().isprintable()
    assert len(written.answer["model"]) <= logs.TEXT_LIMIT
    assert written.answer["event"] == "answer"


@given(st.text(), st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.lists(st.text())))
def test_any_value_in_any_field_is_one_line_of_ascii(text: str, value: Any) -> None:
    record = logging.LogRecord("backend.x", logging.INFO, "", 0, text, None, None)
    record.fields = {**dict.fromkeys(logs.Fields.__annotations__, value), text: "not a field"}
    line = logs.Line().format(record)
    assert line.isascii()
    assert line.isprintable()
    names = set(json.loads(line, parse_constant=lambda name: pytest.fail(name)))
    assert names <= {"time", "level", "logger", "event", *logs.Fields.__annotations__}
    assert len(line) < 15_000


@given(st.text(max_size=300))
def test_a_servers_id_is_made_of_what_ids_are_made_of(text: str) -> None:
    found = logs.identifier(text)
    assert len(found) <= logs.TEXT_LIMIT
    assert not set(found) & set(" \t\n\r\"'\\<>{}|\x00")


def test_of_foreign_records_only_our_own_words_are_logged(written: Written) -> None:
    log = logging.getLogger("backend.store")
    try:
        raise ValueError(PROMPT)
    except ValueError:
        log.exception("a message could not be written: %s", PROMPT)
    (line,) = written.lines
    assert line["event"] == "a message could not be written: %s"
    assert line["error"] == "ValueError"
    assert PROMPT not in written.text


def test_every_log_message_is_a_constant_text() -> None:
    """What is written of a record is its first argument: nobody may build that out of anything."""
    names = {"debug", "info", "warning", "error", "exception", "critical"}
    for path in FILES:
        for node in nodes(path):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            said = None
            if isinstance(node.func.value, ast.Name) and node.func.value.id in ("log", "logger", "logging"):
                said = node.args[0] if node.func.attr in names else None
            elif dotted(node.func) in ("logs.event", "logs.fault"):
                said = node.args[2 if node.func.attr == "event" else 1]
            assert said is None or isinstance(said, ast.Constant), f"{path.name}:{node.lineno}"


# ---- setting it up --------------------------------------------------------------------------------------


def test_set_up_twice_writes_each_line_once(api: FakeAPI, client: ChatClient, written: Written) -> None:
    logs.set_up("DEBUG", written.stream)
    logs.set_up("DEBUG", written.stream)
    answered(client)
    assert len(written.lines) == 1


def test_lines_go_to_standard_error(capsys: pytest.CaptureFixture[str], api: FakeAPI, client: ChatClient) -> None:
    logs.set_up()
    answered(client)
    out, err = capsys.readouterr()
    assert json.loads(err)["event"] == "answer"
    assert out == ""


@pytest.mark.parametrize(
    ("level", "expected"), [("WARNING", 1), ("error", 0), ("info", 2), ("nonsense", 2), ("", 2), ("DEBUG", 2)]
)
def test_the_level_decides_what_is_logged(
    api: FakeAPI, client: ChatClient, written: Written, level: str, expected: int
) -> None:
    logs.set_up(level, written.stream)
    api.play([stream("Hello"), error(401)])
    answered(client)
    answered(client)
    assert len(written.lines) == expected


def test_the_setting_decides_the_level_of_the_app(visit: Callable[..., AppTest]) -> None:
    visit(PLAYGROUND_LOG_LEVEL="warning")
    for name in logs.LOGGERS:
        logger = logging.getLogger(name)
        assert logger.level == logging.WARNING
        assert len([handler for handler in logger.handlers if isinstance(handler.formatter, logs.Line)]) == 1


def test_an_answer_does_not_fail_where_the_log_cannot(api: FakeAPI, client: ChatClient, written: Written) -> None:
    written.stream.close()
    assert answered(client).state == "done"


def test_other_peoples_loggers_are_left_alone(written: Written) -> None:
    before = logging.root.handlers[:]
    logs.set_up("DEBUG")
    assert logging.root.handlers == before
    logging.getLogger("urllib3").debug("canary")
    assert written.text == ""
