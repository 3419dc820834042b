"""Token probabilities: read from any reply, kept small, put beside the text of the answer."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest
from fake_api import FakeAPI, chunk, events, reply
from hypothesis import given
from hypothesis import strategies as st

from backend.formats import archive
from backend.protocol import logprobs as logprobs_module
from backend.protocol import wire
from backend.protocol.accumulator import Accumulator
from backend.transport.client import ChatClient
from backend.types import Logprobs, Message, TextDelta, Token

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["content", "token", "logprob", "top_logprobs", "x"]), inner, max_size=4)
    ),
    max_leaves=20,
)
TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
TOKENS = st.builds(
    Token,
    TEXT,
    st.integers(-90, 0).map(float),
    st.lists(st.tuples(TEXT, st.integers(-90, 0).map(float)), max_size=4).map(tuple),
)


def said(text: str, logprob: Any = -0.1, top: Any = None) -> dict[str, Any]:
    return {"token": text, "logprob": logprob, **({"top_logprobs": top} if top is not None else {})}


def test_tokens_and_their_alternatives_are_read() -> None:
    found = logprobs_module.tokens({"content": [said("Blue", -0.5, [said("Blue", -0.5), said("Red", -1.0)])]})
    assert found == (Token("Blue", -0.5, (("Blue", -0.5), ("Red", -1.0))),)


def test_the_columns_of_older_completions_are_read() -> None:
    told = {
        "tokens": ["Blue", " sky"],
        "token_logprobs": [-0.5, -1],
        "top_logprobs": [{"Red": -3.0}],
        "text_offset": 0,
    }
    assert logprobs_module.tokens(told) == (Token("Blue", -0.5, (("Red", -3.0),)), Token(" sky", -1.0))
    assert (
        logprobs_module.tokens({**told, "token_logprobs": None})
        == ()
        == logprobs_module.tokens({**told, "tokens": "Blue"})
    )


@pytest.mark.parametrize(
    "hostile",
    [None, [], "x", {"content": {}}, {"content": [None, 3, {"token": 1, "logprob": -1}, {"token": "a"}]}]
    + [{"content": [said("a", value)]} for value in ("-1", None, True, math.nan, [])],
)
def test_a_value_that_is_no_probability_says_nothing(hostile: Any) -> None:
    assert logprobs_module.tokens(hostile) == ()


@given(JSON_VALUES)
def test_any_json_is_read_without_a_fault_and_stays_bounded(value: Any) -> None:
    for found in (
        logprobs_module.tokens({"content": value}),
        logprobs_module.tokens(value),
        logprobs_module.read(value),
    ):
        for token in found:
            assert math.isfinite(token.logprob) and token.logprob <= 0
            assert len(token.alternatives) <= logprobs_module.ALTERNATIVES


def test_numbers_out_of_range_are_brought_into_it() -> None:
    found = logprobs_module.tokens({"content": [said("a", -9999.0), said("b", 3), said("c", -(10**400))]})
    assert [token.logprob for token in found] == [-100.0, 0.0]


def test_a_long_answer_keeps_no_more_tokens_than_the_limit() -> None:
    draft = Accumulator()
    for _ in range(3):
        draft.apply(Logprobs(tuple(Token("a", -1.0) for _ in range(logprobs_module.TOKENS // 2))))
    assert len(draft.message().logprobs) == logprobs_module.TOKENS


@given(st.lists(TOKENS, max_size=10))
def test_tokens_survive_the_store(tokens: list[Token]) -> None:
    message = Message("assistant", "x", logprobs=tuple(tokens))
    assert archive.load(archive.dump(message)) == message


def test_a_stream_and_a_whole_reply_give_the_same_tokens(api: FakeAPI, client: ChatClient) -> None:
    from basics import ask

    pieces = [("Blue", -0.5), (" sky", -2.0)]
    streamed = [chunk({"content": text}) for text, _ in pieces]
    for item, (text, logprob) in zip(streamed, pieces, strict=True):
        item["choices"][0]["logprobs"] = {"content": [said(text, logprob, [said("Red", -3)])]}
    api.play(events(*streamed, chunk(finish="stop"), "[DONE]"))
    first = client.complete(ask())
    whole = {"role": "assistant", "content": "Blue sky"}
    logprobs = {"content": [said(text, logprob, [said("Red", -3)]) for text, logprob in pieces]}
    choice = {"index": 0, "message": whole, "finish_reason": "stop", "logprobs": logprobs}
    api.play(reply({"choices": [choice]}))
    second = client.complete(ask(stream=False))
    assert first.logprobs == second.logprobs
    assert [token.text for token in first.logprobs] == ["Blue", " sky"]


@given(st.lists(st.text(alphabet="ab \n🎈", min_size=1, max_size=4), max_size=12))
def test_each_token_has_its_place_in_the_text(pieces: list[str]) -> None:
    message = Message("assistant", "".join(pieces), logprobs=tuple(Token(piece, -1.0) for piece in pieces))
    assert [logprobs_module.until(message, place) for place in range(len(pieces))] == [
        "".join(pieces[:place]) for place in range(len(pieces))
    ]


def test_halves_of_a_character_do_not_lose_the_place() -> None:
    tokens = (Token("A ", -1), Token("\ufffd", -1), Token("\ufffd", -1), Token(" b", -1))
    message = Message("assistant", "A 🎈 b", logprobs=tokens)
    assert logprobs_module.until(message, 3) == "A 🎈" and logprobs_module.until(message, 1) == "A "


def test_a_word_is_as_sure_as_its_least_certain_token() -> None:
    tokens = (Token("Par", -0.1), Token("is", -2.0), Token(" is", -0.2), Token(" nice", -1.0), Token(".", -0.1))
    message = Message("assistant", "Paris is nice.", logprobs=tokens)
    found = logprobs_module.least_certain(message, 2)
    assert [(word.text, word.place) for word in found] == [("Paris", 1), ("nice.", 3)]
    assert found[0].probability == pytest.approx(math.exp(-2.0))


def test_a_continued_answer_keeps_the_tokens_of_its_beginning() -> None:
    draft = Accumulator()
    for event in (TextDelta("Blue"), Logprobs((Token("Blue", -0.1),)), TextDelta(" sky")):
        draft.apply(event)
    draft.apply(Logprobs((Token(" sky", -0.3),)))
    assert logprobs_module.until(draft.message(), 1) == "Blue"


def test_probabilities_are_read_beside_everything_else() -> None:
    item = chunk({"content": "Hi"}, "stop")
    item["choices"][0]["logprobs"] = {"content": [said("Hi")]}
    kinds = [type(event).__name__ for event in wire.events(json.loads(json.dumps(item)))]
    assert kinds == ["TextDelta", "Logprobs", "Finished"]
    assert replace(Accumulator().message(), logprobs=()) == Accumulator().message()
