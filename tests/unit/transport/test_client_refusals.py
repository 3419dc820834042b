"""The client and a server that does not answer: what is none, what is too much, what is refused and tried again."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from asking import HELLO, done, failed, raw, run, within
from basics import ask
from fake_api import (
    CUT,
    HANG,
    FakeAPI,
    Reply,
    chunk,
    data,
    error,
    events,
    html,
    reply,
    stream,
)

from backend import errors
from backend.answer.turn import Turn
from backend.errors import APIError
from backend.transport import client as client_module
from backend.transport import reply as reply_module
from backend.transport.client import ChatClient
from backend.types import (
    Retrying,
)

pytestmark = pytest.mark.usefixtures("no_backoff")


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
    monkeypatch.setattr(reply_module, "ANSWER_LIMIT", 100_000)
    api.play(events(*[HELLO] * 5000))
    turn = run(client)
    assert type(turn.error) is errors.AnswerTooLarge
    assert 1000 < len(turn.message.content) < 100_000


def test_a_completion_over_the_limit_is_stopped(
    api: FakeAPI, client: ChatClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply_module, "ANSWER_LIMIT", 1 << 20)
    api.play(Reply([b'{"choices": ["', *[b"x" * (1 << 20)] * 100]))
    failed(run(client, stream=False), errors.AnswerTooLarge)
    assert api.asked[0].left.wait(5)
    assert api.asked[0].sent < 50 << 20


@pytest.mark.parametrize("start", [b'{"a": "', b"data: ", b"<html>"])
def test_a_small_reply_that_unpacks_to_something_huge_is_stopped(
    api: FakeAPI, client: ChatClient, start: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply_module, "ANSWER_LIMIT", 1 << 20)
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


def test_the_pause_before_a_retry_doubles_and_is_a_little_different_every_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()
    first, second = ([client_module._pause(errors.ServerTrouble(), n) or 0.0 for _ in range(50)] for n in (0, 1))
    assert 0.4 <= min(first) < max(first) <= 0.6
    assert 0.8 <= min(second) < max(second) <= 1.2
    assert client_module._pause(errors.ServerTrouble(), 2) is None
