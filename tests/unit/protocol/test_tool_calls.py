"""The shapes in which servers stream calls of tools, as JSON: whatever is split, repeated, left out or numbered
oddly, as many calls come out as the model made, each with its whole name and arguments."""

from __future__ import annotations

from typing import Any

import pytest
from drafts import draft_of

from backend.protocol.tool_calls import NAME_LIMIT, ToolCalls
from backend.types import Message, ToolCallDelta

TOOLS = ("get_weather", "get", "ping", "pong", "stock")
ROME, OSLO = '{"city":"Rome"}', '{"city":"Oslo"}'


def piece(name: str | None = None, arguments: Any = None, **more: Any) -> dict[str, Any]:
    """A piece of a call; `id` and `index` are left out where they are not given."""
    return {"function": {"name": name, "arguments": arguments}, **more}


def heard(*chunks: Any, tools: tuple[str, ...] = TOOLS, kind: str = "delta") -> Message:
    return draft_of(
        *({"choices": [{"index": 0, kind: {"tool_calls": chunk}}]} for chunk in chunks), tools=tools
    ).message()


def called(message: Message) -> list[tuple[str, str]]:
    assert len({call.id for call in message.tool_calls}) == len(message.tool_calls)
    return [(call.name, call.arguments) for call in message.tool_calls]


WEATHER = [("get_weather", ROME)]
BOTH = [("get_weather", ROME), ("stock", OSLO)]
TWICE = [("get_weather", ROME), ("get_weather", OSLO)]
SHAPES: dict[str, tuple[list[Any], list[tuple[str, str]]]] = {
    # ---- a name in pieces
    "a name in two pieces, the id in the first": (
        [[piece("get_wea", "", id="a", index=0)], [piece("ther", "", index=0)], [piece(None, ROME, index=0)]],
        WEATHER,
    ),
    "a name in two pieces, neither index nor id": (
        [[piece("get_wea", "")], [piece("ther", "")], [piece(None, ROME)]],
        WEATHER,
    ),
    "a name in three pieces, of which the first is a name too": (
        [[piece("get", id="a", index=0)], [piece("_wea", index=0)], [piece("ther", ROME, index=0)]],
        WEATHER,
    ),
    "a name in pieces with the id in each": (
        [[piece("get_", id="a", index=0)], [piece("weather", id="a", index=0)], [piece("", ROME, id="a", index=0)]],
        WEATHER,
    ),
    "a name that is told as far as it has come": (
        [[piece("get_w", id="a", index=0)], [piece("get_weather", index=0)], [piece("get_weather", ROME, index=0)]],
        WEATHER,
    ),
    "the last piece of a name with the arguments": (
        [[piece("get_wea", id="a", index=0)], [piece("ther", ROME, index=0)]],
        WEATHER,
    ),
    # ---- repeated
    "the name in every piece": (
        [[piece("get_weather", text, index=0)] for text in ("", ROME[:5], ROME[5:], "")],
        WEATHER,
    ),
    "the name and the id in every piece, no index": (
        [[piece("get_weather", text, id="a")] for text in ("", ROME[:5], ROME[5:], "")],
        WEATHER,
    ),
    "all of it once more at the end": (
        [
            [piece("get_weather", ROME[:5], id="a", index=0)],
            [piece(None, ROME[5:], index=0)],
            [piece("get_weather", ROME, id="a", index=0)],
        ],
        WEATHER,
    ),
    "all of it once more at the end, without the id": (
        [[piece("get_weather", ROME, id="a", index=0)], [piece("get_weather", ROME, index=0)]],
        WEATHER,
    ),
    "an id of its own in every piece": (
        [[piece("get_weather", text, id=f"r{at}", index=0)] for at, text in enumerate(("", ROME[:5], ROME[5:]))],
        WEATHER,
    ),
    "an id of its own in every piece, the name in the first": (
        [
            [piece("get_weather", ROME[:5], id="r1", index=0)],
            [piece(None, ROME[5:], id="r2", index=0)],
            [piece(None, "", id="r3", index=0)],
        ],
        WEATHER,
    ),
    "an empty object in the place of the arguments that come": (
        [[piece("get_weather", {}, id="a", index=0)], [piece(None, ROME[:5], index=0)], [piece(None, ROME[5:])]],
        WEATHER,
    ),
    # ---- left out, late
    "the index is left out after the first piece": (
        [
            [piece("get_weather", "", id="a", index=0)],
            [piece(None, ROME)],
            [piece("stock", "", id="b", index=1)],
            [piece(None, OSLO)],
        ],
        BOTH,
    ),
    "the id comes late, no index": ([[piece("get_weather", "")], [piece(None, ROME, id="a")]], WEATHER),
    "ids that are numbers": (
        [[piece("get_weather", ROME[:5], id=1)], [piece("stock", OSLO, id=2)], [piece(None, ROME[5:], id=1)]],
        BOTH,
    ),
    "an index that is text": (
        [[piece("get_weather", ROME, index="0")], [piece("stock", OSLO, index="1")]],
        BOTH,
    ),
    # ---- several
    "by index, mixed": (
        [
            [piece("get_weather", "", id="a", index=0), piece("stock", "", id="b", index=1)],
            *([piece(None, text, index=at)] for at, text in ((0, ROME[:5]), (1, OSLO), (0, ROME[5:]))),
        ],
        BOTH,
    ),
    "one index and two ids": (
        [[piece("get_weather", ROME, id="a", index=0)], [piece("get_weather", OSLO, id="b", index=0)]],
        TWICE,
    ),
    "one index and two ids, in pieces": (
        [
            [piece("get_weather", "", id="a", index=0)],
            [piece(None, ROME, index=0)],
            [piece("get_weather", "", id="b", index=0)],
            [piece(None, OSLO, index=0)],
        ],
        TWICE,
    ),
    "one id for all, told apart by their names": (
        [[piece("get_weather", ROME, id="c", index=0)], [piece("stock", OSLO, id="c", index=0)]],
        BOTH,
    ),
    "one id for all, told apart by what is whole": (
        [[piece("get_weather", ROME, id="c", index=0)], [piece("get_weather", OSLO, id="c", index=0)]],
        TWICE,
    ),
    "several in one chunk, with neither index nor id": (
        [[piece("get_weather", ROME), piece("stock", OSLO)]],
        BOTH,
    ),
    "several without arguments in one chunk, with neither index nor id": (
        [[piece("ping"), piece("pong")]],
        [("ping", ""), ("pong", "")],
    ),
    "several without arguments, each in a chunk, all numbered 0": (
        [[piece("ping", "", index=0)], [piece("pong", "", index=0)]],
        [("ping", ""), ("pong", "")],
    ),
    "one without arguments, then one with them, numbered by ids only": (
        [[piece("ping", "", id="a")], [piece("stock", OSLO, id="b")]],
        [("ping", ""), ("stock", OSLO)],
    ),
    "out of order": ([[piece("stock", OSLO, index=1)], [piece("get_weather", ROME, index=0)]], BOTH),
    "numbered by an object in place of the list": (
        [{"0": piece("get_weather", ROME), "1": piece("stock", OSLO)}],
        BOTH,
    ),
    "the second piece by its number in an object": (
        [
            {"0": piece("get_weather", ""), "1": piece("stock", "")},
            {"1": piece(None, OSLO), "0": piece(None, ROME)},
        ],
        BOTH,
    ),
    # ---- arguments that are no text
    "arguments as an object": (
        [[piece("get_weather", {"city": "Rome"}, index=0)]],
        [("get_weather", '{"city": "Rome"}')],
    ),
    "arguments that are null": ([[piece("ping", None, id="a", index=0)]], [("ping", "")]),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_as_many_calls_come_out_as_were_made(shape: str) -> None:
    chunks, expected = SHAPES[shape]
    assert called(heard(*chunks)) == expected


KNOWN_BY_NAMES = ("several without arguments, each in a chunk, all numbered 0",)


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape not in KNOWN_BY_NAMES])
def test_calls_come_out_right_where_the_tools_are_unknown(shape: str) -> None:
    chunks, expected = SHAPES[shape]
    assert called(heard(*chunks, tools=())) == expected


def test_nothing_in_place_of_calls_is_no_call() -> None:
    for nothing in ({}, [], None, "", [None], [3], {"0": None}):
        assert not heard(nothing).tool_calls
        assert not heard(nothing, kind="message").tool_calls


def test_a_name_without_end_is_cut_and_costs_no_more_than_it_is_long() -> None:
    calls = ToolCalls()
    for _ in range(10_000):
        calls.add(ToolCallDelta(0, "a", "x" * 100))
    (call,) = calls.calls()
    assert len(call.name) <= NAME_LIMIT + 100


def test_the_name_in_every_piece_of_long_arguments_is_compared_at_no_cost() -> None:
    calls = ToolCalls()
    calls.add(ToolCallDelta(0, "a", "f", '{"text": "'))
    for _ in range(20_000):
        calls.add(ToolCallDelta(0, "a", "f", "x" * 100))
    assert len(calls.calls()[0].arguments) == 2_000_010
