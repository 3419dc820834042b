"""The client and a server that answers: streams and whole completions, how they end, and silence instead."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from asking import HELLO, JSON_HEAD, STREAM_HEAD, done, failed, framed, raw, run, within
from basics import KEY, ask
from fake_api import (
    CUT,
    HANG,
    RESET,
    USAGE,
    FakeAPI,
    Pause,
    Reply,
    chunk,
    completion,
    drip,
    error,
    events,
    reply,
    stream,
    tool_stream,
)

from backend import errors
from backend.transport.client import ChatClient, Deadlines, Endpoint
from backend.types import (
    ToolCall,
)

pytestmark = pytest.mark.usefixtures("no_backoff")


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
