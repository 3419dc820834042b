"""A server may break in any of these ways. One row each: what it does, what is said, whose side it is on, how often
it was asked, what stays. Asked for a stream and for an answer in one piece, over a real socket.

Finer points have tests of their own: test_client*.py (HTTP), test_sse.py (framing), test_wire.py (fields),
test_errors.py (words).
"""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from basics import KEY, ROOT, ask, recorded
from fake_api import (
    CUT,
    HANG,
    RESET,
    USAGE,
    FakeAPI,
    Pause,
    Reply,
    by_prompt,
    chunk,
    completion,
    data,
    drip,
    error,
    events,
    html,
    reply,
    stream,
)

from backend import errors
from backend.answer.turn import Turn
from backend.errors import APIError, Side
from backend.keys.redaction import Redactor
from backend.transport import reply as reply_module
from backend.transport.call import Deadlines
from backend.transport.client import ChatClient, Endpoint
from backend.types import Retrying

QUICK = Deadlines(connect=0.5, headers=1, blocking=1, first_data=1, idle=0.7, tail=0.3, total=10)
HELLO = data(chunk({"content": "Hello"}))
GZIP = {"Content-Encoding": "gzip", "Content-Type": "text/event-stream"}
JSON_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n"
STREAM_HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
NOTHING = "The server replied with nothing at all."
NO_ANSWER = "The server's reply holds no answer."
NO_REPLY = "The server took the request and did not answer."
NO_BEGINNING = "The model did not begin to answer."
SILENT = "The server fell silent in the middle of the answer."
BROKE = "The connection broke before an answer came."
PACKED = "The server's answer could not be unpacked."
MB = 1 << 20


@dataclass(frozen=True)
class Row:
    """`kind` None: it is an answer all the same. `how`: asked for a stream, a whole answer, or both in turn."""

    name: str
    script: Any
    kind: type[APIError] | None = None
    side: Side = "provider"
    tries: int = 1
    text: str = ""
    title: str = ""
    detail: str | None = None
    how: Literal["both", "stream", "whole"] = "both"


def raw(*steps: Any) -> Reply:
    return Reply(steps, framing="raw")


def joined(made: Reply) -> bytes:
    return b"".join(step for step in made.steps if isinstance(step, bytes))


def packed(made: Reply, length: int | None = None) -> Reply:
    """The same reply, compressed; or only the beginning of it."""
    return Reply([gzip.compress(joined(made))[:length]], 200, GZIP)


def said(*told: Any) -> Reply:
    """A stream that says Hello, and then this."""
    return events(*HELLO, *told)


def asked_to_wait(value: str) -> Reply:
    return error(429, "Slow down", {"Retry-After": value})


WRONG: tuple[Any, ...] = (3, [], {}, None, True)
DELTA = ("role", "content", "tool_calls", "reasoning", "refusal", "images", "audio", "annotations")
CHOICE = ("index", "delta", "message", "logprobs")

# ---- nothing wrong that matters -------------------------------------------------------------------------

FINE = (
    Row("201", Reply(stream("Hello").steps, 201), text="Hello"),
    Row("gzip, good", packed(stream("Hello")), text="Hello"),
    Row("gzip, good, in one piece", packed(completion("Hello")), text="Hello"),
    Row("a byte order mark", events(b"\xef\xbb\xbf", *HELLO, "[DONE]"), text="Hello"),
    Row("CRLF", events(joined(stream("Hello")).replace(b"\n", b"\r\n")), text="Hello"),
    Row("split UTF-8", events(*drip(joined(stream("é😀")), 0.0)), text="é😀"),
    Row("invalid UTF-8", events(joined(stream("a?")).replace(b"?", b"\xff")), text="a\ufffd"),
    Row("invalid JSON in one event", said("{broken", *HELLO, "[DONE]"), text="HelloHello"),
    Row("no [DONE]", stream("Hello", done=False), text="Hello"),
    Row("no finish_reason", stream("Hello", finish=None), text="Hello"),
    Row("[DONE], then it hangs", said("[DONE]", HANG), text="Hello"),
    Row("finish_reason, then it hangs", said(chunk(finish="stop"), HANG), text="Hello"),
    Row("finish_reason, then a cut", said(chunk(finish="stop"), Pause(0.05), CUT), text="Hello"),
    Row("a whole completion where a stream was asked for", completion("Hello"), text="Hello", how="stream"),
    Row("a stream where a whole completion was asked for", stream("Hello"), text="Hello", how="whole"),
    Row("429, wait 0.1 s", [asked_to_wait("0.1"), stream("Hello")], tries=2, text="Hello"),
    Row("429, wait until a date", [asked_to_wait("Wed, 21 Oct 2015 07:28:00 GMT"), stream("a")], tries=2, text="a"),
    Row("500, then a break, then an answer", [error(500), raw(RESET), stream("Hello")], tries=3, text="Hello"),
    Row(
        "wrong types in every field",
        events(
            *(chunk({"content": "a"}, **{name: wrong}) for name in ("id", "model", "usage") for wrong in WRONG),
            *(chunk({name: wrong}) for name in DELTA for wrong in (*WRONG, [3], {"a": [1]})),
            *({"choices": [dict.fromkeys((*CHOICE, "finish_reason"), wrong)]} for wrong in (3.5, [], None)),
            *({"choices": [dict.fromkeys(CHOICE, "x")]}, *({"choices": [wrong]} for wrong in WRONG)),
            chunk({"content": "b"}, "stop"),
            "[DONE]",
        ),
        text="a" * 15 + "b",
    ),
)  # fmt: skip

# ---- it goes silent: nothing of this may last, and Stop must end it -----------------------------------------

HANGS = (
    Row("no head", raw(HANG), errors.TimedOut, title=NO_REPLY),
    Row("half a head", raw(b"HTTP/1.1 200 OK\r\nConte", HANG), errors.TimedOut, title=NO_REPLY),
    Row("a head that drips", raw(*drip(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 400, 0.05)), errors.TimedOut,
        title=NO_REPLY),
    Row("a head and nothing", events(HANG), errors.TimedOut, title=NO_BEGINNING),
    Row("blanks that drip", events(*drip(b" " * 400, 0.05)), errors.TimedOut, title=NO_BEGINNING),
    Row("comments for ever", events(*drip(b": wait\n\n" * 400, 0.05, 8)), errors.TimedOut, title=NO_BEGINNING),
    Row("one letter, then nothing", events(b"d", HANG), errors.TimedOut, title=NO_BEGINNING),
    Row("JSON that drips", Reply(drip(b'{"choices": ' + b" " * 400, 0.05)), errors.TimedOut, title=NO_BEGINNING),
    Row("silence in mid-stream", said(HANG), errors.CutOff, "network", text="Hello", title=SILENT),
    Row("comments for ever in mid-stream", said(*drip(b": wait\n\n" * 400, 0.05, 8)), errors.CutOff, "network",
        text="Hello", title=SILENT),
    Row("an event that drips", said(*drip(b"data: " + b"x" * 400, 0.05)), errors.CutOff, "network", text="Hello",
        title=SILENT),
    Row("401, and its body hangs", Reply([HANG], 401), errors.KeyRefused, "you"),
    Row("500, and its body hangs", Reply([b'{"error": {"mess', HANG], 500), errors.ServerTrouble),
)  # fmt: skip

# ---- the connection breaks ----------------------------------------------------------------------------------

BREAKS = (
    Row("cut before the head", raw(CUT), errors.ConnectionFailed, "network", 3, title=BROKE),
    Row("reset in the head", raw(b"HTTP/1.1 20", RESET), errors.ConnectionFailed, "network", 3, title=BROKE),
    Row("cut in mid-stream", said(Pause(0.05), CUT), errors.CutOff, "network", text="Hello"),
    Row("reset in mid-stream", said(Pause(0.05), RESET), errors.CutOff, "network", text="Hello"),
    Row("cut in mid-event", said(HELLO[0][:-10], Pause(0.05), CUT), errors.CutOff, "network", text="Hello"),
    Row("a chunk size that is none", raw(STREAM_HEAD, b"%x\r\n%b\r\nzz\r\n" % (len(HELLO[0]), HELLO[0]), CUT),
        errors.CutOff, "network", text="Hello"),
    Row("a stream that just ends", said(), errors.CutOff, "network", text="Hello"),
    Row("broken events, and it just ends", said("{broken", "[1]", "3"), errors.CutOff, "network", text="Hello",
        detail="3 unreadable events were skipped."),
    Row("a completion that ends early", raw(JSON_HEAD + b'{"choices": [', CUT), errors.CutOff, "network"),
    Row("gzip that lies", reply(b"plain text", headers=GZIP), errors.NotAnAnswer, title=PACKED),
    Row("gzip that goes wrong", Reply([gzip.compress(joined(said()))[:-8] + b"\xff" * 9], 200, GZIP),
        errors.NotAnAnswer, title=PACKED),
    Row("gzip that ends early", packed(said(), -8), errors.CutOff, "network", text="Hello"),
)  # fmt: skip

# ---- 2xx, and no answer in it -------------------------------------------------------------------------------

NOT_ANSWERS = (
    Row("200 with a web page", html("Sign in"), errors.NotAnAnswer,
        title="The server sent a web page instead of an answer.", detail="(an HTML page: Sign in)"),
    Row("200 with nothing", reply(b""), errors.NotAnAnswer, title=NOTHING),
    Row("204", reply(b"", 204), errors.NotAnAnswer, title=NOTHING),
    Row("202, a job", reply({"id": "gen-1", "status": "queued"}, 202), errors.NotAnAnswer, title=NO_ANSWER),
    Row("200 with words", reply("OK"), errors.NotAnAnswer),
    Row("200 with no choice", reply({"choices": []}), errors.NotAnAnswer, title=NO_ANSWER),
    Row("200 with broken JSON", reply('{"choices": ['), errors.NotAnAnswer,
        title="The server's answer is not readable JSON."),
    Row("200 with an error", reply({"error": {"message": "It broke"}}), errors.ServerTrouble, detail="It broke"),
    Row("200 with an error that is text", reply({"error": "It broke"}), errors.ServerTrouble, detail="It broke"),
    Row("200 with a refused key", reply({"error": {"message": "No", "code": 401}}), errors.KeyRefused, "you"),
    Row("an error in mid-stream", said({"error": {"message": "It broke"}}), errors.ServerTrouble, text="Hello",
        detail="It broke"),
    Row("an event named error", said(b'event: error\ndata: {"message": "It broke"}\n\n'), errors.ServerTrouble,
        text="Hello", detail="It broke"),
    Row("an error beside a finish_reason", said(chunk(finish="error", error={"message": "It broke", "code": 502})),
        errors.ServerTrouble, text="Hello", detail="It broke"),
    Row("429 in mid-stream", said({"error": {"message": "Wait", "code": 429}}), errors.RateLimited, text="Hello"),
)  # fmt: skip

# ---- refused ------------------------------------------------------------------------------------------------

LOC = [{"loc": ["body", "temperature"], "msg": "Input should be at most 2", "type": "less_than_equal"}]
ISSUES = {"message": "Invalid body", "issues": [{"path": ["top_p"], "message": "Too big"}]}
RETIRED = error(404, "The model `google/gemini-2.0-flash` has been retired")

REFUSED = (
    Row("301", reply(b"", 301, {"Location": "http://127.0.0.1:1/"}), errors.Redirected, "you"),
    Row("308", reply(b"", 308, {"Location": "/elsewhere"}), errors.Redirected, "you"),
    Row("400 with a field, in issues", reply(ISSUES, 400), errors.BadRequest, "you",
        detail="Invalid body\ntop_p: Too big"),
    Row("422 with a field, in loc", reply({"detail": LOC}, 422), errors.BadRequest, "you",
        detail="temperature: Input should be at most 2"),
    Row("400 with a field, in param", error(400, "Out of range", param="top_p"), errors.BadRequest, "you",
        detail="top_p: Out of range"),
    Row("400, too long", error(400, "The maximum context length is 8192 tokens"), errors.ContextTooLong, "you"),
    Row("400, too long, by code", error(400, "No", code="context_length_exceeded"), errors.ContextTooLong, "you"),
    Row("401, echoing the key", error(401, f"Incorrect API key: {KEY}"), errors.KeyRefused, "you",
        detail="Incorrect API key: [key]"),
    Row("402", error(402, "Pay"), errors.OutOfCredit, "you"),
    Row("403", error(403, "Not for you"), errors.Forbidden, "you"),
    Row("403, no credits", reply({"message": "You've run out of credits."}, 403), errors.OutOfCredit, "you"),
    Row("404, retired model", RETIRED, errors.ModelNotFound, "you"),
    Row("404, a web page", html("404", 404), errors.AddressNotFound, "you"),
    Row("408", error(408), errors.ServerTrouble, tries=3),
    Row("409", error(409), errors.ServerTrouble, tries=3),
    Row("413", error(413), errors.TooLarge, "you"),
    Row("422", error(422), errors.BadRequest, "you"),
    Row("429", error(429), errors.RateLimited, tries=3),
    Row("429, wait a day", asked_to_wait("86400"), errors.RateLimited),
    Row("429, wait for ever", asked_to_wait("1e999"), errors.RateLimited),
    Row("429, wait until 2100", asked_to_wait("Fri, 01 Jan 2100 00:00:00 GMT"), errors.RateLimited),
    Row("429, wait for nonsense", asked_to_wait("soon"), errors.RateLimited, tries=3),
    Row("429, insufficient quota", error(429, "No", code="insufficient_quota"), errors.OutOfCredit, "you"),
    *(Row(str(status), error(status), errors.ServerTrouble, tries=3) for status in (500, 502, 503, 504, 529)),
    Row("500 with a web page", html("Oops", 500), errors.ServerTrouble, tries=3, detail="(an HTML page: Oops)"),
    Row("an error that is a list", reply({"error": [{"message": "a"}, "b"]}, 400), errors.BadRequest, "you",
        detail="a; b"),
    Row("a nested detail", reply({"detail": {"error": {"message": "It broke"}}}, 400), errors.BadRequest, "you",
        detail="It broke"),
    Row("an error of the wrong types", reply({"error": 3, "message": {"a": []}}, 400), errors.BadRequest, "you",
        detail=""),
)  # fmt: skip

ROWS = (*FINE, *HANGS, *BREAKS, *NOT_ANSWERS, *REFUSED)
CASES = [
    pytest.param(row, streaming, id=f"{row.name}, {'stream' if streaming else 'whole'}")
    for row in ROWS
    for streaming in (True, False)
    if row.how in ("both", "stream" if streaming else "whole")
]


pytestmark = pytest.mark.usefixtures("no_backoff")


def check(turn: Turn, row: Row) -> None:
    """The turn ended as the row says, without the key in anything."""
    message, fault = turn.message, turn.error
    assert message.content == row.text
    assert sum(isinstance(timed.event, Retrying) for timed in turn.events) == row.tries - 1
    assert KEY not in f"{message!r} {vars(fault) if fault else ''}"
    if row.kind is None:
        assert fault is None, (fault, fault.detail)
        assert turn.state == "done"
        return
    assert type(fault) is row.kind, (fault, fault and fault.detail)
    assert turn.state == "failed"
    assert message.failure is not None
    assert (message.failure.title, fault.side) == (row.title or row.kind.title, row.side)
    assert row.detail is None or fault.detail == row.detail


@pytest.mark.parametrize(("row", "streaming"), CASES)
def test_every_fault_has_its_words_its_tries_and_keeps_the_text(api: FakeAPI, row: Row, streaming: bool) -> None:
    api.play(row.script)
    with contextlib.closing(ChatClient(Endpoint(api.url, KEY), QUICK)) as client:
        turn = Turn(client, ask(stream=streaming)).start().join(30)
    check(turn, row)
    assert len(api.asked) == row.tries


@pytest.mark.parametrize("row", [*HANGS, *(row for row in FINE if "hangs" in row.name)], ids=lambda row: row.name)
@pytest.mark.parametrize("streaming", [True, False], ids=["stream", "whole"])
def test_stop_ends_what_hangs_and_keeps_the_text(api: FakeAPI, row: Row, streaming: bool) -> None:
    """With deadlines of a minute and more: it is Stop that ends it."""
    api.play(row.script)
    turn = Turn(ChatClient(Endpoint(api.url, KEY), Deadlines(tail=60)), ask(stream=streaming)).start()
    while turn.running and (not api.asked or turn.message.content != row.text):
        turn.wait(len(turn.events))
    turn.stop()
    turn._thread.join(30)
    assert not turn._thread.is_alive()
    assert turn.state == "stopped" or row.kind is None, "[DONE] ends an answer by itself"
    assert turn.message.content == row.text
    assert turn.message.failure is None
    assert api.asked[0].left.wait(30), "the connection is still open"
    assert len(api.asked) == 1


def test_blank_lines_before_a_whole_answer_give_it_the_time_of_a_whole_answer(api: FakeAPI) -> None:
    blanks = [step for _ in range(8) for step in (Pause(0.1), b"\n")]
    api.play(Reply([*blanks, joined(completion("Hello"))], 200, {"Content-Type": "application/json"}))
    patient = ChatClient(Endpoint(api.url, KEY), Deadlines(first_data=0.3, blocking=20))
    turn = Turn(patient, ask(stream=False)).start().join(30)
    check(turn, Row("", None, text="Hello"))


# ---- nobody there -------------------------------------------------------------------------------------------


@contextlib.contextmanager
def closed() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    yield f"http://127.0.0.1:{port}/v1"


@contextlib.contextmanager
def full() -> Iterator[str]:
    """A server that takes no connection any more: its queue is full, so nobody hears from it."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"


@contextlib.contextmanager
def plain(first: bytes) -> Iterator[str]:
    """A server that answers to TLS with these bytes; b"" stays silent."""

    def serve(listener: socket.socket) -> None:
        kept = []  # an accepted connection that nobody holds is closed
        with contextlib.suppress(OSError):
            while True:
                kept.append(listener.accept()[0])
                kept[-1].sendall(first)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}/v1"
        listener.shutdown(socket.SHUT_RDWR)


NOT_IN_TIME = "The server did not take the connection in time."
UNREACHED: dict[str, tuple[Callable[[], AbstractContextManager[str]], str]] = {
    "DNS": (lambda: contextlib.nullcontext("http://nobody.invalid/v1"), "The server's name could not be found."),
    "refused": (closed, "The server could not be reached."),
    "connect timeout": (full, NOT_IN_TIME),
    "TLS, no handshake": (lambda: plain(b""), NOT_IN_TIME),
    "TLS, half a handshake": (lambda: plain(b"\x16\x03\x03\x3f\xff\x00"), NOT_IN_TIME),
    "no TLS": (lambda: plain(b"HTTP/1.1 400 Plain\r\n\r\n"), "The server could not be reached."),
}


@pytest.mark.parametrize("name", UNREACHED)
@pytest.mark.parametrize("streaming", [True, False], ids=["stream", "whole"])
def test_a_server_that_is_not_reached_has_its_words_and_is_tried_again(name: str, streaming: bool) -> None:
    server, title = UNREACHED[name]
    patient = Deadlines(connect=1)  # for the rest: which of two deadlines at one moment comes first is chance
    with server() as url:
        turn = Turn(ChatClient(Endpoint(url, KEY), patient), ask(stream=streaming)).start().join(60)
    check(turn, Row(name, None, errors.ConnectionFailed, "network", 3, title=title))


@pytest.mark.parametrize("stopped", [True, False])
def test_a_proxy_that_drips_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, stopped: bool) -> None:
    def serve(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            connection, _ = listener.accept()
            asked.set()
            while True:
                connection.sendall(b"HTTP/1.1 200 OK\r\nX: " if connection.recv(1, socket.MSG_PEEK) else b"")
                time.sleep(0.05)

    asked = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{listener.getsockname()[1]}")
        deadlines = Deadlines() if stopped else QUICK
        turn = Turn(ChatClient(Endpoint("https://chat.invalid/v1", KEY), deadlines), ask()).start()
        assert asked.wait(30)
        if stopped:
            turn.stop()
        turn._thread.join(30)
    assert not turn._thread.is_alive()
    assert turn.state == ("stopped" if stopped else "failed")


@pytest.mark.parametrize("name", ["connect timeout", "TLS, no handshake", "TLS, half a handshake"])
def test_stop_does_not_wait_for_a_connection(name: str) -> None:
    with UNREACHED[name][0]() as url:
        turn = Turn(ChatClient(Endpoint(url, KEY), Deadlines(connect=2)), ask()).start()
        time.sleep(0.1)
        turn.stop()
        assert turn.state == "stopped"
        turn._thread.join(30)
    assert not turn._thread.is_alive()
    assert not any(isinstance(timed.event, Retrying) for timed in turn.events)


# ---- what others were told ----------------------------------------------------------------------------------


@pytest.mark.parametrize("row", recorded("error_responses.jsonl"))
@pytest.mark.parametrize("streaming", [True, False], ids=["stream", "whole"])
def test_a_recorded_error_is_sorted_as_it_comes_over_the_wire(
    api: FakeAPI, row: dict[str, Any], streaming: bool
) -> None:
    body, status = row["body"], row["status"]
    headers = {name: values[0] for name, values in row["headers"].items()}
    api.play(reply(body, status, headers))
    turn = Turn(ChatClient(Endpoint(api.url, KEY), QUICK), ask(stream=streaming)).start().join(30)
    parsed = json.loads(body) if body.startswith("{") else body
    expected = errors.from_response(status, parsed, headers, redactor=Redactor(KEY))
    tries = 3 if expected.retryable else 1
    check(turn, Row("", None, type(expected), expected.side, tries, detail=expected.detail))
    assert expected.detail or not body
    assert len(api.asked) == tries


# ---- memory -------------------------------------------------------------------------------------------------

# getrusage would begin at what the parent took when it forked; the high-water mark is the process's own.
_MEASURE = """
import sys
from backend.transport.client import ChatClient, Endpoint
from backend.answer.turn import Turn
from backend.types import ChatRequest, Message

def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) * 1024

def ask(prompt):
    return Turn(client, ChatRequest("m", (Message("user", prompt),), stream=sys.argv[2] == "True")).start().join()

client = ChatClient(Endpoint(sys.argv[1], "sk-a-key-of-some-length"))
ask("warm up")
before = peak()
turn = ask("Hi")
print(type(turn.error).__name__, len(turn.message.content), peak() - before)
"""
SMALL = b'data: {"choices":[{"delta":{"content":"x"}}]}\n\n'


def bomb(start: bytes) -> bytes:
    return gzip.compress(start + b" " * (300 * MB), compresslevel=1)


HUGE: dict[str, tuple[Callable[[], Reply], bool, str, int]] = {
    "a line of 100 MB": (lambda: said(b"data: ", *[b"x" * MB] * 100), True, "AnswerTooLarge", 5),
    "a completion of 100 MB": (lambda: Reply([b'{"a": "', *[b"x" * MB] * 100]), False, "AnswerTooLarge", 0),
    "an error of 100 MB": (lambda: Reply([b"x" * MB] * 100, 400), True, "BadRequest", 0),
    "a gzip bomb, stream": (lambda: Reply([bomb(b"data: ")], 200, GZIP), True, "AnswerTooLarge", 0),
    "a gzip bomb, completion": (lambda: Reply([bomb(b'{"a": "')], 200, GZIP), False, "AnswerTooLarge", 0),
    "a gzip bomb, blank": (lambda: Reply([bomb(b"")], 200, GZIP), True, "NotAnAnswer", 0),
    "a gzip bomb, error": (lambda: Reply([bomb(b"{")], 400, GZIP), True, "BadRequest", 0),
    "deltas without end": (
        lambda: events(*[SMALL * 1000] * 400),
        True,
        "AnswerTooLarge",
        reply_module.CHUNK_LIMIT,
    ),
}


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell a process's peak")
@pytest.mark.parametrize("name", HUGE)
def test_what_is_huge_is_stopped_within_64_mb(name: str) -> None:
    made, streaming, kind, text = HUGE[name]
    with FakeAPI(by_prompt({"warm": stream("a", usage=USAGE), "Hi": made()})) as api:
        done = subprocess.run(
            [sys.executable, "-c", _MEASURE, api.url, str(streaming)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    found, length, more = done.stdout.split()
    assert (found, int(length)) == (kind, text)
    assert int(more) < 64 * MB
