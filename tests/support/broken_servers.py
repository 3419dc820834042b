"""The ways in which a server may break, a row each: what it does, what is said of it, whose side it is on, how
often it was asked, what stays of the answer. tests/unit/transport/test_broken_servers.py asks each over a socket.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from typing import Any, Literal

from basics import KEY
from fake_api import (
    CUT,
    HANG,
    RESET,
    Pause,
    Reply,
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
from backend.errors import APIError, Side

HELLO = data(chunk({"content": "Hello"}))
GZIP = {"Content-Encoding": "gzip", "Content-Type": "text/event-stream"}
JSON_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n"
STREAM_HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
REFUSAL_HEAD = b"HTTP/1.1 401 No\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n"
PAGE = "The server sent a web page instead of an answer."
NONE = "The server sent something that is not an answer."
UNREADABLE = "The server's answer is not readable JSON."
NOTHING = "The server replied with nothing at all."
NO_ANSWER = "The server's reply holds no answer."
NO_REPLY = "The server took the request and did not answer."
NO_BEGINNING = "The model did not begin to answer."
SILENT = "The server fell silent in the middle of the answer."
BROKE = "The connection broke before an answer came."
PACKED = "The server's answer could not be unpacked."
UNASKED = "The server's answer is compressed in a way that nobody asked for."


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
    total: float = 10.0  # seconds that all of it may take


def raw(*steps: Any) -> Reply:
    return Reply(steps, framing="raw")


def body_of(made: Reply) -> bytes:
    return b"".join(step for step in made.steps if isinstance(step, bytes))


def packed(made: Reply, length: int | None = None) -> Reply:
    """The same reply, compressed; or only the beginning of it."""
    return Reply([gzip.compress(body_of(made))[:length]], 200, GZIP)


def hello(*told: Any) -> Reply:
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
    Row("a stream with a length", Reply(stream("Hello").steps, framing="length"), text="Hello"),
    Row("a stream until the connection closes", Reply(stream("Hello").steps, framing="close"), text="Hello"),
    Row("gzip, good", packed(stream("Hello")), text="Hello"),
    Row("gzip, good, in one piece", packed(completion("Hello")), text="Hello"),
    Row("a byte order mark", events(b"\xef\xbb\xbf", *HELLO, "[DONE]"), text="Hello"),
    Row("CRLF", events(body_of(stream("Hello")).replace(b"\n", b"\r\n")), text="Hello"),
    Row("split UTF-8", events(*drip(body_of(stream("é😀")), 0.0)), text="é😀"),
    Row("invalid UTF-8", events(body_of(stream("a?")).replace(b"?", b"\xff")), text="a\ufffd"),
    Row("invalid JSON in one event", hello("{broken", *HELLO, "[DONE]"), text="HelloHello"),
    Row("[done] in small letters", hello("[done]"), text="Hello"),
    Row("an event that is named done", hello(b"event: done\ndata: {}\n\n"), text="Hello"),
    Row("[DONE] alone on its line", hello(b"[DONE]\n\n"), text="Hello"),
    Row("JSON in a text", reply(json.dumps(json.dumps({"choices": [{"message": {"content": "Hello"}}]}))),
        text="Hello", how="whole"),
    Row("chunks a line, without events", Reply([HELLO[0][6:-1], json.dumps(chunk(finish="stop")).encode()]),
        text="Hello"),
    Row("chunks in a list", reply([chunk({"content": "Hello"}), chunk(finish="stop")]), text="Hello"),
    Row("out of a wrapping", reply({"code": 0, "data": {"choices": [{"message": {"content": "Hello"}}]}}),
        text="Hello"),
    Row("no [DONE]", stream("Hello", done=False), text="Hello"),
    Row("no finish_reason", stream("Hello", finish=None), text="Hello"),
    Row("[DONE], then it hangs", hello("[DONE]", HANG), text="Hello"),
    Row("finish_reason, then it hangs", hello(chunk(finish="stop"), HANG), text="Hello"),
    Row("finish_reason, then a reset", hello(chunk(finish="stop"), Pause(0.05), RESET), text="Hello"),
    Row("finish_reason, then a cut", hello(chunk(finish="stop"), Pause(0.05), CUT), text="Hello"),
    Row("a whole completion where a stream was asked for", completion("Hello"), text="Hello", how="stream"),
    Row("a stream where a whole completion was asked for", stream("Hello"), text="Hello", how="whole"),
    Row("429, wait 0.1 s", [asked_to_wait("0.1"), stream("Hello")], tries=2, text="Hello"),
    Row("429, wait until a date", [asked_to_wait("Wed, 21 Oct 2015 07:28:00 GMT"), stream("a")], tries=2, text="a"),
    Row("a cut, half a head, then an answer", [raw(CUT), raw(b"HTTP/1.1 20", CUT), stream("a")], tries=3, text="a"),
    Row("429, wait for nothing", [asked_to_wait(""), stream("a")], tries=2, text="a"),
    Row("503, wait for no number", [error(503, headers={"Retry-After": "nan"}), stream("a")], tries=2, text="a"),
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
        text="a" * 15 + "xb",  # a text in the place of a delta is one
    ),
)  # fmt: skip

# ---- it goes silent: nothing of this may last, and Stop must end it -----------------------------------------

HANGS = (
    Row("no head", raw(HANG), errors.TimedOut, title=NO_REPLY),
    Row("half a head", raw(b"HTTP/1.1 200 OK\r\nConte", HANG), errors.TimedOut, title=NO_REPLY),
    Row("a head that drips", raw(*drip(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 400, 0.05)), errors.TimedOut,
        title=NO_REPLY),
    Row("a head and nothing", events(HANG), errors.TimedOut, title=NO_BEGINNING),
    Row("one letter, then nothing", events(b"d", HANG), errors.TimedOut, title=NO_BEGINNING),
    Row("half a page, then nothing", Reply([b"<html>", HANG]), errors.TimedOut, title=NO_BEGINNING),
    Row("half of some JSON, then nothing", Reply([b'{"choices"', HANG], 200, {"Content-Type": "application/json"}),
        errors.TimedOut, title=NO_BEGINNING),
    Row("a comment, then nothing", events(b": keep-alive\n\n", HANG), errors.TimedOut, title=NO_BEGINNING),
    Row("a role, then nothing", events(chunk({"role": "assistant", "content": ""}), HANG), errors.TimedOut,
        title=NO_BEGINNING),
    Row("silence in mid-stream", hello(HANG), errors.CutOff, "network", text="Hello", title=SILENT),
    Row("half an event, then nothing", hello(HELLO[0][:10], HANG), errors.CutOff, "network", text="Hello",
        title=SILENT),
    Row("401, and its body hangs", Reply([HANG], 401), errors.KeyRefused, "you"),
    Row("500, and its body hangs", Reply([b'{"error": {"mess', HANG], 500), errors.ServerTrouble),
    *(Row(name, script, errors.TimedOut, text=text, title="The answer took longer than 1.5 seconds.", total=1.5)
      for name, script, text in (
        ("blanks that drip", events(*drip(b" " * 400, 0.05)), ""),
        ("comments for ever", events(*drip(b": wait\n\n" * 400, 0.05, 8)), ""),
        ("JSON that drips", Reply(drip(b'{"choices": ' + b" " * 400, 0.05)), ""),
        ("comments for ever in mid-stream", hello(*drip(b": wait\n\n" * 400, 0.05, 8)), "Hello"),
        ("an event that drips", hello(*drip(b"data: " + b"x" * 400, 0.05)), "Hello"),
    )),
)  # fmt: skip

# ---- the connection breaks ----------------------------------------------------------------------------------

BREAKS = (
    Row("cut before the head", raw(CUT), errors.ConnectionFailed, "network", 3, title=BROKE),
    Row("reset in the head", raw(b"HTTP/1.1 20", RESET), errors.ConnectionFailed, "network", 3, title=BROKE),
    Row("cut in mid-stream", hello(Pause(0.05), CUT), errors.CutOff, "network", text="Hello"),
    Row("reset in mid-stream", hello(Pause(0.05), RESET), errors.CutOff, "network", text="Hello"),
    Row("cut in mid-event", hello(HELLO[0][:-10], Pause(0.05), CUT), errors.CutOff, "network", text="Hello"),
    Row("reset in mid-event", hello(HELLO[0][:-10], Pause(0.05), RESET), errors.CutOff, "network", text="Hello"),
    *(Row(f"a chunk size that is none: {size[:4]!r}",
          raw(STREAM_HEAD, b"%x\r\n%b\r\n%b" % (len(HELLO[0]), HELLO[0], size), Pause(0.05), CUT),
          errors.CutOff, "network", text="Hello")
      for size in (b"zz\r\n", b"-5\r\n", b"\r\n", b"f" * 20 + b"\r\n", b"1" * 70_000)),
    Row("a comment, and it just ends", events(b": processing\n\n"), errors.CutOff, "network"),
    Row("half of the first event, and it just ends", events(HELLO[0][:-10]), errors.CutOff, "network"),
    Row("a role, and it just ends", events(chunk({"role": "assistant", "content": ""})), errors.CutOff, "network"),
    Row("a stream that just ends", hello(), errors.CutOff, "network", text="Hello"),
    Row("broken events, and it just ends", hello("{broken", "[1]", "3"), errors.CutOff, "network", text="Hello",
        detail="3 unreadable events were skipped."),
    Row("a completion that ends early", raw(JSON_HEAD + b'{"choices": [', CUT), errors.CutOff, "network"),
    Row("gzip that lies", reply(b"plain text", headers=GZIP), errors.NotAnAnswer, title=PACKED),
    Row("gzip that goes wrong", Reply([gzip.compress(body_of(hello()))[:-8] + b"\xff" * 9], 200, GZIP),
        errors.NotAnAnswer, title=PACKED),
    Row("gzip that ends early", packed(hello(), -8), errors.CutOff, "network", text="Hello"),
)  # fmt: skip

# ---- 2xx, and no answer in it -------------------------------------------------------------------------------

NOT_ANSWERS = (
    Row("200 with a web page", html("Sign in"), errors.NotAnAnswer,
        title=PAGE, detail="(an HTML page: Sign in)"),
    Row("200 with nothing", reply(b""), errors.NotAnAnswer, title=NOTHING),
    Row("204", reply(b"", 204), errors.NotAnAnswer, title=NOTHING),
    Row("204, and it closes", Reply([], 204, framing="close"), errors.NotAnAnswer, title=NOTHING),
    Row("200 with blanks", reply(b" \r\n\t "), errors.NotAnAnswer, title=NOTHING),
    Row("200 with a byte order mark", reply(b"\xef\xbb\xbf"), errors.NotAnAnswer, title=NOTHING),
    Row("200 with a long page", reply("<html>" + "x" * 400_000), errors.NotAnAnswer, title=PAGE),
    Row("200 with Google's error in a list", reply([{"error": {"code": 429, "message": "Slow down"}}]),
        errors.RateLimited, detail="Slow down"),
    Row("gzip without its name", reply(gzip.compress(b"Hello")), errors.NotAnAnswer, title=UNASKED),
    Row("brotli", reply(b"\x0b\x02\x80abc", headers={"Content-Encoding": "br"}), errors.NotAnAnswer, title=UNASKED),
    Row("202, a job", reply({"id": "gen-1", "status": "queued"}, 202), errors.NotAnAnswer, title=NO_ANSWER),
    *(Row(f"200 with {body!r}", reply(body), errors.NotAnAnswer, title=NONE)
      for body in (b"OK", b"\x00\xff\x01")),
    *(Row(f"200 with no choice: {body}", reply(body), errors.NotAnAnswer, title=NO_ANSWER)
      for body in ({}, [], [{"choices": []}], {"choices": []}, {"choices": [None, 3]}, {"choices": "none"})),
    *(Row(f"200 with broken JSON: {body[:9]}", reply(body), errors.NotAnAnswer, title=UNREADABLE)
      for body in ('{"choices": [', "[" * 100_000)),
    *(Row(f"events without an answer: {told}", events(*told), errors.NotAnAnswer, title=NONE)
      for told in (["[DONE]"], ["{broken", "[DONE]"], [{"hello": "world"}], [b"event: ping\ndata: {}\n\n"])),
    *(Row(f"200 with an error: {body}", reply(body), errors.ServerTrouble, detail="It broke")
      for body in ({"error": {"message": "It broke", "code": 503}}, {"error": {"message": "It broke"}},
                   {"error": "It broke"}, {"object": "error", "message": "It broke"}, {"detail": "It broke"},
                   {"message": "It broke", "statusCode": 503})),
    Row("200 with a refused key", reply({"error": {"message": "No", "code": 401}}), errors.KeyRefused, "you"),
    *(Row(f"an error in mid-stream: {told}", hello(*told), errors.ServerTrouble, text="Hello", detail="It broke")
      for told in ([{"error": {"message": "It broke"}}], [{"error": {"message": "It broke"}}, HANG],
                   [{"error": {"message": "It broke", "code": 500}}, "[DONE]"], [{"error": "It broke"}],
                   [b"event: error\ndata: It broke\n\n", {"error": {"message": "It broke"}}])),
    *(Row(f"an event named error: {told}", hello(b"event: error\ndata: " + told + b"\n\n"), errors.ServerTrouble,
          text="Hello", detail="It broke")
      for told in (b'{"message": "It broke"}', b'{"error": {"message": "It broke", "type": "server_error"}}')),
    Row("429 as the first event", events({"error": {"message": "Slow", "code": 429}}), errors.RateLimited),
    Row("an error beside a finish_reason", hello(chunk(finish="error", error={"message": "It broke", "code": 502})),
        errors.ServerTrouble, text="Hello", detail="It broke"),
    Row("an error in a choice", hello({"choices": [{"error": {"message": "It broke", "code": 502}}]}),
        errors.ServerTrouble, text="Hello", detail="It broke"),
    Row("429 in mid-stream", hello({"error": {"message": "Wait", "code": 429}}), errors.RateLimited, text="Hello"),
)  # fmt: skip

# ---- refused: which status and which words are which error is tested in test_errors.py ------------------------

REFUSED = (
    Row("301", reply(b"", 301, {"Location": "http://127.0.0.1:1/"}), errors.Redirected, "you"),
    Row("308", reply(b"", 308, {"Location": "/elsewhere"}), errors.Redirected, "you"),
    Row("400 with a field", error(400, "Out of range", param="top_p"), errors.BadRequest, "you",
        detail="top_p: Out of range"),
    Row("401, echoing the key", error(401, f"Incorrect API key: {KEY}"), errors.KeyRefused, "you",
        detail="Incorrect API key: [key]"),
    Row("401, and its body breaks", raw(REFUSAL_HEAD + b'{"error": ', CUT), errors.KeyRefused, "you"),
    Row("402", error(402, "Pay"), errors.OutOfCredit, "you", detail="Pay"),
    Row("404, a web page", html("404", 404), errors.AddressNotFound, "you", detail="(an HTML page: 404)"),
    Row("404 with nothing", reply(b"", 404), errors.AddressNotFound, "you", detail=""),
    Row("408", error(408), errors.ServerTrouble, tries=3),
    Row("429", error(429), errors.RateLimited, tries=3),
    Row("429, wait 61 s", asked_to_wait("61"), errors.RateLimited),
    Row("429, wait for ever", asked_to_wait("1e999"), errors.RateLimited),
    Row("429, wait until 2100", asked_to_wait("Fri, 01 Jan 2100 00:00:00 GMT"), errors.RateLimited),
    Row("429, wait for nonsense", asked_to_wait("soon"), errors.RateLimited, tries=3),
    Row("429, insufficient quota", error(429, "No", code="insufficient_quota"), errors.OutOfCredit, "you"),
    Row("503", error(503), errors.ServerTrouble, tries=3),
    Row("500 with a web page", html("Oops", 500), errors.ServerTrouble, tries=3, detail="(an HTML page: Oops)"),
    Row("an error of the wrong types", reply({"error": 3, "message": {"a": []}}, 400), errors.BadRequest, "you",
        detail=""),
)  # fmt: skip

ROWS = (*FINE, *HANGS, *BREAKS, *NOT_ANSWERS, *REFUSED)
