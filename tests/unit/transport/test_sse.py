"""Framing: bytes cut anywhere become the same whole events, bounded in size and in work."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator
from typing import Any

import pytest
from basics import recorded_cases
from hypothesis import given
from hypothesis import strategies as st

from backend.transport import sse


def heard(*chunks: bytes) -> list[dict[str, str]]:
    return [{"event": event.event, "data": event.data, "id": event.id} for event in sse.events(chunks)]


def texts(*chunks: bytes) -> list[str]:
    return [event.data for event in sse.events(chunks)]


def by_byte(content: bytes) -> list[bytes]:
    return [content[at : at + 1] for at in range(len(content))]


def split_at_random(content: bytes, seed: int) -> list[bytes]:
    rng = random.Random(seed)
    cuts = sorted(rng.randrange(len(content) + 1) for _ in range(min(200, len(content))))
    return [content[start:end] for start, end in zip([0, *cuts], [*cuts, len(content)], strict=True)]


def chunks_of(case: dict[str, Any]) -> list[bytes]:
    """The bytes of a case: ours are written as text, a character a byte."""
    if "chunks" in case:
        return [chunk.encode("latin-1") for chunk in case["chunks"]]
    return [base64.b64decode(chunk) for chunk in case["chunks_b64"]]


@pytest.mark.parametrize("case", recorded_cases("sse_cases.jsonl"))
def test_every_framing_case_gives_its_events_however_it_is_cut(case: dict[str, Any]) -> None:
    chunks = chunks_of(case)
    whole = b"".join(chunks)
    assert heard(*chunks) == case["events"]
    assert heard(whole) == case["events"]
    assert heard(*by_byte(whole)) == case["events"]
    for seed in range(5):
        assert heard(*split_at_random(whole, seed)) == case["events"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"data: a\n\ndata: b\n\n", ["a", "b"]),
        (b"data: a\r\n\r\ndata: b\r\n\r\n", ["a", "b"]),
        (b"data: a\r\rdata: b\r\r", ["a", "b"]),
        (b"\xef\xbb\xbfdata: a\n\n", ["a"]),
        (b"\n\n\n\ndata: a\n\n\n\n", ["a"]),
        (b": only a comment\n\n", []),
        (b"data: a\n\ndata: never finished", ["a"]),
        (b"data: a\n\ndata: never finished\n", ["a"]),
        (b"", []),
        (b"\xef\xbb", []),
        (b"\xef\xbb\xbf", []),
        (b"data: one\ndata: two\n\n", ["one\ntwo"]),
        ("data: grüße 😀 \u2028 \x85 \x0b \x0c \x1c end\n\n".encode(), ["grüße 😀 \u2028 \x85 \x0b \x0c \x1c end"]),
        (b"data: \xff\xfe ok\n\n", ["�� ok"]),
        (b"data: cut \xf0\x9f\n\ndata: b\n\n", ["cut �", "b"]),
        (b"data:{\n\n", ["{"]),
    ],
)
def test_these_bytes_hold_these_events(content: bytes, expected: list[str]) -> None:
    assert texts(content) == expected
    assert texts(*by_byte(content)) == expected


def test_empty_chunks_between_the_bytes_change_nothing() -> None:
    pieces = [
        piece for byte in by_byte(b"\xef\xbb\xbfdata: a\r\n\r\ndata: b\r\n\r\n") for piece in (b"", byte, b"")
    ]
    assert texts(*pieces) == ["a", "b"]


def test_an_event_is_given_as_soon_as_its_blank_line_is_here() -> None:
    taken = []

    def arriving() -> Iterator[bytes]:
        for chunk in (b"data: a\r", b"\n\r", b"data: never asked for"):
            taken.append(chunk)
            yield chunk

    assert next(sse.events(arriving())).data == "a"
    assert len(taken) == 2, "a lone CR ends the line; waiting for a possible LF would hold the event back"


@given(st.lists(st.text(st.characters(exclude_characters="\r\n"), max_size=30), max_size=8), st.randoms())
def test_any_text_arrives_as_it_was_sent_however_it_is_cut(lines: list[str], rng: random.Random) -> None:
    sent = [line.encode("utf-8", "replace").decode() for line in lines]
    content = b"".join(b"data: %b\n\n" % line.encode() for line in sent)
    expected = [line for line in sent if line]
    received = texts(*split_at_random(content, rng.randrange(1 << 30)))
    assert [text for text in received if text] == expected


@given(st.binary(max_size=300), st.integers(0, 1000))
def test_any_bytes_give_the_same_events_however_they_are_cut(content: bytes, seed: int) -> None:
    assert heard(*split_at_random(content, seed)) == heard(content)


def test_a_picture_of_two_megabytes_in_one_event_is_read_in_linear_work(monkeypatch: pytest.MonkeyPatch) -> None:
    fed = []
    monkeypatch.setattr(sse, "SSEClient", lambda source: _counting(fed, source))
    picture = b"A" * (2 << 20)
    content = b'id: 1\ndata: {"url": "data:image/png;base64,' + picture + b'"}\n\n'
    pieces = [content[at : at + 1400] for at in range(0, len(content), 1400)]
    (text,) = texts(*pieces)
    assert len(text) > len(picture)
    assert fed == [1], "sseclient is quadratic in the number of pieces, so it must get the event in one"


def _counting(fed: list[int], source: Iterator[bytes]) -> Any:
    pieces = list(source)
    fed.append(len(pieces))
    from sseclient import SSEClient

    return SSEClient(iter(pieces))


def test_an_event_over_the_limit_is_refused_before_it_is_complete() -> None:
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        yield b"data: "
        while True:
            taken += 1
            yield b"x" * 1000

    with pytest.raises(sse.EventTooLarge):
        list(sse.events(endless(), limit=50_000))
    assert taken <= 51


def test_an_event_over_the_limit_is_refused_when_it_comes_whole() -> None:
    assert texts(b"data: " + b"x" * 92 + b"\n\n") == ["x" * 92]
    assert len(list(sse.events([b"data: " + b"x" * 92 + b"\n\n"], limit=100))) == 1
    source = sse.events([b"data: a\n\ndata: " + b"x" * 93 + b"\n\n"], limit=100)
    assert next(source).data == "a", "what came before it is given"
    with pytest.raises(sse.EventTooLarge):
        next(source)


def test_objects_that_no_blank_line_parts_are_events_as_soon_as_they_are_there() -> None:
    lines = [b'data: {"a": %d}\n' % number for number in range(3_000)]
    arrived = iter([*lines[:2], b"data: {", *lines[2:], b"data: [DONE]\n"])
    told = sse.events(arrived)
    assert next(told).data == '{"a": 0}'
    assert next(told).data == '{"a": 1}'  # the third has only begun
    whole = [event.data for event in sse.events([*lines, b"data: [DONE]\n\n"])]
    assert (len(whole), whole[-1]) == (3_001, "[DONE]")


def test_an_object_over_several_lines_stays_one_event() -> None:
    text = b'data: {"a": [\ndata: {"b": 1},\ndata: {"b": 2}\ndata: ]}\n\n'
    assert [event.data for event in sse.events([text])] == ['{"a": [\n{"b": 1},\n{"b": 2}\n]}']


def test_many_lines_in_one_event_are_refused_because_their_work_is_quadratic() -> None:
    with pytest.raises(sse.EventTooLarge):
        texts(b"data:\n" * 20_000 + b"\n")
    (text,) = texts(b"data: x\n" * 1000 + b"\n")
    assert text.count("\n") == 999


@pytest.mark.slow
def test_a_hundred_thousand_small_events_in_one_chunk_are_all_given() -> None:
    assert len(texts(b"data: a\n\n" * 100_000)) == 100_000
