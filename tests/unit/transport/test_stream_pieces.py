"""What servers make of one event of a stream: all that can be read of it is, and what cannot is told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from asking import done, failed, run
from fake_api import USAGE, FakeAPI, chunk, completion, data, events, reply

from backend import errors
from backend.transport.client import ChatClient
from backend.transport.pieces import Pieces, pieces


def said(text: str) -> str:
    return json.dumps(chunk({"content": text}))


APPLES, FIGS, PEARS = said("apples 2, "), said("pears 3, "), said("figs 5.")
WHOLE = "apples 2, pears 3, figs 5."


SPREAD = json.dumps(chunk({"content": "pears 3, "}), indent=1).replace("\n", "\ndata: ")


@pytest.mark.parametrize(
    "stream",
    [
        pytest.param(f"data: {APPLES}\ndata: {FIGS}\ndata: {PEARS}\n\n", id="one line end between"),
        pytest.param(f"data: {APPLES}\r\ndata: {FIGS}\r\n\r\ndata: {PEARS}\r\n\r\n", id="CRLF"),
        pytest.param(f"data: {APPLES}{FIGS}\n\ndata: {PEARS}\n\n", id="two on one line"),
        pytest.param(f"data: {APPLES} {FIGS} {PEARS}\n\n", id="three on one line"),
        pytest.param(f"data: {APPLES}data: {FIGS}\n\ndata: {PEARS}\n\n", id="no line end at all"),
        pytest.param(f"data: {APPLES}\n\ndata: ping\n\ndata: {FIGS}\n\ndata: {PEARS}\n\n", id="a word between"),
        pytest.param(f"data: {APPLES}\n\ndata: {SPREAD}\n\ndata: {PEARS}\n\n", id="one object on several lines"),
    ],
)
@pytest.mark.parametrize("end", ["data: [DONE]\n\n", 'data: "[DONE]"\n\n', None])
def test_nothing_of_an_answer_is_lost(api: FakeAPI, client: ChatClient, stream: str, end: str | None) -> None:
    whole = stream + end if end else stream.removesuffix("\n\n") + "\ndata: [DONE]\n\n"
    api.play(events(whole.encode()))
    message = done(run(client), WHOLE)
    assert message.unreadable == 0


@pytest.mark.parametrize(
    ("broken", "text"),
    [
        pytest.param(
            'data: {"id": "x", "object": "chat.cdata: ' + FIGS, WHOLE, id="cut off, and the next behind it"
        ),
        pytest.param('data: {"id": "x", "object": "chat.c\ndata: ' + FIGS, WHOLE, id="cut off, and the next below"),
        pytest.param("data: " + FIGS[:-20], "apples 2, figs 5.", id="the end is missing"),
        pytest.param("data: " + FIGS[20:], "apples 2, figs 5.", id="the beginning is missing"),
        pytest.param("data: [1, 2]", "apples 2, figs 5.", id="no object"),
        pytest.param("data: " + "[" * 100_000, "apples 2, figs 5.", id="nested without end"),
    ],
)
@pytest.mark.parametrize("end", ["data: [DONE]\n\n", f"data: {json.dumps(chunk(finish='stop'))}\n\n"])
def test_unreadable_parts_are_told_whatever_the_end_was(
    api: FakeAPI, client: ChatClient, broken: str, text: str, end: str
) -> None:
    api.play(events(f"data: {APPLES}\n\n{broken}\n\ndata: {PEARS}\n\n{end}".encode()))
    assert done(run(client), text).unreadable == 1


def test_unreadable_parts_are_reported_for_a_cut_answer(api: FakeAPI, client: ChatClient) -> None:
    api.play(events(APPLES, "{broken", "[1]", PEARS))
    turn = run(client)
    assert type(turn.error) is errors.CutOff
    assert turn.message.unreadable == 2


STOP = json.dumps(chunk(finish="stop"))


@pytest.mark.parametrize(
    ("tail", "text", "unreadable"),
    [
        ("data: " + PEARS, "apples 2, figs 5.", 0),
        ("data: " + PEARS + "\n", "apples 2, figs 5.", 0),
        ("data: " + PEARS[:-9], "apples 2, ", 1),
        ("data: [DO", "apples 2, ", 0),
        ("data: [DONE]", "apples 2, ", 0),
        (": a comm", "apples 2, ", 0),
        ("dat", "apples 2, ", 0),
    ],
)
def test_an_end_without_a_blank_line_is_read_where_it_is_whole_and_told_where_it_is_not(
    api: FakeAPI, client: ChatClient, tail: str, text: str, unreadable: int
) -> None:
    api.play(events(f"data: {APPLES}\n\ndata: {STOP}\n\n{tail}".encode()))
    assert done(run(client), text).unreadable == unreadable
    api.play(events(f"data: {APPLES}\n\n{tail}".encode()))
    turn = run(client)
    assert (turn.message.content, turn.message.unreadable) == (text, unreadable)
    assert turn.state == ("done" if tail == "data: [DONE]" else "failed")


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("[DONE]", "", Pieces(done=True)),
        (" [DONE] ", "message", Pieces(done=True)),
        ('{"a": 1}', "", Pieces(({"a": 1},))),
        ('{"a": 1}\n{"b": NaN}', "", Pieces(({"a": 1}, {"b": None}))),
        ('{"a": 1}\n{"b"', "", Pieces(({"a": 1},), 1)),
        ('{"a": 1}[DONE]', "", Pieces(({"a": 1},), 0, True)),
        ("null", "", Pieces()),
        ("keep-alive", "", Pieces()),
        ("3", "", Pieces((), 1)),
        ('{"a": 1}', "message_stop", Pieces(({"type": "message_stop", "a": 1},))),
        ('{"type": "b"}', "message_stop", Pieces(({"type": "b"},))),
        ('{"choices": []}', "completion", Pieces(({"choices": []},))),
        ("It broke", "error", Pieces(({"error": {"message": "It broke"}},))),
        ('"It broke"', "error", Pieces(({"error": "It broke"},))),
        ('{"message": "It broke"}', "error", Pieces(({"error": {"message": "It broke"}},))),
        ('"{\\"a\\": 1}"', "", Pieces(({"a": 1},))),
        ('{"a": "b\tc"}', "", Pieces(({"a": "b\tc"},))),
        ('{"a": "b\tc"} {"a": "\t"}', "", Pieces(({"a": "b\tc"}, {"a": "\t"}))),
    ],
)
def test_an_event_is_taken_apart(text: str, name: str, expected: Pieces) -> None:
    assert pieces(text, name) == expected


def test_an_event_of_many_broken_pieces_is_not_read_without_end() -> None:
    found = pieces('{"x": data:' * 100_000)
    assert 0 < found.unreadable <= 1_001


# ---- errors among the events ------------------------------------------------------------------------------


def test_an_error_in_plain_words_keeps_them(api: FakeAPI, client: ChatClient) -> None:
    api.play(events(*data(chunk({"content": "Hello"})), b"event: error\ndata: GPU 3 is on fire\n\n"))
    turn = run(client)
    assert turn.error is not None
    assert (type(turn.error), turn.error.detail) == (errors.ServerTrouble, "GPU 3 is on fire")
    assert turn.message.content == "Hello"


@pytest.mark.parametrize(
    ("said", "cls", "detail"),
    [
        (b'{"error": {"message": "GPU 3 is on fire", "code": 500}}\n\n', errors.ServerTrouble, "GPU 3 is on fire"),
        (b'{"error": {"message": "Slow down", "code": "429"}}', errors.RateLimited, "Slow down"),
        (b"Internal Server Error\n", errors.CutOff, "Internal Server Error"),
        (b"<html><title>502 Bad Gateway</title></html>\n\n", errors.CutOff, "(an HTML page: 502 Bad Gateway)"),
        (b"ping\n\ndat", errors.CutOff, ""),
        (
            b'error: {"code": 400, "message": "The context size is exceeded"}\n\n',
            errors.ContextTooLong,
            "The context size is exceeded",
        ),
        (
            b'data: {"choices": [{}], "x_groq": {"error": "over capacity"}}\n\n',
            errors.ServerTrouble,
            "over capacity",
        ),
        (
            b'data: {"choices": [{}], "base_resp": {"status_code": 1027, "status_msg": "no"}}\n\n',
            errors.ContentFiltered,
            "no",
        ),
    ],
)
def test_an_error_outside_of_events_is_recognised(
    api: FakeAPI, client: ChatClient, said: bytes, cls: type[errors.APIError], detail: str
) -> None:
    api.play(events(*data(chunk({"content": "Hello"})), said))
    assert failed(run(client), cls, "Hello").detail == detail


def test_the_cost_is_read_even_after_the_end(api: FakeAPI, client: ChatClient) -> None:
    end = chunk(finish="stop")
    api.play(events(chunk({"content": "Hello"}), end, "[DONE]", chunk({"content": "!"}, usage=USAGE)))
    message = done(run(client), "Hello")
    assert message.usage is not None and message.usage.total_tokens == 8


@pytest.mark.parametrize("whole", [True, False])
def test_the_usage_beside_an_error_is_kept(api: FakeAPI, client: ChatClient, whole: bool) -> None:
    body = {"error": {"message": "It broke"}, "usage": USAGE, "choices": []}
    api.play(reply(body) if whole else events(chunk({"content": "Hello"}), body))
    turn = run(client, stream=not whole)
    assert turn.error is not None and turn.error.detail == "It broke"
    assert turn.message.usage is not None and turn.message.usage.total_tokens == 8


@pytest.mark.parametrize("reason", ["error", "network_error", "abort", "ERROR"])
@pytest.mark.parametrize("whole", [True, False])
def test_an_answer_that_ends_in_an_error_is_incomplete(
    api: FakeAPI, client: ChatClient, reason: str, whole: bool
) -> None:
    body: Any = {"choices": [{"index": 0, "message": {"content": "Hel"}, "finish_reason": reason}]}
    api.play(reply(body) if whole else events(chunk({"content": "Hel"}), chunk(finish=reason), "[DONE]"))
    turn = run(client, stream=not whole)
    assert type(turn.error) is errors.ServerTrouble
    assert reason in turn.error.detail
    assert turn.message.content == "Hel"
    assert len(api.asked) == 1


def test_an_answer_in_one_piece_has_no_piece_that_is_missing(api: FakeAPI, client: ChatClient) -> None:
    api.play(completion("Hello"))
    assert done(run(client, stream=False), "Hello").unreadable == 0
