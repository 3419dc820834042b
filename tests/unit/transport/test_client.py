"""The client and a server that answers: streams and whole completions, how they end, and silence instead."""

from __future__ import annotations

import pytest
from asking import HELLO, JSON_HEAD, done, raw, run, within
from basics import KEY, ask
from fake_api import HANG, USAGE, FakeAPI, Pause, chunk, completion, error, events, stream

from backend import errors
from backend.transport.client import ChatClient, Endpoint
from backend.transport.deadlines import Deadlines

pytestmark = pytest.mark.usefixtures("no_backoff")


# ---- answers as they should be --------------------------------------------------------------------------


def test_complete_gives_the_whole_message(api: FakeAPI, client: ChatClient) -> None:
    assert client.complete(ask("Hello there")).content == "You said: Hello there"
    api.play(error(401, "No"))
    with pytest.raises(errors.KeyRefused):
        client.complete(ask())


@pytest.mark.parametrize(
    ("body", "text"),
    [
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
def test_odd_bytes_are_read_whole_or_byte_by_byte(api: FakeAPI, client: ChatClient, body: bytes, text: str) -> None:
    pieces = [body[at : at + 1] for at in range(len(body))] if len(body) < 2000 else [body[:7], body[7:]]
    api.play([events(body), events(*pieces)])
    done(run(client), text)
    done(run(client), text)


def test_a_chunk_over_the_length_of_a_line_is_read(api: FakeAPI, client: ChatClient) -> None:
    picture = "A" * 3_000_000
    api.play(events(chunk({"images": [{"image_url": {"url": f"data:image/png;base64,{picture}"}}]}), "[DONE]"))
    (media,) = run(client).message.media
    assert media.url.endswith(picture)


# ---- how a stream may end -------------------------------------------------------------------------------


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


def test_an_answer_that_never_ends_is_ended_by_the_total_deadline(api: FakeAPI) -> None:
    client = ChatClient(Endpoint(api.url, KEY), Deadlines(idle=1, total=0.6))
    api.play(stream(*["x"] * 200, pause=0.05))
    with within(4):
        turn = run(client)
    assert type(turn.error) is errors.TimedOut
    assert turn.message.content.startswith("xx")
    assert api.asked[0].left.wait(3)


def test_a_blocking_answer_may_take_longer_than_the_head_of_a_stream(api: FakeAPI) -> None:
    client = ChatClient(Endpoint(api.url, KEY), Deadlines(headers=0.2, blocking=5))
    (body,) = completion("Hello").steps
    head = JSON_HEAD + b"Content-Length: %d\r\n\r\n" % len(body)
    api.play(raw(Pause(0.6), head, body))
    done(run(client, stream=False), "Hello")
