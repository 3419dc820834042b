"""Conversations of the kind that the function-calling leaderboard has: made in the editor, asked, and answered.

The definitions are our own, in that leaderboard's dialect: `dict` and `float` for types, dots in names.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from agents import results
from basics import KEY
from fake_api import FakeAPI, stream, tool_stream
from streamlit.testing.v1 import AppTest
from tools_page import ask, button, open_
from visiting import TOOLS, Open, everything, well

from backend.tools import custom
from backend.tools.bfcl import standard

AREA: dict[str, Any] = {
    "name": "geometry.area_circle",
    "description": "The area of a circle.",
    "parameters": {
        "type": "dict",
        "properties": {
            "radius": {"type": "float", "description": "The radius."},
            "unit": {"type": "string", "description": "Of the radius.", "default": "cm"},
        },
        "required": ["radius"],
    },
}
WEATHER: dict[str, Any] = {
    "name": "weather.get",
    "description": "The weather of one day in a city.",
    "parameters": {
        "type": "dict",
        "properties": {
            "city": {"type": "string", "description": "The city."},
            "at": {"type": "tuple", "items": {"type": "float"}, "description": "Its latitude and longitude."},
            "options": {"type": "dict", "properties": {"days": {"type": "integer", "description": "How many."}}},
        },
        "required": ["city"],
    },
}
STOCK: dict[str, Any] = {
    "name": "get_stock_price",
    "description": "The last price of a share.",
    "parameters": {
        "type": "dict",
        "properties": {"symbols": {"type": "array", "items": {"type": "string"}, "description": "Of the shares."}},
        "required": ["symbols"],
    },
}


def call(number: int, name: str, **arguments: Any) -> tuple[str, str, str]:
    return (f"call_{number}", name, json.dumps(arguments))


OSLO, LIMA = call(1, "weather_get", city="Oslo", at=[59.9, 10.7]), call(2, "weather_get", city="Lima")
CASES = {
    "parallel multiple": (
        [AREA, WEATHER, STOCK],
        "All three?",
        [OSLO, LIMA, call(3, "geometry_area_circle", radius=2.5, unit="m")],
    ),
    "irrelevant": ([AREA, STOCK], "Who wrote Hamlet?", []),
}


def make(at: AppTest, definitions: Iterable[dict[str, Any]]) -> None:
    """Write each tool in the editor, with a result that names it, and turn everything else off."""
    for definition in definitions:
        well(button(at, "Own tools").click().run())
        well(at.text_area(key="own.schema").set_value(json.dumps(definition)).run())
        well(next(w for w in at.button_group if w.key == "own.behaviour").set_value("fixed").run())
        well(at.text_area(key="own.result").set_value(f"result of {definition['name']}").run())
        well(at.button(key="own.save").click().run())
    own = at.session_state["toolkit"].own
    for box in at.main.checkbox:
        if str(box.key).startswith("tool.on.") and str(box.key).removeprefix("tool.on.") not in own:
            box.uncheck()
    well(at.run())


def play(at: AppTest) -> None:
    """The visitor runs every call that waits: own tools ask first."""
    for _ in range(3):
        if waiting := [
            found for found in at.button if found.label == "Run" and "arguments" not in (found.key or "")
        ]:
            well(waiting[-1].click().run())


@pytest.mark.slow
@pytest.mark.parametrize(("definitions", "question", "calls"), CASES.values(), ids=CASES)
def test_a_case_of_the_leaderboards_kind_can_be_made_in_the_editor_and_asked(
    visit: Open, api: FakeAPI, definitions: list[dict[str, Any]], question: str, calls: list[tuple[str, str, str]]
) -> None:
    at = open_(visit(TOOLS, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url), "toolbox.fold")
    make(at, definitions)
    api.play([tool_stream(*calls), stream("Answered.")] if calls else [stream("Shakespeare. No tool was needed.")])
    ask(at, question)
    sent = [tool["function"] for tool in api.asked[0].body["tools"]]
    assert {tool["name"] for tool in sent} == {found["name"].replace(".", "_") for found in definitions}
    assert '"dict"' not in json.dumps(sent) and '"float"' not in json.dumps(sent)
    if not calls:
        assert len(api.asked) == 1 and "Shakespeare" in everything(at)
        return
    assert "does not fit" not in everything(at)
    play(at)
    assert results(api.asked[-1]) == [f"result of {_given(definitions, name)}" for _, name, _ in calls]


def _given(definitions: list[dict[str, Any]], name: str) -> str:
    return next(str(found["name"]) for found in definitions if found["name"].replace(".", "_") == name)


def test_a_case_file_is_read_and_what_was_changed_is_said() -> None:
    found = custom.read(json.dumps({"id": "multiple_1", "question": [[]], "function": [AREA, WEATHER, STOCK]}))
    assert [tool.name for tool in found.tools] == ["geometry_area_circle", "weather_get", "get_stock_price"]
    weather: Any = found.tools[1].parameters
    assert weather["type"] == "object"
    assert weather["properties"]["at"] == {
        "type": "array", "items": {"type": "number"}, "description": "Its latitude and longitude.",
    }  # fmt: skip
    assert "geometry.area_circle is named geometry_area_circle" in found.notes[0]


def test_what_is_json_schema_already_is_left_as_it_is() -> None:
    row: Any = {
        "name": "f",
        "parameters": {"type": "object", "properties": {"type": {"type": "string", "default": {"type": "dict"}}}},
    }
    assert standard(row) == (row, "")
    assert standard({"type": "function", "function": row}) == ({"type": "function", "function": row}, "")


@pytest.mark.parametrize("row", [None, 1, [], {}, {"function": 1}, {"name": 1, "parameters": "dict"}])
def test_what_is_no_tool_is_left_alone(row: Any) -> None:
    assert standard(row) == (row, "")
