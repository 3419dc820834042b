"""The client against a server that misbehaves: the right words, the text that came, and never for ever."""

from __future__ import annotations

import contextlib
import gzip
import re
import select
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import KEY, QUICK, ask
from fake_api import (
    CUT,
    HANG,
    RESET,
    USAGE,
    FakeAPI,
    Pause,
    Reply,
    Script,
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

from backend import client as client_module
from backend import errors
from backend.client import Call, ChatClient, Deadlines, Endpoint, Stopped
from backend.errors import APIError
from backend.turn import Turn
from backend.types import (
    ChunkReceived,
    Message,
    ResponseStarted,
    Retrying,
    TextDelta,
    ToolCall,
)

JSON_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_the_pause_before_a_retry_doubles_and_is_a_little_different_every_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()
    first, second = ([client_module._pause(errors.ServerTrouble(), n) or 0.0 for _ in range(50)] for n in (0, 1))
    assert 0.4 <= min(first) < max(first) <= 0.6
    assert 0.8 <= min(second) < max(second) <= 1.2
    assert client_module._pause(errors.ServerTrouble(), 2) is None


@pytest.fixture
def _no_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pause before a retry has a test of its own; here it would only cost time."""
    monkeypatch.setattr(client_module.random, "uniform", lambda low, high: 0.02)


pytestmark = pytest.mark.usefixtures("_no_backoff")


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds


def run(client: ChatClient, **fields: Any) -> Turn:
    """A question asked and waited for."""
    turn = Turn(client, ask(**fields)).start().join(20)
    assert not turn.running
    return turn


def failed(turn: Turn, cls: type[APIError], text: str = "") -> APIError:
    """The error of a turn that failed in this way, with this text kept."""
    assert turn.state == "failed"
    assert type(turn.error) is cls, turn.error
    assert turn.message.content == text
    assert turn.message.failure is not None
    assert turn.message.failure.title == turn.error.title
    return turn.error


def done(turn: Turn, text: str) -> Message:
    assert turn.error is None, (turn.error, turn.error.detail)
    assert turn.state == "done"
    assert turn.message.content == text
    return turn.message


def framed(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(body), body)


def raw(*steps: Any) -> Reply:
    return Reply(steps, framing="raw")


HELLO = b"".join(part for part in data(chunk({"content": "Hello"})) if isinstance(part, bytes))


# ---- answers as they should be --------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 201])
def test_a_stream_becomes_an_answer(api: FakeAPI, client: ChatClient, status: int) -> None:
    made = stream("Hello", " world", reasoning="hm", usage=USAGE)
    api.play(Reply(made.steps, status, made.headers))
    message = done(run(client), "Hello world")
    assert message.reasoning == "hm"
    assert message.finish_reason == "stop"
    assert message.usage is not None
    assert message.usage.total_tokens == 8
    assert message.state == "done"


@pytest.mark.parametrize("status", [200, 201])
def test_a_completion_becomes_an_answer(api: FakeAPI, client: ChatClient, status: int) -> None:
    api.play(completion("Hello", status=status))
    assert done(run(client, stream=False), "Hello").finish_reason == "stop"


def test_tool_calls_come_out_whole(api: FakeAPI, client: ChatClient) -> None:
    calls = (("a", "weather", '{"city": "Rome"}'), ("b", "stock", "{}"))
    expected = tuple(ToolCall(*call) for call in calls)
    api.play([tool_stream(*calls), completion(None, tool_calls=calls)])
    assert run(client).message.tool_calls == expected
    assert run(client, stream=False).message.tool_calls == expected


def test_complete_gives_the_whole_message(api: FakeAPI, client: ChatClient) -> None:
    assert client.complete(ask("Hello there")).content == "You said: Hello there"
    api.play(error(401, "No"))
    with pytest.raises(errors.KeyRefused):
        client.complete(ask())


def test_a_completion_is_read_when_a_stream_was_asked_for(api: FakeAPI, client: ChatClient) -> None:
    api.play(completion("Hello"))
    done(run(client, stream=True), "Hello")


def test_a_stream_is_read_when_a_completion_was_asked_for(api: FakeAPI, client: ChatClient) -> None:
    api.play(stream("Hello"))
    done(run(client, stream=False), "Hello")


@pytest.mark.parametrize("framing", ["chunked", "length", "close"])
def test_a_stream_is_read_however_the_body_is_framed(api: FakeAPI, client: ChatClient, framing: Any) -> None:
    made = stream("Hello", " world")
    api.play(Reply(made.steps, 200, made.headers, framing))
    done(run(client), "Hello world")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"\xef\xbb\xbf" + HELLO + b"data: [DONE]\n\n", "Hello"),
        ((HELLO + b"data: [DONE]\n\n").replace(b"\n", b"\r\n"), "Hello"),
        ((HELLO + b"data: [DONE]\n\n").replace(b"\n", b"\r"), "Hello"),
        (b"\n\n\n" + HELLO + b"data: [DONE]\n\n", "Hello"),
        (b": comment\n\n" + HELLO + b": comment\n\ndata: [DONE]\n\n", "Hello"),
        (HELLO + b"data:[DONE]\n\n", "Hello"),
        (HELLO + b"data: [DONE] \n\n", "Hello"),
        (b"event: message\nid: 1\nretry: 10\n" + HELLO + b"data: [DONE]\n\n", "Hello"),
        (HELLO + b"data: {broken\n\n" + HELLO + b"data: [DONE]\n\n", "HelloHello"),
        (HELLO + b"data: [1, 2]\n\ndata: 3\n\ndata: null\n\n" + HELLO + b"data: [DONE]\n\n", "HelloHello"),
        (HELLO.replace(b"Hello", b"Hel\xfflo") + b"data: [DONE]\n\n", "Hel\ufffdlo"),
        (HELLO.replace(b"Hello", "Grüße 😀".encode()) + b"data: [DONE]\n\n", "Grüße 😀"),
        (
            HELLO.replace(b"Hello", rb"a\u0000b\ud83d")
            + HELLO.replace(b"Hello", rb"\ude00c")
            + b"data: [DONE]\n\n",
            "ab😀c",
        ),
        (HELLO + b'data: {"choices": [{"delta": {}}], "nan": NaN}\n\ndata: [DONE]\n\n', "Hello"),
        (HELLO + b"data: " + b"[" * 100_000 + b"\n\n" + HELLO + b"data: [DONE]\n\n", "HelloHello"),
    ],
)
def test_odd_bytes_are_read_whole_and_byte_by_byte(
    api: FakeAPI, client: ChatClient, body: bytes, text: str
) -> None:
    pieces = [body[at : at + 1] for at in range(len(body))] if len(body) < 2000 else [body[:7], body[7:]]
    api.play([events(body), events(*pieces)])
    done(run(client), text)
    done(run(client), text)


def test_a_chunk_over_the_length_of_a_line_is_read(api: FakeAPI, client: ChatClient) -> None:
    picture = "A" * 3_000_000
    api.play(events(chunk({"images": [{"image_url": {"url": f"data:image/png;base64,{picture}"}}]}), "[DONE]"))
    (media,) = run(client).message.media
    assert media.url.endswith(picture)


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_compressed_stream_is_read(api: FakeAPI, client: ChatClient, framing: Any) -> None:
    body = gzip.compress(b"".join(step for step in stream("Hello", " world").steps if isinstance(step, bytes)))
    steps = [body[:20], body[20:]]
    api.play(Reply(steps, 200, {"Content-Type": "text/event-stream", "Content-Encoding": "gzip"}, framing))
    done(run(client), "Hello world")
    assert api.asked[0].headers["accept-encoding"] == "identity"


def test_a_compressed_completion_is_read(api: FakeAPI, client: ChatClient) -> None:
    (body,) = completion("Hello").steps
    api.play(reply(gzip.compress(body), headers={"Content-Encoding": "gzip"}))
    done(run(client, stream=False), "Hello")


# ---- how a stream may end -------------------------------------------------------------------------------


def test_without_done_a_finish_reason_is_enough(api: FakeAPI, client: ChatClient) -> None:
    api.play(stream("Hello", done=False))
    done(run(client), "Hello")


def test_without_a_finish_reason_done_is_enough(api: FakeAPI, client: ChatClient) -> None:
    api.play(stream("Hello", finish=None))
    assert done(run(client), "Hello").finish_reason is None


def test_without_either_the_answer_was_cut_off(api: FakeAPI, client: ChatClient) -> None:
    api.play(stream("Hello", finish=None, done=False))
    failed(run(client), errors.CutOff, "Hello")
    assert len(api.asked) == 1, "text was shown: asking again would show it twice"


def test_after_done_a_server_that_stays_is_not_waited_for(api: FakeAPI, client: ChatClient) -> None:
    api.play(events(chunk({"content": "Hello"}), "[DONE]", HANG))
    slow = ChatClient(client.endpoint, Deadlines(tail=30, idle=30))
    with within(3):
        done(run(slow), "Hello")
    assert api.asked[0].left.wait(3)


def test_after_a_finish_reason_the_usage_is_waited_for_but_not_long(api: FakeAPI, client: ChatClient) -> None:
    api.play(
        [
            events(chunk({"content": "Hello"}), chunk(finish="stop"), HANG),
            events(
                chunk({"content": "Hello"}), chunk(finish="stop"), Pause(0.1), chunk(choices=[], usage=USAGE), HANG
            ),
        ]
    )
    with within(5):
        assert done(run(client), "Hello").usage is None
        usage = done(run(client), "Hello").usage
    assert usage is not None
    assert usage.total_tokens == 8
    assert all(request.left.wait(3) for request in api.asked)


@pytest.mark.parametrize("end", [CUT, RESET])
def test_a_connection_that_breaks_after_the_finish_reason_takes_nothing_away(
    api: FakeAPI, client: ChatClient, end: Any
) -> None:
    api.play(events(chunk({"content": "Hello"}), chunk(finish="stop"), Pause(0.05), end))
    done(run(client), "Hello")


@pytest.mark.parametrize("end", [CUT, RESET])
def test_a_connection_that_breaks_in_mid_stream_keeps_what_came(api: FakeAPI, client: ChatClient, end: Any) -> None:
    api.play(stream("Hel", "lo", Pause(0.05), end))
    with within(3):
        failed(run(client), errors.CutOff, "Hello")
    assert len(api.asked) == 1


@pytest.mark.parametrize("end", [CUT, RESET])
def test_a_connection_that_breaks_in_the_middle_of_an_event_drops_that_event(
    api: FakeAPI, client: ChatClient, end: Any
) -> None:
    api.play(events(HELLO, HELLO[:-10], Pause(0.05), end))
    failed(run(client), errors.CutOff, "Hello")


@pytest.mark.parametrize("size", [b"zz\r\n", b"-5\r\n", b"\r\n", b"ffffffffffffffffffff\r\n", b"1" * 70_000])
def test_a_chunk_size_that_is_no_number_is_a_cut(api: FakeAPI, client: ChatClient, size: bytes) -> None:
    api.play(raw(STREAM_HEAD, framed(HELLO), size, Pause(0.05), CUT))
    failed(run(client), errors.CutOff, "Hello")


def test_a_body_shorter_than_promised_is_a_cut(api: FakeAPI, client: ChatClient) -> None:
    api.play(raw(JSON_HEAD + b'Content-Length: 500\r\n\r\n{"choices": [', CUT))
    failed(run(client, stream=False), errors.CutOff)


def test_silence_in_mid_stream_ends_it_and_keeps_what_came(api: FakeAPI, client: ChatClient) -> None:
    api.play(stream("Hel", "lo", HANG))
    with within(4):
        said = failed(run(client), errors.CutOff, "Hello")
    assert said.title == "The server fell silent in the middle of the answer."
    assert api.asked[0].left.wait(3)


def test_comments_alone_do_not_keep_a_silent_stream_alive(api: FakeAPI, client: ChatClient) -> None:
    api.play(events(HELLO, *drip(b": keep-alive\n\n" * 100, 0.1, 14)))
    with within(4):
        failed(run(client), errors.CutOff, "Hello")


def test_comments_alone_are_not_the_beginning_of_an_answer(api: FakeAPI, client: ChatClient) -> None:
    api.play(events(*drip(b": keep-alive\n\n" * 100, 0.1, 14)))
    with within(4):
        said = failed(run(client), errors.TimedOut)
    assert said.title == "The model did not begin to answer."


def test_comments_and_then_nothing_is_a_cut(api: FakeAPI, client: ChatClient) -> None:
    api.play(events(b": processing\n\n"))
    failed(run(client), errors.CutOff)


def test_an_event_that_drips_without_end_is_ended(api: FakeAPI, client: ChatClient) -> None:
    api.play(events(HELLO, *drip(b"data: " + b"x" * 100, 0.1)))
    with within(4):
        failed(run(client), errors.CutOff, "Hello")


def test_a_role_and_then_nothing_is_a_cut_and_not_a_wrong_address(api: FakeAPI, client: ChatClient) -> None:
    api.play(events(chunk({"role": "assistant", "content": ""})))
    failed(run(client), errors.CutOff)


def test_an_answer_that_never_ends_is_ended_by_the_total_deadline(api: FakeAPI) -> None:
    client = ChatClient(Endpoint(api.url, KEY), Deadlines(idle=1, total=0.6))
    api.play(stream(*["x"] * 200, pause=0.05))
    with within(4):
        turn = run(client)
    assert type(turn.error) is errors.TimedOut
    assert turn.message.content.startswith("xx")
    assert api.asked[0].left.wait(3)


# ---- silence before the answer --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "steps",
    [
        [HANG],
        [b"HTTP/1.1 200 OK\r\nConte", HANG],
        drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 200, 0.05),
    ],
    ids=["nothing", "half the head", "a head that drips"],
)
@pytest.mark.parametrize("streaming", [True, False])
def test_a_head_that_never_comes_is_not_waited_for(
    api: FakeAPI, client: ChatClient, steps: Any, streaming: bool
) -> None:
    api.play(raw(*steps))
    with within(4):
        said = failed(run(client, stream=streaming), errors.TimedOut)
    assert said.title == "The server took the request and did not answer."
    assert len(api.asked) == 1
    assert api.asked[0].left.wait(3)


@pytest.mark.parametrize(
    "body", [[HANG], drip(b" " * 200, 0.05), [b"d", HANG]], ids=["nothing", "blanks that drip", "one letter"]
)
def test_a_body_that_never_begins_is_not_waited_for(api: FakeAPI, client: ChatClient, body: Any) -> None:
    api.play(events(*body))
    with within(4):
        said = failed(run(client), errors.TimedOut)
    assert said.title == "The model did not begin to answer."


def test_a_completion_that_drips_is_not_waited_for(api: FakeAPI, client: ChatClient) -> None:
    (body,) = completion("x" * 100).steps
    api.play(Reply(drip(body, 0.05), 200, {"Content-Type": "application/json"}))
    with within(4):
        failed(run(client, stream=False), errors.TimedOut)


def test_a_blocking_answer_may_take_longer_than_the_head_of_a_stream(api: FakeAPI) -> None:
    client = ChatClient(Endpoint(api.url, KEY), Deadlines(headers=0.2, blocking=5))
    (body,) = completion("Hello").steps
    head = JSON_HEAD + b"Content-Length: %d\r\n\r\n" % len(body)
    api.play(raw(Pause(0.6), head, body))
    done(run(client, stream=False), "Hello")


# ---- what is not an answer ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "title"),
    [
        (reply(b"", 204), "The server replied with nothing at all."),
        (Reply([], 204, framing="close"), "The server replied with nothing at all."),
        (reply(b""), "The server replied with nothing at all."),
        (reply(b" \r\n\t "), "The server replied with nothing at all."),
        (reply(b"\xef\xbb\xbf"), "The server replied with nothing at all."),
        (html("Sign in"), "The server sent a web page instead of an answer."),
        (reply("<html>" + "x" * 400_000), "The server sent a web page instead of an answer."),
        (reply("OK"), "The server sent something that is not an answer."),
        (reply(b"\x00\xff\x01"), "The server sent something that is not an answer."),
        (reply({}), "The server's reply holds no answer."),
        (reply([]), "The server's reply holds no answer."),
        (reply([{"choices": []}]), "The server's reply holds no answer."),
        (reply({"choices": []}), "The server's reply holds no answer."),
        (reply({"choices": [None, 3]}), "The server's reply holds no answer."),
        (reply({"choices": "none"}), "The server's reply holds no answer."),
        (reply('{"choices": ['), "The server's answer is not readable JSON."),
        (reply("[" * 100_000), "The server's answer is not readable JSON."),
        (events("[DONE]"), "The server sent something that is not an answer."),
        (events("{broken", "[DONE]"), "The server sent something that is not an answer."),
        (events({"hello": "world"}), "The server sent something that is not an answer."),
        (events(b"event: ping\ndata: {}\n\n"), "The server sent something that is not an answer."),
    ],
)
def test_what_is_not_an_answer_is_said_and_never_shown_as_an_empty_one(
    api: FakeAPI, client: ChatClient, script: Reply, title: str
) -> None:
    api.play(script)
    assert failed(run(client), errors.NotAnAnswer).title == title
    assert len(api.asked) == 1


def test_the_title_of_a_web_page_is_shown(api: FakeAPI, client: ChatClient) -> None:
    api.play(html("Sign in to the hotel's network"))
    assert failed(run(client), errors.NotAnAnswer).detail == "(an HTML page: Sign in to the hotel's network)"


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": "It broke", "code": 503}},
        {"error": "It broke"},
        {"object": "error", "message": "It broke"},
        {"message": "It broke", "statusCode": 503},
        {"detail": "It broke"},
    ],
)
@pytest.mark.parametrize("streaming", [True, False])
def test_an_error_in_a_reply_of_200_is_an_error(
    api: FakeAPI, client: ChatClient, body: Any, streaming: bool
) -> None:
    api.play(reply(body))
    assert failed(run(client, stream=streaming), errors.ServerTrouble).detail == "It broke"


@pytest.mark.parametrize(
    "told",
    [
        data({"error": {"message": "It broke", "code": 500}}),
        [b'event: error\ndata: {"message": "It broke"}\n\n'],
        [b"event: error\ndata: It broke\n\n", *data({"error": {"message": "It broke"}})],
        data(chunk(finish="error", error={"message": "It broke", "code": 502})),
        [b'event: error\ndata: {"error": {"message": "It broke", "type": "server_error"}}\n\n'],
        data({"error": "It broke"}),
    ],
)
@pytest.mark.parametrize("after", [[], [HANG], data("[DONE]")], ids=["end", "hang", "done"])
def test_an_error_in_mid_stream_keeps_what_came(api: FakeAPI, client: ChatClient, told: Any, after: Any) -> None:
    api.play(events(chunk({"content": "Hello"}), *told, *after))
    with within(3):
        assert failed(run(client), errors.ServerTrouble, "Hello").detail == "It broke"
    assert len(api.asked) == 1


def test_an_error_as_the_first_event_is_not_tried_again_either(api: FakeAPI, client: ChatClient) -> None:
    api.play(events({"error": {"message": "Slow down", "code": 429}}))
    failed(run(client), errors.RateLimited)
    assert len(api.asked) == 1


@pytest.mark.parametrize(
    "usage", ["many", 3, [], {"prompt_tokens": "x", "completion_tokens": {}, "total_tokens": -1}, True]
)
def test_usage_of_the_wrong_type_harms_nothing(api: FakeAPI, client: ChatClient, usage: Any) -> None:
    api.play(events(chunk({"content": "Hello"}), chunk(finish="stop"), chunk(choices=[], usage=usage), "[DONE]"))
    told = done(run(client), "Hello").usage
    assert told is None or (told.prompt_tokens, told.completion_tokens, told.total_tokens) == (None, None, None)


# ---- limits ---------------------------------------------------------------------------------------------


def test_a_line_of_a_hundred_megabytes_is_stopped_at_the_limit(api: FakeAPI, client: ChatClient) -> None:
    api.play(events(HELLO, b"data: ", *[b"x" * (1 << 20)] * 100))
    failed(run(client), errors.AnswerTooLarge, "Hello")
    assert api.asked[0].left.wait(5)
    assert api.asked[0].sent < 30 << 20


def test_an_endless_answer_of_small_events_is_stopped_at_the_limit(
    api: FakeAPI, client: ChatClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "ANSWER_LIMIT", 100_000)
    api.play(events(*[HELLO] * 5000))
    turn = run(client)
    assert type(turn.error) is errors.AnswerTooLarge
    assert 1000 < len(turn.message.content) < 100_000


def test_a_completion_over_the_limit_is_stopped(
    api: FakeAPI, client: ChatClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "ANSWER_LIMIT", 1 << 20)
    api.play(Reply([b'{"choices": ["', *[b"x" * (1 << 20)] * 100]))
    failed(run(client, stream=False), errors.AnswerTooLarge)
    assert api.asked[0].left.wait(5)
    assert api.asked[0].sent < 50 << 20


@pytest.mark.parametrize("start", [b'{"a": "', b"data: ", b"<html>"])
def test_a_small_reply_that_unpacks_to_something_huge_is_stopped(
    api: FakeAPI, client: ChatClient, start: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "ANSWER_LIMIT", 1 << 20)
    bomb = gzip.compress(start + b"\0" * (200 << 20), compresslevel=1)
    assert len(bomb) < 2 << 20
    api.play(reply(bomb, headers={"Content-Encoding": "gzip"}))
    turn = run(client)
    assert type(turn.error) in (errors.AnswerTooLarge, errors.NotAnAnswer)


def test_what_claims_to_be_compressed_and_is_not_is_an_error(api: FakeAPI, client: ChatClient) -> None:
    api.play(reply(b"not gzip at all", headers={"Content-Encoding": "gzip"}))
    assert isinstance(run(client).error, APIError)


def test_only_the_beginning_of_an_endless_error_body_is_read(api: FakeAPI, client: ChatClient) -> None:
    api.play(Reply([b"x" * (1 << 20)] * 100, 400))
    assert failed(run(client), errors.BadRequest).detail.startswith("xxx")
    assert api.asked[0].left.wait(5)
    assert api.asked[0].sent < 50 << 20


# ---- refusals -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "cls", "detail"),
    [
        (error(400, "Bad temperature"), errors.BadRequest, "Bad temperature"),
        (
            reply(
                {"message": "Body validation error!", "issues": [{"path": ["top_p"], "message": "Too big"}]}, 400
            ),
            errors.BadRequest,
            "Body validation error!\ntop_p: Too big",
        ),
        (error(401, "No such key"), errors.KeyRefused, "No such key"),
        (error(402, "Pay first"), errors.OutOfCredit, "Pay first"),
        (reply({"message": "You've run out of credits."}, 403), errors.OutOfCredit, "You've run out of credits."),
        (reply({"message": "Not for you"}, 403), errors.Forbidden, "Not for you"),
        (error(404, "The model `x` does not exist", code="model_not_found"), errors.ModelNotFound, None),
        (html("404 Not Found", 404), errors.AddressNotFound, "(an HTML page: 404 Not Found)"),
        (reply(b"", 404), errors.AddressNotFound, ""),
        (error(413, "Too large"), errors.TooLarge, "Too large"),
        (error(422, "Unprocessable"), errors.BadRequest, "Unprocessable"),
        (error(429, "Quota", code="insufficient_quota"), errors.OutOfCredit, "Quota"),
        (error(429, "Insufficient balance"), errors.OutOfCredit, "Insufficient balance"),
    ],
)
def test_a_refusal_is_sorted_and_not_tried_again(
    api: FakeAPI, client: ChatClient, script: Reply, cls: type[APIError], detail: str | None
) -> None:
    api.play(script)
    said = failed(run(client), cls)
    assert detail is None or said.detail == detail
    assert said.status == script.status
    assert len(api.asked) == 1


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504, 529])
def test_what_may_pass_is_tried_twice_more(api: FakeAPI, client: ChatClient, status: int) -> None:
    api.play(error(status, "Not now"))
    turn = run(client)
    assert isinstance(turn.error, errors.RateLimited if status == 429 else errors.ServerTrouble)
    assert len(api.asked) == 3
    assert [event.event.attempt for event in turn.events if isinstance(event.event, Retrying)] == [1, 2]


def test_two_failures_and_then_an_answer_is_an_answer(api: FakeAPI, client: ChatClient) -> None:
    api.play([error(500), error(529), stream("Hello")])
    done(run(client), "Hello")
    assert len(api.asked) == 3
    assert len({request.headers["x-client-request-id"] for request in api.asked}) == 1


@pytest.mark.parametrize(("value", "waits"), [("0.1", 0.1), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0), ("0", 0.0)])
def test_retry_after_is_obeyed(api: FakeAPI, client: ChatClient, value: str, waits: float) -> None:
    api.play([error(429, headers={"Retry-After": value}), stream("Hello")])
    turn = run(client)
    done(turn, "Hello")
    (pause,) = [event.event for event in turn.events if isinstance(event.event, Retrying)]
    assert pause.after == waits
    assert api.asked[1].at - api.asked[0].at >= waits


@pytest.mark.parametrize("value", ["61", "86400", "inf", "1e999", "Fri, 01 Jan 2100 00:00:00 GMT"])
def test_a_long_retry_after_is_left_to_the_visitor(api: FakeAPI, client: ChatClient, value: str) -> None:
    api.play(error(429, headers={"Retry-After": value}))
    said = failed(run(client), errors.RateLimited)
    assert said.retry_after is not None
    assert said.retry_after > 60
    assert len(api.asked) == 1


@pytest.mark.parametrize("value", ["soon", "", "nan", "12 parsecs"])
def test_a_retry_after_that_says_nothing_is_our_own_pause(api: FakeAPI, client: ChatClient, value: str) -> None:
    api.play([error(503, headers={"Retry-After": value}), stream("Hello")])
    done(run(client), "Hello")


def test_a_request_for_patience_is_shown_and_can_be_stopped(api: FakeAPI, client: ChatClient) -> None:
    api.play(error(429, headers={"Retry-After": "30"}))
    turn = Turn(client, ask()).start()
    assert any(isinstance(timed.event, Retrying) for timed in turn.follow())
    assert isinstance(turn.notice, Retrying)
    with within(2):
        turn.stop()
        turn.join()
        turn._thread.join(2)
    assert not turn._thread.is_alive()
    assert turn.state == "stopped"
    assert len(api.asked) == 1


def test_an_error_whose_body_breaks_is_still_that_error(api: FakeAPI, client: ChatClient) -> None:
    head = b"HTTP/1.1 401 No\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n"
    api.play(raw(head + b'{"error": ', CUT))
    failed(run(client), errors.KeyRefused)


def test_the_id_for_support_comes_from_the_server_or_is_ours(api: FakeAPI, client: ChatClient) -> None:
    api.play(
        [
            error(400, headers={"x-inference-id": "inf-1"}),
            reply({"message": "No", "requestId": "body-1"}, 400, {"x-request-id": "head-1"}),
            error(400),
            reply({"message": "No"}, headers={"x-request-id": "head-2"}),
        ]
    )
    ids = [run(client).message.failure.request_id for _ in range(4)]  # type: ignore[union-attr]
    assert ids[:2] == ["inf-1", "body-1"]
    assert ids[2] == api.asked[2].headers["x-client-request-id"]
    assert ids[3] == "head-2"


# ---- the key --------------------------------------------------------------------------------------------


def shows_key(turn: Turn) -> bool:
    error, message = turn.error, turn.message
    assert error is not None
    shown = [repr(error), str(error), error.title, error.hint, error.detail, error.request_id, repr(message)]
    return any(part in text for text in shown for part in (KEY, KEY[: len(KEY) // 2], KEY[len(KEY) // 2 :]))


@pytest.mark.parametrize(
    "script",
    [
        error(401, f"Incorrect API key provided: {KEY}."),
        error(401, "No", headers={"x-request-id": KEY}),
        reply({"message": "No", "requestId": KEY}, 401),
        reply(f"Bearer {KEY} is wrong", 400),
        html(f"Hello {KEY}", 403),
        html(f"Hello {KEY}"),
        reply(f"You sent {KEY}"),
        reply({"you": KEY}),
        reply("{broken " + KEY),
        reply("x" * (500 - len(KEY) + 3) + KEY),
        events({"error": {"message": f"Bad key {KEY}", "request_id": KEY}}),
        events(chunk({"content": "Hi"}), {"error": f"Bad key {KEY}"}),
        events({"you": KEY}),
    ],
)
def test_a_server_that_echoes_the_key_does_not_show_it(api: FakeAPI, client: ChatClient, script: Reply) -> None:
    api.play(script)
    assert not shows_key(run(client))


def test_the_key_is_sent_to_its_server_and_printed_nowhere(api: FakeAPI, client: ChatClient) -> None:
    done(run(client), "You said: Hi")
    assert api.asked[0].headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in repr(client.endpoint)
    assert KEY not in api.asked[0].raw.decode()
    assert KEY not in api.asked[0].path


def test_without_a_key_no_authorization_is_sent(api: FakeAPI) -> None:
    done(run(ChatClient(Endpoint(api.url), QUICK)), "You said: Hi")
    assert "authorization" not in api.asked[0].headers


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_the_key_stays(api: FakeAPI, client: ChatClient, status: int) -> None:
    with FakeAPI() as other:
        api.play(reply(b"", status, {"Location": f"{other.url}/chat/completions"}))
        failed(run(client), errors.Redirected)
        assert len(api.asked) == 1
        assert other.requests == []
        assert other.connections == 0


@pytest.mark.parametrize(
    "key", [f"{KEY}\n", f"{KEY}\r\nX-Evil: 1", f"{KEY}😀", f"{KEY} {KEY}", f"\t{KEY}", f"{KEY}\x00", f"{KEY}é", " "]
)
def test_a_key_that_cannot_be_a_key_is_said_without_showing_it(api: FakeAPI, key: str) -> None:
    turn = run(ChatClient(Endpoint(api.url, key), QUICK))
    assert failed(turn, errors.KeyRefused).title == "The API key contains characters that no key has."
    assert not shows_key(turn)
    assert api.requests == []


def test_a_netrc_entry_does_not_replace_the_key(
    api: FakeAPI, client: ChatClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\ndefault login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    done(run(client), "You said: Hi")
    assert api.asked[0].headers["authorization"] == f"Bearer {KEY}"


def test_a_name_and_password_in_the_address_do_not_replace_the_key(api: FakeAPI) -> None:
    endpoint = Endpoint(api.url.replace("http://", "http://someone:else@"), KEY)
    run(ChatClient(endpoint, QUICK))
    assert all(request.headers.get("authorization") == f"Bearer {KEY}" for request in api.asked)


def test_a_server_on_this_machine_is_not_asked_through_a_proxy(
    api: FakeAPI, client: ChatClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeAPI() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.origin)
        done(run(client), "You said: Hi")
        assert proxy.connections == 0


def test_a_proxy_of_the_environment_is_used_for_other_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeAPI() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.origin)
        done(run(ChatClient(Endpoint("http://chat.example.invalid/v1", KEY), QUICK)), "You said: Hi")
        assert proxy.asked[0].path == "http://chat.example.invalid/v1/chat/completions"


def test_a_cookie_of_one_answer_is_not_sent_with_the_next(api: FakeAPI, client: ChatClient) -> None:
    api.play(completion("Hello", headers={"Set-Cookie": "session=somebody; Path=/"}))
    run(client)
    run(client)
    assert "cookie" not in api.asked[1].headers


# ---- no connection --------------------------------------------------------------------------------------


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def test_a_refused_connection_is_tried_again_and_then_said(api: FakeAPI) -> None:
    turn = run(ChatClient(Endpoint(f"http://127.0.0.1:{closed_port()}/v1", KEY), QUICK))
    assert failed(turn, errors.ConnectionFailed).title == "The server could not be reached."
    assert sum(isinstance(event.event, Retrying) for event in turn.events) == 2
    assert not shows_key(turn)


def test_a_name_that_nobody_knows_is_said() -> None:
    # Default deadlines: where there is no network, a resolver may take its time to say so.
    said = failed(run(ChatClient(Endpoint("http://nobody.invalid/v1", KEY))), errors.ConnectionFailed)
    assert said.title == "The server's name could not be found."


def test_a_proxy_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port()}")
    said = failed(run(ChatClient(Endpoint("http://chat.invalid/v1", KEY), QUICK)), errors.ConnectionFailed)
    assert said.title == "The proxy could not be reached."


def test_a_server_that_speaks_no_tls_is_said() -> None:
    def refuse(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                connection.sendall(b"HTTP/1.1 400 This is plain HTTP\r\n\r\n")
                connection.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=refuse, args=(listener,), daemon=True).start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/v1"
        failed(run(ChatClient(Endpoint(url, KEY), QUICK)), errors.ConnectionFailed)
        listener.shutdown(socket.SHUT_RDWR)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for 127.0.0.1 with its key, in one file."""
    if not shutil.which("openssl"):
        pytest.skip("no openssl to make a certificate with")
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(path), "-out", f"{path}.crt"]
    subprocess.run([*command.split(), *names], check=True, capture_output=True)
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


@pytest.fixture
def https(api: FakeAPI, certificate: Path) -> Iterator[str]:
    """The base URL of `api` behind TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def relay(accepted: socket.socket) -> None:
        with (
            contextlib.suppress(OSError),
            context.wrap_socket(accepted, server_side=True) as outer,
            socket.create_connection(("127.0.0.1", api.port)) as inner,
        ):
            while True:
                ready = [outer] if outer.pending() else select.select([outer, inner], [], [])[0]
                for source in ready:
                    if not (content := source.recv(65536)):
                        return
                    (inner if source is outer else outer).sendall(content)

    def accept(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=relay, args=listener.accept()[:1], daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}/v1"
        listener.shutdown(socket.SHUT_RDWR)


def test_a_certificate_that_nobody_vouches_for_is_refused_and_nothing_is_sent(api: FakeAPI, https: str) -> None:
    turn = run(ChatClient(Endpoint(https, KEY), QUICK))
    failed(turn, errors.CertificateRefused)
    assert not any(isinstance(timed.event, Retrying) for timed in turn.events)
    assert api.requests == []


def trusting(url: str, certificate: Path, deadlines: Deadlines = QUICK) -> ChatClient:
    client = ChatClient(Endpoint(url, KEY), deadlines)
    client._session.verify = str(certificate)
    return client


def test_an_answer_comes_over_tls_and_the_connection_is_used_again(
    api: FakeAPI, https: str, certificate: Path
) -> None:
    client = trusting(https, certificate)
    for _ in range(3):
        done(run(client), "You said: Hi")
    assert api.connections == 1


@pytest.mark.parametrize(
    ("script", "text"), [(raw(HANG), ""), (events(HANG), ""), (stream("Hel", "lo", HANG), "Hello")]
)
def test_stop_ends_a_silent_server_over_tls_too(
    api: FakeAPI, https: str, certificate: Path, script: Reply, text: str
) -> None:
    api.play(script)
    turn = Turn(trusting(https, certificate, Deadlines()), ask()).start()
    until = time.monotonic() + 5
    while (not api.asked or turn.message.content != text) and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(0.05)
    with within(2):
        turn.stop()
        assert api.asked[0].left.wait(2)
        turn._thread.join(2)
    assert not turn._thread.is_alive()
    assert (turn.state, turn.message.content) == ("stopped", text)


def test_silence_over_tls_is_ended_by_the_deadline(api: FakeAPI, https: str, certificate: Path) -> None:
    api.play(stream("Hel", "lo", HANG))
    with within(4):
        failed(run(trusting(https, certificate)), errors.CutOff, "Hello")


@pytest.mark.parametrize("end", [CUT, RESET])
def test_a_connection_that_breaks_before_the_answer_is_tried_again(
    api: FakeAPI, client: ChatClient, end: Any
) -> None:
    api.play([raw(end), raw(b"HTTP/1.1 20", end), stream("Hello")])
    done(run(client), "Hello")
    assert len(api.asked) == 3


@pytest.mark.parametrize(
    "head", [b"nonsense\r\n\r\n", b"\x00\xff\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/9.9 200 OK\r\n\r\n"]
)
def test_a_server_that_speaks_no_http_is_an_error_in_words(api: FakeAPI, client: ChatClient, head: bytes) -> None:
    api.play(raw(head, CUT))
    assert isinstance(run(client).error, APIError)


@pytest.mark.parametrize(
    "base_url",
    [
        "",
        "nonsense",
        "chat.example.com/v1",
        "ftp://example.com/v1",
        "http://",
        "http:///v1",
        "http://[::1/v1",
        "http://exa mple.com/v1",
        "http://a:99999999/v1",
        "http://a:b/v1",
        "http://\x00/v1",
        "http://.../v1",
        "http://" + "a" * 300 + ".invalid/v1",
        "http://xn--/v1",
        "http://*/v1",
        "file:///etc/passwd",
    ],
)
def test_a_base_url_that_is_no_address_is_said_in_words(base_url: str) -> None:
    turn = run(ChatClient(Endpoint(base_url, KEY)))
    assert type(turn.error) in (errors.BadInput, errors.ConnectionFailed)
    assert not shows_key(turn)


# ---- Stop -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "text"),
    [
        (raw(HANG), ""),
        (raw(b"HTTP/1.1 200 OK\r\nX-", HANG), ""),
        (events(HANG), ""),
        (events(b": keep-alive\n\n", HANG), ""),
        (stream("Hel", "lo", HANG), "Hello"),
        (events(HELLO, HELLO[:10], HANG), "Hello"),
        (Reply([b'{"choices"', HANG], 200, {"Content-Type": "application/json"}), ""),
        (Reply([b"<html>", HANG]), ""),
        (Reply([b'{"error"', HANG], 500), ""),
        (events(chunk({"content": "Hello"}), chunk(finish="stop"), HANG), "Hello"),
    ],
    ids=[
        *("no-head", "half-head", "no-body", "comments", "mid-stream", "mid-event"),
        *("json", "html", "error-body", "after-finish"),
    ],
)
def test_stop_ends_a_silent_server_at_once_and_the_server_notices(api: FakeAPI, script: Reply, text: str) -> None:
    api.play(script)
    turn = Turn(ChatClient(Endpoint(api.url, KEY), Deadlines()), ask()).start()
    until = time.monotonic() + 5
    while (not api.asked or turn.message.content != text) and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(0.05)
    with within(2):
        turn.stop()
        assert turn.state == "stopped"
        assert api.asked[0].left.wait(2), "the connection is still open"
        turn._thread.join(2)
    assert not turn._thread.is_alive()
    assert turn.message.content == text
    assert turn.message.failure is None
    assert len(api.asked) == 1


def test_a_call_stopped_before_it_began_asks_nothing(api: FakeAPI, client: ChatClient) -> None:
    call = Call()
    call.stop()
    with pytest.raises(Stopped):
        list(client.chat(ask(), call))
    assert api.requests == []


def test_a_reader_who_leaves_closes_the_connection(api: FakeAPI, client: ChatClient) -> None:
    api.play(stream("Hello", HANG))
    answer = client.chat(ask())
    assert any(isinstance(event, TextDelta) for event in answer)
    answer.close()  # type: ignore[attr-defined]
    assert api.asked[0].left.wait(3)


def test_stop_does_not_disturb_another_answer_of_the_same_client(api: FakeAPI, client: ChatClient) -> None:
    api.play([stream("Hel", Pause(0.5), "lo"), stream("x", HANG)])
    first = Turn(client, ask()).start()
    while not api.asked:
        time.sleep(0.01)
    second = Turn(client, ask()).start()
    while not second.message.content:
        time.sleep(0.01)
    second.stop()
    done(first.join(5), "Hello")


def test_a_call_entered_again_is_watched_again() -> None:
    call = Call()
    with call:
        pass
    time.sleep(0.1)
    with call:
        call.arm(0.05, errors.TimedOut())
        until = time.monotonic() + 5
        while call.error is None and time.monotonic() < until:
            time.sleep(0.01)
    assert isinstance(call.error, errors.TimedOut)


def test_a_total_given_to_the_call_goes_before_the_clients(api: FakeAPI, client: ChatClient) -> None:
    api.play(stream(*["x"] * 100, pause=0.05))
    with within(4), pytest.raises(errors.TimedOut, match=r"longer than 0\.3 seconds"):
        list(client.chat(ask(), Call(total=0.3)))


# ---- what is sent ---------------------------------------------------------------------------------------


def test_the_request_is_what_the_api_asks_for(api: FakeAPI, client: ChatClient) -> None:
    run(client, parameters={"temperature": 0.5, "top_p": None}, extra={"top_k": 3})
    (request,) = api.asked
    assert (request.method, request.path) == ("POST", "/v1/chat/completions")
    assert request.headers["content-type"] == "application/json"
    assert request.headers["accept"] == "text/event-stream"
    assert request.body == {
        "model": "fake/alpha",
        "messages": [{"role": "user", "content": "Hi"}],
        "temperature": 0.5,
        "top_k": 3,
        "stream": True,
    }


def test_every_request_has_an_id_that_the_api_accepts(api: FakeAPI, client: ChatClient) -> None:
    run(client)
    run(client)
    ids = [request.headers["x-client-request-id"] for request in api.asked]
    assert len(set(ids)) == 2
    assert all(re.fullmatch(r"[A-Za-z0-9._:-]{1,128}", made) for made in ids)


@pytest.mark.parametrize("slash", ["", "/", "//"])
def test_a_slash_at_the_end_of_the_base_url_changes_nothing(api: FakeAPI, slash: str) -> None:
    done(run(ChatClient(Endpoint(api.url + slash, KEY), QUICK)), "You said: Hi")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_that_json_cannot_say_is_said_before_anything_is_sent(
    api: FakeAPI, client: ChatClient, value: float
) -> None:
    failed(run(client, parameters={"temperature": value}), errors.BadInput)
    assert api.requests == []


def test_any_text_reaches_the_server_as_it_was(api: FakeAPI, client: ChatClient) -> None:
    done(run(client, prompt="Grüße 😀 \u2028 \"'\\"), "You said: Grüße 😀 \u2028 \"'\\")


def test_half_a_character_in_a_prompt_is_no_trouble(api: FakeAPI, client: ChatClient) -> None:
    done(run(client, prompt="a\ud83d"), "You said: a\ufffd")


# ---- what is told ---------------------------------------------------------------------------------------


def test_the_events_come_in_their_order(api: FakeAPI, client: ChatClient) -> None:
    api.play(stream("Hello", usage=USAGE))
    kinds = [type(event).__name__ for event in client.chat(ask())]
    assert kinds[:2] == ["ResponseStarted", "ChunkReceived"]
    assert [kind for kind in kinds if kind not in ("ChunkReceived", "ResponseStarted")] == [
        "TextDelta",
        "Finished",
        "UsageReported",
    ]


def test_every_chunk_is_kept_as_it_came(api: FakeAPI, client: ChatClient) -> None:
    api.play(events('{"choices": [{"delta": {"content":   "Hi"}}]}', "{broken", "[DONE]"))
    kept = [event.raw for event in client.chat(ask()) if isinstance(event, ChunkReceived)]
    assert kept == ['{"choices": [{"delta": {"content":   "Hi"}}]}', "{broken"]


def test_text_is_told_as_it_arrives_and_not_at_the_end(api: FakeAPI, client: ChatClient) -> None:
    api.play(stream("Hello", HANG))
    answer = client.chat(ask())
    assert any(isinstance(event, TextDelta) for event in answer)
    assert not api.asked[0].played.is_set()


def test_the_cost_is_read_from_the_head_or_from_a_chunk(api: FakeAPI, client: ChatClient) -> None:
    api.play(
        [
            completion("Hello", headers={"x-aimlapi-usd-spent": "0.25"}),
            events(chunk({"content": "Hello"}, "stop"), {"meta": {"usage": {"usd_spent": 0.5}}}, "[DONE]"),
            completion("Hello", headers={"x-aimlapi-usd-spent": "a lot"}),
        ]
    )
    assert [run(client).message.cost for _ in range(3)] == [0.25, 0.5, None]


def test_the_head_of_the_reply_is_told_first(api: FakeAPI, client: ChatClient) -> None:
    api.play(completion("Hello", headers={"X-Inference-Id": "inf-1"}))
    turn = run(client)
    head = turn.events[0].event
    assert isinstance(head, ResponseStarted)
    assert (head.status, head.request_id) == (200, "inf-1")
    assert turn.message.request_id == "inf-1"


# ---- connections ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "script",
    [
        stream("Hello"),
        completion("Hello"),
        Reply([*stream("Hello").steps[:-1], data("[DONE]")[0], b"\n\n"]),
        error(400),
    ],
    ids=["stream", "completion", "blanks after done", "refusal"],
)
def test_one_connection_serves_one_answer_after_the_other(api: FakeAPI, client: ChatClient, script: Script) -> None:
    api.play(script)
    for _ in range(4):
        run(client)
    assert len(api.asked) == 4
    assert api.connections == 1


def test_a_kept_connection_that_the_server_closed_is_opened_again(api: FakeAPI, client: ChatClient) -> None:
    done(run(client), "You said: Hi")
    api.drop_connections()
    time.sleep(0.05)
    done(run(client), "You said: Hi")
    assert len(api.asked) == 2


def test_several_answers_run_at_the_same_time(api: FakeAPI, client: ChatClient) -> None:
    api.play(stream("Hel", Pause(0.3), "lo"))
    with within(3):
        turns = [Turn(client, ask()).start() for _ in range(8)]
        for turn in turns:
            done(turn.join(5), "Hello")


# ---- looking around -------------------------------------------------------------------------------------


def test_the_models_of_a_server_are_listed(api: FakeAPI, client: ChatClient) -> None:
    listing = client.get("models")
    assert isinstance(listing, dict)
    models = listing["data"]
    assert isinstance(models, list)
    assert models[0] == {"id": "fake/alpha", "object": "model"}
    assert client.check() == "Connected: 3 models."


def test_a_full_url_is_asked_only_on_the_keys_own_server(api: FakeAPI, client: ChatClient) -> None:
    assert client.get(f"{api.origin}/v2/billing") == {"current_balance": 12.34}
    with FakeAPI() as other:
        for url in (f"{other.origin}/v2/billing", f"{api.origin}.evil.invalid/", f"{api.origin}@evil.invalid/"):
            with pytest.raises(ValueError, match="own server"):
                client.get(url)
        assert other.connections == 0


def test_a_get_that_fails_raises_the_same_errors(api: FakeAPI, client: ChatClient) -> None:
    with pytest.raises(errors.AddressNotFound):
        client.get("nowhere")


def test_an_endpoint_knows_its_origin_and_its_kind() -> None:
    assert Endpoint("https://api.aimlapi.com/v1").origin == "https://api.aimlapi.com"
    assert Endpoint("https://api.aimlapi.com/v1").is_aimlapi
    assert not Endpoint("https://api.aimlapi.com.evil.example/v1").is_aimlapi
    assert not Endpoint("https://notaimlapi.com/v1").is_aimlapi
    assert Endpoint("http://localhost:8080/v1").is_loopback
    assert Endpoint("http://[::1]:8080/v1").is_loopback
    assert not Endpoint("http://127.0.0.1.evil.example/v1").is_loopback
