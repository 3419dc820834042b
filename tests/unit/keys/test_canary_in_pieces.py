"""A key that a server repeats in pieces, or spelt in JSON's escapes, is in nothing that is kept of the answer."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from basics import ask
from fake_api import FakeAPI, Reply, chunk, data, events, reply
from keys import CANARY, every, leaked

from backend.answer.turn import Turn
from backend.formats.archive import body
from backend.keys.redaction import Redactor
from backend.protocol import dialects, wire
from backend.text import clean
from backend.transport.client import ChatClient, Endpoint
from backend.types import ChunkReceived, ReasoningDetail


def kept(turn: Turn) -> list[str]:
    """The answer, what is shown of it, and its chunks as they are listed."""
    message = turn.message
    chunks = [timed.event.raw for timed in turn.events if isinstance(timed.event, ChunkReceived)]
    tokens = "".join(token.text for token in message.logprobs)
    joined = [json.dumps(body(message), ensure_ascii=False), *wire.thinking(message), tokens, "".join(chunks)]
    sounds = [base64.b64decode(media.url.partition(",")[2]).decode("latin-1") for media in message.media]
    return [repr(message), *joined, *chunks, *sounds]


def cut(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]


def detail(name: str, **more: Any) -> Callable[[str], Mapping[str, Any]]:
    return lambda piece: chunk({"reasoning_details": [{"type": "reasoning.text", name: piece, **more}]})


def token(piece: str) -> Mapping[str, Any]:
    return {"choices": [{"index": 0, "delta": {}, "logprobs": {"content": [{"token": piece, "logprob": -0.5}]}}]}


def sound(piece: str) -> Mapping[str, Any]:
    return chunk({"audio": {"data": base64.b64encode(piece.encode()).decode()}})


PIECES: dict[str, Callable[[str], Mapping[str, Any]]] = {
    "details without an index": detail("text"),
    "details with an index": detail("text", index=0),
    "summaries": detail("summary", index=0),
    "tokens": token,
    "sound": sound,
    "words of a sound": lambda piece: chunk({"audio": {"transcript": piece}}),
    "a refusal": lambda piece: chunk({"refusal": piece}),
    "arguments": lambda piece: chunk({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}),
}


@pytest.fixture
def asked(api: FakeAPI) -> Iterator[Callable[..., Turn]]:
    client = ChatClient(Endpoint(api.url, CANARY))

    def answer(*told: Any, stream: bool = True) -> Turn:
        api.play(events(*told, chunk(finish="stop"), "[DONE]") if stream else reply(*told))
        turn = Turn(client, ask(stream=stream)).start().join(20)
        assert turn.state == "done", turn.error
        return turn

    yield answer
    client.close()


# A text is cut in all ways in tests/unit/keys/test_canary.py; here it is about the parts of an answer.
sizes = pytest.mark.parametrize("size", [3, *(pytest.param(size, marks=pytest.mark.long) for size in (1, 7))])


@sizes
@pytest.mark.parametrize("place", PIECES)
def test_a_key_in_pieces_is_found_anywhere_in_an_answer(asked: Callable[..., Turn], place: str, size: int) -> None:
    for said in every(CANARY):
        turn = asked(*map(PIECES[place], cut(f"It is {said}, as I said, and said again.", size)))
        assert leaked(CANARY, *kept(turn)) == [], said
        assert any("again." in part for part in kept(turn)), "the rest is there"


@pytest.mark.parametrize("name", ["text", "thinking", "signature", "data"])
@pytest.mark.parametrize("size", [1, 3, 7])
def test_every_text_of_a_detail_may_go_on_in_the_next(name: str, size: int) -> None:
    for said in every(CANARY):
        pieces = (ReasoningDetail({"type": "x", name: piece}) for piece in cut(f"It is {said}, as I said.", size))
        redactor = Redactor(CANARY).stream()
        told = list(redactor.to_the_end(iter(redactor.redact_events(iter(pieces)))))
        text = "".join(str(event.detail[name]) for event in told if isinstance(event, ReasoningDetail))
        assert leaked(CANARY, text) == [] and "[key]" in text and text.endswith(", as I said."), said


def thought(*pieces: str, name: str = "thinking") -> list[Mapping[str, Any]]:
    """A block of thinking in Anthropic's own format, in pieces."""
    block: Mapping[str, Any] = {"type": "thinking", "thinking": "", "signature": ""}
    return [
        {"type": "message_start", "message": {"role": "assistant"}},
        {"type": "content_block_start", "index": 0, "content_block": block},
        *({"type": "content_block_delta", "index": 0, "delta": {"type": f"{name}_delta", name: piece}}
          for piece in pieces),
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}},
        {"type": "message_stop"},
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["thinking", "signature"])
@sizes
def test_a_key_in_the_pieces_of_a_thought_is_not_in_the_whole_one(api: FakeAPI, name: str, size: int) -> None:
    client = ChatClient(Endpoint(api.url, CANARY))
    request = ask(dialect=dialects.choose("m", f"{api.url}/messages"))
    for said in every(CANARY):
        api.play(events(*thought(*cut(f"It is {said}, as I said.", size), name=name)))
        turn = Turn(client, request).start().join(20)
        assert turn.state == "done" and leaked(CANARY, *kept(turn)) == [], said
        (block,) = turn.message.reasoning_details
        assert block[name] == "It is [key], as I said."
    client.close()


@pytest.mark.parametrize("control", ["\\u0000", "\\b", "\\u007f", "\x7f", "\x01"])
def test_a_key_with_controls_in_it_is_taken_out_though_they_are_taken_out_as_well(
    api: FakeAPI, control: str
) -> None:
    hidden = control.join(CANARY)
    body = data(f'{{"choices": [{{"delta": {{"content": "It is {hidden}."}}}}]}}', chunk(finish="stop"), "[DONE]")
    api.play(Reply(body, 200, {"Content-Type": "text/event-stream"}))
    client = ChatClient(Endpoint(api.url, CANARY))
    turn = Turn(client, ask()).start().join(20)
    assert turn.message.content == "It is [key]."
    assert leaked(CANARY, *map(clean, kept(turn))) == []
    client.close()


def test_a_text_in_pieces_that_only_begins_like_a_key_is_kept_whole(asked: Callable[..., Turn]) -> None:
    beginning = CANARY[: len(CANARY) // 2 - 1]
    for place, name in (
        ("details with an index", "text"),
        ("summaries", "summary"),
        ("details without an index", ""),
    ):
        message = asked(*map(PIECES[place], cut(f"It is {beginning}", 3))).message
        assert wire.thinking(message)[0] == f"It is {beginning}"
        assert not name or [one[name] for one in message.reasoning_details] == [f"It is {beginning}"]
    (media,) = asked(*map(sound, cut(f"It is {beginning}", 3))).message.media
    assert base64.b64decode(media.url.partition(",")[2]).decode() == f"It is {beginning}"


def test_a_sound_without_a_key_is_not_changed(asked: Callable[..., Turn]) -> None:
    samples = bytes(range(256)) * 8
    pieces = [samples[at : at + 100] for at in range(0, len(samples), 100)]
    turn = asked(*(chunk({"audio": {"data": base64.b64encode(piece).decode()}}) for piece in pieces))
    assert base64.b64decode(turn.message.media[0].url.partition(",")[2]) == samples


SPELT = "".join(f"\\u{ord(letter):04x}" for letter in CANARY)
HALF = "".join(f"\\u{ord(letter):04X}" for letter in CANARY[:9]) + CANARY[9:]


@pytest.mark.parametrize("spelt", [SPELT, HALF, CANARY.replace("/", "\\/")])
@pytest.mark.parametrize(
    "raw",
    [
        '{"choices": [{"index": 0, "delta": {"content": "It is KEY."}}]}',
        '{"choices": [{"index": 0, "delta": {"content": "Hello"}}], "note": "KEY"}',
        '{"KEY": "broken',
    ],
)
def test_a_key_in_escapes_is_in_no_chunk(asked: Callable[..., Turn], spelt: str, raw: str) -> None:
    told = raw.replace("KEY", spelt)
    turn = asked(chunk({"content": "Hello"}), told)
    assert read_leaks(turn, spelt) == []
    if "delta" in raw:
        assert read_leaks(asked(told.replace("delta", "message"), stream=False), spelt) == []


def read_leaks(turn: Turn, spelt: str) -> list[str]:
    """What is found of the key in what is kept, also where escapes are read."""
    return [*leaked(CANARY, *kept(turn)), *(part for part in kept(turn) if spelt in part)]
