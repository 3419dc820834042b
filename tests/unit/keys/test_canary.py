"""A canary key through every way a server may give it back: none of it comes out again, not even by halves."""

from __future__ import annotations

import copy
import dataclasses
import json
import logging
import pickle
from dataclasses import asdict

import pytest
from basics import QUICK, ask
from fake_api import FakeAPI, Reply, chunk, completion, data, error, events, html, reply, stream, tool_stream
from hypothesis import given
from hypothesis import strategies as st
from keys import CANARY, ODD, QUOTED, every, forms, leaked

from backend import errors
from backend.answer.turn import Turn
from backend.formats import share
from backend.formats.archive import body
from backend.keys.endpoint import Endpoint
from backend.keys.redaction import Redactor
from backend.transport.client import ChatClient
from backend.types import Event, Finished, Message, ReasoningDelta, TextDelta, ToolCallDelta


def test_the_helper_finds_a_key_in_every_form() -> None:
    for name, form in forms(CANARY).items():
        assert name in leaked(CANARY, b"before " + form + b" after")
    assert leaked(CANARY, "nothing of it", b"sk-canary alone is no half") == []


# ---- in what a server says ------------------------------------------------------------------------------

ECHOES = {
    "in the answer": lambda said: stream(f"You sent {said}."),
    "in the reasoning": lambda said: stream("Hi", reasoning=f"The key is {said}."),
    "in a call": lambda said: tool_stream(("c1", "send", json.dumps({"key": said}))),
    "in the name of a call": lambda said: tool_stream(("c1", f"send {said}", "{}")),
    "in one piece": lambda said: completion(f"You sent {said}."),
    "in the reason": lambda said: stream("Hi", finish=said),
    "in a source": lambda said: events(
        chunk(
            {
                "content": "Hi",
                "annotations": [{"type": "url_citation", "url_citation": {"url": said, "title": said}}],
            }
        ),
        chunk(finish="stop"),
    ),
    "in the usage": lambda said: stream("Hi", usage={"prompt_tokens": 1, "note": said}),
    "in the headers": lambda said: Reply(
        stream("Hi").steps, 200, {"Content-Type": "text/event-stream", "x-request-id": said.strip(), "x-echo": said}
    ),
    "in an error": lambda said: error(401, f"Incorrect API key provided: {said}.", code=said, request_id=said),
    "in a page": lambda said: html(f"Bad gateway for {said}", 502),
    "in a page that calls itself an answer": lambda said: html(f"Hello {said}"),
    "in mid-stream": lambda said: events(chunk({"content": "Hi"}), {"error": {"message": said, "code": said}}),
    "in an event that is no JSON": lambda said: Reply(
        data(chunk({"content": "Hi"}), f'{{"broken": "{said}', chunk(finish="stop")),
        200,
        {"Content-Type": "text/event-stream"},
    ),
    "in text that is no answer": lambda said: reply(f"no answer for {said}"),
    "in the words of a refusal": lambda said: reply(f"{said} is wrong", 400),
    "in the id for the support": lambda said: reply({"message": "No", "requestId": said}, 401),
    "at the edge of what is shown": lambda said: reply("x" * (503 - len(said)) + said),
    "in JSON that is broken": lambda said: reply("{broken " + said),
    "in an event that is no answer": lambda said: events({"you": said}),
    "in JSON that is no answer": lambda said: reply({"echo": said}),
    "in a redirect": lambda said: reply("", 307, {"Location": f"http://127.0.0.1:9/?key={said.strip()}"}),
}


def kept(turn: Turn) -> str:
    """All that is remembered of an answer, and all that is written down of it."""
    message = turn.message
    shown = "\n".join(repr(timed.event) for timed in turn.events) + repr(turn.call.exchanges) + repr(message)
    written = json.dumps(body(message), ensure_ascii=False)
    texts = [timed.event.raw for timed in turn.events if hasattr(timed.event, "raw")]
    return "\n".join(
        [shown, written, *texts, repr(turn.error), str(turn.error), repr(vars(turn.error or turn.call))]
    )


@pytest.mark.parametrize("place", ECHOES)
def test_a_key_repeated_by_a_server_is_kept_nowhere(
    api: FakeAPI, place: str, caplog: pytest.LogCaptureFixture, no_backoff: None
) -> None:
    caplog.set_level(logging.DEBUG)
    client = ChatClient(Endpoint(api.url, CANARY), QUICK)
    for said in every(CANARY):
        api.play(ECHOES[place](said))
        turn = Turn(client, ask(stream=place != "in one piece")).start().join(20)
        assert not turn.running
        assert leaked(CANARY, kept(turn)) == [], said
        assert api.asked[-1].headers["authorization"] == f"Bearer {CANARY}"
    assert leaked(CANARY, caplog.text) == []
    client.close()


@pytest.mark.parametrize("key", [CANARY, QUOTED])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 16])
def test_a_key_that_comes_in_pieces_is_found(api: FakeAPI, key: str, size: int) -> None:
    client = ChatClient(Endpoint(api.url, key), QUICK)
    for said in every(key):
        text = f"The key is {said}, as I said: {said}"
        pieces = [text[start : start + size] for start in range(0, len(text), size)]
        api.play(stream(*pieces))
        turn = Turn(client, ask()).start().join(20)
        assert leaked(key, kept(turn)) == [], said
        assert turn.message.content.startswith("The key is ") and ", as I said: " in turn.message.content
        assert turn.state == "done"
    client.close()


def test_a_text_that_only_begins_like_a_key_is_kept_whole(api: FakeAPI) -> None:
    client = ChatClient(Endpoint(api.url, CANARY), QUICK)
    for ending in (CANARY[:12], CANARY[:-1][: len(CANARY) // 2 - 1], "sk-canary-birds sing"):
        api.play(stream("It begins with ", *ending))
        turn = Turn(client, ask()).start().join(20)
        assert turn.message.content == f"It begins with {ending}"
    api.play(events(chunk({"content": f"It begins with {CANARY[:12]}"})))  # and is cut off there
    assert Turn(client, ask()).start().join(20).message.content == f"It begins with {CANARY[:12]}"
    client.close()


def test_words_that_are_a_key_on_this_computer_may_be_said(api: FakeAPI) -> None:
    for word in ("none", "ollama", "lm-studio", "no-key-required"):
        client = ChatClient(Endpoint(api.url, word), QUICK)
        api.play(stream(f"Start {word} first."))
        assert Turn(client, ask()).start().join(20).message.content == f"Start {word} first."
        client.close()


@given(
    st.lists(st.sampled_from([*every(CANARY), "sk-", "sk-canary", CANARY[:9], CANARY[3:], " a ", "6"])), st.data()
)
def test_a_cut_answer_holds_no_part_of_the_key_and_misses_nothing(parts: list[str], drawn: st.DataObject) -> None:
    whole, redactor = "".join(parts), Redactor(CANARY).stream()
    found: list[Event] = []
    text = whole
    while text:
        size = drawn.draw(st.integers(1, 20))
        found += redactor.redact_events(iter([TextDelta(text[:size])]))
        text = text[size:]
    found += redactor.redact_events(iter([Finished("stop")]))
    said = "".join(event.text for event in found if isinstance(event, TextDelta))
    assert leaked(CANARY, said) == []
    assert isinstance(found[-1], Finished)
    assert leaked(CANARY, whole) or said == whole
    assert said.count(" a ") == whole.count(" a ")


def test_texts_that_come_side_by_side_are_not_mixed_up() -> None:
    redactor = Redactor(CANARY).stream()
    half = len(CANARY) // 2 - 2
    one, two = CANARY[:half], CANARY[half:]
    pieces: list[Event] = [TextDelta(one), ReasoningDelta(one), TextDelta(one, 1)]
    pieces += [ToolCallDelta(0, "a", "f", one), ToolCallDelta(1, "b", "g", "x")]
    pieces += [TextDelta("!"), ReasoningDelta(two), TextDelta(two, 1), ToolCallDelta(0, "", "", two)]
    found = redactor.to_the_end(iter(redactor.redact_events(iter(pieces))))
    seen: dict[str, str] = {}
    for event in found:
        place = f"{type(event).__name__} {getattr(event, 'choice', '')} {getattr(event, 'index', '')}"
        seen[place] = seen.get(place, "") + getattr(event, "text", getattr(event, "arguments", ""))
    assert seen["TextDelta 0 "] == f"{one}!"
    assert leaked(CANARY, *(text for place, text in seen.items() if place != "TextDelta 0 ")) == []
    assert seen["ToolCallDelta 0 1"] == "x"


# ---- a key that is none ---------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ODD)
def test_a_key_no_server_could_take_is_refused_in_words_and_not_sent(
    api: FakeAPI, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = ChatClient(Endpoint(api.url, key), QUICK)
    turn = Turn(client, ask()).start().join(20)
    assert isinstance(turn.error, errors.KeyRefused)
    assert turn.error.title == "The API key contains characters that no key has."
    with pytest.raises(errors.KeyRefused) as refused:
        client.get("models")
    assert leaked(key, kept(turn), str(refused.value), repr(refused.value), caplog.text) == []
    assert api.requests == []
    client.close()


def test_a_key_with_quotes_arrives_as_it_is(api: FakeAPI) -> None:
    client = ChatClient(Endpoint(api.url, QUOTED), QUICK)
    assert Turn(client, ask()).start().join(20).state == "done"
    assert api.asked[-1].headers["authorization"] == f"Bearer {QUOTED}"
    client.close()


# ---- in what is remembered ------------------------------------------------------------------------------


def test_an_endpoint_shows_its_key_to_nobody_who_does_not_ask() -> None:
    endpoint = Endpoint("https://a.example/v1", CANARY, "A")
    seen = [
        repr(endpoint),
        str(endpoint),
        repr(asdict(endpoint)),
        repr(vars(endpoint)),
        repr(copy.deepcopy(endpoint)),
    ]
    assert leaked(CANARY, *seen) == []
    with pytest.raises(TypeError):
        pickle.dumps(endpoint)
    assert endpoint.api_key == copy.deepcopy(endpoint).api_key == CANARY
    assert dataclasses.replace(endpoint, name="B").api_key == CANARY
    assert dataclasses.replace(endpoint, api_key="").api_key == endpoint.without_key().api_key == ""
    assert endpoint == Endpoint("https://a.example/v1", CANARY, "A") != Endpoint("https://a.example/v1", "", "A")
    assert len({endpoint, Endpoint("https://a.example/v1", CANARY, "A")}) == 1


def test_a_message_and_an_export_never_knew_the_key(api: FakeAPI) -> None:
    client = ChatClient(Endpoint(api.url, CANARY), QUICK)
    api.play(stream(f"You sent {CANARY}."))
    answer = client.complete(ask())
    assert answer.content == "You sent [key]."
    shared = share.Shared("m", messages=(Message("user", "Hi"), answer))
    assert share.secrets_in(shared, [CANARY]) == []
    assert leaked(CANARY, share.encode(shared)) == []
    client.close()
