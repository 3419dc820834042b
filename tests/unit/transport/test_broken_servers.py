"""Servers that break (tests/support/broken_servers.py), asked for a stream and for an answer in one piece over a
real socket; servers that are not there; and what they cost in memory.

Finer points have tests of their own: test_client*.py (HTTP), test_sse.py (framing), test_wire.py (fields),
test_errors.py (words).
"""

from __future__ import annotations

import contextlib
import gzip
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest
from basics import KEY, ROOT, ask
from broken_servers import FINE, GZIP, HANGS, ROWS, Row, body_of, hello
from fake_api import USAGE, FakeAPI, Pause, Reply, by_prompt, completion, events, stream

from backend import errors
from backend.answer.turn import Turn
from backend.transport.client import ChatClient, Endpoint
from backend.transport.deadlines import Deadlines
from backend.transport.reply import CHUNK_LIMIT
from backend.types import Retrying

QUICK = Deadlines(connect=0.5, headers=1, blocking=1, first_data=1, idle=0.7, tail=0.3, total=10)
MB = 1 << 20
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
    attempts = [timed.event.attempt for timed in turn.events if isinstance(timed.event, Retrying)]
    assert attempts == list(range(1, row.tries))
    assert KEY not in f"{message!r} {vars(fault) if fault else ''}"
    if row.kind is None:
        assert fault is None, (fault, fault.detail)
        assert turn.state == "done"
        return
    assert type(fault) is row.kind, (fault, fault and fault.detail)
    assert turn.state == "failed"
    assert message.failure is not None
    assert (message.failure.title, fault.side) == (row.title or row.kind.title, row.side)
    assert message.failure.title == fault.title
    assert row.detail is None or fault.detail == row.detail


@pytest.mark.parametrize(("row", "streaming"), CASES)
def test_every_fault_has_its_words_its_tries_and_keeps_the_text(api: FakeAPI, row: Row, streaming: bool) -> None:
    api.play(row.script)
    with contextlib.closing(ChatClient(Endpoint(api.url, KEY), replace(QUICK, total=row.total))) as client:
        turn = Turn(client, ask(stream=streaming)).start().join(30)
    check(turn, row)
    assert len(api.asked) == row.tries
    assert len({request.headers["x-client-request-id"] for request in api.asked}) == 1, "one id for all tries"
    assert row not in HANGS or api.asked[0].left.wait(3), "the connection is still open"
    if row.kind and isinstance(row.script, Reply) and row.script.status >= 400:
        assert turn.error is not None and turn.error.status == row.script.status


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
    api.play(Reply([*blanks, body_of(completion("Hello"))], 200, {"Content-Type": "application/json"}))
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
    "refused": (closed, "Nothing answers at the server's address."),
    "connect timeout": (full, NOT_IN_TIME),
    "TLS, no handshake": (lambda: plain(b""), NOT_IN_TIME),
    "TLS, half a handshake": (lambda: plain(b"\x16\x03\x03\x3f\xff\x00"), NOT_IN_TIME),
}


@pytest.mark.parametrize("name", UNREACHED)
@pytest.mark.parametrize("streaming", [True, False], ids=["stream", "whole"])
def test_a_server_that_is_not_reached_has_its_words_and_is_tried_again(name: str, streaming: bool) -> None:
    server, title = UNREACHED[name]
    # Who hears nothing waits for it three times. The rest is long: which of two deadlines comes first is chance.
    patient = Deadlines(connect=0.3 if title == NOT_IN_TIME else 5)
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
        turn = Turn(ChatClient(Endpoint(url, KEY), Deadlines(connect=1)), ask()).start()
        time.sleep(0.1)
        turn.stop()
        assert turn.state == "stopped"
        turn._thread.join(30)
    assert not turn._thread.is_alive()
    assert not any(isinstance(timed.event, Retrying) for timed in turn.events)


# ---- memory -------------------------------------------------------------------------------------------------

# getrusage would begin at what the parent took when it forked; the high-water mark is the process's own.
_MEASURE = """
import sys
from backend.transport import reply
from backend.transport.client import ChatClient, Endpoint
from backend.answer.turn import Turn
from backend.types import ChatRequest, Message

def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) * 1024

def ask(prompt):
    return Turn(client, ChatRequest("m", (Message("user", prompt),), stream=sys.argv[2] == "True")).start().join()

reply.CHUNK_LIMIT = int(sys.argv[3])
client = ChatClient(Endpoint(sys.argv[1], "sk-a-key-of-some-length"))
ask("warm up")
before = peak()
turn = ask("Hi")
print(type(turn.error).__name__, len(turn.message.content), peak() - before)
"""
SMALL = b'data: {"choices":[{"delta":{"content":"x"}}]}\n\n'


def bomb(start: bytes) -> bytes:
    return gzip.compress(start + b" " * (100 * MB), compresslevel=1)


HUGE: dict[str, tuple[Callable[[], Reply], bool, str, int]] = {
    "a line of 100 MB": (lambda: hello(b"data: ", *[b"x" * MB] * 100), True, "AnswerTooLarge", 5),
    "a completion of 100 MB": (lambda: Reply([b'{"a": "', *[b"x" * MB] * 100]), False, "AnswerTooLarge", 0),
    "an error of 100 MB": (lambda: Reply([b"x" * MB] * 100, 400), True, "BadRequest", 0),
    "a gzip bomb, stream": (lambda: Reply([bomb(b"data: ")], 200, GZIP), True, "AnswerTooLarge", 0),
    "a gzip bomb, completion": (lambda: Reply([bomb(b'{"a": "')], 200, GZIP), False, "AnswerTooLarge", 0),
    "a gzip bomb, blank": (lambda: Reply([bomb(b"")], 200, GZIP), True, "NotAnAnswer", 0),
    "a gzip bomb, error": (lambda: Reply([bomb(b"{")], 400, GZIP), True, "BadRequest", 0),
    "deltas without end": (lambda: events(*[SMALL * 1000] * 400), True, "AnswerTooLarge", CHUNK_LIMIT),
    "deltas without end, for a while": (lambda: events(*[SMALL * 1000] * 40), True, "AnswerTooLarge", 20_000),
}


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell a process's peak")
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.long if name == "deltas without end" else ()) for name in HUGE]
)
def test_huge_replies_are_stopped_within_64_mb(name: str) -> None:
    made, streaming, kind, text = HUGE[name]
    with FakeAPI(by_prompt({"warm": stream("a", usage=USAGE), "Hi": made()})) as api:
        done = subprocess.run(
            [sys.executable, "-c", _MEASURE, api.url, str(streaming), str(text if text > 5 else CHUNK_LIMIT)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        sent = api.asked[-1].sent
    found, length, more = done.stdout.split()
    assert (found, int(length)) == (kind, text)
    assert int(more) < 64 * MB
    assert sent < 50 * MB, "it was read on"
