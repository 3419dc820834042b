"""A growing answer: deltas in, one message out, whatever the servers do to tool calls and characters."""

from __future__ import annotations

import base64
import json
import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.protocol.accumulator import Accumulator, Text
from backend.text import clean, trailing_high_surrogate
from backend.types import (
    AudioDelta,
    ChunkReceived,
    Citation,
    Cited,
    CostReported,
    Event,
    Finished,
    Media,
    MediaReceived,
    ReasoningDelta,
    ReasoningDetail,
    RefusalDelta,
    ResponseStarted,
    TextDelta,
    ToolCall,
    ToolCallDelta,
    Usage,
    UsageReported,
)


def draft(*events: Event) -> Accumulator:
    made = Accumulator("m")
    for event in events:
        made.apply(event)
    return made


def calls(*deltas: ToolCallDelta) -> list[tuple[str, str, str]]:
    """(id, name, arguments) of each call; an id that is made up, or taken from a call with the same one, is ""."""
    made = draft(*deltas).message().tool_calls
    assert len({call.id for call in made}) == len(made)
    ids = {delta.id for delta in deltas} - {""}
    assert all(call.id in ids or re.fullmatch("[A-Za-z0-9]{9}", call.id) for call in made)
    return [(call.id if call.id in ids else "", call.name, call.arguments) for call in made]


def test_an_answer_of_which_nothing_came_is_an_empty_assistant_message() -> None:
    message = Accumulator("m").message()
    assert message.role == "assistant"
    assert message.empty
    assert message.model == "m"


def test_deltas_grow_into_one_message() -> None:
    message = draft(
        ResponseStarted(200, {}, "req-1"),
        ReasoningDelta("I "),
        ReasoningDelta("think"),
        TextDelta("Hel"),
        TextDelta("lo"),
        RefusalDelta("no"),
        ReasoningDetail({"type": "reasoning.text"}),
        Cited(Citation("https://a.example")),
        MediaReceived(Media("image", "data:image/png;base64,AA")),
        ChunkReceived("{}"),
        Finished("stop"),
        UsageReported(Usage(1, 2, 3)),
        CostReported(0.25),
    ).message()
    assert (message.content, message.reasoning, message.refusal) == ("Hello", "I think", "no")
    assert message.reasoning_details == ({"type": "reasoning.text"},)
    assert message.citations == (Citation("https://a.example"),)
    assert message.media == (Media("image", "data:image/png;base64,AA"),)
    assert (message.finish_reason, message.usage, message.cost) == ("stop", Usage(1, 2, 3), 0.25)
    assert message.request_id == "req-1"


def test_alternatives_are_kept_apart() -> None:
    made = draft(TextDelta("a", 1), TextDelta("b", 0), TextDelta("c", 1), Finished("stop", 1))
    assert made.choices == [0, 1]
    assert made.message().content == "b"
    assert made.message(1).content == "ac"
    assert made.message(1).finish_reason == "stop"
    assert made.message(0).finish_reason is None
    assert made.message(7).empty


def test_the_newest_usage_replaces_older_ones() -> None:
    made = draft(UsageReported(Usage(1, 1, 2)), UsageReported(Usage(1, 9, 10)))
    assert made.message().usage == Usage(1, 9, 10)


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        ([Usage(20), Usage(completion_tokens=7)], Usage(20, 7)),
        ([Usage(20, 7, 27), Usage(0, 0, 0)], Usage(20, 7, 27)),
        ([Usage(20, 0), Usage(None, 7)], Usage(20, 7)),
        ([Usage(0, 0)], Usage(0, 0)),
        ([Usage(0), Usage(None, 0)], Usage(0, 0)),
        ([Usage(1, 1, 2, 3, 4), Usage(1, 2)], Usage(1, 2, 2, 3, 4)),
    ],
)
def test_usage_in_pieces_is_put_together_and_nothing_erases_a_count(reports: list[Usage], expected: Usage) -> None:
    assert draft(*map(UsageReported, reports)).message().usage == expected


def test_the_reported_objects_of_usage_are_put_together_too() -> None:
    first = Usage(1, raw={"prompt_tokens": 1, "details": {"cached": 5, "audio": None}, "cost": 0.5})
    second = Usage(raw={"details": {"cached": 0, "audio": 2}, "cost": None, "more": [1]})
    usage = draft(UsageReported(first), UsageReported(second)).message().usage
    assert usage is not None
    assert usage.raw == {"prompt_tokens": 1, "details": {"cached": 5, "audio": 2}, "cost": 0.5, "more": [1]}


def test_a_page_cited_twice_is_listed_once_with_its_first_title() -> None:
    cited = ("u", ""), ("v", ""), ("u", "first"), ("u", "second"), ("u", "")
    made = draft(*(Cited(Citation(url, title)) for url, title in cited))
    assert made.message().citations == (Citation("u", "first"), Citation("v"))


# ---- tool calls -----------------------------------------------------------------------------------------

WEATHER = ("a", "weather", '{"city":"Rome"}')  # more shapes: test_tool_calls.py


@pytest.mark.parametrize(
    ("deltas", "expected"),
    [
        pytest.param([ToolCallDelta(3, *WEATHER)], [WEATHER], id="the first index is not 0"),
        pytest.param(
            [ToolCallDelta(0, "a", "weather", '{"city":'), ToolCallDelta(0, "", "", '"Rome"}')],
            [WEATHER],
            id="the id is empty after the first chunk",
        ),
        pytest.param(
            [ToolCallDelta(0, "", "weather"), ToolCallDelta(0, "a", "", '{"city":"Rome"}')],
            [WEATHER],
            id="the id comes late",
        ),
        pytest.param(
            [ToolCallDelta(0, "", "weather", "{}"), ToolCallDelta(1, "", "stock", "{}")],
            [("", "weather", "{}"), ("", "stock", "{}")],
            id="no ids at all: they are made up, each its own",
        ),
        pytest.param(
            [ToolCallDelta(0, "", "weather", '{"a": 1}'), ToolCallDelta(0, "", "weather", '{"a": 2}')],
            [("", "weather", '{"a": 1}'), ("", "weather", '{"a": 2}')],
            id="one function twice, all numbered 0, no ids",
        ),
        pytest.param(
            [ToolCallDelta(None, "", "weather", '{"a":'), ToolCallDelta(None, "", "weather", " 1}")],
            [("", "weather", '{"a": 1}')],
            id="the name is repeated in every chunk, no index and no id",
        ),
        pytest.param([ToolCallDelta(0, arguments="{}")], [("", "", "{}")], id="arguments without a name"),
    ],
)
def test_pieces_of_calls_find_their_call(deltas: list[ToolCallDelta], expected: list[tuple[str, str, str]]) -> None:
    assert calls(*deltas) == expected


# "{}" before arguments is a placeholder, and left out: no JSON begins so.
ARGUMENTS = st.text("xyz{}", max_size=20).filter(lambda text: not text.startswith("{}{"))


@given(st.lists(st.tuples(st.text("abc", max_size=12), ARGUMENTS), max_size=6), st.randoms())
def test_calls_cut_anywhere_and_mixed_come_out_whole(made: list[tuple[str, str]], rng: random.Random) -> None:
    queues = []
    for index, (name, arguments) in enumerate(made):
        cut = rng.randrange(len(arguments) + 1)
        pieces = [ToolCallDelta(index, f"id{index}", name or "f"), ToolCallDelta(index, arguments=arguments[:cut])]
        queues.append([*pieces, ToolCallDelta(index, arguments=arguments[cut:])])
    mixed = []
    while queues := [queue for queue in queues if queue]:
        mixed.append(rng.choice(queues).pop(0))
    assert calls(*mixed) == [(f"id{index}", name or "f", args) for index, (name, args) in enumerate(made)]


def test_every_call_of_an_answer_has_an_id_of_its_own() -> None:
    made = calls(ToolCallDelta(0, "call_1", "f", "{}"), ToolCallDelta(1, "", "g", "{}"))
    assert [call_id for call_id, _, _ in made] == ["call_1", ""]


def test_made_up_ids_are_never_the_same_in_two_answers_and_stay_as_they_are() -> None:
    growing = draft(ToolCallDelta(0, "", "f", "{}"))
    (first,) = growing.message().tool_calls
    growing.apply(ToolCallDelta(0, "", "", " "))
    assert growing.message().tool_calls[0].id == first.id
    assert draft(ToolCallDelta(0, "", "f", "{}")).message().tool_calls[0].id != first.id


def test_of_a_flood_of_calls_the_first_128_are_kept_at_linear_cost() -> None:
    flood = draft(*(ToolCallDelta(None, f"id{place}", "f", "{}") for place in range(60_000)))
    assert [call.id for call in flood.message().tool_calls] == [f"id{place}" for place in range(128)]
    assert len(draft(*(ToolCallDelta(0, "", "f", "{}") for _ in range(1000))).message().tool_calls) == 128


def test_a_call_whose_every_piece_ends_in_a_brace_is_not_parsed_without_end() -> None:
    piece = "}" * 4000
    made = draft(ToolCallDelta(0, "", "f", '{"a": "'), *(ToolCallDelta(0, "", "f", piece) for _ in range(2000)))
    assert made.message().tool_calls[0].arguments.endswith(piece)


# ---- characters -----------------------------------------------------------------------------------------


def test_a_character_split_over_two_deltas_is_joined() -> None:
    high, low = "\ud83d", "\ude00"
    assert draft(TextDelta(f"a{high}"), TextDelta(f"{low}b")).message().content == "a😀b"
    assert draft(TextDelta(high), TextDelta(""), TextDelta(low)).message().content == "😀"
    assert draft(ReasoningDelta(high), ReasoningDelta(low)).message().reasoning == "😀"
    assert calls(ToolCallDelta(0, "a", "f", high), ToolCallDelta(0, arguments=low)) == [("a", "f", "😀")]


def test_halves_of_different_alternatives_are_not_joined() -> None:
    made = draft(TextDelta("\ud83d", 0), TextDelta("\ude00", 1), TextDelta("x", 0))
    assert made.message(0).content == "\ufffdx"
    assert made.message(1).content == "\ufffd"


def test_half_a_character_alone_is_replaced() -> None:
    assert draft(TextDelta("a\ud83db")).message().content == "a\ufffdb"
    assert draft(TextDelta("a\ude00b")).message().content == "a\ufffdb"
    assert draft(TextDelta("a\ud83d"), TextDelta("\ud83d\ude00")).message().content == "a\ufffd😀"


def test_control_characters_are_dropped_but_tab_and_newline() -> None:
    assert draft(TextDelta("a\x00b\x1b[31m\tc\r\n\x7f")).message().content == "ab[31m\tc\r\n"


@given(st.lists(st.text(st.characters(), max_size=5), max_size=20))
def test_any_text_is_storable_and_grows_like_the_whole(pieces: list[str]) -> None:
    text = Text()
    for piece in pieces:
        text.append(piece)
    str(text).encode("utf-8")
    assert text.length == len(str(text))
    whole = "".join(pieces)
    if not trailing_high_surrogate(whole):
        assert str(text) == clean(whole)


@given(st.text(st.characters()))
def test_cleaned_text_stays_as_it_is_when_cleaned_again(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    json.dumps(clean(text), ensure_ascii=False).encode("utf-8")


def test_ids_and_names_of_calls_are_cleaned() -> None:
    (call,) = draft(ToolCallDelta(0, "a\x00\ud83d", "f\x00")).message().tool_calls
    assert call == ToolCall("a\ufffd", "f", "")


def test_reading_a_growing_answer_joins_its_pieces_once() -> None:
    text = Text()
    for _ in range(1000):
        text.append("x")
    assert str(text) is str(text)
    text.append("y")
    assert str(text) == "x" * 1000 + "y"


def test_the_size_of_a_draft_counts_everything_an_answer_may_be_made_of() -> None:
    made = draft(
        TextDelta("x" * 100), ToolCallDelta(0, "a", "f", "y" * 100), MediaReceived(Media("image", "z" * 100))
    )
    assert made.size >= 300
    assert draft(*(ReasoningDetail({}) for _ in range(50))).size >= 50


def test_a_spoken_answer_is_put_together_from_its_pieces() -> None:
    draft = Accumulator()
    for piece, words in ((b"ab", "Good "), (b"c", "day"), (b"", "!")):
        draft.apply(AudioDelta(base64.b64encode(piece).decode(), words))
    draft.apply(AudioDelta("no base64 at all", ""))
    assert draft.message().media == (Media("audio", "data:audio/pcm;base64,YWJj", "Good day!"),)


@pytest.mark.parametrize("pieces", [(b"RIFF....", b"WAVEfmt "), (b"ID3\x04", b"x"), (b"\xff\xfb\x90\x44", b"x")])
def test_a_sound_file_in_pieces_stays_one(pieces: tuple[bytes, ...]) -> None:
    draft = Accumulator()
    for piece in pieces:
        draft.apply(AudioDelta(base64.b64encode(piece).decode()))
    assert draft.message().media[0].url.startswith("data:audio/wav;base64,")
