"""An OpenAI-compatible server on a real socket that plays a script and remembers what it was asked.

    with FakeAPI(stream("Hello", Pause(0.2), " world", usage=USAGE)) as api:
        client = ChatClient(Endpoint(api.url, "sk-test"))
        ...
        assert api.asked[0].body["messages"][-1]["content"] == "Hi"

A script is a Reply for every question, a list of Replies played in order (the last one repeats), or a function
`Request -> Reply`, such as `by_prompt({"slow": ..., "fail": ...})`, which picks by the last user message.
A Reply is a list of steps: bytes are sent, Pause waits, an Event is waited for, CUT closes, RESET breaks the
connection, HANG stays silent until the client leaves. `framing="raw"` puts the steps on the wire as they are, head
included, so that anything can be broken. It listens on 127.0.0.1 only. Without a script it echoes.

For a look by hand: `python tests/support/fake_api.py 8123`, then http://127.0.0.1:8123/v1 as the base URL.
"""

from __future__ import annotations

import contextlib
import json
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, BinaryIO, Literal

HANG_LIMIT = 60.0  # seconds; a client that never leaves does not hold a test for ever
USAGE = {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}
ASKED_AT = ("/chat/completions", "/messages", "/responses")
MODELS = ("fake/alpha", "fake/beta", "google/gemini-2.5-flash")


@dataclass(frozen=True)
class Pause:
    seconds: float


class Do(Enum):
    HANG = "stay silent until the client leaves"
    CUT = "close the connection"
    RESET = "break the connection"


HANG, CUT, RESET = Do.HANG, Do.CUT, Do.RESET
Step = bytes | Pause | Do | threading.Event  # an event: the rest is sent once the test has set it


@dataclass
class Request:
    """One request as it arrived. Header names are in lower case; `at` is on the monotonic clock."""

    method: str
    path: str
    headers: dict[str, str]
    raw: bytes
    connection: int
    at: float = field(default_factory=time.monotonic)
    sent: int = 0  # bytes of the reply that went out
    played: threading.Event = field(default_factory=threading.Event)  # the reply is out, whole or broken off
    left: threading.Event = field(default_factory=threading.Event)  # the client has closed the connection

    @property
    def body(self) -> Any:
        with contextlib.suppress(ValueError):
            return json.loads(self.raw)
        return None

    @property
    def prompt(self) -> str:
        """The text of the last user message, "" when there is none."""
        messages = self.body.get("messages", []) if isinstance(self.body, dict) else []
        said = [message["content"] for message in messages if message.get("role") == "user"]
        return said[-1] if said and isinstance(said[-1], str) else ""


@dataclass(frozen=True)
class Reply:
    steps: Iterable[Step] = ()  # those of a generator are played once
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    framing: Literal["chunked", "length", "close", "raw"] = "chunked"


# ---- what a server may say ------------------------------------------------------------------------------


def data(*items: Mapping[str, Any] | str | Step) -> list[Step]:
    """Server-sent events: an object or a text is one event; bytes and other steps stay as they are."""
    made = (json.dumps(item, ensure_ascii=False) if isinstance(item, Mapping) else item for item in items)
    return [f"data: {item}\n\n".encode() if isinstance(item, str) else item for item in made]


def chunk(delta: Mapping[str, Any] | None = None, finish: str | None = None, **fields: Any) -> dict[str, Any]:
    """One chunk of a stream; `fields` are put at the top level (usage=..., choices=[], error=...)."""
    choice = {"index": 0, "delta": delta or {}, "finish_reason": finish}
    return {"id": "fake", "object": "chat.completion.chunk", "choices": [choice], **fields}


NOTHING_YET = b"data: " + json.dumps(chunk({"content": ""})).encode() + b"\n\n"


def events(*items: Mapping[str, Any] | str | Step, status: int = 200, **headers: str) -> Reply:
    """A streaming reply of any events and steps. Nothing is added: no finish_reason, no [DONE]."""
    return Reply(data(*items), status, {"Content-Type": "text/event-stream", **headers})


def stream(
    *pieces: str | Step,
    reasoning: str = "",
    usage: Mapping[str, Any] | None = None,
    finish: str | None = "stop",
    done: bool = True,
    pause: float = 0.0,
) -> Reply:
    """A streamed answer: texts become deltas, steps (Pause, HANG, CUT, ...) stay where they stand.

    `pause` seconds go before every delta. What follows a HANG, CUT or RESET is never sent.
    """
    items: list[Mapping[str, Any] | str | Step] = [chunk({"role": "assistant", "content": ""})]
    items += [chunk({"reasoning_content": reasoning})] if reasoning else []
    for piece in pieces:
        items += [Pause(pause)] if pause and isinstance(piece, str) else []
        items.append(chunk({"content": piece}) if isinstance(piece, str) else piece)
    return events(*items, *_ending(finish, usage, done))


def tool_stream(
    *calls: tuple[str, str, str], text: str = "", usage: Mapping[str, Any] | None = None, done: bool = True
) -> Reply:
    """A streamed answer that calls tools: (id, name, arguments), the arguments in pieces of seven characters."""
    items: list[Mapping[str, Any]] = [chunk({"role": "assistant", "content": text or None})]
    for index, (call_id, name, arguments) in enumerate(calls):
        head = {"index": index, "id": call_id, "type": "function", "function": {"name": name, "arguments": ""}}
        items.append(chunk({"tool_calls": [head]}))
        for start in range(0, len(arguments), 7):
            piece = {"index": index, "function": {"arguments": arguments[start : start + 7]}}
            items.append(chunk({"tool_calls": [piece]}))
    return events(*items, *_ending("tool_calls", usage, done))


def _ending(finish: str | None, usage: Mapping[str, Any] | None, done: bool) -> Iterator[Mapping[str, Any] | str]:
    if finish:
        yield chunk(finish=finish)
    if usage is not None:
        yield chunk(choices=[], usage=usage)
    if done:
        yield "[DONE]"


def completion(
    text: str | None = "Hello",
    tool_calls: Sequence[tuple[str, str, str]] = (),
    usage: Mapping[str, Any] | None = USAGE,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """A whole answer in one piece of JSON."""
    calls = [
        {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}
        for call_id, name, arguments in tool_calls
    ]
    message = {"role": "assistant", "content": text, **({"tool_calls": calls} if calls else {})}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if calls else "stop"}
    return reply({"id": "fake", "object": "chat.completion", "choices": [choice], "usage": usage}, status, headers)


def reply(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """Any body in one piece: bytes and text as they are, anything else as JSON."""
    kind = "text/plain" if isinstance(body, str | bytes) else "application/json"
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    content = text.encode() if isinstance(text, str) else text
    return Reply([content] if content else [], status, {"Content-Type": kind, **(headers or {})}, "length")


def error(status: int, message: str = "It broke.", headers: Mapping[str, str] | None = None, **more: Any) -> Reply:
    """An error in OpenAI's shape; `more` goes into the error object (code=..., type=...)."""
    return reply({"error": {"message": message, **more}}, status, headers)


def html(title: str = "Welcome", status: int = 200) -> Reply:
    page = f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return reply(page, status, {"Content-Type": "text/html"})


def drip(content: bytes, pause: float, size: int = 1) -> list[Step]:
    """`content` in pieces of `size` bytes with a pause before each."""
    return [step for at in range(0, len(content), size) for step in (Pause(pause), content[at : at + size])]


def echo(request: Request) -> Reply:
    """Says what was said, a word at a time, in the way it was asked for."""
    words = f"You said: {request.prompt}".split(" ")
    pieces = [word if place == 0 else f" {word}" for place, word in enumerate(words)]
    streaming = isinstance(request.body, dict) and request.body.get("stream")
    return stream(*pieces, usage=USAGE, pause=0.02) if streaming else completion("".join(pieces))


def by_prompt(replies: Mapping[str, Reply], otherwise: Script = echo) -> Callable[[Request], Reply]:
    """A script that plays the first reply whose key stands in the last user message."""

    def respond(request: Request) -> Reply:
        for key, made in replies.items():
            if key in request.prompt:
                return made
        return otherwise(request) if callable(otherwise) else _in_order(otherwise, 0)

    return respond


Script = Reply | Sequence[Reply] | Callable[[Request], Reply]


def _in_order(script: Reply | Sequence[Reply], position: int) -> Reply:
    return script if isinstance(script, Reply) else script[min(position, len(script) - 1)]


# ---- the server -----------------------------------------------------------------------------------------


class FakeAPI:
    """The server. `play` gives it another script at any time; `requests` holds everything that was asked."""

    def __init__(self, script: Script = echo, port: int = 0) -> None:
        self.play(script)
        self.requests: list[Request] = []
        self.connections = 0
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", port), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self.origin = f"http://127.0.0.1:{self.port}"
        self.url = f"{self.origin}/v1"
        threading.Thread(target=self._accept, name="fake-api", daemon=True).start()

    def __enter__(self) -> FakeAPI:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept() on Linux; closing alone does not
        self._listener.close()
        self.drop_connections()

    def play(self, script: Script) -> FakeAPI:
        """From now on, this script, from its beginning."""
        self._script, self._position = script, 0
        return self

    @property
    def asked(self) -> list[Request]:
        """The questions: requests for a chat completion."""
        return [request for request in self.requests if request.path.endswith(ASKED_AT)]

    def drop_connections(self) -> None:
        """Close what clients keep open, as servers do after a while."""
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection, self.connections), daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        """One connection: requests and replies until either side has enough."""
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        request = None
        try:
            with connection.makefile("rb") as incoming:
                while asked := _read(incoming, number):
                    request = asked
                    self.requests.append(request)
                    keep = self._play(self._reply_to(request), request, connection)
                    request.played.set()
                    if not keep:
                        return
                if request:
                    request.left.set()
        except (OSError, ValueError):
            if request:
                request.left.set()
        finally:
            if request:
                request.played.set()
            with self._lock:
                self._open.discard(connection)
            connection.close()

    def _reply_to(self, request: Request) -> Reply:
        path = request.path.split("?")[0]
        if request.method == "GET" and path.endswith("/models"):
            return reply({"object": "list", "data": [{"id": name, "object": "model"} for name in MODELS]})
        if request.method == "GET" and path == "/v2/billing":
            return reply({"current_balance": 12.34})
        if not path.endswith(ASKED_AT):
            return reply({"message": f"Cannot {request.method} {path}", "statusCode": 404}, 404)
        if callable(self._script):
            return self._script(request)
        self._position += 1
        return _in_order(self._script, self._position - 1)

    def _play(self, made: Reply, request: Request, connection: socket.socket) -> bool:
        """Send a reply step by step. True when the connection may be used again."""
        connection.sendall(_head(made))
        for step in made.steps:
            if isinstance(step, bytes):
                connection.sendall(_frame(step, made))
                request.sent += len(step)
            elif step is RESET:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return False
            elif step is CUT:
                return False
            elif isinstance(step, threading.Event):
                _wait_alive(step, made, connection)
            elif not self._wait(step.seconds if isinstance(step, Pause) else HANG_LIMIT, connection):
                request.left.set()
                return False
        if made.framing == "chunked":
            connection.sendall(b"0\r\n\r\n")
        return made.framing in ("chunked", "length")

    def _wait(self, seconds: float, connection: socket.socket) -> bool:
        """Stay silent. False when the client has left meanwhile, or the server closes."""
        until = time.monotonic() + seconds
        news = select.poll()  # select() takes no descriptor above 1,023
        news.register(connection, select.POLLIN)
        while (left := until - time.monotonic()) > 0:
            readable = news.poll(min(left, 0.05) * 1000)
            if self._closing.is_set() or (readable and not connection.recv(1, socket.MSG_PEEK)):
                return False
            if readable:  # the next request is here already; do not spin on it
                time.sleep(min(left, 0.05))
        return True


def _frame(step: bytes, made: Reply) -> bytes:
    return b"%x\r\n%b\r\n" % (len(step), step) if made.framing == "chunked" and step else step


def _wait_alive(event: threading.Event, made: Reply, connection: socket.socket) -> None:
    """Wait for the test. A stream says nothing meanwhile, but says it: on a busy machine silence would end it."""
    ends = time.monotonic() + HANG_LIMIT
    streams = "event-stream" in made.headers.get("Content-Type", "")
    while not event.wait(0.5) and time.monotonic() < ends:
        if streams:
            connection.sendall(_frame(NOTHING_YET, made))


def _read(incoming: BinaryIO, connection: int) -> Request | None:
    """The next request on a connection, None when the client has closed it."""
    line = incoming.readline().decode("latin-1").split()
    if len(line) < 2:
        return None
    headers = {}
    while field_line := incoming.readline().decode("latin-1").strip():
        name, _, value = field_line.partition(":")
        headers[name.lower()] = value.strip()
    raw = incoming.read(int(headers.get("content-length", 0)))
    return Request(line[0], line[1], headers, raw, connection)


def _head(made: Reply) -> bytes:
    if made.framing == "raw":
        return b""
    headers = dict(made.headers)
    if made.framing == "chunked":
        headers["Transfer-Encoding"] = "chunked"
    elif made.framing == "length":
        headers.setdefault("Content-Length", str(sum(len(step) for step in made.steps if isinstance(step, bytes))))
    else:
        headers["Connection"] = "close"
    lines = [f"HTTP/1.1 {made.status} Said", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


if __name__ == "__main__":
    import sys

    with FakeAPI(port=int(sys.argv[1]) if len(sys.argv) > 1 else 0) as server:
        print(f"{server.url} (Ctrl+C ends it)")
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()
